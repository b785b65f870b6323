//! How soon the sequential comparisons of quantiles and distributions find a fault, and how often they
//! cry wolf: `cargo run --release -p canary-benches --bin quantiles -- power`, `alarms` or `dependence`,
//! and then how many runs, and what the monitors may `assume`.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a simulation that prints its table"
)]

#[path = "../calibrate/worlds.rs"]
#[allow(dead_code, reason = "the other simulations' too")]
mod worlds;

use canary_core::sequential::{
    Assume, Decision, DistributionComparison, QuantileComparison, QuantileSequence, Update,
};
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
pub fn power(runs: u64, assume: Assume) {
    println!(
        "| monitor | fault | sigma | feed | side | share | median | found |\n|---|---|---|---|---|---|---|---|"
    );
    for alternative in [Alternative::TwoSided, Alternative::Greater] {
        for (feed, feed_title) in [
            (Feed::Single, "single"),
            (Feed::Batches(20), "20 an update"),
            (Feed::Batches(100), "100 an update"),
            (Feed::Batches(200), "200 an update"),
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
                        let mut design = DistributionComparison::new()
                            .alternative(alternative)
                            .assume(assume);
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
                        let mut design = QuantileComparison::new()
                            .alternative(alternative)
                            .assume(assume);
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
pub fn alarms(runs: u64, assume: Assume) {
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
                        let mut design = DistributionComparison::new()
                            .alternative(alternative)
                            .assume(assume);
                        if !bounds.is_empty() {
                            design = design.bounds(&bounds);
                        }
                        let monitor = design.monitor().expect("checked");
                        run(seed, world, Fault::None, share, feed, 10_000, monitor)
                    });
                    of("quantiles", &|seed| {
                        let mut design = QuantileComparison::new()
                            .alternative(alternative)
                            .assume(assume);
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

/// What values remember.
#[derive(Clone, Copy, PartialEq)]
enum Memory {
    None,
    /// Slow requests (a fiftieth, ten times as long) come in runs of this mean length, on either arm.
    Bursts(f64),
    /// So many requests of an arm in a row have their level in common.
    Runs(f64),
    /// The arm's level of each minute remembers so much of the last; its deviation is 0.3.
    Remembering(f64),
    /// Both arms' level does.
    Wave,
    /// The same, and the canary's share of the traffic grows from 5 % to 50 %.
    Share,
}

/// What an arm is in the middle of.
#[derive(Clone, Copy, Default)]
struct Arrear {
    slow: u64,
    level: f64,
    left: u64,
    minute: f64,
}

impl Arrear {
    fn draw(&mut self, random: &mut Random, memory: Memory) -> f64 {
        let mut log = 0.5 * random.normal();
        match memory {
            Memory::Bursts(length) => {
                if self.slow == 0 && random.uniform() < 0.02 / length {
                    self.slow = random.geometric(length);
                }
                if self.slow > 0 {
                    self.slow -= 1;
                    log += 10.0_f64.ln();
                }
            }
            Memory::Runs(length) => {
                if self.left == 0 {
                    self.left = random.geometric(length);
                    self.level = 0.5 * random.normal();
                }
                self.left -= 1;
                log += self.level;
            }
            _ => log += self.minute,
        }
        0.1 * log.exp()
    }
}

/// Minutes of `size` values without a fault, which remember: when the first of the monitors that are fed
/// by `feed` alarms.
fn remembering(
    seed: u64,
    memory: Memory,
    size: usize,
    minutes: usize,
    mut feed: impl FnMut(Arms<&[f64]>) -> bool,
) -> bool {
    let mut random = Random::new(seed);
    let mut arms = Arms::<Arrear>::default();
    let mut wave = 0.0;
    (0..minutes).any(|minute| {
        let own = |phi: f64| (1.0 - phi * phi).sqrt() * 0.3;
        wave = 0.9 * wave + own(0.9) * random.normal();
        for arm in [&mut arms.baseline, &mut arms.canary] {
            arm.minute = match memory {
                Memory::Remembering(phi) => phi * arm.minute + own(phi) * random.normal(),
                Memory::Wave | Memory::Share => wave,
                _ => 0.0,
            };
        }
        let share = match memory {
            Memory::Share => 0.05 * f64::powi(2.0, (4 * minute / minutes) as i32),
            _ => 0.5,
        };
        let canaries = (share * size as f64).round() as usize;
        let mut values = |arm: &mut Arrear, count: usize| -> Vec<f64> {
            (0..count).map(|_| arm.draw(&mut random, memory)).collect()
        };
        let baseline = values(&mut arms.baseline, size - canaries);
        let canary = values(&mut arms.canary, canaries);
        feed(Arms::new(&baseline, &canary))
    })
}

/// False alarms over all looks where values remember each other.
pub fn dependence(runs: u64, assume: Assume) {
    println!(
        "| monitor | memory | side | values a minute | false alarms | s.e. |\n|---|---|---|---|---|---|"
    );
    for (memory, title) in [
        (Memory::None, "none"),
        (Memory::Bursts(2.0), "bursts of 2"),
        (Memory::Bursts(5.0), "bursts of 5"),
        (Memory::Bursts(10.0), "bursts of 10"),
        (Memory::Runs(5.0), "runs of 5"),
        (Memory::Remembering(0.0), "minutes"),
        (Memory::Remembering(0.3), "AR 0.3"),
        (Memory::Remembering(0.6), "AR 0.6"),
        (Memory::Remembering(0.9), "AR 0.9"),
        (Memory::Wave, "shared wave"),
        (Memory::Share, "wave, growing share"),
    ] {
        for size in [20, 200] {
            let of = |name: &str, side: Alternative, alarm: &(dyn Fn(u64) -> bool + Sync)| {
                let alarms = (0..runs).into_par_iter().filter(|&run| alarm(run)).count();
                let rate = alarms as f64 / runs as f64;
                let error = (rate.max(0.001) * (1.0 - rate) / runs as f64).sqrt();
                println!("| {name} | {title} | {side} | {size} | {rate:.4} | {error:.4} |");
            };
            let minutes = 300;
            let alarms = |decision| decision == Ok(Decision::AcceptAlternative);
            for side in [Alternative::TwoSided, Alternative::Greater] {
                of("distribution", side, &|seed| {
                    let design = DistributionComparison::new().alternative(side);
                    let mut monitor = design.assume(assume).monitor().expect("checked");
                    remembering(seed, memory, size, minutes, |values| {
                        alarms(monitor.update(values))
                    })
                });
                of("quantiles", side, &|seed| {
                    let design = QuantileComparison::new().alternative(side);
                    let mut monitor = design.assume(assume).monitor().expect("checked");
                    remembering(seed, memory, size, minutes, |values| {
                        alarms(monitor.update(values))
                    })
                });
            }
            // One arm against its true median; a tail's bursts are the same there.
            if !matches!(memory, Memory::Bursts(_)) {
                of("sequence", Alternative::TwoSided, &|seed| {
                    let design = QuantileSequence::new().quantiles(&[0.5]).null(Some(0.1));
                    let mut monitor = design.assume(assume).monitor().expect("checked");
                    remembering(seed, memory, size, minutes, |values| {
                        alarms(monitor.update(values.canary))
                    })
                });
            }
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let runs = arguments.next().and_then(|runs| runs.parse().ok());
    let assume = match arguments.next().map(|word| word.parse()) {
        None => Assume::Nothing,
        Some(Ok(assume)) => assume,
        Some(Err(error)) => return eprintln!("{error}"),
    };
    match what.as_str() {
        "power" => power(runs.unwrap_or(100), assume),
        "alarms" => alarms(runs.unwrap_or(1000), assume),
        "dependence" => dependence(runs.unwrap_or(1000), assume),
        _ => eprintln!("power, alarms or dependence, how many runs, and what to assume"),
    }
}
