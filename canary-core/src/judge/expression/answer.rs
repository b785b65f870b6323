//! What a condition comes to on given numbers, and why.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::explain;
use super::reference::Reference;
use super::tree::Comparator;
use crate::number::extended;

/// A number that was looked up, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The number; NaN for one that is undefined, as the p99 of nothing.
    Number(#[serde(with = "extended")] f64),
    /// There are no data, and why.
    NoData(String),
}

impl From<f64> for Reading {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// Whether a condition holds. Of a part that is unknown, `and`, `or` and `not` say what they can:
/// false and unknown is false, true or unknown is true, whichever stands first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truth {
    /// It holds.
    True,
    /// It does not.
    False,
    /// There are no data for it, or a number is NaN: which, and why.
    Unknown(String),
    /// It divides by zero, so it means nothing here: where.
    Error(String),
}

impl Truth {
    /// The opposite; of what is unknown, the same.
    pub(super) fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown(_) | Self::Error(_) => self,
        }
    }

    /// `strong` as soon as one is; then an error; then unknown; else all are the opposite.
    pub(super) fn joined(truths: impl IntoIterator<Item = Self>, strong: &Self) -> Self {
        let mut reasons: Vec<String> = Vec::new();
        let mut error = None;
        for truth in truths {
            match truth {
                truth if truth == *strong => return truth,
                Self::Error(reason) => error = error.or(Some(reason)),
                Self::Unknown(reason) if !reasons.contains(&reason) => reasons.push(reason),
                _ => {}
            }
        }
        match error {
            Some(error) => Self::Error(error),
            None if reasons.is_empty() => strong.clone().not(),
            None => Self::Unknown(reasons.join("; ")),
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// What a condition comes to on given numbers, with the evidence.
///
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::Metric;
/// use canary_core::judge::{Expression, Reading, Scope, Truth};
///
/// let metrics = BTreeMap::from([("error_rate".to_owned(), Metric::default())]);
/// let condition = Expression::parse("error_rate > 3%")?.bind(&Scope::new(&metrics))?;
/// let answer = condition.evaluate(|_| Reading::Number(0.041));
/// assert_eq!(answer.truth, Truth::True);
/// assert_eq!(answer.comparisons[0].to_string(), "error_rate is 4.1%, above 3%");
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Whether it holds.
    pub truth: Truth,
    /// What each name had, in the order written.
    pub values: Vec<NamedValue>,
    /// Its comparisons, in the order written.
    pub comparisons: Vec<Comparison>,
}

/// A name of a condition and its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedValue {
    /// The name as it was written first.
    pub name: String,
    /// What it stands for; `None` for a parameter.
    pub reference: Option<Reference>,
    /// Its number.
    pub value: Reading,
    /// The number's unit.
    pub unit: Option<String>,
}

/// One comparison of a condition. Shown as words: `error_rate is 4.1%, above 3%`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// As it was written.
    pub text: String,
    /// Left of the comparator.
    pub left: Side,
    /// How they are compared.
    pub comparator: Comparator,
    /// Right of it.
    pub right: Side,
    /// The unit of both; `proportion` for a share that is shown as a percentage.
    pub unit: Option<String>,
    /// Whether it holds.
    pub truth: Truth,
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// As it was written.
    pub text: String,
    /// Its number, in the comparison's unit.
    pub value: Reading,
    /// Whether it has no names, so that its text says all.
    pub is_constant: bool,
}

impl Side {
    /// `2x baseline, which is 800 ms`, or `500ms`.
    fn limit(&self, unit: Option<&str>) -> String {
        match &self.value {
            Reading::Number(number) if !self.is_constant => {
                format!("{}, which is {}", self.text, explain::level(*number, unit))
            }
            _ => self.text.clone(),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holds = match &self.truth {
            Truth::True => true,
            Truth::False => false,
            Truth::Unknown(reason) | Truth::Error(reason) => {
                return write!(f, "{} is unknown: {reason}", self.text);
            }
        };
        let (subject, comparator, limit) = if self.left.is_constant && !self.right.is_constant {
            (&self.right, self.comparator.mirrored(), &self.left)
        } else {
            (&self.left, self.comparator, &self.right)
        };
        let unit = self.unit.as_deref();
        let level = match &subject.value {
            Reading::Number(number) => explain::level(*number, unit),
            Reading::NoData(reason) => reason.clone(),
        };
        let (words, limit) = (comparator.words(holds), limit.limit(unit));
        write!(f, "{} is {level}, {words} {limit}", subject.text)
    }
}
