"""Isolation forests, ours and theirs, in one process: medians of interleaved runs, their ratios.

python benches/python/forest.py                   # times
python benches/python/forest.py --tables FOLDER   # and agreement on the FOLDER/*.npz (X, y)
python benches/python/forest.py --sizes 10000     # other numbers of rows

Every forest has 100 trees of 256 rows, splits on one feature at a time and uses two threads where
it can. Agreement is of scores, trees being drawn differently: the area under the ROC curve over
ten seeds, and whether our mean scores are as near to scikit-learn's as its own by other seeds.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import sys
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("RAYON_NUM_THREADS", "2")  # read when canary first works in parallel
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # nobody spins while it is another's turn

import canary
import isotree
import joblib
import numpy as np
import sklearn
from canary import _core
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

SIZES = (10_000, 100_000, 1_000_000)
FEATURES, TREES, SUBSAMPLE, THREADS = 5, 100, 256, 2
#: At least so many runs of each, and at least so many seconds of all together.
RUNS, SECONDS = 5, 2.0
#: Of the agreement: seeds of the areas; seeds and trees of the means, and how far they may be off.
AREA_SEEDS, MEAN_SEEDS, MEAN_TREES, FACTOR = 10, 8, 1000, 1.5


class Forest(ABC):
    """One of the libraries."""

    name: str

    @abstractmethod
    def fit(self, x: np.ndarray, seed: int = 0, trees: int = TREES) -> object:
        """A fitted model."""

    @abstractmethod
    def score(self, model: object, x: np.ndarray) -> np.ndarray:
        """The scores, the lower the more anomalous."""


class Ours(Forest):
    """canary.IsolationForest."""

    name = "canary"

    def fit(self, x: np.ndarray, seed: int = 0, trees: int = TREES) -> canary.IsolationForest:
        """A fitted model."""
        samples = min(SUBSAMPLE, len(x))
        return canary.IsolationForest(
            n_estimators=trees, max_samples=samples, random_state=seed
        ).fit(x)

    def score(self, model: object, x: np.ndarray) -> np.ndarray:
        """The scores."""
        assert isinstance(model, canary.IsolationForest)
        return np.asarray(model.score_samples(x))


class ScikitLearn(Forest):
    """`n_jobs` is of its fit alone; its scores take the threads of joblib's context."""

    name = "scikit-learn"

    def fit(self, x: np.ndarray, seed: int = 0, trees: int = TREES) -> object:
        """A fitted model."""
        samples = min(SUBSAMPLE, len(x))
        return IsolationForest(
            n_estimators=trees, max_samples=samples, random_state=seed, n_jobs=THREADS
        ).fit(x)

    def score(self, model: object, x: np.ndarray) -> np.ndarray:
        """The scores, by as many threads as are quicker."""
        assert isinstance(model, IsolationForest)
        if len(x) <= 1000:
            return np.asarray(model.score_samples(x))
        with joblib.parallel_config(backend="threading", n_jobs=THREADS):
            return np.asarray(model.score_samples(x))


class Isotree(Forest):
    """isotree, as the forest of the paper."""

    name = "isotree"

    def fit(self, x: np.ndarray, seed: int = 0, trees: int = TREES) -> object:
        """A fitted model."""
        samples = min(SUBSAMPLE, len(x))
        return isotree.IsolationForest(
            ndim=1,
            sample_size=samples,
            max_depth=max(math.ceil(math.log2(samples)), 1),
            ntrees=trees,
            nthreads=THREADS,
            missing_action="fail",
            random_seed=seed,
        ).fit(x)

    def score(self, model: object, x: np.ndarray) -> np.ndarray:
        """Its scores with their sign changed."""
        assert isinstance(model, isotree.IsolationForest)
        return -np.asarray(model.predict(x))


OURS, THEIRS, THIRD = Ours(), ScikitLearn(), Isotree()
FORESTS: tuple[Forest, ...] = (OURS, THEIRS, THIRD)


def rows(n: int, seed: int = 1) -> np.ndarray:
    """Nine in ten of N(0, 1), the others of N(3, 4), every column on a scale of its own."""
    random = np.random.default_rng(seed)
    other = random.random((n, 1)) < 0.1
    values = np.where(other, 3.0, 0.0) + np.where(other, 2.0, 1.0) * random.standard_normal(
        (n, FEATURES)
    )
    return np.asarray(values * 10.0 ** np.arange(FEATURES))


def medians(functions: Sequence[Callable[[], object]]) -> list[float]:
    """Seconds of each; the runs take turns, so that a slower minute is slower for all."""
    taken: list[list[float]] = [[] for _ in functions]
    end = time.perf_counter() + SECONDS
    while len(taken[0]) < RUNS or (time.perf_counter() < end and len(taken[0]) < 2000):
        for times, function in zip(taken, functions, strict=True):
            start = time.perf_counter()
            function()
            times.append(time.perf_counter() - start)
    return [statistics.median(times) for times in taken]


