use serde::{Deserialize, Serialize};

use crate::data::{Counts, Exposure};
use crate::error::{Error, Result};
use crate::number::{extended, gamma};

#[doc = include_str!("overdispersion.md")]
///
/// # Example
/// ```
/// use canary_core::{Counts, stats::Overdispersion};
///
/// let minutes = [2, 0, 70, 1, 3, 2].map(|errors| Counts::new(errors, 1000));
/// let minutes = minutes.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let found = Overdispersion::of_counts(&minutes)?;
/// assert!(found.factor > 50.0 && found.p_value < 1e-9);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Overdispersion {
    /// φ: by how much the variance is larger than chance makes it.
    #[serde(with = "extended")]
    pub factor: f64,
    /// X², Pearson's statistic.
    #[serde(with = "extended")]
    pub statistic: f64,
    /// Windows less one.
    pub df: f64,
    /// The probability of scatter at least as large if events were independent.
    pub p_value: f64,
}

impl Overdispersion {
    /// Of events out of trials, a window each.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than two windows with trials.
    pub fn of_counts(windows: &[Counts]) -> Result<Self> {
        let cells = windows.iter().filter(|counts| counts.trials() > 0);
        let cells: Vec<_> = cells
            .map(|c| (c.events() as f64, c.trials() as f64))
            .collect();
        Self::of(&cells, |share| 1.0 - share)
    }

    /// Of events in exposures, a window each.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than two windows.
    pub fn of_exposures(windows: &[Exposure]) -> Result<Self> {
        let cells: Vec<_> = windows
            .iter()
            .map(|e| (e.events() as f64, e.time()))
            .collect();
        Self::of(&cells, |_| 1.0)
    }

    /// Of events x and sizes n, whose variance is n times the rate times a factor.
    fn of(cells: &[(f64, f64)], factor: impl Fn(f64) -> f64) -> Result<Self> {
        if cells.len() < 2 {
            return Err(Error::not_enough("windows", "2 windows", cells.len()));
        }
        let df = cells.len() as f64 - 1.0;
        let events: f64 = cells.iter().map(|cell| cell.0).sum();
        // In parts of the largest, so that no sum of sizes overflows.
        let largest = cells.iter().map(|cell| cell.1).fold(0.0, f64::max);
        let total: f64 = cells.iter().map(|cell| cell.1 / largest).sum();
        let squares = cells.iter().map(|(x, n)| {
            let expected = events * (n / largest / total);
            match x - expected {
                0.0 => 0.0,
                apart => apart * (apart / expected),
            }
        });
        let spread = factor(events / total / largest);
        let statistic = if events > 0.0 && spread > 0.0 {
            squares.sum::<f64>() / spread
        } else {
            0.0
        };
        Ok(Self {
            factor: statistic / df,
            statistic,
            df,
            p_value: gamma::chi_square_sf(statistic, df),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_r() {
        // chisq.test(rbind(c(8, 15, 9), c(92, 85, 91))): X-squared = 3.0084, df = 2, p = 0.2222
        let windows = [8, 15, 9].map(|x| Counts::new(x, 100).unwrap());
        let found = Overdispersion::of_counts(&windows).unwrap();
        assert!((found.statistic - 3.0084).abs() < 5e-3, "{found:?}");
        assert!((found.p_value - 0.2222).abs() < 1e-3, "{found:?}");
        let none = [0, 0, 0].map(|x| Counts::new(x, 100).unwrap());
        assert_eq!(Overdispersion::of_counts(&none).unwrap().p_value, 1.0);
    }
}
