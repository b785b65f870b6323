//! Quantiles and whole distributions at all looks: reference values, properties, false alarms.

use canary_core::sequential::{
    Assume, Basis, Decision, DistributionComparison, Monitor, QuantileBound, QuantileComparison,
    QuantileSequence, Update,
};
use canary_core::{Alternative, Arm, Arms, Histogram, Margin, Measure};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::{from_str, to_string};

/// Bounds at every whole number, so that counts are exact.
fn whole_numbers(most: u32) -> Vec<f64> {
    (0..=most).map(f64::from).collect()
}

fn shifted(by: u32) -> Arms<Vec<f64>> {
    let values = |from: u32| (1 + from..=1000 + from).map(f64::from).collect();
    Arms::new(values(0), values(by))
}

fn slices(values: &Arms<Vec<f64>>) -> Arms<&[f64]> {
    Arms::new(&values.baseline, &values.canary)
}

/// The p-values of the authors' own unit tests (confseq's `QuantileABTest`).
#[test]
fn two_samples_have_the_authors_p_values() {
    for (p, shift, expected) in [
        (0.5, 70, 0.814_704),
        (0.5, 85, 0.083_805_5),
        (0.5, 100, 0.005_494_7),
        (0.9, 55, 0.034_046_3),
    ] {
        let design = QuantileComparison::new()
            .assume(Assume::Independence)
            .t_opt(100.0)
            .quantiles(&[p]);
        let mut monitor = design.bounds(&whole_numbers(1100)).monitor().unwrap();
        monitor.update(slices(&shifted(shift))).unwrap();
        let got = monitor.state().p_value;
        assert!(
            (got - expected).abs() < 1e-5,
            "{p} {shift}: {got} {expected}"
        );
        assert_eq!(monitor.p_values(), [got]);
        // The interval is the test turned round.
        let interval = monitor.changes()[0].interval;
        assert_eq!(interval.low > 0.0, got <= 0.05, "{interval:?}");
        assert!(interval.high > f64::from(shift));
    }
}

#[derive(Deserialize)]
struct Case {
    quantile: f64,
    t_opt: f64,
    alpha: f64,
    baseline: Vec<f64>,
    canary: Vec<f64>,
    log_e: f64,
    low: f64,
    high: f64,
    splits: f64,
    sequence: (f64, f64),
}

/// An independent implementation, by the definition: every candidate in turn.
#[test]
fn agrees_with_an_independent_implementation() {
    let text = include_str!("../../../fixtures/reference/sequential_quantile.json");
    let cases: Vec<Case> = from_str(text).unwrap();
    assert!(cases.len() >= 12);
    let mut finite = 0;
    for case in cases {
        let values = Arms::new(case.baseline, case.canary);
        let design = QuantileComparison::new()
            .assume(Assume::Independence)
            .t_opt(case.t_opt)
            .alpha(case.alpha);
        let design = design
            .quantiles(&[case.quantile])
            .bounds(&whole_numbers(200));
        let mut monitor = design.monitor().unwrap();
        monitor.update(slices(&values)).unwrap();
        let state = monitor.state();
        assert!(
            (state.log_e_value - case.log_e).abs() < 2e-3,
            "{state:?} {}",
            case.log_e
        );
        // A bin holds one value, so an end is off by one bin of either arm; beyond all values, only an
        // interval is infinite.
        let interval = state.estimate.unwrap().interval;
        let below = case.low - interval.low;
        let above = interval.high - case.high;
        assert!(
            (0.0..=1.0).contains(&below) || below.is_infinite(),
            "{interval:?} {}",
            case.low
        );
        assert!(
            (0.0..=1.0).contains(&above) || above.is_infinite(),
            "{interval:?} {}",
            case.high
        );
        finite += u32::from(below.is_finite()) + u32::from(above.is_finite());

        let design = DistributionComparison::new()
            .assume(Assume::Independence)
            .quantiles(&[0.1, case.quantile]);
        let mut monitor = design.bounds(&whole_numbers(200)).monitor().unwrap();
        monitor.update(slices(&values)).unwrap();
        let log_e = monitor.state().log_e_value;
        assert!(
            (log_e - case.splits).abs() < 1e-9,
            "{log_e} {}",
            case.splits
        );

        let design = QuantileSequence::new()
            .assume(Assume::Independence)
            .t_opt(case.t_opt)
            .alpha(case.alpha);
        let design = design
            .quantiles(&[case.quantile])
            .bounds(&whole_numbers(200));
        let mut monitor = design.monitor().unwrap();
        monitor.update(&values.baseline[..]).unwrap();
        let interval = monitor.state().estimate.unwrap().interval;
        assert_eq!((interval.low + 1.0, interval.high), case.sequence);
    }
    assert!(finite >= 20, "{finite}");
}

