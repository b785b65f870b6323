//! What monitors decide by when updates depend on each other (`assume = "nothing"`): false alarms
//! over all looks, and what is left of the power on independent data. `RUNS=2000` and `--nocapture`
//! for more than a glance.

use canary_core::sequential::{
    Assume, Basis, Decision, GroupSequential, GroupSequentialMonitor, Hypotheses, MeanSequence,
    MeanSequenceMonitor, Monitor, ProportionBlocks, ProportionSequence, ProportionSequenceMonitor,
    SampleRatioMismatch, Spending, Sprt, SprtMonitor, Update,
};
use canary_core::{Alternative, Arms, Counts, Exposure};

/// Uniform numbers (Steele, Lea and Flood 2014), the same every time.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-17
    }

    fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(), self.uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }

    fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    fn poisson(&mut self, mean: f64) -> u64 {
        let (mut n, mut left) = (0, mean - self.exponential());
        while left > 0.0 {
            n += 1;
            left -= self.exponential();
        }
        n
    }

    /// Events in bursts, geometric in size and `size` long on average.
    fn bursts(&mut self, mean: f64, size: f64) -> u64 {
        let bursts = self.poisson(mean / size);
        let mut one = || {
            if size <= 1.0 {
                return 1;
            }
            1 + (self.uniform().ln() / (1.0 - 1.0 / size).ln()) as u64
        };
        (0..bursts).map(|_| one()).sum()
    }
}

/// Values of which each remembers `phi` of the last, with a standard deviation of 1.
struct Remembering {
    phi: f64,
    last: f64,
}

impl Remembering {
    fn new(phi: f64, random: &mut Random) -> Self {
        Self {
            phi,
            last: random.normal(),
        }
    }

    fn next(&mut self, random: &mut Random) -> f64 {
        self.last = self.phi * self.last + (1.0 - self.phi * self.phi).sqrt() * random.normal();
        self.last
    }
}

fn runs(few: u64) -> u64 {
    let given = std::env::var("RUNS").ok();
    given.and_then(|runs| runs.parse().ok()).unwrap_or(few)
}

/// The share of runs that end with the alternative within so many updates.
fn alarms<M>(
    runs: u64,
    updates: usize,
    monitor: impl Fn() -> M,
    mut feed: impl FnMut(&mut M, &mut Random, usize) -> Decision,
) -> f64 {
    let alarms = (0..runs).filter(|run| {
        let mut random = Random(1 + 1_000_003 * run);
        let mut monitor = monitor();
        (0..updates)
            .any(|update| feed(&mut monitor, &mut random, update) == Decision::AcceptAlternative)
    });
    alarms.count() as f64 / runs as f64
}

/// No more than `most`, but for three standard errors.
#[track_caller]
fn at_most(name: &str, share: f64, most: f64, runs: u64) {
    println!("{name}: {share:.4}");
    let error = (most * (1.0 - most) / runs as f64).sqrt();
    assert!(share <= most + 3.0 * error, "{name}: {share}");
}

/// At least so much of the power that a promise of independence has.
#[track_caller]
fn powers(name: &str, power: impl Fn(Assume) -> f64, least: f64) {
    let (promised, measured) = (power(Assume::Independence), power(Assume::Nothing));
    println!("power, {name}: {promised:.3} {measured:.3}");
    assert!(
        promised > 0.6 && measured >= (least - 0.05) * promised,
        "{name}"
    );
}

mod sprt {
    use super::*;

    fn rate(assume: Assume) -> SprtMonitor {
        let twice = Hypotheses::Rate {
            null: 2.0,
            alternative: 4.0,
        };
        design(twice, assume)
    }

    fn design(hypotheses: Hypotheses, assume: Assume) -> SprtMonitor {
        let design = Sprt::new().hypotheses(hypotheses).beta(1e-6);
        design.assume(assume).monitor().unwrap()
    }

