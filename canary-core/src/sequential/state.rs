//! What every monitor is and says.

use std::fmt;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use super::dependence::Batches;
use crate::error::{Error, Result};
use crate::number::extended;
use crate::number::show::{Show, ShowP};
pub(super) use crate::number::version::Version;
use crate::options::{Confidence, choice};
use crate::stats::{ArmLevel, Estimate};

choice! {
    /// What a monitor says after a look.
    #[derive(Default)]
    Decision("decision") {
        /// Neither: go on.
        #[default]
        Continue = "continue",
        /// The null hypothesis stands: not worse than what is tolerated.
        AcceptNull = "accept_null",
        /// The alternative holds: worse.
        AcceptAlternative = "accept_alternative",
    }
}

choice! {
    /// Which monitor it is.
    MonitorName("monitor") {
        /// Events of two arms by the arm that they came from.
        EventSplit = "event_split",
        /// Page's cumulative sum.
        Cusum = "cusum",
        /// An e-detector.
        EDetector = "e_detector",
        /// The split of traffic over groups.
        SampleRatioMismatch = "sample_ratio_mismatch",
        /// A mean against a standard.
        MeanSequence = "mean_sequence",
        /// Two arms by the mixture sequential probability ratio test.
        MixtureSprt = "mixture_sprt",
        /// Two proportions, block by block.
        ProportionBlocks = "proportion_blocks",
        /// A proportion against a standard.
        ProportionSequence = "proportion_sequence",
        /// Two series, interval by interval.
        Series = "series",
        /// The quantiles of one arm.
        QuantileSequence = "quantile_sequence",
        /// Quantiles of two arms.
        QuantileComparison = "quantile_comparison",
        /// Whole distributions of two arms.
        DistributionComparison = "distribution_comparison",
        /// A few planned looks.
        GroupSequential = "group_sequential",
        /// Wald's sequential probability ratio test.
        Sprt = "sprt",
    }
}

impl MonitorName {
    /// The monitor as a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::EventSplit => "split of events",
            Self::Cusum => "cumulative sum",
            Self::EDetector => "e-detector",
            Self::SampleRatioMismatch => "sample ratio mismatch",
            Self::MeanSequence => "sequence of means",
            Self::MixtureSprt => "mixture sequential probability ratio test",
            Self::ProportionBlocks => "two proportions by blocks",
            Self::ProportionSequence => "sequence of proportions",
            Self::Series => "comparison of series",
            Self::QuantileSequence => "quantile sequence",
            Self::QuantileComparison => "comparison of quantiles",
            Self::DistributionComparison => "comparison of distributions",
            Self::GroupSequential => "group-sequential test",
            Self::Sprt => "sequential probability ratio test",
        }
    }
}

choice! {
    /// What a monitor of two arms may take for granted.
    #[derive(Default)]
    Assume("assume") {
        /// Nothing: it measures how much what it is fed depends on what came before, and decides by
        /// what holds there; see [`Dependence`].
        #[default]
        Nothing = "nothing",
        /// That single observations do not depend on each other.
        Independence = "independence",
    }
}

choice! {
    /// What a decision stands on.
    Basis("basis") {
        /// The promise that observations are independent.
        Independence = "independence",
        /// The spread of batches of updates.
        Batches = "batches",
        /// Nothing yet: there are too few updates to tell how they depend on each other.
        TooFew = "too_few",
        /// Nothing: updates remember each other for too large a part of what was watched.
        TooDependent = "too_dependent",
    }
}

#[doc = include_str!("dependence.md")]
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Dependence {
    /// What decisions stand on for now.
    pub basis: Basis,
    /// The variance of a long mean over that of as many independent observations; 1 where they are
    /// independent.
    #[serde(with = "extended")]
    pub dispersion: f64,
    /// As many independent observations would say as much: observations over dispersion.
    #[serde(with = "extended")]
    pub effective: f64,
    /// How many updates are one batch.
    pub batch: u64,
    /// How many such batches there are.
    pub batches: u64,
}

