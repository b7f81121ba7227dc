//! From a request that may come in to what is to be done.

use std::sync::Arc;

use scim::error::{ScimError, ScimType};
use scim::finding::{Finding, Place, Severity};
use scim::incoming;
use scim::json::{self, Json, Limits};
use scim::leniency::Reading;
use scim::patch;
use scim::projection::Selection;
use scim::schema::Shape;

use crate::answer::{Answer, Draft, Refused};
use crate::asked::{Asked, Said};
use crate::bulk::Bulk;
use crate::discovery;
use crate::limits;
use crate::list::List;
use crate::locate::not_found;
use crate::me;
use crate::negotiate;
use crate::prepare::{Operation, Scene, Setting, Step};
use crate::provider::Shared;
use crate::request::Request;
use crate::route::Route;
use crate::rules::Behaviour;
use crate::target::{Segment, Target};
use crate::write;

/// Reads what follows the decision that a request may come in. `rest` is the path below the tenant's base.
pub(crate) fn plan(
    shared: &Shared,
    request: &Request,
    target: &Target,
    rest: &[Segment],
    route: Route,
    setting: Setting,
    draft: &mut Draft,
) -> Result<Step, Refused> {
    if setting.profile.error_extension {
        draft.extends_errors = Some(setting.seq);
    }
    offered(request, rest, &route, &setting)?;
    let method = request.method.as_str();
    if method == "OPTIONS" {
        return Ok(Step::Decided(Answer::empty(204).with("Allow", route.methods(&setting.profile).join(", "))));
    }
    if target.trailing_slash && !matches!(route, Route::Base) {
        let place = Place::Target(request.target.len()..request.target.len());
        draft.findings.push(Finding::new("trailing-slash", Severity::Info, place, "the path ends with a slash"));
    }
    let has_body = matches!(method, "POST" | "PUT" | "PATCH");
    if !has_body && !request.body.is_empty() {
        let message =
            format!("{method} has a body of {} bytes, which has no meaning; it was not read", request.body.len());
        draft.findings.push(Finding::new("body-ignored", Severity::Warning, Place::Body(String::new()), message));
    }
    if matches!(route, Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_)) {
        refuse_filter(target)?;
    }
    let discovered = match &route {
        Route::ServiceProviderConfig => Some(discovery::service_provider_config(&setting)),
        Route::ResourceTypes(one) => {
            Some(discovery::resource_types(setting.tenant.registry(), one.as_ref(), &setting.base)?)
        }
        Route::Schemas(one) => Some(discovery::schemas(&setting, one.as_ref())?),
        _ => None,
    };
    if let Some(document) = discovered {
        return Ok(Step::Decided(Answer::json(200, document)));
    }
    let severity = setting.profile.leniency.severity();
    negotiate::check_content_type(request, has_body, severity, &mut draft.findings)?;
    let (shape, id) = match route {
        Route::Base | Route::Search(_) => {
            let shape = route.searched().cloned();
            return list(shared, request, target, shape.as_ref(), setting, draft);
        }
        Route::Type(ref shape) if !has_body => {
            let shape = Arc::clone(shape);
            return list(shared, request, target, Some(&shape), setting, draft);
        }
        Route::Resource(ref shape, ref id) if !has_body && method != "DELETE" && target.has("filter") => {
            let (shape, id) = (Arc::clone(shape), id.clone());
            return one_by_filter(shared, target, &shape, &id, setting, draft);
        }
        Route::Bulk => {
            let bulk = Bulk::read(&setting, request, draft)?;
            return Ok(Step::Several(Arc::new(setting), bulk));
        }
        Route::Type(shape) => (shape, None),
        Route::Resource(shape, id) => (shape, Some(id)),
        Route::Me => match me::resolve(&setting)? {
            me::Found::At(location) => return Ok(Step::Decided(Answer::empty(308).with("Location", location))),
            me::Found::Is(shape, id) => {
                draft.subject.resource_type = Some(shape.resource_type.name.clone());
                draft.subject.resource_id = Some(id.clone());
                draft.permanent = Some(format!("{}{}/{id}", setting.base, shape.resource_type.endpoint));
                (shape, Some(Segment { text: id, span: rest.first().map(|me| me.span.clone()).unwrap_or_default() }))
            }
        },
        Route::ServiceProviderConfig | Route::ResourceTypes(_) | Route::Schemas(_) | Route::Nowhere => {
            return Err(ScimError::plain(404, "there is nothing here").into());
        }
    };
    let (selection, selects) = select(
        &shape,
        target.parameter("attributes")?.map(Said::Url).as_ref(),
        target.parameter("excludedAttributes")?.map(Said::Url).as_ref(),
        &mut draft.findings,
    )?;
    let (if_match, if_none_match) = conditions(request, &setting, draft);
    let scene = Scene {
        shape,
        selection,
        selects,
        if_match,
        if_none_match,
        promised: Arc::default(),
        setting: Arc::new(setting),
    };
    let operation = match (method, id) {
        ("POST", None) => read_write(&scene, "POST", None, || parse_body(request), draft)?,
        ("PUT" | "PATCH" | "DELETE", Some(id)) => read_write(&scene, method, Some(id), || parse_body(request), draft)?,
        (_, Some(id)) => Operation::Read(id),
        (_, None) => return Err(ScimError::plain(405, "this cannot be done to all resources of a type").into()),
    };
    Ok(Step::Pending(Box::new(scene), operation))
}

