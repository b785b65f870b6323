//! The evidence in events: of a mixture over the ratio of rates.

use super::super::beta_mixture::BetaMixture;
use super::super::dependence::Batches;
use super::shares::{Shares, WIDEST};
use crate::data::Arms;
use crate::number::beta::{self, Point};
use crate::number::quadrature;
use crate::number::root::{brent, crossing};
use crate::options::Alternative;

/// Events under the design's share, and those under others. `times` is as many times what was seen.
#[derive(Clone, Copy)]
pub(in super::super) struct Evidence<'a> {
    pub(in super::super) share: Point,
    pub(in super::super) strength: f64,
    pub(in super::super) own: Arms<f64>,
    pub(in super::super) others: Option<&'a Shares>,
    pub(in super::super) times: f64,
    /// What is known of their dependence, unless they are taken to be independent.
    pub(in super::super) batches: Option<&'a Batches>,
}

/// Beyond it, a ratio of rates is 0 or infinite for all that can be seen.
const FARTHEST: f64 = 600.0;

impl Evidence<'_> {
    /// The prior as the beta distribution of the canary's share of the events under the design's
    /// share of the traffic.
    fn prior(self) -> BetaMixture {
        BetaMixture::centred(self.share, self.strength)
    }

    fn own(self) -> Arms<f64> {
        self.own.map(|events| events * self.times)
    }

    pub(super) fn events(self) -> Arms<f64> {
        let others = self.others.map_or_else(Arms::default, |others| {
            others.events.map(|events| self.times * events as f64)
        });
        self.own().zip(others).map(|(own, other)| own + other)
    }

    /// The canary's share of the events where the ratio of rates is exp(`log_ratio`).
    fn at(self, log_ratio: f64) -> Point {
        if log_ratio == 0.0 {
            return self.share;
        }
        Point::from_odds(self.share.x / self.share.y * log_ratio.exp())
    }

    /// Logarithm of the e-value against "the ratio of rates is exp(`null`)": at most that for
    /// `Greater`, at least for `Less`.
    pub(super) fn log_e(self, null: f64, alternative: Alternative) -> f64 {
        let Some(batches) = self.batches else {
            return self.log_e_if_independent(null, alternative);
        };
        let own = |times| Self { times, ..self }.log_e_if_independent(null, alternative);
        let log_e = batches.log_e_of_counts(null.exp_m1(), alternative, self.times, own);
        log_e.unwrap_or(0.0)
    }

    fn log_e_if_independent(self, null: f64, alternative: Alternative) -> f64 {
        let log_e = match self.others {
            None => {
                let own = self.own();
                let at = self.at(null);
                self.prior()
                    .log_e(own.canary, own.baseline, at, alternative)
            }
            Some(others) => Integrand::new(self, others).log_e(null, alternative),
        };
        if log_e.is_nan() {
            return f64::NEG_INFINITY; // of numbers beyond all measure nothing is known
        }
        log_e
    }

    /// Logarithm of the likelihood where the ratio of rates is exp(`log_ratio`), over that where
    /// it is 1.
    fn likelihood(self, log_ratio: f64) -> f64 {
        let own = self.own();
        let tilt = (self.share.x * log_ratio.exp_m1()).ln_1p();
        let others = self.others.map_or(0.0, |others| others.tilt(log_ratio));
        self.events().canary * log_ratio - (own.canary + own.baseline) * tilt - self.times * others
    }

    /// The likeliest logarithm of the ratio of rates.
    pub(in super::super) fn estimate(self) -> f64 {
        let events = self.events();
        let Some(others) = self.others else {
            return (events.canary / events.baseline).ln() - (self.share.x / self.share.y).ln();
        };
        if events.canary == 0.0 {
            return f64::NEG_INFINITY;
        }
        if events.baseline == 0.0 {
            return f64::INFINITY;
        }
        let likelihood = Integrand {
            canary: events.canary,
            own: self.own().canary + self.own().baseline,
            ..Integrand::new(self, others)
        };
        likelihood.mode()
    }

    /// The logarithms of the ratios that are not rejected, `bound` being ln(1/alpha): all of those
    /// below for `Greater` and above for `Less` are.
    pub(in super::super) fn interval(self, alternative: Alternative, bound: f64) -> (f64, f64) {
        let limit = if self.others.is_some() {
            WIDEST
        } else {
            FARTHEST
        };
        let estimate = self.estimate().clamp(-limit, limit);
        // Against another null hypothesis, only the likelihood is another.
        let both = self.log_e_if_independent(0.0, Alternative::TwoSided);
        let end = |sign: f64, alternative: Alternative| {
            let reach = limit - sign * estimate;
            let log_e = |null: f64| match (alternative, self.batches) {
                (Alternative::TwoSided, None) => both - self.likelihood(null),
                _ => self.log_e(null, alternative),
            };
            let outside = |u: f64| log_e(estimate + sign * u.min(reach)) - bound;
            if outside(reach) < 0.0 {
                return sign * f64::INFINITY;
            }
            if outside(0.0) > 0.0 {
                return estimate; // a side that is cut off says less than nothing
            }
            estimate + sign * crossing(outside, 0.1, reach)
        };
        let (below, above) = match alternative {
            Alternative::TwoSided => (Alternative::TwoSided, Alternative::TwoSided),
            _ => (Alternative::Greater, Alternative::Less),
        };
        (end(-1.0, below), end(1.0, above))
    }

    /// How many times as much of the same would have log E reach the bound.
    pub(super) fn times_until(self, bound: f64, log_e: impl Fn(Self) -> f64) -> Option<f64> {
        times_until(bound, |times| log_e(Self { times, ..self }))
    }
}