    #[test]
    fn bursts_raise_no_more_alarms() {
        let runs = runs(200);
        for size in [1.0, 2.0, 5.0, 10.0] {
            let share = alarms(
                runs,
                600,
                || rate(Assume::Nothing),
                |monitor, random, _| {
                    let events = random.bursts(2.0, size);
                    monitor.update(Exposure::new(events, 1.0).unwrap()).unwrap()
                },
            );
            at_most(&format!("rate, bursts of {size}"), share, 0.05, runs);
            let percent = Hypotheses::Proportion {
                null: 0.01,
                alternative: 0.02,
            };
            let share = alarms(
                runs,
                600,
                || design(percent, Assume::Nothing),
                |monitor, random, _| {
                    let events = random.bursts(2.0, size).min(200);
                    monitor.update(Counts::new(events, 200).unwrap()).unwrap()
                },
            );
            at_most(&format!("proportion, bursts of {size}"), share, 0.05, runs);
            for hypotheses in [
                Hypotheses::OddsRatio {
                    null: 1.0,
                    alternative: 2.0,
                },
                Hypotheses::RateRatio {
                    null: 1.0,
                    alternative: 2.0,
                },
            ] {
                let share = alarms(
                    runs,
                    600,
                    || design(hypotheses, Assume::Nothing),
                    |monitor, random, update| {
                        let traffic = [(950, 50), (900, 100), (500, 500)][update / 200];
                        let wave = 1.0 + 0.5 * (update as f64 / 30.0).sin();
                        let traffic = Arms::new(traffic.0, traffic.1);
                        let events =
                            traffic.map(|n| random.bursts(0.01 * wave * n as f64, size).min(n));
                        match hypotheses {
                            Hypotheses::OddsRatio { .. } => {
                                let counts = events.zip(traffic);
                                monitor.update(counts.map(|(x, n)| Counts::new(x, n).unwrap()))
                            }
                            _ => {
                                let exposures = events.zip(traffic);
                                monitor.update(
                                    exposures.map(|(x, n)| Exposure::new(x, n as f64).unwrap()),
                                )
                            }
                        }
                        .unwrap()
                    },
                );
                at_most(
                    &format!("{hypotheses:?}, bursts of {size}"),
                    share,
                    0.06,
                    runs,
                );
            }
        }
    }

