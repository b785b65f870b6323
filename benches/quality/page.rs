//! The page of the documentation.

use std::fmt::Write as _;

use crate::fault::Fault;
use crate::judges;
use crate::margins;
use crate::noise::Class;
use crate::outcome::{Outcome, Run};

const INFORMED: &str = "\
## Who tells good from bad

Caught less false rollbacks, in % (Youden's J): 100 for a judge that rolls back every canary with the fault and no good
one, 0 for one that tosses a coin, however biased. The best of each row is bold. (A judge that looks once, at the end,
may know as much, an hour late.)";

/// Over a whole rollout, with a look a minute.
const FALSE_ROLLBACKS: f64 = 0.05;
/// Of faults of twice the margin, at least.
const CAUGHT: f64 = 0.95;
const TWICE: f64 = 2.0;
/// Faults that should be found.
const TO_BE_FOUND: [f64; 2] = [2.0, 4.0];

/// A share of runs.
#[derive(Clone, Copy)]
struct Share {
    value: f64,
    runs: usize,
}

impl Share {
    fn of(outcomes: &[Outcome], is: impl Fn(Outcome) -> bool) -> Self {
        let count = outcomes.iter().filter(|outcome| is(**outcome)).count();
        Self {
            value: count as f64 / outcomes.len() as f64,
            runs: outcomes.len(),
        }
    }

    fn error(self) -> f64 {
        (self.value * (1.0 - self.value) / self.runs as f64).sqrt()
    }

    fn percent(self) -> String {
        if self.runs == 0 {
            return "-".to_owned();
        }
        format!("{:.0}", 100.0 * self.value)
    }

    fn with_error(self) -> String {
        if self.runs == 0 {
            return "-".to_owned();
        }
        format!("{:.1} ± {:.1}", 100.0 * self.value, 100.0 * self.error())
    }
}

const fn is_caught(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Caught(_))
}

fn is_promoted(outcome: Outcome) -> bool {
    outcome == Outcome::Promoted
}

fn is_undecided(outcome: Outcome) -> bool {
    outcome == Outcome::Undecided
}

/// The median of all, those not caught as the latest.
fn median_minutes(outcomes: &[Outcome]) -> Option<u32> {
    let mut minutes: Vec<u32> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Caught(after) => *after,
            _ => u32::MAX,
        })
        .collect();
    minutes.sort_unstable();
    let median = minutes.get(minutes.len() / 2).copied();
    median.filter(|minutes| *minutes < u32::MAX)
}

fn show_minutes(outcomes: &[Outcome]) -> String {
    median_minutes(outcomes).map_or("-".to_owned(), |minutes| minutes.to_string())
}

/// What a judge made of some of the runs.
fn outcomes(runs: &[Run], judge: usize, is: impl Fn(&Run) -> bool) -> Vec<Outcome> {
    let some = runs.iter().filter(|run| is(run));
    some.filter_map(|run| run.outcomes.get(judge).copied())
        .collect()
}

fn is_healthy(run: &Run) -> bool {
    run.rollout.fault == Fault::Nothing
}

fn has_size(run: &Run, size: f64) -> bool {
    !is_healthy(run) && run.rollout.size == size
}

/// The page, and the promises that are broken.
pub(crate) fn render(runs: &[Run]) -> (String, Vec<String>) {
    let mut text = include_str!("intro.md").to_owned();
    let healthy = runs.iter().filter(|run| is_healthy(run)).count();
    let _ = writeln!(
        text,
        "{} rollouts, {healthy} of them with nothing wrong.\n",
        runs.len()
    );
    text += &summary(runs);
    text += &informedness(runs);
    text += &noise(runs);
    for fault in Fault::ALL {
        text += &of_fault(runs, fault);
    }
    (text.trim_end().to_owned() + "\n", broken(runs))
}

fn head(columns: &[String]) -> String {
    let names = columns.join(" | ");
    format!("| | {names} |\n|---|{}\n", "---|".repeat(columns.len()))
}

