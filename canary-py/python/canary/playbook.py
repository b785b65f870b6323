"""The judges of two published canary playbooks, on this package's statistics.

"Canary Release Playbook - DWCP Systems" defines `is_statistically_significant`, `detect_anomalies`,
`CanaryMetrics`, `AnalysisResult` and `CanaryAnalyzer`; the pattern "Canary Release" defines
`StatisticalResult` and `CanaryStatisticalAnalyzer`. A controller that was built from either imports
them from `canary` instead of defining them, and gets the same answers; where the playbooks' code
fails, these answer.

They are a bridge. New code says what change it accepts in a `Policy` and calls `judge`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from canary import _core
from canary._core import InvalidInput, InvalidOption, NotEnoughData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MIN_REQUESTS = 1000
"""As many requests an arm the playbook asks for."""

MIN_SAMPLES = 100
"""As many trials on both arms together `sequential_testing` waits for."""

MIN_WINDOWS = 16
"""As few windows as `anomalous_windows` compares."""

MAX_THROUGHPUT_DECREASE = 0.1
"""The playbook's code has this one beside its thresholds."""

# `_is_sample_size_sufficient` takes no arguments in the playbook, and subclasses override it so.
# An attribute would mix up two threads that share an analyzer.
_analyzed: ContextVar[tuple[Any, Any] | None] = ContextVar("_analyzed", default=None)


def is_statistically_significant(canary_data: ArrayLike, baseline_data: ArrayLike) -> str:
    """Whether the canary's mean moved: "WORSE", "BETTER" or "NO_DIFFERENCE".

    As in "Canary Release Playbook - DWCP Systems": Student's t-test with pooled variances,
    two-sided, at the 5% level; a greater mean is the worse one. The canary comes first.

    Better than there: lists and anything else that numpy reads are taken, not arrays alone; data
    without any variance are compared; NaN, an empty arm or too few values for a variance raise a
    `CanaryError`, where NaN came out as "NO_DIFFERENCE".

    In new code: `t_test`, whose default does not assume equal variances, or `mann_whitney`, and
    judge their interval against a margin with a `Policy`. "NO_DIFFERENCE" may mean too few data.

    >>> canary.is_statistically_significant([12.1, 11.8, 12.4, 12.0], [10.2, 10.9, 9.8, 10.4])
    'WORSE'
    """
    result = _core.t_test(baseline_data, canary_data, variance="pooled")
    if not result.p_value < 0.05:
        return "NO_DIFFERENCE"
    return "WORSE" if result.canary.level > result.baseline.level else "BETTER"


