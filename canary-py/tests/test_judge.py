"""The judge from Python: default policies, what a policy may be given as, values of units."""

import copy
import json
import re

import canary
import numpy as np
import pytest

RANDOM = np.random.default_rng(7)
BASELINE = {
    "error_rate": canary.Counts(95, 19_000),
    "latency": RANDOM.lognormal(3.0, 0.3, 4000),
}
SAME = {"error_rate": canary.Counts(95, 19_000), "latency": RANDOM.lognormal(3.0, 0.3, 4000)}
WORSE = {**SAME, "error_rate": canary.Counts(60, 2000)}


def written(policy):
    return policy.to_dict()


def test_without_a_policy_the_default_one_of_the_data_judges():
    verdict = canary.judge(baseline=BASELINE, canary=WORSE)
    assert (verdict.policy, verdict.status) == ("standard", "FAIL")
    assert verdict == canary.judge(
        canary.Policy.default(list(WORSE)), baseline=BASELINE, canary=WORSE
    )
    assert canary.judge(baseline=BASELINE, canary=SAME).status == "PASS"


def test_a_metric_of_one_arm_alone_is_judged_too():
    verdict = canary.judge(None, baseline=BASELINE, canary={"queue": [1.0, 2.0]})
    obstacles = {finding.metric: finding.obstacle for finding in verdict.findings}
    assert obstacles["error_rate"] == "there are no data of the canary"
    assert obstacles["queue"] == "there are no data of the baseline"
    assert verdict.unchecked == []


def test_nothing_at_all_cannot_be_judged():
    with pytest.raises(canary.InvalidInput, match=r"^baseline: must hold a metric, or canary must"):
        canary.judge(baseline={}, canary={})


@pytest.mark.parametrize("names", [["b", "a"], ("b", "a"), {"a", "b"}, iter(["a", "b"])], ids=repr)
def test_a_default_policy_of_names(names):
    policy = canary.Policy.default(names)
    assert (policy.name, policy.metrics, policy.checks) == ("standard", ["a", "b"], ["a", "b"])


def test_a_default_policy_of_numpys_names():
    assert canary.Policy.default(np.array(["a", "b"])).metrics == ["a", "b"]


def test_what_is_known_of_metrics_is_kept():
    policy = canary.Policy.default(
        {
            "throughput": {},
            "latency": {"unit": "ms", "margin": "0.02s"},
            "size": {"direction": "either", "margin": 5},
            "cost": {"margin": "1.5x"},
            "error_rate": {"margin": {"percent": "30%", "floor": "0.1%"}},
            "memory": None,
        }
    )
    document = written(policy)
    directions = {name: metric["direction"] for name, metric in document["metrics"].items()}
    assert directions == {
        "throughput": "decrease",
        "latency": "increase",
        "size": "either",
        "cost": "increase",
        "error_rate": "increase",
        "memory": "increase",
    }
    margins = {check["metric"]: check["standard"].get("margin") for check in document["checks"]}
    assert margins == {
        "throughput": None,
        "latency": {"difference": pytest.approx(20)},
        "size": {"difference": 5},
        "cost": {"factor": 1.5},
        "error_rate": {"percent": 30, "floor": pytest.approx(0.001)},
        "memory": None,
    }


