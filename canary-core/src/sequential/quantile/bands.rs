//! Boundaries that hold at all times at once: for one quantile, and for a whole distribution.

use crate::number::beta::{self, Point};
use crate::number::root::brent;
use crate::options::Alternative;

/// A mixture of binomial likelihood ratios by a beta distribution, about one quantile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixture {
    null: Point,
    a: f64,
    b: f64,
    /// What the mixture is before any data: logarithms for both sides, above and below.
    both: f64,
    above: f64,
    below: f64,
}

impl Mixture {
    /// About the `p`-quantile, tuned to be sharpest at `t_opt` values and a threshold of 1/`alpha`
    /// (Howard and Ramdas 2022, proposition 7).
    pub(super) fn new(p: f64, t_opt: f64, alpha: f64) -> Self {
        // With V = p(1 - p) t, r = max(ρ - p(1 - p), 0.001 p(1 - p)) is so many values' worth of prior.
        let strength = (t_opt * rho_per_variance(alpha) - 1.0).max(0.001);
        Self::with_strength(Point::new(p), strength)
    }

    fn with_strength(null: Point, strength: f64) -> Self {
        let (a, b) = (strength * null.x, strength * null.y);
        Self {
            null,
            a,
            b,
            both: beta::ln_over(a, b, null),
            above: beta::sf(null, a, b).ln(),
            below: beta::cdf(null, a, b).ln(),
        }
    }

    /// Logarithm of the e-value against "a value is up to here with probability p", when `up_to` of
    /// `n` values were. `Greater`: against a probability of at most p, `Less`: of at least p.
    pub(super) fn log_e(&self, up_to: f64, n: f64, side: Alternative) -> f64 {
        let (a, b) = (self.a + up_to, self.b + (n - up_to).max(0.0));
        match side {
            Alternative::TwoSided => beta::ln_over(a, b, self.null) - self.both,
            Alternative::Greater => self.log_one_sided(self.null, (a, b), self.above),
            Alternative::Less => self.log_one_sided(self.null.flipped(), (b, a), self.below),
        }
    }

    /// The mixture cut to what is above the null hypothesis.
    fn log_one_sided(&self, null: Point, (a, b): (f64, f64), above: f64) -> f64 {
        let both = |a: f64, b: f64| beta::ln_over(a, b, null) - self.both;
        let n = a + b;
        // In standard deviations, how far the posterior's mean is above the null hypothesis.
        let z = (a * null.y - b * null.x) / (n * null.x * null.y).sqrt();
        if z > 9.0 {
            return both(a, b) - above; // but for a part in 1e-16
        }
        if z > -12.0 {
            return both(a, b) + beta::sf(null, a, b).ln() - above;
        }
        // Far out, the tail is the density over its logarithm's slope, and to the next order; in the
        // density, the beta functions cancel, and what is left are the prior's exponents.
        let (x, y) = (null.x, null.y);
        let slope = (b - 1.0) / y - (a - 1.0) / x;
        let bend = (a - 1.0) / (x * x) + (b - 1.0) / (y * y);
        let tail = ((1.0 - bend / (slope * slope)).max(0.5) / slope).ln();
        tail - x.ln() - y.ln() - self.both - above
    }

    /// The least e-value that any number of values in `[low, high]` would give: the mixture is
    /// convex in that number.
    pub(super) fn least_log_e(&self, (low, high): (f64, f64), n: f64, side: Alternative) -> f64 {
        let at = match side {
            Alternative::TwoSided => self.least(n).max(low).min(high),
            Alternative::Greater => low,
            Alternative::Less => high,
        };
        self.log_e(at, n, side)
    }

    /// The number of values with the least e-value. (Where ψ(a + s) - ψ(b + f) is the logarithm of the
    /// null hypothesis' odds; ψ(x) is about ln(x - 1/2).)
    pub(super) fn least(&self, n: f64) -> f64 {
        (self.null.x * n + 0.5 - self.null.x).clamp(0.0, n)
    }

    /// The numbers of `n` values between which the e-value stays below a threshold.
    pub(super) fn ends(&self, n: f64, log_threshold: f64, side: Alternative) -> (f64, f64) {
        let excess = |up_to: f64| self.log_e(up_to, n, side) - log_threshold;
        let middle = match side {
            Alternative::TwoSided => self.least(n),
            Alternative::Greater => 0.0,
            Alternative::Less => n,
        };
        let low = if excess(0.0) < 0.0 {
            0.0
        } else {
            brent(excess, 0.0, middle)
        };
        let high = if excess(n) < 0.0 {
            n
        } else {
            brent(excess, middle, n)
        };
        (low, high)
    }
}

/// The best ρ for a variance of 1 (Howard et al. 2021, equation 3.8's approximation).
fn rho_per_variance(alpha: f64) -> f64 {
    let twice_log = 2.0 * (1.0 / alpha).ln();
    1.0 / (twice_log + (1.0 + twice_log).ln())
}

