//! Conditions: no text panics, and what is written means what arithmetic and logic say.

use std::collections::BTreeMap;

use canary_core::Metric;
use canary_core::judge::{Expression, Formula, Reading, Reference, Scope, Truth};

use super::*;

const METRICS: [(&str, Option<&str>); 5] = [
    ("a", None),
    ("error-rate", Some("%")),
    ("latency", Some("ms")),
    ("memory", Some("MB")),
    ("5xx rate", None),
];

fn metrics() -> BTreeMap<String, Metric> {
    let metric = |(name, unit): (&str, Option<&str>)| {
        let unit = unit.map(str::to_owned);
        let metric = Metric {
            unit,
            ..Metric::default()
        };
        (name.to_owned(), metric)
    };
    METRICS.into_iter().map(metric).collect()
}

/// Pieces of conditions in any order, most of which make none.
fn pieces() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "error-rate",
        "latency_p99",
        "canary",
        "baseline",
        "stable_latency_mean",
        "memory",
        "`5xx rate`",
        "`",
        "target",
        "result[0]",
        "len(",
        "isNaN(",
        "default(",
        "max(",
        ",",
        "(",
        ")",
        "[",
        "]",
        "!",
        "not ",
        " and ",
        " or ",
        "&&",
        "||",
        ">",
        ">=",
        "<",
        "==",
        "=",
        "!=",
        "+",
        "-",
        "*",
        "/",
        "x",
        "2x-",
        "2x ",
        "3%",
        "500ms",
        "1.5 GiB",
        "200/s",
        "7",
        "0",
        "1e9",
        ".",
        " ",
        "é",
        "\n",
        "\0",
    ]);
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// A number written with names, and what it is for a = 3 and latency = 250 ms; NaN where it
/// divides by zero.
fn number() -> impl Strategy<Value = (String, f64)> {
    let leaf = prop_oneof![
        (0..100_u32).prop_map(|n| (n.to_string(), f64::from(n))),
        Just(("a".to_owned(), 3.0)),
        Just(("A".to_owned(), 3.0)),
        Just(("2x-a".to_owned(), 6.0)),
        Just(("(latency / 1s)".to_owned(), 0.25)),
    ];
    leaf.prop_recursive(5, 40, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|(text, x)| (format!("-{text}"), -x)),
            inner
                .clone()
                .prop_map(|(text, x)| (format!("abs({text})"), x.abs())),
            (inner.clone(), inner.clone(), 0..6_u8).prop_map(|((s, x), (t, y), which)| {
                let is_nan = x.is_nan() || y.is_nan();
                match which {
                    0 => (format!("({s} + {t})"), x + y),
                    1 => (format!("({s} - {t})"), x - y),
                    2 => (format!("({s}*{t})"), x * y),
                    3 => (
                        format!("min({s}, {t})"),
                        if is_nan { f64::NAN } else { x.min(y) },
                    ),
                    4 => (
                        format!("max({s},{t})"),
                        if is_nan { f64::NAN } else { x.max(y) },
                    ),
                    _ => (
                        format!("({s} / {t})"),
                        if y == 0.0 { f64::NAN } else { x / y },
                    ),
                }
            }),
        ]
    })
}

/// True, false, unknown or an error.
fn truth() -> impl Strategy<Value = (&'static str, u8)> {
    select(vec![
        ("a > 2", 1),
        ("a < 2", 0),
        ("memory > 2", 2),
        ("a / 0 > 2", 3),
    ])
}

fn lookup(reference: &Reference) -> Reading {
    match reference.metric.as_str() {
        "a" => Reading::Number(3.0),
        "latency" => Reading::Number(250.0),
        "error-rate" => Reading::Number(f64::NAN),
        _ => Reading::NoData("none".to_owned()),
    }
}

