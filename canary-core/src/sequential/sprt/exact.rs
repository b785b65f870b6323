//! How a test ends, summed over all the paths that it can take.

use std::f64::consts::PI;

use super::plan::Walk;
use super::{Boundaries, Sprt};
use crate::number::beta::Point;
use crate::number::normal;
use crate::number::quadrature::nodes;
use crate::number::root::brent;
use crate::sequential::Decision;

/// How a test ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ending {
    pub(super) accept_alternative: f64,
    pub(super) accept_null: f64,
    pub(super) expected: f64,
    pub(super) median: Option<f64>,
    pub(super) ninth_decile: Option<f64>,
}

/// A path that has gone on for so long is of no account.
const NEGLIGIBLE: f64 = 1e-13;

/// So many multiplications take less than a second.
pub(super) const MOMENT: f64 = 1e8;

/// And so many less than a minute.
pub(super) const MINUTE: f64 = 1e10;

/// None where it would take more multiplications than `most`.
pub(super) fn ending(walk: Walk, design: &Sprt, expected: f64, most: f64) -> Option<Ending> {
    let boundaries = design.boundaries();
    let width = boundaries.upper - boundaries.lower;
    // The last path is about so many times as long as the average one.
    let steps = (40.0 * expected).min(design.truncation.unwrap_or(f64::INFINITY));
    let may_take = |work: f64| work.is_finite() && work < most;
    match walk {
        Walk::Coin { p, up, down } => {
            let states = width / (up - down).abs() + 1.0;
            may_take(steps * states).then(|| coin(p, (up, down), boundaries, design))
        }
        Walk::Jumps { rate, jump, slope } => {
            let states = width / jump.abs() + 2.0;
            let segments = 2.0 * steps * (slope / jump).abs() + 2.0;
            may_take(segments * states * states)
                .then(|| jumps(rate, (jump, slope), boundaries, design))
        }
        Walk::Normal { drift, sd } => {
            let states = 20.0 * (width / sd / PANEL).ceil();
            may_take(steps.max(1e4) * states * states.min(120.0))
                .then(|| normal_walk((drift, sd), boundaries, design))
        }
        Walk::Trials { .. } => None,
    }
}

/// Probabilities of having ended, as time goes by.
#[derive(Debug, Default)]
struct Tally {
    accept_alternative: f64,
    accept_null: f64,
    expected: f64,
    median: Option<f64>,
    ninth_decile: Option<f64>,
}

impl Tally {
    fn add(&mut self, decision: Decision, probability: f64) {
        match decision {
            Decision::AcceptAlternative => self.accept_alternative += probability,
            Decision::AcceptNull => self.accept_null += probability,
            Decision::Continue => {}
        }
    }

    fn ended(&self) -> f64 {
        self.accept_alternative + self.accept_null
    }

    fn note(&mut self, time: f64) {
        let ended = self.ended();
        if self.median.is_none() && ended >= 0.5 {
            self.median = Some(time);
        }
        if self.ninth_decile.is_none() && ended >= 0.9 {
            self.ninth_decile = Some(time);
        }
    }

    fn ending(self) -> Ending {
        Ending {
            accept_alternative: self.accept_alternative,
            accept_null: self.accept_null,
            expected: self.expected,
            median: self.median,
            ninth_decile: self.ninth_decile,
        }
    }
}

