//! Every flip is tried again here, and so is a slightly smaller change.

use super::*;
use crate::data::{Arms, Counts, Exposure, Gauge, Histogram, Sample, Series, Summary};
use crate::judge::judge;
use crate::options::NanPolicy;
use proptest::prelude::*;

fn policy(checks: &str) -> Policy {
    Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{"m": {{"direction": "increase"}}, "ms": {{"unit": "ms"}},
            "good": {{"direction": "decrease"}}}}, "checks": [{checks}]}}"#
    ))
    .unwrap()
}

fn counts(baseline: (u64, u64), canary: (u64, u64)) -> Arms<Counts> {
    Arms::new(baseline, canary).map(|(events, trials)| Counts::new(events, trials).unwrap())
}

fn one<T: Into<Observations>>(metric: &str, arms: Arms<T>) -> Snapshot {
    Snapshot::new().with(metric, arms).unwrap()
}

fn noise(level: f64, spread: f64, n: u32) -> Vec<f64> {
    (0..n)
        .map(|i| level + spread * (f64::from(i * 37 % 101) / 50.0 - 1.0))
        .collect()
}

fn samples(baseline: f64, canary: f64, n: u32) -> Arms<Sample> {
    Arms::new(baseline, canary)
        .map(|level| Sample::new(noise(level, 20.0, n), NanPolicy::Raise).unwrap())
}

fn series(growth: f64, n: u32) -> Arms<Series> {
    Arms::new(0.0, growth).map(|growth| {
        let times: Vec<f64> = (0..n).map(|i| 60.0 * f64::from(i)).collect();
        let values = noise(500.0, 5.0, n);
        let grown = values
            .iter()
            .zip(&times)
            .map(|(x, t)| x + growth * t / 3600.0);
        Series::new(times.clone(), grown.collect(), NanPolicy::Raise).unwrap()
    })
}

/// Tries each flip again: the change does it, and the last one tried before does not.
fn tried(policy: &Policy, snapshot: &Snapshot) -> Vec<Flip> {
    let before = judge(policy, snapshot).unwrap().status;
    let flips = flips(policy, snapshot, Some(600.0)).unwrap();
    for flip in &flips {
        let status = |flip: &Flip| {
            let (policy, snapshot) = flip.apply(policy, snapshot).unwrap();
            judge(&policy, &snapshot).unwrap().status
        };
        assert_ne!(flip.status, before, "{}", flip.sentence);
        assert_eq!(status(flip), flip.status, "{}", flip.sentence);
        let mut smaller = flip.clone();
        for change in &mut smaller.changes {
            let (until, to) = (change.until, change.to);
            let by = (to - change.now).abs();
            let one = match change.setting {
                Setting::Events => 1.0,
                Setting::Amount => 1.01 / snapshot.arms(&change.metric).canary.map_or(1.0, size),
                _ => 0.0,
            };
            let is_near = (to - until).abs() <= f64::max(0.013 * by, one);
            let is_any = until == change.now && by < 1e-9;
            assert!(is_near || is_any, "{change:?}");
            change.to = until;
        }
        if let [change] = flip.changes.as_slice()
            && change.until != change.now
        {
            assert_ne!(status(&smaller), flip.status, "{}", flip.sentence);
        }
    }
    flips
}

fn size(observations: &Observations) -> f64 {
    observations.size() as f64
}

fn sentences(policy: &Policy, snapshot: &Snapshot) -> Vec<String> {
    let flips = tried(policy, snapshot).into_iter();
    flips.map(|flip| flip.sentence).collect()
}

const ERRORS: &str =
    r#"{"metric": "m", "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}}"#;

#[test]
fn counts_flip_by_the_margin_and_by_the_events() {
    let of = |canary| sentences(&policy(ERRORS), &one("m", counts((95, 19_000), canary)));
    assert_eq!(
        of((30, 2_000)),
        [
            "With a margin of 0.54 instead of 0.25 percentage points for m rate, the verdict \
             would be INCONCLUSIVE.",
            "With 7 events of m instead of 30 among the canary's 2000, the verdict would be PASS.",
        ]
    );
    // Even no margin at all would do.
    assert_eq!(
        of((3, 2_000)),
        ["With 23 events of m instead of 3 among the canary's 2000, the verdict would be FAIL."]
    );
}

