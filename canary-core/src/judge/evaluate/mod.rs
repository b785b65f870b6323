//! The only function that turns a policy and a snapshot into findings.

mod anomaly;
#[cfg(test)]
mod bad_data;
#[cfg(test)]
mod before_and_after;
mod distribution;
mod expression;
mod fairness;
mod histogram;
mod quality;
mod sequential;
mod standard;
mod test;
#[cfg(test)]
mod tests;
mod threshold;
mod trend;

pub(super) use distribution::back;
pub(super) use quality::{NO_SPLIT, requests};
pub(super) use test::{acceptable, aligned, same_again};
pub(super) use threshold::NO_RATIO;

use std::collections::BTreeSet;

use super::aggregate;
use super::check::Check;
use super::condition::{Bound, Condition, Looks, StandardCondition, Threshold};
use super::derive::{Faults, in_shares, with_formulas};
use super::explain;
use super::finding::{Acceptable, Change, Finding};
use super::importance::NoData;
use super::policy::Policy;
use super::verdict::{Status, Verdict};
use crate::anomaly::AnomalyResult;
use crate::data::{Arm, Arms, Design, Direction, Metric, Observations, Snapshot};
use crate::error::{Error, Result};
use crate::number::parallel;
use crate::options::{Confidence, Measure};
use crate::stats::{Interval, TestResult};

/// Applies every check of the policy to the snapshot, once.
///
/// A metric that is missing, or cannot be judged as its check asks (the p99 of counts, a formula that
/// divides by zero), gives a finding that says so, by the check's own rule for it ([`NoData`]); it is
/// never passed over, and all other checks are judged. Metrics that no check looks at are
/// listed in the verdict. Findings of many tests are corrected for their number, as the policy says.
///
/// **One look.** Intervals and p-values hold for one look at the data. To look again and again while a
/// rollout goes on, hand each interval's data to a [`Watch`](super::Watch), or, where nothing can be kept
/// between looks, all data so far to tests [at any look](super::TestCondition#at-any-look).
///
/// # Errors
/// [`Error::InvalidInput`] for a metric without data, or with data that cannot be judged, whose check says
/// that this is an error; [`Error::InvalidOption`] for a condition or formula whose names mean nothing.
///
/// # Example: one percentage point more errors
/// ```
/// use canary_core::{Arms, Counts, Policy, Snapshot, Status, judge};
///
/// let policy = Policy::from_json(r#"{
///     "version": 1,
///     "metrics": {"error_rate": {"direction": "increase"}},
///     "checks": [{"metric": "error_rate",
///                 "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}}]
/// }"#)?;
/// let errors = Arms::new(Counts::new(95, 19_000)?, Counts::new(30, 2_000)?);
/// let verdict = judge(&policy, &Snapshot::new().with("error_rate", errors)?)?;
/// assert_eq!(verdict.status, Status::Fail);
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn judge(policy: &Policy, snapshot: &Snapshot) -> Result<Verdict> {
    let (snapshot, faults) = with_formulas(policy, snapshot)?;
    let snapshot = &*snapshot;
    let policy = &*in_shares(policy, snapshot);
    let checks: Vec<Check> = policy
        .checks()
        .iter()
        .flat_map(|check| expanded(check, policy, snapshot))
        .collect();
    Ok(aggregate::verdict(
        policy,
        findings(&checks, policy, snapshot, &faults)?,
        unchecked(policy, snapshot),
        None,
    ))
}

/// Fewer checks than this are done before another thread has begun.
const MANY_CHECKS: usize = 64;
/// So many are one task.
const CHECKS_AT_ONCE: usize = 16;

/// The finding of each check, in order; of errors the first check's.
fn findings(
    checks: &[Check],
    policy: &Policy,
    snapshot: &Snapshot,
    faults: &Faults,
) -> Result<Vec<Finding>> {
    let of = |check: &Check| finding(check, policy, snapshot, faults);
    if checks.len() <= MANY_CHECKS {
        return checks.iter().map(of).collect();
    }
    let found = parallel::map(checks.len(), CHECKS_AT_ONCE, |index| {
        checks.get(index).map(of)
    });
    found.into_iter().flatten().collect()
}

