//! Mann-Whitney U: `exact` has the distribution of U, `hodges_lehmann` the shift.

mod exact;
mod hodges_lehmann;

use hodges_lehmann::Differences;

use super::input::Sorted;
use super::ranks::{Comparison, Runs, compare};
use super::result::{
    ArmLevel, Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult,
};
use crate::data::{Arms, Sample, quantile_of_sorted};
use crate::error::{Error, Result};
use crate::number::normal;
use crate::number::parallel::both;
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// How the p-value of a rank test is computed.
    #[derive(Default)]
    RankMethod("method") {
        /// Exact for small arms without ties, else asymptotic.
        #[default]
        Auto = "auto",
        /// From the exact distribution; ties are refused.
        Exact = "exact",
        /// From the normal approximation with its correction for ties.
        Asymptotic = "asymptotic",
    }
}

choice! {
    /// Whether the normal approximation of a whole-numbered statistic is corrected by one half.
    #[derive(Default)]
    Continuity("continuity") {
        /// Corrected: never too many false alarms.
        #[default]
        Corrected = "corrected",
        /// Not corrected.
        Uncorrected = "uncorrected",
    }
}

choice! {
    /// Whether the shift and its interval are computed along with the test.
    #[derive(Default)]
    ShiftInterval("interval") {
        /// The Hodges-Lehmann estimate with the interval that belongs to the test.
        #[default]
        HodgesLehmann = "hodges_lehmann",
        /// None: the p-value and effect sizes alone, several times faster.
        None = "none",
    }
}

/// Up to this many numbers are held for an exact distribution (128 MB) ...
const EXACT_NUMBERS: u128 = 1 << 24;
/// ... and so many times one of them is computed (some seconds).
const EXACT_STEPS: u128 = 1 << 30;

