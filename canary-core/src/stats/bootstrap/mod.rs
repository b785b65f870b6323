//! The bootstrap: `order_statistics` has the distributions that are known, `resample` draws the
//! others.

mod order_statistics;
mod resample;

pub(super) use order_statistics::Atoms;
use resample::{Plan, Resamples};
use serde::{Deserialize, Serialize};

use super::input::{Pairs, in_a_unit, positive};
use super::result::{ArmLevel, Estimate, Interval};
use crate::data::{Arms, finite};
use crate::error::{Error, Result};
use crate::number::parallel::both;
use crate::number::{extended, normal, sort};
use crate::options::{Alternative, Confidence, Measure, NanPolicy, builder, choice};

choice! {
    /// What is estimated of each arm.
    Statistic("statistic") {
        /// The mean.
        Mean = "mean",
        /// The median.
        Median = "median",
        /// The quantile of the option `quantile`.
        Quantile = "quantile",
        /// The mean without the share `trim` of the values at either end.
        TrimmedMean = "trimmed_mean",
    }
}

choice! {
    /// How a bootstrap distribution is made an interval.
    BootstrapInterval("interval") {
        /// Bias-corrected and accelerated.
        Bca = "bca",
        /// The distribution's own quantiles.
        Percentile = "percentile",
        /// The quantiles mirrored about the estimate.
        Basic = "basic",
    }
}

choice! {
    /// Whether the arms are drawn each for itself.
    Pairing("pairing") {
        /// Each for itself.
        Independent = "independent",
        /// At the same positions: the arms' values belong together by position.
        Paired = "paired",
    }
}

/// So many resamples are held at most (some tens of megabytes).
const MOST_RESAMPLES: u64 = 10_000_000;

builder! {
    #[doc = include_str!("../bootstrap.md")]
    ///
    /// # Defaults
    /// Difference of means, percentile interval, two-sided, confidence 0.95, 9,999 resamples, seed 0, arms drawn each
    /// for itself, NaN refused.
    ///
    /// # Example: the change of the 99th percentile
    /// ```
    /// use canary_core::{Arms, Bootstrap, stats};
    ///
    /// let baseline: Vec<f64> = (0..2000).map(|i| 100.0 + f64::from(i * 7 % 100)).collect();
    /// let canary: Vec<f64> = baseline.iter().map(|x| x + 20.0).collect();
    /// let p99 = Bootstrap::new().statistic(stats::Statistic::Quantile).quantile(0.99);
    /// let result = p99.run(&Arms { baseline, canary })?;
    /// assert_eq!(result.resamples, 0); // known in closed form
    /// let interval = result.estimate.interval;
    /// assert!(interval.low > 18.0 && interval.high < 22.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    Bootstrap {
        /// What is estimated of each arm.
        statistic: Statistic = Statistic::Mean,
        /// Which quantile, in (0, 1).
        quantile: f64 = 0.5,
        /// Which share is cut off at either end, in [0, 0.5).
        trim: f64 = 0.1,
        /// Whether the estimate is a difference or a ratio.
        measure: Measure = Measure::Difference,
        /// How the distribution is made an interval.
        interval: BootstrapInterval = BootstrapInterval::Percentile,
        /// Whether the interval has both ends.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// How many resamples, from 1 to 10,000,000.
        resamples: u64 = 9999,
        /// Which random numbers.
        seed: u64 = 0,
        /// How long the blocks are; without it, single values are drawn.
        block: Option<u64> = None,
        /// Whether the arms are drawn at the same positions.
        pairing: Pairing = Pairing::Independent,
        /// What to do with NaN.
        nan_policy: NanPolicy = NanPolicy::Raise,
    }
}

/// An estimate with its bootstrap interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BootstrapResult {
    /// What was estimated of each arm.
    pub statistic: Statistic,
    /// How the distribution was made an interval.
    pub method: BootstrapInterval,
    /// The estimate with its interval.
    pub estimate: Estimate,
    /// The bootstrap distribution's standard deviation.
    #[serde(with = "extended")]
    pub standard_error: f64,
    /// How many resamples were drawn; 0 where the distribution is known in closed form.
    pub resamples: u64,
    /// What each arm contributed; one sample alone is the canary, beside a baseline of no values.
    pub arms: Arms<ArmLevel>,
}

