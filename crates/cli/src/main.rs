//! `scimscope`: the engine without a window.

mod assert;
mod door;
mod exchanges;
mod failure;
mod place;
mod progress;
mod readyz;
mod replay;
mod report;
mod seed;
mod serve;
mod snapshot;
mod transfer;
mod wait_for;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use failure::{Failure, code};

/// A SCIM 2.0 mock server and inspector.
///
/// Exit codes: 0 if all is as it should be, 1 if answers differ or an expectation does not hold, 2 if something that was asked for
/// is wrong, 3 if a server cannot be reached, 4 if an address is in use.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve SCIM, record every request, and show it in a browser.
    Serve(Box<serve::Arguments>),
    /// Send what was recorded to a server, and compare the answers: exit code 0 if they are the same, 1 if they are not, 2 if
    /// something that was asked for is wrong, 3 if a server cannot be reached.
    Replay(Box<replay::Arguments>),
    /// List the record, or follow it.
    Exchanges(exchanges::Arguments),
    /// Wait until enough exchanges are there: exit code 0 if they are, 1 if the time is over.
    WaitFor(wait_for::Arguments),
    /// Tell whether what came, and what there is, is as expected: exit code 0 if it is, 1 if it is not.
    Assert(assert::Arguments),
    /// Fill a directory with made-up users and groups.
    Seed(seed::Arguments),
    /// Keep states of a directory under a name, compare them, go back to them.
    Snapshot(snapshot::Arguments),
    /// Write exchanges into a file: HAR, fixture, curl, Hurl, Postman and more. Credentials are taken out.
    Export(transfer::Export),
    /// Take exchanges over from a file: HAR, fixture, Postman collection or curl commands.
    Import(transfer::Import),
    /// Tell whether a server is ready: exit code 0 if it is, 3 if it is not.
    Readyz(readyz::Arguments),
    /// Write completions for a shell to standard output.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    app::logging::start();
    let done = |done: Result<(), Failure>| code(done.map(|()| true));
    match command {
        Command::Serve(arguments) => done(serve::run(*arguments).await.map_err(Failure::from)),
        Command::Replay(arguments) => replay::run(*arguments).await,
        Command::Exchanges(arguments) => code(exchanges::run(arguments).await),
        Command::WaitFor(arguments) => code(wait_for::run(arguments).await),
        Command::Assert(arguments) => code(assert::run(arguments).await),
        Command::Seed(arguments) => done(seed::run(arguments).await),
        Command::Snapshot(arguments) => code(snapshot::run(arguments).await),
        Command::Export(arguments) => done(transfer::export(arguments).await),
        Command::Import(arguments) => done(transfer::import(arguments).await),
        Command::Readyz(arguments) => done(readyz::run(arguments).await),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "scimscope", &mut std::io::stdout());
            ExitCode::SUCCESS
        }
    }
}
