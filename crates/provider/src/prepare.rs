//! Reading a request: route, access, syntax, schema, plan.

use std::sync::Arc;

use directory::Resource;
use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::incoming;
use scim::json::{self, Json, Limits};
use scim::leniency::Reading;
use scim::patch;
use scim::projection::Selection;
use scim::schema::Shape;
use traffic::handled::{AuthStep, Handled};
use traffic::ids::Seq;

use crate::answer::{Answer, Draft, Refused};
use crate::auth;
use crate::discovery;
use crate::list::List;
use crate::negotiate;
use crate::profile::Profile;
use crate::provider::Shared;
use crate::request::Request;
use crate::route::Route;
use crate::target::{Segment, Target};
use crate::tenant::Tenant;
use crate::{list, read, write};

/// Looking at more resources than this takes long enough to be done outside of the async workers.
const EXPENSIVE_SCAN: usize = 2_000;
/// The same for a resource of this many bytes at rest: a group with some thousands of members.
const EXPENSIVE_BYTES: usize = 256 * 1024;

/// A request that is read and waits to be carried out.
pub struct Prepared {
    shared: Arc<Shared>,
    draft: Draft,
    step: Result<Step, Refused>,
    expensive: bool,
}

enum Step {
    /// There is nothing left to do.
    Decided(Answer),
    /// This is left to do.
    Pending(Box<Scene>, Operation),
}

/// What every operation on resources needs to know.
pub(crate) struct Scene {
    pub tenant: Arc<Tenant>,
    pub profile: Arc<Profile>,
    pub seq: Seq,
    /// Base URL with the tenant's path.
    pub base: String,
    pub shape: Arc<Shape>,
    pub selection: Selection,
    /// Whether the request says which attributes it wants.
    pub selects: bool,
    /// `If-Match`, if it is to be regarded.
    pub if_match: Option<String>,
    /// `If-None-Match`, if it is to be regarded.
    pub if_none_match: Option<String>,
}

/// An operation on resources.
pub(crate) enum Operation {
    Read(Segment),
    List(List),
    Create(write::Creation),
    Replace(Segment, Json),
    Modify(Segment, Vec<patch::Operation>),
    Delete(Segment),
}

impl Prepared {
    pub(crate) fn new(shared: Arc<Shared>, request: Request) -> Prepared {
        let mut draft = Draft::default();
        let step = prepare(&shared, &request, &mut draft);
        let expensive = match &step {
            Ok(Step::Pending(scene, operation)) => is_expensive(scene, operation),
            _ => false,
        };
        Prepared { shared, draft, step, expensive }
    }

    /// Whether carrying it out takes long enough to be done outside of the async workers.
    pub fn is_expensive(&self) -> bool {
        self.expensive
    }

    /// Carries the request out.
    pub fn execute(self) -> Handled {
        let Prepared { shared, mut draft, step, .. } = self;
        let decision = step.and_then(|step| match step {
            Step::Decided(answer) => Ok(answer),
            Step::Pending(scene, operation) => match operation {
                Operation::Read(id) => read::read(&scene, &id, &mut draft),
                Operation::List(list) => Ok(list.execute(&scene, &mut draft)),
                Operation::Create(creation) => write::create(&shared, &scene, creation, &mut draft),
                Operation::Replace(id, body) => write::replace(&shared, &scene, &id, body, &mut draft),
                Operation::Modify(id, operations) => write::modify(&shared, &scene, &id, &operations, &mut draft),
                Operation::Delete(id) => write::delete(&shared, &scene, &id, &mut draft),
            },
        });
        draft.finish(decision)
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared")
            .field("draft", &self.draft)
            .field("expensive", &self.expensive)
            .finish_non_exhaustive()
    }
}

