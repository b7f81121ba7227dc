//! Replays: what runs, what ran, and to whom may be sent.

mod document;
mod engine;
mod kept;
mod shelf;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replay::{Destination, Edited, Flow, Recorded, ReplayOptions, Source, Steer, StepKind};
use traffic::ids::{FlowId, Seq};
use traffic::query::Query;

use crate::control::Control;
use crate::error::ApiError;
use crate::model::{NewReplay, ReplayPace, ReplaySource, ReplayTarget, ReplayTargetInfo, Run};

use document::{Accepted, StepDocument};
use source::Exchanges;

/// Most exchanges of one replay.
const MOST_STEPS: usize = 1_000_000;
/// Most requests of a replay that a person may have edited.
const MOST_EDITS: usize = 1_000;
/// Exchanges that are looked through at once.
const CHUNK: usize = 500;

/// The runs of a program that go on. Cheap to clone; clones are the same runs.
#[derive(Clone, Default)]
pub(crate) struct Replays {
    live: Arc<Mutex<BTreeMap<u64, Live>>>,
    /// Held by whoever takes a number, or changes what is kept of a run.
    numbering: Arc<Mutex<()>>,
}

/// A run that goes on.
#[derive(Clone)]
struct Live {
    run: Run,
    steer: Steer,
    /// The steps that are not in the workspace yet.
    tail: Vec<Arc<StepDocument>>,
}

/// What is to be replayed, ready to be read.
pub(crate) struct Prepared {
    /// In words.
    pub title: String,
    /// For the run; without the text of a file.
    pub source: ReplaySource,
    pub steps: Arc<dyn Source>,
    exchanges: Option<Arc<Exchanges>>,
}

impl Prepared {
    /// Whether an exchange is judged by an answer that was accepted.
    pub fn is_accepted(&self, seq: Option<u64>) -> bool {
        self.exchanges.as_ref().is_some_and(|exchanges| exchanges.is_accepted(seq))
    }
}

impl Replays {
    fn live(&self) -> MutexGuard<'_, BTreeMap<u64, Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn numbering(&self) -> MutexGuard<'_, ()> {
        self.numbering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What steers a run, if it goes on.
    pub(crate) fn steer(&self, id: u64) -> Option<Steer> {
        self.live().get(&id).map(|live| live.steer.clone())
    }
}

impl Control {
    /// What a call wants replayed. May wait for the disk, but for flows.
    pub(crate) async fn prepare_replay(&self, new: &NewReplay) -> Result<Prepared, ApiError> {
        check(new)?;
        let mut prepared = match &new.source {
            ReplaySource::Exchanges { seqs } => {
                let mut seqs = seqs.clone();
                seqs.sort_unstable();
                seqs.dedup();
                let title = match seqs.as_slice() {
                    [one] => format!("Exchange {one}"),
                    many => format!("{} exchanges", many.len()),
                };
                self.of_exchanges(title, new.source.clone(), seqs).await?
            }
            ReplaySource::Flow { flow } => {
                let unreadable = |why| ApiError::unreadable(&why);
                let whole = self.flows().get(FlowId(*flow)).await.map_err(unreadable)?;
                let whole = whole.ok_or_else(|| ApiError::not_found(format!("there is no flow {flow}")))?;
                let steps = self.flows().steps(FlowId(*flow)).await.map_err(unreadable)?;
                let seqs = steps.iter().map(|step| step.summary.seq.0).collect();
                self.of_exchanges(self.flow_summary(&whole).name, new.source.clone(), seqs).await?
            }
            ReplaySource::Query { q } => {
                let seqs = self.selected(q).await?;
                let title = if q.trim().is_empty() { "Everything".to_owned() } else { q.trim().to_owned() };
                self.of_exchanges(title, new.source.clone(), seqs).await?
            }
            ReplaySource::Scenario { id } => {
                let flow = replay::scenarios().iter().find(|flow| flow.id == *id).ok_or_else(|| {
                    ApiError::not_found(format!("there is no scenario {id:?}; GET /api/v1/scenarios lists them"))
                })?;
                of_flow(flow, new.source.clone())
            }
            ReplaySource::File { text } => {
                let flow = Flow::parse(text.as_bytes()).map_err(|error| ApiError::bad_request(error.to_string()))?;
                of_flow(&flow, ReplaySource::File { text: String::new() })
            }
        };
        if prepared.steps.is_empty() {
            return Err(ApiError::bad_request("there is nothing to replay: no exchange is selected"));
        }
        if !new.edits.is_empty() {
            let calls = new.edits.iter().map(|edit| {
                let headers = edit.headers.iter().map(|[name, value]| (name.clone(), value.clone())).collect();
                let (method, path) = (edit.method.clone(), edit.path.clone());
                (edit.step as usize, replay::Call { method, path, headers, body: edit.body.clone().into() })
            });
            prepared.steps = Arc::new(Edited { source: prepared.steps, calls: calls.collect() });
        }
        Ok(prepared)
    }

