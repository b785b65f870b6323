//! Mixture SPRTs, sequences and blocks: against independent values, and what must hold for any data.

use std::fmt::Debug;

use canary_core::sequential::{
    Assume, Decision, Level, MeanSequence, MeanSequenceMonitor, MixtureSprt, MixtureSprtMonitor,
    Monitor, ProportionBlocks, ProportionBlocksMonitor, ProportionSequence,
    ProportionSequenceMonitor, State, Update,
};
use canary_core::{Alternative, Arm, Arms, Counts, Exposure, Measure, NanPolicy, Summary};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    monitor: String,
    design: Value,
    updates: Value,
    expected: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    log_e: f64,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

/// Of a design that promises independence, as the formulas do.
fn promised<T: DeserializeOwned>(design: &Value) -> T {
    let mut design = design.clone();
    design["assume"] = "independence".into();
    read(&design)
}

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn counts((events, trials): (u64, u64)) -> Counts {
    Counts::new(events, trials).unwrap()
}

fn run(case: &Case) -> State {
    match case.monitor.as_str() {
        "mixture_sprt" => {
            let design: MixtureSprt = promised(&case.design);
            let mut monitor = design.monitor().unwrap();
            match monitor.level() {
                Level::Proportion => {
                    for (b, c) in read::<Vec<((u64, u64), (u64, u64))>>(&case.updates) {
                        monitor.update(Arms::new(b, c).map(counts)).unwrap();
                    }
                }
                Level::Rate => {
                    for (b, c) in read::<Vec<((u64, f64), (u64, f64))>>(&case.updates) {
                        let of = |(events, time)| Exposure::new(events, time).unwrap();
                        monitor.update(Arms::new(b, c).map(of)).unwrap();
                    }
                }
                Level::Mean => {
                    for (b, c) in read::<Vec<(Vec<f64>, Vec<f64>)>>(&case.updates) {
                        let arms = Arms::new(b.as_slice(), c.as_slice());
                        monitor.update(arms).unwrap();
                    }
                }
            }
            monitor.state()
        }
        "proportion_sequence" => {
            let design: ProportionSequence = promised(&case.design);
            let mut monitor = design.monitor().unwrap();
            monitor.update(counts(read(&case.updates))).unwrap();
            monitor.state()
        }
        "mean_sequence" => {
            let design: MeanSequence = promised(&case.design);
            let mut monitor = design.monitor().unwrap();
            monitor
                .update(read::<Vec<f64>>(&case.updates).as_slice())
                .unwrap();
            monitor.state()
        }
        "proportion_blocks" => {
            let design: ProportionBlocks = promised(&case.design);
            let mut monitor = design.monitor().unwrap();
            for (b, c) in read::<Vec<((u64, u64), (u64, u64))>>(&case.updates) {
                monitor.update(Arms::new(b, c).map(counts)).unwrap();
            }
            monitor.state()
        }
        other => panic!("{other}"),
    }
}

#[test]
fn agrees_with_independent_values() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../fixtures/reference/sequential_mixture.json"
    );
    let corpus: Corpus = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(corpus.cases.len() >= 60, "only {}", corpus.cases.len());
    for case in &corpus.cases {
        let state = run(case);
        let near = |got: f64, expected: f64| {
            assert!(
                (got - expected).abs() <= 1e-8 * expected.abs().max(1.0),
                "{got}, not {expected}: {} {}",
                case.monitor,
                case.design
            );
        };
        near(state.log_e_value, case.expected.log_e);
        if let Some(value) = case.expected.value {
            let estimate = state.estimate.unwrap();
            near(estimate.value, value);
            for (got, expected) in [
                (estimate.interval.low, case.expected.low),
                (estimate.interval.high, case.expected.high),
            ] {
                if let Some(expected) = expected {
                    near(got, expected);
                }
            }
        }
    }
}

type TwoArms = ((u64, u64), (u64, u64));

/// Any monitor that takes what there is of this kind.
#[derive(Clone, Debug, PartialEq)]
enum Any {
    Mixture(MixtureSprtMonitor),
    Mean(MeanSequenceMonitor),
    Proportion(ProportionSequenceMonitor),
    Blocks(ProportionBlocksMonitor),
}

fn through_json<T: Monitor + Debug>(monitor: &T) -> T {
    let text = serde_json::to_string(monitor).unwrap();
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, monitor);
    read
}

