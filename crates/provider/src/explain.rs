//! Why a request was answered as it was, told from what is recorded of it: which route it took, how its filter was read,
//! what each part of the filter held for, and which way the resources were found. Nothing of this is computed while the
//! request is answered.

use std::sync::Arc;

use directory::{Plan, Query, Resource, Root};
use scim::filter::{self, Bound, Expression};
use scim::finding::Place;
use scim::json::Json;
use scim::leniency::Reading;
use scim::schema::Shape;
use scim::value::Value;
use traffic::ids::Seq;

use crate::locate::{Located, locate};
use crate::prepare::Setting;
use crate::present::{Presenter, asks_for_computed};
use crate::provider::Provider;
use crate::route::Route;
use crate::target::Target;
use crate::tenant::Tenant;

/// No more resources are asked what parts of a filter they meet.
const MOST_ASKED: usize = 10_000;
/// No more values of an attribute are told.
const MOST_VALUES: usize = 5;

/// What is known of a request from its record.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// The request target as sent.
    pub target: &'a str,
    /// The filter, decoded, if it had one.
    pub filter: Option<&'a str>,
    /// The revision of the directory that it saw, if that is known.
    pub revision: Option<u64>,
}

/// Why a request was answered as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The endpoint that the path leads to: `/Users/{id}`.
    pub route: String,
    /// The resource type that it is about.
    pub resource_type: Option<String>,
    /// The methods that it offers under the profile in force.
    pub methods: Vec<&'static str>,
    /// The revision that filter and way were looked up in.
    pub revision: u64,
    /// Whether that is the one that the request saw; otherwise it is the newest.
    pub is_of_then: bool,
    /// The filter taken apart, for each resource type that was asked.
    pub filters: Vec<Filtered>,
}

/// A filter, asked of one resource type.
#[derive(Clone, Debug, PartialEq)]
pub struct Filtered {
    /// The resource type.
    pub resource_type: String,
    /// The way by which resources are found, and its cost.
    pub plan: Plan,
    /// How many resources of the type there are.
    pub resources: usize,
    /// How many of them were asked for the counts of the clauses.
    pub asked: usize,
    /// The resource that meets the most of the filter: its id, and what people call it.
    pub nearest: Option<(String, String)>,
    /// The whole filter as a tree; the error is for people.
    pub clause: Result<Clause, String>,
}

/// What joins the parts of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// It has no parts: one question.
    Test,
    /// All must hold.
    And,
    /// One must hold.
    Or,
    /// It must not hold.
    Not,
}

/// A part of a filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// The part in canonical writing.
    pub text: String,
    /// What joins its parts.
    pub joined: Joined,
    /// Its parts.
    pub parts: Vec<Clause>,
    /// How many of the resources asked meet it.
    pub met_by: usize,
    /// Whether the nearest resource meets it.
    pub holds: Option<bool>,
    /// For a question: the values that the nearest resource has there, the first few.
    pub values: Vec<Json>,
}

impl Provider {
    /// Explains a request to the tenant with this id. Nothing if the tenant is gone, or the path leads to no endpoint of it.
    pub fn explain(&self, tenant: &str, recorded: &Recorded<'_>) -> Option<Explanation> {
        let table = self.shared.tenants.table();
        let tenant = table.with_id(tenant)?;
        let target = Target::parse(recorded.target).ok()?;
        // A listener for one tenant has it at the common path.
        let located = locate(&table, None, &target.segments).ok().filter(|located| match located {
            Located::Scim(found, ..) | Located::Token(found) => found.id() == tenant.id(),
        });
        let located = located.or_else(|| locate(&table, Some(tenant.id()), &target.segments).ok())?;
        let Located::Scim(_, _, rest) = located else { return None };
        let route = Route::of(tenant.registry(), rest);
        let directory = tenant.directory();
        let then = recorded.revision.and_then(|revision| directory.at(revision));
        let is_of_then = then.is_some();
        let root = then.unwrap_or_else(|| directory.root());
        let profile = tenant.profile();
        let shapes = asked(&route, tenant);
        let filters = recorded
            .filter
            .map_or_else(Vec::new, |text| shapes.iter().map(|shape| filtered(tenant, &root, shape, text)).collect());
        Some(Explanation {
            route: written(&route),
            resource_type: match &route {
                Route::Type(shape) | Route::Resource(shape, _) | Route::Search(Some(shape)) => {
                    Some(shape.resource_type.name.clone())
                }
                _ => None,
            },
            methods: route.methods(&profile),
            revision: root.revision(),
            is_of_then,
            filters,
        })
    }
}

