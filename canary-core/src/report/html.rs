//! A verdict for a notebook.

use super::rows;
use crate::judge::{Status, Verdict, explain};
use crate::stats::TestResult;

/// The verdict as a fragment of HTML: no scripts, and colours that hold on light and dark.
#[must_use]
pub fn html(verdict: &Verdict) -> String {
    let header = rows::HEADER.map(|cell| format!("<th style=\"text-align:left\">{cell}</th>"));
    let body: String = verdict
        .findings
        .iter()
        .map(|finding| {
            let [check, _, baseline, canary, change, rule] =
                rows::cells(finding).map(|cell| escape(&cell));
            let (sentence, evidence) = (&finding.sentence, explain::evidence(finding));
            let title = escape(&format!("{sentence} {evidence}"));
            let status = badge(finding.status);
            format!(
                "<tr title=\"{title}\"><td>{check}</td><td>{status}</td><td>{baseline}</td>\
                 <td>{canary}</td><td>{change}</td><td>{rule}</td></tr>"
            )
        })
        .collect();
    let unchecked = rows::unchecked(verdict).map(|text| format!("<p>{}</p>", escape(&text)));
    format!(
        "<div><p>{} <b>{}</b></p><p>{}</p>\
         <table><thead><tr>{}</tr></thead><tbody>{body}</tbody></table>{}</div>",
        badge(verdict.status),
        escape(verdict.recommendation.sentence()),
        escape(&verdict.reason),
        header.concat(),
        unchecked.unwrap_or_default(),
    )
}

/// A test's result as a fragment of HTML.
#[must_use]
pub fn test_html(result: &TestResult) -> String {
    format!("<pre>{}</pre>", escape(&result.to_string()))
}

fn badge(status: Status) -> String {
    let colour = match status {
        Status::Pass => "#1a7f37",
        Status::Fail => "#cf222e",
        Status::Inconclusive => "#9a6700",
    };
    format!(
        "<span style=\"background:{colour};color:#fff;padding:1px 6px;border-radius:3px\">\
         {status}</span>"
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
