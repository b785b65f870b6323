use super::*;

fn design(hypotheses: Hypotheses, alpha: f64, beta: f64) -> Sprt {
    let design = Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(hypotheses)
        .bounds(SprtBounds::Wald);
    design.alpha(alpha).beta(beta)
}

const DOUBLED: Hypotheses = Hypotheses::Proportion {
    null: 0.01,
    alternative: 0.02,
};
/// Wald's own example (1945, section 5.2).
const WALD: Hypotheses = Hypotheses::Proportion {
    null: 0.1,
    alternative: 0.3,
};
const HALF: Hypotheses = Hypotheses::Mean {
    null: 0.0,
    alternative: 0.5,
    sd: 1.0,
};
const TWICE: Hypotheses = Hypotheses::Rate {
    null: 1.0,
    alternative: 2.0,
};

fn planned(design: &Sprt, truth: f64, method: SprtMethod) -> SprtPlan {
    let planner = SprtPlanner::new().truth(Some(truth)).method(method);
    planner.run(design).unwrap()
}

#[track_caller]
fn near(got: f64, expected: f64, tolerance: f64) {
    assert!((got - expected).abs() <= tolerance, "{got} for {expected}");
}

#[test]
fn walds_boundaries_and_increments() {
    for (alpha, beta, upper, lower) in [
        (0.05, 0.2, 2.772_589, -1.558_145),
        (0.05, 0.1, 2.890_372, -2.251_292),
        (0.01, 0.05, 4.553_877, -2.985_682),
    ] {
        let bounds = design(DOUBLED, alpha, beta).boundaries();
        near(bounds.upper, upper, 5e-7);
        near(bounds.lower, lower, 5e-7);
    }
    let ville = Sprt::new().assume(Assume::Independence).boundaries();
    near(ville.upper, 20_f64.ln(), 1e-15);
    near(ville.lower, 0.2_f64.ln(), 1e-15);

    let slopes = Slopes::of(&design(DOUBLED, 0.05, 0.2));
    near(slopes.up, 2.0_f64.ln(), 1e-15);
    near(slopes.down, -0.010_152, 5e-7);
    // The lines of acceptance in n: (boundary - n down) / (up - down).
    let example = design(WALD, 0.02, 0.03);
    let (Slopes { up, down }, bounds) = (Slopes::of(&example), example.boundaries());
    near(bounds.lower / (up - down), -2.582_63, 5e-6);
    near(bounds.upper / (up - down), 2.875_39, 5e-6);
    near(-down / (up - down), 0.186_169, 5e-7);
}

#[test]
fn walds_average_sample_numbers() {
    let wald = |hypotheses, beta, truth| {
        planned(&design(hypotheses, 0.05, beta), truth, SprtMethod::Wald).expected
    };
    near(wald(DOUBLED, 0.2, 0.01), 430.09, 0.005);
    near(wald(DOUBLED, 0.2, 0.02), 487.13, 0.005);
    near(wald(DOUBLED, 0.2, 0.014_435_3), 613.90, 0.005);
    near(wald(HALF, 0.1, 0.0), 15.954, 5e-4);
    near(wald(HALF, 0.1, 0.5), 19.010, 5e-4);
    near(wald(TWICE, 0.1, 1.0), 6.499, 5e-4);
    near(wald(TWICE, 0.1, 2.0), 6.151, 5e-4);
    // By Wald's formulas, the error rates are what was asked for.
    for hypotheses in [DOUBLED, HALF, TWICE] {
        let (null, alternative) = hypotheses.values();
        let design = design(hypotheses, 0.05, 0.1);
        near(
            planned(&design, null, SprtMethod::Wald).accept_alternative,
            0.05,
            1e-9,
        );
        near(
            planned(&design, alternative, SprtMethod::Wald).accept_null,
            0.1,
            1e-9,
        );
    }
}

/// 20,000 simulated runs gave .0385, .800, and 439, 534, 673 trials on average.
#[test]
fn exact_plans_are_what_simulation_shows() {
    let design = design(DOUBLED, 0.05, 0.2);
    let exact = |truth| planned(&design, truth, SprtMethod::Exact);
    near(exact(0.01).accept_alternative, 0.0385, 3.0 * 0.00136);
    near(exact(0.02).accept_alternative, 0.800, 3.0 * 0.0028);
    near(exact(0.01).expected, 439.0, 9.0);
    near(exact(0.02).expected, 534.0, 9.0);
    near(exact(0.014_435_3).expected, 673.0, 13.0);
}

