//! Three answers from one e-value: against the null hypothesis, and against all that is not
//! tolerated.

use serde::{Deserialize, Serialize};

use super::state::{Decision, Peak, check_rate, confidence};
use crate::error::{Error, Result};
use crate::number::root::brent;
use crate::options::{Alternative, Measure};
use crate::stats::{Estimate, Interval};

/// What was seen, as far as it speaks about an effect.
pub(super) trait Evidence {
    /// Logarithm of the e-value against "the effect is `null`" (at most that for `Greater`, at
    /// least for `Less`), had all that was seen been seen that many `times`.
    fn log_e(&self, null: f64, alternative: Alternative, times: f64) -> f64;

    /// At least `log_e` once, where that is known for less.
    fn log_e_at_most(&self, _null: f64, _alternative: Alternative) -> f64 {
        f64::INFINITY
    }

    /// The effect, as far as is known.
    fn estimate(&self) -> f64;

    /// About its standard error, to start a search with.
    fn scale(&self) -> f64;
}

/// What is asked: the effect under the null hypothesis, and how much of one is tolerated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Question {
    pub(super) alpha: f64,
    pub(super) alternative: Alternative,
    pub(super) measure: Measure,
    pub(super) null: f64,
    pub(super) tolerance: Option<f64>,
}

impl Question {
    /// The least effects that are no longer tolerated, below and above.
    fn limits(&self) -> (Option<f64>, Option<f64>) {
        let above = self.tolerance;
        let below = above.map(|tolerance| match self.measure {
            Measure::Difference => -tolerance,
            Measure::Ratio | Measure::OddsRatio => 1.0 / tolerance,
        });
        match self.alternative {
            Alternative::TwoSided => (below, above),
            Alternative::Greater => (None, above),
            Alternative::Less => (below, None),
        }
    }

    /// The tolerance must leave room for the null hypothesis.
    pub(super) fn check(&self) -> Result<()> {
        check_rate("alpha", self.alpha)?;
        if !self.null.is_finite() {
            return Err(Error::option("null", "must be finite", self.null));
        }
        let Some(tolerance) = self.tolerance else {
            return Ok(());
        };
        let (below, above) = self.limits();
        let least = self.measure.null();
        let holds = tolerance > least
            && tolerance.is_finite()
            && below.is_none_or(|below| below < self.null)
            && above.is_none_or(|above| self.null < above);
        if holds {
            return Ok(());
        }
        let rule = match self.measure {
            Measure::Difference => "must be a positive difference beyond the null hypothesis",
            _ => "must be a factor above 1, beyond the null hypothesis",
        };
        Err(Error::option("tolerance", rule, tolerance))
    }

    /// The estimate with the effects that are not rejected.
    pub(super) fn estimate(
        &self,
        of: &str,
        evidence: &impl Evidence,
        range: (f64, f64),
        is_ready: bool,
    ) -> Estimate {
        let ends = if is_ready {
            (
                self.end(evidence, range, Alternative::Greater),
                self.end(evidence, range, Alternative::Less),
            )
        } else {
            range
        };
        Estimate {
            measure: self.measure,
            of: format!("{} of {of}", self.measure.title()),
            value: evidence.estimate(),
            interval: Interval::new(ends, range, self.alternative, confidence(self.alpha)),
        }
    }

    /// The interval's lower end for `Greater`, its upper one for `Less`.
    pub(super) fn end(
        &self,
        evidence: &impl Evidence,
        range: (f64, f64),
        side: Alternative,
    ) -> f64 {
        let (limit, sign) = match side {
            Alternative::Less => (range.1, 1.0),
            _ => (range.0, -1.0),
        };
        let alternative = match self.alternative {
            Alternative::TwoSided => Alternative::TwoSided,
            _ => side,
        };
        let excess = |null: f64| evidence.log_e(null, alternative, 1.0) + self.alpha.ln();
        let estimate = evidence.estimate();
        if estimate.is_nan() {
            return limit;
        }
        let is_ratio = self.measure != Measure::Difference;
        let start = if is_ratio {
            estimate.clamp(1e-12, 1e12)
        } else {
            estimate.clamp(range.0, range.1)
        };
        let (mut inside, mut step) = (start, evidence.scale());
        if step.is_nan() || step <= 0.0 {
            step = f64::MIN_POSITIVE;
        }
        for _ in 0..1100 {
            let outside = if is_ratio {
                inside * (sign * step.min(0.5)).exp()
            } else {
                inside + sign * step
            };
            let is_beyond = (outside - limit) * sign >= 0.0 || outside == 0.0;
            if is_beyond && (limit.is_infinite() || excess(limit) <= 0.0 || is_ratio) {
                return limit;
            }
            let outside = if is_beyond { limit } else { outside };
            if excess(outside) > 0.0 {
                return brent(excess, inside.min(outside), inside.max(outside));
            }
            if outside != inside {
                inside = outside;
            }
            step *= 2.0;
        }
        limit
    }

    /// About how many times as much must be seen in all until a decision, if it goes on like this.
    fn times(&self, evidence: &impl Evidence) -> Option<f64> {
        let bar = -self.alpha.ln();
        let rejects = |null, alternative, times| evidence.log_e(null, alternative, times) >= bar;
        let is_decided = |times: f64| {
            let (below, above) = self.limits();
            rejects(self.null, self.alternative, times)
                || (self.tolerance.is_some()
                    && below.is_none_or(|below| rejects(below, Alternative::Greater, times))
                    && above.is_none_or(|above| rejects(above, Alternative::Less, times)))
        };
        let (mut low, mut high) = (1.0, 1.0);
        while !is_decided(high) {
            (low, high) = (high, 1.25 * high);
            if high > 1e12 {
                return None;
            }
        }
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            if is_decided(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    }

    /// About how many more observations than there are until a decision.
    pub(super) fn remaining(
        &self,
        evidence: &impl Evidence,
        observations: u64,
        decision: Decision,
    ) -> Option<f64> {
        if decision != Decision::Continue || observations == 0 {
            return None;
        }
        let times = self.times(evidence)?;
        Some(((times - 1.0) * observations as f64).ceil().max(1.0))
    }
}

/// The answers so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answers {
    /// Against the null hypothesis.
    null: Peak,
    /// Against an effect below, and above, what is tolerated.
    below: Peak,
    above: Peak,
    decision: Decision,
}

impl Answers {
    pub(super) const fn decision(&self) -> Decision {
        self.decision
    }

    pub(super) fn p_value(&self) -> f64 {
        self.null.p_value()
    }

    /// Takes a look.
    pub(super) fn look(&mut self, question: &Question, evidence: &impl Evidence) -> Decision {
        let before = *self;
        let note = |peak: &mut Peak, null: f64, alternative: Alternative| {
            if peak.is_below(evidence.log_e_at_most(null, alternative)) {
                peak.note(evidence.log_e(null, alternative, 1.0));
            }
        };
        note(&mut self.null, question.null, question.alternative);
        let (below, above) = question.limits();
        if let Some(limit) = below {
            note(&mut self.below, limit, Alternative::Greater);
        }
        if let Some(limit) = above {
            note(&mut self.above, limit, Alternative::Less);
        }
        if *self == before {
            return self.decision;
        }
        if self.decision == Decision::Continue {
            let alpha = question.alpha;
            if self.null.rejects(alpha) {
                self.decision = Decision::AcceptAlternative;
            } else if question.tolerance.is_some()
                && below.is_none_or(|_| self.below.rejects(alpha))
                && above.is_none_or(|_| self.above.rejects(alpha))
            {
                self.decision = Decision::AcceptNull;
            }
        }
        self.decision
    }
}
