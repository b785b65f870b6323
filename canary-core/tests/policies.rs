//! The policies of `fixtures/policies`: each check against its document's number, from both sides; the
//! documents' own blocks against ours; and blocks that are refused.

#![cfg(feature = "yaml")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use canary_core::judge::Check;
use canary_core::{
    Arms, Counts, Gauge, NanPolicy, Observations, Policy, Sample, Snapshot, Status, judge,
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/policies")
        .join(name)
}

fn text(name: &str) -> String {
    fs::read_to_string(folder(&format!("{name}.yaml"))).unwrap()
}

/// The YAML files of a folder, without their ending.
fn files(name: &str) -> BTreeSet<String> {
    let name_of = |path: PathBuf| {
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        is_yaml.then(|| path.file_stem().unwrap().to_str().unwrap().to_owned())
    };
    let entries = fs::read_dir(folder(name)).unwrap();
    entries
        .filter_map(|entry| name_of(entry.unwrap().path()))
        .collect()
}

/// So many observations of a metric that the level is this: counts, or a sample, or one number.
fn observed(metric: &str, level: f64) -> Observations {
    const REQUESTS: u64 = 10_000_000;
    let is_rate = metric.ends_with("_rate") || metric.contains("positive_");
    match metric {
        _ if is_rate => Counts::new((level * REQUESTS as f64).round() as u64, REQUESTS)
            .unwrap()
            .into(),
        "latency" | "response_time" => Sample::new(vec![level; 2000], NanPolicy::Raise)
            .unwrap()
            .into(),
        _ => Gauge::new(level).unwrap().into(),
    }
}

