use super::result::{ArmLevel, Estimate, Interval, Method, TestName, TestResult};
use super::t_test::power_of_two;
use crate::data::{Arms, Exposure};
use crate::error::{Error, Result};
use crate::number::beta::{self, Point};
use crate::number::density::binomial;
use crate::number::normal;
use crate::number::root::brent;
use crate::options::{Alternative, Confidence, Measure, builder, choice};

choice! {
    /// How two Poisson rates are compared.
    RateMethod("method") {
        /// By the score test and its interval.
        Score = "score",
        /// By the binomial distribution of the canary's events given all events; ratios only.
        Exact = "exact",
    }
}

builder! {
    #[doc = include_str!("two_rates.md")]
    ///
    /// # Defaults
    /// Score, two-sided, confidence 0.95, ratio of rates.
    ///
    /// # Example: restarts per pod-hour
    /// ```
    /// use canary_core::{Arms, Exposure, TwoRates};
    ///
    /// let restarts = Arms::new(Exposure::new(12, 950.0)?, Exposure::new(4, 50.0)?);
    /// let result = TwoRates::new().run(&restarts)?;
    /// let times = result.estimate.unwrap();
    /// assert!((times.value - 6.333).abs() < 1e-3 && times.interval.low > 2.0);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    TwoRates {
        /// Score or exact.
        method: RateMethod = RateMethod::Score,
        /// What is held against the null hypothesis.
        alternative: Alternative = Alternative::TwoSided,
        /// The interval's confidence, in (0, 1).
        confidence: f64 = 0.95,
        /// Whether the estimate is a ratio or a difference of rates.
        measure: Measure = Measure::Ratio,
        /// What the estimate is under the null hypothesis; without it, no difference.
        null: Option<f64> = None,
    }
}

/// Beyond it, not every whole number is a double.
const LARGEST_WHOLE: u64 = 1 << 53;

impl TwoRates {
    /// Runs the test on events in exposures.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a confidence outside (0, 1), a null hypothesis that cannot be,
    /// an odds ratio, an exact difference, and exact for more than 2^53 events; [`Error::InvalidInput`] for a rate that is no finite
    /// number, and times that differ by more than a factor of 1e140.
    pub fn run(&self, arms: &Arms<Exposure>) -> Result<TestResult> {
        let confidence = Confidence::try_from(self.confidence)?;
        let null = self.measure.without_odds()?.null_or(self.null)?;
        if self.method == RateMethod::Exact && self.measure == Measure::Difference {
            let rule = "must be \"ratio\" for the exact method";
            return Err(Error::option("measure", rule, self.measure));
        }
        let all = arms.baseline.events().saturating_add(arms.canary.events());
        if self.method == RateMethod::Exact && all > LARGEST_WHOLE {
            let rule = "must be \"score\" for more than 2^53 events";
            return Err(Error::option("method", rule, self.method));
        }
        let events = arms.map(|arm| arm.events() as f64);
        let (unit, time) = in_a_unit(arms)?;
        // Events per unit of time.
        let null = match self.measure {
            Measure::Difference => null * unit,
            _ => null,
        };
        if !is_moderate(null) {
            let rule = "must be comparable with the rates that can be told apart";
            return Err(Error::option("null", rule, self.null.unwrap_or(null)));
        }
        let rate = events.zip(time).map(|(events, time)| events / time);
        let tail = confidence.tail(self.alternative);
        let statistic = match self.measure {
            Measure::Difference => Rates { events, time }.z(null),
            _ => conditional_z(events, share(time, null)),
        };
        let p_value = match self.method {
            RateMethod::Score => normal::p_value(statistic, self.alternative),
            RateMethod::Exact => exact_p(events, share(time, null), self.alternative),
        };
        let (value, range, ends) = match self.measure {
            Measure::Difference => {
                let ends = Rates { events, time }.interval(normal::quantile(tail));
                let value = (rate.canary - rate.baseline) / unit;
                let ends = (ends.0 / unit, ends.1 / unit);
                (value, (f64::NEG_INFINITY, f64::INFINITY), ends)
            }
            _ => {
                let odds = match self.method {
                    RateMethod::Score => wilson_odds(events, normal::quantile(tail)),
                    RateMethod::Exact => clopper_pearson_odds(events, tail),
                };
                // Next to no confidence is next to no width, which a rounding may exceed.
                let odds = match self.alternative {
                    Alternative::TwoSided => (odds.0.min(odds.1), odds.0.max(odds.1)),
                    Alternative::Greater | Alternative::Less => odds,
                };
                let per = time.baseline / time.canary;
                (
                    ratio(rate),
                    (0.0, f64::INFINITY),
                    (odds.0 * per, odds.1 * per),
                )
            }
        };
        Ok(TestResult {
            test: TestName::TwoRates,
            method: match self.method {
                RateMethod::Score => Method::Score,
                RateMethod::Exact => Method::Exact,
            },
            alternative: self.alternative,
            null: Some(self.null.unwrap_or_else(|| self.measure.null())),
            statistic,
            df: None,
            p_value,
            estimate: Some(Estimate {
                measure: self.measure,
                of: format!("{} of rates", self.measure.title()),
                value,
                interval: Interval::new(ends, range, self.alternative, confidence),
            }),
            effect_sizes: vec![],
            arms: arms.map(|arm| ArmLevel::new(arm.events(), arm.rate())),
        })
    }
}

