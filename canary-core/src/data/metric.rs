//! What a measurement is called, in which unit it comes, and which way is worse.

use serde::{Deserialize, Serialize};

use crate::options::choice;

choice! {
    /// Which way a metric gets worse.
    #[derive(Default)]
    Direction("direction") {
        /// More is worse: latency, errors, memory. The default.
        #[default]
        Increase = "increase",
        /// Less is worse: throughput, conversions, cache hits.
        Decrease = "decrease",
        /// Any change is worse: a checksum, a share that should stay.
        Either = "either",
    }
}

/// How a metric is to be read. Its name is the key it stands under.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Metric {
    /// Which way is worse.
    #[serde(default)]
    pub direction: Direction,
    /// The unit its values come in, e.g. `ms`, `MB` or `requests/s`. Quantities in a policy are
    /// converted to it, so a limit of `0.5s` on a metric in `ms` is 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