def test_a_margin_of_the_default_policy_decides():
    slower = {"latency": 1.05 * BASELINE["latency"]}
    of = {"baseline": {"latency": BASELINE["latency"]}, "canary": slower}
    assert (
        canary.judge(canary.Policy.default({"latency": {"margin": "20%"}}), **of).status == "PASS"
    )
    strict = canary.Policy.default({"latency": {"margin": "1%"}})
    assert canary.judge(strict, **of).status == "FAIL"


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ([], "policy: checks: needs at least one check"),
        ({}, "policy: checks: needs at least one check"),
        ("latency", "policy: metrics: must be names in a row, or a mapping .*, got 'latency'"),
        (7, "policy: metrics: must be names in a row, or a mapping .*, got 7"),
        ([1], "policy: metrics: must be names in a row, or a mapping .*, got 1"),
        ({1: {}}, "policy: metrics: names must be texts, got 1"),
        (
            {"m": "5%"},
            "policy: metrics.m: must be a mapping with direction, unit and margin.* got str",
        ),
        ({"m": {"margin": object()}}, "policy: metrics.m: must be a mapping with direction"),
        ({"m": {"units": "ms"}}, "policy: metrics.m: unknown key `units`, did you mean `unit`"),
        ({"m": {"direction": "up"}}, "policy: metrics.m.direction: must be one of increase"),
        ({"m": {"margin": "5ms"}}, "policy: metrics.m.margin.difference: must be a plain number"),
        (
            {"n": {}, "m": {"unit": "ms", "margin": "5MB"}},
            "policy: metrics.m.margin.difference: must be in ms, got 5MB$",
        ),
        ({"m": {"margin": {"percentage": 5}}}, "policy: .*unknown key `percentage`, did you mean"),
        ({"m": {"margin": {"floor": 5}}}, "policy: metrics.m.margin: must have exactly one of"),
        ({"m": {"margin": "-5%"}}, "policy: metrics.m.margin.percent: .*must be at least 0"),
        ({"m": {"margin": True}}, "policy: .*"),
    ],
    ids=repr,
)
def test_what_is_known_wrongly_is_named(metrics, message):
    with pytest.raises(canary.InvalidPolicy, match=f"^{message}"):
        canary.Policy.default(metrics)


def test_a_policy_may_be_a_dict_but_no_text():
    policy = canary.Policy.default(["error_rate"])
    data = {"baseline": BASELINE, "canary": WORSE}
    assert canary.judge(policy.to_dict(), **data) == canary.judge(policy, **data)
    for text in ("policy.yaml", policy.to_json()):
        with pytest.raises(
            canary.InvalidPolicy, match=r"of a text, Policy.from_yaml\(text\) makes"
        ):
            canary.judge(text, **data)
    with pytest.raises(canary.InvalidPolicy, match=r"^policy: must be a Policy or a dict, got int"):
        canary.judge(7, **data)


def test_findings_tell_how_much_their_check_counts():
    document = {
        "version": 1,
        "metrics": {"error_rate": {}},
        "checks": [
            {
                "metric": "error_rate",
                "test": {"margin": {"difference": "0.25%"}, "confidence": "99%"},
                "severity": "critical",
                "role": "success",
                "group": "money",
                "weight": 2.5,
                "notify": ["shop"],
            },
            {"metric": "error_rate", "threshold": {"max": "1%"}, "muted": True},
        ],
        "verdict": {"score": {"pass": 90}},
    }
    verdict = canary.judge(document, baseline=BASELINE, canary=WORSE)
    first, second = verdict.findings
    assert (first.severity, first.role, first.group, first.weight) == (
        "critical",
        "success",
        "money",
        2.5,
    )
    assert (first.notify, verdict.notify, first.confidence) == (["shop"], ["shop"], 0.99)
    assert first.p_margin == first.p_adjusted < 1e-6
    assert (first.muted, second.muted, second.status) == (False, True, "FAIL")
    assert second.own_interval is None
    assert (verdict.score.total, verdict.score.groups) == (0.0, {"money": 0.0})
    assert copy.copy(verdict.score) == verdict.score
    assert canary.judge(baseline=BASELINE, canary=SAME).score is None