/// Metrics in the data that no check looks at.
pub(super) fn unchecked(policy: &Policy, snapshot: &Snapshot) -> Vec<String> {
    let scope = policy.scope();
    let formulas = policy.formulas().values();
    let bound: Vec<_> = formulas
        .filter_map(|formula| formula.bind(&scope).ok())
        .collect();
    let of_formulas = bound.iter().flat_map(|formula| formula.references());
    let of_checks = policy.checks().iter().flat_map(|check| &check.metrics);
    let looked_at: BTreeSet<&str> = of_formulas
        .map(|reference| reference.metric.as_str())
        .chain(of_checks.map(String::as_str))
        .collect();
    let names = snapshot.names().filter(|name| !looked_at.contains(name));
    names.map(str::to_owned).collect()
}

/// The checks that a check stands for: itself, unless it is a standard one.
pub(super) fn expanded(check: &Check, policy: &Policy, snapshot: &Snapshot) -> Vec<Check> {
    let observations = snapshot.either(check.first_metric());
    expand(check, policy, observations, standard::checks)
}

/// The same where a rollout is watched, by such observations as its metric was first seen with.
pub(super) fn expanded_for_watch(
    check: &Check,
    policy: &Policy,
    observations: Option<&Observations>,
) -> Vec<Check> {
    expand(check, policy, observations, standard::watched)
}

fn expand(
    check: &Check,
    policy: &Policy,
    observations: Option<&Observations>,
    checks: impl Fn(&Check, &StandardCondition, &Observations, Direction) -> Vec<Check>,
) -> Vec<Check> {
    let first = check.first_metric();
    match (&check.condition, observations) {
        (Condition::Standard(condition), Some(observations)) => {
            let metric = policy.metrics().get(first);
            let direction = metric.map_or(Direction::default(), |metric| metric.direction);
            checks(check, condition, observations, direction)
        }
        _ => vec![check.clone()],
    }
}

/// What a condition found out, before it is put into words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evidence {
    /// What was compared.
    pub(super) compared: String,
    pub(super) levels: Arms<Option<f64>>,
    pub(super) change: Option<Change>,
    pub(super) acceptable: Option<Acceptable>,
    /// Proved to be beyond this the canary fails, where that is less than what is acceptable.
    pub(super) harmless: Option<Acceptable>,
    /// Where the canary's own number probably lies, where the rule is about that alone.
    pub(super) own_interval: Option<Interval>,
    pub(super) test: Option<TestResult>,
    pub(super) anomaly: Option<Box<AnomalyResult>>,
    /// The confidence with which intervals are held against what is acceptable.
    pub(super) confidence: Option<Confidence>,
    /// The probability of data so far beyond what is acceptable, if the truth were just acceptable.
    pub(super) p_margin: Option<f64>,
    /// The probability of such data if nothing differed, where it does not come from a test above.
    pub(super) p_value: Option<f64>,
    /// About how many more observations of both arms would decide, where a monitor says so.
    pub(super) remaining: Option<f64>,
    /// How many times as many observations would decide, where that was tried.
    pub(super) amount: Option<f64>,
    /// The outcome, where it is not told by holding a range against what is acceptable.
    pub(super) outcome: Option<Status>,
    /// Within which ends either arm's number lies, where it is a histogram's and it is not known where in its bucket
    /// it is: then no more data decide.
    pub(super) buckets: Option<Arms<(f64, f64)>>,
    /// Which quantile of a whole curve is told of, where it is not the share that is worse.
    pub(super) quantile: Option<f64>,
    /// Whether the change is a share of the observations that are worse than the margin allows.
    pub(super) is_share: bool,
    /// The outcome in words, where it is not put together from what is above.
    pub(super) said: Option<String>,
    /// Why there is nothing to decide on, where that is so.
    pub(super) obstacle: Option<String>,
    /// When what was compared was measured.
    pub(super) design: Design,
    /// Whether there are data that it cannot be computed from, which is as good as none.
    pub(super) is_unusable: bool,
}

impl Evidence {
    /// There are data, and the check cannot be computed from them: they are of another kind, for example.
    pub(super) fn unusable(check: &Check, error: &Error) -> Self {
        let compared = match check.condition.level() {
            level if level.is_empty() => "nothing".to_owned(),
            level => level,
        };
        Self {
            is_unusable: true,
            ..Self::of(compared).blocked(error.reason().trim())
        }
    }

