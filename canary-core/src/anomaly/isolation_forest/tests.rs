use super::*;
use crate::anomaly::Matrix;

/// Rows of a mixture: most of them about the origin, some farther out.
fn mixture(rows: usize, columns: usize, seed: u64) -> Vec<f64> {
    let mut stream = Stream::new(seed, 0);
    let mut values = Vec::with_capacity(rows * columns);
    for _ in 0..rows {
        let scale = if stream.unit() < 0.05 { 4.0 } else { 1.0 };
        values.extend((0..columns).map(|_| scale * stream.normal()));
    }
    values
}

fn forest(options: IsolationForest, values: &[f64], columns: usize) -> Forest {
    options
        .fit(&Matrix::by_rows(values, columns).unwrap())
        .unwrap()
}

#[test]
fn a_tile_scores_as_row_by_row() {
    for (rows, columns, options) in [
        (3000, 5, IsolationForest::new()),
        (600, 1, IsolationForest::new().n_estimators(300)),
        (
            2000,
            13,
            IsolationForest::new().max_samples(Amount::Count(1500)),
        ),
        (
            700,
            3,
            IsolationForest::new().bootstrap(true).n_estimators(7),
        ),
        (
            700,
            40,
            IsolationForest::new().max_features(Amount::Fraction(0.3)),
        ),
    ] {
        let values = mixture(rows, columns, 9);
        let forest = forest(options, &values, columns);
        let together = forest
            .score_samples(&Matrix::by_rows(&values, columns).unwrap())
            .unwrap();
        for (row, score) in values.chunks_exact(columns).zip(&together) {
            let alone = forest.score_samples(&Matrix::by_rows(row, columns).unwrap());
            assert_eq!(alone.unwrap(), [*score]);
        }
        let mut by_columns = vec![0.0; values.len()];
        for (row, cells) in values.chunks_exact(columns).enumerate() {
            for (column, &x) in cells.iter().enumerate() {
                by_columns[column * rows + row] = x;
            }
        }
        let turned = Matrix::by_columns(&by_columns, columns).unwrap();
        assert_eq!(forest.score_samples(&turned).unwrap(), together);
        assert_eq!(options.fit(&turned).unwrap(), forest);
    }
}

