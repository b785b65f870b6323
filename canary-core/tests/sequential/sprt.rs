//! The sequential probability ratio test against other means of computing it
//! (`fixtures/generate/sequential_sprt.py`), and what holds whatever the data are.

use std::path::Path;

use canary_core::sequential::{
    Assume, Decision, Hypotheses, Monitor, Sprt, SprtBounds, SprtMethod, SprtMonitor, SprtPlanner,
    Update,
};
use canary_core::{Arm, Arms, Counts, Exposure};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde::Deserialize;
use serde_json::Value;

use crate::common::precision::relative_error;

#[derive(Deserialize)]
struct Corpus {
    monitors: Vec<Stream>,
    plans: Vec<Planned>,
}

#[derive(Deserialize)]
struct Stream {
    design: Value,
    updates: Vec<Value>,
    log_ratio: f64,
}

#[derive(Deserialize)]
struct Planned {
    design: Value,
    truth: f64,
    accept_alternative: f64,
    expected: f64,
}

fn corpus() -> Corpus {
    let path = "../fixtures/reference/sequential_sprt.json";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn design(of: &Value) -> Sprt {
    let number = |name: &str| of[name].as_f64();
    let null = number("null").unwrap_or_default();
    let alternative = number("alternative").unwrap();
    let hypotheses = match of["model"].as_str().unwrap() {
        "proportion" => Hypotheses::Proportion { null, alternative },
        "rate" => Hypotheses::Rate { null, alternative },
        "mean" => Hypotheses::Mean {
            null,
            alternative,
            sd: number("sd").unwrap(),
        },
        "standardized_mean" => Hypotheses::StandardizedMean {
            mean: null,
            alternative,
        },
        "odds_ratio" => Hypotheses::OddsRatio { null, alternative },
        "rate_ratio" => Hypotheses::RateRatio { null, alternative },
        "mean_difference" => {
            let (baseline, canary) = read(&of["sd"]);
            Hypotheses::MeanDifference {
                null,
                alternative,
                sd: Arms::new(baseline, canary),
            }
        }
        "standardized_difference" => Hypotheses::StandardizedDifference { alternative },
        other => panic!("{other}"),
    };
    let bounds = of["bounds"].as_str().unwrap_or("ville").parse().unwrap();
    Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(hypotheses)
        .alpha(number("alpha").unwrap_or(0.05))
        .beta(number("beta").unwrap_or(0.2))
        .bounds(bounds)
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn feed(monitor: &mut SprtMonitor, update: &Value) -> Decision {
    let counts = |(events, trials)| Counts::new(events, trials).unwrap();
    let exposure = |(events, time)| Exposure::new(events, time).unwrap();
    let decision = match monitor.hypotheses() {
        Hypotheses::Proportion { .. } => monitor.update(counts(read(update))),
        Hypotheses::Rate { .. } => monitor.update(exposure(read(update))),
        Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } => {
            monitor.update(&read::<Vec<f64>>(update)[..])
        }
        Hypotheses::OddsRatio { .. } => {
            let (baseline, canary) = read(update);
            monitor.update(Arms::new(counts(baseline), counts(canary)))
        }
        Hypotheses::RateRatio { .. } => {
            let (baseline, canary) = read(update);
            monitor.update(Arms::new(exposure(baseline), exposure(canary)))
        }
        Hypotheses::MeanDifference { .. } | Hypotheses::StandardizedDifference { .. } => {
            let (baseline, canary): (Vec<f64>, Vec<f64>) = read(update);
            monitor.update(Arms::new(&baseline[..], &canary[..]))
        }
    };
    decision.unwrap()
}

#[test]
fn likelihood_ratios_are_those_of_the_densities() {
    let streams = corpus().monitors;
    assert!(streams.len() >= 16);
    for Stream {
        design: of,
        updates,
        log_ratio,
    } in streams
    {
        let mut monitor = design(&of).monitor().unwrap();
        for update in &updates {
            feed(&mut monitor, update);
        }
        let error = relative_error(monitor.state().log_e_value, log_ratio);
        // A mean of 1e6 has its noise in the sixth digit.
        let tolerance = if of["null"] == 1e6 { 1e-9 } else { 1e-12 };
        assert!(
            error < tolerance,
            "{of}: {} for {log_ratio}",
            monitor.state().log_e_value
        );
    }
}

#[test]
fn exact_plans_are_those_of_other_means() {
    let plans = corpus().plans;
    assert!(plans.len() >= 50);
    for Planned {
        design: of,
        truth,
        accept_alternative,
        expected,
    } in plans
    {
        let planner = SprtPlanner::new()
            .truth(Some(truth))
            .method(SprtMethod::Exact);
        let plan = planner.run(&design(&of)).unwrap();
        let near = |got: f64, expected: f64| relative_error(got, expected) < 1e-9;
        assert!(
            near(plan.accept_alternative, accept_alternative) && near(plan.expected, expected),
            "{of} at {truth}: {plan:?}"
        );
        let within = |n: f64| n > 0.0 && n < 6.0 * expected + 2.0;
        assert!(within(plan.median.unwrap()) && within(plan.ninth_decile.unwrap()));
    }
}

/// Hypotheses of every kind.
const KINDS: [Hypotheses; 8] = [
    Hypotheses::Proportion {
        null: 0.1,
        alternative: 0.2,
    },
    Hypotheses::Rate {
        null: 2.0,
        alternative: 1.0,
    },
    Hypotheses::Mean {
        null: 0.0,
        alternative: 0.5,
        sd: 1.0,
    },
    Hypotheses::StandardizedMean {
        mean: 1.0,
        alternative: -0.5,
    },
    Hypotheses::OddsRatio {
        null: 1.0,
        alternative: 1.5,
    },
    Hypotheses::RateRatio {
        null: 1.0,
        alternative: 0.5,
    },
    Hypotheses::MeanDifference {
        null: 0.0,
        alternative: 1.0,
        sd: Arms {
            baseline: 1.0,
            canary: 2.0,
        },
    },
    Hypotheses::StandardizedDifference { alternative: 0.5 },
];

/// Raw material of an update: what the hypotheses make of it.
type Raw = (u64, u64, u64, u64, f64, f64);

fn update(monitor: &mut SprtMonitor, raw: Raw) -> canary_core::Result<Decision> {
    let (xb, nb, xc, nc, u, v) = raw;
    let counts = |x: u64, n: u64| Counts::new(x.min(n), n).unwrap();
    match monitor.hypotheses() {
        Hypotheses::Proportion { .. } => monitor.update(counts(xc, nc)),
        Hypotheses::Rate { .. } => monitor.update(Exposure::new(xc, v.abs())?),
        Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } if nc % 2 == 0 => {
            monitor.update(u)
        }
        Hypotheses::Mean { .. } | Hypotheses::StandardizedMean { .. } => {
            monitor.update(&[u, v][..])
        }
        Hypotheses::OddsRatio { .. } if nb == 1 => monitor.update((Arm::Canary, xc == 0)),
        Hypotheses::OddsRatio { .. } => monitor.update(Arms::new(counts(xb, nb), counts(xc, nc))),
        Hypotheses::RateRatio { .. } if nb % 2 == 0 => monitor.update(Arms::new(xb, xc)),
        Hypotheses::RateRatio { .. } => monitor.update(Arms::new(
            Exposure::new(xb, u.abs())?,
            Exposure::new(xc, v.abs())?,
        )),
        _ if nb % 2 == 0 => monitor.update((Arm::Canary, u)),
        _ => monitor.update(Arms::new(&[u][..], &[u, v][..])),
    }
}

