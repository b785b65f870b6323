//! Flagger: the analysis of a Canary, and how it judges one metric.

mod run;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use run::{FlaggerCheck, FlaggerHooks, FlaggerLook, FlaggerPhase, FlaggerRun};

use super::limits::Outcome;
use super::reading::EngineReading;
use super::{document, duration};
use crate::error::Result;

/// The `spec.analysis` of a Canary: how its weight grows, and what holds it.
///
/// The names are Flagger's own. What says whom to call (`webhooks`, `alerts`, ...) is kept and not
/// looked at; what the hooks answered is handed in with each tick. A service mesh is assumed: with
/// the `kubernetes` provider weights are not moved.
///
/// # Example: the rollback comes one interval after the last failure that is allowed
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::judge::engines::{
///     FlaggerAnalysis, FlaggerHooks, FlaggerPhase, FlaggerRun, EngineReading,
/// };
///
/// let analysis = FlaggerAnalysis::from_json(r#"{
///     "interval": "1m", "threshold": 2, "stepWeight": 10, "maxWeight": 50,
///     "metrics": [{"name": "request-success-rate", "thresholdRange": {"min": 99}}]
/// }"#)?;
/// let mut run = FlaggerRun::new(analysis)?;
/// let bad = BTreeMap::from([("request-success-rate".to_owned(), EngineReading::Number(90.0))]);
/// let looks: Vec<_> = (0..4).map(|_| run.tick(&bad, FlaggerHooks::default())).collect();
/// assert_eq!(looks[0].weight, 10); // the first tick measures nothing
/// assert_eq!((looks[2].failed_checks, looks[2].phase), (2, FlaggerPhase::Progressing));
/// assert_eq!((looks[3].weight, looks[3].phase), (0, FlaggerPhase::Failed));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlaggerAnalysis {
    /// Time between ticks; 60 s if it is missing or cannot be read, and at least 10 s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// **So many** failed checks roll back, at the tick after; 1 if missing or less.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub threshold: i64,
    /// The weight from which it is promoted; 100 if missing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub max_weight: i64,
    /// What each tick adds to the weight.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step_weight: i64,
    /// The weights one after the other, the last one being the most. `stepWeight` wins over them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub step_weights: Vec<i64>,
    /// What each tick moves back to the primary after the promotion; all at once if missing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub step_weight_promotion: i64,
    /// Ticks of a blue/green or (with `match`) an A/B analysis; no weights then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub iterations: i64,
    /// Whether traffic is copied to the canary before it is shifted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mirror: bool,
    /// How much of it is copied; not looked at.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mirror_weight: i64,
    /// Which requests are the canary's, in an A/B analysis.
    #[serde(rename = "match", default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Value>,
    /// What is measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<FlaggerMetric>,
    /// Hooks; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhooks: Option<Value>,
    /// Alerts; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Value>,
    /// Sticky sessions; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_affinity: Option<Value>,
    /// Pods that must be ready, in percent; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_ready_threshold: Option<i64>,
    /// Pods that must be ready, in percent; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary_ready_threshold: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// One metric of a [`FlaggerAnalysis`].
///
/// `request-success-rate` (in percent) and `request-duration` (in milliseconds) are built in; any
/// other one needs a `templateRef` or a `query`, without which it fails every check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlaggerMetric {
    /// Its name.
    pub name: String,
    /// Over how long it is measured; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<String>,
    /// What a check passes, both ends included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_range: Option<FlaggerRange>,
    /// Without a range: the least success rate, the most of anything else. 0 if missing!
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// A Prometheus query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The `MetricTemplate` that measures it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_ref: Option<Value>,
    /// What is filled into the template; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_variables: Option<Value>,
    /// The template's `spec.provider.type`, which stands in another manifest: say it here.
    /// `prometheus` if missing. Any other one lets a NaN pass every range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// What a check passes, both ends included; an end that is missing does not limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlaggerRange {
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

const SUCCESS_RATE: &str = "request-success-rate";
const DURATION: &str = "request-duration";

impl FlaggerAnalysis {
    /// Reads the `spec.analysis` of a Canary, or the whole manifest, from JSON.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy) with the path of what is wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(document::json(text)?)
    }

    /// Reads the `spec.analysis` of a Canary, or the whole manifest, from YAML.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::read(document::yaml(text)?)
    }

    fn read(document: Value) -> Result<Self> {
        let analysis: Self = document::read(document::block(document, &["spec", "analysis"]))?;
        analysis.check()?;
        Ok(analysis)
    }

    /// Weights and limits that Flagger's manifests cannot have.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy) for a negative number and for a range
    /// whose end is no number.
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("threshold", self.threshold),
            ("maxWeight", self.max_weight),
            ("stepWeight", self.step_weight),
            ("stepWeightPromotion", self.step_weight_promotion),
            ("iterations", self.iterations),
        ];
        let steps = self
            .step_weights
            .iter()
            .map(|&weight| ("stepWeights", weight));
        for (name, number) in numbers.into_iter().chain(steps) {
            if number < 0 {
                let message = format!("must be at least 0, got {number}");
                return Err(document::at(name, &message));
            }
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            let range = metric.threshold_range.unwrap_or_default();
            let ends = [range.min, range.max, metric.threshold];
            if ends.into_iter().flatten().any(|end| !end.is_finite()) {
                let path = format!("metrics[{index}]");
                return Err(document::at(&path, "a threshold must be finite"));
            }
        }
        Ok(())
    }

    /// Seconds between ticks.
    ///
    /// ```
    /// use canary_core::judge::engines::FlaggerAnalysis;
    ///
    /// let analysis = FlaggerAnalysis::from_json(r#"{"interval": "5s"}"#)?;
    /// assert_eq!(analysis.interval_seconds(), 10.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn interval_seconds(&self) -> f64 {
        let given = self.interval.as_deref().and_then(duration::seconds);
        given.map_or(60.0, |seconds| seconds.max(10.0))
    }

    pub(super) fn threshold(&self) -> u64 {
        u64::try_from(self.threshold).unwrap_or(1).max(1)
    }

    pub(super) fn max_weight(&self) -> i64 {
        match (self.step_weights.last(), self.max_weight) {
            (Some(&last), _) => last.min(100),
            (None, 0) => 100,
            (None, most) => most,
        }
    }

    /// What the next tick adds to `weight`.
    pub(super) fn next_step(&self, weight: i64) -> i64 {
        let Some(&first) = self.step_weights.first() else {
            return self.step_weight;
        };
        if self.step_weight > 0 {
            return self.step_weight;
        }
        let most = 100_i64.saturating_sub(weight);
        if most == 0 {
            return 1;
        }
        if weight == 0 {
            return first.min(most);
        }
        let pairs = self
            .step_weights
            .iter()
            .zip(self.step_weights.iter().skip(1));
        let next = pairs.into_iter().find(|(step, _)| **step == weight);
        next.map_or(most, |(_, next)| next.saturating_sub(weight).min(most))
    }
}

