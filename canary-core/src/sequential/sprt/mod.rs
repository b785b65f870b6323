mod evidence;
mod exact;
mod plan;
mod student;
mod tables;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use self::evidence::{Data, Evidence, Slopes, Tally};
pub use self::plan::{SprtMethod, SprtPlan, SprtPlanner};
use super::dependence::{Batches, Caution, Contrast};
use super::event_split::times_until;
use super::evidence::Question;
use super::state::{
    Assume, Decision, Dependence, Design, Monitor, MonitorName, Peak, State, Update, Version,
    check_positive, check_rate, checked, confidence, same_design,
};
use crate::data::{Arm, Arms, Counts, Exposure, Summary, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::{Alternative, Measure, NanPolicy, builder, choice};
use crate::stats::{Estimate, Interval};

/// What is held against what: the value under the null hypothesis and that under the alternative.
/// If the alternative is the greater one, so is what counts as worse; all values beyond the null
/// belong to it, and all beyond the alternative to that.
///
/// ```
/// use canary_core::sequential::Hypotheses;
///
/// let doubled = Hypotheses::OddsRatio { null: 1.0, alternative: 2.0 };
/// let slower = Hypotheses::MeanDifference {
///     null: 0.0,
///     alternative: 5.0,
///     sd: canary_core::Arms::new(40.0, 40.0),
/// };
/// assert_ne!(doubled, slower);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Hypotheses {
    /// The canary's proportion, both in (0, 1). Takes a `bool`, or [`Counts`].
    Proportion {
        /// Under the null hypothesis.
        null: f64,
        /// Under the alternative.
        alternative: f64,
    },
    /// The canary's events per unit of time, both positive. Takes an [`Exposure`].
    Rate {
        /// Under the null hypothesis.
        null: f64,
        /// Under the alternative.
        alternative: f64,
    },
    /// The canary's mean, of normal values. Takes an `f64`, `&[f64]`, or a [`Summary`].
    Mean {
        /// Under the null hypothesis.
        null: f64,
        /// Under the alternative.
        alternative: f64,
        /// The standard deviation, known beforehand.
        sd: f64,
    },
    /// The canary's mean, of normal values whose standard deviation is not known (Rushton's
    /// sequential t). Takes what `Mean` takes.
    StandardizedMean {
        /// The mean under the null hypothesis.
        mean: f64,
        /// How many standard deviations away it is under the alternative; not 0.
        alternative: f64,
    },
    /// The canary's odds of an event over the baseline's. Takes [`Arms`] of [`Counts`], or an
    /// [`Arm`] with a `bool`.
    OddsRatio {
        /// Under the null hypothesis; 1 for no difference.
        null: f64,
        /// Under the alternative.
        alternative: f64,
    },
    /// The canary's rate of events per unit of traffic over the baseline's. Takes [`Arms`] of
    /// events, which fall to the canary by the design's share, or of [`Exposure`]s.
    RateRatio {
        /// Under the null hypothesis; 1 for no difference.
        null: f64,
        /// Under the alternative.
        alternative: f64,
    },
    /// The canary's mean less the baseline's, of normal values. Takes [`Arms`] of `&[f64]` or of
    /// [`Summary`]s, or an [`Arm`] with an `f64`.
    MeanDifference {
        /// Under the null hypothesis; 0 for no difference.
        null: f64,
        /// Under the alternative.
        alternative: f64,
        /// The arms' standard deviations, known beforehand.
        sd: Arms<f64>,
    },
    /// The canary's mean less the baseline's in units of their common standard deviation, which is
    /// not known; none under the null hypothesis. Takes what `MeanDifference` takes.
    StandardizedDifference {
        /// Under the alternative; not 0.
        alternative: f64,
    },
}

impl Hypotheses {
    /// The null's value and the alternative's.
    const fn values(self) -> (f64, f64) {
        match self {
            Self::Proportion { null, alternative }
            | Self::Rate { null, alternative }
            | Self::Mean {
                null, alternative, ..
            }
            | Self::OddsRatio { null, alternative }
            | Self::RateRatio { null, alternative }
            | Self::MeanDifference {
                null, alternative, ..
            } => (null, alternative),
            Self::StandardizedMean { alternative, .. }
            | Self::StandardizedDifference { alternative } => (0.0, alternative),
        }
    }

    const fn sd(self) -> Arms<f64> {
        match self {
            Self::Mean { sd, .. } => Arms::new(sd, sd),
            Self::MeanDifference { sd, .. } => sd,
            _ => Arms::new(1.0, 1.0),
        }
    }

