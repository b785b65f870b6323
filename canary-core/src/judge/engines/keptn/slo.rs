//! An SLO file of the older Keptn: criteria against fixed numbers and against earlier evaluations.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::criteria::Criterion;
use super::{KeptnEvaluation, KeptnObjectiveResult, KeptnOutcome, number};
use crate::error::Result;
use crate::judge::engines::reading::EngineReading;

/// An SLO file. The names are Keptn's own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnSlo {
    /// The form's version; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_version: Option<Value>,
    /// What is measured where; not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    /// With which earlier evaluations it compares; if missing, with the last one, of any result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<KeptnComparison>,
    /// What is demanded.
    #[serde(default)]
    pub objectives: Vec<KeptnObjective>,
    /// The score that is demanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_score: Option<KeptnTotalScore>,
}

/// With which earlier evaluations an [`KeptnSlo`] compares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnComparison {
    /// `single_result`: the last one. `several_results`: the last `number_of_comparison_results`.
    /// Anything else, also nothing: the last three.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_with: Option<String>,
    /// Of those with which result: `pass`, `pass_or_warn`; anything else: of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_result_with_score: Option<String>,
    /// How many; 3 if missing or 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number_of_comparison_results: Option<i64>,
    /// `avg` (if missing), `p50`, `p90` or `p95` of their values; anything else is 0!
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate_function: Option<String>,
}

/// One objective of a [`KeptnSlo`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnObjective {
    /// Its indicator.
    pub sli: String,
    /// What people call it.
    #[serde(
        rename = "displayName",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub display_name: Option<String>,
    /// Sets of criteria, one of which must be met. Without any it is reported and not scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pass: Option<Vec<KeptnCriteria>>,
    /// Sets of criteria, one of which gives half the score where none to pass is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<Vec<KeptnCriteria>>,
    /// What it adds to the score; 1 if missing **or 0**.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<i64>,
    /// Whether its failure fails the whole evaluation.
    #[serde(default)]
    pub key_sli: bool,
}

/// Criteria that must all be met: `<600`, `<=+10%`, ...
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnCriteria {
    /// The criteria. One that cannot be read is never met.
    pub criteria: Vec<String>,
}

/// The score that an [`KeptnSlo`] demands, in percent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptnTotalScore {
    /// From which on it passes, e.g. `90%`.
    #[serde(default)]
    pub pass: String,
    /// From which on it is a warning; if missing or empty, there is none.
    #[serde(default)]
    pub warning: String,
}

impl KeptnObjective {
    fn weight(&self) -> f64 {
        match self.weight {
            None | Some(0) => 1.0,
            Some(weight) => weight as f64,
        }
    }

    /// Whether it has criteria to pass, and so a part in the maximum.
    fn is_scored(&self) -> bool {
        self.pass.as_ref().is_some_and(|sets| !sets.is_empty())
    }

    fn judge(&self, value: Option<f64>, before: Option<f64>) -> (KeptnOutcome, f64) {
        let is_met = |sets: &Option<Vec<KeptnCriteria>>| {
            let mut sets = sets.iter().flatten();
            sets.any(|set| set.are_met(value, before))
        };
        if !self.is_scored() {
            (KeptnOutcome::Info, 0.0)
        } else if is_met(&self.pass) {
            (KeptnOutcome::Pass, self.weight())
        } else if is_met(&self.warning) {
            (KeptnOutcome::Warning, 0.5 * self.weight())
        } else {
            (KeptnOutcome::Fail, 0.0)
        }
    }
}

impl KeptnCriteria {
    fn are_met(&self, value: Option<f64>, before: Option<f64>) -> bool {
        self.criteria
            .iter()
            .all(|text| match (value, Criterion::parse(text)) {
                (Some(value), Some(criterion)) => criterion.is_met(value, before),
                _ => false,
            })
    }
}

