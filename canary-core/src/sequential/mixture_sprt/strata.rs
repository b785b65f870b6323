//! Strata: what came in one interval of time, while the arms' shares of the traffic were the same.

use serde::{Deserialize, Serialize};

use super::events::Events;
use super::means::Means;
use crate::data::Arms;
use crate::number::extended;
use crate::number::moments::Moments;
use crate::options::Measure;
use crate::sequential::dependence::Contrast;

/// What came alone is a stratum as soon as there are so many of it on either arm.
const BLOCK: u64 = 10;

/// What one arm shows in one interval.
pub(super) trait Part: Copy + Default {
    /// What strata add up to.
    type Sum: Copy + Default;
    /// How many observations an arm needs for a stratum.
    const LEAST: u64;

    fn observations(&self) -> u64;
    fn plus(self, other: Self) -> Self;
    fn stratum(parts: Arms<Self>) -> Self::Sum;
    /// What a stratum says of the arms' difference or ratio.
    fn contrast(parts: Arms<Self>, measure: Measure) -> Contrast;
    fn sum(a: Self::Sum, b: Self::Sum) -> Self::Sum;
}

/// Events out of trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Trials {
    pub(super) events: u64,
    pub(super) trials: u64,
}

impl Part for Trials {
    type Sum = Events;
    const LEAST: u64 = 1;

    fn observations(&self) -> u64 {
        self.trials
    }

    fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            trials: self.trials.saturating_add(other.trials),
        }
    }

    fn stratum(parts: Arms<Self>) -> Events {
        let events = parts.map(|part| part.events as f64);
        Events::of(events, parts.map(|part| part.trials as f64), true)
    }

    fn contrast(parts: Arms<Self>, measure: Measure) -> Contrast {
        let events = parts.map(|part| part.events as f64);
        Contrast::of_proportions(measure, events, parts.map(|part| part.trials as f64))
    }

    fn sum(a: Events, b: Events) -> Events {
        a.plus(b)
    }
}

/// Events in time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    pub(super) events: u64,
    #[serde(with = "extended")]
    pub(super) time: f64,
}

impl Part for Span {
    type Sum = Events;
    const LEAST: u64 = 0;

    fn observations(&self) -> u64 {
        self.events
    }

    fn plus(self, other: Self) -> Self {
        Self {
            events: self.events.saturating_add(other.events),
            time: self.time + other.time,
        }
    }

    fn stratum(parts: Arms<Self>) -> Events {
        let events = parts.map(|part| part.events as f64);
        Events::of(events, parts.map(|part| part.time), false)
    }

    fn contrast(parts: Arms<Self>, measure: Measure) -> Contrast {
        let events = parts.map(|part| part.events as f64);
        Contrast::of_events(measure, events, parts.map(|part| part.time))
    }

    fn sum(a: Events, b: Events) -> Events {
        a.plus(b)
    }
}

impl Part for Moments {
    type Sum = Means;
    const LEAST: u64 = 2;

    fn observations(&self) -> u64 {
        self.count
    }

    fn plus(self, other: Self) -> Self {
        self.merge(other)
    }

    fn stratum(parts: Arms<Self>) -> Means {
        Means::of(parts)
    }

    fn contrast(parts: Arms<Self>, measure: Measure) -> Contrast {
        Contrast::of_samples(measure, parts)
    }

    fn sum(a: Means, b: Means) -> Means {
        a.plus(b)
    }
}

/// All that came, stratum by stratum, in constant memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Strata<P: Part<Sum = S>, S> {
    closed: S,
    /// What came alone and is no stratum yet.
    open: Arms<P>,
    all: Arms<P>,
}

impl<P: Part<Sum = S>, S: Copy + Default> Strata<P, S> {
    /// Adds what came; what it, and what came alone before, say as a stratum, if they are one now.
    pub(super) fn add(&mut self, parts: Arms<P>, measure: Measure) -> Option<Contrast> {
        let plus = |a: Arms<P>, b| a.zip(b).map(|(a, b)| a.plus(b));
        self.all = plus(self.all, parts);
        if has(parts, P::LEAST) {
            return Some(self.close(parts, measure));
        }
        self.open = plus(self.open, parts);
        if has(self.open, BLOCK) {
            let open = std::mem::take(&mut self.open);
            return Some(self.close(open, measure));
        }
        None
    }

    fn close(&mut self, parts: Arms<P>, measure: Measure) -> Contrast {
        self.closed = P::sum(self.closed, P::stratum(parts));
        P::contrast(parts, measure)
    }

    pub(super) fn merge(&mut self, later: &Self) {
        self.all = self.all.zip(later.all).map(|(a, b)| a.plus(b));
        self.closed = P::sum(self.closed, later.closed);
        self.open = self.open.zip(later.open).map(|(a, b)| a.plus(b));
    }

    /// The sum over all strata, the open one included if it can be one.
    pub(super) fn sum(&self) -> S {
        if P::LEAST > 0 && has(self.open, P::LEAST) {
            P::sum(self.closed, P::stratum(self.open))
        } else {
            self.closed
        }
    }

    pub(super) const fn all(&self) -> &Arms<P> {
        &self.all
    }
}

fn has<P: Part>(parts: Arms<P>, least: u64) -> bool {
    parts.baseline.observations() >= least && parts.canary.observations() >= least
}
