//! Resources, types and filters as the API shows them.

use std::sync::Arc;

use directory::{Resource, Root};
use provider::browse::{self, Reference};
use scim::document::Document;
use scim::filter::{self, Expression};
use scim::finding::Place;
use scim::json::Json;
use scim::schema::{Attribute, Kind, Shape};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::TextSpan;

/// Lists with more elements than this are left out of documents; they are read by the page.
pub(crate) const LONGEST_SHOWN: usize = 1_000;

/// A resource type of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TypeInfo {
    /// Its name: "User".
    pub name: String,
    /// Its endpoint below the base URL: "/Users".
    pub endpoint: String,
    /// What it is, for people.
    pub description: String,
    /// URN of its base schema.
    pub schema: String,
    /// How many resources of it there are.
    pub count: u64,
    /// What its resources may hold: common attributes, those of the base schema, those of the extensions.
    pub attributes: Vec<AttributeInfo>,
}

/// An attribute of a resource type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttributeInfo {
    /// Its path, as filters and `sort_by` name it.
    pub path: String,
    /// The data type: "string", "complex", "boolean", "decimal", "integer", "dateTime", "binary", "reference".
    pub kind: String,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// "readOnly", "readWrite", "immutable" or "writeOnly".
    pub mutability: String,
    /// What it means, for people.
    pub description: String,
    /// Names of its sub-attributes.
    pub sub_attributes: Vec<String>,
}

/// The resource types of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TypeList {
    /// The directory's revision.
    pub revision: u64,
    /// The types.
    pub items: Vec<TypeInfo>,
}

/// A page of resources.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ResourcePage {
    /// The revision that was read.
    pub revision: u64,
    /// How many resources fit in all.
    pub total: u64,
    /// Number of the first one here, from 1.
    pub start_index: u64,
    /// The resources.
    pub items: Vec<ResourceInfo>,
    /// How the filter was understood; absent without one.
    pub filter: Option<FilterInfo>,
    /// How they were found.
    pub plan: PlanInfo,
}

/// A resource in one state.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ResourceInfo {
    /// Name of its type.
    pub resource_type: String,
    /// Its `id`.
    pub id: String,
    /// What people call it.
    pub display: String,
    /// Its version, the number in its entity tag.
    pub version: u64,
    /// The resource at rest, without what is never returned, and without the lists in `left_out`.
    #[schema(value_type = serde_json::Value)]
    pub document: Json,
    /// Lists that are too long to be shown here. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub left_out: Vec<LongListInfo>,
}

/// A list that is left out of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LongListInfo {
    /// The attribute's path: "members".
    pub attribute: String,
    /// How many elements it has.
    pub count: u64,
}

/// How a question was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanInfo {
    /// The indexed attribute by which candidates were found; absent if there was none.
    pub index: Option<String>,
    /// How many resources were looked at.
    pub scanned: u64,
    /// The same in words.
    pub explanation: String,
}

/// A filter as it was understood.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FilterInfo {
    /// The filter in canonical writing.
    pub canonical: String,
    /// The filter in words.
    pub sentence: String,
    /// Its conditions.
    pub tree: FilterNode,
    /// What was noticed: names that the schema does not have, writing beside the grammar.
    pub findings: Vec<FilterFinding>,
}

/// What a condition of a filter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterNodeKind {
    /// All of its parts must hold.
    All,
    /// One of its parts must hold.
    Any,
    /// Its part must not hold.
    Not,
    /// One element of a list must meet its part.
    Element,
    /// A question about an attribute.
    Test,
}

/// A condition of a filter.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FilterNode {
    /// What it is.
    pub kind: FilterNodeKind,
    /// It in canonical writing.
    pub text: String,
    /// It in words.
    pub sentence: String,
    /// Where it stands in the filter.
    pub span: Option<TextSpan>,
    /// Its parts.
    #[schema(no_recursion)]
    pub parts: Vec<FilterNode>,
}

/// Something noticed about a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilterFinding {
    /// A tolerance, or a short kebab-case word.
    pub code: String,
    /// What was seen.
    pub message: String,
    /// Where.
    pub span: Option<TextSpan>,
}

/// A filter as it is typed.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FilterExplained {
    /// How it was understood; absent for an empty text and for one that is no filter.
    pub filter: Option<FilterInfo>,
    /// Why it is no filter; absent if it is one.
    pub error: Option<FilterError>,
    /// How it would be answered now; absent with `error`.
    pub plan: Option<PlanInfo>,
    /// The first UTF-16 code unit that a completion replaces.
    pub start: u64,
    /// The code unit after the last.
    pub end: u64,
    /// What can stand at the cursor, likeliest first.
    pub completions: Vec<FilterCompletion>,
}

