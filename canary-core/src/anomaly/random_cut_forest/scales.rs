//! What one unit of each feature is, so that ranges can be compared.

use crate::error::{Error, Result};
use crate::number::sort::{median, sorted};

/// A scale lies between the first and the second, and no length counts for more than the second.
const SMALLEST: f64 = 1e-150;
const LARGEST: f64 = 1e150;

/// The range of the middle half of a normal distribution in standard deviations.
const MIDDLE_HALF: f64 = 1.348_979_500_392_163_4;

/// Changes by less than this share of a feature's level are rounding.
const ROUNDING: f64 = 1e-12;

/// A scale for every feature; 0 for one that has never changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scales(Vec<f64>);

impl Scales {
    /// Of so many features of which nothing is known.
    pub(super) fn unknown(features: usize) -> Self {
        Self(vec![0.0; features])
    }

    /// From every feature's values.
    pub(super) fn of_columns(columns: impl Iterator<Item = Vec<f64>>) -> Self {
        Self(columns.map(|values| scale(&values)).collect())
    }

    pub(super) fn read(scales: Vec<f64>) -> Result<Self> {
        for &scale in &scales {
            if scale != 0.0 && !(SMALLEST..=LARGEST).contains(&scale) {
                let rule = format!("must be 0 or lie between {SMALLEST:e} and {LARGEST:e}");
                return Err(Error::input("scales", rule, scale));
            }
        }
        Ok(Self(scales))
    }

    pub(super) fn get(&self) -> &[f64] {
        &self.0
    }

    /// The same, with a scale for each feature that this point is the first to change: what
    /// [`scale`] makes of `count` equal values and this one.
    pub(super) fn settled(
        &self,
        newest: impl Iterator<Item = f64>,
        point: &[f64],
        count: usize,
    ) -> Self {
        let mut scales = self.clone();
        for ((scale, constant), &x) in scales.0.iter_mut().zip(newest).zip(point) {
            if *scale == 0.0 && x != constant {
                let share = 1.0 / (count as f64 + 1.0);
                *scale = bounded((x - constant).abs() * share, constant);
            }
        }
        scales
    }

    /// One over the scale, for every dimension of a shingle.
    pub(super) fn weights(&self, shingle: usize) -> Vec<f64> {
        let one_over = |&scale: &f64| if scale > 0.0 { 1.0 / scale } else { 1.0 };
        let weights: Vec<f64> = self.0.iter().map(one_over).collect();
        weights.repeat(shingle)
    }
}

/// A length in units of its scale; never infinite.
pub(super) const fn capped(length: f64, weight: f64) -> f64 {
    (length * weight).min(LARGEST)
}

/// A positive length in units of its scale; never infinite, and never 0.
pub(super) const fn weighed(length: f64, weight: f64) -> f64 {
    capped(length, weight).max(f64::MIN_POSITIVE)
}

fn bounded(scale: f64, level: f64) -> f64 {
    scale.max(ROUNDING * level.abs()).clamp(SMALLEST, LARGEST)
}

/// The range of the middle half as a standard deviation. Where that half is tied: the median of
/// the distances from the median that are not 0, times their share. 0 if all are equal.
fn scale(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    if at(0) == at(last) {
        return 0.0;
    }
    let middle = median(values);
    let half = at(last - last / 4) - at(last / 4);
    if half > 0.0 {
        return bounded(half / MIDDLE_HALF, middle);
    }
    let distance = values.iter().map(|x| (x - middle).abs());
    let distances: Vec<f64> = distance
        .filter(|&d| d > 0.0)
        .map(|d| d.min(LARGEST))
        .collect();
    let share = distances.len() as f64 / values.len() as f64;
    bounded(median(&distances) * share, middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_robust_and_never_infinite() {
        let normal: Vec<f64> = (1..1000)
            .map(|i| 1e9 + 3.0 * crate::number::normal::quantile(f64::from(i) / 1000.0))
            .collect();
        assert!(
            (scale(&normal) / 3.0 - 1.0).abs() < 0.01,
            "{}",
            scale(&normal)
        );
        let spiked: Vec<f64> = normal
            .iter()
            .enumerate()
            .map(|(i, x)| if i % 10 == 0 { 1e300 } else { *x })
            .collect();
        assert!(scale(&spiked) < 4.0);
        assert_eq!(scale(&[2.0; 9]), 0.0);
        assert_eq!(scale(&[]), 0.0);
        // Ties in the middle half: 2 of 10 differ, typically by 5.
        let tied = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0];
        assert_eq!(scale(&tied), 1.0);
        assert_eq!(scale(&[-f64::MAX, f64::MAX]), LARGEST);
        assert_eq!(scale(&[0.0, 5e-324]), SMALLEST);
        assert_eq!(scale(&[1.0, 1.0 + f64::EPSILON]), ROUNDING * 1.0);
    }

    #[test]
    fn the_first_change_settles_a_scale() {
        let constant = Scales::unknown(2);
        let settled = constant.settled([7.0, 3.0].into_iter(), &[7.0, 3.5], 9);
        assert_eq!(settled.get(), [0.0, 0.05]);
        let mut values = vec![3.0; 9];
        values.push(3.5);
        assert_eq!(scale(&values), 0.05);
        assert_eq!(settled.weights(2), [1.0, 20.0, 1.0, 20.0]);
    }
}
