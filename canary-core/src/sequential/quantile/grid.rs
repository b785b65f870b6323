//! Counts of values on a fixed grid, exact at every edge of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::{Arms, Histogram};
use crate::error::{Error, Result};

/// More bins than these are not kept apart: the lowest ones become one.
const MOST_BINS: usize = 4096;
/// From so many values on, they are counted in a table first.
const MANY: usize = 2000;
const MANTISSA_BITS: u32 = 52;
/// Bits of a double that are not its sign.
const MAGNITUDE: u64 = u64::MAX >> 1;

/// Where the edges are. A bin holds the values above its lower and up to its upper edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Grid<'a> {
    /// Every power of 2 in 2^`bits` bins of the same width, for each sign; zero has its own bin.
    Logarithmic { bits: u32 },
    /// Given upper edges; a last bin has none.
    Bounds(&'a [f64]),
}

impl<'a> Grid<'a> {
    /// Bins no wider than `accuracy` times their values, or those between given `bounds`.
    pub(super) fn new(accuracy: f64, bounds: Option<&'a [f64]>) -> Self {
        match bounds {
            Some(bounds) => Self::Bounds(bounds),
            None => {
                let bits = (1.0 / accuracy).log2().ceil();
                Self::Logarithmic {
                    bits: (bits as u32).clamp(1, 10),
                }
            }
        }
    }

    /// Whether an accuracy and bounds can be.
    pub(super) fn check(accuracy: f64, bounds: Option<&[f64]>) -> Result<()> {
        if !(0.001..=0.5).contains(&accuracy) {
            let rule = "must lie in [0.001, 0.5]";
            return Err(Error::option("accuracy", rule, accuracy));
        }
        let Some(bounds) = bounds else { return Ok(()) };
        let finite = bounds.iter().all(|x| x.is_finite());
        let increasing = bounds
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a < b));
        if !finite || !increasing || bounds.is_empty() || bounds.len() >= MOST_BINS {
            let rule = "must be 1 to 4095 finite numbers in ascending order (+Inf is understood)";
            return Err(Error::option("bounds", rule, format_args!("{bounds:?}")));
        }
        Ok(())
    }

    /// Whether a histogram's bounds are these.
    pub(super) fn check_histogram(self, argument: &str, histogram: &Histogram) -> Result<()> {
        let Self::Bounds(bounds) = self else {
            let rule = "needs a monitor with bounds, those of the histogram";
            return Err(Error::input(argument, rule, "none"));
        };
        let own = bounds.iter().copied().chain([f64::INFINITY]);
        if own.eq(histogram.buckets().iter().map(|bucket| bucket.upper)) {
            return Ok(());
        }
        let others: Vec<_> = histogram.buckets().iter().map(|b| b.upper).collect();
        let rule = format!("must have the monitor's bounds, {bounds:?} and +Inf");
        Err(Error::input(argument, rule, format_args!("{others:?}")))
    }

    /// The bin of a finite value: a monotone function, exact at every edge.
    pub(super) fn bin(self, x: f64) -> i32 {
        match self {
            Self::Logarithmic { bits } => logarithmic_bin(x, MANTISSA_BITS - bits),
            Self::Bounds(bounds) => bounds.partition_point(|&bound| bound < x) as i32,
        }
    }

    /// The upper edge of a bin, which belongs to it.
    pub(super) fn high(self, bin: i32) -> f64 {
        match self {
            Self::Logarithmic { bits } => {
                let shift = MANTISSA_BITS - bits;
                let edge = |bin: i32| {
                    let infinite = f64::INFINITY.to_bits();
                    f64::from_bits((u64::from(bin.unsigned_abs()) << shift).min(infinite))
                };
                match bin {
                    0.. => edge(bin),
                    -1 => -f64::from_bits(1),
                    _ => -edge(bin + 1),
                }
            }
            Self::Bounds(bounds) => {
                let edge = bounds.get(usize::try_from(bin).unwrap_or(0)).copied();
                edge.unwrap_or(f64::INFINITY)
            }
        }
    }

    /// The lower edge of a bin, which does not belong to it (but zero's, which is zero).
    pub(super) fn low(self, bin: i32) -> f64 {
        match (self, bin) {
            (Self::Logarithmic { .. }, 0) => 0.0,
            (Self::Bounds(_), ..=0) => f64::NEG_INFINITY,
            _ => self.high(bin.saturating_sub(1)),
        }
    }
}

