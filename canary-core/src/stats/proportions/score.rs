//! Score tests of a difference, a ratio or an odds ratio of proportions, and Miettinen and
//! Nurminen's (1985) intervals: all those that such a test does not reject.

use crate::data::{Arms, Counts};
use crate::error::{Error, Result};
use crate::number::root::{brent, crossing};
use crate::options::Measure;

/// The score statistic of p̂c - p̂b = null (or p̂c / p̂b, or of the odds), with the variance at the
/// likeliest proportions under it: for a difference and a ratio that of Farrington and Manning
/// (1990).
pub(super) fn z(arms: Arms<Counts>, measure: Measure, null: f64) -> Result<f64> {
    if measure == Measure::Difference && null.abs() >= 1.0 {
        let rule = "must lie in (-1, 1) for a difference of proportions";
        return Err(Error::option("null", rule, null));
    }
    let (above, variance) = stratum_score(arms, measure, null);
    Ok(if above == 0.0 {
        0.0
    } else {
        above / variance.sqrt()
    })
}

/// By how much the estimate is above the null hypothesis, and the variance of that at the likeliest
/// proportions under it.
pub(in super::super) fn stratum_score(
    arms: Arms<Counts>,
    measure: Measure,
    null: f64,
) -> (f64, f64) {
    let arms = arms.map(Arm::of);
    let proportion = arms.map(|arm| arm.x / arm.n);
    match measure {
        Measure::Difference => {
            let rare = arms.baseline.x + arms.canary.x <= arms.baseline.y + arms.canary.y;
            let variance = if rare {
                difference_variance(arms, null)
            } else {
                difference_variance(arms.map(Arm::flipped), -null)
            };
            (proportion.canary - proportion.baseline - null, variance)
        }
        Measure::Ratio => (
            proportion.canary - null * proportion.baseline,
            ratio_variance(arms, null),
        ),
        Measure::OddsRatio => score_of_odds(arms, null),
    }
}

/// The canary's events less those fitted under an odds ratio, and their variance.
pub(in super::super) fn odds_score(arms: Arms<Counts>, psi: f64) -> (f64, f64) {
    score_of_odds(arms.map(Arm::of), psi)
}

/// The squared standard error of a difference of proportions that are expected, but for the null
/// hypothesis that they differ by this much.
pub(in super::super) fn null_variance(proportion: Arms<f64>, n: Arms<f64>, null: f64) -> f64 {
    let arms = proportion.zip(n).map(|(p, n)| Arm {
        x: n * p,
        y: n * (1.0 - p),
        n,
    });
    difference_variance(arms, null)
}

/// An arm's counts as numbers: events x, the others y, trials n.
#[derive(Clone, Copy)]
struct Arm {
    x: f64,
    y: f64,
    n: f64,
}

impl Arm {
    fn of(counts: Counts) -> Self {
        Self {
            x: counts.events() as f64,
            y: (counts.trials() - counts.events()) as f64,
            n: counts.trials() as f64,
        }
    }

    /// Events and others exchanged.
    fn flipped(self) -> Self {
        Self {
            x: self.y,
            y: self.x,
            n: self.n,
        }
    }
}

/// N / (N - 1), by which Miettinen and Nurminen's variance is unbiased (their eq. 8).
fn unbiased(arms: Arms<Arm>) -> f64 {
    let total = arms.baseline.n + arms.canary.n;
    total / (total - 1.0)
}

/// The interval of p̂c - p̂b for a critical value of at least 0; `guess` is an interval near it.
pub(super) fn difference(
    arms: Arms<Counts>,
    estimate: f64,
    critical: f64,
    guess: (f64, f64),
) -> (f64, f64) {
    let arms = arms.map(Arm::of);
    // Small proportions keep their digits: work with whichever of the two outcomes is rarer.
    if arms.baseline.x + arms.canary.x > arms.baseline.y + arms.canary.y {
        let guess = (-guess.1, -guess.0);
        let flipped = arms.map(Arm::flipped);
        let (low, high) = difference_of_rare(flipped, -estimate, critical, guess);
        return (-high, -low);
    }
    difference_of_rare(arms, estimate, critical, guess)
}

fn difference_of_rare(
    arms: Arms<Arm>,
    estimate: f64,
    critical: f64,
    guess: (f64, f64),
) -> (f64, f64) {
    let above = reach_above(arms, estimate, critical, guess.1 - estimate);
    let below = reach_above(arms.swap(), -estimate, critical, estimate - guess.0);
    ((estimate - below).max(-1.0), (estimate + above).min(1.0))
}

