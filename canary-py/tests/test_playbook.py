"""The playbooks' judges: their formulas restated with scipy, and the places where those fail."""

import copy
import dataclasses
import doctest
import inspect
import itertools
import json
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import canary
import canary.playbook
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

NAN, INF = float("nan"), float("inf")
NAMES = [
    "AnalysisResult",
    "CanaryAnalyzer",
    "CanaryMetrics",
    "CanaryStatisticalAnalyzer",
    "StatisticalResult",
    "detect_anomalies",
    "is_statistically_significant",
]
NOTHING = canary.StatisticalResult(False, 1.0, (0, 0), 0, 0, 0)


def close(value):
    return pytest.approx(value, rel=1e-9, abs=1e-9)


# What the documents compute, in scipy's words.


def z_test(stable, canary_, alpha):
    (xs, ns), (xc, nc) = stable, canary_
    ps, pc, p = xs / ns, xc / nc, (xs + xc) / (ns + nc)
    pooled = math.sqrt(p * (1 - p) * (ns + nc) / (ns * nc))
    unpooled = math.hypot(
        stats.bernoulli.std(ps) / math.sqrt(ns), stats.bernoulli.std(pc) / math.sqrt(nc)
    )
    change, quantile = pc - ps, stats.norm.isf(alpha / 2)
    return {
        "p_value": 2 * stats.norm.sf(abs(change) / pooled),
        "interval": (change - quantile * unpooled, change + quantile * unpooled),
        "effect": 2 * math.asin(math.sqrt(pc)) - 2 * math.asin(math.sqrt(ps)),
        "power": stats.norm.cdf((abs(change) - quantile * pooled) / unpooled),
        "size": ns + nc,
    }


def u_test(stable, canary_, alpha):
    u, p_value = stats.mannwhitneyu(canary_, stable, alternative="two-sided")
    spread = math.hypot(np.std(stable), np.std(canary_)) / math.sqrt(2)
    distance = abs(np.median(canary_) - np.median(stable))
    n = min(len(stable), len(canary_))
    return {
        "p_value": p_value,
        "effect": 2 * u / (len(stable) * len(canary_)) - 1,
        "power": stats.norm.sf(stats.norm.isf(alpha / 2) - distance / spread * math.sqrt(n / 2))
        if spread
        else 0.5,
        "size": len(stable) + len(canary_),
    }


def sequential(stable, canary_, least, found):
    """The decision and the reason, given what the z-test found."""
    change = canary_[0] / max(canary_[1], 1) - stable[0] / max(stable[1], 1)
    if stable[1] + canary_[1] < 100:
        return "continue", "insufficient_sample_size"
    if abs(change) < least:
        return "stop", "no_practical_difference"
    if not found():
        return "continue", "not_significant_yet"
    if change > least:
        return "promote", "significant_improvement"
    return "rollback", "significant_degradation"


def point_comparison(canary_, baseline, thresholds):
    """Status, reason, recommendation, and the relative changes."""
    relative = {
        name: (getattr(canary_, name) - getattr(baseline, name)) / getattr(baseline, name)
        for name in ("error_rate", "latency_p99")
    }
    ratio = canary_.latency_p99 / baseline.latency_p99
    lost = (baseline.throughput - canary_.throughput) / baseline.throughput
    said = [
        (
            relative["error_rate"] > thresholds["error_rate_increase"],
            f"Error rate increased by {relative['error_rate'] * 100:.1f}%",
        ),
        (
            ratio > thresholds["latency_increase"],
            f"P99 latency increased by {(ratio - 1) * 100:.1f}%",
        ),
        (
            canary_.success_rate < thresholds["success_rate_min"],
            f"Success rate {canary_.success_rate * 100:.1f}% below minimum",
        ),
        (lost > 0.1, f"Throughput decreased by {lost * 100:.1f}%"),
    ]
    failed = [text for failed, text in said if failed]
    if failed:
        return "FAIL", "; ".join(failed), "ROLLBACK canary deployment", relative
    reason = "All metrics within acceptable thresholds"
    return "PASS", reason, "PROMOTE canary to next stage", relative


@st.composite
def counts(draw, most=10**6):
    trials = draw(st.integers(1, most))
    return draw(st.integers(0, trials)), trials


