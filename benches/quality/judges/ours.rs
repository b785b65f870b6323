//! This library, watching by the policy of somebody who has decided nothing but the metrics' names.

use canary_core::judge::Watch;
use canary_core::{Policy, Result, Status};

use super::Judge;
use crate::world::Minute;

#[derive(Default)]
pub(crate) struct Ours {
    watch: Option<Watch>,
}

impl Judge for Ours {
    fn look(&mut self, minute: &Minute) -> Result<Status> {
        let snapshot = minute.snapshot()?;
        let watch = match self.watch.take() {
            Some(watch) => watch,
            // Nothing was measured yet, not even the names.
            None if snapshot.names().next().is_none() => return Ok(Status::Inconclusive),
            None => Watch::new(Policy::standard(snapshot.names())?),
        };
        let verdict = self
            .watch
            .insert(watch)
            .look(60.0 * f64::from(minute.number), &snapshot)?;
        Ok(verdict.status)
    }
}