impl Bootstrap {
    /// The change between two arms.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a quantile, trim, confidence, number of resamples or block length
    /// outside its range; [`Error::InvalidInput`] for values that are not finite (by the NaN policy)
    /// and for ratios that have no sign; [`Error::NotEnoughData`] for no values.
    pub fn run<A: AsRef<[f64]>>(&self, arms: &Arms<A>) -> Result<BootstrapResult> {
        let confidence = self.check()?;
        let (values, omitted) = match self.pairing {
            Pairing::Paired => {
                let pairs = Pairs::of(arms, self.nan_policy, 1)?;
                (pairs.values, Arms::new(pairs.omitted, pairs.omitted))
            }
            Pairing::Independent => {
                let checked = arms
                    .as_ref()
                    .map(A::as_ref)
                    .try_map(|arm, values| finite(arm, values, self.nan_policy))?;
                let omitted = checked.as_ref().map(|&(_, omitted)| omitted);
                (checked.map(|(values, _)| values), omitted)
            }
        };
        let (unit, values) = in_a_unit(values.as_ref().map(|values| &**values));
        let values = values.as_ref().map(|values| &**values);
        let size = values.baseline.len().min(values.canary.len());
        let (baseline, canary) = both(
            size,
            || Plan::of(values.baseline, self),
            || Plan::of(values.canary, self),
        );
        let plans = Arms { baseline, canary };
        let level = plans.as_ref().map(|plan| plan.estimate);
        if self.measure == Measure::Ratio {
            self.check_ratio(values, level, unit)?;
        }
        let compare = |c: f64, b: f64| match self.measure {
            Measure::Difference => c - b,
            _ if c == b => 1.0,
            _ => c / b,
        };
        let value = compare(level.canary, level.baseline);
        let (ends, standard_error, resamples) = if self.is_known() {
            self.known(&plans, value, confidence)
        } else {
            let pairing = self.pairing;
            let replicates = resample::map(self.resamples, self.seed, |stream| {
                let Arms { baseline, canary } = match pairing {
                    Pairing::Paired => plans.baseline.draw_with(&plans.canary, stream),
                    Pairing::Independent => Arms {
                        baseline: plans.baseline.draw(stream),
                        canary: plans.canary.draw(stream),
                    },
                };
                compare(canary, baseline)
            });
            let acceleration = self.acceleration(&plans);
            self.drawn(&Resamples::of(replicates), value, acceleration, confidence)
        };
        let (back, range) = match self.measure {
            Measure::Difference => (unit, (f64::NEG_INFINITY, f64::INFINITY)),
            _ => {
                let mut all = values.baseline.iter().chain(values.canary);
                let least = if all.any(|&x| x < 0.0) {
                    f64::NEG_INFINITY
                } else {
                    0.0
                };
                (1.0, (least, f64::INFINITY))
            }
        };
        Ok(BootstrapResult {
            statistic: self.statistic,
            method: self.interval,
            estimate: Estimate {
                measure: self.measure,
                of: format!("{} of {}s", self.measure.title(), self.title()),
                value: value * back,
                interval: Interval::new(
                    (ends.0 * back, ends.1 * back),
                    range,
                    self.alternative,
                    confidence,
                ),
            },
            standard_error: standard_error * back,
            resamples,
            arms: values
                .zip(level)
                .zip(omitted)
                .map(|((values, level), omitted)| ArmLevel {
                    n: values.len() as u64,
                    omitted,
                    level: level * unit,
                }),
        })
    }

