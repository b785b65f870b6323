//! Argo's condition language, as far as it is about numbers: `result[0] >= 0.95 && !isNaN(result)`.
//!
//! | tighter and tighter | |
//! |---|---|
//! | `c ? a : b` | |
//! | `\|\|` `or` | |
//! | `&&` `and` | |
//! | `==` `!=` `<` `<=` `>` `>=` | of numbers; a chain of them is an error |
//! | `+` `-` | |
//! | `*` `/` | |
//! | `!` `not` `-` | so `!a == b` is `(!a) == b` |
//! | `result`, `result[0]`, `nil`, `true`, `len(x)`, ... | |
//!
//! Every comparison with a NaN is false, but for `!=`. A NaN is therefore neither a success nor a
//! failure by itself.

use crate::judge::engines::reading::EngineReading;

/// Longest condition, in bytes.
const LONGEST: usize = 4096;
/// Deepest nesting.
const DEEPEST: usize = 64;

/// A condition, parsed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Expression(Node);

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Bool(bool),
    Nil,
    Result,
    Index(Box<Self>, Box<Self>),
    Call(Function, Vec<Self>),
    Not(Box<Self>),
    Minus(Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Choice(Box<Self>, Box<Self>, Box<Self>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    AsInt,
    AsFloat,
    IsNan,
    IsInf,
    IsNil,
    Default,
    Len,
}

impl Function {
    fn named(name: &str) -> Option<(Self, usize)> {
        Some(match name {
            "asInt" => (Self::AsInt, 1),
            "asFloat" => (Self::AsFloat, 1),
            "isNaN" => (Self::IsNan, 1),
            "isInf" => (Self::IsInf, 1),
            "isNil" => (Self::IsNil, 1),
            "default" => (Self::Default, 2),
            "len" => (Self::Len, 1),
            _ => return None,
        })
    }
}

/// What a part of a condition comes to.
#[derive(Debug, Clone, Copy)]
enum Value<'a> {
    Number(f64),
    Bool(bool),
    Vector(&'a [f64]),
    Nil,
}

impl Value<'_> {
    const fn kind(self) -> &'static str {
        match self {
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Vector(_) => "a list",
            Self::Nil => "nil",
        }
    }

    fn number(self) -> Result<f64, String> {
        match self {
            Self::Number(x) => Ok(x),
            other => Err(format!("expected a number, got {}", other.kind())),
        }
    }

    fn bool(self) -> Result<bool, String> {
        match self {
            Self::Bool(x) => Ok(x),
            other => Err(format!("expected true or false, got {}", other.kind())),
        }
    }
}

impl Expression {
    /// Reads a condition; what it is about that is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("must be at most {LONGEST} bytes long"));
        }
        let mut parser = Parser {
            tokens: tokens(text)?,
            at: 0,
            depth: 0,
        };
        let node = parser.choice()?;
        match parser.peek() {
            None => Ok(Self(node)),
            Some(token) => Err(format!("`{token}` is not understood there")),
        }
    }

    /// Whether it is fulfilled; why it is an error.
    pub(super) fn is_true_of(&self, reading: &EngineReading) -> Result<bool, String> {
        let result = match reading {
            EngineReading::Number(x) => Value::Number(*x),
            EngineReading::Vector(list) => Value::Vector(list),
            EngineReading::Nothing => Value::Nil,
            EngineReading::Known(outcome) => {
                return Err(format!("there is no number, only {outcome}"));
            }
        };
        value(&self.0, result)?.bool()
    }
}

fn value<'a>(node: &Node, result: Value<'a>) -> Result<Value<'a>, String> {
    Ok(match node {
        Node::Number(x) => Value::Number(*x),
        Node::Bool(x) => Value::Bool(*x),
        Node::Nil => Value::Nil,
        Node::Result => result,
        Node::Index(list, index) => {
            let list = match value(list, result)? {
                Value::Vector(list) => list,
                other => return Err(format!("expected a list before [, got {}", other.kind())),
            };
            let index = value(index, result)?.number()?;
            // From the end, if negative.
            let place = if index < 0.0 {
                index + list.len() as f64
            } else {
                index
            };
            let mut places = (0..list.len()).zip(list);
            let there = places.find(|(at, _)| *at as f64 == place);
            let (_, &x) = there
                .ok_or_else(|| format!("result[{index}]: the list has {} values", list.len()))?;
            Value::Number(x)
        }
        Node::Call(function, arguments) => called(*function, arguments, result)?,
        Node::Not(of) => Value::Bool(!value(of, result)?.bool()?),
        Node::Minus(of) => Value::Number(-value(of, result)?.number()?),
        Node::Binary("||", left, right) => {
            Value::Bool(value(left, result)?.bool()? || value(right, result)?.bool()?)
        }
        Node::Binary("&&", left, right) => {
            Value::Bool(value(left, result)?.bool()? && value(right, result)?.bool()?)
        }
        Node::Binary(operator, left, right) => {
            binary(operator, value(left, result)?, value(right, result)?)?
        }
        Node::Choice(condition, yes, no) => {
            let chosen = if value(condition, result)?.bool()? {
                yes
            } else {
                no
            };
            value(chosen, result)?
        }
    })
}

