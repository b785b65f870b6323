//! How soon a fault is found.

use std::fmt::Write as _;
use std::sync::Arc;

use canary_core::Alternative;
use canary_core::sequential::Assume::{Independence, Nothing};
use rayon::prelude::*;

use super::first_alarm;
use super::streams::{Fault, Latencies, Minutes, Requests, Stream, Values};
use super::watch::Watcher;
use crate::worlds::Random;

/// A fault that some look for.
struct Case {
    title: String,
    stream: Arc<dyn Stream>,
    share: f64,
    /// Observations at a look, and how many looks at most.
    each: usize,
    most: usize,
    /// How many looks' worth of observations give the test for one look a power of 80 %.
    fixed: Option<f64>,
    watchers: Vec<Watcher>,
}

const RUNS: u64 = 400;
/// The normal quantiles of 0.95 and 0.8.
const Z: (f64, f64) = (1.644_853_626_951_472_2, 0.841_621_233_572_914_3);

impl Case {
    fn render(&self) -> String {
        let arms = Alternative::Greater;
        let mut text = format!("### {}\n\n", self.title);
        let unit = format!("looks of {} observations", self.each);
        if let Some(fixed) = self.fixed {
            let _ = writeln!(
                text,
                "A test for one look, planned for it, needs {fixed:.0} {unit} for a power of 80 %.\n"
            );
        }
        let _ = writeln!(
            text,
            "| who looks | median delay, {unit} | over the fixed size | found by the fixed size | found at all |"
        );
        text += "|---|---|---|---|---|\n";
        for &watcher in &self.watchers {
            let mut found: Vec<usize> = (0..RUNS)
                .into_par_iter()
                .filter_map(|run| {
                    let mut random = Random::new(run.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 5);
                    let looks = (self.most, self.each);
                    let alarm =
                        first_alarm(&*self.stream, watcher, arms, self.share, looks, &mut random);
                    alarm.ok().flatten()
                })
                .collect();
            found.sort_unstable();
            let median = found.get(RUNS as usize / 2);
            let percent = |count: usize| format!("{:.0} %", 100.0 * count as f64 / RUNS as f64);
            let times = self
                .fixed
                .zip(median)
                .map(|(fixed, &median)| median as f64 / fixed);
            let by_then = self
                .fixed
                .map(|fixed| percent(found.partition_point(|&at| at as f64 <= fixed)));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                watcher.title(),
                median.map_or("-".to_owned(), ToString::to_string),
                times.map_or("-".to_owned(), |times| format!("{times:.2}")),
                by_then.unwrap_or_else(|| "-".to_owned()),
                percent(found.len())
            );
        }
        text + "\n"
    }
}

/// At a one-sided 5 % and a power of 80 %, how many of the canary's requests the two-proportion z-test needs
/// (Fleiss, Levin and Paik 2003, eq. 4.14, with unequal arms and without their correction).
fn canary_requests(share: f64, rate: f64, times: f64) -> f64 {
    let (z_alpha, z_beta) = Z;
    let per = share / (1.0 - share);
    let (p, q) = (rate, rate * times);
    let pooled = (q * share + p * (1.0 - share)).clamp(0.0, 1.0);
    let null = (pooled * (1.0 - pooled) * (1.0 + per)).sqrt();
    let alternative = (q * (1.0 - q) + per * p * (1.0 - p)).sqrt();
    ((z_alpha * null + z_beta * alternative) / (q - p)).powi(2)
}

pub(crate) fn delays() -> String {
    let mut text = String::from("## How soon a fault is found\n\n");
    let errors = |share: f64, times: f64, burst: f64| Case {
        title: if burst > 1.0 {
            format!(
                "Errors times {times}, in bursts of {burst}, {} % of the requests the canary's",
                100.0 * share
            )
        } else {
            format!(
                "Errors of 1 % of requests times {times}, {} % of the requests the canary's",
                100.0 * share
            )
        },
        stream: Arc::new(Requests {
            worse: times,
            burst,
            ..Requests::new(share, 0.01)
        }),
        share,
        each: 1000,
        most: 2000,
        fixed: (burst <= 1.0).then(|| canary_requests(share, 0.01, times) / (1000.0 * share)),
        watchers: vec![
            Watcher::EventSplit(Nothing),
            Watcher::EventSplit(Independence),
            Watcher::Proportions(Nothing),
            Watcher::Proportions(Independence),
            Watcher::ProportionRatio,
            Watcher::Sprt(Nothing),
            Watcher::Sprt(Independence),
        ],
    };
    let minutes = |memory: f64, worse: f64| Case {
        title: format!(
            "A value a minute that remembers {memory}, worse by {worse} standard deviations"
        ),
        stream: Arc::new(Minutes {
            memory,
            noise: 0.0,
            wave: 1.0,
            worse,
        }),
        share: 0.5,
        each: 1,
        most: 2000,
        // Two independent arms, and as many times more as the minutes remember.
        fixed: Some(2.0 * ((Z.0 + Z.1) / worse).powi(2) * (1.0 + memory) / (1.0 - memory)),
        watchers: vec![Watcher::Series(Nothing), Watcher::Series(Independence)],
    };
    let latencies = |title: &str, fault, values| Case {
        title: title.to_owned(),
        stream: Arc::new(Latencies {
            share: 0.5,
            values,
            fault,
        }),
        share: 0.5,
        each: 100,
        most: 200,
        fixed: None,
        watchers: vec![
            Watcher::Distribution(Nothing),
            Watcher::Distribution(Independence),
            Watcher::Quantiles(Nothing),
            Watcher::Quantiles(Independence),
            Watcher::Means(Nothing),
        ],
    };
    let cases = [
        errors(0.05, 2.0, 1.0),
        errors(0.05, 1.5, 1.0),
        errors(0.5, 2.0, 1.0),
        errors(0.5, 1.2, 1.0),
        errors(0.05, 2.0, 5.0),
        minutes(0.0, 0.5),
        minutes(0.6, 1.0),
        minutes(0.9, 2.0),
        latencies(
            "2 % of requests ten times slower, 50 an arm at a look",
            Fault::Slow(0.02),
            Values::LogNormal,
        ),
        latencies(
            "5 % of requests ten times slower, 50 an arm at a look",
            Fault::Slow(0.05),
            Values::LogNormal,
        ),
        latencies(
            "A spread 1.5 times as large, 50 an arm at a look",
            Fault::Spread(1.5),
            Values::LogNormal,
        ),
    ];
    for case in cases {
        eprintln!("{}", case.title);
        text += &case.render();
    }
    text
}
