//! What every rendering shows of a verdict, as words.

use crate::judge::{Acceptable, Change, Finding, Role, Severity, Status, Verdict, explain};
use crate::number::show::Show;
use crate::options::Measure;

/// The columns of the table that a verdict needs: severity and role only where one is unusual.
pub(super) fn header(verdict: &Verdict) -> Vec<&'static str> {
    let mut header = vec!["check", "outcome", "baseline", "canary", "change", "margin"];
    let any = |is: fn(&Finding) -> bool| verdict.findings.iter().any(is);
    if any(|finding| finding.severity != Severity::default()) {
        header.push("severity");
    }
    if any(|finding| finding.role != Role::default()) {
        header.push("role");
    }
    header
}

/// One line of the table.
pub(super) fn cells(finding: &Finding, header: &[&str]) -> Vec<String> {
    let unit = finding.unit.as_deref();
    let level = |x: Option<f64>| match x {
        Some(x) => explain::level(x, unit),
        None if finding.obstacle.is_some() => "no data".to_owned(),
        None => "–".to_owned(),
    };
    let cell = |column: &&str| match *column {
        "check" => finding.check.clone(),
        "outcome" => outcome(finding),
        "baseline" => level(finding.levels.baseline),
        "canary" => level(finding.levels.canary),
        "change" => change(finding),
        "margin" => margin(finding),
        "severity" => finding.severity.to_string(),
        _ => finding.role.to_string(),
    };
    header.iter().map(cell).collect()
}

/// `FAIL`, and whether that is only a dry run.
pub(super) fn outcome(finding: &Finding) -> String {
    if finding.muted {
        format!("{} (dry run)", finding.status)
    } else {
        finding.status.to_string()
    }
}

/// The change with its interval: `+10.1% [+9.2%, +10.9%]`.
pub(super) fn change(finding: &Finding) -> String {
    let unit = finding.unit.as_deref();
    let Some(Change {
        measure,
        value,
        interval,
    }) = finding.change
    else {
        return "–".to_owned();
    };
    if value.is_nan() {
        return "–".to_owned();
    }
    let ends = interval.map_or((None, None), |interval| {
        explain::bounds(measure, value, interval)
    });
    let value = explain::signed(measure, value, unit);
    match ends {
        (None, None) => value,
        (Some(low), None) => format!("{value} [from {}]", explain::signed(measure, low, unit)),
        (None, Some(high)) => format!("{value} [to {}]", explain::signed(measure, high, unit)),
        (Some(low), Some(high)) => {
            // The unit stands once.
            let unit_of = |text: &str| text.split_once(' ').map(|(_, unit)| unit.to_owned());
            let ends = [low, high].map(|x| {
                let end = explain::signed(measure, x, unit);
                match end.split_once(' ') {
                    Some((number, unit)) if unit_of(&value).as_deref() == Some(unit) => {
                        number.to_owned()
                    }
                    _ => end,
                }
            });
            format!("{value} [{}]", ends.join(", "))
        }
    }
}

/// What is acceptable, as the table has it: `up to +5%`, `at least 99%`, `-5% to +5%`.
pub(super) fn margin(finding: &Finding) -> String {
    let unit = finding.unit.as_deref();
    let Some(Acceptable { low, high }) = finding.acceptable else {
        return "–".to_owned();
    };
    let end = |x: f64| match finding.change {
        // The margin of a curve is a share, not a change.
        Some(_) if is_curve(finding) => explain::level(x, unit),
        Some(change) => explain::signed(change.measure, x, unit),
        None => explain::level(x, unit),
    };
    match (low.is_finite(), high.is_finite()) {
        (true, true) if low == high => end(low),
        (true, true) => format!("{} to {}", end(low), end(high)),
        (true, false) => format!("at least {}", end(low)),
        (false, true) => format!("up to {}", end(high)),
        (false, false) => "–".to_owned(),
    }
}

/// Whether it is about the share of observations that are too much worse: it has no two levels.
fn is_curve(finding: &Finding) -> bool {
    finding.compared.starts_with("share of observations")
}

/// The findings with the worst first: by outcome, then by severity, dry runs last of their kind; else
/// in the policy's order.
pub(super) fn worst_first(verdict: &Verdict) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = verdict.findings.iter().collect();
    findings.sort_by_key(|finding| {
        let outcome = match finding.status {
            Status::Fail => 0,
            Status::Inconclusive => 1,
            Status::Pass => 2,
        };
        (outcome, finding.muted, finding.severity as u8)
    });
    findings
}

/// What to do: `FAIL: roll the canary back.`
pub(super) fn headline(verdict: &Verdict) -> String {
    format!("{}: {}.", verdict.status, verdict.instruction())
}

