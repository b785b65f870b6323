//! A policy as it stands in a file: keys as people write them, quantities with their units.
//! [`Policy`] is what it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::condition::{AnomalyCondition, Bound, Condition, TestCondition, TestMethod, Threshold};
use super::policy::Policy;
use super::statistic::Statistic;
use super::units::Quantity;
use crate::data::Metric;
use crate::error::{Error, Result};
use crate::options::{Confidence, Margin};

/// A policy for canary releases: which metrics there are, and what is demanded of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Policy")
)]
pub(super) struct PolicyDocument {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// What people call the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Metric name → which way is worse, and its unit.
    pub(super) metrics: BTreeMap<String, Metric>,
    /// The rules, all of which must hold.
    pub(super) checks: Vec<CheckDocument>,
}

/// One rule on one metric, a `threshold` or a `test`, or on several `metrics` together, an `anomaly`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Check")
)]
pub(super) struct CheckDocument {
    /// A name from the policy's `metrics`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metric: Option<String>,
    /// Several such names, for an `anomaly`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metrics: Option<Vec<String>>,
    /// What people call this check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// A point comparison of one number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) threshold: Option<ThresholdDocument>,
    /// A statistical comparison with a margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) test: Option<TestDocument>,
    /// Windows of time that are unlike the rest, by all the metrics together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) anomaly: Option<AnomalyDocument>,
}

/// A number that must stay within `min` and `max`, or at most a `factor`, `percent` or
/// `difference` worse than the baseline's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Threshold")
)]
pub(super) struct ThresholdDocument {
    /// Which number: `p99`, `mean`, `last`, ...; counts and gauges need none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    statistic: Option<Statistic>,
    /// The canary's number must be at least this, e.g. `95%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Quantity>,
    /// The canary's number must be at most this, e.g. `500ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Quantity>,
    /// At most this many times worse than the baseline, e.g. `2x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor: Option<Quantity>,
    /// At most this many percent worse than the baseline, e.g. `50%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<Quantity>,
    /// At most this much worse than the baseline, e.g. `20ms`, or `0.5%` of all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    difference: Option<Quantity>,
}

/// A statistical test whose interval is held against a margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Test")
)]
pub(super) struct TestDocument {
    /// Which test.
    method: TestMethod,
    /// The largest degradation one is willing to accept.
    margin: MarginDocument,
    /// Confidence of the interval, e.g. `99%`; 95% by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<Quantity>,
}

/// By how much the canary's share of anomalous windows may exceed the baseline's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Anomaly")
)]
pub(super) struct AnomalyDocument {
    /// The excess that one is willing to accept, e.g. `10%` of all windows.
    margin: Quantity,
    /// Which part of the baseline's own windows counts as anomalous, e.g. `5%`; 10% by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contamination: Option<Quantity>,
    /// Confidence of the interval, e.g. `99%`; 95% by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confidence: Option<Quantity>,
}

/// Exactly one of `factor`, `percent` and `difference`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Margin")
)]
pub(super) struct MarginDocument {
    /// At most this many times worse, e.g. `2x`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor: Option<Quantity>,
    /// At most this many percent worse, e.g. `5%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    percent: Option<Quantity>,
    /// At most this much worse, e.g. `20ms`, or `0.5%` of all requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    difference: Option<Quantity>,
}

impl PolicyDocument {
    pub(super) fn read(self) -> Result<Policy> {
        if self.version != Policy::VERSION {
            return Err(Error::policy(format!(
                "version: this release reads version {}, got {}",
                Policy::VERSION,
                self.version
            )));
        }
        let read = |(index, check): (usize, CheckDocument)| {
            let metric = check.metric.as_ref();
            let unit = metric
                .and_then(|metric| self.metrics.get(metric))
                .and_then(|metric| metric.unit.as_deref());
            check
                .read(unit)
                .map_err(|error| Error::policy(format!("checks[{index}].{error}")))
        };
        let checks = self
            .checks
            .into_iter()
            .enumerate()
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let policy = Policy::new(self.metrics, checks)?;
        Ok(match self.name {
            Some(name) => policy.named(name),
            None => policy,
        })
    }
}

impl CheckDocument {
    fn read(self, unit: Option<&str>) -> Result<Check> {
        let metrics = match (self.metric, self.metrics) {
            (Some(metric), None) => vec![metric],
            (None, Some(metrics)) => metrics,
            (metric, _) => {
                let got = if metric.is_some() { "both" } else { "neither" };
                let rule = "must name a metric or several metrics";
                return Err(Error::option("metric", rule, got));
            }
        };
        let condition: Condition = match (self.threshold, self.test, self.anomaly) {
            (Some(threshold), None, None) => threshold.read(unit)?.into(),
            (None, Some(test), None) => test.read(unit)?.into(),
            (None, None, Some(anomaly)) => anomaly.read()?.into(),
            (None, None, None) => {
                let rule = "must have a threshold, a test or an anomaly";
                return Err(Error::option(metrics.join(", "), rule, "none"));
            }
            _ => {
                let rule = "must have one of threshold, test and anomaly";
                return Err(Error::option(metrics.join(", "), rule, "several"));
            }
        };
        let check = Check::together(metrics, condition);
        Ok(match self.name {
            Some(name) => check.named(name),
            None => check,
        })
    }
}

