//! What to expect of a test: how often it ends which way, and when.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::evidence::Slopes;
use super::exact::{self, Ending};
use super::{Boundaries, Hypotheses, Sprt};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::beta::Point;
use crate::number::quadrature;
use crate::number::root::brent;
use crate::number::show::Show;
use crate::options::{builder, choice};
use crate::sequential::state::{Design, check_positive};

choice! {
    /// How the plan of a sequential probability ratio test is computed.
    #[derive(Default)]
    SprtMethod("method") {
        /// Exactly where that is quick, else by Wald's formulas.
        #[default]
        Auto = "auto",
        /// Step by step over all paths.
        Exact = "exact",
        /// By Wald's formulas, which neglect by how much a step exceeds a boundary.
        Wald = "wald",
    }
}

builder! {
    /// Plans a sequential probability ratio test: how often it ends which way and how long it takes,
    /// if the truth is a certain value.
    ///
    /// Exact is a sum over all paths, with a look after every observation: for proportions and ratios
    /// of rates (an observation is an event there) of the binomial walk, for rates of the Poisson
    /// process, for means of the normal walk by quadrature (a difference as if each observation
    /// brought its share of the information). Odds ratios (in strata of many trials) and standardized
    /// means (as if the standard deviation was known) go by Wald's formulas alone:
    /// with h ≠ 0 of `E exp(h z) = 1`, `P(accept null) = (e^(hA) - 1) / (e^(hA) - e^(hB))`, and
    /// `E n = (P(null) B + P(alternative) A) / E z` (Wald 1947, *Sequential Analysis*, chapter 3).
    /// What they neglect makes a test longer than they say: by a tenth to a third where it ends
    /// after tens of values or events, and most where trials come one by one on both arms alike.
    ///
    /// # Defaults
    /// The truth is the alternative; exact where that is quick.
    ///
    /// # Example: how long at 20 requests a second?
    /// ```
    /// use canary_core::sequential::{Hypotheses, Sprt, SprtBounds, SprtPlanner};
    ///
    /// let doubled = Hypotheses::Proportion { null: 0.01, alternative: 0.02 };
    /// let design = Sprt::new().hypotheses(doubled).bounds(SprtBounds::Wald);
    /// let plan = SprtPlanner::new().per_second(Some(20.0)).run(&design)?;
    /// assert!((plan.accept_alternative - 0.80).abs() < 0.01);
    /// assert!((plan.seconds.unwrap() - 26.8).abs() < 0.5);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    SprtPlanner {
        /// What is true, in the unit of the hypotheses; none for the alternative.
        truth: Option<f64> = None,
        /// The baseline's proportion, in (0, 1): how soon an odds ratio shows depends on it.
        baseline: Option<f64> = None,
        /// Observations per second on all arms together; for a rate, units of its time; for a ratio of
        /// rates, events.
        per_second: Option<f64> = None,
        /// Exactly, or by Wald's formulas.
        method: SprtMethod = SprtMethod::Auto,
    }
}

/// What to expect of a sequential probability ratio test. See [`SprtPlanner`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SprtPlan {
    /// What is true, in the unit of the hypotheses.
    pub truth: f64,
    /// How this was computed: exact or Wald.
    pub method: SprtMethod,
    /// The probability that the alternative is accepted.
    pub accept_alternative: f64,
    /// The probability that the null hypothesis is accepted: the operating characteristic.
    pub accept_null: f64,
    /// How many observations it takes on average, on all arms: trials, values, events of a ratio of
    /// rates; for a rate, time.
    pub expected: f64,
    /// How many it takes in half of all cases; exact only.
    pub median: Option<f64>,
    /// How many it takes in nine of ten cases; exact only.
    pub ninth_decile: Option<f64>,
    /// How many seconds it takes on average, where the traffic was given.
    pub seconds: Option<f64>,
}

impl fmt::Display for SprtPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "if the truth is {}: alternative with probability {}, null with {}, after {} observations",
            Show(self.truth),
            Show(self.accept_alternative),
            Show(self.accept_null),
            Show(self.expected),
        )?;
        if let (Some(median), Some(most)) = (self.median, self.ninth_decile) {
            write!(
                f,
                " (half of all within {}, nine of ten within {})",
                Show(median),
                Show(most)
            )?;
        }
        if let Some(seconds) = self.seconds {
            write!(f, ": {} s", Show(seconds))?;
        }
        Ok(())
    }
}

/// The walk that the log likelihood ratio takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Walk {
    /// One of two steps: up with probability `p.x`, down with `p.y`.
    Coin { p: Point, up: f64, down: f64 },
    /// Jumps at a rate, and a slope in between.
    Jumps { rate: f64, jump: f64, slope: f64 },
    /// Normal steps.
    Normal { drift: f64, sd: f64 },
    /// Trials of both arms: steps at their events, and a slope in between.
    Trials { arms: Arms<Steps>, slope: f64 },
}

/// In one trial: whether it is the arm's, whether it has the event, and the step that it takes then.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steps {
    share: f64,
    proportion: f64,
    step: f64,
}

