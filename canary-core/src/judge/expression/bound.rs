//! A condition whose names are found.

use super::answer::{Answer, NamedValue, Reading};
use super::bind::{Leaf, Slot, Source};
use super::evaluate::Evaluation;
use super::reference::Reference;
use super::tree::Claim;
use crate::data::Snapshot;
use crate::error::Result;

/// A condition whose names are found and whose units fit, ready to be evaluated again and again.
/// [`Expression::bind`](super::Expression::bind) makes one.
///
/// ```
/// use std::collections::BTreeMap;
/// use canary_core::judge::{Expression, Scope, Truth};
/// use canary_core::{Arms, Gauge, Metric, Snapshot};
///
/// let metrics = BTreeMap::from([("cost".to_owned(), Metric::default())]);
/// let condition = Expression::parse("cost > 1.5 * baseline")?.bind(&Scope::new(&metrics))?;
/// let costs = Arms::new(Gauge::new(2.0)?, Gauge::new(3.5)?);
/// let answer = condition.evaluate_on(&Snapshot::new().with("cost", costs)?)?;
/// assert_eq!(answer.truth, Truth::True);
/// assert_eq!(
///     answer.comparisons[0].to_string(),
///     "cost is 3.5, above 1.5 * baseline, which is 3"
/// );
/// # Ok::<(), canary_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BoundExpression {
    pub(super) text: String,
    pub(super) claim: Claim<Leaf>,
    pub(super) slots: Vec<Slot>,
}

impl BoundExpression {
    /// The condition as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The numbers it asks for, each once, in the order written.
    #[must_use]
    pub fn references(&self) -> Vec<&Reference> {
        references(&self.slots)
    }

    /// What it comes to, with the number that `lookup` gives for each reference. It is asked once
    /// for each.
    pub fn evaluate(&self, lookup: impl FnMut(&Reference) -> Reading) -> Answer {
        let readings = readings(&self.slots, lookup);
        let mut evaluation = Evaluation {
            text: &self.text,
            readings: &readings,
            comparisons: Vec::new(),
        };
        let truth = evaluation.claim(&self.claim);
        let comparisons = evaluation.comparisons;
        Answer {
            truth,
            values: values(&self.slots, readings),
            comparisons,
        }
    }

    /// What it comes to on a snapshot.
    ///
    /// # Errors
    /// [`Error::InvalidInput`](crate::Error::InvalidInput) that names the metric when its
    /// observations have no such statistic, as a p99 of counts.
    pub fn evaluate_on(&self, snapshot: &Snapshot) -> Result<Answer> {
        let mut failed = Ok(());
        let answer = self.evaluate(|reference| match reference.read(snapshot) {
            Ok(reading) => reading,
            Err(error) => {
                let reading = Reading::NoData(error.to_string());
                failed = Err(error);
                reading
            }
        });
        failed.map(|()| answer)
    }
}

pub(super) fn references(slots: &[Slot]) -> Vec<&Reference> {
    let reference = |slot| match slot {
        &Slot {
            source: Source::Reference(ref reference),
            ..
        } => Some(reference),
        _ => None,
    };
    slots.iter().filter_map(reference).collect()
}

pub(super) fn readings(
    slots: &[Slot],
    mut lookup: impl FnMut(&Reference) -> Reading,
) -> Vec<Reading> {
    let reading = |slot: &Slot| match &slot.source {
        Source::Reference(reference) => lookup(reference),
        Source::Parameter(value) => Reading::Number(*value),
    };
    slots.iter().map(reading).collect()
}

pub(super) fn values(slots: &[Slot], readings: Vec<Reading>) -> Vec<NamedValue> {
    let named = |(slot, value): (&Slot, Reading)| NamedValue {
        name: slot.name.clone(),
        reference: match &slot.source {
            Source::Reference(reference) => Some(reference.clone()),
            Source::Parameter(_) => None,
        },
        value,
        unit: slot.unit.clone(),
    };
    slots.iter().zip(readings).map(named).collect()
}
