//! How soon the sequential comparisons of quantiles and distributions find a fault, and how often they
//! cry wolf: `cargo run --release -p canary-benches --bin quantiles -- power` or `alarms`, and then how
//! many runs.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a simulation that prints its table"
)]

#[path = "../calibrate/worlds.rs"]
#[allow(dead_code, reason = "the other simulations' too")]
mod worlds;

use canary_core::sequential::{Decision, DistributionComparison, QuantileComparison, Update};
use canary_core::{Alternative, Arm, Arms, Histogram};
use rayon::prelude::*;
use worlds::Random;

/// Prometheus' client libraries' default bounds, for values in seconds.
const DEFAULT_BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

#[derive(Clone, Copy, PartialEq)]
enum World {
    LogNormal(f64),
    Normal,
    Pareto,
    Ties,
    Zeros,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// So large a share takes ten times as long.
    Slow(f64),
    /// The spread of the logarithms is so many times as large.
    Spread(f64),
}

#[derive(Clone, Copy, PartialEq)]
enum Feed {
    /// One by one.
    Single,
    /// In updates of so many values of both arms.
    Batches(usize),
    /// In histograms with the default bounds, of as many.
    Default(usize),
    /// In histograms with bounds a factor of 1.5 apart.
    Geometric(usize),
}

fn draw(random: &mut Random, world: World, fault: Fault) -> f64 {
    let spread = if let Fault::Spread(times) = fault {
        times
    } else {
        1.0
    };
    let value = match world {
        World::LogNormal(sigma) => 0.1 * (sigma * spread * random.normal()).exp(),
        World::Normal => random.normal() * spread,
        World::Pareto => random.uniform().powf(-1.0 / 1.5),
        World::Ties => (3.0 * random.normal()).round(),
        World::Zeros if random.uniform() < 0.9 => 0.0,
        World::Zeros => random.normal().exp(),
    };
    match fault {
        Fault::Slow(share) if random.uniform() < share => 10.0 * value,
        _ => value,
    }
}

/// A stream of values of both arms: how many there were, on the canary's arm or a share of all, when the
/// monitor decided.
fn run(
    seed: u64,
    world: World,
    fault: Fault,
    share: f64,
    feed: Feed,
    most: usize,
    mut monitor: impl for<'a> Update<Arms<&'a [f64]>>
    + Update<(Arm, f64)>
    + for<'a> Update<Arms<&'a Histogram>>,
) -> Option<usize> {
    let mut random = Random::new(seed);
    let mut seen = 0;
    while seen < most {
        let mut next = |count: usize| {
            let mut values: Arms<Vec<f64>> = Arms::new(vec![], vec![]);
            for _ in 0..count {
                // Evenly split traffic comes in turns, so that the count per arm is exact.
                let is_canary = if share == 0.5 {
                    seen % 2 == 1
                } else {
                    random.uniform() < share
                };
                seen += 1;
                if is_canary {
                    values.canary.push(draw(&mut random, world, fault));
                } else {
                    values.baseline.push(draw(&mut random, world, Fault::None));
                }
            }
            values
        };
        let decision = match feed {
            Feed::Single => {
                let values = next(1);
                let (arm, value) = match values.canary.first() {
                    Some(&value) => (Arm::Canary, value),
                    None => (
                        Arm::Baseline,
                        values.baseline.first().copied().unwrap_or(0.0),
                    ),
                };
                monitor.update((arm, value))
            }
            Feed::Batches(count) => {
                let values = next(count);
                monitor.update(Arms::new(&values.baseline[..], &values.canary[..]))
            }
            Feed::Default(count) | Feed::Geometric(count) => {
                let bounds = bounds(feed);
                let counted = next(count).map(|values| histogram(&bounds, &values));
                monitor.update(counted.as_ref())
            }
        };
        if decision == Ok(Decision::AcceptAlternative) {
            return Some(seen);
        }
        assert!(decision.is_ok(), "{decision:?}");
    }
    None
}

fn bounds(feed: Feed) -> Vec<f64> {
    match feed {
        Feed::Default(_) => DEFAULT_BOUNDS.to_vec(),
        Feed::Geometric(_) => (-12..14).map(|i| 0.1 * 1.5_f64.powi(i)).collect(),
        _ => vec![],
    }
}

fn histogram(bounds: &[f64], values: &[f64]) -> Histogram {
    let bounds: Vec<f64> = bounds.iter().copied().chain([f64::INFINITY]).collect();
    let counts: Vec<f64> = bounds
        .iter()
        .map(|bound| values.iter().filter(|value| *value <= bound).count() as f64)
        .collect();
    Histogram::new(&bounds, &counts, None).expect("counted here")
}

