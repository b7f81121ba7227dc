//! `scimscope`: the engine without a window.

mod replay;
mod serve;
mod tls;
mod transfer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A SCIM 2.0 mock server and inspector.
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
    /// Write exchanges into a file: HAR, fixture, curl, Hurl, Postman and more. Credentials are taken out.
    Export(transfer::Export),
    /// Print where the certificate is that clients of `serve --tls` have to trust; it is made if there is none.
    Ca(tls::Ca),
    /// Take exchanges over from a file: HAR, fixture, Postman collection or curl commands.
    Import(transfer::Import),
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Arguments::parse().command;
    app::logging::start();
    let done = match command {
        Command::Serve(arguments) => serve::run(*arguments).await,
        Command::Replay(arguments) => return replay::run(*arguments).await,
        Command::Export(arguments) => transfer::export(arguments).await,
        Command::Ca(arguments) => tls::ca(arguments),
        Command::Import(arguments) => transfer::import(arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
