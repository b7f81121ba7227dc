//! What a query asks for, whether it stands in the URL or in the body of `.search` (RFC 7644 sections 3.4.2 and 3.4.3).

use std::ops::Range;

use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::message::SEARCH_REQUEST;

use crate::target::{Decoded, Target};

/// The parameters of a query, as they were said.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub filter: Option<Said>,
    pub sort_by: Option<Said>,
    pub sort_order: Option<Said>,
    pub start_index: Option<Number>,
    pub count: Option<Number>,
    pub cursor: Option<Said>,
    pub attributes: Option<Said>,
    pub excluded: Option<Said>,
    /// Whether they stand in the URL, where others may read them.
    pub in_url: bool,
}

/// A text that was said, and where.
#[derive(Clone, Debug)]
pub(crate) enum Said {
    /// As a query parameter.
    Url(Decoded),
    /// As a member of the body, by its pointer.
    Body(String, String),
}

/// A whole number; what is beyond 64 bits counts as the nearest that is not.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    pub value: i64,
    pub place: Place,
}

const NAMES: [&str; 8] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes"];

impl Asked {
    /// The parameters in a URL.
    ///
    /// # Errors
    /// 400 `invalidValue` for a number that is none, or text that is no UTF-8.
    pub fn in_target(target: &Target, findings: &mut Vec<Finding>) -> Result<Asked, ScimError> {
        for name in NAMES {
            if let Some(span) = target.repeated(name) {
                let message = format!("{name} stands in the query more than once; the first one holds");
                findings.push(Finding::new("repeated-parameter", Severity::Warning, Place::Target(span), message));
            }
        }
        let said = |name: &str| Ok::<_, ScimError>(target.parameter(name)?.map(Said::Url));
        let number = |name: &str| target.parameter(name)?.map(|text| Number::read(name, &text)).transpose();
        Ok(Asked {
            filter: said("filter")?,
            sort_by: said("sortBy")?,
            sort_order: said("sortOrder")?,
            start_index: number("startIndex")?,
            count: number("count")?,
            cursor: said("cursor")?,
            attributes: said("attributes")?,
            excluded: said("excludedAttributes")?,
            in_url: true,
        })
    }

    /// The parameters in the body of a `.search`.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for a body that is no SearchRequest, `invalidValue` for a member of another type.
    pub fn in_body(body: &Json, findings: &mut Vec<Finding>) -> Result<Asked, ScimError> {
        let syntax = |pointer: &str, detail: String| {
            ScimError::bad_request(ScimType::InvalidSyntax, Place::Body(pointer.to_owned()), detail)
        };
        let Json::Object(body) = body else {
            return Err(syntax("", format!("a search is an object with schemas, not {}", body.kind_name())));
        };
        let is_search = member(body, "schemas").and_then(|(_, urns)| urns.as_array()).is_some_and(|urns| {
            urns.iter().any(|urn| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_REQUEST)))
        });
        if !is_search {
            return Err(syntax("/schemas", format!("schemas of a search must hold {SEARCH_REQUEST:?}")));
        }
        for (name, _) in body.iter() {
            let known = NAMES.iter().chain(&["schemas"]).find(|known| known.eq_ignore_ascii_case(name));
            let place = Place::Body(pointer_of(name));
            match known {
                Some(known) if known != &name => {
                    let message = format!("{name:?} was sent for {known}");
                    findings.push(Finding::new("name-case", Severity::Info, place, message));
                }
                Some(_) => {}
                None => {
                    let message = format!("a search has no {name:?}; it is left out");
                    findings.push(Finding::new("unknown-attribute", Severity::Warning, place, message));
                }
            }
        }
        Ok(Asked {
            filter: text(body, "filter")?,
            sort_by: text(body, "sortBy")?,
            sort_order: text(body, "sortOrder")?,
            start_index: number(body, "startIndex")?,
            count: number(body, "count")?,
            cursor: text(body, "cursor")?,
            attributes: names(body, "attributes")?,
            excluded: names(body, "excludedAttributes")?,
            in_url: false,
        })
    }
}

