//! Planning: power, sample size, smallest effect; `plan` says how long that takes.

mod plan;

use std::fmt;

pub use plan::{Plan, Traffic};
use serde::{Deserialize, Serialize};

use super::proportions::null_variance;
use super::two_rates::restricted_variance;
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::root::brent;
use crate::number::show::Show;
use crate::number::{extended, gamma, normal, quadrature, student_t};
use crate::options::{Alternative, builder, choice};

choice! {
    /// What a planned comparison is to show.
    PowerGoal("goal") {
        /// That there is a difference.
        Difference = "difference",
        /// That the canary is not worse by the margin.
        NonInferiority = "non_inferiority",
        /// That the arms differ by less than the margin.
        Equivalence = "equivalence",
    }
}

/// What is compared, and what is assumed of it. The effect is the canary's value less the baseline's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Means, by Welch's t: the standard deviations.
    Means {
        /// Each arm's standard deviation, in the metric's unit.
        sd: Arms<f64>,
    },
    /// Ranks, by Mann-Whitney: the effect is P(canary > baseline) - ½.
    Ranks,
    /// Proportions, by the two-proportion z-test.
    Proportions {
        /// The baseline's proportion.
        baseline: f64,
    },
    /// Poisson rates, by the score test; sizes are exposures.
    Rates {
        /// The baseline's events per unit of exposure.
        baseline: f64,
    },
}

builder! {
    #[doc = include_str!("../power.md")]
    ///
    /// # Defaults
    /// Difference, two-sided, alpha 0.05, equal arms.
    ///
    /// # Example: how many requests show a rise of the error rate from 0.9 % to 1.125 %?
    /// ```
    /// use canary_core::stats::{Model, Power};
    ///
    /// let errors = Model::Proportions { baseline: 0.009 };
    /// let plan = Power::new().share(0.05).sample_size(errors, 0.00225, 0.8)?;
    /// assert!((15_000.0..17_000.0).contains(&plan.n.canary));
    /// assert!(plan.power >= 0.8);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    Power {
        /// What is to be shown.
        goal: PowerGoal = PowerGoal::Difference,
        /// The test's sides, for the goal `difference`.
        alternative: Alternative = Alternative::TwoSided,
        /// The error rate, in (0, 0.5).
        alpha: f64 = 0.05,
        /// The canary's share of all observations, in (0, 1).
        share: f64 = 0.5,
        /// The margin of non-inferiority (its sign says which way is worse) or equivalence.
        margin: f64 = 0.0,
    }
}

/// A sample size, an effect and the power that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PowerResult {
    /// How many observations on each arm; for rates, how much exposure.
    pub n: Arms<f64>,
    /// The canary's value less the baseline's.
    #[serde(with = "extended")]
    pub effect: f64,
    /// The probability that the test shows it.
    pub power: f64,
    /// The test's error rate.
    pub alpha: f64,
}

impl fmt::Display for PowerResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "power {} for an effect of {} with {} and {} observations (baseline, canary), alpha {}",
            Show(self.power),
            Show(self.effect),
            Show(self.n.baseline),
            Show(self.n.canary),
            Show(self.alpha)
        )
    }
}

/// No power is asked of more, so that a product of sizes is a number.
const LARGEST: f64 = 1e100;

/// No plan is larger than this.
const MOST: f64 = 9_007_199_254_740_992.0; // 2^53

impl Power {
    /// The power of a test with so many observations.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range; [`Error::NotEnoughData`] for fewer
    /// observations than the test needs.
    pub fn power(&self, model: Model, effect: f64, n: Arms<f64>) -> Result<PowerResult> {
        self.check(model, effect)?;
        let least = match model {
            Model::Means { .. } => 2.0,
            Model::Ranks | Model::Proportions { .. } => 1.0,
            Model::Rates { .. } => LARGEST.recip(),
        };
        n.try_map(|arm, n| match n {
            n if n >= least && n <= LARGEST => Ok(()),
            n if n > LARGEST => Err(Error::option(
                format!("n.{arm}"),
                format!("must be at most {LARGEST:e}"),
                n,
            )),
            n => Err(Error::option(
                format!("n.{arm}"),
                format!("must be at least {least}"),
                n,
            )),
        })?;
        Ok(self.result(model, effect, n))
    }

