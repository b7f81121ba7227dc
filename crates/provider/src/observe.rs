//! What answers of another server show of its resources, taken into the directory of the proxy in front of it.
//!
//! A resource is kept as the schemas of the tenant have it, under the id that the other server gave it. Its `meta` is ours: when
//! it was seen. What only the server may write, beside the id, is left out; references the other way are made here.

use std::sync::Arc;

use directory::{Delta, Fault, Resource, Transaction};
use scim::diff::{Line, diff};
use scim::document::Document;
use scim::finding::{Finding, Place, Severity};
use scim::incoming;
use scim::json::{Json, Object};
use scim::leniency::{Leniency, Reading};
use scim::schema::Shape;
use traffic::change::Cause;
use traffic::handled::Action;

use crate::answer::Draft;
use crate::plan::parse_body;
use crate::prepare::Setting;
use crate::provider::Shared;
use crate::request::Request;
use crate::route::Route;
use crate::target::Target;
use crate::write;

/// Resources of one answer that are looked at.
const MOST: usize = 2_000;

/// Which part of its resources an answer was asked for.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// Path and query below the base URL.
    pub below: String,
    /// What `attributes` names; absent for all.
    wanted: Option<Vec<String>>,
    /// What `excludedAttributes` names.
    unwanted: Vec<String>,
}

/// Takes in what one answer shows.
pub(crate) struct Observer<'a> {
    pub shared: &'a Shared,
    pub setting: &'a Setting,
    pub route: &'a Route,
    pub part: &'a Part,
    /// What a mock would change.
    pub expected: &'a [Line],
}

/// What an answer shows of one resource.
enum Sight {
    Is(Arc<Shape>, String, Object),
    Gone(String),
}

impl Part {
    /// What a request asks for.
    pub fn of(target: &Target, request: &Request, route: &Route, below: String) -> Part {
        let in_body = match route {
            Route::Search(_) => parse_body(request).ok(),
            _ => None,
        };
        let names = |name: &str| -> Option<Vec<String>> {
            if let Some(body) = in_body.as_ref().and_then(Json::as_object) {
                return match body.get_ignoring_case(name)?.1 {
                    Json::Array(items) => Some(items.iter().filter_map(Json::as_str).map(top).collect()),
                    Json::String(text) => Some(text.split(',').map(top).collect()),
                    _ => None,
                };
            }
            let said = target.parameter(name).ok().flatten()?;
            Some(said.text.split(',').map(top).collect())
        };
        Part { below, wanted: names("attributes"), unwanted: names("excludedAttributes").unwrap_or_default() }
    }

    /// All of it.
    pub fn whole(below: String) -> Part {
        Part { below, ..Part::default() }
    }

    fn is_whole(&self) -> bool {
        self.wanted.is_none() && self.unwanted.is_empty()
    }

    /// Whether a member at the top of a resource is told by the answer as a whole.
    fn tells(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let touches = |path: &String| *path == name || path.split(['.', ':']).next() == Some(&name);
        match &self.wanted {
            // Of an extension or an attribute of which a part is asked for, the rest is not known.
            Some(wanted) => wanted.contains(&name),
            None if name.starts_with("urn:") => !self.unwanted.iter().any(|path| path.starts_with(&name)),
            None => !self.unwanted.iter().any(touches),
        }
    }
}

fn top(path: &str) -> String {
    path.trim().to_ascii_lowercase()
}