#[test]
fn more_data_decide_after_a_time() {
    let snapshot = one("m", counts((95, 19_000), (10, 2_000)));
    let flips = tried(&policy(ERRORS), &snapshot);
    let [margin, more] = flips.as_slice() else {
        panic!("{flips:?}");
    };
    assert_eq!(
        (margin.what, margin.status),
        (FlipKind::Policy, Status::Pass)
    );
    assert_eq!((more.what, more.status), (FlipKind::MoreData, Status::Pass));
    let amount = more.changes[0].to;
    assert_eq!(more.seconds, Some(600.0 * (amount - 1.0)));
    assert!(
        more.sentence.contains(" minutes at this traffic, "),
        "{}",
        more.sentence
    );
    // About as many as the finding itself says, which takes the interval for symmetric.
    let needed = judge(&policy(ERRORS), &snapshot).unwrap().findings[0].more_needed;
    let needed = 1.0 + needed.unwrap() as f64 / 2_000.0;
    assert!((amount / needed - 1.0).abs() < 0.25, "{amount} {needed}");
    // Without a time, in observations.
    let unwatched = flips_of(&policy(ERRORS), &snapshot);
    assert!(
        unwatched[1]
            .sentence
            .contains(" more observations of the canary, ")
    );
}

fn flips_of(policy: &Policy, snapshot: &Snapshot) -> Vec<Flip> {
    flips(policy, snapshot, None).unwrap()
}

#[test]
fn two_failing_checks_must_both_change() {
    let policy = policy(&format!(
        r#"{ERRORS}, {{"metric": "ms", "threshold": {{"statistic": "p99", "max": "100ms"}}}}"#
    ));
    let snapshot = one("m", counts((95, 19_000), (30, 2_000)))
        .with("ms", samples(90.0, 110.0, 200))
        .unwrap();
    assert_eq!(
        sentences(&policy, &snapshot),
        [
            "No change of one limit alone is enough. With a margin of 0.54 instead of 0.25 percentage \
             points for m rate and with an upper limit of 129.7 instead of 100 ms for ms p99, the \
             verdict would be INCONCLUSIVE.",
            "No change of one metric alone is enough. With 7 events of m instead of 30 among the \
             canary's 2000 and with each value of ms on the canary 23% less (ms p99 99.8 instead of \
             130 ms), the verdict would be PASS.",
        ]
    );
}