    async fn of_exchanges(&self, title: String, source: ReplaySource, seqs: Vec<u64>) -> Result<Prepared, ApiError> {
        let control = self.clone();
        let made = tokio::task::spawn_blocking(move || {
            let accepted = control.accepted()?;
            Exchanges::new(control.record(), control.provider(), seqs, accepted).map_err(|why| why.to_string())
        });
        let made = made.await.unwrap_or_else(|error| Err(error.to_string()));
        let exchanges = Arc::new(made.map_err(unreadable)?);
        let steps = Arc::clone(&exchanges) as Arc<dyn Source>;
        Ok(Prepared { title, source, steps, exchanges: Some(exchanges) })
    }

    /// The numbers of the exchanges that clients sent and that a query selects.
    async fn selected(&self, q: &str) -> Result<Vec<u64>, ApiError> {
        let query = Query::parse(q, self.query_time());
        let everything = query.clauses().is_empty();
        let last = self.log().head().seq;
        let (record, control) = (self.record(), self.clone());
        let ours = tokio::task::spawn_blocking(move || control.left_by_runs()).await;
        let ours = ours.map_err(|error| unreadable(error.to_string()))??;
        let found = record.away(move |record| {
            let (mut after, mut seqs) = (Seq(0), Vec::new());
            while after < last {
                let page = record.exchanges(after, CHUNK)?;
                let Some(end) = page.last().map(|exchange| exchange.seq) else { break };
                let chosen = page.iter().filter(|exchange| {
                    exchange.seq <= last && !exchange.is_ours() && !ours.iter().any(|ours| ours.has(exchange))
                });
                seqs.extend(chosen.filter(|one| everything || query.matches(one)).map(|one| one.seq.0));
                after = end;
            }
            Ok(seqs)
        });
        let seqs = found.await.map_err(|why| ApiError::unreadable(&why))?;
        if seqs.len() > MOST_STEPS {
            let message = format!("{} exchanges are selected; {MOST_STEPS} can be replayed at once", seqs.len());
            return Err(ApiError::bad_request(message));
        }
        Ok(seqs)
    }

    /// What runs at tenants of this server left in the record: no client sent that. Waits for the disk.
    fn left_by_runs(&self) -> Result<Vec<LeftByRun>, ApiError> {
        let left = self.runs()?.into_iter().filter_map(|run| {
            let tenant = self.provider().named(run.target.tenant.as_deref()?)?.id().to_owned();
            Some(LeftByRun { tenant, after: run.after_seq, through: run.through_seq.unwrap_or(u64::MAX) })
        });
        Ok(left.collect())
    }

