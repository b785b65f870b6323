//! Two estimates with their standard errors, compared by Student's t.

use super::result::{Estimate, Interval};
use super::t_test::{ANY, fieller, ratio_of_means, zero_if_equal};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::student_t;
use crate::options::{Alternative, Confidence, Measure};

/// What is asked of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) alternative: Alternative,
    pub(super) confidence: f64,
    pub(super) measure: Measure,
    pub(super) null: Option<f64>,
}

/// Each arm's estimate, its squared standard error, and that error's degrees of freedom.
#[derive(Clone, Copy)]
pub(super) struct Contrast {
    /// What levels and errors were divided by, so that no square of them overflows.
    pub(super) unit: f64,
    pub(super) level: Arms<f64>,
    pub(super) squared_error: Arms<f64>,
    pub(super) df: Arms<f64>,
}

/// What comes of a comparison.
pub(super) struct Compared {
    pub(super) null: f64,
    pub(super) statistic: f64,
    pub(super) df: f64,
    pub(super) p_value: f64,
    pub(super) estimate: Estimate,
}

impl Contrast {
    /// `what` is what the levels are, in the plural.
    pub(super) fn compare(&self, asked: Asked, what: &str) -> Result<Compared> {
        let confidence = Confidence::try_from(asked.confidence)?;
        let null = asked.measure.without_odds()?.null_or(asked.null)?;
        let tail = confidence.tail(asked.alternative);
        self.level
            .zip(self.squared_error)
            .try_map(|arm, (level, squared)| {
                if (level * self.unit).is_finite() && (level * level + squared).is_finite() {
                    return Ok(());
                }
                let rule =
                    format!("must have {what} that are finite numbers, and so their squares");
                Err(Error::input(arm, rule, level * self.unit))
            })?;
        // The contrast is canary - weight * baseline, held against offset.
        let (weight, offset) = match asked.measure {
            Measure::Difference => (1.0, null / self.unit),
            _ => (null, 0.0),
        };
        let Arms { baseline, canary } = self.level;
        let error = |weight: f64| {
            (self.squared_error.canary + weight * weight * self.squared_error.baseline).sqrt()
        };
        let df = self.df_at(weight);
        let statistic = zero_if_equal(canary - weight * baseline - offset, error(weight));
        let (value, ends) = match asked.measure {
            Measure::Difference => {
                let difference = canary - baseline;
                let reach = student_t::quantile(tail, df) * error(1.0);
                let ends = (difference - reach, difference + reach);
                (
                    difference * self.unit,
                    (ends.0 * self.unit, ends.1 * self.unit),
                )
            }
            _ => {
                let ratio = ratio_of_means(self.level, self.unit)?;
                let t = student_t::quantile(tail, self.df_at(ratio));
                (ratio, fieller(self.level, self.squared_error, 0.0, t))
            }
        };
        Ok(Compared {
            null,
            statistic,
            df,
            p_value: student_t::p_value(statistic, df, asked.alternative),
            estimate: Estimate {
                measure: asked.measure,
                of: format!("{} of {what}", asked.measure.title()),
                value,
                interval: Interval::new(ends, ANY, asked.alternative, confidence),
            },
        })
    }

    /// Satterthwaite's (1946) degrees of freedom of canary - ratio · baseline.
    fn df_at(&self, ratio: f64) -> f64 {
        let baseline = ratio * ratio * self.squared_error.baseline;
        satterthwaite([
            (baseline, self.df.baseline),
            (self.squared_error.canary, self.df.canary),
        ])
    }
}

/// (Σ v)² / Σ v²/df over variances v; Σ df where there is no variance at all.
pub(super) fn satterthwaite<I: IntoIterator<Item = (f64, f64)> + Clone>(parts: I) -> f64 {
    let total: f64 = parts.clone().into_iter().map(|part| part.0).sum();
    if total == 0.0 {
        return parts.into_iter().map(|part| part.1).sum();
    }
    let shares = parts
        .into_iter()
        .map(|(variance, df)| (variance / total).powi(2) / df);
    1.0 / shares.sum::<f64>()
}
