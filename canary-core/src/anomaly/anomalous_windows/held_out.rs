//! Scores of windows by a forest that has not seen them, nor their neighbours.

use super::Matrix;
use super::metrics::constant;
use crate::anomaly::{Forest, IsolationForest};
use crate::data::Arms;
use crate::error::Result;
use crate::number::parallel;

/// A score below that of every forest: of a window with a value where the training rows have
/// another one, all the same.
const UNHEARD_OF: f64 = -1.0;

/// How far beyond the training rows outposts are, in ranges of theirs.
const BEYOND: f64 = 0.5;

/// The score of each window of either arm, and the canary's contributions, one after the other.
pub(super) struct Scores {
    pub(super) of: Arms<Vec<f64>>,
    pub(super) contributions: Vec<f64>,
}

/// Short stretches of time, dealt into folds: one fold is held out at a time. What is held out has
/// been seen neither itself nor by its neighbours, but at all times of the day around it.
pub(super) struct Folds {
    /// Windows of the baseline.
    windows: usize,
    count: usize,
    /// So many windows on either side of a stretch are not trained on either.
    gap: usize,
    /// How many windows a stretch has.
    stretch: usize,
}

/// Stretches are so long at least, and twice as long as the gaps beside them, so that enough is left.
const STRETCH: usize = 3;

impl Folds {
    pub(super) fn new(windows: usize, count: usize, gap: usize) -> Self {
        let count = count.clamp(2, windows.max(2));
        // Enough is left to train on, however long windows remember.
        let gap = gap.min(windows / 6);
        let stretch = STRETCH.max(gap * if count == 2 { 4 } else { 2 });
        Self {
            windows,
            count,
            gap,
            stretch: stretch.min(windows / count).max(1),
        }
    }

    /// The fold of a window of the baseline, or of one that takes the place of such a window.
    pub(super) const fn of(&self, window: usize) -> usize {
        window / self.stretch % self.count
    }

    fn held_out(&self, fold: usize) -> impl Iterator<Item = usize> {
        (0..self.windows).filter(move |&window| self.of(window) == fold)
    }

    fn training(&self, fold: usize) -> impl Iterator<Item = usize> {
        let mut near = vec![false; self.windows];
        for window in self.held_out(fold) {
            let gap = near.iter_mut().skip(window.saturating_sub(self.gap));
            let reach = self.gap.min(window) + 1 + self.gap;
            gap.take(reach).for_each(|near| *near = true);
        }
        let far = near.into_iter().enumerate().filter(|(_, near)| !near);
        far.map(|(window, _)| window)
    }

    /// Both arms' scores; `fold_of` is the fold of each of the canary's windows.
    pub(super) fn scores(
        &self,
        forest: &IsolationForest,
        arms: &Arms<Matrix<'_>>,
        fold_of: &[usize],
    ) -> Result<Scores> {
        let features = arms.baseline.columns();
        let by_fold = parallel::map(self.count, 1, |fold| {
            let training = rows(&arms.baseline, self.training(fold));
            let outposts = outposts(&Matrix::by_rows(&training, features)?);
            let judge = Judge {
                constants: constants(&Matrix::by_rows(&training, features)?),
                forest: forest.fit(&Matrix::by_rows(&[training, outposts].concat(), features)?)?,
            };
            let own: Vec<usize> = self.held_out(fold).collect();
            let others = fold_of.iter().enumerate().filter(|&(_, &of)| of == fold);
            let others: Vec<usize> = others.map(|(window, _)| window).collect();
            let baseline = rows(&arms.baseline, own.iter().copied());
            let canary = rows(&arms.canary, others.iter().copied());
            let baseline = judge.scores(&Matrix::by_rows(&baseline, features)?)?;
            let canary = judge.explained(&Matrix::by_rows(&canary, features)?)?;
            Ok(((own, baseline), (others, canary)))
        });
        let mut found = Scores {
            of: arms.map(|arm| vec![f64::NAN; arm.rows()]),
            contributions: vec![0.0; arms.canary.rows() * features],
        };
        for fold in by_fold {
            let ((own, baseline), (others, (canary, contributions))) = fold?;
            put(&own, &baseline, 1, &mut found.of.baseline);
            put(&others, &canary, 1, &mut found.of.canary);
            put(&others, &contributions, features, &mut found.contributions);
        }
        Ok(found)
    }
}

/// Puts what belongs to some windows, so many numbers each, where it belongs.
fn put(windows: &[usize], numbers: &[f64], each: usize, all: &mut [f64]) {
    for (&window, numbers) in windows.iter().zip(numbers.chunks_exact(each)) {
        let slots = all.iter_mut().skip(window * each);
        for (slot, number) in slots.zip(numbers) {
            *slot = *number;
        }
    }
}

fn rows(matrix: &Matrix<'_>, which: impl Iterator<Item = usize>) -> Vec<f64> {
    let row = |row| (0..matrix.columns()).map(move |column| matrix.get(row, column));
    which.flat_map(row).map(|x| x.unwrap_or(f64::NAN)).collect()
}