impl Steps {
    fn mean(self) -> f64 {
        self.share * self.proportion * self.step
    }

    fn variance(self) -> f64 {
        self.share * self.proportion * (1.0 - self.proportion) * self.step * self.step
    }

    fn cumulant(self, h: f64) -> f64 {
        self.share * (self.proportion * (h * self.step).exp_m1()).ln_1p()
    }
}

impl SprtPlanner {
    /// Runs the plan of a design.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a design that is not one, a truth that cannot be, a baseline's
    /// proportion outside (0, 1) or missing for an odds ratio, traffic that is not positive, Wald's
    /// formulas with a truncation, and exact for what has no exact plan or one of too many steps.
    pub fn run(&self, design: &Sprt) -> Result<SprtPlan> {
        design.check()?;
        let truth = self.truth.unwrap_or_else(|| design.hypotheses.values().1);
        let walk = self.walk(design, truth)?;
        if let Some(traffic) = self.per_second {
            check_positive("per_second", traffic)?;
        }
        let has_exact = !matches!(
            design.hypotheses,
            Hypotheses::OddsRatio { .. }
                | Hypotheses::StandardizedMean { .. }
                | Hypotheses::StandardizedDifference { .. }
        );
        let exactly = match self.method {
            SprtMethod::Wald => None,
            SprtMethod::Exact | SprtMethod::Auto if !has_exact => None,
            SprtMethod::Exact | SprtMethod::Auto => {
                let expected = walk.wald(design.boundaries()).expected;
                let most = match self.method {
                    SprtMethod::Exact => exact::MINUTE,
                    SprtMethod::Auto | SprtMethod::Wald => exact::MOMENT,
                };
                exact::ending(walk, design, expected, most)
            }
        };
        let method = match exactly {
            Some(_) => SprtMethod::Exact,
            None => SprtMethod::Wald,
        };
        if method == SprtMethod::Wald && self.method == SprtMethod::Exact {
            let rule = if has_exact {
                "must be \"wald\" for a test of so many observations"
            } else {
                "must be \"wald\" for odds ratios and standardized means"
            };
            return Err(Error::option("method", rule, self.method));
        }
        if let (SprtMethod::Wald, Some(truncation)) = (method, design.truncation) {
            let rule = "must be left out, for Wald's formulas know of none";
            return Err(Error::option("truncation", rule, truncation));
        }
        let ending = exactly.unwrap_or_else(|| walk.wald(design.boundaries()));
        Ok(SprtPlan {
            truth,
            method,
            accept_alternative: ending.accept_alternative,
            accept_null: ending.accept_null,
            expected: ending.expected,
            median: ending.median,
            ninth_decile: ending.ninth_decile,
            seconds: self.per_second.map(|traffic| ending.expected / traffic),
        })
    }

    fn walk(&self, design: &Sprt, truth: f64) -> Result<Walk> {
        let Slopes { up, down } = Slopes::of(design);
        let (null, alternative) = design.hypotheses.values();
        let share = Point::new(design.share);
        let must = |is: bool, rule: &str| {
            if is {
                return Ok(());
            }
            Err(Error::option("truth", rule, truth))
        };
        must(truth.is_finite(), "must be finite")?;
        // Of values with mean `truth` and so much information in each observation.
        let normal = |information: f64| Walk::Normal {
            drift: (alternative - null) * information * (truth - 0.5 * (null + alternative)),
            sd: (alternative - null).abs() * information.sqrt(),
        };
        Ok(match design.hypotheses {
            Hypotheses::Proportion { .. } => {
                must((0.0..=1.0).contains(&truth), "must lie in [0, 1]")?;
                let p = Point::new(truth);
                Walk::Coin { p, up, down }
            }
            Hypotheses::Rate { .. } => {
                must(
                    (0.0..=1e100).contains(&truth),
                    "must lie between 0 and 1e100",
                )?;
                Walk::Jumps {
                    rate: truth,
                    jump: up,
                    slope: down,
                }
            }
            Hypotheses::RateRatio { .. } => {
                must(
                    (0.0..=1e100).contains(&truth),
                    "must lie between 0 and 1e100",
                )?;
                let p = Point::from_odds(truth * share.x / share.y);
                Walk::Coin { p, up, down }
            }
            Hypotheses::OddsRatio { .. } => {
                must(
                    (1e-100..=1e100).contains(&truth),
                    "must lie between 1e-100 and 1e100",
                )?;
                self.tables(truth, (null, alternative), share)?
            }
            Hypotheses::Mean { sd, .. } => normal(1.0 / (sd * sd)),
            Hypotheses::StandardizedMean { .. } => normal(1.0),
            Hypotheses::MeanDifference { sd, .. } => {
                let Arms { baseline, canary } = sd.map(|sd| sd * sd);
                normal(1.0 / (baseline / share.y + canary / share.x))
            }
            Hypotheses::StandardizedDifference { .. } => normal(share.x * share.y),
        })
    }

