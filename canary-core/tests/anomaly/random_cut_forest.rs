//! The random cut forest against the package rrcf (`fixtures/reference/random_cut_forest.json`), and
//! what must be true of any stream.

use canary_core::Error;
use canary_core::anomaly::{RandomCutForest, RandomCutForestMonitor, StreamScore};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::corpus::read;

#[derive(Deserialize)]
struct Reference {
    trees: f64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    baseline: Vec<Vec<f64>>,
    window: u64,
    updates: Vec<Vec<f64>>,
    scales: Vec<f64>,
    mean: Vec<f64>,
    sd: Vec<f64>,
}

/// Theirs is drawn, ours the mean over what might be drawn given the tree: the difference is within
/// the error of both averages, ours at most as large as theirs for as many trees.
#[test]
fn displacements_are_those_of_rrcf() {
    let reference: Reference = read("random_cut_forest.json");
    let trees = 1000;
    let (mut squares, mut compared) = (0.0, 0.0);
    for case in &reference.cases {
        let design = RandomCutForest::new().n_trees(trees).window(case.window);
        let mut monitor = design.monitor(case.scales.len() as u64).unwrap();
        monitor.prime(&case.baseline).unwrap();
        for (scale, expected) in monitor.scales().iter().zip(&case.scales) {
            assert!((scale / expected - 1.0).abs() < 1e-12, "{}", case.name);
        }
        for (index, row) in case.updates.iter().enumerate() {
            let found = monitor.update(row).unwrap();
            let displaced = found.score * found.points as f64;
            let (mean, sd) = (case.mean[index], case.sd[index]);
            let error = sd * (1.0 / reference.trees + 1.0 / trees as f64).sqrt();
            let z = (displaced - mean) / error.max(1e-9);
            println!(
                "{} {index}: {displaced:.4}, theirs {mean:.4}, z = {z:.2}",
                case.name
            );
            assert!(
                z.abs() < 4.0,
                "{} {index}: {displaced} {mean} {error}",
                case.name
            );
            squares += z * z;
            compared += 1.0;
        }
    }
    println!(
        "{compared} displacements, root mean square of z {:.2}",
        f64::sqrt(squares / compared)
    );
    assert!(compared >= 40.0 && squares / compared < 1.5);
}

/// Even numbers in [0, 1) without much behind them (a linear congruential generator's upper bits).
struct Noise(u64);

impl Noise {
    fn unit(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A multiple of 1/1024, so that sums with large whole numbers are exact.
    fn grid(&mut self) -> f64 {
        (self.normal() * 1024.0).round() / 1024.0
    }

    fn row(&mut self, features: usize) -> Vec<f64> {
        (0..features).map(|_| self.grid()).collect()
    }
}

fn small() -> RandomCutForest {
    RandomCutForest::new()
        .n_trees(40)
        .window(64)
        .calibration(200)
}

fn watched(
    design: RandomCutForest,
    rows: &[Vec<f64>],
) -> (RandomCutForestMonitor, Vec<StreamScore>) {
    let mut monitor = design.monitor(rows[0].len() as u64).unwrap();
    let scores = monitor.update_many(rows).unwrap();
    (monitor, scores)
}

/// In other units, scores are the same; around 1e9, too.
#[test]
fn units_and_levels_do_not_matter() {
    let mut noise = Noise(1);
    let rows: Vec<Vec<f64>> = (0..300).map(|_| noise.row(3)).collect();
    let (_, scores) = watched(small(), &rows);
    let changed = |change: fn(&[f64]) -> Vec<f64>| -> Vec<StreamScore> {
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| change(row)).collect();
        watched(small(), &rows).1
    };
    // By powers of two nothing is rounded.
    assert_eq!(
        changed(|x| vec![x[0] * 1024.0, x[1] / 4096.0, x[2] * 2.0_f64.powi(300)]),
        scores
    );
    let shifted = changed(|x| vec![x[0] + 1e9, x[1] - 1e6, x[2]]);
    for (a, b) in shifted.iter().zip(&scores) {
        assert!((a.score - b.score).abs() < 1e-6, "{a:?} {b:?}");
    }
}

