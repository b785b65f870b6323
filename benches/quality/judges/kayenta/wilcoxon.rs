//! R's `wilcox.test` with its normal approximation, corrected for continuity: the shift and its lower limit.

use super::zeroin::zeroin;

/// Φ⁻¹(0.99): a confidence of 98 %.
const Z: f64 = 2.326_347_874_040_841;
const TOLERANCE: f64 = 1e-4;

pub(super) struct Shift {
    pub(super) estimate: f64,
    pub(super) lower: f64,
}

/// By how much x is greater than y, both sorted; nothing where the rank sum does not vary.
pub(super) fn shift(x: &[f64], y: &[f64]) -> Option<Shift> {
    let (low, high) = (x.first()? - y.last()?, x.last()? - y.first()?);
    let w = |d: f64| standardized(x, y, d);
    if !w(low).is_finite() || !w(high).is_finite() {
        return None;
    }
    let lower = if w(low) - Z <= 0.0 {
        low
    } else if w(high) - Z >= 0.0 {
        high
    } else {
        zeroin(low, high, TOLERANCE, |d| w(d) - Z)
    };
    Some(Shift {
        estimate: zeroin(low, high, TOLERANCE, w),
        lower,
    })
}

/// The rank sum of x - d in x - d and y, standardized.
fn standardized(x: &[f64], y: &[f64], d: f64) -> f64 {
    let (m, n) = (x.len() as f64, y.len() as f64);
    let (mut xs, mut ys) = (
        x.iter().map(|x| x - d).peekable(),
        y.iter().copied().peekable(),
    );
    let (mut before, mut ranks, mut ties) = (0.0, 0.0, 0.0);
    loop {
        let next = match (xs.peek(), ys.peek()) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => break,
        };
        let (mut own, mut size) = (0.0, 0.0);
        while xs.next_if(|x| *x <= next).is_some() {
            own += 1.0;
            size += 1.0;
        }
        while ys.next_if(|y| *y <= next).is_some() {
            size += 1.0;
        }
        ranks += own * (before + 0.5 * (size + 1.0));
        ties += size * size * size - size;
        before += size;
    }
    let z = ranks - 0.5 * m * (m + 1.0) - 0.5 * m * n;
    let all = m + n;
    let variance = m * n / 12.0 * (all + 1.0 - ties / (all * (all - 1.0)));
    let correction = if z == 0.0 { 0.0 } else { 0.5 * z.signum() };
    (z - correction) / variance.sqrt()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    #[test]
    fn a_known_case() {
        let canary = [vec![1.0; 3], vec![100.0; 7]].concat();
        let found = shift(&canary, &[1.0; 10]).unwrap();
        assert!((found.lower - 6.825_022_991_538_781e-5).abs() < 1e-12);
        assert!((found.estimate - 98.999_929_041_701_93).abs() < 1e-12);
    }
}