impl Any {
    fn all(alternative: Alternative, measure: Measure, assume: Assume) -> Vec<Self> {
        let mixture = MixtureSprt::new()
            .alternative(alternative)
            .measure(measure)
            .assume(assume);
        let tolerance = if measure == Measure::Ratio { 1.5 } else { 0.1 };
        let levels = Level::ALL.iter().map(|&level| {
            let design = mixture.level(level).tolerance(Some(tolerance)).burn_in(3);
            Self::Mixture(design.monitor().unwrap())
        });
        let mean = MeanSequence::new().alternative(alternative).burn_in(3);
        levels
            .chain([
                Self::Mean(mean.monitor().unwrap()),
                Self::Mean(mean.bounds(Some((-1.0, 1.0))).monitor().unwrap()),
                Self::Proportion(
                    ProportionSequence::new()
                        .alternative(alternative)
                        .monitor()
                        .unwrap(),
                ),
                Self::Blocks(
                    ProportionBlocks::new()
                        .alternative(alternative)
                        .monitor()
                        .unwrap(),
                ),
            ])
            .collect()
    }

    /// One update of what it takes; whether it was taken.
    fn feed(&mut self, x: f64, y: f64, n: u64, k: u64, canary: bool) -> bool {
        let arm = if canary { Arm::Canary } else { Arm::Baseline };
        let trials = counts((k.min(n), n));
        match self {
            Self::Mixture(monitor) => match monitor.level() {
                Level::Proportion if n.is_multiple_of(3) => {
                    monitor.update((arm, k.is_multiple_of(2)))
                }
                Level::Proportion => monitor.update(Arms::new(trials, counts((k / 2, k)))),
                Level::Rate => match (Exposure::new(k, x.abs()), Exposure::new(n, y.abs())) {
                    (Ok(a), Ok(b)) => monitor.update(Arms::new(a, b)),
                    _ => return false,
                },
                Level::Mean if n.is_multiple_of(3) => monitor.update((arm, x)),
                Level::Mean if n % 3 == 1 => {
                    let [a, b] = [[x, y, 1.0], [y, x, -2.0]];
                    monitor.update(Arms::new(a.as_slice(), b.as_slice()))
                }
                Level::Mean => match Summary::of(&[x, y], NanPolicy::Raise) {
                    Ok(summary) => monitor.update(Arms::new(summary, summary)),
                    Err(_) => return false,
                },
            }
            .is_ok(),
            Self::Mean(monitor) if n.is_multiple_of(2) => monitor.update(x).is_ok(),
            Self::Mean(monitor) => monitor.update([x, y].as_slice()).is_ok(),
            Self::Proportion(monitor) if n.is_multiple_of(2) => monitor.update(canary).is_ok(),
            Self::Proportion(monitor) => monitor.update(trials).is_ok(),
            Self::Blocks(monitor) if n.is_multiple_of(2) => {
                monitor.update((arm, k.is_multiple_of(2))).is_ok()
            }
            Self::Blocks(monitor) => monitor
                .update(Arms::new(trials, counts((k / 2, k))))
                .is_ok(),
        }
    }

    fn state(&self) -> State {
        match self {
            Self::Mixture(monitor) => monitor.state(),
            Self::Mean(monitor) => monitor.state(),
            Self::Proportion(monitor) => monitor.state(),
            Self::Blocks(monitor) => monitor.state(),
        }
    }

    fn reread(&self) -> Self {
        match self {
            Self::Mixture(monitor) => Self::Mixture(through_json(monitor)),
            Self::Mean(monitor) => Self::Mean(through_json(monitor)),
            Self::Proportion(monitor) => Self::Proportion(through_json(monitor)),
            Self::Blocks(monitor) => Self::Blocks(through_json(monitor)),
        }
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1.0..1.0,
        -1e3..1e3,
        Just(0.0),
        Just(1e50),
        Just(1e-300),
        Just(f64::NAN),
        Just(f64::INFINITY),
        any::<f64>()
    ]
}

