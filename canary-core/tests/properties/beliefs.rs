//! What answers with more than a p-value: equivalence, fairness, the bootstrap and Bayes.

use canary_core::stats::*;
use canary_core::{Bootstrap, Direction, Equivalence, Margin, Summary};

use super::*;

// ---------------------------------------------------------------- equivalence

fn margin() -> impl Strategy<Value = Margin> {
    prop_oneof![
        select(vec![1.0, 1.01, 2.0, 50.0]).prop_map(Margin::Factor),
        select(vec![0.0, 1.0, 10.0, 100.0, 250.0]).prop_map(Margin::Percent),
        select(vec![0.0, 0.001, 0.5, 20.0]).prop_map(Margin::Difference),
    ]
}

fn any_margin() -> impl Strategy<Value = Margin> {
    let kinds: Vec<fn(f64) -> Margin> = vec![Margin::Factor, Margin::Percent, Margin::Difference];
    (select(kinds), any_number()).prop_map(|(kind, number)| kind(number))
}

fn equivalence(margin: impl Strategy<Value = Margin>) -> impl Strategy<Value = Equivalence> {
    let words = (select(Goal::ALL), select(Direction::ALL));
    (margin, words, prop_oneof![Just(0.05), 0.001..0.499_f64]).prop_map(
        |(margin, (goal, direction), alpha)| {
            let test = Equivalence::new(margin).goal(goal).direction(direction);
            test.alpha(alpha)
        },
    )
}

fn check_equivalence(result: &EquivalenceResult) -> Result<(), TestCaseError> {
    check_p(result.p_value, result)?;
    check_estimate(&result.estimate)?;
    prop_assert!(result.low <= result.high, "{result:?}");
    let is_within = result.outcome == EquivalenceOutcome::Within;
    prop_assert_eq!(is_within, result.p_value <= result.alpha, "{:?}", result);
    for test in &result.tests {
        check_p(test.p_value, test)?;
        prop_assert!(test.p_value <= result.p_value, "{result:?}");
    }
    prop_assert!(!result.to_string().is_empty());
    round_trip(result)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn equivalence_is_sound(test in equivalence(margin()), arms in arms_of_values(1), q in 0.01..0.99_f64,
                            counts in arms_of_counts()) {
        let policy = NanPolicy::Raise;
        let summaries = arms.as_ref().map(|values| Summary::of(values, policy).unwrap());
        let rates = counts.map(|arm| Exposure::new(arm.events(), arm.trials() as f64).unwrap());
        for result in [
            test.means(&arms),
            test.summaries(&summaries),
            test.shifts(&arms),
            test.quantiles(&arms, q),
            test.proportions(&counts),
            test.rates(&rates),
        ] {
            check_either(&result, check_equivalence)?;
        }
    }

    #[test]
    fn no_values_panic_an_equivalence(test in equivalence(any_margin()), q in any_number(),
            alpha in any_number(), baseline in vec(any_number(), 0..8), canary in vec(any_number(), 0..8)) {
        let arms = Arms { baseline, canary };
        for test in [test, test.nan_policy(NanPolicy::Omit), test.alpha(alpha)] {
            for result in [test.means(&arms), test.shifts(&arms), test.quantiles(&arms, q)] {
                check_either(&result, check_equivalence)?;
            }
        }
    }

    #[test]
    fn within_is_an_interval_within(test in equivalence(margin()), arms in arms_of_values(2)) {
        for result in [test.means(&arms)].into_iter().flatten() {
            let Interval { low, high, .. } = result.estimate.interval;
            let near = |a: f64, b: f64| is_near(a, b, 1e-9, high - low);
            let is_sure = relative_error(result.p_value, result.alpha) > 1e-8
                && !near(low, result.low) && !near(high, result.high);
            // Welch's degrees of freedom are another's under another ratio.
            if is_sure && result.estimate.measure == Measure::Difference {
                let is_within = result.low < low && high < result.high;
                prop_assert_eq!(result.p_value <= result.alpha, is_within, "{:?}", result);
            }
        }
    }
}

