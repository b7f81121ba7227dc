//! `cargo xtask measure kill`: a server is killed in mid-load again and again, in every second round while it prunes its file;
//! each time everything that was answered has to be there again. The rounds themselves are a test of the command line program.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{commit, machine, today};

const TEST: &str = "killed::as_many_rounds_as_are_asked_for";

/// Runs so many rounds and writes the raw file. Fails if anything that was answered was lost.
pub fn run(root: &Path, rounds: u32) -> anyhow::Result<()> {
    let report = tempfile::NamedTempFile::new()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["test", "--quiet", "--package", "cli", "--test", "it", "--", "--exact", TEST, "--nocapture"])
        .env("SCIMSCOPE_KILL_ROUNDS", rounds.to_string())
        .env("SCIMSCOPE_KILL_REPORT", report.path())
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("something that was answered is not there again; the output above tells what");
    }
    let rounds: Vec<Value> =
        serde_json::from_slice(&std::fs::read(report.path())?).context("the report of the rounds")?;
    let sum = |name: &str| rounds.iter().filter_map(|round| round[name].as_u64()).sum::<u64>();
    let last = |name: &str| rounds.last().map_or(Value::Null, |round| round[name].clone());
    let measurement = json!({
        "commit": commit(root)?,
        "taken_on": today()?,
        "machine": machine()?,
        "durability": "acknowledged",
        "build": "debug",
        "rounds_killed": rounds.len(),
        "rounds_that_pruned": rounds.iter().filter(|round| round["pruning"] == true).count(),
        "writes_answered": sum("answered"),
        "answered_and_lost": 0,
        "exchanges": last("exchanges"),
        "exchanges_pruned": last("exchanges_pruned"),
        "rounds": rounds,
    });
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let name = format!("kill-{}-{}.json", today()?, commit(root)?);
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    Ok(())
}
