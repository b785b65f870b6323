"""The command `canary`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from canary._core import CanaryError, Policy, Verdict, __version__, judge
from canary.progress import progress
from canary.recording import InvalidFile, Recording, read_arm

EXIT = {"PASS": 0, "FAIL": 1, "INCONCLUSIVE": 2}
WARNINGS = 1
BAD_INPUT, UNEXPECTED, INTERRUPTED = 3, 4, 130

DESCRIPTION = """\
Judges canary releases: is the canary worse than the baseline, and how sure are we?
Reads what was measured on both arms, applies a policy, and says PASS (promote),
FAIL (roll back) or INCONCLUSIVE (continue), and why.
"""

EXAMPLES = """\
examples:
  A recorded rollout, or several:
    canary judge --policy policy.yaml --recording rollouts/monday rollouts/tuesday

  One file per arm: CSV or Parquet with a column per metric, or JSON:
    canary judge --policy policy.yaml --baseline v1.csv --canary v2.csv

  Without a policy, by the default one of the metrics that there are:
    canary judge --baseline v1.csv --canary v2.csv

  As a step of a pipeline that promotes only on PASS:
    canary judge --policy policy.yaml --recording now --quiet && ./promote.sh

exit code:
  0 pass    1 fail    2 inconclusive    3 bad input or usage    4 unexpected error
  (of several recordings, the worst: fail before inconclusive before pass)
"""

POLICY_EXAMPLE = """\
a whole policy:
  version: 1
  metrics:
    error_rate: {direction: increase}           # which way is worse
    latency:    {direction: increase, unit: ms}
  checks:
    - metric: error_rate                        # statistical: three answers
      test: {method: two_proportion_z, margin: {difference: 0.25%}}
    - metric: latency
      test: {method: mann_whitney, margin: {percent: 5%}, confidence: 99%}
    - metric: latency                           # a point comparison
      threshold: {statistic: p99, factor: 2x}
    - metric: error_rate                        # a test for whoever judges every minute
      sequential: {margin: {percent: 50%, floor: 0.25%}}

  methods: auto (by the data), t_test, mann_whitney, quantile, two_proportion_z, ...
  margins and relative thresholds: factor: 2x, percent: 50%, difference: 20ms
  absolute thresholds: max: 500ms, min: 95%
  All of it, for an editor: canary policy schema
  What it means, and what is unwise about it: canary policy check policy.yaml
"""

CHECK_DESCRIPTION = """\
Says a policy in words, and warns of what is unwise about it: of checks that chance decides,
of what no data can ever show and, with the traffic that there will be, of what that traffic
cannot decide.
"""

CHECK_EXAMPLES = """\
examples:
  canary policy check policy.yaml
  canary policy check policy.yaml --requests-per-second 200 --canary-share 5% --minutes 60

exit code:
  0 no warnings    1 warnings    3 bad policy or usage    4 unexpected error
"""


@dataclass(frozen=True)
class Case:
    """One verdict, and the recording it is about, if it is about one."""

    verdict: Verdict
    recording: Recording | None

    @property
    def agrees(self) -> bool | None:
        """Whether the verdict is the recording's truth; None where that is not known."""
        if self.recording is None or self.recording.truth is None:
            return None
        return self.verdict.status == self.recording.truth


