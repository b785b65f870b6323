//! Conditions as people write them: `error-rate > 3%`, `latency_p99 > 2x baseline`.
//!
//! | file | what it holds |
//! |---|---|
//! | `token` | from text to words, signs and quantities |
//! | `parse` | from these to a tree |
//! | `tree` | what a condition says |
//! | `fault` | what is wrong with one, and at which column |
//! | `reference` | [`Reference`]: what a name stands for |

mod fault;
mod parse;
mod reference;
mod token;
mod tree;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use reference::{Part, Reference};
pub use tree::Comparator;
use tree::{Claim, Word};

use crate::error::{Error, Result};

/// A condition as people write it, such as `error-rate > 3% or latency-p99 > 2x-baseline`. It is
/// parsed once and keeps its text; nothing is ever executed.
///
/// # What it may say
/// | written | meaning |
/// |---|---|
/// | `error_rate > 3%` | a comparison: `>`, `>=`, `<`, `<=`, `==` (or `=`), `!=` |
/// | `a > 1 and not (b > 2 or c > 3)` | `and`, `or`, `not` in either case; `&&`, `\|\|`, `!` |
/// | `critical-error-logged` | a flag: true when it is not zero |
/// | `errors / requests`, `target * 0.9` | arithmetic: `+`, `-`, `*`, `/`, parentheses |
/// | `2x baseline`, `2x-baseline` | 2 * baseline |
/// | `3%`, `500ms`, `1.5 GiB`, `200/s` | a number with its unit; without one, it is in the metric's |
/// | `default(x, 0)`, `min`, `max`, `abs`, `asInt`, `asFloat` | numbers of numbers |
/// | `isNaN(x)`, `isInf(x)`, `isNil(x)` | questions about one; nil is what has no data |
/// | `result[0]`, `len(result)` | one of several values, and how many there are |
///
/// `not` takes the whole comparison that follows it, `!` only what stands next to it. `200/s` is
/// a rate; `200 / s` divides.
///
/// # Names
/// Names are letters, digits and `_`; either case and either of `-` and `_` is the same name. A
/// hyphen with a letter right after it joins (`error-rate` is one name), every other one subtracts
/// (`a - b`, `a-1`). A dot or a colon between letters or digits joins too (`job:errors`,
/// `latency.p99`). Any other name stands between backticks: `` `5xx rate` ``.
///
/// # Example
/// ```
/// use canary_core::judge::Expression;
///
/// let condition: Expression = "error-rate > 3% or latency-p99 > 2x-baseline".parse()?;
/// assert_eq!(condition.names(), ["error_rate", "latency_p99", "baseline"]);
/// # Ok::<(), canary_core::Error>(())
/// ```
///
/// # Example: what is wrong is shown
/// ```
/// use canary_core::judge::Expression;
///
/// let error = Expression::parse("error_rate > )").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "condition: column 14: expected a number or a name, got \")\"
///   error_rate > )
///                ^"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Expression {
    text: String,
    claim: Claim<Word>,
}

impl Expression {
    /// Reads a condition of at most 4096 bytes, nested at most 64 deep.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] with the column of what is wrong, counted from 1 in characters.
    ///
    /// ```
    /// use canary_core::judge::Expression;
    ///
    /// let error = Expression::parse("1 < load < 2").unwrap_err().to_string();
    /// assert!(error.contains("column 10: comparisons do not chain"), "{error}");
    /// ```
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let claim = parse::claim(&text)?;
        Ok(Self { text, claim })
    }

    /// Reads a condition about something that its text need not name: every comparison that has
    /// nothing to its left is about `subject`.
    ///
    /// # Errors
    /// As [`Expression::parse`]; columns are those of the completed text.
    ///
    /// ```
    /// use canary_core::judge::Expression;
    ///
    /// let condition = Expression::parse_about("error_rate", "> 5%")?;
    /// assert_eq!(condition.as_str(), "error_rate > 5%");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn parse_about(subject: &str, text: &str) -> Result<Self> {
        Self::parse(parse::with_subject(subject, text)?)
    }

    /// The condition as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names in it, in lower case and with `_` for `-`, each once, in the order written.
    ///
    /// ```
    /// use canary_core::judge::Expression;
    ///
    /// let condition = Expression::parse("Errors / requests > 1% or errors > 100")?;
    /// assert_eq!(condition.names(), ["errors", "requests"]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.claim
            .each_term(&mut |term| term.each_leaf(&mut |leaf| push_name(&mut names, leaf)));
        names
    }
}

fn push_name<'a>(names: &mut Vec<&'a str>, leaf: &'a Word) {
    if let Word::Name(name, _) = leaf
        && !names.contains(&name.as_str())
    {
        names.push(name);
    }
}

impl FromStr for Expression {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Expression {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Expression {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A condition such as \"error-rate > 3%\" or \"latency-p99 > 2x-baseline\".",
            "type": "string",
            "minLength": 1,
            "maxLength": 4096
        })
    }
}
