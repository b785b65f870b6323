//! Keptn: an SLO file (the older one) or an `AnalysisDefinition` (the newer), and what it scores.

mod criteria;
mod definition;
mod quantity;
mod slo;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use definition::{
    KeptnDefinition, KeptnDefinitionObjective, KeptnOperator, KeptnPercentages, KeptnRange,
    KeptnReference, KeptnTarget, KeptnValue,
};
pub use quantity::KeptnQuantity;
pub use slo::{KeptnComparison, KeptnCriteria, KeptnObjective, KeptnSlo, KeptnTotalScore};

use super::document;
use super::limits::Outcome;
use super::reading::EngineReading;
use crate::error::{Error, Result};
use crate::options::choice;

choice! {
    /// What an evaluation, or one of its objectives, comes to.
    KeptnOutcome("result") {
        /// As it should be.
        Pass = "pass",
        /// Not quite.
        Warning = "warning",
        /// Not as it should be.
        Fail = "fail",
        /// Without criteria, reported and not scored.
        Info = "info",
        /// Nothing was measured: the older one passes over it in silence.
        Missing = "missing",
        /// It could not be evaluated.
        Error = "error",
    }
}

/// What one objective came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptnObjectiveResult {
    /// The name of its indicator.
    pub name: String,
    /// What was measured.
    pub value: EngineReading,
    /// What it came to.
    pub result: KeptnOutcome,
    /// What it adds to the score.
    pub score: f64,
    /// Whether it fails the whole evaluation when it fails.
    pub key: bool,
}

/// What an evaluation came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptnEvaluation {
    /// Pass, warning, fail or error.
    pub result: KeptnOutcome,
    /// The score reached, in percent.
    pub score: f64,
    /// Whether a key objective failed.
    pub key_failed: bool,
    /// Why it is an error.
    pub message: Option<String>,
    /// The objectives, in the file's order.
    pub objectives: Vec<KeptnObjectiveResult>,
}

/// How Keptn judges a deployment: an SLO file, or the `spec` of an `AnalysisDefinition`.
///
/// # Example: ten percent above the last evaluation, or half the score
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::judge::engines::{KeptnAnalysis, KeptnOutcome, EngineReading};
///
/// let analysis = KeptnAnalysis::from_json(r#"{
///     "objectives": [{"sli": "p95", "pass": [{"criteria": ["<=+10%", "<600"]}],
///                     "warning": [{"criteria": ["<=800"]}]}],
///     "total_score": {"pass": "90%", "warning": "50%"}
/// }"#)?;
/// let looks: Vec<_> = [500.0, 540.0, 650.0]
///     .map(|p95| BTreeMap::from([("p95".to_owned(), EngineReading::Number(p95))]))
///     .into();
/// let results: Vec<_> = analysis.run(&looks)?.iter().map(|look| look.result).collect();
/// assert_eq!(results, [KeptnOutcome::Pass, KeptnOutcome::Pass, KeptnOutcome::Warning]);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum KeptnAnalysis {
    /// An SLO file of the older Keptn.
    Slo(KeptnSlo),
    /// An `AnalysisDefinition` of the newer one.
    Definition(KeptnDefinition),
}

impl<'de> Deserialize<'de> for KeptnAnalysis {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        Self::read(document).map_err(serde::de::Error::custom)
    }
}

impl KeptnAnalysis {
    /// Reads an SLO file, or an `AnalysisDefinition` (its `spec` or the whole manifest), from JSON.
    ///
    /// # Errors
    /// [`Error::InvalidPolicy`] with the path of what is wrong.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::read(document::json(text)?)
    }

    /// Reads an SLO file, or an `AnalysisDefinition` (its `spec` or the whole manifest), from YAML.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self> {
        Self::read(document::yaml(text)?)
    }

    fn read(document: Value) -> Result<Self> {
        let document = document::block(document, &["spec"]);
        let objective = document.get("objectives").and_then(|list| list.get(0));
        let is_newer = |objective: &Value| objective.get("analysisValueTemplateRef").is_some();
        if document.get("totalScore").is_some() || objective.is_some_and(is_newer) {
            let definition: KeptnDefinition = document::read(document)?;
            definition.check()?;
            Ok(Self::Definition(definition))
        } else {
            Ok(Self::Slo(document::read(document)?))
        }
    }

    /// The names of the indicators, one an objective.
    #[must_use]
    pub fn indicators(&self) -> Vec<&str> {
        match self {
            Self::Slo(slo) => slo.objectives.iter().map(|one| one.sli.as_str()).collect(),
            Self::Definition(definition) => {
                let objectives = definition.objectives.iter();
                objectives
                    .map(|one| one.analysis_value_template_ref.name.as_str())
                    .collect()
            }
        }
    }

    /// One evaluation. `previous` are the evaluations before, the newest **last**; only an SLO file
    /// looks at them.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a reading that is no single number.
    pub fn evaluate(
        &self,
        readings: &BTreeMap<String, EngineReading>,
        previous: &[KeptnEvaluation],
    ) -> Result<KeptnEvaluation> {
        match self {
            Self::Slo(slo) => slo.evaluate(readings, previous),
            Self::Definition(definition) => definition.evaluate(readings),
        }
    }

    /// Evaluations one after the other, each seeing those before.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn run(&self, looks: &[BTreeMap<String, EngineReading>]) -> Result<Vec<KeptnEvaluation>> {
        let mut evaluations = Vec::with_capacity(looks.len());
        for readings in looks {
            let evaluation = self.evaluate(readings, &evaluations)?;
            evaluations.push(evaluation);
        }
        Ok(evaluations)
    }
}

/// The number of a reading; none for one that failed.
fn number(name: &str, reading: &EngineReading) -> Result<Option<f64>> {
    match reading {
        EngineReading::Number(value) => Ok(Some(*value)),
        EngineReading::Nothing | EngineReading::Known(Outcome::Error) => Ok(None),
        other => Err(Error::input(
            name,
            "must be one number, null or \"error\"",
            other,
        )),
    }
}
