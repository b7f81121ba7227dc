//! Changing tenants: in memory first, then in the workspace, one change after the other.

use std::net::SocketAddr;
use std::sync::Arc;

use http::StatusCode;
use provider::{DEFAULT_TENANT_NAME, Tenant, TenantError, TenantSettings, Upstream};
use tokio::sync::MutexGuard;
use traffic::entry::{self, Entry};

use crate::control::Control;
use crate::error::ApiError;
use crate::facts::Exposure;
use crate::model::{ResourceCount, TenantInfo, UpstreamInfo, kind_of};
use crate::ports::{RULE_DOCUMENT, TENANT_DOCUMENT, TenantDocument};

/// Where the endpoints of a tenant begin.
const SCIM: &str = "/scim/v2";

/// Whoever holds it may change tenants; nobody else changes them meanwhile.
pub(crate) struct Changing<'a> {
    control: &'a Control,
    _lock: MutexGuard<'a, ()>,
}

impl Control {
    /// The tenant with this name.
    pub(crate) fn find_tenant(&self, name: &str) -> Result<Arc<Tenant>, ApiError> {
        self.provider().named(name).ok_or_else(|| TenantError::Missing(name.to_owned()).into())
    }

    /// Waits until nobody else changes tenants.
    pub(crate) async fn change_tenants(&self) -> Changing<'_> {
        Changing { control: self, _lock: self.changing().lock().await }
    }

    /// A bearer token that admits to everything in the default tenant, to show how to connect; empty if there is none.
    pub fn scim_token(&self) -> String {
        self.token_of(&self.provider().tenant())
    }

    /// A bearer token that admits to everything in a tenant; empty if there is none.
    pub(crate) fn token_of(&self, tenant: &Tenant) -> String {
        tenant.settings().access.usable_bearer(self.provider().now()).unwrap_or_default().to_owned()
    }

    /// The base URL of a tenant, as a client on this machine writes it.
    pub fn local_url(&self, tenant: &Tenant) -> String {
        format!("{}{}", self.origin(), tenant.base_path())
    }

    /// The way to the SCIM listeners of this program: they may have a certificate that nobody else trusts.
    pub(crate) fn own_way(&self) -> replay::Way {
        let authorities_pem = self.facts().encryption.map(|encryption| encryption.authority_pem);
        replay::Way { authorities_pem, proxy: None }
    }

    /// Scheme and authority of the common SCIM listener.
    fn origin(&self) -> String {
        let url = self.facts().scim_url;
        url.strip_suffix(SCIM).unwrap_or(&url).to_owned()
    }

    /// What is behind a proxy, as the API shows it.
    fn upstream_info(&self, upstream: &Upstream) -> UpstreamInfo {
        let destination = replay::Destination::new(upstream.url.as_str(), "");
        let (credential, credential_name) = kind_of(&upstream.credential);
        UpstreamInfo {
            url: upstream.url.as_str().to_owned(),
            host: destination.host().unwrap_or_default(),
            loopback: destination.is_loopback(),
            authorities_pem: upstream.authorities_pem.clone(),
            connect_timeout_ms: upstream.connect_timeout_ms,
            answer_timeout_ms: upstream.answer_timeout_ms,
            credential,
            credential_name,
            credential_known: upstream.credential.is_known(),
            rewrite: upstream.rewrite,
            follow_up: upstream.follow_up,
        }
    }

    /// A tenant as the API shows it.
    pub(crate) fn tenant_info(&self, tenant: &Tenant) -> TenantInfo {
        let (settings, root) = (tenant.settings(), tenant.directory().root());
        let local_url = self.local_url(tenant);
        let public_url = settings.public_url.as_ref();
        let listening = self.sockets().address(tenant.id());
        let exposure = |address: SocketAddr| if address.ip().is_loopback() { Exposure::Local } else { Exposure::Lan };
        TenantInfo {
            id: tenant.id().to_owned(),
            name: tenant.name().to_owned(),
            is_default: tenant.is_default(),
            scim_url: public_url.map_or_else(|| local_url.clone(), |url| url.base(tenant.base_path())),
            token_url: format!("{}{}", self.origin(), tenant.token_path()),
            local_url,
            public_url: public_url.map(|url| url.as_str().to_owned()),
            forwarded_from: settings.forwarded_from.iter().map(ToString::to_string).collect(),
            listen: settings.listen.map(|address| address.to_string()),
            listening: listening.map(|address| address.to_string()),
            exposure: listening.map(exposure),
            upstream: settings.upstream.as_deref().map(|upstream| self.upstream_info(upstream)),
            profile: settings.profile.name.clone(),
            open: settings.access.open,
            simulate: settings.access.simulate,
            token_lifetime_s: settings.access.token_lifetime_s,
            revision: root.revision(),
            resources: resource_counts(tenant),
        }
    }
}