// ---------------------------------------------------------------- fairness

proptest! {
    #![proptest_config(one_in(2))]

    #[test]
    fn fairness_is_sound(groups in vec(arms_of_counts(), 0..4), confidence in confidence(),
                         notion in select(FairnessNotion::ALL)) {
        let arms = Arms {
            baseline: groups.iter().map(|group| group.baseline).collect::<Vec<_>>(),
            canary: groups.iter().map(|group| group.canary).collect(),
        };
        let test = FairnessGap::new().notion(notion).confidence(confidence);
        check_either(&test.run(&arms), |result| {
            check_estimate(&result.change)?;
            for gap in [&result.arms.baseline, &result.arms.canary] {
                let Interval { low, high, .. } = gap.interval;
                let slack = 1e-12;
                prop_assert!(low <= gap.value + slack && gap.value <= high + slack, "{gap:?}");
                prop_assert!((0.0..=1.0).contains(&gap.value), "{gap:?}");
                prop_assert!(0.0 <= low && high <= 1.0, "{gap:?}");
                let of = |index: usize| gap.rates[index];
                prop_assert!(gap.rates.iter().all(|&rate| of(gap.lowest) <= rate && rate <= of(gap.highest)));
            }
            round_trip(result)
        })?;
        let back = test.run(&arms.clone().swap());
        if let (Ok(there), Ok(back)) = (test.run(&arms), back) {
            let value = there.change.value;
            let mirror = if there.change.measure == Measure::Difference { -value } else { 1.0 / value };
            prop_assert!(is_near(back.change.value, mirror, FEW_ROUNDINGS, 1.0));
            prop_assert_eq!(back.arms.canary, there.arms.baseline);
        }
    }
}

// ---------------------------------------------------------------- bootstrap

fn bootstrap() -> impl Strategy<Value = Bootstrap> {
    let words = (
        select(Statistic::ALL),
        select(BootstrapInterval::ALL),
        select(Pairing::ALL),
        alternative(),
        select(vec![Measure::Difference, Measure::Ratio]),
    );
    let numbers = (confidence(), 0.01..0.99_f64, 0.0..0.5_f64);
    let draws = (
        1..40_u64,
        any::<u64>(),
        select(vec![None, Some(1), Some(3), Some(100)]),
    );
    (words, numbers, draws).prop_map(
        |(
            (statistic, interval, pairing, alternative, measure),
            (confidence, quantile, trim),
            (resamples, seed, block),
        )| {
            let test = Bootstrap::new().statistic(statistic).interval(interval);
            let test = test
                .pairing(pairing)
                .alternative(alternative)
                .measure(measure);
            let test = test.confidence(confidence).quantile(quantile).trim(trim);
            test.resamples(resamples).seed(seed).block(block)
        },
    )
}

