//! What the workspace may take on the disk.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::json;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{DiskBudget, DiskState};
use crate::ports::{DISK_BUDGET_SETTING, SETTING_DOCUMENT};

/// Changes how many bytes of the workspace file may be in use. What is beyond it is given up in the background: the oldest
/// flows, and the oldest changes if these take more than half. It is kept in the workspace.
#[utoipa::path(
    put,
    path = "/api/v1/disk-budget",
    tag = "server",
    operation_id = "set_disk_budget",
    request_body = DiskBudget,
    responses(
        (status = 200, description = "What the file takes now, and the budget in force.", body = DiskState),
        (status = 422, description = "The budget is too small for anything.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn set_budget(
    State(control): State<Control>,
    Body(DiskBudget { bytes }): Body<DiskBudget>,
) -> Result<Json<DiskState>, ApiError> {
    set(&control, bytes).await?;
    Ok(Json(DiskState::from(control.storage().usage())))
}

/// Puts a budget in force and keeps it.
pub(super) async fn set(control: &Control, bytes: u64) -> Result<(), ApiError> {
    let least = control.storage().least_budget_bytes();
    if bytes < least {
        let message = format!("a budget of {bytes} bytes leaves no room for a record; give at least {least}");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "budget_too_small", message));
    }
    let documents = Arc::clone(control.documents());
    let kept = tokio::task::spawn_blocking(move || {
        documents.put(SETTING_DOCUMENT, DISK_BUDGET_SETTING, &json!({ "bytes": bytes }))
    });
    let kept = kept.await.unwrap_or_else(|error| Err(error.to_string()));
    // In force in any case: on a full disk a smaller budget is what is needed.
    control.storage().set_budget(bytes);
    match kept {
        Ok(()) => Ok(()),
        Err(why) => {
            let message = format!("the budget is in force until the end, but cannot be kept in the workspace: {why}");
            Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message))
        }
    }
}
