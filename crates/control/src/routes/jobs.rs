//! Long work.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use formats::seed::{Generator, datasets};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use provider::{DEFAULT_TENANT_NAME, Tenant};
use replay::{Options, Pace, Target};
use utoipa::ToSchema;

use super::imports::read_as;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::jobs::{Job, JobFile, JobList, JobStarted, JobState, NewJob, TooMany};
use crate::model::SeedRecipe;
use crate::transfer::export;

/// How much of a file is in memory at once while it is sent.
const PART_BYTES: usize = 256 << 10;

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only describes the answer")]
pub(super) struct FileBytes(Vec<u8>);

/// Between two requests of a scenario, so that a person can see them come one after the other.
const SAMPLE_PAUSE: Duration = Duration::from_millis(120);

/// Starts a job.
#[utoipa::path(
    post,
    path = "/api/v1/jobs",
    tag = "jobs",
    operation_id = "start_job",
    request_body = NewJob,
    responses(
        (status = 202, description = "It runs.", body = JobStarted),
        (status = 400, description = "What is to be done cannot be; the message names the part.", body = ErrorBody),
        (status = 404, description = "There is no such scenario, dataset, tenant or flow.", body = ErrorBody),
        (status = 409, description = "Too many jobs are running.", body = ErrorBody),
    )
)]
pub(super) async fn start(
    State(control): State<Control>,
    Body(new): Body<NewJob>,
) -> Result<(StatusCode, Json<JobStarted>), ApiError> {
    let named = |tenant: Option<String>| control.find_tenant(tenant.as_deref().unwrap_or(DEFAULT_TENANT_NAME));
    let started = match new {
        NewJob::Play { scenario, tenant } => play(&control, &scenario, &*named(tenant)?)?,
        NewJob::Seed { tenant, recipe, dataset, replace } => {
            let tenant = named(tenant)?;
            control.start_seed(tenant, generator(recipe, dataset)?, replace)
        }
        NewJob::Export { scope, format, redaction } => Ok(export::start(&control, &scope, format, &redaction).await?),
        NewJob::Resources { file, reading, replace, check } => {
            let tenant = named(reading.tenant.clone())?;
            let upload = control.uploads().get(file)?;
            let reading = read_as(&tenant, &upload, &reading)?;
            control.start_resources(tenant, upload, reading, replace, check)
        }
    };
    let id = started.map_err(|error| ApiError::new(StatusCode::CONFLICT, "too_many_jobs", error.to_string()))?;
    Ok((StatusCode::ACCEPTED, Json(JobStarted { id })))
}

fn play(control: &Control, scenario: &str, tenant: &Tenant) -> Result<Result<u64, TooMany>, ApiError> {
    let flow = replay::scenarios().iter().find(|flow| flow.id == scenario).ok_or_else(|| {
        ApiError::not_found(format!("there is no scenario {scenario:?}; GET /api/v1/scenarios lists them"))
    })?;
    let target = Target { base: control.local_url(tenant), token: control.token_of(tenant) };
    let options = Options { pace: Pace::Steady(SAMPLE_PAUSE), way: control.own_way(), ..Options::demo() };
    Ok(control.jobs().play(flow, target, options))
}

/// What makes the recipe that is meant: one of the two has to be given.
fn generator(recipe: Option<SeedRecipe>, dataset: Option<String>) -> Result<Generator, ApiError> {
    let recipe = match (recipe, dataset) {
        (Some(recipe), None) => recipe.into(),
        (None, Some(name)) => {
            let found = datasets().iter().find(|dataset| dataset.name == name);
            let missing =
                || ApiError::not_found(format!("there is no dataset {name:?}; GET /api/v1/datasets lists them"));
            found.ok_or_else(missing)?.recipe.clone()
        }
        _ => return Err(ApiError::bad_request("give either a recipe or the name of a dataset")),
    };
    Generator::new(recipe).map_err(|why| ApiError::bad_request(why.to_string()))
}

/// Lists the jobs, oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/jobs",
    tag = "jobs",
    operation_id = "list_jobs",
    responses((status = 200, description = "Those that run and the last hundred that ended.", body = JobList))
)]
pub(super) async fn list(State(control): State<Control>) -> Json<JobList> {
    Json(JobList { items: control.jobs().list() })
}

/// Gives a job.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}",
    tag = "jobs",
    operation_id = "get_job",
    params(("id" = u64, Path, description = "The job's number.")),
    responses(
        (status = 200, description = "The job as it stands.", body = Job),
        (status = 404, description = "There is no such job.", body = ErrorBody),
    )
)]
pub(super) async fn get(State(control): State<Control>, Segment(id): Segment<u64>) -> Result<Json<Job>, ApiError> {
    control.jobs().get(id).map(Json).ok_or_else(|| missing(id))
}

/// Stops a job. One that has ended stays as it is.
#[utoipa::path(
    delete,
    path = "/api/v1/jobs/{id}",
    tag = "jobs",
    operation_id = "cancel_job",
    params(("id" = u64, Path, description = "The job's number.")),
    responses(
        (status = 200, description = "The job as it stands now.", body = Job),
        (status = 404, description = "There is no such job.", body = ErrorBody),
    )
)]
pub(super) async fn cancel(State(control): State<Control>, Segment(id): Segment<u64>) -> Result<Json<Job>, ApiError> {
    control.jobs().cancel(id).map(Json).ok_or_else(|| missing(id))
}

/// Gives the file that a job made.
#[utoipa::path(
    get,
    path = "/api/v1/jobs/{id}/result",
    tag = "jobs",
    operation_id = "get_job_result",
    params(("id" = u64, Path, description = "The job's number.")),
    responses(
        (status = 200, description = "The file.", body = FileBytes, content_type = "application/octet-stream"),
        (status = 404, description = "There is no such job, or it made no file.", body = ErrorBody),
    )
)]
pub(super) async fn result(State(control): State<Control>, Segment(id): Segment<u64>) -> Result<Response, ApiError> {
    let job = control.jobs().get(id).ok_or_else(|| missing(id))?;
    let file = control.jobs().result(id).ok_or_else(|| {
        let why = if job.state == JobState::Running { "it is not done yet" } else { "it made none" };
        ApiError::new(StatusCode::NOT_FOUND, "no_result", format!("there is no file of job {id}: {why}"))
    })?;
    let JobFile { name, media_type, bytes } = file.describe();
    let parts = futures_util::stream::try_unfold(0, move |from| {
        let file = Arc::clone(&file);
        async move {
            let read = tokio::task::spawn_blocking(move || file.read(from, PART_BYTES));
            let part = read.await.unwrap_or_else(|error| Err(std::io::Error::other(error)))?;
            Ok::<_, std::io::Error>((!part.is_empty()).then(|| {
                let to = from + part.len() as u64;
                (part, to)
            }))
        }
    });
    let quoted: String =
        name.chars().map(|letter| if letter.is_ascii_graphic() && letter != '"' { letter } else { '_' }).collect();
    let headers = [
        (CONTENT_TYPE, media_type),
        (CONTENT_LENGTH, bytes.to_string()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{quoted}\"")),
    ];
    Ok((headers, axum::body::Body::from_stream(parts)).into_response())
}

fn missing(id: u64) -> ApiError {
    ApiError::not_found(format!("there is no job {id}; GET /api/v1/jobs lists them"))
}
