mod adjusted;
mod boundary;
mod monitor;
mod plan;
mod score;
mod spending;

pub use monitor::{GroupSequentialMonitor, Look, TakenLook};
pub use plan::{GroupPlan, LookBounds, PlannedLook};
use serde::{Deserialize, Serialize};
pub use spending::Spending;

use self::plan::Rules;
use super::state::{Assume, Design, check_positive, check_rate};
use crate::error::{Error, Result};
use crate::number::normal;
use crate::options::Alternative;

#[doc = include_str!("group_sequential.md")]
///
/// # Defaults
/// Five looks at equal steps, two-sided, alpha 0.05, beta 0.2, O'Brien and Fleming's spending, no
/// futility bound, a planned information of 1: that of [`Look`]s that come with fractions; and
/// nothing taken for granted.
///
/// # Example: five stages, to see an error rate rise from 1% to 1.5%
/// ```
/// use canary_core::sequential::{Assume, Decision, GroupSequential, Update};
/// use canary_core::stats::{Model, Power};
/// use canary_core::{Alternative, Arms, Counts};
///
/// let design = GroupSequential::new().looks(5).alternative(Alternative::Greater);
/// let single = Power::new().alternative(Alternative::Greater).sample_size(
///     Model::Proportions { baseline: 0.01 },
///     0.005,
///     0.8,
/// )?;
/// let plan = design.plan()?;
/// assert!((plan.inflation - 1.0350).abs() < 1e-3);
///
/// // Whole stages as single updates say nothing of how requests depend on each other.
/// let design = design.assume(Assume::Independence);
/// let mut stages = design.information(plan.inflation * single.n.canary).monitor()?;
/// let stage = Arms::new(Counts::new(13, 1_300)?, Counts::new(20, 1_300)?);
/// assert_eq!(stages.update(stage)?, Decision::Continue);
/// let stage = Arms::new(Counts::new(12, 1_300)?, Counts::new(45, 1_300)?);
/// assert_eq!(stages.update(stage)?, Decision::AcceptAlternative);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupSequential {
    fractions: Vec<f64>,
    information: f64,
    alpha: f64,
    beta: f64,
    alternative: Alternative,
    spending: Spending,
    futility: Option<Spending>,
    binding: bool,
    null: f64,
    assume: Assume,
}

impl Default for GroupSequential {
    fn default() -> Self {
        Self {
            fractions: equal_steps(5),
            information: 1.0,
            alpha: 0.05,
            beta: 0.2,
            alternative: Alternative::TwoSided,
            spending: Spending::OBrienFleming,
            futility: None,
            binding: false,
            null: 0.0,
            assume: Assume::Nothing,
        }
    }
}

/// No design has more looks.
const MOST_LOOKS: usize = 100;
/// Two looks are at least so far apart, as a fraction of the planned information.
const LEAST_STEP: f64 = 0.001;

fn equal_steps(looks: usize) -> Vec<f64> {
    (1..=looks).map(|k| k as f64 / looks as f64).collect()
}

impl GroupSequential {
    /// With the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So many looks at equal steps of information, 1 to 100.
    #[must_use]
    pub fn looks(mut self, looks: usize) -> Self {
        // One too many is refused with the others.
        self.fractions = equal_steps(looks.min(MOST_LOOKS + 1));
        self
    }

    /// Looks at these fractions of the planned information, the last of which is 1.
    #[must_use]
    pub fn fractions(mut self, fractions: impl Into<Vec<f64>>) -> Self {
        self.fractions = fractions.into();
        self
    }

    /// The information at the last planned look: for counts and values in observations per arm (the
    /// harmonic mean of both arms' numbers), for [`Look`]s in their own unit.
    #[must_use]
    pub fn information(mut self, information: f64) -> Self {
        self.information = information;
        self
    }

    /// The false-alarm rate over all looks, in (0, 0.5).
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// The probability of missing the planned effect, in (0, 1 - alpha).
    #[must_use]
    pub fn beta(mut self, beta: f64) -> Self {
        self.beta = beta;
        self
    }

    /// What is held against the null hypothesis.
    #[must_use]
    pub fn alternative(mut self, alternative: Alternative) -> Self {
        self.alternative = alternative;
        self
    }

    /// How alpha is spread over the looks.
    #[must_use]
    pub fn spending(mut self, spending: Spending) -> Self {
        self.spending = spending;
        self
    }

