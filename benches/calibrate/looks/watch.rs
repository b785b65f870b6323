//! Who looks: the monitors, and the tests for one look used at every one.

use canary_core::sequential::{
    Assume, Decision, EventSplit, Level, MixtureSprt, QuantileComparison, SeriesComparison, Update,
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
    /// The playbooks' way: a test for one look at every look.
    RepeatedZ,
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
            Self::RepeatedZ => return "two-proportion z-test at every look".to_owned(),
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
        )
    }

    /// A new one, where the canary's first share of the traffic is this.
    pub(super) fn watch(self, share: f64, alternative: Alternative) -> Result<Watch> {
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
            Self::RepeatedZ => {
                let mut seen: Arms<(u64, u64)> = Arms::default();
                Box::new(move |interval| {
                    let now = interval.events.zip(interval.trials);
                    seen = seen
                        .zip(now)
                        .map(|((x, n), (more, trials))| (x + more, n + trials));
                    let counts = seen.try_map(|_, (events, trials)| Counts::new(events, trials))?;
                    let test = TwoProportionZ::new().alternative(alternative);
                    // Before there is anything to test, there is no alarm.
                    Ok(test.run(&counts).is_ok_and(|found| found.p_value < ALPHA))
                })
            }
            Self::RepeatedT => {
                let mut seen: Option<Arms<Summary>> = None;
                Box::new(move |interval| {
                    let now =
                        slices(interval).try_map(|_, values| Summary::of(values, NanPolicy::Raise));
                    let Ok(now) = now else { return Ok(false) };
                    let all = match seen {
                        None => now,
                        Some(seen) => seen.zip(now).map(|(seen, now)| seen.merge(now)),
                    };
                    seen = Some(all);
                    let test = TTest::new().alternative(alternative);
                    let found = test.run_summaries(&all);
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
