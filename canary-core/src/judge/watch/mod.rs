//! A policy over time: every look is handed what came since the last one.

mod crowds;
mod curve;
mod growing;
mod limits;
mod monitors;
mod still;
#[cfg(test)]
mod tests;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::aggregate;
use super::check::Check;
use super::condition::{Condition, TestCondition, TestMethod};
use super::derive::{Faults, in_shares, with_formulas};
use super::engines::{LimitState, Limits, Outcome};
use super::evaluate::{self, Evidence};
use super::explain;
use super::finding::Finding;
use super::policy::Policy;
use super::verdict::{Status, Verdict};
use crate::data::{Arms, Design, Direction, Observations, Sample, Series, Snapshot};
use crate::error::{Error, Result};
use crate::number::version::Version;
use crate::options::{Confidence, NanPolicy};
use curve::CurveWatch;
use growing::Growing;
use limits::LimitsWatch;
use monitors::Manner;

/// Watches a rollout: one error budget over all metrics, all looks and all stages.
///
/// Every [`look`](Self::look) is handed what both arms have shown *since the last one*, and gives the
/// verdict on all that was seen. However often one looks, the chance that a canary that is within all
/// margins ever fails is at most the budget of 5 %: what a check can be tested by is a monitor
/// ([`crate::sequential`]) with its margin for the null hypothesis, and the anytime p-values of all of
/// them are corrected for their number.
///
/// | check | watched by |
/// |---|---|
/// | test of counts, exposures, means | [`MixtureSprt`](crate::sequential::MixtureSprt) on either side of the margin |
/// | test of series and gauges | the t mixture of [`SeriesComparison`](crate::sequential::SeriesComparison), paired in time, with an autoregression about a line for memory |
/// | tests of series, gauges and means where the change was never another, as of 3 and 3 replicas | from the 8th pair on as it is: it needs no monitor |
/// | distribution, quantiles, shifts of samples | [`DistributionComparison`](crate::sequential::DistributionComparison), the larger arm moved back by the margin |
/// | sample ratio | [`SampleRatioMismatch`](crate::sequential::SampleRatioMismatch) |
/// | trend, spread, anomaly, fairness, histograms | all data so far, after 1, 2, 4, 8, ... looks, the k-th at 1 / (k (k + 1)) of its error rate |
/// | relative margins of what is negative at the first look | the same |
/// | any test of a baseline from [before the canary](Snapshot::before_and_after), which may come all at the first look | the same |
/// | threshold, missing data, condition | what came since the last look, a point comparison, held to the check's [`Limits`] |
///
/// **How far that holds.** With single events, errors in bursts of up to five, waves that both arms share,
/// missing data, twenty correlated metrics and minutes that remember 0.6 of the last one, false alarms over an
/// hour of looks are 0.2 ± 0.1 % together, and 1.9 ± 1.3 % where errors come in fives (`make quality`). Where
/// levels remember more, or events come in larger crowds, the evidence is divided by less than would be right,
/// because a fault that begins later looks alike: single gauges with a spread of 10 % raised a false alarm in
/// 5 ± 2 % of hours at a memory of 0.8 and 13 ± 3 % at 0.9, and events that come in tens in 16 ± 3 %
/// (`benches/python/watch.py`). Such metrics belong into a check of role
/// [`Deterioration`](super::Role::Deterioration) with a wider margin, or to a monitor of their own, which waits.
///
/// It is plain data: written, read and continued it is the same to the last bit.
///
/// ```
/// use canary_core::judge::Watch;
/// use canary_core::{Arms, Counts, Policy, Snapshot, Status};
///
/// let mut watch = Watch::new(Policy::standard(["error_rate"])?);
/// let minute = Arms::new(Counts::new(10, 9_500)?, Counts::new(12, 500)?);
/// let mut minutes = 0;
/// let verdict = loop {
///     minutes += 1;
///     let verdict = watch.look(60.0 * f64::from(minutes), &Snapshot::new().with("error_rate", minute)?)?;
///     if verdict.status != Status::Inconclusive {
///         break verdict;
///     }
/// };
/// assert_eq!(verdict.status, Status::Fail);
/// assert!(minutes < 10);
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    version: Version,
    policy: Policy,
    /// By the check's name and place; made when its metric is first seen.
    watchers: BTreeMap<String, Watcher>,
    /// What has been seen under the limits of checks that have any.
    limits: BTreeMap<String, LimitState>,
    /// What was compared with a time before the canary at some look.
    before_and_after: BTreeSet<String>,
    /// An example of how each metric of a standard check was first measured: at a look without it, its checks are
    /// the same.
    measured: BTreeMap<String, Observations>,
    looks: u64,
    started: Option<f64>,
    last: Option<f64>,
}

