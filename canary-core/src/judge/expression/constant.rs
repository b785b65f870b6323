//! What can be seen of a condition or a formula without any data: that it asks about nothing, and parts that are no
//! number whatever is measured.

use super::Reading;
use super::bind::{Leaf, Slot, Source};
use super::bound::BoundExpression;
use super::evaluate::Evaluation;
use super::fault::{Span, fault};
use super::formula::BoundFormula;
use super::tree::{Claim, Operator, Term, TermKind};
use crate::error::Result;

/// A part that is wrong, and why.
type Wrong = (Span, &'static str);

const ASKS_NOTHING: &str = "must name a metric, or it is the same whatever is measured";
const NOT_FINITE: &str = "must be a finite number";
const BY_ZERO: &str = "divides by zero, whatever is measured";

impl BoundExpression {
    /// Whether there are data by which it could be one thing or the other.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) with the column of a comparison of written numbers, of a
    /// part that divides by zero or is not finite, and for a condition that names no metric.
    pub(in crate::judge) fn check_constants(&self) -> Result<()> {
        let constants = Constants::of(&self.text, &self.slots);
        let checked = match self.references().is_empty() {
            true => Err((constants.whole(), ASKS_NOTHING)),
            false => constants.claim(&self.claim),
        };
        checked.map_err(|(span, rule)| fault(&self.text, span, rule))
    }
}

impl BoundFormula {
    /// Whether there are data of which it could be a number.
    ///
    /// # Errors
    /// As [`BoundExpression::check_constants`].
    pub(in crate::judge) fn check_constants(&self) -> Result<()> {
        let constants = Constants::of(&self.text, &self.slots);
        let checked = match self.references().is_empty() {
            true => Err((constants.whole(), ASKS_NOTHING)),
            false => constants.term(&self.term).map(|_| ()),
        };
        checked.map_err(|(span, rule)| fault(&self.text, span, rule))
    }
}

/// A text with the parameters' values; what is measured has none.
struct Constants<'a> {
    text: &'a str,
    readings: Vec<Reading>,
}

impl<'a> Constants<'a> {
    fn of(text: &'a str, slots: &[Slot]) -> Self {
        let reading = |slot: &Slot| match slot.source {
            Source::Parameter(value) => Reading::Number(value),
            Source::Reference(_) => Reading::NoData(String::new()),
        };
        let readings = slots.iter().map(reading).collect();
        Self { text, readings }
    }

    const fn whole(&self) -> Span {
        Span {
            start: 0,
            end: self.text.len(),
        }
    }

    fn claim(&self, claim: &Claim<Leaf>) -> Result<(), Wrong> {
        match claim {
            Claim::Compare(compare) => {
                if is_written(&compare.left) && is_written(&compare.right) {
                    return Err((compare.left.span.to(compare.right.span), ASKS_NOTHING));
                }
                self.term(&compare.left)?;
                self.term(&compare.right).map(|_| ())
            }
            Claim::Flag(term) | Claim::Probe(_, term) if is_written(term) => {
                Err((term.span, ASKS_NOTHING))
            }
            Claim::Flag(term) | Claim::Probe(_, term) => self.term(term).map(|_| ()),
            Claim::Not(denied) => self.claim(denied),
            Claim::All(claims) | Claim::Any(claims) => {
                claims.iter().try_for_each(|claim| self.claim(claim))
            }
        }
    }

    /// The number of a term, where it is the same whatever is measured.
    fn term(&self, term: &Term<Leaf>) -> Result<Option<f64>, Wrong> {
        let number = match &term.kind {
            TermKind::Leaf(Leaf::Number(number)) => Some(*number),
            TermKind::Leaf(Leaf::Slot(slot)) => match self.readings.get(*slot) {
                Some(Reading::Number(number)) => Some(*number),
                _ => None,
            },
            TermKind::Negative(inside) => self.term(inside)?.map(|number| -number),
            TermKind::Arithmetic(left, operator, right) => {
                let (left, right) = (self.term(left)?, self.term(right)?);
                if *operator == Operator::Over && right == Some(0.0) {
                    return Err((term.span, BY_ZERO));
                }
                left.zip(right).map(|(a, b)| match operator {
                    Operator::Plus => a + b,
                    Operator::Minus => a - b,
                    Operator::Times => a * b,
                    Operator::Over => a / b,
                })
            }
            TermKind::Call(_, arguments) => {
                let mut are_constant = true;
                for argument in arguments {
                    are_constant &= self.term(argument)?.is_some();
                }
                are_constant.then(|| self.evaluated(term)).flatten()
            }
        };
        match number {
            Some(number) if !number.is_finite() => Err((term.span, NOT_FINITE)),
            number => Ok(number),
        }
    }

    /// Kept out of the recursion.
    #[inline(never)]
    fn evaluated(&self, term: &Term<Leaf>) -> Option<f64> {
        let evaluation = Evaluation {
            text: self.text,
            readings: &self.readings,
            comparisons: Vec::new(),
        };
        evaluation.term(term).ok()
    }
}

/// Whether a term is of written numbers alone. A policy's template may compare parameters.
fn is_written(term: &Term<Leaf>) -> bool {
    let mut is_written = true;
    term.each_leaf(&mut |leaf, _| is_written &= matches!(leaf, Leaf::Number(_)));
    is_written
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::data::Metric;
    use crate::judge::{Expression, Formula, Scope};

    fn checked(text: &str) -> String {
        let metrics = ["cost", "err"].map(|name| (name.to_owned(), Metric::default()));
        let metrics = BTreeMap::from(metrics);
        let scope = Scope::new(&metrics)
            .parameter("none", 0.0)
            .parameter("budget", 5.0);
        let bound = Expression::parse(text).unwrap().bind(&scope).unwrap();
        match bound.check_constants() {
            Ok(()) => String::new(),
            Err(error) => error.to_string().lines().next().unwrap().to_owned(),
        }
    }

    #[test]
    fn what_is_the_same_whatever_is_measured_is_refused_with_its_column() {
        for (text, wrong) in [
            ("1 > 2", "column 1: must name a metric"),
            ("budget > 2", "column 1: must name a metric"),
            ("err > 1 and 1 > 2", "column 13: must name a metric"),
            ("isNaN(1) or err > 1", "column 7: must name a metric"),
            ("cost > 1e308 * 10", "column 8: must be a finite number"),
            (
                "cost > max(1, -1e308 * 10)",
                "column 15: must be a finite number",
            ),
            ("err > 1/0", "column 7: divides by zero"),
            ("err > 1 / (budget - 5)", "column 7: divides by zero"),
            ("err / none > 1", "column 1: divides by zero"),
        ] {
            let found = checked(text);
            assert!(found.contains(wrong), "{text}: {found}");
        }
        for text in [
            "err > 1",
            "budget > 2 and err > 1",
            "err / cost > budget / 2",
            "cost > min(budget, 3)",
            "err",
            "not err or cost > 1e308",
        ] {
            assert_eq!(checked(text), "", "{text}");
        }
        let long = format!("err > {}", vec!["1"; 60].join("+"));
        assert_eq!(checked(&long), "");
        let metrics = BTreeMap::from([("err".to_owned(), Metric::default())]);
        for (text, is_fine) in [("err / 0", false), ("1 + 1", false), ("2 * err", true)] {
            let bound = Formula::parse(text)
                .unwrap()
                .bind(&Scope::new(&metrics))
                .unwrap();
            assert_eq!(bound.check_constants().is_ok(), is_fine, "{text}");
        }
    }
}