def detect_anomalies(
    metrics_timeseries: ArrayLike | Mapping[str, ArrayLike],
    baseline: ArrayLike | Mapping[str, ArrayLike] | None = None,
) -> str:
    """Whether windows became more anomalous: "ANOMALIES_DETECTED" or "NORMAL".

    As in "Canary Release Playbook - DWCP Systems", `metrics_timeseries` has a row for each window
    of time and a column for each metric (a 2-D array, rows of numbers, or columns by name), and an
    isolation forest says which windows are unlike the others.

    Better than there, where the forest takes a tenth of the windows that it was fitted on for
    anomalies, and more than a twentieth of them is an alarm, so that it always raises one: the last
    third (16 windows at least) is held against what came before, or all of it against the windows
    of a `baseline` (as many are at the same times). Forests score what they have not seen, and an
    alarm is raised at the 5% level, also where windows remember each other. Fewer than 32 windows
    (16 with a `baseline`), NaN and infinite values raise a `CanaryError`.

    In new code: `anomalous_windows`, which also says which windows, by which metrics, how sure that
    is, and whether it could tell at all: "NORMAL" may mean that windows remember each other for too
    long. Without a `baseline`, what drifts or follows the time of day is not told from a fault.

    >>> healthy = [[500 + minute * 7 % 13, 40 + minute * 5 % 11] for minute in range(90)]
    >>> canary.detect_anomalies(healthy)
    'NORMAL'
    >>> worse = [[memory + 30, p99 + 20] for memory, p99 in healthy]
    >>> canary.detect_anomalies(worse, baseline=healthy)
    'ANOMALIES_DETECTED'
    """
    windows: Any = metrics_timeseries
    if baseline is not None:
        beside: Any = baseline
        return _status(_core.anomalous_windows(beside, windows))
    names = getattr(windows, "columns", None)
    if names is None and hasattr(windows, "keys"):
        names = windows.keys()
    if names is None:
        rows = list(windows)
        count = len(rows)
    else:
        # numpy takes ten times as long to import as all of canary.
        import numpy as np

        columns = {str(name): np.asarray(windows[name]) for name in names}
        count = max((len(column) for column in columns.values()), default=0)
    if count < 2 * MIN_WINDOWS:
        message = f"metrics_timeseries: needs at least {2 * MIN_WINDOWS} windows, got {count}"
        raise NotEnoughData(message)
    start = count - max(count // 3, MIN_WINDOWS)

    earlier: Any
    later: Any
    if names is None:
        earlier, later = rows[:start], rows[start:]
    else:
        earlier = {name: column[:start] for name, column in columns.items()}
        later = {name: column[start:] for name, column in columns.items()}
    result = _core.anomalous_windows(
        earlier,
        later,
        baseline_times=list(range(start)),
        canary_times=list(range(start, count)),
    )
    return _status(result)


def _status(result: _core.AnomalyResult) -> str:
    return "ANOMALIES_DETECTED" if result.p_value <= 0.05 else "NORMAL"


@dataclass
class CanaryMetrics:
    """What `CanaryAnalyzer` compares: one arm's metrics, rates as fractions of one.

    As in "Canary Release Playbook - DWCP Systems", with one field more: `requests`, how many
    requests they were measured on. With it the analyzer can tell too few from enough.

    In new code: `Counts` for errors and `Sample` or `Histogram` for latencies, which know how much
    was measured, each under its metric's name in a dict.

    >>> canary.CanaryMetrics(0.01, 40.0, 90.0, 150.0, 1200.0, 0.99, requests=50_000).latency_p99
    150.0
    """

    error_rate: float
    latency_p50: float
    latency_p95: float
    latency_p99: float
    throughput: float
    success_rate: float
    requests: int | None = None


@dataclass
class AnalysisResult:
    """What `CanaryAnalyzer.analyze` answers.

    As in "Canary Release Playbook - DWCP Systems": `status` is "PASS", "FAIL" or "INCONCLUSIVE",
    `reason` says why, `metrics_comparison` has both arms and their change by metric, and
    `recommendation` says what to do.

    In new code: the `Verdict` of `judge`, with a finding for each check.

    >>> canary.AnalysisResult("PASS", "All is well", {}, "PROMOTE canary to next stage").status
    'PASS'
    """

    status: str
    reason: str
    metrics_comparison: dict[str, Any]
    recommendation: str


class CanaryAnalyzer:
    """Compares the canary's metrics with the baseline's, each against a threshold.

    As in "Canary Release Playbook - DWCP Systems". `thresholds` has `error_rate_increase` (0.5 is
    half as many errors again), `latency_increase` (a factor: 2.0 is twice the P99) and
    `success_rate_min`. A loss of more than a tenth of the throughput fails, too.

    Better than there:

    - A baseline of zero is no division by zero: equal is no change, and anything from zero is an
      infinite one.
    - With `CanaryMetrics.requests`, fewer than 1000 on an arm are "INCONCLUSIVE".
    - NaN, in a metric or a threshold, raises a `CanaryError`; it compared as if all were well.

    In new code: `judge` with a `Policy`. A point comparison does not know how sure it is: one error
    more among few requests rolls back a good canary.

    >>> analyzer = canary.CanaryAnalyzer(
    ...     {"error_rate_increase": 0.5, "latency_increase": 2.0, "success_rate_min": 0.95}
    ... )
    >>> baseline = canary.CanaryMetrics(0.010, 40.0, 90.0, 150.0, 1200.0, 0.990)
    >>> result = analyzer.analyze(
    ...     canary.CanaryMetrics(0.018, 41.0, 95.0, 340.0, 1190.0, 0.982), baseline
    ... )
    >>> result.status, result.recommendation
    ('FAIL', 'ROLLBACK canary deployment')
    >>> result.reason
    'Error rate increased by 80.0%; P99 latency increased by 126.7%'
    """

    def __init__(self, thresholds: Mapping[str, float]) -> None:
        self.thresholds = thresholds

    def analyze(self, canary: CanaryMetrics, baseline: CanaryMetrics) -> AnalysisResult:
        """Judges the canary by the thresholds.

        Error rate: (canary - baseline) / baseline. P99: canary / baseline. Success rate: the
        canary's own. Throughput: (baseline - canary) / baseline. The reason lists what went
        beyond its threshold. What is better than in the playbook, and what to write instead, is
        said with the class.

        >>> analyzer = canary.CanaryAnalyzer(
        ...     {"error_rate_increase": 0.5, "latency_increase": 2.0, "success_rate_min": 0.95}
        ... )
        >>> quiet = canary.CanaryMetrics(0.0, 40.0, 90.0, 150.0, 1200.0, 1.0)
        >>> analyzer.analyze(quiet, quiet).reason
        'All metrics within acceptable thresholds'
        >>> failing = canary.CanaryMetrics(0.001, 40.0, 90.0, 150.0, 1200.0, 0.999)
        >>> analyzer.analyze(failing, quiet).reason
        'Error rate increased by inf%'
        """
        for name in ("error_rate", "latency_p99", "throughput", "success_rate"):
            _finite(f"baseline.{name}", getattr(baseline, name))
            # An infinite latency is a timeout: it fails, as it should.
            _not_nan(f"canary.{name}", getattr(canary, name))
        failures = []

        error_rate_increase = _change(canary.error_rate, baseline.error_rate)
        if error_rate_increase > self._threshold("error_rate_increase"):
            failures.append(f"Error rate increased by {error_rate_increase * 100:.1f}%")

        latency_increase = _factor(canary.latency_p99, baseline.latency_p99)
        if latency_increase > self._threshold("latency_increase"):
            failures.append(f"P99 latency increased by {(latency_increase - 1) * 100:.1f}%")

        if canary.success_rate < self._threshold("success_rate_min"):
            failures.append(f"Success rate {canary.success_rate * 100:.1f}% below minimum")

        throughput_decrease = -_change(canary.throughput, baseline.throughput)
        if throughput_decrease > MAX_THROUGHPUT_DECREASE:
            failures.append(f"Throughput decreased by {throughput_decrease * 100:.1f}%")

        token = _analyzed.set((canary, baseline))
        try:
            sufficient = self._is_sample_size_sufficient()
        finally:
            _analyzed.reset(token)

        if not sufficient:
            status = "INCONCLUSIVE"
            reason = "Insufficient sample size for statistical significance"
            recommendation = "Continue monitoring, need more data"
        elif failures:
            status = "FAIL"
            reason = "; ".join(failures)
            recommendation = "ROLLBACK canary deployment"
        else:
            status = "PASS"
            reason = "All metrics within acceptable thresholds"
            recommendation = "PROMOTE canary to next stage"
        return AnalysisResult(
            status=status,
            reason=reason,
            metrics_comparison=self._build_comparison(canary, baseline),
            recommendation=recommendation,
        )

    def _threshold(self, name: str) -> float:
        value = self.thresholds[name]
        if math.isnan(value):
            message = f"thresholds.{name}: must be a number, got NaN"
            raise InvalidOption(message)
        return value

    def _build_comparison(self, canary: CanaryMetrics, baseline: CanaryMetrics) -> dict[str, Any]:
        """Both arms and their change: relative, and for the success rate absolute.

        Better than in "Canary Release Playbook - DWCP Systems": a baseline of zero is no division
        by zero. In new code: `Verdict.findings`.

        >>> slow = canary.CanaryMetrics(0.01, 40.0, 90.0, 300.0, 1200.0, 0.99)
        >>> fast = canary.CanaryMetrics(0.01, 40.0, 90.0, 150.0, 1200.0, 0.99)
        >>> canary.CanaryAnalyzer({})._build_comparison(slow, fast)["latency_p99"]
        {'canary': 300.0, 'baseline': 150.0, 'change': 1.0}
        """
        return {
            "error_rate": {
                "canary": canary.error_rate,
                "baseline": baseline.error_rate,
                "change": _change(canary.error_rate, baseline.error_rate),
            },
            "latency_p99": {
                "canary": canary.latency_p99,
                "baseline": baseline.latency_p99,
                "change": _change(canary.latency_p99, baseline.latency_p99),
            },
            "success_rate": {
                "canary": canary.success_rate,
                "baseline": baseline.success_rate,
                "change": canary.success_rate - baseline.success_rate,
            },
        }

    def _is_sample_size_sufficient(self) -> bool:
        """Whether both arms under analysis had the 1000 requests that the playbook asks for.

        In "Canary Release Playbook - DWCP Systems" the answer is always yes. Here it is yes where
        `CanaryMetrics.requests` is not given, and counted where it is.

        In new code: a check with a margin says itself whether the data decide, and about how many
        more would.

        >>> analyzer = canary.CanaryAnalyzer(
        ...     {"error_rate_increase": 0.5, "latency_increase": 2.0, "success_rate_min": 0.95}
        ... )
        >>> few = canary.CanaryMetrics(0.01, 40.0, 90.0, 150.0, 1200.0, 0.99, requests=300)
        >>> many = canary.CanaryMetrics(0.01, 40.0, 90.0, 150.0, 1200.0, 0.99, requests=6000)
        >>> analyzer.analyze(few, many).status, analyzer.analyze(many, many).status
        ('INCONCLUSIVE', 'PASS')
        """
        # A controller may have metrics of its own, without the field.
        counts = [getattr(arm, "requests", None) for arm in _analyzed.get() or ()]
        return all(count is None or count >= MIN_REQUESTS for count in counts)


@dataclass
class StatisticalResult:
    """What `CanaryStatisticalAnalyzer` found.

    As in the pattern "Canary Release": `is_significant` needs a p-value below alpha and the power
    asked for, `confidence_interval` is that of the change, canary minus stable, and `sample_size`
    counts both arms. Where nothing can be told, all is zero but the p-value, which is one.

    In new code: the `TestResult` of `two_proportion_z` or `mann_whitney`.

    >>> canary.StatisticalResult(False, 1.0, (0, 0), 0, 0, 0).is_significant
    False
    """

    is_significant: bool
    p_value: float
    confidence_interval: tuple[float, float]
    effect_size: float
    statistical_power: float
    sample_size: int


class CanaryStatisticalAnalyzer:
    """Tests conversion rates and response times for a significant difference.

    As in the pattern "Canary Release": significant is a p-value below `alpha` together with a power
    of `min_power` or more, computed from the observed difference.

    Better than there: p-values keep their tail (1e-30 was 0), extreme rates have their power
    rather than a guess of 0.5, the interval of the medians is the bootstrap's limit in closed form
    rather than one draw of a thousand, and whatever is not a number raises a `CanaryError`.

    In new code: `two_proportion_z` and `mann_whitney` with their better default intervals, and a
    `Policy` that holds those against a margin. The observed power says nothing that the p-value
    does not (Hoenig and Heisey (2001), *The American Statistician* 55, 19-24).

    >>> analyzer = canary.CanaryStatisticalAnalyzer(alpha=0.01)
    >>> analyzer.alpha, analyzer.min_power
    (0.01, 0.8)
    >>> analyzer.analyze_response_times([12.0, 14.0], [])
    StatisticalResult(is_significant=False, p_value=1.0, confidence_interval=(0, 0), effect_size=0,
                      statistical_power=0, sample_size=0)
    """

    def __init__(self, alpha: float = 0.05, min_power: float = 0.8) -> None:
        self.alpha = alpha
        self.min_power = min_power

    def analyze_conversion_rates(
        self,
        stable_conversions: int,
        stable_visitors: int,
        canary_conversions: int,
        canary_visitors: int,
    ) -> StatisticalResult:
        """The two-proportion z-test, with Wald's interval and Cohen's h.

        Better than in the pattern "Canary Release": the p-value keeps its tail, no visitors on an
        arm is no division by zero (nothing can be told, as with no response times), and more
        conversions than visitors, or counts that are not whole, raise a `CanaryError`.

        In new code: `two_proportion_z`, whose default interval holds its confidence with few
        events, where Wald's does not.

        >>> result = canary.CanaryStatisticalAnalyzer().analyze_conversion_rates(
        ...     500, 10_000, 650, 10_000
        ... )
        >>> result.is_significant, round(result.p_value, 8), round(result.statistical_power, 4)
        (True, 5.21e-06, 0.9953)
        >>> low, high = result.confidence_interval
        >>> round(low, 5), round(high, 5)
        (0.00855, 0.02145)
        """
        try:
            result = _core.two_proportion_z(
                (stable_conversions, stable_visitors),
                (canary_conversions, canary_visitors),
                interval="wald",
                confidence=1 - self.alpha,
            )
        except NotEnoughData:
            return _nothing_known()
        stable_rate, canary_rate = result.baseline.level, result.canary.level
        if stable_rate == canary_rate and stable_rate in (0, 1):
            return _nothing_known()
        stable_n, canary_n = result.baseline.n, result.canary.n
        # The core's Wald interval ends at a change of one; the pattern's goes on.
        change = canary_rate - stable_rate
        half = _core.normal_quantile(1 - self.alpha / 2) * math.sqrt(
            stable_rate * (1 - stable_rate) / stable_n + canary_rate * (1 - canary_rate) / canary_n
        )
        return self._result(
            result,
            interval=(change - half, change + half),
            effect_size=result.effect_sizes["cohens_h"],
            power=self._calculate_power_two_proportions(
                stable_rate, canary_rate, stable_n, canary_n
            ),
        )

    def analyze_response_times(
        self, stable_times: ArrayLike, canary_times: ArrayLike
    ) -> StatisticalResult:
        """The Mann-Whitney U test, with the bootstrap interval of the medians' difference.

        The effect size is the rank-biserial correlation. The p-value is exact or asymptotic by the
        rule of scipy's default, as in the pattern "Canary Release".

        Better than there: the percentile interval is the limit of infinitely many bootstrap
        samples, so that the same data give the same interval, and NaN or infinite times raise a
        `CanaryError`.

        In new code: `mann_whitney`, which has an interval of the shift from the same ranks.

        >>> stable = [10.1, 11.4, 12.2, 12.9, 13.3, 14.8, 15.0, 15.7, 16.1, 17.6]
        >>> result = canary.CanaryStatisticalAnalyzer().analyze_response_times(
        ...     stable, [time + 6 for time in stable]
        ... )
        >>> result.is_significant, round(result.p_value, 6), result.effect_size
        (True, 0.000379, 0.95)
        >>> low, high = result.confidence_interval
        >>> low < 6 < high
        True
        """
        try:
            result = _core.mann_whitney(
                stable_times,
                canary_times,
                method="auto",  # the rule of scipy's default, up to where exact is out of reach
                continuity="corrected",
                interval="none",
            )
        except NotEnoughData:
            return _nothing_known()
        medians: Any = _core.bootstrap(
            stable_times,
            canary_times,
            statistic="median",
            interval="percentile",
            confidence=1 - self.alpha,
        )
        low, high = medians.interval
        return self._result(
            result,
            interval=(low, high),
            effect_size=result.effect_sizes["rank_biserial"],
            power=self._estimate_power_mannwhitney(stable_times, canary_times),
        )

    def sequential_testing(
        self,
        stable_successes: int,
        stable_trials: int,
        canary_successes: int,
        canary_trials: int,
        min_effect_size: float = 0.01,
    ) -> dict[str, Any]:
        """Whether to go on, to stop, to promote or to roll back, at one look at the rates.

        As in the pattern "Canary Release": fewer than 100 trials, or a difference that is not
        significant: "continue"; a difference below `min_effect_size`: "stop"; a significant one:
        "promote" if it is an increase beyond `min_effect_size`, else "rollback".

        Better than there: what `analyze_conversion_rates` does better; an arm without trials goes
        on. NaN for `min_effect_size` raises a `CanaryError`.

        Despite its name this is a test for one look: at each further look, chance has another go
        at alpha. Looked at every minute for an hour (1,000 requests a minute with 1 % errors, 50
        of them the canary's) it stops 17 % of canaries that are no worse, and 85 % where errors
        come in bursts of 10: see docs/calibration-of-looking.md. In new code:
        `canary.MixtureSprtMonitor`, or `canary.EventSplitMonitor` where successes are rare, which
        may be looked at at any time; or a test at a size that was planned
        before.

        >>> analyzer = canary.CanaryStatisticalAnalyzer()
        >>> analyzer.sequential_testing(30, 50, 20, 40)
        {'decision': 'continue', 'reason': 'insufficient_sample_size',
         'recommendation': 'need_minimum_100_samples'}
        >>> analyzer.sequential_testing(4600, 5000, 4700, 5000)["decision"]
        'promote'
        """
        if math.isnan(min_effect_size):
            message = "min_effect_size: must be a number, got NaN"
            raise InvalidOption(message)
        stable_rate = stable_successes / max(stable_trials, 1)
        canary_rate = canary_successes / max(canary_trials, 1)
        observed_diff = canary_rate - stable_rate

        if stable_trials + canary_trials < MIN_SAMPLES:
            return {
                "decision": "continue",
                "reason": "insufficient_sample_size",
                "recommendation": f"need_minimum_{MIN_SAMPLES}_samples",
            }
        if abs(observed_diff) < min_effect_size:
            return {
                "decision": "stop",
                "reason": "no_practical_difference",
                "observed_difference": observed_diff,
                "min_effect_size": min_effect_size,
            }
        result = self.analyze_conversion_rates(
            stable_successes, stable_trials, canary_successes, canary_trials
        )
        if not result.is_significant:
            return {
                "decision": "continue",
                "reason": "not_significant_yet",
                "p_value": result.p_value,
                "power": result.statistical_power,
            }
        improved = observed_diff > min_effect_size
        return {
            "decision": "promote" if improved else "rollback",
            "reason": "significant_improvement" if improved else "significant_degradation",
            "p_value": result.p_value,
            "confidence_interval": result.confidence_interval,
        }

    def _result(
        self,
        test: _core.TestResult,
        *,
        interval: tuple[float, float],
        effect_size: float,
        power: float,
    ) -> StatisticalResult:
        return StatisticalResult(
            is_significant=test.p_value < self.alpha and power >= self.min_power,
            p_value=test.p_value,
            confidence_interval=interval,
            effect_size=effect_size,
            statistical_power=power,
            sample_size=test.baseline.n + test.canary.n,
        )

    def _calculate_power_two_proportions(self, p1: float, p2: float, n1: int, n2: int) -> float:
        """The power of the z-test if the rates were as observed, by `power_two_proportions`.

        Better than in the pattern "Canary Release": where the rates have no variance the power is
        one if they differ and alpha if not, and what is no rate raises a `CanaryError`; a bare
        `except` answered 0.5 to all of that.

        In new code: `power_two_proportions` before the rollout, with the change that matters.

        >>> analyzer = canary.CanaryStatisticalAnalyzer()
        >>> round(analyzer._calculate_power_two_proportions(0.05, 0.065, 10_000, 10_000), 4)
        0.9953
        >>> analyzer._calculate_power_two_proportions(0.0, 1.0, 10, 10)
        1.0
        """
        return float(_core.power_two_proportions(p1, p2, n1, n2, alpha=self.alpha))

    def _estimate_power_mannwhitney(
        self, stable_times: ArrayLike, canary_times: ArrayLike
    ) -> float:
        """The power of a test of the medians' difference in pooled standard deviations.

        As in the pattern "Canary Release": Φ(d √(n/2) - z(1 - α/2)), n the size of the smaller arm
        and d = |difference of the medians| / √((stable variance + canary variance) / 2), the
        variances with 1/n; 0.5 where neither arm has any variance.

        Better than there: no values, NaN or infinite ones raise a `CanaryError`, where NaN came out
        as a power of one and a bare `except` answered 0.5.

        In new code: nothing. It is an approximation for normal values and no other; a simulation
        with past response times says more.

        >>> analyzer = canary.CanaryStatisticalAnalyzer()
        >>> analyzer._estimate_power_mannwhitney([12.0, 12.0], [12.0])
        0.5
        >>> round(analyzer._estimate_power_mannwhitney([1, 2, 3, 4], [4, 5, 6, 7]), 4)
        0.9667
        """
        # numpy takes ten times as long to import as all of canary.
        import numpy as np

        stable, canary = _core.Sample(stable_times).values, _core.Sample(canary_times).values
        pooled_std = math.sqrt((np.var(stable) + np.var(canary)) / 2)
        if pooled_std == 0:
            return 0.5
        effect_size = abs(float(np.median(canary)) - float(np.median(stable))) / pooled_std
        n = min(stable.size, canary.size)
        z_alpha = _core.normal_quantile(1 - self.alpha / 2)
        return float(_core.normal_cdf(effect_size * math.sqrt(n / 2) - z_alpha))


def _nothing_known() -> StatisticalResult:
    return StatisticalResult(False, 1.0, (0, 0), 0, 0, 0)


def _change(canary: float, baseline: float) -> float:
    """The canary's change relative to the baseline; from zero it is infinite."""
    if canary == baseline:
        return 0.0
    if baseline == 0:
        return math.copysign(math.inf, canary)
    return (canary - baseline) / baseline


def _factor(canary: float, baseline: float) -> float:
    """The canary as a multiple of the baseline; that of zero is infinite."""
    if canary == baseline:
        return 1.0
    if baseline == 0:
        return math.copysign(math.inf, canary)
    return canary / baseline


def _not_nan(name: str, value: float) -> None:
    if math.isnan(value):
        message = f"{name}: must be a number, got NaN"
        raise InvalidInput(message)


def _finite(name: str, value: float) -> None:
    _not_nan(name, value)
    if math.isinf(value):
        message = f"{name}: must be finite, got {value}"
        raise InvalidInput(message)


# They are imported from `canary`; that is the name to print and to pickle them by.
for _public in (
    AnalysisResult,
    CanaryAnalyzer,
    CanaryMetrics,
    CanaryStatisticalAnalyzer,
    StatisticalResult,
    detect_anomalies,
    is_statistically_significant,
):
    _public.__module__ = "canary"
