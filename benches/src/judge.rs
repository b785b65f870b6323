//! A policy of twenty metrics on windows of sixty points, and what nobody has decided on.

use std::hint::black_box;

use canary_core::{NanPolicy, Policy, Result, Sample, Snapshot, judge};
use criterion::Criterion;

use crate::data::latencies;

fn setting() -> Result<(Policy, Snapshot)> {
    let names: Vec<_> = (0..20).map(|i| format!("metric_{i:02}")).collect();
    let metrics: Vec<_> = names
        .iter()
        .map(|name| format!(r#""{name}": {{"unit": "ms"}}"#))
        .collect();
    let checks: Vec<_> = names
        .iter()
        .map(|name| {
            format!(
                r#"{{"metric": "{name}", "test": {{"method": "mann_whitney", "margin": {{"percent": 5}}}}}},
                   {{"metric": "{name}", "threshold": {{"statistic": "p99", "factor": 2}}}}"#
            )
        })
        .collect();
    let policy = Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{{}}}, "checks": [{}]}}"#,
        metrics.join(","),
        checks.join(",")
    ))?;
    let mut snapshot = Snapshot::new();
    for name in &names {
        let arms = latencies(60).try_map(|_, values| Sample::new(values, NanPolicy::Raise))?;
        snapshot = snapshot.with(name, arms)?;
    }
    Ok((policy, snapshot))
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let Ok((policy, snapshot)) = setting() else {
        return;
    };
    criterion.bench_function("judge/20_metrics_of_60_points", |b| {
        // A fresh copy each time: samples remember that they were sorted.
        b.iter_batched(
            || snapshot.clone(),
            |snapshot| judge(black_box(&policy), &snapshot),
            criterion::BatchSize::SmallInput,
        );
    });
    let Ok(standard) = Policy::standard(snapshot.names()) else {
        return;
    };
    criterion.bench_function(
        "judge/20_metrics_of_60_points_by_the_standard_policy",
        |b| {
            b.iter_batched(
                || snapshot.clone(),
                |snapshot| judge(black_box(&standard), &snapshot),
                criterion::BatchSize::SmallInput,
            );
        },
    );
}
