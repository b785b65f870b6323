//! Scores of windows by a forest that has not seen them, nor their neighbours.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Matrix;
use crate::anomaly::{Forest, IsolationForest};
use crate::error::Result;
use crate::number::parallel;

/// A score below that of every forest: of a window with a value where the training rows have
/// another one, all the same.
const UNHEARD_OF: f64 = -1.0;

/// The score of each window of an arm, and its contributions, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scores {
    pub(super) scores: Vec<f64>,
    pub(super) contributions: Vec<f64>,
}

impl Scores {
    fn new(windows: usize, features: usize) -> Self {
        Self {
            scores: vec![f64::NAN; windows],
            contributions: vec![0.0; windows * features],
        }
    }

    fn set(&mut self, window: usize, score: f64, contributions: &[f64]) {
        if let Some(slot) = self.scores.get_mut(window) {
            *slot = score;
        }
        let features = contributions.len();
        let slots = self.contributions.iter_mut().skip(window * features);
        for (slot, contribution) in slots.zip(contributions) {
            *slot = *contribution;
        }
    }
}

/// The stretches of time that are held out in turn.
pub(super) struct Folds {
    /// Windows of the baseline.
    windows: usize,
    count: usize,
    /// So many windows on either side of a fold are not trained on either.
    gap: usize,
}

impl Folds {
    pub(super) fn new(windows: usize, count: usize, gap: usize) -> Self {
        Self {
            windows,
            count: count.clamp(2, windows.max(2)),
            gap,
        }
    }

    fn range(&self, fold: usize) -> Range<usize> {
        let start = |fold: usize| fold * self.windows / self.count;
        start(fold)..start(fold + 1)
    }

    /// The fold of a window of the baseline.
    pub(super) fn of(&self, window: usize) -> usize {
        let guess = window * self.count / self.windows.max(1);
        let near = [guess, guess + 1];
        let holds = |fold: &usize| self.range(*fold).contains(&window);
        near.into_iter()
            .find(holds)
            .unwrap_or(guess)
            .min(self.count - 1)
    }

    /// The fold that takes the place of one for a window of an arm that has none of the baseline's
    /// times.
    pub(super) const fn in_turn(&self, window: usize, of: usize) -> usize {
        let of = if of == 0 { 1 } else { of };
        let fold = window * self.count / of;
        if fold < self.count {
            fold
        } else {
            self.count - 1
        }
    }

    fn training(&self, fold: usize) -> impl Iterator<Item = usize> {
        let out = self.range(fold);
        let (start, end) = (out.start.saturating_sub(self.gap), out.end + self.gap);
        (0..self.windows).filter(move |window| !(start..end).contains(window))
    }

    /// Both arms' scores; `fold_of` is the fold of each of the canary's windows.
    pub(super) fn scores(
        &self,
        forest: &IsolationForest,
        baseline: &Matrix<'_>,
        canary: &Matrix<'_>,
        fold_of: &[usize],
    ) -> Result<(Scores, Scores)> {
        let features = baseline.columns();
        let mut found = (
            Scores::new(baseline.rows(), features),
            Scores::new(canary.rows(), features),
        );
        let by_fold = parallel::map(self.count, 1, |fold| {
            let training = rows(baseline, self.training(fold));
            let training = Matrix::by_rows(&training, features)?;
            let judge = Judge {
                forest: forest.fit(&training)?,
                constants: constants(&training),
            };
            let own: Vec<usize> = self.range(fold).collect();
            let others = fold_of.iter().enumerate().filter(|&(_, &of)| of == fold);
            let others: Vec<usize> = others.map(|(window, _)| window).collect();
            Ok((judge.judge(baseline, own)?, judge.judge(canary, others)?))
        });
        for fold in by_fold {
            let (own, others) = fold?;
            for (into, judged) in [(&mut found.0, own), (&mut found.1, others)] {
                for (window, score, contributions) in judged {
                    into.set(window, score, &contributions);
                }
            }
        }
        Ok(found)
    }
}

