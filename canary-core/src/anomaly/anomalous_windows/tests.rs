use proptest::prelude::*;

use super::*;
use crate::anomaly::Missing;
use crate::number::random::Stream;

/// Windows of metrics that remember `phi` of the last, and share a wave.
fn arms(
    phi: f64,
    rows: Arms<usize>,
    columns: usize,
    seed: u64,
    fault: impl Fn(usize, usize) -> f64,
) -> Arms<Vec<f64>> {
    let arm = |number: u64, rows: usize| {
        let mut stream = Stream::new(seed, number);
        let mut last: Vec<f64> = (0..columns).map(|_| stream.normal()).collect();
        let mut values = Vec::new();
        for row in 0..rows {
            for last in &mut last {
                *last = phi * *last + f64::sqrt(1.0 - phi * phi) * stream.normal();
                values.push(*last + f64::sin(row as f64 / 6.0));
            }
        }
        values
    };
    let mut arms = Arms::new(arm(0, rows.baseline), arm(1, rows.canary));
    for (index, value) in arms.canary.iter_mut().enumerate() {
        *value += fault(index / columns, index % columns);
    }
    arms
}

fn matrices(arms: &Arms<Vec<f64>>, columns: usize) -> Arms<Matrix<'_>> {
    arms.as_ref()
        .map(|values| Matrix::by_rows(values, columns).unwrap())
}

fn test() -> AnomalousWindows {
    AnomalousWindows::new().forest(IsolationForest::new().n_estimators(25))
}

fn healthy(_: usize, _: usize) -> f64 {
    0.0
}

#[test]
fn false_alarms_stay_below_alpha_and_the_playbooks_do_not() {
    let runs = 150;
    for (phi, rows) in [
        (0.0, Arms::new(40, 40)),
        (0.6, Arms::new(60, 60)),
        (0.3, Arms::new(90, 30)),
    ] {
        let (mut alarms, mut of_the_playbook) = (0, 0);
        for seed in 0..runs {
            let values = arms(phi, rows, 2, seed, healthy);
            let windows = matrices(&values, 2);
            alarms += i32::from(test().run(&windows).unwrap().p_value <= 0.05);
            let forest = IsolationForest::new()
                .n_estimators(25)
                .contamination(Some(0.1));
            let labels = forest
                .fit(&windows.canary)
                .unwrap()
                .predict(&windows.canary)
                .unwrap();
            let share = labels.iter().filter(|&&l| l == -1).count() as f64 / labels.len() as f64;
            of_the_playbook += i32::from(share > 0.05);
        }
        // 5 % and three standard errors.
        assert!(f64::from(alarms) <= 150.0 * 0.103, "{phi}: {alarms}");
        assert_eq!(of_the_playbook, 150);
    }
}

#[test]
fn faults_are_found_and_named() {
    let always = |_: usize, column: usize| if column == 1 { 4.0 } else { 0.0 };
    let at_times = |row: usize, column: usize| {
        if row.is_multiple_of(4) && column > 0 {
            7.0
        } else {
            0.0
        }
    };
    let from_half = |row: usize, column: usize| {
        if row >= 30 && column == 1 { 8.0 } else { 0.0 }
    };
    for (fault, columns) in [
        (&always as &dyn Fn(usize, usize) -> f64, vec!["b"]),
        (&at_times, vec!["b", "c"]),
        (&from_half, vec!["b"]),
    ] {
        let mut found = 0;
        for seed in 0..10 {
            let values = arms(0.3, Arms::new(60, 60), 3, seed, fault);
            let result = test().run(&matrices(&values, 3)).unwrap();
            let result = result.with_names(&["a", "b", "c"]).unwrap();
            let mut names: Vec<_> = result.strongest().iter().map(|f| f.name.clone()).collect();
            names.sort();
            found += i32::from(result.p_value <= 0.05 && names == columns);
            let low = result.estimate.interval.low;
            assert_eq!(result.p_value <= 0.05, low > 0.0, "{result}");
        }
        assert!(found >= 8, "{columns:?}: {found}");
    }
}

#[test]
fn a_window_has_its_conformal_p_value_and_its_contributions() {
    let values = arms(0.0, Arms::new(50, 50), 2, 3, |row, _| {
        if row == 7 { 9.0 } else { 0.0 }
    });
    let result = test().run(&matrices(&values, 2)).unwrap();
    let window = &result.windows[7];
    assert!(
        window.is_anomalous && window.p_value <= 3.0 / 51.0,
        "{window:?}"
    );
    assert!(window.contributions.iter().all(|&c| c > 0.0));
    for window in &result.windows {
        assert_eq!(window.is_anomalous, window.score <= result.threshold);
        assert!(window.is_anomalous || window.p_value > 0.1, "{window:?}");
    }
    assert_eq!(result.arms.baseline.level, 0.1);
    assert_eq!(result, test().run(&matrices(&values, 2)).unwrap());
    let text = serde_json::to_string(&result).unwrap();
    assert_eq!(
        serde_json::from_str::<AnomalyResult>(&text).unwrap(),
        result
    );
}

