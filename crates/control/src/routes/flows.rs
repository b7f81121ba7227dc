//! Flows: lists, wholes, and what a person makes of them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use dialects::flow::{Flow, Links, MOST_STEPS};
use http::StatusCode;
use serde::Deserialize;
use traffic::ids::{FlowId, Seq};
use traffic::query::Query;
use utoipa::IntoParams;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters, Segment};
use crate::grouping;
use crate::model::{
    FlowChange, FlowDetail, FlowLink, FlowMerge, FlowPage, FlowSplit, FlowSummary, FlowsEdited, QueryInfo, Summary,
};

use super::query::vocabulary;

const DEFAULT_LIMIT: u64 = 50;
const MOST: u64 = 500;
/// Flows that are taken at once to look for something in them.
const AT_ONCE: usize = 64;
/// How long a call looks for something.
const LONG_ENOUGH: Duration = Duration::from_millis(300);
/// Longest name that a person may give, in characters.
const LONGEST_NAME: usize = 200;
/// Most exchanges of a flow whose bytes are looked at for links.
const LINKED: usize = 300;

/// Which flows.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// Only flows with a lower number.
    before: Option<u64>,
    /// How many at most, from 1 to 500; 50 if not given.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u64>,
    /// Only flows with an exchange that this query selects.
    q: Option<String>,
}

/// Lists flows, the newest first; with a query, those with an exchange that it selects.
#[utoipa::path(
    get,
    path = "/api/v1/flows",
    tag = "flows",
    operation_id = "list_flows",
    params(Range),
    responses(
        (status = 200, description = "A line for each.", body = FlowPage),
        (status = 400, description = "A parameter is wrong.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Parameters(range): Parameters<Range>,
) -> Result<Json<FlowPage>, ApiError> {
    let limit = range.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MOST).contains(&limit) {
        return Err(ApiError::bad_request(format!("limit is {limit}; it has to be from 1 to {MOST}")));
    }
    let limit = limit as usize;
    let mut before = FlowId(range.before.unwrap_or(u64::MAX));
    let query = Query::parse(range.q.as_deref().unwrap_or_default(), control.query_time());
    let mut items: Vec<FlowSummary> = Vec::new();
    let started = Instant::now();
    let next = loop {
        let whole = query.clauses().is_empty();
        let wanted = if whole { limit } else { AT_ONCE };
        let found = control.flows().below(before, wanted).await.map_err(|why| ApiError::unreadable(&why))?;
        let last = found.len() < wanted;
        for flow in found {
            before = flow.id;
            if whole || selects(&control, &query, &flow).await? {
                items.push(control.flow_summary(&flow));
            }
            if items.len() == limit || started.elapsed() > LONG_ENOUGH && !whole {
                break;
            }
        }
        let time_is_up = started.elapsed() > LONG_ENOUGH && !whole;
        if items.len() == limit || time_is_up {
            break Some(before.0);
        }
        if last {
            break None;
        }
    };
    let query = range.q.map(|_| QueryInfo::new(&query, &vocabulary(&control)));
    Ok(Json(FlowPage { items, next, query }))
}

/// Whether the query selects one of the flow's exchanges.
async fn selects(control: &Control, query: &Query, flow: &Flow) -> Result<bool, ApiError> {
    let steps = control.flows().steps(flow.id).await.map_err(|why| ApiError::unreadable(&why))?;
    let query = query.clone();
    let words = format!("{} {}", flow.kind.key(), control.flow_summary(flow).name);
    let record = control.record();
    let looked = record.away(move |record| {
        for step in steps {
            if let Some(exchange) = record.exchange(step.summary.seq)?
                && query.matches_in(&exchange, &words)
            {
                return Ok(true);
            }
        }
        Ok(false)
    });
    looked.await.map_err(|why| ApiError::unreadable(&why))
}

/// Gives a whole flow.
#[utoipa::path(
    get,
    path = "/api/v1/flows/{id}",
    tag = "flows",
    operation_id = "get_flow",
    params(("id" = u64, Path, description = "The flow's number.")),
    responses(
        (status = 200, description = "The flow as it stands.", body = FlowDetail),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
    )
)]
pub(super) async fn get(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
) -> Result<Json<FlowDetail>, ApiError> {
    let flow = grouping::find(&control, FlowId(id)).await?;
    let steps = grouping::steps(&control, FlowId(id)).await?;
    let seqs: Vec<Seq> = steps.iter().map(|step| step.summary.seq).take(LINKED).collect();
    let record = control.record();
    let linked = record.away(move |record| {
        let mut links = Links::default();
        for seq in seqs {
            if let Some(exchange) = record.exchange(seq)? {
                links.take(&exchange);
            }
        }
        Ok(links.found())
    });
    let links = linked.await.map_err(|why| ApiError::unreadable(&why))?;
    Ok(Json(FlowDetail {
        summary: control.flow_summary(&flow),
        steps: steps.into_iter().map(|step| Summary::from(step.summary)).collect(),
        links: links.into_iter().map(FlowLink::from).collect(),
    }))
}

