//! Reads `fixtures/reference/peers.json`: calls with what R, scipy and statsmodels answer, which the
//! Python package is held against too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use canary_core::{Arms, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::corpus::read;
use super::precision::{PEERS_RELATIVE, PEERS_ZERO, relative_error};

/// The file must hold at least this many cases for Rust, or something has gone missing.
const AT_LEAST: usize = 500;

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Call>,
}

/// One call. What is not known here is refused, so that nothing is passed over in silence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    name: String,
    pub(crate) function: String,
    arguments: Vec<Value>,
    options: Map<String, Value>,
    expected: BTreeMap<String, Expected>,
    #[serde(rename = "note", default)]
    _note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    value: Value,
    tolerance: Option<f64>,
    #[serde(rename = "from")]
    _from: Vec<String>,
}

impl Call {
    /// The argument at a place.
    pub(crate) fn argument<T: DeserializeOwned>(&self, place: usize) -> T {
        decoded(&self.arguments[place])
    }

    /// Both arms, the first two arguments.
    pub(crate) fn arms<T: DeserializeOwned>(&self) -> Arms<T> {
        Arms::new(self.argument(0), self.argument(1))
    }

    /// Both arms of each stratum.
    pub(crate) fn strata<T: DeserializeOwned>(&self) -> Vec<Arms<T>> {
        let arms: Arms<BTreeMap<String, T>> = self.arms();
        assert!(arms.baseline.keys().eq(arms.canary.keys()));
        let pairs = arms.baseline.into_values().zip(arms.canary.into_values());
        pairs.map(|(b, c)| Arms::new(b, c)).collect()
    }

    /// An option, which is then used up, or what it is without being given.
    pub(crate) fn option<T: DeserializeOwned>(&mut self, name: &str, otherwise: T) -> T {
        let given = self.options.remove(name);
        given.map_or(otherwise, |value| decoded(&value))
    }
}

fn decoded<T: DeserializeOwned>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_else(|e| panic!("{value}: {e}"))
}

/// Runs every call; `run` answers with the result as JSON, or nothing for a function that Python
/// alone is held to, which must be one of `python_alone`. All that is wrong is listed before the
/// test fails.
pub(crate) fn check(python_alone: &[&str], run: impl Fn(&mut Call) -> Option<Result<Value>>) {
    let corpus: Corpus = read("peers.json");
    let mut wrong = String::new();
    let mut compared = BTreeMap::<String, usize>::new();
    let mut passed_over = BTreeSet::new();
    for mut call in corpus.cases {
        let name = format!("{}: {}", call.function, call.name);
        let result = match run(&mut call) {
            Some(Ok(result)) => result,
            Some(Err(error)) => {
                writeln!(wrong, "  {name}: {error}").unwrap();
                continue;
            }
            None => {
                passed_over.insert(call.function);
                continue;
            }
        };
        assert!(call.options.is_empty(), "{name}: unused {:?}", call.options);
        *compared.entry(call.function).or_default() += 1;
        for (path, expected) in &call.expected {
            let got = number(follow(&result, path).unwrap_or_else(|| panic!("{name}: no {path}")));
            let wanted = number(&expected.value);
            let tolerance = match wanted {
                0.0 => PEERS_ZERO,
                _ => expected.tolerance.unwrap_or(PEERS_RELATIVE),
            };
            let error = relative_error(got, wanted);
            if error > tolerance {
                writeln!(
                    wrong,
                    "  {name}: {path}: got {got:e}, expected {wanted:e}, relative error {error:.1e}"
                )
                .unwrap();
            }
        }
    }
    println!("{compared:?}");
    assert!(wrong.is_empty(), "peers:\n{wrong}");
    assert!(compared.values().sum::<usize>() >= AT_LEAST, "{compared:?}");
    assert!(passed_over.iter().eq(python_alone), "{passed_over:?}");
}

/// Where a path into Python's result leads in the JSON form.
fn follow<'a>(result: &'a Value, path: &str) -> Option<&'a Value> {
    let mut at = result;
    for name in path.split('.') {
        at = match (at, name) {
            (Value::Array(list), _) => match name.parse::<usize>() {
                Ok(place) => list.get(place)?,
                Err(_) => list
                    .iter()
                    .find(|item| item["effect"] == name)?
                    .get("value")?,
            },
            (_, "baseline" | "canary") => at.get("arms")?.get(name)?,
            _ => at.get(name)?,
        };
    }
    Some(at)
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some(word) => word.parse().unwrap(),
        None => value.as_f64().unwrap_or_else(|| panic!("{value}")),
    }
}
