//! What was found, as plain data.

use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(feature = "linfa")]
use crate::anomaly::{Incident, Incidents, Matrix, ScoredWindows};
use crate::data::Arms;
use crate::error::{Error, Result};
use crate::number::show::{Given, Show, ShowP};
use crate::options::{Alternative, choice};
use crate::stats::{ArmLevel, Estimate};

choice! {
    /// Whether both arms were measured at the same times.
    WindowTimes("times") {
        /// Each window of the canary was compared with the baseline's at its time.
        Same = "same",
        /// Stretches of either arm were compared as if they could have been the other's.
        Different = "different",
    }
}

choice! {
    /// What the p-value of anomalous windows stands on.
    WindowBasis("basis") {
        /// Blocks of windows that hardly remember each other.
        Blocks = "blocks",
        /// Nothing: so few windows cannot reach the confidence asked for.
        TooFew = "too_few",
        /// Nothing: windows remember each other for too large a part of what was measured.
        TooDependent = "too_dependent",
    }
}

/// How windows depend on the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct WindowDependence {
    /// What the p-value stands on.
    pub basis: WindowBasis,
    /// The correlation of neighbouring windows, over the metrics.
    pub correlation: f64,
    /// How many windows are one block.
    pub block: u64,
    /// How many such blocks there are.
    pub blocks: Arms<u64>,
    /// The variance of the share of anomalous windows over that of as many independent ones; at
    /// least 1.
    pub dispersion: f64,
    /// As many independent windows would say as much.
    pub effective: Arms<f64>,
}

/// One window of the canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnomalyWindow {
    /// When it was, where times were given.
    pub time: Option<f64>,
    /// Its score by a forest of baseline windows from other times, between -1 and 0: the lower, the
    /// more of an anomaly.
    pub score: f64,
    /// How many windows of the baseline, each scored by a forest that has not seen it, are at least
    /// as anomalous: (1 + their number) / (1 + all of them).
    pub p_value: f64,
    /// Whether its score is at most the threshold.
    pub is_anomalous: bool,
    /// By how much each feature makes it an anomaly: [`Forest::contributions`](crate::anomaly::Forest::contributions).
    pub contributions: Vec<f64>,
}

/// What a feature has to do with the canary's anomalous windows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnomalousFeature {
    /// Its name; `feature 0` and so on where none was given.
    pub name: String,
    /// Its mean contribution to the canary's anomalous windows, above a row that the forests were
    /// fitted on, on the scale of log2 of the score.
    pub contribution: f64,
}

/// Whether more of the canary's windows are anomalous than of the baseline's, how sure that is, and
/// by which features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnomalyResult {
    /// What was held against "as many anomalous windows".
    pub alternative: Alternative,
    /// The probability of a difference at least as large if the arms did not differ; 1 where
    /// that cannot be told, see `dependence`.
    pub p_value: f64,
    /// The canary's share of anomalous windows minus the baseline's, with its interval.
    pub estimate: Estimate,
    /// How many windows were compared, and which share of them was anomalous.
    pub arms: Arms<ArmLevel>,
    /// Whether the arms were measured at the same times.
    pub times: WindowTimes,
    /// Which part of the baseline's held-out windows was to be anomalous.
    pub contamination: f64,
    /// The score at which a window is anomalous, or below.
    pub threshold: f64,
    /// How windows depend on the ones before.
    pub dependence: WindowDependence,
    /// The columns that nothing could be told of, and which were left out: they remember for too
    /// long, or hold a value of either arm's own.
    pub left_out: Vec<usize>,
    /// What each feature has to do with it, in the order of the columns.
    pub features: Vec<AnomalousFeature>,
    /// The canary's windows, in their order.
    pub windows: Vec<AnomalyWindow>,
}

impl AnomalyResult {
    /// The same with the features' names.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] when there are not as many names as features.
    ///
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::anomaly::{AnomalousWindows, Matrix};
    ///
    /// let errors: Vec<f64> = (0..30).map(|i| f64::from(i * 7 % 5)).collect();
    /// let windows = Matrix::by_rows(&errors, 1)?;
    /// let result = AnomalousWindows::new().run(&Arms::new(windows, windows))?;
    /// assert_eq!(result.with_names(&["errors"])?.features[0].name, "errors");
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn with_names(mut self, names: &[impl AsRef<str>]) -> Result<Self> {
        if names.len() != self.features.len() {
            let rule = format!("must be as many as the {} features", self.features.len());
            return Err(Error::input("names", rule, names.len()));
        }
        for (feature, name) in self.features.iter_mut().zip(names) {
            name.as_ref().clone_into(&mut feature.name);
        }
        Ok(self)
    }

