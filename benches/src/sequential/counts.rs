//! Monitors, one observation at a time: every update is a look.

use std::hint::black_box;

use canary_core::sequential::{Cusum, EDetector, EventSplit, Monitor, Update};
use canary_core::{Alternative, Arm, Arms};
use criterion::Criterion;

/// A thousand events an iteration, which come evenly.
pub(super) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sequential/counts");
    for (name, alternative, tolerance) in [
        ("two_sided", Alternative::TwoSided, None),
        ("greater", Alternative::Greater, None),
        ("tolerance", Alternative::Greater, Some(1.25)),
    ] {
        let design = EventSplit::new().share(0.05).alternative(alternative);
        let Ok(mut monitor) = design.tolerance(tolerance).monitor() else {
            continue;
        };
        group.bench_function(format!("event_split/{name}/1000_events"), |b| {
            b.iter(|| {
                for event in 0..1_000 {
                    let arm = if event % 20 == 10 {
                        Arm::Canary
                    } else {
                        Arm::Baseline
                    };
                    _ = black_box(monitor.update(black_box(arm)));
                }
            });
        });
    }
    if let Ok(monitor) = EventSplit::new().share(0.1).monitor() {
        group.bench_function("event_split/changing_shares/interval", |b| {
            let mut monitor = monitor.clone();
            b.iter(|| monitor.update(black_box((0.05, Arms::new(95, 5)))));
        });
        let mut monitor = monitor;
        _ = monitor.update((0.05, Arms::new(950, 50)));
        group.bench_function("event_split/changing_shares/state", |b| {
            b.iter(|| monitor.state());
        });
    }
    if let Ok(mut monitor) = Cusum::bernoulli(0.01, 0.02).monitor() {
        group.bench_function("cusum/trial", |b| {
            b.iter(|| monitor.update(black_box(false)));
        });
    }
    if let Ok(mut monitor) = EDetector::bounded(0.0, 1.0, 0.5).monitor() {
        group.bench_function("e_detector/value", |b| {
            b.iter(|| monitor.update(black_box(0.4)));
        });
    }
    group.finish();
}
