//! Monitors, update by update.

use std::hint::black_box;

use canary_core::sequential::{Level, MixtureSprt, Update};
use canary_core::{Alternative, Arm, Arms, Counts};
use criterion::Criterion;

use crate::data::latencies;

/// One observation, or one interval of counts, of a stream without a difference.
pub(super) fn bench(criterion: &mut Criterion) {
    let values = latencies(1 << 16).canary;
    let arm = |i: usize| {
        if i.is_multiple_of(20) {
            Arm::Canary
        } else {
            Arm::Baseline
        }
    };
    for alternative in [Alternative::TwoSided, Alternative::Greater] {
        let design = MixtureSprt::new().alternative(alternative);
        let mut group = criterion.benchmark_group(format!("mixture_sprt/{alternative}"));
        let (Ok(mut trials), Ok(mut intervals), Ok(mut means)) = (
            design.monitor(),
            design.monitor(),
            design.level(Level::Mean).monitor(),
        ) else {
            return;
        };
        let mut stream = (0..values.len()).cycle();
        let mut next = || {
            let i = stream.next().unwrap_or_default();
            (arm(i), values.get(i).copied().unwrap_or_default())
        };
        group.bench_function("trial", |b| {
            b.iter(|| {
                let (arm, value) = next();
                trials.update(black_box((arm, value > 100.0)))
            });
        });
        group.bench_function("value", |b| b.iter(|| means.update(black_box(next()))));
        if let (Ok(baseline), Ok(canary)) = (Counts::new(19, 950), Counts::new(1, 50)) {
            let interval = Arms::new(baseline, canary);
            group.bench_function("interval", |b| {
                b.iter(|| intervals.update(black_box(interval)));
            });
        }
        group.finish();
    }
}