alphas = st.sampled_from([0.01, 0.05, 0.1]) | st.floats(0.001, 0.5)
levels = st.floats(1e-3, 1e6)
tied = st.integers(0, 40).map(lambda tenths: 10 + tenths / 10)
times = st.lists(levels, min_size=1, max_size=25) | st.lists(tied, min_size=1, max_size=25)


# The names


@pytest.mark.parametrize("name", NAMES)
def test_each_is_public(name):
    assert name in canary.__all__
    assert getattr(canary, name) is getattr(canary.playbook, name)
    assert getattr(canary, name).__module__ == "canary"


@pytest.mark.parametrize(
    ("what", "parameters"),
    [
        (canary.is_statistically_significant, "canary_data baseline_data"),
        (canary.detect_anomalies, "metrics_timeseries baseline=None"),
        (canary.CanaryAnalyzer, "thresholds"),
        (canary.CanaryAnalyzer.analyze, "self canary baseline"),
        (canary.CanaryAnalyzer._build_comparison, "self canary baseline"),
        (canary.CanaryAnalyzer._is_sample_size_sufficient, "self"),
        (canary.CanaryStatisticalAnalyzer, "alpha=0.05 min_power=0.8"),
        (
            canary.CanaryStatisticalAnalyzer.analyze_conversion_rates,
            "self stable_conversions stable_visitors canary_conversions canary_visitors",
        ),
        (
            canary.CanaryStatisticalAnalyzer.analyze_response_times,
            "self stable_times canary_times",
        ),
        (
            canary.CanaryStatisticalAnalyzer.sequential_testing,
            "self stable_successes stable_trials canary_successes canary_trials "
            "min_effect_size=0.01",
        ),
        (canary.CanaryStatisticalAnalyzer._calculate_power_two_proportions, "self p1 p2 n1 n2"),
        (
            canary.CanaryStatisticalAnalyzer._estimate_power_mannwhitney,
            "self stable_times canary_times",
        ),
    ],
    ids=lambda item: getattr(item, "__qualname__", ""),
)
def test_arguments_and_defaults_are_the_documents(what, parameters):
    signature = inspect.signature(what).parameters.values()
    assert {p.kind for p in signature} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}
    found = [p.name if p.default is p.empty else f"{p.name}={p.default}" for p in signature]
    assert " ".join(found) == parameters


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (
            canary.CanaryMetrics,
            "error_rate latency_p50 latency_p95 latency_p99 throughput success_rate requests",
        ),
        (canary.AnalysisResult, "status reason metrics_comparison recommendation"),
        (
            canary.StatisticalResult,
            "is_significant p_value confidence_interval effect_size statistical_power sample_size",
        ),
    ],
)
def test_fields_are_the_documents_in_their_order(record, fields):
    names = [field.name for field in dataclasses.fields(record)]
    assert names == fields.split()
    values = list(range(len(names)))
    made = record(*values)
    assert dataclasses.astuple(made) == tuple(values)
    assert made == copy.deepcopy(made) == pickle.loads(pickle.dumps(made))
    setattr(made, names[0], 17)  # controllers may: it is no frozen dataclass there
    assert getattr(made, names[0]) == 17 and made != record(*values)


def test_examples_of_classes_and_methods_run():
    finder, flags = doctest.DocTestFinder(exclude_empty=True), doctest.NORMALIZE_WHITESPACE
    runner = doctest.DocTestRunner(optionflags=flags)
    ran = []
    for name in NAMES:
        for test in finder.find(
            getattr(canary, name), name, module=False, globs={"canary": canary}
        ):
            if test.examples:
                ran.append(test.name)
                assert runner.run(test).failed == 0
    methods = {name.partition(".")[2] for name in ran} - {""}
    assert set(NAMES) <= set(ran)
    assert methods == {
        "analyze",
        "_build_comparison",
        "_is_sample_size_sufficient",
        "analyze_conversion_rates",
        "analyze_response_times",
        "sequential_testing",
        "_calculate_power_two_proportions",
        "_estimate_power_mannwhitney",
    }


# is_statistically_significant


