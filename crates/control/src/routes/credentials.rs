//! The credentials of a tenant.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderName, StatusCode};
use jiff::{SignedDuration, Timestamp};
use provider::{Access, Credential, Scope, Secret};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{CredentialChange, CredentialCreated, CredentialInfo, CredentialList, NewCredential, Rotation};

/// Lists the credentials of a tenant, with their secrets masked.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/credentials",
    tag = "tenants",
    operation_id = "list_credentials",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "All of them.", body = CredentialList),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<CredentialList>, ApiError> {
    let (settings, now) = (control.find_tenant(&name)?.settings(), control.provider().now());
    let items = settings.access.credentials.iter().map(|credential| CredentialInfo::new(credential, now)).collect();
    Ok(Json(CredentialList { items }))
}

/// Makes a credential. Its secret is in this answer and in no other one.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/credentials",
    tag = "tenants",
    operation_id = "create_credential",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = NewCredential,
    responses(
        (status = 201, description = "The credential and its secret.", body = CredentialCreated),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "Another credential has the same secret or the same owner.", body = ErrorBody),
        (status = 422, description = "A value does not do.", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(new): Body<NewCredential>,
) -> Result<(StatusCode, Json<CredentialCreated>), ApiError> {
    let provider = control.provider();
    let credential = Credential {
        id: provider.new_id(),
        name: new.name,
        secret: new.secret.complete(|| provider.new_secret()),
        scopes: new.scopes.map_or_else(|| Scope::ALL.to_vec(), without_repetition),
        created_at: provider.now(),
        expires_at: new.expires_at,
        revoked_at: None,
    };
    check(&credential)?;
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    check_beside(&credential, &tenant.settings().access)?;
    let created = created(&credential, provider.now());
    let credential = Arc::new(credential);
    let add = |access: &mut Access| access.credentials.push(Arc::clone(&credential));
    changing.change(&tenant, |settings| add(&mut settings.access)).await?;
    changing.note(&tenant, &format!("has another credential: {:?}", credential.name));
    Ok((StatusCode::CREATED, Json(created)))
}

/// Changes a credential: its name, its scopes, when it expires, whether it is revoked.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{name}/credentials/{id}",
    tag = "tenants",
    operation_id = "change_credential",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The credential's id."),
    ),
    request_body = CredentialChange,
    responses(
        (status = 200, description = "The credential as it stands now.", body = CredentialInfo),
        (status = 404, description = "There is no such tenant or credential.", body = ErrorBody),
        (status = 422, description = "A value does not do.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
    Body(change): Body<CredentialChange>,
) -> Result<Json<CredentialInfo>, ApiError> {
    let now = control.provider().now();
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let mut credential = Credential::clone(&*find(&tenant.settings().access, &id)?);
    if let Some(name) = change.name {
        credential.name = name;
    }
    if let Some(scopes) = change.scopes {
        credential.scopes = without_repetition(scopes);
    }
    if let Some(expires_at) = change.expires_at {
        credential.expires_at = expires_at;
    }
    credential.revoked_at = match change.revoked {
        Some(true) => credential.revoked_at.or(Some(now)),
        Some(false) => None,
        None => credential.revoked_at,
    };
    check(&credential)?;
    let info = CredentialInfo::new(&credential, now);
    let credential = Arc::new(credential);
    changing.change(&tenant, |settings| put(&mut settings.access, &credential)).await?;
    changing.note(&tenant, &format!("has a credential that was changed: {:?}", credential.name));
    Ok(Json(info))
}

/// Deletes a credential. Tokens that the token endpoint gave for it are no good any more.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}/credentials/{id}",
    tag = "tenants",
    operation_id = "delete_credential",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The credential's id."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such tenant or credential.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let credential = find(&tenant.settings().access, &id)?;
    changing.change(&tenant, |settings| settings.access.credentials.retain(|other| other.id != id)).await?;
    changing.note(&tenant, &format!("has a credential less: {:?}", credential.name));
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a new secret in the place of an old one, which is good for a while yet. The new one is a credential of its own.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/credentials/{id}/rotate",
    tag = "tenants",
    operation_id = "rotate_credential",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("id" = String, Path, description = "The id of the credential that goes."),
    ),
    request_body = Rotation,
    responses(
        (status = 201, description = "The credential that comes, and its secret.", body = CredentialCreated),
        (status = 404, description = "There is no such tenant or credential.", body = ErrorBody),
        (status = 409, description = "Another credential has the same secret.", body = ErrorBody),
        (status = 422, description = "A value does not do.", body = ErrorBody),
    )
)]
pub(super) async fn rotate(
    State(control): State<Control>,
    Segment((name, id)): Segment<(String, String)>,
    Body(rotation): Body<Rotation>,
) -> Result<(StatusCode, Json<CredentialCreated>), ApiError> {
    let provider = control.provider();
    let now = provider.now();
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let settings = tenant.settings();
    let old = find(&settings.access, &id)?;
    let overlap = i64::try_from(rotation.overlap_s).ok().map(SignedDuration::from_secs);
    let end = overlap
        .and_then(|overlap| now.checked_add(overlap).ok())
        .ok_or_else(|| wrong(format!("overlap_s is {}, which goes beyond the end of time", rotation.overlap_s)))?;
    let new = Credential {
        id: provider.new_id(),
        secret: old.secret.renewed(rotation.secret.unwrap_or_else(|| provider.new_secret())),
        created_at: now,
        expires_at: None,
        revoked_at: None,
        ..Credential::clone(&old)
    };
    check(&new)?;
    check_secret(&new, &settings.access)?;
    let created = created(&new, now);
    let sooner = old.expires_at.map_or(end, |at| at.min(end));
    let (new, old) = (Arc::new(new), Arc::new(Credential { expires_at: Some(sooner), ..Credential::clone(&old) }));
    changing
        .change(&tenant, |settings| {
            put(&mut settings.access, &old);
            settings.access.credentials.push(Arc::clone(&new));
        })
        .await?;
    changing.note(&tenant, &format!("has a new secret for {:?}", new.name));
    Ok((StatusCode::CREATED, Json(created)))
}