    /// The features that make the canary's windows anomalous, the strongest first: those with at
    /// least half of the strongest one's contribution.
    #[must_use]
    pub fn strongest(&self) -> Vec<&AnomalousFeature> {
        let mut features: Vec<_> = self.features.iter().collect();
        features.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        let most = features.first().map_or(0.0, |feature| feature.contribution);
        features.retain(|f| most > 0.0 && f.contribution >= 0.5 * most);
        features
    }
}

#[cfg(feature = "linfa")]
impl AnomalyResult {
    /// The canary's anomalous windows as incidents: which belong together, in time and by their
    /// metrics. Their excess is measured from the threshold; without times, windows count from 0.
    ///
    /// # Errors
    /// As [`Incidents::find`].
    ///
    /// ```
    /// use canary_core::Arms;
    /// use canary_core::anomaly::{AnomalousWindows, Incidents, Matrix};
    ///
    /// let baseline: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 23)).collect();
    /// let mut canary = baseline.clone();
    /// canary[20..26].fill(90.0);
    /// let minutes: Vec<f64> = (0..60).map(f64::from).collect();
    /// let result = AnomalousWindows::new().run_at(
    ///     &Arms::new(&minutes[..], &minutes[..]),
    ///     &Arms::new(Matrix::by_rows(&baseline, 1)?, Matrix::by_rows(&canary, 1)?),
    /// )?;
    /// let incidents = result.incidents(&Incidents::new())?;
    /// assert!(incidents.iter().any(|incident| incident.start == 20.0 && incident.end == 25.0));
    /// # Ok::<(), canary_core::Error>(())
    /// ```
    pub fn incidents(&self, design: &Incidents) -> Result<Vec<Incident>> {
        let windows = self.windows.iter();
        let times: Vec<f64> = windows
            .clone()
            .zip(0_u32..)
            .map(|(window, index)| window.time.unwrap_or_else(|| f64::from(index)))
            .collect();
        let scores: Vec<f64> = windows.clone().map(|window| window.score).collect();
        let anomalous: Vec<bool> = windows.clone().map(|window| window.is_anomalous).collect();
        let contributions: Vec<f64> = windows
            .flat_map(|window| window.contributions.iter().copied())
            .collect();
        let names: Vec<&str> = self.features.iter().map(|f| f.name.as_str()).collect();
        design.offset(self.threshold).find(&ScoredWindows {
            times: &times,
            scores: &scores,
            anomalous: &anomalous,
            contributions: Matrix::by_rows(&contributions, self.features.len())?,
            feature_names: Some(&names),
        })
    }
}

impl fmt::Display for AnomalyResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let against = match self.alternative {
            Alternative::TwoSided => "do the arms' shares differ",
            Alternative::Greater => "more of the canary's",
            Alternative::Less => "fewer of the canary's",
        };
        writeln!(f, "anomalous windows: {against}?")?;
        let WindowDependence {
            basis,
            correlation,
            block,
            blocks,
            ..
        } = self.dependence;
        match basis {
            WindowBasis::Blocks => writeln!(f, "  {}", ShowP(self.p_value))?,
            WindowBasis::TooFew => writeln!(f, "  cannot tell: too few windows")?,
            WindowBasis::TooDependent => writeln!(
                f,
                "  cannot tell: windows remember each other for too long (correlation of neighbours {}, \
                 blocks of {block} needed)",
                Show(correlation)
            )?,
        }
        let Estimate {
            value, interval, ..
        } = &self.estimate;
        let percent = Given(100.0 * interval.confidence.get());
        writeln!(
            f,
            "  difference of shares: {}, {percent}% interval {interval}",
            Show(*value)
        )?;
        for (name, arm) in [
            ("baseline", self.arms.baseline),
            ("canary", self.arms.canary),
        ] {
            let percent = Show(100.0 * arm.level);
            writeln!(f, "  {name}: {percent}% of {} windows anomalous", arm.n)?;
        }
        if basis == WindowBasis::Blocks && block > 1 {
            writeln!(
                f,
                "  neighbouring windows are alike (correlation {}): {} and {} blocks of {block}",
                Show(correlation),
                blocks.baseline,
                blocks.canary
            )?;
        }
        let names: Vec<&str> = self.strongest().iter().map(|f| f.name.as_str()).collect();
        if names.is_empty() {
            write!(f, "  no feature stands out")?;
        } else {
            write!(f, "  by {}", names.join(" and "))?;
        }
        let left_out = self
            .left_out
            .iter()
            .filter_map(|&column| self.features.get(column));
        let names: Vec<&str> = left_out.map(|feature| feature.name.as_str()).collect();
        if !names.is_empty() {
            write!(
                f,
                "\n  left out, nothing can be told of: {}",
                names.join(", ")
            )?;
        }
        Ok(())
    }
}
