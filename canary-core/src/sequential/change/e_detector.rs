use serde::{Deserialize, Serialize};

use super::{ChangePoint, check_run_length, not_merged};
use crate::data::{Counts, Exposure};
use crate::error::{Error, Result};
use crate::number::extended;
use crate::options::{Alternative, choice};
use crate::sequential::state::{
    Decision, Design, Monitor, MonitorName, State, Update, Version, checked,
};
use crate::stats::ArmLevel;

choice! {
    /// How the evidence for changes at different times is put together.
    #[derive(Default)]
    EDetectorMethod("method") {
        /// Summed over all times.
        #[default]
        ShiryaevRoberts = "shiryaev_roberts",
        /// That for the likeliest time.
        Cusum = "cusum",
    }
}

#[doc = include_str!("../e_detector.md")]
///
/// # Defaults
/// An average run length of 10,000 updates, for a greater level, by Shiryaev and Roberts.
///
/// # Example: the share of failed requests in a service that had 1%
/// ```
/// use canary_core::Counts;
/// use canary_core::sequential::{Decision, EDetector, Monitor, Update};
///
/// let mut errors = EDetector::bounded(0.0, 1.0, 0.01).monitor()?;
/// for _ in 0..60 {
///     assert_eq!(errors.update(Counts::new(10, 1_000)?)?, Decision::Continue);
/// }
/// errors.update(Counts::new(25, 1_000)?)?;
/// assert_eq!(errors.update(Counts::new(25, 1_000)?)?, Decision::AcceptAlternative);
/// assert_eq!(errors.change_point().start, 60.0);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EDetector {
    /// The values' range; none for events in time.
    range: Option<(f64, f64)>,
    before: f64,
    alternative: Alternative,
    method: EDetectorMethod,
    average_run_length: f64,
}

impl EDetector {
    const fn new(range: Option<(f64, f64)>, before: f64) -> Self {
        Self {
            range,
            before,
            alternative: Alternative::Greater,
            method: EDetectorMethod::ShiryaevRoberts,
            average_run_length: 10_000.0,
        }
    }

    /// Of values within [low, high] with this mean before a change; it takes `f64` and `&[f64]`,
    /// and with the range [0, 1] `bool` and [`Counts`].
    #[must_use]
    pub const fn bounded(low: f64, high: f64, before: f64) -> Self {
        Self::new(Some((low, high)), before)
    }

    /// Of events with this rate before a change; it takes [`Exposure`].
    #[must_use]
    pub const fn poisson(before: f64) -> Self {
        Self::new(None, before)
    }

    /// Which change is looked for: to a greater or a lesser level, or both.
    #[must_use]
    pub const fn alternative(mut self, alternative: Alternative) -> Self {
        self.alternative = alternative;
        self
    }

    /// Shiryaev-Roberts or CUSUM.
    #[must_use]
    pub const fn method(mut self, method: EDetectorMethod) -> Self {
        self.method = method;
        self
    }

    /// How many updates there are at least before a false alarm, on average; from 2 to 1e12.
    #[must_use]
    pub const fn average_run_length(mut self, average_run_length: f64) -> Self {
        self.average_run_length = average_run_length;
        self
    }

    /// A monitor of this design, which has seen nothing.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for a range without a width, a level before that is not within it
    /// (not positive, of events), and an average run length outside [2, 1e12].
    pub fn monitor(self) -> Result<EDetectorMonitor> {
        self.check()?;
        Ok(EDetectorMonitor {
            version: Version,
            detectors: self.detectors(),
            design: self,
            updates: 0,
            sum: 0.0,
            seen: 0.0,
            alarm: None,
        })
    }

    /// One for each size of the change.
    fn detectors(&self) -> Vec<Detector> {
        const SIZES: u32 = 16;
        let spread = |low: f64, high: f64| {
            let step = (high / low).ln() / f64::from(SIZES - 1);
            (0..SIZES).map(move |i| low * (step * f64::from(i)).exp())
        };
        let bets = |greater: bool| -> Vec<f64> {
            let sign = if greater { 1.0 } else { -1.0 };
            let Some(range) = self.range else {
                return spread(1.1, 100.0).map(|ratio| sign * ratio.ln()).collect();
            };
            let before = scaled(range, self.before);
            let (m, rest) = if greater {
                (before, 1.0 - before)
            } else {
                (1.0 - before, before)
            };
            spread((0.1 * m / rest).min(0.02), 0.9)
                .map(|part| sign * part / m)
                .collect()
        };
        let sides: &[bool] = match self.alternative {
            Alternative::TwoSided => &[true, false],
            Alternative::Greater => &[true],
            Alternative::Less => &[false],
        };
        let bets = sides.iter().flat_map(|&side| bets(side));
        bets.map(|bet| Detector {
            bet,
            sum: 0.0,
            largest: 0.0,
            start: 0,
        })
        .collect()
    }
}