    /// Where a call wants to send, and what is told of it.
    pub(crate) async fn replay_target(&self, new: &NewReplay) -> Result<(Destination, ReplayTargetInfo), ApiError> {
        let (mut destination, tenant) = match &new.target {
            ReplayTarget::Tenant { name } => {
                let tenant = self.find_tenant(name)?;
                let token = self.token_of(&tenant);
                let mut destination = Destination::new(self.local_url(&tenant), token.clone());
                destination.way = self.own_way();
                if token.is_empty() {
                    destination.credentials = replay::Credentials::None;
                }
                (destination, Some(name.clone()))
            }
            ReplayTarget::Url { url, credentials, authorities_pem, proxy } => {
                let mut destination = Destination::new(url.trim(), "");
                destination.credentials = credentials.clone().into();
                destination.way = replay::Way { authorities_pem: authorities_pem.clone(), proxy: proxy.clone() };
                (destination, None)
            }
        };
        if let Some(ms) = new.answer_ms {
            destination.limits.answer = std::time::Duration::from_millis(ms);
        }
        let host = destination.host().filter(|_| destination.check().is_ok()).ok_or_else(|| {
            ApiError::bad_request(match destination.check() {
                Err(why) => why,
                Ok(()) => format!(
                    "{:?} is no SCIM base URL; write one like https://app.example.com/scim/v2",
                    destination.base
                ),
            })
        })?;
        let loopback = destination.is_loopback();
        let consented = tenant.is_some() || loopback || self.has_consent(&host).await?;
        let info = ReplayTargetInfo { url: destination.base.clone(), host, tenant, loopback, consented };
        Ok((destination, info))
    }
}

/// The exchanges of a run.
struct LeftByRun {
    tenant: String,
    after: u64,
    through: u64,
}

impl LeftByRun {
    fn has(&self, exchange: &traffic::exchange::Exchange) -> bool {
        let tenant = exchange.outcome().and_then(|handled| handled.tenant.as_deref());
        (self.after + 1..=self.through).contains(&exchange.seq.0) && tenant == Some(&self.tenant)
    }
}

/// How the player is told what a call says.
pub(crate) fn options(new: &NewReplay, registry: Arc<scim::schema::Registry>) -> ReplayOptions {
    ReplayOptions {
        ignores: new.ignores.clone().into(),
        tempo: match new.pace {
            ReplayPace::Fast | ReplayPace::StepByStep => replay::Tempo::Fast,
            ReplayPace::Recorded { factor } => replay::Tempo::Recorded(factor),
        },
        workers: if new.pace == ReplayPace::StepByStep { 1 } else { new.workers.unwrap_or(1) as usize },
        stop_at_difference: new.stop_at_difference,
        patience: new.wait_ms.map(|ms| replay::Patience {
            within: std::time::Duration::from_millis(ms),
            every: std::time::Duration::from_millis((ms / 20).clamp(100, 2_000)),
        }),
        check_state: new.check_state,
        clean_up: new.clean_up,
        bindings: new.bindings.iter().cloned().map(Into::into).collect(),
        registry,
        names: replay::RunNames::random(),
    }
}

fn of_flow(flow: &Flow, source: ReplaySource) -> Prepared {
    let steps: Vec<Recorded> = flow.recorded(&[StepKind::Client, StepKind::Setup, StepKind::Verify]);
    Prepared { title: flow.name.clone(), source, steps: Arc::new(steps), exchanges: None }
}

fn check(new: &NewReplay) -> Result<(), ApiError> {
    let refused = |message: String| Err(ApiError::bad_request(message));
    if let Some(workers) = new.workers.filter(|workers| !(1..=64).contains(workers)) {
        return refused(format!("workers is {workers}; it has to be from 1 to 64"));
    }
    if let Some(ms) = new.wait_ms.filter(|ms| *ms > 600_000) {
        return refused(format!("wait_ms is {ms}; it has to be at most 600000"));
    }
    if let Some(ms) = new.answer_ms.filter(|ms| !(100..=600_000).contains(ms)) {
        return refused(format!("answer_ms is {ms}; it has to be from 100 to 600000"));
    }
    if let ReplayPace::Recorded { factor } = new.pace
        && !(0.0..=100.0).contains(&factor)
    {
        return refused(format!("factor is {factor}; it has to be from 0 to 100"));
    }
    if new.edits.len() > MOST_EDITS || new.bindings.len() > MOST_EDITS {
        return refused(format!("there are more than {MOST_EDITS} changes of steps or bindings"));
    }
    let places: HashMap<u64, usize> = new.edits.iter().enumerate().map(|(at, edit)| (edit.step, at)).collect();
    if places.len() < new.edits.len() {
        return refused("a step is edited twice".to_owned());
    }
    Ok(())
}

fn unreadable(why: String) -> ApiError {
    ApiError::new(http::StatusCode::INTERNAL_SERVER_ERROR, "unreadable", why)
}
