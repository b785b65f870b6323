//! A design on its way.

use serde::{Deserialize, Serialize};

use super::adjusted::{Adjusted, Path};
use super::boundary::{Ask, Region, bounds};
use super::plan::{LookBounds, Rules, drift};
use super::score::{Observed, Score};
use super::{GroupSequential, LEAST_STEP};
use crate::data::{Arm, Arms, Counts, Summary};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::number::root::secant;
use crate::number::{extended, normal};
use crate::options::{Alternative, Measure, NanPolicy};
use crate::sequential::dependence::Batches;
use crate::sequential::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, State, Update, Version, checked,
    confidence, probability, same_design,
};
use crate::stats::{ArmLevel, Estimate, Interval};

/// A z of the caller's own, and how much it knows: the inverse of the estimate's variance, of all
/// data so far.
///
/// # Example: a z that comes with fractions of the planned information
/// ```
/// use canary_core::sequential::{Decision, GroupSequential, Look, Update};
///
/// let mut trial = GroupSequential::new().looks(3).monitor()?;
/// assert_eq!(trial.update(Look { information: 0.3, z: 1.9 })?, Decision::Continue);
/// assert_eq!(trial.update(Look { information: 0.7, z: 2.9 })?, Decision::AcceptAlternative);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Positive, and more than at the look before.
    pub information: f64,
    /// The estimate of the difference, canary less baseline, over its standard error.
    pub z: f64,
}

/// A look that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TakenLook {
    /// When, and the bounds there.
    pub bounds: LookBounds,
    /// The estimate of the difference less the null hypothesis', over its standard error.
    pub z: f64,
}

/// A look and the score at it, in the alternative's direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Taken {
    score: Score,
    /// What its square was divided by.
    dispersion: f64,
    /// Bounds of z.
    #[serde(with = "extended")]
    low: f64,
    #[serde(with = "extended")]
    high: f64,
    spent: f64,
}

impl Taken {
    /// The score that was held against the bounds.
    fn dispersed(&self) -> Score {
        self.score.dispersed(self.dispersion)
    }

    /// The bounds of the score.
    fn region(&self) -> Region {
        let root = self.score.variance.sqrt();
        (self.low * root, self.high * root)
    }
}

/// Watches a design with planned looks: see [`GroupSequential`]. Takes in another monitor of the same
/// design only as long as that has not looked: the looks of two cannot be one's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSequentialMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: GroupSequential,
    /// The share of alpha spent by each planned look, where the bounds' shape was planned.
    shape: Vec<f64>,
    drift: f64,
    /// All that came, and what came since the last look or change of the share.
    all: Observed,
    open: Observed,
    /// The strata before that.
    closed: Score,
    looks: Vec<Taken>,
    /// How many planned looks are behind.
    passed: usize,
    /// Whether the next look is the last.
    is_ending: bool,
    #[serde(deserialize_with = "probability")]
    p_value: f64,
    decision: Decision,
    adjusted: Option<Adjusted>,
    /// What is too little for an update.
    waiting: Observed,
    batches: Batches,
}

/// Single observations are an update as soon as there are so many on either arm.
const BLOCK: u64 = 10;
/// Rounding must not put off a look.
const SLACK: f64 = 1.0 - 1e-9;

