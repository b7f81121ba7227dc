//! What the control API needs from outside to change tenants; `app` plugs it in.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use jiff::Timestamp;
use provider::TenantSettings;
use serde::{Deserialize, Serialize};
use traffic::ids::{Pos, Revision, Seq};

use crate::facts::Durability;

mod keychain;
mod repeatable;
mod workspaces;

pub use keychain::Keychain;
pub use repeatable::Repeatable;
pub use workspaces::{Opening, RecentFile, SaveTarget, WorkspaceError, WorkspaceErrorKind, Workspaces};

/// The kind of the documents that tenants are kept in; the id is the tenant's.
pub const TENANT_DOCUMENT: &str = "tenant";

/// The kind of the documents that rules are kept in; the id is the tenant's. `{"rules": [...]}`, see
/// [`provider::rules::KeptRule`].
pub const RULE_DOCUMENT: &str = "rule";

/// The kind of the documents that saved views are kept in; the id is the view's.
pub const VIEW_DOCUMENT: &str = "view";

/// The kind of the documents that say which states of directories have a name.
pub const SNAPSHOT_DOCUMENT: &str = "snapshot";

/// A tenant as it is kept in the workspace. Its directory is in the record, under its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantDocument {
    /// Its name.
    pub name: String,
    /// What was set. Absent for a tenant that was deleted: its id is not given again.
    pub settings: Option<TenantSettings>,
}

/// The kind of the documents with what a person made of a flow; the id is the flow's number.
pub const FLOW_DOCUMENT: &str = "flow";

/// What a person made of a flow, beside putting exchanges into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowDocument {
    /// What it is called, if not what its steps say.
    pub name: Option<String>,
    /// Whether it takes no more exchanges.
    pub locked: bool,
}

/// The kind of the documents that runs of replays are kept in; the id is the number of the run. Their steps are documents of
/// kinds of their own.
pub const RUN_DOCUMENT: &str = "run";

/// The kind of the documents with answers that were accepted in place of recorded ones; the id is the exchange's number.
pub const REPLAY_ANSWER_DOCUMENT: &str = "replay-answer";

/// The kind of the documents that say to which hosts replays may send; the id is the host.
pub const REPLAY_CONSENT_DOCUMENT: &str = "replay-consent";

/// The kind of the documents with what a flow file says of a flow; the id is the flow's number. `{"text": JSON}`, so that nothing
/// of its writing is lost.
pub const FLOW_SCRIPT_DOCUMENT: &str = "flow-script";

/// The kind of the documents with what a flow file says of a step; the id is the exchange's number. As [`FLOW_SCRIPT_DOCUMENT`].
pub const STEP_SCRIPT_DOCUMENT: &str = "step-script";

/// Keeps documents for the next start. Writing may wait for the disk.
pub trait Documents: Send + Sync {
    /// Writes a document, over the one of this kind and id if there is one. The error is for people.
    fn put(&self, kind: &str, id: &str, json: &serde_json::Value) -> Result<(), String>;

    /// The same for one that is JSON text already, which may be large.
    fn put_text(&self, kind: &str, id: &str, json: &str) -> Result<(), String> {
        self.put(kind, id, &serde_json::from_str(json).map_err(|error| error.to_string())?)
    }

    /// All documents of a kind with their ids, in no order that matters. The error is for people.
    fn list(&self, kind: &str) -> Result<Vec<(String, serde_json::Value)>, String>;

    /// The document of a kind and id, if there is one. The error is for people.
    fn get(&self, kind: &str, id: &str) -> Result<Option<serde_json::Value>, String> {
        Ok(self.list(kind)?.into_iter().find(|(have, _)| have == id).map(|(_, json)| json))
    }

    /// Deletes a document; tells whether there was one. The error is for people.
    fn delete(&self, kind: &str, id: &str) -> Result<bool, String>;

    /// Writes a document of the kind [`SNAPSHOT_DOCUMENT`], and keeps what a tenant's directory was at this position of the
    /// log when changes are given up. False, and nothing is written, if that is too late. The error is for people.
    fn put_snapshot(&self, id: &str, _tenant: &str, _pos: Pos, json: &serde_json::Value) -> Result<bool, String> {
        self.put(SNAPSHOT_DOCUMENT, id, json).map(|()| true)
    }

    /// Deletes such a document, and keeps what it stood for no longer. The error is for people.
    fn delete_snapshot(&self, id: &str) -> Result<bool, String> {
        self.delete(SNAPSHOT_DOCUMENT, id)
    }
}

/// The kind of the documents that settings are kept in.
pub const SETTING_DOCUMENT: &str = "settings";
/// The id of the setting of what the workspace may take on the disk: `{"bytes": N}`.
pub const DISK_BUDGET_SETTING: &str = "disk-budget";
/// The id of the setting of when an answer may leave: `{"durability": "power_safe"}`.
pub const DURABILITY_SETTING: &str = "durability";

