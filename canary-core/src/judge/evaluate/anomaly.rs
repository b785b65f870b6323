//! Windows of time that are unlike the rest, by several metrics together.

use super::{Evidence, of_each};
use crate::anomaly::{AnomalousWindows, IsolationForest, Matrix, Missing, WindowBasis};
use crate::data::{Arms, Observations, Series, Snapshot};
use crate::error::{Error, Result};
use crate::judge::condition::AnomalyCondition;
use crate::judge::finding::{Acceptable, Change};
use crate::number::sort;
use crate::options::{Alternative, Measure};

/// Holds the excess of the canary's share of anomalous windows against the margin.
pub(super) fn anomaly(
    condition: &AnomalyCondition,
    metrics: &[String],
    snapshot: &Snapshot,
) -> Result<Evidence> {
    let mut evidence = Evidence::of("anomalous windows (isolation forest)".to_owned());
    evidence.acceptable = Some(Acceptable::at_most(condition.margin));
    let series = match of_each(metrics, snapshot, of_series)? {
        Ok(series) => series,
        Err(absent) => return Ok(evidence.blocked(absent)),
    };
    let (baseline, canary) = (Windows::of(&series.baseline), Windows::of(&series.canary));
    let columns = metrics.len();
    if !(baseline.are_joint(columns) && canary.are_joint(columns)) {
        let obstacle = "in most of the windows one of its metrics was not measured";
        return Ok(evidence.blocked(obstacle));
    }
    let times = Arms::new(baseline.times.as_slice(), canary.times.as_slice());
    let windows = Arms::new(
        Matrix::by_rows(&baseline.values, columns)?,
        Matrix::by_rows(&canary.values, columns)?,
    );
    // A metric that was not scraped at some time is no reason to forget the others.
    let compared = AnomalousWindows::new()
        .forest(IsolationForest::new().missing(Missing::BothWays))
        .contamination(condition.contamination)
        .alternative(Alternative::TwoSided)
        .confidence(condition.confidence.get())
        .run_at(&times, &windows)
        .and_then(|found| found.with_names(metrics));
    let found = match compared {
        Ok(found) => found,
        Err(error) => return Ok(evidence.blocked(error.to_string())),
    };
    evidence.levels = found.arms.map(|arm| Some(arm.level));
    evidence.change = Some(Change {
        measure: Measure::Difference,
        value: found.estimate.value,
        interval: Some(found.estimate.interval),
    });
    let obstacle = match found.dependence.basis {
        WindowBasis::Blocks => None,
        WindowBasis::TooFew => Some("there are too few windows"),
        WindowBasis::TooDependent => {
            Some("its windows depend on those before for too much of the time")
        }
    };
    evidence.obstacle = obstacle.map(str::to_owned);
    evidence.anomaly = Some(Box::new(found));
    Ok(evidence)
}

fn of_series(observations: &Observations) -> Result<&Series> {
    match observations {
        Observations::Series(series) => Ok(series),
        other => {
            let rule = "a search for anomalies needs series";
            Err(Error::input("", rule, other.kind()))
        }
    }
}

/// A row for each time of the metric that was measured least often: of every metric the mean of what
/// was measured nearest to that time, NaN where nothing was within half of the usual step.
struct Windows {
    times: Vec<f64>,
    values: Vec<f64>,
}

impl Windows {
    fn of(series: &[&Series]) -> Self {
        let least_often = series.iter().min_by_key(|series| series.times().len());
        let times = least_often.map_or(Vec::new(), |series| series.times().to_vec());
        let reach = sort::usual_step(&times).map_or(f64::INFINITY, |step| 0.5 * step);
        let columns = series.len();
        let mut values = vec![f64::NAN; times.len() * columns];
        for (column, series) in series.iter().enumerate() {
            let mut means = vec![(0.0, 0.0); times.len()];
            for (&time, &value) in series.times().iter().zip(series.values()) {
                let nearest = nearest(&times, time);
                let distance = times
                    .get(nearest)
                    .map_or(f64::INFINITY, |at| (at - time).abs());
                if let Some((mean, count)) = means.get_mut(nearest).filter(|_| distance <= reach) {
                    *count += 1.0;
                    *mean += (value - *mean) / *count;
                }
            }
            let slots = values.iter_mut().skip(column).step_by(columns);
            for (slot, (mean, count)) in slots.zip(means) {
                if count > 0.0 {
                    *slot = mean;
                }
            }
        }
        Self { times, values }
    }

