//! Tests at any look: how often they are wrong, how soon they are right, and what they refuse.

use crate::data::{Counts, Exposure, Gauge, Histogram, Sample, Series, Summary};
use crate::judge::{TestCondition, Watch, judge};
use crate::number::random::Stream;
use crate::options::{Margin, NanPolicy};
use crate::{Arms, Finding, Observations, Policy, Result, Snapshot, Status};

fn policy(check: &str) -> Policy {
    read(check).unwrap()
}

fn read(check: &str) -> Result<Policy> {
    Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{"m": {{}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
    ))
}

fn finding<T: Into<Observations>>(policy: &Policy, arms: Arms<T>) -> Finding {
    let snapshot = Snapshot::new().with("m", arms).unwrap();
    judge(policy, &snapshot).unwrap().findings.remove(0)
}

fn sample(values: &[f64]) -> Sample {
    Sample::new(values.to_vec(), NanPolicy::Raise).unwrap()
}

fn series(values: &[f64]) -> Series {
    let times = (0..values.len()).map(|minute| minute as f64).collect();
    Series::new(times, values.to_vec(), NanPolicy::Raise).unwrap()
}

/// In how many of `runs` rollouts each policy ever says FAIL, and ever PASS, at `looks` looks at all data so
/// far. Each arm's data grow by what `minute` adds to them.
fn ever<D: Clone, T: Into<Observations>>(
    policies: &[&Policy],
    (runs, looks): (u64, usize),
    nothing: &D,
    mut minute: impl FnMut(&mut Stream, usize, &mut Arms<D>),
    observed: impl Fn(&D) -> T,
) -> Vec<[u64; 2]> {
    let mut number = vec![[0; 2]; policies.len()];
    for seed in 0..runs {
        let mut random = Stream::new(seed, 0);
        let mut all = Arms::new(nothing.clone(), nothing.clone());
        let mut given = vec![[false; 2]; policies.len()];
        for look in 1..=looks {
            minute(&mut random, look, &mut all);
            for (policy, given) in policies.iter().zip(&mut given) {
                match finding(policy, all.as_ref().map(&observed)).status {
                    Status::Fail => given[0] = true,
                    Status::Pass => given[1] = true,
                    Status::Inconclusive => {}
                }
            }
        }
        for (number, given) in number.iter_mut().zip(given) {
            for (number, is_given) in number.iter_mut().zip(given) {
                *number += u64::from(is_given);
            }
        }
    }
    number
}

/// The same of events of 1,000 requests a minute, of which the canary has its share.
fn ever_of_counts(
    policies: &[&Policy],
    runs: u64,
    rates: Arms<f64>,
    share: impl Fn(usize) -> u64,
) -> Vec<[u64; 2]> {
    let minute = |random: &mut Stream, minute: usize, all: &mut Arms<(u64, u64)>| {
        let canary = share(minute);
        let new = |random: &mut Stream, rate: f64, requests: u64, arm: &mut (u64, u64)| {
            let events = (0..requests).filter(|_| random.unit() < rate).count();
            *arm = (arm.0 + events as u64, arm.1 + requests);
        };
        new(random, rates.baseline, 1000 - canary, &mut all.baseline);
        new(random, rates.canary, canary, &mut all.canary);
    };
    let observed = |&(events, trials): &(u64, u64)| Counts::new(events, trials).unwrap();
    ever(policies, (runs, 60), &(0, 0), minute, observed)
}