/// A stream of its own for every run.
struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn latency(&mut self) -> f64 {
        // Weibull with shape 1/2: heavier than exponential.
        self.uniform().ln().powi(2)
    }
}

fn share_that_alarms(runs: u64, alarms: impl Fn(u64) -> bool) -> f64 {
    (0..runs).filter(|&seed| alarms(seed)).count() as f64 / runs as f64
}

#[test]
fn false_alarms_over_all_looks_stay_below_alpha() {
    for (share, tick) in [(0.5, 1e-3), (0.05, 4.0)] {
        let value = |random: &mut Random| (random.latency() / tick).floor() * tick;
        let arm = |random: &mut Random| {
            if random.uniform() < share {
                Arm::Canary
            } else {
                Arm::Baseline
            }
        };
        // At 20 %, so that few runs tell.
        let most = 0.2 + 3.0 * (0.2_f64 * 0.8 / 100.0).sqrt();
        let quantiles = share_that_alarms(100, |seed| {
            let mut random = Random::new(seed);
            let mut monitor = QuantileComparison::new()
                .assume(Assume::Independence)
                .alpha(0.2)
                .monitor()
                .unwrap();
            (0..1500).any(|_| {
                let observation = (arm(&mut random), value(&mut random));
                monitor.update(observation).unwrap() == Decision::AcceptAlternative
            })
        });
        assert!(quantiles <= most, "{quantiles}");
        let distribution = share_that_alarms(100, |seed| {
            let mut random = Random::new(1000 + seed);
            let mut monitor = DistributionComparison::new()
                .assume(Assume::Independence)
                .alpha(0.2)
                .monitor()
                .unwrap();
            (0..1500).any(|_| {
                let observation = (arm(&mut random), value(&mut random));
                monitor.update(observation).unwrap() == Decision::AcceptAlternative
            })
        });
        assert!(distribution <= most, "{distribution}");
    }
    let missed = share_that_alarms(100, |seed| {
        let mut random = Random::new(2000 + seed);
        let design = QuantileSequence::new()
            .assume(Assume::Independence)
            .alpha(0.2)
            .quantiles(&[0.9]);
        // ln² u is up to x with probability 1 - exp(-√x).
        let truth = 0.1_f64.ln().powi(2);
        let mut monitor = design.null(Some(truth)).monitor().unwrap();
        (0..1000).any(|_| monitor.update(random.latency()).unwrap() == Decision::AcceptAlternative)
    });
    assert!(missed <= 0.2 + 0.12, "{missed}");
}

