"""Ours and theirs in one process: medians of interleaved runs, and their ratio.

python benches/python/compare.py             # everything
python benches/python/compare.py wilcoxon    # rows that name it
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import canary
import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from canary import _core
from scipy import stats
from statsmodels.stats import multitest, power, proportion, rates
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.weightstats import ttost_ind

SMALL, LARGE = 100, 1_000_000
#: At least so many runs of each, and at least so many seconds of both together.
RUNS, SECONDS = 5, 0.5


@dataclass(frozen=True)
class Pair:
    """The same question, asked of both."""

    ours_name: str
    theirs_name: str
    n: int
    ours: Callable[[], object]
    theirs: Callable[[], object]
    aim: float | None = None

    def seconds(self) -> tuple[float, float]:
        """Both medians; the runs take turns, so that a slower minute is slower for both."""
        taken: tuple[list[float], list[float]] = ([], [])
        end = time.perf_counter() + SECONDS
        while len(taken[0]) < RUNS or (time.perf_counter() < end and len(taken[0]) < 1000):
            for times, function in zip(taken, (self.ours, self.theirs), strict=True):
                start = time.perf_counter()
                function()
                times.append(time.perf_counter() - start)
        return statistics.median(taken[0]), statistics.median(taken[1])


def aim(n: int) -> float | None:
    """How many times as fast as theirs it should be."""
    return {SMALL: 50, LARGE: 5}.get(n)


def values(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Latencies of both arms, hardly any tied."""
    random = np.random.default_rng(seed)
    return random.lognormal(3, 1, n), random.lognormal(3.01, 1, n)


def rows_of_values(n: int) -> Iterator[Pair]:
    """Tests of two rows of values."""
    b, c = values(n)
    tied_b, tied_c = b.round(), c.round()

    def pair(ours: str, theirs: Callable[..., object], **options: object) -> Pair:
        words = "".join(f", {key}={value!r}" for key, value in options.items())
        ours_function = partial(getattr(canary, ours), b, c, **options)
        name = getattr(theirs, "__name__", "scipy")
        return Pair(f"{ours}{words}", name, n, ours_function, lambda: theirs(c, b), aim(n))

    def ttest_ind(x: np.ndarray, y: np.ndarray) -> object:
        return stats.ttest_ind(x, y, equal_var=False)

    yield pair("t_test", ttest_ind)
    yield pair("paired_t", stats.ttest_rel)
    yield pair("mann_whitney", stats.mannwhitneyu, interval="none")
    yield pair("mann_whitney", stats.mannwhitneyu)
    yield Pair(
        "mann_whitney, ties, interval='none'",
        "mannwhitneyu",
        n,
        partial(canary.mann_whitney, tied_b, tied_c, interval="none"),
        partial(stats.mannwhitneyu, tied_c, tied_b),
        aim(n),
    )
    yield pair("signed_rank", stats.wilcoxon, interval="none")
    yield pair("signed_rank", stats.wilcoxon)
    yield pair("brunner_munzel", stats.brunnermunzel)
    yield pair("kolmogorov_smirnov", stats.ks_2samp)

    def anderson_ksamp(x: np.ndarray, y: np.ndarray) -> object:
        return stats.anderson_ksamp([x, y], variant="midrank")

    yield pair("anderson_darling", anderson_ksamp)
    yield pair("brown_forsythe", stats.levene)

    def ttost(x: np.ndarray, y: np.ndarray) -> object:
        return ttost_ind(x, y, -1.0, 1.0, usevar="unequal")

    equivalence = partial(canary.equivalence, b, c, 1.0, goal="equivalence")
    yield Pair("equivalence of means", "ttost_ind", n, equivalence, partial(ttost, c, b), aim(n))

    def hac() -> object:
        fit = sm.OLS(c - b, np.ones(n)).fit(
            cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False}
        )
        return fit.pvalues

    series = partial(canary.paired_series, b, c, method="newey_west", terms=3)
    yield Pair("paired_series, method='newey_west'", "OLS HAC", n, series, hac, aim(n))
    yield Pair(
        "trend, interval='none'",
        "kendalltau",
        n,
        partial(canary.trend, b, interval="none"),
        partial(stats.kendalltau, np.arange(n), b),
        aim(n),
    )
    p_values = np.random.default_rng(2).random(n) ** 2
    for ours_method, theirs_method in (("holm", "holm"), ("benjamini_hochberg", "fdr_bh")):
        yield Pair(
            f"adjust, method={ours_method!r}",
            "multipletests",
            n,
            partial(canary.adjust, p_values, method=ours_method),
            partial(multitest.multipletests, p_values, method=theirs_method),
            aim(n),
        )


