use std::path::Path;

use canary_core::sequential::{
    Assume, Decision, GroupSequential, GroupSequentialMonitor, Look, Monitor, Spending, Update,
};
use canary_core::{Alternative, Arm, Arms, Counts, NanPolicy, Summary};
use proptest::prelude::*;
use serde_json::Value;

fn reference() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures/reference/sequential_group_sequential.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let items = value.as_array().unwrap().iter();
    items.map(|item| item.as_f64().unwrap()).collect()
}

fn spending(value: &Value) -> Spending {
    let (word, parameter) = (value[0].as_str().unwrap(), &value[1]);
    match word {
        "obrien_fleming" | "pocock" => word.parse().unwrap(),
        _ => format!("{word}({parameter})").parse().unwrap(),
    }
}

fn alternative(case: &Value) -> Alternative {
    match case["sides"].as_u64() {
        Some(2) => Alternative::TwoSided,
        _ => Alternative::Greater,
    }
}

fn close(found: f64, expected: f64, what: &Value) {
    let error = (found - expected).abs();
    assert!(
        error < 2e-9 * expected.abs().max(1.0),
        "{found} {expected} in {what}"
    );
}

#[test]
fn plans_have_the_reference_bounds_and_costs() {
    let document = reference();
    let cases = document["designs"].as_array().unwrap();
    assert!(cases.len() >= 60);
    for case in cases {
        let design = GroupSequential::new()
            .assume(Assume::Independence)
            .alpha(case["alpha"].as_f64().unwrap())
            .beta(case["beta"].as_f64().unwrap())
            .fractions(numbers(&case["fractions"]))
            .alternative(alternative(case))
            .spending(spending(&case["spending"]))
            .futility((!case["futility"].is_null()).then(|| spending(&case["futility"])))
            .binding(case["binding"].as_bool().unwrap());
        let plan = design.plan().unwrap();
        let expected = &case["expected"];
        let looks = plan.looks.iter();
        for (look, expected) in looks.clone().zip(numbers(&expected["efficacy"])) {
            close(look.bounds.efficacy, expected, case);
        }
        if !expected["futility"].is_null() {
            for (look, expected) in looks.zip(numbers(&expected["futility"])) {
                close(look.bounds.futility.unwrap(), expected, case);
            }
        }
        let costs = [
            ("inflation", plan.inflation),
            ("expected_null", plan.expected_null),
            ("expected_alternative", plan.expected_alternative),
        ];
        for (name, found) in costs {
            close(found, expected[name].as_f64().unwrap(), case);
        }
    }
}

#[test]
fn looks_say_what_the_reference_says() {
    let document = reference();
    let cases = document["analyses"].as_array().unwrap();
    assert!(cases.len() >= 7);
    for case in cases {
        for mirrored in [false, true] {
            let mut alternative = alternative(case);
            if mirrored && alternative == Alternative::Greater {
                alternative = Alternative::Less;
            }
            let sign = if mirrored { -1.0 } else { 1.0 };
            let mut monitor = GroupSequential::new()
                .assume(Assume::Independence)
                .looks(2)
                .alternative(alternative)
                .spending(spending(&case["spending"]))
                .monitor()
                .unwrap();
            let expected = &case["expected"];
            let mut repeated = numbers(&expected["repeated_p"]).into_iter();
            for look in case["looks"].as_array().unwrap() {
                let (information, z) = (look[0].as_f64().unwrap(), look[1].as_f64().unwrap());
                let look = Look {
                    information,
                    z: sign * z,
                };
                if monitor.update(look).unwrap() == Decision::Continue {
                    close(monitor.state().p_value, repeated.next().unwrap(), case);
                }
            }
            assert_ne!(monitor.state().decision, Decision::Continue);
            let efficacy = numbers(&expected["efficacy"]);
            let side = if alternative == Alternative::Less {
                -1.0
            } else {
                1.0
            };
            assert_eq!(monitor.looks().len(), efficacy.len());
            for (look, efficacy) in monitor.looks().iter().zip(efficacy) {
                close(look.bounds.efficacy, side * efficacy, case);
            }
            let state = monitor.state();
            let estimate = state.estimate.unwrap();
            let (low, high) = (estimate.interval.low, estimate.interval.high);
            let (low, high) = if mirrored { (-high, -low) } else { (low, high) };
            close(state.p_value, expected["p_value"].as_f64().unwrap(), case);
            close(
                sign * estimate.value,
                expected["median"].as_f64().unwrap(),
                case,
            );
            close(low, expected["low"].as_f64().unwrap(), case);
            match expected["high"].as_f64() {
                Some(expected) => close(high, expected, case),
                None => assert_eq!(high, f64::INFINITY),
            }
        }
    }
}

