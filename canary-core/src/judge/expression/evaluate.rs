//! What a bound condition comes to. Every part is looked at: a division by zero behind an `and`
//! that is false anyway does no harm, whichever stands first.

use super::super::explain::PROPORTION;
use super::answer::{Comparison, Reading, Side, Truth};
use super::bind::Leaf;
use super::fault::{Span, shortened};
use super::tree::{Claim, Compare, Function, Operator, Probe, Term, TermKind};
use crate::number::show::Show;

/// Why a number is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    NoData(String),
    /// What was divided by zero, and where.
    Zero {
        dividend: f64,
        reason: String,
    },
}

impl Trouble {
    pub(super) fn reason(self) -> String {
        match self {
            Self::NoData(reason) | Self::Zero { reason, .. } => reason,
        }
    }

    fn truth(self) -> Truth {
        match self {
            Self::NoData(reason) => Truth::Unknown(reason),
            Self::Zero { reason, .. } => Truth::Error(reason),
        }
    }
}

/// A condition's text and the number of each slot.
pub(super) struct Evaluation<'a> {
    pub(super) text: &'a str,
    pub(super) readings: &'a [Reading],
    pub(super) comparisons: Vec<Comparison>,
}

type Number = Result<f64, Trouble>;

impl Evaluation<'_> {
    pub(super) fn claim(&mut self, claim: &Claim<Leaf>) -> Truth {
        match claim {
            Claim::Compare(compare) => self.compare(compare),
            Claim::Flag(flag) => match self.term(flag) {
                Ok(number) if number.is_nan() => self.not_a_number(flag.span),
                Ok(number) => (number != 0.0).into(),
                Err(trouble) => trouble.truth(),
            },
            Claim::Probe(probe, term) => probe_of(*probe, self.term(term)),
            Claim::Not(denied) => self.claim(denied).not(),
            Claim::All(claims) => self.joined(claims, &Truth::False),
            Claim::Any(claims) => self.joined(claims, &Truth::True),
        }
    }

    fn joined(&mut self, claims: &[Claim<Leaf>], strong: &Truth) -> Truth {
        let truths: Vec<Truth> = claims.iter().map(|claim| self.claim(claim)).collect();
        Truth::joined(truths, strong)
    }

    fn compare(&mut self, compare: &Compare<Leaf>) -> Truth {
        let (left, right) = (self.term(&compare.left), self.term(&compare.right));
        let truth = match both(left.clone(), right.clone()) {
            Ok((a, _)) if a.is_nan() => self.not_a_number(compare.left.span),
            Ok((_, b)) if b.is_nan() => self.not_a_number(compare.right.span),
            Ok((a, b)) => compare.comparator.holds(a, b).into(),
            Err(trouble) => trouble.truth(),
        };
        let unit = match &compare.unit {
            None if compare.show_percent => Some(PROPORTION.to_owned()),
            unit => unit.clone(),
        };
        let span = compare.left.span.to(compare.right.span);
        self.comparisons.push(Comparison {
            text: shortened(span.of(self.text)),
            left: self.side(&compare.left, left),
            comparator: compare.comparator,
            right: self.side(&compare.right, right),
            unit,
            truth: truth.clone(),
        });
        truth
    }

    fn side(&self, term: &Term<Leaf>, number: Number) -> Side {
        let mut is_constant = true;
        term.each_leaf(&mut |leaf, _| is_constant &= matches!(leaf, Leaf::Number(_)));
        Side {
            text: shortened(term.span.of(self.text)),
            value: match number {
                Ok(number) => Reading::Number(number),
                Err(trouble) => Reading::NoData(trouble.reason()),
            },
            is_constant,
        }
    }

    fn not_a_number(&self, span: Span) -> Truth {
        let part = shortened(span.of(self.text));
        Truth::Unknown(format!("{part} is not a number"))
    }

    pub(super) fn term(&self, term: &Term<Leaf>) -> Number {
        match &term.kind {
            TermKind::Leaf(Leaf::Number(number)) => Ok(*number),
            TermKind::Leaf(Leaf::Slot(slot)) => self.slot(*slot, term.span),
            TermKind::Negative(inside) => self.term(inside).map(|number| -number),
            TermKind::Arithmetic(left, operator, right) => {
                let (a, b) = both(self.term(left), self.term(right))?;
                match operator {
                    Operator::Plus => Ok(a + b),
                    Operator::Minus => Ok(a - b),
                    Operator::Times => Ok(a * b),
                    Operator::Over if b == 0.0 && !a.is_nan() => Err(self.zero(a, term.span)),
                    Operator::Over => Ok(a / b),
                }
            }
            TermKind::Call(function, arguments) => {
                let numbers = arguments.iter().map(|argument| self.term(argument));
                applied(*function, numbers)
            }
        }
    }

    fn slot(&self, slot: usize, span: Span) -> Number {
        let name = shortened(span.of(self.text));
        match self.readings.get(slot) {
            Some(Reading::Number(number)) => Ok(*number),
            Some(Reading::NoData(reason)) if !reason.is_empty() => {
                Err(Trouble::NoData(format!("{name} has no data: {reason}")))
            }
            Some(Reading::NoData(_)) | None => Err(Trouble::NoData(format!("{name} has no data"))),
        }
    }

    /// Kept out of the recursion, whose frames are to stay small.
    #[cold]
    #[inline(never)]
    fn zero(&self, dividend: f64, whole: Span) -> Trouble {
        let part = shortened(whole.of(self.text));
        let reason = format!("{part}: {} / 0 is no number", Show(dividend));
        Trouble::Zero { dividend, reason }
    }
}

/// Two numbers, or the trouble of one; a division by zero is worse than no data.
fn both(left: Number, right: Number) -> Result<(f64, f64), Trouble> {
    match (left, right) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(Trouble::NoData(_)), Err(zero @ Trouble::Zero { .. })) => Err(zero),
        (Err(trouble), _) | (_, Err(trouble)) => Err(trouble),
    }
}

fn applied(function: Function, mut numbers: impl Iterator<Item = Number>) -> Number {
    let first = numbers.next().unwrap_or(Ok(f64::NAN));
    match function {
        Function::Abs => first.map(f64::abs),
        Function::AsFloat => first,
        Function::AsInt => first.map(f64::trunc),
        Function::Default => match (first, numbers.next()) {
            (Err(Trouble::NoData(_)), Some(other)) => other,
            (first, _) => first,
        },
        Function::Min => numbers.fold(first, |least, next| extreme(least, next, f64::min)),
        Function::Max => numbers.fold(first, |most, next| extreme(most, next, f64::max)),
    }
}

/// Of two numbers; NaN if one is.
fn extreme(a: Number, b: Number, of: fn(f64, f64) -> f64) -> Number {
    let (a, b) = both(a, b)?;
    if a.is_nan() || b.is_nan() {
        return Ok(f64::NAN);
    }
    Ok(of(a, b))
}

fn probe_of(probe: Probe, number: Number) -> Truth {
    match (probe, number) {
        (Probe::Nil, Ok(_)) => Truth::False,
        (Probe::Nil, Err(Trouble::NoData(_))) => Truth::True,
        (Probe::Nan, Ok(number)) => number.is_nan().into(),
        (Probe::Inf, Ok(number)) => number.is_infinite().into(),
        (_, Err(trouble)) => trouble.truth(),
    }
}