fn any_count() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..5, 0_u64..1000, Just(u64::MAX), any::<u64>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 4))]

    #[test]
    fn nothing_panics_and_what_is_read_goes_on_the_same(
        updates in prop::collection::vec(
            (any_number(), any_number(), any_count(), any_count(), any::<bool>()), 1..40),
        alternative in prop::sample::select(Alternative::ALL),
        measure in prop::sample::select(vec![Measure::Difference, Measure::Ratio]),
        assume in prop::sample::select(Assume::ALL),
    ) {
        for mut monitor in Any::all(alternative, measure, assume) {
            for &(x, y, n, k, canary) in &updates {
                let before = monitor.clone();
                let mut reread = monitor.reread();
                let taken = monitor.feed(x, y, n, k, canary);
                prop_assert!(taken || monitor == before);
                reread.feed(x, y, n, k, canary);
                prop_assert_eq!(&reread, &monitor);
            }
            let state = monitor.state();
            prop_assert!(state.p_value >= 0.0 && state.p_value <= 1.0);
            prop_assert!(!state.log_e_value.is_nan());
            if let Some(estimate) = state.estimate {
                prop_assert!(estimate.interval.low <= estimate.interval.high, "{estimate:?}");
            }
            prop_assert!(state.remaining.is_none_or(|n| n >= 1.0));
        }
    }

    #[test]
    fn merged_halves_are_the_whole(
        halves in prop::collection::vec(((0_u64..9, 9_u64..90), (0_u64..9, 9_u64..90)), 2..30),
    ) {
        let fed = |part: &[TwoArms]| {
            let design = MixtureSprt::new().assume(Assume::Independence);
            let mut monitor = design.monitor().unwrap();
            for &(b, c) in part {
                monitor.update(Arms::new(b, c).map(counts)).unwrap();
            }
            monitor
        };
        let (first, second) = halves.split_at(halves.len() / 2);
        let mut merged = fed(first);
        merged.merge(&fed(second)).unwrap();
        let (merged, whole) = (merged.state(), fed(&halves).state());
        prop_assert!((merged.log_e_value - whole.log_e_value).abs() < 1e-9);
        prop_assert_eq!(merged.observations, whole.observations);
    }
}

#[test]
fn one_by_one_is_block_by_block() {
    // Ten of either arm are a stratum, whether they come one by one or together.
    let values = |n: u32| (0..n).map(|i| f64::from(i * 7 % 11)).collect::<Vec<_>>();
    let design = MixtureSprt::new()
        .level(Level::Mean)
        .burn_in(5)
        .assume(Assume::Independence);
    let (mut single, mut whole) = (design.monitor().unwrap(), design.monitor().unwrap());
    let (b, c) = (values(10), values(10));
    for (&b, &c) in b.iter().zip(&c) {
        single.update((Arm::Baseline, b)).unwrap();
        single.update((Arm::Canary, c + 1.0)).unwrap();
    }
    let c: Vec<f64> = c.iter().map(|c| c + 1.0).collect();
    whole.update(Arms::new(b.as_slice(), c.as_slice())).unwrap();
    let (single, whole) = (single.state(), whole.state());
    assert!((single.log_e_value - whole.log_e_value).abs() < 1e-12);
    assert_eq!(single.arms, whole.arms);
}

#[test]
fn options_that_cannot_be_are_named() {
    let refused = |design: MixtureSprt| design.monitor().unwrap_err().to_string();
    let design = MixtureSprt::new();
    for (design, start) in [
        (design.alpha(0.0), "alpha: must lie in (0, 1)"),
        (design.measure(Measure::OddsRatio), "measure: must be"),
        (design.null(Some(f64::NAN)), "null: must be finite"),
        (
            design.tolerance(Some(0.0)),
            "tolerance: must be a positive difference",
        ),
        (
            design.effect(Some(0.0)),
            "effect: must be a finite difference",
        ),
        (
            design.measure(Measure::Ratio).effect(Some(1.0)),
            "effect: must be a positive factor",
        ),
        (
            design.measure(Measure::Ratio).tolerance(Some(0.9)),
            "tolerance: must be a factor above 1",
        ),
        (design.tuned_at(Some(-1.0)), "tuned_at: must be positive"),
        (
            design.tuned_at(Some(9.0)).effect(Some(0.1)),
            "effect: must not be given together",
        ),
    ] {
        let error = refused(design);
        assert!(error.starts_with(start), "{error}");
    }
    let mut monitor = design.monitor().unwrap();
    let values = Arms::new([1.0].as_slice(), [2.0].as_slice());
    let error = monitor.update(values).unwrap_err().to_string();
    assert_eq!(error, "data: must be what a proportion is of, got values");
    let other = MixtureSprt::new().alpha(0.01).monitor().unwrap();
    assert!(monitor.merge(&other).is_err());
    let mut blocks = ProportionBlocks::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    let error = blocks.merge(&blocks.clone()).unwrap_err().to_string();
    assert!(error.starts_with("monitor: cannot be merged"), "{error}");
    assert_eq!(blocks.update((Arm::Canary, true)), Ok(Decision::Continue));
}

#[test]
fn a_decision_stands() {
    let design = MixtureSprt::new().assume(Assume::Independence);
    let mut monitor = design.monitor().unwrap();
    let update = |b, c| Arms::new(b, c).map(counts);
    monitor.update(update((10, 1000), (90, 1000))).unwrap();
    let p = monitor.state().p_value;
    for _ in 0..100 {
        let decision = monitor.update(update((10, 1000), (10, 1000))).unwrap();
        assert_eq!(decision, Decision::AcceptAlternative);
    }
    let state = monitor.state();
    assert_eq!((state.p_value, state.remaining), (p, None));
    assert_eq!(state.observations, 202_000);
}
