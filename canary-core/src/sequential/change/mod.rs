//! Change in a service that runs: detectors with a stated rate of false alarms.

mod cusum;
mod e_detector;
mod run_length;

pub use cusum::{ChangeModel, Cusum, CusumMonitor};
pub use e_detector::{EDetector, EDetectorMethod, EDetectorMonitor};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number::extended;

/// When a change came, and when it was found; both in what the detector counts: see its docs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ChangePoint {
    /// After how much the likeliest change came.
    #[serde(with = "extended")]
    pub start: f64,
    /// After how much the alarm was raised; none while there is none.
    pub alarm: Option<f64>,
}

/// An average run length that can be asked for.
fn check_run_length(average_run_length: f64) -> Result<()> {
    if (2.0..=1e12).contains(&average_run_length) {
        return Ok(());
    }
    let rule = "must lie between 2 and 1e12";
    Err(Error::option(
        "average_run_length",
        rule,
        average_run_length,
    ))
}

fn not_merged<T>() -> Result<T> {
    let rule = "cannot be merged: when a change came depends on the order of the data";
    Err(Error::input("later", rule, "another detector"))
}
