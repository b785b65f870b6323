//! Whether a fault could be told from one that is small enough, by all data of the rollout.

use crate::fault::Fault;
use crate::margins;
use crate::world::{MINUTES, Rollout, TRACED};

/// A test for one look at the end, at a level of 5 %, has a power of 95 % from this distance on.
const DISTANCE: f64 = 2.0 * 1.644_853_626_951_472_7;
/// Where distributions are compared.
const QUANTILES: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.98, 0.99];

/// A share of so many.
#[derive(Clone, Copy)]
struct Share {
    p: f64,
    n: f64,
}

impl Share {
    fn variance(self) -> f64 {
        self.p * (1.0 - self.p) / self.n
    }
}

/// How many standard errors the canary's share is beyond the baseline's times a factor, and a difference.
fn distance(canary: Share, baseline: Share, (factor, difference): (f64, f64)) -> f64 {
    let beyond = canary.p - factor * baseline.p - difference;
    beyond / (canary.variance() + factor * factor * baseline.variance()).sqrt()
}

impl Rollout {
    /// Whether it could be told at all.
    pub(crate) fn is_decidable(&self) -> bool {
        match self.fault {
            // Gauges have a noise of a few percent, and an hour.
            Fault::Nothing | Fault::Cpu | Fault::Leak => self.size > 1.0,
            _ => self.decidable_after().is_some(),
        }
    }

    /// How many minutes of a fault in errors or latencies are enough.
    pub(crate) fn decidable_after(&self) -> Option<u32> {
        let onset = self.fault.onset();
        (1..=MINUTES - onset).find(|minutes| {
            let distance = match self.fault {
                Fault::Nothing | Fault::Cpu | Fault::Leak => return false,
                Fault::Errors | Fault::LateErrors => self.distance_of_errors(onset + minutes),
                _ => self.distance_of_latencies(onset + minutes),
            };
            distance >= DISTANCE
        })
    }

    /// Sums over the minutes with the fault until one, of what an arm has with a share of the traffic.
    fn sums(&self, until: u32, of: impl Fn(f64) -> f64) -> (f64, f64) {
        let minutes = self.fault.onset()..until;
        minutes.fold((0.0, 0.0), |(canary, baseline), minute| {
            let share = self.share(minute);
            (canary + of(share), baseline + of(1.0 - share))
        })
    }

    fn distance_of_errors(&self, until: u32) -> f64 {
        let (canary, baseline) = self.sums(until, |share| 60.0 * self.traffic * share);
        // A burst is one event.
        let share = |p: f64, n: f64| Share {
            p,
            n: n / self.noise.burst as f64,
        };
        let baseline = share(self.error_rate, baseline);
        let canary = share(self.damage.error_rate(self.error_rate), canary);
        let margins = [
            (1.0, margins::ERRORS_POINTS),
            (1.0 + margins::ERRORS_RELATIVE, 0.0),
        ];
        let each = margins.map(|margin| distance(canary, baseline, margin));
        each.into_iter().fold(f64::INFINITY, f64::min)
    }

    fn distance_of_latencies(&self, until: u32) -> f64 {
        let traced = |share: f64| (60.0 * self.traffic * share).min(TRACED as f64);
        let (canary, baseline) = self.sums(until, traced);
        let at = |&q: &f64| {
            let latency = self.shape.quantile(q);
            let tolerated = (1.0 + margins::LATENCY) * latency;
            let canary = Share {
                p: self.damage.above(&self.shape, tolerated),
                n: canary,
            };
            let baseline = Share {
                p: 1.0 - q,
                n: baseline,
            };
            distance(canary, baseline, (1.0, 0.0))
        };
        QUANTILES.iter().map(at).fold(0.0, f64::max)
    }
}
