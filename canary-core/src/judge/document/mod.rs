//! A policy as it stands in a file: keys as people write them, quantities with their units.
//! [`Policy`] is what it means.

mod check;
mod conditions;
mod verdict;

use std::collections::BTreeMap;

use super::policy::Policy;
use crate::data::Metric;
use crate::error::{Error, Result};
use check::CheckDocument;
use verdict::VerdictDocument;

/// A form of a file: what must stand there, and after the semicolon what may.
macro_rules! document {
    (
        $(#[$doc:meta])*
        $name:ident($title:literal) {
            $($(#[$required_doc:meta])* $required:ident: $required_type:ty,)* ;
            $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = $title))]
        pub(in crate::judge) struct $name {
            $($(#[$required_doc])* pub(super) $required: $required_type,)*
            $(
                $(#[$optional_doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub(super) $optional: Option<$optional_type>,
            )*
        }
    };
}
use document;

document! {
    /// A policy for canary releases: which metrics there are, what is demanded of them, and how that
    /// becomes a verdict.
    PolicyDocument("Policy") {
        /// The version of this format: 1.
        version: u32,
        /// Metric name → which way is worse, and its unit.
        metrics: BTreeMap<String, Metric>,
        /// The rules.
        checks: Vec<CheckDocument>,
        ;
        /// What people call the policy.
        name: String,
        /// How findings become a verdict; without it every check must hold.
        verdict: VerdictDocument,
    }
}

impl PolicyDocument {
    pub(super) fn read(self) -> Result<Policy> {
        if self.version != Policy::VERSION {
            return Err(Error::policy(format!(
                "version: this release reads version {}, got {}",
                Policy::VERSION,
                self.version
            )));
        }
        let read = |(index, check): (usize, CheckDocument)| {
            let metric = check.metric.as_ref();
            let unit = metric
                .and_then(|metric| self.metrics.get(metric))
                .and_then(|metric| metric.unit.as_deref());
            check
                .read(unit)
                .map_err(|error| Error::policy(format!("checks[{index}].{error}")))
        };
        let checks = self
            .checks
            .into_iter()
            .enumerate()
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let mut policy = Policy::new(self.metrics, checks)?;
        if let Some(verdict) = self.verdict {
            let read = verdict.read();
            let read = read.map_err(|error| Error::policy(format!("verdict.{error}")))?;
            policy = policy.aggregated(read)?;
        }
        Ok(match self.name {
            Some(name) => policy.named(name),
            None => policy,
        })
    }
}

impl From<&Policy> for PolicyDocument {
    fn from(policy: &Policy) -> Self {
        Self {
            version: Policy::VERSION,
            name: policy.name().map(str::to_owned),
            metrics: policy.metrics().clone(),
            checks: policy.checks().iter().map(CheckDocument::from).collect(),
            verdict: VerdictDocument::of(policy.aggregation()),
        }
    }
}