def test_values_of_units_are_one_mean_each():
    values, units = [10.0, 14.0, 30.0, 50.0], ["vm1", "vm1", "vm2", "vm3"]
    sample = canary.Sample.by_units(values, units)
    assert sample == canary.Sample([12.0, 30.0, 50.0])
    assert canary.Sample.by_units(np.array(values), [4, 4, 7, 9]) == sample
    gaps = canary.Sample.by_units([1.0, None, None], ["a", "a", "b"], nan_policy="omit")
    assert (gaps.values.tolist(), gaps.omitted) == ([1.0], 1)
    for form in (dict, lambda **parts: canary.Sample.by_units(**parts)):
        arm = {"m": form(values=values, units=units)}
        verdict = canary.judge(baseline=arm, canary=arm)
        assert verdict.findings[0].sizes == (3, 3)


@pytest.mark.parametrize(
    ("arm", "message"),
    [
        ({"values": [1, 2], "units": ["a"]}, "m.units: must be as many as the 2 values, got 1"),
        ({"values": [1, None], "units": [1, 2]}, "m.values: must hold finite values, got NaN at"),
        ({"values": [1, 2], "units": [object(), "a"]}, "m.units: must be a row"),
    ],
)
def test_bad_units_are_named(arm, message):
    with pytest.raises(canary.InvalidInput, match=f"^baseline.{message}"):
        canary.judge(baseline={"m": arm}, canary={})


def test_one_unit_an_arm_decides_nothing():
    many = RANDOM.lognormal(3.0, 0.3, 1000)
    arms = [{"latency": {"values": by * many, "units": ["vm"] * 1000}} for by in (1, 2)]
    verdict = canary.judge(baseline=arms[0], canary=arms[1])
    assert verdict.status == "INCONCLUSIVE"
    assert all(finding.status == "INCONCLUSIVE" for finding in verdict.findings)
    assert "cannot be judged" in verdict.findings[0].sentence


def test_findings_are_in_order_however_many():
    names = [f"m{i:03}" for i in range(300)]
    arm = {name: RANDOM.normal(size=20) for name in names}
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {name: {} for name in names},
            "checks": [
                {
                    "metric": name,
                    "threshold": {"statistic": "max", "max": 9},
                    "no_data": "error",
                }
                for name in names[::-1]
            ],
        }
    )
    verdict = canary.judge(policy, baseline=arm, canary=arm)
    assert [finding.metric for finding in verdict.findings] == names[::-1]
    arm["m007"] = arm["m250"] = 1.0  # gauges have no largest value
    with pytest.raises(canary.InvalidInput, match=r"^m250: "):
        canary.judge(policy, baseline={}, canary=arm)


BAD = {
    "formula": {
        "metrics": {"errors": {}, "requests": {}, "m": {"formula": "errors / requests"}},
        "check": {"metric": "m", "threshold": {"max": "5%"}},
        "baseline": {"errors": 1, "requests": 100},
        "canary": {"errors": 3, "requests": 0},
        "said": "errors / requests: 3 / 0 is no number",
    },
    "condition": {
        "metrics": {"errors": {}, "requests": {}},
        "check": {"fail_if": "errors / requests > 5%"},
        "baseline": {"errors": 1, "requests": 100},
        "canary": {"errors": 3, "requests": 0},
        "said": "errors / requests: 3 / 0 is no number",
    },
    "kinds": {
        "metrics": {"m": {}},
        "check": {"metric": "m", "standard": {}},
        "baseline": {"m": canary.Counts(1, 9)},
        "canary": {"m": [1.0, 2.0]},
        "said": "got counts of the baseline and a sample of the canary",
    },
    "statistic": {
        "metrics": {"m": {}},
        "check": {"metric": "m", "threshold": {"statistic": "p99", "max": 5}},
        "baseline": {"m": canary.Counts(1, 9)},
        "canary": {"m": canary.Counts(1, 9)},
        "said": "a threshold on counts needs one of rate, count, got p99",
    },
    "times": {
        "metrics": {"m": {}},
        "check": {"metric": "m", "test": {"margin": {"percent": 20}}},
        "baseline": {"m": {"times": [0, 60], "values": [1, 2]}},
        "canary": {"m": {"times": [30, 90], "values": [1, 2]}},
        "said": "got no time that both have",
    },
    "missing": {
        "metrics": {"m": {}},
        "check": {"metric": "m", "standard": {}},
        "baseline": {},
        "canary": {},
        "said": "there are no data of either arm",
    },
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("no_data", ["pass", "fail", "inconclusive", "error"])
def test_what_one_check_cannot_be_judged_by_is_its_finding(what, no_data):
    bad = BAD[what]
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {**bad["metrics"], "ok": {}},
            "checks": [
                {**bad["check"], "no_data": no_data},
                {"metric": "ok", "threshold": {"max": 1}},
            ],
        }
    )
    arms = {arm: {**bad[arm], "ok": 0.5} for arm in ("baseline", "canary")}
    looks = [
        lambda: canary.judge(policy, **arms),
        lambda: canary.Watch(policy).look(0.0, **arms),
    ]
    for look in looks:
        if no_data == "error":
            with pytest.raises(canary.InvalidInput, match=re.escape(bad["said"])):
                look()
            continue
        first, *_, second = look().findings
        assert bad["said"] in first.sentence
        assert (first.status, second.status) == (no_data.upper(), "PASS")


