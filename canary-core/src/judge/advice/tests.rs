use super::*;
use crate::judge::{Check, StandardCondition};

fn topics(
    metrics: &str,
    checks: &str,
    verdict: &str,
    traffic: Option<&ExpectedTraffic>,
) -> Vec<Topic> {
    let text = format!(
        r#"{{"version": 1, "metrics": {{{metrics}}}, "checks": [{checks}], "verdict": {{{verdict}}}}}"#
    );
    let advice = Policy::from_json(&text).unwrap().advice(traffic).unwrap();
    for advice in &advice {
        for sentence in [&advice.what, &advice.why, &advice.instead] {
            assert!(sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains("  "), "{sentence}");
        }
        let read: Advice = serde_json::from_str(&serde_json::to_string(advice).unwrap()).unwrap();
        assert_eq!(&read, advice);
    }
    advice.into_iter().map(|advice| advice.topic).collect()
}

const METRICS: &str =
    r#""errors": {}, "latency": {"unit": "ms"}, "sold": {"direction": "decrease"}"#;
const GOOD: &str = r#"
    {"metric": "errors", "test": {"margin": {"percent": "50%", "floor": "0.25%"}}},
    {"metric": "latency", "test": {"method": "mann_whitney", "margin": {"percent": "10%"}}},
    {"metric": "sold", "test": {"method": "two_proportion_z", "margin": {"difference": "1%"}}}"#;

/// The advice on the good policy with one more check.
fn with(check: &str) -> Vec<Topic> {
    topics(METRICS, &format!("{GOOD}, {check}"), "", None)
}

#[test]
fn a_good_policy_is_left_alone() {
    let plenty = ExpectedTraffic::new(1000.0, 0.1, 60.0).unwrap();
    assert_eq!(topics(METRICS, GOOD, "", None), []);
    assert_eq!(topics(METRICS, GOOD, "", Some(&plenty)), []);
    assert_eq!(
        Policy::standard(["a", "b"]).unwrap().advice(None).unwrap(),
        []
    );
}

