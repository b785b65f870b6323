//! An `AnalysisRun`: measurements come in, phases come out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition;
use super::{ArgoAnalysis, ArgoMetric};
use crate::error::{Error, Result};
use crate::judge::engines::limits::{Outcome, Tally};
use crate::judge::engines::reading::EngineReading;
use crate::number::version::Version;
use crate::options::choice;

/// How long after an error Argo measures again, whatever the interval.
const RETRY_SECONDS: f64 = 10.0;

choice! {
    /// The state of a measurement, of a metric or of a whole run; from the best to the worst.
    #[derive(PartialOrd, Ord)]
    ArgoPhase("phase") {
        /// As it should be.
        Successful = "Successful",
        /// Not decided yet.
        Running = "Running",
        /// Nothing measured yet.
        Pending = "Pending",
        /// Neither good nor bad: a human decides.
        Inconclusive = "Inconclusive",
        /// It could not be measured.
        Error = "Error",
        /// Not as it should be.
        Failed = "Failed",
    }
}

impl ArgoPhase {
    /// Whether it changes no more.
    #[must_use]
    pub const fn is_completed(self) -> bool {
        !matches!(self, Self::Running | Self::Pending)
    }

    /// Whether it ends the run of its metric.
    const fn ends_the_run(self) -> bool {
        matches!(self, Self::Inconclusive | Self::Error | Self::Failed)
    }

    /// What the rollout does; none while the run is not complete.
    #[must_use]
    pub const fn effect(self) -> Option<ArgoEffect> {
        match self {
            Self::Successful => Some(ArgoEffect::Continue),
            Self::Failed | Self::Error => Some(ArgoEffect::Abort),
            Self::Inconclusive => Some(ArgoEffect::Pause),
            Self::Running | Self::Pending => None,
        }
    }
}

impl From<Outcome> for ArgoPhase {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Successful,
            Outcome::Fail => Self::Failed,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::Error => Self::Error,
        }
    }
}

choice! {
    /// What a completed run makes the rollout do.
    ArgoEffect("effect") {
        /// Go on with the next step.
        Continue = "continue",
        /// Take the canary's traffic away.
        Abort = "abort",
        /// Wait for a human.
        Pause = "pause",
    }
}

/// One measurement that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArgoMeasurement {
    /// Successful, Failed, Inconclusive or Error.
    pub phase: ArgoPhase,
    /// When it was finished, where times were given.
    pub at_seconds: Option<f64>,
    /// What was found.
    pub value: EngineReading,
    /// Why it is an error.
    pub message: Option<String>,
}

/// What is known of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArgoMetricResult {
    /// Its phase; does not change once complete.
    pub phase: ArgoPhase,
    /// Whether it never counts.
    pub dry_run: bool,
    /// All measurements, counted.
    pub tally: Tally,
    /// The last measurements.
    pub measurements: Vec<ArgoMeasurement>,
}

/// A metric after a look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArgoMetricLook {
    /// Its name.
    pub name: String,
    /// What was measured at this look, if it was.
    pub measurement: Option<ArgoMeasurement>,
    /// Its phase; none until the first measurement.
    pub phase: Option<ArgoPhase>,
    /// All its measurements so far, counted.
    pub tally: Tally,
    /// Whether it never counts.
    pub dry_run: bool,
}

/// A run after a look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArgoLook {
    /// When, if times were given.
    pub at_seconds: Option<f64>,
    /// The run's phase.
    pub phase: ArgoPhase,
    /// What the rollout does; none while the run is not complete.
    pub effect: Option<ArgoEffect>,
    /// Why, once the run is complete and not successful.
    pub reason: Option<String>,
    /// The metrics, in the analysis's order.
    pub metrics: Vec<ArgoMetricLook>,
}

/// An `AnalysisRun`: an analysis and what has been measured; plain data, for a restart.
///
/// Each look measures, judges the metrics and judges the run. Where that ends the run early, the
/// controller's next turn, at which the other metrics are closed, is part of the same look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArgoRun {
    version: Version,
    analysis: ArgoAnalysis,
    phase: ArgoPhase,
    reason: Option<String>,
    terminated: bool,
    started_at: Option<f64>,
    results: BTreeMap<String, ArgoMetricResult>,
}

impl ArgoRun {
    /// A run without measurements.
    ///
    /// # Errors
    /// Those of [`ArgoAnalysis::check`]; in Argo, such a run ends as an Error.
    pub fn new(analysis: ArgoAnalysis) -> Result<Self> {
        analysis.check()?;
        Ok(Self {
            version: Version,
            analysis,
            phase: ArgoPhase::Pending,
            reason: None,
            terminated: false,
            started_at: None,
            results: BTreeMap::new(),
        })
    }

