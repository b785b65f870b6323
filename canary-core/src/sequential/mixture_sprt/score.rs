//! The one statistic that all kinds of data come to.

use super::super::normal_mixture::NormalMixture;

/// How far what was seen is from the null hypothesis.
#[derive(Debug, Clone, Copy)]
pub(super) struct Score {
    /// What was seen less what was expected, a sum.
    pub(super) distance: f64,
    /// The variance of that sum.
    pub(super) variance: f64,
    /// Degrees of freedom of the variance; infinite where it is that of the null hypothesis.
    pub(super) df: f64,
    /// What the sum's mean is at an effect of 1: of a difference, or of the logarithm of a ratio.
    pub(super) unit: f64,
    /// Events that are expected of either arm, weighted; NaN for means.
    pub(super) level: f64,
    /// Those of the arm that is to have fewer.
    pub(super) least: f64,
    /// Observations, weighted.
    pub(super) weight: f64,
}

/// How large an effect is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tuning {
    /// τ itself.
    Effect(f64),
    /// ρ², the prior variance per observation.
    PerObservation(f64),
    /// Half of the level for events, a tenth of a standard deviation for means.
    Usual,
}

impl Score {
    /// Had all that was seen been seen that many times.
    pub(super) fn repeated(self, times: f64) -> Self {
        Self {
            distance: times * self.distance,
            variance: times * self.variance,
            df: times * self.df,
            unit: times * self.unit,
            level: times * self.level,
            least: times * self.least,
            weight: times * self.weight,
        }
    }

    pub(super) fn z(&self) -> f64 {
        self.distance / self.variance.sqrt()
    }

    /// τ² over the variance of the effect.
    pub(super) fn mixture(&self, tuning: Tuning) -> NormalMixture {
        let of = |effect: f64| NormalMixture::new(effect * effect, self.variance);
        match tuning {
            // Of means of a baseline that was never anything but 0, no effect is a part.
            Tuning::Effect(effect) if self.unit != 0.0 => of(effect * self.unit),
            Tuning::PerObservation(squared) => NormalMixture {
                spread: squared * self.weight,
            },
            _ if self.level.is_nan() => NormalMixture {
                spread: 0.01 * self.weight,
            },
            _ => of(0.5 * self.level),
        }
    }
}
