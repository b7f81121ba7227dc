//! `scimscope`: the engine without a window.

mod serve;

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
    Serve(serve::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Command::Serve(arguments) = Arguments::parse().command;
    app::logging::start();
    match serve::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
