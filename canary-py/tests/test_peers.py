"""scipy and statsmodels agree, with the canary as their first sample."""

import canary
import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats import multitest, proportion, rates, weightstats

SIDES = {"two_sided": "two-sided", "greater": "greater", "less": "less"}
LARGER = {"two_sided": "two-sided", "greater": "larger", "less": "smaller"}
RANDOM = np.random.default_rng(7)
BASELINE, CANARY = RANDOM.lognormal(3, 1, 300), RANDOM.lognormal(3.1, 1, 200)
TABLES = [
    ((7, 12), (5, 9)),
    ((0, 10), (3, 10)),
    ((1, 30), (4, 12)),
    ((9, 10), (2, 17)),
    ((3, 25), (11, 31)),
    ((95, 190), (30, 50)),
]


def near(value, rel=1e-11):
    return pytest.approx(value, rel=rel, abs=1e-300)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("variance", ["welch", "pooled"])
def test_t_test(side, variance):
    ours = canary.t_test(BASELINE, CANARY, variance=variance, alternative=side)
    theirs = stats.ttest_ind(
        CANARY, BASELINE, equal_var=variance == "pooled", alternative=SIDES[side]
    )
    assert ours.statistic == near(theirs.statistic, 1e-12)
    assert ours.p_value == near(theirs.pvalue)
    assert tuple(ours.interval) == near(tuple(theirs.confidence_interval()), 1e-10)


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
    assert ours.p_value == near(theirs.pvalue)


@pytest.mark.parametrize("side", LARGER)
def test_two_proportion_z(side):
    ours = canary.two_proportion_z((95, 19_000), (30, 2_000), alternative=side)
    z, p = proportion.proportions_ztest([30, 95], [2_000, 19_000], alternative=LARGER[side])
    assert (ours.statistic, ours.p_value) == near((z, p), 1e-12)


def restricted_z(baseline, canary_, measure, null):
    """The score statistic with the likeliest proportions under the null hypothesis, by a search.

    statsmodels solves a wrong cubic for differences, and its odds ratio fails at zero events.
    """
    (xb, nb), (xc, nc) = baseline, canary_
    of_baseline = {
        "difference": lambda p: p + null,
        "ratio": lambda p: p * null,
        "odds_ratio": lambda p: p * null / (1 - p + p * null),
    }[measure]
    top = {"difference": 1 - null, "ratio": min(1, 1 / null), "odds_ratio": 1}[measure]

    def minus_likelihood(p):
        q = of_baseline(p)
        return -stats.binom.logpmf(xb, nb, p) - stats.binom.logpmf(xc, nc, q)

    found = optimize.minimize_scalar(
        minus_likelihood, bounds=(1e-12, top - 1e-12), method="bounded", options={"xatol": 1e-13}
    )
    pb, pc = found.x, of_baseline(found.x)
    vb, vc = pb * (1 - pb) / nb, pc * (1 - pc) / nc
    if measure == "difference":
        return (xc / nc - xb / nb - null) / np.sqrt(vb + vc)
    if measure == "ratio":
        return (xc / nc - null * xb / nb) / np.sqrt(null**2 * vb + vc)
    return (xc - nc * pc) * np.sqrt(1 / (nc * nc * vc) + 1 / (nb * nb * vb))


@pytest.mark.parametrize(("baseline", "canary_"), TABLES)
@pytest.mark.parametrize(
    ("measure", "null"), [("difference", 0.1), ("ratio", 1.5), ("odds_ratio", 2.5)]
)
def test_score_tests_of_other_hypotheses(baseline, canary_, measure, null):
    ours = canary.two_proportion_z(baseline, canary_, measure=measure, null=null)
    assert ours.statistic == pytest.approx(
        restricted_z(baseline, canary_, measure, null), rel=2e-6, abs=1e-5
    )
    # The interval is what is not rejected, with the variance times N/(N - 1).
    total = baseline[1] + canary_[1]
    interval = canary.two_proportion_z(baseline, canary_, measure=measure).interval
    for end in interval:
        if np.isfinite(end) and end not in (0, 1, -1):
            z = canary.two_proportion_z(baseline, canary_, measure=measure, null=end).statistic
            assert abs(z) * np.sqrt((total - 1) / total) == near(stats.norm.isf(0.025), 1e-7)


