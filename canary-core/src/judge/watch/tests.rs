//! Rollouts that are watched.

use super::*;
use crate::data::{Counts, Gauge, Sample};
use crate::judge::condition::{ExpressionCondition, TestCondition};
use crate::judge::engines::Limits;
use crate::judge::expression::Expression;
use crate::judge::importance::NoData;
use crate::judge::verdict::Recommendation;
use crate::number::random::Stream;
use crate::options::{Margin, NanPolicy};

/// A minute of a small service: errors of requests, latencies and memory, on both arms.
fn minute(random: &mut Stream, error_rate: Arms<f64>, slower: f64) -> Snapshot {
    let requests = Arms::new(1900_u64, 100);
    let mut counts = |rate: f64, requests: u64| {
        let events = (0..requests).filter(|_| random.unit() < rate).count() as u64;
        Counts::new(events, requests).unwrap()
    };
    let errors = Arms::new(
        counts(error_rate.baseline, requests.baseline),
        counts(error_rate.canary, requests.canary),
    );
    let mut sample = |n: usize, factor: f64| {
        let values = (0..n).map(|_| factor * (3.0_f64 + 0.5 * random.normal()).exp());
        Sample::new(values.collect(), NanPolicy::Raise).unwrap()
    };
    let latency = Arms::new(sample(300, 1.0), sample(100, slower));
    let mut gauge = || Gauge::new(200.0 + 4.0 * random.normal()).unwrap();
    let memory = Arms::new(gauge(), gauge());
    Snapshot::new()
        .with("error_rate", errors)
        .unwrap()
        .with("latency", latency)
        .unwrap()
        .with("memory", memory)
        .unwrap()
}

/// The first minute at which the canary fails, of an hour, and the last verdict.
fn watched(seed: u64, error_rate: Arms<f64>, slower: f64) -> (Option<u32>, Verdict) {
    let mut random = Stream::new(seed, 0);
    let mut watch = Watch::new(Policy::standard(["error_rate", "latency", "memory"]).unwrap());
    let mut first = None;
    let mut last = None;
    for number in 1..=60 {
        let snapshot = minute(&mut random, error_rate, slower);
        let verdict = watch.look(60.0 * f64::from(number), &snapshot).unwrap();
        if verdict.status == Status::Fail {
            first = first.or(Some(number));
        }
        last = Some(verdict);
        if first.is_some() {
            break;
        }
    }
    (first, last.unwrap())
}

#[test]
fn a_good_canary_is_hardly_ever_rolled_back_and_often_passes() {
    let runs = 40;
    let (mut failed, mut passed) = (0, 0);
    for seed in 0..runs {
        let (first, verdict) = watched(seed, Arms::new(0.01, 0.01), 1.0);
        failed += u32::from(first.is_some());
        passed += u32::from(verdict.status == Status::Pass);
    }
    // Of 40 with a chance of 5 % each, 6 or more are as rare as 0.6 %.
    assert!(failed <= 5, "{failed}");
    assert!(passed >= 8, "{passed}");
}

#[test]
fn faults_of_twice_the_margin_are_found() {
    for seed in 0..5 {
        let (errors, _) = watched(100 + seed, Arms::new(0.01, 0.03), 1.0);
        assert!(errors.is_some_and(|minute| minute < 60), "{errors:?}");
        let (latency, verdict) = watched(200 + seed, Arms::new(0.01, 0.01), 1.4);
        assert!(latency.is_some_and(|minute| minute < 15), "{latency:?}");
        assert_eq!(verdict.recommendation, Recommendation::Rollback);
        assert!(verdict.reason.contains("latency"), "{}", verdict.reason);
    }
}

#[test]
fn what_was_written_and_read_goes_on_as_if_it_had_not_been() {
    let policy = Policy::standard(["error_rate", "latency", "memory"]).unwrap();
    let mut whole = Watch::new(policy);
    let mut random = Stream::new(7, 0);
    for number in 1..=45 {
        let snapshot = minute(&mut random, Arms::new(0.01, 0.02), 1.1);
        let mut read: Watch =
            serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        assert_eq!(read, whole);
        let at = 60.0 * f64::from(number);
        assert_eq!(read.look(at, &snapshot), whole.look(at, &snapshot));
    }
}

