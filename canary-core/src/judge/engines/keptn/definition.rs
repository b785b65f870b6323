//! An `AnalysisDefinition` of the newer Keptn: what fails, what warns, and the rest passes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{KeptnEvaluation, KeptnObjectiveResult, KeptnOutcome, KeptnQuantity, number};
use crate::error::Result;
use crate::judge::engines::document;
use crate::judge::engines::reading::EngineReading;

/// The `spec` of an `AnalysisDefinition`. The names are Keptn's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnDefinition {
    /// What is demanded.
    #[serde(default)]
    pub objectives: Vec<KeptnDefinitionObjective>,
    /// The score that is demanded.
    pub total_score: KeptnPercentages,
}

/// The score that a [`KeptnDefinition`] demands, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnPercentages {
    /// From which on it passes.
    pub pass_percentage: i64,
    /// From which on it is a warning.
    pub warning_percentage: i64,
}

/// One objective of a [`KeptnDefinition`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnDefinitionObjective {
    /// What measures it.
    pub analysis_value_template_ref: KeptnReference,
    /// What fails and what warns; without any, every number passes.
    #[serde(default)]
    pub target: KeptnTarget,
    /// What it adds to the score; 1 if missing. With 0, a key objective always fails.
    #[serde(default = "one")]
    pub weight: i64,
    /// Whether its failure fails the whole analysis.
    #[serde(default)]
    pub key_objective: bool,
}

const fn one() -> i64 {
    1
}

/// Which `AnalysisValueTemplate` measures an objective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnReference {
    /// Its name, under which its readings are handed in.
    pub name: String,
    /// Its namespace; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

/// What fails and what warns. What fails is looked at first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnTarget {
    /// Met: it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<KeptnOperator>,
    /// Met: half the score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<KeptnOperator>,
}

/// One comparison; exactly one of them must be there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnOperator {
    /// The value is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than_or_equal: Option<KeptnValue>,
    /// The value is below this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<KeptnValue>,
    /// The value is above this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greater_than: Option<KeptnValue>,
    /// The value is at least this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greater_than_or_equal: Option<KeptnValue>,
    /// The value is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equal_to: Option<KeptnValue>,
    /// The value lies in this range, the ends included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_range: Option<KeptnRange>,
    /// The value lies outside this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in_range: Option<KeptnRange>,
}

/// A number to compare with, as Kubernetes writes them: `500m` is half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnValue {
    /// The number.
    pub fixed_value: KeptnQuantity,
}

/// A range to compare with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptnRange {
    /// Its lower end.
    pub low_bound: KeptnQuantity,
    /// Its upper end.
    pub high_bound: KeptnQuantity,
}

impl KeptnOperator {
    fn is_met(&self, value: f64) -> bool {
        let of = |target: &Option<KeptnValue>, is: fn(&f64, &f64) -> bool| {
            let target = target.as_ref();
            target.is_some_and(|target| is(&value, &target.fixed_value.get()))
        };
        let below = |range: &KeptnRange| value < range.low_bound.get();
        let above = |range: &KeptnRange| value > range.high_bound.get();
        of(&self.equal_to, f64::eq)
            || of(&self.less_than_or_equal, f64::le)
            || of(&self.less_than, f64::lt)
            || of(&self.greater_than_or_equal, f64::ge)
            || of(&self.greater_than, f64::gt)
            || self
                .in_range
                .as_ref()
                .is_some_and(|range| range.contains(value))
            || self
                .not_in_range
                .as_ref()
                .is_some_and(|range| below(range) || above(range))
    }

    fn check(&self) -> Result<(), String> {
        let values = [
            &self.less_than_or_equal,
            &self.less_than,
            &self.greater_than,
            &self.greater_than_or_equal,
            &self.equal_to,
        ];
        let ranges = [&self.in_range, &self.not_in_range];
        let given = values.into_iter().flatten().count() + ranges.into_iter().flatten().count();
        if given != 1 {
            return Err(format!("must have exactly one operator, got {given}"));
        }
        for KeptnRange {
            low_bound,
            high_bound,
        } in ranges.into_iter().flatten()
        {
            if low_bound.get() >= high_bound.get() {
                let got = format!("got {low_bound} and {high_bound}");
                return Err(format!("lowBound must be below highBound, {got}"));
            }
        }
        Ok(())
    }
}

