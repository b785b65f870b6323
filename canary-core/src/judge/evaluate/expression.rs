//! A condition in the language of conditions.

use super::{Evidence, added};
use crate::data::{Arms, Observations, Snapshot};
use crate::error::Result;
use crate::judge::check::Check;
use crate::judge::condition::ExpressionCondition;
use crate::judge::derive::Faults;
use crate::judge::expression::{Answer, Expression, Reading, Reference, Truth};
use crate::judge::policy::Policy;
use crate::judge::statistic::Statistic;
use crate::judge::verdict::Status;

/// Says whether the conditions hold, and how many observations there were to tell.
pub(super) fn expression(
    check: &Check,
    condition: &ExpressionCondition,
    policy: &Policy,
    snapshot: &Snapshot,
    faults: &Faults,
) -> Result<(Evidence, Arms<u64>)> {
    let mut evidence = Evidence::of("condition".to_owned());
    let scope = policy.scope();
    // The rate of counts is a share, which a metric in percent shows a hundredfold.
    let is_percentage = |reference: &Reference| {
        let unit = policy
            .metrics()
            .get(&reference.metric)
            .and_then(|metric| metric.unit.as_deref());
        let any = snapshot.either(&reference.metric);
        let is_rate = matches!(reference.statistic, None | Some(Statistic::Rate));
        unit == Some("%") && is_rate && matches!(any, Some(Observations::Counts(_)))
    };
    let answer = |expression: &Option<Expression>| -> Result<Option<Answer>> {
        let Some(expression) = expression else {
            return Ok(None);
        };
        let bound = check.bind(expression, &scope)?;
        // What cannot be computed is no number, which no default() hides; another part may decide.
        let mut refused = None;
        let mut answer = bound.evaluate(|reference| {
            let read = match faults.at(reference) {
                Some(fault) => Err(fault.to_owned()),
                None => (reference.read(snapshot))
                    .map_err(|error| format!("{}: {}", reference.metric, error.reason())),
            };
            match read {
                Ok(Reading::Number(rate)) if is_percentage(reference) => {
                    Reading::Number(100.0 * rate)
                }
                Ok(reading) => reading,
                Err(reason) => {
                    refused.get_or_insert(reason);
                    Reading::Number(f64::NAN)
                }
            }
        });
        if let (Truth::Unknown(reason), Some(refused)) = (&mut answer.truth, refused) {
            *reason = refused;
        }
        Ok(Some(answer))
    };
    let (fails, passes) = (answer(&condition.fail_if)?, answer(&condition.pass_if)?);
    let truth = |answer: &Option<Answer>| answer.as_ref().map(|answer| answer.truth.clone());
    evidence.outcome = match (truth(&fails), truth(&passes)) {
        (Some(Truth::True), _) | (None, Some(Truth::False)) => Some(Status::Fail),
        (Some(Truth::False) | None, Some(Truth::True)) | (Some(Truth::False), None) => {
            Some(Status::Pass)
        }
        (Some(Truth::False), Some(Truth::False)) => Some(Status::Inconclusive),
        (Some(Truth::Unknown(reason) | Truth::Error(reason)), _)
        | (_, Some(Truth::Unknown(reason) | Truth::Error(reason))) => {
            evidence.obstacle = Some(reason);
            evidence.is_unusable = true;
            None
        }
        (None, None) => None,
    };
    let said: Vec<String> = [&fails, &passes]
        .into_iter()
        .flatten()
        .flat_map(|answer| &answer.comparisons)
        .map(ToString::to_string)
        .collect();
    if !said.is_empty() && evidence.obstacle.is_none() {
        evidence.said = Some(format!("{}.", said.join("; ")));
    }
    let sizes = match evidence.obstacle {
        Some(_) => Arms::default(),
        None => check.metrics.iter().fold(Arms::default(), |sizes, metric| {
            let size = |arm: Option<&Observations>| arm.map_or(0, Observations::size);
            added(sizes, snapshot.arms(metric).map(size))
        }),
    };
    Ok((evidence, sizes))
}
