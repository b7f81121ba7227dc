//! Whether a request is let in: what is open, what is asked for, and how a refusal looks.

use jiff::Timestamp;
use scim::error::ScimError;
use scim::finding::Place;
use traffic::handled::AuthStep;

use crate::answer::{Draft, Refused};
use crate::auth::{self, Denied, Grant};
use crate::request::Request;
use crate::route::Route;
use crate::target::Segment;
use crate::tenant::{Tenant, TenantSettings};

/// Lets a request in, or says why not: 401 if nobody knows who asks, 403 if that one may not (RFC 7644 section 2).
pub(crate) fn admit(
    request: &Request,
    route: &Route,
    below: &[Segment],
    tenant: &Tenant,
    settings: &TenantSettings,
    now: Timestamp,
    draft: &mut Draft,
) -> Result<(), Refused> {
    let open = match (route, request.method.as_str()) {
        (_, "OPTIONS") => Some("OPTIONS needs no credentials"),
        (Route::ServiceProviderConfig, "GET" | "HEAD") if settings.profile.open_service_provider_config => {
            Some("ServiceProviderConfig needs no credentials")
        }
        _ => None,
    };
    if let Some(why) = open {
        draft.auth.push(AuthStep { checked: "endpoint".into(), found: why.into(), passed: true });
        return Ok(());
    }
    let access = &settings.access;
    let decision = auth::authenticate(request, access, tenant.issued(), now, &mut draft.auth);
    let grant = decision.map_err(|denied| unauthorized(denied, settings))?;
    auth::check_scope(&grant, is_write(&request.method, below), &mut draft.auth)
        .map_err(|scope| forbidden(&grant, scope))
}

fn unauthorized(denied: Denied, settings: &TenantSettings) -> Refused {
    let challenges = auth::challenges(&settings.access, &denied);
    let place = denied.header.map_or(Place::Request, Place::Header);
    let refused = Refused::from(ScimError { place, ..ScimError::plain(401, denied.detail) });
    challenges.into_iter().fold(refused, |refused, challenge| refused.with("WWW-Authenticate", challenge))
}

fn forbidden(grant: &Grant, scope: auth::Scope) -> Refused {
    let name = scope.name();
    let detail = format!("this needs the scope {name}, which the credential does not have; use one that does");
    let refused = Refused::from(ScimError::plain(403, detail));
    if grant.by_bearer {
        let challenge = format!("Bearer realm=\"scimscope\", error=\"insufficient_scope\", scope=\"{name}\"");
        refused.with("WWW-Authenticate", challenge)
    } else {
        refused
    }
}

/// Whether a request may change something. A search by POST does not (RFC 7644 section 3.4.3).
fn is_write(method: &str, below: &[Segment]) -> bool {
    let is_search = below.last().is_some_and(|last| last.text == ".search");
    !(matches!(method, "GET" | "HEAD") || method == "POST" && is_search)
}
