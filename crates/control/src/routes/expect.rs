//! Calls for tests: waiting for exchanges, following them, judging what came.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::{Body as Stream, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::sync::mpsc;
use traffic::ids::Seq;
use traffic::query::Query;
use utoipa::IntoParams;

use super::query::vocabulary;
use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::expect::{Checks, nearest, strict};
use crate::extract::{Body, Parameters};
use crate::model::{Asserted, NewAssertion, NewWait, QueryInfo, Summary, Waited};
use crate::settled::{Touched, each, is_settled};

const WAIT_MS: u64 = 10_000;
const LONGEST_WAIT_MS: u64 = 600_000;
const SETTLE_MS: u64 = 2_000;
const LONGEST_SETTLE_MS: u64 = 60_000;
const MISSES: usize = 5;
const MOST_MISSES: usize = 50;
/// Exchanges that an answer shows.
const SHOWN: usize = 100;
const MOST_CHECKS: usize = 100;
/// Lines that are ready before the reader has taken one.
const AHEAD: usize = 16;
/// Exchanges that were told, of which a follower knows that they were.
const REMEMBERED: usize = 10_000;

/// Waits until so many exchanges are there that a query selects. An exchange counts when it is over and it is known who sent it.
/// When the time is over the answer tells which exchanges came nearest, and what they have in the place of what was wanted.
#[utoipa::path(
    post,
    path = "/api/v1/wait-for",
    tag = "tests",
    operation_id = "wait_for",
    request_body = NewWait,
    responses(
        (status = 200, description = "They are there, or the time is over; `met` tells which.", body = Waited),
        (status = 400, description = "The query cannot be read, or a number is too large.", body = ErrorBody),
        (status = 503, description = "The server ends, or opens another workspace.", body = ErrorBody),
    )
)]
pub(super) async fn wait_for(
    State(control): State<Control>,
    Body(wanted): Body<NewWait>,
) -> Result<Json<Waited>, ApiError> {
    let (count, misses) = (wanted.count.unwrap_or(1), wanted.misses.unwrap_or(MISSES));
    let timeout_ms = within("timeout_ms", wanted.timeout_ms.unwrap_or(WAIT_MS), LONGEST_WAIT_MS)?;
    within("misses", misses as u64, MOST_MISSES as u64)?;
    if count == 0 {
        return Err(ApiError::bad_request("count is 0; it has to be at least 1. assert can tell that none came"));
    }
    let query = strict(&control, &wanted.q)?;
    let after = Seq(wanted.after);
    let mut found = BTreeSet::new();
    let waiting = gather(&control, &query, after, count, &mut found);
    let met = tokio::select! {
        met = tokio::time::timeout(Duration::from_millis(timeout_ms), waiting) => met,
        () = control.closed() => return Err(closing()),
    };
    let met = match met {
        Ok(gathered) => gathered.map(|()| true).map_err(|why| ApiError::unreadable(&why))?,
        // No time at all is enough for what is there.
        Err(_) if timeout_ms == 0 => {
            found = everything(&control, &query, after).await?;
            found.len() as u64 >= count
        }
        Err(_) => false,
    };
    away(move || {
        let record = control.record();
        let mut items = Vec::new();
        for seq in found.iter().rev().take(SHOWN).rev() {
            let exchange = record.exchange(*seq).map_err(|why| ApiError::unreadable(&why))?;
            items.extend(exchange.map(|exchange| Summary::from(exchange.as_ref())));
        }
        let head = control.log().head().seq;
        let misses = match met {
            true => Vec::new(),
            false => nearest(&record, &query, (after, head), misses).map_err(|why| ApiError::unreadable(&why))?,
        };
        let info = QueryInfo::new(&query, &vocabulary(&control));
        Ok(Waited { met, count: found.len() as u64, items, head: head.0, query: info, misses })
    })
    .await
}

/// Gathers exchanges that a query selects until there are enough.
async fn gather(
    control: &Control,
    query: &Query,
    after: Seq,
    count: u64,
    found: &mut BTreeSet<Seq>,
) -> Result<(), traffic::archive::Unreadable> {
    let record = control.record();
    let mut touched = Touched::after(record.clone(), record.log().head().pos);
    let (through, asked) = (record.log().head().seq, query.clone());
    *found = record.away(move |record| seen(record, &asked, (after, through))).await?;
    while (found.len() as u64) < count {
        for seq in touched.next().await?.into_iter().filter(|seq| *seq > after) {
            let exchange = record.exchange_away(seq).await?;
            let counts = exchange.is_some_and(|exchange| is_settled(&exchange) && query.matches(&exchange));
            if counts {
                found.insert(seq);
            } else {
                found.remove(&seq);
            }
        }
    }
    Ok(())
}

/// What is there now.
async fn everything(control: &Control, query: &Query, after: Seq) -> Result<BTreeSet<Seq>, ApiError> {
    let (record, asked) = (control.record(), query.clone());
    let through = record.log().head().seq;
    let found = record.away(move |record| seen(record, &asked, (after, through))).await;
    found.map_err(|why| ApiError::unreadable(&why))
}

fn seen(
    record: &traffic::log::Record,
    query: &Query,
    range: (Seq, Seq),
) -> Result<BTreeSet<Seq>, traffic::archive::Unreadable> {
    let mut found = BTreeSet::new();
    each(record, query, range, |exchange| {
        if is_settled(exchange) {
            found.insert(exchange.seq);
        }
        true
    })?;
    Ok(found)
}

