//! This library, with its monitors put together by hand: one for each metric, which has its share of the one
//! error budget. What is no failure is no alarm: the null hypothesis is a change of half a margin.

use std::collections::BTreeMap;

use canary_core::sequential::{
    Assume, Decision, DistributionComparison, DistributionComparisonMonitor, MixtureSprt,
    MixtureSprtMonitor, Monitor, SeriesComparison, SeriesMonitor, Update as _,
};
use canary_core::{Alternative, Arms, Counts, Measure, Observations, Result, Sample, Status};

use super::Judge;
use crate::margins;
use crate::world::{MINUTES, Minute};

/// What of it may be chosen.
#[derive(Clone, Copy)]
pub(crate) struct Design {
    /// The error budget of a rollout.
    pub(crate) alpha: f64,
    /// Among how many kinds of metrics it is divided: errors, latency, CPU and memory.
    pub(crate) kinds: f64,
    /// How much of a margin is the null hypothesis.
    pub(crate) null: f64,
    /// What single observations, and minutes, are taken to be.
    pub(crate) assume: Assume,
    /// The effect that the monitor of errors is tuned to, in margins beyond the null hypothesis.
    pub(crate) effect: f64,
    /// The minutes that the monitors of gauges are tuned to.
    pub(crate) tuned_at: f64,
    /// The quantiles of the latencies that are watched.
    pub(crate) quantiles: &'static [f64],
    /// Every so many minutes begins a new set of monitors, for faults that begin late or grow. The first set has
    /// half of the budget.
    pub(crate) restart: u32,
}

impl Default for Design {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            kinds: 4.0,
            null: 0.5,
            assume: Assume::Independence,
            effect: 1.5,
            tuned_at: 3.0,
            quantiles: &[0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999],
            restart: 20,
        }
    }
}

/// So many metrics of one kind share the budget of the kind.
const PEERS: f64 = 20.0;

pub(crate) struct Ours {
    design: Design,
    /// From the start, and from later on.
    sets: Vec<Monitors>,
    last: Status,
}

impl Ours {
    pub(crate) const fn new(design: &Design) -> Self {
        Self {
            design: *design,
            sets: Vec::new(),
            last: Status::Inconclusive,
        }
    }

    /// What the next set of monitors has of the error budget.
    fn alpha(&self) -> f64 {
        let later = f64::from((MINUTES - 1) / self.design.restart);
        match (self.sets.is_empty(), later > 0.0) {
            (true, true) => 0.5 * self.design.alpha,
            (true, false) => self.design.alpha,
            (false, _) => 0.5 * self.design.alpha / later,
        }
    }
}

impl Judge for Ours {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        if (minute.number - 1).is_multiple_of(self.design.restart) {
            let alpha = self.alpha();
            self.sets.push(Monitors::new(self.design, alpha));
        }
        let snapshot = minute.snapshot()?;
        for set in &mut self.sets {
            for metric in snapshot.names() {
                if let Some(Arms {
                    baseline: Some(baseline),
                    canary: Some(canary),
                }) = snapshot.get(metric)
                {
                    set.update(metric, Arms { baseline, canary })?;
                }
            }
        }
        let statuses: Vec<Status> = self.sets.iter().map(Monitors::status).collect();
        self.last = match statuses.first() {
            _ if statuses.contains(&Status::Fail) => Status::Fail,
            Some(&from_the_start) => from_the_start,
            None => Status::Inconclusive,
        };
        Ok(self.last)
    }
}

/// One set of monitors.
struct Monitors {
    design: Design,
    alpha: f64,
    counts: BTreeMap<String, CountsMonitors>,
    latencies: BTreeMap<String, DistributionComparisonMonitor>,
    gauges: BTreeMap<String, GaugeMonitors>,
}

/// Whether the difference and the ratio are beyond their null hypotheses, and within their margins.
struct CountsMonitors {
    beyond: [MixtureSprtMonitor; 2],
    within: [MixtureSprtMonitor; 2],
}

struct GaugeMonitors {
    beyond: SeriesMonitor,
    within: SeriesMonitor,
}

impl Monitors {
    const fn new(design: Design, alpha: f64) -> Self {
        Self {
            design,
            alpha,
            counts: BTreeMap::new(),
            latencies: BTreeMap::new(),
            gauges: BTreeMap::new(),
        }
    }

    fn update(&mut self, metric: &str, arms: Arms<&Observations>) -> Result<()> {
        match (arms.baseline, arms.canary) {
            (Observations::Counts(baseline), Observations::Counts(canary)) => {
                self.update_counts(metric, Arms::new(*baseline, *canary))
            }
            (Observations::Sample(baseline), Observations::Sample(canary)) => {
                self.update_latencies(metric, Arms { baseline, canary })
            }
            (Observations::Gauge(baseline), Observations::Gauge(canary)) => {
                self.update_gauge(metric, Arms::new(baseline.value(), canary.value()))
            }
            _ => Ok(()),
        }
    }

