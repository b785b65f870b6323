use proptest::prelude::*;

use super::*;
use crate::number::random::Stream;

/// Windows that own what they are made of.
#[derive(Debug, Clone)]
struct Windows {
    times: Vec<f64>,
    scores: Vec<f64>,
    anomalous: Vec<bool>,
    contributions: Vec<f64>,
    features: usize,
}

impl Windows {
    /// A minute each, all of them normal.
    fn normal(count: usize, features: usize) -> Self {
        Self {
            times: (0..count).map(|minute| 60.0 * minute as f64).collect(),
            scores: vec![-0.4; count],
            anomalous: vec![false; count],
            contributions: vec![-0.01; count * features],
            features,
        }
    }

    fn anomaly(mut self, row: usize, score: f64, contributions: &[f64]) -> Self {
        self.scores[row] = score;
        self.anomalous[row] = true;
        self.contributions[row * self.features..][..self.features].copy_from_slice(contributions);
        self
    }

    fn view(&self) -> ScoredWindows<'_> {
        ScoredWindows {
            times: &self.times,
            scores: &self.scores,
            anomalous: &self.anomalous,
            contributions: Matrix::by_rows(&self.contributions, self.features).unwrap(),
            feature_names: None,
        }
    }

    fn incidents(&self, options: Incidents) -> Vec<Incident> {
        options.find(&self.view()).unwrap()
    }

    fn rows(&self, options: Incidents) -> Vec<Vec<usize>> {
        let incidents = self.incidents(options).into_iter();
        incidents.map(|incident| incident.windows).collect()
    }

    /// The row `order[i]` becomes the row i.
    fn permuted(&self, order: &[usize]) -> Self {
        let rows = self.contributions.chunks(self.features).collect::<Vec<_>>();
        Self {
            times: order.iter().map(|&row| self.times[row]).collect(),
            scores: order.iter().map(|&row| self.scores[row]).collect(),
            anomalous: order.iter().map(|&row| self.anomalous[row]).collect(),
            contributions: order.iter().flat_map(|&row| rows[row].to_vec()).collect(),
            features: self.features,
        }
    }
}

const MEMORY: [f64; 2] = [0.3, 0.0];
const P99: [f64; 2] = [0.0, 0.3];
const BOTH: [f64; 2] = [0.3, 0.3];

fn find() -> Incidents {
    Incidents::new()
}

#[test]
fn a_gap_of_one_normal_window_is_bridged_and_of_two_is_not() {
    let one = Windows::normal(20, 2)
        .anomaly(5, -0.6, &MEMORY)
        .anomaly(7, -0.6, &MEMORY)
        .anomaly(10, -0.6, &MEMORY);
    assert_eq!(one.rows(find()), [vec![5, 7], vec![10]]);
    assert_eq!(one.rows(find().gap(0)), [vec![5], vec![7], vec![10]]);
    assert_eq!(one.rows(find().gap(2)), [vec![5, 7, 10]]);
    for gap in [3, 10, 1000] {
        // Two more windows and two ends of a gap that is just bridged, and just not.
        let ends = |between: usize| {
            Windows::normal(between + 2, 2)
                .anomaly(0, -0.6, &MEMORY)
                .anomaly(between + 1, -0.6, &MEMORY)
        };
        assert_eq!(ends(gap).rows(find().gap(gap as u64)).len(), 1);
        assert_eq!(ends(gap + 1).rows(find().gap(gap as u64)).len(), 2);
    }
}

#[test]
fn different_metrics_at_the_same_time_are_two_incidents() {
    // Every other window is memory's, or two hosts are each in trouble of their own.
    let taking_turns = (0..10).fold(Windows::normal(12, 2), |windows, row| {
        windows.anomaly(row, -0.6, if row % 2 == 0 { &MEMORY } else { &P99 })
    });
    let (even, odd) = ((0..10).step_by(2), (1..10).step_by(2));
    assert_eq!(
        taking_turns.rows(find()),
        [even.collect::<Vec<_>>(), odd.collect()]
    );
    let mut hosts = taking_turns.clone();
    hosts.times = (0..12).map(|row| f64::from(row / 2)).collect();
    assert_eq!(hosts.incidents(find()).len(), 2);
    // Metrics do not matter at 90 degrees.
    assert_eq!(taking_turns.rows(find().angle(90.0)).len(), 1);
}

