//! Floor 2b: tests that may be looked at as often as one likes. Know numbers only.
//!
//! | question | design | holds | under |
//! |---|---|---|---|
//! | do two series differ, minute by minute? | [`SeriesComparison`] | from 16 batches on | both arms at the same times |
//! | which arm do the events come from? | [`EventSplit`] | exactly | events come one by one |
//! | does the traffic split as configured? | [`SampleRatioMismatch`] | exactly | what is counted is assigned by itself |
//! | has a running service changed? | [`Cusum`] | the average run length | a known level and family |
//! | the same | [`EDetector`] | the average run length | a known mean of bounded values, or rate |
//! | do proportions, means or rates of two arms differ? | [`MixtureSprt`] | nearly, from 50 observations of either arm (and 10 events) on | independent observations |
//! | do proportions of two arms differ, be they what they may in every block? | [`ProportionBlocks`] | exactly | independent trials |
//! | is a proportion that of a standard? | [`ProportionSequence`] | exactly | independent trials |
//! | is a mean that of a standard? | [`MeanSequence`] | exactly for normal and for bounded values, nearly for others | independent observations |
//! | what are the quantiles of one arm? | [`QuantileSequence`] | exactly | independent values, of one distribution |
//! | which quantiles differ? | [`QuantileComparison`] | exactly | independent values, of one distribution an arm |
//! | is the canary slower anywhere? | [`DistributionComparison`] | exactly | independent values; both arms may change alike |
//! | this value or that one? | [`Sprt`] | exactly | one of eight families of distributions |
//! | do the arms differ, at a few planned looks? | [`GroupSequential`] | for large samples | the looks' times are not chosen by what was seen |
//!
//! One shape for all: a design is a small builder, which makes a monitor; the monitor is handed
//! data with [`Update::update`], as often as there are any, and says what is known with
//! [`Monitor::state`]: the [`Decision`], the anytime p-value, the e-value, the interval that holds
//! at every look at once, and about how many more observations until a decision.
//!
//! Every update is a look. An error rate of alpha means: with probability 1 - alpha, *no* look,
//! however many there are, accepts the alternative when the null hypothesis is true (Ville 1939).
//!
//! "Holds" is said of the formula, with `assume = "independence"`. By default a monitor takes nothing for
//! granted: it measures how much what it is fed depends on what came before, decides by what holds there,
//! and refuses while that cannot be told; see [`Dependence`]. Feed it by the minute, not by the stage.
//!
//! # Design
//! A monitor is plain data: it serialises with a version, and what was written, read and updated
//! is the same to the last bit as what was never written.

mod autoregression;
mod beta_mixture;
mod change;
mod combine;
mod dependence;
mod event_split;
mod evidence;
mod group_sequential;
mod mean_sequence;
mod mixture_sprt;
mod normal_mixture;
mod proportion_blocks;
mod proportion_sequence;
mod quantile;
mod sample_ratio_mismatch;
mod series_comparison;
mod sprt;
mod state;

pub(crate) use autoregression::AutoregressiveLevels;
pub use change::{
    ChangeModel, ChangePoint, Cusum, CusumMonitor, EDetector, EDetectorMethod, EDetectorMonitor,
};
pub use combine::{Discoveries, combine_e_values, e_benjamini_hochberg, e_to_p, p_to_e};
pub use event_split::{EventSplit, EventSplitMonitor};
pub use group_sequential::{
    GroupPlan, GroupSequential, GroupSequentialMonitor, Look, LookBounds, PlannedLook, Spending,
    TakenLook,
};
pub use mean_sequence::{MeanSequence, MeanSequenceMonitor};
pub use mixture_sprt::{Level, MixtureSprt, MixtureSprtMonitor};
pub use proportion_blocks::{ProportionBlocks, ProportionBlocksMonitor};
pub use proportion_sequence::{ProportionSequence, ProportionSequenceMonitor};
pub use quantile::{
    DistributionComparison, DistributionComparisonMonitor, QuantileBound, QuantileComparison,
    QuantileComparisonMonitor, QuantileSequence, QuantileSequenceMonitor,
};
pub use sample_ratio_mismatch::{SampleRatioMismatch, SampleRatioMonitor};
pub use series_comparison::{SeriesComparison, SeriesMonitor};
pub use sprt::{Hypotheses, Sprt, SprtBounds, SprtMethod, SprtMonitor, SprtPlan, SprtPlanner};
pub use state::{Assume, Basis, Decision, Dependence, Monitor, MonitorName, State, Update};