#[test]
fn faults_are_found_and_their_absence_too() {
    let mut random = Random::new(7);
    let mut draw = |count: usize, slow: f64| -> Vec<f64> {
        (0..count)
            .map(|_| (10.0 + random.latency()) * if random.uniform() < slow { 10.0 } else { 1.0 })
            .collect()
    };
    let faulty = Arms::new(draw(1500, 0.0), draw(1500, 0.05));
    let alike = Arms::new(draw(40_000, 0.0), draw(40_000, 0.0));
    for alternative in [Alternative::TwoSided, Alternative::Greater] {
        let quantiles = QuantileComparison::new()
            .assume(Assume::Independence)
            .alternative(alternative);
        let distribution = DistributionComparison::new()
            .assume(Assume::Independence)
            .alternative(alternative);
        let mut monitor = quantiles.clone().monitor().unwrap();
        assert_eq!(
            monitor.update(slices(&faulty)),
            Ok(Decision::AcceptAlternative)
        );
        let mut monitor = distribution.clone().monitor().unwrap();
        assert_eq!(
            monitor.update(slices(&faulty)),
            Ok(Decision::AcceptAlternative)
        );
        let tolerance = Some(Margin::Percent(50.0));
        let design = quantiles
            .clone()
            .quantiles(&[0.5, 0.9, 0.99])
            .tolerance(Some(Margin::Percent(25.0)));
        let mut monitor = design.monitor().unwrap();
        monitor
            .update(Arms::new(&alike.baseline[..1500], &alike.canary[..1500]))
            .unwrap();
        let state = monitor.state();
        assert!(
            state.remaining.is_some(),
            "{state:?} {:?}",
            monitor.changes()
        );
        assert_eq!(monitor.update(slices(&alike)), Ok(Decision::AcceptNull));
        assert_eq!(monitor.state().remaining, None);
        let mut monitor = distribution.clone().tolerance(tolerance).monitor().unwrap();
        assert_eq!(monitor.update(slices(&alike)), Ok(Decision::AcceptNull));
        assert!(monitor.band_p_value() > 0.5);
    }
    let mut other_side = QuantileComparison::new()
        .assume(Assume::Independence)
        .alternative(Alternative::Less)
        .monitor()
        .unwrap();
    assert_eq!(other_side.update(slices(&faulty)), Ok(Decision::Continue));
    let mut other_side = DistributionComparison::new()
        .assume(Assume::Independence)
        .alternative(Alternative::Less)
        .monitor()
        .unwrap();
    assert_eq!(other_side.update(slices(&faulty)), Ok(Decision::Continue));
}

#[test]
fn bands_hold_every_quantile() {
    let mut random = Random::new(3);
    let values: Vec<f64> = (0..20_000).map(|_| random.latency()).collect();
    let mut monitor = QuantileSequence::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    monitor.update(&values[..]).unwrap();
    for x in [0.0_f64, 0.01, 0.5, 2.0, 20.0] {
        let truth = 1.0 - (-x.sqrt()).exp();
        let range = monitor.probability(x);
        assert!(
            range.low <= truth && truth <= range.high,
            "{range:?} {truth}"
        );
        assert!(range.high - range.low < 0.06);
    }
    let mut stitched = QuantileSequence::new()
        .assume(Assume::Independence)
        .bound(QuantileBound::Stitched)
        .monitor()
        .unwrap();
    stitched.update(&values[..]).unwrap();
    for (narrow, wide) in monitor.quantiles().iter().zip(stitched.quantiles()) {
        assert!(
            narrow.interval.low >= wide.interval.low,
            "{narrow:?} {wide:?}"
        );
        assert!(
            narrow.interval.high <= wide.interval.high,
            "{narrow:?} {wide:?}"
        );
    }
    let mut both = DistributionComparison::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    let times = values.iter().map(|x| 1.2 * x).collect();
    both.update(slices(&Arms::new(values, times))).unwrap();
    for change in both.changes(&[0.2, 0.5, 0.8], Measure::Ratio).unwrap() {
        assert!(
            change.interval.low < 1.2 && 1.2 < change.interval.high,
            "{change:?}"
        );
        assert!(change.interval.high < 2.0);
    }
    assert_eq!(
        both.changes(&[1.0], Measure::Ratio)
            .unwrap_err()
            .to_string(),
        "quantiles: must be 1 to 1000 numbers in (0, 1) in ascending order, got [1.0]"
    );
}

