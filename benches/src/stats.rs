//! The three tests at a thousand, a hundred thousand and a million values per arm.

use std::hint::black_box;

use canary_core::stats::ShiftInterval;
use canary_core::{Arms, Counts, MannWhitney, TTest, TwoProportionZ};
use criterion::{BenchmarkId, Criterion};

use crate::data::{latencies, rounded};

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stats");
    for n in [1_000, 100_000, 1_000_000] {
        let (distinct, ties) = (latencies(n), rounded(n));
        let t_test = TTest::new();
        group.bench_function(BenchmarkId::new("welch", n), |b| {
            b.iter(|| t_test.run(black_box(&distinct)));
        });
        for interval in [ShiftInterval::None, ShiftInterval::HodgesLehmann] {
            let test = MannWhitney::new().interval(interval);
            for (name, arms) in [("distinct", &distinct), ("ties", &ties)] {
                let id = BenchmarkId::new(format!("mann_whitney/{name}/{interval}"), n);
                group.bench_function(id, |b| b.iter(|| test.run(black_box(arms))));
            }
        }
    }
    let counts = Arms::new((95, 19_000), (30, 2_000));
    if let Ok(counts) = counts.try_map(|_, (events, trials)| Counts::new(events, trials)) {
        let test = TwoProportionZ::new();
        group.bench_function("two_proportion_z", |b| {
            b.iter(|| test.run(black_box(&counts)));
        });
    }
    group.finish();
}