    /// Where what is missing is a formula that has no value, the obstacle says why.
    pub(super) fn because_of(self, faults: &Faults, check: &Check) -> Self {
        match (&self.obstacle, faults.of(&check.metrics)) {
            (Some(_), Some(fault)) => self.blocked(fault),
            _ => self,
        }
    }

    pub(super) fn of(compared: String) -> Self {
        Self {
            compared,
            levels: Arms::default(),
            change: None,
            acceptable: None,
            harmless: None,
            own_interval: None,
            test: None,
            anomaly: None,
            confidence: None,
            p_margin: None,
            p_value: None,
            remaining: None,
            amount: None,
            outcome: None,
            buckets: None,
            quantile: None,
            is_share: false,
            said: None,
            obstacle: None,
            design: Design::default(),
            is_unusable: false,
        }
    }

    /// The evidence with when the arms were measured.
    pub(super) fn designed(self, design: Design) -> Self {
        Self { design, ..self }
    }

    pub(super) fn blocked(mut self, obstacle: impl Into<String>) -> Self {
        self.obstacle = Some(obstacle.into());
        self
    }

    /// Without what is no number, as the level of an arm without traffic; what nothing is known of but that
    /// has an obstacle.
    fn numbers_only(mut self) -> Self {
        let is_nan = |x: f64| x.is_nan();
        let is_unknown = self.levels.map(|level| level.is_some_and(is_nan));
        self.levels = self
            .levels
            .map(|level| level.filter(|&level| !is_nan(level)));
        let is_range = |range: &Acceptable| !is_nan(range.low) && !is_nan(range.high);
        self.acceptable = self.acceptable.filter(is_range);
        self.harmless = self.harmless.filter(is_range);
        self.own_interval =
            (self.own_interval).filter(|interval| !is_nan(interval.low) && !is_nan(interval.high));
        let (is_compared, measure) = match self.change {
            Some(change) => (true, change.measure.as_str()),
            None => (false, ""),
        };
        let is_known = !(is_unknown.canary || is_compared && is_unknown.baseline);
        if is_known && !self.change.is_some_and(|change| is_nan(change.value)) {
            return self;
        }
        self.change = None;
        let absent = self.levels.map(|level| level.is_none());
        match (self.outcome, &self.obstacle) {
            (Some(Status::Pass | Status::Fail), _) | (_, Some(_)) => self,
            _ => {
                let no_number = format!("the {measure} of its levels is no number");
                self.undecided(missing(absent).map_or(no_number, str::to_owned))
            }
        }
    }

    /// Nothing is decided, whatever was seen.
    pub(super) fn undecided(self, obstacle: impl Into<String>) -> Self {
        Self {
            outcome: None,
            ..self.blocked(obstacle)
        }
    }

    /// What was proved to be worse stays so; all else is not known where there is an obstacle.
    pub(super) fn blocked_unless_failed(self, obstacle: Option<&str>) -> Self {
        match obstacle {
            Some(obstacle) if self.outcome != Some(Status::Fail) => self.undecided(obstacle),
            _ => self,
        }
    }

    /// The range that is held against what is acceptable: the change's interval, the change
    /// itself, the interval of the canary's own number, or that number.
    fn range(&self) -> Option<(f64, f64)> {
        let interval = |interval: Interval| (interval.low, interval.high);
        match (self.change, self.own_interval) {
            (Some(change), _) => Some(
                change
                    .interval
                    .map_or((change.value, change.value), interval),
            ),
            (None, Some(own)) => Some(interval(own)),
            (None, None) => self.levels.canary.map(|level| (level, level)),
        }
    }

    pub(super) fn status(&self) -> Status {
        match (&self.obstacle, self.outcome, self.acceptable, self.range()) {
            (None, Some(outcome), ..) => outcome,
            (None, None, Some(acceptable), Some((low, high))) => {
                match (acceptable.decide(low, high), self.harmless) {
                    (Status::Inconclusive, Some(harmless)) => match harmless.decide(low, high) {
                        Status::Fail => Status::Fail,
                        _ => Status::Inconclusive,
                    },
                    (status, _) => status,
                }
            }
            _ => Status::Inconclusive,
        }
    }