/// The longer time up to a power of two, and both times in that unit.
fn in_a_unit(arms: &Arms<Exposure>) -> Result<(f64, Arms<f64>)> {
    let time = arms.map(Exposure::time);
    let unit = power_of_two(Arms::new(&[time.baseline], &[time.canary]));
    arms.try_map(|arm, exposure| {
        if !exposure.rate().is_finite() {
            let rule = "must have a rate that is a finite number";
            return Err(Error::input(arm, rule, exposure.rate()));
        }
        let time = exposure.time() / unit;
        if !is_moderate(time.recip()) {
            let rule = "must have a time that is comparable with the other arm's";
            return Err(Error::input(arm, rule, exposure.time()));
        }
        Ok(time)
    })
    .map(|time| (unit, time))
}

/// Whether a product of two such is a number.
fn is_moderate(x: f64) -> bool {
    x.abs() < 1e140
}

/// The canary's share π of all events under a ratio of rates.
fn share(time: Arms<f64>, ratio: f64) -> Point {
    let canary = ratio * time.canary;
    let total = canary + time.baseline;
    Point {
        x: canary / total,
        y: time.baseline / total,
    }
}

fn conditional_z(events: Arms<f64>, share: Point) -> f64 {
    let all = events.baseline + events.canary;
    if all == 0.0 {
        return 0.0;
    }
    // xc - N π without N.
    let above = events.canary * share.y - events.baseline * share.x;
    above / (all * share.x * share.y).sqrt()
}

fn ratio(rate: Arms<f64>) -> f64 {
    if rate.canary == rate.baseline {
        return 1.0;
    }
    rate.canary / rate.baseline
}

