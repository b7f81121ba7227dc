//! Requests to a tenant that is a proxy: read as all others, sent on by whoever asks, and put into words with the answer.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use scim::diff::Line;
use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};
use scim::incoming;
use scim::json::{self, Json, Limits};
use scim::object;
use scim::patch;
use traffic::handled::{Action, AuthStep, Forwarded, Handled, OperationOutcome, Response};

use crate::answer::{Draft, Refused};
use crate::observe::{Observer, Part};
use crate::plan;
use crate::prepare::{Operation, Scene, Setting, Step};
use crate::profile::{Me, Profile};
use crate::provider::Shared;
use crate::request::Request;
use crate::route::Route;
use crate::target::{Segment, Target};
use crate::upstream::Upstream;
use crate::write::{as_record, as_recorded, with_reading};

/// What need not be encoded in a segment of a path (RFC 3986 section 3.3).
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// A request that is to be sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The server that it goes to.
    pub upstream: Arc<Upstream>,
    /// Path and query below that server's base URL, as the client sent them.
    pub below: String,
    /// Names of the header fields that stay here because they carry credentials of the tenant, in lower case.
    pub withheld: Vec<String>,
    /// Whether nothing of the answer may leave before all of it is known.
    pub whole: bool,
}

/// An answer of the server behind a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status code.
    pub status: u16,
    /// Header fields in order, without those of one connection.
    pub headers: Vec<(String, String)>,
    /// The body without content coding, as far as it is kept.
    pub body: Bytes,
    /// What is missing in `body`, or why its content coding is still there.
    pub note: Option<String>,
    /// From the first byte sent on to the last byte of the answer, in microseconds.
    pub elapsed_us: u64,
}

/// Why the server behind a tenant gave no answer that could be passed on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Unreached {
    /// What the client is answered: 502, or 504 if it took too long (RFC 9110 sections 15.6.3 and 15.6.5).
    pub status: u16,
    /// The kind, as RFC 9209 section 2.3 names it: `connection_refused`.
    pub kind: &'static str,
    /// What happened, for people.
    pub detail: String,
    /// From the first byte sent on until it was clear, in microseconds.
    pub elapsed_us: u64,
}

/// What became of a request that was sent on.
#[derive(Debug)]
pub struct Passed {
    /// For the record.
    pub handled: Handled,
    /// Whether the client gets the response in `handled` in place of the bytes that came.
    pub edited: bool,
    /// What is to be read now, because the answer did not show it.
    pub follow_up: Option<Box<FollowUp>>,
}

/// A resource that is to be read at the server behind a tenant: a write was answered without showing it.
pub struct FollowUp {
    shared: Arc<Shared>,
    setting: Setting,
    shape: Arc<scim::schema::Shape>,
    id: String,
    upstream: Arc<Upstream>,
}

/// A request that is read and waits for the answer of the server behind its tenant.
pub(crate) struct Onward {
    setting: Setting,
    upstream: Arc<Upstream>,
    route: Route,
    part: Part,
    /// What a mock would change, to tell which operation is behind a change that was observed.
    expected: Vec<Line>,
    errand: Option<Errand>,
    shared: Arc<Shared>,
}

/// How requests are read that another server answers: everything is understood, nothing is limited.
pub(crate) fn reading_profile() -> Arc<Profile> {
    static READING: LazyLock<Arc<Profile>> = LazyLock::new(|| {
        let name = "proxy".to_owned();
        let tolerant = Profile::preset("tolerant").unwrap_or_default();
        Arc::new(Profile { name, etag: true, me: Me::NotSupported, referential_integrity: false, ..tolerant })
    });
    Arc::clone(&READING)
}

/// The way to the decision about access, where the other server takes it.
pub(crate) fn passed_on() -> AuthStep {
    AuthStep {
        checked: "credentials".into(),
        found: "passed on; the server behind this tenant decides".into(),
        passed: true,
    }
}

