//! The only function that turns a policy and a snapshot into findings.

use super::anomaly::anomaly;
use super::check::Check;
use super::condition::{Bound, Condition, TestCondition, TestMethod, Threshold};
use super::explain;
use super::finding::{Acceptable, Change, Finding};
use super::policy::Policy;
use super::statistic::Statistic;
use super::verdict::{Status, Verdict};
use crate::anomaly::AnomalyResult;
use crate::data::{Arms, Direction, Observations, Snapshot};
use crate::error::{Error, Result};
use crate::options::{Margin, Measure};
use crate::stats::{MannWhitney, TTest, TestResult, TwoProportionZ, TwoRates};

/// Applies every check of the policy to the snapshot.
///
/// A metric that is missing, or has too few data for its check, gives an INCONCLUSIVE finding that
/// says so; it is never passed over. Metrics that no check looks at are listed in the verdict.
///
/// # Errors
/// [`Error::InvalidInput`] when a check cannot apply to the kind of observations its metric has,
/// such as the p99 of counts.
///
/// # Example: one percentage point more errors
/// ```
/// use canary_core::{Arms, Counts, Policy, Snapshot, Status, judge};
///
/// let policy = Policy::from_json(r#"{
///     "version": 1,
///     "metrics": {"error_rate": {"direction": "increase"}},
///     "checks": [{"metric": "error_rate",
///                 "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}}]
/// }"#)?;
/// let errors = Arms::new(Counts::new(95, 19_000)?, Counts::new(30, 2_000)?);
/// let verdict = judge(&policy, &Snapshot::new().with("error_rate", errors)?)?;
/// assert_eq!(verdict.status, Status::Fail);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn judge(policy: &Policy, snapshot: &Snapshot) -> Result<Verdict> {
    let findings = policy
        .checks()
        .iter()
        .map(|check| finding(check, policy, snapshot))
        .collect::<Result<_>>()?;
    let is_unchecked = |name: &&str| {
        let looks_at = |check: &Check| check.metrics.iter().any(|metric| metric == name);
        !policy.checks().iter().any(looks_at)
    };
    let unchecked = snapshot
        .names()
        .filter(is_unchecked)
        .map(str::to_owned)
        .collect();
    Ok(Verdict::of(
        policy.name().map(str::to_owned),
        findings,
        unchecked,
    ))
}

/// What a condition found out, before it is put into words.
pub(super) struct Evidence {
    /// What was compared.
    pub(super) compared: String,
    pub(super) levels: Arms<Option<f64>>,
    pub(super) change: Option<Change>,
    pub(super) acceptable: Option<Acceptable>,
    pub(super) test: Option<TestResult>,
    pub(super) anomaly: Option<Box<AnomalyResult>>,
    /// Why there is nothing to decide on, where that is so.
    pub(super) obstacle: Option<String>,
}

impl Evidence {
    pub(super) fn of(compared: String) -> Self {
        Self {
            compared,
            levels: Arms::default(),
            change: None,
            acceptable: None,
            test: None,
            anomaly: None,
            obstacle: None,
        }
    }

    pub(super) fn blocked(mut self, obstacle: impl Into<String>) -> Self {
        self.obstacle = Some(obstacle.into());
        self
    }

    /// The range that is held against what is acceptable: the change's interval, the change
    /// itself, or the canary's own number.
    fn range(&self) -> Option<(f64, f64)> {
        match self.change {
            Some(Change {
                interval: Some(interval),
                ..
            }) => Some((interval.low, interval.high)),
            Some(Change { value, .. }) => Some((value, value)),
            None => self.levels.canary.map(|level| (level, level)),
        }
    }

    fn status(&self) -> Status {
        match (&self.obstacle, self.acceptable, self.range()) {
            (None, Some(acceptable), Some((low, high))) => acceptable.decide(low, high),
            _ => Status::Inconclusive,
        }
    }
}

