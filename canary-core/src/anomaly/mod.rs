//! Floor 2: what is unlike the rest, when no single number says so.
//!
//! | file | what it answers |
//! |---|---|
//! | `anomalous_windows` | [`AnomalousWindows`]: are more of the canary's windows unlike the rest than of the baseline's own? |
//! | `incidents` | `Incidents`: which anomalous windows belong together? (feature `linfa`) |
//! | `isolation_forest` | [`IsolationForest`]: how unlike the rows it was fitted on is a row, and for which features? |
//! | `random_cut_forest` | [`RandomCutForest`]: is this minute, of many metrics, unlike the last hours? |
//! | `matrix` | [`Matrix`]: rows of numbers, as everything here takes them |

mod anomalous_windows;
#[cfg(feature = "linfa")]
mod incidents;
mod isolation_forest;
mod matrix;
mod random_cut_forest;

pub use anomalous_windows::{
    AnomalousFeature, AnomalousWindows, AnomalyResult, AnomalyWindow, WindowBasis,
    WindowDependence, WindowTimes,
};
#[cfg(feature = "linfa")]
pub use incidents::{Incident, Incidents, MetricShare, ScoredWindows};
pub use isolation_forest::{Amount, Forest, IsolationForest, Missing};
#[cfg(feature = "linfa")]
pub use isolation_forest::{
    ForestModel, IsolationForestParams, IsolationForestValidParams, ModelError,
};
pub use matrix::Matrix;
pub use random_cut_forest::{RandomCutForest, RandomCutForestMonitor, StreamScore};
