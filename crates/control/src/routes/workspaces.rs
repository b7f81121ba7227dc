//! Other workspaces than the open one: opened, made, saved and copied; and what the page keeps in the open one.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::body::Body as Stream;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::control::Control;
use crate::desk::Desk;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters};
use crate::jobs::{JobKind, JobStarted, Made};
use crate::model::{FileName, NewWorkspace, RecentList, RecentWorkspace, SaveAs, WorkspaceInfo};
use crate::ports::{LAYOUT_SETTING, Opening, SETTING_DOCUMENT, SaveTarget, WorkspaceError, WorkspaceErrorKind};

use super::exchanges::WireBytes;
use super::workspace::info;

/// How much of a copy is read at once.
const PART_BYTES: usize = 256 << 10;
/// Largest layout, as JSON.
const LAYOUT_BYTES: usize = 64 << 10;

/// Opens another workspace in the place of the open one, behind the same addresses. Requests that have begun are finished,
/// those that come wait for it. If it cannot be opened, the open one stays.
#[utoipa::path(
    post,
    path = "/api/v1/workspace/open",
    tag = "workspace",
    operation_id = "open_workspace",
    request_body = FileName,
    responses(
        (status = 200, description = "The workspace that is open now.", body = WorkspaceInfo),
        (status = 403, description = "This server does not open files that a call names.", body = ErrorBody),
        (status = 404, description = "There is no such file.", body = ErrorBody),
        (status = 409, description = "A program has it open.", body = ErrorBody),
        (status = 422, description = "It is no workspace, of a newer program, or damaged.", body = ErrorBody),
    )
)]
pub(super) async fn open(
    State(desk): State<Desk>,
    Body(FileName { path }): Body<FileName>,
) -> Result<Json<WorkspaceInfo>, ApiError> {
    may_name_files(&desk)?;
    desk.workspaces().open(Opening::File(whole(path)?)).await?;
    Ok(Json(info(&desk)))
}

/// Makes a new workspace and opens it in the place of the open one: in a file that is not there yet, or a temporary one.
#[utoipa::path(
    post,
    path = "/api/v1/workspace/new",
    tag = "workspace",
    operation_id = "new_workspace",
    request_body = NewWorkspace,
    responses(
        (status = 200, description = "The workspace that is open now.", body = WorkspaceInfo),
        (status = 403, description = "This server does not write files that a call names, or a file is what it serves.", body = ErrorBody),
        (status = 409, description = "There is such a file already.", body = ErrorBody),
        (status = 422, description = "The file cannot be made.", body = ErrorBody),
    )
)]
pub(super) async fn create(
    State(desk): State<Desk>,
    Body(NewWorkspace { path }): Body<NewWorkspace>,
) -> Result<Json<WorkspaceInfo>, ApiError> {
    may_name_files(&desk)?;
    let opening = match path {
        Some(path) => Opening::NewFile(whole(path)?),
        None => Opening::NewTemporary,
    };
    desk.workspaces().open(opening).await?;
    Ok(Json(info(&desk)))
}

/// Saves the open workspace under another name, as a job. Of a workspace that has a file this is a copy, as of one moment;
/// one that is temporary goes on in the new file and stays. Nothing waits for it.
#[utoipa::path(
    post,
    path = "/api/v1/workspace/save-as",
    tag = "workspace",
    operation_id = "save_workspace_as",
    request_body = SaveAs,
    responses(
        (status = 202, description = "It runs; when it is done, the `facts` of the job name the file.", body = JobStarted),
        (status = 403, description = "This server does not write files that a call names.", body = ErrorBody),
        (status = 409, description = "There is such a file already, or too many jobs are running.", body = ErrorBody),
    )
)]
pub(super) async fn save_as(
    State(desk): State<Desk>,
    Body(SaveAs { path, replace }): Body<SaveAs>,
) -> Result<(StatusCode, Json<JobStarted>), ApiError> {
    may_name_files(&desk)?;
    let path = whole(path)?;
    if !replace && path.exists() {
        let message = format!("{} is there already; choose another name, or say \"replace\": true", path.display());
        return Err(ApiError::new(StatusCode::CONFLICT, "exists", message));
    }
    let title = path.file_name().map_or_else(|| "Workspace".to_owned(), |name| name.to_string_lossy().into_owned());
    let workspaces = Arc::clone(desk.workspaces());
    let work = desk.control().jobs().work(JobKind::SaveWorkspace, title, move |hand| {
        let mut going = |done, total| {
            hand.tell(done, total);
            !hand.is_stopped()
        };
        let saved = workspaces.save(SaveTarget { path, replace }, &mut going).map_err(|error| error.message)?;
        Ok(Made { facts: Some(json!({ "path": saved.display().to_string() })), ..Made::default() })
    });
    let id = work.map_err(|error| ApiError::new(StatusCode::CONFLICT, "too_many_jobs", error.to_string()))?;
    Ok((StatusCode::ACCEPTED, Json(JobStarted { id })))
}

