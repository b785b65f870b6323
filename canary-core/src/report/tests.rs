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
    assert_eq!(
        report.text(Style::Plain),
        "\
FAIL: roll the canary back. errors rate is 1.5% on the canary and 0.5% on the baseline; at most 0.25 percentage points more is acceptable.
1 of 2 checks failed.

check        outcome         baseline  canary  change                     margin
errors rate  FAIL            0.5%      1.5%    +1 points [+0.539, +1.64]  up to +0.25 points
cpu budget   FAIL (dry run)  40%       52%     +30%                       up to +10%
cpu          PASS            40%       52%     –                          up to 70%

FAIL errors rate: rate at most 0.25 percentage points above the baseline, with 95% confidence
  errors is 1.5% on the canary and 0.5% on the baseline: an estimated 1 percentage points more, with 95% confidence between 0.539 and 1.64 percentage points more. Even the best of that is beyond what is allowed: at most 0.25 percentage points more.
  proportion (two-proportion z-test): p = 0.0001 against the margin, p = 3.2e-8 against no difference, Cohen's h 0.104, 95% confidence, n = 19000 and 2000

FAIL (dry run) cpu budget: at most 10% above the baseline
  cpu is 52% on the canary and 40% on the baseline, 30% more; at most 10% more is allowed.
  point comparison: n = 1 and 1

PASS cpu: at most 70%
  cpu is 52% on the canary; at most 70% is allowed.
  point comparison: n = 1 and 1

To be told: on-call.
Measured, but no check looks at it: queue.

What would change the verdict:
  With a margin of 0.54 instead of 0.25 percentage points for errors rate, the verdict would be INCONCLUSIVE.
  With 7 events of errors instead of 30 among the canary's 2000, the verdict would be PASS."
    );
    let coloured = report.text(Style::Colour);
    assert!(coloured.starts_with("\u{1b}[1;31mFAIL: roll the canary back.\u{1b}[0m errors rate"));
    let alone = text(&verdict, Style::Plain);
    assert_eq!(
        report.text(Style::Plain).split("\n\nWhat would").next(),
        Some(alone.as_str())
    );
}

#[test]
fn an_update_for_the_team() {
    let (verdict, flips) = judged(POLICY, &snapshot());
    let report = Report::new(&verdict).flips(&flips).context(context());
    assert_eq!(
        report.update(),
        "\
# Canary Rollout Update - checkout - 1 May

## Current Status
- **Phase:** Canary 10%
- **Traffic Split:** 9.5% canary, 90.5% baseline
- **Duration:** Day 3 of 5
- **Health:** ❌ Unhealthy

## Metrics Summary
| Metric | Canary | Baseline | Change | Status |
|---|---|---|---|---|
| errors rate | 1.5% | 0.5% | +1 points \\[+0.539, +1.64\\] | ❌ Worse |
| cpu budget | 52% | 40% | +30% | ❌ Worse (dry run) |
| cpu | 52% | 40% | – | ✅ Stable |

## Key Findings
- errors rate is 1.5% on the canary and 0.5% on the baseline; at most 0.25 percentage points more is acceptable.
- 1 of 2 checks failed.
- errors is 1.5% on the canary and 0.5% on the baseline: an estimated 1 percentage points more, with 95% confidence between 0.539 and 1.64 percentage points more. Even the best of that is beyond what is allowed: at most 0.25 percentage points more.
- Dry run: cpu is 52% on the canary and 40% on the baseline, 30% more; at most 10% more is allowed.
- Measured, but no check looks at it: queue.
- Recommendation: roll the canary back.

## Next Steps
- Roll the canary back.
- To be told: on-call.

## Rollback Plan
- Set the weight to 0
- Recovery takes 2 minutes
"
    );
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
    assert_eq!(
        text,
        "\
INCONCLUSIVE: hold it where it is until somebody has looked. errors is 1.5% on the canary and 0.5% on the baseline; at most 1% is acceptable.
50 of 100 points, too few to pass and too many to fail. Points were lost by errors.

check   outcome  baseline  canary  change  margin     severity  role
errors  FAIL     0.5%      1.5%    –       up to 1%   high      deterioration
cpu     PASS     40%       52%     –       up to 70%  medium    guardrail

FAIL errors: at most 1%
  errors is 1.5% on the canary; at most 1% is allowed.
  point comparison: n = 19000 and 2000

PASS cpu: at most 70%
  cpu is 52% on the canary; at most 70% is allowed.
  point comparison: n = 1 and 1

50 of 100 points (without a group 0, load 100).
Measured, but no check looks at it: queue.

What would change the verdict:
  With an upper limit of 1.5% instead of 1% for errors, the verdict would be PASS."
    );
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
        assert!(!markdown.replace("\\<", "").contains('<'), "{markdown}");
        assert!(!markdown.contains('\u{1b}'), "{markdown}");
    }
    assert!(!report.html().contains("<script"));
    let text = report.text(Style::Plain);
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(!text.contains("\n| c"), "{text}");
}

#[test]
fn a_baseline_from_before_is_told_once_in_every_report() {
    let policy = Policy::from_json(
        r#"{"version": 1, "metrics": {"m": {}}, "checks": [
            {"metric": "m", "test": {"margin": {"percent": 20}}},
            {"metric": "m", "threshold": {"factor": 9}},
            {"metric": "m", "threshold": {"max": "1%"}}]}"#,
    )
    .unwrap();
    let errors = Arms::new((500, 10_000), (900, 10_000)).map(|(n, of)| Counts::new(n, of).unwrap());
    let beside = Snapshot::new().with("m", errors).unwrap();
    for (snapshot, times) in [(beside.clone().before_and_after(), 1), (beside, 0)] {
        let verdict = judge(&policy, &snapshot).unwrap();
        let report = Report::new(&verdict);
        for words in [
            verdict.to_string(),
            report.text(Style::Colour),
            report.markdown(),
            report.html(),
            report.update(),
        ] {
            let told = words.matches("were not measured at the same time").count();
            assert_eq!(told, times, "{words}");
        }
    }
}

#[test]
fn what_has_no_levels_is_said_in_its_own_words() {
    let policy = POLICY.replace(
        r#"{"metric": "cpu", "threshold": {"max": "70%"}}"#,
        r#"{"fail_if": "cpu / queue > 0.5", "severity": "critical"}"#,
    );
    let policy = policy.replace(r#""errors": {}"#, r#""errors": {}, "queue": {}"#);
    let (verdict, _) = judged(&policy, &snapshot());
    let text = Report::new(&verdict).text(Style::Plain);
    let first = text.lines().next().unwrap_or_default();
    assert!(first.contains("cpu / queue is 0.578"), "{text}");
}
