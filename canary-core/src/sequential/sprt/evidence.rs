//! What a monitor keeps of what it saw, and what that says.

use serde::{Deserialize, Serialize};

use super::super::dependence::Contrast;
use super::student::Studentized;
use super::tables::{self, Row};
use super::{Hypotheses, Sprt};
use crate::data::{Arms, Counts, Exposure};
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::number::moments::Moments;
use crate::number::root::crossing;
use crate::options::Measure;
use crate::stats::ArmLevel;

/// What came in one update.
#[derive(Debug, Clone, Copy)]
pub(super) enum Data {
    Counts(Counts),
    Exposure(Exposure),
    Values(Moments),
    ArmCounts(Arms<Tally>),
    ArmEvents(Arms<u64>),
    ArmExposures(Arms<Exposure>),
    ArmValues(Arms<Moments>),
}

/// Events and other trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tally {
    pub(super) events: u64,
    pub(super) others: u64,
}

impl From<Counts> for Tally {
    fn from(counts: Counts) -> Self {
        Self {
            events: counts.events(),
            others: counts.trials() - counts.events(),
        }
    }
}

impl Tally {
    pub(super) fn trials(self) -> u64 {
        self.events.saturating_add(self.others)
    }

    fn and(self, more: Self) -> Self {
        Self {
            events: self.events.saturating_add(more.events),
            others: self.others.saturating_add(more.others),
        }
    }

    fn row(self) -> Row {
        Row {
            events: self.events as f64,
            trials: self.events as f64 + self.others as f64,
        }
    }

    fn level(self) -> ArmLevel {
        let Row { events, trials } = self.row();
        ArmLevel::new(self.trials(), events / trials)
    }
}

/// Sums that are all that the likelihood ratio needs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Evidence {
    /// Of a proportion.
    Trials(Tally),
    /// Of a rate.
    Time { events: u64, time: f64 },
    /// Of a mean, and of a standardized one.
    Values(Moments),
    /// Of an odds ratio.
    Tables(Tables),
    /// Of a ratio of rates.
    Splits(Splits),
    /// Of a difference of means.
    Blocks(Blocks),
    /// Of a standardized difference.
    Arms(Pooled),
}

/// Stratum by stratum, a 2×2 table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    log_ratio: f64,
    seen: Arms<Tally>,
    /// What waits for the other arm.
    held: Arms<Tally>,
    shares: Shares,
    /// Mantel and Haenszel's (1959) sums of `xc (nb - xb) / n` and `xb (nc - xc) / n`.
    for_canary: f64,
    for_baseline: f64,
}

/// Stratum by stratum, events and the arms that they came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Splits {
    log_ratio: f64,
    shares: Shares,
}

/// Stratum by stratum, a difference of means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Blocks {
    /// Σ difference / variance.
    score: f64,
    /// Σ 1 / variance.
    information: f64,
    seen: Arms<Moments>,
    /// What waits for the other arm.
    held: Arms<Moments>,
}

/// Values of both arms, whose level stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pooled {
    seen: Arms<Moments>,
    /// What is too little to tell a variance by.
    held: Arms<Moments>,
}

impl Pooled {
    fn add(&mut self, more: Arms<Moments>) -> Option<Contrast> {
        self.seen = self.seen.zip(more).map(|(a, b)| a.merge(b));
        self.held = self.held.zip(more).map(|(a, b)| a.merge(b));
        if self.held.baseline.count < 2 || self.held.canary.count < 2 {
            return None;
        }
        let held = std::mem::take(&mut self.held);
        Some(Contrast::of_samples(Measure::Difference, held))
    }
}

/// Of values of one arm.
fn of_values(hypotheses: Hypotheses, values: Moments) -> Contrast {
    let n = values.count as f64;
    match hypotheses {
        Hypotheses::Mean { null, sd, .. } => {
            Contrast::of_sum(n, n * (values.mean - null), n * sd * sd)
        }
        Hypotheses::StandardizedMean { mean, .. } => Contrast::of_moments(Moments {
            mean: values.mean - mean,
            ..values
        }),
        _ => Contrast::of_moments(values),
    }
}

/// Events, and the canary's share of the traffic that they came from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shares {
    events: Arms<u64>,
    /// Σ events × share.
    weighted: f64,
    least: f64,
    most: f64,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            events: Arms::default(),
            weighted: 0.0,
            least: 1.0,
            most: 0.0,
        }
    }
}

