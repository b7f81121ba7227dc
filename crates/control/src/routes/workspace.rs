//! The open workspace: what it is, and its settings.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde_json::json;
use traffic::entry::{self, Entry};

use crate::control::Control;
use crate::desk::Desk;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::facts::Durability;
use crate::model::{DiskState, DurabilityChoice, WorkspaceInfo, WorkspaceSettings};
use crate::ports::{DURABILITY_SETTING, SETTING_DOCUMENT};

use super::{disk, server};

/// Gives the open workspace.
#[utoipa::path(
    get,
    path = "/api/v1/workspace",
    tag = "workspace",
    operation_id = "get_workspace",
    responses((status = 200, description = "What it is, and how it does.", body = WorkspaceInfo))
)]
pub(super) async fn get(State(desk): State<Desk>) -> Json<WorkspaceInfo> {
    Json(info(&desk))
}

/// Changes settings of the open workspace, for what happens from now on. They are kept in it; what is left out stays.
#[utoipa::path(
    put,
    path = "/api/v1/workspace",
    tag = "workspace",
    operation_id = "change_workspace",
    request_body = WorkspaceSettings,
    responses(
        (status = 200, description = "The workspace now.", body = WorkspaceInfo),
        (status = 422, description = "The budget is too small for anything.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(desk): State<Desk>,
    Body(WorkspaceSettings { durability, disk_budget_bytes }): Body<WorkspaceSettings>,
) -> Result<Json<WorkspaceInfo>, ApiError> {
    let control = desk.control();
    if let Some(bytes) = disk_budget_bytes {
        disk::set(&control, bytes).await?;
    }
    if let Some(durability) = durability {
        set_durability(&control, durability).await?;
    }
    Ok(Json(info(&desk)))
}

async fn set_durability(control: &Control, durability: Durability) -> Result<(), ApiError> {
    let not_written = |why: String| {
        let message = format!("the workspace could not be written, and an answer leaves when it did before: {why}");
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message)
    };
    let (documents, storage) = (Arc::clone(control.documents()), Arc::clone(control.storage()));
    let changed = tokio::task::spawn_blocking(move || {
        documents.put(SETTING_DOCUMENT, DURABILITY_SETTING, &json!({ "durability": durability }))?;
        storage.set_durability(durability)
    });
    changed.await.unwrap_or_else(|error| Err(error.to_string())).map_err(not_written)?;
    let mut before = durability;
    control.update(|facts| before = std::mem::replace(&mut facts.workspace.durability, durability));
    if before != durability {
        let name = serde_json::to_value(durability).ok();
        let name = name.as_ref().and_then(|name| name.as_str()).unwrap_or_default().replace('_', "-");
        let promise = DurabilityChoice::all().into_iter().find(|choice| choice.name == durability);
        let detail = format!("{name} from now on: {}", promise.map(|choice| choice.promise).unwrap_or_default());
        control.log().append(Entry::State(Arc::new(entry::State { what: "durability".to_owned(), detail })));
    }
    Ok(())
}

/// The workspace as the API shows it.
pub(super) fn info(desk: &Desk) -> WorkspaceInfo {
    let control = &desk.control();
    let workspace = control.facts().workspace;
    WorkspaceInfo {
        id: workspace.id,
        kind: workspace.kind,
        path: workspace.path,
        durability: workspace.durability,
        durabilities: DurabilityChoice::all(),
        state: workspace.state,
        problem: workspace.problem,
        recovered: workspace.recovered,
        durable: server::durable(control),
        memory: server::memory(control),
        disk: DiskState::from(control.storage().usage()),
        may_name_files: desk.workspaces().may_name_files(),
    }
}
