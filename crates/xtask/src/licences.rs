//! Writes ui/src/lib/shell/licences.json: what the programs are made of, with version and licence, for the About box.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use cargo_metadata::{CargoOpt, DependencyKind, MetadataCommand};
use serde_json::{Value, json};

const FILE: &str = "ui/src/lib/shell/licences.json";
/// The programs that are shipped.
const PROGRAMS: [&str; 2] = ["cli", "scimscope-desktop"];
/// Packages that end up in the page although they are needed to build it.
const BUILT_IN: [&str; 1] = ["svelte"];

type Line = (String, String, String);

/// Writes the file, or with `check` only tells whether it is what it should be.
pub fn run(root: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let text = text(&crates(root)?, &packages(root)?);
    let path = root.join(FILE);
    if !check {
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if std::fs::read_to_string(&path).is_ok_and(|kept| kept == text) {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{FILE} is not what the programs are made of; run: cargo xtask licences");
    Ok(ExitCode::FAILURE)
}

/// Every crate that is compiled into a program on Linux, ours left out.
fn crates(root: &Path) -> anyhow::Result<BTreeSet<Line>> {
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .features(CargoOpt::SomeFeatures(Vec::new()))
        .other_options(vec!["--locked".into(), "--filter-platform".into(), "x86_64-unknown-linux-gnu".into()])
        .exec()?;
    let resolve = metadata.resolve.as_ref().context("cargo tells no dependencies")?;
    let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let ours = |name: &str| metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name);
    let mut next = Vec::new();
    for program in PROGRAMS {
        next.push(&ours(program).with_context(|| format!("there is no program {program}"))?.id);
    }
    let mut seen = BTreeSet::new();
    let mut lines = BTreeSet::new();
    while let Some(id) = next.pop() {
        if !seen.insert(id) {
            continue;
        }
        let package = &metadata[id];
        // What runs only while compiling is in no program.
        let compiles = package.targets.iter().any(|target| target.is_proc_macro());
        if compiles {
            continue;
        }
        if package.source.is_some() {
            let licence = package.license.clone().unwrap_or_else(|| "see its source".into());
            lines.insert((package.name.to_string(), package.version.to_string(), licence));
        }
        let needed = nodes.get(id).into_iter().flat_map(|node| &node.deps);
        next.extend(
            needed
                .filter(|need| need.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
                .map(|need| &need.pkg),
        );
    }
    Ok(lines)
}

/// Every package that is bundled into the page.
fn packages(root: &Path) -> anyhow::Result<BTreeSet<Line>> {
    let lock: Value = serde_json::from_str(&std::fs::read_to_string(root.join("ui/package-lock.json"))?)?;
    let Some(all) = lock["packages"].as_object() else { bail!("ui/package-lock.json lists no packages") };
    let bundled = all.iter().filter_map(|(path, package)| {
        let name = path.rsplit_once("node_modules/")?.1;
        let built_in = BUILT_IN.contains(&name);
        (built_in || package["dev"] != json!(true)).then(|| {
            let text = |member: &str| package[member].as_str().unwrap_or_default().to_owned();
            (name.to_owned(), text("version"), text("license"))
        })
    });
    Ok(bundled.collect())
}

/// The file as the page's formatter would have it.
fn text(crates: &BTreeSet<Line>, packages: &BTreeSet<Line>) -> String {
    let list = |lines: &BTreeSet<Line>| {
        let lines = lines
            .iter()
            .map(|(name, version, licence)| format!("    [{}, {}, {}]", json!(name), json!(version), json!(licence)));
        lines.collect::<Vec<_>>().join(",\n")
    };
    format!("{{\n  \"crates\": [\n{}\n  ],\n  \"packages\": [\n{}\n  ]\n}}\n", list(crates), list(packages))
}
