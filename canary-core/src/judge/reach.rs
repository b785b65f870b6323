//! Limits that nothing can reach, and such as nothing can keep: both are slips, and no check.

use super::condition::{
    Bound, Condition, FairnessCondition, TestCondition, TestGoal, TestMethod, Threshold,
};
use super::statistic::Statistic;
use crate::data::Direction;
use crate::error::{Error, Result};
use crate::options::Margin;

/// All there is: a metric cannot fall by more, nor a share differ by more.
const ALL: f64 = 1.0;

impl Condition {
    /// That it can pass and can fail, of a metric that gets worse in this direction; else which key is wrong.
    pub(super) fn check_reach(&self, direction: Direction) -> Result<()> {
        match self {
            Self::Threshold(threshold) => threshold.check_reach(direction),
            Self::Test(test) => test.check_reach(direction),
            Self::Distribution(curve) => {
                falls_by_less("distribution.margin", curve.margin, direction)
            }
            Self::Standard(standard) => match standard.margin {
                Some(margin) => falls_by_less("standard.margin", margin, direction),
                None => Ok(()),
            },
            Self::Fairness(fairness) => fairness.check_reach(),
            Self::Anomaly(anomaly) if anomaly.margin >= ALL => {
                let rule = "must be less than 1, or it can never fail";
                Err(Error::option("anomaly.margin", rule, anomaly.margin))
            }
            // Growth over a long time may be more than all there is; the others are checked where they are read.
            Self::Trend(_)
            | Self::Anomaly(_)
            | Self::SampleRatio(_)
            | Self::Missing(_)
            | Self::Expression(_) => Ok(()),
        }
    }
}

impl Threshold {
    fn check_reach(&self, direction: Direction) -> Result<()> {
        let (min, max) = match self.bound {
            Bound::Relative(margin) => return falls_by_less("threshold", margin, direction),
            Bound::Absolute { min, max } => (min, max),
        };
        for (key, limit) in [("threshold.min", min), ("threshold.max", max)] {
            if let Some(limit) = limit
                && !limit.is_finite()
            {
                return Err(Error::option(key, "must be finite", limit));
            }
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let rule = format!("must be at most max, {max}, or it always fails");
            return Err(Error::option("threshold.min", rule, min));
        }
        let is_never_negative = matches!(
            self.statistic,
            Some(Statistic::Rate | Statistic::Count | Statistic::Stddev)
        );
        match (min, max) {
            (_, Some(max)) if is_never_negative && max < 0.0 => {
                let rule = "must be at least 0, or it always fails";
                Err(Error::option("threshold.max", rule, max))
            }
            (Some(min), None) if is_never_negative && min <= 0.0 => {
                let rule = "must be more than 0, or it can never fail";
                Err(Error::option("threshold.min", rule, min))
            }
            _ => Ok(()),
        }
    }
}

impl TestCondition {
    fn check_reach(&self, direction: Direction) -> Result<()> {
        match (self.goal, direction) {
            // More spread is worse, whichever way the metric gets worse.
            _ if self.method == TestMethod::Spread => Ok(()),
            (TestGoal::NonInferiority, direction) => {
                falls_by_less("test.margin", self.margin, direction)
            }
            // To be better is to fall.
            (TestGoal::Superiority, Direction::Increase) => match self.margin {
                Margin::Percent(percent) if percent >= 100.0 * ALL => {
                    let rule = "must be less than 100%, or it can never pass: a metric that is better by \
                                less cannot fall by all of it";
                    Err(Error::option("test.margin.percent", rule, shown(percent)))
                }
                _ => Ok(()),
            },
            (TestGoal::Superiority | TestGoal::Equivalence, _) => Ok(()),
        }
    }
}

impl FairnessCondition {
    fn check_reach(&self) -> Result<()> {
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            let rule = format!("must be at most max, {max}, or it always fails");
            return Err(Error::option("fairness.min", rule, min));
        }
        match (
            self.min.filter(|&min| min > 0.0),
            self.max.filter(|&max| max < ALL),
        ) {
            (None, None) => {
                let (key, got) = match self.max {
                    Some(max) => ("fairness.max", max),
                    None => ("fairness.min", self.min.unwrap_or_default()),
                };
                let rule =
                    "must be less than 1 for a max and more than 0 for a min, or it can never fail";
                Err(Error::option(key, rule, got))
            }
            _ => Ok(()),
        }
    }
}

