//! Values in ascending order, fast.

use std::ops::Range;

/// A copy of `values`, which must not hold NaN, in ascending order, every zero positive.
///
/// Sorted as integers that order like the numbers do: comparing integers takes the standard
/// library's sort half of the time of `f64::total_cmp`. Both zeros become one, because a rank test
/// must see them tied.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().map(|&x| to_key(x + 0.0)).collect();
    keys.sort_unstable();
    keys.into_iter().map(from_key).collect()
}

/// The same, but in order only at the ranks in `window`; what ranks below or above it lies there in no
/// order. For a few order statistics of many values.
pub(crate) fn sorted_within(values: &[f64], window: Range<usize>) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().map(|&x| to_key(x + 0.0)).collect();
    let last = window.end.min(keys.len());
    if last < keys.len() {
        keys.select_nth_unstable(last);
    }
    let below = keys.get_mut(..last).unwrap_or_default();
    if window.start < below.len() {
        let (_, _, above) = below.select_nth_unstable(window.start);
        above.sort_unstable();
    }
    keys.into_iter().map(from_key).collect()
}

const SIGN: u64 = 1 << 63;

/// The order-preserving map of floats onto integers: flip all bits of negative numbers, and the
/// sign of the others.
pub(crate) fn to_key(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits & SIGN == 0 { bits ^ SIGN } else { !bits }
}

pub(crate) fn from_key(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_sorted_as_the_whole_is() {
        let values: Vec<f64> = (0..500)
            .map(|i| f64::from((i * 7919) % 501) - 250.0)
            .collect();
        let whole = sorted(&values);
        for window in [0..500, 0..1, 499..500, 200..300, 450..900, 600..700] {
            let within = sorted_within(&values, window.clone());
            let end = window.end.min(500);
            let start = window.start.min(end);
            assert_eq!(within[start..end], whole[start..end]);
            assert!(within[..start].iter().all(|x| *x <= whole[start.min(499)]));
            assert_eq!(sorted(&within), whole);
        }
    }

    #[test]
    fn sorts_like_numbers() {
        let inf = f64::INFINITY;
        let values = [3.0, -0.0, -inf, 1e-320, 0.0, -2.5, inf, -1e300, f64::MAX];
        let expected = [-inf, -1e300, -2.5, 0.0, 0.0, 1e-320, 3.0, f64::MAX, inf];
        assert_eq!(sorted(&values), expected);
        assert!(
            sorted(&values)
                .iter()
                .all(|x| x.to_bits() != (-0.0_f64).to_bits())
        );
    }
}
