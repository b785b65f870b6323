//! The first three tests.

use canary_core::stats::{Continuity, ProportionInterval, RankMethod, Variance};
use canary_core::{MannWhitney, Summary, TTest, TwoProportionZ};

use super::*;

pub(super) fn t_test() -> impl Strategy<Value = TTest> {
    (
        select(Variance::ALL),
        alternative(),
        confidence(),
        select(Measure::ALL),
    )
        .prop_map(|(variance, alternative, confidence, measure)| {
            let test = TTest::new().variance(variance).alternative(alternative);
            test.confidence(confidence).measure(measure)
        })
}

pub(super) fn mann_whitney() -> impl Strategy<Value = MannWhitney> {
    let how = (select(RankMethod::ALL), select(Continuity::ALL));
    (how, alternative(), confidence(), select(Measure::ALL)).prop_map(
        |((method, continuity), alternative, confidence, measure)| {
            let test = MannWhitney::new().method(method).continuity(continuity);
            test.alternative(alternative)
                .confidence(confidence)
                .measure(measure)
        },
    )
}

pub(super) fn two_proportion_z() -> impl Strategy<Value = TwoProportionZ> {
    let interval = select(ProportionInterval::ALL);
    (interval, alternative(), confidence(), select(Measure::ALL)).prop_map(
        |(interval, alternative, confidence, measure)| {
            let test = TwoProportionZ::new()
                .interval(interval)
                .alternative(alternative);
            test.confidence(confidence).measure(measure)
        },
    )
}

// ---------------------------------------------------------------- t

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn t_results_are_sound(test in t_test(), arms in arms_of_values(2)) {
        if let Ok(result) = test.run(&arms) {
            check_result(&result)?;
        }
    }

    #[test]
    fn t_mirrors(arms in arms_of_values(2), variance in select(Variance::ALL),
                 side in alternative(), confidence in confidence()) {
        let test = TTest::new().variance(variance).confidence(confidence);
        let there = test.alternative(side).run(&arms).unwrap();
        let back = test.alternative(mirrored(side)).run(&arms.swap()).unwrap();
        prop_assert!(is_near(back.statistic, -there.statistic, FEW_ROUNDINGS, 0.0));
        check_mirrored(&there, &back)?;
    }

    #[test]
    fn t_sides_share_out_one(arms in arms_of_values(2), variance in select(Variance::ALL)) {
        let test = TTest::new().variance(variance);
        check_one_sided(|side| test.alternative(side).run(&arms).unwrap(), 0.0..=0.0)?;
    }

    #[test]
    fn t_rejects_what_its_interval_excludes(arms in arms_of_values(2), side in alternative(),
            variance in select(Variance::ALL), confidence in confidence()) {
        let test = TTest::new().variance(variance).alternative(side).confidence(confidence);
        let result = test.run(&arms).unwrap();
        let (low, value, high) = ends(&result);
        // Nearer to the edge than both sides' roundings either answer is right.
        let edge = low.abs().min(high.abs()) > 1e-9 * (value - low).min(high - value);
        let sure = relative_error(result.p_value, 1.0 - confidence) > 1e-9;
        if edge && sure && value != 0.0 {
            let excludes_zero = low > 0.0 || high < 0.0;
            prop_assert_eq!(result.p_value < 1.0 - confidence, excludes_zero, "{}", result);
        }
    }

    #[test]
    fn t_is_blind_to_shifts(arms in whole_numbers(2), shift in -100_000..100_000_i32,
                            variance in select(Variance::ALL)) {
        let test = TTest::new().variance(variance);
        let plain = test.run(&arms).unwrap();
        let moved = arms.map(|values| values.iter().map(|x| x + f64::from(shift)).collect::<Vec<_>>());
        let moved = test.run(&moved).unwrap();
        prop_assert!(is_near(moved.statistic, plain.statistic, FEW_ROUNDINGS, 1.0));
        prop_assert!(relative_error(moved.p_value, plain.p_value) <= P_VALUE_ROUNDINGS);
    }

    #[test]
    fn t_scales_exactly_by_powers_of_two(arms in arms_of_values(2), power in -60..60_i32,
            test in t_test()) {
        let scale = 2_f64.powi(power);
        let scaled = arms.clone().map(|values| values.iter().map(|x| x * scale).collect::<Vec<_>>());
        let (plain, scaled) = (test.run(&arms), test.run(&scaled));
        prop_assert_eq!(plain.is_ok(), scaled.is_ok());
        if let (Ok(plain), Ok(scaled)) = (plain, scaled) {
            check_scaled(&plain, &scaled, scale)?;
        }
    }

    #[test]
    fn t_of_summaries_is_t_of_values(arms in arms_of_values(2), test in t_test()) {
        let summary = |values: Vec<f64>| Summary::of(&values, NanPolicy::Raise).unwrap();
        let of_summaries = test.run_summaries(&arms.clone().map(summary));
        if let Ok(of_values) = test.run(&arms) {
            let of_summaries = of_summaries.unwrap();
            // A summary's mean is a double: of 1000 with a spread of 1 it has lost three digits.
            prop_assert!(is_near(of_summaries.statistic, of_values.statistic, 1e-9, 1.0));
            let arms = of_summaries.arms.zip(of_values.arms);
            for (summary, values) in [arms.baseline, arms.canary] {
                prop_assert_eq!(summary.n, values.n);
                prop_assert!(is_near(summary.level, values.level, FEW_ROUNDINGS, 1e-3));
            }
        }
    }
}

