//! Raw values, one a request: latencies, sizes, scores.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::number::sort;
use crate::options::NanPolicy;

/// The finite values among `values`, and how many NaNs were omitted.
///
/// # Errors
/// Infinite values always; NaN under [`NanPolicy::Raise`]; no values at all.
pub(crate) fn finite<'a>(
    argument: &str,
    values: &'a [f64],
    policy: NanPolicy,
) -> Result<(Cow<'a, [f64]>, u64)> {
    // Folding without an early exit inside a chunk lets the compiler check several values at once.
    let all_finite = values
        .chunks(1024)
        .all(|chunk| chunk.iter().fold(true, |all, x| all & x.is_finite()));
    let kept = if all_finite {
        Cow::Borrowed(values)
    } else {
        for (index, &value) in values.iter().enumerate() {
            if value.is_infinite() || (value.is_nan() && policy == NanPolicy::Raise) {
                let rule = "must hold finite values";
                return Err(Error::input(
                    argument,
                    rule,
                    format!("{value} at index {index}"),
                ));
            }
        }
        Cow::Owned(
            values
                .iter()
                .copied()
                .filter(|value| !value.is_nan())
                .collect(),
        )
    };
    if kept.is_empty() {
        return Err(Error::not_enough(argument, "1 value", 0));
    }
    let omitted = (values.len() - kept.len()) as u64;
    Ok((kept, omitted))
}

/// The q-quantile of sorted values by linear interpolation (Hyndman and Fan 1996, type 7; the
/// default of numpy and R). NaN for no values.
pub(crate) fn quantile_of_sorted(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = q.clamp(0.0, 1.0) * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let (Some(&low), Some(&high)) = (sorted.get(below), sorted.get(above)) else {
        return f64::NAN;
    };
    let weight = position - below as f64;
    // Not low + weight * (high - low): the difference of two large values may overflow.
    if low == high {
        low
    } else {
        low * (1.0 - weight) + high * weight
    }
}

/// Values of a metric, one per request, in any order. Sorted once, when first needed.
///
/// ```
/// use canary_core::{NanPolicy, Sample};
///
/// let latency = Sample::new(vec![12.0, f64::NAN, 14.0, 90.0], NanPolicy::Omit)?;
/// assert_eq!(latency.values(), [12.0, 14.0, 90.0]);
/// assert_eq!(latency.omitted(), 1);
/// assert_eq!(latency.quantile(0.5), 14.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Sample {
    values: Vec<f64>,
    omitted: u64,
    sorted: OnceLock<Vec<f64>>,
}

/// A sample is written as its list of values, or, when NaNs were omitted, with their number.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Document {
    Values(Vec<f64>),
    WithOmitted(WithOmitted),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WithOmitted {
    values: Vec<f64>,
    omitted: u64,
}

impl Sample {
    /// A sample of `values`.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for no values; [`Error::InvalidInput`] for infinite ones and,
    /// under [`NanPolicy::Raise`], for NaN, with the index of the first.
    pub fn new(values: Vec<f64>, nan_policy: NanPolicy) -> Result<Self> {
        let (kept, omitted) = match finite("values", &values, nan_policy)? {
            (Cow::Borrowed(_), omitted) => (None, omitted),
            (Cow::Owned(kept), omitted) => (Some(kept), omitted),
        };
        Ok(Self {
            values: kept.unwrap_or(values),
            omitted,
            sorted: OnceLock::new(),
        })
    }

    /// The values, in the order given.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// How many NaNs were left out.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    pub(super) fn with_omitted(self, omitted: u64) -> Self {
        Self { omitted, ..self }
    }

    /// The values in ascending order.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        self.sorted.get_or_init(|| sort::sorted(&self.values))
    }

    /// The q-quantile by linear interpolation between order statistics (Hyndman and Fan 1996,
    /// type 7; numpy's and R's default), q in [0, 1].
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        quantile_of_sorted(self.sorted(), q)
    }
}

impl PartialEq for Sample {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.omitted == other.omitted
    }
}

impl AsRef<[f64]> for Sample {
    fn as_ref(&self) -> &[f64] {
        &self.values
    }
}

impl TryFrom<Document> for Sample {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let (values, omitted) = match document {
            Document::Values(values) => (values, 0),
            Document::WithOmitted(WithOmitted { values, omitted }) => (values, omitted),
        };
        Ok(Self::new(values, NanPolicy::Raise)?.with_omitted(omitted))
    }
}

impl From<Sample> for Document {
    fn from(sample: Sample) -> Self {
        match sample.omitted {
            0 => Self::Values(sample.values),
            omitted => Self::WithOmitted(WithOmitted {
                values: sample.values,
                omitted,
            }),
        }
    }
}
