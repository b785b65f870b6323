"""What is accepted as numbers, and what is refused, by name and by value."""

import array
import decimal
import fractions

import canary
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

VALUES = [3.0, 1.0, 4.0, 1.0, 5.0]
OTHER = [9.0, 2.0, 6.0, 5.0, 3.0]
EXPECTED = canary.mann_whitney(VALUES, OTHER)
TOO_LARGE = 2**53 + 1


class Stream:
    """Readable through Arrow's interface only."""

    def __init__(self, values):
        self.values = pa.chunked_array([values[:1], values[1:]])

    def __arrow_c_stream__(self, requested_schema=None):
        return self.values.__arrow_c_stream__(requested_schema)


class One:
    """The same in one piece."""

    def __init__(self, values):
        self.values = pa.array(values)

    def __arrow_c_array__(self, requested_schema=None):
        return self.values.__arrow_c_array__(requested_schema)


def misaligned(values):
    return np.frombuffer(b"x" + np.array(values).tobytes(), dtype="u1")[1:].view("f8")


def read_only(values):
    result = np.array(values)
    result.setflags(write=False)
    return result


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
        lambda v: [decimal.Decimal(x) for x in v],
        lambda v: [fractions.Fraction(x) for x in v],
        lambda v: np.array([np.float32(x) for x in v], dtype=object),
        lambda v: pl.Series([decimal.Decimal(x) for x in v]),
        lambda v: np.ma.array(v),
        Stream,
        One,
        misaligned,
        read_only,
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
        (np.ma.array([1, 2], mask=[0, 1]), "baseline: must hold finite values, got NaN at index 1"),
        (np.ma.array(["1"]), "baseline: values must be real numbers, got <U1"),
        (np.ma.array([True]), "baseline: values must be real numbers, got bool"),
        (np.ma.array([1j]), "baseline: values must be real numbers, got complex128"),
        (np.ma.array([TOO_LARGE]), r"baseline: whole numbers must not exceed 2\^53, got 900719925"),
        (np.rec.array([(1.0, 2.0)], names="mask,filled"), "baseline: values must be real numbers"),
        (np.ma.ones((2, 2)), r"baseline: must have one dimension, got shape \(2, 2\)"),
        (pl.Series([[1.0]]), r"baseline: values must be real numbers, got \[1.\] \(ndarray\)"),
        ([np.True_, None], r"baseline: values must be real numbers, got True \(bool"),
        ([object()], "baseline: values must be real numbers, got <object"),
        (bytearray(b"abc"), "baseline: must be a row of numbers, got bytearray"),
        (canary.Counts(1, 2), "baseline: must be a row of numbers, got Counts"),
        (np.array(3.0), "baseline: must be a row of numbers, got ndarray"),
        ([float("inf")], "baseline: must hold finite values, got inf at index 0"),
        ([], "baseline: needs at least 1 value, got 0"),
    ],
)
def test_everything_else_is_refused_by_name_and_value(values, message):
    for test in (canary.t_test, canary.mann_whitney):
        with pytest.raises(canary.CanaryError, match=f"^{message}"):
            test(values, OTHER)


@pytest.mark.parametrize(
    "values",
    [
        [TOO_LARGE, 1],
        [TOO_LARGE, None],
        [TOO_LARGE, 0.5],
        [-TOO_LARGE, 0.5],
        np.array([TOO_LARGE]),
        np.array([2**64 - 1], dtype="u8"),
        np.array([TOO_LARGE, None], dtype=object),
        pd.Series([TOO_LARGE, None], dtype="Int64"),
        pd.Series([TOO_LARGE, None], dtype="int64[pyarrow]"),
        pl.Series([TOO_LARGE, None]),
        pa.array([TOO_LARGE, None]),
        Stream([TOO_LARGE, None]),
        [10**400, 1],
        [10**5000, 1.0],
    ],
    ids=lambda values: type(values).__name__,
)
def test_whole_numbers_never_lose_digits(values):
    with pytest.raises(canary.InvalidInput, match=r"^values: whole numbers must not exceed 2\^53"):
        canary.Sample(values, nan_policy="omit")


