//! A fitted forest, and what a score means.

use serde::{Deserialize, Serialize};

use super::crown::{ENOUGH_ROWS, Grove, MOST_FEATURES, TILE};
use super::tree::Tree;
use super::{Matrix, Missing, path_length};
use crate::error::{Error, Result};
use crate::number::version::Version;
use crate::number::{parallel, sort};

/// What scores below this is an anomaly, unless a contamination says otherwise.
const USUAL_OFFSET: f64 = -0.5;

/// The centre and the spread of each feature, which hyperplanes need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standard {
    center: Vec<f64>,
    spread: Vec<f64>,
}

impl Standard {
    /// Means and mean absolute deviations.
    pub(super) fn of(rows: &Matrix<'_>) -> Self {
        let count = rows.rows() as f64;
        let mean = |column: usize, of: &dyn Fn(f64) -> f64| {
            rows.column(column).map(|x| of(x) / count).sum::<f64>()
        };
        let center: Vec<f64> = (0..rows.columns()).map(|j| mean(j, &|x| x)).collect();
        let spread = center.iter().enumerate().map(|(j, center)| {
            let spread = mean(j, &|x| (x - center).abs());
            if spread > 0.0 && spread.is_finite() {
                spread
            } else {
                1.0
            }
        });
        Self {
            spread: spread.collect(),
            center,
        }
    }

    pub(super) fn of_value(&self, column: usize, x: f64) -> f64 {
        match (self.center.get(column), self.spread.get(column)) {
            // Neither a coordinate nor a sum of them overflows.
            (Some(center), Some(spread)) => ((x - center) / spread).clamp(-1e100, 1e100),
            _ => x,
        }
    }
}

/// A fitted isolation forest: plain data that is written and read, as JSON or as a few bytes a
/// node, and scores the same after.
///
/// # Example: written and read
/// ```
/// use canary_core::anomaly::{Forest, IsolationForest, Matrix};
///
/// let rows = [1.0, 1.1, 0.9, 1.05, 7.0];
/// let rows = Matrix::by_rows(&rows, 1)?;
/// let forest = IsolationForest::new().n_estimators(20).fit(&rows)?;
/// let read = Forest::from_bytes(&forest.to_bytes())?;
/// assert_eq!(read.score_samples(&rows)?, forest.score_samples(&rows)?);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Forest {
    n_features: usize,
    sample_size: usize,
    missing: Missing,
    offset: f64,
    standard: Option<Standard>,
    trees: Vec<Tree>,
    /// T c(ψ), what the sum of a row's path lengths is measured by; itself a sum, so that rows which
    /// no tree tells apart score -0.5 to the last bit.
    usual_length: f64,
}

impl Forest {
    /// The version of the written form that this release reads and writes.
    pub const VERSION: u32 = 1;

    pub(super) fn new(
        n_features: usize,
        sample_size: usize,
        missing: Missing,
        standard: Option<Standard>,
        trees: Vec<Tree>,
    ) -> Self {
        Self {
            n_features,
            sample_size,
            missing,
            offset: USUAL_OFFSET,
            standard,
            usual_length: trees
                .iter()
                .map(|_| path_length::below(sample_size as f64))
                .sum(),
            trees,
        }
    }

    /// The offset that takes this part of the training rows for anomalies: that quantile of their
    /// scores, linear between them.
    pub(super) fn with_contamination(mut self, part: f64, rows: &Matrix<'_>) -> Result<Self> {
        let scores = sort::sorted(&self.score_samples(rows)?);
        let place = part * (scores.len() - 1) as f64;
        let at = |index: f64| scores.get(index as usize).copied().unwrap_or(USUAL_OFFSET);
        let (low, high) = (at(place.floor()), at(place.ceil()));
        self.offset = low + (high - low) * place.fract();
        Ok(self)
    }

    /// How many features a row has.
    #[must_use]
    pub const fn n_features(&self) -> usize {
        self.n_features
    }

    /// How many trees there are.
    #[must_use]
    pub const fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// How many rows each tree grew on.
    #[must_use]
    pub const fn sample_size(&self) -> usize {
        self.sample_size
    }