impl GroupSequentialMonitor {
    pub(super) fn new(design: GroupSequential) -> Result<Self> {
        design.check()?;
        let shape = design.shape();
        let rules = Rules {
            design: &design,
            shape: &shape,
            drift: 0.0,
        };
        // Only futility asks how large the effect is.
        let drift = match design.futility {
            Some(_) => drift(rules, design.single())?,
            None => 0.0,
        };
        Ok(Self {
            version: Version,
            design,
            shape,
            drift,
            all: Observed::Nothing,
            open: Observed::Nothing,
            closed: Score::default(),
            looks: Vec::new(),
            passed: 0,
            is_ending: false,
            p_value: 1.0,
            decision: Decision::Continue,
            adjusted: None,
            waiting: Observed::Nothing,
            batches: Batches::default(),
        })
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            design: &self.design,
            shape: &self.shape,
            drift: self.drift,
        }
    }

    /// The score of all so far, in the alternative's direction.
    fn score(&self) -> Score {
        let open = self.open.score(self.design.null);
        let open = Score {
            sum: self.design.sign() * open.sum,
            ..open
        };
        self.closed + open
    }

    /// Takes a look now, whatever the information: the end of a stage. Nothing after the decision.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] before there are counts or values, and for a z of the caller's own,
    /// where each update is a look.
    pub fn look(&mut self) -> Result<Decision> {
        match self.all {
            Observed::Counts(_) | Observed::Means(_) => {
                self.take(self.score());
                Ok(self.decision)
            }
            Observed::Nothing | Observed::Scores => {
                let rule = "must be counts or values for a look at them";
                Err(Error::input("data", rule, "none"))
            }
        }
    }

    /// The next look is the last, and spends what is left of alpha: with counts or values that wait
    /// for a look it is taken at once, else with the next update. The reason for ending must not be
    /// what was seen. Where too few updates came to tell how they depend on each other, nothing is
    /// decided: the state says so.
    pub fn finish(&mut self) -> Decision {
        self.is_ending = true;
        if matches!(self.open, Observed::Counts(_) | Observed::Means(_)) {
            self.take(self.score());
        }
        self.decision
    }

    /// What comes from now on is another stratum: to be called when the share of the traffic changes
    /// between looks. Each look does it by itself.
    pub fn new_stratum(&mut self) {
        self.closed = self.score();
        self.open = match self.open {
            Observed::Scores => Observed::Scores,
            _ => Observed::Nothing,
        };
    }

    /// The looks that were taken.
    #[must_use]
    pub fn looks(&self) -> Vec<TakenLook> {
        let sign = self.design.sign();
        let taken = self.looks.iter().map(|look| TakenLook {
            bounds: self.shown(
                look.score.size / self.design.information,
                (look.low, look.high),
                look.spent,
            ),
            z: sign * look.dispersed().z(),
        });
        taken.collect()
    }

    /// When the next look is planned and where it will stop, if information grows as planned; none
    /// after the decision.
    #[must_use]
    pub fn next_look(&self) -> Option<LookBounds> {
        if self.decision != Decision::Continue {
            return None;
        }
        let last = self.looks.last().map(|look| look.score);
        let next = self.ahead(last.unwrap_or_default()).into_iter().next()?;
        Some(self.shown(next.fraction, (next.low, next.high), next.spent))
    }

    fn shown(&self, fraction: f64, (low, high): Region, spent: f64) -> LookBounds {
        let sign = self.design.sign();
        LookBounds {
            fraction,
            efficacy: sign * high,
            futility: self.design.futility.map(|_| sign * low),
            alpha_spent: self.design.sides() * spent,
        }
    }

    /// The looks that are planned beyond the last one taken, if the variance goes on growing with the
    /// size as in `score`.
    fn ahead(&self, score: Score) -> Vec<Ahead> {
        let information = self.design.information;
        let per_size = if score.size > 0.0 && score.variance > 0.0 {
            score.variance / score.size
        } else {
            1.0
        };
        let (at, variance) = match self.looks.last() {
            Some(look) => (look.score.size / information, look.score.variance),
            None => (0.0, 0.0),
        };
        let planned = self.design.fractions.iter().skip(self.passed);
        let fractions: Vec<f64> = planned
            .copied()
            .filter(|&fraction| fraction - at >= LEAST_STEP)
            .collect();
        let later = fractions.iter().map(|&fraction| {
            (
                fraction,
                variance + (fraction - at) * information * per_size,
            )
        });
        let mut looks: Vec<_> = self.times().collect();
        let before = looks.len();
        looks.extend(later);
        let regions = self.bounds(self.design.side(), &looks, true, true);
        let found = looks.iter().zip(regions).skip(before);
        found
            .map(|(&(fraction, variance), (low, high))| Ahead {
                fraction,
                variance,
                low: low / variance.sqrt(),
                high: high / variance.sqrt(),
                spent: self.rules().alpha(self.design.side(), fraction),
            })
            .collect()
    }

    /// Fractions and variances of the looks taken.
    fn times(&self) -> impl Iterator<Item = (f64, f64)> {
        self.looks.iter().map(|look| {
            let score = look.score;
            (score.size / self.design.information, score.variance)
        })
    }

    /// The bounds of looks, of which those that were taken keep theirs where asked.
    fn bounds(&self, side: f64, looks: &[(f64, f64)], is_last: bool, keep: bool) -> Vec<Region> {
        let mut asks: Vec<Ask> = self.rules().asks(side, looks, is_last);
        if keep {
            for (ask, taken) in asks.iter_mut().zip(&self.looks) {
                ask.taken = Some(taken.region());
            }
        }
        bounds(&asks, self.rules().sides())
    }

    /// What the squares of scores are divided by; none while there is no answer.
    fn dispersion(&self, score: Score) -> Option<f64> {
        match (self.design.assume, self.all) {
            (Assume::Nothing, Observed::Counts(_) | Observed::Means(_)) => {
                let GroupSequential {
                    null, alternative, ..
                } = self.design;
                self.batches.dispersion_at(score.z(), null, alternative)
            }
            _ => Some(1.0),
        }
    }

    /// The next look, at this score of all so far. Where nothing is known of the dependence of what
    /// came, it is put off.
    fn take(&mut self, score: Score) {
        if self.decision != Decision::Continue {
            return;
        }
        let Some(dispersion) = self.dispersion(score) else {
            return;
        };
        let fraction = score.size / self.design.information;
        let planned = self.design.fractions.iter();
        self.passed = planned
            .filter(|&&planned| fraction >= planned * SLACK)
            .count();
        let is_last = self.is_ending || self.passed == self.design.fractions.len();
        let before = self.looks.last().map_or(0.0, |look| look.score.variance);
        let grown = score.variance - before;
        if grown > 0.0 && grown >= LEAST_STEP * score.variance && score.variance.is_finite() {
            self.test(score, dispersion, fraction, is_last);
            self.new_stratum();
        }
        if is_last && self.decision == Decision::Continue {
            self.decision = Decision::AcceptNull;
        }
        if self.decision != Decision::Continue {
            self.conclude();
        }
    }

    fn test(&mut self, observed: Score, dispersion: f64, fraction: f64, is_last: bool) {
        let score = observed.dispersed(dispersion);
        let side = self.design.side();
        let mut looks: Vec<_> = self.times().collect();
        looks.push((fraction, score.variance));
        let regions = self.bounds(side, &looks, is_last, true);
        let (low, high) = regions.last().copied().unwrap_or_default();
        if score.sum >= high
            || (self.design.alternative == Alternative::TwoSided && score.sum <= low)
        {
            self.decision = Decision::AcceptAlternative;
        } else if score.sum <= low {
            self.decision = Decision::AcceptNull;
        }
        let time = if is_last { 1.0 } else { fraction };
        let root = score.variance.sqrt();
        let taken = Taken {
            score: observed,
            dispersion,
            low: low / root,
            high: high / root,
            spent: self.rules().alpha(side, time),
        };
        self.looks.push(taken);
        if self.decision == Decision::Continue && !is_last {
            self.p_value = self.p_value.min(self.repeated_p(&looks, score));
        }
    }

    /// The smallest alpha at which the last look would have stopped, all looks before it spending
    /// of that alpha.
    fn repeated_p(&self, looks: &[(f64, f64)], score: Score) -> f64 {
        let away = match self.design.alternative {
            Alternative::TwoSided => score.sum.abs(),
            Alternative::Greater | Alternative::Less => score.sum,
        };
        let root = score.variance.sqrt();
        // By the quantile of alpha, in which the bound is nearly a straight line.
        let short = |quantile: f64| {
            let regions = self.bounds(normal::sf(quantile), looks, false, false);
            let bound = regions.last().map_or(0.0, |&(_, high)| high / root);
            bound.clamp(-50.0, 50.0) - away / root
        };
        let least = 0.003; // of alpha, one half on a side
        if short(least) > 0.0 {
            return 1.0;
        }
        let own = normal::quantile(self.design.side());
        let quantile = secant(short, (own, 0.9 * own), (least, 37.0), 1e-11);
        (self.design.sides() * normal::sf(quantile)).min(1.0)
    }

    /// What is said at the end.
    fn conclude(&mut self) {
        let follows = self.design.binding || self.design.alternative == Alternative::TwoSided;
        // By what is known at the end.
        let dispersion = self.looks.last().map_or(1.0, |look| look.dispersion);
        let looks = self.looks.iter().map(|look| {
            let (low, high) = look.region();
            let low = if follows { low } else { f64::NEG_INFINITY };
            (look.score.dispersed(dispersion), (low, high))
        });
        let path = Path {
            looks: looks.collect(),
        };
        if path.looks.is_empty() {
            return;
        }
        let adjusted = path.adjusted(self.design.alternative, self.design.alpha);
        self.p_value = adjusted.p_value;
        self.adjusted = Some(adjusted);
    }

    /// Whether a planned look is reached.
    fn is_due(&self, score: Score) -> bool {
        let next = self.design.fractions.get(self.passed);
        next.is_some_and(|&next| score.size >= next * self.design.information * SLACK)
    }

    fn add(&mut self, data: Observed) -> Result<Decision> {
        if self.design.information <= 1.0 {
            let rule = "must be the number of observations per arm at the last look";
            let value = self.design.information;
            return Err(Error::option("information", rule, value));
        }
        let all = self.all.add(data)?;
        let open = self.open.add(data)?;
        let waiting = self.waiting.add(data)?;
        (self.all, self.open) = (all, open);
        self.gather(data, waiting);
        self.look_if_due();
        Ok(self.decision)
    }

    fn look_if_due(&mut self) {
        if self.decision == Decision::Continue {
            let score = self.score();
            if self.is_due(score) {
                self.take(score);
            }
        }
    }

    fn dependence(&self) -> Dependence {
        let observations = self.observations();
        let measured = match self.all {
            Observed::Scores => None,
            _ => self.design.assume.measured(&self.batches),
        };
        Dependence::of(measured, observations)
    }

    /// Notes what an update, or the single observations of a block, say of their dependence.
    fn gather(&mut self, data: Observed, waiting: Observed) {
        if self.design.assume == Assume::Independence {
            return;
        }
        let least = match waiting {
            Observed::Means(_) => 2,
            _ => 1,
        };
        let is_enough = |observed: Observed, least: u64| {
            observed
                .levels()
                .is_some_and(|arms| arms.baseline.0 >= least && arms.canary.0 >= least)
        };
        if !is_enough(data, least) && !is_enough(waiting, BLOCK) {
            self.waiting = waiting;
            return;
        }
        self.waiting = Observed::Nothing;
        if let Some(contrast) = waiting.contrast() {
            self.batches.push(contrast);
        }
    }

    fn estimate(&self) -> Option<Estimate> {
        let GroupSequential {
            alternative, null, ..
        } = self.design;
        let last = self.looks.last()?;
        let (value, low, high) = match self.adjusted {
            Some(found) => (found.median, found.low, found.high),
            None => {
                let last_score = last.dispersed();
                let (effect, error) = (last_score.effect(), last_score.error());
                let reach = last.high * error;
                let high = match alternative {
                    Alternative::TwoSided => effect + reach,
                    Alternative::Greater | Alternative::Less => f64::INFINITY,
                };
                (effect, effect - reach, high)
            }
        };
        let (value, low, high) = match alternative {
            Alternative::Less => (-value, -high, -low),
            Alternative::TwoSided | Alternative::Greater => (value, low, high),
        };
        let (of, most) = match self.all {
            Observed::Counts(_) => ("difference of proportions", 1.0),
            Observed::Means(_) => ("difference of means", f64::INFINITY),
            Observed::Nothing | Observed::Scores => ("difference", f64::INFINITY),
        };
        let within = |x: f64| (x + null).clamp(-most, most);
        Some(Estimate {
            measure: Measure::Difference,
            of: of.to_owned(),
            value: within(value),
            interval: Interval {
                low: within(low),
                high: within(high),
                confidence: confidence(self.design.alpha),
            },
        })
    }

    fn observations(&self) -> u64 {
        let levels = self.all.levels();
        levels.map_or(0, |arms| arms.baseline.0.saturating_add(arms.canary.0))
    }

    /// By the planned look at which the score will cross a bound, if it goes on as it went.
    fn remaining(&self) -> Option<f64> {
        if self.decision != Decision::Continue {
            return None;
        }
        let (score, per_size) = match self.all {
            Observed::Scores => (self.looks.last()?.score, 1.0),
            _ => {
                let score = self.score();
                (score, self.observations() as f64 / score.size)
            }
        };
        if !(score.size > 0.0 && per_size.is_finite()) {
            return None;
        }
        let ahead = self.ahead(score);
        let dispersion = self.dispersion(score).unwrap_or(1.0);
        let information = self.design.information;
        let stops = ahead.iter().find(|look| {
            let sum = score.effect() * look.fraction * information / dispersion.sqrt();
            let z = sum / look.variance.sqrt();
            z >= look.high || z <= look.low
        });
        let look = stops.or(ahead.last())?;
        Some((look.fraction * information - score.size).max(0.0) * per_size)
    }
}