@pytest.mark.filterwarnings("ignore:Precision loss")  # one arm may have no variance
@given(baseline=times, canary_=times, shift=st.floats(-20, 20))
@example(baseline=[5.0], canary_=[7.0, 7.5], shift=0.0)
@example(baseline=[10.0, 11.0, 12.0], canary_=[10.5, 11.0, 12.5], shift=20.0)
@example(baseline=[10.0, 11.0, 12.0], canary_=[10.5, 11.0, 12.5], shift=-9.0)
def test_the_t_test_is_scipys(baseline, canary_, shift):
    canary_ = np.array(canary_) + shift
    baseline = np.array(baseline)
    # Without variance scipy answers NaN, or divides what rounding left by what rounding left.
    assume(np.ptp(baseline) + np.ptp(canary_) > 1e-6 * np.abs(np.append(baseline, canary_)).max())
    p_value = stats.ttest_ind(canary_, baseline).pvalue
    moved = "WORSE" if np.mean(canary_) > np.mean(baseline) else "BETTER"
    expected = moved if p_value < 0.05 else "NO_DIFFERENCE"
    assert canary.is_statistically_significant(canary_, baseline) == expected


def test_the_t_test_pools_the_variances():
    baseline = np.array([10.0, 10.1, 9.9, 10.0, 10.1, 9.9, 10.0, 10.0, 10.1, 9.9, 10.0, 10.0])
    canary_ = np.array([10.0, 14.0, 10.5])
    assert stats.ttest_ind(canary_, baseline).pvalue < 0.05
    assert stats.ttest_ind(canary_, baseline, equal_var=False).pvalue > 0.05
    assert canary.is_statistically_significant(canary_, baseline) == "WORSE"


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_the_t_test_takes_what_numpy_reads(kind):
    few, many = kind([1.0, 1.2, 1.1]), kind([2.0, 2.1, 2.2])
    assert canary.is_statistically_significant(many, few) == "WORSE"
    assert canary.is_statistically_significant(few, many) == "BETTER"


def test_the_t_test_without_variance():
    one, two = np.ones(4), np.full(3, 2.0)
    assert canary.is_statistically_significant(two, one) == "WORSE"
    assert canary.is_statistically_significant(one, two) == "BETTER"
    assert canary.is_statistically_significant(one, one) == "NO_DIFFERENCE"


@pytest.mark.parametrize("bad", [[], [NAN, 1.0, 2.0], [1.0, INF], [1.0]])
def test_the_t_test_refuses_what_is_no_sample(bad):
    other = [1.0, 2.0, 3.0] if len(bad) != 1 else [2.0]
    for arms in [(bad, other), (other, bad)]:
        with pytest.raises(canary.CanaryError, match=r"baseline|canary"):
            canary.is_statistically_significant(*arms)


# CanaryAnalyzer

THRESHOLDS = {"error_rate_increase": 0.5, "latency_increase": 2.0, "success_rate_min": 0.95}
BASELINE = canary.CanaryMetrics(0.01, 40.0, 90.0, 150.0, 1000.0, 0.99)
ANALYZER = canary.CanaryAnalyzer(THRESHOLDS)
ENOUGH = "All metrics within acceptable thresholds"
TOO_FEW = canary.AnalysisResult(
    "INCONCLUSIVE",
    "Insufficient sample size for statistical significance",
    ANALYZER._build_comparison(BASELINE, BASELINE),
    "Continue monitoring, need more data",
)


def with_(metrics=BASELINE, **changed):
    return dataclasses.replace(metrics, **changed)


rates = st.floats(1e-6, 1)
metrics = st.builds(canary.CanaryMetrics, rates, levels, levels, levels, levels, rates)


@given(
    canary_=metrics,
    baseline=metrics,
    near=st.booleans(),
    thresholds=st.fixed_dictionaries(
        {
            "error_rate_increase": st.floats(0, 2),
            "latency_increase": st.floats(1, 3),
            "success_rate_min": rates,
        }
    ),
)
@example(canary_=BASELINE, baseline=BASELINE, near=False, thresholds=THRESHOLDS)
@example(
    canary_=canary.CanaryMetrics(0.015, 1, 1, 300.0, 900.0, 0.95),  # each on its threshold
    baseline=BASELINE,
    near=False,
    thresholds=THRESHOLDS,
)
@example(
    canary_=canary.CanaryMetrics(0.0151, 1, 1, 300.1, 899.0, 0.9499),  # each just beyond it
    baseline=BASELINE,
    near=False,
    thresholds=THRESHOLDS,
)
def test_point_comparisons_are_the_playbooks(canary_, baseline, near, thresholds):
    if near:  # arms drawn apart nearly always fail
        canary_ = with_(canary_, throughput=baseline.throughput, success_rate=1.0)
    status, reason, recommendation, relative = point_comparison(canary_, baseline, thresholds)
    found = canary.CanaryAnalyzer(thresholds).analyze(canary_, baseline)
    assert (found.status, found.reason, found.recommendation) == (status, reason, recommendation)
    for name, change in relative.items():
        assert found.metrics_comparison.pop(name) == {
            "canary": getattr(canary_, name),
            "baseline": getattr(baseline, name),
            "change": close(change),
        }
    assert found.metrics_comparison == {
        "success_rate": {
            "canary": canary_.success_rate,
            "baseline": baseline.success_rate,
            "change": close(canary_.success_rate - baseline.success_rate),
        }
    }


