use std::f64::consts::PI;

use super::contrast::satterthwaite;
use super::input::{Pairs, positive};
use super::result::{ArmLevel, Estimate, Interval, Method, TestName, TestResult};
use super::t_test::{power_of_two, zero_if_equal};
use crate::data::{Arms, Series, finite};
use crate::error::{Error, Result};
use crate::number::moments::Moments;
use crate::number::{parallel, student_t};
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// How the long-run variance of a series is estimated.
    SeriesMethod("method") {
        /// From its first cosines: right for short series, too.
        Cosine = "cosine",
        /// From its autocovariances (Newey and West).
        NeweyWest = "newey_west",
        /// From the means of batches.
        BatchMeans = "batch_means",
    }
}

builder! {
    #[doc = include_str!("paired_series.md")]
    ///
    /// # Defaults
    /// Cosines, their number by the rule, two-sided, confidence 0.95, difference of means, NaN
    /// refused.
    ///
    /// # Example: both arms share the day's wave, the canary is 2 ms slower
    /// ```
    /// use canary_core::{Arms, stats::PairedSeries};
    ///
    /// let wave = |i: usize| 100.0 + 30.0 * (i as f64 / 10.0).sin() + (i * 7 % 5) as f64;
    /// let baseline: Vec<f64> = (0..60).map(wave).collect();
    /// let canary: Vec<f64> = (0..60).map(|i| wave(i) + 2.0 + (i * 3 % 7) as f64 / 5.0).collect();
    /// let slower = PairedSeries::new().run(&Arms { baseline, canary })?.estimate.unwrap();
    /// assert!(slower.interval.low > 2.0 && slower.interval.high < 3.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    PairedSeries {
        /// How the long-run variance is estimated.
        method: SeriesMethod = SeriesMethod::Cosine,
        /// How many cosines, lags or batches; without it, by the rule.
        terms: Option<u64> = None,
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference of means or a ratio of geometric means.
        measure: Measure = Measure::Difference,
        /// What to do with a point that has a NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

/// Fewer points tell no long-run variance.
const FEWEST: usize = 8;

impl PairedSeries {
    /// Runs the test on values at the same times, in their order.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for arms of different lengths, values that are not finite (by the
    /// NaN policy) and a ratio of values that are not positive; [`Error::NotEnoughData`] for fewer
    /// than 8 points; [`Error::InvalidOption`] for a confidence outside (0, 1) or a number of terms
    /// that the points do not have.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let asked = self.asked()?;
        let pairs = Pairs::of(arms, self.nan_policy, FEWEST)?;
        let values = pairs.values.as_ref().map(|values| &**values);
        let scale = Scale::of(self.measure, values)?;
        let points = values.baseline.iter().zip(values.canary);
        let differences = points.map(|(b, c)| scale.of_value(*c) - scale.of_value(*b));
        let difference = self.stretch(differences.collect())?;
        let levels = pairs.levels(mean_of);
        Ok(self.result(TestName::PairedSeries, asked, scale, difference, levels))
    }

    /// Runs the test on the times that both series have.
    ///
    /// # Errors
    /// As [`PairedSeries::run`].
    pub fn run_series(&self, arms: &Arms<Series>) -> Result<TestResult> {
        self.run(&Series::align(arms.as_ref()))
    }

    /// The same of two series of different times. No point has a partner, and nothing that both arms share
    /// cancels: each mean has the long-run variance Ω of its own series,
    ///
    /// t = (c̄ - b̄ - δ0) / √(Ωb/nb + Ωc/nc)
    ///
    /// with Satterthwaite's (1946) degrees of freedom.
    pub(crate) fn run_apart<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let asked = self.asked()?;
        let given = arms.as_ref().try_map(|name, values| {
            let (values, _) = finite(name, values.as_ref(), self.nan_policy)?;
            match values.len() {
                n if n < FEWEST => Err(Error::not_enough(name, format!("{FEWEST} points"), n)),
                _ => Ok(values),
            }
        })?;
        let values = given.as_ref().map(|values| &**values);
        let scale = Scale::of(self.measure, values)?;
        let Arms { baseline, canary } = values.try_map(|_, values| {
            self.stretch(values.iter().map(|&x| scale.of_value(x)).collect())
        })?;
        let difference = Stretch {
            mean: canary.mean - baseline.mean,
            squared_error: baseline.squared_error + canary.squared_error,
            df: satterthwaite([baseline, canary].map(|arm| (arm.squared_error, arm.df))),
        };
        let levels = values.map(|values| ArmLevel::new(values.len() as u64, mean_of(values)));
        Ok(self.result(TestName::SeriesApart, asked, scale, difference, levels))
    }

    /// The confidence and the null hypothesis.
    fn asked(&self) -> Result<(Confidence, f64)> {
        let confidence = Confidence::try_from(self.confidence)?;
        Ok((confidence, self.measure.without_odds()?.null_or(self.null)?))
    }

    /// The test of a mean difference on its scale.
    fn result(
        &self,
        test: TestName,
        (confidence, null): (Confidence, f64),
        scale: Scale,
        difference: Stretch,
        arms: Arms<ArmLevel>,
    ) -> TestResult {
        let Stretch {
            mean,
            squared_error,
            df,
        } = difference;
        let error = squared_error.sqrt();
        let statistic = zero_if_equal(mean - scale.of_value(null), error);
        let reach = student_t::quantile(confidence.tail(self.alternative), df) * error;
        let of = match scale {
            Scale::Linear { .. } => "difference of means",
            Scale::Log => "ratio of geometric means",
        };
        TestResult {
            test,
            method: match self.method {
                SeriesMethod::Cosine => Method::Cosine,
                SeriesMethod::NeweyWest => Method::NeweyWest,
                SeriesMethod::BatchMeans => Method::BatchMeans,
            },
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: Some(df),
            p_value: student_t::p_value(statistic, df, self.alternative),
            estimate: Some(Estimate {
                measure: self.measure,
                of: of.to_owned(),
                value: scale.back(mean),
                interval: Interval::new(
                    (scale.back(mean - reach), scale.back(mean + reach)),
                    (scale.back(f64::NEG_INFINITY), f64::INFINITY),
                    self.alternative,
                    confidence,
                ),
            }),
            effect_sizes: vec![],
            arms,
        }
    }

    /// The mean of one series, and how far it is known.
    fn stretch(&self, mut values: Vec<f64>) -> Result<Stretch> {
        let mean = Moments::mean_of(&values);
        values.iter_mut().for_each(|x| *x -= mean);
        let (variance, df) = self.long_run_variance(&values)?;
        Ok(Stretch {
            mean,
            squared_error: variance / values.len() as f64,
            df,
        })
    }

    /// The long-run variance of values about their mean, with its degrees of freedom.
    fn long_run_variance(&self, centred: &[f64]) -> Result<(f64, f64)> {
        let n = centred.len();
        let terms = self.terms_of(n)?;
        Ok(match self.method {
            SeriesMethod::Cosine => (cosines(centred, terms), terms as f64),
            SeriesMethod::NeweyWest => (newey_west(centred, terms), n as f64 - 1.0),
            SeriesMethod::BatchMeans => (batches(centred, terms), terms as f64 - 1.0),
        })
    }

    fn terms_of(&self, n: usize) -> Result<usize> {
        let size = n as f64;
        let (rule, least, most) = match self.method {
            SeriesMethod::Cosine => (0.4 * size.powf(2.0 / 3.0), 2, n - 1),
            SeriesMethod::NeweyWest => (4.0 * (size / 100.0).powf(2.0 / 9.0), 0, n - 1),
            SeriesMethod::BatchMeans => (size.sqrt(), 2, n / 2),
        };
        match self.terms {
            None => Ok((rule as usize).clamp(least, most)),
            Some(terms) if (least as u64..=most as u64).contains(&terms) => Ok(terms as usize),
            Some(terms) => {
                let rule = format!("must lie between {least} and {most} for {n} points");
                Err(Error::option("terms", rule, terms))
            }
        }
    }
}

