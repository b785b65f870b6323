//! How much updates remember each other, and an e-value that holds when they do: see
//! `dependence.md`.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::state::{Basis, Dependence};
use crate::data::Arms;
use crate::number::log_space::log_mean_exp;
use crate::number::moments::Moments;
use crate::number::{extended, normal, student_t};
use crate::options::{Alternative, Measure};

/// As few batches as a variance is taken from.
const FEWEST: f64 = 16.0;
/// Batches are long enough when neighbours are correlated by no more than this.
const FORGOTTEN: f64 = 0.1;
/// Beyond this correlation of the longest batches, their variance cannot be told.
const TOO_DEPENDENT: f64 = 0.75;
/// Batches of which fewer hold anything are too short to show what bursts do.
const FILLED: f64 = 0.5;
/// What a sum of products may be off by, over its parts.
const ROUNDING: f64 = 1e-13;
/// Where so many are to be expected, none is something.
const MANY: f64 = 5.0;
/// How many standard errors the variance may have been seen too small: for counts, whose own formula
/// takes it to be known, and for the self-normalised mixture, which does not.
const CAUTION_OF_COUNTS: f64 = 0.5;
const CAUTION: f64 = 0.25;
/// By how many standard errors longer batches must vary more.
const DOUBT: f64 = 1.5;
/// Of a tail that is larger, nothing is said.
const NO_TAIL: f64 = 0.4;
/// What the effects looked for are worth, in updates.
const PRIORS: [f64; 3] = [4.0, 32.0, 256.0];

/// `of`, which is `unit` times the effect on average.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    #[serde(with = "extended")]
    pub(super) of: f64,
    #[serde(with = "extended")]
    pub(super) unit: f64,
}

impl Term {
    pub(super) fn about(self, effect: f64) -> f64 {
        self.of - effect * self.unit
    }

    /// With so many times another.
    pub(super) fn plus(self, times: f64, other: Self) -> Self {
        Self {
            of: self.of + times * other.of,
            unit: self.unit + times * other.unit,
        }
    }
}

/// What came between two looks, or in a batch of them: `of`, which is `unit` times the effect on
/// average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Batch {
    #[serde(with = "extended")]
    of: f64,
    #[serde(with = "extended")]
    unit: f64,
    /// What a unit of difference has in `of`.
    #[serde(with = "extended")]
    weight: f64,
    /// How many events either arm had, each by the other's share of the traffic, so that as many are
    /// to be expected of both.
    events: Arms<f64>,
}

impl Batch {
    const EMPTY: Self = Self {
        of: 0.0,
        unit: 0.0,
        weight: 0.0,
        events: Arms::new(0.0, 0.0),
    };

    fn join(self, next: Self) -> Self {
        Self {
            of: self.of + next.of,
            unit: self.unit + next.unit,
            weight: self.weight + next.weight,
            events: self
                .events
                .zip(next.events)
                .map(|(a, b)| (a + b).min(f64::MAX)),
        }
    }

    const fn term(self) -> Term {
        Term {
            of: self.of,
            unit: self.unit,
        }
    }

    /// The same with the weight for its unit.
    const fn weighted(self) -> Term {
        Term {
            of: self.of,
            unit: self.weight,
        }
    }

    /// Whether both arms had an event, or one so many that none of the other's says something.
    fn is_filled(self) -> bool {
        let Arms { baseline, canary } = self.events;
        (canary > 0.0 || baseline >= MANY) && (baseline > 0.0 || canary >= MANY)
    }
}

/// Three sums of products, from which that of (of - m unit) follows for every m.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Products {
    #[serde(with = "extended")]
    of: f64,
    #[serde(with = "extended")]
    cross: f64,
    #[serde(with = "extended")]
    unit: f64,
}

impl Products {
    pub(super) fn add(&mut self, a: Term, b: Term) {
        self.of += a.of * b.of;
        self.cross += 0.5 * (a.of * b.unit + a.unit * b.of);
        self.unit += a.unit * b.unit;
    }

    fn merge(&mut self, other: Self) {
        self.of += other.of;
        self.cross += other.cross;
        self.unit += other.unit;
    }

