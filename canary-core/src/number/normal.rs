//! Tail and quantile of the standard normal distribution.

use std::f64::consts::{PI, SQRT_2};

use statrs::function::erf::{erfc, erfc_inv};

use crate::options::Alternative;

/// P(Z > z), computed as a tail: exact to the last digits down to 1e-308.
pub(crate) fn sf(z: f64) -> f64 {
    0.5 * erfc(z / SQRT_2)
}

/// The z with P(Z > z) = tail, for tail in (0, 1).
pub(crate) fn quantile(tail: f64) -> f64 {
    let z = SQRT_2 * erfc_inv(2.0 * tail);
    // One Newton step takes the inverse from good to full precision.
    let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
    let step = (sf(z) - tail) / density;
    if step.is_finite() { z + step } else { z }
}

/// The p-value of a statistic that is standard normal under the null hypothesis.
pub(crate) fn p_value(z: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => 2.0 * sf(z.abs()),
        Alternative::Greater => sf(z),
        Alternative::Less => sf(-z),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_published_digits() {
        // Wolfram Alpha, 16 digits.
        for (z, tail) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (5.0, 2.866_515_718_791_939e-7),
            (10.0, 7.619_853_024_160_527e-24),
            (37.0, 5.725_571_222_524_577e-300),
        ] {
            assert!((sf(z) / tail - 1.0).abs() < 1e-12, "z = {z}: {} {tail}", sf(z));
        }
    }

    #[test]
    fn quantile_inverts_the_tail() {
        for tail in [0.999, 0.5, 0.025, 1e-5, 1e-100, 1e-300] {
            let z = quantile(tail);
            assert!((sf(z) / tail - 1.0).abs() < 1e-12, "{tail}: {z}");
        }
    }
}