/// A jump in one metric is found whatever its unit, and is that metric's.
#[test]
fn a_jump_names_its_metric() {
    let mut noise = Noise(2);
    let unit = [1e9, 1e-3, 1.0, 1e6, 50.0];
    let row = |noise: &mut Noise| -> Vec<f64> {
        unit.iter()
            .map(|unit| unit * (10.0 + noise.normal()))
            .collect()
    };
    let rows: Vec<Vec<f64>> = (0..200).map(|_| row(&mut noise)).collect();
    let (monitor, _) = watched(small(), &rows);
    for jumped in 0..5 {
        let mut point = row(&mut noise);
        point[jumped] *= 3.0;
        let found = monitor.score(&point).unwrap();
        assert_eq!(found.most(), Some(jumped), "{found:?}");
        assert!(found.contributions[jumped] > 0.8 * found.score, "{found:?}");
        assert!(found.score > 0.4 && found.p_value < 0.01, "{found:?}");
    }
}

/// What never changed has no scale; its first change is as many units as there are points, be it
/// small or large, and the trees go on as they were.
#[test]
fn a_constant_metric_that_moves_is_noticed() {
    for (constant, moved) in [(0.0, 1e-4), (0.0, 1e6), (1e9, 1e9 + 4096.0), (-3.0, 0.0)] {
        let mut noise = Noise(3);
        let rows: Vec<Vec<f64>> = (0..150).map(|_| vec![noise.grid(), constant]).collect();
        let (mut monitor, before) = watched(small(), &rows);
        assert_eq!(monitor.scales()[1], 0.0);
        assert!(before.iter().all(|found| found.contributions[1] == 0.0));
        let found = monitor.update(&[0.0, moved]).unwrap();
        assert!(found.score > 0.8 && found.p_value < 0.01, "{found:?}");
        assert_eq!(found.most(), Some(1));
        assert!((monitor.scales()[1] / ((moved - constant).abs() / 65.0) - 1.0).abs() < 1e-9);
        // Back at the old level, all is as it was but for one point.
        let found = monitor.update(&[0.0, constant]).unwrap();
        assert!(found.score < 0.2, "{found:?}");
    }
    // Nothing ever changes: every score is 0.
    let (_, scores) = watched(small(), &vec![vec![5.0, 0.0]; 200]);
    assert!(
        scores
            .iter()
            .all(|found| found.score == 0.0 && found.p_value == 1.0)
    );
}

/// A service primed with 600 points at which the second feature is 0.
fn primed_without_errors(noise: &mut Noise, design: RandomCutForest) -> RandomCutForestMonitor {
    let baseline: Vec<[f64; 2]> = (0..600).map(|_| [100.0 + noise.normal(), 0.0]).collect();
    let mut monitor = design.monitor(2).unwrap();
    monitor.prime(&baseline).unwrap();
    monitor
}

/// Which share of points that far out in the first feature alarms, and their mean score.
fn found_at(monitor: &RandomCutForestMonitor, noise: &mut Noise, error: bool) -> (f64, f64) {
    let (mut alarms, mut scores) = (0.0, 0.0);
    for index in 0..40 {
        let sd = if index % 2 == 0 { 10.0 } else { -10.0 };
        let other = if error { noise.unit() } else { 0.0 };
        let found = monitor.score(&[100.0 + sd, other]).unwrap();
        alarms += f64::from(found.p_value <= 0.01) / 40.0;
        scores += found.score / 40.0;
    }
    (alarms, scores)
}

/// The first change of what was constant in the baseline, be it tiny or huge, is no measure of the
/// changes to come: the scale is that of the window's values once it holds nothing from before.
#[test]
fn a_first_change_is_no_measure_of_the_next() {
    for first in [1e-4, 1e6, 0.5] {
        let mut noise = Noise(7);
        let mut monitor = primed_without_errors(&mut noise, RandomCutForest::new());
        let found = monitor.update(&[100.0, first]).unwrap();
        assert!(found.score > 0.8 && found.p_value < 0.01, "{found:?}");
        assert_eq!(found.most(), Some(1));
        for _ in 0..1000 {
            let point = [100.0 + noise.normal(), noise.unit()];
            monitor.update(&point).unwrap();
        }
        let scale = monitor.scales()[1];
        assert!((0.3..0.45).contains(&scale), "{first}: {scale}");
        let (alarms, score) = found_at(&monitor, &mut noise, true);
        println!("first {first}: scale {scale:.3}, alarms {alarms:.2}, score {score:.2}");
        assert!(alarms > 0.95 && score > 0.3, "{first}: {alarms} {score}");
        // In the second feature, too.
        let found = monitor.score(&[100.0, 5.0]).unwrap();
        assert!(found.p_value <= 0.01 && found.most() == Some(1), "{found}");
        // It stands: whatever comes.
        for _ in 0..600 {
            let point = [100.0 + noise.normal(), 40.0 * noise.unit()];
            monitor.update(&point).unwrap();
        }
        assert_eq!(monitor.scales()[1], scale);
    }
}

