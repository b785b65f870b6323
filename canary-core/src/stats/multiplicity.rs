use crate::error::{Error, Result};
use crate::number::sort;
use crate::options::choice;

choice! {
    /// How p-values are adjusted for their number.
    Adjustment("method") {
        /// The chance of any false alarm, by the number of tests.
        Bonferroni = "bonferroni",
        /// The same, step by step from the smallest.
        Holm = "holm",
        /// The same, step by step from the largest.
        Hochberg = "hochberg",
        /// The share of false alarms among the alarms.
        BenjaminiHochberg = "benjamini_hochberg",
        /// The same, however the tests depend on each other.
        BenjaminiYekutieli = "benjamini_yekutieli",
    }
}

#[doc = include_str!("multiplicity.md")]
///
/// # Errors
/// [`Error::InvalidInput`] for a p-value outside [0, 1], with its index.
///
/// # Example
/// ```
/// use canary_core::stats::{Adjustment, adjust};
///
/// let adjusted = adjust(&[0.01, 0.04, 0.03, 0.005], Adjustment::Holm)?;
/// assert_eq!(adjusted, [0.03, 0.06, 0.06, 0.02]);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn adjust(p_values: &[f64], method: Adjustment) -> Result<Vec<f64>> {
    if let Some((index, p)) = p_values
        .iter()
        .enumerate()
        .find(|(_, p)| !(0.0..=1.0).contains(*p))
    {
        let value = format!("{p} at index {index}");
        return Err(Error::input("p_values", "must lie in [0, 1]", value));
    }
    let m = p_values.len() as f64;
    if method == Adjustment::Bonferroni {
        return Ok(p_values.iter().map(|p| (m * p).min(1.0)).collect());
    }
    let harmonic = match method {
        Adjustment::BenjaminiYekutieli => (1..=p_values.len()).map(|j| 1.0 / j as f64).sum(),
        _ => 1.0,
    };
    let factor = |rank: f64| match method {
        Adjustment::Bonferroni => m,
        Adjustment::Holm | Adjustment::Hochberg => m - rank + 1.0,
        Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli => m * harmonic / rank,
    };
    let order = sort::order(p_values);
    let scaled = order.iter().enumerate().map(|(before, &index)| {
        let p = p_values.get(index).copied().unwrap_or(1.0);
        (index, (factor(before as f64 + 1.0) * p).min(1.0))
    });
    let mut adjusted = vec![1.0; p_values.len()];
    let mut store = |index: usize, p: f64| {
        if let Some(place) = adjusted.get_mut(index) {
            *place = p;
        }
    };
    match method {
        Adjustment::Bonferroni | Adjustment::Holm => {
            scaled.fold(0.0, |largest: f64, (index, p)| {
                let largest = largest.max(p);
                store(index, largest);
                largest
            });
        }
        Adjustment::Hochberg | Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli => {
            scaled.rev().fold(1.0, |least: f64, (index, p)| {
                let least = least.min(p);
                store(index, least);
                least
            });
        }
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R: p.adjust(p, method)
    #[test]
    fn agrees_with_r() {
        let p = [0.01, 0.04, 0.03, 0.005, 0.9, 0.03];
        for (method, expected) in [
            (Adjustment::Bonferroni, [0.06, 0.24, 0.18, 0.03, 1.0, 0.18]),
            (Adjustment::Holm, [0.05, 0.12, 0.12, 0.03, 0.9, 0.12]),
            (Adjustment::Hochberg, [0.05, 0.08, 0.08, 0.03, 0.9, 0.08]),
            (
                Adjustment::BenjaminiHochberg,
                [0.03, 0.048, 0.045, 0.03, 0.9, 0.045],
            ),
            (
                Adjustment::BenjaminiYekutieli,
                [0.0735, 0.1176, 0.11025, 0.0735, 1.0, 0.11025],
            ),
        ] {
            for (got, expected) in adjust(&p, method).unwrap().iter().zip(expected) {
                assert!((got - expected).abs() < 1e-15, "{method}: {got} {expected}");
            }
        }
    }

    #[test]
    fn what_is_no_probability_is_named() {
        let error = adjust(&[0.5, f64::NAN], Adjustment::Holm).unwrap_err();
        assert_eq!(
            error.to_string(),
            "p_values: must lie in [0, 1], got NaN at index 1"
        );
        assert!(adjust(&[], Adjustment::Holm).unwrap().is_empty());
    }
}
