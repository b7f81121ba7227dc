//! GET on a resource type: filter and pages (RFC 7644 section 3.4.2).

use directory::{Plan, Query, Resource, Root};
use scim::error::{ScimError, ScimType};
use scim::filter::{self, Bound, Expression, Literal, Operator, Test};
use scim::finding::{Finding, Place, Severity};
use scim::json::Json;
use scim::leniency::Reading;
use scim::message::list_response;

use crate::answer::{Answer, Draft};
use crate::prepare::Scene;
use crate::present::{Presenter, asks_for_computed};
use crate::profile::Profile;
use crate::target::{Decoded, Target};

/// What a list asks for.
pub(crate) struct List {
    filter: Option<Condition>,
    start_index: u64,
    count: usize,
}

struct Condition {
    text: String,
    bound: Bound,
    /// Whether it asks for what resources at rest do not hold.
    computed: bool,
    looked_for: Option<(String, String)>,
}

/// Reads the query parameters of a list.
///
/// # Errors
/// 400 `invalidFilter` for a filter that is none or cannot be asked here, `invalidValue` for a page that is no number.
pub(crate) fn read(target: &Target, profile: &Profile, reading: &mut Reading<'_>) -> Result<List, ScimError> {
    for name in ["filter", "startIndex", "count", "attributes", "excludedAttributes"] {
        if let Some(span) = target.repeated(name) {
            let message = format!("{name} stands in the query more than once; the first one holds");
            reading.note(Finding::new("repeated-parameter", Severity::Warning, Place::Target(span), message));
        }
    }
    if let Some(sort) = target.parameter("sortBy")? {
        let message = "sortBy is not supported, as ServiceProviderConfig says; the order is that of creation";
        reading.note(Finding::new("sort-ignored", Severity::Warning, Place::Target(sort.span), message));
    }
    let filter = target.parameter("filter")?.map(|text| read_filter(text, reading)).transpose()?;
    let start_index = match target.parameter("startIndex")? {
        None => 1,
        Some(text) => u64::try_from(number("startIndex", &text)?.max(1)).unwrap_or(u64::MAX),
    };
    let wanted = match target.parameter("count")? {
        None => profile.default_page_size,
        Some(text) => usize::try_from(number("count", &text)?.max(0)).unwrap_or(usize::MAX),
    };
    Ok(List { filter, start_index, count: wanted.min(profile.max_results) })
}

fn read_filter(decoded: Decoded, reading: &mut Reading<'_>) -> Result<Condition, ScimError> {
    if decoded.plus {
        let message = "\"+\" in the filter was read as a blank, as HTML forms write it; RFC 3986 has %20";
        reading.tolerated("T1", Place::Target(decoded.span.clone()), message);
    }
    let place = |range| decoded.place(range);
    let filter = filter::parse(&decoded.text).map_err(|error| error.into_scim_error(&place))?;
    let bound = filter.bind(reading, &place)?;
    Ok(Condition {
        bound,
        computed: asks_for_computed(reading.shape, &filter.expression),
        looked_for: looked_for(&filter.expression),
        text: decoded.text,
    })
}

/// The first attribute that is compared with a text, and the text.
fn looked_for(expression: &Expression) -> Option<(String, String)> {
    match expression {
        Expression::Test {
            attribute,
            test: Test::Compare(Operator::Equal, Literal { value: Json::String(text), .. }),
        } => Some((attribute.text.clone(), text.clone())),
        Expression::And(all) | Expression::Or(all) => all.iter().find_map(looked_for),
        Expression::ValuePath { attribute, then: Some((name, Test::Compare(Operator::Equal, literal))), .. } => {
            Some((format!("{}.{}", attribute.text, name.text), literal.value.as_str()?.to_owned()))
        }
        Expression::ValuePath { attribute, inner, .. } => {
            looked_for(inner).map(|(name, text)| (format!("{}.{name}", attribute.text), text))
        }
        Expression::Test { .. } | Expression::Not(_) => None,
    }
}

/// An integer of any size; what is beyond 64 bits counts as the nearest that is not.
fn number(name: &str, decoded: &Decoded) -> Result<i64, ScimError> {
    let text = decoded.text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let detail = format!("{name} is {:?}; send a whole number", decoded.text);
        return Err(ScimError::bad_request(ScimType::InvalidValue, Place::Target(decoded.span.clone()), detail));
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

impl List {
    /// Tells what is looked for.
    pub fn describe(&self, draft: &mut Draft) {
        if let Some(condition) = &self.filter {
            draft.subject.filter = Some(condition.text.clone());
            draft.subject.looked_for.clone_from(&condition.looked_for);
        }
    }

    /// How it will be answered on a root.
    pub fn plan(&self, scene: &Scene, root: &Root) -> Plan {
        self.with_query(scene, |query| root.plan(query))
    }

    /// Answers it.
    pub fn execute(self, scene: &Scene, draft: &mut Draft) -> Answer {
        let root = scene.tenant.directory().root();
        let page = self.with_query(scene, |query| root.query(query));
        draft.subject.total_results = Some(page.total);
        let presenter = Presenter { root: &root, base: &scene.base, etag: scene.profile.etag };
        let shown = page.resources.iter().map(|resource| presenter.shown(resource, &scene.selection, &[])).collect();
        Answer::json(200, list_response(page.total, self.start_index, shown))
    }

    fn with_query<T>(&self, scene: &Scene, ask: impl FnOnce(&Query<'_>) -> T) -> T {
        let view = |root: &Root, resource: &Resource| {
            Presenter { root, base: &scene.base, etag: scene.profile.etag }.whole(resource)
        };
        let computed = self.filter.as_ref().is_some_and(|condition| condition.computed);
        ask(&Query {
            resource_type: &scene.shape.resource_type.name,
            filter: self.filter.as_ref().map(|condition| &condition.bound),
            view: if computed { Some(&view) } else { None },
            start_index: self.start_index,
            count: self.count,
        })
    }
}