    /// What is measured.
    #[must_use]
    pub const fn analysis(&self) -> &ArgoAnalysis {
        &self.analysis
    }

    /// The run's phase.
    #[must_use]
    pub const fn phase(&self) -> ArgoPhase {
        self.phase
    }

    /// What is known of each metric that was measured.
    #[must_use]
    pub const fn results(&self) -> &BTreeMap<String, ArgoMetricResult> {
        &self.results
    }

    /// A look at which everything is due: each metric that has a reading, is not complete and has
    /// not reached its count is measured. Readings of other names are passed over.
    pub fn look(&mut self, readings: &BTreeMap<String, EngineReading>) -> ArgoLook {
        self.take(None, readings)
    }

    /// A look at a time in seconds, at which Argo's schedule decides what is measured: first at the
    /// start (the first look) plus `initialDelay`; then an `interval` after the last measurement,
    /// or 10 s after an error.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a time that is not finite.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::judge::engines::{ArgoAnalysis, ArgoRun, EngineReading};
    ///
    /// let analysis = r#"{"metrics": [{"name": "m", "interval": "1m", "count": 2}]}"#;
    /// let mut run = ArgoRun::new(ArgoAnalysis::from_json(analysis)?)?;
    /// let readings = BTreeMap::from([("m".to_owned(), EngineReading::Number(1.0))]);
    /// let taken: Vec<bool> = [0.0, 30.0, 60.0]
    ///     .map(|t| Ok(run.look_at(t, &readings)?.metrics[0].measurement.is_some()))
    ///     .into_iter()
    ///     .collect::<Result<_, canary_core::Error>>()?;
    /// assert_eq!(taken, [true, false, true]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn look_at(
        &mut self,
        at_seconds: f64,
        readings: &BTreeMap<String, EngineReading>,
    ) -> Result<ArgoLook> {
        if !at_seconds.is_finite() {
            return Err(Error::input("at_seconds", "must be finite", at_seconds));
        }
        self.started_at.get_or_insert(at_seconds);
        Ok(self.take(Some(at_seconds), readings))
    }

    /// Ends the run, as when the rollout has gone on: no more measurements, and what has not failed
    /// until now is Successful, measured or not.
    pub fn terminate(&mut self) -> ArgoLook {
        self.terminated = true;
        self.take(None, &BTreeMap::new())
    }

    fn take(
        &mut self,
        at_seconds: Option<f64>,
        readings: &BTreeMap<String, EngineReading>,
    ) -> ArgoLook {
        let mut taken = BTreeMap::new();
        if !self.phase.is_completed() {
            if !self.is_terminating() {
                taken = self.measure(at_seconds, readings);
            }
            self.assess();
            // The controller's next turn follows at once.
            if !self.phase.is_completed() && self.is_terminating() {
                self.assess();
            }
        }
        self.report(at_seconds, taken)
    }

    fn is_terminating(&self) -> bool {
        let mut counting = self.results.values().filter(|result| !result.dry_run);
        self.terminated || counting.any(|result| result.phase.ends_the_run())
    }

    fn measure(
        &mut self,
        at_seconds: Option<f64>,
        readings: &BTreeMap<String, EngineReading>,
    ) -> BTreeMap<String, ArgoMeasurement> {
        let mut taken = BTreeMap::new();
        for metric in &self.analysis.metrics {
            let Some(value) = readings.get(&metric.name) else {
                continue;
            };
            if !is_due(
                metric,
                self.results.get(&metric.name),
                self.started_at,
                at_seconds,
            ) {
                continue;
            }
            let (outcome, message) = match condition::outcome(metric, value) {
                Ok(outcome) => (outcome, None),
                Err(message) => (Outcome::Error, Some(message)),
            };
            let measurement = ArgoMeasurement {
                phase: outcome.into(),
                at_seconds,
                value: value.clone(),
                message,
            };
            let fresh = || ArgoMetricResult {
                phase: ArgoPhase::Running,
                dry_run: self.analysis.is_dry_run(&metric.name),
                tally: Tally::default(),
                measurements: Vec::new(),
            };
            let result = self
                .results
                .entry(metric.name.clone())
                .or_insert_with(fresh);
            result.tally.count(outcome);
            result.measurements.push(measurement.clone());
            let kept = self.analysis.retained(&metric.name);
            let excess = result.measurements.len().saturating_sub(kept);
            result.measurements.drain(..excess);
            taken.insert(metric.name.clone(), measurement);
        }
        taken
    }

    /// The phases of the metrics, and of the run: the worst, once all are complete.
    fn assess(&mut self) {
        let terminating = self.is_terminating();
        let mut worst = None;
        let mut reason = None;
        let mut all_complete = true;
        for metric in &self.analysis.metrics {
            let Some(result) = self.results.get_mut(&metric.name) else {
                all_complete = false;
                continue;
            };
            let mut why = None;
            if !result.phase.is_completed() {
                (result.phase, why) = assessed(metric, &result.tally, terminating);
            }
            if !result.phase.is_completed() {
                all_complete = false;
            } else if result.dry_run {
                worst.get_or_insert(ArgoPhase::Successful);
            } else {
                let phase = result.phase;
                if worst.is_none_or(|worst| phase > worst) {
                    worst = Some(phase);
                    let why = why.or_else(|| assessed(metric, &result.tally, terminating).1);
                    reason = why.map(|why| format!("{} is {phase}: {why}", metric.name));
                }
            }
        }
        self.phase = match worst {
            None if terminating => ArgoPhase::Successful,
            Some(worst) if all_complete || terminating => worst,
            _ => ArgoPhase::Running,
        };
        if self.phase.ends_the_run() {
            self.reason = reason;
        }
    }

    fn report(
        &self,
        at_seconds: Option<f64>,
        mut taken: BTreeMap<String, ArgoMeasurement>,
    ) -> ArgoLook {
        let metrics = self.analysis.metrics.iter().map(|metric| {
            let result = self.results.get(&metric.name);
            ArgoMetricLook {
                name: metric.name.clone(),
                measurement: taken.remove(&metric.name),
                phase: result.map(|result| result.phase),
                tally: result.map_or_else(Tally::default, |result| result.tally),
                dry_run: self.analysis.is_dry_run(&metric.name),
            }
        });
        ArgoLook {
            at_seconds,
            phase: self.phase,
            effect: self.phase.effect(),
            reason: self.reason.clone(),
            metrics: metrics.collect(),
        }
    }
}