impl KeptnSlo {
    pub(super) fn evaluate(
        &self,
        readings: &BTreeMap<String, EngineReading>,
        previous: &[KeptnEvaluation],
    ) -> Result<KeptnEvaluation> {
        let compared = self.compared(previous);
        let mut objectives = Vec::with_capacity(self.objectives.len());
        let (mut maximum, mut total, mut key_failed) = (0.0, 0.0, false);
        for objective in &self.objectives {
            if objective.is_scored() {
                maximum += objective.weight();
            }
            let (value, result, score) = match readings.get(&objective.sli) {
                // Neither scored nor looked at, key or not.
                None => (EngineReading::Nothing, KeptnOutcome::Missing, 0.0),
                Some(reading) => {
                    let value = number(&objective.sli, reading)?;
                    let before = self.aggregate(&compared, &objective.sli);
                    let (result, score) = objective.judge(value, before);
                    (reading.clone(), result, score)
                }
            };
            total += score;
            key_failed |= objective.key_sli && result == KeptnOutcome::Fail;
            objectives.push(KeptnObjectiveResult {
                name: objective.sli.clone(),
                value,
                result,
                score,
                key: objective.key_sli,
            });
        }
        let (score, outcome) = match maximum == 0.0 {
            true => (100.0, Ok(KeptnOutcome::Pass)),
            false => {
                let score = 100.0 * (total / maximum);
                (score, self.outcome(score, key_failed))
            }
        };
        let (result, message) = match outcome {
            Ok(result) => (result, None),
            Err(message) => (KeptnOutcome::Error, Some(message)),
        };
        Ok(KeptnEvaluation {
            result,
            score,
            key_failed,
            message,
            objectives,
        })
    }

    fn outcome(&self, score: f64, key_failed: bool) -> Result<KeptnOutcome, String> {
        let demanded = self
            .total_score
            .as_ref()
            .filter(|total| !total.pass.is_empty());
        let demanded = demanded.ok_or("total_score.pass: is missing")?;
        let percent = |name: &str, text: &str| {
            let number = text.strip_suffix('%').unwrap_or(text).parse::<f64>();
            number.map_err(|_| format!("total_score.{name}: must be a percentage, got {text:?}"))
        };
        if score >= percent("pass", &demanded.pass)? && !key_failed {
            return Ok(KeptnOutcome::Pass);
        }
        let has_warning = !demanded.warning.is_empty() && !key_failed;
        match has_warning && score >= percent("warning", &demanded.warning)? {
            true => Ok(KeptnOutcome::Warning),
            false => Ok(KeptnOutcome::Fail),
        }
    }

    /// The earlier evaluations that count, the newest first.
    fn compared<'a>(&self, previous: &'a [KeptnEvaluation]) -> Vec<&'a KeptnEvaluation> {
        let Some(comparison) = &self.comparison else {
            return previous.last().into_iter().collect();
        };
        let several = match comparison.number_of_comparison_results {
            None | Some(0) => 3,
            Some(number) => number,
        };
        let number = match comparison.compare_with.as_deref() {
            Some("single_result") => 1,
            Some("several_results") => several,
            _ => 3,
        };
        let include = comparison
            .include_result_with_score
            .as_deref()
            .unwrap_or("all");
        let include = include.to_lowercase();
        let counts = |evaluation: &&KeptnEvaluation| match (include.as_str(), evaluation.result) {
            ("pass" | "pass_or_warn", KeptnOutcome::Pass) => true,
            ("pass_or_warn", KeptnOutcome::Warning) => true,
            ("pass" | "pass_or_warn", _) => false,
            _ => true,
        };
        // A negative number is never reached.
        let most = usize::try_from(number).unwrap_or(usize::MAX);
        previous.iter().rev().filter(counts).take(most).collect()
    }

    /// What an indicator was in the evaluations compared with, as one number.
    fn aggregate(&self, compared: &[&KeptnEvaluation], sli: &str) -> Option<f64> {
        let evaluated = compared
            .iter()
            .filter(|it| it.result != KeptnOutcome::Error);
        let results = evaluated.flat_map(|it| &it.objectives);
        let values = results.filter_map(|result| match result.value {
            EngineReading::Number(value) if result.name == sli => Some(value),
            _ => None,
        });
        let values: Vec<f64> = values.collect();
        if values.is_empty() {
            return None;
        }
        let function = self
            .comparison
            .as_ref()
            .and_then(|it| it.aggregate_function.as_deref());
        Some(match function.filter(|word| !word.is_empty()) {
            None | Some("avg") => values.iter().sum::<f64>() / values.len() as f64,
            Some("p50") => percentile(values, 0.5),
            Some("p90") => percentile(values, 0.9),
            Some("p95") => percentile(values, 0.95),
            Some(_) => 0.0,
        })
    }
}