/// Gives a copy of the open workspace, as of one moment: its bytes, to be saved as a file. It holds secrets as they were sent.
#[utoipa::path(
    get,
    path = "/api/v1/workspace/copy",
    tag = "workspace",
    operation_id = "copy_workspace",
    responses(
        (status = 200, description = "The bytes.", body = WireBytes, content_type = "application/vnd.sqlite3"),
        (status = 500, description = "It cannot be copied; the disk for temporary files may be full.", body = ErrorBody),
    )
)]
pub(super) async fn copy(State(desk): State<Desk>) -> Result<Response, ApiError> {
    let stopped = Arc::new(AtomicBool::new(false));
    let waiting = Waiting(Arc::clone(&stopped));
    let workspaces = Arc::clone(desk.workspaces());
    let copying = tokio::task::spawn_blocking(move || {
        let file = workspaces.copy(&mut |_, _| !stopped.load(Ordering::Relaxed))?;
        let bytes =
            file.metadata().map_err(|error| WorkspaceError::new(WorkspaceErrorKind::Failed, error.to_string()))?;
        Ok::<_, WorkspaceError>((file, bytes.len()))
    });
    let broken = |error: tokio::task::JoinError| WorkspaceError::new(WorkspaceErrorKind::Failed, error.to_string());
    let (file, bytes) = copying.await.map_err(broken)??;
    drop(waiting);
    let name = desk.control().facts().workspace;
    let headers = [
        (CONTENT_TYPE, "application/vnd.sqlite3".to_owned()),
        (CONTENT_LENGTH, bytes.to_string()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", download_name(name.path.as_deref()))),
    ];
    Ok((headers, Stream::from_stream(parts(file))).into_response())
}

/// Lists the workspaces that were open before, the last one first.
#[utoipa::path(
    get,
    path = "/api/v1/workspace/recent",
    tag = "workspace",
    operation_id = "list_recent_workspaces",
    responses((status = 200, description = "At most twenty; those whose file is gone are marked.", body = RecentList))
)]
pub(super) async fn recent(State(desk): State<Desk>) -> Json<RecentList> {
    Json(list(&desk).await)
}

/// Takes a workspace off the list of those that were open before. Its file stays.
#[utoipa::path(
    delete,
    path = "/api/v1/workspace/recent",
    tag = "workspace",
    operation_id = "forget_recent_workspace",
    params(("path" = String, Query, description = "Its file.")),
    responses((status = 200, description = "What is left.", body = RecentList))
)]
pub(super) async fn forget(
    State(desk): State<Desk>,
    Parameters(FileName { path }): Parameters<FileName>,
) -> Json<RecentList> {
    let workspaces = Arc::clone(desk.workspaces());
    // What cannot be forgotten stands on the list that is given.
    let _ = tokio::task::spawn_blocking(move || workspaces.forget(&PathBuf::from(path))).await;
    Json(list(&desk).await)
}

