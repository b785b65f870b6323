use super::bootstrap::{Change, check_quantile};
use super::input::{Sorted, positive};
use super::result::{Estimate, Interval, Method, TestName, TestResult};
use crate::data::{Arms, quantile_of_sorted};
use crate::error::{Error, Result};
use crate::number::beta::{self, Point};
use crate::number::normal;
use crate::number::root::brent;
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// How a quantile's interval is computed.
    QuantileInterval("interval") {
        /// From each arm's order statistics: says so where a sample is too small.
        OrderStatistics = "order_statistics",
        /// From the bootstrap distribution: narrower, and too narrow in the tails.
        Bootstrap = "bootstrap",
    }
}

builder! {
    #[doc = include_str!("quantile_test.md")]
    ///
    /// # Defaults
    /// The median, two-sided, confidence 0.95, order statistics, difference, NaN refused.
    ///
    /// # Example: the 99th percentile
    /// ```
    /// use canary_core::{Arms, Measure, QuantileTest};
    ///
    /// let baseline: Vec<f64> = (0..4000).map(|i| 100.0 + f64::from(i * 7 % 1000)).collect();
    /// let canary: Vec<f64> = (0..1000).map(|i| 150.0 + 1.5 * f64::from(i * 7 % 1000)).collect();
    /// let p99 = QuantileTest::new().quantile(0.99).measure(Measure::Ratio);
    /// let result = p99.run(&Arms { baseline, canary })?;
    /// let times = result.estimate.unwrap();
    /// assert!(times.interval.low > 1.45 && times.interval.high < 1.55);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    QuantileTest {
        /// Which quantile, in (0, 1).
        quantile: f64 = 0.5,
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of quantiles.
        measure: Measure = Measure::Difference,
        /// How the interval and the p-value are computed.
        interval: QuantileInterval = QuantileInterval::OrderStatistics,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl QuantileTest {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error) for a quantile or confidence outside (0, 1);
    /// [`Error::InvalidInput`](crate::Error) for values that are not finite (by the NaN policy) and
    /// for a ratio of values that are not positive; [`Error::NotEnoughData`](crate::Error) for no
    /// values.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        self.check()?;
        self.test(&Sorted::of(arms, self.nan_policy)?)
    }

    fn check(&self) -> Result<(Confidence, f64)> {
        let confidence = Confidence::try_from(self.confidence)?;
        let null = self.measure.without_odds()?.null_or(self.null)?;
        check_quantile(self.quantile)?;
        Ok((confidence, null))
    }

    /// The estimate of values in ascending order, with its interval by order statistics; without the
    /// p-value, which is found by inverting the interval and so costs ten times as much.
    pub(crate) fn estimate(&self, sorted: Arms<&[f64]>) -> Result<Estimate> {
        let (confidence, _) = self.check()?;
        sorted.try_map(|arm, values| match values {
            [] => Err(Error::not_enough(arm, "1 value", 0)),
            _ => Ok(()),
        })?;
        if self.measure == Measure::Ratio {
            sorted.try_map(positive)?;
        }
        let squared = SquareAndAdd {
            sorted,
            quantile: self.quantile,
            measure: self.measure,
        };
        let tail = confidence.tail(self.alternative);
        let ends = (squared.low(tail), squared.high(tail));
        let levels = sorted.map(|values| quantile_of_sorted(values, self.quantile));
        let value = match self.measure {
            Measure::Difference => levels.canary - levels.baseline,
            _ => levels.canary / levels.baseline,
        };
        Ok(self.estimated(value, ends, confidence))
    }

    fn estimated(&self, value: f64, ends: (f64, f64), confidence: Confidence) -> Estimate {
        let range = match self.measure {
            Measure::Difference => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        };
        Estimate {
            measure: self.measure,
            of: format!("{} of {}-quantiles", self.measure.title(), self.quantile),
            value,
            interval: Interval::new(ends, range, self.alternative, confidence),
        }
    }

    pub(super) fn test(&self, sorted: &Sorted) -> Result<TestResult> {
        let (confidence, null) = self.check()?;
        let levels = sorted.quantiles(self.quantile);
        let values = sorted.as_slices();
        if self.measure == Measure::Ratio {
            values.try_map(positive)?;
        }
        let tail = confidence.tail(self.alternative);
        let (b, c) = (levels.baseline.level, levels.canary.level);
        let value = match self.measure {
            Measure::Difference => c - b,
            _ => c / b,
        };
        let (method, ends, p_value) = match self.interval {
            QuantileInterval::OrderStatistics => {
                let squared = SquareAndAdd {
                    sorted: values,
                    quantile: self.quantile,
                    measure: self.measure,
                };
                let ends = (squared.low(tail), squared.high(tail));
                (
                    Method::OrderStatistics,
                    ends,
                    self.p_by_inversion(&squared, value, null),
                )
            }
            QuantileInterval::Bootstrap => {
                let change = Change::of(values, self.quantile, self.measure);
                let ends = (change.quantile(tail), change.quantile(1.0 - tail));
                let (less, greater) = (change.at_least(null), change.at_most(null));
                let p = match self.alternative {
                    Alternative::TwoSided => (2.0 * less.min(greater)).min(1.0),
                    Alternative::Greater => greater.min(1.0),
                    Alternative::Less => less.min(1.0),
                };
                (Method::Bootstrap, ends, p)
            }
        };
        Ok(TestResult {
            test: TestName::QuantileTest,
            method,
            alternative: self.alternative,
            null: Some(null),
            statistic: signed_z(p_value, self.alternative, value - null),
            df: None,
            p_value,
            estimate: Some(self.estimated(value, ends, confidence)),
            effect_sizes: vec![],
            arms: levels,
        })
    }

    /// The tail at which the interval's end meets the null hypothesis.
    fn p_by_inversion(&self, squared: &SquareAndAdd<'_>, value: f64, null: f64) -> f64 {
        // P(the canary's quantile is not greater), seen from the lower end, and the like from the upper.
        let greater = |towards: f64| {
            if value > null {
                squared.tail_where(|tail| towards * (squared.low(tail) - null))
            } else {
                1.0 - squared.tail_where(|tail| towards * (null - squared.high(tail)))
            }
        };
        match self.alternative {
            _ if value == null && self.alternative == Alternative::TwoSided => 1.0,
            _ if value == null => 0.5,
            Alternative::TwoSided => {
                let above = greater(1.0);
                (2.0 * above.min(1.0 - above)).min(1.0)
            }
            Alternative::Greater => greater(1.0),
            Alternative::Less => {
                if value < null {
                    squared.tail_where(|tail| null - squared.high(tail))
                } else {
                    1.0 - squared.tail_where(|tail| squared.low(tail) - null)
                }
            }
        }
    }
}

