"""
The compiled part of the package; import `canary` instead.
"""

from _typeshed import Incomplete, SupportsGetItem
from collections.abc import Iterable, Iterator
from numpy import float64, int64
from numpy.typing import ArrayLike, NDArray
from typing import Any, Final, SupportsFloat, SupportsIndex, final

DEBUG_BUILD: Final[bool]
"""
Whether it was built without optimisation, and is slow.
"""

__version__: Final[str]

@final
class Advice:
    """
    Something unwise about a policy: what, why, and what to do instead.

    >>> policy = canary.Policy.from_dict({
    ...     "version": 1,
    ...     "metrics": {"sold": {}, "bought": {}},
    ...     "checks": [{"metric": "sold", "standard": {}}],
    ... })
    >>> print(policy.advice()[0].what)
    No check looks at the metric `bought`.
    """
    def __copy__(self, /) -> Advice: ...
    def __deepcopy__(self, /, _memo: Any) -> Advice: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def check(self, /) -> str | None:
        """
        The check's name; none where it is about the policy as a whole.
        """
    @staticmethod
    def from_json(text: str) -> Advice:
        """
        Reads what `to_json` wrote.
        """
    @property
    def instead(self, /) -> str:
        """
        What to do instead.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def topic(self, /) -> str:
        """
        What it is about, in a word: `"unresolvable_margin"`, `"few_for_percentile"`,
        `"repeated_looks"`, `"unreachable"`, `"split"`, `"no_correction"`,
        `"point_without_sample"`, `"percentage_of_zero"`, `"zero_margin"`, `"low_confidence"`,
        `"high_confidence"`, `"no_data_passes"`, `"all_muted"`, `"nothing_acts"`,
        `"nothing_proved"`, `"unused_group"`, `"no_unit"`, `"unchecked_metric"` or `"same_name"`.
        """
    @property
    def what(self, /) -> str:
        """
        What is unwise.
        """
    @property
    def why(self, /) -> str:
        """
        Why.
        """

@final
class AnomalyResult:
    """
    Whether more of the canary's windows are anomalous than of the baseline's, how sure that is, and
    by which features.
    """
    def __copy__(self, /) -> AnomalyResult: ...
    def __deepcopy__(self, /, _memo: Any) -> AnomalyResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alternative(self, /) -> str:
        """
        `"two_sided"`, `"greater"` (more of the canary's are) or `"less"`.
        """
    @property
    def baseline(self, /) -> ArmLevel:
        """
        How many of the baseline's windows were compared, and which share of them was anomalous.
        """
    @property
    def canary(self, /) -> ArmLevel:
        """
        The same of the canary's.
        """
    @property
    def contamination(self, /) -> float:
        """
        Which part of the baseline's held-out windows was to be anomalous.
        """
    @property
    def dependence(self, /) -> WindowDependence:
        """
        How windows depend on the ones before.
        """
    @property
    def estimate(self, /) -> Estimate:
        """
        The canary's share of anomalous windows minus the baseline's, with its interval.
        """
    @property
    def features(self, /) -> dict:
        """
        By name, what each feature has to do with it: its mean contribution to the canary's
        anomalous windows.
        """
    @staticmethod
    def from_json(text: str) -> AnomalyResult:
        """
        Reads what `to_json` wrote.
        """
    def incidents(self, /, *, gap: SupportsIndex = 1, window: SupportsFloat | SupportsIndex | None = None, min_windows: SupportsIndex = 2, angle: SupportsFloat | SupportsIndex = 60.0) -> list[Incident]:
        """
        The canary's anomalous windows as incidents: which belong together, in time and by their
        metrics. Their excess is measured from the threshold; without times, windows count from 0.
        The options are those of `incidents`.

        # Example
        >>> p99 = numpy.arange(60.0) * 7 % 23
        >>> slow = numpy.where((p99 > 0) & (numpy.arange(60) // 6 == 4), 90.0, p99)
        >>> result = canary.anomalous_windows({"p99": p99}, {"p99": slow})
        >>> [(i.start, i.end) for i in result.incidents() if len(i.windows) > 4]
        [(24.0, 29.0)]
        """
    @property
    def interval(self, /) -> Interval:
        """
        The estimate's interval.
        """
    @property
    def left_out(self, /) -> list[str]:
        """
        The names of the features that nothing could be told of, and which were left out: they
        remember for too long, or hold a value of either arm's own.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of a difference at least as large if the arms did not differ; 1 where that
        cannot be told, see `dependence`.
        """
    @property
    def strongest(self, /) -> list[str]:
        """
        The names of the features that make windows anomalous, the strongest first: those with at
        least half of its contribution.
        """
    @property
    def threshold(self, /) -> float:
        """
        The score at which a window is anomalous, or below.
        """
    @property
    def times(self, /) -> str:
        """
        `"same"` where each window was compared with the other arm's at its time, or `"different"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def windows(self, /) -> list[AnomalyWindow]:
        """
        The canary's windows, in their order.
        """

@final
class AnomalyWindow:
    """
    One window of the canary.
    """
    def __copy__(self, /) -> AnomalyWindow: ...
    def __deepcopy__(self, /, _memo: Any) -> AnomalyWindow: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def contributions(self, /) -> NDArray[float64]:
        """
        By how much each feature makes it an anomaly, on the scale of log2 of the score.
        """
    @staticmethod
    def from_json(text: str) -> AnomalyWindow:
        """
        Reads what `to_json` wrote.
        """
    @property
    def is_anomalous(self, /) -> bool:
        """
        Whether its score is at most the threshold.
        """
    @property
    def p_value(self, /) -> float:
        """
        Which part of the baseline's held-out windows is at least as anomalous:
        (1 + their number) / (1 + all of them).
        """
    @property
    def score(self, /) -> float:
        """
        Its score by a forest of baseline windows from other times, between -1 and 0: the lower,
        the more of an anomaly.
        """
    @property
    def time(self, /) -> float | None:
        """
        When it was, where times were given.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class ArgoAnalysis:
    """
    The metrics of an Argo `AnalysisTemplate`, and what Argo Rollouts decides by them.

    Read it from the template's `spec`, or from the whole manifest. Its traps are Argo's own:
    a `failureLimit` of 3 needs **four** failures.

    >>> analysis = canary.ArgoAnalysis.from_yaml('''
    ... metrics:
    ... - name: success-rate
    ...   interval: 1m
    ...   failureLimit: 3
    ...   successCondition: result[0] >= 0.95
    ... ''')
    >>> looks = analysis.run([{"success-rate": [0.90]}] * 4)
    >>> [look.phase for look in looks]
    ['Running', 'Running', 'Running', 'Failed']
    >>> looks[-1].effect, looks[-1].reason
    ('abort', 'success-rate is Failed: 4 failed > failureLimit 3')
    """
    def __copy__(self, /) -> ArgoAnalysis: ...
    def __deepcopy__(self, /, _memo: Any) -> ArgoAnalysis: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_dict(analysis: Any) -> ArgoAnalysis:
        """
        Reads it from a dict of the same shape.
        """
    @staticmethod
    def from_json(text: str) -> ArgoAnalysis:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def from_yaml(text: str) -> ArgoAnalysis:
        """
        Reads it from YAML.
        """
    @property
    def metrics(self, /) -> list[str]:
        """
        The names of the metrics.
        """
    def run(self, /, looks: SupportsGetItem[int, Any], *, times: SupportsGetItem[int, SupportsFloat | SupportsIndex] | None = None, terminate: bool = False) -> list[ArgoLook]:
        """
        What Argo decides after each look.

        # Parameters
        `looks`: what was found at each look: a mapping from metric to what its query gave. A
        list, as Prometheus gives it (`result[0]`); a number; `None` for no result; or, if the
        outcome is known, `"pass"`, `"fail"`, `"inconclusive"` or `"error"` (the query failed).

        `times`: the looks' times in seconds. With them Argo's schedule decides which readings
        are taken (`interval`, `initialDelay`, 10 s after an error); without, all are.

        `terminate`: whether the run is stopped after the last look, as by the rollout's end; that
        is one more look.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class ArgoLook:
    """
    A run of an `ArgoAnalysis` after a look.
    """
    def __copy__(self, /) -> ArgoLook: ...
    def __deepcopy__(self, /, _memo: Any) -> ArgoLook: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def at_seconds(self, /) -> float | None:
        """
        The look's time in seconds, if it was given.
        """
    @property
    def effect(self, /) -> str | None:
        """
        What the rollout does: `"continue"`, `"abort"`, `"pause"`, or `None` while it runs.
        """
    @property
    def errors(self, /) -> dict[str, str]:
        """
        Why a measurement of this look is an error, by metric.
        """
    @staticmethod
    def from_json(text: str) -> ArgoLook:
        """
        Reads what `to_json` wrote.
        """
    @property
    def measurements(self, /) -> dict[str, str | None]:
        """
        What was measured at this look: `"Successful"`, ..., by metric; `None` if it was not.
        """
    @property
    def metrics(self, /) -> dict[str, str | None]:
        """
        The phases of the metrics; `None` until the first measurement.
        """
    @property
    def phase(self, /) -> str:
        """
        The run's phase: `"Running"`, `"Successful"`, `"Failed"`, `"Error"` or
        `"Inconclusive"`.
        """
    @property
    def reason(self, /) -> str | None:
        """
        Why the run did not end well.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class ArmLevel:
    """
    What one arm contributed to a test.
    """
    def __copy__(self, /) -> ArmLevel: ...
    def __deepcopy__(self, /, _memo: Any) -> ArmLevel: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> ArmLevel:
        """
        Reads what `to_json` wrote.
        """
    @property
    def level(self, /) -> float:
        """
        The arm's own level: its mean (t), median (ranks), proportion, rate, ...
        """
    @property
    def n(self, /) -> int:
        """
        How many values or trials were used.
        """
    @property
    def omitted(self, /) -> int:
        """
        How many NaNs were left out.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class BayesResult:
    """
    What a Bayesian comparison found.
    """
    def __copy__(self, /) -> BayesResult: ...
    def __deepcopy__(self, /, _memo: Any) -> BayesResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def baseline(self, /) -> ArmLevel:
        """
        What the baseline contributed, with its posterior level.
        """
    @property
    def canary(self, /) -> ArmLevel:
        """
        What the canary contributed, with its posterior level.
        """
    @property
    def decision(self, /) -> str:
        """
        `"not_yet"`, `"canary_worse"`, `"canary_better"`, `"equivalent"` or `"undecided"`.
        """
    @property
    def direction(self, /) -> str:
        """
        Which way is worse: `"increase"`, `"decrease"` or `"either"`.
        """
    @property
    def estimate(self, /) -> Estimate:
        """
        The posterior median of the measure, with its equal-tailed credible interval.
        """
    @property
    def expected_loss(self, /) -> float:
        """
        What promoting the canary is expected to cost.
        """
    @property
    def expected_loss_staying(self, /) -> float:
        """
        What staying with the baseline is expected to cost.
        """
    @staticmethod
    def from_json(text: str) -> BayesResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def min_n(self, /) -> int:
        """
        The smallest sample size that was asked for, on each arm.
        """
    @property
    def model(self, /) -> str:
        """
        `"beta_binomial"`, `"gamma_poisson"`, `"normal"` or `"log_normal"`.
        """
    @property
    def p_canary_greater(self, /) -> float:
        """
        P(canary > baseline).
        """
    @property
    def p_canary_worse(self, /) -> float:
        """
        P(the canary is worse), by the direction.
        """
    @property
    def posteriors(self, /) -> Any:
        """
        Each arm's posterior: its family and parameters, under `"baseline"` and `"canary"`.
        """
    @property
    def rope(self, /) -> Rope | None:
        """
        The region of practical equivalence with its probabilities, where one was given.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class BootstrapResult:
    """
    An estimate with its bootstrap interval.
    """
    def __copy__(self, /) -> BootstrapResult: ...
    def __deepcopy__(self, /, _memo: Any) -> BootstrapResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def baseline(self, /) -> ArmLevel:
        """
        What the baseline contributed.
        """
    @property
    def canary(self, /) -> ArmLevel:
        """
        What the canary, or the one sample, contributed.
        """
    @property
    def estimate(self, /) -> Estimate:
        """
        The estimate with its interval.
        """
    @staticmethod
    def from_json(text: str) -> BootstrapResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def interval(self, /) -> Interval:
        """
        The estimate's interval.
        """
    @property
    def method(self, /) -> str:
        """
        `"bca"`, `"percentile"` or `"basic"`.
        """
    @property
    def resamples(self, /) -> int:
        """
        How many resamples were drawn; 0 where the distribution is known in closed form.
        """
    @property
    def standard_error(self, /) -> float:
        """
        The bootstrap distribution's standard deviation.
        """
    @property
    def statistic(self, /) -> str:
        """
        `"mean"`, `"median"`, `"quantile"` or `"trimmed_mean"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def value(self, /) -> float:
        """
        The estimate.
        """

@final
class Change:
    """
    How the canary compares with the baseline.
    """
    def __copy__(self, /) -> Change: ...
    def __deepcopy__(self, /, _memo: Any) -> Change: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Change:
        """
        Reads what `to_json` wrote.
        """
    @property
    def interval(self, /) -> Interval | None:
        """
        Where the truth probably lies; point comparisons have none.
        """
    @property
    def measure(self, /) -> str:
        """
        `"difference"` or `"ratio"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def value(self, /) -> float:
        """
        Canary minus baseline, or canary divided by baseline.
        """

@final
class ChangePoint:
    """
    When a change came, and when it was found.
    """
    def __copy__(self, /) -> ChangePoint: ...
    def __deepcopy__(self, /, _memo: Any) -> ChangePoint: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def alarm(self, /) -> float | None:
        """
        After how much the alarm was raised; `None` while there is none.
        """
    @staticmethod
    def from_json(text: str) -> ChangePoint:
        """
        Reads what `to_json` wrote.
        """
    @property
    def start(self, /) -> float:
        """
        After how much (values, trials, units of time; updates of an e-detector) the likeliest
        change came.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Clusters:
    """
    One arm's clusters (users, sessions, pods, minutes): of each, a numerator and a denominator.

    >>> users = canary.Clusters.of_values([12.0, 14.0, 90.0, 95.0], ["ann", "ann", "bob", "bob"])
    >>> len(users), users.ratio  # the mean over requests
    (2, 52.75)
    """
    def __copy__(self, /) -> Clusters: ...
    def __deepcopy__(self, /, _memo: Any) -> Clusters: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, numerators: ArrayLike, denominators: ArrayLike) -> Clusters:
        """
        Of sums that were made already.
        """
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Clusters:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def of_values(values: ArrayLike, clusters: Any) -> Clusters:
        """
        Of values, each with its cluster's label (numbers or texts).
        """
    @property
    def ratio(self, /) -> float:
        """
        Sum of the numerators over the sum of the denominators.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Counts:
    """
    Events out of trials: errors of requests, conversions of visits.

    `events` must not exceed `trials`; no trials at all is valid (no traffic).

    >>> errors = canary.Counts(3, 1000)
    >>> errors.rate
    0.003
    """
    def __copy__(self, /) -> Counts: ...
    def __deepcopy__(self, /, _memo: Any) -> Counts: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, events: Any, trials: Any) -> Counts: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def events(self, /) -> int:
        """
        How many trials had the event.
        """
    @staticmethod
    def from_json(text: str) -> Counts:
        """
        Reads what `to_json` wrote.
        """
    @property
    def rate(self, /) -> float:
        """
        Events per trial; NaN without trials.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def trials(self, /) -> int:
        """
        How many trials there were.
        """

@final
class CusumMonitor:
    """
    Has a running service changed? Page's (1954) cumulative sum of log likelihood ratios, of the level
    `after` a change to that `before`, which starts anew whenever it falls below zero:

    S ← max(0, S + ln f(x; after) - ln f(x; before)), alarm at S ≥ h.

    With normal values of a known standard deviation σ the step is
    (after - before)/σ² · (x - (before + after)/2); with trials that fail, ln(p₁/p₀) for a failure and
    ln((1 - p₁)/(1 - p₀)) for none; with k events in time t, k ln(λ₁/λ₀) - t (λ₁ - λ₀).

    A detector that runs for ever raises a false alarm some day. What is promised is the average run
    length: how many values, trials or units of time there are between false alarms on average while
    nothing has changed. The threshold h is the smallest that keeps the promise, by Page's integral
    equation: solved by Gauss and Legendre's rule for normal values (for small changes by Siegmund's
    1985 approximation, with 1.166 for the excess), by a Markov chain on a lattice for trials and events
    (Brook and Evans 1972), whose steps are 1/64 of the larger of the two or finer. The same with the
    level `after` is the delay of a true alarm.

    Of an interval of many trials or events the order is not known: they are one step, and its end the
    one look. That is no more often than after each of them, so that the average run length is kept.

    The level before must be known, or come from many more data than a run: an estimate that is wrong
    by a little shortens the runs by much. Where it is not, or the values are not of the family, an
    e-detector holds without.


    # Parameters
    `model`: `"bernoulli"` (takes `True` and `False`, and `Counts` or (events, trials)), `"poisson"`
    (`Exposure` or (events, time)) or `"normal"` (a value or many, one after the other). `before`: the
    level that there is. `after`: the one that is looked for, greater or less. `sd`: the standard
    deviation of normal values. `average_run_length`: how many values, trials or units of time there
    are at least between false alarms, on average.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option; `merge` is always an error.

    # Example: failed requests, from 1% to 2%
    >>> errors = canary.CusumMonitor("bernoulli", 0.01, 0.02)
    >>> for _ in range(60):
    ...     decision = errors.update((10, 1_000))
    >>> decision
    'continue'
    >>> for _ in range(4):
    ...     decision = errors.update((20, 1_000))
    >>> decision, errors.change_point.start
    ('accept_alternative', 60000.0)
    """
    def __copy__(self, /) -> CusumMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> CusumMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, model: str, before: SupportsFloat | SupportsIndex, after: SupportsFloat | SupportsIndex, *, sd: SupportsFloat | SupportsIndex = 1.0, average_run_length: SupportsFloat | SupportsIndex = 1e6) -> CusumMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def average_run_length(self, /) -> float:
        """
        How many values, trials or units of time there are between false alarms, on average.
        """
    @property
    def change_point(self, /) -> ChangePoint:
        """
        When the likeliest change came and when the alarm, in values, trials or units of time.
        """
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @property
    def delay(self, /) -> float:
        """
        How many there are until the alarm after the change that is looked for, on average.
        """
    @staticmethod
    def from_json(text: str) -> CusumMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: CusumMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    def reset(self, /) -> None:
        """
        Watches for the next change, after an alarm. What was counted stays.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    @property
    def threshold(self, /) -> float:
        """
        The sum at which there is an alarm.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, data: Any) -> str:
        """
        Adds what came since the last update, and gives the decision.
        """

@final
class Dependence:
    """
    How much what a monitor was fed depends on what came before.
    """
    def __copy__(self, /) -> Dependence: ...
    def __deepcopy__(self, /, _memo: Any) -> Dependence: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def basis(self, /) -> str:
        """
        What decisions stand on: `"independence"` (a promise), `"batches"`, or nothing yet: `"too_few"`
        updates to tell, or `"too_dependent"` ones.
        """
    @property
    def batch(self, /) -> int:
        """
        How many updates are one batch.
        """
    @property
    def batches(self, /) -> int:
        """
        How many such batches there are.
        """
    @property
    def dispersion(self, /) -> float:
        """
        The variance of a long mean over that of as many independent observations.
        """
    @property
    def effective(self, /) -> float:
        """
        As many independent observations would say as much.
        """
    @staticmethod
    def from_json(text: str) -> Dependence:
        """
        Reads what `to_json` wrote.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Discoveries:
    """
    Which hypotheses are rejected.
    """
    def __copy__(self, /) -> Discoveries: ...
    def __deepcopy__(self, /, _memo: Any) -> Discoveries: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def adjusted(self, /) -> NDArray[float64]:
        """
        For each, the smallest alpha at which it is.
        """
    @property
    def count(self, /) -> int:
        """
        How many are rejected.
        """
    @staticmethod
    def from_json(text: str) -> Discoveries:
        """
        Reads what `to_json` wrote.
        """
    @property
    def rejected(self, /) -> list[bool]:
        """
        Whether each hypothesis is rejected, in the order of the e-values.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class DistributionComparisonMonitor:
    """
    Is the canary slower anywhere on the curve, when one looks as often as one likes? Values are taken in
    blocks: an update, or several until there are 32 values and a 32nd of those before. Of a block's nb and nc
    values, K lie above a threshold; if the arms do not differ, which of them are the canary's
    is a matter of chance, and their number Kc hypergeometric, whatever time has done to both arms. With an
    odds ratio of e^λ held against 1, a block is worth

    λ Kc - ln E exp(λ K'), K' ~ Hypergeometric(nb + nc, nc, K),

    and blocks add up. Thresholds are quantiles of all values so far, both arms pooled, this block
    included: given the pooled values, the arms' labels are still exchangeable, so no values are spent on
    finding thresholds. The e-value is the mean over the thresholds and over λ = 0.0125, 0.025, ..., 3.2, of
    either sign for a two-sided test. It needs no share of the traffic, and a distribution that changes
    with time harms it not, as long as the canary's changes alike.

    Beside it stand bands around both distribution functions (Howard and Ramdas 2022, corollary 2), with α/2
    on either arm: they bound the change of every quantile at once. The `tolerance` is about all quantiles
    between 1 - `within` and `within`: not worse, when by the bands none can be worse by as much. They
    suppose that an arm's distribution stays the same.

    Values are kept as counts on a fixed grid, of logarithmic bins or of given bounds; the counts are exact at
    its edges. At most 4096 bins an arm are kept, about 64 KiB (and the same for a block that waits): where
    there would be more, the lowest ones become one. A histogram's fractions of events are rounded where a
    block is split.

    Nothing is taken for granted by default: for each quantile a bin's edge becomes a threshold that
    stays, as soon as 10 of all values are to be expected beyond it, and the shares of both arms' values beyond
    it, update by update (single values as soon as either arm has 10), say how far values depend on
    each other. A threshold's sums are divided by that dispersion for every λ, as λ and what is subtracted for
    it go together. In the first 48 updates, where updates remember each other there or in the middle of the
    distribution, and where the canary's share of the traffic changes, the e-value of the batches must
    agree. Until the dispersion is known, which takes 16 updates, a threshold's e-value counts as 1. The bands
    are of n over the largest dispersion. `assume = "independence"` is the promise that values come one by one.


    # Parameters
    `quantiles`: those of all values that are thresholds, ascending; without them, ten from 0.1 to
    0.999. `alpha`: the false-alarm rate over all looks. `alternative`: `"two_sided"`, `"greater"` (the
    canary is slower somewhere) or `"less"`. `tolerance`: by how much any quantile between
    1 - `within` and `within` may be worse, such as `"10%"`, `"1.5x"` or `20`. `t_min`: from how many
    values an arm on the bands hold. `accuracy`: the width of a bin over its values. `bounds`: the
    finite upper bounds of histograms' buckets, in place of logarithmic bins. `assume`: `"nothing"`, or
    `"independence"` as a promise that values come one by one.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: every twentieth of the canary's requests takes ten times as long
    >>> latency = canary.DistributionComparisonMonitor()
    >>> for minute in numpy.arange(6000).reshape(120, 50):
    ...     baseline = 100.0 + minute % 50
    ...     decision = latency.update(baseline, numpy.where(minute % 20 == 0, 10 * baseline, baseline))
    >>> decision
    'accept_alternative'
    """
    def __copy__(self, /) -> DistributionComparisonMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> DistributionComparisonMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, quantiles: ArrayLike | None = None, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided", tolerance: str | SupportsFloat | SupportsIndex | None = None, within: SupportsFloat | SupportsIndex = 0.9, t_min: SupportsFloat | SupportsIndex = 1.0, accuracy: SupportsFloat | SupportsIndex = 0.01, bounds: ArrayLike | None = None, assume: str = "nothing") -> DistributionComparisonMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def band_p_value(self, /) -> float:
        """
        The anytime p-value of the bands alone.
        """
    def changes(self, /, quantiles: ArrayLike, *, measure: str = "difference") -> list[Estimate]:
        """
        The change of each of these quantiles, with intervals that hold for every quantile there is, at
        all looks at once. `measure`: `"difference"` or `"ratio"`.
        """
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> DistributionComparisonMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: DistributionComparisonMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def p_values(self, /) -> list[float]:
        """
        The p-value now of each threshold alone.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None) -> str:
        """
        Adds the values of both arms since the last update, a single value of one arm, or what two
        `Histogram`s have counted since, and gives the decision.
        """

@final
class EDetectorMonitor:
    """
    Has a running service changed? An e-detector (Shin, Ramdas and Rinaldo 2023) sums the evidence for a
    change at every time so far, of e-values eₜ that are 1 on average or less while nothing has changed:

    Shiryaev-Roberts: M ← (M + 1) eₜ; CUSUM: M ← max(M, 1) eₜ; alarm at M ≥ `average_run_length`.

    However the values depend on the past and whatever their distribution, as long as each one's mean,
    given the past, has not changed there are on average at least that many updates before a false
    alarm (their theorem 2.4). No threshold has to be computed, and no distribution assumed.

    Values within [low, high], scaled to y in [0, 1] with the mean m before: eₜ = 1 + λ (y - m), a bet
    on a greater mean for λ in (0, 1/m) and on a smaller one for λ in (-1/(1 - m), 0), which for trials
    that fail or do not is their likelihood ratio. k events in time t: eₜ = ρ^k exp(-λ₀ t (ρ - 1)), the
    Poisson likelihood ratio. How large the change will be is not known: M is the average over detectors
    for changes of 16 sizes on each side (f = λ m from a tenth of the odds m / (1 - m), 0.02 at most, to
    0.9, ratios ρ from 1.1 to 100, evenly by their logarithm), which is an e-detector again.

    A batch of trials is one update: e-values of its trials are multiplied.


    # Parameters
    `before`: the level that there is. `low`, `high`: the values' range; without them, what comes are
    events in time (`Exposure` or (events, time)). Of the range [0, 1] it takes `True` and `False`
    and `Counts`, too. `alternative`: `"greater"`, `"less"` or `"two_sided"`. `method`:
    `"shiryaev_roberts"` or `"cusum"`. `average_run_length`: how many updates there are at least
    before a false alarm, on average.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option; `merge` is always an error.

    # Example: the share of failed requests in a service that had 1%
    >>> errors = canary.EDetectorMonitor(0.01, low=0, high=1)
    >>> errors.update(canary.Counts(10, 1_000))
    'continue'
    >>> errors.update(canary.Counts(25, 1_000))
    'continue'
    >>> errors.update(canary.Counts(25, 1_000))
    'accept_alternative'
    >>> errors.change_point
    ChangePoint(start=1.0, alarm=3.0)
    """
    def __copy__(self, /) -> EDetectorMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> EDetectorMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, before: SupportsFloat | SupportsIndex, *, low: SupportsFloat | SupportsIndex | None = None, high: SupportsFloat | SupportsIndex | None = None, alternative: str = "greater", method: str = "shiryaev_roberts", average_run_length: SupportsFloat | SupportsIndex = 1e4) -> EDetectorMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def change_point(self, /) -> ChangePoint:
        """
        When the likeliest change came and when the alarm, in updates; values given at once are
        one each.
        """
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> EDetectorMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: EDetectorMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    def reset(self, /) -> None:
        """
        Watches for the next change, after an alarm. What was counted stays.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, data: Any) -> str:
        """
        Adds what came since the last update, and gives the decision.
        """

@final
class EquivalenceResult:
    """
    What an equivalence or non-inferiority test found.
    """
    def __copy__(self, /) -> EquivalenceResult: ...
    def __deepcopy__(self, /, _memo: Any) -> EquivalenceResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        The error rate that was accepted.
        """
    @property
    def estimate(self, /) -> Estimate:
        """
        The change with its interval of confidence 1 - 2 alpha.
        """
    @staticmethod
    def from_json(text: str) -> EquivalenceResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def goal(self, /) -> str:
        """
        `"non_inferiority"` or `"equivalence"`.
        """
    @property
    def high(self, /) -> float:
        """
        The largest acceptable change.
        """
    @property
    def interval(self, /) -> Interval:
        """
        The estimate's interval.
        """
    @property
    def low(self, /) -> float:
        """
        The smallest acceptable change.
        """
    @property
    def outcome(self, /) -> str:
        """
        `"within"` the margin, `"beyond"` it, or `"undecided"`.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of data this reassuring if the canary were worse by the margin.
        """
    @property
    def tests(self, /) -> list[TestResult]:
        """
        The one-sided tests at the limits.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Estimate:
    """
    The size of a change: canary minus baseline, or canary divided by baseline.
    """
    def __copy__(self, /) -> Estimate: ...
    def __deepcopy__(self, /, _memo: Any) -> Estimate: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Estimate:
        """
        Reads what `to_json` wrote.
        """
    @property
    def interval(self, /) -> Interval:
        """
        Where the truth probably lies.
        """
    @property
    def measure(self, /) -> str:
        """
        `"difference"`, `"ratio"` or `"odds_ratio"`.
        """
    @property
    def of(self, /) -> str:
        """
        What it is an estimate of, e.g. `"difference of means"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def value(self, /) -> float:
        """
        The estimate.
        """

@final
class EventSplitMonitor:
    """
    Which arm do the events come from? If an event is as likely per unit of traffic on either arm, then
    each event is the canary's with probability s, the canary's share of the traffic, whatever the time
    of day does to both. The e-value is that of a beta mixture over the canary's share θ of the events
    (Lindon and Malek 2022, eq. 6): with Nc events of the canary's and Nb of the baseline's,

    log E = ln B(a + Nc, b + Nb) - ln B(a, b) - Nc ln s - Nb ln(1 - s),

    for one side with the mixture cut to that side. The prior is Beta(k s, k (1 - s)), centred on the
    share and as `strength` k events strong: a flat one at a share of 5% would reject after two events
    of the canary's and none of the baseline's.

    Shares may change: where data come with their own share sⱼ, as in the stages of a rollout, the
    likelihood ratio of an interval with ratio of rates ρ, canary over baseline, is
    ρ^Nc / (1 - sⱼ + sⱼ ρ)^(Nc + Nb), and the e-value is the integral of the product over all intervals
    under the same prior, now one of ρ = θ / (1 - θ) · (1 - s) / s. Events of different shares are never
    pooled. An interval in which an arm had no traffic is left out. Trials (`Counts`) that had an event
    or not are covered exactly, too: given the number of events, the canary's are a draw without
    replacement, whose e-value is on average no larger (Hoeffding 1963, theorem 4).

    The estimate is ρ. Its interval is the set of ratios that the same mixture does not reject at alpha.
    With a `tolerance` t the null hypothesis is accepted when "ρ ≥ t" is rejected at alpha by the mixture
    cut to the ratios below t; for two sides when "ρ ≤ 1/t" is at the same look, too.

    Events must come one by one: where one fault causes a burst of them, count faults or users.


    # Parameters
    `share`: the canary's share of the traffic, in (0, 1). `alpha`: the false-alarm rate over all
    looks. `alternative`: `"two_sided"`, `"greater"` (more of the canary's) or `"less"`. `strength`:
    how many events the prior is worth. `tolerance`: how many times worse is still tolerated,
    greater than 1. `assume`: `"nothing"`, or `"independence"` as a promise that events come one by
    one.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: six errors, all of them the canary's, which has a tenth of the traffic
    >>> errors = canary.EventSplitMonitor(share=0.1, assume="independence")
    >>> errors.update(baseline=0, canary=1)
    'continue'
    >>> errors.update(baseline=0, canary=5)
    'accept_alternative'

    # Example: a rollout in stages, each minute with the requests that it had
    >>> errors = canary.EventSplitMonitor(share=0.05, tolerance=1.5)
    >>> for canary_requests in [100, 500, 2_500, 5_000] * 30:
    ...     minute = [(n // 100, n) for n in (10_000 - canary_requests, canary_requests)]
    ...     decision = errors.update(*minute)
    >>> decision
    'accept_null'
    """
    def __copy__(self, /) -> EventSplitMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> EventSplitMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, share: SupportsFloat | SupportsIndex = 0.5, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided", strength: SupportsFloat | SupportsIndex = 20.0, tolerance: SupportsFloat | SupportsIndex | None = None, assume: str = "nothing") -> EventSplitMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> EventSplitMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: EventSplitMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any, canary: Any, *, share: SupportsFloat | SupportsIndex | None = None) -> str:
        """
        Adds the events of both arms since the last update, and gives the decision. The events may
        come as numbers, under the design's share or this interval's own `share`; or with what they
        came from, which says the share: as (events, trials) or `Counts`, or as `Exposure`.
        """

@final
class Exposure:
    """
    Events in a span of time (or any other exposure), in the caller's unit of time.

    >>> canary.Exposure(6, 2.0).rate
    3.0
    """
    def __copy__(self, /) -> Exposure: ...
    def __deepcopy__(self, /, _memo: Any) -> Exposure: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, events: Any, time: Any) -> Exposure: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def events(self, /) -> int:
        """
        How many events there were.
        """
    @staticmethod
    def from_json(text: str) -> Exposure:
        """
        Reads what `to_json` wrote.
        """
    @property
    def rate(self, /) -> float:
        """
        Events per unit of time.
        """
    @property
    def time(self, /) -> float:
        """
        How long was watched.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class FairnessResult:
    """
    Both arms' gaps between groups, and the canary's change of it.
    """
    def __copy__(self, /) -> FairnessResult: ...
    def __deepcopy__(self, /, _memo: Any) -> FairnessResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def baseline(self, /) -> Gap:
        """
        The baseline's gap.
        """
    @property
    def canary(self, /) -> Gap:
        """
        The canary's gap.
        """
    @property
    def change(self, /) -> Estimate:
        """
        The canary's gap less the baseline's, or over it.
        """
    @staticmethod
    def from_json(text: str) -> FairnessResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def notion(self, /) -> str:
        """
        `"demographic_parity"`, `"equal_opportunity"` or `"disparate_impact"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Finding:
    """
    A check's outcome with its evidence.

    >>> requests = {"errors": (95, 19_000)}, {"errors": (60, 2_000)}
    >>> baseline, canary_arm = ({"errors": canary.Counts(*arm["errors"])} for arm in requests)
    >>> finding = canary.judge(baseline=baseline, canary=canary_arm).findings[0]
    >>> finding.status, finding.severity, finding.role, finding.confidence
    ('FAIL', 'high', 'guardrail', 0.9)
    >>> finding.baseline, finding.canary, finding.p_adjusted < 1e-6
    (0.005, 0.03, True)
    """
    def __copy__(self, /) -> Finding: ...
    def __deepcopy__(self, /, _memo: Any) -> Finding: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def acceptable(self, /) -> tuple[float, float] | None:
        """
        The lowest and highest acceptable change (or number of the canary).
        """
    @property
    def anomaly(self, /) -> AnomalyResult | None:
        """
        The windows that are unlike the rest, if they were looked for.
        """
    @property
    def baseline(self, /) -> float | None:
        """
        That number of the baseline, if known.
        """
    @property
    def canary(self, /) -> float | None:
        """
        That number of the canary, if known.
        """
    @property
    def change(self, /) -> Change | None:
        """
        The change, unless the rule is about the canary alone.
        """
    @property
    def check(self, /) -> str:
        """
        The check's name.
        """
    @property
    def compared(self, /) -> str:
        """
        What was compared.
        """
    @property
    def confidence(self, /) -> float | None:
        """
        The confidence of the interval that was held against what is acceptable.
        """
    @property
    def design(self, /) -> str:
        """
        `"concurrent"`, or `"before_and_after"` where the baseline is from a time before the canary.
        """
    @staticmethod
    def from_json(text: str) -> Finding:
        """
        Reads what `to_json` wrote.
        """
    @property
    def group(self, /) -> str | None:
        """
        The group that it counts in, where the verdict goes by points.
        """
    @property
    def metric(self, /) -> str:
        """
        Its metric.
        """
    @property
    def more_needed(self, /) -> int | None:
        """
        About how many more canary observations would decide.
        """
    @property
    def muted(self, /) -> bool:
        """
        Whether it only reports, and decides nothing.
        """
    @property
    def notify(self, /) -> list[str]:
        """
        Whom a failure is to be told to.
        """
    @property
    def obstacle(self, /) -> str | None:
        """
        Why there is nothing to decide on, where that is so.
        """
    @property
    def own_interval(self, /) -> Interval | None:
        """
        Where the canary's own number probably lies, where the rule is about that alone and it was
        estimated.
        """
    @property
    def p_adjusted(self, /) -> float | None:
        """
        The same, corrected for the number of comparisons.
        """
    @property
    def p_margin(self, /) -> float | None:
        """
        The probability of a change at least so far beyond what is acceptable, if the truth were
        just acceptable; of what lies beyond it alone.
        """
    @property
    def p_value(self, /) -> float | None:
        """
        The p-value of no difference, if a test was run.
        """
    @property
    def role(self, /) -> str:
        """
        What the check is for: `"guardrail"` (must be shown to hold), `"success"` (what the release
        is for), `"deterioration"` (must not be shown to be worse) or `"quality"` (whether the data
        can be trusted).
        """
    @property
    def rule(self, /) -> str:
        """
        The rule in words.
        """
    @property
    def sentence(self, /) -> str:
        """
        The outcome in plain words.
        """
    @property
    def severity(self, /) -> str:
        """
        How bad a failure is: `"critical"`, `"high"`, `"medium"` or `"low"`.
        """
    @property
    def sizes(self, /) -> tuple[int, int]:
        """
        How many observations the baseline and the canary had.
        """
    @property
    def status(self, /) -> str:
        """
        `"PASS"`, `"FAIL"` or `"INCONCLUSIVE"`.
        """
    @property
    def test(self, /) -> TestResult | None:
        """
        The test, if one was run.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def unit(self, /) -> str | None:
        """
        The metric's unit; `"proportion"` for counts without one.
        """
    @property
    def weight(self, /) -> float:
        """
        How much it counts there.
        """

@final
class FlaggerAnalysis:
    """
    The analysis of a Flagger Canary, and what Flagger decides by it.

    Read it from `spec.analysis` of the Canary, or from the whole manifest. The provider of a
    metric's template may be named with the metric, as `provider`: only Prometheus' NaN is
    "no values".

    >>> analysis = canary.FlaggerAnalysis.from_yaml('''
    ... interval: 1m
    ... threshold: 2
    ... stepWeight: 10
    ... maxWeight: 50
    ... metrics:
    ... - name: request-success-rate
    ...   thresholdRange: {min: 99}
    ... ''')
    >>> for look in analysis.run([{"request-success-rate": 90.0}] * 4):
    ...     print(look.phase, look.weight, look.failed_checks)
    Progressing 10 0
    Progressing 10 1
    Progressing 10 2
    Failed 0 2
    """
    def __copy__(self, /) -> FlaggerAnalysis: ...
    def __deepcopy__(self, /, _memo: Any) -> FlaggerAnalysis: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_dict(analysis: Any) -> FlaggerAnalysis:
        """
        Reads it from a dict of the same shape.
        """
    @staticmethod
    def from_json(text: str) -> FlaggerAnalysis:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def from_yaml(text: str) -> FlaggerAnalysis:
        """
        Reads it from YAML.
        """
    @property
    def interval_seconds(self, /) -> float:
        """
        Seconds between ticks.
        """
    @property
    def metrics(self, /) -> list[str]:
        """
        The names of the metrics.
        """
    def run(self, /, looks: SupportsGetItem[int, Any], *, hooks: SupportsGetItem[int, Any] | None = None) -> list[FlaggerLook]:
        """
        What Flagger decides at each tick, from the new revision on.

        # Parameters
        `looks`: what was found at each tick: a mapping from metric to a number (rates in
        percent, durations in milliseconds), `None` for no values, or `"error"`.

        `hooks`: what the hooks answered, where it is not that all gates are open: a mapping a
        tick, from `rollback`, `pre_rollout`, `rollout`, `confirm_traffic_increase`,
        `confirm_promotion` and `new_revision` to true or false.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class FlaggerLook:
    """
    A canary of a `FlaggerAnalysis` after a tick.
    """
    def __copy__(self, /) -> FlaggerLook: ...
    def __deepcopy__(self, /, _memo: Any) -> FlaggerLook: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def checks(self, /) -> dict[str, str | None]:
        """
        What was checked, up to the first failure, and why it failed: `None` where it passed.
        """
    @property
    def failed_checks(self, /) -> int:
        """
        Failed checks since the revision's start.
        """
    @staticmethod
    def from_json(text: str) -> FlaggerLook:
        """
        Reads what `to_json` wrote.
        """
    @property
    def iterations(self, /) -> int:
        """
        Ticks of a blue/green or A/B analysis.
        """
    @property
    def mirrored(self, /) -> bool:
        """
        Whether traffic is copied to it.
        """
    @property
    def phase(self, /) -> str:
        """
        `"Progressing"`, `"WaitingPromotion"`, `"Promoting"`, `"Finalising"`, `"Succeeded"` or
        `"Failed"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def weight(self, /) -> int:
        """
        The canary's share of the traffic, in percent.
        """

@final
class Flip:
    """
    What would change a verdict, and into which; it has been tried. See `flips`.
    """
    def __copy__(self, /) -> Flip: ...
    def __deepcopy__(self, /, _memo: Any) -> Flip: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def changes(self, /) -> list[FlipChange]:
        """
        What changes: one number, or several, all of which have to.
        """
    @staticmethod
    def from_json(text: str) -> Flip:
        """
        Reads what `to_json` wrote.
        """
    @property
    def seconds(self, /) -> float | None:
        """
        In about how many seconds that is reached, of more data and where `watched` was given.
        """
    @property
    def sentence(self, /) -> str:
        """
        The same in one plain sentence.
        """
    @property
    def status(self, /) -> str:
        """
        The verdict that it gives.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def what(self, /) -> str:
        """
        `"policy"`, `"data"` (of the canary) or `"more_data"` (of everything).
        """

