//! From tokens to a tree: one function a level of precedence, loosest first.

use super::super::read::did_you_mean;
use super::fault::{Span, fault, fault_with, shortened};
use super::reference::Part;
use super::token::{Token, tokens};
use super::tree::{Claim, Compare, Function, Operator, Probe, Term, TermKind, Word};
use crate::error::{Error, Result};

/// Longest condition, in bytes.
const LONGEST: usize = 4096;

/// Deepest nesting, of parentheses and of the tree.
const DEEPEST: usize = 64;

/// Most numbers, names and operators together.
const MOST_NODES: usize = 512;

/// Something that is true or not: a comparison, a flag, or several joined.
pub(super) fn claim(text: &str) -> Result<Claim<Word>> {
    whole(text)?.claim(text)
}

/// Something that is a number.
pub(super) fn term(text: &str) -> Result<Term<Word>> {
    whole(text)?.term(text)
}

fn whole(text: &str) -> Result<Parsed> {
    check_length(text)?;
    let mut parser = Parser {
        text,
        tokens: tokens(text)?,
        at: 0,
        nesting: 0,
        nodes: 0,
    };
    let parsed = parser.any()?;
    match parser.peek() {
        Token::End => Ok(parsed),
        _ => Err(parser.unexpected("expected an operator or the end")),
    }
}

fn check_length(text: &str) -> Result<()> {
    if text.len() > LONGEST {
        let rule = format!("must be at most {LONGEST} bytes long");
        return Err(Error::option("condition", rule, text.len()));
    }
    Ok(())
}

/// The text with `subject` before every comparison that has nothing to its left: `> 5%` about
/// `error_rate` is `error_rate > 5%`.
pub(super) fn with_subject(subject: &str, text: &str) -> Result<String> {
    check_length(text)?;
    let is_word = matches!(
        tokens(subject).as_deref(),
        Ok([(Token::Name(_), _), (Token::End, _)])
    );
    let subject = if is_word {
        subject.to_owned()
    } else {
        format!("`{subject}`")
    };
    let mut complete = String::new();
    let mut copied = 0;
    let mut lacks_left = true;
    for (token, span) in tokens(text)? {
        if lacks_left && matches!(token, Token::Compare(_)) {
            let before = Span {
                start: copied,
                end: span.start,
            };
            complete.push_str(before.of(text));
            complete.push_str(&subject);
            complete.push(' ');
            copied = span.start;
        }
        lacks_left = matches!(
            token,
            Token::And | Token::Or | Token::Not | Token::Bang | Token::Open
        );
    }
    complete.push_str(text.get(copied..).unwrap_or_default());
    Ok(complete)
}

/// A part of the tree and how deep it is.
struct Parsed {
    node: Node,
    span: Span,
    depth: usize,
}

enum Node {
    Term(TermKind<Word>),
    Claim(Claim<Word>),
}

impl Parsed {
    fn claim(self, text: &str) -> Result<Claim<Word>> {
        match self.node {
            Node::Claim(claim) => Ok(claim),
            Node::Term(kind @ TermKind::Leaf(Word::Name(..))) => Ok(Claim::Flag(Term {
                span: self.span,
                kind,
            })),
            Node::Term(_) => {
                let rule = "expected a comparison that is true or not";
                Err(fault(text, self.span, rule))
            }
        }
    }