def largest_probability(region, nb, nc):
    """Over a grid of common proportions: the p-value of an unconditional exact test."""
    p = np.linspace(0, 1, 4001)[:, None]
    by_canary = stats.binom.pmf(np.arange(nc + 1), nc, p)
    by_baseline = stats.binom.pmf(np.arange(nb + 1), nb, p)
    return np.einsum("pi,ij,pj->p", by_canary, region, by_baseline).max()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("baseline", "canary_"), TABLES)
def test_exact_proportions(baseline, canary_, side):
    (xb, nb), (xc, nc) = baseline, canary_
    table = [[xc, xb], [nc - xc, nb - xb]]
    fisher = canary.exact_proportions(baseline, canary_, method="fisher", alternative=side)
    assert fisher.p_value == near(stats.fisher_exact(table, alternative=SIDES[side]).pvalue)
    if nb + nc > 100:
        return
    # scipy's Boschloo and Barnard tests may stop at a local maximum; a fine grid does not.
    i, j = np.meshgrid(np.arange(nc + 1), np.arange(nb + 1), indexing="ij")
    share = (i + j) / (nb + nc)
    error = np.sqrt(share * (1 - share) * (1 / nb + 1 / nc))
    z = np.divide(i / nc - j / nb, error, out=np.zeros(error.shape), where=error > 0)
    seen = z[xc, xb]
    one_sided = {
        "greater": stats.hypergeom.sf(i - 1, nb + nc, i + j, nc),
        "less": stats.hypergeom.cdf(i, nb + nc, i + j, nc),
    }
    boschloo = {
        name: largest_probability(p <= p[xc, xb] * (1 + 1e-7), nb, nc)
        for name, p in one_sided.items()
    }
    boschloo["two_sided"] = min(1, 2 * min(boschloo.values()))
    barnard = {
        "greater": z >= seen - 1e-9,
        "less": z <= seen + 1e-9,
        "two_sided": abs(z) >= abs(seen) - 1e-9,
    }[side]
    for method, expected in [
        ("boschloo", boschloo[side]),
        ("barnard", largest_probability(barnard, nb, nc)),
    ]:
        ours = canary.exact_proportions(baseline, canary_, method=method, alternative=side)
        assert ours.p_value == pytest.approx(expected, rel=1e-5)


def test_conditional_odds_ratio():
    ours = canary.exact_proportions((3, 25), (11, 31), method="fisher", measure="odds_ratio")
    theirs = stats.contingency.odds_ratio([[11, 3], [20, 22]])
    assert ours.estimate.value == near(theirs.statistic, 1e-8)
    assert tuple(ours.interval) == near(tuple(theirs.confidence_interval()), 1e-8)


@pytest.mark.parametrize("correction", [False, True])
def test_chi_square(correction):
    continuity = "corrected" if correction else "uncorrected"
    ours = canary.chi_square([95, 905], [12, 38], continuity=continuity)
    theirs = stats.chi2_contingency([[95, 905], [12, 38]], correction=correction)
    assert (ours.statistic, ours.df, ours.p_value) == near((*theirs[:1], 1.0, *theirs[1:2]))
    wide = [90, 410, 18_500, 3, 0], [14, 20, 966, 1, 0]
    theirs = stats.chi2_contingency(np.array(wide)[:, :4], correction=False)
    ours = canary.chi_square(*wide)
    assert (ours.statistic, ours.df, ours.p_value) == near((theirs[0], theirs[2], theirs[1]))


