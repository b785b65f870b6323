//! What the engines decide, against their rules written once more in another shape
//! (`fixtures/generate/engines.py`), and what must hold whatever is measured.

use std::collections::BTreeMap;
use std::path::Path;

use canary_core::judge::engines::{
    ArgoAnalysis, ArgoEffect, ArgoPhase, ArgoRun, EngineReading, FlaggerAnalysis, FlaggerHooks,
    FlaggerPhase, FlaggerRun, KeptnAnalysis, LimitState, Limits, Outcome,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::common::precision::relative_error;
use crate::properties::cases;

type Readings = BTreeMap<String, EngineReading>;

fn corpus(part: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/reference");
    let text = std::fs::read_to_string(folder.join("engines.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[part].take()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn readings(value: &Value) -> Readings {
    serde_json::from_value(value.clone()).unwrap()
}

fn argo(analysis: &Value) -> ArgoRun {
    ArgoRun::new(ArgoAnalysis::from_json(&analysis.to_string()).unwrap()).unwrap()
}

fn known(letter: char) -> EngineReading {
    EngineReading::Known(match letter {
        'S' => Outcome::Pass,
        'F' => Outcome::Fail,
        'I' => Outcome::Inconclusive,
        _ => Outcome::Error,
    })
}

/// All sequences of so many letters, in the generator's order.
fn sequences(length: usize) -> Vec<String> {
    (0..length).fold(vec![String::new()], |shorter, _| {
        let longer = shorter
            .iter()
            .flat_map(|start| "SFIE".chars().map(move |c| format!("{start}{c}")));
        longer.collect()
    })
}

/// The letter for when a run ended and how; "." for not at all.
fn end_of(phases: &[ArgoPhase]) -> char {
    let Some(look) = phases.iter().position(|phase| phase.is_completed()) else {
        return '.';
    };
    let kinds = [
        ArgoPhase::Successful,
        ArgoPhase::Failed,
        ArgoPhase::Inconclusive,
        ArgoPhase::Error,
    ];
    let kind = kinds.iter().position(|kind| *kind == phases[look]).unwrap();
    assert!(
        phases[look..].iter().all(|phase| *phase == phases[look]),
        "{phases:?}"
    );
    char::from(b'a' + u8::try_from(6 * kind + look).unwrap())
}

#[test]
fn argo_ends_a_metric_where_its_limits_say() {
    let settings = corpus("argo_limits");
    assert!(list(&settings).len() >= 20);
    for setting in list(&settings) {
        let run = argo(&json!({ "metrics": [setting["metric"]] }));
        let all = sequences(6);
        assert_eq!(all.len(), text(&setting["ends"]).len());
        for (sequence, end) in all.iter().zip(text(&setting["ends"]).chars()) {
            let mut run = run.clone();
            let looks = sequence
                .chars()
                .map(|c| Readings::from([("m".to_owned(), known(c))]));
            let phases: Vec<_> = looks.map(|look| run.look(&look).phase).collect();
            assert_eq!(end_of(&phases), end, "{} {sequence}", setting["metric"]);
        }
    }
}

#[test]
fn argo_ends_a_run_with_its_worst_metric() {
    let settings = corpus("argo_runs");
    assert!(list(&settings).len() >= 6);
    for setting in list(&settings) {
        let run = argo(&setting["analysis"]);
        let all = sequences(3);
        let pairs = all.iter().flat_map(|a| all.iter().map(move |b| (a, b)));
        for ((a, b), end) in pairs.zip(text(&setting["ends"]).chars()) {
            let mut run = run.clone();
            let looks = a.chars().zip(b.chars()).map(|(a, b)| {
                Readings::from([("a".to_owned(), known(a)), ("b".to_owned(), known(b))])
            });
            let phases: Vec<_> = looks.map(|look| run.look(&look).phase).collect();
            assert_eq!(end_of(&phases), end, "{} {a} {b}", setting["analysis"]);
        }
    }
}

#[test]
fn argo_measures_by_its_conditions() {
    let table = corpus("argo_conditions");
    let conditions = list(&table["conditions"]);
    let values: Vec<EngineReading> = serde_json::from_value(table["values"].clone()).unwrap();
    let pairs = conditions
        .iter()
        .flat_map(|s| conditions.iter().map(move |f| (s, f)));
    let outcomes = list(&table["outcomes"]);
    assert!(outcomes.len() >= 300 && values.len() >= 13);
    for ((success, failure), outcomes) in pairs.zip(outcomes) {
        let metric =
            json!({ "name": "m", "successCondition": success, "failureCondition": failure });
        let run = argo(&json!({ "metrics": [metric] }));
        assert_eq!(values.len(), text(outcomes).len());
        for (value, outcome) in values.iter().zip(text(outcomes).chars()) {
            let look = run
                .clone()
                .look(&Readings::from([("m".to_owned(), value.clone())]));
            let measured = look.metrics[0].measurement.as_ref().unwrap();
            let initial = measured.phase.as_str().chars().next().unwrap();
            assert_eq!(initial, outcome, "{metric} {value}: {:?}", measured.message);
        }
    }
}

#[test]
fn argo_measures_when_it_is_time() {
    let all = corpus("argo_times");
    assert!(list(&all).len() >= 40);
    for case in list(&all) {
        let mut run = argo(&json!({ "metrics": [case["metric"]] }));
        let times = list(&case["times"])
            .iter()
            .map(|time| time.as_f64().unwrap());
        let taken: String = times
            .zip(text(&case["letters"]).chars())
            .map(|(time, letter)| {
                let look = Readings::from([("m".to_owned(), known(letter))]);
                let look = run.look_at(time, &look).unwrap();
                let taken = look.metrics[0].measurement.is_some();
                if taken { letter } else { '.' }
            })
            .collect();
        assert_eq!(taken, text(&case["taken"]), "{case}");
    }
}

#[test]
fn argos_phases_have_the_effects_that_its_rollouts_show() {
    for (letter, effect) in [
        ('S', ArgoEffect::Continue),
        ('F', ArgoEffect::Abort),
        ('I', ArgoEffect::Pause),
        ('E', ArgoEffect::Abort),
    ] {
        let metric = json!({ "name": "m", "consecutiveErrorLimit": 0 });
        let mut run = argo(&json!({ "metrics": [metric] }));
        let look = run.look(&Readings::from([("m".to_owned(), known(letter))]));
        assert_eq!(look.effect, Some(effect), "{letter}");
    }
}

#[test]
fn argo_says_why() {
    let mut run = argo(&json!({ "metrics": [{ "name": "m", "failureLimit": 0 }] }));
    let look = run.look(&Readings::from([("m".to_owned(), known('F'))]));
    assert_eq!(
        look.reason.as_deref(),
        Some("m is Failed: 1 failed > failureLimit 0")
    );
}

#[test]
fn argos_run_is_successful_when_it_is_stopped_before_any_measurement() {
    let mut run = argo(&json!({ "metrics": [{ "name": "m", "interval": "1m" }] }));
    assert_eq!(run.look(&Readings::new()).phase, ArgoPhase::Running);
    assert_eq!(run.terminate().phase, ArgoPhase::Successful);
    // And also when three of four allowed failures were seen.
    let metric = json!({ "name": "m", "interval": "1m", "failureLimit": 3 });
    let mut run = argo(&json!({ "metrics": [metric] }));
    for _ in 0..3 {
        run.look(&Readings::from([("m".to_owned(), known('F'))]));
    }
    assert_eq!(run.terminate().effect, Some(ArgoEffect::Continue));
}

#[test]
fn argos_last_limit_wins_within_a_metric_and_the_worst_phase_in_a_run() {
    let (limits, none) = (
        json!({ "failureLimit": 0 }),
        EngineReading::Known(Outcome::Fail),
    );
    let mut metric = json!({ "name": "m", "interval": "1m", "failureLimit": 1,
        "inconclusiveLimit": 1, "consecutiveErrorLimit": 1 });
    let phase_of = |metric: &Value, sequence: &str| {
        let mut run = argo(&json!({ "metrics": [metric] }));
        let looks = sequence
            .chars()
            .map(|c| Readings::from([("m".to_owned(), known(c))]));
        looks.map(|look| run.look(&look).phase).last().unwrap()
    };
    assert_eq!(phase_of(&metric, "FIFI"), ArgoPhase::Failed);
    metric["failureLimit"] = json!(5);
    assert_eq!(phase_of(&metric, "FIFI"), ArgoPhase::Inconclusive);
    // In a run, Failed is worse than Error.
    let once = |name: &str| {
        let mut metric = limits.clone();
        metric["name"] = json!(name);
        metric["consecutiveErrorLimit"] = json!(0);
        metric
    };
    let mut run = argo(&json!({ "metrics": [once("a"), once("b"), once("c")] }));
    let look = run.look(&Readings::from([
        ("a".to_owned(), none),
        ("b".to_owned(), known('E')),
        ("c".to_owned(), known('I')),
    ]));
    assert_eq!(look.phase, ArgoPhase::Failed);
}

#[test]
fn argo_keeps_ten_measurements_and_counts_all() {
    let analysis = json!({
        "metrics": [{ "name": "a", "interval": "1m", "failureLimit": 11 },
                    { "name": "b", "interval": "1m", "failureLimit": 30 }],
        "measurementRetention": [{ "metricName": "b", "limit": 12 }],
    });
    let mut run = argo(&analysis);
    let look = Readings::from([("a".to_owned(), known('F')), ("b".to_owned(), known('F'))]);
    for _ in 0..11 {
        assert_eq!(run.look(&look).phase, ArgoPhase::Running);
    }
    assert_eq!(run.results()["a"].measurements.len(), 10);
    assert_eq!(run.look(&look).phase, ArgoPhase::Failed);
    assert_eq!(run.results()["b"].measurements.len(), 12);
}

fn letter(phase: FlaggerPhase) -> char {
    match phase {
        FlaggerPhase::Progressing => 'P',
        FlaggerPhase::WaitingPromotion => 'W',
        FlaggerPhase::Promoting => 'M',
        FlaggerPhase::Finalising => 'Z',
        FlaggerPhase::Succeeded => 'S',
        FlaggerPhase::Failed => 'F',
    }
}

#[test]
fn flagger_goes_from_tick_to_tick() {
    let analyses = corpus("flagger");
    assert!(list(&analyses).len() >= 15);
    let mut seen = std::collections::BTreeSet::new();
    for case in list(&analyses) {
        let analysis = FlaggerAnalysis::from_json(&case["analysis"].to_string()).unwrap();
        for run in list(&case["runs"]) {
            let mut canary = FlaggerRun::new(analysis.clone()).unwrap();
            let mut so_far = String::new();
            for (tick, state) in list(&run["ticks"])
                .iter()
                .zip(text(&run["states"]).split(' '))
            {
                let hooks: FlaggerHooks = serde_json::from_value(tick[1].clone()).unwrap();
                let look = canary.tick(&readings(&tick[0]), hooks);
                let mirrored = if look.mirrored { "m" } else { "" };
                let got = format!(
                    "{}{}{mirrored}/{}/{}",
                    letter(look.phase),
                    look.weight,
                    look.failed_checks,
                    look.iterations
                );
                assert_eq!(got, state, "{} after {so_far}, {tick}", case["analysis"]);
                so_far += &format!("{state} ");
                seen.insert(letter(look.phase));
            }
        }
    }
    assert_eq!(seen.into_iter().collect::<String>(), "FMPSWZ");
}

#[test]
fn flagger_records_nothing_after_the_first_failure_of_a_tick() {
    let metric = |name: &str| json!({ "name": name, "query": "q", "thresholdRange": { "max": 1 } });
    let analysis =
        json!({ "stepWeight": 10, "threshold": 9, "metrics": [metric("a"), metric("b")] });
    let analysis = FlaggerAnalysis::from_json(&analysis.to_string()).unwrap();
    let mut canary = FlaggerRun::new(analysis).unwrap();
    let bad = Readings::from([("a".to_owned(), 2.0.into()), ("b".to_owned(), 2.0.into())]);
    assert!(canary.tick(&bad, FlaggerHooks::default()).checks.is_empty());
    let look = canary.tick(&bad, FlaggerHooks::default());
    assert_eq!(look.checks.len(), 1);
    assert_eq!(look.checks[0].reason.as_deref(), Some("2 > 1"));
    assert_eq!(look.failed_checks, 1);
}

#[test]
fn keptns_criteria_are_met_where_they_are() {
    let all = corpus("keptn_criteria");
    assert!(list(&all).len() >= 25);
    for case in list(&all) {
        // A criterion stands alone in an SLO; what was before is its only earlier evaluation.
        let slo = json!({ "total_score": { "pass": "100%" }, "objectives": [
            { "sli": "a", "pass": [{ "criteria": [case["criterion"]] }] }] });
        let analysis = KeptnAnalysis::from_json(&slo.to_string()).unwrap();
        let befores = list(&case["befores"]).iter();
        let pairs =
            befores.flat_map(|before| list(&case["values"]).iter().map(move |v| (before, v)));
        for ((before, value), met) in pairs.zip(text(&case["met"]).chars()) {
            let look = |value: &Value| readings(&json!({ "a": value }));
            let evaluations = analysis.run(&[look(before), look(value)]).unwrap();
            let passed = evaluations[1].result.as_str() == "pass";
            assert_eq!(
                passed,
                met == '1',
                "{} {value} after {before}",
                case["criterion"]
            );
        }
    }
}

#[test]
fn keptn_scores_as_it_does() {
    for (part, key) in [("keptn_slo", "slo"), ("keptn_definition", "definition")] {
        let all = corpus(part);
        assert!(list(&all).len() >= 100);
        for case in list(&all) {
            let analysis = KeptnAnalysis::from_json(&case[key].to_string()).unwrap();
            let looks: Vec<_> = list(&case["looks"]).iter().map(readings).collect();
            let evaluations = analysis.run(&looks).unwrap();
            for (got, expected) in evaluations.iter().zip(list(&case["evaluations"])) {
                let words = got.objectives.iter().map(|one| one.result.as_str());
                let letters: String = words.filter_map(|word| word.chars().next()).collect();
                assert_eq!(got.result.as_str(), text(&expected[0]), "{case}");
                assert_eq!(letters, text(&expected[2]), "{case}");
                let score = expected[1].as_f64().unwrap();
                assert!(
                    relative_error(got.score, score) < 1e-13,
                    "{} {score}",
                    got.score
                );
            }
        }
    }
}

fn any_reading() -> impl Strategy<Value = EngineReading> {
    let numbers = || {
        prop_oneof![
            Just(f64::NAN),
            Just(f64::INFINITY),
            any::<f64>(),
            -2.0..120.0
        ]
    };
    prop_oneof![
        numbers().prop_map(EngineReading::Number),
        vec(numbers(), 0..3).prop_map(EngineReading::Vector),
        Just(EngineReading::Nothing),
        select(Outcome::ALL).prop_map(EngineReading::Known),
    ]
}

/// Written and read back; a NaN among what was kept is no longer equal to itself, so as text.
fn restarts<T: serde::Serialize + serde::de::DeserializeOwned>(state: &T) -> T {
    let json = serde_json::to_string(state).unwrap();
    let again: T = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
    again
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_engine_panics_and_a_restart_changes_nothing(
        looks in vec((any_reading(), any_reading(), any::<[bool; 6]>()), 1..12),
        limits in (-1_i64..4, 0_i64..4, 0_i64..4, 0_i64..4),
        weights in vec(0_i64..200, 0..4),
        numbers in (0_i64..200, 0_i64..200, 0_i64..5, 0_i64..60),
    ) {
        let metric = |name: &str| json!({
            "name": name, "interval": "10s",
            "successCondition": "result[0] > 0.5", "failureCondition": "default(result, 1) < 0",
            "failureLimit": limits.0, "inconclusiveLimit": limits.1,
            "consecutiveErrorLimit": limits.2, "consecutiveSuccessLimit": limits.3.max(1),
        });
        let analysis = json!({ "metrics": [metric("a"), metric("b")], "dryRun": [{ "metricName": "b" }] });
        let mut run = argo(&analysis);
        let flagger = json!({
            "stepWeights": weights, "stepWeight": numbers.0, "maxWeight": numbers.1,
            "iterations": numbers.2, "stepWeightPromotion": numbers.3, "mirror": limits.0 > 0,
            "threshold": limits.1, "metrics": [{ "name": "a", "query": "q" }],
        });
        let analysis = FlaggerAnalysis::from_json(&flagger.to_string()).unwrap();
        let mut canary = FlaggerRun::new(analysis).unwrap();
        let limits = Limits { consecutive_failures: Some(2), violation_seconds: Some(20.0), ..Limits::default() };
        let mut state = LimitState::new(limits).unwrap();
        for (at, (a, b, flags)) in looks.into_iter().enumerate() {
            let readings = Readings::from([("a".to_owned(), a.clone()), ("b".to_owned(), b)]);
            let look = run.look_at(10.0 * at as f64, &readings).unwrap();
            restarts(&look);
            run = restarts(&run);
            let [rollback, pre_rollout, rollout, confirm_traffic_increase, confirm_promotion, new_revision] = flags;
            let hooks = FlaggerHooks {
                rollback: rollback && new_revision, pre_rollout, rollout,
                confirm_traffic_increase, confirm_promotion, new_revision,
            };
            let look = canary.tick(&readings, hooks);
            prop_assert!((0..=100).contains(&look.weight));
            restarts(&look);
            canary = restarts(&canary);
            if let EngineReading::Known(outcome) = a {
                state.observe(outcome, at as f64).unwrap();
                state = restarts(&state);
            }
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in "[a-z0-9 \"{}\\[\\]:,.%<>=!&|()+*/\\-_]{0,60}") {
        let metric = json!({ "metrics": [{ "name": "m", "successCondition": text, "interval": text }] });
        for json in [metric.to_string(), text.clone()] {
            let _ = ArgoAnalysis::from_json(&json);
            let _ = FlaggerAnalysis::from_json(&json);
            let _ = KeptnAnalysis::from_json(&json);
        }
        let metric = json!({ "metrics": [{ "name": "m", "successCondition": text }] });
        if let Ok(analysis) = ArgoAnalysis::from_json(&metric.to_string()) {
            for reading in [EngineReading::Number(1.0), EngineReading::Vector(vec![]), EngineReading::Nothing] {
                ArgoRun::new(analysis.clone()).unwrap().look(&Readings::from([("m".to_owned(), reading)]));
            }
        }
        let slo = json!({ "objectives": [{ "sli": "a", "pass": [{ "criteria": [text] }] }],
            "total_score": { "pass": text } });
        let analysis = KeptnAnalysis::from_json(&slo.to_string()).unwrap();
        analysis.run(&[Readings::from([("a".to_owned(), 1.0.into())])]).unwrap();
        let fixed = json!({ "objectives": [{ "analysisValueTemplateRef": { "name": "a" },
            "target": { "failure": { "equalTo": { "fixedValue": text } } } }],
            "totalScore": { "passPercentage": 9, "warningPercentage": 1 } });
        let _ = KeptnAnalysis::from_json(&fixed.to_string());
    }
}