    /// Whether most windows have every metric.
    fn are_joint(&self, columns: usize) -> bool {
        let rows = self.values.chunks_exact(columns);
        let whole = rows.filter(|row| row.iter().all(|x| !x.is_nan())).count();
        2 * whole >= self.times.len()
    }
}

/// Which of the times, which increase, is the nearest to another.
fn nearest(times: &[f64], time: f64) -> usize {
    let after = times.partition_point(|&at| at < time);
    let distance = |index: usize| {
        times
            .get(index)
            .map_or(f64::INFINITY, |at| (at - time).abs())
    };
    match after.checked_sub(1) {
        Some(before) if distance(before) < distance(after) => before,
        _ => after,
    }
}

#[cfg(test)]
mod tests {
    use crate::judge::{Finding, judge};
    use crate::options::NanPolicy;
    use crate::{Arms, Counts, Policy, Series, Snapshot, Status};

    const CHECK: &str = r#"{"metrics": ["memory", "p99"], "anomaly": {"margin": "10%"}}"#;

    fn policy(check: &str) -> Policy {
        Policy::from_json(&format!(
            r#"{{"version": 1, "metrics": {{"memory": {{}}, "p99": {{}}}}, "checks": [{check}]}}"#
        ))
        .unwrap()
    }

    /// A series that looks random, `more` at every third time.
    fn series(times: std::ops::Range<u32>, seed: u32, more: f64) -> Series {
        let value = |i: u32| {
            let noise = (i + 1).wrapping_mul(2_654_435_761).wrapping_add(seed * 97) >> 16;
            f64::from(noise % 1000) + if i.is_multiple_of(3) { more } else { 0.0 }
        };
        let at = times.clone().map(f64::from).collect();
        Series::new(at, times.map(value).collect(), NanPolicy::Raise).unwrap()
    }

    fn judged(minutes: u32, more: f64) -> Finding {
        let arms = |seed, more| {
            Arms::new(
                series(0..minutes, seed, 0.0),
                series(0..minutes, seed + 5, more),
            )
        };
        let snapshot = Snapshot::new().with("memory", arms(1, more)).unwrap();
        let snapshot = snapshot.with("p99", arms(2, more)).unwrap();
        judge(&policy(CHECK), &snapshot).unwrap().findings.remove(0)
    }

    #[test]
    fn windows_that_are_high_together_fail() {
        let finding = judged(180, 900.0);
        assert_eq!(finding.status, Status::Fail, "{}", finding.sentence);
        assert_eq!(finding.check, "memory, p99 anomalies");
        assert!(finding.p_value().unwrap() < 0.01);
        for words in [
            "anomalous windows of memory, p99 is",
            "together.",
            "percentage points more",
        ] {
            assert!(finding.sentence.contains(words), "{}", finding.sentence);
        }
        let written = serde_json::to_string(&finding).unwrap();
        assert_eq!(serde_json::from_str::<Finding>(&written).unwrap(), finding);
    }

    #[test]
    fn the_same_windows_do_not() {
        assert_eq!(
            judged(400, 0.0).status,
            Status::Pass,
            "{}",
            judged(400, 0.0).sentence
        );
        let few = judged(17, 900.0);
        assert_eq!(few.status, Status::Inconclusive);
        let fewer = judged(10, 900.0);
        assert_eq!(
            fewer.sentence,
            "The share of anomalous windows of memory, p99 cannot be judged: baseline: needs at \
             least 16 windows, got 10."
        );
    }

    #[test]
    fn a_gap_in_one_metric_keeps_the_other() {
        let whole =
            |seed, more| Arms::new(series(0..180, seed, 0.0), series(0..180, seed + 5, more));
        let mut memory = whole(1, 900.0);
        let kept = |i: &usize| !i.is_multiple_of(7);
        let thin = |values: &[f64]| (0..180).filter(kept).map(|i| values[i]).collect();
        memory.baseline = Series::new(
            thin(memory.baseline.times()),
            thin(memory.baseline.values()),
            NanPolicy::Raise,
        )
        .unwrap();
        let snapshot = Snapshot::new().with("memory", memory).unwrap();
        let snapshot = snapshot.with("p99", whole(2, 900.0)).unwrap();
        let finding = &judge(&policy(CHECK), &snapshot).unwrap().findings[0];
        // A window for each time of the metric that was measured less often.
        assert_eq!(finding.sizes, Arms::new(154, 154));
        assert_eq!(finding.status, Status::Fail);
    }

