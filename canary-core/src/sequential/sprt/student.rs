//! The likelihood ratio of two standardized effects when the standard deviation is not known.

use std::f64::consts::PI;

use crate::number::density::stirling_rest;
use crate::number::normal;

/// A mean over its standard deviation, as Student's t knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Studentized {
    /// How many observations of variance 1 the estimate is worth: n, or nb nc / (nb + nc).
    pub(super) size: f64,
    /// t / √(df + t²), in [-1, 1].
    pub(super) direction: f64,
    /// Degrees of freedom and one.
    pub(super) dimension: f64,
}

impl Studentized {
    /// Of an estimate that is worth `size` observations, and the sum of squares around it.
    pub(super) fn new(size: f64, estimate: f64, squares: f64, dimension: f64) -> Option<Self> {
        let shift = size.sqrt() * estimate;
        let direction = shift / squares.sqrt().hypot(shift);
        (size > 0.0 && dimension >= 1.0 && direction.abs() <= 1.0).then_some(Self {
            size,
            direction: direction.clamp(-1.0, 1.0),
            dimension,
        })
    }

    /// The logarithm of the ratio of the noncentral densities of t at δ₁ and δ₀, in units of the
    /// standard deviation: with R of the chi distribution with df + 1 degrees of freedom,
    ///
    /// `ln E exp(δ₁ √n y R) - ln E exp(δ₀ √n y R) - n (δ₁² - δ₀²)/2`.
    pub(super) fn log_ratio(self, null: f64, alternative: f64) -> f64 {
        let reach = self.size.sqrt() * self.direction;
        let ln_mean = |effect: f64| ln_mean_exp(effect * reach, self.dimension);
        ln_mean(alternative)
            - ln_mean(null)
            - 0.5 * self.size * (alternative - null) * (alternative + null)
    }
}

/// From this dimension on, Laplace's expansion has twelve digits.
const LARGE: f64 = 5000.0;

/// ln E exp(c R), R of the chi distribution with so many degrees of freedom (Abramowitz and Stegun
/// 19.5.3 as an integral): over x = ln R, `exp(n x - R²/2 + c R)` is a bell around `R = √n e^a`,
/// `2 √n sinh a = c`.
fn ln_mean_exp(c: f64, n: f64) -> f64 {
    if c == 0.0 {
        return 0.0;
    }
    if n == 1.0 {
        return normal::sf(-c).ln() + std::f64::consts::LN_2 + 0.5 * c * c;
    }
    let a = (0.5 * c / n.sqrt()).asinh();
    let at_mode = n * (a + 0.5 * (2.0 * a).exp_m1());
    let r = n.sqrt() * a.exp();
    let square = r * r;
    let bell = if n < LARGE {
        trapezoid(c, n, r)
    } else {
        laplace(square, n)
    };
    at_mode + bell.ln() - 0.5 * (PI / n).ln() - stirling_rest(0.5 * n)
}

/// ∫ exp(n x - R²/2 + c R) dx over its largest value, by the trapezoid rule, which has all digits
/// for a bell that has no singularity near the axis: this one has none below a distance of π/4.
fn trapezoid(c: f64, n: f64, mode: f64) -> f64 {
    let step = (0.4 / (mode * mode + n).sqrt()).min(0.12);
    let relative = |x: f64| {
        let more = x.exp_m1();
        (n * x - mode * more * (mode * (0.5 * more + 1.0) - c)).exp()
    };
    let side = |step: f64| {
        let mut sum = 0.0;
        for i in 1..1000 {
            let term = relative(step * f64::from(i));
            sum += term;
            if term < 1e-17 {
                break;
            }
        }
        sum
    };
    step * (1.0 + side(step) + side(-step))
}

/// The same by Laplace's expansion to the order n^-2.
fn laplace(square: f64, n: f64) -> f64 {
    let curvature = square + n;
    // Derivatives of the exponent, from the second on: -(2^(k-1) - 1) R² - n.
    let scaled = |k: i32| {
        let of_square = f64::from((1 << (k - 1)) - 1);
        -(of_square * square + n) / curvature.powf(0.5 * f64::from(k))
    };
    let [l3, l4, l5, l6] = [scaled(3), scaled(4), scaled(5), scaled(6)];
    let second = l4 / 8.0 + 5.0 * l3 * l3 / 24.0;
    let third = l6 / 48.0
        + 7.0 * l3 * l5 / 48.0
        + 35.0 * l4 * l4 / 384.0
        + 35.0 * l3 * l3 * l4 / 64.0
        + 385.0 * l3.powi(4) / 1152.0;
    (2.0 * PI / curvature).sqrt() * (1.0 + second + third)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_independent_digits() {
        for (c, n, expected) in [
            (0.5, 1.0, 0.449_200_765_271_288_9),
            (-3.0, 1.0, -1.414_579_040_950_404),
            (0.3, 2.0, 0.396_121_379_526_735_8),
            (-4.0, 2.0, -2.930_123_044_345_99),
            (-30.0, 2.0, -6.805_715_227_393_331),
            (20.0, 2.0, 203.914_670_806_758_7),
            (2.0, 7.0, 6.197_674_592_089_441),
            (-6.0, 7.0, -9.541_339_859_255_064),
            (-1.0, 50.0, -6.792_978_784_078_618),
            (30.0, 400.0, 876.800_652_050_522_5),
            (-30.0, 400.0, -427.024_020_457_010_7),
            (15.0, 4999.0, 1_118.733_957_916_257),
            (-40.0, 4999.0, -2_465.299_807_038_372),
            (15.0, 5000.0, 1_118.839_837_164_594),
            (-60.0, 5000.0, -3_466.521_900_257_217),
            (100.0, 20_000.0, 16_931.269_073_199_79),
            (-3.0, 1_000_000.0, -2_997.750_375_562_495),
        ] {
            let got = ln_mean_exp(c, n);
            let error = (got - expected).abs() / expected.abs().max(1.0);
            assert!(error < 2e-12, "c = {c}, n = {n}: {got} {expected}");
        }
    }

    #[test]
    fn one_sign_says_what_a_sign_can() {
        // P(X > 0) at an effect of 1, over one half.
        let sign = Studentized::new(1.0, 3.7, 0.0, 1.0).unwrap();
        let expected = (2.0 * normal::sf(-1.0)).ln();
        assert!((sign.log_ratio(0.0, 1.0) - expected).abs() < 1e-15);
    }

    #[test]
    fn a_known_sd_is_the_limit() {
        let n = 1e8;
        let (mean, effect) = (0.01, 0.02);
        let student = Studentized::new(n, mean, n, n).unwrap();
        let known = n * (effect * mean - 0.5 * effect * effect);
        assert!((student.log_ratio(0.0, effect) / known - 1.0).abs() < 1e-3 || known == 0.0);
    }
}
