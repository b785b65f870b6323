//! A phase of a rollout: `canary-5-percent: {traffic-split, analysis, thresholds}`.

use serde::Deserialize;

use super::increase;
use super::metrics::{self, ERROR_RATE, LATENCY, REQUESTS, SUCCESS_RATE};
use crate::error::{Error, Result};
use crate::judge::aggregate::Aggregation;
use crate::judge::check::Check;
use crate::judge::condition::{Bound, SampleRatioCondition, TestCondition, Threshold};
use crate::judge::importance::Role;
use crate::judge::policy::Policy;
use crate::judge::statistic::Statistic;
use crate::judge::units::Quantity;
use crate::options::{Confidence, Margin};

/// A phase as it stands in a file.
#[derive(Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "keys and values"
)]
pub(super) struct PhaseDocument {
    #[serde(alias = "traffic_split")]
    traffic_split: Option<SplitDocument>,
    analysis: Option<AnalysisDocument>,
    thresholds: ThresholdsDocument,
}

/// Percent of the traffic.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "keys and values")]
struct SplitDocument {
    baseline: Quantity,
    canary: Quantity,
}

/// How often is looked, and how sure one wants to be.
#[derive(Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "keys and values"
)]
struct AnalysisDocument {
    interval: Option<Quantity>,
    iterations: Option<u64>,
    #[serde(alias = "statistical_significance")]
    statistical_significance: Option<bool>,
    #[serde(alias = "confidence_level")]
    confidence_level: Option<Quantity>,
}

/// What the canary's numbers must not pass.
#[derive(Deserialize)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "keys and values"
)]
struct ThresholdsDocument {
    #[serde(alias = "error_rate_increase")]
    error_rate_increase: Option<Quantity>,
    #[serde(alias = "latency_increase")]
    latency_increase: Option<Quantity>,
    #[serde(alias = "success_rate_min")]
    success_rate_min: Option<Quantity>,
}

impl PhaseDocument {
    /// The policy of a phase whose name says `percent`.
    pub(super) fn read(self, percent: f64) -> Result<Policy> {
        let mut aggregation = Aggregation::default();
        let mut confidence = None;
        if let Some(analysis) = self.analysis {
            aggregation.min_time = analysis.seconds()?.unwrap_or_default();
            confidence = analysis.confidence()?;
        }
        let mut checks = self.thresholds.read(confidence)?;
        if let Some(split) = self.traffic_split {
            checks.push(split.read(percent)?);
        }
        let metrics = metrics::only(checks.iter().flat_map(|check| &check.metrics));
        Policy::new(metrics, checks)?.aggregated(aggregation)
    }
}

impl ThresholdsDocument {
    /// A point comparison for each threshold; and where one wants to be sure, a test with the same margin.
    fn read(self, confidence: Option<Confidence>) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        let mut increase = |key: &str, metric: &str, percentile: Option<f64>, margin: Margin| {
            let threshold = Threshold {
                statistic: percentile.map(Statistic::Percentile),
                bound: Bound::Relative(margin),
            };
            checks.push(Check::new(metric, threshold).named(key));
            if let Some(confidence) = confidence {
                let test = TestCondition {
                    confidence,
                    ..TestCondition::new(margin)
                };
                let test = match percentile {
                    Some(percentile) => test.of_quantile(percentile / 100.0),
                    None => test,
                };
                checks.push(Check::new(metric, test).named(format!("{key} (proved)")));
            }
        };
        if let Some(written) = &self.error_rate_increase {
            let key = "error-rate-increase";
            increase(
                key,
                ERROR_RATE,
                None,
                in_key("thresholds", key, increase::of_error_rate(written))?,
            );
        }
        if let Some(written) = &self.latency_increase {
            let key = "latency-increase";
            let margin = in_key("thresholds", key, increase::of_latency(written))?;
            increase(key, LATENCY, Some(99.0), margin);
        }
        if let Some(written) = self.success_rate_min {
            let key = "success-rate-min";
            let min = in_key("thresholds", key, written.in_unit(None))?;
            if !(0.0..=1.0).contains(&min) {
                let rule = "must lie in [0, 1], as 95% or 0.95 does";
                return Err(Error::option(format!("thresholds.{key}"), rule, written));
            }
            let bound = Bound::Absolute {
                min: Some(min),
                max: None,
            };
            let threshold = Threshold {
                statistic: None,
                bound,
            };
            checks.push(Check::new(SUCCESS_RATE, threshold).named(key));
        }
        if checks.is_empty() {
            let rule = "must have error-rate-increase, latency-increase or success-rate-min";
            return Err(Error::option("thresholds", rule, "none"));
        }
        Ok(checks)
    }
}