/// Rows beyond the training rows, one below and one above in each feature, and like some training
/// row in the others. A tree divides nothing beyond its rows: without these, what is twice as far out
/// as any training row would score like the outermost of them.
fn outposts(training: &Matrix<'_>) -> Vec<f64> {
    let features = training.columns();
    let mut rows = Vec::new();
    for column in 0..features {
        let known = training.column(column).filter(|x| !x.is_nan());
        let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(x), high.max(x))
        });
        let reach = BEYOND * (high - low);
        if !(reach > 0.0 && (low - reach).is_finite() && (high + reach).is_finite()) {
            continue;
        }
        for (side, value) in [low - reach, high + reach].into_iter().enumerate() {
            let like = (2 * column + side) * training.rows() / (2 * features);
            rows.extend((0..features).map(|other| match training.get(like, other) {
                Some(x) if other != column => x,
                _ => value,
            }));
        }
    }
    rows
}

/// The value of each feature that has but one.
fn constants(training: &Matrix<'_>) -> Vec<Option<f64>> {
    let columns = 0..training.columns();
    columns
        .map(|column| constant(training.column(column)))
        .collect()
}

/// A forest, and what it cannot see: no tree splits by a feature that has one value in all of its
/// rows, so that a first error would go unnoticed.
struct Judge {
    forest: Forest,
    constants: Vec<Option<f64>>,
}

impl Judge {
    /// The features of a window that have a value where all training rows have another one.
    fn unheard_of<'a>(&'a self, window: &'a [f64]) -> impl Iterator<Item = usize> + 'a {
        let cells = window.iter().zip(&self.constants).enumerate();
        let new =
            cells.filter(|(_, (x, constant))| !x.is_nan() && constant.is_some_and(|c| c != **x));
        new.map(|(column, _)| column)
    }

    fn scores(&self, windows: &Matrix<'_>) -> Result<Vec<f64>> {
        let mut scores = self.forest.score_samples(windows)?;
        let values = windows.block(0..windows.rows());
        let rows = values.chunks_exact(windows.columns());
        for (score, row) in scores.iter_mut().zip(rows) {
            if self.unheard_of(row).next().is_some() {
                *score = UNHEARD_OF;
            }
        }
        Ok(scores)
    }

    /// Scores and contributions.
    fn explained(&self, windows: &Matrix<'_>) -> Result<(Vec<f64>, Vec<f64>)> {
        let mut scores = self.forest.score_samples(windows)?;
        let mut contributions = self.forest.contributions(windows)?;
        let values = windows.block(0..windows.rows());
        let rows = values.chunks_exact(windows.columns());
        let parts = rows.zip(contributions.chunks_exact_mut(windows.columns()));
        for (score, (row, contributions)) in scores.iter_mut().zip(parts) {
            let count = self.unheard_of(row).count();
            // They still add up to the difference of the logarithms.
            let rest = (UNHEARD_OF / *score).log2() / count as f64;
            for column in self.unheard_of(row) {
                *score = UNHEARD_OF;
                if let Some(slot) = contributions.get_mut(column) {
                    *slot += rest;
                }
            }
        }
        Ok((scores, contributions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_hold_each_window_once_and_train_on_none_near_it() {
        for (windows, count, gap) in [
            (16, 5, 0),
            (17, 5, 1),
            (30, 7, 2),
            (100, 10, 5),
            (501, 5, 2),
        ] {
            let folds = Folds::new(windows, count, gap);
            let mut held = 0;
            for fold in 0..count {
                let training: Vec<usize> = folds.training(fold).collect();
                for window in folds.held_out(fold) {
                    assert!(training.iter().all(|other| other.abs_diff(window) > gap));
                    held += 1;
                }
            }
            assert_eq!(held, windows);
        }
        let folds = Folds::new(100, 5, 2);
        assert_eq!(folds.held_out(1).collect::<Vec<_>>()[..5], [4, 5, 6, 7, 24]);
        assert_eq!(folds.training(1).count(), 60);
    }

    #[test]
    fn outposts_stand_half_a_range_beyond_in_one_feature_each() {
        let training = [1.0, 5.0, 3.0, 5.0, 2.0, 9.0, 1.5, 7.0];
        let found = outposts(&Matrix::by_rows(&training, 2).unwrap());
        assert_eq!(found, [0.0, 5.0, 4.0, 5.0, 2.0, 3.0, 1.5, 11.0]);
        assert!(outposts(&Matrix::by_rows(&[2.0; 5], 1).unwrap()).is_empty());
        assert!(outposts(&Matrix::by_rows(&[-1e308, 1e308], 1).unwrap()).is_empty());
    }

    #[test]
    fn a_first_error_is_unheard_of() {
        let baseline: Vec<f64> = (0..40).flat_map(|i| [0.0, f64::from(i * 7 % 11)]).collect();
        let canary: Vec<f64> = (0..40)
            .flat_map(|i| [0.01, f64::from(i * 7 % 11)])
            .collect();
        let matrix = |values| Matrix::by_rows(values, 2).unwrap();
        let folds = Folds::new(40, 5, 0);
        let fold_of: Vec<usize> = (0..40).map(|window| folds.of(window)).collect();
        let scores = |canary| {
            let arms = Arms::new(matrix(&baseline), matrix(canary));
            folds
                .scores(&IsolationForest::new(), &arms, &fold_of)
                .unwrap()
        };
        let (old, new) = (scores(&baseline), scores(&canary));
        assert_eq!(old.of.baseline, old.of.canary);
        assert!(old.of.canary.iter().all(|&s| s > -0.9));
        assert!(new.of.canary.iter().all(|&s| s == -1.0));
        let differ = new.contributions.chunks(2).zip(old.contributions.chunks(2));
        for ((new, old), score) in differ.zip(&old.of.canary) {
            assert_eq!(new[1], old[1]);
            assert!((new[0] - old[0] + score.abs().log2()).abs() < 1e-12);
        }
    }
}
