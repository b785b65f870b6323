//! Values of both arms, stratum by stratum.

use serde::{Deserialize, Serialize};

use super::score::Score;
use crate::data::Arms;
use crate::number::extended;
use crate::number::moments::Moments;
use crate::options::Measure;

/// Sums over strata, each of which weighs w = nb nc / (nb + nc). An arm's variance is measured within
/// each stratum: what both arms share from one to the next is no noise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Means {
    /// Σ w
    #[serde(with = "extended")]
    weight: f64,
    /// Σ w (canary's mean - baseline's)
    #[serde(with = "extended")]
    difference: f64,
    /// Σ w (baseline's mean)
    #[serde(with = "extended")]
    baseline: f64,
    /// Σ w² s²/n of each arm
    squared_error: Arms<f64>,
    /// Σ (w² s²/n)² / (n - 1) of each arm
    square: Arms<f64>,
    /// Σ w (n - 1) s² / (nb + nc - 2) of each arm, which add up to what the squared error is if
    /// both arms vary alike
    pooled: Arms<f64>,
}

impl Means {
    /// One stratum, of at least two values on either arm.
    pub(super) fn of(moments: Arms<Moments>) -> Self {
        let n = moments.map(|moments| moments.count as f64);
        let weight = n.canary * (n.baseline / (n.baseline + n.canary));
        let squared_error = moments.map(|arm| {
            let n = arm.count as f64;
            weight * weight * (arm.m2 / (n - 1.0) / n)
        });
        let df = n.baseline + n.canary - 2.0;
        Self {
            weight,
            pooled: moments.map(|arm| weight * (arm.m2 / df)),
            difference: weight * (moments.canary.mean - moments.baseline.mean),
            baseline: weight * moments.baseline.mean,
            squared_error,
            square: squared_error.zip(n).map(|(v, n)| v * v / (n - 1.0)),
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        let sum = |a: Arms<f64>, b: Arms<f64>| a.zip(b).map(|(a, b)| a + b);
        Self {
            weight: self.weight + other.weight,
            difference: self.difference + other.difference,
            baseline: self.baseline + other.baseline,
            squared_error: sum(self.squared_error, other.squared_error),
            square: sum(self.square, other.square),
            pooled: sum(self.pooled, other.pooled),
        }
    }

    pub(super) fn estimate(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Difference => self.difference / self.weight,
            _ if self.difference == 0.0 && self.weight > 0.0 => 1.0,
            _ if self.baseline > 0.0 => 1.0 + self.difference / self.baseline,
            _ => f64::NAN,
        }
    }

    /// How far the canary is from where the null hypothesis expects it.
    pub(super) fn score(&self, measure: Measure, null: f64) -> Score {
        let (ratio, distance, unit) = match measure {
            Measure::Difference => (1.0, self.difference - null * self.weight, self.weight),
            _ => (
                null,
                self.difference + (1.0 - null) * self.baseline,
                null * self.baseline.max(0.0),
            ),
        };
        let squared = ratio * ratio;
        let at = |arms: Arms<f64>| arms.canary + squared * arms.baseline;
        let variance = at(self.squared_error);
        // Satterthwaite (1946), over all strata of both arms.
        let squares = self.square.canary + squared * squared * self.square.baseline;
        Score {
            distance,
            // The few values of a small arm may by chance lack the rare large ones: then its mean is
            // too low and so is its variance, which the other arm's tells.
            variance: variance.max(at(self.pooled)),
            df: variance * variance / squares,
            unit,
            level: f64::NAN,
            least: f64::INFINITY,
            weight: self.weight,
        }
    }
}
