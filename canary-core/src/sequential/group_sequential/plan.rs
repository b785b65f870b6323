//! What a design promises before there are data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::GroupSequential;
use super::boundary::{Ask, Region, Sides, Step, above, bounds, stopping};
use super::spending::Spending;
use crate::error::{Error, Result};
use crate::number::root::{brent, secant};
use crate::number::show::Show;
use crate::number::{extended, normal};
use crate::options::Alternative;

/// The bounds of one look, for z of canary less baseline.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LookBounds {
    /// The information there, as a fraction of what was planned; above 1 where there is more.
    #[serde(with = "extended")]
    pub fraction: f64,
    /// The alternative is accepted from here on: upwards, downwards for the alternative `less`, or
    /// on either side.
    #[serde(with = "extended")]
    pub efficacy: f64,
    /// The null hypothesis is accepted from here on, away from the efficacy bound; none without a
    /// futility bound.
    #[serde(with = "optional")]
    pub futility: Option<f64>,
    /// How much of alpha is spent by then, on all sides.
    pub alpha_spent: f64,
}

/// An optional number in JSON, infinities included.
mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::number::extended;

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Number(#[serde(with = "extended")] f64);

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        x: &Option<f64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        x.map(Number).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<f64>, D::Error> {
        Ok(Option::<Number>::deserialize(deserializer)?.map(|number| number.0))
    }
}

/// One look of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PlannedLook {
    /// When, and the bounds there.
    pub bounds: LookBounds,
    /// The p-value of a single test at the efficacy bound.
    pub nominal_p: f64,
    /// How much of beta is spent by then; none without a futility bound.
    pub beta_spent: Option<f64>,
    /// The probability of stopping at this look without an effect.
    pub stop_null: f64,
    /// The probability of stopping at this look with the planned effect.
    pub stop_alternative: f64,
}

/// What a group-sequential design costs and promises: made by [`GroupSequential::plan`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupPlan {
    /// The looks.
    pub looks: Vec<PlannedLook>,
    /// The false-alarm rate over all looks.
    pub alpha: f64,
    /// The probability of missing the planned effect.
    pub beta: f64,
    /// The planned effect as the mean of z at the last look.
    pub drift: f64,
    /// The largest size, as a multiple of the size that one single look needs for the same power.
    pub inflation: f64,
    /// The expected size without an effect, in the same unit.
    pub expected_null: f64,
    /// The expected size with the planned effect, in the same unit.
    pub expected_alternative: f64,
}

impl fmt::Display for GroupPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} looks, alpha {}, power {}: at most {} times the size of a single look, {} times \
             expected without an effect, {} times with the planned one",
            self.looks.len(),
            Show(self.alpha),
            Show(1.0 - self.beta),
            Show(self.inflation),
            Show(self.expected_null),
            Show(self.expected_alternative)
        )?;
        write!(
            f,
            "\n{:>11} {:>8} {:>8} {:>11} {:>9} {:>8} {:>8}",
            "information",
            "efficacy",
            "futility",
            "alpha spent",
            "beta spent",
            "stop|H0",
            "stop|H1"
        )?;
        for look in &self.looks {
            let z = |z: f64| {
                if z.is_finite() {
                    format!("{z:.3}")
                } else {
                    Show(z).to_string()
                }
            };
            let optional = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.5}"));
            write!(
                f,
                "\n{:>11} {:>8} {:>8} {:>11.5} {:>10} {:>8.4} {:>8.4}",
                format!("{:.1}%", 100.0 * look.bounds.fraction),
                z(look.bounds.efficacy),
                look.bounds.futility.map_or_else(|| "-".to_owned(), z),
                look.bounds.alpha_spent,
                optional(look.beta_spent),
                look.stop_null,
                look.stop_alternative
            )?;
        }
        Ok(())
    }
}

/// A design with what follows from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) design: &'a GroupSequential,
    /// For bounds of Wang and Tsiatis: the share of alpha spent by each planned look.
    pub(super) shape: &'a [f64],
    /// The mean of z at the last planned look, with the planned effect.
    pub(super) drift: f64,
}

impl Rules<'_> {
    pub(super) fn sides(self) -> Sides {
        match (self.design.alternative, self.design.futility) {
            (Alternative::TwoSided, _) => Sides::Symmetric,
            (_, None) => Sides::Upper,
            (_, Some(_)) => Sides::Futility {
                binding: self.design.binding,
            },
        }
    }

    /// What of an error `side` above the upper bounds is spent by `fraction`.
    pub(super) fn alpha(self, side: f64, fraction: f64) -> f64 {
        match self.design.spending {
            Spending::WangTsiatis(_) => side * self.interpolated(fraction),
            spending => spending.spent(side, fraction),
        }
    }

    fn interpolated(self, fraction: f64) -> f64 {
        let mut before = (0.0, 0.0);
        for point in self.design.fractions.iter().zip(self.shape) {
            let point = (*point.0, *point.1);
            if fraction < point.0 {
                let slope = (point.1 - before.1) / (point.0 - before.0);
                return before.1 + slope * (fraction - before.0);
            }
            before = point;
        }
        1.0
    }

    pub(super) fn beta(self, fraction: f64) -> f64 {
        let spending = self.design.futility.unwrap_or_default();
        spending.spent(self.design.beta, fraction)
    }

    /// What looks at these fractions, and variances of the score, are to spend above of an error
    /// `side`; the last of them ends it or not.
    pub(super) fn asks(self, side: f64, looks: &[(f64, f64)], is_last: bool) -> Vec<Ask> {
        let (mut alpha, mut beta) = (0.0, 0.0);
        let count = looks.len();
        let asks = looks.iter().enumerate().map(|(k, &(fraction, variance))| {
            let is_last = is_last && k + 1 == count;
            let time = if is_last { 1.0 } else { fraction };
            let spent = (self.alpha(side, time), self.beta(time));
            let ask = Ask {
                variance,
                mean: self.drift * (fraction * variance).sqrt(),
                alpha: (spent.0 - alpha).max(0.0),
                beta: (spent.1 - beta).max(0.0),
                is_last,
                taken: None,
            };
            (alpha, beta) = spent;
            ask
        });
        asks.collect()
    }
}