/// Reads a request for what it is about and what is odd with it. What the mock would refuse is noted, and goes on all the same.
pub(crate) fn plan(
    shared: &Arc<Shared>,
    request: &Request,
    target: &Target,
    rest: &[Segment],
    route: Route,
    setting: Setting,
    draft: &mut Draft,
) -> Result<Step, Refused> {
    let Some(upstream) = setting.settings.upstream.clone() else {
        return plan::plan(shared, request, target, rest, route, setting, draft);
    };
    if !upstream.credential.is_known() {
        let detail = "Scimscope, not the server behind it, answers this: the credential for that server is not known any \
                      more, because it is not kept in the workspace; give it again in Settings, Tenants";
        return Err(ScimError::plain(502, detail).into());
    }
    let read = plan::plan(shared, request, target, rest, route.clone(), setting.clone(), draft);
    // Whatever the mock would say of it is not said.
    draft.permanent = None;
    draft.extends_errors = None;
    let read = match read {
        Ok(Step::Pending(scene, operation)) => look_deeper(&scene, operation, draft),
        Ok(_) => Ok(Vec::new()),
        Err(refused) => Err(refused.error),
    };
    let expected = read.unwrap_or_else(|error| {
        if error.status == 400 {
            let code = error.scim_type.map_or("http-400", |kind| kind.keyword());
            let message = format!("a mock tenant would refuse this: {}", error.detail);
            draft.findings.push(Finding::new(code, Severity::Warning, error.place, message));
        }
        Vec::new()
    });
    let own = setting.settings.access.own_headers();
    let withheld = match upstream.credential.is_own() {
        true => std::iter::once("authorization").chain(own).map(str::to_ascii_lowercase).collect(),
        false => Vec::new(),
    };
    let below = below(&request.target, rest);
    let part = Part::of(target, request, &route, below.clone());
    let errand = Errand { upstream: Arc::clone(&upstream), below, withheld, whole: upstream.rewrite };
    let shared = Arc::clone(shared);
    Ok(Step::Onward(Box::new(Onward { setting, upstream, route, part, expected, errand: Some(errand), shared })))
}

/// Reads the values of a write as a mock would, against what is known of the resource. Tells what a mock would change.
fn look_deeper(scene: &Scene, operation: Operation, draft: &mut Draft) -> Result<Vec<Line>, ScimError> {
    let root = scene.setting.tenant.directory().root();
    let found = draft.findings.len();
    match operation {
        Operation::Replace(id, body) => {
            let existing = root.get(&id.text).map(|resource| resource.document.to_object());
            let read = with_reading(scene, draft, |reading| incoming::resource(reading, body, existing.as_ref()));
            read.map(|_| Vec::new())
        }
        Operation::Modify(id, operations) => {
            let known = root.get(&id.text);
            let existing = known.map_or_else(
                || object! { "schemas" => vec![Json::from(scene.shape.base.id.as_str())] }.into(),
                |resource| resource.document.to_parts(),
            );
            let applied = with_reading(scene, draft, |reading| patch::apply_to_parts(reading, existing, &operations));
            draft.operations =
                operations.iter().map(|operation| as_record(operation, OperationOutcome::Changed)).collect();
            if known.is_none() {
                // Of a resource that nobody has seen, only the way in which values are written can be told.
                let mut at = 0;
                draft.findings.retain(|finding| {
                    at += 1;
                    at <= found || finding.severity == Severity::Tolerated
                });
                return Ok(Vec::new());
            }
            for outcome in applied.outcomes {
                if let Some(operation) = draft.operations.get_mut(outcome.index) {
                    operation.outcome = as_recorded(outcome.outcome);
                }
            }
            applied.result.map(|_| applied.lines)
        }
        Operation::Read(_) | Operation::Create(_) | Operation::Delete(_) => Ok(Vec::new()),
    }
}

/// What of a request target is below the tenant's base, as it was sent.
fn below(target: &str, rest: &[Segment]) -> String {
    match rest.first() {
        Some(first) => target[first.span.start.saturating_sub(1)..].to_owned(),
        None => target.find('?').map(|at| target[at..].to_owned()).unwrap_or_default(),
    }
}

impl Onward {
    /// Nothing of the answer may leave before all of it is known.
    pub fn want_whole(&mut self) {
        if let Some(errand) = &mut self.errand {
            errand.whole = true;
        }
    }

