"""The command: exit codes, output forms, and what it says of bad files."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from canary import CanaryError
from canary.cli import main
from canary.recording import read_arm

ROOT = Path(__file__).resolve().parents[2]

POLICY = """\
version: 1
metrics:
  latency: {unit: ms, direction: increase}
  errors: {direction: increase}
checks:
  - metric: latency
    test: {method: mann_whitney, margin: {percent: 10%}}
  - metric: errors
    threshold: {max: 5%}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    for name, slower in (("baseline", 1.0), ("same", 1.0), ("slow", 1.5)):
        frame = pd.DataFrame(
            {
                "latency": [slower * (50 + i * 37 % 101 / 10) for i in range(200)],
                "errors.events": [0] * 199 + [1],
                "errors.trials": [10] * 200,
            }
        )
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        frame.to_parquet(tmp_path / f"{name}.parquet")
        with gzip.open(tmp_path / f"{name}.json.gz", "wt") as file:
            counts = {"events": 1, "trials": 2000}
            json.dump({"latency": frame["latency"].tolist(), "errors": counts}, file)
    (tmp_path / "few.csv").write_text("latency,errors.events,errors.trials\n50,0,1\n")
    return tmp_path


def judge(folder, canary, *more, baseline="baseline.csv", policy="policy.yaml"):
    arguments = ["--policy", folder / policy]
    arguments += ["--baseline", folder / baseline, "--canary", folder / canary]
    return main([str(x) for x in ("judge", *arguments, *more)])


@pytest.mark.parametrize("form", ["csv", "parquet", "json.gz"])
def test_the_exit_code_is_the_verdict(folder, form):
    assert judge(folder, f"same.{form}", baseline=f"baseline.{form}") == 0
    assert judge(folder, f"slow.{form}", baseline=f"baseline.{form}") == 1
    assert judge(folder, "few.csv") == 2


def test_json_is_one_document(folder, capsys):
    judge(folder, "slow.csv", "--json")
    assert json.loads(capsys.readouterr().out)["status"] == "FAIL"


def test_the_other_forms(folder, capsys):
    judge(folder, "slow.csv", "--quiet")
    assert capsys.readouterr().out.startswith("FAIL: 1 of 2 checks failed.")
    judge(folder, "slow.csv", "--markdown")
    assert capsys.readouterr().out.startswith("**FAIL: roll the canary back.** ")
    judge(folder, "slow.csv", "--color", "always")
    assert "\x1b[1;31mFAIL" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must start with a line of column names"),
        ("latency\nfast\n", "row 2, column latency: must be a number, got 'fast'"),
        ("latency\n1\n\n2,3\n", "must have 1 cells, got 2"),
        ("latency,latency\n1,2\n", "column names must differ"),
        ("latency\n1\nnan\n", "row 3, column latency: has no number"),
        ("latency\ninf\n", "column latency: values: must hold finite values, got inf at index 0"),
        ("latency\n", "column latency: values: needs at least 1 value, got 0"),
        ("errors.events\n1\n", "column errors.trials is missing"),
        ("errors.events,errors.trials\n3,1\n", "must not exceed the 1 trials, got 3"),
        ("time,latency\n2,1\n1,1\n", "times: must increase, got 1 after 2"),
    ],
)
def test_bad_files_are_named_with_the_place(folder, capsys, content, message):
    (folder / "bad.csv").write_text(content)
    assert judge(folder, "bad.csv") == 3
    error = capsys.readouterr().err
    assert error.startswith("canary: error: ")
    assert "bad.csv" in error
    assert message in error
    assert "Traceback" not in error


def test_gaps_can_be_left_out(folder):
    text = (folder / "same.csv").read_text() + ",0,10\n"
    (folder / "gaps.csv").write_text(text)
    assert judge(folder, "gaps.csv") == 3
    assert judge(folder, "gaps.csv", "--nan-policy", "omit") == 0


def test_an_empty_line_of_one_column_is_a_gap(folder):
    text = "latency\n" + "100\n103\n" * 100
    (folder / "one.csv").write_text(text + "\n\n")  # an editor's, after the last value
    (folder / "gaps.csv").write_text(text + "\n\n\n101\n")
    assert len(read_arm(folder / "one.csv")["latency"]) == 200
    with pytest.raises(CanaryError, match="row 202, column latency: has no number"):
        read_arm(folder / "gaps.csv")
    gaps = read_arm(folder / "gaps.csv", nan_policy="omit")["latency"]
    assert (len(gaps), gaps.omitted) == (201, 3)


def test_a_byte_order_mark_is_no_part_of_a_name(folder):
    mark = "\ufeff"
    for name in ("same.csv", "policy.yaml"):
        (folder / f"marked-{name}").write_text(mark + (folder / name).read_text(), "utf-8")
    assert judge(folder, "marked-same.csv", policy="marked-policy.yaml") == 0
    (folder / "marked.json").write_text(mark + '{"latency": [1, 2]}', "utf-8")
    assert list(read_arm(folder / "marked.json")) == ["latency"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.csv", None, "cannot be read: No such file or directory"),
        ("bad.parquet", "no", "cannot be read"),
        ("bad.json", "{", "line 1, column 2"),
        ("list.json", "[]", "must hold an object of metrics, got list"),
        ("twice.json", '{"lat": [1, 2], "lat": [300]}', '"lat" stands twice'),
        ("bad.csv.gz", "not gzip", "cannot be read"),
        ("bad.txt", "x", "must end in .csv"),
    ],
)
def test_unreadable_files_are_named(folder, capsys, name, content, message):
    if content is not None:
        (folder / name).write_text(content)
    assert judge(folder, name) == 3
    error = capsys.readouterr().err
    assert name in error
    assert message in error