fn finding(check: &Check, policy: &Policy, snapshot: &Snapshot) -> Result<Finding> {
    let first = check.metrics.first().map_or("", String::as_str);
    let metric = policy.metrics().get(first).cloned().unwrap_or_default();
    let nothing = Arms::default();
    let arms = snapshot
        .get(first)
        .unwrap_or(&nothing)
        .as_ref()
        .map(Option::as_ref);
    let is_counts = |o: &Observations| matches!(o, Observations::Counts(_));
    let unit = match check.condition {
        Condition::Anomaly(_) => Some(explain::PROPORTION.to_owned()),
        _ => metric.unit.clone().or_else(|| {
            let mut both = [arms.baseline, arms.canary].into_iter().flatten();
            both.any(is_counts).then(|| explain::PROPORTION.to_owned())
        }),
    };
    let evidence = match &check.condition {
        Condition::Threshold(condition) => threshold(condition, metric.direction, arms),
        Condition::Test(condition) => test(condition, metric.direction, arms),
        Condition::Anomaly(condition) => anomaly(condition, &check.metrics, snapshot),
    }
    .map_err(|error| error.in_argument(&check.metric()))?;
    let sizes = match &evidence.anomaly {
        Some(found) => found.arms.map(|arm| arm.n),
        None => arms.map(|observations| observations.map_or(0, Observations::size)),
    };
    let status = evidence.status();
    let more_needed = (status == Status::Inconclusive)
        .then(|| more_needed(&evidence, sizes.canary))
        .flatten();
    let sentence = explain::sentence(check, unit.as_deref(), status, &evidence, more_needed);
    Ok(Finding {
        check: check.name(),
        metric: check.metric(),
        rule: explain::rule(&check.condition, metric.direction, unit.as_deref()),
        unit,
        status,
        compared: evidence.compared,
        levels: evidence.levels,
        sizes,
        change: evidence.change,
        acceptable: evidence.acceptable,
        test: evidence.test,
        anomaly: evidence.anomaly,
        more_needed,
        sentence,
    })
}

/// Why an arm cannot be compared, if it cannot.
pub(super) fn missing(arms: Arms<bool>) -> Option<&'static str> {
    match (arms.baseline, arms.canary) {
        (true, true) => Some("there are no data of either arm"),
        (true, false) => Some("there are no data of the baseline"),
        (false, true) => Some("there are no data of the canary"),
        (false, false) => None,
    }
}

/// A point comparison.
fn threshold(
    condition: &Threshold,
    direction: Direction,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let statistic = match (condition.statistic, arms.canary.or(arms.baseline)) {
        (Some(statistic), _) => Some(statistic),
        (None, Some(observations)) => {
            Some(Statistic::default_of(observations).ok_or_else(|| {
                let choices = Statistic::choices(observations);
                Error::input(
                    "",
                    format!("a threshold needs a statistic of {choices}"),
                    "none",
                )
            })?)
        }
        (None, None) => None,
    };
    let level = |observations: Option<&Observations>| {
        let (Some(statistic), Some(observations)) = (statistic, observations) else {
            return Ok(None);
        };
        let level = statistic.of(observations).ok_or_else(|| {
            let (kind, choices) = (observations.kind(), Statistic::choices(observations));
            Error::input(
                "",
                format!("a threshold on {kind} needs one of {choices}"),
                statistic,
            )
        })?;
        // An empty histogram or no traffic: there is nothing to compare.
        Ok((!level.is_nan()).then_some(level))
    };
    let compared = match condition.statistic {
        Some(statistic) => format!("{statistic} (point comparison)"),
        None => "point comparison".to_owned(),
    };
    let mut evidence = Evidence::of(compared);
    evidence.levels = Arms::new(level(arms.baseline)?, level(arms.canary)?);
    match condition.bound {
        Bound::Absolute { min, max } => {
            evidence.acceptable = Some(Acceptable {
                low: min.unwrap_or(f64::NEG_INFINITY),
                high: max.unwrap_or(f64::INFINITY),
            });
            let absent = Arms::new(false, evidence.levels.canary.is_none());
            evidence.obstacle = missing(absent).map(str::to_owned);
        }
        Bound::Relative(margin) => {
            evidence.acceptable = Some(acceptable(margin, direction));
            let Arms {
                baseline: Some(baseline),
                canary: Some(canary),
            } = evidence.levels
            else {
                let absent = evidence.levels.map(|level| level.is_none());
                return Ok(evidence.blocked(missing(absent).unwrap_or_default()));
            };
            match change(margin.measure(), baseline, canary) {
                Some(value) => {
                    evidence.change = Some(Change {
                        measure: margin.measure(),
                        value,
                        interval: None,
                    });
                }
                None => {
                    return Ok(evidence.blocked(
                        "a factor or a percentage means nothing from a negative baseline; \
                         state the bound as a difference",
                    ));
                }
            }
        }
    }
    Ok(evidence)
}