    fn term(self, text: &str) -> Result<Term<Word>> {
        let Self { node, span, .. } = self;
        match node {
            Node::Term(kind) => Ok(Term { span, kind }),
            Node::Claim(_) => {
                let rule = "expected a number, not what is true or false";
                Err(fault(text, span, rule))
            }
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(Token, Span)>,
    at: usize,
    nesting: usize,
    nodes: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        self.tokens
            .get(self.at)
            .map_or(Token::End, |(token, _)| token.clone())
    }

    /// Where the next token stands; the end for there being none.
    fn span(&self) -> Span {
        let end = self.text.len();
        let place = self.tokens.get(self.at);
        place.map_or(Span { start: end, end }, |&(_, span)| span)
    }

    /// Takes the next token if it is this one.
    fn take(&mut self, token: &Token) -> bool {
        let is_it = self
            .tokens
            .get(self.at)
            .is_some_and(|(next, _)| next == token);
        self.at += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, token: &Token, rule: &str) -> Result<Span> {
        let span = self.span();
        if self.take(token) {
            return Ok(span);
        }
        Err(self.unexpected(rule))
    }

    fn unexpected(&self, rule: &str) -> Error {
        fault(self.text, self.span(), rule)
    }

    /// One more part of the tree.
    fn grow(&mut self, node: Node, span: Span, below: usize) -> Result<Parsed> {
        self.nodes += 1;
        let depth = below + 1;
        if depth > DEEPEST {
            let rule = format!("must not be nested deeper than {DEEPEST} levels");
            return Err(fault(self.text, span, &rule));
        }
        if self.nodes > MOST_NODES {
            let rule = format!("must have at most {MOST_NODES} numbers, names and operators");
            return Err(fault(self.text, span, &rule));
        }
        Ok(Parsed { node, span, depth })
    }

    /// What `inside` reads, one level further in.
    fn nested<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting >= DEEPEST {
            let rule = format!("must not be nested deeper than {DEEPEST} levels");
            return Err(self.unexpected(&rule));
        }
        self.nesting += 1;
        let read = inside(self);
        self.nesting -= 1;
        read
    }

    /// `a or b or c`
    fn any(&mut self) -> Result<Parsed> {
        self.joined(&Token::Or, Self::all, Claim::Any)
    }

    /// `a and b and c`
    fn all(&mut self) -> Result<Parsed> {
        self.joined(&Token::And, Self::not, Claim::All)
    }

    fn joined(
        &mut self,
        word: &Token,
        part: fn(&mut Self) -> Result<Parsed>,
        join: fn(Vec<Claim<Word>>) -> Claim<Word>,
    ) -> Result<Parsed> {
        let first = part(self)?;
        if self.peek() != *word {
            return Ok(first);
        }
        let (mut span, mut depth) = (first.span, first.depth);
        let mut claims = vec![first.claim(self.text)?];
        while self.take(word) {
            let next = part(self)?;
            (span, depth) = (span.to(next.span), depth.max(next.depth));
            claims.push(next.claim(self.text)?);
        }
        self.grow(Node::Claim(join(claims)), span, depth)
    }

    /// `not a > 1`
    fn not(&mut self) -> Result<Parsed> {
        let word = self.span();
        if !self.take(&Token::Not) {
            return self.comparison();
        }
        let denied = self.nested(Self::not)?;
        self.denied(word, denied)
    }

    fn denied(&mut self, word: Span, denied: Parsed) -> Result<Parsed> {
        let (span, depth) = (word.to(denied.span), denied.depth);
        let claim = Claim::Not(Box::new(denied.claim(self.text)?));
        self.grow(Node::Claim(claim), span, depth)
    }

    /// `a > b`
    fn comparison(&mut self) -> Result<Parsed> {
        let left = self.sum()?;
        let Token::Compare(comparator) = self.peek() else {
            return Ok(left);
        };
        self.at += 1;
        let right = self.sum()?;
        let span = left.span.to(right.span);
        if let Token::Compare(second) = self.peek() {
            let [a, b] = [left.span, right.span].map(|side| shortened(side.of(self.text)));
            let rule = format!(
                "comparisons do not chain, write \"{a} {comparator} {b} and {b} {second} …\""
            );
            return Err(self.unexpected(&rule));
        }
        let depth = left.depth.max(right.depth);
        let compare = Compare {
            left: left.term(self.text)?,
            comparator,
            right: right.term(self.text)?,
            unit: None,
            show_percent: false,
        };
        self.grow(Node::Claim(Claim::Compare(compare)), span, depth)
    }

