//! How long windows remember each other.

use crate::number::sort;

/// Blocks are so long that the correlation over their length is at most this.
const FORGOTTEN: f64 = 0.1;

/// The correlation of neighbours: the larger of that of the values, which shows bursts, and that of
/// their ranks, which spikes do not hide. 0 where nothing varies. A missing value (NaN) has no
/// neighbours.
pub(super) fn correlation(values: &[f64]) -> f64 {
    of_neighbours(values).max(of_neighbours(&ranks(values)))
}

/// Freed of its bias in short series: (n φ + 1) / (n - 3) (Kendall 1954).
fn of_neighbours(values: &[f64]) -> f64 {
    let known = || values.iter().filter(|x| !x.is_nan());
    let n = known().count() as f64;
    // In units in which squares are numbers.
    let unit = known().fold(0.0_f64, |most, x| most.max(x.abs()));
    if n < 4.0 || !(unit > 0.0 && unit.is_finite()) {
        return 0.0;
    }
    let mean = known().map(|x| x / unit).sum::<f64>() / n;
    let squares: f64 = known().map(|x| (x / unit - mean).powi(2)).sum();
    if squares <= 0.0 {
        return 0.0;
    }
    let products = values.iter().zip(values.iter().skip(1));
    let products = products.map(|(a, b)| (a / unit - mean) * (b / unit - mean));
    let (mut sum, mut pairs) = (0.0, 0.0);
    for product in products.filter(|p| !p.is_nan()) {
        sum += product;
        pairs += 1.0;
    }
    if pairs == 0.0 {
        return 0.0;
    }
    // As many products as there would be without gaps.
    let lagged = sum / squares * ((n - 1.0) / pairs);
    ((n * lagged + 1.0) / (n - 3.0)).min(1.0)
}

/// Midranks; NaN for NaN.
fn ranks(values: &[f64]) -> Vec<f64> {
    let known: Vec<usize> = (0..values.len())
        .filter(|&i| values.get(i).is_some_and(|x| !x.is_nan()))
        .collect();
    let kept: Vec<f64> = known
        .iter()
        .filter_map(|&i| values.get(i).copied())
        .collect();
    let order = sort::order(&kept);
    let at = |place: usize| kept.get(place).copied().unwrap_or(f64::NAN);
    let mut ranks = vec![f64::NAN; values.len()];
    let mut below = 0;
    for ties in order.chunk_by(|&a, &b| at(a) == at(b)) {
        let rank = below as f64 + 0.5 * (ties.len() as f64 - 1.0);
        for slot in ties.iter().filter_map(|&i| known.get(i)) {
            if let Some(slot) = ranks.get_mut(*slot) {
                *slot = rank;
            }
        }
        below += ties.len();
    }
    ranks
}

/// After how many windows what correlates so with its neighbours is forgotten, like a first-order
/// autoregression: φ^L ≤ 0.1.
pub(super) fn length(correlation: f64) -> usize {
    if correlation <= FORGOTTEN {
        1
    } else if correlation >= 0.999 {
        usize::MAX
    } else {
        (FORGOTTEN.ln() / correlation.ln()).ceil() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::random::Stream;

    #[test]
    fn an_autoregression_is_measured() {
        for phi in [0.0, 0.3, 0.6, 0.9] {
            let mut stream = Stream::new(5, 0);
            let mut last = stream.normal();
            let fresh = f64::sqrt(1.0 - phi * phi);
            let values: Vec<f64> = (0..5000)
                .map(|_| {
                    last = phi * last + fresh * stream.normal();
                    last.exp() // ranks do not care
                })
                .collect();
            let found = correlation(&values);
            assert!((found - phi).abs() < 0.04, "{phi} {found}");
        }
    }

    #[test]
    fn gaps_and_ties_are_no_trouble() {
        let mut values: Vec<f64> = (0..60).map(|i| f64::from(i / 6 % 2)).collect();
        let whole = correlation(&values);
        assert!((0.6..0.75).contains(&whole), "{whole}");
        for gap in [3, 4, 20, 41] {
            values[gap] = f64::NAN;
        }
        assert!((correlation(&values) - whole).abs() < 0.05);
        assert_eq!(correlation(&[1.0; 20]), 0.0);
        assert_eq!(correlation(&[f64::NAN; 20]), 0.0);
        assert_eq!(ranks(&[3.0, f64::NAN, 1.0, 3.0])[3], 1.5);
    }

    #[test]
    fn lengths() {
        assert_eq!([0.05, 0.3, 0.6, 0.9].map(length), [1, 2, 5, 22]);
        assert_eq!(length(1.0), usize::MAX);
    }
}
