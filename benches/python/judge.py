"""How long a verdict takes from Python, in milliseconds: the best of several.

python benches/python/judge.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import canary
import numpy as np

POINTS = 60
REPEATS = 5


def arms(metrics: int, points: int) -> list[dict[str, object]]:
    """Both arms' latencies by name, as a dict of numpy's arrays."""
    random = np.random.default_rng(1)
    return [
        {f"latency_{i:05}": random.lognormal(3.0, 0.5, points) for i in range(metrics)}
        for _ in ("baseline", "canary")
    ]


def one_test(names: list[str]) -> canary.Policy:
    """A Mann-Whitney test of every metric."""
    test = {"method": "mann_whitney", "margin": {"percent": 20}}
    return canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {name: {} for name in names},
            "checks": [{"metric": name, "test": test} for name in names],
        }
    )


def best(run: Callable[[], object]) -> float:
    """Milliseconds of the fastest of several runs."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def main() -> None:
    """Prints a line for each number of metrics and each policy."""
    for metrics in (1, 20, 1000, 10_000):
        baseline, changed = arms(metrics, POINTS)
        policies = {"Mann-Whitney": one_test(list(baseline)), "default policy": None}
        for name, policy in policies.items():

            def run(policy: canary.Policy | None = policy) -> canary.Verdict:
                return canary.judge(policy, baseline=baseline, canary=changed)  # noqa: B023

            findings = len(run().findings)
            print(
                f"{metrics:>6} metrics of {POINTS} points, {name:<14} "
                f"{findings:>6} findings  {best(run):>9.2f} ms"
            )


if __name__ == "__main__":
    main()