impl FlaggerMetric {
    /// Whether it is checked before the metrics of templates.
    pub(super) fn is_built_in(&self) -> bool {
        self.name == SUCCESS_RATE || self.name == DURATION || self.has_query()
    }

    fn has_query(&self) -> bool {
        self.query.as_deref().is_some_and(|query| !query.is_empty())
    }

    /// Whether it is checked among the metrics of templates; what nothing measures fails there.
    pub(super) fn is_of_a_template(&self) -> bool {
        self.template_ref.is_some() || !self.is_built_in()
    }

    /// Why a check of this reading fails; none if it passes. Of a template or built in: a metric
    /// that is both is checked as both.
    pub(super) fn fault(
        &self,
        reading: Option<&EngineReading>,
        of_template: bool,
    ) -> Option<String> {
        if of_template && self.template_ref.is_none() {
            return Some("there is neither a template nor a query".to_owned());
        }
        let value = match reading {
            None | Some(EngineReading::Nothing) => return Some("no values found".to_owned()),
            Some(EngineReading::Known(Outcome::Pass)) => return None,
            Some(EngineReading::Known(Outcome::Error)) => {
                return Some("the query failed".to_owned());
            }
            Some(EngineReading::Known(outcome)) => return Some(outcome.to_string()),
            Some(EngineReading::Number(value)) => *value,
            // Prometheus: the first value; Datadog: the oldest point.
            Some(EngineReading::Vector(values)) => match values.first() {
                Some(value) => *value,
                None => return Some("no values found".to_owned()),
            },
        };
        let provider = self.provider.as_deref().filter(|_| of_template);
        if value.is_nan() && provider.unwrap_or("prometheus") == "prometheus" {
            return Some("no values found".to_owned());
        }
        let whole_milliseconds = self.name == DURATION && !of_template;
        let rounded = |x: f64| if whole_milliseconds { x.trunc() } else { x };
        let value = rounded(value);
        let range = self
            .threshold_range
            .unwrap_or_else(|| self.threshold_as_range(of_template));
        let min = range.min.map(rounded);
        let max = range.max.map(rounded);
        // A NaN is neither below nor above.
        match (min, max) {
            (Some(min), _) if value < min => Some(format!("{value} < {min}")),
            (_, Some(max)) if value > max => Some(format!("{value} > {max}")),
            _ => None,
        }
    }