/// A look that is planned.
struct Ahead {
    fraction: f64,
    variance: f64,
    /// Bounds of z.
    low: f64,
    high: f64,
    spent: f64,
}

/// All data so far as a z of the caller's own: always a look.
impl Update<Look> for GroupSequentialMonitor {
    fn update(&mut self, Look { information, z }: Look) -> Result<Decision> {
        if !z.is_finite() {
            return Err(Error::input("z", "must be finite", z));
        }
        let before = self.closed.size;
        // The score is z √information, and all of it must be a number.
        let is_more = information > before && (1e-150..=1e150).contains(&information);
        if !is_more || z.abs() > 1e100 {
            let rule = format!("must be more than {before}, and z and it of moderate size");
            return Err(Error::input("information", rule, information));
        }
        self.all = self.all.add(Observed::Scores)?;
        self.open = Observed::Scores;
        let score = Score {
            sum: self.design.sign() * z * information.sqrt(),
            variance: information,
            spread: information,
            size: information,
        };
        self.take(score);
        self.closed = score;
        Ok(self.decision)
    }
}

/// Events and trials of both arms since the last update.
impl Update<Arms<Counts>> for GroupSequentialMonitor {
    fn update(&mut self, counts: Arms<Counts>) -> Result<Decision> {
        self.add(Observed::Counts(counts))
    }
}

