//! How long a rollout's stage must last, in its users' units.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Model, Power, PowerResult};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::extended;
use crate::number::show::{Given, Show};
use crate::options::{Alternative, Margin};

/// The traffic that both arms share.
///
/// # Example
/// ```
/// use canary_core::{Margin, stats::{Power, Traffic}};
///
/// let traffic = Traffic::new(12_500.0, 0.05)?;
/// let plan = traffic.proportion(&Power::new(), 0.009, Margin::Percent(25.0), 0.8)?;
/// assert_eq!(
///     plan.to_string(),
///     "at 12500 requests/s and 5% canary, to see a 25% rise of a rate of 0.9% with power 0.8 takes \
///      26 s (297825 baseline and 15675 canary requests)"
/// );
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests per second on both arms together.
    pub requests_per_second: f64,
    /// The canary's share of them, in (0, 1).
    pub canary_share: f64,
}

/// How long it takes to see a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The traffic.
    pub traffic: Traffic,
    /// How many requests on each arm, the effect and the power.
    pub needed: PowerResult,
    /// How long that takes.
    #[serde(with = "extended")]
    pub seconds: f64,
    /// What is to be seen, in words.
    pub question: String,
}

impl Traffic {
    /// So many requests per second, of which the canary has this share.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for requests that are not positive and a share outside (0, 1).
    pub fn new(requests_per_second: f64, canary_share: f64) -> Result<Self> {
        if !(requests_per_second > 0.0 && requests_per_second.is_finite()) {
            let rule = "must be positive and finite";
            return Err(Error::option(
                "requests_per_second",
                rule,
                requests_per_second,
            ));
        }
        if !(canary_share > 0.0 && canary_share < 1.0) {
            return Err(Error::option(
                "canary_share",
                "must lie in (0, 1)",
                canary_share,
            ));
        }
        Ok(Self {
            requests_per_second,
            canary_share,
        })
    }

    /// How long until a rise of a proportion, such as an error rate, is seen with this power; a fall
    /// with the alternative `less`. With a goal of non-inferiority or equivalence: until it is shown not to have changed so much.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range.
    pub fn proportion(
        self,
        test: &Power,
        baseline: f64,
        change: Margin,
        power: f64,
    ) -> Result<Plan> {
        let model = Model::Proportions { baseline };
        let of = format!("a rate of {}%", Given(100.0 * baseline));
        self.plan(test, model, baseline, change, power, &of)
    }

    /// How long until a rise of a mean is seen with this power, for values with this standard
    /// deviation; a fall with the alternative `less`.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for what lies outside its range.
    pub fn mean(
        self,
        test: &Power,
        baseline: f64,
        sd: f64,
        change: Margin,
        power: f64,
    ) -> Result<Plan> {
        let model = Model::Means {
            sd: Arms::new(sd, sd),
        };
        let of = format!(
            "a mean of {} (standard deviation {})",
            Given(baseline),
            Given(sd)
        );
        self.plan(test, model, baseline, change, power, &of)
    }

    fn plan(
        self,
        test: &Power,
        model: Model,
        baseline: f64,
        change: Margin,
        power: f64,
        of: &str,
    ) -> Result<Plan> {
        let change = change.check()?;
        let falls = test.alternative == Alternative::Less;
        let bound = if falls {
            change.lower()
        } else {
            change.upper()
        };
        let effect = match change {
            Margin::Difference(_) => bound,
            Margin::Factor(_) | Margin::Percent(_) => (bound - 1.0) * baseline,
        };
        let test = test.share(self.canary_share);
        let (test, effect, verb) = match test.goal {
            super::PowerGoal::Difference => (test, effect, "see"),
            _ => (test.margin(effect), 0.0, "rule out"),
        };
        let needed = test.sample_size(model, effect, power)?;
        let per_second = self.requests_per_second;
        let canary = needed.n.canary / (per_second * self.canary_share);
        let baseline = needed.n.baseline / (per_second * (1.0 - self.canary_share));
        let size = match (change, falls) {
            (Margin::Factor(_), false) => format!("a rise to {change}"),
            (Margin::Factor(factor), true) => format!("a fall to 1/{}", Given(factor)),
            (_, false) => format!("a {change} rise"),
            (_, true) => format!("a {change} fall"),
        };
        Ok(Plan {
            traffic: self,
            needed,
            seconds: canary.max(baseline),
            question: format!("to {verb} {size} of {of} with power {}", Given(power)),
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at {} requests/s and {}% canary, {} takes {} ({} baseline and {} canary requests)",
            Given(self.traffic.requests_per_second),
            Given(100.0 * self.traffic.canary_share),
            self.question,
            Span(self.seconds),
            Show(self.needed.n.baseline),
            Show(self.needed.n.canary)
        )
    }
}

/// A span of time in its two largest units, rounded up: `4 m 10 s`.
struct Span(f64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, f64); 4] = [("d", 86_400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let mut rest = self.0.ceil();
        if rest >= 1e9 * 86_400.0 {
            return write!(f, "{} d", Show(rest / 86_400.0));
        }
        let mut shown = Vec::new();
        for (unit, length) in UNITS {
            let count = (rest / length).floor();
            rest -= count * length;
            if (count > 0.0 || !shown.is_empty()) && shown.len() < 2 {
                shown.push((count, unit));
            }
        }
        if shown.is_empty() {
            return f.write_str("0 s");
        }
        shown.retain(|&(count, _)| count > 0.0);
        let words: Vec<String> = shown
            .iter()
            .map(|(count, unit)| format!("{count} {unit}"))
            .collect();
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fall_is_planned_as_a_rise_is() {
        let traffic = Traffic::new(100.0, 0.5).unwrap();
        let plan = |alternative, change| {
            let test = Power::new().alternative(alternative);
            traffic.mean(&test, 50.0, 20.0, change, 0.8).unwrap()
        };
        let rise = plan(Alternative::Greater, Margin::Percent(10.0));
        let fall = plan(Alternative::Less, Margin::Percent(10.0));
        assert_eq!(rise.needed.n, fall.needed.n);
        assert!(
            fall.question
                .starts_with("to see a 10% fall of a mean of 50")
        );
        let half = plan(Alternative::Less, Margin::Factor(2.0));
        assert!(
            half.question.starts_with("to see a fall to 1/2 of a mean"),
            "{}",
            half.question
        );
        assert_eq!(half.needed.effect, -25.0);
    }

    #[test]
    fn spans_read_like_a_clock() {
        for (seconds, shown) in [
            (0.2, "1 s"),
            (59.0, "59 s"),
            (250.0, "4 m 10 s"),
            (3600.0, "1 h"),
            (90_061.0, "1 d 1 h"),
        ] {
            assert_eq!(Span(seconds).to_string(), shown);
        }
    }
}
