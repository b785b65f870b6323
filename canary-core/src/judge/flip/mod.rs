//! What would change a verdict: the smallest change of the policy or of the data that flips it.
//!
//! | file | what it holds |
//! |---|---|
//! | `margin` | changes of the policy: a limit wider or tighter |
//! | `data` | changes of the canary's data, and more data of both arms |
//! | `search` | the nearest point of such a path that flips |
//! | `bench` | re-runs of what has changed, and no more |
//! | `words` | the sentence of a flip |

mod bench;
mod data;
mod margin;
mod search;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Serialize};

use self::bench::Bench;
use self::search::{Found, Path};

use super::check::Check;
use super::condition::Condition;
use super::evaluate;
use super::finding::Finding;
use super::importance::{Role, Severity};
use super::policy::Policy;
use super::verdict::{Recommendation, Status, Verdict};
use crate::data::{Arms, Observations, Snapshot};
use crate::error::{Error, Result};
use crate::options::choice;

/// Of so many checks it is looked for what each alone would do.
const MOST_ALONE: usize = 5;
/// At most so many are changed together.
const MOST_TOGETHER: usize = 50;

choice! {
    /// What has to change for another verdict.
    FlipKind("what") {
        /// Limits of the policy.
        Policy = "policy",
        /// What was measured on the canary.
        Data = "data",
        /// Nothing but the amount of data, of both arms and of every metric.
        MoreData = "more_data",
    }
}

choice! {
    /// Which number a flip changes.
    Setting("setting") {
        /// A margin in percent.
        Percent = "percent",
        /// A margin as a factor.
        Factor = "factor",
        /// A margin as a difference, in the metric's unit.
        Difference = "difference",
        /// A lower limit.
        Min = "min",
        /// An upper limit.
        Max = "max",
        /// The share of observations that may lie beyond the margin.
        Share = "share",
        /// The share of windows that may be anomalous beyond the baseline's.
        Margin = "margin",
        /// How many events the canary's counts or exposure have.
        Events = "events",
        /// The canary's gauge.
        Value = "value",
        /// By what each of the canary's values is multiplied.
        Times = "times",
        /// What is added to each of the canary's values.
        Plus = "plus",
        /// What is added to the canary's growth, over the time that the check states it for.
        Growth = "growth",
        /// By what each value's distance from the canary's median is multiplied.
        Spread = "spread",
        /// How many times as many data there are.
        Amount = "amount",
    }
}

/// One number that a flip changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlipChange {
    /// The check whose finding it is about; with [`FlipKind::MoreData`], the first that is undecided.
    pub check: String,
    /// Its place among the verdict's findings, counted from 0.
    pub finding: usize,
    /// The metric that changes; all of them with [`FlipKind::MoreData`].
    pub metric: String,
    /// Which number changes.
    pub setting: Setting,
    /// What it is now.
    pub now: f64,
    /// The nearest value found that changes the outcome.
    pub to: f64,
    /// The farthest value tried, from `now` towards `to`, with which the outcome stays as it is; `now` itself,
    /// where any change at all is enough.
    pub until: f64,
    /// The unit of all three, where they have one.
    pub unit: Option<String>,
}

/// What would change a verdict, and into which; each one has been tried. See [`flips`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flip {
    /// The policy, the canary's data, or their amount.
    pub what: FlipKind,
    /// What changes: one number, or several, all of which have to.
    pub changes: Vec<FlipChange>,
    /// The verdict that it gives.
    pub status: Status,
    /// In about how many seconds that is reached at the present traffic, of
    /// [`FlipKind::MoreData`] and where it is known for how long was watched.
    pub seconds: Option<f64>,
    /// The same in one plain sentence.
    pub sentence: String,
}

