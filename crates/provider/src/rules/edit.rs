//! What rules make of a response.

use bytes::Bytes;
use scim::error::ScimError;
use scim::json::{self, Json, Limits, Object};
use scim::message;
use scim::number::Number;
use traffic::handled::{self, Handled, Response};

use super::action::Action;
use super::json_patch::PatchProblem;
use crate::negotiate::SCIM_JSON;

/// Edits a response. False if the action makes no difference to this one.
pub(super) fn edit(action: &Action, handled: &mut Handled) -> Result<bool, PatchProblem> {
    let success = (200..300).contains(&handled.response.status);
    match action {
        Action::Malformed {} => Ok(cut(&mut handled.response)),
        Action::ContentType { value } => Ok(content_type(&mut handled.response, value)),
        Action::TotalResults { by } if success => Ok(edited(handled, |body| total(body, *by))),
        Action::ResourcesAbsent {} if success => {
            Ok(edited(handled, |body| body.as_object_mut().is_some_and(|list| list.remove("Resources").is_some())))
        }
        Action::EmptyFilter404 {} => Ok(success && handled.subject.total_results == Some(0) && not_found(handled)),
        Action::StaleEtag {} => {
            let in_header = stale_header(&mut handled.response);
            Ok(edited(handled, stale) || in_header)
        }
        Action::PatchEmpty200 {} => Ok(success && handled.action == handled::Action::Modify && emptied(handled)),
        Action::Edit { patch } => {
            let Some(body) = read(&handled.response) else { return Ok(false) };
            let after = patch.apply(&body)?;
            let changed = after != body;
            if changed {
                handled.response.body = Bytes::from(after.to_text());
            }
            Ok(changed)
        }
        _ => Ok(false),
    }
}

fn read(response: &Response) -> Option<Json> {
    json::parse(&response.body, Limits::default()).ok()
}

/// The response with its JSON changed by a closure that tells whether it changed something.
fn edited(handled: &mut Handled, change: impl FnOnce(&mut Json) -> bool) -> bool {
    let Some(mut body) = read(&handled.response) else { return false };
    let changed = change(&mut body);
    if changed {
        handled.response.body = Bytes::from(body.to_text());
    }
    changed
}

fn cut(response: &mut Response) -> bool {
    let Some(length) = response.body.len().checked_sub(1) else { return false };
    response.body.truncate(length);
    true
}

fn content_type(response: &mut Response, value: &str) -> bool {
    let fields = response.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
    let mut changed = false;
    for (_, have) in fields {
        changed |= have != value;
        value.clone_into(have);
    }
    changed
}

fn total(body: &mut Json, by: i32) -> bool {
    let Some(list) = body.as_object_mut() else { return false };
    let Some(Json::Number(number)) = list.get_mut("totalResults") else { return false };
    let Some(right) = number.as_i64() else { return false };
    let wrong = right.saturating_add(by.into()).max(0);
    *number = Number::from(wrong);
    wrong != right
}

fn not_found(handled: &mut Handled) -> bool {
    let error = ScimError::plain(404, "nothing matches the filter");
    let headers = vec![("Content-Type".to_owned(), SCIM_JSON.to_owned())];
    let body = Bytes::from(message::error_body(&error).to_text());
    handled.response = Response { status: 404, headers, body };
    true
}

fn emptied(handled: &mut Handled) -> bool {
    let response = &mut handled.response;
    if response.status == 200 && response.body.is_empty() {
        return false;
    }
    response.status = 200;
    response.body = Bytes::new();
    response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Type"));
    true
}

fn stale_header(response: &mut Response) -> bool {
    let mut changed = false;
    for (_, value) in response.headers.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("ETag")) {
        if let Some(older) = one_behind(value) {
            *value = older;
            changed = true;
        }
    }
    changed
}

fn stale(body: &mut Json) -> bool {
    let Some(object) = body.as_object_mut() else { return false };
    let mut changed = stale_version(object);
    if let Some(Json::Array(resources)) = object.get_mut("Resources") {
        for resource in resources.iter_mut().filter_map(Json::as_object_mut) {
            changed |= stale_version(resource);
        }
    }
    changed
}

fn stale_version(resource: &mut Object) -> bool {
    let Some(Json::Object(meta)) = resource.get_mut("meta") else { return false };
    let Some(Json::String(version)) = meta.get_mut("version") else { return false };
    match one_behind(version) {
        Some(older) => {
            *version = older;
            true
        }
        None => false,
    }
}

/// `W/"3"` of `W/"4"`.
fn one_behind(tag: &str) -> Option<String> {
    let number: u64 = tag.trim_start_matches("W/").trim_matches('"').parse().ok()?;
    Some(directory::etag(number.saturating_sub(1))).filter(|older| older != tag)
}
