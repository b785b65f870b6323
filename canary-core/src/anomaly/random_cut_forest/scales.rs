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

/// So many values that differ from the middle one are enough for a scale to stand on, as is one in
/// so many.
const ENOUGH: usize = 8;

/// A scale for every feature; 0 for one that has never changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scales {
    units: Vec<f64>,
    /// For a scale that does not stand yet: how many points there were since the feature's first
    /// change, with it and the one before. 0 for one that stands, and where nothing has changed.
    ages: Vec<u64>,
}

/// What some values make of their feature's scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    unit: f64,
    is_enough: bool,
}

impl Estimate {
    pub(super) fn of(values: &[f64]) -> Self {
        let middle = median(values);
        let others = values.iter().filter(|&&x| x != middle).count();
        Self {
            unit: scale(values),
            is_enough: others >= ENOUGH.min(values.len() / ENOUGH),
        }
    }
}

impl Scales {
    /// Of so many features of which nothing is known.
    pub(super) fn unknown(features: usize) -> Self {
        Self {
            units: vec![0.0; features],
            ages: vec![0; features],
        }
    }

    pub(super) fn read(units: Vec<f64>, ages: Vec<u64>, updates: u64) -> Result<Self> {
        for &unit in &units {
            if unit != 0.0 && !(SMALLEST..=LARGEST).contains(&unit) {
                let rule = format!("must be 0 or lie between {SMALLEST:e} and {LARGEST:e}");
                return Err(Error::input("scales", rule, unit));
            }
        }
        if ages.len() != units.len() {
            let rule = format!("must be {}", units.len());
            return Err(Error::input("ages", rule, ages.len()));
        }
        for (&age, &unit) in ages.iter().zip(&units) {
            if age != 0 && (unit == 0.0 || !(2..=updates).contains(&age)) {
                let rule = "must be 0, or of a feature that changed during the updates";
                return Err(Error::input("ages", rule, age));
            }
        }
        Ok(Self { units, ages })
    }

    pub(super) fn get(&self) -> &[f64] {
        &self.units
    }

    pub(super) fn ages(&self) -> &[u64] {
        &self.ages
    }

    /// The same, with a scale for each feature that this point is the first to change: what
    /// [`scale`] makes of `count` equal values and this one. It does not stand: one value says
    /// little of the next ones.
    pub(super) fn begun(
        &self,
        newest: impl Iterator<Item = f64>,
        point: &[f64],
        count: usize,
    ) -> Self {
        let mut scales = self.clone();
        let features = scales.units.iter_mut().zip(&mut scales.ages);
        for (((unit, age), constant), &x) in features.zip(newest).zip(point) {
            if *unit == 0.0 && x != constant {
                let share = 1.0 / (count as f64 + 1.0);
                *unit = bounded((x - constant).abs() * share, constant);
                *age = 1;
            }
        }
        scales
    }

    /// Counts a point for each scale that does not stand.
    pub(super) fn grow_older(&mut self) {
        for age in self.ages.iter_mut().filter(|age| **age > 0) {
            *age = age.saturating_add(1);
        }
    }

    /// Takes a scale from a baseline, at an age: it stands if the values are enough.
    pub(super) fn learn(&mut self, feature: usize, found: Estimate, at: u64) {
        self.set(feature, found.unit, if found.is_enough { 0 } else { at });
    }

    /// Takes a scale anew, and lets it stand if it `may` and the values are enough. Whether it is
    /// another one.
    pub(super) fn renew(&mut self, feature: usize, found: Estimate, may_stand: bool) -> bool {
        let stands = may_stand && found.is_enough;
        let age = self.ages.get(feature).copied().unwrap_or_default();
        let is_new = self.units.get(feature) != Some(&found.unit);
        self.set(feature, found.unit, if stands { 0 } else { age });
        is_new
    }

    fn set(&mut self, feature: usize, unit: f64, age: u64) {
        if let (Some(own), Some(since)) = (self.units.get_mut(feature), self.ages.get_mut(feature))
        {
            *own = unit;
            *since = if unit > 0.0 { age } else { 0 };
        }
    }

    /// One over the scale, for every dimension of a shingle.
    pub(super) fn weights(&self, shingle: usize) -> Vec<f64> {
        let one_over = |&scale: &f64| if scale > 0.0 { 1.0 / scale } else { 1.0 };
        let weights: Vec<f64> = self.units.iter().map(one_over).collect();
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
    fn the_first_change_begins_a_scale() {
        let constant = Scales::unknown(2);
        let begun = constant.begun([7.0, 3.0].into_iter(), &[7.0, 3.5], 9);
        assert_eq!((begun.get(), begun.ages()), (&[0.0, 0.05][..], &[0, 1][..]));
        let mut values = vec![3.0; 9];
        values.push(3.5);
        assert_eq!(scale(&values), 0.05);
        assert_eq!(begun.weights(2), [1.0, 20.0, 1.0, 20.0]);
    }

    #[test]
    fn a_scale_stands_on_enough_values() {
        let others = |count: usize| {
            let mut values = vec![0.0; 100 - count];
            values.resize(100, 0.5);
            Estimate::of(&values)
        };
        let mut scales = Scales::unknown(1).begun([0.0].into_iter(), &[0.5], 99);
        scales.grow_older();
        for (found, may_stand, unit, age) in [
            (others(1), true, 0.005, 2),
            (others(8), false, 0.04, 2),
            (others(7), true, 0.035, 2),
            (others(8), true, 0.04, 0),
            (others(0), true, 0.0, 0),
        ] {
            scales.renew(0, found, may_stand);
            assert_eq!((scales.get(), scales.ages()), (&[unit][..], &[age][..]));
        }
        scales.learn(0, others(3), 7);
        assert_eq!(scales.ages(), [7]);
        scales.grow_older();
        assert_eq!(scales.ages(), [8]);
        // A few values are a few whatever they are.
        assert!(Estimate::of(&[1.0, 2.0]).is_enough);
    }
}
