//! One virtual service provider.

use core::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use directory::{Directory, Transaction};
use jiff::Timestamp;
use scim::error::ScimError;
use scim::json::Json;
use scim::schema::{Registry, presets};
use serde::{Deserialize, Serialize};

use crate::auth::{Access, Issued};
use crate::net::{Net, PublicUrl};
use crate::profile::Profile;
use crate::rules::Rules;
use crate::upstream::Upstream;

/// The path before the endpoints of the default tenant, and of every tenant that has a port for itself.
pub(crate) const DEFAULT_BASE_PATH: &str = "/scim/v2";

/// One virtual service provider: its place, how strict it is, who may ask, and its resources.
///
/// It is named twice: `id` stays as it is for good and stands in the record, `name` stands in the path and can be changed.
#[derive(Debug)]
pub struct Tenant {
    id: Arc<str>,
    name: String,
    base_path: String,
    settings: Arc<ArcSwap<TenantSettings>>,
    issued: Arc<Issued>,
    store: Arc<Store>,
    rules: Arc<Rules>,
}

/// What of a tenant can be changed while it serves; kept in the workspace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantSettings {
    /// What it supports and how strict it is.
    #[serde(with = "saved_profile")]
    pub profile: Arc<Profile>,
    /// Who may ask.
    pub access: Access,
    /// Under which URL clients reach it, for `Location`, `$ref` and `meta.location`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
    /// From which peers `Forwarded` and `X-Forwarded-*` are believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forwarded_from: Vec<Net>,
    /// The address that it has for itself, beside its path on the common one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Names of the ready schemas that it has beside the common ones: see [`scim::schema::presets`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schema_presets: Vec<String>,
    /// Schema documents that it has beside the common ones (RFC 7643 section 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<Json>,
    /// ResourceType documents that it has beside the common ones (RFC 7643 section 6).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_types: Vec<Json>,
    /// The server that requests are sent on to, if the tenant is a proxy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Arc<Upstream>>,
}

/// The resources, until the tenant is deleted.
#[derive(Debug)]
struct Store {
    directory: Arc<Directory>,
    is_closed: AtomicBool,
}

impl TenantSettings {
    /// This profile and this access, and nothing else.
    pub fn new(profile: Profile, access: Access) -> TenantSettings {
        TenantSettings {
            profile: Arc::new(profile),
            access,
            public_url: None,
            forwarded_from: Vec::new(),
            listen: None,
            schema_presets: Vec::new(),
            schemas: Vec::new(),
            resource_types: Vec::new(),
            upstream: None,
        }
    }

    /// The registry of a tenant with these settings, where these schemas and resource types are common to all. The error
    /// says what does not fit.
    pub fn registry(&self, common: &Arc<Registry>) -> Result<Arc<Registry>, String> {
        if self.schema_presets.is_empty() && self.schemas.is_empty() && self.resource_types.is_empty() {
            return Ok(Arc::clone(common));
        }
        let mut registry = Registry::clone(common);
        for name in &self.schema_presets {
            let preset = presets::named(name).ok_or_else(|| {
                let known: Vec<&str> = presets::all().iter().map(|preset| preset.name).collect();
                format!("there are no ready schemas {name:?}; there are {}", known.join(", "))
            })?;
            registry = registry.with_preset(preset).map_err(|error| error.to_string())?;
        }
        let text = |documents: &[Json]| Json::Array(documents.to_vec()).to_text();
        let schemas = Registry::read_schemas(&text(&self.schemas)).map_err(|error| error.to_string())?;
        let types = Registry::read_resource_types(&text(&self.resource_types)).map_err(|error| error.to_string())?;
        registry.with(schemas, types).map(Arc::new).map_err(|error| error.to_string())
    }
}

impl Tenant {
    pub(crate) fn new(id: &str, name: &str, settings: TenantSettings, directory: Arc<Directory>) -> Tenant {
        Tenant {
            id: id.into(),
            name: name.to_owned(),
            base_path: base_path(name),
            settings: Arc::new(ArcSwap::from_pointee(settings)),
            issued: Arc::default(),
            store: Arc::new(Store { directory, is_closed: AtomicBool::new(false) }),
            rules: Arc::default(),
        }
    }

    /// The same tenant under another name.
    pub(crate) fn renamed(&self, name: &str) -> Tenant {
        Tenant {
            id: Arc::clone(&self.id),
            name: name.to_owned(),
            base_path: base_path(name),
            settings: Arc::clone(&self.settings),
            issued: Arc::clone(&self.issued),
            store: Arc::clone(&self.store),
            rules: Arc::clone(&self.rules),
        }
    }

