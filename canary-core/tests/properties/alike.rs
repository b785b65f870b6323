//! What all tests have in common, for every row of the table.

use super::table::*;
use super::*;

fn mapped(arms: &Arms<Vec<f64>>, f: impl Fn(f64) -> f64) -> Arms<Vec<f64>> {
    arms.as_ref()
        .map(|values| values.iter().map(|&x| f(x)).collect())
}

/// Of both outcomes or of neither there is a result.
fn both(
    name: &str,
    one: Result<TestResult, Error>,
    other: Result<TestResult, Error>,
) -> Result<Option<(TestResult, TestResult)>, TestCaseError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok(Some((one, other))),
        (Err(one), Err(other)) => {
            check_error(&one)?;
            check_error(&other)?;
            Ok(None)
        }
        (one, other) => Err(TestCaseError::fail(format!("{name}: {one:?}\n{other:?}"))),
    }
}

/// It rejects what its interval excludes; nearer to the edge than roundings either answer is right.
fn check_dual(name: &str, result: &TestResult) -> Result<(), TestCaseError> {
    let (low, _, high) = ends(result);
    let null = result.null.unwrap();
    let interval = &result.estimate.as_ref().unwrap().interval;
    let alpha = interval.confidence.alpha();
    let size = if high - low < f64::INFINITY {
        high - low
    } else {
        1.0
    };
    let is_at_the_edge = [low, high]
        .iter()
        .any(|end| (end - null).abs() <= 1e-9 * size);
    if relative_error(result.p_value, alpha) > 1e-8 && !is_at_the_edge {
        let excludes = null < low || high < null;
        prop_assert_eq!(result.p_value < alpha, excludes, "{}: {:?}", name, result);
    }
    Ok(())
}