/// A test that ends after one step, or two, on paper.
#[test]
fn exact_plans_of_tests_that_end_at_once() {
    // Heads ends it, and so does tails.
    let coin = Hypotheses::Proportion {
        null: 0.01,
        alternative: 0.99,
    };
    let plan = planned(&design(coin, 0.1, 0.1), 0.3, SprtMethod::Exact);
    near(plan.accept_alternative, 0.3, 1e-15);
    near(plan.expected, 1.0, 1e-15);
    // One event ends it with the alternative, none for some time with the null.
    let rate = Hypotheses::Rate {
        null: 0.01,
        alternative: 10.0,
    };
    let test = design(rate, 0.1, 0.2);
    let plan = planned(&test, 2.0, SprtMethod::Exact);
    let time = -test.boundaries().lower / 9.99;
    near(plan.accept_null, (-2.0 * time).exp(), 1e-12);
    near(plan.expected, (1.0 - (-2.0 * time).exp()) / 2.0, 1e-12);
}

#[test]
fn exact_means_agree_with_the_coin_of_small_steps() {
    // Siegmund (1985, section 3.4): the boundaries grow by .5826 standard deviations of a step.
    let test = design(HALF, 0.05, 0.1);
    let corrected = |truth: f64| {
        let Boundaries { upper, lower } = test.boundaries();
        let wider = 0.582_597 * 0.5;
        let walk = plan::Walk::Normal {
            drift: 0.5 * (truth - 0.25),
            sd: 0.5,
        };
        walk.wald(Boundaries {
            upper: upper + wider,
            lower: lower - wider,
        })
    };
    for truth in [-0.2, 0.0, 0.25, 0.5, 0.8] {
        let exact = planned(&test, truth, SprtMethod::Exact);
        let near_it = corrected(truth);
        near(exact.accept_alternative, near_it.accept_alternative, 3e-3);
        near(exact.expected / near_it.expected, 1.0, 0.03);
        near(exact.accept_alternative + exact.accept_null, 1.0, 1e-9);
    }
}

#[test]
fn a_falling_rate_is_planned_upside_down() {
    let fewer = Hypotheses::Rate {
        null: 2.0,
        alternative: 1.0,
    };
    let design = |hypotheses, alpha, beta| design(hypotheses, alpha, beta);
    let up = planned(&design(TWICE, 0.05, 0.1), 1.3, SprtMethod::Exact);
    let down = planned(&design(fewer, 0.1, 0.05), 1.3, SprtMethod::Exact);
    near(up.accept_alternative, down.accept_null, 1e-12);
    near(up.expected, down.expected, 1e-12);
    assert_eq!(up.median.map(f64::to_bits), down.median.map(f64::to_bits));
}

#[test]
fn ville_keeps_both_error_rates() {
    for hypotheses in [
        DOUBLED,
        WALD,
        HALF,
        TWICE,
        Hypotheses::RateRatio {
            null: 1.0,
            alternative: 2.0,
        },
    ] {
        for (alpha, beta) in [(0.05, 0.2), (0.3, 0.3)] {
            let design = Sprt::new()
                .assume(Assume::Independence)
                .hypotheses(hypotheses)
                .alpha(alpha)
                .beta(beta)
                .share(0.1);
            let (null, alternative) = hypotheses.values();
            let at = |truth| planned(&design, truth, SprtMethod::Exact);
            assert!(at(null).accept_alternative <= alpha, "{hypotheses:?}");
            assert!(at(alternative).accept_null <= beta, "{hypotheses:?}");
        }
    }
}

#[test]
fn a_truncated_test_ends() {
    for (hypotheses, most) in [(DOUBLED, 500.0), (HALF, 12.0), (TWICE, 5.0)] {
        let (null, alternative) = hypotheses.values();
        let ville = Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses)
            .truncation(Some(most));
        let free = Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses);
        for truth in [null, alternative] {
            let (cut, whole) = (
                planned(&ville, truth, SprtMethod::Exact),
                planned(&free, truth, SprtMethod::Exact),
            );
            near(cut.accept_alternative + cut.accept_null, 1.0, 1e-9);
            assert!(cut.expected < whole.expected && cut.expected <= most);
            assert!(cut.accept_alternative < whole.accept_alternative);
        }
        let wald = ville.bounds(SprtBounds::Wald);
        let (cut, kept) = (
            planned(&wald, null, SprtMethod::Exact),
            planned(&ville, null, SprtMethod::Exact),
        );
        assert!(cut.accept_alternative > kept.accept_alternative);
    }
}

