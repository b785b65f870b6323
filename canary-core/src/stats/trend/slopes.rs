//! The slopes between all pairs of points, and their order statistics.

use super::kendall::sorted_and_inversions;
use crate::number::root::brent;
use crate::number::sort;

/// Up to so many slopes are listed and selected from; beyond, they are counted.
const LISTED: usize = 4_500_000;

/// All slopes of points whose times increase.
pub(super) enum Slopes<'a> {
    Listed {
        slopes: Vec<f64>,
        /// The indices that have been selected, ascending: everything else is on its side of them.
        selected: Vec<usize>,
    },
    Counted {
        times: &'a [f64],
        values: &'a [f64],
        /// The values less a line, so that what is left is small.
        flat: Vec<f64>,
        /// That line's slope.
        tilt: f64,
        /// Slopes are looked for in units of this.
        scale: f64,
    },
}

impl<'a> Slopes<'a> {
    pub(super) fn of(times: &'a [f64], values: &'a [f64]) -> Self {
        let n = times.len();
        if n * n.saturating_sub(1) / 2 <= LISTED {
            let points = || times.iter().zip(values);
            let mut slopes = Vec::with_capacity(n * n.saturating_sub(1) / 2);
            for (i, (t, x)) in points().enumerate() {
                slopes.extend(points().skip(i + 1).map(|(u, y)| (y - x) / (u - t)));
            }
            return Self::Listed {
                slopes,
                selected: Vec::new(),
            };
        }
        let (tilt, scale) = fitted(times, values);
        let origin = times.get(n / 2).copied().unwrap_or(0.0);
        let level = values.get(n / 2).copied().unwrap_or(0.0);
        let flat = |(t, x): (&f64, &f64)| (x - level) - tilt * (t - origin);
        Self::Counted {
            times,
            values,
            flat: times.iter().zip(values).map(flat).collect(),
            tilt,
            scale,
        }
    }

    fn total(&self) -> u64 {
        match self {
            Self::Listed { slopes, .. } => slopes.len() as u64,
            Self::Counted { times, .. } => {
                let n = times.len() as u64;
                n * n.saturating_sub(1) / 2
            }
        }
    }

    /// The k-th smallest, counted from 1.
    pub(super) fn kth(&mut self, k: u64) -> f64 {
        match self {
            Self::Listed { slopes, selected } => {
                let index = (k as usize).saturating_sub(1);
                if index >= slopes.len() {
                    return f64::NAN;
                }
                let at = selected.partition_point(|&other| other < index);
                if selected.get(at) != Some(&index) {
                    let before = at.checked_sub(1).and_then(|before| selected.get(before));
                    let low = before.map_or(0, |before| before + 1);
                    let high = selected.get(at).copied().unwrap_or(slopes.len());
                    if let Some(between) = slopes.get_mut(low..high) {
                        between.select_nth_unstable_by(index - low, f64::total_cmp);
                    }
                    selected.insert(at, index);
                }
                slopes.get(index).copied().unwrap_or(f64::NAN)
            }
            Self::Counted {
                times,
                values,
                flat,
                tilt,
                scale,
            } => {
                // Of x_j - x_i < m (t_j - t_i), as many as pairs of x - m t that fall.
                let origin = times.first().copied().unwrap_or(0.0);
                let turned = |m: f64| -> Vec<f64> {
                    let points = times.iter().zip(&*flat);
                    points.map(|(t, x)| x - m * *scale * (t - origin)).collect()
                };
                let excess = |m: f64| {
                    let (_, less) = sorted_and_inversions(&turned(m));
                    less as f64 - (k as f64 - 0.5)
                };
                let mut reach = 1.0;
                while excess(-reach) > 0.0 || excess(reach) < 0.0 {
                    reach *= 8.0;
                    if reach > 1e300 {
                        break;
                    }
                }
                let root = brent(excess, -reach, reach);
                nearest(times, values, &turned(root), *tilt + *scale * root)
            }
        }
    }

