//! Named states of directories: taking, comparing, going back, exporting.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body as Stream, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use directory::Root;
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use provider::Tenant;
use serde::Deserialize;
use utoipa::IntoParams;

use super::history::Acting;
use super::resources::away;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Parameters, Segment};
use crate::model::{
    Differences, NewSnapshot, Restored, SnapshotChange, SnapshotInfo, SnapshotList, differences, type_counts,
};
use crate::snapshots::SnapshotDocument;

const DEFAULT_COUNT: usize = 50;
const MOST: usize = 200;
/// How many resources are put into text at once while a directory is sent.
const PART_RESOURCES: usize = 500;

/// Lists the snapshots of a tenant, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/snapshots",
    tag = "directory",
    operation_id = "list_snapshots",
    params(("name" = String, Path, description = "The tenant's name.")),
    responses(
        (status = 200, description = "All of them, and what there is now.", body = SnapshotList),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
) -> Result<Json<SnapshotList>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    away(move || {
        let now = tenant.directory().root();
        let items = control.snapshots_of(&tenant)?.into_iter().map(|snapshot| info(&tenant, snapshot, &now)).collect();
        let types = tenant.registry().shapes().iter().map(|shape| shape.resource_type.name.clone());
        Ok(SnapshotList { items, revision: now.revision(), resources: type_counts(&now, types) })
    })
    .await
}

/// Keeps the present state of a directory under a name.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/snapshots",
    tag = "directory",
    operation_id = "take_snapshot",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = NewSnapshot,
    responses(
        (status = 200, description = "The snapshot.", body = SnapshotInfo),
        (status = 400, description = "The name does not do, or there are too many.", body = ErrorBody),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
        (status = 409, description = "There is one of this name.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn take(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Body(new): Body<NewSnapshot>,
) -> Result<Json<SnapshotInfo>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    away(move || {
        let taken = control.take_snapshot(&tenant, new.name.as_deref(), new.replace)?;
        Ok(info(&tenant, taken, &tenant.directory().root()))
    })
    .await
}

/// Gives a snapshot another name, or makes it the one that a reset goes back to.
#[utoipa::path(
    patch,
    path = "/api/v1/tenants/{name}/snapshots/{snapshot}",
    tag = "directory",
    operation_id = "change_snapshot",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("snapshot" = String, Path, description = "The snapshot's name."),
    ),
    request_body = SnapshotChange,
    responses(
        (status = 200, description = "The snapshot as it is now.", body = SnapshotInfo),
        (status = 400, description = "The name does not do.", body = ErrorBody),
        (status = 404, description = "There is no such tenant or snapshot.", body = ErrorBody),
        (status = 409, description = "There is one of this name.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn change(
    State(control): State<Control>,
    Segment((tenant, snapshot)): Segment<(String, String)>,
    Body(change): Body<SnapshotChange>,
) -> Result<Json<SnapshotInfo>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    away(move || {
        let changed = control.change_snapshot(&tenant, &snapshot, change.name.as_deref(), change.chosen)?;
        Ok(info(&tenant, changed, &tenant.directory().root()))
    })
    .await
}

