//! A policy in words, for somebody who is to agree to it.

use super::aggregate::{Aggregation, Multiplicity};
use super::check::Check;
use super::condition::{Condition, TestMethod};
use super::engines::Limits;
use super::explain;
use super::importance::{NoData, Role, Severity};
use super::policy::Policy;
use super::verdict::Recommendation;
use crate::data::{Direction, Metric};
use crate::number::show::Given;

impl Policy {
    /// The policy in words: each metric, each check, and how they become a verdict.
    ///
    /// ```
    /// use canary_core::Policy;
    ///
    /// let words = Policy::from_json(r#"{
    ///     "version": 1,
    ///     "metrics": {"latency": {"direction": "increase", "unit": "ms"}},
    ///     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}]
    /// }"#)?.in_words();
    /// assert!(words.starts_with(
    ///     "This policy makes 1 check of 1 metric.\n\n\
    ///      latency, in ms, is worse when it increases.\n\
    ///      - latency p99: p99 at most 2x the baseline, as a point. Its failure asks to roll the canary back."
    /// ), "{words}");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn in_words(&self) -> String {
        let name = self.name().map_or("This policy".to_owned(), |name| {
            format!("The policy \"{name}\"")
        });
        let (checks, metrics) = (self.checks().len(), self.metrics().len());
        let mut lines = vec![format!(
            "{name} makes {} of {}.",
            count(checks as u64, "check"),
            count(metrics as u64, "metric")
        )];
        let mut paragraph = |title: String, checks: Vec<&Check>| {
            if checks.is_empty() {
                return;
            }
            lines.push(String::new());
            lines.push(title);
            for check in checks {
                lines.push(format!("- {}", self.check_in_words(check)));
            }
        };
        for (name, metric) in self.metrics() {
            let of_it = self
                .checks()
                .iter()
                .filter(|check| check.metrics == [name.as_str()]);
            paragraph(self.metric_in_words(name, metric), of_it.collect());
        }
        let together = self
            .checks()
            .iter()
            .filter(|check| check.metrics.len() != 1);
        paragraph("Across metrics:".to_owned(), together.collect());
        lines.push(String::new());
        lines.push("The verdict:".to_owned());
        lines.extend(verdict(self).into_iter().map(|line| format!("- {line}")));
        lines.join("\n")
    }

    fn metric_in_words(&self, name: &str, metric: &Metric) -> String {
        let unit = metric.unit.as_ref();
        let unit = unit.map_or(String::new(), |unit| format!(", in {unit},"));
        let worse = match metric.direction {
            Direction::Increase => "when it increases",
            Direction::Decrease => "when it decreases",
            Direction::Either => "when it changes",
        };
        let made_of = self.formulas().get(name);
        let made_of = made_of.map_or(String::new(), |formula| {
            format!(" It is {}.", formula.as_str())
        });
        format!("{name}{unit} is worse {worse}.{made_of}")
    }

    fn check_in_words(&self, check: &Check) -> String {
        let first = check.metrics.first();
        let metric = first.and_then(|name| self.metrics().get(name));
        let direction = metric.map_or(Direction::default(), |metric| metric.direction);
        let unit = match &check.condition {
            Condition::Anomaly(_) | Condition::SampleRatio(_) | Condition::Missing(_) => {
                Some(explain::PROPORTION)
            }
            Condition::Test(test) if test.method == TestMethod::TwoProportionZ => metric
                .and_then(|metric| metric.unit.as_deref())
                .or(Some(explain::PROPORTION)),
            _ => metric.and_then(|metric| metric.unit.as_deref()),
        };
        let rule = explain::rule(&check.condition, direction, unit);
        let as_a_point = match check.condition {
            Condition::Threshold(_) => ", as a point",
            _ => "",
        };
        let mut sentences = vec![format!("{}: {rule}{as_a_point}.", check.name())];
        if check.muted {
            sentences.push("It is reported and decides nothing.".to_owned());
            return sentences.join(" ");
        }
        sentences.extend(standing(check, self.aggregation()));
        sentences.join(" ")
    }
}

