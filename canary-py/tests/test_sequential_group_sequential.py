"""Group-sequential designs from Python: data in, errors by name, restarts."""

import pickle

import canary
import numpy as np
import pytest


def monitor(**options):
    return canary.GroupSequentialMonitor(
        **{"looks": 4, "information": 400, "assume": "independence", **options}
    )


def test_bounds_are_the_published_ones():
    plan = canary.plan_group_sequential(looks=5, spending="wang_tsiatis(0.5)")
    assert [round(look.bounds.efficacy, 3) for look in plan.looks] == [2.413] * 5
    assert plan.looks[0].bounds.futility is None
    assert "5 looks, alpha 0.05, power 0.8" in str(plan)


def test_looks_may_be_fractions():
    fractions = np.array([0.2, 0.5, 1.0])
    plan = canary.plan_group_sequential(looks=fractions, alternative="greater", futility="pocock")
    assert [look.bounds.fraction for look in plan.looks] == fractions.tolist()
    last = plan.looks[-1]
    assert last.bounds.futility == last.bounds.efficacy
    assert abs(sum(look.stop_null for look in plan.looks) - 1) < 1e-12


def test_counts_come_as_tuples_or_objects():
    one, other = monitor(), monitor()
    for _ in range(4):
        one.update((3, 100), (9, 100))
        other.update(canary.Counts(3, 100), canary.Counts(9, 100))
    assert one == other
    assert one.decision == "accept_alternative"
    assert one.state.estimate.of == "difference of proportions"
    assert one.state.observations == 800


def test_values_come_as_rows_or_summaries():
    rng = np.random.default_rng(1)
    one, other = monitor(), monitor()
    for _ in range(2):
        baseline, observed = rng.normal(0, 1, 100), rng.normal(0.1, 1, 100)
        one.update(baseline, list(observed))
        summaries = [
            canary.Summary(len(row), row.mean(), row.std(ddof=1)) for row in (baseline, observed)
        ]
        other.update(*summaries)
    assert [look.z for look in one.looks] == pytest.approx([look.z for look in other.looks])
    assert one.next_look.fraction == 0.75
    assert one.state.remaining == pytest.approx(400)


def test_a_z_of_ones_own_is_a_look():
    trial = monitor(looks=3, information=1.0)
    assert trial.update(information=0.3, z=1.9) == "continue"
    assert trial.update(information=0.7, z=2.9) == "accept_alternative"
    low, high = trial.state.estimate.interval
    assert 0 < low < high


def test_ends_and_stages():
    stages = monitor()
    stages.update((3, 50), (4, 50))
    stages.new_stratum()
    stages.update((3, 10), (4, 30))
    assert stages.looks == []
    assert stages.look() == "continue"
    assert len(stages.looks) == 1
    stages.update((3, 10), (4, 30))
    assert stages.finish() == "accept_null"
    assert stages.next_look is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"looks": 0}, "looks: must be 1 to 100"),
        ({"looks": [0.5]}, "fractions: must end with 1"),
        ({"looks": "many"}, "looks: must be a row of numbers"),
        ({"alpha": 0}, "alpha: must lie in"),
        ({"information": -1}, "information: must be positive"),
        ({"spending": "linear"}, 'spending: must be one of|spending: must be "obrien_fleming"'),
        ({"spending": "power(-1)"}, "spending: power must lie in"),
        ({"futility": "pocock"}, "futility: must be left out with a two-sided"),
        ({"alternative": "both"}, "alternative: must be one of"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(canary.CanaryError, match=message):
        monitor(**options)


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "data: must be baseline and canary, or information and z"),
        (((1, 2),), {}, "data: must be"),
        (((1, 2), (3, 2)), {}, "canary.events: must not exceed"),
        (([1.0], [float("nan")]), {}, "canary: "),
        ((), {"information": 0.5, "z": float("inf")}, "z: must be finite"),
        ((), {"information": "x", "z": 1}, "information: must be a number"),
    ],
)
def test_wrong_data_are_named_and_change_nothing(args, kwargs, message):
    watched = monitor()
    with pytest.raises(canary.CanaryError, match=message):
        watched.update(*args, **kwargs)
    assert watched == monitor()


def test_pickled_midway_it_goes_on_the_same():
    watched = monitor(alternative="greater", futility="pocock", spending="wang_tsiatis(0.25)")
    for events in range(12):
        watched.update((3, 50), (events, 50))
        again = pickle.loads(pickle.dumps(watched))
        assert again == watched
        assert again.update((1, 20), (2, 20)) == watched.update((1, 20), (2, 20))
        assert again.state == watched.state
    assert watched.decision != "continue"


def test_what_has_looked_is_not_merged():
    own, later = monitor(), monitor()
    later.update((1, 10), (2, 10))
    own.merge(later)
    assert own.state.observations == 20
    later.update((1, 100), (2, 100))
    with pytest.raises(canary.InvalidInput, match="later: must not have looked yet"):
        own.merge(later)
