//! Argo Rollouts: the metrics of an `AnalysisTemplate`, checked as its controller checks them.

mod condition;
mod expression;
mod pattern;
mod run;

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

pub use pattern::ArgoPattern;
pub use run::{
    ArgoEffect, ArgoLook, ArgoMeasurement, ArgoMetricLook, ArgoMetricResult, ArgoPhase, ArgoRun,
};

use super::{document, duration};
use crate::error::Result;

/// The `spec` of an `AnalysisTemplate`: what an `AnalysisRun` measures, and when it gives up.
///
/// The names are Argo's own. What says where the numbers come from (`provider`, `args`) is kept and
/// not looked at.
///
/// # Example: a failureLimit of 3 needs four failures
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::judge::engines::{ArgoAnalysis, ArgoPhase, ArgoRun, EngineReading};
///
/// let analysis = ArgoAnalysis::from_json(r#"{"metrics": [
///     {"name": "errors", "interval": "1m", "failureLimit": 3,
///      "failureCondition": "result[0] >= 0.05"}
/// ]}"#)?;
/// let mut run = ArgoRun::new(analysis)?;
/// let bad = BTreeMap::from([("errors".to_owned(), EngineReading::Vector(vec![0.2]))]);
/// let phases: Vec<_> = (0..4).map(|_| run.look(&bad).phase).collect();
/// assert_eq!(phases[2], ArgoPhase::Running);
/// assert_eq!(phases[3], ArgoPhase::Failed);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArgoAnalysis {
    /// What is measured.
    pub metrics: Vec<ArgoMetric>,
    /// Metrics that are measured and reported, and never count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dry_run: Vec<ArgoPattern>,
    /// Of which metrics more than the last 10 measurements are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measurement_retention: Vec<ArgoRetention>,
    /// Arguments of the template; must be filled into the conditions already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Value>,
}

/// How many measurements of some metrics are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArgoRetention {
    /// Which metrics.
    #[serde(flatten)]
    pub pattern: ArgoPattern,
    /// How many; 0 means 10.
    pub limit: i64,
}

/// One metric of an [`ArgoAnalysis`]. Numbers may stand in quotes, as Argo allows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArgoMetric {
    /// Its name.
    pub name: String,
    /// Time between measurements, e.g. `1m`. Without one and without `count`: one measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// Time from the run's start to the first measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial_delay: Option<String>,
    /// How many measurements complete the metric; errors are not counted. 0 or none, with an
    /// interval: endless.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub count: Option<i64>,
    /// What a successful measurement fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success_condition: Option<String>,
    /// What a failed measurement fulfils.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_condition: Option<String>,
    /// **More** failures than this fail the metric; default 0. -1: failures do not.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub failure_limit: Option<i64>,
    /// **More** inconclusive measurements than this make the metric so; default 0.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub inconclusive_limit: Option<i64>,
    /// **More** errors in a row than this are an error of the metric; default 4.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub consecutive_error_limit: Option<i64>,
    /// **So many** successes in a row complete the metric; default 0: they do not.
    #[serde(
        default,
        deserialize_with = "whole",
        skip_serializing_if = "Option::is_none"
    )]
    pub consecutive_success_limit: Option<i64>,
    /// Where the numbers come from; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<Value>,
}

/// A whole number, possibly in quotes.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "must be a whole number")]
    enum Whole {
        Number(i64),
        Text(String),
    }
    match Option::<Whole>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Whole::Number(number)) => Ok(Some(number)),
        Some(Whole::Text(text)) => text
            .parse()
            .map(Some)
            .map_err(|_| serde::de::Error::custom(format!("must be a whole number, got {text:?}"))),
    }
}