impl Said {
    /// What was said.
    pub fn text(&self) -> &str {
        match self {
            Said::Url(decoded) => &decoded.text,
            Said::Body(_, text) => text,
        }
    }

    /// Where it stands.
    pub fn place(&self) -> Place {
        match self {
            Said::Url(decoded) => Place::Target(decoded.span.clone()),
            Said::Body(pointer, _) => Place::Body(pointer.clone()),
        }
    }

    /// Where a part of it stands.
    pub fn place_of(&self, range: Range<usize>) -> Place {
        match self {
            Said::Url(decoded) => decoded.place(range),
            Said::Body(pointer, _) => Place::Body(pointer.clone()),
        }
    }

    /// Whether a `+` was read as a blank.
    pub fn has_plus(&self) -> bool {
        matches!(self, Said::Url(decoded) if decoded.plus)
    }
}

impl Number {
    fn read(name: &str, decoded: &Decoded) -> Result<Number, ScimError> {
        let place = Place::Target(decoded.span.clone());
        match whole(decoded.text.trim()) {
            Some(value) => Ok(Number { value, place }),
            None => {
                let detail = format!("{name} is {:?}; send a whole number", shortened(&decoded.text));
                Err(ScimError::bad_request(ScimType::InvalidValue, place, detail))
            }
        }
    }
}

fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

fn shortened(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(at, _)| &text[..at])
}

fn pointer_of(name: &str) -> String {
    format!("/{}", scim::json::pointer_token(name))
}

/// A member by its name in any case, if it has a value.
fn member<'b>(body: &'b Object, name: &str) -> Option<(String, &'b Json)> {
    let (sent, value) = match body.get(name) {
        Some(value) => (name, value),
        None => body.get_ignoring_case(name)?,
    };
    (*value != Json::Null).then(|| (pointer_of(sent), value))
}

fn wrong(name: &str, pointer: String, expected: &str, found: &Json) -> ScimError {
    let detail = format!("{name} must be {expected}, but is {}", found.kind_name());
    ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer), detail)
}

fn text(body: &Object, name: &str) -> Result<Option<Said>, ScimError> {
    match member(body, name) {
        None => Ok(None),
        Some((pointer, Json::String(text))) => Ok(Some(Said::Body(pointer, text.clone()))),
        Some((pointer, other)) => Err(wrong(name, pointer, "a string", other)),
    }
}

fn number(body: &Object, name: &str) -> Result<Option<Number>, ScimError> {
    match member(body, name) {
        None => Ok(None),
        Some((pointer, Json::Number(number))) => match whole(number.text()) {
            Some(value) => Ok(Some(Number { value, place: Place::Body(pointer) })),
            None => {
                let detail = format!("{name} is {}; send a whole number", shortened(number.text()));
                Err(ScimError::bad_request(ScimType::InvalidValue, Place::Body(pointer), detail))
            }
        },
        Some((pointer, other)) => Err(wrong(name, pointer, "a whole number", other)),
    }
}

/// A list of names, or names separated by commas as in a URL.
fn names(body: &Object, name: &str) -> Result<Option<Said>, ScimError> {
    match member(body, name) {
        None => Ok(None),
        Some((pointer, Json::String(text))) => Ok(Some(Said::Body(pointer, text.clone()))),
        Some((pointer, Json::Array(items))) => {
            let names: Option<Vec<&str>> = items.iter().map(Json::as_str).collect();
            match names {
                Some(names) => Ok(Some(Said::Body(pointer, names.join(",")))),
                None => Err(wrong(name, pointer, "a list of strings", &Json::Array(items.clone()))),
            }
        }
        Some((pointer, other)) => Err(wrong(name, pointer, "a list of strings", other)),
    }
}
