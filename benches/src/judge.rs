//! A policy of twenty metrics on windows of sixty points, and what nobody has decided on.

use std::hint::black_box;

use canary_core::{NanPolicy, Observations, Policy, Result, Sample, Series, Snapshot, judge};
use criterion::Criterion;

use crate::data::latencies;

const METRICS: u32 = 20;
const POINTS: u64 = 60;

/// These checks of each metric.
fn policy(names: &[String], checks: &[&str]) -> Result<Policy> {
    let metrics = names
        .iter()
        .map(|name| format!(r#""{name}": {{"unit": "ms"}}"#));
    let checks = names.iter().flat_map(|name| {
        let check = move |check: &&str| format!(r#"{{"metric": "{name}", {check}}}"#);
        checks.iter().map(check)
    });
    let (metrics, checks) = (metrics.collect::<Vec<_>>(), checks.collect::<Vec<_>>());
    Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{{}}}, "checks": [{}]}}"#,
        metrics.join(","),
        checks.join(",")
    ))
}

const WELCH: &str = r#""test": {"method": "t_test", "margin": {"percent": 5}}"#;
const MANN_WHITNEY: &str = r#""test": {"method": "mann_whitney", "margin": {"percent": 5}}"#;
const THRESHOLD: &str = r#""threshold": {"statistic": "p99", "factor": 2}"#;

/// Windows of so many points, as values and as series by the minute.
fn windows(names: &[String], of: impl Fn(Vec<f64>) -> Result<Observations>) -> Result<Snapshot> {
    let mut snapshot = Snapshot::new();
    for name in names {
        snapshot = snapshot.with(name, latencies(POINTS).try_map(|_, values| of(values))?)?;
    }
    Ok(snapshot)
}

fn sample(values: Vec<f64>) -> Result<Observations> {
    Ok(Sample::new(values, NanPolicy::Raise)?.into())
}

fn series(values: Vec<f64>) -> Result<Observations> {
    let times = (0..values.len()).map(|minute| 60.0 * minute as f64);
    Ok(Series::new(times.collect(), values, NanPolicy::Raise)?.into())
}

fn settings() -> Result<Vec<(&'static str, Policy, Snapshot)>> {
    let names: Vec<_> = (0..METRICS).map(|i| format!("metric_{i:02}")).collect();
    let (samples, series) = (windows(&names, sample)?, windows(&names, series)?);
    let standard = Policy::standard(&names)?;
    Ok(vec![
        ("t_tests", policy(&names, &[WELCH])?, samples.clone()),
        (
            "mann_whitney",
            policy(&names, &[MANN_WHITNEY])?,
            samples.clone(),
        ),
        (
            "mann_whitney_and_thresholds",
            policy(&names, &[MANN_WHITNEY, THRESHOLD])?,
            samples.clone(),
        ),
        ("standard_policy_of_series", standard.clone(), series),
        ("standard_policy_of_samples", standard, samples),
    ])
}

pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, policy, snapshot) in settings().unwrap_or_default() {
        let name = format!("judge/20_metrics_of_60_points/{name}");
        criterion.bench_function(&name, |b| {
            // A fresh copy each time: samples remember that they were sorted.
            b.iter_batched_ref(
                || snapshot.clone(),
                |snapshot| judge(black_box(&policy), snapshot),
                criterion::BatchSize::SmallInput,
            );
        });
    }
}