/// A glitch by itself is too little for a scale to stand on: once the window has forgotten it, the
/// feature is as if it had never changed.
#[test]
fn a_lone_glitch_is_forgotten() {
    for shingle in [1, 3] {
        let mut noise = Noise(8);
        let design = RandomCutForest::new().n_trees(30).shingle(shingle);
        let mut monitor = primed_without_errors(&mut noise, design);
        let mut glitch = |monitor: &mut RandomCutForestMonitor, size: f64| {
            let found = monitor.update(&[100.0, size]).unwrap();
            assert!(found.score > 0.8 && found.p_value < 0.01, "{found:?}");
            for _ in 0..767 {
                let point = [100.0 + noise.normal(), 0.0];
                monitor.update(&point).unwrap();
            }
        };
        glitch(&mut monitor, 1e6);
        assert_eq!(monitor.scales()[1], 0.0);
        glitch(&mut monitor, 1e-6);
        assert_eq!(monitor.scales()[1], 0.0);
        if shingle == 1 {
            let (alarms, score) = found_at(&monitor, &mut noise, false);
            assert!(alarms > 0.95 && score > 0.3, "{alarms} {score}");
        }
        // In a baseline or a warm-up, too.
        for primed in [true, false] {
            let mut monitor = RandomCutForest::new().n_trees(3).monitor(1).unwrap();
            let mut rows = vec![[0.0]; 300];
            rows[200] = [1e6];
            if primed {
                monitor.prime(&rows).unwrap();
                assert_eq!(monitor.scales(), [1e6 / 300.0]);
            } else {
                monitor.update_many(&rows).unwrap();
                assert_eq!(monitor.scales(), [1e6 / 256.0]);
            }
            monitor.update_many(&[[0.0]; 512]).unwrap();
            assert_eq!(monitor.scales(), [0.0]);
        }
    }
}

/// A long window does not make for a long warm-up: its end builds all trees anew.
#[test]
fn scales_stand_after_a_thousand_points_at_most() {
    let mut noise = Noise(9);
    let mut monitor = RandomCutForest::new()
        .n_trees(2)
        .window(4096)
        .monitor(1)
        .unwrap();
    let mut scales = Vec::new();
    for _ in 0..1500 {
        monitor.update(&[noise.normal()]).unwrap();
        scales.push(monitor.scales()[0]);
    }
    assert_ne!(scales[1022], scales[1023]);
    assert!(scales[1023..].iter().all(|scale| *scale == scales[1023]));
}

#[test]
fn numbers_that_are_none_are_named() {
    let mut noise = Noise(4);
    let rows: Vec<Vec<f64>> = (0..80).map(|_| noise.row(2)).collect();
    let (mut monitor, _) = watched(small(), &rows);
    let before = monitor.clone();
    let message = |error: Error| error.to_string();
    for (point, expected) in [
        (
            &[1.0, f64::NAN][..],
            "point[1]: must be a finite number, got NaN",
        ),
        (
            &[f64::INFINITY, 0.0],
            "point[0]: must be a finite number, got inf",
        ),
        (&[1.0, 2.0, 3.0], "point: must have 2 features, got 3"),
        (&[], "point: must have 2 features, got 0"),
    ] {
        assert_eq!(message(monitor.update(point).unwrap_err()), expected);
        assert_eq!(message(monitor.score(point).unwrap_err()), expected);
    }
    let error = monitor.update_many(&[vec![1.0, 2.0], vec![3.0, f64::NEG_INFINITY]]);
    assert_eq!(
        message(error.unwrap_err()),
        "rows[1][1]: must be a finite number, got -inf"
    );
    let error = monitor.prime(&[[1.0, 2.0]; 3]).unwrap_err();
    assert_eq!(
        message(error),
        "baseline: must come before the first point, got 80 points before it"
    );
    assert_eq!(monitor, before);
    let mut fresh = small().monitor(2).unwrap();
    let error = fresh.prime(&[[1.0, 2.0]]).unwrap_err();
    assert_eq!(message(error), "baseline: needs at least 2 rows, got 1");
    let error = fresh.prime(&[vec![1.0, 2.0], vec![1.0]]).unwrap_err();
    assert_eq!(message(error), "baseline[1]: must have 2 features, got 1");
    assert_eq!(fresh, small().monitor(2).unwrap());
}

