//! The command line of the desktop app, and where a desktop keeps its workspace.

use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use app::config::{Config, ControlAccess, DEFAULT_LISTEN, FALLBACK_PORTS, Workspace};
use clap::Parser;

use crate::instance::Call;
use crate::keychain;
use crate::link::Link;

/// A SCIM 2.0 mock server and inspector, in a window.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Options {
    /// What to open: a workspace file, made if it is not there, or a link like scimscope://flow/12. Without a file, the
    /// workspace in the application's data folder is opened. If the app is running already, it is given this and comes to the
    /// front.
    #[arg(value_name = "WORKSPACE OR LINK")]
    target: Option<String>,
    /// Where to serve SCIM, below /scim/v2. If the port is taken, the next free one is used.
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_LISTEN)]
    listen: SocketAddr,
}

impl Options {
    /// What a running app is told of this start.
    pub fn call(&self) -> anyhow::Result<Call> {
        let activation =
            ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].into_iter().find_map(|name| std::env::var(name).ok());
        let folder = std::env::current_dir().context("the current folder cannot be told")?;
        Ok(Call { target: self.target.clone(), folder, activation })
    }

    /// The link to follow, right or wrong.
    pub fn link(&self) -> Option<&str> {
        self.target.as_deref().filter(|target| Link::claims(target))
    }

    /// What the app should be started with.
    pub fn config(&self, data: &Path) -> anyhow::Result<Config> {
        if !self.listen.ip().is_loopback() {
            anyhow::bail!("the desktop app serves this machine only; {} would be reachable from others", self.listen);
        }
        let workspace = match self.target.as_deref().filter(|target| !Link::claims(target)) {
            Some(path) => PathBuf::from(path),
            None => data.join("Default.scimscope"),
        };
        Ok(Config {
            listen: self.listen,
            fallback_ports: FALLBACK_PORTS,
            control: ControlAccess::InProcess,
            workspace: Workspace::File(workspace),
            // Whoever sits at the window may name files.
            open_files: true,
            keychain: keychain::of_this_system(),
            recent: Some(data.join("recent.json")),
            ..Config::default()
        })
    }
}

/// The application's data folder (XDG base directory specification), made for this user only if it is not there.
pub fn data_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = match base {
        Some(path) => path,
        None => std::env::home_dir()
            .context("there is no home folder to keep the workspace in; set XDG_DATA_HOME to a folder")?
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