impl ArgoAnalysis {
    /// Reads the `spec` of an `AnalysisTemplate`, or the whole manifest, from JSON.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy) with the path of what is wrong, and
    /// for what Argo's own validation refuses.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(document::json(text)?)
    }

    /// Reads the `spec` of an `AnalysisTemplate`, or the whole manifest, from YAML.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::read(document::yaml(text)?)
    }

    fn read(document: Value) -> Result<Self> {
        let analysis: Self = document::read(document::block(document, &["spec"]))?;
        analysis.check()?;
        Ok(analysis)
    }

    /// What Argo refuses before it measures anything, and conditions that are not understood here:
    /// about words or maps, or with a slip of the pen, with which Argo would start, and count each
    /// measurement as an error.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy).
    pub fn check(&self) -> Result<()> {
        if self.metrics.is_empty() {
            return Err(document::at("metrics", "needs at least one metric"));
        }
        let mut seen = BTreeSet::new();
        for (index, metric) in self.metrics.iter().enumerate() {
            let wrong = |message: String| document::at(&format!("metrics[{index}]"), &message);
            if !seen.insert(&metric.name) {
                return Err(wrong(format!("the name `{}` stands twice", metric.name)));
            }
            metric.check().map_err(wrong)?;
        }
        let retained = self.measurement_retention.iter().map(|rule| &rule.pattern);
        let rules = self.dry_run.iter().map(|pattern| ("dryRun", pattern));
        for (key, pattern) in rules.chain(retained.map(|pattern| ("measurementRetention", pattern)))
        {
            if !self
                .metrics
                .iter()
                .any(|metric| pattern.matches(&metric.name))
            {
                let message = format!("`{}` matches no metric", pattern.metric_name());
                return Err(document::at(key, &message));
            }
        }
        Ok(())
    }

    /// Whether a metric never counts.
    pub(super) fn is_dry_run(&self, name: &str) -> bool {
        self.dry_run.iter().any(|pattern| pattern.matches(name))
    }

    /// How many measurements of a metric are kept. The last rule that names it decides.
    pub(super) fn retained(&self, name: &str) -> usize {
        let mut rules = self.measurement_retention.iter().rev();
        let rule = rules.find(|rule| rule.pattern.matches(name));
        let limit = rule.map_or(0, |rule| rule.limit);
        usize::try_from(limit)
            .ok()
            .filter(|&limit| limit > 0)
            .unwrap_or(10)
    }
}

impl ArgoMetric {
    pub(super) fn failure_limit(&self) -> i64 {
        self.failure_limit.unwrap_or(0)
    }

    pub(super) fn inconclusive_limit(&self) -> i64 {
        self.inconclusive_limit.unwrap_or(0)
    }

    pub(super) fn consecutive_error_limit(&self) -> i64 {
        self.consecutive_error_limit.unwrap_or(4)
    }

    pub(super) fn consecutive_success_limit(&self) -> i64 {
        self.consecutive_success_limit.unwrap_or(0)
    }

    /// How many measurements complete the metric; none: endless.
    pub(super) fn effective_count(&self) -> Option<i64> {
        match (self.count.unwrap_or(0), &self.interval) {
            (0, None) => Some(1),
            (0, Some(_)) => None,
            (count, _) => Some(count),
        }
    }

    /// Seconds between measurements that are no errors.
    pub(super) fn interval_seconds(&self) -> Option<f64> {
        self.interval.as_deref().and_then(duration::seconds)
    }

    /// Seconds from the run's start to the first measurement.
    pub(super) fn initial_delay_seconds(&self) -> f64 {
        let delay = self.initial_delay.as_deref();
        delay.and_then(duration::seconds).unwrap_or(0.0)
    }