impl Flip {
    /// The policy and the snapshot with the change made: judged, they give the flip's status.
    /// Standard checks are replaced by those that they stand for.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] where the change does not suit them, as they are not those it was
    /// found for.
    ///
    /// ```
    /// use canary_core::judge::flips;
    /// use canary_core::{Arms, Gauge, Policy, Snapshot, judge};
    ///
    /// let policy = Policy::from_json(r#"{"version": 1, "metrics": {"p99": {"unit": "ms"}},
    ///     "checks": [{"metric": "p99", "threshold": {"max": "0.5s"}}]}"#)?;
    /// let p99 = Arms::new(Gauge::new(410.0)?, Gauge::new(520.0)?);
    /// let snapshot = Snapshot::new().with("p99", p99)?;
    /// for flip in flips(&policy, &snapshot, None)? {
    ///     let (policy, snapshot) = flip.apply(&policy, &snapshot)?;
    ///     assert_eq!(judge(&policy, &snapshot)?.status, flip.status);
    /// }
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn apply(&self, policy: &Policy, snapshot: &Snapshot) -> Result<(Policy, Snapshot)> {
        let (mut policy, mut snapshot) = (policy.clone(), snapshot.clone());
        for change in &self.changes {
            let rule = "must be the policy and the data that the flip was found for";
            let unsuited = || Error::input("flip", rule, &change.check);
            match self.what {
                FlipKind::Policy => {
                    policy = change.of_policy(&policy, &snapshot).ok_or_else(unsuited)?;
                }
                FlipKind::Data => {
                    snapshot = change.of_data(&policy, &snapshot).ok_or_else(unsuited)?;
                }
                FlipKind::MoreData => {
                    snapshot = data::grown(&snapshot, change.to).ok_or_else(unsuited)?;
                }
            }
        }
        Ok((policy, snapshot))
    }
}

impl FlipChange {
    fn of_policy(&self, policy: &Policy, snapshot: &Snapshot) -> Option<Policy> {
        let mut checks = bench::explicit(policy, snapshot).ok()?;
        let check = checks.get_mut(self.finding)?;
        *check = margin::with_limit(check, self.setting, self.to)?;
        bench::with_checks(policy, checks).ok()
    }

    fn of_data(&self, policy: &Policy, snapshot: &Snapshot) -> Option<Snapshot> {
        let checks = bench::explicit(policy, snapshot).ok()?;
        let over = over(checks.get(self.finding)?);
        let canary = snapshot.get(&self.metric)?.canary.as_ref()?;
        let moved = data::moved(canary, self.setting, self.to, over)?;
        data::with_canary(snapshot, &self.metric, moved)
    }
}

/// For how much time a check states its growth.
fn over(check: &Check) -> f64 {
    match &check.condition {
        Condition::Trend(trend) => trend.over,
        _ => 1.0,
    }
}

/// Whether an outcome is to get better or worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Better,
    Worse,
}

