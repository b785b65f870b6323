//! What is demanded of a canary, as one document.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::aggregate::Aggregation;
use super::check::Check;
use super::condition::Condition;
use super::derive::{PERCENT, in_order};
use super::document::PolicyDocument;
use super::expression::{Formula, Scope};
use super::playbook::{Playbook, is_playbook};
use super::read::{self, did_you_mean};
use super::units::Quantity;
use crate::data::{Direction, Metric};
use crate::error::{Error, Result};

/// Metrics and the checks on them. All checks must pass for a canary to be promoted.
///
/// # Example: a policy in JSON (YAML is the same, with the `yaml` feature)
/// ```
/// use canary_core::Policy;
///
/// let policy = Policy::from_json(r#"{
///     "version": 1,
///     "name": "checkout",
///     "metrics": {
///         "error_rate": {"direction": "increase"},
///         "latency": {"direction": "increase", "unit": "ms"}
///     },
///     "checks": [
///         {"metric": "error_rate",
///          "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}},
///         {"metric": "latency",
///          "test": {"method": "mann_whitney", "margin": {"percent": "5%"}, "confidence": "99%"}},
///         {"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}},
///         {"metric": "latency", "threshold": {"statistic": "p95", "max": "0.5s"}}
///     ]
/// }"#)?;
/// assert_eq!(policy.checks().len(), 4);
/// # Ok::<(), canary_core::Error>(())
/// ```
///
/// # Example: a slip of the pen is found, and what was meant is guessed
/// ```
/// use canary_core::Policy;
///
/// let error = Policy::from_json(r#"{"version": 1, "metrics": {}, "chekcs": []}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "policy: unknown key `chekcs`, did you mean `checks`? (line 1, column 38)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    name: Option<String>,
    metrics: BTreeMap<String, Metric>,
    checks: Vec<Check>,
    aggregation: Aggregation,
    formulas: BTreeMap<String, Formula>,
    parameters: BTreeMap<String, Quantity>,
}

impl Policy {
    /// The version of the written form that this release reads and writes.
    pub const VERSION: u32 = 1;

    /// A policy of `checks` on `metrics`.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] without any check, for a check of a metric that is not among
    /// the metrics (which way is worse must never be guessed), and for one that can never fail or always
    /// does, such as 100 % less of a metric that is worse when it decreases.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::judge::{Check, TestCondition, TestMethod};
    /// use canary_core::{Margin, Metric, Policy};
    ///
    /// let metrics = BTreeMap::from([("errors".to_owned(), Metric::default())]);
    /// let at_most = TestCondition::new(Margin::Difference(0.0025));
    /// let check = Check::new("errors", at_most.by(TestMethod::TwoProportionZ));
    /// assert!(Policy::new(metrics, vec![check]).is_ok());
    /// ```
    pub fn new(mut metrics: BTreeMap<String, Metric>, checks: Vec<Check>) -> Result<Self> {
        for metric in metrics.values_mut() {
            metric.unit = metric.unit.take().filter(|unit| !unit.trim().is_empty());
        }
        if checks.is_empty() {
            return Err(Error::policy("checks: needs at least one check"));
        }
        for (index, check) in checks.iter().enumerate() {
            let at = |problem: String| Error::policy(format!("checks[{index}].{problem}"));
            let mut seen = BTreeSet::new();
            for name in &check.metrics {
                if !metrics.contains_key(name) {
                    let guess = did_you_mean(name, metrics.keys().map(String::as_str));
                    let problem = format!("metric: `{name}` is not among the metrics{guess}");
                    return Err(at(problem));
                }
                if !seen.insert(name) {
                    return Err(at(format!("metrics: `{name}` stands twice")));
                }
            }
            check.check().map_err(|error| at(error.to_string()))?;
            let metric = metrics.get(check.first_metric());
            let direction = metric.map_or(Direction::default(), |metric| metric.direction);
            let reach = check.condition.check_reach(direction);
            reach.map_err(|error| at(error.to_string()))?;
        }
        Ok(Self {
            name: None,
            metrics,
            checks,
            aggregation: Aggregation::default(),
            formulas: BTreeMap::new(),
            parameters: BTreeMap::new(),
        })
    }

