//! Saved views of the record: kept as documents of the workspace.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use traffic::query::LONGEST_TEXT;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{NewView, View, ViewList};
use crate::ports::VIEW_DOCUMENT;

const LONGEST_NAME: usize = 80;
const LONGEST_ID: usize = 64;
/// So that a script that goes wrong does not fill the workspace.
const MOST: usize = 500;

/// Lists the saved views.
#[utoipa::path(
    get,
    path = "/api/v1/views",
    tag = "record",
    operation_id = "list_views",
    responses((status = 200, description = "All of them, by name.", body = ViewList))
)]
pub(super) async fn list(State(control): State<Control>) -> Result<Json<ViewList>, ApiError> {
    blocking(move || all(&control)).await.map(|items| Json(ViewList { items }))
}

/// Keeps a view, over the one with this id if there is one.
#[utoipa::path(
    put,
    path = "/api/v1/views/{id}",
    tag = "record",
    operation_id = "put_view",
    params(("id" = String, Path, description = "What names it: 1 to 64 letters, digits and hyphens.")),
    request_body = NewView,
    responses(
        (status = 200, description = "The view as it is kept.", body = View),
        (status = 400, description = "The id, the name or the query does not do.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn put(
    State(control): State<Control>,
    Segment(id): Segment<String>,
    Body(new): Body<NewView>,
) -> Result<Json<View>, ApiError> {
    let view = View { id, name: new.name.trim().to_owned(), query: new.query.trim().to_owned() };
    check(&view)?;
    blocking(move || {
        let others = all(&control)?.into_iter().filter(|other| other.id != view.id).count();
        if others >= MOST {
            return Err(ApiError::bad_request(format!("there are {MOST} views already; delete one first")));
        }
        let json = serde_json::json!({ "name": view.name, "query": view.query });
        control.documents().put(VIEW_DOCUMENT, &view.id, &json).map_err(not_kept)?;
        Ok(view)
    })
    .await
    .map(Json)
}

/// Deletes a view.
#[utoipa::path(
    delete,
    path = "/api/v1/views/{id}",
    tag = "record",
    operation_id = "delete_view",
    params(("id" = String, Path, description = "What names it.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such view.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment(id): Segment<String>,
) -> Result<StatusCode, ApiError> {
    blocking(move || {
        let existed = control.documents().delete(VIEW_DOCUMENT, &id).map_err(not_kept)?;
        if existed { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found(format!("there is no view {id:?}"))) }
    })
    .await
}

fn check(view: &View) -> Result<(), ApiError> {
    let id_is_right = (1..=LONGEST_ID).contains(&view.id.len())
        && view.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !id_is_right {
        let message = format!("the id of a view is 1 to {LONGEST_ID} letters, digits and hyphens, not {:?}", view.id);
        return Err(ApiError::bad_request(message));
    }
    let length = view.name.chars().count();
    if !(1..=LONGEST_NAME).contains(&length) {
        return Err(ApiError::bad_request(format!("name has {length} characters; it has to have 1 to {LONGEST_NAME}")));
    }
    if view.query.len() > LONGEST_TEXT {
        let message = format!("query has {} bytes; {LONGEST_TEXT} are read at most", view.query.len());
        return Err(ApiError::bad_request(message));
    }
    Ok(())
}

fn all(control: &Control) -> Result<Vec<View>, ApiError> {
    let documents = control.documents().list(VIEW_DOCUMENT).map_err(|why| {
        let message = format!("the saved views cannot be read: {why}");
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unreadable", message)
    })?;
    // A document that a later version wrote in another form is left alone.
    let views = documents.into_iter().filter_map(|(id, json)| {
        let NewView { name, query } = serde_json::from_value(json).ok()?;
        Some(View { id, name, query })
    });
    let mut views: Vec<View> = views.collect();
    views.sort_by(|left, right| left.name.to_lowercase().cmp(&right.name.to_lowercase()).then(left.id.cmp(&right.id)));
    Ok(views)
}

fn not_kept(why: String) -> ApiError {
    let message = format!("the workspace could not be written: {why}; the view is as it was");
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", message)
}

/// Documents may wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "views_failed",
            "the view broke off; this is a fault of ours",
        ))
    })
}
