//! What conditions come to, from text to answer.

use std::collections::BTreeMap;

use super::*;
use crate::data::{Arms, Counts, Gauge, Metric, Sample, Series, Snapshot};
use crate::judge::Quantity;
use crate::options::NanPolicy;

const METRICS: &[(&str, &str)] = &[
    ("error-rate", ""),
    ("error_pct", "%"),
    ("latency", "ms"),
    ("db_latency", "s"),
    ("Success_Rate", ""),
    ("cost_per_request", ""),
    ("fairness_metric", ""),
    ("throughput", "requests/s"),
    ("memory", "MB"),
    ("cpu", "%"),
    ("queue", "jobs"),
    ("errors", ""),
    ("requests", ""),
    ("critical_error_logged", ""),
    ("5xx rate", ""),
    ("a", ""),
    ("b", ""),
];

fn metrics() -> BTreeMap<String, Metric> {
    let metric = |&(name, unit): &(&str, &str)| {
        let unit = (!unit.is_empty()).then(|| unit.to_owned());
        let metric = Metric {
            unit,
            ..Metric::default()
        };
        (name.to_owned(), metric)
    };
    METRICS.iter().map(metric).collect()
}

/// References, as they are shown, and their numbers.
type Known = &'static [(&'static str, f64)];

/// The answer when each reference, as it is shown, has this number; others have no data.
fn answer_about(subject: Option<&str>, text: &str, known: &[(&str, f64)]) -> Answer {
    let metrics = metrics();
    let scope = Scope::new(&metrics)
        .parameter("Target", 100.0)
        .parameter("ceiling", "2s".parse::<Quantity>().unwrap());
    let scope = match subject {
        Some(subject) => scope.about(subject),
        None => scope,
    };
    let expression = Expression::parse(text).unwrap();
    let bound = expression
        .bind(&scope)
        .unwrap_or_else(|error| panic!("{error}"));
    bound.evaluate(|reference| {
        let name = reference.to_string();
        let found = known.iter().find(|(known, _)| *known == name);
        found.map_or(Reading::NoData(String::new()), |&(_, number)| number.into())
    })
}

fn answer(text: &str, known: &[(&str, f64)]) -> Answer {
    answer_about(None, text, known)
}

fn refused(subject: Option<&str>, text: &str) -> String {
    let metrics = metrics();
    let scope = Scope::new(&metrics).parameter("target", 100.0);
    let scope = match subject {
        Some(subject) => scope.about(subject),
        None => scope,
    };
    let error = Expression::parse(text)
        .unwrap()
        .bind(&scope)
        .unwrap_err()
        .to_string();
    let line = error.lines().next().unwrap();
    line.strip_prefix("condition: ").unwrap().to_owned()
}

