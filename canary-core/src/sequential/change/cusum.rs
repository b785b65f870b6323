use serde::{Deserialize, Serialize};

use super::run_length::{Step, of_normal, of_walk};
use super::{ChangePoint, check_run_length, not_merged};
use crate::data::{Counts, Exposure};
use crate::error::{Error, Result};
use crate::number::extended;
use crate::number::root::crossing;
use crate::options::choice;
use crate::sequential::state::{
    Decision, Design, Monitor, MonitorName, State, Update, Version, check_positive, check_rate,
    checked,
};
use crate::stats::ArmLevel;

choice! {
    /// What a level is the level of.
    ChangeModel("model") {
        /// A probability, of trials that have an event or not.
        Bernoulli = "bernoulli",
        /// A rate, of events in time.
        Poisson = "poisson",
        /// A mean, of values with a known standard deviation.
        Normal = "normal",
    }
}

#[doc = include_str!("../cusum.md")]
///
/// # Defaults
/// An average run length of 1,000,000; a standard deviation of 1.
///
/// # Example: failed requests, from 1% to 2%
/// ```
/// use canary_core::Counts;
/// use canary_core::sequential::{Cusum, Decision, Monitor, Update};
///
/// let mut errors = Cusum::bernoulli(0.01, 0.02).monitor()?;
/// for _ in 0..60 {
///     assert_eq!(errors.update(Counts::new(10, 1_000)?)?, Decision::Continue);
/// }
/// for _ in 0..4 {
///     errors.update(Counts::new(20, 1_000)?)?;
/// }
/// assert_eq!(errors.decision(), Decision::AcceptAlternative);
/// assert_eq!(errors.change_point().start, 60_000.0);
/// assert!(errors.delay() < 3_000.0 && errors.average_run_length() >= 1e6);
/// errors.reset();
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cusum {
    model: ChangeModel,
    before: f64,
    after: f64,
    sd: f64,
    average_run_length: f64,
}

impl Cusum {
    /// Of this model, with the level before a change and the one after it that is looked for.
    #[must_use]
    pub const fn new(model: ChangeModel, before: f64, after: f64) -> Self {
        Self {
            model,
            before,
            after,
            sd: 1.0,
            average_run_length: 1e6,
        }
    }

    /// Of trials with a probability in (0, 1); it takes `bool` and [`Counts`].
    #[must_use]
    pub const fn bernoulli(before: f64, after: f64) -> Self {
        Self::new(ChangeModel::Bernoulli, before, after)
    }

    /// Of events with a rate above 0; it takes [`Exposure`].
    #[must_use]
    pub const fn poisson(before: f64, after: f64) -> Self {
        Self::new(ChangeModel::Poisson, before, after)
    }

    /// Of normal values with a mean and this standard deviation; it takes `f64` and `&[f64]`.
    #[must_use]
    pub const fn normal(before: f64, after: f64, sd: f64) -> Self {
        Self::new(ChangeModel::Normal, before, after).sd(sd)
    }

    /// The standard deviation of normal values; positive.
    #[must_use]
    pub const fn sd(mut self, sd: f64) -> Self {
        self.sd = sd;
        self
    }

    /// How many values, trials or units of time there are at least between false alarms, on
    /// average; from 2 to 1e12.
    #[must_use]
    pub const fn average_run_length(mut self, average_run_length: f64) -> Self {
        self.average_run_length = average_run_length;
        self
    }

    /// A monitor of this design, which has seen nothing. Finds the threshold, in milliseconds.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a level outside its range, levels before and after that are
    /// equal or too near or far to tell, a standard deviation that is not positive, and an average
    /// run length outside [2, 1e12].
    pub fn monitor(self) -> Result<CusumMonitor> {
        self.check()?;
        let run = match self.model {
            ChangeModel::Bernoulli => Lattice::bernoulli(self.before, self.after).run(&self),
            ChangeModel::Poisson => Lattice::poisson(self.before, self.after).run(&self),
            ChangeModel::Normal => self.normal_run(),
        };
        Ok(CusumMonitor {
            version: Version,
            design: self,
            run,
            statistic: 0.0,
            seen: 0.0,
            observations: 0,
            sum: 0.0,
            start: 0.0,
            alarm: None,
        })
    }

