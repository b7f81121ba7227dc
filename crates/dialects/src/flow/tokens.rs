//! What ties exchanges to a resource: the identifiers that they carry, as numbers.

use std::hash::{DefaultHasher, Hash, Hasher};

use scim::json::Object;
use traffic::exchange::Exchange;
use traffic::step::Deed;

use super::answered::members;
use crate::look::Look;

/// Most identifiers that one exchange ties to a flow.
const MOST: usize = 32;
/// A list with more resources than this does not identify one.
const FEW: u64 = 5;
/// Longest answer that is read for identifiers, in bytes.
const LONGEST_ANSWER: usize = 256 << 10;

/// An identifier of a resource: `id`, `externalId`, `userName`, or the name of a group, with the type of the resource.
pub(super) type Token = u64;

/// What an exchange is tied to.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// What it is about.
    pub(super) own: Vec<Token>,
    /// The only member that it adds to a group, if it adds just one.
    pub(super) one_member: Option<Token>,
}

impl Ties {
    fn add(&mut self, resource_type: &str, text: &str) {
        let token = token(resource_type, text);
        if !text.is_empty() && self.own.len() < MOST && !self.own.contains(&token) {
            self.own.push(token);
        }
    }

    /// What in a representation of a resource identifies it.
    fn resource(&mut self, resource_type: &str, resource: &Object) {
        for name in identifying(resource_type) {
            if let Some(text) = resource.get_ignoring_case(name).and_then(|(_, value)| value.as_str()) {
                self.add(resource_type, text);
            }
        }
    }
}

/// What in a representation of a resource of this type identifies it.
fn identifying(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "Group" => &["id", "externalId", "displayName"],
        _ => &["id", "externalId", "userName"],
    }
}

/// Identifiers are compared in any case: clients write them as they like.
fn token(resource_type: &str, text: &str) -> Token {
    let mut hasher = DefaultHasher::new();
    resource_type.hash(&mut hasher);
    text.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

/// What the exchange is tied to.
pub(super) fn ties(exchange: &Exchange, look: &Look, deed: Deed) -> Ties {
    let mut ties = Ties::default();
    let Some(handled) = exchange.outcome() else { return ties };
    let subject = &handled.subject;
    let kind = subject.resource_type.as_deref().unwrap_or_default();
    if let Some(id) = &subject.resource_id {
        ties.add(kind, id);
    }
    match deed {
        Deed::Lookup => {
            if let Some((_, text)) = &subject.looked_for {
                ties.add(kind, text);
            }
            if subject.total_results.is_some_and(|found| (1..=FEW).contains(&found))
                && handled.response.body.len() <= LONGEST_ANSWER
            {
                members(&handled.response.body, identifying(kind), |_, text| ties.add(kind, text));
            }
        }
        Deed::Create | Deed::Update => {
            if let Some(body) = look.object() {
                ties.resource(kind, body);
            }
        }
        _ => {}
    }
    for change in exchange.committed.iter().flat_map(|committed| &committed.changes).take(MOST) {
        if deed == Deed::Bulk || subject.resource_id.as_ref() == Some(&change.resource_id) {
            ties.add(&change.resource_type, &change.resource_id);
            if deed == Deed::Bulk {
                ties.add(&change.resource_type, &change.display);
            }
        }
    }
    if deed == Deed::Membership {
        ties.one_member = one_member(look);
    }
    ties
}

fn one_member(look: &Look) -> Option<Token> {
    let mut found = None;
    for operation in look.operations() {
        if !operation.at("members") || !operation.is("add") {
            return None;
        }
        for member in operation.elements() {
            let id = member.as_object()?.get_ignoring_case("value")?.1.as_str()?;
            if found.replace(token("User", id)).is_some() {
                return None;
            }
        }
    }
    found
}