/// Canary minus baseline, or canary over baseline: from zero, equal is no change and anything
/// more is an infinite one. No ratio to a negative baseline.
fn change(measure: Measure, baseline: f64, canary: f64) -> Option<f64> {
    match measure {
        Measure::Difference => Some(canary - baseline),
        _ if baseline < 0.0 => None,
        _ if canary == baseline => Some(1.0),
        _ => Some(canary / baseline),
    }
}

fn acceptable(margin: Margin, direction: Direction) -> Acceptable {
    let (low, high) = match direction {
        Direction::Increase => (f64::NEG_INFINITY, margin.upper()),
        Direction::Decrease => (margin.lower(), f64::INFINITY),
        Direction::Either => (margin.lower(), margin.upper()),
    };
    Acceptable { low, high }
}

/// A test whose interval is held against the margin.
fn test(
    condition: &TestCondition,
    direction: Direction,
    arms: Arms<Option<&Observations>>,
) -> Result<Evidence> {
    let method = condition.method;
    let mut evidence = Evidence::of(format!("{} ({})", method.level(), method.title()));
    evidence.acceptable = Some(acceptable(condition.margin, direction));
    let Arms {
        baseline: Some(baseline),
        canary: Some(canary),
    } = arms
    else {
        let absent = arms.map(|observations| observations.is_none());
        return Ok(evidence.blocked(missing(absent).unwrap_or_default()));
    };
    let result = match run(condition, Arms::new(baseline, canary)) {
        Ok(result) => result,
        Err(Trouble::WrongKind(error)) => return Err(error),
        Err(Trouble::NotTestable(error)) => return Ok(evidence.blocked(error.to_string())),
    };
    evidence.levels = result.arms.map(|arm| Some(arm.level));
    evidence.change = result.estimate.as_ref().map(|estimate| Change {
        measure: estimate.measure,
        value: estimate.value,
        interval: Some(estimate.interval),
    });
    evidence.test = Some(result);
    Ok(evidence)
}

/// Why a test gives no result: it can never apply to such observations, or these do not suffice.
enum Trouble {
    WrongKind(Error),
    NotTestable(Error),
}