/// How far above the estimate the interval ends: the w with w = critical · s(estimate + w).
fn reach_above(arms: Arms<Arm>, estimate: f64, critical: f64, guess: f64) -> f64 {
    let most = 1.0 - estimate;
    let factor = unbiased(arms);
    let target = |w: f64| {
        let delta = (estimate + w).min(1.0);
        critical * (factor * difference_variance(arms, delta)).sqrt()
    };
    if most <= 0.0 {
        return 0.0;
    }
    root_of_fixed_point(target, guess.min(most), most)
}

/// The w in (0, most] with w = target(w), which lies above w for small w.
pub(in super::super) fn root_of_fixed_point(
    target: impl Fn(f64) -> f64,
    guess: f64,
    most: f64,
) -> f64 {
    let mut low = if guess > 0.0 { guess } else { 0.5 * most };
    let mut high = target(low).min(most);
    if high == low {
        return low;
    }
    // From the guess to the value it leads to is about as far as the root can be: go on that way.
    let excess = |w: f64| w - target(w);
    let upwards = high > low;
    let mut factor = 2.0;
    while (excess(high) < 0.0) == upwards {
        let next = if upwards {
            (high + factor * (high - low)).min(most)
        } else {
            (high - factor * (low - high)).max(0.25 * high)
        };
        if next == high {
            return high;
        }
        (low, high) = (high, next);
        factor = 4.0;
    }
    brent(excess, low, high)
}

/// p̃c (1 - p̃c)/nc + p̃b (1 - p̃b)/nb at the likeliest proportions with p̃c - p̃b = δ.
fn difference_variance(arms: Arms<Arm>, delta: f64) -> f64 {
    // The lower proportion is q, the upper q + gap.
    let gap = delta.abs();
    let (lower, upper) = if delta < 0.0 {
        (arms.canary, arms.baseline)
    } else {
        (arms.baseline, arms.canary)
    };
    let q = constrained(lower, upper, gap);
    let p = q + gap;
    q * (1.0 - q) / lower.n + p * (1.0 - p).max(0.0) / upper.n
}

/// The q in [0, 1 - gap] that maximises the likelihood of proportions q and q + gap.
///
/// There events pull q up as strongly as the others pull it down: xl/q + xu/(q + gap) =
/// yl/(1 - q) + yu/(1 - q - gap). The reciprocals of both sides are nearly straight lines and have
/// no poles, so that Newton's method meets the root in a few steps and to the last digits; the
/// closed form of the cubic loses half of the digits of a small q.
fn constrained(lower: Arm, upper: Arm, gap: f64) -> f64 {
    let end = 1.0 - gap;
    if end <= 0.0 || lower.x + upper.x == 0.0 {
        return 0.0;
    }
    if lower.y + upper.y == 0.0 {
        return end;
    }
    if gap == 0.0 {
        return (lower.x + upper.x) / (lower.n + upper.n);
    }
    // 1 / (a/u + b/v) and its slope for u and v that grow together.
    let parallel = |a: f64, u: f64, b: f64, v: f64| {
        let (a_over_u, b_over_v) = (a / u, b / v);
        let value = 1.0 / (a_over_u + b_over_v);
        let slope = (a_over_u / u + b_over_v / v) * value * value;
        (value, slope)
    };
    let only = |b: f64, v: f64| v / b; // the same at u = 0, for a = 0
    // Where no event pulls away from an end of the range, the maximum may lie on it.
    let down_at_zero = parallel(upper.y, end, lower.y, 1.0).0;
    let up_at_zero = if lower.x > 0.0 {
        0.0
    } else {
        only(upper.x, gap)
    };
    if up_at_zero >= down_at_zero {
        return 0.0;
    }
    let up_at_end = parallel(lower.x, end, upper.x, 1.0).0;
    let down_at_end = if upper.y > 0.0 {
        0.0
    } else {
        only(lower.y, gap)
    };
    if down_at_end >= up_at_end {
        return end;
    }
    let (mut below, mut above) = (0.0, end);
    let (at_zero, at_end) = (down_at_zero - up_at_zero, up_at_end - down_at_end);
    let mut q = end * (at_zero / (at_zero + at_end)); // where the chord crosses
    for _ in 0..100 {
        let rest = end - q;
        let (up, up_slope) = parallel(lower.x, q, upper.x, q + gap);
        let (down, down_slope) = parallel(upper.y, rest, lower.y, rest + gap);
        let excess = up - down;
        if excess > 0.0 {
            above = q;
        } else {
            below = q;
        }
        let next = q - excess / (up_slope + down_slope);
        if (next - q).abs() <= 1e-9 * q.min(rest) {
            return next;
        }
        q = if next > below && next < above {
            next
        } else if next <= below {
            below + 0.125 * (q - below)
        } else {
            above - 0.125 * (above - q)
        };
    }
    q
}