def test_every_reason_in_its_words():
    bad = canary.CanaryMetrics(0.02, 40.0, 90.0, 450.0, 700.0, 0.9)
    assert ANALYZER.analyze(bad, BASELINE) == canary.AnalysisResult(
        "FAIL",
        "Error rate increased by 100.0%; P99 latency increased by 200.0%; "
        "Success rate 90.0% below minimum; Throughput decreased by 30.0%",
        ANALYZER._build_comparison(bad, BASELINE),
        "ROLLBACK canary deployment",
    )


ZERO = with_(error_rate=0.0, latency_p99=0.0, throughput=0.0)


def test_equal_to_a_baseline_of_zero_is_no_increase():
    with pytest.raises(ZeroDivisionError):
        point_comparison(ZERO, ZERO, THRESHOLDS)
    found = ANALYZER.analyze(ZERO, ZERO)
    assert (found.status, found.reason) == ("PASS", ENOUGH)
    assert [found.metrics_comparison[name]["change"] for name in ("error_rate", "latency_p99")] == [
        0.0,
        0.0,
    ]


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("error_rate", "FAIL", "Error rate increased by inf%"),
        ("latency_p99", "FAIL", "P99 latency increased by inf%"),
        ("throughput", "PASS", ENOUGH),
    ],
)
def test_anything_from_a_baseline_of_zero_is_an_infinite_increase(name, status, reason):
    found = ANALYZER.analyze(with_(ZERO, **{name: 1e-9}), ZERO)
    assert (found.status, found.reason) == (status, reason)
    if name != "throughput":
        assert found.metrics_comparison[name] == {"canary": 1e-9, "baseline": 0.0, "change": INF}


def test_a_latency_equal_to_one_of_zero_is_once_that():
    strict = canary.CanaryAnalyzer({**THRESHOLDS, "latency_increase": 0.9})
    for metrics in (BASELINE, ZERO):
        assert strict.analyze(metrics, metrics).reason == "P99 latency increased by 0.0%"


def test_an_infinite_latency_of_the_canary_fails():
    found = ANALYZER.analyze(with_(latency_p99=INF), BASELINE)
    assert found.reason == "P99 latency increased by inf%"


@pytest.mark.parametrize("name", ["error_rate", "latency_p99", "throughput", "success_rate"])
def test_metrics_that_are_not_numbers_are_refused(name):
    broken = with_(**{name: NAN})
    with pytest.raises(canary.InvalidInput, match=rf"^canary\.{name}: must be a number, got NaN$"):
        ANALYZER.analyze(broken, BASELINE)
    with pytest.raises(canary.InvalidInput, match=rf"^baseline\.{name}: must be a number"):
        ANALYZER.analyze(BASELINE, broken)
    with pytest.raises(canary.InvalidInput, match=rf"^baseline\.{name}: must be finite, got inf$"):
        ANALYZER.analyze(BASELINE, with_(**{name: INF}))


def test_metrics_that_are_not_compared_may_be_missing():
    unmeasured = with_(latency_p50=NAN, latency_p95=None)
    assert ANALYZER.analyze(unmeasured, unmeasured).status == "PASS"


@pytest.mark.parametrize("name", THRESHOLDS)
def test_thresholds_that_are_not_numbers_are_refused(name):
    with pytest.raises(canary.InvalidOption, match=rf"^thresholds\.{name}: must be a number"):
        canary.CanaryAnalyzer({**THRESHOLDS, name: NAN}).analyze(BASELINE, BASELINE)


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_that_is_missing_is_a_key_error_as_there(name):
    thresholds = {key: value for key, value in THRESHOLDS.items() if key != name}
    with pytest.raises(KeyError, match=name):
        canary.CanaryAnalyzer(thresholds).analyze(BASELINE, BASELINE)


