use std::fmt;

use serde::{Deserialize, Serialize};

use super::two_rates::exact_p;
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::number::show::{Show, ShowP};
use crate::number::{extended, gamma};
use crate::options::Alternative;

/// What a check of the traffic split found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRatio {
    /// χ².
    #[serde(with = "extended")]
    pub statistic: f64,
    /// Groups less one.
    pub df: f64,
    /// The probability of shares at least as far off if the split were as configured.
    pub p_value: f64,
    /// The share of each group.
    pub observed: Vec<f64>,
    /// The share that each group should have.
    pub expected: Vec<f64>,
}

/// Below this expected count the binomial distribution itself is asked.
const FEW: f64 = 10.0;

#[doc = include_str!("sample_ratio.md")]
///
/// # Errors
/// [`Error::InvalidInput`] for another number of shares than counts, or a share that is negative or not
/// finite; [`Error::NotEnoughData`] for fewer than two groups or no requests.
///
/// # Example
/// ```
/// use canary_core::stats::sample_ratio;
///
/// let split = sample_ratio(&[94_600, 5_400], &[0.95, 0.05])?;
/// assert!(split.p_value < 0.001); // do not judge: find out why
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn sample_ratio(counts: &[u64], expected: &[f64]) -> Result<SampleRatio> {
    let groups = counts.len();
    if groups < 2 {
        return Err(Error::not_enough("counts", "2 groups", groups));
    }
    if expected.len() != groups {
        let rule = format!("must be as many as the {groups} counts");
        return Err(Error::input("expected", rule, expected.len()));
    }
    if let Some(share) = expected.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        let rule = "must hold finite shares that are not negative";
        return Err(Error::input("expected", rule, share));
    }
    let largest = expected.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(Error::input("expected", "must have a positive sum", 0));
    }
    // In parts of the largest, so that no sum overflows.
    let sum: f64 = expected.iter().map(|w| w / largest).sum();
    let total: u128 = counts.iter().map(|&count| u128::from(count)).sum();
    if total == 0 {
        return Err(Error::not_enough("counts", "1 request", 0));
    }
    let total = total as f64;
    // A share of -0 is one of 0.
    let expected: Vec<f64> = expected.iter().map(|w| w.abs() / largest / sum).collect();
    let observed: Vec<f64> = counts.iter().map(|&count| count as f64 / total).collect();
    let terms = observed.iter().zip(&expected).map(|(share, w)| {
        let apart = share - w;
        if apart == 0.0 {
            0.0
        } else {
            total * (apart / w) * apart
        }
    });
    let statistic: f64 = terms.sum();
    // A group that should have nothing, and has, cannot vary.
    let groups = counts.iter().copied().zip(expected.iter().copied());
    let varying: Vec<(u64, f64)> = groups.filter(|&(n, w)| n > 0 || w > 0.0).collect();
    let df = (varying.len() as f64 - 1.0).max(1.0);
    let p_value = match *varying.as_slice() {
        [(first, x), (second, y)] if x > 0.0 && y > 0.0 && total * x.min(y) < FEW => {
            let events = Arms::new(second as f64, first as f64);
            exact_p(events, Point { x, y }, Alternative::TwoSided)
        }
        _ => gamma::chi_square_sf(statistic, df),
    };
    Ok(SampleRatio {
        statistic,
        df,
        p_value,
        observed,
        expected,
    })
}

impl fmt::Display for SampleRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |shares: &[f64]| {
            let shown = shares
                .iter()
                .map(|share| format!("{}%", Show(100.0 * share)));
            shown.collect::<Vec<_>>().join(" : ")
        };
        write!(
            f,
            "traffic split {}, expected {}: {}",
            percent(&self.observed),
            percent(&self.expected),
            ShowP(self.p_value)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_r() {
        // chisq.test(c(9400, 520, 80), p = c(0.94, 0.05, 0.01)): X-squared = 4.8, p = 0.09072
        let found = sample_ratio(&[9400, 520, 80], &[94.0, 5.0, 1.0]).unwrap();
        assert!((found.statistic - 4.8).abs() < 1e-9, "{found:?}");
        assert!((found.p_value - 0.090_718).abs() < 1e-6, "{found:?}");
        // binom.test(3, 40, 0.05)$p.value: 0.4517764
        let found = sample_ratio(&[37, 3], &[0.95, 0.05]).unwrap();
        assert!((found.p_value - 0.451_776_4).abs() < 1e-7, "{found:?}");
    }

    #[test]
    fn a_group_that_should_be_empty() {
        let found = sample_ratio(&[10, 1], &[1.0, 0.0]).unwrap();
        assert_eq!((found.statistic, found.p_value), (f64::INFINITY, 0.0));
        assert_eq!(sample_ratio(&[10, 0], &[1.0, 0.0]).unwrap().p_value, 1.0);
    }
}
