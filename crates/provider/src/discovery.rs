//! What the service provider says of itself (RFC 7644 section 4), computed from the profile and the registry.

use scim::error::ScimError;
use scim::finding::Place;
use scim::json::{Json, Limits, Object, parse};
use scim::message;
use scim::object;
use scim::schema::{Mutability, Registry, ResourceType, Schema};
use serde::Serialize;

use crate::profile::Profile;
use crate::target::Segment;

/// `/ServiceProviderConfig` (RFC 7643 section 5).
pub(crate) fn service_provider_config(profile: &Profile, registry: &Registry, base: &str) -> Json {
    let supported = |supported: bool| object! { "supported" => supported };
    let max_results = i64::try_from(profile.max_results).unwrap_or(i64::MAX);
    Json::Object(object! {
        "schemas" => vec![Json::from(message::SERVICE_PROVIDER_CONFIG)],
        "patch" => supported(true),
        "bulk" => object! { "supported" => false, "maxOperations" => 0_i64, "maxPayloadSize" => 0_i64 },
        "filter" => object! { "supported" => true, "maxResults" => max_results },
        "changePassword" => supported(has_password(registry)),
        "sort" => supported(false),
        "etag" => supported(profile.etag),
        "authenticationSchemes" => vec![Json::Object(object! {
            "type" => "oauthbearertoken",
            "name" => "Bearer token",
            "description" => "The token of the tenant in the header field Authorization.",
            "specUri" => "https://www.rfc-editor.org/rfc/rfc6750",
            "primary" => true,
        })],
        "meta" => object! {
            "resourceType" => "ServiceProviderConfig",
            "location" => format!("{base}/ServiceProviderConfig"),
        },
    })
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

/// `/Schemas`, or one of them by its URN.
pub(crate) fn schemas(registry: &Registry, one: Option<&Segment>, base: &str) -> Result<Json, ScimError> {
    let describe =
        |schema: &Schema| described(schema, message::SCHEMA, "Schema", &format!("Schemas/{}", schema.id), base);
    match one {
        None => Ok(whole_list(registry.schemas().iter().map(|schema| describe(schema)).collect())),
        Some(wanted) => registry
            .schema(&wanted.text)
            .map(|schema| describe(schema))
            .ok_or_else(|| not_there("schema", wanted, registry.schemas().iter().map(|schema| schema.id.as_str()))),
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

fn has_password(registry: &Registry) -> bool {
    registry.shapes().iter().any(|shape| {
        shape.core_attribute("password").is_some_and(|password| password.mutability != Mutability::ReadOnly)
    })
}

fn not_there<'a>(what: &str, wanted: &Segment, known: impl Iterator<Item = &'a str>) -> ScimError {
    let known: Vec<&str> = known.collect();
    let detail = format!("there is no {what} {:?}; there are {}", wanted.text, known.join(", "));
    ScimError { place: Place::Target(wanted.span.clone()), ..ScimError::plain(404, detail) }
}
