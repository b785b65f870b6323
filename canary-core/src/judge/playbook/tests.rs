//! The readings of an increase, names in both spellings, and any text at all.

use proptest::prelude::*;

use crate::judge::condition::{Bound, Condition};
use crate::judge::{Check, Severity};
use crate::options::Margin;
use crate::{Policy, Recommendation};

fn checks(text: &str) -> Vec<Check> {
    Policy::from_json(text).unwrap().checks().to_vec()
}

#[test]
fn an_increase_is_a_part_or_a_multiple_of_the_baseline() {
    for (key, written, margin) in [
        ("error-rate-increase", r#""50%""#, Margin::Percent(50.0)),
        ("error-rate-increase", r#""1.5x""#, Margin::Factor(1.5)),
        ("error_rate_increase", "0.5", Margin::Percent(50.0)),
        ("error_rate_increase", "0", Margin::Percent(0.0)),
        ("latency-increase", r#""100%""#, Margin::Percent(100.0)),
        ("latency-increase", r#""2x""#, Margin::Factor(2.0)),
        ("latency_increase", "2.0", Margin::Factor(2.0)),
    ] {
        let text = format!(r#"{{"canary_5_percent": {{"thresholds": {{"{key}": {written}}}}}}}"#);
        match checks(&text).as_slice() {
            [check] => match check.condition {
                Condition::Threshold(threshold) => {
                    assert_eq!(threshold.bound, Bound::Relative(margin));
                }
                ref other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }
    for (key, written) in [
        ("error_rate_increase", "1.5"),
        ("error_rate_increase", "-0.1"),
        ("latency_increase", "0"),
        ("latency_increase", "1"),
        ("latency_increase", "10"),
        ("latency_increase", r#""50ms""#),
    ] {
        let text = format!(r#"{{"canary_5_percent": {{"thresholds": {{"{key}": {written}}}}}}}"#);
        let error = Policy::from_json(&text).unwrap_err().to_string();
        assert!(
            error.contains("is it a part or a multiple of the baseline?"),
            "{error}"
        );
    }
}

#[test]
fn an_action_says_what_a_failure_asks_for() {
    let text = r#"{"alerts": [
        {"condition": "error_rate > 5%", "action": "notify-on-call"},
        {"condition": "throughput < 0.5x baseline", "action": "rollback"},
        {"condition": "cpu_usage > 90%", "severity": "low", "action": "auto_rollback"},
        {"condition": "memory_usage > 90%"}
    ]}"#;
    let policy = Policy::from_json(text).unwrap();
    let asked: Vec<_> = policy
        .checks()
        .iter()
        .map(|check| {
            (
                check.severity,
                policy.aggregation().actions.of(check.severity),
            )
        })
        .collect();
    assert_eq!(
        asked,
        [
            (Severity::Medium, Recommendation::Hold),
            (Severity::Critical, Recommendation::Rollback),
            (Severity::Low, Recommendation::Rollback),
            (Severity::High, Recommendation::Rollback),
        ]
    );
    assert_eq!(policy.checks()[0].notify, ["on_call"]);
}

#[test]
fn a_versioned_policy_is_no_playbook() {
    let text = r#"{"version": 1, "metrics": {}, "checks": [], "alerts": []}"#;
    let error = Policy::from_json(text).unwrap_err().to_string();
    assert!(error.starts_with("policy: unknown key `alerts`"), "{error}");
}

/// Quantities and other values as they may stand under any key.
fn value() -> impl Strategy<Value = String> {
    let number = any::<f64>().prop_filter("finite", |x| x.is_finite());
    prop_oneof![
        Just("true".to_owned()),
        Just("null".to_owned()),
        number.prop_map(|x| format!("{x:?}")),
        (0.0..200.0, "%|x|m|ms|h||s").prop_map(|(x, unit)| format!("\"{x:.1}{unit}\"")),
        "[a-z_ <>.0-9-]{0,20}".prop_map(|text| format!("{text:?}")),
    ]
}

proptest! {
    #[test]
    fn any_block_is_read_or_refused_and_reads_as_it_was_written(
        share in 0..101_u8, values in prop::collection::vec(value(), 13)
    ) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m] = <[String; 13]>::try_from(values).unwrap();
        for text in [
            format!(r#"{{"canary-{share}-percent": {{
                "traffic-split": {{"baseline": {a}, "canary": {b}}},
                "analysis": {{"interval": {c}, "iterations": 3, "confidence-level": {d}}},
                "thresholds": {{"error-rate-increase": {e}, "latency-increase": {f}, "success-rate-min": {g}}}
            }}}}"#),
            format!(r#"{{"canary-{share}-percent": {{"thresholds": {{"error-rate-increase": {e}}}}}}}"#),
            format!(r#"{{"alerts": [{{"name": {h}, "condition": {i}, "duration": {j}}}]}}"#),
            format!(r#"{{"rollback-triggers": {{"automatic": [{{"condition": {k}, "duration": {l}, "action": {m}}}]}}}}"#),
        ] {
            if let Ok(policy) = Policy::from_json(&text) {
                prop_assert_eq!(Policy::from_json(&policy.to_json()).unwrap(), policy);
            }
        }
    }
}
