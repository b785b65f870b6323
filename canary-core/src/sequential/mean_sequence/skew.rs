//! How far a mean of skewed values is from normal.

use crate::number::moments::Moments;

/// How many times the skewness that was seen counts: values that are without their largest yet show
/// too little of it.
pub(super) const CAUTION: f64 = 2.0;

/// Σ (x - mean)³.
pub(super) fn cubes(values: &[f64], mean: f64) -> f64 {
    values.iter().map(|x| (x - mean).powi(3)).sum()
}

/// The same of both sets of values taken together.
pub(super) fn merge(a: (Moments, f64), b: (Moments, f64)) -> f64 {
    let ((a, a3), (b, b3)) = (a, b);
    let (na, nb) = (a.count as f64, b.count as f64);
    let n = na + nb;
    if na == 0.0 || nb == 0.0 {
        return a3 + b3;
    }
    let d = b.mean - a.mean;
    let (pa, pb) = (na / n, nb / n);
    a3 + b3 + d * d * d * na * pb * (pa - pb) + 3.0 * d * (pa * b.m2 - pb * a.m2)
}

/// The skewness of the values.
pub(super) fn skewness(moments: Moments, cubes: f64) -> f64 {
    let n = moments.count as f64;
    let variance = moments.m2 / n;
    let skewness = cubes / n / (variance * variance.sqrt());
    if skewness.is_finite() { skewness } else { 0.0 }
}

/// Hall's (1992) transformation of a t, ((1 + a t / 3)³ - 1) / a + a / 6 where a is the skewness over
/// √n: away from the long tail, t is farther out than a normal deviate. Where that says less than t
/// does, it counts; of t beyond what the cube can tell, nothing is added.
pub(super) fn corrected(t: f64, a: f64) -> f64 {
    if a == 0.0 || t == 0.0 || t * a > 0.0 {
        return t;
    }
    let cube = (1.0 + a * t / 3.0).max(0.0);
    let normal = (cube * cube * cube - 1.0) / a + a / 6.0;
    if t < 0.0 {
        normal.clamp(t, 0.0)
    } else {
        normal.clamp(0.0, t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cubes_of_parts_are_those_of_the_whole() {
        let values = [1.0, 4.0, -2.0, 8.0, 5.0, 5.5, 100.0];
        let of = |values: &[f64]| {
            let moments = Moments::of(values);
            (moments, cubes(values, moments.mean))
        };
        let (_, whole) = of(&values);
        for cut in 0..=values.len() {
            let (a, b) = values.split_at(cut);
            let merged = match (a, b) {
                ([], rest) | (rest, []) => of(rest).1,
                _ => merge(of(a), of(b)),
            };
            assert!((merged / whole - 1.0).abs() < 1e-12, "{merged} {whole}");
        }
    }

    #[test]
    fn only_the_side_away_from_the_tail_is_corrected() {
        assert_eq!(corrected(3.0, 0.2).to_bits(), 3.0_f64.to_bits());
        let expected = ((1.0_f64 - 0.2).powi(3) - 1.0) / 0.2 + 0.2 / 6.0;
        assert!((corrected(-3.0, 0.2) - expected).abs() < 1e-12);
        assert!((corrected(3.0, -0.2) + expected).abs() < 1e-12);
        assert!(corrected(-1e9, 0.5) > -2.0);
    }
}
