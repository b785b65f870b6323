use serde::{Deserialize, Serialize};

use super::proportions::TwoProportionZ;
use super::result::{Estimate, Interval};
use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::extended;
use crate::options::{Alternative, Confidence, Measure, builder, choice};

choice! {
    /// What makes groups equal.
    FairnessNotion("notion") {
        /// Equal rates.
        DemographicParity = "demographic_parity",
        /// Equal rates among those who should be chosen.
        EqualOpportunity = "equal_opportunity",
        /// A lowest rate that is no small share of the highest.
        DisparateImpact = "disparate_impact",
    }
}

builder! {
    #[doc = include_str!("fairness.md")]
    ///
    /// # Defaults
    /// Demographic parity, confidence 0.95.
    ///
    /// # Example
    /// ```
    /// use canary_core::{Arms, Counts, stats::FairnessGap};
    ///
    /// let arms = Arms {
    ///     baseline: vec![Counts::new(480, 1000)?, Counts::new(500, 1000)?],
    ///     canary: vec![Counts::new(380, 1000)?, Counts::new(520, 1000)?],
    /// };
    /// let found = FairnessGap::new().run(&arms)?;
    /// assert!((found.change.value - 0.12).abs() < 1e-12);
    /// assert!(found.change.interval.low > 0.0); // wider, surely
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    FairnessGap {
        /// What makes groups equal.
        notion: FairnessNotion = FairnessNotion::DemographicParity,
        /// The intervals' confidence, in (0, 1).
        confidence: f64 = 0.95,
    }
}

/// The gap between the groups of one arm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Each group's rate, in the order of the input.
    pub rates: Vec<f64>,
    /// Which group has the highest rate.
    pub highest: usize,
    /// Which group has the lowest rate.
    pub lowest: usize,
    /// The gap.
    #[serde(with = "extended")]
    pub value: f64,
    /// Where the true gap probably lies.
    pub interval: Interval,
}

/// Both arms' gaps and the canary's change of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FairnessResult {
    /// What makes groups equal.
    pub notion: FairnessNotion,
    /// Each arm's gap.
    pub arms: Arms<Gap>,
    /// The canary's gap less the baseline's, or over it.
    pub change: Estimate,
}

