//! The isolation forest among linfa's models.

use ::linfa::traits::{Fit, PredictInplace, Transformer};
use ::linfa::{DatasetBase, Float, ParamGuard};
use ndarray::{Array1, ArrayBase, Data, Ix2};

use super::{Forest, IsolationForest, Matrix};
use crate::error::{Error, Result};

#[doc = include_str!("linfa.md")]
///
/// # Example: a dataset, a forest, its anomalies
/// ```
/// use canary_core::anomaly::IsolationForest;
/// use linfa::traits::{Fit, Predict, Transformer};
/// use linfa::DatasetBase;
/// use ndarray::Array2;
///
/// // Memory and p99 by minute; in the last one both are high together.
/// let minutes = Array2::from_shape_fn((61, 2), |(minute, metric)| match (minute, metric) {
///     (60, 0) => 620.0,
///     (60, _) => 95.0,
///     (_, 0) => 500.0 + (minute * 7 % 13) as f64,
///     (_, _) => 40.0 + (minute * 5 % 11) as f64,
/// });
/// let dataset = DatasetBase::from(minutes);
///
/// let options = IsolationForest::new().contamination(Some(0.01));
/// let model = options.params().fit(&dataset)?;
/// let is_anomaly = model.predict(&dataset);
/// assert_eq!(is_anomaly.iter().position(|&anomaly| anomaly), Some(60));
/// let scores = model.transform(dataset.records());
/// assert!(scores.iter().all(|&score| score >= scores[60]));
/// # Ok::<(), canary_core::anomaly::ModelError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IsolationForestParams(IsolationForestValidParams);

/// Options of an isolation forest that lie in their ranges.
///
/// ```
/// use canary_core::anomaly::IsolationForest;
/// use linfa::ParamGuard;
///
/// let error = IsolationForest::new().n_estimators(0).params().check().unwrap_err();
/// assert_eq!(error.to_string(), "n_estimators: must lie between 1 and 1000000, got 0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IsolationForestValidParams(IsolationForest);

impl IsolationForestValidParams {
    /// The options.
    #[must_use]
    pub const fn options(&self) -> &IsolationForest {
        &self.0
    }
}

impl IsolationForest {
    /// These options as linfa's, not checked yet: see [`IsolationForestParams`].
    #[must_use]
    pub const fn params(self) -> IsolationForestParams {
        IsolationForestParams(IsolationForestValidParams(self))
    }
}

