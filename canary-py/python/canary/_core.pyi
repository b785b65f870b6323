"""
The compiled part of the package; import `canary` instead.
"""

from collections.abc import Iterator
from numpy import float64
from numpy.typing import ArrayLike, NDArray
from typing import Any, Final, SupportsFloat, SupportsIndex, final

DEBUG_BUILD: Final[bool]
"""
Whether it was built without optimisation, and is slow.
"""

__version__: Final[str]

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
        The arm's mean (t), median (Mann-Whitney) or proportion (z).
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
        `"difference"` or `"ratio"`.
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
class Finding:
    """
    A check's outcome with its evidence.
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
    @staticmethod
    def from_json(text: str) -> Finding:
        """
        Reads what `to_json` wrote.
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
    def p_value(self, /) -> float | None:
        """
        The p-value of no difference, if a test was run.
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
class Policy:
    """
    Metrics and the checks on them, all of which must pass for a canary to be promoted.

    >>> policy = canary.Policy.from_dict({
    ...     "version": 1,
    ...     "metrics": {"latency": {"unit": "ms", "direction": "increase"}},
    ...     "checks": [{"metric": "latency", "threshold": {"statistic": "p99", "factor": "2x"}}],
    ... })
    >>> policy
    Policy(name=None, metrics=['latency'], checks=['latency p99'])
    """
    def __copy__(self, /) -> Policy: ...
    def __deepcopy__(self, /, _memo: Any) -> Policy: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, tuple[str]]: ...
    def __repr__(self, /) -> str: ...
    @property
    def checks(self, /) -> list[str]:
        """
        The names of the checks.
        """
    @staticmethod
    def from_dict(policy: Any) -> Policy:
        """
        Reads a policy from a dict of the same shape.
        """
    @staticmethod
    def from_json(text: str) -> Policy:
        """
        Reads what `to_json` wrote.
        """
    @staticmethod
    def from_yaml(text: str) -> Policy:
        """
        Reads a policy from YAML. Errors name the line and the column.
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
    def to_dict(self, /) -> Any:
        """
        The JSON form as Python's own dicts, lists and numbers.
        """
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
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
        How the p-value was computed: `"welch"`, `"pooled"`, `"exact"` or `"asymptotic"`.
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
        The test statistic: t, the canary's U, or z.
        """
    @property
    def test(self, /) -> str:
        """
        `"t_test"`, `"mann_whitney"` or `"two_proportion_z"`.
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
    def findings(self, /) -> list[Finding]:
        """
        One finding per check, in the policy's order.
        """
    @staticmethod
    def from_json(text: str) -> Verdict:
        """
        Reads what `to_json` wrote.
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
        `"promote"`, `"rollback"` or `"continue"`.
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
    def to_json(self, /) -> str:
        """
        The same as JSON. Infinite numbers are written as `"inf"` and `"-inf"`.
        """
    def to_markdown(self, /) -> str:
        """
        The verdict as Markdown.
        """
    def to_text(self, /, *, color: bool = False) -> str:
        """
        The verdict in words, with a terminal's colours if asked for.
        """
    @property
    def unchecked(self, /) -> list[str]:
        """
        Metrics in the data that no check looks at.
        """

def judge(policy: Policy, *, baseline: Any, canary: Any) -> Verdict:
    """
    Applies a policy to what was measured on both arms.

    # Parameters
    `policy`: a `Policy`. `baseline`, `canary`: a mapping from metric name to observations: an
    object of this package (`Counts`, `Sample`, ...), a number (a gauge), numbers in one row (a
    sample), or a dict: `{"events": 3, "trials": 1000}`, `{"times": [...], "values": [...]}`.

    A metric that is missing on an arm gives an INCONCLUSIVE finding; it is never passed over.

    # Errors
    `InvalidInput` for data that break a rule or do not suit their check.

    # Example
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
    """

def mann_whitney(baseline: ArrayLike, canary: ArrayLike, *, method: str = "auto", continuity: str = "corrected", interval: str = "hodges_lehmann", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise") -> TestResult:
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
    `alternative`, `confidence`, `measure`, `nan_policy`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.mann_whitney([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
    >>> result.statistic, round(result.p_value, 4), result.effect_sizes["common_language"]
    (16.0, 0.0286, 1.0)
    """

def t_test(baseline: ArrayLike, canary: ArrayLike, *, variance: str = "welch", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference", nan_policy: str = "raise") -> TestResult:
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
    `nan_policy`: `"raise"` or `"omit"`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.t_test([101.2, 98.7, 103.5, 99.1], [107.9, 110.3, 105.2, 109.8])
    >>> round(result.p_value, 4), round(result.estimate.value, 3)
    (0.003, 7.675)
    """

def two_proportion_z(baseline: Any, canary: Any, *, interval: str = "miettinen_nurminen", alternative: str = "two_sided", confidence: SupportsFloat | SupportsIndex = 0.95, measure: str = "difference") -> TestResult:
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
    `"newcombe"` or `"wald"`. `alternative`, `confidence`, `measure`: as for `t_test`.

    # Errors
    `InvalidInput`, `InvalidOption` or `NotEnoughData`, all of them `CanaryError`.

    # Example
    >>> result = canary.two_proportion_z((95, 19_000), (30, 2_000))
    >>> round(result.estimate.value, 4), [round(end, 4) for end in result.interval]
    (0.01, [0.0054, 0.0164])
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
