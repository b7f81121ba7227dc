//! What is behind a tenant: put there, and taken away.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::{HeaderName, StatusCode};
use provider::{Passage, PublicUrl, Tenant, Upstream};
use replay::{Destination, Way};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{NewUpstream, TenantInfo};

/// The longest that a server may take, in milliseconds.
const LONGEST_MS: u64 = 600_000;

/// Makes a tenant a recording proxy in front of a server, or changes how it is one. Clients get that server's answers from then on.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{name}/upstream",
    tag = "tenants",
    operation_id = "put_upstream",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = NewUpstream,
    responses(
        (status = 200, description = "The tenant.", body = TenantInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "Nobody agreed to send to this host, or the tenant has resources of its own.", body = ErrorBody),
        (status = 422, description = "Something in it does not do.", body = ErrorBody),
    )
)]
pub(super) async fn put(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(new): Body<NewUpstream>,
) -> Result<Json<TenantInfo>, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    let before = tenant.settings().upstream.clone();
    let upstream = taken(&control, &tenant, new, before.as_deref()).await?;
    if before.is_none() && !tenant.directory().root().is_empty() {
        let message = format!(
            "{name} has resources of its own; the directory of a proxy shows what the server behind it answers: delete them \
             first with POST /api/v1/tenants/{name}/reset, or take another tenant"
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "not_empty", message));
    }
    let (url, upstream) = (upstream.url.as_str().to_owned(), Some(Arc::new(upstream)));
    changing.change(&tenant, |settings| settings.upstream.clone_from(&upstream)).await?;
    changing.note(&tenant, &format!("is a proxy in front of {url}"));
    Ok(Json(control.tenant_info(&tenant)))
}

/// Makes a tenant a mock again. It keeps the resources that it has seen, and answers from them.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}/upstream",
    tag = "tenants",
    operation_id = "delete_upstream",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "The tenant.", body = TenantInfo),
        (status = 404, description = "There is no such tenant, or it is no proxy.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<TenantInfo>, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(&name)?;
    if tenant.settings().upstream.is_none() {
        return Err(ApiError::not_found(format!("{name} is no proxy")));
    }
    changing.change(&tenant, |settings| settings.upstream = None).await?;
    changing.note(&tenant, "answers itself again");
    Ok(Json(control.tenant_info(&tenant)))
}

/// What a call asks for, if it does.
async fn taken(
    control: &Control,
    tenant: &Tenant,
    new: NewUpstream,
    before: Option<&Upstream>,
) -> Result<Upstream, ApiError> {
    let wrong = |message: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_upstream", message);
    let NewUpstream { url, authorities_pem, connect_timeout_ms, answer_timeout_ms, credential, rewrite, follow_up } =
        new;
    let url: PublicUrl = url.parse().map_err(|why: String| wrong(why.replacen("public URL", "URL", 1)))?;
    let authorities_pem = authorities_pem.filter(|pem| !pem.trim().is_empty());
    let way = Way { authorities_pem: authorities_pem.clone(), proxy: None };
    let destination = Destination { way, ..Destination::new(url.as_str(), "") };
    destination.check().map_err(wrong)?;
    let host = destination.host().ok_or_else(|| wrong(format!("{:?} has no host", url.as_str())))?;
    if url.as_str() == control.local_url(tenant).trim_end_matches('/') {
        return Err(wrong("this is the tenant's own address: it would ask itself for ever".to_owned()));
    }
    if !destination.is_loopback() && !control.has_consent(&host).await? {
        let message = format!(
            "every request to {} would be sent to {host}, which is not this machine; agree to that with PUT \
             /api/v1/replays/consents/{host} first",
            tenant.name()
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "consent_needed", message));
    }
    let usual = Upstream::new(url);
    let time = |given: Option<u64>, usual: u64, what: &str| match given.unwrap_or(usual) {
        ms @ 1..=LONGEST_MS => Ok(ms),
        _ => Err(wrong(format!("{what} has to be from 1 to {LONGEST_MS} ms"))),
    };
    let credential = credential.complete(before.map(|before| &before.credential));
    if let Passage::Header { name, .. } = &credential
        && HeaderName::try_from(name.as_str()).is_err()
    {
        return Err(wrong(format!("{name:?} is no name of a header field")));
    }
    if !credential.is_known() {
        return Err(wrong("the secret of the credential is missing; it is not kept in the workspace".to_owned()));
    }
    Ok(Upstream {
        connect_timeout_ms: time(connect_timeout_ms, usual.connect_timeout_ms, "connect_timeout_ms")?,
        answer_timeout_ms: time(answer_timeout_ms, usual.answer_timeout_ms, "answer_timeout_ms")?,
        authorities_pem,
        credential,
        rewrite,
        follow_up,
        ..usual
    })
}