fn binary<'a>(operator: &str, left: Value<'a>, right: Value<'a>) -> Result<Value<'a>, String> {
    if matches!(operator, "==" | "!=") {
        let equal = match (left, right) {
            (Value::Number(x), Value::Number(y)) => x == y,
            (Value::Bool(x), Value::Bool(y)) => x == y,
            (Value::Vector(x), Value::Vector(y)) => x == y,
            (Value::Nil, Value::Nil) => true,
            _ => false,
        };
        return Ok(Value::Bool(equal == (operator == "==")));
    }
    let (x, y) = (left.number()?, right.number()?);
    Ok(match operator {
        "<" => Value::Bool(x < y),
        "<=" => Value::Bool(x <= y),
        ">" => Value::Bool(x > y),
        ">=" => Value::Bool(x >= y),
        "+" => Value::Number(x + y),
        "-" => Value::Number(x - y),
        "*" => Value::Number(x * y),
        _ => Value::Number(x / y),
    })
}

fn called<'a>(f: Function, arguments: &[Node], result: Value<'a>) -> Result<Value<'a>, String> {
    let mut values = arguments.iter().map(|argument| value(argument, result));
    let mut next = || values.next().unwrap_or(Ok(Value::Nil));
    let first = next()?;
    let is_nil = matches!(result, Value::Nil);
    Ok(match f {
        Function::AsFloat => Value::Number(first.number()?),
        Function::AsInt => {
            let x = first.number()?.trunc();
            // Go on the usual machines: the least integer for what has no integer.
            let least = i64::MIN as f64;
            let fits = x >= least && x < -least;
            Value::Number(if fits { x } else { least })
        }
        Function::IsNan => Value::Bool(first.number()?.is_nan()),
        Function::IsInf => Value::Bool(first.number()?.is_infinite()),
        // These two ask about the result, whatever their argument.
        Function::IsNil => Value::Bool(is_nil),
        Function::Default => {
            let instead = next()?;
            if is_nil { instead } else { result }
        }
        Function::Len => match first {
            Value::Vector(list) => Value::Number(list.len() as f64),
            other => return Err(format!("len: expected a list, got {}", other.kind())),
        },
    })
}

const SIGNS: [&str; 18] = [
    "||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "!", "(", ")", "[", "]", "?",
];

fn tokens(text: &str) -> Result<Vec<&str>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS
            .into_iter()
            .chain([":", ","])
            .find(|sign| rest.starts_with(sign));
        let end = if first.is_ascii_digit() || first == '.' {
            number_end(rest)
        } else if let Some(sign) = sign {
            sign.len()
        } else if first.is_alphabetic() || first == '_' {
            let inside = |c: char| c.is_alphanumeric() || c == '_';
            rest.find(|c| !inside(c)).unwrap_or(rest.len())
        } else {
            return Err(format!("`{first}` is not understood"));
        };
        let (token, after) = rest.split_at(end);
        // a ** b and the like would be read as something else.
        if token == "*" && after.starts_with('*') {
            return Err("`**` is not understood".to_owned());
        }
        tokens.push(token);
        rest = after.trim_start();
    }
    Ok(tokens)
}

/// Where a number ends: digits, one point, an exponent.
fn number_end(text: &str) -> usize {
    let mut before = '0';
    let end = text.find(|c: char| {
        let inside = c.is_ascii_alphanumeric()
            || matches!(c, '.' | '_')
            || matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        before = c;
        !inside
    });
    end.unwrap_or(text.len())
}

struct Parser<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    depth: usize,
}

