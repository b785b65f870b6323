//! Values between known bounds: no other assumption.

use serde::{Deserialize, Serialize};

use super::super::evidence::Evidence;
use crate::number::extended;
use crate::options::Alternative;

/// The largest bet: a compromise between values near the bounds and values near their mean.
const LARGEST_BET: f64 = 0.5;

/// What bets on values in [0, 1] have come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bets {
    n: u64,
    /// Σ x
    #[serde(with = "extended")]
    sum: f64,
    /// Σ (x - running mean)²
    #[serde(with = "extended")]
    spread: f64,
    /// Σ λ
    #[serde(with = "extended")]
    staked: f64,
    /// Σ λ x
    #[serde(with = "extended")]
    won: f64,
    /// Σ 4 (x - running mean)² ψ(λ)
    #[serde(with = "extended")]
    cost: f64,
}

impl Bets {
    /// Bets on a value what the ones before it suggest: most growth at `tuned_at` values, or at all
    /// numbers of them.
    pub(super) fn add(&mut self, x: f64, log_of_odds: f64, tuned_at: Option<f64>) {
        let n = self.n as f64;
        let before = (0.5 + self.sum) / (n + 1.0);
        let variance = (0.25 + self.spread) / (n + 1.0);
        let long = tuned_at.unwrap_or_else(|| (n + 1.0) * (n + 2.0).ln());
        let bet = (2.0 * log_of_odds / (variance * long))
            .sqrt()
            .min(LARGEST_BET);
        self.n = self.n.saturating_add(1);
        self.sum += x;
        self.staked += bet;
        self.won += bet * x;
        self.cost += (x - before) * (x - before) * (-(-bet).ln_1p() - bet);
        let mean = (0.5 + self.sum) / (n + 2.0);
        self.spread += (x - mean) * (x - mean);
    }

    pub(super) fn evidence(&self, low: f64, range: f64, mean: f64) -> Bounded {
        Bounded {
            bets: *self,
            low,
            range,
            mean,
        }
    }
}

/// The same in the values' own unit.
pub(super) struct Bounded {
    bets: Bets,
    low: f64,
    range: f64,
    mean: f64,
}

impl Evidence for Bounded {
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64 {
        let Bets {
            staked, won, cost, ..
        } = self.bets;
        let above = won - staked * ((null - self.low) / self.range);
        let side = |gain: f64| times * (gain - cost);
        match alternative {
            Alternative::Greater => side(above),
            Alternative::Less => side(-above),
            Alternative::TwoSided => {
                let (more, less) = (side(above.abs()), side(-above.abs()));
                more + (less - more).exp().ln_1p() - std::f64::consts::LN_2
            }
        }
    }

    fn estimate(&self) -> f64 {
        self.mean
    }

    fn scale(&self) -> f64 {
        self.range / (4.0 + self.bets.n as f64).sqrt()
    }
}
