//! A few planned looks.

use canary_core::sequential::{self, GroupSequential, Look, Update};
use canary_core::{Arms, Counts, Summary};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::convert::{ArrayLike, count, counts, is_scalar, real, word};
use crate::error::{invalid_input, to_python};
use crate::wrap::{monitor, shell};

shell! {
    /// The bounds of one look, for z of canary less baseline.
    LookBounds(sequential::LookBounds) {
        /// The information there, as a fraction of what was planned; above 1 where there is more.
        #[getter]
        fn fraction(&self) -> f64 {
            self.inner.fraction
        }

        /// The alternative is accepted from here on: upwards, downwards for the alternative `"less"`, or
        /// on either side.
        #[getter]
        fn efficacy(&self) -> f64 {
            self.inner.efficacy
        }

        /// The null hypothesis is accepted from here on, away from the efficacy bound; None without a
        /// futility bound.
        #[getter]
        fn futility(&self) -> Option<f64> {
            self.inner.futility
        }

        /// How much of alpha is spent by then, on all sides.
        #[getter]
        fn alpha_spent(&self) -> f64 {
            self.inner.alpha_spent
        }

        fn __repr__(&self) -> String {
            let sequential::LookBounds { fraction, efficacy, .. } = self.inner;
            format!("LookBounds(fraction={fraction:?}, efficacy={efficacy:?})")
        }
    }
}

shell! {
    /// A look that was taken.
    TakenLook(sequential::TakenLook) {
        /// When, and the bounds there.
        #[getter]
        fn bounds(&self) -> LookBounds {
            self.inner.bounds.into()
        }

        /// The estimate of the difference less the null hypothesis', over its standard error.
        #[getter]
        fn z(&self) -> f64 {
            self.inner.z
        }

        fn __repr__(&self) -> String {
            let sequential::TakenLook { bounds, z } = self.inner;
            format!("TakenLook(fraction={:?}, z={z:?}, efficacy={:?})", bounds.fraction, bounds.efficacy)
        }
    }
}

shell! {
    /// One look of a plan, and how likely it is to be the last.
    PlannedLook(sequential::PlannedLook) {
        /// When, and the bounds there.
        #[getter]
        fn bounds(&self) -> LookBounds {
            self.inner.bounds.into()
        }

        /// The p-value of a single test at the efficacy bound.
        #[getter]
        fn nominal_p(&self) -> f64 {
            self.inner.nominal_p
        }

        /// How much of beta is spent by then; None without a futility bound.
        #[getter]
        fn beta_spent(&self) -> Option<f64> {
            self.inner.beta_spent
        }

        /// The probability of stopping at this look without an effect.
        #[getter]
        fn stop_null(&self) -> f64 {
            self.inner.stop_null
        }

        /// The probability of stopping at this look with the planned effect.
        #[getter]
        fn stop_alternative(&self) -> f64 {
            self.inner.stop_alternative
        }

        fn __repr__(&self) -> String {
            let sequential::LookBounds { fraction, efficacy, .. } = self.inner.bounds;
            format!("PlannedLook(fraction={fraction:?}, efficacy={efficacy:?})")
        }
    }
}

shell! {
    /// What a group-sequential design costs and promises; `str` shows it as a table.
    GroupPlan(sequential::GroupPlan) {
        /// The looks.
        #[getter]
        fn looks(&self) -> Vec<PlannedLook> {
            self.inner.looks.iter().copied().map(PlannedLook::from).collect()
        }

        /// The false-alarm rate over all looks.
        #[getter]
        fn alpha(&self) -> f64 {
            self.inner.alpha
        }

        /// The probability of missing the planned effect.
        #[getter]
        fn beta(&self) -> f64 {
            self.inner.beta
        }

        /// The planned effect as the mean of z at the last look.
        #[getter]
        fn drift(&self) -> f64 {
            self.inner.drift
        }

        /// The largest size, as a multiple of the size that one single look needs for the same power.
        #[getter]
        fn inflation(&self) -> f64 {
            self.inner.inflation
        }

        /// The expected size without an effect, in the same unit.
        #[getter]
        fn expected_null(&self) -> f64 {
            self.inner.expected_null
        }

        /// The expected size with the planned effect, in the same unit.
        #[getter]
        fn expected_alternative(&self) -> f64 {
            self.inner.expected_alternative
        }

        fn __repr__(&self) -> String {
            let sequential::GroupPlan { looks, inflation, .. } = &self.inner;
            format!("GroupPlan(looks={}, inflation={inflation:?})", looks.len())
        }

        fn __str__(&self) -> String {
            self.inner.to_string()
        }
    }
}