@pytest.mark.parametrize(
    ("of_canary", "of_baseline", "sufficient"),
    [
        (None, None, True),
        (1000, 1000, True),
        (999, 1000, False),
        (1000, 999, False),
        (0, 0, False),
        (None, 1000, True),
        (None, 999, False),
        (999, None, False),
    ],
)
def test_requests_are_counted_when_given(of_canary, of_baseline, sufficient):
    found = ANALYZER.analyze(with_(requests=of_canary), with_(requests=of_baseline))
    if sufficient:
        assert (found.status, found.reason) == ("PASS", ENOUGH)
    else:
        assert found == TOO_FEW


def test_too_few_requests_come_before_failures():
    found = ANALYZER.analyze(with_(error_rate=0.5, requests=10), BASELINE)
    assert (found.status, found.reason) == (TOO_FEW.status, TOO_FEW.reason)
    assert found.metrics_comparison["error_rate"]["change"] == close(49)


def test_a_controllers_own_metrics_need_no_requests():
    @dataclasses.dataclass
    class Metrics:
        error_rate: float = 0.01
        latency_p99: float = 150.0
        throughput: float = 1000.0
        success_rate: float = 0.99

    assert ANALYZER.analyze(Metrics(), Metrics()).status == "PASS"


def test_overridden_methods_decide():
    class Strict(canary.CanaryAnalyzer):
        seen = ()
        answer = False

        def __init__(self):  # without super().__init__(), as the playbook's allows
            self.thresholds = THRESHOLDS

        def _is_sample_size_sufficient(self):
            self.counted = super()._is_sample_size_sufficient()
            return self.answer

        def _build_comparison(self, canary, baseline):
            self.seen = (canary, baseline)
            return {"mine": 1}

    analyzer = Strict()
    few = with_(requests=5)
    found = analyzer.analyze(few, BASELINE)
    assert (found.status, found.metrics_comparison) == ("INCONCLUSIVE", {"mine": 1})
    assert analyzer.seen == (few, BASELINE) and analyzer.counted is False
    analyzer.answer = True
    assert analyzer.analyze(few, BASELINE).status == "PASS"


def test_an_instances_method_may_be_replaced(monkeypatch):
    analyzer = canary.CanaryAnalyzer(THRESHOLDS)
    monkeypatch.setattr(analyzer, "_is_sample_size_sufficient", lambda: False)
    assert analyzer.analyze(BASELINE, BASELINE) == TOO_FEW


def test_nothing_is_kept_between_analyses():
    class Failing(canary.CanaryAnalyzer):
        def _is_sample_size_sufficient(self):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        Failing(THRESHOLDS).analyze(with_(requests=5), BASELINE)
    assert ANALYZER.analyze(with_(requests=5), BASELINE) == TOO_FEW
    assert ANALYZER._is_sample_size_sufficient() is True
    assert vars(ANALYZER) == {"thresholds": THRESHOLDS}


def test_threads_may_share_an_analyzer():
    meet = threading.Barrier(2, timeout=10)

    class Slow(canary.CanaryAnalyzer):
        def _is_sample_size_sufficient(self):
            meet.wait()  # both are under analysis now
            answer = super()._is_sample_size_sufficient()
            meet.wait()
            return answer

    analyzer = Slow(THRESHOLDS)
    with ThreadPoolExecutor(2) as pool:
        few = pool.submit(analyzer.analyze, with_(requests=5), BASELINE)
        many = pool.submit(analyzer.analyze, with_(requests=5000), BASELINE)
    assert (few.result().status, many.result().status) == ("INCONCLUSIVE", "PASS")


# CanaryStatisticalAnalyzer: conversion rates


def assert_found(found, expected, alpha, min_power):
    assert found.p_value == pytest.approx(expected["p_value"], rel=1e-9, abs=1e-300)
    assert found.effect_size == close(expected["effect"])
    assert found.statistical_power == close(expected["power"])
    assert found.sample_size == expected["size"]
    significant = expected["p_value"] < alpha and expected["power"] >= min_power
    assert found.is_significant is bool(significant)
    json.dumps(dataclasses.asdict(found))  # numbers of Python's own


