//! Wilcoxon's signed-rank test: `exact` has the distribution of W, `walsh` the shift.

mod exact;
mod walsh;

use walsh::WalshAverages;

use super::input::{Pairs, positive};
use super::mann_whitney::{Continuity, RankMethod, ShiftInterval};
use super::result::{
    ArmLevel, Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult,
};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::{normal, sort};
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// What a signed-rank test does with differences of zero.
    ZeroPolicy("zeros") {
        /// Leave them out (Wilcoxon 1945).
        Wilcox = "wilcox",
        /// Rank them, then leave their ranks out (Pratt 1959).
        Pratt = "pratt",
        /// Rank them, and give half of their ranks to either side.
        Split = "split",
    }
}

/// Up to this many pairs `auto` is exact, and up to this many `exact` can be.
const AUTO_PAIRS: u64 = 50;
const EXACT_PAIRS: u64 = 2000;

builder! {
    #[doc = include_str!("../signed_rank.md")]
    ///
    /// # Defaults
    /// Two-sided, method auto, continuity corrected, zeros left out, confidence 0.95, shift as a
    /// difference with its interval, NaN refused.
    ///
    /// # Example: the same requests, replayed against both versions
    /// ```
    /// use canary_core::{Arms, stats::SignedRank};
    ///
    /// let latency_ms = Arms {
    ///     baseline: [12.1, 95.0, 40.2, 33.3, 71.8, 20.0],
    ///     canary: [12.9, 97.1, 41.0, 34.9, 73.0, 500.0],
    /// };
    /// let result = SignedRank::new().run(&latency_ms)?;
    /// assert_eq!(result.statistic, 21.0);
    /// assert!(result.p_value < 0.05); // the outlier neither hides the change nor makes it
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    SignedRank {
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the shift is a difference or a ratio.
        measure: Measure = Measure::Difference,
        /// What to do with a pair that has a NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
        /// How the p-value is computed.
        method: RankMethod = RankMethod::Auto,
        /// Whether the normal approximation is corrected for continuity.
        continuity: Continuity = Continuity::Corrected,
        /// What to do with differences of zero.
        zeros: ZeroPolicy = ZeroPolicy::Wilcox,
        /// Whether the shift and its interval are computed.
        interval: ShiftInterval = ShiftInterval::HodgesLehmann,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl SignedRank {
    /// Runs the test on values that belong together by their position.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for arms of different lengths, values that are not finite (by the
    /// NaN policy) and a ratio of values that are not positive; [`Error::NotEnoughData`] for no
    /// pairs; [`Error::InvalidOption`] for a confidence outside (0, 1), and for `exact` with ties,
    /// zeros or too many pairs.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let null = self.measure.without_odds()?.null_or(self.null)?;
        let pairs = Pairs::of(arms, self.nan_policy, 1)?;
        let differences = self.differences(&pairs)?;
        let offset = match self.measure {
            Measure::Difference => null,
            _ => null.ln(),
        };
        let ranks = SignedRanks::of(&differences, offset, self.zeros);
        let method = self.resolve(&ranks)?;
        let estimate = match self.interval {
            ShiftInterval::HodgesLehmann => Some(self.shift(&differences, method, confidence)),
            ShiftInterval::None => None,
        };
        Ok(TestResult {
            test: TestName::SignedRank,
            method,
            alternative: self.alternative,
            null: Some(null),
            statistic: 0.5 * ranks.twice_above as f64,
            df: None,
            p_value: match method {
                Method::Exact => self.exact_p(&ranks),
                _ => self.asymptotic_p(&ranks),
            },
            estimate,
            effect_sizes: vec![EffectSize::new(Effect::RankBiserial, ranks.rank_biserial())],
            arms: pairs.values.as_ref().map(|values| ArmLevel {
                n: values.len() as u64,
                omitted: pairs.omitted,
                level: sort::median(values),
            }),
        })
    }

    /// Canary less baseline, or the difference of their logarithms.
    fn differences(&self, pairs: &Pairs<'_>) -> Result<Vec<f64>> {
        let values = pairs.values.as_ref().map(|values| &**values);
        if self.measure == Measure::Ratio {
            values.try_map(positive)?;
        }
        let difference = |(b, c): (&f64, &f64)| match self.measure {
            Measure::Difference => (c - b).clamp(f64::MIN, f64::MAX),
            _ => c.ln() - b.ln(),
        };
        Ok(values
            .baseline
            .iter()
            .zip(values.canary)
            .map(difference)
            .collect())
    }

    fn resolve(&self, ranks: &SignedRanks) -> Result<Method> {
        let is_plain = ranks.tie_term == 0 && ranks.zeros == 0;
        match self.method {
            RankMethod::Asymptotic => Ok(Method::Asymptotic),
            RankMethod::Auto if is_plain && ranks.n <= AUTO_PAIRS => Ok(Method::Exact),
            RankMethod::Auto => Ok(Method::Asymptotic),
            RankMethod::Exact if !is_plain => {
                let rule = "must be \"asymptotic\" or \"auto\" for differences with ties or zeros";
                Err(Error::option("method", rule, self.method))
            }
            RankMethod::Exact if ranks.n > EXACT_PAIRS => {
                let rule = format!("must be \"asymptotic\" or \"auto\" for {} pairs", ranks.n);
                Err(Error::option("method", rule, self.method))
            }
            RankMethod::Exact => Ok(Method::Exact),
        }
    }

    fn exact_p(&self, ranks: &SignedRanks) -> f64 {
        let (less, greater) = exact::of(ranks.n).tails((ranks.twice_above / 2) as u64);
        match self.alternative {
            Alternative::TwoSided => (2.0 * less.min(greater)).min(1.0),
            Alternative::Greater => greater,
            Alternative::Less => less,
        }
    }

    fn asymptotic_p(&self, ranks: &SignedRanks) -> f64 {
        // W - μ, between whole numbers: μ is a quarter of 2 (W + W₋) where no rank is left out.
        let above = 0.25 * (ranks.twice_above as f64 - ranks.twice_below as f64);
        let sigma = ranks.variance(self.zeros).sqrt();
        if sigma == 0.0 {
            return 1.0;
        }
        let z = |distance: f64| (distance - self.correction()) / sigma;
        match self.alternative {
            Alternative::TwoSided => (2.0 * normal::sf(z(above.abs()))).min(1.0),
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

    fn shift(&self, differences: &[f64], method: Method, confidence: Confidence) -> Estimate {
        let averages = WalshAverages::of(differences);
        let tail = confidence.tail(self.alternative);
        let n = differences.len() as u64;
        let k = if method == Method::Exact {
            exact::of(n).order_statistic(tail)
        } else {
            // Shifting the differences breaks every tie of |d| but those of equal differences.
            let sigma = full_variance(n, averages.tie_term()).sqrt();
            let half = 0.5 * averages.total() as f64;
            let k = (half - self.correction() - normal::quantile(tail) * sigma).floor() + 1.0;
            k.clamp(0.0, self.alternative.most_order(2.0 * half)) as u64
        };
        let ends = match k {
            0 => (f64::NEG_INFINITY, f64::INFINITY),
            k => (averages.kth(k), averages.kth(averages.total() + 1 - k)),
        };
        let back = |x: f64| match self.measure {
            Measure::Difference => x,
            _ => x.exp(),
        };
        Estimate {
            measure: self.measure,
            of: format!("Hodges-Lehmann {} of pairs", self.measure.title()),
            value: back(averages.median()),
            interval: Interval::new(
                (back(ends.0), back(ends.1)),
                (back(f64::NEG_INFINITY), f64::INFINITY),
                self.alternative,
                confidence,
            ),
        }
    }
}

/// n(n + 1)(2n + 1)/24 - Σ (t³ - t)/48, the subtraction between whole numbers.
fn full_variance(n: u64, tie_term: u128) -> f64 {
    let n = u128::from(n);
    (2 * n * (n + 1) * (2 * n + 1)).saturating_sub(tie_term) as f64 / 48.0
}

/// Twice the sums of the ranks of positive and of negative differences, and what their variance
/// needs.
struct SignedRanks {
    /// How many differences were ranked.
    n: u64,
    zeros: u64,
    twice_above: u128,
    twice_below: u128,
    tie_term: u128,
}

impl SignedRanks {
    fn of(differences: &[f64], offset: f64, policy: ZeroPolicy) -> Self {
        // |d| in the upper 63 bits, the sign in the lowest: one sort of integers orders by |d|.
        let key = |&d: &f64| {
            let d = d - offset;
            (d.abs().to_bits() << 1) | u64::from(d < 0.0)
        };
        let mut keys: Vec<u64> = differences.iter().map(key).collect();
        let zeros = keys.iter().filter(|&&key| key == 0).count() as u64;
        if policy == ZeroPolicy::Wilcox {
            keys.retain(|&key| key != 0);
        }
        keys.sort_unstable();
        let mut ranks = Self {
            n: keys.len() as u64,
            zeros,
            twice_above: 0,
            twice_below: 0,
            tie_term: 0,
        };
        let mut before = 0_u64;
        for group in keys.chunk_by(|a, b| a >> 1 == b >> 1) {
            let size = group.len() as u64;
            let twice_rank = u128::from(2 * before + size + 1);
            before += size;
            let is_zero = group.first() == Some(&0);
            if is_zero && policy == ZeroPolicy::Pratt {
                continue;
            }
            let t = u128::from(size);
            ranks.tie_term += t * t * t - t;
            if is_zero {
                ranks.twice_above += t * twice_rank / 2;
                ranks.twice_below += t * twice_rank / 2;
                continue;
            }
            let below = group.iter().filter(|&&key| key & 1 == 1).count() as u128;
            ranks.twice_above += (t - below) * twice_rank;
            ranks.twice_below += below * twice_rank;
        }
        ranks
    }

    /// The variance of W when every sign is a coin.
    fn variance(&self, policy: ZeroPolicy) -> f64 {
        let of_zeros = match policy {
            ZeroPolicy::Pratt => full_variance(self.zeros, 0),
            ZeroPolicy::Wilcox | ZeroPolicy::Split => 0.0,
        };
        (full_variance(self.n, self.tie_term) - of_zeros).max(0.0)
    }

    fn rank_biserial(&self) -> f64 {
        let (above, below) = (self.twice_above as f64, self.twice_below as f64);
        if above == below {
            return 0.0;
        }
        (above - below) / (above + below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(test: &SignedRank, d: &[f64]) -> TestResult {
        let zero = vec![0.0; d.len()];
        test.run(&Arms::new(zero.as_slice(), d)).unwrap()
    }

    /// Darwin's maize (Wilcoxon 1945 took the like; R: wilcox.test(d, conf.int = TRUE)).
    #[test]
    fn darwin_s_maize() {
        let d = [
            49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0,
            -48.0,
        ];
        let result = run(&SignedRank::new(), &d);
        assert_eq!((result.statistic, result.method), (96.0, Method::Exact));
        assert!((result.p_value - 0.041_259_765_625).abs() < 1e-15);
        let estimate = result.estimate.unwrap();
        assert_eq!((estimate.interval.low, estimate.interval.high), (4.0, 41.5));
        assert_eq!(estimate.value, 25.0);
    }

    #[test]
    fn all_zero_is_no_change() {
        for &zeros in ZeroPolicy::ALL {
            let result = run(&SignedRank::new().zeros(zeros), &[0.0; 5]);
            assert_eq!(result.p_value, 1.0);
            assert_eq!(result.estimate.unwrap().value, 0.0);
        }
    }

    #[test]
    fn exact_refuses_what_it_cannot() {
        let test = SignedRank::new().method(RankMethod::Exact);
        let arms = Arms::new([0.0, 0.0], [1.0, -1.0]);
        assert!(
            test.run(&arms)
                .unwrap_err()
                .to_string()
                .contains("ties or zeros")
        );
    }
}
