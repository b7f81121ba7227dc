//! Replays: planned, started, steered, read, compared.

use std::collections::BTreeMap;
use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use replay::{Plan, masked};
use serde::Deserialize;
use utoipa::IntoParams;

use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters, Segment};
use crate::model::{
    ComparedStep, ConsentList, NewReplay, PlannedStep, ReplayBinding, ReplayConsent, ReplayCredentials, ReplayIgnores,
    ReplayOrder, ReplayPlan, ReplayStarted, ReplaySteer, ReplayTarget, Run, RunComparison, RunList, RunStep,
    RunStepDetail, RunSteps, VerdictCounts, fields,
};
use crate::replays::options;

/// Steps of one answer.
const DEFAULT_LIMIT: u64 = 200;
const MOST: u64 = 1000;
/// Bytes of a body that a plan shows.
const SHOWN_BODY: usize = 64 << 10;
/// Steps that a comparison shows.
const COMPARED: usize = 500;

/// Which steps.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Range {
    /// From this step on, 0 if left out.
    from: Option<u64>,
    /// How many at most, from 1 to 1000; 200 if left out.
    #[param(minimum = 1, maximum = 1000, default = 200)]
    limit: Option<u64>,
}

impl Range {
    fn read(&self) -> Result<(usize, usize), ApiError> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MOST).contains(&limit) {
            return Err(ApiError::bad_request(format!("limit is {limit}; it has to be from 1 to {MOST}")));
        }
        Ok((self.from.unwrap_or(0) as usize, limit as usize))
    }
}

/// What a replay would send: every request in order, the values of the target that each needs, and how many there are. Nothing is
/// sent.
#[utoipa::path(
    post,
    path = "/api/v1/replays/plan",
    tag = "replays",
    operation_id = "plan_replay",
    params(Range),
    request_body = NewReplay,
    responses(
        (status = 200, description = "The plan, one page of steps.", body = ReplayPlan),
        (status = 400, description = "Something of it is wrong.", body = ErrorBody),
        (status = 404, description = "There is no such flow, scenario or tenant.", body = ErrorBody),
    )
)]
pub(super) async fn plan(
    State(control): State<Control>,
    Parameters(range): Parameters<Range>,
    Body(new): Body<NewReplay>,
) -> Result<Json<ReplayPlan>, ApiError> {
    let (from, limit) = range.read()?;
    let (destination, target) = control.replay_target(&new).await?;
    let prepared = control.prepare_replay(&new).await?;
    away(move || {
        let unreadable =
            |why: replay::Unreadable| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable", why.to_string());
        let edits: Vec<replay::BindingEdit> = new.bindings.iter().cloned().map(Into::into).collect();
        let plan = Plan::of(prepared.steps.as_ref(), &edits).map_err(unreadable)?;
        let steps = prepared.steps.read(from..from.saturating_add(limit)).map_err(unreadable)?;
        let end = from + steps.len();
        let items = steps.into_iter().enumerate().map(|(at, step)| {
            let index = from + at;
            let writes = step.writes();
            let status = step.reply().map(|reply| reply.status);
            let call = masked(destination.call(&step));
            let text = String::from_utf8_lossy(&call.body);
            PlannedStep {
                index: index as u64,
                seq: step.seq,
                label: step.label,
                method: call.method,
                path: call.path,
                headers: fields(&call.headers),
                body: text[..text.floor_char_boundary(SHOWN_BODY)].to_owned(),
                writes,
                status,
                unsendable: step.unsendable,
                accepted: prepared.is_accepted(step.seq),
                bindings: plan.bindings.get(&index).into_iter().flatten().map(ReplayBinding::from).collect(),
            }
        });
        let items = items.collect();
        let next = (end < prepared.steps.len()).then_some(end as u64);
        Ok(ReplayPlan { title: prepared.title, target, counts: plan.counts().into(), items, next })
    })
    .await
}