fn of(text: &str) -> Truth {
    let metrics = metrics();
    let expression = Expression::parse(text).unwrap();
    let bound = expression.bind(&Scope::new(&metrics)).unwrap();
    bound.evaluate(lookup).truth
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_text_panics_a_condition(any in any::<String>(), pieces in pieces(), is_any in any::<bool>()) {
        let text = if is_any { any } else { pieces };
        let metrics = metrics();
        let scope = Scope::new(&metrics).parameter("target", 5.0).about("latency");
        for scope in [Scope::new(&metrics), scope] {
            if let Ok(expression) = Expression::parse(text.as_str()) {
                prop_assert_eq!(expression.to_string().parse(), Ok(expression.clone()));
                round_trip(&expression)?;
                if let Ok(bound) = expression.bind(&scope) {
                    let answer = bound.evaluate(lookup);
                    prop_assert_eq!(answer.values.len() >= bound.references().len(), true);
                    for comparison in answer.comparisons {
                        prop_assert!(!comparison.to_string().is_empty());
                    }
                }
            }
            if let Ok(formula) = Formula::parse(text.as_str()) {
                prop_assert_eq!(formula.to_string().parse(), Ok(formula.clone()));
                if let Ok(bound) = formula.bind(&scope) {
                    let _ = (bound.evaluate(lookup), bound.unit(), bound.ratio());
                }
            }
        }
        let _ = Expression::parse_about(&text, "> 5%");
        if let Ok(about) = Expression::parse_about("a", &text) {
            prop_assert_eq!(Expression::parse(about.as_str()), Ok(about));
        }
    }

    #[test]
    fn errors_point_at_a_column_of_the_text(text in pieces()) {
        if let Err(error) = Expression::parse(text.as_str()) {
            let error = error.to_string();
            let column = error.strip_prefix("condition: column ").unwrap().split(':').next().unwrap();
            let column: usize = column.parse().unwrap();
            prop_assert!((1..=text.chars().count() + 1).contains(&column), "{error}");
        }
    }

    #[test]
    fn formulas_are_the_arithmetic_they_look_like((text, expected) in number()) {
        let metrics = metrics();
        let formula = Formula::parse(text.as_str()).unwrap().bind(&Scope::new(&metrics));
        match formula.unwrap().evaluate(lookup) {
            Ok(Reading::Number(number)) if number.is_nan() => prop_assert!(expected.is_nan()),
            Ok(Reading::Number(number)) => {
                prop_assert!(is_near(number, expected, FEW_ROUNDINGS, 0.0), "{text} {number} {expected}");
            }
            Ok(Reading::NoData(reason)) => prop_assert!(false, "{text} {reason}"),
            Err(_) => prop_assert!(text.contains('/'), "{text}"),
        }
    }

    #[test]
    fn logic_is_kleene_s(p in truth(), q in truth()) {
        let (p, q) = (p.0, q.0);
        for word in ["and", "or"] {
            let (one, other) = (of(&format!("{p} {word} {q}")), of(&format!("{q} {word} {p}")));
            prop_assert_eq!(std::mem::discriminant(&one), std::mem::discriminant(&other));
            let dual = if word == "and" { "or" } else { "and" };
            let opposite = of(&format!("not (not {p} {dual} not {q})"));
            prop_assert_eq!(std::mem::discriminant(&one), std::mem::discriminant(&opposite));
        }
        let twice = of(&format!("not not {p}"));
        prop_assert_eq!(std::mem::discriminant(&twice), std::mem::discriminant(&of(p)));
    }
}

/// The deepest conditions there may be, on a stack as small as threads have them.
#[test]
fn deep_conditions_fit_a_small_stack() {
    let deep = |depth: usize| {
        let sum = format!(
            "{}latency{}",
            "(latency / 1ms * 1s + ".repeat(depth),
            ")".repeat(depth)
        );
        let condition = format!(
            "{sum} > {}baseline{}",
            "-(".repeat(depth),
            ")".repeat(depth)
        );
        let metrics = metrics();
        let expression = Expression::parse(condition).ok()?;
        let bound = expression.bind(&Scope::new(&metrics)).unwrap();
        Some(bound.evaluate(lookup).truth)
    };
    let run = move || (1..=64).filter(|&depth| deep(depth).is_some()).max();
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    let deepest = thread.spawn(run).unwrap().join().unwrap();
    assert!(deepest >= Some(20), "{deepest:?}");
    let open = Expression::parse("(".repeat(4000)).unwrap_err().to_string();
    assert!(open.contains("nested deeper than 64"), "{open}");
}
