"""Files to observations: a recorded rollout, or one file per arm.

`docs/recording-format.md` describes both. CSV and JSON need nothing but numpy; Parquet needs the
extra ``[parquet]``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from canary._core import CanaryError, Counts, Exposure, Gauge, Histogram, Sample, Series, Summary

Observations: TypeAlias = Counts | Exposure | Gauge | Histogram | Sample | Series | Summary
Arm: TypeAlias = dict[str, Any]
NanPolicy: TypeAlias = Literal["raise", "omit"]
Numbers: TypeAlias = npt.NDArray[np.float64]
Columns: TypeAlias = Mapping[str, list[str]]

ARMS = ("baseline", "canary")
TIME_COLUMNS = ("time", "timestamp")


class InvalidFile(CanaryError):
    """A file cannot be read, or does not hold what it should."""


@dataclass(frozen=True)
class Recording:
    """A past rollout: what was measured on both arms, and, where it is known, the truth."""

    name: str
    title: str
    description: str
    truth: Literal["PASS", "FAIL"] | None
    why: str | None
    baseline: Arm
    canary: Arm

    @classmethod
    def read(cls, folder: Path | str, *, nan_policy: NanPolicy = "raise") -> Recording:
        """Reads the recording in a folder, as its `recording.json` describes it."""
        folder = Path(folder)
        path = folder / "recording.json"
        manifest = _object(path, _json(path))
        if manifest.get("version") != 1:
            message = f"{path}: version: this release reads 1, got {manifest.get('version')!r}"
            raise InvalidFile(message)
        reader = _Reader(folder, manifest, nan_policy)
        arms: dict[str, Arm] = {arm: {} for arm in ARMS}
        for metric, source in _object(path, manifest.get("metrics")).items():
            for arm, observations in reader.metric(metric, source).items():
                arms[arm][metric] = observations
        truth = manifest.get("truth", {})
        return cls(
            name=manifest.get("name", folder.name),
            title=manifest.get("title", folder.name),
            description=manifest.get("description", ""),
            truth=truth.get("status"),
            why=truth.get("why"),
            baseline=arms["baseline"],
            canary=arms["canary"],
        )


def read_arm(path: Path | str, *, nan_policy: NanPolicy = "raise") -> Arm:
    """One arm's metrics from a CSV, Parquet or JSON file, told apart by its name."""
    path = Path(path)
    name = path.name.removesuffix(".gz")
    if name.endswith(".json"):
        return dict(_object(path, _json(path)))
    if name.endswith(".csv"):
        return _from_columns(path, _csv_numbers(path, nan_policy), nan_policy)
    if name.endswith(".parquet"):
        return _from_columns(path, _parquet_numbers(path), nan_policy)
    message = f"{path}: must end in .csv, .csv.gz, .json, .json.gz or .parquet"
    raise InvalidFile(message)


def _text(path: Path) -> str:
    """The text in UTF-8, without the byte order mark that spreadsheets put before it."""
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        message = f"{path}: cannot be read: {reason}"
        raise InvalidFile(message) from error


def _json(path: Path) -> object:
    try:
        document: object = json.loads(_text(path), object_pairs_hook=_once_each)
    except _Twice as error:
        message = f"{path}: {error} stands twice in one object"
        raise InvalidFile(message) from None
    except json.JSONDecodeError as error:
        message = f"{path}: {error.msg} (line {error.lineno}, column {error.colno})"
        raise InvalidFile(message) from error
    return document


class _Twice(Exception):
    """A name that stands twice: whoever reads it would take one and lose the other."""


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names: dict[str, object] = {}
    for name, value in pairs:
        if name in names:
            raise _Twice(json.dumps(name, ensure_ascii=False))
        names[name] = value
    return names