/// `1 check`, `3 checks`.
fn count(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// How much a check counts.
fn standing(check: &Check, aggregation: &Aggregation) -> Vec<String> {
    let mut sentences = Vec::new();
    let action = aggregation.actions.of(check.severity);
    let failure = match (check.role, check.severity, &aggregation.score) {
        (Role::Quality, ..) => "Its failure means that the data cannot be trusted.".to_owned(),
        (_, Severity::Critical, _) | (_, _, None) => match action {
            Recommendation::Continue if check.severity == Severity::Critical => {
                "Its failure fails the canary, whose traffic stays as it is.".to_owned()
            }
            Recommendation::Continue => "Its failure is noted, and changes nothing.".to_owned(),
            action => format!("Its failure asks to {}.", action.sentence()),
        },
        (_, _, Some(_)) => {
            let group = check
                .group
                .as_ref()
                .map_or(String::new(), |group| format!(" of the group {group}"));
            format!("It counts with the weight {}{group}.", Given(check.weight))
        }
    };
    sentences.push(failure);
    if check.severity != Severity::default() {
        sentences.push(format!("Its severity is {}.", check.severity));
    }
    let of_role = match check.role {
        Role::Deterioration => Some(
            "It only must not be proved to be worse: undecided, it does not hold the canary back.",
        ),
        Role::Success => Some("It is what the release is for."),
        Role::Guardrail | Role::Quality => None,
    };
    sentences.extend(of_role.map(str::to_owned));
    if check.min_sample > 0 {
        sentences.push(format!(
            "It needs {} observations of each arm.",
            check.min_sample
        ));
    }
    let without_data = match check.no_data {
        NoData::Pass => Some("Without data it passes."),
        NoData::Fail => Some("Without data it fails."),
        NoData::Error => Some("Without data there is no verdict, but an error."),
        NoData::Inconclusive => None,
    };
    sentences.extend(without_data.map(str::to_owned));
    sentences.extend(under_limits(&check.limits));
    if !check.notify.is_empty() {
        sentences.push(format!(
            "Its failure is told to {}.",
            check.notify.join(", ")
        ));
    }
    sentences
}

/// When a check with limits fails, passes, or is given up, where a rollout is watched.
fn under_limits(limits: &Limits) -> Vec<String> {
    let failures = [
        limits
            .total_failures
            .map(|n| format!("{} in all", count(n, "failure"))),
        limits
            .consecutive_failures
            .map(|n| format!("{} in a row", count(n, "failure"))),
        (limits.failures_in_window).map(|window| {
            let (failures, looks) = (window.failures, window.looks);
            format!(
                "{} among the last {}",
                count(failures, "failure"),
                count(looks, "look")
            )
        }),
        (limits.violation_seconds)
            .map(|seconds| format!("failures for {} seconds", Given(seconds))),
    ];
    let failures: Vec<String> = failures.into_iter().flatten().collect();
    let other = [
        (!failures.is_empty()).then(|| format!("it fails after {}", failures.join(" or "))),
        (limits.consecutive_passes).map(|n| format!("it passes after {} in a row", passes(n))),
        (limits.consecutive_errors).map(|n| {
            format!(
                "it is undecided after {} in a row without data",
                count(n, "look")
            )
        }),
        (limits.total_inconclusive).map(|n| {
            format!(
                "it is undecided after {} that decide nothing",
                count(n, "look")
            )
        }),
    ];
    let other = other.into_iter().flatten();
    other
        .map(|what| format!("Where a rollout is watched, {what}."))
        .collect()
}

fn passes(number: u64) -> String {
    match number {
        1 => "1 pass".to_owned(),
        many => format!("{many} passes"),
    }
}

/// How findings become a verdict, in the order in which it is asked.
fn verdict(policy: &Policy) -> Vec<String> {
    let aggregation = policy.aggregation();
    let active: Vec<&Check> = policy
        .checks()
        .iter()
        .filter(|check| !check.muted)
        .collect();
    if active.is_empty() {
        return vec!["INCONCLUSIVE, always: every check is muted.".to_owned()];
    }
    let has = |role: Role| active.iter().any(|check| check.role == role);
    let mut lines = Vec::new();
    if has(Role::Quality) {
        lines.push("INCONCLUSIVE when a check of the data's quality fails.".to_owned());
    }
    let missing = format!(
        "INCONCLUSIVE when more than {}% of the checks have no data.",
        Given(100.0 * aggregation.missing)
    );
    if let Some(score) = &aggregation.score {
        if active
            .iter()
            .any(|check| check.severity == Severity::Critical)
        {
            lines.push("FAIL when a critical check fails.".to_owned());
        }
        lines.push(missing);
        lines.push(format!("PASS from {} of 100 points on.", Given(score.pass)));
        if score.marginal < score.pass {
            let marginal = Given(score.marginal);
            lines.push(format!(
                "INCONCLUSIVE from {marginal} on, until somebody has looked."
            ));
        }
        lines.push(match aggregation.actions.critical {
            Recommendation::Continue => {
                "FAIL below that; the canary's traffic stays as it is.".to_owned()
            }
            action => format!("FAIL below that, which asks to {}.", action.sentence()),
        });
    } else {
        let acts = |check: &&Check| {
            check.role != Role::Quality
                && (check.severity == Severity::Critical
                    || aggregation.actions.of(check.severity) != Recommendation::Continue)
        };
        if active.iter().any(acts) {
            lines.push("FAIL when a check fails, unless its failure changes nothing.".to_owned());
        }
        lines.push(missing);
        if has(Role::Guardrail) {
            lines.push("INCONCLUSIVE while a guardrail is undecided.".to_owned());
        }
        if has(Role::Success) {
            lines
                .push("INCONCLUSIVE while nothing of what the release is for is shown.".to_owned());
        }
        lines.push("PASS otherwise.".to_owned());
    }
    lines.push(
        match aggregation.multiplicity {
            Multiplicity::Holm => "Failures are corrected for the number of comparisons, by Holm's method.",
            Multiplicity::BenjaminiHochberg => {
                "Failures are corrected for the number of comparisons, by Benjamini and Hochberg's method."
            }
            Multiplicity::None => "The number of comparisons is not allowed for.",
        }
        .to_owned(),
    );
    if aggregation.min_time > 0.0 {
        lines.push(format!(
            "A rollout passes after {} seconds at the earliest.",
            Given(aggregation.min_time)
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(checks: &str, verdict: &str) -> String {
        let text = format!(
            r#"{{"version": 1, "name": "shop", "metrics": {{"errors": {{}}, "sold": {{"direction": "decrease"}}}},
                "checks": [{checks}], "verdict": {{{verdict}}}}}"#
        );
        Policy::from_json(&text).unwrap().in_words()
    }

    #[test]
    fn a_policy_reads_as_prose() {
        let text = words(
            r#"{"metric": "errors", "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}},
                "severity": "critical", "min_sample": 500, "notify": ["shop-team"]},
               {"metric": "sold", "standard": {}, "role": "success", "no_data": "fail"},
               {"metric": "sold", "missing": {"max": "10%"}, "role": "quality"},
               {"metrics": ["errors", "sold"], "anomaly": {"margin": "10%"}, "muted": true}"#,
            "",
        );
        let expected = "The policy \"shop\" makes 4 checks of 2 metrics.\n\
            \n\
            errors is worse when it increases.\n\
            - errors rate: rate at most 0.25 percentage points above the baseline, with 95% confidence. \
            Its failure asks to roll the canary back. Its severity is critical. It needs 500 observations of each arm. Its failure \
            is told to shop-team.\n\
            \n\
            sold is worse when it decreases.\n\
            - sold: worse in no way that can be measured. Its failure asks to roll the canary back. It is \
            what the release is for. Without data it fails.\n\
            - sold missing: at most 10% missing of either arm. Its failure means that the data cannot be \
            trusted.\n\
            \n\
            Across metrics:\n\
            - errors, sold anomalies: share of anomalous windows at most 10 percentage points above the \
            baseline, with 95% confidence. It is reported and decides nothing.\n\
            \n\
            The verdict:\n\
            - INCONCLUSIVE when a check of the data's quality fails.\n\
            - FAIL when a check fails, unless its failure changes nothing.\n\
            - INCONCLUSIVE when more than 50% of the checks have no data.\n\
            - INCONCLUSIVE while a guardrail is undecided.\n\
            - INCONCLUSIVE while nothing of what the release is for is shown.\n\
            - PASS otherwise.\n\
            - Failures are corrected for the number of comparisons, by Holm's method.";
        assert_eq!(text, expected);
    }

    #[test]
    fn points_and_dry_runs_are_told() {
        let text = words(
            r#"{"metric": "sold", "standard": {}, "group": "money", "weight": 2}"#,
            r#""score": {"pass": 95, "marginal": 75}, "multiplicity": "none", "min_time": "10m""#,
        );
        for words in [
            "It counts with the weight 2 of the group money.",
            "PASS from 95 of 100 points on.",
            "INCONCLUSIVE from 75 on, until somebody has looked.",
            "The number of comparisons is not allowed for.",
            "A rollout passes after 600 seconds at the earliest.",
        ] {
            assert!(text.contains(words), "{text}");
        }
        let text = words(
            r#"{"metric": "sold", "threshold": {"max": 1}, "severity": "low", "role": "deterioration", "no_data": "pass",
                "limits": {"consecutive_failures": 3, "failures_in_window": {"failures": 2, "looks": 5}, "duration": "5m",
                           "consecutive_passes": 2, "consecutive_errors": 1}}"#,
            "",
        );
        for words in [
            "Its failure is noted, and changes nothing. Its severity is low. It only must not be proved to be worse",
            "Without data it passes.",
            "Where a rollout is watched, it fails after 3 failures in a row or 2 failures among the last 5 looks or \
             failures for 300 seconds.",
            "Where a rollout is watched, it passes after 2 passes in a row.",
            "Where a rollout is watched, it is undecided after 1 look in a row without data.",
        ] {
            assert!(text.contains(words), "{text}");
        }
        let muted = words(r#"{"metric": "sold", "standard": {}, "muted": true}"#, "");
        assert!(
            muted.ends_with("INCONCLUSIVE, always: every check is muted."),
            "{muted}"
        );
    }
}