builder! {
    #[doc = include_str!("../mann_whitney.md")]
    ///
    /// # Defaults
    /// Two-sided, method auto, continuity corrected, confidence 0.95, shift as a difference with its
    /// interval, NaN refused.
    ///
    /// # Example: the canary is slower, and an outlier does not hide it
    /// ```
    /// use canary_core::{Arms, MannWhitney};
    ///
    /// let latency_ms = Arms {
    ///     baseline: vec![101.2, 98.7, 103.5, 99.1, 100.4, 950.0],
    ///     canary: vec![107.9, 110.3, 105.2, 109.8, 108.1],
    /// };
    /// let result = MannWhitney::new().run(&latency_ms)?;
    /// assert_eq!(result.statistic, 25.0);
    /// assert!((result.p_value - 0.0823).abs() < 1e-4); // the outlier costs five ranks, no more
    /// assert!((result.estimate.unwrap().value - 6.85).abs() < 1e-9);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    MannWhitney {
        /// What is held against "no difference".
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the shift is a difference or a ratio.
        measure: Measure = Measure::Difference,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// How the p-value is computed.
        method: RankMethod = RankMethod::Auto,
        /// Whether the normal approximation is corrected for continuity.
        continuity: Continuity = Continuity::Corrected,
        /// Whether the shift and its interval are computed.
        interval: ShiftInterval = ShiftInterval::HodgesLehmann,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl MannWhitney {
    /// Runs the test on raw values.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a confidence outside (0, 1), and for `exact` with ties or with
    /// too many values; [`Error::InvalidInput`] for values that are not finite (by the NaN policy)
    /// and for a ratio of values that are not positive; [`Error::NotEnoughData`] for no values.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        self.test(&Sorted::of(arms, self.nan_policy)?)
    }

    pub(super) fn test(&self, sorted: &Sorted) -> Result<TestResult> {
        self.compare(sorted.as_slices(), sorted.omitted)
    }

    /// Runs the test on samples, which are sorted once however many checks look at them.
    ///
    /// # Errors
    /// As [`MannWhitney::run`].
    pub fn run_samples(&self, arms: &Arms<&Sample>) -> Result<TestResult> {
        let size = arms.baseline.values().len().min(arms.canary.values().len());
        let (baseline, canary) = both(size, || arms.baseline.sorted(), || arms.canary.sorted());
        self.compare(Arms { baseline, canary }, arms.map(Sample::omitted))
    }

    fn compare(&self, sorted: Arms<&[f64]>, omitted: Arms<u64>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let null = self.measure.without_odds()?.null_or(self.null)?;
        let n = sorted.map(|values| values.len() as u64);
        let size = sorted.baseline.len().min(sorted.canary.len());
        let of = |values| move || Runs::of(values);
        let (baseline, canary) = both(size, of(sorted.baseline), of(sorted.canary));
        let runs = Arms { baseline, canary };
        let comparison = if null == self.measure.null() {
            compare(&runs.baseline, &runs.canary)
        } else {
            let moved = |&c: &f64| match self.measure {
                Measure::Difference => c - null,
                _ => c / null,
            };
            let canary = sorted.canary.iter().map(moved);
            let canary: Vec<_> = canary.map(|c| c.clamp(f64::MIN, f64::MAX)).collect();
            compare(&runs.baseline, &Runs::of(&canary))
        };
        let method = self.resolve(n, comparison)?;
        let pairs = n.baseline as f64 * n.canary as f64;
        let statistic = 0.5 * comparison.twice_u as f64;
        let won = statistic / pairs;
        let estimate = match self.interval {
            ShiftInterval::HodgesLehmann => Some(self.shift(runs, method, confidence)?),
            ShiftInterval::None => None,
        };
        Ok(TestResult {
            test: TestName::MannWhitney,
            method,
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: None,
            p_value: match method {
                Method::Exact => self.exact_p(n, comparison),
                _ => self.asymptotic_p(n, comparison),
            },
            estimate,
            effect_sizes: vec![
                EffectSize {
                    effect: Effect::RankBiserial,
                    value: 2.0 * won - 1.0,
                },
                EffectSize {
                    effect: Effect::CommonLanguage,
                    value: won,
                },
            ],
            arms: sorted.zip(omitted).map(|(values, omitted)| ArmLevel {
                n: values.len() as u64,
                omitted,
                level: quantile_of_sorted(values, 0.5),
            }),
        })
    }

    /// Which method it is to be, by scipy's rule for `auto`.
    fn resolve(&self, n: Arms<u64>, comparison: Comparison) -> Result<Method> {
        let has_ties = comparison.tie_term > 0;
        let smaller = n.baseline.min(n.canary);
        let numbers = u128::from(n.baseline) * u128::from(n.canary) / 2;
        let fits = numbers <= EXACT_NUMBERS && u128::from(smaller) * numbers <= EXACT_STEPS;
        match self.method {
            RankMethod::Asymptotic => Ok(Method::Asymptotic),
            RankMethod::Auto if !has_ties && fits && smaller <= 8 => Ok(Method::Exact),
            RankMethod::Auto => Ok(Method::Asymptotic),
            RankMethod::Exact if has_ties => {
                let rule = "must be \"asymptotic\" or \"auto\" for values with ties";
                Err(Error::option("method", rule, self.method))
            }
            RankMethod::Exact if !fits => {
                let rule = format!(
                    "must be \"asymptotic\" or \"auto\" for {} and {} values",
                    n.baseline, n.canary
                );
                Err(Error::option("method", rule, self.method))
            }
            RankMethod::Exact => Ok(Method::Exact),
        }
    }

    fn exact_p(&self, n: Arms<u64>, comparison: Comparison) -> f64 {
        let (less, greater) =
            exact::of(n.canary, n.baseline).tails((comparison.twice_u / 2) as u64);
        match self.alternative {
            Alternative::TwoSided => (2.0 * less.min(greater)).min(1.0),
            Alternative::Greater => greater,
            Alternative::Less => less,
        }
    }

    fn asymptotic_p(&self, n: Arms<u64>, comparison: Comparison) -> f64 {
        let pairs = u128::from(n.baseline) * u128::from(n.canary);
        // U - mn/2, between whole numbers.
        let size = 0.5 * comparison.twice_u.abs_diff(pairs) as f64;
        let above = if comparison.twice_u < pairs {
            -size
        } else {
            size
        };
        let sigma = standard_deviation(n, comparison.tie_term);
        if sigma == 0.0 {
            return 1.0;
        }
        let z = |distance: f64| (distance - self.correction()) / sigma;
        match self.alternative {
            Alternative::TwoSided => (2.0 * normal::sf(z(size))).min(1.0),
            Alternative::Greater => normal::sf(z(above)),
            Alternative::Less => normal::sf(z(-above)),
        }
    }

    const fn correction(&self) -> f64 {
        match self.continuity {
            Continuity::Corrected => 0.5,
            Continuity::Uncorrected => 0.0,
        }
    }

    fn shift(
        &self,
        runs: Arms<Runs<'_>>,
        method: Method,
        confidence: Confidence,
    ) -> Result<Estimate> {
        let runs = match self.measure {
            Measure::Difference => runs,
            Measure::Ratio | Measure::OddsRatio => logarithms(runs)?,
        };
        let k = self.order_statistic(&runs, method, confidence);
        let differences = Differences::of(runs);
        let value = differences.median();
        let ends = match k {
            0 => (f64::NEG_INFINITY, f64::INFINITY),
            k => (
                differences.kth(k),
                differences.kth(differences.total() + 1 - k),
            ),
        };
        let back = |x: f64| match self.measure {
            Measure::Difference => x,
            Measure::Ratio | Measure::OddsRatio => x.exp(),
        };
        let range = (back(f64::NEG_INFINITY), f64::INFINITY);
        let of = match self.measure {
            Measure::Difference => "Hodges-Lehmann shift",
            Measure::Ratio | Measure::OddsRatio => "Hodges-Lehmann ratio",
        };
        Ok(Estimate {
            measure: self.measure,
            of: of.to_owned(),
            value: back(value),
            interval: Interval::new(
                (back(ends.0), back(ends.1)),
                range,
                self.alternative,
                confidence,
            ),
        })
    }

    /// The k of the interval's ends D(k) and D(mn + 1 - k); 0 when no k has the confidence.
    fn order_statistic(
        &self,
        runs: &Arms<Runs<'_>>,
        method: Method,
        confidence: Confidence,
    ) -> u64 {
        let n = runs.as_ref().map(Runs::total);
        let tail = confidence.tail(self.alternative);
        if method == Method::Exact {
            return exact::of(n.canary, n.baseline).order_statistic(tail);
        }
        // Shifting the canary breaks every tie between the arms and none within them.
        let within = runs.baseline.tie_term() + runs.canary.tie_term();
        let pairs = n.baseline as f64 * n.canary as f64;
        let reach = normal::quantile(tail) * standard_deviation(n, within);
        let k = (0.5 * pairs - self.correction() - reach).floor() + 1.0;
        k.clamp(0.0, self.alternative.most_order(pairs)) as u64
    }
}