#[test]
fn the_sentences_of_playbooks_hold_where_they_should() {
    // A condition, the numbers of which it is false, and those of which it is true.
    let cases: &[(&str, Known, Known)] = &[
        (
            "error-rate > 3%",
            &[("error-rate of the canary", 0.03)],
            &[("error-rate of the canary", 0.0301)],
        ),
        (
            "canary_error_rate > 0.05",
            &[("error-rate of the canary", 0.05)],
            &[("error-rate of the canary", 0.06)],
        ),
        (
            "latency-p99 > 2x-baseline",
            &[
                ("latency p99 of the canary", 200.0),
                ("latency p99 of the baseline", 100.0),
            ],
            &[
                ("latency p99 of the canary", 201.0),
                ("latency p99 of the baseline", 100.0),
            ],
        ),
        (
            "latency_p99 > 2x baseline",
            &[
                ("latency p99 of the canary", 200.0),
                ("latency p99 of the baseline", 100.0),
            ],
            &[
                ("latency p99 of the canary", 201.0),
                ("latency p99 of the baseline", 100.0),
            ],
        ),
        (
            "latency_p99 > 2x stable",
            &[
                ("latency p99 of the canary", 200.0),
                ("latency p99 of the baseline", 100.0),
            ],
            &[
                ("latency p99 of the canary", 201.0),
                ("latency p99 of the baseline", 100.0),
            ],
        ),
        (
            "success-rate < 95%",
            &[("Success_Rate of the canary", 0.95)],
            &[("Success_Rate of the canary", 0.94)],
        ),
        (
            "canary_cost_per_request > 1.5 * baseline",
            &[
                ("cost_per_request of the canary", 3.0),
                ("cost_per_request of the baseline", 2.0),
            ],
            &[
                ("cost_per_request of the canary", 3.1),
                ("cost_per_request of the baseline", 2.0),
            ],
        ),
        (
            "error_rate > 5% or latency_p99 > 2000ms",
            &[
                ("error-rate of the canary", 0.05),
                ("latency p99 of the canary", 2000.0),
            ],
            &[
                ("error-rate of the canary", 0.05),
                ("latency p99 of the canary", 2001.0),
            ],
        ),
        (
            "latency-p99 < 500ms",
            &[("latency p99 of the canary", 500.0)],
            &[("latency p99 of the canary", 499.0)],
        ),
        (
            "throughput > target * 0.9",
            &[("throughput of the canary", 90.0)],
            &[("throughput of the canary", 91.0)],
        ),
        (
            "canary_p95_latency > 5000",
            &[("latency p95 of the canary", 5000.0)],
            &[("latency p95 of the canary", 5001.0)],
        ),
        (
            "canary_fairness_metric < 0.8",
            &[("fairness_metric of the canary", 0.8)],
            &[("fairness_metric of the canary", 0.7)],
        ),
        (
            "not (a > 1 and b < 2)",
            &[("a of the canary", 2.0), ("b of the canary", 1.0)],
            &[("a of the canary", 2.0), ("b of the canary", 2.0)],
        ),
        (
            "critical-error-logged",
            &[("critical_error_logged of the canary", 0.0)],
            &[("critical_error_logged of the canary", 1.0)],
        ),
        (
            "errors / requests > 2x baseline",
            &[
                ("errors of the canary", 4.0),
                ("requests of the canary", 100.0),
                ("errors of the baseline", 20.0),
                ("requests of the baseline", 1000.0),
            ],
            &[
                ("errors of the canary", 5.0),
                ("requests of the canary", 100.0),
                ("errors of the baseline", 20.0),
                ("requests of the baseline", 1000.0),
            ],
        ),
        (
            "(canary.error_rate - baseline.error_rate) / baseline.error_rate > 50%",
            &[
                ("error-rate of the canary", 0.015),
                ("error-rate of the baseline", 0.01),
            ],
            &[
                ("error-rate of the canary", 0.016),
                ("error-rate of the baseline", 0.01),
            ],
        ),
        (
            "(canary_error_rate - baseline) / baseline > 0.5",
            &[
                ("error-rate of the canary", 0.015),
                ("error-rate of the baseline", 0.01),
            ],
            &[
                ("error-rate of the canary", 0.016),
                ("error-rate of the baseline", 0.01),
            ],
        ),
        (
            "`5xx Rate` > 1%",
            &[("5xx rate of the canary", 0.01)],
            &[("5xx rate of the canary", 0.02)],
        ),
        (
            "a - b > 0",
            &[("a of the canary", 1.0), ("b of the canary", 1.0)],
            &[("a of the canary", 2.0), ("b of the canary", 1.0)],
        ),
        (
            "max(a, b) = 2 and min(a, b) = 1 and abs(a - 3) == 1 and asInt(a / b) == 2",
            &[("a of the canary", 1.0), ("b of the canary", 2.0)],
            &[("a of the canary", 2.0), ("b of the canary", 1.0)],
        ),
    ];
    for (text, no, yes) in cases {
        assert_eq!(answer(text, no).truth, Truth::False, "{text} {no:?}");
        assert_eq!(answer(text, yes).truth, Truth::True, "{text} {yes:?}");
    }
}