/// Seeded uniform numbers, by a linear congruence.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A standard normal value (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.next().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.next()).cos()
    }

    fn binomial(&mut self, n: u64, p: f64) -> u64 {
        // Inversion by gaps between events.
        let (mut events, mut at) = (0, 0.0);
        loop {
            at += (self.next().ln() / (-p).ln_1p()).floor() + 1.0;
            if at > n as f64 {
                return events;
            }
            events += 1;
        }
    }
}

fn runs() -> u32 {
    let asked = std::env::var("SIMULATION_RUNS").ok();
    asked.and_then(|runs| runs.parse().ok()).unwrap_or(100)
}

/// Asserts that a share is near what is expected, by three standard errors, and prints it.
fn near(what: &str, hits: u32, runs: u32, least: f64, most: f64) {
    let share = f64::from(hits) / f64::from(runs);
    let error = |p: f64| 3.0 * (p * (1.0 - p) / f64::from(runs)).sqrt();
    println!("{what}: {share:.4} ± {:.4}", error(share) / 3.0);
    assert!(share <= most + error(most), "{what}: {share}");
    assert!(share >= least - error(least), "{what}: {share}");
}

/// Brownian motion at five looks, without an effect and with the planned one.
#[test]
fn errors_and_coverage_are_as_promised() {
    for (name, design) in [
        (
            "two-sided",
            GroupSequential::new().assume(Assume::Independence),
        ),
        (
            "pocock",
            GroupSequential::new()
                .assume(Assume::Independence)
                .spending(Spending::Pocock),
        ),
        (
            "binding futility",
            GroupSequential::new()
                .assume(Assume::Independence)
                .alternative(Alternative::Greater)
                .futility(Some(Spending::Pocock))
                .binding(true),
        ),
        (
            "free futility",
            GroupSequential::new()
                .assume(Assume::Independence)
                .alternative(Alternative::Greater)
                .futility(Some(Spending::OBrienFleming)),
        ),
    ] {
        let drift = design.plan().unwrap().drift;
        for (effect, least, most) in [(0.0, 0.0, 0.05), (drift, 0.8, 0.8)] {
            let mut random = Uniform(7);
            let (mut rejected, mut covered, mut below) = (0, 0, 0);
            for _ in 0..runs() {
                let mut monitor = design.clone().monitor().unwrap();
                let mut motion = 0.0;
                for k in 1..=5 {
                    motion += effect * 0.2 + 0.2f64.sqrt() * random.normal();
                    let information = f64::from(k) / 5.0;
                    let z = motion / information.sqrt();
                    if monitor.update(Look { information, z }).unwrap() != Decision::Continue {
                        break;
                    }
                }
                let state = monitor.state();
                let estimate = state.estimate.unwrap();
                let interval = estimate.interval;
                rejected += u32::from(state.decision == Decision::AcceptAlternative);
                covered += u32::from(interval.low <= effect && effect <= interval.high);
                below += u32::from(estimate.value < effect);
                // Three views of one thing.
                let is_small = state.p_value <= 0.05;
                assert_eq!(state.decision == Decision::AcceptAlternative, is_small);
            }
            near(
                &format!("{name}, {effect:.2}: rejected"),
                rejected,
                runs(),
                least,
                most,
            );
            near(
                &format!("{name}, {effect:.2}: covered"),
                covered,
                runs(),
                0.95,
                1.0,
            );
            let (least, most) = if name == "free futility" {
                (0.4, 0.6)
            } else {
                (0.5, 0.5)
            };
            near(
                &format!("{name}, {effect:.2}: below"),
                below,
                runs(),
                least,
                most,
            );
        }
    }
}

