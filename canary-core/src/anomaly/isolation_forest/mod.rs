//! The isolation forest: `grow` makes a tree, `forest` scores with all of them, `crown` does so for
//! many rows at once.

mod crown;
mod forest;
mod grow;
#[cfg(feature = "linfa")]
mod linfa;
mod path_length;
mod tree;

#[cfg(feature = "linfa")]
pub use self::linfa::{ForestModel, IsolationForestParams, IsolationForestValidParams, ModelError};
pub use forest::Forest;
use serde::{Deserialize, Serialize};

use super::Matrix;
use crate::error::{Error, Result};
use crate::number::parallel;
use crate::number::random::Stream;
use crate::options::{builder, choice};
use forest::Standard;
use grow::{Growth, draw};
use tree::Tree;

choice! {
    /// What to do with missing values (NaN). Infinite ones are always an error.
    #[derive(Default)]
    Missing("missing") {
        /// Refuse them with an error that names the row and the column.
        #[default]
        Raise = "raise",
        /// Where a split asks for what a row misses, the row goes both ways, in parts like those of
        /// the rows that do not miss it.
        BothWays = "both_ways",
    }
}

impl Missing {
    /// Whether a value may be missing.
    pub(super) fn may_miss(self) -> bool {
        self == Self::BothWays
    }
}

/// How many of all rows, or of all features.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// As many as are usual: 256 rows, every feature.
    #[default]
    Auto,
    /// So many, or all where there are fewer.
    Count(usize),
    /// This part of all, in (0, 1], and at least one.
    Fraction(f64),
}

impl Amount {
    fn of(self, argument: &str, all: usize, usual: usize) -> Result<usize> {
        match self {
            Self::Auto => Ok(usual.min(all)),
            Self::Count(0) => Err(Error::option(argument, "must be at least 1", 0)),
            Self::Count(count) => Ok(count.min(all)),
            Self::Fraction(part) if part > 0.0 && part <= 1.0 => {
                Ok(((part * all as f64) as usize).clamp(1, all))
            }
            Self::Fraction(part) => Err(Error::option(argument, "must lie in (0, 1]", part)),
        }
    }
}

/// Rows that the default subsample has.
const USUAL_ROWS: usize = 256;

/// Trees and rows of a subsample that are within reason: their numbers fit the forest's form.
const MOST_TREES: usize = 1_000_000;
const MOST_ROWS: usize = 1 << 30;

builder! {
    #[doc = include_str!("isolation_forest.md")]
    ///
    /// # Defaults
    /// 100 trees of 256 rows each, every feature, drawn without replacement; an anomaly is what
    /// scores below -0.5; splits of one feature; missing values refused; seed 0.
    ///
    /// # Example: which minute is unlike the others, and why
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// // Memory and p99 by minute; in the last one both are high together.
    /// let mut minutes: Vec<f64> = (0..60)
    ///     .flat_map(|i| [500.0 + f64::from(i * 7 % 13), 40.0 + f64::from(i * 5 % 11)])
    ///     .collect();
    /// minutes.extend([620.0, 95.0]);
    /// let minutes = Matrix::by_rows(&minutes, 2)?;
    ///
    /// let forest = IsolationForest::new().fit(&minutes)?;
    /// let scores = forest.score_samples(&minutes)?;
    /// let strangest = (0..61).min_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    /// assert_eq!(strangest, Some(60));
    /// let why = forest.contributions(&minutes)?;
    /// assert!(why[120] > 0.3 && why[121] > 0.3); // both metrics, about alike
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    IsolationForest {
        /// How many trees.
        n_estimators: usize = 100,
        /// How many rows each tree grows on; `Auto` is 256.
        max_samples: Amount = Amount::Auto,
        /// How many features each tree may use; `Auto` is all.
        max_features: Amount = Amount::Auto,
        /// Which part of the training rows is to be taken for anomalies, in (0, 0.5]: `offset` is
        /// then that quantile of their scores. `None` is an offset of -0.5.
        contamination: Option<f64> = None,
        /// Whether a tree's rows are drawn with replacement.
        bootstrap: bool = false,
        /// With k > 0, splits are hyperplanes of k + 1 features (the extended forest); fewer where
        /// fewer features tell rows apart. 0 is the forest of 2008.
        extension_level: usize = 0,
        /// What to do with missing values, when fitted and ever after. Hyperplanes refuse them: of
        /// most rows they would ask for something that is missing.
        missing: Missing = Missing::Raise,
        /// The seed. The same seed gives the same forest, on any number of threads.
        random_state: u64 = 0,
    }
}

