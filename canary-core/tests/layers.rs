//! The floors of the house: a module uses floors below its own, never one above.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The modules under `src/` and their floors. What is not here is refused.
const FLOORS: [(&str, u8); 10] = [
    ("error", 0),
    ("number", 0),
    ("options", 0),
    ("data", 1),
    ("stats", 2),
    ("sequential", 2),
    ("anomaly", 2),
    ("judge", 3),
    ("rollout", 4),
    ("report", 5),
];

/// Names that `lib.rs` re-exports: `crate::Error` is `crate::error::Error`.
const RE_EXPORTED: &str = "pub use ";

/// Floors that stand today; a guard that scans an empty folder must not pass.
const STANDING: [&str; 9] = [
    "anomaly",
    "data",
    "error",
    "judge",
    "number",
    "options",
    "report",
    "sequential",
    "stats",
];
const AT_LEAST_FILES: usize = 15;
const AT_LEAST_USES: usize = 50;

fn floor_of(module: &str) -> Option<u8> {
    let mut floors = FLOORS.iter();
    floors
        .find(|(name, _)| *name == module)
        .map(|&(_, floor)| floor)
}

/// The first segment of every path that starts with `crate::`, in code that is no comment.
fn modules_used(source: &str) -> BTreeSet<String> {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue; // another word that ends in `crate`
        }
        let path = code[at + "crate::".len()..].trim_start();
        match path.strip_prefix('{') {
            Some(group) => used.extend(heads(group)),
            None => used.extend(identifier(path)),
        }
    }
    used
}

/// The first segment of each path of a `{a, b::c, d::{e, f}}` group, after its opening brace.
fn heads(group: &str) -> BTreeSet<String> {
    let mut depth = 0_u32;
    let mut expects_head = true;
    let mut found = BTreeSet::new();
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expects_head = true,
            c if expects_head && !c.is_whitespace() => {
                found.extend(identifier(&group[at..]));
                expects_head = false;
            }
            _ => {}
        }
    }
    found
}

fn identifier(path: &str) -> Option<String> {
    let end = path
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(path.len());
    (end > 0).then(|| path[..end].to_owned())
}

/// Re-exported name → module, from `lib.rs`.
fn re_exports(lib: &str) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for statement in lib.split(';') {
        let Some((_, path)) = statement.split_once(RE_EXPORTED) else {
            continue;
        };
        let (module, rest) = path.split_once("::").unwrap();
        for name in heads(rest.trim_start_matches('{')) {
            names.insert(name, module.to_owned());
        }
    }
    names
}

/// Uses of a floor above `module`'s own, and how many uses were looked at.
fn upward(module: &str, source: &str, names: &BTreeMap<String, String>) -> (Vec<String>, usize) {
    let own = floor_of(module).unwrap_or_else(|| panic!("`{module}` has no floor"));
    let used = modules_used(source);
    let wrong = used.iter().filter(|name| {
        let home = names.get(*name).unwrap_or(name);
        let floor = floor_of(home).unwrap_or_else(|| panic!("`crate::{name}` has no floor"));
        floor > own
    });
    (wrong.cloned().collect(), used.len())
}

pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn no_module_uses_a_floor_above_its_own() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = re_exports(&fs::read_to_string(src.join("lib.rs")).unwrap());
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    let (mut files, mut uses) = (0, 0);
    for path in rust_files(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let first = inside.components().next().unwrap().as_os_str();
        let module = first.to_str().unwrap().trim_end_matches(".rs").to_owned();
        if module == "lib" {
            continue;
        }
        let (upward, looked_at) = upward(&module, &fs::read_to_string(&path).unwrap(), &names);
        wrong.extend(
            upward
                .iter()
                .map(|used| format!("{} uses crate::{used}", inside.display())),
        );
        seen.insert(module);
        files += 1;
        uses += looked_at;
    }
    assert!(wrong.is_empty(), "upward: {wrong:#?}");
    for module in STANDING {
        assert!(seen.contains(module), "{module} was not seen: {seen:?}");
    }
    assert!(files >= AT_LEAST_FILES, "only {files} files");
    assert!(uses >= AT_LEAST_USES, "only {uses} uses");
    assert!(names.len() >= 20, "only {names:?}");
}

#[test]
fn every_way_to_write_a_path_is_seen() {
    for (source, expected) in [
        ("use crate::data::Arms;", &["data"][..]),
        (
            "use crate::{judge, data::{Arms, Counts}, options::choice};",
            &["data", "judge", "options"],
        ),
        (
            "use crate::{\n    report::{self, text},\n    number,\n};",
            &["number", "report"],
        ),
        ("fn f() { crate::report::text() }", &["report"]),
        ("#[serde(with = \"crate::number::extended\")]", &["number"]),
        ("pub(crate) fn f(x: &crate::Verdict) {}", &["Verdict"]),
        ("$crate::error::Error::option()", &["error"]),
        ("/// [`x`](crate::judge::x)\n// crate::judge", &[]),
        ("mycrate::judge::x()", &[]),
    ] {
        let used = modules_used(source);
        assert!(used.iter().eq(expected), "{source}: {used:?}");
    }
}

#[test]
fn an_upward_use_is_caught() {
    let names = BTreeMap::from([("Verdict".to_owned(), "judge".to_owned())]);
    let caught = |module, source| !upward(module, source, &names).0.is_empty();
    assert!(caught("stats", "use crate::judge::Policy;"));
    assert!(caught("number", "use crate::{options, data::Arms};"));
    assert!(caught("data", "fn f(_: crate::Verdict) {}"));
    assert!(!caught("judge", "use crate::{data::Arms, stats, Verdict};"));
    assert!(!caught("stats", "use crate::anomaly::x;"));
}
