//! A baseline from before the canary: what is said of it, and what cannot be asked.

use crate::data::{Counts, Gauge, Series};
use crate::judge::{Role, Watch, flips, judge};
use crate::number::random::Stream;
use crate::options::NanPolicy;
use crate::stats::TestName;
use crate::{Arms, Design, Finding, Observations, Policy, Snapshot, Status, Verdict};

const AT_DIFFERENT_TIMES: &str = "were not measured at the same time";
const SHORTLY: &str = "(Before and after, not side by side.)";

fn policy(checks: &str) -> Policy {
    Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{"m": {{}}, "n": {{}}}}, "checks": [{checks}]}}"#
    ))
    .unwrap()
}

const TEST: &str = r#"{"metric": "m", "test": {"margin": {"percent": 20}}}"#;

fn counts(baseline: (u64, u64), canary: (u64, u64)) -> Arms<Counts> {
    Arms::new(baseline, canary).map(|(events, trials)| Counts::new(events, trials).unwrap())
}

fn of<T: Into<Observations>>(arms: Arms<T>) -> Snapshot {
    Snapshot::new().with("m", arms).unwrap()
}

fn first(verdict: Verdict) -> Finding {
    verdict.findings.into_iter().next().unwrap()
}

/// Levels of which `memory` is remembered, from a time on, one a minute.
fn series(random: &mut Stream, start: f64, (level, memory): (f64, f64), n: u32) -> Series {
    let times = (0..n)
        .map(|minute| start + 60.0 * f64::from(minute))
        .collect();
    let mut last = 0.0;
    let values = (0..n).map(|_| {
        last = memory * last + random.normal();
        level + last
    });
    Series::new(times, values.collect(), NanPolicy::Raise).unwrap()
}

#[test]
fn the_answer_stays_what_it_is_and_is_labelled() {
    for (canary, status) in [((900, 10_000), Status::Fail), ((300, 10_000), Status::Pass)] {
        let side_by_side = of(counts((500, 10_000), canary));
        let apart = side_by_side.clone().before_and_after();
        let (one, other) = (
            judge(&policy(TEST), &side_by_side).unwrap(),
            judge(&policy(TEST), &apart).unwrap(),
        );
        assert_eq!((one.status, one.design), (status, Design::Concurrent));
        assert_eq!(
            (other.status, other.design),
            (status, Design::BeforeAndAfter)
        );
        assert_eq!(other.recommendation, one.recommendation);
        assert!(!one.reason.contains(AT_DIFFERENT_TIMES), "{}", one.reason);
        assert_eq!(
            other.reason.matches(AT_DIFFERENT_TIMES).count(),
            1,
            "{}",
            other.reason
        );
        let (one, other) = (first(one), first(other));
        assert_eq!(other.change, one.change);
        assert_eq!(other.design, Design::BeforeAndAfter);
        assert_eq!(other.sentence, format!("{} {SHORTLY}", one.sentence));
    }
}

#[test]
fn what_asks_the_canary_alone_compares_no_times() {
    let apart = of(counts((500, 10_000), (900, 10_000))).before_and_after();
    let checks = format!(
        r#"{TEST}, {{"metric": "m", "threshold": {{"factor": 9}}}}, {{"metric": "m", "threshold": {{"max": "1%"}}}}"#
    );
    let verdict = judge(&policy(&checks), &apart).unwrap();
    let designs = verdict.findings.iter().map(|finding| finding.design);
    let expected = [
        Design::BeforeAndAfter,
        Design::BeforeAndAfter,
        Design::Concurrent,
    ];
    assert!(designs.eq(expected), "{:?}", verdict.findings);
}

