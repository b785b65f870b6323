//! Monitors: what an update costs.

#![expect(clippy::expect_used, reason = "a bench may fail loudly")]

use std::hint::black_box;

use canary_core::sequential::{
    DistributionComparison, Monitor, QuantileComparison, QuantileSequence, Update,
};
use canary_core::{Arm, Arms};
use criterion::Criterion;

use crate::data::latencies;

pub(super) fn bench(criterion: &mut Criterion) {
    let values = latencies(500_000);
    let mut group = criterion.benchmark_group("quantile");
    let mut sequence = QuantileSequence::new().monitor().expect("defaults");
    group.bench_function("sequence, 500,000 values", |bencher| {
        bencher.iter(|| sequence.update(black_box(&values.canary[..])));
    });
    let mut comparison = QuantileComparison::new().monitor().expect("defaults");
    group.bench_function("comparison, 1,000,000 values", |bencher| {
        bencher.iter(|| {
            comparison.update(Arms::new(
                black_box(&values.baseline[..]),
                black_box(&values.canary[..]),
            ))
        });
    });
    group.bench_function("comparison, state", |bencher| {
        bencher.iter(|| comparison.state());
    });
    let mut distribution = DistributionComparison::new().monitor().expect("defaults");
    group.bench_function("distribution, 1,000,000 values", |bencher| {
        bencher.iter(|| {
            distribution.update(Arms::new(
                black_box(&values.baseline[..]),
                black_box(&values.canary[..]),
            ))
        });
    });
    let first = || {
        let pairs = values.baseline.iter().zip(&values.canary).take(5000);
        pairs.flat_map(|(&b, &c)| [(Arm::Baseline, b), (Arm::Canary, c)])
    };
    group.bench_function("comparison, the first 10,000 one by one", |bencher| {
        bencher.iter(|| {
            let mut monitor = QuantileComparison::new().monitor().expect("defaults");
            for observation in first() {
                monitor.update(observation).expect("finite");
            }
        });
    });
    group.bench_function("distribution, the first 10,000 one by one", |bencher| {
        bencher.iter(|| {
            let mut monitor = DistributionComparison::new().monitor().expect("defaults");
            for observation in first() {
                monitor.update(observation).expect("finite");
            }
        });
    });
    group.finish();
}