    #[test]
    fn memory_raises_no_more_alarms() {
        let runs = runs(200);
        for phi in [0.0, 0.3, 0.6, 0.9] {
            for (hypotheses, most) in [
                (
                    Hypotheses::Mean {
                        null: 5.0,
                        alternative: 5.5,
                        sd: 1.0,
                    },
                    0.06,
                ),
                (
                    Hypotheses::StandardizedMean {
                        mean: 5.0,
                        alternative: 0.5,
                    },
                    0.06,
                ),
                (
                    Hypotheses::MeanDifference {
                        null: 0.0,
                        alternative: 0.5,
                        sd: Arms::new(1.0, 1.0),
                    },
                    0.06,
                ),
                (
                    Hypotheses::StandardizedDifference { alternative: 0.5 },
                    0.06,
                ),
            ] {
                let share = alarms(
                    runs,
                    600,
                    || (design(hypotheses, Assume::Nothing), None, None),
                    |(monitor, one, other), random, _| {
                        let mut next = |series: &mut Option<Remembering>| {
                            let series =
                                series.get_or_insert_with(|| Remembering::new(phi, random));
                            5.0 + series.next(random)
                        };
                        let (x, y) = (next(one), next(other));
                        match hypotheses {
                            Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } => {
                                monitor.update(x)
                            }
                            _ => monitor.update(Arms::new(&[x][..], &[y][..])),
                        }
                        .unwrap()
                    },
                );
                at_most(&format!("{hypotheses:?}, {phi}"), share, most, runs);
            }
        }
    }

    #[test]
    fn independent_data_lose_little_power() {
        let runs = runs(200);
        let power = |assume| {
            alarms(
                runs,
                60,
                || rate(assume),
                |monitor, random, _| {
                    let events = random.poisson(3.2);
                    monitor.update(Exposure::new(events, 1.0).unwrap()).unwrap()
                },
            )
        };
        powers("rate", power, 0.9);
        for (rate_ratio, most) in [(1.6, 60), (1.4, 120)] {
            let power = |assume| {
                alarms(
                    runs,
                    most,
                    || {
                        let hypotheses = Hypotheses::RateRatio {
                            null: 1.0,
                            alternative: 1.5,
                        };
                        design(hypotheses, assume)
                    },
                    |monitor, random, _| {
                        let events =
                            Arms::new(random.poisson(4.0), random.poisson(4.0 * rate_ratio));
                        monitor.update(events).unwrap()
                    },
                )
            };
            powers("ratio of rates", power, 0.9);
        }
        let mean = |assume| {
            alarms(
                runs,
                80,
                || {
                    let hypotheses = Hypotheses::Mean {
                        null: 5.0,
                        alternative: 5.5,
                        sd: 1.0,
                    };
                    design(hypotheses, assume)
                },
                |monitor, random, _| monitor.update(5.45 + random.normal()).unwrap(),
            )
        };
        powers("mean", mean, 0.88);
    }

    #[test]
    fn few_updates_decide_nothing() {
        let mut monitor = rate(Assume::Nothing);
        for _ in 0..15 {
            let decision = monitor.update(Exposure::new(50, 1.0).unwrap()).unwrap();
            assert_eq!(decision, Decision::Continue);
        }
        let state = monitor.state();
        assert_eq!(state.dependence.unwrap().basis, Basis::TooFew);
        assert_eq!((state.p_value, state.log_e_value), (1.0, 0.0));
        assert_eq!(state.estimate.unwrap().interval.low, 0.0);
        let decision = monitor.update(Exposure::new(50, 1.0).unwrap()).unwrap();
        assert_eq!(decision, Decision::AcceptAlternative);
        assert!(monitor.state().estimate.unwrap().interval.low > 4.0);
    }
}

mod means {
    use super::*;

    fn monitor(
        alternative: Alternative,
        bounds: Option<(f64, f64)>,
        assume: Assume,
    ) -> MeanSequenceMonitor {
        let null = if bounds.is_some() { 0.5 } else { 5.0 };
        let design = MeanSequence::new().null(null).bounds(bounds);
        let design = design.alternative(alternative).assume(assume);
        design.monitor().unwrap()
    }

    #[test]
    fn memory_raises_no_more_alarms() {
        let runs = runs(100);
        for phi in [0.0, 0.3, 0.6, 0.9] {
            for &alternative in Alternative::ALL {
                for many in [1, 20] {
                    let share = alarms(
                        runs,
                        600,
                        || (monitor(alternative, None, Assume::Nothing), None),
                        |(monitor, series), random, _| {
                            let series =
                                series.get_or_insert_with(|| Remembering::new(phi, random));
                            let level = 5.0 + series.next(random);
                            if many == 1 {
                                return monitor.update(level).unwrap();
                            }
                            let minute: Vec<f64> =
                                (0..many).map(|_| level + random.normal()).collect();
                            monitor.update(&minute[..]).unwrap()
                        },
                    );
                    at_most(
                        &format!("mean {alternative}, {phi}, {many}"),
                        share,
                        0.06,
                        runs,
                    );
                }
                let share = alarms(
                    runs,
                    600,
                    || {
                        (
                            monitor(alternative, Some((0.0, 1.0)), Assume::Nothing),
                            None,
                        )
                    },
                    |(monitor, series), random, _| {
                        let series = series.get_or_insert_with(|| Remembering::new(phi, random));
                        let value: f64 = 0.5 + 0.2 * series.next(random);
                        monitor.update(value.clamp(0.0, 1.0)).unwrap()
                    },
                );
                at_most(
                    &format!("bounded mean {alternative}, {phi}"),
                    share,
                    0.06,
                    runs,
                );
            }
        }
    }

