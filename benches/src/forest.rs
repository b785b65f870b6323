//! The isolation forest: growing, and scoring one row and many.

use std::hint::black_box;

use canary_core::anomaly::{IsolationForest, Matrix};
use criterion::Criterion;

use crate::data::latencies;

const COLUMNS: usize = 5;

/// 100 trees of 256 rows of five features.
pub(super) fn bench(criterion: &mut Criterion) {
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
