//! How long a cumulative sum runs until its alarm, on average.

use crate::number::normal;
use crate::number::quadrature;

/// Rows of a system of linear equations with few columns either side of the diagonal, each of
/// whose diagonals outweighs its row: no pivot is sought.
struct Band {
    below: usize,
    above: usize,
    cells: Vec<f64>,
}

impl Band {
    fn new(rows: usize, below: usize, above: usize) -> Self {
        Self {
            below,
            above,
            cells: vec![0.0; rows * (below + 1 + above)],
        }
    }

    const fn width(&self) -> usize {
        self.below + 1 + self.above
    }

    fn add(&mut self, row: usize, column: usize, value: f64) {
        let at = row * self.width() + column + self.below - row;
        if let Some(cell) = self.cells.get_mut(at) {
            *cell += value;
        }
    }

    /// The first of the unknowns, by eliminating from the last one on.
    fn solve_first(mut self, mut right: Vec<f64>) -> f64 {
        let (width, below, above) = (self.width(), self.below, self.above);
        for last in (0..right.len()).rev() {
            let (earlier, own) = self.cells.split_at_mut(last * width);
            let (rights, own_right) = right.split_at_mut(last);
            let (Some(own), Some(&own_right)) = (own.get(..=below), own_right.first()) else {
                continue;
            };
            let diagonal = own.last().copied().unwrap_or(1.0);
            let rows = earlier.chunks_exact_mut(width).rev();
            for ((up, row), right) in (1..=above).zip(rows).zip(rights.iter_mut().rev()) {
                // The row's cells in the columns of `own`.
                let start = up.min(width);
                let Some(cells) = row.get_mut(start..) else {
                    continue;
                };
                let Some(cell) = cells.get(below) else {
                    continue;
                };
                let times = cell / diagonal;
                if times == 0.0 {
                    continue;
                }
                for (cell, own) in cells.iter_mut().zip(own) {
                    *cell -= times * own;
                }
                *right -= times * own_right;
            }
        }
        let diagonal = self.cells.get(below).copied().unwrap_or(1.0);
        right.first().map_or(f64::NAN, |right| right / diagonal)
    }
}

/// A step of a walk and its probability.
#[derive(Clone, Copy)]
pub(super) struct Step {
    pub(super) by: i64,
    pub(super) probability: f64,
}

/// The mean number of steps that a walk from 0, which is kept from falling below, takes to `height`
/// or beyond.
pub(super) fn of_walk(height: usize, steps: [Step; 2]) -> f64 {
    let reach = |sign: i64| {
        let by = steps.iter().map(|step| (sign * step.by).max(0)).max();
        usize::try_from(by.unwrap_or(0)).map_or(height, |by| by.min(height))
    };
    let mut band = Band::new(height, reach(-1), reach(1));
    for row in 0..height {
        band.add(row, row, 1.0);
        for step in steps {
            let to = (row as i64).saturating_add(step.by).max(0);
            if let Ok(to) = usize::try_from(to)
                && to < height
            {
                band.add(row, to, -step.probability);
            }
        }
    }
    band.solve_first(vec![1.0; height])
}

/// The mean number of normal values of standard deviation 1 and this mean until their cumulative
/// sum, which starts anew at 0, exceeds `height`: Page's equation
/// L(x) = 1 + L(0) Φ(-x - m) + ∫₀ʰ L(y) φ(y - x - m) dy.
pub(super) fn of_normal(height: f64, mean: f64) -> f64 {
    if height > 40.0 {
        return siegmund(height, mean);
    }
    let panels = (height / 6.0).ceil().max(1.0) as u32;
    let mut nodes = vec![(0.0, 0.0)];
    nodes.extend(quadrature::nodes(0.0, height, panels));
    let n = nodes.len();
    let mut band = Band::new(n, n - 1, n - 1);
    for (row, &(x, _)) in nodes.iter().enumerate() {
        band.add(row, row, 1.0);
        band.add(row, 0, -normal::sf(x + mean));
        for (column, &(y, weight)) in nodes.iter().enumerate() {
            band.add(row, column, -weight * normal::density(y - x - mean));
        }
    }
    band.solve_first(vec![1.0; n])
}

/// Siegmund's approximation: that of Brownian motion with the mean excess over the threshold added.
fn siegmund(height: f64, mean: f64) -> f64 {
    let b = height + 1.166;
    let u = 2.0 * mean * b;
    if u.abs() < 1e-4 {
        return b * b;
    }
    ((-u).exp_m1() + u) / (2.0 * mean * mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Siegmund 1985, and the tables of Goel and Wu 1971 and Lucas and Crosier 1982: k = 0.5, h = 4 and 5.
    #[test]
    fn normal_run_lengths_are_the_published_ones() {
        for (height, mean, run) in [
            (4.0, -0.5, 335.37),
            (5.0, -0.5, 930.89),
            (4.0, 0.5, 8.376),
            (5.0, 0.5, 10.376),
            (4.0, 0.0, 26.632),
            (5.0, 0.0, 38.0),
        ] {
            let got = of_normal(height, mean);
            assert!(
                (got / run - 1.0).abs() < 5e-3,
                "{height} {mean}: {got} {run}"
            );
            let approximation = siegmund(height, mean);
            assert!(
                (approximation / run - 1.0).abs() < 0.04,
                "{approximation} {run}"
            );
        }
    }

    #[test]
    fn a_walk_of_single_steps_has_a_closed_form() {
        // From 0, up with p and down (or staying) with q: mean time to h.
        let (p, q, h) = (0.4, 0.6, 7);
        let steps = [
            Step {
                by: 1,
                probability: p,
            },
            Step {
                by: -1,
                probability: q,
            },
        ];
        // T(i → i + 1) = 1/p + (q/p) T(i - 1 → i), T(0 → 1) = 1/p.
        let mut one = 1.0 / p;
        let mut sum = one;
        for _ in 1..h {
            one = (1.0 + q * one) / p;
            sum += one;
        }
        assert!((of_walk(h, steps) / sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn uneven_steps_solve_the_equations_too() {
        // By iteration of L = 1 + P L.
        let steps = [
            Step {
                by: 3,
                probability: 0.2,
            },
            Step {
                by: -2,
                probability: 0.8,
            },
        ];
        let mut lengths = [0.0_f64; 12];
        for _ in 0..100_000 {
            let before = lengths;
            for (i, length) in lengths.iter_mut().enumerate() {
                let up = before.get(i + 3).copied().unwrap_or(0.0);
                *length = 1.0 + 0.2 * up + 0.8 * before[i.saturating_sub(2)];
            }
        }
        assert!((of_walk(12, steps) / lengths[0] - 1.0).abs() < 1e-9);
    }
}
