"""Counts that are watched, detectors of change, and e-values, through Python."""

import json
import pickle
from pathlib import Path

import canary
import numpy as np
import pytest

REFERENCE = json.loads(
    (Path(__file__).resolve().parents[2] / "fixtures/reference/sequential_counts.json").read_text()
)


@pytest.mark.parametrize("case", REFERENCE["event_split"])
def test_splits_of_events_are_the_integrals(case):
    for side, log_e in case["log_e"].items():
        monitor = canary.EventSplitMonitor(
            share=case["share"],
            strength=case["strength"],
            alternative=side,
            assume="independence",
        )
        for share, baseline, canarys in case["intervals"]:
            monitor.update(baseline, canarys, share=share)
        assert monitor.state.log_e_value == pytest.approx(log_e, rel=1e-7)


@pytest.mark.parametrize("case", REFERENCE["sample_ratio"])
def test_sample_ratios_are_the_dirichlet_mixture(case):
    monitor = canary.SampleRatioMonitor(
        case["expected"], concentration=case["concentration"], assume="independence"
    )
    monitor.update(np.array(case["counts"]))
    assert monitor.state.log_e_value == pytest.approx(case["log_e"], rel=1e-7)


def test_events_come_alone_with_trials_or_in_time():
    same = [canary.EventSplitMonitor(share=0.5) for _ in range(4)]
    same[0].update(9, 4, share=0.1)
    same[1].update((9, 900), (4, 100))
    same[2].update(canary.Counts(9, 900), canary.Counts(4, 100))
    same[3].update(canary.Exposure(9, 4.5), canary.Exposure(4, 0.5))
    values = {round(monitor.state.log_e_value, 12) for monitor in same}
    assert len(values) == 1
    with pytest.raises(canary.InvalidInput, match="share: must not be given"):
        same[1].update((9, 900), (4, 100), share=0.1)
    with pytest.raises(canary.InvalidInput, match="share: must lie in"):
        same[0].update(9, 4, share=1.0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: canary.EventSplitMonitor(share=0), "share: must lie in"),
        (lambda: canary.EventSplitMonitor(tolerance=1), "tolerance: must be a finite factor"),
        (lambda: canary.EventSplitMonitor(alternative="worse"), "alternative: must be one of"),
        (lambda: canary.SampleRatioMonitor([1]), "expected: must hold the shares of at least 2"),
        (lambda: canary.SampleRatioMonitor([1, 0]), "expected: must hold positive"),
        (lambda: canary.SampleRatioMonitor([1, 1], concentration=0), "concentration: must be"),
        (lambda: canary.CusumMonitor("gauss", 0, 1), "model: must be one of"),
        (lambda: canary.CusumMonitor("normal", 0, 0), "after: must be 0.01 to 20"),
        (lambda: canary.CusumMonitor("bernoulli", 0, 0.1), r"before: must lie in \(0, 1\)"),
        (lambda: canary.CusumMonitor("normal", 0, 1, sd=-1), "sd: must be positive"),
        (
            lambda: canary.CusumMonitor("normal", 0, 1, average_run_length=1),
            "average_run_length: must lie between 2 and 1e12",
        ),
        (lambda: canary.EDetectorMonitor(2, low=0, high=1), "before: must lie within"),
        (lambda: canary.EDetectorMonitor(0.5, low=1, high=0), "high: must be greater"),
        (lambda: canary.EDetectorMonitor(0.5, method="sum"), "method: must be one of"),
        (lambda: canary.e_benjamini_hochberg([1.0], 1.0), "alpha: must lie in"),
        (lambda: canary.p_to_e(0.1, kappa=1), "kappa: must lie in"),
    ],
)
def test_options_that_cannot_be_are_named(make, message):
    with pytest.raises(canary.InvalidOption, match=message):
        make()