impl Shares {
    fn add(&mut self, events: Arms<u64>, share: f64) {
        let more = events.baseline as f64 + events.canary as f64;
        if more > 0.0 {
            self.events = sum(self.events, events);
            self.weighted += more * share;
            self.least = self.least.min(share);
            self.most = self.most.max(share);
        }
    }

    fn merge(&mut self, more: Self) {
        self.events = sum(self.events, more.events);
        self.weighted += more.weighted;
        self.least = self.least.min(more.least);
        self.most = self.most.max(more.most);
    }

    fn all(&self) -> f64 {
        self.events.baseline as f64 + self.events.canary as f64
    }

    /// The largest ratio r of rates that "the ratio is r" against "it is r e^tilt" rejects at
    /// `evidence`, with every share the same: with x events of n the canary's, where
    /// `x tilt - n ln E exp(tilt) = evidence`.
    fn ratio(&self, share: f64, tilt: f64, evidence: f64) -> f64 {
        let mean = ((self.events.canary as f64 * tilt - evidence) / self.all()).exp();
        let ratio = (1.0 - share) * (mean - 1.0) / (share * (tilt.exp() - mean));
        if ratio > 0.0 { ratio } else { 0.0 }
    }

    /// A lower bound of the ratio, for a tilt above 0. Of different shares the mean counts: by
    /// Jensen's inequality that is on the safe side for ratios from 1 on. Below, `exact` ones stand
    /// on the largest share.
    fn lower(&self, tilt: f64, evidence: f64, exact: bool) -> f64 {
        if self.all() == 0.0 {
            return 0.0;
        }
        let mean = (self.weighted / self.all()).clamp(self.least, self.most.max(self.least));
        let low = self.ratio(mean, tilt, evidence);
        if low >= 1.0 || (exact && self.least == self.most) {
            return low;
        }
        if exact {
            return self.ratio(self.most, tilt, evidence).min(1.0);
        }
        0.0
    }

    fn swap(self) -> Self {
        Self {
            events: self.events.swap(),
            weighted: self.all() - self.weighted,
            least: 1.0 - self.most,
            most: 1.0 - self.least,
        }
    }

    /// The end of the ratio's interval that the alternative ends: the lower one for more, the upper
    /// one for less.
    fn end(&self, tilt: f64, evidence: f64, exact: bool) -> f64 {
        if tilt > 0.0 {
            self.lower(tilt, evidence, exact)
        } else {
            1.0 / self.swap().lower(-tilt, evidence, exact)
        }
    }
}

fn sum(a: Arms<u64>, b: Arms<u64>) -> Arms<u64> {
    a.zip(b).map(|(a, b)| a.saturating_add(b))
}

impl Tables {
    fn add(&mut self, more: Arms<Tally>, values: (f64, f64)) -> Option<Contrast> {
        self.seen = self.seen.zip(more).map(|(a, b)| a.and(b));
        self.held = self.held.zip(more).map(|(a, b)| a.and(b));
        self.settle(values)
    }

    /// What waited becomes a table as soon as both arms have come.
    fn settle(&mut self, (null, alternative): (f64, f64)) -> Option<Contrast> {
        let table = self.held.map(Tally::row);
        let Arms { baseline, canary } = table;
        if baseline.trials == 0.0 || canary.trials == 0.0 {
            return None;
        }
        self.log_ratio += tables::log_ratio(table, null, alternative);
        let all = baseline.trials + canary.trials;
        self.for_canary += canary.events / all * (baseline.trials - baseline.events);
        self.for_baseline += baseline.events / all * (canary.trials - canary.events);
        let events = self.held.map(|tally| tally.events);
        self.shares.add(events, canary.trials / all);
        self.held = Arms::default();
        Some(Contrast::of_table(
            table.map(|row| row.events),
            table.map(|row| row.trials - row.events),
        ))
    }
}

impl Splits {
    fn add(&mut self, events: Arms<u64>, slopes: Slopes, share: f64) -> Option<Contrast> {
        self.log_ratio += events.canary as f64 * slopes.up + events.baseline as f64 * slopes.down;
        self.shares.add(events, share);
        let traffic = Arms::new(1.0 - share, share);
        let events = events.map(|events| events as f64);
        let is_shared = share > 0.0 && share < 1.0;
        is_shared.then(|| Contrast::of_events(Measure::Ratio, events, traffic))
    }
}

