//! The state that all handlers share.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use dialects::flow::Flow;
use futures_util::Stream;
use http::StatusCode;
use jiff::Timestamp;
use provider::Provider;
use tokio::sync::{Mutex, watch};
use traffic::entry::{Entry, State};
use traffic::history::{ChangeSource, History};
use traffic::ids::{FlowId, Pos};
use traffic::log::{Log, Record};

use crate::error::ApiError;
use crate::events::Batch;
use crate::facts::Facts;
use crate::flows::Flows;
use crate::found::Found;
use crate::jobs::Jobs;
use crate::model::FlowSummary;
use crate::past::Pasts;
use crate::ports::{Documents, FLOW_DOCUMENT, FlowDocument, Keychain, Repeatable, Sockets, Storage};
use crate::removals::Removals;
use crate::replays::Replays;
use crate::snapshots::Snapshots;
use crate::uploads::Uploads;

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
    /// What the workspace takes on the disk.
    pub storage: Arc<dyn Storage>,
    /// Clock and ids.
    pub repeatable: Arc<dyn Repeatable>,
    /// What people made of flows before.
    pub flows: Vec<(FlowId, FlowDocument)>,
    /// Changes that are not in memory any more; none without storage.
    pub changes: Option<Arc<dyn ChangeSource>>,
    /// Where the system keeps secrets; none where nobody sits at a desktop.
    pub keychain: Option<Arc<dyn Keychain>>,
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
    storage: Arc<dyn Storage>,
    repeatable: Arc<dyn Repeatable>,
    changing: Mutex<()>,
    marking: Mutex<()>,
    flows: Flows,
    flow_documents: RwLock<BTreeMap<FlowId, FlowDocument>>,
    jobs: Jobs,
    replays: Replays,
    found: Found,
    removals: Removals,
    history: History,
    pasts: Pasts,
    snapshots: Snapshots,
    uploads: Uploads,
    keychain: Option<Arc<dyn Keychain>>,
    closing: watch::Sender<bool>,
}

