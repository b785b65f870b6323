//! Floor 2: what is unlike the rest, when no single number says so.
//!
//! | file | what it answers |
//! |---|---|
//! | `incidents` | `Incidents`: which anomalous windows belong together? (feature `linfa`) |
//! | `isolation_forest` | [`IsolationForest`]: how unlike the rows it was fitted on is a row, and for which features? |
//! | `matrix` | [`Matrix`]: rows of numbers, as everything here takes them |

#[cfg(feature = "linfa")]
mod incidents;
mod isolation_forest;
mod matrix;

#[cfg(feature = "linfa")]
pub use incidents::{Incident, Incidents, MetricShare, ScoredWindows};
pub use isolation_forest::{Amount, Forest, IsolationForest, Missing};
#[cfg(feature = "linfa")]
pub use isolation_forest::{
    ForestModel, IsolationForestParams, IsolationForestValidParams, ModelError,
};
pub use matrix::Matrix;
