use super::*;
use crate::sequential::Basis;

fn flat(alternative: Alternative) -> EventSplit {
    EventSplit::new()
        .strength(2.0)
        .alternative(alternative)
        .assume(Assume::Independence)
}

fn fed(design: EventSplit, baseline: u64, canary: u64) -> State {
    let mut monitor = design.monitor().unwrap();
    monitor.update(Arms::new(baseline, canary)).unwrap();
    monitor.state()
}

/// The closed form's interval, from mpmath.
#[test]
fn the_interval_is_what_the_mixture_does_not_reject() {
    for (baseline, canary, low, high) in [
        (10, 30, 1.048_08, 10.685_46),
        (40, 60, 0.788_187, 2.937_570),
    ] {
        let state = fed(flat(Alternative::TwoSided), baseline, canary);
        let Estimate {
            value, interval, ..
        } = state.estimate.unwrap();
        assert!((value / (canary as f64 / baseline as f64) - 1.0).abs() < 1e-12);
        assert!((interval.low - low).abs() < 1e-5, "{interval}");
        assert!((interval.high - high).abs() < 1e-5, "{interval}");
    }
}

#[test]
fn too_many_within_a_tolerance_is_excluded_as_published() {
    let design = flat(Alternative::Greater).tolerance(Some(1.25));
    for (n, log_e) in [
        (50, -1.0154),
        (100, -0.6556),
        (200, 0.2876),
        (400, 2.4385),
        (800, 7.0622),
    ] {
        let monitor = design.monitor().unwrap();
        let within = design
            .log_e_within(monitor.evidence(Arms::new(n, n)), 1.25)
            .next();
        assert!((within.unwrap() - log_e).abs() < 1e-4, "{n}: {within:?}");
    }
    let decided = |n| fed(design, n, n).decision;
    assert_eq!(decided(400), Decision::Continue);
    assert_eq!(decided(500), Decision::AcceptNull);
}

/// Through the accumulator at nodes, with the same share: what the closed form says.
#[test]
fn a_mixture_by_quadrature_is_the_closed_form_where_there_is_one() {
    for alternative in [
        Alternative::TwoSided,
        Alternative::Greater,
        Alternative::Less,
    ] {
        for share in [0.01, 0.05, 0.5, 0.9] {
            for (baseline, canary) in [
                (0, 1),
                (7, 0),
                (10, 30),
                (950, 60),
                (1_000, 1_000),
                (900_000, 100_000),
                (50_000_000, 50_010_000),
            ] {
                let design = EventSplit::new().share(share).alternative(alternative);
                let monitor = design.monitor().unwrap();
                let mut monitor_of_others = monitor.clone();
                let events = Arms::new(baseline, canary);
                let closed = monitor.evidence(events);
                let nulls = [0.0, 0.2, -0.2];
                let expected = nulls.map(|null| closed.log_e(null, alternative));
                let interval = closed.interval(alternative, 3.0);
                let mut others = Shares::default();
                others.add(share, events);
                monitor_of_others.others = Some(others);
                let mixed = monitor_of_others.evidence(Arms::default());
                for (null, expected) in nulls.into_iter().zip(expected) {
                    let got = mixed.log_e(null, alternative);
                    if expected == f64::NEG_INFINITY {
                        continue; // a tail below all doubles
                    }
                    let scale = 1.0 + expected.abs();
                    // What the prior holds beyond e^±10 is left out: 0.2 at most, for a share of 1 %.
                    let most = if baseline.min(canary) > 0 { 1e-5 } else { 0.3 };
                    assert!(
                        (got - expected).abs() / scale < most,
                        "{alternative} {share} {events:?} {null}: {got} {expected}"
                    );
                }
                if baseline.min(canary) > 5 && interval.0.abs().max(interval.1.abs()) < 9.0 {
                    let got = mixed.interval(alternative, 3.0);
                    assert!((got.0 - interval.0).abs() < 1e-4, "{got:?} {interval:?}");
                    assert!((got.1 - interval.1).abs() < 1e-4, "{got:?} {interval:?}");
                    assert!((mixed.estimate() - closed.estimate()).abs() < 1e-6);
                }
            }
        }
    }
}

#[test]
fn stages_are_not_pooled() {
    // Few requests and many errors first, then many requests and few errors: pooled, the canary's
    // share of events would be far from its share of traffic.
    let mut errors = EventSplit::new().share(0.1).monitor().unwrap();
    for _ in 0..50 {
        errors.update((0.01, Arms::new(990, 10))).unwrap();
        errors.update((0.5, Arms::new(10, 10))).unwrap();
    }
    let state = errors.state();
    assert_eq!(state.decision, Decision::Continue);
    let Estimate {
        value, interval, ..
    } = state.estimate.unwrap();
    assert!((value - 1.0).abs() < 1e-6, "{value}");
    assert!(interval.low > 0.8 && interval.high < 1.25, "{interval}");
    assert_eq!(state.observations, 51_000);
}

