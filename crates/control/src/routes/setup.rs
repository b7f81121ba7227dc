//! How the page is arranged in this workspace, and what there is on this machine to be reached by.

use axum::Json;
use axum::extract::State;
use http::StatusCode;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{ListColumns, TunnelProgram, TunnelPrograms};
use crate::ports::{LIST_COLUMNS_SETTING, SETTING_DOCUMENT};
use crate::programs::{TUNNELS, installed};

use super::resources::away;

const MOST: usize = 32;
const LONGEST: usize = 40;

/// Lists the installed programs that open a tunnel. They are looked for in the search path and never started.
#[utoipa::path(
    get,
    path = "/api/v1/tunnel-programs",
    tag = "server",
    operation_id = "list_tunnel_programs",
    responses((status = 200, description = "Those that are there.", body = TunnelPrograms))
)]
pub(super) async fn tunnel_programs() -> Json<TunnelPrograms> {
    let look = || installed(&TUNNELS, &std::env::var_os("PATH").unwrap_or_default());
    // Without an answer nothing is known of any.
    let found = tokio::task::spawn_blocking(look).await.unwrap_or_default();
    let items = found
        .into_iter()
        .map(|(name, path)| TunnelProgram { name: name.to_owned(), path: path.display().to_string() })
        .collect();
    Json(TunnelPrograms { items })
}

/// Gives the columns of the list of exchanges that somebody chose in this workspace.
#[utoipa::path(
    get,
    path = "/api/v1/list-columns",
    tag = "record",
    operation_id = "get_list_columns",
    responses(
        (status = 200, description = "The columns; none if nobody chose any.", body = ListColumns),
        (status = 503, description = "The workspace cannot be read.", body = ErrorBody),
    )
)]
pub(super) async fn columns(State(control): State<Control>) -> Result<Json<ListColumns>, ApiError> {
    away(move || {
        let kept = control.documents().list(SETTING_DOCUMENT).map_err(unreadable)?;
        let kept = kept.into_iter().find(|(id, _)| id == LIST_COLUMNS_SETTING);
        // What a later version wrote in another form is left alone.
        Ok(kept.and_then(|(_, json)| serde_json::from_value(json).ok()).unwrap_or_default())
    })
    .await
}

/// Chooses the columns of the list of exchanges, in their order; none for the page's own choice. They are kept in the workspace.
#[utoipa::path(
    put,
    path = "/api/v1/list-columns",
    tag = "record",
    operation_id = "set_list_columns",
    request_body = ListColumns,
    responses(
        (status = 200, description = "The columns as they are kept.", body = ListColumns),
        (status = 400, description = "There are too many, one is twice, or one is no name.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn set_columns(
    State(control): State<Control>,
    Body(chosen): Body<ListColumns>,
) -> Result<Json<ListColumns>, ApiError> {
    let ListColumns { columns } = &chosen;
    if columns.len() > MOST {
        return Err(ApiError::bad_request(format!("there are {} columns; there may be {MOST}", columns.len())));
    }
    for (at, name) in columns.iter().enumerate() {
        let is_name = (1..=LONGEST).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_name {
            let message = format!("a column is 1 to {LONGEST} small letters, digits and hyphens, not {name:?}");
            return Err(ApiError::bad_request(message));
        }
        if columns[..at].contains(name) {
            return Err(ApiError::bad_request(format!("the column {name:?} is there twice")));
        }
    }
    away(move || {
        let json = serde_json::json!(chosen);
        control.documents().put(SETTING_DOCUMENT, LIST_COLUMNS_SETTING, &json).map_err(|why| {
            let message = format!("the workspace could not be written: {why}; the columns are as they were");
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", message)
        })?;
        Ok(chosen)
    })
    .await
}

fn unreadable(why: String) -> ApiError {
    let message = format!("the columns cannot be read: {why}");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unreadable", message)
}
