//! The state that all handlers share.

use std::sync::{Arc, PoisonError, RwLock};

use futures_util::Stream;
use provider::Provider;
use tokio::sync::{Mutex, watch};
use traffic::history::{ChangeSource, History};
use traffic::ids::Pos;
use traffic::log::{Log, Record};

use crate::events::Batch;
use crate::facts::Facts;
use crate::found::Found;
use crate::jobs::Jobs;
use crate::past::Pasts;
use crate::ports::{Documents, Sockets};

/// What `app` wires into the control API.
pub struct Parts {
    /// The record.
    pub log: Arc<Log>,
    /// The SCIM service provider.
    pub provider: Provider,
    /// What is known at the start.
    pub facts: Facts,
    /// Whether the page is served beside the API.
    pub page: bool,
    /// Where tenants are kept for the next start.
    pub documents: Arc<dyn Documents>,
    /// Listeners of single tenants.
    pub sockets: Arc<dyn Sockets>,
    /// Changes that are not in memory any more; none without storage.
    pub changes: Option<Arc<dyn ChangeSource>>,
}

/// The state that all handlers share. Cheap to clone; clones are the same state.
#[derive(Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

struct Inner {
    log: Arc<Log>,
    provider: Provider,
    facts: RwLock<Facts>,
    page: bool,
    documents: Arc<dyn Documents>,
    sockets: Arc<dyn Sockets>,
    changing: Mutex<()>,
    marking: Mutex<()>,
    jobs: Jobs,
    found: Found,
    history: History,
    pasts: Pasts,
    closing: watch::Sender<bool>,
}

impl Control {
    /// The state over these parts.
    pub fn new(parts: Parts) -> Control {
        let Parts { log, provider, facts, page, documents, sockets, changes } = parts;
        let history = History::new(Arc::clone(&log), changes);
        let inner = Inner {
            log,
            provider,
            facts: RwLock::new(facts),
            page,
            documents,
            sockets,
            changing: Mutex::new(()),
            marking: Mutex::new(()),
            jobs: Jobs::default(),
            found: Found::default(),
            history,
            pasts: Pasts::default(),
            closing: watch::Sender::new(false),
        };
        Control { inner: Arc::new(inner) }
    }

    /// The record, as far as it is in memory.
    pub fn log(&self) -> &Arc<Log> {
        &self.inner.log
    }

    /// The record with the part of it that is not in memory. Most of its calls may wait.
    pub fn record(&self) -> Record {
        Record::new(Arc::clone(&self.inner.log))
    }

    /// Live batches of everything after a position, without end; see [`crate::events`].
    pub fn events(&self, after: u64) -> impl Stream<Item = Batch> + Send + use<> {
        crate::events(Arc::clone(self.log()), Pos(after))
    }

    /// The SCIM service provider.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// The facts as they stand.
    pub fn facts(&self) -> Facts {
        self.inner.facts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the facts.
    pub fn update(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.inner.facts.write().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn documents(&self) -> &Arc<dyn Documents> {
        &self.inner.documents
    }

    pub(crate) fn sockets(&self) -> &Arc<dyn Sockets> {
        &self.inner.sockets
    }

    /// Held by whoever changes tenants.
    pub(crate) fn changing(&self) -> &Mutex<()> {
        &self.inner.changing
    }

    /// Held by whoever changes what people put on exchanges or how these form flows.
    pub(crate) fn marking(&self) -> &Mutex<()> {
        &self.inner.marking
    }

    /// Long work.
    pub fn jobs(&self) -> &Jobs {
        &self.inner.jobs
    }

    /// What directories were. Its calls may wait.
    pub(crate) fn history(&self) -> &History {
        &self.inner.history
    }

    /// States that were put together last.
    pub(crate) fn pasts(&self) -> &Pasts {
        &self.inner.pasts
    }

    /// The answers to the last questions about directories.
    pub(crate) fn found(&self) -> &Found {
        &self.inner.found
    }

    /// Whether the page is served.
    pub(crate) fn page(&self) -> bool {
        self.inner.page
    }

    /// Ends event streams and jobs, so that the listener can drain. Other calls still work.
    pub fn close(&self) {
        self.inner.closing.send_replace(true);
        self.inner.jobs.cancel_all();
    }

    /// Waits for [`Control::close`].
    pub async fn closed(&self) {
        let mut closing = self.inner.closing.subscribe();
        // The sender lives as long as `self`; an error would mean the same as closing.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}
