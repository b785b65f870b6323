//! From findings to one verdict.

use super::check::Check;
use super::explain;
use super::finding::Finding;
use super::importance::{Role, Severity};
use super::policy::Policy;
use super::verdict::{Recommendation, Scored, Status, Verdict};
use crate::data::Design;
use crate::error::{Error, Result};
use crate::options::choice;
use crate::stats::{Adjustment, adjust};
use std::collections::{BTreeMap, BTreeSet};

choice! {
    /// How the number of comparisons is allowed for, so that twenty metrics raise no more false
    /// alarms than one.
    #[derive(Default)]
    Multiplicity("multiplicity") {
        /// The chance of any false alarm is what was asked for (Holm 1979). The default.
        #[default]
        Holm = "holm",
        /// The share of false alarms among the alarms is (Benjamini and Hochberg 1995).
        BenjaminiHochberg = "benjamini_hochberg",
        /// Each comparison has its own chance of a false alarm.
        None = "none",
    }
}

/// What a failure of each severity asks for: rollback, reduce, hold or continue.
///
/// A failure that asks to continue is told and not acted on: it fails no canary by itself, unless it is critical
/// ([`Aggregation`]). Where points decide ([`Score`]), too few of them fail the rollout as a whole, whichever checks
/// lost them: that asks for what a critical failure asks for.
///
/// ```
/// use canary_core::Recommendation;
/// use canary_core::judge::{Actions, Severity};
///
/// assert_eq!(Actions::default().of(Severity::Medium), Recommendation::Hold);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actions {
    /// Of a critical check.
    pub critical: Recommendation,
    /// Of one of high severity.
    pub high: Recommendation,
    /// Of medium severity.
    pub medium: Recommendation,
    /// Of low severity.
    pub low: Recommendation,
}

impl Default for Actions {
    fn default() -> Self {
        Self {
            critical: Severity::Critical.usual_action(),
            high: Severity::High.usual_action(),
            medium: Severity::Medium.usual_action(),
            low: Severity::Low.usual_action(),
        }
    }
}

impl Actions {
    /// What a failure of this severity asks for.
    #[must_use]
    pub const fn of(self, severity: Severity) -> Recommendation {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
        }
    }

    /// No failure asks for more traffic.
    fn check(self) -> Result<()> {
        let promotes = |severity: &&Severity| self.of(**severity) == Recommendation::Promote;
        match Severity::ALL.iter().find(promotes) {
            None => Ok(()),
            Some(severity) => Err(Error::option(
                format!("actions.{severity}"),
                "must be rollback, reduce, hold or continue, because it is what a failure asks for",
                Recommendation::Promote,
            )),
        }
    }
}

/// A verdict by points, as Kayenta and Keptn give: each check that passes earns its weight, one that
/// is undecided half of it, one that fails nothing; a group's points are those earned of those that
/// could be, in percent, and the total is the mean of the groups by their weights.
///
/// ```
/// use canary_core::judge::Score;
///
/// let score = Score::new(95.0, 75.0);
/// assert!(score.weights.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// From this total on the canary passes, in percent.
    pub pass: f64,
    /// From this total on it is marginal: not failed, but somebody should look.
    pub marginal: f64,
    /// Each group's weight, relative to the others; a group without one weighs 1.
    pub weights: BTreeMap<String, f64>,
}

