//! `cargo xtask measure`: long and timed things, beside a bare server in the same run. Raw figures go to docs/perf/, and
//! docs/performance.md is made from them. Nothing in a test asserts a time; this is where times are.

mod desktop;
mod instructions;
mod kill;
mod load;
mod page;
mod record;
mod replay;
mod report;
pub mod steady;
mod store;
mod subject;

pub use desktop::run as run_desktop;
pub use instructions::run as run_instructions;
pub use kill::run as run_kill;
pub use page::{Setup as PageSetup, run as run_page};
pub use record::run as run_record;
pub use replay::run as run_replay;
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
    disk_budget: Option<String>,
    rows: Vec<Row>,
    start: Start,
}

/// One kind of request at the two servers.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    kind: String,
    /// Of each kind in the mix.
    answer_bytes: Vec<usize>,
    bare: Run,
    temporary: Run,
    acknowledged: Run,
    /// By how much the workspace file of the acknowledged run has grown for each exchange; absent if it may not grow.
    file_bytes: Option<u64>,
}

/// How the requests are measured.
pub struct Setup {
    /// Seconds a figure.
    pub seconds: u64,
    /// Connections kept open.
    pub connections: usize,
    /// Passed on to `scimscope serve`: with a small one, and enough seconds, pruning is part of the figures.
    pub disk_budget: Option<String>,
    /// Only kinds of which the name holds this.
    pub only: Option<String>,
}

/// How `scimscope serve` starts on an empty workspace.
#[derive(Debug, Serialize, Deserialize)]
struct Start {
    ready_ms: Vec<u64>,
    resident_kib: u64,
}

/// Measures, writes the raw file and makes docs/performance.md; that of some kinds only is printed.
#[allow(clippy::print_stdout)]
pub fn run(root: &Path, setup: &Setup) -> anyhow::Result<()> {
    let programs = build(root)?;
    let program = programs.join("scimscope");
    let (seconds, connections) = (setup.seconds, setup.connections);
    let load = Load { seconds, connections };
    let more: Vec<String> =
        setup.disk_budget.iter().flat_map(|most| ["--disk-budget".to_owned(), most.clone()]).collect();
    let start = subject::start_times(&program)?;
    let mut rows: Vec<Row> = Vec::new();
    let bare = subject::Bare::start(&programs.join("xtask"))?;
    let wanted = |mix: &load::Mix| setup.only.as_ref().is_none_or(|only| mix.name.contains(only.as_str()));
    for mix in load::mixes().iter().filter(|mix| wanted(mix)) {
        // A server of its own for each figure: what one kind of load leaves behind must not weigh on the next.
        let mut temporary = Subject::start_with(&program, None, &more)?;
        temporary.fill()?;
        let answer_bytes: Vec<usize> =
            mix.parts.iter().map(|(_, kind)| temporary.answer_bytes(kind)).collect::<anyhow::Result<_>>()?;
        let temporary_run = load.run(&temporary.target(mix))?;
        drop(temporary);
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("measure.scimscope");
        let mut acknowledged = Subject::start(&program, Some(&file))?;
        acknowledged.fill()?;
        let ids = acknowledged.ids().to_vec();
        drop(acknowledged);
        let before = std::fs::metadata(&file)?.len();
        let acknowledged = Subject::start_with(&program, Some(&file), &more)?.with_ids(ids);
        let acknowledged_run = load.run(&acknowledged.target(mix))?;
        drop(acknowledged);
        let grown = std::fs::metadata(&file)?.len().saturating_sub(before);
        let file_bytes = setup.disk_budget.is_none().then(|| grown / acknowledged_run.answers.max(1));
        let bare_run = load.run(&bare.target(mix, &answer_bytes))?;
        let kind = mix.name.to_owned();
        let row = Row {
            kind,
            answer_bytes,
            bare: bare_run,
            temporary: temporary_run,
            acknowledged: acknowledged_run,
            file_bytes,
        };
        println!("{}", report::line(&row).trim_end());
        rows.push(row);
    }
    if setup.only.is_some() {
        return Ok(());
    }
    let measurement = Measurement {
        commit: commit(root)?,
        taken_on: today()?,
        machine: machine()?,
        seconds,
        connections,
        disk_budget: setup.disk_budget.clone(),
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