/// The binomial test of the canary's share of all events.
pub(super) fn exact_p(events: Arms<f64>, share: Point, alternative: Alternative) -> f64 {
    let flipped = Point {
        x: share.y,
        y: share.x,
    };
    if events.canary > events.baseline {
        // Of the fewer events, which are whole numbers also where all of them are rounded.
        return exact_p(events.swap(), flipped, alternative.opposite());
    }
    let (seen, all) = (events.canary, events.baseline + events.canary);
    let at_least = |k: f64| beta::binomial_sf(k, all, share);
    let at_most = |k: f64| {
        if k >= all {
            1.0
        } else {
            beta::cdf(flipped, all - k, k + 1.0)
        }
    };
    match alternative {
        Alternative::Greater => at_least(seen),
        Alternative::Less => at_most(seen),
        Alternative::TwoSided => {
            let probability = |k: f64| binomial(k, all - k, share.x, share.y);
            let most = probability(seen) * (1.0 + 1e-7);
            let mode = ((all + 1.0) * share.x).floor().clamp(0.0, all);
            if probability(mode) <= most {
                return 1.0;
            }
            // The border of the improbable on the mode's other side, by bisection.
            let (mut improbable, mut probable) = if seen > mode {
                (-1.0, mode)
            } else {
                (all + 1.0, mode)
            };
            while (improbable - probable).abs() > 1.0 {
                let middle = (0.5 * (improbable + probable)).floor();
                if middle == improbable || middle == probable {
                    break; // beyond 2^53, neighbours are further apart than 1
                }
                if probability(middle) <= most {
                    improbable = middle;
                } else {
                    probable = middle;
                }
            }
            let p = if seen > mode {
                at_least(seen)
                    + if improbable < 0.0 {
                        0.0
                    } else {
                        at_most(improbable)
                    }
            } else {
                at_most(seen) + at_least(improbable)
            };
            p.min(1.0)
        }
    }
}

/// Wilson's interval of the canary's share of all events, as odds.
fn wilson_odds(events: Arms<f64>, critical: f64) -> (f64, f64) {
    let all = events.baseline + events.canary;
    if all == 0.0 {
        return (0.0, f64::INFINITY);
    }
    // The share's ends times (N + z²): (x + z²/2) ± z √(x y/N + z²/4), and N + z² less them.
    let z2 = critical * critical;
    let spread = critical * (events.canary * events.baseline / all + 0.25 * z2).sqrt();
    let of = |x: f64, spread: f64| (x + 0.5 * z2 + spread).max(0.0);
    let odds = |spread: f64| {
        // A difference of equals is nothing where nothing was seen.
        let nothing = |x: f64, end: f64, inwards: bool| if x == 0.0 && inwards { 0.0 } else { end };
        let canary = nothing(events.canary, of(events.canary, spread), spread < 0.0);
        let baseline = nothing(events.baseline, of(events.baseline, -spread), spread > 0.0);
        canary / baseline
    };
    (odds(-spread), odds(spread))
}

/// Clopper and Pearson's interval of the canary's share of all events, as odds.
fn clopper_pearson_odds(events: Arms<f64>, tail: f64) -> (f64, f64) {
    let Arms { baseline, canary } = events;
    let low = if canary == 0.0 {
        0.0
    } else {
        let point = beta::quantile(tail, canary, baseline + 1.0);
        point.x / point.y
    };
    let high = if baseline == 0.0 {
        f64::INFINITY
    } else {
        let point = beta::upper_quantile(tail, canary + 1.0, baseline);
        point.x / point.y
    };
    (low, high)
}

/// The squared standard error of a difference of rates, were it this one.
pub(super) fn restricted_variance(events: Arms<f64>, time: Arms<f64>, null: f64) -> f64 {
    Rates { events, time }.variance(null)
}

#[derive(Clone, Copy)]
struct Rates {
    events: Arms<f64>,
    time: Arms<f64>,
}

impl Rates {
    fn difference(self) -> f64 {
        let Self { events, time } = self;
        // Cross-multiplied with the rounding of one product carried along.
        let product = events.baseline * time.canary;
        let rest = (-events.baseline).mul_add(time.canary, product);
        (events.canary.mul_add(time.baseline, -product) + rest) / time.baseline / time.canary
    }