    /// In a stratum of many trials, m of n with the event, the log ratio is x ln(ψ₁/ψ₀) less the
    /// integral, over ln ψ from the one to the other, of how many of the m events are the canary's
    /// under ψ. It is linear in m near what is expected of it, and nearly so where events are rare.
    fn tables(&self, truth: f64, (null, alternative): (f64, f64), share: Point) -> Result<Walk> {
        let Some(baseline) = self.baseline else {
            let rule = "must be given to plan for an odds ratio";
            return Err(Error::option("baseline", rule, "none"));
        };
        if !(baseline > 0.0 && baseline < 1.0) {
            return Err(Error::option("baseline", "must lie in (0, 1)", baseline));
        }
        let canary = Point::from_odds(truth * baseline / (1.0 - baseline)).x;
        let events = share.x * canary + share.y * baseline;
        let tilt = (alternative / null).ln();
        // The canary's part u of so many events: u (nb - m + u) = ψ (nc - u) (m - u).
        let part = |events: f64, odds_ratio: f64| {
            let linear = odds_ratio * (share.x + events) + share.y - events;
            let product = odds_ratio * share.x * events;
            let square = odds_ratio - 1.0;
            let root = (linear * linear - 4.0 * square * product).max(0.0).sqrt();
            if linear >= 0.0 {
                2.0 * product / (linear + root)
            } else {
                (linear - root) / (2.0 * square)
            }
        };
        let total = |events: f64| {
            let (low, high) = (null.ln(), alternative.ln());
            quadrature::integral(|at| part(events, at.exp()), low, high, 4)
        };
        let step = 1e-5 * events.min(1.0 - events);
        let slope = (total(events + step) - total(events - step)) / (2.0 * step);
        let of = |share: f64, proportion: f64, step: f64| Steps {
            share,
            proportion,
            step,
        };
        Ok(Walk::Trials {
            arms: Arms::new(
                of(share.y, baseline, -slope),
                of(share.x, canary, tilt - slope),
            ),
            slope: slope * events - total(events),
        })
    }
}

impl Walk {
    /// E z and E z² of a step; of jumps, in a unit of time.
    fn moments(self) -> (f64, f64) {
        match self {
            Self::Coin { p, up, down } => {
                (p.x * up + p.y * down, p.x * up * up + p.y * down * down)
            }
            Self::Jumps { rate, jump, slope } => (rate * jump + slope, rate * jump * jump),
            Self::Normal { drift, sd } => (drift, sd * sd + drift * drift),
            Self::Trials { arms, slope } => {
                let Arms { baseline, canary } = arms;
                (
                    baseline.mean() + canary.mean() + slope,
                    baseline.variance() + canary.variance(),
                )
            }
        }
    }

    /// ln E exp(h z), or what has its sign.
    fn cumulant(self, h: f64) -> f64 {
        match self {
            Self::Coin { p, up, down } => p.x * (h * up).exp_m1() + p.y * (h * down).exp_m1(),
            Self::Jumps { rate, jump, slope } => rate * (h * jump).exp_m1() + h * slope,
            Self::Normal { drift, sd } => h * (drift + 0.5 * h * sd * sd),
            Self::Trials { arms, slope } => {
                arms.baseline.cumulant(h) + arms.canary.cumulant(h) + h * slope
            }
        }
    }

    /// The h ≠ 0 with E exp(h z) = 1; infinite for a walk that goes one way only.
    fn exponent(self) -> f64 {
        let (mean, square) = self.moments();
        if mean == 0.0 {
            return 0.0;
        }
        if let Self::Normal { drift, sd } = self {
            return -2.0 * drift / (sd * sd);
        }
        let first = -2.0 * mean / square;
        let mut high = first;
        while self.cumulant(high) < 0.0 && high.abs() < 1e30 * first.abs().max(1.0) {
            high *= 2.0;
        }
        let mut low = 0.5 * high;
        for _ in 0..200 {
            if self.cumulant(low) < 0.0 {
                return brent(|h| self.cumulant(h), low, high);
            }
            low *= 0.5;
        }
        // The root is beyond what a double tells from 0, or there is none.
        if first.is_finite() {
            first
        } else {
            f64::INFINITY.copysign(-mean)
        }
    }

    /// Wald's formulas.
    pub(super) fn wald(self, boundaries: Boundaries) -> Ending {
        let Boundaries { upper: a, lower: b } = boundaries;
        let h = self.exponent();
        let (mean, square) = self.moments();
        // Exponentials of negative numbers only.
        let accept_null = if h > 0.0 {
            let alternative = (h * b).exp_m1() / (h * (b - a)).exp_m1() * (-h * a).exp();
            1.0 - alternative
        } else if h < 0.0 {
            (h * a).exp_m1() / (h * (a - b)).exp_m1() * (-h * b).exp()
        } else {
            a / (a - b)
        };
        let accept_alternative = 1.0 - accept_null;
        let expected = if h.abs() * (a - b) < 1e-6 {
            -a * b / square
        } else {
            (accept_null * b + accept_alternative * a) / mean
        };
        Ending {
            accept_alternative,
            accept_null,
            expected,
            median: None,
            ninth_decile: None,
        }
    }
}
