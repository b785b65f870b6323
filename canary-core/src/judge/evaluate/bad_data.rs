//! Data that some check cannot be judged by: what becomes of it, and that all others are judged.

use crate::data::Snapshot;
use crate::judge::{Policy, Status, Verdict, Watch, judge};

/// What is bad, the metrics, the check, both arms' data, and what the check's obstacle says.
const TABLE: &[(&str, &str, &str, &str, &str)] = &[
    (
        "a formula divides by zero",
        r#""errors": {}, "requests": {}, "m": {"formula": "errors / requests"}"#,
        r#""metric": "m", "threshold": {"max": "5%"}"#,
        r#""errors": {"baseline": 1, "canary": 3}, "requests": {"baseline": 100, "canary": 0}"#,
        "the formula of m has no value on the canary: errors / requests: 3 / 0 is no number",
    ),
    (
        "a formula of a formula that divides by zero",
        r#""errors": {}, "requests": {}, "z": {"formula": "errors / requests"}, "m": {"formula": "z * 2"}"#,
        r#""metric": "m", "threshold": {"max": 5}"#,
        r#""errors": {"baseline": 1, "canary": 3}, "requests": {"baseline": 100, "canary": 0}"#,
        "the formula of m, z * 2, has no value on the canary: the formula of z has no value on the canary: \
         errors / requests: 3 / 0 is no number",
    ),
    (
        "a part of a formula divides by zero",
        r#""errors": {}, "requests": {}, "m": {"formula": "100 * (errors / requests)"}"#,
        r#""metric": "m", "standard": {}"#,
        r#""errors": {"baseline": 1, "canary": 0.5}, "requests": {"baseline": 0, "canary": 10}"#,
        "the formula of m, 100 * (errors / requests), has no value on the baseline: (errors / requests): \
         1 / 0 is no number",
    ),
    (
        "a formula of series divides by zero",
        r#""errors": {}, "requests": {}, "m": {"formula": "errors / requests"}"#,
        r#""metric": "m", "test": {"margin": {"percent": 20}}"#,
        r#""errors": {"baseline": {"times": [0, 60], "values": [1, 2]}, "canary": {"times": [0, 60], "values": [1, 2]}},
           "requests": {"baseline": {"times": [0, 60], "values": [9, 9]}, "canary": {"times": [0, 60], "values": [9, 0]}}"#,
        "errors / requests: 2 / 0 is no number, for time 60",
    ),
    (
        "a formula of series at other times",
        r#""errors": {}, "requests": {}, "m": {"formula": "errors / requests"}"#,
        r#""metric": "m", "test": {"margin": {"percent": 20}}"#,
        r#""errors": {"baseline": {"times": [0, 60], "values": [1, 2]}, "canary": {"times": [0, 60], "values": [1, 2]}},
           "requests": {"baseline": {"times": [0, 61], "values": [9, 9]}, "canary": {"times": [0, 60], "values": [9, 9]}}"#,
        "has no value on the baseline: requests must have the same times as errors",
    ),
    (
        "a formula of a sample that says no statistic",
        r#""latency": {}, "requests": {}, "m": {"formula": "latency / requests"}"#,
        r#""metric": "m", "threshold": {"max": 5}"#,
        r#""latency": {"baseline": [1, 2], "canary": [1, 2]}, "requests": {"baseline": 10, "canary": 10}"#,
        "a condition on a sample needs one of",
    ),
    (
        "a condition on a formula that divides by zero",
        r#""errors": {}, "requests": {}, "m": {"formula": "errors / requests"}"#,
        r#""fail_if": "default(m, 0) > 5%""#,
        r#""errors": {"baseline": 1, "canary": 3}, "requests": {"baseline": 100, "canary": 0}"#,
        "the formula of m has no value on the canary: errors / requests: 3 / 0 is no number",
    ),
    (
        "a condition that divides by zero",
        r#""errors": {}, "requests": {}"#,
        r#""fail_if": "errors / requests > 5%""#,
        r#""errors": {"baseline": 1, "canary": 3}, "requests": {"baseline": 100, "canary": 0}"#,
        "errors / requests: 3 / 0 is no number",
    ),
    (
        "a condition on counts that asks for a percentile",
        r#""m": {}"#,
        r#""metric": "m", "fail_if": "m_p99 > 5""#,
        r#""m": {"baseline": {"events": 1, "trials": 9}, "canary": {"events": 1, "trials": 9}}"#,
        "m: a condition on counts needs one of rate, count, got p99",
    ),
    (
        "a percentile of counts",
        r#""m": {}"#,
        r#""metric": "m", "threshold": {"statistic": "p99", "max": 5}"#,
        r#""m": {"baseline": {"events": 1, "trials": 9}, "canary": {"events": 1, "trials": 9}}"#,
        "a threshold on counts needs one of rate, count, got p99",
    ),
    (
        "a t-test of counts",
        r#""m": {}"#,
        r#""metric": "m", "test": {"method": "t_test", "margin": {"percent": 5}}"#,
        r#""m": {"baseline": {"events": 1, "trials": 9}, "canary": {"events": 1, "trials": 9}}"#,
        "a t-test needs a sample, a series or a summary, got counts",
    ),
    (
        "growth of a sample",
        r#""m": {}"#,
        r#""metric": "m", "trend": {"margin": {"percent": 10}, "over": "1h"}"#,
        r#""m": {"baseline": [1, 2, 3], "canary": [1, 2, 3]}"#,
        "a trend needs series, got a sample",
    ),
    (
        "arms that were measured in two ways",
        r#""m": {}"#,
        r#""metric": "m", "test": {"margin": {"percent": 20}}"#,
        r#""m": {"baseline": {"events": 1, "trials": 9}, "canary": 0.1}"#,
        "both arms must be measured in one way, got counts of the baseline and a gauge of the canary",
    ),
    (
        "arms that were measured in two ways, at a standard check",
        r#""m": {}"#,
        r#""metric": "m", "standard": {}"#,
        r#""m": {"baseline": 0.1, "canary": {"events": 1, "trials": 9}}"#,
        "got a gauge of the baseline and counts of the canary",
    ),
    (
        "windows of what has no times",
        r#""m": {}"#,
        r#""metrics": ["m", "ok"], "anomaly": {"margin": "10%"}"#,
        r#""m": {"baseline": {"events": 1, "trials": 9}, "canary": {"events": 1, "trials": 9}}"#,
        "",
    ),
    (
        "groups that are no counts",
        r#""m": {}"#,
        r#""metrics": ["m", "ok"], "fairness": {"notion": "demographic_parity"}"#,
        r#""m": {"baseline": 1, "canary": 1}"#,
        "",
    ),
    (
        "series without a common time",
        r#""m": {}"#,
        r#""metric": "m", "test": {"margin": {"percent": 20}}"#,
        r#""m": {"baseline": {"times": [0, 60], "values": [1, 2]}, "canary": {"times": [30, 90], "values": [1, 2]}}"#,
        "both arms must be measured at the same times, got no time that both have",
    ),
    (
        "a metric that was not measured",
        r#""m": {}"#,
        r#""metric": "m", "test": {"margin": {"percent": 20}}"#,
        "",
        "there are no data of either arm",
    ),
    (
        "a metric of one arm",
        r#""m": {}"#,
        r#""metric": "m", "standard": {}"#,
        r#""m": {"baseline": 0.1, "canary": null}"#,
        "there are no data of the canary",
    ),
];

