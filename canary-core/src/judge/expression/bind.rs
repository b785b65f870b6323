//! From names to what they stand for, and from written units to the metrics' own.

use super::super::units::Quantity;
use super::fault::{Span, fault, fault_with, shortened};
use super::reference::{Part, Reference};
use super::scope::{LONGEST_GUESSED, Meaning, Scope, Unclear};
use super::token::folded;
use super::tree::{Claim, Compare, Operator, Term, TermKind, Word};
use super::unit::{Common, Conversion, Unit, alike, over, times};
use crate::data::Arm;
use crate::error::{Error, Result};

/// A leaf that is bound.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Leaf {
    /// The slot's number.
    Slot(usize),
    Number(f64),
}

/// A name that has a number, once for all its places.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    /// As it was written first.
    pub(super) name: String,
    pub(super) source: Source,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    Reference(Reference),
    Parameter(f64),
}

/// What `baseline` alone stands for.
enum Same<'t> {
    Reference(Reference),
    /// Several names: all of the other side, on the baseline.
    Formula(&'t Term<Word>),
}

/// What a side of a comparison is bound with.
#[derive(Clone, Copy)]
struct Around<'a, 't> {
    /// What `baseline` alone stands for, where it occurs.
    same: Option<&'a Same<'t>>,
    /// Whether names are the baseline's instead of the canary's.
    on_baseline: bool,
}

pub(super) struct Binder<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    pub(super) slots: Vec<Slot>,
}

const WHICH_BASELINE: &str = "must say which metric, as in baseline_latency";

type Bound = (Term<Leaf>, Unit);

