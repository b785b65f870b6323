"""What is accepted as numbers, and what is refused, by name and by value."""

import array

import canary
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0]
OTHER = [9.0, 2.0, 6.0, 5.0, 3.0]
EXPECTED = canary.mann_whitney(VALUES, OTHER)


@pytest.mark.parametrize(
    "convert",
    [
        list,
        tuple,
        np.array,
        lambda v: np.array(v, dtype="f4"),
        lambda v: np.array(v, dtype="f2"),
        lambda v: np.array(v, dtype="i8"),
        lambda v: np.array(v, dtype="u1"),
        lambda v: np.array(v, dtype=">f8"),
        lambda v: np.array(v, dtype="longdouble"),
        lambda v: np.repeat(v, 2)[::2],
        lambda v: np.array(v[::-1])[::-1],
        lambda v: np.array([int(x) for x in v], dtype=object),
        lambda v: array.array("d", v),
        lambda v: memoryview(array.array("d", v)),
        pd.Series,
        lambda v: pd.Series(v, dtype="Int64"),
        lambda v: pl.Series("x", v),
        pa.array,
        lambda v: pa.chunked_array([v[:2], v[2:]]),
    ],
)
def test_any_row_of_real_numbers_is_taken(convert):
    assert canary.mann_whitney(convert(VALUES), convert(OTHER)) == EXPECTED


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["1", "2"], "baseline: values must be real numbers, got <U1"),
        ([1, "2"], "baseline: values must be real numbers, got <U21"),
        ([True, False], "baseline: values must be real numbers, got bool"),
        ([1 + 2j], "baseline: values must be real numbers, got complex128"),
        (np.array(["2026-01-01"], "M8[ns]"), "baseline: values must be real numbers, got datetime"),
        (np.ones((2, 3)), r"baseline: must have one dimension, got shape \(2, 3\)"),
        (3.0, "baseline: must be a row of numbers, got float"),
        ("abc", "baseline: must be a row of numbers, got str"),
        ({1.0, 2.0}, "baseline: must be a row of numbers, got set"),
        ((x for x in VALUES), "baseline: must be a row of numbers, got generator"),
        (None, "baseline: must be a row of numbers, got NoneType"),
        ([[1.0], [1.0, 2.0]], "baseline: must be a row of numbers"),
        ([2**53 + 1], r"baseline: whole numbers must not exceed 2\^53, got 9007199254740993"),
        ([2**70, 1], r"baseline: whole numbers must not exceed 2\^53"),
        ([1.0, float("nan")], "baseline: must hold finite values, got NaN at index 1"),
        ([1.0, None], "baseline: must hold finite values, got NaN at index 1"),
        (pd.Series([1, None], dtype="Int64"), "baseline: must hold finite values, got NaN at ind"),
        (pl.Series([1.0, None]), "baseline: must hold finite values, got NaN at index 1"),
        (np.ma.array([1.0, 2.0], mask=[0, 1]), "baseline: must hold finite values, got NaN at in"),
        ([float("inf")], "baseline: must hold finite values, got inf at index 0"),
        ([], "baseline: needs at least 1 value, got 0"),
    ],
)
def test_everything_else_is_refused_by_name_and_value(values, message):
    for test in (canary.t_test, canary.mann_whitney):
        with pytest.raises(canary.CanaryError, match=f"^{message}"):
            test(values, OTHER)


def test_omitted_values_are_counted():
    result = canary.t_test([1.0, None, 2.0, float("nan")], [3.0, 4.0], nan_policy="omit")
    assert (result.baseline.n, result.baseline.omitted, result.canary.omitted) == (2, 2, 0)


