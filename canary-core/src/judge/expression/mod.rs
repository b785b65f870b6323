//! Conditions as people write them: `error-rate > 3%`, `latency_p99 > 2x baseline`.
//!
//! | file | what it holds |
//! |---|---|
//! | `token` | from text to words, signs and quantities |
//! | `parse` | from these to a tree |
//! | `tree` | what a condition says |
//! | `fault` | what is wrong with one, and at which column |
//! | `scope` | [`Scope`]: which names there are |
//! | `reference` | [`Reference`]: what a name stands for |
//! | `unit` | the units of what is compared, added, multiplied and divided |
//! | `bind` | from a tree with names to one with references, in the metrics' units |
//! | `bound` | [`BoundExpression`]: that tree |
//! | `formula` | [`Formula`]: a number made of others, `errors / requests` |
//! | `text_form` | reading and showing of both |
//! | `constant` | what can be seen without any data |
//! | `evaluate` | what it comes to |
//! | `answer` | [`Answer`]: that, with the evidence |

mod answer;
mod bind;
mod bound;
mod constant;
mod evaluate;
mod fault;
mod formula;
mod parse;
mod reference;
mod scope;
#[cfg(test)]
mod tests;
mod text_form;
mod token;
mod tree;
mod unit;

use serde::{Deserialize, Serialize};

pub use answer::{Answer, Comparison, NamedValue, Reading, Side, Truth};
use bind::Binder;
pub use bound::BoundExpression;
pub(super) use formula::DIVIDES_BY_ZERO;
pub use formula::{BoundFormula, Formula};
pub use reference::{Part, Reference};
pub use scope::Scope;
use text_form::text_form;
pub use tree::Comparator;
use tree::{Claim, Word};

use crate::error::Result;

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

text_form!(
    Expression,
    "A condition, such as \"error-rate > 3%\" or \"latency-p99 > 2x-baseline\"."
);

impl Expression {
    /// Reads a condition of at most 4096 bytes, nested at most 64 deep.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) with the column of what is wrong, counted from 1 in characters.
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
            .each_term(&mut |term| term.each_leaf(&mut |leaf, _| push_name(&mut names, leaf)));
        names
    }

    /// Finds what its names stand for, and converts written units to the metrics' own.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) with the column of a name that is not in the scope, of a bare
    /// `baseline` that may be several metrics', and of a number whose unit does not convert into
    /// that of what it is compared with or added to.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::Metric;
    /// use canary_core::judge::{Expression, Scope};
    ///
    /// let unit = Some("ms".to_owned());
    /// let latency = Metric { unit, ..Metric::default() };
    /// let metrics = BTreeMap::from([("latency".to_owned(), latency)]);
    /// let bind = |text: &str| Expression::parse(text)?.bind(&Scope::new(&metrics));
    /// assert!(bind("latency-p99 > 0.5s").is_ok());
    /// let error = bind("latency-p99 > 2 GB").unwrap_err().to_string();
    /// assert!(error.contains("column 15: must be in ms like latency-p99, got \"2 GB\""), "{error}");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn bind(&self, scope: &Scope<'_>) -> Result<BoundExpression> {
        let mut binder = Binder::new(&self.text, scope);
        let claim = binder.claim(&self.claim)?;
        Ok(BoundExpression {
            text: self.text.clone(),
            claim,
            slots: binder.slots,
        })
    }
}

fn push_name<'a>(names: &mut Vec<&'a str>, leaf: &'a Word) {
    if let Word::Name(name, _) = leaf
        && !names.contains(&name.as_str())
    {
        names.push(name);
    }
}