    /// The statistic of one sample.
    ///
    /// # Errors
    /// As [`Bootstrap::run`].
    ///
    /// # Example
    /// ```
    /// use canary_core::{Bootstrap, stats::Statistic};
    ///
    /// let values: Vec<f64> = (0..101).map(f64::from).collect();
    /// let median = Bootstrap::new().statistic(Statistic::Median).run_one(&values)?;
    /// assert_eq!(median.estimate.value, 50.0);
    /// assert!(median.estimate.interval.low > 30.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn run_one(&self, values: &[f64]) -> Result<BootstrapResult> {
        let confidence = self.check()?;
        let (values, omitted) = finite("values", values, self.nan_policy)?;
        let (unit, scaled) = in_a_unit(Arms::new(&[], &values));
        let plan = Plan::of(&scaled.canary, self);
        let value = plan.estimate;
        let n = values.len() as u64;
        let none = Plan::of(&[], self);
        let plans = Arms::new(none, plan);
        let (ends, standard_error, resamples) = if self.is_known() {
            let difference = self.measure(Measure::Difference);
            difference.known(&plans, value, confidence)
        } else {
            let replicates = resample::map(self.resamples, self.seed, |stream| {
                plans.canary.draw(stream)
            });
            let acceleration = self.measure(Measure::Difference).acceleration(&plans);
            self.measure(Measure::Difference).drawn(
                &Resamples::of(replicates),
                value,
                acceleration,
                confidence,
            )
        };
        let everything = (f64::NEG_INFINITY, f64::INFINITY);
        Ok(BootstrapResult {
            statistic: self.statistic,
            method: self.interval,
            estimate: Estimate {
                measure: Measure::Difference,
                of: self.title(),
                value: value * unit,
                interval: Interval::new(
                    (ends.0 * unit, ends.1 * unit),
                    everything,
                    self.alternative,
                    confidence,
                ),
            },
            standard_error: standard_error * unit,
            resamples,
            arms: Arms {
                baseline: ArmLevel::new(0, 0.0),
                canary: ArmLevel {
                    n,
                    omitted,
                    level: value * unit,
                },
            },
        })
    }

    fn check(&self) -> Result<Confidence> {
        self.measure.without_odds()?;
        check_quantile(self.quantile)?;
        if !(0.0..0.5).contains(&self.trim) {
            return Err(Error::option("trim", "must lie in [0, 0.5)", self.trim));
        }
        if !(1..=MOST_RESAMPLES).contains(&self.resamples) {
            let rule = format!("must lie between 1 and {MOST_RESAMPLES}");
            return Err(Error::option("resamples", rule, self.resamples));
        }
        if self.block == Some(0) {
            return Err(Error::option("block", "must be at least 1", 0));
        }
        Confidence::try_from(self.confidence)
    }

    fn check_ratio(&self, values: Arms<&[f64]>, level: Arms<f64>, unit: f64) -> Result<()> {
        if self.is_known() {
            values.try_map(positive)?;
        } else if level.baseline <= 0.0 {
            let rule = format!("must have a positive {} for a ratio", self.title());
            return Err(Error::input("baseline", rule, level.baseline * unit));
        }
        Ok(())
    }

    /// Whether the distribution is known in closed form.
    const fn is_known(&self) -> bool {
        matches!(self.statistic, Statistic::Median | Statistic::Quantile)
            && self.block.is_none()
            && matches!(self.pairing, Pairing::Independent)
    }

    fn title(&self) -> String {
        match self.statistic {
            Statistic::Mean => "mean".to_owned(),
            Statistic::Median => "median".to_owned(),
            Statistic::Quantile => format!("{}-quantile", self.quantile),
            Statistic::TrimmedMean => "trimmed mean".to_owned(),
        }
    }

    /// Which quantile a median or quantile is.
    const fn share(&self) -> f64 {
        match self.statistic {
            Statistic::Quantile => self.quantile,
            _ => 0.5,
        }
    }

    /// Interval and standard error from the known distribution.
    fn known(
        &self,
        plans: &Arms<Plan<'_>>,
        value: f64,
        confidence: Confidence,
    ) -> ((f64, f64), f64, u64) {
        let change = Change::of(
            plans.as_ref().map(|plan| plan.sorted.as_slice()),
            self.share(),
            self.measure,
        );
        // What a quantile's single values have of influence cannot be told: no acceleration.
        let ends = self.ends(
            value,
            0.0,
            confidence,
            |at| change.quantile(at),
            || change.share_below(value),
        );
        (ends, change.standard_deviation(), 0)
    }

    fn drawn(
        &self,
        resamples: &Resamples,
        value: f64,
        acceleration: f64,
        confidence: Confidence,
    ) -> ((f64, f64), f64, u64) {
        let ends = self.ends(
            value,
            acceleration,
            confidence,
            |at| resamples.quantile(at),
            || resamples.share_below(value),
        );
        (ends, resamples.standard_deviation(), self.resamples)
    }

    /// The interval from the distribution's quantiles and the share of it below the estimate.
    fn ends(
        &self,
        value: f64,
        acceleration: f64,
        confidence: Confidence,
        quantile: impl Fn(f64) -> f64,
        share_below: impl Fn() -> f64,
    ) -> (f64, f64) {
        let tail = confidence.tail(self.alternative);
        match self.interval {
            BootstrapInterval::Percentile => (quantile(tail), quantile(1.0 - tail)),
            BootstrapInterval::Basic => {
                let (low, high) = (quantile(tail), quantile(1.0 - tail));
                match self.measure {
                    Measure::Difference => (value - (high - value), value + (value - low)),
                    // A ratio has no mirror image beyond zero.
                    _ => {
                        let mirror = |at: f64, none| {
                            if at * value > 0.0 {
                                value * (value / at)
                            } else {
                                none
                            }
                        };
                        (mirror(high, f64::NEG_INFINITY), mirror(low, f64::INFINITY))
                    }
                }
            }
            BootstrapInterval::Bca => {
                // A share of nothing or everything would be infinitely biased.
                let least = 0.5 / self.resamples as f64;
                let share = share_below().clamp(least, 1.0 - least);
                let bias = -normal::quantile(share);
                let at = |z: f64| {
                    let moved = bias + z;
                    let z = bias + moved / (1.0 - acceleration * moved);
                    normal::sf(-z)
                };
                let z = normal::quantile(tail);
                (quantile(at(-z)), quantile(at(z)))
            }
        }
    }

    /// Efron's acceleration from the influence of each value.
    fn acceleration(&self, plans: &Arms<Plan<'_>>) -> f64 {
        if self.interval != BootstrapInterval::Bca {
            return 0.0;
        }
        let Arms { baseline, canary } = plans.as_ref().map(Plan::influence_sums);
        // How the estimate moves with either arm's statistic, the ratio's up to a common factor.
        let slope = match self.measure {
            Measure::Difference => Arms::new(-1.0, 1.0),
            _ => Arms::new(-plans.canary.estimate / plans.baseline.estimate, 1.0),
        };
        let squares = slope.baseline.powi(2) * baseline.0 + slope.canary.powi(2) * canary.0;
        let cubes = slope.baseline.powi(3) * baseline.1 + slope.canary.powi(3) * canary.1;
        if squares > 0.0 {
            (cubes / (6.0 * squares.powf(1.5))).clamp(-0.25, 0.25)
        } else {
            0.0
        }
    }
}