impl ThresholdDocument {
    fn read(self, unit: Option<&str>) -> Result<Threshold> {
        let number = |key: &str, quantity: Option<Quantity>| {
            let value = quantity.map(|quantity| quantity.in_unit(unit)).transpose();
            value.map_err(|error| error.in_argument(&format!("threshold.{key}")))
        };
        let (min, max) = (number("min", self.min)?, number("max", self.max)?);
        let margin = MarginDocument {
            factor: self.factor,
            percent: self.percent,
            difference: self.difference,
        };
        let bound = match (min.is_some() || max.is_some(), margin.is_empty()) {
            (true, true) => Bound::Absolute { min, max },
            (false, false) => Bound::Relative(margin.read(unit, "threshold")?),
            (absolute, _) => {
                let got = if absolute { "both kinds" } else { "none" };
                let rule = "must have min or max, or one of factor, percent and difference";
                return Err(Error::option("threshold", rule, got));
            }
        };
        Ok(Threshold {
            statistic: self.statistic,
            bound,
        })
    }
}

impl TestDocument {
    fn read(self, unit: Option<&str>) -> Result<TestCondition> {
        Ok(TestCondition {
            method: self.method,
            margin: self.margin.read(unit, "test.margin")?,
            confidence: confidence(self.confidence, "test")?,
        })
    }
}

impl AnomalyDocument {
    fn read(self) -> Result<AnomalyCondition> {
        let share = |key: &str, written: Quantity| {
            let share = written.in_unit(None);
            share.map_err(|error| error.in_argument(&format!("anomaly.{key}")))
        };
        let usual = AnomalyCondition::new(share("margin", self.margin)?);
        let contamination = match self.contamination {
            None => usual.contamination,
            Some(written) => share("contamination", written)?,
        };
        let condition = AnomalyCondition {
            contamination,
            confidence: confidence(self.confidence, "anomaly")?,
            ..usual
        };
        condition.check()
    }
}

/// As it is written under a key of the check, or the usual one.
fn confidence(written: Option<Quantity>, place: &str) -> Result<Confidence> {
    let Some(written) = written else {
        return Ok(Confidence::default());
    };
    let level = written.in_unit(None).and_then(Confidence::try_from);
    level.map_err(|error| error.in_argument(&format!("{place}.confidence")))
}

impl MarginDocument {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn read(self, unit: Option<&str>, place: &str) -> Result<Margin> {
        let (key, margin) = match (&self.factor, &self.percent, &self.difference) {
            (Some(factor), None, None) => ("factor", factor.factor().map(Margin::Factor)),
            (None, Some(percent), None) => ("percent", percent.percent().map(Margin::Percent)),
            (None, None, Some(difference)) => (
                "difference",
                difference.in_unit(unit).map(Margin::Difference),
            ),
            (factor, percent, difference) => {
                let given = [factor, percent, difference].into_iter().flatten().count();
                let rule = "must have exactly one of factor, percent and difference";
                return Err(Error::option(place, rule, given));
            }
        };
        let checked = margin.and_then(Margin::check);
        checked.map_err(|error| error.in_argument(&format!("{place}.{key}")))
    }
}

impl From<&Policy> for PolicyDocument {
    fn from(policy: &Policy) -> Self {
        Self {
            version: Policy::VERSION,
            name: policy.name().map(str::to_owned),
            metrics: policy.metrics().clone(),
            checks: policy.checks().iter().map(CheckDocument::from).collect(),
        }
    }
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
            anomaly: None,
        };
        match check.condition {
            Condition::Threshold(threshold) => document.threshold = Some(threshold.into()),
            Condition::Test(test) => document.test = Some(test.into()),
            Condition::Anomaly(anomaly) => document.anomaly = Some(anomaly.into()),
        }
        document
    }
}

impl From<AnomalyCondition> for AnomalyDocument {
    fn from(anomaly: AnomalyCondition) -> Self {
        Self {
            margin: anomaly.margin.into(),
            contamination: Some(anomaly.contamination.into()),
            confidence: Some(anomaly.confidence.get().into()),
        }
    }
}

impl From<Threshold> for ThresholdDocument {
    fn from(Threshold { statistic, bound }: Threshold) -> Self {
        let (absolute, margin) = match bound {
            Bound::Absolute { min, max } => ((min, max), MarginDocument::default()),
            Bound::Relative(margin) => ((None, None), margin.into()),
        };
        Self {
            statistic,
            min: absolute.0.map(Quantity::from),
            max: absolute.1.map(Quantity::from),
            factor: margin.factor,
            percent: margin.percent,
            difference: margin.difference,
        }
    }
}

impl From<TestCondition> for TestDocument {
    fn from(test: TestCondition) -> Self {
        Self {
            method: test.method,
            margin: test.margin.into(),
            confidence: Some(test.confidence.get().into()),
        }
    }
}

impl From<Margin> for MarginDocument {
    fn from(margin: Margin) -> Self {
        let mut document = Self::default();
        match margin {
            Margin::Factor(factor) => document.factor = Some(factor.into()),
            Margin::Percent(percent) => document.percent = Some(percent.into()),
            Margin::Difference(difference) => document.difference = Some(difference.into()),
        }
        document
    }
}