/// Uniform numbers in (0, 1), the same every time.
struct Uniform(crate::number::random::Stream);

impl Uniform {
    fn new(seed: u64) -> Self {
        Self(crate::number::random::Stream::new(seed, 0))
    }

    fn next(&mut self) -> f64 {
        (self.0.below(1 << 52) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    fn normal(&mut self) -> f64 {
        crate::number::normal::quantile(self.next())
    }
}

/// The share of runs in which the alternative was accepted, and the mean size at the end.
fn simulate(
    runs: u32,
    most: u64,
    design: Sprt,
    mut feed: impl FnMut(&mut Uniform, &mut SprtMonitor) -> Decision,
) -> (f64, f64) {
    let mut random = Uniform::new(7);
    let (mut alarms, mut size) = (0.0, 0.0);
    for _ in 0..runs {
        let mut monitor = design.monitor().unwrap();
        loop {
            let decision = feed(&mut random, &mut monitor);
            let evidence = monitor.document.evidence;
            if decision == Decision::AcceptAlternative {
                alarms += 1.0;
            }
            if decision != Decision::Continue || evidence.observations() >= most {
                size += evidence.size();
                break;
            }
        }
    }
    (alarms / f64::from(runs), size / f64::from(runs))
}

/// Three standard errors of a share near `p` in so many runs.
fn three_errors(p: f64, runs: u32) -> f64 {
    3.0 * (p * (1.0 - p) / f64::from(runs)).sqrt()
}

#[test]
fn exact_plans_are_what_the_monitor_does() {
    for (hypotheses, truth) in [(DOUBLED, 0.01), (WALD, 0.2), (HALF, 0.0), (HALF, 0.4)] {
        let design = Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses)
            .alpha(0.1);
        let plan = planned(&design, truth, SprtMethod::Exact);
        let runs = 2000;
        let (alarms, size) = simulate(runs, 1 << 40, design, |random, monitor| {
            match hypotheses {
                Hypotheses::Mean { .. } => monitor.update(truth + random.normal()),
                _ => monitor.update(random.next() < truth),
            }
            .unwrap()
        });
        near(
            alarms,
            plan.accept_alternative,
            three_errors(plan.accept_alternative, runs),
        );
        near(size / plan.expected, 1.0, 0.08);
    }
}

/// Under the null hypothesis, with the nuisance that each is free of, no more false alarms than
/// alpha over all looks.
#[test]
fn false_alarms_over_all_looks() {
    let runs = 500;
    let limit = 0.1 + three_errors(0.1, runs);
    let test = |hypotheses| {
        Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses)
            .alpha(0.1)
            .beta(1e-9)
    };
    let odds = test(Hypotheses::OddsRatio {
        null: 1.0,
        alternative: 1.5,
    });
    // A baseline's proportion of its own every minute, 19 to 1.
    let (alarms, _) = simulate(runs, 20_000, odds, |random, monitor| {
        let p = 0.4 * random.next();
        let mut draw = |n: u64| {
            let events = (0..n).filter(|_| random.next() < p).count() as u64;
            Counts::new(events, n).unwrap()
        };
        monitor.update(Arms::new(draw(190), draw(10))).unwrap()
    });
    assert!(alarms > 0.01 && alarms <= limit, "odds ratio: {alarms}");
    // One by one, every twentieth the canary's.
    let (alarms, _) = simulate(runs, 4_000, odds, |random, monitor| {
        let arm = if random.next() < 0.05 {
            Arm::Canary
        } else {
            Arm::Baseline
        };
        monitor.update((arm, random.next() < 0.3)).unwrap()
    });
    assert!(
        alarms > 0.005 && alarms <= limit,
        "trial by trial: {alarms}"
    );
    let effect = test(Hypotheses::StandardizedDifference { alternative: 0.5 });
    let (alarms, _) = simulate(runs, 600, effect, |random, monitor| {
        let arm = if random.next() < 0.2 {
            Arm::Canary
        } else {
            Arm::Baseline
        };
        monitor.update((arm, 1e3 + 7.0 * random.normal())).unwrap()
    });
    assert!(alarms > 0.03 && alarms <= limit, "standardized: {alarms}");
    let mean = test(Hypotheses::StandardizedMean {
        mean: 3.0,
        alternative: -0.5,
    });
    let (alarms, _) = simulate(runs, 300, mean, |random, monitor| {
        monitor.update(3.0 + 0.1 * random.normal()).unwrap()
    });
    assert!(
        alarms > 0.03 && alarms <= limit,
        "standardized mean: {alarms}"
    );
}

