//! Planted faults: a faulty service provider between a client and the real one, so that a test can be seen to fail.

use std::cell::RefCell;
use std::fmt;

use serde_json::Value;

use crate::bench::Server;
use crate::wire::{Ask, Reply};

mod bulks;
mod cursors;
mod lists;
mod messages;
mod patches;
mod resources;
mod writes;

/// A way to break a rule.
pub struct Fault {
    /// The rule that it breaks.
    pub rule: &'static str,
    /// What it does, in a sentence without a subject.
    pub what: &'static str,
    pub(crate) serve: fn(&Inner<'_>, Ask) -> Reply,
}

/// The service provider behind a fault.
pub(crate) struct Inner<'a> {
    pub server: &'a Server,
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

impl Inner<'_> {
    /// Passes a request on.
    pub fn pass(&self, ask: &Ask) -> Reply {
        self.server.answer(ask)
    }

    /// What was kept of earlier answers.
    pub fn memory(&self) -> &RefCell<Vec<Reply>> {
        self.server.memory()
    }
}

/// All faults.
pub fn faults() -> impl Iterator<Item = &'static Fault> {
    let files = [
        messages::FAULTS,
        resources::FAULTS,
        lists::FAULTS,
        cursors::FAULTS,
        writes::FAULTS,
        patches::FAULTS,
        bulks::FAULTS,
    ];
    files.into_iter().flatten()
}

/// The answer with its JSON edited, if it is a success.
pub(crate) fn edit(reply: Reply, edit: impl FnOnce(&mut Value)) -> Reply {
    if (200..300).contains(&reply.status) { reply.edited(edit) } else { reply }
}

/// Each resource of an answer: the one that it is, or those that it lists.
pub(crate) fn each_resource(body: &mut Value, mut edit: impl FnMut(&mut Value)) {
    match body.get_mut("Resources").and_then(Value::as_array_mut) {
        Some(resources) => resources.iter_mut().for_each(edit),
        None => edit(body),
    }
}

/// Removes a member.
pub(crate) fn drop_member(value: &mut Value, name: &str) {
    if let Some(members) = value.as_object_mut() {
        members.remove(name);
    }
}

/// Whether this is a request of this method on resources of a type: `/Users`.
pub(crate) fn is(ask: &Ask, method: &str, endpoint: &str) -> bool {
    ask.method == method && ask.resource().starts_with(endpoint)
}

/// An error message of another server.
pub(crate) fn refusal(status: u16, scim_type: Option<&str>) -> Reply {
    let mut body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": status.to_string(),
        "detail": "no",
    });
    if let Some(scim_type) = scim_type {
        body["scimType"] = scim_type.into();
    }
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    Reply { status, headers, body: body.to_string().into_bytes(), findings: Vec::new() }
}
