//! Observations of the units that were assigned to an arm: one mean for each.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::sample::Sample;
use crate::error::{Error, Result};
use crate::options::NanPolicy;

/// A mean and how many values are in it.
#[derive(Default)]
struct Mean {
    value: f64,
    count: f64,
}

impl Mean {
    /// By Welford's recurrence, so that large values do not overflow a sum.
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.value += value / self.count - self.value / self.count;
    }
}

impl Sample {
    /// A sample of one mean per unit: the host, the user, the window of time that was assigned to an
    /// arm. `units` says of which unit each value is.
    ///
    /// Observations of one unit are alike, so that a thousand of one host tell of one host, not of a
    /// thousand: tests that take them for independent find differences where there are only different
    /// hosts (Kohavi, Tang and Xu 2020, chapter 18). Each unit counts alike, however many values it
    /// has. From a single unit on an arm no test can decide, and the judge says so.
    ///
    /// Under [`NanPolicy::Omit`] NaN is left out of its unit's mean; a unit of nothing but NaN is left
    /// out, and [`omitted`](Self::omitted) counts such units.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for as many units as there are not values, infinite values and, under
    /// [`NanPolicy::Raise`], NaN; [`Error::NotEnoughData`] for no values.
    ///
    /// ```
    /// use canary_core::{NanPolicy, Sample};
    ///
    /// let values = [10.0, 14.0, 30.0, 50.0];
    /// let hosts = ["vm1", "vm1", "vm2", "vm3"];
    /// let sample = Sample::by_units(&values, &hosts, NanPolicy::Raise)?;
    /// assert_eq!(sample.values(), [12.0, 30.0, 50.0]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn by_units<U: Ord>(values: &[f64], units: &[U], nan_policy: NanPolicy) -> Result<Self> {
        if units.len() != values.len() {
            let rule = format!("must be as many as the {} values", values.len());
            return Err(Error::input("units", rule, units.len()));
        }
        // Refuses what must not stand among the values before any of it is in a mean.
        super::finite("values", values, nan_policy)?;
        let mut number_of: BTreeMap<&U, usize> = BTreeMap::new();
        let mut means: Vec<Mean> = Vec::new();
        for (&value, unit) in values.iter().zip(units) {
            let number = *number_of.entry(unit).or_insert(means.len());
            if number == means.len() {
                means.push(Mean::default());
            }
            if let Some(mean) = means.get_mut(number)
                && !value.is_nan()
            {
                mean.add(value);
            }
        }
        let number = means.len();
        let means: Vec<f64> = means
            .into_iter()
            .filter(|mean| mean.count > 0.0)
            .map(|mean| mean.value)
            .collect();
        let omitted = (number - means.len()) as u64;
        Ok(Self::new(means, NanPolicy::Raise)?.with_omitted(omitted))
    }
}

/// The form in which such a sample is read; it is written as its means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ByUnits {
    values: Vec<f64>,
    units: Vec<Unit>,
}

/// What a unit is called: a text or a whole number.
#[derive(PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(untagged)]
enum Unit {
    Number(i64),
    Text(String),
}

impl TryFrom<ByUnits> for Sample {
    type Error = Error;

    fn try_from(ByUnits { values, units }: ByUnits) -> Result<Self> {
        Self::by_units(&values, &units, NanPolicy::Raise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Observations;

    #[test]
    fn each_unit_counts_alike() {
        let sample = Sample::by_units(&[1.0, 3.0, 10.0], &[7, 7, 2], NanPolicy::Raise).unwrap();
        assert_eq!(sample.values(), [2.0, 10.0]);
    }

    #[test]
    fn a_unit_without_a_value_is_omitted() {
        let values = [1.0, f64::NAN, f64::NAN];
        let units = ["a", "a", "b"];
        let sample = Sample::by_units(&values, &units, NanPolicy::Omit).unwrap();
        assert_eq!((sample.values(), sample.omitted()), ([1.0].as_slice(), 1));
        assert!(Sample::by_units(&values, &units, NanPolicy::Raise).is_err());
    }

    #[test]
    fn means_of_the_largest_values_are_finite() {
        let values = [f64::MAX, f64::MAX, -f64::MAX, f64::MAX];
        let sample = Sample::by_units(&values, &[0, 0, 0, 1], NanPolicy::Raise).unwrap();
        assert!((sample.values()[0] / f64::MAX - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn units_are_read_from_json() {
        let read = |text: &str| serde_json::from_str::<Observations>(text);
        let sample = r#"{"values": [1, 3, 10], "units": ["a", "a", 7]}"#;
        assert_eq!(read(sample).unwrap(), read("[2, 10]").unwrap());
        let error = read(r#"{"values": [1, 3], "units": ["a"]}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "units: must be as many as the 2 values, got 1"
        );
    }
}
