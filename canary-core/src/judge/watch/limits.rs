//! A test with a margin, watched: is the change beyond its limits, and is it within?

use serde::{Deserialize, Serialize};

use super::crowds::Crowds;
use super::monitors::{AnyMonitor, Interval, Kind, Manner, OF_EVENTS, Pair, Question};
use super::still::{Still, is_more};
use super::{Seen, confidence};
use crate::data::{Arms, Direction, Observations, Sample, Summary};
use crate::error::Result;
use crate::judge::condition::{TestCondition, TestGoal, TestMethod};
use crate::judge::evaluate::{Evidence, NO_RATIO, acceptable, added, aligned, both};
use crate::judge::finding::{Acceptable, Change};
use crate::judge::verdict::Status;
use crate::number::moments::Moments;
use crate::options::{Alternative, Margin, Measure, NanPolicy};
use crate::sequential::{Basis, ProportionSequence, ProportionSequenceMonitor, State};
use crate::stats;

/// Watches a change against the limits of what is acceptable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsWatch {
    kind: Kind,
    sides: Vec<Side>,
    /// Of events that are looked at again and again.
    crowds: Option<Crowds>,
    sizes: Arms<u64>,
    /// The error rate.
    alpha: f64,
}

/// One end of what is acceptable: reached where all of its limits are passed. A margin with a floor has
/// two, of which the one that is farther away counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    is_upper: bool,
    limits: Vec<Limit>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    measure: Measure,
    /// What is acceptable, and the part of it beyond which the canary fails.
    value: f64,
    harmless: f64,
    beyond: AnyMonitor,
    within: AnyMonitor,
    /// Of proportions, whether the canary's own is less than the difference that is acceptable: then so is
    /// the change, whatever the baseline's. It needs no event to tell.
    alone: Option<Box<Question<Pair<ProportionSequenceMonitor>>>>,
    /// Of values, the change that never varied, and whether it has ever been beyond the limit.
    still: Option<Still>,
    was_beyond: bool,
}

/// What is to be caught soonest is worse than what is harmless by so many margins.
const EFFECT: f64 = 1.5;
/// By no less than so large a part of the level of events, or of means (of their standard deviation, for a
/// difference), however small the margin is: a mixture that looks for less than can be told is blind to
/// what is much greater.
const LEAST_OF_EVENTS: f64 = 0.5;
const LEAST_OF_MEANS: f64 = 0.1;

/// The least effect that is looked for, by what the first look shows of the scale.
fn least_effect(measure: Measure, arms: Arms<&Observations>) -> f64 {
    use Observations as O;
    let spread = |summary: Arms<Summary>| {
        let both = summary.baseline.merge(summary.canary);
        Some(both.stddev()).filter(|stddev| stddev.is_finite())
    };
    let (part, scale) = match (arms.baseline, arms.canary) {
        (O::Counts(b), O::Counts(c)) => {
            let trials = b.trials() as f64 + c.trials() as f64;
            let events = b.events() as f64 + c.events() as f64;
            // What is rarer, and no less than one.
            let rarer = events.min(trials - events).max(1.0);
            (LEAST_OF_EVENTS, Some(rarer / trials.max(1.0)))
        }
        (O::Exposure(b), O::Exposure(c)) => {
            let events = (b.events() as f64 + c.events() as f64).max(1.0);
            (LEAST_OF_EVENTS, Some(events / (b.time() + c.time())))
        }
        (O::Summary(b), O::Summary(c)) => (LEAST_OF_MEANS, spread(Arms::new(*b, *c))),
        (O::Sample(b), O::Sample(c)) => {
            let summary = |sample: &Sample| Summary::of(sample.values(), NanPolicy::Raise).ok();
            let both = summary(b).zip(summary(c));
            (
                LEAST_OF_MEANS,
                both.and_then(|(b, c)| spread(Arms::new(b, c))),
            )
        }
        _ => (LEAST_OF_MEANS, None),
    };
    match measure {
        Measure::Difference => part * scale.unwrap_or(0.0),
        _ => 1.0 + part,
    }
}

