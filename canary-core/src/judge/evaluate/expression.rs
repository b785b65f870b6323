//! A condition in the language of conditions.

use super::Evidence;
use crate::data::{Arms, Snapshot};
use crate::error::Result;
use crate::judge::check::Check;
use crate::judge::condition::ExpressionCondition;
use crate::judge::expression::{Answer, Expression, Scope, Truth};
use crate::judge::verdict::Status;

/// Says whether the conditions hold, and how many observations there were to tell.
pub(super) fn expression(
    check: &Check,
    condition: &ExpressionCondition,
    scope: &Scope<'_>,
    snapshot: &Snapshot,
) -> Result<(Evidence, Arms<u64>)> {
    let mut evidence = Evidence::of("condition".to_owned());
    let answer = |expression: &Option<Expression>| -> Result<Option<Answer>> {
        let Some(expression) = expression else {
            return Ok(None);
        };
        let bound = check.bind(expression, scope)?;
        Ok(Some(bound.evaluate_on(snapshot)?))
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
    let size = |arm: fn(
        &Arms<Option<crate::data::Observations>>,
    ) -> &Option<crate::data::Observations>| {
        let sizes = check.metrics.iter().filter_map(|metric| {
            let arms = snapshot.get(metric)?;
            Some(arm(arms).as_ref()?.size())
        });
        sizes.fold(0_u64, u64::saturating_add)
    };
    let sizes = match evidence.obstacle {
        None => Arms::new(size(|arms| &arms.baseline), size(|arms| &arms.canary)),
        Some(_) => Arms::new(0, 0),
    };
    Ok((evidence, sizes))
}
