//! Two posteriors held against each other, by integrals alone.
//!
//! P(C > h(B)) is the integral of the baseline's density times the canary's tail. The panels of both
//! tables, carried to one coordinate, are the panels of the integral, so that neither arm is missed
//! however narrow it is against the other; a panel that is not smooth enough is halved.

use super::family::{self, Arm, Carry, Family, Shift};
use super::table::Table;
use crate::data::Arms;
use crate::number::quadrature::panel;
use crate::number::root::brent;

/// What a panel may be wrong by, relative to the integral, before it is halved. The halves are
/// better by many orders.
const TOLERANCE: f64 = 1e-11;
const MOST_HALVINGS: u32 = 40;
/// Panels that can hold no more than this, relative to the largest, are left out.
const NOTHING: f64 = 1e-20;

/// A set of values of the measure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Above(f64),
    Below(f64),
    Within(f64, f64),
}

pub(super) struct Comparison {
    arms: Arms<Arm>,
    /// For rates: λc tc / (λc tc + λb tb) given both, whose odds are the ratio's.
    share: Option<Table>,
}

impl Comparison {
    pub(super) fn new(arms: Arms<Arm>) -> Self {
        let share = match (arms.baseline.family, arms.canary.family) {
            (Family::Gamma { shape: b, .. }, Family::Gamma { shape: a, .. }) => {
                Some(family::beta_table(a, b))
            }
            _ => None,
        };
        Self { arms, share }
    }