fn check_bootstrap(result: &BootstrapResult) -> Result<(), TestCaseError> {
    check_estimate(&result.estimate)?;
    prop_assert!(result.standard_error >= 0.0, "{result:?}");
    round_trip(result)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn bootstraps_are_sound_and_the_same_again(test in bootstrap(), arms in arms_of_values(1)) {
        let mut arms = arms;
        let len = arms.baseline.len().min(arms.canary.len());
        arms.baseline.truncate(len);
        for outcome in [test.run(&arms), test.run_one(&arms.canary)] {
            check_either(&outcome, check_bootstrap)?;
        }
        prop_assert_eq!(test.run(&arms), test.run(&arms));
        prop_assert_eq!(test.run_one(&arms.canary), test.run_one(&arms.canary));
    }

    #[test]
    fn another_seed_is_another_interval_about_the_same(arms in whole_numbers(8), seed in any::<u64>()) {
        let test = Bootstrap::new().resamples(50).interval(BootstrapInterval::Percentile);
        let (one, other) = (test.seed(seed).run(&arms).unwrap(), test.seed(!seed).run(&arms).unwrap());
        prop_assert_eq!(one.estimate.value, other.estimate.value);
        let few: std::collections::BTreeSet<i64> = arms.canary.iter().map(|&x| x as i64).collect();
        if few.len() > 4 {
            prop_assert_ne!(one.estimate.interval, other.estimate.interval);
        }
    }

    #[test]
    fn bootstraps_scale_by_powers_of_two(test in bootstrap(), arms in whole_numbers(2), power in -60..60_i32) {
        let scale = 2_f64.powi(power);
        let scaled = arms.clone().map(|values| values.iter().map(|x| x * scale).collect::<Vec<_>>());
        let (plain, scaled) = (test.run(&arms), test.run(&scaled));
        prop_assert_eq!(plain.is_ok(), scaled.is_ok());
        if let (Ok(plain), Ok(scaled)) = (plain, scaled) {
            let unit = if plain.estimate.measure == Measure::Difference { scale } else { 1.0 };
            let (a, b) = (plain.estimate, scaled.estimate);
            for (plain, scaled) in [(a.value, b.value), (a.interval.low, b.interval.low),
                                    (a.interval.high, b.interval.high)] {
                prop_assert!(is_near(scaled, plain * unit, 1e-12, 0.0), "{plain} {scaled}");
            }
        }
    }

    #[test]
    fn no_values_panic_a_bootstrap(test in bootstrap(), baseline in vec(any_number(), 0..8),
            canary in vec(any_number(), 0..8), numbers in [any_number(), any_number(), any_number()]) {
        let arms = Arms { baseline, canary };
        let omit = test.nan_policy(NanPolicy::Omit);
        for test in [test, omit, test.confidence(numbers[0]), omit.trim(numbers[1]), omit.quantile(numbers[2])] {
            check_either(&test.run(&arms), check_bootstrap)?;
            check_either(&test.run_one(&arms.canary), check_bootstrap).or_else(|error| {
                match test.run_one(&arms.canary) {
                    // One sample is called what it is.
                    Err(error) if error.to_string().starts_with("values") => Ok(()),
                    _ => Err(error),
                }
            })?;
        }
    }
}

// ---------------------------------------------------------------- Bayes

fn bayesian() -> impl Strategy<Value = BayesianTest> {
    let words = (select(Typical::ALL), select(Direction::ALL));
    let measure = select(vec![None, Some(Measure::Difference), Some(Measure::Ratio)]);
    let prior = select(vec![
        None,
        Some(MeanPrior {
            mean: 1.0,
            weight: 2.0,
            shape: 1.5,
            scale: 3.0,
        }),
    ]);
    let rope = select(vec![None, Some(-0.5), Some(0.0)]);
    (words, measure, prior, rope, confidence()).prop_map(
        |((of, direction), measure, prior, below, confidence)| {
            let rope = below.map(|below| match measure {
                Some(Measure::Difference) => (below, 0.25),
                _ => (1.0 + below, f64::INFINITY),
            });
            let test = BayesianTest::new()
                .of(of)
                .direction(direction)
                .measure(measure);
            test.mean_prior(prior).rope(rope).confidence(confidence)
        },
    )
}

fn check_bayes(result: &BayesResult) -> Result<(), TestCaseError> {
    check_p(result.p_canary_greater, result)?;
    check_p(result.p_canary_worse, result)?;
    check_estimate(&result.estimate)?;
    let Estimate {
        value, interval, ..
    } = &result.estimate;
    prop_assert!(
        interval.low <= *value && *value <= interval.high,
        "{result:?}"
    );
    prop_assert!(result.expected_loss >= 0.0, "{result:?}");
    prop_assert!(result.expected_loss_staying >= 0.0, "{result:?}");
    if let Some(rope) = result.rope {
        let sum = rope.below + rope.within + rope.above;
        prop_assert!((sum - 1.0).abs() < 1e-9, "{result:?}");
        for p in [rope.below, rope.within, rope.above] {
            check_p(p, result)?;
        }
    }
    prop_assert!(!result.to_string().is_empty());
    round_trip(result)
}