/// Gives what the page keeps of itself in the workspace: how panes are arranged. An object; empty if nothing was kept.
#[utoipa::path(
    get,
    path = "/api/v1/workspace/layout",
    tag = "workspace",
    operation_id = "get_layout",
    responses((status = 200, description = "As it was kept.", body = Object))
)]
pub(super) async fn layout(State(control): State<Control>) -> Result<Json<Value>, ApiError> {
    let documents = Arc::clone(control.documents());
    let kept = tokio::task::spawn_blocking(move || documents.list(SETTING_DOCUMENT));
    let kept = kept.await.unwrap_or_else(|error| Err(error.to_string()));
    let kept = kept.map_err(|why| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unreadable", why))?;
    let layout = kept.into_iter().find(|(id, _)| id == LAYOUT_SETTING).map(|(_, json)| json);
    Ok(Json(layout.unwrap_or_else(|| json!({}))))
}

/// Keeps in the workspace how the panes of the page are arranged. An object of at most 64 KiB, whatever is in it.
#[utoipa::path(
    put,
    path = "/api/v1/workspace/layout",
    tag = "workspace",
    operation_id = "put_layout",
    request_body = Object,
    responses(
        (status = 204, description = "It is kept."),
        (status = 422, description = "It is no object, or too large.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn put_layout(
    State(control): State<Control>,
    Body(layout): Body<Value>,
) -> Result<StatusCode, ApiError> {
    let bytes = layout.to_string().len();
    if !layout.is_object() || bytes > LAYOUT_BYTES {
        let message = format!("a layout is a JSON object of at most {LAYOUT_BYTES} bytes; this one has {bytes}");
        return Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_layout", message));
    }
    let documents = Arc::clone(control.documents());
    let kept = tokio::task::spawn_blocking(move || documents.put(SETTING_DOCUMENT, LAYOUT_SETTING, &layout));
    let kept = kept.await.unwrap_or_else(|error| Err(error.to_string()));
    kept.map_err(|why| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", why))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn may_name_files(desk: &Desk) -> Result<(), ApiError> {
    if desk.workspaces().may_name_files() {
        return Ok(());
    }
    let message = "this server neither opens nor writes files that a call names, unless it is started with --allow-open; \
                   GET /api/v1/workspace/copy gives the workspace as a download";
    Err(ApiError::new(StatusCode::FORBIDDEN, "files_not_allowed", message))
}

/// Only a path from the root says the same wherever the program was started.
fn whole(path: String) -> Result<PathBuf, ApiError> {
    let path = PathBuf::from(path);
    if path.is_absolute() && path.file_name().is_some() {
        return Ok(path);
    }
    let message = format!("{} is no whole path of a file; begin at the root: /home/ada/work.scimscope", path.display());
    Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_path", message))
}

async fn list(desk: &Desk) -> RecentList {
    let workspaces = Arc::clone(desk.workspaces());
    let found = tokio::task::spawn_blocking(move || workspaces.recent()).await.unwrap_or_default();
    let open = desk.control().facts().workspace.path;
    let items = found.into_iter().map(|file| {
        let path = file.path.display().to_string();
        let open = open.as_ref() == Some(&path);
        RecentWorkspace { path, opened_at: file.opened_at.to_string(), missing: file.missing, open }
    });
    RecentList { items: items.collect() }
}

/// Says that nobody waits any more, when it is dropped.
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the file of the workspace is called, in letters that a header can carry.
fn download_name(path: Option<&str>) -> String {
    let name = path.and_then(|path| path.rsplit(['/', '\\']).next()).unwrap_or_default();
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { '_' })
        .collect();
    if plain.is_empty() { "workspace.scimscope".to_owned() } else { plain }
}

/// The bytes of a file, so much at a time.
fn parts(file: File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send {
    futures_util::stream::unfold(Some(file), |file| async move {
        let mut file = file?;
        let read = tokio::task::spawn_blocking(move || {
            let mut part = vec![0; PART_BYTES];
            let read = file.read(&mut part).map(|count| {
                part.truncate(count);
                part
            });
            (file, read)
        });
        match read.await {
            Ok((_, Ok(part))) if part.is_empty() => None,
            Ok((file, Ok(part))) => Some((Ok(Bytes::from(part)), Some(file))),
            Ok((_, Err(error))) => Some((Err(error), None)),
            Err(error) => Some((Err(std::io::Error::other(error)), None)),
        }
    })
}

impl From<WorkspaceError> for ApiError {
    fn from(WorkspaceError { kind, message }: WorkspaceError) -> Self {
        let (status, code) = match kind {
            WorkspaceErrorKind::Missing => (StatusCode::NOT_FOUND, "not_found"),
            WorkspaceErrorKind::Exists => (StatusCode::CONFLICT, "exists"),
            WorkspaceErrorKind::InUse => (StatusCode::CONFLICT, "in_use"),
            WorkspaceErrorKind::Newer => (StatusCode::UNPROCESSABLE_ENTITY, "newer"),
            WorkspaceErrorKind::NotAWorkspace => (StatusCode::UNPROCESSABLE_ENTITY, "not_a_workspace"),
            WorkspaceErrorKind::Damaged => (StatusCode::UNPROCESSABLE_ENTITY, "damaged"),
            WorkspaceErrorKind::Stopped => (StatusCode::SERVICE_UNAVAILABLE, "stopped"),
            WorkspaceErrorKind::Failed => (StatusCode::UNPROCESSABLE_ENTITY, "not_opened"),
        };
        ApiError::new(status, code, message)
    }
}
