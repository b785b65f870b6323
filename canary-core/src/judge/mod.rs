//! Floor 3: a policy on a snapshot gives findings and one verdict.
//!
//! | file | what it holds |
//! |---|---|
//! | `policy` | [`Policy`]: metrics and checks, read from YAML or JSON |
//! | `document` | a policy as it stands in a file |
//! | `read` | from text to that, with errors that say where and guess what was meant |
//! | `units` | quantities as people write them: `50%`, `2x`, `500ms`, `5m` |
//! | `check` | [`Check`]: one rule on one metric, or on several together |
//! | `condition` | [`Condition`]: a threshold, a test with a margin, or hardly more anomalies |
//! | `statistic` | [`Statistic`]: the one number a threshold compares |
//! | `evaluate` | [`judge`]: the only function that turns a policy and a snapshot into findings |
//! | `anomaly` | windows that are unlike the rest, by several metrics together |
//! | `finding` | [`Finding`]: a check's outcome with its evidence |
//! | `verdict` | [`Verdict`]: PASS, FAIL or INCONCLUSIVE, and what to do |
//! | `explain` | the plain sentence of a finding |
//! | [`engines`] | what Argo Rollouts, Flagger and Keptn decide, traps included |
//!
//! # Three answers
//! Every check compares something with what is *acceptable*: an interval of the change (tests) or
//! a single number (thresholds). All of it acceptable: PASS. None of it: FAIL. Some of it: the
//! data do not decide yet, INCONCLUSIVE. "p > 0.05" alone decides nothing here.

mod anomaly;
mod check;
mod condition;
mod document;
pub mod engines;
mod evaluate;
pub(crate) mod explain;
mod finding;
mod policy;
mod read;
mod statistic;
mod units;
mod verdict;

pub use check::Check;
pub use condition::{AnomalyCondition, Bound, Condition, TestCondition, TestMethod, Threshold};
pub use evaluate::judge;
pub use finding::{Acceptable, Change, Finding};
pub use policy::Policy;
pub use statistic::Statistic;
pub use units::Quantity;
pub use verdict::{Recommendation, Status, Verdict};