impl SplitDocument {
    /// That the traffic splits as it is written, and as the phase is called.
    fn read(self, percent: f64) -> Result<Check> {
        let baseline = in_key("traffic-split", "baseline", self.baseline.percent())?;
        let canary = in_key("traffic-split", "canary", self.canary.percent())?;
        let sum = baseline + canary;
        if (sum - 100.0).abs() > 1e-9 {
            let rule = "baseline and canary must make 100 together";
            return Err(Error::option("traffic-split", rule, sum));
        }
        if (canary - percent).abs() > 1e-9 {
            let rule = format!("must be {percent}, as the phase is called");
            return Err(Error::option("traffic-split.canary", rule, canary));
        }
        let split = SampleRatioCondition::new(canary / 100.0);
        split.check().map_err(|_| {
            Error::option(
                "traffic-split.canary",
                "must leave traffic to both arms",
                canary,
            )
        })?;
        Ok(Check::new(REQUESTS, split)
            .named("traffic-split")
            .role(Role::Quality))
    }
}

impl AnalysisDocument {
    /// For how long is watched: all the looks together.
    fn seconds(&self) -> Result<Option<f64>> {
        match (&self.interval, self.iterations) {
            (None, None) => Ok(None),
            (Some(interval), Some(iterations)) => {
                let seconds = duration("analysis.interval", interval)?;
                if iterations == 0 {
                    return Err(Error::option(
                        "analysis.iterations",
                        "must be at least 1",
                        iterations,
                    ));
                }
                Ok(Some(seconds * iterations as f64))
            }
            (interval, _) => {
                let got = if interval.is_some() {
                    "interval"
                } else {
                    "iterations"
                };
                let rule = "must have interval and iterations, or neither";
                Err(Error::option("analysis", rule, format_args!("only {got}")))
            }
        }
    }

    /// How sure one wants to be; none where no test was asked for.
    fn confidence(&self) -> Result<Option<Confidence>> {
        let key = "confidence-level";
        match (&self.confidence_level, self.statistical_significance) {
            (Some(_), Some(false)) => {
                let rule = "must not stand beside statistical-significance: false";
                Err(Error::option(format!("analysis.{key}"), rule, "both"))
            }
            (Some(level), _) => {
                let level = level.in_unit(None).and_then(Confidence::try_from);
                in_key("analysis", key, level).map(Some)
            }
            (None, Some(true)) => Ok(Some(Confidence::default())),
            (None, Some(false) | None) => Ok(None),
        }
    }
}

/// Seconds of a duration, which must have a unit: 5 may be minutes or seconds.
pub(super) fn duration(place: &str, written: &Quantity) -> Result<f64> {
    let seconds = written.in_unit(Some("s")).ok();
    match seconds.filter(|&seconds| seconds > 0.0 && !written.unit().is_empty()) {
        Some(seconds) => Ok(seconds),
        None => Err(Error::option(
            place,
            "must be a duration with its unit, like 5m",
            written,
        )),
    }
}

fn in_key<T>(block: &str, key: &str, read: Result<T>) -> Result<T> {
    read.map_err(|error| error.in_argument(&format!("{block}.{key}")))
}