@final
class FlipChange:
    """
    One number that a flip changes.
    """
    def __copy__(self, /) -> FlipChange: ...
    def __deepcopy__(self, /, _memo: Any) -> FlipChange: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def check(self, /) -> str:
        """
        The check whose finding it is about.
        """
    @property
    def finding(self, /) -> int:
        """
        Its place among the verdict's findings, counted from 0.
        """
    @staticmethod
    def from_json(text: str) -> FlipChange:
        """
        Reads what `to_json` wrote.
        """
    @property
    def metric(self, /) -> str:
        """
        The metric that changes; of more data, all of them do.
        """
    @property
    def now(self, /) -> float:
        """
        What it is now.
        """
    @property
    def setting(self, /) -> str:
        """
        Which number changes: `"percent"`, `"factor"`, `"difference"`, `"min"`, `"max"`, `"share"` or
        `"margin"` of a check; `"events"`, `"value"`, `"times"` (each value multiplied), `"plus"`,
        `"growth"` or `"spread"` of the canary's data; `"amount"` of all data.
        """
    @property
    def to(self, /) -> float:
        """
        The nearest value found that changes the outcome.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def unit(self, /) -> str | None:
        """
        The unit of all three, if they have one.
        """
    @property
    def until(self, /) -> float:
        """
        The farthest value tried, towards `to`, with which the outcome stays as it is; `now`
        itself, where any change at all is enough.
        """

@final
class Forest:
    """
    A fitted isolation forest: plain data that scores rows, is written and read, and scores the same
    after. `Forest.fit` grows one; `IsolationForest` is the estimator with scikit-learn's habits.

    # Example
    >>> rows = numpy.array([[1.0], [1.1], [0.9], [1.05], [7.0]])
    >>> forest = canary.Forest.fit(rows, contamination=0.2)
    >>> forest.predict(rows).tolist()
    [1, 1, 1, 1, -1]
    >>> canary.Forest.from_bytes(forest.to_bytes()) == forest
    True
    """
    def __copy__(self, /) -> Forest: ...
    def __deepcopy__(self, /, _memo: Any) -> Forest: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[bytes]]: ...
    def __repr__(self, /) -> str: ...
    def contributions(self, /, rows: ArrayLike) -> NDArray[float64]:
        """
        Why each row scores as it does, a column for each feature: by how much its splits raise
        log2(-score) above that of a training row on average. A row's contributions add up to the
        whole difference; positive ones make it an anomaly.

        # Example
        >>> rows = [[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]]
        >>> forest = canary.Forest.fit(rows)
        >>> first, second = forest.contributions(rows)[3]
        >>> first < 0.2 < second
        True
        """
    def decision_function(self, /, rows: ArrayLike) -> NDArray[float64]:
        """
        The score above the offset: negative for anomalies.
        """
    @property
    def expected_score(self, /) -> float:
        """
        The score of a row whose paths are as long as those of a training row on average.
        """
    def feature_importances(self, /, rows: ArrayLike) -> NDArray[float64]:
        """
        How much each feature tells these rows apart: the mean of its contributions without their
        signs, as a part of all features'.

        # Example
        >>> rows = [[1.0, 5.0], [1.0, 5.2], [1.0, 5.1], [1.0, 9.0]]
        >>> canary.Forest.fit(rows).feature_importances(rows).tolist()
        [0.0, 1.0]
        """
    @staticmethod
    def fit(rows: ArrayLike, *, n_estimators: SupportsIndex = 100, max_samples: str | SupportsFloat | SupportsIndex | None = None, max_features: str | SupportsFloat | SupportsIndex | None = None, contamination: str | SupportsFloat | SupportsIndex | None = None, bootstrap: bool = False, extension_level: SupportsIndex = 0, missing: str = "raise", random_state: SupportsIndex = 0) -> Forest:
        """
        The isolation forest: how unlike the others is each row, when no single feature says so?

        Random splits set a row that is unlike the others apart after a few; a row amid others takes many. It
        learns from unlabelled rows, most of which are normal, and it does not care for the units of the
        features: shifting or scaling one changes nothing.

        # Formula

        ```text
        h(x) = depth of x's leaf + c(n of the leaf),   mean over T trees:  E(h)
        c(n) = 0 for n ≤ 1,  1 for n = 2,  2 (ln(n - 1) + γ) - 2 (n - 1) / n  above
        s(x) = 2 ^ (- E(h) / c(ψ));    score = -s(x),    decision = score - offset,    anomaly: decision < 0
        ```

        where ψ rows are drawn for each tree. A node is divided at a threshold drawn uniformly between the
        least and the largest value of a feature drawn among those that tell its rows apart, down to the depth
        ⌈log2 ψ⌉.

        The extended forest divides by hyperplanes a·z ≤ t instead: k + 1 features are drawn, their
        coefficients a are standard normal, z is the row in mean absolute deviations from the mean, and t is
        uniform between the least and the largest a·z. (Hariri, Carrasco Kind and Brunner draw a point in the
        node's box instead of t, which leaves nodes empty, and leave scaling to the caller.)

        Why a row scores as it does: with m(v) the expected path length of a training row below node v, the
        step from v to its child w on feature f adds (m(v) - m(w)) / (T c(ψ)) to f. The steps add up to
        log2 s(x) - log2 of the expected score.

        # Compared with scikit-learn

        Scores have its sign and scale, and its own trees score the same here to 1e-12. Fitted forests agree
        in distribution: random numbers differ. Otherwise here:

        - Values are kept as they are, where it rounds them to 24 bits and takes values within 1e-7 for equal:
          1e9 + noise and rates of 1e-8 are told apart.
        - `contamination` is what it says, for the training rows; `missing` is an option, and missing values
          count in parts on either side of a split rather than on a random one.
        - `random_state` is always a seed.
        - The extended forest takes no missing values: most rows would miss something of a hyperplane's.

        # Cost

        Growing: some 30 microseconds a tree of 256 rows. Scoring: some 3 nanoseconds a row and tree for many rows
        of five features, five times that with more features than trees, and some microseconds for one row of
        100 trees. A row that misses a fifth of its features costs ten times as much as one that misses none.

        # References

        Liu, Ting and Zhou (2008), *ICDM*, 413-422. Hariri, Carrasco Kind and Brunner (2021), *IEEE
        Transactions on Knowledge and Data Engineering* 33, 1479-1489. Lucchese, Nardini, Orlando, Perego,
        Tonellotto and Venturini (2015), *SIGIR*, 73-82 (how many rows are scored at once).


        # Parameters
        `rows`: a 2-D array or data frame, a row for each point. `n_estimators`: how many trees.
        `max_samples`: how many rows each grows on: `"auto"` (256), a number, or a fraction of all.
        `max_features`: how many features each may use, likewise (`"auto"` is all). `contamination`:
        which part of the rows to take for anomalies, or `"auto"` for an offset of -0.5. `bootstrap`:
        whether rows are drawn with replacement. `extension_level`: with k > 0, splits are
        hyperplanes of k + 1 features. `missing`: `"raise"` or `"both_ways"`. `random_state`: the
        seed.

        # Errors
        `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

        # Example
        >>> rows = numpy.array([[1.0, 5.0], [1.1, 5.2], [0.9, 5.1], [1.0, 9.0]])
        >>> forest = canary.Forest.fit(rows)
        >>> int(forest.score_samples(rows).argmin())
        3
        """
    @staticmethod
    def from_bytes(data: bytes) -> Forest:
        """
        Reads what `to_bytes` wrote.
        """
    @staticmethod
    def from_json(text: str) -> Forest:
        """
        Reads what `to_json` wrote.
        """
    @property
    def missing(self, /) -> str:
        """
        What is done with missing values: `"raise"` or `"both_ways"`.
        """
    @property
    def n_features(self, /) -> int:
        """
        How many features a row has.
        """
    @property
    def n_trees(self, /) -> int:
        """
        How many trees there are.
        """
    @property
    def offset(self, /) -> float:
        """
        The score below which a row is an anomaly.
        """
    def predict(self, /, rows: ArrayLike) -> NDArray[int64]:
        """
        -1 for each row that is an anomaly, 1 for each that is not.
        """
    @property
    def sample_size(self, /) -> int:
        """
        How many rows each tree grew on.
        """
    def score_samples(self, /, rows: ArrayLike) -> NDArray[float64]:
        """
        The score of each row, between -1 and 0: the lower, the more of an anomaly.

        # Example
        >>> forest = canary.Forest.fit([[1.0], [1.1], [0.9], [7.0]])
        >>> low, high = forest.score_samples([[7.0], [1.0]])
        >>> low < high
        True
        """
    def to_bytes(self, /) -> bytes:
        """
        The forest in a few bytes a node, with its version.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The forest as JSON.
        """

@final
class Gap:
    """
    The gap between the groups of one arm.
    """
    def __copy__(self, /) -> Gap: ...
    def __deepcopy__(self, /, _memo: Any) -> Gap: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Gap:
        """
        Reads what `to_json` wrote.
        """
    @property
    def highest(self, /) -> int:
        """
        Which group has the highest rate, by its position.
        """
    @property
    def interval(self, /) -> Interval:
        """
        Where the true gap probably lies.
        """
    @property
    def lowest(self, /) -> int:
        """
        Which group has the lowest rate, by its position.
        """
    @property
    def rates(self, /) -> NDArray[float64]:
        """
        Each group's rate, in the order of the input.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def value(self, /) -> float:
        """
        The gap.
        """

@final
class Gauge:
    """
    One finite value, without a sample size: for thresholds, not for tests.

    >>> canary.Gauge(0.7)
    Gauge(0.7)
    """
    def __copy__(self, /) -> Gauge: ...
    def __deepcopy__(self, /, _memo: Any) -> Gauge: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, value: Any) -> Gauge: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Gauge:
        """
        Reads what `to_json` wrote.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def value(self, /) -> float:
        """
        What it reads.
        """

@final
class GroupPlan:
    """
    What a group-sequential design costs and promises; `str` shows it as a table.
    """
    def __copy__(self, /) -> GroupPlan: ...
    def __deepcopy__(self, /, _memo: Any) -> GroupPlan: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        The false-alarm rate over all looks.
        """
    @property
    def beta(self, /) -> float:
        """
        The probability of missing the planned effect.
        """
    @property
    def drift(self, /) -> float:
        """
        The planned effect as the mean of z at the last look.
        """
    @property
    def expected_alternative(self, /) -> float:
        """
        The expected size with the planned effect, in the same unit.
        """
    @property
    def expected_null(self, /) -> float:
        """
        The expected size without an effect, in the same unit.
        """
    @staticmethod
    def from_json(text: str) -> GroupPlan:
        """
        Reads what `to_json` wrote.
        """
    @property
    def inflation(self, /) -> float:
        """
        The largest size, as a multiple of the size that one single look needs for the same power.
        """
    @property
    def looks(self, /) -> list[PlannedLook]:
        """
        The looks.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class GroupSequentialMonitor:
    """
    A test with a few planned looks, such as the stages of a rollout: between them nothing is decided,
    and for that it needs fewer observations than a test that may be looked at always. Over all looks it
    accepts the alternative with probability `alpha` at most if the null hypothesis is true.

    The bounds come from spending (Lan and DeMets 1983): at a fraction t of the planned information,
    alpha(t) may have been spent, and the bound c of look k solves

    P(no stop before, Zₖ ≥ c) = alpha(tₖ) - alpha(tₖ₋₁)

    for a Brownian motion, by the recursion of Armitage, McPherson and Rowe (Jennison and Turnbull 2000,
    ch. 19). A two-sided test spends alpha/2 on each side. So looks may come at any time, in any number,
    as long as what was seen does not choose the time. A futility bound spends beta in the same way, of
    those with the planned effect, and needs a one-sided alternative; unless it is binding, alpha holds
    also if it is ignored.

    The score of a stratum is H (difference - null), with H the harmonic mean of both arms' numbers; its
    variance is H² times that of the difference: pooled for proportions under a null hypothesis of 0, else
    of each arm on its own. Scores and variances are summed over strata, and each look begins a new one:
    so stages with different shares of the traffic are never pooled. H over the planned information is the
    fraction t that says how much may be spent; the variances say how the looks hang together.

    A look is taken by the update that reaches the next planned fraction, or by `look`, whenever asked:
    updates between looks only gather. At the last one, alpha is spent; if there is then more information
    than planned, no more is spent. If there will be less, `finish` says that the next look is the last,
    which spends all that is left; the reason must not be what was seen. A look that adds less than a
    thousandth to the variance is left out, and what it would have spent is left to the next. The last
    look accepts the null hypothesis, if it does not accept the alternative: the planned effect would have
    been missed with probability `beta`.

    Before the end, the p-value is the repeated one: the smallest alpha at which a look would have
    stopped; and the interval is the repeated one of the last look, z ± its own bound (Jennison and
    Turnbull 2000, ch. 9). At the end both are those of the outcome in the order of stages (Tsiatis,
    Rosner and Mehta 1984), which hold at that one time, and the estimate is its median-unbiased one.
    They count on stopping for futility only if that is binding. The e-value is ½ p^(-½) of the p-value
    (Vovk and Wang 2021).

    All of this is for large samples: some ten events on each arm, or some thirty values without long tails, at
    each look. Where the canary has a twentieth of the traffic and values have long tails or are mostly zero,
    `MixtureSprt` and `DistributionComparison` hold their level, and this does not.

    Unless independence is promised (`assume`), each z is divided by the square root of the dispersion of all
    updates so far, at least 1, and judged as Student's t with as many degrees of freedom as there are
    independent batches, less one, and where even batches remember each other as no more than the e-value of their
    batches says (p = 1 / E). A look before there are 16 batches of updates, or
    while they remember each other for too long, is
    put off until there are, the last one too: data must come in intervals such as minutes, not in whole stages,
    or nothing is decided. The looks stay where they were planned. A z of
    the caller's own is taken as it is. For minutes that remember 0.9 of the last, an hour is too
    short: 300 minutes are not.


    # Parameters
    `looks`: how many, at equal steps of information, or a list of their fractions, the last of which
    is 1. `information`: what there will be at the last planned look: for counts and values the
    observations per arm (the harmonic mean of both arms' numbers), such as the `inflation` of
    `plan_group_sequential` times a single test's size; for z in their own unit. `null`: the
    difference under the null hypothesis, canary less baseline, for counts and values. `assume`:
    `"nothing"`, or `"independence"` as a promise, as z of their own always are. The others: as for
    `plan_group_sequential`.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: five stages, to see an error rate rise from 1% to 1.5%
    >>> single = canary.power_proportions(baseline=0.01, effect=0.005, power=0.8)
    >>> plan = canary.plan_group_sequential(looks=5)
    >>> stages = canary.GroupSequentialMonitor(
    ...     looks=5, information=plan.inflation * single.n_canary, assume="independence"
    ... )
    >>> stages.update((13, 1_600), (20, 1_600))
    'continue'
    >>> stages.update((12, 1_600), (45, 1_600))
    'accept_alternative'
    """
    def __copy__(self, /) -> GroupSequentialMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> GroupSequentialMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, looks: Any, information: SupportsFloat | SupportsIndex, alpha: SupportsFloat | SupportsIndex = 0.05, beta: SupportsFloat | SupportsIndex = 0.2, alternative: str = "two_sided", spending: str = "obrien_fleming", futility: str | None = None, binding: bool = False, null: SupportsFloat | SupportsIndex = 0.0, assume: str = "nothing") -> GroupSequentialMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    def finish(self, /) -> str:
        """
        The next look is the last, and spends what is left of alpha: at once with data that wait for a
        look, else with the next update. The reason for ending must not be what was seen.
        """
    @staticmethod
    def from_json(text: str) -> GroupSequentialMonitor:
        """
        Reads what `to_json` wrote.
        """
    def look(self, /) -> str:
        """
        Takes a look now, whatever the information: the end of a stage.
        """
    @property
    def looks(self, /) -> list[TakenLook]:
        """
        The looks that were taken.
        """
    def merge(self, /, later: GroupSequentialMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    def new_stratum(self, /) -> None:
        """
        What comes from now on is another stratum: to be called when the share of the traffic changes
        between looks. Each look does it by itself.
        """
    @property
    def next_look(self, /) -> LookBounds | None:
        """
        When the next look is planned and where it will stop, if information grows as planned; None
        after the decision.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None, *, information: Any | None = None, z: Any | None = None) -> str:
        """
        Adds what both arms have shown since the last update, and gives the decision: counts as
        `(events, trials)` or `Counts`, values as an array or list, or `Summary`. Or `information` and
        `z` of all data so far, which is always a look.
        """

@final
class Histogram:
    """
    Prometheus' cumulative buckets: how many values were at most each bound, the last of which
    is infinite, and the sum of all values if known.

    >>> latency = canary.Histogram([0.1, 0.5, float("inf")], [80, 98, 100], sum=11.25)
    >>> latency.quantile(0.5), latency.quantile(0.99), latency.mean
    (0.0625, 0.5, 0.1125)
    """
    def __copy__(self, /) -> Histogram: ...
    def __deepcopy__(self, /, _memo: Any) -> Histogram: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, bounds: ArrayLike, counts: ArrayLike, *, sum: SupportsFloat | SupportsIndex | None = None) -> Histogram: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def bounds(self, /) -> NDArray[float64]:
        """
        The upper bounds, the last one infinite.
        """
    @property
    def count(self, /) -> float:
        """
        How many values there were.
        """
    @property
    def counts(self, /) -> NDArray[float64]:
        """
        How many values were at most each bound.
        """
    @staticmethod
    def from_json(text: str) -> Histogram:
        """
        Reads what `to_json` wrote.
        """
    @property
    def mean(self, /) -> float | None:
        """
        Sum over count, if the sum is known.
        """
    def merge(self, /, other: Histogram) -> Histogram:
        """
        Both histograms' observations together.
        """
    def quantile(self, /, q: SupportsFloat | SupportsIndex) -> float:
        """
        The q-quantile as Prometheus' `histogram_quantile` estimates it: NaN without
        observations, infinite for q outside of 0 to 1, the highest finite bound in the last
        bucket.
        """
    def since(self, /, earlier: Histogram) -> Histogram:
        """
        What was added since an earlier scrape; all of it where the count fell.
        """
    @property
    def sum(self, /) -> float | None:
        """
        The sum of all values, if known.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Homogeneity:
    """
    What a test of whether several groups or strata are alike found.
    """
    def __copy__(self, /) -> Homogeneity: ...
    def __deepcopy__(self, /, _memo: Any) -> Homogeneity: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def df(self, /) -> float:
        """
        Groups, or strata, less one.
        """
    @staticmethod
    def from_json(text: str) -> Homogeneity:
        """
        Reads what `to_json` wrote.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of groups at least as far apart if they were alike.
        """
    @property
    def statistic(self, /) -> float:
        """
        Chi-square, or another test statistic.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Incident:
    """
    Anomalous windows that belong together. Printed, it is a sentence that names the metrics with a
    tenth of the blame or more.
    """
    def __copy__(self, /) -> Incident: ...
    def __deepcopy__(self, /, _memo: Any) -> Incident: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def end(self, /) -> float:
        """
        The time of its last anomalous window; the window's own length comes on top.
        """
    @staticmethod
    def from_json(text: str) -> Incident:
        """
        Reads what `to_json` wrote.
        """
    @property
    def is_lone(self, /) -> bool:
        """
        Whether it is a single window, with no other in reach: perhaps no more than chance.
        """
    @property
    def lowest_score(self, /) -> float:
        """
        The lowest score.
        """
    @property
    def mean_excess(self, /) -> float:
        """
        By how much its windows' scores lie below the offset on average.
        """
    @property
    def metrics(self, /) -> list[tuple[str, float]]:
        """
        Each metric to blame with its share, the largest first: its name, or `"feature 0"`. Shares add
        up to 1; there are none where no feature contributes to any window.
        """
    @property
    def peak(self, /) -> float:
        """
        When it was strongest: the time of its lowest score, the first of several.
        """
    @property
    def start(self, /) -> float:
        """
        The time of its first anomalous window, in seconds as they were given.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def windows(self, /) -> list[int]:
        """
        The numbers of its windows' rows, from 0, in order of time.
        """

@final
class Interval:
    """
    A confidence interval; unpacks as `low, high`.
    """
    def __copy__(self, /) -> Interval: ...
    def __deepcopy__(self, /, _memo: Any) -> Interval: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __iter__(self, /) -> Iterator: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def confidence(self, /) -> float:
        """
        The share of such intervals that cover the truth.
        """
    @staticmethod
    def from_json(text: str) -> Interval:
        """
        Reads what `to_json` wrote.
        """
    @property
    def high(self, /) -> float:
        """
        Upper end.
        """
    @property
    def low(self, /) -> float:
        """
        Lower end.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class KeptnAnalysis:
    """
    A Keptn SLO file, or the `spec` of an `AnalysisDefinition`, and what Keptn scores by it.

    >>> analysis = canary.KeptnAnalysis.from_yaml('''
    ... objectives:
    ... - sli: response_time_p95
    ...   pass: [{criteria: ["<=+10%", "<600"]}]
    ...   warning: [{criteria: ["<=800"]}]
    ... total_score: {pass: "90%", warning: "50%"}
    ... ''')
    >>> looks = [{"response_time_p95": p95} for p95 in (500, 540, 650)]
    >>> [(look.result, look.score) for look in analysis.run(looks)]
    [('pass', 100.0), ('pass', 100.0), ('warning', 50.0)]
    """
    def __copy__(self, /) -> KeptnAnalysis: ...
    def __deepcopy__(self, /, _memo: Any) -> KeptnAnalysis: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_dict(analysis: Any) -> KeptnAnalysis:
        """
        Reads it from a dict of the same shape.
        """
    @staticmethod
    def from_json(text: str) -> KeptnAnalysis:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def from_yaml(text: str) -> KeptnAnalysis:
        """
        Reads it from YAML.
        """
    @property
    def indicators(self, /) -> list[str]:
        """
        The names of the indicators, one an objective.
        """
    def run(self, /, looks: SupportsGetItem[int, Any]) -> list[KeptnEvaluation]:
        """
        Evaluations one after the other; those of an SLO file see the ones before.

        # Parameters
        `looks`: a mapping an evaluation, from indicator to a number, or to `None` or `"error"`
        for one that failed. One that is not there was never measured: an SLO passes over it
        in silence.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class KeptnEvaluation:
    """
    What an evaluation of a `KeptnAnalysis` came to.
    """
    def __copy__(self, /) -> KeptnEvaluation: ...
    def __deepcopy__(self, /, _memo: Any) -> KeptnEvaluation: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> KeptnEvaluation:
        """
        Reads what `to_json` wrote.
        """
    @property
    def key_failed(self, /) -> bool:
        """
        Whether a key objective failed.
        """
    @property
    def message(self, /) -> str | None:
        """
        Why it is an error.
        """
    @property
    def objectives(self, /) -> dict[str, str]:
        """
        What each objective came to, by indicator: `"pass"`, `"warning"`, `"fail"`, `"info"` or
        `"missing"`.
        """
    @property
    def result(self, /) -> str:
        """
        `"pass"`, `"warning"`, `"fail"` or `"error"`.
        """
    @property
    def score(self, /) -> float:
        """
        The score reached, in percent.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class LookBounds:
    """
    The bounds of one look, for z of canary less baseline.
    """
    def __copy__(self, /) -> LookBounds: ...
    def __deepcopy__(self, /, _memo: Any) -> LookBounds: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def alpha_spent(self, /) -> float:
        """
        How much of alpha is spent by then, on all sides.
        """
    @property
    def efficacy(self, /) -> float:
        """
        The alternative is accepted from here on: upwards, downwards for the alternative `"less"`, or
        on either side.
        """
    @property
    def fraction(self, /) -> float:
        """
        The information there, as a fraction of what was planned; above 1 where there is more.
        """
    @staticmethod
    def from_json(text: str) -> LookBounds:
        """
        Reads what `to_json` wrote.
        """
    @property
    def futility(self, /) -> float | None:
        """
        The null hypothesis is accepted from here on, away from the efficacy bound; None without a
        futility bound.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class ManyResults:
    """
    The results of one test on many pairs, as columns and one by one.

    >>> results = canary.t_test_many([[1.0, 2.0, 3.0]] * 2, [[4.0, 5.0, 6.5], [1.0, 2.0, 3.5]])
    >>> len(results), results[0].p_value == results.p_value.item(0)
    (2, True)
    """
    def __copy__(self, /) -> ManyResults: ...
    def __deepcopy__(self, /, _memo: Any) -> ManyResults: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __getitem__(self, index: SupportsIndex, /) -> TestResult | None: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def adjusted(self, /, method: str = "holm") -> NDArray[float64]:
        """
        The p-values adjusted for their number, as `adjust` does; NaN where there is no result.
        """
    @property
    def df(self, /) -> NDArray[float64]:
        """
        Every number of degrees of freedom; NaN where there is none.
        """
    @property
    def estimate(self, /) -> NDArray[float64]:
        """
        Every estimate; NaN where there is none.
        """
    @staticmethod
    def from_json(text: str) -> ManyResults:
        """
        Reads what `to_json` wrote.
        """
    @property
    def high(self, /) -> NDArray[float64]:
        """
        Every interval's upper end; NaN where there is none.
        """
    @property
    def low(self, /) -> NDArray[float64]:
        """
        Every interval's lower end; NaN where there is none.
        """
    @property
    def p_value(self, /) -> NDArray[float64]:
        """
        Every p-value; NaN where there is no result.
        """
    @property
    def statistic(self, /) -> NDArray[float64]:
        """
        Every test statistic; NaN where there is no result.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class MeanSequenceMonitor:
    """
    Is a mean that of a standard? Two ways, by what is known about the values.

    Nothing known: the normal mixture of Robbins (1970) with Student's t for the unknown variance (Lindon,
    Ham, Tingley and Bojinov 2022), tuned as the asymptotic confidence sequence of Waudby-Smith, Arbour,
    Sinha, Kennedy and Ramdas (2024): with t = (mean - standard) √n / s, ν = n - 1 and
    r = 1 / (1 + n ρ²),

    log E = ½ ln r + ½ (ν + 1) [ln(1 + t²/ν) - ln(1 + r t²/ν)],

    for one side with the mixture cut to that side. Exact for normal values. For skewed ones it holds from
    about a hundred values on, or when tuned at a thousand or more, and a little less well on the side away from
    the long tail (of exponential values tuned at 1000, 6.4 ± 0.8 % for `less` at alpha 5 %, 1.7 % for `greater`). Values of
    which nine in ten are zero are too skewed for it (22 ± 1 % for `less`), and a mean without a finite variance is
    beyond it (64 % for `less`): so unless independence is promised (`assume`), t is transformed as
    Hall (1992) has it, with the skewness g of the values and a = 2 g / √n, twice what it is there since values that
    are without their largest yet show too little of it,

    z = ((1 + a t / 3)³ - 1) / a + a / 6

    on the side away from the long tail, where that is nearer to 0 than t. No |z| there exceeds about 1 / a, so
    that of heavy tails hardly anything is decided (then 4 % of Pareto's values without a variance, 2 % of
    nine zeros in ten). Of values in a summary the skewness is not known. The interval is about the shortest there is after `tuned_at` values.

    Values within `bounds`: the empirical Bernstein sequence of Waudby-Smith and Ramdas (2024, theorem
    2), which is exact from the first value on, whatever their distribution. For values scaled to [0, 1], with
    predictable bets λ, the running mean m before each value, and ψ(λ) = (-ln(1 - λ) - λ) / 4,

    log E = ± Σ λ (x - standard) - Σ 4 (x - m)² ψ(λ),

    for two sides the mean of both e-values.

    Unless independence is promised (`assume`), the e-value of batches of updates must agree, for both ways;
    before there are 16 batches nothing is decided. Single values are an update as soon as there are four.


    # Parameters
    `null`: the standard. `alternative`: `"two_sided"`, `"greater"` or `"less"`. `alpha`: the
    false-alarm rate over all looks. `tolerance`: how far beyond the standard is tolerated. `bounds`:
    the least and the greatest value there can be. `tuned_at`: after how many values the interval is
    to be shortest. `burn_in`: how many values there must be before anything is decided, without
    bounds. `assume`: `"nothing"`, or `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: a queue that should not be more than half full
    >>> fill = canary.MeanSequenceMonitor(null=0.5, bounds=(0, 1), alternative="greater")
    >>> fill.update(0.8)
    'continue'
    >>> for minute in range(30):
    ...     decision = fill.update([0.7, 0.8, 0.9, 0.8, 0.7])
    >>> decision
    'accept_alternative'
    >>> fill.state.estimate.interval.low > 0.5
    True
    """
    def __copy__(self, /) -> MeanSequenceMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> MeanSequenceMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, null: SupportsFloat | SupportsIndex = 0.0, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05, tolerance: SupportsFloat | SupportsIndex | None = None, bounds: tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex] | None = None, tuned_at: SupportsFloat | SupportsIndex | None = None, burn_in: SupportsIndex = 50, assume: str = "nothing") -> MeanSequenceMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> MeanSequenceMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: MeanSequenceMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, values: Any) -> str:
        """
        Adds the values since the last update (a row of them, a single one, or a `Summary`), and gives
        the decision.
        """

@final
class MixtureSprtMonitor:
    """
    Do proportions, means or rates of two arms differ? A mixture sequential probability ratio test
    (Robbins 1970; Johari, Koomen, Pekelis and Walsh 2022, eq. 11): likelihood ratios averaged over
    effects that are normal about none, with the standard deviation τ. For an estimate d of variance V,

    log E = ½ ln(V / (V + τ²)) + τ² d² / (2 V (V + τ²)),

    for one side with the mixture cut to that side: + ln 2 + ln Φ(τ d / √(V (V + τ²))). The interval
    is the set of effects that are not rejected. With τ² = ρ² σ² it is the asymptotic confidence sequence of
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024, eq. 12): so τ is given as the `effect` to be
    caught, or as the size `tuned_at` which the interval is shortest. Without either, τ is half of the level for
    proportions and rates, and a tenth of the standard deviation for means.

    Every update with both arms in it is a stratum. d is the sum over strata of w (canary - baseline) by
    that of w = nb nc / (nb + nc) (Mantel and Haenszel 1959): what changes for both arms from
    one update to the next, and the arms' shares of the traffic, may change as they like. Observations that come
    alone are pooled into strata of at least 10 of either arm.

    Events have the variance that they have under the null hypothesis (Mantel and Haenszel's, if that is
    no difference). The variance of means is measured, within strata, as the greater of that of
    separate variances and that of a pooled one, since a small arm may by chance lack the rare large values; and allowed for by Student's t (Lindon, Ham,
    Tingley and Bojinov 2022): with r = V / (V + τ²) and ν degrees of freedom (Satterthwaite 1946),
    log E = ½ ln r + ½ (ν + 1) [ln(1 + z²/ν) - ln(1 + r z²/ν)]. A ratio ρ is tested as canary - ρ
    baseline, so that it needs no logarithm of zero: without events on the baseline it is infinite, and its interval has
    a lower end all the same. Where nothing varies there is no evidence.
    Nothing is decided before there are 10 events on both arms (and 10 trials without one), with Σ w p of 1 at
    least: some one of them would be expected on the smaller arm.


    # Parameters
    `level`: `"proportion"`, `"mean"` or `"rate"`. `measure`: `"difference"` or `"ratio"`.
    `alternative`: `"two_sided"`, `"greater"` (the canary is greater) or `"less"`. `alpha`: the
    false-alarm rate over all looks. `null`: the estimate under the null hypothesis. `tolerance`: how
    much worse is tolerated, a positive difference or a factor above 1. `effect`: the effect to be
    caught soonest, a difference or a factor. `tuned_at`: instead of it, how many observations of the
    smaller arm there will be when the interval is to be shortest. `burn_in`: how many observations
    of either arm there must be before anything is decided. `assume`: `"nothing"`, or
    `"independence"` as a promise that single observations do not depend on each other.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: errors of requests, minute by minute, and latencies, one by one
    >>> errors = canary.MixtureSprtMonitor(alternative="greater")
    >>> for minute in range(24):
    ...     decision = errors.update(baseline=(9 + minute % 3, 950), canary=(2 + minute % 2, 50))
    >>> decision
    'accept_alternative'
    >>> errors.state.p_value < 0.05
    True
    >>> latency = canary.MixtureSprtMonitor(level="mean", measure="ratio", tolerance=1.1)
    >>> latency.update(canary=12.5)
    'continue'
    """
    def __copy__(self, /) -> MixtureSprtMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> MixtureSprtMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, level: str = "proportion", measure: str = "difference", alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05, null: SupportsFloat | SupportsIndex | None = None, tolerance: SupportsFloat | SupportsIndex | None = None, effect: SupportsFloat | SupportsIndex | None = None, tuned_at: SupportsFloat | SupportsIndex | None = None, burn_in: SupportsIndex = 50, assume: str = "nothing") -> MixtureSprtMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> MixtureSprtMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: MixtureSprtMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None) -> str:
        """
        Adds what came since the last update, and gives the decision. Of proportions: `(events,
        trials)` of either arm, or `True` or `False` of a single trial. Of means: a row of values, a
        single value, or a `Summary` of either arm. Of rates: `(events, time)` of both arms. An arm
        of which nothing came may be left out.
        """

@final
class Overdispersion:
    """
    How much more counts scatter between windows than chance makes them.
    """
    def __copy__(self, /) -> Overdispersion: ...
    def __deepcopy__(self, /, _memo: Any) -> Overdispersion: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def df(self, /) -> float:
        """
        Windows less one.
        """
    @property
    def factor(self, /) -> float:
        """
        By how much the variance is larger than chance makes it.
        """
    @staticmethod
    def from_json(text: str) -> Overdispersion:
        """
        Reads what `to_json` wrote.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of scatter at least as large if events were independent.
        """
    @property
    def statistic(self, /) -> float:
        """
        Pearson's statistic.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Plan:
    """
    How long it takes to see a change; `str` says it in a sentence.
    """
    def __copy__(self, /) -> Plan: ...
    def __deepcopy__(self, /, _memo: Any) -> Plan: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Plan:
        """
        Reads what `to_json` wrote.
        """
    @property
    def needed(self, /) -> PowerResult:
        """
        How many requests on each arm, the effect and the power.
        """
    @property
    def seconds(self, /) -> float:
        """
        How long, in seconds.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class PlannedLook:
    """
    One look of a plan, and how likely it is to be the last.
    """
    def __copy__(self, /) -> PlannedLook: ...
    def __deepcopy__(self, /, _memo: Any) -> PlannedLook: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def beta_spent(self, /) -> float | None:
        """
        How much of beta is spent by then; None without a futility bound.
        """
    @property
    def bounds(self, /) -> LookBounds:
        """
        When, and the bounds there.
        """
    @staticmethod
    def from_json(text: str) -> PlannedLook:
        """
        Reads what `to_json` wrote.
        """
    @property
    def nominal_p(self, /) -> float:
        """
        The p-value of a single test at the efficacy bound.
        """
    @property
    def stop_alternative(self, /) -> float:
        """
        The probability of stopping at this look with the planned effect.
        """
    @property
    def stop_null(self, /) -> float:
        """
        The probability of stopping at this look without an effect.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Policy:
    """
    Metrics, the checks on them, and how those become a verdict.

    >>> policy = canary.Policy.from_dict({
    ...     "version": 1,
    ...     "metrics": {"latency": {"unit": "ms", "direction": "increase"}},
    ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
    ... })
    >>> policy
    Policy(name=None, metrics=['latency'], checks=['latency p99'])

    What a check can demand, each by its own key: `threshold` (a point), `test` (an interval against a
    margin, at one look), `sequential` (the same at any look: for all data so far, judged again and
    again), `distribution`, `trend`, `anomaly`, `fairness`, `sample_ratio`, `missing`, `fail_if` and
    `pass_if`, and `standard`. A `sequential` check takes what a `test` takes, and is written as a test
    with `looks: any`; of counts, exposures, samples (their mean, or a `quantile`), summaries and series.
    What it holds under: the canary's share of the traffic stays the same, or the level does; events
    come one by one; values are independent, but for series, whose memory is measured (16 points at least).

    # Example: a controller that keeps nothing asks every minute about all requests so far
    >>> policy = canary.Policy.from_yaml('''
    ... version: 1
    ... metrics: {error_rate: {direction: increase}}
    ... checks:
    ...   - metric: error_rate
    ...     sequential: {margin: {percent: 50%, floor: 0.25%}, confidence: 95%}
    ... ''')
    >>> verdict = canary.judge(
    ...     policy,
    ...     baseline={"error_rate": canary.Counts(190, 19_000)},
    ...     canary={"error_rate": canary.Counts(40, 1_000)},
    ... )
    >>> verdict.status, "at any look" in verdict.findings[0].sentence
    ('FAIL', True)
    """
    def __copy__(self, /) -> Policy: ...
    def __deepcopy__(self, /, _memo: Any) -> Policy: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def advice(self, /, *, requests_per_second: SupportsFloat | SupportsIndex | None = None, canary_share: SupportsFloat | SupportsIndex | None = None, minutes: SupportsFloat | SupportsIndex | None = None, baseline_rate: SupportsFloat | SupportsIndex = 0.01, looks: SupportsIndex = 1) -> list[Advice]:
        """
        What is unwise about the policy, each an `Advice`: nothing, where nothing was found.

        # Parameters
        With the traffic that there will be, also what it cannot decide: `requests_per_second` on
        both arms together, the `canary_share` of them, for how many `minutes` the arms are watched
        (all three or none), the `baseline_rate` of events such as errors, and how many `looks` are
        taken meanwhile.

        # Errors
        `InvalidOption` for what lies outside its range.

        >>> policy = canary.Policy.from_dict({
        ...     "version": 1,
        ...     "metrics": {"latency": {"unit": "ms"}},
        ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
        ... })
        >>> for advice in policy.advice():
        ...     print(advice.topic, advice.instead)
        point_without_sample Add `min_sample: 1000`, or use a `test` with a margin.
        >>> slow = policy.advice(requests_per_second=1, canary_share=0.05, minutes=60)
        >>> [advice.topic for advice in slow]
        ['point_without_sample', 'few_for_percentile']
        """
    @property
    def checks(self, /) -> list[str]:
        """
        The names of the checks.
        """
    @staticmethod
    def default(metrics: Iterable[str]) -> Policy:
        """
        The policy of somebody who has decided nothing but which metrics there are: of each, the
        canary must be worse in no way that its observations can show.

        # Parameters
        `metrics`: their names in a row; or a mapping from name to what is known of it, each
        optional:

        - `"direction"`: which way is worse, `"increase"`, `"decrease"` or `"either"`; by default
          by the words of the name (`"error"`, `"latency"`, `"throughput"`, ...);
        - `"unit"`: such as `"ms"`;
        - `"margin"`: how much worse is acceptable: `"20%"`, `"2x"`, `"20ms"` or a number in the
          unit; or a mapping such as `{"percent": 20, "floor": "0.25%"}`, whose floor is a
          difference that is acceptable however large a part of the baseline it is. By default 50 %
          of rates (or a quarter of a percentage point of proportions, if that is more) and 20 %
          of values.

        # Errors
        `InvalidPolicy` for no metric, and for what is known wrongly.

        >>> canary.Policy.default(["error_rate", "latency"])
        Policy(name='standard', metrics=['error_rate', 'latency'], checks=['error_rate', 'latency'])
        >>> policy = canary.Policy.default({
        ...     "sales": {"direction": "decrease", "margin": "5%"},
        ...     "latency": {"unit": "ms", "margin": "20ms"},
        ...     "errors": {"margin": {"percent": 100, "floor": "0.1%"}},
        ... })
        >>> print(policy.in_words().splitlines()[0])
        The policy "standard" makes 3 checks of 3 metrics.
        """
    @staticmethod
    def from_dict(policy: Any) -> Policy:
        """
        Reads a policy from a dict of the same shape, or one block of a playbook (see `phases`).
        """
    @staticmethod
    def from_json(text: str) -> Policy:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def from_yaml(text: str) -> Policy:
        """
        Reads a policy from YAML, or one block of a playbook (see `phases`). Errors name the line and
        the column.
        """
    def in_words(self, /) -> str:
        """
        The policy in words: each metric, each check, and how they become a verdict.

        >>> print(canary.Policy.default(["latency"]).in_words())
        The policy "standard" makes 1 check of 1 metric.
        <BLANKLINE>
        latency is worse when it increases.
        - latency: worse in no way that can be measured. Its failure asks to roll the canary back.
        <BLANKLINE>
        The verdict:
        - FAIL when a check fails, unless its failure changes nothing.
        - INCONCLUSIVE when more than 50% of the checks have no data.
        - INCONCLUSIVE while a guardrail is undecided.
        - PASS otherwise.
        - Failures are corrected for the number of comparisons, by Holm's method.
        """
    @staticmethod
    def json_schema() -> Any:
        """
        The JSON schema of a policy, for editors.
        """
    @property
    def metrics(self, /) -> list[str]:
        """
        The names of the metrics.
        """
    @property
    def name(self, /) -> str | None:
        """
        What people call it.
        """
    @staticmethod
    def phases(text: str) -> list[tuple[str, Policy]]:
        """
        Reads the blocks of a playbook as they stand there, each as a policy: `(name, policy)` in the
        order written. One block alone is also read by `from_yaml`, `from_json` and `from_dict`.

        # Parameters
        `text`: YAML without a `version`, of these blocks:

        - `canary-5-percent`, with any share:
            - `traffic-split: {baseline: 95, canary: 5}`: `requests` must split so;
            - `analysis: {interval: 10m, iterations: 6}`: for how long to watch, an hour;
            - `analysis: {statistical-significance: true}`, or `{confidence-level: 99%}`: each increase
              must also be proved to be within its threshold, at 95 % or that confidence;
            - `thresholds: {error-rate-increase: 50%, latency-increase: 50%, success-rate-min: 97%}`: of
              `error_rate`, of the p99 of `latency` (ms), and of `success_rate`.
        - `rollback-triggers: {automatic: [...]}`, each with a `condition`, a `duration` and an `action`;
        - `alerts: [...]`, each with a `name`, a `condition`, a `duration`, a `severity` and an `action`:
          `auto_rollback`, or `notify_on_call`, which tells `on_call` and holds the canary.

        A latency increase is a percentage in the playbooks' YAML and a ratio in their code: `"50%"` is
        1.5 times the baseline, and so is a plain 1.5. A plain number that could be either is refused.

        # Errors
        `InvalidPolicy` for what is unclear, and for a key that is none of these, by its name.

        >>> phases = canary.Policy.phases('''
        ... canary-1-percent:
        ...   thresholds: {latency-increase: 100%, success-rate-min: 95%}
        ... canary-5-percent:
        ...   thresholds: {latency-increase: 50%, success-rate-min: 97%}
        ... ''')
        >>> [name for name, policy in phases]
        ['canary-1-percent', 'canary-5-percent']
        >>> phases[0][1].checks
        ['latency-increase', 'success-rate-min']
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class PowerResult:
    """
    A sample size, an effect and the power that belong together.
    """
    def __copy__(self, /) -> PowerResult: ...
    def __deepcopy__(self, /, _memo: Any) -> PowerResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        The test's error rate.
        """
    @property
    def effect(self, /) -> float:
        """
        The canary's value less the baseline's.
        """
    @staticmethod
    def from_json(text: str) -> PowerResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def n_baseline(self, /) -> float:
        """
        How many observations on the baseline; for rates, how much exposure.
        """
    @property
    def n_canary(self, /) -> float:
        """
        How many observations on the canary; for rates, how much exposure.
        """
    @property
    def power(self, /) -> float:
        """
        The probability that the test shows it.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class ProportionBlocksMonitor:
    """
    Do the proportions of two arms differ? Every update with both arms in it is a block, in which the
    trials before it suggest what to bet on (Turner, Ly and Grünwald 2024, eq. 8 and 9): with the
    arms' proportions θ = (S + 0.18) / (n + 0.36) of S events in n trials before the block, the block's nb, nc trials and
    xb, xc events, and θ₀ = (nb θb + nc θc) / (nb + nc),

    log E += xb ln(θb / θ₀) + (nb - xb) ln((1 - θb) / (1 - θ₀)) + the same of the canary.

    For one side, nothing is bet while the proportions before suggest the other. Exact, and the common
    proportion may be another one in each block, as may be the arms' shares of the traffic. Trials that come alone make a
    block as soon as both arms have any. The price is power: the median of detection comes one and
    a half times as late as the mixture's of the normal approximation, and there is no interval.

    Unless independence is promised (`assume`), the logarithm is divided by the dispersion of updates, and
    the e-value of their batches must agree; before there are 16 batches nothing is decided.


    # Parameters
    `alpha`: the false-alarm rate over all looks. `alternative`: `"two_sided"`, `"greater"` (the
    canary is greater) or `"less"`. `assume`: `"nothing"`, or `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: minute by minute
    >>> errors = canary.ProportionBlocksMonitor(alternative="greater", assume="independence")
    >>> for minute in range(3):
    ...     decision = errors.update(baseline=(1, 950), canary=(9, 50))
    >>> decision
    'accept_alternative'
    """
    def __copy__(self, /) -> ProportionBlocksMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> ProportionBlocksMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided", assume: str = "nothing") -> ProportionBlocksMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> ProportionBlocksMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: ProportionBlocksMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None) -> str:
        """
        Adds `(events, trials)` of both arms since the last update, or `True` or `False` of a single
        trial, and gives the decision.
        """

@final
class ProportionSequenceMonitor:
    """
    Is a proportion that of a standard? The e-value against a proportion p₀ is that of a beta mixture over
    proportions with p₀ as its mean (Robbins 1970; Howard et al. 2021, proposition 7):
    with x events in n trials,

    log E = ln B(k p₀ + x, k (1 - p₀) + n - x) - ln B(k p₀, k (1 - p₀)) - x ln p₀ - (n - x) ln(1 - p₀),

    for one side with the mixture cut to that side. Exact from the first trial on, and no normal
    approximation. The interval is the set of proportions that are not rejected; it is about the shortest
    there is after `tuned_at` trials, for which k = n* / (2 l + ln(1 + 2 l)) - 1 with l = -ln α (2 α for one side).

    Unless independence is promised (`assume`), events and trials are divided by their dispersion, and where
    updates remember each other the e-value of their batches must agree; before there are 16 batches with an
    event nothing is decided.


    # Parameters
    `null`: the standard, in (0, 1). `alternative`: `"two_sided"`, `"greater"` or `"less"`. `alpha`:
    the false-alarm rate over all looks. `tolerance`: how far beyond the standard is tolerated.
    `tuned_at`: after how many trials the interval is to be shortest. `assume`: `"nothing"`, or
    `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: an objective of 0.1 % errors
    >>> errors = canary.ProportionSequenceMonitor(
    ...     null=0.001, alternative="greater", assume="independence")
    >>> errors.update((2, 1000))
    'continue'
    >>> errors.update((9, 1000))
    'accept_alternative'
    """
    def __copy__(self, /) -> ProportionSequenceMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> ProportionSequenceMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, null: SupportsFloat | SupportsIndex = 0.5, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05, tolerance: SupportsFloat | SupportsIndex | None = None, tuned_at: SupportsFloat | SupportsIndex = 1000.0, assume: str = "nothing") -> ProportionSequenceMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> ProportionSequenceMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: ProportionSequenceMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, observed: Any) -> str:
        """
        Adds `(events, trials)` since the last update, or `True` or `False` of a single trial, and
        gives the decision.
        """

@final
class QuantileComparisonMonitor:
    """
    Which quantiles of the canary's differ from the baseline's, when one looks as often as one likes? If
    both arms' p-quantiles are x, the product of the arms' mixtures at x (those of `QuantileSequence`) is
    an e-value; where the quantile lies is not known, so the smallest product over all x counts (Howard and
    Ramdas 2022, section 4). For one side, a mixture cut to it: more of the baseline's values up to
    x than p allows, fewer of the canary's. The mean of the quantiles' e-values is an e-value against
    "all of these quantiles are equal": when it reaches 1/α, some quantile differs.

    The interval of a change is the set of changes d that the same product does not reject, with the
    canary's mixture at x + d (or x · d), at α over the number of quantiles: the intervals hold for all
    quantiles at all looks at once. The p-value of a quantile is that of its own e-value.

    With a `tolerance` there is a third answer: not worse, when for every quantile the one-sided interval at
    α lies on the good side of it.

    Values are kept as counts on a fixed grid, of logarithmic bins or of given bounds. The counts are
    exact at its edges, so what is said holds; an interval's end is off by one bin of either arm at most. At
    most 4096 bins an arm are kept, about 64 KiB: where there would be more, the lowest ones become one,
    whose lower edge is minus infinity. Fractions of events in a histogram count as such. A ratio is of
    values that cannot be negative. Every call with many values is one look; single values are looked at when
    they have become a 32nd more, and 16 at least.

    Nothing is taken for granted by default: for each quantile a bin's edge becomes a threshold, as soon as 10
    of all values are to be expected beyond it, and the shares of both arms' values beyond it, update by
    update (single values as soon as either arm has 10), say how far values depend on each other. All
    counts above are divided by that dispersion. In the first 48 updates, where updates remember each other at
    the threshold or in the middle of the distribution, and where the canary's share of the traffic
    changes, the e-value of the batches must agree. Until the dispersion is known, which takes 16 updates,
    a quantile's e-value counts as 1 and its interval is the whole range. `assume = "independence"` is the
    promise that values come one by one.


    # Parameters
    `quantiles`: which, ascending; without them, 0.5, 0.9, 0.95, 0.99 and 0.999. `alpha`: the
    false-alarm rate over all looks and quantiles. `alternative`: `"two_sided"`, `"greater"` (some
    quantile of the canary's is greater) or `"less"`. `measure`: `"difference"` or `"ratio"`.
    `tolerance`: by how much the canary may be worse, such as `"10%"`, `"1.5x"` or `20`. `t_opt`: how
    many values an arm the bounds are sharpest at. `accuracy`: the width of a bin over its values.
    `bounds`: the finite upper bounds of histograms' buckets, in place of logarithmic bins. `assume`:
    `"nothing"`, or `"independence"` as a promise that values come one by one.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: a twentieth of the canary's requests takes ten times as long
    >>> latency = canary.QuantileComparisonMonitor(quantiles=[0.5, 0.9, 0.99])
    >>> for minute in numpy.arange(20_000).reshape(400, 50):
    ...     baseline = 100.0 + minute % 50
    ...     decision = latency.update(baseline, numpy.where(minute % 20 == 0, 10 * baseline, baseline))
    >>> decision
    'accept_alternative'
    >>> latency.changes[2].of, latency.changes[2].interval.low > 500
    ('difference of quantile 0.99', True)
    """
    def __copy__(self, /) -> QuantileComparisonMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> QuantileComparisonMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, quantiles: ArrayLike | None = None, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided", measure: str = "difference", tolerance: str | SupportsFloat | SupportsIndex | None = None, t_opt: SupportsFloat | SupportsIndex = 1000.0, accuracy: SupportsFloat | SupportsIndex = 0.01, bounds: ArrayLike | None = None, assume: str = "nothing") -> QuantileComparisonMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def changes(self, /) -> list[Estimate]:
        """
        Each quantile's change; the intervals hold for all of them at all looks at once.
        """
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> QuantileComparisonMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: QuantileComparisonMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def p_values(self, /) -> list[float]:
        """
        The anytime p-value of each quantile alone, the smallest so far.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None) -> str:
        """
        Adds the values of both arms since the last update, a single value of one arm, or what two
        `Histogram`s have counted since, and gives the decision.
        """