fn check_bayes_mirrors(there: &BayesResult, back: &BayesResult) -> Result<(), TestCaseError> {
    let near = |a: f64, b: f64| is_near(a, b, 1e-8, 1.0);
    prop_assert!(
        near(there.p_canary_greater + back.p_canary_greater, 1.0),
        "{there:?}\n{back:?}"
    );
    let mirror = |x: f64| match there.estimate.measure {
        Measure::Difference => -x,
        _ => 1.0 / x,
    };
    let (a, b) = (&there.estimate, &back.estimate);
    for (got, expected) in [
        (b.value, a.value),
        (b.interval.low, a.interval.high),
        (b.interval.high, a.interval.low),
    ] {
        let size = a.interval.high - a.interval.low;
        prop_assert!(
            is_near(got, mirror(expected), 1e-6, size),
            "{there:?}\n{back:?}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(one_in(64))]

    #[test]
    fn beliefs_are_sound(test in bayesian(), arms in arms_of_values(1), counts in arms_of_counts()) {
        let rates = counts.map(|arm| Exposure::new(arm.events(), arm.trials() as f64).unwrap());
        let positive = arms.clone().map(|values| values.iter().map(|x| x.abs() + 1e-3).collect::<Vec<_>>());
        for outcome in [
            test.counts(&counts), test.exposures(&rates), test.values(&arms), test.log_values(&positive),
        ] {
            check_either(&outcome, check_bayes)?;
        }
    }

    #[test]
    fn beliefs_mirror(test in bayesian(), arms in arms_of_values(4), counts in arms_of_counts()) {
        let test = test.rope(None);
        let rates = counts.map(|arm| Exposure::new(arm.events(), arm.trials() as f64).unwrap());
        for (there, back) in [
            (test.counts(&counts), test.counts(&counts.swap())),
            (test.exposures(&rates), test.exposures(&rates.swap())),
            (test.values(&arms), test.values(&arms.clone().swap())),
        ] {
            if let (Ok(there), Ok(back)) = (there, back)
                && (there.estimate.measure == Measure::Difference || there.estimate.interval.low > 0.0)
            {
                check_bayes_mirrors(&there, &back)?;
            }
        }
    }

    #[test]
    fn nothing_panics_a_belief(test in bayesian(), baseline in vec(any_number(), 0..8),
            canary in vec(any_number(), 0..8), n in [any_number(), any_number(), any_number()],
            events in any::<[u64; 2]>()) {
        let arms = Arms { baseline, canary };
        let omit = test.nan_policy(NanPolicy::Omit);
        let prior = MeanPrior { mean: n[0], weight: n[1], shape: n[2], scale: 1.0 };
        for test in [test, omit, omit.confidence(n[0]), omit.rope(Some((n[0], n[1]))), omit.mean_prior(Some(prior))] {
            for outcome in [test.values(&arms), test.log_values(&arms)] {
                check_either(&outcome, check_bayes)?;
            }
        }
        let pair = Counts::new(events[0].min(events[1]), events[0].max(events[1])).unwrap();
        let counts = Arms::new(pair, Counts::new(0, 0).unwrap());
        for test in [test.proportion_prior((n[0], n[1])), test] {
            check_either(&test.counts(&counts), check_bayes)?;
        }
        let exposure = |i: usize| Exposure::new(events[i], n[i].abs());
        if let (Ok(baseline), Ok(canary)) = (exposure(0), exposure(1)) {
            for test in [test.rate_prior((n[0], n[2])), test] {
                check_either(&test.exposures(&Arms { baseline, canary }), check_bayes)?;
            }
        }
    }
}