    fn normal_run(&self) -> Run {
        let change = ((self.after - self.before) / self.sd).abs();
        // The sum of ±(x - middle)/σ, of which the log likelihood ratio is `change` times as much.
        let middle = 0.5 * change;
        let wanted = self.average_run_length.ln();
        let excess = |height: f64| of_normal(height.max(1e-9), -middle).ln() - wanted;
        let start = ((wanted + (0.5 * change * change).ln()) / change - 1.166).max(0.01);
        let height = start + crossing(|more| excess(start + more), 0.1 * start, start.max(50.0));
        let height = height.max(1e-9);
        Run {
            threshold: change * height,
            average_run_length: of_normal(height, -middle),
            delay: of_normal(height, middle),
        }
    }
}

impl Design for Cusum {
    fn check(&self) -> Result<()> {
        check_run_length(self.average_run_length)?;
        for (argument, level) in [("before", self.before), ("after", self.after)] {
            match self.model {
                ChangeModel::Bernoulli => check_rate(argument, level)?,
                ChangeModel::Poisson => check_positive(argument, level)?,
                ChangeModel::Normal if level.is_finite() => {}
                ChangeModel::Normal => {
                    return Err(Error::option(argument, "must be finite", level));
                }
            }
        }
        check_positive("sd", self.sd)?;
        let (change, least, most, rule) = match self.model {
            ChangeModel::Normal => (
                (self.after - self.before) / self.sd,
                0.01,
                20.0,
                "must be 0.01 to 20 standard deviations from before",
            ),
            ChangeModel::Bernoulli | ChangeModel::Poisson => {
                let ratio = |after: f64, before: f64| (after / before).ln();
                let (mut change, mut most) = (ratio(self.after, self.before).abs(), 20.0);
                if self.model == ChangeModel::Bernoulli {
                    let other = ratio(1.0 - self.after, 1.0 - self.before).abs();
                    most = if other > 20.0 { 0.0 } else { most };
                    change = change.max(other);
                }
                (
                    change,
                    0.0198,
                    most,
                    "must be at least 2 % from before, and comparable",
                )
            }
        };
        if (least..=most).contains(&change.abs()) {
            return Ok(());
        }
        Err(Error::option("after", rule, self.after))
    }
}

/// The threshold, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Run {
    threshold: f64,
    average_run_length: f64,
    delay: f64,
}

/// The sum as a walk of two steps in whole units: that of trials with the likelihood ratios of
/// these very steps, and as fast as the sum itself.
struct Lattice {
    unit: f64,
    /// What is rare or large: its step beside that of the rest.
    large: i64,
    small: i64,
    /// The probability of a large step and how many trials or how much time a step is: before, and
    /// after.
    chains: [Chain; 2],
}

#[derive(Clone, Copy)]
struct Chain {
    probability: f64,
    per_step: f64,
}

/// Steps are 1/64 of the larger one, or finer.
const FINE: f64 = 64.0;

impl Lattice {
    /// `drift`: what the sum gains a trial or a unit of time, before and after.
    fn new(unit: f64, large: i64, small: i64, drift: [f64; 2]) -> Self {
        // A likelihood ratio has the mean 1 before; after, its inverse has.
        let chain = |sign: f64, drift: f64| {
            let step = |by: i64| (sign * unit * by as f64).exp_m1();
            let probability = step(small) / (step(small) - step(large));
            let mean = probability * large as f64 + (1.0 - probability) * small as f64;
            Chain {
                probability,
                per_step: unit * mean / drift,
            }
        };
        let [before, after] = drift;
        Self {
            unit,
            large,
            small,
            chains: [chain(1.0, before), chain(-1.0, after)],
        }
    }

