//! Credentials of replay targets in the keychain of the desktop.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters};
use crate::model::{KeepCredentials, KeptCredentials};

/// Which target.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Of {
    /// Its base URL.
    url: String,
}

/// Tells whether credentials are kept for a target, and where they can be kept. Nobody is asked to unlock anything.
#[utoipa::path(
    get,
    path = "/api/v1/replays/credentials",
    tag = "replays",
    operation_id = "get_kept_credentials",
    params(Of),
    responses((status = 200, description = "What is kept; never the secret itself.", body = KeptCredentials))
)]
pub(super) async fn get(
    State(control): State<Control>,
    Parameters(of): Parameters<Of>,
) -> Result<Json<KeptCredentials>, ApiError> {
    Ok(Json(control.kept_credentials(&of.url).await))
}

/// Keeps credentials for a target in the keychain of the desktop, over those that are there. Somebody may have to unlock it.
#[utoipa::path(
    put,
    path = "/api/v1/replays/credentials",
    tag = "replays",
    operation_id = "keep_credentials",
    request_body = KeepCredentials,
    responses(
        (status = 204, description = "They are kept."),
        (status = 400, description = "The URL is none, or there is nothing to keep.", body = ErrorBody),
        (status = 503, description = "There is no keychain, or it stayed locked.", body = ErrorBody),
    )
)]
pub(super) async fn put(
    State(control): State<Control>,
    Body(keep): Body<KeepCredentials>,
) -> Result<StatusCode, ApiError> {
    control.keep_credentials(&keep.url, &keep.credentials).await.map(|()| StatusCode::NO_CONTENT)
}

/// Forgets the credentials that are kept for a target.
#[utoipa::path(
    delete,
    path = "/api/v1/replays/credentials",
    tag = "replays",
    operation_id = "forget_credentials",
    params(Of),
    responses(
        (status = 204, description = "They are forgotten."),
        (status = 404, description = "None are kept for this target.", body = ErrorBody),
        (status = 503, description = "There is no keychain, or it stayed locked.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Parameters(of): Parameters<Of>,
) -> Result<StatusCode, ApiError> {
    let missing = || ApiError::not_found(format!("no credentials are kept for {:?}", of.url));
    control.forget_credentials(&of.url).await?.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}