    /// The smallest sample size with this power.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range, and where no sample size has the
    /// power, because the effect belongs to the null hypothesis.
    pub fn sample_size(&self, model: Model, effect: f64, power: f64) -> Result<PowerResult> {
        self.check(model, effect)?;
        self.check_power(power)?;
        let at = |canary: f64| self.result(model, effect, self.arms(model, canary));
        let is_enough = |canary: f64| at(canary).power >= power;
        let is_whole = !matches!(model, Model::Rates { .. });
        let first = if is_whole { 2.0 } else { 1e-9 };
        let (mut low, mut high) = self
            .around(first, power, &|canary| at(canary).power)
            .ok_or_else(|| {
                let rule = format!("must be an effect that can be shown with power {power}");
                Error::option("effect", rule, effect)
            })?;
        if high == first {
            return Ok(at(high));
        }
        if is_whole {
            (low, high) = (low.floor(), high.ceil());
            while high - low > 1.0 {
                let middle = (0.5 * (low + high)).floor();
                if is_enough(middle) {
                    high = middle;
                } else {
                    low = middle;
                }
            }
            // Between sizes at which the baseline's is rounded up, power may fall for a step.
            while !is_enough(high) && high < MOST {
                high += 1.0;
            }
            return Ok(at(high));
        }
        let canary = brent(|canary| at(canary).power - power, low, high);
        Ok(at(canary))
    }

    /// A sample size without the power, and one with it (the same, where the first has it): by the
    /// normal approximation, in which the root of the size and the power's quantile are in
    /// proportion, and then in steps that grow.
    fn around(&self, first: f64, power: f64, power_at: &dyn Fn(f64) -> f64) -> Option<(f64, f64)> {
        let is_enough = |n: f64| power_at(n) >= power; // NaN is not
        if is_enough(first) {
            return Some((first, first));
        }
        let quantile = |p: f64| -normal::quantile(p.clamp(1e-300, 1.0 - 1e-16));
        let alpha = match (self.goal, self.alternative) {
            (PowerGoal::Difference, Alternative::TwoSided) => 0.5 * self.alpha,
            _ => self.alpha,
        };
        let critical = normal::quantile(alpha);
        let mut near = first.max(16.0);
        for _ in 0..6 {
            let ratio = (critical + quantile(power)) / (critical + quantile(power_at(near)));
            if !(ratio > 0.0 && ratio.is_finite()) {
                break;
            }
            near = (near * ratio * ratio).clamp(first, MOST);
            if (ratio - 1.0).abs() < 1e-3 {
                break;
            }
        }
        if !power_at(near).is_finite() {
            near = first; // beyond the doubles' reach
        }
        let (mut low, mut high) = (near, near);
        let mut step = 1.002;
        while !is_enough(high) {
            (low, high) = (high, high * step + 1.0);
            step *= step;
            if high > MOST {
                return None;
            }
        }
        while low >= high || is_enough(low) {
            (low, high) = ((low / step - 1.0).max(first), low.min(high));
            step *= step;
            if low <= first {
                return Some((first, high));
            }
        }
        Some((low, high))
    }

    /// The smallest effect that a test with so many observations shows with this power: upwards, or
    /// with the alternative `less` downwards. For non-inferiority and equivalence the effect is 0 and
    /// what is found is the smallest margin.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range, and where no effect has the power.
    pub fn detectable(&self, model: Model, n: Arms<f64>, power: f64) -> Result<PowerResult> {
        self.check_power(power)?;
        self.power(model, 0.0, n)?;
        let down = self.alternative == Alternative::Less;
        let furthest = match model {
            Model::Means { sd } => 1e9 * (sd.baseline + sd.canary),
            Model::Ranks => 0.5,
            Model::Proportions { baseline } if down => baseline,
            Model::Proportions { baseline } => 1.0 - baseline,
            Model::Rates { baseline } if down => baseline,
            Model::Rates { baseline } => 1e9 * (baseline + 1.0 / n.canary),
        };
        let sign = if down { -1.0 } else { 1.0 };
        let at = |size: f64| match self.goal {
            PowerGoal::Difference => self.result(model, sign * size, n),
            PowerGoal::NonInferiority | PowerGoal::Equivalence => {
                let result = self.margin(sign * size).result(model, 0.0, n);
                PowerResult {
                    effect: sign * size,
                    ..result
                }
            }
        };
        // From a tiny effect outwards: the power grows with the effect.
        let furthest = match self.goal {
            PowerGoal::Difference => furthest,
            _ => furthest * (1.0 - 1e-9),
        };
        let mut low = 0.0;
        let mut high = furthest * 1e-12;
        while high < furthest && at(high).power < power {
            (low, high) = (high, (2.0 * high).min(furthest));
        }
        if at(high).power < power {
            let rule = "must be more for any effect to be shown with this power";
            return Err(Error::option("n", rule, n.canary));
        }
        Ok(at(brent(|size| at(size).power - power, low, high)))
    }