/// The value at position p (n + 1), between its neighbours.
fn percentile(mut values: Vec<f64>, p: f64) -> f64 {
    values.sort_by(|x, y| {
        let nan_first = y.is_nan().cmp(&x.is_nan());
        nan_first.then(x.partial_cmp(y).unwrap_or(std::cmp::Ordering::Equal))
    });
    let position = p * (values.len() + 1) as f64;
    let at = |place: usize| values.get(place.min(values.len().saturating_sub(1)));
    if position < 1.0 {
        return at(0).copied().unwrap_or(0.0);
    }
    let below = position as usize;
    let lower = at(below - 1).copied().unwrap_or(0.0);
    if position >= values.len() as f64 {
        return at(values.len()).copied().unwrap_or(0.0);
    }
    let upper = at(below).copied().unwrap_or(lower);
    lower + (position - position.floor()) * (upper - lower)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::engines::KeptnAnalysis;

    fn evaluate(slo: &str, readings: &[(&str, EngineReading)]) -> KeptnEvaluation {
        let analysis = KeptnAnalysis::from_json(slo).unwrap();
        let readings = readings
            .iter()
            .map(|(name, reading)| ((*name).to_owned(), reading.clone()));
        analysis.evaluate(&readings.collect(), &[]).unwrap()
    }

    const TWO: &str = r#"{"objectives": [
        {"sli": "a", "pass": [{"criteria": ["<10"]}], "warning": [{"criteria": ["<20"]}], "weight": 3},
        {"sli": "b", "key_sli": true, "pass": [{"criteria": ["<10", ">=0"]}, {"criteria": ["=99"]}]}
    ], "total_score": {"pass": "90%", "warning": "62.5%"}}"#;

    #[test]
    fn scores_are_weighted_and_halved() {
        let of = |a, b| {
            let it = evaluate(
                TWO,
                &[
                    ("a", EngineReading::Number(a)),
                    ("b", EngineReading::Number(b)),
                ],
            );
            (it.result.as_str(), it.score)
        };
        assert_eq!(of(1.0, 1.0), ("pass", 100.0));
        assert_eq!(of(15.0, 99.0), ("warning", 62.5));
        assert_eq!(of(25.0, 1.0), ("fail", 25.0));
        // The score would be a warning, but a key objective failed.
        assert_eq!(of(1.0, -1.0), ("fail", 75.0));
    }

    #[test]
    fn a_key_objective_that_was_never_measured_does_not_fail_as_one() {
        let failed = evaluate(
            TWO,
            &[
                ("a", EngineReading::Number(1.0)),
                ("b", EngineReading::Nothing),
            ],
        );
        assert_eq!(
            (failed.result, failed.key_failed),
            (KeptnOutcome::Fail, true)
        );
        let missing = evaluate(TWO, &[("a", EngineReading::Number(1.0))]);
        assert_eq!(
            (missing.result, missing.key_failed),
            (KeptnOutcome::Warning, false)
        );
        assert_eq!(missing.score, 75.0);
    }

    #[test]
    fn without_criteria_it_passes_with_a_hundred() {
        for objectives in [
            "[]",
            r#"[{"sli": "a"}]"#,
            r#"[{"sli": "a", "pass": [], "key_sli": true}]"#,
        ] {
            let evaluation = evaluate(&format!(r#"{{"objectives": {objectives}}}"#), &[]);
            assert_eq!(
                (evaluation.result, evaluation.score),
                (KeptnOutcome::Pass, 100.0)
            );
        }
    }

    #[test]
    fn a_weight_of_zero_is_one() {
        let slo = r#"{"objectives": [
            {"sli": "a", "pass": [{"criteria": ["<10"]}], "weight": 0},
            {"sli": "b", "pass": [{"criteria": ["<10"]}]}
        ], "total_score": {"pass": "50%"}}"#;
        let it = evaluate(
            slo,
            &[
                ("a", EngineReading::Number(99.0)),
                ("b", EngineReading::Number(1.0)),
            ],
        );
        assert_eq!((it.result, it.score), (KeptnOutcome::Pass, 50.0));
    }

    #[test]
    fn a_score_that_cannot_be_read_is_an_error() {
        for (total, message) in [
            ("", "total_score.pass: is missing"),
            (
                r#", "total_score": {"warning": "50%"}"#,
                "total_score.pass: is missing",
            ),
            (
                r#", "total_score": {"pass": "90 %"}"#,
                "total_score.pass: must be a percentage, got \"90 %\"",
            ),
            (
                r#", "total_score": {"pass": "90", "warning": "half"}"#,
                "total_score.warning: must be a percentage, got \"half\"",
            ),
        ] {
            let slo = format!(
                r#"{{"objectives": [{{"sli": "a", "pass": [{{"criteria": ["<1"]}}]}}]{total}}}"#
            );
            let evaluation = evaluate(&slo, &[("a", EngineReading::Number(2.0))]);
            assert_eq!(evaluation.result, KeptnOutcome::Error);
            assert_eq!(evaluation.message.as_deref(), Some(message));
        }
    }

    #[test]
    fn a_comparison_takes_the_last_evaluations_that_count() {
        let slo = |comparison: &str| {
            format!(
                r#"{{"comparison": {comparison}, "total_score": {{"pass": "100%", "warning": "50%"}},
                "objectives": [{{"sli": "a", "pass": [{{"criteria": ["<=+0"]}}],
                                 "warning": [{{"criteria": ["<=1000"]}}]}}]}}"#
            )
        };
        // What each value is compared with is seen by whether one equal to it still passes.
        for (comparison, values, passes) in [
            // First, last, and the mean of the last three.
            (
                r#"{"compare_with": "single_result"}"#,
                &[5.0, 9.0, 9.0][..],
                "pwp",
            ),
            (
                r#"{"compare_with": "single_result", "include_result_with_score": "PASS"}"#,
                &[5.0, 9.0, 9.0, 5.0],
                "pwwp",
            ),
            (
                r#"{"compare_with": "single_result", "include_result_with_score": "pass_or_warn"}"#,
                &[5.0, 2000.0, 9.0, 9.0],
                "pfwp",
            ),
            (
                r#"{"compare_with": "several_results", "number_of_comparison_results": 2}"#,
                &[4.0, 2.0, 3.0, 3.0],
                "pppw",
            ),
            ("{}", &[9.0, 6.0, 3.0, 6.0, 5.5], "ppppw"),
            (
                r#"{"compare_with": "several_results", "aggregate_function": "p90"}"#,
                &[3.0, 1.0, 2.0, 3.0, 3.1],
                "ppppw",
            ),
            // No such function: the target is 0.
            (r#"{"aggregate_function": "mean"}"#, &[5.0, 4.0, 0.0], "pwp"),
        ] {
            let analysis = KeptnAnalysis::from_json(&slo(comparison)).unwrap();
            let looks: Vec<_> = values
                .iter()
                .map(|&value| BTreeMap::from([("a".to_owned(), EngineReading::Number(value))]))
                .collect();
            let evaluations = analysis.run(&looks).unwrap();
            let got: String = evaluations
                .iter()
                .filter_map(|it| it.result.as_str().chars().next())
                .collect();
            assert_eq!(got, passes, "{comparison}");
        }
    }

    #[test]
    fn percentiles_lie_between_neighbours() {
        for (values, p, expected) in [
            (&[1.0][..], 0.5, 1.0),
            (&[2.0, 1.0], 0.5, 1.5),
            (&[3.0, 1.0, 2.0], 0.5, 2.0),
            (&[1.0, 2.0, 3.0, 4.0], 0.5, 2.5),
            (&[1.0, 2.0, 3.0, 4.0], 0.9, 4.0),
            (
                &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0],
                0.9,
                9.9,
            ),
        ] {
            assert!(
                (percentile(values.to_vec(), p) - expected).abs() < 1e-12,
                "{values:?} {p}"
            );
        }
    }
}