    /// What it takes.
    const fn data(self) -> &'static str {
        match self {
            Self::Proportion { .. } => "the canary's counts, for a proportion",
            Self::Rate { .. } => "the canary's exposure, for a rate",
            Self::Mean { .. } | Self::StandardizedMean { .. } => "the canary's values, for a mean",
            Self::OddsRatio { .. } => "both arms' counts, for an odds ratio",
            Self::RateRatio { .. } => "both arms' events or exposures, for a ratio of rates",
            Self::MeanDifference { .. } | Self::StandardizedDifference { .. } => {
                "both arms' values, for a difference of means"
            }
        }
    }

    /// Which way the alternative lies.
    fn side(self) -> Alternative {
        let (null, alternative) = self.values();
        if alternative > null {
            Alternative::Greater
        } else {
            Alternative::Less
        }
    }

    const fn range(self) -> (f64, f64) {
        match self {
            Self::Proportion { .. } => (0.0, 1.0),
            Self::Rate { .. } | Self::OddsRatio { .. } | Self::RateRatio { .. } => {
                (0.0, f64::INFINITY)
            }
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        }
    }

    fn check(self) -> Result<()> {
        let (null, alternative) = self.values();
        let named = [("null", null), ("alternative", alternative)];
        let (rule, low, high) = match self {
            Self::Proportion { .. } => ("must lie in (0, 1)", f64::MIN_POSITIVE, 1.0),
            Self::Rate { .. } | Self::OddsRatio { .. } | Self::RateRatio { .. } => {
                ("must lie between 1e-100 and 1e100", 1e-100, 1e100)
            }
            Self::StandardizedMean { .. } | Self::StandardizedDifference { .. } => {
                ("must lie between -100 and 100", -100.0, 100.0)
            }
            _ => ("must lie between -1e100 and 1e100", -1e100, 1e100),
        };
        let is_in = |x: f64| x >= low && x <= high && !(high == 1.0 && x == 1.0);
        if let Some((name, value)) = named.into_iter().find(|&(_, x)| !is_in(x)) {
            return Err(Error::option(name, rule, value));
        }
        if null == alternative {
            return Err(Error::option(
                "alternative",
                "must differ from the null hypothesis",
                null,
            ));
        }
        if let Self::StandardizedMean { mean, .. } = self
            && !mean.is_finite()
        {
            return Err(Error::option("null", "must be finite", mean));
        }
        let sd = self.sd();
        let gap = (alternative - null).abs();
        for sd in [sd.baseline, sd.canary] {
            check_positive("sd", sd)?;
            // The gap's square over the variance must be a number.
            if matches!(self, Self::Mean { .. } | Self::MeanDifference { .. })
                && !(1e-60..=1e60).contains(&(gap / sd))
            {
                let rule = "must be comparable with the difference of the hypotheses";
                return Err(Error::option("sd", rule, sd));
            }
        }
        Ok(())
    }
}

choice! {
    /// Where the test ends.
    #[derive(Default)]
    SprtBounds("bounds") {
        /// At likelihood ratios of 1/alpha and beta, by which neither error is more frequent than
        /// was said (Ville 1939).
        #[default]
        Ville = "ville",
        /// At (1 - beta)/alpha and beta/(1 - alpha), Wald's approximations: a little sooner, and the
        /// sum of both error rates at most alpha + beta.
        Wald = "wald",
    }
}

builder! {
    #[doc = include_str!("sprt.md")]
    ///
    /// # Defaults
    /// An odds ratio of 2 against 1, alpha 0.05, beta 0.2, Ville's bounds, no truncation, the
    /// traffic split evenly, nothing taken for granted.
    ///
    /// # Example: is one request in fifty an error, or one in a hundred?
    /// ```
    /// use canary_core::Counts;
    /// use canary_core::sequential::{Assume, Decision, Hypotheses, Sprt, Update};
    ///
    /// let doubled = Hypotheses::Proportion { null: 0.01, alternative: 0.02 };
    /// let design = Sprt::new().hypotheses(doubled).assume(Assume::Independence);
    /// let mut errors = design.monitor()?;
    /// assert_eq!(errors.update(Counts::new(3, 200)?)?, Decision::Continue);
    /// assert_eq!(errors.update(Counts::new(9, 300)?)?, Decision::AcceptAlternative);
    ///
    /// // How many requests it takes if the truth is the alternative:
    /// let plan = Sprt::new().hypotheses(doubled).plan(0.02)?;
    /// assert!(plan.accept_alternative > 0.8 && plan.expected < 700.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    Sprt {
        /// What is held against what.
        hypotheses: Hypotheses = Hypotheses::OddsRatio { null: 1.0, alternative: 2.0 },
        /// How often the alternative may be accepted although the null hypothesis is true, in (0, 1).
        alpha: f64 = 0.05,
        /// How often the null hypothesis may be accepted although the alternative is true, in (0, 1).
        beta: f64 = 0.2,
        /// Where the test ends.
        bounds: SprtBounds = SprtBounds::Ville,
        /// After so many observations on all arms (for a rate: so much time) there is a decision; none
        /// for never.
        truncation: Option<f64> = None,
        /// The canary's share of the traffic, in (0, 1): for events without exposures, and to plan.
        share: f64 = 0.5,
        /// Whether observations may be taken to be independent.
        assume: Assume = Assume::Nothing,
    }
}

