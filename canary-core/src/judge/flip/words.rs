//! The sentence of a flip.

use super::bench::Bench;
use super::{FlipChange, FlipKind, Setting, over};
use crate::data::Observations;
use crate::judge::explain::{self, CHOSEN, MEASURED, PROPORTION};
use crate::judge::finding::Finding;
use crate::judge::verdict::{Status, Verdict};
use crate::number::show::{Given, Show};
use crate::options::Measure;

/// The unit of the number that changes.
pub(super) fn unit(setting: Setting, finding: &Finding) -> Option<String> {
    match setting {
        Setting::Difference
        | Setting::Min
        | Setting::Max
        | Setting::Value
        | Setting::Plus
        | Setting::Growth => finding.unit.clone(),
        Setting::Share | Setting::Margin => Some(PROPORTION.to_owned()),
        Setting::Percent => Some("%".to_owned()),
        Setting::Events => Some("events".to_owned()),
        Setting::Factor | Setting::Times | Setting::Spread | Setting::Amount => None,
    }
}

/// `With a margin of 0.54 instead of 0.25 percentage points for errors, the verdict would be PASS.`
pub(super) fn sentence(what: FlipKind, phrases: &[String], status: Status) -> String {
    let then = format!("the verdict would be {status}.");
    match phrases {
        [] => String::new(),
        [one] => format!("With {one}, {then}"),
        [others @ .., last] => {
            let which = match what {
                FlipKind::Policy => "limit",
                FlipKind::Data | FlipKind::MoreData => "metric",
            };
            let others = others.join(", with ");
            format!(
                "No change of one {which} alone is enough. With {others} and with {last}, {then}"
            )
        }
    }
}

/// Both values, their unit once: `0.54 instead of 0.25 percentage points`.
fn instead(is: &str, was: &str) -> String {
    match (is.split_once(' '), was.split_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => {
            format!("{number} instead of {was}")
        }
        _ => format!("{is} instead of {was}"),
    }
}

/// What changes, as it stands after "With".
pub(super) fn change(bench: &Bench<'_>, change: &FlipChange, after: &Verdict) -> String {
    let FlipChange {
        check,
        metric,
        now,
        to,
        setting,
        ..
    } = change;
    let (now, to, unit) = (*now, *to, change.unit.as_deref());
    if change.until == now && !matches!(setting, Setting::Events | Setting::Amount) {
        return any(*setting, change, to > now);
    }
    let levels = || levels(bench, change, after);
    let part = |factor: f64| explain::change(MEASURED, Measure::Ratio, factor, None);
    match setting {
        Setting::Percent | Setting::Factor | Setting::Difference | Setting::Margin => {
            format!(
                "a margin of {} for {check}",
                limits(*setting, to, now, unit)
            )
        }
        Setting::Min | Setting::Max => {
            let end = if *setting == Setting::Min {
                "a lower"
            } else {
                "an upper"
            };
            format!(
                "{end} limit of {} for {check}",
                limits(*setting, to, now, unit)
            )
        }
        Setting::Share => {
            let shares = limits(*setting, to, now, unit);
            format!("{shares} of the observations allowed beyond the margin of {check}")
        }
        Setting::Events => {
            let canary = bench
                .snapshot
                .get(metric)
                .and_then(|arms| arms.canary.as_ref());
            let among = match canary {
                Some(Observations::Counts(counts)) => {
                    format!("among the canary's {}", counts.trials())
                }
                _ => "on the canary".to_owned(),
            };
            let events = if to == 1.0 { "event" } else { "events" };
            format!("{to} {events} of {metric} instead of {now} {among}")
        }
        Setting::Value => {
            format!(
                "{} of {metric} on the canary",
                limits(*setting, to, now, unit)
            )
        }
        Setting::Times => format!(
            "each value of {metric} on the canary {}{}",
            part(to),
            levels()
        ),
        Setting::Plus => {
            let by = explain::change(MEASURED, Measure::Difference, to, unit);
            format!("each value of {metric} on the canary {by}{}", levels())
        }
        Setting::Growth => {
            let time = bench.checks.get(change.finding).map_or(1.0, over);
            let by = explain::change(MEASURED, Measure::Difference, to, unit);
            format!("{metric} on the canary growing by {by} in {}", Given(time))
        }
        Setting::Spread => {
            format!("{metric} on the canary varying {}{}", part(to), levels())
        }
        Setting::Amount => format!("{} times as much data", Show(to)),
    }
}