/// A check: its name, and of each metric that it looks at the baseline, a canary that is just good enough and one that
/// is just too bad.
type Row = (&'static str, &'static [(&'static str, f64, f64, f64)]);

const PHASE: [&str; 4] = [
    "error-rate-increase",
    "latency-increase",
    "success-rate-min",
    "traffic-split",
];

fn rows() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        (
            "playbook-1-percent",
            vec![
                (PHASE[0], &[("error_rate", 0.01, 0.015, 0.01501)]),
                (PHASE[1], &[("latency", 100.0, 200.0, 200.1)]),
                (PHASE[2], &[("success_rate", 0.9, 0.95, 0.9499)]),
                (PHASE[3], &[("requests", 99_000.0, 1000.0, 1200.0)]),
            ],
        ),
        (
            "playbook-5-percent",
            vec![
                (PHASE[0], &[("error_rate", 0.01, 0.0125, 0.01251)]),
                (
                    "error-rate-increase (proved)",
                    &[("error_rate", 0.01, 0.0123, 0.0127)],
                ),
                (PHASE[1], &[("latency", 100.0, 150.0, 150.1)]),
                (
                    "latency-increase (proved)",
                    &[("latency", 100.0, 149.9, 150.1)],
                ),
                (PHASE[2], &[("success_rate", 0.9, 0.97, 0.9699)]),
                (PHASE[3], &[("requests", 95_000.0, 5000.0, 5500.0)]),
            ],
        ),
        (
            "playbook-10-percent",
            vec![
                (PHASE[0], &[("error_rate", 0.01, 0.01149, 0.01151)]),
                (
                    "error-rate-increase (proved)",
                    &[("error_rate", 0.01, 0.0113, 0.0117)],
                ),
                (PHASE[1], &[("latency", 100.0, 125.0, 125.1)]),
                (
                    "latency-increase (proved)",
                    &[("latency", 100.0, 124.9, 125.1)],
                ),
                (PHASE[2], &[("success_rate", 0.9, 0.98, 0.9799)]),
                (PHASE[3], &[("requests", 90_000.0, 10_000.0, 10_600.0)]),
            ],
        ),
        (
            "playbook-25-percent",
            vec![
                (PHASE[0], &[("error_rate", 0.01, 0.01099, 0.01101)]),
                (
                    "error-rate-increase (proved)",
                    &[("error_rate", 0.01, 0.0108, 0.0112)],
                ),
                (PHASE[1], &[("latency", 100.0, 114.9, 115.1)]),
                (
                    "latency-increase (proved)",
                    &[("latency", 100.0, 114.9, 115.1)],
                ),
                (PHASE[2], &[("success_rate", 0.9, 0.99, 0.9899)]),
                (PHASE[3], &[("requests", 75_000.0, 25_000.0, 25_800.0)]),
            ],
        ),
        (
            "playbook-50-percent",
            vec![
                (PHASE[0], &[("error_rate", 0.01, 0.01049, 0.01051)]),
                (
                    "error-rate-increase (proved)",
                    &[("error_rate", 0.01, 0.0103, 0.0107)],
                ),
                (PHASE[1], &[("latency", 100.0, 109.9, 110.1)]),
                (
                    "latency-increase (proved)",
                    &[("latency", 100.0, 109.9, 110.1)],
                ),
                (PHASE[2], &[("success_rate", 0.9, 0.995, 0.9949)]),
                (PHASE[3], &[("requests", 50_000.0, 50_000.0, 51_200.0)]),
            ],
        ),
        (
            "playbook-load-test",
            vec![
                ("error-rate < 2%", &[("error_rate", 0.9, 0.0199, 0.02)]),
                ("latency-p99 < 500ms", &[("latency", 900.0, 499.9, 500.0)]),
                (
                    "throughput > target * 0.9",
                    &[("throughput", 1.0, 900.1, 900.0)],
                ),
            ],
        ),
        (
            "playbook-rollback-triggers",
            vec![
                ("error-rate > 3%", &[("error_rate", 0.9, 0.03, 0.0301)]),
                (
                    "latency-p99 > 2x-baseline",
                    &[("latency", 100.0, 200.0, 200.1)],
                ),
                ("success-rate < 95%", &[("success_rate", 0.5, 0.95, 0.9499)]),
                (
                    "critical-error-logged > 0",
                    &[("critical_error_logged", 9.0, 0.0, 1.0)],
                ),
            ],
        ),
        (
            "execution-report-phase-1",
            vec![
                ("error_rate < 1%", &[("error_rate", 0.9, 0.0099, 0.01)]),
                ("latency_p99 < 500ms", &[("latency", 900.0, 499.9, 500.0)]),
                ("cpu_usage < 70%", &[("cpu_usage", 0.9, 0.699, 0.7)]),
                ("memory_usage < 75%", &[("memory_usage", 0.9, 0.749, 0.75)]),
            ],
        ),
        (
            "execution-report-phase-2",
            vec![
                ("error_rate < 2%", &[("error_rate", 0.9, 0.0199, 0.02)]),
                ("latency_p99 < 600ms", &[("latency", 900.0, 599.9, 600.0)]),
                ("cpu_usage < 80%", &[("cpu_usage", 0.9, 0.799, 0.8)]),
                ("memory_usage < 80%", &[("memory_usage", 0.9, 0.799, 0.8)]),
                (
                    "performance degradation",
                    &[("latency", 100.0, 109.9, 110.1)],
                ),
            ],
        ),
        (
            "execution-report-phase-3",
            vec![
                ("error_rate < 2%", &[("error_rate", 0.9, 0.0199, 0.02)]),
                ("latency_p99 < 700ms", &[("latency", 900.0, 699.9, 700.0)]),
                ("stable CPU", &[("cpu_usage", 0.4, 0.439, 0.441)]),
                ("stable memory", &[("memory_usage", 0.5, 0.549, 0.551)]),
            ],
        ),
        (
            "execution-report-alerts",
            vec![
                ("High Error Rate", &[("error_rate", 0.9, 0.05, 0.0501)]),
                ("High Latency", &[("latency", 9000.0, 2000.0, 2000.1)]),
                ("Pod Restart Loop", &[("pod_restarts", 9.0, 5.0, 6.0)]),
                ("Memory Leak", &[("memory_usage", 1.0, 0.9, 0.901)]),
                (
                    "DB Connection Pool",
                    &[("db_connection_pool", 1.0, 0.95, 0.951)],
                ),
            ],
        ),
        (
            "execution-report-rollback",
            vec![
                (
                    "error_rate > 5% or latency_p99 > 2000ms",
                    &[
                        ("error_rate", 0.9, 0.05, 0.0501),
                        ("latency", 9000.0, 2000.0, 2000.0),
                    ],
                ),
                (
                    "error_rate > 5% or latency_p99 > 2000ms",
                    &[
                        ("error_rate", 0.9, 0.05, 0.05),
                        ("latency", 9000.0, 2000.0, 2000.1),
                    ],
                ),
            ],
        ),
        (
            "short-guide",
            vec![
                ("error_rate", &[("error_rate", 0.01, 0.02, 0.02001)]),
                (
                    "response_time mean",
                    &[("response_time", 100.0, 109.9, 110.1)],
                ),
                (
                    "critical_exceptions > 0",
                    &[("critical_exceptions", 9.0, 0.0, 1.0)],
                ),
            ],
        ),
        (
            "pattern-success",
            vec![
                ("max_error_rate", &[("error_rate", 0.9, 0.02, 0.0201)]),
                (
                    "max_error_rate_increase",
                    &[("error_rate", 0.01, 0.0149, 0.0151)],
                ),
                (
                    "max_response_time_p95",
                    &[("response_time", 9000.0, 2000.0, 2000.1)],
                ),
            ],
        ),
        (
            "pattern-rollback",
            vec![
                ("max_error_rate", &[("error_rate", 0.9, 0.05, 0.0501)]),
                (
                    "error_rate_increase_factor",
                    &[("error_rate", 0.01, 0.03, 0.03001)],
                ),
                (
                    "max_response_time_p95",
                    &[("response_time", 9000.0, 5000.0, 5000.1)],
                ),
                (
                    "response_time_increase_factor",
                    &[("response_time", 100.0, 200.0, 200.1)],
                ),
            ],
        ),
        (
            "pattern-rollback-triggers",
            vec![
                (
                    "error_rate > 2x baseline",
                    &[("error_rate", 0.01, 0.02, 0.02001)],
                ),
                (
                    "response_time_p95 > 1.5x baseline",
                    &[("response_time", 100.0, 150.0, 150.1)],
                ),
            ],
        ),
        (
            "ai-health",
            vec![
                ("error_rate < 1%", &[("error_rate", 0.9, 0.0099, 0.01)]),
                (
                    "p95 within 20% of the baseline",
                    &[("latency", 100.0, 119.9, 120.1)],
                ),
                ("latency_p95 < 2s", &[("latency", 9000.0, 1999.9, 2000.0)]),
                ("critical_errors > 0", &[("critical_errors", 9.0, 0.0, 1.0)]),
                (
                    "cost_per_request <= budget",
                    &[("cost_per_request", 1.0, 0.01, 0.0101)],
                ),
            ],
        ),
        (
            "ai-rollback",
            vec![
                ("error_rate > 5%", &[("error_rate", 0.9, 0.05, 0.0501)]),
                ("latency_p95 > 5s", &[("latency", 9000.0, 5000.0, 5000.1)]),
                ("critical_errors > 0", &[("critical_errors", 9.0, 0.0, 1.0)]),
                (
                    "out_of_memory_errors > 0",
                    &[("out_of_memory_errors", 9.0, 0.0, 1.0)],
                ),
            ],
        ),
        (
            "ai-fairness",
            vec![
                (
                    "demographic parity",
                    &[
                        ("positive_a", 0.9, 0.5, 0.5),
                        ("positive_b", 0.1, 0.401, 0.399),
                    ],
                ),
                (
                    "equal opportunity",
                    &[
                        ("true_positive_a", 0.9, 0.5, 0.5),
                        ("true_positive_b", 0.1, 0.401, 0.399),
                    ],
                ),
                (
                    "disparate impact",
                    &[
                        ("positive_a", 0.9, 0.5, 0.5),
                        ("positive_b", 0.1, 0.402, 0.398),
                    ],
                ),
            ],
        ),
        (
            "ai-alerts",
            vec![
                (
                    "Canary Error Rate High",
                    &[("error_rate", 0.9, 0.05, 0.0501)],
                ),
                (
                    "Canary Latency High",
                    &[("latency", 9000.0, 5000.0, 5000.1)],
                ),
                (
                    "Canary Fairness Violation",
                    &[("fairness_metric", 0.1, 0.8, 0.799)],
                ),
                (
                    "Canary Cost Overrun",
                    &[("cost_per_request", 0.01, 0.015, 0.0151)],
                ),
            ],
        ),
    ]
}

#[test]
fn every_check_stands_at_its_documents_number() {
    let ours: BTreeSet<String> = rows().iter().map(|(file, _)| (*file).to_owned()).collect();
    let mut there = files("");
    assert!(there.remove("lab"));
    assert_eq!(ours, there, "every file has its rows");
    for (file, rows) in rows() {
        let policy = Policy::from_yaml(&text(file)).unwrap();
        let named: BTreeSet<&str> = rows.iter().map(|(check, _)| *check).collect();
        let checks: BTreeSet<String> = policy.checks().iter().map(Check::name).collect();
        assert!(
            named.iter().copied().eq(checks.iter().map(String::as_str)),
            "{file}: {checks:?}"
        );
        for (check, metrics) in rows {
            let status = |is_bad: bool| {
                let with =
                    |snapshot: Snapshot, &(metric, baseline, good, bad): &(&str, f64, f64, f64)| {
                        let canary = observed(metric, if is_bad { bad } else { good });
                        let arms = Arms::new(observed(metric, baseline), canary);
                        snapshot.with(metric, arms).unwrap()
                    };
                let snapshot = metrics.iter().fold(Snapshot::new(), with);
                let verdict = judge(&policy, &snapshot).unwrap();
                let mut findings = verdict.findings.into_iter();
                findings
                    .find(|finding| finding.check == check)
                    .unwrap()
                    .status
            };
            assert_eq!(
                (status(false), status(true)),
                (Status::Pass, Status::Fail),
                "{file}: {check}"
            );
        }
    }
}

#[test]
fn a_block_as_it_was_written_is_our_policy() {
    let written = files("as-written");
    assert_eq!(written.len(), 7);
    for file in &written {
        let block = Policy::from_yaml(&text(&format!("as-written/{file}"))).unwrap();
        let ours = Policy::from_yaml(&text(file)).unwrap();
        assert_eq!(block.checks().len(), ours.checks().len(), "{file}");
        for (block, ours) in block.checks().iter().zip(ours.checks()) {
            assert_eq!(block, ours, "{file}");
        }
        assert_eq!(block, ours, "{file}");
        assert_eq!(
            Policy::from_json(&block.to_json()).unwrap(),
            block,
            "{file}"
        );
    }
}

#[test]
fn all_blocks_of_a_playbook_are_read_at_once_in_their_order() {
    let names = [1, 5, 10, 25, 50].map(|percent| format!("playbook-{percent}-percent"));
    let blocks = names
        .clone()
        .map(|name| text(&format!("as-written/{name}")))
        .concat();
    let phases = Policy::phases(&blocks).unwrap();
    assert_eq!(phases.len(), names.len());
    for ((phase, policy), name) in phases.iter().zip(names) {
        assert_eq!(format!("playbook-{}", &phase["canary-".len()..]), name);
        assert_eq!(*policy, Policy::from_yaml(&text(&name)).unwrap());
    }
}

#[test]
fn what_is_unclear_is_refused_with_the_reason() {
    let bad = files("bad");
    assert!(bad.len() > 20);
    let wrong = bad.iter().filter_map(|file| {
        let text = text(&format!("bad/{file}"));
        let comment = text.lines().map_while(|line| line.strip_prefix("# "));
        let expected = comment.collect::<Vec<_>>().join("\n");
        let got = match Policy::from_yaml(&text) {
            Ok(policy) => policy.to_json(),
            Err(error) => error.to_string(),
        };
        (got != expected).then(|| format!("{file}: {got}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
