//! How findings become a verdict, as it stands in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document;
use crate::error::Result;
use crate::judge::aggregate::{Actions, Aggregation, Multiplicity, Score};
use crate::judge::units::Quantity;
use crate::judge::verdict::Recommendation;
use crate::number::unique;

document! {
    /// How findings become a verdict.
    VerdictDocument("Verdict") {
        ;
        /// How the number of comparisons is allowed for: holm (by default), `benjamini_hochberg` or none.
        multiplicity: Multiplicity,
        /// A verdict by points; without it every check must hold.
        score: ScoreDocument,
        /// Which share of the checks may be without data, e.g. `50%`, which is the default.
        missing: Quantity,
        /// What a failure of each severity asks for.
        actions: ActionsDocument,
        /// For how long a rollout must be watched before it passes, e.g. `10m`.
        min_time: Quantity,
    }
}

document! {
    /// A verdict by points.
    ScoreDocument("Score") {
        /// From this total on the canary passes, in percent.
        pass: f64,
        ;
        /// From this total on it is marginal; by default there is nothing between pass and fail.
        marginal: f64,
        /// Each group's weight; 1 by default.
        #[serde(deserialize_with = "unique::optional_map")]
        weights: BTreeMap<String, f64>,
    }
}

/// What a failure asks for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(in crate::judge) enum FailureAction {
    /// Take the canary's traffic away.
    Rollback,
    /// Give the canary less traffic.
    Reduce,
    /// Leave the traffic as it is until somebody has looked.
    Hold,
    /// Leave the traffic as it is: the failure is told, and not acted on.
    Continue,
}

impl From<FailureAction> for Recommendation {
    fn from(action: FailureAction) -> Self {
        match action {
            FailureAction::Rollback => Self::Rollback,
            FailureAction::Reduce => Self::Reduce,
            FailureAction::Hold => Self::Hold,
            FailureAction::Continue => Self::Continue,
        }
    }
}

impl FailureAction {
    /// As it is written; a policy's actions never promote.
    const fn of(action: Recommendation) -> Self {
        match action {
            Recommendation::Rollback => Self::Rollback,
            Recommendation::Reduce => Self::Reduce,
            Recommendation::Hold => Self::Hold,
            Recommendation::Continue | Recommendation::Promote => Self::Continue,
        }
    }
}

document! {
    /// What a failure asks for: rollback, reduce, hold or continue. Too few points ask for what a critical failure
    /// does.
    ActionsDocument("Actions") {
        ;
        /// Of a critical check; rollback by default.
        critical: FailureAction,
        /// Of high severity; rollback by default.
        high: FailureAction,
        /// Of medium severity; hold by default.
        medium: FailureAction,
        /// Of low severity; continue by default.
        low: FailureAction,
    }
}

impl VerdictDocument {
    pub(super) fn read(self) -> Result<Aggregation> {
        let usual = Aggregation::default();
        let quantity = |written: Option<Quantity>, place: &str, unit: Option<&str>| {
            let read = written.map(|quantity| quantity.in_unit(unit)).transpose();
            read.map_err(|error| error.in_argument(place))
        };
        Ok(Aggregation {
            multiplicity: self.multiplicity.unwrap_or_default(),
            score: self.score.map(|score| Score {
                pass: score.pass,
                marginal: score.marginal.unwrap_or(score.pass),
                weights: score.weights.unwrap_or_default(),
            }),
            missing: quantity(self.missing, "missing", None)?.unwrap_or(usual.missing),
            actions: self.actions.map_or(usual.actions, |actions| Actions {
                critical: actions.critical.map_or(usual.actions.critical, Into::into),
                high: actions.high.map_or(usual.actions.high, Into::into),
                medium: actions.medium.map_or(usual.actions.medium, Into::into),
                low: actions.low.map_or(usual.actions.low, Into::into),
            }),
            min_time: quantity(self.min_time, "min_time", Some("s"))?.unwrap_or(usual.min_time),
        })
    }

    /// What is not as usual, if anything is not.
    pub(super) fn of(aggregation: &Aggregation) -> Option<Self> {
        let usual = Aggregation::default();
        (*aggregation != usual).then(|| Self {
            multiplicity: Some(aggregation.multiplicity),
            score: aggregation.score.as_ref().map(|score| ScoreDocument {
                pass: score.pass,
                marginal: Some(score.marginal),
                weights: (!score.weights.is_empty()).then(|| score.weights.clone()),
            }),
            missing: Some(aggregation.missing.into()),
            actions: (aggregation.actions != usual.actions).then_some(ActionsDocument {
                critical: Some(FailureAction::of(aggregation.actions.critical)),
                high: Some(FailureAction::of(aggregation.actions.high)),
                medium: Some(FailureAction::of(aggregation.actions.medium)),
                low: Some(FailureAction::of(aggregation.actions.low)),
            }),
            min_time: (aggregation.min_time > 0.0).then(|| aggregation.min_time.into()),
        })
    }
}