#[test]
fn a_condition_about_a_metric_need_not_name_it() {
    for (subject, text, known) in [
        (
            "error-rate",
            "canary > baseline * 1.5",
            [
                ("error-rate of the canary", 0.04),
                ("error-rate of the baseline", 0.02),
            ],
        ),
        (
            "latency_p99",
            "canary > baseline * 1.5",
            [
                ("latency p99 of the canary", 4.0),
                ("latency p99 of the baseline", 2.0),
            ],
        ),
        (
            "latency",
            "P99 > 2000ms",
            [("latency p99 of the canary", 2001.0), ("", 0.0)],
        ),
        (
            "latency",
            "canary_p99 > 2x baseline",
            [
                ("latency p99 of the canary", 2001.0),
                ("latency p99 of the baseline", 1000.0),
            ],
        ),
        (
            "latency",
            "p99 > 2x baseline_p50",
            [
                ("latency p99 of the canary", 2001.0),
                ("latency median of the baseline", 1000.0),
            ],
        ),
        (
            "memory",
            "baseline < 100",
            [("memory of the baseline", 99.0), ("", 0.0)],
        ),
        (
            "error_rate",
            "result >= 0.95 && !isNaN(result)",
            [("error-rate of the canary", 0.95), ("", 0.0)],
        ),
        (
            "error_rate",
            "result[0] >= 0.95 and len(result) > 0",
            [
                ("error-rate[0] of the canary", 0.95),
                ("error-rate length of the canary", 1.0),
            ],
        ),
    ] {
        let answer = answer_about(Some(subject), text, &known);
        assert_eq!(answer.truth, Truth::True, "{text} {answer:?}");
    }
    let about = Expression::parse_about("error_rate", "> 5% or < 1%").unwrap();
    assert_eq!(about.as_str(), "error_rate > 5% or error_rate < 1%");
}

#[test]
fn numbers_are_taken_into_the_metrics_unit() {
    for (text, reference, least) in [
        ("latency_p99 > 0.5s", "latency p99 of the canary", 500.0),
        ("0.5s < latency_p99", "latency p99 of the canary", 500.0),
        ("latency_p99 > 500", "latency p99 of the canary", 500.0),
        (
            "latency_p99 - 100ms > 0.4s",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "latency_p99 + -0.1s > 400",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "latency_p99 > ceiling / 4",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "latency_p99 > 25% * ceiling",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "latency_p99 > ceiling * 25%",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "max(latency_p99, 0.1s) > 0.5s",
            "latency p99 of the canary",
            500.0,
        ),
        (
            "default(latency_p99, 2s) > 0.5s",
            "latency p99 of the canary",
            500.0,
        ),
        ("latency_p99 / 1s > 0.5", "latency p99 of the canary", 500.0),
        ("latency_p99 / 50% > 1s", "latency p99 of the canary", 500.0),
        ("latency_p99 / 1s > 50%", "latency p99 of the canary", 500.0),
        (
            "latency_p99 / 0.25s > 2x",
            "latency p99 of the canary",
            500.0,
        ),
        ("db_latency > 500ms", "db_latency of the canary", 0.5),
        ("error_rate > 3%", "error-rate of the canary", 0.03),
        ("error_pct > 3%", "error_pct of the canary", 3.0),
        ("error_pct > 3", "error_pct of the canary", 3.0),
        ("error_pct > 0.03x", "error_pct of the canary", 3.0),
        ("memory > 1 GB", "memory of the canary", 1000.0),
        ("memory > 1.5 GiB", "memory of the canary", 1_610.612_736),
        ("throughput > 1200/min", "throughput of the canary", 20.0),
        (
            "throughput > 90% * 200/s",
            "throughput of the canary",
            180.0,
        ),
        ("queue > 12 jobs", "queue of the canary", 12.0),
    ] {
        let at = |number: f64| answer(text, &[(reference, number)]).truth;
        assert_eq!(at(least), Truth::False, "{text}");
        assert_eq!(at(least * (1.0 + 1e-9)), Truth::True, "{text}");
    }
    let both = |canary: f64, db: f64| {
        let known = [
            ("latency mean of the canary", canary),
            ("db_latency mean of the canary", db),
        ];
        (
            answer("latency_mean > db_latency_mean", &known).truth,
            answer("db_latency_avg / latency_average = 2x", &known).truth,
        )
    };
    assert_eq!(both(500.0, 0.5), (Truth::False, Truth::False));
    assert_eq!(both(501.0, 0.5), (Truth::True, Truth::False));
    assert_eq!(both(500.0, 1.0), (Truth::False, Truth::True));
}

