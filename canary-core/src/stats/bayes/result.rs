//! What a Bayesian comparison found.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::{Arms, Direction};
use crate::number::extended;
use crate::number::show::{Given, Show};
use crate::options::choice;
use crate::stats::result::{ArmLevel, Estimate};

choice! {
    /// What the data are taken to be.
    BayesModel("model") {
        /// Events out of trials; the proportion has a beta prior.
        BetaBinomial = "beta_binomial",
        /// Events in a time; the rate has a gamma prior.
        GammaPoisson = "gamma_poisson",
        /// Normal values whose mean and variance are both unknown.
        Normal = "normal",
        /// Positive values whose logarithms are normal.
        LogNormal = "log_normal",
    }
}

impl BayesModel {
    /// Its title, and what an arm's level is under it.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::BetaBinomial => ("proportions (beta-binomial)", "proportion"),
            Self::GammaPoisson => ("rates (gamma-Poisson)", "rate"),
            Self::Normal => ("means (normal)", "mean"),
            Self::LogNormal => ("log-normal values", "level"),
        }
    }
}

choice! {
    /// What is compared of log-normal values.
    #[derive(Default)]
    Typical("of") {
        /// Medians, exp(μ).
        #[default]
        Median = "median",
        /// Means, exp(μ + σ²/2).
        Mean = "mean",
    }
}

choice! {
    /// What a Bayesian comparison comes to.
    BayesDecision("decision") {
        /// The smallest sample size is not reached: whatever the numbers say, it is too early.
        NotYet = "not_yet",
        /// All of the credible interval lies beyond the region of practical equivalence, on the
        /// side that is worse.
        CanaryWorse = "canary_worse",
        /// All of it lies beyond that region, on the side that is better.
        CanaryBetter = "canary_better",
        /// All of it lies within that region.
        Equivalent = "equivalent",
        /// None of these.
        Undecided = "undecided",
    }
}

/// A prior of a mean and a variance: given σ², the mean is normal with `mean` and σ²/`weight`; σ²
/// has the inverse gamma distribution with `shape` and `scale`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MeanPrior {
    /// Where the mean is believed to be.
    pub mean: f64,
    /// How many values that belief is worth.
    pub weight: f64,
    /// Half the number of values that the belief about σ² is worth.
    pub shape: f64,
    /// Half the sum of squares that those values would have; σ² is about scale / shape.
    pub scale: f64,
}

/// What is known of an arm after the data: a distribution and its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Posterior {
    /// Of a proportion.
    Beta {
        /// Prior's and events.
        a: f64,
        /// Prior's and trials without the event.
        b: f64,
    },
    /// Of a rate.
    Gamma {
        /// Prior's and events.
        shape: f64,
        /// Prior's and time.
        rate: f64,
    },
    /// Of a mean; for log-normal values, of the mean of their logarithms.
    StudentT {
        /// Its centre.
        location: f64,
        /// Its scale.
        scale: f64,
        /// Degrees of freedom.
        df: f64,
        /// How many values the mean is worth, the prior's among them. σ² is inverse gamma with the
        /// shape df/2 and the scale weight · scale² · df/2.
        weight: f64,
    },
}

/// How probable it is that the measure lies in the region of practical equivalence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rope {
    /// The region's lower end.
    #[serde(with = "extended")]
    pub low: f64,
    /// The region's upper end.
    #[serde(with = "extended")]
    pub high: f64,
    /// P(measure < low).
    pub below: f64,
    /// P(low ≤ measure ≤ high).
    pub within: f64,
    /// P(measure > high).
    pub above: f64,
}

/// What a Bayesian comparison found: plain data, the same shape for every model.
///
/// ```
/// use canary_core::{Arms, Counts, stats::{BayesDecision, BayesianTest}};
///
/// let arms = Arms::new(Counts::new(95, 19_000)?, Counts::new(30, 2_000)?);
/// let result = BayesianTest::new().counts(&arms)?;
/// assert_eq!(result.decision, BayesDecision::CanaryWorse);
/// assert!(result.to_string().contains("canary_worse"));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BayesResult {
    /// What the data were taken to be.
    pub model: BayesModel,
    /// Which way is worse.
    pub direction: Direction,
    /// P(canary > baseline).
    pub p_canary_greater: f64,
    /// P(the canary is worse): greater, or less, or beyond the region of practical equivalence, by
    /// the direction.
    pub p_canary_worse: f64,
    /// What promoting the canary is expected to cost: the mean of how much worse it is, nothing
    /// where it is better. In the unit of the difference; for log-normal values, of the logarithms.
    #[serde(with = "extended")]
    pub expected_loss: f64,
    /// What staying with the baseline is expected to cost, likewise.
    #[serde(with = "extended")]
    pub expected_loss_staying: f64,
    /// The posterior median of the measure, with its equal-tailed credible interval.
    pub estimate: Estimate,
    /// The region of practical equivalence with its probabilities, where one was given.
    pub rope: Option<Rope>,
    /// What is known of each arm.
    pub posteriors: Arms<Posterior>,
    /// What each arm contributed: trials, events or values, and the posterior mean of its
    /// proportion, rate or mean; for log-normal values, the posterior median of the median or mean.
    pub arms: Arms<ArmLevel>,
    /// The smallest sample size that was asked for, on each arm.
    pub min_n: u64,
    /// What it comes to.
    pub decision: BayesDecision,
}

impl fmt::Display for BayesResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (title, level) = self.model.words();
        writeln!(f, "Bayesian comparison of {title}: {}", self.decision)?;
        writeln!(
            f,
            "  P(canary greater) = {}, P(canary worse) = {}",
            Show(self.p_canary_greater),
            Show(self.p_canary_worse)
        )?;
        let Estimate {
            of,
            value,
            interval,
            ..
        } = &self.estimate;
        let percent = Given(100.0 * interval.confidence.get());
        writeln!(
            f,
            "  {of}: {}, {percent}% credible interval {interval}",
            Show(*value)
        )?;
        writeln!(
            f,
            "  expected loss: {} promoting, {} staying",
            Show(self.expected_loss),
            Show(self.expected_loss_staying)
        )?;
        if let Some(Rope {
            low,
            high,
            below,
            within,
            above,
        }) = self.rope
        {
            writeln!(
                f,
                "  [{}, {}]: below {}, within {}, above {}",
                Show(low),
                Show(high),
                Show(below),
                Show(within),
                Show(above)
            )?;
        }
        let arm = |name: &str, arm: &ArmLevel| {
            let omitted = match arm.omitted {
                0 => String::new(),
                n => format!(", {n} NaN left out"),
            };
            let shown = Show(arm.level);
            format!("  {name}: {level} {shown}, n = {}{omitted}", arm.n)
        };
        writeln!(f, "{}", arm("baseline", &self.arms.baseline))?;
        write!(f, "{}", arm("canary", &self.arms.canary))
    }
}