/// Logarithms of the likelihood ratios at which the test ends.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Boundaries {
    upper: f64,
    lower: f64,
}

impl Boundaries {
    fn of(design: &Sprt) -> Self {
        let Sprt { alpha, beta, .. } = *design;
        match design.bounds {
            SprtBounds::Ville => Self {
                upper: -alpha.ln(),
                lower: beta.ln(),
            },
            SprtBounds::Wald => Self {
                upper: (-beta).ln_1p() - alpha.ln(),
                lower: beta.ln() - (-alpha).ln_1p(),
            },
        }
    }

    fn decide(self, log_ratio: f64) -> Decision {
        if log_ratio >= self.upper {
            Decision::AcceptAlternative
        } else if log_ratio <= self.lower {
            Decision::AcceptNull
        } else {
            Decision::Continue
        }
    }
}

impl Design for Sprt {
    fn check(&self) -> Result<()> {
        self.hypotheses.check()?;
        check_rate("alpha", self.alpha)?;
        check_rate("beta", self.beta)?;
        check_rate("share", self.share)?;
        if self.bounds == SprtBounds::Wald && self.alpha + self.beta >= 1.0 {
            let rule = format!("must be less than {}, 1 less alpha", 1.0 - self.alpha);
            return Err(Error::option("beta", rule, self.beta));
        }
        self.truncation
            .map_or(Ok(()), |most| check_positive("truncation", most))
    }
}

impl Sprt {
    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for hypotheses that are the same or out of range, rates outside
    /// (0, 1), Wald's bounds with alpha + beta of 1 or more, and a truncation that is not positive.
    pub fn monitor(self) -> Result<SprtMonitor> {
        self.check()?;
        Ok(SprtMonitor::of(Document {
            version: Version,
            design: self,
            evidence: Evidence::none(self.hypotheses),
            peak: Peak::default(),
            decision: Decision::Continue,
            batches: Batches::default(),
        }))
    }

    /// What to expect of the test if the `truth` is this value: see [`SprtPlanner`], which has more
    /// options.
    ///
    /// # Errors
    /// As [`SprtPlanner::run`].
    pub fn plan(&self, truth: f64) -> Result<SprtPlan> {
        SprtPlanner::new().truth(Some(truth)).run(self)
    }

    fn boundaries(&self) -> Boundaries {
        Boundaries::of(self)
    }

    /// What is decided where the truncation ends the test.
    fn at_truncation(&self, log_ratio: f64) -> Decision {
        match self.bounds {
            SprtBounds::Wald if log_ratio > 0.0 => Decision::AcceptAlternative,
            SprtBounds::Wald | SprtBounds::Ville => Decision::AcceptNull,
        }
    }
}

/// Holds a simple alternative against a simple null hypothesis: see [`Sprt`]. Merges exactly; of
/// the odds ratio and the difference of means, what waits for the other arm on both sides becomes
/// one stratum.
///
/// ```
/// use canary_core::sequential::{Decision, Monitor, Sprt, Update};
/// use canary_core::{Arm, Arms, Counts};
///
/// // Odds of an error doubled, or not? A minute's requests, and one that comes alone.
/// let mut errors = Sprt::new().monitor()?;
/// errors.update(Arms::new(Counts::new(9, 1900)?, Counts::new(1, 100)?))?;
/// assert_eq!(errors.update((Arm::Canary, false))?, Decision::Continue);
/// let state = errors.state();
/// assert_eq!(state.observations, 2001);
/// assert!(state.remaining.is_some());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct SprtMonitor {
    document: Document,
    slopes: Slopes,
    boundaries: Boundaries,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: Sprt,
    evidence: Evidence,
    peak: Peak,
    decision: Decision,
    batches: Batches,
}

