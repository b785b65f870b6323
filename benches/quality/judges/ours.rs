//! The library's default, for now by hand: a monitor a metric, each with its share of one error budget, and
//! each with the margin for its null hypothesis, so that what is small enough is no failure.

use canary_core::sequential::{
    Assume, Decision, DistributionComparison, DistributionComparisonMonitor, MixtureSprt,
    MixtureSprtMonitor, Monitor as _, SeriesComparison, SeriesMonitor, Update as _,
};
use canary_core::{Alternative, Arms, Counts, Measure, Result, Status};

use super::Judge;
use crate::margins;
use crate::world::Minute;

const ALPHA: f64 = 0.05;

/// What of it may be tried.
#[derive(Clone, Copy)]
pub(crate) struct Design {
    /// Of errors, of latencies, of gauges.
    pub(crate) errors: Assume,
    pub(crate) latency: Assume,
    pub(crate) gauges: Assume,
    /// Into how many updates a minute's latencies are split.
    pub(crate) parts: usize,
}

impl Default for Design {
    fn default() -> Self {
        Self {
            errors: Assume::Independence,
            latency: Assume::Independence,
            gauges: Assume::Independence,
            parts: 1,
        }
    }
}

pub(crate) struct Ours {
    design: Design,
    /// Whether the error rate is beyond both margins, and whether within either.
    beyond: [MixtureSprtMonitor; 2],
    within: [MixtureSprtMonitor; 2],
    slower: DistributionComparisonMonitor,
    gauges: Vec<[SeriesMonitor; 2]>,
    last: Status,
}

/// Errors, latency, CPU, memory and what else there is go into one budget.
const METRICS: f64 = 4.0;

impl Ours {
    pub(crate) fn new(design: &Design) -> Result<Self> {
        let alpha = ALPHA / METRICS;
        let rate = |measure, null, alternative| {
            MixtureSprt::new()
                .measure(measure)
                .null(Some(null))
                .alternative(alternative)
                .alpha(alpha)
                .assume(design.errors)
                .monitor()
        };
        let both = |alternative| -> Result<[MixtureSprtMonitor; 2]> {
            Ok([
                rate(Measure::Difference, margins::ERRORS_POINTS, alternative)?,
                rate(Measure::Ratio, 1.0 + margins::ERRORS_RELATIVE, alternative)?,
            ])
        };
        Ok(Self {
            beyond: both(Alternative::Greater)?,
            within: both(Alternative::Less)?,
            slower: DistributionComparison::new()
                .alternative(Alternative::Greater)
                .alpha(alpha)
                .assume(design.latency)
                .monitor()?,
            gauges: Vec::new(),
            last: Status::Inconclusive,
            design: *design,
        })
    }

    fn gauge(&self, index: usize) -> Result<[SeriesMonitor; 2]> {
        // The twenty share the budget of one.
        let share = if index < 2 { METRICS } else { METRICS * 20.0 };
        let monitor = |alternative| {
            SeriesComparison::new()
                .measure(Measure::Ratio)
                .null(Some(1.0 + margins::GAUGE))
                .alternative(alternative)
                .alpha(ALPHA / share)
                .assume(self.design.gauges)
                .monitor()
        };
        Ok([monitor(Alternative::Greater)?, monitor(Alternative::Less)?])
    }
}

fn is_found(decision: Decision) -> bool {
    decision == Decision::AcceptAlternative
}

impl Judge for Ours {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        let Some(arms) = minute.both() else {
            return Ok(self.last);
        };
        let counts: Arms<Counts> = arms.map(|arm| arm.counts);
        let mut is_beyond = true;
        for monitor in &mut self.beyond {
            is_beyond &= is_found(monitor.update(counts)?);
        }
        let mut is_within = false;
        for monitor in &mut self.within {
            is_within |= is_found(monitor.update(counts)?);
        }
        let tolerated = Arms {
            baseline: arms.baseline.latencies.clone(),
            canary: arms
                .canary
                .latencies
                .iter()
                .map(|x| x / (1.0 + margins::LATENCY))
                .collect(),
        };
        is_beyond |= self.slower_by(&tolerated)?;
        for index in 0..arms.baseline.gauges.len() {
            if self.gauges.len() <= index {
                self.gauges.push(self.gauge(index)?);
            }
            let values = arms.map(|arm| arm.gauges.get(index).copied());
            if let (Some([beyond, within]), Some(baseline), Some(canary)) =
                (self.gauges.get_mut(index), values.baseline, values.canary)
            {
                is_beyond |= is_found(beyond.update(Arms { baseline, canary })?);
                is_within &= is_found(within.update(Arms { baseline, canary })?);
            }
        }
        self.last = if is_beyond {
            Status::Fail
        } else if is_within {
            Status::Pass
        } else {
            Status::Inconclusive
        };
        Ok(self.last)
    }
}

impl Ours {
    fn slower_by(&mut self, latencies: &Arms<Vec<f64>>) -> Result<bool> {
        let parts = self.design.parts.max(1);
        for part in 0..parts {
            let slice = |all: &[f64]| {
                let edge = |part: usize| part * all.len() / parts;
                all.get(edge(part)..edge(part + 1))
                    .unwrap_or_default()
                    .to_vec()
            };
            let Arms { baseline, canary } = latencies.as_ref().map(|all| slice(all));
            self.slower
                .update(Arms::new(baseline.as_slice(), canary.as_slice()))?;
        }
        Ok(is_found(self.slower.decision()))
    }
}
