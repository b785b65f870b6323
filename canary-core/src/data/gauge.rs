//! One value, measured once.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A single finite value, such as an error rate that a dashboard shows. It carries no sample
/// size, so it can be held against a threshold but not tested.
///
/// ```
/// use canary_core::Gauge;
///
/// assert_eq!(Gauge::new(0.7)?.value(), 0.7);
/// assert!(Gauge::new(f64::NAN).is_err());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Gauge(f64);

impl Gauge {
    /// A gauge that reads `value`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the value is NaN or infinite.
    pub fn new(value: f64) -> Result<Self> {
        if value.is_finite() {
            Ok(Self(value))
        } else {
            Err(Error::input("value", "must be finite", value))
        }
    }

    /// What it reads.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Gauge {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Gauge> for f64 {
    fn from(gauge: Gauge) -> Self {
        gauge.0
    }
}
