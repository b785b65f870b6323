//! The slopes between all pairs of points, and their order statistics.

use super::kendall::sorted_and_inversions;
use crate::number::root::brent;

/// Up to so many slopes are listed and selected from; beyond, they are counted.
const LISTED: usize = 4_500_000;

/// All slopes of points whose times increase.
pub(super) enum Slopes<'a> {
    Listed(Vec<f64>),
    Counted {
        times: &'a [f64],
        values: Vec<f64>,
        /// A slope that was taken out of the values, so that what is left is small.
        tilt: f64,
        /// Slopes are looked for in units of this.
        scale: f64,
    },
}

impl<'a> Slopes<'a> {
    pub(super) fn of(times: &'a [f64], values: &[f64]) -> Self {
        let n = times.len();
        if n * n.saturating_sub(1) / 2 <= LISTED {
            let points = || times.iter().zip(values);
            let mut slopes = Vec::with_capacity(n * n.saturating_sub(1) / 2);
            for (i, (t, x)) in points().enumerate() {
                slopes.extend(points().skip(i + 1).map(|(u, y)| (y - x) / (u - t)));
            }
            return Self::Listed(slopes);
        }
        let (tilt, scale) = fitted(times, values);
        let origin = times.get(n / 2).copied().unwrap_or(0.0);
        let level = values.get(n / 2).copied().unwrap_or(0.0);
        let flat = |(t, x): (&f64, &f64)| (x - level) - tilt * (t - origin);
        Self::Counted {
            times,
            values: times.iter().zip(values).map(flat).collect(),
            tilt,
            scale,
        }
    }

    fn total(&self) -> u64 {
        match self {
            Self::Listed(slopes) => slopes.len() as u64,
            Self::Counted { times, .. } => {
                let n = times.len() as u64;
                n * n.saturating_sub(1) / 2
            }
        }
    }

    /// The k-th smallest, counted from 1.
    pub(super) fn kth(&mut self, k: u64) -> f64 {
        match self {
            Self::Listed(slopes) => {
                let index = (k as usize).saturating_sub(1);
                if index >= slopes.len() {
                    return f64::NAN;
                }
                let (_, kth, _) = slopes.select_nth_unstable_by(index, f64::total_cmp);
                *kth
            }
            Self::Counted {
                times,
                values,
                tilt,
                scale,
            } => {
                // Of x_j - x_i < m (t_j - t_i), as many as pairs of x - m t that fall.
                let origin = times.first().copied().unwrap_or(0.0);
                let excess = |m: f64| {
                    let turned = times.iter().zip(&*values);
                    let turned = turned.map(|(t, x)| x - m * *scale * (t - origin));
                    let (_, less) = sorted_and_inversions(&turned.collect::<Vec<_>>());
                    less as f64 - (k as f64 - 0.5)
                };
                let mut reach = 1.0;
                while excess(-reach) > 0.0 || excess(reach) < 0.0 {
                    reach *= 8.0;
                    if reach > 1e300 {
                        break;
                    }
                }
                *tilt + *scale * brent(excess, -reach, reach)
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

    #[test]
    fn counting_finds_what_listing_finds() {
        let n = 400;
        let times: Vec<f64> = (0..n).map(|i| f64::from(i * 3 + i % 2)).collect();
        let values: Vec<f64> = (0..n)
            .map(|i| 1e6 + 0.01 * f64::from(i) + f64::from((i * 7919) % 1009) / 1009.0)
            .collect();
        let mut listed = Slopes::of(&times, &values);
        let (tilt, scale) = fitted(&times, &values);
        let flat = times.iter().zip(&values).map(|(t, x)| (x - 1e6) - tilt * t);
        let mut counted = Slopes::Counted {
            times: &times,
            values: flat.collect(),
            tilt,
            scale,
        };
        for k in [1, 5, 20_000, 39_900, 39_901, 70_000, 79_800] {
            let (a, b) = (listed.kth(k), counted.kth(k));
            assert!((a - b).abs() < 1e-9 * (1.0 + a.abs()), "{k}: {a} {b}");
        }
        assert!((listed.median() - counted.median()).abs() < 1e-12);
    }
}
