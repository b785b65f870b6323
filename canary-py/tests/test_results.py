"""Results are plain data: printed, compared, copied, pickled, written and read."""

import copy
import multiprocessing
import operator
import pickle

import canary
import pytest

RESULT = canary.t_test([1.0, 2.0, 3.0], [4.0, 5.0, 6.5], alternative="greater")
POLICY = canary.Policy.from_yaml(
    """
version: 1
name: test
metrics:
  errors: {direction: increase}
checks:
  - metric: errors
    threshold: {factor: 1.5x}
"""
)
VERDICT = canary.judge(
    POLICY, baseline={"errors": canary.Counts(0, 90)}, canary={"errors": canary.Counts(9, 90)}
)
FLIP = canary.flips(
    POLICY, baseline={"errors": canary.Counts(0, 90)}, canary={"errors": canary.Counts(9, 90)}
)[0]
SCORED = canary.judge(
    {
        "version": 1,
        "metrics": {"load": {}},
        "checks": [{"metric": "load", "threshold": {"max": 1}, "group": "g"}],
        "verdict": {"score": {"pass": 95}},
    },
    baseline={},
    canary={"load": 0.5},
)
ADVICE = canary.Policy.default(["load"]).advice(
    requests_per_second=1, canary_share=0.1, minutes=1, looks=9
)
VALUES = [1.0, 2.5, 3.0, 4.5, 7.0], [2.0, 3.5, 5.0, 4.0, 9.0]
GROUPS = {"a": (4, 50), "b": (9, 60)}, {"a": (0, 50), "b": (9, 70)}
BAYES = canary.bayesian_test((3, 90), (9, 90), model="beta_binomial", rope=(-0.1, 0.1))
FAIRNESS = canary.fairness_gap(*GROUPS, notion="disparate_impact")
MANY = [[1, 2, 3], [4, 5, 6]], [[2, 3, 5], [4, 6, 8]]


def fed(monitor, *updates):
    for update in updates:
        monitor.update(*update)
    return monitor


GROUPS_OF_FIVE = fed(
    canary.GroupSequentialMonitor(looks=5, information=100, assume="independence"),
    ((1, 30), (2, 30)),
    ((2, 9), (3, 9)),
)
FIVE = canary.plan_group_sequential(looks=5, alternative="less", futility="power(2)")


def singly_fed(monitor, *updates):
    for data in updates:
        monitor.update(data)
    return monitor