impl Design for EDetector {
    fn check(&self) -> Result<()> {
        check_run_length(self.average_run_length)?;
        let Some((low, high)) = self.range else {
            if self.before > 1e-100 && self.before < 1e100 {
                return Ok(());
            }
            let rule = "must lie between 1e-100 and 1e100";
            return Err(Error::option("before", rule, self.before));
        };
        if !((high - low).is_finite() && low < high) {
            let rule = "must be greater than low, and both finite";
            return Err(Error::option("high", rule, high));
        }
        let before = scaled((low, high), self.before);
        if before > 1e-12 && before < 1.0 - 1e-12 {
            return Ok(());
        }
        let rule = format!("must lie within ({low}, {high})");
        Err(Error::option("before", rule, self.before))
    }
}

fn scaled((low, high): (f64, f64), x: f64) -> f64 {
    (x - low) / (high - low)
}

/// An e-detector for one size of the change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Detector {
    bet: f64,
    /// Shiryaev and Roberts': over all times.
    #[serde(with = "extended")]
    sum: f64,
    /// Of the likeliest time.
    #[serde(with = "extended")]
    largest: f64,
    /// How many updates were before that time.
    start: u64,
}

/// Beyond it all evidence is the same.
const MOST: f64 = 1e300;

impl Detector {
    fn update(&mut self, e: f64, before: u64) {
        let e = e.min(MOST);
        self.sum = ((self.sum + 1.0) * e).min(MOST);
        if self.largest.max(1.0) <= 1.0 {
            self.largest = 1.0;
            self.start = before;
        }
        self.largest = (self.largest * e).min(MOST);
    }

    const fn evidence(&self, method: EDetectorMethod) -> f64 {
        match method {
            EDetectorMethod::ShiryaevRoberts => self.sum,
            EDetectorMethod::Cusum => self.largest,
        }
    }
}

/// Watches for a change without a model: see [`EDetector`]. Does not merge: the order of the data
/// matters.
///
/// Of its [`State`], `alpha` is one over the average run length: false alarms per update, at most;
/// the p-value is 1, for there is none of a watch without an end; and the e-value is the
/// e-detector's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EDetectorMonitor {
    version: Version,
    #[serde(deserialize_with = "checked")]
    design: EDetector,
    detectors: Vec<Detector>,
    updates: u64,
    #[serde(with = "extended")]
    sum: f64,
    #[serde(with = "extended")]
    seen: f64,
    alarm: Option<f64>,
}

impl EDetectorMonitor {
    /// Whether it takes events in time, rather than values.
    #[must_use]
    pub const fn is_of_events(&self) -> bool {
        self.design.range.is_none()
    }

    /// When the likeliest change came and when the alarm, in updates (values of a slice are one
    /// each) from the first on.
    #[must_use]
    pub fn change_point(&self) -> ChangePoint {
        ChangePoint {
            start: self.likeliest().map_or(0.0, |one| one.start as f64),
            alarm: self.alarm,
        }
    }

    /// Watches for the next change, after an alarm. What was counted stays.
    pub fn reset(&mut self) {
        for detector in &mut self.detectors {
            (detector.sum, detector.largest) = (0.0, 0.0);
            detector.start = self.updates;
        }
        self.alarm = None;
    }

    fn likeliest(&self) -> Option<&Detector> {
        let mut detectors = self.detectors.iter();
        let first = detectors.next()?;
        Some(detectors.fold(first, |best, one| {
            if one.largest > best.largest {
                one
            } else {
                best
            }
        }))
    }

    /// The mean over sizes of the change.
    fn evidence(&self) -> f64 {
        let method = self.design.method;
        let n = self.detectors.len() as f64;
        let parts = self.detectors.iter().map(|one| one.evidence(method) / n);
        parts.sum()
    }

    /// The e-value of what came, of each bet.
    fn look(&mut self, e: impl Fn(f64) -> f64) {
        for detector in &mut self.detectors {
            detector.update(e(detector.bet), self.updates);
        }
        self.updates = self.updates.saturating_add(1);
        if self.alarm.is_none() && self.evidence() >= self.design.average_run_length {
            self.alarm = Some(self.updates as f64);
        }
    }

    fn range(&self) -> Result<(f64, f64)> {
        self.design.range.ok_or_else(|| {
            let rule = "must be events in time";
            Error::input("data", rule, "values of a range")
        })
    }
}

/// Values in the order in which they came, each of which is a look.
impl Update<&[f64]> for EDetectorMonitor {
    fn update(&mut self, values: &[f64]) -> Result<Decision> {
        let (low, high) = self.range()?;
        let is_outside = |x: f64| !(low..=high).contains(&x);
        if let Some((index, x)) = values.iter().enumerate().find(|(_, x)| is_outside(**x)) {
            let rule = format!("must lie within [{low}, {high}]");
            return Err(Error::input(
                "values",
                rule,
                format!("{x} at index {index}"),
            ));
        }
        for &x in values {
            let above = (x - self.design.before) / (high - low);
            self.sum += x;
            self.seen += 1.0;
            self.look(|bet| 1.0 + bet * above);
        }
        Ok(self.decision())
    }
}

/// One value.
impl Update<f64> for EDetectorMonitor {
    fn update(&mut self, value: f64) -> Result<Decision> {
        self.update([value].as_slice())
    }
}

