"""The isolation forest as a class: what it takes, what it refuses, what it is written as."""

import hashlib
import os
import pickle
import subprocess
import sys

import canary
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

ROWS = np.random.default_rng(5).normal(size=(600, 3))
ROWS[-1] = [0.0, 9.0, 0.0]
MODEL = canary.IsolationForest(n_estimators=30, contamination=0.05).fit(ROWS)
SCORES = MODEL.score_samples(ROWS)


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.tolist(),
        np.asfortranarray(ROWS),
        np.repeat(ROWS, 2, axis=0)[::2],
        ROWS.astype(">f8"),
        pd.DataFrame(ROWS, columns=["a", "b", "c"]),
        pl.DataFrame(ROWS, schema=["a", "b", "c"]),
        pa.table({name: ROWS[:, i] for i, name in enumerate("abc")}).to_pandas(),
        np.ma.array(ROWS),
    ],
    ids=["list", "by columns", "strided", "big endian", "pandas", "polars", "arrow", "masked"],
)
def test_tables_of_every_kind(rows):
    np.testing.assert_array_equal(MODEL.score_samples(rows), SCORES)
    assert canary.Forest.fit(rows, n_estimators=30, contamination=0.05) == MODEL.forest_


def test_whole_and_short_numbers():
    whole = (100 * ROWS).astype(int)
    forest = canary.Forest.fit(whole)
    assert forest == canary.Forest.fit(whole.astype(float))
    assert canary.Forest.fit(ROWS.astype("f4")) == canary.Forest.fit(ROWS.astype("f4").astype("f8"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_estimators": 0}, "n_estimators: must lie between 1 and 1000000, got 0"),
        ({"contamination": 0}, "contamination: must lie in (0, 0.5], got 0"),
        ({"contamination": 0.51}, "contamination: must lie in (0, 0.5], got 0.51"),
        ({"contamination": "some"}, 'contamination: must be "auto" or a part of all rows in (0'),
        ({"max_samples": 0}, "max_samples: must be at least 1, got 0"),
        ({"max_samples": 1.5}, "max_samples: must lie in (0, 1], got 1.5"),
        ({"max_samples": -1}, "max_samples: must not be negative, got -1"),
        ({"max_samples": True}, "max_samples: must be a whole number, got True"),
        ({"max_samples": "all"}, 'max_samples: must be "auto", a whole number, or'),
        ({"max_features": 0.0}, "max_features: must lie in (0, 1], got 0"),
        ({"extension_level": 3}, "extension_level: must be less than the 3 features, got 3"),
        ({"missing": "drop"}, 'missing: must be one of "raise", "both_ways", got "drop"'),
        ({"random_state": -1}, "random_state: must be a whole number from 0 to 2^64 - 1, None or"),
        ({"random_state": 0.5}, "random_state: must be a whole number"),
    ],
    ids=str,
)
def test_bad_options_are_named(options, message):
    with pytest.raises(canary.CanaryError) as caught:
        canary.IsolationForest(**options).fit(ROWS)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.empty((0, 3)), "rows: needs at least 1 row, got 0"),
        (np.empty((3, 0)), "rows: 0 feature(s)"),
        ([1.0, 2.0], "rows: Expected 2D array, a row for each point, got 1D array instead."),
        ([[1.0, np.nan]], "rows: must not be missing"),
        ([[1.0, np.inf]], "rows: must be finite, got inf in row 0, column 1"),
        ([[1.0, "x"]], "rows: values must be real numbers"),
        ([[1.0 + 1j]], "rows: Complex data not supported"),
        ([[2**60]], "rows: whole numbers must not exceed 2^53"),
    ],
    ids=str,
)
def test_bad_rows_are_named(rows, message):
    with pytest.raises(canary.CanaryError) as caught:
        canary.IsolationForest().fit(rows)
    assert str(caught.value).startswith(message)


def test_other_features_than_fitted():
    with pytest.raises(canary.InvalidInput, match="X has 2 features, but IsolationForest is exp"):
        MODEL.predict(ROWS[:, :2])
    with pytest.raises(canary.InvalidInput, match="rows: must have the forest's 3 features, got 2"):
        MODEL.forest_.predict(ROWS[:, :2])
    frame = pd.DataFrame(ROWS, columns=["memory", "p99", "errors"])
    named = canary.IsolationForest(n_estimators=5).fit(frame)
    assert named.feature_names_in_.tolist() == ["memory", "p99", "errors"]
    with pytest.raises(canary.InvalidInput, match="feature names should match"):
        named.predict(frame[["p99", "memory", "errors"]])
    assert not hasattr(named.fit(ROWS), "feature_names_in_")


def test_not_fitted():
    # Whether scikit-learn is there or not, it is found as both of these.
    with pytest.raises((ValueError, AttributeError), match="not fitted yet: call fit first"):
        canary.IsolationForest().predict(ROWS)
    assert not hasattr(canary.IsolationForest(), "offset_")


def test_parameters():
    model = canary.IsolationForest(n_estimators=7, max_samples=0.5)
    assert repr(model) == "IsolationForest(n_estimators=7, max_samples=0.5)"
    assert model.set_params(n_estimators=8).get_params()["n_estimators"] == 8
    with pytest.raises(canary.InvalidOption, match="trees: must be one of n_estimators, "):
        model.set_params(trees=3)


def test_seeds():
    fit = lambda state: canary.IsolationForest(n_estimators=3, random_state=state).fit(ROWS).forest_  # noqa: E731
    assert fit(1) == fit(np.int64(1)) != fit(2)
    assert fit(np.random.RandomState(3)) == fit(np.random.RandomState(3))
    assert fit(np.random.default_rng(3)) == fit(np.random.default_rng(3)) != fit(None)


