//! Files that exchanges are written into, and files that they come from.

use std::io::Write;

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use futures_util::StreamExt;
use http::StatusCode;
use serde::Deserialize;
use tempfile::NamedTempFile;
use utoipa::{IntoParams, ToSchema};

use super::resources::away;
use super::workspace::info;
use super::workspaces::may_name_files;
use crate::control::Control;
use crate::desk::Desk;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters};
use crate::jobs::JobStarted;
use crate::model::{NewExportPreview, RedactionReport, WorkspaceInfo};
use crate::ports::Opening;
use crate::transfer::pick::Picked;
use crate::transfer::{export, import};

/// Largest file that is taken.
const FILE_BYTES: u64 = 4 << 30;

/// The bytes of a file, whatever its media type.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the request")]
pub(super) struct ImportedFile(Vec<u8>);

/// Tells what an export would take out, without writing it: of the first 5,000 exchanges.
#[utoipa::path(
    post,
    path = "/api/v1/exports/preview",
    tag = "transfer",
    operation_id = "preview_export",
    request_body = NewExportPreview,
    responses(
        (status = 200, description = "What would be replaced, by place and kind.", body = RedactionReport),
        (status = 400, description = "The query or a rule cannot be read.", body = ErrorBody),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
    )
)]
pub(super) async fn preview(
    State(control): State<Control>,
    Body(asked): Body<NewExportPreview>,
) -> Result<Json<RedactionReport>, ApiError> {
    let picked = Picked::of(&control, &asked.scope).await?;
    away(move || export::preview(&control, &picked, &asked.redaction)).await
}

/// What is known of the file.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct About {
    /// What it is called, for the title of the job.
    #[serde(default)]
    name: String,
}

/// Takes exchanges over from a file: HAR, fixture, flow file, Postman collection or curl commands. Its format is told by its content. They
/// come behind those that are there, with the tag `imported`; of those that are SCIM the requests are read as if they had come
/// here, so that they have findings and changes, without changing any directory. The job's `facts` are ImportFacts.
#[utoipa::path(
    post,
    path = "/api/v1/imports",
    tag = "transfer",
    operation_id = "start_import",
    params(About),
    request_body(content = ImportedFile, content_type = "application/octet-stream"),
    responses(
        (status = 202, description = "The file is here, and the job reads it.", body = JobStarted),
        (status = 400, description = "It is none of the formats that are read.", body = ErrorBody),
        (status = 409, description = "Too many jobs are running.", body = ErrorBody),
        (status = 413, description = "The file is larger than 4 GiB.", body = ErrorBody),
    )
)]
pub(super) async fn import(
    State(control): State<Control>,
    Parameters(about): Parameters<About>,
    body: RawBody,
) -> Result<(StatusCode, Json<JobStarted>), ApiError> {
    let file = receive(body).await?.into_file();
    let id = import::start(&control, file, &about.name)?;
    Ok((StatusCode::ACCEPTED, Json(JobStarted { id })))
}

/// Opens a file with exchanges as a new temporary workspace, in the place of the open one: as recorded, with the directory of
/// the default tenant behind them. Of a fixture, `initialState` is the directory before the first exchange; if the end is not
/// `expectedState`, the last exchange has a finding.
#[utoipa::path(
    post,
    path = "/api/v1/workspace/open-file",
    tag = "workspace",
    operation_id = "open_file_as_workspace",
    request_body(content = ImportedFile, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "The workspace that is open now.", body = WorkspaceInfo),
        (status = 400, description = "It is none of the formats that are read.", body = ErrorBody),
        (status = 403, description = "This server serves one workspace only.", body = ErrorBody),
        (status = 413, description = "The file is larger than 4 GiB.", body = ErrorBody),
        (status = 422, description = "It is damaged; the open workspace stays.", body = ErrorBody),
    )
)]
pub(super) async fn open_file(State(desk): State<Desk>, body: RawBody) -> Result<Json<WorkspaceInfo>, ApiError> {
    may_name_files(&desk)?;
    let file = receive(body).await?;
    desk.workspaces().open(Opening::File(file.path().to_owned())).await?;
    Ok(Json(info(&desk)))
}

/// Puts a file aside that is sent, if it is one that is read.
async fn receive(body: RawBody) -> Result<NamedTempFile, ApiError> {
    let lost =
        |why: String| ApiError::new(StatusCode::BAD_REQUEST, "not_received", format!("the file broke off: {why}"));
    let full = |why: String| {
        ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "not_kept", format!("the file cannot be put aside: {why}"))
    };
    let mut file = NamedTempFile::new().map_err(|error| full(error.to_string()))?;
    let mut beginning = Vec::new();
    let mut bytes = 0u64;
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part = part.map_err(|error| lost(error.to_string()))?;
        bytes += part.len() as u64;
        if bytes > FILE_BYTES {
            let message = format!("the file is larger than {FILE_BYTES} bytes; import it in parts");
            return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message));
        }
        if beginning.len() < 1 << 16 {
            beginning.extend_from_slice(&part);
        }
        let written = tokio::task::spawn_blocking(move || file.write_all(&part).map(|()| file)).await;
        file = written.map_err(|error| full(error.to_string()))?.map_err(|error| full(error.to_string()))?;
    }
    // What is no such file is said at once.
    formats::import::recognise(&beginning).map_err(|error| ApiError::bad_request(error.to_string()))?;
    Ok(file)
}
