//! What of a change is small enough to be accepted by default: faults are graded in these.

/// Of requests: half of the baseline's error rate, and a quarter of a percentage point at least.
pub(crate) fn errors(baseline: f64) -> f64 {
    (ERRORS_RELATIVE * baseline).max(ERRORS_POINTS)
}

pub(crate) const ERRORS_RELATIVE: f64 = 0.5;
pub(crate) const ERRORS_POINTS: f64 = 0.0025;
/// Of any quantile of the latencies.
pub(crate) const LATENCY: f64 = 0.2;
/// Of CPU, memory and other levels.
pub(crate) const GAUGE: f64 = 0.2;
/// Of the memory at the start, a minute.
pub(crate) const LEAK: f64 = 0.01;

/// How large faults are, in margins.
pub(crate) const SIZES: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