#[test]
fn units_that_do_not_fit_are_refused_by_name_and_column() {
    for (text, error) in [
        (
            "latency_p99 > 3%",
            "column 15: must be in ms like latency_p99, got \"3%\"",
        ),
        (
            "latency_p99 > 2x",
            "column 15: must be in ms like latency_p99, got \"2x\"",
        ),
        (
            "3% < latency_p99",
            "column 1: must be in ms like latency_p99, got \"3%\"",
        ),
        (
            "latency_p99 > memory",
            "column 15: must be in ms like latency_p99, got \"memory\" in MB",
        ),
        (
            "latency_p99 > a",
            "column 15: must be in ms like latency_p99, got \"a\" without a unit",
        ),
        (
            "error_rate > 500ms",
            "column 14: must be a number without a unit or a percentage, as error_rate has no unit, \
             got \"500ms\"",
        ),
        (
            "a > 1 and memory + latency_p99 > 5",
            "column 20: must be in MB like memory, got \"latency_p99\" in ms",
        ),
        (
            "max(memory, 5ms) > 5",
            "column 13: must be in MB like memory, got \"5ms\"",
        ),
        (
            "latency_p99 > 12 widgets",
            "column 15: must be in ms like latency_p99, got \"12 widgets\"",
        ),
        (
            "latency_p99 > baseline_memory",
            "column 15: must be in ms like latency_p99, got \"baseline_memory\" in MB",
        ),
        (
            "memory / db_latency > 5 MB",
            "column 23: must be in MB/s like memory / db_latency, got \"5 MB\"",
        ),
    ] {
        assert_eq!(refused(None, text), error, "{text}");
    }
    assert_eq!(
        answer("memory / db_latency > 5 MB/s", &[]).comparisons[0]
            .unit
            .as_deref(),
        Some("MB/s")
    );
}

#[test]
fn unknown_and_unclear_names_are_refused() {
    for (text, error) in [
        (
            "eror_rate > 3%",
            "column 1: expected a metric or a parameter, got \"eror_rate\", did you mean `error-rate`?",
        ),
        (
            "canary_latncy_p99 > 3",
            "column 1: expected a metric or a parameter, \
             got \"canary_latncy_p99\", did you mean `latency`?",
        ),
        (
            "a > targt",
            "column 5: expected a metric or a parameter, got \"targt\", did you mean `target`?",
        ),
        (
            "a > zzz",
            "column 5: expected a metric or a parameter, got \"zzz\"",
        ),
        (
            "errors-requests > 0",
            "column 1: expected a metric or a parameter, got \"errors-requests\", \
             a subtraction is written `errors - requests`",
        ),
        (
            "target[0] > 1",
            "column 1: a parameter is one number, got \"target[0]\"",
        ),
        (
            "canary > 1",
            "column 1: must say which metric, as in canary_latency, got \"canary\"",
        ),
        (
            "baseline > 1",
            "column 1: must say which metric, as in baseline_latency, got \"baseline\"",
        ),
        (
            "a / b + 1 > baseline",
            "column 13: must say which metric, as in baseline_latency, got \"baseline\"",
        ),
        (
            "baseline_a > 2x baseline",
            "column 17: must say which metric, as in baseline_latency, got \"baseline\"",
        ),
    ] {
        assert_eq!(refused(None, text), error, "{text}");
    }
    assert!(
        refused(Some("nowhere"), "canary > 1")
            .contains("must be about a metric, but nowhere is none")
    );
    let twins = ["a-b", "a_b"].map(|name| (name.to_owned(), Metric::default()));
    let twins = BTreeMap::from(twins);
    let error = Expression::parse("a_b > 1")
        .unwrap()
        .bind(&Scope::new(&twins))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("must be one metric, but a-b and a_b"),
        "{error}"
    );
    let unclear = ["max_latency", "latency_p99"].map(|name| (name.to_owned(), Metric::default()));
    let unclear = BTreeMap::from(unclear);
    let error = Expression::parse("max_latency_p99 > 1")
        .unwrap()
        .bind(&Scope::new(&unclear));
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("must be one of max of latency_p99 and p99 of max_latency"),
        "{error}"
    );
}

