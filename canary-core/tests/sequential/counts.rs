//! Counts, change and e-values, against `fixtures/reference/sequential_counts.json`, which is
//! computed by other ways, and what must be true of any data.

use std::path::Path;

use canary_core::sequential::{
    Assume, ChangeModel, Cusum, Decision, EDetector, EventSplit, EventSplitMonitor, Monitor,
    SampleRatioMismatch, Update, e_benjamini_hochberg,
};
use canary_core::{Alternative, Arm, Arms, Counts, Exposure};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    event_split: Vec<Split>,
    sample_ratio: Vec<Ratio>,
    cusum: Vec<Run>,
    e_benjamini_hochberg: Vec<Discovery>,
}

#[derive(Deserialize)]
struct Split {
    share: f64,
    strength: f64,
    intervals: Vec<(f64, u64, u64)>,
    log_e: Sides,
    interval: (f64, f64),
}

#[derive(Deserialize)]
struct Sides {
    two_sided: f64,
    greater: f64,
    less: f64,
}

#[derive(Deserialize)]
struct Ratio {
    expected: Vec<f64>,
    concentration: f64,
    counts: Vec<u64>,
    log_e: f64,
}

#[derive(Deserialize)]
struct Run {
    model: ChangeModel,
    before: f64,
    after: f64,
    threshold: Option<f64>,
    average_run_length: f64,
    delay: f64,
}

#[derive(Deserialize)]
struct Discovery {
    e_values: Vec<f64>,
    alpha: f64,
    rejected: Vec<bool>,
}

fn reference() -> Reference {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/reference");
    let text = std::fs::read_to_string(root.join("sequential_counts.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn close(got: f64, expected: f64, relative: f64) {
    let error = (got - expected).abs() / expected.abs().max(1.0);
    assert!(error < relative, "{got} {expected} {error:e}");
}

#[test]
fn splits_of_events_are_the_integrals() {
    let cases = reference().event_split;
    assert!(cases.len() >= 6);
    for case in cases {
        for (alternative, log_e) in [
            (Alternative::TwoSided, case.log_e.two_sided),
            (Alternative::Greater, case.log_e.greater),
            (Alternative::Less, case.log_e.less),
        ] {
            let design = EventSplit::new()
                .share(case.share)
                .strength(case.strength)
                .alternative(alternative)
                .assume(Assume::Independence);
            let mut monitor = design.monitor().unwrap();
            for &(share, baseline, canary) in &case.intervals {
                monitor
                    .update((share, Arms::new(baseline, canary)))
                    .unwrap();
            }
            let state = monitor.state();
            close(state.log_e_value, log_e, 1e-7);
            let estimate = state.estimate.unwrap();
            if alternative == Alternative::TwoSided {
                close(estimate.interval.low, case.interval.0, 1e-7);
                close(estimate.interval.high, case.interval.1, 1e-7);
            }
        }
    }
}

#[test]
fn sample_ratios_are_the_dirichlet_mixture() {
    let cases = reference().sample_ratio;
    assert!(cases.len() >= 5);
    for case in cases {
        let design = SampleRatioMismatch::new(case.expected)
            .assume(Assume::Independence)
            .concentration(case.concentration);
        let mut monitor = design.monitor().unwrap();
        monitor.update(case.counts.as_slice()).unwrap();
        close(monitor.state().log_e_value, case.log_e, 1e-8);
    }
}

/// The other way is a chain of 2,000 states for normal values, whose own error is 1e-4.
#[test]
fn run_lengths_are_those_of_the_chain() {
    let cases = reference().cusum;
    assert!(cases.len() >= 7);
    for case in cases {
        let design = Cusum::new(case.model, case.before, case.after)
            // Just what the chain gives: the threshold is then the chain's.
            .average_run_length(case.average_run_length * (1.0 - 1e-9));
        let monitor = design.monitor().unwrap();
        let relative = if case.threshold.is_some() { 3e-4 } else { 1e-7 };
        close(
            monitor.average_run_length(),
            case.average_run_length,
            relative,
        );
        close(monitor.delay(), case.delay, relative);
        if let Some(threshold) = case.threshold {
            close(monitor.threshold(), threshold, relative);
        }
    }
}

#[test]
fn e_bh_rejects_as_defined() {
    let cases = reference().e_benjamini_hochberg;
    assert!(cases.len() >= 5);
    for case in cases {
        let found = e_benjamini_hochberg(&case.e_values, case.alpha).unwrap();
        assert_eq!(found.rejected, case.rejected);
    }
}

/// Uniform random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        // SplitMix64 (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn events(&mut self, trials: u64, p: f64) -> u64 {
        (0..trials).filter(|_| self.next() < p).count() as u64
    }
}

const RUNS: u64 = 400;

/// The share of runs that raise an alarm, which must not exceed alpha by more than chance does.
fn alarms(alpha: f64, mut alarm: impl FnMut(&mut Random) -> bool) {
    let alarms = (0..RUNS).filter(|&seed| alarm(&mut Random(seed))).count();
    let rate = alarms as f64 / RUNS as f64;
    let error = (alpha * (1.0 - alpha) / RUNS as f64).sqrt();
    assert!(rate <= alpha + 3.0 * error, "{rate}");
}

