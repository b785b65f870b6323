//! Tail and quantile of the standard normal distribution.

use std::f64::consts::{PI, SQRT_2};

use crate::options::Alternative;

/// P(Z > z), computed as a tail: relative error below 2e-15 down to 1e-307.
pub(crate) fn sf(z: f64) -> f64 {
    let x = z / SQRT_2;
    let tail = 0.5 * libm::erfc(x);
    if x < 1.0 || tail == 0.0 {
        return tail;
    }
    // Far out, what the division rounded off counts z² times: it goes back in at the slope there.
    const SQRT_2_REST: f64 = -9.667_293_313_452_913e-17; // √2 less the double nearest to it
    let rest = (-x).mul_add(SQRT_2, z) - x * SQRT_2_REST; // z - √2 x
    tail - density(x * SQRT_2) * rest
}

pub(crate) fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * PI).sqrt()
}

/// The z with P(Z > z) = tail, for tail in (0, 1); 0 and 1 count as the doubles next to them, so
/// that no confidence, however near to 0 or 1, is without an answer.
///
/// The rational approximation of Hastings (Abramowitz and Stegun 26.2.23, error below 4.5e-4),
/// then two of Halley's steps, each of which triples the number of right digits. Near the middle,
/// where a tail does not tell z from 0, the series in what lies between.
pub(crate) fn quantile(tail: f64) -> f64 {
    let tail = tail.clamp(f64::MIN_POSITIVE, 1.0 - 0.5 * f64::EPSILON);
    if tail > 0.5 {
        return -quantile(1.0 - tail);
    }
    let u = (0.5 - tail) * (2.0 * PI).sqrt();
    if u < 0.01 {
        let u2 = u * u;
        return u * (1.0 + u2 * (1.0 / 6.0 + u2 * (7.0 / 120.0 + u2 * (127.0 / 5040.0))));
    }
    let t = (-2.0 * tail.ln()).sqrt();
    let numerator = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let denominator = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = t - numerator / denominator;
    for _ in 0..2 {
        let newton = (sf(z) - tail) / density(z);
        z += newton / (1.0 - 0.5 * z * newton);
    }
    z
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
        // mpmath, 50 digits, rounded.
        for (z, tail) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457_05),
            (5.0, 2.866_515_718_791_939e-7),
            (10.0, 7.619_853_024_160_527e-24),
            (35.995_456_939_846_456, 4.926_381_152_587_465e-284),
            (37.0, 5.725_571_222_524_577e-300),
        ] {
            assert!(
                (sf(z) / tail - 1.0).abs() < 4e-15,
                "z = {z}: {} {tail}",
                sf(z)
            );
        }
    }

    #[test]
    fn quantile_inverts_the_tail() {
        for tail in [0.999, 0.5, 0.025, 1e-5, 1e-100, 1e-300] {
            let z = quantile(tail);
            assert!((sf(z) / tail - 1.0).abs() < 1e-12, "{tail}: {z}");
        }
    }

    #[test]
    fn quantile_has_its_digits_near_the_middle_too() {
        // mpmath, 50 digits, rounded.
        for (tail, z) in [
            (0.499_999, 2.506_628_274_566_559_4e-6),
            (0.495, 0.012_533_469_508_069_276),
        ] {
            let error = (quantile(tail) / z - 1.0).abs();
            assert!(error < 1e-14, "{tail}: {} {error}", quantile(tail));
        }
        assert_eq!(quantile(0.5), 0.0);
        assert!(quantile(0.0) > 37.0 && quantile(1.0) < -8.0);
    }
}
