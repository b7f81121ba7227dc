//! Named states of directories. Their names are in the workspace; the states themselves are roots that share what they have in
//! common, made again from the workspace when they are asked for after a restart.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use directory::{Past, Root};
use http::StatusCode;
use jiff::Timestamp;
use provider::Tenant;
use scim::document::Document;
use serde::{Deserialize, Serialize};
use traffic::entry::{Entry, State};
use traffic::ids::Pos;

use crate::control::Control;
use crate::error::ApiError;
use crate::past::At;
use crate::ports::{Documents, SNAPSHOT_DOCUMENT};

/// So that a script that goes wrong does not keep everything for ever.
const MOST: usize = 100;
const LONGEST_NAME: usize = 80;

/// A snapshot as it is kept in the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotDocument {
    /// The id of the tenant.
    pub tenant: String,
    /// What it is called; unique in its tenant.
    pub name: String,
    /// The revision that it is.
    pub revision: u64,
    /// Everything that was committed up to this position of the log is in it, and nothing later.
    pub pos: u64,
    /// When it was taken.
    pub taken_at: Timestamp,
    /// How many resources of each type there are.
    pub resources: Vec<(String, u64)>,
    /// Whether it is the one that a reset goes back to.
    #[serde(default)]
    pub chosen: bool,
}

/// The snapshots of all tenants, by the tenant's id and the name. Read from the workspace once.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    all: Mutex<Option<All>>,
}

type All = BTreeMap<(String, String), SnapshotDocument>;

impl Snapshots {
    fn all(&self) -> MutexGuard<'_, Option<All>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with them. Nobody else changes one meanwhile.
    fn with<T>(
        &self,
        documents: &dyn Documents,
        work: impl FnOnce(&mut All) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut all = self.all();
        if all.is_none() {
            let stored = documents.list(SNAPSHOT_DOCUMENT).map_err(|why| {
                let message = format!("the snapshots cannot be read: {why}");
                ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unreadable", message)
            })?;
            // A document that a later version wrote in another form is left alone.
            let read = stored.into_iter().filter_map(|(_, json)| serde_json::from_value(json).ok());
            *all = Some(read.map(|it: SnapshotDocument| ((it.tenant.clone(), it.name.clone()), it)).collect());
        }
        work(all.get_or_insert_default())
    }
}

impl Control {
    /// The snapshots of a tenant, the newest first.
    pub(crate) fn snapshots_of(&self, tenant: &Tenant) -> Result<Vec<SnapshotDocument>, ApiError> {
        let mut found: Vec<SnapshotDocument> = self.snapshots().with(&**self.documents(), |all| {
            Ok(all.values().filter(|it| it.tenant == tenant.id()).cloned().collect())
        })?;
        found.sort_by(|one, other| other.pos.cmp(&one.pos).then(one.name.cmp(&other.name)));
        Ok(found)
    }

    /// The snapshot with this name.
    pub(crate) fn snapshot_named(&self, tenant: &Tenant, name: &str) -> Result<SnapshotDocument, ApiError> {
        let key = (tenant.id().to_owned(), name.to_owned());
        let found = self.snapshots().with(&**self.documents(), |all| Ok(all.get(&key).cloned()))?;
        found.ok_or_else(|| ApiError::not_found(format!("{} has no snapshot {name:?}", tenant.name())))
    }

    /// Keeps the present state under a name; the next free one if none is given. Takes the same time whatever the size.
    pub(crate) fn take_snapshot(
        &self,
        tenant: &Tenant,
        name: Option<&str>,
        replace: bool,
    ) -> Result<SnapshotDocument, ApiError> {
        let name = name.map(checked).transpose()?;
        let taken = self.snapshots().with(&**self.documents(), |all| {
            let own = || all.values().filter(|it| it.tenant == tenant.id());
            let free = |number: &usize| !all.contains_key(&(tenant.id().to_owned(), format!("Snapshot {number}")));
            let name = match name {
                Some(name) => name,
                None => format!("Snapshot {}", (1..).find(free).unwrap_or_default()),
            };
            let before = all.get(&(tenant.id().to_owned(), name.clone()));
            if before.is_some() && !replace {
                let message = format!("there is a snapshot {name:?} already; take another name, or replace it");
                return Err(ApiError::new(StatusCode::CONFLICT, "taken", message));
            }
            if before.is_none() && own().count() >= MOST {
                return Err(ApiError::bad_request(format!("there are {MOST} snapshots already; delete one first")));
            }
            let chosen = before.is_some_and(|before| before.chosen) || own().next().is_none();
            let mut told = None;
            for _ in 0..2 {
                let document = self.state_now(tenant, &name, chosen);
                if self.keep(&document)? {
                    told = Some(document);
                    break;
                }
            }
            let Some(document) = told else {
                let message = "changes are being given up faster than a snapshot can be taken; raise the disk budget";
                return Err(ApiError::new(StatusCode::CONFLICT, "pruning", message));
            };
            all.insert((document.tenant.clone(), document.name.clone()), document.clone());
            Ok(document)
        })?;
        self.note_snapshot(tenant, &format!("snapshot {:?} taken of revision {}", taken.name, taken.revision));
        Ok(taken)
    }

