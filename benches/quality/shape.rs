//! What latencies are like: one log-normal hump, or two.

use crate::normal;
use crate::random::Random;

/// Quantiles at which a change is measured.
const QUANTILES: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];

#[derive(Clone, Copy)]
pub(crate) struct Shape {
    median: f64,
    sigma: f64,
    /// How many requests are of a second, slower kind, and how many times slower they are.
    second: Option<(f64, f64)>,
}

impl Shape {
    /// With a 99th percentile of 40 to 300 ms.
    pub(crate) fn draw(random: &mut Random, is_bimodal: bool) -> Self {
        let shape = Self {
            median: 1.0,
            sigma: random.between(0.3, 1.0),
            second: is_bimodal.then(|| (random.between(0.1, 0.4), random.between(3.0, 8.0))),
        };
        let median = random.log_between(40.0, 300.0) / shape.quantile(0.99);
        Self { median, ..shape }
    }

    pub(crate) fn latency(&self, random: &mut Random) -> f64 {
        let own = self.median * (self.sigma * random.normal()).exp();
        match self.second {
            Some((share, factor)) if random.is(share) => factor * own,
            _ => own,
        }
    }

    /// The share of requests that take longer.
    pub(crate) fn above(&self, latency: f64) -> f64 {
        if latency <= 0.0 {
            return 1.0;
        }
        let hump = |median: f64| normal::above((latency / median).ln() / self.sigma);
        match self.second {
            None => hump(self.median),
            Some((share, factor)) => {
                (1.0 - share) * hump(self.median) + share * hump(factor * self.median)
            }
        }
    }

    pub(crate) fn quantile(&self, q: f64) -> f64 {
        let log_median = self.median.ln();
        let excess = |log: f64| self.above(log.exp()) - (1.0 - q);
        normal::falls_to_zero(log_median - 20.0, log_median + 20.0, excess).exp()
    }

    /// How many times slower a share of all requests must be for some quantile to rise to this
    /// many times its value.
    pub(crate) fn slowdown_of(&self, share: f64, rise: f64) -> f64 {
        let at = |&q: &f64| {
            let latency = rise * self.quantile(q);
            let missing = |log: f64| {
                let slow = self.above(latency / log.exp());
                1.0 - q - (1.0 - share) * self.above(latency) - share * slow
            };
            normal::falls_to_zero(0.0, 7.0, missing).exp()
        };
        QUANTILES.iter().map(at).fold(f64::INFINITY, f64::min)
    }

    /// To which power latencies over the median must be taken for the 99th percentile to rise so.
    pub(crate) fn widening_of(&self, rise: f64) -> f64 {
        1.0 + rise.ln() / (self.quantile(0.99) / self.quantile(0.5)).ln()
    }
}