fn is_expensive(scene: &Scene, operation: &Operation) -> bool {
    let root = scene.tenant.directory().root();
    match operation {
        Operation::List(list) => list.plan(scene, &root).scanned > EXPENSIVE_SCAN,
        Operation::Read(id) | Operation::Replace(id, _) | Operation::Modify(id, _) => {
            root.get(&id.text).is_some_and(|resource| resource.document.packed_bytes() > EXPENSIVE_BYTES)
        }
        Operation::Delete(id) => root.referrers(&id.text).len() > EXPENSIVE_SCAN,
        Operation::Create(_) => false,
    }
}

fn prepare(shared: &Shared, request: &Request, draft: &mut Draft) -> Result<Step, Refused> {
    draft.answer_type = negotiate::answer_type(request, &mut draft.findings);
    let target = Target::parse(&request.target)?;
    let (tenant, rest) = find_tenant(&shared.tenants, &target)?;
    draft.tenant = Some(tenant.name().to_owned());
    let route = Route::of(tenant.registry(), rest);
    let method = request.method.as_str();
    draft.action = route.action(method);
    note_subject(&route, tenant, draft);
    let profile = tenant.profile();
    authorize(request, &route, tenant, &profile, draft)?;
    if let Route::Nowhere = route {
        let endpoints = tenant.registry().shapes().iter().map(|shape| shape.resource_type.endpoint.as_str());
        let endpoints: Vec<&str> = endpoints.collect();
        let detail = format!(
            "there is no such endpoint below {}; there are {}, /ServiceProviderConfig, /ResourceTypes and /Schemas",
            tenant.base_path(),
            endpoints.join(", ")
        );
        return Err(not_found(rest, detail).into());
    }
    if let Some(what) = route.unsupported() {
        return Err(ScimError::plain(501, format!("{what} is not supported, as ServiceProviderConfig says")).into());
    }
    if !route.methods().contains(&method) {
        let allowed = route.methods().join(", ");
        let detail = format!("{method} makes no sense here; allowed are {allowed}");
        return Err(Refused::from(ScimError::plain(405, detail)).with("Allow", allowed));
    }
    if method == "OPTIONS" {
        return Ok(Step::Decided(Answer::empty(204).with("Allow", route.methods().join(", "))));
    }
    if target.trailing_slash {
        let place = Place::Target(request.target.len()..request.target.len());
        draft.findings.push(Finding::new("trailing-slash", Severity::Info, place, "the path ends with a slash"));
    }
    let base = format!("{}{}", request.base_url.trim_end_matches('/'), tenant.base_path());
    let has_body = matches!(method, "POST" | "PUT" | "PATCH");
    if !has_body && !request.body.is_empty() {
        let message =
            format!("{method} has a body of {} bytes, which has no meaning; it was not read", request.body.len());
        draft.findings.push(Finding::new("body-ignored", Severity::Warning, Place::Body(String::new()), message));
    }
    let (shape, id) = match route {
        Route::ServiceProviderConfig => {
            refuse_filter(&target)?;
            let config = discovery::service_provider_config(&profile, tenant.registry(), &base);
            return Ok(Step::Decided(Answer::json(200, config)));
        }
        Route::ResourceTypes(one) => {
            refuse_filter(&target)?;
            return Ok(Step::Decided(Answer::json(
                200,
                discovery::resource_types(tenant.registry(), one.as_ref(), &base)?,
            )));
        }
        Route::Schemas(one) => {
            refuse_filter(&target)?;
            return Ok(Step::Decided(Answer::json(200, discovery::schemas(tenant.registry(), one.as_ref(), &base)?)));
        }
        Route::Type(shape) => (shape, None),
        Route::Resource(shape, id) => (shape, Some(id)),
        Route::Base | Route::Search | Route::Bulk | Route::Me | Route::Nowhere => {
            return Err(ScimError::plain(501, "this endpoint is not supported").into());
        }
    };
    negotiate::check_content_type(request, has_body, profile.leniency.severity(), &mut draft.findings)?;
    let (selection, selects) = select(&shape, &target, draft)?;
    let mut reading =
        Reading { findings: std::mem::take(&mut draft.findings), ..Reading::new(&shape, profile.leniency) };
    let operation = read_operation(request, &target, &profile, id, &mut reading);
    draft.findings = reading.findings;
    let (if_match, if_none_match) = conditions(request, &profile, draft);
    let scene = Scene {
        tenant: Arc::clone(tenant),
        profile,
        seq: request.seq,
        base,
        shape: Arc::clone(&shape),
        selection,
        selects,
        if_match,
        if_none_match,
    };
    let operation = operation?;
    if let Operation::List(list) = &operation {
        list.describe(draft);
    }
    Ok(Step::Pending(Box::new(scene), operation))
}