#[test]
fn skipped_looks_change_nothing() {
    for (share, ratio, tolerance, alternative) in [
        (0.5, 1.0, None, Alternative::TwoSided),
        (0.05, 1.0, Some(1.25), Alternative::Greater),
        (0.05, 1.3, Some(1.5), Alternative::TwoSided),
        (0.3, 1.2, None, Alternative::Less),
    ] {
        let design = EventSplit::new()
            .share(share)
            .tolerance(tolerance)
            .alternative(alternative);
        let mut quick = design.monitor().unwrap();
        let mut thorough = design.monitor().unwrap();
        let theta = ratio * share / (1.0 - share + ratio * share);
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let uniform = (random >> 11) as f64 / (1_u64 << 53) as f64;
            let arm = if uniform < theta {
                Arm::Canary
            } else {
                Arm::Baseline
            };
            thorough.quiet = Quiet::default();
            let decisions = (quick.update(arm).unwrap(), thorough.update(arm).unwrap());
            assert_eq!(decisions.0, decisions.1);
            assert_eq!(quick.peak, thorough.peak);
        }
        assert_eq!(quick, thorough);
    }
}

#[test]
fn remaining_is_where_the_same_data_decide() {
    let design = EventSplit::new()
        .alternative(Alternative::Greater)
        .assume(Assume::Independence);
    let state = fed(design, 20, 30);
    let more = state.remaining.unwrap();
    let times = (50.0 + more) / 50.0;
    let after = fed(
        design,
        (20.0 * times).floor() as u64,
        (30.0 * times).ceil() as u64,
    );
    assert_eq!(after.decision, Decision::AcceptAlternative);
    let before = fed(design, (19.0 * times) as u64, (28.5 * times) as u64);
    assert_eq!(before.decision, Decision::Continue);
    assert_eq!(fed(design, 30, 30).remaining, None);
    assert!(
        fed(design.tolerance(Some(1.25)), 30, 30)
            .remaining
            .is_some()
    );
    assert_eq!(fed(design, 0, 0).remaining, None);
}

#[test]
fn the_one_sided_interval_is_of_the_one_sided_decision() {
    let design = flat(Alternative::Greater);
    for canary in 20..60 {
        let state = fed(design, 20, canary);
        let low = state.estimate.unwrap().interval.low;
        assert_eq!(
            low > 1.0,
            state.decision == Decision::AcceptAlternative,
            "{canary}: {low}"
        );
    }
}

#[test]
fn traffic_on_one_arm_alone_says_nothing() {
    let mut errors = EventSplit::new().monitor().unwrap();
    let unseen = errors.clone();
    let minute = Arms::new(Counts::new(9, 1_000).unwrap(), Counts::new(0, 0).unwrap());
    errors.update(minute).unwrap();
    assert_eq!(errors, unseen);
    assert!(errors.update((1.0, Arms::new(3, 4))).is_err());
    assert!(errors.update((f64::NAN, Arms::new(3, 4))).is_err());
    assert_eq!(errors, unseen);
}

/// 200 minutes of errors in bursts of eight, each of which hits one arm.
#[test]
fn bursts_are_measured_and_counted_once() {
    let minutes = (0..200_u64).map(|i| {
        let hits = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4];
        let at = |k: u64| hits[((i * 7 + k) % 20) as usize] % 4;
        Arms::new(8 * at(0), 8 * at(3))
    });
    let mut nothing = EventSplit::new().monitor().unwrap();
    let mut promised = EventSplit::new()
        .assume(Assume::Independence)
        .monitor()
        .unwrap();
    for minute in minutes {
        nothing.update(minute).unwrap();
        promised.update(minute).unwrap();
    }
    let (nothing, promised) = (nothing.state(), promised.state());
    let dependence = nothing.dependence.unwrap();
    assert_eq!(dependence.basis, Basis::Batches);
    assert!(dependence.dispersion > 4.0, "{dependence:?}");
    let width = |state: &State| {
        let interval = state.estimate.as_ref().unwrap().interval;
        (interval.high / interval.low).ln()
    };
    let wider = width(&nothing) / width(&promised);
    assert!(wider > 1.5, "{wider}");
    assert_eq!(promised.dependence.unwrap().basis, Basis::Independence);
}

#[test]
fn a_few_minutes_decide_nothing_unless_promised() {
    let mut errors = EventSplit::new().monitor().unwrap();
    for _ in 0..15 {
        assert_eq!(errors.update(Arms::new(1, 50)), Ok(Decision::Continue));
    }
    let state = errors.state();
    assert_eq!(state.dependence.unwrap().basis, Basis::TooFew);
    assert!(state.p_value == 1.0 && state.remaining.is_some());
    assert_eq!(state.estimate.unwrap().interval.high, f64::INFINITY);
    assert_eq!(
        errors.update(Arms::new(1, 50)),
        Ok(Decision::AcceptAlternative)
    );
}

/// What does not vary does not depend on what came before, whatever rounding leaves of it.
#[test]
fn updates_that_are_all_the_same_are_no_memory() {
    for baseline in 1..30 {
        for canary in 1..30 {
            let mut errors = EventSplit::new().share(0.3).monitor().unwrap();
            for _ in 0..40 {
                errors.update(Arms::new(baseline, canary)).unwrap();
            }
            let basis = errors.state().dependence.unwrap().basis;
            assert_eq!(basis, Basis::Batches, "{baseline} {canary}");
        }
    }
}

#[test]
fn a_written_peak_below_that_of_no_look_is_refused() {
    let monitor = EventSplit::new().monitor().unwrap();
    let written = serde_json::to_string(&monitor).unwrap();
    let changed = written.replace("\"peak\":0.0", "\"peak\":-5.0");
    assert_ne!(changed, written);
    let error = serde_json::from_str::<EventSplitMonitor>(&changed).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("peak: must be at least 0, got -5"),
        "{error}"
    );
}