/// Of trials: the state is how many of them had the event.
fn coin(p: Point, (up, down): (f64, f64), boundaries: Boundaries, design: &Sprt) -> Ending {
    let truncation = design.truncation.unwrap_or(f64::INFINITY);
    let mut tally = Tally::default();
    // Probabilities of the states that go on, the first of which has `fewest` events.
    let mut going = vec![1.0];
    let mut next = Vec::new();
    let (mut fewest, mut trials) = (0.0, 0.0_f64);
    loop {
        let left: f64 = going.iter().sum();
        if left < NEGLIGIBLE || going.is_empty() {
            break;
        }
        tally.expected += left;
        trials += 1.0;
        next.clear();
        let mut first = fewest;
        let mut before = 0.0; // of one event less
        for (i, &same) in going.iter().chain([&0.0]).enumerate() {
            let probability = same * p.y + before * p.x;
            before = same;
            let events = fewest + i as f64;
            let log_ratio = events * up + (trials - events) * down;
            let decision = match boundaries.decide(log_ratio) {
                Decision::Continue if trials >= truncation => design.at_truncation(log_ratio),
                decision => decision,
            };
            tally.add(decision, probability);
            if decision == Decision::Continue {
                if next.is_empty() {
                    first = events;
                }
                next.push(probability);
            }
        }
        fewest = first;
        std::mem::swap(&mut going, &mut next);
        tally.note(trials);
    }
    tally.ending()
}

/// Of a Poisson process (Dvoretzky, Kiefer and Wolfowitz 1953): between jumps the log ratio falls.
fn jumps(rate: f64, (jump, slope): (f64, f64), boundaries: Boundaries, design: &Sprt) -> Ending {
    // A walk that falls at events is one that rises, upside down.
    let rises = jump > 0.0;
    let Boundaries { upper, lower } = boundaries;
    let (top, bottom) = if rises {
        (upper, -lower)
    } else {
        (-lower, upper)
    };
    let (at_top, at_bottom) = if rises {
        (Decision::AcceptAlternative, Decision::AcceptNull)
    } else {
        (Decision::AcceptNull, Decision::AcceptAlternative)
    };
    let (jump, fall) = (jump.abs(), slope.abs());
    let truncation = design.truncation.unwrap_or(f64::INFINITY);

    let mut tally = Tally::default();
    let mut going = vec![1.0];
    let (mut fewest, mut time) = (0.0, 0.0);
    // The fewest events that are too many.
    let mut many = (top / jump).ceil().max(1.0);
    loop {
        let left: f64 = going.iter().sum();
        if left < NEGLIGIBLE || going.is_empty() {
            break;
        }
        // Until the fewest events are too few, or what was too many no longer is.
        let too_few = (fewest * jump + bottom) / fall;
        let no_longer = (many * jump - top) / fall;
        let until = too_few.min(no_longer.max(time)).min(truncation);
        let wait = until - time;
        let room = going.len().max((many - fewest).max(0.0) as usize);
        going.resize(room, 0.0);
        let over = |wait: f64| -> f64 {
            let more = Poisson::new(rate * wait, room);
            let reach = going.iter().enumerate();
            reach.map(|(i, p)| p * more.tail(room - i)).sum()
        };
        let before = tally.ended();
        let quantile = |level: f64| {
            let is_here = before < level && before + over(wait) >= level;
            is_here.then(|| time + brent(|u| before + over(u) - level, 0.0, wait))
        };
        tally.median = tally.median.or_else(|| quantile(0.5));
        tally.ninth_decile = tally.ninth_decile.or_else(|| quantile(0.9));
        let more = Poisson::new(rate * wait, room);
        let mut next = vec![0.0; room];
        for (i, &p) in going.iter().enumerate() {
            tally.add(at_top, p * more.tail(room - i));
            // ∫ P(fewer than room - i events by u) du
            let stay: f64 = (1..=room - i).map(|k| more.tail(k)).sum();
            tally.expected += p * if rate > 0.0 { stay / rate } else { wait };
            let rest = next.iter_mut().skip(i);
            for (to, probability) in rest.zip(&more.probabilities) {
                *to += p * probability;
            }
        }
        going = next;
        time = until;
        if until >= truncation {
            for (i, &p) in going.iter().enumerate() {
                let sign = if rises { 1.0 } else { -1.0 };
                let log_ratio = sign * ((fewest + i as f64) * jump - time * fall);
                let decision = match boundaries.decide(log_ratio) {
                    Decision::Continue => design.at_truncation(log_ratio),
                    decision => decision,
                };
                tally.add(decision, p);
            }
            going.clear();
        } else if until >= too_few {
            let end = going.first().copied().unwrap_or_default();
            tally.add(at_bottom, end);
            going.drain(..1.min(going.len()));
            fewest += 1.0;
        } else {
            many += 1.0;
            going.push(0.0);
        }
        tally.note(time);
    }
    tally.ending()
}

