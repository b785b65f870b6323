//! What went wrong, in one type: which argument, which rule it broke, which value it had.
//!
//! # Design
//! One error type for the whole crate, because a caller does the same with all of them: show the
//! message and stop. The variants are the four groups a caller may want to tell apart; Python
//! raises one exception class for each.

use std::fmt;

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be computed. The message reads `argument: rule, got value`.
///
/// # Example: the message names the argument, the rule and the value
/// ```
/// use canary_core::{Arms, TTest};
///
/// let error = TTest::new()
///     .confidence(95.0)
///     .run(&Arms::new([1.0, 2.0], [3.0, 4.0]))
///     .unwrap_err();
/// assert_eq!(error.to_string(), "confidence: must lie in (0, 1), got 95");
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Measured data break a rule: NaN under `NanPolicy::Raise`, more events than trials, ...
    #[error("{argument}: {rule}, got {value}")]
    InvalidInput {
        /// The argument, as the caller knows it, e.g. `baseline` or `canary.latency`.
        argument: String,
        /// The rule, as a phrase that follows the argument's name.
        rule: String,
        /// The offending value.
        value: String,
    },
    /// An option lies outside its range or does not go with another.
    #[error("{argument}: {rule}, got {value}")]
    InvalidOption {
        /// The option's name.
        argument: String,
        /// The rule.
        rule: String,
        /// The offending value.
        value: String,
    },
    /// A policy cannot be read, or asks for what cannot be.
    #[error("policy: {message}{}", Place(.location.as_ref()))]
    InvalidPolicy {
        /// What is wrong and, where one is near, what was probably meant.
        message: String,
        /// Where in the text, when it came from text.
        location: Option<Location>,
    },
    /// There are fewer observations than the computation needs.
    #[error("{argument}: needs at least {needed}, got {got}")]
    NotEnoughData {
        /// The argument.
        argument: String,
        /// How much is needed, with its unit, e.g. `2 values`.
        needed: String,
        /// How much there is.
        got: u64,
    },
}

/// A place in a text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Line.
    pub line: u64,
    /// Column.
    pub column: u64,
}

struct Place<'a>(Option<&'a Location>);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(Location { line, column }) => write!(f, " (line {line}, column {column})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// What is wrong without the argument's name, for a sentence that has said of what it speaks.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::InvalidInput { rule, value, .. } | Self::InvalidOption { rule, value, .. } => {
                format!("{rule}, got {value}")
            }
            Self::NotEnoughData { needed, got, .. } => {
                format!("it needs at least {needed} and has {got}")
            }
            Self::InvalidPolicy { message, .. } => message.clone(),
        }
    }

    pub(crate) fn input(
        argument: impl Into<String>,
        rule: impl Into<String>,
        value: impl fmt::Display,
    ) -> Self {
        Self::InvalidInput {
            argument: argument.into(),
            rule: rule.into(),
            value: value.to_string(),
        }
    }

    pub(crate) fn option(
        argument: impl Into<String>,
        rule: impl Into<String>,
        value: impl fmt::Display,
    ) -> Self {
        Self::InvalidOption {
            argument: argument.into(),
            rule: rule.into(),
            value: value.to_string(),
        }
    }

    pub(crate) fn not_enough(
        argument: impl Into<String>,
        needed: impl Into<String>,
        got: usize,
    ) -> Self {
        Self::NotEnoughData {
            argument: argument.into(),
            needed: needed.into(),
            got: got as u64,
        }
    }

    pub(crate) fn policy(message: impl Into<String>) -> Self {
        Self::InvalidPolicy {
            message: message.into(),
            location: None,
        }
    }

    /// The same error about another argument: what a constructor calls `values` its caller may
    /// know as `baseline`.
    ///
    /// ```
    /// use canary_core::{NanPolicy, Sample};
    ///
    /// let error = Sample::new(vec![], NanPolicy::Raise).unwrap_err().in_argument("baseline");
    /// assert_eq!(error.to_string(), "baseline: needs at least 1 value, got 0");
    /// ```
    #[must_use]
    pub fn in_argument(mut self, name: &str) -> Self {
        match &mut self {
            Self::InvalidInput { argument, .. }
            | Self::InvalidOption { argument, .. }
            | Self::NotEnoughData { argument, .. } => name.clone_into(argument),
            Self::InvalidPolicy { .. } => {}
        }
        self
    }
}
