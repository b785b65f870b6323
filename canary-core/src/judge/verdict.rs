//! PASS, FAIL or INCONCLUSIVE, and what to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::finding::Finding;
use crate::data::Design;
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
        /// Leave the traffic as it is: look again with more data; or, of a failure, because the policy asks for
        /// no more ([`Actions`](super::Actions)).
        Continue = "continue",
        /// Leave the traffic as it is until somebody has looked.
        Hold = "hold",
        /// Give the canary less traffic.
        Reduce = "reduce",
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
            Self::Hold => "hold it where it is until somebody has looked",
            Self::Reduce => "reduce the canary's traffic",
        }
    }

    /// How far it goes to protect users, to choose among several.
    pub(super) const fn strength(self) -> u8 {
        match self {
            Self::Promote => 0,
            Self::Continue => 1,
            Self::Hold => 2,
            Self::Reduce => 3,
            Self::Rollback => 4,
        }
    }
}

/// The points of a verdict by points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// All points, from 0 to 100.
    pub total: f64,
    /// Each group's points; those of no group stand under the empty name.
    pub groups: BTreeMap<String, f64>,
}

/// What a policy says of a snapshot, with everything that led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The version of this form; another release's form is refused.
    #[serde(deserialize_with = "this_version")]
    pub version: u32,
    /// The policy's name.
    pub policy: Option<String>,
    /// PASS, FAIL or INCONCLUSIVE, by the policy's [`Aggregation`](super::Aggregation).
    pub status: Status,
    /// What to do.
    pub recommendation: Recommendation,
    /// Why, in one or two plain sentences.
    pub reason: String,
    /// Whether what was compared was measured side by side, or some of it before and after: then the reason
    /// says what that means.
    #[serde(default)]
    pub design: Design,
    /// The points, where the policy counts them.
    #[serde(default)]
    pub score: Option<Scored>,
    /// One finding per check, in the policy's order; a standard check has several.
    pub findings: Vec<Finding>,
    /// Metrics in the data that no check looks at, so that none is passed over in silence.
    pub unchecked: Vec<String>,
    /// Whom the failures are to be told to.
    #[serde(default)]
    pub notify: Vec<String>,
}

impl Verdict {
    /// The version of the written form that this release writes.
    pub const VERSION: u32 = 1;

    /// What to do, as an instruction.
    pub(crate) const fn instruction(&self) -> &'static str {
        match (self.status, self.recommendation) {
            // It is not too early to tell.
            (Status::Fail, Recommendation::Continue) => {
                "leave its traffic as it is and look at what failed, because the policy asks for no more"
            }
            (_, recommendation) => recommendation.sentence(),
        }
    }
}

fn this_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    Version::<{ Verdict::VERSION }>::deserialize(deserializer)?;
    Ok(Verdict::VERSION)
}
