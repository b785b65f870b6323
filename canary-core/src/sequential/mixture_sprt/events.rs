//! Events of both arms, stratum by stratum: proportions and rates.

use serde::{Deserialize, Serialize};

use super::score::Score;
use crate::data::Arms;
use crate::number::extended;
use crate::options::Measure;

/// Sums over strata, in each of which the canary has the share g and the baseline the share f of the
/// traffic, and w = n f g is what it weighs. The spread of events is what it is under the null
/// hypothesis: that is what makes a few events enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Events {
    /// Σ w
    #[serde(with = "extended")]
    weight: f64,
    /// Σ w f
    #[serde(with = "extended")]
    share: f64,
    /// Σ w p, of both arms' events p per unit of traffic
    #[serde(with = "extended")]
    level: f64,
    /// Σ w p², freed of its bias; nothing for rates
    #[serde(with = "extended")]
    square: f64,
    /// Σ w (1 - 2 p) (f - g); for rates without the 2 p
    #[serde(with = "extended")]
    slope: f64,
    /// Σ w (f³ + g³); nothing for rates
    #[serde(with = "extended")]
    bend: f64,
    /// Σ f xc, which is Σ w times the canary's rate
    #[serde(with = "extended")]
    canary: f64,
    /// Σ g xb
    #[serde(with = "extended")]
    baseline: f64,
}

impl Events {
    /// One stratum: events in so much traffic, which are trials or time.
    pub(super) fn of(events: Arms<f64>, traffic: Arms<f64>, are_trials: bool) -> Self {
        let all = traffic.baseline + traffic.canary;
        let (f, g) = (traffic.baseline / all, traffic.canary / all);
        let weight = traffic.baseline * g;
        let p = (events.baseline + events.canary) / all;
        let (square, twice, bend) = if are_trials {
            // p (1 - p) n / (n - 1) is the variance without bias.
            let spread = p * (1.0 - p) * (all / (all - 1.0));
            (p - spread, 2.0 * p, 1.0 - 3.0 * f * g)
        } else {
            (0.0, 0.0, 0.0)
        };
        Self {
            weight,
            share: weight * f,
            level: weight * p,
            square: weight * square,
            slope: weight * (1.0 - twice) * (f - g),
            bend: weight * bend,
            canary: f * events.canary,
            baseline: g * events.baseline,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            weight: self.weight + other.weight,
            share: self.share + other.share,
            level: self.level + other.level,
            square: self.square + other.square,
            slope: self.slope + other.slope,
            bend: self.bend + other.bend,
            canary: self.canary + other.canary,
            baseline: self.baseline + other.baseline,
        }
    }

    pub(super) fn estimate(&self, measure: Measure) -> f64 {
        match measure {
            Measure::Difference => (self.canary - self.baseline) / self.weight,
            _ if self.canary == self.baseline => 1.0,
            _ => self.canary / self.baseline,
        }
    }

    /// How far the canary is from where the null hypothesis expects it.
    pub(super) fn score(&self, measure: Measure, null: f64) -> Score {
        let distance = match measure {
            Measure::Difference => self.canary - self.baseline - null * self.weight,
            _ => self.canary - null * self.baseline,
        };
        let (variance, unit, level, least) = match measure {
            Measure::Difference => {
                let variance = self.variance_at_difference(null);
                (variance, self.weight, self.level, self.level)
            }
            _ => {
                // The baseline's rate is p / (f + ρ g).
                let f = self.share / self.weight;
                let both = f + null * (1.0 - f);
                let baseline = self.level / both;
                let canary = null * baseline;
                let variance = self.variance_at_ratio(null, both);
                (variance, canary, canary, canary.min(baseline))
            }
        };
        Score {
            distance,
            variance,
            df: f64::INFINITY,
            unit,
            level,
            least,
            weight: self.weight,
        }
    }

    /// Σ w [f pc (1 - pc) + g pb (1 - pb)] with pb = p - δ g and pc = p + δ f.
    fn variance_at_difference(&self, delta: f64) -> f64 {
        let variance = self.level - self.square + delta * (self.slope - delta * self.bend);
        // Where no pb and pc in [0, 1] have that mean, those that come nearest.
        let rarer = self.share.min(self.weight - self.share);
        let lone = if self.bend > 0.0 {
            delta.abs() * (1.0 - delta.abs())
        } else {
            delta.abs()
        };
        variance.max(rarer * lone)
    }

    /// Σ w [f pc (1 - pc) + ρ² g pb (1 - pb)] with pc = ρ pb.
    fn variance_at_ratio(&self, ratio: f64, both: f64) -> f64 {
        let variance = ratio * (self.level - ratio * self.square / (both * both));
        // The same: the greater of both proportions is 1.
        let g = (self.weight - self.share).min(self.share);
        let lone = if self.bend > 0.0 && variance <= 0.0 {
            g * (ratio - 1.0).abs()
        } else {
            0.0
        };
        variance.max(lone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(x: f64, expected: f64) {
        assert!((x / expected - 1.0).abs() < 1e-12, "{x} is not {expected}");
    }

    /// Mantel and Haenszel's (1959) statistic: a hypergeometric mean and variance for each stratum.
    #[test]
    fn without_a_difference_it_is_mantel_and_haenszels_test() {
        let strata = [((3.0, 90.0), (4.0, 30.0)), ((9.0, 50.0), (8.0, 50.0))];
        let (mut sum, mut distance, mut variance) = (Events::default(), 0.0, 0.0);
        for ((xb, nb), (xc, nc)) in strata {
            let n: f64 = nb + nc;
            let x: f64 = xb + xc;
            distance += xc - nc * x / n;
            variance += nb * nc * x * (n - x) / (n * n * (n - 1.0));
            sum = sum.plus(Events::of(Arms::new(xb, xc), Arms::new(nb, nc), true));
        }
        for (measure, null) in [(Measure::Difference, 0.0), (Measure::Ratio, 1.0)] {
            let score = sum.score(measure, null);
            near(score.distance, distance);
            near(score.variance, variance);
        }
    }

    #[test]
    fn the_variance_is_that_of_the_rates_under_the_null_hypothesis() {
        // 0.02 of 900 and 0.05 of 100; as rates, and (but for n - 1) as proportions.
        let (xb, nb, xc, nc) = (18e6, 900e6, 5e6, 100e6);
        for are_trials in [false, true] {
            let sum = Events::of(Arms::new(xb, xc), Arms::new(nb, nc), are_trials);
            let of = |p: f64| if are_trials { p * (1.0 - p) } else { p };
            let w: f64 = nb * nc / (nb + nc);
            let expected = w * w * (of(0.05) / nc + of(0.02) / nb);
            let score = sum.score(Measure::Difference, 0.03);
            assert!((score.variance / expected - 1.0).abs() < 1e-7);
            let expected = w * w * (of(0.05) / nc + 2.5 * 2.5 * of(0.02) / nb);
            let score = sum.score(Measure::Ratio, 2.5);
            assert!((score.variance / expected - 1.0).abs() < 1e-7);
        }
    }
}
