"""The random cut forest over a stream: arrays in and out, errors, restarts, threads."""

import json
import pickle
import re
import threading
from pathlib import Path

import canary
import numpy as np
import pytest

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures/reference/random_cut_forest.json").read_text()
)


def minutes(n, seed=0):
    """Memory, latency and saturation of a service where nothing happens."""
    return np.random.default_rng(seed).normal([512, 0.2, 0], [20, 0.01, 1], size=(n, 3))


@pytest.mark.parametrize("case", REFERENCE["cases"], ids=lambda case: case["name"])
def test_displacements_are_those_of_rrcf(case):
    trees = 1000
    monitor = canary.RandomCutForestMonitor(
        len(case["scales"]), n_trees=trees, window=case["window"], random_state=1
    )
    monitor.prime(case["baseline"])
    np.testing.assert_allclose(monitor.scales, case["scales"], rtol=1e-12)
    found = monitor.update_many(case["updates"]) * case["window"]
    error = np.array(case["sd"]) * np.sqrt(1 / REFERENCE["trees"] + 1 / trees)
    assert np.all(np.abs(found - case["mean"]) < 4 * error + 1e-9)


def test_one_by_one_is_as_all_at_once():
    rows = minutes(100)
    first, second = (canary.RandomCutForestMonitor(3, n_trees=10, window=32) for _ in range(2))
    scores = [first.update(row) for row in rows]
    np.testing.assert_array_equal(second.update_many(rows), [found.score for found in scores])
    assert first == second
    assert first.updates == 100
    assert list(first.scores) == [found.score for found in scores[16:]]
    third = canary.RandomCutForestMonitor(3, n_trees=10, window=32)
    p_values = third.update_many(rows.tolist(), of="p_value")
    np.testing.assert_array_equal(p_values, [found.p_value for found in scores])


def test_a_score_says_which_metric():
    monitor = canary.RandomCutForestMonitor(3)
    monitor.prime(minutes(400))
    before = monitor.to_json()
    found = monitor.score([512, 0.5, 0])
    assert monitor.to_json() == before
    assert found.most == 1
    assert found.contributions.sum() == pytest.approx(found.score)
    assert found.contributions[1] > 0.8 * found.score
    assert (found.points, found.compared) == (256, 256)
    assert found.p_value == 1 / 257
    assert str(found).startswith("score 0.")
    assert "most of it from feature 1" in str(found)


def test_a_restart_goes_on_the_same():
    rows = minutes(300, seed=1)
    monitor = canary.RandomCutForestMonitor(3, n_trees=10, window=64, shingle=2)
    monitor.update_many(rows[:150])
    restarted = [
        canary.RandomCutForestMonitor.from_json(monitor.to_json()),
        pickle.loads(pickle.dumps(monitor)),
    ]
    expected = monitor.update_many(rows[150:])
    for other in restarted:
        np.testing.assert_array_equal(other.update_many(rows[150:]), expected)
        assert other == monitor


def test_columns_and_other_types_are_rows_too():
    rows = minutes(40, seed=2).astype(np.float32)
    pandas = pytest.importorskip("pandas")
    new = [canary.RandomCutForestMonitor(3, n_trees=5, window=16) for _ in range(3)]
    expected = new[0].update_many(rows.astype(float))
    np.testing.assert_array_equal(new[1].update_many(np.asfortranarray(rows)), expected)
    frame = pandas.DataFrame(rows.astype(float), columns=["memory", "p99", "load"])
    np.testing.assert_array_equal(new[2].update_many(frame.to_numpy()), expected)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_frame_is_rows_of_points_whatever_its_shape(library):
    frames = pytest.importorskip(library)
    rows = minutes(400)
    names = ["memory", "p99", "load"]
    primed, other = (canary.RandomCutForestMonitor(3, n_trees=5, window=32) for _ in range(2))
    primed.prime(rows)
    other.prime(frames.DataFrame(dict(zip(names, rows.T, strict=True))))
    assert other == primed
    # As many rows as columns: nothing but the meaning tells the two apart.
    square = rows[:3]
    frame = frames.DataFrame(dict(zip(names, square.T, strict=True)))
    np.testing.assert_array_equal(other.update_many(frame), primed.update_many(square))
    np.testing.assert_array_equal(
        other.update_many(square.tolist()), primed.update_many(np.asfortranarray(square))
    )
    assert other == primed
    with pytest.raises(canary.CanaryError, match=r"^rows\[0\]: must have 3 features, got 2$"):
        other.update_many(frame[names[:2]])
    frame = frames.DataFrame({"memory": [1.0, 2.0], "p99": [1.0, None], "load": [0.5, 0.5]})
    with pytest.raises(canary.CanaryError, match=r"^rows\[1\]\[1\]: must be a finite number"):
        other.update_many(frame)
    with pytest.raises(canary.CanaryError, match=r"^rows: "):
        other.update_many(frame["memory"])
    assert other == primed


