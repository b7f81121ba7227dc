//! The directory before and after what is written into a fixture.

use std::sync::Arc;

use directory::{Resource, Root};
use formats::redact::Redactor;
use provider::Tenant;
use scim::json::Json;
use traffic::exchange::Exchange;
use traffic::ids::{ConnectionId, Seq};

use super::import::TAG;
use crate::control::Control;
use crate::past::At;

/// So many resources are written; a fixture is to be read by people.
const MOST: usize = 20_000;

/// What the exchanges that are written tell of the directory that they were about.
#[derive(Debug, Default)]
pub(crate) struct Spanned {
    first: Option<Seq>,
    last: Option<Seq>,
    /// The revision that the first exchange made, if it made one.
    first_made: Option<u64>,
    tenants: Vec<String>,
    /// Whether some were taken over from a file, and happened in a directory that is nobody's.
    foreign: bool,
}

/// The resources before and after.
#[derive(Debug)]
pub(crate) struct States {
    pub(crate) initial: Vec<Json>,
    pub(crate) expected: Vec<Json>,
}

impl States {
    /// Without what has to go.
    pub(crate) fn redacted(self, redactor: &mut Redactor) -> States {
        let States { initial, expected } = self;
        let mut all = |resources: Vec<Json>| resources.iter().map(|resource| redactor.resource(resource)).collect();
        States { initial: all(initial), expected: all(expected) }
    }
}

impl Spanned {
    /// Takes one more in, by their numbers.
    pub(crate) fn take(&mut self, exchange: &Exchange) {
        if self.first.is_none() {
            self.first = Some(exchange.seq);
            self.first_made = exchange.committed.as_ref().map(|commit| commit.revision.0);
        }
        self.last = Some(exchange.seq);
        let is_imported = exchange.opened.connection.id == ConnectionId::IMPORTED;
        self.foreign |= is_imported && exchange.marks.iter().any(|marks| marks.tags.iter().any(|tag| tag == TAG));
        if let Some(tenant) = exchange.outcome().and_then(|handled| handled.tenant.as_ref())
            && !self.tenants.contains(tenant)
        {
            self.tenants.push(tenant.clone());
        }
    }

    /// The states, or why there are none.
    pub(crate) fn states(&self, control: &Control) -> Result<States, String> {
        let (Some(first), Some(last)) = (self.first, self.last) else {
            return Err("there are no exchanges".to_owned());
        };
        if self.foreign {
            return Err(
                "some exchanges were taken over from a file and happened in no directory of this server".to_owned()
            );
        }
        let [id] = self.tenants.as_slice() else {
            return Err(format!(
                "the exchanges are about {} tenants; a fixture has the state of one",
                self.tenants.len()
            ));
        };
        let tenants = control.provider().tenants();
        let tenant = tenants.iter().find(|tenant| tenant.id() == id).ok_or("the tenant is not there any more")?;
        let initial = match (first, self.first_made) {
            (_, Some(made)) => At::Revision(made.saturating_sub(1)),
            (Seq(1), None) => At::After(first),
            (Seq(later), None) => At::After(Seq(later - 1)),
        };
        Ok(States {
            initial: self.state(control, tenant, initial)?,
            expected: self.state(control, tenant, At::After(last))?,
        })
    }

    fn state(&self, control: &Control, tenant: &Tenant, at: At) -> Result<Vec<Json>, String> {
        let root: Arc<Root> = control.root_at(tenant, at).map_err(|error| error.to_string())?;
        if root.len() > MOST {
            return Err(format!("the directory has {} resources; a fixture has at most {MOST}", root.len()));
        }
        Ok(root.resources().map(|resource| told(resource)).collect())
    }
}

/// What is different between what is there and what is to be there, for people; nothing if nothing is. What no two runs have
/// alike does not count: times, versions and locations.
pub(crate) fn difference(there: &Root, expected: &[Json]) -> Option<String> {
    let mut different = Vec::new();
    let id_of = |resource: &Json| resource.pointer("/id").and_then(Json::as_str).unwrap_or_default().to_owned();
    for resource in expected {
        let id = id_of(resource);
        match there.get(&id) {
            None => different.push(format!("{} is missing", named(resource))),
            Some(found) => {
                let found = told(found);
                if comparable(&found) != comparable(resource) {
                    different.push(format!("{} is otherwise", named(resource)));
                }
            }
        }
    }
    let ids: std::collections::HashSet<String> = expected.iter().map(id_of).collect();
    for resource in there.resources().filter(|resource| !ids.contains(resource.id())) {
        different.push(format!("{} {:?} is too much", resource.resource_type(), resource.display()));
    }
    if different.is_empty() {
        return None;
    }
    let (count, first) = (different.len(), different.iter().take(5).cloned().collect::<Vec<_>>().join("; "));
    let more = if count > 5 { format!("; and {} more", count - 5) } else { String::new() };
    Some(format!("the directory ends otherwise than the fixture says: {first}{more}"))
}

/// A resource without what no answer ever has (`returned` is `never`, RFC 7643 section 4.1.1).
fn told(resource: &Resource) -> Json {
    let mut object = resource.document.to_parts().into_object();
    object.remove("password");
    Json::Object(object)
}

fn named(resource: &Json) -> String {
    let text = |pointer: &str| resource.pointer(pointer).and_then(Json::as_str);
    let kind = text("/meta/resourceType").unwrap_or("resource");
    let name = text("/displayName").or(text("/userName")).or(text("/id")).unwrap_or_default();
    format!("{kind} {name:?}")
}

/// A resource without what no two runs have alike, lists as sets.
fn comparable(json: &Json) -> Json {
    match json {
        Json::Object(object) => {
            let mut members: Vec<(String, Json)> = object
                .iter()
                .filter(|(name, _)| !matches!(*name, "meta" | "$ref"))
                .map(|(name, value)| (name.to_owned(), comparable(value)))
                .collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Json::Object(members.into_iter().collect())
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(comparable).collect();
            items.sort_by_key(Json::to_text);
            Json::Array(items)
        }
        other => other.clone(),
    }
}
