use super::*;
use crate::number::random::Stream;

fn uniform(stream: &mut Stream) -> f64 {
    (stream.below(1 << 53) as f64 + 0.5) / (1_u64 << 53) as f64
}

fn independent() -> MixtureSprt {
    MixtureSprt::new().assume(Assume::Independence)
}

fn counts(b: (u64, u64), c: (u64, u64)) -> Arms<Counts> {
    Arms::new(b, c).map(|(events, trials)| Counts::new(events, trials).unwrap())
}

/// Johari et al.'s formula with the pooled variance of no difference, computed with mpmath.
#[test]
fn one_interval_of_counts_is_the_published_formula() {
    let mut monitor = independent().effect(Some(0.01)).monitor().unwrap();
    monitor.update(counts((50, 5000), (100, 5000))).unwrap();
    let state = monitor.state();
    let p: f64 = 0.015;
    let variance = p * (1.0 - p) * (2.0 / 5000.0) * (1e4 / 9999.0);
    let expected = 0.5 * (variance / (variance + 1e-4)).ln()
        + 1e-4 * 1e-4 / (2.0 * variance * (variance + 1e-4));
    assert!((state.log_e_value - expected).abs() < 1e-9);
    assert!((state.p_value / (-expected).exp() - 1.0).abs() < 1e-9);
    assert_eq!(state.decision, Decision::AcceptAlternative);
    // The radius of the plug-in formula at 5 %.
    let interval = state.estimate.unwrap().interval;
    assert!((interval.high - interval.low - 2.0 * 0.007_448_28).abs() < 2e-4);
}

#[test]
fn the_interval_holds_what_is_not_rejected() {
    for alternative in Alternative::ALL {
        for (measure, level) in [
            (Measure::Difference, Level::Proportion),
            (Measure::Ratio, Level::Proportion),
            (Measure::Difference, Level::Rate),
            (Measure::Ratio, Level::Rate),
        ] {
            let design = independent()
                .level(level)
                .measure(measure)
                .alternative(*alternative);
            let feed = |design: MixtureSprt| {
                let mut monitor = design.monitor().unwrap();
                if level == Level::Rate {
                    let of = |events, time| Exposure::new(events, time).unwrap();
                    monitor
                        .update(Arms::new(of(30, 950.0), of(9, 50.0)))
                        .unwrap();
                } else {
                    monitor.update(counts((300, 9500), (29, 500))).unwrap();
                }
                monitor.state()
            };
            let interval = feed(design).estimate.unwrap().interval;
            for end in [interval.low, interval.high] {
                if end.is_finite() && end.abs() > 0.0 && end.abs() < 1.0 {
                    let log_e = feed(design.null(Some(end))).log_e_value;
                    assert!(
                        (log_e - 20_f64.ln()).abs() < 1e-6,
                        "{measure} {level} {end} {log_e}"
                    );
                }
            }
        }
    }
}

#[test]
fn zeros_are_defined() {
    let ratio = independent().measure(Measure::Ratio);
    let run = |design: MixtureSprt, b, c| {
        let mut monitor = design.monitor().unwrap();
        monitor.update(counts(b, c)).unwrap();
        monitor.state()
    };
    let none = run(ratio, (0, 1000), (0, 1000));
    assert_eq!((none.p_value, none.decision), (1.0, Decision::Continue));
    let interval = none.estimate.unwrap().interval;
    assert_eq!((interval.low, interval.high), (0.0, f64::INFINITY));
    let new = run(ratio, (0, 1000), (30, 1000));
    assert_eq!(new.decision, Decision::AcceptAlternative);
    let estimate = new.estimate.unwrap();
    assert_eq!(
        (estimate.value, estimate.interval.high),
        (f64::INFINITY, f64::INFINITY)
    );
    assert!(
        estimate.interval.low > 1.0 && estimate.interval.low < 30.0,
        "{}",
        estimate.interval
    );
    let gone = run(ratio, (30, 1000), (0, 1000)).estimate.unwrap();
    assert_eq!((gone.value, gone.interval.low), (0.0, 0.0));
    assert!(gone.interval.high < 1.0 && gone.interval.high > 0.0);
    // Values that do not vary are no evidence.
    let mut same = independent().level(Level::Mean).monitor().unwrap();
    let [a, b] = [[1.0; 90], [2.0; 90]];
    same.update(Arms::new(a.as_slice(), b.as_slice())).unwrap();
    assert_eq!(same.state().p_value, 1.0);
}