/// The order of doubles is that of their bits, so a bin is what is left without the last bits.
fn logarithmic_bin(x: f64, shift: u32) -> i32 {
    let magnitude = x.to_bits() & MAGNITUDE;
    if magnitude == 0 {
        0
    } else if x > 0.0 {
        ((magnitude - 1) >> shift) as i32 + 1
    } else {
        -((magnitude >> shift) as i32) - 1
    }
}

/// How many values fell into which bin.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document")]
pub(super) struct Binned {
    /// Values below the lowest bin that is kept.
    below: f64,
    bins: BTreeMap<i32, f64>,
}

/// Counts as they are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    below: f64,
    bins: BTreeMap<i32, f64>,
}

impl TryFrom<Document> for Binned {
    type Error = Error;

    fn try_from(Document { below, bins }: Document) -> Result<Self> {
        let is_count = |count: &&f64| !(0.0..1e300).contains(*count);
        if let Some(count) = bins.values().chain([&below]).find(is_count) {
            let rule = "must be at least 0 and less than 1e300";
            return Err(Error::input("counts", rule, count));
        }
        if bins.len() > MOST_BINS || (below > 0.0 && bins.is_empty()) {
            return Err(Error::input("bins", "must be at most 4096", bins.len()));
        }
        Ok(Self { below, bins })
    }
}

impl Arms<Binned> {
    /// Adds another one's counts, arm by arm.
    pub(super) fn merge(&mut self, other: &Self) {
        self.baseline.merge(&other.baseline);
        self.canary.merge(&other.canary);
    }
}