impl TryFrom<Document> for SprtMonitor {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        if document.evidence.is_of(document.design.hypotheses) {
            return Ok(Self::of(document));
        }
        Err(Error::input(
            "evidence",
            "must be of the design's hypotheses",
            "another kind",
        ))
    }
}

impl From<SprtMonitor> for Document {
    fn from(monitor: SprtMonitor) -> Self {
        monitor.document
    }
}

impl SprtMonitor {
    /// The same with what follows from the design.
    fn of(document: Document) -> Self {
        Self {
            slopes: Slopes::of(&document.design),
            boundaries: document.design.boundaries(),
            document,
        }
    }

    /// The design it was made by.
    #[must_use]
    pub const fn design(&self) -> Sprt {
        self.document.design
    }

    /// What it holds against what.
    #[must_use]
    pub const fn hypotheses(&self) -> Hypotheses {
        self.document.design.hypotheses
    }

    fn log_ratio(&self, evidence: &Evidence) -> f64 {
        evidence.log_ratio(self.slopes, self.document.design.hypotheses)
    }

    fn take(&mut self, data: Data) -> Result<Decision> {
        let mut evidence = self.document.evidence;
        let contrast = evidence.add(&self.document.design, self.slopes, data)?;
        let log_ratio = self.admit(evidence)?;
        self.push(contrast);
        Ok(self.look(log_ratio))
    }

    /// What came, if it has a likelihood.
    fn admit(&mut self, evidence: Evidence) -> Result<f64> {
        let log_ratio = self.log_ratio(&evidence);
        if log_ratio.is_nan() {
            let rule = "must have a likelihood";
            return Err(Error::input("data", rule, "values too large for one"));
        }
        self.document.evidence = evidence;
        Ok(log_ratio)
    }

    fn push(&mut self, contrast: Option<Contrast>) {
        if let (Assume::Nothing, Some(contrast)) = (self.document.design.assume, contrast) {
            self.document.batches.push(contrast);
        }
    }

    /// Takes a look at the log likelihood ratio of what was seen.
    fn look(&mut self, log_ratio: f64) -> Decision {
        if self.document.peak.is_below(log_ratio) {
            let log_e = self.log_e(log_ratio, 1.0);
            self.document.peak.note(log_e);
        }
        if self.document.decision == Decision::Continue {
            self.document.decision = self.decide(log_ratio);
        }
        self.document.decision
    }

    fn decide(&self, log_ratio: f64) -> Decision {
        let Boundaries { upper, lower } = self.boundaries;
        let Document {
            design, evidence, ..
        } = &self.document;
        match self.boundaries.decide(log_ratio) {
            Decision::AcceptAlternative if self.log_e(log_ratio, 1.0) >= upper => {
                Decision::AcceptAlternative
            }
            Decision::AcceptNull if self.log_e_of_null(log_ratio, 1.0) >= -lower => {
                Decision::AcceptNull
            }
            _ => match design.truncation {
                Some(most) if evidence.size() >= most => {
                    design.at_truncation(self.log_e(log_ratio, 1.0))
                }
                _ => Decision::Continue,
            },
        }
    }

    /// Logarithm of the e-value against the null hypothesis by the likelihood ratio, had all that
    /// was seen been seen that many `times`.
    fn log_e(&self, log_ratio: f64, times: f64) -> f64 {
        let (null, _) = self.hypotheses().values();
        self.dispersed(null, self.hypotheses().side(), log_ratio, times)
    }

    /// The same against the alternative.
    fn log_e_of_null(&self, log_ratio: f64, times: f64) -> f64 {
        let (_, alternative) = self.hypotheses().values();
        let side = self.hypotheses().side().opposite();
        self.dispersed(alternative, side, -log_ratio, times)
    }

    /// Of so many counts over their dispersion; where updates remember each other, the batches must
    /// agree.
    fn dispersed(&self, value: f64, side: Alternative, log_e: f64, times: f64) -> f64 {
        let Document {
            design,
            evidence,
            batches,
            ..
        } = &self.document;
        if design.assume == Assume::Independence {
            return times * log_e;
        }
        let (zero, scale) = evidence.scale(design.hypotheses);
        let effect = (value - zero) * scale;
        let found = batches.log_e_of_counts(effect, side, times, |times| times * log_e);
        found.unwrap_or(0.0)
    }

