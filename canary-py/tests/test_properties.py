"""No input raises anything but a CanaryError or a TypeError."""

import canary
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

NUMBERS = st.lists(st.floats(allow_subnormal=True), max_size=30)
ANYTHING = st.one_of(
    NUMBERS,
    st.none(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=2), st.booleans()), max_size=5),
    st.dictionaries(st.text(max_size=6), st.integers(), max_size=3),
    st.lists(
        st.one_of(st.none(), st.integers(), st.floats(), st.decimals(), st.fractions()), max_size=5
    ),
    hnp.arrays(hnp.scalar_dtypes() | hnp.array_dtypes(), hnp.array_shapes(min_dims=0, min_side=0)),
)


@given(ANYTHING, ANYTHING)
def test_tests_refuse_politely(baseline, canary_):
    for test in (canary.t_test, canary.mann_whitney, canary.two_proportion_z):
        try:
            result = test(baseline, canary_)
        except (canary.CanaryError, TypeError):
            continue
        assert 0 <= result.p_value <= 1


@given(st.text(max_size=200))
def test_policies_refuse_politely(text):
    for read in (canary.Policy.from_yaml, canary.Policy.from_json):
        with pytest.raises(canary.InvalidPolicy):
            read(text)


@given(st.dictionaries(st.sampled_from(["m", "n"]), ANYTHING), st.sampled_from(["max", "factor"]))
def test_the_judge_refuses_politely(arm, bound):
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {"m": {}},
            "checks": [{"metric": "m", "threshold": {"statistic": "p99", bound: 2}}],
        }
    )
    try:
        verdict = canary.judge(policy, baseline=arm, canary=arm)
    except (canary.CanaryError, TypeError):
        return
    assert canary.Verdict.from_json(verdict.to_json()) == verdict


@given(
    st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.sampled_from(["difference", "ratio"])
)
def test_any_counts_have_an_interval(events, trials, measure):
    counts = (min(events, trials), max(events, trials, 1))
    result = canary.two_proportion_z(counts, (1, 3), measure=measure)
    assert result.interval.low <= result.estimate.value <= result.interval.high