#[test]
fn every_event_is_a_look_and_few_alarms_are_false() {
    for share in [0.5, 0.05] {
        for alternative in [Alternative::TwoSided, Alternative::Greater] {
            alarms(0.05, |random| {
                let design = EventSplit::new().share(share).alternative(alternative);
                let mut monitor = design.assume(Assume::Independence).monitor().unwrap();
                (0..3_000).any(|_| {
                    let arm = if random.next() < share {
                        Arm::Canary
                    } else {
                        Arm::Baseline
                    };
                    monitor.update(arm).unwrap() != Decision::Continue
                })
            });
        }
    }
}

#[test]
fn shares_and_rates_may_change() {
    for &assume in Assume::ALL {
        alarms(0.05, |random| {
            let design = EventSplit::new().share(0.1).assume(assume);
            let mut monitor = design.monitor().unwrap();
            let shares = [0.01, 0.05, 0.25, 0.5].into_iter().flat_map(|s| [s; 15]);
            shares.enumerate().any(|(minute, share)| {
                let p = 0.02 + 0.019 * f64::sin(minute as f64 / 8.0);
                let trials = Arms::new(1.0 - share, share).map(|part| (1_000.0 * part) as u64);
                let arms = trials.map(|n| Counts::new(random.events(n, p), n).unwrap());
                monitor.update(arms).unwrap() != Decision::Continue
            })
        });
    }
}

#[test]
fn what_is_not_tolerable_is_seldom_tolerated() {
    alarms(0.05, |random| {
        let (share, ratio) = (0.2, 1.5);
        let theta = ratio * share / (1.0 - share + ratio * share);
        let design = EventSplit::new()
            .share(share)
            .alternative(Alternative::Greater)
            .tolerance(Some(ratio))
            .assume(Assume::Independence);
        let mut monitor = design.monitor().unwrap();
        (0..2_000).any(|_| {
            let canary = random.events(1, theta);
            monitor.update(Arms::new(1 - canary, canary)).unwrap() == Decision::AcceptNull
        })
    });
}

/// The mean of run lengths is what was computed, and no less than asked for.
#[test]
fn false_alarms_are_as_rare_as_stated() {
    let mean = |mut run: Box<dyn FnMut(&mut Random) -> u64>| {
        let runs: Vec<f64> = (0..RUNS)
            .map(|seed| run(&mut Random(seed)) as f64)
            .collect();
        runs.iter().sum::<f64>() / RUNS as f64
    };
    let cusum = Cusum::bernoulli(0.1, 0.2).average_run_length(500.0);
    let cusum = cusum.monitor().unwrap();
    let stated = cusum.average_run_length();
    let simulated = mean(Box::new(move |random| {
        let mut monitor = cusum.clone();
        let goes_on = |_: &u64| monitor.update(random.next() < 0.1).unwrap() == Decision::Continue;
        1 + (0..).take_while(goes_on).count() as u64
    }));
    // Run lengths are nearly exponential: their standard deviation is their mean.
    let error = 3.0 / (RUNS as f64).sqrt();
    assert!(
        (simulated / stated - 1.0).abs() < error,
        "{simulated} {stated}"
    );
    let detector = EDetector::bounded(0.0, 1.0, 0.1).average_run_length(100.0);
    let detector = detector.monitor().unwrap();
    let simulated = mean(Box::new(move |random| {
        let mut monitor = detector.clone();
        let goes_on = |_: &u64| monitor.update(random.next() < 0.1).unwrap() == Decision::Continue;
        1 + (0..).take_while(goes_on).count() as u64
    }));
    assert!(simulated > 100.0 * (1.0 - error), "{simulated}");
}

/// Of the rejected, on average at most alpha are true; here e-values depend on each other.
#[test]
fn e_bh_keeps_its_false_discovery_rate() {
    let (mut rate, alpha) = (0.0, 0.2);
    for seed in 0..2_000 {
        let mut random = Random(seed);
        let shared = random.next();
        // Of p uniform, the calibrator's e-value; five of twenty have something to find.
        let e_values: Vec<f64> = (0..20)
            .map(|i| {
                let p: f64 = if random.next() < 0.7 {
                    shared
                } else {
                    random.next()
                };
                let p = if i < 5 { p.powi(8) } else { p };
                0.3 * p.powf(-0.7)
            })
            .collect();
        let found = e_benjamini_hochberg(&e_values, alpha).unwrap();
        let wrong = found.rejected[5..]
            .iter()
            .filter(|rejected| **rejected)
            .count();
        rate += wrong as f64 / found.count().max(1) as f64 / 2_000.0;
    }
    assert!(rate <= alpha, "{rate}");
}

fn intervals() -> impl Strategy<Value = Vec<(f64, u64, u64)>> {
    let share = prop_oneof![Just(0.1), 0.01..0.99_f64];
    prop::collection::vec((share, 0_u64..200, 0_u64..200), 1..12)
}