fn usual() -> impl Strategy<Value = Raw> {
    (
        0..20_u64,
        0..50_u64,
        0..20_u64,
        0..50_u64,
        0.1..4.0_f64,
        0.1..4.0_f64,
    )
}

fn anything() -> impl Strategy<Value = Raw> {
    let count = || prop_oneof![0..5_u64, any::<u64>(), Just(u64::MAX)];
    let value = || {
        prop_oneof![
            any::<f64>(),
            select(vec![0.0, f64::NAN, f64::INFINITY, 1e300, -1e300, 5e-324])
        ]
    };
    (count(), count(), count(), count(), value(), value())
}

fn kinds() -> impl Strategy<Value = Sprt> {
    (
        select(&KINDS[..]),
        select(SprtBounds::ALL),
        select(vec![None, Some(40.0)]),
        select(Assume::ALL),
    )
        .prop_map(|(hypotheses, bounds, truncation, assume)| {
            let design = Sprt::new().assume(assume).hypotheses(hypotheses).share(0.3);
            design.bounds(bounds).truncation(truncation)
        })
}

fn written_and_read(monitor: &SprtMonitor) -> SprtMonitor {
    serde_json::from_str(&serde_json::to_string(monitor).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_errors_change_nothing(design in kinds(), raws in vec(anything(), 1..30)) {
        let mut monitor = design.monitor().unwrap();
        let mut lowest = 1.0;
        let mut made = Decision::Continue;
        for raw in raws {
            let before = monitor.clone();
            match update(&mut monitor, raw) {
                Err(_) => prop_assert_eq!(&monitor, &before),
                Ok(decision) => {
                    prop_assert!(made == Decision::Continue || decision == made);
                    made = decision;
                }
            }
            let state = monitor.state();
            prop_assert!(state.p_value <= lowest && state.p_value >= 0.0);
            prop_assert!(!state.log_e_value.is_nan());
            lowest = state.p_value;
            if let Some(estimate) = &state.estimate {
                prop_assert!(estimate.interval.low <= estimate.interval.high, "{state:?}");
            }
            prop_assert!(state.remaining.is_none_or(|n| n >= 0.0));
            prop_assert_eq!(written_and_read(&monitor), monitor.clone());
            prop_assert!(!state.to_string().is_empty());
        }
    }

    #[test]
    fn written_read_and_continued_is_the_same(design in kinds(), raws in vec(usual(), 2..40), cut in 0..40_usize) {
        let mut whole = design.monitor().unwrap();
        let mut restarted = whole.clone();
        for (i, &raw) in raws.iter().enumerate() {
            if i == cut {
                restarted = written_and_read(&restarted);
            }
            update(&mut whole, raw).unwrap();
            update(&mut restarted, raw).unwrap();
        }
        prop_assert_eq!(whole, restarted);
    }

    #[test]
    fn merged_halves_say_what_the_whole_says(design in kinds(), raws in vec(usual(), 2..20)) {
        let design = design.assume(Assume::Independence); // batches do not span the seam
        let mut whole = design.monitor().unwrap();
        let (mut first, mut second) = (whole.clone(), whole.clone());
        // Where both arms come in every update, no stratum is cut.
        let both = |(xb, nb, xc, nc, u, v): Raw| (xb, 2 * nb + 3, xc, nc + 1, u, v);
        for (i, raw) in raws.iter().copied().map(both).enumerate() {
            update(&mut whole, raw).unwrap();
            update(if i < raws.len() / 2 { &mut first } else { &mut second }, raw).unwrap();
        }
        first.merge(&second).unwrap();
        let (merged, whole) = (first.state(), whole.state());
        prop_assert!((merged.log_e_value - whole.log_e_value).abs() < 1e-9 * (1.0 + whole.log_e_value.abs()));
        prop_assert_eq!(merged.observations, whole.observations);
        prop_assert!(merged.p_value >= whole.p_value * (1.0 - 1e-9));
    }

    /// The arms exchanged, and the ratio turned over or the difference's sign.
    #[test]
    fn exchanged_arms_mirror(kind in 0..4_usize, raws in vec(usual(), 1..12)) {
        let (own, mirrored) = [
            (KINDS[4], Hypotheses::OddsRatio { null: 1.0, alternative: 1.0 / 1.5 }),
            (KINDS[5], Hypotheses::RateRatio { null: 1.0, alternative: 2.0 }),
            (KINDS[6], Hypotheses::MeanDifference { null: 0.0, alternative: -1.0, sd: Arms::new(2.0, 1.0) }),
            (KINDS[7], Hypotheses::StandardizedDifference { alternative: -0.5 }),
        ][kind];
        let mut one = Sprt::new().assume(Assume::Independence).hypotheses(own).share(0.3).monitor().unwrap();
        let mut other = Sprt::new().assume(Assume::Independence).hypotheses(mirrored).share(0.7).monitor().unwrap();
        for (xb, nb, xc, nc, u, v) in raws {
            let counts = |x: u64, n: u64| Counts::new(x.min(n), n).unwrap();
            match kind {
                0 => {
                    let arms = Arms::new(counts(xb, nb), counts(xc, nc));
                    one.update(arms).unwrap();
                    other.update(arms.swap()).unwrap();
                }
                1 => {
                    one.update(Arms::new(xb, xc)).unwrap();
                    other.update(Arms::new(xc, xb)).unwrap();
                }
                _ => {
                    one.update(Arms::new(&[u, v, 1.0][..], &[v][..])).unwrap();
                    other.update(Arms::new(&[v][..], &[u, v, 1.0][..])).unwrap();
                }
            }
        }
        let (one, other) = (one.state(), other.state());
        prop_assert!((one.log_e_value - other.log_e_value).abs() < 1e-9 * (1.0 + one.log_e_value.abs()));
        prop_assert_eq!(one.decision, other.decision);
    }
}

#[test]
fn pieces_are_the_whole_for_one_arm() {
    for hypotheses in &KINDS[..4] {
        let design = Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(*hypotheses);
        let (mut pieces, mut whole) = (design.monitor().unwrap(), design.monitor().unwrap());
        match hypotheses {
            Hypotheses::Proportion { .. } => {
                for i in 0..10 {
                    pieces.update(i % 4 == 0).unwrap();
                }
                whole.update(Counts::new(3, 10).unwrap()).unwrap();
            }
            Hypotheses::Rate { .. } => {
                for i in 0..10 {
                    pieces.update(Exposure::new(i % 3, 0.5).unwrap()).unwrap();
                }
                whole.update(Exposure::new(9, 5.0).unwrap()).unwrap();
            }
            _ => {
                let values: Vec<f64> = (0..10).map(|i| f64::from(i * 7 % 10) / 5.0).collect();
                for &value in &values {
                    pieces.update(value).unwrap();
                }
                whole.update(&values[..]).unwrap();
            }
        }
        let (pieces, whole) = (pieces.state(), whole.state());
        assert!(
            (pieces.log_e_value - whole.log_e_value).abs() < 1e-12,
            "{hypotheses:?}"
        );
    }
}

#[test]
fn other_versions_designs_and_kinds_are_refused() {
    let monitor = Sprt::new().assume(Assume::Independence).monitor().unwrap();
    let text = serde_json::to_string(&monitor).unwrap();
    let refused = |text: &str| {
        let error = serde_json::from_str::<SprtMonitor>(text).unwrap_err();
        error.to_string()
    };
    let later = text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(refused(&later).contains("this release reads version 1, got 2"));
    let alpha = text.replacen("\"alpha\":0.05", "\"alpha\":1.5", 1);
    assert!(refused(&alpha).contains("alpha: must lie in (0, 1), got 1.5"));
    let kind = text.replacen("odds_ratio", "rate_ratio", 1);
    assert!(refused(&kind).contains("evidence: must be of the design's hypotheses"));
    let mut own = monitor.clone();
    let other = Sprt::new()
        .assume(Assume::Independence)
        .alpha(0.01)
        .monitor()
        .unwrap();
    assert!(own.merge(&other).is_err());
    assert_eq!(own, monitor);
}