    fn check(&self, model: Model, effect: f64) -> Result<()> {
        let within = |name: &str, value: f64, low: f64, high: f64| {
            if value > low && value < high {
                Ok(())
            } else {
                Err(Error::option(
                    name,
                    format!("must lie in ({low}, {high})"),
                    value,
                ))
            }
        };
        within("alpha", self.alpha, 0.0, 0.5)?;
        within("share", self.share, 0.0, 1.0)?;
        if !effect.is_finite() {
            return Err(Error::option("effect", "must be finite", effect));
        }
        if !self.margin.is_finite() {
            return Err(Error::option("margin", "must be finite", self.margin));
        }
        match model {
            Model::Means { sd } => {
                sd.try_map(|arm, sd| within(&format!("sd.{arm}"), sd, 0.0, f64::INFINITY))?;
            }
            Model::Ranks => {
                if effect.abs() > 0.5 {
                    let rule = "must lie in [-0.5, 0.5] for P(canary > baseline) less one half";
                    return Err(Error::option("effect", rule, effect));
                }
            }
            Model::Proportions { baseline } => {
                let inside = |p: f64| (0.0..=1.0).contains(&p);
                if !inside(baseline) {
                    return Err(Error::option("baseline", "must lie in [0, 1]", baseline));
                }
                if !inside(baseline + effect) {
                    let rule = "must leave the canary's proportion in [0, 1]";
                    return Err(Error::option("effect", rule, effect));
                }
                if self.margin.abs() >= 1.0 {
                    let rule = "must lie in (-1, 1) for proportions";
                    return Err(Error::option("margin", rule, self.margin));
                }
            }
            Model::Rates { baseline } => {
                if !(0.0..=LARGEST).contains(&baseline) {
                    let rule = format!("must lie in [0, {LARGEST:e}]");
                    return Err(Error::option("baseline", rule, baseline));
                }
                if baseline + effect < 0.0 {
                    let rule = "must leave the canary's rate at or above 0";
                    return Err(Error::option("effect", rule, effect));
                }
            }
        }
        Ok(())
    }

    fn check_power(&self, power: f64) -> Result<()> {
        if power > self.alpha && power < 1.0 {
            Ok(())
        } else {
            let rule = format!("must lie in ({}, 1)", self.alpha);
            Err(Error::option("power", rule, power))
        }
    }

    fn arms(&self, model: Model, canary: f64) -> Arms<f64> {
        let baseline = canary * (1.0 - self.share) / self.share;
        let baseline = match model {
            Model::Rates { .. } => baseline,
            Model::Means { .. } | Model::Ranks | Model::Proportions { .. } => {
                (baseline - 1e-9 * baseline).ceil().max(2.0)
            }
        };
        Arms { baseline, canary }
    }

