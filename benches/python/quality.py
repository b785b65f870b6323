"""Decisions on recorded data: how often a good canary fails, and which faults are found.

python benches/python/quality.py                       # the recordings in fixtures/
python benches/python/quality.py --data FOLDER         # and public data, laid out as below
python benches/python/quality.py --data FOLDER --write # and docs/quality-on-recorded-data.md anew

FOLDER holds some of azure_vm_noise/, nezha/, nezha_requests/, petshop/, nab/ and asos/. The data
are not shipped; the page says where they come from. Draws are seeded (--seed).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import canary
import numpy as np
import pandas as pd
from canary.recording import Recording
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "quality-on-recorded-data.md"
ALPHA = 0.05

Arm = dict[str, Any]
Arms = tuple[Arm, Arm]
Array = np.ndarray[Any, np.dtype[np.float64]]
Plain = tuple[Array, Array]

# --- cases, and what is counted of them ---------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Two arms to be judged, and the same as plain values for scipy."""

    group: str
    arms: Arms
    plain: Plain | None = None
    policy: canary.Policy | None = None


@dataclass
class Tally:
    """How often each answer was given."""

    fail: int = 0
    inconclusive: int = 0
    passed: int = 0
    plain: int = 0
    with_plain: int = 0
    checks: dict[str, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """All cases."""
        return self.fail + self.inconclusive + self.passed

    def add(self, case: Case) -> None:
        """Judges a case and counts the answer."""
        baseline, changed = case.arms
        verdict = canary.judge(case.policy, baseline=baseline, canary=changed)
        self.fail += verdict.status == "FAIL"
        self.inconclusive += verdict.status == "INCONCLUSIVE"
        self.passed += verdict.status == "PASS"
        for check in failed(verdict):
            self.checks[check] = self.checks.get(check, 0) + 1
        if case.plain is not None:
            self.with_plain += 1
            self.plain += differs(*case.plain)

    def row(self, name: str) -> list[str]:
        """The table's line."""
        often = sorted(self.checks.items(), key=lambda item: -item[1])[:3]
        return [
            name,
            str(self.n),
            percent(self.fail, self.n),
            percent(self.inconclusive, self.n),
            percent(self.passed, self.n),
            percent(self.plain, self.with_plain) if self.with_plain else "-",
            ", ".join(f"{check} ({count})" for check, count in often),
        ]


HEADER = ["", "n", "FAIL", "INCONCLUSIVE", "PASS", "Mann-Whitney", "what failed most often"]


def failed(verdict: canary.Verdict) -> list[str]:
    """The checks that failed, without the metric's name where there is but one."""
    return [what(finding) for finding in verdict.findings if finding.status == "FAIL"]


def what(finding: canary.Finding) -> str:
    """Which check of which metric, in as few words as the report has."""
    return finding.check


def differs(baseline: Array, changed: Array) -> bool:
    """What a plain two-sided Mann-Whitney test says at 5 %."""
    if min(len(baseline), len(changed)) == 0 or np.ptp(np.concatenate([baseline, changed])) == 0:
        return False
    return bool(stats.mannwhitneyu(baseline, changed).pvalue < ALPHA)


def percent(part: int, whole: int) -> str:
    """A share with its Monte Carlo standard error."""
    if whole == 0:
        return "-"
    share = part / whole
    return f"{100 * share:.1f} ± {100 * (share * (1 - share) / whole) ** 0.5:.1f}"


def counted(cases: Iterable[Case]) -> list[list[str]]:
    """A line for each group of cases, in their order."""
    tallies: dict[str, Tally] = {}
    for case in cases:
        tallies.setdefault(case.group, Tally()).add(case)
    return [tally.row(group) for group, tally in tallies.items()]


def table(header: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def column(frame: pd.DataFrame, name: str) -> Array:
    """A column's numbers, without its gaps."""
    return frame[name].dropna().to_numpy(dtype=np.float64)


def by_unit(values: Array, units: Iterable[Any]) -> dict[str, Any]:
    """Observations of units: hosts, or minutes."""
    return {"values": values, "units": [str(unit) for unit in units]}


# --- recordings ---------------------------------------------------------------------------------

SPLITS = 20


def folders() -> list[Path]:
    """The recordings' folders."""
    return sorted(path.parent for path in (ROOT / "fixtures/recordings").glob("*/recording.json"))


def recordings() -> str:
    """Each recording by the default policy and by the lab's, and from which minute it fails."""
    lab = canary.Policy.from_yaml((ROOT / "fixtures/policies/lab.yaml").read_text())
    rows = []
    for folder in folders():
        recording = Recording.read(folder)
        line = [f"`{recording.name}`", str(recording.truth)]
        for policy in (None, lab):
            verdict = canary.judge(policy, baseline=recording.baseline, canary=recording.canary)
            line += [verdict.status, ", ".join(failed(verdict))]
        rows.append([*line, first_failure(folder)])
    header = [
        "",
        "truth",
        "default policy",
        "what failed",
        "lab.yaml",
        "what failed",
        "from minute",
    ]
    return table(header, rows)


def requests(folder: Path) -> pd.DataFrame:
    """A recording's requests."""
    return pd.read_csv(folder / "requests.csv.gz")


def of_requests(frame: pd.DataFrame) -> Arm:
    """What requests say of an arm."""
    errors = {"events": int((frame.status >= 500).sum()), "trials": len(frame)}
    return {"error_rate": errors, "latency": column(frame, "latency_ms")}


def first_failure(folder: Path) -> str:
    """The first minute after which the requests so far fail, each minute judged by itself."""
    frame = requests(folder)
    for minute in range(1, 11):
        so_far = frame[frame.time_ms < 60_000 * minute]
        arms = [of_requests(so_far[so_far.arm == arm]) for arm in ("baseline", "canary")]
        if canary.judge(None, baseline=arms[0], canary=arms[1]).status == "FAIL":
            return str(minute)
    return "-"


def split_recordings(random: np.random.Generator) -> Iterator[Case]:
    """The baseline's requests against each other, each arm by the toss of a coin."""
    for folder in folders():
        frame = requests(folder)
        frame = frame[frame.arm == "baseline"]
        for minutes in (1, 10):
            part = frame[frame.time_ms < 60_000 * minutes]
            for _ in range(SPLITS):
                ours = random.random(len(part)) < 0.5
                one, two = part[~ours], part[ours]
                plain = (column(one, "latency_ms"), column(two, "latency_ms"))
                arms = (of_requests(one), of_requests(two))
                yield Case(f"the first {minutes} min", arms, plain)


# --- Azure: one benchmark on thousands of virtual machines ---------------------------------------

MACHINES, DRAWS = 50, 60
FORTNIGHT, WEEK = 14 * 86_400, 7 * 86_400


def benchmarks(data: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each benchmark's name and runs, by kind of machine."""
    for path in sorted((data / "azure_vm_noise").glob("*.csv.gz")):
        frame = pd.read_csv(path)
        for sku, of_sku in frame.groupby("sku"):
            yield f"{path.name.removesuffix('.csv.gz')} {sku}", of_sku.sort_values("start_s")


def higher_is_better(benchmark: str) -> bool:
    """By the unit in its name."""
    return any(unit in benchmark for unit in ("Bogo_Ops", "Events_Per_Second", "MiB_sec"))


def azure_machines(data: Path, random: np.random.Generator) -> Iterator[Case]:
    """Disjoint samples of single-use machines of a fortnight, one of them slowed."""
    for benchmark, frame in benchmarks(data):
        short = frame[frame.lifespan == "short"]
        better = higher_is_better(benchmark)
        known = {"direction": "decrease" if better else "increase"}
        default = canary.Policy.default({"benchmark": known})
        strict = canary.Policy.default({"benchmark": {**known, "margin": "5%"}})
        for _ in range(DRAWS):
            start = random.choice(short.start_s)
            near = short[(short.start_s >= start) & (short.start_s < start + FORTNIGHT)]
            values = column(near.drop_duplicates("VM_id"), "value")
            if len(values) < 2 * MACHINES:
                continue
            drawn = random.permutation(values)
            one, two = drawn[:MACHINES], drawn[MACHINES : 2 * MACHINES]
            for factor in (1.0, 1.02, 1.05, 1.10, 1.50):
                slowed = two / factor if better else two * factor
                change = f"{100 * (factor - 1):.0f} % worse" if factor > 1 else "the same"
                for name, policy in (("20 %", default), ("5 %", strict)):
                    yield Case(
                        f"{change}, margin {name}",
                        ({"benchmark": one}, {"benchmark": slowed}),
                        (one, slowed),
                        policy,
                    )


def azure_hosts(data: Path, random: np.random.Generator) -> Iterator[Case]:
    """One long-lived machine against another in the same week: no release differs, the hosts do."""
    for benchmark, frame in benchmarks(data):
        long = frame[frame.lifespan == "long"]
        known = {"direction": "decrease" if higher_is_better(benchmark) else "increase"}
        policies = {
            "20 %": canary.Policy.default({"benchmark": known}),
            "5 %": canary.Policy.default({"benchmark": {**known, "margin": "5%"}}),
        }
        for _ in range(DRAWS):
            start = random.choice(long.start_s)
            week = long[(long.start_s >= start) & (long.start_s < start + WEEK)]
            machines = [machine for machine, runs in week.groupby("VM_id") if len(runs) >= 10]
            if len(machines) < 2:
                continue
            one, two = (week[week.VM_id == m] for m in random.permutation(machines)[:2])
            plain = (column(one, "value"), column(two, "value"))
            naive = ({"benchmark": plain[0]}, {"benchmark": plain[1]})
            units = [by_unit(column(runs, "value"), runs.VM_id) for runs in (one, two)]
            honest = ({"benchmark": units[0]}, {"benchmark": units[1]})
            for name, policy in policies.items():
                yield Case(f"a list of runs, margin {name}", naive, plain, policy)
                yield Case(f"one machine per arm as `units`, margin {name}", honest, plain, policy)


# --- Nezha: two systems of microservices with injected faults ------------------------------------

DAYS = ("2022-08-22", "2023-01-29")
NEZHA_METRICS = ["CpuUsage(m)", "MemoryUsage(Mi)", "PodServerLatencyP95(s)"]
SUCCESS = "SuccessRate(%)"
#: Seconds of requests after a fault.
AFTER = (15, 30, 60, 120)
#: Fault-free from then on.
QUIET = {"2022-08-22": "2022-08-22 07:54:00", "2023-01-29": "2023-01-29 15:42:00"}


def seconds(time: str) -> float:
    """Seconds since 1970 of a time in UTC."""
    return pd.Timestamp(time, tz="UTC").timestamp()


def faults(data: Path, day: str) -> list[dict[str, str]]:
    """The faults injected on a day."""
    path = data / "nezha/rca_data" / day / f"{day}-fault_list.json"
    return [fault for hour in json.loads(path.read_text()).values() for fault in hour]


def nezha_requests(data: Path, day: str) -> pd.DataFrame:
    """The requests around a day's faults."""
    return pd.read_csv(data / "nezha_requests" / f"rca_data_{day}.csv.gz")


def latency(baseline: object, changed: object) -> Arms:
    """Both as arms."""
    return {"latency": baseline}, {"latency": changed}


def nezha_splits(data: Path, random: np.random.Generator) -> Iterator[Case]:
    """A service's requests of one minute, each arm by the toss of a coin."""
    for day in DAYS:
        for _, part in nezha_requests(data, day).groupby(["window", "service"]):
            values = column(part, "duration_us")
            if len(values) < 40:
                continue
            ours = random.random(len(values)) < 0.5
            arms = (values[~ours], values[ours])
            yield Case("random split within a minute", latency(*arms), arms)


def quiet_requests(data: Path, day: str) -> pd.DataFrame:
    """The windows without a fault in them or in the five minutes before."""
    frame = nezha_requests(data, day)
    times = np.array([seconds(fault["inject_time"]) for fault in faults(data, day)])
    span = frame.groupby("window").start_ms.agg(["min", "max"]) / 1000
    quiet = [
        window
        for window, (start, end) in span.iterrows()
        if not np.any((times >= start - 300) & (times <= end))
    ]
    return frame[frame.window.isin(quiet)]


def nezha_minutes(data: Path, random: np.random.Generator) -> Iterator[Case]:
    """A service's quiet minutes, drawn, against others of the day: nothing was released."""
    for day in DAYS:
        for _, part in quiet_requests(data, day).groupby("service"):
            windows = [window for window, rows in part.groupby("window") if len(rows) >= 20]
            for minutes in (1, 5, 10):
                for _ in range(4 if len(windows) >= 2 * minutes else 0):
                    drawn = random.permutation(np.array(windows, dtype=str))
                    chosen = (drawn[:minutes], drawn[minutes : 2 * minutes])
                    arms = [part[part.window.isin(of_arm)] for of_arm in chosen]
                    plain = (column(arms[0], "duration_us"), column(arms[1], "duration_us"))
                    units = [by_unit(column(arm, "duration_us"), arm.window) for arm in arms]
                    name = f"{minutes} minute{'s' if minutes > 1 else ''} per arm"
                    yield Case(f"{name}, a list of requests", latency(*plain), plain)
                    yield Case(f"{name}, as `units`", latency(*units), plain)


def nezha_request_faults(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """The faulted service's requests before the fault and after it."""
    for day in DAYS:
        frame = nezha_requests(data, day)
        for fault in faults(data, day):
            service = fault["inject_pod"].rsplit("-", 2)[0]
            since = (
                frame[frame.service == service].start_ms / 1000 - seconds(fault["inject_time"])
            ).rename("since")
            of_service = frame.loc[since.index]
            one = column(of_service[(since >= -65) & (since < 0)], "duration_us")
            for after in AFTER:
                two = column(of_service[(since >= 5) & (since < 5 + after)], "duration_us")
                if min(len(one), len(two)) >= 2:
                    yield Case(f"{fault['inject_type']}, {after} s", latency(one, two), (one, two))


def pods(data: Path, day: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each pod's metrics by the minute; `NetworkReceiveBytes` and the like are left out."""
    for path in sorted((data / "nezha/rca_data" / day / "metric").glob("*_metric.csv.gz")):
        frame = pd.read_csv(path)
        yield path.name.removesuffix("_metric.csv.gz"), frame.rename(columns={"TimeStamp": "time"})


def minutes_as(kind: str, rows: pd.DataFrame, start: float) -> Arm:
    """A pod's minutes as series, whose time starts with the arm, or as samples."""
    arm: Arm = {}
    for metric in NEZHA_METRICS:
        gapless = rows[["time", metric]].dropna()
        values = column(gapless, metric)
        if len(values) == 0:
            continue
        # Both arms' minutes are numbered from the arm's start: they were not watched side by side.
        times = 60.0 * np.round((gapless.time.to_numpy() - start) / 60)
        arm[metric] = {"times": times, "values": values} if kind == "series" else values
    return arm


def between(frame: pd.DataFrame, start: float, end: float) -> pd.DataFrame:
    """The rows in [start, end), one for each minute."""
    rows = frame[(frame.time >= start) & (frame.time < end)]
    return rows[~((rows.time - start) / 60).round().duplicated()]


def nezha_quiet(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """Fault-free minutes of a pod against the next ones."""
    for day in DAYS:
        for _pod, frame in pods(data, day):
            if frame.time.max() - seconds(day) > 2 * 86_400:
                continue  # one pod's clock is years ahead
            for minutes in (3, 12):
                start, length = seconds(QUIET[day]), 60.0 * minutes
                while start + 2 * length <= frame.time.max():
                    middle, end = start + length, start + 2 * length
                    one, two = between(frame, start, middle), between(frame, middle, end)
                    start = end
                    cpu = (column(one, NEZHA_METRICS[0]), column(two, NEZHA_METRICS[0]))
                    if min(len(cpu[0]), len(cpu[1])) < minutes:
                        continue
                    for kind in ("series", "sample"):
                        arms = (
                            minutes_as(kind, one, middle - length),
                            minutes_as(kind, two, middle),
                        )
                        yield Case(f"{minutes} minutes as a {kind}", arms, cpu)


def nezha_metric_faults(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """A pod's minutes before its fault and after it."""
    for day in DAYS:
        of_pod = dict(pods(data, day))
        front = pd.read_csv(data / "nezha/rca_data" / day / "metric/front_service.csv.gz")
        front = front.rename(columns={"TimeStamp": "time"})
        for fault in faults(data, day):
            frame, time = of_pod.get(fault["inject_pod"]), seconds(fault["inject_time"])
            if frame is None:
                continue
            for minutes in (1, 2, 3):
                one = between(frame, time - 180, time)
                two = between(frame, time + 60, time + 60 + 60 * minutes)
                cpu = (column(one, NEZHA_METRICS[0]), column(two, NEZHA_METRICS[0]))
                if min(len(cpu[0]), len(cpu[1])) == 0:
                    continue
                arms = (minutes_as("sample", one, 0), minutes_as("sample", two, 0))
                arms[0][SUCCESS] = column(between(front, time - 180, time), SUCCESS)
                arms[1][SUCCESS] = column(
                    between(front, time + 60, time + 60 + 60 * minutes), SUCCESS
                )
                yield Case(f"{fault['inject_type']}, {minutes} min as a sample", arms, cpu)


# --- PetShop: rows of five minutes ---------------------------------------------------------------


def petshop_rows(path: Path) -> pd.DataFrame:
    """One run's rows, with a column for each `node metric statistic`."""
    frame = pd.read_csv(path, header=[0, 1, 2])
    names = [" ".join(name) for name in frame.columns]
    frame.columns = pd.Index(["time", *names[1:]])
    # One more line of names stands above the rows.
    numbers: pd.DataFrame = frame.apply(pd.to_numeric, errors="coerce")
    return numbers.dropna(subset="time")


def service_levels(rows: pd.DataFrame) -> Arm:
    """What users feel: the front end's availability and mean latency."""
    return {
        "availability": column(rows, "PetSite availability Average"),
        "latency": column(rows, "PetSite latency Average"),
    }


def petshop_issues(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """Two rows before the issue, three after its begin."""
    for path in sorted((data / "petshop").glob("*/train/*/target.json")):
        target = json.loads(path.read_text())["target"]
        rows = petshop_rows(path.parent / "metrics.csv.gz")
        after = rows.time + 300 > target["timestamp"]
        one, two = rows[~after].tail(2), rows[after].head(3)
        arms = [service_levels(one), service_levels(two)]
        plain = (arms[0][target["metric"]], arms[1][target["metric"]])
        yield Case(f"{target['metric']} issue", (arms[0], arms[1]), plain)


def petshop_quiet(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """Adjacent hours without an issue."""
    rows = petshop_rows(data / "petshop/high_traffic/noissue/metrics.csv.gz")
    for start in range(0, len(rows) - 23, 24):
        one, two = rows.iloc[start : start + 12], rows.iloc[start + 12 : start + 24]
        arms = [service_levels(one), service_levels(two)]
        yield Case("adjacent hours", (arms[0], arms[1]), (arms[0]["latency"], arms[1]["latency"]))


# --- NAB: single series of machines --------------------------------------------------------------


def nab(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """A labelled window, and a day without a label, against as long a stretch one day before."""
    labels = json.loads((data / "nab/labels/combined_windows.json").read_text())
    for path in sorted((data / "nab/data").glob("*/*.csv")):
        frame = pd.read_csv(path, parse_dates=["timestamp"])
        frame["time"] = (frame.timestamp - pd.Timestamp(0)).dt.total_seconds()
        frame = frame.drop_duplicates("time")
        spans = [
            tuple((pd.Timestamp(end) - pd.Timestamp(0)).total_seconds() for end in window)
            for window in labels[f"{path.parent.name}/{path.name}"]
        ]
        for start, end in spans:
            days = max(1, int(np.ceil((end - start) / 86_400)))
            yield from nab_case("labelled window", frame, start, end, 86_400.0 * days)
        kind = "artificial" if "artificial" in path.parent.name else "real"
        start, length = float(frame.time.min()), 6 * 3600.0
        while start + 86_400 + length <= frame.time.max():
            both = (start, start + 86_400 + length)
            if all(both[1] < span[0] or both[0] > span[1] for span in spans):
                day_later = start + 86_400
                yield from nab_case(
                    f"{kind}, no label", frame, day_later, day_later + length, 86_400
                )
            start += 2 * 86_400


def nab_case(
    group: str, frame: pd.DataFrame, start: float, end: float, earlier: float
) -> Iterator[Case]:
    """A stretch against the same hours before, paired by the time of day."""
    arms, plain = [], []
    for shift in (earlier, 0.0):
        rows = frame[(frame.time >= start - shift) & (frame.time <= end - shift)]
        plain.append(column(rows, "value"))
        arms.append(
            {"metric": {"times": rows.time.to_numpy() - (start - shift), "values": plain[-1]}}
        )
    if min(len(values) for values in plain) >= 2:
        yield Case(group, (arms[0], arms[1]), (plain[0], plain[1]))


# --- ASOS: experiments in sales, as running sums -------------------------------------------------


def asos(data: Path, _: np.random.Generator) -> Iterator[Case]:
    """Each experiment's metric at its last look; most changes are far below a fifth."""
    frame = pd.read_parquet(next((data / "asos").glob("*.parquet")))
    for _key, series in frame.groupby(["experiment_id", "variant_id", "metric_id"]):
        last = series.dropna().sort_values("time_since_start").tail(1)
        for row in last.to_dict("records"):
            control, treated = (
                canary.Summary(
                    row["count_" + arm], row["mean_" + arm], row["variance_" + arm] ** 0.5
                )
                for arm in "ct"
            )
            for margin in ("20%", "1%"):
                known = {"direction": "decrease", "margin": margin}
                policy = canary.Policy.default({"sales": known})
                arms = ({"sales": control}, {"sales": treated})
                yield Case(f"last look, margin {margin}", arms, None, policy)


# --- the page ------------------------------------------------------------------------------------

Source = Callable[[Path, np.random.Generator], Iterator[Case]]


@dataclass(frozen=True)
class Section:
    """Tables from one source."""

    folder: str
    title: str
    words: str
    sources: tuple[Source, ...]


SECTIONS = (
    Section(
        "azure_vm_noise",
        "Azure: the unit is a machine",
        "Benchmarks on virtual machines in eastus (Azure/AzurePublicDataset, vm-noise-data, "
        f"CC BY 4.0). First {MACHINES} single-use machines against {MACHINES} others of the "
        "same kind in the same fortnight, the second arm made worse by a known factor; then "
        "one long-lived machine against another in the same week, where no release differs "
        "but the hosts do.",
        (azure_machines, azure_hosts),
    ),
    Section(
        "nezha_requests",
        "Nezha: requests",
        "Requests of two systems of microservices around injected faults "
        "(IntelligentDDS/Nezha, MIT). Minutes are compared with each other where no fault was "
        "in the five minutes before. Faults: the faulted service's requests of the 65 s "
        "before against 5 to 125 s after.",
        (nezha_splits, nezha_minutes, nezha_request_faults),
    ),
    Section(
        "nezha",
        "Nezha: metrics by the minute",
        "CPU, memory and P95 of a pod: adjacent fault-free stretches, and the faulted pod (as "
        "samples with the front end's success rate) three minutes before its fault against "
        "one, two and three minutes that begin a minute after. Mann-Whitney is of the CPU.",
        (nezha_quiet, nezha_metric_faults),
    ),
    Section(
        "petshop",
        "PetShop: rows of five minutes",
        "Availability and latency of the front end (amazon-science/petshop-root-cause-"
        "analysis, data CC BY 4.0): two rows before an issue against three after its begin, "
        "and adjacent hours without.",
        (petshop_issues, petshop_quiet),
    ),
    Section(
        "nab",
        "NAB: a machine's series against its own past",
        "CloudWatch and artificial series (numenta/NAB, MIT) against the same hours one or "
        "more days before; any change is taken for worse, as nothing is known of the metric.",
        (nab,),
    ),
    Section(
        "asos",
        "ASOS: experiments in sales",
        "Running sums of 18 A/B experiments at the last look (ASOS Digital Experiments, CC BY "
        "4.0).",
        (asos,),
    ),
)

INTRODUCTION = """# Quality on recorded data

What `canary.judge` says of recordings with a known truth and of public data, with the default
policy where no other is named, beside a plain two-sided Mann-Whitney test at 5 %. Shares are in %,
± their Monte Carlo standard error. Each is one look. The page is written anew by
`benches/python/quality.py --data FOLDER --write`, seeded; the public data are not shipped.
"""


def page(data: Path | None, seed: int) -> Iterator[str]:
    """The page, section by section."""
    yield INTRODUCTION
    yield (
        "## The recordings\n\nThe last column is the first minute after which the requests so far "
        f"(errors and latency) fail, each minute judged by itself.\n\n{recordings()}\n"
    )
    random = np.random.default_rng(seed)
    yield (
        "Nothing differs: the baseline's requests of each recording, split at random "
        f"{SPLITS} times.\n\n{table(HEADER, counted(split_recordings(random)))}\n"
    )
    for section in SECTIONS:
        if data is None or not (data / section.folder).is_dir():
            continue
        yield f"## {section.title}\n\n{section.words}\n"
        for source in section.sources:
            random = np.random.default_rng(seed)
            yield f"{table(HEADER, counted(source(data, random)))}\n"


def main() -> None:
    """Prints the page, and writes it if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the public data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    parts = []
    for part in page(options.data, options.seed):
        print(part, flush=True)
        parts.append(part)
    if options.write:
        PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