    fn bernoulli(before: f64, after: f64) -> Self {
        let event = (after / before).ln();
        let none = ((1.0 - after) / (1.0 - before)).ln();
        let drift = [before, after].map(|p| p * event + (1.0 - p) * none);
        let (large, small) = if event.abs() >= none.abs() {
            (event, none)
        } else {
            (none, event)
        };
        let ratio = large.abs() / small.abs();
        let sign = if large > 0.0 { 1 } else { -1 };
        if ratio >= FINE {
            return Self::new(large.abs() / FINE, sign * FINE as i64, -sign, drift);
        }
        // The ratio of two whole numbers that is nearest, of those up to 128.
        let nearest = |below: u32| {
            let below = f64::from(below);
            ((ratio * below).round() / below - ratio).abs()
        };
        let below = (1..=(2.0 * FINE / ratio) as u32)
            .min_by(|&a, &b| nearest(a).total_cmp(&(nearest(b) + 1e-12)));
        let below = f64::from(below.unwrap_or(1));
        let large = sign * (ratio * below).round() as i64;
        Self::new(small.abs() / below, large, -sign * below as i64, drift)
    }

    fn poisson(before: f64, after: f64) -> Self {
        let event = (after / before).ln();
        let sign = if event > 0.0 { 1 } else { -1 };
        let drift = [before, after].map(|rate| rate * event - (after - before));
        Self::new(event.abs() / FINE, sign * FINE as i64, -sign, drift)
    }

    fn length(&self, height: usize, chain: Chain) -> f64 {
        let Chain {
            probability,
            per_step,
        } = chain;
        let steps = [
            Step {
                by: self.large,
                probability,
            },
            Step {
                by: self.small,
                probability: 1.0 - probability,
            },
        ];
        per_step * of_walk(height, steps)
    }

    fn run(&self, design: &Cusum) -> Run {
        let [before, after] = self.chains;
        let is_enough = |height: usize| {
            let length = self.length(height, before);
            // Beyond the digits of doubles it is long enough.
            !(length < design.average_run_length && length > 0.0)
        };
        let (mut low, mut high) = (0, 1);
        while !is_enough(high) && high < 1 << 20 {
            (low, high) = (high, 2 * high);
        }
        while high - low > 1 {
            let middle = low.midpoint(high);
            if is_enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Run {
            // Between two points of the lattice, so that no rounding matters.
            threshold: (high as f64 - 0.5) * self.unit,
            average_run_length: self.length(high, before),
            delay: self.length(high, after),
        }
    }
}

/// Watches for a change of level: see [`Cusum`]. Does not merge: the order of the data matters.
///
/// Of its [`State`], `alpha` is one over the average run length: false alarms per value, trial or
/// unit of time; the p-value is 1, for there is none of a watch without an end; and the logarithm
/// of the e-value is the cumulative sum, the likelihood of the likeliest change over that of none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CusumMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: Cusum,
    run: Run,
    #[serde(with = "extended")]
    statistic: f64,
    /// Values, trials or units of time.
    #[serde(with = "extended")]
    seen: f64,
    observations: u64,
    #[serde(with = "extended")]
    sum: f64,
    #[serde(with = "extended")]
    start: f64,
    alarm: Option<f64>,
}

impl CusumMonitor {
    /// Of what model.
    #[must_use]
    pub const fn model(&self) -> ChangeModel {
        self.design.model
    }

    /// The sum at which there is an alarm.
    #[must_use]
    pub const fn threshold(&self) -> f64 {
        self.run.threshold
    }

    /// How many values, trials or units of time there are between false alarms, on average.
    #[must_use]
    pub const fn average_run_length(&self) -> f64 {
        self.run.average_run_length
    }

    /// How many there are until the alarm after the change that is looked for, on average.
    #[must_use]
    pub const fn delay(&self) -> f64 {
        self.run.delay
    }