impl Blocks {
    fn add(&mut self, more: Arms<Moments>, sd: Arms<f64>) -> Option<Contrast> {
        self.seen = self.seen.zip(more).map(|(a, b)| a.merge(b));
        self.held = self.held.zip(more).map(|(a, b)| a.merge(b));
        self.settle(sd)
    }

    fn settle(&mut self, sd: Arms<f64>) -> Option<Contrast> {
        let Arms { baseline, canary } = self.held;
        if baseline.count == 0 || canary.count == 0 {
            return None;
        }
        let part = |count: u64, sd: f64| sd * sd / count as f64;
        let variance = part(baseline.count, sd.baseline) + part(canary.count, sd.canary);
        let (score, information) = ((canary.mean - baseline.mean) / variance, 1.0 / variance);
        self.score += score;
        self.information += information;
        self.held = Arms::default();
        Some(Contrast::of_sum(information, score, information))
    }
}

impl Evidence {
    /// Nothing seen yet.
    pub(super) fn none(hypotheses: Hypotheses) -> Self {
        match hypotheses {
            Hypotheses::Proportion { .. } => Self::Trials(Tally::default()),
            Hypotheses::Rate { .. } => Self::Time {
                events: 0,
                time: 0.0,
            },
            Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } => {
                Self::Values(Moments::default())
            }
            Hypotheses::OddsRatio { .. } => Self::Tables(Tables::default()),
            Hypotheses::RateRatio { .. } => Self::Splits(Splits::default()),
            Hypotheses::MeanDifference { .. } => Self::Blocks(Blocks::default()),
            Hypotheses::StandardizedDifference { .. } => Self::Arms(Pooled::default()),
        }
    }

    /// Whether it is evidence about these hypotheses, and made of numbers.
    pub(super) fn is_of(&self, hypotheses: Hypotheses) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(&Self::none(hypotheses))
    }

    /// Adds an update's data; what they say of how updates depend on each other.
    pub(super) fn add(
        &mut self,
        design: &Sprt,
        slopes: Slopes,
        data: Data,
    ) -> Result<Option<Contrast>> {
        let Sprt {
            hypotheses, share, ..
        } = design;
        let (null, _) = hypotheses.values();
        let contrast = match (&mut *self, data) {
            (Self::Trials(tally), Data::Counts(counts)) => {
                *tally = tally.and(counts.into());
                let (events, trials) = (counts.events() as f64, counts.trials() as f64);
                (trials > 0.0).then(|| Contrast::of_trials(events, trials, null))
            }
            (Self::Time { events, time }, Data::Exposure(more)) => {
                *events = events.saturating_add(more.events());
                *time += more.time();
                let events = more.events() as f64;
                Some(Contrast::of_time(events, more.time(), null))
            }
            (Self::Values(moments), Data::Values(more)) => {
                *moments = moments.merge(more);
                (more.count > 0).then(|| of_values(*hypotheses, more))
            }
            (Self::Tables(tables), Data::ArmCounts(more)) => tables.add(more, hypotheses.values()),
            (Self::Splits(splits), Data::ArmEvents(events)) => splits.add(events, slopes, *share),
            (Self::Splits(splits), Data::ArmExposures(more)) => {
                let odds = more.canary.time() / more.baseline.time();
                let share = Point::from_odds(odds).x;
                let events = more.map(Exposure::events);
                splits.add(events, Slopes::of_split(odds, hypotheses.values()), share)
            }
            (Self::Blocks(blocks), Data::ArmValues(more)) => blocks.add(more, hypotheses.sd()),
            (Self::Arms(arms), Data::ArmValues(more)) => arms.add(more),
            _ => {
                let rule = format!("must be {}", hypotheses.data());
                return Err(Error::input("data", rule, data.words()));
            }
        };
        if self.is_finite() {
            return Ok(contrast);
        }
        Err(Error::input(
            "data",
            "must have finite sums",
            "an infinite one",
        ))
    }

    /// Adds what a later monitor has seen.
    pub(super) fn merge(&mut self, design: &Sprt, later: &Self) -> Result<()> {
        let hypotheses = design.hypotheses;
        match (&mut *self, *later) {
            (Self::Trials(own), Self::Trials(more)) => *own = own.and(more),
            (
                Self::Time { events, time },
                Self::Time {
                    events: more,
                    time: longer,
                },
            ) => {
                *events = events.saturating_add(more);
                *time += longer;
            }
            (Self::Values(own), Self::Values(more)) => *own = own.merge(more),
            (Self::Tables(own), Self::Tables(more)) => {
                own.log_ratio += more.log_ratio;
                own.for_canary += more.for_canary;
                own.for_baseline += more.for_baseline;
                own.shares.merge(more.shares);
                own.seen = own.seen.zip(more.seen).map(|(a, b)| a.and(b));
                own.held = own.held.zip(more.held).map(|(a, b)| a.and(b));
                own.settle(hypotheses.values());
            }
            (Self::Splits(own), Self::Splits(more)) => {
                own.log_ratio += more.log_ratio;
                own.shares.merge(more.shares);
            }
            (Self::Blocks(own), Self::Blocks(more)) => {
                own.score += more.score;
                own.information += more.information;
                own.seen = own.seen.zip(more.seen).map(|(a, b)| a.merge(b));
                own.held = own.held.zip(more.held).map(|(a, b)| a.merge(b));
                own.settle(hypotheses.sd());
            }
            (Self::Arms(own), Self::Arms(more)) => {
                own.seen = own.seen.zip(more.seen).map(|(a, b)| a.merge(b));
                own.held = own.held.zip(more.held).map(|(a, b)| a.merge(b));
            }
            _ => return Err(Error::input("later", "must be of the same kind", "another")),
        }
        if self.is_finite() {
            return Ok(());
        }
        Err(Error::input(
            "later",
            "must have finite sums",
            "an infinite one",
        ))
    }

    /// An infinite sum could not go on, nor be written.
    fn is_finite(&self) -> bool {
        let of = |m: Moments| m.mean.is_finite() && m.m2.is_finite();
        let both = |arms: Arms<Moments>| of(arms.baseline) && of(arms.canary);
        match *self {
            Self::Trials(_) => true,
            Self::Time { time, .. } => time.is_finite(),
            Self::Values(moments) => of(moments),
            Self::Tables(tables) => {
                tables.log_ratio.is_finite()
                    && tables.for_canary.is_finite()
                    && tables.for_baseline.is_finite()
            }
            Self::Splits(splits) => {
                splits.log_ratio.is_finite() && splits.shares.weighted.is_finite()
            }
            Self::Blocks(blocks) => {
                blocks.score.is_finite()
                    && blocks.information.is_finite()
                    && both(blocks.seen)
                    && both(blocks.held)
            }
            Self::Arms(arms) => both(arms.seen) && both(arms.held),
        }
    }

    /// ln of the likelihood under the alternative over that under the null hypothesis.
    pub(super) fn log_ratio(&self, slopes: Slopes, hypotheses: Hypotheses) -> f64 {
        let Slopes { up, down } = slopes;
        match self {
            Self::Trials(Tally { events, others }) => *events as f64 * up + *others as f64 * down,
            Self::Time { events, time } => *events as f64 * up + time * down,
            Self::Values(moments) => match hypotheses {
                Hypotheses::StandardizedMean { .. } => self.standardized(hypotheses, 0.0),
                _ if moments.count == 0 => 0.0,
                _ => moments.count as f64 * up * (moments.mean - down),
            },
            Self::Tables(tables) => tables.log_ratio,
            Self::Splits(splits) => splits.log_ratio,
            Self::Blocks(blocks) => up * (blocks.score - down * blocks.information),
            Self::Arms(_) => self.standardized(hypotheses, 0.0),
        }
    }

    /// The log ratio of `at + effect` to `at`.
    fn standardized(&self, hypotheses: Hypotheses, at: f64) -> f64 {
        let (_, effect) = hypotheses.values();
        self.studentized(hypotheses)
            .map_or(0.0, |student| student.log_ratio(at, at + effect))
    }

    fn studentized(&self, hypotheses: Hypotheses) -> Option<Studentized> {
        match (self, hypotheses) {
            (Self::Values(moments), Hypotheses::StandardizedMean { mean, .. }) => {
                let n = moments.count as f64;
                Studentized::new(n, moments.mean - mean, moments.m2, n)
            }
            (Self::Arms(arms), _) => {
                let arms = arms.seen;
                let n = arms.map(|arm| arm.count as f64);
                let all = n.baseline + n.canary;
                let size = n.baseline / all * n.canary;
                let difference = arms.canary.mean - arms.baseline.mean;
                let squares = arms.canary.m2 + arms.baseline.m2;
                Studentized::new(size, difference, squares, all - 1.0)
            }
            _ => None,
        }
    }

    /// How much was seen, in the unit of a truncation.
    pub(super) fn size(&self) -> f64 {
        match self {
            Self::Time { time, .. } => *time,
            _ => self.observations() as f64,
        }
    }

    /// How many trials, values or events.
    pub(super) fn observations(&self) -> u64 {
        let both = |arms: Arms<u64>| arms.baseline.saturating_add(arms.canary);
        match self {
            Self::Trials(tally) => tally.trials(),
            Self::Time { events, .. } => *events,
            Self::Values(moments) => moments.count,
            Self::Tables(tables) => both(tables.seen.map(Tally::trials)),
            Self::Splits(splits) => both(splits.shares.events),
            Self::Blocks(blocks) => both(blocks.seen.map(|arm| arm.count)),
            Self::Arms(arms) => both(arms.seen.map(|arm| arm.count)),
        }
    }

    /// The arms and what they showed.
    pub(super) fn arms(&self) -> Vec<ArmLevel> {
        let of = |moments: Moments| ArmLevel::new(moments.count, mean(moments));
        let both = |arms: Arms<ArmLevel>| vec![arms.baseline, arms.canary];
        match *self {
            Self::Trials(tally) => vec![tally.level()],
            Self::Time { events, time } => vec![ArmLevel::new(events, events as f64 / time)],
            Self::Values(moments) => vec![of(moments)],
            Self::Tables(tables) => both(tables.seen.map(Tally::level)),
            Self::Splits(splits) => {
                let all = splits.shares.all();
                let level = |events| ArmLevel::new(events, events as f64 / all);
                both(splits.shares.events.map(level))
            }
            Self::Blocks(blocks) => both(blocks.seen.map(of)),
            Self::Arms(arms) => both(arms.seen.map(of)),
        }
    }

    /// What the batches' effect is in the hypotheses' unit: zero, and how many of it one of that is.
    pub(super) fn scale(&self, hypotheses: Hypotheses) -> (f64, f64) {
        let sd = |squares: f64, freedom: f64| (squares / freedom).sqrt();
        match (self, hypotheses) {
            (_, Hypotheses::Mean { null, .. }) => (null, 1.0),
            (_, Hypotheses::OddsRatio { .. } | Hypotheses::RateRatio { .. }) => (1.0, 1.0),
            (Self::Values(values), Hypotheses::StandardizedMean { .. }) => {
                (0.0, sd(values.m2, values.count as f64 - 1.0))
            }
            (Self::Arms(Pooled { seen, .. }), _) => {
                let Arms { baseline, canary } = *seen;
                let freedom = baseline.count as f64 + canary.count as f64 - 2.0;
                (0.0, sd(baseline.m2 + canary.m2, freedom))
            }
            _ => (0.0, 1.0),
        }
    }

    /// The estimate, and the end of its interval: the last value that the test of "this much"
    /// against "as much more as the alternative is than the null" rejects with so much evidence.
    pub(super) fn estimate(
        &self,
        slopes: Slopes,
        hypotheses: Hypotheses,
        evidence: f64,
    ) -> (f64, f64) {
        let Slopes { up, down } = slopes;
        let (null, alternative) = hypotheses.values();
        let gap = alternative - null;
        match *self {
            Self::Trials(tally) => {
                let Row { events, trials } = tally.row();
                // n ln(1 - p + p e^tilt) = x tilt - evidence
                let tilt = up - down;
                let end = ((events * tilt - evidence) / trials).exp_m1() / tilt.exp_m1();
                (events / trials, end.clamp(0.0, 1.0))
            }
            Self::Time { events, time } => {
                let events = events as f64;
                let end = (events * up - evidence) / (time * up.exp_m1());
                (events / time, if end > 0.0 { end } else { open(up) })
            }
            Self::Values(moments) => match self.studentized(hypotheses) {
                Some(student) => self.standardized_end(student, hypotheses, evidence),
                None => {
                    let n = moments.count as f64;
                    let sd = hypotheses.sd().canary;
                    let end = moments.mean - 0.5 * gap - evidence * (sd / n) * (sd / gap);
                    (mean(moments), end)
                }
            },
            Self::Tables(tables) => (
                tables.for_canary / tables.for_baseline,
                tables
                    .shares
                    .end((alternative / null).ln(), evidence, false),
            ),
            Self::Splits(splits) => {
                let shares = splits.shares;
                let mean = Point::new(shares.weighted / shares.all());
                let odds = shares.events.canary as f64 / shares.events.baseline as f64;
                let end = shares.end((alternative / null).ln(), evidence, true);
                (odds * mean.y / mean.x, end)
            }
            Self::Blocks(blocks) => {
                let value = blocks.score / blocks.information;
                (
                    value,
                    value - 0.5 * gap - evidence / (gap * blocks.information),
                )
            }
            Self::Arms(_) => match self.studentized(hypotheses) {
                Some(student) => self.standardized_end(student, hypotheses, evidence),
                None => (f64::NAN, f64::NAN),
            },
        }
    }

    fn standardized_end(
        &self,
        student: Studentized,
        hypotheses: Hypotheses,
        evidence: f64,
    ) -> (f64, f64) {
        let Studentized {
            size,
            direction,
            dimension,
        } = student;
        let tangent = direction / ((1.0 - direction) * (1.0 + direction)).sqrt();
        let value = tangent * ((dimension - 1.0) / size).sqrt();
        let (_, effect) = hypotheses.values();
        let sign = effect.signum();
        // Decreasing in the effect towards the alternative.
        let lack = |at: f64| evidence - self.standardized(hypotheses, sign * at);
        (value, sign * crossing(lack, effect.abs(), 1e6))
    }
}