    pub(super) fn about(self, effect: f64) -> f64 {
        let (cross, unit) = (2.0 * effect * self.cross, effect * effect * self.unit);
        let about = self.of - cross + unit;
        // Of what does not vary, the last digits are no variance.
        let largest = self.of.abs() + cross.abs() + unit.abs();
        if about.abs() <= ROUNDING * largest {
            0.0
        } else {
            about
        }
    }

    /// The same with units of 1, of so many products whose factors add up to `sum` on average.
    pub(super) const fn with_units_of_one(self, sum: f64, count: f64) -> Self {
        Self {
            of: self.of,
            cross: sum,
            unit: count,
        }
    }

    /// Of what is `by` times its unit larger.
    fn shifted(self, by: f64) -> Self {
        Self {
            of: self.of + by * (2.0 * self.cross + by * self.unit),
            cross: self.cross + by * self.unit,
            unit: self.unit,
        }
    }
}

/// What is kept of the batches of one length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    batches: u64,
    /// How many of them hold anything.
    filled: u64,
    squares: Products,
    /// The same with weights for units.
    weighted: Products,
    /// Of neighbours.
    lagged: Products,
    last: Option<Batch>,
    /// The first half of the next longer batch.
    half: Option<Batch>,
}

impl Level {
    fn add(&mut self, batch: Batch) {
        self.batches = self.batches.saturating_add(1);
        self.filled += u64::from(batch.is_filled());
        self.squares.add(batch.term(), batch.term());
        self.weighted.add(batch.weighted(), batch.weighted());
        if let Some(before) = self.last {
            self.lagged.add(before.term(), batch.term());
        }
        self.last = Some(batch);
    }

    fn count(&self) -> f64 {
        self.batches as f64
    }

    fn squares_about(&self, effect: f64) -> f64 {
        self.squares.about(effect).max(0.0)
    }

    /// The correlation of neighbours, freed of its bias.
    fn correlation(&self, effect: f64) -> f64 {
        let squares = self.squares_about(effect);
        if squares == 0.0 {
            return 0.0;
        }
        let n = self.count();
        (n * (self.lagged.about(effect) / squares) + 1.0) / (n - 3.0)
    }

    fn is_mostly_empty(&self) -> bool {
        (self.filled as f64) < FILLED * self.count()
    }

    fn merge(&mut self, later: &Self) {
        self.batches = self.batches.saturating_add(later.batches);
        self.filled = self.filled.saturating_add(later.filled);
        self.squares.merge(later.squares);
        self.weighted.merge(later.weighted);
        self.lagged.merge(later.lagged);
        self.last = later.last.or(self.last);
        self.half = later.half;
    }
}

/// What came, in batches of 1, 2, 4, ... updates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batches {
    updates: u64,
    sum: Batch,
    /// The variance that the sum would have if observations were independent; 0 where that is not
    /// known, and is taken to be what it would have if updates were.
    noise: Products,
    levels: Vec<Level>,
}

/// What an update says of the arms' difference or ratio: `of` is the effect times `unit` on average.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Contrast {
    of: f64,
    unit: f64,
    weight: f64,
    /// The variance that `of` would have if observations were independent, by the difference.
    noise: Products,
    events: Arms<f64>,
}

impl Contrast {
    /// Of the arms' means, that weigh `weight`, with the variances of weight times mean.
    pub(super) fn of_means(
        measure: Measure,
        weight: f64,
        means: Arms<f64>,
        variances: Arms<f64>,
    ) -> Self {
        // There is always something to tell them apart by.
        let events = Arms::new(1.0, 1.0);
        Self::new(
            measure,
            weight,
            means.map(|mean| weight * mean),
            variances,
            events,
        )
    }

    /// Of two values or more of either arm, whose variances are those that they show.
    pub(super) fn of_samples(measure: Measure, arms: Arms<Moments>) -> Self {
        let n = arms.map(|arm| arm.count as f64);
        let weight = n.canary * (n.baseline / (n.baseline + n.canary));
        let variances = arms.map(|arm| weight * weight * (arm.variance() / arm.count as f64));
        Self::of_means(measure, weight, arms.map(|arm| arm.mean), variances)
    }

    /// Of one value of either arm at the same time: how far they vary is to be measured.
    pub(super) fn of_pair(measure: Measure, values: Arms<f64>) -> Self {
        Self::of_means(measure, 1.0, values, Arms::default())
    }