impl Binned {
    pub(super) fn count(&self) -> f64 {
        self.below + self.bins.values().sum::<f64>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// One finite value.
    pub(super) fn add(&mut self, grid: Grid<'_>, x: f64) {
        self.add_to(grid.bin(x), 1.0);
        self.keep_to_the_highest();
    }

    fn add_to(&mut self, bin: i32, count: f64) {
        let full = self.bins.len() >= MOST_BINS;
        let lowest = self.bins.first_key_value().map(|(&bin, _)| bin);
        if full && lowest.is_some_and(|lowest| bin < lowest) {
            self.below += count;
        } else {
            *self.bins.entry(bin).or_default() += count;
        }
    }

    /// What is kept does not depend on the order of the values: the highest bins of all.
    fn keep_to_the_highest(&mut self) {
        while self.bins.len() > MOST_BINS
            && let Some((_, count)) = self.bins.pop_first()
        {
            self.below += count;
        }
    }

    /// Finite values.
    pub(super) fn add_all(&mut self, grid: Grid<'_>, values: &[f64]) {
        match grid {
            Grid::Logarithmic { bits } if values.len() >= MANY => {
                let shift = MANTISSA_BITS - bits;
                self.add_many(values, |x| logarithmic_bin(x, shift));
            }
            _ => {
                for &x in values {
                    self.add_to(grid.bin(x), 1.0);
                    self.keep_to_the_highest();
                }
            }
        }
    }

    fn add_many(&mut self, values: &[f64], bin: impl Fn(f64) -> i32) {
        let ends = |(low, high): (f64, f64), &x: &f64| (low.min(x), high.max(x));
        let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let first = bin(low);
        let width = bin(high).abs_diff(first) as usize + 1;
        let mut table = vec![0_u32; width];
        // A bin of the table holds less than 2^32.
        for part in values.chunks(1 << 30) {
            for &x in part {
                let at = bin(x).abs_diff(first) as usize;
                if let Some(count) = table.get_mut(at) {
                    *count += 1;
                }
            }
            for (at, count) in table.iter_mut().enumerate().rev() {
                if *count > 0 {
                    self.add_to(first.saturating_add(at as i32), f64::from(*count));
                    *count = 0;
                }
            }
            self.keep_to_the_highest();
        }
    }

    /// A histogram's counts, whose bounds are the grid's.
    pub(super) fn add_histogram(&mut self, histogram: &Histogram) {
        let mut before = 0.0;
        for (bin, bucket) in histogram.buckets().iter().enumerate() {
            let count = bucket.count - before;
            before = bucket.count;
            if count > 0.0 {
                self.add_to(bin as i32, count);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.below += other.below;
        for (&bin, &count) in &other.bins {
            *self.bins.entry(bin).or_default() += count;
        }
        self.keep_to_the_highest();
    }

    /// How many are up to the upper edge of a bin.
    pub(super) fn up_to(&self, bin: i32) -> f64 {
        self.below + self.bins.range(..=bin).map(|(_, count)| count).sum::<f64>()
    }

    /// Counts up to the upper edge of each bin, ascending; the lowest may hold all that is below.
    pub(super) fn cumulative(&self) -> Vec<Step> {
        let mut before = 0.0;
        let below = (self.below > 0.0).then_some((i32::MIN, self.below));
        let bins = self.bins.iter().map(|(&bin, &count)| (bin, count));
        let steps = below.into_iter().chain(bins).map(|(bin, count)| {
            let start = before;
            before += count;
            Step {
                bin,
                before: start,
                to: before,
            }
        });
        steps.collect()
    }
}

/// A bin with the number of values below it and up to its upper edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) bin: i32,
    pub(super) before: f64,
    pub(super) to: f64,
}

/// Both arms' counts by bin, where either arm has any.
pub(super) fn joined(baseline: &[Step], canary: &[Step]) -> Vec<(i32, Step, Step)> {
    let mut all = Vec::with_capacity(baseline.len() + canary.len());
    let (mut b, mut c) = (baseline.iter().peekable(), canary.iter().peekable());
    let (mut low_b, mut low_c) = (0.0, 0.0);
    loop {
        let bin = match (b.peek(), c.peek()) {
            (Some(b), Some(c)) => b.bin.min(c.bin),
            (Some(b), None) => b.bin,
            (None, Some(c)) => c.bin,
            (None, None) => return all,
        };
        let next = |steps: &mut std::iter::Peekable<std::slice::Iter<'_, Step>>, low: &mut f64| {
            let here = steps.next_if(|step| step.bin == bin).copied();
            let step = here.unwrap_or(Step {
                bin,
                before: *low,
                to: *low,
            });
            *low = step.to;
            step
        };
        let pair = (next(&mut b, &mut low_b), next(&mut c, &mut low_c));
        all.push((bin, pair.0, pair.1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid<'static> {
        Grid::new(0.01, None)
    }

    #[test]
    fn bins_are_monotone_and_their_edges_exact() {
        let grid = grid();
        let up = f64::next_up;
        for x in [
            0.0,
            5e-324,
            1e-310,
            1e-9,
            0.1,
            1.0,
            1.5,
            2.0,
            37.0,
            1e9,
            1e300,
            f64::MAX,
        ] {
            for x in [x, up(x).min(f64::MAX), -x, -up(x).min(f64::MAX)] {
                let bin = grid.bin(x);
                assert!(x <= grid.high(bin), "{x} {bin} {}", grid.high(bin));
                assert!(bin == 0 || x > grid.low(bin), "{x} {bin} {}", grid.low(bin));
                if grid.high(bin).is_finite() {
                    assert_eq!(grid.bin(grid.high(bin)), bin);
                    assert_eq!(grid.bin(up(grid.high(bin))), bin + 1, "{x}");
                }
                if x.abs() > 1e-300 {
                    let width = grid.high(bin).min(f64::MAX) - grid.low(bin).max(-f64::MAX);
                    assert!(width <= 0.01 * x.abs());
                }
            }
        }
    }

    #[test]
    fn one_by_one_is_all_at_once() {
        let values: Vec<f64> = (0..5000).map(|i| f64::from(i % 701 - 100) * 1.37).collect();
        let (mut one, mut all) = (Binned::default(), Binned::default());
        for &x in &values {
            one.add(grid(), x);
        }
        all.add_all(grid(), &values);
        assert_eq!(one, all);
        assert_eq!(all.count(), 5000.0);
        let mut halves = Binned::default();
        let mut other = Binned::default();
        halves.add_all(grid(), &values[..2500]);
        other.add_all(grid(), &values[2500..]);
        halves.merge(&other);
        assert_eq!(halves, all);
    }

    #[test]
    fn the_highest_bins_are_kept_whatever_the_order() {
        let values: Vec<f64> = (0..9000).map(|i| 1.008_f64.powi(i * 7919 % 9000)).collect();
        let (mut forth, mut back, mut all) = Default::default();
        for &x in &values {
            Binned::add(&mut forth, grid(), x);
        }
        for &x in values.iter().rev() {
            Binned::add(&mut back, grid(), x);
        }
        Binned::add_all(&mut all, grid(), &values);
        assert_eq!(forth, back);
        assert_eq!(forth, all);
        assert_eq!(forth.bins.len(), MOST_BINS);
        assert!(forth.below > 0.0);
        assert_eq!(forth.count(), 9000.0);
    }
}