/// What watches one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Watcher {
    Limits(LimitsWatch),
    Curve(Box<CurveWatch>),
    Split(Box<monitors::Split>),
    Growing(Box<Growing>),
}

/// The error budget of a whole rollout.
const BUDGET: f64 = 0.05;

impl Watch {
    /// A watch that has seen nothing.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self {
            version: Version,
            policy,
            watchers: BTreeMap::new(),
            limits: BTreeMap::new(),
            before_and_after: BTreeSet::new(),
            measured: BTreeMap::new(),
            looks: 0,
            started: None,
            last: None,
        }
    }

    /// The policy it watches by.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How many looks it has taken.
    #[must_use]
    pub const fn looks(&self) -> u64 {
        self.looks
    }

    /// Takes what both arms have shown since the last look, at a time in seconds, and judges all that
    /// was seen.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for a time that is not after the last one's, and what
    /// [`judge`](super::judge) refuses; the watch is then as it was.
    pub fn look(&mut self, at: f64, snapshot: &Snapshot) -> Result<Verdict> {
        if !at.is_finite() {
            return Err(Error::input("at", "must be finite", at));
        }
        if let Some(last) = self.last
            && at <= last
        {
            let rule = format!("must be after the last look, at {last}");
            return Err(Error::input("at", rule, at));
        }
        let mut next = self.clone();
        let verdict = next.take(self, at, snapshot)?;
        *self = next;
        Ok(verdict)
    }

    /// The look itself, with the watch as it was before it.
    fn take(&mut self, before: &Self, at: f64, snapshot: &Snapshot) -> Result<Verdict> {
        let policy = &before.policy;
        self.looks += 1;
        let started = *self.started.get_or_insert(at);
        self.last = Some(at);
        let (snapshot, faults) = with_formulas(policy, snapshot)?;
        let snapshot = &*snapshot;
        let policy = &*in_shares(policy, snapshot);
        let mut findings = Vec::new();
        for (place, check) in policy.checks().iter().enumerate() {
            let observations = self.measured(check, snapshot)?;
            for check in evaluate::expanded_for_watch(check, policy, observations.as_ref()) {
                let key = format!("{place} {}", check.name());
                let mut finding =
                    self.finding(before, at, &key, &check, policy, snapshot, &faults)?;
                self.hold_to_limits(at, key, &check, &mut finding)?;
                findings.push(finding);
            }
        }
        let unchecked = evaluate::unchecked(policy, snapshot);
        let watched = at - started;
        Ok(aggregate::verdict(
            policy,
            findings,
            unchecked,
            Some(watched),
        ))
    }

    /// An example of how the metric of a standard check was first measured.
    fn measured(&mut self, check: &Check, snapshot: &Snapshot) -> Result<Option<Observations>> {
        let first = check.first_metric();
        if let (Condition::Standard(_), Some(observations)) =
            (&check.condition, snapshot.either(first))
            && !self.measured.contains_key(first)
        {
            self.measured
                .insert(first.to_owned(), example(observations)?);
        }
        Ok(self.measured.get(first).cloned())
    }

    /// Of a check with limits, one failing look is no failure yet.
    fn hold_to_limits(
        &mut self,
        at: f64,
        key: String,
        check: &Check,
        finding: &mut Finding,
    ) -> Result<()> {
        if check.limits == Limits::default() {
            return Ok(());
        }
        let state = match self.limits.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(LimitState::new(check.limits)?),
        };
        let outcome = match finding.status {
            // Unless the check says what no data mean.
            Status::Inconclusive if finding.obstacle.is_some() => Outcome::Error,
            Status::Pass => Outcome::Pass,
            Status::Fail => Outcome::Fail,
            Status::Inconclusive => Outcome::Inconclusive,
        };
        let hit = state.observe(outcome, at)?;
        let needs_passes = check.limits.consecutive_passes.is_some();
        finding.status = match hit.map(|hit| hit.outcome) {
            Some(Outcome::Fail) => Status::Fail,
            Some(Outcome::Pass) => Status::Pass,
            Some(Outcome::Inconclusive | Outcome::Error) => Status::Inconclusive,
            None if outcome == Outcome::Pass && !needs_passes => Status::Pass,
            None => Status::Inconclusive,
        };
        finding.sentence += &explain::under_limits(outcome, hit.as_ref(), state.tally());
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "what a look comes with")]
    fn finding(
        &mut self,
        before: &Self,
        at: f64,
        key: &str,
        check: &Check,
        policy: &Policy,
        snapshot: &Snapshot,
        faults: &Faults,
    ) -> Result<Finding> {
        let first = check.first_metric();
        let metric = policy.metrics().get(first).cloned().unwrap_or_default();
        let arms = snapshot.arms(first);
        let mut design = evaluate::design_of(check, policy, snapshot);
        if design == Design::BeforeAndAfter {
            self.before_and_after.insert(key.to_owned());
        } else if self.before_and_after.contains(key) {
            design = Design::BeforeAndAfter;
        }
        // A condition may name anything, on either arm.
        let alike = match check.condition {
            Condition::Expression(_) => Ok(()),
            _ => evaluate::alike(arms),
        };
        let watcher = match self.watchers.entry(key.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => match alike
                .clone()
                .and_then(|()| Watcher::of(check, metric.direction, design, arms))
            {
                Ok(Some(watcher)) => new.insert(watcher),
                // A point comparison, or nothing to begin with.
                Ok(None) => return evaluate::finding(check, policy, snapshot, faults),
                Err(error) => {
                    let sizes = arms.map(|observations| observations.map_or(0, Observations::size));
                    let evidence = Evidence::unusable(check, &error);
                    return evaluate::settled(check, &metric, arms, sizes, evidence);
                }
            },
        };
        let looked = alike.and_then(|()| watcher.look(at, check, policy, snapshot, design, faults));
        let looked = looked.unwrap_or_else(|error| {
            // What cannot be taken is left out, and what was known before is known.
            if let Some(known) = before.watchers.get(key) {
                watcher.clone_from(known);
            }
            watcher.known(Evidence::unusable(check, &error))
        });
        match looked {
            Looked::Found(finding) => finding,
            Looked::Seen((evidence, sizes)) => {
                let evidence = evidence.designed(design).because_of(faults, check);
                evaluate::settled(check, &metric, arms, sizes, evidence)
            }
        }
    }
}

