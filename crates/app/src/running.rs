//! A running app, and how it ends.

use std::sync::Arc;

use axum::Router;
use control::Control;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use traffic::log::Log;

use crate::config::Config;
use crate::sockets::OwnPorts;
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
/// order.
pub struct App {
    pub(crate) log: Arc<Log>,
    pub(crate) scim_url: String,
    pub(crate) token: String,
    pub(crate) control: Control,
    pub(crate) access: Option<Access>,
    pub(crate) stopping: watch::Sender<bool>,
    /// What accepts connections; these end by themselves when stopping begins.
    pub(crate) servers: Vec<JoinHandle<()>>,
    /// Listeners of single tenants.
    pub(crate) own_ports: OwnPorts,
    pub(crate) annotator: Annotator,
    /// What follows the app; these never end by themselves.
    pub(crate) followers: Vec<JoinHandle<()>>,
    pub(crate) journal: Arc<journal::Journal>,
}

/// The subscriber that annotates exchanges.
pub(crate) struct Annotator {
    pub(crate) finish: watch::Sender<bool>,
    pub(crate) task: JoinHandle<()>,
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
        &self.scim_url
    }

    /// The bearer token that SCIM clients must send.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// How to reach the control API, if it listens.
    pub fn control_over_http(&self) -> Option<&Access> {
        self.access.as_ref()
    }

    /// The state of the control API.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// The control API and the page for a host in this process: no token is asked for.
    pub fn control_router(&self) -> Router {
        control::router(self.control.clone())
    }

    /// The record.
    pub fn log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }

    /// Ends in order: no new connections, open requests are finished, everything recorded is written, a temporary workspace
    /// is deleted.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        self.own_ports.close_all().await;
        for server in self.servers {
            if let Err(error) = server.await {
                tracing::error!("a listener ended badly: {error}");
            }
        }
        self.annotator.finish.send_replace(true);
        if let Err(error) = self.annotator.task.await {
            tracing::error!("the last exchanges have no annotations: {error}");
        }
        for follower in self.followers {
            follower.abort();
        }
        self.control.keep_counts().await;
        let journal = self.journal;
        // Closing waits for the disk.
        match tokio::task::spawn_blocking(move || journal.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("{error}"),
            Err(error) => tracing::error!("the workspace did not close: {error}"),
        }
    }
}
