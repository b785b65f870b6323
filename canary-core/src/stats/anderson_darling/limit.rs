//! The limit of Anderson and Darling's statistic: `A∞ = Σ χ²(m)/(j(j + 1))` over j ≥ 1.

use std::f64::consts::{LN_2, PI};

/// `P(A∞ > x)` with m degrees of freedom, by inverting the moment generating function
///
/// ```text
/// M(s) = ∏ (1 - 2s/(j(j + 1)))^(-m/2) = (-2πs / cos(π/2 √(1 + 8s)))^(m/2)
/// P(A∞ > x) = 1/(2πi) ∫ M(s) e^(-sx) / s ds
/// ```
///
/// along the parabola s = c + a u² + 2a i u, which leaves the pole at 0 on its left and the singular
/// points 1, 3, 6, ... of M on its right. The trapezoidal rule in u converges geometrically, and to a
/// relative error, as all of the integral is about as large as what is found.
pub(super) fn sf(x: f64, m: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    // Where the parabola starts: at the saddle point for large x, and never near the pole.
    let a = (0.5 * m / x).min(0.25);
    let c = 1.0 - a;
    let at = |u: f64| {
        let s = Complex::new(c + a * u * u, 2.0 * a * u);
        let slope = Complex::new(2.0 * a * u, 2.0 * a);
        // Of slope / s · e^(ln M - s x), the imaginary part.
        let size = s.re * s.re + s.im * s.im;
        let weight = Complex::new(
            (slope.re * s.re + slope.im * s.im) / size,
            (slope.im * s.re - slope.re * s.im) / size,
        );
        let value = ln_moments(s, m).minus(s.times(x)).exp();
        weight.re * value.im + weight.im * value.re
    };
    // The rule's error is e^(-2π d/step), d the distance of the real axis from where s(u) is 0 or 1.
    let d = ((1.0 + c / a).sqrt() - 1.0).min(1.0);
    // There the order of 1 grows with m.
    let step = 2.0 * PI * d / (36.0 + 2.5 * m);
    // e^(-a x u²) is nothing at the end.
    let end = (40.0 / (a * x)).sqrt();
    let steps = (end / step).ceil();
    let sum: f64 = (1..=steps as u64).map(|k| at(step * k as f64)).sum();
    (step / PI * (0.5 * at(0.0) + sum)).clamp(0.0, 1.0)
}

/// ln M(s) for s in the upper half plane, continuous from 0 at s = 0.
fn ln_moments(s: Complex, m: f64) -> Complex {
    // cos w = e^(-iw) (1 + e^(2iw)) / 2, of which the logarithm of the last factor is continuous.
    let w = Complex::new(1.0 + 8.0 * s.re, 8.0 * s.im)
        .sqrt()
        .times(0.5 * PI);
    let iw = Complex::new(-w.im, w.re);
    let twice = iw.times(2.0).exp();
    let ln_cos = Complex::new(1.0 + twice.re, twice.im).ln();
    let constant = Complex::new((2.0 * PI).ln() + LN_2, -PI);
    s.ln().plus(constant).plus(iw).minus(ln_cos).times(0.5 * m)
}

#[derive(Clone, Copy)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    const fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }

    fn minus(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }

    fn times(self, factor: f64) -> Self {
        Self::new(self.re * factor, self.im * factor)
    }

    fn ln(self) -> Self {
        Self::new(self.re.hypot(self.im).ln(), self.im.atan2(self.re))
    }

    fn exp(self) -> Self {
        let size = self.re.exp();
        let (sine, cosine) = self.im.sin_cos();
        Self::new(size * cosine, size * sine)
    }

    /// The root in the right half plane.
    fn sqrt(self) -> Self {
        let size = self.re.hypot(self.im);
        let re = (0.5 * (size + self.re)).sqrt();
        Self::new(re, 0.5 * self.im / re)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_independent_digits() {
        for (x, m, expected) in REFERENCE {
            let got = sf(*x, *m);
            assert!(
                (got / expected - 1.0).abs() < 1e-11,
                "{x} {m}: {got} {expected}"
            );
        }
    }

    /// mpmath, along the vertical line through c; M checked against its product.
    const REFERENCE: &[(f64, f64, f64)] = &[
        (0.3, 1.0, 0.938157636057),
        (1.0, 1.0, 0.3572666732140191),
        (2.5, 1.0, 0.04954113437612451),
        (6.0, 1.0, 0.0009674519415209233),
        (20.0, 1.0, 4.465071538311922e-10),
        (1.5, 2.0, 0.6147066151226165),
        (5.0, 2.0, 0.02021231148630893),
        (3.0, 3.0, 0.4116578719492552),
        (12.0, 3.0, 0.0001202106445874216),
        (4.0, 6.0, 0.8822098156193848),
        (15.0, 9.0, 0.01519395392155201),
    ];

    #[test]
    fn far_out_the_largest_part_is_all() {
        let ratio = sf(600.0, 1.0) / sf(601.0, 1.0);
        assert!((ratio / 1f64.exp() - 1.0).abs() < 1e-2, "{ratio}");
        assert!(sf(1e-3, 1.0) > 1.0 - 1e-12);
    }
}