fn rows(matrix: &Matrix<'_>, which: impl Iterator<Item = usize>) -> Vec<f64> {
    let row = |row| (0..matrix.columns()).map(move |column| matrix.get(row, column));
    which.flat_map(row).map(|x| x.unwrap_or(f64::NAN)).collect()
}

/// The value of each feature that has but one.
fn constants(training: &Matrix<'_>) -> Vec<Option<f64>> {
    let constant = |column: usize| {
        let values = (0..training.rows()).filter_map(|row| training.get(row, column));
        let mut values = values.filter(|x| !x.is_nan());
        let first = values.next()?;
        values.all(|x| x == first).then_some(first)
    };
    (0..training.columns()).map(constant).collect()
}

/// A forest, and what it cannot see: no tree splits by a feature that has one value in all of its
/// rows, so that a first error would go unnoticed.
struct Judge {
    forest: Forest,
    constants: Vec<Option<f64>>,
}

type Judged = Vec<(usize, f64, Vec<f64>)>;

impl Judge {
    fn judge(&self, windows: &Matrix<'_>, which: Vec<usize>) -> Result<Judged> {
        let features = windows.columns();
        let values = rows(windows, which.iter().copied());
        let matrix = Matrix::by_rows(&values, features)?;
        let scores = self.forest.score_samples(&matrix)?;
        let contributions = self.forest.contributions(&matrix)?;
        let parts = values
            .chunks_exact(features)
            .zip(contributions.chunks_exact(features));
        let windows = which.into_iter().zip(scores).zip(parts);
        let judged = windows.map(|((window, score), (row, contributions))| {
            let (score, contributions) = self.with_the_unheard_of(row, score, contributions);
            (window, score, contributions)
        });
        Ok(judged.collect())
    }

    fn with_the_unheard_of(
        &self,
        row: &[f64],
        score: f64,
        contributions: &[f64],
    ) -> (f64, Vec<f64>) {
        let mut contributions = contributions.to_vec();
        let cells = row.iter().zip(&self.constants).enumerate();
        let new: BTreeSet<usize> = cells
            .filter(|(_, (x, constant))| !x.is_nan() && constant.is_some_and(|c| c != **x))
            .map(|(column, _)| column)
            .collect();
        if new.is_empty() {
            return (score, contributions);
        }
        // They still add up to the difference of the logarithms.
        let rest = (UNHEARD_OF / score).log2() / new.len() as f64;
        for column in new {
            if let Some(slot) = contributions.get_mut(column) {
                *slot += rest;
            }
        }
        (UNHEARD_OF, contributions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_stretches_that_hold_each_window_once() {
        for (windows, count) in [(16, 5), (17, 5), (30, 7), (100, 10), (501, 5)] {
            let folds = Folds::new(windows, count, 2);
            let mut held = 0;
            for fold in 0..count {
                for window in folds.range(fold) {
                    assert_eq!(folds.of(window), fold);
                    held += 1;
                    let mut training = folds.training(fold);
                    assert!(training.all(|other| other.abs_diff(window) > 2));
                }
            }
            assert_eq!(held, windows);
        }
    }

    #[test]
    fn a_first_error_is_unheard_of() {
        let baseline: Vec<f64> = (0..40).flat_map(|i| [0.0, f64::from(i * 7 % 11)]).collect();
        let canary: Vec<f64> = (0..40)
            .flat_map(|i| [0.01, f64::from(i * 7 % 11)])
            .collect();
        let arms = [&baseline, &canary].map(|values| Matrix::by_rows(values, 2).unwrap());
        let folds = Folds::new(40, 5, 0);
        let fold_of: Vec<usize> = (0..40).map(|window| folds.of(window)).collect();
        let forest = IsolationForest::new();
        let (own, others) = folds.scores(&forest, &arms[0], &arms[1], &fold_of).unwrap();
        assert!(own.scores.iter().all(|&s| s > -0.9));
        assert!(others.scores.iter().all(|&s| s == -1.0));
        let differ = others
            .contributions
            .chunks(2)
            .zip(own.contributions.chunks(2));
        for ((new, old), score) in differ.zip(&own.scores) {
            assert_eq!(new[1], old[1]);
            assert!((new[0] - old[0] + score.abs().log2()).abs() < 1e-12);
        }
    }
}