    fn carry(&self) -> Carry<'_> {
        Carry::new(&self.arms.baseline, &self.arms.canary)
    }

    /// P(C > B).
    pub(super) fn greater(&self) -> f64 {
        self.difference(Event::Above(0.0))
    }

    /// P(C < B).
    pub(super) fn less(&self) -> f64 {
        self.difference(Event::Below(0.0))
    }

    /// The probability of values of C - B.
    pub(super) fn difference(&self, event: Event) -> f64 {
        match event {
            Event::Above(0.0) if self.share.is_some() => self.log_ratio(event),
            Event::Below(0.0) if self.share.is_some() => self.log_ratio(event),
            _ => self.shifted(event, Shift::By),
        }
    }

    /// The probability of values of ln(C/B), of positive values.
    pub(super) fn log_ratio(&self, event: Event) -> f64 {
        let Some(share) = &self.share else {
            return self.shifted(event, Shift::Times);
        };
        // Closed form: the odds of the share are C/B in units of the centres' ratio.
        let at = |log: f64| log + self.carry().log_ratio();
        match event {
            Event::Above(log) => share.above(at(log)),
            Event::Below(log) => share.below(at(log)),
            Event::Within(low, high) => share.between(at(low), at(high)),
        }
    }

    /// The probability of values of C/B, of means that may be negative.
    pub(super) fn signed_ratio(&self, event: Event) -> f64 {
        let Arms { baseline, canary } = &self.arms;
        let (
            Family::Real {
                location: b,
                offset: from,
                scale,
            },
            Family::Real {
                offset: to,
                scale: to_scale,
                ..
            },
        ) = (baseline.family, canary.family)
        else {
            return f64::NAN;
        };
        // The canary's coordinate where its value is r times the baseline's; b (r - 1) + gap keeps
        // the digits of a gap that is small against b.
        let along = |w: f64, r: f64| {
            let apart = (from - to) + (r - 1.0) * b;
            ((apart + r * scale * w.sinh()) / to_scale).asinh()
        };
        let back = |w: f64, r: f64| {
            let apart = (from - to) + (r - 1.0) * b;
            ((to_scale * w.sinh() - apart) / (r * scale)).asinh()
        };
        let zero = (-b / scale).asinh();
        // Where the baseline's mean is negative, C/B > r is C < r B.
        let tail = |w: f64, r: f64, is_above: bool| {
            let at = along(w, r);
            if is_above == (w > zero) {
                canary.table.above(at)
            } else {
                canary.table.below(at)
            }
        };
        let inner = |w: f64| match event {
            Event::Above(r) => tail(w, r, true),
            Event::Below(r) => tail(w, r, false),
            Event::Within(low, high) => {
                let (one, two) = (along(w, low), along(w, high));
                canary.table.between(one.min(two), one.max(two))
            }
        };
        let mut cuts = vec![zero];
        for r in event.ends() {
            cuts.extend(canary.table.edges().map(|w| back(w, r)));
        }
        // On either side of zero the inner function is monotone for one end; two ends share none.
        weigh(
            &baseline.table,
            cuts,
            |low, high| match event {
                Event::Above(_) | Event::Below(_) => {
                    let inside =
                        |at: f64| at + 1e-9 * (high - low) * (0.5 * (low + high) - at).signum();
                    inner(inside(low)).max(inner(inside(high)))
                }
                Event::Within(..) => 1.0,
            },
            inner,
        )
    }

    /// The probability of an event about the canary's value against the baseline's, shifted.
    fn shifted(&self, event: Event, shift: impl Fn(f64) -> Shift) -> f64 {
        let Arms { baseline, canary } = &self.arms;
        let carry = self.carry();
        let mut cuts = Vec::new();
        for end in event.ends().filter(|end| end.is_finite()) {
            cuts.extend(canary.table.edges().map(|w| carry.from(w, shift(end))));
        }
        let at = |w: f64, end: f64| carry.at(w, shift(end));
        let most = |low: f64, high: f64| match event {
            Event::Above(end) => canary.table.above(at(low, end)),
            Event::Below(end) => canary.table.below(at(high, end)),
            Event::Within(one, two) => {
                let above = canary.table.above(at(low, one));
                above.min(canary.table.below(at(high, two)))
            }
        };
        let inner = |w: f64| match event {
            Event::Above(end) => canary.table.above(at(w, end)),
            Event::Below(end) => canary.table.below(at(w, end)),
            Event::Within(one, two) => canary.table.between(at(w, one), at(w, two)),
        };
        weigh(&baseline.table, cuts, most, inner)
    }

    /// E[max(C - B, 0)] = ∫ P(B ≤ x) P(C > x) dx, and E[max(B - C, 0)].
    pub(super) fn losses(&self) -> (f64, f64) {
        let Arms { baseline, canary } = &self.arms;
        let carry = self.carry();
        let no_shift = Shift::By(0.0);
        let mut edges: Vec<f64> = baseline.table.edges().collect();
        edges.extend(canary.table.edges().map(|w| carry.from(w, no_shift)));
        let edges = in_order(edges);
        let slope = |w: f64| baseline.family.slope(w);
        let loss = |tails: &dyn Fn(f64) -> (f64, f64)| {
            let most = |low: f64, high: f64| {
                let (below, _) = tails(high);
                let (_, above) = tails(low);
                below * above * slope(low).max(slope(high))
            };
            integral(&edges, most, |w| {
                let (below, above) = tails(w);
                below * above * slope(w)
            })
        };
        let other = |w: f64| carry.at(w, no_shift);
        (
            loss(&|w| (baseline.table.below(w), canary.table.above(other(w)))),
            loss(&|w| (canary.table.below(other(w)), baseline.table.above(w))),
        )
    }

    /// Where C - B exceeds the value with probability `tail` (`upper`), or falls below it.
    pub(super) fn difference_quantile(&self, tail: f64, upper: bool) -> f64 {
        let start = if self.arms.baseline.is_log {
            Arms::new(&self.arms.baseline, &self.arms.canary).map(|arm| match arm.family {
                Family::Real {
                    location, scale, ..
                } => (location.exp(), location.exp() * scale),
                _ => (0.0, 1.0),
            })
        } else {
            // The centres' difference has its own digits.
            let spread = self.arms.as_ref().map(|arm| arm.family.value_spread());
            Arms::new(
                (self.carry().difference(), spread.baseline),
                (0.0, spread.canary),
            )
        };
        let centre = start.canary.0 - start.baseline.0;
        let spread = start.baseline.1.hypot(start.canary.1);
        quantile(tail, upper, centre, spread, |event| self.difference(event))
    }

    /// The same of ln(C/B).
    pub(super) fn log_ratio_quantile(&self, tail: f64, upper: bool) -> f64 {
        let gap = self.carry().log_ratio();
        if let Some(share) = &self.share {
            return share.quantile(tail, upper) - gap;
        }
        let spread = self.arms.as_ref().map(|arm| match arm.family {
            Family::Real { scale, .. } => scale,
            family => family.spread(),
        });
        let spread = spread.baseline.hypot(spread.canary);
        quantile(tail, upper, -gap, spread, |event| self.log_ratio(event))
    }

    /// The same of C/B, of means that may be negative.
    pub(super) fn signed_ratio_quantile(&self, tail: f64, upper: bool) -> f64 {
        let value = self.arms.as_ref().map(|arm| arm.family.value(0.0));
        let spread = self.arms.as_ref().map(|arm| arm.family.value_spread());
        let ratio = value.canary / value.baseline;
        let spread = spread.canary.hypot(ratio * spread.baseline) / value.baseline;
        quantile(tail, upper, ratio, spread, |event| self.signed_ratio(event))
    }
}

