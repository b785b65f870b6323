"""Two series, minute by minute, and what monitors of two arms take for granted."""

import pickle

import canary
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import nct, norm, t


def series(minutes, shift=0.0, seed=1):
    """Memory of both arms under the same wave, noise of 1 MB on either."""
    rng = np.random.default_rng(seed)
    wave = 512 + 50 * np.sin(np.arange(minutes) / 20)
    return wave + rng.normal(size=minutes), wave + shift + rng.normal(size=minutes)


def remembering(minutes, phi, rng):
    """A series of which each value remembers `phi` of the last."""
    values = rng.normal(size=minutes)
    for i in range(1, minutes):
        values[i] += phi * values[i - 1]
    return values


def mixture(differences, tuned_at=60.0, alpha=0.05):
    """The one-sample t-mixture, by integration over the effect."""
    n = len(differences)
    statistic = np.mean(differences) / (np.std(differences, ddof=1) / np.sqrt(n))
    doubled = -2 * np.log(alpha)
    spread = np.sqrt(n * (doubled + np.log1p(doubled)) / tuned_at)
    likelihood = quad(
        lambda d: nct.pdf(statistic, n - 1, d) * norm.pdf(d / spread) / spread, -40, 40, limit=500
    )[0]
    return np.log(likelihood / t.pdf(statistic, n - 1))


def test_a_shift_shows_through_the_wave():
    memory = canary.SeriesMonitor()
    assert memory.update(*series(120, shift=2)) == "accept_alternative"
    state = memory.state
    assert state.monitor == "series"
    assert state.observations == 240
    assert [arm.n for arm in state.arms] == [120, 120]
    assert state.p_value < 0.05 < 20 < state.e_value
    assert state.estimate.interval.low < 2 < state.estimate.interval.high
    assert state.estimate.value == pytest.approx(2, abs=0.4)
    assert state.remaining is None


@pytest.mark.parametrize(
    ("options", "shift", "decision"),
    [
        ({}, 0, "continue"),
        ({"alternative": "greater"}, -2, "continue"),
        ({"alternative": "less"}, -2, "accept_alternative"),
        ({"alternative": "greater", "tolerance": 1}, 0, "accept_null"),
        ({"measure": "ratio", "tolerance": 1.01}, 0, "accept_null"),
        ({"measure": "ratio", "null": 1.01}, 0, "accept_alternative"),
        ({"null": 2}, 2, "continue"),
    ],
)
def test_three_answers(options, shift, decision):
    assert canary.SeriesMonitor(**options).update(*series(300, shift)) == decision


def test_one_by_one_is_all_at_once():
    baseline, observed = series(50)
    single, whole = canary.SeriesMonitor(), canary.SeriesMonitor()
    for b, c in zip(baseline, observed, strict=True):
        single.update(b, c)
    whole.update(list(baseline), observed.astype(object))
    assert single == whole
    assert single.to_json() == whole.to_json()


def test_pickled_midway_it_goes_on_the_same():
    monitor = canary.SeriesMonitor(tolerance=3)
    for b, c in zip(*series(60), strict=True):
        other = pickle.loads(pickle.dumps(monitor))
        assert monitor.update(b, c) == other.update(b, c)
        assert monitor.to_json() == other.to_json()


def test_halves_merge_but_for_the_batches_at_the_seam():
    arms = np.array(series(512, shift=0.4))
    whole, first, second = (canary.SeriesMonitor() for _ in range(3))
    whole.update(*arms)
    first.update(*arms[:, :200])
    second.update(*arms[:, 200:])
    first.merge(second)
    assert first.state.observations == whole.state.observations
    assert first.state.estimate.value == pytest.approx(whole.state.estimate.value)
    assert first.state.log_e_value == pytest.approx(whole.state.log_e_value, abs=0.5)
    with pytest.raises(canary.InvalidInput, match="design: must be that of"):
        first.merge(canary.SeriesMonitor(alpha=0.01))


def test_independent_differences_give_the_formula_itself():
    baseline, observed = series(30, shift=0.3)
    monitor = canary.SeriesMonitor(assume="independence")
    monitor.update(baseline, observed)
    expected = mixture(observed - baseline)
    assert monitor.state.log_e_value == pytest.approx(expected, rel=1e-6)
    assert monitor.state.dependence.basis == "independence"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measure": "odds_ratio"}, "measure: must be"),
        ({"alternative": "worse"}, "alternative: must be one of"),
        ({"alpha": 0}, r"alpha: must lie in \(0, 1\)"),
        ({"null": float("inf")}, "null: must"),
        ({"tolerance": -1}, "tolerance: must be a positive difference"),
        ({"measure": "ratio", "tolerance": 0.9}, "tolerance: must be a factor above 1"),
        ({"tuned_at": 0}, "tuned_at: must be positive"),
        ({"assume": "normality"}, "assume: must be one of"),
    ],
)
def test_options_that_cannot_be_are_named(options, message):
    with pytest.raises(canary.InvalidOption, match=message):
        canary.SeriesMonitor(**options)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((1, float("nan")), "canary: must be a number"),
        ((1e300, 1), "baseline: must be a number between"),
        (([1, 2], [1]), "canary: must have as many values as the baseline, 2, got 1"),
        (([1, None], [1, 2]), "baseline: must be"),
        (("text", 1), "baseline: must be"),
    ],
)
def test_data_that_cannot_be_are_named_and_change_nothing(data, message):
    monitor = canary.SeriesMonitor()
    monitor.update([1, 2, 4], [2, 4, 5])
    before = monitor.to_json()
    with pytest.raises(canary.InvalidInput, match=message):
        monitor.update(*data)
    assert monitor.to_json() == before