/// The z whose p-value this is; of the size of the doubles' reach where p is 0.
fn signed_z(p: f64, alternative: Alternative, change: f64) -> f64 {
    let p = p.max(f64::MIN_POSITIVE);
    match alternative {
        Alternative::TwoSided => normal::quantile(0.5 * p).copysign(change),
        Alternative::Greater => normal::quantile(p),
        Alternative::Less => -normal::quantile(p),
    }
}

/// The interval of a difference from the intervals of both arms (Newcombe 1998; Zou and Donner 2008):
/// the distances from the estimates to the ends are added as squares.
struct SquareAndAdd<'a> {
    sorted: Arms<&'a [f64]>,
    quantile: f64,
    measure: Measure,
}

impl SquareAndAdd<'_> {
    fn scale(&self, x: f64) -> f64 {
        match self.measure {
            Measure::Difference => x,
            _ => x.ln(),
        }
    }

    fn back(&self, x: f64) -> f64 {
        match self.measure {
            Measure::Difference => x,
            _ => x.exp(),
        }
    }

    /// Each arm's quantile, on the scale on which differences are taken.
    fn levels(&self) -> Arms<f64> {
        self.sorted
            .map(|sorted| self.scale(quantile_of_sorted(sorted, self.quantile)))
    }

    /// How far an arm's quantile is from its lower end.
    fn below(&self, sorted: &[f64], level: f64, tail: f64) -> f64 {
        let end = lower_end(sorted, self.quantile, tail);
        let least = match self.measure {
            Measure::Difference => f64::NEG_INFINITY,
            _ => 0.0,
        };
        (level - self.scale(end.max(least))).max(0.0)
    }

    /// How far it is from its upper end.
    fn above(&self, sorted: &[f64], level: f64, tail: f64) -> f64 {
        let end = upper_end(sorted, self.quantile, tail);
        (self.scale(end) - level).max(0.0)
    }

    fn low(&self, tail: f64) -> f64 {
        let level = self.levels();
        let canary = self.below(self.sorted.canary, level.canary, tail);
        let baseline = self.above(self.sorted.baseline, level.baseline, tail);
        self.back(level.canary - level.baseline - canary.hypot(baseline))
    }

    fn high(&self, tail: f64) -> f64 {
        let level = self.levels();
        let canary = self.above(self.sorted.canary, level.canary, tail);
        let baseline = self.below(self.sorted.baseline, level.baseline, tail);
        self.back(level.canary - level.baseline + canary.hypot(baseline))
    }

    /// The tail in (0, ½] at which an increasing function of it crosses zero.
    fn tail_where(&self, excess: impl Fn(f64) -> f64) -> f64 {
        let finite = |x: f64| x.clamp(f64::MIN, f64::MAX);
        // By the normal quantile, in which an interval's end is nearly a straight line.
        let at = |z: f64| -finite(excess(normal::sf(z)));
        const FAR: f64 = 37.0;
        if at(FAR) < 0.0 {
            return normal::sf(FAR);
        }
        if at(0.0) >= 0.0 {
            return 0.5;
        }
        normal::sf(brent(at, 0.0, FAR))
    }
}