impl Control {
    /// The state over these parts.
    pub fn new(parts: Parts) -> Control {
        let Parts { log, provider, facts, page, documents, sockets, storage, repeatable, flows, changes, keychain } =
            parts;
        let history = History::new(Arc::clone(&log), changes);
        let inner = Inner {
            flows: Flows::new(Record::new(Arc::clone(&log))),
            flow_documents: RwLock::new(flows.into_iter().collect()),
            log,
            provider,
            facts: RwLock::new(facts),
            page,
            documents,
            sockets,
            storage,
            repeatable,
            changing: Mutex::new(()),
            marking: Mutex::new(()),
            jobs: Jobs::default(),
            replays: Replays::default(),
            found: Found::default(),
            removals: Removals::default(),
            history,
            pasts: Pasts::default(),
            snapshots: Snapshots::default(),
            uploads: Uploads::default(),
            keychain,
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
        crate::events::events(self.clone(), Pos(after))
    }

    /// Folds flows as far as nobody asks for them, and counts them. Never ends.
    pub async fn keep_flows(&self) {
        self.inner.flows.keep_up(|| self.storage().usage().flows_pruned).await;
    }

    /// The flows of the record.
    pub(crate) fn flows(&self) -> &Flows {
        &self.inner.flows
    }

    /// Whether a person has locked a flow, so that it takes no more exchanges.
    pub fn is_locked(&self, flow: FlowId) -> bool {
        let documents = self.inner.flow_documents.read().unwrap_or_else(PoisonError::into_inner);
        documents.get(&flow).is_some_and(|document| document.locked)
    }

    /// The line of a flow, with what a person made of it.
    pub(crate) fn flow_summary(&self, flow: &Flow) -> FlowSummary {
        let documents = self.inner.flow_documents.read().unwrap_or_else(PoisonError::into_inner);
        let document = documents.get(&flow.id);
        FlowSummary::new(flow, document.and_then(|it| it.name.clone()), document.is_some_and(|it| it.locked))
    }

    /// Changes what a person made of a flow, and keeps it. Tells whether that is something else than before.
    pub(crate) async fn edit_flow(&self, flow: FlowId, edit: impl FnOnce(&mut FlowDocument)) -> Result<bool, ApiError> {
        let before = self.inner.flow_documents.read().unwrap_or_else(PoisonError::into_inner).get(&flow).cloned();
        let mut document = before.clone().unwrap_or_default();
        edit(&mut document);
        if document == before.unwrap_or_default() {
            return Ok(false);
        }
        let json = serde_json::json!(document);
        let documents = Arc::clone(self.documents());
        let kept = tokio::task::spawn_blocking(move || documents.put(FLOW_DOCUMENT, &flow.to_string(), &json));
        let kept = kept.await.unwrap_or_else(|error| Err(error.to_string()));
        kept.map_err(|why| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", why))?;
        self.inner.flow_documents.write().unwrap_or_else(PoisonError::into_inner).insert(flow, document);
        Ok(true)
    }

    /// The SCIM service provider.
    pub fn provider(&self) -> &Provider {
        &self.inner.provider
    }

    /// Has clients come later, or answers them again, and writes that down. A host may do so too.
    pub fn pause(&self, paused: bool) {
        if self.inner.provider.pause(paused) {
            let (what, detail) = match paused {
                true => ("paused", "clients are asked to come later"),
                false => ("resumed", "clients are answered"),
            };
            let state = State { what: what.into(), detail: detail.into() };
            self.inner.log.append(Entry::State(Arc::new(state)));
        }
    }

    /// The facts as they stand.
    pub fn facts(&self) -> Facts {
        self.inner.facts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the facts.
    pub fn update(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.inner.facts.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The last position that is in the file of the workspace, for good.
    pub(crate) fn durable_through(&self) -> Pos {
        let facts = self.inner.facts.read().unwrap_or_else(PoisonError::into_inner);
        let confirmed = self.inner.log.confirmed_through();
        facts.file_ends_at.map_or(confirmed, |end| confirmed.min(Pos(end)))
    }

    /// What names the workspace.
    pub(crate) fn workspace_id(&self) -> String {
        self.inner.facts.read().unwrap_or_else(PoisonError::into_inner).workspace.id.clone()
    }

    pub(crate) fn documents(&self) -> &Arc<dyn Documents> {
        &self.inner.documents
    }

    pub(crate) fn keychain(&self) -> Option<&Arc<dyn Keychain>> {
        self.inner.keychain.as_ref()
    }

    pub(crate) fn sockets(&self) -> &Arc<dyn Sockets> {
        &self.inner.sockets
    }

    pub(crate) fn storage(&self) -> &Arc<dyn Storage> {
        &self.inner.storage
    }

    pub(crate) fn repeatable(&self) -> &Arc<dyn Repeatable> {
        &self.inner.repeatable
    }

    /// The time from which a query counts backwards: that of the record, which goes on when the clock of the server stands still.
    pub(crate) fn query_time(&self) -> Timestamp {
        match self.inner.provider.fixed_time() {
            Some(_) => Timestamp::now(),
            None => self.inner.provider.now(),
        }
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

    /// Replays that go on.
    pub(crate) fn replays(&self) -> &Replays {
        &self.inner.replays
    }

    /// What directories were. Its calls may wait.
    pub(crate) fn history(&self) -> &History {
        &self.inner.history
    }

    /// States that were put together last.
    pub(crate) fn pasts(&self) -> &Pasts {
        &self.inner.pasts
    }

    /// Files that were handed in.
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.inner.uploads
    }

    /// Named states of directories.
    pub(crate) fn snapshots(&self) -> &Snapshots {
        &self.inner.snapshots
    }

    /// The answers to the last questions about directories.
    pub(crate) fn found(&self) -> &Found {
        &self.inner.found
    }

    /// What is to be removed.
    pub(crate) fn removals(&self) -> &Removals {
        &self.inner.removals
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

    /// Whether it is closed.
    pub(crate) fn is_closed(&self) -> bool {
        *self.inner.closing.borrow()
    }

    /// Waits for [`Control::close`].
    pub async fn closed(&self) {
        let mut closing = self.inner.closing.subscribe();
        // The sender lives as long as `self`; an error would mean the same as closing.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}