@pytest.mark.parametrize(
    "option",
    ["n_features", "n_trees", "window", "shingle", "warm_up", "calibration", "random_state"],
)
def test_whole_numbers_have_no_bounds_of_the_machine(option):
    def made(value):
        return canary.RandomCutForestMonitor(**({"n_features": 2} | {option: value}))

    for value, rule in [
        (-1, "must not be negative"),
        (-(2**70), "must not be negative"),
        (2**64, r"must be less than 2\^64"),
        (10**30, r"must be less than 2\^64"),
        (2.5, "must be a whole number"),
        (True, "must be a whole number"),
    ]:
        with pytest.raises(canary.CanaryError) as error:
            made(value)
        assert re.match(rf"{option}: {rule}, got {value}$", str(error.value))
    assert made(np.int64(2)) == made(2)


def test_a_first_change_is_no_measure_of_the_next():
    rng = np.random.default_rng(3)
    for first in [1e-4, 1e6]:
        monitor = canary.RandomCutForestMonitor(2)
        monitor.prime(np.column_stack([rng.normal(100, 1, 600), np.zeros(600)]))
        assert list(monitor.scales)[1] == 0
        assert monitor.update([100, first]).p_value == 1 / 257
        later = np.column_stack([rng.normal(100, 1, 1000), rng.uniform(size=1000)])
        monitor.update_many(later[:300])
        restarted = canary.RandomCutForestMonitor.from_json(monitor.to_json())
        expected = monitor.update_many(later[300:])
        np.testing.assert_array_equal(restarted.update_many(later[300:]), expected)
        assert restarted == monitor
        assert monitor.scales[1] == pytest.approx(0.37, abs=0.08)
        assert monitor.score([110, 0.5]).p_value <= 0.01


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.update([1, 2]), r"^point: must have 3 features, got 2$"),
        (
            lambda m: m.update([1, 2, float("nan")]),
            r"^point\[2\]: must be a finite number",
        ),
        (lambda m: m.score([float("inf"), 2, 3]), r"^point\[0\]: must be a finite number, got inf"),
        (lambda m: m.update_many([[1, 2, 3], [1, 2]]), r"^rows\[1\]: must have 3 features, got 2"),
        (lambda m: m.update_many(5), r"^rows: must be a 2-D array"),
        (lambda m: m.update_many([[1, 2, 3]], of="rank"), r"^of: must be one of"),
        (lambda m: m.prime([[1, 2, 3]]), r"^baseline: must come before the first point"),
        (lambda m: type(m).from_json("{}"), r"json: missing field"),
        (lambda m: type(m)(3, window=1), r"^window: must lie between 2 and 65536, got 1$"),
        (lambda m: type(m)(0), r"^n_features: must lie between 1 and 65536, got 0$"),
    ],
)
def test_errors_name_what_is_wrong_and_change_nothing(call, message):
    monitor = canary.RandomCutForestMonitor(3, n_trees=2, window=8)
    monitor.update_many(minutes(10))
    before = monitor.to_json()
    with pytest.raises(canary.CanaryError, match=message):
        call(monitor)
    assert monitor.to_json() == before


def test_threads_take_turns():
    monitor = canary.RandomCutForestMonitor(3, n_trees=10, window=64)
    rows = minutes(50)

    def work():
        for row in rows:
            monitor.update(row)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert monitor.updates == 200
    assert monitor == canary.RandomCutForestMonitor.from_json(monitor.to_json())
