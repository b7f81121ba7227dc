//! What stays when another workspace is opened: addresses, options, the desk; and how one takes the place of another.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use control::Desk;
use control::facts::{self, Exposure, Facts, StorageState, WorkspaceKind};
use control::ports::{Opening, WorkspaceError, WorkspaceErrorKind};
use journal::{Durability, Target};
use listener::onward::Onward;
use listener::{Acknowledged, Listener, Socket, Tls};
use scim::schema::Registry;
use tokio::sync::Mutex;

use crate::config::{Config, Workspace};
use crate::opened::Opened;
use crate::recent::Recent;
use crate::running::Access;
use crate::serving::{Serving, shown};
use crate::steered::Steered;
use crate::{bind, kept};

pub(crate) struct House {
    pub config: Config,
    pub registry: Arc<Registry>,
    /// Clock and ids, the same through all workspaces.
    pub steered: Arc<Steered>,
    pub scim_url: String,
    pub address: SocketAddr,
    /// With what the SCIM listeners encrypt, and what is told of it.
    pub encrypted: Option<(Tls, facts::Encryption)>,
    /// Whether answers wait for their records; the same switch for all listeners.
    pub acknowledged: Acknowledged,
    /// The servers behind tenants that are proxies.
    pub onward: Arc<dyn Onward>,
    pub page: bool,
    pub access: Option<Access>,
    pub recent: Option<Recent>,
    /// Set before anything can ask for it.
    pub desk: OnceLock<Desk>,
    /// The workspace that serves; none when the app stops. Held by who opens another one.
    pub serving: Mutex<Option<Serving>>,
}

/// Who asks comes too late.
fn stopping() -> WorkspaceError {
    WorkspaceError::new(WorkspaceErrorKind::Failed, "the program is stopping")
}

impl House {
    /// What is known of the server itself, with a workspace to be filled in.
    pub fn facts(&self) -> Facts {
        Facts {
            file_ends_at: None,
            version: env!("CARGO_PKG_VERSION").into(),
            workspace: facts::Workspace {
                id: String::new(),
                kind: WorkspaceKind::Temporary,
                path: None,
                durability: facts::Durability::Relaxed,
                state: StorageState::Working,
                problem: None,
                recovered: None,
            },
            scim_url: self.scim_url.clone(),
            encryption: self.encrypted.as_ref().map(|(_, told)| told.clone()),
            requested_port: self.config.listen.port(),
            actual_port: self.address.port(),
            demo: self.config.demo.as_ref().map(|demo| facts::Demo {
                scenario: demo.scenario.clone(),
                reset_every_s: demo.reset_every.map(|every| every.as_secs()),
                read_only: demo.read_only,
            }),
            exposure: if self.address.ip().is_loopback() { Exposure::Local } else { Exposure::Lan },
        }
    }

    /// Puts a workspace in the place of the one that serves. The other one is opened first, while everything goes on: if that
    /// fails, nothing has changed. Then requests that have begun are finished, those that come wait for the new one, and the
    /// old one is closed.
    pub async fn open(self: &Arc<Self>, opening: Opening) -> Result<(), WorkspaceError> {
        let mut serving = self.serving.lock().await;
        let Some(before) = serving.as_ref() else { return Err(stopping()) };
        let workspace = chosen(opening, &before.journal.path())?;
        let opened = {
            let (house, workspace) = (Arc::clone(self), workspace.clone());
            let opening = tokio::task::spawn_blocking(move || {
                Opened::open(&house.config, &house.registry, &house.steered, &workspace)
            });
            let opened =
                opening.await.map_err(|error| WorkspaceError::new(WorkspaceErrorKind::Failed, error.to_string()))?;
            opened.map_err(|error| in_words(&error))?
        };
        let Some(mut before) = serving.take() else { return Err(stopping()) };
        let listener = match before.leave(Socket::Keep).await {
            Some(listener) => listener,
            None => self.bind_again().await.map_err(|error| in_words(&error))?,
        };
        // Who has clients come later means the server, whatever it serves.
        let paused = before.control.provider().is_paused();
        opened.provider.pause(paused);
        let next = Serving::begin(opened, listener, self).await;
        if paused {
            next.say("paused", "clients are asked to come later, as in the workspace before".into());
        }
        if let Some(desk) = self.desk.get() {
            desk.replace(next.control.clone());
        }
        self.remember(&next);
        tracing::info!("the workspace is {} now", shown(&next.journal.path()));
        *serving = Some(next);
        before.end().await;
        Ok(())
    }

    /// With what the SCIM listeners encrypt.
    pub fn tls(&self) -> Option<Tls> {
        self.encrypted.as_ref().map(|(tls, _)| tls.clone())
    }

    async fn bind_again(&self) -> anyhow::Result<Listener> {
        bind::scim(self.address, 0, self.acknowledged.clone(), self.tls(), self.onward.clone()).await
    }

