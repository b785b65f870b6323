//! Who looks: the monitors, and the tests for one look used at every one.

use canary_core::sequential::{
    Assume, Decision, DistributionComparison, EventSplit, GroupSequential, Hypotheses, Level,
    MixtureSprt, QuantileComparison, SeriesComparison, SeriesMonitor, Sprt, Update,
};
use canary_core::{Alternative, Arms, Counts, NanPolicy, Result, Summary, TTest, TwoProportionZ};

use super::streams::Interval;
use crate::table::ALPHA;

/// Takes an interval, and says whether it raises an alarm.
pub(super) type Watch = Box<dyn FnMut(&Interval) -> Result<bool>>;

/// Somebody who looks, by name.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Watcher {
    EventSplit(Assume),
    Proportions(Assume),
    ProportionRatio,
    Means(Assume),
    Series(Assume),
    Quantiles(Assume),
    Distribution(Assume),
    /// Against twice the rate.
    Sprt(Assume),
    /// Five looks, O'Brien and Fleming's spending.
    Groups(Assume),
    /// A series for each metric: Holm's correction of the p-values.
    Holm,
    /// The same without a correction.
    Uncorrected,
    /// The playbooks' way: a test for one look at every look.
    RepeatedZ,
    /// Their `sequential_testing`: from 100 trials on, for a difference of at least a hundredth.
    Playbook,
    RepeatedT,
}

impl Watcher {
    pub(super) fn title(self) -> String {
        let (name, assume) = match self {
            Self::EventSplit(assume) => ("`EventSplit`", assume),
            Self::Proportions(assume) => ("`MixtureSprt`, proportions", assume),
            Self::ProportionRatio => ("`MixtureSprt`, ratio of proportions", Assume::Nothing),
            Self::Means(assume) => ("`MixtureSprt`, means", assume),
            Self::Series(assume) => ("`SeriesComparison`", assume),
            Self::Quantiles(assume) => ("`QuantileComparison`", assume),
            Self::Distribution(assume) => ("`DistributionComparison`", assume),
            Self::Sprt(assume) => ("`Sprt`, against twice the rate", assume),
            Self::Groups(assume) => ("`GroupSequential`, five looks", assume),
            Self::Holm => return "`SeriesComparison` of each, `adjust` (Holm)".to_owned(),
            Self::Uncorrected => return "`SeriesComparison` of each, uncorrected".to_owned(),
            Self::RepeatedZ => return "two-proportion z-test at every look".to_owned(),
            Self::Playbook => return "the playbooks' `sequential_testing`".to_owned(),
            Self::RepeatedT => return "Welch's t-test at every look".to_owned(),
        };
        match assume {
            Assume::Nothing => name.to_owned(),
            Assume::Independence => format!("{name}, independence promised"),
        }
    }

    /// Whether it promises to hold its level on all of these worlds.
    pub(super) const fn is_guaranteed(self) -> bool {
        matches!(
            self,
            Self::EventSplit(Assume::Nothing)
                | Self::Proportions(Assume::Nothing)
                | Self::ProportionRatio
                | Self::Means(Assume::Nothing)
                | Self::Series(Assume::Nothing)
                | Self::Quantiles(Assume::Nothing)
                | Self::Distribution(Assume::Nothing)
                | Self::Sprt(Assume::Nothing)
                | Self::Holm
        )
    }