@pytest.mark.parametrize("make", [list, np.array, pd.Series, pl.Series, pa.array, Stream])
def test_large_fractions_are_welcome(make):
    assert canary.Sample(make([1e300, 2.5])).values.tolist() == [1e300, 2.5]
    assert canary.Sample(make([2**53, 1])).values.tolist() == [2**53, 1]


def test_what_a_mask_covers_is_not_looked_at():
    values = np.ma.array([1.0, float("inf"), 3.0], mask=[0, 1, 0])
    assert canary.Sample(values, nan_policy="omit").values.tolist() == [1.0, 3.0]
    whole = np.ma.array([1, TOO_LARGE, 3], mask=[0, 1, 0])
    sample = canary.Sample(whole, nan_policy="omit")
    assert (sample.values.tolist(), sample.omitted) == ([1.0, 3.0], 1)


def test_messages_stay_on_one_short_line():
    for values in ([[1.0], [1.0, 2.0]], [10**400], ["x" * 10_000, None]):
        with pytest.raises(canary.InvalidInput) as caught:
            canary.Sample(values)
        assert len(str(caught.value)) < 200
        assert "\n" not in str(caught.value)


def test_an_interrupt_is_not_an_error_in_the_data():
    class Interrupted:
        def __array__(self, dtype=None, copy=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        canary.Sample(Interrupted())


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
        ("ab", r"baseline: must be \(events, trials\), got 'ab'"),
        ({1, 10}, r"baseline: must be \(events, trials\), got \{"),
        ({"events": 1, "trials": 10}, r"baseline: must be \(events, trials\), got \{'events'"),
        ((x for x in (1, 10)), r"baseline: must be \(events, trials\), got <generator"),
        ((np.True_, 10), "baseline.events: must be a whole number, got True"),
        ((np.array([1]), 10), r"baseline.events: must be a whole number, got \[1\]"),
        ((float("nan"), 10), "baseline.events: must be a whole number, got nan"),
        ((1e300, 10), r"baseline.events: must be less than 2\^64, got 1e\+300"),
        ((-(10**50), 10), "baseline.events: must not be negative, got -1000"),
        ((10**5000, 10), r"baseline.events: must be less than 2\^64, got int"),
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
        (lambda: canary.Gauge(TOO_LARGE), r"value: whole numbers must not exceed 2\^53"),
        (lambda: canary.Exposure(1, np.True_), "time: must be a number, got True"),
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
        {"values": np.ones(3), "omitted": 1},
        {"count": np.int64(3), "mean": np.float32(1.0), "m2": 2.0},
        {"count": 3, "mean": 1.0, "m2": 2.0},
        {"buckets": [{"upper": 1, "count": 2}, {"upper": "+Inf", "count": 3}]},
    ],
)
def test_observations_are_told_apart_by_shape(observations):
    verdict = canary.judge(POLICY, baseline={}, canary={"m": observations})
    assert verdict.findings[0].canary == 3


@pytest.mark.parametrize(
    "value", [7, 7.0, np.int64(7), np.float32(7), decimal.Decimal(7), fractions.Fraction(7)]
)
def test_any_single_number_is_a_gauge(value):
    policy = canary.Policy.from_dict(
        {"version": 1, "metrics": {"m": {}}, "checks": [{"metric": "m", "threshold": {"max": 7}}]}
    )
    verdict = canary.judge(policy, baseline={"m": value}, canary={"m": value})
    assert (verdict.status, verdict.findings[0].canary) == ("PASS", 7.0)


@pytest.mark.parametrize(
    ("baseline", "message"),
    [
        ({"m": True}, "baseline.m: must be a number, got True"),
        ({"m": np.True_}, "baseline.m: must be a number, got True"),
        ({"m": {"events": object()}}, r"baseline.m: must be observations, got \{'events'"),
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
