//! Reading directories: types, lists, single resources, filters as they are typed.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use provider::Tenant;
use provider::browse::{Lookup, View, references_of, references_to};
use scim::error::ScimError;
use scim::filter;
use scim::schema::Shape;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::control::Control;
use crate::error::{ApiError, ErrorBody, TextSpan};
use crate::extract::{Parameters, Segment};
use crate::found::Asked;
use crate::model::{
    FilterError, FilterExplained, FilterInfo, PlanInfo, ReferencePage, ResourceDetail, ResourceInfo, ResourcePage,
    TypeInfo, TypeList, byte_at, span_of,
};
use crate::past::At;

const DEFAULT_COUNT: usize = 100;
const MOST: usize = 1000;

/// In which state.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Moment {
    /// The state to read: a revision, or `seq:34` for the one right after exchange 34. The present one if not given.
    pub at: Option<String>,
}

/// Lists the resource types of a tenant.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/types",
    tag = "directory",
    operation_id = "list_types",
    params(("name" = String, Path, description = "The tenant's name."), Moment),
    responses(
        (status = 200, description = "The types, with what their resources may hold.", body = TypeList),
        (status = 404, description = "There is no such tenant or state.", body = ErrorBody),
    )
)]
pub(super) async fn types(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<TypeList>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let at = At::read(moment.at.as_deref())?;
    away(move || {
        let root = control.root_at(&tenant, at)?;
        let items = tenant.registry().shapes().iter().map(|shape| TypeInfo::new(shape, &root)).collect();
        Ok(TypeList { revision: root.revision(), items })
    })
    .await
}

/// Which resources.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A SCIM filter: `userName sw "a" and active eq true`.
    filter: Option<String>,
    /// The attribute to sort by. Without one, the order is that of creation.
    sort_by: Option<String>,
    /// `ascending` or `descending`; ascending if not given.
    sort_order: Option<String>,
    /// Number of the first one wanted, from 1.
    #[param(minimum = 1, default = 1)]
    start_index: Option<u64>,
    /// How many at most, from 0 to 1000; 100 if not given.
    #[param(maximum = 1000, default = 100)]
    count: Option<usize>,
    /// The state to read: a revision, or `seq:34` for the one right after exchange 34. The present one if not given.
    at: Option<String>,
}

/// Lists resources of one type.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/resources/{resource_type}",
    tag = "directory",
    operation_id = "list_resources",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        Wanted
    ),
    responses(
        (status = 200, description = "A page of them, and how they were found.", body = ResourcePage),
        (status = 400, description = "The filter is none, or a parameter is wrong; `span` says where.", body = ErrorBody),
        (status = 404, description = "There is no such tenant, type or state.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn list(
    State(control): State<Control>,
    Segment((tenant, resource_type)): Segment<(String, String)>,
    Parameters(wanted): Parameters<Wanted>,
) -> Result<Json<ResourcePage>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    let at = At::read(wanted.at.as_deref())?;
    let (start_index, count) = window(wanted.start_index, wanted.count)?;
    let descending = match wanted.sort_order.as_deref().unwrap_or("ascending") {
        "ascending" | "" => false,
        "descending" => true,
        other => {
            return Err(ApiError::bad_request(format!("sort_order is {other:?}; it is ascending or descending")));
        }
    };
    let text = wanted.filter.unwrap_or_default();
    let lookup = Lookup::read(&shape, Some(&text), wanted.sort_by.as_deref(), descending)
        .map_err(|error| filter_refused(&text, &error))?;
    away(move || {
        let root = control.root_at(&tenant, at)?;
        let (base, profile) = (control.local_url(&tenant), tenant.profile());
        let view = View { base: &base, profile: &profile };
        let (total, resources, plan) = if lookup.is_plain() {
            let (total, page) = lookup.page(&root, start_index, count);
            let plan = PlanInfo::straight(page.len());
            (total, page, plan)
        } else {
            let plan = PlanInfo::new(&lookup.plan(&root, view), &resource_type);
            let asked = Asked {
                tenant: tenant.id().to_owned(),
                revision: root.revision(),
                resource_type: shape.resource_type.name.clone(),
                filter: lookup.filter().map(ToString::to_string),
                order: wanted.sort_by.map(|path| (path, descending)),
            };
            let hits = control.found().hits(asked, || lookup.hits(&root, view));
            let skip = usize::try_from(start_index - 1).unwrap_or(usize::MAX);
            let page = hits.iter().skip(skip).take(count).cloned().collect();
            (hits.len() as u64, page, plan)
        };
        Ok(ResourcePage {
            revision: root.revision(),
            total,
            start_index,
            items: resources.iter().map(|resource| ResourceInfo::new(resource)).collect(),
            filter: lookup.filter().map(|filter| FilterInfo::new(&text, filter, lookup.findings())),
            plan,
        })
    })
    .await
}