fn row(name: &str, cells: &[String]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

fn summary(runs: &[Run]) -> String {
    let columns = [
        "false rollbacks, %",
        "good ones undecided, %",
        "caught at twice the margin, %",
        "of the decidable ones, %",
        "promoted, %",
        "undecided, %",
        "median minutes, decidable ones",
    ];
    let mut text = "## All together\n\n".to_owned() + &head(&columns.map(str::to_owned));
    for (judge, candidate) in judges::ALL.iter().enumerate() {
        let healthy = outcomes(runs, judge, is_healthy);
        let twice = outcomes(runs, judge, |run| has_size(run, TWICE));
        let decidable = outcomes(runs, judge, |run| has_size(run, TWICE) && run.is_decidable);
        text += &row(
            candidate.name,
            &[
                Share::of(&healthy, Outcome::is_rolled_back).with_error(),
                Share::of(&healthy, is_undecided).percent(),
                Share::of(&twice, is_caught).with_error(),
                Share::of(&decidable, is_caught).with_error(),
                Share::of(&twice, is_promoted).percent(),
                Share::of(&twice, is_undecided).percent(),
                show_minutes(&decidable),
            ],
        );
    }
    text + "\n"
}

fn noise(runs: &[Run]) -> String {
    let mut text = "## Nothing wrong: false rollbacks by noise, %\n\n".to_owned();
    text += &head(&Class::ALL.map(|class| class.title().to_owned()));
    for (judge, candidate) in judges::ALL.iter().enumerate() {
        let cells = Class::ALL.map(|class| {
            let own = outcomes(runs, judge, |run| {
                is_healthy(run) && run.rollout.class == class
            });
            Share::of(&own, Outcome::is_rolled_back).with_error()
        });
        text += &row(candidate.name, &cells);
    }
    text + "\n"
}

/// How often a judge rolls back what has the fault, more than what has nothing wrong (Youden's J, 1950), with
/// its Monte Carlo standard error.
fn informed(runs: &[Run], judge: usize, fault: Fault, size: f64) -> (f64, f64) {
    let healthy = outcomes(runs, judge, is_healthy);
    let faulty = outcomes(runs, judge, |run| {
        run.rollout.fault == fault && run.rollout.size == size
    });
    let caught = Share::of(&faulty, is_caught);
    let rolled_back = Share::of(&healthy, Outcome::is_rolled_back);
    (
        caught.value - rolled_back.value,
        caught.error().hypot(rolled_back.error()),
    )
}

/// The faults that should be found, by kind and size.
fn to_be_found() -> impl Iterator<Item = (Fault, f64)> {
    let faults = Fault::ALL.into_iter();
    faults.flat_map(|fault| TO_BE_FOUND.map(|size| (fault, size)))
}

fn informedness(runs: &[Run]) -> String {
    let mut text = format!(
        "{INFORMED}\n\n{}",
        head(&judges::ALL.map(|judge| judge.name.to_owned()))
    );
    for (fault, size) in to_be_found() {
        let js: Vec<f64> = (0..judges::ALL.len())
            .map(|judge| (100.0 * informed(runs, judge, fault, size).0).round())
            .collect();
        let best = js.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let cells: Vec<String> = js
            .iter()
            .map(|&j| match j == best {
                true => format!("**{j}**"),
                false => format!("{j}"),
            })
            .collect();
        text += &row(&format!("{}, {size} margins", fault.title()), &cells);
    }
    text + "\n"
}

/// Caught, promoted and undecided, and the minutes; and what was caught of the decidable ones.
fn of_fault(runs: &[Run], fault: Fault) -> String {
    let mut text = format!(
        "## {}\n\nCaught / promoted / undecided in %, median minutes; decidable ones: caught in %, median minutes.\n\n",
        fault.title()
    );
    let is_own = |run: &Run, size: f64| run.rollout.fault == fault && run.rollout.size == size;
    let decidable = |size: f64| {
        let own = runs.iter().filter(|run| is_own(run, size));
        own.filter(|run| run.is_decidable).count()
    };
    text += &head(&margins::SIZES.map(|size| {
        let all = runs.iter().filter(|run| is_own(run, size)).count();
        format!(
            "{size} margins ({all} rollouts, {} decidable)",
            decidable(size)
        )
    }));
    for (judge, candidate) in judges::ALL.iter().enumerate() {
        let cells = margins::SIZES.map(|size| {
            let all = outcomes(runs, judge, |run| is_own(run, size));
            let early = Share::of(&all, |outcome| outcome == Outcome::FalseAlarm);
            let mut cell = format!(
                "{} / {} / {}, {} min",
                Share::of(&all, is_caught).percent(),
                Share::of(&all, is_promoted).percent(),
                Share::of(&all, is_undecided).percent(),
                show_minutes(&all)
            );
            if early.value > 0.0 {
                let _ = write!(cell, " ({} before the fault)", early.percent());
            }
            if decidable(size) > 0 {
                let own = outcomes(runs, judge, |run| is_own(run, size) && run.is_decidable);
                let caught = Share::of(&own, is_caught).percent();
                let _ = write!(cell, "; {caught}, {} min", show_minutes(&own));
            }
            cell
        });
        text += &row(candidate.name, &cells);
    }
    // As if everybody knew when to look.
    let cells = margins::SIZES.map(|size| {
        let own = runs
            .iter()
            .filter(|run| is_own(run, size) && run.is_decidable);
        let minutes: Vec<Outcome> = own
            .filter_map(|run| run.decidable_after.map(Outcome::Caught))
            .collect();
        match minutes.is_empty() {
            true => String::new(),
            false => format!("{} min", show_minutes(&minutes)),
        }
    });
    text += &row("*a test for one look, planned*", &cells);
    text + "\n"
}

fn broken(runs: &[Run]) -> Vec<String> {
    let mut broken = Vec::new();
    let Some(ours) = judges::ALL
        .iter()
        .position(|judge| judge.name == judges::OURS)
    else {
        return vec!["this library does not judge".to_owned()];
    };
    let rolled_back = Share::of(&outcomes(runs, ours, is_healthy), Outcome::is_rolled_back);
    if rolled_back.value - 3.0 * rolled_back.error() > FALSE_ROLLBACKS {
        broken.push(format!("false rollbacks {} %", rolled_back.with_error()));
    }
    let twice = outcomes(runs, ours, |run| has_size(run, TWICE));
    let caught = Share::of(&twice, is_caught);
    if caught.value + 3.0 * caught.error() < CAUGHT {
        broken.push(format!(
            "caught {} % at twice the margin",
            caught.with_error()
        ));
    }
    for (fault, size) in to_be_found() {
        let (own, error) = informed(runs, ours, fault, size);
        let is_better = |&judge: &usize| {
            let (j, other) = informed(runs, judge, fault, size);
            j - own > 3.0 * error.hypot(other)
        };
        for judge in (0..judges::ALL.len()).filter(is_better) {
            let name = judges::ALL.get(judge).map_or("", |judge| judge.name);
            broken.push(format!(
                "{name} knows more of: {}, {size} margins",
                fault.title()
            ));
        }
    }
    broken
}
