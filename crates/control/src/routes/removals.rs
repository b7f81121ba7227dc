//! Removing exchanges from the record.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use traffic::log::Durable;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{NewRemoval, Removal, RemovalList};
use crate::ports::Unwanted;
use crate::removals::numbers;

/// Most exchanges that one call names.
const MOST: usize = 100_000;
const UNDO_S: u64 = 10;
const LONGEST_UNDO_S: u64 = 60;

/// Removes exchanges with all their bytes, when the time to undo it is over. What they changed in directories stays, and so
/// does its history. Exchanges that are not over then stay. `removed` or `removal-failed` in the event stream tells how it went;
/// if the server ends before, nothing is removed.
#[utoipa::path(
    post,
    path = "/api/v1/removals",
    tag = "record",
    operation_id = "remove_exchanges",
    request_body = NewRemoval,
    responses(
        (status = 202, description = "The removal, which can be undone until `due_at`.", body = Removal),
        (status = 400, description = "There are too many numbers, or both numbers and a tag, or the time is too long.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn remove(
    State(control): State<Control>,
    Body(new): Body<NewRemoval>,
) -> Result<(StatusCode, Json<Removal>), ApiError> {
    let NewRemoval { seqs, tag, undo_s } = new;
    if seqs.len() > MOST {
        return Err(ApiError::bad_request(format!("seqs has {} numbers; it may have {MOST}", seqs.len())));
    }
    if !seqs.is_empty() && tag.is_some() {
        return Err(ApiError::bad_request("name exchanges by seqs or by tag, not by both"));
    }
    let undo_s = undo_s.unwrap_or(UNDO_S);
    if undo_s > LONGEST_UNDO_S {
        return Err(ApiError::bad_request(format!("undo_s is {undo_s}; it may be {LONGEST_UNDO_S}")));
    }
    if control.log().durable() == Durable::Never {
        let message = "nothing can be removed: the workspace cannot be written to";
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message));
    }
    let what = match seqs.is_empty() {
        false => Unwanted::These(numbers(&seqs)),
        true => Unwanted::UpTo { through: control.log().head().seq, tag },
    };
    let waiting = control.remove_later(what, Duration::from_secs(undo_s));
    Ok((StatusCode::ACCEPTED, Json(Removal::from(waiting))))
}

/// Lists the removals that can still be undone.
#[utoipa::path(
    get,
    path = "/api/v1/removals",
    tag = "record",
    operation_id = "list_removals",
    responses((status = 200, description = "All of them, the oldest first.", body = RemovalList))
)]
pub(super) async fn list(State(control): State<Control>) -> Json<RemovalList> {
    Json(RemovalList { items: control.removals().waiting().into_iter().map(Removal::from).collect() })
}

/// Calls a removal off: nothing of it is removed.
#[utoipa::path(
    delete,
    path = "/api/v1/removals/{id}",
    tag = "record",
    operation_id = "undo_removal",
    params(("id" = u64, Path, description = "The removal's number.")),
    responses(
        (status = 204, description = "It is called off."),
        (status = 404, description = "It is carried out already, or never was.", body = ErrorBody),
    )
)]
pub(super) async fn undo(State(control): State<Control>, Segment(id): Segment<u64>) -> Result<StatusCode, ApiError> {
    match control.removals().undo(id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::not_found(format!("removal {id} cannot be undone: it is carried out, or never was"))),
    }
}
