//! The command line of the desktop app, and where a desktop keeps its workspace.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use anyhow::Context;
use app::config::{Config, ControlAccess, DEFAULT_LISTEN, FALLBACK_PORTS, Workspace};
use clap::Parser;

/// A SCIM 2.0 mock server and inspector, in a window.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Options {
    /// The workspace file; made if it is not there. Without one, that in the application's data folder.
    workspace: Option<PathBuf>,
    /// Where to serve SCIM, below /scim/v2. If the port is taken, the next free one is used.
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_LISTEN)]
    listen: SocketAddr,
}

impl Options {
    /// What the app should be started with.
    pub fn config(self) -> anyhow::Result<Config> {
        if !self.listen.ip().is_loopback() {
            anyhow::bail!("the desktop app serves this machine only; {} would be reachable from others", self.listen);
        }
        let folder = data_folder()?;
        let workspace = self.workspace.unwrap_or_else(|| folder.join("Default.scimscope"));
        Ok(Config {
            listen: self.listen,
            fallback_ports: FALLBACK_PORTS,
            control: ControlAccess::InProcess,
            workspace: Workspace::File(workspace),
            // Whoever sits at the window may name files.
            open_files: true,
            recent: Some(folder.join("recent.json")),
            ..Config::default()
        })
    }
}

/// The application's data folder (XDG base directory specification), made for this user only if it is not there.
fn data_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = match base {
        Some(path) => path,
        None => std::env::home_dir()
            .context("there is no home folder to keep the workspace in; name a file")?
            .join(".local/share"),
    };
    let folder = base.join("scimscope");
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("the data folder {} could not be made", folder.display()))?;
    Ok(folder)
}
