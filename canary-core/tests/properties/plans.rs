//! What surrounds a test: checks of the data, adjusted p-values, power and plans.

use canary_core::stats::*;
use canary_core::{MannWhitney, Margin};

use super::*;

// ---------------------------------------------------------------- adjusted p-values

fn p_values() -> impl Strategy<Value = Vec<f64>> {
    let p = prop_oneof![0.0..=1.0_f64, select(vec![0.0, 1.0, 5e-324, 1e-300, 0.05])];
    vec(p, 0..30)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn adjusted_p_values_keep_their_order(p in p_values(), method in select(Adjustment::ALL)) {
        let adjusted = adjust(&p, method).unwrap();
        prop_assert_eq!(adjusted.len(), p.len());
        for (i, &one) in p.iter().enumerate() {
            prop_assert!(one <= adjusted[i] && adjusted[i] <= 1.0, "{p:?} {adjusted:?}");
            for (j, &other) in p.iter().enumerate() {
                prop_assert!(one > other || adjusted[i] <= adjusted[j], "{p:?} {adjusted:?}");
            }
        }
    }

    #[test]
    fn adjusted_p_values_know_no_places(p in p_values(), method in select(Adjustment::ALL), by in 0..30_usize) {
        let mut moved = p.clone();
        moved.rotate_left(by % p.len().max(1));
        moved.reverse();
        let mut adjusted = adjust(&moved, method).unwrap();
        adjusted.reverse();
        adjusted.rotate_right(by % p.len().max(1));
        prop_assert_eq!(adjusted, adjust(&p, method).unwrap());
    }

    #[test]
    fn careful_adjustments_are_larger(p in p_values()) {
        use Adjustment::*;
        for (careful, bold) in [(Bonferroni, Holm), (Holm, Hochberg), (Hochberg, BenjaminiHochberg),
                                (BenjaminiYekutieli, BenjaminiHochberg)] {
            for (a, b) in adjust(&p, careful).unwrap().iter().zip(adjust(&p, bold).unwrap()) {
                prop_assert!(*a >= b * (1.0 - 1e-12), "{careful} {a} < {bold} {b}: {p:?}");
            }
        }
    }

    #[test]
    fn no_p_values_panic_an_adjustment(p in vec(any_number(), 0..12), method in select(Adjustment::ALL)) {
        check_either(&adjust(&p, method), |adjusted| {
            adjusted.iter().try_for_each(|p| check_p(*p, adjusted))
        })?;
    }

    #[test]
    fn many_are_each(pairs in vec(arms_of_values(0), 0..80)) {
        let test = |arms: &Arms<Vec<f64>>| MannWhitney::new().run(arms);
        let each: Vec<_> = pairs.iter().map(test).collect();
        prop_assert_eq!(many(&pairs, test), each);
    }
}

// ---------------------------------------------------------------- checks of the data