/// Judges what came and what there is: how many exchanges, in which order, nothing else; and the resources that are there. What
/// has begun is waited for before.
#[utoipa::path(
    post,
    path = "/api/v1/assert",
    tag = "tests",
    operation_id = "assert",
    request_body = NewAssertion,
    responses(
        (status = 200, description = "Each check with what came of it; `passed` tells whether all hold.", body = Asserted),
        (status = 400, description = "A check cannot be meant; the message names the part.", body = ErrorBody),
        (status = 404, description = "There is no such tenant or resource type.", body = ErrorBody),
        (status = 503, description = "The server ends, or opens another workspace.", body = ErrorBody),
    )
)]
pub(super) async fn assert(
    State(control): State<Control>,
    Body(wanted): Body<NewAssertion>,
) -> Result<Json<Asserted>, ApiError> {
    let NewAssertion { checks, after, settle_ms } = wanted;
    let settle_ms = within("settle_ms", settle_ms.unwrap_or(SETTLE_MS), LONGEST_SETTLE_MS)?;
    if checks.is_empty() || checks.len() > MOST_CHECKS {
        let message = format!("checks has {}; it has to have from 1 to {MOST_CHECKS}", checks.len());
        return Err(ApiError::bad_request(message));
    }
    let checks = Checks::read(&control, checks)?;
    let record = control.record();
    let range = (Seq(after), record.log().head().seq);
    let settling = tokio::time::timeout(Duration::from_millis(settle_ms), Touched::all_settled(&record, range));
    tokio::select! {
        // Whatever is not over by then is judged as it stands, and counted.
        settled = settling => settled.unwrap_or(Ok(())).map_err(|why| ApiError::unreadable(&why))?,
        () = control.closed() => return Err(closing()),
    }
    away(move || {
        let held = control.log().exchanges(range.0, usize::MAX);
        let unsettled = held.iter().filter(|exchange| exchange.seq <= range.1 && !is_settled(exchange)).count() as u64;
        let checks = checks.judge(&control, range).map_err(|why| ApiError::unreadable(&why))?;
        Ok(Asserted { passed: checks.iter().all(|check| check.passed), checks, head: range.1.0, unsettled })
    })
    .await
}

/// What to follow.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Followed {
    /// Which exchanges: `user:ada status:>=400`. All, if not given. It has to be right as a whole.
    #[serde(default)]
    q: String,
    /// Those with a higher number come first, as far as they are there; only what comes from now on if not given.
    after: Option<u64>,
}

/// Follows the record: an exchange a line, as soon as it is over and it is known who sent it. Never ends by itself.
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/tail",
    tag = "record",
    operation_id = "tail_exchanges",
    params(Followed),
    responses(
        (status = 200, description = "Lines; each is a Summary.", body = Summary, content_type = "application/x-ndjson"),
        (status = 400, description = "The query cannot be read.", body = ErrorBody),
    )
)]
pub(super) async fn tail(
    State(control): State<Control>,
    Parameters(followed): Parameters<Followed>,
) -> Result<Response, ApiError> {
    let query = strict(&control, &followed.q)?;
    let (lines, taken) = mpsc::channel(AHEAD);
    // Both are read before the answer leaves: what comes after it is there has to be seen.
    let head = control.log().head();
    let begin = followed.after.map(Seq).unwrap_or(head.seq);
    let record = control.record();
    let touched = Touched::after(record.clone(), head.pos);
    tokio::spawn(async move {
        if let Err(why) = follow(record, query, (begin, head.seq), touched, &lines).await {
            tracing::error!("the record cannot be followed: {why}");
        }
    });
    let lines = futures_util::stream::unfold(taken, |mut taken: mpsc::Receiver<String>| async {
        let line = taken.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(line)), taken))
    });
    let closed = Box::pin(async move { control.closed().await });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Stream::from_stream(lines.take_until(closed))).into_response())
}

async fn follow(
    record: traffic::log::Record,
    query: Query,
    range: (Seq, Seq),
    mut touched: Touched,
    lines: &mpsc::Sender<String>,
) -> Result<(), traffic::archive::Unreadable> {
    let (asked, sender) = (query.clone(), lines.clone());
    let mut told = record
        .away(move |record| {
            let mut told = BTreeSet::new();
            each(record, &asked, range, |exchange| {
                let is_new = is_settled(exchange) && told.insert(exchange.seq);
                !is_new || sender.blocking_send(line(exchange)).is_ok()
            })?;
            Ok(told)
        })
        .await?;
    while !lines.is_closed() {
        let seqs = tokio::select! {
            touched = touched.next() => touched?,
            () = lines.closed() => return Ok(()),
        };
        for seq in seqs.into_iter().filter(|seq| *seq > range.0) {
            let Some(exchange) = record.exchange_away(seq).await? else { continue };
            if is_settled(&exchange) && query.matches(&exchange) && told.insert(seq) {
                if lines.send(line(&exchange)).await.is_err() {
                    return Ok(());
                }
                if told.len() > REMEMBERED {
                    told.pop_first();
                }
            }
        }
    }
    Ok(())
}

fn line(exchange: &traffic::exchange::Exchange) -> String {
    // It has only string keys, so it can always be written.
    let mut text = serde_json::to_string(&Summary::from(exchange)).unwrap_or_default();
    text.push('\n');
    text
}

fn within(name: &str, value: u64, most: u64) -> Result<u64, ApiError> {
    match value <= most {
        true => Ok(value),
        false => Err(ApiError::bad_request(format!("{name} is {value}; it may be {most}"))),
    }
}

fn closing() -> ApiError {
    let message = "the server ends, or opens another workspace; ask again";
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "closing", message)
}