    /// What is to be sent; nothing if it was taken.
    pub fn take_errand(&mut self) -> Option<Errand> {
        self.errand.take()
    }

    /// Puts an answer into words, and takes what it shows into the directory.
    pub fn answered(self, mut draft: Draft, answered: Answered) -> Passed {
        let Onward { setting, upstream, route, part, expected, shared, .. } = self;
        let Answered { status, mut headers, mut body, note, elapsed_us } = answered;
        if let Some(note) = note {
            draft.findings.push(Finding::new("answer-body", Severity::Warning, Place::Request, note));
        }
        let json = json::parse(&body, Limits::default()).ok();
        let is_json = headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json")
        });
        if json.is_none() && is_json && !body.is_empty() {
            let message = "the answer says that it is JSON, and it is not";
            draft.findings.push(Finding::new("answer-not-json", Severity::Warning, Place::Request, message));
        }
        let mut follow_up = None;
        let is_about_resources = draft.action != Action::Discover && draft.action != Action::Token;
        if is_about_resources {
            let observer =
                Observer { shared: &shared, setting: &setting, route: &route, part: &part, expected: &expected };
            let shown = observer.take_in(status, json.as_ref(), &mut draft);
            let is_write = matches!(draft.action, Action::Create | Action::Replace | Action::Modify);
            if upstream.follow_up && is_write && !shown && (200..300).contains(&status) {
                follow_up = self::follow_up(&shared, &setting, &upstream, &route, &headers).map(Box::new);
            }
        }
        let mut rewritten = false;
        if status >= 400 {
            for operation in &mut draft.operations {
                let why = format!("the server behind the tenant answered {status} to the whole request");
                operation.outcome = OperationOutcome::Refused(why);
            }
        }
        if upstream.rewrite {
            let base = setting.base.trim_end_matches('/');
            rewritten = rewrite(upstream.url.as_str(), base, &mut headers, &mut body, json);
        }
        let to = format!("{}{}", upstream.url.as_str(), part.below);
        let forwarded = Forwarded { to, elapsed_us, answered: true, rewritten };
        let handled = draft.answered(Response { status, headers, body }, forwarded);
        Passed { handled, edited: rewritten, follow_up }
    }

    /// Puts into words that there is no answer.
    pub fn unreached(self, mut draft: Draft, unreached: Unreached) -> Handled {
        let Unreached { status, kind, detail, elapsed_us } = unreached;
        draft.answer_type = crate::negotiate::SCIM_JSON;
        let detail = format!("Scimscope, not the server behind it, answers this: {detail}");
        let proxy_status = format!("scimscope; error={kind}");
        let headers = vec![("Proxy-Status".to_owned(), proxy_status)];
        let to = format!("{}{}", self.upstream.url.as_str(), self.part.below);
        let mut handled = draft.refuse(ScimError::plain(status, detail), headers);
        handled.forwarded = Some(Box::new(Forwarded { to, elapsed_us, answered: false, rewritten: false }));
        handled
    }
}

/// The resource that a write was about, if it can be told.
fn follow_up(
    shared: &Arc<Shared>,
    setting: &Setting,
    upstream: &Arc<Upstream>,
    route: &Route,
    headers: &[(String, String)],
) -> Option<FollowUp> {
    let (shape, id) = match route {
        Route::Resource(shape, id) => (shape, id.text.clone()),
        Route::Type(shape) => {
            let location = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"))?;
            (shape, location.1.trim_end_matches('/').rsplit('/').next()?.to_owned())
        }
        _ => return None,
    };
    let (shared, shape, upstream) = (Arc::clone(shared), Arc::clone(shape), Arc::clone(upstream));
    Some(FollowUp { shared, setting: setting.clone(), shape, id, upstream })
}

impl FollowUp {
    /// What is to be sent, by GET.
    pub fn errand(&self) -> Errand {
        let below = format!("{}/{}", self.shape.resource_type.endpoint, utf8_percent_encode(&self.id, ENCODED));
        Errand { upstream: Arc::clone(&self.upstream), below, withheld: Vec::new(), whole: true }
    }