/// The scale on which means are compared.
#[derive(Clone, Copy)]
enum Scale {
    /// In a unit that keeps sums from overflowing.
    Linear { unit: f64 },
    /// Whose differences are the logarithms of ratios.
    Log,
}

impl Scale {
    fn of(measure: Measure, values: Arms<&[f64]>) -> Result<Self> {
        if measure == Measure::Difference {
            let unit = power_of_two(values);
            return Ok(Self::Linear { unit });
        }
        values.try_map(positive)?;
        Ok(Self::Log)
    }

    fn of_value(self, x: f64) -> f64 {
        match self {
            Self::Linear { unit } => x / unit,
            Self::Log => x.ln(),
        }
    }

    fn back(self, x: f64) -> f64 {
        match self {
            Self::Linear { unit } => x * unit,
            Self::Log => x.exp(),
        }
    }
}

/// What one series says of its mean.
#[derive(Clone, Copy)]
struct Stretch {
    mean: f64,
    squared_error: f64,
    df: f64,
}

fn mean_of(values: &[f64]) -> f64 {
    let plain = Moments::mean_of(values);
    if plain.is_finite() {
        return plain;
    }
    let unit = power_of_two(Arms::new(values, &[]));
    let scaled: Vec<f64> = values.iter().map(|x| x / unit).collect();
    Moments::mean_of(&scaled) * unit
}

