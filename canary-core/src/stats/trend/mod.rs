mod kendall;
mod slopes;

use std::fmt;

use serde::{Deserialize, Serialize};

use self::kendall::{Kendall, falling_pairs};
use self::slopes::Slopes;
use super::bootstrap::Pairing;
use super::result::{ArmLevel, Estimate, Interval, Method, TestName, TestResult};
use super::t_test::{power_of_two, zero_if_equal};
use crate::data::{Arms, Series};
use crate::error::{Error, Result};
use crate::number::show::{Given, Show, ShowP};
use crate::number::{normal, sort};
use crate::options::{Alternative, Confidence, Measure, builder, choice};

choice! {
    /// What is made of a series' memory when its trend is tested.
    Autocorrelation("correction") {
        /// Nothing: the values are taken to be independent.
        None = "none",
        /// Hamed and Rao's (1998) variance.
        HamedRao = "hamed_rao",
    }
}

choice! {
    /// Whether a trend's slope is computed.
    SlopeInterval("interval") {
        /// Theil and Sen's slope with Sen's interval.
        Sen = "sen",
        /// No: the test alone takes n log n steps.
        None = "none",
    }
}

builder! {
    #[doc = include_str!("../trend.md")]
    ///
    /// # Defaults
    /// Two-sided, confidence 0.95, no correction, null slope 0, arms paired in time.
    ///
    /// # Example: memory that leaks 2 MB a minute
    /// ```
    /// use canary_core::{NanPolicy, Series, stats::Trend};
    ///
    /// let minutes: Vec<f64> = (0..30).map(f64::from).collect();
    /// let memory = minutes.iter().map(|t| 512.0 + 2.0 * t + (t * 7.3).sin() * 5.0).collect();
    /// let leak = Trend::new().run(&Series::new(minutes, memory, NanPolicy::Raise)?)?;
    /// assert!(leak.p_value < 1e-9);
    /// let interval = leak.slope.unwrap().interval;
    /// assert!(interval.low > 1.8 && interval.high < 2.2);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    Trend {
        /// What is held against the null hypothesis: greater is a rise.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// What is made of a series' memory.
        correction: Autocorrelation = Autocorrelation::None,
        /// Whether the slope and its interval are computed. A comparison always does.
        interval: SlopeInterval = SlopeInterval::Sen,
        /// How many lags the correction looks at; without it, 10 log10 n.
        lags: Option<u64> = None,
        /// Whether a comparison is of the differences at the times that both arms have, or of two
        /// slopes.
        pairing: Pairing = Pairing::Paired,
        /// The slope, or difference of slopes, under the null hypothesis.
        null: f64 = 0.0,
    }
}

/// The trend of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrendResult {
    /// How p was computed.
    pub method: Method,
    /// What was held against the null hypothesis.
    pub alternative: Alternative,
    /// The slope under the null hypothesis.
    pub null: f64,
    /// S: the pairs that rise, less those that fall.
    pub statistic: f64,
    /// (S - sign S) / √Var S.
    pub z: f64,
    /// Kendall's tau-b against time.
    pub tau: f64,
    /// The probability of an S at least as extreme if there is no trend.
    pub p_value: f64,
    /// Theil and Sen's slope, in the values' unit per unit of time, unless it was not asked for.
    pub slope: Option<Estimate>,
    /// Where the line of that slope through the medians meets time 0, if that is a finite number.
    pub intercept: Option<f64>,
    /// How many values there are.
    pub n: u64,
    /// How many gaps there were.
    pub omitted: u64,
}

impl fmt::Display for TrendResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Mann-Kendall test of trend ({}, {}): S = {}, tau = {}, {}",
            self.method,
            self.alternative,
            Show(self.statistic),
            Show(self.tau),
            ShowP(self.p_value)
        )?;
        if let Some(slope) = &self.slope {
            let percent = Given(100.0 * slope.interval.confidence.get());
            let value = Show(slope.value);
            writeln!(
                f,
                "  {}: {value}, {percent}% interval {}",
                slope.of, slope.interval
            )?;
        }
        write!(f, "  n = {}", self.n)?;
        match self.omitted {
            0 => Ok(()),
            omitted => write!(f, ", {omitted} NaN left out"),
        }
    }
}

