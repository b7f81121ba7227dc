//! What the service provider says of itself (RFC 7644 section 4), computed from the profile and the registry.

use std::borrow::Cow;

use scim::error::ScimError;
use scim::finding::Place;
use scim::json::{Json, Limits, Object, parse};
use scim::message;
use scim::object;
use scim::schema::{Attribute, Container, Mutability, Registry, ResourceType, Returned, Schema, Target};
use serde::Serialize;

use crate::auth::{self, Access};
use crate::prepare::Setting;
use crate::profile::{Pagination, Profile};
use crate::target::Segment;
use crate::tenant::Tenant;

/// `/ServiceProviderConfig` (RFC 7643 section 5, RFC 9865 section 4).
pub(crate) fn service_provider_config(setting: &Setting) -> Json {
    announcement(&setting.profile, &setting.settings.access, setting.tenant.registry(), &setting.base)
}

impl Tenant {
    /// What it says of itself now at `/ServiceProviderConfig`, to a client that knows it by this base URL.
    pub fn service_provider_config(&self, base: &str) -> Json {
        let settings = self.settings();
        announcement(&settings.profile, &settings.access, self.registry(), base)
    }
}

fn announcement(profile: &Profile, access: &Access, registry: &Registry, base: &str) -> Json {
    let supported = |supported: bool| object! { "supported" => supported };
    let max_results = count(profile.max_results);
    let bulk = |value: usize| if profile.bulk { count(value) } else { 0 };
    let mut pagination = object! {
        "cursor" => profile.cursor_pagination,
        "index" => profile.index_pagination,
    };
    if profile.cursor_pagination || profile.index_pagination {
        let default = match profile.default_pagination {
            Pagination::Index => "index",
            Pagination::Cursor => "cursor",
        };
        pagination.insert("defaultPaginationMethod", default);
        pagination.insert("defaultPageSize", count(profile.default_page_size.min(profile.max_results)));
        pagination.insert("maxPageSize", max_results);
    }
    if profile.cursor_pagination {
        pagination.insert("cursorTimeout", i64::try_from(profile.cursor_timeout_seconds).unwrap_or(i64::MAX));
    }
    let change_password = profile.change_password && has_password(profile, registry);
    Json::Object(object! {
        "schemas" => vec![Json::from(message::SERVICE_PROVIDER_CONFIG)],
        "patch" => supported(profile.patch),
        "bulk" => object! {
            "supported" => profile.bulk,
            "maxOperations" => bulk(profile.bulk_max_operations),
            "maxPayloadSize" => bulk(profile.bulk_max_payload_bytes),
        },
        "filter" => object! { "supported" => profile.filter, "maxResults" => max_results },
        "changePassword" => supported(change_password),
        "sort" => supported(profile.sort),
        "etag" => supported(profile.etag),
        "pagination" => pagination,
        "authenticationSchemes" => auth::schemes(access),
        "meta" => object! {
            "resourceType" => "ServiceProviderConfig",
            "location" => format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// `/ResourceTypes`, or one of them by its id.
pub(crate) fn resource_types(registry: &Registry, one: Option<&Segment>, base: &str) -> Result<Json, ScimError> {
    let types = registry.shapes().iter().map(|shape| &shape.resource_type);
    let describe = |resource_type: &ResourceType| {
        described(
            resource_type,
            message::RESOURCE_TYPE,
            "ResourceType",
            &format!("ResourceTypes/{}", resource_type.id),
            base,
        )
    };
    match one {
        None => Ok(whole_list(types.map(describe).collect())),
        Some(wanted) => types
            .clone()
            .find(|resource_type| resource_type.id.eq_ignore_ascii_case(&wanted.text))
            .map(describe)
            .ok_or_else(|| not_there("resource type", wanted, types.map(|resource_type| resource_type.id.as_str()))),
    }
}

/// `/Schemas`, or one of them by its URN, as the profile has them.
pub(crate) fn schemas(setting: &Setting, one: Option<&Segment>) -> Result<Json, ScimError> {
    let registry = setting.tenant.registry();
    let describe = |schema: &Schema| {
        let schema = limited(schema, &setting.profile, registry);
        described(&*schema, message::SCHEMA, "Schema", &format!("Schemas/{}", schema.id), &setting.base)
    };
    match one {
        None => Ok(whole_list(registry.schemas().iter().map(|schema| describe(schema)).collect())),
        Some(wanted) => registry
            .schema(&wanted.text)
            .map(|schema| describe(schema))
            .ok_or_else(|| not_there("schema", wanted, registry.schemas().iter().map(|schema| schema.id.as_str()))),
    }
}

/// A schema without what the profile refuses, with what it demands.
fn limited<'s>(schema: &'s Schema, profile: &Profile, registry: &Registry) -> Cow<'s, Schema> {
    let mut limited = Cow::Borrowed(schema);
    for shape in registry.shapes() {
        let Some(limits) = profile.limits.of(&shape.resource_type.name) else { continue };
        let each = |paths: &[String], limited: &mut Cow<'s, Schema>, edit: &dyn Fn(&mut Attribute) -> bool| {
            for path in paths {
                let Ok(Target::Attribute { container, attribute, sub }) = shape.resolve(path) else { continue };
                let home = match container {
                    Container::Core => &shape.base.id,
                    Container::Extension(extension) => &extension.id,
                };
                if *home == schema.id {
                    let names = (attribute.name.as_str(), sub.map(|sub| sub.name.as_str()));
                    edit_attribute(&mut limited.to_mut().attributes, names, edit);
                }
            }
        };
        each(&limits.refused_attributes, &mut limited, &|_| false);
        each(&limits.required_attributes, &mut limited, &|attribute| {
            attribute.required = true;
            true
        });
        each(&limits.hidden_attributes, &mut limited, &|attribute| {
            attribute.returned = Returned::Never;
            true
        });
    }
    limited
}

/// Edits an attribute or a sub-attribute, or takes it out if `edit` says so.
fn edit_attribute(
    attributes: &mut Vec<Attribute>,
    (name, sub): (&str, Option<&str>),
    edit: &dyn Fn(&mut Attribute) -> bool,
) {
    let Some(at) = attributes.iter().position(|attribute| attribute.name == name) else { return };
    match sub {
        Some(sub) => edit_attribute(&mut attributes[at].sub_attributes, (sub, None), edit),
        None => {
            if !edit(&mut attributes[at]) {
                attributes.remove(at);
            }
        }
    }
}

/// These endpoints know no pages (RFC 7644 section 4).
fn whole_list(resources: Vec<Json>) -> Json {
    message::list_response(resources.len() as u64, 1, resources)
}

/// A definition as a resource: its own members in their order between `schemas` and `meta`.
fn described(definition: &impl Serialize, urn: &str, resource_type: &str, path: &str, base: &str) -> Json {
    let text = serde_json::to_string(definition).expect("definitions are plain data");
    let members = match parse(text.as_bytes(), Limits::default()) {
        Ok(Json::Object(members)) => members,
        other => unreachable!("definitions are objects, not {other:?}"),
    };
    let mut resource = Object::new();
    resource.insert("schemas", vec![Json::from(urn)]);
    for (name, value) in members {
        resource.insert(name, value);
    }
    resource.insert("meta", object! { "resourceType" => resource_type, "location" => format!("{base}/{path}") });
    Json::Object(resource)
}

fn has_password(profile: &Profile, registry: &Registry) -> bool {
    registry.shapes().iter().any(|shape| {
        let limits = profile.limits.of(&shape.resource_type.name);
        let is_refused = limits.is_some_and(|limits| limits.refused_attributes.iter().any(|path| path == "password"));
        let password = shape.core_attribute("password");
        password.is_some_and(|password| password.mutability != Mutability::ReadOnly) && !is_refused
    })
}

fn not_there<'a>(what: &str, wanted: &Segment, known: impl Iterator<Item = &'a str>) -> ScimError {
    let known: Vec<&str> = known.collect();
    let detail = format!("there is no {what} {:?}; there are {}", wanted.text, known.join(", "));
    ScimError { place: Place::Target(wanted.span.clone()), ..ScimError::plain(404, detail) }
}