/// The interval of p̂c / p̂b for a critical value of at least 0.
pub(super) fn ratio(arms: Arms<Counts>, critical: f64) -> (f64, f64) {
    let arms = arms.map(Arm::of);
    let high = upper_ratio(arms, critical);
    let low = 1.0 / upper_ratio(arms.swap(), critical);
    (low, high)
}

/// The largest ρ with ρ p̂b - p̂c ≤ critical · s(ρ).
fn upper_ratio(arms: Arms<Arm>, critical: f64) -> f64 {
    if arms.baseline.x == 0.0 {
        return f64::INFINITY;
    }
    let proportion = arms.map(|arm| arm.x / arm.n);
    let factor = unbiased(arms);
    let excess = |ln_rho: f64| {
        let rho = ln_rho.exp();
        let reach = critical * (factor * ratio_variance(arms, rho)).sqrt();
        rho * proportion.baseline - proportion.canary - reach
    };
    // The interval of the logarithm (Katz et al. 1978) is a guess; half an event stands for none.
    let events = arms.map(|arm| arm.x.max(0.5));
    let others = arms.map(|arm| arm.y.max(0.5) / arm.n);
    let ln = (events.canary / arms.canary.n).ln() - (events.baseline / arms.baseline.n).ln();
    let variance = others.canary / events.canary + others.baseline / events.baseline;
    let width = critical * variance.sqrt();
    let guess = ln + width;
    (guess + crossing(|u| excess(guess + u), 0.125 * width.max(1e-3), 700.0)).exp()
}

/// p̃c (1 - p̃c)/nc + ρ² p̃b (1 - p̃b)/nb at the likeliest proportions with p̃c = ρ p̃b, of which
/// p̃b is the smaller root of a quadratic (their eq. 9). That root and both complements are written
/// so that nothing cancels: where an arm has nothing but events, its 1 - p̃ must be 0 and not 1e-16.
fn ratio_variance(arms: Arms<Arm>, rho: f64) -> f64 {
    let Arms {
        baseline: b,
        canary: c,
    } = arms;
    let total = b.n + c.n;
    let (with_rho, without) = (rho * (c.n + b.x), b.n + c.x);
    let distance = with_rho - without;
    let root = (distance * distance + 4.0 * rho * b.y * c.y).sqrt();
    let pb = (2.0 * (b.x + c.x) / (with_rho + without + root)).min(1.0);
    let pc = (rho * pb).min(1.0);
    let linear = rho * b.y + (rho * total - without);
    let qb = if linear >= 0.0 {
        (linear + root) / (2.0 * total * rho)
    } else {
        2.0 * b.y * (1.0 - rho) / (root - linear)
    };
    let linear = c.y + (total - with_rho);
    let qc = if linear >= 0.0 {
        (linear + root) / (2.0 * total)
    } else {
        2.0 * c.y * (rho - 1.0) / (root - linear)
    };
    pc * qc / c.n + rho * rho * pb * qb / b.n
}

/// The interval of the odds ratio for a critical value of at least 0.
pub(super) fn odds_ratio(arms: Arms<Counts>, critical: f64) -> (f64, f64) {
    let arms = arms.map(Arm::of);
    let high = upper_odds_ratio(arms, critical);
    let low = 1.0 / upper_odds_ratio(arms.swap(), critical);
    (low, high)
}

/// The largest ψ with E(ψ) - xc ≤ critical · √(V(ψ) N/(N - 1)), E the canary's events fitted
/// under ψ.
fn upper_odds_ratio(arms: Arms<Arm>, critical: f64) -> f64 {
    if arms.baseline.x == 0.0 || arms.canary.y == 0.0 {
        return f64::INFINITY;
    }
    let factor = unbiased(arms);
    let excess = |ln_psi: f64| {
        let (above, variance) = score_of_odds(arms, ln_psi.exp());
        -above - critical * (factor * variance).sqrt()
    };
    // Woolf's (1955) interval is a guess; half an event stands for none.
    let cells = arms.map(|arm| (arm.x.max(0.5), arm.y.max(0.5)));
    let Arms {
        baseline: (xb, yb),
        canary: (xc, yc),
    } = cells;
    let ln = (xc / yc).ln() - (xb / yb).ln();
    let width = critical * (1.0 / xb + 1.0 / yb + 1.0 / xc + 1.0 / yc).sqrt();
    let guess = ln + width;
    (guess + crossing(|u| excess(guess + u), 0.125 * width.max(1e-3), 700.0)).exp()
}