#[test]
fn a_metric_s_whole_name_comes_first() {
    let names = [
        "latency",
        "latency_p99",
        "canary_latency",
        "baseline",
        "p50",
    ];
    let metrics = names.map(|name| (name.to_owned(), Metric::default()));
    let metrics = BTreeMap::from(metrics);
    let scope = Scope::new(&metrics).about("latency");
    for (name, reference) in [
        ("latency_p99", "latency_p99 of the canary"),
        ("latency_p95", "latency p95 of the canary"),
        ("latency_p999", "latency p99.9 of the canary"),
        ("latency.p99.9", "latency p99.9 of the canary"),
        ("latency_std", "latency stddev of the canary"),
        ("canary_latency", "canary_latency of the canary"),
        ("baseline_latency", "latency of the baseline"),
        ("stable.latency-median", "latency median of the baseline"),
        ("baseline", "baseline of the canary"),
        ("p50", "p50 of the canary"),
        ("p95", "latency p95 of the canary"),
        ("CANARY", "latency of the canary"),
    ] {
        let bound = Formula::parse(name).unwrap().bind(&scope).unwrap();
        assert_eq!(bound.references()[0].to_string(), reference, "{name}");
    }
}

#[test]
fn no_data_is_unknown_and_never_false() {
    let nan = ("a of the canary", f64::NAN);
    let one = ("b of the canary", 1.0);
    let unknown = |reason: &str| Truth::Unknown(reason.to_owned());
    for (text, truth) in [
        ("a > 0", unknown("a is not a number")),
        ("a <= 0", unknown("a is not a number")),
        ("not a > 0", unknown("a is not a number")),
        ("0 != a", unknown("a is not a number")),
        ("a", unknown("a is not a number")),
        ("errors > 0", unknown("errors has no data")),
        ("isNaN(errors)", unknown("errors has no data")),
        (
            "a > 0 and errors > 0",
            unknown("a is not a number; errors has no data"),
        ),
        ("a > 0 or b = 1", Truth::True),
        ("b = 1 or a > 0", Truth::True),
        ("a > 0 and b = 2", Truth::False),
        ("b = 2 and a > 0", Truth::False),
        ("b = 1 and a > 0", unknown("a is not a number")),
        ("isNaN(a)", Truth::True),
        ("isNaN(b)", Truth::False),
        ("isNil(errors)", Truth::True),
        ("isNil(a)", Truth::False),
        ("isInf(1e300 * 1e300)", Truth::True),
        ("default(errors, 0) = 0", Truth::True),
        (
            "default(a, 0) = 0",
            unknown("default(a, 0) is not a number"),
        ),
        ("max(a, b) > 0", unknown("max(a, b) is not a number")),
        ("max(b, errors) > 0", unknown("errors has no data")),
    ] {
        assert_eq!(answer(text, &[nan, one]).truth, truth, "{text}");
    }
}