@pytest.mark.parametrize("side", LARGER)
@pytest.mark.parametrize("counts", [(12, 4), (30, 0), (1000, 80)])
def test_two_rates(counts, side):
    arms = (counts[0], 950.0), (counts[1], 50.0)
    theirs = rates.test_poisson_2indep(
        counts[1], 50.0, counts[0], 950.0, method="score", alternative=LARGER[side]
    )
    ours = canary.two_rates(*arms, alternative=side)
    assert (ours.statistic, ours.p_value) == near((theirs.statistic, theirs.pvalue), 1e-10)
    exact = canary.two_rates(*arms, method="exact", alternative=side)
    binomial = stats.binomtest(counts[1], sum(counts), 0.05, alternative=SIDES[side])
    assert exact.p_value == near(binomial.pvalue)
    if side == "two_sided" and min(counts) > 0:
        low, high = rates.confint_poisson_2indep(counts[1], 50.0, counts[0], 950.0, method="score")
        assert tuple(ours.interval) == near((low, high), 1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_paired_t(side):
    baseline, canary_ = BASELINE[:200], CANARY
    ours = canary.paired_t(baseline, canary_, alternative=side)
    theirs = stats.ttest_rel(canary_, baseline, alternative=SIDES[side])
    assert (ours.statistic, ours.p_value, ours.df) == near((*theirs, theirs.df))
    assert tuple(ours.interval) == near(tuple(theirs.confidence_interval()), 1e-10)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("zeros", ["wilcox", "pratt", "split"])
@pytest.mark.parametrize("size", [9, 40, 200])
@pytest.mark.parametrize("correction", [True, False])
def test_signed_rank(side, zeros, size, correction):
    for digits in [None, 0, -1]:
        baseline, canary_ = BASELINE[:size], CANARY[:size]
        if digits is not None:
            baseline, canary_ = baseline.round(digits), canary_.round(digits)
        ours = canary.signed_rank(
            baseline,
            canary_,
            zeros=zeros,
            alternative=side,
            continuity="corrected" if correction else "uncorrected",
        )
        theirs = stats.wilcoxon(
            canary_,
            baseline,
            zero_method=zeros.replace("split", "zsplit"),
            correction=correction,
            alternative=SIDES[side],
            method="exact" if ours.method == "exact" else "approx",
        )
        if side != "two_sided":
            assert ours.statistic == theirs.statistic
        assert ours.p_value == near(theirs.pvalue, 1e-10), digits


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("method", ["t", "asymptotic"])
@pytest.mark.parametrize("digits", [1, -1])
def test_brunner_munzel(side, method, digits):
    baseline, canary_ = BASELINE.round(digits), CANARY.round(digits)
    ours = canary.brunner_munzel(baseline, canary_, method=method, alternative=side)
    # Their "less" is that the first sample is the smaller one.
    other = {"two_sided": "two-sided", "greater": "less", "less": "greater"}[side]
    distribution = {"t": "t", "asymptotic": "normal"}[method]
    theirs = stats.brunnermunzel(baseline, canary_, alternative=other, distribution=distribution)
    assert (ours.statistic, ours.p_value) == near((theirs.statistic, theirs.pvalue), 1e-9)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", [7, 100])
def test_kolmogorov_smirnov(side, size):
    baseline, canary_ = BASELINE[: size + 3], CANARY[:size]
    ours = canary.kolmogorov_smirnov(baseline, canary_, alternative=side)
    theirs = stats.ks_2samp(baseline, canary_, alternative=SIDES[side], method="exact")
    assert (ours.statistic, ours.p_value) == near((theirs.statistic, theirs.pvalue), 1e-10)
    ours = canary.kolmogorov_smirnov(baseline, canary_, method="asymptotic")
    en = len(baseline) * len(canary_) / (len(baseline) + len(canary_))
    assert ours.p_value == near(stats.kstwobign.sf(np.sqrt(en) * ours.statistic), 1e-9)


@pytest.mark.parametrize("digits", [6, -1])
@pytest.mark.filterwarnings("ignore:p-value:UserWarning")
def test_anderson_darling(digits):
    for shift in [0.0, 4.0, 8.0]:
        baseline, canary_ = BASELINE.round(digits), (CANARY + shift).round(digits)
        ours = canary.anderson_darling(baseline, canary_)
        with pytest.warns(UserWarning, match="p-value") if shift != 4.0 else np.errstate():
            theirs = stats.anderson_ksamp([baseline, canary_], variant="midrank")
        assert ours.statistic == near(theirs.statistic, 1e-9)
        assert ours.p_value == pytest.approx(theirs.pvalue, rel=0.1) or theirs.pvalue in (
            0.001,
            0.25,
        )


@pytest.mark.parametrize(
    ("centre", "theirs"), [("median", "median"), ("mean", "mean"), ("trimmed_mean", "trimmed")]
)
def test_brown_forsythe(centre, theirs):
    ours = canary.brown_forsythe(BASELINE, CANARY, centre=centre)
    levene = stats.levene(BASELINE, CANARY, center=theirs)
    if centre != "trimmed_mean":  # which scipy computes of trimmed samples
        assert (ours.statistic**2, ours.p_value) == near((levene.statistic, levene.pvalue), 1e-9)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("bonferroni", "bonferroni"),
        ("holm", "holm"),
        ("hochberg", "simes-hochberg"),
        ("benjamini_hochberg", "fdr_bh"),
        ("benjamini_yekutieli", "fdr_by"),
    ],
)
def test_adjust(ours, theirs):
    p = np.append(RANDOM.uniform(size=200) ** 3, [0.0, 1.0, 0.5, 0.5])
    expected = multitest.multipletests(p, method=theirs)[1]
    assert canary.adjust(p, method=ours) == pytest.approx(expected, rel=1e-12)