impl KeptnRange {
    fn contains(&self, value: f64) -> bool {
        value >= self.low_bound.get() && value <= self.high_bound.get()
    }
}

impl KeptnDefinition {
    /// What the admission webhook and the schema refuse.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`](crate::Error::InvalidPolicy).
    pub fn check(&self) -> Result<()> {
        for (index, objective) in self.objectives.iter().enumerate() {
            let KeptnTarget { failure, warning } = &objective.target;
            for (name, operator) in [("failure", failure), ("warning", warning)] {
                if let Some(Err(message)) = operator.as_ref().map(KeptnOperator::check) {
                    let path = format!("objectives[{index}].target.{name}");
                    return Err(document::at(&path, &message));
                }
            }
        }
        let KeptnPercentages {
            pass_percentage,
            warning_percentage,
        } = self.total_score;
        let percent = 0..=100;
        if !percent.contains(&pass_percentage) || !percent.contains(&warning_percentage) {
            return Err(document::at(
                "totalScore",
                "percentages must lie in [0, 100]",
            ));
        }
        if warning_percentage >= pass_percentage {
            let message = "warningPercentage must be below passPercentage";
            return Err(document::at("totalScore", message));
        }
        Ok(())
    }

    pub(super) fn evaluate(
        &self,
        readings: &BTreeMap<String, EngineReading>,
    ) -> Result<KeptnEvaluation> {
        let mut objectives = Vec::with_capacity(self.objectives.len());
        let (mut maximum, mut total, mut key_failed) = (0.0, 0.0, false);
        for objective in &self.objectives {
            let name = &objective.analysis_value_template_ref.name;
            let weight = objective.weight as f64;
            let reading = readings.get(name).unwrap_or(&EngineReading::Nothing);
            let (result, score) = match number(name, reading)? {
                None => (KeptnOutcome::Fail, 0.0),
                Some(value) => objective.target.judge(value, weight),
            };
            maximum += weight;
            total += score;
            // Failed is what has no score, even where it has none to gain.
            key_failed |= objective.key_objective && score == 0.0;
            objectives.push(KeptnObjectiveResult {
                name: name.clone(),
                value: reading.clone(),
                result,
                score,
                key: objective.key_objective,
            });
        }
        let score = match (maximum == 0.0, total == maximum) {
            (true, _) => 0.0,
            (_, true) => 100.0,
            _ => total / maximum * 100.0,
        };
        let KeptnPercentages {
            pass_percentage,
            warning_percentage,
        } = self.total_score;
        let result = if key_failed {
            KeptnOutcome::Fail
        } else if score >= pass_percentage as f64 {
            KeptnOutcome::Pass
        } else if score >= warning_percentage as f64 {
            KeptnOutcome::Warning
        } else {
            KeptnOutcome::Fail
        };
        Ok(KeptnEvaluation {
            result,
            score,
            key_failed,
            message: None,
            objectives,
        })
    }
}

