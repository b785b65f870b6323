//! Who judges.

mod engines;
mod kayenta;
mod ours;
mod playbook;
mod recent;
mod statistics;

use canary_core::{Result, Status};

use crate::world::{MINUTES, Minute};

/// Looks once a minute; the first FAIL rolls the canary back.
pub(crate) trait Judge {
    /// What is to be said after this minute.
    fn look(&mut self, minute: &Minute) -> Result<Status>;
}

/// A judge by name, and how to ask for a new one.
pub(crate) struct Candidate {
    pub(crate) name: &'static str,
    pub(crate) call: fn() -> Result<Box<dyn Judge>>,
}

pub(crate) const OURS: &str = "canary";

pub(crate) const ALL: [Candidate; 9] = [
    Candidate {
        name: "the playbook's thresholds",
        call: || Ok(Box::new(playbook::Playbook::default())),
    },
    Candidate {
        name: "the pattern's thresholds",
        call: || Ok(Box::new(playbook::Pattern::default())),
    },
    Candidate {
        name: "the playbook's t-test",
        call: || Ok(Box::new(statistics::RepeatedT::default())),
    },
    Candidate {
        name: "the pattern's statistics",
        call: || Ok(Box::new(statistics::Pattern::default())),
    },
    Candidate {
        name: "Kayenta",
        call: || Ok(Box::new(kayenta::Kayenta::from_minute(1))),
    },
    Candidate {
        name: "Kayenta, at the end",
        call: || Ok(Box::new(kayenta::Kayenta::from_minute(MINUTES))),
    },
    Candidate {
        name: "Argo Rollouts",
        call: || Ok(Box::new(engines::Argo::default())),
    },
    Candidate {
        name: "Flagger",
        call: || Ok(Box::new(engines::Flagger::default())),
    },
    Candidate {
        name: OURS,
        call: || Ok(Box::new(ours::Ours::default())),
    },
];