#[test]
fn interval_and_p_value_tell_the_same() {
    // The interval's end is the null hypothesis where the evidence is just 1 / alpha.
    type Feed = fn(&mut SprtMonitor);
    let ends: [(Hypotheses, Feed); 7] = [
        (DOUBLED, |m| drop(m.update(Counts::new(9, 300).unwrap()))),
        (TWICE, |m| drop(m.update(Exposure::new(14, 7.0).unwrap()))),
        (HALF, |m| drop(m.update(&[0.4, 1.1, -0.2, 0.9][..]))),
        (
            Hypotheses::StandardizedMean {
                mean: 0.0,
                alternative: -0.7,
            },
            |m| drop(m.update(&[-0.4, -1.1, 0.2, -0.9][..])),
        ),
        (
            Hypotheses::StandardizedDifference { alternative: 0.7 },
            |m| drop(m.update(Arms::new(&[1.0, 2.0, 3.0][..], &[2.5, 4.0][..]))),
        ),
        (
            Hypotheses::RateRatio {
                null: 1.0,
                alternative: 2.0,
            },
            |m| drop(m.update(Arms::new(30, 14))),
        ),
        (
            Hypotheses::MeanDifference {
                null: 0.0,
                alternative: -2.0,
                sd: Arms::new(1.0, 3.0),
            },
            |m| drop(m.update(Arms::new(&[1.0, 2.0, 3.0][..], &[-2.5, -4.0][..]))),
        ),
    ];
    for (hypotheses, feed) in ends {
        let mut monitor = Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses)
            .share(0.2)
            .monitor()
            .unwrap();
        feed(&mut monitor);
        let evidence = monitor.document.evidence;
        let log_ratio = monitor.log_ratio(&evidence);
        let (value, end) = evidence.estimate(monitor.slopes, hypotheses, log_ratio);
        let (null, alternative) = hypotheses.values();
        near(end, null, 1e-9);
        assert!(
            (value - null) * (alternative - null) > 0.0,
            "{hypotheses:?}: {value}"
        );
        let interval = monitor.state().estimate.unwrap().interval;
        assert!(interval.low < interval.high);
    }
}

#[test]
fn the_interval_of_an_odds_ratio_errs_on_the_safe_side() {
    let mut monitor = Sprt::new().assume(Assume::Independence).monitor().unwrap();
    let counts = Arms::new((20, 400), (60, 400)).map(|(x, n)| Counts::new(x, n).unwrap());
    monitor.update(counts).unwrap();
    let state = monitor.state();
    let Estimate {
        value, interval, ..
    } = state.estimate.unwrap();
    near(value, (60.0 / 340.0) / (20.0 / 380.0), 1e-12);
    assert!(interval.low > 1.0 && interval.low < value, "{interval}");
    // Against its own end, the evidence is 1 / alpha or more.
    let at_end = tables::log_ratio(
        counts.map(|c| tables::Row {
            events: c.events() as f64,
            trials: c.trials() as f64,
        }),
        interval.low,
        2.0 * interval.low,
    );
    assert!(at_end >= 20_f64.ln(), "{at_end}");
}

