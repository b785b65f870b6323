//! PASS, FAIL or INCONCLUSIVE, and what to do.

use serde::{Deserialize, Deserializer, Serialize};

use super::finding::Finding;
use crate::number::version::Version;
use crate::options::choice;

choice! {
    /// The three answers.
    Status("status") {
        /// The canary is proved no worse than the margins allow.
        Pass = "PASS",
        /// The canary is proved worse than a margin allows.
        Fail = "FAIL",
        /// The data do not decide yet.
        Inconclusive = "INCONCLUSIVE",
    }
}

impl Status {
    /// What to do: promote, roll back, or continue to watch.
    #[must_use]
    pub const fn recommendation(self) -> Recommendation {
        match self {
            Self::Pass => Recommendation::Promote,
            Self::Fail => Recommendation::Rollback,
            Self::Inconclusive => Recommendation::Continue,
        }
    }
}

choice! {
    /// What a verdict recommends. It is advice: this library never acts.
    Recommendation("recommendation") {
        /// Give the canary more traffic.
        Promote = "promote",
        /// Take the canary's traffic away.
        Rollback = "rollback",
        /// Leave the traffic as it is and look again with more data.
        Continue = "continue",
    }
}

impl Recommendation {
    /// The recommendation as an instruction.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Promote => "promote the canary",
            Self::Rollback => "roll the canary back",
            Self::Continue => "continue watching, it is too early to tell",
        }
    }
}

/// What a policy says of a snapshot, with everything that led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The version of this form; another release's form is refused.
    #[serde(deserialize_with = "this_version")]
    pub version: u32,
    /// The policy's name.
    pub policy: Option<String>,
    /// PASS when every check passed, FAIL when any failed, else INCONCLUSIVE.
    pub status: Status,
    /// What to do.
    pub recommendation: Recommendation,
    /// Why, in one or two plain sentences.
    pub reason: String,
    /// One finding per check, in the policy's order.
    pub findings: Vec<Finding>,
    /// Metrics in the data that no check looks at, so that none is passed over in silence.
    pub unchecked: Vec<String>,
}

impl Verdict {
    /// The version of the written form that this release writes.
    pub const VERSION: u32 = 1;

    pub(super) fn of(
        policy: Option<String>,
        findings: Vec<Finding>,
        unchecked: Vec<String>,
    ) -> Self {
        let any = |status| findings.iter().any(|finding| finding.status == status);
        let status = if any(Status::Fail) {
            Status::Fail
        } else if any(Status::Inconclusive) {
            Status::Inconclusive
        } else {
            Status::Pass
        };
        Self {
            version: Self::VERSION,
            policy,
            status,
            recommendation: status.recommendation(),
            reason: super::explain::reason(status, &findings),
            findings,
            unchecked,
        }
    }
}

fn this_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Version::<{ Verdict::VERSION }>::deserialize(deserializer)?;
    Ok(Verdict::VERSION)
}