    /// Of events in so many trials of either arm, as often as they may be.
    pub(super) fn of_proportions(measure: Measure, events: Arms<f64>, trials: Arms<f64>) -> Self {
        let mut contrast = Self::of_events(measure, events, trials);
        let all = trials.baseline + trials.canary;
        let others = all - events.baseline - events.canary;
        // p (1 - p) instead of p, freed of its bias in few trials.
        let rest = (others / (all - 1.0).max(1.0)).min(1.0);
        contrast.noise.of *= rest;
        contrast
    }

    /// Of one arm's values, less the standard: their sum, and its variance were they independent.
    pub(super) const fn of_sum(n: f64, sum: f64, variance: f64) -> Self {
        Self {
            of: sum,
            unit: n,
            weight: n,
            noise: Products {
                of: variance,
                cross: 0.0,
                unit: 0.0,
            },
            events: Arms::new(1.0, 1.0),
        }
    }

    /// The same where the variance is that of all values about the mean of all.
    pub(super) fn of_moments(moments: Moments) -> Self {
        let n = moments.count as f64;
        let sum = n * moments.mean;
        let mut contrast = Self::of_sum(n, sum, moments.m2 + sum * moments.mean);
        contrast.noise.cross = sum;
        contrast.noise.unit = n;
        contrast
    }

    /// Of one arm's events in so many trials, whose effect is the proportion.
    pub(super) fn of_trials(events: f64, trials: f64, standard: f64) -> Self {
        let mut contrast = Self::of_time(events, trials, standard);
        contrast.noise.unit = -trials; // n p - n p²
        if standard > 0.5 {
            // What is rare shows bursts.
            contrast.events = Arms::new((1.0 - standard) * trials, trials - events);
        }
        contrast
    }

    /// Of one arm's events in time, whose effect is the rate. What the standard expects is the
    /// other arm.
    pub(super) fn of_time(events: f64, time: f64, standard: f64) -> Self {
        Self {
            of: events,
            unit: time,
            weight: time,
            noise: Products {
                of: 0.0,
                cross: -0.5 * time, // n p
                unit: 0.0,
            },
            events: Arms::new(standard * time, events),
        }
    }

    /// Of a 2×2 table, whose effect is the odds ratio less 1: with Mantel and Haenszel's (1959) parts
    /// R and S of it, R - ψ S is 0 on average, with the variance of Robins, Breslow and Greenland
    /// (1986), ½ (R + ψ S) (P + ψ Q).
    pub(super) fn of_table(events: Arms<f64>, others: Arms<f64>) -> Self {
        let trials = events.zip(others).map(|(events, others)| events + others);
        let all = trials.baseline + trials.canary;
        let (r, s) = (
            events.canary * (others.baseline / all),
            events.baseline * (others.canary / all),
        );
        let q = (events.baseline + others.canary) / all;
        let share = trials.swap().map(|other| other / all);
        Self {
            of: r - s,
            unit: s,
            weight: s,
            noise: Products {
                of: 0.5 * (r + s),
                cross: -0.25 * ((r + s) * q + s),
                unit: 0.5 * s * q,
            },
            events: events.zip(share).map(|(events, share)| events * share),
        }
    }

    fn batch(&self) -> Batch {
        Batch {
            of: self.of,
            unit: self.unit,
            weight: self.weight,
            events: self.events.map(|events| events.min(f64::MAX)),
        }
    }

    /// Of events in so much traffic of either arm.
    pub(super) fn of_events(measure: Measure, events: Arms<f64>, traffic: Arms<f64>) -> Self {
        let all = traffic.baseline + traffic.canary;
        let other = traffic.swap().map(|other| other / all);
        let scaled = events.zip(other).map(|(events, other)| events * other);
        let variances = scaled.zip(other).map(|(scaled, other)| scaled * other);
        Self::new(
            measure,
            traffic.canary * other.canary,
            scaled,
            variances,
            scaled,
        )
    }

