//! Values over time: what a scrape of a gauge or a counter gives.

use serde::{Deserialize, Serialize};

use super::{Arms, Sample};
use crate::error::{Error, Result};
use crate::options::NanPolicy;

/// A value per time, times strictly increasing (their unit is the caller's, usually seconds).
///
/// ```
/// use canary_core::{NanPolicy, Series};
///
/// let memory = Series::new(vec![0.0, 15.0, 30.0], vec![210.0, 214.0, 219.0], NanPolicy::Raise)?;
/// assert_eq!(memory.values().last(), Some(&219.0));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Series {
    times: Vec<f64>,
    sample: Sample,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    times: Vec<f64>,
    values: Vec<f64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    omitted: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Series {
    /// A series of `values` at `times`. A NaN value is a gap: refused or left out together with
    /// its time, by the policy.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the lengths differ, a time is not finite or not after the one
    /// before, a value is infinite, or NaN under [`NanPolicy::Raise`]; [`Error::NotEnoughData`]
    /// when nothing is left.
    pub fn new(times: Vec<f64>, values: Vec<f64>, nan_policy: NanPolicy) -> Result<Self> {
        if times.len() != values.len() {
            let rule = format!("must be as many as the {} values", values.len());
            return Err(Error::input("times", rule, times.len()));
        }
        if let Some((index, time)) = times.iter().enumerate().find(|(_, time)| !time.is_finite()) {
            let value = format!("{time} at index {index}");
            return Err(Error::input("times", "must be finite", value));
        }
        for (index, pair) in times.windows(2).enumerate() {
            if let [before, after] = pair
                && after <= before
            {
                let value = format!("{after} after {before} at index {}", index + 1);
                return Err(Error::input("times", "must increase", value));
            }
        }
        let kept = times
            .into_iter()
            .zip(&values)
            .filter_map(|(time, value)| (!value.is_nan()).then_some(time))
            .collect();
        Ok(Self {
            sample: Sample::new(values, nan_policy)?,
            times: kept,
        })
    }

    /// The times at which there is a value.
    #[must_use]
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The values, in the order of time.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        self.sample.values()
    }

    /// The values as a sample, forgetting the times.
    #[must_use]
    pub const fn sample(&self) -> &Sample {
        &self.sample
    }

    /// How many gaps (NaN) were left out.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.sample.omitted()
    }

    /// By how much a counter grew over the series. A counter that falls was restarted from zero,
    /// so all of its new value is growth, as in Prometheus' `increase()` (without that function's
    /// extrapolation to the ends of the window).
    ///
    /// ```
    /// use canary_core::{NanPolicy, Series};
    ///
    /// let restarted = Series::new(vec![0.0, 1.0, 2.0], vec![10.0, 14.0, 3.0], NanPolicy::Raise)?;
    /// assert_eq!(restarted.counter_increase(), 7.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn counter_increase(&self) -> f64 {
        let growth = |pair: &[f64]| match *pair {
            [before, after] if after >= before => after - before,
            [_, after] => after,
            _ => 0.0,
        };
        self.values().windows(2).map(growth).sum()
    }

    /// Both arms' values at the times they share, for a comparison paired in time.
    ///
    /// ```
    /// use canary_core::{Arms, NanPolicy, Series};
    ///
    /// let series = |times: &[f64]| Series::new(times.to_vec(), times.to_vec(), NanPolicy::Raise);
    /// let arms = Arms::new(series(&[0.0, 1.0, 2.0])?, series(&[1.0, 2.0, 3.0])?);
    /// assert_eq!(Series::align(arms.as_ref()).canary, [1.0, 2.0]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn align(arms: Arms<&Self>) -> Arms<Vec<f64>> {
        Self::aligned(arms).1
    }

    /// The times that both series have, and both arms' values there.
    pub(crate) fn aligned(arms: Arms<&Self>) -> (Vec<f64>, Arms<Vec<f64>>) {
        let mut times = Vec::new();
        let mut aligned = Arms::new(Vec::new(), Vec::new());
        let mut canary = arms.canary.points().peekable();
        for (time, value) in arms.baseline.points() {
            while canary.next_if(|&(other, _)| other < time).is_some() {}
            if let Some((_, other)) = canary.next_if(|&(other, _)| other == time) {
                times.push(time);
                aligned.baseline.push(value);
                aligned.canary.push(other);
            }
        }
        (times, aligned)
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.times
            .iter()
            .copied()
            .zip(self.values().iter().copied())
    }
}

impl TryFrom<Document> for Series {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let mut series = Self::new(document.times, document.values, NanPolicy::Raise)?;
        series.sample = series.sample.with_omitted(document.omitted);
        Ok(series)
    }
}

impl From<Series> for Document {
    fn from(series: Series) -> Self {
        Self {
            omitted: series.omitted(),
            values: series.values().to_vec(),
            times: series.times,
        }
    }
}