#[test]
fn options_out_of_range_are_named() {
    let new = RandomCutForest::new;
    for (design, features, start) in [
        (new(), 0, "n_features: must lie between 1 and 65536, got 0"),
        (
            new().n_trees(0),
            1,
            "n_trees: must lie between 1 and 1000, got 0",
        ),
        (
            new().window(1),
            1,
            "window: must lie between 2 and 65536, got 1",
        ),
        (
            new().shingle(u64::MAX),
            1,
            "shingle: must lie between 1 and 256",
        ),
        (
            new().warm_up(Some(257)),
            1,
            "warm_up: must lie between 2 and 256, got 257",
        ),
        (
            new().calibration(0),
            1,
            "calibration: must lie between 1 and 1000000, got 0",
        ),
        (
            new().window(65_536),
            100,
            "n_trees: must be fewer, or the window",
        ),
    ] {
        let error = design.monitor(features).unwrap_err().to_string();
        assert!(error.starts_with(start), "{error}");
    }
}

/// Seeds matter, and nothing else does.
#[test]
fn the_same_stream_gives_the_same_scores() {
    let mut noise = Noise(5);
    let rows: Vec<Vec<f64>> = (0..100).map(|_| noise.row(2)).collect();
    let one = watched(small().random_state(7), &rows);
    assert_eq!(one, watched(small().random_state(7), &rows));
    assert_ne!(one.1, watched(small().random_state(8), &rows).1);
}

/// What comes before the first point of a shingle is taken to have been equal to it.
#[test]
fn a_shingle_sees_the_course_of_time() {
    // A wave: each value is usual, but not after those before it.
    let wave = |i: i32| vec![(f64::from(i) / 6.0).sin()];
    let mut rows: Vec<Vec<f64>> = (0..400).map(wave).collect();
    rows.push(vec![-rows[399][0]]);
    let (_, alone) = watched(small().window(128), &rows);
    let (_, shingled) = watched(small().window(128).shingle(4), &rows);
    assert!(alone[400].p_value > 0.05, "{}", alone[400]);
    assert!(shingled[400].p_value < 0.01, "{}", shingled[400]);
    assert_eq!(shingled[400].contributions.len(), 1);
}

/// Every place in a state: with each of these values instead, it is refused, or it is a monitor
/// that works.
#[test]
fn hostile_states_are_refused_or_sound() {
    let mut noise = Noise(6);
    let rows: Vec<Vec<f64>> = (0..12)
        .map(|i| vec![noise.grid(), f64::from(i % 3)])
        .collect();
    let design = RandomCutForest::new()
        .n_trees(2)
        .window(6)
        .calibration(5)
        .shingle(2);
    let (monitor, _) = watched(design, &rows);
    let written = serde_json::to_value(&monitor).unwrap();
    assert_eq!(
        serde_json::from_value::<RandomCutForestMonitor>(written.clone()).unwrap(),
        monitor
    );
    let hostile = [
        json!(null),
        json!(-1),
        json!(0),
        json!(1),
        json!(3),
        json!(-3),
        json!(1e308),
        json!(-0.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!("x"),
        json!([]),
        json!({}),
        json!(true),
        json!([null]),
    ];
    let (mut refused, mut sound) = (0, 0);
    let mut paths = Vec::new();
    paths_of(&written, String::new(), &mut paths);
    assert!(paths.len() > 100);
    for path in &paths {
        for value in &hostile {
            let mut changed = written.clone();
            *changed.pointer_mut(path).unwrap() = value.clone();
            match serde_json::from_value::<RandomCutForestMonitor>(changed) {
                Err(_) => refused += 1,
                Ok(mut monitor) => {
                    sound += 1;
                    let features = monitor.n_features();
                    for _ in 0..20 {
                        let row = noise.row(features);
                        let found = monitor.update(&row).unwrap();
                        assert!(
                            (0.0..=1.0).contains(&found.score),
                            "{path} {value} {found:?}"
                        );
                    }
                }
            }
        }
    }
    println!("{refused} refused, {sound} sound");
    assert!(refused > 9 * sound);
    let mut other = written.clone();
    other["version"] = json!(2);
    let error = serde_json::from_value::<RandomCutForestMonitor>(other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "version: this release reads version 1, got 2"
    );
    for key in written.as_object().unwrap().keys() {
        let mut without = written.clone();
        without.as_object_mut().unwrap().remove(key);
        assert!(
            serde_json::from_value::<RandomCutForestMonitor>(without).is_err(),
            "{key}"
        );
    }
}

fn paths_of(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                paths_of(item, format!("{path}/{index}"), paths);
            }
        }
        Value::Object(items) => {
            for (key, item) in items {
                paths_of(item, format!("{path}/{key}"), paths);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        paths.push(path);
    }
}

