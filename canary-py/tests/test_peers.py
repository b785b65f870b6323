"""scipy and statsmodels agree, with the canary as their first sample."""

import canary
import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

SIDES = {"two_sided": "two-sided", "greater": "greater", "less": "less"}
RANDOM = np.random.default_rng(7)
BASELINE, CANARY = RANDOM.lognormal(3, 1, 300), RANDOM.lognormal(3.1, 1, 200)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("variance", ["welch", "pooled"])
def test_t_test(side, variance):
    ours = canary.t_test(BASELINE, CANARY, variance=variance, alternative=side)
    theirs = stats.ttest_ind(
        CANARY, BASELINE, equal_var=variance == "pooled", alternative=SIDES[side]
    )
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-11)
    assert tuple(ours.interval) == pytest.approx(tuple(theirs.confidence_interval()), rel=1e-10)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("round_to", [None, 0])
@pytest.mark.parametrize("size", [5, 200])
def test_mann_whitney(side, round_to, size):
    baseline, canary_ = BASELINE, CANARY[:size]
    if round_to is not None:
        baseline, canary_ = baseline.round(round_to), canary_.round(round_to)
    ours = canary.mann_whitney(baseline, canary_, alternative=side)
    theirs = stats.mannwhitneyu(canary_, baseline, alternative=SIDES[side])
    assert ours.statistic == theirs.statistic
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-11)


@pytest.mark.parametrize(
    ("side", "theirs"), [("two_sided", "two-sided"), ("greater", "larger"), ("less", "smaller")]
)
def test_two_proportion_z(side, theirs):
    ours = canary.two_proportion_z((95, 19_000), (30, 2_000), alternative=side)
    z, p = proportions_ztest([30, 95], [2_000, 19_000], alternative=theirs)
    assert (ours.statistic, ours.p_value) == pytest.approx((z, p), rel=1e-12)
