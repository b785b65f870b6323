//! Tail and quantile of Student's t distribution, right to the last digits for every df.
//!
//! The usual route, exp(ln Γ(a + ½) - ln Γ(a) - ...), loses nine digits at a million degrees of
//! freedom, where the logarithms are ten million and their difference is one. Here the ratio of
//! the two gamma functions is computed as a ratio.

use std::f64::consts::PI;

use super::{beta, normal};
use crate::options::Alternative;

/// Γ(a + ½) / Γ(a) for a > 0.
///
/// The asymptotic series in 1/a (Tricomi and Erdélyi 1951) from a = 32 on, reached from below by
/// Γ(a + ½)/Γ(a) = a/(a + ½) · Γ(a + 3/2)/Γ(a + 1).
pub(crate) fn half_gamma_ratio(a: f64) -> f64 {
    const SERIES: [f64; 10] = [
        1.0,
        -1.0 / 8.0,
        1.0 / 128.0,
        5.0 / 1024.0,
        -21.0 / 32_768.0,
        -399.0 / 262_144.0,
        869.0 / 4_194_304.0,
        39_325.0 / 33_554_432.0,
        -334_477.0 / 2_147_483_648.0,
        -28_717_403.0 / 17_179_869_184.0,
    ];
    let mut factor = 1.0;
    let mut a = a;
    while a < 32.0 {
        factor *= a / (a + 0.5);
        a += 1.0;
    }
    let series = SERIES.iter().rev().fold(0.0, |sum, c| sum / a + c);
    factor * a.sqrt() * series
}

/// P(T > t) for df > 0 degrees of freedom.
pub(crate) fn sf(t: f64, df: f64) -> f64 {
    let beyond = 0.5 * two_sided(t, df);
    if t >= 0.0 { beyond } else { 1.0 - beyond }
}

/// The p-value of a statistic that is Student's t under the null hypothesis.
pub(crate) fn p_value(t: f64, df: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => two_sided(t, df),
        Alternative::Greater => sf(t, df),
        Alternative::Less => sf(-t, df),
    }
}

/// P(|T| > |t|) = `I_x(df/2, 1/2)` with x = df / (df + t²) (Abramowitz and Stegun 26.7.1).
fn two_sided(t: f64, df: f64) -> f64 {
    let a = 0.5 * df;
    let ratio = t.abs() / df.sqrt();
    if ratio > 1e100 {
        // t² may overflow; x^a / (a B(a, ½)) is all that is left of the integral.
        return ratio.powf(-df) * half_gamma_ratio(a) / (a * PI.sqrt());
    }
    let odds = t * t / df; // (1 - x) / x
    let minus_ln_x = odds.ln_1p(); // x itself may be within 1e-16 of 1
    if a >= 15.0 && minus_ln_x < 1.0 {
        let t_of_the_paper = a - 0.25;
        let tail = power_of_x(t, df, t_of_the_paper) * large_a_series(a, minus_ln_x);
        return tail.min(1.0); // at t = 0 it may be one unit in the last place above
    }
    let x = 1.0 / (1.0 + odds);
    let y = odds * x;
    // x^a y^½ / B(a, ½)
    let density = power_of_x(t, df, a) * y.sqrt() * half_gamma_ratio(a) / PI.sqrt();
    if x < (a + 1.0) / (a + 2.5) {
        density / a * beta::continued_fraction(a, 0.5, x)
    } else {
        1.0 - density / 0.5 * beta::continued_fraction(0.5, a, y)
    }
}

/// (1 + t²/df)^-exponent to the last digits, however large the exponent is: what the square, the
/// division and the sum round off is carried along.
fn power_of_x(t: f64, df: f64, exponent: f64) -> f64 {
    let square = t * t;
    let odds = square / df;
    let odds_rest = ((-odds).mul_add(df, square) + t.mul_add(t, -square)) / df;
    let base = 1.0 + odds;
    let rest = if odds < 1.0 {
        odds - (base - 1.0)
    } else {
        1.0 - (base - odds)
    };
    base.powf(-exponent) * (-exponent * ((rest + odds_rest) / base)).exp()
}

