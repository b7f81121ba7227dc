//! Editing a directory as an identity provider would: a request through the same provider, recorded and marked as ours.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::{Method, StatusCode};
use provider::Request;
use provider::browse::secret_attributes;
use scim::json::Json as ScimJson;
use scim::leniency::{Leniency, Reading};
use scim::long_list::Parts;
use traffic::entry::Entry;
use traffic::exchange::{Closed, Connection, Ending, Opened, Received, Sent};
use traffic::ids::ConnectionId;

use super::resources::{away, find_resource, find_shape};
use crate::control::Control;
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Segment};
use crate::model::{Answered, Draft, Line, NewRequest, Preview};
use crate::past::At;

/// Sends a SCIM request to a tenant from inside: the way of every request, but for the socket. It is recorded as an exchange
/// whose origin is `scimscope`. Without an `Authorization` field, a bearer token of the tenant is sent, if it has one.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/send",
    tag = "directory",
    operation_id = "send_request",
    params(("name" = String, Path, description = "The tenant's name.")),
    request_body = NewRequest,
    responses(
        (status = 200, description = "The answer, whatever its status, and the number of the exchange.", body = Answered),
        (status = 400, description = "The method or the path is none.", body = ErrorBody),
        (status = 404, description = "There is no such tenant.", body = ErrorBody),
    )
)]
pub(super) async fn send(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Body(new): Body<NewRequest>,
) -> Result<Json<Answered>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let NewRequest { method, path, headers, body } = new;
    if Method::from_bytes(method.as_bytes()).is_err() {
        return Err(ApiError::bad_request(format!("{method:?} is no HTTP method")));
    }
    let printable = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if !path.starts_with('/') || !printable(&path) {
        let message =
            format!("{path:?} is no path; write it from the base URL on, percent-encoded: /Users/2819?attributes=id");
        return Err(ApiError::bad_request(message));
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in headers {
        let is_fit =
            http::HeaderName::from_bytes(name.as_bytes()).is_ok() && http::HeaderValue::from_str(&value).is_ok();
        if !is_fit {
            return Err(ApiError::bad_request(format!("the header field {name:?} cannot be sent")));
        }
        fields.push((name, value));
    }
    let body = body.map(|body| Bytes::from(ScimJson::from(body).to_text())).unwrap_or_default();
    let has = |fields: &[(String, String)], name: &str| fields.iter().any(|(have, _)| have.eq_ignore_ascii_case(name));
    let base = control.local_url(&tenant);
    let origin = base.strip_suffix(tenant.base_path()).unwrap_or(&base).to_owned();
    if !has(&fields, "Host") {
        let host = origin.split_once("://").map_or(origin.as_str(), |(_, host)| host).to_owned();
        fields.insert(0, ("Host".to_owned(), host));
    }
    let token = control.token_of(&tenant);
    if !has(&fields, "Authorization") && !token.is_empty() {
        fields.push(("Authorization".to_owned(), format!("Bearer {token}")));
    }
    if !body.is_empty() {
        if !has(&fields, "Content-Type") {
            fields.push(("Content-Type".to_owned(), "application/scim+json".to_owned()));
        }
        fields.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Length"));
        fields.push(("Content-Length".to_owned(), body.len().to_string()));
    }
    let target = format!("{}{path}", tenant.base_path());
    away(move || Ok(control.carry_out(method, target, fields, body, origin))).await
}