    /// Whether all of its range lies beyond what is acceptable.
    pub(super) fn is_beyond(&self) -> bool {
        self.status() == Status::Fail
    }
}

/// The finding of one check, before it is corrected for the number of checks.
pub(super) fn finding(
    check: &Check,
    policy: &Policy,
    snapshot: &Snapshot,
    faults: &Faults,
) -> Result<Finding> {
    let first = check.first_metric();
    let metric = policy.metrics().get(first).cloned().unwrap_or_default();
    let arms = snapshot.arms(first);
    let direction = metric.direction;
    let design = design_of(check, policy, snapshot);
    if let Condition::Expression(condition) = &check.condition {
        let read = expression::expression(check, condition, policy, snapshot, faults);
        let (evidence, sizes) = read.map_err(|error| error.in_argument(&check.name()))?;
        return settled(check, &metric, arms, sizes, evidence.designed(design));
    }
    let evidence = alike(arms)
        .and_then(|()| match &check.condition {
            Condition::Threshold(condition) => threshold::threshold(condition, direction, arms),
            Condition::Test(condition) => match condition.looks {
                Looks::Once => test::test(condition, direction, design, arms),
                Looks::Any => sequential::at_any_look(condition, direction, design, arms),
            },
            Condition::Distribution(condition) => {
                distribution::distribution(condition, direction, arms)
            }
            Condition::Trend(condition) => trend::trend(condition, direction, design, arms),
            Condition::Anomaly(condition) => anomaly::anomaly(condition, &check.metrics, snapshot),
            Condition::Fairness(condition) => {
                fairness::fairness(condition, &check.metrics, snapshot)
            }
            Condition::SampleRatio(condition) => quality::sample_ratio(condition, design, arms),
            Condition::Missing(condition) => Ok(quality::missing_data(condition, arms)),
            // What is left of a standard check that could not be expanded: nothing was measured.
            Condition::Expression(_) | Condition::Standard(_) => {
                Ok(Evidence::of("no data".to_owned())
                    .blocked(missing(Arms::new(true, true)).unwrap_or_default()))
            }
        })
        .unwrap_or_else(|error| Evidence::unusable(check, &error));
    let sizes = match &evidence.anomaly {
        Some(found) => found.arms.map(|arm| arm.n),
        None => arms.map(|observations| observations.map_or(0, Observations::size)),
    };
    settled(
        check,
        &metric,
        arms,
        sizes,
        evidence.designed(design).because_of(faults, check),
    )
}

/// When what a check compares was measured. What asks the canary alone compares no times.
pub(super) fn design_of(check: &Check, policy: &Policy, snapshot: &Snapshot) -> Design {
    let all = |metrics: &mut dyn Iterator<Item = &str>| {
        let designs = metrics.map(|metric| snapshot.design_of(metric));
        designs.fold(Design::default(), Design::or)
    };
    match &check.condition {
        Condition::Threshold(Threshold {
            bound: Bound::Absolute { .. },
            ..
        })
        | Condition::Missing(_)
        | Condition::Fairness(_)
        | Condition::Standard(_) => Design::default(),
        Condition::Expression(condition) => {
            let scope = policy.scope();
            let bound: Vec<_> = condition
                .both()
                .filter_map(|one| check.bind(one, &scope).ok())
                .collect();
            let references = bound.iter().flat_map(|bound| bound.references());
            let of_baseline = references.filter(|reference| reference.arm == Arm::Baseline);
            all(&mut of_baseline.map(|reference| reference.metric.as_str()))
        }
        Condition::Threshold(_)
        | Condition::Test(_)
        | Condition::Distribution(_)
        | Condition::Trend(_)
        | Condition::Anomaly(_)
        | Condition::SampleRatio(_) => all(&mut check.metrics.iter().map(String::as_str)),
    }
}

