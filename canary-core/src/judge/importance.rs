//! How much a check counts: its severity, its role, and what no data mean.

use crate::options::choice;

use super::verdict::Recommendation;

choice! {
    /// How bad it is when a check fails.
    #[derive(Default)]
    Severity("severity") {
        /// The service is down or harms people: one such failure decides, whatever the score, and too few points
        /// ask for what it asks for.
        Critical = "critical",
        /// Users notice. The default.
        #[default]
        High = "high",
        /// Somebody should look before the canary gets more traffic.
        Medium = "medium",
        /// Worth a note.
        Low = "low",
    }
}

impl Severity {
    /// What a failure of this severity asks for, unless the policy says otherwise: rollback
    /// (critical, high), hold (medium), continue (low), which is told and not acted on.
    #[must_use]
    pub const fn usual_action(self) -> Recommendation {
        match self {
            Self::Critical | Self::High => Recommendation::Rollback,
            Self::Medium => Recommendation::Hold,
            Self::Low => Recommendation::Continue,
        }
    }
}

choice! {
    /// What a check is for (the four roles of Spotify's experimentation platform: Schultzberg et al.
    /// 2024, "Risk-aware product decisions in A/B tests with multiple metrics").
    #[derive(Default)]
    Role("role") {
        /// Must be proved to be no worse than the margin: undecided is not good enough. The default.
        #[default]
        Guardrail = "guardrail",
        /// What the release is for: of all such checks at least one must be proved to hold.
        Success = "success",
        /// Must not be proved to be worse; undecided holds the canary back only where it looks worse than
        /// is acceptable.
        Deterioration = "deterioration",
        /// Whether the data can be trusted at all: a failure makes the whole verdict INCONCLUSIVE.
        Quality = "quality",
    }
}

choice! {
    /// What it means that there are no data for a check.
    #[derive(Default)]
    NoData("no_data") {
        /// Nothing happened, and that is fine.
        Pass = "pass",
        /// It is a failure: a metric that has died is a sign of its own.
        Fail = "fail",
        /// Nothing is known. The default.
        #[default]
        Inconclusive = "inconclusive",
        /// It is a mistake of whoever set this up: an error that names the metric.
        Error = "error",
    }
}
