//! One posterior distribution, tabulated: a Chebyshev series of its density on each of some hundred
//! panels, down to where the density is 1e-312 of its peak. Tails are sums of what the panels hold,
//! from the outside in, so that a tail of 1e-300 has its digits.

use std::f64::consts::PI;

use crate::number::root::brent;

/// Terms of a series. A panel on which the logarithm of the density falls by 4 needs 18.
const TERMS: usize = 20;
/// How far the logarithm of the density falls over one panel.
const FALL: f64 = 4.0;
/// Where the table ends, below the logarithm of the density at 0.
const DEPTH: f64 = -720.0;
const MOST_PANELS: usize = 5000;

/// A distribution over a coordinate in which its density has one peak, near 0.
pub(super) struct Table {
    panels: Vec<Panel>,
}

struct Panel {
    low: f64,
    high: f64,
    /// The density's series, and that of its integral from the lower end.
    density: [f64; TERMS],
    integral: [f64; TERMS + 1],
    /// The integral's value at the upper end.
    whole: f64,
    /// The probability of what lies below the lower end, and above the upper one.
    below: f64,
    above: f64,
}

impl Table {
    /// The distribution whose density is proportional to exp of `log_density`, which is smooth at
    /// the scale of 1 and of `spread`.
    pub(super) fn new(log_density: impl Fn(f64) -> f64, spread: f64) -> Self {
        let peak = log_density(0.0);
        let shape = |at: f64| (log_density(at) - peak).exp();
        let nodes = nodes();
        let mut panels = Vec::new();
        for side in [-1.0, 1.0] {
            let mut from = 0.0;
            let mut at_from = 0.0;
            let mut step = spread.min(1.0);
            for _ in 0..MOST_PANELS {
                let fall = |step: f64| log_density(from + side * step) - peak - at_from;
                while fall(step).abs() > FALL && from + side * 0.5 * step != from {
                    step *= 0.5;
                }
                let to = from + side * step;
                let (low, high) = if side < 0.0 { (to, from) } else { (from, to) };
                panels.push(Panel::new(&shape, &nodes, low, high));
                at_from = log_density(to) - peak;
                if at_from.is_nan() || at_from < DEPTH || !to.is_finite() {
                    break;
                }
                from = to;
                step *= 1.5;
            }
        }
        panels.sort_by(|a, b| a.low.total_cmp(&b.low));
        Self {
            panels: normalised(panels),
        }
    }

    /// Where panels meet, in ascending order.
    pub(super) fn edges(&self) -> impl Iterator<Item = f64> + '_ {
        let last = self.panels.last().map(|panel| panel.high);
        self.panels.iter().map(|panel| panel.low).chain(last)
    }

    fn panel(&self, at: f64) -> Option<&Panel> {
        let index = self.panels.partition_point(|panel| panel.high < at);
        self.panels.get(index).filter(|panel| panel.low <= at)
    }

    /// The density.
    pub(super) fn density(&self, at: f64) -> f64 {
        self.panel(at).map_or(0.0, |panel| {
            series(&panel.density, panel.inside(at)).max(0.0)
        })
    }

    /// P(X ≤ at).
    pub(super) fn below(&self, at: f64) -> f64 {
        match self.panel(at) {
            Some(panel) => panel.below_in(at),
            None if at > 0.0 => 1.0,
            None => 0.0,
        }
    }

    /// P(X > at).
    pub(super) fn above(&self, at: f64) -> f64 {
        match self.panel(at) {
            Some(panel) => panel.above_in(at),
            None if at > 0.0 => 0.0,
            None => 1.0,
        }
    }

    /// P(low < X ≤ high).
    pub(super) fn between(&self, low: f64, high: f64) -> f64 {
        let probability = if low >= 0.0 {
            self.above(low) - self.above(high)
        } else if high <= 0.0 {
            self.below(high) - self.below(low)
        } else {
            // Both parts are differences of tails, neither of which is near 1.
            (self.below(0.0) - self.below(low)) + (self.above(0.0) - self.above(high))
        };
        probability.max(0.0)
    }

    /// Where P(X > x) = tail (`upper`), or P(X ≤ x) = tail.
    pub(super) fn quantile(&self, tail: f64, upper: bool) -> f64 {
        let index = if upper {
            self.panels.partition_point(|panel| panel.above > tail)
        } else {
            let of_next = self.panels.partition_point(|panel| panel.below <= tail);
            of_next.saturating_sub(1)
        };
        let Some(panel) = self.panels.get(index).or(self.panels.last()) else {
            return 0.0;
        };
        let excess = |at: f64| {
            if upper {
                tail - panel.above_in(at)
            } else {
                panel.below_in(at) - tail
            }
        };
        brent(excess, panel.low, panel.high)
    }
}