/// Whether one trial had the event.
impl Update<(Arm, bool)> for GroupSequentialMonitor {
    fn update(&mut self, (arm, event): (Arm, bool)) -> Result<Decision> {
        let trial = Arms::alone(arm, (u64::from(event), 1));
        self.update(trial.try_map(|_, (events, trials)| Counts::new(events, trials))?)
    }
}

/// The values of both arms since the last update.
impl Update<Arms<&[f64]>> for GroupSequentialMonitor {
    fn update(&mut self, values: Arms<&[f64]>) -> Result<Decision> {
        let moments = values.try_map(|arm, values| {
            if values.is_empty() {
                return Ok(Moments::default());
            }
            let summary = Summary::of(values, NanPolicy::Raise);
            let moments = summary.map_err(|error| error.in_argument(arm))?.moments();
            if moments.m2.is_finite() {
                return Ok(moments);
            }
            let rule = "must have a spread that is a finite number";
            Err(Error::input(arm, rule, moments.m2))
        })?;
        self.add(Observed::Means(moments))
    }
}

/// Summaries of the values of both arms since the last update.
impl Update<Arms<Summary>> for GroupSequentialMonitor {
    fn update(&mut self, summaries: Arms<Summary>) -> Result<Decision> {
        self.add(Observed::Means(summaries.map(|summary| summary.moments())))
    }
}

