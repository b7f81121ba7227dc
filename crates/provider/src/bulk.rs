//! Many requests in one (RFC 7644 section 3.7).
//!
//! Operations are carried out in the order in which they stand; each one takes effect wholly or not at all, and keeps its
//! effect when a later one fails. Resources that are to be created get their ids before the first operation is carried out,
//! so that `bulkId:` can name one that comes later, or two can name each other.

mod names;
mod read;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::message;
use scim::object;
use scim::projection::Selection;
use traffic::handled::{Operation as Recorded, OperationOutcome};

use crate::answer::{Answer, Draft, Refused};
use crate::plan::read_write;
use crate::prepare::{Operation, Scene, Setting, carry_out};
use crate::provider::Shared;
use crate::route::Route;
use crate::target::{Segment, Target};

use names::Names;

/// A bulk request that is read.
pub(crate) struct Bulk {
    operations: Vec<Item>,
    /// After so many errors the rest is left alone.
    fail_on_errors: Option<u64>,
}

/// One operation of it, as far as it could be read.
struct Item {
    method: String,
    path: String,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Option<Json>,
    /// Why it cannot be carried out.
    problem: Option<ScimError>,
}

/// Where an operation leads.
struct Lead {
    scene: Scene,
    id: Option<Segment>,
}

impl Bulk {
    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.operations.len()
    }

    /// Carries them out.
    pub fn execute(self, shared: &Shared, setting: &Arc<Setting>, draft: &mut Draft) -> Answer {
        let names = Names::promise(shared, &setting.tenant.directory().root(), &self.operations);
        let promised: Arc<HashSet<String>> = Arc::new(names.ids());
        let mut run = Run { shared, setting, names, promised, errors: 0 };
        let mut results = Vec::with_capacity(self.operations.len());
        let mut reached = 0;
        let total = self.operations.len();
        for (index, item) in self.operations.into_iter().enumerate() {
            if self.fail_on_errors.is_some_and(|most| run.errors >= most) {
                break;
            }
            reached = index + 1;
            results.push(run.one(index, item, draft));
        }
        if reached < total {
            let message = format!(
                "the last {} operations were not carried out: failOnErrors is {}",
                total - reached,
                self.fail_on_errors.unwrap_or_default()
            );
            let place = Place::Body(format!("/Operations/{reached}"));
            draft.findings.push(Finding::new("bulk-stopped", Severity::Warning, place, message));
        }
        run.names.note_dangling(draft);
        Answer::json(
            200,
            Json::Object(object! {
                "schemas" => vec![Json::from(message::BULK_RESPONSE)],
                "Operations" => results,
            }),
        )
    }
}

struct Run<'a> {
    shared: &'a Shared,
    setting: &'a Arc<Setting>,
    names: Names,
    promised: Arc<HashSet<String>>,
    errors: u64,
}

