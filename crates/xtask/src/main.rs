//! Repository chores: `cargo xtask rooms`, `cargo xtask api`, `cargo xtask conformance`, `cargo xtask licences`,
//! `cargo xtask measure`.
#![allow(clippy::print_stdout, reason = "a program for the command line")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod api;
mod bare;
mod conformance;
mod licences;
mod measure;
mod rooms;

#[derive(Parser)]
#[command(about = "Repository chores.")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

/// What `measure` measures.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Part {
    Requests,
    Store,
    Kill,
    Record,
    Replay,
    Page,
    Desktop,
    Instructions,
}

#[derive(Subcommand)]
enum Chore {
    /// Compares the dependencies of all crates with the room table (crates/xtask/rooms.toml).
    Rooms,
    /// Writes ui/openapi.json, the description of the control API, from the code.
    Api {
        /// Write nothing; fail if the file is not what the code says.
        #[arg(long)]
        check: bool,
    },
    /// Runs the tests that name rules of SCIM and writes docs/conformance.md from what they show.
    Conformance {
        /// Write nothing; fail if the file is not what the run shows.
        #[arg(long)]
        check: bool,
    },
    /// Writes ui/src/lib/shell/licences.json: what the programs are made of, for the About box.
    Licences {
        /// Write nothing; fail if the file is not what the programs are made of.
        #[arg(long)]
        check: bool,
    },
    /// Measures beside a bare server, writes docs/perf/ and docs/performance.md.
    Measure {
        /// What: requests beside a bare server, the store, a large record, a replay beside `wrk`, the page in a browser, the instructions that requests
        /// take, the start of the desktop app, or what is left when the process is killed.
        #[arg(value_enum, default_value_t = Part::Requests)]
        part: Part,
        /// Seconds a figure.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Connections kept open.
        #[arg(long, default_value_t = 64)]
        connections: usize,
        /// How often a server is killed, or the desktop app started.
        #[arg(long, default_value_t = 100)]
        rounds: u32,
        /// For requests: the disk budget of the servers, so that runs that are long enough include pruning.
        #[arg(long)]
        disk_budget: Option<String>,
        /// For requests and the page: only what has this in its name; printed, not written.
        #[arg(long)]
        only: Option<String>,
        /// For the page and the desktop app: a folder with programs that are built already, `scimscope` and `scimscope-desktop`.
        #[arg(long)]
        programs: Option<PathBuf>,
        /// For the page: how many exchanges the long record has.
        #[arg(long, default_value_t = 1_000_000)]
        exchanges: u64,
        /// For instructions: write nothing; fail if a request takes a tenth more than docs/perf/instructions.json says.
        #[arg(long)]
        check: bool,
    },
    /// Sends a steady load to a server: the n-th request looks for the user `steady-N@example.com`.
    #[command(hide = true)]
    Steady(measure::steady::Steady),
    /// Serves as the yardstick of `measure`.
    #[command(hide = true)]
    Bare,
}

fn main() -> anyhow::Result<ExitCode> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    match Arguments::parse().chore {
        Chore::Rooms => rooms::check(&root),
        Chore::Api { check: true } => api::check(&root),
        Chore::Api { check: false } => api::write(&root),
        Chore::Licences { check } => licences::run(&root, check),
        Chore::Conformance { check } => conformance::run(&root, check),
        Chore::Measure { part: Part::Requests, seconds, connections, disk_budget, only, .. } => {
            let setup = measure::Setup { seconds, connections, disk_budget, only };
            measure::run(&root, &setup).map(|()| ExitCode::SUCCESS)
        }
        Chore::Measure { part: Part::Instructions, check, .. } => measure::run_instructions(&root, check),
        Chore::Measure { part: Part::Store, .. } => measure::run_store(&root).map(|()| ExitCode::SUCCESS),
        Chore::Measure { part: Part::Record, .. } => measure::run_record(&root).map(|()| ExitCode::SUCCESS),
        Chore::Measure { part: Part::Replay, seconds, .. } => {
            measure::run_replay(&root, seconds).map(|()| ExitCode::SUCCESS)
        }
        Chore::Measure { part: Part::Page, seconds, exchanges, programs, only, .. } => {
            let setup = measure::PageSetup { seconds, exchanges, programs, only };
            measure::run_page(&root, &setup).map(|()| ExitCode::SUCCESS)
        }
        Chore::Measure { part: Part::Desktop, rounds, programs, .. } => {
            measure::run_desktop(&root, rounds, programs.as_deref()).map(|()| ExitCode::SUCCESS)
        }
        Chore::Steady(load) => measure::steady::run(&load).map(|()| ExitCode::SUCCESS),
        Chore::Measure { part: Part::Kill, rounds, .. } => measure::run_kill(&root, rounds).map(|()| ExitCode::SUCCESS),
        Chore::Bare => bare::serve().map(|()| ExitCode::SUCCESS),
    }
}
