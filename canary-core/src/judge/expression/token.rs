//! From text to words, signs and quantities.

use super::super::units::{Quantity, is_grouped, is_unit};
use super::fault::{Span, fault};
use super::tree::Comparator;
use crate::error::Result;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A number with its unit, if it has one.
    Quantity(Quantity),
    /// A name as it is compared: lower case, `_` for `-`.
    Name(String),
    Compare(Comparator),
    And,
    Or,
    /// The word `not`, which takes all of the comparison that follows.
    Not,
    /// The sign `!`, which takes what stands next to it.
    Bang,
    Plus,
    Minus,
    Times,
    Over,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    End,
}

/// Longest first, so that `>=` is not read as `>` and `=`.
const SIGNS: &[(&str, Token)] = &[
    (">=", Token::Compare(Comparator::AtLeast)),
    ("<=", Token::Compare(Comparator::AtMost)),
    ("==", Token::Compare(Comparator::Equal)),
    ("!=", Token::Compare(Comparator::NotEqual)),
    ("&&", Token::And),
    ("||", Token::Or),
    (">", Token::Compare(Comparator::Above)),
    ("<", Token::Compare(Comparator::Below)),
    ("=", Token::Compare(Comparator::Equal)),
    ("≥", Token::Compare(Comparator::AtLeast)),
    ("≤", Token::Compare(Comparator::AtMost)),
    ("≠", Token::Compare(Comparator::NotEqual)),
    ("!", Token::Bang),
    ("+", Token::Plus),
    ("-", Token::Minus),
    ("*", Token::Times),
    ("×", Token::Times),
    ("/", Token::Over),
    ("(", Token::Open),
    (")", Token::Close),
    ("[", Token::OpenBracket),
    ("]", Token::CloseBracket),
    (",", Token::Comma),
];

/// The units of time that make a rate of what stands before the slash: `200 req/s`.
const PER: &[&str] = &[
    "s", "sec", "second", "min", "minute", "h", "hour", "d", "day",
];

/// Alone or before a metric's name, the arm that is meant; a stable version is a baseline.
pub(super) const ARMS: &[&str] = &["canary", "baseline", "stable"];

/// Names are the same name in either case and with either hyphen.
pub(super) fn folded(name: &str) -> String {
    name.to_lowercase().replace('-', "_")
}