impl<'a> Binder<'a> {
    pub(super) const fn new(text: &'a str, scope: &'a Scope<'a>) -> Self {
        Self {
            text,
            scope,
            slots: Vec::new(),
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim<Word>) -> Result<Claim<Leaf>> {
        Ok(match claim {
            Claim::Compare(compare) => Claim::Compare(self.compare(compare)?),
            Claim::Flag(flag) => Claim::Flag(self.alone(flag)?.0),
            Claim::Probe(probe, term) => Claim::Probe(*probe, self.alone(term)?.0),
            Claim::Not(denied) => Claim::Not(Box::new(self.claim(denied)?)),
            Claim::All(claims) => Claim::All(self.claims(claims)?),
            Claim::Any(claims) => Claim::Any(self.claims(claims)?),
        })
    }

    fn claims(&mut self, claims: &[Claim<Word>]) -> Result<Vec<Claim<Leaf>>> {
        claims.iter().map(|claim| self.claim(claim)).collect()
    }

    /// A number that is compared with nothing.
    pub(super) fn alone(&mut self, term: &Term<Word>) -> Result<Bound> {
        self.side(term, None)
    }

    fn compare(&mut self, compare: &Compare<Word>) -> Result<Compare<Leaf>> {
        let Compare {
            left,
            comparator,
            right,
            ..
        } = compare;
        let bound = (self.side(left, Some(right))?, self.side(right, Some(left))?);
        let ((left, unit), (right, other)) = bound;
        let is_percent = |unit: &Unit| unit.is_written && unit.label.as_deref() == Some("%");
        let show_percent = is_percent(&unit) || is_percent(&other);
        let common = self.alike((&left, &unit), (&right, &other))?;
        Ok(Compare {
            left: converted(left, common.left),
            comparator: *comparator,
            right: converted(right, common.right),
            unit: common.unit.label.filter(|unit| !unit.is_empty()),
            show_percent,
        })
    }

    /// One side of a comparison.
    fn side(&mut self, own: &Term<Word>, other: Option<&Term<Word>>) -> Result<Bound> {
        let same = match self.bare_baseline(own)? {
            Some(place) => Some(self.same(place, own, other)?),
            None => None,
        };
        let around = Around {
            same: same.as_ref(),
            on_baseline: false,
        };
        self.term(own, around)
    }

    /// Where `baseline` stands alone in a term, if it does.
    fn bare_baseline(&self, term: &Term<Word>) -> Result<Option<Span>> {
        let leaves = self.meanings(term)?;
        let mut bare = leaves
            .into_iter()
            .filter(|(meaning, _)| *meaning == Some(Meaning::Baseline));
        Ok(bare.next().map(|(_, place)| place))
    }

    /// What each leaf of a term stands for, and where; `None` for quantities.
    fn meanings(&self, term: &Term<Word>) -> Result<Vec<(Option<Meaning>, Span)>> {
        let mut leaves = Vec::new();
        term.each_leaf(&mut |leaf, place| leaves.push((leaf, place)));
        let meaning = |(leaf, place): (&Word, Span)| match leaf {
            Word::Quantity(_) => Ok((None, place)),
            Word::Name(name, part) => match self.scope.meaning(name, *part) {
                Ok(meaning) => Ok((Some(meaning), place)),
                Err(unclear) => Err(self.unclear(place, &unclear)),
            },
        };
        leaves.into_iter().map(meaning).collect()
    }

    /// What is wrong with a name; `a-b` may have been meant as a subtraction.
    fn unclear(&self, place: Span, unclear: &Unclear) -> Error {
        let name = place.of(self.text);
        let is_known = |name: &str| self.scope.meaning(&folded(name), Part::Whole).is_ok();
        let mut hyphens = name.match_indices('-').map(|(at, _)| name.split_at(at));
        let difference = hyphens.find_map(|(left, right)| {
            let right = right.strip_prefix('-')?;
            (name.len() <= LONGEST_GUESSED && is_known(left) && is_known(right))
                .then(|| format!(", a subtraction is written `{left} - {right}`"))
        });
        let guess = difference.as_ref().unwrap_or(&unclear.guess);
        let got = format!("\"{}\"{guess}", shortened(name));
        fault_with(self.text, place, &unclear.rule, &got)
    }

    /// What `baseline` stands for: the baseline of what the other side is about; of what its own
    /// side is about, where the other has no names; else of what the condition is about.
    fn same<'t>(
        &self,
        place: Span,
        own: &'t Term<Word>,
        other: Option<&'t Term<Word>>,
    ) -> Result<Same<'t>> {
        let which = || fault(self.text, place, WHICH_BASELINE);
        for (side, is_other) in [(other, true), (Some(own), false)] {
            let Some(side) = side else { continue };
            let leaves = self.meanings(side)?;
            let mut about: Vec<Reference> = Vec::new();
            let mut are_names = true;
            for (meaning, _) in leaves {
                match meaning {
                    Some(Meaning::Read(reference)) if reference.arm == Arm::Canary => {
                        if !about.contains(&reference) {
                            about.push(reference);
                        }
                    }
                    _ => are_names = false,
                }
            }
            match about.pop() {
                None => {}
                Some(reference) if about.is_empty() => {
                    return Ok(Same::Reference(on_baseline(reference)));
                }
                Some(_) if is_other && are_names => return Ok(Same::Formula(side)),
                Some(_) => return Err(which()),
            }
        }
        match self.scope.baseline() {
            Ok(Some(reference)) => Ok(Same::Reference(reference)),
            Ok(None) => Err(which()),
            Err(unclear) => Err(self.unclear(place, &unclear)),
        }
    }

    fn term(&mut self, term: &Term<Word>, around: Around) -> Result<Bound> {
        let span = term.span;
        let of = |kind| Term { span, kind };
        match &term.kind {
            TermKind::Leaf(Word::Quantity(quantity)) => {
                let leaf = Leaf::Number(quantity.value());
                Ok((of(TermKind::Leaf(leaf)), Unit::written(quantity)))
            }
            TermKind::Leaf(Word::Name(name, part)) => {
                match (self.scope.meaning(name, *part), around.same) {
                    (Ok(Meaning::Read(reference)), _) => {
                        let reference = if around.on_baseline {
                            on_baseline(reference)
                        } else {
                            reference
                        };
                        Ok(self.reference(reference, span))
                    }
                    (Ok(Meaning::Parameter(value)), _) => Ok(self.parameter(&value, span)),
                    (Ok(Meaning::Baseline), Some(Same::Reference(reference))) => {
                        Ok(self.reference(reference.clone(), span))
                    }
                    (Ok(Meaning::Baseline), Some(Same::Formula(formula))) => {
                        let around = Around {
                            same: None,
                            on_baseline: true,
                        };
                        let (bound, unit) = self.term(formula, around)?;
                        Ok((Term { span, ..bound }, unit))
                    }
                    (Ok(Meaning::Baseline), None) => Err(fault(self.text, span, WHICH_BASELINE)),
                    (Err(unclear), _) => Err(self.unclear(span, &unclear)),
                }
            }
            TermKind::Negative(inside) => {
                let (inside, unit) = self.term(inside, around)?;
                Ok((of(TermKind::Negative(Box::new(inside))), unit))
            }
            TermKind::Arithmetic(left, operator, right) => {
                let (left, unit) = self.term(left, around)?;
                let (right, other) = self.term(right, around)?;
                let common = match operator {
                    Operator::Plus | Operator::Minus => {
                        self.alike((&left, &unit), (&right, &other))?
                    }
                    Operator::Times => times(&unit, &other),
                    Operator::Over => over(&unit, &other),
                };
                let left = Box::new(converted(left, common.left));
                let right = Box::new(converted(right, common.right));
                Ok((
                    of(TermKind::Arithmetic(left, *operator, right)),
                    common.unit,
                ))
            }
            TermKind::Call(function, arguments) => {
                let mut bound: Vec<Term<Leaf>> = Vec::new();
                let mut units: Vec<Unit> = Vec::new();
                for argument in arguments {
                    let (argument, unit) = self.term(argument, around)?;
                    bound.push(argument);
                    units.push(unit);
                }
                let (bound, unit) = self.all_alike(bound, &units)?;
                Ok((of(TermKind::Call(*function, bound)), unit))
            }
        }
    }

    /// Several numbers in the unit of the first that was measured.
    fn all_alike(&self, terms: Vec<Term<Leaf>>, units: &[Unit]) -> Result<(Vec<Term<Leaf>>, Unit)> {
        let bare = Unit {
            label: None,
            is_written: true,
        };
        let rank = |unit: &&Unit| (unit.label.is_none(), unit.is_written);
        let model = units.iter().min_by_key(rank).unwrap_or(&bare).clone();
        let first = units
            .iter()
            .position(|unit| *unit == model)
            .unwrap_or_default();
        let Some(example) = terms.get(first).cloned() else {
            return Ok((terms, model));
        };
        let convert = |(term, unit): (Term<Leaf>, &Unit)| {
            let common = self.alike((&example, &model), (&term, unit))?;
            Ok(converted(term, common.right))
        };
        let terms = terms
            .into_iter()
            .zip(units)
            .map(convert)
            .collect::<Result<_>>()?;
        Ok((terms, model))
    }

    fn reference(&mut self, reference: Reference, span: Span) -> Bound {
        let label = self.scope.unit(&reference).to_owned();
        let unit = Unit::measured(&label);
        let source = Source::Reference(reference);
        (self.slot(source, label, span), unit)
    }

    fn parameter(&mut self, value: &Quantity, span: Span) -> Bound {
        let source = Source::Parameter(value.value());
        let slot = self.slot(source, value.unit().to_owned(), span);
        (slot, Unit::written(value))
    }

    /// The slot of a number, a new one where it has none yet.
    fn slot(&mut self, source: Source, unit: String, span: Span) -> Term<Leaf> {
        let name = span.of(self.text).trim_matches('`');
        let is_it = |slot: &Slot| match (&slot.source, &source) {
            (Source::Parameter(_), Source::Parameter(_)) => slot.name == name,
            (known, source) => known == source,
        };
        let index = self.slots.iter().position(is_it).unwrap_or_else(|| {
            self.slots.push(Slot {
                name: name.to_owned(),
                source,
                unit: (!unit.is_empty()).then_some(unit),
            });
            self.slots.len() - 1
        });
        Term {
            span,
            kind: TermKind::Leaf(Leaf::Slot(index)),
        }
    }

    /// Two numbers' common unit, or that they have none.
    fn alike(&self, left: (&Term<Leaf>, &Unit), right: (&Term<Leaf>, &Unit)) -> Result<Common> {
        if let Some(common) = alike(left.1, right.1) {
            return Ok(common);
        }
        // What was written has to fit what was measured.
        let ((model, unit), (term, other)) = if left.1.is_written && !right.1.is_written {
            (right, left)
        } else {
            (left, right)
        };
        let model = shortened(model.span.of(self.text));
        let rule = match unit.label.as_deref().unwrap_or_default() {
            "" => {
                format!("must be a number without a unit or a percentage, as {model} has no unit")
            }
            unit => format!("must be in {unit} like {model}"),
        };
        let part = shortened(term.span.of(self.text));
        let got = match other.label.as_deref().unwrap_or_default() {
            _ if other.is_written => format!("\"{part}\""),
            "" => format!("\"{part}\" without a unit"),
            unit => format!("\"{part}\" in {unit}"),
        };
        Err(fault_with(self.text, term.span, &rule, &got))
    }
}

fn on_baseline(reference: Reference) -> Reference {
    Reference {
        arm: Arm::Baseline,
        ..reference
    }
}

/// The same number in another unit: one rounding for a written one.
fn converted(term: Term<Leaf>, conversion: Conversion) -> Term<Leaf> {
    let Some((size, unit_size)) = conversion else {
        return term;
    };
    let span = term.span;
    if let TermKind::Leaf(Leaf::Number(value)) = term.kind {
        let kind = TermKind::Leaf(Leaf::Number(value * size / unit_size));
        return Term { span, kind };
    }
    let by = |operator, left: Term<Leaf>, number| {
        let number = TermKind::Leaf(Leaf::Number(number));
        let right = Box::new(Term { span, kind: number });
        let kind = TermKind::Arithmetic(Box::new(left), operator, right);
        Term { span, kind }
    };
    by(Operator::Over, by(Operator::Times, term, size), unit_size)
}
