//! What is otherwise between a recorded and a replayed answer, and what of it counts.

use std::fmt;

use scim::diff::Action;
use scim::json::Json;
use serde::{Deserialize, Serialize};

use crate::play::Verdict;

/// Bytes of a value that are shown in words.
const SHOWN: usize = 80;

/// Which part of an answer a difference is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The status code.
    Status,
    /// A header field.
    Header,
    /// The body.
    Body,
    /// A resource as it is at the end.
    State,
    /// Something that a flow file expects.
    Expectation,
}

/// What sort of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Another value.
    Value,
    /// Another id for the same resource, or another URL of it.
    Id,
    /// Another time where a time stands.
    Time,
    /// Another name for the same version.
    Version,
    /// The same elements in another order.
    Order,
    /// Other words for people, as in `detail`.
    Wording,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The part that it is in.
    pub part: Part,
    /// What sort it is.
    pub sort: Sort,
    /// Where: the name of a header field, or a path in the notation of PATCH: `emails[type eq "work"].value`. Empty for the
    /// whole part.
    pub path: String,
    /// What happened to the value.
    pub action: Action,
    /// The recorded value; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recorded: Option<Json>,
    /// The value from the target, with recorded ids where they are known; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replayed: Option<Json>,
    /// What is otherwise in words, where values do not say it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub words: Option<String>,
}

impl Difference {
    /// A difference of values.
    pub(crate) fn of(
        part: Part,
        path: impl Into<String>,
        recorded: Option<Json>,
        replayed: Option<Json>,
    ) -> Difference {
        let action = match (&recorded, &replayed) {
            (None, _) => Action::Added,
            (_, None) => Action::Removed,
            _ => Action::Changed,
        };
        Difference { part, sort: Sort::Value, path: path.into(), action, recorded, replayed, words: None }
    }

    /// One in words.
    pub(crate) fn said(part: Part, words: impl Into<String>) -> Difference {
        let (action, path) = (Action::Changed, String::new());
        Difference { part, sort: Sort::Value, path, action, recorded: None, replayed: None, words: Some(words.into()) }
    }

    pub(crate) fn sorted(self, sort: Sort) -> Difference {
        Difference { sort, ..self }
    }
}

/// In a few words: `userName: "ada" → "eve"`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.part {
            Part::Status if self.path.is_empty() => "status",
            Part::Body if self.path.is_empty() => "body",
            _ => &self.path,
        };
        if let Some(words) = &self.words {
            return if self.path.is_empty() { f.write_str(words) } else { write!(f, "{place}: {words}") };
        }
        let short = |value: &Option<Json>| {
            let text = value.as_ref().map_or_else(|| "nothing".to_owned(), Json::to_text);
            let end = text.floor_char_boundary(SHOWN);
            if end < text.len() { format!("{}…", &text[..end]) } else { text }
        };
        write!(f, "{place}: {} → {}", short(&self.recorded), short(&self.replayed))
    }
}

/// What does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct Ignores {
    /// Other ids for the same resources.
    pub ids: bool,
    /// Other times.
    pub times: bool,
    /// Other names for the same versions.
    pub versions: bool,
    /// Another order.
    pub order: bool,
    /// Other words for people.
    pub wording: bool,
    /// Paths, each with what is below it: `meta`, `emails`, `name.formatted`, `header etag`. In lists, paths of each resource.
    pub paths: Vec<String>,
}

impl Default for Ignores {
    /// What no two servers have alike.
    fn default() -> Self {
        Ignores { ids: true, times: true, versions: true, order: true, wording: true, paths: Vec::new() }
    }
}

impl Ignores {
    /// Whether a difference counts.
    pub fn counts(&self, difference: &Difference) -> bool {
        self.counts_by_sort(difference) && !self.has_path(difference)
    }

    /// How a step with these differences went. What no two servers have alike, and need not, leaves it *same*; what a person
    /// chose to ignore is told.
    pub fn judge(&self, differences: &[Difference]) -> Verdict {
        if differences.iter().any(|difference| self.counts(difference)) {
            Verdict::Different
        } else if differences.iter().any(|difference| self.counts_by_sort(difference)) {
            Verdict::SameExceptIgnored
        } else {
            Verdict::Same
        }
    }

    fn counts_by_sort(&self, difference: &Difference) -> bool {
        match difference.sort {
            Sort::Value => true,
            Sort::Id => !self.ids,
            Sort::Time => !self.times,
            Sort::Version => !self.versions,
            Sort::Order => !self.order,
            Sort::Wording => !self.wording,
        }
    }

    fn has_path(&self, difference: &Difference) -> bool {
        let path = match difference.part {
            Part::Header => format!("header {}", difference.path),
            Part::Status => "status".to_owned(),
            _ => difference.path.clone(),
        };
        // Of `Resources[userName eq "ada"].emails`, what is below the resource.
        let inner = path.strip_prefix("Resources").and_then(|_| path.split_once("].")).map(|(_, inner)| inner);
        self.paths.iter().any(|ignored| {
            let ignored = ignored.trim();
            [Some(path.as_str()), inner].into_iter().flatten().any(|path| {
                let matches = path.get(..ignored.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(ignored));
                matches && matches!(path.as_bytes().get(ignored.len()), None | Some(b'.' | b'[' | b':'))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Difference {
        Difference::of(Part::Body, path, Some(Json::from("a")), Some(Json::from("b")))
    }

    #[test]
    fn a_path_is_ignored_with_what_is_below_it_and_in_every_resource_of_a_list() {
        let ignores = Ignores { paths: vec!["emails".into(), "name.formatted".into()], ..Ignores::default() };
        for path in [
            "emails",
            "emails[type eq \"work\"].value",
            "Emails",
            "Resources[userName eq \"a\"].emails",
            "name.formatted",
        ] {
            assert_eq!(ignores.judge(&[at(path)]), Verdict::SameExceptIgnored, "{path}");
        }
        for path in ["emailsOfOthers", "name", "name.familyName", "displayName"] {
            assert_eq!(ignores.judge(&[at(path)]), Verdict::Different, "{path}");
        }
    }

    #[test]
    fn what_no_two_servers_have_alike_leaves_a_step_same_unless_it_is_made_to_count() {
        let id = at("id").sorted(Sort::Id);
        assert_eq!(Ignores::default().judge(std::slice::from_ref(&id)), Verdict::Same);
        assert_eq!(Ignores { ids: false, ..Ignores::default() }.judge(&[id]), Verdict::Different);
    }
}
