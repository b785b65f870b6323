//! The blocks that published playbooks write down, read as they stand: phases, rollback triggers, alerts.
//!
//! | file | what it holds |
//! |---|---|
//! | `phase` | `canary-5-percent: {traffic-split, analysis, thresholds}` |
//! | `increase` | `error-rate-increase` and `latency-increase`: percent, or times |
//! | `alerts` | `rollback-triggers: {automatic: [...]}` and `alerts: [...]` |
//! | `metrics` | the metrics that such blocks name |
//!
//! What each key means stands in the documentation of [`Policy::phases`].

mod alerts;
mod increase;
mod metrics;
mod phase;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use self::alerts::{AlertDocument, TriggersDocument};
use self::phase::PhaseDocument;
use super::policy::Policy;
use crate::error::{Error, Result};

/// The top of a file, as far as is needed to see what kind of file it is.
pub(super) type Keys = BTreeMap<String, IgnoredAny>;

/// Whether a file holds blocks of a playbook: it states no version, and one of its keys is a block's.
pub(super) fn is_playbook(keys: &Keys) -> bool {
    !keys.contains_key("version") && keys.keys().any(|key| BlockName::of(key).is_some())
}

/// What a key at the top stands for.
enum BlockName {
    /// `canary-5-percent`, with the share in percent.
    Phase(f64),
    Triggers,
    Alerts,
}

impl BlockName {
    fn of(key: &str) -> Option<Self> {
        let folded = key.replace('_', "-");
        match folded.as_str() {
            "rollback-triggers" => Some(Self::Triggers),
            "alerts" => Some(Self::Alerts),
            _ => {
                let share = folded.strip_prefix("canary-")?.strip_suffix("-percent")?;
                let is_number = share.chars().all(|c| c.is_ascii_digit() || c == '.');
                let share = share.parse().ok().filter(|_| is_number)?;
                Some(Self::Phase(share))
            }
        }
    }
}

/// One block.
enum Block {
    Phase(f64, Box<PhaseDocument>),
    Triggers(TriggersDocument),
    Alerts(Vec<AlertDocument>),
}

/// The blocks of a file with their names, in the order written.
pub(super) struct Playbook(Vec<(String, Block)>);

impl Playbook {
    /// What a key at the top may be, for the guess what a mistyped one was meant to be.
    const BLOCKS: &[&str] = &[
        "canary-1-percent",
        "canary-10-percent",
        "rollback-triggers",
        "alerts",
    ];

    /// Each block as a policy.
    pub(super) fn phases(self) -> Result<Vec<(String, Policy)>> {
        let read = |(name, block): (String, Block)| {
            let policy = match block {
                Block::Phase(share, phase) => phase.read(share),
                Block::Triggers(triggers) => triggers.read(),
                Block::Alerts(alerts) => alerts::read(alerts, ""),
            };
            let policy = policy.map_err(|error| within(&name, &error))?;
            Ok((name.clone(), policy.named(name)))
        };
        self.0.into_iter().map(read).collect()
    }

    /// The policy of the only block.
    pub(super) fn only(self) -> Result<Policy> {
        let mut phases = self.phases()?;
        match (phases.pop(), phases.is_empty()) {
            (Some((_, policy)), true) => Ok(policy),
            (last, _) => {
                let names: Vec<String> = phases
                    .into_iter()
                    .chain(last)
                    .map(|(name, _)| name)
                    .collect();
                Err(Error::policy(format!(
                    "these are {} policies ({}); `Policy::phases` reads them all",
                    names.len(),
                    names.join(", ")
                )))
            }
        }
    }
}

/// An error in a part of a file, with the part's name before it.
fn within(place: &str, error: &Error) -> Error {
    let message = error.to_string();
    let message = message.strip_prefix("policy: ").unwrap_or(&message);
    let between = if message.starts_with('[') { "" } else { "." };
    Error::policy(format!("{place}{between}{message}"))
}

impl<'de> Deserialize<'de> for Playbook {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Blocks)
    }
}

struct Blocks;

impl<'de> Visitor<'de> for Blocks {
    type Value = Playbook;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("blocks of a playbook")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Playbook, A::Error> {
        let mut blocks: Vec<(String, Block)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if blocks.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom(format!("the key `{name}` stands twice")));
            }
            let block = match BlockName::of(&name) {
                Some(BlockName::Phase(share)) => Block::Phase(share, map.next_value()?),
                Some(BlockName::Triggers) => Block::Triggers(map.next_value()?),
                Some(BlockName::Alerts) => Block::Alerts(map.next_value()?),
                None => return Err(A::Error::unknown_field(&name, Playbook::BLOCKS)),
            };
            blocks.push((name, block));
        }
        Ok(Playbook(blocks))
    }
}
