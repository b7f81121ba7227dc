//! To begin anew, and to make runs that can be repeated: what goes, the clock, the ids.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::SignedDuration;
use traffic::entry::{self, Entry};
use traffic::ids::Seq;
use traffic::log::Durable;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{ClockAdvance, ClockSetting, IdSetting, Reset, ResetDone};
use crate::ports::{Removed, Unwanted};
use crate::settled::Touched;

/// How long exchanges that have begun are waited for.
const SETTLE: Duration = Duration::from_secs(2);

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
    let mut done = ResetDone::default();
    let changing = control.change_tenants().await;
    let tenants = match &reset.tenants {
        Some(names) => names.iter().map(|name| control.find_tenant(name)).collect::<Result<Vec<_>, _>>()?,
        None => control.provider().tenants(),
    };
    if reset.record && control.log().durable() == Durable::Never {
        let message = "nothing can be removed: the workspace cannot be written to";
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message));
    }
    for tenant in tenants {
        if reset.directories {
            let (provider, name) = (control.provider().clone(), tenant.name().to_owned());
            let before = tenant.directory().root().len() as u64;
            if before > 0 {
                // It waits for the writer of the tenant.
                let emptied = tokio::task::spawn_blocking(move || provider.reset(&name)).await;
                emptied.map_err(|error| failed(error.to_string()))??;
                changing.note(&tenant, "was emptied");
                done.resources += before;
            }
        }
        if reset.rules {
            let now = control.provider().now();
            let ids: Vec<String> =
                tenant.rules().list(now).into_iter().map(|standing| standing.rule.id.clone()).collect();
            done.rules += ids.iter().filter(|id| tenant.rules().reset(id, now)).count() as u64;
            changing.keep_rules(&tenant).await?;
        }
    }
    drop(changing);
    if reset.ids {
        let seed = control.repeatable().seed();
        control.repeatable().set_seed(seed);
    }
    if reset.record {
        let through = control.log().head().seq;
        // What has begun would stay. Whatever takes longer does.
        let settling = async {
            let record = control.record();
            let settled = Touched::all_settled(&record, (Seq(0), through)).await;
            record.log().wait_durable(record.log().head().pos).await;
            settled
        };
        tokio::select! {
            settled = tokio::time::timeout(SETTLE, settling) => {
                settled.unwrap_or(Ok(())).map_err(|why| ApiError::unreadable(&why))?;
            }
            () = control.closed() => return Err(failed("the server ends".to_owned())),
        }
        let Removed { seqs, kept } = control.remove_now(Unwanted::UpTo { through, tag: None }).await.map_err(failed)?;
        (done.removed, done.kept) = (seqs.len() as u64, kept);
    }
    done.head = control.log().head().seq.0;
    Ok(Json(done))
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

fn failed(why: String) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "failed", format!("not everything could be reset: {why}"))
}
