//! `cargo bench -p canary-benches`: every Criterion setting is made here, once.

mod anomaly;
mod data;
mod judge;
mod sequential;
mod stats;

use std::time::Duration;

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default()
        .configure_from_args()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    stats::bench(&mut criterion);
    judge::bench(&mut criterion);
    sequential::bench(&mut criterion);
    anomaly::bench(&mut criterion);
    criterion.final_summary();
}