def test_inputs_are_left_as_they_were():
    values = np.array(VALUES)
    canary.mann_whitney(values, OTHER)
    assert values.tolist() == VALUES


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((-3, 10), "baseline.events: must not be negative, got -3"),
        ((11, 10), "baseline.events: must not exceed the 10 trials, got 11"),
        ((0.5, 10), "baseline.events: must be a whole number, got 0.5"),
        ((True, 10), "baseline.events: must be a whole number, got True"),
        (("1", 10), "baseline.events: must be a whole number, got '1'"),
        ((1, 2**64), r"baseline.trials: must be less than 2\^64"),
        ((1, 10, 3), r"baseline: must be \(events, trials\), got \(1, 10, 3\)"),
        (7, r"baseline: must be \(events, trials\), got 7"),
        ((0, 0), "baseline: needs at least 1 trial, got 0"),
    ],
)
def test_counts_are_checked(counts, message):
    with pytest.raises(canary.CanaryError, match=f"^{message}"):
        canary.two_proportion_z(counts, (1, 10))


def test_counts_may_be_numpys_or_whole_floats():
    expected = canary.two_proportion_z((3, 10), (4, 10))
    assert canary.two_proportion_z((np.int32(3), 10.0), canary.Counts(4, 10)) == expected


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: canary.t_test(VALUES, OTHER, confidence=95), r"confidence: must lie in \(0, 1\)"),
        (lambda: canary.t_test(VALUES, OTHER, alternative="larger"), "alternative: must be one of"),
        (lambda: canary.Series([0, 1], [1.0]), "times: must be as many as the 1 values, got 2"),
        (lambda: canary.Series([1, 0], [1.0, 2.0]), "times: must increase, got 0 after 1"),
        (lambda: canary.Histogram([1, 0.5, float("inf")], [1, 2, 3]), "bounds: must increase"),
        (lambda: canary.Histogram([1, float("inf")], [3, 2]), "counts: must be cumulative"),
        (lambda: canary.Exposure(1, 0.0), "time: must be positive and finite, got 0"),
        (lambda: canary.Gauge(float("nan")), "value: must be finite, got NaN"),
        (lambda: canary.Gauge("fast"), "value: must be a number, got 'fast'"),
        (lambda: canary.Summary(0, 1.0, 1.0), "count: needs at least 1 value, got 0"),
    ],
)
def test_bad_options_and_observations_are_named(make, message):
    with pytest.raises(canary.CanaryError, match=f"^{message}"):
        make()


POLICY = canary.Policy.from_dict(
    {
        "version": 1,
        "metrics": {"m": {}},
        "checks": [{"metric": "m", "threshold": {"statistic": "count", "max": 5}}],
    }
)


@pytest.mark.parametrize(
    "observations",
    [
        canary.Counts(1, 3),
        {"events": 1, "trials": 3},
        [1.0, 2.0, 3.0],
        np.arange(3),
        {"times": np.arange(3), "values": [1.0, 2.0, 3.0]},
        {"count": 3, "mean": 1.0, "m2": 2.0},
        {"buckets": [{"upper": 1, "count": 2}, {"upper": "+Inf", "count": 3}]},
    ],
)
def test_observations_are_told_apart_by_shape(observations):
    verdict = canary.judge(POLICY, baseline={}, canary={"m": observations})
    assert verdict.findings[0].canary == 3


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ([1, 2], "baseline: must be a mapping from metric name to observations, got list"),
        ({1: 2.0}, "baseline: must be a mapping from metric name to observations, got 1"),
        ({"m": "fast"}, "baseline.m: must be a row of numbers, got str"),
        ({"m": []}, "baseline.m: needs at least 1 value, got 0"),
        ({"m": {"events": 3, "trials": 1}}, "baseline.m.events: must not exceed the 1 trials"),
        ({"m": {"speed": 3}}, "baseline.m: must be observations, got observations must be"),
        ({"m": float("inf")}, "baseline.m: must be finite, got inf"),
    ],
)
def test_bad_observations_are_named(baseline, message):
    with pytest.raises(canary.CanaryError, match=f"^{message}"):
        canary.judge(POLICY, baseline=baseline, canary={})