/// Reads a write: the same for a request of its own and for an operation of a bulk request.
pub(crate) fn read_write(
    scene: &Scene,
    method: &str,
    id: Option<Segment>,
    body: impl FnOnce() -> Result<Json, ScimError>,
    draft: &mut Draft,
) -> Result<Operation, ScimError> {
    let profile = &scene.setting.profile;
    demand_condition(scene, method)?;
    let limits = profile.limits.of(&scene.shape.resource_type.name);
    let findings = std::mem::take(&mut draft.findings);
    let mut reading = Reading { findings, ..Reading::new(&scene.shape, profile.leniency) };
    let read = || match (method, id) {
        ("POST", _) => {
            let body = body()?;
            if let Some(limits) = limits {
                limits::check_creation(&scene.shape, limits, &body)?;
            }
            let written = incoming::written(reading.shape, &body);
            let names = write::names_of(&body);
            let object = incoming::resource(&mut reading, body, None)?;
            Ok(Operation::Create(write::Creation { object, written, names, id: None }))
        }
        ("PUT", Some(id)) => {
            let body = body()?;
            if let Some(limits) = limits {
                limits::check_body(&scene.shape, limits, &body)?;
            }
            limits::check_password_in_body(&scene.shape, profile, &body)?;
            Ok(Operation::Replace(id, body))
        }
        ("PATCH", Some(id)) => {
            let operations = patch::patch_operations(&mut reading, body()?)?;
            if let Some(limits) = limits {
                limits::check_operations(&scene.shape, limits, &operations)?;
            }
            limits::check_password_in_operations(&scene.shape, profile, &operations)?;
            let operations = match &scene.setting.behaviour {
                Some(behaviour) => behaviour.understood(operations),
                None => operations,
            };
            Ok(Operation::Modify(id, operations))
        }
        ("DELETE", Some(id)) => Ok(Operation::Delete(id)),
        (method, _) => Err(ScimError::plain(405, format!("{method} makes no sense here"))),
    };
    let operation = read();
    draft.findings = reading.findings;
    operation
}

/// Refuses what is not there, not supported, or not for this method.
fn offered(request: &Request, rest: &[Segment], route: &Route, setting: &Setting) -> Result<(), Refused> {
    let (profile, tenant) = (&setting.profile, &setting.tenant);
    if let Route::Nowhere = route {
        let endpoints = tenant.registry().shapes().iter().map(|shape| shape.resource_type.endpoint.as_str());
        let others = [("/Bulk", Route::Bulk), ("/Me", Route::Me), ("/.search", Route::Search(None))];
        let others = others.iter().filter(|(_, route)| route.unsupported(profile).is_none()).map(|(path, _)| *path);
        let endpoints: Vec<&str> = endpoints.chain(others).collect();
        let detail = format!(
            "there is no such endpoint below {}; there are {}, /ServiceProviderConfig, /ResourceTypes and /Schemas",
            tenant.base_path(),
            endpoints.join(", ")
        );
        return Err(not_found(rest, detail).into());
    }
    if let Some(what) = route.unsupported(profile) {
        return Err(ScimError::plain(501, format!("{what} is not supported by the profile {}", profile.name)).into());
    }
    let method = request.method.as_str();
    if route.is_switched_off(method, profile) {
        let detail = format!("{method} is not supported here by the profile {}", profile.name);
        return Err(ScimError::plain(501, detail).into());
    }
    let methods = route.methods(profile);
    if !methods.contains(&method) {
        let allowed = methods.join(", ");
        let detail = format!("{method} makes no sense here; allowed are {allowed}");
        return Err(Refused::from(ScimError::plain(405, detail)).with("Allow", allowed));
    }
    Ok(())
}