/// Errors of five stages with shares of 5% to 50%, and a rate that differs from stage to stage.
#[test]
fn stages_with_different_shares_are_not_mixed_up() {
    let stages = [
        (0.05, 0.05),
        (0.1, 0.04),
        (0.2, 0.03),
        (0.3, 0.02),
        (0.5, 0.01),
    ];
    let sizes = stages.map(|(share, _)| 2.0 * 20_000.0 * share * (1.0 - share));
    for (times, least, most) in [(1.0, 0.0, 0.05), (1.25, 0.5, 1.0)] {
        let mut random = Uniform(11);
        let (mut rejected, mut pooled, mut covered) = (0, 0, 0);
        for _ in 0..runs() {
            let all = sizes.iter().sum::<f64>();
            let mut monitor = GroupSequential::new()
                .assume(Assume::Independence)
                .information(all)
                .monitor()
                .unwrap();
            let mut sums = [0.0; 4];
            let mut truth = (0.0, 0.0);
            for ((share, rate), size) in stages.iter().zip(sizes) {
                let canary = (20_000.0 * share) as u64;
                let n = Arms::new(20_000 - canary, canary);
                let events = Arms::new(
                    random.binomial(n.baseline, *rate),
                    random.binomial(n.canary, rate * times),
                );
                for (sum, more) in
                    sums.iter_mut()
                        .zip([events.baseline, n.baseline, events.canary, n.canary])
                {
                    *sum += more as f64;
                }
                let counts = Arms::new(
                    Counts::new(events.baseline, n.baseline).unwrap(),
                    Counts::new(events.canary, n.canary).unwrap(),
                );
                if monitor.state().decision == Decision::Continue {
                    monitor.update(counts).unwrap();
                    monitor.look().unwrap();
                    truth = (truth.0 + size * rate * (times - 1.0), truth.1 + size);
                }
            }
            let state = monitor.state();
            assert_ne!(state.decision, Decision::Continue);
            rejected += u32::from(state.decision == Decision::AcceptAlternative);
            let interval = state.estimate.unwrap().interval;
            let truth = truth.0 / truth.1;
            covered += u32::from(interval.low <= truth && truth <= interval.high);
            let [eb, nb, ec, nc] = sums;
            let p = (eb + ec) / (nb + nc);
            let z = (ec / nc - eb / nb) / (p * (1.0 - p) * (1.0 / nb + 1.0 / nc)).sqrt();
            pooled += u32::from(z.abs() > 1.96);
        }
        near(
            &format!("stages, {times}: rejected"),
            rejected,
            runs(),
            least,
            most,
        );
        near(
            &format!("stages, {times}: covered"),
            covered,
            runs(),
            0.93,
            1.0,
        );
        if times == 1.0 {
            assert!(
                f64::from(pooled) / f64::from(runs()) > 0.1,
                "one pool is enough"
            );
        }
    }
}

/// Values of unequal spread, forty an arm a look.
#[test]
fn means_keep_alpha() {
    let mut random = Uniform(3);
    let mut rejected = 0;
    for _ in 0..runs() {
        let mut monitor = GroupSequential::new()
            .assume(Assume::Independence)
            .information(200.0)
            .monitor()
            .unwrap();
        for _ in 0..5 {
            let values = Arms::new(1.0, 3.0)
                .map(|sd| -> Vec<f64> { (0..40).map(|_| 1e6 + sd * random.normal()).collect() });
            monitor
                .update(Arms::new(&values.baseline[..], &values.canary[..]))
                .unwrap();
        }
        rejected += u32::from(monitor.state().decision == Decision::AcceptAlternative);
    }
    near("means: rejected", rejected, runs(), 0.0, 0.055);
}

fn counts(baseline: (u64, u64), canary: (u64, u64)) -> Arms<Counts> {
    Arms::new(baseline, canary).map(|(events, trials)| Counts::new(events, trials).unwrap())
}

fn design(information: f64) -> GroupSequential {
    GroupSequential::new()
        .assume(Assume::Independence)
        .information(information)
}

#[test]
fn looks_are_taken_when_they_are_due() {
    let mut monitor = design(1000.0).looks(4).monitor().unwrap();
    for (trials, looks) in [(100, 0), (149, 0), (1, 1), (300, 2), (200, 3)] {
        monitor
            .update(counts((trials / 10, trials), (trials / 9, trials)))
            .unwrap();
        assert_eq!(monitor.looks().len(), looks, "{trials}");
    }
    let next = monitor.next_look().unwrap();
    assert!((next.fraction - 1.0).abs() < 1e-12 && (next.alpha_spent - 0.05).abs() < 1e-12);
    let remaining = monitor.state().remaining.unwrap();
    assert!((remaining - 500.0).abs() < 1e-6, "{remaining}");
    assert_eq!(
        monitor.update(counts((70, 700), (77, 700))).unwrap(),
        Decision::AcceptNull
    );
    let last = monitor.looks()[3];
    assert!((last.bounds.fraction - 1.45).abs() < 1e-12);
    assert!((last.bounds.alpha_spent - 0.05).abs() < 1e-12);
    // The decision stands, the data count.
    monitor.update(counts((0, 700), (700, 700))).unwrap();
    let state = monitor.state();
    assert_eq!(
        (state.decision, state.observations),
        (Decision::AcceptNull, 4300)
    );
    assert_eq!((state.remaining, monitor.next_look()), (None, None));
}

