//! Seeded random numbers: a stream of its own for every resample, so that the result is the same
//! on any number of threads.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// One stream.
pub(crate) struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// The stream with this number among all that belong to the seed.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        // The generator spreads its seed by SplitMix64, whose steps are multiples of this constant:
        // another odd multiplier keeps the streams of neighbouring numbers apart.
        let mixed = seed ^ number.wrapping_add(1).wrapping_mul(0xd1b5_4a32_d192_ed03);
        Self(Xoshiro256PlusPlus::seed_from_u64(mixed))
    }

    /// A whole number below `bound`, by Lemire's (2019) multiplication; its bias is `bound` / 2^64.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number from [0, 1), each multiple of 2^-53 as probable as any other.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * (0.5 * f64::EPSILON)
    }

    /// A standard normal number, by the polar method of Marsaglia and Bray (1964).
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_even_and_repeat() {
        let mut counts = [0_u32; 7];
        for number in 0..100 {
            let mut stream = Stream::new(3, number);
            for _ in 0..700 {
                counts[stream.below(7)] += 1;
            }
        }
        let chi: f64 = counts
            .iter()
            .map(|&c| (f64::from(c) - 1e4).powi(2) / 1e4)
            .sum();
        assert!(chi < 22.5, "{chi}"); // P(χ²₆ > 22.5) = 0.001
        let mut stream = Stream::new(5, 0);
        let normal: Vec<f64> = (0..10_000).map(|_| stream.normal()).collect();
        let mean = normal.iter().sum::<f64>() / 1e4;
        let square = normal.iter().map(|x| x * x).sum::<f64>() / 1e4;
        assert!(mean.abs() < 0.033, "{mean}"); // 3.3 standard errors
        assert!((square - 1.0).abs() < 0.047, "{square}");
        let unit: Vec<f64> = (0..10_000).map(|_| stream.unit()).collect();
        assert!(unit.iter().all(|x| (0.0..1.0).contains(x)));
        assert!((unit.iter().sum::<f64>() / 1e4 - 0.5).abs() < 0.0096);
        // The mean of the first numbers of neighbouring streams, whose standard deviation is 1/√12.
        let mean = (0..10_000)
            .map(|number| Stream::new(3, number).unit())
            .sum::<f64>()
            / 1e4;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let first = |seed| Stream::new(seed, 0).below(1 << 40);
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }
}
