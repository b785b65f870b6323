//! Findings of single checks.

use super::*;
use crate::data::{Counts, Gauge, Histogram, Sample, Series};
use crate::number::random::Stream;
use crate::options::NanPolicy;

/// The finding of one check, given as JSON, on one metric in milliseconds.
fn judged<T: Into<Observations>>(check: &str, direction: &str, arms: Arms<T>) -> Finding {
    let policy = Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{"m": {{"direction": "{direction}", "unit": "ms"}}}},
            "checks": [{{"metric": "m", {check}}}]}}"#
    ));
    let snapshot = Snapshot::new().with("m", arms).unwrap();
    judge(&policy.unwrap(), &snapshot)
        .unwrap()
        .findings
        .remove(0)
}

fn gauges(baseline: f64, canary: f64) -> Arms<Gauge> {
    Arms::new(baseline, canary).map(|x| Gauge::new(x).unwrap())
}

fn samples(baseline: &[f64], canary: &[f64]) -> Arms<Sample> {
    Arms::new(baseline, canary).map(|x| Sample::new(x.to_vec(), NanPolicy::Raise).unwrap())
}

#[test]
fn relative_thresholds_hold_up_to_and_including_the_bound() {
    for (check, direction, baseline, canary, status) in [
        (
            r#""threshold": {"factor": "2x"}"#,
            "increase",
            100.0,
            200.0,
            Status::Pass,
        ),
        (
            r#""threshold": {"factor": "2x"}"#,
            "increase",
            100.0,
            200.1,
            Status::Fail,
        ),
        (
            r#""threshold": {"factor": "2x"}"#,
            "decrease",
            100.0,
            49.9,
            Status::Fail,
        ),
        (
            r#""threshold": {"factor": "2x"}"#,
            "decrease",
            100.0,
            900.0,
            Status::Pass,
        ),
        (
            r#""threshold": {"percent": "50%"}"#,
            "increase",
            100.0,
            151.0,
            Status::Fail,
        ),
        (
            r#""threshold": {"percent": "50%"}"#,
            "decrease",
            100.0,
            51.0,
            Status::Pass,
        ),
        (
            r#""threshold": {"percent": "50%"}"#,
            "either",
            100.0,
            49.0,
            Status::Fail,
        ),
        (
            r#""threshold": {"difference": "0.02s"}"#,
            "increase",
            100.0,
            120.0,
            Status::Pass,
        ),
        (
            r#""threshold": {"difference": "0.02s"}"#,
            "increase",
            100.0,
            121.0,
            Status::Fail,
        ),
        (
            r#""threshold": {"max": "0.5s"}"#,
            "increase",
            0.0,
            501.0,
            Status::Fail,
        ),
        (
            r#""threshold": {"min": 5, "max": "0.5s"}"#,
            "increase",
            0.0,
            5.0,
            Status::Pass,
        ),
    ] {
        let finding = judged(check, direction, gauges(baseline, canary));
        assert_eq!(finding.status, status, "{check} {direction}: {finding}");
    }
}

#[test]
fn a_zero_baseline_is_no_division_by_zero() {
    let check = r#""threshold": {"percent": "50%"}"#;
    assert_eq!(
        judged(check, "increase", gauges(0.0, 0.0)).status,
        Status::Pass
    );
    let from_zero = judged(check, "increase", gauges(0.0, 0.1));
    assert_eq!(from_zero.status, Status::Fail);
    assert_eq!(from_zero.change.unwrap().value, f64::INFINITY);
    assert!(from_zero.sentence.contains("up from zero"), "{from_zero}");
    let negative = judged(check, "increase", gauges(-1.0, 5.0));
    assert_eq!(negative.status, Status::Inconclusive);
    assert!(
        negative
            .sentence
            .contains("state the bound as a difference")
    );
}

#[test]
fn a_test_has_three_answers() {
    let check = r#""test": {"method": "t_test", "margin": {"percent": "5%"}}"#;
    let noise = |level: f64, n: u32| -> Vec<f64> {
        (0..n)
            .map(|i| level + f64::from(i * 37 % 101) / 10.0)
            .collect()
    };
    for (level, n, status) in [
        (100.0, 1000, Status::Pass),
        (110.0, 1000, Status::Fail),
        (104.5, 20, Status::Inconclusive),
    ] {
        let finding = judged(
            check,
            "increase",
            samples(&noise(100.0, n), &noise(level, n)),
        );
        assert_eq!(finding.status, status, "{finding}");
        assert_eq!(
            finding.more_needed.is_some(),
            status == Status::Inconclusive
        );
    }
}

