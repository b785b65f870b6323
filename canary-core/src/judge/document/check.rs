//! A check as it stands in a file.

use super::conditions::{
    AnomalyDocument, DistributionDocument, FairnessDocument, MissingDocument, SampleRatioDocument,
    StandardDocument, TestDocument, ThresholdDocument, TrendDocument,
};
use super::document;
use crate::error::{Error, Result};
use crate::judge::check::Check;
use crate::judge::condition::{Condition, ExpressionCondition, TestGoal, TestMethod};
use crate::judge::engines::{Limits, WindowLimit};
use crate::judge::expression::{Expression, Scope};
use crate::judge::importance::{NoData, Role, Severity};
use crate::judge::units::Quantity;

document! {
    /// One rule on one `metric`, or on several `metrics` together; of the kinds from `threshold` to
    /// `standard` exactly one.
    CheckDocument("Check") {
        ;
        /// A name from the policy's `metrics`.
        metric: String,
        /// Several such names, for an `anomaly` and for `fairness`.
        metrics: Vec<String>,
        /// What people call this check.
        name: String,
        /// A point comparison of one number: absolute, relative or a difference.
        threshold: ThresholdDocument,
        /// A statistical comparison with a margin.
        test: TestDocument,
        /// The same: shown to be no worse than the margin allows.
        non_inferiority: TestDocument,
        /// The same: shown to be neither worse nor better.
        equivalence: TestDocument,
        /// The same: shown to be better.
        superiority: TestDocument,
        /// The same of a quantile, such as the p99.
        quantile: TestDocument,
        /// The same of events per trial or per unit of time.
        rate: TestDocument,
        /// The same at any look: for all data so far, judged again and again.
        sequential: TestDocument,
        /// The whole curve: few observations beyond a margin.
        distribution: DistributionDocument,
        /// Growth over time: leaks.
        trend: TrendDocument,
        /// Windows of time that are unlike the rest, by all the metrics together.
        anomaly: AnomalyDocument,
        /// Groups of people are treated alike.
        fairness: FairnessDocument,
        /// The traffic splits as configured.
        sample_ratio: SampleRatioDocument,
        /// Not too much is missing.
        missing: MissingDocument,
        /// A condition that must not hold: `error-rate > 3%`.
        fail_if: Expression,
        /// A condition that must hold: `throughput > target * 0.9`.
        pass_if: Expression,
        /// Worse in no way that such observations can show.
        standard: StandardDocument,
        /// How bad a failure is: critical, high (by default), medium or low.
        severity: Severity,
        /// What the check is for: guardrail (by default), success, deterioration or quality.
        role: Role,
        /// The group it counts in, where there is a score.
        group: String,
        /// How much it counts there; 1 by default.
        weight: f64,
        /// Whether it only reports, as a dry run: it decides nothing, and nobody is told of its failures.
        muted: bool,
        /// What no data mean: pass, fail, inconclusive (by default) or error.
        no_data: NoData,
        /// How many observations either arm needs before anything is decided. Where a rollout is watched those of
        /// all looks count, but of a threshold, a condition and missing data those of each look alone.
        min_sample: u64,
        /// How many failures it takes, and for how long, where a rollout is watched.
        limits: LimitsDocument,
        /// Whom a failure is to be told to.
        notify: Vec<String>,
    }
}

document! {
    /// When a point comparison that fails is a failure; each is reached by its number.
    LimitsDocument("Limits") {
        ;
        /// Failures in all.
        total_failures: u64,
        /// Failures in a row.
        consecutive_failures: u64,
        /// Failures among the last looks.
        failures_in_window: WindowLimit,
        /// From the first failure of a row to the last, e.g. `5m`.
        duration: Quantity,
        /// Looks in a row without data.
        consecutive_errors: u64,
        /// Undecided looks in all.
        total_inconclusive: u64,
        /// Passes in a row that it takes to pass.
        consecutive_passes: u64,
    }
}

impl LimitsDocument {
    fn read(self) -> Result<Limits> {
        let seconds = self.duration.map(|duration| duration.in_unit(Some("s")));
        let seconds = seconds.transpose();
        Ok(Limits {
            total_failures: self.total_failures,
            consecutive_failures: self.consecutive_failures,
            failures_in_window: self.failures_in_window,
            violation_seconds: seconds.map_err(|error| error.in_argument("limits.duration"))?,
            consecutive_errors: self.consecutive_errors,
            total_inconclusive: self.total_inconclusive,
            consecutive_passes: self.consecutive_passes,
        })
    }

    /// What limits, if anything does.
    fn of(limits: Limits) -> Option<Self> {
        (limits != Limits::default()).then(|| Self {
            total_failures: limits.total_failures,
            consecutive_failures: limits.consecutive_failures,
            failures_in_window: limits.failures_in_window,
            duration: limits.violation_seconds.map(Quantity::from),
            consecutive_errors: limits.consecutive_errors,
            total_inconclusive: limits.total_inconclusive,
            consecutive_passes: limits.consecutive_passes,
        })
    }
}