/// Makes every token worthless that the token endpoint of a tenant has given so far.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}/tokens",
    tag = "tenants",
    operation_id = "revoke_tokens",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 204, description = "They are no good any more."),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn revoke_tokens(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<StatusCode, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    tenant.revoke_issued();
    changing.note(&tenant, "has revoked the tokens that it had issued");
    Ok(StatusCode::NO_CONTENT)
}

fn created(credential: &Credential, now: Timestamp) -> CredentialCreated {
    let secret = credential.secret.text().to_owned();
    CredentialCreated { credential: CredentialInfo::new(credential, now), secret }
}

fn find(access: &Access, id: &str) -> Result<Arc<Credential>, ApiError> {
    let missing = || ApiError::not_found(format!("the tenant has no credential {id:?}; list them to see which it has"));
    access.credential(id).cloned().ok_or_else(missing)
}

fn put(access: &mut Access, credential: &Arc<Credential>) {
    if let Some(place) = access.credentials.iter_mut().find(|other| other.id == credential.id) {
        *place = Arc::clone(credential);
    }
}

fn without_repetition(scopes: Vec<Scope>) -> Vec<Scope> {
    Scope::ALL.into_iter().filter(|scope| scopes.contains(scope)).collect()
}

fn wrong(why: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_value", why)
}

/// Whether a client can present this at all.
fn check(credential: &Credential) -> Result<(), ApiError> {
    if credential.name.trim().is_empty() || credential.name.chars().any(char::is_control) {
        return Err(wrong("name is empty or has control characters; give the credential a name"));
    }
    if credential.scopes.is_empty() {
        return Err(wrong("scopes is empty; take scim.read, scim.write or both, or leave it out"));
    }
    let text = credential.secret.text();
    if text.is_empty() {
        return Err(wrong("the secret is empty; leave it out to have one made, or give one"));
    }
    let is_visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    match &credential.secret {
        Secret::Bearer { token } if !is_visible(token) => {
            Err(wrong("the token has characters that a header cannot carry; take printable ASCII without blanks"))
        }
        Secret::Basic { username, .. } if username.is_empty() || username.contains(':') => {
            Err(wrong("username is empty or has a colon, which Basic cannot tell from the end of it (RFC 7617)"))
        }
        Secret::Header { header, value } => {
            let Ok(name) = HeaderName::from_bytes(header.as_bytes()) else {
                return Err(wrong(format!("{header:?} is no name of a header field")));
            };
            const TAKEN: [&str; 7] = [
                "authorization",
                "host",
                "content-length",
                "content-type",
                "transfer-encoding",
                "connection",
                "accept",
            ];
            if TAKEN.contains(&name.as_str()) {
                return Err(wrong(format!("{header} means something else already; take another name, like X-Api-Key")));
            }
            let is_value = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && value.trim() == value;
            if is_value {
                Ok(())
            } else {
                Err(wrong("the value has characters that a header cannot carry as they are"))
            }
        }
        Secret::OauthClient { client_id, .. } if client_id.is_empty() => {
            Err(wrong("client_id is empty; leave it out to have one made, or give one"))
        }
        _ => Ok(()),
    }
}

/// Whether a credential can be told from those that the tenant has.
fn check_beside(new: &Credential, access: &Access) -> Result<(), ApiError> {
    if let Some(other) = access.credentials.iter().find(|other| same_owner(other, new)) {
        let message = format!("{:?} has the same user name or client_id; rotate that one instead", other.name);
        return Err(ApiError::new(StatusCode::CONFLICT, "owner_taken", message));
    }
    check_secret(new, access)
}

fn check_secret(new: &Credential, access: &Access) -> Result<(), ApiError> {
    let mut others = access.credentials.iter();
    match others.find(|other| other.secret == new.secret) {
        Some(other) => {
            let message =
                format!("{:?} has the same secret; take another one, so that the two can be told apart", other.name);
            Err(ApiError::new(StatusCode::CONFLICT, "secret_taken", message))
        }
        None => Ok(()),
    }
}

/// Whether two are user names, or clients, of the same name.
fn same_owner(one: &Credential, other: &Credential) -> bool {
    match (&one.secret, &other.secret) {
        (Secret::Basic { username: one, .. }, Secret::Basic { username: other, .. }) => one == other,
        (Secret::OauthClient { client_id: one, .. }, Secret::OauthClient { client_id: other, .. }) => one == other,
        _ => false,
    }
}
