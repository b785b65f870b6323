//! What the engines in use decide: Argo Rollouts, Flagger and Keptn, traps included.
//!
//! A team that has a policy in one of them reads it as it stands, feeds it what was measured, and
//! sees what the engine does, look by look. Nothing here is advice: the rules are the engines'.
//!
//! | file | what it holds |
//! |---|---|
//! | `argo` | [`ArgoAnalysis`]: an `AnalysisTemplate`'s metrics; [`ArgoRun`]: an `AnalysisRun` |
//! | `flagger` | [`FlaggerAnalysis`]: the analysis of a Canary; [`FlaggerRun`]: its ticks |
//! | `keptn` | [`KeptnAnalysis`]: an SLO file or an `AnalysisDefinition`; what it scores |
//! | `limits` | [`Limits`]: how many failures, errors, ... are too many; the union of theirs |
//! | `reading` | [`EngineReading`]: what a look found for one metric |
//! | `document` | from YAML or JSON to a configuration, with errors that say where |
//! | `duration` | durations as Go writes them: `1h30m` |

mod argo;
mod document;
mod duration;
mod flagger;
mod keptn;
mod limits;
mod reading;

pub use argo::{
    ArgoAnalysis, ArgoEffect, ArgoLook, ArgoMeasurement, ArgoMetric, ArgoMetricLook,
    ArgoMetricResult, ArgoPattern, ArgoPhase, ArgoRetention, ArgoRun,
};
pub use flagger::{
    FlaggerAnalysis, FlaggerCheck, FlaggerHooks, FlaggerLook, FlaggerMetric, FlaggerPhase,
    FlaggerRange, FlaggerRun,
};
pub use keptn::{
    KeptnAnalysis, KeptnComparison, KeptnCriteria, KeptnDefinition, KeptnDefinitionObjective,
    KeptnEvaluation, KeptnObjective, KeptnObjectiveResult, KeptnOperator, KeptnOutcome,
    KeptnPercentages, KeptnQuantity, KeptnRange, KeptnReference, KeptnSlo, KeptnTarget,
    KeptnTotalScore, KeptnValue,
};
pub use limits::{LimitHit, LimitName, LimitState, Limits, Outcome, Tally, WindowLimit};
pub use reading::EngineReading;