/// Why linfa got no model: what this crate refuses, or what linfa itself does.
///
/// (The crate's own [`Error`] is made of nothing else, so that `?` never has two errors to choose from.)
#[derive(Debug, Clone, thiserror::Error)]
pub enum ModelError {
    /// An option or the rows break a rule.
    #[error(transparent)]
    Canary(#[from] Error),
    /// linfa refuses something, such as folds that its dataset does not divide into.
    #[error(transparent)]
    Linfa(#[from] ::linfa::Error),
}

impl ParamGuard for IsolationForestParams {
    type Checked = IsolationForestValidParams;
    type Error = Error;

    fn check_ref(&self) -> Result<&Self::Checked> {
        self.0.0.check_options()?;
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl<F: Float, D: Data<Elem = F>, T> Fit<ArrayBase<D, Ix2>, T, ModelError>
    for IsolationForestValidParams
{
    type Object = ForestModel;

    /// As [`IsolationForest::fit`].
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<ForestModel, ModelError> {
        let records = dataset.records();
        let values = as_f64(records);
        let rows = Matrix::by_rows(&values, records.ncols());
        let rows = rows.map_err(|error| error.in_argument("records"))?;
        Ok(ForestModel(self.0.fit(&rows)?))
    }
}

/// A [`Forest`] that linfa can ask: see [`IsolationForestParams`].
///
/// # Example: one that was kept
/// ```
/// use canary_core::anomaly::{Forest, ForestModel, IsolationForest, Matrix};
/// use linfa::traits::Predict;
///
/// let rows = [1.0, 1.1, 0.9, 1.05, 7.0];
/// let options = IsolationForest::new().contamination(Some(0.2));
/// let kept = options.fit(&Matrix::by_rows(&rows, 1)?)?.to_bytes();
///
/// let model = ForestModel::from(Forest::from_bytes(&kept)?);
/// let is_anomaly = model.predict(&ndarray::array![[1.0], [7.0]]);
/// assert_eq!(is_anomaly.to_vec(), [false, true]);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ForestModel(Forest);

impl ForestModel {
    /// The forest itself.
    #[must_use]
    pub const fn forest(&self) -> &Forest {
        &self.0
    }

    /// The forest itself, to keep.
    #[must_use]
    pub fn into_forest(self) -> Forest {
        self.0
    }
}

impl From<Forest> for ForestModel {
    fn from(forest: Forest) -> Self {
        Self(forest)
    }
}

impl<F: Float, D: Data<Elem = F>> Transformer<&ArrayBase<D, Ix2>, Array1<f64>> for ForestModel {
    /// [`Forest::score_samples`]; NaN for a row that cannot be scored.
    fn transform(&self, records: &ArrayBase<D, Ix2>) -> Array1<f64> {
        let values = as_f64(records);
        let scores_of = |values: &[f64]| {
            let rows = Matrix::by_rows(values, records.ncols())?;
            self.0.score_samples(&rows)
        };
        let scores = scores_of(&values).unwrap_or_else(|_| {
            // Row by row, so that only the bad ones have none.
            let rows = values.chunks_exact(records.ncols().max(1));
            let score = |row| scores_of(row).ok()?.first().copied();
            let scores = rows.map(|row| score(row).unwrap_or(f64::NAN));
            scores.collect()
        });
        // Rows without a column have no values, either.
        let score = |row: usize| scores.get(row).copied().unwrap_or(f64::NAN);
        Array1::from_shape_fn(records.nrows(), score)
    }
}

impl<F: Float, D: Data<Elem = F>> PredictInplace<ArrayBase<D, Ix2>, Array1<bool>> for ForestModel {
    /// Whether each row is an anomaly, for as many rows as there are targets.
    fn predict_inplace<'a>(&'a self, records: &'a ArrayBase<D, Ix2>, targets: &mut Array1<bool>) {
        let scores = self.transform(records);
        for (target, &score) in targets.iter_mut().zip(&scores) {
            *target = score.is_nan() || score < self.0.offset();
        }
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<bool> {
        Array1::from_elem(records.nrows(), false)
    }
}

/// The numbers, row by row.
fn as_f64<F: Float, D: Data<Elem = F>>(records: &ArrayBase<D, Ix2>) -> Vec<f64> {
    let numbers = records.iter();
    numbers.map(|x| x.to_f64().unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use ::linfa::prelude::{Predict, ToConfusionMatrix};
    use ndarray::{Array2, AxisDescription, Slice};

    use super::*;

    fn rows() -> Array2<f64> {
        let wobble = |(i, j): (usize, usize)| ((i * (7 + 2 * j)) % 31) as f64;
        let mut rows = Array2::from_shape_fn((80, 3), wobble);
        rows.row_mut(17).fill(90.0);
        rows
    }

    fn options() -> IsolationForest {
        IsolationForest::new()
            .n_estimators(25)
            .contamination(Some(0.02))
    }

    fn own_forest() -> Forest {
        let rows = rows();
        let rows = Matrix::by_rows(rows.as_slice().unwrap(), 3).unwrap();
        options().fit(&rows).unwrap()
    }

    #[test]
    fn the_same_forest_whatever_the_memory() {
        let by_rows = rows();
        let mut by_columns = Array2::zeros((3, 80)).reversed_axes();
        by_columns.assign(&by_rows);
        assert!(!by_columns.is_standard_layout());
        let every_second = |_: AxisDescription| Slice::new(0, None, 2);
        let mut wide = Array2::zeros((160, 6));
        wide.slice_each_axis_mut(every_second).assign(&by_rows);
        let own = own_forest();
        for records in [
            by_rows.view(),
            by_columns.view(),
            wide.slice_each_axis(every_second),
        ] {
            let model = options().params().fit(&DatasetBase::from(records)).unwrap();
            assert_eq!(*model.forest(), own);
            assert_eq!(model.transform(&records), model.transform(&by_rows));
        }
        let single = DatasetBase::from(by_rows.mapv(|x| x as f32));
        assert_eq!(options().params().fit(&single).unwrap().into_forest(), own);
    }

    #[test]
    fn every_way_to_ask_gives_the_forest_s_own_answer() {
        let records = rows();
        let model = ForestModel::from(own_forest());
        let matrix = Matrix::by_rows(records.as_slice().unwrap(), 3).unwrap();
        let labels = model.forest().predict(&matrix).unwrap();
        let expected: Array1<bool> = labels.into_iter().map(|label| label == -1).collect();
        assert!(expected[17] && !expected[0]);
        let scores: Array1<f64> = model.transform(&records);
        assert_eq!(
            scores.to_vec(),
            model.forest().score_samples(&matrix).unwrap()
        );

        let dataset = DatasetBase::from(records.clone());
        assert_eq!(model.predict(&records), expected);
        assert_eq!(model.predict(&dataset), expected);
        assert_eq!(model.predict(records).targets, expected);
        assert_eq!(model.predict(dataset).targets, expected);
    }

    #[test]
    fn recall_is_that_of_anomalies() {
        let records = rows();
        let truth = Array1::from_shape_fn(80, |row| row == 17 || row == 3);
        let dataset = DatasetBase::new(records, truth);
        let model = options().params().fit(&dataset).unwrap();
        let found = model.predict(&dataset);
        let anomalies = found.iter().filter(|&&anomaly| anomaly).count();
        let matrix = found.confusion_matrix(&dataset).unwrap();
        let hits = [3, 17].iter().filter(|&&row| found[row]).count() as f32;
        assert!(anomalies > 0 && hits < 2.0);
        assert_eq!(matrix.recall(), hits / 2.0);
        assert_eq!(matrix.precision(), hits / anomalies as f32);
    }

    #[test]
    fn what_cannot_be_scored_is_an_anomaly_and_the_rest_is_scored() {
        let model = ForestModel::from(own_forest());
        let mut records = rows();
        let clean = model.transform(&records);
        records[[5, 1]] = f64::NAN;
        records[[9, 2]] = f64::INFINITY;
        let scores = model.transform(&records);
        let anomalies = model.predict(&records);
        for row in 0..80 {
            if row == 5 || row == 9 {
                assert!(scores[row].is_nan() && anomalies[row]);
            } else {
                assert_eq!(scores[row], clean[row]);
            }
        }
        for columns in [0, 2, 4] {
            let anomalies = model.predict(&Array2::<f64>::zeros((7, columns)));
            assert_eq!(anomalies.to_vec(), [true; 7]);
        }
        assert!(model.predict(&Array2::<f64>::zeros((0, 3))).is_empty());
        // Fewer targets than rows, and more.
        let mut targets = Array1::from_elem(2, false);
        model.predict_inplace(&records, &mut targets);
        let mut targets = Array1::from_elem(200, false);
        model.predict_inplace(&records, &mut targets);
        assert!(targets[17]);
    }

    #[test]
    fn the_check_names_the_option() {
        use super::super::Amount;
        let bad = [
            ("n_estimators", options().n_estimators(0)),
            ("n_estimators", options().n_estimators(1_000_001)),
            ("contamination", options().contamination(Some(0.6))),
            ("max_samples", options().max_samples(Amount::Count(0))),
            (
                "max_samples",
                options().max_samples(Amount::Fraction(f64::NAN)),
            ),
            (
                "max_features",
                options().max_features(Amount::Fraction(1.5)),
            ),
        ];
        let dataset = DatasetBase::from(rows());
        for (name, options) in bad {
            let error = options.params().check_ref().unwrap_err();
            assert!(
                error.to_string().starts_with(&format!("{name}: must ")),
                "{error}"
            );
            assert_eq!(options.params().check().unwrap_err(), error);
            let fitted = options.params().fit(&dataset).unwrap_err();
            assert_eq!(fitted.to_string(), error.to_string());
        }
        let good = options().params();
        assert_eq!(good.check_ref().unwrap().options(), &options());
        // What hangs on the rows is said when they are there.
        let error = options()
            .extension_level(3)
            .params()
            .fit(&dataset)
            .unwrap_err();
        assert!(
            error.to_string().starts_with("extension_level: "),
            "{error}"
        );
    }

    #[test]
    fn rows_that_are_none_are_refused() {
        let none = DatasetBase::from(Array2::<f64>::zeros((0, 3)));
        let error = options().params().fit(&none).unwrap_err();
        assert_eq!(error.to_string(), "rows: needs at least 1 row, got 0");
        let narrow = DatasetBase::from(Array2::<f64>::zeros((3, 0)));
        let error = options().params().fit(&narrow).unwrap_err();
        assert_eq!(error.to_string(), "records: must be at least 1, got 0");
        let mut missing = rows();
        missing[[4, 1]] = f64::NAN;
        let error = options()
            .params()
            .fit(&DatasetBase::from(missing))
            .unwrap_err();
        assert!(error.to_string().contains("row 4, column 1"), "{error}");
    }

    #[test]
    fn errors_keep_their_words() {
        let own = Error::input("records", "must be at least 1", 0);
        assert_eq!(ModelError::from(own.clone()).to_string(), own.to_string());
        let linfas = ModelError::from(::linfa::Error::NotEnoughSamples);
        assert_eq!(linfas.to_string(), "not enough samples");
    }

    #[test]
    fn linfa_can_fit_it_fold_by_fold() {
        // Splits the rows itself, and fits and asks through the traits alone.
        let mut dataset = DatasetBase::new(rows(), Array1::from_elem(80, false));
        let params = options().params();
        let share = |found: &Array1<bool>| found.iter().filter(|&&x| x).count() as f64 / 40.0;
        let folds = dataset.iter_fold(2, |fold| params.fit(fold).unwrap());
        let shares: Vec<f64> = folds
            .map(|(model, fold)| share(&model.predict(&fold)))
            .collect();
        assert_eq!(shares.len(), 2);
        assert!(shares.iter().all(|&share| share < 0.3), "{shares:?}");
    }
}