    /// `a + b - c`
    fn sum(&mut self) -> Result<Parsed> {
        self.arithmetic(Self::product, |token| match token {
            Token::Plus => Some(Operator::Plus),
            Token::Minus => Some(Operator::Minus),
            _ => None,
        })
    }

    /// `a * b / c`
    fn product(&mut self) -> Result<Parsed> {
        self.arithmetic(Self::signed, |token| match token {
            Token::Times => Some(Operator::Times),
            Token::Over => Some(Operator::Over),
            _ => None,
        })
    }

    fn arithmetic(
        &mut self,
        part: fn(&mut Self) -> Result<Parsed>,
        operator: fn(&Token) -> Option<Operator>,
    ) -> Result<Parsed> {
        let mut left = part(self)?;
        while let Some(operator) = operator(&self.peek()) {
            self.at += 1;
            let right = part(self)?;
            left = self.combine(left, operator, right)?;
        }
        Ok(left)
    }

    fn combine(&mut self, left: Parsed, operator: Operator, right: Parsed) -> Result<Parsed> {
        let span = left.span.to(right.span);
        let depth = left.depth.max(right.depth);
        let [left, right] = [left.term(self.text)?, right.term(self.text)?].map(Box::new);
        let node = Node::Term(TermKind::Arithmetic(left, operator, right));
        self.grow(node, span, depth)
    }

    /// `-a` and `!isNaN(a)`
    fn signed(&mut self) -> Result<Parsed> {
        let sign = self.span();
        if self.take(&Token::Bang) {
            let denied = self.nested(Self::signed)?;
            return self.denied(sign, denied);
        }
        if self.take(&Token::Plus) {
            return self.nested(Self::signed);
        }
        if !self.take(&Token::Minus) {
            return self.factor();
        }
        let positive = self.nested(Self::signed)?;
        let (span, depth) = (sign.to(positive.span), positive.depth);
        let positive = Box::new(positive.term(self.text)?);
        self.grow(Node::Term(TermKind::Negative(positive)), span, depth)
    }

    /// `2x baseline` and `2x-baseline`: a factor stands before what it multiplies.
    fn factor(&mut self) -> Result<Parsed> {
        let first = self.atom()?;
        let is_factor = matches!(
            &first.node,
            Node::Term(TermKind::Leaf(Word::Quantity(quantity))) if is_factor(quantity.unit())
        );
        if !is_factor {
            return Ok(first);
        }
        let is_next_to = |parser: &Self, before: Span| parser.span().start == before.end;
        if is_next_to(self, first.span) && self.peek() == Token::Minus {
            let (hyphen, at) = (self.span(), self.at);
            self.at += 1;
            if !(is_next_to(self, hyphen) && matches!(self.peek(), Token::Name(_))) {
                self.at = at; // a subtraction
                return Ok(first);
            }
        }
        match self.peek() {
            Token::Name(_) | Token::Open => {
                let multiplied = self.atom()?;
                self.combine(first, Operator::Times, multiplied)
            }
            _ => Ok(first),
        }
    }

    /// A number, a name, a call, or anything in parentheses.
    fn atom(&mut self) -> Result<Parsed> {
        let span = self.span();
        match self.peek() {
            Token::Quantity(quantity) => {
                self.at += 1;
                let leaf = TermKind::Leaf(Word::Quantity(quantity));
                self.grow(Node::Term(leaf), span, 0)
            }
            Token::Name(name) => {
                self.at += 1;
                if self.take(&Token::Open) {
                    return self.call(&name, span);
                }
                self.name(name, span)
            }
            Token::Open => {
                self.at += 1;
                let inside = self.nested(Self::any)?;
                let rule = "expected an operator or the closing parenthesis";
                let close = self.expect(&Token::Close, rule)?;
                Ok(Parsed {
                    span: span.to(close),
                    ..inside
                })
            }
            _ => Err(self.unexpected("expected a number or a name")),
        }
    }