/// What a watcher has seen so far, and of how many observations.
type Seen = (Evidence, Arms<u64>);

/// What comes of a look at one check.
enum Looked {
    Seen(Seen),
    /// By the check's own rule for no data, which may be an error.
    Found(Result<Finding>),
}

impl Watcher {
    /// Takes what came since the last look.
    fn look(
        &mut self,
        at: f64,
        check: &Check,
        policy: &Policy,
        snapshot: &Snapshot,
        design: Design,
        faults: &Faults,
    ) -> Result<Looked> {
        let arms = snapshot.arms(check.first_metric());
        Ok(match self {
            Self::Limits(limits) => Looked::Seen(limits.look(arms)?),
            Self::Curve(curve) => Looked::Seen(curve.look(arms)?),
            Self::Split(split) => Looked::Seen(split.look(arms, design)?),
            Self::Growing(growing) => {
                growing.take(at, check, snapshot)?;
                Looked::Found(growing.finding(check, policy, design, faults))
            }
        })
    }

    /// What was known before a look that cannot be taken: a failure stays one.
    fn known(&self, unusable: Evidence) -> Looked {
        let obstacle = unusable.obstacle.as_deref();
        let (evidence, sizes) = match self {
            Self::Limits(limits) => limits.known(obstacle),
            Self::Curve(curve) => curve.known(obstacle),
            Self::Growing(growing) => match growing.failed() {
                Some(finding) => return Looked::Found(Ok(finding.clone())),
                None => (unusable, Arms::default()),
            },
            Self::Split(_) => (unusable, Arms::default()),
        };
        let is_unusable = true;
        Looked::Seen((
            Evidence {
                is_unusable,
                ..evidence
            },
            sizes,
        ))
    }