/// The order statistic of the fractional rank r with P(Beta(r, n + 1 - r) > q) = tail: a lower end.
pub(super) fn lower_end(sorted: &[f64], q: f64, tail: f64) -> f64 {
    let n = sorted.len() as f64;
    let at = |rank: f64| {
        beta::sf(Point::new(q), rank, n + 1.0 - rank)
            .max(1e-300)
            .ln()
            - tail.ln()
    };
    if at(1.0) > 0.0 {
        return f64::NEG_INFINITY;
    }
    if at(n) < 0.0 {
        return sorted.last().copied().unwrap_or(f64::NAN);
    }
    at_rank(sorted, rank(at, n, q, -normal::quantile(tail)))
}

/// Likewise P(Beta(r, n + 1 - r) < q) = tail: an upper end.
pub(super) fn upper_end(sorted: &[f64], q: f64, tail: f64) -> f64 {
    let n = sorted.len() as f64;
    let at = |rank: f64| {
        tail.ln()
            - beta::cdf(Point::new(q), rank, n + 1.0 - rank)
                .max(1e-300)
                .ln()
    };
    if at(n) < 0.0 {
        return f64::INFINITY;
    }
    if at(1.0) > 0.0 {
        return sorted.first().copied().unwrap_or(f64::NAN);
    }
    at_rank(sorted, rank(at, n, q, normal::quantile(tail)))
}

/// The root of an increasing function of the rank in [1, n], looked for near the normal one first.
fn rank(at: impl Fn(f64) -> f64, n: f64, q: f64, z: f64) -> f64 {
    let spread = (n * q * (1.0 - q)).sqrt();
    let guess = (n * q + 0.5 + z * spread).clamp(1.0, n);
    let mut step = 0.1 * spread + 0.5;
    let (mut low, mut high) = (guess, guess);
    while low > 1.0 && at(low) > 0.0 {
        (low, high, step) = ((low - step).max(1.0), low, 2.0 * step);
    }
    while high < n && at(high) < 0.0 {
        (low, high, step) = (high, (high + step).min(n), 2.0 * step);
    }
    brent(at, low, high)
}

/// The value at a fractional rank from 1 to n.
fn at_rank(sorted: &[f64], rank: f64) -> f64 {
    let below = (rank.floor() as usize).max(1) - 1;
    let weight = rank - rank.floor();
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) if weight > 0.0 => low * (1.0 - weight) + high * weight,
        (Some(low), _) => *low,
        _ => sorted.last().copied().unwrap_or(f64::NAN),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: u32, step: u32, shift: f64) -> Vec<f64> {
        (0..n).map(|i| shift + f64::from(i * step % 997)).collect()
    }

    #[test]
    fn the_interval_s_ends_are_where_p_is_alpha() {
        let arms = Arms::new(values(300, 37, 10.0), values(80, 61, 60.0));
        for measure in [Measure::Difference, Measure::Ratio] {
            for q in [0.3, 0.5, 0.9] {
                let test = QuantileTest::new().quantile(q).measure(measure);
                let interval = test.run(&arms).unwrap().estimate.unwrap().interval;
                for end in [interval.low, interval.high] {
                    let p = test.null(Some(end)).run(&arms).unwrap().p_value;
                    assert!((p - 0.05).abs() < 1e-6, "{measure} {q} {end}: {p}");
                }
            }
        }
    }

    #[test]
    fn a_small_sample_does_not_bound_a_far_quantile() {
        let arms = Arms::new(values(5000, 37, 0.0), values(100, 61, 0.0));
        let result = QuantileTest::new().quantile(0.99).run(&arms).unwrap();
        let interval = result.estimate.unwrap().interval;
        assert!(interval.high == f64::INFINITY && interval.low > f64::NEG_INFINITY);
        // Far above or below, what the ranks allow: that an arm's values all miss its quantile.
        let above = Arms::new(values(5000, 37, 0.0), values(100, 61, 1e6));
        let p = QuantileTest::new()
            .quantile(0.99)
            .run(&above)
            .unwrap()
            .p_value;
        assert!((p / (2.0 * 0.99_f64.powi(5000)) - 1.0).abs() < 0.1, "{p}");
        let below = Arms::new(values(5000, 37, 0.0), values(100, 61, -1e6));
        let p = QuantileTest::new()
            .quantile(0.99)
            .run(&below)
            .unwrap()
            .p_value;
        assert!((p / (2.0 * 0.99_f64.powi(100)) - 1.0).abs() < 0.1, "{p}");
    }

    #[test]
    fn one_sided_p_values_share_out_one() {
        let arms = Arms::new(values(60, 37, 0.0), values(40, 61, 20.0));
        for &interval in QuantileInterval::ALL {
            let p = |side| {
                let test = QuantileTest::new().interval(interval).alternative(side);
                test.run(&arms).unwrap().p_value
            };
            let sum = p(Alternative::Greater) + p(Alternative::Less);
            assert!((1.0 - 1e-6..1.01).contains(&sum), "{interval} {sum}"); // an atom counts twice
        }
    }
}
