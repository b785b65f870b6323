//! A verdict for a terminal or a log.

use super::rows;
use crate::judge::{Status, Verdict, explain};

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

/// The verdict in words: what to do, why, a table of all checks, and each one's evidence.
///
/// ```
/// # use canary_core::{Arms, Gauge, Policy, Snapshot, judge};
/// use canary_core::report::{Style, text};
/// # let policy = Policy::from_json(r#"{"version": 1, "metrics": {"cpu": {"unit": "%"}},
/// #   "checks": [{"metric": "cpu", "threshold": {"max": "70%"}}]}"#)?;
/// # let snapshot = Snapshot::new().with("cpu", Arms::new(Gauge::new(40.0)?, Gauge::new(52.0)?))?;
/// let verdict = judge(&policy, &snapshot)?;
/// assert!(text(&verdict, Style::Plain).starts_with("PASS: promote the canary\n"));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[must_use]
pub fn text(verdict: &Verdict, style: Style) -> String {
    let mut lines = vec![
        style.status(verdict.status, &rows::headline(verdict)),
        verdict.reason.clone(),
        String::new(),
    ];
    lines.extend(table(verdict, style));
    for finding in &verdict.findings {
        lines.push(String::new());
        let status = style.status(finding.status, finding.status.as_str());
        lines.push(format!("{status} {}", style.paint(&finding.check, "1")));
        lines.push(format!("  {}", finding.sentence));
        let evidence = format!("  {}: {}", finding.compared, explain::evidence(finding));
        lines.push(style.paint(&evidence, "2"));
    }
    if let Some(unchecked) = rows::unchecked(verdict) {
        lines.extend([String::new(), unchecked]);
    }
    lines.join("\n")
}

fn table(verdict: &Verdict, style: Style) -> Vec<String> {
    let header = rows::HEADER.map(str::to_owned);
    let cells: Vec<_> = verdict.findings.iter().map(rows::cells).collect();
    let mut widths = header.each_ref().map(|cell| cell.chars().count());
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let pad = |row: &[String; 6]| {
        let padded = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut lines = vec![style.paint(&pad(&header), "2")];
    for (finding, row) in verdict.findings.iter().zip(&cells) {
        let line = pad(row);
        // Paint after padding: control characters have no width.
        let status = finding.status.as_str();
        lines.push(line.replacen(&row[1], &style.status(finding.status, status), 1));
    }
    lines
}
