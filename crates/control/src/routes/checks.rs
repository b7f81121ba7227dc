//! Findings across the record.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use traffic::query::Query;
use utoipa::IntoParams;

use crate::checks::Tally;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Parameters;
use crate::model::{FindingPage, QueryInfo};

use super::query::vocabulary;

/// Of which exchanges.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Part {
    /// Only exchanges with a lower number: `next` of the answer before.
    before: Option<u64>,
    /// Only exchanges that this query selects: `dialect:entra finding:T3`.
    q: Option<String>,
}

/// Counts the findings of the record by code, from the newest exchange back.
///
/// A call looks at a bounded part of the record; adding up the answers until `next` is absent gives the whole.
#[utoipa::path(
    get,
    path = "/api/v1/findings",
    tag = "record",
    operation_id = "list_findings",
    params(Part),
    responses(
        (status = 200, description = "A group for each code.", body = FindingPage),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Parameters(part): Parameters<Part>,
) -> Result<Json<FindingPage>, ApiError> {
    let query = Query::parse(part.q.as_deref().unwrap_or_default(), control.query_time());
    let record = control.record();
    let before = part.before.unwrap_or(u64::MAX);
    let counted = tokio::task::spawn_blocking(move || {
        let tally = Tally::of(&record, &query, before);
        (query, tally)
    });
    let (query, tally) = counted.await.map_err(|_| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "search_failed",
            "the counting broke off; this is a fault of ours",
        )
    })?;
    let mut tally = tally.map_err(|why| ApiError::unreadable(&why))?;
    Ok(Json(FindingPage {
        items: tally.groups(),
        examined: tally.examined,
        selected: tally.selected,
        with_findings: tally.with_findings,
        head: control.log().head().seq.0,
        next: tally.next,
        query: part.q.map(|_| QueryInfo::new(&query, &vocabulary(&control))),
    }))
}
