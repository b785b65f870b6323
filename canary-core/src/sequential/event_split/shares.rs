//! Events of intervals whose shares of the traffic differ: what they say of the ratio of rates.

use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::data::Arms;

/// Ratios of rates from e⁻¹⁰ to e¹⁰ are looked at.
pub(super) const WIDEST: f64 = 10.0;
const NODES: usize = 112;

/// A node of Chebyshev's: the logarithm of a ratio, the ratio less 1, and the weight by which the
/// values at the nodes make one between them (Berrut and Trefethen 2004, eq. 5.3).
#[derive(Clone, Copy)]
struct Node {
    log_ratio: f64,
    excess: f64,
    weight: f64,
}

static AT: LazyLock<Vec<Node>> = LazyLock::new(|| {
    let node = |i: usize| {
        let angle = (i as f64 + 0.5) * std::f64::consts::PI / NODES as f64;
        let log_ratio = WIDEST * libm::cos(angle);
        let sign = if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        Node {
            log_ratio,
            excess: libm::expm1(log_ratio),
            weight: sign * libm::sin(angle),
        }
    };
    (0..NODES).map(node).collect()
});

/// The sum over intervals of N ln(1 - s + s ρ), N events under a share of s, as a function of ln ρ.
///
/// With ρ the ratio of rates, an event is the canary's with probability s ρ / (1 - s + s ρ), so
/// that Nc of N events have the likelihood ratio against ρ = 1 of exp(Nc ln ρ - N ln(1 - s + s ρ)):
/// over intervals, the number of the canary's events and this function say all there is. It is
/// smooth (its singularities are π from the real line), so that its values at a few nodes give it
/// to the last digits everywhere, however many intervals with however many shares there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Shares {
    pub(super) events: Arms<u64>,
    #[serde(deserialize_with = "one_for_each_node")]
    tilts: Vec<f64>,
}

impl Default for Shares {
    fn default() -> Self {
        Self {
            events: Arms::default(),
            tilts: vec![0.0; NODES],
        }
    }
}

impl Shares {
    pub(super) fn add(&mut self, share: f64, events: Arms<u64>) {
        let all = events.baseline as f64 + events.canary as f64;
        for (tilt, node) in self.tilts.iter_mut().zip(AT.iter()) {
            *tilt += all * libm::log1p(share * node.excess);
        }
        self.events = plus(self.events, events);
    }

    pub(super) fn merge(&mut self, later: &Self) {
        for (tilt, more) in self.tilts.iter_mut().zip(&later.tilts) {
            *tilt += more;
        }
        self.events = plus(self.events, later.events);
    }

    /// The function, by the barycentric formula.
    pub(super) fn tilt(&self, log_ratio: f64) -> f64 {
        let (mut above, mut below) = (0.0, 0.0);
        for (tilt, node) in self.tilts.iter().zip(AT.iter()) {
            let apart = log_ratio - node.log_ratio;
            if apart == 0.0 {
                return *tilt;
            }
            let weight = node.weight / apart;
            above += weight * tilt;
            below += weight;
        }
        above / below
    }
}

pub(super) fn plus(a: Arms<u64>, b: Arms<u64>) -> Arms<u64> {
    a.zip(b).map(|(a, b)| a.saturating_add(b))
}

fn one_for_each_node<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f64>, D::Error> {
    let tilts = Vec::<f64>::deserialize(deserializer)?;
    if tilts.len() == NODES {
        return Ok(tilts);
    }
    let got = tilts.len();
    Err(D::Error::custom(format!(
        "tilts: must be {NODES} numbers, got {got}"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_had_between_the_nodes() {
        let mut shares = Shares::default();
        let stages = [
            (0.01, 40, 3),
            (0.05, 1_000, 70),
            (0.25, 100, 30),
            (0.5, 9, 9),
            (1e-4, 500, 2),
        ];
        for (share, baseline, canary) in stages {
            shares.add(share, Arms::new(baseline, canary));
        }
        for i in -1000..=1000 {
            let log_ratio = f64::from(i) * 0.00999;
            let exact: f64 = stages
                .iter()
                .map(|&(s, b, c)| (b + c) as f64 * (s * log_ratio.exp_m1()).ln_1p())
                .sum();
            let error = (shares.tilt(log_ratio) - exact).abs();
            assert!(error < 2e-10, "{log_ratio}: {error:e}");
        }
    }
}
