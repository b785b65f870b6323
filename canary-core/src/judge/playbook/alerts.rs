//! Conditions with a duration and an action: `rollback-triggers: {automatic: [...]}` and `alerts: [...]`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::phase::duration;
use super::{metrics, within};
use crate::error::{Error, Result};
use crate::judge::aggregate::{Actions, Aggregation};
use crate::judge::check::Check;
use crate::judge::condition::ExpressionCondition;
use crate::judge::expression::{Expression, Scope};
use crate::judge::importance::Severity;
use crate::judge::policy::Policy;
use crate::judge::read::did_you_mean;
use crate::judge::units::Quantity;
use crate::judge::verdict::Recommendation;

/// Rollback triggers as they stand in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "keys and values")]
pub(super) struct TriggersDocument {
    automatic: Vec<TriggerDocument>,
}

/// One trigger.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "keys and values")]
struct TriggerDocument {
    condition: String,
    duration: Option<Quantity>,
    action: String,
}

/// One alert.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "keys and values")]
pub(super) struct AlertDocument {
    name: Option<String>,
    condition: String,
    duration: Option<Quantity>,
    severity: Option<Severity>,
    action: Option<String>,
}

impl TriggersDocument {
    pub(super) fn read(self) -> Result<Policy> {
        let alert = |trigger: TriggerDocument| AlertDocument {
            name: None,
            condition: trigger.condition,
            duration: trigger.duration,
            severity: None,
            action: Some(trigger.action),
        };
        read(self.automatic.into_iter().map(alert).collect(), "automatic")
    }
}

/// What is to be done about an alert.
enum Action {
    Rollback,
    Notify(String),
}

impl Action {
    fn of(written: &str) -> Result<Self> {
        let folded = written.replace('-', "_");
        match folded.strip_prefix("notify_") {
            Some(whom) if !whom.is_empty() => return Ok(Self::Notify(whom.to_owned())),
            _ => {}
        }
        let known = ["immediate_rollback", "auto_rollback", "rollback"];
        if known.contains(&folded.as_str()) {
            return Ok(Self::Rollback);
        }
        let guess = did_you_mean(&folded, known.into_iter());
        let rule = "must be rollback, immediate-rollback, auto_rollback or notify_ and whom";
        Err(Error::option(
            "action",
            rule,
            format_args!("{written}{guess}"),
        ))
    }

    /// Who is told looks before the canary gets more traffic.
    const fn asks(&self) -> Recommendation {
        match self {
            Self::Rollback => Recommendation::Rollback,
            Self::Notify(_) => Recommendation::Hold,
        }
    }

    /// How severe it is where nothing says so: what usually asks for the same.
    const fn usual_severity(&self) -> Severity {
        match self {
            Self::Rollback => Severity::Critical,
            Self::Notify(_) => Severity::Medium,
        }
    }
}

/// The policy of alerts that stand under `place`.
pub(super) fn read(alerts: Vec<AlertDocument>, place: &str) -> Result<Policy> {
    let mut asked = BTreeMap::new();
    let mut checks = Vec::new();
    for (index, alert) in alerts.into_iter().enumerate() {
        let check = alert.read(&mut asked);
        checks.push(check.map_err(|error| within(&format!("{place}[{index}]"), &error))?);
    }
    let usual = Actions::default();
    let action = |severity: Severity| {
        let asked = asked.get(severity.as_str()).copied();
        asked.unwrap_or_else(|| usual.of(severity))
    };
    let actions = Actions {
        critical: action(Severity::Critical),
        high: action(Severity::High),
        medium: action(Severity::Medium),
        low: action(Severity::Low),
    };
    let metrics = metrics::only(checks.iter().flat_map(|check| &check.metrics));
    Policy::new(metrics, checks)?.aggregated(Aggregation {
        actions,
        ..Aggregation::default()
    })
}

impl AlertDocument {
    /// The check, and into `asked` what the alerts of its severity ask for.
    fn read(self, asked: &mut BTreeMap<&'static str, Recommendation>) -> Result<Check> {
        let condition =
            condition(&self.condition).map_err(|error| error.in_argument("condition"))?;
        let all = metrics::all();
        let bound = condition.bind(&Scope::new(&all));
        let bound = bound.map_err(|error| error.in_argument("condition"))?;
        let mut metrics: Vec<&str> = Vec::new();
        for reference in bound.references() {
            if !metrics.contains(&reference.metric.as_str()) {
                metrics.push(&reference.metric);
            }
        }
        let mut check = Check::together(metrics, ExpressionCondition::fail_if(condition));
        check.given_name = self.name;
        if let Some(written) = &self.duration {
            check.limits.violation_seconds = Some(duration("duration", written)?);
        }
        let action = self.action.as_deref().map(Action::of).transpose()?;
        let severity = match (self.severity, &action) {
            (Some(severity), _) => severity,
            (None, Some(action)) => action.usual_severity(),
            (None, None) => Severity::default(),
        };
        let asks = action
            .as_ref()
            .map_or_else(|| severity.usual_action(), Action::asks);
        let same = *asked.entry(severity.as_str()).or_insert(asks);
        if same != asks {
            let rule = format!(
                "must be the same of all alerts of severity {severity}, others of which ask for {same}"
            );
            return Err(Error::option("action", rule, asks));
        }
        if let Some(Action::Notify(whom)) = action {
            check.notify.push(whom);
        }
        Ok(check.severity(severity))
    }
}

/// A condition; a name alone is a flag, and holds when it is raised.
fn condition(text: &str) -> Result<Expression> {
    let text = text.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(is_name) {
        true => Expression::parse(format!("{text} > 0")),
        false => Expression::parse(text),
    }
}