#[test]
fn dividing_by_zero_is_an_error_unless_it_does_not_matter() {
    let known = [
        ("errors of the canary", 0.0),
        ("requests of the canary", 0.0),
        ("a of the canary", 1.0),
    ];
    let error = |reason: &str| Truth::Error(reason.to_owned());
    for (text, truth) in [
        (
            "errors / requests > 3%",
            error("errors / requests: 0 / 0 is no number"),
        ),
        (
            "1 > 2 or a / (requests - 0) > 3%",
            error("a / (requests - 0): 1 / 0 is no number"),
        ),
        (
            "not errors / requests > 3%",
            error("errors / requests: 0 / 0 is no number"),
        ),
        (
            "errors / requests > 3% and b > 1",
            error("errors / requests: 0 / 0 is no number"),
        ),
        (
            "b > 1 or errors / requests > 3%",
            error("errors / requests: 0 / 0 is no number"),
        ),
        ("b / requests > 1", unknown_b()),
        (
            "b + a / requests > 1",
            error("a / requests: 1 / 0 is no number"),
        ),
        ("requests > 0 and errors / requests > 3%", Truth::False),
        ("errors / requests > 3% and requests > 0", Truth::False),
        ("errors / requests > 3% or a = 1", Truth::True),
        (
            "default(errors / requests, 0) > 0",
            error("errors / requests: 0 / 0 is no number"),
        ),
        (
            "isNaN(errors / requests)",
            error("errors / requests: 0 / 0 is no number"),
        ),
    ] {
        assert_eq!(answer(text, &known).truth, truth, "{text}");
    }
}

/// What has no data cannot be divided, whatever by.
fn unknown_b() -> Truth {
    Truth::Unknown("b has no data".to_owned())
}

#[test]
fn an_answer_says_why() {
    let known = [
        ("error-rate of the canary", 0.041),
        ("latency p99 of the canary", 900.0),
        ("latency p99 of the baseline", 400.0),
        ("queue of the canary", 12.5),
    ];
    for (text, words) in [
        ("error_rate > 3%", "error_rate is 4.1%, above 3%"),
        ("error-rate <= 3%", "error-rate is 4.1%, above 3%"),
        ("5% >= error_rate", "error_rate is 4.1%, at most 5%"),
        ("error_rate > 5%", "error_rate is 4.1%, not above 5%"),
        ("error_rate > 0.03", "error_rate is 0.041, above 0.03"),
        (
            "latency_p99 > 2x baseline",
            "latency_p99 is 900 ms, above 2x baseline, which is 800 ms",
        ),
        ("latency_p99 < 1s", "latency_p99 is 900 ms, below 1s"),
        ("latency_p99 >= 1s", "latency_p99 is 900 ms, below 1s"),
        ("queue = 12.5", "queue is 12.5 jobs, equal to 12.5"),
        ("queue != 12.5", "queue is 12.5 jobs, equal to 12.5"),
        ("memory > 5", "memory > 5 is unknown: memory has no data"),
        (
            "queue / (1 - 1) > 5",
            "queue / (1 - 1) > 5 is unknown: queue / (1 - 1): 12.5 / 0 is no number",
        ),
    ] {
        assert_eq!(
            answer(text, &known).comparisons[0].to_string(),
            words,
            "{text}"
        );
    }
    let answer = answer("latency_p99 > 2x baseline or memory > target", &known);
    let values: Vec<_> = answer
        .values
        .iter()
        .map(|v| (v.name.as_str(), &v.value))
        .collect();
    assert_eq!(
        values,
        [
            ("latency_p99", &Reading::Number(900.0)),
            ("baseline", &Reading::Number(400.0)),
            ("memory", &Reading::NoData(String::new())),
            ("target", &Reading::Number(100.0)),
        ]
    );
    let baseline = answer.values[1].reference.as_ref().unwrap().to_string();
    assert_eq!(baseline, "latency p99 of the baseline");
    assert_eq!(answer.values[3].reference, None);
    assert_eq!(answer.comparisons[0].right.value, Reading::Number(800.0));
    let text = serde_json::to_string(&answer).unwrap();
    assert_eq!(serde_json::from_str::<Answer>(&text).unwrap(), answer);
}

