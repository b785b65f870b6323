//! What must hold whatever the data are: symmetry, shift and scale, merging, writing and reading,
//! and that nothing panics.

use canary_core::stats::{Continuity, ProportionInterval, RankMethod, TestResult, Variance};
use canary_core::{
    Alternative, Arms, Counts, Exposure, Gauge, Histogram, MannWhitney, Measure, NanPolicy,
    Observations, Sample, Series, Snapshot, Summary, TTest, TwoProportionZ,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::common::precision::relative_error;

/// A few roundings: for what is computed on both sides by the same formula in another order.
const FEW_ROUNDINGS: f64 = 1e-13;

/// The p-value follows the statistic, whose last digits count more in a far tail.
const P_VALUE_ROUNDINGS: f64 = 1e-11;

/// Bounds on what a difference of order `size` may lose.
fn is_near(got: f64, expected: f64, tolerance: f64, size: f64) -> bool {
    got == expected
        || relative_error(got, expected) <= tolerance
        || (got - expected).abs() <= tolerance * size
}

/// The same cases every time, so that nothing fails by chance; others with `PROPTEST_CASES` set,
/// as `make fuzz` does.
fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(20_261_121),
        },
        ..ProptestConfig::default()
    }
}

// ---------------------------------------------------------------- inputs

/// Any f64 at all, the awkward ones often.
fn any_number() -> impl Strategy<Value = f64> {
    let awkward = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -5e-324,
        1e300,
        1e-300,
        1e9 + 0.1,
    ];
    prop_oneof![any::<f64>(), select(awkward.to_vec()), -1e3..1e3]
}

/// Values as they are measured: with ties, at several offsets and scales.
fn values(least: usize) -> impl Strategy<Value = Vec<f64>> {
    let shape = prop_oneof![
        Just((0.0, 1.0)),
        Just((1e3, 1e-2)),
        Just((-5.0, 1e4)),
        Just((0.0, 1e-5)),
    ];
    (vec(-1000..1000_i32, least..40), shape).prop_map(|(steps, (offset, scale))| {
        let value = |step| offset + scale * f64::from(step) / 64.0;
        steps.into_iter().map(value).collect()
    })
}

fn arms_of_values(least: usize) -> impl Strategy<Value = Arms<Vec<f64>>> {
    (values(least), values(least)).prop_map(|(baseline, canary)| Arms { baseline, canary })
}

/// Whole numbers, which shift and scale without a rounding.
fn whole_numbers(least: usize) -> impl Strategy<Value = Arms<Vec<f64>>> {
    let arm = || vec((-500..500_i32).prop_map(f64::from), least..30);
    (arm(), arm()).prop_map(|(baseline, canary)| Arms { baseline, canary })
}

fn counts_up_to(most: u64) -> impl Strategy<Value = Counts> {
    (1..=most)
        .prop_flat_map(|trials| (0..=trials, Just(trials)))
        .prop_map(|(events, trials)| Counts::new(events, trials).unwrap())
}

fn counts() -> impl Strategy<Value = Counts> {
    prop_oneof![
        counts_up_to(5),
        counts_up_to(1000),
        counts_up_to(1 << 53),
        counts_up_to(u64::MAX),
        (0..20_u64, 1..40_u32)
            .prop_map(|(events, bits)| { Counts::new(events, (1 << bits) + 20).unwrap() }),
    ]
}

fn arms_of_counts() -> impl Strategy<Value = Arms<Counts>> {
    (counts(), counts()).prop_map(|(baseline, canary)| Arms { baseline, canary })
}

fn alternative() -> impl Strategy<Value = Alternative> {
    select(Alternative::ALL)
}

fn confidence() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.95),
        0.5001..0.9999,
        select(vec![0.51, 0.9, 0.999_999])
    ]
}