    /// When the likeliest change came and when the alarm, in values, trials or units of time from
    /// the first on.
    #[must_use]
    pub const fn change_point(&self) -> ChangePoint {
        ChangePoint {
            start: self.start,
            alarm: self.alarm,
        }
    }

    /// Watches for the next change, after an alarm. What was counted stays.
    pub const fn reset(&mut self) {
        self.statistic = 0.0;
        self.start = self.seen;
        self.alarm = None;
    }

    fn of(&self, model: ChangeModel) -> Result<()> {
        if self.design.model == model {
            return Ok(());
        }
        let rule = format!("must be those of the {} model", self.design.model);
        Err(Error::input("data", rule, format_args!("{model} data")))
    }

    fn step(&mut self, log_ratio: f64, seen: f64, observations: u64) {
        let statistic = self.statistic + log_ratio;
        self.seen += seen;
        self.observations = self.observations.saturating_add(observations);
        if statistic > 0.0 {
            self.statistic = statistic;
        } else {
            self.statistic = 0.0;
            self.start = self.seen;
        }
        if self.statistic >= self.run.threshold {
            self.alarm.get_or_insert(self.seen);
        }
    }

    fn trials(&mut self, counts: Counts) {
        let (events, trials) = (counts.events() as f64, counts.trials() as f64);
        let Cusum { before, after, .. } = self.design;
        let event = (after / before).ln();
        let none = ((1.0 - after) / (1.0 - before)).ln();
        self.sum += events;
        self.step(
            events * event + (trials - events) * none,
            trials,
            counts.trials(),
        );
    }

    fn value(&mut self, x: f64) {
        let Cusum {
            before, after, sd, ..
        } = self.design;
        let change = (after - before) / sd;
        self.sum += x;
        self.step(change * ((x - before) / sd - 0.5 * change), 1.0, 1);
    }
}

/// One trial, and whether it had the event.
impl Update<bool> for CusumMonitor {
    fn update(&mut self, event: bool) -> Result<Decision> {
        self.update(Counts::new(event.into(), 1)?)
    }
}

/// Trials since the last update.
impl Update<Counts> for CusumMonitor {
    fn update(&mut self, counts: Counts) -> Result<Decision> {
        self.of(ChangeModel::Bernoulli)?;
        self.trials(counts);
        Ok(self.decision())
    }
}

/// Events since the last update, and in how much time.
impl Update<Exposure> for CusumMonitor {
    fn update(&mut self, exposure: Exposure) -> Result<Decision> {
        self.of(ChangeModel::Poisson)?;
        let Cusum { before, after, .. } = self.design;
        let events = exposure.events() as f64;
        self.sum += events;
        self.step(
            events * (after / before).ln() - exposure.time() * (after - before),
            exposure.time(),
            1,
        );
        Ok(self.decision())
    }
}

/// One value.
impl Update<f64> for CusumMonitor {
    fn update(&mut self, value: f64) -> Result<Decision> {
        self.update([value].as_slice())
    }
}

/// Values in the order in which they came, each of which is a look.
impl Update<&[f64]> for CusumMonitor {
    fn update(&mut self, values: &[f64]) -> Result<Decision> {
        self.of(ChangeModel::Normal)?;
        if let Some((index, x)) = values.iter().enumerate().find(|(_, x)| !x.is_finite()) {
            let got = format!("{x} at index {index}");
            return Err(Error::input("values", "must be finite", got));
        }
        for &x in values {
            self.value(x);
        }
        Ok(self.decision())
    }
}

