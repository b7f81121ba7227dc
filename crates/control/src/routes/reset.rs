//! To begin anew, and to make runs that can be repeated: what goes, the clock, the ids.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::SignedDuration;
use traffic::entry::{self, Entry};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{ClockAdvance, ClockSetting, IdSetting, Reset, ResetDone};

/// Begins anew, between two tests: exchanges go at once, but for those that are pinned; resources go, each tenant's in one
/// revision. Settings, credentials, rules and snapshots stay, and numbers of exchanges go on.
#[utoipa::path(
    post,
    path = "/api/v1/reset",
    tag = "tests",
    operation_id = "reset",
    request_body = Reset,
    responses(
        (status = 200, description = "What went.", body = ResetDone),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 503, description = "The record cannot be written to.", body = ErrorBody),
    )
)]
pub(super) async fn reset(
    State(control): State<Control>,
    Body(reset): Body<Reset>,
) -> Result<Json<ResetDone>, ApiError> {
    Ok(Json(control.reset(&reset).await?))
}

/// Tells by which clock the SCIM server goes.
#[utoipa::path(
    get,
    path = "/api/v1/clock",
    tag = "tests",
    operation_id = "get_clock",
    responses((status = 200, description = "The clock.", body = ClockSetting))
)]
pub(super) async fn clock(State(control): State<Control>) -> Json<ClockSetting> {
    Json(ClockSetting { fixed_at: control.repeatable().fixed_at() })
}

/// Stops the clock of the SCIM server at a time, or lets it go as that of the machine does. Times in resources, `Date` in answers
/// and what expires go by it; the record tells when things really happened. It is not kept for the next start.
#[utoipa::path(
    put,
    path = "/api/v1/clock",
    tag = "tests",
    operation_id = "set_clock",
    request_body = ClockSetting,
    responses((status = 200, description = "The clock.", body = ClockSetting))
)]
pub(super) async fn set_clock(
    State(control): State<Control>,
    Body(ClockSetting { fixed_at }): Body<ClockSetting>,
) -> Json<ClockSetting> {
    set_time(&control, fixed_at);
    Json(ClockSetting { fixed_at })
}

/// Moves a clock that stands still: to see what happens when a token has expired.
#[utoipa::path(
    post,
    path = "/api/v1/clock/advance",
    tag = "tests",
    operation_id = "advance_clock",
    request_body = ClockAdvance,
    responses(
        (status = 200, description = "The clock.", body = ClockSetting),
        (status = 400, description = "That is beyond all time.", body = ErrorBody),
        (status = 409, description = "The clock does not stand still.", body = ErrorBody),
    )
)]
pub(super) async fn advance_clock(
    State(control): State<Control>,
    Body(ClockAdvance { by_ms }): Body<ClockAdvance>,
) -> Result<Json<ClockSetting>, ApiError> {
    let Some(now) = control.repeatable().fixed_at() else {
        let message =
            "the clock goes as that of the machine does; stop it first: PUT /api/v1/clock {\"fixed_at\": ...}";
        return Err(ApiError::new(StatusCode::CONFLICT, "not_fixed", message));
    };
    let by = SignedDuration::from_millis(i64::try_from(by_ms).unwrap_or(i64::MAX));
    let then = now.checked_add(by).map_err(|_| ApiError::bad_request(format!("{by_ms} ms after {now} is no time")))?;
    set_time(&control, Some(then));
    Ok(Json(ClockSetting { fixed_at: Some(then) }))
}

/// Tells how ids of resources are made.
#[utoipa::path(
    get,
    path = "/api/v1/ids",
    tag = "tests",
    operation_id = "get_ids",
    responses((status = 200, description = "The seed, if there is one.", body = IdSetting))
)]
pub(super) async fn ids(State(control): State<Control>) -> Json<IdSetting> {
    Json(IdSetting { seed: control.repeatable().seed() })
}

/// Draws ids of resources from a number, from the first on, or at random. An id that a resource has already is passed over. It is
/// not kept for the next start.
#[utoipa::path(
    put,
    path = "/api/v1/ids",
    tag = "tests",
    operation_id = "set_ids",
    request_body = IdSetting,
    responses((status = 200, description = "The seed, if there is one.", body = IdSetting))
)]
pub(super) async fn set_ids(
    State(control): State<Control>,
    Body(IdSetting { seed }): Body<IdSetting>,
) -> Json<IdSetting> {
    control.repeatable().set_seed(seed);
    let detail =
        seed.map_or_else(|| "drawn at random".to_owned(), |seed| format!("drawn from {seed}, from the first on"));
    note(&control, "ids", detail);
    Json(IdSetting { seed })
}

fn set_time(control: &Control, fixed_at: Option<jiff::Timestamp>) {
    control.repeatable().set_fixed_at(fixed_at);
    let detail = fixed_at.map_or_else(|| "that of the machine".to_owned(), |at| format!("stands still at {at}"));
    note(control, "clock", detail);
}

fn note(control: &Control, what: &str, detail: String) {
    control.log().append(Entry::State(Arc::new(entry::State { what: what.to_owned(), detail })));
}