    fn result(&self, model: Model, effect: f64, n: Arms<f64>) -> PowerResult {
        let power = match model {
            Model::Means { sd } => self.power_of_means(sd, effect, n),
            Model::Ranks => {
                let all = n.baseline + n.canary;
                let error = ((all + 1.0) / (12.0 * n.baseline * n.canary)).sqrt();
                self.power_of_normal(effect, error, |_| error)
            }
            Model::Proportions { baseline } => {
                let p = Arms::new(baseline, baseline + effect);
                let variance = p.zip(n).map(|(p, n)| p * (1.0 - p) / n);
                let error = (variance.baseline + variance.canary).sqrt();
                self.power_of_normal(effect, error, |null| null_variance(p, n, null).sqrt())
            }
            Model::Rates { baseline } => {
                let rate = Arms::new(baseline, baseline + effect);
                let variance = rate.zip(n).map(|(rate, time)| rate / time);
                let error = (variance.baseline + variance.canary).sqrt();
                self.power_of_normal(effect, error, |null| {
                    restricted_variance(rate.zip(n).map(|(rate, time)| rate * time), n, null).sqrt()
                })
            }
        };
        PowerResult {
            n,
            effect,
            power: power.clamp(0.0, 1.0),
            alpha: self.alpha,
        }
    }

    /// The power of a normal statistic with this standard error, which the test takes for that under
    /// the null hypothesis.
    fn power_of_normal(&self, effect: f64, error: f64, null_error: impl Fn(f64) -> f64) -> f64 {
        let z = |tail: f64| normal::quantile(tail);
        // P(estimate > bound) and P(estimate < bound), also without any error.
        let above = |bound: f64| match effect - bound {
            distance if error > 0.0 => normal::sf(-distance / error),
            distance if distance > 0.0 => 1.0,
            _ => 0.0,
        };
        let below = |bound: f64| match bound - effect {
            distance if error > 0.0 => normal::sf(-distance / error),
            distance if distance > 0.0 => 1.0,
            _ => 0.0,
        };
        let high = |null: f64, tail: f64| null + z(tail) * null_error(null);
        let low = |null: f64, tail: f64| null - z(tail) * null_error(null);
        match self.goal {
            PowerGoal::Difference => match self.alternative {
                Alternative::TwoSided => {
                    let tail = 0.5 * self.alpha;
                    above(high(0.0, tail)) + below(low(0.0, tail))
                }
                Alternative::Greater => above(high(0.0, self.alpha)),
                Alternative::Less => below(low(0.0, self.alpha)),
            },
            PowerGoal::NonInferiority if self.margin >= 0.0 => below(low(self.margin, self.alpha)),
            PowerGoal::NonInferiority => above(high(self.margin, self.alpha)),
            PowerGoal::Equivalence => {
                let margin = self.margin.abs();
                let (from, to) = (high(-margin, self.alpha), low(margin, self.alpha));
                if from < to {
                    below(to) - below(from)
                } else {
                    0.0
                }
            }
        }
    }

    /// The power of Welch's t: the normal probability given the estimated standard error, averaged
    /// over its distribution. For one test it is the noncentral t's tail, for two at once Owen's Q.
    fn power_of_means(&self, sd: Arms<f64>, effect: f64, n: Arms<f64>) -> f64 {
        let squared = sd.zip(n).map(|(sd, n)| sd * sd / n);
        let error = (squared.baseline + squared.canary).sqrt();
        let df = super::t_test::welch_df(squared, n, 1.0);
        let t = |tail: f64| student_t::quantile(tail, df);
        let cdf = |z: f64| normal::sf(-z);
        let average = |f: &dyn Fn(f64) -> f64| average_over_chi(df, f);
        let distance = |null: f64| (effect - null) / error;
        match self.goal {
            PowerGoal::Difference => {
                let delta = distance(0.0);
                match self.alternative {
                    Alternative::TwoSided => {
                        let t = t(0.5 * self.alpha);
                        average(&|s| cdf(delta - t * s) + cdf(-delta - t * s))
                    }
                    Alternative::Greater => {
                        let t = t(self.alpha);
                        average(&|s| cdf(delta - t * s))
                    }
                    Alternative::Less => {
                        let t = t(self.alpha);
                        average(&|s| cdf(-delta - t * s))
                    }
                }
            }
            PowerGoal::NonInferiority => {
                // How far on the good side of the margin.
                let away = distance(self.margin);
                let delta = if self.margin >= 0.0 { -away } else { away };
                let t = t(self.alpha);
                average(&|s| cdf(delta - t * s))
            }
            PowerGoal::Equivalence => {
                let margin = self.margin.abs();
                let (low, high) = (distance(margin), distance(-margin));
                let t = t(self.alpha);
                // -M + t s < estimate < M - t s
                average(&|s| (cdf(-low - t * s) - cdf(-high + t * s)).max(0.0))
            }
        }
    }
}