/// A metric that is better by more cannot get worse by all there is of it.
fn falls_by_less(key: &str, margin: Margin, direction: Direction) -> Result<()> {
    match (margin, direction) {
        (Margin::Percent(percent), Direction::Decrease) if percent >= 100.0 * ALL => {
            let rule = "must be less than 100%, or it can never fail: the metric gets worse when it \
                        decreases, and cannot fall by more than all of it";
            Err(Error::option(
                format!("{key}.percent"),
                rule,
                shown(percent),
            ))
        }
        _ => Ok(()),
    }
}

fn shown(percent: f64) -> String {
    format!("{percent}%")
}

#[cfg(test)]
mod tests {
    use crate::judge::Policy;

    fn read(direction: &str, check: &str) -> Result<Policy, String> {
        let text = format!(
            r#"{{"version": 1, "metrics": {{"m": {{"direction": "{direction}"}}, "n": {{}}}}, "checks": [{check}]}}"#
        );
        Policy::from_json(&text).map_err(|error| error.to_string())
    }

    #[test]
    fn what_can_never_fail_or_always_does_is_refused_with_its_key_and_value() {
        for (direction, check, key, got) in [
            (
                "decrease",
                r#"{"metric": "m", "threshold": {"percent": "100%"}}"#,
                "threshold.percent",
                "got 100%",
            ),
            (
                "decrease",
                r#"{"metric": "m", "test": {"margin": {"percent": 150}}}"#,
                "test.margin.percent",
                "got 150%",
            ),
            (
                "decrease",
                r#"{"metric": "m", "standard": {"margin": {"percent": 100}}}"#,
                "standard.margin.percent",
                "got 100%",
            ),
            (
                "decrease",
                r#"{"metric": "m", "distribution": {"margin": {"percent": 100}}}"#,
                "distribution.margin.percent",
                "got 100%",
            ),
            (
                "increase",
                r#"{"metric": "m", "superiority": {"margin": {"percent": 100}}}"#,
                "test.margin.percent",
                "got 100%",
            ),
            (
                "increase",
                r#"{"metric": "m", "threshold": {"min": 5, "max": 2}}"#,
                "threshold.min",
                "must be at most max, 2, or it always fails, got 5",
            ),
            (
                "increase",
                r#"{"metric": "m", "threshold": {"statistic": "count", "max": -1}}"#,
                "threshold.max",
                "got -1",
            ),
            (
                "increase",
                r#"{"metric": "m", "threshold": {"statistic": "stddev", "min": 0}}"#,
                "threshold.min",
                "got 0",
            ),
            (
                "increase",
                r#"{"metrics": ["m", "n"], "fairness": {"notion": "demographic_parity", "max": 1}}"#,
                "fairness.max",
                "got 1",
            ),
            (
                "increase",
                r#"{"metrics": ["m", "n"], "fairness": {"notion": "disparate_impact", "min": 0}}"#,
                "fairness.min",
                "got 0",
            ),
            (
                "increase",
                r#"{"metrics": ["m", "n"], "fairness": {"notion": "disparate_impact", "min": 0.9, "max": 0.5}}"#,
                "fairness.min",
                "got 0.9",
            ),
            (
                "increase",
                r#"{"metrics": ["m", "n"], "anomaly": {"margin": 1}}"#,
                "anomaly.margin",
                "got 1",
            ),
        ] {
            let error = read(direction, check).unwrap_err();
            assert!(error.contains(&format!("checks[0].{key}: ")), "{error}");
            assert!(error.contains(got), "{error}");
        }
    }

    #[test]
    fn what_can_be_reached_is_read() {
        for (direction, check) in [
            (
                "increase",
                r#"{"metric": "m", "threshold": {"percent": "100%"}}"#,
            ),
            (
                "either",
                r#"{"metric": "m", "threshold": {"percent": "100%"}}"#,
            ),
            (
                "decrease",
                r#"{"metric": "m", "threshold": {"factor": 10}}"#,
            ),
            (
                "decrease",
                r#"{"metric": "m", "threshold": {"percent": "99%"}}"#,
            ),
            (
                "decrease",
                r#"{"metric": "m", "superiority": {"margin": {"percent": 200}}}"#,
            ),
            (
                "decrease",
                r#"{"metric": "m", "test": {"method": "spread", "margin": {"percent": 100}}}"#,
            ),
            (
                "increase",
                r#"{"metric": "m", "threshold": {"min": 2, "max": 2}}"#,
            ),
        ] {
            assert!(read(direction, check).is_ok(), "{check}");
        }
    }
}