fn t_test() -> impl Strategy<Value = TTest> {
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

fn mann_whitney() -> impl Strategy<Value = MannWhitney> {
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

fn two_proportion_z() -> impl Strategy<Value = TwoProportionZ> {
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

// ---------------------------------------------------------------- what every result obeys

fn ends(result: &TestResult) -> (f64, f64, f64) {
    let estimate = result.estimate.as_ref().unwrap();
    (
        estimate.interval.low,
        estimate.value,
        estimate.interval.high,
    )
}

/// p in [0, 1], the estimate inside its interval, and all of it survives being written.
fn check_result(result: &TestResult) -> Result<(), TestCaseError> {
    prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
    let (low, value, high) = ends(result);
    prop_assert!(
        !low.is_nan() && !value.is_nan() && !high.is_nan(),
        "{result:?}"
    );
    prop_assert!(low <= high, "{result:?}");
    // The ends are computed one by one: they may cross the estimate by its own last digits.
    let slack = 4.0 * f64::EPSILON * value.abs();
    prop_assert!(low <= value || low - value <= slack, "{result:?}");
    prop_assert!(value <= high || value - high <= slack, "{result:?}");
    prop_assert!(!result.to_string().is_empty());
    round_trip(result)
}

/// To bytes and back is the same value, and the same bytes again.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    value: &T,
) -> Result<(), TestCaseError> {
    let bytes = serde_json::to_vec(value).unwrap();
    let read: T = serde_json::from_slice(&bytes).map_err(|error| {
        TestCaseError::fail(format!("{error}: {}", String::from_utf8_lossy(&bytes)))
    })?;
    prop_assert_eq!(&read, value);
    prop_assert_eq!(serde_json::to_vec(&read).unwrap(), bytes);
    Ok(())
}

const fn mirrored(alternative: Alternative) -> Alternative {
    match alternative {
        Alternative::TwoSided => Alternative::TwoSided,
        Alternative::Greater => Alternative::Less,
        Alternative::Less => Alternative::Greater,
    }
}

/// With the arms exchanged the difference is negated and the ratio inverted, with its interval.
fn check_mirrored(there: &TestResult, back: &TestResult) -> Result<(), TestCaseError> {
    let error = relative_error(back.p_value, there.p_value);
    prop_assert!(error <= P_VALUE_ROUNDINGS, "{there:?}\n{back:?}");
    let (low, value, high) = ends(there);
    let size = [low, value, high]
        .into_iter()
        .filter(|x| x.is_finite())
        .fold(0.0, |size: f64, x| size.max(x.abs()));
    let back = ends(back);
    let (expected, size) = match there.estimate.as_ref().unwrap().measure {
        Measure::Difference => ((-high, -value, -low), size),
        _ => ((1.0 / high, 1.0 / value, 1.0 / low), 0.0),
    };
    for (got, expected) in [
        (back.0, expected.0),
        (back.1, expected.1),
        (back.2, expected.2),
    ] {
        prop_assert!(
            is_near(got, expected, FEW_ROUNDINGS, size),
            "{got:e} for {expected:e}: {there:?}"
        );
    }
    Ok(())
}

/// One-sided p-values share out 1, and the probability of the observed value itself twice.
fn check_one_sided(
    of: impl Fn(Alternative) -> TestResult,
    point: std::ops::RangeInclusive<f64>,
) -> Result<(), TestCaseError> {
    let sum = of(Alternative::Greater).p_value + of(Alternative::Less).p_value;
    prop_assert!(point.start() - 1e-12 <= sum - 1.0, "{sum}");
    prop_assert!(sum - 1.0 <= point.end() + 1e-12, "{sum}");
    Ok(())
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

/// Multiplied by a power of two, only what has a unit changes, and exactly so.
fn check_scaled(plain: &TestResult, scaled: &TestResult, scale: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!(scaled.statistic, plain.statistic);
    prop_assert_eq!(scaled.p_value, plain.p_value);
    prop_assert_eq!(&scaled.effect_sizes, &plain.effect_sizes);
    let (low, value, high) = ends(plain);
    let unit = match plain.estimate.as_ref().unwrap().measure {
        Measure::Difference => scale,
        _ => 1.0,
    };
    prop_assert_eq!(ends(scaled), (low * unit, value * unit, high * unit));
    Ok(())
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

// ---------------------------------------------------------------- data

fn histogram() -> impl Strategy<Value = Histogram> {
    let bounds = prop_oneof![Just(-3.0), Just(0.0), Just(0.25)];
    (
        bounds,
        vec(0..1000_u32, 2..12),
        proptest::option::of(-1e6..1e6_f64),
    )
        .prop_map(|(first, added, sum)| {
            let finite = (0..added.len() - 1).map(|i| first + i as f64);
            let bounds: Vec<f64> = finite.chain([f64::INFINITY]).collect();
            let cumulative = added.iter().scan(0.0, |total, &added| {
                *total += f64::from(added);
                Some(*total)
            });
            Histogram::new(&bounds, &cumulative.collect::<Vec<_>>(), sum).unwrap()
        })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn merged_summaries_are_that_of_the_whole(a in values(1), b in values(1), c in values(1)) {
        let summary = |values: &[f64]| Summary::of(values, NanPolicy::Raise).unwrap();
        let merged = summary(&a).merge(summary(&b)).merge(summary(&c));
        let other_way = summary(&a).merge(summary(&b).merge(summary(&c)));
        let whole = summary(&[a, b, c].concat());
        for merged in [merged, other_way] {
            prop_assert_eq!(merged.count(), whole.count());
            prop_assert_eq!((merged.min(), merged.max()), (whole.min(), whole.max()));
            let size = whole.max().unwrap().abs().max(whole.min().unwrap().abs());
            prop_assert!(is_near(merged.mean(), whole.mean(), FEW_ROUNDINGS, size));
            prop_assert!(is_near(merged.variance(), whole.variance(), FEW_ROUNDINGS, size * size));
        }
    }

    #[test]
    fn merged_histograms_add_up(a in histogram(), b in histogram()) {
        match a.merge(&b) {
            Ok(both) => {
                prop_assert_eq!(both.count(), a.count() + b.count());
                prop_assert_eq!(&b.merge(&a).unwrap(), &both);
                let pairs = a.buckets().iter().zip(b.buckets()).zip(both.buckets());
                for ((a, b), both) in pairs {
                    prop_assert_eq!(a.count + b.count, both.count);
                }
            }
            Err(_) => prop_assert_ne!(
                a.buckets().iter().map(|b| b.upper).collect::<Vec<_>>(),
                b.buckets().iter().map(|b| b.upper).collect::<Vec<_>>()
            ),
        }
    }

    #[test]
    fn what_is_merged_in_comes_out_again(before in histogram(), added in vec(0..50_u32, 12)) {
        let bounds: Vec<f64> = before.buckets().iter().map(|b| b.upper).collect();
        let growth = added.iter().scan(0.0, |total, &added| {
            *total += f64::from(added);
            Some(*total)
        });
        let growth: Vec<f64> = growth.take(bounds.len()).collect();
        let growth = Histogram::new(&bounds, &growth, None).unwrap();
        let after = before.merge(&growth).unwrap();
        prop_assert_eq!(after.since(&before).unwrap(), growth);
    }

    #[test]
    fn quantiles_rise_and_stay_among_the_bounds(h in histogram(), q in 0.0..1.0_f64, p in 0.0..1.0_f64) {
        if h.count() > 0.0 {
            let (low, high) = (h.quantile(q.min(p)), h.quantile(q.max(p)));
            prop_assert!(low <= high, "{low} {high}");
            let highest = h.buckets()[h.buckets().len() - 2].upper;
            prop_assert!(high <= highest.max(0.0));
        }
    }

    #[test]
    fn data_read_as_they_were_written(values in values(1), omitted in 0..3_usize,
            counts in counts(), h in histogram(), number in any::<f64>()) {
        let with_gaps: Vec<f64> = values.iter().copied()
            .chain(std::iter::repeat_n(f64::NAN, omitted)).collect();
        let sample = Sample::new(with_gaps.clone(), NanPolicy::Omit).unwrap();
        round_trip(&sample)?;
        let times = (0..with_gaps.len()).map(|i| i as f64 * 15.0).collect();
        let series = Series::new(times, with_gaps.clone(), NanPolicy::Omit).unwrap();
        round_trip(&series)?;
        let summary = Summary::of(&with_gaps, NanPolicy::Omit).unwrap();
        round_trip(&summary)?;
        round_trip(&h)?;
        round_trip(&counts)?;
        round_trip(&Arms::new(counts, counts))?;
        let mut observations: Vec<Observations> =
            vec![sample.into(), series.into(), summary.into(), h.into(), counts.into()];
        observations.extend(Exposure::new(3, number.abs()).ok().map(Into::into));
        observations.extend(Gauge::new(number).ok().map(Into::into));
        let mut snapshot = Snapshot::new();
        for one in observations {
            round_trip(&one)?;
            snapshot.insert(one.kind(), Arms::new(Some(one.clone()), None)).unwrap();
        }
        prop_assert!(snapshot.names().count() >= 5);
        round_trip(&snapshot)?;
    }
}

// ---------------------------------------------------------------- anything at all

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_values_panic_a_test(baseline in vec(any_number(), 0..12), canary in vec(any_number(), 0..12),
            t in t_test(), u in mann_whitney(), policy in select(NanPolicy::ALL), level in any_number()) {
        let arms = Arms { baseline, canary };
        for result in [
            t.nan_policy(policy).run(&arms),
            u.nan_policy(policy).run(&arms),
            t.nan_policy(policy).confidence(level).run(&arms),
            u.nan_policy(policy).confidence(level).run(&arms),
        ].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
            let (low, value, high) = ends(&result);
            prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{arms:?} {result:?}");
            prop_assert!(!result.statistic.is_nan(), "{arms:?} {result:?}");
            round_trip(&result)?;
        }
    }

    #[test]
    fn no_finite_values_panic_a_test(baseline in vec(finite_number(), 2..12),
            canary in vec(finite_number(), 2..12), t in t_test(), u in mann_whitney()) {
        let arms = Arms { baseline, canary };
        for result in [t.run(&arms), u.run(&arms)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&result.p_value), "{arms:?} {result:?}");
            let (low, value, high) = ends(&result);
            prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{arms:?} {result:?}");
            round_trip(&result)?;
        }
    }

    #[test]
    fn no_counts_panic_a_test(b in any::<(u64, u64)>(), c in any::<(u64, u64)>(),
            z in two_proportion_z(), level in any_number()) {
        if let (Ok(baseline), Ok(canary)) = (Counts::new(b.0, b.1), Counts::new(c.0, c.1)) {
            let arms = Arms { baseline, canary };
            for result in [z.clone().run(&arms), z.confidence(level).run(&arms)].into_iter().flatten() {
                let (low, value, high) = ends(&result);
                prop_assert!(!low.is_nan() && !value.is_nan() && !high.is_nan(), "{result:?}");
                round_trip(&result)?;
            }
        }
    }

    #[test]
    fn no_numbers_panic_the_data(numbers in vec(any_number(), 0..12), others in vec(any_number(), 0..12),
            policy in select(NanPolicy::ALL), q in any_number(), n in any::<u64>()) {
        if let Ok(sample) = Sample::new(numbers.clone(), policy) {
            let _ = (sample.quantile(q), sample.sorted().len());
            prop_assert!(sample.values().iter().all(|x| x.is_finite()));
        }
        if let Ok(series) = Series::new(numbers.clone(), others.clone(), policy) {
            let _ = series.counter_increase();
            let _ = Series::align(Arms::new(&series, &series));
            prop_assert_eq!(series.times().len(), series.values().len());
        }
        if let Ok(histogram) = Histogram::new(&numbers, &others, Some(q)) {
            let _ = (histogram.quantile(q), histogram.mean(), histogram.merge(&histogram));
            let _ = histogram.since(&histogram);
        }
        if let Ok(summary) = Summary::of(&numbers, policy) {
            let _ = (summary.merge(summary), summary.stddev());
        }
        if let [first, second, ..] = *numbers.as_slice() {
            if let Ok(summary) = Summary::from_moments(n, first, second) {
                let both = Arms::new(summary, summary.merge(summary));
                if let Ok(result) = TTest::new().run_summaries(&both) {
                    prop_assert!((0.0..=1.0).contains(&result.p_value), "{result:?}");
                }
            }
            let _ = (Gauge::new(first), Exposure::new(n, second));
        }
    }
}

fn finite_number() -> impl Strategy<Value = f64> {
    any_number().prop_filter("finite", |x| x.is_finite())
}
