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


PEERS = json.loads((CORPUS / "peers.json").read_text())["cases"]
AT_LEAST = {
    "adjust": 20,
    "anderson_darling": 6,
    "bayesian_test": 28,
    "breslow_day": 6,
    "brown_forsythe": 50,
    "brunner_munzel": 36,
    "chi_square": 15,
    "cochran_mantel_haenszel": 45,
    "equivalence": 27,
    "exact_proportions": 69,
    "inverse_propensity_means": 6,
    "kolmogorov_smirnov": 36,
    "overdispersion": 4,
    "paired_series": 24,
    "paired_t": 15,
    "post_stratified_means": 12,
    "power_means": 21,
    "power_proportions": 24,
    "power_two_proportions": 18,
    "sample_ratio": 9,
    "signed_rank": 54,
    "trend": 18,
    "two_proportion_z": 60,
    "two_rates": 100,
    "van_elteren": 12,
}


def peer_field(result, path):
    """The number that a path like `estimate.interval.low` leads to; `result` is all of it."""
    for name in path.split(".") if path != "result" else []:
        if isinstance(result, dict):
            result = result[name]
        else:
            result = result[int(name)] if name.isdigit() else getattr(result, name)
    return float(result)


def peer_is_close(got, wanted):
    expected = float(wanted["value"])
    tolerance = wanted.get("tolerance", 1e-9)
    if got == expected:
        return True
    return math.isfinite(expected) and abs(got - expected) <= tolerance * (abs(expected) or 1e-6)


@pytest.mark.parametrize("function", AT_LEAST)
def test_agrees_with_its_peers(function):
    cases = [case for case in PEERS if case["function"] == function]
    assert len(cases) >= AT_LEAST[function]
    failures = []
    for case in cases:
        result = getattr(canary, function)(*case["arguments"], **case["options"])
        for path, wanted in case["expected"].items():
            got = peer_field(result, path)
            if not peer_is_close(got, wanted):
                failures.append((case["name"], path, got, wanted["value"], wanted["from"]))
    assert not failures


def test_no_case_of_the_peers_is_passed_over():
    assert {case["function"] for case in PEERS} == set(AT_LEAST)