/// The stitched closed form for the `p`-quantile of `t` values: half the interval's width on the
/// scale of probabilities (Howard and Ramdas 2022, theorem 1a).
pub(super) fn stitched(p: f64, t: f64, alpha: f64) -> f64 {
    // (1.4 ln ln(2.1 t) + ln(10 / α)) / t
    let l = (1.4 * (2.1 * t).ln().ln() + (10.0 / alpha).ln()) / t;
    1.5 * (p * (1.0 - p) * l).sqrt() + 0.8 * l
}

/// A of the band below.
const A: f64 = 0.85;

/// A band around a whole empirical distribution function: A √((ln(1 + ln(t / t₀)) + C) / t), for
/// t ≥ t₀ (Howard and Ramdas 2022, theorem 2).
#[derive(Debug, Clone, Copy)]
pub(super) struct Band {
    start: f64,
    c: f64,
}

impl Band {
    /// With error `alpha`: from the first value on with the closed form of corollary 2, or from a
    /// later `start` with the smallest C.
    pub(super) fn new(alpha: f64, start: f64) -> Self {
        let c = if start > 1.0 {
            smallest_c(alpha)
        } else {
            0.8 * (1612.0 / alpha).ln()
        };
        Self {
            start: start.max(1.0),
            c,
        }
    }

    /// What the band spans on either side, infinite before it begins.
    pub(super) fn radius(self, t: f64) -> f64 {
        radius(t, self.start, self.c)
    }

    /// The smallest error with which the bands of two arms, of `n` values each, part at a `gap` between
    /// the arms' distribution functions.
    pub(super) fn error_at(start: f64, n: [f64; 2], gap: f64) -> f64 {
        let start = start.max(1.0);
        let excess = |c: f64| n.map(|n| radius(n, start, c)).iter().sum::<f64>() - gap;
        let at_zero = excess(0.0);
        if at_zero >= 0.0 || at_zero.is_nan() {
            return 1.0;
        }
        let c = brent(excess, 0.0, 2000.0);
        let error = if start > 1.0 {
            crossing(c)
        } else {
            1612.0 * (-c / 0.8).exp()
        };
        error.min(1.0)
    }
}

fn radius(t: f64, start: f64, c: f64) -> f64 {
    if t >= start {
        A * (((t / start).ln().ln_1p() + c) / t).sqrt()
    } else {
        f64::INFINITY
    }
}

/// The error that goes with a C: the least of theorem 2's bounds over η,
/// 4 e^(-γ²C) (1 + 1 / ((γ² - 1) ln η)), γ² = (2 / η) (A - √(2(η - 1) / C))².
fn crossing(c: f64) -> f64 {
    let bound = |eta: f64| {
        let gamma = A - (2.0 * (eta - 1.0) / c).sqrt();
        let squared = 2.0 / eta * gamma * gamma;
        if gamma <= 0.0 || squared <= 1.0 {
            return f64::INFINITY;
        }
        4.0 * (-squared * c).exp() * (1.0 + 1.0 / ((squared - 1.0) * eta.ln()))
    };
    // By golden sections of ln(η - 1), in which the bound has one minimum.
    let at = |u: f64| bound(1.0 + u.exp());
    let (mut low, mut high) = (-25.0, (2.0 * A * A - 1.0).ln());
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        // Where both are infinite, η is too large.
        if at(left) <= at(right) {
            high = right;
        } else {
            low = left;
        }
    }
    at(0.5 * (low + high)).min(1.0)
}

