#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may fail loudly"
    )
)]

pub mod anomaly;
pub mod data;
mod error;
pub mod judge;
mod number;
pub mod options;
pub mod report;
pub mod sequential;
pub mod stats;

pub use data::{
    Arm, Arms, Counts, Design, Direction, Exposure, Gauge, Histogram, Metric, Observations, Sample,
    Series, Snapshot, Summary,
};
pub use error::{Error, Location, Result};
pub use judge::{Finding, Policy, Recommendation, Status, Verdict, judge};
pub use options::{Alternative, Confidence, Margin, Measure, NanPolicy};
pub use stats::{
    Bootstrap, Equivalence, MannWhitney, QuantileTest, TTest, TestResult, TwoProportionZ, TwoRates,
};
