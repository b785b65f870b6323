"""How often a Watch fails a canary with nothing wrong, in noise beyond what is promised for.

python benches/python/watch.py

An hour of looks a minute, seeded: a gauge with a spread of 10 % on each arm, whose minutes
remember so much of the last one; and a rate whose events come in tens. More is worse.
"""

from __future__ import annotations

from collections.abc import Iterator

import canary
import numpy as np

HOURS = 120
MINUTES = 60
SECONDS = 60.0


def gauges(random: np.random.Generator, memory: float) -> Iterator[tuple[float, float]]:
    """Both arms' level, minute by minute."""
    noise = random.normal(0, 1, 2)
    for _ in range(MINUTES):
        noise = memory * noise + np.sqrt(1 - memory**2) * random.normal(0, 1, 2)
        baseline, canary_ = 100 + 10 * noise
        yield float(baseline), float(canary_)


def tens(random: np.random.Generator) -> Iterator[tuple[canary.Exposure, canary.Exposure]]:
    """Both arms' events, ten a minute on average, ten at once."""
    for _ in range(MINUTES):
        baseline, canary_ = (10 * int(n) for n in random.poisson(1, 2))
        yield canary.Exposure(baseline, SECONDS), canary.Exposure(canary_, SECONDS)


def fails(pairs: Iterator[tuple[object, object]]) -> bool:
    """Whether any look fails."""
    watch = canary.Watch(canary.Policy.default({"metric": {"direction": "increase"}}))
    for minute, (baseline, canary_) in enumerate(pairs):
        at = SECONDS * minute
        verdict = watch.look(at, baseline={"metric": baseline}, canary={"metric": canary_})
        if verdict.status == "FAIL":
            return True
    return False


def main() -> None:
    """Prints a share for each noise."""
    noises = {f"gauges that remember {memory}": memory for memory in (0.0, 0.6, 0.8, 0.9)}
    for name, memory in {**noises, "events in tens": None}.items():
        random = np.random.default_rng(5)
        share = np.mean(
            [
                fails(tens(random) if memory is None else gauges(random, memory))
                for _ in range(HOURS)
            ]
        )
        error = np.sqrt(share * (1 - share) / HOURS)
        print(f"{name:24} {100 * share:5.1f} ± {100 * error:.1f} % of {HOURS} hours")


if __name__ == "__main__":
    main()
