//! The metrics that a playbook's blocks name, which way is worse, and their units.

use std::collections::BTreeMap;

use crate::data::{Direction, Metric};

/// What a phase's thresholds and its split are about.
pub(super) const ERROR_RATE: &str = "error_rate";
pub(super) const LATENCY: &str = "latency";
pub(super) const SUCCESS_RATE: &str = "success_rate";
pub(super) const REQUESTS: &str = "requests";

const METRICS: &[(&str, Direction, Option<&str>)] = &[
    (ERROR_RATE, Direction::Increase, None),
    (LATENCY, Direction::Increase, Some("ms")),
    (SUCCESS_RATE, Direction::Decrease, None),
    (REQUESTS, Direction::Either, None),
    ("response_time", Direction::Increase, Some("ms")),
    ("throughput", Direction::Decrease, Some("req/s")),
    ("cpu_usage", Direction::Increase, None),
    ("memory_usage", Direction::Increase, None),
    ("cost_per_request", Direction::Increase, None),
    ("fairness_metric", Direction::Decrease, None),
    ("critical_error_logged", Direction::Increase, None),
];

/// All of them.
pub(super) fn all() -> BTreeMap<String, Metric> {
    let metric = |&(name, direction, unit): &(&str, Direction, Option<&str>)| {
        let unit = unit.map(str::to_owned);
        (name.to_owned(), Metric { direction, unit })
    };
    METRICS.iter().map(metric).collect()
}

/// Those that are used.
pub(super) fn only<'a>(used: impl IntoIterator<Item = &'a String>) -> BTreeMap<String, Metric> {
    let mut all = all();
    used.into_iter()
        .filter_map(|name| all.remove_entry(name))
        .collect()
}
