//! The mixture that means stand on: of normal likelihood ratios by a normal distribution.

use std::f64::consts::LN_2;

use crate::number::{normal, student_t};
use crate::options::Alternative;

/// A normal distribution over the effect, whose variance is that many times the variance of the
/// effect's estimate, τ² / V.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NormalMixture {
    pub(super) spread: f64,
}

impl NormalMixture {
    /// With a prior variance τ² where the estimate has the variance V.
    pub(super) fn new(prior: f64, variance: f64) -> Self {
        Self {
            spread: prior / variance,
        }
    }

    /// V / (V + τ²)
    fn shrinkage(self) -> f64 {
        1.0 / (1.0 + self.spread)
    }

    /// Logarithm of the e-value against "the effect is null" (at most that for `Greater`, at least
    /// for `Less`), of the estimate's distance from it in standard errors. With r = V / (V + τ²),
    ///
    /// ½ ln r + ½ (1 - r) z²
    ///
    /// (Robbins 1970), and for one side the mixture cut to that side: + ln 2 + ln Φ(z √(1 - r)).
    /// With `df` degrees of freedom of the standard error (infinite where it is known), the scale
    /// integrated out (Lindon, Ham, Tingley and Bojinov 2022):
    ///
    /// ½ ln r + ½ (df + 1) [ln(1 + z²/df) - ln(1 + r z²/df)],
    ///
    /// whose posterior of the effect is Student's t. No evidence where there is no standard error.
    pub(super) fn log_e(self, z: f64, df: f64, alternative: Alternative) -> f64 {
        if !z.is_finite() {
            return 0.0;
        }
        let r = self.shrinkage();
        let (q, log_e) = if df.is_finite() {
            let gain = (1.0 - r) * z * z / (df + r * z * z);
            let q = z * ((1.0 - r) * (df + 1.0) / (df + r * z * z)).sqrt();
            (q, 0.5 * (df + 1.0) * gain.ln_1p())
        } else {
            (z * (1.0 - r).sqrt(), 0.5 * (1.0 - r) * z * z)
        };
        let below = |q: f64| {
            LN_2 + if df.is_finite() {
                student_t::sf(-q, df + 1.0).ln()
            } else {
                normal::sf(-q).ln()
            }
        };
        let side = match alternative {
            Alternative::TwoSided => 0.0,
            Alternative::Greater => below(q),
            Alternative::Less => below(-q),
        };
        let log_e = log_e + 0.5 * r.ln() + side;
        if log_e.is_nan() { 0.0 } else { log_e }
    }

    /// At least the logarithm of the e-value, for a fraction of its cost: for a look that changes
    /// nothing.
    pub(super) fn at_most(self, z: f64, df: f64, alternative: Alternative) -> f64 {
        let r = self.shrinkage();
        let both = 0.5 * ((1.0 - r) * z * z * (1.0 + 1.0 / df) + r.ln());
        let above = match alternative {
            Alternative::TwoSided => return both,
            Alternative::Greater => z > 0.0,
            Alternative::Less => z < 0.0,
        };
        // Cut to a side, the mixture is at most twice itself; on the other side, less than 1.
        if above { both + LN_2 } else { 0.0 }
    }
}