/// The operators from the loosest to the tightest.
const LEVELS: [&[(&str, &str)]; 5] = [
    &[("||", "||"), ("or", "||")],
    &[("&&", "&&"), ("and", "&&")],
    &[
        ("==", "=="),
        ("!=", "!="),
        ("<", "<"),
        ("<=", "<="),
        (">", ">"),
        (">=", ">="),
    ],
    &[("+", "+"), ("-", "-")],
    &[("*", "*"), ("/", "/")],
];

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_it = self.peek() == Some(token);
        self.at += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) {
            return Ok(());
        }
        let got = self
            .peek()
            .map_or("the end".to_owned(), |got| format!("`{got}`"));
        Err(format!("expected `{token}`, got {got}"))
    }

    fn choice(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("must not be nested deeper than {DEEPEST} levels"));
        }
        let condition = self.level(&LEVELS)?;
        let node = if self.take("?") {
            let yes = self.choice()?;
            self.expect(":")?;
            Node::Choice(Box::new(condition), Box::new(yes), Box::new(self.choice()?))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(node)
    }

    fn level(&mut self, levels: &[&[(&'static str, &'static str)]]) -> Result<Node, String> {
        let Some((operators, tighter)) = levels.split_first() else {
            return self.unary();
        };
        let mut left = self.level(tighter)?;
        let mut length = 0;
        while let Some(&(word, operator)) = operators
            .iter()
            .find(|(word, _)| self.peek() == Some(*word))
        {
            self.take(word);
            // Each one is a level of the tree.
            length += 1;
            if length > DEEPEST {
                return Err(format!(
                    "must not have more than {DEEPEST} operators in a row"
                ));
            }
            left = Node::Binary(operator, Box::new(left), Box::new(self.level(tighter)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("must not be nested deeper than {DEEPEST} levels"));
        }
        let node = if self.take("!") || self.take("not") {
            Node::Not(Box::new(self.unary()?))
        } else if self.take("-") {
            Node::Minus(Box::new(self.unary()?))
        } else if self.take("+") {
            self.unary()?
        } else {
            self.indexed()?
        };
        self.depth -= 1;
        Ok(node)
    }

    fn indexed(&mut self) -> Result<Node, String> {
        let mut node = self.atom()?;
        let mut length = 0;
        while self.take("[") {
            length += 1;
            if length > DEEPEST {
                return Err(format!(
                    "must not have more than {DEEPEST} indices in a row"
                ));
            }
            let index = self.choice()?;
            self.expect("]")?;
            node = Node::Index(Box::new(node), Box::new(index));
        }
        Ok(node)
    }

    fn atom(&mut self) -> Result<Node, String> {
        let Some(token) = self.peek() else {
            return Err("expected a number or a name, got the end".to_owned());
        };
        self.at += 1;
        match token {
            "true" => return Ok(Node::Bool(true)),
            "false" => return Ok(Node::Bool(false)),
            "nil" => return Ok(Node::Nil),
            "result" => return Ok(Node::Result),
            "(" => {
                let inside = self.choice()?;
                self.expect(")")?;
                return Ok(inside);
            }
            _ => {}
        }
        if let Some((function, needed)) = Function::named(token) {
            self.expect("(")?;
            let mut arguments = vec![self.choice()?];
            while self.take(",") {
                arguments.push(self.choice()?);
            }
            self.expect(")")?;
            if arguments.len() != needed {
                let got = arguments.len();
                return Err(format!("{token}: needs {needed} arguments, got {got}"));
            }
            return Ok(Node::Call(function, arguments));
        }
        let digits = token.replace('_', "");
        let starts = token.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        match digits.parse() {
            Ok(number) if starts => Ok(Node::Number(number)),
            _ => Err(format!("`{token}` is not understood")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, reading: &EngineReading) -> Result<bool, String> {
        Expression::parse(text).unwrap().is_true_of(reading)
    }

    #[test]
    fn conditions_mean_what_they_mean_to_argo() {
        let number = EngineReading::Number;
        let list = |list: &[f64]| EngineReading::Vector(list.to_vec());
        for (text, reading, expected) in [
            ("result >= 0.95", number(0.95), Ok(true)),
            ("result[0] >= 0.95", list(&[0.94]), Ok(false)),
            (
                "result[0] < 1 && result[1] < 1",
                list(&[0.5, 1.0]),
                Ok(false),
            ),
            (
                "result[0] < 1 and not (result[1] < 1)",
                list(&[0.5, 1.0]),
                Ok(true),
            ),
            ("result[-1] == 7", list(&[1.0, 7.0]), Ok(true)),
            ("true || result[9] > 1", list(&[]), Ok(true)),
            ("false && result[9] > 1", list(&[]), Ok(false)),
            ("len(result) == 0 || result[0] < 5", list(&[]), Ok(true)),
            ("!isNaN(result) && result > 1", number(f64::NAN), Ok(false)),
            ("isNaN(result[0])", list(&[f64::NAN]), Ok(true)),
            ("result != result", number(f64::NAN), Ok(true)),
            ("!(result > 1)", number(f64::NAN), Ok(true)),
            ("isInf(result)", number(f64::NEG_INFINITY), Ok(true)),
            (
                "default(result, 0) < 0.05",
                EngineReading::Nothing,
                Ok(true),
            ),
            ("default(result, 0) < 0.05", number(0.1), Ok(false)),
            ("isNil(result)", EngineReading::Nothing, Ok(true)),
            ("isNil(result)", list(&[]), Ok(false)),
            ("result == nil", EngineReading::Nothing, Ok(true)),
            ("asInt(result) == 3", number(3.9), Ok(true)),
            ("asInt(result) < 0", number(f64::NAN), Ok(true)),
            ("asFloat(result) / 0 > 1e9", number(1.0), Ok(true)),
            (
                "1 + 2 * 3 == 7 && -2 - 1 == -3",
                EngineReading::Nothing,
                Ok(true),
            ),
            ("result > 1 ? result < 5 : true", number(7.0), Ok(false)),
            (
                "1_000.5 == 1000.5 && .5 == 5e-1",
                EngineReading::Nothing,
                Ok(true),
            ),
        ] {
            assert_eq!(of(text, &reading), expected, "{text} of {reading}");
        }
    }

    #[test]
    fn what_argo_cannot_compute_is_an_error() {
        let number = EngineReading::Number(1.0);
        for (text, reading, message) in [
            (
                "result[0] > 1",
                EngineReading::Vector(vec![]),
                "result[0]: the list has 0 values",
            ),
            (
                "result[0] > 1",
                number.clone(),
                "expected a list before [, got a number",
            ),
            (
                "result[0.5] > 1",
                EngineReading::Vector(vec![1.0]),
                "result[0.5]: the list has 1 values",
            ),
            (
                "result > 1",
                EngineReading::Vector(vec![1.0]),
                "expected a number, got a list",
            ),
            (
                "result > 1",
                EngineReading::Nothing,
                "expected a number, got nil",
            ),
            (
                "result",
                number.clone(),
                "expected true or false, got a number",
            ),
            (
                "0 < result < 2",
                number.clone(),
                "expected a number, got true or false",
            ),
            (
                "!result == 0",
                number.clone(),
                "expected true or false, got a number",
            ),
            // The whole list is what `default` gives, not its first value.
            (
                "default(result[0], 0) > 1",
                EngineReading::Vector(vec![2.0]),
                "expected a number, got a list",
            ),
            (
                "isNil(result[0])",
                EngineReading::Vector(vec![]),
                "result[0]: the list has 0 values",
            ),
            (
                "len(result) == 1",
                number,
                "len: expected a list, got a number",
            ),
        ] {
            assert_eq!(
                of(text, &reading),
                Err(message.to_owned()),
                "{text} of {reading}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, message) in [
            ("result >", "expected a number or a name, got the end"),
            ("result > 1 1", "`1` is not understood there"),
            ("result[0 > 1", "expected `]`, got the end"),
            ("value > 1", "`value` is not understood"),
            ("result = 1", "`=` is not understood"),
            ("result > \"1\"", "`\"` is not understood"),
            ("result > {{args.limit}}", "`{` is not understood"),
            ("result ** 2 > 1", "`**` is not understood"),
            ("result > 5s", "`5s` is not understood"),
            ("default(result) > 5", "default: needs 2 arguments, got 1"),
            ("isNaN", "expected `(`, got the end"),
            ("", "expected a number or a name, got the end"),
        ] {
            assert_eq!(Expression::parse(text), Err(message.to_owned()), "{text}");
        }
        for part in [
            "!",
            "(",
            "-",
            "result[",
            "1 + ",
            "isNaN(",
            "true ? ",
            "result[0]",
        ] {
            assert!(Expression::parse(&part.repeat(3000)).is_err(), "{part}");
            assert!(Expression::parse(&part.repeat(400)).is_err(), "{part}");
        }
    }
}