/// xc - E(ψ) and its variance under the odds ratio ψ: 1 / (1/(nc p̃c q̃c) + 1/(nb p̃b q̃b)).
fn score_of_odds(arms: Arms<Arm>, psi: f64) -> (f64, f64) {
    let (events, others) = (
        arms.baseline.x + arms.canary.x,
        arms.baseline.y + arms.canary.y,
    );
    let n = arms.map(|arm| arm.n);
    let pc = fitted(events, n.canary, n.baseline, 1.0 / psi);
    let qc = fitted(others, n.canary, n.baseline, psi);
    let pb = fitted(events, n.baseline, n.canary, psi);
    let qb = fitted(others, n.baseline, n.canary, 1.0 / psi);
    let information = arms
        .zip(Arms::new(pb * qb, pc * qc))
        .map(|(arm, pq)| arm.n * pq);
    let variance = information.baseline * information.canary
        / (information.baseline + information.canary).max(f64::MIN_POSITIVE);
    // Both arms are as far from what is fitted; the smaller arm's distance has more digits.
    let above = if n.canary <= n.baseline {
        arms.canary.x - n.canary * pc
    } else {
        n.baseline * pb - arms.baseline.x
    };
    (above, variance)
}

/// The proportion p of an arm of size `n` when `events` of both arms together are given and the
/// other arm's odds are ψ times this one's: the root of a quadratic, written without cancellation.
fn fitted(events: f64, n: f64, other: f64, psi: f64) -> f64 {
    let linear = (n + events) + psi * (other - events);
    let apart = n - events;
    let far = other - events;
    let cross = n * other + events * (n + other - events);
    let root = (apart * apart + 2.0 * psi * cross + psi * psi * far * far).sqrt();
    let p = if linear >= 0.0 {
        2.0 * events / (linear + root)
    } else {
        (root - linear) / (2.0 * n * (psi - 1.0))
    };
    p.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(baseline: (u64, u64), canary: (u64, u64)) -> Arms<Counts> {
        Arms::new(baseline, canary).map(|(events, trials)| Counts::new(events, trials).unwrap())
    }

    #[test]
    fn a_ratio_to_one_sure_trial_has_its_digits() {
        // mpmath, 60 digits: here 1 - p̃ of the single trial is 0 exactly.
        let counts = arms((1, 1), (915_641_206_901_004, 965_793_587_717_838));
        for (tail, low) in [
            (0.2, 0.948_071_319_526_204_2),
            (0.05, 0.948_071_313_791_338_5),
            (0.005, 0.948_071_307_144_419),
        ] {
            let got = ratio(counts, crate::number::normal::quantile(tail)).0;
            assert!((got / low - 1.0).abs() < 1e-14, "{got} {low}");
        }
    }

    #[test]
    fn the_likeliest_proportions_are_the_likeliest() {
        for (lower, upper) in [
            ((3, 7), (9, 4)),
            ((0, 10), (10, 0)),
            ((1, 0), (3, 47)),
            ((0, 5), (0, 9)),
            ((6, 0), (0, 3)),
            ((2, 1_000_000), (7, 3)),
        ] {
            let arm = |(x, y): (u32, u32)| {
                let (x, y) = (f64::from(x), f64::from(y));
                Arm { x, y, n: x + y }
            };
            let (lower, upper) = (arm(lower), arm(upper));
            let term = |count: f64, p: f64| if count == 0.0 { 0.0 } else { count * p.ln() };
            for gap in [1e-6, 0.1, 0.5, 0.9] {
                let end = 1.0 - gap;
                let likelihood = |q: f64| {
                    let of_lower = term(lower.x, q) + term(lower.y, 1.0 - q);
                    of_lower + term(upper.x, q + gap) + term(upper.y, end - q)
                };
                let q = constrained(lower, upper, gap);
                assert!((0.0..=end).contains(&q), "{q} {gap}");
                let best = likelihood(q);
                for step in 0..=1000 {
                    let other = likelihood(end * f64::from(step) / 1000.0);
                    assert!(
                        other <= best + 1e-9 * best.abs(),
                        "{gap}: {q} is no maximum"
                    );
                }
            }
        }
    }
}
