//! Floor 1: what was measured.
//!
//! | you have | observations | read by |
//! |---|---|---|
//! | requests and how many of them failed | [`Counts`] | two-proportion z; threshold on `rate` |
//! | events in a span of time (restarts, out-of-memory kills) | [`Exposure`] | threshold on `rate` |
//! | a value per request (latency, size) | [`Sample`] | t, Mann-Whitney; threshold on `p99`, `mean`, ... |
//! | values of hosts or users, several of each | [`Sample::by_units`] | the same, of one mean per unit |
//! | a value per scrape (memory, CPU) | [`Series`] | t, Mann-Whitney; threshold on `last`, `max`, ... |
//! | Prometheus buckets | [`Histogram`] | threshold on `p99`, `mean`, ... |
//! | only n, mean and variance | [`Summary`] | t; threshold on `mean`, ... |
//! | one number | [`Gauge`] | threshold on `value` |
//!
//! Everything is validated when it is built: what exists is usable, and no later floor checks
//! again. A [`Snapshot`] names what both [`Arms`] showed, at one time or [one after the other](Design).

mod arms;
mod by_units;
mod counts;
mod design;
mod exposure;
mod gauge;
mod histogram;
mod metric;
mod sample;
mod series;
mod snapshot;
mod summary;

pub use arms::{Arm, Arms};
pub use counts::Counts;
pub use design::Design;
pub use exposure::Exposure;
pub use gauge::Gauge;
pub use histogram::{Bucket, Histogram};
pub use metric::{Direction, Metric};
pub use sample::Sample;
pub(crate) use sample::{finite, quantile_of_sorted};
pub use series::Series;
pub use snapshot::{Observations, Snapshot};
pub use summary::Summary;
