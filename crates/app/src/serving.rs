//! One workspace that serves: everything that goes when another takes its place.

use std::path::Path;
use std::sync::Arc;

use control::facts::{Facts, Recovered, StorageState, WorkspaceKind};
use control::ports::Sockets;
use control::{Control, Parts};
use journal::{Durability, Journal};
use listener::{Listener, Socket};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use traffic::entry::{Entry, State};
use traffic::log::{Log, Record};

use crate::control_file::ControlFile;
use crate::house::House;
use crate::opened::{Opened, ReadOnly};
use crate::ports::{JournalDocuments, JournalStorage};
use crate::sockets::OwnPorts;
use crate::{annotate, follow, kept};

pub(crate) struct Serving {
    pub control: Control,
    pub journal: Arc<Journal>,
    log: Arc<Log>,
    own_ports: OwnPorts,
    stop: watch::Sender<Option<Socket>>,
    /// Serves the common SCIM listener; gives its socket back if it is to be kept.
    listening: JoinHandle<Option<Listener>>,
    annotator: Annotator,
    /// What follows the workspace; these never end by themselves.
    followers: Vec<JoinHandle<()>>,
    control_file: Option<ControlFile>,
}

/// What becomes of what happens while the file can only be read.
const ONLY_READ: &str = "what happens from now on is kept in a temporary file, which is deleted at the end; save the workspace \
                         under another name to keep it";

/// The subscriber that annotates exchanges.
struct Annotator {
    finish: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Serving {
    /// Begins to serve on a bound socket.
    pub async fn begin(opened: Opened, listener: Listener, house: &House) -> Serving {
        let Opened { journal, log, provider, id, durability, recovered, recorded_through, flows, read_only } = opened;
        house.acknowledged.set(durability != Durability::Relaxed);
        let default = provider.tenant();
        say(&log, "listening", format!("{}, profile {}", house.scim_url, default.profile().name));
        if let Some(Recovered { exchanges, through, cut_short }) = recovered {
            let detail = format!(
                "the last run ended without closing the workspace; {exchanges} exchanges of it are here, up to number \
                 {through}, {cut_short} of them cut short"
            );
            tracing::warn!("{detail}");
            say(&log, "recovered", detail);
        }
        if let Some(ReadOnly { why, .. }) = &read_only {
            tracing::warn!("{why}; {ONLY_READ}");
            say(&log, "durability", format!("{why}; {ONLY_READ}"));
        }
        let (acknowledged, onward) = (house.acknowledged.clone(), house.onward.clone());
        let own_ports = OwnPorts::new(provider.clone(), Arc::clone(&log), acknowledged, house.tls(), onward);
        for tenant in provider.tenants() {
            let Some(address) = tenant.settings().listen else { continue };
            // The tenant is still there below its path, so this is no reason not to start.
            if let Err(why) = own_ports.open(tenant.id(), address).await {
                tracing::error!("tenant {}: {why}", tenant.name());
            }
        }
        let control = Control::new(Parts {
            log: Arc::clone(&log),
            provider: provider.clone(),
            facts: Facts {
                workspace: workspace_facts(&journal, id, recovered, read_only.as_ref()),
                file_ends_at: read_only.is_some().then_some(recorded_through.0),
                ..house.facts()
            },
            page: house.page,
            documents: Arc::new(JournalDocuments(Arc::clone(&journal))),
            sockets: Arc::new(own_ports.clone()),
            storage: Arc::new(JournalStorage {
                journal: Arc::clone(&journal),
                acknowledged: house.acknowledged.clone(),
            }),
            repeatable: Arc::clone(&house.steered) as Arc<dyn control::ports::Repeatable>,
            flows,
            changes: Some(journal.history()),
            keychain: house.config.keychain.clone(),
        });
        // What was recorded before has its annotations already.
        let finish = watch::Sender::new(false);
        let record = Record::new(Arc::clone(&log));
        let gap = house.config.flow_gap;
        let annotating = annotate::run(record, control.clone(), gap, recorded_through, finish.subscribe());
        let annotator = Annotator { finish, task: tokio::spawn(annotating) };
        let followers = vec![
            tokio::spawn(follow::run(journal.watch_state(), control.clone())),
            tokio::spawn({
                let control = control.clone();
                async move { control.keep_flows().await }
            }),
            tokio::spawn({
                let control = control.clone();
                async move { control.keep_rules().await }
            }),
        ];
        let stop = watch::Sender::new(None);
        let mut stopped = stop.subscribe();
        let stopped = async move {
            let socket = stopped.wait_for(Option::is_some).await.ok().and_then(|socket| *socket);
            // An error means that nobody is there any more who would want it.
            socket.unwrap_or(Socket::Close)
        };
        let listening = tokio::spawn({
            let log = Arc::clone(&log);
            async move { listener.serve(Arc::new(provider), log, stopped).await }
        });
        let mut serving =
            Serving { control, journal, log, own_ports, stop, listening, annotator, followers, control_file: None };
        serving.tell_where(house);
        serving
    }

    /// Leaves the file with the address of the control API beside the workspace, if it has a place of its own.
    pub fn tell_where(&mut self, house: &House) {
        self.control_file = None;
        let Some(access) = house.access.as_ref().filter(|_| !self.journal.is_temporary()) else { return };
        match ControlFile::write(&self.journal.path(), access) {
            Ok(file) => self.control_file = Some(file),
            Err(error) => tracing::warn!("the control file beside the workspace cannot be written: {error}"),
        }
    }

    /// Takes no more connections and finishes the requests that have begun. The socket comes back if it is to be kept.
    pub async fn leave(&mut self, socket: Socket) -> Option<Listener> {
        self.stop.send_replace(Some(socket));
        self.own_ports.close_all().await;
        match (&mut self.listening).await {
            Ok(listener) => listener,
            Err(error) => {
                tracing::error!("a listener ended badly: {error}");
                None
            }
        }
    }

    /// Writes everything that was recorded and closes the workspace. To be called after [`Serving::leave`].
    pub async fn end(self) {
        self.control.close();
        self.annotator.finish.send_replace(true);
        if let Err(error) = self.annotator.task.await {
            tracing::error!("the last exchanges have no annotations: {error}");
        }
        for follower in self.followers {
            follower.abort();
        }
        self.control.keep_counts().await;
        drop(self.control_file);
        let journal = self.journal;
        // Closing waits for the disk.
        match tokio::task::spawn_blocking(move || journal.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!("{error}"),
            Err(error) => tracing::error!("the workspace did not close: {error}"),
        }
    }

    /// Writes into the record what became of the workspace.
    pub fn say(&self, what: &str, detail: String) {
        say(&self.log, what, detail);
    }
}

fn say(log: &Log, what: &str, detail: String) {
    log.append(Entry::State(Arc::new(State { what: what.to_owned(), detail })));
}

fn workspace_facts(
    journal: &Journal,
    id: String,
    recovered: Option<Recovered>,
    read_only: Option<&ReadOnly>,
) -> control::facts::Workspace {
    let temporary = journal.is_temporary() && read_only.is_none();
    let path = read_only.map_or_else(|| journal.path(), |file| file.path.clone());
    control::facts::Workspace {
        id,
        kind: if temporary { WorkspaceKind::Temporary } else { WorkspaceKind::File },
        path: Some(shown(&path)),
        durability: kept::to_facts(journal.durability()),
        state: if read_only.is_some() { StorageState::ReadOnly } else { StorageState::Working },
        problem: read_only.map(|file| format!("{}; {ONLY_READ}", file.why)),
        recovered,
    }
}

/// A path as people read it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