SINGLY_FED = [
    singly_fed(canary.SampleRatioMonitor([0.9, 0.1]), [91, 9], [900, 100]),
    singly_fed(canary.CusumMonitor("normal", 0, 1, sd=2), [0.5, -1.0, 2.0], 3.0),
    singly_fed(canary.EDetectorMonitor(0.5, low=0, high=1), [0.5, 0.25, 1.0], True),
]
MONITORS = [
    fed(canary.EventSplitMonitor(share=0.1, alternative="greater"), (5, 1), (30, 4)),
    fed(canary.MeanSequenceMonitor(bounds=(0, 9), tolerance=1.0), (2.5,), ([1, 3.0, 5],)),
    fed(
        canary.MixtureSprtMonitor(measure="ratio"), ((9, 950), (1, 50)), (True,), ((0, 0), (5, 50))
    ),
    fed(canary.ProportionBlocksMonitor(), ((1, 2), (3, 4)), (True,)),
    fed(canary.ProportionSequenceMonitor(null=0.1), ((3, 40),), (True,)),
    fed(canary.QuantileSequenceMonitor(), ([1.0, 2.0, 3.5],), (4,)),
    fed(canary.QuantileComparisonMonitor(), ([1.0, 2.0, 3.5], [2.0, 4.0]), (4, None)),
    fed(canary.DistributionComparisonMonitor(), ([1.0, 2.0, 3.5], [2.0, 4.0] * 20), (None, 4)),
    fed(canary.SprtMonitor("odds_ratio", alternative=2.0), ((5, 99), (1, 20)), ((3, 99), (4, 20))),
    GROUPS_OF_FIVE,
    *SINGLY_FED,
    fed(canary.SeriesMonitor(), (9.0, 9.5), ([9.0, 8.5], [9.5, 10])),
    fed(canary.EventSplitMonitor(share=0.1), (5, 1), ((30, 900), (4, 80))),
]
FOREST = canary.RandomCutForestMonitor(2, n_trees=3, window=8, shingle=2)
FOREST.update_many([[minute % 5, minute % 3] for minute in range(12)])
WINDOWS = canary.anomalous_windows(
    [[i * 7 % 11] for i in range(20)], [[i * 5 % 23] for i in range(20)]
)
ARGO = canary.ArgoAnalysis.from_dict({"metrics": [{"name": "m", "successCondition": "result > 1"}]})
FLAGGER = canary.FlaggerAnalysis.from_dict(
    {"stepWeight": 10, "metrics": [{"name": "m", "query": "q"}]}
)
KEPTN = canary.KeptnAnalysis.from_dict(
    {"objectives": [{"sli": "m", "pass": [{"criteria": ["<1"]}]}], "total_score": {"pass": "90%"}}
)
WATCH = canary.Watch(canary.Policy.default(["errors", "latency", "memory", "load"]))
for minute in (1, 2, 3):
    WATCH.look(
        60 * minute,
        baseline={
            "errors": canary.Counts(3, 900),
            "latency": [10.0, 12.5, 30.0],
            "memory": 200.0,
            "load": canary.Series([60 * minute], [0.5 * minute]),
        },
        canary={
            "errors": canary.Counts(minute, 100),
            "latency": [11.0, 12.0],
            "memory": 201.5,
            "load": canary.Series([60 * minute], [0.6 * minute]),
        },
    )