/// The shares of p-values up to 0.01 and 0.05 in a series that remembers `phi` of its last value, once
/// the window is full, with the standard error of the first over the repeats.
fn alarms(phi: f64, repeats: u64) -> [f64; 3] {
    let (mut shares, mut others) = (Vec::new(), 0.0);
    for repeat in 0..repeats {
        let mut noise = Noise(1000 + repeat);
        let design = RandomCutForest::new().n_trees(30).random_state(repeat);
        let mut monitor = design.monitor(2).unwrap();
        let mut x = [noise.normal(), noise.normal()];
        let (mut at_1, mut at_5, mut n) = (0.0, 0.0, 0.0);
        for minute in 0..1500 {
            x = x.map(|x| phi * x + (1.0 - phi * phi).sqrt() * noise.normal());
            let p = monitor.update(&x).unwrap().p_value;
            if minute >= 512 {
                n += 1.0;
                at_1 += f64::from(p <= 0.01);
                at_5 += f64::from(p <= 0.05);
            }
        }
        shares.push(at_1 / n);
        others += at_5 / n;
    }
    let n = repeats as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let squares: f64 = shares.iter().map(|s| (s - mean).powi(2)).sum();
    [mean, (squares / n / (n - 1.0)).sqrt(), others / n]
}

/// Of 256 scores ranks of 1/257, 2/257, ... come out: 0.01 is met by 2 of 257, 0.05 by 12.
#[test]
fn false_alarms_are_as_many_as_the_p_value_says() {
    for (phi, repeats, most) in [(0.0, 15, 0.0), (0.5, 15, 0.001), (0.9, 15, 0.004)] {
        let [at_1, error, at_5] = alarms(phi, repeats);
        println!("memory {phi}: {at_1:.5} ± {error:.5} at 0.01, {at_5:.4} at 0.05");
        let low = 2.0 / 257.0 - 4.0 * error - 0.0005;
        let high = 2.0 / 257.0 + 4.0 * error + 0.0005 + most;
        assert!((low..high).contains(&at_1), "{phi}: {at_1} {error}");
        assert!((0.04..0.055).contains(&at_5), "{phi}: {at_5}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 5))]

    /// Written and read at any time, a monitor goes on as if nothing had been.
    #[test]
    fn a_restart_changes_nothing(seed in 0..1000_u64, at in 0..150_usize, primed in any::<bool>()) {
        let mut noise = Noise(seed);
        let rows: Vec<Vec<f64>> = (0..150).map(|_| noise.row(2)).collect();
        let mut monitor = small().n_trees(5).monitor(2).unwrap();
        if primed {
            let baseline: Vec<Vec<f64>> = (0..90).map(|_| noise.row(2)).collect();
            monitor.prime(&baseline).unwrap();
        }
        monitor.update_many(&rows[..at]).unwrap();
        let text = serde_json::to_string(&monitor).unwrap();
        let mut restarted: RandomCutForestMonitor = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&restarted, &monitor);
        prop_assert_eq!(restarted.update_many(&rows[at..]), monitor.update_many(&rows[at..]));
        prop_assert_eq!(restarted, monitor);
    }
}