/// The types that a query at this route is about.
fn asked(route: &Route, tenant: &Tenant) -> Vec<Arc<Shape>> {
    match route {
        Route::Type(shape) | Route::Resource(shape, _) | Route::Search(Some(shape)) => vec![Arc::clone(shape)],
        Route::Base | Route::Search(None) => tenant.registry().shapes().to_vec(),
        _ => Vec::new(),
    }
}

fn written(route: &Route) -> String {
    match route {
        Route::Base => "/".to_owned(),
        Route::Type(shape) => shape.resource_type.endpoint.clone(),
        Route::Resource(shape, _) => format!("{}/{{id}}", shape.resource_type.endpoint),
        Route::Search(None) => "/.search".to_owned(),
        Route::Search(Some(shape)) => format!("{}/.search", shape.resource_type.endpoint),
        Route::ServiceProviderConfig => "/ServiceProviderConfig".to_owned(),
        Route::ResourceTypes(None) => "/ResourceTypes".to_owned(),
        Route::ResourceTypes(Some(_)) => "/ResourceTypes/{id}".to_owned(),
        Route::Schemas(None) => "/Schemas".to_owned(),
        Route::Schemas(Some(_)) => "/Schemas/{id}".to_owned(),
        Route::Bulk => "/Bulk".to_owned(),
        Route::Me => "/Me".to_owned(),
        Route::Nowhere => "no endpoint".to_owned(),
    }
}

fn filtered(tenant: &Arc<Tenant>, root: &Root, shape: &Arc<Shape>, text: &str) -> Filtered {
    let name = shape.resource_type.name.as_str();
    let settings = tenant.settings();
    let setting = Setting {
        seq: Seq(0),
        base: tenant.base_path().to_owned(),
        client: None,
        profile: Arc::clone(&settings.profile),
        settings,
        tenant: Arc::clone(tenant),
        printed: None,
        behaviour: None,
    };
    let presenter = Presenter::new(root, &setting);
    let resources = root.count(name);
    let mut found = Filtered {
        resource_type: name.to_owned(),
        plan: Plan { index: None, scanned: 0 },
        resources,
        asked: 0,
        nearest: None,
        clause: Err(String::new()),
    };
    let parsed = match filter::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            found.clause = Err(error.to_string());
            return found;
        }
    };
    let mut questions = Vec::new();
    let mut clause = match bind(&parsed.expression, shape, &setting, &mut questions) {
        Ok(clause) => clause,
        Err(why) => {
            found.clause = Err(why);
            return found;
        }
    };
    let computed = asks_for_computed(shape, &parsed.expression);
    let view = |_: &Root, resource: &Resource| presenter.whole(resource);
    found.plan = root.plan(&Query {
        resource_type: name,
        filter: questions.first(),
        view: if computed { Some(&view) } else { None },
        start_index: 1,
        count: usize::MAX,
    });
    let mut counts = vec![0_usize; questions.len()];
    let mut nearest: Option<(usize, &Arc<Resource>, Vec<bool>)> = None;
    for resource in root.resources().filter(|resource| resource.resource_type() == name).take(MOST_ASKED) {
        found.asked += 1;
        let whole = computed.then(|| presenter.whole(resource));
        let value = whole.as_ref().map_or_else(|| resource.document.value(), Value::from);
        let met: Vec<bool> = questions.iter().map(|question| question.matches(value)).collect();
        for (count, met) in counts.iter_mut().zip(&met) {
            *count += usize::from(*met);
        }
        // One that meets the whole filter is nearer than all that do not.
        let score = met.iter().filter(|met| **met).count() + if met[0] { met.len() } else { 0 };
        if nearest.as_ref().is_none_or(|(best, ..)| score > *best) {
            nearest = Some((score, resource, met));
        }
    }
    let nearest = nearest.filter(|(score, ..)| *score > 0);
    let of = nearest.as_ref().map(|(_, resource, met)| (resource.document.value(), met.as_slice()));
    tell(&mut clause, &parsed.expression, &counts, of, &mut 0);
    found.nearest = nearest.map(|(_, resource, _)| (resource.id().to_owned(), resource.display().to_owned()));
    found.clause = Ok(clause);
    found
}