#[test]
fn a_snapshot_answers() {
    let sample = |values: &[f64]| Sample::new(values.to_vec(), NanPolicy::Raise).unwrap();
    let snapshot = Snapshot::new()
        .with(
            "error-rate",
            Arms::new(Counts::new(1, 100).unwrap(), Counts::new(0, 0).unwrap()),
        )
        .unwrap()
        .with(
            "latency",
            Arms::new(sample(&[1.0, 2.0]), sample(&[3.0, 5.0])),
        )
        .unwrap()
        .with(
            "a",
            Arms::new(Gauge::new(1.0).unwrap(), Gauge::new(2.0).unwrap()),
        )
        .unwrap();
    let metrics = metrics();
    let on = |text: &str| {
        let bound = Expression::parse(text)
            .unwrap()
            .bind(&Scope::new(&metrics))
            .unwrap();
        bound.evaluate_on(&snapshot).map(|answer| answer.truth)
    };
    for text in [
        "baseline_error_rate = 1%",
        "latency_mean = 4 and latency[1] = 5 and len(latency) = 2 and isNil(latency[2])",
        "latency_max > 2x baseline",
        "latency_count = 2",
        "a > baseline and a[0] = 2",
        "isNaN(error_rate)",
    ] {
        assert_eq!(on(text), Ok(Truth::True), "{text}");
    }
    assert_eq!(
        on("error_rate > 1%"),
        Ok(Truth::Unknown("error_rate is not a number".to_owned()))
    );
    assert_eq!(
        on("memory > 1"),
        Ok(Truth::Unknown(
            "memory has no data: it was not measured on the canary".to_owned()
        ))
    );
    for (text, error) in [
        (
            "error_rate_p99 > 1",
            "error-rate: a condition on counts needs one of rate, count, got p99",
        ),
        (
            "latency > 1",
            "latency: a condition on a sample needs one of p99 (any percentile), median, mean, \
            min, max, stddev, count, got none",
        ),
        (
            "error_rate[0] > 1",
            "error-rate: must be a sample, a series or a gauge to have single values, \
            got counts",
        ),
    ] {
        assert_eq!(on(text).unwrap_err().to_string(), error, "{text}");
    }
}

#[test]
fn a_formula_makes_a_number() {
    let metrics = metrics();
    let scope = Scope::new(&metrics).parameter("share", 0.5);
    let bind = |text: &str| Formula::parse(text).unwrap().bind(&scope).unwrap();
    for (text, unit) in [
        ("errors / requests", None),
        ("cpu / throughput", Some("%/(requests/s)")),
        ("memory / db_latency", Some("MB/s")),
        ("memory * latency", Some("MB*ms")),
        ("latency_p99 - latency_p50", Some("ms")),
        ("latency / db_latency", None),
        ("latency * share", Some("ms")),
        ("1 / latency", Some("/ms")),
        ("errors / latency", Some("/ms")),
        ("100 * errors / requests", None),
        ("error_pct * requests", Some("%")),
        ("min(1s, latency)", Some("ms")),
        ("latency", Some("ms")),
    ] {
        assert_eq!(bind(text).unit(), unit, "{text}");
    }
    let evaluate = |text: &str, errors: f64, requests: f64| {
        bind(text).evaluate(|reference| match reference.metric.as_str() {
            "errors" => errors.into(),
            "requests" => requests.into(),
            _ => Reading::NoData("it is not there".to_owned()),
        })
    };
    assert_eq!(
        evaluate("errors / requests", 3.0, 100.0),
        Ok(Reading::Number(0.03))
    );
    assert_eq!(
        evaluate("share * errors - requests", 3.0, 1.0),
        Ok(Reading::Number(0.5))
    );
    let missing = Reading::NoData("memory has no data: it is not there".to_owned());
    assert_eq!(evaluate("errors + memory / 1 MB", 1.0, 1.0), Ok(missing));
    for errors in [0.0, 1.0] {
        let error = evaluate("errors / requests", errors, 0.0)
            .unwrap_err()
            .to_string();
        let expected = format!(
            "formula: must not divide by zero, got errors / requests: {errors} / 0 is no number"
        );
        assert_eq!(error, expected);
    }
    assert!(bind("errors / requests").ratio().is_some());
    assert!(bind("latency / db_latency").ratio().is_none());
    assert!(bind("errors / share").ratio().is_none());
}