impl IsolationForest {
    /// Grows a forest on the rows of a matrix.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option out of its range; [`Error::NotEnoughData`] without a
    /// row; [`Error::InvalidInput`] for infinite values, and for missing ones unless they go both
    /// ways.
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let forest = IsolationForest::new().n_estimators(10).fit(&Matrix::by_rows(&[1.0, 2.0], 1)?)?;
    /// assert_eq!(forest.n_trees(), 10);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn fit(&self, rows: &Matrix<'_>) -> Result<Forest> {
        let plan = self.plan(rows)?;
        let checked = parallel::map(rows.rows().div_ceil(BLOCK), 8, |block| {
            let start = block * BLOCK;
            let block = start..start + BLOCK;
            let checked = rows.checked_block("rows", block, self.may_miss());
            checked.map(drop)
        });
        checked.into_iter().collect::<Result<()>>()?;
        let standard = (plan.dimensions > 0).then(|| Standard::of(rows));
        let trees = parallel::map(self.n_estimators, 4, |number| {
            self.grow(&plan, rows, standard.as_ref(), number)
        });
        let forest = Forest::new(
            rows.columns(),
            plan.sample_size,
            self.missing,
            standard,
            trees,
        );
        match self.contamination {
            None => Ok(forest),
            Some(part) => forest.with_contamination(part, rows),
        }
    }

    /// Whether a value may be missing.
    pub(super) fn may_miss(&self) -> bool {
        self.missing.may_miss()
    }

    /// Refuses options that are out of their range whatever the rows.
    fn check_options(&self) -> Result<()> {
        if self.n_estimators == 0 || self.n_estimators > MOST_TREES {
            let rule = format!("must lie between 1 and {MOST_TREES}");
            return Err(Error::option("n_estimators", rule, self.n_estimators));
        }
        if let Some(part) = self.contamination
            && !(part > 0.0 && part <= 0.5)
        {
            return Err(Error::option("contamination", "must lie in (0, 0.5]", part));
        }
        if self.extension_level > 0 && self.may_miss() {
            let rule = "must be \"raise\" where splits are hyperplanes (extension_level > 0)";
            return Err(Error::option("missing", rule, self.missing));
        }
        self.max_features.of("max_features", 1, 1)?;
        self.max_samples.of("max_samples", 1, 1)?;
        Ok(())
    }

    /// The options as they are for these rows.
    fn plan(&self, rows: &Matrix<'_>) -> Result<Plan> {
        self.check_options()?;
        let columns = rows.columns();
        if self.extension_level >= columns && self.extension_level > 0 {
            let rule = format!("must be less than the {columns} features");
            return Err(Error::option("extension_level", rule, self.extension_level));
        }
        if rows.rows() == 0 {
            return Err(Error::not_enough("rows", "1 row", 0));
        }
        let features = self.max_features.of("max_features", columns, columns)?;
        let usual = USUAL_ROWS;
        let sample_size = self.max_samples.of("max_samples", rows.rows(), usual)?;
        if sample_size > MOST_ROWS {
            let rule = format!("must come to at most {MOST_ROWS} rows");
            return Err(Error::option("max_samples", rule, sample_size));
        }
        Ok(Plan {
            sample_size,
            features,
            dimensions: if self.extension_level > 0 {
                (self.extension_level + 1).min(features)
            } else {
                0
            },
        })
    }

    fn grow(
        &self,
        plan: &Plan,
        rows: &Matrix<'_>,
        standard: Option<&Standard>,
        number: usize,
    ) -> Tree {
        let mut stream = Stream::new(self.random_state, number as u64);
        let mut features: Vec<usize> = (0..rows.columns()).collect();
        if plan.features < features.len() {
            features = draw(&mut stream, features.len(), plan.features, false);
        }
        let drawn = draw(&mut stream, rows.rows(), plan.sample_size, self.bootstrap);
        let columns: Vec<Vec<f64>> = (0..rows.columns())
            .map(|column| {
                let values = drawn.iter().map(|&row| {
                    let value = rows.get(row, column).unwrap_or(f64::NAN);
                    standard.map_or(value, |standard| standard.of_value(column, value))
                });
                values.collect()
            })
            .collect();
        Growth::new(&columns, &features, plan.dimensions, stream).grow()
    }
}

/// Rows that are checked at once.
const BLOCK: usize = 4096;

/// Options in numbers.
struct Plan {
    sample_size: usize,
    features: usize,
    /// Features of a hyperplane; 0 for splits of one feature.
    dimensions: usize,
}

#[cfg(test)]
mod tests;
