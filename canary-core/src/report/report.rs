//! A verdict with what belongs to it, to be rendered.

use serde::{Deserialize, Serialize};

use super::text::Style;
use super::{html, markdown, text, update};
use crate::judge::{Flip, Verdict};

/// What a report says of the rollout besides its verdict. All of it is text that somebody wrote, and
/// all of it may be left out: nothing is read from a clock or a cluster.
///
/// ```
/// use canary_core::report::Context;
///
/// let context: Context = serde_json::from_str(r#"{"system": "checkout", "canary_share": "10%"}"#)?;
/// assert_eq!(context.canary_share.as_deref(), Some("10%"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Context {
    /// What is released.
    pub system: Option<String>,
    /// The day or the time of the report.
    pub date: Option<String>,
    /// The stage of the rollout, e.g. `canary 10%`.
    pub phase: Option<String>,
    /// The canary's share of the traffic, e.g. `10%`: the rest is the baseline's.
    pub canary_share: Option<String>,
    /// For how long it has been watched, e.g. `day 3 of 5`.
    pub duration: Option<String>,
    /// What is planned, a line each.
    pub next_steps: Option<String>,
    /// How to go back, a line each.
    pub rollback_plan: Option<String>,
}

/// A verdict with what would change it and where it stands in its rollout, to be rendered.
///
/// In every rendering: what to do and one reason without statistics; the table of all checks, the worst
/// first; the evidence of each finding; points, whom to tell, and what no check looks at; then what
/// would change the verdict.
///
/// ```
/// use canary_core::report::{Report, Style};
/// use canary_core::{Arms, Gauge, Policy, Snapshot, judge, judge::flips};
///
/// let policy = Policy::from_json(r#"{"version": 1, "metrics": {"p99": {"unit": "ms"}},
///     "checks": [{"metric": "p99", "threshold": {"max": "0.5s"}}]}"#)?;
/// let p99 = Arms::new(Gauge::new(410.0)?, Gauge::new(520.0)?);
/// let snapshot = Snapshot::new().with("p99", p99)?;
/// let (verdict, flips) = (judge(&policy, &snapshot)?, flips(&policy, &snapshot, None)?);
/// let report = Report::new(&verdict).flips(&flips).text(Style::Plain);
/// assert!(report.starts_with(
///     "FAIL: roll the canary back. p99 is 520 ms on the canary and 410 ms on the baseline; \
///      at most 500 ms is acceptable.\n"
/// ));
/// assert!(report.ends_with("With 500 instead of 520 ms of p99 on the canary, the verdict would be PASS."));
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'a> {
    pub(super) verdict: &'a Verdict,
    pub(super) flips: Option<&'a [Flip]>,
    pub(super) context: Context,
}

impl<'a> Report<'a> {
    /// Of a verdict alone.
    #[must_use]
    pub fn new(verdict: &'a Verdict) -> Self {
        Self {
            verdict,
            flips: None,
            context: Context::default(),
        }
    }

    /// With what would change the verdict.
    #[must_use]
    pub const fn flips(mut self, flips: &'a [Flip]) -> Self {
        self.flips = Some(flips);
        self
    }

    /// With where it stands in its rollout.
    #[must_use]
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// In words, for a terminal or a log.
    #[must_use]
    pub fn text(&self, style: Style) -> String {
        text::render(self, style)
    }

    /// As Markdown, for a pull request, a chat or a ticket.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// As a fragment of HTML: no scripts, and colours that hold on light and dark.
    #[must_use]
    pub fn html(&self) -> String {
        html::render(self)
    }

    /// As a message to everybody concerned, in Markdown: status, metrics, findings, next steps and the
    /// way back.
    ///
    /// ```
    /// use canary_core::report::{Context, Report};
    /// # use canary_core::{Arms, Gauge, Policy, Snapshot, judge};
    /// # let policy = Policy::from_json(r#"{"version": 1, "metrics": {"cpu": {"unit": "%"}},
    /// #   "checks": [{"metric": "cpu", "threshold": {"max": "70%"}}]}"#)?;
    /// # let snapshot = Snapshot::new().with("cpu", Arms::new(Gauge::new(40.0)?, Gauge::new(52.0)?))?;
    /// let verdict = judge(&policy, &snapshot)?;
    /// let context = Context { canary_share: Some("10%".to_owned()), ..Context::default() };
    /// let update = Report::new(&verdict).context(context).update();
    /// assert!(update.contains("- **Traffic Split:** 10% canary, 90% baseline\n- **Health:** ✅ Healthy"));
    /// assert!(update.contains("| cpu | 52% | 40% | – | ✅ Stable |"));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[must_use]
    pub fn update(&self) -> String {
        update::render(self)
    }

    /// The sentences of what would change the verdict, or that nothing is known to; none where nobody
    /// asked.
    pub(super) fn changes(&self) -> Vec<&str> {
        match self.flips {
            None => Vec::new(),
            Some([]) => vec!["No change of a limit or of these data is known that would."],
            Some(flips) => flips.iter().map(|flip| flip.sentence.as_str()).collect(),
        }
    }

    /// Where it stands, in one line.
    pub(super) fn place(&self) -> Option<String> {
        let Context {
            system,
            date,
            phase,
            duration,
            ..
        } = &self.context;
        let parts = [system, date, phase, &self.traffic(), duration];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    }

    /// `10% canary, 90% baseline`.
    pub(super) fn traffic(&self) -> Option<String> {
        let share = self.context.canary_share.as_deref()?.trim();
        let percent: Option<f64> = share
            .strip_suffix('%')
            .and_then(|number| number.trim_end().parse().ok());
        Some(match percent {
            Some(percent) if (0.0..=100.0).contains(&percent) => {
                let rest = crate::number::show::Given(100.0 - percent);
                format!("{share} canary, {rest}% baseline")
            }
            _ => format!("{share} canary"),
        })
    }
}