    /// `result` or `result[0]`
    fn name(&mut self, name: String, span: Span) -> Result<Parsed> {
        let mut part = Part::Whole;
        let mut end = span;
        if self.take(&Token::OpenBracket) {
            let rule = "expected a position, counted from 0";
            let index = match self.peek() {
                Token::Quantity(index) if index.unit().is_empty() => index.value(),
                _ => return Err(self.unexpected(rule)),
            };
            if index.fract() != 0.0 || index > f64::from(u32::MAX) {
                return Err(self.unexpected(rule));
            }
            self.at += 1;
            end = self.expect(&Token::CloseBracket, "expected the closing bracket")?;
            part = Part::Element(index as u32);
        }
        let leaf = TermKind::Leaf(Word::Name(name, part));
        self.grow(Node::Term(leaf), span.to(end), 0)
    }

    /// What a function makes of its arguments; its name and the parenthesis are read.
    fn call(&mut self, name: &str, place: Span) -> Result<Parsed> {
        let Some(&(_, form)) = FORMS.iter().find(|(known, _)| known.to_lowercase() == name) else {
            let written = place.of(self.text);
            let names = FORMS.iter().map(|&(name, _)| name);
            let got = format!("\"{}\"{}", shortened(written), did_you_mean(written, names));
            return Err(fault_with(self.text, place, "expected a function", &got));
        };
        let mut arguments = Vec::new();
        let mut depth = 0;
        loop {
            let argument = self.nested(Self::sum)?;
            depth = depth.max(argument.depth);
            arguments.push(argument.term(self.text)?);
            if !self.take(&Token::Comma) {
                break;
            }
        }
        let rule = "expected an operator, a comma or the closing parenthesis";
        let span = place.to(self.expect(&Token::Close, rule)?);
        let node = self.applied(form, arguments, span)?;
        self.grow(node, span, depth)
    }

    fn applied(&self, form: Form, mut arguments: Vec<Term<Word>>, span: Span) -> Result<Node> {
        let needed = match form {
            Form::Function(Function::Min | Function::Max) => arguments.len(),
            Form::Function(Function::Default) => 2,
            Form::Function(_) | Form::Probe(_) | Form::Length => 1,
        };
        if arguments.len() != needed {
            let s = if needed == 1 { "" } else { "s" };
            let rule = format!("must have {needed} argument{s}");
            let got = arguments.len().to_string();
            return Err(fault_with(self.text, span, &rule, &got));
        }
        match (form, arguments.pop()) {
            (Form::Function(function), Some(last)) => {
                arguments.push(last);
                Ok(Node::Term(TermKind::Call(function, arguments)))
            }
            (Form::Probe(probe), Some(argument)) => Ok(Node::Claim(Claim::Probe(probe, argument))),
            (Form::Length, Some(argument)) => match argument.kind {
                TermKind::Leaf(Word::Name(name, Part::Whole)) => {
                    Ok(Node::Term(TermKind::Leaf(Word::Name(name, Part::Length))))
                }
                _ => Err(fault(
                    self.text,
                    argument.span,
                    "len is the length of a name",
                )),
            },
            (_, None) => Err(fault(self.text, span, "must have an argument")),
        }
    }
}

/// Whether a number with this unit says how many times.
pub(super) fn is_factor(unit: &str) -> bool {
    matches!(unit, "x" | "X" | "×")
}

/// What stands before parentheses.
#[derive(Clone, Copy)]
enum Form {
    Function(Function),
    Probe(Probe),
    Length,
}