    /// What is done with missing values.
    #[must_use]
    pub const fn missing(&self) -> Missing {
        self.missing
    }

    /// The score below which a row is an anomaly.
    #[must_use]
    pub const fn offset(&self) -> f64 {
        self.offset
    }

    /// -s(x) of a row whose path lengths add up to this; -0.5 where trees have one row.
    fn score(&self, sum: f64) -> f64 {
        let usual = self.usual_length;
        -libm::exp2(if usual > 0.0 { -sum / usual } else { -1.0 })
    }

    /// The score of each row, between -1 and 0, the lower the more of an anomaly: -s(x) of Liu,
    /// Ting and Zhou (2008, eq. 2), as scikit-learn has it.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when the rows have another number of features than the forest, hold
    /// an infinite value, or a missing one that the forest refuses.
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let forest = IsolationForest::new().fit(&Matrix::by_rows(&[1.0, 1.1, 0.9, 1.05, 7.0], 1)?)?;
    /// let scores = forest.score_samples(&Matrix::by_rows(&[1.0, 7.0], 1)?)?;
    /// assert!(scores[1] < scores[0]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn score_samples(&self, rows: &Matrix<'_>) -> Result<Vec<f64>> {
        self.check_features(rows)?;
        // With more features than trees, looking up their places costs more than it saves.
        let is_narrow = self.n_features <= self.trees.len().min(MOST_FEATURES);
        if self.standard.is_none() && is_narrow && rows.rows() >= ENOUGH_ROWS {
            return self.score_many(rows);
        }
        let block = rows.checked_block("rows", 0..rows.rows(), self.missing.may_miss())?;
        let scores = block.chunks_exact(self.n_features);
        Ok(scores
            .map(|row| self.score(self.path_lengths(row)))
            .collect())
    }

    /// Tile by tile and grove by grove: the same sums in the same order as row by row.
    fn score_many(&self, rows: &Matrix<'_>) -> Result<Vec<f64>> {
        let groves = Grove::all(&self.trees, rows.rows(), self.n_features);
        self.tile_by_tile(rows, |block| {
            let mut sums = vec![0.0; block.len() / self.n_features];
            for grove in &groves {
                grove.add_path_lengths(block, &mut sums);
            }
            for (sum, row) in sums.iter_mut().zip(block.chunks_exact(self.n_features)) {
                if self.missing.may_miss() && row.iter().any(|x| x.is_nan()) {
                    *sum = self.path_lengths(row);
                }
                *sum = self.score(*sum);
            }
            sums
        })
    }

    /// What is computed of each tile of rows, one after the other.
    fn tile_by_tile(
        &self,
        rows: &Matrix<'_>,
        compute: impl Fn(&[f64]) -> Vec<f64> + Sync + Send,
    ) -> Result<Vec<f64>> {
        let tiles = parallel::map(rows.rows().div_ceil(TILE), 1, |tile| {
            let tile = tile * TILE..(tile + 1) * TILE;
            let block = rows.checked_block("rows", tile, self.missing.may_miss())?;
            Ok(compute(&block))
        });
        let tiles = tiles.into_iter().collect::<Result<Vec<_>>>()?;
        Ok(tiles.concat())
    }

    /// Σ h(x), walked tree by tree.
    fn path_lengths(&self, row: &[f64]) -> f64 {
        let standardised = self.standardised(row);
        let row = standardised.as_deref().unwrap_or(row);
        if row.iter().any(|x| x.is_nan()) {
            let lengths = self.trees.iter();
            return lengths
                .map(|tree| tree.path_length_in_parts(row, |_, _, _| {}))
                .sum();
        }
        let mut sum = 0.0;
        for tree in &self.trees {
            sum += tree.path_length(0, row);
        }
        sum
    }

    fn standardised(&self, row: &[f64]) -> Option<Vec<f64>> {
        let standard = self.standard.as_ref()?;
        let of = |(column, &x): (usize, &f64)| standard.of_value(column, x);
        Some(row.iter().enumerate().map(of).collect())
    }

    /// The score above the offset: negative for anomalies.
    ///
    /// # Errors
    /// As [`Forest::score_samples`].
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let rows = [1.0, 1.1, 0.9, 1.05, 7.0];
    /// let rows = Matrix::by_rows(&rows, 1)?;
    /// let forest = IsolationForest::new().contamination(Some(0.2)).fit(&rows)?;
    /// assert!(forest.decision_function(&rows)?[4] < 0.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn decision_function(&self, rows: &Matrix<'_>) -> Result<Vec<f64>> {
        let mut scores = self.score_samples(rows)?;
        for score in &mut scores {
            *score -= self.offset;
        }
        Ok(scores)
    }

    /// -1 for each row that is an anomaly, 1 for each that is not.
    ///
    /// # Errors
    /// As [`Forest::score_samples`].
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let rows = [1.0, 1.1, 0.9, 1.05, 7.0];
    /// let rows = Matrix::by_rows(&rows, 1)?;
    /// let forest = IsolationForest::new().contamination(Some(0.2)).fit(&rows)?;
    /// assert_eq!(forest.predict(&rows)?, [1, 1, 1, 1, -1]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn predict(&self, rows: &Matrix<'_>) -> Result<Vec<i64>> {
        let decisions = self.decision_function(rows)?;
        let label = |decision| if decision < 0.0 { -1 } else { 1 };
        Ok(decisions.into_iter().map(label).collect())
    }

    /// Why each row scores as it does, feature by feature, row after row: by how much the splits of
    /// that feature raise log2 s(x) above that of a training row on average
    /// ([`Forest::expected_score`]). The contributions of a row add up to the whole difference;
    /// positive ones make it an anomaly. A feature that a row misses contributes nothing.
    ///
    /// # Errors
    /// As [`Forest::score_samples`].
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let rows = [1.0, 5.0, 1.1, 5.2, 0.9, 5.1, 1.0, 9.0];
    /// let rows = Matrix::by_rows(&rows, 2)?;
    /// let forest = IsolationForest::new().fit(&rows)?;
    /// let last = &forest.contributions(&rows)?[6..];
    /// assert!(last[1] > 0.2 && last[0] < 0.0); // the second feature, not the first
    /// let score = -forest.score_samples(&rows)?[3];
    /// let sum = (-forest.expected_score()).log2() + last[0] + last[1];
    /// assert!((sum - score.log2()).abs() < 1e-12);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn contributions(&self, rows: &Matrix<'_>) -> Result<Vec<f64>> {
        self.check_features(rows)?;
        self.tile_by_tile(rows, |block| {
            let mut contributions = vec![0.0; block.len()];
            let rows = block.chunks_exact(self.n_features);
            for (row, own) in rows.zip(contributions.chunks_exact_mut(self.n_features)) {
                self.explain(row, own);
            }
            contributions
        })
    }

    fn explain(&self, row: &[f64], contributions: &mut [f64]) {
        let standardised = self.standardised(row);
        let row = standardised.as_deref().unwrap_or(row);
        for tree in &self.trees {
            tree.explain(row, contributions);
        }
        let usual = self.usual_length;
        for contribution in contributions {
            *contribution = if usual > 0.0 {
                *contribution / usual
            } else {
                0.0
            };
        }
    }

    /// The score of a row whose paths are as long as those of a training row on average: what
    /// contributions are measured from.
    #[must_use]
    pub fn expected_score(&self) -> f64 {
        self.score(self.trees.iter().map(Tree::expected).sum())
    }

    /// How much each feature tells these rows apart: the mean of its contributions without their
    /// signs, as a part of all features'. They add up to 1, or are all 0 where no row differs from
    /// another.
    ///
    /// # Errors
    /// As [`Forest::score_samples`]; [`Error::NotEnoughData`] without a row.
    ///
    /// ```
    /// use canary_core::anomaly::{IsolationForest, Matrix};
    ///
    /// let rows = [1.0, 5.0, 1.0, 5.2, 1.0, 5.1, 1.0, 9.0];
    /// let rows = Matrix::by_rows(&rows, 2)?;
    /// let forest = IsolationForest::new().fit(&rows)?;
    /// assert_eq!(forest.feature_importances(&rows)?, [0.0, 1.0]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn feature_importances(&self, rows: &Matrix<'_>) -> Result<Vec<f64>> {
        if rows.rows() == 0 {
            return Err(Error::not_enough("rows", "1 row", 0));
        }
        let contributions = self.contributions(rows)?;
        let mut importances = vec![0.0; self.n_features];
        for row in contributions.chunks_exact(self.n_features) {
            for (importance, contribution) in importances.iter_mut().zip(row) {
                *importance += contribution.abs();
            }
        }
        let total: f64 = importances.iter().sum();
        if total > 0.0 {
            for importance in &mut importances {
                *importance /= total;
            }
        }
        Ok(importances)
    }

    fn check_features(&self, rows: &Matrix<'_>) -> Result<()> {
        if rows.columns() == self.n_features {
            return Ok(());
        }
        let rule = format!("must have the forest's {} features", self.n_features);
        Err(Error::input("rows", rule, rows.columns()))
    }

    /// The forest in a few bytes a node, with its version.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        // Numbers and lists can always be written.
        bytes.extend(postcard::to_allocvec(self).unwrap_or_default());
        bytes
    }

    /// Reads what [`Forest::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for bytes of another version, and for those of no forest.
    ///
    /// ```
    /// use canary_core::anomaly::Forest;
    ///
    /// let error = Forest::from_bytes(b"no forest").unwrap_err();
    /// assert_eq!(error.to_string(), "bytes: must be those of a forest, got others");
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let rule = "must be those of a forest";
        let Some(bytes) = bytes.strip_prefix(MAGIC) else {
            return Err(Error::input("bytes", rule, "others"));
        };
        let (forest, rest) =
            postcard::take_from_bytes(bytes).map_err(|error| Error::input("bytes", rule, error))?;
        if rest.is_empty() {
            return Ok(forest);
        }
        let more = format!("{} more", rest.len());
        Err(Error::input("bytes", rule, more))
    }
}

