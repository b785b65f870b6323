//! What may be wrong with a canary.

use crate::margins;
use crate::random::Random;
use crate::shape::Shape;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    Errors,
    /// The same, from minute 20 on.
    LateErrors,
    Slower,
    Tail,
    Hump,
    Spikes,
    Spread,
    Cpu,
    Leak,
}

impl Fault {
    pub(crate) const ALL: [Self; 9] = [
        Self::Errors,
        Self::LateErrors,
        Self::Slower,
        Self::Tail,
        Self::Hump,
        Self::Spikes,
        Self::Spread,
        Self::Cpu,
        Self::Leak,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Nothing => "Nothing wrong",
            Self::Errors => "More errors",
            Self::LateErrors => "More errors from minute 20 on",
            Self::Slower => "All requests slower",
            Self::Tail => "The slowest 5 % of requests slower",
            Self::Hump => "A tenth of the requests slower: another hump",
            Self::Spikes => "A tenth of the requests slower in three minutes of ten",
            Self::Spread => "Latencies spread wider about the same median",
            Self::Cpu => "More CPU",
            Self::Leak => "Memory leaks",
        }
    }

    /// The minutes before it.
    pub(crate) const fn onset(self) -> u32 {
        match self {
            Self::LateErrors => 19,
            _ => 0,
        }
    }
}

/// What a fault of a size does to a canary.
#[derive(Clone, Copy)]
pub(crate) struct Damage {
    fault: Fault,
    size: f64,
    /// How much some quantile of the latencies, or a level, rises.
    rise: f64,
    /// Beyond it lie the slowest requests.
    slowest: f64,
    median: f64,
    /// What is needed for the rise, by whom it is needed.
    factor: f64,
}

/// How many requests, and how many minutes, have the slower ones.
const SLOW: f64 = 0.1;
const SPIKY: f64 = 0.3;

impl Damage {
    pub(crate) fn new(fault: Fault, size: f64, shape: &Shape) -> Self {
        let margin = match fault {
            Fault::Cpu => margins::GAUGE,
            _ => margins::LATENCY,
        };
        let rise = 1.0 + size * margin;
        Self {
            fault,
            size,
            rise,
            slowest: shape.quantile(0.95),
            median: shape.quantile(0.5),
            factor: match fault {
                Fault::Hump => shape.slowdown_of(SLOW, rise),
                Fault::Spikes => shape.slowdown_of(SLOW * SPIKY, rise),
                Fault::Spread => shape.widening_of(rise),
                _ => 1.0,
            },
        }
    }

    pub(crate) fn error_rate(&self, rate: f64) -> f64 {
        match self.fault {
            Fault::Errors | Fault::LateErrors => rate + self.size * margins::errors(rate),
            _ => rate,
        }
    }

    /// Whether this minute has spikes.
    pub(crate) fn is_spiky(&self, random: &mut Random) -> bool {
        self.fault == Fault::Spikes && random.is(SPIKY)
    }

    pub(crate) fn latency(&self, random: &mut Random, is_spiky: bool, latency: f64) -> f64 {
        match self.fault {
            Fault::Slower => self.rise * latency,
            Fault::Tail if latency > self.slowest => self.rise * latency,
            Fault::Hump if random.is(SLOW) => self.factor * latency,
            Fault::Spikes if is_spiky && random.is(SLOW) => self.factor * latency,
            Fault::Spread => self.median * (latency / self.median).powf(self.factor),
            _ => latency,
        }
    }

    /// The share of the canary's requests that take longer.
    pub(crate) fn above(&self, shape: &Shape, latency: f64) -> f64 {
        let mixed = |share: f64| {
            (1.0 - share) * shape.above(latency) + share * shape.above(latency / self.factor)
        };
        match self.fault {
            Fault::Slower => shape.above(latency / self.rise),
            Fault::Tail if latency > self.slowest => {
                shape.above((latency / self.rise).max(self.slowest))
            }
            Fault::Hump => mixed(SLOW),
            Fault::Spikes => mixed(SLOW * SPIKY),
            Fault::Spread => {
                shape.above(self.median * (latency / self.median).powf(1.0 / self.factor))
            }
            _ => shape.above(latency),
        }
    }

    pub(crate) fn cpu(&self) -> f64 {
        match self.fault {
            Fault::Cpu => self.rise,
            _ => 1.0,
        }
    }

    /// So many minutes after the onset.
    pub(crate) fn memory(&self, minutes: u32) -> f64 {
        match self.fault {
            Fault::Leak => 1.0 + self.size * margins::LEAK * f64::from(minutes),
            _ => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: f64 = 2.0;

    /// By how much the quantile that rises most does, in margins.
    fn measured(fault: Fault) -> f64 {
        let mut random = Random::new(7);
        let shape = Shape::draw(&mut random, true);
        let damage = Damage::new(fault, SIZE, &shape);
        let mut drawn: Vec<f64> = (0..400_000)
            .map(|_| {
                let latency = shape.latency(&mut random);
                let is_spiky = damage.is_spiky(&mut random);
                damage.latency(&mut random, is_spiky, latency)
            })
            .collect();
        drawn.sort_unstable_by(f64::total_cmp);
        let rise = |q: f64| {
            let at = (q * drawn.len() as f64) as usize;
            drawn.get(at).copied().unwrap_or(f64::NAN) / shape.quantile(q) - 1.0
        };
        let most = [0.5, 0.75, 0.9, 0.95, 0.99].map(rise);
        most.into_iter().fold(0.0, f64::max) / margins::LATENCY
    }

    #[test]
    fn faults_are_as_large_as_they_are_said_to_be() {
        for fault in [
            Fault::Slower,
            Fault::Tail,
            Fault::Hump,
            Fault::Spikes,
            Fault::Spread,
        ] {
            let found = measured(fault);
            assert!((found - SIZE).abs() < 0.15, "{}: {found}", fault.title());
        }
        assert!(measured(Fault::Nothing) < 0.1);
    }

    #[test]
    fn what_is_drawn_is_what_is_computed() {
        let mut random = Random::new(8);
        let shape = Shape::draw(&mut random, false);
        for fault in Fault::ALL {
            let damage = Damage::new(fault, SIZE, &shape);
            let limit = 1.1 * shape.quantile(0.96);
            let draws = 200_000;
            let above = (0..draws).filter(|_| {
                let latency = shape.latency(&mut random);
                let is_spiky = damage.is_spiky(&mut random);
                damage.latency(&mut random, is_spiky, latency) > limit
            });
            let (found, expected) = (
                above.count() as f64 / f64::from(draws),
                damage.above(&shape, limit),
            );
            let error = (expected / f64::from(draws)).sqrt();
            assert!(
                (found - expected).abs() < 4.0 * error,
                "{}: {found} {expected}",
                fault.title()
            );
        }
    }

    #[test]
    fn errors_and_leaks_are_graded_in_margins() {
        let shape = Shape::draw(&mut Random::new(9), false);
        let errors = Damage::new(Fault::Errors, SIZE, &shape);
        assert_eq!(errors.error_rate(0.0), 2.0 * margins::ERRORS_POINTS);
        assert_eq!(errors.error_rate(0.05), 0.1);
        assert_eq!(Damage::new(Fault::Leak, SIZE, &shape).memory(10), 1.2);
        assert_eq!(Damage::new(Fault::Cpu, SIZE, &shape).cpu(), 1.4);
    }
}
