//! Searching the whole record, with hits as they are found.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::sync::mpsc;
use traffic::query::Query;
use utoipa::IntoParams;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Parameters;
use crate::model::{QueryInfo, SearchLine};
use crate::search::{Search, Told};

use super::query::vocabulary;

const DEFAULT_LIMIT: u64 = 1_000;
const MOST: u64 = 100_000;

/// A line comes at least so often, even if nothing was found.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Lines that are ready before the reader has taken one.
const AHEAD: usize = 4;

/// What to search for, and where.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Which exchanges: `user:ada status:>=400`. All, if not given.
    #[serde(default)]
    q: String,
    /// Only exchanges with a higher number; 0 if not given.
    #[serde(default)]
    after: u64,
    /// Only exchanges with a lower number.
    before: Option<u64>,
    /// Whether to begin with the oldest; with the newest if not given.
    #[serde(default)]
    oldest: bool,
    /// How many to find at most, from 1 to 100000; 1000 if not given.
    #[param(minimum = 1, maximum = 100_000, default = 1000)]
    limit: Option<u64>,
}

/// Searches the record to its end and streams what it finds, with its progress: one JSON object a line. Whoever has enough
/// closes the connection; the search ends then.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/search",
    tag = "record",
    operation_id = "search_exchanges",
    params(Wanted),
    responses(
        (status = 200, description = "Lines until the search is done; each is a SearchLine.", body = SearchLine, content_type = "application/x-ndjson"),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn search(
    State(control): State<Control>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Response, ApiError> {
    let limit = wanted.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::bad_request(format!("limit is {limit}; it has to be from 1 to {MOST}")));
    }
    let query = Query::parse(&wanted.q, control.query_time());
    let first = SearchLine { query: Some(QueryInfo::new(&query, &vocabulary(&control))), ..SearchLine::default() };
    let search = Search {
        query,
        after: wanted.after,
        before: wanted.before.unwrap_or(u64::MAX),
        limit: limit as usize,
        newest: !wanted.oldest,
        counts: false,
    };
    let (lines, taken) = mpsc::channel(AHEAD);
    let record = control.record();
    tokio::task::spawn_blocking(move || {
        let mut line = first;
        let mut told_at = Instant::now();
        // Closed: the reader is gone, and the search ends.
        let mut tell = |told: Told| {
            line.take(told);
            let waits = line.items.is_empty() && line.query.is_none() && told_at.elapsed() < TELL_EVERY;
            if waits {
                return !lines.is_closed();
            }
            told_at = Instant::now();
            lines.blocking_send(line.send()).is_ok()
        };
        let ended = search.stream(&record, &mut tell);
        line.done = true;
        line.problem = ended.err().map(|why| format!("the search ends here: {why}"));
        // Nobody may be there to hear it.
        let _ = lines.blocking_send(line.send());
    });
    let lines = futures_util::stream::unfold(taken, |mut taken| async {
        let line: SearchLine = taken.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(line.to_text())), taken))
    });
    let closed = Box::pin(async move { control.closed().await });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines.take_until(closed))).into_response())
}
