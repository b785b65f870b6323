//! Values in ascending order, fast.

use std::ops::Range;

use super::parallel::both;

/// A copy of `values`, which must not hold NaN, in ascending order, every zero positive.
///
/// Sorted as integers that order like the numbers do: comparing integers takes the standard
/// library's sort half of the time of `f64::total_cmp`. Both zeros become one, because a rank test
/// must see them tied.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut keys: Vec<u64> = values.iter().map(|&x| to_key(x + 0.0)).collect();
    sort_keys(&mut keys);
    keys.into_iter().map(from_key).collect()
}

/// The positions of `values`, which must not hold NaN, in the order of the values, equal ones in
/// their own.
pub(crate) fn order(values: &[f64]) -> Vec<usize> {
    let numbered = values.iter().zip(0_u128..);
    let mut keys: Vec<u128> = numbered
        .map(|(&x, index)| (u128::from(to_key(x + 0.0)) << 64) | index)
        .collect();
    sort_keys(&mut keys);
    keys.into_iter().map(|key| key as u64 as usize).collect()
}

/// On two cores where there are many and that was asked for.
fn sort_keys<K: Copy + Ord + Send>(keys: &mut Vec<K>) {
    const MANY: usize = 1 << 17;
    if !cfg!(feature = "parallel") || keys.len() < MANY {
        keys.sort_unstable();
        return;
    }
    let middle = keys.len() / 2;
    let (left, right) = keys.split_at_mut(middle);
    both(middle, || left.sort_unstable(), || right.sort_unstable());
    let mut merged = keys.clone();
    let (left, right) = keys.split_at(middle);
    merge(left, right, &mut merged);
    *keys = merged;
}

/// Merges two sorted rows into one that is as long as both, equal ones in their order. How many pairs
/// there are of which the right one is less.
pub(crate) fn merge<K: Copy + PartialOrd>(left: &[K], right: &[K], merged: &mut [K]) -> u64 {
    // Which row is next is anyone's guess: no branch hangs on it.
    let (mut i, mut j) = (0, 0);
    let mut count = 0;
    let mut slots = merged.iter_mut();
    while let (Some(&a), Some(&b)) = (left.get(i), right.get(j)) {
        let is_right = b < a;
        if let Some(slot) = slots.next() {
            *slot = if is_right { b } else { a };
        }
        count += (left.len() - i) as u64 * u64::from(is_right);
        j += usize::from(is_right);
        i += usize::from(!is_right);
    }
    let rest = left.get(i..).unwrap_or_default().iter();
    let rest = rest.chain(right.get(j..).unwrap_or_default());
    for (slot, &x) in slots.zip(rest) {
        *slot = x;
    }
    count
}

/// The k-th smallest, counted from 0, and the one after it (or the same where there is none), of
/// values without NaN. Of many values only those are ordered that a sample says are near (Floyd and
/// Rivest 1975).
pub(crate) fn kth_and_next(values: &[f64], k: usize) -> (f64, f64) {
    const MANY: usize = 1 << 14;
    const SAMPLE: usize = 1 << 12;
    let n = values.len();
    if n >= MANY {
        let mut sample: Vec<f64> = values.iter().step_by(n / SAMPLE).copied().collect();
        sample.sort_unstable_by(f64::total_cmp);
        let place = k as f64 / n as f64 * sample.len() as f64;
        let reach = 0.035 * sample.len() as f64; // more than four standard deviations
        let at = |place: f64| sample.get(place.max(0.0) as usize).copied();
        let low = at(place - reach)
            .filter(|_| place > reach)
            .unwrap_or(f64::NEG_INFINITY);
        let high = at(place + reach).unwrap_or(f64::INFINITY);
        // Which values are near is anyone's guess: no branch hangs on it.
        let mut near = vec![0.0; n / 4];
        let (mut below, mut count) = (0, 0);
        for &x in values {
            below += usize::from(x < low);
            if let Some(slot) = near.get_mut(count) {
                *slot = x;
            }
            count += usize::from((low <= x) & (x <= high));
        }
        near.truncate(count);
        if count <= n / 4 && below <= k && k + 1 < below + count {
            return kth_and_next(&near, k - below);
        }
    }
    let mut keys: Vec<u64> = values.iter().map(|&x| to_key(x + 0.0)).collect();
    if k >= keys.len() {
        return (f64::NAN, f64::NAN);
    }
    let (_, &mut kth, above) = keys.select_nth_unstable(k);
    let next = above.iter().copied().min().unwrap_or(kth);
    (from_key(kth), from_key(next))
}

/// The median of values without NaN.
pub(crate) fn median(values: &[f64]) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return f64::NAN;
    };
    let (lower, upper) = kth_and_next(values, last / 2);
    if last % 2 == 0 {
        lower
    } else {
        0.5 * lower + 0.5 * upper
    }
}

/// The usual step of times that increase, the median; none of fewer than two times.
pub(crate) fn usual_step(times: &[f64]) -> Option<f64> {
    let pairs = times.iter().zip(times.iter().skip(1));
    let steps: Vec<f64> = pairs.map(|(now, next)| next - now).collect();
    (!steps.is_empty()).then(|| median(&steps))
}

/// A copy of `values`, which must not hold NaN, in order only at the ranks in `window`; what ranks below or above it lies there in no
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
    fn medians_are_those_of_the_sorted_values() {
        for n in [1, 2, 3, 10, 11, 20_000, 20_001, 100_000] {
            for shape in 0..3 {
                let value = |i: u64| match shape {
                    0 => ((i * 7919) % 1_000_003) as f64,
                    1 => i as f64, // in order: a sample at even steps still is one
                    _ => ((i * 7919) % 3) as f64,
                };
                let values: Vec<f64> = (0..n).map(value).collect();
                let whole = sorted(&values);
                let middle = (values.len() - 1) / 2;
                let expected = 0.5 * (whole[middle] + whole[values.len() / 2]);
                assert_eq!(median(&values), expected, "{n} {shape}");
            }
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