/// How many resources of each type a tenant has.
pub(crate) fn resource_counts(tenant: &Tenant) -> Vec<ResourceCount> {
    let root = tenant.directory().root();
    let names = tenant.registry().shapes().iter().map(|shape| shape.resource_type.name.clone());
    names
        .map(|name| {
            let count = root.count(&name) as u64;
            ResourceCount { resource_type: name, count }
        })
        .collect()
}

impl Changing<'_> {
    /// The control API that is changed.
    pub fn control(&self) -> &Control {
        self.control
    }

    /// Changes settings and keeps them.
    pub async fn change(&self, tenant: &Tenant, change: impl FnMut(&mut TenantSettings)) -> Result<(), ApiError> {
        tenant.change(change);
        self.keep(tenant).await
    }

    /// Keeps a tenant as it is now for the next start.
    pub async fn keep(&self, tenant: &Tenant) -> Result<(), ApiError> {
        let settings = Some(TenantSettings::clone(&tenant.settings()));
        self.put(tenant.id(), TenantDocument { name: tenant.name().to_owned(), settings }).await
    }

    /// Keeps for the next start that a tenant is gone.
    pub async fn forget(&self, tenant: &Tenant) -> Result<(), ApiError> {
        // Rules of a tenant that is gone would only take room: its id is never given again.
        let (documents, id) = (Arc::clone(self.control.documents()), tenant.id().to_owned());
        let _ = tokio::task::spawn_blocking(move || documents.delete(RULE_DOCUMENT, &id)).await;
        self.put(tenant.id(), TenantDocument { name: tenant.name().to_owned(), settings: None }).await
    }

    async fn put(&self, id: &str, document: TenantDocument) -> Result<(), ApiError> {
        let not_kept = |why: String| {
            let message = format!("this holds now, but could not be kept for the next start: {why}");
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "not_kept", message)
        };
        let json = serde_json::to_value(document).map_err(|error| not_kept(error.to_string()))?;
        let (documents, id) = (Arc::clone(self.control.documents()), id.to_owned());
        let kept = tokio::task::spawn_blocking(move || documents.put(TENANT_DOCUMENT, &id, &json)).await;
        kept.map_err(|error| not_kept(error.to_string()))?.map_err(not_kept)
    }

    /// Writes into the record what was done.
    pub fn note(&self, tenant: &Tenant, done: &str) {
        let detail = format!("{} {done}", tenant.name());
        self.control.log().append(Entry::State(Arc::new(entry::State { what: "tenant".to_owned(), detail })));
    }
}

impl From<TenantError> for ApiError {
    fn from(error: TenantError) -> Self {
        let (status, code) = match &error {
            TenantError::Name(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_name"),
            TenantError::Taken(_) => (StatusCode::CONFLICT, "name_taken"),
            TenantError::Missing(_) => (StatusCode::NOT_FOUND, "not_found"),
            TenantError::Default => (StatusCode::CONFLICT, "default_tenant"),
        };
        let message = match &error {
            TenantError::Missing(_) => format!("{error}; GET /api/v1/tenants lists them"),
            TenantError::Default => format!("{error}; reset {DEFAULT_TENANT_NAME}, or make another tenant"),
            _ => error.to_string(),
        };
        ApiError::new(status, code, message)
    }
}
