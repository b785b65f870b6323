//! Coverage of every interval and false-alarm rate of every test, by simulation: writes
//! `docs/calibration.md`, and fails where a recommended method is off.

mod events;
mod families;
mod series;
mod table;
mod values;
mod worlds;

use std::process::ExitCode;

fn main() -> ExitCode {
    let tables = [
        values::tables(),
        series::tables(),
        events::tables(),
        families::tables(),
    ];
    let mut text = include_str!("intro.md").to_owned();
    let mut off = Vec::new();
    for table in tables.into_iter().flatten() {
        let (rendered, found) = table.render();
        text += &rendered;
        off.extend(found);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/calibration.md");
    if let Err(error) = std::fs::write(path, text.trim_end().to_owned() + "\n") {
        eprintln!("{path}: {error}");
        return ExitCode::FAILURE;
    }
    for cell in &off {
        eprintln!("off where it is recommended: {cell}");
    }
    if off.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