@final
class QuantileSequenceMonitor:
    """
    What are the quantiles of one arm, when one looks as often as one likes? If x is the p-quantile, then
    each value is up to x with probability p. The e-value against it is a mixture of binomial likelihood
    ratios by Beta(k p, k (1 - p)): with s of n values up to x (Howard and Ramdas 2022, proposition 7)

    log M = ln B(k p + s, k (1 - p) + n - s) - ln B(k p, k (1 - p)) - s ln p - (n - s) ln(1 - p),

    with k = t / (2 ln(1/α) + ln(1 + 2 ln(1/α))) - 1, so that the interval is sharpest at t = `t_opt`
    values. The interval at α is every x for which log M stays below ln(1/α). The closed form is, with
    l = (1.4 ln ln(2.1 n) + ln(10/α)) / n, the quantiles p ± (1.5 √(p (1 - p) l) + 0.8 l) (theorem 1).
    Several quantiles share α evenly.

    The band around the whole distribution function is 0.85 √((ln ln(e n) + 0.8 ln(1612/α)) / n) on
    either side (corollary 2), or from t₀ = `t_min` values on 0.85 √((ln(1 + ln(n / t₀)) + C) / n) with the
    smallest C that theorem 2 allows.

    Values are kept as counts on a fixed grid, of logarithmic bins or of given bounds. The counts are
    exact at its edges, so what is said holds; an interval ends at an edge, and is wider by one bin at
    most. At most 4096 bins are kept, about 64 KiB an arm: where there would be more, the lowest ones become
    one, whose lower edge is minus infinity. Fractions of events in a histogram count as such.

    Nothing is taken for granted by default: for each quantile a threshold (the null hypothesis, or a bin's
    edge, as soon as 10 values are to be expected beyond it) stays where it is, and how many values are up to
    it in each update, or in ten single values, says how far values depend on each other; n and s are then
    divided by that dispersion, n of the band by the largest one. While there are fewer than 16 updates,
    intervals are the whole range. `assume = "independence"` is the promise that they do not.


    # Parameters
    `quantiles`: which, ascending; without them, 0.5, 0.9, 0.95, 0.99 and 0.999. `alpha`: the
    probability that an interval ever misses. `alternative`: `"two_sided"`, `"greater"` or `"less"`
    than `null`, the value that a single quantile is held against. `bound`: `"mixture"` or
    `"stitched"`. `t_opt`: how many values the mixture is sharpest at. `t_min`: from how many values
    on the band holds. `accuracy`: the width of a bin over its values. `bounds`: the finite upper
    bounds of histograms' buckets, in place of logarithmic bins. `assume`: `"nothing"`, or
    `"independence"` as a promise that values come one by one.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: is the 99th percentile above 500 ms?
    >>> latency = canary.QuantileSequenceMonitor(quantiles=[0.99], null=500, alternative="greater")
    >>> for minute in numpy.where(numpy.arange(1000) % 25 == 0, 900.0, 100.0).reshape(20, 50):
    ...     decision = latency.update(minute)
    >>> decision
    'accept_alternative'
    >>> latency.quantiles[0].interval.low > 890
    True
    """
    def __copy__(self, /) -> QuantileSequenceMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> QuantileSequenceMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, quantiles: ArrayLike | None = None, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided", null: SupportsFloat | SupportsIndex | None = None, bound: str = "mixture", t_opt: SupportsFloat | SupportsIndex = 1000.0, t_min: SupportsFloat | SupportsIndex = 1.0, accuracy: SupportsFloat | SupportsIndex = 0.01, bounds: ArrayLike | None = None, assume: str = "nothing") -> QuantileSequenceMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> QuantileSequenceMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: QuantileSequenceMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    def probability(self, /, x: SupportsFloat | SupportsIndex) -> Interval:
        """
        The probability of a value up to `x`: its range by the band, which holds for every x at all
        looks at once.
        """
    @property
    def quantiles(self, /) -> list[Estimate]:
        """
        Each quantile with its interval; the intervals hold for all of them at all looks at once.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, values: Any) -> str:
        """
        Adds a value, values, or what a `Histogram` has counted since the last update, and gives the
        decision.
        """

@final
class RandomCutForestMonitor:
    """
    Is this minute of a service, seen by many metrics at once, unlike the last hours? A robust random cut
    forest (Guha, Mishra, Roy and Schrijvers 2016) holds the last `window` points, scores each next one
    against them and takes it in, while the oldest leaves.

    # Formula

    A tree cuts the bounding box of its points: dimension j with probability ℓⱼ / Σℓ, where ℓⱼ is the box's
    length in units of the feature's scale, at a place drawn evenly along it; each part again, until every
    point is alone. A point x that is added is cut off at a node with the probability that a cut of the box
    with x falls outside the box without it, and goes on down otherwise (their algorithm 2); a point that
    leaves takes its last cut along (algorithm 1). So the tree is at all times one that might have been built
    of the points that it holds, with that probability (theorems 2 to 4).

    ```text
    CoDisp(x) = max over the nodes u above x, x's own leaf included, of |beside u| / |u|     (definition 4)
    score     = E CoDisp(x) / n = Σᵥ P(x is cut off at v) · max(|v|, ratios above v) / n, averaged over trees
    p-value   = (1 + #{sᵢ ≥ s}) / (m + 1), of the scores s₁, ..., sₘ that the last points had when they came
    ```

    where |u| counts points and n is how many the window holds. The score is the share of the window that the
    point displaces: near 1 for a point by itself far out, 1/k of that for the k-th of a group, a few percent
    for a usual one (about 5/n). It is higher for the more anomalous, and the same in any units. The expectation
    is over the cuts that might be drawn for x, given the tree: it is worked out on the way down and not drawn,
    so that a score costs no random numbers, changes nothing, and varies less.

    `contributions` are each feature's part of the score, and sum to it: where x is cut off by itself, its
    distances outside the box in their scales; where a cut above displaces more, that cut's feature.

    # Scales

    The scale of a feature is the range of the middle half of its values (between order statistics) in
    standard deviations: half / 1.349. Where that half is tied (an error rate that is 0 most of the time):
    the median distance from the median of the values that differ from it, times their share. It is taken
    from the baseline if there is one (`prime`), and stands. Otherwise it is taken anew from the window, and the
    trees are built anew, after 2, 4, 8, ... points and after `warm_up`; then it stands, so that the same jump
    has the same score later.

    - A feature that has never changed has the scale 0 and no part in any score. Its first change is given
      the scale that it would have had with it: it counts as many units as there are points, whatever its size.
    - One change says little of the next ones (an error rate is 0 for hours, then 0.0001, then 0.3). After a
      first change the feature has a warm-up of its own: its scale is taken anew after 4, 8, 16, ... points, and
      stands when the window holds nothing from before the change. Until then the scale is smaller than it will
      be, and the feature has a larger part in scores than others.
    - A scale does not stand, in a baseline neither, on few changes (fewer than 8 values that differ from the
      median, and than 1 in 8): it is taken anew every `window` points until there are enough. So a lone glitch
      of 10⁶ does not hide a 0.5 for ever, but for up to two windows; once the window has forgotten it, the
      feature is as if it had never changed.
    - 1e9 with noise of 1 is noise of 1: lengths are differences, and trees do not see levels. Changes
      by less than 1e-12 of the level count as rounding.
    - A jump in one metric among many others' noise: the longer the jump, the likelier it is cut off first.
    - Points that are equal are one leaf with a count; a jump to an old level is no anomaly. No length counts
      for more than 1e150 scales.

    # What the p-value means

    If points are independent and nothing changes, the rank of the newest score is that of any other:
    P(p ≤ α) ≤ α, nearly (trees share the window; see the measured rates). Ties count as larger. The least
    p-value is 1/(m + 1): for a threshold of 0.001, `calibration` must be 1,000 or more. Ranks say how often, not
    how bad: the largest of 256 usual scores has p = 1/257, so look at both. The first 16 points are scored
    and their scores forgotten, and while the window fills scores fall, so that there are fewer alarms than p says.

    Metrics remember. A stationary series that remembers keeps the rate of false alarms over the long run nearly
    (measured at p ≤ 0.01, where 2/257 = 0.0078 can be met: 0.0074 ± 0.0002 for independent points of one
    metric, 0.0076 ± 0.0002 for AR(0.5), 0.0097 ± 0.0003 for AR(0.9)), but alarms come in groups, and p-values
    of neighbouring minutes are not independent: do not multiply them. What drifts or grows
    is always new: its p-values are small for as long as it does. A lasting change is less and less new: the k-th
    minute of a new level displaces 1/k of what the first did.

    `shingle` k > 1 looks at k points in a row as one, of k times as many numbers: a usual level at an unusual time
    is seen then, at k times the cost. One odd point is part of k shingles, so that it alarms for k minutes,
    and false alarms are more (0.0106 ± 0.0003 for k = 4, independent points).

    # Cost and memory

    A point goes down each tree once to be scored, once to be added, and up once to leave: O(trees · depth · features),
    the depth about 2 ln n for spread-out points and n at worst. Whether an equal point is there already
    is looked up once among the window's. Memory is bounded: about trees · window · (60 + 16 · features · shingle) bytes, 3.5 MB
    for 100 trees of 256 points of 5 metrics; more than 1 GiB is refused. Nothing is allocated for an update but its
    own few rows.

    When a scale is taken anew, that one update builds all trees anew, O(trees · window · depth · features):
    milliseconds for a window of 256, half a second for 4,096 and seconds for 16,384 points. So `warm_up` is 1,024
    points at most unless more are asked for; but a feature that first changes when the window is full costs
    that about log₂ `window` times.

    # Why these choices

    All trees hold the same points, the last ones, and differ by their cuts: a point's time is known,
    the score is against what p-values are against, and equal points are looked up once for all. A
    reservoir a tree would forget by chance and remember longer. Half-space trees (Tan, Ting and Liu 2011)
    need the range of the values in advance, score nothing until a window has passed, and learn it in
    leaps; here the first points have scores, and each next one is learnt.

    Each insertion draws from a stream of random numbers of its own, by `random_state`, the tree and the
    number of the insertion: no generator is part of the state.

    # Compared with rrcf

    The Python package rrcf draws one insertion a tree and takes its collusive displacement: `score · n` here
    has the same expectation. It has no scales: its trees are these where columns were divided by the scales.

    # References

    Guha, Mishra, Roy and Schrijvers (2016), *Robust random cut forest based anomaly detection on streams*,
    ICML, PMLR 48, 2712-2721. Bartos, Mullapudi and Troutman (2019), *Journal of Open Source Software* 4(35),
    1336 (rrcf). Tan, Ting and Liu (2011), *IJCAI*, 1511-1516. Vovk, Gammerman and Shafer (2005), *Algorithmic Learning
    in a Random World*, chapter 2 (ranks as p-values).


    # Parameters
    `n_features`: how many numbers a point has. `n_trees`: how many trees, 1 to 1,000. `window`: how many
    points a tree holds, 2 to 65,536. `shingle`: how many points in a row are looked at as one. `warm_up`: after
    how many points the features' scales stand; by default `window` or 1,024 where that is less. `calibration`: among how many of the
    last scores a p-value is a rank. `random_state`: which random numbers.

    # Errors
    `InvalidOption`, or `InvalidInput` for what is no whole number of at least 0; each is a `CanaryError` and
    names the option.

    # Example: memory and latency, minute by minute
    >>> rng = numpy.random.default_rng(1)
    >>> minutes = rng.normal([512, 0.2], [20, 0.01], size=(300, 2))
    >>> service = canary.RandomCutForestMonitor(2)
    >>> scores = service.update_many(minutes)
    >>> found = service.update([520, 0.35])  # latency jumps, memory does not
    >>> found.score > 0.5, found.p_value < 0.01, found.most
    (True, True, 1)
    """
    def __copy__(self, /) -> RandomCutForestMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> RandomCutForestMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, n_features: "int", *, n_trees: "int" = 100, window: "int" = 256, shingle: "int" = 1, warm_up: "int | None" = None, calibration: "int" = 256, random_state: "int" = 0) -> RandomCutForestMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> RandomCutForestMonitor:
        """
        Reads what `to_json` wrote.
        """
    @property
    def n_features(self, /) -> int:
        """
        How many numbers a point has.
        """
    def prime(self, /, baseline: ArrayLike) -> None:
        """
        Learns from a baseline before the first point: the features' scales from all of its rows (a 2-D array or
        data frame, a row for each point, or rows of numbers), which then stand (but for features with too few
        changes), and the window and the scores from the last of them.
        """
    @property
    def scales(self, /) -> NDArray[float64]:
        """
        One unit of each feature; 0 for one that has never changed, or once only and long ago.
        """
    def score(self, /, point: ArrayLike) -> StreamScore:
        """
        Scores a point and adds nothing.
        """
    @property
    def scores(self, /) -> NDArray[float64]:
        """
        The scores of the last points, oldest first, among which a p-value is a rank.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, point: ArrayLike) -> StreamScore:
        """
        Scores a point (a row of numbers), then adds it; the oldest one leaves a full window.
        """
    def update_many(self, /, rows: ArrayLike, *, of: str = "score") -> NDArray[float64]:
        """
        Scores and adds points (a 2-D array or data frame, a row for each, or rows of numbers), one after the
        other: the scores, or, with `of="p_value"`, their p-values.
        """
    @property
    def updates(self, /) -> int:
        """
        How many points were added.
        """