/// The share of alpha that bounds in proportion to t^(Δ - ½) have spent by each look.
pub(super) fn wang_tsiatis(
    fractions: &[f64],
    delta: f64,
    side: f64,
    alternative: Alternative,
) -> Vec<f64> {
    let steps = Step::between(fractions.iter().map(|&t| (t, 0.0)));
    let regions = |constant: f64| -> Vec<Region> {
        let bound = |&t: &f64| {
            let high = constant * t.powf(delta); // z times √t
            match alternative {
                Alternative::TwoSided => (-high, high),
                Alternative::Greater | Alternative::Less => (f64::NEG_INFINITY, high),
            }
        };
        fractions.iter().map(bound).collect()
    };
    let excess = |constant: f64| above(&steps, regions(constant).into_iter()) - side;
    // The last look alone spends less than all; each look at the level of Bonferroni, more.
    let largest = fractions.iter().map(|t| t.powf(0.5 - delta));
    let factor = largest.fold(1.0, f64::max);
    let bonferroni = normal::quantile(side / fractions.len() as f64);
    let constant = brent(excess, normal::quantile(side), bonferroni * factor);
    let mut sum = 0.0;
    let stops = stopping(&steps, &regions(constant));
    let cumulative = stops.into_iter().map(|(_, up)| {
        sum += up;
        sum / side
    });
    cumulative.collect()
}

/// The drift that has the design's power: where the alternative's chance of being missed is beta.
pub(super) fn drift(rules: Rules<'_>, fixed: f64) -> Result<f64> {
    let GroupSequential {
        fractions, beta, ..
    } = rules.design;
    let first = fractions.first().copied().unwrap_or(1.0);
    let missed = |drift: f64| {
        let (steps, regions) = at(Rules { drift, ..rules });
        1.0 - above(&steps, regions.iter().copied())
    };
    // No test with the same errors needs less than the single look; the first root from there on,
    // because far beyond it futility has stopped all before the last look.
    let most = 1.5 * fixed / first.sqrt();
    let (mut low, mut high) = (fixed * (1.0 - 1e-9), fixed * (1.0 - 1e-9));
    let is_enough = |drift: f64| missed(drift) <= *beta; // NaN is not
    while !is_enough(high) {
        (low, high) = (high, 1.05 * high);
        if low > most {
            let rule = "must leave the power that is asked for";
            let futility = rules.design.futility.unwrap_or_default();
            return Err(Error::option("futility", rule, futility));
        }
    }
    let short = |drift: f64| normal::quantile(missed(drift)) - normal::quantile(*beta);
    Ok(secant(
        short,
        (low, high),
        (0.99 * low, 1.01 * high),
        1e-12 * high,
    ))
}

/// The planned looks, with their effect, and where they stop.
fn at(rules: Rules<'_>) -> (Vec<Step>, Vec<Region>) {
    let looks: Vec<_> = rules.design.fractions.iter().map(|&t| (t, t)).collect();
    let asks = rules.asks(rules.design.side(), &looks, true);
    let steps = Step::between(asks.iter().map(|ask| (ask.variance, ask.mean)));
    (steps, bounds(&asks, rules.sides()))
}

pub(super) fn plan(rules: Rules<'_>, fixed: f64) -> GroupPlan {
    let design = rules.design;
    let (steps, regions) = at(rules);
    let still: Vec<_> = steps
        .iter()
        .map(|&step| Step { mean: 0.0, ..step })
        .collect();
    let null = stopping(&still, &regions);
    let alternative = stopping(&steps, &regions);
    let sides = design.sides();
    let sign = design.sign();
    let count = regions.len();
    let mut looks = Vec::with_capacity(count);
    let (mut left, mut expected) = ((1.0, 1.0), (0.0, 0.0));
    let chances = null.iter().zip(&alternative);
    for (k, ((&t, &(low, high)), (null, alternative))) in design
        .fractions
        .iter()
        .zip(&regions)
        .zip(chances)
        .enumerate()
    {
        let is_last = k + 1 == count;
        let stop = |chance: &(f64, f64), left: f64| {
            if is_last { left } else { chance.0 + chance.1 }
        };
        let (stop_null, stop_alternative) = (stop(null, left.0), stop(alternative, left.1));
        left = (left.0 - stop_null, left.1 - stop_alternative);
        expected = (
            expected.0 + t * stop_null,
            expected.1 + t * stop_alternative,
        );
        let efficacy = high / t.sqrt();
        looks.push(PlannedLook {
            bounds: LookBounds {
                fraction: t,
                efficacy: sign * efficacy,
                futility: design.futility.map(|_| sign * low / t.sqrt()),
                alpha_spent: sides * rules.alpha(design.side(), t),
            },
            nominal_p: sides * normal::sf(efficacy),
            beta_spent: design.futility.map(|_| rules.beta(t)),
            stop_null,
            stop_alternative,
        });
    }
    let inflation = (rules.drift / fixed).powi(2);
    GroupPlan {
        looks,
        alpha: design.alpha,
        beta: design.beta,
        drift: sign * rules.drift,
        inflation,
        expected_null: inflation * expected.0,
        expected_alternative: inflation * expected.1,
    }
}