impl Monitor for CusumMonitor {
    fn state(&self) -> State {
        // As much a unit as since the likeliest change.
        let speed = self.statistic / (self.seen - self.start);
        let missing = self.run.threshold - self.statistic;
        let is_coming = self.alarm.is_none() && speed > 0.0 && speed.is_finite();
        State {
            monitor: MonitorName::Cusum,
            decision: self.decision(),
            alpha: 1.0 / self.run.average_run_length,
            p_value: 1.0,
            log_e_value: self.statistic,
            estimate: None,
            arms: vec![ArmLevel::new(self.observations, self.sum / self.seen)],
            observations: self.observations,
            remaining: is_coming.then(|| (missing / speed).ceil()),
            dependence: None,
        }
    }

    /// [`Decision::AcceptAlternative`] from an alarm until a [reset](Self::reset).
    fn decision(&self) -> Decision {
        match self.alarm {
            Some(_) => Decision::AcceptAlternative,
            None => Decision::Continue,
        }
    }

    /// Always an error.
    fn merge(&mut self, _: &Self) -> Result<()> {
        not_merged()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(design: Cusum) -> Run {
        design.monitor().unwrap().run
    }

    #[test]
    fn the_threshold_keeps_the_run_length() {
        for arl in [100.0, 1e4, 1e6] {
            for design in [
                Cusum::bernoulli(0.01, 0.02),
                Cusum::bernoulli(0.02, 0.01),
                Cusum::bernoulli(0.3, 0.5),
                Cusum::bernoulli(0.9, 0.8),
                Cusum::poisson(4.0, 6.0),
                Cusum::poisson(0.1, 0.05),
                Cusum::normal(10.0, 9.0, 2.0),
                Cusum::normal(0.0, 0.02, 1.0),
            ] {
                let run = run(design.average_run_length(arl));
                assert!(
                    run.average_run_length >= 0.999_999 * arl,
                    "{design:?} {run:?}"
                );
                assert!(run.delay <= run.average_run_length, "{design:?} {run:?}");
                assert!(run.threshold > 0.0);
            }
        }
        // k = 0.5 and h = 5: 930.9 and 10.38 (Lucas and Crosier 1982).
        let run = run(Cusum::normal(0.0, 1.0, 1.0).average_run_length(930.89));
        assert!((run.threshold - 5.0).abs() < 1e-3, "{run:?}");
        assert!((run.delay - 10.38).abs() < 0.01, "{run:?}");
    }

    #[test]
    fn data_of_another_model_are_refused() {
        let mut monitor = Cusum::bernoulli(0.1, 0.2).monitor().unwrap();
        let error = monitor.update(1.0).unwrap_err().to_string();
        assert_eq!(
            error,
            "data: must be those of the bernoulli model, got normal data"
        );
        let mut monitor = Cusum::normal(0.0, 1.0, 1.0).monitor().unwrap();
        assert!(monitor.update([1.0, f64::NAN].as_slice()).is_err());
        assert_eq!(monitor.state().observations, 0);
        assert!(monitor.merge(&monitor.clone()).is_err());
        assert!(Cusum::poisson(1.0, 1.001).monitor().is_err());
        assert!(Cusum::bernoulli(1e-300, 0.5).monitor().is_err());
        assert!(Cusum::normal(0.0, 1.0, 0.0).monitor().is_err());
    }

    #[test]
    fn an_alarm_stands_until_the_reset() {
        let mut monitor = Cusum::normal(0.0, 1.0, 1.0)
            .average_run_length(1e3)
            .monitor()
            .unwrap();
        monitor.update([-1.0; 10].as_slice()).unwrap();
        monitor.update([1.5; 4].as_slice()).unwrap();
        assert_eq!(monitor.decision(), Decision::Continue);
        assert_eq!(monitor.state().remaining, Some(2.0));
        monitor.update([1.5; 2].as_slice()).unwrap();
        monitor.update([-2.0; 20].as_slice()).unwrap();
        assert_eq!(monitor.decision(), Decision::AcceptAlternative);
        assert_eq!(monitor.change_point().alarm, Some(16.0));
        monitor.reset();
        assert_eq!(monitor.decision(), Decision::Continue);
        assert_eq!(monitor.state().observations, 36);
    }
}