fn alternatives() -> impl Strategy<Value = Alternative> {
    prop::sample::select(Alternative::ALL)
}

fn written_and_read(monitor: &EventSplitMonitor) -> EventSplitMonitor {
    serde_json::from_str(&serde_json::to_string(monitor).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn written_read_and_fed_is_the_same_to_the_last_bit(
        stream in intervals(), alternative in alternatives(), at in 0_usize..12,
        assume in prop::sample::select(Assume::ALL),
    ) {
        let design = EventSplit::new().share(0.1).alternative(alternative).tolerance(Some(1.5))
            .assume(assume);
        let mut one = design.monitor().unwrap();
        let mut other = one.clone();
        for (i, &(share, baseline, canary)) in stream.iter().enumerate() {
            if i == at {
                other = written_and_read(&other);
            }
            one.update((share, Arms::new(baseline, canary))).unwrap();
            other.update((share, Arms::new(baseline, canary))).unwrap();
        }
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap());
    }

    #[test]
    fn halves_merge_to_the_whole(stream in intervals(), at in 0_usize..12) {
        let design = EventSplit::new().share(0.1).assume(Assume::Independence);
        let new = || design.monitor().unwrap();
        let (mut whole, mut first, mut second) = (new(), new(), new());
        for (i, &(share, baseline, canary)) in stream.iter().enumerate() {
            let data = (share, Arms::new(baseline, canary));
            whole.update(data).unwrap();
            if i < at { first.update(data).unwrap() } else { second.update(data).unwrap() };
        }
        first.merge(&second).unwrap();
        let (merged, whole) = (first.state(), whole.state());
        prop_assert!((merged.log_e_value - whole.log_e_value).abs() < 1e-8);
        prop_assert_eq!(merged.observations, whole.observations);
    }

    #[test]
    fn swapped_arms_mirror(stream in intervals()) {
        let design = EventSplit::new().assume(Assume::Independence);
        let mirrored = design.share(0.7).alternative(Alternative::Less);
        let design = design.share(0.3).alternative(Alternative::Greater);
        let (mut one, mut other) = (design.monitor().unwrap(), mirrored.monitor().unwrap());
        for (share, baseline, canary) in stream {
            one.update((share, Arms::new(baseline, canary))).unwrap();
            other.update((1.0 - share, Arms::new(canary, baseline))).unwrap();
        }
        let (own, mirror) = (one.state().log_e_value, other.state().log_e_value);
        prop_assert!((own - mirror).abs() < 1e-6 * own.abs().max(1.0), "{} {}", own, mirror);
    }

    #[test]
    fn nothing_panics(
        share in any::<f64>(), alpha in 0.0..1.0_f64, strength in any::<f64>(),
        tolerance in any::<Option<f64>>(), alternative in alternatives(),
        assume in prop::sample::select(Assume::ALL),
        data in prop::collection::vec((any::<f64>(), any::<u64>(), any::<u64>()), 0..16),
    ) {
        for share in [share, 0.2] {
            let design = EventSplit::new().share(share).alpha(alpha).strength(strength.abs())
                .alternative(alternative).tolerance(tolerance.map(f64::abs)).assume(assume);
            if let Ok(mut monitor) = design.monitor() {
                for &(share, baseline, canary) in &data {
                    let _ = monitor.update((share, Arms::new(baseline, canary)));
                    let _ = monitor.update(Arms::new(baseline >> 32, canary));
                    let state = monitor.state();
                    prop_assert!(!state.log_e_value.is_nan());
                    prop_assert!((0.0..=1.0).contains(&state.p_value));
                }
            }
        }
    }

    #[test]
    fn detectors_do_not_panic(
        before in any::<f64>(), after in any::<f64>(), sd in any::<f64>(), events in any::<u64>(),
        time in any::<f64>(), x in any::<f64>(), share in 0.0..1.0_f64,
    ) {
        for model in ChangeModel::ALL {
            for (before, after) in [(before, after), (share, share * 1.5), (0.01, 0.3)] {
                let Ok(mut monitor) = Cusum::new(*model, before, after).sd(sd.abs()).monitor() else {
                    continue;
                };
                for _ in 0..3 {
                    let _ = monitor.update(x);
                    let _ = monitor.update(Counts::new(events / 3, events).unwrap());
                    let _ = Exposure::new(events, time).map(|exposure| monitor.update(exposure));
                    let _ = monitor.state().to_string();
                }
                monitor.reset();
            }
        }
        for design in [EDetector::poisson(before), EDetector::bounded(before, after, x),
                       EDetector::bounded(0.0, 1.0, share)] {
            let Ok(mut monitor) = design.monitor() else { continue };
            for _ in 0..3 {
                let _ = monitor.update(x);
                let _ = monitor.update(Counts::new(events / 3, events).unwrap());
                let _ = Exposure::new(events, time).map(|exposure| monitor.update(exposure));
                prop_assert!(!monitor.state().log_e_value.is_nan());
            }
        }
    }
}