impl FairnessGap {
    /// Compares groups, which come in the same order on both arms.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for arms with different numbers of groups;
    /// [`Error::NotEnoughData`] for fewer than two groups and for a group without trials;
    /// [`Error::InvalidOption`] for a confidence outside (0, 1).
    pub fn run<A: AsRef<[Counts]>>(&self, arms: &Arms<A>) -> Result<FairnessResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let groups = arms.as_ref().map(A::as_ref);
        let count = groups.baseline.len();
        if groups.canary.len() != count {
            let rule = format!("must have as many groups as baseline ({count})");
            return Err(Error::input("canary", rule, groups.canary.len()));
        }
        let arms = groups.try_map(|arm, groups| self.gap(arm, groups, confidence))?;
        let (b, c) = (&arms.baseline, &arms.canary);
        let measure = self.measure();
        let forth = |x: f64| match measure {
            Measure::Difference => x,
            _ => x.ln(),
        };
        let back = |x: f64| match measure {
            Measure::Difference => x,
            _ => x.exp(),
        };
        // Square-and-add, on the logarithms of a ratio.
        let reach = arms.as_ref().map(|gap| {
            let value = forth(gap.value);
            (
                value - forth(gap.interval.low),
                forth(gap.interval.high) - value,
            )
        });
        let value = match measure {
            Measure::Difference => c.value - b.value,
            _ if c.value == b.value => 1.0,
            _ => c.value / b.value,
        };
        let defined = |x: f64, otherwise: f64| if x.is_nan() { otherwise } else { x };
        let low = forth(value) - reach.canary.0.hypot(reach.baseline.1);
        let high = forth(value) + reach.canary.1.hypot(reach.baseline.0);
        let change = Estimate {
            measure,
            of: format!("{} of gaps", measure.title()),
            value,
            interval: Interval {
                low: back(defined(low, f64::NEG_INFINITY)),
                high: back(defined(high, f64::INFINITY)),
                confidence,
            },
        };
        Ok(FairnessResult {
            notion: self.notion,
            arms,
            change,
        })
    }

    const fn measure(&self) -> Measure {
        match self.notion {
            FairnessNotion::DemographicParity | FairnessNotion::EqualOpportunity => {
                Measure::Difference
            }
            FairnessNotion::DisparateImpact => Measure::Ratio,
        }
    }

    fn gap(&self, arm: &str, groups: &[Counts], confidence: Confidence) -> Result<Gap> {
        if groups.len() < 2 {
            return Err(Error::not_enough(arm, "2 groups", groups.len()));
        }
        if let Some(index) = groups.iter().position(|group| group.trials() == 0) {
            return Err(Error::not_enough(format!("{arm}[{index}]"), "1 trial", 0));
        }
        let pairs = groups.len() * (groups.len() - 1) / 2;
        let test = TwoProportionZ::new()
            .measure(self.measure())
            .alternative(Alternative::TwoSided)
            .confidence(1.0 - confidence.alpha() / pairs as f64);
        let mut ends: Option<(f64, f64)> = None;
        for (i, &one) in groups.iter().enumerate() {
            for &other in groups.iter().skip(i + 1) {
                let result = test.run(&Arms::new(one, other))?;
                let Some(Estimate { interval, .. }) = result.estimate else {
                    continue;
                };
                let (low, high) = (interval.low, interval.high);
                ends = Some(match self.measure() {
                    Measure::Difference => {
                        // Of the difference's size: nothing at least, where its sign is not sure.
                        let (least, most) = (low.max(-high).max(0.0), high.max(-low));
                        ends.map_or((least, most), |(a, b)| (least.max(a), most.max(b)))
                    }
                    _ => {
                        // Of the smaller over the larger.
                        let (least, most) = (low.min(1.0 / high), high.min(1.0 / low).min(1.0));
                        ends.map_or((least, most), |(a, b)| (least.min(a), most.min(b)))
                    }
                });
            }
        }
        let rates: Vec<f64> = groups.iter().map(|group| group.rate()).collect();
        let best = |order: fn(f64, f64) -> bool| {
            let mut found = (0, rates.first().copied().unwrap_or(0.0));
            for (index, &rate) in rates.iter().enumerate() {
                if order(rate, found.1) {
                    found = (index, rate);
                }
            }
            found
        };
        let (highest, most) = best(|rate, other| rate > other);
        let (lowest, least) = best(|rate, other| rate < other);
        let value = match self.measure() {
            Measure::Difference => most - least,
            _ if most == least => 1.0,
            _ => least / most,
        };
        let (low, high) = ends.unwrap_or((0.0, 1.0));
        Ok(Gap {
            rates,
            highest,
            lowest,
            value,
            interval: Interval {
                low,
                high,
                confidence,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(cells: &[(u64, u64)]) -> Vec<Counts> {
        cells
            .iter()
            .map(|&(x, n)| Counts::new(x, n).unwrap())
            .collect()
    }

    #[test]
    fn two_groups_have_the_interval_of_their_difference() {
        let arms = Arms::new(
            groups(&[(50, 100), (30, 100)]),
            groups(&[(50, 100), (10, 100)]),
        );
        let found = FairnessGap::new().run(&arms).unwrap();
        let pair = Arms::new(arms.baseline[1], arms.baseline[0]);
        let plain = TwoProportionZ::new().run(&pair).unwrap().estimate.unwrap();
        assert!((found.arms.baseline.value - 0.2).abs() < 1e-12);
        assert!((found.arms.baseline.interval.low - plain.interval.low).abs() < 1e-12);
        assert!((found.change.value - 0.2).abs() < 1e-12);
        assert_eq!(
            (found.arms.canary.highest, found.arms.canary.lowest),
            (0, 1)
        );
        let swapped = FairnessGap::new().run(&arms.swap()).unwrap();
        assert!((swapped.change.interval.low + found.change.interval.high).abs() < 1e-12);
    }

    #[test]
    fn the_four_fifths_rule() {
        let arms = Arms::new(
            groups(&[(50, 100), (40, 100)]),
            groups(&[(0, 100), (0, 100)]),
        );
        let test = FairnessGap::new().notion(FairnessNotion::DisparateImpact);
        let found = test.run(&arms).unwrap();
        assert!((found.arms.baseline.value - 0.8).abs() < 1e-12);
        let gap = &found.arms.canary;
        assert_eq!(
            (gap.value, gap.interval.low, gap.interval.high),
            (1.0, 0.0, 1.0)
        );
    }

    #[test]
    fn a_group_without_trials_is_named() {
        let arms = Arms::new(groups(&[(5, 10), (3, 10)]), groups(&[(5, 10), (0, 0)]));
        let error = FairnessGap::new().run(&arms).unwrap_err().to_string();
        assert_eq!(error, "canary[1]: needs at least 1 trial, got 0");
    }
}
