//! The last minutes, as a query over a window sees them.

use std::collections::VecDeque;

use canary_core::Arms;

use crate::world::{Measured, Minute};

/// Of one arm or both, those minutes that have data.
pub(crate) struct Recent {
    minutes: usize,
    arms: VecDeque<Arms<Option<Measured>>>,
}

/// Sums over the window.
#[derive(Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) errors: u64,
    pub(crate) requests: u64,
}

impl Totals {
    /// NaN without requests.
    pub(crate) fn error_rate(self) -> f64 {
        self.errors as f64 / self.requests as f64
    }
}

impl Recent {
    pub(crate) const fn new(minutes: usize) -> Self {
        Self {
            minutes,
            arms: VecDeque::new(),
        }
    }

    pub(crate) fn push(&mut self, minute: &Minute) {
        self.arms.push_back(minute.arms.clone());
        if self.arms.len() > self.minutes {
            self.arms.pop_front();
        }
    }

    pub(crate) fn totals(&self) -> Arms<Totals> {
        let mut totals = Arms::<Totals>::default();
        let add = |totals: &mut Totals, arm: &Option<Measured>| {
            if let Some(measured) = arm {
                totals.errors += measured.counts.events();
                totals.requests += measured.counts.trials();
            }
        };
        for arms in &self.arms {
            add(&mut totals.baseline, &arms.baseline);
            add(&mut totals.canary, &arms.canary);
        }
        totals
    }

    pub(crate) fn latencies(&self) -> Arms<Vec<f64>> {
        let of = |pick: fn(&Arms<Option<Measured>>) -> &Option<Measured>| -> Vec<f64> {
            let measured = self.arms.iter().filter_map(|arms| pick(arms).as_ref());
            measured
                .flat_map(|arm| arm.latencies.iter().copied())
                .collect()
        };
        Arms {
            baseline: of(|arms| &arms.baseline),
            canary: of(|arms| &arms.canary),
        }
    }
}

/// The smallest value that has at least this share of all values at or below it; NaN for no values.
pub(crate) fn quantile(values: &mut [f64], q: f64) -> f64 {
    let index = (q * values.len() as f64).ceil() as usize;
    match index.checked_sub(1) {
        Some(index) if index < values.len() => {
            *values.select_nth_unstable_by(index, f64::total_cmp).1
        }
        _ => f64::NAN,
    }
}