/// Why, for somebody who has no time: one reason, without statistics.
pub(super) fn because(verdict: &Verdict) -> String {
    let findings = worst_first(verdict);
    let active = || findings.iter().copied().filter(|finding| !finding.muted);
    let with = |status: Status| active().filter(move |finding| finding.status == status);
    let is_quality = |finding: &&Finding| finding.role == Role::Quality;
    let is_open =
        |finding: &Finding| finding.status == Status::Inconclusive && finding.obstacle.is_none();
    let reason = match verdict.status {
        Status::Fail => {
            let mut failed = with(Status::Fail).filter(|finding| !is_quality(finding));
            let first = failed.next().map(compared);
            let others = match failed.count() {
                0 => String::new(),
                1 => ", and 1 other check failed".to_owned(),
                n => format!(", and {n} other checks failed"),
            };
            first.map(|first| format!("{first}{others}"))
        }
        Status::Pass => match (active().count(), with(Status::Pass).count()) {
            (1, 1) => active().next().map(compared),
            (n, passed) if n == passed => {
                Some(format!("In none of {n} checks it is worse than acceptable"))
            }
            (n, passed) => Some(format!(
                "{passed} of {n} checks passed, and nothing else holds it back"
            )),
        },
        Status::Inconclusive => {
            let untrusted = with(Status::Fail).find(is_quality);
            let open = with(Status::Inconclusive).find(|finding| finding.role == Role::Guardrail);
            let open = open.or_else(|| active().find(|finding| finding.status != Status::Pass));
            match (untrusted, open) {
                (Some(finding), _) => {
                    Some(format!("The data cannot be trusted: {}", compared(finding)))
                }
                (None, Some(finding)) if is_open(finding) => {
                    Some(format!("Not certain yet: {}", compared(finding)))
                }
                (None, Some(finding)) => Some(compared(finding)),
                (None, None) => Some(
                    "Every check passed, but it has not been watched for long enough".to_owned(),
                ),
            }
        }
    };
    reason.map_or_else(String::new, |reason| format!("{reason}."))
}

/// The levels of both arms and what is acceptable, without statistics.
fn compared(finding: &Finding) -> String {
    let (check, unit) = (&finding.check, finding.unit.as_deref());
    if let Some(obstacle) = &finding.obstacle {
        return format!("{check} cannot be judged, {obstacle}");
    }
    let level = |x: f64| explain::level(x, unit);
    let allowed = explain::acceptable(finding);
    match (finding.levels.baseline, finding.levels.canary) {
        (_, Some(canary)) if is_curve(finding) => format!(
            "{} of the canary's {} is worse by more than the margin; {} is acceptable",
            level(canary),
            finding.metric,
            margin(finding)
        ),
        (Some(baseline), Some(canary)) => format!(
            "{check} is {} on the canary and {} on the baseline; {allowed} is acceptable",
            level(canary),
            level(baseline)
        ),
        (None, Some(canary)) => {
            format!(
                "{check} is {} on the canary; {allowed} is acceptable",
                level(canary)
            )
        }
        // A condition, or a growth, has no two levels to be shown: its own words.
        _ => {
            let own = finding.sentence.as_str();
            let (first, _) = own.split_once(". ").unwrap_or((own, ""));
            first.trim_end_matches('.').to_owned()
        }
    }
}

/// How many checks decided, without the sentences that stand among the evidence.
pub(super) fn grounds(verdict: &Verdict) -> String {
    let active: Vec<&Finding> = verdict.findings.iter().filter(|one| !one.muted).collect();
    let caveat = explain::caveat(&active).unwrap_or_default();
    let reason = verdict.reason.strip_suffix(caveat.as_str());
    let reason = reason.unwrap_or(&verdict.reason).trim_end();
    let sentences = verdict
        .findings
        .iter()
        .map(|finding| finding.sentence.as_str());
    let cut = sentences
        .filter(|sentence| !sentence.is_empty())
        .find_map(|sentence| reason.strip_suffix(sentence));
    let grounds = cut.unwrap_or(reason).trim_end();
    format!("{grounds} {caveat}").trim_end().to_owned()
}

/// The rule of a finding and what the numbers are worth.
pub(super) fn evidence(finding: &Finding) -> String {
    format!("{}: {}", finding.compared, explain::evidence(finding))
}

/// All points, and those of each group: `71 of 100 points (errors 100, latency 42)`.
pub(super) fn points(verdict: &Verdict) -> Option<String> {
    let score = verdict.score.as_ref()?;
    let groups: Vec<String> = score
        .groups
        .iter()
        .map(|(group, points)| match group.as_str() {
            "" => format!("without a group {}", Show(*points)),
            group => format!("{group} {}", Show(*points)),
        })
        .collect();
    let total = Show(score.total);
    Some(format!("{total} of 100 points ({}).", groups.join(", ")))
}

/// Whom to tell, if anybody.
pub(super) fn notify(verdict: &Verdict) -> Option<String> {
    (!verdict.notify.is_empty()).then(|| format!("To be told: {}.", verdict.notify.join(", ")))
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

/// How a metric stands, by a finding: a sign and a word.
pub(super) fn health(finding: &Finding) -> &'static str {
    match finding.status {
        _ if finding.obstacle.is_some() => "⚠️ No data",
        Status::Inconclusive => "⚠️ Undecided",
        Status::Fail if finding.change.is_some() => "❌ Worse",
        Status::Fail => "❌ Beyond its limit",
        Status::Pass => match towards_better(finding) {
            Some(true) => "✅ Better",
            Some(false) => "✅ Worse, but acceptable",
            None => "✅ Stable",
        },
    }
}

/// Whether all of the change is for the better, or all for the worse; none where neither is sure.
fn towards_better(finding: &Finding) -> Option<bool> {
    let (change, acceptable) = (finding.change?, finding.acceptable?);
    if is_curve(finding) {
        return None;
    }
    let null = Measure::null(change.measure);
    let (low, high) = change
        .interval
        .map_or((change.value, change.value), |interval| {
            (interval.low, interval.high)
        });
    let lower_is_better = match (acceptable.low.is_finite(), acceptable.high.is_finite()) {
        (false, true) => true,
        (true, false) => false,
        _ => return None,
    };
    if high < null {
        Some(lower_is_better)
    } else if low > null {
        Some(!lower_is_better)
    } else {
        None
    }
}
