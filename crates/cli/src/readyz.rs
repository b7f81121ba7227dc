//! `scimscope readyz`: whether a server is ready, for scripts and health checks.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use crate::failure::Failure;
use crate::place::Place;

/// Between two tries.
const AGAIN: Duration = Duration::from_millis(100);
/// How long one try may take.
const TRY: Duration = Duration::from_secs(5);

/// Options of `scimscope readyz`.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The ready file that serve writes: its control API is asked.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["workspace", "control"])]
    ready_file: Option<PathBuf>,
    /// For how many seconds to try.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600))]
    wait: u64,
}

/// Asks until the server is ready or the time is over. No token is needed.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs(arguments.wait);
    loop {
        let asked = match url(&arguments) {
            Ok(url) => tokio::task::spawn_blocking(move || ask(&url))
                .await
                .unwrap_or_else(|why| Err(Failure::Unreachable(format!("asking broke off: {why}")))),
            Err(why) => Err(why),
        };
        match asked {
            Err(Failure::Unreachable(_)) if Instant::now() < until => tokio::time::sleep(AGAIN).await,
            ended => return ended,
        }
    }
}

fn url(arguments: &Arguments) -> Result<String, Failure> {
    let Some(file) = &arguments.ready_file else { return arguments.place.url() };
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Unreachable(format!("there is no ready file {}: {error}", file.display())))?;
    let ready: Value = serde_json::from_str(&text).unwrap_or_default();
    let url = ready["control"].as_str().map(str::to_owned);
    url.ok_or_else(|| Failure::Usage(format!("{} is not a ready file", file.display())))
}

fn ask(url: &str) -> Result<(), Failure> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TRY)).build();
    let answer = ureq::Agent::from(config).get(format!("{}/readyz", url.trim_end_matches('/'))).call();
    match answer {
        Ok(answer) if answer.status() == 200 => Ok(()),
        Ok(answer) => Err(Failure::Unreachable(format!("{url} is not ready: it answers {}", answer.status()))),
        Err(error) => Err(Failure::Unreachable(format!("{url} does not answer: {error}"))),
    }
}