/// The id of the setting of what columns the list of exchanges has: `{"columns": [...]}`.
pub const LIST_COLUMNS_SETTING: &str = "list-columns";

/// The id of the setting with what the page keeps of itself, an object.
pub const LAYOUT_SETTING: &str = "layout";

/// What the workspace takes on the disk, and may take.
pub trait Storage: Send + Sync {
    /// As of the last time that something was written.
    fn usage(&self) -> StorageUsage;

    /// Changes what the workspace may take, from now on and as long as it is open.
    fn set_budget(&self, bytes: u64);

    /// The least that it may be.
    fn least_budget_bytes(&self) -> u64;

    /// Changes when an answer may leave, from now on and as long as the workspace is open. May wait for the disk; the error is
    /// for people, and leaves things as they were.
    fn set_durability(&self, durability: Durability) -> Result<(), String>;

    /// Removes exchanges from the record, but not those that are not over. Waits until that is done. The error is for people;
    /// then nothing is removed.
    fn remove(&self, what: Unwanted) -> Result<Removed, String>;
}

/// Which exchanges are to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unwanted {
    /// These, pinned or not.
    These(Vec<Seq>),
    /// All up to and including a number that are not pinned.
    UpTo {
        /// The number.
        through: Seq,
        /// Only those with this tag, in whatever case.
        tag: Option<String>,
    },
}

/// What became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Those that are gone, ascending.
    pub seqs: Vec<Seq>,
    /// How many stay because they are not over.
    pub kept: u64,
}

/// What the workspace takes on the disk, and what was given up so that it does not take more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StorageUsage {
    /// Bytes that the file takes.
    pub file_bytes: u64,
    /// How many of them are in use.
    pub used_bytes: u64,
    /// How many may be in use.
    pub budget_bytes: u64,
    /// About how many are changes of directories.
    pub change_bytes: u64,
    /// How many exchanges were given up since the workspace was made.
    pub exchanges_pruned: u64,
    /// How many flows that was.
    pub flows_pruned: u64,
    /// How many changes of resources were given up since the workspace was made.
    pub changes_pruned: u64,
    /// One for each tenant of whose history a part is gone.
    pub horizons: Vec<HistoryHorizon>,
}

/// How far back the history of a directory goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryHorizon {
    /// Id of the tenant.
    pub tenant: String,
    /// The oldest revision whose state is to be had.
    pub revision: Revision,
    /// Its position in the log.
    pub pos: Pos,
    /// When it was made.
    pub at: Timestamp,
}

/// Work that was begun.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Listeners that serve one tenant alone, at `/scim/v2`.
pub trait Sockets: Send + Sync {
    /// Opens one for the tenant with this id; closes the one that it had, if it had one. Port 0 takes a free one. Tells the
    /// address it got; the error is for people, and leaves things as they were.
    fn open(&self, tenant: &str, address: SocketAddr) -> Pending<Result<SocketAddr, String>>;

    /// Closes the one that the tenant has, if it has one; requests that have begun are finished.
    fn close(&self, tenant: &str) -> Pending<()>;

    /// Where the tenant listens.
    fn address(&self, tenant: &str) -> Option<SocketAddr>;
}

/// Nothing is kept, and nothing listens: for a control API in a test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nowhere;

impl Documents for Nowhere {
    fn put(&self, _: &str, _: &str, _: &serde_json::Value) -> Result<(), String> {
        Ok(())
    }

    fn list(&self, _: &str) -> Result<Vec<(String, serde_json::Value)>, String> {
        Ok(Vec::new())
    }

    fn delete(&self, _: &str, _: &str) -> Result<bool, String> {
        Ok(false)
    }
}

impl Storage for Nowhere {
    fn usage(&self) -> StorageUsage {
        StorageUsage::default()
    }

    fn set_budget(&self, _: u64) {}

    fn least_budget_bytes(&self) -> u64 {
        0
    }

    fn set_durability(&self, _: Durability) -> Result<(), String> {
        Ok(())
    }

    fn remove(&self, _: Unwanted) -> Result<Removed, String> {
        Err("there is no workspace".to_owned())
    }
}

impl Sockets for Nowhere {
    fn open(&self, _: &str, address: SocketAddr) -> Pending<Result<SocketAddr, String>> {
        Box::pin(async move { Err(format!("cannot listen at {address}: this host has no sockets")) })
    }

    fn close(&self, _: &str) -> Pending<()> {
        Box::pin(async {})
    }

    fn address(&self, _: &str) -> Option<SocketAddr> {
        None
    }
}

impl fmt::Debug for dyn Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Documents")
    }
}

impl fmt::Debug for dyn Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Storage")
    }
}

impl fmt::Debug for dyn Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sockets")
    }
}