    /// How much more until a boundary if it goes on like this, or the truncation.
    fn remaining(&self, log_ratio: f64) -> Option<f64> {
        let Document {
            design,
            evidence,
            decision,
            batches,
            ..
        } = &self.document;
        let size = evidence.size();
        let Boundaries { upper, lower } = self.boundaries;
        let more = if design.assume == Assume::Independence || batches.is_refused() {
            let way = if log_ratio > 0.0 { upper } else { lower } - log_ratio;
            size * (way / log_ratio).max(0.0)
        } else {
            let times = if log_ratio > 0.0 {
                times_until(upper, |times| self.log_e(log_ratio, times))
            } else {
                times_until(-lower, |times| self.log_e_of_null(log_ratio, times))
            };
            size * (times.unwrap_or(f64::INFINITY) - 1.0)
        };
        let most = design.truncation.unwrap_or(f64::INFINITY) - size;
        let least = if design.assume == Assume::Nothing && evidence.observations() > 0 {
            batches.wait(evidence.observations())
        } else {
            0.0
        };
        let more = if more.is_nan() {
            most
        } else {
            more.max(least).min(most)
        };
        (*decision == Decision::Continue && more.is_finite()).then_some(more.max(0.0).ceil())
    }

    /// The end of the interval that holds by the batches, in the hypotheses' unit.
    fn end_by_batches(&self) -> f64 {
        let Document {
            design,
            evidence,
            batches,
            ..
        } = &self.document;
        let side = design.hypotheses.side();
        let question = Question {
            alpha: design.alpha,
            alternative: side,
            measure: Measure::Difference,
            null: 0.0,
            tolerance: None,
        };
        let range = (f64::NEG_INFINITY, f64::INFINITY);
        let (zero, scale) = evidence.scale(design.hypotheses);
        zero + question.end(batches, range, side) / scale
    }

    fn estimate(&self) -> Option<Estimate> {
        let Sprt {
            hypotheses, alpha, ..
        } = self.document.design;
        let Document {
            design,
            evidence,
            batches,
            ..
        } = &self.document;
        let caution = match design.assume {
            Assume::Nothing => batches.caution(),
            Assume::Independence => Some(Caution::NONE),
        };
        let bound = -alpha.ln() * caution.map_or(1.0, |caution| caution.dispersion);
        let (value, own) = evidence.estimate(self.slopes, hypotheses, bound);
        let end = match (caution, hypotheses.side()) {
            (None, _) => f64::NAN, // anything
            (Some(caution), _) if !caution.remembers => own,
            (Some(_), Alternative::Less) => own.max(self.end_by_batches()),
            (Some(_), _) => own.min(self.end_by_batches()),
        };
        let (measure, of) = hypotheses.estimated();
        let range = hypotheses.range();
        let (side, end) = match hypotheses.side() {
            Alternative::Greater if end.is_nan() => (Alternative::Greater, range.0),
            side if end.is_nan() => (side, range.1),
            side => (side, end),
        };
        (!value.is_nan()).then(|| Estimate {
            measure,
            of: of.to_owned(),
            value,
            interval: Interval::new((end, end), range, side, confidence(alpha)),
        })
    }
}

impl Monitor for SprtMonitor {
    fn state(&self) -> State {
        let Document {
            design,
            evidence,
            peak,
            decision,
            batches,
            ..
        } = &self.document;
        let log_ratio = self.log_ratio(evidence);
        State {
            monitor: MonitorName::Sprt,
            decision: *decision,
            alpha: design.alpha,
            p_value: peak.p_value(),
            log_e_value: self.log_e(log_ratio, 1.0),
            estimate: self.estimate(),
            arms: evidence.arms(),
            observations: evidence.observations(),
            remaining: self.remaining(log_ratio),
            dependence: Some(Dependence::of(
                design.assume.measured(batches),
                evidence.observations(),
            )),
        }
    }

    fn decision(&self) -> Decision {
        self.document.decision
    }

    fn merge(&mut self, later: &Self) -> Result<()> {
        same_design(&self.document.design, &later.document.design)?;
        let mut evidence = self.document.evidence;
        evidence.merge(&self.document.design, &later.document.evidence)?;
        let log_ratio = self.admit(evidence)?;
        self.document.batches.merge(&later.document.batches);
        self.look(log_ratio);
        Ok(())
    }
}

