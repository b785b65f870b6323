//! What a verdict recommends, and that its words agree with it.

use crate::data::{Arms, Gauge, Snapshot};
use crate::judge::{Aggregation, Policy, Recommendation, Status, Verdict, judge};

/// Thresholds of at most 5 on the metrics named a to d, each with more keys.
fn policy(checks: &[(&str, &str)], verdict: &str) -> crate::Result<Policy> {
    let checks: Vec<String> = checks
        .iter()
        .map(|(metric, more)| {
            format!(r#"{{"metric": "{metric}", "threshold": {{"max": 5}}{more}}}"#)
        })
        .collect();
    Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{"a": {{}}, "b": {{}}, "c": {{}}, "d": {{}}}},
            "checks": [{}], "verdict": {{{verdict}}}}}"#,
        checks.join(", ")
    ))
}

/// The verdict of such checks on the canary's numbers.
fn verdict(checks: &[(&str, &str)], verdict: &str, canary: &[(&str, f64)]) -> Verdict {
    let policy = policy(checks, verdict).unwrap();
    let snapshot = canary
        .iter()
        .try_fold(Snapshot::new(), |snapshot, &(metric, value)| {
            let gauge = Gauge::new(value).unwrap();
            snapshot.with(metric, Arms::new(gauge, gauge))
        });
    judge(&policy, &snapshot.unwrap()).unwrap()
}

const LOW: &str = r#", "severity": "low""#;
const SCORE: &str = r#""score": {"pass": 95, "marginal": 75}"#;

#[test]
fn too_few_points_ask_for_what_a_critical_failure_does() {
    let found = verdict(&[("a", LOW), ("b", "")], SCORE, &[("a", 6.0), ("b", 1.0)]);
    assert_eq!(found.status, Status::Fail);
    assert_eq!(found.recommendation, Recommendation::Rollback);
    assert_eq!(found.instruction(), "roll the canary back");

    let held = format!(r#"{SCORE}, "actions": {{"critical": "hold"}}"#);
    let found = verdict(&[("a", LOW), ("b", "")], &held, &[("a", 6.0), ("b", 1.0)]);
    assert_eq!(found.recommendation, Recommendation::Hold);
}

#[test]
fn a_failure_that_only_is_told_is_never_too_early_to_tell() {
    let critical = r#", "severity": "critical""#;
    let found = verdict(
        &[("a", critical)],
        r#""actions": {"critical": "continue"}"#,
        &[("a", 6.0)],
    );
    assert_eq!(
        (found.status, found.recommendation),
        (Status::Fail, Recommendation::Continue)
    );
    assert_eq!(
        found.instruction(),
        "leave its traffic as it is and look at what failed, because the policy asks for no more"
    );

    let found = verdict(&[("a", LOW)], "", &[("a", 6.0)]);
    assert_eq!(found.status, Status::Pass);
    assert_eq!(
        found.reason,
        "0 of 1 checks passed; a failed without being severe enough to matter. a is 6 on the canary; at most 5 is allowed."
    );
}

#[test]
fn no_failure_promotes() {
    let error = policy(&[("a", "")], r#""actions": {"low": "promote"}"#).unwrap_err();
    let error = error.to_string();
    assert!(
        error.starts_with(
            "policy: verdict.actions.low: must be one of rollback, reduce, hold, continue, got promote"
        ),
        "{error}"
    );
    let mut aggregation = Aggregation::default();
    aggregation.actions.medium = Recommendation::Promote;
    let policy = policy(&[("a", "")], "").unwrap();
    let error = policy.aggregated(aggregation).unwrap_err().to_string();
    assert_eq!(
        error,
        "policy: verdict.actions.medium: must be rollback, reduce, hold or continue, because it is what a \
         failure asks for, got promote"
    );
}

#[test]
fn points_that_nobody_can_earn_are_refused() {
    let only_x = r#", "group": "x""#;
    let refused = "policy: verdict.score: must leave some check a weight above 0, in a group with a weight above 0, \
                   or there are no points, got none";
    for (check, verdict) in [
        (only_x, r#""score": {"pass": 95, "weights": {"x": 0}}"#),
        (r#", "weight": 0"#, r#""score": {"pass": 95}"#),
    ] {
        let error = policy(&[("a", check)], verdict).unwrap_err().to_string();
        assert_eq!(error, refused);
        // A muted check earns nothing either.
        let muted = policy(&[("a", check), ("b", r#", "muted": true"#)], verdict);
        assert_eq!(muted.unwrap_err().to_string(), refused);
        assert!(policy(&[("a", check), ("b", "")], verdict).is_ok());
    }
    let huge = r#", "weight": 1e308"#;
    let error = policy(&[("a", huge), ("b", huge)], r#""score": {"pass": 95}"#).unwrap_err();
    assert!(error.to_string().contains("whose sum is finite"), "{error}");
}

#[test]
fn what_weighs_nothing_loses_no_points() {
    let found = verdict(
        &[
            ("a", r#", "group": "x""#),
            ("b", r#", "weight": 0"#),
            ("c", ""),
        ],
        r#""score": {"pass": 95, "weights": {"x": 0}}"#,
        &[("a", 6.0), ("b", 6.0), ("c", 1.0)],
    );
    assert_eq!(found.status, Status::Pass);
    assert_eq!(found.reason, "100 of 100 points, enough to pass.");
}

#[test]
fn a_muted_check_stops_nothing_and_tells_nobody() {
    let found = verdict(
        &[
            ("a", r#", "muted": true, "no_data": "error""#),
            ("b", r#", "muted": true, "notify": ["oncall"]"#),
            ("c", ""),
        ],
        "",
        &[("b", 6.0), ("c", 1.0)],
    );
    assert_eq!(found.status, Status::Pass);
    assert_eq!(found.findings[0].status, Status::Inconclusive);
    assert!(
        found.findings[0].sentence.contains("no data"),
        "{}",
        found.findings[0].sentence
    );
    assert_eq!(found.findings[1].status, Status::Fail);
    assert!(found.notify.is_empty(), "{:?}", found.notify);

    let loud = verdict(&[("b", r#", "notify": ["oncall"]"#)], "", &[("b", 6.0)]);
    assert_eq!(loud.notify, ["oncall"]);
}
