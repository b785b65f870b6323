//! Limits as they are usually written for Argo Rollouts and Flagger: of the canary alone.

use canary_core::{Result, Status};

use super::Judge;
use super::recent::{Recent, quantile};
use crate::world::Minute;

/// The usual limit of the 99th percentile; services here have 40 to 300 ms by themselves.
const SLOWEST_MS: f64 = 500.0;

/// Two metrics, each measured every minute over the last five: the run fails with one failed measurement more
/// than the limit, and with one error (nothing to measure) in a row more than its limit.
pub(super) struct Argo {
    recent: Recent,
    error_rate: Metric,
    latency: Metric,
}

#[derive(Default)]
struct Metric {
    failed: u32,
    consecutive_errors: u32,
}

const FAILURE_LIMIT: u32 = 3;
const CONSECUTIVE_ERROR_LIMIT: u32 = 4;
const ARGO_WINDOW: usize = 5;
const ARGO_ERRORS: f64 = 0.05;

impl Metric {
    /// What is NaN was no measurement. Whether the metric has failed.
    fn measure(&mut self, value: f64, limit: f64) -> bool {
        if value.is_nan() {
            self.consecutive_errors += 1;
        } else {
            self.consecutive_errors = 0;
            self.failed += u32::from(value >= limit);
        }
        self.failed > FAILURE_LIMIT || self.consecutive_errors > CONSECUTIVE_ERROR_LIMIT
    }
}

impl Default for Argo {
    fn default() -> Self {
        Self {
            recent: Recent::new(ARGO_WINDOW),
            error_rate: Metric::default(),
            latency: Metric::default(),
        }
    }
}

impl Judge for Argo {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        self.recent.push(minute);
        let errors = self.recent.totals().canary.error_rate();
        let p99 = quantile(&mut self.recent.latencies().canary, 0.99);
        let is_failing = [
            self.error_rate.measure(errors, ARGO_ERRORS),
            self.latency.measure(p99, SLOWEST_MS),
        ];
        Ok(if is_failing.contains(&true) {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}

/// Success rate and 99th percentile of the last minute: a minute with one of them out of its range, or without
/// data, is a failed check, and the canary is rolled back one minute after as many as the threshold.
pub(super) struct Flagger {
    recent: Recent,
    failed_checks: u32,
}

const THRESHOLD: u32 = 5;
const FLAGGER_WINDOW: usize = 1;
const MIN_SUCCESS_RATE: f64 = 0.99;

impl Default for Flagger {
    fn default() -> Self {
        Self {
            recent: Recent::new(FLAGGER_WINDOW),
            failed_checks: 0,
        }
    }
}

impl Judge for Flagger {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        if self.failed_checks >= THRESHOLD {
            return Ok(Status::Fail);
        }
        self.recent.push(minute);
        let success_rate = 1.0 - self.recent.totals().canary.error_rate();
        let p99 = quantile(&mut self.recent.latencies().canary, 0.99);
        let is_good = success_rate >= MIN_SUCCESS_RATE && p99 <= SLOWEST_MS;
        self.failed_checks += u32::from(!is_good);
        Ok(Status::Pass)
    }
}
