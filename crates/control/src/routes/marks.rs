//! Pins, notes and tags.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use traffic::entry::Entry;
use traffic::exchange::Exchange;
use traffic::marks::{Marks as Put, Unfit};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::grouping::writable;
use crate::model::{Marked, Marks, MarksChange, Summary};

use super::exchanges::find;

/// Most exchanges that one call marks.
const MOST: usize = 1000;

/// Sets what is put on an exchange: a pin, a note, tags.
#[utoipa::path(
    put,
    path = "/api/v1/exchanges/{seq}/marks",
    tag = "record",
    operation_id = "set_marks",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    request_body = Marks,
    responses(
        (status = 200, description = "The line of the exchange with its new marks.", body = Summary),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
        (status = 422, description = "A mark is too long, or there are too many.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn set(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
    Body(new): Body<Marks>,
) -> Result<Json<Summary>, ApiError> {
    let new = Put::from(new).checked().map_err(unfit)?;
    let _changing = control.marking().lock().await;
    let exchange = find(&control, seq).await?;
    Ok(Json(put(&control, &exchange, new)?))
}

/// Changes what is put on many exchanges at once. Nothing is changed if one of them is not there.
#[utoipa::path(
    post,
    path = "/api/v1/marks",
    tag = "record",
    operation_id = "change_marks",
    request_body = MarksChange,
    responses(
        (status = 200, description = "The lines of the exchanges with their new marks.", body = Marked),
        (status = 400, description = "There are no numbers, or too many.", body = ErrorBody),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
        (status = 422, description = "A mark is too long, or there are too many.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Body(change): Body<MarksChange>,
) -> Result<Json<Marked>, ApiError> {
    let mut seqs = Vec::new();
    for seq in &change.seqs {
        if !seqs.contains(seq) {
            seqs.push(*seq);
        }
    }
    if !(1..=MOST).contains(&seqs.len()) {
        return Err(ApiError::bad_request(format!("seqs has {} numbers; it has to have 1 to {MOST}", seqs.len())));
    }
    let _changing = control.marking().lock().await;
    let mut new = Vec::new();
    for seq in seqs {
        let exchange = find(&control, seq).await?;
        let marks = changed(exchange.marks.as_deref(), &change).map_err(unfit)?;
        new.push((exchange, marks));
    }
    let items = new.into_iter().map(|(exchange, marks)| put(&control, &exchange, marks)).collect::<Result<_, _>>()?;
    Ok(Json(Marked { items }))
}

fn changed(before: Option<&Put>, change: &MarksChange) -> Result<Put, Unfit> {
    let mut marks = before.cloned().unwrap_or_default();
    if let Some(pinned) = change.pinned {
        marks.pinned = pinned;
    }
    if let Some(note) = &change.note {
        marks.note.clone_from(note);
    }
    change.remove_tags.iter().for_each(|tag| marks.remove_tag(tag));
    for tag in &change.add_tags {
        marks.add_tag(tag)?;
    }
    marks.checked()
}

/// Appends the marks, if they are others than before.
fn put(control: &Control, exchange: &Exchange, marks: Put) -> Result<Summary, ApiError> {
    if exchange.marks.as_deref().unwrap_or(&Put::default()) == &marks {
        return Ok(Summary::from(exchange));
    }
    let log = control.log();
    writable(control, exchange)?;
    let entry = Entry::Marked(exchange.seq, Arc::new(marks));
    let pos = log.append(entry.clone());
    let mut now = log.exchange(exchange.seq).map_or_else(|| exchange.clone(), |now| Exchange::clone(&now));
    if now.pos < pos {
        now.fold(pos, &entry);
    }
    Ok(Summary::from(&now))
}

fn unfit(Unfit(why): Unfit) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit_marks", why)
}