/// Gives a resource, with what it refers to and what refers to it.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/resources/{resource_type}/{id}",
    tag = "directory",
    operation_id = "get_resource",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        ("id" = String, Path, description = "The resource's `id`."),
        Moment
    ),
    responses(
        (status = 200, description = "The resource, and the first hundred references each way.", body = ResourceDetail),
        (status = 404, description = "It is not there, or was not there then.", body = ErrorBody),
        (status = 410, description = "The state is not kept any more.", body = ErrorBody),
    )
)]
pub(super) async fn get(
    State(control): State<Control>,
    Segment((tenant, resource_type, id)): Segment<(String, String, String)>,
    Parameters(moment): Parameters<Moment>,
) -> Result<Json<ResourceDetail>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    let at = At::read(moment.at.as_deref())?;
    away(move || {
        let root = control.root_at(&tenant, at)?;
        let resource = find_resource(&root, &shape, &id, at)?;
        let shapes = tenant.registry().shapes();
        Ok(ResourceDetail {
            revision: root.revision(),
            resource: ResourceInfo::new(resource),
            refers_to: ReferencePage::new(references_of(&root, resource), 1, DEFAULT_COUNT),
            referred_by: ReferencePage::new(references_to(&root, shapes, &id), 1, DEFAULT_COUNT),
        })
    })
    .await
}

/// Which references.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Direction {
    /// `to` for what the resource refers to, `from` for what refers to it; `to` if not given.
    direction: Option<String>,
    /// Only those whose name has this text in it, in any case, or whose `id` begins with it.
    q: Option<String>,
    /// Number of the first one wanted, from 1.
    #[param(minimum = 1, default = 1)]
    start_index: Option<u64>,
    /// How many at most, from 0 to 1000; 100 if not given.
    #[param(maximum = 1000, default = 100)]
    count: Option<usize>,
    /// The state to read: a revision, or `seq:34` for the one right after exchange 34. The present one if not given.
    at: Option<String>,
}

/// Lists references between a resource and others: members of a group, groups of a user, managers.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/resources/{resource_type}/{id}/references",
    tag = "directory",
    operation_id = "list_references",
    params(
        ("name" = String, Path, description = "The tenant's name."),
        ("resource_type" = String, Path, description = "The type's name."),
        ("id" = String, Path, description = "The resource's `id`."),
        Direction
    ),
    responses(
        (status = 200, description = "A page of them.", body = ReferencePage),
        (status = 404, description = "It is not there, or was not there then.", body = ErrorBody),
    )
)]
pub(super) async fn references(
    State(control): State<Control>,
    Segment((tenant, resource_type, id)): Segment<(String, String, String)>,
    Parameters(wanted): Parameters<Direction>,
) -> Result<Json<ReferencePage>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &resource_type)?;
    let at = At::read(wanted.at.as_deref())?;
    let (start_index, count) = window(wanted.start_index, wanted.count)?;
    let from = match wanted.direction.as_deref().unwrap_or("to") {
        "to" => false,
        "from" => true,
        other => return Err(ApiError::bad_request(format!("direction is {other:?}; it is to or from"))),
    };
    away(move || {
        let root = control.root_at(&tenant, at)?;
        let resource = find_resource(&root, &shape, &id, at)?;
        let all = match from {
            true => references_to(&root, tenant.registry().shapes(), &id),
            false => references_of(&root, resource),
        };
        let all = match wanted.q.as_deref().map(str::trim) {
            None | Some("") => all,
            Some(text) => all.into_iter().filter(|reference| reference.is_called(text)).collect(),
        };
        Ok(ReferencePage::new(all, start_index, count))
    })
    .await
}

/// A filter as it is typed.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Typed {
    /// Name of the resource type.
    r#type: String,
    /// The text so far.
    #[serde(default)]
    filter: String,
    /// The cursor, in UTF-16 code units from the beginning; the end if not given.
    cursor: Option<u64>,
}

