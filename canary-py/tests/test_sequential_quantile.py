"""Quantiles and whole distributions at all looks, from Python."""

import pickle

import canary
import numpy as np
import pytest

MONITORS = [canary.QuantileComparisonMonitor, canary.DistributionComparisonMonitor]
BOUNDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5]


def latencies(seed, slow=0.0, size=2000):
    rng = np.random.default_rng(seed)
    return 0.1 * rng.lognormal(0, 0.5, size) * np.where(rng.random(size) < slow, 10, 1)


def histogram(values):
    bounds = [*BOUNDS, float("inf")]
    return canary.Histogram(bounds, [float(np.sum(values <= bound)) for bound in bounds])


@pytest.mark.parametrize("monitor", MONITORS)
@pytest.mark.parametrize("as_type", [np.asarray, list, lambda x: x[::-1]])
def test_every_kind_of_row_is_read(monitor, as_type):
    baseline, faulty = latencies(1), latencies(2, slow=0.05)
    latency = monitor(alternative="greater", assume="independence")
    assert latency.update(as_type(baseline), as_type(faulty)) == "accept_alternative"
    assert latency.state.observations == 4000
    assert latency.state.p_value < 0.05


@pytest.mark.parametrize("monitor", MONITORS)
def test_histograms_are_their_values(monitor):
    baseline, faulty = latencies(1), latencies(2, slow=0.05)
    raw, buckets = monitor(bounds=BOUNDS), monitor(bounds=BOUNDS)
    raw.update(baseline, faulty)
    buckets.update(histogram(baseline), histogram(faulty))
    assert raw == buckets


@pytest.mark.parametrize("monitor", MONITORS)
def test_single_values_arrive_by_arm(monitor):
    one, many = monitor(), monitor()
    for value in [1.0, 2, np.float32(3)]:
        one.update(baseline=value)
    one.update(canary=4)
    many.update([1, 2, 3], [4])
    assert one.state.observations == many.state.observations == 4
    assert one.state.arms == many.state.arms


@pytest.mark.parametrize("monitor", MONITORS)
def test_pickled_midstream_it_continues_the_same(monitor):
    latency = monitor(tolerance="50%")
    latency.update(latencies(1), latencies(2))
    restarted = pickle.loads(pickle.dumps(latency))
    assert restarted == latency
    for own in (latency, restarted):
        own.update(latencies(3), latencies(4))
    assert restarted == latency
    assert restarted.state == latency.state


@pytest.mark.parametrize("monitor", MONITORS)
def test_errors_name_what_is_wrong(monitor):
    for options, message in [
        ({"alpha": 2.0}, "alpha: must lie in"),
        ({"quantiles": [0.5, 0.1]}, "quantiles: must be 1 to 1000 numbers"),
        ({"quantiles": "x"}, "quantiles: "),
        ({"accuracy": 1.0}, "accuracy: must lie in"),
        ({"bounds": [2, 1]}, "bounds: must be 1 to 4095 finite numbers"),
        ({"alternative": "up"}, "alternative: must be one of"),
        ({"assume": "luck"}, "assume: must be one of"),
    ]:
        with pytest.raises(canary.CanaryError, match=message):
            monitor(**options)
    latency = monitor()
    with pytest.raises(
        canary.InvalidInput, match="canary: must hold finite values, got inf at index 1"
    ):
        latency.update([1, 2], [1, np.inf])
    with pytest.raises(canary.InvalidInput, match="canary: must be given"):
        latency.update()
    with pytest.raises(canary.InvalidInput, match="baseline: needs a monitor with bounds"):
        latency.update(histogram(latencies(1)), histogram(latencies(2)))
    assert latency == monitor()


def test_one_arm_is_held_against_a_value():
    latency = canary.QuantileSequenceMonitor(
        quantiles=[0.5], null=0.15, alternative="less", assume="independence"
    )
    assert latency.update(latencies(1)) == "accept_alternative"
    assert latency.quantiles[0].interval.high < 0.15
    assert latency.probability(0.1).low < 0.5 < latency.probability(0.1).high
    with pytest.raises(canary.InvalidOption, match="quantiles: must be one quantile"):
        canary.QuantileSequenceMonitor(null=1.0)


def test_changes_hold_the_truth():
    latency = canary.QuantileComparisonMonitor(
        measure="ratio", quantiles=[0.25, 0.5, 0.9], assume="independence"
    )
    latency.update(latencies(1, size=20_000), 1.3 * latencies(2, size=20_000))
    for change, p_value in zip(latency.changes, latency.p_values, strict=True):
        assert change.interval.low < 1.3 < change.interval.high
        assert change.interval.low > 1
        assert p_value < 0.05
    curves = canary.DistributionComparisonMonitor(assume="independence")
    curves.update(latencies(1, size=20_000), 1.3 * latencies(2, size=20_000))
    assert curves.band_p_value < 0.05
    assert min(curves.p_values) < 0.05
    for change in curves.changes([0.25, 0.5, 0.75], measure="ratio"):
        assert change.interval.low < 1.3 < change.interval.high


@pytest.mark.parametrize("monitor", MONITORS)
def test_without_a_promise_it_takes_updates(monitor):
    baseline, faulty = latencies(1, size=4000), latencies(2, slow=0.1, size=4000)
    latency = monitor()
    assert latency.update(baseline, faulty) == "continue"
    assert latency.state.dependence.basis == "too_few"
    assert (latency.state.log_e_value, latency.state.p_value) == (0, 1)
    latency = monitor()
    for minute in np.arange(4000).reshape(80, 50):
        decision = latency.update(baseline[minute], faulty[minute])
    assert decision == "accept_alternative"
    assert latency.state.dependence.basis == "batches"
    assert latency.state.dependence.dispersion == pytest.approx(1, abs=0.6)
    promised = monitor(assume="independence")
    promised.update(baseline, faulty)
    assert promised.state.dependence.basis == "independence"


@pytest.mark.parametrize("monitor", MONITORS)
def test_bursts_are_no_fault(monitor):
    alarms = {"nothing": 0, "independence": 0}
    for seed in range(30):
        rng = np.random.default_rng(seed)
        slow = np.repeat(rng.random((2, 1000)) < 0.1, 10, axis=1)  # ten in a row
        arms = np.where(slow, 10, 1) * rng.random((2, 10_000))
        for assume in alarms:
            latency = monitor(quantiles=[0.8, 0.9], assume=assume)
            for minute in np.arange(10_000).reshape(100, 100):
                decision = latency.update(*arms[:, minute])
            alarms[assume] += decision == "accept_alternative"
    assert alarms["nothing"] <= 5
    assert alarms["independence"] >= 9