    #[test]
    fn metrics_need_not_be_measured_at_the_same_instants() {
        // p99 comes a quarter of a step later, and four times as often.
        let arms = |seed, more, later: f64, often: u32| {
            Arms::new(0.0, more)
                .zip(Arms::new(seed, seed + 5))
                .map(|(more, seed)| {
                    let slow = series(0..180, seed, more);
                    let times = (0..180 * often).map(|i| f64::from(i) / f64::from(often) + later);
                    let values = (0..180 * often).map(|i| slow.values()[(i / often) as usize]);
                    Series::new(times.collect(), values.collect(), NanPolicy::Raise).unwrap()
                })
        };
        for (later, often) in [(0.25, 1), (-0.3, 4)] {
            let snapshot = Snapshot::new()
                .with("memory", arms(1, 900.0, 0.0, 1))
                .unwrap();
            let snapshot = snapshot.with("p99", arms(2, 900.0, later, often)).unwrap();
            let finding = &judge(&policy(CHECK), &snapshot).unwrap().findings[0];
            assert_eq!(finding.sizes, Arms::new(180, 180));
            assert_eq!(finding.status, Status::Fail, "{}", finding.sentence);
        }
        let apart = Arms::new(series(1000..1180, 2, 0.0), series(1000..1180, 7, 0.0));
        let snapshot = Snapshot::new()
            .with("memory", arms(1, 900.0, 0.0, 1))
            .unwrap();
        let snapshot = snapshot.with("p99", apart).unwrap();
        let finding = &judge(&policy(CHECK), &snapshot).unwrap().findings[0];
        assert_eq!(
            finding.sentence,
            "The share of anomalous windows of memory, p99 cannot be judged: in most of the \
             windows one of its metrics was not measured."
        );
    }

    #[test]
    fn what_cannot_be_searched_is_said() {
        let snapshot = Snapshot::new()
            .with(
                "memory",
                Arms::new(series(0..50, 1, 0.0), series(0..50, 2, 0.0)),
            )
            .unwrap();
        let finding = &judge(&policy(CHECK), &snapshot).unwrap().findings[0];
        assert!(
            finding
                .sentence
                .ends_with("p99: there are no data of either arm.")
        );
        let counts = Counts::new(1, 9).unwrap();
        let snapshot = snapshot.with("p99", Arms::new(counts, counts)).unwrap();
        let finding = &judge(&policy(CHECK), &snapshot).unwrap().findings[0];
        assert!(
            finding
                .sentence
                .ends_with("a search for anomalies needs series, got counts.")
        );
        for (check, message) in [
            (
                r#"{"metrics": ["memory"], "metric": "p99", "anomaly": {"margin": 0}}"#,
                "policy: checks[0].metric: must name a metric or several metrics, got both",
            ),
            (
                r#"{"metrics": ["memory", "p99"], "threshold": {"max": 3}}"#,
                "policy: checks[0].metrics: such a check looks at one metric, got 2",
            ),
            (
                r#"{"metrics": [], "anomaly": {"margin": 0}}"#,
                "policy: checks[0].metrics: needs at least one metric, got 0",
            ),
            (
                r#"{"metric": "p99", "anomaly": {"margin": 5}}"#,
                "policy: checks[0].anomaly.margin: must lie in [0, 1], got 5",
            ),
            (
                r#"{"metric": "p99", "anomaly": {"margin": 0, "contamination": "60%"}}"#,
                "policy: checks[0].anomaly.contamination: must lie in (0, 0.5], got 0.6",
            ),
            (
                r#"{"metric": "p99", "anomaly": {"margin": 0}, "threshold": {"max": 1}}"#,
                "policy: checks[0].p99: must have exactly one kind of rule, such as threshold, test or fail_if, got threshold, anomaly",
            ),
            (
                r#"{"metric": "p99"}"#,
                "policy: checks[0].p99: must have exactly one kind of rule, such as threshold, test or fail_if, got none",
            ),
        ] {
            let text = format!(
                r#"{{"version": 1, "metrics": {{"memory": {{}}, "p99": {{}}}}, "checks": [{check}]}}"#
            );
            assert_eq!(Policy::from_json(&text).unwrap_err().to_string(), message);
        }
        let policy = policy(CHECK);
        assert_eq!(Policy::from_json(&policy.to_json()).unwrap(), policy);
    }
}