#[test]
fn contributions_add_up_to_the_score() {
    let mut values = mixture(400, 4, 3);
    for index in (0..values.len()).step_by(17) {
        values[index] = f64::NAN;
    }
    let whole = mixture(400, 4, 3);
    for (values, level, missing) in [(&values, 0, Missing::BothWays), (&whole, 2, Missing::Raise)] {
        let rows = Matrix::by_rows(values, 4).unwrap();
        let options = IsolationForest::new().missing(missing);
        let forest = options.extension_level(level).fit(&rows).unwrap();
        let scores = forest.score_samples(&rows).unwrap();
        let contributions = forest.contributions(&rows).unwrap();
        let expected = (-forest.expected_score()).log2();
        for (score, own) in scores.iter().zip(contributions.chunks_exact(4)) {
            let sum = expected + own.iter().sum::<f64>();
            assert!((sum - (-score).log2()).abs() < 1e-12, "{sum} {score}");
        }
        let importances = forest.feature_importances(&rows).unwrap();
        assert!((importances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn written_and_read_it_scores_the_same() {
    let values = mixture(300, 3, 4);
    let rows = Matrix::by_rows(&values, 3).unwrap();
    for level in [0, 1] {
        let forest = forest(IsolationForest::new().extension_level(level), &values, 3);
        let json = serde_json::to_string(&forest).unwrap();
        let from_json: Forest = serde_json::from_str(&json).unwrap();
        let bytes = forest.to_bytes();
        assert_eq!(from_json, forest);
        assert_eq!(Forest::from_bytes(&bytes).unwrap(), forest);
        assert_eq!(
            from_json.score_samples(&rows).unwrap(),
            forest.score_samples(&rows).unwrap()
        );
        assert!(bytes.len() < json.len());
        for end in 0..bytes.len().min(2000) {
            assert!(Forest::from_bytes(&bytes[..end]).is_err());
        }
        let other = json.replacen("\"version\":1", "\"version\":2", 1);
        let error = serde_json::from_str::<Forest>(&other).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("this release reads version 1, got 2")
        );
    }
}

#[test]
fn the_corners_have_answers() {
    let score = |options: IsolationForest, values: &[f64], columns| {
        let rows = Matrix::by_rows(values, columns).unwrap();
        options.fit(&rows).unwrap().score_samples(&rows).unwrap()
    };
    let usual = IsolationForest::new();
    assert_eq!(score(usual, &[3.0], 1), [-0.5]);
    assert_eq!(score(usual, &[3.0; 40], 2), [-0.5; 20]);
    // Two rows: each alone at depth 1 of c(2) = 1.
    assert_eq!(score(usual, &[1.0, 2.0], 1), [-0.5, -0.5]);
    // A constant column tells nothing and costs nothing.
    let varied: Vec<f64> = mixture(50, 1, 1);
    let beside: Vec<f64> = varied.iter().flat_map(|&x| [x, 7.0]).collect();
    let forest = forest(usual, &beside, 2);
    let rows = Matrix::by_rows(&beside, 2).unwrap();
    assert_eq!(forest.feature_importances(&rows).unwrap(), [1.0, 0.0]);
    // What is all missing is a constant column, too.
    let missing: Vec<f64> = varied.iter().flat_map(|&x| [x, f64::NAN]).collect();
    assert_eq!(
        score(usual.missing(Missing::BothWays), &missing, 2),
        score(usual, &beside, 2)
    );
}

#[test]
fn units_do_not_matter() {
    // Powers of two and a shift that loses no digit: the trees are the same, to the bit.
    let values: Vec<f64> = mixture(500, 2, 8)
        .iter()
        .map(|x| (x * 1024.0).round())
        .collect();
    let scaled: Vec<f64> = values
        .iter()
        .map(|x| (x + 4096.0) * 2f64.powi(-600))
        .collect();
    let large: Vec<f64> = values.iter().map(|x| x + 1e9).collect();
    let score = |values: &[f64], level| {
        let options = IsolationForest::new().extension_level(level);
        let scores = forest(options, values, 2).score_samples(&Matrix::by_rows(values, 2).unwrap());
        scores.unwrap()
    };
    assert_eq!(score(&values, 0), score(&scaled, 0));
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 0.01);
    assert!(near(&score(&values, 0), &score(&large, 0)));
    assert!(near(&score(&values, 1), &score(&large, 1)));
    // Noise below what 24 bits hold.
    let fine: Vec<f64> = mixture(500, 1, 8).iter().map(|x| 1e9 + 1e-3 * x).collect();
    let scores = score(&fine, 0);
    let (least, largest) = scores
        .iter()
        .fold((0.0_f64, -1.0_f64), |(a, b), &s| (a.min(s), b.max(s)));
    assert!(largest - least > 0.2);
}

#[test]
fn a_missing_feature_is_no_evidence() {
    let mut values = mixture(400, 2, 5);
    values.extend([9.0, 0.0]);
    let rows = Matrix::by_rows(&values, 2).unwrap();
    let forest = IsolationForest::new()
        .missing(Missing::BothWays)
        .fit(&rows)
        .unwrap();
    let some = [9.0, 0.0, 9.0, f64::NAN, f64::NAN, 0.0, f64::NAN, f64::NAN];
    let some = Matrix::by_rows(&some, 2).unwrap();
    let [whole, far, near, nothing] = forest.score_samples(&some).unwrap()[..] else {
        panic!()
    };
    assert!(whole < near && far < near, "{whole} {far} {near} {nothing}");
    assert!((nothing - forest.expected_score()).abs() < 1e-12);
    assert_eq!(forest.contributions(&some).unwrap()[3], 0.0);
}

#[test]
fn a_bad_option_or_row_is_named() {
    let refused = |options: IsolationForest, values: &[f64], columns| {
        let rows = Matrix::by_rows(values, columns).unwrap();
        options.fit(&rows).unwrap_err().to_string()
    };
    let usual = IsolationForest::new();
    for (options, message) in [
        (
            usual.n_estimators(0),
            "n_estimators: must lie between 1 and 1000000, got 0",
        ),
        (
            usual.contamination(Some(0.0)),
            "contamination: must lie in (0, 0.5], got 0",
        ),
        (
            usual.contamination(Some(0.6)),
            "contamination: must lie in (0, 0.5], got 0.6",
        ),
        (
            usual.contamination(Some(f64::NAN)),
            "contamination: must lie in (0, 0.5], got NaN",
        ),
        (
            usual.max_samples(Amount::Count(0)),
            "max_samples: must be at least 1, got 0",
        ),
        (
            usual.max_samples(Amount::Fraction(1.5)),
            "max_samples: must lie in (0, 1], got 1.5",
        ),
        (
            usual.max_features(Amount::Fraction(0.0)),
            "max_features: must lie in (0, 1], got 0",
        ),
        (
            usual.extension_level(1).missing(Missing::BothWays),
            "missing: must be \"raise\" where splits are hyperplanes (extension_level > 0), got both_ways",
        ),
        (
            usual.extension_level(2),
            "extension_level: must be less than the 2 features, got 2",
        ),
    ] {
        assert_eq!(refused(options, &[1.0, 2.0, 3.0, 4.0], 2), message);
    }
    assert_eq!(refused(usual, &[], 2), "rows: needs at least 1 row, got 0");
    assert_eq!(
        refused(usual, &[1.0, 2.0, f64::NEG_INFINITY, 4.0], 2),
        "rows: must be finite, got -inf in row 1, column 0"
    );
    assert_eq!(
        refused(usual, &[1.0, 2.0, 3.0, f64::NAN], 2),
        "rows: must not be missing (missing = \"both_ways\" takes it), got NaN in row 1, column 1"
    );
    let infinite = usual.missing(Missing::BothWays);
    assert_eq!(
        refused(infinite, &[f64::NAN, f64::INFINITY], 2),
        "rows: must be finite, got inf in row 0, column 1"
    );
    let forest = forest(usual, &[1.0, 2.0, 3.0, 4.0], 2);
    let error = forest
        .score_samples(&Matrix::by_rows(&[1.0; 6], 3).unwrap())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "rows: must have the forest's 2 features, got 3"
    );
}

#[test]
fn hostile_forests_are_refused() {
    let tree = |feature: &str, threshold: &str, child: &str, size: &str| {
        format!(
            r#"{{"version": 1, "n_features": 1, "sample_size": 2, "missing": "raise", "offset": -0.5,
                "trees": [{{"feature": {feature}, "threshold": {threshold}, "child": {child},
                            "size": {size}}}]}}"#
        )
    };
    let read = |text: String| serde_json::from_str::<Forest>(&text);
    assert!(read(tree("[0,0,0]", "[1,0,0]", "[1,0,0]", "[2,1,1]")).is_ok());
    for (feature, threshold, child, size) in [
        ("[]", "[]", "[]", "[]"),
        ("[1,0,0]", "[1,0,0]", "[1,0,0]", "[2,1,1]"), // a feature too many
        ("[0,0,0]", "[1,0,0]", "[2,0,0]", "[2,1,1]"), // beyond the end
        ("[0,0,0]", "[1,0,0]", "[0,1,0]", "[2,1,1]"), // before its parent
        ("[0,0,0]", "[1,0,0]", "[1,1,0]", "[2,1,1]"), // of two parents
        ("[0,0,0]", "[1,0,0]", "[0,0,0]", "[2,1,1]"), // of none
        ("[0,0,0]", "[1,0,0]", "[1,0,0]", "[2,-1,1]"),
        ("[0,0,0]", "[1e999,0,0]", "[1,0,0]", "[2,1,1]"),
        ("[0,0,0]", "[1,0]", "[1,0,0]", "[2,1,1]"),
    ] {
        assert!(
            read(tree(feature, threshold, child, size)).is_err(),
            "{child} {size}"
        );
    }
}
