//! Numbers made of others: `errors / requests`.

use serde::{Deserialize, Serialize};

use super::answer::Reading;
use super::bind::{Binder, Leaf, Slot, Source};
use super::bound::{readings, references};
use super::evaluate::{Evaluation, Trouble};
use super::fault::{Span, fault};
use super::reference::Reference;
use super::scope::Scope;
use super::text_form::text_form;
use super::tree::{Operator, Term, TermKind, Word};
use super::{parse, push_name};
use crate::data::Series;
use crate::error::{Error, Result};
use crate::options::NanPolicy;

/// A number made of others, such as `errors / requests` or `cpu / throughput`: a metric that is
/// not measured itself. It is written as the numbers of an [`Expression`](super::Expression) are.
///
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::Metric;
/// use canary_core::judge::{Formula, Reading, Scope};
///
/// let metrics = ["errors", "requests"].map(|name| (name.to_owned(), Metric::default()));
/// let metrics = BTreeMap::from(metrics);
/// let formula = Formula::parse("errors / requests")?.bind(&Scope::new(&metrics))?;
/// let rate = formula.evaluate(|name| match name.metric.as_str() {
///     "errors" => Reading::Number(3.0),
///     _ => Reading::Number(100.0),
/// })?;
/// assert_eq!(rate, Reading::Number(0.03));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Formula {
    text: String,
    term: Term<Word>,
}

text_form!(
    Formula,
    "A number made of others, such as \"errors / requests\"."
);

impl Formula {
    /// Reads a formula of at most 4096 bytes, nested at most 64 deep.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] with the column of what is wrong, counted from 1 in characters.
    ///
    /// ```
    /// use canary_core::judge::Formula;
    ///
    /// assert!(Formula::parse("errors / requests > 3%").is_err());
    /// ```
    pub fn parse(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        let term = parse::term(&text)?;
        Ok(Self { text, term })
    }

    /// The formula as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names in it, in lower case and with `_` for `-`, each once, in the order written.
    ///
    /// ```
    /// use canary_core::judge::Formula;
    ///
    /// assert_eq!(Formula::parse("CPU / throughput")?.names(), ["cpu", "throughput"]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.term
            .each_leaf(&mut |leaf, _| push_name(&mut names, leaf));
        names
    }

    /// Finds what its names stand for.
    ///
    /// # Errors
    /// As [`Expression::bind`](super::Expression::bind).
    pub fn bind(&self, scope: &Scope<'_>) -> Result<BoundFormula> {
        let mut binder = Binder::new(&self.text, scope);
        let (term, unit) = binder.alone(&self.term)?;
        Ok(BoundFormula {
            text: self.text.clone(),
            term,
            unit: unit.label.filter(|unit| !unit.is_empty()),
            slots: binder.slots,
        })
    }
}

/// A formula whose names are found and whose units fit. [`Formula::bind`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundFormula {
    pub(super) text: String,
    pub(super) term: Term<Leaf>,
    unit: Option<String>,
    pub(super) slots: Vec<Slot>,
}

impl BoundFormula {
    /// The formula as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The numbers it asks for, each once, in the order written.
    #[must_use]
    pub fn references(&self) -> Vec<&Reference> {
        references(&self.slots)
    }

    /// The unit of what it makes: `ms` plus `s` is in ms, `MB` by `s` in MB/s, and `ms` by `s` has
    /// none.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The numerator and the denominator, where the formula is one name by another: of counted
    /// events by counted trials a proportion can be tested.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::Metric;
    /// use canary_core::judge::{Formula, Scope};
    ///
    /// let metrics = ["errors", "requests"].map(|name| (name.to_owned(), Metric::default()));
    /// let metrics = BTreeMap::from(metrics);
    /// let bind = |text: &str| Formula::parse(text)?.bind(&Scope::new(&metrics));
    /// let rate = bind("errors / requests")?;
    /// let (events, trials) = rate.ratio().unwrap();
    /// assert_eq!((events.metric.as_str(), trials.metric.as_str()), ("errors", "requests"));
    /// assert!(bind("100 * errors / requests")?.ratio().is_none());
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn ratio(&self) -> Option<(&Reference, &Reference)> {
        let TermKind::Arithmetic(over, Operator::Over, under) = &self.term.kind else {
            return None;
        };
        let name = |term: &Term<Leaf>| match term.kind {
            TermKind::Leaf(Leaf::Slot(slot)) => match &self.slots.get(slot)?.source {
                Source::Reference(reference) => Some(reference),
                Source::Parameter(_) => None,
            },
            _ => None,
        };
        Some((name(over)?, name(under)?))
    }