/// The finding of a check by its own rules for no data and too few.
pub(super) fn settled(
    check: &Check,
    metric: &Metric,
    arms: Arms<Option<&Observations>>,
    sizes: Arms<u64>,
    mut evidence: Evidence,
) -> Result<Finding> {
    evidence = evidence.numbers_only();
    // An exposure without events is a measurement like any other.
    let is_empty = |observations: Option<&Observations>, size: u64| match observations {
        None => true,
        Some(Observations::Exposure(_)) => false,
        Some(_) => size == 0,
    };
    let is_absent = evidence.obstacle.is_some()
        && (evidence.is_unusable
            || is_empty(arms.baseline, sizes.baseline)
            || is_empty(arms.canary, sizes.canary));
    match check.no_data {
        _ if !is_absent => {}
        NoData::Inconclusive => {}
        NoData::Pass => evidence.outcome = Some(Status::Pass),
        NoData::Fail => evidence.outcome = Some(Status::Fail),
        // What decides nothing stops nothing either.
        NoData::Error if check.muted => {}
        NoData::Error => {
            let rule = match evidence.is_unusable {
                true => "cannot be judged, and its check says that no data is an error",
                false => "must be measured on both arms: its check says that no data is an error",
            };
            let got = evidence.obstacle.unwrap_or_default();
            return Err(Error::input(check.metric(), rule, got));
        }
    }
    let smaller = sizes.baseline.min(sizes.canary);
    if evidence.obstacle.is_none() && smaller < check.min_sample {
        evidence = evidence.undecided(format!(
            "it needs {} observations of each arm and has {smaller}",
            check.min_sample
        ));
    }
    Ok(worded(check, metric, arms, sizes, evidence))
}

/// The finding of a check with its sentence.
fn worded(
    check: &Check,
    metric: &Metric,
    arms: Arms<Option<&Observations>>,
    sizes: Arms<u64>,
    evidence: Evidence,
) -> Finding {
    let is_counts = |o: &Observations| matches!(o, Observations::Counts(_));
    let unit = match check.condition {
        Condition::Distribution(_) if !evidence.is_share => metric.unit.clone(),
        Condition::Anomaly(_)
        | Condition::Distribution(_)
        | Condition::SampleRatio(_)
        | Condition::Missing(_) => Some(explain::PROPORTION.to_owned()),
        Condition::Fairness(_) => None,
        // Proportions, whether in percent or without a unit.
        _ if matches!(metric.unit.as_deref(), None | Some("%"))
            && [arms.baseline, arms.canary]
                .into_iter()
                .flatten()
                .any(is_counts) =>
        {
            Some(explain::PROPORTION.to_owned())
        }
        _ => metric.unit.clone(),
    };
    let status = match (evidence.outcome, &evidence.obstacle) {
        // No data may be said to be good or bad.
        (Some(outcome), Some(_)) => outcome,
        _ => evidence.status(),
    };
    let more_needed = (status == Status::Inconclusive)
        .then(|| more_needed(&evidence, sizes))
        .flatten();
    let mut sentence = explain::sentence(check, unit.as_deref(), status, &evidence, more_needed);
    if evidence.design == Design::BeforeAndAfter && evidence.obstacle.is_none() {
        sentence += explain::BEFORE_AND_AFTER;
    }
    Finding {
        check: check.name(),
        metric: check.metric(),
        rule: explain::rule(&check.condition, metric.direction, unit.as_deref()),
        unit,
        status,
        severity: check.severity,
        role: check.role,
        group: check.group.clone(),
        weight: check.weight,
        muted: check.muted,
        compared: evidence.compared,
        levels: evidence.levels,
        sizes,
        change: evidence.change,
        acceptable: evidence.acceptable,
        harmless: evidence.harmless,
        own_interval: evidence.own_interval,
        test: evidence.test,
        anomaly: evidence.anomaly,
        confidence: evidence.confidence,
        p_null: evidence.p_value,
        p_margin: evidence.p_margin,
        p_adjusted: None,
        obstacle: evidence.obstacle,
        design: evidence.design,
        more_needed,
        notify: check.notify.clone(),
        sentence,
    }
}

/// Nothing that was measured in two ways can be compared.
pub(super) fn alike(arms: Arms<Option<&Observations>>) -> Result<()> {
    match (arms.baseline, arms.canary) {
        (Some(baseline), Some(canary)) if baseline.kind() != canary.kind() => {
            let (baseline, canary) = (baseline.kind(), canary.kind());
            let got = format!("{baseline} of the baseline and {canary} of the canary");
            Err(Error::input(
                "",
                "both arms must be measured in one way",
                got,
            ))
        }
        _ => Ok(()),
    }
}

