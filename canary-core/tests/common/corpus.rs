//! Reads `fixtures/reference/*.json`: cases with their data, their options and the values that
//! must come out, which the Python package is held against too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use canary_core::stats::{RankMethod, TestResult, Variance};
use canary_core::{Alternative, Arms, Counts, Measure, Summary};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::precision::relative_error;

/// A test's file must hold at least this many cases, or something has gone missing.
const AT_LEAST: usize = 40;

#[derive(Deserialize)]
struct Corpus {
    test: String,
    cases: Vec<Case>,
}

/// One case. What is not known here is refused, so that nothing is passed over in silence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) baseline: Data,
    pub(crate) canary: Data,
    pub(crate) options: Options,
    expected: BTreeMap<String, Expected>,
    #[serde(rename = "source")]
    _source: serde_json::Value,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    pub(crate) alternative: Alternative,
    pub(crate) confidence: Option<f64>,
    pub(crate) continuity: Option<bool>,
    pub(crate) interval: Option<String>,
    pub(crate) measure: Measure,
    pub(crate) method: RankMethod,
    pub(crate) variance: Variance,
}

impl Options {
    pub(crate) fn confidence(&self) -> f64 {
        self.confidence.unwrap_or(0.95)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Data {
    Values(Vec<f64>),
    Lattice { lattice: Lattice },
    Summary { summary: Moments },
    Counts(Counts),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moments {
    n: u64,
    mean: f64,
    stddev: f64,
}

/// offset + scale · (⌊(i · multiplier mod modulus) / divide⌋ / modulus), the same bits everywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lattice {
    n: u64,
    multiplier: u64,
    modulus: u64,
    divide: u64,
    offset: f64,
    scale: f64,
}

impl Lattice {
    fn values(&self) -> Vec<f64> {
        let step = |i: u64| (i * self.multiplier) % self.modulus / self.divide;
        let share = |i| step(i) as f64 / self.modulus as f64;
        (0..self.n)
            .map(|i| self.offset + self.scale * share(i))
            .collect()
    }
}

impl Case {
    /// Raw values on both arms.
    pub(crate) fn values(&self) -> Option<Arms<Vec<f64>>> {
        self.both(|data| match data {
            Data::Values(values) => Some(values.clone()),
            Data::Lattice { lattice } => Some(lattice.values()),
            Data::Summary { .. } | Data::Counts(_) => None,
        })
    }

    /// Summaries on both arms.
    pub(crate) fn summaries(&self) -> Option<Arms<Summary>> {
        self.both(|data| match data {
            Data::Summary { summary } => {
                Some(Summary::from_moments(summary.n, summary.mean, summary.stddev).unwrap())
            }
            Data::Values(_) | Data::Lattice { .. } | Data::Counts(_) => None,
        })
    }

    /// Counts on both arms.
    pub(crate) fn counts(&self) -> Option<Arms<Counts>> {
        self.both(|data| match data {
            Data::Counts(counts) => Some(*counts),
            Data::Values(_) | Data::Lattice { .. } | Data::Summary { .. } => None,
        })
    }

    fn both<T>(&self, f: impl Fn(&Data) -> Option<T>) -> Option<Arms<T>> {
        Some(Arms::new(f(&self.baseline)?, f(&self.canary)?))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Expected {
    One(Number),
    Two([Number; 2]),
}

#[derive(Deserialize, Clone, Copy)]
#[serde(try_from = "serde_json::Value")]
struct Number(f64);

impl TryFrom<serde_json::Value> for Number {
    type Error = String;

    fn try_from(value: serde_json::Value) -> Result<Self, String> {
        match value.as_str() {
            Some("inf") => Ok(Self(f64::INFINITY)),
            Some("-inf") => Ok(Self(f64::NEG_INFINITY)),
            Some("nan") => Ok(Self(f64::NAN)),
            _ => value.as_f64().map(Self).ok_or(format!("{value}")),
        }
    }
}

/// Runs every case of a test's file. `tolerance` is asked with a case's and a field's name. All
/// that is wrong is listed before the test fails.
pub(crate) fn check(
    test: &str,
    run: impl Fn(&Case) -> canary_core::Result<TestResult>,
    tolerance: impl Fn(&str, &str) -> f64,
) {
    let corpus: Corpus = read(&format!("{test}.json"));
    assert_eq!(corpus.test, test);
    let mut wrong = String::new();
    let mut compared = 0;
    let mut worst: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for case in &corpus.cases {
        let name = case.name.as_str();
        let result = match run(case) {
            Ok(result) => result,
            Err(error) => {
                writeln!(wrong, "  {name}: {error}").unwrap();
                continue;
            }
        };
        assert_eq!(result.test.as_str(), test);
        for (field, expected) in &case.expected {
            let got = field_of(&result, field);
            let pairs = match expected {
                Expected::One(number) => vec![(got[0], number.0)],
                Expected::Two([low, high]) => vec![(got[0], low.0), (got[1], high.0)],
            };
            assert_eq!(got.len(), pairs.len(), "{name}: {field}");
            for (got, expected) in pairs {
                compared += 1;
                let error = relative_error(got, expected);
                let worst = worst.entry(field).or_insert((0.0, name));
                if error > worst.0 {
                    *worst = (error, name);
                }
                if error > tolerance(name, field) {
                    writeln!(
                        wrong,
                        "  {name}: {field}: got {got:e}, expected {expected:e}, relative error {error:.1e}"
                    )
                    .unwrap();
                }
            }
        }
    }
    println!("{test}: {} cases, {compared} numbers", corpus.cases.len());
    for (field, (error, name)) in worst {
        println!("  {field}: at worst {error:.1e} ({name})");
    }
    assert!(
        corpus.cases.len() >= AT_LEAST,
        "only {} cases",
        corpus.cases.len()
    );
    assert!(compared >= 5 * AT_LEAST, "only {compared} numbers");
    assert!(wrong.is_empty(), "{test}:\n{wrong}");
}

fn field_of(result: &TestResult, field: &str) -> Vec<f64> {
    let estimate = || result.estimate.as_ref().expect("an estimate");
    match field {
        "statistic" => vec![result.statistic],
        "df" => vec![result.df.expect("degrees of freedom")],
        "p_value" => vec![result.p_value],
        "estimate" => vec![estimate().value],
        "interval" => vec![estimate().interval.low, estimate().interval.high],
        _ => match field.split_once('_') {
            Some((level, "baseline")) if level == result.test.level() => {
                vec![result.arms.baseline.level]
            }
            Some((level, "canary")) if level == result.test.level() => {
                vec![result.arms.canary.level]
            }
            _ => {
                let effect: canary_core::stats::Effect = serde_json::from_value(field.into())
                    .unwrap_or_else(|_| panic!("the corpus expects a {field:?}"));
                vec![result.effect_size(effect).expect("an effect size")]
            }
        },
    }
}

pub(crate) fn read<T: DeserializeOwned>(file: &str) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/reference");
    let path = root.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