/// A look a minute at all requests so far, by a canary whose errors are just acceptable. Each side has an
/// error rate of 2.5 %; of 200 rollouts the standard error is 1.1 %, and 11 or more are as rare as 1 %.
#[test]
fn an_hour_of_looks_has_the_error_rate_of_one_and_a_test_for_one_look_has_many_times_that() {
    let margin = r#"{"margin": {"percent": "50%", "floor": "0.25%"}}"#;
    let (any, once) = (
        policy(&format!(r#""sequential": {margin}"#)),
        policy(&format!(r#""test": {margin}"#)),
    );
    let at_the_margin = Arms::new(0.01, 0.015);
    let wrong = ever_of_counts(&[&any, &once], 200, at_the_margin, |_| 500);
    assert!(wrong[0].iter().all(|&n| n <= 10), "{wrong:?}");
    assert!(wrong[1].iter().all(|&n| n >= 20), "{wrong:?}"); // about 20 %
    // A canary that gets more and more of the traffic.
    let ramp = |minute: usize| [50, 250, 500][(minute - 1) / 20];
    let wrong = ever_of_counts(&[&any], 200, at_the_margin, ramp);
    assert!(wrong[0].iter().all(|&n| n <= 10), "{wrong:?}");
    // Twice the margin is found in most rollouts (nine of ten), and no change passes in most.
    let [failed, _] = ever_of_counts(&[&any], 60, Arms::new(0.01, 0.02), |_| 500)[0];
    assert!(failed >= 45, "{failed}");
    let [_, passed] = ever_of_counts(&[&any], 60, Arms::new(0.01, 0.01), |_| 500)[0];
    assert!(passed >= 50, "{passed}");
}

/// Levels of which 0.6 are remembered from one minute to the next, the canary's 10 higher, as is allowed.
#[test]
fn series_remember_and_are_not_taken_for_more_than_they_are() {
    let any = policy(r#""sequential": {"margin": {"difference": 10}}"#);
    let minute = |random: &mut Stream, _: usize, all: &mut Arms<Vec<f64>>| {
        for (level, arm) in [(100.0, &mut all.baseline), (110.0, &mut all.canary)] {
            let last = arm.last().map_or(0.0, |last| last - level);
            arm.push(level + 0.6 * last + 4.0 * random.normal());
        }
    };
    let of = |values: &Vec<f64>| series(values);
    let wrong = ever(&[&any], (100, 60), &vec![], minute, of);
    // Of 100 with a chance of 2.5 %, 8 or more are as rare as 0.4 %.
    assert!(wrong[0].iter().all(|&n| n <= 7), "{wrong:?}");
}

#[test]
fn a_median_just_within_the_margin_is_hardly_ever_found_to_be_beyond() {
    let test = r#"{"quantile": "p50", "margin": {"percent": "20%"}}"#;
    let (any, once) = (
        policy(&format!(r#""sequential": {test}"#)),
        policy(&format!(r#""test": {test}"#)),
    );
    let minute = |random: &mut Stream, _: usize, all: &mut Arms<Vec<f64>>| {
        for (median, arm) in [(20.0, &mut all.baseline), (24.0, &mut all.canary)] {
            arm.extend((0..50).map(|_| median * (0.5 * random.normal()).exp()));
        }
    };
    let of = |values: &Vec<f64>| sample(values);
    let wrong = ever(&[&any, &once], (80, 30), &vec![], minute, of);
    // Of 80 with a chance of 2.5 %, 7 or more are as rare as 0.4 %.
    assert!(wrong[0].iter().all(|&n| n <= 6), "{wrong:?}");
    // Of one look each, about one of six is wrong one way or the other.
    assert!(wrong[1][0] + wrong[1][1] >= 9, "{wrong:?}");
}

/// Noise that looks random around a level.
fn noise(level: f64, spread: f64, n: u32) -> Vec<f64> {
    let mut random = Stream::new(u64::from(n) + level.to_bits(), 1);
    (0..n).map(|_| level + spread * random.normal()).collect()
}

#[test]
fn every_kind_of_observations_that_has_a_monitor_gets_all_answers() {
    let values = |n: u32| [100.0, 105.0, 140.0].map(|level| noise(level, 10.0, n));
    let exposures = [100, 105, 400].map(|events| Exposure::new(events * 200, 20_000.0).unwrap());
    let counts = [10_000, 10_500, 20_000].map(|events| Counts::new(events, 1_000_000).unwrap());
    let summaries = values(4000).map(|values| Summary::of(&values, NanPolicy::Raise).unwrap());
    let samples = values(4000).map(|values| sample(&values));
    let of_time = values(400).map(|values| series(&values));
    let all: [(&str, [Observations; 3]); 6] = [
        ("auto", counts.map(Into::into)),
        ("auto", exposures.map(Into::into)),
        ("t_test", summaries.map(Into::into)),
        ("t_test", samples.clone().map(Into::into)),
        ("quantile", samples.map(Into::into)),
        ("paired_series", of_time.map(Into::into)),
    ];
    for (method, [baseline, alike, worse]) in all {
        let check = |margin: &str| {
            policy(&format!(
                r#""sequential": {{"method": "{method}", "margin": {{{margin}}}}}"#
            ))
        };
        let against = |margin: &str, canary: &Observations| {
            finding(&check(margin), Arms::new(baseline.clone(), canary.clone()))
        };
        let twenty = r#""percent": 20"#;
        let passed = against(twenty, &alike);
        assert_eq!(passed.status, Status::Pass, "{method}: {passed}");
        let failed = against(twenty, &worse);
        assert_eq!(failed.status, Status::Fail, "{method}: {failed}");
        assert!(failed.p_margin.unwrap() <= 0.025, "{method}: {failed:?}");
        let open = against(r#""percent": 5"#, &alike);
        assert_eq!(open.status, Status::Inconclusive, "{method}: {open}");
        for finding in [passed, failed, open] {
            assert!(finding.compared.contains("at any look"), "{finding:?}");
            assert!(
                finding.rule.ends_with("with 95% confidence at any look"),
                "{finding:?}"
            );
            let words = "with 95% confidence at any look ";
            assert!(finding.sentence.contains(words), "{finding}");
            let written = serde_json::to_string(&finding).unwrap();
            assert_eq!(serde_json::from_str::<Finding>(&written).unwrap(), finding);
        }
    }
}

#[test]
fn the_other_goals_and_directions_are_asked_at_any_look_too() {
    let values = |level: f64| sample(&noise(level, 10.0, 4000));
    let arms = |canary: f64| Arms::new(values(100.0), values(canary));
    for (check, canary, status) in [
        (
            r#""equivalence": {"looks": "any", "margin": {"percent": 10}}"#,
            101.0,
            Status::Pass,
        ),
        (
            r#""equivalence": {"looks": "any", "margin": {"percent": 10}}"#,
            80.0,
            Status::Fail,
        ),
        (
            r#""superiority": {"looks": "any", "margin": {"percent": 5}}"#,
            80.0,
            Status::Pass,
        ),
        (
            r#""superiority": {"looks": "any", "margin": {"percent": 5}}"#,
            99.0,
            Status::Fail,
        ),
        (
            r#""quantile": {"looks": "any", "quantile": "p50", "margin": {"difference": 5}}"#,
            80.0,
            Status::Pass,
        ),
        (
            r#""quantile": {"looks": "any", "quantile": "p50", "margin": {"percent": 1, "floor": 30}}"#,
            110.0,
            Status::Pass,
        ),
        (
            r#""quantile": {"looks": "any", "goal": "superiority", "margin": {"percent": 5}}"#,
            80.0,
            Status::Pass,
        ),
        (
            r#""sequential": {"fail_beyond": "50%", "margin": {"percent": 20}}"#,
            115.0,
            Status::Fail,
        ),
        (
            r#""sequential": {"fail_beyond": "50%", "quantile": "p50", "margin": {"percent": 20}}"#,
            119.0,
            Status::Fail,
        ),
    ] {
        let finding = finding(&policy(check), arms(canary));
        assert_eq!(finding.status, status, "{check}: {finding}");
    }
}

/// A relative margin of nothing is nothing, as it is for a test at one look.
#[test]
fn a_baseline_that_is_not_positive_has_its_margin_as_a_difference() {
    let policy = policy(r#""sequential": {"margin": {"percent": 50}}"#);
    let nothing = vec![0.0; 400];
    for (baseline, canary, status) in [
        (nothing.clone(), noise(9.0, 1.0, 400), Status::Fail),
        (noise(-9.0, 1.0, 400), noise(9.0, 1.0, 400), Status::Fail),
        (noise(-9.0, 1.0, 400), noise(-9.1, 1.0, 400), Status::Pass),
        (nothing.clone(), vec![5.0; 400], Status::Fail),
        (nothing.clone(), nothing, Status::Pass),
    ] {
        let arms = Arms::new(baseline, canary);
        for of in [|x: &[f64]| sample(x).into(), |x: &[f64]| series(x).into()] {
            let arms: Arms<Observations> = arms.as_ref().map(|values| of(values));
            let found = finding(&policy, arms);
            assert_eq!(found.status, status, "{}", found.sentence);
        }
    }
}

/// The smaller the margin, the sooner a fault is beyond it.
#[test]
fn a_small_margin_does_not_blind() {
    let events = |n: u64| Observations::from(Counts::new(n, 10_000).unwrap());
    let skewed = |factor: f64| {
        let values = noise(3.0, 0.5, 400).into_iter();
        let values: Vec<f64> = values.map(|x| factor * x.exp()).collect();
        Observations::from(sample(&values))
    };
    for margin in ["percent", "difference"] {
        for size in [0.0, 1e-6, 1e-3, 1e-2, 0.1, 1.0, 10.0] {
            let check = format!(r#""sequential": {{"margin": {{"{margin}": {size}}}}}"#);
            let values = Arms::new(skewed(1.0), skewed(3.0));
            let found = finding(&policy(&check), values);
            assert_eq!(found.status, Status::Fail, "{check}: {}", found.sentence);
            if margin == "percent" {
                let found = finding(&policy(&check), Arms::new(events(100), events(400)));
                assert_eq!(found.status, Status::Fail, "{check}: {}", found.sentence);
            }
        }
    }
}

#[test]
fn what_cannot_be_asked_is_said() {
    let any = policy(r#""sequential": {"margin": {"percent": 5}}"#);
    let gauge = |value: f64| Gauge::new(value).unwrap();
    for (arms, sentence) in [
        (
            Arms::new(gauge(1.0), gauge(2.0)).map(Observations::from),
            "m cannot be judged: one number of each arm says nothing of chance: give values, counts, or a \
             threshold.",
        ),
        (
            Arms::new(noise(9.0, 1.0, 15), noise(9.0, 1.0, 15)).map(|x| series(&x).into()),
            "m cannot be judged: a test at any look needs at least 16 times that both arms have, got 15.",
        ),
    ] {
        let finding = finding(&any, arms);
        assert_eq!(finding.sentence, sentence);
        assert_eq!(finding.status, Status::Inconclusive);
    }
    let histogram = || Histogram::new(&[1.0, f64::INFINITY], &[10.0, 20.0], None).unwrap();
    let snapshot = Snapshot::new()
        .with("m", Arms::new(histogram(), histogram()))
        .unwrap();
    assert_eq!(
        judge(&any, &snapshot).unwrap().findings[0].sentence,
        "m cannot be judged: a test at any look needs counts, an exposure, a sample, a summary or a series, \
         got a histogram."
    );
    // Watched, there is a way for these, too.
    Watch::new(any.clone()).look(60.0, &snapshot).unwrap();
    for (check, message) in [
        (
            r#""sequential": {"method": "mann_whitney", "margin": {"percent": 5}}"#,
            "policy: checks[0].test.method: must be auto, t_test, quantile, two_proportion_z, two_rates or \
             paired_series for a test at any look, got mann_whitney",
        ),
        (
            r#""sequential": {"looks": "once", "margin": {"percent": 5}}"#,
            "policy: checks[0].sequential.looks: must be any, as the key says, got once",
        ),
    ] {
        assert_eq!(read(check).unwrap_err().to_string(), message);
    }
}

#[test]
fn the_key_is_short_for_a_test_at_any_look_and_written_as_one() {
    let short = policy(r#""sequential": {"margin": {"percent": 5}}"#);
    assert_eq!(
        short,
        policy(r#""test": {"looks": "any", "margin": {"percent": 5}}"#)
    );
    assert_eq!(
        short.checks()[0].condition,
        TestCondition::new(Margin::Percent(5.0))
            .at_any_look()
            .into()
    );
    let written = short.to_json();
    assert!(
        written.contains(r#""looks": "any""#) && !written.contains("sequential"),
        "{written}"
    );
    assert_eq!(Policy::from_json(&written).unwrap(), short);
    let once = policy(r#""test": {"margin": {"percent": 5}}"#);
    assert!(!once.to_json().contains("looks"));
    let words = "at most 5% above the baseline, with 95% confidence at any look.";
    assert!(short.in_words().contains(words), "{}", short.in_words());
}

#[test]
fn watched_it_is_a_test_like_any_other() {
    let margin = r#"{"margin": {"percent": 50}}"#;
    let watched = |key: &str| {
        let mut watch = Watch::new(policy(&format!(r#""{key}": {margin}"#)));
        let arms = Arms::new((9, 950), (3, 50)).map(|(n, of)| Counts::new(n, of).unwrap());
        let snapshot = Snapshot::new().with("m", arms).unwrap();
        let looks = (1..=12).map(|minute| watch.look(60.0 * f64::from(minute), &snapshot).unwrap());
        looks
            .map(|verdict| verdict.findings[0].p_margin)
            .collect::<Vec<_>>()
    };
    assert_eq!(watched("sequential"), watched("test"));
    let few = policy(r#""sequential": {"margin": {"percent": 50}}, "min_sample": 5000"#);
    let arms = Arms::new((9, 4000), (300, 4000)).map(|(n, of)| Counts::new(n, of).unwrap());
    assert_eq!(finding(&few, arms).status, Status::Inconclusive);
}
