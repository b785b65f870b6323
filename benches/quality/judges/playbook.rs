//! Thresholds as two published documents have them: "Canary Release Playbook - DWCP Systems", and the
//! pattern "Canary Release".

use canary_core::{Arms, Result, Status};

use super::Judge;
use super::recent::{Recent, quantile};
use crate::world::Minute;

/// Five minutes: the documents' queries.
const WINDOW: usize = 5;

/// The playbook's phase: up to which share of the traffic, and what is tolerated.
struct Phase {
    share: f64,
    error_rate_increase: f64,
    latency_increase: f64,
    success_rate_min: f64,
}

const fn phase(
    share: f64,
    error_rate_increase: f64,
    latency_increase: f64,
    success_rate_min: f64,
) -> Phase {
    Phase {
        share,
        error_rate_increase,
        latency_increase,
        success_rate_min,
    }
}

const PHASES: [Phase; 5] = [
    phase(0.01, 0.5, 2.0, 0.95),
    phase(0.05, 0.25, 1.5, 0.97),
    phase(0.1, 0.15, 1.25, 0.98),
    phase(0.25, 0.1, 1.15, 0.99),
    phase(1.0, 0.05, 1.1, 0.995),
];

/// Its `CanaryAnalyzer`, with the thresholds of the phase. It would divide by a baseline without errors: that
/// is no answer. Throughput is compared by share of the traffic, since as it is written every canary fails.
pub(super) struct Playbook(Recent);

impl Default for Playbook {
    fn default() -> Self {
        Self(Recent::new(WINDOW))
    }
}

impl Judge for Playbook {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        self.0.push(minute);
        let totals = self.0.totals();
        let phase = PHASES.iter().find(|phase| minute.share <= phase.share);
        let Some(phase) = phase.or(PHASES.last()) else {
            return Ok(Status::Inconclusive);
        };
        let Arms { baseline, canary } = totals;
        if baseline.errors == 0 || canary.requests == 0 {
            return Ok(Status::Inconclusive); // ZeroDivisionError
        }
        let p99 = self.0.latencies().map(|mut all| quantile(&mut all, 0.99));
        let errors = canary.error_rate() / baseline.error_rate() - 1.0;
        let throughput = (canary.requests as f64 / minute.share)
            / (baseline.requests as f64 / (1.0 - minute.share));
        let is_failing = errors > phase.error_rate_increase
            || p99.canary / p99.baseline > phase.latency_increase
            || 1.0 - canary.error_rate() < phase.success_rate_min
            || 1.0 - throughput > 0.1;
        Ok(if is_failing {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}

/// Its `CanaryController`: rollback criteria at every look against the baseline at the start, success
/// criteria where a stage ends.
pub(super) struct Pattern {
    recent: Recent,
    start: Option<Arms<Level>>,
}

#[derive(Clone, Copy)]
struct Level {
    error_rate: f64,
    p95: f64,
}

impl Default for Pattern {
    fn default() -> Self {
        Self {
            recent: Recent::new(WINDOW),
            start: None,
        }
    }
}

impl Judge for Pattern {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        self.recent.push(minute);
        let p95 = self
            .recent
            .latencies()
            .map(|mut all| quantile(&mut all, 0.95));
        let totals = self.recent.totals();
        let levels = totals.zip(p95).map(|(totals, p95)| Level {
            error_rate: totals.error_rate(),
            p95,
        });
        let is_known = levels.map(|level| !level.error_rate.is_nan() && !level.p95.is_nan());
        if !is_known.canary {
            return Ok(Status::Inconclusive); // it goes on
        }
        let start = match self.start {
            Some(start) => start,
            None if is_known.baseline => *self.start.insert(levels),
            None => return Ok(Status::Inconclusive),
        };
        let (now, baseline) = (levels.canary, start.baseline);
        let is_rollback = now.error_rate > 0.05
            || now.error_rate > 3.0 * baseline.error_rate
            || now.p95 > 5000.0
            || now.p95 > 2.0 * baseline.p95;
        let is_success = now.error_rate <= 0.02
            && now.error_rate - baseline.error_rate <= 0.005
            && now.p95 <= 2000.0;
        let is_failing = is_rollback || (minute.is_stage_end && !is_success);
        Ok(if is_failing {
            Status::Fail
        } else {
            Status::Pass
        })
    }
}