impl Score {
    /// These thresholds, and groups of equal weight.
    #[must_use]
    pub const fn new(pass: f64, marginal: f64) -> Self {
        Self {
            pass,
            marginal,
            weights: BTreeMap::new(),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let percent = 0.0..=100.0;
        for (name, value) in [("score.pass", self.pass), ("score.marginal", self.marginal)] {
            if !percent.contains(&value) {
                return Err(Error::option(name, "must lie in [0, 100]", value));
            }
        }
        if self.marginal > self.pass {
            let rule = format!("must be at most score.pass, which is {}", self.pass);
            return Err(Error::option("score.marginal", rule, self.marginal));
        }
        for (group, &weight) in &self.weights {
            if !(weight >= 0.0 && weight.is_finite()) {
                let name = format!("score.weights.{group}");
                return Err(Error::option(name, "must be at least 0 and finite", weight));
            }
        }
        Ok(())
    }

    /// A group's weight.
    fn weight(&self, group: Option<&str>) -> f64 {
        self.weights
            .get(group.unwrap_or_default())
            .copied()
            .unwrap_or(1.0)
    }

    /// Whether points can be earned or lost by what has this weight in this group.
    fn counts(&self, group: Option<&str>, weight: f64) -> bool {
        weight > 0.0 && self.weight(group) > 0.0
    }

    /// That some check earns points: of none there is no total.
    fn check_weights(&self, checks: &[Check]) -> Result<()> {
        let mut active = checks.iter().filter(|check| !check.muted).peekable();
        if active.peek().is_none() {
            return Ok(()); // nothing decides, and advice says so
        }
        let possible: f64 = checks.iter().map(|check| check.weight).sum();
        let groups: BTreeSet<Option<&str>> =
            checks.iter().map(|check| check.group.as_deref()).collect();
        let all: f64 = groups.into_iter().map(|group| self.weight(group)).sum();
        let sum = possible + all;
        if !sum.is_finite() {
            let rule = "must have weights of checks and of groups whose sum is finite";
            return Err(Error::option("score", rule, sum));
        }
        if active.any(|check| self.counts(check.group.as_deref(), check.weight)) {
            return Ok(());
        }
        Err(Error::option(
            "score",
            "must leave some check a weight above 0, in a group with a weight above 0, or there are no points",
            "none",
        ))
    }

    /// The points of findings; none where nothing has any weight.
    fn of(&self, findings: &[&Finding]) -> Option<Scored> {
        let mut groups: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for finding in findings {
            let group = finding.group.clone().unwrap_or_default();
            let (earned, possible) = groups.entry(group).or_default();
            *possible += finding.weight;
            *earned += finding.weight
                * match finding.status {
                    Status::Pass => 1.0,
                    Status::Inconclusive => 0.5,
                    Status::Fail => 0.0,
                };
        }
        // A group of checks without weight has nothing to earn.
        groups.retain(|_, (_, possible)| *possible > 0.0);
        let groups: BTreeMap<String, f64> = groups
            .into_iter()
            .map(|(group, (earned, possible))| (group, 100.0 * earned / possible))
            .collect();
        let weight = |group: &String| self.weight(Some(group));
        let weights: f64 = groups.keys().map(weight).sum();
        let total = groups
            .iter()
            .map(|(group, points)| weight(group) / weights * points)
            .sum();
        (weights > 0.0).then_some(Scored { total, groups })
    }
}

/// How findings become a verdict.
///
/// 1. Muted checks are reported; they decide nothing, and nobody is told of their failures.
/// 2. A failed check of role [`Quality`](Role::Quality): INCONCLUSIVE, the data cannot be trusted.
/// 3. A failed check of severity [`Critical`](Severity::Critical): FAIL.
/// 4. More than `missing` of the checks without data, and without a word on what that means
///    ([`NoData`](super::NoData)): INCONCLUSIVE.
/// 5. With a [`Score`]: PASS from its `pass` on, INCONCLUSIVE from `marginal` on, else FAIL, which asks for what a
///    critical failure does.
/// 6. Without: FAIL when any check fails whose severity asks for more than to continue;
///    INCONCLUSIVE when a [guardrail](Role::Guardrail) is undecided, or a
///    [deterioration](Role::Deterioration) is that looks worse than is acceptable, or none of the checks of role
///    [`Success`](Role::Success) holds; else PASS.
///
/// ```
/// use canary_core::judge::{Aggregation, Multiplicity};
///
/// assert_eq!(Aggregation::default().multiplicity, Multiplicity::Holm);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// How the number of comparisons is allowed for.
    pub multiplicity: Multiplicity,
    /// A verdict by points; without it every check must hold.
    pub score: Option<Score>,
    /// Which share of the checks may be without data, in [0, 1]; half by default.
    pub missing: f64,
    /// What a failure of each severity asks for.
    pub actions: Actions,
    /// For how long a rollout must be watched before it passes, in seconds.
    pub min_time: f64,
}