/// Starts a replay. To a host that is not this machine only what somebody agreed to is sent: without a consent nothing is, and the
/// answer names the host and how many requests would change something there.
#[utoipa::path(
    post,
    path = "/api/v1/replays",
    tag = "replays",
    operation_id = "start_replay",
    request_body = NewReplay,
    responses(
        (status = 202, description = "It runs.", body = ReplayStarted),
        (status = 400, description = "Something of it is wrong.", body = ErrorBody),
        (status = 404, description = "There is no such flow, scenario or tenant.", body = ErrorBody),
        (status = 409, description = "Nobody agreed to send to this host, or too many jobs are running.", body = ErrorBody),
        (status = 503, description = "The credentials are in no keychain, or it stayed locked.", body = ErrorBody),
    )
)]
pub(super) async fn start(
    State(control): State<Control>,
    Body(new): Body<NewReplay>,
) -> Result<(StatusCode, Json<ReplayStarted>), ApiError> {
    let (mut destination, target) = control.replay_target(&new).await?;
    let prepared = control.prepare_replay(&new).await?;
    if !target.consented {
        let steps = std::sync::Arc::clone(&prepared.steps);
        let plan = tokio::task::spawn_blocking(move || Plan::of(steps.as_ref(), &[])).await;
        let writes = plan.ok().and_then(Result::ok).map_or(0, |plan| plan.writes);
        let host = &target.host;
        let message = format!(
            "{host} is another machine, and {writes} requests would change something there; agree with \
             PUT /api/v1/replays/consents/{host} first"
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "consent_needed", message));
    }
    if let ReplayTarget::Url { url, credentials: ReplayCredentials::Kept, .. } = &new.target {
        destination.credentials = control.take_kept_credentials(url).await?.into();
    }
    let registry = control.provider().tenant().registry().clone();
    let options = options(&new, registry);
    let started = control.start_replay(&new, prepared, destination, target, options).await?;
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// Lists the runs, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/replays",
    tag = "replays",
    operation_id = "list_runs",
    responses((status = 200, description = "The last two hundred.", body = RunList))
)]
pub(super) async fn list(State(control): State<Control>) -> Result<Json<RunList>, ApiError> {
    away(move || Ok(RunList { items: control.runs()? })).await
}

/// How steps are looked at.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct View {
    /// What does not count in this look, as JSON of the form of `ReplayIgnores`; that of the run if left out.
    ignores: Option<String>,
    /// Only steps that did not go the same.
    #[serde(default)]
    only_different: bool,
}

impl View {
    fn ignores(&self, run: &Run) -> Result<replay::Ignores, ApiError> {
        let Some(text) = &self.ignores else { return Ok(run.ignores.clone().into()) };
        let read: Result<ReplayIgnores, _> = serde_json::from_str(text);
        read.map(Into::into).map_err(|error| ApiError::bad_request(format!("ignores cannot be read: {error}")))
    }
}

/// Gives a run and its steps. With other ignores the steps are judged again; what was found does not change.
#[utoipa::path(
    get,
    path = "/api/v1/replays/{id}",
    tag = "replays",
    operation_id = "get_run",
    params(("id" = u64, Path, description = "The number of the run."), Range, View),
    responses(
        (status = 200, description = "The run and one page of steps.", body = RunSteps),
        (status = 404, description = "There is no such run.", body = ErrorBody),
    )
)]
pub(super) async fn get(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
    Parameters(range): Parameters<Range>,
    Parameters(view): Parameters<View>,
) -> Result<Json<RunSteps>, ApiError> {
    let (from, limit) = range.read()?;
    away(move || {
        let run = control.run(id)?;
        let ignores = view.ignores(&run)?;
        let (mut items, mut next) = (Vec::new(), None);
        control.run_steps(id, from, |step| {
            let line = step.line(&ignores);
            if !view.only_different || line.verdict != crate::model::ReplayVerdict::Same {
                if items.len() == limit {
                    next = Some(step.index as u64);
                    return false;
                }
                items.push(line);
            }
            true
        })?;
        let mut verdicts = None;
        if view.ignores.is_some() {
            let mut counts = VerdictCounts::default();
            control.run_steps(id, 0, |step| {
                counts.add(step.verdict(&ignores));
                true
            })?;
            verdicts = Some(counts);
        }
        Ok(RunSteps { run, items, next, verdicts })
    })
    .await
}

/// Gives a step of a run, whole.
#[utoipa::path(
    get,
    path = "/api/v1/replays/{id}/steps/{index}",
    tag = "replays",
    operation_id = "get_run_step",
    params(
        ("id" = u64, Path, description = "The number of the run."),
        ("index" = u64, Path, description = "The place of the step, from 0."),
        View,
    ),
    responses(
        (status = 200, description = "The step.", body = RunStepDetail),
        (status = 404, description = "There is no such run or step.", body = ErrorBody),
    )
)]
pub(super) async fn step(
    State(control): State<Control>,
    Segment((id, index)): Segment<(u64, u64)>,
    Parameters(view): Parameters<View>,
) -> Result<Json<RunStepDetail>, ApiError> {
    away(move || {
        let ignores = view.ignores(&control.run(id)?)?;
        Ok(control.run_step(id, index as usize)?.detail(&ignores))
    })
    .await
}