/// Poisson probabilities and tails up to a number of events.
struct Poisson {
    probabilities: Vec<f64>,
    tails: Vec<f64>,
}

impl Poisson {
    fn new(mean: f64, most: usize) -> Self {
        let mut probability = (-mean).exp();
        let (mut probabilities, mut tails) = (Vec::new(), Vec::new());
        let mut tail = 1.0;
        for k in 0..=most {
            probabilities.push(probability);
            tails.push(tail);
            tail = f64::max(tail - probability, 0.0);
            probability *= mean / (k + 1) as f64;
        }
        Self {
            probabilities,
            tails,
        }
    }

    /// P(at least k), within a rounding of 1.
    fn tail(&self, k: usize) -> f64 {
        self.tails.get(k).copied().unwrap_or_default()
    }
}

/// The width of a panel in standard deviations of a step: twenty points resolve two normal densities.
const PANEL: f64 = 3.0;

/// Beyond so many standard deviations a density is nothing.
const REACH: f64 = 9.0;

/// Of normal values: the density of the log ratio among those that go on, at the nodes of a rule.
fn normal_walk((drift, sd): (f64, f64), boundaries: Boundaries, design: &Sprt) -> Ending {
    let Boundaries { upper, lower } = boundaries;
    let truncation = design.truncation.unwrap_or(f64::INFINITY);
    let panels = ((upper - lower) / sd / PANEL).ceil().clamp(1.0, 1e6) as u32;
    let rule = nodes(lower, upper, panels);
    let density = |z: f64| (-0.5 * z * z).exp() / (sd * (2.0 * PI).sqrt());
    let over: Vec<f64> = rule
        .iter()
        .map(|&(x, _)| normal::sf((upper - x - drift) / sd))
        .collect();
    let under: Vec<f64> = rule
        .iter()
        .map(|&(x, _)| normal::sf((x + drift - lower) / sd))
        .collect();
    // For each node, the first node that a step reaches it from, and the weights from there on.
    let kernel: Vec<(usize, Vec<f64>)> = rule
        .iter()
        .map(|&(y, _)| {
            let first = rule.partition_point(|&(x, _)| y - x - drift > REACH * sd);
            let from = rule.iter().skip(first);
            let near = from.take_while(|&&(x, _)| y - x - drift >= -REACH * sd);
            let weights = near.map(|&(x, weight)| weight * density((y - x - drift) / sd));
            (first, weights.collect())
        })
        .collect();

    let mut tally = Tally {
        expected: 1.0,
        accept_alternative: normal::sf((upper - drift) / sd),
        accept_null: normal::sf((drift - lower) / sd),
        ..Tally::default()
    };
    let mut going: Vec<f64> = rule
        .iter()
        .map(|&(x, _)| density((x - drift) / sd))
        .collect();
    let mut next = vec![0.0; rule.len()];
    let mut steps = 1.0_f64;
    loop {
        let mass = || {
            rule.iter()
                .zip(&going)
                .map(|(&(x, weight), f)| (x, weight * f))
        };
        if steps >= truncation {
            for (x, probability) in mass() {
                tally.add(design.at_truncation(x), probability);
            }
            tally.note(steps);
            break;
        }
        tally.note(steps);
        let left: f64 = mass().map(|(_, probability)| probability).sum();
        if left < NEGLIGIBLE {
            break;
        }
        tally.expected += left;
        steps += 1.0;
        for ((_, probability), (over, under)) in mass().zip(over.iter().zip(&under)) {
            tally.accept_alternative += probability * over;
            tally.accept_null += probability * under;
        }
        for (to, (first, weights)) in next.iter_mut().zip(&kernel) {
            let from = going.iter().skip(*first);
            *to = from.zip(weights).map(|(f, weight)| f * weight).sum();
        }
        std::mem::swap(&mut going, &mut next);
    }
    tally.ending()
}
