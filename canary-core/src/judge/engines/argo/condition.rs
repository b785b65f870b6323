//! A measurement's outcome from its conditions.

use super::ArgoMetric;
use super::expression::Expression;
use crate::judge::engines::limits::Outcome;
use crate::judge::engines::reading::EngineReading;

/// What a measurement comes to; why it is an error.
pub(super) fn outcome(metric: &ArgoMetric, reading: &EngineReading) -> Result<Outcome, String> {
    if let EngineReading::Known(outcome) = reading {
        return match outcome {
            Outcome::Error => Err("the query failed".to_owned()),
            outcome => Ok(*outcome),
        };
    }
    let success = holds(metric.success_condition.as_deref(), reading)?;
    let failure = holds(metric.failure_condition.as_deref(), reading)?;
    Ok(match (success, failure) {
        (_, Some(true)) | (Some(false), None) => Outcome::Fail,
        (Some(true) | None, _) => Outcome::Pass,
        (Some(false), Some(false)) => Outcome::Inconclusive,
    })
}

/// Whether a condition is fulfilled, if there is one.
fn holds(condition: Option<&str>, reading: &EngineReading) -> Result<Option<bool>, String> {
    let text = condition.filter(|text| !text.is_empty());
    let holds = text.map(|text| Expression::parse(text)?.is_true_of(reading));
    holds.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::engines::limits::Outcome::{Fail, Inconclusive, Pass};

    fn of(success: Option<&str>, failure: Option<&str>, value: f64) -> Outcome {
        let metric = ArgoMetric {
            success_condition: success.map(str::to_owned),
            failure_condition: failure.map(str::to_owned),
            ..ArgoMetric::default()
        };
        outcome(&metric, &EngineReading::Number(value)).unwrap()
    }

    #[test]
    fn a_nan_fails_passes_or_is_inconclusive_by_which_conditions_there_are() {
        let (good, bad) = (Some("result >= 0.95"), Some("result < 0.9"));
        for (value, neither, only_good, only_bad, both) in [
            (0.99, Pass, Pass, Pass, Pass),
            (0.92, Pass, Fail, Pass, Inconclusive),
            (0.5, Pass, Fail, Fail, Fail),
            (f64::NAN, Pass, Fail, Pass, Inconclusive),
        ] {
            assert_eq!(of(None, None, value), neither);
            assert_eq!(of(good, None, value), only_good);
            assert_eq!(of(None, bad, value), only_bad);
            assert_eq!(of(good, bad, value), both);
        }
        // The failure condition wins.
        assert_eq!(of(Some("true"), Some("true"), 1.0), Fail);
        // An empty condition is none.
        assert_eq!(of(Some(""), bad, 0.5), Fail);
    }

    #[test]
    fn an_error_in_either_condition_is_one_of_the_measurement() {
        for (success, failure) in [("result[0] > 1", "false"), ("true", "result[0] > 1")] {
            let metric = ArgoMetric {
                success_condition: Some(success.to_owned()),
                failure_condition: Some(failure.to_owned()),
                ..ArgoMetric::default()
            };
            let error = outcome(&metric, &EngineReading::Vector(vec![])).unwrap_err();
            assert_eq!(error, "result[0]: the list has 0 values");
        }
    }
}