/// Why an arm cannot be compared, if it cannot.
pub(super) fn missing(arms: Arms<bool>) -> Option<&'static str> {
    match (arms.baseline, arms.canary) {
        (true, true) => Some("there are no data of either arm"),
        (true, false) => Some("there are no data of the baseline"),
        (false, true) => Some("there are no data of the canary"),
        (false, false) => None,
    }
}

/// What there is of both arms, or why they cannot be compared.
pub(super) fn both<T>(arms: Arms<Option<T>>) -> Result<Arms<T>, &'static str> {
    match (arms.baseline, arms.canary) {
        (Some(baseline), Some(canary)) => Ok(Arms::new(baseline, canary)),
        (baseline, canary) => {
            let absent = Arms::new(baseline.is_none(), canary.is_none());
            Err(missing(absent).unwrap_or_default())
        }
    }
}

/// What each of several metrics has on both arms, or why one of them cannot be compared.
pub(super) fn of_each<'s, T>(
    metrics: &[String],
    snapshot: &'s Snapshot,
    of: impl Fn(&'s Observations) -> Result<T>,
) -> Result<Result<Arms<Vec<T>>, String>> {
    let mut all = Arms::new(Vec::new(), Vec::new());
    for metric in metrics {
        let arms = match both(snapshot.arms(metric)) {
            Ok(arms) => arms,
            Err(absent) => return Ok(Err(format!("{metric}: {absent}"))),
        };
        all.baseline.push(of(arms.baseline)?);
        all.canary.push(of(arms.canary)?);
    }
    Ok(Ok(all))
}

/// Sizes with those of what has come.
pub(super) fn added(sizes: Arms<u64>, new: Arms<u64>) -> Arms<u64> {
    sizes.zip(new).map(|(all, new)| all.saturating_add(new))
}

/// How many more canary observations would decide, if the change stays as it is.
fn more_needed(evidence: &Evidence, sizes: Arms<u64>) -> Option<u64> {
    let canary = sizes.canary;
    if evidence.buckets.is_some() {
        return None;
    }
    if let Some(remaining) = evidence.remaining {
        let share = canary as f64 / (sizes.baseline as f64 + canary as f64);
        let more = (remaining * share).ceil();
        return (more > 0.0 && more < 1e15).then_some(more as u64);
    }
    let of_interval = || amount_needed(evidence.change?, evidence.acceptable?, evidence.harmless);
    let amount = evidence.amount.or_else(of_interval)?;
    let more = (canary as f64 * (amount - 1.0)).ceil();
    (more > 0.0 && more < 1e15).then_some(more as u64)
}

/// How many times as many observations bring the interval to one side of the ends of what is acceptable, or
/// beyond what is harmless, whichever comes sooner, if the change stays as it is: an interval shrinks with the
/// root of the size.
fn amount_needed(
    change: Change,
    acceptable: Acceptable,
    harmless: Option<Acceptable>,
) -> Option<f64> {
    let interval = change.interval?;
    // Intervals of ratios are symmetric in the logarithm.
    let scale = |x: f64| match change.measure {
        Measure::Difference => x,
        Measure::Ratio | Measure::OddsRatio => x.max(0.0).ln(),
    };
    let value = scale(change.value);
    // By how much the interval must shrink for its end to meet the acceptable range's.
    let shrink = |end: f64, target: f64| (scale(end) - value) / (scale(target) - value);
    let is_finite = |shrink: &f64| shrink.is_finite();
    let failing = harmless.unwrap_or(acceptable);
    let to_fail = if change.value > failing.high {
        Some(shrink(interval.low, failing.high))
    } else if change.value < failing.low {
        Some(shrink(interval.high, failing.low))
    } else {
        None
    };
    let is_within = acceptable.decide(change.value, change.value) == Status::Pass;
    let to_pass = is_within
        .then(|| {
            let upper = shrink(interval.high, acceptable.high);
            let lower = shrink(interval.low, acceptable.low);
            let ends = [upper, lower].into_iter().filter(is_finite);
            ends.reduce(f64::max)
        })
        .flatten();
    let sooner = [to_fail, to_pass].into_iter().flatten().filter(is_finite);
    let needed = sooner.reduce(f64::min)?;
    Some(needed * needed)
}
