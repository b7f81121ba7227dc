//! Where the values of requests come from: followed from recorded answers into later requests.

use std::collections::{HashMap, HashSet};

use scim::json::{self, Json, Limits};
use serde::{Deserialize, Serialize};

use crate::recording::{Recorded, Reply};
use crate::texts::{below_base, last_segment, may_stand, rewrite, strings};

/// What sort of value it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueSort {
    /// The id of a resource.
    Id,
    /// An `externalId` that the server told first.
    ExternalId,
    /// A version, as an entity tag.
    Version,
    /// A place in a list.
    Cursor,
    /// A time that the server told.
    Time,
}

/// A value of an answer that is in a later request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// The step whose answer has the value, from 0.
    pub from_step: usize,
    /// Where in that answer: a JSON Pointer into the body, or `header Location`. Of a URL, its last segment.
    pub from_place: String,
    /// The step whose request has the value, from 0.
    pub to_step: usize,
    /// Where in that request: `path`, `query filter`, `header If-Match`, or `body` and a JSON Pointer.
    pub to_place: String,
    /// The recorded value.
    pub value: String,
    /// What sort of value it is.
    pub sort: ValueSort,
}

/// A change of a binding by a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
pub enum BindingEdit {
    /// The recorded value is sent as it is.
    Keep {
        /// The step.
        step: usize,
        /// The place in its request.
        place: String,
        /// The recorded value.
        value: String,
    },
    /// Another value is sent.
    Set {
        /// The step.
        step: usize,
        /// The place in its request.
        place: String,
        /// The recorded value.
        value: String,
        /// What is sent instead.
        with: String,
    },
    /// The value of another answer is sent.
    Bind(Binding),
}

struct Produced {
    sort: ValueSort,
    first: (usize, String),
    last: (usize, String),
}

/// Follows values, step by step in their order. Its size grows with the number of distinct values.
#[derive(Default)]
pub(crate) struct Follower {
    produced: HashMap<String, Produced>,
    /// Where versions of a resource came from last, by its id: many resources have versions of the same name.
    versions: HashMap<(String, String), (usize, String)>,
    sent: HashSet<String>,
}

impl Follower {
    /// The bindings of a step; then its own answer is taken in.
    pub fn step(&mut self, index: usize, step: &Recorded) -> Vec<Binding> {
        let mut found: Vec<Binding> = Vec::new();
        let mut sent = Vec::new();
        let resource = resource(&step.call.path);
        rewrite(&step.call, &mut |place, piece| {
            if place.ends_with("/externalId") || place == "query filter" {
                sent.push(piece.to_owned());
            }
            // A URL below the base is looked at part by part, with the name of this place.
            if below_base(piece, &step.base_path).is_some() {
                return None;
            }
            let produced = self.produced.get(piece).filter(|_| may_stand(place, piece))?;
            let fits_query =
                !place.starts_with("query ") || place != "query cursor" || produced.sort == ValueSort::Cursor;
            let fits_header = !place.starts_with("header ") || produced.sort == ValueSort::Version;
            if !fits_query || !fits_header {
                return None;
            }
            let changes = matches!(produced.sort, ValueSort::Version | ValueSort::Cursor | ValueSort::Time);
            let own = place.starts_with("header ").then(|| (resource.to_owned(), piece.to_owned()));
            let own = own.and_then(|own| self.versions.get(&own));
            let (from_step, from_place) = own.unwrap_or(if changes { &produced.last } else { &produced.first });
            let binding = Binding {
                from_step: *from_step,
                from_place: from_place.clone(),
                to_step: index,
                to_place: place.to_owned(),
                value: piece.to_owned(),
                sort: produced.sort,
            };
            if !found.contains(&binding) {
                found.push(binding);
            }
            None
        });
        self.sent.extend(sent);
        // Ids of schemas and resource types are the same everywhere.
        let discovers = ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"];
        let discovers = discovers.iter().any(|endpoint| step.call.path.starts_with(endpoint));
        if let Some(reply) = step.reply().filter(|reply| !discovers && (200..300).contains(&reply.status)) {
            self.take_in(index, resource, reply);
        }
        found
    }

    /// Takes in the answer to a request about a resource, or about an endpoint.
    fn take_in(&mut self, index: usize, resource: &str, reply: &Reply) {
        let located = reply.header("location").and_then(last_segment).unwrap_or(resource);
        if let Some(tag) = reply.header("etag") {
            self.versions.insert((located.to_owned(), tag.to_owned()), (index, "header ETag".to_owned()));
        }
        let mut versions = Vec::new();
        let mut take = |sort: ValueSort, place: &str, value: &str| {
            if value.is_empty() || sort == ValueSort::ExternalId && self.sent.contains(value) {
                return;
            }
            let here = (index, place.to_owned());
            match self.produced.get_mut(value) {
                Some(produced) => produced.last = here,
                None => {
                    let produced = Produced { sort, first: here.clone(), last: here };
                    self.produced.insert(value.to_owned(), produced);
                }
            }
        };
        if let Ok(mut body) = json::parse(&reply.body, Limits::default()) {
            strings(&mut body, &mut String::new(), &mut |at, text| {
                if let Some((sort, value)) = sort_of(at, text) {
                    take(sort, at, value);
                    if sort == ValueSort::Version {
                        versions.push((at.to_owned(), value.to_owned()));
                    }
                }
                None
            });
            for (at, version) in versions {
                let own = at.strip_suffix("/meta/version").and_then(|at| body.pointer(&format!("{at}/id"))?.as_str());
                self.versions.insert((own.unwrap_or(located).to_owned(), version), (index, at));
            }
        }
        if let Some(tag) = reply.header("etag") {
            take(ValueSort::Version, "header ETag", tag);
        }
        if let Some(id) = reply.header("location").and_then(last_segment) {
            take(ValueSort::Id, "header Location", id);
        }
    }
}

