//! Floor 5: a verdict in words for a terminal, a chat or a notebook.
//!
//! One [`Report`] of a [`Verdict`], four renderings of the same rows: text (plain or with colours),
//! Markdown, HTML, and an update for a team. [`text()`], [`markdown()`] and [`html()`] render a verdict
//! alone.

mod html;
mod markdown;
#[expect(
    clippy::module_inception,
    reason = "a report is what the floor is about"
)]
mod report;
mod rows;
#[cfg(test)]
mod tests;
mod text;
mod update;

pub use html::{html, test_html};
pub use markdown::markdown;
pub use report::{Context, Report};
pub use text::{Style, text};

use crate::judge::Verdict;

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text(self, Style::Plain))
    }
}