    /// What names it in the record: the name that it began with, with a number if another tenant had it before.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name: "default".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the one that is always there.
    pub fn is_default(&self) -> bool {
        *self.id == *crate::DEFAULT_TENANT_NAME
    }

    /// The path before its endpoints: "/scim/v2", "/t/acme/scim/v2".
    pub fn base_path(&self) -> &str {
        &self.base_path
    }

    /// The path of its token endpoint: "/oauth/token", "/t/acme/oauth/token".
    pub fn token_path(&self) -> String {
        format!("{}/oauth/token", self.base_path.trim_end_matches(DEFAULT_BASE_PATH))
    }

    /// What can be changed, as it stands.
    pub fn settings(&self) -> Arc<TenantSettings> {
        self.settings.load_full()
    }

    /// Changes settings for requests that begin from now on. The change may be made more than once if another one comes
    /// between; the last one counts.
    pub fn change(&self, mut change: impl FnMut(&mut TenantSettings)) {
        self.settings.rcu(|settings| {
            let mut settings = TenantSettings::clone(settings);
            change(&mut settings);
            settings
        });
    }

    /// The profile in force.
    pub fn profile(&self) -> Arc<Profile> {
        Arc::clone(&self.settings.load().profile)
    }

    /// Switches the profile for requests that begin from now on.
    pub fn switch_profile(&self, profile: Profile) {
        let profile = Arc::new(profile);
        self.change(|settings| settings.profile = Arc::clone(&profile));
    }

    /// Puts another token in the place of the bearer token that the tenant began with, for requests that begin from now
    /// on. An empty one admits nobody.
    pub fn replace_token(&self, token: String) {
        let made_at = self.settings().access.primary().map_or(Timestamp::UNIX_EPOCH, |primary| primary.created_at);
        self.change(|settings| settings.access.set_primary(&token, made_at));
    }

    /// Makes the tokens that its token endpoint gave out so far worthless.
    pub fn revoke_issued(&self) {
        self.issued.clear();
    }

    pub(crate) fn issued(&self) -> &Issued {
        &self.issued
    }

    /// Its rules: what it is told to do otherwise than it should.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Its resources.
    pub fn directory(&self) -> &Arc<Directory> {
        &self.store.directory
    }

    /// Its schemas and resource types.
    pub fn registry(&self) -> &Arc<Registry> {
        self.directory().registry()
    }

    /// Becomes the one writer of its directory. Refused if the tenant was deleted meanwhile, so that nothing is written, and
    /// recorded, of a tenant that is not there.
    pub(crate) fn begin(&self) -> Result<Transaction<'_>, ScimError> {
        let transaction = self.directory().begin();
        if self.store.is_closed.load(Ordering::Acquire) {
            return Err(ScimError::plain(404, "the tenant was deleted while this request was read"));
        }
        Ok(transaction)
    }

    /// Lets nobody write any more. Waits for the one who is writing.
    pub(crate) fn close(&self) {
        let _writer = self.directory().begin();
        self.store.is_closed.store(true, Ordering::Release);
    }
}

fn base_path(name: &str) -> String {
    if name == crate::DEFAULT_TENANT_NAME {
        DEFAULT_BASE_PATH.to_owned()
    } else {
        format!("/t/{name}{DEFAULT_BASE_PATH}")
    }
}

/// A preset is kept by its name, so that it grows with the program; any other profile whole.
mod saved_profile {
    use std::sync::Arc;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::profile::Profile;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Saved {
        Preset(String),
        Whole(serde_json::Value),
    }

    pub fn serialize<S: Serializer>(profile: &Arc<Profile>, serializer: S) -> Result<S::Ok, S::Error> {
        if Profile::preset(&profile.name).as_ref() == Some(profile) {
            profile.name.serialize(serializer)
        } else {
            profile.serialize(serializer)
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Profile>, D::Error> {
        let profile = match Saved::deserialize(deserializer)? {
            Saved::Preset(name) => {
                let missing = || D::Error::custom(format!("there is no profile {name:?}"));
                Profile::preset(&name).ok_or_else(missing)?
            }
            // Read in two steps: an untagged value would only say that nothing fits.
            Saved::Whole(whole) => serde_json::from_value(whole).map_err(D::Error::custom)?,
        };
        Ok(Arc::new(profile))
    }
}