#[test]
fn a_refused_look_changes_nothing() {
    let mut watch = Watch::new(Policy::standard(["error_rate"]).unwrap());
    let snapshot = Snapshot::new();
    watch.look(60.0, &snapshot).unwrap();
    let before = watch.clone();
    for at in [60.0, 0.0, f64::NAN, f64::INFINITY] {
        assert!(watch.look(at, &snapshot).is_err());
        assert_eq!(watch, before);
    }
}

#[test]
fn no_data_are_said_at_every_look_and_end_when_data_come() {
    let mut watch = Watch::new(Policy::standard(["error_rate"]).unwrap());
    let nothing = watch.look(60.0, &Snapshot::new()).unwrap();
    assert_eq!(nothing.status, Status::Inconclusive);
    assert!(nothing.reason.contains("no data"), "{}", nothing.reason);
    let errors = Arms::new((2, 9_500), (90, 500)).map(|(n, of)| Counts::new(n, of).unwrap());
    let some = Snapshot::new().with("error_rate", errors).unwrap();
    let verdict = watch.look(120.0, &some).unwrap();
    assert_eq!(verdict.status, Status::Fail, "{}", verdict.reason);
}

#[test]
fn a_condition_fails_when_it_has_lasted_for_as_long_as_its_limit() {
    let condition = ExpressionCondition::fail_if("error_rate > 3%".parse::<Expression>().unwrap());
    let limits = Limits {
        violation_seconds: Some(300.0),
        ..Limits::default()
    };
    let metrics = BTreeMap::from([("error_rate".to_owned(), crate::data::Metric::default())]);
    let check = Check::new("error_rate", condition).limits(limits);
    let mut watch = Watch::new(Policy::new(metrics, vec![check]).unwrap());
    let mut look = |minute: u32, events: u64| {
        let counts = Arms::new(
            Counts::new(0, 100).unwrap(),
            Counts::new(events, 100).unwrap(),
        );
        let snapshot = Snapshot::new().with("error_rate", counts).unwrap();
        let verdict = watch.look(60.0 * f64::from(minute), &snapshot).unwrap();
        (verdict.status, verdict.reason)
    };
    assert_eq!(look(1, 4).0, Status::Inconclusive);
    assert_eq!(look(2, 1).0, Status::Pass); // the row is over
    for minute in 3..8 {
        assert_eq!(look(minute, 4).0, Status::Inconclusive, "{minute}");
    }
    let (status, reason) = look(8, 4);
    assert_eq!(status, Status::Fail, "{reason}");
    assert!(reason.contains("violation seconds"), "{reason}");
}

#[test]
fn a_rollout_passes_when_it_was_watched_for_long_enough() {
    let aggregation = aggregate::Aggregation {
        min_time: 120.0,
        ..aggregate::Aggregation::default()
    };
    let metrics = BTreeMap::from([("load".to_owned(), crate::data::Metric::default())]);
    let most = crate::judge::Threshold {
        statistic: None,
        bound: crate::judge::Bound::Absolute {
            min: None,
            max: Some(1.0),
        },
    };
    let checks = vec![Check::new("load", most).no_data(NoData::Error)];
    let policy = Policy::new(metrics, checks).unwrap();
    let mut watch = Watch::new(policy.aggregated(aggregation).unwrap());
    let load = Arms::new(0.5, 0.6).map(|x| Gauge::new(x).unwrap());
    let snapshot = Snapshot::new().with("load", load).unwrap();
    let mut status = |at: f64| watch.look(at, &snapshot).unwrap().status;
    assert_eq!(status(60.0), Status::Inconclusive);
    assert_eq!(status(179.0), Status::Inconclusive);
    assert_eq!(status(180.0), Status::Pass);
}

