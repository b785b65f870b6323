//! A verdict for a pull request, a chat or a ticket.

use super::rows;
use crate::judge::{Verdict, explain};

/// The verdict as Markdown: headline, reason, a table of all checks, and each one's sentence.
#[must_use]
pub fn markdown(verdict: &Verdict) -> String {
    let row = |cells: [String; 6]| format!("| {} |", cells.map(|cell| escape(&cell)).join(" | "));
    let mut lines = vec![
        format!("**{}**", rows::headline(verdict)),
        String::new(),
        escape(&verdict.reason),
        String::new(),
        row(rows::HEADER.map(str::to_owned)),
        "|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(
        verdict
            .findings
            .iter()
            .map(|finding| row(rows::cells(finding))),
    );
    lines.push(String::new());
    for finding in &verdict.findings {
        let sentence = escape(&finding.sentence);
        let evidence = escape(&explain::evidence(finding));
        lines.push(format!("- **{}** {sentence} ({evidence})", finding.status));
    }
    if let Some(unchecked) = rows::unchecked(verdict) {
        lines.extend([String::new(), escape(&unchecked)]);
    }
    lines.join("\n") + "\n"
}

/// Names come from outside: what would end a table cell or start markup is escaped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '|' | '<' | '>' | '*' | '`' | '[' | ']' | '\\' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}