/// What a path names last: the id of a resource, if it names one.
pub(crate) fn resource(path: &str) -> &str {
    path.split('?').next().unwrap_or_default().trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// What sort of value a string of a body is, if it is one that only the server can know.
fn sort_of<'a>(at: &str, text: &'a str) -> Option<(ValueSort, &'a str)> {
    let mut names = at.rsplit('/');
    let (name, above) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let around = names.next().unwrap_or_default();
    match name {
        "id" => Some((ValueSort::Id, text)),
        "value" if above == "manager" || ["members", "groups"].contains(&around) => Some((ValueSort::Id, text)),
        "$ref" | "location" => Some((ValueSort::Id, last_segment(text)?)),
        "version" => Some((ValueSort::Version, text)),
        "nextCursor" | "previousCursor" => Some((ValueSort::Cursor, text)),
        "created" | "lastModified" if above == "meta" => Some((ValueSort::Time, text)),
        "externalId" => Some((ValueSort::ExternalId, text)),
        _ => None,
    }
}

/// The value at a place of an answer, as the binding means it.
pub(crate) fn value_at(place: &str, reply: &Reply, body: Option<&Json>) -> Option<String> {
    let text = match place.strip_prefix("header ") {
        Some(name) => reply.header(name)?,
        None => body?.pointer(place)?.as_str()?,
    };
    let is_url = ["/$ref", "/location", "header Location"].iter().any(|end| place.ends_with(end));
    if is_url { last_segment(text).map(str::to_owned) } else { Some(text.to_owned()) }
}

/// Bindings as people changed them: what is taken from answers, and what is sent instead of what.
pub(crate) fn edited(mut bindings: Vec<Binding>, edits: &[BindingEdit]) -> (Vec<Binding>, Fixed) {
    let mut fixed = Fixed::new();
    for edit in edits {
        let (step, place, value) = match edit {
            BindingEdit::Keep { step, place, value } | BindingEdit::Set { step, place, value, .. } => {
                (*step, place, value)
            }
            BindingEdit::Bind(binding) => (binding.to_step, &binding.to_place, &binding.value),
        };
        bindings.retain(|have| (have.to_step, &have.to_place, &have.value) != (step, place, value));
        match edit {
            BindingEdit::Keep { .. } => {}
            BindingEdit::Set { with, .. } => {
                fixed.insert((step, place.clone(), value.clone()), with.clone());
            }
            BindingEdit::Bind(binding) => bindings.push(binding.clone()),
        }
    }
    (bindings, fixed)
}

/// What is sent instead of a value: by step, place and recorded value.
pub(crate) type Fixed = HashMap<(usize, String, String), String>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Call, Measure};

    fn step(path: &str, body: &str, status: u16, answer: &str) -> Recorded {
        let reply = Reply { status, headers: Vec::new(), body: answer.to_owned().into() };
        Recorded {
            label: String::new(),
            seq: None,
            offset_us: None,
            elapsed_us: None,
            base_path: "/scim/v2".into(),
            call: Call { method: "POST".into(), path: path.into(), headers: Vec::new(), body: body.to_owned().into() },
            measure: Measure::Recorded(reply),
            unsendable: None,
        }
    }

    fn found(steps: &[Recorded]) -> Vec<(usize, String, usize, String)> {
        let mut follower = Follower::default();
        let all = steps.iter().enumerate().flat_map(|(index, step)| follower.step(index, step)).collect::<Vec<_>>();
        all.into_iter().map(|one| (one.from_step, one.from_place, one.to_step, one.to_place)).collect()
    }

    #[test]
    fn an_id_is_followed_from_its_creation_into_paths_members_and_references() {
        let steps = [
            step("/Users", r#"{"userName": "ada"}"#, 201, r#"{"id": "2819c223", "userName": "ada"}"#),
            step("/Users?filter=id+eq+%222819c223%22", "", 200, r#"{"Resources": [{"id": "2819c223"}]}"#),
            step(
                "/Groups/g",
                r#"{"members": [{"value": "2819c223", "$ref": "https://a.example.com/scim/v2/Users/2819c223"}]}"#,
                200,
                "",
            ),
        ];
        let places = ["query filter", "body /members/0/value", "body /members/0/$ref"];
        let steps = found(&steps);
        assert_eq!(
            steps.iter().map(|(from, at, _, to)| (*from, at.as_str(), to.as_str())).collect::<Vec<_>>(),
            places.map(|place| (0, "/id", place))
        );
    }

    #[test]
    fn what_the_client_chose_is_not_bound_and_versions_come_from_the_last_answer_about_the_resource() {
        let mut put = step("/Users/2819c223", "{}", 200, r#"{"meta": {"version": "W/\"1\""}}"#);
        put.call.headers = vec![("If-Match".into(), "W/\"1\"".into())];
        let create = r#"{"id": "2819c223", "externalId": "ada-from-hr", "meta": {"version": "W/\"1\""}}"#;
        let steps = [
            step("/Users", r#"{"externalId": "ada-from-hr"}"#, 201, create),
            step("/Users/2819c223", "", 200, r#"{"meta": {"version": "W/\"1\""}}"#),
            step("/Users/x", "", 200, r#"{"meta": {"version": "W/\"1\""}}"#),
            put,
            step("/Users?filter=externalId+eq+%22ada-from-hr%22", "", 200, "{}"),
        ];
        let found = found(&steps);
        assert_eq!(
            found,
            [
                (0, "/id".into(), 1, "path".into()),
                (0, "/id".into(), 3, "path".into()),
                (1, "/meta/version".into(), 3, "header If-Match".into()),
            ]
        );
    }
}