const FORMS: &[(&str, Form)] = &[
    ("abs", Form::Function(Function::Abs)),
    ("asFloat", Form::Function(Function::AsFloat)),
    ("asInt", Form::Function(Function::AsInt)),
    ("default", Form::Function(Function::Default)),
    ("isInf", Form::Probe(Probe::Inf)),
    ("isNaN", Form::Probe(Probe::Nan)),
    ("isNil", Form::Probe(Probe::Nil)),
    ("len", Form::Length),
    ("max", Form::Function(Function::Max)),
    ("min", Form::Function(Function::Min)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn number(term: &Term<Word>) -> String {
        match &term.kind {
            TermKind::Leaf(Word::Quantity(quantity)) => quantity.to_string(),
            TermKind::Leaf(Word::Name(name, part)) => match part {
                Part::Whole => name.clone(),
                Part::Element(index) => format!("{name}[{index}]"),
                Part::Length => format!("#{name}"),
            },
            TermKind::Negative(inside) => format!("-{}", number(inside)),
            TermKind::Arithmetic(left, operator, right) => {
                let sign = match operator {
                    Operator::Plus => '+',
                    Operator::Minus => '-',
                    Operator::Times => '*',
                    Operator::Over => '/',
                };
                format!("({} {sign} {})", number(left), number(right))
            }
            TermKind::Call(function, arguments) => {
                let arguments: Vec<_> = arguments.iter().map(number).collect();
                format!("{function:?}({})", arguments.join(" "))
            }
        }
    }

    fn truth(claim: &Claim<Word>) -> String {
        let joined = |claims: &[Claim<Word>], word: &str| {
            let claims: Vec<_> = claims.iter().map(truth).collect();
            format!("({})", claims.join(word))
        };
        match claim {
            Claim::Compare(c) => {
                format!("{} {} {}", number(&c.left), c.comparator, number(&c.right))
            }
            Claim::Flag(flag) => format!("{}?", number(flag)),
            Claim::Probe(probe, term) => format!("{probe:?}({})", number(term)),
            Claim::Not(denied) => format!("not({})", truth(denied)),
            Claim::All(claims) => joined(claims, " and "),
            Claim::Any(claims) => joined(claims, " or "),
        }
    }

    #[test]
    fn conditions_mean_what_they_say() {
        for (text, meaning) in [
            ("error-rate > 3%", "error_rate > 3%"),
            ("latency-p99 > 2x-baseline", "latency_p99 > (2x * baseline)"),
            ("latency_p99 > 2x baseline", "latency_p99 > (2x * baseline)"),
            (
                "latency_p99 > 2 x baseline",
                "latency_p99 > (2x * baseline)",
            ),
            (
                "latency_p99 > 1.5X baseline",
                "latency_p99 > (1.5X * baseline)",
            ),
            ("latency_p99 > 2×baseline", "latency_p99 > (2 * baseline)"),
            ("a / 2x b * c > 0", "((a / (2x * b)) * c) > 0"),
            ("2x (a + b) > 0", "(2x * (a + b)) > 0"),
            ("2x - b > 0", "(2x - b) > 0"),
            ("2x -b > 0", "(2x - b) > 0"),
            ("a / b > 2x and c", "((a / b) > 2x and c?)"),
            ("success-rate < 95%", "success_rate < 95%"),
            (
                "canary_cost_per_request > 1.5 * baseline",
                "canary_cost_per_request > (1.5 * baseline)",
            ),
            (
                "error_rate > 5% or latency_p99 > 2000ms",
                "(error_rate > 5% or latency_p99 > 2000ms)",
            ),
            ("latency-p99 < 500ms", "latency_p99 < 500ms"),
            ("throughput > target * 0.9", "throughput > (target * 0.9)"),
            ("canary_error_rate > 0.05", "canary_error_rate > 0.05"),
            ("canary > baseline * 1.5", "canary > (baseline * 1.5)"),
            ("not (a > 1 and b < 2)", "not((a > 1 and b < 2))"),
            ("not a > 1 and b < 2", "(not(a > 1) and b < 2)"),
            ("NOT not a", "not(not(a?))"),
            ("P99 > 2000ms", "p99 > 2000ms"),
            ("critical-error-logged", "critical_error_logged?"),
            ("result[0] >= 0.95", "result[0] >= 0.95"),
            (
                "result >= 0.95 && !isNaN(result)",
                "(result >= 0.95 and not(Nan(result)))",
            ),
            ("!a || ! b", "(not(a?) or not(b?))"),
            ("a or b or c", "(a? or b? or c?)"),
            ("a or b and c or d", "(a? or (b? and c?) or d?)"),
            ("a = 1 || a == 2", "(a == 1 or a == 2)"),
            ("a != 1", "a != 1"),
            (
                "a ≥ 1 and a ≤ 2 and a ≠ 1.5",
                "(a >= 1 and a <= 2 and a != 1.5)",
            ),
            ("default(result, 0) < 5", "Default(result 0) < 5"),
            ("asint(a) < ASFLOAT(a)", "AsInt(a) < AsFloat(a)"),
            (
                "max(1,200) > min(a, b, abs(-c))",
                "Max(1 200) > Min(a b Abs(-c))",
            ),
            ("len(result) > 0", "#result > 0"),
            ("a-b > 1", "a_b > 1"),
            ("a - b > 1", "(a - b) > 1"),
            ("a -b > 1", "(a - b) > 1"),
            ("a-1 > 1", "(a - 1) > 1"),
            ("a - - 1 > -1", "(a - -1) > -1"),
            ("p99-latency > 1", "p99_latency > 1"),
            ("a - b - c > 1", "((a - b) - c) > 1"),
            ("a + b * c / d > 1", "(a + ((b * c) / d)) > 1"),
            ("-a * b > 1", "(-a * b) > 1"),
            ("job:errors:rate5m > 1", "job:errors:rate5m > 1"),
            ("canary.latency.p99.9 > 1", "canary.latency.p99.9 > 1"),
            ("`5xx Rate` > 1", "5xx rate > 1"),
            ("memory > 1.5 GiB", "memory > 1.5GiB"),
            ("rps < 200/s", "rps < 200/s"),
            ("rps < 200 req/s", "rps < 200req/s"),
            ("rps < 200 per second", "rps < 200per second"),
            ("rps < 200 / s", "rps < (200 / s)"),
            ("rps < 200/servers", "rps < (200 / servers)"),
            ("queue > 12 widgets", "queue > 12widgets"),
            ("a > 1 and b", "(a > 1 and b?)"),
            ("a > 1_000.5e-3", "a > 1.0005"),
            ("a > .5", "a > 0.5"),
            ("µs_total > 5µs", "µs_total > 5µs"),
        ] {
            let read = claim(text).map_err(|error| error.to_string());
            assert_eq!(
                read.map(|claim| truth(&claim)),
                Ok(meaning.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_column() {
        for (text, column, rule) in [
            ("", 1, "expected a number or a name, got the end"),
            ("a >", 4, "expected a number or a name, got the end"),
            (
                "error_rate > )",
                14,
                "expected a number or a name, got \")\"",
            ),
            ("a > c b", 7, "expected an operator or the end, got \"b\""),
            ("a > 1,000", 6, "expected an operator or the end, got \",\""),
            (
                "(a > 1",
                7,
                "expected an operator or the closing parenthesis, got the end",
            ),
            (
                "1 < x < 2",
                7,
                "comparisons do not chain, write \"1 < x and x < …\", got \"<\"",
            ),
            (
                "(a > 1) > 2",
                1,
                "expected a number, not what is true or false, got \"(a > 1)\"",
            ),
            (
                "!a > 1",
                1,
                "expected a number, not what is true or false, got \"!a\"",
            ),
            (
                "a > 1 + (b > 2)",
                9,
                "expected a number, not what is true or false",
            ),
            (
                "a > 1 and 5",
                11,
                "expected a comparison that is true or not, got \"5\"",
            ),
            (
                "a + b",
                1,
                "expected a comparison that is true or not, got \"a + b\"",
            ),
            ("a > 1 & b", 7, "must be && or the word and"),
            ("a > 1 | b", 7, "must be || or the word or"),
            (
                "é > \"x\"",
                5,
                "a name that is no plain word stands between backticks",
            ),
            (
                "a > `x",
                5,
                "a name that starts with a backtick ends with one",
            ),
            (
                "a > 1 $",
                7,
                "expected a number, a name or an operator, got \"$\"",
            ),
            ("isNan(a, b)", 1, "must have 1 argument, got 2"),
            ("default(a) > 1", 1, "must have 2 arguments, got 1"),
            ("min() > 1", 5, "expected a number or a name, got \")\""),
            (
                "defalt(a, 1) > 1",
                1,
                "expected a function, got \"defalt\", did you mean `default`?",
            ),
            (
                "len(a + 1) > 1",
                5,
                "len is the length of a name, got \"a + 1\"",
            ),
            (
                "a[1.5] > 1",
                3,
                "expected a position, counted from 0, got \"1.5\"",
            ),
            (
                "a[-1] > 1",
                3,
                "expected a position, counted from 0, got \"-\"",
            ),
            ("a[0 > 1", 5, "expected the closing bracket, got \">\""),
            ("a > 1e999", 5, "must be a finite number, got \"1e999\""),
            (
                "a > 2 baseline",
                7,
                "expected an operator or the end, got \"baseline\"",
            ),
        ] {
            let error = claim(text).unwrap_err().to_string();
            let expected = format!("condition: column {column}: {rule}");
            assert!(error.starts_with(&expected), "{text}: {error}");
            let caret = error.lines().last().unwrap();
            assert_eq!(
                caret,
                format!("  {}^", " ".repeat(column - 1)),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn long_and_deep_conditions_are_refused() {
        let deep = |open: &str, close: &str, n| {
            claim(&format!("{}a{} > 0", open.repeat(n), close.repeat(n)))
        };
        assert!(deep("(", ")", 64).is_ok());
        for (open, close) in [
            ("(", ")"),
            ("-", ""),
            ("+", ""),
            ("abs(", ")"),
            ("!", ""),
            ("not ", ""),
        ] {
            let error = deep(open, close, 65).unwrap_err().to_string();
            assert!(error.contains("deeper than 64"), "{open}: {error}");
        }
        assert!(claim(&format!("a{} > 0", " + a".repeat(63))).is_err());
        assert!(claim(&format!("a{} > 0", " + a".repeat(62))).is_ok());
        assert!(claim(&vec!["a > 1"; 100].join(" or ")).is_ok());
        let many = claim(&vec!["a > 1"; 200].join(" or "))
            .unwrap_err()
            .to_string();
        assert!(many.contains("at most 512"), "{many}");
        let long = claim(&"a".repeat(4097)).unwrap_err().to_string();
        assert_eq!(long, "condition: must be at most 4096 bytes long, got 4097");
    }

    #[test]
    fn long_conditions_are_shown_around_the_fault() {
        let text = format!("{} > ) or {}", "a".repeat(100), "b".repeat(100));
        let error = claim(&text).unwrap_err().to_string();
        let lines: Vec<_> = error.lines().collect();
        let caret = lines[2].chars().position(|c| c == '^').unwrap();
        assert_eq!(lines[1].chars().nth(caret), Some(')'), "{error}");
        assert!(lines[1].chars().count() < 100, "{error}");
        assert_eq!(shortened(&"ab ".repeat(50)).chars().count(), 41);
    }

    #[test]
    fn a_subject_stands_where_none_is_written() {
        for (subject, text, complete) in [
            ("error_rate", "> 5%", "error_rate > 5%"),
            (
                "error-rate",
                " > 5% or < 1%",
                " error-rate > 5% or error-rate < 1%",
            ),
            ("5xx rate", "not (> 5%)", "not (`5xx rate` > 5%)"),
            ("a", "b > 5 and flag", "b > 5 and flag"),
            ("not", ">= 5", "`not` >= 5"),
        ] {
            assert_eq!(with_subject(subject, text).unwrap(), complete);
        }
    }
}