impl CheckDocument {
    pub(super) fn read(self, unit: Option<&str>, scope: &Scope<'_>) -> Result<Check> {
        let metrics = match (self.metric, self.metrics) {
            (Some(metric), None) => vec![metric],
            (None, Some(metrics)) => metrics,
            (None, None) if self.fail_if.is_some() || self.pass_if.is_some() => {
                named(&[&self.fail_if, &self.pass_if], scope)?
            }
            (metric, _) => {
                let got = if metric.is_some() { "both" } else { "neither" };
                let rule = "must name a metric or several metrics";
                return Err(Error::option("metric", rule, got));
            }
        };
        let mut conditions: Vec<(&str, Condition)> = Vec::new();
        let mut add = |name: &'static str, condition: Condition| conditions.push((name, condition));
        if let Some(threshold) = self.threshold {
            add("threshold", threshold.read(unit)?.into());
        }
        let goal = TestGoal::default();
        let auto = TestMethod::Auto;
        let sequential = self.sequential.map(TestDocument::at_any_look).transpose()?;
        for (name, test, goal, method) in [
            ("test", self.test, goal, auto),
            ("non_inferiority", self.non_inferiority, goal, auto),
            ("equivalence", self.equivalence, TestGoal::Equivalence, auto),
            ("superiority", self.superiority, TestGoal::Superiority, auto),
            ("quantile", self.quantile, goal, TestMethod::Quantile),
            ("rate", self.rate, goal, auto),
            ("sequential", sequential, goal, auto),
        ] {
            if let Some(test) = test {
                add(name, test.read(name, unit, goal, method)?.into());
            }
        }
        if let Some(distribution) = self.distribution {
            add("distribution", distribution.read(unit)?.into());
        }
        if let Some(trend) = self.trend {
            add("trend", trend.read(unit)?.into());
        }
        if let Some(anomaly) = self.anomaly {
            add("anomaly", anomaly.read()?.into());
        }
        if let Some(fairness) = self.fairness {
            add("fairness", fairness.read()?.into());
        }
        if let Some(split) = self.sample_ratio {
            add("sample_ratio", split.read()?.into());
        }
        if let Some(missing) = self.missing {
            add("missing", missing.read()?.into());
        }
        if self.fail_if.is_some() || self.pass_if.is_some() {
            let (fail_if, pass_if) = (self.fail_if, self.pass_if);
            add("condition", ExpressionCondition { fail_if, pass_if }.into());
        }
        if let Some(standard) = self.standard {
            add("standard", standard.read(unit)?.into());
        }
        let names: Vec<&str> = conditions.iter().map(|(name, _)| *name).collect();
        let got = if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        };
        let (Some((_, condition)), None) = (conditions.pop(), conditions.pop()) else {
            let rule = "must have exactly one kind of rule, such as threshold, test or fail_if";
            return Err(Error::option(metrics.join(", "), rule, got));
        };
        let usual = Check::together(metrics, condition);
        Ok(Check {
            given_name: self.name,
            severity: self.severity.unwrap_or_default(),
            role: self.role.unwrap_or_default(),
            group: self.group,
            weight: self.weight.unwrap_or(1.0),
            muted: self.muted.unwrap_or_default(),
            no_data: self.no_data.unwrap_or_default(),
            min_sample: self.min_sample.unwrap_or_default(),
            limits: self
                .limits
                .map(LimitsDocument::read)
                .transpose()?
                .unwrap_or_default(),
            notify: self.notify.unwrap_or_default(),
            ..usual
        })
    }
}

/// The metrics that conditions name.
fn named(conditions: &[&Option<Expression>], scope: &Scope<'_>) -> Result<Vec<String>> {
    let mut metrics = Vec::new();
    for condition in conditions.iter().copied().flatten() {
        for reference in condition.bind(scope)?.references() {
            if !metrics.contains(&reference.metric) {
                metrics.push(reference.metric.clone());
            }
        }
    }
    Ok(metrics)
}

/// What differs from the default.
fn unusual<T: Default + PartialEq>(value: T) -> Option<T> {
    (value != T::default()).then_some(value)
}

impl From<&Check> for CheckDocument {
    fn from(check: &Check) -> Self {
        let (metric, metrics) = match check.metrics.as_slice() {
            [metric] => (Some(metric.clone()), None),
            metrics => (None, Some(metrics.to_vec())),
        };
        let mut document = Self {
            metric,
            metrics,
            name: check.given_name.clone(),
            threshold: None,
            test: None,
            non_inferiority: None,
            equivalence: None,
            superiority: None,
            quantile: None,
            rate: None,
            sequential: None,
            distribution: None,
            trend: None,
            anomaly: None,
            fairness: None,
            sample_ratio: None,
            missing: None,
            fail_if: None,
            pass_if: None,
            standard: None,
            severity: unusual(check.severity),
            role: unusual(check.role),
            group: check.group.clone(),
            weight: (check.weight != 1.0).then_some(check.weight),
            muted: unusual(check.muted),
            no_data: unusual(check.no_data),
            min_sample: unusual(check.min_sample),
            limits: LimitsDocument::of(check.limits),
            notify: unusual(check.notify.clone()),
        };
        match check.condition.clone() {
            Condition::Threshold(threshold) => document.threshold = Some(threshold.into()),
            Condition::Test(test) => document.test = Some(test.into()),
            Condition::Distribution(curve) => document.distribution = Some(curve.into()),
            Condition::Trend(trend) => document.trend = Some(trend.into()),
            Condition::Anomaly(anomaly) => document.anomaly = Some(anomaly.into()),
            Condition::Fairness(fairness) => document.fairness = Some(fairness.into()),
            Condition::SampleRatio(split) => document.sample_ratio = Some(split.into()),
            Condition::Missing(missing) => document.missing = Some(missing.into()),
            Condition::Expression(ExpressionCondition { fail_if, pass_if }) => {
                (document.fail_if, document.pass_if) = (fail_if, pass_if);
            }
            Condition::Standard(standard) => document.standard = Some(standard.into()),
        }
        document
    }
}
