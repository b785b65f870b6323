//! Floor 2b: tests that may be looked at as often as one likes. Know numbers only.
//!
//! | question | design | holds | under |
//! |---|---|---|---|
//! | which arm do the events come from? | [`EventSplit`] | exactly | events come one by one |
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
//! # Design
//! A monitor is plain data: it serialises with a version, and what was written, read and updated
//! is the same to the last bit as what was never written.

mod beta_mixture;
mod event_split;
mod group_sequential;
mod state;

pub use event_split::{EventSplit, EventSplitMonitor};
pub use group_sequential::{
    GroupPlan, GroupSequential, GroupSequentialMonitor, Look, LookBounds, PlannedLook, Spending,
    TakenLook,
};
pub use state::{Basis, Decision, Dependence, Monitor, MonitorName, State, Update};
