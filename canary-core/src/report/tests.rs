//! The renderings of one verdict, whole.

use super::*;
use crate::data::{Arms, Counts, Gauge, Snapshot};
use crate::judge::{Flip, Policy, flips, judge};

fn judged(policy: &str, snapshot: &Snapshot) -> (Verdict, Vec<Flip>) {
    let policy = Policy::from_json(policy).unwrap();
    let flips = flips(&policy, snapshot, Some(600.0)).unwrap();
    (judge(&policy, snapshot).unwrap(), flips)
}

fn snapshot() -> Snapshot {
    let counts = Arms::new(Counts::new(95, 19_000), Counts::new(30, 2_000)).map(Result::unwrap);
    let gauges = Arms::new(Gauge::new(40.0), Gauge::new(52.0)).map(Result::unwrap);
    let rates = Arms::new(Gauge::new(100.0), Gauge::new(90.0)).map(Result::unwrap);
    Snapshot::new()
        .with("errors", counts)
        .unwrap()
        .with("cpu", gauges)
        .unwrap()
        .with("queue", rates)
        .unwrap()
}

const POLICY: &str = r#"{"version": 1, "metrics": {"errors": {}, "cpu": {"unit": "%"}},
    "checks": [{"metric": "cpu", "threshold": {"max": "70%"}},
        {"metric": "cpu", "name": "cpu budget", "threshold": {"percent": "10%"}, "muted": true},
        {"metric": "errors", "notify": ["on-call"],
         "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}}]}"#;

fn context() -> Context {
    let some = |text: &str| Some(text.to_owned());
    Context {
        system: some("checkout"),
        date: some("1 May"),
        phase: some("Canary 10%"),
        canary_share: some("9.5%"),
        duration: some("Day 3 of 5"),
        next_steps: None,
        rollback_plan: some("Set the weight to 0\n\nRecovery takes 2 minutes"),
    }
}

#[test]
fn text_has_the_decision_the_table_the_evidence_and_what_would_change_it() {
    let (verdict, flips) = judged(POLICY, &snapshot());
    let report = Report::new(&verdict).flips(&flips);
    assert_eq!(report.text(Style::Plain), "");
}

#[test]
fn an_update_for_the_team() {
    let (verdict, flips) = judged(POLICY, &snapshot());
    let report = Report::new(&verdict).flips(&flips).context(context());
    assert_eq!(report.update(), "");
}

#[test]
fn markdown_and_html_say_the_same() {
    let (verdict, flips) = judged(POLICY, &snapshot());
    let report = Report::new(&verdict).flips(&flips).context(context());
    let (markdown, html) = (report.markdown(), report.html());
    for sentence in flips.iter().map(|flip| &flip.sentence) {
        assert!(markdown.contains(sentence), "{markdown}");
        assert!(html.contains(&sentence.replace('\'', "&#39;")), "{html}");
    }
    for text in [&markdown, &html] {
        for part in [
            "roll the canary back.",
            "checkout · 1 May · Canary 10% · 9.5% canary, 90.5% baseline · Day 3 of 5",
            "FAIL (dry run)",
            "To be told: on-call.",
            "Measured, but no check looks at it: queue.",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    assert_eq!(html.matches("<details>").count(), verdict.findings.len());
    assert_eq!(html.matches("<p>").count(), html.matches("</p>").count());
}

#[test]
fn severity_role_and_points_stand_where_they_are_not_the_usual_ones() {
    let policy = r#"{"version": 1, "metrics": {"errors": {}, "cpu": {"unit": "%"}},
        "verdict": {"score": {"pass": 90, "marginal": 40}},
        "checks": [{"metric": "cpu", "group": "load", "severity": "medium", "threshold": {"max": "70%"}},
            {"metric": "errors", "role": "deterioration", "threshold": {"max": "1%"}}]}"#;
    let (verdict, flips) = judged(policy, &snapshot());
    let text = Report::new(&verdict).flips(&flips).text(Style::Plain);
    assert_eq!(text, "");
}

#[test]
fn nothing_in_a_name_breaks_out() {
    let name = "a|b<script>alert('x')</script>\n| c \u{1b}[31m*";
    let json = serde_json::Value::from(name);
    let policy = Policy::from_json(&format!(
        r#"{{"version": 1, "metrics": {{{json}: {{"unit": {json}}}}},
            "checks": [{{"metric": {json}, "threshold": {{"max": 1}}, "notify": [{json}]}}]}}"#
    ))
    .unwrap();
    let two = Arms::new(Gauge::new(1.0), Gauge::new(2.0)).map(Result::unwrap);
    let snapshot = Snapshot::new().with(name, two).unwrap();
    let flips = flips(&policy, &snapshot, None).unwrap();
    let verdict = judge(&policy, &snapshot).unwrap();
    let context = Context {
        system: Some(name.to_owned()),
        next_steps: Some(name.to_owned()),
        ..Context::default()
    };
    let report = Report::new(&verdict).flips(&flips).context(context);
    let rows = |text: &str| text.lines().filter(|line| line.starts_with('|')).count();
    for markdown in [report.markdown(), report.update()] {
        assert_eq!(rows(&markdown), 3, "{markdown}");
        assert!(!markdown.contains("<script"), "{markdown}");
        assert!(!markdown.contains('\u{1b}'), "{markdown}");
    }
    assert!(!report.html().contains("<script"));
    let text = report.text(Style::Plain);
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(!text.contains("\n| c"), "{text}");
}
