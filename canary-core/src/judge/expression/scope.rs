//! Which names there are, and what each stands for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::read::did_you_mean;
use super::super::statistic::Statistic;
use super::super::units::Quantity;
use super::reference::{Part, Reference};
use super::token::folded;
use crate::data::{Arm, Metric};

/// The names that a condition may use: metrics, parameters, and the metric it is about.
///
/// A name is looked for in this order:
///
/// | name | stands for |
/// |---|---|
/// | `error_rate`, a metric | that metric on the canary |
/// | `target`, a parameter | its value |
/// | `latency_p99`, `p95_latency`, `latency_mean` | a [`Statistic`] of the metric `latency` |
/// | `canary_...`, `baseline_...`, `stable_...` | the rest of the name, on that arm |
/// | `canary`, `result` | the metric the condition is about |
/// | `p99`, `mean`, ... | a statistic of that metric |
/// | `baseline`, `stable` | what the other side of the comparison is about, on the baseline |
///
/// Besides the names of [`Statistic`], `avg` and `average` are the mean, `std` the standard
/// deviation, and `p999` is p99.9. A dot is as good as a `_`: `canary.latency.p99`.
///
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::Metric;
/// use canary_core::judge::{Expression, Scope};
///
/// let metrics = BTreeMap::from([("latency".to_owned(), Metric::default())]);
/// let scope = Scope::new(&metrics).parameter("target", 200.0).about("latency");
/// let bound = Expression::parse("latency_p99 > 2 * target")?.bind(&scope)?;
/// assert_eq!(bound.references()[0].to_string(), "latency p99 of the canary");
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Scope<'a> {
    metrics: &'a BTreeMap<String, Metric>,
    /// The metrics by the names as they are compared; shared, because there may be thousands.
    names: Arc<BTreeMap<String, Vec<&'a str>>>,
    parameters: BTreeMap<String, Quantity>,
    subject: Option<String>,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Read(Reference),
    Parameter(Quantity),
    /// The baseline of what the comparison is about.
    Baseline,
}

/// Longer names are no slips of the pen, and comparing them would take long.
pub(super) const LONGEST_GUESSED: usize = 100;

/// Why a name stands for nothing, and what was probably meant.
pub(super) struct Unclear {
    pub(super) rule: String,
    pub(super) guess: String,
}

impl From<&str> for Unclear {
    fn from(rule: &str) -> Self {
        let (rule, guess) = (rule.to_owned(), String::new());
        Self { rule, guess }
    }
}

impl<'a> Scope<'a> {
    /// The names of `metrics`.
    #[must_use]
    pub fn new(metrics: &'a BTreeMap<String, Metric>) -> Self {
        let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for name in metrics.keys() {
            names.entry(folded(name)).or_default().push(name);
        }
        Self {
            metrics,
            names: Arc::new(names),
            parameters: BTreeMap::new(),
            subject: None,
        }
    }