/// Up to so many values without ties the distribution of S is computed.
const EXACT: u64 = 50;

impl Trend {
    /// Tests one series.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than 2 values, fewer than 10 with the correction;
    /// [`Error::InvalidOption`] for a confidence outside (0, 1), a null slope that is not finite,
    /// or more lags than there are values between.
    pub fn run(&self, series: &Series) -> Result<TrendResult> {
        let found = self.found("series", series.times(), series.values())?;
        let confidence = Confidence::try_from(self.confidence)?;
        let line = found.line.filter(|_| self.interval == SlopeInterval::Sen);
        Ok(TrendResult {
            method: found.method,
            alternative: self.alternative,
            null: self.null,
            statistic: found.kendall.s as f64,
            z: found.z,
            tau: found.kendall.tau_b(),
            p_value: found.p_value,
            slope: line.map(|line| Estimate {
                measure: Measure::Difference,
                of: "Theil-Sen slope".to_owned(),
                value: line.slope,
                interval: Interval::new(line.ends, EVERYTHING, self.alternative, confidence),
            }),
            intercept: line.map(|line| line.intercept).filter(|at| at.is_finite()),
            n: series.values().len() as u64,
            omitted: series.omitted(),
        })
    }

    /// Tests whether the canary's slope is the baseline's.
    ///
    /// # Errors
    /// As [`Trend::run`], of the times that both arms have or of each arm; and
    /// [`Error::InvalidInput`] for a slope, or a difference of slopes, that is no finite number.
    ///
    /// ```
    /// use canary_core::{Arms, NanPolicy, Series, stats::Trend};
    ///
    /// // Both arms grow with the day's traffic; the canary grows faster.
    /// let minutes: Vec<f64> = (0..30).map(f64::from).collect();
    /// let memory = |leak: f64| minutes.iter().map(|t| 500.0 + t * t / 9.0 + leak * t).collect();
    /// let series = |leak| Series::new(minutes.clone(), memory(leak), NanPolicy::Raise);
    /// let arms = Arms::new(series(0.0)?, series(0.5)?);
    /// let leak = Trend::new().compare(&arms)?;
    /// assert!((leak.estimate.unwrap().value - 0.5).abs() < 1e-9);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn compare(&self, arms: &Arms<Series>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        self.check_null()?;
        let test = self.interval(SlopeInterval::Sen);
        // A standard error is told from an interval that has some width.
        let level = confidence.get().max(LEAST_CONFIDENCE);
        let (method, statistic, p_value, value, ends, slopes) = match self.pairing {
            Pairing::Paired => {
                let (times, values) = Series::aligned(arms.as_ref());
                let unit = power_of_two(values.as_ref().map(Vec::as_slice));
                let points = values.baseline.iter().zip(&values.canary);
                let differences: Vec<f64> = points.map(|(b, c)| c / unit - b / unit).collect();
                let test = test.null(self.null / unit);
                let found = test.found("canary", &times, &differences)?;
                let Line { slope, ends, .. } = found.line.unwrap_or_default();
                let ends = (ends.0 * unit, ends.1 * unit);
                let slopes = arms.as_ref().try_map(|arm, series| {
                    let points = Points::of(arm, series.times(), series.values())?;
                    Ok(points.back(points.slopes().median()))
                })?;
                (
                    found.method,
                    found.z,
                    found.p_value,
                    slope * unit,
                    ends,
                    slopes,
                )
            }
            Pairing::Independent => {
                let test = test
                    .null(0.0)
                    .alternative(Alternative::TwoSided)
                    .confidence(level);
                let lines = arms.as_ref().try_map(|arm, series| {
                    let found = test.found(arm, series.times(), series.values())?;
                    let line = found.line.unwrap_or_default();
                    if line.slope.is_finite() {
                        return Ok(line);
                    }
                    let rule = "must have a slope that is a finite number";
                    Err(Error::input(arm, rule, line.slope))
                })?;
                let two_sided = normal::quantile(0.5 * (1.0 - level));
                let error = |line: Line| (line.ends.1 - line.ends.0) / (2.0 * two_sided);
                let (b, c) = (lines.baseline, lines.canary);
                let (value, error) = (c.slope - b.slope, error(b).hypot(error(c)));
                if !value.is_finite() {
                    let rule = format!(
                        "must have a slope whose distance from {} is finite",
                        b.slope
                    );
                    return Err(Error::input("canary", rule, c.slope));
                }
                let z = zero_if_equal(value - self.null, error);
                let reach = if error.is_finite() {
                    normal::quantile(confidence.tail(self.alternative)) * error
                } else {
                    f64::INFINITY
                };
                (
                    Method::Asymptotic,
                    z,
                    normal::p_value(z, self.alternative),
                    value,
                    (value - reach, value + reach),
                    Arms::new(b.slope, c.slope),
                )
            }
        };
        Ok(TestResult {
            test: TestName::Trend,
            method,
            alternative: self.alternative,
            null: Some(self.null),
            statistic,
            df: None,
            p_value,
            estimate: Some(Estimate {
                measure: Measure::Difference,
                of: "difference of Theil-Sen slopes".to_owned(),
                value,
                interval: Interval::new(ends, EVERYTHING, self.alternative, confidence),
            }),
            effect_sizes: vec![],
            arms: arms.as_ref().zip(slopes).map(|(series, level)| ArmLevel {
                n: series.values().len() as u64,
                omitted: series.omitted(),
                level,
            }),
        })
    }

    fn check_null(&self) -> Result<()> {
        if self.null.is_finite() {
            return Ok(());
        }
        Err(Error::option("null", "must be finite", self.null))
    }

    fn found(&self, name: &str, times: &[f64], values: &[f64]) -> Result<Found> {
        let confidence = Confidence::try_from(self.confidence)?;
        self.check_null()?;
        let least = match self.correction {
            Autocorrelation::None => 2,
            Autocorrelation::HamedRao => 10,
        };
        if values.len() < least {
            let needed = format!("{least} values");
            return Err(Error::not_enough(name, needed, values.len()));
        }
        let points = Points::of(name, times, values)?;
        let Points {
            times,
            values,
            units,
        } = &points;
        let less = |slope: f64| -> Vec<f64> {
            let points = times.iter().zip(values);
            points.map(|(t, x)| x - slope * t).collect()
        };
        let kendall = if self.null == 0.0 {
            Kendall::of(values)
        } else {
            Kendall::of(&less(self.null / units.1 * units.0))
        };
        let is_corrected = self.correction == Autocorrelation::HamedRao;
        let mut slopes =
            (is_corrected || self.interval == SlopeInterval::Sen).then(|| points.slopes());
        let slope = slopes.as_mut().map_or(0.0, Slopes::median);
        let factor = match self.correction {
            Autocorrelation::None => 1.0,
            Autocorrelation::HamedRao => variance_factor(&less(slope), self.lags)?,
        };
        let spread = (kendall.variance * factor).sqrt();
        let s = kendall.s as f64;
        let tail = confidence.tail(self.alternative);
        let is_exact =
            kendall.ties == 0 && kendall.n <= EXACT && self.correction == Autocorrelation::None;
        let distribution = falling_pairs(kendall.n);
        let (method, p_value, k) = if is_exact {
            let falling = ((i128::from(kendall.pairs()) - kendall.s) / 2) as u64;
            let (rise, fall) = distribution.tails(falling);
            let p = match self.alternative {
                Alternative::TwoSided => (2.0 * rise.min(fall)).min(1.0),
                Alternative::Greater => rise,
                Alternative::Less => fall,
            };
            (Method::Exact, p, distribution.order_statistic(tail))
        } else {
            // One-sided, the correction goes against the alternative; S moves in steps of 2.
            let p = match self.alternative {
                Alternative::TwoSided => normal::p_value(corrected(s, spread), self.alternative),
                Alternative::Greater => normal::sf(zero_if_equal(s - 1.0, spread)),
                Alternative::Less => normal::sf(-zero_if_equal(s + 1.0, spread)),
            };
            let half = 0.5 * kendall.pairs() as f64;
            let k = (half - 0.5 - normal::quantile(tail) * 0.5 * spread).floor() + 1.0;
            (Method::Asymptotic, p, k.clamp(0.0, half) as u64)
        };
        let pairs = kendall.pairs();
        let line = slopes.map(|mut slopes| {
            let ends = match k {
                0 => EVERYTHING,
                k => (slopes.kth(k), slopes.kth(pairs + 1 - k)),
            };
            Line {
                slope: points.back(slope),
                ends: (points.back(ends.0), points.back(ends.1)),
                intercept: (sort::median(values) - slope * sort::median(times)) * units.1,
            }
        });
        Ok(Found {
            method,
            z: corrected(s, spread),
            p_value,
            kendall,
            line,
        })
    }
}