impl Event {
    /// The same event on another scale.
    pub(super) fn map(self, f: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Above(end) => Self::Above(f(end)),
            Self::Below(end) => Self::Below(f(end)),
            Self::Within(low, high) => Self::Within(f(low), f(high)),
        }
    }

    fn ends(self) -> impl Iterator<Item = f64> {
        let (one, two) = match self {
            Self::Above(end) | Self::Below(end) => (end, None),
            Self::Within(low, high) => (low, Some(high)),
        };
        std::iter::once(one).chain(two)
    }
}

/// ∫ density · inner. On any panel, `inner` is at most what `most` says.
fn weigh(
    table: &Table,
    cuts: Vec<f64>,
    most: impl Fn(f64, f64) -> f64,
    inner: impl Fn(f64) -> f64,
) -> f64 {
    let mut edges: Vec<f64> = table.edges().collect();
    if let (Some(&low), Some(&high)) = (edges.first(), edges.last()) {
        edges.extend(cuts.into_iter().filter(|cut| low < *cut && *cut < high));
    }
    let most = |low: f64, high: f64| {
        // The density has one peak, at an edge.
        table.density(low).max(table.density(high)) * most(low, high)
    };
    let edges = in_order(edges);
    integral(&edges, most, |w| table.density(w) * inner(w)).clamp(0.0, 1.0)
}

fn in_order(mut edges: Vec<f64>) -> Vec<f64> {
    edges.retain(|edge| edge.is_finite());
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

/// ∫ f over all panels. `most` is a bound of f on a panel, but for a factor of some thousands.
fn integral(edges: &[f64], most: impl Fn(f64, f64) -> f64, f: impl Fn(f64) -> f64) -> f64 {
    let panels = edges.iter().zip(edges.iter().skip(1));
    let bounded = panels.map(|(&low, &high)| (low, high, most(low, high) * (high - low)));
    let bounded: Vec<_> = bounded.filter(|(_, _, bound)| *bound > 0.0).collect();
    let largest = bounded
        .iter()
        .fold(0.0, |max: f64, (_, _, bound)| max.max(*bound));
    let parts = bounded
        .iter()
        .filter(|(_, _, bound)| *bound > NOTHING * largest);
    let parts: Vec<_> = parts
        .map(|&(low, high, _)| (low, high, panel(&f, low, high)))
        .collect();
    let tolerance = TOLERANCE * parts.iter().map(|(_, _, part)| part).sum::<f64>();
    let mut parts: Vec<f64> = parts
        .into_iter()
        .map(|(low, high, part)| halved(&f, low, high, part, tolerance, MOST_HALVINGS))
        .collect();
    parts.sort_by(f64::total_cmp);
    parts.iter().sum()
}

/// ∫ f over a panel of which one rule said `whole`.
fn halved(
    f: &impl Fn(f64) -> f64,
    low: f64,
    high: f64,
    whole: f64,
    tolerance: f64,
    halvings: u32,
) -> f64 {
    let middle = 0.5 * (low + high);
    let (left, right) = (panel(f, low, middle), panel(f, middle, high));
    let is_rough = (left + right - whole).abs() > tolerance;
    if is_rough && halvings > 0 && low < middle && middle < high {
        halved(f, low, middle, left, tolerance, halvings - 1)
            + halved(f, middle, high, right, tolerance, halvings - 1)
    } else {
        left + right
    }
}

/// The root of a tail, as centre + spread · sinh z: near the centre z counts spreads, far out
/// orders of magnitude.
fn quantile(
    tail: f64,
    upper: bool,
    centre: f64,
    spread: f64,
    probability: impl Fn(Event) -> f64,
) -> f64 {
    let value = |z: f64| centre + spread * z.sinh();
    // Increasing in z; by logarithms, on which tails are nearly straight.
    let excess = |z: f64| {
        if upper {
            let p = probability(Event::Above(value(z)));
            tail.ln() - p.max(f64::MIN_POSITIVE).ln()
        } else {
            let p = probability(Event::Below(value(z)));
            p.max(f64::MIN_POSITIVE).ln() - tail.ln()
        }
    };
    let (mut low, mut high) = (0.0, 0.0);
    let mut step = 1.0;
    let at_centre = excess(0.0);
    while low > -700.0 && (if low == 0.0 { at_centre } else { excess(low) }) > 0.0 {
        (low, high, step) = (low - step, low, 2.0 * step);
    }
    while high < 700.0 && (if high == 0.0 { at_centre } else { excess(high) }) < 0.0 {
        (low, high, step) = (high, high + step, 2.0 * step);
    }
    // Brent's tolerance is relative to the root, and a median's z is near 0: hence z + 1.
    value(brent(|u| excess(u - 1.0), low + 1.0, high + 1.0) - 1.0)
}