#[test]
fn what_it_does_not_take_is_refused_and_changes_nothing() {
    let mut errors = Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(DOUBLED)
        .monitor()
        .unwrap();
    errors.update(true).unwrap();
    let before = errors.clone();
    assert_eq!(
        errors.update(Arms::new(1, 2)).unwrap_err().to_string(),
        "data: must be the canary's counts, for a proportion, got both arms' events"
    );
    let mut mean = Sprt::new()
        .assume(Assume::Independence)
        .hypotheses(HALF)
        .monitor()
        .unwrap();
    assert!(mean.update(f64::NAN).is_err() && mean.update(f64::INFINITY).is_err());
    mean.update(1e308).unwrap();
    let full = mean.clone();
    assert!(mean.update(-1e308).is_err());
    assert_eq!((errors, mean), (before, full));
}

#[test]
fn designs_that_cannot_be_are_refused() {
    let message = |design: Sprt| design.monitor().unwrap_err().to_string();
    let proportion = |null, alternative| {
        Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(Hypotheses::Proportion { null, alternative })
    };
    assert_eq!(
        message(proportion(0.0, 0.1)),
        "null: must lie in (0, 1), got 0"
    );
    assert_eq!(
        message(proportion(0.1, 1.0)),
        "alternative: must lie in (0, 1), got 1"
    );
    assert_eq!(
        message(proportion(0.1, 0.1)),
        "alternative: must differ from the null hypothesis, got 0.1"
    );
    assert_eq!(
        message(
            Sprt::new()
                .assume(Assume::Independence)
                .bounds(SprtBounds::Wald)
                .alpha(0.5)
                .beta(0.6)
        ),
        "beta: must be less than 0.5, 1 less alpha, got 0.6"
    );
    assert_eq!(
        message(
            Sprt::new()
                .assume(Assume::Independence)
                .truncation(Some(0.0))
        ),
        "truncation: must be positive and finite, got 0"
    );
    assert!(message(proportion(f64::NAN, 0.1)).starts_with("null"));
    let plan = Sprt::new()
        .assume(Assume::Independence)
        .plan(2.0)
        .unwrap_err()
        .to_string();
    assert_eq!(
        plan,
        "baseline: must be given to plan for an odds ratio, got none"
    );
}

/// Where events are rare, an odds ratio's trials are a split of events.
#[test]
fn rare_events_are_planned_as_a_split() {
    let of = |hypotheses| {
        Sprt::new()
            .assume(Assume::Independence)
            .hypotheses(hypotheses)
            .share(0.05)
    };
    let odds = of(Hypotheses::OddsRatio {
        null: 1.0,
        alternative: 2.0,
    });
    let split = of(Hypotheses::RateRatio {
        null: 1.0,
        alternative: 2.0,
    });
    for truth in [0.5, 1.0, 1.4, 2.0, 3.0] {
        let planner = SprtPlanner::new()
            .truth(Some(truth))
            .method(SprtMethod::Wald);
        let plan = planner.baseline(Some(1e-7)).run(&odds).unwrap();
        let events = planner.run(&split).unwrap();
        near(plan.accept_alternative, events.accept_alternative, 1e-5);
        let per_trial = 1e-7 * (0.95 + 0.05 * truth);
        near(plan.expected * per_trial / events.expected, 1.0, 1e-4);
    }
    // By simulation, 1 to 19 and strata of 40 trials: within what the steps exceed by.
    let plan = SprtPlanner::new().baseline(Some(0.2)).run(&odds).unwrap();
    let p = 2.0 / 3.0 * 0.5; // odds of 1/4, doubled
    let (alarms, size) = simulate(300, 1 << 40, odds, |random, monitor| {
        let mut draw = |n: u64, p: f64| {
            let events = (0..n).filter(|_| random.next() < p).count() as u64;
            Counts::new(events, n).unwrap()
        };
        let arms = Arms::new(draw(38, 0.2), draw(2, p));
        monitor.update(arms).unwrap()
    });
    near(
        alarms,
        plan.accept_alternative,
        0.03 + three_errors(0.8, 300),
    );
    near(size / plan.expected, 1.0, 0.25);
}

#[test]
fn about_how_many_more() {
    let mut errors = design(DOUBLED, 0.05, 0.2).monitor().unwrap();
    errors.update(Counts::new(0, 100).unwrap()).unwrap();
    // 100 trials without an event took it down by 1.0152; the boundary is at -1.5581.
    assert_eq!(errors.state().remaining, Some(54.0));
    errors.update(Counts::new(0, 54).unwrap()).unwrap();
    assert_eq!(errors.state().decision, Decision::AcceptNull);
    assert_eq!(errors.state().remaining, None);
}