@final
class Rope:
    """
    How probable it is that the measure lies in the region of practical equivalence.
    """
    def __copy__(self, /) -> Rope: ...
    def __deepcopy__(self, /, _memo: Any) -> Rope: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def above(self, /) -> float:
        """
        P(measure > high).
        """
    @property
    def below(self, /) -> float:
        """
        P(measure < low).
        """
    @staticmethod
    def from_json(text: str) -> Rope:
        """
        Reads what `to_json` wrote.
        """
    @property
    def high(self, /) -> float:
        """
        The region's upper end.
        """
    @property
    def low(self, /) -> float:
        """
        The region's lower end.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def within(self, /) -> float:
        """
        P(low ≤ measure ≤ high).
        """

@final
class Sample:
    """
    Raw values, one a request, in any order.

    NaN and nulls are refused, or left out and counted with `nan_policy="omit"`; infinite
    values and empty samples are refused.

    >>> latency = canary.Sample([12.0, None, 14.0, 90.0], nan_policy="omit")
    >>> latency, latency.omitted, latency.quantile(0.5)
    (Sample(n=3), 1, 14.0)
    """
    def __copy__(self, /) -> Sample: ...
    def __deepcopy__(self, /, _memo: Any) -> Sample: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, values: ArrayLike, *, nan_policy: str = "raise") -> Sample: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def by_units(values: ArrayLike, units: ArrayLike, *, nan_policy: str = "raise") -> Sample:
        """
        A sample of one mean per unit: the host, the user, the window of time that was assigned to
        an arm. `units` says of which unit each value is (texts or numbers).

        Observations of one unit are alike, so that a thousand of one host tell of one host, not of
        a thousand. Each unit counts alike, however many values it has. From a single unit on an
        arm no test can decide, and the judge says so. With `nan_policy="omit"`, `omitted` counts
        the units of nothing but NaN.

        >>> canary.Sample.by_units([10, 14, 30, 50], ["vm1", "vm1", "vm2", "vm3"]).values.tolist()
        [12.0, 30.0, 50.0]
        """
    @staticmethod
    def from_json(text: str) -> Sample:
        """
        Reads what `to_json` wrote.
        """
    @property
    def omitted(self, /) -> int:
        """
        How many NaNs were left out.
        """
    def quantile(self, /, q: SupportsFloat | SupportsIndex) -> float:
        """
        The q-quantile by linear interpolation, as `numpy.quantile` has it.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def values(self, /) -> NDArray[float64]:
        """
        The values, without the omitted ones, as a numpy array.
        """