/// Accepts the answer of a step: from now on, replays of its exchange are judged by it. What was recorded stays as it is.
#[utoipa::path(
    post,
    path = "/api/v1/replays/{id}/steps/{index}/accept",
    tag = "replays",
    operation_id = "accept_answer",
    params(
        ("id" = u64, Path, description = "The number of the run."),
        ("index" = u64, Path, description = "The place of the step, from 0."),
    ),
    responses(
        (status = 204, description = "It is accepted."),
        (status = 404, description = "There is no such run or step.", body = ErrorBody),
        (status = 409, description = "There is no whole answer, or no recorded exchange.", body = ErrorBody),
    )
)]
pub(super) async fn accept(
    State(control): State<Control>,
    Segment((id, index)): Segment<(u64, u64)>,
) -> Result<StatusCode, ApiError> {
    away(move || control.accept(id, index as usize)).await.map(|_| StatusCode::NO_CONTENT)
}

/// Takes back that an answer was accepted: replays of the exchange are judged by what was recorded again.
#[utoipa::path(
    delete,
    path = "/api/v1/replays/answers/{seq}",
    tag = "replays",
    operation_id = "unaccept_answer",
    params(("seq" = u64, Path, description = "The number of the exchange.")),
    responses(
        (status = 204, description = "It is taken back."),
        (status = 404, description = "No answer was accepted for this exchange.", body = ErrorBody),
    )
)]
pub(super) async fn unaccept(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<StatusCode, ApiError> {
    let Json(existed) = away(move || control.unaccept(seq)).await?;
    let missing = || ApiError::not_found(format!("no answer was accepted for exchange {seq}"));
    existed.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}

/// Stops a run, takes its next step, or lets it go on.
#[utoipa::path(
    post,
    path = "/api/v1/replays/{id}/steer",
    tag = "replays",
    operation_id = "steer_replay",
    params(("id" = u64, Path, description = "The number of the run.")),
    request_body = ReplaySteer,
    responses(
        (status = 204, description = "It is told."),
        (status = 409, description = "The run is over.", body = ErrorBody),
    )
)]
pub(super) async fn steer(
    State(control): State<Control>,
    Segment(id): Segment<u64>,
    Body(steer): Body<ReplaySteer>,
) -> Result<StatusCode, ApiError> {
    let running = control.replays().steer(id);
    let running = running
        .ok_or_else(|| ApiError::new(StatusCode::CONFLICT, "run_is_over", format!("run {id} is over, or never was")))?;
    match steer.order {
        ReplayOrder::Stop => running.stop(),
        ReplayOrder::Step => running.step(),
        ReplayOrder::GoOn => running.go_on(),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a run.
#[utoipa::path(
    delete,
    path = "/api/v1/replays/{id}",
    tag = "replays",
    operation_id = "delete_run",
    params(("id" = u64, Path, description = "The number of the run.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such run.", body = ErrorBody),
        (status = 409, description = "It goes on; stop it first.", body = ErrorBody),
    )
)]
pub(super) async fn delete(State(control): State<Control>, Segment(id): Segment<u64>) -> Result<StatusCode, ApiError> {
    if control.replays().steer(id).is_some() {
        return Err(ApiError::new(StatusCode::CONFLICT, "run_goes_on", format!("run {id} goes on; stop it first")));
    }
    let removed = away(move || {
        control.run(id)?;
        control.remove_run(id)
    });
    removed.await.map(|_| StatusCode::NO_CONTENT)
}

/// Which two runs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Two {
    /// The number of the one.
    left: u64,
    /// The number of the other.
    right: u64,
}

