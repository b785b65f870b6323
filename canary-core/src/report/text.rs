//! A verdict for a terminal or a log.

use super::report::Report;
use super::rows;
use crate::judge::{Finding, Status, Verdict};

/// What stands over the changes that flip a verdict.
pub(super) const CHANGES: &str = "What would change the verdict";

/// Whether to use the terminal's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// No control characters: for files and pipes.
    #[default]
    Plain,
    /// ANSI colours.
    Colour,
}

impl Style {
    fn paint(self, text: &str, code: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    fn status(self, status: Status, text: &str) -> String {
        let code = match status {
            Status::Pass => "1;32",
            Status::Fail => "1;31",
            Status::Inconclusive => "1;33",
        };
        self.paint(text, code)
    }
}

/// The verdict in words: what to do and why, a table of all checks, and each one's evidence.
/// [`Report`] adds what would change it.
///
/// ```
/// # use canary_core::{Arms, Gauge, Policy, Snapshot, judge};
/// use canary_core::report::{Style, text};
/// # let policy = Policy::from_json(r#"{"version": 1, "metrics": {"cpu": {"unit": "%"}},
/// #   "checks": [{"metric": "cpu", "threshold": {"max": "70%"}}]}"#)?;
/// # let snapshot = Snapshot::new().with("cpu", Arms::new(Gauge::new(40.0)?, Gauge::new(52.0)?))?;
/// let verdict = judge(&policy, &snapshot)?;
/// assert!(text(&verdict, Style::Plain).starts_with("PASS: promote the canary. cpu is 52% "));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[must_use]
pub fn text(verdict: &Verdict, style: Style) -> String {
    Report::new(verdict).text(style)
}

pub(super) fn render(report: &Report<'_>, style: Style) -> String {
    let verdict = report.verdict;
    let headline = style.status(verdict.status, &rows::headline(verdict));
    let mut lines = vec![format!("{headline} {}", clean(&rows::because(verdict)))];
    lines.extend(report.place().map(|place| style.paint(&clean(&place), "2")));
    lines.push(clean(&rows::grounds(verdict)));
    lines.push(String::new());
    let findings = rows::worst_first(verdict);
    lines.extend(table(verdict, &findings, style));
    for finding in findings {
        lines.push(String::new());
        let status = style.status(finding.status, &rows::outcome(finding));
        let check = style.paint(&clean(&finding.check), "1");
        lines.push(format!("{status} {check}: {}", clean(&finding.rule)));
        lines.push(format!("  {}", clean(&finding.sentence)));
        let evidence = format!("  {}", clean(&rows::evidence(finding)));
        lines.push(style.paint(&evidence, "2"));
    }
    let rest = [
        rows::points(verdict),
        rows::notify(verdict),
        rows::unchecked(verdict),
    ];
    let rest: Vec<String> = rest
        .into_iter()
        .flatten()
        .map(|line| clean(&line))
        .collect();
    if !rest.is_empty() {
        lines.push(String::new());
        lines.extend(rest);
    }
    let changes = report.changes();
    if !changes.is_empty() {
        lines.extend([String::new(), style.paint(&format!("{CHANGES}:"), "1")]);
        lines.extend(changes.iter().map(|change| format!("  {}", clean(change))));
    }
    lines.join("\n")
}

fn table(verdict: &Verdict, findings: &[&Finding], style: Style) -> Vec<String> {
    let columns = rows::header(verdict);
    let header: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
    let cells = findings.iter().map(|finding| {
        let cells = rows::cells(finding, &columns);
        cells.iter().map(|cell| clean(cell)).collect()
    });
    let cells: Vec<Vec<String>> = cells.collect();
    let length = |cell: &String| cell.chars().count();
    let mut widths: Vec<usize> = header.iter().map(length).collect();
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(length(cell));
        }
    }
    // Paint after padding: control characters have no width.
    let line = |row: &[String], status: Option<Status>| {
        let padded = row.iter().zip(&widths).zip(&columns);
        let padded = padded.map(|((cell, width), column)| {
            let padding = " ".repeat(width.saturating_sub(length(cell)));
            match status.filter(|_| *column == "outcome") {
                Some(status) => format!("{}{padding}", style.status(status, cell)),
                None => format!("{cell}{padding}"),
            }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![style.paint(&line(&header, None), "2")];
    let rows = findings.iter().zip(&cells);
    lines.extend(rows.map(|(finding, row)| line(row, Some(finding.status))));
    lines
}

/// Names come from outside: what would move a terminal's cursor or end a line is a space.
fn clean(text: &str) -> String {
    text.replace(char::is_control, " ")
}
