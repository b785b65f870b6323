"""The sequential probability ratio test from Python: types of input, errors by name, restarts."""

import json
import pickle
from pathlib import Path

import canary
import numpy as np
import pytest

CORPUS = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "reference" / "sequential_sprt.json").read_text()
)
ALONE = ("proportion", "rate", "mean", "standardized_mean")


def made(design):
    options = {"assume": "independence", **design}
    return canary.SprtMonitor(options.pop("model"), **options)


def fed(monitor, model, updates):
    for update in updates:
        if model in ALONE:
            data = tuple(update) if model in ("proportion", "rate") else update
            monitor.update(canary=data)
        else:
            monitor.update(*update)
    return monitor


@pytest.mark.parametrize("case", CORPUS["monitors"], ids=lambda case: case["design"]["model"])
def test_likelihood_ratios_are_those_of_the_densities(case):
    monitor = fed(made(case["design"]), case["design"]["model"], case["updates"])
    assert monitor.state.log_e_value == pytest.approx(case["log_ratio"], rel=1e-9)


@pytest.mark.parametrize("case", CORPUS["monitors"], ids=lambda case: case["design"]["model"])
def test_pickled_midway_it_continues_to_the_same(case):
    model, updates = case["design"]["model"], case["updates"]
    whole = fed(made(case["design"]), model, updates)
    restarted = fed(made(case["design"]), model, updates[:1])
    restarted = pickle.loads(pickle.dumps(restarted))
    assert fed(restarted, model, updates[1:]).to_json() == whole.to_json()


@pytest.mark.parametrize("case", CORPUS["plans"][::5], ids=lambda case: case["design"]["model"])
def test_plans_are_those_of_other_means(case):
    plan = made(case["design"]).plan(case["truth"], method="exact", per_second=4.0)
    assert plan.accept_alternative == pytest.approx(case["accept_alternative"], rel=1e-9)
    assert plan.accept_alternative + plan.accept_null == pytest.approx(1.0)
    assert plan.expected == pytest.approx(case["expected"], rel=1e-9)
    assert plan.seconds == plan.expected / 4.0
    assert plan.median < plan.ninth_decile
    assert str(plan).endswith(" s")


def test_every_way_to_hand_over_the_same():
    def after(model, *updates, **options):
        monitor = canary.SprtMonitor(model, assume="independence", **options)
        for update in updates:
            monitor.update(**update)
        return monitor

    proportion = {"null": 0.01, "alternative": 0.02}
    trials = [{"canary": True}, {"canary": False}, {"canary": canary.Counts(0, 3)}]
    one_by_one = after("proportion", *trials, **proportion).state
    at_once = after("proportion", {"canary": (1, 5)}, **proportion).state
    assert one_by_one.log_e_value == at_once.log_e_value
    assert one_by_one.p_value < at_once.p_value  # it had looked at its best

    mean = {"null": 0, "alternative": 1, "sd": 2}
    values = np.array([0.5, 1.5, 4.0], dtype="f4")
    expected = after("mean", {"canary": values}, **mean)
    for same in (values.tolist(), canary.Summary.of(values), canary.Sample(values)):
        assert after("mean", {"canary": same}, **mean).state == expected.state
    alone = after("mean", *({"canary": x} for x in values), **mean)
    assert alone.state.log_e_value == pytest.approx(expected.state.log_e_value)

    events = after("rate_ratio", {"baseline": 3, "canary": 1}, alternative=2, share=0.25)
    exposed = {"baseline": (3, 3.0), "canary": canary.Exposure(1, 1.0)}
    assert after("rate_ratio", exposed, alternative=2, share=0.25) == events
    parts = ({"baseline": 3}, {"canary": 1})
    parted = after("rate_ratio", *parts, alternative=2, share=0.25).state.log_e_value
    assert parted == pytest.approx(events.state.log_e_value)

    both = after("odds_ratio", {"baseline": (1, 2), "canary": (1, 1)}, alternative=2)
    trials = [{"baseline": True}, {"baseline": (0, 1)}, {"canary": True}]
    assert after("odds_ratio", *trials, alternative=2).state.log_e_value == pytest.approx(
        both.state.log_e_value
    )

    difference = {"alternative": 1.0, "sd": (1.0, 1.0)}
    both = after("mean_difference", {"baseline": [1.0, 2.0], "canary": 3.0}, **difference)
    trials = [{"baseline": [1.0, 2.0], "canary": []}, {"canary": [3.0]}]
    assert after("mean_difference", *trials, **difference) == both
    assert after("mean_difference", *trials, alternative=1.0, sd=1.0) == both


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("odds", {"alternative": 2}, r'^model: must be one of "proportion", .*, got "odds"$'),
        ("proportion", {"alternative": 0.2}, "^null: must be given for this model, got none$"),
        ("mean", {"null": 0, "alternative": 1}, "^sd: must be given for this model, got none$"),
        ("rate", {"null": 1, "alternative": 2, "sd": 1}, "^sd: must be left out for this model"),
        ("odds_ratio", {"alternative": 1}, "^alternative: must differ from the null hypothesis"),
        ("odds_ratio", {"alternative": 0}, "^alternative: must lie between 1e-100 and 1e100"),
        ("odds_ratio", {"alternative": 2, "alpha": 5}, r"^alpha: must lie in \(0, 1\), got 5$"),
        ("odds_ratio", {"alternative": 2, "beta": 0}, r"^beta: must lie in \(0, 1\), got 0$"),
        ("odds_ratio", {"alternative": 2, "share": 1}, r"^share: must lie in \(0, 1\), got 1$"),
        (
            "odds_ratio",
            {"alternative": 2, "bounds": "x"},
            '^bounds: must be one of "ville"',
        ),
        ("odds_ratio", {"alternative": 2, "truncation": -1}, "^truncation: must be positive"),
        (
            "odds_ratio",
            {"alternative": 2, "bounds": "wald", "alpha": 0.5, "beta": 0.5},
            "^beta: must be less than 0.5",
        ),
        ("standardized_difference", {"alternative": 1, "null": 1}, "^null: must be 0"),
    ],
)
def test_options_that_cannot_be_are_refused_by_name(model, options, message):
    with pytest.raises(canary.InvalidOption, match=message):
        canary.SprtMonitor(model, **options)