fn check_scatter(factor: f64, statistic: f64, df: f64) -> Result<(), TestCaseError> {
    prop_assert!(
        factor >= 0.0 && statistic >= 0.0 && df >= 0.0,
        "{factor} {statistic} {df}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn splits_are_sound(counts in vec(prop_oneof![0..20_u64, any::<u64>()], 0..4),
            shares in vec(prop_oneof![0.0..1.0_f64, any_number()], 0..4), evenly in any::<bool>()) {
        let shares = if evenly { vec![0.5; counts.len()] } else { shares };
        check_either(&sample_ratio(&counts, &shares), |split| {
            check_p(split.p_value, split)?;
            check_scatter(0.0, split.statistic, split.df)?;
            prop_assert!((split.observed.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{split:?}");
            prop_assert!((split.expected.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{split:?}");
            prop_assert!(!split.to_string().is_empty());
            round_trip(split)
        })?;
    }

    #[test]
    fn splits_know_no_places(counts in vec(0..2000_u64, 2..5), shares in vec(0.01..1.0_f64, 5)) {
        let shares = &shares[..counts.len()];
        let mut turned: (Vec<u64>, Vec<f64>) = (counts.clone(), shares.to_vec());
        turned.0.reverse();
        turned.1.reverse();
        if let (Ok(there), Ok(back)) = (sample_ratio(&counts, shares), sample_ratio(&turned.0, &turned.1)) {
            prop_assert!(is_near(back.statistic, there.statistic, 1e-9, 1e-9));
            prop_assert!(is_near(back.p_value, there.p_value, 1e-9, 0.0), "{there:?} {back:?}");
        }
    }

    #[test]
    fn scatter_is_sound(windows in vec(arms_of_counts(), 0..6), times in vec(any_number(), 6)) {
        let counts: Vec<_> = windows.iter().map(|window| window.baseline).collect();
        let exposures: Vec<_> = windows.iter().zip(times)
            .filter_map(|(window, time)| Exposure::new(window.canary.events(), time.abs()).ok()).collect();
        for outcome in [Overdispersion::of_counts(&counts), Overdispersion::of_exposures(&exposures)] {
            check_either(&outcome, |found| {
                check_p(found.p_value, found)?;
                check_scatter(found.factor, found.statistic, found.df)?;
                round_trip(found)
            })?;
        }
        if let Ok(found) = breslow_day(&windows) {
            check_p(found.p_value, &found)?;
            check_scatter(0.0, found.statistic, found.df)?;
            round_trip(&found)?;
            let swapped: Vec<_> = windows.iter().map(|window| window.swap()).collect();
            let back = breslow_day(&swapped).unwrap();
            prop_assert!(is_near(back.p_value, found.p_value, 1e-6, 1e-9), "{found:?} {back:?}");
        }
    }

    #[test]
    fn strata_know_no_places(strata in vec(arms_of_counts(), 1..5), measure in select(Measure::ALL)) {
        let test = CochranMantelHaenszel::new().measure(measure);
        let there = test.run(&strata);
        check_either(&there, check_result)?;
        let turned: Vec<_> = strata.iter().rev().copied().collect();
        if let (Ok(there), Ok(back)) = (there, test.run(&turned)) {
            prop_assert!(is_near(back.p_value, there.p_value, 1e-9, 1e-12), "{there:?}\n{back:?}");
            prop_assert!(is_near(ends(&back).1, ends(&there).1, 1e-9, 1e-12));
        }
    }

    #[test]
    fn an_effective_size_is_one_at_least(values in values(4), any in vec(any_number(), 0..12),
                                         policy in select(NanPolicy::ALL), power in -60..60_i32) {
        let n = values.len() as f64;
        let size = effective_sample_size(&values, policy).unwrap();
        prop_assert!(1.0 <= size && size <= 0.5 * n * n, "{size} of {n}");
        let scaled: Vec<f64> = values.iter().map(|x| x * 2_f64.powi(power)).collect();
        prop_assert_eq!(effective_sample_size(&scaled, policy).unwrap(), size);
        if let Ok(size) = effective_sample_size(&any, policy) {
            prop_assert!(size >= 1.0 && size.is_finite(), "{any:?}: {size}");
        }
    }
}

// ---------------------------------------------------------------- trend

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn trends_turn_with_their_values(values in values(2), correction in select(Autocorrelation::ALL),
                                     side in alternative(), confidence in confidence()) {
        let of = |values: &[f64], side| {
            let test = Trend::new().correction(correction).alternative(side).confidence(confidence);
            test.run(&table::series(values, NanPolicy::Raise)?)
        };
        let turned: Vec<f64> = values.iter().map(|x| -x).collect();
        let backwards: Vec<f64> = values.iter().rev().copied().collect();
        let there = of(&values, side);
        prop_assert_eq!(there.is_ok(), of(&turned, mirrored(side)).is_ok());
        if let Ok(there) = there {
            round_trip(&there)?;
            prop_assert!(!there.to_string().is_empty());
            // Ranks of values less their trend are ties or not by a rounding.
            let is_exact = correction == Autocorrelation::None;
            for values in std::iter::once(turned).chain(is_exact.then_some(backwards)) {
                let back = of(&values, mirrored(side)).unwrap();
                prop_assert_eq!(back.statistic, -there.statistic);
                prop_assert!(is_near(back.p_value, there.p_value, 1e-11, 0.0), "{there:?}\n{back:?}");
                let (there_slope, back_slope) = (there.slope.as_ref().unwrap(), back.slope.unwrap());
                let size = there_slope.value.abs();
                prop_assert!(is_near(back_slope.value, -there_slope.value, 1e-11, size));
                prop_assert!(is_near(back_slope.interval.low, -there_slope.interval.high, 1e-11, size));
            }
        }
    }

    #[test]
    fn trends_see_the_order_alone(values in vec(-500..500_i32, 2..40)) {
        let of = |f: fn(f64) -> f64| {
            let values: Vec<f64> = values.iter().map(|&x| f(f64::from(x))).collect();
            Trend::new().run(&table::series(&values, NanPolicy::Raise).unwrap()).unwrap()
        };
        let (plain, cubed) = (of(|x| x), of(|x| x * x * x));
        prop_assert_eq!(cubed.p_value, plain.p_value);
        prop_assert_eq!((cubed.statistic, cubed.tau), (plain.statistic, plain.tau));
    }
}

// ---------------------------------------------------------------- power

fn model() -> impl Strategy<Value = Model> {
    prop_oneof![
        [0.1..10.0_f64, 0.1..10.0].prop_map(|[b, c]| Model::Means {
            sd: Arms::new(b, c)
        }),
        Just(Model::Ranks),
        (0.0..=1.0_f64).prop_map(|baseline| Model::Proportions { baseline }),
        (0.0..10.0_f64).prop_map(|baseline| Model::Rates { baseline }),
    ]
}

fn any_model() -> impl Strategy<Value = Model> {
    prop_oneof![
        [any_number(), any_number()].prop_map(|[b, c]| Model::Means {
            sd: Arms::new(b, c)
        }),
        Just(Model::Ranks),
        any_number().prop_map(|baseline| Model::Proportions { baseline }),
        any_number().prop_map(|baseline| Model::Rates { baseline }),
    ]
}

fn power(margin: impl Strategy<Value = f64>) -> impl Strategy<Value = Power> {
    let numbers = (0.001..0.499_f64, 0.001..0.999_f64, margin);
    (select(PowerGoal::ALL), alternative(), numbers).prop_map(
        |(goal, alternative, (alpha, share, margin))| {
            let power = Power::new().goal(goal).alternative(alternative);
            power.alpha(alpha).share(share).margin(margin)
        },
    )
}

fn check_power(result: &PowerResult) -> Result<(), TestCaseError> {
    check_p(result.power, result)?;
    prop_assert!(
        result.n.baseline > 0.0 && result.n.canary > 0.0,
        "{result:?}"
    );
    prop_assert!(result.effect.is_finite(), "{result:?}");
    prop_assert!(!result.to_string().is_empty());
    round_trip(result)
}

proptest! {
    #![proptest_config(one_in(4))]

    #[test]
    fn powers_are_sound(test in power(-0.9..0.9_f64), model in model(), effect in -0.5..0.5_f64,
                        n in [2.0..1e5_f64, 2.0..1e5], wanted in 0.5..0.99_f64) {
        let n = Arms::new(n[0], n[1]);
        for outcome in [test.power(model, effect, n), test.detectable(model, n, wanted)] {
            check_either(&outcome, check_power)?;
        }
        let size = test.sample_size(model, effect, wanted);
        check_either(&size, check_power)?;
        if let Ok(size) = size {
            prop_assert!(size.power >= wanted - 1e-9, "{size:?}");
            let same = test.power(model, effect, size.n).unwrap();
            prop_assert!(is_near(same.power, size.power, 1e-12, 0.0));
        }
    }

    #[test]
    fn nothing_panics_a_power(test in power(any_number()), model in any_model(), n in [any_number(), any_number()],
                              numbers in [any_number(), any_number(), any_number()]) {
        let [effect, wanted, share] = numbers;
        let n = Arms::new(n[0], n[1]);
        for test in [test, test.share(share), test.alpha(share)] {
            for outcome in [
                test.power(model, effect, n),
                test.detectable(model, n, wanted),
                test.detectable(model, n, 0.8),
                test.sample_size(model, effect, wanted),
                test.sample_size(model, effect, 0.8),
            ] {
                check_either(&outcome, check_power)?;
            }
        }
    }

    #[test]
    fn more_requests_are_more_power(n in 10.0..1e4_f64, effect in 0.01..0.4_f64, more in 1.01..4.0_f64,
                                    side in alternative()) {
        for model in [Model::Means { sd: Arms::new(1.0, 2.0) }, Model::Ranks,
                      Model::Proportions { baseline: 0.1 }, Model::Rates { baseline: 0.5 }] {
            let test = Power::new().alternative(side);
            let effect = if side == Alternative::Less { -0.25 * effect } else { effect };
            let of = |n: f64| test.power(model, effect, Arms::new(n, 0.5 * n)).unwrap().power;
            prop_assert!(of(more * n) >= of(n) - 1e-12, "{model:?}");
        }
    }

    #[test]
    fn plans_are_sound(test in power(Just(0.0)), baseline in prop_oneof![0.0..1.0_f64, any_number()],
                       traffic in [prop_oneof![1.0..1e4_f64, any_number()], prop_oneof![0.01..0.99_f64, any_number()]],
                       margin in prop_oneof![Just(Margin::Percent(25.0)), Just(Margin::Factor(2.0)),
                                             any_number().prop_map(Margin::Difference)],
                       wanted in prop_oneof![Just(0.8), any_number()], sd in any_number()) {
        let traffic = Traffic::new(traffic[0], traffic[1]);
        check_either(&traffic, round_trip)?;
        if let Ok(traffic) = traffic {
            for plan in [traffic.proportion(&test, baseline, margin, wanted),
                         traffic.mean(&test, baseline, sd, margin, wanted)] {
                check_either(&plan, |plan| {
                    check_power(&plan.needed)?;
                    prop_assert!(plan.seconds > 0.0, "{plan:?}");
                    prop_assert!(!plan.to_string().is_empty());
                    round_trip(plan)
                })?;
            }
        }
    }

    #[test]
    fn nothing_panics_a_textbook(p in [any_number(), any_number()], n in [any_number(), any_number()],
                                 alpha in any_number(), side in alternative(), z in any_number()) {
        let found = power_two_proportions(Arms::new(p[0], p[1]), Arms::new(n[0], n[1]), alpha, side);
        if let Ok(power) = found {
            check_p(power, &(p, n, alpha))?;
        }
        if !z.is_nan() {
            check_p(normal_cdf(z), &z)?;
        }
        if let Ok(quantile) = normal_quantile(alpha) && alpha > 1e-300 {
            prop_assert!(is_near(normal_cdf(quantile), alpha, 1e-11, 0.0), "{alpha}");
        }
    }
}
