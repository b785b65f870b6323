"""Anomalous windows: what is taken, what is refused, and what recorded rollouts show."""

import csv
import gzip
import json
import re
from pathlib import Path

import canary
import numpy as np
import pytest

RECORDINGS = Path(__file__).resolve().parents[2] / "fixtures" / "recordings"
WIDTH_S = 10.0


def arms(seed=0, windows=60, shift=(0.0, 0.0, 0.0)):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(windows, 3)), draw.normal(size=(windows, 3)) + shift


def named(values):
    return dict(zip("abc", values.T, strict=True))


def test_rows_columns_and_frames_are_the_same():
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    baseline, worse = arms(shift=(4, 0, 0))
    expected = canary.anomalous_windows(named(baseline), named(worse))
    assert expected.strongest == ["a"]
    assert list(expected.features) == ["a", "b", "c"]
    for frame in (pandas.DataFrame, polars.DataFrame):
        assert canary.anomalous_windows(frame(named(baseline)), frame(named(worse))) == expected
    # Columns in another order.
    turned = dict(reversed(named(worse).items()))
    assert canary.anomalous_windows(named(baseline), turned) == expected
    by_rows = canary.anomalous_windows(baseline, worse)
    assert by_rows.strongest == ["feature 0"]
    assert by_rows.p_value == expected.p_value
    assert canary.anomalous_windows(baseline.tolist(), np.asfortranarray(worse)) == by_rows


def test_a_result_has_its_parts():
    baseline, worse = arms(shift=(0, 3, 3))
    result = canary.anomalous_windows(named(baseline), named(worse), confidence=0.9)
    assert result.p_value < 0.001
    assert result.times == "same"
    assert result.estimate.value == pytest.approx(result.canary.level - result.baseline.level)
    assert result.interval.confidence == 0.9
    assert result.interval.low > 0
    assert result.dependence.basis == "blocks"
    assert result.left_out == []
    assert len(result.windows) == result.canary.n == 60
    share = np.mean([window.is_anomalous for window in result.windows])
    assert share == result.canary.level
    window = min(result.windows, key=lambda window: window.score)
    assert window.score <= result.threshold
    assert window.p_value == 1 / 61
    assert window.contributions.shape == (3,)
    assert set(result.strongest) == {"b", "c"}
    assert "by b and c" in str(result) or "by c and b" in str(result)


def test_times_pair_windows():
    baseline, worse = arms(windows=90)
    times = 60.0 * np.arange(90)
    result = canary.anomalous_windows(
        baseline, worse[:40], baseline_times=times, canary_times=times[50:] + 2
    )
    assert (result.times, result.canary.n) == ("same", 40)
    assert canary.anomalous_windows(baseline, worse[:40]).times == "different"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"contamination": 0.7}, "contamination: must lie in (0, 0.5], got 0.7"),
        ({"folds": 1}, "folds: must lie between 2 and 50, got 1"),
        ({"missing": "never"}, 'missing: must be one of "raise", "both_ways", got "never"'),
        ({"n_estimators": 0}, "n_estimators: must lie between 1 and 1000000, got 0"),
        (
            {"baseline_times": range(60)},
            "times: must be given for both arms or for none, got baseline_times alone",
        ),
    ],
)
def test_a_bad_option_is_named(options, message):
    with pytest.raises(canary.CanaryError, match=f"^{re.escape(message)}$"):
        canary.anomalous_windows(*arms(), **options)


def test_bad_windows_are_named():
    baseline, worse = arms()
    for windows, message in [
        (worse[:10], "canary: needs at least 16 windows, got 10"),
        (worse[:, :2], "canary: must have the baseline's 3 columns, got 2"),
        ([*worse.tolist()[:-1], [1.0]], "canary: must have as many numbers in row 59 as in row 0"),
        (np.where(worse == worse[7, 1], np.nan, worse), "canary: must not be missing"),
        (5, "canary: must be a 2-D array or a sequence of rows"),
    ]:
        with pytest.raises(canary.CanaryError, match=f"^{re.escape(message)}"):
            canary.anomalous_windows(baseline, windows)
    with pytest.raises(canary.InvalidInput, match='must have the baseline\'s column "c"'):
        canary.anomalous_windows(named(baseline), {"a": worse[:, 0], "b": worse[:, 1]})
    gap = worse.copy()
    gap[3, 1] = np.nan
    assert canary.anomalous_windows(baseline, gap, missing="both_ways").p_value > 0.05


