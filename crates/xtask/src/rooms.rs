//! The rooms check: which crate may depend on which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId};
use serde::Deserialize;

/// What tests of every room may use.
const FOR_TESTS: &str = "testkit";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    room: BTreeMap<String, Room>,
    pure: Pure,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Room {
    may: BTreeSet<String>,
    #[serde(default)]
    dev: BTreeSet<String>,
    #[serde(default)]
    never: BTreeSet<String>,
    #[serde(default)]
    never_words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pure {
    rooms: Vec<String>,
}

/// Compares the workspace with the table and prints what does not agree.
pub fn check(root: &Path) -> anyhow::Result<ExitCode> {
    let faults = faults(root)?;
    for fault in &faults {
        println!("rooms: {fault}");
    }
    if faults.is_empty() {
        println!("all rooms keep to their table");
        return Ok(ExitCode::SUCCESS);
    }
    println!("The table is in crates/xtask/rooms.toml, its reasons in ARCHITECTURE.md.");
    Ok(ExitCode::FAILURE)
}

/// What does not agree, one sentence each.
fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let path = root.join("crates/xtask/rooms.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let table: Table = toml::from_str(&text).context("crates/xtask/rooms.toml is not a room table")?;
    let metadata = MetadataCommand::new()
        .current_dir(root)
        // Only what is built here: crates for other systems need not be downloaded.
        .other_options(["--filter-platform".to_owned(), "host-tuple".to_owned()])
        .exec()
        .context("cargo metadata failed")?;

    let mut faults = Vec::new();
    let packages: BTreeMap<&str, &Package> =
        metadata.workspace_packages().into_iter().map(|package| (package.name.as_str(), package)).collect();
    for name in table.room.keys().filter(|name| !packages.contains_key(name.as_str())) {
        faults.push(format!("{name} is in rooms.toml but not in the workspace"));
    }
    for (name, package) in &packages {
        match table.room.get(*name) {
            None => faults.push(format!("{name} is not in rooms.toml: a new room needs a line there")),
            Some(room) => {
                edges(package, room, &packages, &mut faults);
                reach(&metadata, package, room, &mut faults)?;
                words(package, room, &mut faults)?;
            }
        }
    }
    bans(&table.pure.rooms, &packages, &mut faults)?;
    Ok(faults)
}

/// Direct dependencies among rooms.
fn edges(package: &Package, room: &Room, packages: &BTreeMap<&str, &Package>, faults: &mut Vec<String>) {
    let name = &package.name;
    for dependency in &package.dependencies {
        let on = dependency.name.as_str();
        if !packages.contains_key(on) {
            continue;
        }
        let allowed = match dependency.kind {
            DependencyKind::Development => room.may.contains(on) || room.dev.contains(on) || on == FOR_TESTS,
            _ => room.may.contains(on),
        };
        if !allowed {
            let kind = if dependency.kind == DependencyKind::Development { " in its tests" } else { "" };
            faults.push(format!("{name} must not depend on {on}{kind}"));
        }
    }
}

/// Crates of others that a room depends on, itself or through crates of others. Through other rooms does not count:
/// they answer for themselves.
fn reach(metadata: &Metadata, package: &Package, room: &Room, faults: &mut Vec<String>) -> anyhow::Result<()> {
    let resolve = metadata.resolve.as_ref().context("cargo metadata resolved no dependencies")?;
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let ours: BTreeSet<&PackageId> = metadata.workspace_members.iter().collect();
    let mut way: BTreeMap<&PackageId, &PackageId> = BTreeMap::new();
    let mut todo = vec![&package.id];
    while let Some(here) = todo.pop() {
        let node = nodes.get(here).with_context(|| format!("cargo metadata does not know {here}"))?;
        for dependency in &node.deps {
            let counts = dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal);
            if !counts || ours.contains(&dependency.pkg) || way.contains_key(&dependency.pkg) {
                continue;
            }
            way.insert(&dependency.pkg, here);
            todo.push(&dependency.pkg);
        }
    }
    for reached in way.keys() {
        let name = &metadata[*reached].name;
        if room.never.contains(name.as_str()) {
            let mut steps = vec![name.to_string()];
            let mut here = *reached;
            while let Some(before) = way.get(here) {
                steps.push(metadata[*before].name.to_string());
                here = before;
            }
            steps.reverse();
            faults.push(format!("{} must never depend on {name}: {}", package.name, steps.join(" -> ")));
        }
    }
    Ok(())
}

