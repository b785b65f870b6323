//! No dependency may need a newer Rust than the workspace promises, and there is one ndarray.
//!
//! Asks `cargo metadata` about what is locked; the build has downloaded all of it, so this needs no
//! network. The standard library's own age is watched by clippy's `incompatible_msrv`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

const AT_LEAST_PACKAGES: usize = 10;

/// `1.89` or `1.89.0` as numbers that compare.
fn version(text: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = text.split('.').map(|part| part.parse().unwrap()).collect();
    parts.resize(3, 0);
    parts
}

fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(["--all-features", "--filter-platform", &host()])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The platform this was built on: of the others' dependencies nothing need be downloaded.
fn host() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.unwrap().to_owned()
}

/// Package id → ids of what it needs to be built and run, without what only its tests need.
fn needed(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let is_needed = |dependency: &&Value| {
        let kinds = dependency["dep_kinds"].as_array().unwrap();
        kinds.iter().any(|kind| kind["kind"] != "dev")
    };
    nodes
        .iter()
        .map(|node| {
            let dependencies = node["deps"].as_array().unwrap().iter().filter(is_needed);
            let ids = dependencies.map(|dependency| dependency["pkg"].as_str().unwrap());
            (node["id"].as_str().unwrap(), ids.collect())
        })
        .collect()
}

#[test]
fn no_dependency_needs_a_newer_rust_than_promised() {
    let metadata = metadata();
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|package| (package["id"].as_str().unwrap(), package))
        .collect();
    let promised = env!("CARGO_PKG_RUST_VERSION");
    let needed = needed(&metadata);
    let members = metadata["workspace_members"].as_array().unwrap();
    let mut waiting: Vec<&str> = members.iter().map(|id| id.as_str().unwrap()).collect();
    let (mut seen, mut stating, mut too_new) = (BTreeSet::new(), 0, Vec::new());
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        waiting.extend(&needed[id]);
        if let Some(rust) = packages[id]["rust_version"].as_str() {
            stating += 1;
            if version(rust) > version(promised) {
                too_new.push(format!("{id} needs {rust}"));
            }
        }
    }
    println!(
        "{} packages, {stating} state their rust-version",
        seen.len()
    );
    assert!(too_new.is_empty(), "promised is {promised}: {too_new:#?}");
    assert!(seen.len() >= AT_LEAST_PACKAGES, "only {seen:?}");
    assert!(
        stating >= AT_LEAST_PACKAGES,
        "only {stating} state a rust-version"
    );
}

/// Two would each be compiled, and the arrays of one are not those of the other. (numpy takes several
/// versions, linfa one: `cargo update -p ndarray --precise` settles on it.)
#[test]
fn there_is_one_ndarray() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let versions: Vec<&Value> = packages
        .iter()
        .filter(|package| package["name"] == "ndarray")
        .map(|package| &package["version"])
        .collect();
    assert_eq!(versions.len(), 1, "{versions:?}");
}

#[test]
fn versions_compare_as_numbers() {
    assert!(version("1.100") > version("1.89"));
    assert!(version("1.89.1") > version("1.89"));
    assert_eq!(version("1.89"), version("1.89.0"));
    assert_eq!(version("1"), [1, 0, 0]);
}