impl KeptnTarget {
    fn judge(&self, value: f64, weight: f64) -> (KeptnOutcome, f64) {
        let is_met =
            |operator: &Option<KeptnOperator>| operator.as_ref().is_some_and(|it| it.is_met(value));
        if is_met(&self.failure) {
            (KeptnOutcome::Fail, 0.0)
        } else if is_met(&self.warning) {
            (KeptnOutcome::Warning, weight / 2.0)
        } else {
            (KeptnOutcome::Pass, weight)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::engines::KeptnAnalysis;

    fn evaluate(objectives: &str, values: &[(&str, f64)]) -> KeptnEvaluation {
        let text = format!(
            r#"{{"objectives": [{objectives}], "totalScore": {{"passPercentage": 90, "warningPercentage": 50}}}}"#
        );
        let readings = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), EngineReading::Number(*value)));
        KeptnAnalysis::from_json(&text)
            .unwrap()
            .evaluate(&readings.collect(), &[])
            .unwrap()
    }

    fn objective(more: &str) -> String {
        format!(
            r#"{{"analysisValueTemplateRef": {{"name": "a"}}, "target": {{
                "failure": {{"greaterThan": {{"fixedValue": "20"}}}},
                "warning": {{"greaterThan": {{"fixedValue": 10}}}}}}{more}}}"#
        )
    }

    #[test]
    fn failure_is_looked_at_before_warning() {
        for (value, result, score) in [
            (5.0, "pass", 100.0),
            (15.0, "warning", 50.0),
            (25.0, "fail", 0.0),
        ] {
            let it = evaluate(&objective(""), &[("a", value)]);
            assert_eq!((it.result.as_str(), it.score), (result, score), "{value}");
        }
    }

    #[test]
    fn a_nan_meets_nothing_and_passes() {
        assert_eq!(
            evaluate(&objective(""), &[("a", f64::NAN)]).result,
            KeptnOutcome::Pass
        );
    }

    #[test]
    fn a_missing_value_fails_also_as_a_key_objective() {
        let it = evaluate(&objective(r#", "keyObjective": true"#), &[]);
        assert_eq!((it.result, it.key_failed), (KeptnOutcome::Fail, true));
    }

    #[test]
    fn a_key_objective_of_weight_zero_fails_even_if_it_passes() {
        let two = format!(
            "{}, {}",
            objective(""),
            objective(r#", "weight": 0, "keyObjective": true"#)
        );
        let it = evaluate(&two, &[("a", 5.0)]);
        assert_eq!(
            (it.result, it.score, it.key_failed),
            (KeptnOutcome::Fail, 100.0, true)
        );
        assert_eq!(it.objectives[1].result, KeptnOutcome::Pass);
    }

    #[test]
    fn a_value_that_is_the_limit_as_written_may_be_below_it() {
        let it = |limit: &str| {
            format!(
                r#"{{"analysisValueTemplateRef": {{"name": "a"}}, "target": {{
                "failure": {{"lessThan": {{"fixedValue": {limit}}}}}}}}}"#
            )
        };
        for (limit, expected) in [("\"0.95\"", "fail"), ("0.95", "fail"), ("\"950m\"", "fail")] {
            assert_eq!(
                evaluate(&it(limit), &[("a", 0.95)]).result.as_str(),
                expected,
                "{limit}"
            );
        }
        assert_eq!(
            evaluate(&it("\"0.99\""), &[("a", 0.99)]).result,
            KeptnOutcome::Pass
        );
    }

    #[test]
    fn nothing_to_score_is_zero_percent() {
        let it = evaluate("", &[]);
        assert_eq!((it.result, it.score), (KeptnOutcome::Fail, 0.0));
    }

    #[test]
    fn ranges_include_their_ends() {
        let range = |name: &str| {
            format!(
                r#"{{"analysisValueTemplateRef": {{"name": "a"}}, "target": {{
                "failure": {{"{name}": {{"lowBound": "1", "highBound": "2"}}}}}}}}"#
            )
        };
        for (value, inside) in [(1.0, true), (2.0, true), (0.9, false), (2.1, false)] {
            let failed =
                |name| evaluate(&range(name), &[("a", value)]).result == KeptnOutcome::Fail;
            assert_eq!(
                (failed("inRange"), failed("notInRange")),
                (inside, !inside),
                "{value}"
            );
        }
    }

    #[test]
    fn what_the_webhook_refuses_is_refused() {
        let of = |objective: &str, pass: i64| {
            let text = format!(
                r#"{{"objectives": [{{"analysisValueTemplateRef": {{"name": "a"}}, "target": {objective}}}],
                "totalScore": {{"passPercentage": {pass}, "warningPercentage": 50}}}}"#
            );
            KeptnAnalysis::from_json(&text).unwrap_err().to_string()
        };
        let two = r#"{"failure": {"equalTo": {"fixedValue": 1}, "lessThan": {"fixedValue": 1}}}"#;
        assert!(of(two, 90).contains("target.failure: must have exactly one operator, got 2"));
        assert!(of(r#"{"warning": {}}"#, 90).contains("target.warning: must have exactly one"));
        let empty = r#"{"failure": {"inRange": {"lowBound": 2, "highBound": 2}}}"#;
        assert!(of(empty, 90).contains("lowBound must be below highBound"));
        let text = r#"{"failure": {"equalTo": {"fixedValue": "10%"}}}"#;
        assert!(
            of(text, 90).contains("must be a quantity"),
            "{}",
            of(text, 90)
        );
        assert!(of("{}", 50).contains("warningPercentage must be below passPercentage"));
        assert!(of("{}", 101).contains("percentages must lie in [0, 100]"));
    }
}