#[test]
fn a_formula_makes_a_series() {
    let series = |times: &[f64], values: &[f64]| {
        Series::new(times.to_vec(), values.to_vec(), NanPolicy::Omit).unwrap()
    };
    let metrics = metrics();
    let scope = Scope::new(&metrics).parameter("hundred", 100.0);
    let evaluate = |text: &str, errors: &Series, requests: &Series| {
        let formula = Formula::parse(text).unwrap().bind(&scope).unwrap();
        formula.evaluate_series(|reference| match reference.metric.as_str() {
            "errors" => Some(errors),
            "requests" => Some(requests),
            _ => None,
        })
    };
    let times = [0.0, 1.0, 2.0];
    let requests = series(&times, &[10.0, 0.0, 20.0]);
    let rate = evaluate(
        "hundred * (errors / requests)",
        &series(&times, &[1.0, 0.0, 3.0]),
        &requests,
    );
    assert_eq!(rate.unwrap(), series(&times, &[10.0, f64::NAN, 15.0]));
    for (text, errors, error) in [
        (
            "errors / requests",
            series(&times, &[1.0, 2.0, 3.0]),
            "formula: must not divide by zero, got errors / requests: 2 / 0 is no number, for time 1",
        ),
        (
            "errors / requests",
            series(&[0.0, 1.5, 2.0], &[1.0, 2.0, 3.0]),
            "formula: requests must have the same times as errors, got 1 where errors has 1.5",
        ),
        (
            "errors / requests",
            series(&[0.0, 1.0], &[1.0, 0.0]),
            "formula: requests must have the same times as errors, got 3 times and 2",
        ),
        (
            "errors / memory",
            series(&times, &[1.0, 2.0, 3.0]),
            "formula: needs a series of memory of the canary, got none",
        ),
        (
            "errors * 1e308 * 10",
            series(&times, &[1.0, 2.0, 3.0]),
            "formula: must hold finite values, got inf at index 0",
        ),
        (
            "(errors - errors) / (errors - errors)",
            series(&times, &[1.0, 2.0, 3.0]),
            "formula: needs at least 1 value, got 0",
        ),
    ] {
        assert_eq!(
            evaluate(text, &errors, &requests).unwrap_err().to_string(),
            error,
            "{text}"
        );
    }
    let constant = evaluate("hundred", &requests, &requests)
        .unwrap_err()
        .to_string();
    assert!(
        constant.contains("must name a metric that has a series"),
        "{constant}"
    );
}

#[test]
fn written_forms_are_read_back() {
    let expression = Expression::parse("error-rate > 3%").unwrap();
    let text = serde_json::to_string(&expression).unwrap();
    assert_eq!(text, "\"error-rate > 3%\"");
    assert_eq!(
        serde_json::from_str::<Expression>(&text).unwrap(),
        expression
    );
    let refused = serde_json::from_str::<Formula>("\"a > \"")
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("column 5: expected a number or a name"),
        "{refused}"
    );
}