    /// How beta is spread over the looks; none for no futility bound.
    #[must_use]
    pub fn futility(mut self, futility: Option<Spending>) -> Self {
        self.futility = futility;
        self
    }

    /// Whether alpha counts on stopping at the futility bound.
    #[must_use]
    pub fn binding(mut self, binding: bool) -> Self {
        self.binding = binding;
        self
    }

    /// The difference under the null hypothesis, canary less baseline, for counts and values.
    #[must_use]
    pub fn null(mut self, null: f64) -> Self {
        self.null = null;
        self
    }

    /// Whether observations may be taken to be independent.
    #[must_use]
    pub fn assume(mut self, assume: Assume) -> Self {
        self.assume = assume;
        self
    }

    /// The bounds, and what the looks cost.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range; for a futility bound with a
    /// two-sided alternative, or one that spends so early that the power cannot be had.
    pub fn plan(&self) -> Result<GroupPlan> {
        self.check()?;
        let shape = self.shape();
        let rules = Rules {
            design: self,
            shape: &shape,
            drift: 0.0,
        };
        let drift = plan::drift(rules, self.single())?;
        Ok(plan::plan(Rules { drift, ..rules }, self.single()))
    }

    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn monitor(self) -> Result<GroupSequentialMonitor> {
        GroupSequentialMonitor::new(self)
    }

    /// The mean of z with which a single look has the power.
    fn single(&self) -> f64 {
        normal::quantile(self.side()) + normal::quantile(self.beta)
    }

    /// The error on one side.
    fn side(&self) -> f64 {
        self.alpha / self.sides()
    }

    fn sides(&self) -> f64 {
        match self.alternative {
            Alternative::TwoSided => 2.0,
            Alternative::Greater | Alternative::Less => 1.0,
        }
    }

    /// Which way the alternative lies.
    fn sign(&self) -> f64 {
        match self.alternative {
            Alternative::TwoSided | Alternative::Greater => 1.0,
            Alternative::Less => -1.0,
        }
    }

    fn shape(&self) -> Vec<f64> {
        match self.spending {
            Spending::WangTsiatis(delta) => {
                plan::wang_tsiatis(&self.fractions, delta, self.side(), self.alternative)
            }
            _ => Vec::new(),
        }
    }

    fn check_fractions(&self) -> Result<()> {
        let refused = |rule: String, value: f64| Err(Error::option("fractions", rule, value));
        let count = self.fractions.len();
        if count == 0 || count > MOST_LOOKS {
            let rule = format!("must be 1 to {MOST_LOOKS}");
            return Err(Error::option("looks", rule, count));
        }
        let mut before = 0.0;
        for &fraction in &self.fractions {
            let is_apart = fraction - before >= LEAST_STEP * (1.0 - 1e-9);
            if !is_apart {
                return refused(
                    format!("must grow from 0 in steps of at least {LEAST_STEP}"),
                    fraction,
                );
            }
            before = fraction;
        }
        if before != 1.0 {
            return refused("must end with 1".to_owned(), before);
        }
        Ok(())
    }
}

impl Design for GroupSequential {
    fn check(&self) -> Result<()> {
        self.check_fractions()?;
        check_positive("information", self.information)?;
        check_rate("alpha", self.alpha)?;
        check_rate("beta", self.beta)?;
        if !(1e-12..=0.5).contains(&self.alpha) {
            return Err(Error::option(
                "alpha",
                "must lie in [1e-12, 0.5]",
                self.alpha,
            ));
        }
        if !(self.beta >= 1e-12 && self.beta < 1.0 - self.alpha) {
            let rule = "must lie in [1e-12, 1 - alpha)";
            return Err(Error::option("beta", rule, self.beta));
        }
        let has_power = self.single() >= 1e-3;
        if !has_power {
            let rule = "must leave more power than the false alarms alone have";
            return Err(Error::option("beta", rule, self.beta));
        }
        self.spending.check("spending")?;
        if let Some(futility) = self.futility {
            futility.check("futility")?;
            if matches!(futility, Spending::WangTsiatis(_)) {
                let rule = "must be another spending than that of Wang and Tsiatis";
                return Err(Error::option("futility", rule, futility));
            }
            if self.alternative == Alternative::TwoSided {
                let rule = "must be left out with a two-sided alternative";
                return Err(Error::option("futility", rule, futility));
            }
        }
        if !self.null.is_finite() {
            return Err(Error::option("null", "must be finite", self.null));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
