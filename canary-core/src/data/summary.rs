//! What remains of a sample when only its size, mean and spread were kept.

use serde::{Deserialize, Serialize};

use super::sample::finite;
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::options::NanPolicy;

/// Count, mean, M2 = Σ (x - mean)², minimum and maximum of values that are not kept. Two
/// summaries merge into that of all values (Chan, Golub and LeVeque 1983, eq. 2.1).
///
/// ```
/// use canary_core::{NanPolicy, Summary};
///
/// let morning = Summary::of(&[10.0, 12.0], NanPolicy::Raise)?;
/// let evening = Summary::of(&[14.0, 20.0], NanPolicy::Raise)?;
/// let day = morning.merge(evening);
/// assert_eq!((day.count(), day.mean(), day.max()), (4, 14.0, Some(20.0)));
///
/// // From a paper or a dashboard, where only n, mean and standard deviation are known:
/// let published = Summary::from_moments(50, 103.2, 11.5)?;
/// assert_eq!(published.stddev(), 11.5);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Summary {
    moments: Moments,
    range: Option<(f64, f64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    count: u64,
    mean: f64,
    m2: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    range: Option<(f64, f64)>,
}

impl Summary {
    /// The summary of `values`.
    ///
    /// # Errors
    /// As [`Sample::new`](super::Sample::new).
    pub fn of(values: &[f64], nan_policy: NanPolicy) -> Result<Self> {
        let (values, _) = finite("values", values, nan_policy)?;
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Self {
            moments: Moments::of(&values),
            range: Some((low, high)),
        })
    }

    /// The summary of `count` values of which only the mean and the standard deviation
    /// (n - 1 in its denominator) are known.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for a count of 0; [`Error::InvalidInput`] for a mean that is not
    /// finite, a standard deviation that is negative or not finite, or one above 0 of one value.
    pub fn from_moments(count: u64, mean: f64, stddev: f64) -> Result<Self> {
        if !(stddev >= 0.0 && stddev.is_finite()) {
            return Err(Error::input(
                "stddev",
                "must be finite and not negative",
                stddev,
            ));
        }
        let m2 = stddev * stddev * count.saturating_sub(1) as f64;
        if count == 1 && stddev > 0.0 {
            return Err(Error::input(
                "stddev",
                "must be 0 for a single value",
                stddev,
            ));
        }
        Self::checked(Moments { count, mean, m2 }, None)
    }

    fn checked(moments: Moments, range: Option<(f64, f64)>) -> Result<Self> {
        if moments.count == 0 {
            return Err(Error::not_enough("count", "1 value", 0));
        }
        if !moments.mean.is_finite() {
            return Err(Error::input("mean", "must be finite", moments.mean));
        }
        if !(moments.m2 >= 0.0 && moments.m2.is_finite()) {
            return Err(Error::input(
                "m2",
                "must be finite and not negative",
                moments.m2,
            ));
        }
        if let Some((low, high)) = range
            && !(low <= moments.mean && moments.mean <= high)
        {
            let rule = format!("must enclose the mean {}", moments.mean);
            return Err(Error::input("range", rule, format_args!("[{low}, {high}]")));
        }
        Ok(Self { moments, range })
    }

    /// How many values there were.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.moments.count
    }

    /// Their mean.
    #[must_use]
    pub const fn mean(&self) -> f64 {
        self.moments.mean
    }

    /// Their unbiased variance, M2 / (n - 1); 0 for one value.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.moments.variance()
    }

    /// Their standard deviation, the root of the variance.
    #[must_use]
    pub fn stddev(&self) -> f64 {
        self.variance().sqrt()
    }

    /// The smallest value, where it is known.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.range.map(|(low, _)| low)
    }

    /// The largest value, where it is known.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.range.map(|(_, high)| high)
    }

    /// The summary of both sets of values together. The range is known only where both are.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let wider = |(a, b): (f64, f64), (c, d): (f64, f64)| (a.min(c), b.max(d));
        Self {
            moments: self.moments.merge(other.moments),
            range: self.range.zip(other.range).map(|(a, b)| wider(a, b)),
        }
    }

    pub(crate) const fn moments(&self) -> Moments {
        self.moments
    }
}

impl TryFrom<Document> for Summary {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let Document {
            count,
            mean,
            m2,
            range,
        } = document;
        Self::checked(Moments { count, mean, m2 }, range)
    }
}

impl From<Summary> for Document {
    fn from(Summary { moments, range }: Summary) -> Self {
        let Moments { count, mean, m2 } = moments;
        Self {
            count,
            mean,
            m2,
            range,
        }
    }
}