    /// Copies the workspace, or moves it if it is temporary, in which case it goes on at the new place. Blocks until that is
    /// done; `going` is told how many pages are done, of how many, and stops it with false.
    pub fn save(&self, target: Target, going: &mut dyn FnMut(u64, u64) -> bool) -> Result<PathBuf, WorkspaceError> {
        let mut serving = self.serving.blocking_lock();
        let Some(serving) = serving.as_mut() else { return Err(stopping()) };
        let journal = &serving.journal;
        if !journal.is_temporary() {
            let path = journal.copy_to(&target, &[kept::new_identity()], going).map_err(|error| of_journal(&error))?;
            serving.say("workspace", format!("a copy was saved as {}", shown(&path)));
            self.note(&path);
            return Ok(path);
        }
        // Nothing of it was safe from a crash before, and nobody should wait for the copy.
        self.acknowledged.set(false);
        let moved = journal.move_to(&target, going).map_err(|error| of_journal(&error));
        let settings = kept::durability(&self.config, journal).and_then(|durability| {
            journal.set_durability(durability)?;
            journal.set_disk_budget(kept::disk_budget(&self.config, journal)?);
            Ok(())
        });
        if let Err(error) = settings {
            tracing::error!("the settings of the workspace cannot be read: {error:#}");
        }
        self.acknowledged.set(journal.durability() != Durability::Relaxed);
        let path = moved?;
        serving.control.update(|facts| {
            facts.workspace.kind = WorkspaceKind::File;
            facts.workspace.path = Some(shown(&path));
            facts.file_ends_at = None;
            (facts.workspace.state, facts.workspace.problem) = (StorageState::Working, None);
            facts.workspace.durability = kept::to_facts(serving.journal.durability());
        });
        serving.say("workspace", format!("saved as {}; the record goes on there", shown(&path)));
        serving.tell_where(self);
        self.note(&path);
        Ok(path)
    }

    /// A copy of the workspace without a name. Blocks until it is made.
    pub fn copy(&self, going: &mut dyn FnMut(u64, u64) -> bool) -> Result<std::fs::File, WorkspaceError> {
        let journal = match self.serving.blocking_lock().as_ref() {
            Some(serving) => Arc::clone(&serving.journal),
            None => return Err(stopping()),
        };
        journal.copy(&[kept::new_identity()], going).map_err(|error| of_journal(&error))
    }

    /// Puts a workspace with a place of its own on the list of recent ones.
    pub fn remember(&self, serving: &Serving) {
        if !serving.journal.is_temporary() {
            self.note(&serving.journal.path());
        }
    }

    fn note(&self, path: &Path) {
        if let Some(recent) = &self.recent {
            recent.opened(path);
        }
    }
}

/// What is to be opened, if it can be: a file that is there for one that is not new, none for one that is.
fn chosen(opening: Opening, open: &Path) -> Result<Workspace, WorkspaceError> {
    match opening {
        Opening::NewTemporary => Ok(Workspace::Temporary),
        Opening::File(path) => {
            if path.canonicalize().is_ok_and(|path| path == open) {
                let message = format!("{} is the workspace that is open now", shown(&path));
                return Err(WorkspaceError::new(WorkspaceErrorKind::InUse, message));
            }
            if !path.exists() {
                let message = format!("there is no file {}; make it with New, or choose another one", shown(&path));
                return Err(WorkspaceError::new(WorkspaceErrorKind::Missing, message));
            }
            Ok(Workspace::File(path))
        }
        Opening::NewFile(path) => {
            if path.exists() {
                let message = format!("{} is there already; open it, or choose another name", shown(&path));
                return Err(WorkspaceError::new(WorkspaceErrorKind::Exists, message));
            }
            Ok(Workspace::File(path))
        }
    }
}

fn in_words(error: &anyhow::Error) -> WorkspaceError {
    match error.downcast_ref::<journal::Error>() {
        Some(error) => of_journal(error),
        None => WorkspaceError::new(WorkspaceErrorKind::Failed, format!("{error:#}")),
    }
}

fn of_journal(error: &journal::Error) -> WorkspaceError {
    use journal::Error;
    let kind = match error {
        Error::NotAWorkspace { .. } => WorkspaceErrorKind::NotAWorkspace,
        Error::Newer { .. } => WorkspaceErrorKind::Newer,
        Error::InUse { .. } => WorkspaceErrorKind::InUse,
        Error::Exists { .. } => WorkspaceErrorKind::Exists,
        Error::Damaged { .. } => WorkspaceErrorKind::Damaged,
        Error::Stopped { .. } => WorkspaceErrorKind::Stopped,
        _ => WorkspaceErrorKind::Failed,
    };
    WorkspaceError::new(kind, error.to_string())
}
