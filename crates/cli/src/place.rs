//! Which record a command is about: that of a server that runs, or that of a workspace file.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::config::{Config, ControlAccess, Workspace};
use app::running::App;
use clap::Args;
use serde_json::Value;

use crate::door::Door;
use crate::failure::Failure;

/// Which record.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// The workspace file. If a server has it open, that one is asked; else it is opened for this command.
    workspace: Option<PathBuf>,
    /// The control API of a server that runs: http://127.0.0.1:8788. Instead of a workspace file.
    #[arg(long, value_name = "URL", conflicts_with = "workspace")]
    control: Option<String>,
    /// Its control token.
    #[arg(long, env = "SCIMSCOPE_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
}

/// What becomes of a workspace file that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMissing {
    /// It is made.
    Make,
    /// That is a mistake.
    Refuse,
}

impl Place {
    /// Works at a server that runs, or at one that is started for it over the workspace file.
    pub async fn at<T: Send + 'static>(
        self,
        if_missing: IfMissing,
        work: impl FnOnce(&Door) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        if let Some(url) = self.control {
            let token = self.control_token.ok_or_else(|| {
                Failure::Usage("give the control token: --control-token or SCIMSCOPE_CONTROL_TOKEN".to_owned())
            })?;
            let door = Door::new(&url, token);
            return away(move || work(&door)).await;
        }
        let Some(workspace) = self.workspace else {
            return Err(Failure::Usage("give a workspace file, or --control URL of a server that runs".to_owned()));
        };
        if if_missing == IfMissing::Refuse && !workspace.exists() {
            return Err(Failure::Usage(format!("there is no workspace {}", workspace.display())));
        }
        let file = workspace.clone();
        if let Some(door) = away(move || Ok(who_has(&file))).await? {
            return away(move || work(&door)).await;
        }
        let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let app = App::start(Config {
            listen: free,
            control: ControlAccess::Http { listen: free, token: None, page: false },
            workspace: Workspace::File(workspace),
            ..Config::default()
        })
        .await?;
        let access = app.control_over_http().context("the control API listens over HTTP")?;
        let door = Door::new(&access.url, access.token.clone());
        let done = away(move || work(&door)).await;
        app.stop().await;
        done
    }

    /// The URL that was given, or that of the server that has the workspace open.
    pub fn url(&self) -> Result<String, Failure> {
        match (&self.control, &self.workspace) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(workspace)) => match told(workspace) {
                Some((url, _)) => Ok(url),
                None => Err(Failure::Unreachable(format!("no server has {} open", workspace.display()))),
            },
            (None, None) => Err(Failure::Usage("give --control URL, a workspace file, or --ready-file".to_owned())),
        }
    }
}

/// What the file beside a workspace says: URL and token.
fn told(workspace: &Path) -> Option<(String, String)> {
    let workspace = workspace.canonicalize().unwrap_or_else(|_| workspace.to_owned());
    let mut file = workspace.into_os_string();
    file.push(".control");
    let said: Value = serde_json::from_str(&std::fs::read_to_string(file).ok()?).ok()?;
    Some((said["url"].as_str()?.to_owned(), said["token"].as_str()?.to_owned()))
}

/// The server that has the workspace open. A file that a crash has left leads to nobody, or to somebody else who does not take the
/// token.
fn who_has(workspace: &Path) -> Option<Door> {
    let (url, token) = told(workspace)?;
    let door = Door::new(&url, token);
    door.get("/api/v1/status").is_ok().then_some(door)
}

async fn away<T: Send + 'static>(work: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    let worked = tokio::task::spawn_blocking(work).await;
    worked.unwrap_or_else(|error| Err(Failure::Usage(format!("this broke off: {error}"))))
}