#[test]
fn a_histogram_is_its_values() {
    let bounds = [1.0, 2.0, 5.0, 10.0];
    let with_infinity = [1.0, 2.0, 5.0, 10.0, f64::INFINITY];
    let values = Arms::new(vec![0.5, 1.0, 1.5, 7.0, 11.0], vec![5.0, 5.0, 6.0, 12.0]);
    let counted = |values: Vec<f64>| {
        let count = |bound: &f64| values.iter().filter(|x| *x <= bound).count() as f64;
        let counts: Vec<f64> = with_infinity.iter().map(count).collect();
        Histogram::new(&with_infinity, &counts, None).unwrap()
    };
    let histograms = values.clone().map(counted);
    let mut raw = QuantileComparison::new()
        .assume(Assume::Independence)
        .bounds(&bounds)
        .monitor()
        .unwrap();
    let mut buckets = raw.clone();
    raw.update(slices(&values)).unwrap();
    buckets.update(histograms.as_ref()).unwrap();
    assert_eq!(raw, buckets);
    let mut other = QuantileComparison::new()
        .assume(Assume::Independence)
        .bounds(&bounds[..3])
        .monitor()
        .unwrap();
    let error = other.update(histograms.as_ref()).unwrap_err().to_string();
    assert!(
        error.starts_with("baseline: must have the monitor's bounds"),
        "{error}"
    );
    let mut none = QuantileSequence::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    let error = none.update(&histograms.canary).unwrap_err().to_string();
    assert!(
        error.starts_with("counts: needs a monitor with bounds"),
        "{error}"
    );
}

#[test]
fn bad_values_and_options_are_refused_by_name() {
    let mut monitor = QuantileComparison::new().monitor().unwrap();
    let before = monitor.clone();
    let error = monitor
        .update(Arms::new(&[1.0][..], &[2.0, f64::NAN][..]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "canary: must hold finite values, got NaN at index 1"
    );
    assert_eq!(monitor, before);
    for (design, argument) in [
        (QuantileComparison::new().alpha(1.0), "alpha"),
        (
            QuantileComparison::new().quantiles(&[0.5, 0.5]),
            "quantiles",
        ),
        (QuantileComparison::new().quantiles(&[]), "quantiles"),
        (QuantileComparison::new().t_opt(0.0), "t_opt"),
        (QuantileComparison::new().accuracy(0.6), "accuracy"),
        (QuantileComparison::new().bounds(&[2.0, 1.0]), "bounds"),
        (QuantileComparison::new().bounds(&[f64::NAN]), "bounds"),
        (
            QuantileComparison::new().tolerance(Some(Margin::Factor(0.5))),
            "tolerance",
        ),
        (
            QuantileComparison::new().measure(Measure::OddsRatio),
            "measure",
        ),
    ] {
        let error = design.monitor().unwrap_err().to_string();
        assert!(error.starts_with(argument), "{error}");
    }
    let error = QuantileSequence::new()
        .null(Some(1.0))
        .monitor()
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("quantiles"), "{error}");
    let design = DistributionComparison::new();
    assert!(design.clone().within(0.5).monitor().is_err());
    assert!(design.t_min(0.0).monitor().is_err());
    let mut own = QuantileComparison::new().monitor().unwrap();
    let other = QuantileComparison::new().alpha(0.01).monitor().unwrap();
    assert!(
        own.merge(&other)
            .unwrap_err()
            .to_string()
            .starts_with("design")
    );
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-50..50_i32).prop_map(f64::from),
        2 => 1e-3..1e3_f64,
        1 => prop::sample::select(vec![0.0, -0.0, 5e-324, 1e300, -1e300, f64::MAX, f64::MIN]),
    ]
}

fn any_values() -> impl Strategy<Value = Arms<Vec<f64>>> {
    let arm = || prop::collection::vec(any_value(), 0..60);
    (arm(), arm()).prop_map(|(baseline, canary)| Arms::new(baseline, canary))
}

