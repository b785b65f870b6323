//! What every rendering shows of a finding, as words.

use crate::judge::{Change, Finding, Verdict, explain};

/// The table's header.
pub(super) const HEADER: [&str; 6] = ["check", "outcome", "baseline", "canary", "change", "rule"];

/// One line of the table.
pub(super) fn cells(finding: &Finding) -> [String; 6] {
    let unit = finding.unit.as_deref();
    let level =
        |x: Option<f64>| x.map_or_else(|| "no data".to_owned(), |x| explain::level(x, unit));
    let change = match finding.change {
        None => "–".to_owned(),
        Some(Change {
            measure,
            value,
            interval,
        }) => {
            let value = explain::signed(measure, value, unit);
            match interval {
                None => value,
                Some(interval) => {
                    let end = |x| explain::signed(measure, x, unit);
                    format!("{value} [{}, {}]", end(interval.low), end(interval.high))
                }
            }
        }
    };
    [
        finding.check.clone(),
        finding.status.to_string(),
        level(finding.levels.baseline),
        level(finding.levels.canary),
        change,
        finding.rule.clone(),
    ]
}

/// The first line: `FAIL: roll back`.
pub(super) fn headline(verdict: &Verdict) -> String {
    format!("{}: {}", verdict.status, verdict.recommendation.sentence())
}

/// What was measured but not judged, if anything.
pub(super) fn unchecked(verdict: &Verdict) -> Option<String> {
    (!verdict.unchecked.is_empty()).then(|| {
        format!(
            "Measured, but no check looks at it: {}.",
            verdict.unchecked.join(", ")
        )
    })
}