/// E f(s) for s = √(χ²(df)/df).
fn average_over_chi(df: f64, f: &dyn Fn(f64) -> f64) -> f64 {
    let spread = (0.5 / df).sqrt();
    let (low, high) = ((1.0 - 12.0 * spread).max(0.0), 1.0 + 14.0 * spread);
    let weighted = |s: f64| gamma::density(0.5 * df * s * s, 0.5 * df) * df * s * f(s);
    if low > 0.0 {
        return quadrature::integral(weighted, low, high, 8);
    }
    // Near 0 the density is like s^(df - 1): smooth in the fourth root of s.
    let rooted = |u: f64| weighted(u.powi(4)) * 4.0 * u.powi(3);
    quadrature::integral(rooted, 0.0, high.powf(0.25), 48)
}

/// The textbook's power of a two-sided (or one-sided) two-proportion z-test, the far tail left out:
/// Φ((|p2 - p1| - z s0) / s1).
///
/// # Errors
/// [`Error::InvalidOption`] for proportions outside [0, 1], sizes below 1, and alpha outside (0, 1).
///
/// ```
/// use canary_core::{Alternative, Arms, stats::power_two_proportions};
///
/// let power = power_two_proportions(
///     Arms::new(0.10, 0.15), Arms::new(700.0, 700.0), 0.05, Alternative::TwoSided)?;
/// assert!((power - 0.808_110_7).abs() < 1e-6);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn power_two_proportions(
    proportion: Arms<f64>,
    n: Arms<f64>,
    alpha: f64,
    alternative: Alternative,
) -> Result<f64> {
    proportion.try_map(|arm, p| {
        if (0.0..=1.0).contains(&p) {
            Ok(())
        } else {
            Err(Error::option(arm, "must lie in [0, 1]", p))
        }
    })?;
    n.try_map(|arm, n| {
        if n >= 1.0 && n.is_finite() {
            Ok(())
        } else {
            Err(Error::option(format!("n_{arm}"), "must be at least 1", n))
        }
    })?;
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(Error::option("alpha", "must lie in (0, 1)", alpha));
    }
    let events = proportion.zip(n).map(|(p, n)| p * n);
    let pooled = (events.baseline + events.canary) / (n.baseline + n.canary);
    let s0 = (pooled * (1.0 - pooled) * (1.0 / n.baseline + 1.0 / n.canary)).sqrt();
    let variance = proportion.zip(n).map(|(p, n)| p * (1.0 - p) / n);
    let s1 = (variance.baseline + variance.canary).sqrt();
    let distance = match alternative {
        Alternative::TwoSided => (proportion.canary - proportion.baseline).abs(),
        Alternative::Greater => proportion.canary - proportion.baseline,
        Alternative::Less => proportion.baseline - proportion.canary,
    };
    if s1 == 0.0 {
        return Ok(if distance > 0.0 { 1.0 } else { alpha });
    }
    let tail = match alternative {
        Alternative::TwoSided => 0.5 * alpha,
        Alternative::Greater | Alternative::Less => alpha,
    };
    Ok(normal::sf((normal::quantile(tail) * s0 - distance) / s1))
}

/// P(Z ≤ z) of the standard normal distribution.
///
/// ```
/// assert_eq!(canary_core::stats::normal_cdf(0.0), 0.5);
/// ```
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    normal::sf(-z)
}

