//! Prometheus' classic histograms: cumulative counts of values up to each bound.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How far counts may fall from one bucket to the next before they are no longer cumulative:
/// sums of rates differ in their last digits (Prometheus' `smallDeltaTolerance`).
const TOLERANCE: f64 = 1e-12;

/// How many observations were at most `upper`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// The bucket's inclusive upper bound, its `le` label; the last one is infinite and written
    /// as `"inf"` in JSON (`"+Inf"` is read too).
    #[serde(with = "crate::number::extended")]
    pub upper: f64,
    /// Observations up to that bound, those of all buckets before included. May be a rate.
    pub count: f64,
}

/// Cumulative buckets in ascending order, ending at +Inf, and the sum of all values if known.
///
/// ```
/// use canary_core::Histogram;
///
/// let bounds = [0.1, 0.5, f64::INFINITY];
/// let latency = Histogram::new(&bounds, &[80.0, 98.0, 100.0], Some(11.25))?;
/// assert_eq!(latency.quantile(0.5), 0.0625); // 50 of the 80 up to 0.1
/// assert_eq!(latency.quantile(0.99), 0.5); // in the last bucket: its lower bound
/// assert_eq!(latency.mean(), Some(0.1125));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Histogram {
    buckets: Vec<Bucket>,
    sum: Option<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    buckets: Vec<Bucket>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sum: Option<f64>,
}

impl Histogram {
    /// A histogram with `counts` cumulative over `bounds`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the lengths differ, bounds are NaN, not ascending or do not
    /// end at +Inf, counts are negative, not finite or not cumulative, or the sum is not finite;
    /// [`Error::NotEnoughData`] with fewer than two buckets.
    pub fn new(bounds: &[f64], counts: &[f64], sum: Option<f64>) -> Result<Self> {
        if bounds.len() != counts.len() {
            let rule = format!("must be as many as the {} counts", counts.len());
            return Err(Error::input("bounds", rule, bounds.len()));
        }
        let pairs = bounds.iter().zip(counts);
        let buckets = pairs.map(|(&upper, &count)| Bucket { upper, count });
        Self::from_buckets(buckets.collect(), sum)
    }

    /// The same from buckets.
    ///
    /// # Errors
    /// As [`Histogram::new`].
    pub fn from_buckets(mut buckets: Vec<Bucket>, sum: Option<f64>) -> Result<Self> {
        if buckets.len() < 2 {
            return Err(Error::not_enough("buckets", "2 buckets", buckets.len()));
        }
        if let Some(bucket) = buckets
            .iter()
            .find(|b| !(b.count >= 0.0 && b.count.is_finite()))
        {
            let value = format!("{} up to {}", bucket.count, bucket.upper);
            return Err(Error::input(
                "counts",
                "must be finite and not negative",
                value,
            ));
        }
        let mut before: Option<Bucket> = None;
        for bucket in &mut buckets {
            if let Some(before) = before {
                if bucket.upper.partial_cmp(&before.upper) != Some(std::cmp::Ordering::Greater) {
                    let value = format!("{} after {}", bucket.upper, before.upper);
                    return Err(Error::input("bounds", "must increase", value));
                }
                if bucket.count < before.count {
                    if before.count - bucket.count > TOLERANCE * before.count {
                        let (count, upper) = (bucket.count, bucket.upper);
                        let value = format!("{count} up to {upper} after {}", before.count);
                        return Err(Error::input("counts", "must be cumulative", value));
                    }
                    bucket.count = before.count;
                }
            } else if bucket.upper.is_nan() {
                return Err(Error::input("bounds", "must increase", bucket.upper));
            }
            before = Some(*bucket);
        }
        if let Some(last) = before
            && last.upper != f64::INFINITY
        {
            return Err(Error::input("bounds", "must end at +Inf", last.upper));
        }
        if let Some(sum) = sum.filter(|sum| !sum.is_finite()) {
            return Err(Error::input("sum", "must be finite", sum));
        }
        Ok(Self { buckets, sum })
    }

