"""Incidents: the core's clusters from Python's arrays, and what is refused."""

import canary
import numpy as np
import pandas as pd
import pytest

MINUTES = 60.0 * np.arange(12)
SCORES = np.full(12, -0.4)
SCORES[[2, 3, 5, 10]] = [-0.61, -0.71, -0.62, -0.55]
CONTRIBUTIONS = np.full((12, 2), -0.01)
CONTRIBUTIONS[[2, 3, 5, 10]] = [[0.25, 0.2], [0.35, 0.2], [0.2, 0.25], [0.0, 0.3]]
NAMES = ["memory", "p99"]


def find(times=MINUTES, scores=SCORES, anomalous=SCORES < -0.5, rows=CONTRIBUTIONS, **options):
    return canary.incidents(times, scores, anomalous, rows, **options)


def test_what_is_known_of_an_incident():
    leak, lone = find(feature_names=NAMES)
    assert (leak.start, leak.end, leak.peak, leak.lowest_score) == (120.0, 300.0, 180.0, -0.71)
    assert leak.mean_excess == pytest.approx((0.11 + 0.21 + 0.12) / 3)
    assert leak.windows == [2, 3, 5]
    assert [name for name, _ in leak.metrics] == NAMES
    assert [share for _, share in leak.metrics] == pytest.approx([0.8 / 1.45, 0.65 / 1.45])
    assert (leak.is_lone, lone.is_lone) == (False, True)
    assert str(leak) == (
        "from 120 s to 300 s, 3 windows, strongest at 180 s (score -0.71): memory 55 %, p99 45 %"
    )
    assert str(lone) == "at 600 s, 1 window (score -0.55): p99 100 %"
    assert repr(lone) == "Incident(start=600.0, end=600.0, windows=1, lowest_score=-0.55)"
    assert leak.to_dict()["metrics"][0]["name"] == "memory"


def test_options_reach_the_core():
    def windows(**options):
        return [incident.windows for incident in find(**options)]

    assert windows(gap=0) == [[2, 3], [5], [10]]
    assert windows(gap=5, angle=90) == [[2, 3, 5, 10]]
    assert windows(min_windows=4) == [[2], [3], [5], [10]]
    assert windows(window=600, angle=90) == [[2, 3, 5, 10]]
    assert find(offset=-0.6)[0].mean_excess == pytest.approx(0.14 / 3)
    assert find()[0].metrics[0][0] == "feature 0"


@pytest.mark.parametrize(
    "anomalous",
    [
        list(SCORES < -0.5),
        (SCORES < -0.5).tolist(),
        pd.Series(SCORES < -0.5),
        pd.Series(SCORES < -0.5, dtype="boolean"),
        (SCORES < -0.5).astype(object),
        np.repeat(SCORES < -0.5, 2)[::2],
    ],
    ids=["numpy's", "python's", "series", "boolean", "objects", "strided"],
)
def test_truth_values_of_every_kind(anomalous):
    assert find(anomalous=anomalous) == find()


@pytest.mark.parametrize(
    "rows",
    [CONTRIBUTIONS.tolist(), np.asfortranarray(CONTRIBUTIONS), pd.DataFrame(CONTRIBUTIONS)],
    ids=["lists", "by columns", "frame"],
)
def test_contributions_of_every_kind(rows):
    assert find(rows=rows) == find()


@pytest.mark.parametrize(
    "names",
    [tuple(NAMES), np.array(NAMES), pd.Index(NAMES), iter(NAMES)],
    ids=lambda x: type(x).__name__,
)
def test_names_of_every_kind(names):
    assert find(feature_names=names) == find(feature_names=NAMES)


def test_no_window_and_no_anomaly():
    assert canary.incidents([], [], [], np.empty((0, 3))) == []
    assert find(anomalous=np.zeros(12, bool)) == []
    assert len(find(anomalous=np.ones(12, bool))) >= 1


@pytest.mark.parametrize(
    ("message", "arguments"),
    [
        ("scores: must be as many as the 12 times, got 3", {"scores": SCORES[:3]}),
        ("times: must be finite, got nan at index 1", {"times": [0, float("nan"), *range(10)]}),
        ("anomalous: must be truth values in a row .*, got int64", {"anomalous": [0, 1] * 6}),
        ("anomalous: must be truth values in a row .*, got shape", {"anomalous": [[True] * 12]}),
        ("anomalous: .*, got", {"anomalous": [True, None] * 6}),
        ("contributions: must have two dimensions", {"rows": SCORES}),
        ("feature_names: must be as many as the 2 features, got 1", {"feature_names": ["a"]}),
        ("feature_names: must be texts in a row, got 'ab'", {"feature_names": "ab"}),
        ("feature_names: must be texts in a row, got 2", {"feature_names": ["a", 2]}),
    ],
)
def test_errors_name_the_argument(message, arguments):
    with pytest.raises(canary.InvalidInput, match=f"(?i){message}"):
        find(**arguments)


@pytest.mark.parametrize(
    ("message", "options"),
    [
        ("gap: must be at most 1000", {"gap": 2**40}),
        ("window: must be positive, got 0", {"window": 0}),
        ("min_windows: must be at least 2, got 1", {"min_windows": 1}),
        ("angle: must lie between 1 and 90, got 91", {"angle": 91}),
        ("offset: must be finite", {"offset": float("nan")}),
    ],
)
def test_options_out_of_range(message, options):
    with pytest.raises(canary.InvalidOption, match=message):
        find(**options)


def test_hostile_json_is_an_error():
    text = find()[0].to_json()
    for old, new in [
        ('"peak":180.0', '"peak":1e4'),
        ("[2,3,5]", "[]"),
        ('"version":1', '"version":9'),
    ]:
        assert old in text
        with pytest.raises(canary.CanaryError):
            canary.Incident.from_json(text.replace(old, new))


def test_a_forest_s_windows():
    random = np.random.default_rng(5)
    minutes = np.arange(2000.0)
    rows = random.normal(size=(2000, 4))
    rows[500:530, 1] += 9  # one metric
    rows[1200:1220, [0, 3]] += 7  # two
    forest = canary.Forest.fit(rows, contamination=0.03, random_state=1)
    found = canary.incidents(
        60 * minutes,
        forest.score_samples(rows),
        forest.predict(rows) == -1,
        forest.contributions(rows),
        feature_names=["cpu", "memory", "p50", "p99"],
        offset=forest.offset,
    )
    longest = sorted(found, key=lambda incident: -len(incident.windows))[:2]
    first, second = sorted(longest, key=lambda incident: incident.start)
    assert set(first.windows) <= set(range(495, 535)) and len(first.windows) >= 28
    assert set(second.windows) <= set(range(1195, 1225)) and len(second.windows) >= 18
    assert first.metrics[0][0] == "memory" and first.metrics[0][1] > 0.6
    assert {name for name, _ in second.metrics[:2]} == {"cpu", "p99"}
    assert sum(len(incident.windows) for incident in found) == (forest.predict(rows) == -1).sum()
    assert all(incident.mean_excess >= 0 for incident in found)


def test_more_windows_than_there_are():
    times = np.arange(10.0)
    blame = np.ones((10, 2))
    for many in (11, 2**62):
        found = canary.incidents(times, -times / 10, times > 5, blame, min_windows=many)
        assert [incident.windows for incident in found] == [[6], [7], [8], [9]]
    with pytest.raises(canary.InvalidOption, match="gap: must be a whole number from 0"):
        canary.incidents(times, -times / 10, times > 5, blame, gap=-1)