def test_a_bad_policy_has_a_line_and_a_column(folder, capsys):
    (folder / "bad.yaml").write_text(POLICY.replace("margin", "margn"))
    assert judge(folder, "same.csv", policy="bad.yaml") == 3
    error = capsys.readouterr().err
    assert "bad.yaml: checks[0].test: unknown key `margn`, did you mean `margin`? (line 7" in error


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["policy"],
        ["judge"],
        ["judge", "--policy", "x"],
        ["judge", "--policy", "x", "--baseline", "y"],
    ],
)
def test_wrong_usage_is_not_a_verdict(arguments, capsys):
    assert main(arguments) == 3
    assert "--help" in capsys.readouterr().err


def test_help_teaches(capsys):
    assert main(["judge", "--help"]) == 0
    text = capsys.readouterr().out
    assert "0 pass    1 fail    2 inconclusive    3 bad input" in text
    assert "method: two_proportion_z" in text


@pytest.mark.parametrize("command", [["schema"], ["policy", "schema"]])
def test_schema_is_json(capsys, command):
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Policy"


def test_the_published_schema_is_the_readers(capsys):
    main(["policy", "schema"])
    published = ROOT / "fixtures" / "policies" / "policy.schema.json"
    assert published.read_text() == capsys.readouterr().out, "make schema"


def test_without_a_policy_the_metrics_are_judged_by_the_default_one(folder, capsys):
    files = ["--baseline", str(folder / "baseline.csv"), "--canary", str(folder / "slow.csv")]
    assert main(["judge", *files, "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["policy"] == "standard"
    assert {finding["metric"] for finding in verdict["findings"]} == {"latency", "errors"}


TRAFFIC = ["--requests-per-second", "1", "--canary-share", "5%", "--minutes", "10"]


def test_a_baseline_from_before_is_said(folder, capsys):
    assert judge(folder, "slow.csv", "--design", "before_and_after") == 1
    assert capsys.readouterr().out.count("were not measured at the same time") == 1
    assert judge(folder, "same.csv", "--json", "--design", "before_and_after") == 0
    assert json.loads(capsys.readouterr().out)["design"] == "before_and_after"


def test_a_policy_is_said_in_words_with_what_is_unwise(folder, capsys):
    path = str(folder / "policy.yaml")
    assert main(["policy", "check", path]) == 1
    text = capsys.readouterr().out
    assert "latency, in ms, is worse when it increases." in text
    assert "median at most 10% above the baseline, with 95% confidence" in text
    assert "Warnings (1):\n- errors: The rate is compared as a point" in text
    assert main(["policy", "check", path, *TRAFFIC]) == 1
    assert "The canary will have about 30 requests." in capsys.readouterr().out


def test_a_policy_without_warnings_is_exit_code_0(folder, capsys):
    good = POLICY.replace("threshold: {max: 5%}", "test: {margin: {difference: 1%}}")
    (folder / "good.yaml").write_text(good)
    assert main(["policy", "check", str(folder / "good.yaml")]) == 0
    assert capsys.readouterr().out.endswith("\nNo warnings.\n")


def test_advice_as_json(folder, capsys):
    assert main(["policy", "check", str(folder / "policy.yaml"), "--json", *TRAFFIC]) == 1
    document = json.loads(capsys.readouterr().out)
    topics = {warning["topic"] for warning in document["warnings"]}
    assert topics == {"point_without_sample", "unresolvable_margin"}
    assert document["words"].startswith("This policy makes 2 checks of 2 metrics.")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--minutes", "10"], "requests_per_second: must be given with canary_share and minutes"),
        ([*TRAFFIC[:3], "120%", *TRAFFIC[4:]], "canary_share: must lie in (0, 1), got 1.2"),
        (["--canary-share", "five"], "must be a share such as 5% or 0.05, got 'five'"),
        ([*TRAFFIC, "--looks", "-1"], "looks: must be a whole number"),
    ],
)
def test_bad_traffic_is_named(folder, capsys, more, message):
    assert main(["policy", "check", str(folder / "policy.yaml"), *more]) == 3
    assert message in capsys.readouterr().err


def test_a_bad_policy_to_check_is_named(folder, capsys):
    (folder / "bad.yaml").write_text(POLICY.replace("margin", "margn"))
    assert main(["policy", "check", str(folder / "bad.yaml")]) == 3
    assert "unknown key `margn`" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_trouble():
    # Once it leaves after a line, and once before there is any.
    for reader, first in [("head -1", "{\n"), ("true", "")]:
        command = f"{sys.executable} -m canary schema | {reader}"
        run = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)  # noqa: S602
        assert run.stdout == first
        assert run.stderr == ""