def slopes_and_resamples() -> Iterator[Pair]:
    """What takes them the square of n, or n times the resamples."""
    for n in (100, 1000):
        b, _ = values(n)
        theirs = partial(stats.theilslopes, b, np.arange(n))
        yield Pair("trend", "theilslopes", n, partial(canary.trend, b), theirs, aim(n))
    b, c = values(100)

    def difference(x: np.ndarray, y: np.ndarray, axis: int = -1) -> object:
        return np.mean(x, axis=axis) - np.mean(y, axis=axis)

    yield Pair(
        "bootstrap of a mean, BCa, 9,999 resamples",
        "bootstrap",
        100,
        partial(canary.bootstrap, b, c, interval="bca"),
        partial(stats.bootstrap, (c, b), difference, n_resamples=9999, method="BCa"),
    )
    b, c = values(10_000)

    def playbook() -> object:
        medians = []
        for _ in range(1000):
            x = np.random.choice(b, size=len(b), replace=True)  # noqa: NPY002
            y = np.random.choice(c, size=len(c), replace=True)  # noqa: NPY002
            medians.append(np.median(y) - np.median(x))
        return np.percentile(medians, [2.5, 97.5])

    ours = partial(canary.bootstrap, b, c, statistic="median", interval="percentile")
    name = "numpy loop, 1,000 resamples"
    yield Pair("bootstrap of a median, percentile", name, 10_000, ours, playbook, 500)


def many() -> Iterator[Pair]:
    """10,000 metrics of 60 points each."""
    random = np.random.default_rng(3)
    b, c = random.lognormal(3, 1, (10_000, 60)), random.lognormal(3, 1, (10_000, 60))
    ours = partial(canary.mann_whitney_many, b, c, interval="none")
    theirs = partial(stats.mannwhitneyu, c, b, axis=1)
    yield Pair("mann_whitney_many, 10,000 pairs", "mannwhitneyu(axis=1)", 60, ours, theirs, 10)

    def loop() -> object:
        return [stats.mannwhitneyu(y, x) for x, y in zip(b, c, strict=True)]

    yield Pair("mann_whitney_many, 10,000 pairs", "mannwhitneyu, a loop", 60, ours, loop, 200)
    ours = partial(canary.mann_whitney_many, b, c)
    name = "mann_whitney_many, 10,000 pairs, with shift and interval"
    yield Pair(name, "mannwhitneyu(axis=1)", 60, ours, theirs)


