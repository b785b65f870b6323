//! Rows of numbers.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{Error, Result};

/// A table of numbers: a row per point (a window of time, a host, a request), a column per feature
/// (a metric). It is borrowed, and lies in memory row by row or column by column.
///
/// NaN is a missing value. What takes a matrix says what it does with one; infinite values are an
/// error everywhere.
///
/// ```
/// use canary_core::anomaly::Matrix;
///
/// let memory_and_p99 = [512.0, 41.0, 518.0, 40.2, 530.0, 43.7];
/// let matrix = Matrix::by_rows(&memory_and_p99, 2)?;
/// assert_eq!((matrix.rows(), matrix.columns()), (3, 2));
/// assert_eq!(matrix.get(2, 1), Some(43.7));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matrix<'a> {
    values: &'a [f64],
    rows: usize,
    columns: usize,
    by_rows: bool,
}

impl<'a> Matrix<'a> {
    /// Values that lie row by row, `columns` to a row.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] without columns, and when the values do not fill the last row.
    pub fn by_rows(values: &'a [f64], columns: usize) -> Result<Self> {
        Self::new(values, columns, true)
    }

    /// Values that lie column by column, in `columns` columns of one length.
    ///
    /// # Errors
    /// As [`Matrix::by_rows`].
    ///
    /// ```
    /// use canary_core::anomaly::Matrix;
    ///
    /// let columns = [512.0, 518.0, 530.0, 41.0, 40.2, 43.7];
    /// assert_eq!(Matrix::by_columns(&columns, 2)?.get(2, 1), Some(43.7));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn by_columns(values: &'a [f64], columns: usize) -> Result<Self> {
        Self::new(values, columns, false)
    }

    fn new(values: &'a [f64], columns: usize, by_rows: bool) -> Result<Self> {
        if columns == 0 {
            return Err(Error::input("columns", "must be at least 1", columns));
        }
        if !values.len().is_multiple_of(columns) {
            let rule = format!("must be a multiple of the {columns} columns in number");
            return Err(Error::input("values", rule, values.len()));
        }
        Ok(Self {
            values,
            rows: values.len() / columns,
            columns,
            by_rows,
        })
    }

    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How many columns.
    #[must_use]
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// One number, where there is such a row and such a column.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f64> {
        if row >= self.rows || column >= self.columns {
            return None;
        }
        let index = if self.by_rows {
            row * self.columns + column
        } else {
            column * self.rows + row
        };
        self.values.get(index).copied()
    }

    /// One column's numbers, row by row; none where there is no such column.
    pub(super) fn column(&self, column: usize) -> impl Iterator<Item = f64> {
        (0..self.rows).filter_map(move |row| self.get(row, column))
    }

    /// Some rows, one after the other: the matrix' own memory where it lies so.
    pub(super) fn block(&self, rows: Range<usize>) -> Cow<'a, [f64]> {
        let rows = rows.start.min(self.rows)..rows.end.min(self.rows);
        if self.by_rows {
            let values = rows.start * self.columns..rows.end * self.columns;
            return Cow::Borrowed(self.values.get(values).unwrap_or_default());
        }
        let mut block = vec![0.0; rows.len() * self.columns];
        for (column, values) in self.values.chunks_exact(self.rows.max(1)).enumerate() {
            let slots = block.iter_mut().skip(column).step_by(self.columns);
            let values = values.get(rows.clone()).unwrap_or_default();
            for (slot, &value) in slots.zip(values) {
                *slot = value;
            }
        }
        Cow::Owned(block)
    }

    /// Some rows, one after the other, if none holds an infinite value, nor a missing one unless they
    /// `may_miss`. The error names the place.
    pub(super) fn checked_block(
        &self,
        argument: &str,
        rows: Range<usize>,
        may_miss: bool,
    ) -> Result<Cow<'a, [f64]>> {
        let first = rows.start;
        let block = self.block(rows);
        // Counted to the end, because that vectorises.
        if block.iter().filter(|x| !x.is_finite()).count() == 0 {
            return Ok(block);
        }
        let bad = |x: &f64| x.is_infinite() || (x.is_nan() && !may_miss);
        let Some(index) = block.iter().position(bad) else {
            return Ok(block);
        };
        let value = block.get(index).copied().unwrap_or(f64::NAN);
        let rule = if value.is_nan() {
            "must not be missing (missing = \"both_ways\" takes it)"
        } else {
            "must be finite"
        };
        let (row, column) = (first + index / self.columns, index % self.columns);
        let value = format!("{value} in row {row}, column {column}");
        Err(Error::input(argument, rule, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_layouts_hold_the_same() {
        let by_rows = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let by_columns = [1.0, 3.0, 5.0, 2.0, 4.0, 6.0];
        let rows = Matrix::by_rows(&by_rows, 2).unwrap();
        let columns = Matrix::by_columns(&by_columns, 2).unwrap();
        for range in [0..3, 1..3, 2..9, 3..3] {
            assert_eq!(rows.block(range.clone()), columns.block(range));
        }
        assert_eq!(rows.get(1, 1), columns.get(1, 1));
        assert_eq!(rows.get(3, 0), None);
        assert_eq!(columns.get(0, 2), None);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (values, columns, message) in [
            (3, 0, "columns: must be at least 1, got 0"),
            (
                3,
                2,
                "values: must be a multiple of the 2 columns in number, got 3",
            ),
        ] {
            let error = Matrix::by_rows(&vec![0.0; values], columns).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(Matrix::by_columns(&[], 4).unwrap().rows(), 0);
    }
}
