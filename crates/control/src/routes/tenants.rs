//! Tenants: made, copied, changed, emptied and deleted while they serve.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use provider::{Access, Profile, PublicUrl, Tenant, TenantSettings};
use traffic::entry::{self, Entry};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{NewTenant, TenantChange, TenantCreated, TenantInfo, TenantList, TenantName};

/// Lists the tenants.
#[utoipa::path(
    get,
    path = "/api/v1/tenants",
    tag = "tenants",
    operation_id = "list_tenants",
    responses((status = 200, description = "All of them.", body = TenantList))
)]
pub(super) async fn list(State(control): State<Control>) -> Json<TenantList> {
    let items = control.provider().tenants().iter().map(|tenant| control.tenant_info(tenant)).collect();
    Json(TenantList { items })
}

/// Makes a tenant without resources, with a bearer token to begin with.
#[utoipa::path(
    post,
    path = "/api/v1/tenants",
    tag = "tenants",
    operation_id = "create_tenant",
    request_body = NewTenant,
    responses(
        (status = 201, description = "The tenant, and its token for the only time.", body = TenantCreated),
        (status = 409, description = "The name is taken.", body = ErrorBody),
        (status = 422, description = "The name, the profile or the schemas do not do.", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(control): State<Control>,
    Body(new): Body<NewTenant>,
) -> Result<(StatusCode, Json<TenantCreated>), ApiError> {
    let NewTenant { name, profile, schema_presets, schemas, resource_types } = new;
    let profile = preset(profile.as_deref().unwrap_or("tolerant"))?;
    let provider = control.provider();
    let token = provider.new_secret();
    let settings = TenantSettings {
        schema_presets,
        schemas: schemas.into_iter().map(scim::json::Json::from).collect(),
        resource_types: resource_types.into_iter().map(scim::json::Json::from).collect(),
        ..TenantSettings::new(profile, Access::bearer(&token, provider.now()))
    };
    let registry = settings.registry(provider.tenant().registry()).map_err(|why| {
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_schemas", format!("the schemas do not do: {why}"))
    })?;
    let changing = control.change_tenants().await;
    let tenant = provider.create(&name, settings, registry)?;
    changing.note(&tenant, "was made");
    changing.keep(&tenant).await?;
    Ok((StatusCode::CREATED, Json(TenantCreated { tenant: control.tenant_info(&tenant), token })))
}

/// Gives a tenant.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}",
    tag = "tenants",
    operation_id = "get_tenant",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "The tenant as it stands.", body = TenantInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn get(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<TenantInfo>, ApiError> {
    Ok(Json(control.tenant_info(&*control.find_tenant(&name)?)))
}

/// Changes a tenant: its name, its public URL, whom it believes, where it listens, whether it asks for credentials.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{name}",
    tag = "tenants",
    operation_id = "change_tenant",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = TenantChange,
    responses(
        (status = 200, description = "The tenant as it stands now.", body = TenantInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "The new name or the address is taken.", body = ErrorBody),
        (status = 422, description = "A value does not do. Nothing was changed.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(change): Body<TenantChange>,
) -> Result<Json<TenantInfo>, ApiError> {
    let wrong = |why: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_value", why);
    let public_url = match &change.public_url {
        Some(Some(url)) => Some(Some(url.parse::<PublicUrl>().map_err(wrong)?)),
        Some(None) => Some(None),
        None => None,
    };
    let forwarded_from = change.forwarded_from.as_ref().map(|nets| {
        let nets: Result<Vec<provider::Net>, String> = nets.iter().map(|net| net.parse()).collect();
        nets.map_err(wrong)
    });
    let forwarded_from = forwarded_from.transpose()?;
    if change.token_lifetime_s == Some(0) {
        return Err(wrong("token_lifetime_s is 0; a token has to be good for at least a second".into()));
    }
    let changing = control.change_tenants().await;
    let mut tenant = control.find_tenant(&name)?;
    let new_name = change.name.as_deref().filter(|to| *to != name);
    if let Some(to) = new_name {
        tenant = control.provider().rename(&name, to)?;
    }
    match change.listen {
        Some(Some(address)) => {
            if let Err(why) = control.sockets().open(tenant.id(), address).await {
                if let Some(to) = new_name {
                    control.provider().rename(to, &name)?;
                }
                return Err(ApiError::new(StatusCode::CONFLICT, "cannot_listen", why));
            }
        }
        Some(None) => control.sockets().close(tenant.id()).await,
        None => {}
    }
    changing
        .change(&tenant, |settings| {
            if let Some(public_url) = &public_url {
                settings.public_url.clone_from(public_url);
            }
            if let Some(nets) = &forwarded_from {
                settings.forwarded_from.clone_from(nets);
            }
            if let Some(listen) = change.listen {
                settings.listen = listen;
            }
            let access = &mut settings.access;
            access.open = change.open.unwrap_or(access.open);
            access.simulate = change.simulate.unwrap_or(access.simulate);
            access.token_lifetime_s = change.token_lifetime_s.unwrap_or(access.token_lifetime_s);
        })
        .await?;
    match new_name {
        Some(_) => changing.note(&tenant, &format!("is the new name of {name}")),
        None => changing.note(&tenant, "has other settings"),
    }
    Ok(Json(control.tenant_info(&tenant)))
}

/// Deletes a tenant. Its exchanges stay in the record.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}",
    tag = "tenants",
    operation_id = "delete_tenant",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "It is the default tenant.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<StatusCode, ApiError> {
    let changing = control.change_tenants().await;
    let (provider, gone) = (control.provider().clone(), name.clone());
    // It waits for the writer of the tenant.
    let tenant = in_background(move || provider.remove(&gone)).await??;
    control.sockets().close(tenant.id()).await;
    changing.note(&tenant, "was deleted");
    changing.forget(&tenant).await?;
    let (control, id) = (control.clone(), tenant.id().to_owned());
    in_background(move || control.forget_snapshots_of(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a tenant that begins as another one is now, credentials and resources included.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/clone",
    tag = "tenants",
    operation_id = "clone_tenant",
    params(("name" = String, Path, description = "The tenant to copy.")),
    request_body = TenantName,
    responses(
        (status = 201, description = "The copy.", body = TenantInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "The name of the copy is taken.", body = ErrorBody),
        (status = 422, description = "The name of the copy does not do.", body = ErrorBody),
    )
)]
pub(super) async fn duplicate(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(TenantName { name: to }): Body<TenantName>,
) -> Result<(StatusCode, Json<TenantInfo>), ApiError> {
    let changing = control.change_tenants().await;
    let (provider, from) = (control.provider().clone(), name.clone());
    let tenant = in_background(move || provider.duplicate(&from, &to)).await??;
    changing.note(&tenant, &format!("was made as a copy of {name}"));
    changing.keep(&tenant).await?;
    Ok((StatusCode::CREATED, Json(control.tenant_info(&tenant))))
}

/// Deletes all resources of a tenant, in one revision. Settings and credentials stay.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/reset",
    tag = "tenants",
    operation_id = "reset_tenant",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "The tenant, empty.", body = TenantInfo),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn reset(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<TenantInfo>, ApiError> {
    let changing = control.change_tenants().await;
    let provider = control.provider().clone();
    let tenant = in_background(move || provider.reset(&name)).await??;
    changing.note(&tenant, "was emptied");
    Ok(Json(control.tenant_info(&tenant)))
}

/// Gives the profile of a tenant, whole.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/profile",
    tag = "tenants",
    operation_id = "get_tenant_profile",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "Every switch, in the form that PUT takes.", body = serde_json::Value),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn profile(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<Profile>, ApiError> {
    Ok(Json(Profile::clone(&control.find_tenant(&name)?.profile())))
}

/// Gives what a tenant says of itself now: its ServiceProviderConfig, as clients get it.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/service-provider-config",
    tag = "tenants",
    operation_id = "get_tenant_announcement",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "RFC 7643 section 5.", body = serde_json::Value),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn announced(
    State(control): State<Control>,
    Segment(name): Segment<String>,
) -> Result<Json<scim::json::Json>, ApiError> {
    let tenant = control.find_tenant(&name)?;
    let base = control.tenant_info(&tenant).scim_url;
    Ok(Json(tenant.service_provider_config(&base)))
}

/// Switches the profile of a tenant for requests that begin from now on: to a preset, given by its name alone, or to a whole
/// profile. Switches that are left out of a whole profile are as in `tolerant`.
#[utoipa::path(
    put,
    path = "/api/v1/tenants/{name}/profile",
    tag = "tenants",
    operation_id = "switch_tenant_profile",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body(content = serde_json::Value, description = "`{\"name\": \"okta-oin\"}`, or a whole profile."),
    responses(
        (status = 200, description = "The profile now in force, whole.", body = serde_json::Value),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 422, description = "There is no such preset, or this is no profile.", body = ErrorBody),
    )
)]
pub(super) async fn switch_profile(
    State(control): State<Control>,
    Segment(name): Segment<String>,
    Body(given): Body<serde_json::Value>,
) -> Result<Json<Profile>, ApiError> {
    let profile = match (given.as_object().map(|members| members.len()), given["name"].as_str()) {
        (Some(1), Some(name)) => preset(name)?,
        _ => Profile::from_json(&given.to_string())
            .map_err(|error| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_profile", error.to_string()))?,
    };
    let tenant = switch(&control, &name, profile).await?;
    Ok(Json(Profile::clone(&tenant.profile())))
}

/// Puts a profile in force for the tenant with this name and keeps it.
pub(super) async fn switch(control: &Control, name: &str, profile: Profile) -> Result<Arc<Tenant>, ApiError> {
    let changing = control.change_tenants().await;
    let tenant = control.find_tenant(name)?;
    let named = profile.name.clone();
    tenant.switch_profile(profile);
    if tenant.is_default() {
        let state = entry::State { what: "profile".to_owned(), detail: named };
        control.log().append(Entry::State(Arc::new(state)));
    } else {
        changing.note(&tenant, &format!("has the profile {named}"));
    }
    changing.keep(&tenant).await?;
    Ok(tenant)
}

/// The preset with this name.
pub(super) fn preset(name: &str) -> Result<Profile, ApiError> {
    Profile::preset(name).ok_or_else(|| {
        let message = format!("there is no profile {name:?}; there are: {}", Profile::names().join(", "));
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unknown_profile", message)
    })
}

async fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", format!("this failed inside the server: {error}"))
    })
}