def test_flips_take_what_judge_takes():
    arms = {"baseline": {"m": canary.Counts(95, 19_000)}, "canary": {"m": canary.Counts(60, 2_000)}}
    policy = {
        "version": 1,
        "metrics": {"m": {"unit": "%"}},
        "checks": [{"metric": "m", "threshold": {"max": "1%"}}],
    }
    (limit, data) = canary.flips(policy, **arms)
    assert (limit.changes[0].now, limit.changes[0].to, limit.changes[0].unit) == (1, 3, "%")
    assert "instead of 60" in str(data)
    assert canary.flips(policy, **arms) == canary.flips(canary.Policy.from_dict(policy), **arms)
    assert canary.flips(**arms)
    with pytest.raises(canary.InvalidInput, match=r"^baseline: must hold a metric"):
        canary.flips(baseline={}, canary={})


def test_advice_needs_all_of_the_traffic_or_none():
    policy = canary.Policy.default(["latency"])
    with pytest.raises(canary.InvalidOption, match=r"^requests_per_second: must be given with"):
        policy.advice(minutes=60)
    with pytest.raises(canary.InvalidOption, match=r"^minutes: must be positive and finite"):
        policy.advice(requests_per_second=1, canary_share=0.1, minutes=-1)
    looked = policy.advice(requests_per_second=1, canary_share=0.1, minutes=60, looks=60)
    assert [advice.topic for advice in looked] == ["repeated_looks"]
    assert "32% of rollouts" in str(looked[0])


ERRORS = {"version": 1, "metrics": {"errors": {}}}


def looked_at(key, minutes, canary_errors):
    """The verdict after each minute, on all requests so far."""
    check = {"metric": "errors", key: {"margin": {"percent": "50%", "floor": "0.25%"}}}
    policy = canary.Policy.from_dict({**ERRORS, "checks": [check]})
    for minute in range(1, minutes + 1):
        yield canary.judge(
            policy,
            baseline={"errors": canary.Counts(9 * minute, 950 * minute)},
            canary={"errors": canary.Counts(canary_errors * minute, 50 * minute)},
        )


def test_a_controller_without_state_judges_all_data_so_far_at_any_look():
    verdicts = list(looked_at("sequential", 30, 2))
    statuses = [verdict.status for verdict in verdicts]
    assert statuses[0] == "INCONCLUSIVE"
    assert statuses[-1] == "FAIL"
    finding = verdicts[-1].findings[0]
    assert "with 95% confidence at any look" in finding.sentence
    assert finding.p_margin < 0.025
    # The evidence of one look is not that of many.
    first = statuses.index("FAIL")
    once = [verdict.status for verdict in looked_at("test", 30, 2)].index("FAIL")
    assert once < first


