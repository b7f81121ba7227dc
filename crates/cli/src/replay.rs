//! `scimscope replay`: sends what was recorded to a server, and says with its exit code whether the answers are the same.

mod here;
mod report;
mod there;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use ::replay::{Credentials, Ignores, Way};
use clap::Args;

use crate::failure::{self, Failure};
use crate::report::{Reports, say};
use report::{Row, Went};

/// Options of `scimscope replay`.
#[derive(Args)]
pub struct Arguments {
    /// A flow file, a fixture, or another file with exchanges. Without one, what a running Scimscope has recorded: give --control.
    #[arg(value_name = "FILE", required_unless_present = "control", conflicts_with = "control")]
    file: Option<PathBuf>,
    /// The control API of a running Scimscope: http://127.0.0.1:8788
    #[arg(long, value_name = "URL")]
    control: Option<String>,
    /// The token of the control API.
    #[arg(long, env = "SCIMSCOPE_CONTROL_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    control_token: Option<String>,
    /// Replay this flow of the record.
    #[arg(long, value_name = "N", requires = "control", conflicts_with = "query")]
    flow: Option<u64>,
    /// Replay the exchanges that this query selects; without it and without --flow, all.
    #[arg(long, value_name = "QUERY", requires = "control")]
    query: Option<String>,
    /// The SCIM base URL to send to: https://app.example.com/scim/v2
    #[arg(long, value_name = "URL", required_unless_present = "tenant")]
    target: Option<String>,
    /// Send to this tenant of the running Scimscope instead.
    #[arg(long, value_name = "NAME", requires = "control", conflicts_with = "target")]
    tenant: Option<String>,
    /// The environment variable with the target's bearer token.
    #[arg(long, value_name = "NAME", requires = "target")]
    token_env: Option<String>,
    /// The file descriptor from which the target's bearer token is read, to its end: --token-fd 3 3< token.txt
    #[arg(long, value_name = "N", requires = "target", conflicts_with = "token_env")]
    token_fd: Option<u32>,
    /// A file with certificates of authorities to trust beside the public ones (PEM).
    #[arg(long, value_name = "FILE", requires = "target")]
    ca: Option<PathBuf>,
    /// The proxy to the target: http://proxy.example.com:3128
    #[arg(long, value_name = "URL", requires = "target")]
    proxy: Option<String>,
    /// A path that does not count, with what is below it: emails, name.formatted, "header etag". Can be given several times.
    #[arg(long, value_name = "PATH")]
    ignore: Vec<String>,
    /// What counts although it does not by itself: ids, times, versions, order, wording. Can be given several times.
    #[arg(long, value_name = "SORT", value_parser = ["ids", "times", "versions", "order", "wording"])]
    count: Vec<String>,
    /// How many requests may be under way at once. Those about one resource keep their order.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    workers: u16,
    /// How many seconds to wait for a server that does things later: reads are repeated until they are the same.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600))]
    wait: u64,
    /// How many seconds one answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// Stop at the first difference.
    #[arg(long)]
    stop: bool,
    /// Read the resources back at the end and compare them.
    #[arg(long)]
    check_state: bool,
    /// Delete what the replay created at the end.
    #[arg(long)]
    clean_up: bool,
    /// Show what would be sent, and send nothing.
    #[arg(long)]
    dry_run: bool,
    /// Agree to send to a host that is not this machine.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    reports: Reports,
}

type Outcome = Result<Went, Failure>;

impl Arguments {
    fn ignores(&self) -> Ignores {
        let ignored = |sort: &str| !self.count.iter().any(|counted| counted == sort);
        Ignores {
            ids: ignored("ids"),
            times: ignored("times"),
            versions: ignored("versions"),
            order: ignored("order"),
            wording: ignored("wording"),
            paths: self.ignore.clone(),
        }
    }

    /// The target's credentials, from the environment or a file descriptor.
    fn credentials(&self) -> Result<Credentials, Failure> {
        if let Some(number) = self.token_fd {
            let token = std::fs::read_to_string(format!("/dev/fd/{number}")).map_err(|error| {
                Failure::Usage(format!("the file descriptor {number} that --token-fd names cannot be read: {error}"))
            })?;
            let token = token.trim();
            if token.is_empty() {
                return Err(Failure::Usage(format!("there is no token in the file descriptor {number} of --token-fd")));
            }
            return Ok(Credentials::Bearer(token.to_owned()));
        }
        let Some(name) = &self.token_env else { return Ok(Credentials::None) };
        match std::env::var(name) {
            Ok(token) if !token.trim().is_empty() => Ok(Credentials::Bearer(token.trim().to_owned())),
            _ => Err(Failure::Usage(format!("the environment variable {name} that --token-env names is not set"))),
        }
    }

    fn way(&self) -> Result<Way, Failure> {
        let read = |path: &PathBuf| {
            std::fs::read_to_string(path)
                .map_err(|error| Failure::Usage(format!("the certificates {} cannot be read: {error}", path.display())))
        };
        Ok(Way { authorities_pem: self.ca.as_ref().map(read).transpose()?, proxy: self.proxy.clone() })
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

/// Replays, and gives the exit code: 0 if the answers are the same, 1 if they are not, 2 if something that was asked for is wrong, 3
/// if a server cannot be reached.
pub async fn run(arguments: Arguments) -> ExitCode {
    let replayed = async {
        arguments.reports.check()?;
        let went = match &arguments.control {
            None => here::run(&arguments).await?,
            Some(control) => there::run(&arguments, control).await?,
        };
        arguments.reports.write(|| report::junit(&went), || report::json(&went))?;
        say(&format!("{}\n", went.summary()));
        match &went.unreachable {
            Some(why) => Err(Failure::Unreachable(why.clone())),
            None => Ok(went.is_same()),
        }
    };
    failure::code(replayed.await)
}

/// Says a row as it comes.
fn tell(row: &Row) {
    say(&row.line());
}