    /// Its number, with the number that `lookup` gives for each reference. It is asked once for
    /// each.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] with the part that divides by zero, and what it divides.
    pub fn evaluate(&self, lookup: impl FnMut(&Reference) -> Reading) -> Result<Reading> {
        match self.number(&readings(&self.slots, lookup)) {
            Ok(number) => Ok(Reading::Number(number)),
            Err(Trouble::NoData(reason)) => Ok(Reading::NoData(reason)),
            Err(Trouble::Zero { reason, .. }) => Err(divides_by_zero(&reason)),
        }
    }

    /// Its number at each time, with the series that `find` gives for each reference. A time at
    /// which it divides zero by zero, as in a minute without traffic, is a gap
    /// ([`Series::omitted`]).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when a series is missing, when the series do not have the same
    /// times, when anything but zero is divided by zero, and when a value is infinite;
    /// [`Error::NotEnoughData`] when nothing but gaps is left.
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use canary_core::judge::{Formula, Scope};
    /// use canary_core::{Metric, NanPolicy, Series};
    ///
    /// let series = |values: [f64; 3]| {
    ///     Series::new(vec![0.0, 60.0, 120.0], values.to_vec(), NanPolicy::Raise)
    /// };
    /// let measured = BTreeMap::from([
    ///     ("errors".to_owned(), series([1.0, 0.0, 3.0])?),
    ///     ("requests".to_owned(), series([100.0, 0.0, 100.0])?),
    /// ]);
    /// let metrics = measured.keys().map(|name| (name.clone(), Metric::default())).collect();
    /// let formula = Formula::parse("errors / requests")?.bind(&Scope::new(&metrics))?;
    /// let rate = formula.evaluate_series(|name| measured.get(&name.metric))?;
    /// assert_eq!(rate.times(), [0.0, 120.0]);
    /// assert_eq!(rate.values(), [0.01, 0.03]);
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn evaluate_series<'s>(
        &self,
        mut find: impl FnMut(&Reference) -> Option<&'s Series>,
    ) -> Result<Series> {
        let mut columns = Vec::new();
        for slot in &self.slots {
            columns.push(match &slot.source {
                Source::Parameter(value) => Column::Number(*value),
                Source::Reference(reference) => match find(reference) {
                    Some(series) => Column::Series(series),
                    None => {
                        let rule = format!("needs a series of {reference}");
                        return Err(Error::input("formula", rule, "none"));
                    }
                },
            });
        }
        let times = self.times(&columns)?;
        let mut values = Vec::with_capacity(times.len());
        for (index, time) in times.iter().enumerate() {
            let row: Vec<Reading> = columns.iter().map(|column| column.at(index)).collect();
            values.push(match self.number(&row) {
                Ok(number) => number,
                Err(Trouble::Zero { dividend: 0.0, .. }) => f64::NAN,
                Err(trouble) => {
                    let reason = trouble.reason();
                    return Err(divides_by_zero(&format!("{reason}, for time {time}")));
                }
            });
        }
        let series = Series::new(times.to_vec(), values, NanPolicy::Omit);
        series.map_err(|error| error.in_argument("formula"))
    }

    /// The times that all series have.
    fn times<'s>(&self, columns: &[Column<'s>]) -> Result<&'s [f64]> {
        let mut first: Option<(&'s [f64], &Slot)> = None;
        for (column, slot) in columns.iter().zip(&self.slots) {
            let Column::Series(series) = column else {
                continue;
            };
            let Some((times, known)) = first else {
                first = Some((series.times(), slot));
                continue;
            };
            if series.times() != times {
                let rule = format!("{} must have the same times as {}", slot.name, known.name);
                let mut pairs = times.iter().zip(series.times());
                let got = match pairs.find(|(time, other)| time != other) {
                    Some((time, other)) => format!("{other} where {} has {time}", known.name),
                    None => format!("{} times and {}", series.times().len(), times.len()),
                };
                return Err(Error::input("formula", rule, got));
            }
        }
        let Some((times, _)) = first else {
            let whole = Span {
                start: 0,
                end: self.text.len(),
            };
            return Err(fault(
                &self.text,
                whole,
                "must name a metric that has a series",
            ));
        };
        Ok(times)
    }

    fn number(&self, readings: &[Reading]) -> Result<f64, Trouble> {
        let evaluation = Evaluation {
            text: &self.text,
            readings,
            comparisons: Vec::new(),
        };
        evaluation.term(&self.term)
    }
}

/// What a slot has over time.
enum Column<'s> {
    Number(f64),
    Series(&'s Series),
}

impl Column<'_> {
    fn at(&self, index: usize) -> Reading {
        match self {
            Self::Number(number) => Reading::Number(*number),
            Self::Series(series) => match series.values().get(index) {
                Some(value) => Reading::Number(*value),
                None => Reading::NoData(String::new()),
            },
        }
    }
}

/// What stands before the part and the value in the reason of such an error.
pub(in crate::judge) const DIVIDES_BY_ZERO: &str = "must not divide by zero, got ";

fn divides_by_zero(reason: &str) -> Error {
    Error::input("formula", "must not divide by zero", reason)
}