class Parser(argparse.ArgumentParser):
    """A parser whose usage errors do not look like a verdict: argparse's exit code is 2."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong, and where help is."""
        self.exit(BAD_INPUT, f"{self.prog}: error: {message} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    raw = argparse.RawDescriptionHelpFormatter
    top = Parser("canary", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=raw)
    top.add_argument("--version", action="version", version=f"canary {__version__}")
    commands = top.add_subparsers(dest="command", required=True, parser_class=Parser)
    command = commands.add_parser(
        "judge",
        help="judge what was measured by a policy",
        description=DESCRIPTION,
        epilog=POLICY_EXAMPLE + "\n" + EXAMPLES,
        formatter_class=raw,
    )
    command.add_argument(
        "--policy",
        type=Path,
        help="policy in YAML or JSON; default: the standard one of all metrics",
    )
    command.add_argument(
        "--recording", type=Path, nargs="+", metavar="DIR", help="folders with a recording.json"
    )
    command.add_argument("--baseline", type=Path, metavar="FILE", help="the baseline's metrics")
    command.add_argument("--canary", type=Path, metavar="FILE", help="the canary's metrics")
    command.add_argument(
        "--nan-policy",
        choices=("raise", "omit"),
        default="raise",
        help="refuse gaps and NaN (default), or leave them out and count them",
    )
    command.add_argument(
        "--design",
        choices=("concurrent", "before_and_after"),
        default="concurrent",
        help="both arms side by side (default), or the baseline from a time before the canary, "
        "which is a weaker comparison and says so",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON document")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    form.add_argument("--quiet", action="store_true", help="print one line per verdict")
    command.add_argument(
        "--color", choices=("auto", "always", "never"), default="auto", help="default: auto"
    )
    _add_policy_commands(commands)
    commands.add_parser("schema", help="the same as policy schema")
    return top


def _add_policy_commands(commands: argparse._SubParsersAction[Parser]) -> None:
    raw = argparse.RawDescriptionHelpFormatter
    about = commands.add_parser("policy", help="look at a policy itself")
    actions = about.add_subparsers(dest="action", required=True, parser_class=Parser)
    check = actions.add_parser(
        "check",
        help="say it in words, and what is unwise about it",
        description=CHECK_DESCRIPTION,
        epilog=CHECK_EXAMPLES,
        formatter_class=raw,
    )
    check.add_argument("file", type=Path, metavar="FILE", help="policy in YAML or JSON")
    traffic = check.add_argument_group("the traffic that there will be (the first three or none)")
    traffic.add_argument(
        "--requests-per-second", type=float, metavar="N", help="on both arms together"
    )
    traffic.add_argument(
        "--canary-share",
        type=_share,
        metavar="SHARE",
        help="the canary's part of them, such as 5%%",
    )
    traffic.add_argument("--minutes", type=float, metavar="N", help="for how long it is watched")
    traffic.add_argument(
        "--baseline-rate",
        type=_share,
        default=0.01,
        metavar="RATE",
        help="of errors and other events; default: 1%%",
    )
    traffic.add_argument(
        "--looks",
        type=int,
        default=1,
        metavar="N",
        help="how often it is judged meanwhile; default: 1",
    )
    check.add_argument("--json", action="store_true", help="print one JSON document")
    actions.add_parser("schema", help="print the JSON schema of a policy, for editors")


def _share(text: str) -> float:
    """A share as people write it: 5% or 0.05."""
    number = text.strip()
    try:
        return float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        message = f"must be a share such as 5% or 0.05, got {text!r}"
        raise argparse.ArgumentTypeError(message) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    top = parser()
    try:
        options = top.parse_args(argv)
        code = _run(top, options)
        sys.stdout.flush()  # here and not at exit, where nobody could tell that the reader has gone
        return code
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else BAD_INPUT
    except CanaryError as error:
        print(f"canary: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        # The reader has gone; so that Python does not complain when it flushes at exit:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNEXPECTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        print(f"canary: unexpected error: {type(error).__name__}: {error}", file=sys.stderr)
        return UNEXPECTED


def _run(top: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if options.command == "schema" or getattr(options, "action", None) == "schema":
        print(json.dumps(Policy.json_schema(), indent=2))
        return 0
    if options.command == "policy":
        return _check_policy(options)
    files = (options.baseline, options.canary)
    if (options.recording is None) == (files == (None, None)) or (None in files) != (
        files == (None, None)
    ):
        top.error("judge needs either --recording, or both --baseline and --canary")
    cases = list(_cases(options))
    if options.json:
        print(_as_json(cases))
    elif options.quiet:
        for case in cases:
            print(_line(case))
    else:
        print(_in_full(cases, options))
    sys.stdout.flush()
    return _exit_code(cases)


def _read_policy(path: Path) -> Policy:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        message = f"{path}: cannot be read: {reason}"
        raise InvalidFile(message) from error
    try:
        return Policy.from_json(text) if path.suffix == ".json" else Policy.from_yaml(text)
    except CanaryError as error:
        message = f"{path}: {str(error).removeprefix('policy: ')}"
        raise InvalidFile(message) from error


def _check_policy(options: argparse.Namespace) -> int:
    policy = _read_policy(options.file)
    warnings = policy.advice(
        requests_per_second=options.requests_per_second,
        canary_share=options.canary_share,
        minutes=options.minutes,
        baseline_rate=options.baseline_rate,
        looks=options.looks,
    )
    if options.json:
        found = [advice.to_dict() for advice in warnings]
        print(json.dumps({"words": policy.in_words(), "warnings": found}, ensure_ascii=False))
    else:
        print(policy.in_words())
        print("\nNo warnings." if not warnings else f"\nWarnings ({len(warnings)}):")
        for advice in warnings:
            print(f"- {advice}")
    sys.stdout.flush()
    return WARNINGS if warnings else 0


def _cases(options: argparse.Namespace) -> list[Case]:
    policy = None if options.policy is None else _read_policy(options.policy)
    nan_policy = options.nan_policy
    design = options.design
    if options.recording is None:
        baseline = read_arm(options.baseline, nan_policy=nan_policy)
        canary = read_arm(options.canary, nan_policy=nan_policy)
        return [Case(judge(policy, baseline=baseline, canary=canary, design=design), None)]
    cases = []
    for folder in progress(options.recording, "judging"):
        recording = Recording.read(folder, nan_policy=nan_policy)
        verdict = judge(policy, baseline=recording.baseline, canary=recording.canary, design=design)
        cases.append(Case(verdict, recording))
    return cases


def _exit_code(cases: Sequence[Case]) -> int:
    statuses = {case.verdict.status for case in cases}
    worst = next(status for status in ("FAIL", "INCONCLUSIVE", "PASS") if status in statuses)
    return EXIT[worst]


def _as_json(cases: Sequence[Case]) -> str:
    if len(cases) == 1 and cases[0].recording is None:
        return cases[0].verdict.to_json()
    documents = [
        {
            "recording": case.recording.name if case.recording else None,
            "truth": case.recording.truth if case.recording else None,
            "verdict": case.verdict.to_dict(),
        }
        for case in cases
    ]
    return json.dumps(documents, ensure_ascii=False)


def _line(case: Case) -> str:
    name = f"{case.recording.name}: " if case.recording else ""
    return f"{name}{case.verdict.status}: {case.verdict.reason}"


def _in_full(cases: Sequence[Case], options: argparse.Namespace) -> str:
    color = _wants_color(options.color)
    parts = []
    for case in cases:
        if options.markdown:
            title = f"## {case.recording.title}\n\n" if case.recording else ""
            parts.append(title + case.verdict.to_markdown())
        else:
            parts.append(_title(case, color) + case.verdict.to_text(color=color) + "\n")
    if len(cases) > 1:
        parts.append(_summary(cases, color) if not options.markdown else "")
    return "\n".join(part for part in parts if part)


def _title(case: Case, color: bool) -> str:
    if case.recording is None:
        return ""
    rule = "─" * 78
    title = _paint(f"{case.recording.name}: {case.recording.title}", "1", color)
    return f"{rule}\n{title}\n{case.recording.description}\n\n"


def _summary(cases: Sequence[Case], color: bool) -> str:
    """One line per recording: what was changed, the verdict, the truth."""
    codes = {"PASS": "1;32", "FAIL": "1;31", "INCONCLUSIVE": "1;33"}
    width = max(len(case.recording.name) for case in cases if case.recording)
    why = max(len(case.recording.why or "") for case in cases if case.recording)
    lines = ["─" * 78]
    for case in cases:
        if case.recording is None:
            continue
        status = _paint(f"{case.verdict.status:<12}", codes[case.verdict.status], color)
        truth = {None: "", True: "as it should be", False: f"SHOULD BE {case.recording.truth}"}
        lines.append(
            f"{case.recording.name:<{width}}  {case.recording.why or '':<{why}}  {status}  "
            f"{truth[case.agrees]}".rstrip()
        )
    known = [case.agrees for case in cases if case.agrees is not None]
    if known:
        lines.append(
            f"\n{sum(known)} of {len(known)} verdicts agree with what is known to be true."
        )
    return "\n".join(lines)


def _wants_color(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return choice == "always"


def _paint(text: str, code: str, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text


if __name__ == "__main__":
    sys.exit(main())