@final
class SampleRatio:
    """
    What a check of the traffic split found.
    """
    def __copy__(self, /) -> SampleRatio: ...
    def __deepcopy__(self, /, _memo: Any) -> SampleRatio: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def df(self, /) -> float:
        """
        Groups less one.
        """
    @property
    def expected(self, /) -> NDArray[float64]:
        """
        The share that each group should have.
        """
    @staticmethod
    def from_json(text: str) -> SampleRatio:
        """
        Reads what `to_json` wrote.
        """
    @property
    def observed(self, /) -> NDArray[float64]:
        """
        The share of each group.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of shares at least as far off if the split were as configured.
        """
    @property
    def statistic(self, /) -> float:
        """
        Chi-square.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class SampleRatioMonitor:
    """
    Does the traffic split as configured? A split that does not is a fault of the experiment, and makes
    every comparison of the arms doubtful. Given that n requests have come, the groups' counts nᵢ are
    multinomial with the configured shares θᵢ; the e-value is that of a Dirichlet mixture over other
    shares (Lindon and Malek 2022, section 5),

    log E = ln Γ(Σ aᵢ) - Σ ln Γ(aᵢ) + Σ ln Γ(aᵢ + nᵢ) - ln Γ(Σ aᵢ + n) - Σ nᵢ ln θᵢ,

    with aᵢ = c θᵢ, centred on the configured shares and as `concentration` c requests strong. A larger
    one finds small mismatches sooner, and large ones later.

    With two groups the estimate is the ratio of the second group's traffic to the first's over what is
    configured; its interval is the set of such ratios that the mixture does not reject at alpha.

    What is assigned once must be counted once: users where users are assigned, not their requests.

    Unless independence is promised (`assume`), counts are divided by their dispersion, the largest of each
    group's against the rest, and where updates remember each other the mean of the e-values of the groups'
    batches must agree; before there are 16 batches nothing is decided.


    # Parameters
    `expected`: the shares that the groups should have, in any unit, baseline first. `alpha`: the
    false-alarm rate over all looks. `concentration`: how many requests the prior is worth. `assume`:
    `"nothing"`, or `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: a canary that should have 5% of the users
    >>> users = canary.SampleRatioMonitor([0.95, 0.05], assume="independence")
    >>> users.update([9_510, 490])
    'continue'
    >>> users.update([18_730, 1_270])
    'accept_alternative'
    """
    def __copy__(self, /) -> SampleRatioMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> SampleRatioMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, expected: ArrayLike, *, alpha: SupportsFloat | SupportsIndex = 0.05, concentration: SupportsFloat | SupportsIndex = 1e3, assume: str = "nothing") -> SampleRatioMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> SampleRatioMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: SampleRatioMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, counts: ArrayLike) -> str:
        """
        Adds the requests (users, sessions) of every group since the last update, in the order of
        the shares, and gives the decision.
        """

@final
class Scored:
    """
    The points of a verdict by points.

    >>> policy = canary.Policy.from_dict({
    ...     "version": 1,
    ...     "metrics": {"load": {}, "heat": {}},
    ...     "checks": [
    ...         {"metric": "load", "threshold": {"max": 1}, "weight": 3, "notify": ["ops"]},
    ...         {"metric": "heat", "threshold": {"max": 1}},
    ...     ],
    ...     "verdict": {"score": {"pass": 95, "marginal": 70}},
    ... })
    >>> verdict = canary.judge(policy, baseline={}, canary={"load": 0.5, "heat": 2})
    >>> verdict.score.total, verdict.score.groups, verdict.recommendation
    (75.0, {'': 75.0}, 'hold')
    """
    def __copy__(self, /) -> Scored: ...
    def __deepcopy__(self, /, _memo: Any) -> Scored: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Scored:
        """
        Reads what `to_json` wrote.
        """
    @property
    def groups(self, /) -> dict[str, float]:
        """
        Each group's points; those of no group stand under the empty name.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def total(self, /) -> float:
        """
        All points, from 0 to 100.
        """

@final
class Series:
    """
    A value per time, times strictly increasing.

    >>> memory = canary.Series([0, 15, 30], [210.0, 214.0, 219.0])
    >>> memory
    Series(n=3)
    """
    def __copy__(self, /) -> Series: ...
    def __deepcopy__(self, /, _memo: Any) -> Series: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __len__(self, /) -> int: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, times: ArrayLike, values: ArrayLike, *, nan_policy: str = "raise") -> Series: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def counter_increase(self, /) -> float:
        """
        By how much a counter grew; a fall is a restart from zero.
        """
    @staticmethod
    def from_json(text: str) -> Series:
        """
        Reads what `to_json` wrote.
        """
    @property
    def omitted(self, /) -> int:
        """
        How many gaps were left out.
        """
    @property
    def times(self, /) -> NDArray[float64]:
        """
        The times at which there is a value.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def values(self, /) -> NDArray[float64]:
        """
        The values, in the order of time.
        """

@final
class SeriesMonitor:
    """
    Two series of one value an interval each, such as CPU, memory or a mean latency by the minute,
    compared as they come: both arms at the same times, so that what they share (the time of day) cancels.

    From each interval comes the difference of the arms; for a ratio ρ, canary less ρ times baseline. The
    e-value is that of batches of these differences, which hold where minutes remember each other: see
    the monitor's dependence. With `assume = "independence"` it is that of Student's t: with the mean d̄ and
    the variance s² of n differences, t = (d̄ - null) √n / s and r = 1 / (1 + n ρ²),

    log E = ½ ln r + (n / 2) [ln(1 + t² / (n - 1)) - ln(1 + r t² / (n - 1))]

    (Lindon, Ham, Tingley and Bojinov 2022), for one side the mixture cut to that side. There ρ, the prior's
    standard deviation over that of a difference, makes the interval shortest at `tuned_at` intervals
    (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2024).


    # Parameters
    `measure`: `"difference"` or `"ratio"`. `alternative`: `"two_sided"`, `"greater"` or `"less"`.
    `alpha`: the false-alarm rate over all looks. `null`: the estimate under the null hypothesis.
    `tolerance`: how much worse is tolerated, a positive difference or a factor above 1. `tuned_at`:
    how many intervals there will be when the interval is to be shortest, if independence is promised.
    `assume`: `"nothing"`, or `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: memory by the minute, the canary 3 MB above the same wave
    >>> minutes = numpy.arange(60.0)
    >>> wave = 512 + 50 * numpy.sin(minutes / 20)
    >>> memory = canary.SeriesMonitor()
    >>> memory.update(wave, wave + 3 + numpy.sin(7.3 * minutes**2))
    'accept_alternative'
    >>> 2 < memory.state.estimate.interval.low < 3
    True
    """
    def __copy__(self, /) -> SeriesMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> SeriesMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, *, measure: str = "difference", alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05, null: SupportsFloat | SupportsIndex | None = None, tolerance: SupportsFloat | SupportsIndex | None = None, tuned_at: SupportsFloat | SupportsIndex = 60.0, assume: str = "nothing") -> SeriesMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> SeriesMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: SeriesMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any, canary: Any) -> str:
        """
        Adds a value of each arm, or as many of each in the order of time, and gives the decision.
        Every pair of values is a look.
        """

@final
class SprtMonitor:
    """
    Wald's sequential probability ratio test (Wald 1945, *Ann. Math. Statist.* 16, 117-186): two simple
    hypotheses, and after every observation the likelihood ratio of the alternative to the null. The
    test ends with the alternative as soon as its logarithm reaches A, and with the null hypothesis as
    soon as it is down at B; of all tests with the same error rates it needs the fewest observations
    on average, if one of the two hypotheses is true (Wald and Wolfowitz 1948).

    | hypotheses | log likelihood ratio | assumes |
    |---|---|---|
    | proportion p₀, p₁ | x ln(p₁/p₀) + (n - x) ln((1 - p₁)/(1 - p₀)) | independent trials |
    | rate λ₀, λ₁ | k ln(λ₁/λ₀) - t (λ₁ - λ₀) | a Poisson process |
    | mean μ₀, μ₁ | n (μ₁ - μ₀)/σ² · (x̄ - (μ₀ + μ₁)/2) | normal values, σ known |
    | standardized mean 0, δ | ratio of the noncentral densities of t at δ and 0 | normal values |
    | odds ratio ψ₀, ψ₁ | Σ ln(ψ₁/ψ₀) xc - ln P(ψ₁) + ln P(ψ₀), over strata | equal odds within a stratum |
    | ratio of rates r₀, r₁ | xc ln(θ₁/θ₀) + xb ln((1 - θ₁)/(1 - θ₀)), θ = s r / (s r + 1 - s) | Poisson events |
    | difference of means δ₀, δ₁ | Σ (δ₁ - δ₀)/v · (d - (δ₀ + δ₁)/2), over strata, v = σb²/nb + σc²/nc | normal values, σ known |
    | standardized difference 0, δ | as for one mean, with n = nb nc / (nb + nc) | normal values of one σ |

    A stratum is what came in one update; where only one arm came, it waits for the other. Nothing is
    asked of the level that both arms share, which may be another one in each stratum (the standardized
    difference alone asks that it stays). Of trials each stratum counts given its number of events m
    and both arms' trials: P(ψ) = Σ C(nc, u) C(nb, m - u) ψ^u, so that the baseline's proportion drops
    out. That is Wald's double dichotomy (1947, chapter 6), where a pair counts if it differs, for
    arms of any size: traffic of 1 to 19 needs no pairs, and wastes no trials. Events fall to the
    canary by its share s of the traffic, of its own in each update where exposures are given. The
    sequential t test is Rushton's (1950, *Biometrika* 37, 326-333; 1952), which Barnard (1952) proposed
    too: no prior, but the distribution of t, which does not depend on σ.

    Ville's bounds, A = ln(1/α) and B = ln β, hold at all looks whatever the size of the steps: the
    likelihood ratio is an e-value against the null, and its inverse one against the alternative.
    Wald's, A = ln((1 - β)/α) and B = ln(β/(1 - α)), are a little closer together; with them the error
    rates α' and β' have α' ≤ α/(1 - β), β' ≤ β/(1 - α) and α' + β' ≤ α + β, and a test may end with a
    p-value above α. Both hold for all values beyond the null and the alternative too.

    With a truncation, the test ends after so many observations at the latest: under Ville's bounds
    with the null hypothesis, which costs power and leaves α; under Wald's with the more likely
    hypothesis (Wald 1947, section 3.8: the alternative where the log ratio is above 0), which costs
    both. How much it costs, the plan says exactly.

    The anytime p-value is 1 over the largest likelihood ratio so far, the e-value the likelihood
    ratio now. The estimate is that of the parameter (of odds ratios, Mantel and Haenszel's), and its
    interval is one-sided: the values that the test of "this much" against "as much more again" (on
    the scale of logarithms for ratios, of log odds for proportions) does not reject at α. It holds at
    all looks at once. For odds ratios, and ratios of rates with changing shares, it is a conservative
    one, and none below 1. For a rate, `remaining` and a truncation are in units of time.

    Unless independence is promised (`assume`), the log likelihood ratio, which is a sum over observations,
    is divided by the dispersion of updates, and where updates remember each other the e-value of their
    batches must agree, for either hypothesis; before there are 16 batches nothing is decided. A plan is one
    for independent observations.


    # Parameters
    `model`: what the hypotheses are about, and what `update` takes:

    | model | hypotheses | `update` takes, for each arm |
    |---|---|---|
    | `"proportion"` | of the canary | `True` or `False`, `(events, trials)`, `Counts` |
    | `"rate"` | of the canary | `(events, time)`, `Exposure` |
    | `"mean"` | of the canary, with its `sd` | a number, numbers, `Summary` |
    | `"standardized_mean"` | `null` a mean, `alternative` how many standard deviations away | the same |
    | `"odds_ratio"` | `null` 1 unless given | as `"proportion"` |
    | `"rate_ratio"` | `null` 1 unless given | events, or `(events, traffic or time)` |
    | `"mean_difference"` | `null` 0 unless given; `sd` a number or `(baseline, canary)` | as `"mean"` |
    | `"standardized_difference"` | `alternative` in standard deviations | as `"mean"` |

    `null`, `alternative`: the values under the two hypotheses. `alpha`: how often the alternative may
    be accepted although the null hypothesis is true. `beta`: how often the null hypothesis although
    the alternative is. `bounds`: `"ville"`, or `"wald"` for his approximations. `truncation`: after so
    many observations (for a rate: so much time) there is a decision. `share`: the canary's share of
    the traffic, in (0, 1): for events without exposures, and to plan. `assume`: `"nothing"`, or
    `"independence"` as a promise.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: is one request in fifty an error, or one in a hundred?
    >>> errors = canary.SprtMonitor(
    ...     "proportion", null=0.01, alternative=0.02, assume="independence")
    >>> errors.update(canary=(3, 200))
    'continue'
    >>> errors.update(canary=(9, 300))
    'accept_alternative'

    Errors of two arms, one request at a time or a minute at a time:

    >>> errors = canary.SprtMonitor("odds_ratio", alternative=2.0, share=0.05)
    >>> errors.update(canary=False)
    'continue'
    >>> errors.update(baseline=(9, 1900), canary=(1, 100))
    'continue'
    >>> plan = errors.plan(baseline=0.01, per_second=100.0)
    >>> plan.method, 60 < plan.seconds < 180
    ('wald', True)
    """
    def __copy__(self, /) -> SprtMonitor: ...
    def __deepcopy__(self, /, _memo: Any) -> SprtMonitor: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, model: str, *, alternative: SupportsFloat | SupportsIndex, null: SupportsFloat | SupportsIndex | None = None, sd: Any | None = None, alpha: SupportsFloat | SupportsIndex = 0.05, beta: SupportsFloat | SupportsIndex = 0.2, bounds: str = "ville", truncation: SupportsFloat | SupportsIndex | None = None, share: SupportsFloat | SupportsIndex = 0.5, assume: str = "nothing") -> SprtMonitor: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`.
        """
    @staticmethod
    def from_json(text: str) -> SprtMonitor:
        """
        Reads what `to_json` wrote.
        """
    def merge(self, /, later: SprtMonitor) -> None:
        """
        Goes on with what a later monitor of the same design has seen, as if it had been
        seen here; the looks that the later one took are lost.
        """
    def plan(self, /, truth: SupportsFloat | SupportsIndex | None = None, *, baseline: SupportsFloat | SupportsIndex | None = None, per_second: SupportsFloat | SupportsIndex | None = None, method: str = "auto") -> SprtPlan:
        """
        What to expect of this test: how often it ends which way, and when.

        `truth`: what is true, in the unit of the hypotheses; without it, the alternative. `baseline`:
        the baseline's proportion, for an odds ratio. `per_second`: observations per second on all
        arms together (for a rate, units of its time; for a ratio of rates, events). `method`:
        `"exact"` over all paths, `"wald"` for his formulas, or `"auto"`: exact where that is quick.

        Exact plans look after every observation. There are none for odds ratios (planned for strata
        of many trials) and standardized means (planned as if the standard deviation was known).

        >>> errors = canary.SprtMonitor("proportion", null=0.01, alternative=0.02, bounds="wald")
        >>> round(errors.plan(0.02, method="wald").expected, 2)
        487.13
        >>> round(errors.plan(0.02, per_second=20.0).seconds, 1)
        26.8
        """
    @property
    def state(self, /) -> State:
        """
        What is known now: a `State`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """
    def update(self, /, baseline: Any | None = None, canary: Any | None = None) -> str:
        """
        Adds what has come since the last update, and gives the decision. What is held against a
        standard takes the `canary` alone; of two arms, one may be left out where there was nothing.
        """

@final
class SprtPlan:
    """
    What to expect of a sequential probability ratio test; `str` says it in a sentence.
    """
    def __copy__(self, /) -> SprtPlan: ...
    def __deepcopy__(self, /, _memo: Any) -> SprtPlan: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def accept_alternative(self, /) -> float:
        """
        The probability that the alternative is accepted.
        """
    @property
    def accept_null(self, /) -> float:
        """
        The probability that the null hypothesis is accepted.
        """
    @property
    def expected(self, /) -> float:
        """
        How many observations it takes on average, on all arms: trials, values, events of a ratio of
        rates; for a rate, time.
        """
    @staticmethod
    def from_json(text: str) -> SprtPlan:
        """
        Reads what `to_json` wrote.
        """
    @property
    def median(self, /) -> float | None:
        """
        How many it takes in half of all cases; exact only.
        """
    @property
    def method(self, /) -> str:
        """
        How this was computed: `"exact"` or `"wald"`.
        """
    @property
    def ninth_decile(self, /) -> float | None:
        """
        How many it takes in nine of ten cases; exact only.
        """
    @property
    def seconds(self, /) -> float | None:
        """
        How many seconds it takes on average, where the traffic was given.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def truth(self, /) -> float:
        """
        What is true, in the unit of the hypotheses.
        """

@final
class State:
    """
    What is known at a look.
    """
    def __copy__(self, /) -> State: ...
    def __deepcopy__(self, /, _memo: Any) -> State: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alpha(self, /) -> float:
        """
        The false-alarm rate over all looks.
        """
    @property
    def arms(self, /) -> list[ArmLevel]:
        """
        What the arms have shown: baseline and canary, the canary alone where it is held against a
        standard, or every group of a split.
        """
    @property
    def decision(self, /) -> str:
        """
        `"continue"`, `"accept_null"` or `"accept_alternative"`. A decision, once made, stands.
        """
    @property
    def dependence(self, /) -> Dependence | None:
        """
        How much what came depends on what came before, where that was measured.
        """
    @property
    def e_value(self, /) -> float:
        """
        Evidence against the null hypothesis now: on average at most 1 if it is true.
        """
    @property
    def estimate(self, /) -> Estimate | None:
        """
        The size of the change; its interval holds at all looks at once.
        """
    @staticmethod
    def from_json(text: str) -> State:
        """
        Reads what `to_json` wrote.
        """
    @property
    def log_e_value(self, /) -> float:
        """
        Its logarithm, which is finite where the e-value itself is not.
        """
    @property
    def monitor(self, /) -> str:
        """
        Which monitor: `"event_split"`, ...
        """
    @property
    def observations(self, /) -> int:
        """
        How many observations there were, on all arms.
        """
    @property
    def p_value(self, /) -> float:
        """
        The anytime p-value, the smallest so far: if the null hypothesis is true, the probability
        that it is *ever* u or less is at most u.
        """
    @property
    def remaining(self, /) -> float | None:
        """
        About how many more until a decision, if what was seen so far goes on.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class StreamScore:
    """
    How unlike the others a point of a stream is: see `RandomCutForestMonitor`.
    """
    def __copy__(self, /) -> StreamScore: ...
    def __deepcopy__(self, /, _memo: Any) -> StreamScore: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def compared(self, /) -> int:
        """
        Among how many scores the rank is.
        """
    @property
    def contributions(self, /) -> NDArray[float64]:
        """
        Each feature's part of the score; their sum is the score.
        """
    @staticmethod
    def from_json(text: str) -> StreamScore:
        """
        Reads what `to_json` wrote.
        """
    @property
    def most(self, /) -> int | None:
        """
        The feature with the largest part of the score, counted from 0; `None` for a score of 0.
        """
    @property
    def p_value(self, /) -> float:
        """
        The score's rank among those of the last points, as a share: (1 + #{sᵢ ≥ s})/(n + 1).
        """
    @property
    def points(self, /) -> int:
        """
        How many points the forest held.
        """
    @property
    def score(self, /) -> float:
        """
        The expected share of the window that the point displaces, from 0 to 1; the higher, the
        more anomalous.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class Summary:
    """
    Size, mean and standard deviation of values that were not kept.

    >>> canary.Summary.of([10.0, 12.0]).merge(canary.Summary.of([14.0, 20.0])).mean
    14.0
    """
    def __copy__(self, /) -> Summary: ...
    def __deepcopy__(self, /, _memo: Any) -> Summary: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __new__(cls, /, count: Any, mean: SupportsFloat | SupportsIndex, stddev: SupportsFloat | SupportsIndex) -> Summary: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def count(self, /) -> int:
        """
        How many values there were.
        """
    @staticmethod
    def from_json(text: str) -> Summary:
        """
        Reads what `to_json` wrote.
        """
    @property
    def max(self, /) -> float | None:
        """
        The largest value, if known.
        """
    @property
    def mean(self, /) -> float:
        """
        Their mean.
        """
    def merge(self, /, other: Summary) -> Summary:
        """
        The summary of both sets of values together.
        """
    @property
    def min(self, /) -> float | None:
        """
        The smallest value, if known.
        """
    @staticmethod
    def of(values: ArrayLike, *, nan_policy: str = "raise") -> Summary:
        """
        The summary of values.
        """
    @property
    def stddev(self, /) -> float:
        """
        Their standard deviation, with n - 1.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class TakenLook:
    """
    A look that was taken.
    """
    def __copy__(self, /) -> TakenLook: ...
    def __deepcopy__(self, /, _memo: Any) -> TakenLook: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def bounds(self, /) -> LookBounds:
        """
        When, and the bounds there.
        """
    @staticmethod
    def from_json(text: str) -> TakenLook:
        """
        Reads what `to_json` wrote.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def z(self, /) -> float:
        """
        The estimate of the difference less the null hypothesis', over its standard error.
        """

@final
class TestResult:
    """
    What a test found. Unpacks as `statistic, p_value`, as scipy's results do.

    >>> result = canary.t_test([1.0, 2.0, 3.0], [4.0, 5.0, 6.5])
    >>> statistic, p_value = result
    >>> p_value == result.p_value < 0.05
    True
    """
    def __copy__(self, /) -> TestResult: ...
    def __deepcopy__(self, /, _memo: Any) -> TestResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __iter__(self, /) -> Iterator: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def alternative(self, /) -> str:
        """
        `"two_sided"`, `"greater"` (the canary is greater) or `"less"`.
        """
    @property
    def baseline(self, /) -> ArmLevel:
        """
        What the baseline contributed.
        """
    @property
    def canary(self, /) -> ArmLevel:
        """
        What the canary contributed.
        """
    @property
    def df(self, /) -> float | None:
        """
        Degrees of freedom, if the statistic has any.
        """
    @property
    def effect_sizes(self, /) -> dict:
        """
        The size of the change free of units, by name.
        """
    @property
    def estimate(self, /) -> Estimate | None:
        """
        The size of the change with its interval, unless it was not asked for.
        """
    @staticmethod
    def from_json(text: str) -> TestResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def interval(self, /) -> Interval | None:
        """
        The estimate's interval.
        """
    @property
    def method(self, /) -> str:
        """
        How the p-value was computed: `"welch"`, `"exact"`, `"asymptotic"`, ...
        """
    @property
    def null(self, /) -> float | None:
        """
        What the estimate is under the null hypothesis; none for tests of whole distributions.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of a statistic at least as extreme if the arms did not differ.
        """
    @property
    def pvalue(self, /) -> float:
        """
        The same under scipy's name.
        """
    @property
    def statistic(self, /) -> float:
        """
        The test statistic: t, the canary's U, z, ...
        """
    @property
    def test(self, /) -> str:
        """
        The function's name: `"t_test"`, `"mann_whitney"`, ...
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

@final
class TrendResult:
    """
    The trend of one series.
    """
    def __copy__(self, /) -> TrendResult: ...
    def __deepcopy__(self, /, _memo: Any) -> TrendResult: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    @property
    def alternative(self, /) -> str:
        """
        `"two_sided"`, `"greater"` (a rise) or `"less"`.
        """
    @staticmethod
    def from_json(text: str) -> TrendResult:
        """
        Reads what `to_json` wrote.
        """
    @property
    def intercept(self, /) -> float | None:
        """
        Where the line of that slope through the medians meets time 0.
        """
    @property
    def method(self, /) -> str:
        """
        How p was computed: `"exact"` or `"asymptotic"`.
        """
    @property
    def n(self, /) -> int:
        """
        How many values there are.
        """
    @property
    def null(self, /) -> float:
        """
        The slope under the null hypothesis.
        """
    @property
    def omitted(self, /) -> int:
        """
        How many gaps (NaN) there were.
        """
    @property
    def p_value(self, /) -> float:
        """
        The probability of an S at least as extreme if there is no trend.
        """
    @property
    def slope(self, /) -> Estimate | None:
        """
        Theil and Sen's slope with its interval, in the values' unit per unit of time, unless it
        was not asked for.
        """
    @property
    def statistic(self, /) -> float:
        """
        S: the pairs that rise, less those that fall.
        """
    @property
    def tau(self, /) -> float:
        """
        Kendall's tau-b against time.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    @property
    def z(self, /) -> float:
        """
        (S - sign S) / √Var S.
        """

@final
class Verdict:
    """
    What a policy says of the two arms, with everything that led to it.
    """
    def __copy__(self, /) -> Verdict: ...
    def __deepcopy__(self, /, _memo: Any) -> Verdict: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def design(self, /) -> str:
        """
        `"concurrent"`, or `"before_and_after"` where some of what was compared was not measured side by
        side: then the reason says what that means.
        """
    @property
    def findings(self, /) -> list[Finding]:
        """
        One finding per check, in the policy's order; a standard check has several.
        """
    @staticmethod
    def from_json(text: str) -> Verdict:
        """
        Reads what `to_json` wrote.
        """
    @property
    def notify(self, /) -> list[str]:
        """
        Whom the failures are to be told to.
        """
    @property
    def policy(self, /) -> str | None:
        """
        The policy's name.
        """
    @property
    def reason(self, /) -> str:
        """
        Why, in plain words.
        """
    @property
    def recommendation(self, /) -> str:
        """
        `"promote"`, `"rollback"`, `"continue"`, `"hold"` (until somebody has looked) or
        `"reduce"` (the canary's traffic). Of a FAIL it is what the policy asks for: `"rollback"`, unless the
        severity of what failed, or the policy's `actions`, say another one (never `"promote"`). Too few points
        ask for what a critical failure does. A controller that rolls back whatever fails looks at `status`.
        """
    @property
    def score(self, /) -> Scored | None:
        """
        The points, where the policy counts them: a `Scored`.
        """
    @property
    def status(self, /) -> str:
        """
        `"PASS"`, `"FAIL"` or `"INCONCLUSIVE"`.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_html(self, /, *, flips: SupportsGetItem[int, Flip] | None = None) -> str:
        """
        The verdict as a fragment of HTML without scripts; `flips` are what would change it.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    def to_markdown(self, /, *, flips: SupportsGetItem[int, Flip] | None = None) -> str:
        """
        The verdict as Markdown; `flips` are what would change it.
        """
    def to_text(self, /, *, color: bool = False, flips: SupportsGetItem[int, Flip] | None = None) -> str:
        """
        The verdict in words, with a terminal's colours if asked for; `flips` are what would change
        it (see `flips`).
        """
    def to_update(self, /, *, flips: SupportsGetItem[int, Flip] | None = None, system: str | None = None, date: str | None = None, phase: str | None = None, canary_share: str | None = None, duration: str | None = None, next_steps: str | None = None, rollback_plan: str | None = None) -> str:
        """
        The verdict as a message to everybody concerned, in Markdown: status, metrics, findings, next
        steps and the way back. What is not given is left out; `next_steps` and `rollback_plan` are a
        line each.

        >>> policy = canary.Policy.from_dict({
        ...     "version": 1,
        ...     "metrics": {"cpu": {"unit": "%"}},
        ...     "checks": [{"metric": "cpu", "threshold": {"max": "70%"}}],
        ... })
        >>> verdict = canary.judge(policy, baseline={"cpu": 40}, canary={"cpu": 52})
        >>> update = verdict.to_update(system="checkout", canary_share="10%", duration="day 3 of 5")
        >>> print(*update.splitlines()[:6], sep="\\n")
        # Canary Rollout Update - checkout
        <BLANKLINE>
        ## Current Status
        - **Traffic Split:** 10% canary, 90% baseline
        - **Duration:** day 3 of 5
        - **Health:** ✅ Healthy
        """
    @property
    def unchecked(self, /) -> list[str]:
        """
        Metrics in the data that no check looks at.
        """

@final
class Watch:
    """
    Watches a rollout by a policy: one error budget of 5 % over all metrics, all looks and all stages.

    Every `look` is handed what both arms have shown *since the last one*, at a time in seconds, and gives
    the verdict on all that was seen. However often one looks, the chance that a canary that is harmless
    ever fails is at most the budget, for noise as in docs/quality.md. What it is tested by is a monitor of each metric (`MixtureSprtMonitor`,
    `SeriesMonitor`, `DistributionComparisonMonitor`); point comparisons are held to their check's limits.

    # Parameters
    `policy`: a `Policy`, such as `Policy.default(names)`, or a dict of its written form.

    # Example: half a percentage point more errors, a look a minute
    >>> watch = canary.Watch(canary.Policy.default(["error_rate"]))
    >>> for minute in range(1, 61):
    ...     verdict = watch.look(
    ...         60.0 * minute,
    ...         baseline={"error_rate": canary.Counts(10, 9_500)},
    ...         canary={"error_rate": canary.Counts(6, 500)},
    ...     )
    ...     if verdict.status != "INCONCLUSIVE":
    ...         break
    >>> verdict.status, verdict.recommendation, minute < 15
    ('FAIL', 'rollback', True)
    """
    def __copy__(self, /) -> Watch: ...
    def __deepcopy__(self, /, _memo: Any) -> Watch: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __new__(cls, /, policy: Policy | dict) -> Watch: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Watch:
        """
        Reads what `to_json` wrote.
        """
    def look(self, /, at: SupportsFloat | SupportsIndex, *, baseline: Any, canary: Any, design: str = "concurrent") -> Verdict:
        """
        Takes what both arms have shown since the last look, at a time in seconds, and judges all that was
        seen. With `design="before_and_after"` the baseline is from a time before the canary (see `judge`);
        all of it may then come at the first look, and each finding keeps saying so.

        # Errors
        `InvalidInput` for a time that is not after the last one's, for data that break a rule, and for
        what cannot be judged where its check says that no data is an error; the watch is then as it was.
        """
    @property
    def looks(self, /) -> int:
        """
        How many looks it has taken.
        """
    @property
    def policy(self, /) -> Policy:
        """
        The policy it watches by.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The monitor as JSON, to the last bit: for a restart.
        """

@final
class WindowDependence:
    """
    How windows depend on the ones before.
    """
    def __copy__(self, /) -> WindowDependence: ...
    def __deepcopy__(self, /, _memo: Any) -> WindowDependence: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def basis(self, /) -> str:
        """
        What the p-value stands on: `"blocks"`, or nothing: `"too_few"` windows, or `"too_dependent"`
        ones.
        """
    @property
    def block(self, /) -> int:
        """
        How many windows are one block.
        """
    @property
    def blocks(self, /) -> tuple[int, int]:
        """
        How many such blocks there are, of the baseline and of the canary.
        """
    @property
    def correlation(self, /) -> float:
        """
        The correlation of neighbouring windows, over the metrics.
        """
    @property
    def dispersion(self, /) -> float:
        """
        The variance of the share of anomalous windows over that of as many independent ones.
        """
    @property
    def effective(self, /) -> tuple[float, float]:
        """
        As many independent windows would say as much, of the baseline and of the canary.
        """
    @staticmethod
    def from_json(text: str) -> WindowDependence:
        """
        Reads what `to_json` wrote.
        """
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """

def adjust(p_values: ArrayLike, *, method: str = "holm") -> NDArray[float64]:
    """
    Adjusted p-values: how many of these alarms are chance?

    Ten thousand metrics at alpha 0.05 raise five hundred alarms when nothing is wrong. An adjusted p-value
    is the smallest error rate at which its own test would be rejected with all the others in view: compare
    it with alpha as it is.

    # Formula

    ```text
    p(1) ≤ ... ≤ p(m), and below: running maximum from the smallest, or minimum from the largest
    bonferroni:           m p
    holm:                 max over j ≤ i of (m - j + 1) p(j)
    hochberg:             min over j ≥ i of (m - j + 1) p(j)
    benjamini_hochberg:   min over j ≥ i of m/j p(j)
    benjamini_yekutieli:  min over j ≥ i of m (1 + 1/2 + ... + 1/m)/j p(j)
    ```

    all at most 1, in the order of the input.

    | method | bounds | when the tests depend on each other |
    |---|---|---|
    | `bonferroni`, `holm` | the chance of any false alarm | always right; Holm finds more |
    | `hochberg` | the same | positively: finds more still |
    | `benjamini_hochberg` | the share of false alarms among the alarms | positively |
    | `benjamini_yekutieli` | the same | always right, and careful |

    # Compared with statsmodels and R

    `multipletests(p, method = "bonferroni" | "holm" | "simes-hochberg" | "fdr_bh" | "fdr_by")[1]`;
    R: `p.adjust(p, "bonferroni" | "holm" | "hochberg" | "BH" | "BY")`.

    # References

    Holm (1979), *Scandinavian J. of Statistics* 6, 65-70. Hochberg (1988), *Biometrika* 75, 800-802.
    Benjamini and Hochberg (1995), *JRSS B* 57, 289-300. Benjamini and Yekutieli (2001), *Annals of
    Statistics* 29, 1165-1188.


    # Parameters
    `p_values`: numbers in [0, 1]. `method`: one of the five.

    # Errors
    `InvalidInput` or `InvalidOption`, both of them `CanaryError`.

    # Example
    >>> canary.adjust([0.01, 0.04, 0.03, 0.005])
    array([0.03, 0.06, 0.06, 0.02])
    """

def anderson_darling(baseline: ArrayLike, canary: ArrayLike, *, nan_policy: str = "raise") -> TestResult:
    """
    Anderson and Darling's k-sample test: does anything about the distribution differ, with the tails
    weighing as much as the middle?

    The statistic of Scholz and Stephens in its form for ties, for two arms (k = 2) or any number of groups. It sees a change of
    the slowest percent of requests that `kolmogorov_smirnov`, which looks at the middle, does not.

    # Formula

    ```text
    A² = (N - 1)/N Σ over the k arms 1/n Σ over distinct values z of
             l/N · (N M - n B)² / (B (N - B) - N l/4)
    T  = (A² - (k - 1)) / σ_N
    p  = P(A∞ ≥ k - 1 + T σ∞),  A∞ = Σ χ²(k - 1)/(j(j + 1)),  σ∞² = (k - 1) 2(π² - 9)/3
    ```

    where l is how many of all N values equal z, B how many are below it, M how many of the arm's are
    below it (both count ties half), and `σ_N²` is Scholz and Stephens' eq. 4. The limit's tail is
    computed by inverting its moment generating function, to the last digits, not read from a table.

    # Edge cases

    - Every value tied: T = 0, p = 1.
    - With fewer than about 5 values an arm the limit is a rough guide.
    - Many ties: the limit is that of values without any. Where most values are equal (zeros), false alarms
      are up to twice the nominal rate (see the calibration tables): use `kolmogorov_smirnov` there.

    # Compared with scipy and R

    `scipy.stats.anderson_ksamp([baseline, canary], midrank=True)` has the same statistic; its p-value
    is interpolated in a table from 0.25 down to 0.001 and clipped there. R: `kSamples::ad.test`,
    version 2.

    # References

    Anderson and Darling (1954), *JASA* 49, 765-769. Scholz and Stephens (1987), *JASA* 82, 918-924,
    eqs. 3, 4 and 7.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads), at least two an arm.
    `nan_policy`: `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(400.0) % 37
    >>> canary.anderson_darling(x, numpy.append(x[:90], [300.0] * 15)).p_value < 0.05
    True
    """

def anderson_darling_groups(groups: ArrayLike, *, nan_policy: str = "raise") -> Homogeneity:
    """
    Anderson and Darling's test of any number of groups at once: do all pods, or all regions, answer
    alike? See `anderson_darling` for the formula.

    # Parameters
    `groups`: rows of numbers, or a 2-D array. `nan_policy`: `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> pod = numpy.arange(50.0) * 7 % 50
    >>> found = canary.anderson_darling_groups([pod, pod, 2 * pod])
    >>> found.df, found.p_value < 1e-6
    (2.0, True)
    """

def anomalous_windows(baseline: ArrayLike, canary: ArrayLike, *, baseline_times: ArrayLike | None = None, canary_times: ArrayLike | None = None, contamination: SupportsFloat | SupportsIndex = 0.1, folds: SupportsIndex = 5, block: SupportsIndex | None = None, alternative: str = "greater", confidence: SupportsFloat | SupportsIndex = 0.95, n_estimators: SupportsIndex = 100, extension_level: SupportsIndex = 0, missing: str = "raise", random_state: SupportsIndex = 0) -> AnomalyResult:
    """
    Are more of the canary's windows of time unlike the rest than of the baseline's own, how sure is that,
    and by which metrics?

    A forest that is fitted on windows and asked about the same windows finds the part anomalous that it
    was told to find. So every window here, of either arm, is scored by a forest of baseline windows from
    other times, and the canary's share of anomalous windows is compared with the baseline's held-out
    share.

    # Formula

    ```text
    held out:   stretches of max(3, 2 g) windows, dealt into folds; the forest for a fold is fitted on the
                baseline without the fold and without g windows on either side of its stretches
    threshold:  t = the m-th lowest of the baseline's n held-out scores, m = contamination n, rounded down
                (lower where more are equal); a window is anomalous when its score is at most t
    p of a window:  (1 + #{held-out scores of the baseline <= its own}) / (n + 1)
    same times:       D = canary's minus baseline's anomalous windows, block by block
                      p = P(sum of ±|D| >= sum of D), each sign with probability ½
    different times:  A = anomalous windows in a block, of K blocks in all, k of them the canary's
                      p = P(sum of k of the K, drawn without replacement, >= sum of the canary's)
    ```

    Both are exact, by convolution. The interval of the difference of shares is Newcombe's (1998, method
    10) with as many windows as they are worth: n over the dispersion of the blocks' counts. It excludes
    no difference only where the test does.

    A block has as many windows as they remember, L with φ^L <= 0.1, and g = L where L > 1. φ is the
    correlation of neighbouring windows, by values or by ranks, whichever is larger, freed of its bias
    (Kendall 1954): the mean over the metrics, or the largest less √(2 ln(metrics) / n), what chance adds to it. At the same times it is
    the lesser of the differences' (the day's wave cancels) and the baseline's (a fault of the canary
    does not show). Where anomalous windows come in clumps, blocks are longer by the same rule, but for the clumps alone no
    longer than a tenth of the windows.

    **Metrics are left out** of which nothing can be told (`left_out` names them): those whose own memory,
    less chance, is too long for the blocks that there are; those that hold one value on the baseline and
    another one on the canary, and change in at most a tenth of the windows; and those that are constant on the baseline and move too
    slowly on the canary. A process that holds some more memory from its start on is no evidence of anything,
    and of one that leaks a trend says more.

    **Outposts.** A tree divides nothing beyond its training rows: what is twice as far out as any of them
    scores like the outermost, and a clear fault of one metric in ten is lost. So each forest is also
    fitted on two rows a metric that lie half of its range below and above the training rows, and are
    like one of these otherwise. Both arms are scored alike, so that no false alarm comes of it, and a fault of 6
    standard deviations in two of ten metrics, in a quarter of 60 windows, is found in all of 60 runs instead of 19.

    No forest splits by a metric that has one value in all of its rows, so a first error after none would
    go unnoticed: a window with a new value of such a metric scores -1.

    # What it assumes

    Under the null hypothesis an arm's windows could be the other's, stretch by stretch, but for what both
    have in common. At the same times the day's wave is in common. At different times it is not: then
    what drifts or follows the time of day counts as the canary's, and a baseline that ran beside it is
    the remedy.

    **As many requests behind each window.** A rate or a percentile of few requests is noisier than one of
    many, and noisier windows are more often anomalous: a healthy canary with a quarter of the traffic has
    half of its windows anomalous beside the baseline's own. Compare it with a baseline of its size, or take
    as many of the baseline's requests at random, window by window, before the metrics are computed.

    **It refuses** rather than guess: where fewer than 6 blocks (at different times 3 an arm), or too few for
    p to reach half of alpha, are as long as the windows' memory, `basis` is `"too_dependent"`, p is 1 and
    the interval is the whole range. Sixty windows with φ = 0.9 are worth three.

    False alarms by simulation are below the nominal 5 % for most data, and well below for few windows, whose exact
    p-values are coarse; up to 6.5 % ± 1.2 were seen where windows come in bursts (calibration of anomalies).

    # Edge cases

    - Fewer than 16 windows an arm are an error, and so is a contamination of less than one window.
    - Unlike is unlike in any direction: a canary whose p99 is far lower is anomalous, too. To ask about
      one direction, clip what is better first: the larger of a value and the baseline's median, on both
      arms.
    - Missing values go to the forest, whose `missing` says what happens.
    - Metrics without any variance, or windows all alike: no window is anomalous, p = 1.
    - Contributions are those of the forest that scored the window, on the scale of log2 of its score; a
      new value of a constant metric has the whole rest.
    - A fault in one clump shows when it lasts for about half of the windows: that a shorter one is not chance
      is not to be told from two arms alone.

    # Cost

    `folds` forests, and a walk down their trees for each window: some milliseconds for 60 windows of five
    metrics an arm.

    # References

    Liu, Ting and Zhou (2008), *ICDM*, 413-422. Vovk (2015), *Annals of Mathematics and Artificial
    Intelligence* 74, 9-28 (cross-conformal). Fisher (1935), *The Design of Experiments*, section 21
    (sign flips). Newcombe (1998), *Statistics in Medicine* 17, 873-890. Kendall (1954), *Biometrika* 41,
    403-404.


    # Parameters
    `baseline`, `canary`: a row for each window of time, a column for each metric: a 2-D array or rows
    of numbers, or columns by name (a dict, a pandas or polars data frame), whose names the result
    has. `baseline_times`, `canary_times`: the windows' times, both or none. `contamination`: which part
    of the baseline's held-out windows is to be anomalous. `folds`: how many are held out in turn.
    `block`: how many windows are one block. `alternative`: `"greater"`, `"less"` or
    `"two_sided"`. `confidence`: the interval's. `n_estimators`, `extension_level`, `missing`
    (`"raise"` or `"both_ways"`), `random_state`: how forests are grown.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData` (fewer than 16 windows), all of them
    `CanaryError`.

    # Example
    >>> minute = numpy.arange(60)
    >>> baseline = {"memory": 500 + minute * 7 % 13, "p99": 40 + minute * 5 % 11}
    >>> canary_ = {"memory": 540 + minute * 7 % 13, "p99": 40 + minute * 5 % 11}
    >>> result = canary.anomalous_windows(baseline, canary_)
    >>> result.canary.level > 0.5, result.p_value < 0.001, result.strongest
    (True, True, ['memory'])
    """

def bayesian_test(baseline: ArrayLike, canary: ArrayLike, *, model: str, prior: SupportsGetItem[int, SupportsFloat | SupportsIndex] | None = None, of: str = "median", measure: str | None = None, direction: str = "increase", confidence: SupportsFloat | SupportsIndex = 0.95, rope: Any | None = None, min_n: SupportsIndex | None = None, nan_policy: str = "raise") -> BayesResult:
    """
    Bayesian comparison: how probable it is that the canary is worse, and what promoting it is expected to cost.

    Counts have a beta prior, and the proportion is Beta(a + events, b + trials - events) after the data.
    Exposures have a gamma prior, and the rate is Gamma(shape + events, rate + time). Values are normal with
    both parameters unknown: under the reference prior 1/σ² the mean is Student's t with n - 1 degrees of
    freedom about the sample's mean with its standard error; under the normal-inverse-gamma prior it is
    Student's t with 2·shape + n. Log-normal values are the same on their logarithms, compared by medians
    exp(μ) or means exp(μ + σ²/2).

    - P(canary worse) = P(C > B) where an increase is worse, P(C < B) where a decrease is. With either
      direction, the probability of leaving the region of practical equivalence.
    - Expected loss of promoting = E[max(C - B, 0)] = ∫ P(B ≤ x) P(C > x) dx (B and C exchanged where a
      decrease is worse); expected loss of staying, the same of the other arm. Of logarithms for log-normal
      values. Infinite where a posterior has no mean (fewer than 3 values).
    - The estimate is the posterior median of C - B or C/B, with the interval between equal tails.
    - With a region of practical equivalence: the probabilities below, within and above it. The decision
      holds the credible interval against that region (Kruschke 2018): `equivalent` where all of the interval
      is within, `canary_worse` or `canary_better` where all of it is beyond, otherwise `undecided`. An arm
      below the minimum sample size makes it `not_yet`, whatever the numbers say.

    All probabilities are integrals over one arm's density of the other arm's tail, by Gauss's rule on panels
    that are halved until they agree to 1e-11; the probability of a ratio of rates is an incomplete beta
    function. Nothing is drawn at random.

    The answer may be looked at after every observation without changing its meaning as a belief, but its rate of
    false alarms over many looks is not bounded by any of these numbers (Deng, Lu and Chen 2016).

    Gelman et al. (2013), *Bayesian Data Analysis*, chapters 2 and 3. Kruschke (2018), *Advances in Methods and
    Practices in Psychological Science* 1, 270-280. Deng, Lu and Chen (2016), *IEEE DSAA*, 243-252.


    # Parameters
    `baseline`, `canary`: `(events, trials)` or `Counts`; `(events, time)` or `Exposure`; numbers in one
    row, or both a `Summary`. `model`: `"beta_binomial"`, `"gamma_poisson"`, `"normal"` or
    `"log_normal"`. `prior`: of the beta distribution `(a, b)`, (1, 1) without; of the gamma
    distribution `(shape, rate)`, (0.5, 0) without; of means `(mean, weight, shape, scale)`, the
    reference prior without. `of`: of log-normal values the `"median"` or the `"mean"`. `measure`:
    `"difference"` or `"ratio"`; without it, the model's. `direction`: which way is worse. `confidence`:
    the credible level. `rope`: `(low, high)`. `min_n`: 100 trials, 10 expected events or 30 values
    without. `nan_policy`: `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.bayesian_test(
    ...     (95, 19_000), (6, 1_000), model="beta_binomial", rope=(-0.01, 0.01))
    >>> result.decision, round(result.p_canary_worse, 4), round(result.expected_loss, 5)
    ('equivalent', 0.7506, 0.00222)
    """

def bootstrap(baseline: ArrayLike, canary: ArrayLike, *, statistic: str = "mean", quantile: SupportsFloat | SupportsIndex = 0.5, trim: SupportsFloat | SupportsIndex = 0.1, measure: str = "difference", interval: str = "percentile", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, resamples: SupportsIndex = 9999, seed: SupportsIndex = 0, block: SupportsIndex | None = None, pairing: str = "independent", nan_policy: str = "raise") -> BootstrapResult:
    """
    Bootstrap interval of any statistic's change between the arms, or of one sample's.

    How far would the statistic have moved if the same traffic had come again? Each arm is drawn from its
    own values with replacement, many times.

    # Formula

    ```text
    θ* = statistic of the resampled canary less (or over) that of the resampled baseline
    percentile: the α/2 and 1 - α/2 quantiles of θ*
    basic:      2θ̂ - the same quantiles, exchanged (for a ratio: θ̂² / them)
    bca:        quantiles at Φ(z0 + (z0 + z)/(1 - a (z0 + z))) for z = ∓z(1 - α/2),
                z0 = Φ⁻¹(P(θ* < θ̂) + ½ P(θ* = θ̂)),  a = Σ l³/n³ / (6 (Σ l²/n²)^1.5)
    ```

    with l the influence of each value on the estimate, both sums over both arms.

    | statistic | resampled | closed form |
    |---|---|---|
    | `mean`, `trimmed_mean` | yes | |
    | `median`, `quantile` | only in blocks or pairs | yes: nothing is random |

    The bootstrap distribution of an order statistic is known: the k-th of n resampled values is at most
    the i-th of the sample with the probability that a binomial of n trials and probability i/n is at
    least k (Maritz and Jarrett 1978). So for medians and quantiles nothing is resampled: the interval is
    the one that infinitely many resamples would give, and takes a millisecond. A quantile between two
    order statistics uses their joint distribution up to 1,000 values, and beyond it the mixture of both,
    which differs from it by less than a thousandth of the interval's length.

    # Seed and threads

    Every resample has a stream of random numbers of its own, made of the seed and its number: the result
    is the same to the last bit on any number of threads, and again tomorrow.

    # Blocks and pairs

    With `block` of l, blocks of l neighbouring values are drawn (moving blocks, Künsch 1989): for series
    whose values remember the last ones; l of some times the memory's length. With `pairing = "paired"`
    both arms are drawn at the same positions, which keeps what they share, such as a daily wave.

    # Edge cases

    - One value an arm, or all values equal: an interval without width.
    - The basic interval of a ratio mirrors quantiles about the estimate; one on the other side of zero has no
      mirror image, and that end is infinite.
    - A ratio of medians or quantiles needs positive values; one of means a positive baseline mean, and is
      NaN-free only while no resample's mean is zero: such resamples count as infinite.
    - All of them are too short for small samples (see the calibration tables). `percentile` is the default, as
      for two arms alike it is the nearest: `bca` mends the skewness of one arm's mean, but of a difference it
      has next to none to mend, and its correction is itself uncertain where tails are long. No bootstrap sees beyond the largest value: for the 99th percentile
      of 100 values say `quantile_test`, whose interval is then infinite.

    # Compared with scipy

    `scipy.stats.bootstrap((canary, baseline), lambda c, b: np.median(c) - np.median(b))` with
    `method = "percentile"`, `"basic"` or `"BCa"`.

    # References

    Efron (1979), *Annals of Statistics* 7, 1-26. Efron (1987), *JASA* 82, 171-185. Maritz and Jarrett
    (1978), *JASA* 73, 194-196. Künsch (1989), *Annals of Statistics* 17, 1217-1241. Davison and Hinkley
    (1997), *Bootstrap Methods and their Application*, chapters 2 and 5.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `statistic`: `"mean"`,
    `"median"`, `"quantile"` (which: `quantile`) or `"trimmed_mean"` (cut off at either end: `trim`).
    `interval`: `"percentile"`, `"basic"` or `"bca"`. `resamples`: how many. `seed`: which random
    numbers. `block`: the blocks' length. `pairing`: `"independent"` or `"paired"`. `alternative`,
    `confidence`, `measure`, `nan_policy`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(1000.0) * 37 % 101
    >>> result = canary.bootstrap(x, x + 5, statistic="median", interval="percentile")
    >>> result.value, result.resamples  # known in closed form: nothing was drawn
    (5.0, 0)
    """

def bootstrap_one(values: ArrayLike, *, statistic: str = "mean", quantile: SupportsFloat | SupportsIndex = 0.5, trim: SupportsFloat | SupportsIndex = 0.1, interval: str = "percentile", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, resamples: SupportsIndex = 9999, seed: SupportsIndex = 0, block: SupportsIndex | None = None, nan_policy: str = "raise") -> BootstrapResult:
    """
    The bootstrap interval of one sample's statistic: see `bootstrap`.

    # Parameters
    `values`: numbers in one row (anything numpy reads). The others: as for `bootstrap`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.bootstrap_one(numpy.arange(101.0), statistic="median")
    >>> result.value, [round(end) for end in result.interval]
    (50.0, [40, 60])
    """

def breslow_day(baseline: dict, canary: dict) -> Homogeneity:
    """
    Breslow and Day's (1980) test, with Tarone's (1985) correction, of whether strata share one odds
    ratio: `Σ (xc - E)²/V - (Σ (xc - E))²/Σ V`, with E and V the canary's events fitted under the
    Mantel-Haenszel odds ratio. Strata without trials on an arm, or without both events and others, say
    nothing and are left out.

    # Parameters
    `baseline`, `canary`: as for `cochran_mantel_haenszel`.

    # Errors
    `InvalidInput`, or `NotEnoughData` for fewer than two strata that say something, or where the
    common odds ratio is 0 or infinite; both of them `CanaryError`.

    # Example: worse here, better there
    >>> found = canary.breslow_day(
    ...     {"near": (10, 1000), "far": (90, 1000)}, {"near": (20, 1000), "far": (50, 1000)})
    >>> found.p_value < 0.01
    True
    """

def brown_forsythe(baseline: ArrayLike, canary: ArrayLike, *, centre: str = "median", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Brown and Forsythe's test: did the spread change, whatever became of the middle?

    A canary with the same median and twice the jitter passes every test of location. Null hypothesis:
    both arms' values lie equally far from their own centre on average.

    # Formula

    ```text
    y = |x - centre of its own arm|
    t = (ȳc - ȳb) / √(s² (1/nb + 1/nc)),  s² pooled over the y of both arms,  df = nb + nc - 2
    ```

    t² is Levene's W. The estimate is the difference, or the ratio, of the mean absolute deviations with
    the t-test's interval.

    | centre | name | right for |
    |---|---|---|
    | `median` (default) | Brown-Forsythe | any shape |
    | `mean` | Levene | symmetric values with light tails |
    | `trimmed_mean` | 5 % cut off either end | symmetric values with heavy tails |

    # Edge cases

    - No deviation on either arm: t = 0, p = 1.
    - A ratio needs a baseline that has some spread.

    # Compared with scipy and R

    `scipy.stats.levene(canary, baseline, center=...)`, whose statistic is t² and which has no sides and
    no estimate. R: `car::leveneTest`.

    # References

    Levene (1960), in *Contributions to Probability and Statistics*, 278-292. Brown and Forsythe (1974),
    *JASA* 69, 364-367.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `centre`: `"median"`, `"mean"` or
    `"trimmed_mean"`. `alternative`, `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(100.0) % 21 - 10
    >>> result = canary.brown_forsythe(x, 3 * x, measure="ratio")
    >>> round(result.estimate.value, 6), result.p_value < 1e-9
    (3.0, True)
    """

def brunner_munzel(baseline: ArrayLike, canary: ArrayLike, *, method: str = "t", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, nan_policy: str = "raise") -> TestResult:
    """
    Brunner and Munzel's test: is a random canary value more often above a random baseline value than
    below it?

    Null hypothesis: P(canary > baseline) + ½ P(canary = baseline) = ½. Unlike `mann_whitney` it does
    not assume that the arms have the same shape or spread, which with 5 % of the traffic on one arm and
    another spread makes Mann-Whitney's error rate wrong.

    # Formula

    ```text
    v = for each value, how many of the other arm's are below it, ties counted half
    p̂ = mean of the canary's v / nb
    S² = variance of each arm's v;  se² = Sc² / (nc nb²) + Sb² / (nb nc²)
    t = (p̂ - ½) / se,  df = (nc Sc² + nb Sb²)² / ((nc Sc²)²/(nc - 1) + (nb Sb²)²/(nb - 1))
    interval: p̂ ± t(1 - α/2, df) se, within [0, 1]
    ```

    # Edge cases

    - The arms do not overlap at all: the variance would be zero, and t infinite, with two values an
      arm as with two thousand. Here the nearest two values are then counted as half a tie, which is
      the smallest change that gives a variance.
    - All values tied: t = 0, p = 1, and the interval is everything.

    # Compared with scipy and R

    `scipy.stats.brunnermunzel(baseline, canary)`, arms in this order and alternatives the other way
    round (its `less` is `greater` here); for arms without overlap it answers p = 0 (or NaN). R:
    `lawstat::brunner.munzel.test`.

    # References

    Brunner and Munzel (2000), *Biometrical Journal* 42, 17-25. Neubert and Brunner (2007),
    *Computational Statistics & Data Analysis* 51, 5192-5204.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"t"` or
    `"asymptotic"`. `alternative`, `confidence`, `nan_policy`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.brunner_munzel([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 102.2, 109.8])
    >>> result.estimate.of, result.estimate.value
    ('P(canary > baseline)', 0.9375)
    """

def brunner_munzel_many(baseline: ArrayLike, canary: ArrayLike, *, method: str = "t", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, nan_policy: str = "raise", errors: str = "raise") -> ManyResults:
    """
    `brunner_munzel` on many pairs at once, on all cores.

    # Parameters
    `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `brunner_munzel`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(600.0).reshape(10, 60) % 7
    >>> canary.brunner_munzel_many(x, x).p_value.tolist() == [1.0] * 10
    True
    """

def chi_square(baseline: ArrayLike, canary: ArrayLike, *, continuity: str = "uncorrected") -> TestResult:
    """
    Pearson's chi-square test: did the mix of categories (status codes, error kinds, plans) change?

    Null hypothesis: both arms draw from the same shares. With two categories it is the square of the
    two-proportion z-test.

    # Formula

    ```text
    E = (arm's total) (category's total) / N
    χ² = Σ over arms and categories (O - E)² / E,  df = (categories with any count) - 1
    Yates's correction (two categories only): |O - E| less ½, but not less than 0

    Cramér's V = √(χ² / N)
    ```

    where O is a count of one category on one arm and N the sum of all counts.

    # Edge cases

    - A category that never occurs on either arm says nothing and is left out; with one category left
      there is nothing to compare: χ² = 0, df = 0, p = 1.
    - An arm without any count is an error. Expected counts below about 5 make the p-value
      approximate: use `exact_proportions` for two categories, or join rare ones.
    - The arms' level is the share of their first category: put the one you care about first.

    # Compared with scipy and R

    `scipy.stats.chi2_contingency([baseline, canary], correction=False)`; R: `chisq.test(correct =
    FALSE)`. Both correct 2 × 2 tables unless told not to; here the correction, which makes the test
    too careful, is the exception.

    # References

    Pearson (1900), *Philosophical Magazine* 50, 157-175. Yates (1934), *Supplement to the JRSS* 1,
    217-235. Cramér (1946), *Mathematical Methods of Statistics*, section 21.9.


    # Parameters
    `baseline`, `canary`: the counts of each category, in the same order. `continuity`:
    `"uncorrected"` or `"corrected"` (two categories only).

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.chi_square([90, 410, 18_500], [14, 20, 966])  # 5xx, 4xx, 2xx
    >>> result.df, result.p_value < 0.001
    (2.0, True)
    """

def cochran_mantel_haenszel(baseline: dict, canary: dict, *, alternative: str = "two_sided", continuity: str = "uncorrected", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference") -> TestResult:
    """
    Cochran, Mantel and Haenszel's test: did a proportion change, within strata (regions, devices, hours)?

    Pooled over strata of which the arms have different shares, proportions can differ for that alone, or
    even the other way round than in every stratum (Simpson's paradox). Here the arms are compared within
    each stratum and the differences added up.

    # Formula

    ```text
    z = Σ (xc - M nc/N) / √(Σ nb nc M (N - M) / (N² (N - 1))),  corrected: |Σ| less ½
    Mantel-Haenszel estimates:
        difference:  Σ w (p̂c - p̂b) / Σ w,  w = nb nc / N
        ratio:       Σ xc nb/N / Σ xb nc/N
        odds ratio:  Σ xc yb/N / Σ xb yc/N
    intervals: every value θ that the stratified score test does not reject (Miettinen and Nurminen 1985):
        |Σ w (p̂c - p̂b - θ)| ≤ z(1 - α/2) √(Σ w² s²(θ)), and likewise for the ratios,
        s² each stratum's variance at the likeliest proportions under θ
    ```

    with x events and y others of n on each arm of a stratum, M = xb + xc, N = nb + nc. z² is the statistic
    of R and statsmodels.

    # Edge cases

    - A stratum with an empty arm, or with nothing but events or none on both, adds nothing to z.
    - No event anywhere: z = 0, p = 1; the intervals still have their width.
    - Strata in which the effect differs have no common effect: look at `breslow_day` first.

    # Compared with R and statsmodels

    `mantelhaen.test(correct = FALSE)`, `StratifiedTable.test_null_odds(correction = False)`; their
    intervals of the odds ratio (Robins, Breslow and Greenland) have no answer where a sum is zero, these
    do.

    # References

    Cochran (1954), *Biometrics* 10, 417-451. Mantel and Haenszel (1959), *J. National Cancer Institute* 22,
    719-748. Miettinen and Nurminen (1985), *Statistics in Medicine* 4, 213-226, section 5. Breslow and Day
    (1980), *Statistical Methods in Cancer Research* 1, section 4.4. Tarone (1985), *Biometrika* 72, 91-95.


    # Parameters
    `baseline`, `canary`: for each stratum's name, `(events, trials)` or `Counts`; the same names on
    both arms. `continuity`: `"uncorrected"` or `"corrected"`. `alternative`, `confidence`: as for
    `t_test`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example: worse in both regions, better when they are pooled
    >>> result = canary.cochran_mantel_haenszel(
    ...     {"near": (10, 1000), "far": (900, 9000)}, {"near": (200, 9000), "far": (130, 1000)})
    >>> result.estimate.interval.low > 0
    True
    """

def combine_e_values(e_values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """
    Many metrics, one decision: e-values of several hypotheses are combined as they are, however the
    metrics depend on each other.

    Their weighted average is an e-value against "nothing changed anywhere" (Vovk and Wang 2021,
    proposition 3.1: no other symmetric combination is better). Independent ones may be multiplied; a
    maximum may not be taken.

    Of m hypotheses, e-BH (Wang and Ramdas 2022) rejects those with the k largest e-values, k being the
    most with k e₍ₖ₎ ≥ m/α: the share of false rejections among the rejections is α at most on average,
    under any dependence. It is the Benjamini-Hochberg procedure of 1/e, whose adjusted values are given.
    The anytime p-values of monitors may be adjusted like any others, with `adjust`: by `holm` for no
    false rejection at all, or by `benjamini_yekutieli`, which also holds under any dependence.

    A p-value p becomes an e-value by a calibrator (Vovk and Wang 2021, section 2): κ p^(κ - 1) with
    0 < κ < 1, or its mean over κ, (1 - p + p ln p) / (p (ln p)²). An e-value e becomes the p-value
    min(1, 1/e), which is its only calibrator. There and back loses evidence.


    This is the average; without weights, all have the same.

    # Errors
    `NotEnoughData` without e-values; `InvalidInput` for a negative e-value or weight.

    # Example
    >>> canary.combine_e_values([60, 0.5, 2.5])
    21.0
    """

def compare_trends(baseline: ArrayLike, canary: ArrayLike, *, times: ArrayLike | None = None, pairing: str = "paired", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, correction: str = "none", lags: SupportsIndex | None = None, nan_policy: str = "raise", null: SupportsFloat | SupportsIndex = 0.0) -> TestResult:
    """
    Test of whether the canary's slope is the baseline's: see `trend` for the formula.

    # Parameters
    `baseline`, `canary`: numbers in the order of time, or both a `Series`. `times`: one for each
    value of either arm; without them 0, 1, 2, ... `pairing`: `"paired"` tests the differences at the
    times that both arms have, `"independent"` two slopes. The others: as for `trend`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example: both arms grow with the day's traffic, the canary grows faster
    >>> minutes = numpy.arange(30.0)
    >>> wave = 500 + minutes**2 / 9
    >>> round(canary.compare_trends(wave, wave + minutes / 2).estimate.value, 6)
    0.5
    """

def e_benjamini_hochberg(e_values: ArrayLike, alpha: SupportsFloat | SupportsIndex = 0.05) -> Discoveries:
    """
    Many metrics, one decision: e-values of several hypotheses are combined as they are, however the
    metrics depend on each other.

    Their weighted average is an e-value against "nothing changed anywhere" (Vovk and Wang 2021,
    proposition 3.1: no other symmetric combination is better). Independent ones may be multiplied; a
    maximum may not be taken.

    Of m hypotheses, e-BH (Wang and Ramdas 2022) rejects those with the k largest e-values, k being the
    most with k e₍ₖ₎ ≥ m/α: the share of false rejections among the rejections is α at most on average,
    under any dependence. It is the Benjamini-Hochberg procedure of 1/e, whose adjusted values are given.
    The anytime p-values of monitors may be adjusted like any others, with `adjust`: by `holm` for no
    false rejection at all, or by `benjamini_yekutieli`, which also holds under any dependence.

    A p-value p becomes an e-value by a calibrator (Vovk and Wang 2021, section 2): κ p^(κ - 1) with
    0 < κ < 1, or its mean over κ, (1 - p + p ln p) / (p (ln p)²). An e-value e becomes the p-value
    min(1, 1/e), which is its only calibrator. There and back loses evidence.


    This is e-BH.

    # Errors
    `InvalidInput` for a negative e-value; `InvalidOption` for an alpha outside (0, 1).

    # Example
    >>> canary.e_benjamini_hochberg([50, 0.3, 35, 2], 0.1).rejected
    [True, False, True, False]
    """

def e_to_p(e_value: SupportsFloat | SupportsIndex) -> float:
    """
    Many metrics, one decision: e-values of several hypotheses are combined as they are, however the
    metrics depend on each other.

    Their weighted average is an e-value against "nothing changed anywhere" (Vovk and Wang 2021,
    proposition 3.1: no other symmetric combination is better). Independent ones may be multiplied; a
    maximum may not be taken.

    Of m hypotheses, e-BH (Wang and Ramdas 2022) rejects those with the k largest e-values, k being the
    most with k e₍ₖ₎ ≥ m/α: the share of false rejections among the rejections is α at most on average,
    under any dependence. It is the Benjamini-Hochberg procedure of 1/e, whose adjusted values are given.
    The anytime p-values of monitors may be adjusted like any others, with `adjust`: by `holm` for no
    false rejection at all, or by `benjamini_yekutieli`, which also holds under any dependence.

    A p-value p becomes an e-value by a calibrator (Vovk and Wang 2021, section 2): κ p^(κ - 1) with
    0 < κ < 1, or its mean over κ, (1 - p + p ln p) / (p (ln p)²). An e-value e becomes the p-value
    min(1, 1/e), which is its only calibrator. There and back loses evidence.


    This is the p-value of an e-value.

    # Errors
    `InvalidInput` for a negative e-value.

    # Example
    >>> canary.e_to_p(40)
    0.025
    """

def effective_sample_size(values: ArrayLike, *, nan_policy: str = "raise") -> float:
    """
    How many independent values a series is worth: n / (1 + 2 Σ ρ), the autocorrelations summed in
    pairs while these are positive and do not grow (Geyer 1992, *Statistical Science* 7, 473-483,
    section 3.3).

    # Parameters
    `values`: numbers in the order of time, at least 4. `nan_policy`: `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> held = [x for x in (3.0, 9.0, 1.0, 7.0, 4.0, 8.0, 2.0, 6.0) for _ in range(10)]
    >>> canary.effective_sample_size(held) < 20  # of 80
    True
    """

def equivalence(baseline: ArrayLike, canary: ArrayLike, margin: str | SupportsFloat | SupportsIndex, *, of: str = "mean", quantile: SupportsFloat | SupportsIndex = 0.5, goal: str = "non_inferiority", direction: str = "increase", alpha: SupportsFloat | SupportsIndex = 0.05, nan_policy: str = "raise") -> EquivalenceResult:
    """
    Equivalence and non-inferiority: is the canary *safe to promote*?

    "Not significantly worse" is no evidence of anything: it is what a test of three requests says. Here
    the burden of proof is reversed. The null hypothesis is that the canary **is** worse by at least the
    margin, and a small p-value means that it is not.

    # Formula

    ```text
    non-inferiority, worse is an increase: one-sided test of effect ≥ upper limit against less
    non-inferiority, worse is a decrease:  one-sided test of effect ≤ lower limit against greater
    equivalence (TOST): both; p = the larger of the two
    limits: 1 + percent, factor, or the difference itself, and for a decrease 1 - percent, 1/factor
    outcome at alpha:  within    p ≤ α: shown to be no worse than the margin
                       beyond    the opposite one-sided test, against the same limit, has p ≤ α
                       undecided neither: wait for more data
    ```

    The estimate's interval has the confidence 1 - 2α: it lies within the limits exactly when p ≤ α (for a ratio of
    means of a few values, nearly so: Welch's degrees of freedom differ between the interval and the limit).

    | `of` | test at the limit |
    |---|---|
    | `mean` | Welch's t; a ratio by Fieller's contrast (Sasabuchi 1988) |
    | `median`, `quantile` | `quantile_test` |
    | `shift` | `mann_whitney`, the canary moved by the limit |
    | `proportion` | score test (Farrington and Manning 1990) |
    | `rate` | score test |

    # Edge cases

    - A relative margin needs a positive baseline; for a metric that may be zero give a difference.
    - The margin must leave room: at least a factor of 1, 0 percent or a difference of 0. A margin of
      nothing can only ever be shown for a canary that is better.
    - Errors are those of the underlying test.

    # Compared with statsmodels and R

    `statsmodels.stats.weightstats.ttost_ind` (means), `tost_proportions_2indep`, `TOSTER` in R. Their
    p-values are these for the same variance; the ratio's limits are on the ratio itself here, where
    statsmodels transforms to logarithms.

    # References

    Schuirmann (1987), *J. Pharmacokinetics and Biopharmaceutics* 15, 657-680. Farrington and Manning
    (1990), *Statistics in Medicine* 9, 1447-1454. Sasabuchi (1988), *Memoirs of the Faculty of Science,
    Kyushu University A* 42, 165-187. Wellek (2010), *Testing Statistical Hypotheses of Equivalence and
    Noninferiority*.


    # Parameters
    `baseline`, `canary`: numbers in one row, or what the test of `of` takes: `(events, trials)` for
    `"proportion"`, `(events, time)` for `"rate"`, `Summary` for `"mean"`, too. `margin`: a number (a
    difference), `"10%"` or `"1.5x"`. `of`: `"mean"`, `"median"`, `"quantile"` (which: `quantile`),
    `"shift"`, `"proportion"` or `"rate"`. `goal`: `"non_inferiority"` or `"equivalence"`. `direction`:
    which way is worse, `"increase"`, `"decrease"` or `"either"`. `alpha`: in (0, 0.5). `nan_policy`:
    `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.equivalence((95, 19_000), (6, 1_000), 0.01, of="proportion")
    >>> result.outcome, result.p_value < 0.05
    ('within', True)
    """

def exact_proportions(baseline: Any, canary: Any, *, method: str = "boschloo", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference") -> TestResult:
    """
    Exact tests of two proportions, for counts too small for a z-test.

    Null hypothesis: both arms have the same proportion. Boschloo's and Barnard's tests keep the
    error rate at or below the nominal one for every value of that common proportion, and reject more
    often than Fisher's when there is something to find; Fisher's also conditions on the number of
    events seen, which makes it careful to a fault.

    # Formula

    ```text
    Fisher:   given M events on both arms, P(x) = C(nc, x) C(nb, M - x) / C(N, M);
              greater: Σ P(x) over x ≥ xc;  less: over x ≤ xc;
              two-sided: over all x with P(x) ≤ P(xc)
    Boschloo: the statistic of a table is its one-sided Fisher p-value;
              p = max over π of Σ B(x; nc, π) B(y; nb, π) over all tables (x, y) whose statistic is at
              most the one seen;  two-sided: twice the smaller one-sided p, at most 1
    Barnard:  likewise with the pooled z (of its size, for the two-sided test)
    ```

    where B is the binomial probability. The maximum over π is taken on a fine grid and refined at its
    best points. The estimate is the difference, ratio or odds ratio of the proportions with
    Miettinen and Nurminen's interval; Fisher's test with `measure = "odds_ratio"` gives the conditional
    maximum-likelihood odds ratio with Cornfield's exact interval instead.

    # Statistic

    Fisher: the canary's events. Boschloo: the Fisher p-value it is built on. Barnard: the pooled z.

    # Edge cases

    - No event on either arm, or nothing but events: p = 1.
    - Boschloo and Barnard take at most 20,000 trials on both arms together: beyond it, say
      `two_proportion_z`, which is right there. Fisher takes any number; its
      conditional odds ratio needs one whose standard deviation of events is at most a million.

    # Compared with scipy and R

    `scipy.stats.fisher_exact`, `boschloo_exact` (two-sided: doubled, as here) and `barnard_exact`
    with the canary's column first; scipy's optimiser at times stops short of the maximum, and its
    p-value is then too small. R: `fisher.test`, whose estimate and interval for the odds ratio are
    these; `Exact::exact.test`.

    # References

    Fisher (1935), *JRSS* 98, 39-82. Barnard (1947), *Biometrika* 34, 123-138. Boschloo (1970),
    *Statistica Neerlandica* 24, 1-9. Cornfield (1956), *Proc. 3rd Berkeley Symposium* 4, 135-148.
    Mehrotra, Chan and Berger (2003), *Biometrics* 59, 441-450 compare them.


    # Parameters
    `baseline`, `canary`: `(events, trials)` or `Counts`. `method`: `"boschloo"`, `"barnard"` or
    `"fisher"`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`. `alternative`, `confidence`:
    as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.exact_proportions((0, 50), (4, 50), alternative="greater")
    >>> round(result.p_value, 4)
    0.0443
    """

def fairness_gap(baseline: dict, canary: dict, *, notion: str = "demographic_parity", confidence: SupportsFloat | SupportsIndex = 0.95) -> FairnessResult:
    """
    Fairness gaps between groups, and whether the canary widened them.

    A model or a policy that is better on average may be worse for some. For groups g with events out of
    trials on each arm:

    | notion | counts to give | gap | fair |
    |---|---|---|---|
    | `demographic_parity` | chosen of all | highest rate less lowest | 0 |
    | `equal_opportunity` | chosen of those who should be | highest rate less lowest | 0 |
    | `disparate_impact` | chosen of all | lowest rate over highest | 1 (0.8: the four-fifths rule) |

    # Formula

    ```text
    gap of an arm: max p̂ - min p̂, or min p̂ / max p̂
    its interval:  from Miettinen and Nurminen's intervals [L, U] of all m pairs of groups, each with
                   confidence 1 - α/m:  max over pairs of the lower ends of |difference|, to the max of
                   the upper ends (ratio: min of the lower ends to min of the upper ends, at most 1)
    change:        canary's gap less baseline's (or over it), its interval by square-and-add of both
    ```

    The Bonferroni step makes the interval cover whichever pair is truly the widest apart.

    # Edge cases

    - A group without trials on an arm is an error that names it: its rate is not known.
    - No events in any group: the difference is 0, the ratio 1 with the interval from 0 to 1.

    # Compared with fairlearn

    `fairlearn.metrics.demographic_parity_difference`, `demographic_parity_ratio` and
    `equal_opportunity_difference` give the gap of one arm without an interval.

    # References

    Feldman et al. (2015), *KDD*, 259-268 (disparate impact). Hardt, Price and Srebro (2016), *NeurIPS*
    (equal opportunity). Miettinen and Nurminen (1985), *Statistics in Medicine* 4, 213-226. Zou and Donner
    (2008), *Statistics in Medicine* 27, 1693-1702.


    # Parameters
    `baseline`, `canary`: for each group's name, `(events, trials)` or `Counts`; the same names on both
    arms. `notion`: `"demographic_parity"`, `"equal_opportunity"` or `"disparate_impact"`.
    `confidence`: in (0, 1).

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.fairness_gap(
    ...     {"a": (480, 1000), "b": (500, 1000)}, {"a": (380, 1000), "b": (520, 1000)})
    >>> round(result.change.value, 3), result.change.interval.low > 0
    (0.12, True)
    """

def flips(policy: Policy | dict | None = None, *, baseline: Any, canary: Any, watched: SupportsFloat | SupportsIndex | None = None, design: str = "concurrent") -> list[Flip]:
    """
    What would change the verdict: the smallest changes that do, each of them tried.

    | verdict | of the policy | of the data |
    |---|---|---|
    | FAIL | the tightest limit with which it is no longer FAIL | the least improvement of the canary that makes it PASS, or else no longer FAIL |
    | PASS | the first tighter limit with which it is no longer PASS | the least worsening of the canary that makes it FAIL, or else no longer PASS |
    | INCONCLUSIVE | the tightest limit with which it is PASS now | how many times as much data decide, and which way |

    Where no change of one check is enough, the flip has a change for each of them. The list is empty
    where no such change is known: of data that are missing or cannot be trusted, for example.

    # Parameters
    `policy`, `baseline`, `canary`, `design`: as for `judge`. `watched`: for how many seconds the data were
    collected; then a flip by more data says when it is to be expected.

    # Errors
    Those of `judge`, and `InvalidOption` where `watched` is not positive and finite.

    # Example
    >>> policy = canary.Policy.from_dict({
    ...     "version": 1,
    ...     "metrics": {"error_rate": {}},
    ...     "checks": [{"metric": "error_rate", "test": {"margin": {"difference": "0.25%"}}}],
    ... })
    >>> for flip in canary.flips(
    ...     policy,
    ...     baseline={"error_rate": canary.Counts(95, 19_000)},
    ...     canary={"error_rate": canary.Counts(30, 2_000)},
    ... ):
    ...     print(flip)
    With a margin of 0.54 instead of 0.25 percentage points for error_rate, the verdict would be INCONCLUSIVE.
    With 7 events of error_rate instead of 30 among the canary's 2000, the verdict would be PASS.
    """

def incidents(times: ArrayLike, scores: ArrayLike, anomalous: ArrayLike, contributions: ArrayLike, *, feature_names: Iterable[str] | None = None, gap: SupportsIndex = 1, window: SupportsFloat | SupportsIndex | None = None, min_windows: SupportsIndex = 2, angle: SupportsFloat | SupportsIndex = 60.0, offset: SupportsFloat | SupportsIndex = ...) -> list[Incident]:
    """
    Anomalous windows grouped into incidents: which belong together, in time and by the metrics to blame?

    An incident is a cluster of anomalous windows. Two windows are neighbours when they are near in time and
    the same metrics make them anomalous; a cluster is what chains of neighbours hold together. Two incidents
    at once in different metrics stay two, and one that moves on from metric to metric stays one.

    # Formula

    ```text
    u(w) = c⁺(w) / |c⁺(w)|,      c⁺ = the positive contributions of the features to the score
    w ~ v:  |t(w) - t(v)| ≤ (gap + 3/2) window   and   |u(w) - u(v)| ≤ 2 sin(angle / 2)
    cluster: windows with min_windows windows or more in their neighbourhood (themselves included),
             whatever such neighbours link, and the neighbours of these       (DBSCAN)
    share of feature f = Σ c⁺_f(w) / Σ Σ c⁺_g(w),   over the windows w of the incident
    ```

    A window of which no feature makes an anomaly (no positive contribution) is near others of its kind only.
    Where a window is in reach of two clusters without linking them, it belongs to the earlier one. A window
    in no cluster is an incident of its own, of one window: nothing is dropped.

    # Defaults, and why

    - `gap` 1: an incident may pass through one normal window, because a score on the edge of the threshold
      falls on either side of it. (Half a window is added, for times that are not exact.)
    - `window`: the median time from one window to the next, of all windows given. Hosts that are not in step
      with each other need it given: their windows together seem shorter than they are.
    - `min_windows` 2: anomalous windows are few. Were they 1 in 100 at random, 1 in 25 of them would have
      another in reach of gap 1, and fewer with the same metrics to blame.
    - `angle` 60 degrees: windows for which one metric is to blame are 90 degrees apart if it is another, and
      45 from those for which both are. At 90, metrics do not matter.
    - `offset` -0.5: what the scores of anomalous windows are measured from; a forest says its own.

    # What it assumes

    Contributions in one unit, such as those of a forest. The method has no significance level: it groups the
    windows that it is given, also those that are anomalous by chance.

    # Cost

    Each anomalous window is held against those in reach in time: some microseconds a window in a series
    of one host. Times are rounded to an eighth of a window and directions to an eighth of the angle's reach,
    and windows that fall together are held against others once, so that a fleet's common outage costs less
    than the square of its hosts: some 10 microseconds a window for a thousand hosts. Where each of them has
    metrics of its own to blame, or many noisy ones, it is some hundred microseconds or more.

    # References

    Ester, Kriegel, Sander and Xu (1996), *KDD*, 226-231. Schubert, Sander, Ester, Kriegel and Xu (2017),
    *ACM Transactions on Database Systems* 42(3), 19:1-19:21 (why it is not slower than it should be, and on
    what `min_windows` does). The clusters are found by linfa's DBSCAN.


    # Parameters
    `times`: when each window was, in seconds, in any order; all windows, since the normal ones say how
    long a window is. `scores`: the score of each, the lower the more of an anomaly
    (`Forest.score_samples`). `anomalous`: which windows are, as truth values. `contributions`: a row for
    each window and a column for each feature (`Forest.contributions`); those of normal windows are not
    looked at. `feature_names`: the features' names. `gap`, `window`, `min_windows`, `angle`, `offset`: see
    above.

    # Errors
    `InvalidInput` or `InvalidOption`, both of them `CanaryError`.

    # Example: half an hour of trouble in two metrics
    >>> minutes = numpy.arange(600.0)
    >>> load = numpy.sin(minutes / 40)
    >>> rows = numpy.column_stack([500 + 9 * load, 40 + 3 * load + minutes * 7 % 5])
    >>> rows[300:330] += [180, 20]
    >>> forest = canary.Forest.fit(rows, contamination=0.05)
    >>> found = canary.incidents(60 * minutes, forest.score_samples(rows), forest.predict(rows) == -1,
    ...                          forest.contributions(rows), feature_names=["memory", "p99"])
    >>> print(max(found, key=lambda incident: len(incident.windows)))
    from 18000 s to 19740 s, 30 windows, strongest at 18000 s (score -0.777): memory 56 %, p99 44 %
    """

def inverse_propensity_means(baseline: ArrayLike, canary: ArrayLike, baseline_weights: ArrayLike, canary_weights: ArrayLike, *, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of means in which each value is weighted by the inverse of the probability that it was sent
    to its arm (Hájek's estimate): see `post_stratified_means` for the formula.

    # Parameters
    `baseline`, `canary`: numbers in one row. `baseline_weights`, `canary_weights`: one weight for each
    value, 1 over its propensity. The others: as for `t_test`; NaN is always refused, as leaving it out
    would part values from their weights.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.inverse_propensity_means(
    ...     [1.0, 2.0, 9.0], [2.0, 3.0, 9.5], [1.05, 1.05, 1.5], [20.0, 20.0, 3.0])
    >>> round(result.baseline.level, 3), round(result.canary.level, 3)
    (4.625, 2.988)
    """

def judge(policy: Policy | dict | None = None, *, baseline: Any, canary: Any, design: str = "concurrent") -> Verdict:
    """
    Applies a policy to what was measured on both arms.

    # Parameters
    `policy`: a `Policy`, or a dict of its written form; left out, `Policy.default` of all metrics in
    the data. `baseline`, `canary`: a mapping from metric name to observations: an object of this
    package (`Counts`, `Sample`, ...), a number (a gauge), numbers in one row (a sample), or a dict:
    `{"events": 3, "trials": 1000}`, `{"times": [...], "values": [...]}`, or
    `{"values": [...], "units": ["vm1", "vm1", "vm2"]}` for values of which several are of one host or
    user (see `Sample.by_units`).

    `design`: `"concurrent"`, both arms side by side, or `"before_and_after"`, the baseline from a time before
    the canary. Then whatever else changed in between is in the comparison, too: PASS and FAIL are what they
    are, and each says that it is weaker; series are not paired in time, and the split of the traffic cannot be
    checked. Series of which the baseline's ends before the canary's begins are found out without that word.

    A metric that is missing on an arm, or that cannot be judged as its check asks (the p99 of counts, a
    formula that divides by zero), gives a finding that says so, by the check's rule for no data: INCONCLUSIVE,
    unless it says otherwise. It is never passed over, and all other checks are judged.

    A test holds for one look at the data. To judge all data so far again and again, without anything kept in
    between, write `sequential` in the place of `test` in the policy (see `Policy`); or use a `Watch`.

    # Errors
    `InvalidInput` for data that break a rule, and for what cannot be judged where its check says that no data
    is an error.

    # Example: without a policy
    >>> before = {"errors": canary.Counts(95, 19_000), "latency": [20.0, 21.0, 23.0, 22.0]}
    >>> after = {"errors": canary.Counts(60, 2_000), "latency": [19.0, 24.0, 22.0, 20.0]}
    >>> print(canary.judge(baseline=before, canary=after).findings[0].rule)
    at most 50% above the baseline or 0.25 percentage points, with 90% confidence

    # Example: with one
    >>> policy = canary.Policy.from_yaml('''
    ... version: 1
    ... metrics:
    ...   error_rate: {direction: increase}
    ... checks:
    ...   - metric: error_rate
    ...     test: {method: two_proportion_z, margin: {difference: 0.25%}}
    ... ''')
    >>> verdict = canary.judge(
    ...     policy,
    ...     baseline={"error_rate": canary.Counts(95, 19_000)},
    ...     canary={"error_rate": canary.Counts(30, 2_000)},
    ... )
    >>> verdict.status, verdict.recommendation
    ('FAIL', 'rollback')

    # Example: last week's errors for a baseline
    >>> verdict = canary.judge(
    ...     policy,
    ...     baseline={"error_rate": canary.Counts(95, 19_000)},
    ...     canary={"error_rate": canary.Counts(100, 20_000)},
    ...     design="before_and_after",
    ... )
    >>> verdict.status, verdict.design, verdict.findings[0].design
    ('PASS', 'before_and_after', 'before_and_after')
    >>> print(verdict.reason.rpartition(": ")[2])
    it is weaker than side by side.
    """

def kolmogorov_smirnov(baseline: ArrayLike, canary: ArrayLike, *, method: str = "auto", alternative: str = "two_sided", nan_policy: str = "raise") -> TestResult:
    """
    Kolmogorov and Smirnov's test: does anything about the distribution differ: place, spread, a second
    hump, a longer tail? One-sided it is a test of stochastic order: is the canary slower *throughout*?

    Null hypothesis: both arms have the same distribution; one-sided `greater`: the canary is nowhere
    stochastically greater (its distribution function nowhere below the baseline's).

    # Formula

    ```text
    two-sided: D = max |Fb(x) - Fc(x)|
    greater:   D = max (Fb(x) - Fc(x)), the canary stochastically greater
    less:      D = max (Fc(x) - Fb(x))
    exact:      the share of all orders of the pooled values (ties kept tied) with a D at least as large
    asymptotic: two-sided p = 2 Σ (-1)^(k-1) exp(-2 k² en D²), one-sided p = exp(-2 en D²),
                en = nb nc / (nb + nc)
    ```

    where F is an arm's empirical distribution function.

    # Edge cases

    - Every value tied: D = 0, p = 1.
    - `auto` is exact while nb nc is at most 4,000,000, which is some milliseconds; `exact` goes to
      400,000,000. Ties are right in the exact method and make the asymptotic one too careful.

    # Compared with scipy and R

    `scipy.stats.ks_2samp(baseline, canary)`: its `greater` is that the *first* sample's distribution
    function is above, so the words agree when the baseline comes first. scipy's exact method counts tied
    values as if they were not, and so is too careful; R's (since 4.2) is this one. scipy's asymptotic
    one-sided p-value has Hodges' correction, this one has not.

    # References

    Smirnov (1939), *Bull. Math. Univ. Moscou* 2, 3-16. Hodges (1958), *Arkiv för Matematik* 3, 469-486.
    Schröer and Trenkler (1995), *Computational Statistics & Data Analysis* 20, 185-202.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"auto"`, `"exact"` or
    `"asymptotic"`. `alternative`, `nan_policy`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.kolmogorov_smirnov([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0], alternative="greater")
    >>> result.statistic, round(result.p_value, 4)  # 1 of 35 orders
    (1.0, 0.0286)
    """

def kolmogorov_smirnov_many(baseline: ArrayLike, canary: ArrayLike, *, method: str = "auto", alternative: str = "two_sided", nan_policy: str = "raise", errors: str = "raise") -> ManyResults:
    """
    `kolmogorov_smirnov` on many pairs at once, on all cores.

    # Parameters
    `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `kolmogorov_smirnov`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(600.0).reshape(10, 60) % 7
    >>> canary.kolmogorov_smirnov_many(x, x).statistic.tolist() == [0.0] * 10
    True
    """

def mann_whitney(baseline: ArrayLike, canary: ArrayLike, *, method: str = "auto", continuity: str = "corrected", interval: str = "hodges_lehmann", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Mann-Whitney U test (Wilcoxon's rank-sum test): does one arm tend to have greater values?

    Null hypothesis: both arms have the same distribution. The test sees the order of the values only,
    so that no outlier can sway it and no distribution need be assumed.

    # Formula

    ```text
    U = #{pairs with canary > baseline} + ½ #{ties},  over all m·n pairs

    exact:       P(U = u) from the Gaussian binomial coefficient [m+n choose m]
    asymptotic:  z = (U - mn/2 ∓ ½) / σ,  σ² = mn/12 · ((N + 1) - Σ (t³ - t) / (N (N - 1)))

    Hodges-Lehmann shift:  the median of all m·n differences canary - baseline
    its interval:          their k-th smallest and k-th largest; exact: the largest k with
                           P(U ≤ k - 1) < α/2; asymptotic: k = ⌊mn/2 - ½ - z(1 - α/2) σ'⌋ + 1,
                           σ' with the ties within each arm
    Hodges-Lehmann ratio:  the same of the logarithms, for a shift by a factor

    rank-biserial correlation = 2U/(mn) - 1,  P(canary > baseline) = U/(mn)
    ```

    where m is the size of the canary, n that of the baseline, N = m + n, t the size of each group of
    tied values, and ½ the continuity correction, towards mn/2.

    The shift is that of the canary against the baseline if both distributions have the same shape. If
    they do not, it is still the median of what a random canary value exceeds a random baseline value
    by, but not the difference of the medians.

    # Which method

    `auto` is exact when there are no ties and either arm has at most 8 values, and asymptotic
    otherwise. An exact p-value needs m·n/2 numbers, each computed min(m, n) times: beyond 2^24 of them,
    or 2^30 computations, `exact` is refused and `auto` is asymptotic.

    Without the interval the cost is that of sorting both arms. The interval's order statistics are
    exact, too, but found without making the m·n differences.

    # Edge cases

    - All values tied: p = 1.
    - Ties under `exact`: an error, because the exact distribution is that without ties.
    - So few values that no pair of ends has the confidence asked for: an infinite interval.
    - Ratio: all values must be positive.
    - Negative and positive zero are tied.

    # Compared with scipy and R

    `scipy.stats.mannwhitneyu(canary, baseline)`: the canary comes first there; the same statistic and
    p-values, by the same rule for `auto`. R's `wilcox.test(canary, baseline, conf.int = TRUE)` gives
    the same exact interval, except that it answers with the range of all differences where ours is
    infinite; its asymptotic interval is ours to its root finder's tolerance of 1e-4.

    # References

    Mann and Whitney (1947), *Ann. Math. Stat.* 18, 50-60. Hodges and Lehmann (1963), *Ann. Math.
    Stat.* 34, 598-611. Lehmann (1975), *Nonparametrics*, section 1.5 and eq. 2.33. Kerby (2014),
    *Comprehensive Psychology* 3, 1. McGraw and Wong (1992), *Psych. Bulletin* 111, 361-365.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `method`: `"auto"`, `"exact"`
    or `"asymptotic"`. `continuity`: `"corrected"` or `"uncorrected"`. `interval`:
    `"hodges_lehmann"` or `"none"`, which leaves the estimate out and is several times faster.
    `alternative`, `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.mann_whitney([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
    >>> result.statistic, round(result.p_value, 4), result.effect_sizes["common_language"]
    (16.0, 0.0286, 1.0)
    """

def mann_whitney_many(baseline: ArrayLike, canary: ArrayLike, *, method: str = "auto", continuity: str = "corrected", interval: str = "none", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None, errors: str = "raise") -> ManyResults:
    """
    `mann_whitney` on many pairs at once, on all cores.

    # Parameters
    `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `mann_whitney`, but that
    the interval, which takes most of the time, is asked for with `"hodges_lehmann"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(600.0).reshape(10, 60) % 7
    >>> results = canary.mann_whitney_many(x, x + 3)
    >>> (results.adjusted("benjamini_hochberg") < 0.05).all().item()
    True
    """

def normal_cdf(z: SupportsFloat | SupportsIndex) -> float:
    """
    P(Z ≤ z) of the standard normal distribution, with its digits where it is small.

    >>> canary.normal_cdf(0.0)
    0.5
    """

def normal_quantile(p: SupportsFloat | SupportsIndex) -> float:
    """
    The z with P(Z ≤ z) = p, for p in (0, 1).

    >>> round(canary.normal_quantile(0.975), 6)
    1.959964
    """

def overdispersion(windows: Any) -> Overdispersion:
    """
    Overdispersion: do counts scatter between windows more than chance makes them?

    A binomial or Poisson test takes events for independent. Errors that come in bursts are not, and the
    test's error rate is then far above its alpha. The factor φ says by how much variances are too small:
    above about 1.5, use `ratio_metric` with the windows as clusters.

    # Formula

    ```text
    counts:     p̂ = Σ x / Σ n,  X² = Σ (x - n p̂)² / (n p̂ (1 - p̂))
    exposures:  λ̂ = Σ x / Σ t,  X² = Σ (x - t λ̂)² / (t λ̂)
    φ = X² / (k - 1) for k windows;  p = P(χ²(k - 1) ≥ X²)
    ```

    # Edge cases

    - No events at all, or nothing but events: nothing scatters, φ = 0 and p = 1.
    - Windows without trials are left out; fewer than two others are an error.

    # References

    Fisher (1950), *Biometrics* 6, 17-24. McCullagh and Nelder (1989), *Generalized Linear Models*,
    sections 4.5 and 6.2.


    # Parameters
    `windows`: `(events, trials)` or `Counts` of each window, or `Exposure` of each.

    # Errors
    `InvalidInput` or `NotEnoughData`, both of them `CanaryError`.

    # Example
    >>> found = canary.overdispersion([(errors, 1000) for errors in (2, 0, 70, 1, 3, 2)])
    >>> found.factor > 50
    True
    """

def p_to_e(p_value: SupportsFloat | SupportsIndex, *, kappa: SupportsFloat | SupportsIndex | None = None) -> float:
    """
    Many metrics, one decision: e-values of several hypotheses are combined as they are, however the
    metrics depend on each other.

    Their weighted average is an e-value against "nothing changed anywhere" (Vovk and Wang 2021,
    proposition 3.1: no other symmetric combination is better). Independent ones may be multiplied; a
    maximum may not be taken.

    Of m hypotheses, e-BH (Wang and Ramdas 2022) rejects those with the k largest e-values, k being the
    most with k e₍ₖ₎ ≥ m/α: the share of false rejections among the rejections is α at most on average,
    under any dependence. It is the Benjamini-Hochberg procedure of 1/e, whose adjusted values are given.
    The anytime p-values of monitors may be adjusted like any others, with `adjust`: by `holm` for no
    false rejection at all, or by `benjamini_yekutieli`, which also holds under any dependence.

    A p-value p becomes an e-value by a calibrator (Vovk and Wang 2021, section 2): κ p^(κ - 1) with
    0 < κ < 1, or its mean over κ, (1 - p + p ln p) / (p (ln p)²). An e-value e becomes the p-value
    min(1, 1/e), which is its only calibrator. There and back loses evidence.


    This is the e-value of a p-value, by the calibrator with this κ or, without one, by the mean over
    all.

    # Errors
    `InvalidInput` for a p-value outside [0, 1]; `InvalidOption` for a κ outside (0, 1).

    # Example
    >>> canary.p_to_e(0.01, kappa=0.5)
    5.0
    """

def paired_series(baseline: ArrayLike, canary: ArrayLike, *, method: str = "cosine", terms: SupportsIndex | None = None, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of two series paired in time: did the mean move, when both arms share a wave and every point
    remembers the last ones?

    Point by point the canary is compared with the baseline at the same time, so that the time of day
    cancels; the differences are still autocorrelated, and a t-test on them would take sixty points that
    say the same thing for sixty. All three methods here estimate the long-run variance instead.

    # Formula

    ```text
    d = canary - baseline, point by point, n of them
    t = (d̄ - δ0) / √(Ω/n),  d̄ ± t(1 - α/2, df) √(Ω/n)

    cosine (default): Ω = 1/ν Σ over j = 1..ν of (√(2/n) Σ d_t cos(πj(t - ½)/n))²,  df = ν
    newey_west:       Ω = γ0 + 2 Σ over l = 1..L of (1 - l/(L + 1)) γl,  df = n - 1
    batch_means:      b batches of equal length, Ω/n = variance of their means / b,  df = b - 1
    ```

    with γl the autocovariance at lag l. Defaults: ν = 0.4 n^(2/3), L = 4 (n/100)^(2/9), b = √n (all
    rounded down; at least 2, 0 and 2). A ratio is a difference of logarithms: of geometric means.

    # Which method

    | | false alarms at 5 % for AR(1) with 0.5, n = 60 | |
    |---|---|---|
    | cosine | 5.4 % | the one to use |
    | batch_means | 6.3 % | |
    | newey_west | 12.9 % | what econometrics packages do |

    The rates with their Monte Carlo error are in the calibration tables. With a memory of 0.9 the default
    raises 21 % false alarms at 60 points and 9.5 % at a thousand, where `terms = 8` raises 5 %.

    # Edge cases

    - A NaN on either side is a gap: with `nan_policy = "omit"` that point goes, and its neighbours move
      together.
    - All differences equal: t = 0 (p = 1) where that is the null hypothesis, else ±∞ (p = 0).
    - Fewer than 8 points are an error: no variance of any worth could be told.

    # Compared with statsmodels

    `OLS(d, ones).fit(cov_type = "HAC", cov_kwds = {"maxlags": L, "use_correction": False})` is
    `newey_west`.

    # References

    Newey and West (1987), *Econometrica* 55, 703-708; (1994), *Review of Economic Studies* 61, 631-653.
    Müller (2004), *A theory of robust long-run variance estimation*; Lazarus, Lewis, Stock and Watson
    (2018), *J. Business & Economic Statistics* 36, 541-559, eq. 10 (cosines). Conway (1963), *Management
    Science* 10, 47-61 (batches).


    # Parameters
    `baseline`, `canary`: numbers at the same times, in their order, or both a `Series`, of which the
    times that both have are used. `method`: `"cosine"`, `"newey_west"` or `"batch_means"`. `terms`:
    how many cosines, lags or batches. `alternative`, `confidence`, `measure`, `nan_policy`, `null`:
    as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> wave = 100 + 30 * numpy.sin(numpy.arange(60) / 10)
    >>> result = canary.paired_series(wave, wave + 2 + numpy.arange(60) % 3 / 10)
    >>> result.df, round(result.estimate.value, 2)
    (6.0, 2.1)
    """

def paired_t(baseline: ArrayLike, canary: ArrayLike, *, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Paired t-test: did the mean move, when every canary value has its own baseline value?

    For replayed requests, the same users before and after, or the same minutes of two series that do
    not remember each other (for those that do: `paired_series`). What both values of a pair share
    cancels, so that the test sees a smaller change than `t_test` does.

    # Formula

    ```text
    d = canary - baseline, pair by pair (for a ratio with null ρ0: canary - ρ0 baseline)
    t = (d̄ - δ0) / √(s²(d) / n),  df = n - 1
    difference:  d̄ ± t(1 - α/2, df) √(s²(d) / n)
    ratio:       every ρ with (c̄ - ρ b̄)² ≤ t²(1 - α/2, df) (s²(c) - 2 ρ s(b, c) + ρ² s²(b)) / n
    Cohen's dz = d̄ / s(d)
    ```

    # Edge cases

    - All differences equal: t = 0 (p = 1) when they are the null hypothesis's, else ±∞ (p = 0).
    - A ratio needs a baseline with a positive mean; where that mean cannot be told from zero the
      ratio's interval is everything.
    - With `nan_policy = "omit"` a pair goes when either of its values is NaN.

    # Compared with scipy and R

    `scipy.stats.ttest_rel(canary, baseline)`; R: `t.test(canary, baseline, paired = TRUE)`. Neither has
    the ratio.

    # References

    Student (1908), *Biometrika* 6, 1-25. Fieller (1954), *JRSS B* 16, 175-185. Cohen (1988),
    *Statistical Power Analysis*, section 2.3.5.


    # Parameters
    `baseline`, `canary`: numbers in one row that belong together by position. `alternative`,
    `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.paired_t([12.1, 95.0, 40.2, 33.3], [12.9, 97.1, 41.0, 34.9])
    >>> round(result.estimate.value, 3), round(result.p_value, 4)
    (1.325, 0.0255)
    """

def plan_duration(requests_per_second: SupportsFloat | SupportsIndex, canary_share: SupportsFloat | SupportsIndex, *, baseline: SupportsFloat | SupportsIndex, change: str | SupportsFloat | SupportsIndex, sd: SupportsFloat | SupportsIndex | None = None, power: SupportsFloat | SupportsIndex = 0.8, goal: str = "difference", alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05) -> Plan:
    """
    How long a stage of a rollout must last for a change to be seen.

    # Parameters
    `requests_per_second`: on both arms together. `canary_share`: in (0, 1). `baseline`: the baseline's
    proportion, or its mean when `sd` (the standard deviation) is given. `change`: `"25%"`, `"2x"`, or a
    number for a difference: a rise, or with the alternative `"less"` a fall. `power`: the probability
    that it is seen. `goal`: `"difference"`, or `"non_inferiority"` or `"equivalence"`, with the change as
    the margin. `alternative`, `alpha`: as for `power_means`.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> print(canary.plan_duration(12_500, 0.05, baseline=0.009, change="25%"))
    at 12500 requests/s and 5% canary, to see a 25% rise of a rate of 0.9% with power 0.8 takes 26 s
    (297825 baseline and 15675 canary requests)
    """

def plan_group_sequential(*, looks: Any, alpha: SupportsFloat | SupportsIndex = 0.05, beta: SupportsFloat | SupportsIndex = 0.2, alternative: str = "two_sided", spending: str = "obrien_fleming", futility: str | None = None, binding: bool = False) -> GroupPlan:
    """
    The bounds of a group-sequential design, and what its looks cost: see `GroupSequentialMonitor`.

    # Parameters
    `looks`: how many, at equal steps of information, or a list of their fractions, the last of which
    is 1. `alpha`: the false-alarm rate over all looks. `beta`: the probability of missing the planned
    effect. `alternative`: `"two_sided"`, `"greater"` (the canary is greater) or `"less"`. `spending`: how
    alpha is spread over the looks: `"obrien_fleming"`, `"pocock"`, `"power(3)"` (Kim and DeMets),
    `"hwang_shih_decani(-4)"`, or `"wang_tsiatis(0)"` for the classical bounds of O'Brien and Fleming,
    `"wang_tsiatis(0.5)"` for Pocock's. `futility`: likewise for beta; none without. `binding`: whether
    alpha counts on stopping at the futility bound.

    # Errors
    `InvalidOption`, a `CanaryError`, that names the option.

    # Example: five looks
    >>> plan = canary.plan_group_sequential(looks=5, alternative="greater", futility="pocock")
    >>> [round(look.bounds.efficacy, 3) for look in plan.looks]
    [4.229, 2.888, 2.298, 1.962, 1.74]
    >>> round(plan.inflation, 2), round(plan.expected_null, 2)
    (1.36, 0.57)
    """

def post_stratified_means(baseline: dict, canary: dict, weights: dict, *, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of weighted means: post-stratified by groups of known weight, or weighted by the inverse of each
    observation's propensity.

    When the canary is served in other regions, hours or devices than the baseline, its mean differs for
    that alone. Post-stratification compares within strata and adds up with the weights that the whole
    traffic has; inverse-propensity weighting makes up for the odds at which each request was sent to its
    arm.

    # Formula

    ```text
    post-stratified:    μ̂ = Σ w x̄ over strata (w scaled to sum to 1),  v = Σ w² s²/n
                        df of an arm: v² / Σ (w² s²/n)²/(n - 1)
    inverse-propensity: μ̂ = Σ w x / Σ w (Hájek),  v = n/(n - 1) Σ w² (x - μ̂)² / (Σ w)²,  df n - 1
    t = (μ̂c - μ̂b - δ0) / √(vc + vb),  df as Welch's of both arms; ratio: Fieller's interval
    ```

    for values x of n observations, w the stratum's share of all traffic, or the observation's weight 1/P(its
    arm).

    # Edge cases

    - Every stratum needs two values on each arm, or its variance is not known: join small strata.
    - Weights must not be negative and must not all be zero; a stratum or a value of weight zero is
      left out.
    - A few enormous weights make v itself uncertain: cut propensities off at about 0.01.

    # Compared with

    R: `survey::svyby` with `postStratify`, `survey::svymean` with weights, which gives the same v but
    for the factor of small samples. statsmodels: `DescrStatsW` takes weights for numbers of
    observations, which is another thing.

    # References

    Holt and Smith (1979), *JRSS A* 142, 33-46. Hájek (1971), in *Foundations of Statistical Inference*,
    236. Lunceford and Davidian (2004), *Statistics in Medicine* 23, 2937-2960. Miratrix, Sekhon and Yu
    (2013), *JRSS B* 75, 369-396.


    Here: post-stratified. `inverse_propensity_means` is the other.

    # Parameters
    `baseline`, `canary`: for each stratum's name, numbers in one row. `weights`: for each stratum's
    name, its share of all traffic (in any unit). All with the same names. `alternative`,
    `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example: the canary is served where it is slow
    >>> fast, slow = numpy.arange(100.0) % 7, 50 + numpy.arange(100.0) % 7
    >>> result = canary.post_stratified_means(
    ...     {"near": fast, "far": slow[:10]}, {"near": fast[:10], "far": slow},
    ...     {"near": 0.8, "far": 0.2})
    >>> abs(result.estimate.value) < 0.5
    True
    """

def power_means(*, sd: Any, n: Any | None = None, effect: SupportsFloat | SupportsIndex | None = None, power: SupportsFloat | SupportsIndex | None = None, share: SupportsFloat | SupportsIndex = 0.5, goal: str = "difference", margin: SupportsFloat | SupportsIndex = 0.0, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05) -> PowerResult:
    """
    Planning: how many observations are needed, what would be found with those one has, and how small a
    change could be.

    Exactly one of sample size, power and effect follows from the other two. Arms may be as unequal as a
    canary's are: `share` is the canary's share of all observations.

    # Formula

    ```text
    means:        δ = (d - d0) / √(σb²/nb + σc²/nc), T' noncentral t of Welch's df;
                  greater: P(T' > t(1 - α)), two-sided: P(|T'| > t(1 - α/2))
    proportions, rates:  Φ((d - d0 - z s0) / s1),  s0 the standard error under the null hypothesis (pooled,
                  or the likeliest proportions with difference d0), s1 under the alternative
    ranks:        the same with d = P(canary > baseline) - ½, s0² = s1² = (N + 1)/(12 nb nc)  (Noether)
    ```

    | goal | null hypothesis | rejected by |
    |---|---|---|
    | `difference` | no change | a test with `alternative` |
    | `non_inferiority` | the change is `margin` or worse (a positive margin: worse is up) | a one-sided test |
    | `equivalence` | the change is at least `margin`, either way | both one-sided tests (TOST) |

    A two-sided test's power counts both ends; the wrong one is next to nothing.

    # Edge cases

    - An effect that lies in the null hypothesis has no sample size: an error, not an infinite loop.
    - Sample sizes are whole, the canary's rounded up and the baseline's to match the share; for rates they
      are exposures and stay fractions.
    - Proportions of 0 or 1 are allowed under the alternative.

    # Compared with R and statsmodels

    `power.t.test(strict = TRUE)` and `TTestIndPower` (equal variances: `variance = "pooled"` there),
    `power.prop.test(strict = TRUE)`, `statsmodels.stats.proportion.power_proportions_2indep`, `pwr`.
    R's `power.prop.test` has equal arms only.

    # References

    Noether (1987), *JASA* 82, 645-647. Farrington and Manning (1990), *Statistics in Medicine* 9,
    1447-1454. Chow, Shao, Wang and Lokhnygina (2018), *Sample Size Calculations in Clinical Research*,
    chapters 3, 4 and 11. Phillips (1990), *J. Pharmacokinetics and Biopharmaceutics* 18, 137-144 (TOST).


    # Parameters
    Of `n`, `effect` and `power` exactly two. `n`: both arms' observations, or `(baseline, canary)`.
    `effect`: the canary's mean less the baseline's. `sd`: the standard deviation, or `(baseline,
    canary)`. `share`: the canary's share of the observations. `goal`: `"difference"`,
    `"non_inferiority"` or `"equivalence"`, with `margin`. `alternative`: `"two_sided"`, `"greater"` or
    `"less"`. `alpha`: in (0, 0.5). With `n` and `power` of another goal than `"difference"`, the smallest
    margin is found, as `effect`: no `margin` then, and `"less"` for one downwards.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> found = canary.power_means(effect=2.0, sd=10.0, power=0.8, share=0.05)
    >>> found.n_baseline, found.n_canary
    (3971.0, 209.0)
    """

def power_proportions(*, baseline: SupportsFloat | SupportsIndex, n: Any | None = None, effect: SupportsFloat | SupportsIndex | None = None, power: SupportsFloat | SupportsIndex | None = None, share: SupportsFloat | SupportsIndex = 0.5, goal: str = "difference", margin: SupportsFloat | SupportsIndex = 0.0, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05) -> PowerResult:
    """
    Power, sample size or smallest effect of a two-proportion z-test: see `power_means`.

    # Parameters
    `baseline`: the baseline's proportion. `effect`: the canary's less the baseline's. The others: as
    for `power_means`.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> found = canary.power_proportions(baseline=0.1, effect=0.05, power=0.8)
    >>> found.n_canary
    686.0
    """

def power_ranks(*, n: Any | None = None, effect: SupportsFloat | SupportsIndex | None = None, power: SupportsFloat | SupportsIndex | None = None, share: SupportsFloat | SupportsIndex = 0.5, goal: str = "difference", margin: SupportsFloat | SupportsIndex = 0.0, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05) -> PowerResult:
    """
    Power, sample size or smallest effect of a Mann-Whitney test: see `power_means`.

    # Parameters
    `effect`: P(canary > baseline) + ½ P(=) less ½. The others: as for `power_means`.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> found = canary.power_ranks(effect=0.1, power=0.8)
    >>> found.n_canary
    132.0
    """

def power_rates(*, baseline: SupportsFloat | SupportsIndex, n: Any | None = None, effect: SupportsFloat | SupportsIndex | None = None, power: SupportsFloat | SupportsIndex | None = None, share: SupportsFloat | SupportsIndex = 0.5, goal: str = "difference", margin: SupportsFloat | SupportsIndex = 0.0, alternative: str = "two_sided", alpha: SupportsFloat | SupportsIndex = 0.05) -> PowerResult:
    """
    Power, exposure or smallest effect of a test of two Poisson rates: see `power_means`.

    # Parameters
    `baseline`: the baseline's events per unit of exposure. `n`: exposures. `effect`: the canary's rate
    less the baseline's. The others: as for `power_means`.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> found = canary.power_rates(baseline=0.5, effect=0.5, power=0.8, share=0.1)
    >>> round(found.n_canary, 1)  # hours, for restarts per hour
    23.0
    """

def power_two_proportions(baseline: SupportsFloat | SupportsIndex, canary: SupportsFloat | SupportsIndex, n_baseline: SupportsFloat | SupportsIndex, n_canary: SupportsFloat | SupportsIndex, *, alpha: SupportsFloat | SupportsIndex = 0.05, alternative: str = "two_sided") -> float:
    """
    The textbook's power of a two-proportion z-test, the far tail left out: see `power_proportions`
    for both tails.

    # Parameters
    `baseline`, `canary`: proportions. `n_baseline`, `n_canary`: trials. `alpha`: in (0, 1).
    `alternative`: as for `t_test`.

    # Errors
    `InvalidOption`, a `CanaryError`.

    # Example
    >>> round(canary.power_two_proportions(0.10, 0.15, 700, 700), 4)
    0.8081
    """

def quantile_test(baseline: ArrayLike, canary: ArrayLike, *, quantile: SupportsFloat | SupportsIndex = 0.5, interval: str = "order_statistics", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of a quantile: did the 99th percentile (or the median, or any other quantile) change?

    Null hypothesis: the quantiles differ by `null` (0), or their ratio is `null` (1). Nothing is assumed
    of the distributions, but that values are independent.

    # Formula

    ```text
    q̂ = each arm's quantile by linear interpolation (Hyndman and Fan's type 7)
    order_statistics (default):
        each arm's ends l, u: the order statistics of the fractional ranks r with
            P(Beta(r, n + 1 - r) > q) = α/2 for l,  P(Beta(r, n + 1 - r) < q) = α/2 for u
        difference: D - √((q̂c - lc)² + (ub - q̂b)²)  to  D + √((uc - q̂c)² + (q̂b - lb)²),  D = q̂c - q̂b
        p: the α at which an end meets the null hypothesis
    bootstrap:
        the percentile interval of the difference's bootstrap distribution, which is known in closed form
        p = 2 min(P(D* ≤ null), P(D* ≥ null))
    z = the normal quantile of the p-value, with the estimate's sign
    ```

    A ratio is a difference of logarithms, of positive values.

    # Edge cases

    - Where a sample is too small to bound its quantile, the interval is infinite on that side: 200
      requests do not bound the 99th percentile from above at 95 % (2.7 of 100 such samples have all their
      values below it). The smallest p-value is then what the ranks allow.
    - Ties are no trouble; with many, the interval's ends fall on them and the test is careful.

    # Compared with scipy and R

    `scipy.stats.quantile_test` is for one sample. R: `quantileCI`, one sample; `WRS::qcomhd` bootstraps
    two. The single-sample ends are Hutson's; the combination is Newcombe's square-and-add.

    # References

    Hutson (1999), *Journal of Applied Statistics* 26, 343-353. Zou and Donner (2008), *Statistics in
    Medicine* 27, 1693-1702 (square-and-add). Maritz and Jarrett (1978), *JASA* 73, 194-196.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads). `quantile`: in (0, 1).
    `interval`: `"order_statistics"` or `"bootstrap"`. `alternative`, `confidence`, `measure`,
    `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = 100 + numpy.arange(4000.0) * 7 % 1000
    >>> result = canary.quantile_test(x, 1.5 * x, quantile=0.99, measure="ratio")
    >>> result.estimate.value, result.interval.low > 1.45
    (1.5, True)
    """

def quantile_test_many(baseline: ArrayLike, canary: ArrayLike, *, quantile: SupportsFloat | SupportsIndex = 0.5, interval: str = "order_statistics", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None, errors: str = "raise") -> ManyResults:
    """
    `quantile_test` on many pairs at once, on all cores.

    # Parameters
    `baseline`, `canary`, `errors`: as for `t_test_many`. The others: as for `quantile_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(600.0).reshape(10, 60) % 7
    >>> canary.quantile_test_many(x, x + 2).estimate.tolist() == [2.0] * 10
    True
    """

def ratio_metric(baseline: Any, canary: Any, *, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of a ratio metric, or of a mean of correlated requests, over clusters (users, sessions, pods,
    minutes).

    Requests of one user are alike: ten thousand of them from a hundred users are closer to a hundred
    observations than to ten thousand, and a t-test over requests raises false alarms. The unit here is the
    cluster, and the metric a ratio of two sums over clusters: clicks per view, errors per request, total
    latency per request.

    # Formula

    ```text
    R = Σ y / Σ x per arm, over its n clusters (y the numerator, x the denominator)
    v = n/(n - 1) · Σ (y - R x)² / (Σ x)²                                   (delta method)
    t = (Rc - Rb - δ0) / √(vc + vb),  df as Welch's, with n - 1 per arm
    ratio ρ0: t = (Rc - ρ0 Rb) / √(vc + ρ0² vb); interval: Fieller's
    ```

    For a mean over requests give each request's cluster: then y is the cluster's sum of values, x its
    number of requests. For windows (events per minute) y is the minute's events, x its requests; where
    events come in bursts, this is the test that knows.

    # Edge cases

    - Fewer than two clusters on an arm, or denominators that sum to zero, are errors.
    - All residuals zero: t = 0 (p = 1) without a difference, else ±∞ (p = 0).
    - With fewer than about 20 clusters an arm v is too small; the t distribution makes up for most of it.

    # Compared with

    R: `survey::svyratio` with clusters, whose standard error is √v. statsmodels: `OLS` of the values with
    `cov_type = "cluster"` gives the same but for its factor of small samples. Deng, Knoblich and Lu (2018)
    are the reference of the A/B testing literature.

    # References

    Cochran (1977), *Sampling Techniques*, eqs. 2.46 and 6.12. Deng, Knoblich and Lu (2018), *KDD*,
    233-242. Fieller (1954), *JRSS B* 16, 175-185.


    # Parameters
    `baseline`, `canary`: `Clusters`, or `(numerators, denominators)`. `alternative`, `confidence`,
    `measure`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> requests = [1000.0] * 6
    >>> errors = [9, 11, 10, 8, 12, 10], [2, 0, 70, 1, 3, 2]
    >>> result = canary.ratio_metric((errors[0], requests), (errors[1], requests))
    >>> result.p_value > 0.7  # one burst is no proof
    True
    """

def sample_ratio(counts: ArrayLike, expected: ArrayLike) -> SampleRatio:
    """
    Sample ratio mismatch: did the router send the shares it was told to?

    With 5 % configured and 5.4 % measured, something drops or repeats requests on one arm (a cache, a
    redirect, a crash before the log line), and every other comparison is of different users. Check it
    first, at a small alpha: 0.001 is usual.

    # Formula

    ```text
    χ² = Σ (x - N w)² / (N w),  df = (groups) - 1
    ```

    for x requests in each group, N in all and expected shares w (scaled to sum to 1). With two groups of
    which one is expected to have fewer than 10, the p-value is that of the exact binomial test instead.

    # Edge cases

    - A group with an expected share of zero must be empty; if it is not, χ² = ∞ and p = 0.
    - No requests at all is an error.
    - This is one look. For a check after every request see the sequential tests.

    # Compared with scipy

    `scipy.stats.chisquare(counts, N * shares)`.

    # References

    Fabijan et al. (2019), *KDD*, 2156-2164. Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled
    Experiments*, chapter 21.


    # Parameters
    `counts`: the requests of each group. `expected`: the share that each should have.

    # Errors
    `InvalidInput` or `NotEnoughData`, both of them `CanaryError`.

    # Example
    >>> canary.sample_ratio([94_600, 5_400], [0.95, 0.05]).p_value < 0.001
    True
    """

def signed_rank(baseline: ArrayLike, canary: ArrayLike, *, zeros: str = "wilcox", method: str = "auto", continuity: str = "corrected", interval: str = "hodges_lehmann", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Wilcoxon's signed-rank test: did the values move, when every canary value has its own baseline value?

    Null hypothesis: the differences of the pairs are symmetric about `null` (0 without it). It is to
    `paired_t` what `mann_whitney` is to `t_test`: an outlier costs a rank and no more.

    # Formula

    ```text
    d = canary - baseline - null, pair by pair;  R = rank of |d|, ties averaged
    W = Σ R over the pairs with d > 0
    z = (W - μ ∓ ½) / σ,  μ = n(n + 1)/4,  σ² = n(n + 1)(2n + 1)/24 - Σ (t³ - t)/48
    Hodges-Lehmann: the median of all (d_i + d_j)/2, i ≤ j (Walsh averages) of the differences as
        they are; interval: the k-th smallest and k-th largest of them, where k belongs to W's
        distribution
    rank-biserial r = (W - W₋) / (W + W₋),  W₋ the ranks of the pairs with d < 0
    ```

    with t the sizes of the groups of tied |d|. Pairs with d = 0: `wilcox` leaves them out of the
    ranking, `pratt` ranks them and then leaves their ranks out, `split` gives half of their ranks to
    either side. With `measure = "ratio"` all of it is done on logarithms.

    # Edge cases

    - Every difference zero: W = 0, p = 1.
    - `auto` is exact for up to 50 pairs without ties or zeros; `exact` refuses ties and zeros and takes
      up to 2,000 pairs.
    - Where no order statistic has the confidence, the interval is infinite.

    # Compared with scipy and R

    `scipy.stats.wilcoxon(canary, baseline, zero_method=..., correction=True)`, whose two-sided
    statistic is the smaller of W and W₋. R: `wilcox.test(canary, baseline, paired = TRUE, conf.int =
    TRUE)`, which leaves zeros out before it estimates, and solves for the ends of the asymptotic
    interval where here they are order statistics.

    # References

    Wilcoxon (1945), *Biometrics Bulletin* 1, 80-83. Pratt (1959), *JASA* 54, 655-667. Hodges and
    Lehmann (1963), *Annals of Mathematical Statistics* 34, 598-611. Kerby (2014), *Comprehensive
    Psychology* 3, 1.


    # Parameters
    `baseline`, `canary`: numbers in one row that belong together by position. `zeros`: `"wilcox"`,
    `"pratt"` or `"split"`. `method`, `continuity`, `interval`: as for `mann_whitney`; `alternative`,
    `confidence`, `measure`, `nan_policy`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.signed_rank([12.1, 95.0, 40.2, 33.3, 7.0], [12.9, 97.1, 41.0, 34.9, 7.5])
    >>> result.statistic, result.method
    (15.0, 'exact')
    """

def t_test(baseline: ArrayLike, canary: ArrayLike, *, variance: str = "welch", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Student's and Welch's t-test: did the mean move?

    Null hypothesis: both arms have the same mean. Welch's form (the default) lets the arms have
    different variances, as canaries do; Student's pools them.

    # Formula

    ```text
    t = (x̄c - x̄b) / se

    Welch:    se² = sb²/nb + sc²/nc
              df  = se⁴ / ((sb²/nb)²/(nb - 1) + (sc²/nc)²/(nc - 1))
    Student:  se² = s² (1/nb + 1/nc),  s² = ((nb - 1) sb² + (nc - 1) sc²) / (nb + nc - 2)
              df  = nb + nc - 2

    difference of means:  x̄c - x̄b ± t(df, 1 - α/2) · se
    ratio of means:       every ρ with (x̄c - ρ x̄b)² ≤ t² (sc²/nc + ρ² sb²/nb)
                          (df as above at ρ = x̄c / x̄b, the terms of the baseline times ρ²)

    Cohen's d = (x̄c - x̄b) / s
    Hedges' g = d · Γ(m/2) / (√(m/2) Γ((m - 1)/2)),  m = nb + nc - 2
    ```

    where x̄, s², n are an arm's mean, unbiased variance and size; b is the baseline, c the canary.

    # Edge cases

    - One value on an arm: an error for Welch; Student's needs three values in all.
    - No variance on either arm: equal means give t = 0, p = 1; different ones t = ±∞, p = 0 and an
      interval of no width. Real measurements without any variance are usually rounded or stuck: look
      at them before you believe this.
    - Ratio of means: an error unless the baseline's mean is positive; an infinite interval where the
      baseline's mean cannot be told from zero.
    - Huge offsets (1e9 + noise) and extreme scales (1e±300) keep their digits.

    # Compared with scipy

    `scipy.stats.ttest_ind(canary, baseline, equal_var=False)`: the canary comes first there. Its
    default pools the variances; ours does not.

    # References

    Student (1908), *Biometrika* 6, 1-25. Welch (1947), *Biometrika* 34, 28-35. Satterthwaite (1946),
    *Biometrics Bulletin* 2, 110-114. Fieller (1954), *J. R. Stat. Soc. B* 16, 175-185. Cohen (1988),
    *Statistical Power Analysis*, eq. 2.5.1. Hedges (1981), *J. Educ. Stat.* 6, 107-128, eq. 6e.


    # Parameters
    `baseline`, `canary`: numbers in one row (anything numpy reads), or both a `Summary`.
    `variance`: `"welch"` or `"pooled"`. `alternative`: `"two_sided"`, `"greater"` (the canary is
    greater) or `"less"`. `confidence`: in (0, 1). `measure`: `"difference"` or `"ratio"`.
    `nan_policy`: `"raise"` or `"omit"`. `null`: what the estimate is under the null hypothesis;
    without it, no difference.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.t_test([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
    >>> round(result.p_value, 4), round(result.estimate.value, 3)
    (0.003, 7.675)
    """

def t_test_many(baseline: ArrayLike, canary: ArrayLike, *, variance: str = "welch", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex | None = None, errors: str = "raise") -> ManyResults:
    """
    `t_test` on many pairs at once, on all cores.

    # Parameters
    `baseline`, `canary`: 2-D arrays with a row for each metric, or sequences of rows. `errors`:
    `"raise"`, which names the first pair that cannot be tested, or `"missing"`, which leaves it out.
    The others: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> x = numpy.arange(600.0).reshape(10, 60) % 7
    >>> results = canary.t_test_many(x, x + 1)
    >>> results.estimate.round(6).tolist() == [1.0] * 10
    True
    """

def trend(values: ArrayLike, *, times: ArrayLike | None = None, alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, correction: str = "none", lags: SupportsIndex | None = None, interval: str = "sen", nan_policy: str = "raise", null: SupportsFloat | SupportsIndex = 0.0) -> TrendResult:
    """
    Test of trend: does a series rise or fall, and by how much per unit of time? A leak is a slope.

    Null hypothesis: the values, less `null` times the time, are exchangeable: no order in time is likelier than
    another. Nothing is assumed of their distribution, and a few wild values move neither the test (Mann-Kendall)
    nor the slope (Theil-Sen).

    # Formula

    ```text
    S = Σ over i < j of sign(x_j - x_i),   x = value - null · time
    Var S = (n(n-1)(2n+5) - Σ t(t-1)(2t+5)) / 18          t: sizes of the ties
    z = (S - sign S) / √Var S                              p: normal (one-sided: of S - 1, or S + 1)
    up to 50 values without ties: P from the exact distribution of S
    tau-b = S / √(N (N - Σ t(t-1)/2)),   N = n(n-1)/2
    slope = median of (x_j - x_i) / (t_j - t_i) over all pairs
    interval: the k-th slope from either end, k the largest that S would not reject (Sen 1968)
    intercept = median of the values - slope · median of the times
    ```

    `correction = "hamed_rao"` multiplies Var S by 1 + 2/(n(n-1)(n-2)) Σ (n-i)(n-i-1)(n-i-2) ρ(i), ρ(i) the
    autocorrelations at lags 1 to `lags` (10 log10 n) of the ranks of the values less their trend, those that
    exceed 1.96/√n in size (Hamed and Rao 1998); but never by less than 1, as theirs does: what looks like less
    memory than none is mostly chance, and cost up to twice the nominal false alarms.

    Against a baseline: where both arms were measured at the same times (`pairing = "paired"`, the default), the
    test and the slope are those of the differences canary - baseline, so that a wave that both arms share
    cancels. With `pairing = "independent"` each arm has its slope with a standard error s, its interval's width
    (of a confidence of at least 0.5) over twice the normal quantile, and
    `z = (canary's slope - baseline's slope - null) / √(sum of both s²)`.

    # Which correction

    Values a minute apart mostly remember each other, and then the uncorrected test says "trend" far too often.
    Hamed and Rao's correction repairs it for some hundreds of values, and only a part of it for fewer: see the
    calibration tables. In paired differences the arms' shared memory is gone.

    # Edge cases

    - All values equal: S = 0, p = 1, the slope is 0.
    - So few values that no rank can bound the slope (fewer than 4 at 95 %): the interval is infinite.
    - Above some 3,000 values the slopes are not listed but counted, in n log n; the order statistic is then found to
      the rounding of a value, not of a slope.

    # Compared with R and scipy

    R: `cor.test(t, x, method = "kendall")` (exact to 49 values), `trend::sens.slope` (without the continuity
    correction in the interval). scipy: `kendalltau`, `theilslopes` (its ends are rounded to the nearest rank, ours
    outwards). pymannkendall: `original_test`, `hamed_rao_modification_test` (which takes all lags, and may narrow Var S).

    # References

    Mann (1945), *Econometrica* 13, 245-259. Kendall (1975), *Rank Correlation Methods*. Theil (1950), *Proc.
    Kon. Ned. Akad. Wet.* 53, 386-392. Sen (1968), *JASA* 63, 1379-1389. Hamed and Rao (1998), *J. Hydrology*
    204, 182-196. Knight (1966), *JASA* 61, 436-439 (counting S).


    Here: of one series. `compare_trends` holds the canary against the baseline.

    # Parameters
    `values`: numbers in the order of time, or a `Series`. `times`: one for each value, increasing;
    without them 0, 1, 2, ... `alternative`: `"two_sided"`, `"greater"` (a rise) or `"less"`.
    `confidence`: in (0, 1). `correction`: `"none"` or `"hamed_rao"`, with so many `lags`. `interval`:
    `"sen"`, or `"none"` to leave the slope out, which is many times faster. `nan_policy`:
    `"raise"` or `"omit"`. `null`: the slope under the null hypothesis.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example: memory that leaks 2 MB a minute
    >>> minutes = numpy.arange(30.0)
    >>> leak = canary.trend(512 + 2 * minutes + 5 * numpy.sin(7.3 * minutes))
    >>> round(leak.slope.value, 1), leak.p_value < 1e-9
    (2.0, True)
    """

def two_proportion_z(baseline: Any, canary: Any, *, interval: str = "miettinen_nurminen", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Two-proportion z-test: did the share of failures (or of conversions) change?

    Null hypothesis: both arms have the same proportion. The test pools the arms' variance, as it is
    under the null hypothesis; its square is Pearson's chi-square without correction.

    # Formula

    ```text
    p̂ = x / n per arm,  p̄ = (xb + xc) / (nb + nc)
    z = (p̂c - p̂b) / √(p̄ (1 - p̄) (1/nb + 1/nc))

    Miettinen-Nurminen (default): every δ with |p̂c - p̂b - δ| ≤ z(1 - α/2) · s(δ),
        s²(δ) = (p̃c (1 - p̃c)/nc + p̃b (1 - p̃b)/nb) · N/(N - 1),
        p̃c, p̃b the likeliest proportions with p̃c - p̃b = δ
      for a ratio: every ρ with |p̂c - ρ p̂b| ≤ z(1 - α/2) · s(ρ), likewise with p̃c = ρ p̃b and ρ² on
        the baseline's term
    Newcombe:  p̂c - p̂b - √((p̂c - lc)² + (ub - p̂b)²)  to  p̂c - p̂b + √((uc - p̂c)² + (p̂b - lb)²),
        l and u the ends of each arm's Wilson interval
    Wald:      p̂c - p̂b ± z(1 - α/2) · √(p̂c (1 - p̂c)/nc + p̂b (1 - p̂b)/nb)

    Cohen's h = 2 asin √p̂c - 2 asin √p̂b
    ```

    where x events of n trials were seen on an arm; b is the baseline, c the canary, N = nb + nc.

    # Which interval

    Miettinen-Nurminen keeps its coverage with few events, unequal arms and at zero, and is the only
    one for ratios. Newcombe is nearly as good and has a closed form. Wald is what spreadsheets do: far
    too short with few events, and of no width at all where both arms saw none. It is here to compare.

    # Edge cases

    - No event on either arm, or nothing but events: z = 0 (p = 1 two-sided, 0.5 one-sided); the
      Miettinen-Nurminen and Newcombe intervals still have their width.
    - Ratio from a baseline without events: ∞ when the canary has some, with a finite lower limit; 1
      when it has none (equal is no increase), with the interval from 0 to ∞.
    - Counts up to 2^64 - 1 are compared without loss: the difference is taken between whole numbers.

    # Compared with statsmodels and R

    `proportions_ztest([xc, xb], [nc, nb])`, the canary first. `confint_proportions_2indep` has
    `wald`, `newcomb` and `score`; its `score` interval for a difference solves a wrong cubic in
    statsmodels 0.15 and is off by up to 0.1, that for a ratio agrees.
    R: `prop.test(correct = FALSE)` gives z² and the Wald interval.

    # References

    Miettinen and Nurminen (1985), *Statistics in Medicine* 4, 213-226, eqs. 2, 8 and 9. Newcombe
    (1998), *Statistics in Medicine* 17, 873-890, methods 1, 6 and 10. Wilson (1927), *JASA* 22,
    209-212. Cohen (1988), *Statistical Power Analysis*, eq. 6.2.1.


    # Parameters
    `baseline`, `canary`: `(events, trials)` or `Counts`. `interval`: `"miettinen_nurminen"`,
    `"newcombe"` or `"wald"`. `measure`: `"difference"`, `"ratio"` or `"odds_ratio"`. `alternative`,
    `confidence`, `null`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.two_proportion_z((95, 19_000), (30, 2_000))
    >>> round(result.estimate.value, 4), [round(end, 4) for end in result.interval]
    (0.01, [0.0054, 0.0164])
    """

def two_proportion_z_many(baseline_events: ArrayLike, baseline_trials: ArrayLike, canary_events: ArrayLike, canary_trials: ArrayLike, *, interval: str = "miettinen_nurminen", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", null: SupportsFloat | SupportsIndex | None = None, errors: str = "raise") -> ManyResults:
    """
    `two_proportion_z` on many pairs at once, on all cores.

    # Parameters
    `baseline_events`, `baseline_trials`, `canary_events`, `canary_trials`: whole numbers, one for each
    metric. `errors`: as for `t_test_many`. The others: as for `two_proportion_z`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> results = canary.two_proportion_z_many([95, 9], [19_000, 950], [30, 1], [2_000, 50])
    >>> results.p_value.item(0) == canary.two_proportion_z((95, 19_000), (30, 2_000)).p_value
    True
    """

def two_rates(baseline: Any, canary: Any, *, method: str = "score", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "ratio", null: SupportsFloat | SupportsIndex | None = None) -> TestResult:
    """
    Test of two Poisson rates: did restarts per hour, or kills per day, change?

    Null hypothesis: both arms have the same rate of events per unit of exposure (or rates whose ratio,
    or difference, is `null`). Events must come one at a time and independently: for events that come
    in bursts see `overdispersion`.

    # Formula

    ```text
    λ̂ = x / t per arm,  N = xb + xc,  π = ρ0 tc / (ρ0 tc + tb)
    score (default), ratio ρ0:  z = (xc - N π) / √(N π (1 - π));
        interval: Wilson's interval of xc out of N, as odds, times tb/tc
    score, difference δ0:       z = (λ̂c - λ̂b - δ0) / √(λ̃c/tc + λ̃b/tb),
        λ̃ the likeliest rates with λ̃c - λ̃b = δ0; interval: all δ0 with |z| ≤ z(1 - α/2)
    exact, ratio ρ0:            xc is binomial of N with π; two-sided: the sum of all probabilities at
        most that of xc; interval: Clopper and Pearson's of xc out of N, as odds, times tb/tc
    ```

    where x events were seen in the exposure t.

    # Edge cases

    - No event on either arm: z = 0, p = 1; the ratio is 1 with the interval from 0 to ∞; the
      difference is 0 with an interval that has its width.
    - Ratio from a baseline without events: ∞, with a finite lower limit.

    # Compared with R and statsmodels

    R: `poisson.test(c(xc, xb), c(tc, tb))` is the exact method; its interval and its two-sided p-value
    come from different families and may disagree near alpha, here as there. statsmodels:
    `test_poisson_2indep(method = "score")`, `confint_poisson_2indep(method = "score")` for ratios.

    # References

    Przyborowski and Wilenski (1940), *Biometrika* 31, 313-323. Miettinen and Nurminen (1985),
    *Statistics in Medicine* 4, 213-226, section 4. Gu, Ng, Tang and Schucany (2008), *Biometrical
    Journal* 50, 283-298. Wilson (1927), *JASA* 22, 209-212. Clopper and Pearson (1934), *Biometrika*
    26, 404-413.


    # Parameters
    `baseline`, `canary`: `(events, time)` or `Exposure`. `method`: `"score"` or `"exact"`. `measure`:
    `"ratio"` or `"difference"`. `alternative`, `confidence`, `null`: as for `t_test`.

    # Errors
    `InvalidInput` or `InvalidOption`, both of them `CanaryError`.

    # Example
    >>> result = canary.two_rates((12, 950.0), (4, 50.0))
    >>> round(result.estimate.value, 3), result.p_value < 0.001
    (6.333, True)
    """

def van_elteren(baseline: dict, canary: dict, *, alternative: str = "two_sided", nan_policy: str = "raise") -> TestResult:
    """
    Van Elteren's test: Mann-Whitney within strata (regions, devices, hours), added up.

    Null hypothesis: in every stratum both arms have the same distribution. Strata may differ from each
    other as they please: what is slow in one region is not compared with what is fast in another.

    # Formula

    ```text
    z = Σ (U - nb nc/2) / (N + 1) / √(Σ σ² / (N + 1)²)
    σ² = nb nc/12 (N + 1 - Σ (t³ - t)/(N (N - 1)))
    P(canary > baseline) = Σ U/(N + 1) / Σ nb nc/(N + 1)
    ```

    over strata, with U as in `mann_whitney`, N = nb + nc and t the sizes of a stratum's ties. The weights
    1/(N + 1) are the most powerful ones when the shift is the same in every stratum.

    # Edge cases

    - A stratum with an empty arm adds nothing; no other stratum left is an error.
    - All values of a stratum tied: it adds no variance; if all are, z = 0 and p = 1.

    # Compared with R

    `sanon` or `coin::wilcox_test(value ~ arm | stratum)` with these weights. With one stratum it is the
    asymptotic Mann-Whitney test without correction.

    # References

    Van Elteren (1960), *Bulletin of the International Statistical Institute* 37, 351-361. Lehmann (1975),
    *Nonparametrics*, section 3.3.


    # Parameters
    `baseline`, `canary`: for each stratum's name, numbers in one row; the same names on both arms.
    `alternative`, `nan_policy`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> rows = {"day": numpy.arange(100.0), "night": numpy.arange(20.0) / 9}
    >>> slower = {hour: values + values.std() / 2 for hour, values in rows.items()}
    >>> canary.van_elteren(rows, slower).p_value < 0.01
    True
    """

class CanaryError(ValueError):
    """
    Something could not be computed. The message names the argument, the rule and the value.
    """

class InvalidInput(CanaryError):
    """
    Data break a rule: NaN, more events than trials, a string where numbers belong, ...
    """

class InvalidOption(CanaryError):
    """
    An option lies outside its range or does not go with another.
    """

class InvalidPolicy(CanaryError):
    """
    A policy cannot be read, or asks for what cannot be.
    """

class NotEnoughData(CanaryError):
    """
    There are fewer observations than the computation needs.
    """
