//! Incidents: `space` says how far apart two windows are, `incident` is what comes out.

mod incident;
mod space;

pub use incident::{Incident, MetricShare};
use serde::{Deserialize, Serialize};

use super::Matrix;
use crate::error::{Error, Result};
use crate::number::sort;
use crate::options::builder;
use incident::Member;

/// Windows of time, scored: what incidents are found in.
///
/// All windows, anomalous or not: the normal ones say how long a window is. See [`Incidents`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoredWindows<'a> {
    /// When each window was, in seconds, in any order.
    pub times: &'a [f64],
    /// The score of each, the lower the more of an anomaly: [`Forest::score_samples`].
    ///
    /// [`Forest::score_samples`]: super::Forest::score_samples
    pub scores: &'a [f64],
    /// Which windows are anomalous.
    pub anomalous: &'a [bool],
    /// How much each feature makes a window an anomaly: [`Forest::contributions`]. Those of normal
    /// windows are not looked at.
    ///
    /// [`Forest::contributions`]: super::Forest::contributions
    pub contributions: Matrix<'a>,
    /// The features' names, where they have any.
    pub feature_names: Option<&'a [&'a str]>,
}

/// A gap that is within reason: times in eighths of a window are exact.
const LONGEST_GAP: u64 = 1_000;

builder! {
    #[doc = include_str!("incidents.md")]
    ///
    /// # Example: a leak, and an unlucky minute
    /// ```
    /// use canary_core::anomaly::{Incidents, Matrix, ScoredWindows};
    ///
    /// let (mut scores, mut contributions) = ([-0.4; 10], [0.0; 20]);
    /// for (minute, score, [memory, p99]) in [
    ///     (2, -0.61, [0.25, 0.2]),
    ///     (3, -0.71, [0.35, 0.2]),
    ///     (5, -0.62, [0.2, 0.25]), // minute 4 was just below the threshold
    ///     (9, -0.55, [0.0, 0.3]),
    /// ] {
    ///     scores[minute] = score;
    ///     contributions[2 * minute..][..2].copy_from_slice(&[memory, p99]);
    /// }
    ///
    /// let incidents = Incidents::new().find(&ScoredWindows {
    ///     times: &std::array::from_fn::<_, 10, _>(|minute| 60.0 * minute as f64),
    ///     scores: &scores,
    ///     anomalous: &scores.map(|score| score < -0.5),
    ///     contributions: Matrix::by_rows(&contributions, 2)?,
    ///     feature_names: Some(&["memory", "p99"]),
    /// })?;
    /// assert_eq!(
    ///     incidents[0].to_string(),
    ///     "from 120 s to 300 s, 3 windows, strongest at 180 s (score -0.71): memory 55 %, p99 45 %"
    /// );
    /// assert_eq!(incidents[1].to_string(), "at 540 s, 1 window (score -0.55): p99 100 %");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    Incidents {
        /// How many normal windows in a row an incident may pass through, at most a thousand.
        gap: u64 = 1,
        /// The time from one window to the next, in seconds; `None` is the median.
        window: Option<f64> = None,
        /// How many anomalous windows make a neighbourhood dense, at least 2.
        min_windows: usize = 2,
        /// By how many degrees the directions of two neighbours' contributions may differ, 1 to 90.
        angle: f64 = 60.0,
        /// What the scores' excess is measured from: the score below which a window is an anomaly.
        offset: f64 = -0.5,
    }
}

impl Incidents {
    /// The incidents, in the order of their starts. Each anomalous window is in exactly one.
    ///
    /// # Errors
    /// [`Error::InvalidOption`] for an option out of its range; [`Error::InvalidInput`] when there
    /// are not as many scores, flags and contributions as times, or as many names as features, for
    /// times and scores that are not finite, and for such contributions of anomalous windows.
    pub fn find(&self, windows: &ScoredWindows<'_>) -> Result<Vec<Incident>> {
        self.check_options()?;
        check(windows)?;
        let excess = |score: &f64| (self.offset - score).is_finite();
        if !windows.scores.iter().all(excess) {
            let rule = "must be comparable with the scores";
            return Err(Error::option("offset", rule, self.offset));
        }
        let window = self.window_of(windows.times);
        let members = members(windows)?;
        let clusters = space::clusters(&members, self, window);
        let mut incidents: Vec<Incident> = clusters
            .iter()
            .filter_map(|cluster| Incident::of(cluster, windows, self.offset))
            .collect();
        incidents.sort_by(Incident::compare);
        Ok(incidents)
    }

    fn check_options(&self) -> Result<()> {
        if let Some(window) = self.window
            && !(window > 0.0 && window.is_finite())
        {
            return Err(Error::option("window", "must be positive", window));
        }
        if self.gap > LONGEST_GAP {
            let rule = format!("must be at most {LONGEST_GAP}");
            return Err(Error::option("gap", rule, self.gap));
        }
        if self.min_windows < 2 {
            return Err(Error::option(
                "min_windows",
                "must be at least 2",
                self.min_windows,
            ));
        }
        if !(1.0..=90.0).contains(&self.angle) {
            return Err(Error::option(
                "angle",
                "must lie between 1 and 90",
                self.angle,
            ));
        }
        if !self.offset.is_finite() {
            return Err(Error::option("offset", "must be finite", self.offset));
        }
        Ok(())
    }

    /// The time from one window to the next; any where there is but one time.
    fn window_of(&self, times: &[f64]) -> f64 {
        self.window.unwrap_or_else(|| {
            let mut times = sort::sorted(times);
            times.dedup();
            sort::usual_step(&times).unwrap_or(1.0)
        })
    }
}

fn check(windows: &ScoredWindows<'_>) -> Result<()> {
    let count = windows.times.len();
    for (argument, got) in [
        ("scores", windows.scores.len()),
        ("anomalous", windows.anomalous.len()),
        ("contributions", windows.contributions.rows()),
    ] {
        if got != count {
            let rule = format!("must be as many as the {count} times");
            return Err(Error::input(argument, rule, got));
        }
    }
    let features = windows.contributions.columns();
    if let Some(names) = windows.feature_names
        && names.len() != features
    {
        let rule = format!("must be as many as the {features} features");
        return Err(Error::input("feature_names", rule, names.len()));
    }
    for (argument, values) in [("times", windows.times), ("scores", windows.scores)] {
        if let Some(index) = values.iter().position(|x| !x.is_finite()) {
            let value = values.get(index).copied().unwrap_or(f64::NAN);
            return Err(Error::input(
                argument,
                "must be finite",
                format!("{value} at index {index}"),
            ));
        }
        let ends = |x: f64, of: fn(f64, f64) -> f64| values.iter().copied().fold(x, of);
        let span = ends(f64::MIN, f64::max) - ends(f64::MAX, f64::min);
        if span == f64::INFINITY {
            return Err(Error::input(argument, "must span a finite range", span));
        }
    }
    Ok(())
}

/// The anomalous windows, in an order that is theirs and not that of the rows: by time, score and
/// contributions.
fn members(windows: &ScoredWindows<'_>) -> Result<Vec<Member>> {
    let anomalous = windows.anomalous.iter().enumerate();
    let indices = anomalous.filter_map(|(index, &anomalous)| anomalous.then_some(index));
    let mut members = indices
        .map(|index| Member::of(index, windows))
        .collect::<Result<Vec<_>>>()?;
    members.sort_by(Member::compare);
    Ok(members)
}

#[cfg(test)]
mod tests;