impl Default for Aggregation {
    fn default() -> Self {
        Self {
            multiplicity: Multiplicity::default(),
            score: None,
            missing: 0.5,
            actions: Actions::default(),
            min_time: 0.0,
        }
    }
}

impl Aggregation {
    /// That it means something for these checks.
    pub(super) fn check(&self, checks: &[Check]) -> Result<()> {
        if !(0.0..=1.0).contains(&self.missing) {
            return Err(Error::option("missing", "must lie in [0, 1]", self.missing));
        }
        if !(self.min_time >= 0.0 && self.min_time.is_finite()) {
            let rule = "must be at least 0 and finite";
            return Err(Error::option("min_time", rule, self.min_time));
        }
        self.actions.check()?;
        match &self.score {
            Some(score) => score.check().and_then(|()| score.check_weights(checks)),
            None => Ok(()),
        }
    }

    /// Takes back failures that so many comparisons produce by chance.
    fn allow_for_number(&self, findings: &mut [Finding]) {
        let is_comparison =
            |f: &Finding| f.confidence.is_some() && f.obstacle.is_none() && !f.muted;
        let p_values: Vec<f64> = findings
            .iter()
            .filter(|finding| is_comparison(finding))
            // What is not beyond its margin cannot be after a correction.
            .map(|finding| match finding.status {
                Status::Fail => finding.p_margin.unwrap_or(1.0).clamp(0.0, 1.0),
                _ => 1.0,
            })
            .collect();
        let method = match self.multiplicity {
            Multiplicity::Holm => Adjustment::Holm,
            Multiplicity::BenjaminiHochberg => Adjustment::BenjaminiHochberg,
            Multiplicity::None => return,
        };
        let number = p_values.len();
        let Ok(adjusted) = adjust(&p_values, method) else {
            return;
        };
        let comparisons = findings.iter_mut().filter(|finding| is_comparison(finding));
        for (finding, adjusted) in comparisons.zip(adjusted) {
            if finding.status != Status::Fail {
                continue;
            }
            finding.p_adjusted = Some(adjusted);
            let one_side = finding.confidence.map_or(0.0, |c| 0.5 * (1.0 - c.get()));
            // An interval's end may be computed a little otherwise than the p-value; of a single
            // comparison the interval decides.
            if number > 1 && adjusted > one_side {
                finding.status = Status::Inconclusive;
                finding.sentence += &explain::one_of_many(number, adjusted);
            }
        }
    }
}

/// The verdict that the policy draws from findings, and the seconds for which was watched.
pub(super) fn verdict(
    policy: &Policy,
    mut findings: Vec<Finding>,
    unchecked: Vec<String>,
    watched: Option<f64>,
) -> Verdict {
    let aggregation = policy.aggregation();
    aggregation.allow_for_number(&mut findings);
    let active: Vec<&Finding> = findings.iter().filter(|finding| !finding.muted).collect();
    let score = aggregation
        .score
        .as_ref()
        .and_then(|score| score.of(&active));
    let (mut status, mut ground) = decide(aggregation, &active, score.as_ref());
    let is_too_soon = watched.is_some_and(|seconds| seconds < aggregation.min_time);
    if status == Status::Pass && is_too_soon {
        (status, ground) = (Status::Inconclusive, Ground::TooSoon);
    }
    let failed = || {
        active
            .iter()
            .filter(|f| f.status == Status::Fail && f.role != Role::Quality)
    };
    let recommendation = match (status, ground) {
        // Too few points are no single check's failure.
        (Status::Fail, Ground::Points) => aggregation.actions.of(Severity::Critical),
        (Status::Fail, _) => failed()
            .map(|finding| aggregation.actions.of(finding.severity))
            .max_by_key(|action| action.strength())
            .unwrap_or(Recommendation::Rollback),
        (Status::Inconclusive, Ground::Marginal | Ground::Untrusted) => Recommendation::Hold,
        (status, _) => status.recommendation(),
    };
    let mut notify: Vec<String> = Vec::new();
    for name in findings
        .iter()
        .filter(|finding| finding.status == Status::Fail && !finding.muted)
        .flat_map(|finding| &finding.notify)
    {
        if !notify.contains(name) {
            notify.push(name.clone());
        }
    }
    // What weighs nothing neither earned points nor lost any.
    let has_points = |finding: &Finding| match (&aggregation.score, ground) {
        (Some(score), Ground::Points | Ground::Marginal) => {
            score.counts(finding.group.as_deref(), finding.weight)
        }
        _ => true,
    };
    let told: Vec<&Finding> = active.iter().copied().filter(|f| has_points(f)).collect();
    let mut reason = explain::reason(status, ground, &told, score.as_ref());
    if let Some(caveat) = explain::caveat(&active) {
        reason = format!("{reason} {caveat}");
    }
    let designs = active.iter().map(|finding| finding.design);
    Verdict {
        version: Verdict::VERSION,
        design: designs.fold(Design::default(), Design::or),
        policy: policy.name().map(str::to_owned),
        status,
        recommendation,
        reason,
        score,
        findings,
        unchecked,
        notify,
    }
}