/// NaN of no values.
fn mean(moments: Moments) -> f64 {
    match moments.count {
        0 => f64::NAN,
        _ => moments.mean,
    }
}

/// The end of the range where an interval for so much more or less ends in nothing.
fn open(tilt: f64) -> f64 {
    if tilt > 0.0 { 0.0 } else { f64::INFINITY }
}

/// What one observation adds: for an event and for none (or for time); for values, the factor and
/// what is taken off them first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Slopes {
    pub(super) up: f64,
    pub(super) down: f64,
}

impl Slopes {
    /// An event is the canary's with probability s r / (s r + 1 - s), r the ratio of rates and s the
    /// share, here as odds.
    fn of_split(odds: f64, (null, alternative): (f64, f64)) -> Self {
        let (null, alternative) = (
            Point::from_odds(null * odds),
            Point::from_odds(alternative * odds),
        );
        Self {
            up: (alternative.x / null.x).ln(),
            down: (alternative.y / null.y).ln(),
        }
    }

    pub(super) fn of(design: &Sprt) -> Self {
        let (null, alternative) = design.hypotheses.values();
        let gap = alternative - null;
        let (up, down) = match design.hypotheses {
            Hypotheses::Proportion { .. } => (
                (alternative / null).ln(),
                (-alternative).ln_1p() - (-null).ln_1p(),
            ),
            Hypotheses::Rate { .. } => ((alternative / null).ln(), -gap),
            Hypotheses::Mean { sd, .. } => (gap / sd / sd, null + 0.5 * gap),
            Hypotheses::MeanDifference { .. } => (gap, null + 0.5 * gap),
            Hypotheses::RateRatio { .. } => {
                return Self::of_split(design.share / (1.0 - design.share), (null, alternative));
            }
            Hypotheses::OddsRatio { .. } => ((alternative / null).ln(), 0.0),
            Hypotheses::StandardizedMean { .. } | Hypotheses::StandardizedDifference { .. } => {
                (gap, 0.0)
            }
        };
        Self { up, down }
    }
}

impl Hypotheses {
    /// What the estimate is of.
    pub(super) const fn estimated(self) -> (Measure, &'static str) {
        match self {
            Self::Proportion { .. } => (Measure::Difference, "proportion"),
            Self::Rate { .. } => (Measure::Difference, "rate"),
            Self::Mean { .. } => (Measure::Difference, "mean"),
            Self::StandardizedMean { .. } => (Measure::Difference, "standardized mean"),
            Self::OddsRatio { .. } => (Measure::OddsRatio, "odds ratio"),
            Self::RateRatio { .. } => (Measure::Ratio, "ratio of rates"),
            Self::MeanDifference { .. } => (Measure::Difference, "difference of means"),
            Self::StandardizedDifference { .. } => {
                (Measure::Difference, "standardized difference of means")
            }
        }
    }
}

impl Data {
    const fn words(self) -> &'static str {
        match self {
            Self::Counts(_) => "the canary's counts",
            Self::Exposure(_) => "the canary's exposure",
            Self::Values(_) => "the canary's values",
            Self::ArmCounts(_) => "both arms' counts",
            Self::ArmEvents(_) => "both arms' events",
            Self::ArmExposures(_) => "both arms' exposures",
            Self::ArmValues(_) => "both arms' values",
        }
    }
}