#[test]
fn every_kind_of_check_can_be_watched() {
    let text = r#"{
        "version": 1,
        "metrics": {"a": {}, "b": {}, "c": {"direction": "either"}, "d": {"direction": "decrease"}},
        "parameters": {"target": 100},
        "checks": [
            {"metric": "a", "test": {"margin": {"percent": 50, "floor": 0.01}}},
            {"metric": "a", "sample_ratio": {"canary": "10%"}, "role": "quality"},
            {"metrics": ["a", "e"], "fairness": {"notion": "demographic_parity"}},
            {"metric": "b", "distribution": {"margin": {"percent": 20}}},
            {"metric": "b", "quantile": {"quantile": "p95", "margin": {"percent": 20}}},
            {"metric": "b", "test": {"method": "mann_whitney", "margin": {"difference": 5}}},
            {"metric": "b", "test": {"method": "spread", "margin": {"factor": 2}}},
            {"metric": "b", "missing": {"max": "10%"}},
            {"metric": "c", "equivalence": {"margin": {"percent": 20}}},
            {"metric": "c", "trend": {"margin": {"percent": 10}, "over": "1h"}},
            {"metrics": ["c", "d"], "anomaly": {"margin": "20%"}},
            {"metric": "d", "superiority": {"margin": {"percent": 5}}, "role": "success"},
            {"pass_if": "d > target * 0.9"}
        ]
    }"#;
    let text = text.replace(
        r#""d": {"direction": "decrease"}"#,
        r#""d": {"direction": "decrease"}, "e": {}"#,
    );
    let mut watch = Watch::new(Policy::from_json(&text).unwrap());
    let mut random = Stream::new(3, 0);
    for number in 1..=20 {
        let counts = |n: u64, of: u64| Counts::new(n, of).unwrap();
        let mut sample = |n: u32| {
            let values = (0..n).map(|_| 50.0 + 10.0 * random.normal()).collect();
            Sample::new(values, NanPolicy::Raise).unwrap()
        };
        let values = Arms::new(sample(90), sample(10));
        let mut gauge = |level: f64| Gauge::new(level + random.normal()).unwrap();
        let snapshot = Snapshot::new()
            .with("a", Arms::new(counts(9, 900), counts(1, 100)))
            .unwrap()
            .with("e", Arms::new(counts(9, 900), counts(1, 100)))
            .unwrap()
            .with("b", values)
            .unwrap()
            .with("c", Arms::new(gauge(100.0), gauge(100.0)))
            .unwrap()
            .with("d", Arms::new(gauge(100.0), gauge(130.0)))
            .unwrap();
        let verdict = watch.look(60.0 * f64::from(number), &snapshot).unwrap();
        assert_eq!(verdict.findings.len(), 13);
        for finding in &verdict.findings {
            assert_ne!(finding.status, Status::Fail, "{number}: {finding}");
            assert!(finding.sentence.len() > 10, "{finding}");
        }
    }
    let margin = TestCondition::new(Margin::Percent(5.0));
    assert_eq!(margin.fail_beyond, 1.0);
}

/// The status of each look at gauges, and what the last one says.
fn gauges(check: &str, pairs: impl IntoIterator<Item = (f64, f64)>) -> (Vec<Status>, String) {
    let text = format!(
        r#"{{"version": 1, "metrics": {{"replicas": {{"direction": "increase"}}}},
            "checks": [{{"metric": "replicas", {check}}}]}}"#
    );
    let mut watch = Watch::new(Policy::from_json(&text).unwrap());
    let mut said = String::new();
    let mut statuses = Vec::new();
    for (number, (baseline, canary)) in pairs.into_iter().enumerate() {
        let arms = Arms::new(baseline, canary).map(|x| Gauge::new(x).unwrap());
        let snapshot = Snapshot::new().with("replicas", arms).unwrap();
        let verdict = watch.look(60.0 * number as f64, &snapshot).unwrap();
        statuses.push(verdict.status);
        said = verdict.findings[0].sentence.clone();
    }
    (statuses, said)
}

