//! Repository chores: `cargo xtask rooms`, `cargo xtask api`.
#![allow(clippy::print_stdout, reason = "a program for the command line")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod api;
mod rooms;

#[derive(Parser)]
#[command(about = "Repository chores.")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
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
}

fn main() -> anyhow::Result<ExitCode> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    match Arguments::parse().chore {
        Chore::Rooms => rooms::check(&root),
        Chore::Api { check: true } => api::check(&root),
        Chore::Api { check: false } => api::write(&root),
    }
}