    /// Of the shares of either arm's trials that are events, by difference: as independent, binomial
    /// trials have them, with what both arms have in common in this update.
    pub(super) fn of_shares(events: Arms<f64>, trials: Arms<f64>) -> Self {
        let all = trials.baseline + trials.canary;
        let other = trials.swap().map(|other| other / all);
        let scaled = events.zip(other).map(|(events, other)| events * other);
        let misses = trials.zip(events).map(|(n, events)| n - events);
        let missed = misses.zip(other).map(|(misses, other)| misses * other);
        let weight = trials.canary * other.canary;
        let share = (events.baseline + events.canary) / all;
        let variance = weight * share * (1.0 - share) * (all / (all - 1.0));
        let sum = |arms: Arms<f64>| arms.baseline + arms.canary;
        Self {
            of: scaled.canary - scaled.baseline,
            unit: weight,
            weight,
            noise: Products {
                of: variance,
                ..Products::default()
            },
            // Those of events and misses that there are fewer of, as many as the arm with less traffic
            // would have.
            events: (if sum(scaled) <= sum(missed) {
                scaled
            } else {
                missed
            })
            .map(|events| events / other.baseline.max(other.canary)),
        }
    }

    /// A difference is one of weighted means; a ratio, less 1, that difference over the baseline's.
    fn new(
        measure: Measure,
        weight: f64,
        of: Arms<f64>,
        variances: Arms<f64>,
        events: Arms<f64>,
    ) -> Self {
        let unit = match measure {
            Measure::Difference => weight,
            Measure::Ratio | Measure::OddsRatio => of.baseline,
        };
        Self {
            of: of.canary - of.baseline,
            unit,
            weight,
            noise: Products {
                of: variances.canary + variances.baseline,
                ..Products::default()
            },
            events,
        }
    }
}

impl Default for Batches {
    fn default() -> Self {
        Self {
            updates: 0,
            sum: Batch::EMPTY,
            noise: Products::default(),
            levels: Vec::new(),
        }
    }
}

/// Which batches the variance is taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    level: usize,
    /// By how much the squares of their sums are to be enlarged: for what came since the last
    /// whole batch, and for what they still remember of each other.
    times: f64,
    /// As many independent batches.
    batches: f64,
    /// Whether shorter batches than these remember each other.
    remembers: bool,
}

impl Spread {
    /// By how much the variance may have been seen too small.
    fn caution(self, errors: f64) -> f64 {
        1.0 + errors * (2.0 / self.batches).sqrt()
    }
}

/// How much counts depend on each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Caution {
    /// How many of them make one that is independent, with caution; at least 1.
    pub(super) dispersion: f64,
    /// Whether updates remember each other.
    pub(super) remembers: bool,
}

impl Caution {
    /// Of independent ones.
    pub(super) const NONE: Self = Self {
        dispersion: 1.0,
        remembers: false,
    };

    /// What holds of both.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            dispersion: self.dispersion.max(other.dispersion),
            remembers: self.remembers || other.remembers,
        }
    }
}