// ---------------------------------------------------------------- Mann-Whitney

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn u_results_are_sound(test in mann_whitney(), arms in arms_of_values(1)) {
        if let Ok(result) = test.run(&arms) {
            check_result(&result)?;
        }
    }

    #[test]
    fn u_mirrors(arms in arms_of_values(1), side in alternative(), confidence in confidence(),
                 continuity in select(Continuity::ALL)) {
        let test = MannWhitney::new().confidence(confidence).continuity(continuity);
        let there = test.alternative(side).run(&arms).unwrap();
        let back = test.alternative(mirrored(side)).run(&arms.clone().swap()).unwrap();
        let pairs = (arms.baseline.len() * arms.canary.len()) as f64;
        prop_assert_eq!(back.statistic, pairs - there.statistic);
        check_mirrored(&there, &back)?;
    }

    #[test]
    fn u_sides_share_out_one(arms in arms_of_values(1), continuity in select(Continuity::ALL)) {
        let test = MannWhitney::new().continuity(continuity);
        check_one_sided(|side| test.alternative(side).run(&arms).unwrap(), 0.0..=1.0)?;
    }

    #[test]
    fn u_shifts_with_the_canary(arms in whole_numbers(1), shift in -1000..1000_i32) {
        let shift = f64::from(shift);
        let test = MannWhitney::new();
        let plain = test.run(&arms).unwrap();
        let both = arms.clone().map(|values| values.iter().map(|x| x + shift).collect::<Vec<_>>());
        prop_assert_eq!(&test.run(&both).unwrap().estimate, &plain.estimate);
        prop_assert_eq!(test.run(&both).unwrap().p_value, plain.p_value);
        let canary = arms.canary.iter().map(|x| x + shift).collect();
        let moved = test.run(&Arms { canary, ..arms }).unwrap();
        prop_assert_eq!(ends(&moved).1, ends(&plain).1 + shift);
    }

    #[test]
    fn u_scales_exactly_by_powers_of_two(arms in arms_of_values(1), power in -60..60_i32,
            continuity in select(Continuity::ALL)) {
        let scale = 2_f64.powi(power);
        let scaled = arms.clone().map(|values| values.iter().map(|x| x * scale).collect::<Vec<_>>());
        let test = MannWhitney::new().continuity(continuity);
        check_scaled(&test.run(&arms).unwrap(), &test.run(&scaled).unwrap(), scale)?;
    }

    #[test]
    fn u_sees_the_order_alone(arms in arms_of_values(1)) {
        let cubed = arms.clone().map(|values| values.iter().map(|x| x * x * x).collect::<Vec<_>>());
        let (plain, cubed) = (MannWhitney::new().run(&arms), MannWhitney::new().run(&cubed));
        prop_assert_eq!(plain.unwrap().p_value, cubed.unwrap().p_value);
    }
}

