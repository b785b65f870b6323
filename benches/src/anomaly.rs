//! Points of a stream, one at a time.

use std::hint::black_box;

use canary_core::anomaly::RandomCutForest;
use criterion::Criterion;

use crate::data::latencies;

/// Points of five metrics, in a window that is full.
pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("anomaly/random_cut_forest");
    for (name, features, shingle) in [("5_metrics", 5, 1), ("1_metric_shingle_4", 1, 4)] {
        let values = latencies(4096 * features as u64).baseline;
        let rows: Vec<&[f64]> = values.chunks_exact(features).collect();
        let design = RandomCutForest::new().shingle(shingle);
        let Ok(mut monitor) = design.monitor(features as u64) else {
            continue;
        };
        if monitor.prime(&rows).is_err() {
            continue;
        }
        let mut next = rows.iter().copied().cycle();
        group.bench_function(format!("{name}/100_trees/window_256/update"), |b| {
            b.iter(|| next.next().map(|row| monitor.update(black_box(row))));
        });
        group.bench_function(format!("{name}/100_trees/window_256/score"), |b| {
            b.iter(|| next.next().map(|row| monitor.score(black_box(row))));
        });
    }
    group.finish();
}