/// A number of looks, or their fractions of the information.
fn schedule(design: GroupSequential, looks: &Bound<'_, PyAny>) -> PyResult<GroupSequential> {
    if is_scalar(looks) {
        let looks = count("looks", looks)?;
        return Ok(design.looks(usize::try_from(looks).unwrap_or(usize::MAX)));
    }
    let fractions = looks.extract::<ArrayLike<'_>>()?.values("looks")?;
    Ok(design.fractions(fractions.as_slice()?))
}

fn design(
    looks: &Bound<'_, PyAny>,
    alpha: f64,
    beta: f64,
    alternative: &str,
    spending: &str,
    futility: Option<&str>,
    binding: bool,
) -> PyResult<GroupSequential> {
    let design = GroupSequential::new()
        .alpha(alpha)
        .beta(beta)
        .alternative(word(alternative)?)
        .spending(word(spending)?)
        .futility(futility.map(word).transpose()?)
        .binding(binding);
    schedule(design, looks)
}

/// The bounds of a group-sequential design, and what its looks cost: see `GroupSequentialMonitor`.
///
/// # Parameters
/// `looks`: how many, at equal steps of information, or a list of their fractions, the last of which
/// is 1. `alpha`: the false-alarm rate over all looks. `beta`: the probability of missing the planned
/// effect. `alternative`: `"two_sided"`, `"greater"` (the canary is greater) or `"less"`. `spending`: how
/// alpha is spread over the looks: `"obrien_fleming"`, `"pocock"`, `"power(3)"` (Kim and DeMets),
/// `"hwang_shih_decani(-4)"`, or `"wang_tsiatis(0)"` for the classical bounds of O'Brien and Fleming,
/// `"wang_tsiatis(0.5)"` for Pocock's. `futility`: likewise for beta; none without. `binding`: whether
/// alpha counts on stopping at the futility bound.
///
/// # Errors
/// `InvalidOption`, a `CanaryError`, that names the option.
///
/// # Example: five looks
/// >>> plan = canary.plan_group_sequential(looks=5, alternative="greater", futility="pocock")
/// >>> [round(look.bounds.efficacy, 3) for look in plan.looks]
/// [4.229, 2.888, 2.298, 1.962, 1.74]
/// >>> round(plan.inflation, 2), round(plan.expected_null, 2)
/// (1.36, 0.57)
#[pyfunction]
#[pyo3(signature = (*, looks, alpha = 0.05, beta = 0.2, alternative = "two_sided",
                    spending = "obrien_fleming", futility = None, binding = false))]
pub(crate) fn plan_group_sequential(
    looks: &Bound<'_, PyAny>,
    alpha: f64,
    beta: f64,
    alternative: &str,
    spending: &str,
    futility: Option<&str>,
    binding: bool,
) -> PyResult<GroupPlan> {
    let design = design(looks, alpha, beta, alternative, spending, futility, binding)?;
    Ok(design.plan().map_err(to_python)?.into())
}

/// What one update brings.
enum Data<'py> {
    Look(Look),
    Counts(Arms<Counts>),
    Summaries(Arms<Summary>),
    Values(Arms<ArrayLike<'py>>),
}

impl<'py> Data<'py> {
    fn of(
        arms: Arms<Option<Bound<'py, PyAny>>>,
        information: Option<f64>,
        z: Option<f64>,
    ) -> PyResult<Self> {
        match (arms.baseline, arms.canary, information, z) {
            (None, None, Some(information), Some(z)) => Ok(Self::Look(Look { information, z })),
            (Some(baseline), Some(canary), None, None) => Self::both(Arms::new(baseline, canary)),
            _ => {
                let rule = "must be baseline and canary, or information and z";
                Err(invalid_input("data", rule, "others"))
            }
        }
    }

    fn both(arms: Arms<Bound<'py, PyAny>>) -> PyResult<Self> {
        let summary = |arm: &Bound<'py, PyAny>| {
            let summary = arm.cast::<crate::data::Summary>().ok()?;
            Some(summary.get().inner)
        };
        if let (Some(baseline), Some(canary)) = (summary(&arms.baseline), summary(&arms.canary)) {
            return Ok(Self::Summaries(Arms::new(baseline, canary)));
        }
        let is_counts = |arm: &Bound<'py, PyAny>| {
            arm.is_instance_of::<PyTuple>() || arm.is_instance_of::<crate::data::Counts>()
        };
        if is_counts(&arms.baseline) || is_counts(&arms.canary) {
            let both = arms.as_ref().try_map(|name, arm| counts(name, arm))?;
            return Ok(Self::Counts(both));
        }
        let values = arms.try_map(|_, arm| arm.extract())?;
        Ok(Self::Values(values))
    }
}