/// Explains a filter as it is typed: what it says, or why it is none, how it would be answered, and what can stand at the
/// cursor.
#[utoipa::path(
    get,
    path = "/api/v1/tenants/{name}/filter/explain",
    tag = "directory",
    operation_id = "explain_filter",
    params(("name" = String, Path, description = "The tenant's name."), Typed),
    responses(
        (status = 200, description = "The explanation.", body = FilterExplained),
        (status = 404, description = "There is no such tenant or type.", body = ErrorBody),
    )
)]
pub(super) async fn explain(
    State(control): State<Control>,
    Segment(tenant): Segment<String>,
    Parameters(typed): Parameters<Typed>,
) -> Result<Json<FilterExplained>, ApiError> {
    let tenant = control.find_tenant(&tenant)?;
    let shape = find_shape(&tenant, &typed.r#type)?;
    let text = &typed.filter;
    let cursor = typed.cursor.map_or(text.len(), |cursor| byte_at(text, cursor));
    let found = filter::complete(&shape, text, cursor);
    let span = TextSpan::of(text, found.span);
    let mut explained = FilterExplained {
        filter: None,
        error: None,
        plan: None,
        start: span.start,
        end: span.end,
        completions: found.items.into_iter().map(Into::into).collect(),
    };
    match Lookup::read(&shape, Some(text), None, false) {
        Ok(lookup) => {
            let (base, profile) = (control.local_url(&tenant), tenant.profile());
            let root = tenant.directory().root();
            explained.plan = lookup.filter().map(|_| {
                let plan = lookup.plan(&root, View { base: &base, profile: &profile });
                PlanInfo::new(&plan, &shape.resource_type.name)
            });
            explained.filter = lookup.filter().map(|filter| FilterInfo::new(text, filter, lookup.findings()));
        }
        Err(error) => {
            let span = span_of(text, &error.place);
            explained.error = Some(FilterError { message: error.detail, span });
        }
    }
    Ok(Json(explained))
}

/// What is wrong with a filter, with its place in it.
pub(crate) fn filter_refused(text: &str, error: &ScimError) -> ApiError {
    let code = if span_of(text, &error.place).is_some() { "bad_filter" } else { "bad_request" };
    ApiError::new(StatusCode::BAD_REQUEST, code, error.detail.clone()).at(span_of(text, &error.place))
}

/// The resource type of a tenant with this name, or this endpoint.
pub(crate) fn find_shape(tenant: &Tenant, name: &str) -> Result<Arc<Shape>, ApiError> {
    let shapes = tenant.registry().shapes();
    let is_it = |shape: &&Arc<Shape>| shape.resource_type.name.eq_ignore_ascii_case(name);
    shapes.iter().find(is_it).cloned().ok_or_else(|| {
        let known: Vec<&str> = shapes.iter().map(|shape| shape.resource_type.name.as_str()).collect();
        ApiError::not_found(format!("{} has no resource type {name:?}; it has {}", tenant.name(), known.join(", ")))
    })
}

/// The resource of this type with this `id`.
pub(super) fn find_resource<'a>(
    root: &'a directory::Root,
    shape: &Shape,
    id: &str,
    at: At,
) -> Result<&'a Arc<directory::Resource>, ApiError> {
    let name = &shape.resource_type.name;
    root.get(id).filter(|resource| resource.resource_type() == name).ok_or_else(|| {
        let then = if at == At::Now { String::new() } else { format!(" at {at}") };
        ApiError::not_found(format!("there is no {name} with the id {id:?}{then}"))
    })
}

/// A page that makes sense.
fn window(start_index: Option<u64>, count: Option<usize>) -> Result<(u64, usize), ApiError> {
    let (start_index, count) = (start_index.unwrap_or(1), count.unwrap_or(DEFAULT_COUNT));
    if start_index == 0 {
        return Err(ApiError::bad_request("start_index is 0; the first one is number 1"));
    }
    if count > MOST {
        return Err(ApiError::bad_request(format!("count is {count}; it has to be from 0 to {MOST}")));
    }
    Ok((start_index, count))
}

/// Answers on a thread that may take its time.
pub(super) async fn away<T: Send + 'static>(
    answer: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<Json<T>, ApiError> {
    let answered = tokio::task::spawn_blocking(answer).await;
    answered.map(|answer| answer.map(Json)).unwrap_or_else(|_| {
        let message = "the answer broke off; this is a fault of ours";
        Err(ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "broke_off", message))
    })
}