@given(stable=counts(), canary_=counts(), alpha=alphas, min_power=st.floats(0, 1))
@example(stable=(500, 10_000), canary_=(650, 10_000), alpha=0.05, min_power=0.8)
@example(stable=(500, 10_000), canary_=(560, 10_000), alpha=0.05, min_power=0.8)
@example(stable=(0, 10), canary_=(3, 9), alpha=0.05, min_power=0.1)
@example(stable=(7, 7), canary_=(3, 9), alpha=0.05, min_power=0.1)
@example(stable=(5, 10), canary_=(10, 20), alpha=0.05, min_power=0.0)
@example(stable=(0, 1), canary_=(1, 2), alpha=0.01, min_power=0.0)  # an interval beyond 1
def test_conversion_rates_are_the_documents(stable, canary_, alpha, min_power):
    rate = (stable[0] / stable[1], canary_[0] / canary_[1])
    assume(not set(rate) <= {0, 1})  # these have tests of their own
    analyzer = canary.CanaryStatisticalAnalyzer(alpha, min_power)
    found = analyzer.analyze_conversion_rates(*stable, *canary_)
    expected = z_test(stable, canary_, alpha)
    assert_found(found, expected, alpha, min_power)
    assert isinstance(found.confidence_interval, tuple)
    assert found.confidence_interval == close(expected["interval"])


@pytest.mark.parametrize(
    "arms", [(0, 50, 0, 70), (50, 50, 70, 70), (0, 0, 3, 50), (3, 50, 0, 0), (0, 0, 0, 0)]
)
def test_rates_that_tell_nothing(arms):
    found = canary.CanaryStatisticalAnalyzer().analyze_conversion_rates(*arms)
    assert dataclasses.astuple(found) == (False, 1.0, (0, 0), 0, 0, 0)


def test_p_values_keep_their_tail():
    stable, canary_ = (500_000, 1_000_000), (520_000, 1_000_000)
    found = canary.CanaryStatisticalAnalyzer().analyze_conversion_rates(*stable, *canary_)
    pooled = 510_000 / 1_000_000
    z = 0.02 / math.sqrt(pooled * (1 - pooled) * 2e-6)
    assert 2 * (1 - stats.norm.cdf(z)) == 0
    assert 0 < found.p_value < 1e-170
    assert math.log(found.p_value) == pytest.approx(math.log(2) + stats.norm.logsf(z), rel=1e-9)


def test_the_power_of_rates_without_variance():
    analyzer = canary.CanaryStatisticalAnalyzer()
    found = analyzer.analyze_conversion_rates(0, 40, 60, 60)
    assert found.is_significant and found.statistical_power == 1.0
    assert found.confidence_interval == (1.0, 1.0)
    assert analyzer._calculate_power_two_proportions(1.0, 1.0, 40, 60) == 0.05


@given(stable=counts(), canary_=counts(), alpha=alphas)
def test_the_power_of_rates_is_the_documents(stable, canary_, alpha):
    rate = (stable[0] / stable[1], canary_[0] / canary_[1])
    assume(not set(rate) <= {0, 1})
    analyzer = canary.CanaryStatisticalAnalyzer(alpha)
    power = analyzer._calculate_power_two_proportions(*rate, stable[1], canary_[1])
    assert power == close(z_test(stable, canary_, alpha)["power"])


@pytest.mark.parametrize("bad", [(NAN, 0.5, 10, 10), (1.5, 0.5, 10, 10), (0.1, 0.5, 0, 10)])
def test_the_power_of_what_is_no_rate_is_no_guess(bad):
    with pytest.raises(canary.CanaryError):
        canary.CanaryStatisticalAnalyzer()._calculate_power_two_proportions(*bad)


@pytest.mark.parametrize(
    ("arms", "match"),
    [
        ((60, 50, 1, 50), r"^baseline\.events"),
        ((1, 50, 60, 50), r"^canary\.events"),
        ((NAN, 50, 1, 50), r"^baseline\.events"),
        ((1, 50, 1, NAN), r"^canary\.trials"),
        ((1, 50, 2.5, 50), r"^canary\.events"),
        ((-1, 50, 1, 50), r"^baseline\.events"),
        ((5, 0, 1, 50), r"^baseline\.events"),
    ],
)
def test_counts_that_cannot_be_are_refused(arms, match):
    with pytest.raises(canary.InvalidInput, match=match):
        canary.CanaryStatisticalAnalyzer().analyze_conversion_rates(*arms)


@pytest.mark.parametrize("alpha", [NAN, 0, 1, 5])
def test_an_alpha_that_cannot_be_is_refused(alpha):
    with pytest.raises(canary.InvalidOption):
        canary.CanaryStatisticalAnalyzer(alpha).analyze_conversion_rates(5, 100, 9, 100)


