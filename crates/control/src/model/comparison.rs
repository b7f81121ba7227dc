//! Two exchanges, compared.

use scim::diff::{Action, as_json_patch, diff};
use scim::json::{self, Json, Limits};
use scim::schema::Shape;
use scim::value::Value;
use serde::Serialize;
use traffic::exchange::Exchange;
use utoipa::ToSchema;

use super::history::Comparison;
use super::outcome::Line;
use super::summary::Summary;

/// Further lines are counted.
const SHOWN_LINES: usize = 1_000;

/// Two exchanges, compared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ExchangeComparison {
    /// The one.
    pub left: Summary,
    /// The other.
    pub right: Summary,
    /// What is different in the bodies of the requests; absent if both have none.
    pub request: Option<BodyComparison>,
    /// What is different in the bodies of the responses; absent if both have none.
    pub response: Option<BodyComparison>,
    /// The resource that each was about, right after it; absent if one was about none, or their types are not the same.
    pub state: Option<Comparison>,
}

/// How two bodies were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ComparedAs {
    /// As resources: elements by what they are, paths in the notation of PATCH.
    Resource,
    /// As JSON: elements by where they stand, paths as JSON Pointers.
    Json,
    /// As bytes: one of them is no JSON. There are no lines.
    Bytes,
}

/// Two bodies, compared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BodyComparison {
    /// How.
    pub compared_as: ComparedAs,
    /// Whether nothing is different.
    pub same: bool,
    /// What is different, the first thousand lines.
    pub lines: Vec<Line>,
    /// How many lines there are beyond these. Absent if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub more_lines: u64,
}

impl BodyComparison {
    /// Nothing if both are empty.
    pub(crate) fn new(shape: Option<&Shape>, left: &[u8], right: &[u8]) -> Option<BodyComparison> {
        if left.is_empty() && right.is_empty() {
            return None;
        }
        let read = |body: &[u8]| match body.is_empty() {
            true => Some(Json::Null),
            false => json::parse(body, Limits::default()).ok(),
        };
        let (Some(before), Some(after)) = (read(left), read(right)) else {
            let same = left == right;
            return Some(BodyComparison { compared_as: ComparedAs::Bytes, same, lines: Vec::new(), more_lines: 0 });
        };
        Some(BodyComparison::of(shape, &before, &after))
    }

    /// Of two bodies that are JSON.
    pub(crate) fn of(shape: Option<&Shape>, before: &Json, after: &Json) -> BodyComparison {
        let shape = shape.filter(|shape| is_resource(shape, before) && is_resource(shape, after));
        let (compared_as, lines) = match shape {
            Some(shape) => (ComparedAs::Resource, diff(shape, Some(before.into()), Some(after.into()))),
            None => (ComparedAs::Json, json_lines(before, after)),
        };
        BodyComparison {
            compared_as,
            same: lines.is_empty(),
            lines: lines.iter().take(SHOWN_LINES).map(Line::from).collect(),
            more_lines: lines.len().saturating_sub(SHOWN_LINES) as u64,
        }
    }
}

/// The bodies of an exchange: of its request, without framing, and of its response.
pub(crate) fn bodies(exchange: &Exchange) -> (Vec<u8>, Vec<u8>) {
    let request = exchange.received().map(|received| received.content().into_owned()).unwrap_or_default();
    let response = exchange.outcome().map(|handled| handled.response.body.to_vec()).unwrap_or_default();
    (request, response)
}

fn is_resource(shape: &Shape, body: &Json) -> bool {
    let Some(schemas) = body.pointer("/schemas").and_then(Json::as_array) else { return false };
    schemas.iter().filter_map(Json::as_str).any(|urn| urn.eq_ignore_ascii_case(&shape.base.id))
}

fn json_lines(before: &Json, after: &Json) -> Vec<scim::diff::Line> {
    let patch = as_json_patch(before, after);
    let operations = patch.as_array().unwrap_or_default().iter();
    let lines = operations.filter_map(|operation| {
        let text = |name: &str| operation.pointer(name).and_then(Json::as_str);
        let (op, path) = (text("/op")?, text("/path")?);
        let (action, had) = match op {
            "add" => (Action::Added, false),
            "remove" => (Action::Removed, true),
            _ => (Action::Changed, true),
        };
        // Operations of such a patch name elements by where they stood before all of them.
        let old = before.pointer(path).filter(|_| had).map(|value| Value::from(value).to_json());
        let new = operation.pointer("/value").cloned();
        Some(scim::diff::Line { path: path.to_owned(), action, before: old, after: new, operation: None })
    });
    lines.collect()
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