/// What changes, where however little of it is enough.
fn any(setting: Setting, change: &FlipChange, is_more: bool) -> String {
    let FlipChange {
        check, metric, now, ..
    } = change;
    let now = one(setting, *now, change.unit.as_deref());
    let (more, larger, above) = match is_more {
        true => ("more", "larger", "above"),
        false => ("less", "smaller", "below"),
    };
    match setting {
        Setting::Percent | Setting::Factor | Setting::Difference | Setting::Margin => {
            format!("any margin {above} {now} for {check}")
        }
        Setting::Min => format!("any lower limit {above} {now} for {check}"),
        Setting::Max => format!("any upper limit {above} {now} for {check}"),
        Setting::Share => {
            format!(
                "any {more} than {now} of the observations allowed beyond the margin of {check}"
            )
        }
        Setting::Value => format!("any {more} than {now} of {metric} on the canary"),
        Setting::Growth => {
            format!("{metric} on the canary growing {more}, however little")
        }
        Setting::Spread => {
            format!("{metric} on the canary varying {more}, however little")
        }
        Setting::Times | Setting::Plus | Setting::Events | Setting::Amount => {
            format!("each value of {metric} on the canary {larger}, however little")
        }
    }
}

/// Both values of a limit, or of a single number, as somebody would write them.
fn limits(setting: Setting, to: f64, now: f64, unit: Option<&str>) -> String {
    let show = |x: f64| one(setting, x, unit);
    // A limit that was computed has many digits; five are enough where they tell the two apart.
    let short = |x: f64| format!("{x:.4e}").parse().unwrap_or(x);
    let longer = |x: f64| format!("{x:.6e}").parse().unwrap_or(x);
    let (shorter, was) = (short(to), short(now));
    if shorter == was {
        return instead(&show(longer(to)), &show(longer(now)));
    }
    instead(&show(shorter), &show(was))
}

/// One of them.
fn one(setting: Setting, x: f64, unit: Option<&str>) -> String {
    match setting {
        Setting::Factor => format!("{}x", Given(x)),
        Setting::Difference | Setting::Margin => explain::difference(CHOSEN, x, unit),
        _ => explain::in_unit(CHOSEN, x, unit),
    }
}

/// The compared number before and after: ` (p99 410 ms instead of 520 ms)`.
fn levels(bench: &Bench<'_>, change: &FlipChange, after: &Verdict) -> String {
    let level = |verdict: &Verdict| {
        let finding = verdict.findings.get(change.finding)?;
        Some(explain::level(
            finding.levels.canary?,
            finding.unit.as_deref(),
        ))
    };
    match (level(&bench.verdict), level(after)) {
        (Some(was), Some(is)) => format!(" ({} {})", change.check, instead(&is, &was)),
        _ => String::new(),
    }
}

/// How much more data decide, and when.
pub(super) fn more_data(
    amount: f64,
    observations: f64,
    seconds: Option<f64>,
    status: Status,
) -> String {
    let when = match seconds {
        Some(seconds) => format!("in about {} at this traffic", duration(seconds)),
        None => {
            let number = observations.ceil();
            let plural = if number == 1.0 { "" } else { "s" };
            format!(
                "after about {} more observation{plural} of the canary",
                Show(number)
            )
        }
    };
    let amount = explain::change(MEASURED, Measure::Ratio, amount, None);
    format!("With {amount} data of the same kind, {when}, the verdict would be {status}.")
}

/// A time as people say it: `14 minutes`, `3 hours`.
pub(super) fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 99.5 => (s, "second"),
        s if s < 99.5 * 60.0 => (s / 60.0, "minute"),
        s if s < 47.5 * 3600.0 => (s / 3600.0, "hour"),
        s => (s / 86_400.0, "day"),
    };
    match value.round().max(1.0) {
        1.0 => format!("1 {unit}"),
        many => format!("{many} {unit}s"),
    }
}