    /// And a name for a value that is no metric, such as a target. A number is in the unit of
    /// what it is compared with; a [`Quantity`] has its own.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl Into<Quantity>) -> Self {
        self.parameters.insert(folded(name), value.into());
        self
    }

    /// The metric that the condition is about: `canary` and `result` stand for it, `p99` for its
    /// p99. A statistic may be part of the name: `latency_p99`.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// What a name stands for, or what is wrong with it.
    pub(super) fn meaning(&self, name: &str, part: Part) -> Result<Meaning, Unclear> {
        let read = |arm, (metric, statistic)| {
            Meaning::Read(Reference {
                arm,
                metric,
                statistic,
                part,
            })
        };
        if let Some(metric) = self.metric(name)? {
            return Ok(read(Arm::Canary, (metric, None)));
        }
        if let Some(value) = self.parameters.get(name) {
            return match part {
                Part::Whole => Ok(Meaning::Parameter(value.clone())),
                _ => Err("a parameter is one number".into()),
            };
        }
        if let Some(found) = self.measured(name)? {
            return Ok(read(Arm::Canary, found));
        }
        match (arm(name), name) {
            (_, "result") | (Some((Arm::Canary, "")), _) => match self.subject()? {
                Some(found) => Ok(read(Arm::Canary, found)),
                None => Err("must say which metric, as in canary_latency".into()),
            },
            (Some((Arm::Baseline, "")), _) => Ok(Meaning::Baseline),
            (Some((arm, rest)), _) => match self.measured(rest)? {
                Some(found) => Ok(read(arm, found)),
                None => Err(self.unknown(rest)),
            },
            (None, _) => Err(self.unknown(name)),
        }
    }

    /// The unit that a number comes in; empty for none.
    pub(super) fn unit(&self, reference: &Reference) -> &str {
        let is_number =
            reference.part == Part::Length || reference.statistic == Some(Statistic::Count);
        let metric = self.metrics.get(&reference.metric);
        match metric.and_then(|metric| metric.unit.as_deref()) {
            Some(unit) if !is_number => unit,
            _ => "",
        }
    }

    /// The baseline of the metric that the condition is about.
    pub(super) fn baseline(&self) -> Result<Option<Reference>, Unclear> {
        let subject = self.subject()?;
        Ok(subject.map(|(metric, statistic)| Reference {
            arm: Arm::Baseline,
            metric,
            statistic,
            part: Part::Whole,
        }))
    }

    /// The metric with this whole name.
    fn metric(&self, name: &str) -> Result<Option<String>, Unclear> {
        match self.names.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([metric]) => Ok(Some((*metric).to_owned())),
            Some(several) => Err(format!(
                "must be one metric, but {} are the same name",
                several.join(" and ")
            )
            .as_str()
            .into()),
        }
    }

    /// A metric, a statistic of a metric, or a statistic of the metric the condition is about.
    fn measured(&self, name: &str) -> Result<Option<Measured>, Unclear> {
        if let Some(metric) = self.metric(name)? {
            return Ok(Some((metric, None)));
        }
        if let Some(found) = self.with_statistic(name)? {
            return Ok(Some(found));
        }
        match (statistic(name), self.subject()?) {
            (Some(statistic), Some((metric, _))) => Ok(Some((metric, Some(statistic)))),
            _ => Ok(None),
        }
    }

    fn with_statistic(&self, name: &str) -> Result<Option<Measured>, Unclear> {
        let mut found: Vec<Measured> = Vec::new();
        for (statistic, rest) in statistics_in(name) {
            if let Some(metric) = self.metric(&rest)? {
                let reading = (metric, Some(statistic));
                if !found.contains(&reading) {
                    found.push(reading);
                }
            }
        }
        if found.len() > 1 {
            let readings: Vec<_> = found
                .iter()
                .filter_map(|(metric, statistic)| Some(format!("{} of {metric}", (*statistic)?)))
                .collect();
            return Err(format!("must be one of {}", readings.join(" and "))
                .as_str()
                .into());
        }
        Ok(found.pop())
    }

    /// What the condition is about, if that was said.
    fn subject(&self) -> Result<Option<Measured>, Unclear> {
        let Some(subject) = &self.subject else {
            return Ok(None);
        };
        if self.metrics.contains_key(subject) {
            return Ok(Some((subject.clone(), None)));
        }
        let name = folded(subject);
        if let Some(metric) = self.metric(&name)? {
            return Ok(Some((metric, None)));
        }
        match self.with_statistic(&name)? {
            Some(found) => Ok(Some(found)),
            None => Err(Unclear {
                rule: format!("must be about a metric, but {subject} is none"),
                ..self.unknown(&name)
            }),
        }
    }

    /// That there is no such name, and which one was probably meant.
    fn unknown(&self, name: &str) -> Unclear {
        let known = || {
            let metrics = self.metrics.keys().map(String::as_str);
            metrics.chain(self.parameters.keys().map(String::as_str))
        };
        // The metric is what was mistyped, not its arm or its statistic.
        let bare = statistics_in(name).next().map(|(_, rest)| rest);
        let guess = [Some(name), bare.as_deref()]
            .into_iter()
            .flatten()
            .filter(|name| name.len() <= LONGEST_GUESSED)
            .map(|name| did_you_mean(name, known()))
            .find(|guess| !guess.is_empty())
            .unwrap_or_default();
        let rule = "expected a metric or a parameter".to_owned();
        Unclear { rule, guess }
    }
}

type Measured = (String, Option<Statistic>);

/// The arm that a name starts with, and the rest of the name.
fn arm(name: &str) -> Option<(Arm, &str)> {
    let arms = [
        ("canary", Arm::Canary),
        ("baseline", Arm::Baseline),
        ("stable", Arm::Baseline),
    ];
    arms.into_iter().find_map(|(word, arm)| {
        let rest = name.strip_prefix(word)?;
        let rest = if rest.is_empty() {
            rest
        } else {
            rest.strip_prefix(SEPARATORS)?
        };
        Some((arm, rest))
    })
}

const SEPARATORS: [char; 2] = ['_', '.'];

/// Every statistic in a name, and the name without it: `p95` and `latency` of `latency_p95`.
fn statistics_in(name: &str) -> impl Iterator<Item = (Statistic, String)> {
    let separators = name.match_indices(SEPARATORS).map(|(at, _)| at);
    let starts: Vec<usize> = std::iter::once(0)
        .chain(separators.clone().map(|at| at + 1))
        .collect();
    let ends: Vec<usize> = separators.chain([name.len()]).collect();
    let parts = starts.into_iter().enumerate().flat_map(move |(i, start)| {
        // One segment, or two: p99.9 has a dot of its own.
        let ends: Vec<usize> = ends.iter().skip(i).take(2).copied().collect();
        ends.into_iter().map(move |end| (start, end))
    });
    parts.filter_map(move |(start, end)| {
        let statistic = statistic(name.get(start..end)?)?;
        let before = name.get(..start)?.strip_suffix(SEPARATORS);
        let after = name.get(end..)?.strip_prefix(SEPARATORS);
        let rest = match (before, after) {
            (Some(before), Some(after)) => format!("{before}_{after}"),
            (Some(rest), None) | (None, Some(rest)) => rest.to_owned(),
            (None, None) => return None,
        };
        Some((statistic, rest))
    })
}

/// A statistic as people call it in a metric's name.
fn statistic(word: &str) -> Option<Statistic> {
    match word {
        "avg" | "average" => Some(Statistic::Mean),
        "std" => Some(Statistic::Stddev),
        "minimum" => Some(Statistic::Min),
        "maximum" => Some(Statistic::Max),
        _ => word.parse().ok().or_else(|| nines(word)),
    }
}

/// `p999` is p99.9.
fn nines(word: &str) -> Option<Statistic> {
    let digits = word.strip_prefix('p')?;
    let (whole, decimals) = digits.split_at_checked(2)?;
    let are_nines = !decimals.is_empty() && digits.chars().all(|c| c == '9');
    let percentile = format!("{whole}.{decimals}").parse().ok()?;
    are_nines.then_some(Statistic::Percentile(percentile))
}
