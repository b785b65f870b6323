//! The isolation forest: scikit-learn's own trees score the same here, and what must hold for any
//! rows.

use std::fs;
use std::path::Path;

use canary_core::anomaly::{Amount, Forest, IsolationForest, Matrix, Missing};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::properties::cases;

fn corpus() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/reference");
    let text = fs::read_to_string(folder.join("isolation_forest.json")).unwrap();
    let corpus: Value = serde_json::from_str(&text).unwrap();
    corpus["cases"].as_array().unwrap().clone()
}

fn numbers(list: &Value) -> Vec<f64> {
    let numbers = list.as_array().unwrap().iter();
    numbers
        .flat_map(|x| x.as_f64().map_or_else(|| self::numbers(x), |x| vec![x]))
        .collect()
}

/// Trees as they are written, read as a forest.
fn forest(case: &Value, offset: &Value) -> Forest {
    let forest = json!({
        "version": 1,
        "n_features": case["rows"][0].as_array().unwrap().len(),
        "sample_size": case["psi"],
        "missing": "raise",
        "offset": offset,
        "trees": case["trees"],
    });
    serde_json::from_value(forest).unwrap()
}

#[track_caller]
fn assert_near(name: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        assert!((ours - theirs).abs() < 1e-12, "{name}: {ours} {theirs}");
    }
}

#[test]
fn scikit_learns_trees_score_as_they_do_there() {
    let cases = corpus();
    assert!(cases.len() >= 14);
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let columns = case["rows"][0].as_array().unwrap().len();
        let forest = forest(case, &case["offset"]);
        for (rows, scores) in [("rows", "score_samples"), ("new_rows", "new_score_samples")] {
            // Enough of them to go through the tables, too.
            // As they see them: rounded to 24 bits.
            let rows: Vec<f64> = numbers(&case[rows])
                .iter()
                .map(|&x| f64::from(x as f32))
                .collect();
            let many = rows.repeat(2000_usize.div_ceil(rows.len()));
            let expected = numbers(&case[scores]);
            for rows in [rows, many] {
                let scored = forest.score_samples(&Matrix::by_rows(&rows, columns).unwrap());
                let scored = scored.unwrap();
                for (scored, _) in scored.chunks(expected.len()).zip(0..3) {
                    assert_near(name, scored, &expected);
                }
            }
        }
        let rows: Vec<f64> = numbers(&case["rows"])
            .iter()
            .map(|&x| f64::from(x as f32))
            .collect();
        let decisions = forest.decision_function(&Matrix::by_rows(&rows, columns).unwrap());
        assert_near(
            name,
            &decisions.unwrap(),
            &numbers(&case["decision_function"]),
        );
    }
}

/// Options of every kind, for rows of so many columns.
fn options(columns: usize) -> impl Strategy<Value = IsolationForest> {
    let amount = prop_oneof![
        Just(Amount::Auto),
        (1_usize..40).prop_map(Amount::Count),
        (0.01..=1.0).prop_map(Amount::Fraction),
    ];
    (
        1_usize..8,
        amount.clone(),
        amount,
        any::<bool>(),
        0..columns,
        any::<u64>(),
    )
        .prop_map(|(trees, samples, features, bootstrap, level, seed)| {
            IsolationForest::new()
                .n_estimators(trees)
                .max_samples(samples)
                .max_features(features)
                .bootstrap(bootstrap)
                .extension_level(level)
                .missing(if level == 0 {
                    Missing::BothWays
                } else {
                    Missing::Raise
                })
                .random_state(seed)
        })
}

/// Numbers of every size, with ties and gaps.
fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0_f64,
        2 => (0..3_i32).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN), Just(5e-324), Just(-0.0), Just(1e9)],
    ]
}

fn rows() -> impl Strategy<Value = (usize, Vec<f64>, IsolationForest)> {
    (1_usize..6).prop_flat_map(|columns| {
        let rows = vec(vec(cell(), columns), 1..60).prop_map(|rows| rows.concat());
        (Just(columns), rows, options(columns))
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_rows_panic_a_forest((columns, values, options) in rows(), other in vec(any::<f64>(), 0..30)) {
        let rows = Matrix::by_rows(&values, columns).unwrap();
        let Ok(forest) = options.fit(&rows) else {
            // Hyperplanes refuse what is missing, and that alone.
            prop_assert!(values.iter().any(|x| x.is_nan()));
            prop_assert!(options.missing(Missing::Raise).extension_level(1).fit(&rows).is_err());
            return Ok(());
        };
        let scores = forest.score_samples(&rows).unwrap();
        prop_assert!(scores.iter().all(|s| (-1.0..0.0).contains(s)), "{scores:?}");
        let contributions = forest.contributions(&rows).unwrap();
        let expected = (-forest.expected_score()).log2();
        for (score, own) in scores.iter().zip(contributions.chunks_exact(columns)) {
            let sum = expected + own.iter().sum::<f64>();
            prop_assert!((sum - (-score).log2()).abs() < 1e-9, "{sum} {score}");
        }
        if let Ok(other) = Matrix::by_rows(&other, columns)
            && let Ok(scores) = forest.score_samples(&other)
        {
            prop_assert!(scores.iter().all(|s| (-1.0..0.0).contains(s)), "{scores:?}");
        }
        let json = serde_json::to_string(&forest).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Forest>(&json).unwrap(), &forest);
        prop_assert_eq!(Forest::from_bytes(&forest.to_bytes()).unwrap(), forest);
    }

    #[test]
    fn no_bytes_panic_a_forest(values in vec(-9.0..9.0_f64, 8), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let rows = Matrix::by_rows(&values, 2).unwrap();
        let forest = IsolationForest::new().n_estimators(2).fit(&rows).unwrap();
        let mut bytes = forest.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Forest::from_bytes(&bytes)
            && let Ok(scores) = read.score_samples(&rows)
        {
            prop_assert!(scores.iter().all(|s| (-1.0..=0.0).contains(s)), "{scores:?}");
            let _ = (read.contributions(&rows), read.expected_score());
        }
    }

    #[test]
    fn the_unit_does_not_matter((columns, values, options) in rows(), power in -60_i32..60) {
        // A power of two loses no digit, so that the trees are the same. Hyperplanes and numbers
        // near the ends of the range are another matter.
        let options = options.extension_level(0).missing(Missing::BothWays);
        let values: Vec<f64> = values.iter().map(|x| if (1e-200..1e6).contains(&x.abs()) { *x } else { 7.0 * x.signum() }).collect();
        let scaled: Vec<f64> = values.iter().map(|x| x * 2_f64.powi(power)).collect();
        let score = |values: &[f64]| {
            let rows = Matrix::by_rows(values, columns).unwrap();
            options.fit(&rows).unwrap().score_samples(&rows).unwrap()
        };
        prop_assert_eq!(score(&scaled), score(&values));
    }
}