/// exp(u) erfc(√u).
fn scaled_erfc(u: f64) -> f64 {
    let root = u.sqrt();
    if u < 300.0 {
        let rounded_off = root.mul_add(root, -u);
        return libm::erfc(root) * u.exp() * (1.0 + rounded_off);
    }
    // Abramowitz and Stegun 7.1.23.
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 0..8 {
        term *= -f64::from(2 * n + 1) / (2.0 * u);
        sum += term;
    }
    sum / (root * PI.sqrt())
}

/// `I_x(a, ½)` / x^(a - ¼) for large a and x near 1, as a series around the normal tail (DiDonato
/// and Morris 1992, *ACM Trans. Math. Softw.* 18, 360-373, section 9, with b = ½, for which their
/// incomplete gamma function is erfc).
fn large_a_series(a: f64, minus_ln_x: f64) -> f64 {
    const TERMS: usize = 16;
    let b = 0.5;
    let t = a + 0.5 * (b - 1.0);
    let u = t * minus_ln_x;
    let h = (u / PI).sqrt(); // the paper's h, as all that follows, times exp(u)
    let quarter = 0.25 * minus_ln_x * minus_ln_x;
    let mut j = scaled_erfc(u); // h times the paper's J
    let mut sum = j;
    let mut power = 1.0;
    let mut p = [0.0; TERMS]; // the paper's p, a sequence of constants
    let mut odd_factorials = [1.0; TERMS]; // (2n + 1)!
    if let Some(first) = p.first_mut() {
        *first = 1.0;
    }
    let mut factorial = 1.0;
    for n in 1..TERMS {
        let order = n as f64;
        let b2n = b + 2.0 * (order - 1.0);
        j = (b2n * (b2n + 1.0) * j + (u + b2n + 1.0) * power * h) / (4.0 * t * t);
        power *= quarter;
        factorial *= (2.0 * order) * (2.0 * order + 1.0);
        let convolution: f64 = (1..n)
            .filter_map(|m| {
                let weight = m as f64 * b - order;
                Some(weight * p.get(n - m)? / odd_factorials.get(m)?)
            })
            .sum();
        let coefficient = (b - 1.0) / factorial + convolution / order;
        if let (Some(p), Some(odd)) = (p.get_mut(n), odd_factorials.get_mut(n)) {
            (*p, *odd) = (coefficient, factorial);
        }
        let term = coefficient * j;
        sum += term;
        if term.abs() < 1e-17 * sum.abs() {
            break;
        }
    }
    sum * half_gamma_ratio(a) / t.sqrt()
}

fn density(t: f64, df: f64) -> f64 {
    let a = 0.5 * df;
    half_gamma_ratio(a) / (PI * df).sqrt() * (-(a + 0.5) * (t * t / df).ln_1p()).exp()
}

