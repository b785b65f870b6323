use std::fmt;

use serde::{Deserialize, Serialize};

use crate::number::show::{Show, ShowP};

/// How unlike the others a point of a stream is: see [`RandomCutForest`](super::RandomCutForest).
///
/// ```
/// use canary_core::anomaly::StreamScore;
///
/// let score = StreamScore {
///     score: 0.75,
///     p_value: 0.0039,
///     contributions: vec![0.05, 0.7],
///     compared: 256,
///     points: 256,
/// };
/// assert_eq!(score.most(), Some(1));
/// assert_eq!(score.to_string(), "score 0.75, p = 0.0039 among 256 scores, most of it from feature 1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamScore {
    /// The expected share of the window that the point displaces, from 0 to 1; the higher, the
    /// more anomalous.
    pub score: f64,
    /// The score's rank among those of the last points, as a share: (1 + #{sᵢ ≥ s})/(n + 1).
    pub p_value: f64,
    /// Each feature's part of the score; their sum is the score.
    pub contributions: Vec<f64>,
    /// Among how many scores the rank is: n.
    pub compared: u64,
    /// How many points the forest held.
    pub points: u64,
}

impl StreamScore {
    /// The feature with the largest part of the score, counted from 0; none for a score of 0.
    #[must_use]
    pub fn most(&self) -> Option<usize> {
        let parts = self.contributions.iter().enumerate();
        let (feature, &part) = parts.max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (part > 0.0).then_some(feature)
    }
}

impl fmt::Display for StreamScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            score,
            p_value,
            compared,
            ..
        } = self;
        write!(f, "score {}, {} ", Show(*score), ShowP(*p_value))?;
        write!(f, "among {compared} scores")?;
        if let Some(feature) = self.most() {
            write!(f, ", most of it from feature {feature}")?;
        }
        Ok(())
    }
}