/// What is known at a look.
///
/// ```
/// use canary_core::Arms;
/// use canary_core::sequential::{Decision, EventSplit, Monitor, Update};
///
/// let mut errors = EventSplit::new().share(0.5).monitor()?;
/// for minute in [(2, 5), (1, 7), (3, 6), (2, 4)].repeat(5) {
///     errors.update(Arms::new(minute.0, minute.1))?;
/// }
/// errors.update(Arms::new(10, 35))?;
/// let state = errors.state();
/// assert_eq!(state.decision, Decision::AcceptAlternative);
/// assert!(state.p_value < 0.05 && state.e_value() > 20.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Which monitor.
    pub monitor: MonitorName,
    /// What to do. A decision, once made, stands.
    pub decision: Decision,
    /// The false-alarm rate over all looks.
    pub alpha: f64,
    /// The anytime p-value: under the null hypothesis, the probability that it is *ever* u or
    /// less is at most u. The smallest so far.
    pub p_value: f64,
    /// Logarithm of the e-value now.
    #[serde(with = "extended")]
    pub log_e_value: f64,
    /// The size of the change; its interval holds at all looks at once.
    pub estimate: Option<Estimate>,
    /// What the arms have shown: baseline and canary, the canary alone where it is held against a
    /// standard, or every group of a split.
    pub arms: Vec<ArmLevel>,
    /// How many observations there were, on all arms.
    pub observations: u64,
    /// About how many more until a decision, if what was seen so far goes on; none when there
    /// would be none, or it has been made.
    pub remaining: Option<f64>,
    /// How much what came depends on what came before, where that was measured.
    pub dependence: Option<Dependence>,
}

impl State {
    /// The e-value: evidence against the null hypothesis, on average at most 1 if it is true.
    /// Infinite beyond the range of doubles; its logarithm is not.
    #[must_use]
    pub fn e_value(&self) -> f64 {
        self.log_e_value.exp()
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            monitor,
            decision,
            p_value,
            observations,
            ..
        } = self;
        writeln!(f, "{}: {decision}", monitor.title())?;
        write!(f, "anytime {}", ShowP(*p_value))?;
        write!(f, " after {observations} observations")?;
        if let Some(Estimate {
            of,
            value,
            interval,
            ..
        }) = &self.estimate
        {
            let percent = Show(100.0 * interval.confidence.get());
            write!(f, "\n{of} {}", Show(*value))?;
            write!(f, ", at every look within {interval} ({percent}%)")?;
        }
        if let Some(remaining) = self.remaining {
            write!(
                f,
                "\nabout {} more observations until a decision",
                Show(remaining)
            )?;
        }
        if let Some(dependence) = self.dependence {
            write!(f, "\n{dependence}")?;
        }
        Ok(())
    }
}

impl Assume {
    /// What was measured, unless it was promised and counts for nothing.
    pub(super) fn measured<T>(self, measured: T) -> Option<T> {
        match self {
            Self::Nothing => Some(measured),
            Self::Independence => None,
        }
    }
}

impl Dependence {
    /// What was measured of so many observations, or promised.
    pub(super) fn of(measured: Option<&Batches>, observations: u64) -> Self {
        match measured {
            Some(batches) => batches.dependence(observations),
            None => Self::promised(observations),
        }
    }

    /// What was promised and not measured.
    pub(super) fn promised(observations: u64) -> Self {
        Self {
            basis: Basis::Independence,
            dispersion: 1.0,
            effective: observations as f64,
            batch: 1,
            batches: 0,
        }
    }
}

impl fmt::Display for Dependence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.basis {
            Basis::Independence => return write!(f, "decided as if observations were independent"),
            Basis::Batches => write!(f, "decided by batches of {} updates", self.batch)?,
            Basis::TooFew => {
                return write!(f, "too few updates to tell how they depend on each other");
            }
            Basis::TooDependent => {
                return write!(
                    f,
                    "updates depend on each other for longer than was watched"
                );
            }
        }
        write!(f, "; dispersion {}", Show(self.dispersion))
    }
}

/// What every monitor can do besides taking data: see [`Update`].
pub trait Monitor: Clone + PartialEq + Serialize + DeserializeOwned {
    /// What is known now.
    fn state(&self) -> State;

    /// What was decided: of the state, what needs no computing.
    fn decision(&self) -> Decision;

    /// The anytime p-value: of the state, what often needs no computing either.
    fn p_value(&self) -> f64 {
        self.state().p_value
    }

