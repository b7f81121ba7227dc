//! Which id of the target stands for which recorded one, learned from answers.

use std::collections::HashMap;

use scim::json::Json;

use crate::counterparts::counterparts;
use crate::recording::Reply;
use crate::texts::{last_segment, plain, strings};

/// What stands for what. Grows with the number of distinct ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mapping {
    there: HashMap<String, String>,
    back: HashMap<String, String>,
    versions: HashMap<(String, String), String>,
    versions_back: HashMap<(String, String), String>,
}

impl Mapping {
    /// Takes in that two ids name the same resource. False if that contradicts what is known.
    pub fn learn(&mut self, recorded: &str, replayed: &str) -> bool {
        match (self.there.get(recorded), self.back.get(replayed)) {
            (None, None) => {
                self.there.insert(recorded.to_owned(), replayed.to_owned());
                self.back.insert(replayed.to_owned(), recorded.to_owned());
                true
            }
            (Some(have), _) => have == replayed,
            (None, Some(_)) => false,
        }
    }

    /// Takes in two versions of one resource. False if one of them stands for another already: then the version changed where
    /// it had stayed, or stayed where it had changed.
    pub fn learn_version(&mut self, resource: &str, recorded: &str, replayed: &str) -> bool {
        let there = self.versions.entry((resource.to_owned(), recorded.to_owned()));
        let there = there.or_insert_with(|| replayed.to_owned()).clone();
        let back = self.versions_back.entry((resource.to_owned(), replayed.to_owned()));
        there == replayed && back.or_insert_with(|| recorded.to_owned()) == recorded
    }

    /// The target's name for a recorded version of a resource.
    pub fn version_there(&self, resource: &str, recorded: &str) -> Option<&str> {
        self.versions.get(&(resource.to_owned(), recorded.to_owned())).map(String::as_str)
    }

    /// The target's id for a recorded one.
    pub fn there(&self, recorded: &str) -> Option<&str> {
        self.there.get(recorded).map(String::as_str)
    }

    /// The recorded id for one of the target.
    pub fn back(&self, replayed: &str) -> Option<&str> {
        self.back.get(replayed).map(String::as_str)
    }

    /// How many ids are known.
    pub fn len(&self) -> usize {
        self.there.len()
    }

    /// Learns from an answer and the recorded one.
    pub fn learn_from(&mut self, recorded: &Reply, replayed: &Reply, bodies: Option<(&Json, &Json)>) {
        if let (Some(left), Some(right)) = (recorded.header("location"), replayed.header("location")) {
            self.learn_urls(left, right);
        }
        if let Some((left, right)) = bodies {
            self.learn_pair("", left, right);
        }
    }

    fn learn_urls(&mut self, left: &str, right: &str) {
        if let (Some(left), Some(right)) = (last_segment(left), last_segment(right)) {
            self.learn(left, right);
        }
    }

    fn learn_pair(&mut self, name: &str, left: &Json, right: &Json) {
        match (left, right) {
            (Json::Object(left), Json::Object(right)) => {
                let refers = left.get("$ref").is_some() || ["members", "groups", "manager"].contains(&name);
                for (member, one) in left.iter() {
                    let Some(other) = right.get(member) else { continue };
                    match (member, one, other) {
                        ("id", Json::String(one), Json::String(other)) => {
                            self.learn(one, other);
                        }
                        ("value", Json::String(one), Json::String(other)) if refers => {
                            self.learn(one, other);
                        }
                        ("$ref" | "location", Json::String(one), Json::String(other)) => self.learn_urls(one, other),
                        _ => self.learn_pair(member, one, other),
                    }
                }
            }
            (Json::Array(left), Json::Array(right)) => {
                let pairs = counterparts(left, right, left.len() == 1, |id| self.there(id).map(str::to_owned));
                for (one, other) in left.iter().zip(pairs) {
                    if let Some(other) = other {
                        self.learn_pair(name, one, &right[other]);
                    }
                }
            }
            _ => {}
        }
    }

    /// A body of the target in terms of the recording: with the recorded ids, and `base` before the paths of resources.
    pub fn in_recorded_terms(&self, body: &Json, base: &str) -> Json {
        let mut body = body.clone();
        strings(&mut body, &mut String::new(), &mut |at, text| {
            let name = at.rsplit('/').next().unwrap_or_default();
            match name {
                "id" | "value" => self.back(text).map(str::to_owned),
                "$ref" | "location" => {
                    let (url, is_absolute) = with_base(text, base);
                    plain(&url, &mut |piece| self.back(piece).map(str::to_owned)).or_else(|| is_absolute.then_some(url))
                }
                _ => None,
            }
        });
        body
    }
}

/// A URL of a resource with another base before its last two segments. A relative one stays as it is.
pub(crate) fn with_base(url: &str, base: &str) -> (String, bool) {
    let is_absolute = url.starts_with("http://") || url.starts_with("https://");
    let mut ends = url.rmatch_indices('/').map(|(at, _)| at);
    match (is_absolute, ends.next(), ends.next()) {
        (true, Some(_), Some(at)) if at > "https:/".len() => (format!("{base}{}", &url[at..]), true),
        _ => (url.to_owned(), false),
    }
}