/// One trial, and whether it had the event.
impl Update<bool> for EDetectorMonitor {
    fn update(&mut self, event: bool) -> Result<Decision> {
        self.update(Counts::new(event.into(), 1)?)
    }
}

/// Trials since the last update.
impl Update<Counts> for EDetectorMonitor {
    fn update(&mut self, counts: Counts) -> Result<Decision> {
        if self.range()? != (0.0, 1.0) {
            let rule = "must be values of the range";
            return Err(Error::input("data", rule, "trials, whose range is [0, 1]"));
        }
        let (events, trials) = (counts.events() as f64, counts.trials() as f64);
        let before = self.design.before;
        self.sum += events;
        self.seen += trials;
        self.look(|bet| {
            let event = (bet * (1.0 - before)).ln_1p();
            let none = (-bet * before).ln_1p();
            (events * event + (trials - events) * none).exp()
        });
        Ok(self.decision())
    }
}

/// Events since the last update, and in how much time.
impl Update<Exposure> for EDetectorMonitor {
    fn update(&mut self, exposure: Exposure) -> Result<Decision> {
        if self.design.range.is_some() {
            let rule = "must be values of the range";
            return Err(Error::input("data", rule, "events in time"));
        }
        let events = exposure.events() as f64;
        let expected = exposure.time() * self.design.before;
        self.sum += events;
        self.seen += exposure.time();
        self.look(|log_ratio| (events * log_ratio - expected * log_ratio.exp_m1()).exp());
        Ok(self.decision())
    }
}

impl Monitor for EDetectorMonitor {
    fn state(&self) -> State {
        let log_e_value = self.evidence().ln();
        // As much an update as since the likeliest change.
        let speed = self.likeliest().map_or(0.0, |one| {
            one.largest.ln() / self.updates.saturating_sub(one.start) as f64
        });
        let missing = self.design.average_run_length.ln() - log_e_value;
        let is_coming = self.alarm.is_none() && speed > 0.0 && speed.is_finite();
        let level = self.sum / self.seen;
        State {
            monitor: MonitorName::EDetector,
            decision: self.decision(),
            alpha: 1.0 / self.design.average_run_length,
            p_value: 1.0,
            log_e_value,
            estimate: None,
            arms: vec![ArmLevel::new(self.updates, level)],
            observations: self.updates,
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

    /// With one bet, by hand: M = (M + 1) e and max(M, 1) e.
    #[test]
    fn sums_are_those_of_the_definition() {
        let mut one = Detector {
            bet: 1.0,
            sum: 0.0,
            largest: 0.0,
            start: 0,
        };
        for (before, e) in [0.5, 2.0, 3.0, 0.1, 4.0].into_iter().enumerate() {
            one.update(e, before as u64);
        }
        // 0.5, 3, 12, 1.3, 9.2; 0.5, 2, 6, 0.6, 4
        assert!((one.sum - 9.2).abs() < 1e-12);
        assert_eq!((one.largest, one.start), (4.0, 4));
    }

    #[test]
    fn bets_never_lose_more_than_there_is() {
        for alternative in [
            Alternative::Greater,
            Alternative::Less,
            Alternative::TwoSided,
        ] {
            for before in [1e-6, 0.01, 0.5, 0.999] {
                let design = EDetector::bounded(0.0, 1.0, before).alternative(alternative);
                for one in design.detectors() {
                    let worst = [0.0, 1.0].map(|y| 1.0 + one.bet * (y - before));
                    assert!(worst.iter().all(|&e| e > 0.09), "{before} {one:?}");
                }
            }
        }
    }

    #[test]
    fn trials_at_once_are_one_update() {
        let design = EDetector::bounded(0.0, 1.0, 0.1).alternative(Alternative::TwoSided);
        let mut monitor = design.monitor().unwrap();
        monitor.update(Counts::new(5, 10).unwrap()).unwrap();
        assert_eq!(monitor.state().observations, 1);
        assert!(monitor.update([0.5, 1.5].as_slice()).is_err());
        assert_eq!(monitor.state().observations, 1);
        assert!(monitor.update(Exposure::new(1, 1.0).unwrap()).is_err());
        assert!(monitor.merge(&monitor.clone()).is_err());
        let mut ranged = EDetector::bounded(-1.0, 1.0, 0.0).monitor().unwrap();
        assert!(ranged.update(true).is_err());
    }

    #[test]
    fn an_alarm_names_the_time_of_the_change() {
        let mut monitor = EDetector::poisson(2.0).monitor().unwrap();
        for minute in 0..200 {
            let events = if minute < 150 { 2 } else { 5 };
            monitor.update(Exposure::new(events, 1.0).unwrap()).unwrap();
        }
        let ChangePoint { start, alarm } = monitor.change_point();
        assert!((start - 150.0).abs() < 3.0, "{start}");
        assert!((151.0..160.0).contains(&alarm.unwrap()), "{alarm:?}");
        monitor.reset();
        assert_eq!(monitor.decision(), Decision::Continue);
    }
}