fn policy(metrics: &str, check: &str, no_data: &str) -> Policy {
    let text = format!(
        r#"{{"version": 1, "metrics": {{{metrics}, "ok": {{}}}}, "checks": [
            {{{check}, "name": "bad", "no_data": "{no_data}"}},
            {{"metric": "ok", "name": "good", "threshold": {{"max": 1}}}}]}}"#
    );
    Policy::from_json(&text).unwrap()
}

fn snapshot(data: &str) -> Snapshot {
    let comma = if data.is_empty() { "" } else { ", " };
    let text = format!(r#"{{{data}{comma}"ok": {{"baseline": 0.5, "canary": 0.5}}}}"#);
    serde_json::from_str(&text).unwrap()
}

/// The status of the check that cannot be judged, what it says, and the other one's status.
fn told(verdict: &Verdict) -> (Status, String, Status) {
    let (bad, good) = (&verdict.findings[0], verdict.findings.last().unwrap());
    (bad.status, bad.sentence.clone(), good.status)
}

#[test]
fn one_check_that_cannot_be_judged_leaves_the_others_alone() {
    for (what, metrics, check, data, obstacle) in TABLE {
        let data = snapshot(data);
        let policy = policy(metrics, check, "inconclusive");
        let at_once = judge(&policy, &data).unwrap();
        let watched = Watch::new(policy).look(0.0, &data).unwrap();
        for verdict in [at_once, watched] {
            let (bad, sentence, good) = told(&verdict);
            assert_eq!(bad, Status::Inconclusive, "{what}: {sentence}");
            assert!(sentence.contains(obstacle), "{what}: {sentence}");
            assert!(sentence.contains("cannot be judged"), "{what}: {sentence}");
            assert_eq!(good, Status::Pass, "{what}");
        }
    }
}

#[test]
fn its_own_rule_decides_what_becomes_of_it() {
    for (what, metrics, check, data, obstacle) in TABLE {
        let data = snapshot(data);
        for (no_data, status) in [("pass", Status::Pass), ("fail", Status::Fail)] {
            let policy = policy(metrics, check, no_data);
            let at_once = judge(&policy, &data).unwrap();
            let watched = Watch::new(policy).look(0.0, &data).unwrap();
            for verdict in [at_once, watched] {
                let (bad, sentence, good) = told(&verdict);
                assert_eq!(bad, status, "{what}: {sentence}");
                assert_eq!(verdict.status, status, "{what}: {}", verdict.reason);
                assert_eq!(good, Status::Pass, "{what}");
            }
        }
        let policy = policy(metrics, check, "error");
        let errors = [judge(&policy, &data), Watch::new(policy).look(0.0, &data)];
        for error in errors {
            let error = error.unwrap_err().to_string();
            assert!(error.contains(obstacle), "{what}: {error}");
        }
    }
}

#[test]
fn a_watch_goes_on_after_a_look_that_cannot_be_taken() {
    let policy = policy(
        r#""m": {}"#,
        r#""metric": "m", "standard": {}"#,
        "inconclusive",
    );
    let mut watch = Watch::new(policy);
    let mut look = |at: f64, data: &str| told(&watch.look(at, &snapshot(data)).unwrap());
    let errors = |n: u32| {
        format!(
            r#""m": {{"baseline": {{"events": 10, "trials": 1000}}, "canary": {{"events": {n}, "trials": 1000}}}}"#
        )
    };
    assert_eq!(look(1.0, &errors(10)).0, Status::Inconclusive);
    let (status, sentence, _) = look(2.0, r#""m": {"baseline": 0.1, "canary": 0.1}"#);
    assert_eq!(status, Status::Inconclusive);
    assert!(sentence.contains("measured in another way"), "{sentence}");
    assert_eq!(look(3.0, &errors(200)).0, Status::Fail);
    // A failure stays one, whatever comes.
    let two_ways = r#""m": {"baseline": 0.1, "canary": {"events": 1, "trials": 9}}"#;
    assert_eq!(look(4.0, two_ways).0, Status::Fail);
    assert_eq!(look(5.0, "").0, Status::Fail);
}

#[test]
fn a_quotient_that_is_no_proportion_on_one_arm_is_a_number_on_both() {
    let policy = policy(
        r#""cost": {}, "requests": {}, "m": {"formula": "cost / requests"}"#,
        r#""metric": "m", "threshold": {"factor": 2}"#,
        "error",
    );
    let data =
        r#""cost": {"baseline": 50, "canary": 120}, "requests": {"baseline": 100, "canary": 100}"#;
    let (status, sentence, _) = told(&judge(&policy, &snapshot(data)).unwrap());
    assert_eq!(status, Status::Fail);
    assert!(
        sentence.starts_with("m is 1.2 on the canary and 0.5"),
        "{sentence}"
    );
}

#[test]
fn no_data_decide_alone_only_where_it_was_said_what_they_mean() {
    let policy = |no_data: &str| {
        let text = format!(
            r#"{{"version": 1, "metrics": {{"m": {{}}}},
                "checks": [{{"metric": "m", "threshold": {{"max": 1}}{no_data}}}]}}"#
        );
        Policy::from_json(&text).unwrap()
    };
    let nothing = Snapshot::new();
    for (no_data, status, said) in [
        (
            "",
            Status::Inconclusive,
            "m cannot be judged: there are no data of the canary.",
        ),
        (
            r#", "no_data": "pass""#,
            Status::Pass,
            "m cannot be judged: there are no data of the canary; its check passes without data.",
        ),
        (
            r#", "no_data": "fail""#,
            Status::Fail,
            "m cannot be judged: there are no data of the canary; its check fails without data.",
        ),
    ] {
        let policy = policy(no_data);
        let watched = Watch::new(policy.clone()).look(0.0, &nothing).unwrap();
        for verdict in [judge(&policy, &nothing).unwrap(), watched] {
            assert_eq!(verdict.status, status, "{}", verdict.reason);
            assert!(verdict.reason.ends_with(said), "{}", verdict.reason);
        }
    }
}
