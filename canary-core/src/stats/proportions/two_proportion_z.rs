use super::super::result::{
    ArmLevel, Effect, EffectSize, Estimate, Interval, Method, TestName, TestResult,
};
use super::score;
use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::normal;
use crate::options::{Alternative, Confidence, Measure, builder, choice};

choice! {
    /// How the interval for two proportions is computed.
    #[derive(Default)]
    ProportionInterval("interval") {
        /// Miettinen and Nurminen's score interval: the one to use.
        #[default]
        MiettinenNurminen = "miettinen_nurminen",
        /// Newcombe's hybrid of two Wilson intervals.
        Newcombe = "newcombe",
        /// Estimate plus and minus z standard errors: too short with few events.
        Wald = "wald",
    }
}

builder! {
    #[doc = include_str!("two_proportion_z.md")]
    ///
    /// # Defaults
    /// Two-sided, confidence 0.95, difference of proportions, Miettinen-Nurminen.
    ///
    /// # Example: a canary with some errors, a baseline with none at all
    /// ```
    /// use canary_core::{Arms, Counts, Measure, TwoProportionZ};
    ///
    /// let errors = Arms::new(Counts::new(0, 19_000)?, Counts::new(6, 1_000)?);
    /// let result = TwoProportionZ::new().run(&errors)?;
    /// assert!(result.p_value < 1e-20);
    /// assert!(result.estimate.unwrap().interval.low > 0.002);
    ///
    /// let times = TwoProportionZ::new().measure(Measure::Ratio).run(&errors)?.estimate.unwrap();
    /// assert_eq!(times.value, f64::INFINITY);
    /// assert!(times.interval.low > 29.0 && times.interval.low < 31.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    TwoProportionZ {
        /// What is held against "no difference".
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a difference or a ratio of proportions.
        measure: Measure = Measure::Difference,
        /// How the interval is computed.
        interval: ProportionInterval = ProportionInterval::MiettinenNurminen,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

impl TwoProportionZ {
    /// Runs the test on events out of trials.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for an arm without trials; [`Error::InvalidOption`] for a
    /// confidence outside (0, 1) and for a ratio with an interval that has none.
    pub fn run(&self, arms: &Arms<Counts>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        check_trials(*arms)?;
        let difference = exact_difference(*arms);
        let null = self.measure.null_or(self.null)?;
        let statistic = if null == self.measure.null() {
            pooled_z(*arms, difference)
        } else {
            score::z(*arms, self.measure, null)?
        };
        let signed_critical = normal::quantile(confidence.tail(self.alternative));
        let critical = signed_critical.abs();
        if self.measure != Measure::Difference
            && self.interval != ProportionInterval::MiettinenNurminen
        {
            let title = self.measure.title();
            let rule = format!("must be \"miettinen_nurminen\" for a {title} of proportions");
            return Err(Error::option("interval", rule, self.interval));
        }
        let (low, high) = match (self.measure, self.interval) {
            (Measure::Difference, ProportionInterval::MiettinenNurminen) => {
                let guess = newcombe(*arms, difference, critical);
                score::difference(*arms, difference, critical, guess)
            }
            (Measure::Difference, ProportionInterval::Newcombe) => {
                newcombe(*arms, difference, critical)
            }
            (Measure::Difference, ProportionInterval::Wald) => wald(*arms, difference, critical),
            (Measure::Ratio, _) => score::ratio(*arms, critical),
            (Measure::OddsRatio, _) => score::odds_ratio(*arms, critical),
        };
        let (value, range) = match self.measure {
            Measure::Difference => (difference, (-1.0, 1.0)),
            Measure::Ratio => (ratio(arms.map(Counts::rate)), (0.0, f64::INFINITY)),
            Measure::OddsRatio => (odds_ratio(*arms), (0.0, f64::INFINITY)),
        };
        // A one-sided interval with less than even confidence ends on the estimate's other side.
        let ends = if signed_critical < 0.0 {
            (high, low)
        } else {
            (low, high)
        };
        Ok(TestResult {
            test: TestName::TwoProportionZ,
            method: if null == self.measure.null() {
                Method::Pooled
            } else {
                Method::Score
            },
            alternative: self.alternative,
            null: Some(null),
            statistic,
            df: None,
            p_value: normal::p_value(statistic, self.alternative),
            estimate: Some(Estimate {
                measure: self.measure,
                of: format!("{} of proportions", self.measure.title()),
                value,
                interval: Interval::new(ends, range, self.alternative, confidence),
            }),
            effect_sizes: vec![EffectSize::new(
                Effect::CohensH,
                cohens_h(*arms, difference),
            )],
            arms: levels(*arms),
        })
    }
}

/// An arm without trials has no proportion.
pub(super) fn check_trials(arms: Arms<Counts>) -> Result<()> {
    arms.try_map(|arm, counts| match counts.trials() {
        0 => Err(Error::not_enough(arm, "1 trial", 0)),
        _ => Ok(()),
    })?;
    Ok(())
}

pub(super) fn levels(arms: Arms<Counts>) -> Arms<ArmLevel> {
    arms.map(|counts| ArmLevel::new(counts.trials(), counts.rate()))
}

/// p̂c - p̂b = (xc nb - xb nc) / (nb nc), the numerator between whole numbers, so that nothing is
/// lost where the proportions are nearly equal.
pub(super) fn exact_difference(arms: Arms<Counts>) -> f64 {
    let Arms { baseline, canary } = arms;
    let canary_share = u128::from(canary.events()) * u128::from(baseline.trials());
    let baseline_share = u128::from(baseline.events()) * u128::from(canary.trials());
    let size = canary_share.abs_diff(baseline_share) as f64;
    let signed = if canary_share < baseline_share {
        -size
    } else {
        size
    };
    signed / (baseline.trials() as f64 * canary.trials() as f64)
}

fn ratio(proportion: Arms<f64>) -> f64 {
    if proportion.canary == proportion.baseline {
        return 1.0;
    }
    proportion.canary / proportion.baseline
}

/// (xc yb) / (yc xb): from nothing to nothing there is no change.
fn odds_ratio(arms: Arms<Counts>) -> f64 {
    let others = arms.map(|counts| counts.trials() - counts.events());
    let product = |x: u64, y: u64| u128::from(x) * u128::from(y);
    let above = product(arms.canary.events(), others.baseline);
    let below = product(arms.baseline.events(), others.canary);
    if above == below {
        return 1.0;
    }
    above as f64 / below as f64
}

pub(super) fn pooled_z(arms: Arms<Counts>, difference: f64) -> f64 {
    let n = arms.map(|counts| counts.trials() as f64);
    let total = |f: fn(Counts) -> u64| u128::from(f(arms.baseline)) + u128::from(f(arms.canary));
    let (events, trials) = (total(Counts::events), total(Counts::trials));
    let share = events as f64 / trials as f64;
    let other = (trials - events) as f64 / trials as f64;
    let variance = share * other * (1.0 / n.baseline + 1.0 / n.canary);
    if variance == 0.0 {
        0.0
    } else {
        difference / variance.sqrt()
    }
}

/// The share of trials without the event, 1 - p̂ without cancellation.
fn complement(counts: Counts) -> f64 {
    (counts.trials() - counts.events()) as f64 / counts.trials() as f64
}

fn wald(arms: Arms<Counts>, difference: f64, critical: f64) -> (f64, f64) {
    let variance = arms.map(|c| c.rate() * complement(c) / c.trials() as f64);
    let half_width = critical * (variance.baseline + variance.canary).sqrt();
    (
        (difference - half_width).max(-1.0),
        (difference + half_width).min(1.0),
    )
}

/// Newcombe (1998), method 10.
fn newcombe(arms: Arms<Counts>, difference: f64, critical: f64) -> (f64, f64) {
    let shares = arms.map(|counts| Share {
        of: counts.rate(),
        rest: complement(counts),
        trials: counts.trials() as f64,
    });
    let (below, above) = newcombe_reach(shares, critical);
    (difference - below, difference + above)
}

/// A share, what is left of 1, and of how many trials, or of how many they are worth.
#[derive(Clone, Copy)]
pub(crate) struct Share {
    pub(crate) of: f64,
    pub(crate) rest: f64,
    pub(crate) trials: f64,
}

/// How far Newcombe's interval reaches below and above the difference of two shares.
pub(crate) fn newcombe_reach(shares: Arms<Share>, critical: f64) -> (f64, f64) {
    let Arms { baseline, canary } = shares.map(|share| wilson(share, critical));
    (canary.0.hypot(baseline.1), canary.1.hypot(baseline.0))
}

/// How far Wilson's (1927) interval reaches below and above the share.
fn wilson(share: Share, critical: f64) -> (f64, f64) {
    let (n, p, q) = (share.trials, share.of, share.rest);
    let z2 = critical * critical / n;
    let spread = critical * (p * q / n + 0.25 * z2 / n).sqrt();
    let pull = 0.5 * (q - p) * z2; // towards one half
    let reach = |end: f64| end.max(0.0) / (1.0 + z2);
    (reach(spread - pull), reach(spread + pull))
}

/// Cohen's h as the angle it is: its sine and cosine have no cancellation.
pub(super) fn cohens_h(arms: Arms<Counts>, difference: f64) -> f64 {
    let (p, q) = (arms.map(Counts::rate), arms.map(complement));
    let towards = (p.canary * q.baseline).sqrt() + (p.baseline * q.canary).sqrt();
    let sine = if towards == 0.0 {
        0.0
    } else {
        difference / towards
    };
    let cosine = (p.canary * p.baseline).sqrt() + (q.canary * q.baseline).sqrt();
    2.0 * sine.atan2(cosine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(b: (u64, u64), c: (u64, u64)) -> Arms<Counts> {
        Arms::new(b, c).map(|(events, trials)| Counts::new(events, trials).unwrap())
    }

    /// Newcombe (1998), table II: the first sample is the canary here.
    #[test]
    fn intervals_agree_with_the_published_ones() {
        use ProportionInterval::{MiettinenNurminen, Newcombe, Wald};
        for (canary, baseline, method, low, high) in [
            ((56, 70), (48, 80), Wald, 0.0575, 0.3425),
            ((56, 70), (48, 80), MiettinenNurminen, 0.0528, 0.3382),
            ((56, 70), (48, 80), Newcombe, 0.0524, 0.3339),
            ((9, 10), (3, 10), MiettinenNurminen, 0.1700, 0.8406),
            ((9, 10), (3, 10), Newcombe, 0.1705, 0.8090),
            ((5, 56), (0, 29), MiettinenNurminen, -0.0326, 0.1933),
            ((5, 56), (0, 29), Newcombe, -0.0381, 0.1926),
            ((0, 10), (0, 20), MiettinenNurminen, -0.1658, 0.2844),
            ((0, 10), (0, 20), Newcombe, -0.1611, 0.2775),
            ((0, 10), (0, 10), MiettinenNurminen, -0.2879, 0.2879),
            ((10, 10), (0, 20), MiettinenNurminen, 0.7156, 1.0),
            ((10, 10), (0, 10), MiettinenNurminen, 0.6636, 1.0),
            ((10, 10), (0, 10), Newcombe, 0.6075, 1.0),
        ] {
            let test = TwoProportionZ::new().interval(method);
            let result = test.run(&counts(baseline, canary)).unwrap();
            let interval = result.estimate.unwrap().interval;
            let error = (interval.low - low).abs().max((interval.high - high).abs());
            assert!(error < 6e-5, "{canary:?} {baseline:?} {method}: {interval}");
        }
    }

    #[test]
    fn nothing_happened_on_either_arm() {
        for side in [0, 50] {
            let result = TwoProportionZ::new()
                .run(&counts((side, 50), (side, 50)))
                .unwrap();
            assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
            let interval = result.estimate.unwrap().interval;
            assert!(interval.low < -0.05 && interval.high > 0.05, "{interval}");
        }
        let ratio = TwoProportionZ::new().measure(Measure::Ratio);
        let estimate = ratio
            .run(&counts((0, 50), (0, 50)))
            .unwrap()
            .estimate
            .unwrap();
        assert_eq!(estimate.value, 1.0);
        assert_eq!(
            (estimate.interval.low, estimate.interval.high),
            (0.0, f64::INFINITY)
        );
    }

    #[test]
    fn huge_counts_lose_nothing() {
        let n = 1 << 53;
        let result = TwoProportionZ::new()
            .run(&counts((n / 2, n), (n / 2 + 1, n)))
            .unwrap();
        assert_eq!(result.estimate.unwrap().value, (n as f64).recip());
        let all = u64::MAX;
        assert!(
            TwoProportionZ::new()
                .run(&counts((1, all), (all, all)))
                .is_ok()
        );
    }

    #[test]
    fn wrong_uses_are_named() {
        let wald = TwoProportionZ::new()
            .measure(Measure::Ratio)
            .interval(ProportionInterval::Wald);
        assert_eq!(
            wald.run(&counts((1, 2), (1, 2))).unwrap_err().to_string(),
            "interval: must be \"miettinen_nurminen\" for a ratio of proportions, got wald"
        );
        assert_eq!(
            TwoProportionZ::new()
                .run(&counts((0, 0), (1, 2)))
                .unwrap_err()
                .to_string(),
            "baseline: needs at least 1 trial, got 0"
        );
    }
}
