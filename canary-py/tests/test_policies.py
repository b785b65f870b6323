"""The policies of fixtures in Python: blocks as documents have them, and those refused."""

import json
from itertools import takewhile
from pathlib import Path

import canary
import pytest

POLICIES = Path(__file__).resolve().parents[2] / "fixtures" / "policies"
WRITTEN = sorted((POLICIES / "as-written").glob("*.yaml"), key=lambda path: path.name)
BAD = sorted((POLICIES / "bad").glob("*.yaml"), key=lambda path: path.name)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_block_as_it_was_written_is_our_policy(path):
    block = canary.Policy.from_yaml(path.read_text())
    ours = canary.Policy.from_yaml((POLICIES / path.name).read_text())
    assert block.to_json() == ours.to_json()
    assert block == ours


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_is_unclear_is_refused_with_the_reason(path):
    text = path.read_text()
    with pytest.raises(canary.CanaryError) as error:
        canary.Policy.from_yaml(text)
    comment = takewhile(lambda line: line.startswith("# "), text.splitlines())
    assert str(error.value) == "\n".join(line.removeprefix("# ") for line in comment)


def test_all_phases_are_read_at_once():
    names = [f"playbook-{percent}-percent" for percent in (1, 5, 10, 25, 50)]
    text = "".join((POLICIES / "as-written" / f"{name}.yaml").read_text() for name in names)
    phases = canary.Policy.phases(text)
    assert [name for name, _ in phases] == [name.replace("playbook", "canary") for name in names]
    assert all(policy.name == name for name, policy in phases)


def test_the_codes_dict_is_the_yamls_block():
    code = {"error_rate_increase": 0.5, "latency_increase": 2.0, "success_rate_min": 0.95}
    policy = canary.Policy.from_dict({"canary-1-percent": {"thresholds": code}})
    written = json.loads(policy.to_json())["checks"]
    assert [check["threshold"] for check in written] == [
        {"percent": 50.0},
        {"statistic": "p99", "factor": 2.0},
        {"min": 0.95},
    ]
