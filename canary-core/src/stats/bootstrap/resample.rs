//! Drawing: one arm's resamples, and what they come to.

use super::order_statistics::ranks_that_count;
use super::{Bootstrap, Statistic};
use crate::data::{Arms, quantile_of_sorted};
use crate::number::moments::Moments;
use crate::number::random::Stream;
use crate::number::{parallel, sort};

/// One arm, ready to be drawn from.
pub(super) struct Plan<'a> {
    values: &'a [f64],
    pub(super) sorted: Vec<f64>,
    /// For each value, its place among the sorted ones; empty where the mean is all that is asked.
    places: Vec<u32>,
    /// The statistic of the arm itself.
    pub(super) estimate: f64,
    kind: Kind,
    block: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Mean,
    Quantile(f64),
    TrimmedMean(f64),
}

impl<'a> Plan<'a> {
    pub(super) fn of(values: &'a [f64], options: &Bootstrap) -> Self {
        let kind = match options.statistic {
            Statistic::Mean => Kind::Mean,
            Statistic::Median => Kind::Quantile(0.5),
            Statistic::Quantile => Kind::Quantile(options.quantile),
            Statistic::TrimmedMean => Kind::TrimmedMean(options.trim),
        };
        let sorted = match kind {
            Kind::Mean => Vec::new(),
            Kind::Quantile(q) if options.is_known() => {
                sort::sorted_within(values, ranks_that_count(values.len(), q))
            }
            Kind::Quantile(_) | Kind::TrimmedMean(_) => sort::sorted(values),
        };
        let places = if options.is_known() {
            Vec::new()
        } else {
            places(values, &sorted)
        };
        let estimate = match kind {
            _ if values.is_empty() => 0.0,
            Kind::Mean => Moments::mean_of(values),
            Kind::Quantile(q) => quantile_of_sorted(&sorted, q),
            Kind::TrimmedMean(trim) => trimmed_mean(&sorted, trim),
        };
        let block = options.block.unwrap_or(1);
        Self {
            values,
            sorted,
            places,
            estimate,
            kind,
            block: usize::try_from(block)
                .unwrap_or(usize::MAX)
                .min(values.len()),
        }
    }

    /// The statistic of one resample.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let mut tally = Tally::of(self);
        self.positions(stream, |position| tally.add(position));
        tally.statistic()
    }

    /// The statistics of this arm and another, drawn at the same positions.
    pub(super) fn draw_with(&self, canary: &Self, stream: &mut Stream) -> Arms<f64> {
        let mut tallies = Arms::new(Tally::of(self), Tally::of(canary));
        self.positions(stream, |position| {
            tallies.baseline.add(position);
            tallies.canary.add(position);
        });
        tallies.map(|tally| tally.statistic())
    }

    /// As many positions as there are values: one by one, or in blocks, the last of them cut.
    fn positions(&self, stream: &mut Stream, mut visit: impl FnMut(usize)) {
        let n = self.values.len();
        if self.block <= 1 {
            (0..n).for_each(|_| visit(stream.below(n)));
            return;
        }
        let starts = n - self.block + 1;
        let mut left = n;
        while left > 0 {
            let start = stream.below(starts);
            let length = self.block.min(left);
            (start..start + length).for_each(&mut visit);
            left -= length;
        }
    }

    /// Σ l²/n² and Σ l³/n³ of the influences l of the values on the statistic.
    pub(super) fn influence_sums(&self) -> (f64, f64) {
        let n = self.values.len() as f64;
        let sums = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((0.0, 0.0), |(squares, cubes), l| {
                let l = l / n;
                (squares + l * l, cubes + l * l * l)
            })
        };
        match self.kind {
            Kind::Mean => sums(&mut self.values.iter().map(|x| x - self.estimate)),
            Kind::Quantile(_) => (0.0, 0.0),
            Kind::TrimmedMean(trim) => {
                // Values that are cut off pull like the last that is not (Tukey and McLaughlin 1963).
                let cut = (trim * n) as usize;
                let kept = self
                    .sorted
                    .get(cut..self.sorted.len() - cut)
                    .unwrap_or_default();
                let (Some(&low), Some(&high)) = (kept.first(), kept.last()) else {
                    return (0.0, 0.0);
                };
                let pulled = || self.values.iter().map(|x| x.clamp(low, high));
                let mean = pulled().sum::<f64>() / n;
                let share = 1.0 - 2.0 * cut as f64 / n;
                sums(&mut pulled().map(|x| (x - mean) / share))
            }
        }
    }
}