# CanaryStatisticalAnalyzer: response times


@given(stable=times, canary_=times, alpha=alphas, min_power=st.floats(0, 1))
@example(stable=[1.0, 2.0], canary_=[1.0, 2.0], alpha=0.05, min_power=0.0)
@example(stable=[2.0, 2.0, 2.0], canary_=[2.0, 2.0], alpha=0.05, min_power=0.5)
@example(stable=[0.1] * 12, canary_=[0.3] * 11, alpha=0.05, min_power=0.8)
@example(stable=[0.0, 1.0], canary_=[-0.0, 1.0, 2.0], alpha=0.05, min_power=0.0)
def test_response_times_are_the_documents(stable, canary_, alpha, min_power):
    analyzer = canary.CanaryStatisticalAnalyzer(alpha, min_power)
    found = analyzer.analyze_response_times(stable, canary_)
    assert_found(found, u_test(stable, canary_, alpha), alpha, min_power)
    low, high = found.confidence_interval
    assert low <= high


SIZES = (1, 7, 8, 9, 30)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("sizes", list(itertools.product(SIZES, SIZES)), ids=str)
def test_the_p_value_is_exact_where_scipys_is(sizes, ties):
    random = np.random.default_rng(sum(sizes))
    stable, canary_ = random.normal(50, 9, sizes[0]), random.normal(53, 9, sizes[1])
    if ties:
        canary_[-1] = stable[0]
    expected = stats.mannwhitneyu(canary_, stable).pvalue
    both = [stats.mannwhitneyu(canary_, stable, method=m).pvalue for m in ("exact", "asymptotic")]
    assert expected == both[min(sizes) > 8 or ties]
    found = canary.CanaryStatisticalAnalyzer().analyze_response_times(stable, canary_)
    assert found.p_value == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_medians_interval_is_the_bootstraps(alpha):
    random = np.random.default_rng(11)
    stable, canary_ = random.lognormal(3, 0.5, 301), random.lognormal(3.2, 0.7, 202)
    drawn = np.median(random.choice(canary_, (20_000, 202)), axis=1) - np.median(
        random.choice(stable, (20_000, 301)), axis=1
    )
    low, high = np.percentile(drawn, [100 * alpha / 2, 100 * (1 - alpha / 2)])
    analyzer = canary.CanaryStatisticalAnalyzer(alpha)
    found = analyzer.analyze_response_times(stable, canary_)
    assert isinstance(found.confidence_interval, tuple)
    assert found.confidence_interval == pytest.approx((low, high), abs=0.03 * (high - low))
    assert found == analyzer.analyze_response_times(stable, canary_)


@pytest.mark.parametrize("arms", [([], [1.0, 2.0]), ([1.0, 2.0], []), ([], []), ([], [NAN])])
def test_no_response_times_tell_nothing(arms):
    found = canary.CanaryStatisticalAnalyzer().analyze_response_times(*arms)
    assert dataclasses.astuple(found) == (False, 1.0, (0, 0), 0, 0, 0)


@pytest.mark.parametrize("bad", [NAN, INF])
def test_times_that_are_not_numbers_are_refused(bad):
    analyzer = canary.CanaryStatisticalAnalyzer()
    with pytest.raises(canary.InvalidInput, match=r"^baseline: must hold finite values"):
        analyzer.analyze_response_times([1.0, bad], [1.0, 2.0])
    with pytest.raises(canary.InvalidInput, match=r"^canary: must hold finite values"):
        analyzer.analyze_response_times([1.0, 2.0], [1.0, bad])


@pytest.mark.parametrize("bad", [[], [NAN, 1.0], [INF, 1.0], ["slow"], [None]])
def test_the_power_of_what_are_no_times_is_no_guess(bad):
    analyzer = canary.CanaryStatisticalAnalyzer()
    for arms in [(bad, [1.0, 2.0]), ([1.0, 2.0], bad)]:
        with pytest.raises(canary.CanaryError):
            analyzer._estimate_power_mannwhitney(*arms)


def test_the_power_of_times_without_variance_is_the_documents():
    assert canary.CanaryStatisticalAnalyzer()._estimate_power_mannwhitney([2, 2], [3, 3, 3]) == 0.5


