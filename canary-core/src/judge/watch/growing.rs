//! What no monitor watches: all data so far, looked at ever more rarely.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::{Arms, Counts, Design, Exposure, Observations, Sample, Series, Snapshot};
use crate::error::Result;
use crate::judge::check::Check;
use crate::judge::condition::{Condition, Looks};
use crate::judge::derive::Faults;
use crate::judge::evaluate;
use crate::judge::finding::Finding;
use crate::judge::policy::Policy;
use crate::judge::verdict::Status;
use crate::options::{Confidence, NanPolicy};

/// All data of a check's metrics. They are judged after 1, 2, 4, 8, ... looks, the k-th time with
/// 1 / (k (k + 1)) of the error rate: these add up to one, so that all looks together have the rate of
/// one, whatever the check is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Growing {
    looks: u64,
    judged: u32,
    data: BTreeMap<String, Arms<Option<Observations>>>,
    last: Option<Finding>,
}

impl Growing {
    /// Takes what came since the last look.
    pub(super) fn take(&mut self, at: f64, check: &Check, snapshot: &Snapshot) -> Result<()> {
        self.looks += 1;
        for metric in &check.metrics {
            let Some(new) = snapshot.get(metric) else {
                continue;
            };
            let all = self.data.entry(metric.clone()).or_default();
            all.baseline = joined(at, all.baseline.take(), new.baseline.clone())?;
            all.canary = joined(at, all.canary.take(), new.canary.clone())?;
        }
        // Arms of two kinds are refused here, so that this look can be left out.
        self.all().map(drop)
    }

    /// Judges all that was taken, or says what was found last.
    pub(super) fn finding(
        &mut self,
        check: &Check,
        policy: &Policy,
        design: Design,
        faults: &Faults,
    ) -> Result<Finding> {
        match &self.last {
            Some(last) if !self.looks.is_power_of_two() => return Ok(last.clone()),
            _ => {}
        }
        self.judged += 1;
        let k = f64::from(self.judged);
        let check = with_error(check, 1.0 / (k * (k + 1.0)));
        let finding = evaluate::finding(&check, policy, &self.all()?.designed(design), faults)?;
        self.last = Some(finding.clone());
        Ok(finding)
    }

    /// What was found last, where that is a failure.
    pub(super) fn failed(&self) -> Option<&Finding> {
        let last = self.last.as_ref();
        last.filter(|finding| finding.status == Status::Fail)
    }

    fn all(&self) -> Result<Snapshot> {
        let mut all = Snapshot::new();
        for (metric, arms) in &self.data {
            all.insert(metric, arms.clone())?;
        }
        Ok(all)
    }
}

/// The check with a part of its error rate.
fn with_error(check: &Check, part: f64) -> Check {
    let less = |confidence: &mut Confidence| {
        let error = part * (1.0 - confidence.get());
        *confidence = Confidence::try_from(1.0 - error).unwrap_or(*confidence);
    };
    let mut check = check.clone();
    match &mut check.condition {
        Condition::Test(test) => {
            less(&mut test.confidence);
            test.looks = Looks::Once;
        }
        Condition::Distribution(curve) => less(&mut curve.confidence),
        Condition::Trend(trend) => less(&mut trend.confidence),
        Condition::Anomaly(anomaly) => less(&mut anomaly.confidence),
        Condition::Fairness(fairness) => less(&mut fairness.confidence),
        Condition::Threshold(_)
        | Condition::SampleRatio(_)
        | Condition::Missing(_)
        | Condition::Expression(_)
        | Condition::Standard(_) => {}
    }
    check
}

/// What was seen so far with what came since; gauges become a series.
fn joined(
    at: f64,
    all: Option<Observations>,
    new: Option<Observations>,
) -> Result<Option<Observations>> {
    use Observations as O;
    let Some(new) = new else {
        return Ok(all);
    };
    let series = |times: Vec<f64>, values: Vec<f64>| {
        Series::new(times, values, NanPolicy::Raise).map(O::Series)
    };
    let joined = match (all, new) {
        (None, O::Gauge(gauge)) => series(vec![at], vec![gauge.value()])?,
        (None, new) => new,
        (Some(O::Series(all)), O::Gauge(gauge)) => {
            let mut times = all.times().to_vec();
            let mut values = all.values().to_vec();
            times.push(at);
            values.push(gauge.value());
            series(times, values)?
        }
        (Some(O::Series(all)), O::Series(new)) => {
            let times = [all.times(), new.times()].concat();
            series(times, [all.values(), new.values()].concat())?
        }
        (Some(O::Counts(all)), O::Counts(new)) => O::Counts(Counts::new(
            all.events().saturating_add(new.events()),
            all.trials().saturating_add(new.trials()),
        )?),
        (Some(O::Exposure(all)), O::Exposure(new)) => O::Exposure(Exposure::new(
            all.events().saturating_add(new.events()),
            all.time() + new.time(),
        )?),
        (Some(O::Sample(all)), O::Sample(new)) => {
            let values = [all.values(), new.values()].concat();
            O::Sample(Sample::new(values, NanPolicy::Raise)?)
        }
        (Some(O::Histogram(all)), O::Histogram(new)) => O::Histogram(all.merge(&new)?),
        (Some(O::Summary(all)), O::Summary(new)) => O::Summary(all.merge(new)),
        // Another kind than before: what is new is what there is.
        (Some(_), new) => new,
    };
    Ok(Some(joined))
}