#[test]
fn exchanged_arms_mirror() {
    for alternative in [Alternative::Greater, Alternative::Less] {
        let other = alternative.opposite();
        let run = |alternative, arms: Arms<Counts>| {
            let mut monitor = independent().alternative(alternative).monitor().unwrap();
            monitor.update(arms).unwrap();
            monitor.state()
        };
        let arms = counts((20, 900), (9, 100));
        let (own, mirrored) = (run(alternative, arms), run(other, arms.swap()));
        assert!((own.log_e_value - mirrored.log_e_value).abs() < 1e-12);
        let (own, mirrored) = (own.estimate.unwrap(), mirrored.estimate.unwrap());
        assert!((own.value + mirrored.value).abs() < 1e-15);
        assert!((own.interval.low + mirrored.interval.high).abs() < 1e-9);
    }
}

#[test]
fn a_share_that_changes_with_the_level_is_no_difference() {
    // Few errors while the canary has little traffic, many while it has half: pooled, it seems
    // twice as bad.
    let mut monitor = independent().monitor().unwrap();
    for _ in 0..100 {
        monitor.update(counts((9, 900), (1, 100))).unwrap();
    }
    for _ in 0..100 {
        monitor.update(counts((15, 500), (15, 500))).unwrap();
    }
    let state = monitor.state();
    assert!(state.arms[1].level > 1.4 * state.arms[0].level);
    assert!(state.estimate.unwrap().value.abs() < 1e-12 && state.p_value == 1.0);
}

#[test]
fn no_worse_than_tolerated_is_an_answer() {
    for alternative in [
        Alternative::Greater,
        Alternative::Less,
        Alternative::TwoSided,
    ] {
        let design = independent()
            .alternative(alternative)
            .tolerance(Some(0.005));
        let mut monitor = design.monitor().unwrap();
        let mut updates = 0_u32;
        let mut promised = 0.0;
        while monitor.update(counts((10, 1000), (10, 1000))).unwrap() == Decision::Continue {
            updates += 1;
            promised = monitor.state().remaining.unwrap();
            assert!(updates < 100);
        }
        assert_eq!(monitor.state().decision, Decision::AcceptNull);
        assert!(updates > 2 && promised <= 2000.0, "{updates} {promised}");
    }
}

/// How many of the streams of `looks` looks end in an alarm.
fn alarms(
    runs: u64,
    design: MixtureSprt,
    feed: impl Fn(&mut MixtureSprtMonitor, &mut Stream),
) -> f64 {
    let alarm = |run: &u64| {
        let mut monitor = design.monitor().unwrap();
        feed(&mut monitor, &mut Stream::new(7, *run));
        monitor.answers.decision() == Decision::AcceptAlternative
    };
    (0..runs).filter(alarm).count() as f64 / runs as f64
}

#[test]
fn false_alarms_over_all_looks_are_rare() {
    let runs = 400;
    let limit = 0.05 + 3.0 * (0.05 * 0.95 / runs as f64).sqrt();
    let design = MixtureSprt::new().alternative(Alternative::Greater);
    let proportions = alarms(runs, design, |monitor, stream| {
        for _ in 0..4000 {
            let arm = if stream.below(20) == 0 {
                Arm::Canary
            } else {
                Arm::Baseline
            };
            monitor.update((arm, stream.below(50) == 0)).unwrap();
        }
    });
    assert!(proportions <= limit, "{proportions}");
    let means = alarms(runs, design.level(Level::Mean), |monitor, stream| {
        for _ in 0..2000 {
            let arm = if stream.below(2) == 0 {
                Arm::Canary
            } else {
                Arm::Baseline
            };
            monitor.update((arm, -uniform(stream).ln())).unwrap();
        }
    });
    assert!(means <= limit, "{means}");
}

/// Exchanged arms have the inverse ratio, in the interval as in the p-values.
#[test]
fn a_ratio_mirrors() {
    for design in [MixtureSprt::new(), independent()] {
        let interval = |swap: bool| {
            let mut monitor = design.measure(Measure::Ratio).monitor().unwrap();
            for _ in 0..20 {
                let arms = counts((5, 100), (12, 100));
                let arms = if swap { arms.swap() } else { arms };
                monitor.update(arms).unwrap();
            }
            monitor.state().estimate.unwrap().interval
        };
        let (own, exchanged) = (interval(false), interval(true));
        assert!(
            (own.low * exchanged.high - 1.0).abs() < 1e-6,
            "{own} {exchanged}"
        );
        assert!(
            (own.high * exchanged.low - 1.0).abs() < 1e-6,
            "{own} {exchanged}"
        );
    }
}