/// Compares two runs: steps of one exchange beside each other, and which differences only one of them has.
#[utoipa::path(
    get,
    path = "/api/v1/replays/compare",
    tag = "replays",
    operation_id = "compare_runs",
    params(Two),
    responses(
        (status = 200, description = "The steps that did not go alike.", body = RunComparison),
        (status = 404, description = "There is no such run.", body = ErrorBody),
    )
)]
pub(super) async fn compare(
    State(control): State<Control>,
    Parameters(two): Parameters<Two>,
) -> Result<Json<RunComparison>, ApiError> {
    away(move || {
        let (left, right) = (control.run(two.left)?, control.run(two.right)?);
        let ignores: replay::Ignores = left.ignores.clone().into();
        let mut steps: HashMap<_, (RunStep, Vec<String>)> = HashMap::new();
        control.run_steps(right.id, 0, |step| {
            steps.insert(step.key(), (step.line(&ignores), step.paths(&ignores)));
            true
        })?;
        let (mut items, mut alike, mut unlike) = (BTreeMap::new(), 0, 0);
        let mut put = |place: u64, item: ComparedStep| {
            let is_alike = item.only_left.is_empty()
                && item.only_right.is_empty()
                && item.left.as_ref().map(|step| (step.verdict, step.replayed_status))
                    == item.right.as_ref().map(|step| (step.verdict, step.replayed_status));
            if is_alike {
                alike += 1;
                return;
            }
            unlike += 1;
            if items.len() < COMPARED {
                items.insert((place, items.len()), item);
            }
        };
        control.run_steps(left.id, 0, |step| {
            let (line, paths) = (step.line(&ignores), step.paths(&ignores));
            let (other, others) = steps.remove(&step.key()).unzip();
            let others = others.unwrap_or_default();
            let only = |these: &[String], those: &[String]| -> Vec<String> {
                these.iter().filter(|path| !those.contains(path)).cloned().collect()
            };
            let (only_left, only_right) = (only(&paths, &others), only(&others, &paths));
            put(line.index, ComparedStep { left: Some(line), right: other, only_left, only_right });
            true
        })?;
        for (line, paths) in steps.into_values() {
            put(line.index, ComparedStep { left: None, right: Some(line), only_left: Vec::new(), only_right: paths });
        }
        let items = items.into_values().collect();
        Ok(RunComparison { left, right, items, alike, unlike })
    })
    .await
}

/// Lists the hosts that somebody agreed to send to.
#[utoipa::path(
    get,
    path = "/api/v1/replays/consents",
    tag = "replays",
    operation_id = "list_consents",
    responses((status = 200, description = "They, by name.", body = ConsentList))
)]
pub(super) async fn consents(State(control): State<Control>) -> Result<Json<ConsentList>, ApiError> {
    away(move || Ok(ConsentList { items: control.consents()? })).await
}

/// Agrees to send to a host, until it is taken back.
#[utoipa::path(
    put,
    path = "/api/v1/replays/consents/{host}",
    tag = "replays",
    operation_id = "give_consent",
    params(("host" = String, Path, description = "Host and port, as the target's base URL has them.")),
    responses(
        (status = 200, description = "It is kept.", body = ReplayConsent),
        (status = 400, description = "It is no host.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn consent(
    State(control): State<Control>,
    Segment(host): Segment<String>,
) -> Result<Json<ReplayConsent>, ApiError> {
    let host = host.trim().to_ascii_lowercase();
    if host.is_empty() || host.len() > 300 || host.contains(['/', '@', ' ', '?']) {
        return Err(ApiError::bad_request(format!("{host:?} is no host; write it as in app.example.com:8443")));
    }
    away(move || {
        let consent = ReplayConsent { host, at: control.provider().now() };
        control.consent(&consent)?;
        Ok(consent)
    })
    .await
}

/// Takes back that one agreed to send to a host.
#[utoipa::path(
    delete,
    path = "/api/v1/replays/consents/{host}",
    tag = "replays",
    operation_id = "withdraw_consent",
    params(("host" = String, Path, description = "Host and port.")),
    responses(
        (status = 204, description = "It is taken back."),
        (status = 404, description = "Nobody agreed to send to this host.", body = ErrorBody),
    )
)]
pub(super) async fn withdraw(
    State(control): State<Control>,
    Segment(host): Segment<String>,
) -> Result<StatusCode, ApiError> {
    let asked = host.clone();
    let Json(existed) = away(move || control.withdraw(&asked.to_ascii_lowercase())).await?;
    let missing = || ApiError::not_found(format!("nobody agreed to send to {host:?}"));
    existed.then_some(StatusCode::NO_CONTENT).ok_or_else(missing)
}
