//! Kinds of data to be wrong on, drawn from seeded streams.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A seeded stream of random numbers.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// In (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// With a mean of 1.
    fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Events that come with a mean distance of 1 in a time of `mean`.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        let mut count = 0;
        let mut time = self.exponential();
        while time < mean {
            count += 1;
            time += self.exponential();
        }
        count
    }

    /// How many of the trials succeed: by the distances between successes, where these are rare.
    pub(crate) fn rare(&mut self, trials: u64, p: f64) -> u64 {
        if p <= 0.0 {
            return 0;
        }
        if p > 0.5 {
            return trials - self.rare(trials, 1.0 - p);
        }
        let (mut count, mut at) = (0, 0.0);
        let step = (-p).ln_1p();
        loop {
            at += (self.uniform().ln() / step).floor() + 1.0;
            if at > trials as f64 {
                return count;
            }
            count += 1;
        }
    }

    /// At least 1, with this mean.
    pub(crate) fn geometric(&mut self, mean: f64) -> u64 {
        (self.uniform().ln() / (-1.0 / mean).ln_1p()) as u64 + 1
    }

    pub(crate) fn binomial(&mut self, trials: usize, p: f64) -> u64 {
        (0..trials).filter(|_| self.uniform() < p).count() as u64
    }
}

/// What a metric's values are like.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum World {
    Normal,
    LogNormal,
    Heavy,
    ZeroInflated,
    Remembering(f64),
}

impl World {
    pub(crate) fn title(self) -> String {
        match self {
            Self::Normal => "Normal values".to_owned(),
            Self::LogNormal => "Log-normal values (sigma 1: latencies)".to_owned(),
            Self::Heavy => "Heavy tails (Student's t with 3 degrees of freedom)".to_owned(),
            Self::ZeroInflated => "Zeros (70 % of the values; the others log-normal)".to_owned(),
            Self::Remembering(phi) => format!("AR(1), each value remembers {phi} of the last"),
        }
    }

    /// `n` values, with a mean or median of 10 where they may be negative.
    pub(crate) fn values(self, random: &mut Random, n: usize) -> Vec<f64> {
        let mut last = random.normal();
        (0..n)
            .map(|_| match self {
                Self::Normal => 10.0 + random.normal(),
                Self::LogNormal => random.normal().exp(),
                Self::Heavy => {
                    let squares: f64 = (0..3).map(|_| random.normal().powi(2)).sum();
                    10.0 + random.normal() / (squares / 3.0).sqrt()
                }
                Self::ZeroInflated => {
                    if random.uniform() < 0.7 {
                        0.0
                    } else {
                        random.normal().exp()
                    }
                }
                Self::Remembering(phi) => {
                    last = phi * last + (1.0 - phi * phi).sqrt() * random.normal();
                    10.0 + last
                }
            })
            .collect()
    }
}