def test_sequential_is_a_test_at_any_look():
    margin = {"margin": {"percent": 5}}
    policies = [
        canary.Policy.from_dict({**ERRORS, "checks": [{"metric": "errors", **check}]})
        for check in ({"sequential": margin}, {"test": {"looks": "any", **margin}})
    ]
    assert policies[0] == policies[1]
    assert policies[0].to_dict()["checks"][0]["test"]["looks"] == "any"
    assert "at any look" in policies[0].in_words()
    often = {"requests_per_second": 1000, "canary_share": 0.5, "minutes": 600, "looks": 60}
    topics = {advice.topic for advice in policies[0].advice(**often)}
    assert "repeated_looks" not in topics


def test_before_and_after_is_said():
    arms = {"baseline": BASELINE, "canary": WORSE}
    beside, apart = canary.judge(**arms), canary.judge(**arms, design="before_and_after")
    assert (beside.status, beside.design) == ("FAIL", "concurrent")
    assert (apart.status, apart.design) == ("FAIL", "before_and_after")
    words = "were not measured at the same time"
    for text in (apart.reason, str(apart), apart.to_markdown(), apart.to_html()):
        assert text.count(words) == 1
    assert {finding.design for finding in apart.findings} == {"before_and_after"}
    assert canary.Verdict.from_json(apart.to_json()) == apart
    old = beside.to_dict()
    del old["design"]
    assert canary.Verdict.from_json(json.dumps(old)) == beside
    watch = canary.Watch(canary.Policy.default(["error_rate", "latency"]))
    watched = watch.look(60, **arms, design="before_and_after")
    assert (watched.status, watched.design) == ("FAIL", "before_and_after")
    policy = canary.Policy.default(list(WORSE))
    for flip in canary.flips(policy, **arms, design="before_and_after"):
        assert flip.sentence


def test_series_of_different_times_are_found_out():
    noise = RANDOM.normal(size=(2, 120))
    before = canary.Series(range(120), 100 + noise[0])
    after = canary.Series(range(500, 620), 100 + noise[1])
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {"memory": {}},
            "checks": [{"metric": "memory", "test": {"margin": {"percent": 5}}}],
        }
    )
    verdict = canary.judge(policy, baseline={"memory": before}, canary={"memory": after})
    assert (verdict.status, verdict.design) == ("PASS", "before_and_after")
    assert verdict.findings[0].compared == "mean (test of series of different times)"


def test_a_dict_has_no_lines():
    policy = {"version": 1, "metrics": {"a": {}}, "checks": [{"fail_if": "nobody > 1"}]}
    with pytest.raises(canary.InvalidPolicy) as refused:
        canary.Policy.from_dict(policy)
    assert "column 1: expected a metric" in str(refused.value)
    assert "(line" not in str(refused.value)


def test_too_few_points_ask_to_roll_back():
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {"a": {}, "b": {}},
            "checks": [
                {"metric": "a", "threshold": {"max": 5}, "severity": "low"},
                {"metric": "b", "threshold": {"max": 5}},
            ],
            "verdict": {"score": {"pass": 95, "marginal": 75}},
        }
    )
    verdict = canary.judge(policy, baseline={"a": 1, "b": 1}, canary={"a": 6, "b": 1})
    assert (verdict.status, verdict.recommendation) == ("FAIL", "rollback")
    assert "too early" not in str(verdict)


def test_a_formula_of_a_formula_can_be_flipped():
    policy = canary.Policy.from_dict(
        {
            "version": 1,
            "metrics": {"a": {"formula": "b * 2"}, "b": {"formula": "c / 2"}, "c": {}},
            "checks": [{"metric": "a", "threshold": {"max": 5}}],
        }
    )
    arms = {"baseline": {"c": 1.0}, "canary": {"c": 6.0}}
    assert canary.judge(policy, **arms).status == "FAIL"
    for flip in canary.flips(policy, **arms):
        assert flip.status != "FAIL"