    /// The policy with a metric that is made of others: `errors / requests`, `cost / requests`. It is
    /// computed of each arm before anything is judged, after the formulas that it names.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] for a metric that is not among the policy's.
    ///
    /// ```
    /// use canary_core::{Arms, Gauge, Policy, Snapshot, Status, judge};
    /// use canary_core::judge::Formula;
    ///
    /// let policy = Policy::standard(["errors", "requests", "error_rate"])?
    ///     .formula("error_rate", Formula::parse("errors / requests")?)?;
    /// let number = |b, c| Ok::<_, canary_core::Error>(Arms::new(Gauge::new(b)?, Gauge::new(c)?));
    /// let snapshot = Snapshot::new()
    ///     .with("errors", number(90.0, 41.0)?)?
    ///     .with("requests", number(19_000.0, 1_000.0)?)?;
    /// let verdict = judge(&policy, &snapshot)?;
    /// let rate = verdict.findings.iter().find(|finding| finding.metric == "error_rate").unwrap();
    /// assert_eq!(rate.status, Status::Fail); // counts, and tested as such
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn formula(mut self, metric: impl Into<String>, formula: Formula) -> Result<Self> {
        let metric = metric.into();
        if !self.metrics.contains_key(&metric) {
            let guess = did_you_mean(&metric, self.metrics.keys().map(String::as_str));
            let problem = format!("formula: `{metric}` is not among the metrics{guess}");
            return Err(Error::policy(problem));
        }
        self.formulas.insert(metric, formula);
        Ok(self)
    }