fn find_tenant<'t>(
    tenants: &'t [Arc<Tenant>],
    target: &'t Target,
) -> Result<(&'t Arc<Tenant>, &'t [Segment]), ScimError> {
    let segments = &target.segments;
    for tenant in tenants {
        let base: Vec<&str> = tenant.base_path().split('/').filter(|part| !part.is_empty()).collect();
        if segments.len() >= base.len() && base.iter().zip(segments).all(|(part, segment)| segment.text == *part) {
            return Ok((tenant, &segments[base.len()..]));
        }
        // The same base with another version (RFC 7644 section 3.13).
        if let Some((version, before)) = base.split_last()
            && is_version(version)
            && before.iter().zip(segments).all(|(part, segment)| segment.text == *part)
            && let Some(asked) = segments.get(before.len()).filter(|segment| is_version(&segment.text))
        {
            let detail = format!("the protocol version {} is not supported; {version} is", asked.text);
            return Err(ScimError::bad_request(ScimType::InvalidVers, Place::Target(asked.span.clone()), detail));
        }
    }
    let bases: Vec<&str> = tenants.iter().map(|tenant| tenant.base_path()).collect();
    Err(not_found(segments, format!("there is nothing here; SCIM is below {}", bases.join(", "))))
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| {
        rest.starts_with(|first: char| first.is_ascii_digit())
            && rest.chars().all(|letter| letter.is_ascii_digit() || letter == '.')
    })
}

fn not_found(segments: &[Segment], detail: String) -> ScimError {
    let place = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => Place::Target(first.span.start..last.span.end),
        _ => Place::Request,
    };
    ScimError { place, ..ScimError::plain(404, detail) }
}

fn note_subject(route: &Route, tenant: &Tenant, draft: &mut Draft) {
    let (shape, id) = match route {
        Route::Type(shape) => (shape, None),
        Route::Resource(shape, id) => (shape, Some(id)),
        _ => return,
    };
    draft.subject.resource_type = Some(shape.resource_type.name.clone());
    if let Some(id) = id {
        draft.subject.resource_id = Some(id.text.clone());
        let root = tenant.directory().root();
        draft.subject.display = known(&root, shape, &id.text).map(|resource| resource.display().to_owned());
    }
}

/// The resource of this type with this `id`.
pub(crate) fn known<'a>(root: &'a directory::Root, shape: &Shape, id: &str) -> Option<&'a Arc<Resource>> {
    root.get(id).filter(|resource| resource.resource_type() == shape.resource_type.name)
}

fn authorize(
    request: &Request,
    route: &Route,
    tenant: &Tenant,
    profile: &Profile,
    draft: &mut Draft,
) -> Result<(), Refused> {
    let open = match (route, request.method.as_str()) {
        (_, "OPTIONS") => Some("OPTIONS needs no token"),
        (Route::ServiceProviderConfig, "GET" | "HEAD") if profile.open_service_provider_config => {
            Some("ServiceProviderConfig needs no token")
        }
        _ => None,
    };
    if let Some(why) = open {
        draft.auth.push(AuthStep { checked: "endpoint".into(), found: why.into(), passed: true });
        return Ok(());
    }
    auth::authenticate(request, &tenant.token(), &mut draft.auth).map_err(|detail| {
        let place = match request.header_fields("Authorization").next() {
            Some((name, _)) => Place::Header(name.to_owned()),
            None => Place::Request,
        };
        Refused::from(ScimError { place, ..ScimError::plain(401, detail) }).with("WWW-Authenticate", auth::CHALLENGE)
    })
}

