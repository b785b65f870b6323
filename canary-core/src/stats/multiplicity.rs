use crate::error::{Error, Result};
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
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    let p_of = |index: usize| p_values.get(index).copied().unwrap_or(1.0);
    order.sort_by(|&a, &b| p_of(a).total_cmp(&p_of(b)));
    let harmonic = || (1..=p_values.len()).map(|j| 1.0 / j as f64).sum::<f64>();
    let factor: Box<dyn Fn(f64) -> f64> = match method {
        Adjustment::Bonferroni => Box::new(|_| m),
        Adjustment::Holm | Adjustment::Hochberg => Box::new(|rank| m - rank + 1.0),
        Adjustment::BenjaminiHochberg => Box::new(|rank| m / rank),
        Adjustment::BenjaminiYekutieli => {
            let sum = harmonic();
            Box::new(move |rank| m * sum / rank)
        }
    };
    let scaled = order.iter().zip(1..).map(|(&index, rank)| {
        let rank = f64::from(rank);
        (index, (factor(rank) * p_of(index)).min(1.0))
    });
    let scaled: Vec<(usize, f64)> = scaled.collect();
    let mut adjusted = vec![1.0; p_values.len()];
    let mut store = |index: usize, p: f64| {
        if let Some(place) = adjusted.get_mut(index) {
            *place = p;
        }
    };
    match method {
        Adjustment::Bonferroni | Adjustment::Holm => {
            scaled.iter().fold(0.0, |largest: f64, &(index, p)| {
                let largest = largest.max(p);
                store(
                    index,
                    if method == Adjustment::Holm {
                        largest
                    } else {
                        p
                    },
                );
                largest
            });
        }
        Adjustment::Hochberg | Adjustment::BenjaminiHochberg | Adjustment::BenjaminiYekutieli => {
            scaled.iter().rev().fold(1.0, |least: f64, &(index, p)| {
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