/// Why a text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilterError {
    /// What is wrong and what would have been right.
    pub message: String,
    /// Where.
    pub span: Option<TextSpan>,
}

/// What a completion of a filter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterCompletionKind {
    /// The name of an attribute.
    Attribute,
    /// `eq`, `pr` and the like.
    Operator,
    /// A literal.
    Value,
    /// `and`, `or`, `not`, a bracket.
    Keyword,
}

/// Text that can stand at the cursor of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FilterCompletion {
    /// The text.
    pub text: String,
    /// What it means; may be empty.
    pub about: String,
    /// What it is.
    pub kind: FilterCompletionKind,
}

/// A resource with what it refers to and what refers to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ResourceDetail {
    /// The revision that was read.
    pub revision: u64,
    /// The resource.
    pub resource: ResourceInfo,
    /// What it refers to: members, manager.
    pub refers_to: ReferencePage,
    /// What refers to it: groups, direct and through others, and those whose manager it is.
    pub referred_by: ReferencePage,
}

/// A page of references.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReferencePage {
    /// How many there are in all.
    pub total: u64,
    /// Number of the first one here, from 1.
    pub start_index: u64,
    /// The references.
    pub items: Vec<ReferenceInfo>,
}

/// A reference from one resource to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReferenceInfo {
    /// The attribute that refers.
    pub attribute: String,
    /// The `id` of the resource at the other end.
    pub id: String,
    /// Its type; absent if it is not there.
    pub resource_type: Option<String>,
    /// What people call it; absent if it is not there.
    pub display: Option<String>,
    /// Whether it is named directly, and not by way of another group.
    pub direct: bool,
}

impl TypeInfo {
    pub(crate) fn new(shape: &Shape, root: &Root) -> TypeInfo {
        let kind = &shape.resource_type;
        let core = shape.core_attributes().map(|attribute| AttributeInfo::new("", attribute));
        let extended = shape.extensions.iter().flat_map(|(schema, _)| {
            let prefix = format!("{}:", schema.id);
            schema.attributes.iter().map(move |attribute| AttributeInfo::new(&prefix, attribute)).collect::<Vec<_>>()
        });
        TypeInfo {
            name: kind.name.clone(),
            endpoint: kind.endpoint.clone(),
            description: kind.description.clone(),
            schema: shape.base.id.clone(),
            count: root.count(&kind.name) as u64,
            attributes: core.chain(extended).collect(),
        }
    }
}

impl AttributeInfo {
    fn new(prefix: &str, attribute: &Attribute) -> AttributeInfo {
        let word = |json: Result<serde_json::Value, _>| match json {
            Ok(serde_json::Value::String(word)) => word,
            _ => String::new(),
        };
        AttributeInfo {
            path: format!("{prefix}{}", attribute.name),
            kind: word(serde_json::to_value(attribute.kind)),
            multi_valued: attribute.multi_valued,
            required: attribute.required,
            mutability: word(serde_json::to_value(attribute.mutability)),
            description: attribute.description.clone(),
            sub_attributes: match attribute.kind {
                Kind::Complex => attribute.sub_attributes.iter().map(|sub| sub.name.clone()).collect(),
                _ => Vec::new(),
            },
        }
    }
}

impl ResourceInfo {
    pub(crate) fn new(resource: &Resource) -> ResourceInfo {
        let (document, left_out) = shown(&resource.shape, &resource.document);
        ResourceInfo {
            resource_type: resource.resource_type().to_owned(),
            id: resource.id().to_owned(),
            display: resource.display().to_owned(),
            version: resource.version,
            document,
            left_out,
        }
    }
}

/// A document without what is never returned, and without its long lists.
pub(crate) fn shown(shape: &Shape, document: &Arc<Document>) -> (Json, Vec<LongListInfo>) {
    let mut parts = document.to_parts();
    let mut left_out = Vec::new();
    let long: Vec<_> = parts
        .lists
        .iter()
        .filter(|(_, list)| list.len() > LONGEST_SHOWN)
        .map(|(home, list)| (home.clone(), list.len()))
        .collect();
    for (home, count) in long {
        parts.lists.remove(home.extension.as_deref(), &home.attribute);
        home.take(&mut parts.object);
        left_out.push(LongListInfo { attribute: home.path(), count: count as u64 });
    }
    let mut object = parts.into_object();
    for (extension, name) in browse::secret_attributes(shape) {
        match extension {
            None => drop(object.remove(&name)),
            Some(urn) => {
                if let Some(container) = object.get_mut(&urn).and_then(Json::as_object_mut) {
                    container.remove(&name);
                }
            }
        }
    }
    (Json::Object(object), left_out)
}