/// How many times as much of the same would have log E reach the bound, up to a million times.
pub(in super::super) fn times_until(bound: f64, log_e: impl Fn(f64) -> f64) -> Option<f64> {
    let short = |log_times: f64| (log_e(log_times.exp()) - bound).max(-1e9);
    if short(0.0) >= 0.0 {
        return Some(1.0);
    }
    // It may first fall.
    let doubled = |i: i32| std::f64::consts::LN_2 * f64::from(i);
    let beyond = (1..=20).find(|&i| short(doubled(i)) >= 0.0)?;
    Some(brent(short, doubled(beyond - 1), doubled(beyond)).exp())
}

/// Prior times likelihood of the logarithm ψ of the ratio of rates, which has one mode:
/// exp(c + (a + Nc) ψ - (a + b + N) ln(1 - s + s e^ψ) - those of other shares).
#[derive(Clone, Copy)]
struct Integrand<'a> {
    constant: f64,
    canary: f64,
    own: f64,
    evidence: Evidence<'a>,
    others: &'a Shares,
}

/// Differences over it are derivatives.
const NEAR: f64 = 1e-3;

impl<'a> Integrand<'a> {
    fn new(evidence: Evidence<'a>, others: &'a Shares) -> Self {
        let BetaMixture { a, b } = evidence.prior();
        let own = evidence.own();
        Self {
            constant: -beta::ln_over(a, b, evidence.share),
            canary: a + evidence.events().canary,
            own: a + b + own.canary + own.baseline,
            evidence,
            others,
        }
    }

    fn ln(&self, log_ratio: f64) -> f64 {
        let own = (self.evidence.share.x * log_ratio.exp_m1()).ln_1p();
        let others = self.evidence.times * self.others.tilt(log_ratio);
        self.constant + self.canary * log_ratio - self.own * own - others
    }

    fn mode(&self) -> f64 {
        let slope = |at: f64| self.ln(at - NEAR) - self.ln(at + NEAR);
        let most = WIDEST - NEAR;
        brent(slope, -most, most)
    }

    fn log_e(&self, null: f64, alternative: Alternative) -> f64 {
        let BetaMixture { a, b } = self.evidence.prior();
        let (low, high) = match alternative {
            Alternative::TwoSided => (-WIDEST, WIDEST),
            Alternative::Greater => (null, WIDEST),
            Alternative::Less => (-WIDEST, null),
        };
        let at = self.evidence.at(null);
        let prior = match alternative {
            Alternative::TwoSided => 1.0,
            Alternative::Greater => beta::sf(at, a, b),
            Alternative::Less => beta::cdf(at, a, b),
        };
        self.ln_integral(low, high) - prior.ln() - self.evidence.likelihood(null)
    }

    /// What lies outside of the ratios that are looked at is left out, which makes it no larger.
    fn ln_integral(&self, low: f64, high: f64) -> f64 {
        let mode = self.mode();
        let peak = mode.clamp(low, high);
        let top = self.ln(peak);
        let inside = peak.clamp(NEAR - WIDEST, WIDEST - NEAR);
        let (before, middle, after) = (
            self.ln(inside - NEAR),
            self.ln(inside),
            self.ln(inside + NEAR),
        );
        let curvature = (2.0 * middle - before - after).max(0.0) / (NEAR * NEAR);
        let slope = (after - before).abs() / (2.0 * NEAR);
        let step = (3.0 / curvature.sqrt()).min(1.0);
        let step = if peak == mode {
            step
        } else {
            step.min(8.0 / slope)
        };
        let f = |at: f64| (self.ln(at) - top).exp();
        let mut area = 0.0;
        if peak < high {
            area += quadrature::tail(f, peak, step, high);
        }
        if peak > low {
            area += quadrature::tail(f, peak, -step, low);
        }
        top + area.ln()
    }
}