/// One value's moments.
fn of_value(argument: &str, value: f64) -> Result<Moments> {
    if !value.is_finite() {
        return Err(Error::input(argument, "must be finite", value));
    }
    Ok(Moments::one(value))
}

fn of_values(argument: &str, values: &[f64]) -> Result<Moments> {
    if values.is_empty() {
        return Ok(Moments::default());
    }
    let (values, _): (Cow<'_, [f64]>, _) = finite(argument, values, NanPolicy::Raise)?;
    Ok(Moments::of(&values))
}

fn of_event(is_event: bool) -> Tally {
    Tally {
        events: u64::from(is_event),
        others: u64::from(!is_event),
    }
}

/// One trial of the canary's: whether it had the event.
impl Update<bool> for SprtMonitor {
    #[inline]
    fn update(&mut self, is_event: bool) -> Result<Decision> {
        let counts = Counts::new(u64::from(is_event), 1)?;
        self.take(Data::Counts(counts))
    }
}

/// The canary's trials since the last update.
impl Update<Counts> for SprtMonitor {
    #[inline]
    fn update(&mut self, counts: Counts) -> Result<Decision> {
        self.take(Data::Counts(counts))
    }
}

/// The canary's events since the last update, and how long that was.
impl Update<Exposure> for SprtMonitor {
    #[inline]
    fn update(&mut self, exposure: Exposure) -> Result<Decision> {
        self.take(Data::Exposure(exposure))
    }
}

/// One value of the canary's.
impl Update<f64> for SprtMonitor {
    #[inline]
    fn update(&mut self, value: f64) -> Result<Decision> {
        self.take(Data::Values(of_value("canary", value)?))
    }
}

/// The canary's values since the last update.
impl Update<&[f64]> for SprtMonitor {
    fn update(&mut self, values: &[f64]) -> Result<Decision> {
        self.take(Data::Values(of_values("canary", values)?))
    }
}

/// What is known of the canary's values since the last update.
impl Update<Summary> for SprtMonitor {
    fn update(&mut self, summary: Summary) -> Result<Decision> {
        self.take(Data::Values(summary.moments()))
    }
}

/// One trial of an arm's.
impl Update<(Arm, bool)> for SprtMonitor {
    #[inline]
    fn update(&mut self, (arm, is_event): (Arm, bool)) -> Result<Decision> {
        self.take(Data::ArmCounts(Arms::alone(arm, of_event(is_event))))
    }
}

/// Both arms' trials since the last update.
impl Update<Arms<Counts>> for SprtMonitor {
    #[inline]
    fn update(&mut self, counts: Arms<Counts>) -> Result<Decision> {
        self.take(Data::ArmCounts(counts.map(Tally::from)))
    }
}

/// Both arms' events since the last update, in the share of traffic that the design says.
impl Update<Arms<u64>> for SprtMonitor {
    #[inline]
    fn update(&mut self, events: Arms<u64>) -> Result<Decision> {
        self.take(Data::ArmEvents(events))
    }
}

/// Both arms' events since the last update, and how much traffic (or time) each had.
impl Update<Arms<Exposure>> for SprtMonitor {
    #[inline]
    fn update(&mut self, exposures: Arms<Exposure>) -> Result<Decision> {
        self.take(Data::ArmExposures(exposures))
    }
}

/// One value of an arm's.
impl Update<(Arm, f64)> for SprtMonitor {
    #[inline]
    fn update(&mut self, (arm, value): (Arm, f64)) -> Result<Decision> {
        self.take(Data::ArmValues(Arms::alone(
            arm,
            of_value(arm.as_str(), value)?,
        )))
    }
}

/// Both arms' values since the last update.
impl Update<Arms<&[f64]>> for SprtMonitor {
    fn update(&mut self, values: Arms<&[f64]>) -> Result<Decision> {
        self.take(Data::ArmValues(values.try_map(of_values)?))
    }
}

/// What is known of both arms' values since the last update.
impl Update<Arms<Summary>> for SprtMonitor {
    fn update(&mut self, summaries: Arms<Summary>) -> Result<Decision> {
        self.take(Data::ArmValues(summaries.map(|arm| arm.moments())))
    }
}

/// The same where an arm may have had no values.
impl Update<Arms<Option<Summary>>> for SprtMonitor {
    fn update(&mut self, summaries: Arms<Option<Summary>>) -> Result<Decision> {
        let moments = summaries.map(|arm| arm.map_or_else(Moments::default, |arm| arm.moments()));
        self.take(Data::ArmValues(moments))
    }
}

#[cfg(test)]
mod tests;