    /// The first of the two is what a promise of independence is worth.
    #[test]
    fn skewed_values_raise_few_alarms() {
        let runs = runs(100);
        type Draw = fn(&mut Random) -> f64;
        let draws: [(&str, Draw, f64); 5] = [
            ("exponential", |random| 4.0 + random.exponential(), 0.06),
            (
                "nine zeros in ten",
                |random| {
                    let is_zero = random.uniform() < 0.9;
                    4.9 + if is_zero { 0.0 } else { random.exponential() }
                },
                0.06,
            ),
            (
                "99 zeros in 100",
                |random| {
                    let is_zero = random.uniform() < 0.99;
                    4.99 + if is_zero { 0.0 } else { random.exponential() }
                },
                0.06,
            ),
            (
                "Pareto",
                |random| 2.0 + random.uniform().powf(-1.0 / 1.5),
                0.07,
            ),
            (
                "lognormal",
                |random| 5.0 - 0.5_f64.exp() + random.normal().exp(),
                0.06,
            ),
        ];
        for (name, draw, most) in draws {
            for alternative in [Alternative::Less, Alternative::Greater] {
                for many in [1, 20] {
                    let share = |assume| {
                        alarms(
                            runs,
                            3000 / many,
                            || monitor(alternative, None, assume),
                            |monitor, random, _| {
                                if many == 1 {
                                    return monitor.update(draw(random)).unwrap();
                                }
                                let minute: Vec<f64> = (0..many).map(|_| draw(random)).collect();
                                monitor.update(&minute[..]).unwrap()
                            },
                        )
                    };
                    let name = format!("{name} {alternative} by {many}");
                    println!("{name}, promised: {:.4}", share(Assume::Independence));
                    at_most(&name, share(Assume::Nothing), most, runs);
                }
            }
        }
    }

    #[test]
    fn independent_data_lose_little_power() {
        let runs = runs(200);
        for (shift, many, updates) in [(0.3, 1, 300), (0.1, 20, 120), (0.2, 10, 60)] {
            let power = |assume| {
                alarms(
                    runs,
                    updates,
                    || monitor(Alternative::Greater, None, assume),
                    |monitor, random, _| {
                        let minute: Vec<f64> =
                            (0..many).map(|_| 5.0 + shift + random.normal()).collect();
                        monitor.update(&minute[..]).unwrap()
                    },
                )
            };
            powers(&format!("mean, {shift} by {many}"), power, 0.9);
        }
    }

    #[test]
    fn few_updates_decide_nothing() {
        for bounds in [None, Some((0.0, 10.0))] {
            let design = MeanSequence::new().null(1.0).bounds(bounds);
            let mut monitor = design.monitor().unwrap();
            for _ in 0..11 {
                let decision = monitor.update(&[7.0, 9.0, 8.0, 8.5, 7.5][..]).unwrap();
                assert_eq!(decision, Decision::Continue);
            }
            let state = monitor.state();
            assert_eq!(state.dependence.unwrap().basis, Basis::TooFew);
            assert_eq!((state.p_value, state.log_e_value), (1.0, 0.0));
            assert!(state.remaining.is_some());
        }
    }
}

mod proportions {
    use super::*;

    fn monitor(null: f64, alternative: Alternative, assume: Assume) -> ProportionSequenceMonitor {
        let design = ProportionSequence::new()
            .null(null)
            .alternative(alternative);
        design.assume(assume).monitor().unwrap()
    }

    #[test]
    fn bursts_raise_no_more_alarms() {
        let runs = runs(100);
        for size in [1.0, 2.0, 5.0, 10.0] {
            for &alternative in Alternative::ALL {
                let share = alarms(
                    runs,
                    400,
                    || monitor(0.01, alternative, Assume::Nothing),
                    |monitor, random, _| {
                        let events = random.bursts(2.0, size).min(200);
                        monitor.update(Counts::new(events, 200).unwrap()).unwrap()
                    },
                );
                at_most(
                    &format!("{alternative}, bursts of {size}"),
                    share,
                    0.06,
                    runs,
                );
            }
        }
    }

