//! Quantiles and whole distributions, at all looks at once.

mod bands;
mod comparison;
mod dependence;
mod distribution;
mod grid;
mod sequence;
mod splits;

pub use comparison::{QuantileComparison, QuantileComparisonMonitor};
pub use distribution::{DistributionComparison, DistributionComparisonMonitor};
pub use sequence::{QuantileBound, QuantileSequence, QuantileSequenceMonitor};

use grid::{Binned, Grid, Step};

use crate::data::{Arms, Histogram};
use crate::error::{Error, Result};
use crate::options::{Margin, Measure};

/// A builder with options that are lists: which quantiles, and the bounds of bins.
macro_rules! design {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$doc:meta])* $option:ident: $type:ty = $default:expr),+;
            $(#[$quantiles_doc:meta])*
            quantiles = $quantiles:expr $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($option: $type,)+
            quantiles: Vec<f64>,
            bounds: Option<Vec<f64>>,
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($option: $default,)+ quantiles: $quantiles.to_vec(), bounds: None }
            }
        }

        impl $name {
            /// With the defaults.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $option(mut self, $option: $type) -> Self {
                    self.$option = $option;
                    self
                }
            )+

            $(#[$quantiles_doc])*
            #[must_use]
            pub fn quantiles(mut self, quantiles: &[f64]) -> Self {
                self.quantiles = quantiles.to_vec();
                self
            }

            /// Upper bounds of the bins in place of logarithmic ones, ascending: the finite `le` of
            /// histograms.
            #[must_use]
            pub fn bounds(mut self, bounds: &[f64]) -> Self {
                self.bounds = Some(bounds.to_vec());
                self
            }

            fn grid(&self) -> Grid<'_> {
                Grid::new(self.accuracy, self.bounds.as_deref())
            }
        }
    };
}
use design;

/// Every kind of data of two arms, for a monitor that takes counts on its grid.
macro_rules! takes_two_arms {
    ($monitor:ty) => {
        /// Values of both arms since the last update, either of which may have none.
        impl Update<Arms<&[f64]>> for $monitor {
            fn update(&mut self, values: Arms<&[f64]>) -> Result<Decision> {
                let grid = self.design.grid();
                let block = values.try_map(|arm, values| super::binned(arm, values, grid))?;
                Ok(self.take(&block))
            }
        }

        /// What two histograms have counted since the last update.
        impl Update<Arms<&Histogram>> for $monitor {
            fn update(&mut self, counts: Arms<&Histogram>) -> Result<Decision> {
                let grid = self.design.grid();
                let block = counts.try_map(|arm, counts| super::bucketed(arm, counts, grid))?;
                Ok(self.take(&block))
            }
        }

        /// A single value. Looked at when the values have become a few percent more.
        impl Update<(Arm, f64)> for $monitor {
            fn update(&mut self, (arm, value): (Arm, f64)) -> Result<Decision> {
                super::check_finite(arm.as_str(), &[value])?;
                Ok(self.take_one(arm, value))
            }
        }
    };
}
use takes_two_arms;

fn check_finite(argument: &str, values: &[f64]) -> Result<()> {
    let all = values
        .chunks(1024)
        .all(|chunk| chunk.iter().fold(true, |all, x| all & x.is_finite()));
    if all {
        return Ok(());
    }
    let first = values.iter().enumerate().find(|(_, x)| !x.is_finite());
    let (index, value) = first.map_or((0, f64::NAN), |(index, &value)| (index, value));
    let rule = "must hold finite values";
    Err(Error::input(
        argument,
        rule,
        format_args!("{value} at index {index}"),
    ))
}

fn binned(argument: &str, values: &[f64], grid: Grid<'_>) -> Result<Binned> {
    check_finite(argument, values)?;
    let mut block = Binned::default();
    block.add_all(grid, values);
    Ok(block)
}

fn bucketed(argument: &str, counts: &Histogram, grid: Grid<'_>) -> Result<Binned> {
    grid.check_histogram(argument, counts)?;
    let mut block = Binned::default();
    block.add_histogram(counts);
    Ok(block)
}