fn smallest_c(alpha: f64) -> f64 {
    brent(
        |c| crossing(c).max(f64::MIN_POSITIVE).ln() - alpha.ln(),
        1.5,
        2000.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, expected: f64, tolerance: f64) {
        assert!((got - expected).abs() <= tolerance, "{got} {expected}");
    }

    /// ρ and the mixtures of the authors' own unit tests (confseq).
    #[test]
    fn mixtures_agree_with_the_authors_digits() {
        close(100.0 * rho_per_variance(0.05), 12.60056, 1e-5);
        close(100.0 * rho_per_variance(0.1), 15.80063, 1e-5);
        // g = 0.2, h = 0.8, V = 100: 625 values.
        for (alpha, side, log_e, bound) in [
            (0.05, Alternative::TwoSided, -0.694_101_2, 31.4308),
            (0.1, Alternative::Greater, -0.071_340_19, 28.412_38),
        ] {
            let strength = (100.0 * rho_per_variance(alpha) - 0.16) / 0.16;
            let mixture = Mixture::with_strength(Point::new(0.2), strength);
            close(mixture.log_e(125.0 + 10.0, 625.0, side), log_e, 1e-6);
            let (_, high) = mixture.ends(625.0, 20.0_f64.ln(), side);
            close(high - 125.0, bound, 1e-4);
        }
    }

    /// Where the tail is short of all digits, and where it is not.
    #[test]
    fn one_sided_mixtures_are_continuous_and_monotone() {
        for (p, n) in [
            (0.5, 3000.0),
            (0.99, 5000.0),
            (0.999, 50_000.0),
            (0.1, 400.0),
        ] {
            let mixture = Mixture::new(p, 1000.0, 0.1);
            for side in [Alternative::Greater, Alternative::Less] {
                let at = |i: u32| mixture.log_e(n * f64::from(i) / 1000.0, n, side);
                for i in 0..1000 {
                    let (here, next) = (at(i), at(i + 1));
                    assert!(here.is_finite() && next.is_finite());
                    let rises = next > here - 1e-3;
                    assert!(
                        rises == (side == Alternative::Greater) || (here - next).abs() < 2e-3,
                        "{p} {i} {here} {next}"
                    );
                }
            }
        }
        // Halfway between the two regimes, both are the same.
        let mixture = Mixture::new(0.5, 1000.0, 0.1);
        let direct = |up_to: f64| {
            let (a, b) = (mixture.a + up_to, mixture.b + 3000.0 - up_to);
            beta::ln_over(a, b, mixture.null) - mixture.both + beta::sf(mixture.null, a, b).ln()
                - mixture.above
        };
        for up_to in [1000.0, 1100.0, 1145.0, 1160.0] {
            close(
                mixture.log_e(up_to, 3000.0, Alternative::Greater),
                direct(up_to),
                2e-4,
            );
        }
    }

    #[test]
    fn one_quantile_has_its_published_radii() {
        for (p, t, f) in [
            (0.5, 1e2, 0.268_543),
            (0.5, 1e3, 0.074_212),
            (0.5, 1e4, 0.022_567),
            (0.99, 1e3, 0.019_989),
            (0.99, 1e4, 0.005_036),
            (0.99, 1e5, 0.001_471),
        ] {
            close(stitched(p, t, 0.05), f, 1e-6);
        }
        let radius = |p: f64, t_opt| {
            let (low, high) =
                Mixture::new(p, t_opt, 0.05).ends(1000.0, 20.0_f64.ln(), Alternative::TwoSided);
            (p - low / 1000.0, high / 1000.0 - p)
        };
        close(radius(0.5, 1000.0).1, 0.047_950_2, 1e-6);
        close(radius(0.5, 100.0).0, 0.051_466_5, 1e-6);
        let (below, above) = radius(0.9, 100.0);
        close(above, 0.029_176_3, 1e-6);
        close(below, 0.032_810_5, 1e-6);
    }

    /// 700 of 1000: the probabilities that a binomial confidence sequence keeps.
    #[test]
    fn probabilities_have_the_authors_confidence_sequences() {
        for (events, n, t_opt, low, high) in [
            (700.0, 1000.0, 100.0, 0.651_629, 0.745_949),
            (15.0, 50.0, 50.0, 0.129_556, 0.511_896),
            (5.0, 50.0, 50.0, 0.013_021, 0.269_264),
        ] {
            let excess = |p: f64| {
                Mixture::new(p, t_opt, 0.05).log_e(events, n, Alternative::TwoSided) - 20.0_f64.ln()
            };
            close(brent(excess, 1e-9, events / n), low, 1e-6);
            close(brent(excess, events / n, 1.0 - 1e-9), high, 1e-6);
        }
    }

    #[test]
    fn the_whole_band_has_its_published_radii() {
        close(smallest_c(0.05), 8.122_72, 1e-5);
        close(Band::new(0.05, 100.0).radius(1000.0), 0.082_047_69, 1e-7);
        for (alpha, t, r) in [
            (0.05, 1e2, 0.269_176),
            (0.05, 1e3, 0.086_569),
            (0.05, 1e4, 0.027_711),
            (0.05, 1e5, 0.008_846),
            (0.025, 1e2, 0.276_518),
            (0.025, 1e3, 0.088_853),
            (0.025, 1e4, 0.028_424),
            (0.025, 1e5, 0.009_070),
        ] {
            close(Band::new(alpha, 1.0).radius(t), r, 1e-6);
        }
        assert_eq!(Band::new(0.05, 100.0).radius(99.0), f64::INFINITY);
    }

    #[test]
    fn bands_part_after_the_published_numbers() {
        for (gap, n) in [
            (0.2, 788.0),
            (0.1, 3198.0),
            (0.05, 12957.0),
            (0.02, 82150.0),
            (0.01, 331_702.0),
        ] {
            assert!(
                Band::error_at(1.0, [n, n], gap) <= 0.025 * (1.0 + 1e-9),
                "{gap}"
            );
            assert!(
                Band::error_at(1.0, [n - 1.0, n - 1.0], gap) > 0.025,
                "{gap}"
            );
        }
        assert_eq!(Band::error_at(1.0, [10.0, 0.0], 1.0), 1.0);
        let late = Band::error_at(100.0, [1000.0, 1000.0], 2.0 * 0.082_047_69);
        close(late, 0.05, 1e-5);
    }
}