impl Limit {
    fn new(
        kind: Kind,
        manner: Manner,
        is_upper: bool,
        (margin, harmless): (Margin, Margin),
        of: impl Fn(Margin) -> f64,
        least_effect: f64,
    ) -> Result<Self> {
        let (beyond, within) = if is_upper {
            (Alternative::Greater, Alternative::Less)
        } else {
            (Alternative::Less, Alternative::Greater)
        };
        let measure = margin.measure();
        let (value, harmless) = (of(margin), of(harmless));
        let effect = match measure {
            Measure::Difference => EFFECT * value.abs(),
            // A ratio beyond the null hypothesis, which is a ratio itself.
            _ => 1.0 + EFFECT * (value - 1.0).abs() / harmless.max(f64::MIN_POSITIVE),
        };
        let effect = effect.max(least_effect);
        let is_own = kind == Kind::Proportion && measure == Measure::Difference && is_upper;
        let alone = if is_own && value > 0.0 && value < 1.0 {
            let design = ProportionSequence::new()
                .null(value)
                .alternative(Alternative::Less)
                .alpha(manner.alpha())
                .tuned_at(EFFECT / value);
            let pair = Pair::new(OF_EVENTS, |assume| design.assume(assume).monitor())?;
            Some(Box::new(Question::new(pair, false)))
        } else {
            None
        };
        let is_an_effect = match measure {
            Measure::Difference => effect > 0.0,
            _ => effect > 1.0,
        };
        Ok(Self {
            measure,
            value,
            harmless,
            beyond: AnyMonitor::new(
                kind,
                manner,
                measure,
                beyond,
                harmless,
                is_an_effect.then_some(effect),
            )?,
            within: AnyMonitor::new(kind, manner, measure, within, value, None)?,
            alone,
            still: (!kind.is_of_events()).then(|| Still::new(measure, manner)),
            was_beyond: false,
        })
    }

    fn update(&mut self, is_upper: bool, interval: &Interval) -> Result<()> {
        let limit = self.value;
        let is_beyond = |still: &Still| match (still.change(), is_upper) {
            (Some(change), true) => is_more(change, limit),
            (Some(change), false) => is_more(limit, change),
            (None, _) => false,
        };
        match (&mut self.still, interval) {
            (Some(still), Interval::Pairs(pairs)) => {
                for &pair in pairs {
                    still.update(pair);
                    self.was_beyond |= is_beyond(still);
                }
            }
            (Some(still), Interval::Summary(arms)) => {
                let is_one_value = |arm: Summary| arm.stddev().is_nan() || arm.stddev() == 0.0;
                if arms.map(is_one_value) == Arms::new(true, true) {
                    let smaller = arms.baseline.count().min(arms.canary.count());
                    still.update_of_values(arms.map(|arm| arm.mean()), smaller);
                    self.was_beyond |= is_beyond(still);
                } else {
                    still.vary();
                }
            }
            _ => {}
        }
        self.beyond.update(interval)?;
        self.within.update(interval)?;
        if let (Some(alone), Interval::Counts(arms)) = (&mut self.alone, interval) {
            alone.update(arms.canary)?;
        }
        Ok(())
    }

    /// The change, where it never varied.
    fn known(&self) -> Option<f64> {
        self.still.as_ref()?.change()
    }

    /// Whether it has not varied yet.
    fn is_still(&self) -> bool {
        let so_far = self.still.as_ref().and_then(Still::so_far);
        so_far.is_some()
    }

    /// The p-value of "it is within this limit".
    fn p_beyond(&self, crowd: f64) -> f64 {
        match self.is_still() {
            _ if self.was_beyond => 0.0,
            // Of what does not vary, monitors see the last digits.
            true => 1.0,
            false => self.beyond.p_value(crowd),
        }
    }

    /// The p-values of "it is beyond this limit", by each way to tell.
    fn p_within(&self, crowd: f64) -> impl Iterator<Item = f64> {
        let alone = self.alone.as_ref().map(|alone| alone.p_value(crowd));
        [Some(self.p_change_within(crowd)), alone]
            .into_iter()
            .flatten()
    }

    fn p_change_within(&self, crowd: f64) -> f64 {
        match self.known() {
            Some(_) if !self.was_beyond => 0.0,
            None if self.is_still() => 1.0,
            _ => self.within.p_value(crowd),
        }
    }