#[test]
fn what_moves_on_from_metric_to_metric_is_one_incident() {
    let cascade = Windows::normal(9, 2)
        .anomaly(1, -0.6, &MEMORY)
        .anomaly(2, -0.6, &MEMORY)
        .anomaly(3, -0.7, &BOTH)
        .anomaly(4, -0.6, &P99);
    assert_eq!(cascade.rows(find()), [vec![1, 2, 3, 4]]);
    assert_eq!(
        cascade.rows(find().angle(30.0)),
        [vec![1, 2], vec![3], vec![4]]
    );
    let abrupt = Windows::normal(9, 2)
        .anomaly(1, -0.6, &MEMORY)
        .anomaly(2, -0.6, &MEMORY)
        .anomaly(3, -0.6, &P99)
        .anomaly(4, -0.6, &P99);
    assert_eq!(abrupt.rows(find()), [vec![1, 2], vec![3, 4]]);
}

#[test]
fn small_contributions_of_many_metrics_do_not_hide_one() {
    let mut stream = Stream::new(3, 0);
    let mut windows = Windows::normal(40, 50);
    for row in 10..20 {
        let mut contributions: Vec<f64> = (0..50).map(|_| 0.02 * stream.normal()).collect();
        contributions[7] = 0.4;
        windows = windows.anomaly(row, -0.6, &contributions);
    }
    let incidents = windows.incidents(find());
    assert_eq!(incidents.len(), 1);
    let metrics = &incidents[0].metrics;
    assert_eq!(metrics[0].feature, 7);
    assert!(metrics[0].share > 0.4 && metrics[1].share < 0.05);
    assert!((metrics.iter().map(|metric| metric.share).sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn sparse_windows_are_lone_incidents() {
    let windows = Windows::normal(30, 2)
        .anomaly(3, -0.6, &MEMORY)
        .anomaly(4, -0.6, &MEMORY)
        .anomaly(20, -0.6, &BOTH);
    let lone: Vec<bool> = windows
        .incidents(find())
        .iter()
        .map(Incident::is_lone)
        .collect();
    assert_eq!(lone, [false, true]);
    // Two are not dense where three are asked for: nothing is dropped all the same.
    assert_eq!(
        windows.rows(find().min_windows(3)),
        [vec![3], vec![4], vec![20]]
    );
    let three = windows.clone().anomaly(5, -0.6, &MEMORY);
    assert_eq!(three.rows(find().min_windows(3)), [vec![3, 4, 5], vec![20]]);
}

#[test]
fn what_is_known_of_an_incident() {
    let windows = Windows::normal(10, 2)
        .anomaly(2, -0.6, &[0.3, 0.1])
        .anomaly(3, -0.8, &[0.5, -0.2])
        .anomaly(4, -0.8, &[0.0, 0.1]);
    let mut windows = windows;
    windows.contributions[8] = 0.2;
    let incidents = find().offset(-0.55).find(&ScoredWindows {
        feature_names: Some(&["memory", "p99"]),
        ..windows.view()
    });
    let incident = &incidents.unwrap()[0];
    assert_eq!(
        (incident.start, incident.end, incident.peak),
        (120.0, 240.0, 180.0)
    );
    assert_eq!(incident.lowest_score, -0.8);
    // (0.05 + 0.25 + 0.25) / 3
    assert!((incident.mean_excess - 0.55 / 3.0).abs() < 1e-15);
    // 0.3 + 0.5 + 0.2 of 1.2
    assert_eq!(incident.metrics[0].name.as_deref(), Some("memory"));
    assert!((incident.metrics[0].share - 1.0 / 1.2).abs() < 1e-15);
    assert!((incident.metrics[1].share - 0.2 / 1.2).abs() < 1e-15);
    assert_eq!(
        incident.to_string(),
        "from 120 s to 240 s, 3 windows, strongest at 180 s (score -0.8): memory 83 %, p99 17 %"
    );
    let nameless = windows.incidents(find());
    assert!(
        nameless[0]
            .to_string()
            .ends_with(": feature 0 83 %, feature 1 17 %")
    );
}

#[test]
fn corners() {
    let nothing = Windows::normal(10, 2);
    assert_eq!(nothing.incidents(find()), []);
    assert_eq!(Windows::normal(0, 2).incidents(find()), []);

    let all = (0..9).fold(Windows::normal(9, 2), |all, row| {
        all.anomaly(row, -0.6, &MEMORY)
    });
    assert_eq!(all.rows(find()), [(0..9).collect::<Vec<_>>()]);

    let mut at_once = all.clone();
    at_once.times.fill(5.0);
    assert_eq!(at_once.rows(find()), [(0..9).collect::<Vec<_>>()]);
    let one = Windows::normal(1, 2).anomaly(0, -0.9, &MEMORY);
    assert_eq!(one.rows(find()), [[0]]);

    // No metric to blame: near others of its kind, and of no other.
    let blameless = Windows::normal(6, 2)
        .anomaly(1, -0.6, &[-0.1, 0.0])
        .anomaly(2, -0.6, &MEMORY)
        .anomaly(3, -0.6, &[0.0, 0.0]);
    assert_eq!(blameless.rows(find()), [vec![1, 3], vec![2]]);
    let incident = &blameless.incidents(find())[0];
    assert!(incident.metrics.is_empty());
    assert_eq!(
        incident.to_string(),
        "from 60 s to 180 s, 2 windows, strongest at 60 s (score -0.6)"
    );

    // Times far apart, close together, and contributions of any size.
    for scale in [1e-300, 1e-9, 1e200] {
        let mut far = all.clone();
        far.times.iter_mut().for_each(|time| *time *= scale);
        far.contributions.iter_mut().for_each(|x| *x *= 1e308);
        assert_eq!(far.rows(find()).len(), 1, "{scale}");
        far.contributions
            .iter_mut()
            .for_each(|x| *x = x.signum() * 5e-324);
        assert_eq!(far.rows(find()).len(), 1, "{scale}");
    }
    let mut epoch = all.clone();
    epoch.times[8] = 1e300;
    assert_eq!(epoch.rows(find()), [(0..8).collect::<Vec<_>>(), vec![8]]);
}

#[test]
fn errors_name_what_is_wrong() {
    let good = Windows::normal(4, 2).anomaly(1, -0.6, &MEMORY);
    let said = |change: &dyn Fn(&mut Windows)| {
        let mut windows = good.clone();
        change(&mut windows);
        find().find(&windows.view()).unwrap_err().to_string()
    };
    for (message, change) in [
        (
            "scores: must be as many as the 4 times, got 3",
            &(|windows: &mut Windows| windows.scores.truncate(3)) as &dyn Fn(&mut Windows),
        ),
        (
            "anomalous: must be as many as the 4 times, got 5",
            &|windows| {
                windows.anomalous.push(true);
            },
        ),
        (
            "contributions: must be as many as the 4 times, got 3",
            &|windows| {
                windows.contributions.truncate(6);
            },
        ),
        ("times: must be finite, got NaN at index 2", &|windows| {
            windows.times[2] = f64::NAN;
        }),
        ("times: must be finite, got inf at index 0", &|windows| {
            windows.times[0] = f64::INFINITY;
        }),
        ("scores: must be finite, got -inf at index 3", &|windows| {
            windows.scores[3] = f64::NEG_INFINITY;
        }),
        ("times: must span a finite range, got inf", &|windows| {
            windows.times[0] = -1.7e308;
            windows.times[1] = 1.7e308;
        }),
        (
            "contributions: must be finite, got NaN in row 1, column 1",
            &|windows| {
                windows.contributions[3] = f64::NAN;
            },
        ),
    ] {
        assert_eq!(said(change), message);
    }
    let huge = find().offset(-f64::MAX).find(&ScoredWindows {
        scores: &[f64::MAX; 4],
        ..good.view()
    });
    assert!(
        huge.unwrap_err()
            .to_string()
            .starts_with("offset: must be comparable")
    );
    // Contributions of normal windows are not looked at.
    let mut unknown = good.clone();
    unknown.contributions[0] = f64::NAN;
    assert_eq!(unknown.incidents(find()), good.incidents(find()));

    let named = ScoredWindows {
        feature_names: Some(&["memory"]),
        ..good.view()
    };
    let error = find().find(&named).unwrap_err().to_string();
    assert_eq!(
        error,
        "feature_names: must be as many as the 2 features, got 1"
    );
    for (message, options) in [
        ("window: must be positive, got 0", find().window(Some(0.0))),
        (
            "window: must be positive, got NaN",
            find().window(Some(f64::NAN)),
        ),
        (
            "min_windows: must be at least 2, got 1",
            find().min_windows(1),
        ),
        ("gap: must be at most 1000, got 1001", find().gap(1_001)),
        ("angle: must lie between 1 and 90, got 0", find().angle(0.0)),
        (
            "angle: must lie between 1 and 90, got NaN",
            find().angle(f64::NAN),
        ),
        (
            "offset: must be finite, got inf",
            find().offset(f64::INFINITY),
        ),
    ] {
        let error = options.find(&good.view()).unwrap_err();
        assert!(matches!(error, Error::InvalidOption { .. }));
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn written_and_read_and_not_read() {
    let windows = Windows::normal(9, 2)
        .anomaly(2, -0.6, &BOTH)
        .anomaly(3, -0.7, &[0.3, 0.1]);
    let incident = windows.incidents(find()).remove(0);
    let json = serde_json::to_string(&incident).unwrap();
    assert_eq!(serde_json::from_str::<Incident>(&json).unwrap(), incident);
    assert!(
        json.starts_with(r#"{"version":1,"start":120.0,"end":180.0,"#),
        "{json}"
    );
    for (from, to) in [
        ("\"version\":1", "\"version\":2"),
        ("\"peak\":180.0", "\"peak\":181.0"),
        ("\"end\":180.0", "\"end\":90.0"),
        ("\"start\":120.0", "\"start\":1e999"),
        ("[2,3]", "[]"),
        ("[2,3]", "[3,3]"),
        ("[2,3]", "[-1]"),
        ("\"feature\":1", "\"feature\":0"),
        ("\"share\":0.", "\"share\":3."),
        ("\"share\":0.", "\"share\":-0."),
        ("\"metrics\"", "\"metric\""),
    ] {
        let broken = json.replacen(from, to, 1);
        assert_ne!(broken, json, "{from}");
        assert!(
            serde_json::from_str::<Incident>(&broken).is_err(),
            "{broken}"
        );
    }
}

/// The definition, word by word: neighbours, dense windows, what they link, and what they reach.
fn by_definition(windows: &Windows, options: Incidents) -> Vec<Vec<usize>> {
    let of: Vec<usize> = (0..windows.times.len())
        .filter(|&row| windows.anomalous[row])
        .collect();
    let direction = |row: usize| {
        let blame = windows.contributions[row * windows.features..][..windows.features].iter();
        let blame: Vec<f64> = blame.map(|x| x.max(0.0)).collect();
        let length = blame.iter().map(|x| x * x).sum::<f64>().sqrt();
        blame.into_iter().map(|x| x / length).collect::<Vec<f64>>()
    };
    let near = |&a: &usize, &b: &usize| {
        let passed = (windows.times[a] - windows.times[b]).abs();
        let cosine: f64 = direction(a)
            .iter()
            .zip(direction(b))
            .map(|(x, y)| x * y)
            .sum();
        passed <= (options.gap as f64 + 1.5) * 60.0
            && cosine >= options.angle.to_radians().cos() - 1e-12
    };
    let dense = |a: &usize| of.iter().filter(|b| near(a, b)).count() >= options.min_windows;
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut taken = vec![false; windows.times.len()];
    for seed in of.iter().filter(|row| dense(row)) {
        if taken[*seed] {
            continue;
        }
        let (mut cluster, mut next) = (vec![*seed], 0);
        taken[*seed] = true;
        while let Some(row) = cluster.get(next).copied() {
            next += 1;
            if dense(&row) {
                for other in of.iter().filter(|other| near(&row, other)) {
                    if !std::mem::replace(&mut taken[*other], true) {
                        cluster.push(*other);
                    }
                }
            }
        }
        cluster.sort_unstable();
        clusters.push(cluster);
    }
    clusters.extend(
        of.into_iter()
            .filter(|&row| !taken[row])
            .map(|row| vec![row]),
    );
    clusters.sort();
    clusters
}

/// Windows by the minute, whose directions rounding does not change: one metric, or another.
fn by_the_minute() -> impl Strategy<Value = Windows> {
    let window = (0..4_usize, prop::bool::weighted(0.4), 0.51..0.99_f64);
    prop::collection::vec(window, 0..60).prop_map(|rows| {
        let mut windows = Windows::normal(rows.len(), 4);
        for (row, (metric, anomalous, score)) in rows.into_iter().enumerate() {
            if anomalous {
                let mut contributions = [-0.2; 4];
                contributions[metric] = 0.5 * score;
                windows = windows.anomaly(row, -score, &contributions);
            }
        }
        windows
    })
}

/// Any windows at all.
fn anything() -> impl Strategy<Value = Windows> {
    let number = || prop_oneof![-1e3..1e3_f64, Just(0.0), Just(1e300), Just(-5e-324)];
    let window = (
        number(),
        -1.0..0.0,
        prop::bool::ANY,
        [number(), number(), number()],
    );
    prop::collection::vec(window, 0..40).prop_map(|rows| Windows {
        times: rows.iter().map(|row| row.0).collect(),
        scores: rows.iter().map(|row| row.1).collect(),
        anomalous: rows.iter().map(|row| row.2).collect(),
        contributions: rows.iter().flat_map(|row| row.3).collect(),
        features: 3,
    })
}

fn any_options() -> impl Strategy<Value = Incidents> {
    (0..5_u64, 2..5_usize, 1.0..90.0, prop::option::of(1e-3..1e3)).prop_map(
        |(gap, min_windows, angle, window)| {
            find()
                .gap(gap)
                .min_windows(min_windows)
                .angle(angle)
                .window(window)
        },
    )
}

proptest! {
    #[test]
    fn clusters_are_those_of_the_definition(
        windows in by_the_minute(), gap in 0..4_u64, min_windows in 2..5_usize,
    ) {
        let options = find().gap(gap).min_windows(min_windows).window(Some(60.0));
        let mut found = windows.rows(options);
        found.sort();
        prop_assert_eq!(found, by_definition(&windows, options));
    }

    #[test]
    fn every_anomalous_window_is_in_exactly_one(windows in anything(), options in any_options()) {
        let incidents = windows.incidents(options);
        let mut rows: Vec<usize> = incidents.iter().flat_map(|one| one.windows.clone()).collect();
        rows.sort_unstable();
        let anomalous = windows.anomalous.iter().enumerate().filter(|(_, is)| **is);
        prop_assert_eq!(rows, anomalous.map(|(row, _)| row).collect::<Vec<_>>());
        for pair in incidents.windows(2) {
            prop_assert!(pair[0].start <= pair[1].start);
        }
        for incident in incidents {
            prop_assert!(incident.start <= incident.peak && incident.peak <= incident.end);
            let json = serde_json::to_string(&incident).unwrap();
            prop_assert_eq!(serde_json::from_str::<Incident>(&json).unwrap(), incident);
        }
    }

    #[test]
    fn the_order_of_rows_is_irrelevant(
        windows in anything(), options in any_options(), seed in 0..1000_u64,
    ) {
        let mut stream = Stream::new(seed, 0);
        let mut order: Vec<(u64, usize)> =
            (0..windows.times.len()).map(|row| ((stream.unit() * 1e9) as u64, row)).collect();
        order.sort_unstable();
        let order: Vec<usize> = order.into_iter().map(|(_, row)| row).collect();
        let mut incidents = windows.permuted(&order).incidents(options);
        for incident in &mut incidents {
            incident.windows.iter_mut().for_each(|row| *row = order[*row]);
        }
        prop_assert_eq!(incidents, windows.incidents(options));
    }

    #[test]
    fn time_may_be_shifted_and_its_unit_changed(
        windows in by_the_minute(), gap in 0..4_u64,
        shift in -1_000_000..1_000_000_i32, unit in prop_oneof![Just(1e-3), Just(1e9), 0.1..10.0],
    ) {
        let options = find().gap(gap);
        let before = windows.incidents(options);
        let mut moved = windows;
        moved.times.iter_mut().for_each(|time| *time += f64::from(shift));
        let mut after = moved.incidents(options);
        for incident in &mut after {
            incident.start -= f64::from(shift);
            incident.end -= f64::from(shift);
            incident.peak -= f64::from(shift);
        }
        prop_assert_eq!(&after, &before);
        moved.times.iter_mut().for_each(|time| *time *= unit);
        let rows: Vec<Vec<usize>> = before.into_iter().map(|incident| incident.windows).collect();
        prop_assert_eq!(moved.rows(options), rows);
    }
}

#[test]
fn a_fleet_s_common_outage_costs_no_square() {
    // 300 hosts, 100 minutes, all of them in trouble: 4.5e8 pairs were too many for a test.
    let mut stream = Stream::new(7, 0);
    let mut windows = Windows::normal(30_000, 5);
    windows.times = (0..30_000).map(|row| 60.0 * f64::from(row / 300)).collect();
    for row in 0..30_000 {
        let noise = 0.04 * stream.normal();
        windows = windows.anomaly(row, -0.6, &[0.3 + noise, noise, 0.2, -0.1, 0.0]);
    }
    let incidents = windows.incidents(find());
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].windows.len(), 30_000);
}
