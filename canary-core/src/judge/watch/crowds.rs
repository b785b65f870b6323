//! How many events come at once.

use serde::{Deserialize, Serialize};

use super::monitors::Interval;
use crate::data::Arms;

/// Before anything was seen, events are taken to come one or two at once, as firmly as if that had been seen
/// between so many looks.
const PRIOR: f64 = 1.25;
const PRIOR_WEIGHT: f64 = 1.0;
/// Of so many events, what all of them have in common (a wave, an outage of something behind both arms)
/// varies as much as single ones do.
const MANY: f64 = 50.0;
/// A single pair of looks says no more: a rate that is much higher from some look on is no crowd.
const MOST: f64 = 20.0;

/// Events that come singly fall on two neighbouring looks of an arm as the traffic does: of S in all, with a
/// share q of the traffic in the second look, (x - S q)² / (S q (1 - q)) is 1 on average. Of those that come
/// k at once it is k. A rate that is higher from some look on shows in one pair of looks only.
///
/// Of a single event it is always 1, which says nothing; and of many, what both arms have in common shows,
/// which is no crowd. So pairs weigh (1 - 1/S) / (1 + (S / 50)²).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Crowds {
    last: Option<Arms<Look>>,
    sum: f64,
    weight: f64,
}

/// What one arm showed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Look {
    events: f64,
    traffic: f64,
}

impl Crowds {
    pub(super) fn update(&mut self, interval: &Interval) {
        let looks = match interval {
            Interval::Counts(arms) => arms.map(|counts| {
                // What is rarer comes in crowds.
                let (events, misses) = (counts.events(), counts.trials() - counts.events());
                Look {
                    events: events.min(misses) as f64,
                    traffic: counts.trials() as f64,
                }
            }),
            Interval::Exposure(arms) => arms.map(|exposure| Look {
                events: exposure.events() as f64,
                traffic: exposure.time(),
            }),
            Interval::Summary(_) | Interval::Pairs(_) => return,
        };
        if let Some(last) = self.last {
            self.compare(last.baseline, looks.baseline);
            self.compare(last.canary, looks.canary);
        }
        self.last = Some(looks);
    }

    fn compare(&mut self, before: Look, now: Look) {
        let all = before.events + now.events;
        let q = now.traffic / (before.traffic + now.traffic);
        let variance = all * q * (1.0 - q);
        if all < 2.0 || variance.is_nan() || variance <= 0.0 {
            return;
        }
        let weight = (1.0 - 1.0 / all) / (1.0 + (all / MANY).powi(2));
        self.sum += weight * ((now.events - all * q).powi(2) / variance).min(MOST);
        self.weight += weight;
    }

    /// How many events come at once; at least 1.
    pub(super) fn size(&self) -> f64 {
        let sum = self.sum + PRIOR_WEIGHT * PRIOR;
        (sum / (self.weight + PRIOR_WEIGHT)).max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Counts;
    use crate::number::random::Stream;

    /// As many events on average, so many at once.
    fn size(at_once: u64, step: u64) -> f64 {
        let mut random = Stream::new(at_once, step);
        let mut crowds = Crowds::default();
        for look in 0..60 {
            let mut counts = |mean: f64, trials: u64| {
                let mean = if look < 30 { mean } else { step as f64 * mean };
                let (mut crowds, mut time) = (0, -random.unit().ln());
                while time < mean / at_once as f64 {
                    crowds += 1;
                    time -= random.unit().ln();
                }
                Counts::new((at_once * crowds).min(trials), trials).unwrap()
            };
            let arms = Arms::new(counts(19.0, 1900), counts(4.0, 100));
            crowds.update(&Interval::Counts(arms));
        }
        crowds.size()
    }

    #[test]
    fn crowds_are_counted_and_steps_are_none() {
        for at_once in [1, 2, 5, 10] {
            for step in [1, 4] {
                let found = size(at_once, step) / at_once as f64;
                assert!((0.6..1.6).contains(&found), "{at_once}, {step}: {found}");
            }
        }
    }

    #[test]
    fn nothing_seen_is_the_prior() {
        let mut crowds = Crowds::default();
        assert_eq!(crowds.size(), PRIOR);
        let none = Counts::new(0, 0).unwrap();
        crowds.update(&Interval::Counts(Arms::new(none, none)));
        crowds.update(&Interval::Counts(Arms::new(none, none)));
        assert_eq!(crowds.size(), PRIOR);
    }
}