def recorded(folder, *, thinned=True):
    """Error rate, median and 99th percentile of each window of a recorded rollout.

    A percentile of fewer requests is noisier, so the baseline's are thinned to the canary's number.
    """
    with gzip.open(folder / "requests.csv.gz", "rt") as file:
        requests = list(csv.DictReader(file))
    window = np.array([int(float(row["time_ms"]) / 1000 / WIDTH_S) for row in requests])
    is_canary = np.array([row["arm"] == "canary" for row in requests])
    failed = np.array([int(row["status"]) >= 500 for row in requests])
    latency = np.array([float(row["latency_ms"]) for row in requests])
    draw = np.random.default_rng(0)
    arms = [{"error_rate": [], "p50": [], "p99": []} for _ in range(2)]
    for i in range(window.max()):
        own, other = (np.flatnonzero((window == i) & (is_canary == arm)) for arm in (False, True))
        if thinned:
            own = draw.choice(own, size=other.size, replace=False)
        for arm, these in zip(arms, (own, other), strict=True):
            arm["error_rate"].append(failed[these].mean())
            arm["p50"].append(np.median(latency[these]))
            arm["p99"].append(np.quantile(latency[these], 0.99))
    return arms


# By which metric a change shows in ten-second windows. What is faster is unlike the rest, too.
FOUND = {
    "canary-faster": "p50",
    "errors-from-zero": "error_rate",
    "errors-plus-one-point": "error_rate",
    "median-plus-10-percent": "p50",
    "p99-doubled": "p99",
    "spikes": "p99",
    "two-humps": "p99",
}
# It does not show in errors or latencies.
ELSEWHERE = {"memory-leak"}


@pytest.mark.parametrize(
    "folder", sorted(path for path in RECORDINGS.iterdir() if path.is_dir()), ids=lambda p: p.name
)
def test_recorded_rollouts(folder):
    truth = json.loads((folder / "recording.json").read_text())["truth"]["status"]
    result = canary.anomalous_windows(*recorded(folder))
    if folder.name in FOUND:
        assert result.p_value <= 0.05
        assert FOUND[folder.name] in result.strongest
    else:
        assert truth == "PASS" or folder.name in ELSEWHERE
        assert result.p_value > 0.05


def test_windows_of_fewer_requests_are_noisier():
    result = canary.anomalous_windows(*recorded(RECORDINGS / "healthy-1", thinned=False))
    assert result.p_value < 0.01


def test_the_playbooks_function():
    healthy, other = arms(windows=90)
    assert canary.detect_anomalies(healthy) == "NORMAL"
    assert canary.detect_anomalies(other, baseline=healthy) == "NORMAL"
    for form in (np.asarray, np.ndarray.tolist, named):
        worse = healthy + 4 * (np.arange(90) >= 60)[:, None]
        assert canary.detect_anomalies(form(worse)) == "ANOMALIES_DETECTED"
        always = form(healthy + 4)
        assert canary.detect_anomalies(always, baseline=form(healthy)) == "ANOMALIES_DETECTED"
    with pytest.raises(canary.NotEnoughData, match="needs at least 32 windows, got 31"):
        canary.detect_anomalies(healthy[:31])


def test_healthy_windows_rarely_raise_an_alarm():
    ours = 0
    for seed in range(40):
        metrics = np.random.default_rng(seed).normal(size=(60, 3))
        ours += canary.detect_anomalies(metrics) == "ANOMALIES_DETECTED"
    assert ours <= 6  # 5 % of 40 and three standard errors
    sklearn = pytest.importorskip("sklearn.ensemble")
    labels = sklearn.IsolationForest(contamination=0.1, random_state=0).fit_predict(metrics)
    assert (labels == -1).mean() > 0.05


def test_a_policy_looks_for_them():
    baseline, worse = arms(windows=120, shift=(4, 4, 0))
    text = """
version: 1
metrics: {memory: {}, p99: {}, queue: {}}
checks:
  - metrics: [memory, p99, queue]
    anomaly: {margin: 10%, contamination: 5%, confidence: 99%}
"""
    policy = canary.Policy.from_yaml(text)
    assert canary.Policy.from_json(policy.to_json()) == policy
    series = [
        {
            name: canary.Series(60.0 * np.arange(len(rows)), rows[:, index])
            for index, name in enumerate(["memory", "p99", "queue"])
        }
        for rows in (baseline, worse)
    ]
    verdict = canary.judge(policy, baseline=series[0], canary=series[1])
    assert verdict.status == "FAIL"
    [finding] = verdict.findings
    assert finding.sentence.endswith((" p99 and memory together.", " memory and p99 together."))
    assert finding.p_value == finding.anomaly.p_value < 0.001
    assert finding.anomaly.strongest in (["memory", "p99"], ["p99", "memory"])
    longest = max(finding.anomaly.incidents(), key=lambda incident: len(incident.windows))
    assert len(longest.windows) > 60
    assert finding.anomaly.windows[1].time == 60.0
    assert canary.Finding.from_json(finding.to_json()) == finding
    assert canary.judge(policy, baseline=series[0], canary=series[0]).status == "PASS"
