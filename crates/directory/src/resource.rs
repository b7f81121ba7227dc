//! One resource in one state.

use std::sync::Arc;

use jiff::Timestamp;
use scim::document::Document;
use scim::json::{Json, Object};
use scim::object;
use scim::schema::Shape;
use scim::value::Value;

/// A resource in one state. Another state is another `Resource`.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The resource type with all that its resources may hold.
    pub shape: Arc<Shape>,
    /// The resource at rest: `schemas`, `id`, attributes, and `meta` without `location`, which depends on who asks.
    pub document: Arc<Document>,
    /// 1 after its creation, one more with each change.
    pub version: u64,
}

/// The entity tag of a version, as in the `ETag` header and in `meta.version` (RFC 7644 section 3.14): `W/"3"`.
pub fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

impl Resource {
    /// The `id`.
    pub fn id(&self) -> &str {
        self.document.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// The name of the resource type: "User".
    pub fn resource_type(&self) -> &str {
        &self.shape.resource_type.name
    }

    /// What people call the resource: `displayName`, else `userName`, else `name.formatted`, else the `id`.
    pub fn display(&self) -> &str {
        let candidates = [
            self.document.get("displayName"),
            self.document.get("userName"),
            self.document.get("name").and_then(|name| name.get("formatted")),
        ];
        let texts = candidates.into_iter().flatten().filter_map(Value::as_str);
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_else(|| self.id())
    }

    /// Packs a resource: `schemas` and `id` first, `meta` last, as made here; what the object says of `id` and `meta` is
    /// not looked at.
    pub(crate) fn pack(
        shape: &Arc<Shape>,
        id: &str,
        object: Object,
        created: &str,
        modified: &str,
        version: u64,
    ) -> Resource {
        let mut whole = Object::new();
        let mut rest = object;
        if let Some(schemas) = rest.remove("schemas") {
            whole.insert("schemas", schemas);
        }
        whole.insert("id", id);
        for (name, value) in rest {
            if name != "id" && name != "meta" {
                whole.insert(name, value);
            }
        }
        whole.insert(
            "meta",
            object! {
                "resourceType" => shape.resource_type.name.as_str(),
                "created" => created,
                "lastModified" => modified,
                "version" => etag(version),
            },
        );
        Resource { shape: Arc::clone(shape), document: Arc::new(Document::pack(&whole)), version }
    }

    /// `meta.created`.
    pub(crate) fn created(&self) -> Option<&str> {
        self.document.get("meta")?.get("created")?.as_str()
    }

    /// Whether the object says the same as this resource, `id` and `meta` aside. Order of members has no meaning.
    pub(crate) fn says(&self, object: &Object) -> bool {
        let own = self.document.members().filter(|(name, _)| is_content(name));
        let mut members = 0;
        for (name, value) in own {
            members += 1;
            if object.get(name).map(Value::from) != Some(value) {
                return false;
            }
        }
        members == object.iter().filter(|(name, _)| is_content(name)).count()
    }
}

fn is_content(name: &str) -> bool {
    name != "id" && name != "meta"
}

/// A `dateTime` in UTC with milliseconds (RFC 7643 section 2.3.5).
pub(crate) fn date_time(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// Takes the elements out of a multi-valued attribute whose `value` is this; tells whether there were any. An attribute
/// that is left empty is taken out whole.
pub(crate) fn remove_elements(owner: &mut Object, attribute: &str, value: &str) -> bool {
    let Some(Json::Array(items)) = owner.get_mut(attribute) else { return false };
    let before = items.len();
    items.retain(|item| item.as_object().and_then(|item| item.get("value")).and_then(Json::as_str) != Some(value));
    let (removed, empty) = (items.len() < before, items.is_empty());
    if empty {
        owner.remove(attribute);
    }
    removed
}
