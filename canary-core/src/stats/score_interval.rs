//! Miettinen and Nurminen's (1985) score intervals: the differences, or ratios, that a score test
//! does not reject.

use crate::data::{Arms, Counts};
use crate::number::root::brent;

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

/// The interval of p̂c - p̂b.
pub(super) fn difference(arms: Arms<Counts>, estimate: f64, critical: f64) -> (f64, f64) {
    let arms = arms.map(Arm::of);
    // Small proportions keep their digits: work with whichever of the two outcomes is rarer.
    if arms.baseline.x + arms.canary.x > arms.baseline.y + arms.canary.y {
        let (low, high) = difference_of_rare(arms.map(Arm::flipped), -estimate, critical);
        return (-high, -low);
    }
    difference_of_rare(arms, estimate, critical)
}

fn difference_of_rare(arms: Arms<Arm>, estimate: f64, critical: f64) -> (f64, f64) {
    let high = upper_difference(arms, estimate, critical);
    let low = -upper_difference(arms.swap(), -estimate, critical);
    (low, high)
}

/// The largest δ with δ - (p̂c - p̂b) ≤ critical · s(δ).
fn upper_difference(arms: Arms<Arm>, estimate: f64, critical: f64) -> f64 {
    let excess = |delta: f64| {
        let reach = critical * (unbiased(arms) * difference_variance(arms, delta)).sqrt();
        delta - estimate - reach
    };
    // At the estimate itself s may be 0 (no events at all); a little beyond, it is not.
    let total = arms.baseline.n + arms.canary.n;
    let beyond = 1e-3 * critical * critical / (total + critical * critical);
    let start = if excess(estimate) < 0.0 {
        estimate
    } else {
        estimate + beyond
    };
    if start >= 1.0 || excess(1.0) <= 0.0 {
        return 1.0;
    }
    brent(excess, start, 1.0)
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

/// The q in [0, 1 - gap] that maximises the likelihood of proportions q and q + gap. The root of
/// the score equation itself: the closed form of its cubic loses half of the digits of a small q.
fn constrained(lower: Arm, upper: Arm, gap: f64) -> f64 {
    if gap == 0.0 {
        return (lower.x + upper.x) / (lower.n + upper.n);
    }
    let end = 1.0 - gap;
    if end <= 0.0 {
        return 0.0;
    }
    // The score, times q (end - q) to have no poles: positive below the maximum.
    let score = |q: f64| {
        let rest = end - q;
        let at_zero = rest * (lower.x + upper.x * q / (q + gap));
        let at_end = q * (upper.y + lower.y * rest / (rest + gap));
        at_zero - at_end
    };
    // Where no event pulls away from an end, the maximum may lie on it.
    if lower.x == 0.0 && upper.x / gap <= upper.y / end + lower.y {
        return 0.0;
    }
    if upper.y == 0.0 && lower.x / end + upper.x >= lower.y / gap {
        return end;
    }
    // An end without a pole is a zero of this form, too: step inside until the sign shows.
    let low = match lower.x {
        0.0 => step_inside(end, |q| score(q) <= 0.0),
        _ => f64::MIN_POSITIVE,
    };
    let high = match upper.y {
        0.0 => end - step_inside(end, |rest| score(end - rest) >= 0.0),
        _ => end,
    };
    brent(score, low, high)
}

/// The first of end/2, end/16, end/128, ... that is near enough to 0 for the sign to be right.
fn step_inside(end: f64, is_wrong: impl Fn(f64) -> bool) -> f64 {
    let mut distance = 0.5 * end;
    while is_wrong(distance) && distance > f64::MIN_POSITIVE {
        distance *= 0.125;
    }
    distance
}

/// The interval of p̂c / p̂b.
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
    let excess = |ln_rho: f64| {
        let rho = ln_rho.exp();
        let reach = critical * (unbiased(arms) * ratio_variance(arms, rho)).sqrt();
        rho * proportion.baseline - proportion.canary - reach
    };
    // From the estimate (or near it, where s is 0 or the canary has no events) to where it ends.
    let half = |arm: Arm| (arm.x.max(0.5) / arm.n).ln();
    let mut start = half(arms.canary) - half(arms.baseline);
    let mut step = 1e-6;
    while excess(start) >= 0.0 && step < 1e-3 {
        start += step;
        step *= 2.0;
    }
    while excess(start) >= 0.0 && start > -700.0 {
        start -= 1.0;
    }
    let mut end = start + 1.0;
    while excess(end) < 0.0 && end < 700.0 {
        end += 1.0 + (end - start);
    }
    brent(excess, start, end).exp()
}

/// p̃c (1 - p̃c)/nc + ρ² p̃b (1 - p̃b)/nb at the likeliest proportions with p̃c = ρ p̃b, of which
/// p̃b is the smaller root of a quadratic (their eq. 9).
///
/// The discriminant is multiplied out into two squares, and the complements 1 - p̃ come from roots
/// of their own, so that nothing cancels however near 0 or 1 the proportions are.
fn ratio_variance(arms: Arms<Arm>, rho: f64) -> f64 {
    let Arms {
        baseline: b,
        canary: c,
    } = arms;
    let events = b.x + c.x;
    let (rising, constant) = (rho * (c.n + b.x), b.n + c.x);
    let root = ((rising - constant).powi(2) + 4.0 * rho * b.y * c.y).sqrt();
    let sum = rising + constant + root;
    // a + √(a² + product), without cancellation for a < 0.
    let plus_root = |a: f64, product: f64| {
        if a < 0.0 {
            product / (root - a)
        } else {
            a + root
        }
    };
    let pb = 2.0 * events / sum;
    let pc = rho * pb;
    let qb = plus_root(rising + b.y - events, 4.0 * events * (1.0 - rho) * b.y) / sum;
    let qc = plus_root(
        rho * (c.y - events) + constant,
        4.0 * rho * events * (rho - 1.0) * c.y,
    ) / sum;
    (pc * qc.max(0.0)) / c.n + rho * rho * pb * qb.max(0.0) / b.n
}