def test_sample_ratio():
    ours = canary.sample_ratio([9400, 520, 80], [0.94, 0.05, 0.01])
    assert (ours.statistic, ours.p_value) == near(
        stats.chisquare([9400, 520, 80], [9400, 500, 100])
    )


@pytest.mark.parametrize("lags", [0, 3, 11])
def test_newey_west(lags):
    d = CANARY - BASELINE[:200]
    fit = OLS(d, np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    ours = canary.paired_series(BASELINE[:200], CANARY, method="newey_west", terms=lags)
    assert ours.statistic == near(fit.tvalues[0], 1e-10)


def test_ratio_metric():
    users = RANDOM.integers(0, 40, 300)
    clusters = canary.Clusters.of_values(BASELINE, users)
    n = len(np.unique(users))
    fit = OLS(BASELINE, np.ones(300)).fit(
        cov_type="cluster", cov_kwds={"groups": users, "use_correction": False}
    )
    result = canary.ratio_metric(clusters, canary.Clusters([0.0, 0.0], [1.0, 1.0]))
    assert -result.estimate.value / -result.statistic == near(fit.bse[0] * np.sqrt(n / (n - 1)))


def test_equivalence_of_means():
    theirs = weightstats.ttost_ind(CANARY, BASELINE, -5.0, 6.0, usevar="unequal")
    high = canary.t_test(BASELINE, CANARY, null=6.0, alternative="less")
    low = canary.t_test(BASELINE, CANARY, null=-5.0, alternative="greater")
    assert (low.statistic, high.statistic) == near((theirs[1][0], theirs[2][0]), 1e-10)
    both = canary.equivalence(BASELINE, CANARY, 5.0, goal="equivalence")
    p = weightstats.ttost_ind(CANARY, BASELINE, -5.0, 5.0, usevar="unequal")[0]
    assert both.p_value == near(p, 1e-9)


@pytest.mark.parametrize("statistic", ["mean", "median", "trimmed_mean"])
@pytest.mark.parametrize("method", ["percentile", "basic", "bca"])
def test_bootstrap(statistic, method):
    def change(c, b, axis=-1):
        of = {
            "mean": np.mean,
            "median": np.median,
            "trimmed_mean": lambda x, axis: stats.trim_mean(x, 0.1, axis=axis),
        }[statistic]
        return of(c, axis=axis) - of(b, axis=axis)

    theirs = stats.bootstrap(
        (CANARY, BASELINE),
        change,
        n_resamples=9999,
        method="BCa" if method == "bca" else method,
        rng=np.random.default_rng(1),
    )
    ours = canary.bootstrap(BASELINE, CANARY, statistic=statistic, interval=method)
    slack = 0.15 * theirs.standard_error  # some Monte Carlo errors of a 2.5 % quantile
    if statistic == "median" and method != "percentile":
        slack *= 4  # a median's distribution has few atoms, and BCa's a jackknife that fails
    assert tuple(ours.interval) == pytest.approx(tuple(theirs.confidence_interval), abs=slack)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=0.05)