// ---------------------------------------------------------------- proportions

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn z_results_are_sound(test in two_proportion_z(), arms in arms_of_counts()) {
        if let Ok(result) = test.run(&arms) {
            check_result(&result)?;
            let (low, value, high) = ends(&result);
            if result.estimate.as_ref().unwrap().measure == Measure::Difference {
                prop_assert!(-1.0 <= low && value.abs() <= 1.0 && high <= 1.0, "{result:?}");
            } else {
                prop_assert!(0.0 <= low, "{result:?}");
            }
        }
    }

    #[test]
    fn z_mirrors(test in two_proportion_z(), arms in arms_of_counts(), side in alternative()) {
        let there = test.alternative(side).run(&arms);
        let back = test.alternative(mirrored(side)).run(&arms.swap());
        prop_assert_eq!(there.is_ok(), back.is_ok());
        if let (Ok(there), Ok(back)) = (there, back) {
            prop_assert_eq!(back.statistic, -there.statistic);
            check_mirrored(&there, &back)?;
        }
    }

    #[test]
    fn z_counts_the_others_as_well(arms in arms_of_counts(), interval in select(ProportionInterval::ALL)) {
        let test = TwoProportionZ::new().interval(interval);
        let others = arms.map(|c| Counts::new(c.trials() - c.events(), c.trials()).unwrap());
        let (there, back) = (test.run(&arms).unwrap(), test.run(&others).unwrap());
        prop_assert!(relative_error(back.statistic, -there.statistic) < FEW_ROUNDINGS);
        check_mirrored(&there, &back)?;
    }

    #[test]
    fn z_sides_share_out_one(arms in arms_of_counts()) {
        let test = TwoProportionZ::new();
        check_one_sided(|side| test.alternative(side).run(&arms).unwrap(), 0.0..=0.0)?;
    }

    #[test]
    fn more_confidence_is_a_wider_interval(test in two_proportion_z(), arms in arms_of_counts()) {
        let intervals = [0.6, 0.9, 0.99].map(|level| test.confidence(level).run(&arms));
        if let [Ok(a), Ok(b), Ok(c)] = intervals {
            for (narrow, wide) in [(ends(&a), ends(&b)), (ends(&b), ends(&c))] {
                prop_assert!(wide.0 <= narrow.0 && narrow.2 <= wide.2, "{narrow:?} {wide:?} {a:?}");
            }
        }
    }

    #[test]
    fn a_one_sided_bound_is_an_end_of_the_interval_with_twice_the_alpha(
            test in two_proportion_z(), arms in arms_of_counts(), alpha in 0.001..0.2_f64) {
        let run = |side, alpha: f64| test.alternative(side).confidence(1.0 - alpha).run(&arms);
        let both = run(Alternative::TwoSided, 2.0 * alpha);
        if let (Ok(both), Ok(above), Ok(below)) =
            (both, run(Alternative::Greater, alpha), run(Alternative::Less, alpha)) {
            let scale = 1e-12;
            prop_assert!(is_near(ends(&above).0, ends(&both).0, scale, 1e-3 * ends(&both).1.abs()));
            prop_assert!(is_near(ends(&below).2, ends(&both).2, scale, 1e-3 * ends(&both).1.abs()));
            let difference = both.estimate.unwrap().measure == Measure::Difference;
            let range = if difference { (-1.0, 1.0) } else { (0.0, f64::INFINITY) };
            prop_assert_eq!((ends(&below).0, ends(&above).2), range);
        }
    }
}