/// Cuts a flow in two: the exchange named and those after it become a flow of their own.
#[utoipa::path(
    post,
    path = "/api/v1/flows/{id}/split",
    tag = "flows",
    operation_id = "split_flow",
    params(("id" = u64, Path, description = "The flow's number.")),
    request_body = FlowSplit,
    responses(
        (status = 200, description = "Both parts.", body = FlowsEdited),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
        (status = 409, description = "The flow is locked.", body = ErrorBody),
        (status = 422, description = "The exchange is not in the flow, or it is the first one.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn split(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
    Body(FlowSplit { at }): Body<FlowSplit>,
) -> Result<Json<FlowsEdited>, ApiError> {
    let _editing = control.marking().lock().await;
    let id = FlowId(id);
    grouping::find(&control, id).await?;
    grouping::unlocked(&control, id)?;
    let steps: Vec<Seq> = grouping::steps(&control, id).await?.iter().map(|step| step.summary.seq).collect();
    match steps.iter().position(|seq| seq.0 == at) {
        Some(cut) if cut > 0 => {
            let (stay, go) = steps.split_at(cut);
            // The part that stays is now as a person wants it, too.
            let stays = stay.iter().rev().take(1).map(|seq| (*seq, id));
            let goes = go.iter().map(|seq| (*seq, FlowId(at)));
            grouping::put_by_hand(&control, stays.chain(goes).collect(), true).await?;
            grouping::edited(&control, BTreeSet::from([id, FlowId(at)])).await.map(Json)
        }
        Some(_) => Err(unfit(format!("exchange {at} is the first one of flow {id}: nothing would be left of it"))),
        None => Err(unfit(format!("exchange {at} is not in flow {id}; GET /api/v1/flows/{id} lists its exchanges"))),
    }
}

/// Makes one flow of several. It has the lowest number of them.
#[utoipa::path(
    post,
    path = "/api/v1/flows/merge",
    tag = "flows",
    operation_id = "merge_flows",
    request_body = FlowMerge,
    responses(
        (status = 200, description = "The one flow, and which are gone.", body = FlowsEdited),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
        (status = 409, description = "A flow is locked.", body = ErrorBody),
        (status = 422, description = "There are fewer than two, or they are too large.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn merge(
    State(control): State<Control>,
    Body(FlowMerge { flows }): Body<FlowMerge>,
) -> Result<Json<FlowsEdited>, ApiError> {
    let _editing = control.marking().lock().await;
    let ids: BTreeSet<FlowId> = flows.into_iter().map(FlowId).collect();
    let Some(first) = ids.first().copied().filter(|_| (2..=MOST_STEPS).contains(&ids.len())) else {
        return Err(unfit(format!("name 2 to {MOST_STEPS} flows, each once; there are {}", ids.len())));
    };
    let (mut moves, mut size) = (Vec::new(), 0);
    for id in &ids {
        grouping::find(&control, *id).await?;
        grouping::unlocked(&control, *id)?;
        let steps = grouping::steps(&control, *id).await?;
        size += steps.len();
        let moved = if *id == first { 1 } else { steps.len() };
        moves.extend(steps.iter().rev().take(moved).map(|step| (step.summary.seq, first)));
    }
    if size > MOST_STEPS {
        return Err(unfit(format!("together they have {size} exchanges; a flow may have {MOST_STEPS}")));
    }
    moves.sort_unstable();
    grouping::put_by_hand(&control, moves, true).await?;
    for id in ids.iter().skip(1) {
        control.edit_flow(*id, |document| *document = Default::default()).await?;
    }
    grouping::edited(&control, ids).await.map(Json)
}

/// Gives a flow a name, or locks it, so that it takes no more exchanges.
#[utoipa::path(
    patch,
    path = "/api/v1/flows/{id}",
    tag = "flows",
    operation_id = "change_flow",
    params(("id" = u64, Path, description = "The flow's number.")),
    request_body = FlowChange,
    responses(
        (status = 200, description = "The flow as it is now.", body = FlowSummary),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
        (status = 422, description = "The name is too long.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
    Body(FlowChange { name, locked }): Body<FlowChange>,
) -> Result<Json<FlowSummary>, ApiError> {
    let _editing = control.marking().lock().await;
    let id = FlowId(id);
    grouping::find(&control, id).await?;
    let name = name.map(|name| name.trim().to_owned());
    if let Some(name) = &name {
        let length = name.chars().count();
        if length > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(unfit(format!("a name is one line of at most {LONGEST_NAME} characters; this has {length}")));
        }
    }
    let edit = |document: &mut crate::ports::FlowDocument| {
        if let Some(name) = name {
            document.name = Some(name).filter(|name| !name.is_empty());
        }
        if let Some(locked) = locked {
            document.locked = locked;
        }
    };
    if control.edit_flow(id, edit).await? {
        // Its last exchange is told again, so that whoever looks on learns of it.
        let steps = grouping::steps(&control, id).await?;
        let last = steps.last().map(|step| (step.summary.seq, id));
        grouping::put_by_hand(&control, last.into_iter().collect(), locked == Some(true)).await?;
    }
    let flow = grouping::find(&control, id).await?;
    Ok(Json(control.flow_summary(&flow)))
}

/// Takes back what a person made of a flow: its exchanges go where they would have gone by themselves, and its name and lock
/// are gone.
#[utoipa::path(
    post,
    path = "/api/v1/flows/{id}/regroup",
    tag = "flows",
    operation_id = "regroup_flow",
    params(("id" = u64, Path, description = "The flow's number.")),
    responses(
        (status = 200, description = "The flows that its exchanges are in now.", body = FlowsEdited),
        (status = 404, description = "There is no such flow.", body = ErrorBody),
        (status = 503, description = "The workspace takes nothing more.", body = ErrorBody),
    )
)]
pub(super) async fn regroup(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
) -> Result<Json<FlowsEdited>, ApiError> {
    let _editing = control.marking().lock().await;
    let id = FlowId(id);
    grouping::find(&control, id).await?;
    let moves = grouping::by_themselves(&control, id).await?;
    let ids: BTreeSet<FlowId> = moves.iter().map(|(_, flow)| *flow).chain([id]).collect();
    control.edit_flow(id, |document| *document = Default::default()).await?;
    grouping::put(&control, moves).await?;
    grouping::edited(&control, ids).await.map(Json)
}

fn unfit(message: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit_flow", message)
}
