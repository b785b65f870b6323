"""Mixture SPRTs, sequences of means and proportions, proportions by blocks."""

import json
import pickle
from pathlib import Path

import canary
import numpy as np
import pytest

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "reference" / "sequential_mixture.json"
CASES = json.loads(FILE.read_text())["cases"]
KINDS = {
    "mixture_sprt": canary.MixtureSprtMonitor,
    "mean_sequence": canary.MeanSequenceMonitor,
    "proportion_sequence": canary.ProportionSequenceMonitor,
    "proportion_blocks": canary.ProportionBlocksMonitor,
}


def feed(case):
    design = {k: tuple(v) if isinstance(v, list) else v for k, v in case["design"].items()}
    monitor = KINDS[case["monitor"]](**design, assume="independence")
    updates = case["updates"]
    if case["monitor"] in ("mean_sequence", "proportion_sequence"):
        monitor.update(updates)
    else:
        for baseline, observed in updates:
            monitor.update(baseline=baseline, canary=observed)
    return monitor.state


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_agrees_with_independent_values(case):
    state, expected = feed(case), case["expected"]
    assert state.monitor == case["monitor"]
    assert state.log_e_value == pytest.approx(expected["log_e"], rel=1e-8, abs=1e-8)
    if "value" in expected:
        assert state.estimate.value == pytest.approx(expected["value"], rel=1e-9)
    for end in ("low", "high"):
        if expected.get(end) is not None:
            found = getattr(state.estimate.interval, end)
            assert found == pytest.approx(expected[end], rel=1e-7, abs=1e-8)


def streams():
    rng = np.random.default_rng(5)
    errors = [(bool(arm), bool(x)) for arm, x in rng.random((300, 2)) < (0.3, 0.1)]
    values = rng.normal(size=300).tolist()
    yield (
        canary.MixtureSprtMonitor(burn_in=5),
        [{("baseline", "canary")[arm]: event} for arm, event in errors],
    )
    yield (
        canary.MixtureSprtMonitor(level="mean", burn_in=5),
        [{("baseline", "canary")[arm]: x} for (arm, _), x in zip(errors, values, strict=True)],
    )
    yield canary.ProportionBlocksMonitor(), [{"baseline": (x, 3), "canary": (1, 2)} for x in (0, 3)]
    yield canary.MeanSequenceMonitor(), [{"values": x} for x in values]
    yield canary.ProportionSequenceMonitor(), [{"observed": event} for _, event in errors]


@pytest.mark.parametrize(("monitor", "updates"), list(streams()))
def test_pickled_in_midstream_it_goes_on_the_same(monitor, updates):
    half = len(updates) // 2
    for update in updates[:half]:
        monitor.update(**update)
    other = pickle.loads(pickle.dumps(monitor))
    for update in updates[half:]:
        assert monitor.update(**update) == other.update(**update)
    assert monitor == other
    assert monitor.to_json() == other.to_json()


def test_data_come_as_they_are():
    one, other = (canary.MixtureSprtMonitor(level="mean") for _ in range(2))
    values = [1.5, 2.0, 3.0], [2.0, 2.5, 4.0]
    one.update(*values)
    other.update(np.array(values[0]), tuple(values[1]))
    assert one == other
    other.update(canary=np.float32(2.0))
    other.update(canary.Summary(3, 1.0, 0.5), canary.Summary(4, 1.0, 0.5))
    assert other.state.observations == 14
    errors = canary.MixtureSprtMonitor()
    errors.update(canary.Counts(1, 10), (2, 20))
    errors.update(baseline=np.True_)
    errors.update(canary=(0, 5))
    assert [arm.n for arm in errors.state.arms] == [11, 25]
    rates = canary.MixtureSprtMonitor(level="rate")
    rates.update((3, 1.5), canary.Exposure(1, 0.5))
    assert rates.state.observations == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"level": "odds"}, "level: must be one of"),
        ({"alpha": 1}, r"alpha: must lie in \(0, 1\)"),
        ({"measure": "odds_ratio"}, "measure: must be"),
        ({"tolerance": -1}, "tolerance: must be a positive difference"),
        ({"effect": 0.1, "tuned_at": 9}, "effect: must not be given together with tuned_at"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(canary.InvalidOption, match=message):
        canary.MixtureSprtMonitor(**options)


def test_bad_data_are_named_and_change_nothing():
    monitor = canary.MixtureSprtMonitor(level="mean")
    monitor.update([1.0], [2.0])
    before = monitor.to_json()
    for bad in ([1.0, float("nan")], "text", [1e300], {"a": 1}):
        with pytest.raises(canary.InvalidInput, match=r"^canary"):
            monitor.update([1.0], bad)
    assert monitor.to_json() == before
    with pytest.raises(canary.InvalidInput, match=r"events: must not exceed"):
        canary.MixtureSprtMonitor().update((3, 2), (1, 2))
    with pytest.raises(canary.InvalidInput, match=r"canary: must be \(events, time\)"):
        canary.MixtureSprtMonitor(level="rate").update((3, 2))
    with pytest.raises(canary.InvalidInput, match=r"values: must lie within the bounds \(0, 1\)"):
        canary.MeanSequenceMonitor(null=0.5, bounds=(0, 1)).update(2)
    with pytest.raises(canary.InvalidInput, match="cannot be merged"):
        canary.ProportionBlocksMonitor().merge(canary.ProportionBlocksMonitor())


def test_no_worse_than_tolerated_is_an_answer():
    latency = canary.MixtureSprtMonitor(
        level="mean", measure="ratio", tolerance=1.1, assume="independence"
    )
    rng = np.random.default_rng(2)
    decision = "continue"
    while decision == "continue":
        decision = latency.update(*rng.exponential(50.0, size=(2, 500)))
    assert decision == "accept_null"
    interval = latency.state.estimate.interval
    # The answer is that of a one-sided test on either side; the interval has two, and is wider.
    assert 0.9 < interval.low < 1 < interval.high < 1.11
