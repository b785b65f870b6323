//! Densities of the gamma and beta families without a large logarithm in them (Loader 2000, *Fast
//! and accurate computation of binomial probabilities*): what cancels is cancelled on paper, so
//! that a million million trials cost no digits.

use std::f64::consts::{LN_2, PI};

/// ln Γ(n + 1) less Stirling's formula, ½ ln(2πn) + n ln n - n; for n > 0.
pub(crate) fn stirling_rest(n: f64) -> f64 {
    const SERIES: [f64; 9] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1260.0,
        -1.0 / 1680.0,
        1.0 / 1188.0,
        -691.0 / 360_360.0,
        1.0 / 156.0,
        -3617.0 / 122_400.0,
        43_867.0 / 244_188.0,
    ];
    if n < 15.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * (LN_2 + PI.ln());
    }
    let square = n * n;
    SERIES.iter().rev().fold(0.0, |sum, c| sum / square + c) / n
}

/// x ln(x/m) + m - x, also where x is near m and all of it would cancel.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    if x == 0.0 {
        return m;
    }
    let gap = x - m;
    if gap.abs() < 0.1 * (x + m) {
        let v = gap / (x + m);
        let mut sum = gap * v;
        let mut power = 2.0 * x * v;
        let square = v * v;
        for j in 1..1000 {
            power *= square;
            let next = sum + power / f64::from(2 * j + 1);
            if next == sum {
                break;
            }
            sum = next;
        }
        return sum;
    }
    x * (x / m).ln() + m - x
}

/// `λ^x e^-λ / Γ(x + 1)` for any x ≥ 0: a Poisson probability where x is whole.
pub(crate) fn poisson(x: f64, lambda: f64) -> f64 {
    if lambda == 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if x == 0.0 {
        return (-lambda).exp();
    }
    if x < lambda * f64::MIN_POSITIVE || x < 1e-3 {
        // Stirling's formula is of no use near zero.
        return (x * lambda.ln() - lambda - libm::lgamma(x + 1.0)).exp();
    }
    (-stirling_rest(x) - deviance(x, lambda)).exp() / (2.0 * PI * x).sqrt()
}

/// `Γ(n + 1) / (Γ(x + 1) Γ(y + 1)) p^x q^y` with n = x + y and q = 1 - p, for any x, y ≥ 0: a
/// binomial probability where both are whole. Both proportions are given, so that neither need be
/// a difference.
pub(crate) fn binomial(x: f64, y: f64, p: f64, q: f64) -> f64 {
    let certain = |is: bool| if is { 1.0 } else { 0.0 };
    if p == 0.0 {
        return certain(x == 0.0);
    }
    if q == 0.0 {
        return certain(y == 0.0);
    }
    let n = x + y;
    if n == 0.0 {
        return 1.0;
    }
    let sure = |n: f64, p: f64, q: f64| {
        let ln_p = if q < 0.5 { (-q).ln_1p() } else { p.ln() };
        (n * ln_p).exp()
    };
    if x == 0.0 {
        return sure(n, q, p);
    }
    if y == 0.0 {
        return sure(n, p, q);
    }
    if x < 1e-3 || y < 1e-3 {
        let ln_choose = libm::lgamma(n + 1.0) - libm::lgamma(x + 1.0) - libm::lgamma(y + 1.0);
        return (ln_choose + x * p.ln() + y * q.ln()).exp();
    }
    let rest = stirling_rest(n) - stirling_rest(x) - stirling_rest(y);
    let exponent = rest - deviance(x, n * p) - deviance(y, n * q);
    exponent.exp() * (n / (2.0 * PI * x * y)).sqrt()
}

/// Logarithm of [`binomial`], also where that is too small for a double; for 0 < p < 1.
pub(crate) fn ln_binomial(x: f64, y: f64, p: f64, q: f64) -> f64 {
    let n = x + y;
    if x == 0.0 || y == 0.0 {
        let ln = |p: f64, q: f64| if q < 0.5 { (-q).ln_1p() } else { p.ln() };
        return if x == 0.0 { n * ln(q, p) } else { n * ln(p, q) };
    }
    stirling_rest(n) - stirling_rest(x) - stirling_rest(y) - deviance(x, n * p) - deviance(y, n * q)
        + 0.5 * (n / x / y / (2.0 * PI)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, tolerance: f64) {
        let error = (got / expected - 1.0).abs();
        assert!(error < tolerance, "{got:e} {expected:e} {error:e}");
    }

    #[test]
    fn small_cases_are_those_of_the_textbook() {
        close(binomial(3.0, 7.0, 0.5, 0.5), 120.0 / 1024.0, 1e-14);
        close(binomial(0.0, 7.0, 0.1, 0.9), 0.9_f64.powi(7), 1e-14);
        close(poisson(2.0, 3.0), 4.5 * (-3.0_f64).exp(), 1e-14);
        assert_eq!(binomial(0.0, 5.0, 0.0, 1.0), 1.0);
    }

    #[test]
    fn the_middle_of_many_trials_keeps_its_digits() {
        // 1/√(2π n p q) · (1 - (1 - pq)/(12 n pq) + ...)
        let n = 1e15;
        let expected = (2.0 / (PI * n)).sqrt() * (1.0 - 1.0 / (4.0 * n));
        close(binomial(n / 2.0, n / 2.0, 0.5, 0.5), expected, 1e-14);
        let expected = (1.0 / (2.0 * PI * n)).sqrt() * (1.0 - 1.0 / (12.0 * n));
        close(poisson(n, n), expected, 1e-14);
    }
}
