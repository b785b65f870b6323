//! Tails and quantiles of the beta family: binomial proportions and F ratios among them.

use super::density::{binomial, deviance, stirling_rest};
use super::quadrature;
use super::root::crossing;

/// From this size of the smaller shape on, and near the mean, the tail is an integral of the
/// density: the continued fraction would take as many steps as the root of the shape.
const LARGE: f64 = 2000.0;
/// From this first shape on, with 1 - x small.
const LOPSIDED: f64 = 1e6;

/// A point of the unit interval by its distance from both ends, neither of which is a difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// x
    pub(crate) x: f64,
    /// 1 - x
    pub(crate) y: f64,
}

impl Point {
    pub(crate) fn new(x: f64) -> Self {
        Self { x, y: 1.0 - x }
    }

    /// The point with x / (1 - x) = `odds`.
    pub(crate) fn from_odds(odds: f64) -> Self {
        Self {
            x: 1.0 / (1.0 + 1.0 / odds),
            y: 1.0 / (1.0 + odds),
        }
    }

    /// The distances exchanged.
    pub(crate) const fn flipped(self) -> Self {
        Self {
            x: self.y,
            y: self.x,
        }
    }
}

/// P(X ≤ x) for X of the beta distribution with shapes `a`, `b` > 0: the regularised incomplete
/// beta function `I_x(a, b)`, with its own digits where it is small.
pub(crate) fn cdf(at: Point, a: f64, b: f64) -> f64 {
    if at.x <= 0.0 {
        return 0.0;
    }
    if at.y <= 0.0 {
        return 1.0;
    }
    if at.x * b <= at.y * a {
        lower(at, a, b)
    } else {
        1.0 - lower(at.flipped(), b, a)
    }
}

/// P(X > x), with its own digits where it is small.
pub(crate) fn sf(at: Point, a: f64, b: f64) -> f64 {
    cdf(at.flipped(), b, a)
}

/// The density of X.
pub(crate) fn density(at: Point, a: f64, b: f64) -> f64 {
    if at.x <= 0.0 || at.y <= 0.0 {
        let shape = if at.x <= 0.0 { a } else { b };
        return match shape {
            shape if shape > 1.0 => 0.0,
            1.0 => a * b, // one of which is 1
            _ => f64::INFINITY,
        };
    }
    if a >= 1.0 && b >= 1.0 {
        return (a + b - 1.0) * binomial(a - 1.0, b - 1.0, at.x, at.y);
    }
    a * b / ((a + b) * at.x * at.y) * binomial(a, b, at.x, at.y)
}

/// ln B(a, b) - a ln x - b ln(1 - x), without a large logarithm where x is near a / (a + b).
pub(crate) fn ln_over(a: f64, b: f64, at: Point) -> f64 {
    let n = a + b;
    let rests = ln_gamma_rest(a) + ln_gamma_rest(b) - ln_gamma_rest(n);
    deviance(a, n * at.x) + deviance(b, n * at.y) + rests
}

/// ln Γ(x) less x ln x - x.
fn ln_gamma_rest(x: f64) -> f64 {
    if x < 15.0 {
        return libm::lgamma(x) - x * x.ln() + x;
    }
    0.5 * (2.0 * std::f64::consts::PI / x).ln() + stirling_rest(x)
}