    /// The change with what both monitors leave of it, at all looks at once: what was shown at an earlier
    /// look stays shown, unless the change itself now lies on the other side (as where a fault came late).
    fn change(
        &self,
        alpha: f64,
        crowd: f64,
        is_upper: bool,
        beyond: &State,
        within: &State,
    ) -> Option<Change> {
        if let Some(value) = self.still.as_ref().and_then(Still::so_far) {
            let interval = self.known().map(|known| stats::Interval {
                low: known,
                high: known,
                confidence: confidence(alpha),
            });
            return Some(Change {
                measure: self.measure,
                value,
                interval,
            });
        }
        let beyond = beyond.estimate.as_ref()?;
        let within = within.estimate.as_ref()?.interval;
        let is_beyond = self.p_beyond(crowd) <= alpha;
        let is_within = self.p_change_within(crowd) <= alpha;
        let (mut low, mut high) = if is_upper {
            (beyond.interval.low, within.high)
        } else {
            (within.low, beyond.interval.high)
        };
        let (near, far) = if is_upper {
            (&mut low, &mut high)
        } else {
            (&mut high, &mut low)
        };
        let farther = |a: f64, b: f64| if is_upper { a.max(b) } else { a.min(b) };
        let nearer = |a: f64, b: f64| if is_upper { a.min(b) } else { a.max(b) };
        if is_beyond && farther(beyond.value, self.harmless) == beyond.value {
            *near = farther(*near, self.harmless);
        }
        if is_within && nearer(beyond.value, self.value) == beyond.value {
            *far = nearer(*far, self.value);
        }
        Some(Change {
            measure: self.measure,
            value: beyond.value,
            interval: Some(stats::Interval {
                low,
                high,
                confidence: confidence(alpha),
            }),
        })
    }
}

impl Side {
    /// The p-value of "the change is within the margin": all limits must be passed.
    fn p_beyond(&self, crowd: f64) -> f64 {
        let p_values = self.limits.iter().map(|limit| limit.p_beyond(crowd));
        p_values.fold(0.0, f64::max)
    }

    /// The p-value of "it is beyond": being within one limit suffices, shown in one way (Bonferroni).
    fn p_within(&self, crowd: f64) -> f64 {
        let p_values = self.limits.iter().flat_map(|limit| limit.p_within(crowd));
        let (ways, least) = p_values.fold((0.0, 1.0), |(n, least), p| (n + 1.0, p.min(least)));
        (ways * least).min(1.0)
    }
}

impl LimitsWatch {
    /// For observations of this kind; none where no monitor takes them.
    pub(super) fn new(
        test: &TestCondition,
        manner: Manner,
        direction: Direction,
        arms: Arms<&Observations>,
    ) -> Result<Option<Self>> {
        let kind = match (test.method, arms.canary) {
            (TestMethod::Auto | TestMethod::TwoProportionZ, Observations::Counts(_)) => {
                Kind::Proportion
            }
            (TestMethod::Auto | TestMethod::TwoRates, Observations::Exposure(_)) => Kind::Rate,
            (
                TestMethod::Auto | TestMethod::PairedSeries | TestMethod::TTest,
                Observations::Series(_) | Observations::Gauge(_),
            ) => Kind::Series,
            (
                TestMethod::Auto | TestMethod::TTest,
                Observations::Sample(_) | Observations::Summary(_),
            ) => Kind::Mean,
            _ => return Ok(None),
        };
        let is_relative = test.margin.measure() == Measure::Ratio;
        let is_watched = manner == Manner::LookByLook;
        if is_watched && is_relative && is_any_negative(arms) {
            // There is no ratio to what may be negative, and one look does not tell of what a margin is a
            // part.
            return Ok(None);
        }
        let mut sides = Vec::new();
        for margin in margins(test) {
            let end = |is_upper: bool| {
                move |margin: Margin| {
                    let Acceptable { low, high } = acceptable(margin, test.goal, direction);
                    if is_upper { high } else { low }
                }
            };
            for is_upper in [true, false] {
                if !end(is_upper)(margin).is_finite() {
                    continue;
                }
                let beyond = match test.goal {
                    TestGoal::NonInferiority => test.fail_beyond,
                    TestGoal::Equivalence | TestGoal::Superiority => 1.0,
                };
                let margins = (margin, margin.part(beyond));
                let least = least_effect(margin.measure(), arms);
                let limit = Limit::new(kind, manner, is_upper, margins, end(is_upper), least)?;
                let known = sides
                    .iter_mut()
                    .find(|side: &&mut Side| side.is_upper == is_upper);
                match known {
                    Some(side) => side.limits.push(limit),
                    None => sides.push(Side {
                        is_upper,
                        limits: vec![limit],
                    }),
                }
            }
        }
        Ok(Some(Self {
            kind,
            sides,
            crowds: (is_watched && kind.is_of_events()).then(Crowds::default),
            sizes: Arms::default(),
            alpha: manner.alpha(),
        }))
    }

