//! The mixture that counts stand on: of Bernoulli likelihood ratios by a beta distribution.

use crate::number::beta::{self, Point};
use crate::options::Alternative;

/// A beta distribution over the probability of a success, which says where the alternative is
/// looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BetaMixture {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl BetaMixture {
    /// As strong as so many observations, with the null hypothesis as its mean.
    pub(super) fn centred(null: Point, strength: f64) -> Self {
        Self {
            a: strength * null.x,
            b: strength * null.y,
        }
    }

    /// Logarithm of the e-value against "the probability of a success is that of `null`" (at most
    /// that for `Greater`, at least for `Less`): the mixture's likelihood over that of the null
    /// hypothesis,
    ///
    /// ln B(a + s, b + f) - ln B(a, b) - s ln θ₀ - f ln(1 - θ₀),
    ///
    /// and for one side the mixture cut to that side.
    pub(super) fn log_e(
        self,
        successes: f64,
        failures: f64,
        null: Point,
        alternative: Alternative,
    ) -> f64 {
        let Self { a, b } = self;
        let both = beta::ln_over(a + successes, b + failures, null) - beta::ln_over(a, b, null);
        let above = |at: Point, a: f64, b: f64, more: f64, fewer: f64| {
            beta::sf(at, a + more, b + fewer).ln() - beta::sf(at, a, b).ln()
        };
        match alternative {
            Alternative::TwoSided => both,
            Alternative::Greater => both + above(null, a, b, successes, failures),
            Alternative::Less => both + above(null.flipped(), b, a, failures, successes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lindon and Malek's closed forms, computed with mpmath.
    #[test]
    fn agrees_with_independent_digits() {
        let uniform = BetaMixture { a: 1.0, b: 1.0 };
        for (canary, baseline, share, two_sided, greater) in [
            (30.0, 10.0, 0.5, 3.454_324, 4.146_746),
            (20.0, 10.0, 0.5, 0.142_221, 0.799_349),
            (60.0, 40.0, 0.5, -0.090_965, 0.578_891),
            (8.0, 0.0, 0.5, 3.347_953, 4.039_145),
            (12.0, 100.0, 0.05, 0.326_513, 0.373_452),
        ] {
            let log_e =
                |alternative| uniform.log_e(canary, baseline, Point::new(share), alternative);
            assert!((log_e(Alternative::TwoSided) - two_sided).abs() < 1e-6);
            assert!((log_e(Alternative::Greater) - greater).abs() < 1e-6);
        }
    }

    #[test]
    fn huge_counts_keep_their_digits() {
        let mixture = BetaMixture { a: 1.0, b: 19.0 };
        let n = (1_u64 << 53) as f64;
        let null = Point::new(0.05);
        // All of it expected: ln of the posterior's density at its mode over the prior's there.
        let log_e = mixture.log_e(0.05 * n, 0.95 * n, null, Alternative::TwoSided);
        let prior = beta::density(null, 1.0, 19.0);
        let posterior = (n / (2.0 * std::f64::consts::PI * null.x * null.y)).sqrt();
        assert!((log_e - (prior / posterior).ln()).abs() < 1e-6, "{log_e}");
    }

    #[test]
    fn exchanged_arms_are_the_other_side() {
        let mixture = BetaMixture { a: 2.0, b: 5.0 };
        let exchanged = BetaMixture { a: 5.0, b: 2.0 };
        let null = Point { x: 0.2, y: 0.8 };
        let own = mixture.log_e(7.0, 3.0, null, Alternative::Greater);
        let other = exchanged.log_e(3.0, 7.0, null.flipped(), Alternative::Less);
        assert_eq!(own, other);
    }
}
