//! A verdict for a pull request, a chat or a ticket.

use super::report::Report;
use super::rows;
use super::text::CHANGES;
use crate::judge::Verdict;

/// The verdict as Markdown: what to do and why, a table of all checks, and each one's evidence.
/// [`Report`] adds what would change it.
#[must_use]
pub fn markdown(verdict: &Verdict) -> String {
    Report::new(verdict).markdown()
}

pub(super) fn render(report: &Report<'_>) -> String {
    let verdict = report.verdict;
    let because = escape(&rows::because(verdict));
    let mut lines = vec![format!("**{}** {because}", rows::headline(verdict))];
    let mut paragraph = |text: &str| lines.extend([String::new(), escape(text)]);
    if let Some(place) = report.place() {
        paragraph(&place);
    }
    paragraph(&rows::grounds(verdict));
    lines.push(String::new());
    let header = rows::header(verdict);
    lines.push(row(&header));
    lines.push(rule(header.len()));
    let findings = rows::worst_first(verdict);
    lines.extend(
        findings
            .iter()
            .map(|finding| row(&rows::cells(finding, &header))),
    );
    lines.push(String::new());
    for finding in findings {
        let sentence = escape(&finding.sentence);
        let evidence = escape(&rows::evidence(finding));
        lines.push(format!(
            "- **{}** {sentence} ({evidence})",
            rows::outcome(finding)
        ));
    }
    let rest = [
        rows::points(verdict),
        rows::notify(verdict),
        rows::unchecked(verdict),
    ];
    for text in rest.into_iter().flatten() {
        lines.extend([String::new(), escape(&text)]);
    }
    let changes = report.changes();
    if !changes.is_empty() {
        lines.extend([String::new(), format!("**{CHANGES}:**"), String::new()]);
        lines.extend(changes.iter().map(|change| format!("- {}", escape(change))));
    }
    lines.join("\n") + "\n"
}

/// A row of a table.
pub(super) fn row<S: AsRef<str>>(cells: &[S]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| escape(cell.as_ref())).collect();
    format!("| {} |", cells.join(" | "))
}

/// What stands below the header of so many columns.
pub(super) fn rule(columns: usize) -> String {
    format!("|{}", "---|".repeat(columns))
}

/// Names come from outside: what would end a table cell or start markup is escaped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            '|' | '<' | '>' | '*' | '`' | '[' | ']' | '\\' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
