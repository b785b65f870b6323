//! A verdict as the message that a team sends around while a rollout goes on.

use super::markdown::{escape, row, rule};
use super::report::Report;
use super::rows;
use crate::judge::{FlipKind, Recommendation, Status};

pub(super) fn render(report: &Report<'_>) -> String {
    let sections = [
        title(report),
        section("Current Status", &status(report)),
        section("Metrics Summary", &metrics(report)),
        section("Key Findings", &bullets(&findings(report))),
        section("Next Steps", &bullets(&next_steps(report))),
        section("Rollback Plan", &bullets(&rollback_plan(report))),
    ];
    sections.join("\n\n") + "\n"
}

fn section(title: &str, lines: &[String]) -> String {
    format!("## {title}\n{}", lines.join("\n"))
}

fn bullets(lines: &[String]) -> Vec<String> {
    lines
        .iter()
        .map(|line| format!("- {}", escape(line)))
        .collect()
}

/// `# Canary Rollout Update - checkout - 1 May`.
fn title(report: &Report<'_>) -> String {
    let context = &report.context;
    let named = [&context.system, &context.date].into_iter().flatten();
    let named: String = named.map(|name| format!(" - {}", escape(name))).collect();
    format!("# Canary Rollout Update{named}")
}

fn status(report: &Report<'_>) -> Vec<String> {
    let health = match report.verdict.status {
        Status::Pass => "✅ Healthy",
        Status::Fail => "❌ Unhealthy",
        Status::Inconclusive => "⚠️ Not decided yet",
    };
    let context = &report.context;
    let lines = [
        ("Phase", context.phase.clone()),
        ("Traffic Split", report.traffic()),
        ("Duration", context.duration.clone()),
        ("Health", Some(health.to_owned())),
    ];
    let known = lines
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?)));
    known
        .map(|(name, text)| format!("- **{name}:** {}", escape(&text)))
        .collect()
}

fn metrics(report: &Report<'_>) -> Vec<String> {
    let header = ["Metric", "Canary", "Baseline", "Change", "Status"];
    let mut lines = vec![row(&header), rule(header.len())];
    let columns = ["check", "canary", "baseline", "change"];
    lines.extend(
        rows::worst_first(report.verdict)
            .into_iter()
            .map(|finding| {
                let mut cells = rows::cells(finding, &columns);
                let dry_run = if finding.muted { " (dry run)" } else { "" };
                cells.push(format!("{}{dry_run}", rows::health(finding)));
                row(&cells)
            }),
    );
    lines
}

fn findings(report: &Report<'_>) -> Vec<String> {
    let verdict = report.verdict;
    let mut lines = vec![rows::because(verdict), rows::grounds(verdict)];
    let not_passed = rows::worst_first(verdict).into_iter();
    let not_passed = not_passed.filter(|finding| finding.status != Status::Pass);
    lines.extend(not_passed.map(|finding| {
        let dry_run = if finding.muted { "Dry run: " } else { "" };
        format!("{dry_run}{}", finding.sentence)
    }));
    lines.extend(rows::points(verdict));
    lines.extend(rows::unchecked(verdict));
    lines.push(format!("Recommendation: {}.", verdict.instruction()));
    lines.retain(|line| !line.is_empty());
    lines
}

fn next_steps(report: &Report<'_>) -> Vec<String> {
    let verdict = report.verdict;
    let mut lines: Vec<String> = written(report.context.next_steps.as_deref());
    if lines.is_empty() {
        lines.push(first_upper(&format!("{}.", verdict.instruction())));
    }
    let flips = report.flips.unwrap_or_default().iter();
    lines.extend(
        flips
            .filter(|flip| flip.what == FlipKind::MoreData)
            .map(|flip| flip.sentence.clone()),
    );
    lines.extend(rows::notify(verdict));
    lines
}

fn rollback_plan(report: &Report<'_>) -> Vec<String> {
    let mut lines = written(report.context.rollback_plan.as_deref());
    if lines.is_empty() {
        lines.push(
            match report.verdict.recommendation {
                Recommendation::Rollback => "Take all traffic away from the canary now.",
                _ => "Take all traffic away from the canary as soon as a verdict is FAIL.",
            }
            .to_owned(),
        );
    }
    lines
}

/// The lines that somebody wrote.
fn written(text: Option<&str>) -> Vec<String> {
    let lines = text.unwrap_or_default().lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn first_upper(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}
