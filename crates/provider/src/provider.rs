//! The provider: its tenants and what they share.

use std::fmt;
use std::sync::Arc;

use directory::Directory;
use scim::error::ScimError;
use scim::schema::Registry;
use traffic::handled::Handled;
use traffic::log::Log;

use crate::answer::Draft;
use crate::cursor::CursorKey;
use crate::ports::{Clock, Entropy, Ids};
use crate::prepare::Prepared;
use crate::profile::Profile;
use crate::request::{Refusal, Request};
use crate::tenant::Tenant;

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
}

pub(crate) struct Shared {
    pub tenants: Vec<Arc<Tenant>>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub log: Arc<Log>,
    /// Signs the cursors of this process.
    pub cursor_key: CursorKey,
}

/// The name of the tenant that is always there.
pub const DEFAULT_TENANT_NAME: &str = "default";
const DEFAULT_BASE_PATH: &str = "/scim/v2";

impl Provider {
    /// A provider with one tenant, "default" at `/scim/v2`, that has no resources.
    pub fn new(config: ProviderConfig) -> Provider {
        let directory = Arc::new(Directory::new(Arc::clone(&config.registry)));
        Provider::with_directory(config, directory)
    }

    /// A provider with one tenant, "default" at `/scim/v2`, that has these resources. The directory's registry holds, not
    /// that of the configuration.
    pub fn with_directory(config: ProviderConfig, directory: Arc<Directory>) -> Provider {
        let tenant = Tenant::new(DEFAULT_TENANT_NAME, DEFAULT_BASE_PATH, config.profile, config.token, directory);
        Provider {
            shared: Arc::new(Shared {
                tenants: vec![Arc::new(tenant)],
                clock: config.clock,
                ids: config.ids,
                log: config.log,
                cursor_key: CursorKey::new(&*config.entropy),
            }),
        }
    }

    /// The tenants; the first one is the default.
    pub fn tenants(&self) -> &[Arc<Tenant>] {
        &self.shared.tenants
    }

    /// The default tenant.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.shared.tenants[0]
    }

    /// Reads a request as far as it can be read without writing: route, access, syntax, schema, plan.
    pub fn prepare(&self, request: Request) -> Prepared {
        Prepared::new(Arc::clone(&self.shared), request)
    }

    /// The answer to what never became a request, or to one that panicked.
    pub fn refuse(&self, refusal: Refusal) -> Handled {
        Draft::default().refuse(ScimError::plain(refusal.status(), refusal.detail()), Vec::new())
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("tenants", &self.shared.tenants).finish_non_exhaustive()
    }
}