#[test]
fn what_cannot_be_told_is_said() {
    let values = arms(0.97, Arms::new(40, 40), 2, 5, healthy);
    let result = test().run(&matrices(&values, 2)).unwrap();
    assert_eq!(
        result.dependence.basis,
        WindowBasis::TooDependent,
        "{result}"
    );
    let interval = result.estimate.interval;
    assert_eq!(
        (result.p_value, interval.low, interval.high),
        (1.0, -1.0, 1.0)
    );
    assert!(
        result
            .to_string()
            .contains("cannot tell: windows remember each other")
    );
    let values = arms(0.0, Arms::new(16, 16), 2, 5, healthy);
    let sure = test().confidence(0.999_999);
    let result = sure.run(&matrices(&values, 2)).unwrap();
    assert_eq!(result.dependence.basis, WindowBasis::TooFew);
}

#[test]
fn a_first_error_after_none_is_found() {
    let window = |errors: f64| move |i: u32| [errors, f64::from(i * 7 % 11)];
    let values = Arms::new(
        (0..30).flat_map(window(0.0)).collect(),
        (0..30).flat_map(window(0.0)).collect(),
    );
    let mut values: Arms<Vec<f64>> = values;
    for (i, window) in values.canary.chunks_mut(2).enumerate() {
        window[0] = 0.001 * (1 + i * 7 % 5) as f64;
    }
    let result = test().run(&matrices(&values, 2)).unwrap();
    assert!(
        result.p_value < 1e-6 && result.arms.canary.level == 1.0,
        "{result}"
    );
    assert_eq!(result.strongest()[0].name, "feature 0");
}

#[test]
fn a_metric_that_nothing_can_be_told_of_is_left_out() {
    let mut walk = 0.0;
    let mut stream = Stream::new(3, 7);
    let mut values = arms(0.0, Arms::new(60, 60), 3, 21, |row, column| {
        if column == 0 && row % 3 == 0 {
            6.0
        } else {
            0.0
        }
    });
    for (baseline, canary) in values
        .baseline
        .chunks_mut(3)
        .zip(values.canary.chunks_mut(3))
    {
        // Memory: one that wanders, and one that each arm holds from its start on.
        walk += 1.0 + 0.1 * stream.normal();
        (baseline[1], canary[1]) = (walk, 100.0 - walk);
        (baseline[2], canary[2]) = (40.0, 41.0);
    }
    let result = test().run(&matrices(&values, 3)).unwrap();
    assert_eq!(result.left_out, [1, 2], "{result}");
    assert!(
        result.p_value <= 0.05 && result.strongest()[0].name == "feature 0",
        "{result}"
    );
    assert_eq!(result.windows[0].contributions[1..], [0.0, 0.0]);
    assert!(
        result
            .to_string()
            .ends_with("nothing can be told of: feature 1, feature 2")
    );
    let column = |from: &[f64]| from.iter().skip(2).step_by(3).copied().collect();
    let constants = Arms::new(column(&values.baseline), column(&values.canary));
    let result = test().run(&matrices(&constants, 1)).unwrap();
    assert_eq!(
        (result.dependence.basis, result.p_value),
        (WindowBasis::TooDependent, 1.0)
    );
}

#[test]
fn nothing_that_varies_is_nothing_anomalous() {
    let values = Arms::new(vec![1.0; 60], vec![1.0; 60]);
    let result = test().run(&matrices(&values, 2)).unwrap();
    assert_eq!((result.p_value, result.arms.canary.level), (1.0, 0.0));
    assert!(result.to_string().ends_with("no feature stands out"));
}

#[test]
fn missing_values_pass_through_to_the_forest() {
    let mut values = arms(0.0, Arms::new(30, 30), 2, 9, healthy);
    values.baseline[7] = f64::NAN;
    values.canary[20] = f64::NAN;
    let error = test().run(&matrices(&values, 2)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("baseline: must not be missing"),
        "{error}"
    );
    let forest = IsolationForest::new()
        .n_estimators(25)
        .missing(Missing::BothWays);
    assert!(
        test()
            .forest(forest)
            .run(&matrices(&values, 2))
            .unwrap()
            .p_value
            > 0.05
    );
}