/// What the bytes of a forest begin with.
const MAGIC: &[u8] = b"canary forest\n";

/// A forest as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: Version<{ Forest::VERSION }>,
    n_features: usize,
    sample_size: usize,
    missing: Missing,
    offset: f64,
    #[serde(default)]
    standard: Option<Standard>,
    trees: Vec<Tree>,
}

impl From<Forest> for Document {
    fn from(forest: Forest) -> Self {
        Self {
            version: Version,
            n_features: forest.n_features,
            sample_size: forest.sample_size,
            missing: forest.missing,
            offset: forest.offset,
            standard: forest.standard,
            trees: forest.trees,
        }
    }
}

impl TryFrom<Document> for Forest {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        if document.n_features == 0 || document.sample_size == 0 || document.trees.is_empty() {
            let got = "none";
            return Err(Error::input(
                "forest",
                "must have features, training rows and trees",
                got,
            ));
        }
        if !document.offset.is_finite() {
            return Err(Error::input("offset", "must be finite", document.offset));
        }
        for tree in &document.trees {
            tree.check(document.n_features)?;
            if tree.has_hyperplanes() && document.standard.is_none() {
                let rule = "must be there where there are hyperplanes";
                return Err(Error::input("standard", rule, "none"));
            }
        }
        if let Some(Standard { center, spread }) = &document.standard {
            let of_each = center.len() == document.n_features && spread.len() == center.len();
            let finite = center.iter().chain(spread).all(|x| x.is_finite());
            if !(of_each && finite && spread.iter().all(|&x| x > 0.0)) {
                let rule = "must have a centre and a positive spread of each feature";
                return Err(Error::input("standard", rule, "others"));
            }
        }
        Ok(Self {
            offset: document.offset,
            ..Self::new(
                document.n_features,
                document.sample_size,
                document.missing,
                document.standard,
                document.trees,
            )
        })
    }
}
