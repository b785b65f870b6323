//! Monitors, one observation at a time and a minute at a time: every update is a look.

mod counts;
mod mixture;
mod quantile;
mod sprt;

use criterion::Criterion;

pub(crate) fn bench(criterion: &mut Criterion) {
    counts::bench(criterion);
    mixture::bench(criterion);
    quantile::bench(criterion);
    sprt::bench(criterion);
}
