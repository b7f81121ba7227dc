//! The provider: its tenants and what they share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use directory::Directory;
use jiff::fmt::rfc2822::DateTimePrinter;
use scim::error::ScimError;
use scim::schema::Registry;
use traffic::handled::Handled;
use traffic::log::Log;

use crate::answer::Draft;
use crate::auth::Access;
use crate::cursor::CursorKey;
use crate::ports::{Clock, Entropy, Ids};
use crate::prepare::Prepared;
use crate::printed::Printed;
use crate::profile::Profile;
use crate::request::{Refusal, Request};
use crate::tenant::{Tenant, TenantSettings};
use crate::tenants::Tenants;

/// What a provider is made of.
pub struct ProviderConfig {
    /// Schemas and resource types.
    pub registry: Arc<Registry>,
    /// The profile to begin with.
    pub profile: Profile,
    /// The bearer token that clients must send. An empty one admits nobody.
    pub token: String,
    /// Tells the time for `meta.created` and `meta.lastModified`.
    pub clock: Arc<dyn Clock>,
    /// Makes the ids of new resources.
    pub ids: Arc<dyn Ids>,
    /// Makes keys and secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Where commits are written down.
    pub log: Arc<Log>,
}

/// Answers requests. Cheap to clone; clones are the same provider.
#[derive(Clone)]
pub struct Provider {
    pub(crate) shared: Arc<Shared>,
    /// The id of the only tenant that is served, at `/scim/v2`.
    alone: Option<Arc<str>>,
    /// Whether rules are asked.
    ruled: bool,
}

pub(crate) struct Shared {
    pub tenants: Tenants,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub entropy: Arc<dyn Entropy>,
    pub log: Arc<Log>,
    /// Signs the cursors of this process.
    pub cursor_key: CursorKey,
    pub printed: Arc<Printed>,
    /// Whether clients are asked to come later.
    pub paused: AtomicBool,
}

/// The name, and the id, of the tenant that is always there.
pub const DEFAULT_TENANT_NAME: &str = "default";

impl Provider {
    /// A provider with one tenant, "default" at `/scim/v2`, that has no resources.
    pub fn new(config: ProviderConfig) -> Provider {
        let directory = Arc::new(Directory::new(Arc::clone(&config.registry)));
        Provider::with_directory(config, directory)
    }

    /// A provider with one tenant, "default" at `/scim/v2`, that has these resources. The directory's registry holds, not
    /// that of the configuration.
    pub fn with_directory(config: ProviderConfig, directory: Arc<Directory>) -> Provider {
        let access = Access::bearer(&config.token, config.clock.now());
        let settings = TenantSettings::new(config.profile, access);
        let default = Tenant::new(DEFAULT_TENANT_NAME, DEFAULT_TENANT_NAME, settings, directory);
        let shared = Shared {
            tenants: Tenants::new(default),
            clock: config.clock,
            ids: config.ids,
            log: config.log,
            cursor_key: CursorKey::new(&*config.entropy),
            printed: Arc::default(),
            paused: AtomicBool::new(false),
            entropy: config.entropy,
        };
        Provider { shared: Arc::new(shared), alone: None, ruled: true }
    }

    /// The same provider for a listener that serves one tenant alone, at `/scim/v2`. Other tenants are not to be found there.
    pub fn alone(&self, id: &str) -> Provider {
        Provider { alone: Some(id.into()), ..self.clone() }
    }

    /// The same provider for requests that the program makes for people: rules are for clients, and are not asked.
    pub fn without_rules(&self) -> Provider {
        Provider { ruled: false, ..self.clone() }
    }

    /// Reads a request as far as it can be read without writing: route, access, syntax, schema, plan.
    pub fn prepare(&self, request: Request) -> Prepared {
        Prepared::new(Arc::clone(&self.shared), self.alone.as_deref(), self.ruled, request)
    }

    /// The same for a request of a client: while the provider is paused it is asked to come later (503 with `Retry-After`, RFC 9110
    /// section 10.2.3), and nothing is carried out. What it was about is noted all the same.
    pub fn receive(&self, request: Request) -> Prepared {
        let prepared = self.prepare(request);
        if self.is_paused() { prepared.put_off() } else { prepared }
    }

    /// Whether clients are asked to come later.
    pub fn is_paused(&self) -> bool {
        self.shared.paused.load(Relaxed)
    }

    /// Has clients come later, or answers them again. Tells whether that is something else than before.
    pub fn pause(&self, paused: bool) -> bool {
        self.shared.paused.swap(paused, Relaxed) != paused
    }

    /// The answer to what never became a request, or to one that panicked.
    pub fn refuse(&self, refusal: Refusal) -> Handled {
        let mut refused = Draft::default().refuse(ScimError::plain(refusal.status(), refusal.detail()), Vec::new());
        self.shared.date(&mut refused);
        refused
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("tenants", &self.shared.tenants)
            .field("alone", &self.alone)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// An id that no resource of a directory has: ids that are drawn from a number come again in another run over the same
    /// directory.
    pub fn new_id(&self, root: &directory::Root) -> String {
        let mut id = self.ids.next();
        while root.get(&id).is_some() {
            id = self.ids.next();
        }
        id
    }

    /// Dates an answer by a clock that stands still (RFC 9110 section 6.6.1); else whoever sends it does so.
    pub fn date(&self, handled: &mut Handled) {
        let Some(at) = self.clock.fixed() else { return };
        if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&at) {
            handled.response.headers.push(("Date".to_owned(), date));
        }
    }
}