/// A count as Argo's limits are: they may be negative.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn is_due(
    metric: &ArgoMetric,
    result: Option<&ArgoMetricResult>,
    started_at: Option<f64>,
    at_seconds: Option<f64>,
) -> bool {
    let Some((result, last)) = result.and_then(|it| Some((it, it.measurements.last()?))) else {
        return match (started_at, at_seconds) {
            (Some(start), Some(now)) => now >= start + metric.initial_delay_seconds(),
            _ => true,
        };
    };
    let is_enough = |count| signed(result.tally.measured()) >= count;
    if result.phase.is_completed() || metric.effective_count().is_some_and(is_enough) {
        return false;
    }
    let wait = match last.phase {
        ArgoPhase::Error => RETRY_SECONDS,
        _ => metric.interval_seconds().unwrap_or(RETRY_SECONDS),
    };
    match (last.at_seconds, at_seconds) {
        // Argo asks for "after", and wakes a moment later: at the very second is due here.
        (Some(last), Some(now)) => now >= last + wait,
        _ => true,
    }
}

/// A metric's phase, and which limit made it so.
fn assessed(metric: &ArgoMetric, tally: &Tally, terminating: bool) -> (ArgoPhase, Option<String>) {
    let failed = signed(tally.failures);
    let inconclusive = signed(tally.inconclusive);
    let errors = signed(tally.consecutive_errors);
    let failure_limit = metric.failure_limit();
    let limits_failures = failure_limit >= 0;
    let over = |count: i64, what: &str, limit: i64, name: &str| {
        (count > limit).then(|| format!("{count} {what} > {name} {limit}"))
    };
    // Of several, the last one wins: an Error hides an Inconclusive, and that a Failed.
    let mut worst = None;
    if limits_failures && let Some(why) = over(failed, "failed", failure_limit, "failureLimit") {
        worst = Some((ArgoPhase::Failed, why));
    }
    let limit = metric.inconclusive_limit();
    if let Some(why) = over(inconclusive, "inconclusive", limit, "inconclusiveLimit") {
        worst = Some((ArgoPhase::Inconclusive, why));
    }
    let limit = metric.consecutive_error_limit();
    if let Some(why) = over(errors, "errors in a row", limit, "consecutiveErrorLimit") {
        worst = Some((ArgoPhase::Error, why));
    }
    if let Some((phase, why)) = worst {
        return (phase, Some(why));
    }
    let success_limit = metric.consecutive_success_limit();
    let limits_successes = success_limit > 0;
    if limits_successes && signed(tally.consecutive_passes) >= success_limit {
        return (ArgoPhase::Successful, None);
    }
    let is_enough = |count| signed(tally.measured()) >= count;
    if metric.effective_count().is_some_and(is_enough) {
        let why = || format!("count reached without {success_limit} successes in a row");
        return match (limits_failures, limits_successes) {
            (true, true) => (ArgoPhase::Inconclusive, Some(why())),
            (false, true) => (ArgoPhase::Failed, Some(why())),
            _ => (ArgoPhase::Successful, None),
        };
    }
    let phase = match terminating {
        true => ArgoPhase::Successful,
        false => ArgoPhase::Running,
    };
    (phase, None)
}