/// A quantile's share must lie strictly between 0 and 1.
pub(super) fn check_quantile(quantile: f64) -> Result<()> {
    if quantile > 0.0 && quantile < 1.0 {
        Ok(())
    } else {
        Err(Error::option("quantile", "must lie in (0, 1)", quantile))
    }
}

/// The bootstrap distribution of a difference, or ratio, of two quantiles.
pub(super) struct Change {
    measure: Measure,
    /// Of the quantiles, or for a ratio of their logarithms.
    atoms: Arms<Atoms>,
}

impl Change {
    pub(super) fn of(sorted: Arms<&[f64]>, share: f64, measure: Measure) -> Self {
        let size = sorted.baseline.len().min(sorted.canary.len());
        let (baseline, canary) = both(
            size.saturating_mul(32), // an order statistic's distribution is worth a thread sooner
            || Atoms::of(sorted.baseline, share),
            || Atoms::of(sorted.canary, share),
        );
        let atoms = Arms { baseline, canary };
        Self {
            measure,
            atoms: match measure {
                Measure::Difference => atoms,
                _ => atoms.map(|atoms| atoms.map(f64::ln)),
            },
        }
    }

    fn back(&self, x: f64) -> f64 {
        match self.measure {
            Measure::Difference => x,
            _ => x.exp(),
        }
    }

    fn forth(&self, x: f64) -> f64 {
        match self.measure {
            Measure::Difference => x,
            _ => x.ln(),
        }
    }

