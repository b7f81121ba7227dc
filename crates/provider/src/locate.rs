//! Which tenant a path leads to, and to which part of it.

use std::sync::Arc;

use scim::error::{ScimError, ScimType};
use scim::finding::Place;

use crate::route::Route;
use crate::target::Segment;
use crate::tenant::{DEFAULT_BASE_PATH, Tenant};
use crate::tenants::Table;

/// Where a path leads.
#[derive(Debug)]
pub(crate) enum Located<'t> {
    /// SCIM: the tenant, the path before its endpoints, and what follows that.
    Scim(Arc<Tenant>, String, &'t [Segment]),
    /// The token endpoint of a tenant.
    Token(Arc<Tenant>),
}

/// Finds the tenant: by the path, or the one that has this listener for itself.
pub(crate) fn locate<'t>(
    table: &Table,
    alone: Option<&str>,
    segments: &'t [Segment],
) -> Result<Located<'t>, ScimError> {
    let (tenant, base_path, below) = match (alone, segments) {
        (Some(id), _) => {
            let gone = || not_found(segments, "the tenant that was served here was deleted".into());
            (table.with_id(id).ok_or_else(gone)?, DEFAULT_BASE_PATH, segments)
        }
        (None, [first, rest @ ..]) if first.text == "t" => {
            let Some((name, below)) = rest.split_first() else {
                return Err(not_found(segments, "the name of a tenant is missing after /t/".into()));
            };
            let Some(tenant) = table.named(&name.text) else {
                let place = Place::Target(name.span.clone());
                let detail = format!("there is no tenant {:?}", name.text);
                return Err(ScimError { place, ..ScimError::plain(404, detail) });
            };
            (tenant, tenant.base_path(), below)
        }
        _ => (table.default(), DEFAULT_BASE_PATH, segments),
    };
    match below {
        [scim, version, rest @ ..] if scim.text == "scim" && version.text == "v2" => {
            Ok(Located::Scim(Arc::clone(tenant), base_path.to_owned(), rest))
        }
        [oauth, token] if oauth.text == "oauth" && token.text == "token" => Ok(Located::Token(Arc::clone(tenant))),
        // The same base with another version (RFC 7644 section 3.13).
        [scim, version, ..] if scim.text == "scim" && is_version(&version.text) => {
            let detail = format!("the protocol version {} is not supported; v2 is", version.text);
            Err(ScimError::bad_request(ScimType::InvalidVers, Place::Target(version.span.clone()), detail))
        }
        // Without a version the newest one is meant (RFC 7644 section 3.13), where there is something to mean.
        [scim, rest @ ..]
            if scim.text == "scim" && !matches!(Route::of(tenant.registry(), rest), Route::Base | Route::Nowhere) =>
        {
            Ok(Located::Scim(Arc::clone(tenant), base_path.to_owned(), rest))
        }
        _ => Err(not_found(segments, format!("there is nothing here; SCIM is below {base_path}"))),
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit())
            && rest.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
    })
}

/// A 404 about a whole path.
pub(crate) fn not_found(segments: &[Segment], detail: String) -> ScimError {
    let place = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => Place::Target(first.span.start..last.span.end),
        _ => Place::Request,
    };
    ScimError { place, ..ScimError::plain(404, detail) }
}