proptest! {
    #[test]
    fn pieces_are_the_whole_and_a_restart_changes_nothing(parts in prop::collection::vec(any_values(), 1..4)) {
        let mut quantiles = QuantileComparison::new().assume(Assume::Independence).monitor().unwrap();
        let mut distribution = DistributionComparison::new().monitor().unwrap();
        let (mut whole, mut merged) = (quantiles.clone(), quantiles.clone());
        let mut all = Arms::new(vec![], vec![]);
        for part in &parts {
            quantiles = from_str(&to_string(&quantiles).unwrap()).unwrap();
            let restarted = from_str(&to_string(&distribution).unwrap()).unwrap();
            prop_assert_eq!(&distribution, &restarted);
            distribution = restarted;
            quantiles.update(slices(part)).unwrap();
            distribution.update(slices(part)).unwrap();
            let mut shard = QuantileComparison::new().assume(Assume::Independence).monitor().unwrap();
            shard.update(slices(part)).unwrap();
            merged.merge(&shard).unwrap();
            all.baseline.extend(&part.baseline);
            all.canary.extend(&part.canary);
        }
        whole.update(slices(&all)).unwrap();
        let (a, b) = (quantiles.state(), whole.state());
        prop_assert_eq!(a.log_e_value, b.log_e_value);
        prop_assert_eq!(to_string(&a.estimate).unwrap(), to_string(&b.estimate).unwrap());
        prop_assert_eq!(a.observations, (all.baseline.len() + all.canary.len()) as u64);
        prop_assert!(a.p_value <= b.p_value);
        prop_assert_eq!(quantiles, merged);
    }

    #[test]
    fn exchanged_arms_mirror(values in any_values()) {
        let exchanged = values.clone().swap();
        for (side, mirrored) in [
            (Alternative::TwoSided, Alternative::TwoSided),
            (Alternative::Greater, Alternative::Less),
        ] {
            let mut own = DistributionComparison::new().assume(Assume::Independence).alternative(side).monitor().unwrap();
            let mut other = DistributionComparison::new().assume(Assume::Independence).alternative(mirrored).monitor().unwrap();
            own.update(slices(&values)).unwrap();
            other.update(slices(&exchanged)).unwrap();
            let (a, b) = (own.state().log_e_value, other.state().log_e_value);
            prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b);
            let mut own = QuantileComparison::new().assume(Assume::Independence).alternative(side).monitor().unwrap();
            let mut other = QuantileComparison::new().assume(Assume::Independence).alternative(mirrored).monitor().unwrap();
            own.update(slices(&values)).unwrap();
            other.update(slices(&exchanged)).unwrap();
            let (a, b) = (own.state(), other.state());
            prop_assert!((a.log_e_value - b.log_e_value).abs() < 1e-9);
            for (a, b) in own.changes().iter().zip(other.changes()) {
                prop_assert_eq!(a.interval.low, -b.interval.high);
                prop_assert_eq!(a.interval.high, -b.interval.low);
            }
        }
    }

    #[test]
    fn nothing_panics(
        values in any_values(),
        singles in prop::collection::vec((any::<bool>(), any::<f64>()), 0..60),
        ratio in any::<bool>(),
        promised in any::<bool>(),
    ) {
        let assume = if promised { Assume::Independence } else { Assume::Nothing };
        let tolerance = Some(if ratio { Margin::Factor(1.5) } else { Margin::Difference(3.0) });
        let measure = if ratio { Measure::Ratio } else { Measure::Difference };
        let design = QuantileComparison::new().assume(assume).tolerance(tolerance).measure(measure);
        let mut quantiles = design.monitor().unwrap();
        let mut distribution = DistributionComparison::new().assume(assume).tolerance(tolerance).monitor().unwrap();
        let mut sequence = QuantileSequence::new().assume(assume).monitor().unwrap();
        quantiles.update(slices(&values)).unwrap();
        distribution.update(slices(&values)).unwrap();
        sequence.update(&values.canary[..]).unwrap();
        for (is_canary, value) in singles {
            let arm = if is_canary { Arm::Canary } else { Arm::Baseline };
            prop_assert_eq!(quantiles.update((arm, value)).is_ok(), value.is_finite());
            prop_assert_eq!(distribution.update((arm, value)).is_ok(), value.is_finite());
            prop_assert_eq!(sequence.update(value).is_ok(), value.is_finite());
        }
        for _ in 0..if promised { 0 } else { 13 } {
            quantiles.update(slices(&values)).unwrap();
            distribution.update(slices(&values)).unwrap();
            sequence.update(&values.canary[..]).unwrap();
        }
        for state in [quantiles.state(), distribution.state(), sequence.state()] {
            prop_assert!((0.0..=1.0).contains(&state.p_value));
            prop_assert!(!state.log_e_value.is_nan());
            let interval = state.estimate.as_ref().unwrap().interval;
            prop_assert!(interval.low <= interval.high, "{:?}", interval);
            prop_assert!(state.remaining.is_none_or(|more| more >= 0.0));
            prop_assert!(!state.to_string().is_empty());
        }
    }
}