    fn check(&self) -> Result<(), String> {
        let failures = self.failure_limit();
        let successes = self.consecutive_success_limit();
        let inconclusive = self.inconclusive_limit();
        for (name, limit, least) in [
            ("consecutiveSuccessLimit", successes, 0),
            ("failureLimit", failures, -1),
            ("inconclusiveLimit", inconclusive, 0),
            ("consecutiveErrorLimit", self.consecutive_error_limit(), 0),
        ] {
            if limit < least {
                return Err(format!("{name}: must be at least {least}, got {limit}"));
            }
        }
        if failures == -1 && successes == 0 {
            let limits = "a failureLimit of -1 needs a consecutiveSuccessLimit";
            return Err(format!("{limits}, else nothing decides"));
        }
        let count = self.count.unwrap_or(0);
        let needed = failures.max(0).saturating_add(successes);
        if count > 0 && count < needed {
            let limits = "failureLimit + consecutiveSuccessLimit";
            return Err(format!(
                "count: must be at least {limits} = {needed}, got {count}"
            ));
        }
        if count > 0 && count < inconclusive {
            let least = format!("inconclusiveLimit = {inconclusive}");
            return Err(format!("count: must be at least {least}, got {count}"));
        }
        if count > 1 && self.interval.is_none() {
            return Err("interval: must be given when count is above 1".to_owned());
        }
        for (name, condition) in [
            ("successCondition", &self.success_condition),
            ("failureCondition", &self.failure_condition),
        ] {
            if let Some(text) = condition.as_deref().filter(|text| !text.is_empty()) {
                let parsed = expression::Expression::parse(text);
                parsed.map_err(|message| format!("{name}: {message}, in {text:?}"))?;
            }
        }
        for (name, text) in [
            ("interval", &self.interval),
            ("initialDelay", &self.initial_delay),
        ] {
            if let Some(text) = text
                .as_deref()
                .filter(|text| duration::seconds(text).is_none())
            {
                return Err(format!(
                    "{name}: must be a duration such as 1m30s, got {text:?}"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(metric: &str) -> String {
        let text = format!(r#"{{"metrics": [{{"name": "m", {metric}}}]}}"#);
        ArgoAnalysis::from_json(&text).unwrap_err().to_string()
    }

    #[test]
    fn what_argo_refuses_is_refused_by_name() {
        for (metric, message) in [
            (
                r#""failureLimit": -2"#,
                "failureLimit: must be at least -1, got -2",
            ),
            (
                r#""failureLimit": -1"#,
                "a failureLimit of -1 needs a consecutiveSuccessLimit",
            ),
            (
                r#""consecutiveSuccessLimit": -1"#,
                "consecutiveSuccessLimit: must be at least 0",
            ),
            (
                r#""inconclusiveLimit": -1"#,
                "inconclusiveLimit: must be at least 0",
            ),
            (
                r#""consecutiveErrorLimit": "-1""#,
                "consecutiveErrorLimit: must be at least 0",
            ),
            (
                r#""count": 2"#,
                "interval: must be given when count is above 1",
            ),
            (
                r#""count": 2, "interval": "1m", "failureLimit": 3"#,
                "= 3, got 2",
            ),
            (
                r#""count": 4, "interval": "1m", "failureLimit": 3, "consecutiveSuccessLimit": 2"#,
                "= 5, got 4",
            ),
            (
                r#""count": 1, "interval": "1m", "failureLimit": -1, "consecutiveSuccessLimit": 2"#,
                "= 2, got 1",
            ),
            (
                r#""count": 1, "inconclusiveLimit": 2"#,
                "inconclusiveLimit = 2, got 1",
            ),
            (
                r#""successCondition": "result[0] >= {{args.x}}""#,
                "successCondition: `{` is not understood, in \"result[0] >= {{args.x}}\"",
            ),
            (r#""interval": "1 minute""#, "interval: must be a duration"),
            (r#""initialDelay": "5""#, "initialDelay: must be a duration"),
            (
                r#""failurelimit": 3"#,
                "unknown field `failurelimit`, did you mean `failureLimit`?",
            ),
            (
                r#""count": "ten""#,
                "metrics[0].count: must be a whole number, got \"ten\"",
            ),
        ] {
            let error = refused(metric);
            assert!(error.contains(message), "{metric}: {error}");
            assert!(error.starts_with("policy: metrics[0]"), "{error}");
        }
    }

    #[test]
    fn limits_of_the_same_size_as_the_count_are_allowed() {
        for metric in [
            r#""count": 3, "interval": "1m", "failureLimit": 3"#,
            r#""count": "5", "interval": "1m", "failureLimit": "3", "consecutiveSuccessLimit": 2"#,
            r#""count": 2, "interval": "1m", "failureLimit": -1, "consecutiveSuccessLimit": 2"#,
            r#""interval": "1m", "failureLimit": 30"#,
            r#""failureLimit": 3"#,
        ] {
            let text = format!(r#"{{"metrics": [{{"name": "m", {metric}}}]}}"#);
            let analysis = ArgoAnalysis::from_json(&text).unwrap();
            let json = serde_json::to_string(&analysis).unwrap();
            assert_eq!(ArgoAnalysis::from_json(&json).unwrap(), analysis);
        }
    }

    #[test]
    fn metrics_must_be_there_and_have_names_of_their_own() {
        for (text, message) in [
            (
                r#"{"metrics": []}"#,
                "policy: metrics: needs at least one metric",
            ),
            (
                r#"{"metrics": [{"name": "m"}, {"name": "m"}]}"#,
                "policy: metrics[1]: the name `m` stands twice",
            ),
            (
                r#"{"metrics": [{"name": "m"}], "dryRun": [{"metricName": "n"}]}"#,
                "policy: dryRun: `n` matches no metric",
            ),
        ] {
            assert_eq!(
                ArgoAnalysis::from_json(text).unwrap_err().to_string(),
                message
            );
        }
    }

    #[test]
    fn a_whole_manifest_is_read_too() {
        let text = r#"{"kind": "AnalysisTemplate", "spec": {"metrics": [{"name": "m"}]}}"#;
        assert_eq!(ArgoAnalysis::from_json(text).unwrap().metrics.len(), 1);
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn yaml_is_read_as_it_stands_in_a_template() {
        let analysis = ArgoAnalysis::from_yaml(
            "
args:
- name: service-name
metrics:
- name: success-rate
  interval: 5m
  # NaN is no success
  successCondition: result[0] >= 0.95 && !isNaN(result[0])
  failureLimit: 3
  provider:
    prometheus:
      address: http://prometheus:9090
      query: sum(rate(ok[5m])) / sum(rate(all[5m]))
",
        );
        let metric = &analysis.unwrap().metrics[0];
        assert_eq!(metric.failure_limit(), 3);
        assert_eq!(metric.interval_seconds(), Some(300.0));
        assert!(
            metric
                .success_condition
                .as_deref()
                .unwrap()
                .ends_with("!isNaN(result[0])")
        );
        let error = ArgoAnalysis::from_yaml("metrics: [\n")
            .unwrap_err()
            .to_string();
        assert!(error.contains("(line "), "{error}");
    }
}
