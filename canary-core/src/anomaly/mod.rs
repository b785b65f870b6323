//! Floor 2: what is unlike the rest, when no single number says so.
//!
//! | file | what it answers |
//! |---|---|
//! | `anomalous_windows` | [`AnomalousWindows`]: are more of the canary's windows unlike the rest than of the baseline's own? |
//! | `isolation_forest` | [`IsolationForest`]: how unlike the rows it was fitted on is a row, and for which features? |
//! | `random_cut_forest` | [`RandomCutForest`]: is this minute, of many metrics, unlike the last hours? |
//! | `matrix` | [`Matrix`]: rows of numbers, as everything here takes them |

mod anomalous_windows;
mod isolation_forest;
mod matrix;
mod random_cut_forest;

pub use anomalous_windows::{
    AnomalousFeature, AnomalousWindows, AnomalyResult, AnomalyWindow, WindowBasis,
    WindowDependence, WindowTimes,
};
pub use isolation_forest::{Amount, Forest, IsolationForest, Missing};
pub use matrix::Matrix;
pub use random_cut_forest::{RandomCutForest, RandomCutForestMonitor, StreamScore};