/// Counts that nobody could have seen are still no reason to panic, nor is nonsense that was read.
#[test]
fn huge_counts_and_nonsense_are_survived() {
    let bounds = [1.0, f64::INFINITY];
    let huge = Histogram::new(&bounds, &[1e299, 9e299], None).unwrap();
    let both = Arms::new(&huge, &huge);
    let mut quantiles = QuantileComparison::new().bounds(&[1.0]).monitor().unwrap();
    let mut distribution = DistributionComparison::new()
        .bounds(&[1.0])
        .monitor()
        .unwrap();
    for _ in 0..30 {
        quantiles.update(both).unwrap();
        distribution.update(both).unwrap();
    }
    assert_eq!(quantiles.state().observations, u64::MAX);
    assert_eq!(distribution.state().decision, Decision::Continue);
    let monitor = QuantileSequence::new().monitor().unwrap();
    let text = to_string(&monitor).unwrap();
    for (from, to) in [
        ("\"below\":0.0", "\"below\":-1.0"),
        ("\"bins\":{}", "\"bins\":{\"5\":-3.0}"),
        ("\"alpha\":0.05", "\"alpha\":5.0"),
        ("\"version\":1", "\"version\":2"),
    ] {
        assert!(text.contains(from), "{text}");
        let nonsense = text.replace(from, to);
        assert!(from_str::<canary_core::sequential::QuantileSequenceMonitor>(&nonsense).is_err());
    }
}

/// A tenth of the requests is slow, in bursts of this mean length, on either arm; the canary's more often.
struct Bursts {
    random: Random,
    length: f64,
    left: Arms<f64>,
}

impl Bursts {
    fn new(seed: u64, length: f64) -> Self {
        Self {
            random: Random::new(seed),
            length,
            left: Arms::default(),
        }
    }

    /// So many values of both arms, the canary's slow that many `times` as often.
    fn minute(&mut self, size: usize, times: f64) -> Arms<Vec<f64>> {
        let Self {
            random,
            length,
            left,
        } = self;
        let mut values = |left: &mut f64, share: f64| {
            let mut value = || {
                if *left < 1.0 && random.uniform() < share / *length {
                    *left = (random.uniform().ln() / (-1.0 / *length).ln_1p()).floor() + 1.0;
                }
                let is_slow = *left >= 1.0;
                *left -= f64::from(u8::from(is_slow));
                random.uniform() + if is_slow { 10.0 } else { 0.0 }
            };
            (0..size).map(|_| value()).collect()
        };
        Arms::new(
            values(&mut left.baseline, 0.1),
            values(&mut left.canary, 0.1 * times),
        )
    }
}