    fn update_counts(&mut self, metric: &str, counts: Arms<Counts>) -> Result<()> {
        let monitors = match self.counts.remove(metric) {
            Some(monitors) => monitors,
            None => self.counts_monitors()?,
        };
        let monitors = self.counts.entry(metric.to_owned()).or_insert(monitors);
        for monitor in monitors.beyond.iter_mut().chain(&mut monitors.within) {
            monitor.update(counts)?;
        }
        Ok(())
    }

    /// The canary's values over what is tolerated, so that the monitor's null hypothesis of equal distributions
    /// is that of the margin.
    fn update_latencies(&mut self, metric: &str, samples: Arms<&Sample>) -> Result<()> {
        let monitor = match self.latencies.remove(metric) {
            Some(monitor) => monitor,
            None => self.latency_monitor()?,
        };
        let tolerated = 1.0 + self.design.null * margins::LATENCY;
        let canary: Vec<f64> = samples
            .canary
            .values()
            .iter()
            .map(|x| x / tolerated)
            .collect();
        let monitor = self.latencies.entry(metric.to_owned()).or_insert(monitor);
        monitor.update(Arms::new(samples.baseline.values(), canary.as_slice()))?;
        Ok(())
    }

    fn update_gauge(&mut self, metric: &str, values: Arms<f64>) -> Result<()> {
        let monitors = match self.gauges.remove(metric) {
            Some(monitors) => monitors,
            None => self.gauge_monitors(metric)?,
        };
        let monitors = self.gauges.entry(metric.to_owned()).or_insert(monitors);
        monitors.beyond.update(values)?;
        monitors.within.update(values)?;
        Ok(())
    }

    fn counts_monitors(&self) -> Result<CountsMonitors> {
        let Design { null, effect, .. } = self.design;
        let design = MixtureSprt::new()
            .alpha(self.alpha / self.design.kinds)
            .assume(self.design.assume);
        let (points, relative) = (margins::ERRORS_POINTS, margins::ERRORS_RELATIVE);
        let of = |measure, null: f64, effect, alternative| {
            let design = design.measure(measure).null(Some(null));
            design.effect(effect).alternative(alternative).monitor()
        };
        let beyond = |measure, null, effect| of(measure, null, Some(effect), Alternative::Greater);
        let within = |measure, null| of(measure, null, None, Alternative::Less);
        let ratio = 1.0 + null * relative;
        Ok(CountsMonitors {
            beyond: [
                beyond(Measure::Difference, null * points, effect * points)?,
                beyond(Measure::Ratio, ratio, 1.0 + effect * relative / ratio)?,
            ],
            within: [
                within(Measure::Difference, points)?,
                within(Measure::Ratio, 1.0 + relative)?,
            ],
        })
    }

    fn latency_monitor(&self) -> Result<DistributionComparisonMonitor> {
        DistributionComparison::new()
            .alternative(Alternative::Greater)
            .quantiles(self.design.quantiles)
            .alpha(self.alpha / self.design.kinds)
            .assume(self.design.assume)
            .monitor()
    }

    fn gauge_monitors(&self, metric: &str) -> Result<GaugeMonitors> {
        let peers = match metric {
            "cpu" | "memory" => 1.0,
            _ => PEERS,
        };
        let of = |alternative, share: f64| {
            SeriesComparison::new()
                .measure(Measure::Ratio)
                .null(Some(1.0 + share * margins::GAUGE))
                .alternative(alternative)
                .tuned_at(self.design.tuned_at)
                .alpha(self.alpha / self.design.kinds / peers)
                .assume(self.design.assume)
                .monitor()
        };
        Ok(GaugeMonitors {
            beyond: of(Alternative::Greater, self.design.null)?,
            within: of(Alternative::Less, 1.0)?,
        })
    }

    /// FAIL when any metric is beyond; PASS when errors are within either margin and all gauges within theirs.
    fn status(&self) -> Status {
        let counts = self.counts.values();
        let is_beyond = counts.clone().any(|own| own.beyond.iter().all(is_found))
            || self.latencies.values().any(is_found)
            || self.gauges.values().any(|own| is_found(&own.beyond));
        let is_within = !self.counts.is_empty()
            && counts.clone().all(|own| own.within.iter().any(is_found))
            && self.gauges.values().all(|own| is_found(&own.within));
        match (is_beyond, is_within) {
            (true, _) => Status::Fail,
            (false, true) => Status::Pass,
            (false, false) => Status::Inconclusive,
        }
    }
}

fn is_found(monitor: &impl Monitor) -> bool {
    monitor.decision() == Decision::AcceptAlternative
}