#[test]
fn an_end_before_its_time_spends_what_is_left() {
    let mut monitor = design(1000.0).monitor().unwrap();
    monitor.update(counts((50, 500), (60, 500))).unwrap();
    assert_eq!(monitor.looks().len(), 1);
    monitor.update(counts((9, 90), (11, 90))).unwrap();
    let mut empty = monitor.clone();
    assert_eq!(monitor.finish(), Decision::AcceptNull);
    assert!((monitor.looks()[1].bounds.alpha_spent - 0.05).abs() < 1e-12);
    // Nothing waits: the next update is the last.
    empty.look().unwrap();
    assert_eq!(empty.finish(), Decision::Continue);
    assert_eq!(
        empty.update(counts((10, 100), (80, 100))).unwrap(),
        Decision::AcceptAlternative
    );
    let mut z = GroupSequential::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    z.finish();
    assert_eq!(
        z.update(Look {
            information: 0.5,
            z: 1.97
        })
        .unwrap(),
        Decision::AcceptAlternative
    );
    assert!((z.looks()[0].bounds.efficacy - 1.959_963_984_540_054).abs() < 1e-9);
}

#[test]
fn futility_stops_early() {
    let greater = GroupSequential::new()
        .assume(Assume::Independence)
        .alternative(Alternative::Greater)
        .futility(Some(Spending::Pocock));
    let mut monitor = greater.clone().monitor().unwrap();
    let bound = monitor.next_look().unwrap().futility.unwrap();
    let look = Look {
        information: 0.2,
        z: bound - 1e-6,
    };
    assert_eq!(monitor.update(look).unwrap(), Decision::AcceptNull);
    assert!(monitor.state().p_value > 0.05);
    let mut less = greater
        .clone()
        .alternative(Alternative::Less)
        .monitor()
        .unwrap();
    assert_eq!(less.next_look().unwrap().futility, Some(-bound));
    assert_eq!(
        less.update(Look {
            z: 1e-6 - bound,
            ..look
        })
        .unwrap(),
        Decision::AcceptNull
    );
    let refused = greater
        .alternative(Alternative::TwoSided)
        .monitor()
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("futility: must be left out"),
        "{refused}"
    );
}

#[test]
fn errors_name_what_is_wrong_and_change_nothing() {
    let new = || GroupSequential::new().assume(Assume::Independence);
    for (design, start) in [
        (new().looks(0), "looks: must be 1 to 100, got 0"),
        (new().looks(101), "looks: must be 1 to 100"),
        (new().fractions([0.5, 0.4, 1.0]), "fractions: must grow"),
        (new().fractions([0.5, f64::NAN]), "fractions: must grow"),
        (
            new().fractions([0.5]),
            "fractions: must end with 1, got 0.5",
        ),
        (new().alpha(0.0), "alpha: "),
        (new().alpha(0.7), "alpha: "),
        (new().beta(1.0), "beta: "),
        (new().beta(0.95), "beta: "),
        (new().information(f64::INFINITY), "information: "),
        (new().null(f64::NAN), "null: "),
        (
            new().spending(Spending::Power(0.0)),
            "spending: power must lie",
        ),
        (
            new().spending(Spending::HwangShihDeCani(f64::NAN)),
            "spending: gamma",
        ),
    ] {
        let error = design.plan().unwrap_err().to_string();
        assert!(error.starts_with(start), "{error}");
        assert_eq!(design.monitor().unwrap_err().to_string(), error);
    }
    for text in [
        "",
        "power",
        "power(",
        "power(x)",
        "pocock(1)",
        "power(-1)",
        "power(NaN)",
    ] {
        assert!(text.parse::<Spending>().is_err(), "{text}");
    }

    let mut monitor = new().monitor().unwrap();
    monitor
        .update(Look {
            information: 0.3,
            z: 1.0,
        })
        .unwrap();
    let before = monitor.clone();
    for look in [
        Look {
            information: 0.3,
            z: 1.0,
        },
        Look {
            information: f64::NAN,
            z: 1.0,
        },
        Look {
            information: 0.5,
            z: f64::INFINITY,
        },
    ] {
        assert!(monitor.update(look).is_err());
    }
    let error = monitor.update(counts((1, 2), (1, 2))).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("information: must be the number"),
        "{error}"
    );
    assert!(monitor.look().is_err());
    assert_eq!(monitor, before);

    let mut monitor = design(100.0).monitor().unwrap();
    monitor.update(counts((1, 5), (1, 5))).unwrap();
    let before = monitor.clone();
    let error = monitor
        .update(Arms::new(&[1.0][..], &[2.0][..]))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "data: must be counts, as before, got values"
    );
    assert_eq!(monitor, before);
    let mut monitor = design(100.0).monitor().unwrap();
    assert!(
        monitor
            .update(Arms::new(&[1.0, f64::NAN][..], &[2.0][..]))
            .is_err()
    );
    assert!(
        monitor
            .update(Arms::new(&[1e300, -1e300][..], &[2.0][..]))
            .is_err()
    );
    assert_eq!(monitor, design(100.0).monitor().unwrap());
}