#[test]
fn conditions_are_labelled_where_they_name_the_baseline() {
    let apart = of(Arms::new(3.0, 4.0).map(|x| Gauge::new(x).unwrap())).before_and_after();
    for (condition, design) in [
        ("m > 2x baseline", Design::BeforeAndAfter),
        ("m > 9", Design::Concurrent),
    ] {
        let checks = format!(r#"{{"fail_if": "{condition}"}}"#);
        let verdict = judge(&policy(&checks), &apart).unwrap();
        assert_eq!(verdict.design, design, "{condition}");
        assert_eq!(first(verdict).design, design, "{condition}");
    }
}

#[test]
fn there_is_no_split_of_traffic_to_check() {
    let split = r#"{"metric": "m", "sample_ratio": {"canary": "5%"}, "role": "quality"}"#;
    let wrong = of(counts((5, 1000), (5, 1000)));
    let policy = policy(&format!("{split}, {TEST}"));
    let verdict = judge(&policy, &wrong).unwrap();
    assert_eq!(first(verdict).status, Status::Fail);
    let apart = wrong.before_and_after();
    let mut watch = Watch::new(policy.clone());
    for verdict in [
        judge(&policy, &apart).unwrap(),
        watch.look(60.0, &apart).unwrap(),
    ] {
        let split = first(verdict);
        assert_eq!(
            (split.status, split.role),
            (Status::Inconclusive, Role::Quality)
        );
        assert_eq!(
            split.sentence,
            "The canary's share of m cannot be judged: baseline and canary were not measured at the same \
             time, so that they share no traffic."
        );
    }
}

#[test]
fn series_that_do_not_overlap_are_found_out_and_compared_as_two_stretches() {
    let mut random = Stream::new(4, 0);
    let mut at = |start: f64, level: f64| series(&mut random, start, (level, 0.6), 120);
    let (before, beside, after) = (at(0.0, 100.0), at(86_400.0, 100.0), at(86_400.0, 130.0));
    let alike = Arms::new(before.clone(), beside.clone());
    let worse = Arms::new(before, after.clone());
    for (method, test) in [
        ("auto", Some(TestName::SeriesApart)),
        ("spread", Some(TestName::SeriesApart)),
        ("t_test", Some(TestName::TTest)),
        ("mann_whitney", Some(TestName::MannWhitney)),
    ] {
        let check = format!(
            r#"{{"metric": "m", "test": {{"method": "{method}", "margin": {{"percent": 20, "floor": 2}}}}}}"#
        );
        let passed = judge(&policy(&check), &of(alike.clone())).unwrap();
        assert_eq!(passed.status, Status::Pass, "{}", passed.reason);
        assert_eq!(passed.design, Design::BeforeAndAfter);
        assert_eq!(first(passed).test.map(|result| result.test), test);
    }
    let verdict = judge(&policy(TEST), &of(worse)).unwrap();
    assert_eq!(verdict.status, Status::Fail);
    let failed = first(verdict);
    assert_eq!(failed.compared, "mean (test of series of different times)");
    assert!(
        failed.p_margin.unwrap() < 1e-6 && failed.sentence.ends_with(SHORTLY),
        "{failed}"
    );
    let growth = r#"{"metric": "m", "trend": {"margin": {"percent": 20}, "over": "1h"}}"#;
    let verdict = judge(&policy(growth), &of(alike.clone())).unwrap();
    assert_eq!(verdict.status, Status::Pass, "{verdict}");
    let any = r#"{"metric": "m", "sequential": {"margin": {"percent": 20}}}"#;
    let refused = first(judge(&policy(any), &of(alike.clone())).unwrap());
    assert_eq!(
        refused.sentence,
        "m cannot be judged: a test at any look pairs series in time, and these were not measured at the \
         same time."
    );
    // Of one value each, nothing shows.
    let single = |time: f64| Series::new(vec![time], vec![1.0], NanPolicy::Raise).unwrap();
    let looked = of(Arms::new(single(0.0), single(5.0)));
    assert_eq!(looked.design_of("m"), Design::Concurrent);
    // Only that one metric is said to be from another time.
    let both = of(alike).with("n", Arms::new(beside, after)).unwrap();
    let check = r#"{"metric": "n", "test": {"margin": {"percent": 20}}}"#;
    let verdict = judge(&policy(&format!("{TEST}, {check}")), &both).unwrap();
    assert!(
        verdict.reason.contains("Baseline and canary of m were not"),
        "{}",
        verdict.reason
    );
}

#[test]
fn series_by_a_clock_of_their_own_are_not_paired() {
    // The same wave on both, which pairs would cancel, and which is nobody's partner here.
    let wave = |shift: f64| {
        let times: Vec<f64> = (0..120).map(f64::from).collect();
        let values = times
            .iter()
            .map(|t| 100.0 + shift + 20.0 * (t / 9.0).sin() + t * 7.0 % 3.0);
        Series::new(times.clone(), values.collect(), NanPolicy::Raise).unwrap()
    };
    let beside = of(Arms::new(wave(0.0), wave(1.0)));
    let apart = beside.clone().before_and_after();
    let width = |snapshot: &Snapshot| {
        let finding = first(judge(&policy(TEST), snapshot).unwrap());
        let interval = finding.change.unwrap().interval.unwrap();
        interval.high - interval.low
    };
    assert!(width(&apart) > 5.0 * width(&beside));
}

/// Each stretch remembers 0.6 of the last minute. Of 400 pairs of stretches of one level the interval should
/// miss 5 %; its standard error is 1.1 %, and a t-test for independent values misses a third.
#[test]
fn the_interval_of_two_stretches_allows_for_their_memory() {
    let of_method = |method: &str| {
        let check = format!(
            r#"{{"metric": "m", "equivalence": {{"method": "{method}", "margin": {{"difference": 0}}}}}}"#
        );
        let policy = policy(&check);
        let misses = (0..400).filter(|&seed| {
            let mut random = Stream::new(seed, 0);
            let before = series(&mut random, 0.0, (50.0, 0.6), 200);
            let after = series(&mut random, 1e6, (50.0, 0.6), 60);
            let verdict = judge(&policy, &of(Arms::new(before, after))).unwrap();
            verdict.status == Status::Fail
        });
        misses.count()
    };
    let (apart, independent) = (of_method("paired_series"), of_method("t_test"));
    assert!((8..=36).contains(&apart), "{apart}");
    assert!(independent > 80, "{independent}");
}

#[test]
fn a_watch_may_get_all_of_the_baseline_at_its_first_look() {
    let mut random = Stream::new(9, 0);
    let checks = format!(r#"{TEST}, {{"metric": "n", "test": {{"margin": {{"percent": 20}}}}}}"#);
    let mut watch = Watch::new(policy(&checks));
    let before = series(&mut random, 0.0, (100.0, 0.5), 200);
    let mut last = None;
    for look in 0..16_u32 {
        let start = 1e6 + 600.0 * f64::from(look);
        let now = Some(series(&mut random, start, (140.0, 0.5), 10).into());
        let errors = Some(Counts::new(150, 1000).unwrap().into());
        let (mut memory, mut requests) = (Arms::new(None, now), Arms::new(None, errors));
        if look == 0 {
            memory.baseline = Some(before.clone().into());
            requests.baseline = Some(Counts::new(1000, 10_000).unwrap().into());
        }
        let mut snapshot = Snapshot::new();
        snapshot.insert("m", memory).unwrap();
        snapshot.insert("n", requests).unwrap();
        let snapshot = if look == 0 {
            snapshot.before_and_after()
        } else {
            snapshot
        };
        let written = serde_json::to_string(&watch).unwrap();
        assert_eq!(serde_json::from_str::<Watch>(&written).unwrap(), watch);
        last = Some(watch.look(start, &snapshot).unwrap());
    }
    let last = last.unwrap();
    for finding in &last.findings {
        assert_eq!(finding.status, Status::Fail, "{finding}");
        assert_eq!(finding.design, Design::BeforeAndAfter);
    }
    assert_eq!(last.reason.matches(AT_DIFFERENT_TIMES).count(), 1);
}

#[test]
fn what_would_change_the_verdict_is_sought_before_and_after_too() {
    let mut random = Stream::new(2, 0);
    let arms = Arms::new(
        series(&mut random, 0.0, (100.0, 0.5), 60),
        series(&mut random, 1e6, (119.9, 0.5), 20),
    );
    let snapshot = of(arms);
    assert_eq!(
        judge(&policy(TEST), &snapshot).unwrap().status,
        Status::Inconclusive
    );
    for flip in flips(&policy(TEST), &snapshot, None).unwrap() {
        let (policy, changed) = flip.apply(&policy(TEST), &snapshot).unwrap();
        let verdict = judge(&policy, &changed).unwrap();
        assert_eq!(
            (verdict.status, verdict.design),
            (flip.status, Design::BeforeAndAfter),
            "{flip:?}"
        );
    }
}

#[test]
fn the_written_form_keeps_it_and_the_old_one_reads_as_side_by_side() {
    let snapshot = of(counts((5, 1000), (6, 1000)));
    let old = serde_json::to_string(&snapshot).unwrap();
    assert!(old.starts_with(r#"{"m":{"#), "{old}");
    let apart = snapshot.clone().before_and_after();
    let new = serde_json::to_string(&apart).unwrap();
    assert!(
        new.starts_with(r#"{"design":"before_and_after","metrics":{"m":"#),
        "{new}"
    );
    let read = |text: &str| serde_json::from_str::<Snapshot>(text);
    assert_eq!(
        (read(&old).unwrap(), read(&new).unwrap()),
        (snapshot, apart.clone())
    );
    // Metrics may have any name.
    let named = Snapshot::new()
        .with("design", counts((5, 1000), (6, 1000)))
        .unwrap();
    let written = serde_json::to_string(&named).unwrap();
    assert_eq!(read(&written).unwrap(), named);
    for wrong in [
        r#"{"design": "afterwards", "metrics": {}}"#,
        r#"{"design": "concurrent", "metrics": {}, "more": 1}"#,
        r#"{"design": "concurrent"}"#,
    ] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
    let verdict = judge(&policy(TEST), &apart).unwrap();
    let mut written = serde_json::to_value(&verdict).unwrap();
    assert_eq!(
        serde_json::from_value::<Verdict>(written.clone()).unwrap(),
        verdict
    );
    written.as_object_mut().unwrap().remove("design");
    written["findings"][0]
        .as_object_mut()
        .unwrap()
        .remove("design");
    let old: Verdict = serde_json::from_value(written).unwrap();
    assert_eq!(
        (old.design, old.findings[0].design),
        (Design::Concurrent, Design::Concurrent)
    );
}
