//! A policy as it stands in a file: keys as people write them, quantities with their units.
//! [`Policy`] is what it means.

mod check;
mod conditions;
mod verdict;

use std::collections::BTreeMap;

use super::expression::{Formula, Scope};
use super::policy::Policy;
use super::units::Quantity;
use crate::data::{Direction, Metric};
use crate::error::{Error, Result};
use crate::number::unique;
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
        /// Metric name → which way is worse, its unit, and what it is made of.
        #[serde(deserialize_with = "unique::map")]
        metrics: BTreeMap<String, MetricDocument>,
        /// The rules.
        checks: Vec<CheckDocument>,
        ;
        /// What people call the policy.
        name: String,
        /// Values that conditions and formulas may name: a target, a budget.
        #[serde(deserialize_with = "unique::optional_map")]
        parameters: BTreeMap<String, Quantity>,
        /// How findings become a verdict; without it every check must hold.
        verdict: VerdictDocument,
    }
}

document! {
    /// How a metric is to be read.
    MetricDocument("Metric") {
        ;
        /// Which way is worse: increase (by default), decrease or either.
        direction: Direction,
        /// The unit its values come in, e.g. `ms`, `MB` or `requests/s`; an empty one is none.
        unit: String,
        /// What it is made of, where it is not measured itself: `errors / requests`. It may be of other formulas.
        formula: Formula,
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
        let mut formulas = Vec::new();
        let mut metrics = BTreeMap::new();
        for (name, document) in self.metrics {
            if let Some(formula) = document.formula {
                formulas.push((name.clone(), formula));
            }
            let metric = Metric {
                direction: document.direction.unwrap_or_default(),
                unit: document.unit.filter(|unit| !unit.trim().is_empty()),
            };
            metrics.insert(name, metric);
        }
        let parameters = self.parameters.unwrap_or_default();
        let scope = Scope::new(&metrics);
        let scope = parameters.iter().fold(scope, |scope, (name, value)| {
            scope.parameter(name, value.clone())
        });
        let read = |(index, check): (usize, CheckDocument)| {
            let metric = check.metric.as_ref();
            let unit = metric
                .and_then(|metric| metrics.get(metric))
                .and_then(|metric| metric.unit.as_deref());
            check
                .read(unit, &scope)
                .map_err(|error| Error::policy(format!("checks[{index}].{error}")))
        };
        let checks = self
            .checks
            .into_iter()
            .enumerate()
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let mut policy = Policy::new(metrics, checks)?;
        for (metric, formula) in formulas {
            policy = policy.formula(metric, formula)?;
        }
        for (name, value) in parameters {
            policy = policy.parameter(name, value);
        }
        policy.check_names()?;
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
        let of_metric = |(name, metric): (&String, &Metric)| {
            let document = MetricDocument {
                direction: Some(metric.direction),
                unit: metric.unit.clone(),
                formula: policy.formulas().get(name).cloned(),
            };
            (name.clone(), document)
        };
        Self {
            version: Policy::VERSION,
            name: policy.name().map(str::to_owned),
            metrics: policy.metrics().iter().map(of_metric).collect(),
            parameters: Some(policy.parameters().clone()).filter(|all| !all.is_empty()),
            checks: policy.checks().iter().map(CheckDocument::from).collect(),
            verdict: VerdictDocument::of(policy.aggregation()),
        }
    }
}