/// Of the interval from which a slope's standard error is told.
const LEAST_CONFIDENCE: f64 = 0.5;

const EVERYTHING: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

/// A series in units near its largest time and value, so that no difference overflows.
struct Points {
    times: Vec<f64>,
    values: Vec<f64>,
    units: (f64, f64),
}

impl Points {
    fn of(name: &str, times: &[f64], values: &[f64]) -> Result<Self> {
        let units = (
            power_of_two(Arms::new(times, times)),
            power_of_two(Arms::new(values, values)),
        );
        let times: Vec<f64> = times.iter().map(|t| t / units.0).collect();
        let are_apart = |(t, u): (&f64, &f64)| t < u;
        if !times.iter().zip(times.iter().skip(1)).all(are_apart) {
            let rule = "must have times whose distances are not lost beside the largest";
            return Err(Error::input(name, rule, units.0));
        }
        Ok(Self {
            times,
            values: values.iter().map(|x| x / units.1).collect(),
            units,
        })
    }

    fn slopes(&self) -> Slopes<'_> {
        Slopes::of(&self.times, &self.values)
    }

    /// A slope in the units that were given.
    fn back(&self, slope: f64) -> f64 {
        slope / self.units.0 * self.units.1
    }
}

struct Found {
    method: Method,
    kendall: Kendall,
    z: f64,
    p_value: f64,
    line: Option<Line>,
}