    /// Keeps the present root in memory, and says what it is.
    fn state_now(&self, tenant: &Tenant, name: &str, chosen: bool) -> SnapshotDocument {
        // As long as nobody can commit, the end of the log tells what is in the root.
        let (root, pos) = {
            let _writer = tenant.directory().begin();
            (tenant.directory().keep(name), self.log().head().pos)
        };
        let shapes = tenant.registry().shapes().iter();
        let counts = shapes.map(|shape| {
            let name = &shape.resource_type.name;
            (name.clone(), root.count(name) as u64)
        });
        SnapshotDocument {
            tenant: tenant.id().to_owned(),
            name: name.to_owned(),
            revision: root.revision(),
            pos: pos.0,
            taken_at: self.provider().now(),
            resources: counts.filter(|(_, count)| *count > 0).collect(),
            chosen,
        }
    }

    fn keep(&self, document: &SnapshotDocument) -> Result<bool, ApiError> {
        let json = serde_json::json!(document);
        let kept = self.documents().put_snapshot(&id_of(document), &document.tenant, Pos(document.pos), &json);
        kept.map_err(not_kept)
    }

    /// Gives a snapshot another name, or makes it the one that a reset goes back to.
    pub(crate) fn change_snapshot(
        &self,
        tenant: &Tenant,
        name: &str,
        to: Option<&str>,
        chosen: bool,
    ) -> Result<SnapshotDocument, ApiError> {
        let to = to.map(checked).transpose()?.unwrap_or_else(|| name.to_owned());
        let key = |name: &str| (tenant.id().to_owned(), name.to_owned());
        self.snapshots().with(&**self.documents(), |all| {
            let missing = || ApiError::not_found(format!("{} has no snapshot {name:?}", tenant.name()));
            let before = all.get(&key(name)).cloned().ok_or_else(missing)?;
            if to != name && all.contains_key(&key(&to)) {
                let message = format!("there is a snapshot {to:?} already; take another name");
                return Err(ApiError::new(StatusCode::CONFLICT, "taken", message));
            }
            let others = all.values().filter(|it| chosen && it.tenant == tenant.id() && it.chosen && it.name != name);
            for mut other in others.cloned().collect::<Vec<_>>() {
                other.chosen = false;
                self.keep(&other)?;
                all.insert(key(&other.name), other);
            }
            let after = SnapshotDocument { name: to.clone(), chosen: before.chosen || chosen, ..before.clone() };
            if !self.keep(&after)? {
                // It is beyond the horizon, where nothing new can be kept; what is there is only given another name.
                let json = serde_json::json!(after);
                self.documents().put(SNAPSHOT_DOCUMENT, &id_of(&after), &json).map_err(not_kept)?;
            }
            if to != name {
                self.documents().delete_snapshot(&id_of(&before)).map_err(not_kept)?;
                all.remove(&key(name));
                if let Some(root) = tenant.directory().snapshot(name) {
                    tenant.directory().keep_root(&to, root);
                    tenant.directory().forget(name);
                }
            }
            all.insert(key(&to), after.clone());
            Ok(after)
        })
    }

    /// Keeps a state no longer.
    pub(crate) fn forget_snapshot(&self, tenant: &Tenant, name: &str) -> Result<(), ApiError> {
        let key = (tenant.id().to_owned(), name.to_owned());
        self.snapshots().with(&**self.documents(), |all| {
            let missing = || ApiError::not_found(format!("{} has no snapshot {name:?}", tenant.name()));
            let document = all.get(&key).ok_or_else(missing)?;
            self.documents().delete_snapshot(&id_of(document)).map_err(not_kept)?;
            all.remove(&key);
            Ok(())
        })?;
        tenant.directory().forget(name);
        self.note_snapshot(tenant, &format!("snapshot {name:?} deleted"));
        Ok(())
    }