    /// The least change whose cumulative probability is at least `at`.
    pub(super) fn quantile(&self, at: f64) -> f64 {
        let (low, high) = self.atoms.canary.less(&self.atoms.baseline);
        let (mut low, mut high) = (sort::to_key(low + 0.0), sort::to_key(high + 0.0));
        while low < high {
            let middle = low + (high - low) / 2;
            let at_most = self
                .atoms
                .canary
                .at_most(&self.atoms.baseline, sort::from_key(middle));
            if at_most >= at * (1.0 - 1e-14) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.back(sort::from_key(low) + 0.0)
    }

    /// P(change ≤ x).
    pub(super) fn at_most(&self, x: f64) -> f64 {
        self.atoms
            .canary
            .at_most(&self.atoms.baseline, self.forth(x))
    }

    /// P(change ≥ x).
    pub(super) fn at_least(&self, x: f64) -> f64 {
        self.atoms
            .baseline
            .at_most(&self.atoms.canary, -self.forth(x))
    }

    /// P(change < x) + ½ P(change = x).
    fn share_below(&self, x: f64) -> f64 {
        0.5 * (self.at_most(x) + (1.0 - self.at_least(x)))
    }

    fn standard_deviation(&self) -> f64 {
        match self.measure {
            Measure::Difference => {
                let variance = self.atoms.as_ref().map(Atoms::variance);
                (variance.baseline + variance.canary).sqrt()
            }
            _ => {
                // E(C²) E(1/B²) - (E(C) E(1/B))²
                let moment = |atoms: &Atoms, power: f64| atoms.expected(|x| (power * x).exp());
                let first = moment(&self.atoms.canary, 1.0) * moment(&self.atoms.baseline, -1.0);
                let second = moment(&self.atoms.canary, 2.0) * moment(&self.atoms.baseline, -2.0);
                (second - first * first).max(0.0).sqrt()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lattice(n: u32, step: u32) -> Vec<f64> {
        (0..n)
            .map(|i| f64::from(i * step % 1009).powf(1.3))
            .collect()
    }

    /// The same median, by the known distribution and by drawing: pairs and blocks are drawn.
    #[test]
    fn the_closed_form_is_what_drawing_comes_to() {
        for n in [9, 40, 301, 1500] {
            let values = lattice(n, 37);
            let median = Bootstrap::new()
                .statistic(Statistic::Median)
                .interval(BootstrapInterval::Percentile)
                .resamples(20_000);
            let known = median.run_one(&values).unwrap();
            let drawn = median.block(Some(1)).run_one(&values).unwrap();
            assert_eq!((known.resamples, drawn.resamples), (0, 20_000));
            let width = known.standard_error;
            // Six standard errors of a quantile at 2.5 % of 20,000 draws, and an atom.
            let slack = 0.12 * width + if n < 50 { 0.5 * width } else { 0.0 };
            let (a, b) = (known.estimate.interval, drawn.estimate.interval);
            assert!((a.low - b.low).abs() < slack, "{n}: {a} {b} {width}");
            assert!((a.high - b.high).abs() < slack, "{n}: {a} {b} {width}");
            let ratio = drawn.standard_error / known.standard_error;
            assert!((ratio - 1.0).abs() < 0.04, "{n}: {ratio}");
        }
    }

    #[test]
    fn the_seed_decides_and_the_threads_do_not() {
        let arms = Arms::new(lattice(200, 37), lattice(50, 61));
        let run = |seed| {
            Bootstrap::new()
                .seed(seed)
                .resamples(500)
                .run(&arms)
                .unwrap()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1).estimate.interval, run(2).estimate.interval);
    }

    #[test]
    fn bca_of_a_mean_is_near_the_t_interval() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i * 37 % 199)).collect();
        let result = Bootstrap::new().run_one(&values).unwrap();
        let interval = result.estimate.interval;
        let width = 2.0 * 1.96 * result.standard_error;
        assert!(((interval.high - interval.low) / width - 1.0).abs() < 0.03);
    }

    #[test]
    fn symmetric_values_have_no_bias() {
        let values: Vec<f64> = (0..101).map(f64::from).collect();
        for &interval in BootstrapInterval::ALL {
            let median = Bootstrap::new()
                .statistic(Statistic::Median)
                .interval(interval);
            let interval = median.run_one(&values).unwrap().estimate.interval;
            assert_eq!(interval.low + interval.high, 100.0, "{interval}");
        }
    }

    #[test]
    fn values_without_spread_have_an_interval_without_width() {
        let result = Bootstrap::new()
            .run(&Arms::new([3.0; 4], [5.0; 4]))
            .unwrap();
        let interval = result.estimate.interval;
        assert_eq!(
            (interval.low, interval.high, result.standard_error),
            (2.0, 2.0, 0.0)
        );
    }

    #[test]
    fn a_shared_wave_cancels_in_pairs() {
        let wave: Vec<f64> = (0..240)
            .map(|i| 50.0 * (f64::from(i) / 20.0).sin())
            .collect();
        let canary: Vec<f64> = wave
            .iter()
            .enumerate()
            .map(|(i, x)| x + 1.0 + (i % 3) as f64 / 10.0)
            .collect();
        let arms = Arms::new(wave, canary);
        let test = Bootstrap::new().block(Some(12)).resamples(999);
        let apart = test.run(&arms).unwrap().estimate.interval;
        let paired = test
            .pairing(Pairing::Paired)
            .run(&arms)
            .unwrap()
            .estimate
            .interval;
        assert!(
            apart.low < 0.0 && paired.low > 1.0 && paired.high < 1.2,
            "{apart} {paired}"
        );
    }
}