#[derive(Clone, Copy, Default)]
struct Line {
    slope: f64,
    ends: (f64, f64),
    intercept: f64,
}

/// (S - sign S) / spread.
fn corrected(s: f64, spread: f64) -> f64 {
    if s == 0.0 {
        return 0.0;
    }
    zero_if_equal(s - s.signum(), spread)
}

/// By how much the memory of values without a trend widens S (Hamed and Rao 1998, eq. 10). Never less
/// than 1: what looks like less memory than none is mostly chance.
fn variance_factor(values: &[f64], lags: Option<u64>) -> Result<f64> {
    let n = values.len() as f64;
    let most = values.len() as u64 - 1;
    let lags = match lags {
        None => ((10.0 * n.log10()) as u64).min(most),
        Some(lags) if (1..=most).contains(&lags) => lags,
        Some(lags) => {
            let rule = format!("must lie between 1 and {most} for {} values", values.len());
            return Err(Error::option("lags", rule, lags));
        }
    };
    // Two points on the line have equal distances from it, but for roundings.
    let middle = sort::median(values);
    let farthest = values
        .iter()
        .fold(0.0, |most: f64, x| most.max((x - middle).abs()));
    if farthest == 0.0 {
        return Ok(1.0);
    }
    let grain = 1e-10 * farthest;
    let rounded = values.iter().map(|x| ((x - middle) / grain).round());
    let ranks = midranks(&rounded.collect::<Vec<_>>());
    let mean = 0.5 * (n + 1.0);
    let centred: Vec<f64> = ranks.iter().map(|rank| rank - mean).collect();
    let product = |lag: usize| -> f64 {
        let later = centred.get(lag..).unwrap_or_default();
        centred.iter().zip(later).map(|(a, b)| a * b).sum()
    };
    let variance = product(0);
    if variance == 0.0 {
        return Ok(1.0);
    }
    let threshold = normal::quantile(0.025) / n.sqrt();
    let terms = (1..=lags as usize).filter_map(|lag| {
        let rho = product(lag) / variance;
        let left = n - lag as f64;
        (rho.abs() > threshold).then_some(left * (left - 1.0) * (left - 2.0) * rho)
    });
    let factor = 1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * terms.sum::<f64>();
    Ok(factor.max(1.0))
}