    /// What watches such a check of such observations; none for a point comparison, and while there
    /// are no data of either arm.
    fn of(
        check: &Check,
        direction: Direction,
        design: Design,
        arms: Arms<Option<&Observations>>,
    ) -> Result<Option<Self>> {
        let Ok(arms) = evaluate::both(arms) else {
            return Ok(None);
        };
        let is_sample = matches!(arms.canary, Observations::Sample(_));
        let curve = |margin, fail_beyond, quantiles: &[f64], shown: &[f64]| {
            let watch = CurveWatch::new(margin, fail_beyond, direction, quantiles, shown)?;
            Ok(Self::Curve(Box::new(watch)))
        };
        Ok(Some(match &check.condition {
            Condition::Threshold(_)
            | Condition::Missing(_)
            | Condition::Expression(_)
            | Condition::Standard(_) => {
                return Ok(None);
            }
            // The baseline may all have come at the first look.
            Condition::Test(_) | Condition::Distribution(_) if design == Design::BeforeAndAfter => {
                Self::Growing(Box::default())
            }
            Condition::Distribution(whole) if is_sample => curve(
                whole.margin,
                whole.fail_beyond,
                &curve::WHOLE,
                &curve::SHOWN,
            )?,
            Condition::Test(test) if is_sample && test.method == TestMethod::Quantile => {
                let quantile = [test.quantile];
                curve(test.margin, test.fail_beyond, &quantile, &quantile)?
            }
            Condition::Test(test) if is_sample && test.method == TestMethod::MannWhitney => {
                curve(test.margin, test.fail_beyond, &[0.25, 0.5, 0.75], &[0.5])?
            }
            Condition::Test(test) => {
                match LimitsWatch::new(test, Manner::LookByLook, direction, arms)? {
                    Some(limits) => Self::Limits(limits),
                    None => Self::Growing(Box::default()),
                }
            }
            Condition::SampleRatio(split) => Self::Split(Box::new(monitors::Split::new(*split)?)),
            Condition::Distribution(_)
            | Condition::Trend(_)
            | Condition::Anomaly(_)
            | Condition::Fairness(_) => Self::Growing(Box::default()),
        }))
    }
}

/// Observations of the same kind, of long ones the first alone.
fn example(observations: &Observations) -> Result<Observations> {
    let one = |values: &[f64]| values.first().copied().unwrap_or_default();
    Ok(match observations {
        Observations::Sample(sample) => {
            Sample::new(vec![one(sample.values())], NanPolicy::Raise)?.into()
        }
        Observations::Series(series) => {
            let (time, value) = (one(series.times()), one(series.values()));
            Series::new(vec![time], vec![value], NanPolicy::Raise)?.into()
        }
        other => other.clone(),
    })
}

/// The confidence whose one side has this error rate.
fn confidence(alpha: f64) -> Confidence {
    Confidence::try_from(1.0 - 2.0 * alpha).unwrap_or_default()
}

/// A test of all data so far at once, at any look; none where no monitor takes such observations.
pub(super) fn all_at_once(
    test: &TestCondition,
    direction: Direction,
    arms: Arms<&Observations>,
) -> Result<Option<Evidence>> {
    let alpha = 0.5 * (1.0 - test.confidence.get());
    let manner = Manner::AllAtOnce(alpha);
    let Some(mut limits) = LimitsWatch::new(test, manner, direction, arms)? else {
        return Ok(None);
    };
    let (evidence, _) = limits.look(arms.map(Some))?;
    Ok(Some(match limits.refusal() {
        Some(refusal) => evidence.undecided(refusal),
        None => Evidence {
            confidence: Some(test.confidence),
            ..evidence
        },
    }))
}
