//! One incident: which windows, how bad, and which metrics.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ScoredWindows;
use crate::error::{Error, Result};
use crate::number::show::{Given, Show};
use crate::number::version::Version;

/// An anomalous window.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) index: usize,
    pub(super) time: f64,
    pub(super) score: f64,
    /// The positive contributions, as parts of the largest, and the largest.
    blame: Vec<f64>,
    most: f64,
}

impl Member {
    pub(super) fn of(index: usize, windows: &ScoredWindows<'_>) -> Result<Self> {
        let at = |values: &[f64]| values.get(index).copied().unwrap_or(f64::NAN);
        let features = 0..windows.contributions.columns();
        let contribution = |feature| {
            let value = windows.contributions.get(index, feature);
            let value = value.unwrap_or(f64::NAN);
            if value.is_finite() {
                return Ok(value.max(0.0) + 0.0); // one zero
            }
            let value = format!("{value} in row {index}, column {feature}");
            Err(Error::input("contributions", "must be finite", value))
        };
        let mut blame = features.map(contribution).collect::<Result<Vec<_>>>()?;
        let most = blame.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            for part in &mut blame {
                *part /= most; // no square overflows
            }
        }
        Ok(Self {
            index,
            time: at(windows.times) + 0.0,
            score: at(windows.scores) + 0.0,
            blame,
            most,
        })
    }

    /// By time, score and contributions; the index decides only between windows that are the same.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let parts = || self.blame.iter().zip(&other.blame);
        let times = self.time.total_cmp(&other.time);
        times
            .then(self.score.total_cmp(&other.score))
            .then(self.most.total_cmp(&other.most))
            .then_with(|| {
                parts().fold(Ordering::Equal, |so_far, (a, b)| {
                    so_far.then(a.total_cmp(b))
                })
            })
            .then(self.index.cmp(&other.index))
    }

    /// The unit vector of the positive contributions; where there are none, one that is at right
    /// angles to all others.
    pub(super) fn direction(&self) -> Vec<f64> {
        let length = self
            .blame
            .iter()
            .map(|part| part * part)
            .sum::<f64>()
            .sqrt();
        let mut direction: Vec<f64> = self
            .blame
            .iter()
            .map(|part| part / length.max(1.0))
            .collect();
        direction.push(if length > 0.0 { 0.0 } else { 1.0 });
        direction
    }
}

/// A metric's part in an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricShare {
    /// The feature's number, from 0.
    pub feature: usize,
    /// Its name, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its part of all features' positive contributions, in (0, 1].
    pub share: f64,
}

impl MetricShare {
    /// The feature's name, or `feature` and its number.
    #[must_use]
    pub fn title(&self) -> String {
        let numbered = || format!("feature {}", self.feature);
        self.name.clone().unwrap_or_else(numbered)
    }
}

impl fmt::Display for MetricShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.0} %", self.title(), 100.0 * self.share)
    }
}

/// Anomalous windows that belong together: see [`Incidents`](super::Incidents).
///
/// Printed, it is a sentence that names the metrics with a tenth of the blame or more.
///
/// ```
/// use canary_core::anomaly::{Incidents, Matrix, ScoredWindows};
///
/// let incidents = Incidents::new().find(&ScoredWindows {
///     times: &[0.0, 60.0, 120.0, 180.0],
///     scores: &[-0.4, -0.6, -0.7, -0.4],
///     anomalous: &[false, true, true, false],
///     contributions: Matrix::by_rows(&[0.0, 0.2, 0.3, 0.0], 1)?,
///     feature_names: None,
/// })?;
/// assert_eq!(incidents.len(), 1);
/// let incident = &incidents[0];
/// assert_eq!((incident.start, incident.peak, incident.end), (60.0, 120.0, 120.0));
/// assert_eq!(incident.windows, [1, 2]);
/// assert!((incident.mean_excess - 0.15).abs() < 1e-12); // below -0.5
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Document", into = "Document")]
pub struct Incident {
    /// The time of its first anomalous window, in seconds as they were given.
    pub start: f64,
    /// The time of its last anomalous window; the window's own length comes on top.
    pub end: f64,
    /// When it was strongest: the time of its lowest score, the first of several.
    pub peak: f64,
    /// The lowest score.
    pub lowest_score: f64,
    /// By how much its windows' scores lie below the offset on average.
    pub mean_excess: f64,
    /// The numbers of its windows' rows, from 0, in order of time.
    pub windows: Vec<usize>,
    /// The metrics to blame, the largest share first. Shares add up to 1; there are none where no
    /// feature contributes to any window.
    pub metrics: Vec<MetricShare>,
}

impl Incident {
    /// The version of the written form that this release reads and writes.
    pub const VERSION: u32 = 1;

    /// Whether it is a single window, with no other in reach: perhaps no more than chance.
    #[must_use]
    pub fn is_lone(&self) -> bool {
        self.windows.len() == 1
    }

    /// Of members in order of time; there is none of none.
    pub(super) fn of(
        members: &[&Member],
        windows: &ScoredWindows<'_>,
        offset: f64,
    ) -> Option<Self> {
        let (first, last) = (members.first()?, members.last()?);
        let strongest = members.iter().min_by(|a, b| a.score.total_cmp(&b.score))?;
        let count = members.len() as f64;
        let excess = members.iter().map(|member| (offset - member.score) / count);
        Some(Self {
            start: first.time,
            end: last.time,
            peak: strongest.time,
            lowest_score: strongest.score,
            mean_excess: excess.sum(),
            windows: members.iter().map(|member| member.index).collect(),
            metrics: shares(members, windows.feature_names),
        })
    }