    /// Without a range: the older form, of which a missing number is 0.
    fn threshold_as_range(&self, of_template: bool) -> FlaggerRange {
        let threshold = Some(self.threshold.unwrap_or(0.0));
        match self.name == SUCCESS_RATE && !of_template {
            true => FlaggerRange {
                min: threshold,
                max: None,
            },
            false => FlaggerRange {
                min: None,
                max: threshold,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(json: &str) -> FlaggerMetric {
        serde_json::from_str(json).unwrap()
    }

    fn passes(metric: &FlaggerMetric, value: f64) -> bool {
        let reading = EngineReading::Number(value);
        let built_in = metric.is_built_in() && metric.fault(Some(&reading), false).is_some();
        let template = metric.is_of_a_template() && metric.fault(Some(&reading), true).is_some();
        !built_in && !template
    }

    #[test]
    fn ranges_include_both_ends() {
        let metric = metric(
            r#"{"name": "m", "templateRef": {"name": "t"}, "thresholdRange": {"min": 1, "max": 2}}"#,
        );
        for (value, expected) in [(1.0, true), (2.0, true), (0.999, false), (2.001, false)] {
            assert_eq!(passes(&metric, value), expected, "{value}");
        }
    }

    #[test]
    fn a_nan_passes_every_range_unless_prometheus_gave_it() {
        for (provider, expected) in [
            ("", false),
            (r#", "provider": "prometheus""#, false),
            (r#", "provider": "datadog""#, true),
            (r#", "provider": "cloudwatch""#, true),
        ] {
            let metric = metric(&format!(
                r#"{{"name": "m", "templateRef": {{}}, "thresholdRange": {{"min": 1, "max": 2}}{provider}}}"#
            ));
            assert_eq!(passes(&metric, f64::NAN), expected, "{provider}");
        }
        // What is built in asks Prometheus whatever the template's provider.
        let metric = metric(r#"{"name": "request-duration", "provider": "datadog"}"#);
        assert!(!passes(&metric, f64::NAN));
    }

    #[test]
    fn durations_are_compared_in_whole_milliseconds() {
        let json = |name| {
            format!(r#"{{"name": "{name}", "query": "q", "thresholdRange": {{"max": 500.9}}}}"#)
        };
        let duration = metric(&json("request-duration").replace(r#""query": "q","#, ""));
        assert!(passes(&duration, 500.99));
        assert!(!passes(&duration, 501.0));
        let other = metric(&json("latency"));
        assert!(!passes(&other, 500.99));
    }

    #[test]
    fn without_a_range_a_missing_threshold_is_zero() {
        assert!(passes(&metric(r#"{"name": "request-success-rate"}"#), 0.0));
        assert!(passes(
            &metric(r#"{"name": "request-success-rate", "threshold": 99}"#),
            99.0
        ));
        assert!(!passes(
            &metric(r#"{"name": "request-success-rate", "threshold": 99}"#),
            98.9
        ));
        assert!(!passes(&metric(r#"{"name": "m", "query": "q"}"#), 0.001));
        assert!(passes(&metric(r#"{"name": "m", "query": "q"}"#), -1.0));
        // A range without ends passes anything.
        assert!(passes(
            &metric(r#"{"name": "m", "query": "q", "thresholdRange": {}}"#),
            1e9
        ));
    }

    #[test]
    fn a_metric_that_nothing_measures_fails() {
        let nobody = metric(r#"{"name": "m", "thresholdRange": {"max": 1}}"#);
        assert!(!passes(&nobody, 0.5));
        let fault = nobody.fault(Some(&EngineReading::Number(0.5)), true);
        assert_eq!(
            fault.as_deref(),
            Some("there is neither a template nor a query")
        );
    }

    #[test]
    fn steps_follow_the_list_or_the_step() {
        let analysis = |json: &str| FlaggerAnalysis::from_json(json).unwrap();
        let list = analysis(r#"{"stepWeights": [1, 5, 50]}"#);
        assert_eq!(list.max_weight(), 50);
        assert_eq!(
            [0, 1, 5, 50].map(|weight| list.next_step(weight)),
            [1, 4, 45, 50]
        );
        let both = analysis(r#"{"stepWeights": [1, 5], "stepWeight": 10, "maxWeight": 80}"#);
        assert_eq!((both.max_weight(), both.next_step(1)), (5, 10));
        assert_eq!(analysis(r#"{"stepWeights": [120]}"#).max_weight(), 100);
        assert_eq!(analysis("{}").max_weight(), 100);
    }

    #[test]
    fn mistakes_are_named() {
        for (json, message) in [
            (
                r#"{"treshold": 2}"#,
                "policy: unknown field `treshold`, did you mean `threshold`?",
            ),
            (
                r#"{"stepWeight": -1}"#,
                "policy: stepWeight: must be at least 0, got -1",
            ),
            (
                r#"{"metrics": [{"name": "m", "thresholdRange": {"maximum": 1}}]}"#,
                "policy: metrics[0].thresholdRange: unknown field `maximum`",
            ),
        ] {
            let error = FlaggerAnalysis::from_json(json).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_whole_manifest_is_read_too() {
        let text = r#"{"kind": "Canary", "spec": {"analysis": {"interval": "30s"}}}"#;
        assert_eq!(
            FlaggerAnalysis::from_json(text).unwrap().interval_seconds(),
            30.0
        );
        for (interval, seconds) in [("1s", 10.0), ("soon", 60.0), ("2m", 120.0)] {
            let text = format!(r#"{{"interval": "{interval}"}}"#);
            assert_eq!(
                FlaggerAnalysis::from_json(&text)
                    .unwrap()
                    .interval_seconds(),
                seconds
            );
        }
    }
}
