//! What a condition says, as a tree. Its leaves are names and quantities when it is parsed, and
//! readings and numbers when it is bound.

use super::super::units::Quantity;
use super::fault::Span;
use super::reference::Part;
use crate::options::choice;

choice! {
    /// How two numbers are compared.
    Comparator("comparator") {
        /// Strictly more.
        Above = ">",
        /// As much or more.
        AtLeast = ">=",
        /// Strictly less.
        Below = "<",
        /// As much or less.
        AtMost = "<=",
        /// The same; `=` is read too.
        Equal = "==",
        /// Not the same.
        NotEqual = "!=",
    }
}

impl Comparator {
    /// Whether it holds. Neither number is NaN.
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Above => left > right,
            Self::AtLeast => left >= right,
            Self::Below => left < right,
            Self::AtMost => left <= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }

    /// That of the sides exchanged.
    pub(super) const fn mirrored(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::AtLeast => Self::AtMost,
            Self::Below => Self::Above,
            Self::AtMost => Self::AtLeast,
            Self::Equal | Self::NotEqual => self,
        }
    }

    /// How the left side stands to the right one, when it holds and when it does not.
    pub(super) const fn words(self, holds: bool) -> &'static str {
        match (self, holds) {
            (Self::Above, true) | (Self::AtMost, false) => "above",
            (Self::Above, false) => "not above",
            (Self::AtLeast, true) => "at least",
            (Self::Below, true) | (Self::AtLeast, false) => "below",
            (Self::Below, false) => "not below",
            (Self::AtMost, true) => "at most",
            (Self::Equal, true) | (Self::NotEqual, false) => "equal to",
            (Self::Equal, false) | (Self::NotEqual, true) => "not equal to",
        }
    }
}

/// What is a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term<L> {
    pub(super) span: Span,
    pub(super) kind: TermKind<L>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum TermKind<L> {
    Leaf(L),
    Negative(Box<Term<L>>),
    Arithmetic(Box<Term<L>>, Operator, Box<Term<L>>),
    Call(Function, Vec<Term<L>>),
}

/// What is true or not.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Claim<L> {
    Compare(Compare<L>),
    /// A bare name: true when it is not zero.
    Flag(Term<L>),
    Probe(Probe, Term<L>),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Compare<L> {
    pub(super) left: Term<L>,
    pub(super) comparator: Comparator,
    pub(super) right: Term<L>,
    /// The unit of both sides, known when they are bound.
    pub(super) unit: Option<String>,
    /// Whether a share is to be shown as a percentage, because one was written.
    pub(super) show_percent: bool,
}

/// A leaf as it is parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    Name(String, Part),
    Quantity(Quantity),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Numbers of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Min,
    Max,
    Default,
    AsInt,
    AsFloat,
}

/// Questions about one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// Whether it is NaN.
    Nan,
    /// Whether it is infinite.
    Inf,
    /// Whether there are no data.
    Nil,
}

impl<L> Term<L> {
    /// Shows every leaf and its place, from left to right.
    pub(super) fn each_leaf<'a>(&'a self, see: &mut impl FnMut(&'a L, Span)) {
        match &self.kind {
            TermKind::Leaf(leaf) => see(leaf, self.span),
            TermKind::Negative(inside) => inside.each_leaf(see),
            TermKind::Arithmetic(left, _, right) => {
                left.each_leaf(see);
                right.each_leaf(see);
            }
            TermKind::Call(_, arguments) => {
                for argument in arguments {
                    argument.each_leaf(see);
                }
            }
        }
    }
}

impl<L> Claim<L> {
    /// Shows every number that is compared or asked about, from left to right.
    pub(super) fn each_term<'a>(&'a self, see: &mut impl FnMut(&'a Term<L>)) {
        match self {
            Self::Compare(comparison) => {
                see(&comparison.left);
                see(&comparison.right);
            }
            Self::Flag(term) | Self::Probe(_, term) => see(term),
            Self::Not(denied) => denied.each_term(see),
            Self::All(claims) | Self::Any(claims) => {
                for claim in claims {
                    claim.each_term(see);
                }
            }
        }
    }
}
