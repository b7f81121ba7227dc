//! What `bulkId:` names (RFC 7644 section 3.7.2).

use std::collections::{HashMap, HashSet};

use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;

use super::{Creations, Item};
use crate::answer::Draft;
use crate::provider::Shared;

const PREFIX: &str = "bulkId:";

/// The resources that the request creates, by their `bulkId`.
pub(super) struct Names {
    creations: Creations,
    /// By number of the operation.
    promises: HashMap<usize, Promise>,
}

struct Promise {
    bulk_id: String,
    id: String,
    state: State,
    /// Whether something that is done refers to it.
    referred: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Made,
    Failed,
}

impl Names {
    /// Gives ids to all resources that are to be created. Of two with the same `bulkId` the second one is at fault.
    pub fn promise(shared: &Shared, root: &directory::Root, operations: &[Item]) -> Names {
        let mut names = Names { creations: HashMap::new(), promises: HashMap::new() };
        for (index, item) in operations.iter().enumerate() {
            let Some(bulk_id) = item.bulk_id.as_ref().filter(|_| item.method == "POST" && item.problem.is_none())
            else {
                continue;
            };
            if names.creations.contains_key(bulk_id) {
                continue;
            }
            names.creations.insert(bulk_id.clone(), index);
            let promise =
                Promise { bulk_id: bulk_id.clone(), id: shared.new_id(root), state: State::Open, referred: false };
            names.promises.insert(index, promise);
        }
        names
    }

    /// The ids that were given.
    pub fn ids(&self) -> HashSet<String> {
        self.promises.values().map(|promise| promise.id.clone()).collect()
    }

    /// The id of the resource with this `bulkId`.
    pub fn id_of(&self, bulk_id: &str) -> Option<String> {
        let index = self.creations.get(bulk_id)?;
        self.promises.get(index).map(|promise| promise.id.clone())
    }

    /// Whether this operation is the one that the `bulkId` belongs to.
    pub fn owns(&self, index: usize, bulk_id: &str) -> bool {
        self.creations.get(bulk_id) == Some(&index)
    }

    /// An operation is done.
    pub fn made(&mut self, index: usize) {
        self.settle(index, State::Made);
    }

    /// An operation failed.
    pub fn failed(&mut self, index: usize) {
        self.settle(index, State::Failed);
    }

    fn settle(&mut self, index: usize, state: State) {
        if let Some(promise) = self.promises.get_mut(&index) {
            promise.state = state;
        }
    }

    /// Puts ids in the place of names in a path: `/Users/bulkId:ada`.
    ///
    /// # Errors
    /// 409 for a name that stands for nothing.
    pub fn resolve_path(&mut self, path: &str) -> Result<String, ScimError> {
        self.within(path).map_err(|error| ScimError { place: Place::Target(0..0), ..error })
    }

    /// Puts ids in the place of names in data: in each string that is such a name, and in paths of PATCH operations and
    /// references, which hold it.
    ///
    /// # Errors
    /// 409 for a name that stands for nothing.
    pub fn resolve(&mut self, data: &mut Json) -> Result<(), ScimError> {
        match data {
            Json::String(text) => {
                if let Some(bulk_id) = text.strip_prefix(PREFIX) {
                    *text = self.look_up(bulk_id)?;
                }
                Ok(())
            }
            Json::Array(items) => items.iter_mut().try_for_each(|item| self.resolve(item)),
            Json::Object(members) => members.iter_mut().try_for_each(|(name, value)| match value {
                Json::String(text) if name.eq_ignore_ascii_case("path") || name.eq_ignore_ascii_case("$ref") => {
                    *text = self.within(text)?;
                    Ok(())
                }
                value => self.resolve(value),
            }),
            _ => Ok(()),
        }
    }

    fn within(&mut self, text: &str) -> Result<String, ScimError> {
        let mut done = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(PREFIX) {
            let (before, named) = rest.split_at(at);
            let named = &named[PREFIX.len()..];
            let ends = |letter: char| matches!(letter, '"' | '/' | ']' | '?' | '#') || letter.is_whitespace();
            let (bulk_id, after) = named.split_at(named.find(ends).unwrap_or(named.len()));
            done.push_str(before);
            done.push_str(&self.look_up(bulk_id)?);
            rest = after;
        }
        done.push_str(rest);
        Ok(done)
    }

    fn look_up(&mut self, bulk_id: &str) -> Result<String, ScimError> {
        let promise = self.creations.get(bulk_id).and_then(|index| self.promises.get_mut(index));
        let conflict = |why: &str| {
            let detail = format!("bulkId:{bulk_id} {why}");
            ScimError { place: Place::Body(String::new()), ..ScimError::plain(409, detail) }
        };
        match promise {
            None => Err(conflict("names no POST of this request")),
            Some(promise) if promise.state == State::Failed => Err(conflict("names a resource that was not created")),
            Some(promise) => {
                promise.referred = true;
                Ok(promise.id.clone())
            }
        }
    }

    /// Tells of references to resources that came to nothing after all.
    pub fn note_dangling(&self, draft: &mut Draft) {
        let mut dangling: Vec<&Promise> =
            self.promises.values().filter(|promise| promise.referred && promise.state != State::Made).collect();
        dangling.sort_by(|left, right| left.bulk_id.cmp(&right.bulk_id));
        for promise in dangling {
            let message = format!(
                "bulkId:{} was referred to before it was to be created, and it was not created; the reference leads nowhere",
                promise.bulk_id
            );
            let place = Place::Body("/Operations".into());
            draft.findings.push(Finding::new("member-not-found", Severity::Warning, place, message));
        }
    }
}