fn run(condition: &TestCondition, arms: Arms<&Observations>) -> Result<TestResult, Trouble> {
    use Observations::{Counts, Exposure, Sample, Series, Summary};
    let &TestCondition {
        method,
        margin,
        confidence,
    } = condition;
    let (measure, confidence) = (margin.measure(), confidence.get());
    let t_test = TTest::new().measure(measure).confidence(confidence);
    let mann_whitney = MannWhitney::new().measure(measure).confidence(confidence);
    let two_proportion_z = TwoProportionZ::new()
        .measure(measure)
        .confidence(confidence);
    let two_rates = TwoRates::new().measure(measure).confidence(confidence);
    let result = match (method, arms.baseline, arms.canary) {
        (TestMethod::TTest, Sample(b), Sample(c)) => t_test.run(&Arms::new(b, c)),
        (TestMethod::TTest, Series(b), Series(c)) => t_test.run(&Arms::new(b.sample(), c.sample())),
        (TestMethod::TTest, Summary(b), Summary(c)) => t_test.run_summaries(&Arms::new(*b, *c)),
        (TestMethod::MannWhitney, Sample(b), Sample(c)) => {
            mann_whitney.run_samples(&Arms::new(b, c))
        }
        (TestMethod::MannWhitney, Series(b), Series(c)) => {
            mann_whitney.run_samples(&Arms::new(b.sample(), c.sample()))
        }
        (TestMethod::TwoProportionZ, Counts(b), Counts(c)) => {
            two_proportion_z.run(&Arms::new(*b, *c))
        }
        (TestMethod::TwoRates, Exposure(b), Exposure(c)) => two_rates.run(&Arms::new(*b, *c)),
        (_, observations, _) => {
            let rule = match method {
                TestMethod::TTest => "a t-test needs a sample, a series or a summary",
                TestMethod::MannWhitney => "a Mann-Whitney U test needs a sample or a series",
                TestMethod::TwoProportionZ => "a two-proportion z-test needs counts",
                TestMethod::TwoRates => "a test of two rates needs exposures",
            };
            return Err(Trouble::WrongKind(Error::input(
                "",
                rule,
                observations.kind(),
            )));
        }
    };
    result.map_err(Trouble::NotTestable)
}

