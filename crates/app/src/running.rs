//! A running app, and how it ends.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use control::ports::{Opening, RecentFile, WorkspaceError, WorkspaceErrorKind};
use control::{Control, Desk};
use journal::Target;
use listener::Socket;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use traffic::log::Log;

pub use crate::bind::CannotListen;
use crate::config::Config;
use crate::house::House;
use crate::start;

/// How to reach the control API over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Its address: `http://127.0.0.1:8788`.
    pub url: String,
    /// Its bearer token.
    pub token: String,
}

/// The SCIM server, its record and its control API, running. Dropping it ends everything at once; [`App::stop`] ends it in
/// order. The workspace can be another one from one moment to the next: [`App::open`], or a call of the control API.
pub struct App {
    pub(crate) house: Arc<House>,
    pub(crate) desk: Desk,
    pub(crate) stopping: watch::Sender<bool>,
    /// What serves the control API; it ends by itself when stopping begins.
    pub(crate) servers: Vec<JoinHandle<()>>,
}

impl App {
    /// Starts everything. When it returns, both listeners take connections.
    ///
    /// Fails with a message for people if an address cannot be bound, the workspace cannot be opened, the profile is
    /// unknown, or a schema file does not hold what it should.
    pub async fn start(config: Config) -> anyhow::Result<App> {
        start::start(config).await
    }

    /// The SCIM base URL: `http://127.0.0.1:8787/scim/v2`.
    pub fn scim_url(&self) -> &str {
        &self.house.scim_url
    }

    /// The bearer token that SCIM clients must send in the open workspace.
    pub fn token(&self) -> String {
        self.control().scim_token()
    }

    /// How to reach the control API, if it listens.
    pub fn control_over_http(&self) -> Option<&Access> {
        self.house.access.as_ref()
    }

    /// The state of the control API for the open workspace.
    pub fn control(&self) -> Control {
        self.desk.control()
    }

    /// The state of the control API through all workspaces that are opened.
    pub fn desk(&self) -> Desk {
        self.desk.clone()
    }

    /// The control API and the page for a host in this process: no token is asked for.
    pub fn control_router(&self) -> Router {
        control::router(self.desk.clone())
    }

    /// The record of the open workspace.
    pub fn log(&self) -> Arc<Log> {
        Arc::clone(self.control().log())
    }

    /// Puts another workspace in the place of the open one, behind the same addresses. On an error the open one stays.
    pub async fn open(&self, opening: Opening) -> Result<(), WorkspaceError> {
        self.house.open(opening).await
    }

    /// Saves a copy of the open workspace, over a workspace of that name only if `replace` is true; one that is temporary goes
    /// on in the new file. `going` is told how many pages are done, of how many, and stops it with false. Tells the whole path.
    pub async fn save_as(
        &self,
        path: PathBuf,
        replace: bool,
        mut going: impl FnMut(u64, u64) -> bool + Send + 'static,
    ) -> Result<PathBuf, WorkspaceError> {
        let house = Arc::clone(&self.house);
        let saving = tokio::task::spawn_blocking(move || house.save(Target { path, replace }, &mut going));
        saving.await.unwrap_or_else(|error| Err(WorkspaceError::new(WorkspaceErrorKind::Failed, error.to_string())))
    }

    /// The workspaces that were open before, the last one first, if the host keeps a list. Looks at the disk.
    pub fn recent(&self) -> Vec<RecentFile> {
        self.house.recent.as_ref().map(|recent| recent.list()).unwrap_or_default()
    }

    /// Ends in order: no new connections, open requests are finished, everything recorded is written, a temporary workspace
    /// is deleted.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        // Ends jobs, one of which may have the workspace in its hands.
        self.desk.close();
        let serving = self.house.serving.lock().await.take();
        let Some(mut serving) = serving else { return };
        serving.leave(Socket::Close).await;
        for server in self.servers {
            if let Err(error) = server.await {
                tracing::error!("a listener ended badly: {error}");
            }
        }
        serving.end().await;
    }
}
