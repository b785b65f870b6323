//! E-values of several hypotheses put together.

use serde::{Deserialize, Serialize};

use super::state::check_rate;
use crate::error::{Error, Result};
use crate::stats::{Adjustment, adjust};

#[doc = include_str!("combine.md")]
///
/// This is the average; without weights, all have the same.
///
/// # Errors
/// [`Error::NotEnoughData`] without e-values; [`Error::InvalidInput`] for an e-value that is
/// negative or NaN, another number of weights than e-values, weights that are negative or not
/// finite, and those that are all zero.
///
/// # Example
/// ```
/// use canary_core::sequential::combine_e_values;
///
/// assert_eq!(combine_e_values(&[60.0, 0.5, 2.5], None)?, 21.0);
/// assert_eq!(combine_e_values(&[60.0, 0.5], Some(&[3.0, 1.0]))?, 45.125);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn combine_e_values(e_values: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    check_e_values(e_values)?;
    if e_values.is_empty() {
        return Err(Error::not_enough("e_values", "1 e-value", 0));
    }
    let Some(weights) = weights else {
        let n = e_values.len() as f64;
        return Ok(e_values.iter().map(|e| e / n).sum());
    };
    if weights.len() != e_values.len() {
        let rule = format!("must be as many as the {} e-values", e_values.len());
        return Err(Error::input("weights", rule, weights.len()));
    }
    if let Some(weight) = weights.iter().find(|w| !(w.is_finite() && **w >= 0.0)) {
        let rule = "must be finite and not negative";
        return Err(Error::input("weights", rule, weight));
    }
    // In parts of the largest, so that no sum overflows.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return Err(Error::input("weights", "must have a positive sum", 0));
    }
    let sum: f64 = weights.iter().map(|weight| weight / largest).sum();
    let parts = e_values.iter().zip(weights).map(|(e, weight)| {
        // What has no weight says nothing, were it infinite.
        if *weight == 0.0 {
            0.0
        } else {
            e * (weight / largest / sum)
        }
    });
    Ok(parts.sum())
}

/// Which hypotheses are rejected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discoveries {
    /// Whether each hypothesis is rejected, in the order of the e-values.
    pub rejected: Vec<bool>,
    /// For each, the smallest alpha at which it is.
    pub adjusted: Vec<f64>,
}

impl Discoveries {
    /// How many are rejected.
    ///
    /// ```
    /// use canary_core::sequential::e_benjamini_hochberg;
    ///
    /// assert_eq!(e_benjamini_hochberg(&[90.0, 1.0, 40.0], 0.05)?.count(), 2);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        self.rejected.iter().filter(|rejected| **rejected).count()
    }
}

#[doc = include_str!("combine.md")]
///
/// This is e-BH.
///
/// # Errors
/// [`Error::InvalidInput`] for an e-value that is negative or NaN; [`Error::InvalidOption`] for an
/// alpha outside (0, 1).
///
/// # Example
/// ```
/// use canary_core::sequential::e_benjamini_hochberg;
///
/// let found = e_benjamini_hochberg(&[50.0, 0.3, 35.0, 2.0], 0.1)?;
/// assert_eq!(found.rejected, [true, false, true, false]); // 2 · 35 ≥ 4 / 0.1
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn e_benjamini_hochberg(e_values: &[f64], alpha: f64) -> Result<Discoveries> {
    check_rate("alpha", alpha)?;
    check_e_values(e_values)?;
    let p_values: Vec<f64> = e_values.iter().map(|&e| to_p(e)).collect();
    let adjusted = adjust(&p_values, Adjustment::BenjaminiHochberg)?;
    Ok(Discoveries {
        rejected: adjusted.iter().map(|&p| p <= alpha).collect(),
        adjusted,
    })
}

#[doc = include_str!("combine.md")]
///
/// This is the p-value of an e-value.
///
/// # Errors
/// [`Error::InvalidInput`] for an e-value that is negative or NaN.
///
/// # Example
/// ```
/// use canary_core::sequential::e_to_p;
///
/// assert_eq!(e_to_p(40.0)?, 0.025);
/// assert_eq!(e_to_p(0.3)?, 1.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn e_to_p(e_value: f64) -> Result<f64> {
    check_e_values(&[e_value])?;
    Ok(to_p(e_value))
}

fn to_p(e_value: f64) -> f64 {
    e_value.recip().min(1.0)
}

