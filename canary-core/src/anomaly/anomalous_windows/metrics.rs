//! Which metrics can be told by blocks of windows, and how long those must be.

use super::{Design, Matrix, WindowTimes, memory};
use crate::data::Arms;
use crate::number::sort;

/// What can be told of a metric.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    /// Anything: it has forgotten within the longest block.
    Kept,
    /// Nothing: it remembers for longer than the longest block.
    TooDependent,
    /// Nothing: either arm holds a value of its own most of the time, or the baseline's is constant and
    /// the canary's remembers for too long. A process that holds some more memory from its start on
    /// looks like this.
    Constant,
    /// There is nothing to tell: it is the same constant on both arms.
    Same,
}

pub(super) struct Metrics {
    uses: Vec<Use>,
    /// Of neighbouring windows, over the metrics.
    pub(super) correlation: f64,
}

impl Metrics {
    pub(super) fn of(
        arms: &Arms<Matrix<'_>>,
        design: &Design,
        longest: usize,
        is_block_given: bool,
    ) -> Self {
        let all = arms.baseline.columns();
        let n = arms.canary.rows().min(arms.baseline.rows()) as f64;
        let chance = (2.0 * (all as f64).ln() / n).sqrt();
        let metric = |metric: usize| {
            let columns = arms.map(|arm| arm.column(metric).collect::<Vec<f64>>());
            let held = columns.as_ref().map(|column| held(column));
            if held.baseline.is_some() && held.canary.is_some() && held.baseline != held.canary {
                return (Use::Constant, 0.0);
            }
            if constant(columns.baseline.iter().copied()).is_some() {
                let found = memory::correlation(&columns.canary);
                let usage = match constant(columns.canary.iter().copied()) {
                    Some(_) => Use::Same,
                    None if memory::length(found) > longest => Use::Constant,
                    None => Use::Kept,
                };
                return (usage, found);
            }
            let found = correlation(&columns, design);
            let is_too_long = memory::length(found - chance) > longest && !is_block_given;
            let usage = if is_too_long {
                Use::TooDependent
            } else {
                Use::Kept
            };
            (usage, found)
        };
        let found: Vec<(Use, f64)> = (0..all).map(metric).collect();
        let of = |which: &dyn Fn(Use) -> bool| -> Vec<f64> {
            let found = found.iter().filter(|(usage, _)| which(*usage));
            found.map(|(_, correlation)| *correlation).collect()
        };
        let kept = of(&|usage| usage == Use::Kept);
        let varying = of(&|usage| matches!(usage, Use::Kept | Use::TooDependent));
        let largest = |found: &[f64]| found.iter().copied().fold(-1.0, f64::max);
        // Those that are left out still say what the others may be like.
        let mean = varying.iter().sum::<f64>() / varying.len().max(1) as f64;
        let is_unknown = found.iter().any(|(usage, _)| *usage == Use::Constant);
        let correlation = if !kept.is_empty() {
            mean.max(largest(&kept) - chance)
        } else if !varying.is_empty() {
            largest(&varying)
        } else {
            f64::from(u8::from(is_unknown))
        };
        Self {
            uses: found.into_iter().map(|(usage, _)| usage).collect(),
            correlation,
        }
    }

    fn is_kept(&self) -> impl Iterator<Item = (usize, bool)> {
        let uses = self.uses.iter().enumerate();
        uses.map(|(column, usage)| (column, *usage == Use::Kept))
    }

    /// How many are kept; at least one, of nothing where there is none.
    pub(super) fn columns(&self) -> usize {
        self.is_kept().filter(|(_, is)| *is).count().max(1)
    }

