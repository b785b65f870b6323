"""The recorded rollouts: each verdict is the truth, and our numbers are Prometheus'."""

import json
from pathlib import Path

import canary
import pytest
from canary.recording import InvalidFile, Recording

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = sorted(path.parent for path in FIXTURES.glob("recordings/*/recording.json"))
POLICY = canary.Policy.from_yaml((FIXTURES / "policies" / "lab.yaml").read_text())


def test_there_are_enough_recordings():
    assert len(FOLDERS) >= 10


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_verdict_is_the_truth(folder):
    recording = Recording.read(folder)
    verdict = canary.judge(POLICY, baseline=recording.baseline, canary=recording.canary)
    assert verdict.status == recording.truth
    assert verdict.unchecked == []
    failed = {finding.metric for finding in verdict.findings if finding.status == "FAIL"}
    expected = set(json.loads((folder / "recording.json").read_text())["truth"]["metrics"])
    # A latency fault may show as slow requests, in the raw values, in the buckets, or in several.
    latency = {"latency", "slow_requests", "latency_histogram"}
    assert failed - latency == expected - latency
    assert bool(failed & latency) == bool(expected & latency)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_requests_and_buckets_tell_the_same_story(folder):
    recording = Recording.read(folder)
    for arm in (recording.baseline, recording.canary):
        # Scrapes are 15 s apart, so the buckets miss a little at both ends.
        assert arm["latency_histogram"].count == pytest.approx(arm["error_rate"].trials, rel=0.05)


def query(folder, name):
    answer = json.loads((folder / "prometheus" / f"{name}.json").read_text())
    return answer["data"]["result"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_quantiles_are_prometheus_own(folder):
    """histogram_quantile over rates of buckets, answered by Prometheus and by us."""
    theirs = {
        (series["metric"]["arm"], time): float(value)
        for series in query(folder, "latency_p99")
        for time, value in series["values"]
    }
    buckets = {}
    for series in query(folder, "latency_bucket_rates"):
        for time, value in series["values"]:
            key = (series["metric"]["arm"], time)
            buckets.setdefault(key, []).append((float(series["metric"]["le"]), float(value)))
    compared = 0
    for key, expected in theirs.items():
        bounds, counts = zip(*sorted(buckets[key]), strict=True)
        assert canary.Histogram(bounds, counts).quantile(0.99) == pytest.approx(expected, rel=1e-9)
        compared += 1
    assert compared >= 20


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("{}", "version: this release reads 1, got None"),
        ('{"version": 1, "metrics": {"m": {}}}', "metrics.m: must have a file and one of"),
        (
            '{"version": 1, "metrics": {"m": {"file": "x.csv", "sample": {"column": "v"}}}}',
            "x.csv: cannot be read",
        ),
    ],
)
def test_bad_recordings_are_named(tmp_path, manifest, message):
    (tmp_path / "recording.json").write_text(manifest)
    with pytest.raises(InvalidFile, match=message):
        Recording.read(tmp_path)