    /// The buckets, ascending, the last one infinite.
    #[must_use]
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// How many values there were.
    #[must_use]
    pub fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |bucket| bucket.count)
    }

    /// The sum of all values, if known.
    #[must_use]
    pub const fn sum(&self) -> Option<f64> {
        self.sum
    }

    /// Sum over count, where the sum is known; NaN for no values.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.sum.map(|sum| sum / self.count())
    }

    /// The q-quantile as Prometheus' `histogram_quantile` estimates it: the values of a bucket
    /// are taken to lie evenly between its bounds, those of the first bucket from 0.
    ///
    /// # Edge cases
    /// NaN when there are no observations or q is NaN; -∞ for q < 0 and +∞ for q > 1; the highest
    /// finite bound when the quantile falls into the last bucket; the bound itself when it falls
    /// into a first bucket whose bound is not positive.
    #[must_use]
    pub fn quantile(&self, q: f64) -> f64 {
        if q.is_nan() || self.count() == 0.0 {
            return f64::NAN;
        }
        if q < 0.0 {
            return f64::NEG_INFINITY;
        }
        if q > 1.0 {
            return f64::INFINITY;
        }
        let rank = q * self.count();
        let mut below = Bucket {
            upper: 0.0,
            count: 0.0,
        };
        for (index, &bucket) in self.buckets.iter().enumerate() {
            if bucket.upper == f64::INFINITY {
                return below.upper;
            }
            if bucket.count >= rank {
                if index == 0 && bucket.upper <= 0.0 {
                    return bucket.upper;
                }
                let share = (rank - below.count) / (bucket.count - below.count);
                return below.upper + (bucket.upper - below.upper) * share;
            }
            below = bucket;
        }
        f64::NAN
    }

    /// What was added since an `earlier` scrape of the same histogram. A histogram whose count
    /// fell was restarted from zero, so all of it is new.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the bounds differ.
    pub fn since(&self, earlier: &Self) -> Result<Self> {
        if self.count() < earlier.count() {
            return Ok(self.clone());
        }
        self.combine(earlier, |now, before| now - before)
    }

    /// Both histograms' observations together, e.g. those of two pods.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the bounds differ.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        self.combine(other, |a, b| a + b)
    }

    fn combine(&self, other: &Self, f: impl Fn(f64, f64) -> f64) -> Result<Self> {
        let bounds = |h: &Self| h.buckets.iter().map(|b| b.upper).collect::<Vec<_>>();
        if bounds(self) != bounds(other) {
            let rule = format!("must be those of the other histogram, {:?}", bounds(other));
            return Err(Error::input(
                "bounds",
                rule,
                format_args!("{:?}", bounds(self)),
            ));
        }
        let pairs = self.buckets.iter().zip(&other.buckets);
        let buckets = pairs.map(|(a, b)| Bucket {
            upper: a.upper,
            count: f(a.count, b.count),
        });
        let sum = self.sum.zip(other.sum).map(|(a, b)| f(a, b));
        Self::from_buckets(buckets.collect(), sum)
    }
}

impl TryFrom<Document> for Histogram {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        Self::from_buckets(document.buckets, document.sum)
    }
}

impl From<Histogram> for Document {
    fn from(Histogram { buckets, sum }: Histogram) -> Self {
        Self { buckets, sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(bounds: &[f64], counts: &[f64]) -> Result<Histogram> {
        Histogram::new(bounds, counts, None)
    }

    const INF: f64 = f64::INFINITY;

    #[test]
    fn quantiles_follow_prometheus_in_every_corner() {
        let h = histogram(&[0.1, 0.2, 0.4, INF], &[10.0, 10.0, 30.0, 40.0]).unwrap();
        assert_eq!(h.quantile(0.0), 0.0);
        assert_eq!(h.quantile(0.25), 0.1);
        assert!((h.quantile(0.5) - 0.3).abs() < 1e-15);
        assert_eq!(h.quantile(0.75), 0.4);
        assert_eq!(h.quantile(0.99), 0.4);
        assert_eq!(h.quantile(1.0), 0.4);
        assert_eq!(h.quantile(-0.1), -INF);
        assert_eq!(h.quantile(1.1), INF);
        assert!(h.quantile(f64::NAN).is_nan());
        assert!(
            histogram(&[1.0, INF], &[0.0, 0.0])
                .unwrap()
                .quantile(0.5)
                .is_nan()
        );
    }

    #[test]
    fn a_first_bucket_at_or_below_zero_answers_its_bound() {
        let h = histogram(&[-1.0, 1.0, INF], &[5.0, 10.0, 10.0]).unwrap();
        assert_eq!(h.quantile(0.2), -1.0);
        assert_eq!(h.quantile(0.75), 0.0);
    }

    #[test]
    fn bad_buckets_are_refused_by_name_and_value() {
        for (bounds, counts, message) in [
            (
                &[0.2, 0.1, INF][..],
                &[1.0, 2.0, 3.0][..],
                "bounds: must increase, got 0.1 after 0.2",
            ),
            (
                &[0.1, INF],
                &[5.0, 3.0],
                "counts: must be cumulative, got 3 up to inf after 5",
            ),
            (
                &[0.1, 0.2],
                &[1.0, 2.0],
                "bounds: must end at +Inf, got 0.2",
            ),
            (
                &[0.1, INF],
                &[-1.0, 2.0],
                "counts: must be finite and not negative, got -1 up to 0.1",
            ),
            (
                &[f64::NAN, INF],
                &[1.0, 2.0],
                "bounds: must increase, got NaN",
            ),
            (&[INF], &[1.0], "buckets: needs at least 2 buckets, got 1"),
        ] {
            assert_eq!(histogram(bounds, counts).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn the_last_digits_of_summed_rates_may_fall() {
        let h = histogram(&[0.1, 0.2, INF], &[0.3, 0.3 - 1e-16, 0.3]).unwrap();
        assert_eq!(h.count(), 0.3);
    }

    #[test]
    fn a_restart_makes_everything_new() {
        let before = histogram(&[1.0, INF], &[5.0, 9.0]).unwrap();
        let after = histogram(&[1.0, INF], &[1.0, 2.0]).unwrap();
        assert_eq!(after.since(&before).unwrap(), after);
        assert_eq!(before.since(&after).unwrap().count(), 7.0);
    }
}