/// The t with P(T > t) = tail, for tail in (0, 1); 0 and 1 count as the doubles next to them.
pub(crate) fn quantile(tail: f64, df: f64) -> f64 {
    let tail = tail.clamp(f64::MIN_POSITIVE, 1.0 - 0.5 * f64::EPSILON);
    if tail > 0.5 {
        return -quantile(1.0 - tail, df);
    }
    // Near the middle, where a tail does not tell t from 0, the series in what lies between.
    let u = (0.5 - tail) / density(0.0, df);
    if u < 2e-3 {
        let cubic = (df + 1.0) / (6.0 * df);
        let quintic = (7.0 * df + 1.0) * (df + 1.0) / (120.0 * df * df);
        return u * (1.0 + u * u * (cubic + u * u * quintic));
    }
    // Newton's method on ln P(T > t), which is concave in t, so that the iteration approaches
    // from the left after the first step; a bracket guards the heavy tails of small df.
    let mut low = 0.0;
    let mut high = f64::INFINITY;
    let z = normal::quantile(tail);
    let mut t = z + (z * z * z + z) / (4.0 * df); // Abramowitz and Stegun 26.7.5, first term
    for _ in 0..200 {
        let sf = sf(t, df);
        if sf > tail {
            low = t;
        } else {
            high = t;
        }
        let step = sf * (sf / tail).ln() / density(t, df);
        if step.abs() <= 1e-9 * t {
            return t + step; // the error is about the square of the step
        }
        let next = t + step;
        t = if next > low && next < high {
            next
        } else if high.is_finite() {
            0.5 * (low + high)
        } else {
            2.0 * t.max(1.0)
        };
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_degree_of_freedom_is_the_cauchy_distribution() {
        for t in [0.0_f64, 0.3, 1.0, 50.0, 1e10] {
            let exact = if t > 1.0 {
                (1.0 / t).atan() / PI
            } else {
                0.5 - t.atan() / PI
            };
            assert!((sf(t, 1.0) / exact - 1.0).abs() < 1e-14, "t = {t}");
        }
    }

    #[test]
    fn two_degrees_of_freedom_have_a_closed_form() {
        for t in [0.1_f64, 1.0, 3.0, 1e6] {
            let root = (2.0 + t * t).sqrt();
            let exact = 1.0 / (root * (root + t)); // (1 - t/root)/2 without cancellation
            assert!((sf(t, 2.0) / exact - 1.0).abs() < 1e-14, "t = {t}");
        }
    }

    #[test]
    fn tails_agree_with_independent_digits() {
        // mpmath, 60 digits, rounded: in both formulas' ranges and far out.
        for (t, df, tail) in [
            (0.5, 0.5, 0.378_659_036_464_718_3),
            (2.5, 1.7, 0.075_590_887_194_520_6),
            (12.0, 4.0, 0.000_138_214_274_251_486_48),
            (1e80, 2.0, 5.0e-161),
            (1e200, 1.0, 3.183_098_861_837_906_8e-201),
            (2.0, 29.5, 0.027_390_806_292_084_54),
            (9.0, 30.5, 2.159_356_022_448_698e-10),
            (40.0, 60.0, 2.877_740_243_313_691_4e-45),
            (34.141_626_541_978_546, 1000.0, 2.758_919_891_272_844_3e-170),
            (3.0, 10_000.0, 0.001_353_224_094_998_833_1),
            (30.0, 3000.0, 1.841_683_249_662_423e-173),
            (
                22.277_803_971_208_25,
                1_000_000.0,
                3.226_368_296_080_574e-110,
            ),
        ] {
            let error = (sf(t, df) / tail - 1.0).abs();
            assert!(error < 2e-14, "t = {t}, df = {df}: {} {error}", sf(t, df));
        }
        assert_eq!(sf(f64::INFINITY, 3.0), 0.0);
        assert_eq!(sf(f64::NEG_INFINITY, 3.0), 1.0);
    }

    #[test]
    fn many_degrees_of_freedom_approach_the_normal_distribution() {
        for t in [0.5, 1.96, 5.0, 20.0] {
            assert!((sf(t, 1e12) / normal::sf(t) - 1.0).abs() < 1e-7, "t = {t}");
        }
    }

    #[test]
    fn quantile_inverts_the_tail() {
        for df in [0.5, 1.0, 1.3, 2.0, 7.7, 100.0, 2e6] {
            for tail in [0.9, 0.499_999, 0.4, 0.025, 0.0005, 1e-12] {
                let t = quantile(tail, df);
                let error = (sf(t, df) / tail - 1.0).abs();
                assert!(error < 1e-12, "df = {df}, tail = {tail}: {t}, {error}");
            }
        }
    }
}