def shown(seconds: float) -> str:
    """With a unit of its size."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:,.2f} {unit}"
    return f"{seconds / 1e-6:,.1f} µs"


def speed(sizes: Iterable[int]) -> None:
    """Prints the times."""
    row = "| {:<12} | {:>9} | {:>10} | {:>12} | {:>10} | {:>12} | {:>12} |"
    names = [forest.name for forest in FORESTS]
    print(row.format("what", "n", *names, *(f"x {name}" for name in names[1:])))
    print(row.format("---", *["--:"] * 6))

    def line(what: str, n: int, times: list[float]) -> None:
        ratios = [f"{other / times[0]:,.1f}" for other in times[1:]]
        print(row.format(what, f"{n:,}", *map(shown, times), *ratios), flush=True)

    for n in sizes:
        x = rows(n)

        def fit(forest: Forest, x: np.ndarray = x) -> Callable[[], object]:
            return lambda: forest.fit(x)

        def score(forest: Forest, x: np.ndarray = x) -> Callable[[], object]:
            model = forest.fit(x)
            return lambda: forest.score(model, x)

        def both(forest: Forest, x: np.ndarray = x) -> Callable[[], object]:
            return lambda: forest.score(forest.fit(x), x)

        for what, function in (("fit", fit), ("score", score), ("fit + score", both)):
            line(what, n, medians([function(forest) for forest in FORESTS]))
    x = rows(SIZES[0])

    def one_row(forest: Forest) -> Callable[[], object]:
        model = forest.fit(x)
        return lambda: forest.score(model, x[:1])

    line("score", 1, medians([one_row(forest) for forest in FORESTS]))


def areas(forest: Forest, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Under the ROC curve, by every seed."""
    return np.array(
        [roc_auc_score(y, -forest.score(forest.fit(x, seed), x)) for seed in range(AREA_SEEDS)]
    )


def scores(forest: Forest, x: np.ndarray, seeds: range) -> np.ndarray:
    """A row of them for every seed."""
    return np.array([forest.score(forest.fit(x, seed, MEAN_TREES), x) for seed in seeds])


def agreement(folder: Path) -> bool:
    """Prints the areas and the distances of mean scores; whether all of them agree."""
    row = "| {:<20} | {:>7} | {:>3} | {:>15} | {:>15} | {:>8} | {:>8} | {:>8} | {:>8} | {:>8} |"
    print(
        "\nAUROC: mean (sd) over ten seeds, z: their difference in standard errors, at most 3;"
        f"\nmeans of {MEAN_SEEDS} seeds of {MEAN_TREES} trees, mean distance over rows: ours,"
        " and other seeds of theirs,\nfrom theirs; what is expected of other seeds; "
        f"ours / expected, at most {FACTOR}\n"
    )
    heads = ("table", "n", "d", OURS.name, THEIRS.name, "z", "ours", "theirs", "expected", "ratio")
    print(row.format(*heads))
    print(row.format("---", *["--:"] * 9))
    agree = True
    for path in sorted(folder.glob("*.npz")):
        with np.load(path) as table:
            x, y = table["X"].astype(float), table["y"].astype(int)
        ours, theirs = areas(OURS, x, y), areas(THEIRS, x, y)
        error = math.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / AREA_SEEDS)
        difference = float(ours.mean() - theirs.mean())
        z = difference / error if error > 0 else (0.0 if difference == 0 else math.inf)
        many = scores(THEIRS, x, range(2 * MEAN_SEEDS))
        first, second = many[:MEAN_SEEDS].mean(axis=0), many[MEAN_SEEDS:].mean(axis=0)
        # The rows of one pair of sets go together: the variances of all seeds say more.
        sds = np.sqrt(many.var(axis=0, ddof=1) * 2 / MEAN_SEEDS)
        spread = float(math.sqrt(2 / math.pi) * sds.mean())
        # Seeds of our own: an alias of theirs would agree with itself.
        mean = scores(OURS, x, range(2 * MEAN_SEEDS, 3 * MEAN_SEEDS)).mean(axis=0)
        distance, pair = float(abs(mean - first).mean()), float(abs(second - first).mean())
        agree = agree and abs(z) <= 3 and distance <= FACTOR * spread
        cells = (
            f"{len(x):,}",
            x.shape[1],
            *(f"{a.mean():.4f} ({a.std(ddof=1):.4f})" for a in (ours, theirs)),
            f"{z:+.2f}" if abs(z) <= 3 else f"**{z:+.2f}**",
            f"{distance:.2e}",
            f"{pair:.2e}",
            f"{spread:.2e}",
            f"{distance / spread:.2f}"
            if distance <= FACTOR * spread
            else f"**{distance / spread:.2f}**",
        )
        print(row.format(path.stem, *cells), flush=True)
    return agree


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tables", type=Path, metavar="FOLDER", help="of .npz files with X and y")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="numbers of rows")
    wanted = parser.parse_args()
    if _core.DEBUG_BUILD:
        print("this is a debug build: `pip install .` makes a release build", file=sys.stderr)
        return 1
    warnings.simplefilter("ignore")
    print(
        f"canary {canary.__version__}, scikit-learn {sklearn.__version__}, "
        f"isotree {version('isotree')}, numpy {np.__version__}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n"
        f"{FEATURES} features, {TREES} trees of {SUBSAMPLE} rows, {THREADS} threads\n"
    )
    speed(wanted.sizes)
    if wanted.tables is not None and not agreement(wanted.tables):
        print("\nsome do not agree", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