#[doc = include_str!("combine.md")]
///
/// This is the e-value of a p-value, by the calibrator with this κ or, without one, by the mean
/// over all. Of an anytime p-value at a time chosen beforehand it is an e-value too.
///
/// # Errors
/// [`Error::InvalidInput`] for a p-value outside [0, 1]; [`Error::InvalidOption`] for a κ outside
/// (0, 1).
///
/// # Example
/// ```
/// use canary_core::sequential::p_to_e;
///
/// assert_eq!(p_to_e(0.01, Some(0.5))?, 5.0);
/// assert!((p_to_e(0.01, None)? - 4.4510).abs() < 1e-4);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn p_to_e(p_value: f64, kappa: Option<f64>) -> Result<f64> {
    if !(0.0..=1.0).contains(&p_value) {
        return Err(Error::input("p_value", "must lie in [0, 1]", p_value));
    }
    if let Some(kappa) = kappa {
        check_rate("kappa", kappa)?;
        return Ok(kappa * p_value.powf(kappa - 1.0));
    }
    if p_value == 0.0 {
        return Ok(f64::INFINITY);
    }
    let ln = p_value.ln();
    if ln > -0.01 {
        // (e^-x - 1 + x) / x² of x = ln p, by its series: the terms cancel.
        return Ok(0.5 - ln / 6.0 + ln * ln / 24.0 - ln * ln * ln / 120.0 + ln.powi(4) / 720.0);
    }
    Ok((1.0 - p_value + p_value * ln) / (p_value * ln * ln))
}

fn check_e_values(e_values: &[f64]) -> Result<()> {
    let wrong = e_values
        .iter()
        .enumerate()
        .find(|(_, e)| e.is_nan() || **e < 0.0);
    match wrong {
        None => Ok(()),
        Some((index, e)) => {
            let got = format!("{e} at index {index}");
            Err(Error::input("e_values", "must not be negative", got))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::quadrature;

    /// By the definition: the largest k with k e₍ₖ₎ ≥ m/α.
    #[test]
    fn e_bh_is_its_definition() {
        let mut random = 7_u64;
        for m in 1..40 {
            let mut next = || {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (random >> 11) as f64 / (1_u64 << 53) as f64
            };
            let e_values: Vec<f64> = (0..m).map(|_| 0.3 / (next() + 1e-3)).collect();
            let mut sorted = e_values.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let needed = |k: usize| f64::from(m) / (k as f64 * 0.2);
            let k = (1..=e_values.len())
                .rev()
                .find(|&k| sorted[k - 1] >= needed(k));
            let found = e_benjamini_hochberg(&e_values, 0.2).unwrap();
            assert_eq!(found.count(), k.unwrap_or(0));
            for (e, rejected) in e_values.iter().zip(&found.rejected) {
                assert_eq!(*rejected, k.is_some_and(|k| *e >= sorted[k - 1]));
            }
        }
    }

    /// A calibrator integrates to 1 over p.
    #[test]
    fn calibrators_are_e_values() {
        for kappa in [Some(0.3), Some(0.8), None] {
            // Over x = ln p, from where what is left out is 1 / 3,000 for the mean.
            let f = |x: f64| p_to_e(x.exp(), kappa).unwrap() * x.exp();
            let integral = quadrature::integral(f, -600.0, 0.0, 400);
            let left_out = if kappa.is_none() { 1.0 / 600.0 } else { 0.0 };
            assert!(
                (integral + left_out - 1.0).abs() < 1e-5,
                "{kappa:?} {integral}"
            );
        }
        let (below, above) = (
            p_to_e((-0.0099_f64).exp(), None),
            p_to_e((-0.0101_f64).exp(), None),
        );
        assert!((above.unwrap() - below.unwrap() - 0.0002 / 6.0).abs() < 1e-6);
        assert_eq!(p_to_e(0.0, None), Ok(f64::INFINITY));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(combine_e_values(&[], None).is_err());
        assert!(combine_e_values(&[1.0, f64::NAN], None).is_err());
        assert!(combine_e_values(&[1.0], Some(&[1.0, 2.0])).is_err());
        assert!(combine_e_values(&[1.0], Some(&[0.0])).is_err());
        let weighed = combine_e_values(&[f64::INFINITY, 2.0], Some(&[0.0, 1e308]));
        assert_eq!(weighed, Ok(2.0));
        assert!(e_benjamini_hochberg(&[1.0], 1.0).is_err());
        assert!(e_benjamini_hochberg(&[-1.0], 0.1).is_err());
        assert_eq!(e_benjamini_hochberg(&[], 0.1).unwrap().count(), 0);
        assert!(p_to_e(1.5, None).is_err() && p_to_e(0.5, Some(1.0)).is_err());
        assert!(e_to_p(-1.0).is_err());
        assert_eq!(e_to_p(0.0), Ok(1.0));
    }
}
