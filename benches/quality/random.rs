//! Seeded draws.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A seeded stream of random numbers.
pub(crate) struct Random {
    bits: Xoshiro256PlusPlus,
    spare: Option<f64>,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            bits: Xoshiro256PlusPlus::seed_from_u64(seed),
            spare: None,
        }
    }

    /// In (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.bits.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Its logarithm is uniform.
    pub(crate) fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    pub(crate) fn is(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// One of them, each as likely.
    pub(crate) fn one_of<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let index = (self.uniform() * choices.len() as f64) as usize;
        choices.get(index).copied().unwrap_or_default()
    }

    /// Box and Muller (1958); two at a time.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    /// Rounded normal values where the mean is large.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean > 50.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as u64;
        }
        let mut count = 0;
        let mut time = -self.uniform().ln();
        while time < mean {
            count += 1;
            time -= self.uniform().ln();
        }
        count
    }
}

/// A first-order autoregression about 0, which starts in its long run.
pub(crate) struct Remembering {
    phi: f64,
    stddev: f64,
    last: f64,
}

impl Remembering {
    pub(crate) fn new(random: &mut Random, phi: f64, stddev: f64) -> Self {
        Self {
            phi,
            stddev,
            last: random.normal(),
        }
    }

    /// The next value, made of a standard normal draw.
    pub(crate) fn step(&mut self, draw: f64) -> f64 {
        self.last = self.phi * self.last + (1.0 - self.phi * self.phi).sqrt() * draw;
        self.stddev * self.last
    }
}
