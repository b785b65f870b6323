//! The normal distribution, and roots.

/// Of the standard normal distribution, what lies above z.
pub(crate) fn above(z: f64) -> f64 {
    canary_core::stats::normal_cdf(-z)
}

/// The two-sided p-value of z.
pub(crate) fn two_sided(z: f64) -> f64 {
    2.0 * above(z.abs())
}

/// Where a falling function is zero, by halving; between `low` and `high`.
pub(crate) fn falls_to_zero(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if f(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}
