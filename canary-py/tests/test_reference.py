"""The same corpus of reference values as the crate's own tests, through Python."""

import json
import math
from pathlib import Path

import canary
import numpy as np
import pytest

CORPUS = Path(__file__).resolve().parents[2] / "fixtures" / "reference"
RELATIVE = 1e-12
EFFECTS = ("cohens_d", "hedges_g", "rank_biserial", "common_language", "cohens_h")


def values(data):
    """A case's data as what the test takes."""
    if isinstance(data, list):
        return np.array([float(x) for x in data])
    if "lattice" in data:
        spec = data["lattice"]
        i = np.arange(spec["n"], dtype=np.uint64)
        step = (i * np.uint64(spec["multiplier"])) % np.uint64(spec["modulus"])
        whole = (step // np.uint64(spec.get("divide", 1))).astype(np.float64)
        return spec["offset"] + spec["scale"] * whole / float(spec["modulus"])
    if "summary" in data:
        spec = data["summary"]
        return canary.Summary(spec["n"], float(spec["mean"]), float(spec["stddev"]))
    return (data["events"], data["trials"])


def options(case):
    given = dict(case.get("options", {}))
    if "continuity" in given:
        given["continuity"] = "corrected" if given["continuity"] else "uncorrected"
    return given


def close(got, expected):
    expected = float(expected)
    if got == expected:
        return True
    return math.isfinite(expected) and abs(got - expected) <= RELATIVE * abs(expected)


def differences(result, expected):
    """Every number of the case that does not come out."""
    got = {
        "statistic": result.statistic,
        "df": result.df,
        "p_value": result.p_value,
        "estimate": result.estimate.value,
        **{name: result.effect_sizes.get(name) for name in EFFECTS},
    }
    for field, value in expected.items():
        if field == "interval":
            pairs = zip(result.interval, value, strict=True)
            bad = [pair for pair in pairs if not close(*pair)]
        elif field in got:
            bad = [] if close(got[field], value) else [(got[field], value)]
        else:
            level, _, arm = field.rpartition("_")
            assert level in ("mean", "median", "proportion"), field
            actual = getattr(result, arm).level
            bad = [] if close(actual, value) else [(actual, value)]
        yield from ((field, *pair) for pair in bad)


@pytest.mark.parametrize("test", ["t_test", "mann_whitney", "two_proportion_z"])
def test_agrees_with_the_corpus(test):
    cases = json.loads((CORPUS / f"{test}.json").read_text())["cases"]
    assert len(cases) >= 40
    failures = []
    for case in cases:
        arms = (values(case["baseline"]), values(case["canary"]))
        result = getattr(canary, test)(*arms, **options(case))
        failures += [(case["name"], *bad) for bad in differences(result, case["expected"])]
    assert not failures