/// `I_x(a, b)` for x below the mean.
fn lower(at: Point, a: f64, b: f64) -> f64 {
    let n = a + b;
    // With one shape that large the fraction would take 1 - x from x, and lose its digits.
    let is_lopsided = a > LOPSIDED && b >= 1.0 && at.y < 0.01;
    if a.min(b) > LARGE || is_lopsided {
        let sd = (a * b / n).sqrt() / n;
        let slope = ((a - 1.0) / at.x - (b - 1.0) / at.y).abs();
        let step = 2.0 * sd.min(4.0 / slope.max(1e-300));
        // By the distance walked, so that the digits of the smaller of x and 1 - x are kept.
        let f = |walked: f64| {
            let point = Point {
                x: at.x - walked,
                y: at.y + walked,
            };
            density(point, a, b)
        };
        return quadrature::tail(f, 0.0, step, at.x).min(1.0);
    }
    let front = b / n * binomial(a, b, at.x, at.y);
    (front * continued_fraction(a, b, at.x)).clamp(0.0, 1.0)
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's
/// method as modified by Thompson and Barnett (1986).
pub(crate) fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let nonzero = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            change *= c * d;
        }
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// The point with P(X ≤ x) = tail.
pub(crate) fn quantile(tail: f64, a: f64, b: f64) -> Point {
    let tail = tail.clamp(f64::MIN_POSITIVE, 1.0 - 0.5 * f64::EPSILON);
    // The logarithm of the odds is nearly normal.
    let spread = (1.0 / a + 1.0 / b).sqrt();
    let guess = a / b
        * (-super::normal::quantile(tail) * spread)
            .clamp(-300.0, 300.0)
            .exp();
    // By the logarithm of the odds over the guess, which is small where every digit counts.
    let excess = |u: f64| {
        let p = cdf(Point::from_odds(guess * u.exp()), a, b);
        p.max(f64::MIN_POSITIVE).ln() - tail.ln()
    };
    // Newton's method by the density, which from so near takes three or four steps.
    let mut u = 0.0;
    for _ in 0..8 {
        let point = Point::from_odds(guess * f64::exp(u));
        let p = cdf(point, a, b);
        let slope = density(point, a, b) * point.x * point.y / p;
        let step = (p.ln() - tail.ln()) / slope;
        if step.is_nan() || step.abs() > 20.0 * spread {
            break;
        }
        u -= step;
        if step.abs() <= 1e-15 + 1e-8 * spread {
            // Its error is squared by each step: this one left nothing.
            return Point::from_odds(guess * u.exp());
        }
    }
    Point::from_odds(guess * crossing(excess, (0.05 * spread).max(1e-9), 1500.0).exp())
}

/// The point with P(X > x) = tail.
pub(crate) fn upper_quantile(tail: f64, a: f64, b: f64) -> Point {
    quantile(tail, b, a).flipped()
}

/// P(K ≥ k) for K of n trials with probability p: `I_p(k, n - k + 1)`.
pub(crate) fn binomial_sf(k: f64, n: f64, p: Point) -> f64 {
    if k <= 0.0 {
        1.0
    } else if k > n {
        0.0
    } else {
        cdf(p, k, n - k + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_agree_with_independent_digits() {
        // mpmath, 60 digits, rounded: betainc(a, b, 0, x, regularized=True).
        for &(x, a, b, p) in REFERENCE {
            let got = cdf(Point::new(x), a, b);
            let error = (got / p - 1.0).abs();
            assert!(error < 3e-13, "{x} {a} {b}: {got:e} {p:e} {error:e}");
        }
    }

    #[test]
    fn quantile_inverts_both_tails() {
        for (a, b) in [(0.5, 0.5), (1.0, 30.0), (7.0, 2.0), (5e3, 9e5), (1e8, 3e9)] {
            for tail in [1e-12, 0.025, 0.5, 0.9] {
                let got = cdf(quantile(tail, a, b), a, b);
                assert!((got / tail - 1.0).abs() < 1e-9, "{a} {b} {tail}: {got}");
                let got = sf(upper_quantile(tail, a, b), a, b);
                assert!((got / tail - 1.0).abs() < 1e-9, "{a} {b} {tail}: {got}");
            }
        }
    }

    #[test]
    fn binomial_tails_are_sums() {
        let p = Point::new(0.3);
        let sum: f64 = (4..=9)
            .map(|k| binomial(f64::from(k), f64::from(9 - k), p.x, p.y))
            .sum();
        assert!((binomial_sf(4.0, 9.0, p) / sum - 1.0).abs() < 1e-14);
    }

    const REFERENCE: &[(f64, f64, f64, f64)] = &[
        (0.5, 0.5, 0.5, 0.5),
        (0.1, 2.0, 3.0, 0.052300000000000006),
        (0.9, 2.5, 30.0, 1.0),
        (1e-06, 0.2, 4.0, 0.08883874968343837),
        (0.01, 1.0, 100.0, 0.6339676587267705),
        (0.001, 5.5, 2000.0, 0.030273560625030147),
        (0.45, 500.0, 600.5, 0.3869273664439749),
        (0.2, 500.0, 600.5, 9.530181693073213e-81),
        (0.499, 3000.0, 3000.0, 0.4384449390538696),
        (0.45, 3000.0, 3000.0, 4.078593275452821e-15),
        (0.0101, 5000.0, 500000.0, 0.9227252631075384),
        (0.0098, 5000.0, 500000.0, 0.2349466592833073),
        (0.3, 100000.0, 240000.0, 0.9999999999999679),
    ];
}