/// Texts that must not be in a room's sources.
fn words(package: &Package, room: &Room, faults: &mut Vec<String>) -> anyhow::Result<()> {
    if room.never_words.is_empty() {
        return Ok(());
    }
    let folder = package.manifest_path.with_file_name("src");
    for path in sources(folder.as_std_path())? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for (number, line) in text.lines().enumerate() {
            for word in room.never_words.iter().filter(|word| line.contains(word.as_str())) {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                faults.push(format!("{} must not use {word}: {file} line {}", package.name, number + 1));
            }
        }
    }
    Ok(())
}

fn sources(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The bans of clock, sleep and randomness are per crate, and must not drift apart.
fn bans(pure: &[String], packages: &BTreeMap<&str, &Package>, faults: &mut Vec<String>) -> anyhow::Result<()> {
    let mut first: Option<(&str, String)> = None;
    for name in pure {
        let package = packages.get(name.as_str());
        ensure!(package.is_some(), "the pure room {name} is not in the workspace");
        let Some(path) = package.map(|package| package.manifest_path.with_file_name("clippy.toml")) else { continue };
        match (fs::read_to_string(&path), &first) {
            (Err(_), _) => faults.push(format!("{name} has no clippy.toml with the bans of a pure room")),
            (Ok(text), None) => first = Some((name, text)),
            (Ok(text), Some((other, expected))) if text != *expected => {
                faults.push(format!("the bans in clippy.toml of {name} and {other} differ"));
            }
            (Ok(_), Some(_)) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "
        [room.a]
        may = []
        never_words = [\"std::net\"]
        [room.b]
        may = [\"a\"]
        [pure]
        rooms = [\"a\", \"b\"]
    ";

    /// A workspace of crates with these dependency sections; `lib.rs` and `clippy.toml` the same in each.
    fn workspace(crates: &[(&str, &str)], source: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let names: Vec<String> = crates.iter().map(|(name, _)| format!("\"crates/{name}\"")).collect();
        write("Cargo.toml", &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n", names.join(",")));
        write("crates/xtask/rooms.toml", TABLE);
        for (name, dependencies) in crates {
            let package =
                format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{dependencies}");
            write(&format!("crates/{name}/Cargo.toml"), &package);
            write(&format!("crates/{name}/src/lib.rs"), source);
            write(&format!("crates/{name}/clippy.toml"), "");
        }
        root
    }

    const B_ON_A: &str = "[dependencies]\na = { path = \"../a\" }\n";

    #[test]
    fn a_workspace_that_keeps_to_its_table_has_no_faults() {
        let root = workspace(&[("a", ""), ("b", B_ON_A)], "");
        assert_eq!(faults(root.path()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_edge_that_the_table_does_not_have_is_a_fault_in_code_and_in_tests() {
        let root = workspace(&[("a", "[dependencies]\nb = { path = \"../b\" }\n"), ("b", "")], "");
        assert_eq!(faults(root.path()).unwrap(), ["a must not depend on b"]);
        let root = workspace(&[("a", "[dev-dependencies]\nb = { path = \"../b\" }\n"), ("b", "")], "");
        assert_eq!(faults(root.path()).unwrap(), ["a must not depend on b in its tests"]);
    }

    #[test]
    fn a_new_crate_and_a_missing_one_are_faults() {
        let root = workspace(&[("a", ""), ("b", ""), ("c", "")], "");
        assert_eq!(faults(root.path()).unwrap(), ["c is not in rooms.toml: a new room needs a line there"]);
    }

    #[test]
    fn a_forbidden_word_is_a_fault_with_its_line() {
        let root = workspace(&[("a", ""), ("b", "")], "//! A room.\nuse std::net::TcpStream;\n");
        assert_eq!(faults(root.path()).unwrap(), ["a must not use std::net: lib.rs line 2"]);
    }

    #[test]
    fn bans_that_drift_apart_or_go_missing_are_faults() {
        let root = workspace(&[("a", ""), ("b", "")], "");
        fs::write(root.path().join("crates/b/clippy.toml"), "disallowed-methods = []").unwrap();
        assert_eq!(faults(root.path()).unwrap(), ["the bans in clippy.toml of b and a differ"]);
        fs::remove_file(root.path().join("crates/b/clippy.toml")).unwrap();
        assert_eq!(faults(root.path()).unwrap(), ["b has no clippy.toml with the bans of a pure room"]);
    }
}