/// σ of U: mn/12 · ((N + 1) - Σ (t³ - t) / (N (N - 1))), rooted. With N³ - N before the
/// subtraction, that is one of whole numbers: a million ties and one other value cost no digits.
pub(super) fn standard_deviation(n: Arms<u64>, tie_term: u128) -> f64 {
    let size = u128::from(n.baseline) + u128::from(n.canary);
    let untied = (size * size * size - size).saturating_sub(tie_term) as f64;
    let Arms { baseline, canary } = n.map(|n| n as f64);
    let size = size as f64;
    (baseline * canary / 12.0 * (untied / (size * (size - 1.0)))).sqrt()
}

fn logarithms(runs: Arms<Runs<'_>>) -> Result<Arms<Runs<'static>>> {
    runs.as_ref()
        .try_map(|arm, runs| match runs.values.first() {
            Some(&least) if least <= 0.0 => {
                let rule = "must hold positive values for a ratio";
                Err(Error::input(arm, rule, least))
            }
            _ => Ok(()),
        })?;
    let size = runs.baseline.values.len().min(runs.canary.values.len());
    let Arms { baseline, canary } = runs;
    let (baseline, canary) = both(size, || baseline.map(f64::ln), || canary.map(f64::ln));
    Ok(Arms { baseline, canary })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(test: &MannWhitney, baseline: &[f64], canary: &[f64]) -> TestResult {
        test.run(&Arms::new(baseline, canary)).unwrap()
    }

    #[test]
    fn one_value_each_decides_nothing() {
        let result = run(&MannWhitney::new(), &[1.0], &[2.0]);
        assert_eq!((result.statistic, result.p_value), (1.0, 1.0));
        let estimate = result.estimate.unwrap();
        assert_eq!(estimate.value, 1.0);
        assert_eq!(estimate.interval.low, f64::NEG_INFINITY);
    }

    #[test]
    fn all_tied_is_no_difference() {
        let result = run(&MannWhitney::new(), &[7.0; 30], &[7.0; 20]);
        assert_eq!((result.statistic, result.p_value), (300.0, 1.0));
        let estimate = result.estimate.unwrap();
        assert_eq!((estimate.value, estimate.interval.low), (0.0, 0.0));
    }

    #[test]
    fn zeros_of_either_sign_are_tied() {
        let result = run(&MannWhitney::new(), &[0.0; 9], &[-0.0; 9]);
        assert_eq!(result.p_value, 1.0);
    }

    #[test]
    fn scipys_rule_chooses_the_method() {
        let values =
            |n: u32, step: f64| -> Vec<f64> { (0..n).map(|i| f64::from(i) * step).collect() };
        let method = |b: &[f64], c: &[f64]| run(&MannWhitney::new(), b, c).method;
        assert_eq!(
            method(&values(8, 1.0), &values(50, 1.37)[1..]),
            Method::Exact
        );
        assert_eq!(
            method(&values(9, 1.0), &values(50, 1.37)[1..]),
            Method::Asymptotic
        );
        assert_eq!(
            method(&values(8, 1.0), &values(50, 1.0)),
            Method::Asymptotic
        );
        let exact = MannWhitney::new().method(RankMethod::Exact);
        let error = exact.run(&Arms::new([1.0, 2.0], [2.0, 3.0])).unwrap_err();
        assert!(error.to_string().starts_with("method: must be"), "{error}");
    }

    #[test]
    fn an_exact_distribution_beyond_reach_is_refused() {
        let values = |shift: f64| -> Vec<f64> { (0..5000).map(|i| f64::from(i) + shift).collect() };
        let exact = MannWhitney::new().method(RankMethod::Exact);
        let error = exact.run(&Arms::new(values(0.0), values(0.5))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "method: must be \"asymptotic\" or \"auto\" for 5000 and 5000 values, got exact"
        );
    }

    #[test]
    fn a_ratio_needs_positive_values() {
        let ratio = MannWhitney::new().measure(Measure::Ratio);
        let doubled = run(
            &ratio,
            &[1.0, 2.0, 4.0, 8.0, 16.0],
            &[2.0, 4.0, 8.0, 16.0, 32.0],
        );
        assert!((doubled.estimate.unwrap().value - 2.0).abs() < 1e-12);
        let error = ratio.run(&Arms::new([1.0, 0.0], [1.0, 2.0])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "baseline: must hold positive values for a ratio, got 0"
        );
    }

    #[test]
    fn exchanged_arms_mirror_everything() {
        let baseline: Vec<f64> = (0..40).map(|i| f64::from(i * 7919 % 101)).collect();
        let canary: Vec<f64> = (0..30).map(|i| f64::from(i * 104_729 % 97) + 5.0).collect();
        for method in [RankMethod::Auto, RankMethod::Asymptotic] {
            let test = MannWhitney::new().method(method);
            let (there, back) = (
                run(&test, &baseline, &canary),
                run(&test, &canary, &baseline),
            );
            assert_eq!(there.statistic + back.statistic, 1200.0);
            assert_eq!(there.p_value, back.p_value);
            let (there, back) = (there.estimate.unwrap(), back.estimate.unwrap());
            assert_eq!(there.value, -back.value);
            assert_eq!(there.interval.low, -back.interval.high);
            let greater = run(&test.alternative(Alternative::Greater), &baseline, &canary);
            let less = run(&test.alternative(Alternative::Less), &canary, &baseline);
            assert_eq!(greater.p_value, less.p_value);
        }
    }

    #[test]
    fn offsets_and_scales_change_the_shift_alone() {
        let baseline: Vec<f64> = (0..300).map(|i| f64::from(i * 7919 % 1009)).collect();
        let canary: Vec<f64> = (0..200)
            .map(|i| f64::from(i * 104_729 % 997) + 16.0)
            .collect();
        let plain = run(&MannWhitney::new(), &baseline, &canary);
        let offset = |values: &[f64]| values.iter().map(|x| x + 2f64.powi(40)).collect::<Vec<_>>();
        let same = run(&MannWhitney::new(), &offset(&baseline), &offset(&canary));
        assert_eq!(
            (same.p_value, &same.estimate),
            (plain.p_value, &plain.estimate)
        );
        for scale in [2f64.powi(1000), 2f64.powi(-1000)] {
            let scaled = |values: &[f64]| values.iter().map(|x| x * scale).collect::<Vec<_>>();
            let scaled = run(&MannWhitney::new(), &scaled(&baseline), &scaled(&canary));
            assert_eq!(scaled.p_value, plain.p_value);
            let (scaled, plain) = (scaled.estimate.unwrap(), plain.estimate.clone().unwrap());
            assert_eq!(scaled.value, plain.value * scale);
            assert_eq!(scaled.interval.high, plain.interval.high * scale);
        }
    }

    #[test]
    fn what_is_not_finite_is_refused_or_left_out() {
        let arms = Arms::new(vec![1.0, f64::NAN, 3.0], vec![2.0, 4.0]);
        let error = MannWhitney::new().run(&arms).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("baseline: must hold finite values"),
            "{error}"
        );
        let omit = MannWhitney::new().nan_policy(NanPolicy::Omit);
        let result = omit.run(&arms).unwrap();
        assert_eq!(
            (result.arms.baseline.n, result.arms.baseline.omitted),
            (2, 1)
        );
        let infinite = Arms::new(vec![1.0], vec![f64::INFINITY]);
        assert!(
            omit.run(&infinite)
                .unwrap_err()
                .to_string()
                .starts_with("canary: ")
        );
    }

    #[test]
    fn without_an_interval_nothing_else_changes() {
        let arms = Arms::new([3.0, 1.0, 4.0, 1.5], [5.0, 9.0, 2.0, 6.0]);
        let full = MannWhitney::new().run(&arms).unwrap();
        let bare = MannWhitney::new()
            .interval(ShiftInterval::None)
            .run(&arms)
            .unwrap();
        assert_eq!(
            bare,
            TestResult {
                estimate: None,
                ..full
            }
        );
    }

    #[test]
    fn samples_give_what_their_values_give() {
        let arms = Arms::new(vec![3.0, 1.0, 4.0, 1.5], vec![5.0, 9.0, -0.0, 6.0]);
        let samples = arms
            .clone()
            .map(|values| Sample::new(values, NanPolicy::Raise).unwrap());
        let test = MannWhitney::new();
        assert_eq!(
            test.run_samples(&samples.as_ref()).unwrap(),
            test.run(&arms).unwrap()
        );
    }

    #[test]
    fn a_single_untied_value_among_a_million_keeps_its_digits() {
        // N³ - N - Σ(t³ - t) = 3 N (N - 1) where all but one are tied: σ² = mn/4.
        let n = Arms::new(1_000_000, 1_000_000);
        let tied = 2_000_000_u128 - 1;
        let sigma = standard_deviation(n, tied * tied * tied - tied);
        assert!((sigma / 500_000.0 - 1.0).abs() < 1e-15, "{sigma}");
    }
}