impl Observer<'_> {
    /// Takes in an answer. Tells whether it shows a resource.
    pub fn take_in(&self, status: u16, body: Option<&Json>, draft: &mut Draft) -> bool {
        let body = body.and_then(Json::as_object);
        let mut sights = Vec::new();
        if (200..300).contains(&status) {
            self.look(body, draft, &mut sights);
        }
        let shows = sights.iter().any(|sight| matches!(sight, Sight::Is(..)));
        if let Route::Resource(_, id) = self.route {
            let is_gone = draft.action == Action::Delete && (200..300).contains(&status)
                || draft.action == Action::Read && matches!(status, 404 | 410);
            if is_gone {
                sights.push(Sight::Gone(id.text.clone()));
            }
        }
        if let (Some(Sight::Is(shape, id, object)), true) = (sights.first(), draft.action != Action::List) {
            draft.subject.resource_type.get_or_insert_with(|| shape.resource_type.name.clone());
            draft.subject.resource_id.get_or_insert_with(|| id.clone());
            let names = ["displayName", "userName"].into_iter().filter_map(|name| object.get(name)?.as_str());
            draft.subject.display = names.map(str::to_owned).next().or(draft.subject.display.take());
        }
        if !sights.is_empty() {
            self.keep(sights);
        }
        shows
    }

    fn look(&self, body: Option<&Object>, draft: &mut Draft, sights: &mut Vec<Sight>) {
        let Some(body) = body else { return };
        match (self.route, body.get("Resources"), body.get("Operations")) {
            (Route::Bulk, _, Some(Json::Array(operations))) => {
                for operation in operations.iter().take(MOST).filter_map(Json::as_object) {
                    self.look_at_operation(operation, draft, sights);
                }
            }
            (_, Some(Json::Array(items)), _) => {
                draft.subject.total_results = number(body.get("totalResults"));
                for item in items.iter().take(MOST).filter_map(Json::as_object) {
                    sights.extend(self.sight(item, draft));
                }
            }
            _ if body.get("totalResults").is_some() => draft.subject.total_results = number(body.get("totalResults")),
            _ => sights.extend(self.sight(body, draft)),
        }
    }

    fn look_at_operation(&self, operation: &Object, draft: &mut Draft, sights: &mut Vec<Sight>) {
        let status = match operation.get("status") {
            Some(Json::Object(status)) => status.get("code").and_then(Json::as_str),
            other => other.and_then(Json::as_str),
        };
        if !status.is_some_and(|status| status.starts_with('2')) {
            return;
        }
        let text = |name: &str| operation.get(name).and_then(Json::as_str);
        match (text("method"), text("location"), operation.get("response")) {
            (Some("DELETE"), Some(location), _) => {
                sights.extend(location.rsplit('/').next().map(|id| Sight::Gone(id.to_owned())));
            }
            (_, _, Some(Json::Object(response))) => sights.extend(self.sight(response, draft)),
            _ => {}
        }
    }

    /// What a body of the other server says of a resource; nothing if it is none that the schemas know.
    fn sight(&self, body: &Object, draft: &mut Draft) -> Option<Sight> {
        let id = body.get("id")?.as_str().filter(|id| !id.is_empty())?;
        let shape = self.shape_of(body)?;
        let mut whole = match self.part.is_whole() {
            true => body.clone(),
            false => self.completed(id, body)?,
        };
        if whole.get("schemas").is_none() {
            whole.insert("schemas", vec![Json::from(shape.base.id.as_str())]);
        }
        // What the client did not ask for, and what its schemas do not know, is no deviation of the client.
        let mut reading = Reading::new(&shape, Leniency::TOLERANT);
        match incoming::resource(&mut reading, Json::Object(whole), None) {
            Ok(object) => Some(Sight::Is(Arc::clone(&shape), id.to_owned(), object)),
            Err(error) => {
                let code = "answer-not-understood";
                if !draft.findings.iter().any(|finding| finding.code == code) {
                    let message = format!(
                        "the answer shows no {} as the schemas have it, so the directory does not show it: {}",
                        shape.resource_type.name, error.detail
                    );
                    draft.findings.push(Finding::new(code, Severity::Warning, Place::Request, message));
                }
                None
            }
        }
    }

    /// A part of a resource with what is known of the rest; nothing if nothing is known.
    fn completed(&self, id: &str, body: &Object) -> Option<Object> {
        let root = self.setting.tenant.directory().root();
        let known = root.get(id).map(|resource| resource.document.to_object());
        if known.is_none() && self.part.wanted.is_some() {
            return None;
        }
        let mut whole = known.unwrap_or_default();
        whole.retain(|name, _| !self.part.tells(name) || name == "schemas");
        for (name, value) in body.iter() {
            if self.part.tells(name) || whole.get(name).is_none() {
                whole.insert(name, value.clone());
            }
        }
        Some(whole)
    }

    fn shape_of(&self, body: &Object) -> Option<Arc<Shape>> {
        let registry = self.setting.tenant.registry();
        let named = body.get("meta").and_then(|meta| meta.pointer("/resourceType")).and_then(Json::as_str);
        if let Some(shape) = named.and_then(|name| registry.shape_named(name)) {
            return Some(Arc::clone(shape));
        }
        let says = |shape: &&Arc<Shape>| {
            let urns = body.get("schemas").and_then(Json::as_array).unwrap_or_default();
            urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(&shape.base.id)))
        };
        if let Some(shape) = registry.shapes().iter().find(says) {
            return Some(Arc::clone(shape));
        }
        match self.route {
            Route::Type(shape) | Route::Resource(shape, _) | Route::Search(Some(shape)) => Some(Arc::clone(shape)),
            _ => None,
        }
    }

    fn keep(&self, sights: Vec<Sight>) {
        let (tenant, now) = (&self.setting.tenant, self.shared.clock.now());
        // A tenant that was deleted meanwhile observes nothing more.
        let Ok(mut transaction) = tenant.begin() else { return };
        for sight in sights {
            match sight {
                Sight::Gone(id) => {
                    let _ = transaction.delete(&id, now);
                }
                Sight::Is(shape, id, object) => {
                    let of_type = &shape.resource_type.name;
                    let put = |transaction: &mut Transaction<'_>| match transaction.get(&id) {
                        Some(_) => transaction.replace(&id, object.clone(), now).map(drop),
                        None => transaction.create(of_type, &id, object.clone(), now).map(drop),
                    };
                    let Err(Fault::Conflict(conflict)) = put(&mut transaction) else { continue };
                    // The other server keeps what is unique unique: who had the value before has gone, or has another one now.
                    if transaction.delete(&conflict.id, now).is_ok() {
                        let _ = put(&mut transaction);
                    }
                }
            }
        }
        let changes = transaction.changes();
        if changes.is_empty() {
            return;
        }
        let own = match self.route {
            Route::Resource(_, id) if !self.expected.is_empty() => {
                let own =
                    changes.iter().find(|delta| delta.resource().is_some_and(|resource| resource.id() == id.text));
                own.map(|delta| (id.text.as_str(), self.attributed(delta)))
            }
            _ => None,
        };
        write::commit_as(transaction, self.shared, tenant, Cause::Observed(self.setting.seq), own);
    }
}

impl Observer<'_> {
    /// What is different in a resource, with the operation that asked for it where a mock would have done the same.
    fn attributed(&self, delta: &Delta) -> Vec<Line> {
        let value = |state: &Option<Arc<Resource>>| state.as_ref().map(|state| Arc::clone(&state.document));
        let (before, after) = (value(&delta.before), value(&delta.after));
        let Some(resource) = delta.resource() else { return Vec::new() };
        let mut lines =
            diff(&resource.shape, before.as_deref().map(Document::value), after.as_deref().map(Document::value));
        for line in &mut lines {
            let same = |one: &&Line| one.path == line.path && one.after == line.after;
            line.operation = self.expected.iter().find(same).and_then(|one| one.operation);
        }
        lines
    }
}

fn number(value: Option<&Json>) -> Option<u64> {
    match value? {
        Json::Number(number) => number.text().parse().ok(),
        _ => None,
    }
}