#[test]
fn as_many_more_observations_as_promised_decide() {
    let check = r#""test": {"method": "two_proportion_z", "margin": {"difference": 0.01}}"#;
    let counts = |scale: u64| {
        Arms::new((50, 10_000), (12, 1_000))
            .map(|(events, trials)| Counts::new(events * scale, trials * scale).unwrap())
    };
    let finding = judged(check, "increase", counts(1));
    assert_eq!(finding.status, Status::Inconclusive);
    let scale = 1 + finding.more_needed.unwrap().div_ceil(1_000);
    assert_ne!(
        judged(check, "increase", counts(scale)).status,
        Status::Inconclusive
    );
}

#[test]
fn what_is_missing_is_said_and_what_is_left_over_listed() {
    let policy = Policy::from_json(
        r#"{"version": 1, "metrics": {"a": {}, "b": {}},
            "checks": [{"metric": "a", "threshold": {"max": 1}},
                       {"metric": "b", "threshold": {"factor": 2}}]}"#,
    )
    .unwrap();
    let mut snapshot = Snapshot::new().with("c", gauges(1.0, 1.0)).unwrap();
    let only_canary = Arms::new(None, Some(Gauge::new(1.0).unwrap().into()));
    snapshot.insert("b", only_canary).unwrap();
    let verdict = judge(&policy, &snapshot).unwrap();
    assert_eq!(verdict.status, Status::Inconclusive);
    assert_eq!(verdict.unchecked, ["c"]);
    let sentences: Vec<_> = verdict
        .findings
        .iter()
        .map(|f| f.sentence.as_str())
        .collect();
    assert_eq!(
        sentences,
        [
            "a cannot be judged: there are no data of the canary.",
            "b cannot be judged: there are no data of the baseline.",
        ]
    );
}

#[test]
fn no_traffic_is_no_data() {
    let check = r#""threshold": {"max": "5%"}"#;
    let policy = format!(
        r#"{{"version": 1, "metrics": {{"m": {{}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
    );
    let none = Arms::new(Counts::new(0, 10).unwrap(), Counts::new(0, 0).unwrap());
    let snapshot = Snapshot::new().with("m", none).unwrap();
    let verdict = judge(&Policy::from_json(&policy).unwrap(), &snapshot).unwrap();
    assert_eq!(verdict.status, Status::Inconclusive);
}

#[test]
fn each_kind_of_observations_offers_its_statistics() {
    let series = |values: &[f64]| {
        let times = (0..values.len()).map(|i| i as f64).collect();
        Series::new(times, values.to_vec(), NanPolicy::Raise).unwrap()
    };
    let leak = Arms::new(series(&[200.0, 201.0]), series(&[200.0, 400.0]));
    let last = r#""threshold": {"statistic": "last", "factor": 1.5}"#;
    assert_eq!(judged(last, "increase", leak).status, Status::Fail);
    let buckets = |slow: f64| {
        Histogram::new(
            &[100.0, 500.0, f64::INFINITY],
            &[100.0 - slow, 100.0, 100.0],
            None,
        )
    };
    let p99 = r#""threshold": {"statistic": "p99", "max": "300ms"}"#;
    let slow = Arms::new(buckets(0.0).unwrap(), buckets(5.0).unwrap());
    assert_eq!(judged(p99, "increase", slow).status, Status::Fail);
}