#[test]
fn bursts_are_no_false_alarms_unless_independence_was_promised() {
    let alarms = |assume| {
        let run = |seed| {
            let design = DistributionComparison::new().assume(assume);
            let mut distribution = design.quantiles(&[0.8, 0.9, 0.95]).monitor().unwrap();
            let design = QuantileComparison::new().assume(assume);
            let mut quantiles = design.quantiles(&[0.9]).monitor().unwrap();
            let mut bursts = Bursts::new(seed, 10.0);
            let is_alarm = |decision| decision == Ok(Decision::AcceptAlternative);
            let mut found = [false; 2];
            for _ in 0..100 {
                let values = bursts.minute(50, 1.0);
                found[0] |= is_alarm(distribution.update(slices(&values)));
                found[1] |= is_alarm(quantiles.update(slices(&values)));
            }
            found
        };
        let runs: Vec<[bool; 2]> = (0..60).map(run).collect();
        [0, 1].map(|monitor| runs.iter().filter(|run| run[monitor]).count() as f64 / 60.0)
    };
    let most = 0.05 + 3.0 * (0.05_f64 * 0.95 / 60.0).sqrt();
    let measured = alarms(Assume::Nothing);
    assert!(measured.iter().all(|&share| share <= most), "{measured:?}");
    let promised = alarms(Assume::Independence);
    assert!(promised.iter().all(|&share| share > 0.3), "{promised:?}");
}

/// What bursts do is measured: those of a geometric length of 10 on average are up to 19 times as much spread. What is found all
/// the same, is found; intervals are wider.
#[test]
fn dependence_is_measured_and_paid_for() {
    let fed = |length: f64, times: f64, assume| {
        let design = QuantileComparison::new().quantiles(&[0.9]);
        let mut monitor = design.assume(assume).monitor().unwrap();
        let mut bursts = Bursts::new(1, length);
        for _ in 0..400 {
            let values = bursts.minute(50, times);
            monitor.update(slices(&values)).unwrap();
        }
        monitor
    };
    let single = fed(1.0, 3.0, Assume::Nothing);
    let state = single.state();
    let dependence = state.dependence.unwrap();
    assert_eq!(dependence.basis, Basis::Batches);
    assert!(
        (0.7..1.4).contains(&dependence.dispersion),
        "{dependence:?}"
    );
    assert_eq!(state.decision, Decision::AcceptAlternative);
    let bursts = fed(10.0, 3.0, Assume::Nothing);
    let state = bursts.state();
    let dependence = state.dependence.unwrap();
    assert!(
        (4.0..30.0).contains(&dependence.dispersion),
        "{dependence:?}"
    );
    assert_eq!(state.decision, Decision::AcceptAlternative);
    let alike = |assume| fed(10.0, 1.0, assume).changes()[0].interval;
    let (measured, promised) = (alike(Assume::Nothing), alike(Assume::Independence));
    assert!(measured.low <= promised.low && measured.high >= promised.high);
    let promised = fed(10.0, 1.0, Assume::Independence).state().dependence;
    assert_eq!(promised.unwrap().basis, Basis::Independence);
}