    /// λ̃c/tc + λ̃b/tb at the likeliest rates with λ̃c - λ̃b = δ.
    fn variance(self, delta: f64) -> f64 {
        let Self { events, time } = if delta < 0.0 { self.swap() } else { self };
        let delta = delta.abs();
        // The lower rate: T λ² - (N - T δ) λ - xb δ = 0.
        let total_time = time.baseline + time.canary;
        let all = events.baseline + events.canary;
        let linear = all - total_time * delta;
        let root = (linear * linear + 4.0 * total_time * events.baseline * delta).sqrt();
        let lower = if linear >= 0.0 {
            (linear + root) / (2.0 * total_time)
        } else {
            2.0 * events.baseline * delta / (root - linear)
        };
        lower / time.baseline + (lower + delta) / time.canary
    }

    fn swap(self) -> Self {
        Self {
            events: self.events.swap(),
            time: self.time.swap(),
        }
    }

    fn z(self, null: f64) -> f64 {
        let above = if null == 0.0 {
            self.difference()
        } else {
            self.difference() - null
        };
        if above == 0.0 {
            0.0
        } else {
            above / self.variance(null).sqrt()
        }
    }

    fn interval(self, critical: f64) -> (f64, f64) {
        let difference = self.difference();
        let reach = |rates: Self, estimate: f64| {
            let excess = |w: f64| w - critical.abs() * rates.variance(estimate + w).sqrt();
            let mut high = rates.time.map(f64::recip).canary + rates.time.baseline.recip();
            while excess(high) < 0.0 && high < f64::MAX / 4.0 {
                high *= 2.0;
            }
            let mut low = high;
            while low > 0.0 && excess(low) >= 0.0 {
                (low, high) = (0.5 * low, low);
            }
            brent(excess, low, high)
        };
        let above = reach(self, difference);
        let below = reach(self.swap(), -difference);
        if critical < 0.0 {
            (difference + above, difference - below)
        } else {
            (difference - below, difference + above)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arms(b: (u64, f64), c: (u64, f64)) -> Arms<Exposure> {
        Arms::new(b, c).map(|(events, time)| Exposure::new(events, time).unwrap())
    }

    /// R: `poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878))`, from its own help page.
    #[test]
    fn agrees_with_the_example_of_r() {
        let result = TwoRates::new()
            .method(RateMethod::Exact)
            .run(&arms((21, 3011.0), (11, 800.0)))
            .unwrap();
        assert!(
            (result.p_value - 0.079_67).abs() < 5e-6,
            "{}",
            result.p_value
        );
        let estimate = result.estimate.unwrap();
        assert!((estimate.value - 1.971_488).abs() < 5e-7);
        assert!((estimate.interval.low - 0.858_426_4).abs() < 5e-7);
        assert!((estimate.interval.high - 4.277_265_9).abs() < 5e-6);
    }

    #[test]
    fn nothing_happened_on_either_arm() {
        for method in [RateMethod::Score, RateMethod::Exact] {
            let result = TwoRates::new()
                .method(method)
                .run(&arms((0, 9.0), (0, 1.0)));
            let result = result.unwrap();
            assert_eq!(result.p_value, 1.0);
            let estimate = result.estimate.unwrap();
            assert_eq!(estimate.value, 1.0);
            assert_eq!(
                (estimate.interval.low, estimate.interval.high),
                (0.0, f64::INFINITY)
            );
        }
        let difference = TwoRates::new().measure(Measure::Difference);
        let estimate = difference
            .run(&arms((0, 9.0), (0, 1.0)))
            .unwrap()
            .estimate
            .unwrap();
        assert!(estimate.interval.low < -0.1 && estimate.interval.high > 1.0);
    }

    #[test]
    fn the_interval_of_the_difference_is_what_the_test_does_not_reject() {
        let data = arms((30, 950.0), (4, 50.0));
        let test = TwoRates::new().measure(Measure::Difference);
        let interval = test.run(&data).unwrap().estimate.unwrap().interval;
        for end in [interval.low, interval.high] {
            let p = test.null(Some(end)).run(&data).unwrap().p_value;
            assert!((p - 0.05).abs() < 1e-9, "{end}: {p}");
        }
    }
}
