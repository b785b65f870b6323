//! Whatever is judged, by whatever check: what is said of it are words and numbers that mean something.

use canary_core::judge::{Verdict, Watch, flips};
use canary_core::report::{Report, Style};
use canary_core::{Arms, Error, Observations, Policy, Snapshot, judge};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::one_in;

const CHECKS: &[&str] = &[
    r#""standard": {}"#,
    r#""standard": {"margin": {"difference": 0.5}}"#,
    r#""test": {"margin": {"percent": 20}}"#,
    r#""test": {"margin": {"percent": 20, "floor": 0.01}}"#,
    r#""test": {"margin": {"factor": 1.5}}"#,
    r#""test": {"margin": {"difference": 0}}"#,
    r#""test": {"method": "t_test", "margin": {"percent": 5}}"#,
    r#""test": {"method": "mann_whitney", "margin": {"percent": 5}}"#,
    r#""test": {"method": "spread", "margin": {"factor": 2}}"#,
    r#""quantile": {"quantile": "p95", "margin": {"percent": 20}}"#,
    r#""equivalence": {"margin": {"percent": 20}}"#,
    r#""superiority": {"margin": {"percent": 5}}"#,
    r#""distribution": {"margin": {"percent": 20}}"#,
    r#""trend": {"margin": {"percent": 10}, "over": "1h"}"#,
    r#""trend": {"margin": {"difference": 1}, "over": "1m"}"#,
    r#""threshold": {"statistic": "mean", "percent": 20}"#,
    r#""threshold": {"statistic": "p99", "factor": 2}"#,
    r#""threshold": {"max": 5}"#,
    r#""threshold": {"min": 0.5, "max": 5}"#,
    r#""threshold": {"difference": 0.1}"#,
    r#""sample_ratio": {"canary": "10%"}"#,
    r#""missing": {"max": "10%"}"#,
    r#""fail_if": "m > 3""#,
    r#""fail_if": "m / baseline > 1.5""#,
    r#""pass_if": "m_mean < 2x baseline""#,
];

const AWKWARD: &[f64] = &[0.0, 0.0, 1.0, 1.0, 3.0, 0.3, 0.1 + 0.2, -1.0, 1e-9, 1e9];