/// Of values about their mean: the mean square of their first cosine transforms.
fn cosines(centred: &[f64], count: usize) -> f64 {
    let n = centred.len() as f64;
    let grain = (1 << 18) / centred.len() + 1; // so many are worth a task
    let squares = parallel::map(count, grain, |before| {
        let sum = cosine_sum(centred, PI * (before as f64 + 1.0) / n);
        2.0 / n * sum * sum
    });
    squares.iter().sum::<f64>() / count as f64
}

/// Σ d(t) cos((t + ½) θ), the cosines turned on from their neighbours, and exact once a block.
fn cosine_sum(values: &[f64], theta: f64) -> f64 {
    const LANES: usize = 8;
    const BLOCK: usize = 64 * LANES;
    let (turn_sine, turn_cosine) = (LANES as f64 * theta).sin_cos();
    let blocks = values.chunks(BLOCK).enumerate().map(|(index, block)| {
        let angle = |t: usize| ((index * BLOCK + t) as f64 + 0.5) * theta;
        let (chunks, rest) = block.as_chunks::<LANES>();
        let (mut sines, mut cosines, mut sums) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        for (lane, (sine, cosine)) in sines.iter_mut().zip(&mut cosines).enumerate() {
            (*sine, *cosine) = angle(lane).sin_cos();
        }
        for chunk in chunks {
            let lanes = sines.iter_mut().zip(&mut cosines).zip(&mut sums);
            for (((sine, cosine), sum), value) in lanes.zip(chunk) {
                *sum += value * *cosine;
                let turned = *cosine * turn_cosine - *sine * turn_sine;
                *sine = *sine * turn_cosine + *cosine * turn_sine;
                *cosine = turned;
            }
        }
        let start = block.len() - rest.len();
        let rest = rest.iter().zip(start..);
        let rest = rest.map(|(value, t)| value * angle(t).cos());
        sums.iter().sum::<f64>() + rest.sum::<f64>()
    });
    blocks.sum()
}

/// Of values about their mean: the autocovariances with Bartlett's weights.
fn newey_west(centred: &[f64], lags: usize) -> f64 {
    const BLOCK: usize = 4096;
    let mut sums = vec![0.0; lags + 1];
    // All lags of a block at once, while it is near.
    for (index, block) in centred.chunks(BLOCK).enumerate() {
        for (lag, sum) in sums.iter_mut().enumerate() {
            let later = centred.get(index * BLOCK + lag..).unwrap_or_default();
            *sum += dot(block, later);
        }
    }
    let weighted = sums.iter().enumerate().map(|(lag, sum)| {
        let weight = 1.0 - lag as f64 / (lags as f64 + 1.0);
        let both_ways = if lag == 0 { 1.0 } else { 2.0 };
        both_ways * weight * sum
    });
    (weighted.sum::<f64>() / centred.len() as f64).max(0.0)
}

/// Σ a b, in independent lanes so that the compiler can use wide registers.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let len = a.len().min(b.len());
    let (a, b) = (
        a.get(..len).unwrap_or_default(),
        b.get(..len).unwrap_or_default(),
    );
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a * b);
    lanes.iter().sum::<f64>() + rest.sum::<f64>()
}

/// Of values about their mean: n times the variance of the batches' mean. What does not fill the
/// last batch counts for the mean alone.
fn batches(centred: &[f64], count: usize) -> f64 {
    let length = centred.len() / count;
    let means: Vec<f64> = centred
        .chunks_exact(length)
        .take(count)
        .map(|batch| batch.iter().sum::<f64>() / length as f64)
        .collect();
    length as f64 * Moments::of(&means).variance()
}

