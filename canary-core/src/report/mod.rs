//! Floor 5: a verdict in words for a terminal, a chat or a notebook.
//!
//! One [`Verdict`], three renderings of the same rows: [`text`] (plain or with colours),
//! [`markdown`] and [`html`].

mod html;
mod markdown;
mod rows;
mod text;

pub use html::{html, test_html};
pub use markdown::markdown;
pub use text::{Style, text};

use crate::judge::Verdict;

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text(self, Style::Plain))
    }
}
