//! Tables of error rates, each cell some thousand simulated comparisons.

use std::fmt::Write as _;
use std::time::Instant;

use canary_core::TestResult;
use canary_core::stats::Interval;
use rayon::prelude::*;

use crate::worlds::Random;

pub(crate) const ALPHA: f64 = 0.05;
/// No default may be off by more than this share of its nominal error rate where it is recommended.
const TOLERATED: f64 = 0.2;

/// What one simulated comparison showed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Look {
    pub(crate) alarm: Option<bool>,
    pub(crate) covered: Option<bool>,
}

impl Look {
    pub(crate) const fn alarm(is: bool) -> Self {
        Self {
            alarm: Some(is),
            covered: None,
        }
    }

    pub(crate) fn interval(interval: Interval, truth: f64) -> Self {
        Self {
            alarm: None,
            covered: Some(interval.low <= truth && truth <= interval.high),
        }
    }

    /// A test's p-value, and its interval where it has one.
    pub(crate) fn test(result: &TestResult, truth: f64) -> Self {
        let interval = result.estimate.as_ref().map(|estimate| estimate.interval);
        Self {
            alarm: Some(result.p_value < ALPHA),
            covered: interval.and_then(|interval| Self::interval(interval, truth).covered),
        }
    }
}

type Simulate = Box<dyn Fn(&mut Random, usize) -> canary_core::Result<Look> + Send + Sync>;

/// A method, and how to try it once at a size.
pub(crate) struct Row {
    name: String,
    runs: u32,
    recommended_from: Option<usize>,
    largest: usize,
    simulate: Simulate,
}

impl Row {
    pub(crate) fn new(
        name: impl Into<String>,
        simulate: impl Fn(&mut Random, usize) -> canary_core::Result<Look> + Send + Sync + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            runs: 10_000,
            recommended_from: None,
            largest: usize::MAX,
            simulate: Box::new(simulate),
        }
    }

    /// Slow methods get fewer runs.
    pub(crate) const fn runs(mut self, runs: u32) -> Self {
        self.runs = runs;
        self
    }

    /// Beyond this size it would take too long.
    pub(crate) const fn up_to(mut self, size: usize) -> Self {
        self.largest = size;
        self
    }

    /// From this size on, the method is one to use for these data; `usize::MAX` is never.
    pub(crate) const fn recommended_from(mut self, size: usize) -> Self {
        self.recommended_from = match size {
            usize::MAX => None,
            size => Some(size),
        };
        self
    }
}

pub(crate) struct Table {
    pub(crate) title: String,
    /// What the sizes count.
    pub(crate) size: &'static str,
    pub(crate) sizes: Vec<usize>,
    pub(crate) rows: Vec<Row>,
}

/// A share of runs with its Monte Carlo standard error.
#[derive(Clone, Copy)]
struct Share {
    value: f64,
    error: f64,
}

impl Share {
    fn of(looks: &[Look], seen: impl Fn(&Look) -> Option<bool>) -> Option<Self> {
        let seen: Vec<bool> = looks.iter().filter_map(seen).collect();
        if seen.is_empty() {
            return None;
        }
        let runs = seen.len() as f64;
        let value = seen.iter().filter(|is| **is).count() as f64 / runs;
        Some(Self {
            value,
            error: (value * (1.0 - value) / runs).sqrt(),
        })
    }

    /// Whether the error rate is beyond what is tolerated, three standard errors allowed.
    fn is_off(self, rate: f64) -> bool {
        rate - 3.0 * self.error > ALPHA * (1.0 + TOLERATED)
    }

    fn show(self, is_off: bool) -> String {
        let bold = if is_off { "**" } else { "" };
        format!(
            "{bold}{:.1}{bold} ± {:.1}",
            100.0 * self.value,
            100.0 * self.error
        )
    }
}

/// A method's rates at one size.
struct Cell {
    alarms: Option<Share>,
    coverage: Option<Share>,
}

impl Cell {
    fn of(row: &Row, size: usize, seed: u64) -> Self {
        let runs = if size <= row.largest { row.runs } else { 0 };
        let looks: Vec<Look> = (0..runs)
            .into_par_iter()
            .filter_map(|run| {
                let mut random =
                    Random::new(seed ^ u64::from(run).wrapping_mul(0x9e37_79b9_7f4a_7c15));
                (row.simulate)(&mut random, size).ok()
            })
            .collect();
        // A method that refuses some of the data has no rate over all of them.
        let looks = if looks.len() < row.runs as usize / 2 {
            Vec::new()
        } else {
            looks
        };
        Self {
            alarms: Share::of(&looks, |look| look.alarm),
            coverage: Share::of(&looks, |look| look.covered),
        }
    }

    fn is_off(&self) -> (bool, bool) {
        (
            self.alarms.is_some_and(|share| share.is_off(share.value)),
            self.coverage
                .is_some_and(|share| share.is_off(1.0 - share.value)),
        )
    }

    fn show(&self) -> String {
        let (alarms_off, coverage_off) = self.is_off();
        let show = |share: Option<Share>, is_off| match share {
            Some(share) => share.show(is_off),
            None => "-".to_owned(),
        };
        if self.coverage.is_none() {
            return show(self.alarms, alarms_off);
        }
        let coverage = show(self.coverage, coverage_off);
        format!("{} / {coverage}", show(self.alarms, alarms_off))
    }
}

impl Table {
    /// As Markdown, and the recommended cells that are off.
    pub(crate) fn render(&self) -> (String, Vec<String>) {
        eprintln!("{}", self.title);
        let mut text = format!("## {}\n\n| |", self.title);
        for size in &self.sizes {
            let _ = write!(text, " {} = {size} |", self.size);
        }
        text += " use from |\n|---|";
        text += &"---|".repeat(self.sizes.len() + 1);
        text.push('\n');
        let mut off = Vec::new();
        for row in &self.rows {
            let start = Instant::now();
            let _ = write!(text, "| {} |", row.name);
            for &size in &self.sizes {
                // The same data for every method of a table.
                let cell = Cell::of(row, size, size as u64 + 1);
                let is_recommended = row.recommended_from.is_some_and(|from| size >= from);
                if is_recommended && cell.is_off() != (false, false) {
                    off.push(format!(
                        "{}: {} at {size}: {}",
                        self.title,
                        row.name,
                        cell.show()
                    ));
                }
                let _ = write!(text, " {} |", cell.show());
            }
            eprintln!("  {} {:.1?}", row.name, start.elapsed());
            let from = row.recommended_from.map(|from| from.to_string());
            let _ = writeln!(text, " {} |", from.unwrap_or_default());
        }
        text.push('\n');
        (text, off)
    }
}
