//! Floor 2c: points that are unlike the others. Knows numbers only.
//!
//! | question | design | cost | answer |
//! |---|---|---|---|
//! | is this minute, of many metrics, unlike the last hours? | [`RandomCutForest`] | a few steps a tree and point | a score, its p-value, each metric's part |

mod random_cut_forest;

pub use random_cut_forest::{RandomCutForest, RandomCutForestMonitor, StreamScore};