impl PlanInfo {
    pub(crate) fn new(plan: &directory::Plan, resource_type: &str) -> PlanInfo {
        let scanned = plan.scanned as u64;
        let resources = if scanned == 1 { "1 resource" } else { &format!("{scanned} resources") };
        let explanation = match &plan.index {
            Some(index) => format!("the index of {index} gave {resources} to look at"),
            None => format!("{resources} of type {resource_type} looked at, one after the other: no index fits"),
        };
        PlanInfo { index: plan.index.clone(), scanned, explanation }
    }

    /// For a question without a filter.
    pub(crate) fn straight(scanned: usize) -> PlanInfo {
        let explanation = "without a filter, only the page itself is looked at".to_owned();
        PlanInfo { index: None, scanned: scanned as u64, explanation }
    }
}

impl FilterInfo {
    pub(crate) fn new(text: &str, filter: &filter::Filter, findings: &[scim::finding::Finding]) -> FilterInfo {
        FilterInfo {
            canonical: filter.to_string(),
            sentence: filter.sentence(),
            tree: FilterNode::new(text, &filter.expression),
            findings: findings
                .iter()
                .map(|finding| FilterFinding {
                    code: finding.code.clone(),
                    message: finding.message.clone(),
                    span: span_of(text, &finding.place),
                })
                .collect(),
        }
    }
}

/// The part of a filter that a finding or an error is about.
pub(crate) fn span_of(text: &str, place: &Place) -> Option<TextSpan> {
    match place {
        Place::Target(bytes) => Some(TextSpan::of(text, bytes.clone())),
        _ => None,
    }
}

impl FilterNode {
    fn new(text: &str, expression: &Expression) -> FilterNode {
        let (kind, parts): (_, Vec<&Expression>) = match expression {
            Expression::Test { .. } => (FilterNodeKind::Test, Vec::new()),
            Expression::ValuePath { inner, .. } => (FilterNodeKind::Element, vec![inner]),
            Expression::And(all) => (FilterNodeKind::All, all.iter().collect()),
            Expression::Or(all) => (FilterNodeKind::Any, all.iter().collect()),
            Expression::Not(one) => (FilterNodeKind::Not, vec![one]),
        };
        FilterNode {
            kind,
            text: expression.to_string(),
            sentence: expression.sentence(),
            span: bytes_of(expression).map(|bytes| TextSpan::of(text, bytes)),
            parts: parts.into_iter().map(|part| FilterNode::new(text, part)).collect(),
        }
    }
}

/// From the first name of a condition to its last name or literal.
fn bytes_of(expression: &Expression) -> Option<std::ops::Range<usize>> {
    let end_of = |test: &filter::Test, name: &filter::Name| match test {
        filter::Test::Present => name.span.end,
        filter::Test::Compare(_, literal) => literal.span.end,
    };
    match expression {
        Expression::Test { attribute, test } => Some(attribute.span.start..end_of(test, attribute)),
        Expression::ValuePath { attribute, inner, then } => {
            let end = match then {
                Some((sub, test)) => end_of(test, sub),
                None => bytes_of(inner)?.end,
            };
            Some(attribute.span.start..end)
        }
        Expression::And(all) | Expression::Or(all) => Some(bytes_of(all.first()?)?.start..bytes_of(all.last()?)?.end),
        Expression::Not(one) => bytes_of(one),
    }
}

impl From<filter::Completion> for FilterCompletion {
    fn from(completion: filter::Completion) -> Self {
        FilterCompletion {
            text: completion.text,
            about: completion.about,
            kind: match completion.kind {
                filter::CompletionKind::Attribute => FilterCompletionKind::Attribute,
                filter::CompletionKind::Operator => FilterCompletionKind::Operator,
                filter::CompletionKind::Value => FilterCompletionKind::Value,
                filter::CompletionKind::Keyword => FilterCompletionKind::Keyword,
            },
        }
    }
}

impl ReferencePage {
    pub(crate) fn new(all: Vec<Reference>, start_index: u64, count: usize) -> ReferencePage {
        let total = all.len() as u64;
        let skip = usize::try_from(start_index.saturating_sub(1)).unwrap_or(usize::MAX);
        let items = all.into_iter().skip(skip).take(count).map(ReferenceInfo::from).collect();
        ReferencePage { total, start_index, items }
    }
}

impl From<Reference> for ReferenceInfo {
    fn from(reference: Reference) -> Self {
        let resource = reference.resource.as_ref();
        ReferenceInfo {
            attribute: reference.attribute,
            id: reference.id,
            resource_type: resource.map(|resource| resource.resource_type().to_owned()),
            display: resource.map(|resource| resource.display().to_owned()),
            direct: reference.direct,
        }
    }
}