/// What would change the verdict: the smallest changes that do, each of them tried.
///
/// | verdict | of the policy | of the data |
/// |---|---|---|
/// | FAIL | the tightest limit with which it is no longer FAIL | the least improvement of the canary that makes it PASS, or else no longer FAIL |
/// | PASS | the first tighter limit with which it is no longer PASS | the least worsening of the canary that makes it FAIL, or else no longer PASS |
/// | INCONCLUSIVE | the tightest limit with which it is PASS now | how many times as much data decide, and which way |
///
/// Only findings that decide are asked; of a PASS the five that come closest to their limit. Where no
/// change of one check is enough, the flip has a change for each of them, the least with which its own
/// finding changes, and says so. There is none where no such change is known: of data that are missing
/// or cannot be trusted, of conditions in words, and of a canary that even a margin of nothing would
/// pass.
///
/// `watched` is for how many seconds the data were collected, if that is known: then a flip by more
/// data says when it is to be expected, with traffic as it was.
///
/// **How near.** A search doubles its step until the outcome changes, then halves what is left: `to` is
/// at most about 1 % of the change beyond the nearest value with another outcome (it is a number with few
/// digits), and whole numbers are exact. If the outcome changed back and forth on the way, it is one of
/// those changes. More data are taken to be the same again, in the same order.
///
/// **Cost.** At most 40 re-runs a search, of the checks on its metric alone; a search or two per limit, up
/// to four per metric's data; then each flip is judged once as a whole. The search for more data judges
/// everything, up to 50 000 values of a metric and arm (of more, those that there are).
///
/// # Errors
/// Those of [`judge`](super::judge), and [`Error::InvalidOption`] where `watched` is not positive and
/// finite.
///
/// # Example: how many errors would have been acceptable
/// ```
/// use canary_core::judge::{FlipKind, flips};
/// use canary_core::{Arms, Counts, Policy, Snapshot};
///
/// let policy = Policy::from_json(r#"{
///     "version": 1,
///     "metrics": {"error_rate": {"direction": "increase"}},
///     "checks": [{"metric": "error_rate",
///                 "test": {"method": "two_proportion_z", "margin": {"difference": "0.25%"}}}]
/// }"#)?;
/// let errors = Arms::new(Counts::new(95, 19_000)?, Counts::new(30, 2_000)?);
/// let flips = flips(&policy, &Snapshot::new().with("error_rate", errors)?, None)?;
/// let data = flips.iter().find(|flip| flip.what == FlipKind::Data);
/// assert_eq!(
///     data.map(|flip| flip.sentence.as_str()),
///     Some("With 7 events of error_rate instead of 30 among the canary's 2000, the verdict would be PASS.")
/// );
/// # Ok::<(), canary_core::Error>(())
/// ```
pub fn flips(policy: &Policy, snapshot: &Snapshot, watched: Option<f64>) -> Result<Vec<Flip>> {
    if let Some(seconds) = watched
        && !(seconds > 0.0 && seconds.is_finite())
    {
        return Err(Error::option(
            "watched",
            "must be positive and finite",
            seconds,
        ));
    }
    let bench = Bench::new(policy, snapshot)?;
    let deciding = deciding(policy, &bench.verdict);
    let mut flips = Vec::new();
    flips.extend(bench.by_policy(&deciding));
    match bench.verdict.status {
        Status::Inconclusive => flips.extend(bench.by_more_data(&deciding, watched)),
        Status::Pass | Status::Fail => flips.extend(bench.by_data(&deciding)),
    }
    // What is reported has happened, by the way that everybody judges.
    flips.retain(|flip| {
        let judged = flip
            .apply(policy, snapshot)
            .and_then(|(policy, snapshot)| super::judge(&policy, &snapshot));
        judged.is_ok_and(|verdict| verdict.status == flip.status)
    });
    Ok(flips)
}

/// The findings that the verdict turns on, by their places; those of a PASS with the closest first.
fn deciding(policy: &Policy, verdict: &Verdict) -> Vec<usize> {
    let aggregation = policy.aggregation();
    let places = |is_deciding: &dyn Fn(&Finding) -> bool| -> Vec<usize> {
        let active = verdict.findings.iter().enumerate();
        active
            .filter(|(_, finding)| !finding.muted && finding.role != Role::Quality)
            .filter(|(_, finding)| is_deciding(finding))
            .map(|(place, _)| place)
            .collect()
    };
    let by_points = verdict.score.is_some();
    match verdict.status {
        Status::Fail => {
            let asks = |finding: &Finding| {
                by_points
                    || finding.severity == Severity::Critical
                    || aggregation.actions.of(finding.severity) != Recommendation::Continue
            };
            places(&|finding| finding.status == Status::Fail && asks(finding))
        }
        Status::Inconclusive => {
            let is_untrusted = |finding: &Finding| {
                finding.role == Role::Quality && finding.status == Status::Fail && !finding.muted
            };
            if verdict.findings.iter().any(is_untrusted) {
                return Vec::new();
            }
            if by_points {
                return places(&|finding| finding.status != Status::Pass);
            }
            let undecided = places(&|finding| {
                finding.role == Role::Guardrail && finding.status == Status::Inconclusive
            });
            if !undecided.is_empty() {
                return undecided;
            }
            places(&|finding| finding.role == Role::Success && finding.status != Status::Pass)
        }
        Status::Pass => {
            let mut passed = places(&|finding| finding.status == Status::Pass);
            let slack = |&place: &usize| verdict.findings.get(place).map_or(f64::INFINITY, slack);
            passed.sort_by(|a, b| slack(a).total_cmp(&slack(b)));
            passed.truncate(MOST_ALONE);
            passed
        }
    }
}