def test_missing_values_go_both_ways():
    rows = ROWS.copy()
    rows[::7, 1] = np.nan
    model = canary.IsolationForest(missing="both_ways").fit(rows)
    near, far = model.score_samples([[0.0, np.nan, 0.0], [0.0, 9.0, 0.0]])
    assert far < -0.55 < near
    assert model.contributions([[0.0, np.nan, 0.0]])[0, 1] == 0
    assert canary.Forest.from_json(model.forest_.to_json()).missing == "both_ways"


def test_why():
    contributions = MODEL.contributions(ROWS)
    assert contributions.shape == ROWS.shape
    assert contributions[-1].argmax() == 1
    forest = MODEL.forest_
    expected = np.log2(-forest.expected_score) + contributions.sum(axis=1)
    np.testing.assert_allclose(np.log2(-SCORES), expected, rtol=0, atol=1e-12)
    assert forest.feature_importances(ROWS).sum() == pytest.approx(1)


def test_written_and_read():
    forest = MODEL.forest_
    data = forest.to_bytes()
    assert len(data) < len(forest.to_json())
    for read in (
        canary.Forest.from_bytes(data),
        canary.Forest.from_json(forest.to_json()),
        pickle.loads(pickle.dumps(MODEL)).forest_,
    ):
        assert read == forest
        np.testing.assert_array_equal(read.score_samples(ROWS), SCORES)
    with pytest.raises(canary.InvalidInput, match="bytes: must be those of a forest"):
        canary.Forest.from_bytes(data[:-1])
    with pytest.raises(canary.InvalidInput, match="this release reads version 1, got 2"):
        canary.Forest.from_json(forest.to_json().replace('"version":1', '"version":2'))


def test_the_same_bytes_on_any_number_of_threads():
    code = (
        "import canary, hashlib, numpy as np\n"
        "rows = np.random.default_rng(1).normal(size=(5000, 4))\n"
        "model = canary.IsolationForest(random_state=9, contamination=0.1).fit(rows)\n"
        "data = model.forest_.to_bytes() + model.score_samples(rows).tobytes()\n"
        "print(hashlib.sha256(data).hexdigest())"
    )
    digests = set()
    for threads in ("1", "2", "8"):
        environment = {**os.environ, "RAYON_NUM_THREADS": threads}
        run = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        )
        digests.add(run.stdout)
    assert len(digests) == 1
    assert len(digests.pop().strip()) == hashlib.sha256().digest_size * 2


def test_scikit_learn_is_not_needed():
    code = (
        "import sys; sys.modules['sklearn'] = None; import canary\n"
        "try:\n    canary.IsolationForest().predict([[1.0]])\n"
        "except canary.CanaryError as error:\n    print(error)\n"
        "print(canary.IsolationForest().fit_predict([[1.0], [1.1], [0.9], [7.0]]))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == [
        "This IsolationForest instance is not fitted yet: call fit first",
        "[ 1  1  1 -1]",
    ]


def test_a_frames_labels_are_no_rows():
    large = [[1e16, 0.0, 0.0]]
    for form in (list, pd.DataFrame, lambda rows: pd.DataFrame(rows, columns=["a", "b", "c"])):
        np.testing.assert_array_equal(
            MODEL.forest_.score_samples(form(large)), MODEL.score_samples(np.array(large))
        )
        with pytest.raises(canary.InvalidInput, match="must be finite, got inf in row 0, column 2"):
            MODEL.forest_.score_samples(form([[1.0, 2.0, np.inf]]))
    frame = pl.DataFrame(large, schema=["a", "b", "c"], orient="row")
    np.testing.assert_array_equal(
        MODEL.forest_.score_samples(frame), MODEL.score_samples(np.array(large))
    )
    with pytest.raises(canary.InvalidInput, match="whole numbers must not exceed 2\\^53"):
        MODEL.forest_.score_samples([[2**53 + 1, 0.5, None]])


def test_missing_values_of_frames():
    frame = pd.DataFrame({"a": pd.array([1, 2, None, 4], dtype="Int64"), "b": [1.0, 2, 3, 9]})
    both_ways = canary.IsolationForest(missing="both_ways").fit(frame)
    expected = frame.to_numpy(dtype=float, na_value=np.nan)
    assert both_ways.forest_ == canary.Forest.fit(expected, missing="both_ways")
    np.testing.assert_array_equal(both_ways.score_samples(frame), both_ways.score_samples(expected))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_estimators": -1}, "n_estimators: must be a whole number from 0 to 2^64 - 1, got -1"),
        ({"extension_level": -1}, "extension_level: must be a whole number from 0"),
        ({"random_state": 2**70}, "random_state: must be a whole number from 0 to 2^64 - 1"),
    ],
    ids=str,
)
def test_numbers_that_do_not_fit_are_named(options, message):
    with pytest.raises(canary.InvalidOption) as caught:
        canary.Forest.fit(ROWS, **options)
    assert str(caught.value).startswith(message)


def test_parameters_are_set_together_or_not_at_all():
    model = canary.IsolationForest()
    with pytest.raises(canary.InvalidOption):
        model.set_params(n_estimators=3, trees=4)
    assert model.n_estimators == 100

    class Own(canary.IsolationForest):
        def __init__(self, *, n_estimators=100, more=1):
            super().__init__(n_estimators=n_estimators)
            self.more = more

    assert Own(more=2).get_params() == {"n_estimators": 100, "more": 2}
    assert repr(Own(more=2)) == "Own(more=2)"