#[test]
fn percentages_of_counts_are_shares() {
    let counts = |events: u64| {
        Arms::new((1, 1_000), (events, 1_000))
            .map(|(events, trials)| Counts::new(events, trials).unwrap())
    };
    for (check, events, status) in [
        (
            r#""test": {"margin": {"difference": "0.25%"}}"#,
            100,
            Status::Fail,
        ),
        (r#""threshold": {"max": "5%"}"#, 51, Status::Fail),
        (r#""threshold": {"max": "5%"}"#, 50, Status::Pass),
        (r#""fail_if": "m > 3%""#, 31, Status::Fail),
        (r#""fail_if": "m > 3%""#, 30, Status::Pass),
    ] {
        let policy = format!(
            r#"{{"version": 1, "metrics": {{"m": {{"unit": "%"}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
        );
        let snapshot = Snapshot::new().with("m", counts(events)).unwrap();
        let verdict = judge(&Policy::from_json(&policy).unwrap(), &snapshot).unwrap();
        assert_eq!(verdict.status, status, "{check}: {}", verdict.reason);
        assert!(
            verdict
                .reason
                .contains(&format!("{}%", events as f64 / 10.0)),
            "{}",
            verdict.reason
        );
    }
}

#[test]
fn growth_and_what_is_said_of_both_arms_do_not_contradict_each_other() {
    let check = r#""trend": {"margin": {"difference": 100}, "over": "1m"}"#;
    let mut random = Stream::new(1, 0);
    let mut without_levels = 0;
    for _ in 0..100 {
        let mut series = || {
            let times = (0..12).map(|i| 60.0 * f64::from(i)).collect();
            let values = (0..12).map(|_| 100.0 + 10.0 * random.normal()).collect();
            Series::new(times, values, NanPolicy::Raise).unwrap()
        };
        let finding = judged(check, "increase", Arms::new(series(), series()));
        let growth = finding.change.unwrap().value;
        match (finding.levels.baseline, finding.levels.canary) {
            (Some(baseline), Some(canary)) => assert!(growth * (canary - baseline) >= 0.0),
            _ => without_levels += 1,
        }
        let more = if growth > 0.0 {
            "ms more on the canary than"
        } else {
            "ms less on the canary than"
        };
        assert!(finding.sentence.contains(more), "{growth}: {finding}");
        assert!(!finding.sentence.contains("on the baseline:"), "{finding}");
    }
    assert!(without_levels > 0);
}

#[test]
fn numbers_in_words_have_no_more_digits_than_they_need() {
    let check = r#""test": {"method": "t_test", "margin": {"factor": 1.5}}"#;
    let finding = judged(
        check,
        "decrease",
        samples(&[10.0, 11.0, 12.0], &[10.0, 11.0, 12.5]),
    );
    assert!(
        finding.sentence.contains("at most 33.33% less"),
        "{finding}"
    );
}

#[test]
fn what_buckets_hide_is_not_told_as_a_want_of_data() {
    let bounds = [0.1, 0.5, 1.0, f64::INFINITY];
    let median = r#""quantile": {"quantile": "p50", "margin": {"percent": 20}}"#;
    let of = |counts: [f64; 4]| Histogram::new(&bounds, &counts, None).unwrap();
    let baseline = of([800.0, 980.0, 995.0, 1000.0]);
    let canary = of([300.0, 700.0, 900.0, 1000.0]);
    for times in [1.0, 1000.0] {
        let more = |histogram: &Histogram| {
            let counts: Vec<f64> = histogram
                .buckets()
                .iter()
                .map(|b| times * b.count)
                .collect();
            Histogram::new(&bounds, &counts, None).unwrap()
        };
        let finding = judged(
            median,
            "increase",
            Arms::new(more(&baseline), more(&canary)),
        );
        assert_eq!(finding.status, Status::Inconclusive);
        assert_eq!(finding.more_needed, None);
        let said = &finding.sentence;
        assert!(!said.contains("more data would be needed"), "{said}");
        assert!(
            said.ends_with(
                "with 95% confidence at least the same. What is allowed is at most 20% more. More data would not \
                 decide: within a bucket nothing is known, and the baseline's lies between 0 ms and 0.1 ms, the \
                 canary's between 0.1 ms and 0.5 ms. Finer buckets there would."
            ),
            "{said}"
        );
        // The interval that is shown is the one that does not decide.
        let interval = finding.change.unwrap().interval.unwrap();
        assert_eq!((interval.low, interval.high), (1.0, f64::INFINITY));
    }
    // Where the guess is within what is allowed, buckets change nothing.
    let within =
        r#""quantile": {"quantile": "p50", "margin": {"percent": 20}, "fail_beyond": 0.5}"#;
    let wide = |share: f64| {
        let counts = [share * 1e6, 1e6, 1e6];
        Histogram::new(&[1.0, 2.0, f64::INFINITY], &counts, None).unwrap()
    };
    let finding = judged(within, "increase", Arms::new(wide(0.9), wide(0.8)));
    assert_eq!(finding.status, Status::Pass, "{finding}");
    // With a bound between them it is decided.
    let fine = [0.1, 0.2, 0.5, f64::INFINITY];
    let of = |counts: [f64; 4]| Histogram::new(&fine, &counts, None).unwrap();
    let arms = Arms::new(
        of([800.0, 980.0, 995.0, 1000.0]),
        of([200.0, 300.0, 900.0, 1000.0]),
    );
    assert_eq!(judged(median, "increase", arms).status, Status::Fail);
}

/// Not a number, it would be unequal to itself, and JSON has no such thing.
#[test]
fn what_is_found_without_traffic_equals_itself() {
    let policy = Policy::from_json(
        r#"{"version": 1, "metrics": {"m": {"direction": "increase"}},
            "checks": [{"metric": "m", "standard": {}},
                       {"metric": "m", "test": {"margin": {"percent": 5, "floor": "0.25%"}}},
                       {"metric": "m", "sequential": {"margin": {"percent": 5}}},
                       {"metric": "m", "threshold": {"factor": 2}},
                       {"metric": "m", "sample_ratio": {"canary": "50%"}},
                       {"metric": "m", "missing": {"max": "10%"}}]}"#,
    )
    .unwrap();
    for (baseline, canary) in [(0, 0), (0, 5), (5, 0)] {
        let arms = Arms::new(baseline, canary).map(|trials| Counts::new(0, trials).unwrap());
        let verdict = judge(&policy, &Snapshot::new().with("m", arms).unwrap()).unwrap();
        let text = serde_json::to_string(&verdict).unwrap();
        assert!(!text.contains("nan"), "{text}");
        assert_eq!(verdict, verdict.clone());
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), verdict);
    }
}