/// Tells the smallest PATCH that turns a resource, as it is now, into a document; changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/tenants/{name}/resources/{resource_type}/{id}/preview",
    tag = "directory",
    operation_id = "preview_edit",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        ("id" = String, Path, description = "The resource's `id`.")
    ),
    request_body = Draft,
    responses(
        (status = 200, description = "The PATCH, what it changes, and what no PATCH can.", body = Preview),
        (status = 404, description = "There is no such tenant, type or resource.", body = ErrorBody),
        (status = 422, description = "The document does not fit the schema.", body = ErrorBody),
    )
)]
pub(super) async fn preview(
    State(control): State<Control>,
    Segment((tenant, resource_type, id)): Segment<(String, String, String)>,
    Body(Draft { document }): Body<Draft>,
) -> Result<Json<Preview>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    away(move || {
        let root = tenant.directory().root();
        let resource = find_resource(&root, &shape, &id, At::Now)?;
        let unfit = |why: String| ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_document", why);
        let before = resource.document.to_parts();
        let existing = resource.document.to_object();
        let mut reading = Reading::new(&shape, Leniency::TOLERANT);
        let read = scim::incoming::resource(&mut reading, ScimJson::from(document), Some(&existing));
        let mut after: scim::json::Object = read.map_err(|error| unfit(error.detail))?;
        keep_unseen(&shape, &existing, &mut after);
        let mut after = Parts::from(after);
        // Lists that were too long to be shown were not edited.
        for (home, list) in before.lists.iter() {
            if list.len() > crate::model::LONGEST_SHOWN && home.find(&mut after.object).is_none() {
                home.put(&mut after.object, Vec::new());
                after.lists.set(home.extension.as_deref(), &home.attribute, list.clone());
            }
        }
        let patch = scim::diff::as_patch(&shape, &before, &after);
        let wanted = scim::document::Document::pack_parts(&after);
        let lines = scim::diff::diff(&shape, Some(resource.document.value()), Some(wanted.value()));
        let is_left_out = |line: &&scim::diff::Line| patch.left_out.iter().any(|left| left.path == line.path);
        Ok(Preview {
            version: resource.version,
            is_empty: patch.operations.is_empty(),
            lines: lines.iter().filter(|line| !is_left_out(line)).map(Line::from).collect(),
            left_out: patch.left_out.iter().map(Line::from).collect(),
            patch: patch.to_message(),
        })
    })
    .await
}

/// What is never shown cannot have been edited.
fn keep_unseen(shape: &scim::schema::Shape, existing: &scim::json::Object, after: &mut scim::json::Object) {
    for (extension, name) in secret_attributes(shape) {
        match extension {
            None => {
                if let (None, Some(value)) = (after.get(&name), existing.get(&name)) {
                    after.insert(name, value.clone());
                }
            }
            Some(urn) => {
                let value = existing.get(&urn).and_then(ScimJson::as_object).and_then(|container| container.get(&name));
                let container = after.get_mut(&urn).and_then(ScimJson::as_object_mut);
                if let (Some(value), Some(container)) = (value, container)
                    && container.get(&name).is_none()
                {
                    container.insert(name, value.clone());
                }
            }
        }
    }
}

impl Control {
    /// Carries out a request as if it had come in, and records it.
    fn carry_out(
        &self,
        method: String,
        target: String,
        fields: Vec<(String, String)>,
        body: Bytes,
        base_url: String,
    ) -> Answered {
        let begun = Instant::now();
        let elapsed_us = || u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let at = self.provider().now();
        let here = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let connection = Connection { id: ConnectionId::OURS, peer: here, local: here, accepted_at: at };
        let opened = Opened { connection, at, method: method.clone(), target: target.clone() };
        let log = self.log();
        let seq = log.open(opened);
        let mut head = format!("{method} {target} HTTP/1.1\r\n");
        fields.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        head.push_str("\r\n");
        let request =
            Request { seq, at, method, target, headers: fields, body: body.clone(), base_url, peer: here.ip() };
        let handled = self.provider().without_rules().prepare(request).execute();
        let received = Received {
            head: Bytes::from(head),
            body,
            head_read_us: Some(0),
            body_read_us: Some(0),
            handled_us: Some(elapsed_us()),
            ..Received::default()
        };
        let response = handled.response.clone();
        log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled)));
        let reason = StatusCode::from_u16(response.status).ok().and_then(|status| status.canonical_reason());
        let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason.unwrap_or_default());
        response.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        head.push_str(&format!("Content-Length: {}\r\n\r\n", response.body.len()));
        let sent = Sent {
            head: Bytes::from(head),
            body: response.body.clone(),
            first_byte_us: Some(elapsed_us()),
            last_byte_us: Some(elapsed_us()),
        };
        log.append(Entry::Closed(seq, Arc::new(Closed { ending: Ending::Complete, received: None, sent })));
        Answered {
            seq: seq.0,
            status: response.status,
            headers: response.headers.iter().map(|(name, value)| [name.clone(), value.clone()]).collect(),
            body: serde_json::from_slice(&response.body).ok(),
        }
    }
}
