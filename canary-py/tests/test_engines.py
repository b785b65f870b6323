"""What the engines decide, from Python: what goes in, and how the outcome reads."""

import canary
import numpy as np
import pytest

ARGO = canary.ArgoAnalysis.from_dict(
    {
        "metrics": [
            {
                "name": "a",
                "interval": "1m",
                "failureLimit": 1,
                "successCondition": "result[0] > 0.5",
            },
            {"name": "b", "interval": "1m", "failureCondition": "result > 0.5", "count": 9},
        ]
    }
)


def test_every_kind_of_reading_is_taken():
    look = ARGO.run([{"a": np.array([0.9]), "b": np.float32(0.25)}])[0]
    assert look.measurements == {"a": "Successful", "b": "Successful"}
    look = ARGO.run([{"a": [], "b": None}])[0]
    assert look.measurements == {"a": "Error", "b": "Error"}
    assert look.errors == {
        "a": "result[0]: the list has 0 values",
        "b": "expected a number, got nil",
    }
    look = ARGO.run([{"a": "inconclusive", "b": float("nan")}])[0]
    assert look.measurements == {"a": "Inconclusive", "b": "Successful"}
    assert (look.phase, look.effect) == ("Inconclusive", "pause")


def test_times_decide_what_is_taken():
    readings = [{"a": [0.9], "b": 0.1}] * 3
    taken = [look.measurements["a"] for look in ARGO.run(readings, times=[0, 30, 60])]
    assert taken == ["Successful", None, "Successful"]


def test_a_stopped_run_is_successful():
    assert [look.effect for look in ARGO.run([], terminate=True)] == ["continue"]


def test_flagger_hears_its_hooks():
    analysis = canary.FlaggerAnalysis.from_dict({"stepWeight": 50})
    looks = analysis.run([{}] * 3, hooks=[None, {"rollback": True}, None])
    assert [(look.phase, look.weight) for look in looks] == [
        ("Progressing", 50),
        ("Failed", 0),
        ("Failed", 0),
    ]


def test_keptn_reads_both_of_its_forms():
    newer = canary.KeptnAnalysis.from_yaml(
        """
spec:
  objectives:
  - analysisValueTemplateRef: {name: errors}
    target: {failure: {greaterThan: {fixedValue: 500m}}}
    keyObjective: true
  totalScore: {passPercentage: 90, warningPercentage: 50}
"""
    )
    assert newer.indicators == ["errors"]
    assert [look.result for look in newer.run([{"errors": 0.5}, {"errors": 0.6}])] == [
        "pass",
        "fail",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ARGO.run([3]), r"looks\[0\]: must be a mapping from metric"),
        (lambda: ARGO.run([{"a": "Failed"}]), "outcome: must be one of"),
        (lambda: ARGO.run([{"a": ["x"]}]), r"looks\[0\].a: must be a number, got"),
        (lambda: ARGO.run([{}], times=[]), "times: must be as many as the looks, 1, got 0"),
        (lambda: ARGO.run([{}], times=[float("nan")]), "at_seconds: must be finite"),
        (
            lambda: canary.FlaggerAnalysis.from_dict({}).run([{}], hooks=[{"rolback": 1}]),
            r"hooks\[0\]",
        ),
        (lambda: canary.ArgoAnalysis.from_dict({"metrics": []}), "metrics: needs at least one"),
        (lambda: canary.KeptnAnalysis.from_yaml("objectives: {"), "policy: "),
        (lambda: canary.FlaggerAnalysis.from_dict({"stepWeight": float("nan")}), "policy: "),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(canary.CanaryError, match=message):
        call()