monitor! {
    #[doc = include_str!("../../../canary-core/src/sequential/group_sequential/group_sequential.md")]
    ///
    /// # Parameters
    /// `looks`: how many, at equal steps of information, or a list of their fractions, the last of which
    /// is 1. `information`: what there will be at the last planned look: for counts and values the
    /// observations per arm (the harmonic mean of both arms' numbers), such as the `inflation` of
    /// `plan_group_sequential` times a single test's size; for z in their own unit. `null`: the
    /// difference under the null hypothesis, canary less baseline, for counts and values. `assume`:
    /// `"nothing"`, or `"independence"` as a promise, as z of their own always are. The others: as for
    /// `plan_group_sequential`.
    ///
    /// # Errors
    /// `InvalidOption`, a `CanaryError`, that names the option.
    ///
    /// # Example: five stages, to see an error rate rise from 1% to 1.5%
    /// >>> single = canary.power_proportions(baseline=0.01, effect=0.005, power=0.8)
    /// >>> plan = canary.plan_group_sequential(looks=5)
    /// >>> stages = canary.GroupSequentialMonitor(
    /// ...     looks=5, information=plan.inflation * single.n_canary, assume="independence"
    /// ... )
    /// >>> stages.update((13, 1_600), (20, 1_600))
    /// 'continue'
    /// >>> stages.update((12, 1_600), (45, 1_600))
    /// 'accept_alternative'
    GroupSequentialMonitor(sequential::GroupSequentialMonitor) {
        #[new]
        #[pyo3(signature = (*, looks, information, alpha = 0.05, beta = 0.2, alternative = "two_sided",
                            spending = "obrien_fleming", futility = None, binding = false, null = 0.0,
                            assume = "nothing"))]
        #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
        fn new(
            looks: &Bound<'_, PyAny>,
            information: f64,
            alpha: f64,
            beta: f64,
            alternative: &str,
            spending: &str,
            futility: Option<&str>,
            binding: bool,
            null: f64,
            assume: &str,
        ) -> PyResult<Self> {
            let design = design(looks, alpha, beta, alternative, spending, futility, binding)?;
            let design = design.information(information).null(null).assume(word(assume)?);
            Ok(design.monitor().map_err(to_python)?.into())
        }

        /// Adds what both arms have shown since the last update, and gives the decision: counts as
        /// `(events, trials)` or `Counts`, values as an array or list, or `Summary`. Or `information` and
        /// `z` of all data so far, which is always a look.
        #[pyo3(signature = (baseline = None, canary = None, *, information = None, z = None))]
        fn update(
            &self,
            py: Python<'_>,
            baseline: Option<Bound<'_, PyAny>>,
            canary: Option<Bound<'_, PyAny>>,
            information: Option<&Bound<'_, PyAny>>,
            z: Option<&Bound<'_, PyAny>>,
        ) -> PyResult<&'static str> {
            let information = information.map(|x| real("information", x)).transpose()?;
            let z = z.map(|z| real("z", z)).transpose()?;
            let decision = match Data::of(Arms::new(baseline, canary), information, z)? {
                Data::Look(look) => self.inner.change(py, |own| own.update(look))?,
                Data::Counts(counts) => self.inner.change(py, |own| own.update(counts))?,
                Data::Summaries(both) => self.inner.change(py, |own| own.update(both))?,
                Data::Values(values) => {
                    let values = values.try_map(|name, arm| arm.values(name))?;
                    let values = Arms::new(values.baseline.as_slice()?, values.canary.as_slice()?);
                    self.inner.change(py, |own| own.update(values))?
                }
            };
            Ok(sequential::Decision::as_str(decision))
        }

        /// Takes a look now, whatever the information: the end of a stage.
        fn look(&self, py: Python<'_>) -> PyResult<&'static str> {
            let decision = self.inner.change(py, sequential::GroupSequentialMonitor::look)?;
            Ok(decision.as_str())
        }

        /// The next look is the last, and spends what is left of alpha: at once with data that wait for a
        /// look, else with the next update. The reason for ending must not be what was seen.
        fn finish(&self, py: Python<'_>) -> PyResult<&'static str> {
            let decision = self.inner.change(py, |own| Ok(own.finish()))?;
            Ok(decision.as_str())
        }

        /// What comes from now on is another stratum: to be called when the share of the traffic changes
        /// between looks. Each look does it by itself.
        fn new_stratum(&self, py: Python<'_>) -> PyResult<()> {
            self.inner.change(py, |own| {
                own.new_stratum();
                Ok(())
            })
        }

        /// The looks that were taken.
        #[getter]
        fn looks(&self, py: Python<'_>) -> Vec<TakenLook> {
            let looks = self.inner.read(py, sequential::GroupSequentialMonitor::looks);
            looks.into_iter().map(TakenLook::from).collect()
        }

        /// When the next look is planned and where it will stop, if information grows as planned; None
        /// after the decision.
        #[getter]
        fn next_look(&self, py: Python<'_>) -> Option<LookBounds> {
            let next = self.inner.read(py, sequential::GroupSequentialMonitor::next_look);
            next.map(LookBounds::from)
        }
    }
}