/// The z with P(Z ≤ z) = p.
///
/// # Errors
/// [`Error::InvalidOption`] for p outside (0, 1).
///
/// ```
/// assert!((canary_core::stats::normal_quantile(0.975)? - 1.959_964).abs() < 1e-6);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn normal_quantile(p: f64) -> Result<f64> {
    if p > 0.0 && p < 1.0 {
        // The upper tail of -z, so that a small p keeps its digits.
        Ok(-normal::quantile(p))
    } else {
        Err(Error::option("p", "must lie in (0, 1)", p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn means(sd: f64) -> Model {
        Model::Means {
            sd: Arms::new(sd, sd),
        }
    }

    /// R: power.t.test(n = 20, delta = 1, sd = 1, strict = TRUE) and its like.
    #[test]
    fn means_agree_with_r() {
        let n = Arms::new(20.0, 20.0);
        let power = |test: Power| test.power(means(1.0), 1.0, n).unwrap().power;
        assert!((power(Power::new()) - 0.868_953_0).abs() < 1e-7);
        let greater = Power::new().alternative(Alternative::Greater);
        assert!(
            (power(greater) - 0.927_902_5).abs() < 2e-5,
            "{}",
            power(greater)
        );
    }

    /// mpmath: the noncentral t of Welch's df, which is 1.05 and 2.31 here.
    #[test]
    fn few_canary_values_have_their_digits() {
        let power = |sd: Arms<f64>, effect: f64, n: Arms<f64>| {
            let found = Power::new().power(Model::Means { sd }, effect, n);
            found.unwrap().power
        };
        let sd = Arms::new(1.168_116_788_888_430_3, 0.514_107_594_306_003_5);
        let got = power(sd, -0.058_916_004_237_710_77, Arms::new(447.0, 2.0));
        assert!(
            (got / 0.050_666_842_087_800_59 - 1.0).abs() < 1e-10,
            "{got}"
        );
        let got = power(Arms::new(1.0, 2.0), 1.0, Arms::new(10.0, 3.0));
        assert!(
            (got / 0.085_615_460_852_471_02 - 1.0).abs() < 1e-10,
            "{got}"
        );
    }

    /// R: power.prop.test(p1 = 0.1, p2 = 0.15, power = 0.8, strict = TRUE): n = 685.6.
    #[test]
    fn proportions_agree_with_r() {
        let errors = Model::Proportions { baseline: 0.1 };
        let found = Power::new().sample_size(errors, 0.05, 0.8).unwrap();
        assert_eq!(found.n, Arms::new(686.0, 686.0));
    }

    #[test]
    fn a_sample_size_is_the_smallest() {
        let models = [
            (means(10.0), 2.0),
            (Model::Ranks, 0.06),
            (Model::Proportions { baseline: 0.02 }, 0.01),
        ];
        for goal in PowerGoal::ALL {
            for (model, effect) in models {
                let effect = if *goal == PowerGoal::Difference {
                    effect
                } else {
                    0.0
                };
                let test = Power::new().share(0.1).goal(*goal).margin(match model {
                    Model::Means { .. } => 3.0,
                    _ => 0.05,
                });
                let found = test.sample_size(model, effect, 0.9).unwrap();
                assert!(found.power >= 0.9);
                assert!((found.n.canary / (found.n.canary + found.n.baseline) - 0.1).abs() < 0.01);
                let fewer = test.arms(model, found.n.canary - 1.0);
                assert!(
                    test.power(model, effect, fewer).unwrap().power < 0.9,
                    "{model:?}"
                );
            }
        }
    }

    #[test]
    fn the_smallest_effect_has_the_power() {
        let n = Arms::new(1900.0, 100.0);
        for alternative in Alternative::ALL {
            let test = Power::new().alternative(*alternative);
            for model in [
                means(3.0),
                Model::Ranks,
                Model::Proportions { baseline: 0.3 },
                Model::Rates { baseline: 0.5 },
            ] {
                let found = test.detectable(model, n, 0.8).unwrap();
                assert!((found.power - 0.8).abs() < 1e-9, "{model:?} {found:?}");
                assert_eq!(found.effect < 0.0, *alternative == Alternative::Less);
            }
        }
    }

    #[test]
    fn what_cannot_be_shown_is_an_error() {
        let error = Power::new().sample_size(means(1.0), 0.0, 0.8).unwrap_err();
        assert_eq!(
            error.to_string(),
            "effect: must be an effect that can be shown with power 0.8, got 0"
        );
        let error = Power::new()
            .share(1.5)
            .sample_size(means(1.0), 1.0, 0.8)
            .unwrap_err();
        assert_eq!(error.to_string(), "share: must lie in (0, 1), got 1.5");
    }
}