    /// The middle one, or the mean of both.
    pub(super) fn median(&mut self) -> f64 {
        let total = self.total();
        let lower = self.kth(total.div_ceil(2));
        if total % 2 == 1 {
            return lower;
        }
        let upper = self.kth(total / 2 + 1);
        0.5 * lower + 0.5 * upper
    }
}

/// The slope between two points that is nearest to `about`: at the k-th slope, the two points that have it
/// are neighbours in the order of the values turned by it.
fn nearest(times: &[f64], values: &[f64], turned: &[f64], about: f64) -> f64 {
    let order = sort::order(turned);
    let point = |index: &usize| Some((*times.get(*index)?, *values.get(*index)?));
    let slopes = order.windows(2).filter_map(|pair| match pair {
        [one, two] => {
            let ((t, x), (u, y)) = (point(one)?, point(two)?);
            Some((y - x) / (u - t))
        }
        _ => None,
    });
    let nearer = |a: f64, b: f64| {
        if (b - about).abs() < (a - about).abs() {
            b
        } else {
            a
        }
    };
    slopes.reduce(nearer).unwrap_or(about) + 0.0
}

/// The slope between the means of the first and the last third, and a scale for the error of that.
fn fitted(times: &[f64], values: &[f64]) -> (f64, f64) {
    let third = times.len() / 3;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let ends = |all: &[f64]| {
        let first = all.get(..third).unwrap_or_default();
        let last = all.get(all.len() - third..).unwrap_or_default();
        (mean(first), mean(last))
    };
    let ((t, u), (x, y)) = (ends(times), ends(values));
    let tilt = (y - x) / (u - t);
    let steps = values.windows(2).map(|pair| match pair {
        [a, b] => (b - a).abs(),
        _ => 0.0,
    });
    let roughness = steps.sum::<f64>() / values.len() as f64;
    let scale = roughness / (u - t) / (times.len() as f64).sqrt();
    (tilt, if scale > 0.0 { scale } else { 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted<'a>(times: &'a [f64], values: &'a [f64]) -> Slopes<'a> {
        let (tilt, scale) = fitted(times, values);
        let level = values[values.len() / 2];
        let flat = times
            .iter()
            .zip(values)
            .map(|(t, x)| (x - level) - tilt * t);
        Slopes::Counted {
            times,
            values,
            flat: flat.collect(),
            tilt,
            scale,
        }
    }

    #[test]
    fn slopes_of_ties_are_nothing() {
        let times: Vec<f64> = (0..3001).map(f64::from).collect();
        let ties: Vec<f64> = (0..3001).map(|i| f64::from(i * 7919 % 3)).collect();
        for values in [ties, vec![5.0; 3001]] {
            let mut slopes = Slopes::of(&times, &values);
            assert!(matches!(slopes, Slopes::Counted { .. }));
            let total = slopes.total();
            assert_eq!(slopes.median(), 0.0);
            assert_eq!(
                (
                    slopes.kth(total / 2 - 40_000),
                    slopes.kth(total / 2 + 40_000)
                ),
                (0.0, 0.0)
            );
        }
    }

    #[test]
    fn counting_finds_what_listing_finds() {
        let n = 400;
        let times: Vec<f64> = (0..n).map(|i| f64::from(i * 3 + i % 2)).collect();
        let values: Vec<f64> = (0..n)
            .map(|i| 1e6 + 0.01 * f64::from(i) + f64::from((i * 7919) % 1009) / 1009.0)
            .collect();
        let mut listed = Slopes::of(&times, &values);
        let mut counted = counted(&times, &values);
        for k in [1, 5, 20_000, 39_900, 39_901, 70_000, 79_800] {
            let (a, b) = (listed.kth(k), counted.kth(k));
            assert!((a - b).abs() < 1e-13 * (1.0 + a.abs()), "{k}: {a} {b}");
        }
        assert!((listed.median() - counted.median()).abs() < 1e-12);
    }
}