    #[test]
    fn memory_of_single_trials_raises_no_more_alarms() {
        let runs = runs(100);
        for phi in [0.0, 0.5, 0.8] {
            for (p, many) in [(0.5, 1000), (0.02, 5000)] {
                // The last trial's outcome again with probability phi.
                let share = alarms(
                    runs,
                    many,
                    || (monitor(p, Alternative::Greater, Assume::Nothing), false),
                    |(monitor, last), random, _| {
                        if random.uniform() >= phi {
                            *last = random.uniform() < p;
                        }
                        monitor.update(*last).unwrap()
                    },
                );
                at_most(&format!("trials of {p}, {phi}"), share, 0.06, runs);
            }
        }
    }

    #[test]
    fn independent_data_lose_little_power() {
        let runs = runs(200);
        for (p, updates) in [(0.0155, 60), (0.014, 120)] {
            let power = |assume| {
                alarms(
                    runs,
                    updates,
                    || monitor(0.01, Alternative::Greater, assume),
                    |monitor, random, _| {
                        let events = random.poisson(200.0 * p).min(200);
                        monitor.update(Counts::new(events, 200).unwrap()).unwrap()
                    },
                )
            };
            powers(&format!("proportion {p}"), power, 0.9);
        }
    }

    #[test]
    fn blocks_of_bursts_raise_no_more_alarms() {
        let runs = runs(200);
        let minute = |random: &mut Random, update: usize, size: f64, times: f64| {
            let traffic = [(950, 50), (900, 100), (500, 500)][update / 100];
            let wave = 1.0 + 0.5 * (update as f64 / 30.0).sin();
            let traffic = Arms::new((traffic.0, 1.0), (traffic.1, times));
            traffic.map(|(n, times): (u64, f64)| {
                let events = random.bursts(times * 0.02 * wave * n as f64, size);
                Counts::new(events.min(n), n).unwrap()
            })
        };
        for size in [1.0, 2.0, 5.0, 10.0] {
            for &alternative in Alternative::ALL {
                let design = ProportionBlocks::new().alternative(alternative);
                let share = alarms(
                    runs,
                    300,
                    || design.monitor().unwrap(),
                    |monitor, random, update| {
                        monitor.update(minute(random, update, size, 1.0)).unwrap()
                    },
                );
                at_most(&format!("blocks {alternative}, {size}"), share, 0.06, runs);
            }
        }
        let power = |assume| {
            let design = ProportionBlocks::new().assume(assume);
            alarms(
                runs,
                60,
                || design.monitor().unwrap(),
                |monitor, random, _| monitor.update(minute(random, 250, 1.0, 1.6)).unwrap(),
            )
        };
        powers("blocks", power, 0.9);
    }
}

mod splits {
    use super::*;

    #[test]
    fn users_in_groups_raise_no_more_alarms() {
        let runs = runs(200);
        for shares in [vec![0.95, 0.05], vec![0.5, 0.5], vec![0.8, 0.1, 0.1]] {
            let feed = |random: &mut Random, size: f64, shift: f64| -> Vec<u64> {
                let groups = shares.iter().enumerate();
                groups
                    .map(|(group, share)| {
                        let times = if group == 1 { 1.0 + shift } else { 1.0 };
                        random.bursts(500.0 * share * times, size)
                    })
                    .collect()
            };
            for size in [1.0, 2.0, 5.0, 10.0] {
                let share = alarms(
                    runs,
                    300,
                    || SampleRatioMismatch::new(shares.clone()).monitor().unwrap(),
                    |monitor, random, _| monitor.update(&feed(random, size, 0.0)[..]).unwrap(),
                );
                at_most(&format!("split {shares:?}, {size}"), share, 0.06, runs);
            }
            let power = |assume| {
                alarms(
                    runs,
                    200,
                    || {
                        let design = SampleRatioMismatch::new(shares.clone());
                        design.assume(assume).monitor().unwrap()
                    },
                    |monitor, random, _| {
                        let shift = 0.07 / shares[1].min(0.5).sqrt() * 0.3;
                        monitor.update(&feed(random, 1.0, shift)[..]).unwrap()
                    },
                )
            };
            powers(&format!("split {shares:?}"), power, 0.9);
        }
    }
}

