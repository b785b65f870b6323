//! The words that every floor shares: which alternative, how confident, how much worse is too
//! much, and what to do with a NaN.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A choice with the field's words, read and written as those words.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        $name:ident ($argument:literal) { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every choice, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word this choice is read and written as.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::Error;

            fn from_str(word: &str) -> $crate::error::Result<Self> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|choice| choice.as_str() == word)
                    .ok_or_else(|| {
                        let words: Vec<_> = Self::ALL.iter().map(|c| format!("{:?}", c.as_str())).collect();
                        $crate::error::Error::option(
                            $argument,
                            format!("must be one of {}", words.join(", ")),
                            format_args!("{word:?}"),
                        )
                    })
            }
        }
    };
}
pub(crate) use choice;

/// A builder: options with their defaults, `new`, and a consuming setter for each.
macro_rules! builder {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$doc:meta])* $option:ident: $type:ty = $default:expr),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name {
            $($option: $type),+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($option: $default),+ }
            }
        }

        impl $name {
            /// With the defaults.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $option(mut self, $option: $type) -> Self {
                    self.$option = $option;
                    self
                }
            )+
        }
    };
}
pub(crate) use builder;

choice! {
    /// What is held against the null hypothesis of no difference. The canary is always the
    /// subject: `Greater` means that the canary is greater than the baseline.
    #[derive(Default)]
    Alternative("alternative") {
        /// The arms differ, either way.
        #[default]
        TwoSided = "two_sided",
        /// The canary is greater.
        Greater = "greater",
        /// The canary is less.
        Less = "less",
    }
}

impl Alternative {
    /// That of the arms exchanged.
    pub(crate) const fn opposite(self) -> Self {
        match self {
            Self::TwoSided => Self::TwoSided,
            Self::Greater => Self::Less,
            Self::Less => Self::Greater,
        }
    }

    /// The largest order statistic that can be an interval's lower end: beyond the middle one, two
    /// ends would cross.
    pub(crate) fn most_order(self, values: f64) -> f64 {
        match self {
            Self::TwoSided => (0.5 * values).ceil(),
            Self::Greater | Self::Less => values,
        }
    }
}

choice! {
    /// How the arms are compared: by subtraction or by division.
    #[derive(Default)]
    Measure("measure") {
        /// Canary minus baseline, in the metric's unit; no difference is 0.
        #[default]
        Difference = "difference",
        /// Canary divided by baseline; no difference is 1. Needs positive quantities.
        Ratio = "ratio",
        /// The canary's odds p/(1 - p) divided by the baseline's; no difference is 1. For
        /// proportions alone.
        OddsRatio = "odds_ratio",
    }
}

impl Measure {
    /// The value that means "no difference": 0 or 1.
    ///
    /// ```
    /// assert_eq!(canary_core::Measure::Ratio.null(), 1.0);
    /// ```
    #[must_use]
    pub const fn null(self) -> f64 {
        match self {
            Self::Difference => 0.0,
            Self::Ratio | Self::OddsRatio => 1.0,
        }
    }

    /// The measure as a person calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Difference => "difference",
            Self::Ratio => "ratio",
            Self::OddsRatio => "odds ratio",
        }
    }

    /// The value held against: the one given, or that of no difference.
    pub(crate) fn null_or(self, given: Option<f64>) -> Result<f64> {
        let null = given.unwrap_or_else(|| self.null());
        if !null.is_finite() {
            return Err(Error::option("null", "must be finite", null));
        }
        if self != Self::Difference && null <= 0.0 {
            let rule = format!("must be positive for a {}", self.title());
            return Err(Error::option("null", rule, null));
        }
        // Its square must be a number.
        if self != Self::Difference && !(1e-100..=1e100).contains(&null) {
            let rule = format!("must lie between 1e-100 and 1e100 for a {}", self.title());
            return Err(Error::option("null", rule, null));
        }
        Ok(null)
    }

    /// The same unless it is an odds ratio, which only proportions have.
    pub(crate) fn without_odds(self) -> Result<Self> {
        match self {
            Self::Difference | Self::Ratio => Ok(self),
            Self::OddsRatio => {
                let rule = "must be \"difference\" or \"ratio\" for this test";
                Err(Error::option("measure", rule, self))
            }
        }
    }
}

choice! {
    /// What to do with a NaN (or a null) among the values. Infinite values are always an error.
    #[derive(Default)]
    NanPolicy("nan_policy") {
        /// Refuse the data with an error that names the position of the first NaN.
        #[default]
        Raise = "raise",
        /// Leave NaNs out and report how many were left out.
        Omit = "omit",
    }
}

/// A confidence level in (0, 1). The default is 0.95.
///
/// ```
/// use canary_core::Confidence;
///
/// assert_eq!(Confidence::try_from(0.99)?.get(), 0.99);
/// assert!(Confidence::try_from(99.0).is_err());
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

impl Confidence {
    /// The level itself, e.g. 0.95.
    #[must_use]
    pub const fn get(self) -> f64 {
        self.0
    }