/// Each value's rank, ties sharing the mean of theirs.
fn midranks(values: &[f64]) -> Vec<f64> {
    let sorted = sort::sorted(values);
    let rank = |x: &f64| {
        let below = sorted.partition_point(|other| other < x);
        let upto = sorted.partition_point(|other| other <= x);
        0.5 * (below + upto + 1) as f64
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::NanPolicy;

    fn series(values: &[f64]) -> Series {
        let times = (0..values.len()).map(|i| i as f64).collect();
        Series::new(times, values.to_vec(), NanPolicy::Raise).unwrap()
    }

    #[test]
    fn a_shared_wave_cancels() {
        let wave = |i: usize| 100.0 + 50.0 * (i as f64 / 9.0).sin();
        let noise = |i: usize| ((i * 7919) % 31) as f64 / 10.0;
        let baseline: Vec<f64> = (0..40).map(wave).collect();
        let canary: Vec<f64> = (0..40)
            .map(|i| wave(i) + noise(i) + 0.3 * i as f64)
            .collect();
        let arms = Arms::new(series(&baseline), series(&canary));
        let paired = Trend::new().compare(&arms).unwrap();
        let interval = paired.estimate.unwrap().interval;
        assert!(interval.low > 0.2 && interval.high < 0.4, "{interval}");
        let apart = Trend::new().pairing(Pairing::Independent).compare(&arms);
        let interval = apart.unwrap().estimate.unwrap().interval;
        assert!(interval.low < 0.0 && interval.high > 0.6, "{interval}");
    }

    #[test]
    fn the_interval_holds_what_the_test_does_not_reject() {
        let values: Vec<f64> = (0..25).map(|i| f64::from((i * i * 37) % 101)).collect();
        for alternative in [
            Alternative::TwoSided,
            Alternative::Greater,
            Alternative::Less,
        ] {
            let test = Trend::new().alternative(alternative).confidence(0.9);
            let interval = test.run(&series(&values)).unwrap().slope.unwrap().interval;
            for end in [interval.low, interval.high] {
                if end.is_infinite() {
                    continue;
                }
                let p = |null: f64| test.null(null).run(&series(&values)).unwrap().p_value;
                let (one, two) = (p(end - 1e-6), p(end + 1e-6));
                assert!(one.min(two) <= 0.1 && one.max(two) > 0.1, "{one} {two}");
            }
        }
    }

    #[test]
    fn hardly_anything() {
        let constant = Trend::new().run(&series(&[3.0; 12])).unwrap();
        assert_eq!(
            (constant.p_value, constant.slope.unwrap().value),
            (1.0, 0.0)
        );
        assert_eq!(constant.tau, 0.0);
        let two = Trend::new().run(&series(&[1.0, 2.0])).unwrap();
        let slope = two.slope.unwrap();
        assert_eq!((two.p_value, slope.value), (1.0, 1.0));
        assert_eq!(slope.interval.low, f64::NEG_INFINITY);
        assert!(Trend::new().run(&series(&[1.0])).is_err());
        let apart = Trend::new().pairing(Pairing::Independent);
        let steepest = [series(&[0.0, f64::MAX]), series(&[0.0, f64::MIN])];
        let [rises, falls] = steepest;
        assert!(apart.compare(&Arms::new(rises, falls)).is_err());
        let extreme = [-1e308, 1e308, -1e308, 1e308];
        assert!(
            Trend::new()
                .run(&series(&extreme))
                .unwrap()
                .slope
                .unwrap()
                .value
                .is_finite()
        );
    }
}
