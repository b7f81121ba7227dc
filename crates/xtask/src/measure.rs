//! `cargo xtask measure`: long and timed things, beside a bare server in the same run. Raw figures go to docs/perf/, and
//! docs/performance.md is made from them. Nothing in a test asserts a time; this is where times are.

mod load;
mod page;
mod record;
mod report;
pub mod steady;
mod store;
mod subject;

pub use page::run as run_page;
pub use record::run as run_record;
pub use store::run as run_store;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use load::{Load, Run};
use subject::Subject;

/// One run of the measurement.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measurement {
    commit: String,
    taken_on: String,
    machine: String,
    seconds: u64,
    connections: usize,
    rows: Vec<Row>,
    start: Start,
}

/// One kind of request at the two servers.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    kind: String,
    answer_bytes: usize,
    bare: Run,
    temporary: Run,
    acknowledged: Run,
}

/// How `scimscope serve` starts on an empty workspace.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    ready_ms: Vec<u64>,
    resident_kib: u64,
}

/// Measures for so many seconds a figure, writes the raw file and makes docs/performance.md.
pub fn run(root: &Path, seconds: u64, connections: usize) -> anyhow::Result<()> {
    let programs = build(root)?;
    let program = programs.join("scimscope");
    let load = Load { seconds, connections };
    let start = subject::start_times(&program)?;
    let mut rows: Vec<Row> = Vec::new();
    let bare = subject::Bare::start(&programs.join("xtask"))?;
    for kind in load::KINDS {
        // A server of its own for each figure: what one kind of load leaves behind must not weigh on the next.
        let temporary = Subject::start(&program, None)?;
        let answer_bytes = temporary.prepare(kind)?;
        let temporary_run = load.run(&temporary.request(kind))?;
        drop(temporary);
        let folder = tempfile::tempdir()?;
        let acknowledged = Subject::start(&program, Some(&folder.path().join("measure.scimscope")))?;
        acknowledged.prepare(kind)?;
        let acknowledged_run = load.run(&acknowledged.request(kind))?;
        drop(acknowledged);
        let bare_run = load.run(&bare.request(kind, answer_bytes))?;
        rows.push(Row {
            kind: kind.name.into(),
            answer_bytes,
            bare: bare_run,
            temporary: temporary_run,
            acknowledged: acknowledged_run,
        });
    }
    let measurement = Measurement {
        commit: commit(root)?,
        taken_on: today()?,
        machine: machine()?,
        seconds,
        connections,
        rows,
        start,
    };
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}-{}.json", measurement.taken_on, measurement.commit));
    std::fs::write(&file, serde_json::to_string_pretty(&measurement)? + "\n")?;
    let page = report::page(&measurement, &file.file_name().unwrap_or_default().to_string_lossy());
    report::write(root, report::Part::Requests, &page)
}

fn commit(root: &Path) -> anyhow::Result<String> {
    output(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root))
}

fn today() -> anyhow::Result<String> {
    output(Command::new("date").args(["-u", "+%Y-%m-%d"]))
}

/// Builds the programs for release and gives the folder in which they are.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "cli", "--package", "xtask"])
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("the release build failed");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release"))
}

fn machine() -> anyhow::Result<String> {
    let cores = std::thread::available_parallelism()?;
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    Ok(format!("{cores} cores of {}", model.unwrap_or("an unknown processor")))
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} could not be run"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