/// The tree of an expression; each of its parts becomes a question of its own, in the order in which they are met.
fn bind(
    expression: &Expression,
    shape: &Shape,
    setting: &Setting,
    questions: &mut Vec<Bound>,
) -> Result<Clause, String> {
    let text = expression.to_string();
    let alone = filter::parse(&text).map_err(|error| error.to_string())?;
    let mut reading = Reading::new(shape, setting.profile.leniency);
    let bound = alone.bind(&mut reading, &|_| Place::Request).map_err(|error| error.detail)?;
    questions.push(bound);
    let (joined, inner) = match expression {
        Expression::Test { .. } | Expression::ValuePath { .. } => (Joined::Test, Vec::new()),
        Expression::And(parts) => (Joined::And, parts.iter().collect()),
        Expression::Or(parts) => (Joined::Or, parts.iter().collect()),
        Expression::Not(part) => (Joined::Not, vec![&**part]),
    };
    let parts: Result<Vec<Clause>, String> =
        inner.into_iter().map(|part| bind(part, shape, setting, questions)).collect();
    Ok(Clause { text, joined, parts: parts?, met_by: 0, holds: None, values: Vec::new() })
}

/// Writes into the tree what was found, question by question.
fn tell(
    clause: &mut Clause,
    expression: &Expression,
    counts: &[usize],
    nearest: Option<(Value<'_>, &[bool])>,
    next: &mut usize,
) {
    clause.met_by = counts[*next];
    clause.holds = nearest.map(|(_, met)| met[*next]);
    *next += 1;
    let inner: Vec<&Expression> = match expression {
        Expression::Test { attribute, .. } | Expression::ValuePath { attribute, .. } => {
            clause.values = nearest.map(|(resource, _)| values(resource, &attribute.text)).unwrap_or_default();
            Vec::new()
        }
        Expression::And(parts) | Expression::Or(parts) => parts.iter().collect(),
        Expression::Not(part) => vec![part],
    };
    for (part, expression) in clause.parts.iter_mut().zip(inner) {
        tell(part, expression, counts, nearest, next);
    }
}

/// What a resource has at a path, the first few values of it.
fn values(resource: Value<'_>, path: &str) -> Vec<Json> {
    let (home, path) = match path.rsplit_once(':') {
        Some((urn, rest)) => (member(resource, urn).unwrap_or(resource), rest),
        None => (resource, path),
    };
    let mut found = vec![home];
    for name in path.split('.') {
        let next = found.iter().flat_map(|value| value.values()).filter_map(|value| member(value, name));
        found = next.take(MOST_VALUES).collect();
    }
    found.into_iter().flat_map(Value::values).take(MOST_VALUES).map(Value::to_json).collect()
}

fn member<'a>(value: Value<'a>, name: &str) -> Option<Value<'a>> {
    match value {
        Value::Object(mut members) => {
            let exact = members.get(name);
            exact.or_else(|| members.find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value))
        }
        _ => None,
    }
}