    /// The policy with a value that conditions and formulas may name: a target, a budget.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<Quantity>) -> Self {
        self.parameters.insert(name.into(), value.into());
        self
    }

    /// The metrics that are made of others.
    #[must_use]
    pub const fn formulas(&self) -> &BTreeMap<String, Formula> {
        &self.formulas
    }

    /// The values that conditions and formulas may name.
    #[must_use]
    pub const fn parameters(&self) -> &BTreeMap<String, Quantity> {
        &self.parameters
    }

    /// The names that conditions and formulas may use.
    pub(super) fn scope(&self) -> Scope<'_> {
        let scope = Scope::new(&self.metrics);
        let parameters = self.parameters.iter();
        parameters.fold(scope, |scope, (name, value)| {
            scope.parameter(name, value.clone())
        })
    }

    /// Takes the numbers of checks on these metrics, which are in percent, for shares.
    pub(super) fn read_as_shares(&mut self, metrics: &[&str]) {
        for check in &mut self.checks {
            if check
                .metrics
                .iter()
                .any(|name| metrics.contains(&name.as_str()))
            {
                check.condition.in_another_unit(PERCENT);
            }
        }
    }

    /// Whether every condition and formula means something; else what is wrong with the first that
    /// does not: a name that is none, a part that divides by zero or is not finite whatever is measured, a
    /// condition that names no metric, formulas that are made of themselves.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] with the column in the condition.
    pub fn check_names(&self) -> Result<()> {
        let scope = self.scope();
        let mut formulas = BTreeMap::new();
        for (metric, formula) in &self.formulas {
            let bound = formula.bind(&scope).and_then(|bound| {
                bound.check_constants()?;
                Ok(bound)
            });
            let bound =
                bound.map_err(|error| Error::policy(format!("metrics.{metric}: {error}")))?;
            formulas.insert(metric.as_str(), bound);
        }
        in_order(formulas)?;
        for (index, check) in self.checks.iter().enumerate() {
            if let Condition::Expression(condition) = &check.condition {
                for expression in condition.both() {
                    let bound = check.bind(expression, &scope);
                    let checked = bound.and_then(|bound| bound.check_constants());
                    checked.map_err(|error| Error::policy(format!("checks[{index}]: {error}")))?;
                }
            }
        }
        Ok(())
    }

    /// The policy with another way from findings to a verdict.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] for thresholds, weights or shares out of range, for a [`Score`](super::Score) in
    /// which no check has any weight, and for a failure that promotes.
    ///
    /// ```
    /// use canary_core::judge::{Aggregation, Score};
    ///
    /// # let policy = canary_core::Policy::standard(["latency"])?;
    /// let by_points = policy.aggregated(Aggregation {
    ///     score: Some(Score::new(95.0, 75.0)),
    ///     ..Aggregation::default()
    /// })?;
    /// assert!(by_points.aggregation().score.is_some());
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn aggregated(mut self, aggregation: Aggregation) -> Result<Self> {
        let checked = aggregation.check(&self.checks);
        checked.map_err(|error| Error::policy(format!("verdict.{error}")))?;
        self.aggregation = aggregation;
        Ok(self)
    }

    /// How findings become a verdict.
    #[must_use]
    pub const fn aggregation(&self) -> &Aggregation {
        &self.aggregation
    }

    /// The policy under a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The metrics by name.
    #[must_use]
    pub const fn metrics(&self) -> &BTreeMap<String, Metric> {
        &self.metrics
    }

    /// The checks, in the order written.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Reads a policy from JSON, or [one block of a playbook](Self::phases).
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] with the path, the line and the column of what is wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        if read::json(text).is_ok_and(|keys| is_playbook(&keys)) {
            return read::json::<Playbook>(text)?.only();
        }
        read::json::<PolicyDocument>(text)?.read()
    }

    /// The policy as JSON, quantities as plain numbers in their metric's unit.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Reads a policy from YAML, or [one block of a playbook](Self::phases).
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] with the path, the line and the column of what is wrong.
    ///
    /// ```
    /// use canary_core::Policy;
    ///
    /// let policy = Policy::from_yaml("
    /// version: 1
    /// metrics:
    ///   latency: {unit: ms, direction: increase}
    /// checks:
    ///   - metric: latency
    ///     threshold: {statistic: p99, percent: 50%}
    /// ")?;
    /// assert_eq!(policy.checks()[0].name(), "latency p99");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self> {
        if read::yaml(text).is_ok_and(|keys| is_playbook(&keys)) {
            return read::yaml::<Playbook>(text)?.only();
        }
        read::yaml::<PolicyDocument>(text)?.read()
    }

    /// Reads the blocks of a playbook as they stand there, each as a policy with the block's name, in the
    /// order written. The text is YAML (without the `yaml` feature JSON), and states no `version`. One
    /// block alone is also read by [`Policy::from_yaml`] and [`Policy::from_json`].
    ///
    /// # A phase: `canary-5-percent`
    /// | key | what it becomes |
    /// |---|---|
    /// | `traffic-split: {baseline: 95, canary: 5}` | a `sample_ratio` check (role quality) of `requests`; percent that make 100, the canary's as the block is called |
    /// | `analysis: {interval: 10m, iterations: 6}` | `min_time`: all looks together, an hour |
    /// | `analysis: {statistical-significance: true}` | beside each increase a test with the same margin, at 95 % confidence: the canary passes when it is proved to be within it |
    /// | `analysis: {confidence-level: 99%}` | the same, at that confidence |
    /// | `thresholds: {error-rate-increase: 50%}` | `error_rate` at most 50 % above the baseline's; so says 0.5, and `1.5x` |
    /// | `thresholds: {latency-increase: 50%}` | the p99 of `latency` at most 50 % above the baseline's; so says `1.5x` |
    /// | `thresholds: {success-rate-min: 97%}` | `success_rate` at least 97 %, whatever the baseline's; so says 0.97 |
    ///
    /// "Latency increase" is a percentage in the playbooks' YAML and a ratio in their code. A plain number
    /// between 1 and 10 is the code's ratio: 2.0 is twice the baseline. Any other plain number could be
    /// either, and is refused with the question which.
    ///
    /// # Triggers and alerts: `rollback-triggers: {automatic: [...]}`, `alerts: [...]`
    /// | key | what it becomes |
    /// |---|---|
    /// | `condition: error-rate > 3%` | `fail_if`; a metric's name alone is a flag, which is raised above 0 |
    /// | `duration: 5m` | a limit: how long the condition must hold, where a rollout is watched |
    /// | `action: immediate-rollback`, `auto_rollback`, `rollback` | the canary is rolled back |
    /// | `action: notify_on_call` | `on_call` is told, and the canary gets no more traffic (hold) |
    /// | `severity` (of alerts) | severity; without it what is rolled back is critical, what is told medium |
    /// | `name` (of alerts) | the check's name |
    ///
    /// All alerts of one severity must ask for the same, because a policy's actions go by severity.
    ///
    /// # Metrics
    /// | better by less | better by more | neither |
    /// |---|---|---|
    /// | `error_rate`, `latency` (ms), `response_time` (ms), `cpu_usage`, `memory_usage`, `cost_per_request`, `critical_error_logged` | `success_rate`, `throughput` (req/s), `fairness_metric` | `requests` |
    ///
    /// Conditions write them with `-` or `_`, with an arm before them and a statistic within:
    /// `canary_p95_latency`. Shares are shares: 3 % is 0.03.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] with the path of what is wrong, and for a key that is not in these tables
    /// with its name, the line and the column.
    ///
    /// ```
    /// use canary_core::Policy;
    ///
    /// let phases = Policy::phases(r#"{
    ///     "canary-1-percent": {"thresholds": {"latency-increase": "100%"}},
    ///     "canary-5-percent": {"thresholds": {"latency-increase": 1.5}}
    /// }"#)?;
    /// let names: Vec<&str> = phases.iter().map(|(name, _)| name.as_str()).collect();
    /// assert_eq!(names, ["canary-1-percent", "canary-5-percent"]);
    ///
    /// let unclear = r#"{"canary-5-percent": {"thresholds": {"latency-increase": 0.5}}}"#;
    /// let error = Policy::from_json(unclear).unwrap_err().to_string();
    /// assert!(error.contains("is it a part or a multiple of the baseline?"), "{error}");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn phases(text: &str) -> Result<Vec<(String, Self)>> {
        #[cfg(feature = "yaml")]
        let playbook: Playbook = read::yaml(text)?;
        #[cfg(not(feature = "yaml"))]
        let playbook: Playbook = read::json(text)?;
        playbook.phases()
    }

    /// The JSON schema of a policy file, for editors.
    ///
    /// ```
    /// assert_eq!(canary_core::Policy::json_schema()["title"], "Policy");
    /// ```
    #[cfg(feature = "schema")]
    #[must_use]
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(PolicyDocument).to_value()
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PolicyDocument::from(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PolicyDocument::deserialize(deserializer)?
            .read()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(checks: &str) -> String {
        let text = format!(
            r#"{{"version": 1, "metrics": {{"latency": {{"unit": "ms"}}}}, "checks": [{checks}]}}"#
        );
        let error = Policy::from_json(&text).unwrap_err().to_string();
        error.split(" (line").next().unwrap().to_owned()
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_the_likely_meaning() {
        for (checks, message) in [
            ("", "policy: checks: needs at least one check"),
            (
                r#"{"metric": "latncy", "threshold": {"statistic": "p99", "max": 1}}"#,
                "policy: checks[0].metric: `latncy` is not among the metrics, did you mean `latency`?",
            ),
            (
                r#"{"metric": "latency", "threshold": {"statisic": "p99", "max": 1}}"#,
                "policy: checks[0].threshold: unknown key `statisic`, did you mean `statistic`?",
            ),
            (
                r#"{"metric": "latency", "threshold": {"statistic": "p101", "max": 1}}"#,
                "policy: checks[0].threshold.statistic: must be p0 to p100 or one of rate, \
                 value, mean, median, min, max, stddev, count, first, last, got \"p101\"",
            ),
            (
                r#"{"metric": "latency", "threshold": {"statistic": "p99", "max": "500MB"}}"#,
                "policy: checks[0].threshold.max: must be in ms, got 500MB",
            ),
            (
                r#"{"metric": "latency", "threshold": {"statistic": "p99"}}"#,
                "policy: checks[0].threshold: must have min or max, or one of factor, percent and \
                 difference, got none",
            ),
            (
                r#"{"metric": "latency"}"#,
                "policy: checks[0].latency: must have exactly one kind of rule, such as threshold, test or \
                 fail_if, got none",
            ),
            (
                r#"{"metric": "latency", "test": {"method": "t_tset", "margin": {"percent": 5}}}"#,
                "policy: checks[0].test.method: must be one of auto, t_test, mann_whitney, \
                 quantile, spread, two_proportion_z, two_rates, paired_series, got t_tset, did you mean `t_test`?",
            ),
            (
                r#"{"metric": "latency", "test": {"method": "t_test", "margin": {"factor": 0.5}}}"#,
                "policy: checks[0].test.margin.factor: factor must be at least 1, got 0.5",
            ),
            (
                r#"{"metric": "latency", "test": {"method": "t_test", "margin": {"percent": 5},
                    "confidence": 95}}"#,
                "policy: checks[0].test.confidence: must lie in (0, 1), got 95",
            ),
        ] {
            assert_eq!(refused(checks), message);
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_refused() {
        for (policy, twice) in [
            (
                r#"{"version": 1, "metrics": {"a": {"direction": "increase"}, "a": {"direction": "decrease"}},
                    "checks": [{"metric": "a", "standard": {}}]}"#,
                "metrics: the key `a` stands twice",
            ),
            (
                r#"{"version": 1, "metrics": {"a": {}}, "parameters": {"b": 1, "c": 1, "b": 2},
                    "checks": [{"metric": "a", "standard": {}}]}"#,
                "parameters: the key `b` stands twice",
            ),
            (
                r#"{"version": 1, "metrics": {"a": {}}, "checks": [{"metric": "a", "standard": {}}],
                    "verdict": {"score": {"pass": 90, "weights": {"x": 1, "x": 2}}}}"#,
                "verdict.score.weights: the key `x` stands twice",
            ),
        ] {
            let error = Policy::from_json(policy).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("policy: {twice} (line ")),
                "{error}"
            );
        }
        let text = r#"{"a": {"baseline": 1, "canary": 2}, "a": {"baseline": 1, "canary": 3}}"#;
        let error = serde_json::from_str::<crate::Snapshot>(text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("the key `a` stands twice"), "{error}");
        let text = r#"{"a": {"baseline": 1, "canary": {"events": 1, "trials": 5, "trials": 9}}}"#;
        let error = serde_json::from_str::<crate::Snapshot>(text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("the key `trials` stands twice"), "{error}");
    }

    #[test]
    fn another_version_is_refused() {
        let text = r#"{"version": 2, "metrics": {}, "checks": []}"#;
        let error = Policy::from_json(text).unwrap_err().to_string();
        assert_eq!(
            error,
            "policy: version: this release reads version 1, got 2"
        );
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn bad_yaml_has_a_line_and_a_column() {
        for (text, line) in [
            (
                "version: 1\nmetrics: {a: {}}\nchecks:\n  - metric: a\n    tset: 1\n",
                5,
            ),
            ("version: 1\nmetrics: [a\n", 2),
            ("version: one\nmetrics: {}\nchecks: []\n", 1),
        ] {
            match Policy::from_yaml(text) {
                Err(Error::InvalidPolicy {
                    location: Some(location),
                    message,
                }) => {
                    assert!(!message.contains("line"), "{message}");
                    assert_eq!(location.line, line, "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn several_documents_are_refused_in_our_words() {
        let one = "version: 1\nmetrics: {a: {}}\nchecks: [{metric: a, standard: {}}]\n";
        let error = Policy::from_yaml(&format!("{one}---\n{one}"))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("policy: there are several documents in the text"),
            "{error}"
        );
        assert!(!error.contains("from_str"), "{error}");
    }

    #[test]
    fn an_empty_unit_is_none() {
        let text = r#"{"version": 1, "metrics": {"m": {"unit": ""}}, "checks": [{"metric": "m", "threshold": {"max": "1ms"}}]}"#;
        let error = Policy::from_json(text).unwrap_err().to_string();
        assert!(error.contains("because the metric has no unit"), "{error}");
        let policy = Policy::from_json(&text.replace("1ms", "1")).unwrap();
        assert_eq!(policy.metrics()["m"].unit, None);
    }

    #[test]
    fn a_written_policy_reads_as_itself() {
        let text = r#"{"version": 1, "name": "n", "metrics": {"m": {"unit": "ms", "direction": "either"}},
            "checks": [
                {"metric": "m", "name": "x", "threshold": {"statistic": "p99.9", "min": "1s", "max": "2s"}},
                {"metric": "m", "test": {"method": "mann_whitney", "margin": {"factor": "1.5x"},
                                         "confidence": "99%"}}]}"#;
        let policy = Policy::from_json(text).unwrap();
        assert_eq!(Policy::from_json(&policy.to_json()).unwrap(), policy);
    }
}
