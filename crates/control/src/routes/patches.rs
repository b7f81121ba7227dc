//! What an exchange changed, written as a PATCH that would do the same.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use scim::diff::{as_json_patch, as_patch};
use scim::json::{Json as Value, Object};
use traffic::change::Change;
use traffic::exchange::Exchange;

use super::exchanges::find;
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::Segment;
use crate::model::{ChangePatch, ChangePatches};

/// Writes what an exchange changed as SCIM PATCH (RFC 7644 section 3.5.2) and as JSON Patch (RFC 6902).
#[utoipa::path(
    get,
    path = "/api/v1/exchanges/{seq}/patches",
    tag = "record",
    operation_id = "get_patches",
    params(("seq" = u64, Path, description = "The exchange's number.")),
    responses(
        (status = 200, description = "One for each resource that it changed.", body = ChangePatches),
        (status = 404, description = "There is no such exchange.", body = ErrorBody),
    )
)]
pub(super) async fn patches(
    State(control): State<Control>,
    Segment(seq): Segment<u64>,
) -> Result<Json<ChangePatches>, ApiError> {
    let exchange = find(&control, seq).await?;
    // A group may have a hundred thousand members.
    let made = tokio::task::spawn_blocking(move || made(&control, &exchange)).await;
    made.map(Json).map_err(|_| {
        let message = "the patch could not be made; this is a fault of ours";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "patch_failed", message)
    })
}

fn made(control: &Control, exchange: &Exchange) -> ChangePatches {
    let Some(commit) = exchange.committed.as_deref() else { return ChangePatches { items: Vec::new() } };
    let tenants = control.provider().tenants();
    let registry = tenants.iter().find(|tenant| tenant.id() == commit.tenant).map(|tenant| tenant.registry());
    let items = commit.changes.iter().map(|change| ChangePatch {
        resource_type: change.resource_type.clone(),
        resource_id: change.resource_id.clone(),
        scim: registry.and_then(|registry| {
            let shape = registry.shapes().iter().find(|shape| shape.resource_type.name == change.resource_type)?;
            let (before, after) = (change.before.as_ref()?, change.after.as_ref()?);
            Some(as_patch(shape, &before.to_parts(), &after.to_parts()).to_message())
        }),
        json: json_patch(change),
    });
    ChangePatches { items: items.collect() }
}

fn json_patch(change: &Change) -> Value {
    let state = |document: Option<&scim::document::Document>| {
        Value::Object(document.map_or_else(Object::new, |document| document.to_parts().into_object()))
    };
    as_json_patch(&state(change.before.as_deref()), &state(change.after.as_deref()))
}
