//! One observation at a time, and a minute's counts.

use std::hint::black_box;

use canary_core::sequential::{Assume, Hypotheses, Sprt, SprtMonitor, SprtPlanner, Update};
use canary_core::{Arm, Arms, Counts, Exposure, Result};
use criterion::Criterion;

/// A monitor that has seen a little, and goes on for ever.
fn of(hypotheses: Hypotheses) -> Result<SprtMonitor> {
    Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(hypotheses)
        .alpha(1e-300)
        .beta(1e-300)
        .monitor()
}

pub(super) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sprt");
    let (null, alternative) = (0.01, 0.02);
    if let Ok(mut monitor) = of(Hypotheses::Proportion { null, alternative }) {
        group.bench_function("proportion/one", |b| {
            b.iter(|| monitor.update(black_box(false)))
        });
    }
    let (null, alternative) = (0.0, 0.5);
    if let Ok(mut monitor) = of(Hypotheses::Mean {
        null,
        alternative,
        sd: 1.0,
    }) {
        group.bench_function("mean/one", |b| b.iter(|| monitor.update(black_box(0.3))));
    }
    let student = Hypotheses::StandardizedMean {
        mean: 0.0,
        alternative,
    };
    // Before and after the size from which on a series is all it takes.
    for (name, first) in [("few", 100), ("many", 10_000)] {
        let values: Vec<f64> = (0..first).map(|i| f64::from(i % 7) / 3.0 - 0.7).collect();
        if let Ok(mut monitor) = of(student)
            && monitor.update(&values[..]).is_ok()
        {
            group.bench_function(format!("standardized_mean/{name}"), |b| {
                b.iter(|| monitor.clone().update(black_box(0.3)));
            });
        }
    }
    let (null, alternative) = (1.0, 2.0);
    if let (Ok(mut monitor), Ok(exposure)) = (
        of(Hypotheses::Rate { null, alternative }),
        Exposure::new(3, 2.5),
    ) {
        group.bench_function("rate/one", |b| {
            b.iter(|| monitor.update(black_box(exposure)))
        });
    }
    if let Ok(mut monitor) = of(Hypotheses::RateRatio { null, alternative }) {
        let events = Arms::new(1_u64, 0);
        group.bench_function("rate_ratio/one", |b| {
            b.iter(|| monitor.update(black_box(events)))
        });
    }
    if let Ok(mut monitor) = of(Hypotheses::OddsRatio { null, alternative }) {
        let trials = [(Arm::Baseline, false), (Arm::Canary, true)];
        let mut turn = trials.iter().cycle();
        group.bench_function("odds_ratio/one", |b| {
            b.iter(|| turn.next().map(|&trial| monitor.update(black_box(trial))));
        });
        let minute = Arms::new((95, 19_000), (10, 1_000));
        if let Ok(counts) = minute.try_map(|_, (events, trials)| Counts::new(events, trials)) {
            group.bench_function("odds_ratio/minute", |b| {
                b.iter(|| monitor.update(black_box(counts)));
            });
        }
    }
    let difference = Hypotheses::MeanDifference {
        null: 0.0,
        alternative: 1.0,
        sd: Arms::new(1.0, 1.0),
    };
    if let Ok(mut monitor) = of(difference) {
        let values = [(Arm::Baseline, 0.3), (Arm::Canary, 0.7)];
        let mut turn = values.iter().cycle();
        group.bench_function("mean_difference/one", |b| {
            b.iter(|| turn.next().map(|&value| monitor.update(black_box(value))));
        });
    }
    let (null, alternative) = (0.01, 0.02);
    let design = Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(Hypotheses::Proportion { null, alternative });
    group.bench_function("plan/proportion", |b| {
        b.iter(|| SprtPlanner::new().run(black_box(&design)));
    });
    group.finish();
}