/// Quantiles that are asked for: in (0, 1), ascending.
fn check_quantiles(quantiles: &[f64]) -> Result<()> {
    let inside = quantiles.iter().all(|&p| p > 0.0 && p < 1.0);
    let increasing = quantiles
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if a < b));
    if inside && increasing && !quantiles.is_empty() && quantiles.len() <= 1000 {
        return Ok(());
    }
    let rule = "must be 1 to 1000 numbers in (0, 1) in ascending order";
    Err(Error::option(
        "quantiles",
        rule,
        format_args!("{quantiles:?}"),
    ))
}

fn check_tolerance(tolerance: Option<Margin>) -> Result<()> {
    match tolerance {
        Some(margin) => margin
            .check()
            .map(|_| ())
            .map_err(|error| error.in_argument("tolerance")),
        None => Ok(()),
    }
}

fn observations(counts: &Arms<Binned>) -> u64 {
    let n = counts.as_ref().map(Binned::count);
    (n.baseline + n.canary).round() as u64
}

fn total(steps: &[Step]) -> f64 {
    steps.last().map_or(0.0, |step| step.to)
}

/// The p-quantile, evenly between the edges of its bin, or the finite one of them; as Prometheus
/// does it, from zero in a first bucket without a lower edge. NaN for no values.
fn quantile(steps: &[Step], grid: Grid<'_>, p: f64) -> f64 {
    let rank = p * total(steps);
    let at = steps.partition_point(|step| step.to < rank);
    let Some(step) = steps.get(at.min(steps.len().saturating_sub(1))) else {
        return f64::NAN;
    };
    let (low, high) = edges(grid, step.bin);
    let low = if low == f64::NEG_INFINITY && high > 0.0 {
        0.0
    } else {
        low
    };
    if high == f64::INFINITY {
        return low;
    }
    if low == f64::NEG_INFINITY {
        return high;
    }
    let share = ((rank - step.before) / (step.to - step.before)).clamp(0.0, 1.0);
    low * (1.0 - share) + high * share
}

/// A bin's edges; the lowest of all that are kept has no lower one.
fn edges(grid: Grid<'_>, bin: i32) -> (f64, f64) {
    (grid.low(bin), grid.high(bin))
}

/// Canary less or over baseline.
fn change(measure: Measure, canary: f64, baseline: f64) -> f64 {
    match measure {
        Measure::Difference if canary == baseline => 0.0,
        Measure::Difference => canary - baseline,
        _ if canary == baseline && canary != 0.0 => 1.0,
        _ => canary / baseline,
    }
}

/// The range of changes between a canary's and a baseline's range of values.
fn changes(measure: Measure, canary: (f64, f64), baseline: (f64, f64)) -> (f64, f64) {
    match measure {
        Measure::Difference => {
            let (low, high) = (canary.0 - baseline.1, canary.1 - baseline.0);
            // Infinite less infinite may be anything.
            (
                if low.is_nan() { f64::NEG_INFINITY } else { low },
                if high.is_nan() { f64::INFINITY } else { high },
            )
        }
        // Of quantities that cannot be negative.
        _ => {
            let ((low, high), (least, most)) = (canary, baseline);
            (
                if most > 0.0 && low > 0.0 && most < f64::INFINITY {
                    low / most
                } else {
                    0.0
                },
                if least > 0.0 && high < f64::INFINITY {
                    high.max(0.0) / least
                } else {
                    f64::INFINITY
                },
            )
        }
    }
}

/// How many more of `n` values until the evidence reaches a threshold, if it goes on growing as it
/// did after what a mixture pays in the beginning.
fn until_evident(n: f64, log_e: f64, log_threshold: f64) -> Option<f64> {
    const PAID: f64 = 2.0;
    (log_e > 0.0).then(|| (n * (log_threshold - log_e) / (log_e + PAID)).max(1.0))
}

/// How many more of `n` values until an interval's `end`, which nears its estimate as 1/√n, is within
/// a limit; none when the estimate is not.
fn until_within(n: f64, estimate: f64, end: f64, limit: f64) -> Option<f64> {
    let (reach, room) = ((end - estimate).abs(), (limit - estimate).abs());
    let inside = (end - estimate) * (limit - estimate) > 0.0;
    (inside && reach.is_finite()).then(|| (n * ((reach / room).powi(2) - 1.0)).max(1.0))
}

/// How many single values until the next look, after `n`: a 32nd of them.
fn until_next_look(n: u64) -> f64 {
    (n / 32).max(16) as f64
}