/// How far a finding is from its limit, as a part of the limit.
fn slack(finding: &Finding) -> f64 {
    let (Some(acceptable), Some((low, high))) = (finding.acceptable, margin::range(finding)) else {
        return f64::INFINITY;
    };
    let room = |end: f64, limit: f64| {
        let null = finding.change.map_or(0.0, |change| change.measure.null());
        (limit - end).abs() / (limit - null).abs().max(f64::MIN_POSITIVE)
    };
    [room(high, acceptable.high), room(low, acceptable.low)]
        .into_iter()
        .filter(|room| !room.is_nan())
        .fold(f64::INFINITY, f64::min)
}

/// Which outcomes a search is for.
type Wanted = fn(Status) -> bool;

/// A number that may change, of one finding.
struct Knob {
    finding: usize,
    metric: String,
    setting: Setting,
    path: Path,
}

impl Bench<'_> {
    const fn way(&self) -> Way {
        match self.verdict.status {
            Status::Pass => Way::Worse,
            Status::Fail | Status::Inconclusive => Way::Better,
        }
    }

    /// The flips by one limit each, or else by several together.
    fn by_policy(&self, deciding: &[usize]) -> Vec<Flip> {
        let knobs: Vec<Knob> = deciding
            .iter()
            .filter_map(|&place| {
                let (check, finding) = self
                    .checks
                    .get(place)
                    .zip(self.verdict.findings.get(place))?;
                // What cannot be judged cannot be judged by another limit either.
                if finding.obstacle.is_some() {
                    return None;
                }
                let (setting, path) = margin::limit(check, finding, self.way())?;
                Some(Knob {
                    finding: place,
                    metric: check.metric(),
                    setting,
                    path,
                })
            })
            .collect();
        let own = |status: Status| match self.verdict.status {
            Status::Fail => status != Status::Fail,
            Status::Inconclusive => status == Status::Pass,
            Status::Pass => status != Status::Pass,
        };
        self.by(FlipKind::Policy, deciding, &knobs, own)
    }

    /// The flips by one metric's data each, or else by several together: from FAIL to PASS or the
    /// other way where that is reached, else to INCONCLUSIVE.
    fn by_data(&self, deciding: &[usize]) -> Vec<Flip> {
        let mut knobs: Vec<Knob> = Vec::new();
        for &place in deciding {
            let Some(knob) = self.of_data(place) else {
                continue;
            };
            // Checks on one metric share its data.
            let has = |known: &Knob| (&known.metric, known.setting) == (&knob.metric, knob.setting);
            if !knobs.iter().any(has) {
                knobs.push(knob);
            }
        }
        let by = |wanted: Wanted| self.by(FlipKind::Data, deciding, &knobs, wanted);
        let (far, near): (Wanted, Wanted) = match self.verdict.status {
            Status::Pass => (
                |status| status == Status::Fail,
                |status| status != Status::Pass,
            ),
            _ => (
                |status| status == Status::Pass,
                |status| status != Status::Fail,
            ),
        };
        let found = by(far);
        if found.is_empty() { by(near) } else { found }
    }

    fn of_data(&self, place: usize) -> Option<Knob> {
        let (check, finding) = self
            .checks
            .get(place)
            .zip(self.verdict.findings.get(place))?;
        let metric = check.metrics.first()?;
        let direction = self.policy.metrics().get(metric)?.direction;
        let arms = self.snapshot.arms(metric);
        let (setting, path) = data::movement(check, finding, direction, arms, self.way())?;
        Some(Knob {
            finding: place,
            metric: metric.clone(),
            setting,
            path,
        })
    }

    /// The flips by one knob each; where there are none, by all of them together, each turned until its
    /// own findings are as wanted.
    fn by(
        &self,
        what: FlipKind,
        deciding: &[usize],
        knobs: &[Knob],
        wanted: impl Fn(Status) -> bool,
    ) -> Vec<Flip> {
        let alone: Vec<Flip> = knobs
            .iter()
            .take(MOST_ALONE)
            .filter_map(|knob| {
                let found = knob.path.search(|to| {
                    let rerun = self.rerun(what, &[(knob, to)]);
                    rerun.is_some_and(|verdict| wanted(verdict.status))
                })?;
                self.flip(what, &[(knob, found)])
            })
            .collect();
        let is_needless = !alone.is_empty() || self.verdict.status == Status::Pass;
        if is_needless || !(2..=MOST_TOGETHER).contains(&knobs.len()) {
            return alone;
        }
        let together: Option<Vec<(&Knob, Found)>> = knobs
            .iter()
            .map(|knob| {
                let own: Vec<usize> = match what {
                    FlipKind::Policy => vec![knob.finding],
                    _ => deciding
                        .iter()
                        .copied()
                        .filter(|&place| self.looks_at(place, &knob.metric))
                        .collect(),
                };
                let found = knob.path.search(|to| {
                    let rerun = self.rerun(what, &[(knob, to)]);
                    rerun.is_some_and(|verdict| {
                        let finding = |&place: &usize| verdict.findings.get(place);
                        own.iter()
                            .filter_map(finding)
                            .all(|finding| wanted(finding.status))
                    })
                })?;
                Some((knob, found))
            })
            .collect();
        let flip = together.and_then(|knobs| self.flip(what, &knobs));
        flip.filter(|flip| wanted(flip.status))
            .into_iter()
            .collect()
    }

    fn looks_at(&self, place: usize, metric: &String) -> bool {
        self.checks
            .get(place)
            .is_some_and(|check| check.metrics.contains(metric))
    }

    fn flip(&self, what: FlipKind, knobs: &[(&Knob, Found)]) -> Option<Flip> {
        let turned: Vec<(&Knob, f64)> = knobs
            .iter()
            .map(|(knob, found)| (*knob, found.to))
            .collect();
        let verdict = self.rerun(what, &turned)?;
        let changes = knobs.iter().map(|(knob, Found { until, to })| {
            let finding = self.verdict.findings.get(knob.finding)?;
            Some(FlipChange {
                check: finding.check.clone(),
                finding: knob.finding,
                metric: knob.metric.clone(),
                setting: knob.setting,
                now: knob.path.from(),
                to: *to,
                until: *until,
                unit: words::unit(knob.setting, finding),
            })
        });
        let changes: Vec<FlipChange> = changes.collect::<Option<_>>()?;
        let phrases = changes
            .iter()
            .map(|change| words::change(self, change, &verdict));
        let sentence = words::sentence(what, &phrases.collect::<Vec<_>>(), verdict.status);
        let changes = changes.into_iter().map(|change| self.in_its_unit(change));
        let changes = changes.collect();
        Some(Flip {
            what,
            changes,
            status: verdict.status,
            seconds: None,
            sentence,
        })
    }

    /// Whether it compares series that were measured at other times, which no more data of the kind change.
    fn has_no_common_time(&self, place: usize) -> bool {
        let metric = self
            .checks
            .get(place)
            .and_then(|check| check.metrics.first());
        let arms = metric.map(|metric| self.snapshot.arms(metric));
        match arms {
            Some(Arms {
                baseline: Some(Observations::Series(baseline)),
                canary: Some(Observations::Series(canary)),
            }) => evaluate::aligned(Arms::new(baseline, canary)).is_err(),
            _ => false,
        }
    }

    /// The numbers of a change as the policy's author has them: percent, where shares are judged.
    fn in_its_unit(&self, change: FlipChange) -> FlipChange {
        let per = self.per_unit(&change.metric, change.setting);
        if per == 1.0 {
            return change;
        }
        FlipChange {
            now: per * change.now,
            to: per * change.to,
            until: per * change.until,
            unit: Some("%".to_owned()),
            ..change
        }
    }

    /// How many times as much data decide.
    fn by_more_data(&self, deciding: &[usize], watched: Option<f64>) -> Option<Flip> {
        let deciding: Vec<usize> = (deciding.iter().copied())
            .filter(|&place| !self.has_no_common_time(place))
            .collect();
        let canary = |place: usize| {
            let metric = self.checks.get(place)?.metrics.first()?;
            self.snapshot.get(metric)?.canary.as_ref()
        };
        // It is searched over whole observations of one metric: in between nothing differs.
        let whole = (deciding.iter().copied())
            .find_map(|place| Some((place, data::whole(canary(place)?)?)));
        let (first, per) = match whole {
            Some((place, size)) => (place, size),
            None => (*deciding.first()?, 1.0),
        };
        let judged = |amount: f64| {
            let grown = data::grown(self.snapshot, amount)?;
            super::judge(self.original, &grown).ok()
        };
        let decides = |verdict: &Verdict| verdict.status != Status::Inconclusive;
        let metrics = deciding.iter().filter_map(|&place| self.checks.get(place));
        let most = metrics
            .flat_map(|check| &check.metrics)
            .filter_map(|metric| self.snapshot.get(metric)?.canary.as_ref())
            .map(data::most)
            .fold(1.0, f64::max);
        let path = match whole {
            Some((_, size)) => Path::Whole {
                from: size,
                step: (0.1 * size).round().max(1.0),
                up: true,
                end: (most * size).floor(),
            },
            None => Path::Line {
                from: 1.0,
                step: 0.1,
                end: Some(most),
            },
        };
        let found = path.search(|number| judged(number / per).as_ref().is_some_and(decides))?;
        let (until, to) = (found.until / per, found.to / per);
        let verdict = judged(to)?;
        let finding = self.verdict.findings.get(first)?;
        let seconds = watched.map(|watched| watched * (to - 1.0));
        let observations = match whole {
            Some((_, size)) => found.to - size,
            None => finding.sizes.canary as f64 * (to - 1.0),
        };
        Some(Flip {
            what: FlipKind::MoreData,
            sentence: words::more_data(to, observations, seconds, verdict.status),
            changes: vec![FlipChange {
                check: finding.check.clone(),
                finding: first,
                metric: finding.metric.clone(),
                setting: Setting::Amount,
                now: 1.0,
                to,
                until,
                unit: None,
            }],
            status: verdict.status,
            seconds,
        })
    }

    /// The verdict with these knobs turned.
    fn rerun(&self, what: FlipKind, turned: &[(&Knob, f64)]) -> Option<Verdict> {
        match what {
            FlipKind::Policy => {
                let changed = turned.iter().map(|(knob, to)| {
                    let check = self.checks.get(knob.finding)?;
                    Some((knob.finding, margin::with_limit(check, knob.setting, *to)?))
                });
                self.with_checks(&changed.collect::<Option<Vec<_>>>()?)
            }
            _ => {
                let mut changed: Vec<(&str, Observations)> = Vec::new();
                for (knob, to) in turned {
                    let over = over(self.checks.get(knob.finding)?);
                    let before = changed
                        .iter()
                        .position(|(metric, _)| *metric == knob.metric);
                    let present = match before.and_then(|place| changed.get(place)) {
                        Some((_, moved)) => moved,
                        None => self.snapshot.get(&knob.metric)?.canary.as_ref()?,
                    };
                    let moved = data::moved(present, knob.setting, *to, over)?;
                    changed.retain(|(metric, _)| *metric != knob.metric);
                    changed.push((&knob.metric, moved));
                }
                self.with_data(&changed)
            }
        }
    }
}