impl Run<'_> {
    /// Carries one operation out, and says what came of it in the form of the response.
    fn one(&mut self, index: usize, item: Item, draft: &mut Draft) -> Json {
        let (method, path, bulk_id) = (item.method.clone(), item.path.clone(), item.bulk_id.clone());
        let mut own = Draft::default();
        let mut location = None;
        let decision = self.carry_out(index, item, &mut own, &mut location);
        let mut result = Object::new();
        result.insert("method", method.as_str());
        if let Some(bulk_id) = &bulk_id {
            result.insert("bulkId", bulk_id.as_str());
        }
        let outcome = match decision {
            Ok(answer) => {
                let header =
                    |name: &str| answer.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone());
                if let Some(version) = header("ETag") {
                    result.insert("version", version);
                }
                if let Some(location) = header("Location").or(location) {
                    result.insert("location", location);
                }
                result.insert("status", answer.status.to_string());
                self.names.made(index);
                OperationOutcome::Changed
            }
            Err(refused) => {
                self.errors += 1;
                let error = refused.error;
                if let Some(location) = location {
                    result.insert("location", location);
                }
                result.insert("status", error.status.to_string());
                result.insert("response", message::error_body(&error));
                self.names.failed(index);
                let code =
                    error.scim_type.map_or_else(|| format!("http-{}", error.status), |kind| kind.keyword().to_owned());
                own.findings.push(Finding::new(&code, Severity::Error, error.place, error.detail.clone()));
                OperationOutcome::Refused(error.detail)
            }
        };
        let recorded = Recorded { index, op: method, path: Some(path), outcome };
        draft.operations.push(recorded);
        draft.would_have_changed.extend(own.would_have_changed);
        for mut finding in own.findings {
            finding.place = rebased(finding.place, index);
            draft.findings.push(finding);
        }
        Json::Object(result)
    }

    fn carry_out(
        &mut self,
        index: usize,
        item: Item,
        own: &mut Draft,
        location: &mut Option<String>,
    ) -> Result<Answer, Refused> {
        if let Some(problem) = item.problem {
            return Err(problem.into());
        }
        if let Some(bulk_id) =
            item.bulk_id.as_ref().filter(|bulk_id| item.method == "POST" && !self.names.owns(index, bulk_id))
        {
            let detail = format!("the bulkId {bulk_id:?} belongs to an operation before this one; give each its own");
            return Err(ScimError::bad_request(ScimType::InvalidValue, Place::Request, detail).into());
        }
        let path = self.names.resolve_path(&item.path)?;
        let Lead { scene, id } = self.lead(&item.method, &path, item.version)?;
        if let Some(id) = &id {
            *location = Some(format!("{}{}/{}", self.setting.base, scene.shape.resource_type.endpoint, id.text));
        }
        let data = match item.data {
            Some(mut data) => {
                self.names.resolve(&mut data)?;
                Some(data)
            }
            None => None,
        };
        let body = || {
            data.ok_or_else(|| {
                let detail = format!("{} needs data", item.method);
                ScimError::bad_request(ScimType::InvalidValue, Place::Body(String::new()), detail)
            })
        };
        let mut operation = read_write(&scene, &item.method, id, body, own)?;
        if let (Operation::Create(creation), Some(bulk_id)) = (&mut operation, &item.bulk_id) {
            creation.id = self.names.id_of(bulk_id);
        }
        carry_out(self.shared, &scene, operation, own)
    }

    fn lead(&self, method: &str, path: &str, version: Option<String>) -> Result<Lead, ScimError> {
        let at_path = |error: ScimError| ScimError { place: Place::Target(0..0), ..error };
        let below = path.strip_prefix(self.setting.base.as_str()).unwrap_or(path);
        let target = Target::parse(below).map_err(at_path)?;
        let route = Route::of(self.setting.tenant.registry(), &target.segments);
        let profile = &self.setting.profile;
        let methods = route.methods(profile);
        if matches!(route, Route::Type(_) | Route::Resource(..)) && route.is_switched_off(method, profile) {
            let detail = format!("{method} is not supported here by the profile {}", profile.name);
            return Err(at_path(ScimError::plain(501, detail)));
        }
        let (shape, id) = match route {
            Route::Type(shape) if method == "POST" => (shape, None),
            Route::Resource(shape, id) if method != "POST" => (shape, Some(id)),
            Route::Nowhere => {
                let detail = format!("{path:?} leads nowhere; a POST names an endpoint, the other methods a resource");
                return Err(at_path(ScimError::plain(404, detail)));
            }
            _ => {
                let allowed: Vec<&str> = methods.into_iter().filter(|method| read::METHODS.contains(method)).collect();
                let detail = match allowed.as_slice() {
                    [] => format!("{path:?} is nothing that a bulk request can be about"),
                    allowed => format!("{method} makes no sense for {path:?}; allowed are {}", allowed.join(", ")),
                };
                return Err(at_path(ScimError::plain(405, detail)));
            }
        };
        let scene = Scene {
            setting: Arc::clone(self.setting),
            shape,
            selection: Selection::all(),
            selects: false,
            if_match: version.filter(|_| profile.etag),
            if_none_match: None,
            promised: Arc::clone(&self.promised),
        };
        Ok(Lead { scene, id })
    }
}

/// The place in the bulk request of what an operation's own reading found.
fn rebased(place: Place, index: usize) -> Place {
    let here = format!("/Operations/{index}");
    Place::Body(match place {
        Place::Body(pointer) => format!("{here}/data{pointer}"),
        Place::Target(_) => format!("{here}/path"),
        Place::Header(_) => format!("{here}/version"),
        Place::Request => here,
    })
}

/// By `bulkId`, the number of the operation that creates the resource.
type Creations = HashMap<String, usize>;