impl Panel {
    /// The series through the density at Chebyshev's nodes, and its integral.
    fn new(
        shape: &impl Fn(f64) -> f64,
        nodes: &[[f64; TERMS]; TERMS],
        low: f64,
        high: f64,
    ) -> Self {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        let mut density = [0.0; TERMS];
        for cosines in nodes {
            let [_, node, ..] = cosines;
            let value = shape(middle + half * node) * 2.0 / TERMS as f64;
            for (term, cosine) in density.iter_mut().zip(cosines) {
                *term += value * cosine;
            }
        }
        // ∫ T(j) = T(j + 1) / (2 (j + 1)) - T(j - 1) / (2 (j - 1)); T(0) counts twice until here.
        let mut integral = [0.0; TERMS + 1];
        let before = density.iter();
        let after = density.iter().skip(2).chain(&[0.0, 0.0]);
        let terms = integral.iter_mut().skip(1).zip(before.zip(after));
        for (j, (term, (before, after))) in terms.enumerate() {
            *term = half * (before - after) / (2.0 * (j as f64 + 1.0));
        }
        if let Some(first) = density.first_mut() {
            *first *= 0.5;
        }
        let at_low = series(&integral, -1.0);
        if let Some(first) = integral.first_mut() {
            *first = -at_low;
        }
        Self {
            low,
            high,
            density,
            whole: series(&integral, 1.0),
            integral,
            below: 0.0,
            above: 0.0,
        }
    }

    fn scale(&mut self, factor: f64) {
        self.density.iter_mut().for_each(|term| *term *= factor);
        self.integral.iter_mut().for_each(|term| *term *= factor);
        self.whole *= factor;
    }

    /// From -1 at the lower end to 1 at the upper one.
    fn inside(&self, at: f64) -> f64 {
        let (middle, half) = (0.5 * (self.low + self.high), 0.5 * (self.high - self.low));
        ((at - middle) / half).clamp(-1.0, 1.0)
    }

    fn below_in(&self, at: f64) -> f64 {
        (self.below + series(&self.integral, self.inside(at)).max(0.0)).min(1.0)
    }

    fn above_in(&self, at: f64) -> f64 {
        let rest = self.whole - series(&self.integral, self.inside(at));
        (self.above + rest.max(0.0)).min(1.0)
    }
}

/// The panels, in order, with a whole of 1.
fn normalised(mut panels: Vec<Panel>) -> Vec<Panel> {
    // Either side is summed from its far end, where the small parts are.
    let left: f64 = panels
        .iter()
        .filter(|p| p.high <= 0.0)
        .map(|p| p.whole)
        .sum();
    let right = panels.iter().rev().filter(|p| p.high > 0.0);
    let factor = 1.0 / (left + right.map(|p| p.whole).sum::<f64>());
    let mut sum = 0.0;
    for panel in &mut panels {
        panel.scale(factor);
        panel.below = sum;
        sum += panel.whole;
    }
    let mut sum = 0.0;
    for panel in panels.iter_mut().rev() {
        panel.above = sum;
        sum += panel.whole;
    }
    panels
}

