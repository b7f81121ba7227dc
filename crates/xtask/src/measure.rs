//! `cargo xtask measure`: long and timed things, beside a bare server in the same run. Raw figures go to docs/perf/, and
//! docs/performance.md is made from them. Nothing in a test asserts a time; this is where times are.

mod load;
mod report;
mod subject;

use std::path::Path;
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
    build(root)?;
    let program = root.join("target/release/scimscope");
    let load = Load { seconds, connections };
    let start = subject::start_times(&program)?;
    let mut rows: Vec<Row> = Vec::new();
    let bare = subject::Bare::start(&root.join("target/release/xtask"))?;
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
        commit: output(Command::new("git").args(["rev-parse", "--short", "HEAD"]).current_dir(root))?,
        taken_on: output(Command::new("date").args(["-u", "+%Y-%m-%d"]))?,
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
    std::fs::write(root.join("docs/performance.md"), page)?;
    Ok(())
}

fn build(root: &Path) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--package", "cli", "--package", "xtask"])
        .env_remove("CARGO_TARGET_DIR")
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("the release build failed");
    }
    Ok(())
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
