"""Ours and scipy in one process: medians of interleaved runs, and their ratio.

python benches/python/compare.py
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import canary
import numpy as np
import scipy
from canary import _core
from scipy import stats

SIZES = (1_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Pair:
    """The same question, asked of both."""

    what: str
    n: int
    ours: Callable[[], object]
    theirs: Callable[[], object]

    def seconds(self) -> tuple[float, float]:
        """Both medians; the runs take turns, so that a slower minute is slower for both."""
        runs = 200 if self.n <= 1_000 else 15
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(runs):
            for times, function in zip(taken, (self.ours, self.theirs), strict=True):
                start = time.perf_counter()
                function()
                times.append(time.perf_counter() - start)
        return statistics.median(taken[0]), statistics.median(taken[1])


def pairs() -> Iterator[Pair]:
    """The three tests; `interval="none"` is what scipy computes, the default is more."""
    random = np.random.default_rng(1)
    for n in SIZES:
        b, c = random.lognormal(3, 1, n), random.lognormal(3, 1, n)
        tied_b, tied_c = b.round(), c.round()
        yield Pair(
            "Welch t",
            n,
            partial(canary.t_test, b, c),
            partial(stats.ttest_ind, c, b, equal_var=False),
        )
        for what, x, y in (("no ties", b, c), ("ties", tied_b, tied_c)):
            for more, interval in (("", "none"), (", with shift and interval", "hodges_lehmann")):
                yield Pair(
                    f"Mann-Whitney, {what}{more}",
                    n,
                    partial(canary.mann_whitney, x, y, interval=interval),
                    partial(stats.mannwhitneyu, y, x),
                )
    table = [[30, 1_970], [95, 18_905]]
    yield Pair(
        "two-proportion z, with interval (scipy: chi-square)",
        0,
        partial(canary.two_proportion_z, (95, 19_000), (30, 2_000)),
        partial(stats.chi2_contingency, table, correction=False),
    )


def main() -> int:
    """Prints the table."""
    if _core.DEBUG_BUILD:
        print("this is a debug build: `pip install .` makes a release build", file=sys.stderr)
        return 1
    print(
        f"canary {canary.__version__}, scipy {scipy.__version__}, numpy {np.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n"
    )
    row = "| {:<51} | {:>9} | {:>11} | {:>11} | {:>6} |"
    print(row.format("test", "n per arm", "ours", "scipy", "ratio"))
    print(row.format("---", "--:", "--:", "--:", "--:"))
    for pair in pairs():
        ours, theirs = pair.seconds()
        times = (f"{1e6 * ours:,.1f} µs", f"{1e6 * theirs:,.1f} µs", f"{theirs / ours:.1f}")
        print(row.format(pair.what, f"{pair.n:,}" if pair.n else "–", *times))
    return 0


if __name__ == "__main__":
    sys.exit(main())