/// One value.
impl Update<(Arm, f64)> for GroupSequentialMonitor {
    fn update(&mut self, (arm, value): (Arm, f64)) -> Result<Decision> {
        if !value.is_finite() {
            return Err(Error::input(arm.as_str(), "must be finite", value));
        }
        self.add(Observed::Means(Arms::alone(arm, Moments::one(value))))
    }
}

impl Monitor for GroupSequentialMonitor {
    fn state(&self) -> State {
        let levels = self.all.levels();
        let levels = levels.map_or_else(Vec::new, |arms| vec![arms.baseline, arms.canary]);
        State {
            monitor: MonitorName::GroupSequential,
            decision: self.decision,
            alpha: self.design.alpha,
            p_value: self.p_value,
            log_e_value: -std::f64::consts::LN_2 - 0.5 * self.p_value.ln(),
            estimate: self.estimate(),
            arms: levels
                .into_iter()
                .map(|(n, level)| ArmLevel::new(n, level))
                .collect(),
            observations: self.observations(),
            remaining: self.remaining(),
            dependence: Some(self.dependence()),
        }
    }

    fn decision(&self) -> Decision {
        self.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.design, &later.design)?;
        let is_plain = later.looks.is_empty()
            && later.passed == 0
            && later.closed == Score::default()
            && !later.is_ending;
        if !is_plain {
            let rule = "must not have looked yet: the looks of two monitors are not one's";
            return Err(Error::input(
                "later",
                rule,
                format_args!("{} looks", later.looks.len()),
            ));
        }
        if later.all != Observed::Nothing {
            let (all, open) = (self.all.add(later.all)?, self.open.add(later.all)?);
            let waiting = self.waiting.add(later.waiting)?;
            (self.all, self.open, self.waiting) = (all, open, waiting);
            self.batches.merge(&later.batches);
            self.look_if_due();
        }
        Ok(())
    }
}
