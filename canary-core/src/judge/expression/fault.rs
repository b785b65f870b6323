//! What is wrong with a condition, and at which column.

use crate::error::Error;

/// Where a part of the condition stands in its text: bytes, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    /// From the start of this part to the end of another.
    pub(super) const fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }

    /// The part itself, as it was written.
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Its first column, counted from 1 in characters.
    pub(super) fn column(self, text: &str) -> usize {
        text.get(..self.start)
            .map_or(0, |text| text.chars().count())
            + 1
    }
}

/// `condition: column 14: rule, got part`, and the line with a caret below.
pub(super) fn fault(text: &str, span: Span, rule: &str) -> Error {
    let part = span.of(text);
    let got = if part.is_empty() {
        "the end".to_owned()
    } else {
        format!("\"{}\"", shortened(part))
    };
    fault_with(text, span, rule, &got)
}

/// The same where the part itself is not what is to be shown.
pub(super) fn fault_with(text: &str, span: Span, rule: &str, got: &str) -> Error {
    let column = span.column(text);
    Error::option(
        "condition",
        format!("column {column}: {rule}"),
        format_args!("{got}\n{}", excerpt(text, column)),
    )
}

/// So much of a long condition is shown on either side of a fault.
const AROUND: usize = 40;

/// The text around a column with a caret below it.
fn excerpt(text: &str, column: usize) -> String {
    let first = column.saturating_sub(AROUND + 1);
    let is_cut = first > 0;
    let mut line: String = text
        .chars()
        .skip(first)
        .take(2 * AROUND)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().count() > first + 2 * AROUND {
        line.push('…');
    }
    let before = if is_cut { "…" } else { "" };
    let indent = " ".repeat(column - 1 - first + usize::from(is_cut));
    format!("  {before}{line}\n  {indent}^")
}

/// A part in one line, its middle left out where it is long.
pub(super) fn shortened(part: &str) -> String {
    let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = part.chars().count();
    if count <= AROUND {
        return part;
    }
    let head: String = part.chars().take(AROUND / 2).collect();
    let tail: String = part.chars().skip(count - AROUND / 2).collect();
    format!("{head}…{tail}")
}