impl Batches {
    /// Adds an update.
    pub(super) fn push(&mut self, update: Contrast) {
        self.updates = self.updates.saturating_add(1);
        let mut batch = update.batch();
        self.sum = self.sum.join(batch);
        self.noise.merge(update.noise);
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Level::default());
            }
            let Some(level) = self.levels.get_mut(level) else {
                return;
            };
            level.add(batch);
            match level.half.take() {
                None => {
                    level.half = Some(batch);
                    return;
                }
                Some(first) => batch = first.join(batch),
            }
        }
    }

    /// Appends what came later. Batches do not span the seam: each length loses one at most.
    pub(super) fn merge(&mut self, later: &Self) {
        self.updates = self.updates.saturating_add(later.updates);
        self.sum = self.sum.join(later.sum);
        self.noise.merge(later.noise);
        let longest = self.levels.len().max(later.levels.len());
        self.levels.resize(longest, Level::default());
        for (own, later) in self.levels.iter_mut().zip(&later.levels) {
            own.merge(later);
        }
    }

    /// The effect that was seen.
    pub(super) fn effect(&self) -> f64 {
        if self.sum.unit > 0.0 {
            self.sum.of / self.sum.unit
        } else {
            0.0
        }
    }

    pub(super) const fn updates(&self) -> f64 {
        self.updates as f64
    }

    /// The distance of what was seen from the null hypothesis in its standard errors, were updates
    /// independent and of the same weight.
    pub(super) fn t_if_independent(&self, null: f64) -> f64 {
        let sum = self.sum.of - null * self.sum.unit;
        sum / self.sum_error(sum, null)
    }

    /// The standard error of the effect, likewise.
    pub(super) fn standard_error(&self) -> f64 {
        self.sum_error(0.0, self.effect()) / self.sum.unit
    }

    /// √n times the standard deviation of of - null unit, whose sum that is.
    fn sum_error(&self, sum: f64, null: f64) -> f64 {
        let n = self.updates();
        let squares = self
            .levels
            .first()
            .map_or(0.0, |level| level.squares_about(null));
        ((squares - sum * (sum / n)).max(0.0) * (n / (n - 1.0))).sqrt()
    }

    /// Of updates that were `by` times their unit larger.
    pub(super) fn shifted(&self, by: f64) -> Self {
        let batch = |batch: Batch| Batch {
            of: batch.of + by * batch.unit,
            ..batch
        };
        let level = |level: &Level| Level {
            squares: level.squares.shifted(by),
            weighted: level.weighted.shifted(by),
            lagged: level.lagged.shifted(by),
            last: level.last.map(batch),
            half: level.half.map(batch),
            ..*level
        };
        Self {
            updates: self.updates,
            sum: batch(self.sum),
            noise: self.noise.shifted(by),
            levels: self.levels.iter().map(level).collect(),
        }
    }

    fn spread(&self) -> Result<Spread, Basis> {
        let effect = self.effect();
        let spread = |index: usize, level: &Level, phi: f64| {
            let n = level.count();
            let remembered = ((1.0 + phi) / (1.0 - phi)).max(1.0);
            let all = self.updates as f64 / (n * (index as f64).exp2());
            Spread {
                level: index,
                times: all * remembered,
                batches: n / remembered,
                remembers: false,
            }
        };
        let mut chosen = None;
        let first = self
            .levels
            .iter()
            .take_while(|level| level.is_mostly_empty())
            .count();
        let levels = self.levels.iter().enumerate().skip(first);
        for (index, level) in levels.take_while(|(_, level)| level.count() >= FEWEST) {
            let squares = level.squares_about(effect);
            match chosen {
                Some((best, phi, variance)) if phi <= FORGOTTEN => {
                    let longer = spread(index, level, level.correlation(effect));
                    let beyond_doubt = 1.0 - DOUBT * (2.0 / longer.batches).sqrt();
                    if squares * longer.times * beyond_doubt > variance {
                        chosen = Some((longer, phi, squares * longer.times));
                    } else {
                        chosen = Some((best, phi, variance));
                    }
                }
                _ => {
                    let phi = level.correlation(effect);
                    let this = spread(index, level, phi);
                    chosen = Some((this, phi, squares * this.times));
                }
            }
        }
        match chosen {
            None => Err(Basis::TooFew),
            Some((_, phi, _)) if phi > TOO_DEPENDENT => Err(Basis::TooDependent),
            Some((spread, phi, _)) => Ok(Spread {
                remembers: phi > FORGOTTEN.max(1.0 / spread.batches.sqrt()) || spread.level > first,
                ..spread
            }),
        }
    }

    /// The variance of the sum about `effect`.
    fn variance(&self, spread: Spread, effect: f64) -> f64 {
        let level = self.levels.get(spread.level);
        spread.times * level.map_or(0.0, |level| level.squares_about(effect))
    }

    /// Logarithm of the e-value against "the effect is `null`" (at most that for `Greater`, at least
    /// for `Less`), had all that was seen been seen that many `times`; the reason where there is none.
    pub(super) fn log_e(
        &self,
        null: f64,
        alternative: Alternative,
        times: f64,
    ) -> Result<f64, Basis> {
        let spread = self.spread()?;
        Ok(self.log_e_of(spread, null, alternative, times))
    }

    fn log_e_of(&self, spread: Spread, null: f64, alternative: Alternative, times: f64) -> f64 {
        let (n, z2) = (self.updates as f64, self.z_square(spread, null));
        mixture(times * n, times * z2, self.side(null, alternative))
    }

    /// The same by way of a formula for independent counts, told how many times what was seen was
    /// seen: times over the dispersion. Where updates remember each other, the batches must agree.
    pub(super) fn log_e_of_counts(
        &self,
        null: f64,
        alternative: Alternative,
        times: f64,
        own: impl Fn(f64) -> f64,
    ) -> Result<f64, Basis> {
        let spread = self.spread()?;
        let own = own(times / self.dispersion(spread));
        if !spread.remembers {
            return Ok(own);
        }
        Ok(own.min(self.log_e_of(spread, null, alternative, times)))
    }

    /// How much counts depend on each other; none where there is no answer.
    pub(super) fn caution(&self) -> Option<Caution> {
        let spread = self.spread().ok()?;
        Some(Caution {
            dispersion: self.dispersion(spread),
            remembers: spread.remembers,
        })
    }

    /// How many counts make one that is independent, with caution; at least 1.
    fn dispersion(&self, spread: Spread) -> f64 {
        let dispersion =
            (spread.caution(CAUTION_OF_COUNTS) * self.seen_dispersion(spread)).max(1.0);
        if self.variance(spread, self.effect()).is_finite() {
            dispersion
        } else {
            f64::INFINITY
        }
    }

    /// By what the variance that independent observations have is to be multiplied at a single look,
    /// where they give this z: by the dispersion, and so that z is as likely as Student's t with as
    /// many degrees of freedom as there are independent batches, less one. Where even batches remember
    /// each other, z is no more than the batches' e-value is worth as a p-value.
    pub(super) fn dispersion_at(&self, z: f64, null: f64, alternative: Alternative) -> Option<f64> {
        let spread = self.spread().ok()?;
        let dispersion = self.dispersion(spread);
        let z = z.abs();
        let t = z / dispersion.sqrt();
        let tail = student_t::sf(t, (spread.batches - 1.0).max(1.0));
        let mut least = normal::quantile(tail).min(t);
        let batches = self.levels.get(spread.level).map_or(0.0, Level::count);
        let still_remembers = spread.batches * (1.0 + FORGOTTEN) < batches * (1.0 - FORGOTTEN);
        if still_remembers {
            let p = (-self.log_e_of(spread, null, alternative, 1.0)).exp();
            let tail = match alternative {
                Alternative::TwoSided => 0.5 * p,
                Alternative::Greater | Alternative::Less => p,
            };
            least = least.min(normal::quantile(tail.min(NO_TAIL)));
        }
        let times = z / least;
        let dispersion = if times * times > dispersion {
            times * times
        } else {
            dispersion
        };
        Some(dispersion).filter(|dispersion| dispersion.is_finite())
    }

    /// V about the arms' difference, over what it would be.
    fn seen_dispersion(&self, spread: Spread) -> f64 {
        let Some(level) = self.levels.get(spread.level) else {
            return 1.0;
        };
        let difference = self.sum.of / self.sum.weight;
        let squares = level.weighted.about(difference).max(0.0);
        let mut independent = self.noise.about(difference);
        if independent <= 0.0 {
            let single = self.levels.first();
            independent = single.map_or(0.0, |single| single.weighted.about(difference));
        }
        spread.times * squares / independent
    }

    /// S² / V with V about the null hypothesis: the sum of squares normalises itself.
    fn z_square(&self, spread: Spread, null: f64) -> f64 {
        let sum = self.sum.of - null * self.sum.unit;
        let z2 = sum * (sum / (spread.caution(CAUTION) * self.variance(spread, null)));
        if z2.is_finite() { z2 } else { 0.0 }
    }

    /// Whether the effect lies on the alternative's side; none for both sides.
    fn side(&self, null: f64, alternative: Alternative) -> Option<bool> {
        let is_above = self.sum.of > null * self.sum.unit;
        match alternative {
            Alternative::TwoSided => None,
            Alternative::Greater => Some(is_above),
            Alternative::Less => Some(!is_above),
        }
    }

    /// Whether there is no answer yet.
    pub(super) fn is_refused(&self) -> bool {
        self.spread().is_err()
    }

    /// About how many more observations it takes at least until there can be one.
    pub(super) fn wait(&self, observations: u64) -> f64 {
        if self.updates == 0 || !self.is_refused() {
            return 1.0;
        }
        let missing = (FEWEST - self.updates()).max(1.0);
        (missing * (observations as f64 / self.updates()))
            .ceil()
            .max(1.0)
    }

    /// What was measured.
    pub(super) fn dependence(&self, observations: u64) -> Dependence {
        let spread = self.spread();
        let (dispersion, batch, batches) = spread.map_or((f64::NAN, 1, 0), |spread| {
            let batches = self
                .levels
                .get(spread.level)
                .map_or(0, |level| level.batches);
            (
                self.seen_dispersion(spread),
                1 << spread.level.min(63),
                batches,
            )
        });
        // Nothing over nothing is nothing out of the ordinary.
        let dispersion = if dispersion.is_nan() { 1.0 } else { dispersion };
        Dependence {
            basis: spread.map_or_else(|basis| basis, |_| Basis::Batches),
            dispersion,
            effective: observations as f64 / dispersion,
            batch,
            batches,
        }
    }
}

