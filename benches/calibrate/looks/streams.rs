//! What monitors are fed: intervals of both arms, alike unless said otherwise.

use canary_core::{Arms, Counts, Exposure};

use crate::worlds::Random;

/// What both arms showed between two looks.
#[derive(Clone, Default)]
pub(super) struct Interval {
    /// The canary's share of the traffic, as configured.
    pub(super) share: f64,
    pub(super) events: Arms<u64>,
    pub(super) trials: Arms<u64>,
    pub(super) values: Arms<Vec<f64>>,
}

impl Interval {
    pub(super) fn counts(&self) -> canary_core::Result<Arms<Counts>> {
        let pairs = self.events.zip(self.trials);
        pairs.try_map(|_, (events, trials)| Counts::new(events, trials))
    }

    /// The events in the traffic that was configured.
    pub(super) fn exposures(&self) -> canary_core::Result<Arms<Exposure>> {
        let traffic = Arms::new(1.0 - self.share, self.share);
        let pairs = self.events.zip(traffic);
        pairs.try_map(|_, (events, traffic)| Exposure::new(events, traffic))
    }
}

/// Is asked for one interval after the other: the one that starts at that part of the whole, in
/// [0, 1), with so many observations.
pub(super) type Course = Box<dyn FnMut(&mut Random, f64, usize) -> Interval>;

/// A source of intervals.
pub(super) trait Stream: Send + Sync {
    /// A new course of it.
    fn course(&self) -> Course;
}

/// Requests that fail, each by itself or in bursts.
#[derive(Clone)]
pub(super) struct Requests {
    /// The canary's share of the traffic, in stages of the same length.
    pub(super) shares: Vec<f64>,
    /// Errors per request.
    pub(super) rate: f64,
    /// How many times as many on the canary.
    pub(super) worse: f64,
    /// The mean length of a burst of errors, all of which hit one arm.
    pub(super) burst: f64,
    /// How far the rate of errors swings over the day, the same on both arms.
    pub(super) wave: f64,
}

impl Requests {
    pub(super) fn new(share: f64, rate: f64) -> Self {
        Self {
            shares: vec![share],
            rate,
            worse: 1.0,
            burst: 1.0,
            wave: 0.0,
        }
    }

    fn events(&self, random: &mut Random, trials: u64, rate: f64) -> u64 {
        if self.burst <= 1.0 {
            return random.rare(trials, rate);
        }
        let bursts = random.poisson(trials as f64 * rate / self.burst);
        let events: u64 = (0..bursts).map(|_| random.geometric(self.burst)).sum();
        events.min(trials)
    }
}

impl Stream for Requests {
    fn course(&self) -> Course {
        let requests = self.clone();
        Box::new(move |random, at, n| {
            let stage = (at * requests.shares.len() as f64) as usize;
            let share = requests.shares.get(stage).copied().unwrap_or(0.5);
            let canary = random.rare(n as u64, share);
            let trials = Arms::new(n as u64 - canary, canary);
            let rate = requests.rate * (1.0 + requests.wave * (40.0 * at).sin());
            let rates = Arms::new(rate, rate * requests.worse);
            Interval {
                share,
                events: trials
                    .zip(rates)
                    .map(|(trials, rate)| requests.events(random, trials, rate)),
                trials,
                values: Arms::default(),
            }
        })
    }
}

/// What single values are like.
#[derive(Clone, Copy)]
pub(super) enum Values {
    Normal,
    LogNormal,
    /// Pareto's with an exponent of 1.5: no variance.
    Pareto,
    /// Nine of ten are zero.
    Zeros,
    /// One of ten values.
    Ties,
}

impl Values {
    fn draw(self, random: &mut Random) -> f64 {
        match self {
            Self::Normal => 10.0 + random.normal(),
            Self::LogNormal => random.normal().exp(),
            Self::Pareto => random.uniform().powf(-1.0 / 1.5),
            Self::Zeros => {
                if random.uniform() < 0.9 {
                    0.0
                } else {
                    random.normal().exp()
                }
            }
            Self::Ties => (10.0 * random.uniform()).floor(),
        }
    }
}