/// One arm's data of a kind, mostly degenerate.
fn observations(kind: usize) -> BoxedStrategy<Observations> {
    let value = prop_oneof![6 => select(AWKWARD), 1 => -2.0..2.0_f64, 1 => 9.0..11.0_f64];
    let values = || {
        prop_oneof![
            vec(value.clone(), 1..40),
            (value.clone(), 1..40_usize).prop_map(|(x, n)| vec![x; n])
        ]
    };
    let json = |text: String| serde_json::from_str::<Observations>(&text).unwrap();
    let numbers = |values: &[f64]| serde_json::to_string(values).unwrap();
    let count = prop_oneof![Just(0_u64), Just(1), 0..30_u64, Just(1_000_000)];
    match kind {
        0 => (count.clone(), count)
            .prop_map(move |(a, b)| json(format!(r#"{{"events": {}, "trials": {}}}"#, a.min(b), a.max(b))))
            .boxed(),
        1 => (count, select(&[0.001, 1.0, 60.0][..]))
            .prop_map(move |(events, time)| json(format!(r#"{{"events": {events}, "time": {time}}}"#)))
            .boxed(),
        2 => value.prop_map(move |x| json(x.to_string())).boxed(),
        3 => values().prop_map(move |values| json(numbers(&values))).boxed(),
        4 => (values(), any::<bool>())
            .prop_map(move |(values, late)| {
                let start = if late { 5 } else { 0 };
                let times: Vec<f64> = (start..start + values.len()).map(|i| 60.0 * i as f64).collect();
                json(format!(r#"{{"times": {}, "values": {}}}"#, numbers(&times), numbers(&values)))
            })
            .boxed(),
        5 => vec(0..5_u64, 3)
            .prop_map(move |counts| {
                let sums: Vec<u64> = counts.iter().scan(0, |all, n| { *all += n; Some(*all) }).collect();
                json(format!(
                    r#"{{"buckets": [{{"upper": 0.1, "count": {}}}, {{"upper": 1, "count": {}}}, {{"upper": "+Inf", "count": {}}}]}}"#,
                    sums[0], sums[1], sums[2]
                ))
            })
            .boxed(),
        _ => (2..40_u64, value, select(&[0.0, 1e-9, 3.0][..]))
            .prop_map(move |(n, mean, m2)| json(format!(r#"{{"count": {n}, "mean": {mean}, "m2": {m2}}}"#)))
            .boxed(),
    }
}

fn arms() -> impl Strategy<Value = Arms<Option<Observations>>> {
    let arm = |kind| prop_oneof![9 => observations(kind).prop_map(Some), 1 => Just(None)];
    (0..7_usize)
        .prop_flat_map(move |kind| (arm(kind), arm(kind)).prop_map(|(b, c)| Arms::new(b, c)))
}

/// What no sentence may hold.
const NONSENSE: &[&str] = &[
    "NaN",
    "inf%",
    "inf ",
    "∞",
    "anything at all",
    "anything is",
    "-0%",
    "-0 ",
    "+0%",
    "at most anything",
    ": .",
    "..",
    "  ",
    "got .",
    "the same more",
    "the same less",
];

fn nonsense(text: &str) -> Option<&'static str> {
    NONSENSE
        .iter()
        .copied()
        .find(|nonsense| text.contains(nonsense))
}

fn is_sane(verdict: &Verdict) -> Result<(), TestCaseError> {
    for finding in &verdict.findings {
        for text in [&finding.sentence, &finding.rule, &finding.compared] {
            prop_assert!(
                nonsense(text).is_none(),
                "{:?}: {text}\n{finding:?}",
                nonsense(text)
            );
        }
    }
    prop_assert!(nonsense(&verdict.reason).is_none(), "{}", verdict.reason);
    let report = Report::new(verdict).text(Style::Plain);
    let cells: Vec<&str> = report.lines().collect();
    for line in cells {
        for word in ["NaN", "∞", "inf", "-0%"] {
            let is_in = line
                .split([' ', '[', ']', ',', '+'])
                .any(|part| part == word || part == format!("{word}%"));
            prop_assert!(!is_in, "{line}\n{report}");
        }
    }
    Ok(())
}

fn policy(checks: &[&str], direction: &str, unit: &str) -> Policy {
    let checks: Vec<String> = checks
        .iter()
        .map(|check| format!(r#"{{"metric": "m", {check}}}"#))
        .collect();
    let text = format!(
        r#"{{"version": 1, "metrics": {{"m": {{"direction": "{direction}"{unit}}}}}, "checks": [{}]}}"#,
        checks.join(", ")
    );
    Policy::from_json(&text).unwrap()
}

fn snapshot(arms: &Arms<Option<Observations>>) -> Result<Snapshot, Error> {
    let mut snapshot = Snapshot::new();
    snapshot.insert("m", arms.clone())?;
    Ok(snapshot)
}

proptest! {
    #![proptest_config(one_in(4))]

    #[test]
    fn one_look_says_what_means_something(
        checks in vec(select(CHECKS), 1..4), direction in select(&["increase", "decrease", "either"][..]),
        unit in select(&["", r#", "unit": "ms""#, r#", "unit": "%""#][..]), arms in arms(),
    ) {
        let policy = policy(&checks, direction, unit);
        let snapshot = snapshot(&arms).unwrap();
        is_sane(&judge(&policy, &snapshot).unwrap())?;
        if arms.canary.as_ref().is_none_or(|canary| canary.size() < 100) {
            for flip in flips(&policy, &snapshot, None).unwrap() {
                prop_assert!(nonsense(&flip.sentence).is_none(), "{}", flip.sentence);
            }
        }
    }

    #[test]
    fn a_watch_says_what_means_something(
        checks in vec(select(CHECKS), 1..4), direction in select(&["increase", "decrease", "either"][..]),
        unit in select(&["", r#", "unit": "ms""#, r#", "unit": "%""#][..]),
        looks in (0..7_usize).prop_flat_map(|kind| {
            let arm = || observations(kind);
            prop_oneof![
                vec((arm(), arm()), 1..14),
                ((arm(), arm()), 1..30_usize).prop_map(|(pair, n)| vec![pair; n]),
            ]
        }),
    ) {
        let mut watch = Watch::new(policy(&checks, direction, unit));
        for (number, (baseline, canary)) in looks.into_iter().enumerate() {
            let snapshot = snapshot(&Arms::new(Some(baseline), Some(canary))).unwrap();
            is_sane(&watch.look(60.0 * number as f64, &snapshot).unwrap())?;
        }
    }
}