#[test]
fn only_what_has_not_looked_is_merged() {
    let mut own = design(100.0).monitor().unwrap();
    let mut whole = own.clone();
    let mut later = own.clone();
    for part in [(3, 10), (2, 20)] {
        own.update(counts(part, (5, 15))).unwrap();
        whole.update(counts(part, (5, 15))).unwrap();
        if part.0 == 3 {
            continue;
        }
        later.update(counts((1, 5), (2, 5))).unwrap();
        whole.update(counts((1, 5), (2, 5))).unwrap();
    }
    own.merge(&later).unwrap();
    assert_eq!(own, whole);
    assert!(!own.looks().is_empty());
    let error = later.merge(&own).unwrap_err().to_string();
    assert!(
        error.starts_with("later: must not have looked yet"),
        "{error}"
    );
    assert!(own.merge(&design(200.0).monitor().unwrap()).is_err());
}

fn data() -> impl Strategy<Value = Vec<(u64, u64, u64, u64)>> {
    prop::collection::vec((0..9u64, 0..60u64, 0..9u64, 0..40u64), 1..25)
}

proptest! {
    #[test]
    fn a_monitor_written_and_read_goes_on_the_same(data in data(), kind in 0..3u8) {
        let spending = [Spending::OBrienFleming, Spending::Pocock, Spending::WangTsiatis(0.25)];
        let mut monitor = design(300.0).spending(spending[usize::from(kind)]).monitor().unwrap();
        for (eb, nb, ec, nc) in data {
            let written = serde_json::to_string(&monitor).unwrap();
            let mut read: GroupSequentialMonitor = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(&read, &monitor);
            let more = counts((eb, eb + nb), (ec, ec + nc));
            prop_assert_eq!(read.update(more), monitor.update(more));
            prop_assert_eq!(&read, &monitor);
            let state = monitor.state();
            prop_assert_eq!(format!("{:?}", read.state()), format!("{state:?}")); // NaN of nothing
            prop_assert!((0.0..=1.0).contains(&state.p_value));
            if state.decision == Decision::Continue && state.observations > 200 {
                prop_assert!(state.remaining.is_some());
            }
        }
    }

    #[test]
    fn swapped_arms_mirror(data in data()) {
        let mut greater = design(300.0).alternative(Alternative::Greater).monitor().unwrap();
        let mut less = design(300.0).alternative(Alternative::Less).monitor().unwrap();
        for (eb, nb, ec, nc) in data {
            let more = counts((eb, eb + nb), (ec, ec + nc));
            let decision = greater.update(more).unwrap();
            prop_assert_eq!(less.update(more.swap()).unwrap(), decision);
        }
        let (up, down) = (greater.state(), less.state());
        prop_assert!((up.p_value - down.p_value).abs() <= 1e-9);
        if let (Some(up), Some(down)) = (up.estimate, down.estimate) {
            prop_assert!((up.value + down.value).abs() < 1e-9);
            prop_assert!((up.interval.low + down.interval.high).abs() < 1e-9);
        }
    }

    #[test]
    fn pieces_are_the_whole(data in data()) {
        let mut pieces = design(1e9).monitor().unwrap();
        let mut whole = pieces.clone();
        let mut sum = [0; 4];
        for (eb, nb, ec, nc) in data {
            let more = counts((eb, eb + nb), (ec, ec + nc));
            pieces.update(more).unwrap();
            for (sum, more) in sum.iter_mut().zip([eb, nb, ec, nc]) {
                *sum += more;
            }
        }
        let [eb, nb, ec, nc] = sum;
        whole.update(counts((eb, eb + nb), (ec, ec + nc))).unwrap();
        prop_assert_eq!(pieces, whole);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]
    #[test]
    fn nothing_panics(
        values in prop::collection::vec((any::<f64>(), any::<f64>(), any::<bool>()), 0..30),
        events in prop::collection::vec((any::<u64>(), any::<u64>()), 0..6),
        information in any::<f64>(),
        alpha in any::<f64>(),
        fractions in prop::collection::vec(0.0..1.0f64, 0..5),
    ) {
        let _ = design(information).alpha(alpha).monitor();
        let mut fractions = fractions;
        fractions.push(1.0);
        fractions.sort_by(f64::total_cmp);
        for spending in ["obrien_fleming", "power(9)", "hwang_shih_decani(90)", "wang_tsiatis(-0.5)"] {
            let base = design(20.0).fractions(fractions.clone()).spending(spending.parse().unwrap());
            let futile = base.clone().alternative(Alternative::Less).futility(Some(Spending::Pocock));
            for design in [base, futile.clone(), futile.binding(true)] {
                let Ok(mut monitor) = design.clone().monitor() else { continue };
                for &(a, b, is_canary) in &values {
                    let arm = if is_canary { Arm::Canary } else { Arm::Baseline };
                    let _ = monitor.update((arm, a));
                    let _ = monitor.update(Arms::new(&[a, b][..], &[b][..]));
                }
                let _ = monitor.state().to_string();
                let _ = serde_json::from_str::<GroupSequentialMonitor>(
                    &serde_json::to_string(&monitor).unwrap(),
                ).unwrap();
                let Ok(mut monitor) = design.clone().monitor() else { continue };
                for pair in events.windows(2) {
                    let [a, b] = [pair[0], pair[1]].map(|(a, b)| (a.min(b), a.max(b)));
                    let _ = monitor.update(counts(a, b));
                    let _ = monitor.look();
                }
                let _ = (monitor.state().to_string(), monitor.finish(), monitor.next_look());
                let Ok(mut monitor) = design.clone().monitor() else { continue };
                for &(information, z, last) in &values {
                    let _ = monitor.update(Look { information, z });
                    let _ = monitor.update(Look { information: information.abs().fract(), z: z % 9.0 });
                    let _ = (last.then(|| monitor.finish()), monitor.state(), monitor.looks());
                }
            }
        }
    }
}

