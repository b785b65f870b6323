//! Coverage of every interval and false-alarm rate of every test, for one look and for many, by
//! simulation: writes `docs/calibration.md`, `docs/calibration-of-looking.md` and
//! `docs/calibration-of-anomalies.md`, or those that are named, and fails where a recommended method is off.

mod anomalies;
mod events;
mod families;
mod looks;
mod series;
mod table;
mod values;
mod worlds;

use std::process::ExitCode;

use table::Table;

fn main() -> ExitCode {
    let only: Vec<String> = std::env::args().skip(1).collect();
    let is_asked = |page: &str| only.is_empty() || only.iter().any(|name| name == page);
    let mut off = Vec::new();
    if is_asked("calibration") {
        let tables = [
            values::tables(),
            series::tables(),
            events::tables(),
            families::tables(),
        ];
        let tables = tables.into_iter().flatten();
        off.extend(page(
            "calibration",
            include_str!("intro.md"),
            tables,
            String::new,
        ));
    }
    if is_asked("calibration-of-looking") {
        let intro = include_str!("looks/intro.md");
        let tables = looks::tables().into_iter();
        off.extend(page("calibration-of-looking", intro, tables, looks::delays));
    }
    if is_asked("calibration-of-anomalies") {
        let intro = include_str!("anomalies/intro.md");
        let tables = anomalies::tables().into_iter();
        off.extend(page(
            "calibration-of-anomalies",
            intro,
            tables,
            anomalies::faults,
        ));
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

/// Writes a page of the documentation, and gives what is off on it.
fn page(
    name: &str,
    intro: &str,
    tables: impl Iterator<Item = Table>,
    rest: impl FnOnce() -> String,
) -> Vec<String> {
    let mut text = intro.to_owned();
    let mut off = Vec::new();
    for table in tables {
        let (rendered, found) = table.render();
        text += &rendered;
        off.extend(found);
    }
    text += &rest();
    let path = format!("{}/../docs/{name}.md", env!("CARGO_MANIFEST_DIR"));
    if let Err(error) = std::fs::write(&path, text.trim_end().to_owned() + "\n") {
        off.push(format!("{path}: {error}"));
    }
    off
}