#[test]
fn windows_are_paired_by_their_times() {
    let values = arms(0.0, Arms::new(100, 40), 2, 13, healthy);
    let windows = matrices(&values, 2);
    let own: Vec<f64> = (0..100).map(|i| f64::from(i) * 60.0).collect();
    // Some seconds late, and the last five without a partner.
    let other: Vec<f64> = (0..40).map(|i| f64::from(i + 65) * 60.0 + 7.0).collect();
    let result = test().run_at(&Arms::new(&own, &other), &windows).unwrap();
    assert_eq!(
        (result.times, result.arms.canary.n),
        (WindowTimes::Same, 35)
    );
    assert_eq!(result.windows.len(), 40);
    let later: Vec<f64> = other.iter().map(|time| time + 1e6).collect();
    let result = test().run_at(&Arms::new(&own, &later), &windows).unwrap();
    assert_eq!(result.times, WindowTimes::Different);
    assert_eq!(test().run(&windows).unwrap().times, WindowTimes::Different);
    assert_eq!(
        pairs(&Arms::new(&[0.0, 1.0, 2.0], &[0.4, 0.6, 1.5, 2.1])),
        [(0, 0), (1, 1), (2, 3)]
    );
}

#[test]
fn an_argument_is_named() {
    let values = arms(0.0, Arms::new(20, 20), 2, 1, healthy);
    let windows = matrices(&values, 2);
    let refused = |test: AnomalousWindows| test.run(&windows).unwrap_err().to_string();
    for (test, message) in [
        (
            test().contamination(0.7),
            "contamination: must lie in (0, 0.5], got 0.7",
        ),
        (
            test().contamination(0.01),
            "contamination: must be at least one of the baseline's 20 windows, got 0.01",
        ),
        (test().folds(1), "folds: must lie between 2 and 50, got 1"),
        (
            test().confidence(1.0),
            "confidence: must lie in (0, 1), got 1",
        ),
        (
            test().block(Some(4)),
            "block: must lie between 1 and 3 for these windows, got 4",
        ),
        (
            test().block(Some(0)),
            "block: must lie between 1 and 3 for these windows, got 0",
        ),
    ] {
        assert_eq!(refused(test), message);
    }
    let few = Arms::new(
        windows.baseline,
        Matrix::by_rows(&values.canary[..20], 2).unwrap(),
    );
    let error = test().run(&few).unwrap_err().to_string();
    assert_eq!(error, "canary: needs at least 16 windows, got 10");
    let narrow = Arms::new(
        windows.baseline,
        Matrix::by_rows(&values.canary, 1).unwrap(),
    );
    let error = test().run(&narrow).unwrap_err().to_string();
    assert_eq!(error, "canary: must have the baseline's 2 columns, got 1");
    let times: Vec<f64> = (0..20).map(f64::from).collect();
    let at = |canary: &[f64]| {
        let error = test()
            .run_at(&Arms::new(&times, canary), &windows)
            .unwrap_err();
        error.to_string()
    };
    assert_eq!(
        at(&[1.0]),
        "times.canary: must be as many as the 20 windows, got 1"
    );
    assert_eq!(at(&[1.0; 20]), "times.canary: must increase, got 1 after 1");
}

#[test]
fn newcombes_example() {
    // Newcombe (1998), table II: 56/70 - 48/80, method 10: 0.0524 to 0.3339.
    let (low, high) = newcombe(
        Arms::new(48.0 / 80.0, 56.0 / 70.0),
        Arms::new(80.0, 70.0),
        1.959_963_985,
    );
    assert!(
        (low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5,
        "{low} {high}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 5))]
    #[test]
    fn nothing_breaks_it(
        baseline in prop::collection::vec(-3_i8..4, 32..90),
        canary in prop::collection::vec(-3_i8..4, 32..90),
        unit in prop::sample::select(vec![1.0, 1e-300, 1e300]),
        contamination in 0.0625..0.5,
        folds in 2_u64..50,
    ) {
        let even = |values: &[i8]| -> Vec<f64> {
            values.chunks_exact(2).flatten().map(|&x| unit * f64::from(x)).collect()
        };
        let values = Arms::new(even(&baseline), even(&canary));
        let forest = IsolationForest::new().n_estimators(3);
        let test = AnomalousWindows::new().forest(forest).contamination(contamination).folds(folds);
        for alternative in [Alternative::Greater, Alternative::Less, Alternative::TwoSided] {
            let result = test.alternative(alternative).run(&matrices(&values, 2)).unwrap();
            assert!((0.0..=1.0).contains(&result.p_value));
            let interval = result.estimate.interval;
            assert!(interval.low <= interval.high, "{result}");
            let most = (contamination * (values.baseline.len() / 2) as f64).floor();
            let n = result.arms.baseline.n as f64;
            assert!(result.arms.baseline.level * n <= most + 1e-9, "{result}");
        }
    }
}