    /// 1 - level, the share of intervals that miss: 0.05 for 0.95.
    #[must_use]
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// The probability beyond each finite end of an interval: all of alpha for a one-sided
    /// alternative, half of it for a two-sided one.
    pub(crate) fn tail(self, alternative: Alternative) -> f64 {
        match alternative {
            Alternative::TwoSided => 0.5 * self.alpha(),
            // 1 - level rounds to 1 for the smallest levels, but no quantile belongs to 1.
            Alternative::Greater | Alternative::Less => self.alpha().min(1.0 - f64::EPSILON),
        }
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Self(0.95)
    }
}

impl TryFrom<f64> for Confidence {
    type Error = Error;

    fn try_from(level: f64) -> Result<Self> {
        if level > 0.0 && level < 1.0 {
            Ok(Self(level))
        } else {
            Err(Error::option("confidence", "must lie in (0, 1)", level))
        }
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

/// The largest degradation one is willing to accept, relative to the baseline. Which way is worse
/// is the metric's [`Direction`](crate::Direction); a margin itself is never negative.
///
/// | margin | worse is up: limit is | worse is down: limit is |
/// |---|---|---|
/// | `Factor(2.0)` "2x" | baseline × 2 | baseline ÷ 2 |
/// | `Percent(50.0)` "50%" | baseline × 1.5 | baseline × 0.5 |
/// | `Difference(20.0)` "20ms" | baseline + 20 | baseline − 20 |
///
/// A factor or a percentage needs a baseline above zero; with a baseline of exactly zero, equal
/// is no degradation and anything worse is an infinite one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Margin {
    /// At most this many times worse; at least 1.
    Factor(f64),
    /// At most this many percent worse; at least 0.
    Percent(f64),
    /// At most this much worse, in the metric's own unit; at least 0.
    Difference(f64),
}

impl Margin {
    /// Checks the range: factors of at least 1, percentages and differences of at least 0.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] that names `margin` and the value.
    ///
    /// ```
    /// use canary_core::Margin;
    ///
    /// assert!(Margin::Factor(2.0).check().is_ok());
    /// assert_eq!(
    ///     Margin::Factor(0.5).check().unwrap_err().to_string(),
    ///     "margin: factor must be at least 1, got 0.5"
    /// );
    /// ```
    pub fn check(self) -> Result<Self> {
        let (name, value, least) = match self {
            Self::Factor(factor) => ("factor", factor, 1.0),
            Self::Percent(percent) => ("percent", percent, 0.0),
            Self::Difference(difference) => ("difference", difference, 0.0),
        };
        if value >= least && value.is_finite() {
            Ok(self)
        } else {
            Err(Error::option(
                "margin",
                format!("{name} must be at least {least}"),
                value,
            ))
        }
    }

    /// A part of the margin: half of 20 % is 10 %, of 2x it is 1.5x.
    pub(crate) fn part(self, share: f64) -> Self {
        match self {
            Self::Factor(factor) => Self::Factor(1.0 + share * (factor - 1.0)),
            Self::Percent(percent) => Self::Percent(share * percent),
            Self::Difference(difference) => Self::Difference(share * difference),
        }
    }

    /// Whether the margin is a difference or a ratio to the baseline.
    #[must_use]
    pub const fn measure(self) -> Measure {
        match self {
            Self::Factor(_) | Self::Percent(_) => Measure::Ratio,
            Self::Difference(_) => Measure::Difference,
        }
    }

    /// The largest acceptable canary-to-baseline comparison when worse is up: a ratio of at least
    /// 1, or a difference of at least 0.
    #[must_use]
    pub fn upper(self) -> f64 {
        match self {
            Self::Factor(factor) => factor,
            Self::Percent(percent) => 1.0 + percent / 100.0,
            Self::Difference(difference) => difference,
        }
    }

    /// The smallest acceptable comparison when worse is down: a ratio of at most 1, or a
    /// difference of at most 0.
    #[must_use]
    pub fn lower(self) -> f64 {
        match self {
            Self::Factor(factor) => 1.0 / factor,
            Self::Percent(percent) => 1.0 - percent / 100.0,
            Self::Difference(difference) => -difference,
        }
    }
}

/// Reads what [`Display`](fmt::Display) writes: `2x`, `50%`, or a number for a difference.
///
/// ```
/// use canary_core::Margin;
///
/// assert_eq!("50%".parse(), Ok(Margin::Percent(50.0)));
/// assert_eq!("1.5x".parse(), Ok(Margin::Factor(1.5)));
/// assert!("0.5x".parse::<Margin>().is_err());
/// ```
impl std::str::FromStr for Margin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let (number, margin): (&str, fn(f64) -> Self) = match text.char_indices().next_back() {
            Some((end, 'x')) => (&text[..end], Self::Factor),
            Some((end, '%')) => (&text[..end], Self::Percent),
            _ => (text, Self::Difference),
        };
        let number = number.trim_end().parse().map_err(|_| {
            let rule = "must be a number, with x for a factor or % for a percentage";
            Error::option("margin", rule, format_args!("{text:?}"))
        })?;
        margin(number).check()
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Factor(factor) => write!(f, "{factor}x"),
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Difference(difference) => write!(f, "{difference}"),
        }
    }
}