    pub(super) fn look(&mut self, arms: Arms<Option<&Observations>>) -> Result<Seen> {
        let arms = match both(arms) {
            Ok(arms) => arms,
            Err(absent) => return Ok(self.known(Some(absent))),
        };
        let Some(interval) = interval(self.kind, arms)? else {
            let kind = arms.canary.kind();
            let other = format!("it was measured in another way before, now as {kind}");
            return Ok(self.known(Some(&other)));
        };
        for Side { is_upper, limits } in &mut self.sides {
            for limit in limits {
                limit.update(*is_upper, &interval)?;
            }
        }
        if let Some(crowds) = &mut self.crowds {
            crowds.update(&interval);
        }
        self.sizes = added(self.sizes, arms.map(Observations::size));
        Ok(self.known(None))
    }

    /// What is known of all looks so far, and why this one adds nothing, if it does not.
    pub(super) fn known(&self, obstacle: Option<&str>) -> Seen {
        (self.evidence(obstacle), self.sizes)
    }

    /// How many observations count as one, as far as events tell.
    fn crowd(&self) -> f64 {
        self.crowds.as_ref().map_or(1.0, Crowds::size)
    }

    /// Why nothing is said of what was seen, if nothing is: of the few pairs, or the memory, of series.
    pub(super) fn refusal(&self) -> Option<String> {
        let limit = self.sides.first()?.limits.first()?;
        let state = limit.beyond.state(1.0);
        match state.dependence?.basis {
            Basis::TooFew => {
                let pairs = state.arms.first().map_or(0, |arm| arm.n);
                Some(format!(
                    "a test at any look needs at least 16 times that both arms have, got {pairs}"
                ))
            }
            Basis::TooDependent => {
                Some("its values depend on those before for too much of the time".to_owned())
            }
            Basis::Independence | Basis::Batches => None,
        }
    }