#[test]
fn each_check_is_looked_at() {
    for (check, topic) in [
        (
            r#"{"metric": "latency", "test": {"margin": {"percent": 5}, "confidence": "70%"}}"#,
            Topic::LowConfidence,
        ),
        (
            r#"{"metric": "latency", "test": {"margin": {"percent": 5}, "confidence": "99.999%"}}"#,
            Topic::HighConfidence,
        ),
        (
            r#"{"metric": "latency", "threshold": {"statistic": "p99", "factor": 2}}"#,
            Topic::PointWithoutSample,
        ),
        (
            r#"{"metric": "sold", "threshold": {"min": "5%"}}"#,
            Topic::PointWithoutSample,
        ),
        (
            r#"{"metric": "errors", "name": "x", "test": {"margin": {"percent": "50%"}}}"#,
            Topic::PercentageOfZero,
        ),
        (
            r#"{"metric": "errors", "name": "x", "threshold": {"factor": 2}, "min_sample": 9}"#,
            Topic::PercentageOfZero,
        ),
        (
            r#"{"metric": "latency", "test": {"margin": {"difference": 0}}}"#,
            Topic::ZeroMargin,
        ),
        (
            r#"{"metric": "sold", "threshold": {"statistic": "mean", "min": 5}, "min_sample": 9}"#,
            Topic::NoUnit,
        ),
        (
            r#"{"metric": "sold", "test": {"method": "t_test", "margin": {"difference": 5}}}"#,
            Topic::NoUnit,
        ),
        (
            r#"{"metric": "sold", "name": "x", "standard": {}, "no_data": "pass"}"#,
            Topic::NoDataPasses,
        ),
        (r#"{"metric": "errors", "standard": {}}"#, Topic::SameName),
        (
            r#"{"metric": "sold", "name": "x", "standard": {}, "group": "g"}"#,
            Topic::UnusedGroup,
        ),
    ] {
        assert_eq!(with(check), [topic], "{check}");
    }
}

#[test]
fn a_check_that_decides_nothing_is_not_looked_at() {
    let muted =
        r#"{"metric": "latency", "threshold": {"statistic": "p99", "factor": 2}, "muted": true}"#;
    assert_eq!(with(muted), []);
}

#[test]
fn the_policy_as_a_whole_is_looked_at() {
    let sold = |more: &str| format!(r#"{{"metric": "sold", "standard": {{}}, {more}}}"#);
    let metrics = r#""sold": {}"#;
    for (check, verdict, topic) in [
        (sold(r#""muted": true"#), "", Topic::AllMuted),
        (sold(r#""severity": "low""#), "", Topic::NothingActs),
        (
            sold(r#""severity": "high""#),
            r#""actions": {"high": "continue"}"#,
            Topic::NothingActs,
        ),
        (
            sold(r#""severity": "low""#),
            r#""score": {"pass": 90}, "actions": {"critical": "continue"}"#,
            Topic::NothingActs,
        ),
        (sold(r#""role": "deterioration""#), "", Topic::NothingProved),
        (
            sold(r#""weight": 1"#),
            r#""score": {"pass": 90, "weights": {"nobody": 2}}"#,
            Topic::UnusedGroup,
        ),
    ] {
        assert_eq!(topics(metrics, &check, verdict, None), [topic], "{check}");
    }
    let metrics = r#""sold": {}, "bought": {}"#;
    let found = topics(metrics, &sold(r#""weight": 1"#), "", None);
    assert_eq!(found, [Topic::UncheckedMetric]);
    let low = sold(r#""severity": "low""#);
    let by_points = topics(r#""sold": {}"#, &low, r#""score": {"pass": 90}"#, None);
    assert_eq!(by_points, []);
}

#[test]
fn a_metric_in_a_condition_or_a_formula_is_looked_at() {
    let check = |condition: &str| format!(r#"{{"fail_if": "{condition}"}}"#);
    let metrics = r#""sold": {}, "bought": {}"#;
    let both = check("sold > 2 or bought > 2");
    assert!(!topics(metrics, &both, "", None).contains(&Topic::UncheckedMetric));
    let one = check("sold > 2");
    assert!(topics(metrics, &one, "", None).contains(&Topic::UncheckedMetric));
}

#[test]
fn many_comparisons_want_a_correction() {
    let of = |number: usize, multiplicity| {
        let metrics = (0..number)
            .map(|i| (format!("m{i}"), Default::default()))
            .collect();
        let checks = (0..number).map(|i| Check::new(format!("m{i}"), StandardCondition::default()));
        let policy = Policy::new(metrics, checks.collect()).unwrap();
        let aggregation = crate::judge::Aggregation {
            multiplicity,
            ..Default::default()
        };
        policy
            .aggregated(aggregation)
            .unwrap()
            .advice(None)
            .unwrap()
    };
    use crate::judge::Multiplicity;
    assert_eq!(of(5, Multiplicity::Holm), []);
    assert_eq!(of(4, Multiplicity::None), []);
    let found = of(5, Multiplicity::None);
    assert_eq!(found[0].topic, Topic::NoCorrection);
    assert!(found[0].why.contains("46.9%"), "{}", found[0].why);
}

#[test]
fn traffic_says_what_it_cannot_decide() {
    let an_hour = ExpectedTraffic::new(1000.0, 0.1, 60.0).unwrap();
    let little = ExpectedTraffic::new(1.0, 0.05, 60.0).unwrap(); // 180 requests
    let at = |check: &str, verdict: &str, traffic: &ExpectedTraffic| {
        topics(METRICS, &format!("{GOOD}, {check}"), verdict, Some(traffic))
    };
    let p99 = r#"{"metric": "latency", "name": "tail", "quantile": {"quantile": "p99", "margin": {"factor": 3}}}"#;
    assert_eq!(at(p99, "", &an_hour), []);
    assert!(at(p99, "", &little).contains(&Topic::FewForPercentile));
    let point = r#"{"metric": "latency", "threshold": {"statistic": "p99", "factor": 2}, "min_sample": 100}"#;
    assert!(at(point, "", &little).contains(&Topic::FewForPercentile));
    assert_eq!(at(point, "", &an_hour), []);
    let large = r#"{"metric": "latency", "name": "x", "standard": {}, "min_sample": 1000}"#;
    assert!(at(large, "", &little).contains(&Topic::Unreachable));
    let split = r#"{"metric": "sold", "name": "x", "sample_ratio": {"canary": "5%"}}"#;
    assert_eq!(at(split, "", &an_hour), [Topic::Split]);
    assert!(!at(split, "", &little).contains(&Topic::Split));
    assert_eq!(
        at(large, r#""min_time": "2h""#, &an_hour),
        [Topic::Unreachable]
    );
    let often = ExpectedTraffic {
        looks: 60,
        ..an_hour
    };
    assert_eq!(
        topics(METRICS, GOOD, "", Some(&often)),
        [Topic::RepeatedLooks]
    );
    let at_any = r#"{"metric": "sold", "sequential": {"margin": {"difference": "1%"}}}"#;
    assert_eq!(topics(r#""sold": {}"#, at_any, "", Some(&often)), []);
    let advice = Policy::standard(["sold"]).unwrap().advice(Some(&often));
    let instead = &advice.unwrap()[0].instead;
    assert!(
        instead.contains("Watch") && instead.contains("`sequential`"),
        "{instead}"
    );
    let point = r#"{"metric": "sold", "threshold": {"statistic": "count", "min": 1}}"#;
    assert_eq!(topics(r#""sold": {}"#, point, "", Some(&often)), []);
}

#[test]
fn a_look_of_a_watch_has_to_have_as_many_as_a_point_comparison_needs() {
    let hour = ExpectedTraffic::new(10.0, 0.5, 60.0).unwrap(); // 300 a minute on each arm
    let at = |check: &str, looks| {
        let traffic = ExpectedTraffic { looks, ..hour };
        let text = format!(
            r#"{{"version": 1, "metrics": {{"latency": {{"unit": "ms"}}}}, "checks": [{check}]}}"#
        );
        Policy::from_json(&text)
            .unwrap()
            .advice(Some(&traffic))
            .unwrap()
    };
    let point =
        r#"{"metric": "latency", "threshold": {"statistic": "p99", "max": 5}, "min_sample": 1000}"#;
    assert_eq!(at(point, 1), []);
    assert_eq!(at(point, 15), []);
    let found = at(point, 60);
    assert_eq!(found[0].topic, Topic::Unreachable);
    assert!(found[0].why.contains("about 300 requests"), "{}", found[0]);
    assert!(
        found[0].instead.contains("Look every 4 minutes"),
        "{}",
        found[0]
    );
    // Of a test all looks count.
    let test = r#"{"metric": "latency", "test": {"margin": {"percent": 20}}, "min_sample": 1000}"#;
    assert!(
        at(test, 60)
            .iter()
            .all(|advice| advice.topic != Topic::Unreachable)
    );
}

/// The number that it takes is Blackwelder's: 1.96 and 0.84 standard errors.
#[test]
fn the_time_that_a_margin_takes_is_told() {
    let policy = Policy::from_json(
        r#"{"version": 1, "metrics": {"errors": {}}, "checks": [
            {"metric": "errors", "test": {"method": "two_proportion_z", "margin": {"difference": "0.1%"}}}]}"#,
    )
    .unwrap();
    let traffic = ExpectedTraffic::new(100.0, 0.5, 10.0).unwrap();
    let advice = policy.advice(Some(&traffic)).unwrap();
    let expected = 2.0 * 0.01 * 0.99 * ((1.959_964 + 0.841_621) / 0.001_f64).powi(2);
    let told = advice[0]
        .why
        .split("about ")
        .nth(1)
        .unwrap()
        .split(',')
        .next()
        .unwrap();
    assert!(
        (told.parse::<f64>().unwrap() / expected - 1.0).abs() < 0.02,
        "{told} {expected}"
    );
    // 155 thousand at 50 a second.
    assert!(
        advice[0].instead.starts_with("Watch for 52 minutes"),
        "{}",
        advice[0].instead
    );
    let longer = ExpectedTraffic {
        minutes: 53.0,
        ..traffic
    };
    assert_eq!(policy.advice(Some(&longer)).unwrap(), []);
}

#[test]
fn traffic_out_of_range_is_refused() {
    let policy = Policy::standard(["latency"]).unwrap();
    let good = ExpectedTraffic::new(100.0, 0.1, 10.0).unwrap();
    for bad in [
        ExpectedTraffic {
            requests_per_second: f64::NAN,
            ..good
        },
        ExpectedTraffic {
            canary_share: 1.0,
            ..good
        },
        ExpectedTraffic {
            minutes: -1.0,
            ..good
        },
        ExpectedTraffic {
            baseline_rate: 0.0,
            ..good
        },
    ] {
        assert!(policy.advice(Some(&bad)).is_err(), "{bad:?}");
    }
}