    /// A new one, where the canary's first share of the traffic is this.
    /// The number of observations that are planned is for those who plan.
    pub(super) fn watch(
        self,
        share: f64,
        alternative: Alternative,
        planned: usize,
    ) -> Result<Watch> {
        let mixture = |level, assume| {
            let design = MixtureSprt::new().level(level).assume(assume);
            design.alternative(alternative)
        };
        Ok(match self {
            Self::EventSplit(assume) => {
                let design = EventSplit::new().share(share).assume(assume);
                let mut monitor = design.alternative(alternative).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(interval.exposures()?)?)))
            }
            Self::Proportions(assume) => {
                let mut monitor = mixture(Level::Proportion, assume).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(interval.counts()?)?)))
            }
            Self::ProportionRatio => {
                let design = mixture(Level::Proportion, Assume::Nothing);
                let mut monitor = design.measure(canary_core::Measure::Ratio).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(interval.counts()?)?)))
            }
            Self::Means(assume) => {
                let mut monitor = mixture(Level::Mean, assume).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(slices(interval))?)))
            }
            Self::Series(assume) => {
                let design = SeriesComparison::new().assume(assume);
                let mut monitor = design.alternative(alternative).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(slices(interval))?)))
            }
            Self::Quantiles(assume) => {
                let design = QuantileComparison::new().assume(assume);
                let mut monitor = design.alternative(alternative).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(slices(interval))?)))
            }
            Self::Distribution(assume) => {
                let design = DistributionComparison::new().assume(assume);
                let mut monitor = design.alternative(alternative).monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(slices(interval))?)))
            }
            Self::Sprt(assume) => {
                let design = Sprt::new().share(share).assume(assume);
                let (null, alternative) = (1.0, 2.0);
                let design = design.hypotheses(Hypotheses::RateRatio { null, alternative });
                let mut monitor = design.monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(interval.exposures()?)?)))
            }
            Self::Groups(assume) => {
                // In observations of the smaller arm, to be precise.
                let information = planned as f64 * share * (1.0 - share);
                let design = GroupSequential::new().information(information);
                let design = design.alternative(alternative).assume(assume);
                let mut monitor = design.monitor()?;
                Box::new(move |interval| Ok(alarms(monitor.update(interval.counts()?)?)))
            }
            Self::Holm | Self::Uncorrected => {
                let mut monitors: Vec<SeriesMonitor> = Vec::new();
                Box::new(move |interval| {
                    let Arms { baseline, canary } = slices(interval);
                    // Holm's first step, which any false alarm must pass.
                    let among = match self {
                        Self::Holm => baseline.len() as f64,
                        _ => 1.0,
                    };
                    while monitors.len() < baseline.len() {
                        let design = SeriesComparison::new().alpha(ALPHA / among);
                        monitors.push(design.alternative(alternative).monitor()?);
                    }
                    let mut is_alarm = false;
                    let values = baseline.iter().zip(canary);
                    for (monitor, (&baseline, &canary)) in monitors.iter_mut().zip(values) {
                        is_alarm |= alarms(monitor.update(Arms { baseline, canary })?);
                    }
                    Ok(is_alarm)
                })
            }
            Self::RepeatedZ | Self::Playbook => {
                let is_playbook = self == Self::Playbook;
                let mut seen: Arms<(u64, u64)> = Arms::default();
                Box::new(move |interval| {
                    let now = interval.events.zip(interval.trials);
                    seen = seen
                        .zip(now)
                        .map(|((x, n), (more, trials))| (x + more, n + trials));
                    let counts = seen.try_map(|_, (events, trials)| Counts::new(events, trials))?;
                    let all = counts.baseline.trials() + counts.canary.trials();
                    let difference = counts.canary.rate() - counts.baseline.rate();
                    let is_small = difference.is_nan() || difference.abs() < 0.01;
                    if is_playbook && (all < 100 || is_small) {
                        return Ok(false);
                    }
                    let test = TwoProportionZ::new().alternative(alternative);
                    // Before there is anything to test, there is no alarm.
                    Ok(test.run(&counts).is_ok_and(|found| found.p_value < ALPHA))
                })
            }
            Self::RepeatedT => {
                let mut seen: Arms<Option<Summary>> = Arms::default();
                Box::new(move |interval| {
                    let now = slices(interval).map(|values| Summary::of(values, NanPolicy::Raise));
                    seen = seen.zip(now).map(|(seen, now)| match (seen, now) {
                        (Some(seen), Ok(now)) => Some(seen.merge(now)),
                        (seen, now) => seen.or(now.ok()),
                    });
                    let (Some(baseline), Some(canary)) = (seen.baseline, seen.canary) else {
                        return Ok(false);
                    };
                    let test = TTest::new().alternative(alternative);
                    let found = test.run_summaries(&Arms { baseline, canary });
                    Ok(found.is_ok_and(|found| found.p_value < ALPHA))
                })
            }
        })
    }
}

fn alarms(decision: Decision) -> bool {
    decision == Decision::AcceptAlternative
}

fn slices(interval: &Interval) -> Arms<&[f64]> {
    interval.values.as_ref().map(Vec::as_slice)
}
