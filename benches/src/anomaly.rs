//! Forests: rows at once, and points of a stream one at a time.

use std::hint::black_box;

use canary_core::anomaly::{IsolationForest, Matrix, RandomCutForest};
use criterion::Criterion;

use crate::data::latencies;

pub(crate) fn bench(criterion: &mut Criterion) {
    isolation_forest(criterion);
    random_cut_forest(criterion);
}

const COLUMNS: usize = 5;

/// Growing, and scoring one row and many: 100 trees of 256 rows of five features.
fn isolation_forest(criterion: &mut Criterion) {
    let values = latencies(500_000).baseline;
    let mut group = criterion.benchmark_group("isolation_forest");
    let options = IsolationForest::new();
    for rows in [10_000, 100_000] {
        let Ok(matrix) = Matrix::by_rows(values.get(..COLUMNS * rows).unwrap_or(&[]), COLUMNS)
        else {
            return;
        };
        group.bench_function(format!("fit/{rows}"), |b| {
            b.iter(|| options.fit(black_box(&matrix)));
        });
        let Ok(forest) = options.fit(&matrix) else {
            return;
        };
        group.bench_function(format!("score/{rows}"), |b| {
            b.iter(|| forest.score_samples(black_box(&matrix)));
        });
        if let Ok(row) = Matrix::by_rows(values.get(..COLUMNS).unwrap_or(&[]), COLUMNS) {
            group.bench_function(format!("score/1 of {rows}"), |b| {
                b.iter(|| forest.score_samples(black_box(&row)));
            });
        }
    }
    group.finish();
}

/// Points of five metrics, in a window that is full.
fn random_cut_forest(criterion: &mut Criterion) {
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