def test_many_are_the_same_one_by_one():
    rows = RANDOM.normal(size=(50, 20)), RANDOM.normal(size=(50, 30))
    for name in ["t_test", "mann_whitney", "brunner_munzel", "kolmogorov_smirnov", "quantile_test"]:
        many = getattr(canary, f"{name}_many")(*rows)
        one = [getattr(canary, name)(b, c).p_value for b, c in zip(*rows, strict=True)]
        assert many.p_value.tolist() == one
        as_lists = getattr(canary, f"{name}_many")([list(b) for b in rows[0]], list(rows[1]))
        assert as_lists == many
    assert many.adjusted("holm").tolist() == canary.adjust(many.p_value).tolist()


def test_a_pair_that_cannot_be_tested_is_named_or_left_out():
    rows = [[1.0, 2.0, 3.0], [1.0]], [[4.0, 5.0, 7.0], [1.0, 2.0]]
    with pytest.raises(
        canary.CanaryError, match="pair 1: baseline: needs at least 2 values, got 1"
    ):
        canary.t_test_many(*rows)
    results = canary.t_test_many(*rows, errors="missing")
    assert results[1] is None
    assert np.isnan(results.p_value).tolist() == [False, True]
    with pytest.raises(IndexError):
        results[2]


def test_rows_are_rows_in_any_memory_order():
    baseline, canary_ = np.arange(24.0).reshape(4, 6) ** 1.5, np.arange(24.0).reshape(4, 6) ** 1.4
    expected = canary.t_test_many(baseline, canary_).p_value.tolist()
    for order in (
        np.asfortranarray,
        lambda x: x[:, ::-1][:, ::-1],
        lambda x: np.array(x.T).T,
        list,
    ):
        assert canary.t_test_many(order(baseline), order(canary_)).p_value.tolist() == expected
    groups = canary.anderson_darling_groups(baseline)
    assert canary.anderson_darling_groups(np.asfortranarray(baseline)) == groups


@pytest.mark.parametrize(
    "plan",
    [
        {"baseline": 0.05, "effect": 0.1865275342816233, "alpha": 0.2},
        {"baseline": 0.001, "effect": 0.05166399933833034, "alpha": 0.01, "alternative": "greater"},
    ],
)
def test_a_planned_size_has_the_power_that_was_asked_for(plan):
    assert canary.power_proportions(power=0.3, **plan).power >= 0.3


def test_two_rates_far_apart_have_their_digits():
    # In closed form without a canary event: (alpha/2)^(-1/x) - 1.
    for power in (6, 9, 12):
        events = 10**power + 7
        high = canary.two_rates((events, 1.0), (0, 1.0), method="exact").interval.high
        assert high == near(np.expm1(-np.log((1 - 0.95) / 2) / events), 1e-13)


def test_nothing_on_either_arm_is_no_belief():
    for model, value in (("normal", 0.0), ("log_normal", 1.0)):
        result = canary.bayesian_test([value] * 40, [value] * 40, model=model)
        assert result.p_canary_worse == near(0.5, 1e-9)