OBJECTS = [
    WATCH,
    ARGO,
    FLAGGER,
    KEPTN,
    ARGO.run([{"m": [0.5]}])[0],
    FLAGGER.run([{"m": 0.5}] * 2)[1],
    KEPTN.run([{"m": 0.5}])[0],
    WINDOWS,
    WINDOWS.windows[0],
    WINDOWS.dependence,
    *MONITORS,
    FOREST,
    FOREST.score([2.0, 9.0]),
    MONITORS[0].state,
    SINGLY_FED[1].change_point,
    canary.e_benjamini_hochberg([50, 0.3, float("inf")]),
    canary.Dependence.from_json(
        '{"basis":"batches","dispersion":2.5,"effective":40.0,"batch":4,"batches":25}'
    ),
    RESULT,
    RESULT.estimate,
    RESULT.interval,
    RESULT.canary,
    POLICY,
    VERDICT,
    SCORED.score,
    ADVICE[0],
    VERDICT.findings[0],
    VERDICT.findings[0].change,
    FLIP,
    FLIP.changes[0],
    canary.Forest.fit([[1.0, 2.0], [3.0, 4.0], [2.0, 9.0]], n_estimators=3),
    canary.Counts(1, 2),
    canary.Exposure(1, 2.5),
    canary.Gauge(0.1),
    canary.Sample([1.0, None], nan_policy="omit"),
    canary.Series([0, 1], [1.0, 2.0]),
    canary.Histogram([1, float("inf")], [1, 2], sum=2.5),
    canary.Summary(3, 1.0, 0.5),
    canary.Clusters([1.0, 2.0, 4.0], [1, 2, 3]),
    FIVE,
    FIVE.looks[0],
    GROUPS_OF_FIVE.looks[0],
    GROUPS_OF_FIVE.next_look,
    canary.equivalence(*VALUES, "10%"),
    FAIRNESS,
    FAIRNESS.canary,
    canary.bootstrap(*VALUES, resamples=50, alternative="less"),
    canary.bootstrap_one(VALUES[0], statistic="median"),
    BAYES,
    BAYES.rope,
    canary.trend(VALUES[0]),
    canary.breslow_day(*GROUPS),
    canary.overdispersion([(2, 100), (70, 100), (1, 100)]),
    canary.sample_ratio([3, 97], [0, 1]),
    canary.power_means(sd=1, effect=0.5, power=0.8),
    canary.plan_duration(100, 0.05, baseline=0.01, change="25%"),
    canary.SprtMonitor("mean", null=0, alternative=1, sd=2).plan(per_second=5),
    canary.incidents([0, 60], [-0.4, -0.7], [False, True], [[0.1], [0.3]])[0],
    canary.t_test_many(*MANY),
    canary.t_test_many([[1, 2], [3]], [[2, 3], [5]], errors="missing"),
]
# A result of every other test.
TESTS = {
    "anderson_darling": canary.anderson_darling(*VALUES),
    "brown_forsythe": canary.brown_forsythe(*VALUES),
    "brunner_munzel": canary.brunner_munzel(*VALUES),
    "chi_square": canary.chi_square([3, 4, 5], [1, 2, 9]),
    "cochran_mantel_haenszel": canary.cochran_mantel_haenszel(*GROUPS),
    "exact_proportions": canary.exact_proportions((0, 9), (4, 9), measure="ratio"),
    "kolmogorov_smirnov": canary.kolmogorov_smirnov(*VALUES),
    "mann_whitney": canary.mann_whitney(*VALUES),
    "paired_series": canary.paired_series(VALUES[0] * 2, VALUES[1] * 2),
    "paired_t": canary.paired_t(*VALUES),
    "quantile_test": canary.quantile_test(*VALUES, quantile=0.99),
    "ratio_metric": canary.ratio_metric(([1, 2], [3, 4]), ([2, 3], [3, 5])),
    "signed_rank": canary.signed_rank(*VALUES),
    "trend": canary.compare_trends(*VALUES),
    "two_proportion_z": canary.two_proportion_z((0, 9), (4, 9), measure="ratio"),
    "two_rates": canary.two_rates((0, 9.5), (4, 9.5)),
    "van_elteren": canary.van_elteren({"a": VALUES[0]}, {"a": VALUES[1]}),
    "weighted_means": canary.post_stratified_means({"a": VALUES[0]}, {"a": VALUES[1]}, {"a": 1.0}),
}


def test_every_kind_of_result_is_among_these():
    classes = [getattr(canary, name) for name in canary.__all__]
    kinds = {item for item in classes if hasattr(item, "from_json")}
    assert {type(value) for value in OBJECTS} == kinds
    assert all(result.test == name for name, result in TESTS.items())


@pytest.mark.parametrize("result", TESTS.values(), ids=TESTS)
def test_every_test_s_result_is_written_and_read(result):
    test_written_and_read_is_the_same(result)


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_written_and_read_is_the_same(value):
    kind = type(value)
    assert kind.from_json(value.to_json()) == value
    assert copy.copy(value) == value
    assert copy.deepcopy(value) == value
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    assert repr(value).startswith(kind.__name__)
    assert kind.__module__ == "canary"
    assert value != object()
    value.to_dict()


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # other tests have left threads
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_results_reach_other_processes(method):
    # A spawned process cannot import this file, and a pool that loses its worker waits for ever.
    with multiprocessing.get_context(method).Pool(1) as pool:
        there = pool.map_async(operator.attrgetter("statistic"), [RESULT])
        assert there.get(timeout=60) == [RESULT.statistic]


def test_a_tiny_p_value_is_written_short():
    result = canary.two_proportion_z((5, 10**6), (1_200, 10**6))
    assert 0 < result.p_value < 1e-200
    assert len(repr(result)) < 130
    assert float(repr(result).partition("p_value=")[2].rstrip(")")) == result.p_value


