//! What a host decides before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use crate::encryption::Encryption;
pub use control::ports::Keychain;
pub use formats::seed::{Recipe, datasets};
pub use journal::Durability;
pub use provider::{Hidden, Passage, PublicUrl, Upstream};

/// Where the SCIM server listens when nothing else is said.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8787";
/// Where the control API listens when nothing else is said.
pub const DEFAULT_CONTROL: &str = "127.0.0.1:8788";
/// How many following ports the desktop tries when its own is taken.
pub const FALLBACK_PORTS: u16 = 20;

/// Where the record and the directory are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workspace {
    /// A file that is deleted on clean exit.
    Temporary,
    /// This file; it is made if it is not there.
    File(PathBuf),
}

/// How to reach the control API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlAccess {
    /// Over HTTP at this address, with this token; one is made if there is none.
    Http {
        /// Where to listen; port 0 takes a free one.
        listen: SocketAddr,
        /// The bearer token.
        token: Option<String>,
        /// Whether the page is served too.
        page: bool,
    },
    /// Only in this process: nothing listens.
    InProcess,
}

/// A server that shows itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demo {
    /// The id of the scenario that is played again and again; none if not given.
    pub scenario: Option<String>,
    /// After how long record and directories begin anew; never if not given.
    pub reset_every: Option<Duration>,
    /// Whether the page can be looked at without a token, and changes nothing.
    pub read_only: bool,
}

/// Everything that a host can choose.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the SCIM server listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How many following ports to try when that one is taken.
    pub fallback_ports: u16,
    /// How the SCIM listeners encrypt. The control API stays on plain http: it is for this machine.
    pub encryption: Encryption,
    /// The bearer token of the SCIM server. Without one, that of the workspace is used, or a new one is made.
    pub token: Option<String>,
    /// How the control API is reached.
    pub control: ControlAccess,
    /// Where everything is kept.
    pub workspace: Workspace,
    /// Where the system keeps secrets, if somebody sits at a desktop: for credentials of replay targets.
    pub keychain: Option<Arc<dyn Keychain>>,
    /// When an answer may leave: see [`Durability`]. Without a choice: acknowledged for a file, relaxed for a temporary
    /// workspace.
    pub durability: Option<Durability>,
    /// About how many bytes of the record are held in memory. Beyond it, the oldest exchanges are only in the workspace.
    pub memory_budget_bytes: usize,
    /// How many bytes of the workspace file may be in use; beyond it the oldest flows are given up. Without a choice, what the
    /// workspace says, or 2 GiB for a file and 1 GiB for a temporary workspace.
    pub disk_budget_bytes: Option<u64>,
    /// How long a client may be silent before what it does next begins a new flow.
    pub flow_gap: Duration,
    /// The profile of the default tenant: the name of a preset, or the JSON of a profile. Without one, that of the workspace
    /// is used, or `tolerant`.
    pub profile: Option<String>,
    /// The URL under which clients reach the default tenant. Without one, that of the workspace is used, if it has one.
    pub public_url: Option<String>,
    /// Rules of the default tenant, in the place of those that the workspace has: the name of a ready set, or the JSON of a
    /// list of rules. Without a choice, those of the workspace.
    pub rules: Option<String>,
    /// The server that requests to the default tenant are sent on to. Without a choice, that of the workspace, if it has one.
    pub upstream: Option<Upstream>,
    /// Names of ready schemas to add, see `scim::schema::presets`.
    pub schema_presets: Vec<String>,
    /// A file of Schema documents to add (RFC 7643 section 7).
    pub schemas: Option<PathBuf>,
    /// A file of ResourceType documents to add (RFC 7643 section 6).
    pub resource_types: Option<PathBuf>,
    /// Whether calls of the control API may name files of this machine to be opened and written as workspaces.
    pub open_files: bool,
    /// Where the list of workspaces that were open is kept; without a file there is no list.
    pub recent: Option<PathBuf>,
    /// What the directory of the default tenant begins with, if it is empty.
    pub seed: Option<Recipe>,
    /// The time at which the clock of the SCIM server stands still, so that runs can be repeated. Without one it goes.
    pub clock: Option<jiff::Timestamp>,
    /// The number that ids, keys and tokens are drawn from, so that runs can be repeated. Without one they are random.
    pub ids: Option<u64>,
    /// Whether the server shows itself, and how.
    pub demo: Option<Demo>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 8787)),
            fallback_ports: 0,
            encryption: Encryption::None,
            token: None,
            control: ControlAccess::InProcess,
            workspace: Workspace::Temporary,
            keychain: None,
            durability: None,
            memory_budget_bytes: traffic::log::Budget::default().bytes,
            disk_budget_bytes: None,
            flow_gap: dialects::flow::IDLE_GAP.unsigned_abs(),
            profile: None,
            public_url: None,
            rules: None,
            upstream: None,
            schema_presets: Vec::new(),
            schemas: None,
            resource_types: None,
            open_files: false,
            recent: None,
            seed: None,
            clock: None,
            ids: None,
            demo: None,
        }
    }
}