    /// Forgets what a tenant had that is deleted. What cannot be forgotten now does no harm.
    pub(crate) fn forget_snapshots_of(&self, tenant_id: &str) {
        let forgotten = self.snapshots().with(&**self.documents(), |all| {
            let own: Vec<SnapshotDocument> = all.values().filter(|it| it.tenant == tenant_id).cloned().collect();
            for document in own {
                self.documents().delete_snapshot(&id_of(&document)).map_err(not_kept)?;
                all.remove(&(document.tenant, document.name));
            }
            Ok(())
        });
        if let Err(why) = forgotten {
            tracing::warn!("snapshots of a deleted tenant stay in the workspace: {why:?}");
        }
    }

    /// The state of a snapshot. May read from the workspace: not for a thread that serves others.
    pub(crate) fn snapshot_root(&self, tenant: &Tenant, snapshot: &SnapshotDocument) -> Result<Arc<Root>, ApiError> {
        let directory = tenant.directory();
        if let Some(root) = directory.snapshot(&snapshot.name).filter(|root| root.revision() == snapshot.revision) {
            return Ok(root);
        }
        let horizon = self.history().horizon(tenant.id()).map_err(|why| ApiError::unreadable(&why))?;
        let root = match snapshot.revision >= horizon.0 {
            true => self.root_at(tenant, At::Revision(snapshot.revision))?,
            false => Arc::new(self.kept_state(tenant, snapshot)?),
        };
        directory.keep_root(&snapshot.name, Arc::clone(&root));
        Ok(root)
    }

    /// The state of a snapshot before the horizon, from what was kept for it.
    pub(crate) fn kept_state(&self, tenant: &Tenant, snapshot: &SnapshotDocument) -> Result<Root, ApiError> {
        let states = self.history().states_at(tenant.id(), Pos(snapshot.pos));
        let states = states.map_err(|why| ApiError::unreadable(&why))?;
        let now = tenant.directory().root();
        let expected: u64 = snapshot.resources.iter().map(|(_, count)| count).sum();
        if states.len() as u64 != expected {
            let message = format!(
                "the snapshot {:?} has {expected} resources, and the workspace has {} of them",
                snapshot.name,
                states.len()
            );
            return Err(ApiError::new(StatusCode::GONE, "beyond_horizon", message));
        }
        let there: HashSet<String> = states.iter().map(|state| state.resource_id.clone()).collect();
        let is_other = |state: &Option<Arc<Document>>, id: &str| {
            now.get(id).map(|resource| resource.document.value()) != state.as_ref().map(|state| state.value())
        };
        let came = now.resources().filter(|resource| !there.contains(resource.id())).map(|resource| Past {
            resource_type: resource.resource_type().to_owned(),
            id: resource.id().to_owned(),
            state: None,
        });
        let others = states.into_iter().filter(|state| is_other(&state.state, &state.resource_id));
        let past = others.map(|it| Past { resource_type: it.resource_type, id: it.resource_id, state: it.state });
        now.rewound(snapshot.revision, past.chain(came)).map_err(|lost| {
            let message = format!("the snapshot {:?} cannot be read: {lost}", snapshot.name);
            ApiError::new(StatusCode::GONE, "lost_type", message)
        })
    }

    /// The state that a text names: as [`At::read`], or `snapshot:NAME`.
    pub(crate) fn root_named(&self, tenant: &Tenant, text: Option<&str>) -> Result<Arc<Root>, ApiError> {
        match text.and_then(|text| text.trim().strip_prefix("snapshot:")) {
            Some(name) => self.snapshot_root(tenant, &self.snapshot_named(tenant, name.trim())?),
            None => self.root_at(tenant, At::read(text)?),
        }
    }

    fn note_snapshot(&self, tenant: &Tenant, what: &str) {
        let detail = format!("{}: {what}", tenant.name());
        self.log().append(Entry::State(Arc::new(State { what: "snapshot".to_owned(), detail })));
    }
}

fn id_of(document: &SnapshotDocument) -> String {
    format!("{}/{}", document.tenant, document.name)
}

fn checked(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let length = name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || name.chars().any(char::is_control) {
        return Err(ApiError::bad_request(format!(
            "the name of a snapshot has 1 to {LONGEST_NAME} characters and no control characters; this has {length}"
        )));
    }
    Ok(name.to_owned())
}

fn not_kept(why: String) -> ApiError {
    let message = format!("the workspace could not be written: {why}; the snapshots are as they were");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", message)
}