def _object(path: Path, document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        message = f"{path}: must hold an object of metrics, got {type(document).__name__}"
        raise InvalidFile(message)
    return document


def _csv(path: Path) -> Columns:
    """The columns of a CSV file as text."""
    rows = csv.reader(io.StringIO(_text(path)))
    header = next(rows, None)
    if not header:
        message = f"{path}: must start with a line of column names, got an empty file"
        raise InvalidFile(message)
    if len(set(header)) < len(header):
        message = f"{path}: column names must differ, got {','.join(header)}"
        raise InvalidFile(message)
    table = list(rows)
    while table and not table[-1]:
        table.pop()
    # An empty line comes without cells: in a file of one column it is an empty one, a gap.
    table = [row or [""] for row in table] if len(header) == 1 else [row for row in table if row]
    for number, row in enumerate(table, start=2):
        if len(row) != len(header):
            message = f"{path}: row {number}: must have {len(header)} cells, got {len(row)}"
            raise InvalidFile(message)
    columns = zip(*table, strict=True) if table else ((),) * len(header)
    return {name.strip(): list(cells) for name, cells in zip(header, columns, strict=True)}


def _numbers(path: Path, name: str, cells: list[str]) -> Numbers:
    """A column of text as numbers; an empty cell is a gap."""
    try:
        return np.array([cell or "nan" for cell in cells], dtype=np.float64)
    except ValueError:
        return np.array([_cell(path, name, i, cell) for i, cell in enumerate(cells, start=2)])


def _cell(path: Path, name: str, row: int, cell: str) -> float:
    try:
        return float(cell or "nan")
    except ValueError:
        message = f"{path}: row {row}, column {name}: must be a number, got {cell!r}"
        raise InvalidFile(message) from None


def _times(path: Path, name: str, cells: list[str]) -> Numbers:
    """A column of times as seconds: numbers, or dates and times in ISO 8601 (UTC)."""
    try:
        return np.array(cells, dtype=np.float64)
    except ValueError:
        pass
    try:
        stamps = np.array([cell.removesuffix("Z") for cell in cells], dtype="datetime64[us]")
    except ValueError:
        return _numbers(path, name, cells)
    return stamps.astype(np.int64) / 1e6


def _csv_numbers(path: Path, nan_policy: NanPolicy) -> dict[str, Numbers]:
    columns = _csv(path)
    convert = {True: _times, False: _numbers}
    numbers = {
        name: convert[name in TIME_COLUMNS](path, name, cells) for name, cells in columns.items()
    }
    if nan_policy == "raise":
        for name, values in numbers.items():
            gaps = np.flatnonzero(np.isnan(values))
            if gaps.size:
                row = gaps[0] + 2
                message = f"{path}: row {row}, column {name}: has no number (nan_policy is raise)"
                raise InvalidFile(message)
    return numbers


def _parquet_numbers(path: Path) -> dict[str, Numbers]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        message = f"{path}: Parquet needs pyarrow: pip install 'canary-analysis[parquet]'"
        raise InvalidFile(message) from error
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        message = f"{path}: cannot be read: {str(error).splitlines()[0]}"
        raise InvalidFile(message) from error
    numbers = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        values = column.to_numpy()
        if values.dtype.kind == "M":
            values = values.astype("datetime64[us]").astype(np.int64) / 1e6
        if values.dtype.kind not in "iuf":
            message = f"{path}: column {name}: must hold numbers, got {column.type}"
            raise InvalidFile(message)
        numbers[name] = values.astype(np.float64)
    return numbers


def _from_columns(path: Path, columns: dict[str, Numbers], nan_policy: NanPolicy) -> Arm:
    """Columns as metrics: values, `name.events` with `name.trials`, or series where time stands."""
    time = next((name for name in TIME_COLUMNS if name in columns), None)
    times = columns.pop(time) if time else None
    arm: Arm = {}
    for name, values in columns.items():
        with _of_column(path, name):
            metric, dot, part = name.rpartition(".")
            if dot and part in ("events", "trials"):
                if part == "events" or f"{metric}.events" not in columns:
                    arm[metric] = _summed_counts(path, metric, columns)
            elif times is None:
                arm[name] = Sample(values, nan_policy=nan_policy)
            else:
                arm[name] = Series(times, values, nan_policy=nan_policy)
    return arm


def _summed_counts(path: Path, metric: str, columns: dict[str, Numbers]) -> Counts:
    sums = []
    for part in ("events", "trials"):
        name = f"{metric}.{part}"
        if name not in columns:
            message = f"{path}: column {name} is missing beside its other half"
            raise InvalidFile(message)
        sums.append(float(np.nansum(columns[name])))
    return Counts(*sums)


class _of_column:  # noqa: N801 - reads as the phrase it is
    """Errors about data say which column of which file they are about."""

    def __init__(self, path: Path, name: str) -> None:
        self.where = f"{path}: column {name}"

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Puts the place before the message."""
        if isinstance(error, CanaryError) and not isinstance(error, InvalidFile):
            message = f"{self.where}: {error}"
            raise InvalidFile(message) from error


class _Reader:
    """Reads the metrics of one recording, each of its files once."""

    def __init__(self, folder: Path, manifest: dict[str, Any], nan_policy: NanPolicy) -> None:
        self.folder = folder
        self.nan_policy = nan_policy
        self.arm_label = manifest.get("prometheus", {}).get("arm_label", "arm")
        self.tables: dict[Path, Columns] = {}
        self.kinds: dict[str, Callable[[Path, dict[str, Any], str], Observations]] = {
            "counts": self._counts,
            "sample": self._sample,
            "series": self._series,
            "histogram": self._histogram,
        }

    def metric(self, metric: str, source: dict[str, Any]) -> dict[str, Observations]:
        """One metric of both arms; an arm without any data is left out."""
        place = f"{self.folder / 'recording.json'}: metrics.{metric}"
        kinds = [kind for kind in self.kinds if kind in source]
        if len(kinds) != 1 or "file" not in source:
            message = f"{place}: must have a file and one of {', '.join(self.kinds)}"
            raise InvalidFile(message)
        path = self.folder / source["file"]
        read, options = self.kinds[kinds[0]], source[kinds[0]]
        arms = {}
        for arm in ARMS:
            with _of_column(path, f"{metric} ({arm})"):
                arms[arm] = read(path, options, arm)
        return arms

    def _column(self, path: Path, name: str, arm: str) -> Numbers:
        if path not in self.tables:
            self.tables[path] = _csv(path)
        table = self.tables[path]
        for needed in ("arm", name):
            if needed not in table:
                message = f"{path}: has no column {needed}, only {', '.join(table)}"
                raise InvalidFile(message)
        mine = np.array(table["arm"]) == arm
        cells = np.array(table[name])[mine]
        return _numbers(path, name, cells.tolist())

    def _counts(self, path: Path, options: dict[str, Any], arm: str) -> Counts:
        values = self._column(path, options["column"], arm)
        return Counts(int((values >= options["at_least"]).sum()), values.size)

    def _sample(self, path: Path, options: dict[str, Any], arm: str) -> Sample:
        values = self._column(path, options["column"], arm)
        return Sample(values * options.get("scale", 1.0), nan_policy=self.nan_policy)

    def _series(self, path: Path, options: dict[str, Any], arm: str) -> Series:
        points = [point for answer in self._answers(path, arm) for point in answer["values"]]
        times = [float(time) for time, _ in points]
        values = np.array([float(value) for _, value in points]) * options.get("scale", 1.0)
        return Series(times, values, nan_policy=self.nan_policy)

    def _histogram(self, path: Path, _: dict[str, Any], arm: str) -> Histogram:
        """What was added to the buckets between the first and the last scrape."""
        answers = sorted(self._answers(path, arm), key=lambda answer: float(answer["metric"]["le"]))
        bounds = [float(answer["metric"]["le"]) for answer in answers]
        first, last = (
            Histogram(bounds, [float(answer["values"][at][1]) for answer in answers])
            for at in (0, -1)
        )
        return last.since(first)

    def _answers(self, path: Path, arm: str) -> list[dict[str, Any]]:
        """The series of one arm in a `query_range` answer of Prometheus."""
        document = _object(path, _json(path))
        if document.get("status") != "success":
            message = f"{path}: must be a successful answer of Prometheus"
            raise InvalidFile(message)
        results: Iterable[dict[str, Any]] = document["data"]["result"]
        mine = [result for result in results if result["metric"].get(self.arm_label) == arm]
        if not mine:
            message = f"{path}: has no series with {self.arm_label}={arm!r}"
            raise InvalidFile(message)
        return mine