/// Where each value is among the sorted ones: equal ones side by side.
fn places(values: &[f64], sorted: &[f64]) -> Vec<u32> {
    if sorted.is_empty() {
        return Vec::new();
    }
    let place = |&x: &f64| sorted.partition_point(|&y| y < x) as u32;
    values.iter().map(place).collect()
}

fn trimmed_mean(sorted: &[f64], trim: f64) -> f64 {
    let cut = (trim * sorted.len() as f64) as usize;
    let kept = sorted.get(cut..sorted.len() - cut).unwrap_or_default();
    Moments::mean_of(kept)
}

/// A resample as it grows: the sum of what was drawn, or how often each sorted value was.
struct Tally<'a> {
    plan: &'a Plan<'a>,
    sum: f64,
    counts: Vec<u32>,
}

impl<'a> Tally<'a> {
    fn of(plan: &'a Plan<'a>) -> Self {
        Self {
            plan,
            sum: 0.0,
            counts: vec![0; plan.sorted.len()],
        }
    }

    fn add(&mut self, position: usize) {
        if self.counts.is_empty() {
            let value = self.plan.values.get(position).copied().unwrap_or(0.0);
            self.sum += value - self.plan.estimate; // about the mean, so that noise on 1e9 is kept
        } else if let Some(count) = self
            .plan
            .places
            .get(position)
            .and_then(|&place| self.counts.get_mut(place as usize))
        {
            *count += 1;
        }
    }

    fn statistic(&self) -> f64 {
        let n = self.plan.values.len();
        match self.plan.kind {
            Kind::Mean => self.plan.estimate + self.sum / n as f64,
            Kind::Quantile(q) => {
                let position = (n as f64 - 1.0) * q;
                let below = position.floor();
                let low = self.order_statistic(below as u64);
                if position == below {
                    return low;
                }
                let high = self.order_statistic(below as u64 + 1);
                let weight = position - below;
                low * (1.0 - weight) + high * weight
            }
            Kind::TrimmedMean(trim) => {
                let cut = (trim * n as f64) as u64;
                let (from, to) = (cut, n as u64 - cut);
                let mut before = 0;
                let drawn = self.plan.sorted.iter().zip(&self.counts);
                let sum: f64 = drawn
                    .map(|(value, &count)| {
                        let after = before + u64::from(count);
                        let kept = after.min(to).saturating_sub(before.max(from));
                        before = after;
                        kept as f64 * (value - self.plan.estimate)
                    })
                    .sum();
                self.plan.estimate + sum / (to - from) as f64
            }
        }
    }

    /// The value at a rank, from 0.
    fn order_statistic(&self, rank: u64) -> f64 {
        let mut before = 0;
        let mut drawn = self.plan.sorted.iter().zip(&self.counts);
        let found = drawn.find(|&(_, &count)| {
            before += u64::from(count);
            before > rank
        });
        found.map_or(f64::NAN, |(&value, _)| value)
    }
}

/// `f` of every resample's own stream.
pub(super) fn map(
    resamples: u64,
    seed: u64,
    f: impl Fn(&mut Stream) -> f64 + Sync + Send,
) -> Vec<f64> {
    parallel::map(resamples as usize, 1, |number| {
        f(&mut Stream::new(seed, number as u64))
    })
}

/// What was drawn, ascending.
pub(super) struct Resamples {
    pub(super) sorted: Vec<f64>,
}

impl Resamples {
    pub(super) fn of(mut drawn: Vec<f64>) -> Self {
        drawn.sort_unstable_by(f64::total_cmp);
        Self { sorted: drawn }
    }

    pub(super) fn share_below(&self, value: f64) -> f64 {
        let below = self.sorted.partition_point(|&x| x < value);
        let at_most = self.sorted.partition_point(|&x| x <= value);
        0.5 * (below + at_most) as f64 / self.sorted.len() as f64
    }

    /// Infinite where a ratio to a mean of zero was drawn.
    pub(super) fn standard_deviation(&self) -> f64 {
        if !self.sorted.iter().all(|x| x.is_finite()) {
            return f64::INFINITY;
        }
        let pivot = Moments::pivot(&self.sorted);
        Moments::about(pivot, &self.sorted).variance().sqrt()
    }

    /// The quantile; between infinite values, the nearest of them.
    pub(super) fn quantile(&self, at: f64) -> f64 {
        let between = quantile_of_sorted(&self.sorted, at);
        if !between.is_nan() {
            return between;
        }
        let rank = (self.sorted.len() as f64 - 1.0) * at;
        let nearest = self.sorted.get(rank.round() as usize);
        nearest.copied().unwrap_or(f64::NAN)
    }
}
