//! The policy of somebody who has decided nothing.

use std::collections::BTreeMap;

use super::check::Check;
use super::condition::StandardCondition;
use super::policy::Policy;
use crate::data::{Direction, Metric};
use crate::error::Result;
use crate::options::Margin;

/// Beginnings of words in a metric's name that tell which way it gets worse; what goes wrong comes first.
const BETTER_BY_MORE: &[&str] = &[
    "success",
    "throughput",
    "availab",
    "uptime",
    "apdex",
    "hit",
    "conversion",
    "revenue",
    "engagement",
    "retention",
    "satisfaction",
    "nps",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "auc",
    "adoption",
    "healthy",
    "ready",
    "bogo",
    "bandwidth",
    "goodput",
    "mib",
];
const BETTER_BY_LESS: &[&str] = &[
    "err",
    "fail",
    "fault",
    "exception",
    "crash",
    "restart",
    "oom",
    "timeout",
    "time",
    "latenc",
    "duration",
    "delay",
    "response",
    "p50",
    "p90",
    "p95",
    "p99",
    "ms",
    "us",
    "ns",
    "cpu",
    "mem",
    "heap",
    "rss",
    "disk",
    "gc",
    "queue",
    "lag",
    "backlog",
    "saturation",
    "usage",
    "utili",
    "cost",
    "5xx",
    "4xx",
    "retry",
    "retries",
    "drop",
    "miss",
    "slow",
    "leak",
    "ticket",
    "complaint",
    "thread",
    "load",
    "wait",
    "throttl",
    "shed",
    "churn",
    "loss",
    "lost",
    "reject",
    "abort",
    "degrad",
];

/// Which way a metric gets worse, by the words of its name; `either` where none is known: then any change
/// is taken for worse, which errs on the side of asking.
///
/// ```
/// use canary_core::{Direction, judge::direction_of};
///
/// assert_eq!(direction_of("http_error_rate"), Direction::Increase);
/// assert_eq!(direction_of("success-rate"), Direction::Decrease);
/// assert_eq!(direction_of("unavailability"), Direction::Increase);
/// assert_eq!(direction_of("cache_hit_latency"), Direction::Increase);
/// assert_eq!(direction_of("colour"), Direction::Either);
/// ```
#[must_use]
pub fn direction_of(metric: &str) -> Direction {
    let name = metric.to_lowercase().replace(['-', '.', ' ', '/'], "_");
    let has = |words: &[&str]| {
        let mut parts = name.split('_');
        parts.any(|part| words.iter().any(|word| part.starts_with(word)))
    };
    // `unavailability` and `cache_hit_latency` are about what goes wrong.
    let is_negated = name.split('_').any(|part| {
        let rest = part.strip_prefix("un").or_else(|| part.strip_prefix("in"));
        rest.is_some_and(|rest| BETTER_BY_MORE.iter().any(|word| rest.starts_with(word)))
    });
    if is_negated || has(BETTER_BY_LESS) {
        Direction::Increase
    } else if has(BETTER_BY_MORE) || name.contains("per_second") || name.ends_with("_sec") {
        Direction::Decrease
    } else {
        Direction::Either
    }
}

impl Policy {
    /// The policy of somebody who has decided nothing but which metrics there are: the
    /// [standard checks](mod@crate::judge#the-standard-checks) of each, directions
    /// [by their names](direction_of).
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy) for no metric.
    ///
    /// ```
    /// use canary_core::{Arms, Counts, Policy, Sample, NanPolicy, Snapshot, Status, judge};
    ///
    /// let policy = Policy::standard(["error_rate", "latency"])?;
    /// let errors = Arms::new(Counts::new(19, 19_000)?, Counts::new(40, 1_000)?);
    /// let verdict = judge(&policy, &Snapshot::new().with("error_rate", errors)?)?;
    /// assert_eq!(verdict.status, Status::Fail);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn standard<M: Into<String>>(metrics: impl IntoIterator<Item = M>) -> Result<Self> {
        let known = |name: String| {
            let direction = direction_of(&name);
            let metric = Metric {
                direction,
                ..Metric::default()
            };
            (name, (metric, None))
        };
        Self::standard_of(metrics.into_iter().map(Into::into).map(known).collect())
    }

    /// The same with directions, units and margins as they are given.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy) for no metric, and a margin out of range.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::{Direction, Margin, Metric, Policy};
    ///
    /// let sold = Metric { direction: Direction::Decrease, ..Metric::default() };
    /// let metrics = BTreeMap::from([("sold".to_owned(), (sold, Some(Margin::Percent(5.0))))]);
    /// assert_eq!(Policy::standard_of(metrics)?.checks().len(), 1);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn standard_of(metrics: BTreeMap<String, (Metric, Option<Margin>)>) -> Result<Self> {
        let checks = metrics
            .iter()
            .map(|(name, (_, margin))| {
                let standard = StandardCondition {
                    margin: *margin,
                    floor: None,
                };
                Check::new(name, standard)
            })
            .collect();
        let metrics = metrics
            .into_iter()
            .map(|(name, (metric, _))| (name, metric))
            .collect();
        Ok(Self::new(metrics, checks)?.named("standard"))
    }
}