/// cos(j π (k + ½) / n): row k holds the Chebyshev polynomials of all degrees j at node k.
fn nodes() -> [[f64; TERMS]; TERMS] {
    let mut table = [[0.0; TERMS]; TERMS];
    for (k, row) in table.iter_mut().enumerate() {
        for (j, cosine) in row.iter_mut().enumerate() {
            *cosine = (j as f64 * PI * (k as f64 + 0.5) / TERMS as f64).cos();
        }
    }
    table
}

/// Σ c(j) T(j)(x), by Clenshaw's (1955) recurrence.
fn series(terms: &[f64], x: f64) -> f64 {
    let Some((first, rest)) = terms.split_first() else {
        return 0.0;
    };
    let (mut one, mut two) = (0.0, 0.0);
    for term in rest.iter().rev() {
        (one, two) = (2.0 * x * one - two + term, one);
    }
    first + x * one - two
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::normal;

    #[test]
    fn a_table_of_the_normal_distribution_has_its_tails() {
        let table = Table::new(|z| -0.5 * z * z, 1.0);
        for z in [0.0, 0.3, 1.0, 1.96, 5.0, 20.0, 37.0] {
            let exact = normal::sf(z);
            assert!((table.above(z) / exact - 1.0).abs() < 1e-13, "{z}");
            assert!((table.below(-z) / exact - 1.0).abs() < 1e-13, "{z}");
            assert!((table.below(z) - (1.0 - exact)).abs() < 1e-15, "{z}");
            let density = (-0.5 * z * z).exp() / (2.0 * PI).sqrt();
            assert!((table.density(z) / density - 1.0).abs() < 1e-12, "{z}");
        }
        for tail in [0.9, 0.5, 0.025, 1e-9, 1e-200] {
            let z = table.quantile(tail, true);
            assert!((normal::sf(z) / tail - 1.0).abs() < 1e-12, "{tail}");
            let z = table.quantile(tail, false);
            assert!((normal::sf(-z) / tail - 1.0).abs() < 1e-12, "{tail}");
        }
    }

    #[test]
    fn an_interval_is_not_a_difference_of_near_ones() {
        let table = Table::new(|z| -0.5 * z * z, 1.0);
        for (low, high) in [(-1e-9, 1e-9), (30.0, 31.0), (-31.0, -30.0), (-8.0, 9.0)] {
            let exact = if low < 0.0 && high > 0.0 {
                libm::erf(high / 2f64.sqrt()) / 2.0 - libm::erf(low / 2f64.sqrt()) / 2.0
            } else {
                let near = f64::min(low.abs(), high.abs());
                normal::sf(near) - normal::sf(near + 1.0)
            };
            let error = table.between(low, high) / exact - 1.0;
            assert!(error.abs() < 1e-6, "{low} {high}: {error}");
        }
        assert_eq!(table.between(2.0, 1.0), 0.0);
    }

    #[test]
    fn heavy_and_lopsided_tails_keep_their_digits() {
        // Cauchy, at t = sinh w.
        let cauchy = Table::new(|w: f64| -w.cosh().ln(), 1.0);
        for w in [0.5_f64, 3.0, 40.0, 600.0] {
            let exact = (1.0 / w.sinh()).atan() / PI;
            assert!((cauchy.above(w) / exact - 1.0).abs() < 1e-12, "{w}");
        }
        // Exponential with a mean of 1, at x = exp w: P(X > x) = exp(-x).
        let exponential = Table::new(|w: f64| w - w.exp_m1(), 1.0);
        for w in [-300.0_f64, -3.0, 0.1, 4.0, 6.0] {
            let exact = -(-w.exp()).exp_m1();
            assert!((exponential.below(w) / exact - 1.0).abs() < 1e-12, "{w}");
            let exact = (-w.exp()).exp();
            assert!((exponential.above(w) / exact - 1.0).abs() < 1e-12, "{w}");
        }
    }
}