#[test]
fn single_observations_and_summaries_are_data_too() {
    let mut one = design(100.0).monitor().unwrap();
    let mut all = one.clone();
    for i in 0..40 {
        one.update((Arm::Canary, i % 3 == 0)).unwrap();
        one.update((Arm::Baseline, i % 9 == 0)).unwrap();
    }
    for _ in 0..2 {
        all.update(counts((0, 0), (0, 0))).unwrap();
    }
    assert_eq!(one.state().observations, 80);
    let values = Arms::new([1.0, 2.0, 4.0], [2.0, 5.0, 6.0]);
    let mut one = design(100.0).monitor().unwrap();
    let mut many = one.clone();
    let mut summaries = one.clone();
    for (&b, &c) in values.baseline.iter().zip(&values.canary) {
        one.update((Arm::Baseline, b)).unwrap();
        one.update((Arm::Canary, c)).unwrap();
    }
    many.update(values.as_ref().map(|values| &values[..]))
        .unwrap();
    let summary = values.map(|values| Summary::of(&values, NanPolicy::Raise).unwrap());
    summaries.update(summary).unwrap();
    assert_eq!(many, summaries);
    for monitor in [&mut one, &mut many] {
        monitor.finish();
    }
    let z = [&one, &many].map(|monitor| monitor.looks()[0].z);
    // Welch: (13/3 - 7/3) / √(7/9 + 13/9)
    let expected = 2.0 / (20.0f64 / 9.0).sqrt();
    assert!(
        z.iter().all(|z| (z - expected).abs() < 1e-12),
        "{z:?} {expected}"
    );
}