/// Values of requests: latencies, sizes.
#[derive(Clone)]
pub(super) struct Latencies {
    pub(super) share: f64,
    pub(super) values: Values,
    /// What becomes of a value on the canary.
    pub(super) fault: Fault,
}

/// What is wrong with the canary.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    None,
    /// This share of values is ten times as large.
    Slow(f64),
    /// Every value's distance from the median of its logarithm is this many times as large.
    Spread(f64),
}

impl Fault {
    fn of(self, random: &mut Random, value: f64) -> f64 {
        match self {
            Self::None => value,
            Self::Slow(share) if random.uniform() < share => 10.0 * value,
            Self::Slow(_) => value,
            Self::Spread(times) => value.powf(times),
        }
    }
}

impl Stream for Latencies {
    fn course(&self) -> Course {
        let latencies = self.clone();
        Box::new(move |random, _, n| {
            let canary = random.rare(n as u64, latencies.share);
            let trials = Arms::new(n as u64 - canary, canary);
            let own = latencies.values;
            Interval {
                share: latencies.share,
                events: Arms::default(),
                trials,
                values: Arms {
                    baseline: (0..trials.baseline).map(|_| own.draw(random)).collect(),
                    canary: (0..canary)
                        .map(|_| {
                            let value = own.draw(random);
                            latencies.fault.of(random, value)
                        })
                        .collect(),
                },
            }
        })
    }
}

/// One value a minute of each arm: CPU, memory, a mean latency.
#[derive(Clone, Copy)]
pub(super) struct Minutes {
    /// How much each minute remembers of the last.
    pub(super) memory: f64,
    /// The standard deviation of what no minute remembers.
    pub(super) noise: f64,
    /// How far both arms swing together, minute by minute and over the day.
    pub(super) wave: f64,
    /// By how many standard deviations of a minute the canary is worse.
    pub(super) worse: f64,
}

impl Stream for Minutes {
    fn course(&self) -> Course {
        let minutes = *self;
        let mut last: Option<Arms<f64>> = None;
        Box::new(move |random, at, _| {
            let fresh = (1.0 - minutes.memory * minutes.memory).sqrt();
            let now = match last {
                None => Arms::new(random.normal(), random.normal()),
                Some(last) => last.map(|x| minutes.memory * x + fresh * random.normal()),
            };
            last = Some(now);
            let now = now.map(|x| x + minutes.noise * random.normal());
            let shared = minutes.wave * (random.normal() + (40.0 * at).sin());
            Interval {
                share: 0.5,
                events: Arms::default(),
                trials: Arms::new(1, 1),
                values: Arms {
                    baseline: vec![100.0 + shared + now.baseline],
                    canary: vec![100.0 + shared + now.canary + minutes.worse],
                },
            }
        })
    }
}

/// A value a minute of each of many metrics, all of which have something in common within an arm.
#[derive(Clone, Copy)]
pub(super) struct Metrics {
    pub(super) count: usize,
    /// Between any two of them, within an arm.
    pub(super) correlation: f64,
    /// How much each minute remembers of the last.
    pub(super) memory: f64,
}

impl Stream for Metrics {
    fn course(&self) -> Course {
        let metrics = *self;
        let mut last: Arms<Vec<f64>> = Arms::default();
        Box::new(move |random, _, _| {
            let (own, shared) = (1.0 - metrics.correlation, metrics.correlation);
            let mut fresh = || -> Vec<f64> {
                let common = shared.sqrt() * random.normal();
                let of_metric = |_| common + own.sqrt() * random.normal();
                (0..metrics.count).map(of_metric).collect()
            };
            let weight = (1.0 - metrics.memory * metrics.memory).sqrt();
            for arm in [&mut last.baseline, &mut last.canary] {
                let now = fresh();
                if arm.is_empty() {
                    *arm = now;
                } else {
                    for (x, now) in arm.iter_mut().zip(now) {
                        *x = metrics.memory * *x + weight * now;
                    }
                }
            }
            Interval {
                share: 0.5,
                values: last.clone(),
                ..Interval::default()
            }
        })
    }
}