fn refuse_filter(target: &Target) -> Result<(), ScimError> {
    match target.parameter("filter")? {
        None => Ok(()),
        Some(filter) => {
            let detail = "discovery endpoints take no filter (RFC 7644 section 4); leave it out";
            Err(ScimError { place: Place::Target(filter.span), ..ScimError::plain(403, detail) })
        }
    }
}

fn select(shape: &Shape, target: &Target, draft: &mut Draft) -> Result<(Selection, bool), ScimError> {
    let wanted = target.parameter("attributes")?;
    let unwanted = target.parameter("excludedAttributes")?;
    let (selection, span) = match (wanted, unwanted) {
        (None, None) => return Ok((Selection::all(), false)),
        (Some(wanted), None) => (Selection::attributes(shape, &wanted.text), wanted.span),
        (None, Some(unwanted)) => (Selection::excluded(shape, &unwanted.text), unwanted.span),
        (Some(_), Some(unwanted)) => {
            let detail =
                "attributes and excludedAttributes exclude each other (RFC 7644 section 3.9); send one of them";
            return Err(ScimError::bad_request(ScimType::InvalidValue, Place::Target(unwanted.span), detail));
        }
    };
    if !selection.unknown().is_empty() {
        let message = format!("{} has no attribute {}", shape.resource_type.name, selection.unknown().join(", "));
        draft.findings.push(Finding::new("unknown-attribute", Severity::Warning, Place::Target(span), message));
    }
    Ok((selection, true))
}

/// `If-Match` and `If-None-Match`, where the profile has versions.
fn conditions(request: &Request, profile: &Profile, draft: &mut Draft) -> (Option<String>, Option<String>) {
    if profile.etag {
        return (request.header_list("If-Match"), request.header_list("If-None-Match"));
    }
    for name in ["If-Match", "If-None-Match"] {
        if let Some((sent, _)) = request.header_fields(name).next() {
            let message =
                format!("{name} was not regarded: this profile has no versions, as ServiceProviderConfig says");
            let place = Place::Header(sent.to_owned());
            draft.findings.push(Finding::new("condition-ignored", Severity::Warning, place, message));
        }
    }
    (None, None)
}

fn read_operation(
    request: &Request,
    target: &Target,
    profile: &Profile,
    id: Option<Segment>,
    reading: &mut Reading<'_>,
) -> Result<Operation, ScimError> {
    match (request.method.as_str(), id) {
        ("POST", None) => {
            let body = parse_body(request)?;
            let written = incoming::written(reading.shape, &body);
            let names = write::names_of(&body);
            let object = incoming::resource(reading, body, None)?;
            Ok(Operation::Create(write::Creation { object, written, names }))
        }
        ("PUT", Some(id)) => Ok(Operation::Replace(id, parse_body(request)?)),
        ("PATCH", Some(id)) => {
            let body = parse_body(request)?;
            Ok(Operation::Modify(id, patch::patch_operations(reading, body)?))
        }
        ("DELETE", Some(id)) => Ok(Operation::Delete(id)),
        (_, Some(id)) => Ok(Operation::Read(id)),
        (_, None) => list::read(target, profile, reading).map(Operation::List),
    }
}

fn parse_body(request: &Request) -> Result<Json, ScimError> {
    json::parse(&request.body, Limits::default()).map_err(|error| {
        let detail = if request.body.is_empty() {
            "the body is empty; send a JSON object".to_owned()
        } else {
            format!("the body is not JSON: {error}")
        };
        ScimError::bad_request(ScimType::InvalidSyntax, Place::Body(String::new()), detail)
    })
}
