//! Floor 3: a policy on a snapshot gives findings and one verdict.
//!
//! | file | what it holds |
//! |---|---|
//! | `policy` | [`Policy`]: metrics, checks and how findings become a verdict; YAML, JSON, builders |
//! | `standard` | the policy of somebody who has decided nothing |
//! | `document` | a policy as it stands in a file |
//! | `playbook` | the blocks of published playbooks, read as they stand |
//! | `reach` | limits that nothing can reach, or keep |
//! | `read` | from text to that, with errors that say where and guess what was meant |
//! | `units` | quantities as people write them: `50%`, `2x`, `500ms`, `5m` |
//! | `check` | [`Check`]: one rule on one metric, or on several together |
//! | `condition` | [`Condition`]: what a check demands |
//! | `expression` | [`Expression`]: a condition as people write it, `error-rate > 3%` |
//! | `importance` | [`Severity`], [`Role`], [`NoData`]: how much a check counts |
//! | `statistic` | [`Statistic`]: the one number a threshold compares |
//! | `derive` | metrics that are made of others by a formula |
//! | `evaluate` | [`judge`]: the only function that turns a policy and a snapshot into findings |
//! | `watch` | [`Watch`]: a policy over time, look after look |
//! | `aggregate` | [`Aggregation`]: from findings to one verdict |
//! | `finding` | [`Finding`]: a check's outcome with its evidence |
//! | `verdict` | [`Verdict`]: PASS, FAIL or INCONCLUSIVE, and what to do |
//! | `in_words` | a policy as prose |
//! | `advice` | [`Advice`]: what is unwise about a policy |
//! | `explain` | the plain sentence of a finding |
//! | [`engines`] | what Argo Rollouts, Flagger and Keptn decide, traps included |
//! | `flip` | [`flips`]: the smallest changes that change a verdict |
//!
//! # Three answers
//! Every check compares something with what is *acceptable*: an interval of the change (tests) or
//! a single number (thresholds). All of it acceptable: PASS. None of it: FAIL. Some of it: the
//! data do not decide yet, INCONCLUSIVE. "p > 0.05" alone decides nothing here.
//!
//! # One look, or many
//! A test holds for one look at the data. Who looks again and again hands what came in between to a [`Watch`],
//! or all data so far to tests [at any look](TestCondition#at-any-look).
//!
//! # The standard checks
//! What [`StandardCondition`] and [`Policy::standard`] ask, by what was measured; intervals with 90 %
//! confidence, so that each side has 5 %; failures corrected for their number (Holm).
//!
//! | observations | must be proved to be no worse | must not be proved to be worse | margin |
//! |---|---|---|---|
//! | counts | proportion | | 50 %, or a quarter of a percentage point if that is more |
//! | counts that are better by more | proportion | | a quarter of a percentage point |
//! | exposure | rate | | 50 % |
//! | sample | mean, median | p95, p99, spread (doubled), the whole curve | 20 % |
//! | histogram | median, p95 | p99 | 20 % |
//! | series | mean, paired in time | spread (doubled), growth over the time watched | 20 % |
//! | summary | mean | | 20 % |
//! | gauge | (one number cannot be judged) | | |
//!
//! So a spread that grew, a second hump and spikes in a minority are seen by the tail and the curve, a
//! baseline of zeros by the floor and by differences, errors that are rare by an exact test that must agree, and of too
//! few points it is said how many more are needed.

mod advice;
mod aggregate;
mod check;
mod condition;
mod derive;
mod document;
pub mod engines;
mod evaluate;
pub(crate) mod explain;
mod expression;
mod finding;
mod flip;
mod importance;
mod in_words;
mod playbook;
mod policy;
mod reach;
mod read;
mod standard;
mod statistic;
mod units;
mod verdict;
mod watch;

pub use advice::{Advice, ExpectedTraffic, Topic};
pub use aggregate::{Actions, Aggregation, Multiplicity, Score};
pub use check::Check;
pub use condition::{
    AnomalyCondition, Bound, Condition, DistributionCondition, ExpressionCondition,
    FairnessCondition, Looks, MissingCondition, SampleRatioCondition, StandardCondition,
    TestCondition, TestGoal, TestMethod, Threshold, TrendCondition,
};
pub use evaluate::judge;
pub use expression::{
    Answer, BoundExpression, BoundFormula, Comparator, Comparison, Expression, Formula, NamedValue,
    Part, Reading, Reference, Scope, Side, Truth,
};
pub use finding::{Acceptable, Change, Finding};
pub use flip::{Flip, FlipChange, FlipKind, Setting, flips};
pub use importance::{NoData, Role, Severity};
pub use policy::Policy;
pub use standard::direction_of;
pub use statistic::Statistic;
pub use units::Quantity;
pub use verdict::{Recommendation, Scored, Status, Verdict};
pub use watch::Watch;
