//! Which requests a rule is about.

use scim::json::Json;
use serde::{Deserialize, Serialize};

use super::chance::roll;
use super::glob::Glob;
use super::json_path::JsonPath;
use super::seen::Seen;

/// Conditions on a request; all of them must hold. Without any, every request is meant that is let in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matcher {
    /// One of these methods, in any case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
    /// The path below the tenant's base.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Glob>,
    /// The resource type that the path names: `User`, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// A text in the filter, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The dialect that this request shows by its own shape: `entra`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Header fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<HeaderIs>,
    /// Values in a JSON body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<BodyIs>,
    /// A query in the language of the record (`docs/query.md`), as far as it asks about the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Which of the requests for which all of this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<Occurrence>,
    /// The chance of each of them, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// A header field that must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderIs {
    /// Its name, in any case.
    pub name: String,
    /// A text in its value, in any case. Absent: any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// A value that must be in the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BodyIs {
    /// Where.
    pub path: JsonPath,
    /// What it is; texts in any case. Absent: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<Json>,
}

/// Which of the requests that a rule is about, counted from 1 since its counts began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Occurrence {
    /// The first n: fail n times, then succeed.
    First {
        /// How many.
        n: u64,
    },
    /// All after the first n.
    After {
        /// How many are left alone.
        n: u64,
    },
    /// The n-th alone.
    Nth {
        /// Which one.
        n: u64,
    },
    /// Each n-th.
    Every {
        /// How many steps.
        n: u64,
    },
}

impl Occurrence {
    /// Whether the request with this number, from 1, is meant.
    pub fn includes(self, number: u64) -> bool {
        match self {
            Occurrence::First { n } => number <= n,
            Occurrence::After { n } => number > n,
            Occurrence::Nth { n } => number == n,
            Occurrence::Every { n } => n > 0 && number.is_multiple_of(n),
        }
    }
}

impl Matcher {
    /// Whether the request itself is meant, before it is counted. What is cheap is asked first.
    pub(super) fn is_about(&self, seen: &Seen<'_>, query: Option<&traffic::query::Query>) -> bool {
        let request = seen.request;
        (self.methods.is_empty() || self.methods.iter().any(|method| method.eq_ignore_ascii_case(&request.method)))
            && self.path.as_ref().is_none_or(|glob| glob.matches(seen.path()))
            && self.resource_type.as_ref().is_none_or(|wanted| {
                seen.resource_type().is_some_and(|resource_type| resource_type.eq_ignore_ascii_case(wanted))
            })
            && self.headers.iter().all(|header| header.is_in(&request.headers))
            && self.filter.as_ref().is_none_or(|wanted| seen.filter().is_some_and(|filter| holds(filter, wanted)))
            && self.body.iter().all(|wanted| seen.body().is_some_and(|body| wanted.is_in(body)))
            && self.dialect.as_ref().is_none_or(|wanted| {
                let dialect = seen.dialect();
                dialect.map_or(wanted.eq_ignore_ascii_case("none"), |dialect| dialect.eq_ignore_ascii_case(wanted))
            })
            && query.is_none_or(|query| query.matches(seen.exchange()))
    }

    /// Whether the `number`-th request that is meant is one to be touched.
    pub(super) fn takes(&self, number: u64, seed: u64) -> bool {
        self.occurrence.is_none_or(|occurrence| occurrence.includes(number))
            && self.probability.is_none_or(|chance| roll(seed, 0, number) < chance)
    }
}

impl HeaderIs {
    fn is_in(&self, headers: &[(String, String)]) -> bool {
        headers.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case(&self.name) && self.contains.as_ref().is_none_or(|wanted| holds(value, wanted))
        })
    }
}

impl BodyIs {
    fn is_in(&self, body: &Json) -> bool {
        let values = self.path.values(body);
        match &self.equals {
            None => !values.is_empty(),
            Some(Json::String(wanted)) => values
                .iter()
                .any(|value| value.as_str().is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())),
            Some(wanted) => values.contains(&wanted),
        }
    }
}

fn holds(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}