@pytest.mark.parametrize(
    ("model", "options", "update", "message"),
    [
        ("proportion", {"null": 0.1}, {"baseline": True}, "^baseline: must be left out where"),
        ("proportion", {"null": 0.1}, {}, "^canary: must be given, got nothing$"),
        ("proportion", {"null": 0.1}, {"canary": 0.5}, r"^canary: must be \(events, trials\)"),
        ("proportion", {"null": 0.1}, {"canary": (3, 2)}, "^canary.events: must not exceed"),
        ("mean", {"null": 0.1, "sd": 1}, {"canary": float("nan")}, "^canary: "),
        ("mean", {"null": 0.1, "sd": 1}, {"canary": [1.0, float("inf")]}, "^canary: "),
        ("mean", {"null": 0.1, "sd": 1}, {"canary": "slow"}, "^canary: must be a row of numbers"),
        ("odds_ratio", {}, {}, "^baseline and canary: one of them must be given"),
        ("rate_ratio", {}, {"canary": -1}, "^canary: must not be negative, got -1$"),
        ("rate_ratio", {}, {"canary": (1, 2)}, "^canary: must be a whole number"),
        ("mean_difference", {"sd": 1}, {"baseline": [None]}, "^baseline: "),
    ],
)
def test_data_that_cannot_be_are_refused_and_change_nothing(model, options, update, message):
    monitor = canary.SprtMonitor(model, alternative=0.2, **options)
    before = monitor.to_json()
    with pytest.raises(canary.InvalidInput, match=message):
        monitor.update(**update)
    assert monitor.to_json() == before


def test_a_plan_that_cannot_be_is_refused():
    odds = canary.SprtMonitor("odds_ratio", alternative=2.0)
    with pytest.raises(canary.InvalidOption, match=r"^baseline: must be given to plan for an odds"):
        odds.plan()
    with pytest.raises(canary.InvalidOption, match=r'^method: must be "wald" for odds ratios'):
        odds.plan(baseline=0.1, method="exact")
    with pytest.raises(canary.InvalidOption, match=r"^per_second: must be positive"):
        odds.plan(baseline=0.1, per_second=0)
    with pytest.raises(canary.InvalidOption, match=r"^truth: must lie between"):
        odds.plan(0, baseline=0.1)
    cut = canary.SprtMonitor("odds_ratio", alternative=2.0, truncation=10)
    with pytest.raises(canary.InvalidOption, match=r"^truncation: must be left out"):
        cut.plan(baseline=0.1)


def test_a_truncated_test_ends():
    monitor = canary.SprtMonitor("proportion", null=0.01, alternative=0.02, truncation=100)
    assert monitor.update(canary=(1, 99)) == "continue"
    assert monitor.state.remaining == 1
    assert monitor.update(canary=False) == "accept_null"
    assert monitor.state.remaining is None
    assert monitor.plan().expected < 100


def test_merged_halves():
    options = {"null": 0.01, "alternative": 0.02}
    first, second = (canary.SprtMonitor("proportion", **options) for _ in range(2))
    first.update(canary=(3, 100))
    second.update(canary=(2, 150))
    first.merge(second)
    assert first.state.observations == 250
    with pytest.raises(canary.InvalidInput, match=r"^design: must be that of the other monitor"):
        first.merge(canary.SprtMonitor("proportion", alpha=0.01, **options))


def test_nothing_is_decided_before_dependence_is_known():
    errors = canary.SprtMonitor("rate", null=1.0, alternative=2.0)
    for _ in range(15):
        assert errors.update(canary=(30, 1)) == "continue"
    assert errors.state.dependence.basis == "too_few"
    assert errors.update(canary=(30, 1)) == "accept_alternative"
    assert errors.state.dependence.basis == "batches"
    with pytest.raises(canary.InvalidOption, match=r"^assume: must be one of"):
        canary.SprtMonitor("rate", null=1.0, alternative=2.0, assume="luck")