mod stages {
    use super::*;

    fn design(spending: Spending, assume: Assume) -> GroupSequentialMonitor {
        // 60 minutes of 1,900 and 100 requests; five looks.
        let design = GroupSequential::new().information(60.0 * 190.0);
        design.spending(spending).assume(assume).monitor().unwrap()
    }

    fn minute(random: &mut Random, size: f64, times: f64) -> Arms<Counts> {
        let traffic = Arms::new((1900, 1.0), (100, times));
        traffic.map(|(n, times): (u64, f64)| {
            let events = random.bursts(0.03 * times * n as f64, size);
            Counts::new(events.min(n), n).unwrap()
        })
    }

    #[test]
    fn dependence_raises_few_more_alarms() {
        let runs = runs(200);
        for spending in [Spending::OBrienFleming, Spending::Pocock] {
            for size in [1.0, 2.0, 5.0, 10.0] {
                let share = alarms(
                    runs,
                    61,
                    || design(spending, Assume::Nothing),
                    |monitor, random, _| monitor.update(minute(random, size, 1.0)).unwrap(),
                );
                at_most(
                    &format!("{spending:?}, bursts of {size}"),
                    share,
                    0.08,
                    runs,
                );
            }
            for phi in [0.3, 0.6, 0.9] {
                for updates in [60, 300] {
                    let share = alarms(
                        runs,
                        updates + 1,
                        || {
                            let design = GroupSequential::new().information(4.0 * updates as f64);
                            let design = design.spending(spending);
                            (design.monitor().unwrap(), None)
                        },
                        |(monitor, series), random, _| {
                            let series =
                                series.get_or_insert_with(|| Remembering::new(phi, random));
                            let level = series.next(random);
                            let mut values = |level| [0; 4].map(|_| level + 0.5 * random.normal());
                            let (baseline, canary) = (values(0.0), values(level));
                            monitor
                                .update(Arms::new(&baseline[..], &canary[..]))
                                .unwrap()
                        },
                    );
                    let name = format!("{spending:?}, {phi}, {updates}");
                    // An hour is too short to tell so long a memory.
                    let most = if phi > 0.8 && updates == 60 {
                        0.15
                    } else {
                        0.06
                    };
                    at_most(&name, share, most, runs);
                }
            }
        }
        for (times, spending) in [(1.25, Spending::OBrienFleming), (1.3, Spending::Pocock)] {
            let power = |assume| {
                alarms(
                    runs,
                    61,
                    || design(spending, assume),
                    |monitor, random, _| monitor.update(minute(random, 1.0, times)).unwrap(),
                )
            };
            powers("stages", power, 0.88);
        }
    }

    #[test]
    fn whole_stages_are_too_few_updates() {
        let mut monitor = design(Spending::OBrienFleming, Assume::Nothing);
        for _ in 0..6 {
            let stage = Arms::new(
                Counts::new(1, 23_750).unwrap(),
                Counts::new(900, 1_250).unwrap(),
            );
            assert_eq!(monitor.update(stage).unwrap(), Decision::Continue);
        }
        assert!(monitor.looks().is_empty());
        assert_eq!(monitor.finish(), Decision::Continue);
        let state = monitor.state();
        assert_eq!(state.dependence.unwrap().basis, Basis::TooFew);
        assert_eq!(state.p_value, 1.0);
    }
}