#[test]
fn every_kind_of_observations_has_flips() {
    let rates = |events| Arms::new(20, events).map(|events| Exposure::new(events, 100.0).unwrap());
    let gauges = |value| Arms::new(1.0, value).map(|x| Gauge::new(x).unwrap());
    let buckets = |slow: f64| {
        Arms::new(10.0, slow).map(|slow: f64| {
            let counts = [5000.0 - slow, 9900.0 - slow, 10_000.0, 10_000.0];
            Histogram::new(&[50.0, 100.0, 400.0, f64::INFINITY], &counts, None).unwrap()
        })
    };
    let moments = |mean: f64| {
        Arms::new(100.0, mean).map(|mean| Summary::from_moments(400, mean, 20.0).unwrap())
    };
    let test =
        |metric: &str, more: &str| format!(r#"{{"metric": "{metric}", "test": {{{more}}}}}"#);
    let cases: Vec<(String, Snapshot)> = vec![
        (
            test("m", r#""margin": {"percent": 50}"#),
            one("m", rates(60)),
        ),
        (
            test("m", r#""margin": {"percent": 50}"#),
            one("m", rates(31)),
        ),
        (test("m", r#""margin": {"factor": 9}"#), one("m", rates(30))),
        (
            test("ms", r#""margin": {"percent": 5}"#),
            one("ms", samples(100.0, 120.0, 300)),
        ),
        (
            test("ms", r#""margin": {"percent": 5}"#),
            one("ms", samples(100.0, 104.0, 50)),
        ),
        (
            test(
                "ms",
                r#""margin": {"percent": 5}, "method": "mann_whitney""#,
            ),
            one("ms", samples(100.0, 100.5, 500)),
        ),
        (
            test("good", r#""margin": {"percent": 5}"#),
            one("good", samples(100.0, 80.0, 300)),
        ),
        (
            test("ms", r#""margin": {"percent": 5}"#),
            one("ms", samples(-100.0, -80.0, 300)),
        ),
        (
            test("ms", r#""margin": {"percent": 20}"#),
            one("ms", buckets(1000.0)),
        ),
        (
            test("ms", r#""margin": {"percent": 20}"#),
            one("ms", moments(150.0)),
        ),
        (
            test("ms", r#""margin": {"percent": 20}"#),
            one("ms", moments(110.0)),
        ),
        (
            test("ms", r#""margin": {"percent": 5}, "goal": "superiority""#),
            one("ms", samples(100.0, 99.0, 300)),
        ),
        (
            test("ms", r#""margin": {"percent": 5}, "goal": "equivalence""#),
            one("ms", samples(100.0, 80.0, 300)),
        ),
        (
            r#"{"metric": "m", "threshold": {"factor": "2x"}}"#.to_owned(),
            one("m", gauges(3.0)),
        ),
        (
            r#"{"metric": "m", "threshold": {"min": 0.5, "max": 4}}"#.to_owned(),
            one("m", gauges(3.0)),
        ),
        (
            r#"{"metric": "good", "threshold": {"min": 2}}"#.to_owned(),
            one("good", gauges(1.9)),
        ),
        (
            r#"{"metric": "ms", "trend": {"margin": {"difference": 20}, "over": 3600}}"#.to_owned(),
            one("ms", series(80.0, 60)),
        ),
        (
            r#"{"metric": "ms", "distribution": {"margin": {"percent": 5}}}"#.to_owned(),
            one("ms", samples(100.0, 120.0, 300)),
        ),
        (
            r#"{"metric": "ms", "standard": {}}"#.to_owned(),
            one("ms", samples(100.0, 150.0, 300)),
        ),
        (
            r#"{"metric": "ms", "standard": {}}"#.to_owned(),
            one("ms", samples(100.0, 101.0, 300)),
        ),
        (
            r#"{"metric": "m", "standard": {}}"#.to_owned(),
            one("m", counts((5, 1000), (6, 1000))),
        ),
    ];
    for (check, snapshot) in &cases {
        let flips = tried(&policy(check), snapshot);
        assert!(!flips.is_empty(), "{check}");
    }
}

#[test]
fn formulas_stay_in_the_policy_that_flips() {
    let formula = crate::judge::Formula::parse("errors / requests").unwrap();
    let policy = Policy::standard(["errors", "requests", "error_rate"]).unwrap();
    let policy = policy.formula("error_rate", formula).unwrap();
    let gauges = |b, c| Arms::new(b, c).map(|x| Gauge::new(x).unwrap());
    let snapshot = one("errors", gauges(90.0, 41.0))
        .with("requests", gauges(19_000.0, 1_000.0))
        .unwrap();
    let flips = tried(&policy, &snapshot);
    assert!(
        flips.iter().any(|flip| flip.what == FlipKind::Policy),
        "{flips:?}"
    );
}

#[test]
fn data_that_cannot_be_trusted_have_no_flip() {
    let checks = format!(
        r#"{ERRORS}, {{"metric": "m", "role": "quality", "sample_ratio": {{"canary": "50%"}}}}"#
    );
    let snapshot = one("m", counts((95, 19_000), (30, 2_000)));
    assert_eq!(flips(&policy(&checks), &snapshot, None).unwrap(), []);
    let nothing = Snapshot::new();
    assert_eq!(flips(&policy(ERRORS), &nothing, None).unwrap(), []);
}

#[test]
fn a_time_that_was_not_watched_is_refused() {
    for watched in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(flips(&policy(ERRORS), &Snapshot::new(), Some(watched)).is_err());
    }
}

#[test]
fn durations_as_people_say_them() {
    for (seconds, said) in [
        (0.2, "1 second"),
        (90.0, "90 seconds"),
        (840.0, "14 minutes"),
        (7200.0, "2 hours"),
        (200_000.0, "2 days"),
    ] {
        assert_eq!(words::duration(seconds), said);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn flips_of_random_counts_happen(
        baseline in (0_u64..400, 1_000_u64..40_000),
        canary in (0_u64..200, 200_u64..8_000),
        percent in 0.0..100.0,
    ) {
        let check = format!(
            r#"{{"metric": "m", "test": {{"margin": {{"percent": {percent}, "floor": "0.25%"}}}}}}"#
        );
        let arms = counts(baseline, (canary.0.min(canary.1), canary.1));
        tried(&policy(&check), &one("m", arms));
    }

    #[test]
    fn nothing_panics(
        baseline in prop::collection::vec(prop_oneof![Just(0.0), -1e300..1e300, -1.0..1.0], 1..20),
        canary in prop::collection::vec(prop_oneof![Just(0.0), -1e300..1e300, -1.0..1.0], 1..20),
        margin in prop_oneof![Just(0.0), 0.0..1e300, 0.0..1.0],
        method in prop_oneof![Just("auto"), Just("mann_whitney"), Just("spread"), Just("quantile")],
    ) {
        let check = format!(
            r#"{{"metric": "ms", "test": {{"method": "{method}", "margin": {{"difference": {margin}}}}}}},
               {{"metric": "ms", "threshold": {{"statistic": "max", "max": {margin}}}}}"#
        );
        let arms = Arms::new(baseline, canary)
            .map(|values| Sample::new(values, NanPolicy::Raise).unwrap());
        if let Ok(flips) = flips(&policy(&check), &one("ms", arms), None) {
            for flip in flips {
                let text = serde_json::to_string(&flip).unwrap();
                prop_assert_eq!(serde_json::from_str::<Flip>(&text).unwrap(), flip);
            }
        }
    }
}

#[test]
fn percentages_of_counts_have_flips_in_percent() {
    let counts = |baseline: u64, canary: u64| {
        let arms = Arms::new((baseline, 19_000), (canary, 2_000));
        let arms = arms.map(|(events, trials)| Counts::new(events, trials).unwrap());
        Snapshot::new().with("m", arms).unwrap()
    };
    let policy = |check: &str| {
        let text = format!(
            r#"{{"version": 1, "metrics": {{"m": {{"unit": "%"}}}}, "checks": [{{"metric": "m", {check}}}]}}"#
        );
        Policy::from_json(&text).unwrap()
    };
    for (check, words) in [
        (
            r#""threshold": {"max": "1%"}"#,
            "upper limit of 1.5% instead of 1%",
        ),
        (
            r#""threshold": {"max": "1%"}"#,
            "With 20 events of m instead of 30",
        ),
        (
            r#""test": {"margin": {"difference": "0.25%"}}"#,
            "instead of 0.25 percentage points",
        ),
        (r#""standard": {}"#, "events of m instead of 30"),
        (r#""standard": {}"#, "percentage points for m"),
    ] {
        let (policy, snapshot) = (policy(check), counts(95, 30));
        let found = flips(&policy, &snapshot, None).unwrap();
        let said: Vec<&str> = found.iter().map(|flip| flip.sentence.as_str()).collect();
        assert!(
            said.iter().any(|said| said.contains(words)),
            "{check}: {said:?}"
        );
        for flip in &found {
            let (changed, data) = flip.apply(&policy, &snapshot).unwrap();
            assert_eq!(judge(&changed, &data).unwrap().status, flip.status);
            for change in flip
                .changes
                .iter()
                .filter(|_| flip.what == FlipKind::Policy)
            {
                assert_eq!(change.unit.as_deref(), Some("%"));
                assert!(change.to > 0.25 && change.to < 5.0, "{change:?}");
            }
        }
    }
}

#[test]
fn series_without_a_common_time_cost_nothing() {
    let series = |start: f64| {
        let times = (0..3_000).map(|i| start + 60.0 * f64::from(i)).collect();
        let values = (0..3_000)
            .map(|i| 100.0 + f64::from(i * 37 % 101))
            .collect();
        Series::new(times, values, NanPolicy::Raise).unwrap()
    };
    let snapshot = Snapshot::new()
        .with("m", Arms::new(series(0.0), series(30.0)))
        .unwrap();
    let policy = Policy::standard(["m"]).unwrap();
    let before = std::time::Instant::now();
    assert_eq!(flips(&policy, &snapshot, None).unwrap(), []);
    let bare = before.elapsed();
    let once = std::time::Instant::now();
    judge(&policy, &snapshot).unwrap();
    assert!(bare < 20 * once.elapsed(), "{bare:?}");
}

fn gauges(baseline: f64, canary: f64) -> Arms<Gauge> {
    Arms::new(baseline, canary).map(|x| Gauge::new(x).unwrap())
}

fn values(baseline: &[f64], canary: &[f64]) -> Arms<Sample> {
    Arms::new(baseline, canary).map(|x| Sample::new(x.to_vec(), NanPolicy::Raise).unwrap())
}

#[test]
fn what_is_never_negative_does_not_become_so() {
    let of = |metric: &str, rule: &str, baseline, canary| {
        let check = format!(r#"{{"metric": "{metric}", "threshold": {{{rule}}}}}"#);
        sentences(&policy(&check), &one(metric, gauges(baseline, canary)))
    };
    let percent = r#""percent": 10"#;
    assert_eq!(
        of("m", percent, 0.0, 5.0),
        ["With 0 instead of 5 of m on the canary, the verdict would be PASS."]
    );
    assert!(of("good", percent, 0.0, 5.0).is_empty());
    // What may be negative may become so.
    assert_eq!(
        of("m", r#""min": -3"#, -1.0, 5.0)[1],
        "With -3.01 instead of 5 of m on the canary, the verdict would be FAIL."
    );
    let slow = r#"{"metric": "ms", "threshold": {"statistic": "mean", "max": 10}}"#;
    let zeros = one("ms", values(&[0.0, 1.0, 9.0], &[0.0, 0.0, 90.0]));
    assert_eq!(
        sentences(&policy(slow), &zeros)[1],
        "With each value of ms on the canary 67% less (ms mean 9.9 instead of 30 ms), the verdict \
         would be PASS."
    );
}

#[test]
fn a_limit_is_no_farther_than_the_metric_can_be() {
    let limit = |rule: &str, canary| {
        let check = format!(r#"{{"metric": "m", "threshold": {{{rule}}}}}"#);
        let flips = tried(&policy(&check), &one("m", counts((1, 100), canary)));
        let of_policy = flips
            .into_iter()
            .filter(|flip| flip.what == FlipKind::Policy);
        of_policy.map(|flip| flip.sentence).collect::<Vec<_>>()
    };
    assert!(limit(r#""max": "5%""#, (0, 3)).is_empty());
    assert!(limit(r#""min": "5%""#, (3, 3)).is_empty());
    assert_eq!(limit(r#""max": "50%""#, (1, 3)).len(), 1);
}

#[test]
fn where_any_change_is_enough_it_is_said_in_words() {
    let still = Arms::new(0.0, 0.0).map(|level| {
        let times = (0..30).map(|i| 60.0 * f64::from(i)).collect();
        Series::new(times, vec![level; 30], NanPolicy::Raise).unwrap()
    });
    let policy = policy(r#"{"metric": "m", "test": {"margin": {"percent": 10}}}"#);
    assert_eq!(
        sentences(&policy, &one("m", still)),
        ["With each value of m on the canary larger, however little, the verdict would be FAIL."]
    );
    let at_most = self::policy(r#"{"metric": "m", "threshold": {"max": 5}}"#);
    assert_eq!(
        sentences(&at_most, &one("m", gauges(1.0, 5.0))),
        [
            "With any upper limit below 5 for m, the verdict would be FAIL.",
            "With any more than 5 of m on the canary, the verdict would be FAIL.",
        ]
    );
}

#[test]
fn tiny_numbers_are_short() {
    let policy = policy(r#"{"metric": "m", "threshold": {"percent": 10}}"#);
    for sentence in sentences(&policy, &one("m", gauges(1e-320, 5e-320))) {
        assert!(sentence.len() < 100, "{sentence}");
    }
}

#[test]
fn more_data_are_whole_observations() {
    let policy = Policy::standard(["m"]).unwrap();
    let snapshot = one("m", values(&[5.0], &[1.0]));
    tried(&policy, &snapshot);
    let said: Vec<String> = (flips_of(&policy, &snapshot).into_iter())
        .map(|flip| flip.sentence)
        .collect();
    assert_eq!(
        said,
        [
            "With 2 times as much data of the same kind, after about 1 more observation of the canary, \
             the verdict would be FAIL."
        ]
    );
}

/// What a finding says of its own, which tries less, and what was tried.
#[test]
fn findings_and_flips_need_about_as_many_more() {
    let test =
        |more: &str| format!(r#"{{"metric": "m", "test": {{"margin": {{"percent": 10}}{more}}}}}"#);
    let cases = [
        (
            test(""),
            one("m", values(&[1.0, 2.0, 3.0], &[1.0, 2.0, 3.0])),
        ),
        (test(""), one("m", counts((0, 10_000), (1, 10_000)))),
        (test(""), one("m", counts((100, 10_000), (120, 10_000)))),
        // Worse than is harmless, better than is not acceptable: proved to be more than harmless first.
        (
            test(r#", "fail_beyond": 0.2"#),
            one("m", counts((1000, 100_000), (1060, 100_000))),
        ),
        (
            test(""),
            one(
                "m",
                Arms::new(20, 28).map(|events| Exposure::new(events, 60.0).unwrap()),
            ),
        ),
        (
            test(""),
            one(
                "m",
                Arms::new(9.0, 10.5).map(|mean| Summary::from_moments(20, mean, 3.0).unwrap()),
            ),
        ),
    ];
    for (check, snapshot) in cases {
        let policy = policy(&check);
        let finding = judge(&policy, &snapshot).unwrap().findings.remove(0);
        let flips = tried(&policy, &snapshot);
        let more = flips
            .iter()
            .find(|flip| flip.what == FlipKind::MoreData)
            .unwrap();
        let tried = (more.changes[0].to - 1.0) * finding.sizes.canary as f64;
        let said = finding.more_needed.unwrap() as f64;
        assert!(
            (said / tried - 1.0).abs() < 0.2,
            "{said} or {tried}: {}",
            finding.sentence
        );
    }
}