/// The spread per observation ρ² = τ² / σ² with which the interval is about the shortest there is at
/// `n` observations (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024, section 2.4).
pub(super) fn tuned_at(n: f64, alpha: f64, alternative: Alternative) -> f64 {
    let alpha = match alternative {
        Alternative::TwoSided => alpha,
        Alternative::Greater | Alternative::Less => (2.0 * alpha).min(1.0 - f64::EPSILON),
    };
    let doubled = -2.0 * alpha.ln();
    (doubled + doubled.ln_1p()) / n
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::root::brent;

    fn close(x: f64, expected: f64, digits: f64) {
        assert!((x - expected).abs() < digits, "{x} is not {expected}");
    }

    /// The distance from the null hypothesis at which it is rejected, in standard errors.
    fn critical(mixture: NormalMixture, alpha: f64, alternative: Alternative) -> f64 {
        let excess = |z| mixture.log_e(z, f64::INFINITY, alternative) + alpha.ln();
        brent(excess, 0.0, 1e3)
    }

    /// Johari et al. 2022, eq. 11 and 12, computed with mpmath.
    #[test]
    fn agrees_with_independent_digits_of_the_known_variance() {
        for (d, log_e) in [(0.1, 1.187_454), (0.2, 7.437_454)] {
            let variance: f64 = 2.0 / 1000.0;
            let mixture = NormalMixture::new(0.01, variance);
            let z = d / variance.sqrt();
            let of = |alternative| mixture.log_e(z, f64::INFINITY, alternative);
            close(of(Alternative::TwoSided), log_e, 5e-7);
            assert!(of(Alternative::Greater) > log_e && of(Alternative::Less) < 0.0);
        }
        let variance: f64 = 5.9e-6;
        let z = 0.01 / variance.sqrt();
        for (prior, log_e) in [(1e-4, 6.558_661), (1e-5, 4.834_239)] {
            let mixture = NormalMixture::new(prior, variance);
            let two_sided = mixture.log_e(z, f64::INFINITY, Alternative::TwoSided);
            close(two_sided, log_e, 5e-7);
        }
        let mixture = NormalMixture::new(1e-4, variance);
        let radius = critical(mixture, 0.05, Alternative::TwoSided) * variance.sqrt();
        close(radius, 0.007_448_28, 5e-9);
    }

    /// Lindon et al. 2022, eq. 12, computed with mpmath.
    #[test]
    fn agrees_with_independent_digits_of_the_unknown_variance() {
        for (squared, df, n, g, log_e) in [
            (9.0_f64, 98.0, 100.0, 1.0, 1.996_588),
            (16.0, 98.0, 100.0, 1.0, 5.098_421),
            (25.0, 998.0, 1000.0, 10.0, 9.926_943),
        ] {
            let mixture = NormalMixture::new(1.0 / g, 1.0 / n);
            close(
                mixture.log_e(squared.sqrt(), df, Alternative::TwoSided),
                log_e,
                5e-7,
            );
        }
    }

    #[test]
    fn with_many_degrees_of_freedom_the_variance_is_known() {
        let mixture = NormalMixture { spread: 7.0 };
        for alternative in Alternative::ALL {
            let of = |df| mixture.log_e(2.5, df, *alternative);
            close(of(1e12), of(f64::INFINITY), 1e-9);
        }
    }

    /// Waudby-Smith et al. 2024: radius at a standard deviation of 1.
    #[test]
    fn agrees_with_the_tuned_confidence_sequence() {
        let radius = |n: f64, tuned: f64, alternative| {
            let mixture = NormalMixture {
                spread: n * tuned_at(tuned, 0.05, alternative),
            };
            critical(mixture, 0.05, alternative) / n.sqrt()
        };
        close(
            tuned_at(1e3, 0.05, Alternative::TwoSided).sqrt(),
            0.089_085_1,
            5e-8,
        );
        close(
            tuned_at(1e4, 0.05, Alternative::TwoSided).sqrt(),
            0.028_171_2,
            5e-8,
        );
        for (tuned, radii) in [
            (1e3, [0.385_505, 0.095_982, 0.032_417]),
            (1e4, [0.908_438, 0.121_908, 0.030_352]),
        ] {
            for (n, expected) in [1e2, 1e3, 1e4].into_iter().zip(radii) {
                close(radius(n, tuned, Alternative::TwoSided), expected, 6e-7);
            }
        }
        close(radius(1e3, 1e3, Alternative::Greater), 0.087_470_8, 6e-8);
    }

    #[test]
    fn the_bound_is_one() {
        for spread in [0.0, 1e-9, 0.3, 40.0, 1e12] {
            for z in [-30.0, -1.0, 0.0, 1e-3, 2.0, 30.0] {
                for df in [3.0, 50.0, f64::INFINITY] {
                    for &alternative in Alternative::ALL {
                        let mixture = NormalMixture { spread };
                        let (exact, bound) = (
                            mixture.log_e(z, df, alternative),
                            mixture.at_most(z, df, alternative),
                        );
                        assert!(
                            exact <= bound + 1e-12 * bound.abs().max(1.0),
                            "{exact} > {bound}: {spread} {z} {df}"
                        );
                    }
                }
            }
        }
    }
}
