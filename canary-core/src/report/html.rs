//! A verdict for a notebook or a mail.

use super::report::Report;
use super::rows;
use super::text::CHANGES;
use crate::judge::{Finding, Status, Verdict};
use crate::stats::TestResult;

/// The verdict as a fragment of HTML: no scripts, and colours that hold on light and dark.
/// [`Report`] adds what would change it.
#[must_use]
pub fn html(verdict: &Verdict) -> String {
    Report::new(verdict).html()
}

pub(super) fn render(report: &Report<'_>) -> String {
    let verdict = report.verdict;
    let paragraph = |text: &str| format!("<p>{}</p>", escape(text));
    let columns = rows::header(verdict);
    let header: String = columns
        .iter()
        .map(|column| format!("<th style=\"text-align:left\">{column}</th>"))
        .collect();
    let findings = rows::worst_first(verdict);
    let body: String = findings
        .iter()
        .map(|finding| line(finding, &columns))
        .collect();
    let evidence: String = findings.iter().map(|finding| details(finding)).collect();
    let rest = [
        rows::points(verdict),
        rows::notify(verdict),
        rows::unchecked(verdict),
    ];
    let rest: String = rest.iter().flatten().map(|text| paragraph(text)).collect();
    let changes = report.changes();
    let changes = if changes.is_empty() {
        String::new()
    } else {
        let items: String = changes
            .iter()
            .map(|change| format!("<li>{}</li>", escape(change)))
            .collect();
        format!("<p><b>{CHANGES}</b></p><ul>{items}</ul>")
    };
    format!(
        "<div><p>{} <b>{}.</b> {}</p>{}{}\
         <table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>{evidence}{rest}{changes}</div>",
        badge(verdict.status, verdict.status.as_str()),
        escape(verdict.instruction()),
        escape(&rows::because(verdict)),
        report
            .place()
            .map(|place| paragraph(&place))
            .unwrap_or_default(),
        paragraph(&rows::grounds(verdict)),
    )
}

/// One line of the table.
fn line(finding: &Finding, columns: &[&str]) -> String {
    let cells = rows::cells(finding, columns).into_iter().zip(columns);
    let cells: String = cells
        .map(|(cell, column)| match *column {
            "outcome" => format!("<td>{}</td>", badge(finding.status, &cell)),
            _ => format!("<td>{}</td>", escape(&cell)),
        })
        .collect();
    format!("<tr>{cells}</tr>")
}

/// The evidence of a finding, folded away.
fn details(finding: &Finding) -> String {
    format!(
        "<details><summary>{} {}: {}</summary><p>{}</p><p>{}</p></details>",
        badge(finding.status, &rows::outcome(finding)),
        escape(&finding.check),
        escape(&finding.rule),
        escape(&finding.sentence),
        escape(&rows::evidence(finding)),
    )
}

/// A test's result as a fragment of HTML.
#[must_use]
pub fn test_html(result: &TestResult) -> String {
    format!("<pre>{}</pre>", escape(&result.to_string()))
}

fn badge(status: Status, text: &str) -> String {
    let colour = match status {
        Status::Pass => "#1a7f37",
        Status::Fail => "#cf222e",
        Status::Inconclusive => "#9a6700",
    };
    let text = escape(text);
    format!(
        "<span style=\"background:{colour};color:#fff;padding:1px 6px;border-radius:3px\">{text}</span>"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}