proptest! {
    #![proptest_config(one_in(2))]

    #[test]
    fn results_of_values_are_sound(o in options(), arms in arms_of_values(1)) {
        for test in OF_VALUES {
            let result = (test.run)(o, &fitted(test, arms.clone()));
            check_either(&result, check_result)?;
        }
    }

    #[test]
    fn results_of_counts_are_sound(o in options(), arms in arms_of_counts()) {
        for test in of_counts(&arms) {
            check_either(&(test.run)(o, &arms), check_result)?;
        }
    }

    #[test]
    fn tests_of_values_mirror(o in options(), arms in arms_of_values(2)) {
        for test in OF_VALUES {
            let arms = fitted(test, arms.clone());
            let o = if test.name == "trend" { o.plain() } else { o };
            let there = (test.run)(o, &arms);
            let back = (test.run)(o.mirrored(), &arms.swap());
            match test.name {
                // A ratio to nothing is refused.
                _ if o.measure == Measure::Ratio && (there.is_err() || back.is_err()) => {}
                "brunner_munzel" => {
                    if let Some((there, back)) = both(test.name, there, back)? {
                        let error = relative_error(back.p_value, there.p_value);
                        prop_assert!(error <= P_VALUE_ROUNDINGS, "{there:?}\n{back:?}");
                        prop_assert!(is_near(ends(&back).1, 1.0 - ends(&there).1, 1e-13, 1.0));
                        prop_assert!(is_near(ends(&back).0, 1.0 - ends(&there).2, 1e-12, 1.0));
                    }
                }
                _ => {
                    if let Some((there, back)) = both(test.name, there, back)? {
                        // A ratio of means that may be negative has no inverse.
                        let is_positive = o.alternative == Alternative::TwoSided
                            && (there.estimate.is_none() || ends(&there).0 > 0.0);
                        if o.measure == Measure::Difference || is_positive {
                            check_mirrored(&there, &back)?;
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn tests_of_counts_mirror(o in options(), arms in arms_of_counts()) {
        for test in of_counts(&arms) {
            let there = (test.run)(o, &arms);
            let back = (test.run)(o.mirrored(), &arms.swap());
            if let Some((there, back)) = both(test.name, there, back)? {
                check_mirrored(&there, &back)?;
            }
        }
    }

    #[test]
    fn tests_are_blind_to_shifts(o in options(), arms in whole_numbers(2),
                                 shift in -100_000..100_000_i32) {
        let o = Options { measure: Measure::Difference, ..o };
        for test in OF_VALUES.iter().filter(|test| test.sees != Sees::Values) {
            // Ranks of values less their trend are ties or not by a rounding.
            let o = if test.name == "trend" { o.plain() } else { o };
            let arms = fitted(test, arms.clone());
            let moved = (test.run)(o, &mapped(&arms, |x| x + f64::from(shift)));
            if let Some((plain, moved)) = both(test.name, (test.run)(o, &arms), moved)? {
                let error = relative_error(moved.p_value, plain.p_value);
                prop_assert!(error <= 1e-9, "{plain:?}\n{moved:?}");
                if plain.estimate.is_some() {
                    prop_assert!(is_near(ends(&moved).1, ends(&plain).1, 1e-9, 1.0));
                    prop_assert!(is_near(ends(&moved).0, ends(&plain).0, 1e-9, 1.0));
                }
            }
        }
    }

    #[test]
    fn tests_scale_exactly_by_powers_of_two(o in options(), arms in arms_of_values(2),
                                            power in -60..60_i32) {
        let scale = 2_f64.powi(power);
        let o = Options { null: None, ..o };
        for test in OF_VALUES {
            let arms = fitted(test, arms.clone());
            let scaled = (test.run)(o, &mapped(&arms, |x| x * scale));
            if let Some((plain, scaled)) = both(test.name, (test.run)(o, &arms), scaled)? {
                let is_of_logarithms = o.measure == Measure::Ratio && plain.estimate.is_some()
                    && ["paired_series", "signed_rank", "quantile_test"].contains(&test.name);
                if is_of_logarithms && test.name == "signed_rank" {
                    // Logarithms are ties or not by a rounding.
                } else if is_of_logarithms || test.sees == Sees::Order {
                    let most = if is_of_logarithms { 1e-6 } else { 1e-9 };
                    let near = |a: f64, b: f64| is_near(a, b, most, 0.0);
                    prop_assert!(near(scaled.p_value, plain.p_value), "{plain:?}\n{scaled:?}");
                } else {
                    check_scaled(&plain, &scaled, scale)?;
                }
            }
        }
    }

    #[test]
    fn tests_of_order_see_no_more(o in options(), arms in whole_numbers(2)) {
        let o = Options { measure: Measure::Difference, null: None, ..o };
        for test in OF_VALUES.iter().filter(|test| test.sees == Sees::Order) {
            let cubed = (test.run)(o, &mapped(&arms, |x| x * x * x));
            if let Some((plain, cubed)) = both(test.name, (test.run)(o, &arms), cubed)? {
                prop_assert_eq!(cubed.p_value, plain.p_value, "{}", test.name);
                prop_assert_eq!(cubed.statistic, plain.statistic, "{}", test.name);
                prop_assert_eq!(&cubed.effect_sizes, &plain.effect_sizes, "{}", test.name);
            }
        }
    }

    #[test]
    fn tests_of_values_reject_what_their_interval_excludes(
            o in options(), arms in arms_of_values(2), null in select(vec![None, Some(0.5)])) {
        let o = Options { measure: Measure::Difference, null, ..o.plain() };
        for test in OF_VALUES.iter().filter(|test| test.is_dual) {
            if let Ok(result) = (test.run)(o, &fitted(test, arms.clone())) {
                check_dual(test.name, &result)?;
            }
        }
    }

    #[test]
    fn tests_of_counts_reject_what_their_interval_excludes(
            o in options(), arms in arms_of_counts()) {
        for test in of_counts(&arms).filter(|test| test.is_dual) {
            if let Ok(result) = (test.run)(o.plain(), &arms) {
                check_dual(test.name, &result)?;
            }
        }
    }

    #[test]
    fn exact_ranks_reject_what_their_interval_excludes(
            o in options(), steps in proptest::collection::btree_set(-5000..5000_i32, 4..40)) {
        let o = Options { measure: Measure::Difference, ..o.plain() };
        // No sum or difference of two of these is one of two others.
        let value = |step: &i32| f64::from(*step) + f64::from(*step).sin();
        let values: Vec<f64> = steps.iter().map(value).collect();
        let (even, odd): (Vec<_>, Vec<_>) = values.iter().enumerate()
            .partition(|(i, _)| i * 7919 % 13 % 2 == 0);
        let arms = Arms::new(even, odd).map(|arm| arm.into_iter().map(|(_, &x)| x).collect());
        for test in OF_VALUES.iter().filter(|test| ["mann_whitney", "signed_rank"].contains(&test.name)) {
            if let Ok(result) = (test.run)(o, &fitted(test, arms.clone())) {
                check_dual(test.name, &result)?;
            }
        }
    }

    #[test]
    fn sides_share_out_one(o in options(), arms in arms_of_values(2)) {
        let o = Options { measure: Measure::Difference, ..o };
        // These two have a statistic for each side, or none.
        let others = ["anderson_darling", "kolmogorov_smirnov"];
        for test in OF_VALUES.iter().filter(|test| !others.contains(&test.name)) {
            let arms = fitted(test, arms.clone());
            let p = |alternative| (test.run)(Options { alternative, ..o }, &arms).map(|r| r.p_value);
            if let (Ok(greater), Ok(less), Ok(either)) =
                (p(Alternative::Greater), p(Alternative::Less), p(Alternative::TwoSided)) {
                // More than 1: the observed value itself belongs to both.
                prop_assert!(greater + less >= 1.0 - 1e-12, "{} {greater} {less}", test.name);
                prop_assert!(either <= 2.0 * greater.min(less) + 1e-12, "{} {either}", test.name);
            }
        }
    }
}