    /// The request target as a client of the tenant would write it.
    pub fn target(&self) -> String {
        format!("{}{}", self.setting.tenant.base_path(), self.errand().below)
    }

    /// Puts the answer into words. What it shows counts as shown by the answer to the write.
    pub fn answered(self, outcome: Result<Answered, Unreached>) -> Handled {
        let id = Segment { text: self.id.clone(), span: 0..0 };
        let mut draft = Draft { tenant: Some(self.setting.tenant.id().to_owned()), ..Draft::default() };
        draft.action = Action::Read;
        draft.subject.resource_type = Some(self.shape.resource_type.name.clone());
        draft.subject.resource_id = Some(self.id.clone());
        let message = "Scimscope read this because the answer to a write did not show it";
        draft.findings.push(Finding::new("follow-up", Severity::Info, Place::Request, message));
        let below = self.errand().below;
        let onward = Onward {
            upstream: Arc::new(Upstream { follow_up: false, ..Upstream::clone(&self.upstream) }),
            route: Route::Resource(Arc::clone(&self.shape), id),
            part: Part::whole(below),
            expected: Vec::new(),
            errand: None,
            shared: self.shared,
            setting: self.setting,
        };
        match outcome {
            Ok(answered) => onward.answered(draft, answered).handled,
            Err(unreached) => onward.unreached(draft, unreached),
        }
    }
}

impl std::fmt::Debug for FollowUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FollowUp").field("errand", &self.errand()).finish_non_exhaustive()
    }
}

/// Puts the tenant's base URL in the place of the other server's, in header fields and in the members of the body that hold URLs
/// of resources. Tells whether anything changed.
fn rewrite(from: &str, to: &str, headers: &mut [(String, String)], body: &mut Bytes, json: Option<Json>) -> bool {
    let moved = |url: &str| {
        let rest = url.strip_prefix(from).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))?;
        Some(format!("{to}{rest}"))
    };
    let mut changed = false;
    for (name, value) in headers.iter_mut() {
        if ["location", "content-location"].iter().any(|have| name.eq_ignore_ascii_case(have))
            && let Some(new) = moved(value)
        {
            *value = new;
            changed = true;
        }
    }
    let Some(mut json) = json else { return changed };
    let mut in_body = false;
    visit(&mut json, &mut |name, text| {
        if let Some(new) = moved(text).filter(|_| name == "$ref" || name == "location") {
            *text = new;
            in_body = true;
        }
    });
    if in_body {
        *body = Bytes::from(json.to_text());
    }
    changed || in_body
}

/// Shows every text of a tree with the name of the member that holds it.
fn visit(json: &mut Json, look: &mut dyn FnMut(&str, &mut String)) {
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| visit(item, look)),
        Json::Object(members) => {
            for (name, value) in members.iter_mut() {
                match value {
                    Json::String(text) => look(name, text),
                    other => visit(other, look),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_below_the_other_server_are_rewritten_and_only_where_urls_of_resources_stand() {
        let mut headers = vec![("Location".to_owned(), "https://app.example.com/scim/Users/1".to_owned())];
        let text = r#"{"meta":{"location":"https://app.example.com/scim/Users/1"},"profileUrl":"https://app.example.com/scim/x",
            "groups":[{"$ref":"https://app.example.com/scim/Groups/2"},{"$ref":"https://app.example.com/scimother/Groups/3"}]}"#;
        let mut body = Bytes::from_static(text.as_bytes());
        let json = json::parse(&body, Limits::default()).ok();
        assert!(rewrite("https://app.example.com/scim", "http://127.0.0.1:1/scim/v2", &mut headers, &mut body, json));
        assert_eq!(headers[0].1, "http://127.0.0.1:1/scim/v2/Users/1");
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(r#""location":"http://127.0.0.1:1/scim/v2/Users/1""#), "{body}");
        assert!(body.contains(r#""profileUrl":"https://app.example.com/scim/x""#), "{body}");
        assert!(body.contains(r#""$ref":"http://127.0.0.1:1/scim/v2/Groups/2""#), "{body}");
        assert!(body.contains(r#""$ref":"https://app.example.com/scimother/Groups/3""#), "{body}");
    }
}