    /// By start, end and strength; the rows decide only between incidents that are the same.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let features = |incident: &Self| {
            let metrics = incident.metrics.iter();
            metrics.map(|metric| metric.feature).collect::<Vec<_>>()
        };
        let starts = self.start.total_cmp(&other.start);
        starts
            .then(self.end.total_cmp(&other.end))
            .then(self.lowest_score.total_cmp(&other.lowest_score))
            .then(self.mean_excess.total_cmp(&other.mean_excess))
            .then_with(|| features(self).cmp(&features(other)))
            .then_with(|| self.windows.cmp(&other.windows))
    }
}

/// Each feature's part of the positive contributions, the largest first.
fn shares(members: &[&Member], names: Option<&[&str]>) -> Vec<MetricShare> {
    let features = members.first().map_or(0, |member| member.blame.len());
    let most = members.iter().map(|member| member.most).fold(0.0, f64::max);
    if most == 0.0 {
        return Vec::new();
    }
    let mut sums = vec![0.0; features];
    for member in members {
        for (sum, part) in sums.iter_mut().zip(&member.blame) {
            // In parts of the largest of all: no sum overflows.
            *sum += part * (member.most / most);
        }
    }
    let total: f64 = sums.iter().sum();
    let share = |(feature, sum): (usize, f64)| MetricShare {
        feature,
        name: names.and_then(|names| Some((*names.get(feature)?).to_owned())),
        share: sum / total,
    };
    let shares = sums.into_iter().enumerate().map(share);
    let mut shares: Vec<MetricShare> = shares.filter(|metric| metric.share > 0.0).collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share));
    shares
}

/// Metrics with less of the blame are not named in the sentence.
const WORTH_NAMING: f64 = 0.1;

impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            start, end, peak, ..
        } = self;
        let score = Show(self.lowest_score);
        match self.windows.len() {
            1 => write!(f, "at {} s, 1 window (score {score})", Given(*start))?,
            count => write!(
                f,
                "from {} s to {} s, {count} windows, strongest at {} s (score {score})",
                Given(*start),
                Given(*end),
                Given(*peak),
            )?,
        }
        let named = self.metrics.iter().enumerate();
        let named = named.filter(|(rank, metric)| *rank == 0 || metric.share >= WORTH_NAMING);
        for (rank, metric) in named {
            write!(f, "{} {metric}", if rank == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

/// An incident as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: Version<{ Incident::VERSION }>,
    start: f64,
    end: f64,
    peak: f64,
    lowest_score: f64,
    mean_excess: f64,
    windows: Vec<usize>,
    metrics: Vec<MetricShare>,
}

impl From<Incident> for Document {
    fn from(incident: Incident) -> Self {
        Self {
            version: Version,
            start: incident.start,
            end: incident.end,
            peak: incident.peak,
            lowest_score: incident.lowest_score,
            mean_excess: incident.mean_excess,
            windows: incident.windows,
            metrics: incident.metrics,
        }
    }
}

impl TryFrom<Document> for Incident {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        let Document {
            start, end, peak, ..
        } = document;
        for (argument, value) in [
            ("start", start),
            ("end", end),
            ("lowest_score", document.lowest_score),
            ("mean_excess", document.mean_excess),
        ] {
            if !value.is_finite() {
                return Err(Error::input(argument, "must be finite", value));
            }
        }
        if !(start <= peak && peak <= end) {
            let rule = format!("must lie between start {start} and end {end}");
            return Err(Error::input("peak", rule, peak));
        }
        let mut rows = document.windows.clone();
        rows.sort_unstable();
        if rows.is_empty() || rows.windows(2).any(|pair| pair.first() == pair.last()) {
            let rule = "must be at least one, each once";
            return Err(Error::input(
                "windows",
                rule,
                format_args!("{:?}", document.windows),
            ));
        }
        let metrics = &document.metrics;
        let mut features: Vec<usize> = metrics.iter().map(|metric| metric.feature).collect();
        features.sort_unstable();
        if features.windows(2).any(|pair| pair.first() == pair.last()) {
            let rule = "must name each feature once";
            return Err(Error::input("metrics", rule, format_args!("{features:?}")));
        }
        let falls =
            |pair: &[MetricShare]| pair.first().map(|m| m.share) >= pair.last().map(|m| m.share);
        let total: f64 = metrics.iter().map(|metric| metric.share).sum();
        let adds_up = metrics.is_empty() || (total - 1.0).abs() < 1e-6;
        let positive = metrics.iter().all(|metric| metric.share > 0.0);
        if !(adds_up && positive && metrics.windows(2).all(falls)) {
            let rule = "must have positive shares that add up to 1, the largest first";
            return Err(Error::input("metrics", rule, total));
        }
        Ok(Self {
            start,
            end,
            peak,
            lowest_score: document.lowest_score,
            mean_excess: document.mean_excess,
            windows: document.windows,
            metrics: document.metrics,
        })
    }
}
