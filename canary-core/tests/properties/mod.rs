//! What must hold whatever the data are: symmetry, shift and scale, merging, writing and reading,
//! and that nothing panics.

mod alike;
mod anything;
mod beliefs;
mod data;
mod expressions;
mod plans;
mod policies;
mod sentences;
mod t_u_z;
mod table;

use canary_core::stats::{Estimate, Method, TestResult};
use canary_core::{Alternative, Arms, Counts, Error, Exposure, Measure, NanPolicy, Series};
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

/// One that is the root of another function has fewer digits.
const ROOT_ROUNDINGS: f64 = 1e-7;

/// Bounds on what a difference of order `size` may lose.
fn is_near(got: f64, expected: f64, tolerance: f64, size: f64) -> bool {
    got == expected
        || relative_error(got, expected) <= tolerance
        || (got - expected).abs() <= tolerance * size
}

/// The same cases every time, so that nothing fails by chance; others with `PROPTEST_CASES` set,
/// as `make fuzz` does.
pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        rng_seed: match std::env::var_os("PROPTEST_CASES") {
            Some(_) => RngSeed::Random,
            None => RngSeed::Fixed(20_261_121),
        },
        ..ProptestConfig::default()
    }
}

/// One case in so many: for what is slow, or runs all tests in each case.
fn one_in(few: u32) -> ProptestConfig {
    let all = cases();
    ProptestConfig {
        cases: all.cases.div_ceil(few),
        ..all
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

fn finite_number() -> impl Strategy<Value = f64> {
    any_number().prop_filter("finite", |x| x.is_finite())
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
    check_any_result(result)?;
    // A bootstrap's low confidence may leave out the estimate.
    let is_bootstrap = result.method == Method::Bootstrap;
    if let Some(estimate) = result.estimate.as_ref().filter(|_| !is_bootstrap) {
        let (low, high) = (estimate.interval.low, estimate.interval.high);
        let value = estimate.value;
        // The ends are computed one by one: they may cross the estimate by its own last digits.
        let slack = 4.0 * f64::EPSILON * value.abs();
        prop_assert!(low <= value || low - value <= slack, "{result:?}");
        prop_assert!(value <= high || value - high <= slack, "{result:?}");
    }
    Ok(())
}

/// What even a result of 1e300 and 5e-324 obeys.
fn check_any_result(result: &TestResult) -> Result<(), TestCaseError> {
    check_p(result.p_value, result)?;
    prop_assert!(!result.statistic.is_nan(), "{result:?}");
    prop_assert!(
        !result.effect_sizes.iter().any(|size| size.value.is_nan()),
        "{result:?}"
    );
    if let Some(estimate) = &result.estimate {
        check_estimate(estimate)?;
    }
    prop_assert!(!result.to_string().is_empty());
    round_trip(result)
}

fn check_p(p: f64, of: &impl std::fmt::Debug) -> Result<(), TestCaseError> {
    prop_assert!((0.0..=1.0).contains(&p), "p = {p}: {of:?}");
    Ok(())
}

fn check_estimate(estimate: &Estimate) -> Result<(), TestCaseError> {
    let (low, high) = (estimate.interval.low, estimate.interval.high);
    // Next to no confidence is next to no width, which a rounding may exceed.
    let is_in_order = low <= high || is_near(low, high, FEW_ROUNDINGS, 0.0);
    prop_assert!(!estimate.value.is_nan() && is_in_order, "{estimate:?}");
    Ok(())
}

/// An error's message begins with the argument that it is about.
fn check_error(error: &Error) -> Result<(), TestCaseError> {
    let message = error.to_string();
    let argument = message
        .split_once(": ")
        .map_or("", |(argument, _)| argument);
    let root = argument.split(['.', '[']).next().unwrap();
    prop_assert!(ARGUMENTS.contains(&root), "{message}");
    Ok(())
}

const ARGUMENTS: [&str; 44] = [
    "alpha",
    "baseline",
    "baseline and canary",
    "baseline_weights",
    "block",
    "canary",
    "canary_share",
    "canary_weights",
    "clusters",
    "confidence",
    "continuity",
    "counts",
    "denominators",
    "effect",
    "events",
    "expected",
    "interval",
    "lags",
    "margin",
    "mean_prior",
    "measure",
    "method",
    "n",
    "null",
    "numerators",
    "p_values",
    "power",
    "proportion_prior",
    "quantile",
    "rate_prior",
    "requests_per_second",
    "resamples",
    "rope",
    "sd",
    "series",
    "share",
    "strata",
    "terms",
    "time",
    "times",
    "trim",
    "values",
    "weights",
    "windows",
];

/// Of a result or an error, what every one obeys.
fn check_either<T>(
    outcome: &Result<T, Error>,
    check: impl Fn(&T) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    match outcome {
        Ok(result) => check(result),
        Err(error) => check_error(error),
    }
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
    let is_root = there.method == Method::OrderStatistics;
    let most = if is_root {
        ROOT_ROUNDINGS
    } else {
        P_VALUE_ROUNDINGS
    };
    prop_assert!(error <= most, "{there:?}\n{back:?}");
    if there.estimate.is_none() {
        return Ok(());
    }
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