/// The tokens with their places; the last one is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Span)>> {
    let mut tokens = Vec::new();
    let mut reader = Reader { text, at: 0 };
    loop {
        let (token, span) = reader.next()?;
        let is_end = token == Token::End;
        tokens.push((token, span));
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The longest part from here on whose characters all are such.
    fn run(&self, is_such: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !is_such(c)).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        self.at += self.run(char::is_whitespace).len();
    }

    fn next(&mut self) -> Result<(Token, Span)> {
        self.skip_space();
        let start = self.at;
        let token = match self.rest().chars().next() {
            None => Token::End,
            Some(c) if c.is_ascii_digit() => self.quantity()?,
            Some('.') if starts_with(self.rest().get(1..), |c| c.is_ascii_digit()) => {
                self.quantity()?
            }
            Some('`') => self.quoted()?,
            Some(c) if is_first(c) => self.name(),
            Some(c) => self.sign(c)?,
        };
        let end = self.at;
        Ok((token, Span { start, end }))
    }

    fn sign(&mut self, c: char) -> Result<Token> {
        let mut signs = SIGNS.iter();
        if let Some((sign, token)) = signs.find(|(sign, _)| self.rest().starts_with(sign)) {
            self.at += sign.len();
            return Ok(token.clone());
        }
        let span = Span {
            start: self.at,
            end: self.at + c.len_utf8(),
        };
        let rule = match c {
            '&' => "must be && or the word and",
            '|' => "must be || or the word or",
            '"' | '\'' => "a name that is no plain word stands between backticks",
            _ => "expected a number, a name or an operator",
        };
        Err(fault(self.text, span, rule))
    }

    /// `error-rate` is one name: the hyphen has letters next to it. So are `job:errors` and
    /// `latency.p99`.
    fn name(&mut self) -> Token {
        let start = self.at;
        loop {
            self.at += self.run(is_further).len();
            let mut next = self.rest().chars();
            let joins = match (next.next(), next.next()) {
                (Some('-'), Some(c)) => is_first(c),
                (Some('.' | ':'), Some(c)) => is_further(c),
                _ => false,
            };
            if !joins {
                break;
            }
            self.at += 1;
        }
        let word = self.text.get(start..self.at).unwrap_or_default();
        keyword(word).unwrap_or_else(|| Token::Name(folded(word)))
    }

    /// Any name between backticks.
    fn quoted(&mut self) -> Result<Token> {
        let start = self.at;
        self.at += 1;
        let name = self.run(|c| c != '`');
        self.at += name.len();
        if name.is_empty() || !self.rest().starts_with('`') {
            let span = Span {
                start,
                end: self.at,
            };
            let rule = "a name that starts with a backtick ends with one";
            return Err(fault(self.text, span, rule));
        }
        self.at += 1;
        Ok(Token::Name(folded(name)))
    }

    fn quantity(&mut self) -> Result<Token> {
        let start = self.at;
        let digits = |c: char| c.is_ascii_digit() || c == '_';
        self.at += self.run(digits).len();
        if self.rest().starts_with('.') && starts_with(self.rest().get(1..), |c| c.is_ascii_digit())
        {
            self.at += 1;
            self.at += self.run(digits).len();
        }
        self.exponent();
        let span = Span {
            start,
            end: self.at,
        };
        if !is_grouped(span.of(self.text)) {
            return Err(fault(
                self.text,
                span,
                "must have each _ between two digits",
            ));
        }
        let number = span.of(self.text).replace('_', "");
        match number.parse::<f64>() {
            Ok(value) if value.is_finite() => {
                Ok(Token::Quantity(Quantity::new(value, self.unit())))
            }
            _ => Err(fault(self.text, span, "must be a finite number")),
        }
    }

    /// `e-3`, only where digits follow the e.
    fn exponent(&mut self) {
        let Some(exponent) = self.rest().strip_prefix(['e', 'E']) else {
            return;
        };
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let digits = unsigned.chars().take_while(char::is_ascii_digit).count();
        if digits > 0 {
            self.at += 1 + (exponent.len() - unsigned.len()) + digits;
        }
    }

    /// The unit of the number that ended here: a sign or a word, next to it or after a space.
    fn unit(&mut self) -> String {
        let number_end = self.at;
        if let Some(rate) = self.rate() {
            return rate;
        }
        self.skip_space();
        if self.rest().starts_with('%') {
            self.at += 1;
            return "%".to_owned();
        }
        let start = self.at;
        let word = self.run(char::is_alphabetic);
        // After a space, a call, a longer name or an arm is no unit.
        let is_other = start > number_end && {
            let after = self.text.get(start + word.len()..);
            ARMS.contains(&word) || starts_with(after, |c| is_further(c) || c == '(')
        };
        if word.is_empty() || keyword(word).is_some() || is_other {
            self.at = number_end;
            return String::new();
        }
        self.at += word.len();
        if let Some(rate) = self.rate() {
            return format!("{word}{rate}");
        }
        if word == "per" {
            self.skip_space();
            let spelled = format!("per {}", self.run(char::is_alphabetic));
            if is_unit(&spelled) {
                self.at += spelled.len() - "per ".len();
                return spelled;
            }
            self.at = start + word.len();
        }
        word.to_owned()
    }

    /// `/s` and its like, with nothing between.
    fn rate(&mut self) -> Option<String> {
        let after = self.rest().strip_prefix('/')?;
        let end = after.find(|c: char| !is_further(c)).unwrap_or(after.len());
        let per = after.get(..end).filter(|per| PER.contains(per))?;
        self.at += 1 + per.len();
        Some(format!("/{per}"))
    }
}

fn keyword(word: &str) -> Option<Token> {
    match word.to_ascii_lowercase().as_str() {
        "and" => Some(Token::And),
        "or" => Some(Token::Or),
        "not" => Some(Token::Not),
        _ => None,
    }
}

fn starts_with(text: Option<&str>, is_such: impl Fn(char) -> bool) -> bool {
    text.is_some_and(|text| text.starts_with(is_such))
}

fn is_first(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_further(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
