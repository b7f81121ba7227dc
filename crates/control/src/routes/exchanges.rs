//! The record: lists, wholes, bytes and the live stream.

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use http::header::{CONTENT_TYPE, HeaderName};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use traffic::exchange::Exchange;
use traffic::ids::Seq;
use traffic::query::Query;
use utoipa::{IntoParams, ToSchema};

use crate::control::Control;
use crate::desk::{Cursor, Desk};
use crate::error::{ApiError, ErrorBody};
use crate::events::Batch;
use crate::extract::{Parameters, Segment};
use crate::model::{Detail, ExchangePage, QueryInfo, hidden};
use crate::search::{Search, Stop};

use super::query::vocabulary;

const DEFAULT_LIMIT: u64 = 100;
const MOST: u64 = 1000;

/// Bytes as they were on the wire.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer")]
pub(super) struct WireBytes(Vec<u8>);

/// Which exchanges.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// Only exchanges with a higher number; 0 if not given.
    #[serde(default)]
    after: u64,
    /// How many at most, from 1 to 1000; 100 if not given.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
    /// Only exchanges with a lower number.
    before: Option<u64>,
    /// The newest ones instead of the first ones after `after`.
    #[serde(default)]
    newest: bool,
    /// Only exchanges that this query selects: `method:patch status:>=400`.
    q: Option<String>,
    /// Whether to count what each clause of the query hides.
    #[serde(default)]
    counts: bool,
}

/// Lists exchanges, ascending by number; with a query, those that it selects.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges",
    tag = "record",
    operation_id = "list_exchanges",
    params(Range),
    responses(
        (status = 200, description = "A line for each.", body = ExchangePage),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Parameters(range): Parameters<Range>,
) -> Result<Json<ExchangePage>, ApiError> {
    let limit = range.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::bad_request(format!("limit is {limit}; it has to be from 1 to {MOST}")));
    }
    let query = Query::parse(range.q.as_deref().unwrap_or_default(), control.query_time());
    let search = Search {
        query,
        after: range.after,
        before: range.before.unwrap_or(u64::MAX),
        limit: limit as usize,
        newest: range.newest,
        counts: range.counts,
    };
    let record = control.record();
    // Dropped with this future, that is when the client goes away.
    let (_waiting, stop) = Stop::pair();
    let looked = tokio::task::spawn_blocking(move || {
        let found = search.run(&record, &stop);
        (search.query, found)
    });
    let (query, found) = looked.await.map_err(|_| {
        ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "search_failed",
            "the search broke off; this is a fault of ours",
        )
    })?;
    let found = found.map_err(|why| ApiError::unreadable(&why))?;
    let info = range.q.map(|_| {
        let mut info = QueryInfo::new(&query, &vocabulary(&control));
        info.hidden = found.counts.map(|counts| hidden(&query, &counts));
        info
    });
    // The head is read after the items, so that it is never behind them.
    let head = control.log().head().seq.0;
    Ok(Json(ExchangePage { items: found.items, head, examined: found.examined, next: found.next, query: info }))
}

/// Gives a whole exchange.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}",
    tag = "record",
    operation_id = "get_exchange",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "The exchange as it stands.", body = Detail),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
    )
)]
pub(super) async fn detail(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<Json<Detail>, ApiError> {
    let exchange = find(&control, seq).await?;
    let durable = exchange.pos <= control.durable_through();
    Ok(Json(Detail::new(&exchange, durable)))
}

/// Gives the bytes of a request exactly as they were on the wire: head and body.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}/request",
    tag = "record",
    operation_id = "get_request_bytes",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "The bytes.", body = WireBytes, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such exchange, or its request is not read yet.", body = ErrorBody),
    )
)]
pub(super) async fn request_bytes(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Vec<u8>), ApiError> {
    let exchange = find(&control, seq).await?;
    let received = exchange.received();
    let received = received.ok_or_else(|| not_recorded(seq, "the request is not read to its end yet"))?;
    Ok(bytes(&received.head, &received.body))
}

/// Gives the bytes of a response exactly as they were on the wire: head and body.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}/response",
    tag = "record",
    operation_id = "get_response_bytes",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "The bytes.", body = WireBytes, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such exchange, or it is not over yet.", body = ErrorBody),
    )
)]
pub(super) async fn response_bytes(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<(StatusCode, [(HeaderName, &'static str); 1], Vec<u8>), ApiError> {
    let exchange = find(&control, seq).await?;
    let closed = exchange.closed.as_ref().ok_or_else(|| not_recorded(seq, "the response has not left yet"))?;
    Ok(bytes(&closed.sent.head, &closed.sent.body))
}

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct From {
    /// Only entries after this position; 0 if not given. A `Last-Event-ID` header goes before it.
    #[serde(default)]
    after: u64,
    /// The workspace that `after` is a position of, as batches name it; the open one if not given.
    workspace: Option<String>,
}

/// Streams what happens: server-sent events of the kind `batch`, with the workspace and the position in its log as their id.
/// When another workspace is opened the stream goes on there, from its beginning.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "record",
    operation_id = "stream_events",
    params(From, ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received, or a position.")),
    responses(
        (status = 200, description = "Events without end; the data of each is a Batch.", body = Batch, content_type = "text/event-stream"),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn live(
    State(desk): State<Desk>,
    Parameters(from): Parameters<From>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let cursor = match headers.get("last-event-id") {
        Some(id) => {
            let id = id.to_str().ok().and_then(cursor);
            id.ok_or_else(|| ApiError::bad_request("Last-Event-ID has to be the id of an event of this stream"))?
        }
        None => Cursor { workspace: from.workspace, pos: from.after },
    };
    let batches = desk.events(cursor);
    let batches = batches.map(|batch| {
        let event = Event::default().event("batch").id(format!("{}/{}", batch.workspace, batch.pos));
        // A batch has only string keys, so it can always be written.
        Ok(event.json_data(&batch).unwrap_or_else(|error| Event::default().comment(error.to_string())))
    });
    Ok(Sse::new(batches).keep_alive(KeepAlive::default()))
}

/// The id of an event, or a position alone.
fn cursor(id: &str) -> Option<Cursor> {
    let (workspace, pos) = match id.rsplit_once('/') {
        Some((workspace, pos)) => (Some(workspace.to_owned()), pos),
        None => (None, id),
    };
    Some(Cursor { workspace, pos: pos.parse().ok()? })
}

pub(super) async fn find(control: &Control, seq: u64) -> Result<std::sync::Arc<Exchange>, ApiError> {
    let found = control.record().exchange_away(Seq(seq)).await.map_err(|why| ApiError::unreadable(&why))?;
    found.ok_or_else(|| {
        ApiError::not_found(format!("there is no exchange {seq}; the newest is {}", control.log().head().seq))
    })
}

fn not_recorded(seq: u64, why: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_recorded", format!("exchange {seq}: {why}; ask again"))
}

fn bytes(head: &[u8], body: &[u8]) -> (StatusCode, [(HeaderName, &'static str); 1], Vec<u8>) {
    (StatusCode::OK, [(CONTENT_TYPE, "application/octet-stream")], [head, body].concat())
}
