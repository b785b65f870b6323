//! How close is close enough. Every tolerance has a name; users are promised 12 digits.

/// Statistics, degrees of freedom, estimates, interval ends, effect sizes, levels.
pub(crate) const RELATIVE: f64 = 1e-12;

/// P-values, as tails: 1e-300 is right to as many digits as 0.05.
pub(crate) const P_VALUE_RELATIVE: f64 = 1e-12;

/// What other packages agree to with each other, unless a case says otherwise.
pub(crate) const PEERS_RELATIVE: f64 = 1e-9;

/// Below this a 0 of theirs is met: they subtract proportions that are equal.
pub(crate) const PEERS_ZERO: f64 = 1e-15;

/// |got - expected| relative to what was expected, or absolute where that is 0; infinite where
/// only one of them is finite or a number.
pub(crate) fn relative_error(got: f64, expected: f64) -> f64 {
    if got == expected || (got.is_nan() && expected.is_nan()) {
        return 0.0;
    }
    let error = (got - expected).abs();
    match expected {
        0.0 => error,
        _ if error.is_finite() => error / expected.abs(),
        _ => f64::INFINITY,
    }
}

#[test]
fn relative_errors_see_every_kind_of_difference() {
    const INF: f64 = f64::INFINITY;
    for (got, expected, error) in [
        (2.0, 2.0, 0.0),
        (INF, INF, 0.0),
        (f64::NAN, f64::NAN, 0.0),
        (3.0, 2.0, 0.5),
        (1e-3, 0.0, 1e-3),
        (0.0, 2e-300, 1.0),
        (INF, -INF, INF),
        (INF, 1e300, INF),
        (1.0, INF, INF),
        (f64::NAN, 1.0, INF),
        (1.0, f64::NAN, INF),
    ] {
        assert_eq!(relative_error(got, expected), error, "{got} for {expected}");
    }
}
