//! What became of a rollout.

use canary_core::{Result, Status};

use crate::judges::Judge;
use crate::world::{Minute, Rollout};

/// One rollout, and what each judge made of it, in the order of the judges.
pub(crate) struct Run {
    pub(crate) rollout: Rollout,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) is_decidable: bool,
    /// After how many minutes, where that can be computed.
    pub(crate) decidable_after: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Rolled back when there was no fault (yet).
    FalseAlarm,
    /// Rolled back so many minutes after the fault began.
    Caught(u32),
    Promoted,
    Undecided,
}

impl Outcome {
    pub(crate) fn of(judge: &mut dyn Judge, minutes: &[Minute], onset: u32) -> Result<Self> {
        let mut last = Status::Inconclusive;
        for minute in minutes {
            last = judge.look(minute)?;
            if last == Status::Fail {
                return Ok(match minute.number.checked_sub(onset) {
                    Some(after) if after > 0 => Self::Caught(after),
                    _ => Self::FalseAlarm,
                });
            }
        }
        Ok(match last {
            Status::Inconclusive => Self::Undecided,
            Status::Pass | Status::Fail => Self::Promoted,
        })
    }

    pub(crate) const fn is_rolled_back(self) -> bool {
        matches!(self, Self::FalseAlarm | Self::Caught(_))
    }
}