/// Medians of the number of requests an arm until detection.
pub fn power(runs: u64) {
    println!(
        "| monitor | fault | sigma | feed | side | share | median | found |\n|---|---|---|---|---|---|---|---|"
    );
    for alternative in [Alternative::TwoSided, Alternative::Greater] {
        for (feed, feed_title) in [
            (Feed::Single, "single"),
            (Feed::Batches(100), "100 an update"),
            (Feed::Geometric(100), "buckets x 1.5"),
            (Feed::Default(100), "default buckets"),
        ] {
            for (fault, title) in [
                (Fault::Slow(0.05), "5 % x 10"),
                (Fault::Slow(0.02), "2 % x 10"),
                (Fault::Spread(1.5), "spread x 1.5"),
            ] {
                for (sigma, share) in [(0.5, 0.5), (1.0, 0.5), (0.5, 0.05)] {
                    let of = |name: &str, detect: &(dyn Fn(u64, usize) -> Option<usize> + Sync)| {
                        let most = if share == 0.5 { 12_000 } else { 60_000 };
                        let mut times: Vec<usize> = (0..runs)
                            .into_par_iter()
                            .map(|seed| detect(seed, most).unwrap_or(usize::MAX))
                            .collect();
                        times.sort_unstable();
                        let found = times.iter().filter(|&&time| time < usize::MAX).count();
                        let median = times.get(times.len() / 2).map_or(0.0, |&time| time as f64);
                        let per_arm = if share == 0.5 { 0.5 } else { share };
                        println!(
                            "| {name} | {title} | {sigma} | {feed_title} | {alternative} | {share} | {:.0} | {found}/{runs} |",
                            median * per_arm
                        );
                    };
                    let bounds = bounds(feed);
                    of("distribution", &|seed, most| {
                        let mut design = DistributionComparison::new().alternative(alternative);
                        if !bounds.is_empty() {
                            design = design.bounds(&bounds);
                        }
                        let monitor = design.monitor().expect("checked");
                        run(
                            seed,
                            World::LogNormal(sigma),
                            fault,
                            share,
                            feed,
                            most,
                            monitor,
                        )
                    });
                    of("quantiles", &|seed, most| {
                        let mut design = QuantileComparison::new().alternative(alternative);
                        if !bounds.is_empty() {
                            design = design.bounds(&bounds);
                        }
                        let monitor = design.monitor().expect("checked");
                        run(
                            seed,
                            World::LogNormal(sigma),
                            fault,
                            share,
                            feed,
                            most,
                            monitor,
                        )
                    });
                }
            }
        }
    }
}

/// False alarms over all looks at streams of 10,000 values without a fault.
pub fn alarms(runs: u64) {
    println!(
        "| monitor | world | feed | side | share | false alarms | s.e. |\n|---|---|---|---|---|---|---|"
    );
    for (world, title) in [
        (World::Normal, "normal"),
        (World::LogNormal(1.0), "log-normal"),
        (World::Pareto, "Pareto 1.5"),
        (World::Ties, "ties"),
        (World::Zeros, "90 % zeros"),
    ] {
        for share in [0.5, 0.05] {
            for (feed, feed_title) in [
                (Feed::Single, "single"),
                (Feed::Batches(10), "10"),
                (Feed::Batches(100), "100"),
                (Feed::Geometric(100), "buckets"),
            ] {
                for alternative in [Alternative::TwoSided, Alternative::Greater] {
                    let bounds = bounds(feed);
                    let of = |name: &str, detect: &(dyn Fn(u64) -> Option<usize> + Sync)| {
                        let alarms = (0..runs)
                            .into_par_iter()
                            .filter(|&seed| detect(1_000_000 + seed).is_some())
                            .count();
                        let rate = alarms as f64 / runs as f64;
                        let error = (rate.max(0.001) * (1.0 - rate) / runs as f64).sqrt();
                        println!(
                            "| {name} | {title} | {feed_title} | {alternative} | {share} | {rate:.4} | {error:.4} |"
                        );
                    };
                    of("distribution", &|seed| {
                        let mut design = DistributionComparison::new().alternative(alternative);
                        if !bounds.is_empty() {
                            design = design.bounds(&bounds);
                        }
                        let monitor = design.monitor().expect("checked");
                        run(seed, world, Fault::None, share, feed, 10_000, monitor)
                    });
                    of("quantiles", &|seed| {
                        let mut design = QuantileComparison::new().alternative(alternative);
                        if !bounds.is_empty() {
                            design = design.bounds(&bounds);
                        }
                        let monitor = design.monitor().expect("checked");
                        run(seed, world, Fault::None, share, feed, 10_000, monitor)
                    });
                }
            }
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let runs = arguments.next().and_then(|runs| runs.parse().ok());
    match what.as_str() {
        "power" => power(runs.unwrap_or(100)),
        "alarms" => alarms(runs.unwrap_or(1000)),
        _ => eprintln!("power or alarms, and how many runs"),
    }
}