/// How many more canary observations would bring the interval to one side of the acceptable
/// range's ends, if the change stays as it is: an interval shrinks with the root of the size.
fn more_needed(evidence: &Evidence, canary: u64) -> Option<u64> {
    let (change, acceptable) = (evidence.change?, evidence.acceptable?);
    let interval = change.interval?;
    // Intervals of ratios are symmetric in the logarithm.
    let scale = |x: f64| match change.measure {
        Measure::Difference => x,
        Measure::Ratio | Measure::OddsRatio => x.max(0.0).ln(),
    };
    let value = scale(change.value);
    // By how much the interval must shrink for its end to meet the acceptable range's.
    let shrink = |end: f64, target: f64| (scale(end) - value) / (scale(target) - value);
    let needed = if change.value > acceptable.high {
        shrink(interval.low, acceptable.high)
    } else if change.value < acceptable.low {
        shrink(interval.high, acceptable.low)
    } else {
        let upper = shrink(interval.high, acceptable.high);
        let lower = shrink(interval.low, acceptable.low);
        [upper, lower]
            .into_iter()
            .filter(|s| s.is_finite())
            .fold(f64::NAN, f64::max)
    };
    let more = (canary as f64 * (needed * needed - 1.0)).ceil();
    (more > 0.0 && more < 1e15).then_some(more as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Counts, Gauge, Histogram, Sample, Series};
    use crate::options::NanPolicy;

    /// The finding of one check, given as JSON, on one metric in milliseconds.
    fn judged<T: Into<Observations>>(check: &str, direction: &str, arms: Arms<T>) -> Finding {
        let policy = Policy::from_json(&format!(
            r#"{{"version": 1, "metrics": {{"m": {{"direction": "{direction}", "unit": "ms"}}}},
                "checks": [{{"metric": "m", {check}}}]}}"#
        ));
        let snapshot = Snapshot::new().with("m", arms).unwrap();
        judge(&policy.unwrap(), &snapshot)
            .unwrap()
            .findings
            .remove(0)
    }

    fn gauges(baseline: f64, canary: f64) -> Arms<Gauge> {
        Arms::new(baseline, canary).map(|x| Gauge::new(x).unwrap())
    }

    fn samples(baseline: &[f64], canary: &[f64]) -> Arms<Sample> {
        Arms::new(baseline, canary).map(|x| Sample::new(x.to_vec(), NanPolicy::Raise).unwrap())
    }

    #[test]
    fn relative_thresholds_hold_up_to_and_including_the_bound() {
        for (check, direction, baseline, canary, status) in [
            (
                r#""threshold": {"factor": "2x"}"#,
                "increase",
                100.0,
                200.0,
                Status::Pass,
            ),
            (
                r#""threshold": {"factor": "2x"}"#,
                "increase",
                100.0,
                200.1,
                Status::Fail,
            ),
            (
                r#""threshold": {"factor": "2x"}"#,
                "decrease",
                100.0,
                49.9,
                Status::Fail,
            ),
            (
                r#""threshold": {"factor": "2x"}"#,
                "decrease",
                100.0,
                900.0,
                Status::Pass,
            ),
            (
                r#""threshold": {"percent": "50%"}"#,
                "increase",
                100.0,
                151.0,
                Status::Fail,
            ),
            (
                r#""threshold": {"percent": "50%"}"#,
                "decrease",
                100.0,
                51.0,
                Status::Pass,
            ),
            (
                r#""threshold": {"percent": "50%"}"#,
                "either",
                100.0,
                49.0,
                Status::Fail,
            ),
            (
                r#""threshold": {"difference": "0.02s"}"#,
                "increase",
                100.0,
                120.0,
                Status::Pass,
            ),
            (
                r#""threshold": {"difference": "0.02s"}"#,
                "increase",
                100.0,
                121.0,
                Status::Fail,
            ),
            (
                r#""threshold": {"max": "0.5s"}"#,
                "increase",
                0.0,
                501.0,
                Status::Fail,
            ),
            (
                r#""threshold": {"min": 5, "max": "0.5s"}"#,
                "increase",
                0.0,
                5.0,
                Status::Pass,
            ),
        ] {
            let finding = judged(check, direction, gauges(baseline, canary));
            assert_eq!(finding.status, status, "{check} {direction}: {finding}");
        }
    }

    #[test]
    fn a_zero_baseline_is_no_division_by_zero() {
        let check = r#""threshold": {"percent": "50%"}"#;
        assert_eq!(
            judged(check, "increase", gauges(0.0, 0.0)).status,
            Status::Pass
        );
        let from_zero = judged(check, "increase", gauges(0.0, 0.1));
        assert_eq!(from_zero.status, Status::Fail);
        assert_eq!(from_zero.change.unwrap().value, f64::INFINITY);
        assert!(from_zero.sentence.contains("up from zero"), "{from_zero}");
        let negative = judged(check, "increase", gauges(-1.0, 5.0));
        assert_eq!(negative.status, Status::Inconclusive);
        assert!(
            negative
                .sentence
                .contains("state the bound as a difference")
        );
    }

    #[test]
    fn a_test_has_three_answers() {
        let check = r#""test": {"method": "t_test", "margin": {"percent": "5%"}}"#;
        let noise = |level: f64, n: u32| -> Vec<f64> {
            (0..n)
                .map(|i| level + f64::from(i * 37 % 101) / 10.0)
                .collect()
        };
        for (level, n, status) in [
            (100.0, 1000, Status::Pass),
            (110.0, 1000, Status::Fail),
            (104.5, 20, Status::Inconclusive),
        ] {
            let finding = judged(
                check,
                "increase",
                samples(&noise(100.0, n), &noise(level, n)),
            );
            assert_eq!(finding.status, status, "{finding}");
            assert_eq!(
                finding.more_needed.is_some(),
                status == Status::Inconclusive
            );
        }
    }

    #[test]
    fn as_many_more_observations_as_promised_decide() {
        let check = r#""test": {"method": "two_proportion_z", "margin": {"difference": 0.01}}"#;
        let counts = |scale: u64| {
            Arms::new((50, 10_000), (12, 1_000))
                .map(|(events, trials)| Counts::new(events * scale, trials * scale).unwrap())
        };
        let finding = judged(check, "increase", counts(1));
        assert_eq!(finding.status, Status::Inconclusive);
        let scale = 1 + finding.more_needed.unwrap().div_ceil(1_000);
        assert_ne!(
            judged(check, "increase", counts(scale)).status,
            Status::Inconclusive
        );
    }

    #[test]
    fn what_is_missing_is_said_and_what_is_left_over_listed() {
        let policy = Policy::from_json(
            r#"{"version": 1, "metrics": {"a": {}, "b": {}},
                "checks": [{"metric": "a", "threshold": {"max": 1}},
                           {"metric": "b", "threshold": {"factor": 2}}]}"#,
        )
        .unwrap();
        let mut snapshot = Snapshot::new().with("c", gauges(1.0, 1.0)).unwrap();
        let only_canary = Arms::new(None, Some(Gauge::new(1.0).unwrap().into()));
        snapshot.insert("b", only_canary).unwrap();
        let verdict = judge(&policy, &snapshot).unwrap();
        assert_eq!(verdict.status, Status::Inconclusive);
        assert_eq!(verdict.unchecked, ["c"]);
        let sentences: Vec<_> = verdict
            .findings
            .iter()
            .map(|f| f.sentence.as_str())
            .collect();
        assert_eq!(
            sentences,
            [
                "a cannot be judged: there are no data of the canary.",
                "b cannot be judged: there are no data of the baseline.",
            ]
        );
    }

    #[test]
    fn no_traffic_is_no_data() {
        let check = r#""threshold": {"max": "5%"}"#;
        let policy = format!(
            r#"{{"version": 1, "metrics": {{"m": {{}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
        );
        let none = Arms::new(Counts::new(0, 10).unwrap(), Counts::new(0, 0).unwrap());
        let snapshot = Snapshot::new().with("m", none).unwrap();
        let verdict = judge(&Policy::from_json(&policy).unwrap(), &snapshot).unwrap();
        assert_eq!(verdict.status, Status::Inconclusive);
    }

    #[test]
    fn each_kind_of_observations_offers_its_statistics() {
        let series = |values: &[f64]| {
            let times = (0..values.len()).map(|i| i as f64).collect();
            Series::new(times, values.to_vec(), NanPolicy::Raise).unwrap()
        };
        let leak = Arms::new(series(&[200.0, 201.0]), series(&[200.0, 400.0]));
        let last = r#""threshold": {"statistic": "last", "factor": 1.5}"#;
        assert_eq!(judged(last, "increase", leak).status, Status::Fail);
        let buckets = |slow: f64| {
            Histogram::new(
                &[100.0, 500.0, f64::INFINITY],
                &[100.0 - slow, 100.0, 100.0],
                None,
            )
        };
        let p99 = r#""threshold": {"statistic": "p99", "max": "300ms"}"#;
        let slow = Arms::new(buckets(0.0).unwrap(), buckets(5.0).unwrap());
        assert_eq!(judged(p99, "increase", slow).status, Status::Fail);
    }

    #[test]
    fn a_check_that_cannot_apply_is_an_error() {
        let policy = |check: &str| {
            Policy::from_json(&format!(
                r#"{{"version": 1, "metrics": {{"m": {{}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
            ))
            .unwrap()
        };
        let counts = Arms::new(Counts::new(1, 10).unwrap(), Counts::new(2, 10).unwrap());
        let snapshot = Snapshot::new().with("m", counts).unwrap();
        for (check, message) in [
            (
                r#""threshold": {"statistic": "p99", "max": 1}"#,
                "m: a threshold on counts needs one of rate, count, got p99",
            ),
            (
                r#""test": {"method": "t_test", "margin": {"percent": 5}}"#,
                "m: a t-test needs a sample, a series or a summary, got counts",
            ),
        ] {
            assert_eq!(
                judge(&policy(check), &snapshot).unwrap_err().to_string(),
                message
            );
        }
    }
}