def test_overridden_powers_decide():
    class Mine(canary.CanaryStatisticalAnalyzer):
        def __init__(self):
            super().__init__()
            self.seen = []

        def _calculate_power_two_proportions(self, p1, p2, n1, n2):
            self.seen.append((p1, p2, n1, n2))
            return 0.125

        def _estimate_power_mannwhitney(self, stable_times, canary_times):
            self.seen.append((stable_times, canary_times))
            return 1.0

    mine, stable, canary_ = Mine(), list(range(9)), [9.5 + i for i in range(8)]
    rates = mine.analyze_conversion_rates(500, 10_000, 650, 10_000)
    assert (rates.is_significant, rates.statistical_power) == (False, 0.125)
    found = mine.analyze_response_times(stable, canary_)
    assert (found.is_significant, found.statistical_power) == (True, 1.0)
    assert mine.seen == [(0.05, 0.065, 10_000, 10_000), (stable, canary_)]


# CanaryStatisticalAnalyzer: sequential testing

BRANCHES = {
    (30, 50, 10, 40): ("continue", "insufficient_sample_size"),
    (50, 99, 0, 0): ("continue", "insufficient_sample_size"),
    (50, 60, 33, 40): ("stop", "no_practical_difference"),
    (4500, 5000, 4549, 5000): ("stop", "no_practical_difference"),
    (50, 60, 36, 40): ("continue", "not_significant_yet"),
    (4600, 5000, 4700, 5000): ("promote", "significant_improvement"),
    (4700, 5000, 4600, 5000): ("rollback", "significant_degradation"),
    (0, 100_000, 1000, 100_000): ("rollback", "significant_degradation"),  # exactly 0.01, up
}


@pytest.mark.parametrize("arms", BRANCHES, ids=str)
def test_every_branch_of_sequential_testing(arms):
    stable, canary_ = arms[:2], arms[2:]
    analyzer = canary.CanaryStatisticalAnalyzer()
    found = analyzer.sequential_testing(*arms)
    decision, reason = BRANCHES[arms]
    expected = {"decision": decision, "reason": reason}
    test = analyzer.analyze_conversion_rates(*arms) if canary_[1] else None
    if reason == "insufficient_sample_size":
        expected["recommendation"] = "need_minimum_100_samples"
    elif decision == "stop":
        expected["observed_difference"] = close(canary_[0] / canary_[1] - stable[0] / stable[1])
        expected["min_effect_size"] = 0.01
    elif decision == "continue":
        expected |= {"p_value": test.p_value, "power": test.statistical_power}
    else:
        expected |= {"p_value": test.p_value, "confidence_interval": test.confidence_interval}
    assert found == expected


@given(
    stable=counts(3000),
    canary_=counts(3000),
    least=st.sampled_from([0.0, 0.01, 0.3, INF]),
    alpha=alphas,
)
def test_sequential_testing_is_the_documents(stable, canary_, least, alpha):
    assume(not {stable[0] / stable[1], canary_[0] / canary_[1]} <= {0, 1})
    found = canary.CanaryStatisticalAnalyzer(alpha).sequential_testing(
        *stable, *canary_, min_effect_size=least
    )

    def significant():
        expected = z_test(stable, canary_, alpha)
        return expected["p_value"] < alpha and expected["power"] >= 0.8

    expected = sequential(stable, canary_, least, significant)
    assert (found["decision"], found["reason"]) == expected


@pytest.mark.parametrize("arms", [(0, 0, 150, 200), (150, 200, 0, 0)])
def test_an_arm_without_trials_goes_on(arms):
    assert canary.CanaryStatisticalAnalyzer().sequential_testing(*arms) == {
        "decision": "continue",
        "reason": "not_significant_yet",
        "p_value": NOTHING.p_value,
        "power": NOTHING.statistical_power,
    }


def test_a_least_effect_that_is_no_number_is_refused():
    with pytest.raises(canary.InvalidOption, match=r"^min_effect_size: must be a number, got NaN$"):
        canary.CanaryStatisticalAnalyzer().sequential_testing(90, 100, 80, 100, NAN)


def test_sequential_testing_refuses_counts_that_cannot_be():
    analyzer = canary.CanaryStatisticalAnalyzer()
    for arms in [(90, 100, 110, 100), (90, 100, 50, NAN), (NAN, 100, 50, 100)]:
        with pytest.raises(canary.InvalidInput):
            analyzer.sequential_testing(*arms)
