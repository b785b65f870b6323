//! What can be said after stopping: outcomes in the order of stages (Tsiatis, Rosner and Mehta
//! 1984; Jennison and Turnbull 2000, ch. 8).

use serde::{Deserialize, Serialize};

use super::boundary::{self, Region, Step};
use super::score::Score;
use crate::number::root::secant;
use crate::number::{extended, normal};
use crate::options::Alternative;

/// The looks that were taken: the score at each, in the alternative's direction, and where those
/// before the last would have stopped.
pub(super) struct Path {
    pub(super) looks: Vec<(Score, Region)>,
}

/// The adjusted p-value, estimate and ends of the interval, in the alternative's direction.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Adjusted {
    pub(super) p_value: f64,
    #[serde(with = "extended")]
    pub(super) median: f64,
    #[serde(with = "extended")]
    pub(super) low: f64,
    #[serde(with = "extended")]
    pub(super) high: f64,
}

impl Path {
    fn mirrored(&self) -> Self {
        let mirror = |&(score, (low, high)): &(Score, Region)| {
            let score = Score {
                sum: -score.sum,
                ..score
            };
            (score, (-high, -low))
        };
        Self {
            looks: self.looks.iter().map(mirror).collect(),
        }
    }

    /// P(an outcome at least as far up) where the difference is `effect`: an earlier stop above, or
    /// at the same look a larger score.
    fn above(&self, effect: f64, variance: impl Fn(&Score) -> f64) -> f64 {
        let looks = self.looks.iter();
        let steps = Step::between(looks.map(|(score, _)| (variance(score), effect * score.size)));
        let last = self.looks.len().saturating_sub(1);
        let ends = |(k, &(score, region)): (usize, &(Score, Region))| {
            if k == last {
                (f64::NEG_INFINITY, score.sum)
            } else {
                region
            }
        };
        boundary::above(&steps, self.looks.iter().enumerate().map(ends))
    }

    pub(super) fn adjusted(&self, alternative: Alternative, alpha: f64) -> Adjusted {
        let mirrored = self.mirrored();
        let null = |score: &Score| score.variance;
        let own = |score: &Score| score.spread;
        let tail = match alternative {
            Alternative::TwoSided => 0.5 * alpha,
            Alternative::Greater | Alternative::Less => alpha,
        };
        let p_value = match alternative {
            Alternative::TwoSided => {
                2.0 * self
                    .above(0.0, null)
                    .min(mirrored.above(0.0, null))
                    .min(0.5)
            }
            Alternative::Greater | Alternative::Less => self.above(0.0, null),
        };
        let (centre, error) = self
            .looks
            .last()
            .map_or((0.0, 0.0), |(score, _)| (score.effect(), score.error()));
        // The effect at which an outcome so far up has this probability: nearly a straight line, with
        // the probability as a quantile.
        let solve = |path: &Self, centre: f64, probability: f64| {
            let quantile = normal::quantile(probability);
            let f = |effect: f64| quantile - normal::quantile(path.above(effect, own));
            let first = centre - error * quantile;
            let far = error * (10.0 + quantile);
            secant(
                f,
                (first, first - 0.2 * error),
                (centre - far, centre + far),
                1e-11 * error,
            )
        };
        Adjusted {
            p_value: p_value.min(1.0),
            median: solve(self, centre, 0.5),
            low: solve(self, centre, tail),
            high: match alternative {
                Alternative::TwoSided => -solve(&mirrored, -centre, tail),
                Alternative::Greater | Alternative::Less => f64::INFINITY,
            },
        }
    }
}