@pytest.mark.parametrize("value", OBJECTS, ids=lambda value: type(value).__name__)
def test_values_do_not_pretend_to_have_a_hash_or_an_order(value):
    with pytest.raises(TypeError, match="unhashable"):
        hash(value)
    with pytest.raises(TypeError, match="not supported"):
        value < value  # noqa: B015


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        RESULT.p_value = 1.0


def test_a_result_unpacks_as_scipys_does():
    statistic, p_value = RESULT
    assert (statistic, p_value) == (RESULT.statistic, RESULT.pvalue)
    low, high = RESULT.interval
    assert low < RESULT.estimate.value < high == float("inf")


def test_infinities_survive():
    change = VERDICT.findings[0].change
    assert change.value == float("inf")
    assert VERDICT.to_dict()["findings"][0]["change"]["value"] == "inf"


def test_a_verdict_of_another_version_is_refused():
    text = VERDICT.to_json().replace('"version":1', '"version":2', 1)
    with pytest.raises(canary.CanaryError, match="this release reads version 1, got 2"):
        canary.Verdict.from_json(text)


def test_a_verdict_says_why():
    assert (VERDICT.status, VERDICT.recommendation) == ("FAIL", "rollback")
    assert "up from zero" in VERDICT.reason
    for text in (str(VERDICT), VERDICT.to_markdown(), VERDICT._repr_html_()):
        assert "roll the canary back" in text
    assert "\x1b[" not in VERDICT.to_text()
    assert "\x1b[1;31m" in VERDICT.to_text(color=True)


def test_a_report_says_what_would_change_the_verdict():
    arms = {
        "baseline": {"errors": canary.Counts(5, 900)},
        "canary": {"errors": canary.Counts(9, 900)},
    }
    tested = {"metric": "errors", "test": {"margin": {"factor": 1.5}}}
    policy = canary.Policy.from_dict({"version": 1, "metrics": {"errors": {}}, "checks": [tested]})
    verdict = canary.judge(policy, **arms)
    flips = canary.flips(policy, **arms, watched=600)
    assert {flip.what for flip in flips} == {"policy", "more_data"}
    assert all(flip.status != verdict.status for flip in flips)
    more = next(flip for flip in flips if flip.what == "more_data")
    assert more.seconds == pytest.approx(600 * (more.changes[0].to - 1))
    for text in (
        verdict.to_text(flips=flips),
        verdict.to_markdown(flips=flips),
        verdict.to_html(flips=flips),
    ):
        assert all(str(flip).replace("'", "&#39;") in text.replace("'", "&#39;") for flip in flips)
    update = verdict.to_update(flips=flips, system="checkout", next_steps="Wait\nLook again")
    assert update.startswith("# Canary Rollout Update - checkout\n")
    assert f"## Next Steps\n- Wait\n- Look again\n- {more}\n" in update
    with pytest.raises(canary.InvalidOption, match="watched: must be positive and finite, got 0"):
        canary.flips(policy, **arms, watched=0)


def test_names_cannot_break_out_of_html_or_markdown():
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {"<script>|": {}},
            "checks": [{"metric": "<script>|", "threshold": {"max": 1}}],
        }
    )
    verdict = canary.judge(policy, baseline={}, canary={"<script>|": 2})
    assert "<script>" not in verdict._repr_html_()
    assert "\\<script\\>\\|" in verdict.to_markdown()


def test_policy_errors_have_a_place_and_a_guess():
    with pytest.raises(canary.InvalidPolicy, match=r"did you mean `checks`\? \(line 3, column 1\)"):
        canary.Policy.from_yaml("version: 1\nmetrics: {}\nchekcs: []\n")
    with pytest.raises(canary.InvalidPolicy, match="not JSON serializable"):
        canary.Policy.from_dict({"version": object()})


def test_the_schema_describes_the_policy():
    schema = canary.Policy.json_schema()
    assert set(schema["required"]) == {"version", "metrics", "checks"}