/// How many independent values a series is worth: n / (1 + 2 Σ ρ), the autocorrelations summed in
/// pairs while these are positive and do not grow (Geyer 1992, *Statistical Science* 7, 473-483,
/// section 3.3). Between 1 and n² / 2 (values that alternate are worth more than independent ones);
/// n for a constant series.
///
/// # Errors
/// [`Error::NotEnoughData`] for fewer than 4 values; [`Error::InvalidInput`] for values that are not
/// finite (by the NaN policy).
///
/// ```
/// use canary_core::{NanPolicy, stats::effective_sample_size};
///
/// let held: Vec<f64> = (0..600).map(|i| f64::from((i / 10) * (i / 10) * 7 % 61)).collect();
/// let n = effective_sample_size(&held, NanPolicy::Raise)?;
/// assert!(n > 30.0 && n < 120.0); // each value is there ten times
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn effective_sample_size(values: &[f64], nan_policy: NanPolicy) -> Result<f64> {
    let (values, _) = finite("values", values, nan_policy)?;
    let n = values.len();
    if n < 4 {
        return Err(Error::not_enough("values", "4 values", n));
    }
    let arms = Arms::new(&*values, &*values);
    let unit = power_of_two(arms);
    let scaled: Vec<f64> = values.iter().map(|x| x / unit).collect();
    let mean = Moments::mean_of(&scaled);
    let centred: Vec<f64> = scaled.iter().map(|x| x - mean).collect();
    let covariance = |lag: usize| -> f64 {
        let later = centred.get(lag..).unwrap_or_default();
        centred.iter().zip(later).map(|(a, b)| a * b).sum()
    };
    let variance = covariance(0);
    let size = n as f64;
    if variance <= 0.0 {
        return Ok(size);
    }
    // The sum of the pairs ρ(2m) + ρ(2m + 1), of which the first has ρ(0) = 1.
    let mut sum = 0.0;
    let mut last = f64::INFINITY;
    for lag in (0..n - 1).step_by(2) {
        let pair = ((covariance(lag) + covariance(lag + 1)) / variance).min(last);
        if pair <= 0.0 {
            break;
        }
        sum += pair;
        last = pair;
    }
    Ok((size / (2.0 * sum - 1.0).max(2.0 / size)).max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_statsmodels() {
        // statsmodels: OLS(d, ones).fit(cov_type="HAC", cov_kwds=dict(maxlags=3)).bse
        let d: Vec<f64> = (0..20).map(|i| f64::from(i * i * 7 % 23)).collect();
        let zero = vec![0.0; 20];
        let test = PairedSeries::new()
            .method(SeriesMethod::NeweyWest)
            .terms(Some(3));
        let result = test.run(&Arms::new(zero, d)).unwrap();
        let error = result.estimate.as_ref().unwrap().value / result.statistic;
        assert!((error - STATSMODELS).abs() < 1e-12, "{error}");
    }

    const STATSMODELS: f64 = 1.6300594314318726;

    #[test]
    fn independent_values_are_worth_their_number() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let noise: Vec<f64> = (0..4000).map(|_| uniform()).collect();
        let n = effective_sample_size(&noise, NanPolicy::Raise).unwrap();
        assert!((3200.0..4800.0).contains(&n), "{n}");
        let mut last = 0.0;
        let remembering: Vec<f64> = noise
            .iter()
            .map(|x| {
                last = 0.8 * last + x - 0.5;
                last
            })
            .collect();
        let n = effective_sample_size(&remembering, NanPolicy::Raise).unwrap();
        assert!((4000.0 / n / 9.0 - 1.0).abs() < 0.35, "{n}"); // (1 + 0.8)/(1 - 0.8) = 9
    }

    #[test]
    fn cosines_turned_on_are_those_computed() {
        for n in [1_usize, 7, 8, 100, 512, 513, 5000] {
            let values: Vec<f64> = (0..n).map(|i| ((i * 7919) % 101) as f64 - 50.0).collect();
            for j in [1, 2, n / 3 + 1] {
                let theta = PI * j as f64 / n as f64;
                let terms = values.iter().zip(0_u32..);
                let exact: f64 = terms
                    .map(|(d, t)| d * ((f64::from(t) + 0.5) * theta).cos())
                    .sum();
                let size: f64 = values.iter().map(|d| d.abs()).sum();
                let got = cosine_sum(&values, theta);
                assert!((got - exact).abs() < 1e-13 * size, "{n} {j}: {got} {exact}");
            }
        }
    }

    #[test]
    fn terms_are_checked() {
        let arms = Arms::new([0.0; 10], [1.0; 10]);
        let test = PairedSeries::new().terms(Some(10));
        assert_eq!(
            test.run(&arms).unwrap_err().to_string(),
            "terms: must lie between 2 and 9 for 10 points, got 10"
        );
        assert_eq!(PairedSeries::new().run(&arms).unwrap().p_value, 0.0);
    }
}