#[test]
fn levels_that_never_vary_are_decided() {
    let standard = r#""standard": {}"#;
    let by_difference = r#""test": {"margin": {"difference": 0.3}}"#;
    let with_floor = r#""test": {"margin": {"percent": 20, "floor": 2}}"#;
    for (check, baseline, canary, status) in [
        (standard, 3.0, 3.0, Status::Pass),
        (standard, 3.0, 2.0, Status::Pass),
        (standard, 5.0, 6.0, Status::Pass),
        (standard, 3.0, 4.0, Status::Fail),
        (standard, 0.3, 0.1 + 0.2, Status::Pass),
        (standard, 0.0, 0.0, Status::Pass),
        (by_difference, 3.0, 3.0 + 0.1 + 0.2, Status::Pass),
        (by_difference, 3.0, 3.4, Status::Fail),
        (with_floor, 3.0, 4.0, Status::Pass),
        (with_floor, 3.0, 6.0, Status::Fail),
    ] {
        let (statuses, said) = gauges(check, vec![(baseline, canary); 20]);
        for (number, got) in statuses.iter().enumerate() {
            let expected = if number < 7 {
                Status::Inconclusive
            } else {
                status
            };
            assert_eq!(
                *got, expected,
                "{check} {baseline} {canary}, {number}: {said}"
            );
        }
        assert!(
            !said.contains("anything at all") && !said.contains("NaN"),
            "{said}"
        );
    }
}

#[test]
fn what_begins_to_vary_stays_what_it_was_proved_to_be() {
    let pairs = |canary: f64| {
        let still = vec![(3.0, canary); 10];
        let noise = (0..5).map(move |i| (3.0, canary + 2.0 * f64::from(i % 2)));
        still.into_iter().chain(noise)
    };
    let (alike, said) = gauges(r#""standard": {}"#, pairs(3.0));
    assert_eq!(
        (alike[9], alike[14]),
        (Status::Pass, Status::Pass),
        "{said}"
    );
    let (more, said) = gauges(r#""standard": {}"#, pairs(4.0));
    assert_eq!((more[9], more[14]), (Status::Fail, Status::Fail), "{said}");
}

/// The first look of 60 at which it fails.
fn first_failure(policy: Policy, look: impl Fn(u32) -> Snapshot) -> Option<u32> {
    first_failure_of(policy, 60, look)
}

fn first_failure_of(policy: Policy, looks: u32, look: impl Fn(u32) -> Snapshot) -> Option<u32> {
    let mut watch = Watch::new(policy);
    (1..=looks).find(|&minute| {
        let verdict = watch.look(60.0 * f64::from(minute), &look(minute)).unwrap();
        verdict.status == Status::Fail
    })
}

/// Whatever the margin: it is not looked for with a magnifying glass.
#[test]
fn a_small_margin_finds_a_large_fault_as_soon() {
    let mut random = Stream::new(7, 0);
    let minutes: Vec<Arms<Counts>> = (0..60)
        .map(|_| {
            let mut counts = |rate: f64, requests: u64| {
                let events = (0..requests).filter(|_| random.unit() < rate).count();
                Counts::new(events as u64, requests).unwrap()
            };
            Arms::new(counts(0.01, 950), counts(0.06, 50))
        })
        .collect();
    for margin in [
        r#""percent": 0.1"#,
        r#""percent": 1"#,
        r#""percent": 10"#,
        r#""difference": "0.0001%""#,
    ] {
        let policy = Policy::from_json(&format!(
            r#"{{"version": 1, "metrics": {{"errors": {{}}}},
                "checks": [{{"metric": "errors", "test": {{"margin": {{{margin}}}}}}}]}}"#
        ));
        let first = first_failure(policy.unwrap(), |minute| {
            let arms = minutes[minute as usize - 1];
            Snapshot::new().with("errors", arms).unwrap()
        });
        assert!(
            first.is_some_and(|first| first <= 12),
            "{margin}: {first:?}"
        );
    }
}

