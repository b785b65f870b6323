//! How often faults are found, and how often nothing can be told.

use std::fmt::Write as _;
use std::time::Instant;

use canary_core::anomaly::WindowBasis;
use rayon::prelude::*;

use super::windows::Metrics;
use super::{ALPHA, Baseline, METRICS, arms};
use crate::worlds::Random;

const RUNS: u64 = 100;
const SIZES: [usize; 3] = [30, 60, 200];
const COLUMNS: usize = 5;

/// What is wrong with the canary, in two of its five metrics.
#[derive(Clone, Copy)]
enum Fault {
    None,
    /// Two standard deviations more, always.
    Always,
    /// Five more in a fifth of the windows.
    Sometimes,
    /// Five more in the second half.
    FromHalf,
}

const FAULTS: [(Fault, &str); 4] = [
    (Fault::Always, "2 sd more, always"),
    (Fault::Sometimes, "5 sd more in a fifth of the windows"),
    (Fault::FromHalf, "5 sd more in the second half"),
    (Fault::None, "cannot tell (no fault)"),
];

impl Fault {
    fn strike(self, canary: &mut [f64], random: &mut Random) {
        let windows = canary.len() / COLUMNS;
        for (index, window) in canary.chunks_exact_mut(COLUMNS).enumerate() {
            let more = match self {
                Self::None => 0.0,
                Self::Always => 2.0,
                Self::Sometimes if random.uniform() < 0.2 => 5.0,
                Self::FromHalf if 2 * index >= windows => 5.0,
                Self::Sometimes | Self::FromHalf => 0.0,
            };
            window.iter_mut().take(2).for_each(|x| *x += more);
        }
    }

    /// The percentage of runs in which it is found; without a fault, in which nothing can be told.
    fn share(self, metrics: Metrics, n: usize) -> f64 {
        let is_seen = |run: u64| {
            let mut random = Random::new(run.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut windows = arms(metrics, COLUMNS, Baseline::Beside, n, &mut random);
            self.strike(&mut windows.canary, &mut random);
            windows.compared().is_ok_and(|found| match self {
                Self::None => found.dependence.basis != WindowBasis::Blocks,
                _ => found.p_value <= ALPHA,
            })
        };
        let seen = (0..RUNS).into_par_iter().filter(|run| is_seen(*run));
        100.0 * seen.count() as f64 / RUNS as f64
    }
}

/// Tables of what is found, as Markdown.
pub(crate) fn faults() -> String {
    let mut text = format!(
        "# Faults found\n\nThe percentage of {RUNS} runs in which a fault in two of five metrics raised an alarm, and, \
         where there was none, in which nothing could be told: windows remembered each other for too \
         long. Standard errors are at most 5.\n\n"
    );
    for (fault, title) in FAULTS {
        eprintln!("{title}");
        let start = Instant::now();
        let _ = write!(text, "## {title}\n\n| |");
        for n in SIZES {
            let _ = write!(text, " n = {n} |");
        }
        let _ = writeln!(text, "\n|---|{}", "---|".repeat(SIZES.len()));
        for metrics in METRICS {
            let _ = write!(text, "| {} |", metrics.title());
            for n in SIZES {
                let _ = write!(text, " {:.0} |", fault.share(metrics, n));
            }
            text.push('\n');
        }
        text.push('\n');
        eprintln!("  {:.1?}", start.elapsed());
    }
    text
}
