//! What a person makes of flows, written into the record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dialects::Annotator;
use dialects::flow::Flow;
use http::StatusCode;
use traffic::archive::Unreadable;
use traffic::entry::{Annotation, Entry};
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Seq};
use traffic::log::{Durable, Record};
use traffic::step::Step;

use crate::control::Control;
use crate::error::ApiError;
use crate::model::FlowsEdited;

/// How many exchanges before a flow are looked at to tell where its exchanges would have gone by themselves.
const BEFORE: u64 = 500;
/// How many exchanges are taken from the record at once.
const AT_ONCE: u64 = 128;

/// The flow, or the error that says that there is none.
pub(crate) async fn find(control: &Control, id: FlowId) -> Result<Arc<Flow>, ApiError> {
    let found = control.flows().get(id).await.map_err(|why| ApiError::unreadable(&why))?;
    found.ok_or_else(|| ApiError::not_found(format!("there is no flow {id}; GET /api/v1/flows lists them")))
}

/// The steps of a flow.
pub(crate) async fn steps(control: &Control, id: FlowId) -> Result<Vec<Step>, ApiError> {
    control.flows().steps(id).await.map_err(|why| ApiError::unreadable(&why))
}

/// Nothing, or the error that says that the flow is locked.
pub(crate) fn unlocked(control: &Control, id: FlowId) -> Result<(), ApiError> {
    match control.is_locked(id) {
        true => Err(ApiError::new(StatusCode::CONFLICT, "locked", format!("flow {id} is locked; unlock it first"))),
        false => Ok(()),
    }
}

/// Puts exchanges into flows, because a person wants it so, or tells them again as they are.
pub(crate) async fn put_by_hand(control: &Control, moves: Vec<(Seq, FlowId)>, by_hand: bool) -> Result<(), ApiError> {
    write(control, moves, move |before| before || by_hand).await
}

/// Puts exchanges into flows as if no person had ever put them anywhere.
pub(crate) async fn put(control: &Control, moves: Vec<(Seq, FlowId)>) -> Result<(), ApiError> {
    write(control, moves, |_| false).await
}

async fn write(control: &Control, moves: Vec<(Seq, FlowId)>, by_hand: impl Fn(bool) -> bool) -> Result<(), ApiError> {
    let mut entries = Vec::new();
    for (seq, flow) in moves {
        let found = control.record().exchange_away(seq).await.map_err(|why| ApiError::unreadable(&why))?;
        let Some(exchange) = found else { continue };
        writable(control, &exchange)?;
        let mut annotation = exchange.annotation.as_deref().cloned().unwrap_or_else(Annotation::default);
        annotation.flow = Some(flow);
        annotation.by_hand = by_hand(annotation.by_hand);
        entries.push(Entry::Annotated(seq, Arc::new(annotation)));
    }
    let last = entries.into_iter().map(|entry| control.log().append(entry)).last();
    if let Some(last) = last {
        // Older flows are read from the workspace: what is told of them is what is there. Without storage all is in memory.
        control.log().wait_durable(last).await;
    }
    Ok(())
}

/// Nothing, or the error that says that what would be written of the exchange would be nowhere: it is only in the workspace,
/// and that is closed to writing.
pub(crate) fn writable(control: &Control, exchange: &Exchange) -> Result<(), ApiError> {
    let log = control.log();
    if log.durable() == Durable::Never && log.exchange(exchange.seq).is_none() {
        let message = format!("exchange {}: the workspace cannot be written to any more", exchange.seq);
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "not_writable", message));
    }
    Ok(())
}

/// How these flows are now.
pub(crate) async fn edited(control: &Control, ids: BTreeSet<FlowId>) -> Result<FlowsEdited, ApiError> {
    let mut edited = FlowsEdited { flows: Vec::new(), gone: Vec::new() };
    for id in ids {
        match control.flows().get(id).await.map_err(|why| ApiError::unreadable(&why))? {
            Some(flow) => edited.flows.push(control.flow_summary(&flow)),
            None => edited.gone.push(id.0),
        }
    }
    Ok(edited)
}

/// Where the exchanges of a flow would be if no person had put them anywhere.
pub(crate) async fn by_themselves(control: &Control, id: FlowId) -> Result<Vec<(Seq, FlowId)>, ApiError> {
    let own: BTreeSet<Seq> = steps(control, id).await?.iter().map(|step| step.summary.seq).collect();
    let record = control.record();
    let grouped = record.away(move |record| regrouped(record, &own));
    grouped.await.map_err(|why| ApiError::unreadable(&why))
}

fn regrouped(record: &Record, own: &BTreeSet<Seq>) -> Result<Vec<(Seq, FlowId)>, Unreadable> {
    let (Some(first), Some(last)) = (own.first(), own.last()) else { return Ok(Vec::new()) };
    let mut annotator = Annotator::new();
    let mut flows: BTreeMap<Seq, FlowId> = BTreeMap::new();
    let mut after = first.0.saturating_sub(BEFORE);
    while after < last.0 {
        let count = AT_ONCE.min(last.0 - after);
        for exchange in record.exchanges(Seq(after), count as usize)? {
            let alone = Exchange { annotation: None, ..Exchange::clone(&exchange) };
            let (annotation, moved) = annotator.take(&alone);
            if let Some(flow) = annotation.flow {
                flows.insert(exchange.seq, flow);
                flows.extend(moved.into_iter().map(|seq| (seq, flow)));
            }
        }
        after += count;
    }
    Ok(own.iter().map(|seq| (*seq, flows.get(seq).copied().unwrap_or(FlowId::from(*seq)))).collect())
}