    /// How much what came depends on what came before, where that was measured: of the state, what
    /// needs less computing.
    fn dependence(&self) -> Option<Dependence> {
        self.state().dependence
    }

    /// Goes on with what a `later` monitor of the same design has seen, as if it had been seen
    /// here: by a second half of the stream, or another shard of it. The looks that the later one
    /// took are lost: of its evidence, what there is at its end counts.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the designs differ, or where the mathematics has no such sum:
    /// each monitor says so.
    fn merge(&mut self, later: &Self) -> Result<()>;
}

/// Takes data of one kind; every call is a look.
pub trait Update<Data> {
    /// Adds what has come since the last call.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for data that cannot be; the monitor is then as it was.
    fn update(&mut self, data: Data) -> Result<Decision>;
}

/// Refuses a merge of monitors of different designs.
pub(super) fn same_design<T: PartialEq + fmt::Debug>(own: &T, other: &T) -> Result<()> {
    if own == other {
        return Ok(());
    }
    let rule = format!("must be that of the other monitor, {own:?}");
    Err(Error::input("design", rule, format_args!("{other:?}")))
}

/// An error rate: alpha or beta, in (0, 1).
pub(super) fn check_rate(argument: &str, rate: f64) -> Result<()> {
    if rate > 0.0 && rate < 1.0 {
        return Ok(());
    }
    Err(Error::option(argument, "must lie in (0, 1)", rate))
}

/// A size of any kind.
pub(super) fn check_positive(argument: &str, value: f64) -> Result<()> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::option(
        argument,
        "must be positive and finite",
        value,
    ))
}

/// 1 - alpha; of the smallest, which round to none, what is next to 1.
pub(super) fn confidence(alpha: f64) -> Confidence {
    Confidence::try_from((1.0 - alpha).min(1.0 - 0.5 * f64::EPSILON)).unwrap_or_default()
}

/// Their squares, and what is made of these, are numbers.
pub(super) const LARGEST: f64 = 1e50;

/// A number whose square and the like are numbers, too.
pub(super) fn moderate(argument: &str, value: f64) -> Result<()> {
    if value.abs() <= LARGEST {
        return Ok(());
    }
    let rule = "must be a number between -1e50 and 1e50";
    Err(Error::input(argument, rule, value))
}

/// The logarithm of the largest e-value so far, of 1 before the first. By Ville's inequality it
/// exceeds log(1/alpha) with probability alpha at most, if the null hypothesis is true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(super) struct Peak(f64);

/// As it is written.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Written(#[serde(with = "extended")] f64);

impl TryFrom<Written> for Peak {
    type Error = Error;

    fn try_from(Written(log_e): Written) -> Result<Self> {
        if log_e >= 0.0 {
            return Ok(Self(log_e));
        }
        Err(Error::input("peak", "must be at least 0", log_e))
    }
}

impl From<Peak> for Written {
    fn from(Peak(log_e): Peak) -> Self {
        Self(log_e)
    }
}

impl Peak {
    /// Notes the e-value of a look.
    pub(super) fn note(&mut self, log_e: f64) {
        self.0 = self.0.max(log_e);
    }

    /// Whether such an e-value would be the largest.
    pub(super) fn is_below(self, log_e: f64) -> bool {
        self.0 < log_e
    }

    /// The anytime p-value.
    pub(super) fn p_value(self) -> f64 {
        (-self.0).exp()
    }

    /// The logarithm itself.
    pub(super) const fn log_e(self) -> f64 {
        self.0
    }

    pub(super) fn rejects(self, alpha: f64) -> bool {
        self.0 >= -alpha.ln()
    }
}

/// A design whose options go together, or an error that names the one that does not.
pub(super) trait Design: Sized {
    fn check(&self) -> Result<()>;
}

/// Reads a p-value as `serde(deserialize_with)` of a monitor's field.
pub(super) fn probability<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let p = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&p) {
        return Ok(p);
    }
    Err(D::Error::custom(format!(
        "p_value: must lie in [0, 1], got {p}"
    )))
}

/// Reads a design as `serde(deserialize_with)` of a monitor's field, and checks it.
pub(super) fn checked<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Design + Deserialize<'de>,
{
    let design = T::deserialize(deserializer)?;
    design.check().map_err(D::Error::custom)?;
    Ok(design)
}