    /// The kept columns' values, row by row.
    pub(super) fn kept(&self, windows: Matrix<'_>) -> Vec<f64> {
        let kept: Vec<usize> = self
            .is_kept()
            .filter(|(_, is)| *is)
            .map(|(column, _)| column)
            .collect();
        if kept.is_empty() {
            return vec![0.0; windows.rows()];
        }
        let value = |row: usize, column: usize| windows.get(row, column).unwrap_or(f64::NAN);
        let rows = (0..windows.rows()).flat_map(|row| kept.iter().map(move |&c| (row, c)));
        rows.map(|(row, column)| value(row, column)).collect()
    }

    /// The kept columns' contributions, with 0 for those of the others.
    pub(super) fn of_all(&self, kept: &[f64]) -> Vec<f64> {
        let is_any = self.is_kept().any(|(_, is)| is);
        let mut all = Vec::new();
        for contributions in kept.chunks_exact(self.columns()) {
            let mut contributions = contributions.iter().copied();
            for (_, is_kept) in self.is_kept() {
                let next = if is_kept && is_any {
                    contributions.next()
                } else {
                    None
                };
                all.push(next.unwrap_or(0.0));
            }
        }
        all
    }

    pub(super) fn left_out(&self) -> Vec<usize> {
        let uses = self.uses.iter().enumerate();
        let left = uses.filter(|(_, usage)| matches!(usage, Use::TooDependent | Use::Constant));
        left.map(|(column, _)| column).collect()
    }
}

/// The value that more than half of a column's windows have, where there is one and it is held: from
/// window to window, at most one in ten changes.
fn held(values: &[f64]) -> Option<f64> {
    let known: Vec<f64> = values.iter().copied().filter(|x| !x.is_nan()).collect();
    // It is the median, too.
    let middle = sort::sorted(&known).get(known.len() / 2).copied()?;
    let count = known.iter().filter(|x| **x == middle).count();
    let steps = known.iter().zip(known.iter().skip(1));
    let changes = steps.filter(|(before, after)| before != after).count();
    (2 * count > known.len() && 10 * changes <= known.len()).then_some(middle)
}

/// The value of a column that has but one.
pub(super) fn constant(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut known = values.filter(|x| !x.is_nan());
    let first = known.next()?;
    known.all(|x| x == first).then_some(first)
}

/// How neighbouring windows correlate. At the same times that is the lesser of two, which under the
/// null hypothesis are the same but for what both arms share: of the differences, where the day's wave
/// cancels, and of the baseline, where what is wrong with the canary does not show.
fn correlation(columns: &Arms<Vec<f64>>, design: &Design) -> f64 {
    let own = columns.as_ref().map(|column| memory::correlation(column));
    match design.times {
        WindowTimes::Same => {
            let value = |values: &[f64], at: usize| values.get(at).copied().unwrap_or(f64::NAN);
            let differences = design.pairs.iter().map(|&(baseline, canary)| {
                value(&columns.canary, canary) - value(&columns.baseline, baseline)
            });
            memory::correlation(&differences.collect::<Vec<_>>()).min(own.baseline)
        }
        WindowTimes::Different => mean_of(own, columns.as_ref().map(Vec::len)),
    }
}

pub(super) fn mean_of(arms: Arms<f64>, weights: Arms<usize>) -> f64 {
    let weights = weights.map(|weight| weight as f64);
    let sum = arms.baseline * weights.baseline + arms.canary * weights.canary;
    sum / (weights.baseline + weights.canary)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_most_windows_have_one_after_the_other_is_held() {
        let mut memory = vec![39.6; 60];
        memory[0] = 39.5;
        memory[7] = f64::NAN;
        assert_eq!(held(&memory), Some(39.6));
        memory[40..].fill(39.7);
        assert_eq!(held(&memory), Some(39.6));
        memory[20..40].fill(39.7);
        assert_eq!(held(&memory), Some(39.7));
        let restarts: Vec<f64> = (0..60).map(|i| f64::from(u8::from(i % 4 > 0))).collect();
        assert_eq!(held(&restarts), None);
        assert_eq!(held(&[f64::NAN]), None);
    }
}