#[test]
fn nothing_is_said_of_too_few_updates() {
    let values = Bursts::new(2, 1.0).minute(5000, 5.0);
    let mut quantiles = QuantileComparison::new().monitor().unwrap();
    let mut distribution = DistributionComparison::new().monitor().unwrap();
    let mut sequence = QuantileSequence::new().quantiles(&[0.5]).null(Some(5.0));
    sequence = sequence.alternative(Alternative::Less);
    let null_is_five = sequence.clone();
    let mut sequence = sequence.monitor().unwrap();
    assert_eq!(quantiles.update(slices(&values)), Ok(Decision::Continue));
    assert_eq!(distribution.update(slices(&values)), Ok(Decision::Continue));
    let before = sequence.update(&values.baseline[..]);
    assert_eq!(before, Ok(Decision::Continue));
    for state in [quantiles.state(), distribution.state(), sequence.state()] {
        assert_eq!(state.dependence.unwrap().basis, Basis::TooFew);
        assert_eq!((state.log_e_value, state.p_value), (0.0, 1.0));
        assert!(state.remaining.is_some(), "{state}"); // the least that it takes
    }
    for change in quantiles.changes() {
        assert_eq!(change.interval.low, f64::NEG_INFINITY);
        assert_eq!(change.interval.high, f64::INFINITY);
    }
    assert_eq!(distribution.band_p_value(), 1.0);
    assert_eq!(sequence.quantiles()[0].interval.high, f64::INFINITY);
    // The same minute by minute.
    quantiles = QuantileComparison::new().monitor().unwrap();
    distribution = DistributionComparison::new().monitor().unwrap();
    sequence = null_is_five.monitor().unwrap();
    let parts = |values: &[f64]| values.chunks(100).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let minutes = parts(&values.baseline)
        .into_iter()
        .zip(parts(&values.canary));
    for (baseline, canary) in minutes {
        quantiles
            .update(Arms::new(&baseline[..], &canary[..]))
            .unwrap();
        distribution
            .update(Arms::new(&baseline[..], &canary[..]))
            .unwrap();
        sequence.update(&baseline[..]).unwrap();
    }
    for state in [quantiles.state(), distribution.state(), sequence.state()] {
        assert_eq!(state.decision, Decision::AcceptAlternative, "{state}");
        assert_eq!(state.dependence.unwrap().basis, Basis::Batches);
    }
}

/// What came one by one, and on one arm at a time, is measured as well; a restart changes nothing, and
/// exchanged arms mirror.
#[test]
fn single_values_are_measured_too() {
    let mut bursts = Bursts::new(3, 1.0);
    let values = bursts.minute(3000, 2.0);
    let (mut own, mut other) = (
        QuantileComparison::new().monitor().unwrap(),
        QuantileComparison::new().monitor().unwrap(),
    );
    let mut distribution = DistributionComparison::new().monitor().unwrap();
    let mut sequence = QuantileSequence::new().monitor().unwrap();
    for (i, (&baseline, &canary)) in values.baseline.iter().zip(&values.canary).enumerate() {
        for (arm, value) in [(Arm::Baseline, baseline), (Arm::Canary, canary)] {
            own.update((arm, value)).unwrap();
            distribution.update((arm, value)).unwrap();
            let arm = if arm == Arm::Canary {
                Arm::Baseline
            } else {
                Arm::Canary
            };
            other.update((arm, value)).unwrap();
        }
        sequence.update(canary).unwrap();
        if i % 500 == 7 {
            own = from_str(&to_string(&own).unwrap()).unwrap();
            distribution = from_str(&to_string(&distribution).unwrap()).unwrap();
            sequence = from_str(&to_string(&sequence).unwrap()).unwrap();
        }
    }
    let (a, b) = (own.state(), other.state());
    assert_eq!(a.decision, Decision::AcceptAlternative);
    assert!((a.log_e_value - b.log_e_value).abs() < 1e-9, "{a} {b}");
    let low = |state: &canary_core::sequential::State| state.estimate.as_ref().unwrap().interval;
    assert_eq!(low(&a).low, -low(&b).high);
    for state in [a, b, distribution.state(), sequence.state()] {
        let dependence = state.dependence.unwrap();
        assert_eq!(dependence.basis, Basis::Batches);
        assert!(
            (0.5..1.6).contains(&dependence.dispersion),
            "{dependence:?}"
        );
    }
    assert!(sequence.quantiles()[0].interval.high.is_finite());
    let mut merged = own.clone();
    merged.merge(&own).unwrap();
    let dependence = merged.state().dependence.unwrap();
    assert_eq!(dependence.basis, Basis::Batches);
    assert_eq!(merged.state().observations, 12_000);
}
