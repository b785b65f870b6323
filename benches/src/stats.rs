//! The tests of values at a thousand, a hundred thousand and a million values per arm; those of counts
//! once.

use std::hint::black_box;

use canary_core::stats::{
    AndersonDarling, BayesianTest, BrownForsythe, BrunnerMunzel, CochranMantelHaenszel,
    ExactProportions, KolmogorovSmirnov, PairedSeries, PairedT, ProportionMethod, ShiftInterval,
    SignedRank, Statistic,
};
use canary_core::{
    Arms, Bootstrap, Counts, MannWhitney, QuantileTest, Result, TTest, TestResult, TwoProportionZ,
};
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
    group.finish();
    of_values(criterion);
    of_counts(criterion);
}

type OnValues = fn(&Arms<Vec<f64>>) -> Result<TestResult>;

/// The others, once each way.
fn of_values(criterion: &mut Criterion) {
    let tests: [(&str, OnValues); 8] = [
        ("paired_t", |arms| PairedT::new().run(arms)),
        ("signed_rank", |arms| SignedRank::new().run(arms)),
        ("brunner_munzel", |arms| BrunnerMunzel::new().run(arms)),
        ("kolmogorov_smirnov", |arms| {
            KolmogorovSmirnov::new().run(arms)
        }),
        ("anderson_darling", |arms| AndersonDarling::new().run(arms)),
        ("brown_forsythe", |arms| BrownForsythe::new().run(arms)),
        ("quantile_test", |arms| {
            QuantileTest::new().quantile(0.99).run(arms)
        }),
        ("paired_series", |arms| PairedSeries::new().run(arms)),
    ];
    let mut group = criterion.benchmark_group("values");
    for n in [100, 10_000] {
        let arms = latencies(n);
        for (name, run) in &tests {
            group.bench_function(BenchmarkId::new(*name, n), |b| {
                b.iter(|| run(black_box(&arms)));
            });
        }
        for statistic in [Statistic::Mean, Statistic::Median] {
            let id = BenchmarkId::new(format!("bootstrap/{statistic}"), n);
            let test = Bootstrap::new().statistic(statistic).resamples(1000);
            group.bench_function(id, |b| b.iter(|| test.run(black_box(&arms))));
        }
    }
    group.finish();
}

fn of_counts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("counts");
    let counts = Arms::new((95, 19_000), (30, 2_000));
    if let Ok(counts) = counts.try_map(|_, (events, trials)| Counts::new(events, trials)) {
        group.bench_function("two_proportion_z", |b| {
            b.iter(|| TwoProportionZ::new().run(black_box(&counts)));
        });
        let fisher = ExactProportions::new().method(ProportionMethod::Fisher);
        group.bench_function("fisher", |b| b.iter(|| fisher.run(black_box(&counts))));
        let strata = [counts; 24];
        group.bench_function("cochran_mantel_haenszel/24", |b| {
            b.iter(|| CochranMantelHaenszel::new().run(black_box(&strata)));
        });
        group.bench_function("bayesian_test", |b| {
            b.iter(|| BayesianTest::new().counts(black_box(&counts)));
        });
    }
    group.finish();
}