@pytest.mark.parametrize(
    ("refuse", "message"),
    [
        (lambda: canary.SampleRatioMonitor([1, 1]).update([1, 2, 3]), "counts: must be as many"),
        (lambda: canary.SampleRatioMonitor([1, 1]).update([1.5, 2]), "counts: must hold whole"),
        (lambda: canary.CusumMonitor("bernoulli", 0.1, 0.2).update(0.5), "data: must be those of"),
        (lambda: canary.CusumMonitor("normal", 0, 1).update([1, np.nan]), "values: must be finite"),
        (lambda: canary.EDetectorMonitor(0.5, low=0, high=1).update(2), "values: must lie within"),
        (lambda: canary.EDetectorMonitor(0.5, low=0), "high: must be given with low"),
        (lambda: canary.e_to_p(-1), "e_values: must not be negative"),
        (lambda: canary.combine_e_values([1, 2], [1]), "weights: must be as many"),
    ],
)
def test_data_that_cannot_be_are_named(refuse, message):
    with pytest.raises(canary.InvalidInput, match=message):
        refuse()


def test_detectors_cannot_be_merged():
    for monitor in (
        canary.CusumMonitor("normal", 0, 1),
        canary.EDetectorMonitor(0.5, low=0, high=1),
    ):
        with pytest.raises(canary.InvalidInput, match="later: cannot be merged"):
            monitor.merge(monitor)


STREAMS = [
    (
        canary.EventSplitMonitor(share=0.1, tolerance=1.5),
        [((3, 90), (1, 10)), ((4, 80), (2, 20)), (3, 1), (7, 2), ((1, 10), (9, 90))],
    ),
    (canary.SampleRatioMonitor([0.9, 0.1]), [([90, 10],), ([80, 20],), ([95, 5],), ([91, 9],)]),
    (canary.CusumMonitor("bernoulli", 0.1, 0.2), [(True,), ((3, 10),), (False,), ((4, 9),)]),
    (canary.CusumMonitor("poisson", 2, 1), [((3, 1.5),), ((1, 2.5),), (canary.Exposure(1, 1),)]),
    (canary.CusumMonitor("normal", 2, 3), [(2.5,), ([3.0, 2.0],), (np.array([3.5, 4]),)]),
    (canary.EDetectorMonitor(2.0, alternative="two_sided"), [((3, 1.5),), ((9, 1),), ((0, 3),)]),
    (canary.EDetectorMonitor(0.4, low=0, high=1), [(0.5,), ([0.6, 0.7],), (True,), (0,)]),
]


@pytest.mark.parametrize(("monitor", "stream"), STREAMS, ids=lambda x: type(x).__name__)
def test_pickled_mid_stream_goes_on_the_same(monitor, stream):
    one, other = pickle.loads(pickle.dumps(monitor)), pickle.loads(pickle.dumps(monitor))
    for data in stream:
        other = pickle.loads(pickle.dumps(other))
        assert one.update(*data) == other.update(*data)
    assert one == other
    assert one.to_json() == other.to_json()
    assert str(one.state)


def test_an_alarm_names_the_change_and_is_reset():
    monitor = canary.CusumMonitor("normal", 10, 12, sd=2, average_run_length=1e4)
    assert monitor.average_run_length == pytest.approx(1e4)
    assert 5 < monitor.delay < 30
    rng = np.random.default_rng(3)
    monitor.update(rng.normal(10, 2, 200))
    assert monitor.update(rng.normal(13, 2, 40)) == "accept_alternative"
    assert 190 <= monitor.change_point.start <= 205
    assert 200 < monitor.change_point.alarm < 240
    monitor.reset()
    assert monitor.decision == "continue"
    assert monitor.change_point.alarm is None
    assert monitor.state.p_value == 1.0


def test_e_values_are_combined():
    assert canary.combine_e_values(np.array([4, 1.0]), weights=[1, 0]) == 4.0
    found = canary.e_benjamini_hochberg([1e3, float("inf"), 0.1])
    assert found.rejected == [True, True, False]
    assert found.count == 2
    assert found.adjusted.tolist() == [0.0015, 0.0, 1.0]
    assert canary.p_to_e(1.0) == pytest.approx(0.5)