/// A first minute without errors does not decide how all others are watched.
#[test]
fn a_zero_at_first_is_no_reason_to_look_more_rarely() {
    for first in [0.0, 1.0] {
        let mut found: Vec<Option<u32>> = (0..11)
            .map(|seed| {
                let mut random = Stream::new(seed, 1);
                let gauges: Vec<Arms<Gauge>> = (0..60)
                    .map(|minute| {
                        let mut about =
                            |level: f64| (level + level.sqrt() * random.normal()).round().max(0.0);
                        let arms = Arms::new(about(1.0), about(20.0));
                        let baseline = if minute == 0 { first } else { arms.baseline };
                        Arms::new(baseline, arms.canary).map(|value| Gauge::new(value).unwrap())
                    })
                    .collect();
                first_failure(Policy::standard(["errors"]).unwrap(), |minute| {
                    let arms = gauges[minute as usize - 1];
                    Snapshot::new().with("errors", arms).unwrap()
                })
            })
            .collect();
        found.sort_unstable();
        assert!(found[5].is_some_and(|median| median <= 7), "{found:?}");
    }
}

#[test]
fn values_that_never_vary_are_decided() {
    for (canary, status) in [(5.0, Status::Pass), (9.0, Status::Fail)] {
        let mut watch = Watch::new(Policy::standard(["latency"]).unwrap());
        let values = |x: f64| Sample::new(vec![x; 50], NanPolicy::Raise).unwrap();
        let snapshot = Snapshot::new()
            .with("latency", Arms::new(5.0, canary).map(values))
            .unwrap();
        let verdicts: Vec<Verdict> = (1..=60)
            .map(|minute| watch.look(f64::from(minute), &snapshot).unwrap())
            .collect();
        let found = verdicts
            .iter()
            .find(|verdict| verdict.status != Status::Inconclusive);
        assert_eq!(found.unwrap().status, status);
        // One look at nothing but zeros, of what is rare, promotes nobody.
        assert_ne!(verdicts[0].status, Status::Pass);
    }
}

/// What is said to be proved is what the interval says.
#[test]
fn an_outcome_and_its_interval_agree() {
    for seed in 0..6 {
        let mut random = Stream::new(seed, 9);
        let mut watch = Watch::new(Policy::standard(["latency", "error_rate", "memory"]).unwrap());
        for number in 1..=40 {
            let snapshot = minute(&mut random, Arms::new(0.01, 0.01), 1.0);
            let verdict = watch.look(60.0 * f64::from(number), &snapshot).unwrap();
            for finding in &verdict.findings {
                let (Some(change), Some(allowed)) = (&finding.change, &finding.acceptable) else {
                    continue;
                };
                if let (Status::Pass, Some(interval)) = (finding.status, change.interval) {
                    assert!(interval.high <= allowed.high, "{}", finding.sentence);
                }
            }
        }
    }
}

/// Whichever way is worse, values that are alike never fail, and those that are worse by half do.
#[test]
fn a_curve_is_watched_in_every_direction() {
    for direction in ["increase", "decrease", "either"] {
        for check in [
            r#""standard": {}"#,
            r#""standard": {"margin": {"difference": 20}}"#,
            r#""distribution": {"margin": {"percent": 20}}"#,
        ] {
            let policy = || {
                let text = format!(
                    r#"{{"version": 1, "metrics": {{"m": {{"direction": "{direction}"}}}},
                        "checks": [{{"metric": "m", {check}}}]}}"#
                );
                Policy::from_json(&text).unwrap()
            };
            let fails = |factor: f64, seed: u64| {
                let mut random = Stream::new(seed, 2);
                let looks: Vec<Arms<Sample>> = (0..30)
                    .map(|_| {
                        Arms::new(1.0, factor).map(|factor| {
                            let value = |_| factor * (100.0 + 10.0 * random.normal());
                            let values = (0..20).map(value).collect();
                            Sample::new(values, NanPolicy::Raise).unwrap()
                        })
                    })
                    .collect();
                first_failure_of(policy(), 30, |minute| {
                    let arms = looks[minute as usize - 1].clone();
                    Snapshot::new().with("m", arms).unwrap()
                })
            };
            for seed in 0..3 {
                assert_eq!(fails(1.0, seed), None, "{direction} {check}");
            }
            let worse = if direction == "decrease" { 0.5 } else { 1.5 };
            let found = fails(worse, 3);
            assert!(
                found.is_some_and(|look| look <= 5),
                "{direction} {check} {found:?}"
            );
        }
    }
}