/// Which of the rules decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// The data cannot be trusted.
    Untrusted,
    /// Too many checks have no data.
    Missing,
    /// A critical check failed, or any.
    Failed,
    /// The points.
    Points,
    /// Too few points to pass, too many to fail.
    Marginal,
    /// A guardrail is undecided.
    Undecided,
    /// No success has been shown.
    NoSuccess,
    /// It has not been watched for long enough.
    TooSoon,
    /// Nothing stands against it.
    Passed,
}

/// Whether an undecided finding holds the canary back: a guardrail does, and what must not be proved to be
/// worse does where it looks worse than is acceptable.
pub(super) fn holds_back(finding: &Finding) -> bool {
    let looks_worse = || match (finding.change, finding.acceptable) {
        (Some(change), Some(acceptable)) => {
            acceptable.decide(change.value, change.value) == Status::Fail
        }
        _ => false,
    };
    finding.status == Status::Inconclusive
        && match finding.role {
            Role::Guardrail => true,
            Role::Deterioration => looks_worse(),
            Role::Success | Role::Quality => false,
        }
}

/// Whether nothing is known for want of data; a check may say that no data are good or bad.
pub(super) fn lacks_data(finding: &&Finding) -> bool {
    finding.obstacle.is_some() && finding.status == Status::Inconclusive
}

fn decide(
    aggregation: &Aggregation,
    active: &[&Finding],
    score: Option<&Scored>,
) -> (Status, Ground) {
    let fails = |finding: &&&Finding| finding.status == Status::Fail;
    let of_role = |role: Role| active.iter().filter(move |finding| finding.role == role);
    if active.is_empty() {
        return (Status::Inconclusive, Ground::Missing);
    }
    if of_role(Role::Quality).any(|finding| finding.status == Status::Fail) {
        return (Status::Inconclusive, Ground::Untrusted);
    }
    let failed: Vec<&&Finding> = active.iter().filter(fails).collect();
    if failed
        .iter()
        .any(|finding| finding.severity == Severity::Critical)
    {
        return (Status::Fail, Ground::Failed);
    }
    let without_data = active.iter().copied().filter(lacks_data).count() as f64;
    let is_too_much = without_data > aggregation.missing * active.len() as f64;
    if let (Some(rule), Some(score)) = (&aggregation.score, score) {
        return match score.total {
            _ if is_too_much => (Status::Inconclusive, Ground::Missing),
            total if total >= rule.pass => (Status::Pass, Ground::Points),
            total if total >= rule.marginal => (Status::Inconclusive, Ground::Marginal),
            _ => (Status::Fail, Ground::Points),
        };
    }
    let asks =
        |finding: &&&Finding| aggregation.actions.of(finding.severity) != Recommendation::Continue;
    if failed.iter().any(asks) {
        return (Status::Fail, Ground::Failed);
    }
    if is_too_much {
        return (Status::Inconclusive, Ground::Missing);
    }
    if active.iter().copied().any(holds_back) {
        return (Status::Inconclusive, Ground::Undecided);
    }
    let mut successes = of_role(Role::Success).peekable();
    if successes.peek().is_some() && !successes.any(|finding| finding.status == Status::Pass) {
        return (Status::Inconclusive, Ground::NoSuccess);
    }
    (Status::Pass, Ground::Passed)
}

#[cfg(test)]
mod tests;