# What monitors of two arms assume.


def errors(monitor, minutes, *, burst, rate=4.0, factor=1.0, seed=0):
    """Errors that come `burst` at a time, as many bursts a minute on either arm."""
    rng = np.random.default_rng(seed)
    for _ in range(minutes):
        bursts = rng.poisson([rate, rate * factor])
        monitor.update(*((burst * int(n), 1_000) for n in bursts))
    return monitor.state


COUNTS = [canary.EventSplitMonitor, canary.MixtureSprtMonitor]


def width(state):
    return state.estimate.interval.high - state.estimate.interval.low


@pytest.mark.parametrize("kind", COUNTS)
def test_the_size_of_bursts_is_measured(kind):
    burst = errors(kind(), 200, burst=5)
    assert burst.dependence.basis == "batches"
    assert 4 < burst.dependence.dispersion < 6.5
    assert burst.dependence.batches * burst.dependence.batch == 200
    effective = burst.observations / burst.dependence.dispersion
    assert burst.dependence.effective == pytest.approx(effective)
    assert "decided by batches of 1 updates; dispersion" in str(burst)
    single = errors(kind(), 200, burst=1)
    assert 0.7 < single.dependence.dispersion < 1.4


@pytest.mark.parametrize("kind", COUNTS)
def test_bursts_widen_the_interval_and_are_no_evidence(kind):
    careful = errors(kind(), 200, burst=5)
    promised = errors(kind(assume="independence"), 200, burst=5)
    assert careful.estimate.value == pytest.approx(promised.estimate.value, rel=1e-6)
    assert width(careful) > 1.8 * width(promised)
    # No more errors on the canary, and yet:
    assert (careful.decision, promised.decision) == ("continue", "accept_alternative")
    assert promised.dependence.basis == "independence"
    assert "as if observations were independent" in str(promised)


@pytest.mark.parametrize("kind", COUNTS)
def test_false_alarms_of_bursts_are_few(kind):
    runs = 200
    alarms = [
        errors(kind(), 60, burst=5, seed=seed).decision == "accept_alternative"
        for seed in range(runs)
    ]
    assert sum(alarms) / runs <= 0.05 + 3 * (0.05 * 0.95 / runs) ** 0.5


@pytest.mark.parametrize("kind", COUNTS)
def test_no_decision_on_fewer_than_sixteen_updates(kind):
    early = errors(kind(), 15, burst=1, rate=20, factor=10)
    assert early.decision == "continue"
    assert early.dependence.basis == "too_few"
    assert early.p_value == 1.0
    # A twelfth update as large as those so far.
    assert early.remaining == np.ceil(early.observations / 15)
    assert "too few updates" in str(early)
    promised = errors(kind(assume="independence"), 15, burst=1, rate=20, factor=10)
    assert promised.decision == "accept_alternative"
    assert errors(kind(), 16, burst=1, rate=20, factor=10).dependence.basis == "batches"
    assert errors(kind(), 20, burst=1, rate=20, factor=10).decision == "accept_alternative"


@pytest.mark.parametrize("kind", COUNTS)
def test_many_more_errors_show_through_bursts(kind):
    assert errors(kind(), 120, burst=5, factor=2).decision == "accept_alternative"


def test_latencies_that_remember_the_last_minute_are_told():
    rng = np.random.default_rng(3)
    latency = canary.MixtureSprtMonitor(level="mean")
    memory = canary.SeriesMonitor()
    drift = np.array([remembering(400, 0.7, rng) for _ in range(2)])
    for b, c in drift.T:
        latency.update(*(level + rng.normal(size=30) for level in (b, c)))
        memory.update(b, c)
    for state in (latency.state, memory.state):
        assert state.dependence.basis == "batches"
        assert state.dependence.batch > 1
        assert state.dependence.dispersion > 3


def test_what_remembers_for_longer_than_was_watched_decides_nothing():
    rng = np.random.default_rng(4)
    walk = np.cumsum(rng.normal(size=40) + 3)
    memory = canary.SeriesMonitor()
    assert memory.update(np.zeros(40), walk) == "continue"
    assert memory.state.dependence.basis == "too_dependent"
    assert "longer than was watched" in str(memory.state)
    interval = memory.state.estimate.interval
    assert tuple(interval) == (float("-inf"), float("inf"))