impl Evidence for Batches {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        self.log_e(null, alternative, times).unwrap_or(0.0)
    }

    fn estimate(&self) -> f64 {
        self.effect()
    }

    fn scale(&self) -> f64 {
        self.standard_error()
    }
}

/// Logarithm of the mixture after n updates, with z² = S² / V; for one side, whether S lies on it.
fn mixture(n: f64, z2: f64, side: Option<bool>) -> f64 {
    let parts = PRIORS.map(|g| {
        let rest = g / (g + n);
        let both = 0.5 * rest.ln() + 0.5 * (1.0 - rest) * z2;
        let Some(is_on_it) = side else {
            return both;
        };
        let z = ((1.0 - rest) * z2).sqrt();
        let beyond = normal::sf(if is_on_it { -z } else { z });
        both + std::f64::consts::LN_2 + beyond.ln()
    });
    log_mean_exp(parts.into_iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::random::Stream;

    fn normal(stream: &mut Stream) -> f64 {
        let uniform = (stream.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64;
        normal::quantile(uniform)
    }

    /// Differences of which each remembers `phi` of the last, all of them moved by `shift`.
    fn remembering(phi: f64, shift: f64, n: usize, seed: u64) -> Vec<f64> {
        let mut stream = Stream::new(seed, 0);
        let mut last = normal(&mut stream);
        let fresh = (1.0 - phi * phi).sqrt();
        let mut next = || {
            last = phi * last + fresh * normal(&mut stream);
            last + shift
        };
        (0..n).map(|_| next()).collect()
    }

    fn update(difference: f64) -> Contrast {
        let means = Arms::new(0.0, difference);
        Contrast::of_means(Measure::Difference, 1.0, means, Arms::new(0.0, 1.0))
    }

    fn of(differences: &[f64]) -> Batches {
        let mut batches = Batches::default();
        for &d in differences {
            batches.push(update(d));
        }
        batches
    }

    /// Independent of the class: everything from the list, as the document writes it.
    #[test]
    fn independent_differences_give_the_formula_itself() {
        let d = remembering(0.0, 0.5, 40, 3);
        let n = d.len() as f64;
        let (sum, squares) = (d.iter().sum::<f64>(), d.iter().map(|x| x * x).sum::<f64>());
        let mean = sum / n;
        let centred = squares - n * mean * mean;
        let lag: f64 = d.windows(2).map(|p| (p[0] - mean) * (p[1] - mean)).sum();
        let phi = (n * lag / centred + 1.0) / (n - 3.0);
        assert!(phi <= FORGOTTEN, "{phi}");
        let remembered = ((1.0 + phi) / (1.0 - phi)).max(1.0);
        let caution = 1.0 + 0.25 * (2.0 * remembered / n).sqrt();
        let variance = caution * squares * remembered;
        let parts = PRIORS.map(|g| {
            let share = n / (g + n);
            (g / (g + n)).sqrt() * (share * sum * sum / (2.0 * variance)).exp()
        });
        let expected = (parts.iter().sum::<f64>() / 3.0).ln();
        let got = of(&d).log_e(0.0, Alternative::TwoSided, 1.0).unwrap();
        assert!((got - expected).abs() < 1e-12, "{got} {expected}");
    }

    #[test]
    fn a_side_and_its_mirror_image_are_the_same() {
        let d = remembering(0.3, 0.2, 100, 5);
        let mirrored: Vec<f64> = d.iter().map(|x| -x).collect();
        let greater = of(&d).log_e(0.0, Alternative::Greater, 1.0).unwrap();
        assert_eq!(
            of(&mirrored).log_e(0.0, Alternative::Less, 1.0),
            Ok(greater)
        );
        let scaled: Vec<f64> = d.iter().map(|x| 1024.0 * x).collect();
        let larger = of(&scaled).log_e(0.0, Alternative::Greater, 1.0).unwrap();
        assert!((larger - greater).abs() < 1e-12);
    }

    /// A strong memory is measured, and makes batches longer: (1 + φ) / (1 - φ) is 9 for 0.8.
    #[test]
    fn the_dispersion_is_measured() {
        for (phi, truth) in [(0.0, 1.0), (0.5, 3.0), (0.8, 9.0)] {
            let n = 20_000;
            let found = of(&remembering(phi, 0.0, n, 11)).dependence(n as u64);
            assert_eq!(found.basis, Basis::Batches);
            let times = found.dispersion / truth;
            assert!((0.75..1.35).contains(&times), "{phi}: {found:?}");
        }
    }

    #[test]
    fn it_says_why_it_says_nothing() {
        let few = of(&[1.0; 15]);
        assert_eq!(
            few.log_e(0.0, Alternative::Greater, 1.0),
            Err(Basis::TooFew)
        );
        let drifting: Vec<f64> = (0..40).map(f64::from).collect();
        let found = of(&drifting).log_e(0.0, Alternative::Greater, 1.0);
        assert_eq!(found, Err(Basis::TooDependent));
    }

    #[test]
    fn it_takes_as_many_more_updates_as_are_missing() {
        let d = remembering(0.0, 0.0, 16, 3);
        for (n, wait) in [(0, 1.0), (3, 1300.0), (15, 100.0), (16, 1.0)] {
            assert_eq!(of(&d[..n]).wait(100 * n as u64), wait);
        }
    }

    /// They may be one burst each.
    #[test]
    fn a_few_events_are_no_evidence_however_many_updates_there_are() {
        let mut batches = Batches::default();
        for i in 0..10_000 {
            let events = Arms::new(0.0, f64::from(u8::from(i % 2000 == 0)));
            let traffic = Arms::new(100.0, 100.0);
            batches.push(Contrast::of_events(Measure::Ratio, events, traffic));
        }
        let log_e = batches.log_e(0.0, Alternative::Greater, 1.0);
        assert_eq!(log_e, Err(Basis::TooFew));
    }

    #[test]
    fn halves_append() {
        let d = remembering(0.3, 0.1, 1000, 13);
        let mut first = of(&d[..500]);
        first.merge(&of(&d[500..]));
        let whole = of(&d);
        assert_eq!(first.updates, whole.updates);
        assert!((first.effect() - whole.effect()).abs() < 1e-12);
        let log_e = |batches: &Batches| batches.log_e(0.0, Alternative::TwoSided, 1.0).unwrap();
        assert!((log_e(&first) - log_e(&whole)).abs() < 0.3);
    }

    #[test]
    fn nothing_out_of_the_ordinary_breaks_it() {
        for d in [0.0, 1e300, -1e300, f64::INFINITY, f64::NAN, 5e-324] {
            let batches = of(&vec![d; 100]);
            for alternative in [
                Alternative::TwoSided,
                Alternative::Greater,
                Alternative::Less,
            ] {
                let _ = batches.log_e(0.0, alternative, 1.0);
                let _ = batches.dependence(u64::MAX);
            }
        }
    }

    /// A look after each of 300 updates, no memory to a strong one.
    #[test]
    fn false_alarms_stay_below_alpha() {
        for (phi, most) in [(0.0, 0.05), (0.6, 0.05), (0.9, 0.06)] {
            let runs = 400;
            let alarms = (0..runs).filter(|&seed| {
                let d = remembering(phi, 0.0, 300, 100 + seed);
                let mut batches = Batches::default();
                d.iter().any(|&d| {
                    batches.push(update(d));
                    let found = batches.log_e(0.0, Alternative::Greater, 1.0);
                    found.is_ok_and(|log_e| log_e > -0.05_f64.ln())
                })
            });
            let share = alarms.count() as f64 / runs as f64;
            assert!(
                share < most + 3.0 * (most / runs as f64).sqrt(),
                "{phi}: {share}"
            );
        }
    }
}
