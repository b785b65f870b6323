//! Latencies to measure with: skewed, seeded, with and without ties.

use canary_core::Arms;

/// Values like latencies in milliseconds, with microseconds (hardly any ties).
pub(crate) fn latencies(n: u64) -> Arms<Vec<f64>> {
    Arms::new(1, 2).map(|seed| {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed + 1);
        let mut uniform = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..n)
            .map(|_| 10.0 - 30.0 * (1.0 - uniform()).ln() * (0.5 + uniform()))
            .collect()
    })
}

/// The same in whole milliseconds: ties almost everywhere.
pub(crate) fn rounded(n: u64) -> Arms<Vec<f64>> {
    latencies(n).map(|values| values.into_iter().map(f64::round).collect())
}
