//! The server itself: its state, its address, its profile, and what it knows.

use axum::Json;
use axum::extract::State;
use provider::{DEFAULT_TENANT_NAME, Profile};
use traffic::log::{Durable, Usage};

use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Body;
use crate::model::{
    ConnectionInfo, DiskState, DurableState, MemoryState, ProfileInfo, ProfileName, ScenarioInfo, ScenarioStep,
    ScimListener, Serving, Status, ToleranceText,
};
use crate::tenancy::resource_counts;

use super::tenants;

/// Gives the state of the server.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    tag = "server",
    operation_id = "get_status",
    responses((status = 200, description = "The state now.", body = Status))
)]
pub(super) async fn status(State(control): State<Control>) -> Json<Status> {
    let facts = control.facts();
    let head = control.log().head();
    let tenant = control.provider().tenant();
    let disk = control.storage().usage();
    Json(Status {
        version: facts.version,
        scim: ScimListener {
            url: facts.scim_url,
            requested_port: facts.requested_port,
            actual_port: facts.actual_port,
            exposure: facts.exposure,
            paused: control.provider().is_paused(),
        },
        workspace: facts.workspace,
        profile: tenant.profile().name.clone(),
        resources: resource_counts(&tenant),
        head: head.seq.0,
        pos: head.pos.0,
        durable: durable(&control),
        memory: memory(&control),
        flows: control.flows().count(disk.flows_pruned).await,
        disk: DiskState::from(disk),
        rules_active: control.rules_active(),
    })
}

/// How far storage has confirmed the record.
pub(super) fn durable(control: &Control) -> DurableState {
    let confirming = matches!(control.log().durable(), Durable::Through(_)) && control.facts().file_ends_at.is_none();
    let through = Some(control.durable_through().0).filter(|through| confirming || *through > 0);
    DurableState { confirming, through }
}

/// What of the record is in memory.
pub(super) fn memory(control: &Control) -> MemoryState {
    let Usage { held_bytes, budget_bytes, evicted, dropped } = control.log().usage();
    let indexed_through = control.record().indexed_through().0;
    MemoryState { held_bytes, budget_bytes, evicted, dropped, indexed_through }
}

/// Gives what an identity provider needs to connect. It holds the SCIM token.
#[utoipa::path(
    get,
    path = "/api/v1/connection",
    tag = "server",
    operation_id = "get_connection",
    responses((status = 200, description = "Base URL and token.", body = ConnectionInfo))
)]
pub(super) async fn connection(State(control): State<Control>) -> Json<ConnectionInfo> {
    let tenant = control.tenant_info(&control.provider().tenant());
    let public_url = tenant.public_url.is_some().then_some(tenant.scim_url);
    Json(ConnectionInfo { scim_url: control.facts().scim_url, token: control.scim_token(), public_url })
}

/// Has clients come later, or answers them again. While the server is paused every request of a client is recorded and answered with 503
/// and `Retry-After`; nothing is carried out. It lasts when another
/// workspace is opened, and is not kept: a start begins with answering.
#[utoipa::path(
    put,
    path = "/api/v1/serving",
    tag = "server",
    operation_id = "set_serving",
    request_body = Serving,
    responses((status = 200, description = "What is so now.", body = Serving))
)]
pub(super) async fn set_serving(
    State(control): State<Control>,
    Body(Serving { paused }): Body<Serving>,
) -> Json<Serving> {
    control.pause(paused);
    Json(Serving { paused })
}

/// Lists the shipped scenarios.
#[utoipa::path(
    get,
    path = "/api/v1/scenarios",
    tag = "server",
    operation_id = "list_scenarios",
    responses((status = 200, description = "All of them.", body = Vec<ScenarioInfo>))
)]
pub(super) async fn scenarios() -> Json<Vec<ScenarioInfo>> {
    let scenarios = replay::scenarios().iter().map(|flow| ScenarioInfo {
        id: flow.id.clone(),
        name: flow.name.clone(),
        idp: flow.idp.clone(),
        description: flow.description.clone(),
        steps: flow
            .steps
            .iter()
            .map(|step| ScenarioStep { label: step.label.clone(), method: step.method.clone() })
            .collect(),
    });
    Json(scenarios.collect())
}

/// Gives the profile in force.
#[utoipa::path(
    get,
    path = "/api/v1/profile",
    tag = "server",
    operation_id = "get_profile",
    responses((status = 200, description = "Its name, and those to choose from.", body = ProfileInfo))
)]
pub(super) async fn profile(State(control): State<Control>) -> Json<ProfileInfo> {
    Json(profile_info(&control))
}

/// Switches the profile for requests that begin from now on.
#[utoipa::path(
    put,
    path = "/api/v1/profile",
    tag = "server",
    operation_id = "switch_profile",
    request_body = ProfileName,
    responses(
        (status = 200, description = "The profile now in force.", body = ProfileInfo),
        (status = 422, description = "There is no such profile.", body = ErrorBody),
    )
)]
pub(super) async fn switch_profile(
    State(control): State<Control>,
    Body(new): Body<ProfileName>,
) -> Result<Json<ProfileInfo>, ApiError> {
    let profile = tenants::preset(&new.name)?;
    tenants::switch(&control, DEFAULT_TENANT_NAME, profile).await?;
    Ok(Json(profile_info(&control)))
}

/// Explains the deviations from the RFC that are tolerated or noticed.
#[utoipa::path(
    get,
    path = "/api/v1/tolerances",
    tag = "server",
    operation_id = "list_tolerances",
    responses((status = 200, description = "T1 to T17.", body = Vec<ToleranceText>))
)]
pub(super) async fn tolerances() -> Json<Vec<ToleranceText>> {
    Json(ToleranceText::all())
}

fn profile_info(control: &Control) -> ProfileInfo {
    let name = control.provider().tenant().profile().name.clone();
    ProfileInfo { name, available: Profile::names() }
}
