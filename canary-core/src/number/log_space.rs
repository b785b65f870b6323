//! Means of numbers that are known by their logarithms, however large.

/// ln of the mean of exp(x). Of infinite numbers, that of the largest.
pub(crate) fn log_mean_exp(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    let count = logs.clone().count() as f64;
    largest + (logs.map(|x| (x - largest).exp()).sum::<f64>() / count).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(logs: &[f64]) -> f64 {
        log_mean_exp(logs.iter().copied())
    }

    #[test]
    fn it_is_the_logarithm_of_a_mean() {
        let logs = [0.5_f64, -2.0, 1.25];
        let mean = logs.iter().map(|x| x.exp()).sum::<f64>() / 3.0;
        assert!((of(&logs) - mean.ln()).abs() < 1e-15);
        assert_eq!(of(&[1e6; 4]), 1e6);
    }

    #[test]
    fn infinities_have_a_mean() {
        assert_eq!(of(&[1.0, f64::INFINITY]), f64::INFINITY);
        assert_eq!(of(&[f64::NEG_INFINITY; 2]), f64::NEG_INFINITY);
        assert_eq!(of(&[f64::NEG_INFINITY, 0.0]), -2.0_f64.ln());
        assert_eq!(of(&[]), f64::NEG_INFINITY);
    }
}