#[test]
fn nothing_and_nothing_again_are_told_as_numbers() {
    let mut watch = Watch::new(Policy::standard(["errors"]).unwrap());
    let zeros = |_| Sample::new(vec![0.0; 50], NanPolicy::Raise).unwrap();
    let snapshot = Snapshot::new()
        .with("errors", Arms::new(0.0, 0.0).map(zeros))
        .unwrap();
    for minute in 1..=9 {
        let verdict = watch.look(f64::from(minute), &snapshot).unwrap();
        assert!(!verdict.to_string().contains("NaN"), "{verdict}");
        assert_ne!(verdict.status, Status::Fail, "{verdict}");
    }
}

/// Of a quantile that is tested, that quantile is told.
#[test]
fn a_tested_quantile_is_told_of() {
    let policy = r#"{"version": 1, "metrics": {"m": {}}, "checks": [
        {"metric": "m", "quantile": {"quantile": "p50", "margin": {"percent": 20}}},
        {"metric": "m", "test": {"method": "mann_whitney", "margin": {"percent": 20}}}]}"#;
    let mut watch = Watch::new(Policy::from_json(policy).unwrap());
    let values = |times: f64| {
        let values = (1..=200).map(|i| {
            if i > 180 {
                90.0 * times
            } else {
                f64::from(i) / 20.0
            }
        });
        Sample::new(values.collect(), NanPolicy::Raise).unwrap()
    };
    let snapshot = Snapshot::new()
        .with("m", Arms::new(1.0, 3.0).map(values))
        .unwrap();
    let verdict = watch.look(60.0, &snapshot).unwrap();
    for finding in &verdict.findings {
        let median = finding.levels.baseline.unwrap();
        assert!((4.5..5.6).contains(&median), "{}", finding.sentence);
        assert!((finding.change.as_ref().unwrap().value - 1.0).abs() < 0.02);
    }
}

/// The levels and the change that are told of a curve are those of one quantile.
#[test]
fn the_levels_of_a_curve_belong_to_its_change() {
    let mut random = Stream::new(4, 0);
    let mut watch = Watch::new(Policy::standard(["latency"]).unwrap());
    let mut verdict = None;
    for number in 1..=8 {
        let mut sample = |about: &mut dyn FnMut(&mut Stream) -> f64| {
            let values: Vec<f64> = (0..50).map(|_| about(&mut random)).collect();
            Sample::new(values, NanPolicy::Raise).unwrap()
        };
        let baseline = sample(&mut |random| 100.0 + 5.0 * random.normal());
        let canary = sample(&mut |random| {
            let hump = if random.unit() < 0.5 { 80.0 } else { 130.0 };
            hump + 2.0 * random.normal()
        });
        let snapshot = Snapshot::new()
            .with("latency", Arms::new(baseline, canary))
            .unwrap();
        verdict = Some(watch.look(f64::from(number), &snapshot).unwrap());
    }
    let verdict = verdict.unwrap();
    let curve = verdict.findings.iter().find(|f| f.check.contains("curve"));
    let curve = curve.unwrap_or_else(|| panic!("{verdict:?}"));
    assert_eq!(curve.status, Status::Fail);
    assert!(curve.sentence.starts_with("The p"), "{}", curve.sentence);
    let (baseline, canary) = (curve.levels.baseline.unwrap(), curve.levels.canary.unwrap());
    let change = curve.change.as_ref().unwrap().value;
    assert!(
        (canary / baseline / change - 1.0).abs() < 1e-9,
        "{}",
        curve.sentence
    );
}
