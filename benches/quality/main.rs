//! How good decisions are: simulated rollouts with nothing wrong or one known fault, judged by this library
//! and by others. Writes `docs/quality.md`, and fails where this library breaks what it promises.

mod decidable;
mod fault;
mod judges;
mod margins;
mod noise;
mod normal;
mod outcome;
mod page;
mod random;
mod shape;
mod world;

use std::process::ExitCode;

use canary_core::Result;
use rayon::prelude::*;

use fault::Fault;
use noise::Class;
use outcome::{Outcome, Run};
use world::Rollout;

/// All runs together; two fifths of them have nothing wrong.
const RUNS: usize = 2400;
const QUICK: usize = 480;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let runs = after("--runs").unwrap_or(if is_quick { QUICK } else { RUNS });
    match simulate(runs).and_then(|runs| write(&runs, &arguments)) {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(broken) => {
            for promise in broken {
                eprintln!("broken: {promise}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes the page, unless it is only to be shown; gives the promises that were broken.
fn write(runs: &[Run], arguments: &[String]) -> Result<Vec<String>> {
    let (text, mut broken) = page::render(runs);
    let path = format!("{}/../docs/quality.md", env!("CARGO_MANIFEST_DIR"));
    if arguments.iter().any(|argument| argument == "--print") {
        println!("{text}");
    } else if let Err(error) = std::fs::write(&path, text) {
        broken.push(format!("{path}: {error}"));
    }
    Ok(broken)
}

fn simulate(runs: usize) -> Result<Vec<Run>> {
    let healthy = runs * 2 / 5;
    let faults: Vec<(Fault, f64)> = Fault::ALL
        .iter()
        .flat_map(|&fault| margins::SIZES.map(|size| (fault, size)))
        .collect();
    let rollout = |index: usize| {
        let (fault, size, class) = if index < healthy {
            let class = Class::ALL.get(index % Class::ALL.len()).copied();
            (Fault::Nothing, 0.0, class.unwrap_or(Class::Mixed))
        } else {
            let at = (index - healthy) % faults.len();
            let (fault, size) = faults.get(at).copied().unwrap_or((Fault::Nothing, 0.0));
            (fault, size, Class::Mixed)
        };
        Rollout::new(0x9e37_79b9_7f4a_7c15 ^ index as u64, fault, size, class)
    };
    (0..runs)
        .into_par_iter()
        .map(|index| judged(&rollout(index)))
        .collect()
}

fn judged(rollout: &Rollout) -> Result<Run> {
    let minutes = rollout.minutes()?;
    let outcomes = judges::ALL.iter().map(|candidate| {
        let mut judge = (candidate.call)()?;
        Outcome::of(judge.as_mut(), &minutes, rollout.fault.onset())
    });
    Ok(Run {
        rollout: *rollout,
        outcomes: outcomes.collect::<Result<_>>()?,
        is_decidable: rollout.is_decidable(),
        decidable_after: rollout.decidable_after(),
    })
}