fn list(
    shared: &Shared,
    request: &Request,
    target: &Target,
    shape: Option<&Arc<Shape>>,
    setting: Setting,
    draft: &mut Draft,
) -> Result<Step, Refused> {
    let asked = if request.method == "POST" {
        let asked = Asked::in_body(&parse_body(request)?, &mut draft.findings)?;
        if target.has_any() {
            let message = "a search takes its parameters from the body; those in the URL were not regarded";
            draft.findings.push(Finding::new("parameters-ignored", Severity::Warning, Place::Request, message));
        }
        asked
    } else {
        Asked::in_target(target, &mut draft.findings)?
    };
    let asked = heard(asked, &setting);
    let shapes = match shape {
        Some(shape) => vec![Arc::clone(shape)],
        None => setting.tenant.registry().shapes().to_vec(),
    };
    let list = List::read(shared, asked, shapes, None, &setting, draft)?;
    list.describe(draft);
    Ok(Step::Listing(Box::new(setting), list))
}

/// A query on a single resource (RFC 7644 section 3.4.2.1): a list that holds it, or nothing.
fn one_by_filter(
    shared: &Shared,
    target: &Target,
    shape: &Arc<Shape>,
    id: &Segment,
    setting: Setting,
    draft: &mut Draft,
) -> Result<Step, Refused> {
    let root = setting.root();
    if crate::prepare::known(&root, shape, &id.text).is_none() {
        return Err(crate::read::missing(shape, id));
    }
    let asked = heard(Asked::in_target(target, &mut draft.findings)?, &setting);
    let list = List::read(shared, asked, vec![Arc::clone(shape)], Some(id.text.clone()), &setting, draft)?;
    list.describe(draft);
    Ok(Step::Listing(Box::new(setting), list))
}

/// What is asked, as a rule lets the provider hear it.
fn heard(mut asked: Asked, setting: &Setting) -> Asked {
    let leaves_out = |behaviour: &Behaviour| behaviour.leaves_out_filter();
    if asked.filter.is_some() && setting.behaviour.as_deref().is_some_and(leaves_out) {
        asked.filter = None;
    }
    if setting.settings.upstream.is_some() {
        // Only the server that has given it out can tell what it stands for.
        asked.cursor = None;
    }
    asked
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

/// What `attributes` and `excludedAttributes` select, and whether they select anything.
pub(crate) fn select(
    shape: &Shape,
    wanted: Option<&Said>,
    unwanted: Option<&Said>,
    findings: &mut Vec<Finding>,
) -> Result<(Selection, bool), ScimError> {
    let (selection, place) = match (wanted, unwanted) {
        (None, None) => return Ok((Selection::all(), false)),
        (Some(wanted), None) => (Selection::attributes(shape, wanted.text()), wanted.place()),
        (None, Some(unwanted)) => (Selection::excluded(shape, unwanted.text()), unwanted.place()),
        (Some(_), Some(unwanted)) => {
            let detail =
                "attributes and excludedAttributes exclude each other (RFC 7644 section 3.9); send one of them";
            return Err(ScimError::bad_request(ScimType::InvalidValue, unwanted.place(), detail));
        }
    };
    if !selection.unknown().is_empty() {
        let message = format!("{} has no attribute {}", shape.resource_type.name, selection.unknown().join(", "));
        findings.push(Finding::new("unknown-attribute", Severity::Warning, place, message));
    }
    Ok((selection, true))
}

/// `If-Match` and `If-None-Match`, where the profile has versions.
fn conditions(request: &Request, setting: &Setting, draft: &mut Draft) -> (Option<String>, Option<String>) {
    if setting.profile.etag {
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

/// 428 where the profile wants to know which version a write expects (RFC 6585 section 3).
fn demand_condition(scene: &Scene, method: &str) -> Result<(), ScimError> {
    let profile = &scene.setting.profile;
    let demanded = profile.etag && profile.require_if_match && matches!(method, "PUT" | "PATCH" | "DELETE");
    if !demanded || scene.if_match.is_some() {
        return Ok(());
    }
    let detail = format!("{method} needs If-Match here; send the version that you have read, or \"*\" for any");
    Err(ScimError::plain(428, detail))
}

/// The body of a request.
pub(crate) fn parse_body(request: &Request) -> Result<Json, ScimError> {
    json::parse(&request.body, Limits::default()).map_err(|error| {
        let detail = if request.body.is_empty() {
            "the body is empty; send a JSON object".to_owned()
        } else {
            format!("the body is not JSON: {error}")
        };
        ScimError::bad_request(ScimType::InvalidSyntax, Place::Body(String::new()), detail)
    })
}
