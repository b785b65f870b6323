//! A policy as it stands in a file: keys as people write them, quantities with their units.
//! [`Policy`] is what it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::check::Check;
use super::condition::{Bound, Condition, TestCondition, TestMethod, Threshold};
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

/// One rule on one metric: a `threshold` or a `test`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Check")
)]
pub(super) struct CheckDocument {
    /// A name from `metrics`.
    pub(super) metric: String,
    /// What people call this check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// A point comparison of one number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) threshold: Option<ThresholdDocument>,
    /// A statistical comparison with a margin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) test: Option<TestDocument>,
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
            let unit = self
                .metrics
                .get(&check.metric)
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
        let condition: Condition = match (self.threshold, self.test) {
            (Some(threshold), None) => threshold.read(unit)?.into(),
            (None, Some(test)) => test.read(unit)?.into(),
            (threshold, _) => {
                let both = if threshold.is_some() {
                    "both"
                } else {
                    "neither"
                };
                let rule = "must have either a threshold or a test";
                return Err(Error::option(self.metric, rule, both));
            }
        };
        let check = Check::new(self.metric, condition);
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
        let confidence = match self.confidence {
            None => Confidence::default(),
            Some(written) => {
                let level = written.in_unit(None).and_then(Confidence::try_from);
                level.map_err(|error| error.in_argument("test.confidence"))?
            }
        };
        Ok(TestCondition {
            method: self.method,
            margin: self.margin.read(unit, "test.margin")?,
            confidence,
        })
    }
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
        let (threshold, test) = match check.condition {
            Condition::Threshold(threshold) => (Some(threshold.into()), None),
            Condition::Test(test) => (None, Some(test.into())),
        };
        Self {
            metric: check.metric.clone(),
            name: check.given_name.clone(),
            threshold,
            test,
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