def rows_of_counts(n: int) -> Iterator[Pair]:
    """Tests of events, n trials on the baseline and a tenth on the canary."""
    nc = n // 10
    xb, xc = n // 20, max(n // 100, 1)
    table = [[xc, nc - xc], [xb, n - xb]]
    baseline, canary_ = (xb, n), (xc, nc)
    others_b, others_c = [xb, n - xb], [xc, nc - xc]
    # Many trials cost theirs no more than few.
    few = 50 if n == SMALL else 5

    def pair(ours: Callable[[], object], name: str, theirs: Callable[[], object], to: str) -> Pair:
        return Pair(name, to, n, ours, theirs, few)

    yield pair(
        partial(canary.chi_square, others_b, others_c),
        "chi_square",
        partial(stats.chi2_contingency, table),
        "chi2_contingency",
    )
    yield pair(
        partial(canary.two_proportion_z, baseline, canary_),
        "two_proportion_z",
        partial(proportion.test_proportions_2indep, xc, nc, xb, n, method="score"),
        "test_proportions_2indep(method='score')",
    )
    yield pair(
        partial(canary.exact_proportions, baseline, canary_, method="fisher"),
        "exact_proportions, method='fisher'",
        partial(stats.fisher_exact, np.array(table)),
        "fisher_exact",
    )
    if n == SMALL:
        for method, theirs in (
            ("boschloo", stats.boschloo_exact),
            ("barnard", stats.barnard_exact),
        ):
            yield pair(
                partial(canary.exact_proportions, baseline, canary_, method=method),
                f"exact_proportions, method={method!r}",
                partial(theirs, np.array(table)),
                theirs.__name__,
            )
    for method, theirs_method in (("score", "score"), ("exact", "exact-cond")):
        yield pair(
            partial(canary.two_rates, (xb, 10.0), (xc, 1.0), method=method),
            f"two_rates, method={method!r}",
            partial(rates.test_poisson_2indep, xc, 1.0, xb, 10.0, method=theirs_method),
            f"test_poisson_2indep(method={theirs_method!r})",
        )
    strata = dict.fromkeys("abc", baseline), dict.fromkeys("abc", canary_)
    tables = [np.array(table)] * 3
    yield pair(
        partial(canary.cochran_mantel_haenszel, *strata, measure="odds_ratio"),
        "cochran_mantel_haenszel",
        lambda: StratifiedTable(tables).summary(),
        "StratifiedTable.summary",
    )
    yield pair(
        partial(canary.breslow_day, *strata),
        "breslow_day",
        lambda: StratifiedTable(tables).test_equal_odds(adjust=True),
        "StratifiedTable.test_equal_odds",
    )
    yield pair(
        partial(canary.sample_ratio, [n - xb, xb], [0.95, 0.05]),
        "sample_ratio",
        partial(stats.chisquare, [n - xb, xb], [n * 0.95, n * 0.05]),
        "chisquare",
    )


def planning() -> Iterator[Pair]:
    """Sample sizes."""
    yield Pair(
        "power_means",
        "TTestIndPower.solve_power",
        0,
        partial(canary.power_means, effect=2.0, sd=10.0, power=0.8, share=0.05),
        partial(
            power.TTestIndPower().solve_power, effect_size=0.2, ratio=19, alpha=0.05, power=0.8
        ),
        50,
    )


def pairs() -> Iterator[Pair]:
    """Everything."""
    for n in (SMALL, LARGE):
        yield from rows_of_values(n)
    yield from slopes_and_resamples()
    yield from many()
    for n in (SMALL, LARGE):
        yield from rows_of_counts(n)
    yield from planning()


def shown(seconds: float) -> str:
    """With a unit of its size."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:,.2f} {unit}"
    return f"{seconds / 1e-6:,.1f} µs"


def main() -> int:
    """Prints the table."""
    if _core.DEBUG_BUILD:
        print("this is a debug build: `pip install .` makes a release build", file=sys.stderr)
        return 1
    warnings.simplefilter("ignore")
    wanted = sys.argv[1:]
    print(
        f"canary {canary.__version__}, scipy {scipy.__version__}, "
        f"statsmodels {statsmodels.__version__}, numpy {np.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n"
    )
    row = "| {:<56} | {:<43} | {:>9} | {:>9} | {:>9} | {:>8} | {:>5} |"
    print(row.format("ours", "theirs", "n", "ours", "theirs", "ratio", "aim"))
    print(row.format("---", "---", "--:", "--:", "--:", "--:", "--:"))
    for pair in pairs():
        if wanted and not any(word in f"{pair.ours_name} {pair.theirs_name}" for word in wanted):
            continue
        ours, theirs = pair.seconds()
        ratio = theirs / ours
        missed = pair.aim is not None and ratio < pair.aim
        cells = (
            f"{pair.n:,}" if pair.n else "–",
            shown(ours),
            shown(theirs),
            f"**{ratio:,.1f}**" if missed else f"{ratio:,.1f}",
            f"{pair.aim:g}" if pair.aim is not None else "",
        )
        print(row.format(pair.ours_name, pair.theirs_name, *cells), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