    fn evidence(&self, obstacle: Option<&str>) -> Evidence {
        let crowd = self.crowd();
        let what = match self.kind {
            Kind::Proportion => "proportion",
            Kind::Rate => "rate",
            Kind::Mean | Kind::Series => "mean",
        };
        let mut evidence = Evidence::of(format!("{what} (at any look)"));
        evidence.confidence = Some(confidence(self.alpha));
        let number = self.sides.len() as f64;
        let p_beyond = self
            .sides
            .iter()
            .map(|side| side.p_beyond(crowd))
            .fold(1.0, f64::min);
        let p_beyond = (number * p_beyond).min(1.0);
        let p_within = self
            .sides
            .iter()
            .map(|side| side.p_within(crowd))
            .fold(0.0, f64::max);
        evidence.p_margin = Some(p_beyond);
        evidence.outcome = Some(if p_beyond <= self.alpha {
            Status::Fail
        } else if p_within <= self.alpha {
            Status::Pass
        } else {
            Status::Inconclusive
        });
        let nearest = self
            .sides
            .iter()
            .min_by(|a, b| a.p_beyond(crowd).total_cmp(&b.p_beyond(crowd)));
        // Of two limits, the one that is farther away.
        let limit = nearest.and_then(|side| {
            let farthest = |a: &&Limit, b: &&Limit| {
                let p = |limit: &Limit| limit.p_beyond(crowd) - limit.p_change_within(crowd);
                p(a).total_cmp(&p(b))
            };
            Some((side.is_upper, side.limits.iter().max_by(farthest)?))
        });
        if let Some((is_upper, limit)) = limit {
            let (beyond, within) = (limit.beyond.state(crowd), limit.within.state(crowd));
            let level = |index: usize| beyond.arms.get(index).map(|arm| arm.level);
            evidence.levels = Arms::new(level(0), level(1));
            evidence.change = limit.change(self.alpha, crowd, is_upper, &beyond, &within);
            let other = |side: &&Side| side.is_upper != is_upper;
            let opposite = self.sides.iter().find(other).and_then(|side| {
                let same = |limit_: &&Limit| limit_.measure == limit.measure;
                Some(side.limits.iter().find(same)?.value)
            });
            let (low, high) = if is_upper {
                (opposite, Some(limit.value))
            } else {
                (Some(limit.value), opposite)
            };
            evidence.acceptable = Some(Acceptable {
                low: low.unwrap_or(f64::NEG_INFINITY),
                high: high.unwrap_or(f64::INFINITY),
            });
            let harmless = if is_upper {
                Acceptable::at_most(limit.harmless)
            } else {
                Acceptable::at_least(limit.harmless)
            };
            evidence.harmless = (limit.harmless != limit.value).then_some(harmless);
            let sooner = [beyond.remaining, within.remaining];
            evidence.remaining = sooner.into_iter().flatten().reduce(f64::min);
        }
        let is_relative = (self.sides.iter().flat_map(|side| &side.limits))
            .any(|limit| limit.measure != Measure::Difference);
        if is_relative && evidence.levels.baseline.is_some_and(|level| level < 0.0) {
            return evidence.undecided(NO_RATIO);
        }
        evidence.blocked_unless_failed(obstacle)
    }
}

/// The margins to be watched: the one that was asked for, and its floor.
fn margins(test: &TestCondition) -> Vec<Margin> {
    let is_ratio = test.margin.measure() == Measure::Ratio;
    let floor = test.floor.filter(|_| is_ratio).map(Margin::Difference);
    [Some(test.margin), floor].into_iter().flatten().collect()
}

fn is_any_negative(arms: Arms<&Observations>) -> bool {
    let is_negative = |observations: &Observations| match observations {
        Observations::Series(series) => series.values().iter().any(|&x| x < 0.0),
        Observations::Gauge(gauge) => gauge.value() < 0.0,
        Observations::Sample(sample) => Moments::mean_of(sample.values()) < 0.0,
        Observations::Summary(summary) => summary.mean() < 0.0,
        _ => false,
    };
    is_negative(arms.baseline) || is_negative(arms.canary)
}

/// What both arms showed since the last look, in the form that monitors take.
fn interval(kind: Kind, arms: Arms<&Observations>) -> Result<Option<Interval>> {
    use Observations as O;
    Ok(Some(match (kind, arms.baseline, arms.canary) {
        (Kind::Proportion, O::Counts(b), O::Counts(c)) => Interval::Counts(Arms::new(*b, *c)),
        (Kind::Rate, O::Exposure(b), O::Exposure(c)) => Interval::Exposure(Arms::new(*b, *c)),
        (Kind::Mean, O::Summary(b), O::Summary(c)) => Interval::Summary(Arms::new(*b, *c)),
        (Kind::Mean, O::Sample(b), O::Sample(c)) => {
            let summary = |values: &[f64]| Summary::of(values, NanPolicy::Raise);
            Interval::Summary(Arms::new(summary(b.values())?, summary(c.values())?))
        }
        (Kind::Series, O::Gauge(b), O::Gauge(c)) => {
            Interval::Pairs(vec![Arms::new(b.value(), c.value())])
        }
        (Kind::Series, O::Series(b), O::Series(c)) => {
            let aligned = aligned(Arms::new(b, c))?;
            let pairs = aligned.baseline.iter().zip(&aligned.canary);
            Interval::Pairs(pairs.map(|(&b, &c)| Arms::new(b, c)).collect())
        }
        _ => return Ok(None),
    }))
}