/// Keeps a state no longer.
#[utoipa::path(
    delete,
    path = "/api/v1/tenants/{name}/snapshots/{snapshot}",
    tag = "directory",
    operation_id = "delete_snapshot",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("snapshot" = String, Path, description = "The snapshot's name."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, description = "There is no such tenant or snapshot.", body = ErrorBody),
        (status = 503, description = "The workspace cannot be written.", body = ErrorBody),
    )
)]
pub(super) async fn delete(
    State(control): State<Control>,
    Segment((tenant, snapshot)): Segment<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let Json(()) = away(move || control.forget_snapshot(&tenant, &snapshot)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a directory back to a snapshot, in one revision.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/snapshots/{snapshot}/restore",
    tag = "directory",
    operation_id = "restore_snapshot",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("snapshot" = String, Path, description = "The snapshot's name."),
        Acting
    ),
    responses(
        (status = 200, description = "What changed, or would change.", body = Restored),
        (status = 404, description = "There is no such tenant or snapshot.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn restore(
    State(control): State<Control>,
    Segment((tenant, snapshot)): Segment<(String, String)>,
    Parameters(acting): Parameters<Acting>,
) -> Result<Json<Restored>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    away(move || {
        let snapshot = control.snapshot_named(&tenant, &snapshot)?;
        let then = control.snapshot_root(&tenant, &snapshot)?;
        control.restore_to(&tenant, &then, &acting, &format!("restored to snapshot {:?}", snapshot.name))
    })
    .await
}

/// Which states are to be compared, and which page of what is different.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Compared {
    /// The one state: a revision, `seq:34` for the one right after exchange 34, `snapshot:NAME`.
    from: String,
    /// The other state; the present one if not given.
    to: Option<String>,
    /// Where the page begins, from 1.
    #[param(minimum = 1, default = 1)]
    start_index: Option<u64>,
    /// How many at most, from 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200, default = 50)]
    count: Option<usize>,
}

/// Compares two states of a directory: which resources came, went and changed, and what is different in each.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/differences",
    tag = "directory",
    operation_id = "compare_directories",
    params(("name" = String, Path, description = "The tenant's name."), Compared),
    responses(
        (status = 200, description = "What is different.", body = Differences),
        (status = 404, description = "There is no such tenant or state.", body = ErrorBody),
        (status = 410, description = "A state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn compare(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(compared): Parameters<Compared>,
) -> Result<Json<Differences>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let (start_index, count) = (compared.start_index.unwrap_or(1).max(1), compared.count.unwrap_or(DEFAULT_COUNT));
    if !(1..=MOST).contains(&count) {
        return Err(ApiError::bad_request(format!("count is {count}; it has to be from 1 to {MOST}")));
    }
    away(move || {
        let from = control.root_named(&tenant, Some(&compared.from))?;
        let to = control.root_named(&tenant, compared.to.as_deref())?;
        Ok(differences(&from, &to, start_index, count))
    })
    .await
}

/// Which state.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Exported {
    /// A revision, `seq:34` for the state right after exchange 34, `snapshot:NAME`; the present state if not given.
    at: Option<String>,
}

/// Gives all resources of a state, one JSON document a line, in the order in which they were created. An import takes them back.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/export",
    tag = "directory",
    operation_id = "export_directory",
    params(("name" = String, Path, description = "The tenant's name."), Exported),
    responses(
        (status = 200, description = "NDJSON: a resource a line.", body = String, content_type = "application/x-ndjson"),
        (status = 404, description = "There is no such tenant or state.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn export(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(exported): Parameters<Exported>,
) -> Result<Response, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let name = format!("{}.ndjson", tenant.name());
    let Json(resources) = away(move || {
        let root = control.root_named(&tenant, exported.at.as_deref())?;
        Ok(root.resources().cloned().collect::<Vec<_>>())
    })
    .await?;
    let resources = Arc::new(resources);
    let parts = futures_util::stream::unfold(0, move |from| {
        let resources = Arc::clone(&resources);
        async move {
            let part =
                resources.get(from..(from + PART_RESOURCES).min(resources.len())).filter(|part| !part.is_empty())?;
            let mut text = String::new();
            for resource in part {
                text.push_str(&resource.document.value().to_text());
                text.push('\n');
            }
            Some((Ok::<Bytes, std::convert::Infallible>(Bytes::from(text)), from + PART_RESOURCES))
        }
    });
    let headers = [
        (CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Stream::from_stream(parts)).into_response())
}

fn info(tenant: &Tenant, snapshot: SnapshotDocument, now: &Root) -> SnapshotInfo {
    let root = tenant.directory().snapshot(&snapshot.name).filter(|root| root.revision() == snapshot.revision);
    SnapshotInfo::new(snapshot, root.as_deref(), now)
}
