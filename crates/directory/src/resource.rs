//! One resource in one state.

use std::sync::Arc;

use jiff::Timestamp;
use scim::document::Document;
use scim::json::{Json, Object};
use scim::long_list::Parts;
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

/// The same state of the same resource.
impl PartialEq for Resource {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
            && self.resource_type() == other.resource_type()
            && self.document == other.document
    }
}

impl Eq for Resource {}

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
        parts: Parts,
        created: &str,
        modified: &str,
        version: u64,
    ) -> Resource {
        let mut whole = Object::new();
        let Parts { object: mut rest, lists } = parts;
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
        Resource {
            shape: Arc::clone(shape),
            document: Arc::new(Document::pack_parts(&Parts { object: whole, lists })),
            version,
        }
    }

    /// The same content as a new version.
    pub(crate) fn anew(&self, modified: &str, version: u64) -> Resource {
        let created = self.created().unwrap_or(modified);
        Resource::pack(&self.shape, self.id(), self.document.to_parts(), created, modified, version)
    }

    /// `meta.created`.
    pub(crate) fn created(&self) -> Option<&str> {
        self.document.get("meta")?.get("created")?.as_str()
    }

    /// Whether the parts say the same as this resource, `id` and `meta` aside. Order of members has no meaning.
    pub(crate) fn says(&self, parts: &Parts) -> bool {
        let packed;
        let other = if parts.lists.is_empty() {
            Value::from(&parts.object)
        } else {
            packed = Document::pack_parts(parts);
            packed.value()
        };
        let Value::Object(other) = other else { return false };
        let mut members = 0;
        for (name, value) in self.document.members().filter(|(name, _)| is_content(name)) {
            members += 1;
            if other.get(name) != Some(value) {
                return false;
            }
        }
        members == other.filter(|(name, _)| is_content(name)).count()
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
pub(crate) fn remove_elements(parts: &mut Parts, extension: Option<&str>, attribute: &str, value: &str) -> bool {
    let Parts { object, lists } = parts;
    let owner = match extension {
        None => Some(object),
        Some(urn) => object.get_mut(urn).and_then(Json::as_object_mut),
    };
    let Some(owner) = owner else { return false };
    let (removed, empty) = match lists.get(extension, attribute) {
        Some(list) => {
            let is_it = |element: &Value<'_>| element.get("value").and_then(Value::as_str) == Some(value);
            let gone: Vec<Value<'_>> = list.alike(value).filter(is_it).collect();
            let mut rest = list.clone();
            let removed = gone.into_iter().filter(|element| rest.remove(*element)).count();
            let outcome = (removed > 0, rest.is_empty());
            lists.set(extension, attribute, rest);
            outcome
        }
        None => {
            let Some(Json::Array(items)) = owner.get_mut(attribute) else { return false };
            let before = items.len();
            let names =
                |item: &Json| item.as_object().and_then(|item| item.get("value")).and_then(Json::as_str) == Some(value);
            items.retain(|item| !names(item));
            (items.len() < before, items.is_empty())
        }
    };
    if empty {
        owner.remove(attribute);
        lists.remove(extension, attribute);
    }
    removed
}
