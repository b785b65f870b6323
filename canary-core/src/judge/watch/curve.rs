//! A whole distribution, watched.

use serde::{Deserialize, Serialize};

use super::monitors::{OF_REQUESTS, Pair, Question};
use super::{BUDGET, Seen, confidence};
use crate::data::{Arms, Direction, Observations, Sample};
use crate::error::Result;
use crate::judge::condition::TestGoal;
use crate::judge::evaluate::{Evidence, acceptable, added, back, both};
use crate::judge::finding::Change;
use crate::judge::verdict::Status;
use crate::options::{Alternative, Margin, Measure};
use crate::sequential::{
    Decision, DistributionComparison, DistributionComparisonMonitor, Monitor as _, Update as _,
};
use crate::stats::Estimate;

/// The thresholds of a whole curve.
pub(super) const WHOLE: [f64; 10] = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];
/// The quantiles of it that are told of.
pub(super) const SHOWN: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// Watches whether the larger arm's values, moved back by the margin, are still worse somewhere; and whether
/// they are nowhere worse by the margin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CurveWatch {
    margin: Margin,
    fail_beyond: f64,
    direction: Direction,
    /// The quantiles of which the one that got worst is told of.
    shown: Vec<f64>,
    sides: Vec<Side>,
    within: DistributionComparisonMonitor,
    sizes: Arms<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Side {
    is_upper: bool,
    beyond: Question<Pair<DistributionComparisonMonitor>>,
}

impl CurveWatch {
    pub(super) fn new(
        margin: Margin,
        fail_beyond: f64,
        direction: Direction,
        quantiles: &[f64],
        shown: &[f64],
    ) -> Result<Self> {
        let design = || {
            DistributionComparison::new()
                .alpha(BUDGET)
                .quantiles(quantiles)
        };
        let side = |is_upper: bool| {
            let alternative = if is_upper {
                Alternative::Greater
            } else {
                Alternative::Less
            };
            Ok(Side {
                is_upper,
                beyond: Question::new(
                    Pair::new(OF_REQUESTS, |assume| {
                        design().alternative(alternative).assume(assume).monitor()
                    })?,
                    true,
                ),
            })
        };
        let (sides, alternative) = match direction {
            Direction::Increase => (vec![side(true)?], Alternative::Greater),
            Direction::Decrease => (vec![side(false)?], Alternative::Less),
            Direction::Either => (vec![side(true)?, side(false)?], Alternative::TwoSided),
        };
        Ok(Self {
            margin,
            fail_beyond,
            direction,
            shown: shown.to_vec(),
            sides,
            within: design()
                .alternative(alternative)
                .tolerance(Some(margin))
                .monitor()?,
            sizes: Arms::default(),
        })
    }

    pub(super) fn look(&mut self, arms: Arms<Option<&Observations>>) -> Result<Seen> {
        let values = match both(arms) {
            Err(absent) => return Ok(self.known(Some(absent))),
            Ok(Arms {
                baseline: Observations::Sample(baseline),
                canary: Observations::Sample(canary),
            }) => Arms::new(baseline, canary).map(Sample::values),
            Ok(_) => {
                let other = "it was measured in another way before";
                return Ok(self.known(Some(other)));
            }
        };
        self.within.update(values)?;
        for side in &mut self.sides {
            // The arm that is expected to be the larger.
            let back = back(self.margin.part(self.fail_beyond), side.is_upper);
            let moved = |values: &[f64]| values.iter().map(|&x| back(x)).collect::<Vec<f64>>();
            let larger = if side.is_upper {
                moved(values.canary)
            } else {
                moved(values.baseline)
            };
            side.beyond.begin_look();
            side.beyond.update(match side.is_upper {
                true => Arms::new(values.baseline, larger.as_slice()),
                false => Arms::new(larger.as_slice(), values.canary),
            })?;
        }
        self.sizes = added(self.sizes, values.map(|values| values.len() as u64));
        Ok(self.known(None))
    }

    /// What is known of all looks so far, and why this one adds nothing, if it does not.
    pub(super) fn known(&self, obstacle: Option<&str>) -> Seen {
        (self.evidence(obstacle), self.sizes)
    }

    fn evidence(&self, obstacle: Option<&str>) -> Evidence {
        let mut evidence = Evidence::of("whole curve (at any look)".to_owned());
        evidence.confidence = Some(confidence(BUDGET));
        evidence.acceptable = Some(acceptable(
            self.margin,
            TestGoal::NonInferiority,
            self.direction,
        ));
        if self.fail_beyond < 1.0 {
            let margin = self.margin.part(self.fail_beyond);
            let harmless = acceptable(margin, TestGoal::NonInferiority, self.direction);
            evidence.harmless = Some(harmless);
        }
        let p_values = self.sides.iter().map(|side| side.beyond.p_value(1.0));
        let p_beyond = (self.sides.len() as f64 * p_values.fold(1.0, f64::min)).min(1.0);
        evidence.p_margin = Some(p_beyond);
        evidence.outcome = Some(if p_beyond <= BUDGET {
            Status::Fail
        } else if self.within.decision() == Decision::AcceptNull {
            Status::Pass
        } else {
            Status::Inconclusive
        });
        if let Some((quantile, change)) = self.worst() {
            evidence.quantile = Some(quantile);
            evidence.levels = self.within.levels(quantile).map(Some);
            evidence.change = Some(change);
        }
        evidence.remaining = self.within.state().remaining;
        evidence.blocked_unless_failed(obstacle)
    }

    /// The quantile that got worst and its change, with the interval at all looks and of all quantiles at
    /// once.
    fn worst(&self) -> Option<(f64, Change)> {
        let measure = self.margin.measure();
        let changes = self.within.changes(&self.shown, measure).ok()?;
        let badness = |value: f64| {
            let size = match measure {
                Measure::Difference => value,
                _ => value.ln(),
            };
            match self.direction {
                Direction::Increase => size,
                Direction::Decrease => -size,
                Direction::Either => size.abs(),
            }
        };
        let change_of = |(&quantile, change): (&f64, &Estimate)| {
            let Arms { baseline, canary } = self.within.levels(quantile);
            // Nothing and nothing again have no ratio, and are the same.
            let is_none = change.value.is_nan() && baseline == canary;
            let unbounded = Change {
                measure,
                value: measure.null(),
                interval: None,
            };
            (
                quantile,
                if is_none {
                    unbounded
                } else {
                    Change::from(change)
                },
            )
        };
        self.shown
            .iter()
            .zip(&changes)
            .map(change_of)
            .filter(|(_, change)| !change.value.is_nan())
            .max_by(|(_, a), (_, b)| badness(a.value).total_cmp(&badness(b.value)))
    }
}
