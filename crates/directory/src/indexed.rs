//! Which attributes are indexed, and the keys under which a resource's values are found.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use foldhash::quality::RandomState;
use scim::schema::{Attribute, Kind, Mutability, Registry, Shape, Uniqueness};
use scim::text::{date_time, fold};
use scim::value::Value;

use crate::resource::Resource;

/// Names under which clients look resources up whatever the schema says of uniqueness.
const USUAL: [&str; 5] = ["userName", "externalId", "displayName", "emails.value", "members.value"];

/// The indexes of a directory; fixed with its registry.
#[derive(Debug)]
pub(crate) struct Layout {
    pub types: Vec<TypeLayout>,
    /// Keyed afresh in each process, so that nobody can choose values that collide.
    hash: RandomState,
}

/// Keys that a slot loses and gains.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub gone: Vec<u64>,
    pub came: Vec<u64>,
}

#[derive(Debug)]
pub(crate) struct TypeLayout {
    pub shape: Arc<Shape>,
    pub indexed: Vec<Indexed>,
    pub memberships: Vec<Membership>,
}

/// One indexed attribute of one resource type.
#[derive(Debug)]
pub(crate) struct Indexed {
    /// The path as filters name it: `userName`, `emails.value`, `urn:...:User:employeeNumber`.
    pub path: String,
    /// No two resources of the type may share a value.
    pub unique: bool,
    /// Makes keys of different indexes different.
    salt: u64,
    at: Location,
    folds: bool,
    is_time: bool,
}

/// A multi-valued attribute whose elements name other resources, like `members` of a group.
#[derive(Debug)]
pub(crate) struct Membership {
    /// Position in [`TypeLayout::indexed`] of its `value`.
    pub indexed: usize,
    /// URN of the extension that it is in, if any.
    pub extension: Option<String>,
    /// Its name.
    pub attribute: String,
}

#[derive(Debug)]
struct Location {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
}

/// The salt of the one index over all resource types: `id`.
const ID: u64 = 0;

impl Layout {
    pub fn new(registry: &Registry) -> Layout {
        let mut salt = ID;
        let types = registry.shapes().iter().map(|shape| TypeLayout::new(shape, registry, &mut salt)).collect();
        Layout { types, hash: RandomState::default() }
    }

    /// The key of an `id`.
    pub fn id_key(&self, id: &str) -> u64 {
        self.hash_of(ID, id)
    }

    /// The key of a text in an index; the text is folded here if the attribute's comparison disregards case.
    pub fn text_key(&self, indexed: &Indexed, text: &str) -> u64 {
        self.hash_of(indexed.salt, &indexed.comparable(text))
    }

    /// What changes in the keys of a slot when one state takes the place of another. Of long lists only that is looked at in
    /// which the two states differ.
    pub fn keys(&self, of_type: usize, old: Option<&Resource>, new: Option<&Resource>) -> Keys {
        let mut keys = Keys::default();
        keys.gone.extend(old.map(|old| self.id_key(old.id())));
        keys.came.extend(new.map(|new| self.id_key(new.id())));
        for indexed in &self.types[of_type].indexed {
            let (gone, came) = indexed.differences(old, new);
            keys.gone.extend(gone.into_iter().filter_map(|value| self.value_key(indexed, value)));
            keys.came.extend(came.into_iter().filter_map(|value| self.value_key(indexed, value)));
        }
        keys.gone.sort_unstable();
        keys.came.sort_unstable();
        keys.came.dedup();
        let both: Vec<u64> = keys.came.iter().copied().filter(|key| keys.gone.binary_search(key).is_ok()).collect();
        keys.gone.retain(|key| both.binary_search(key).is_err());
        keys.came.retain(|key| both.binary_search(key).is_err());
        keys
    }

    /// The key of any value in an index, if it is of a kind that is indexed.
    pub fn value_key(&self, indexed: &Indexed, value: Value<'_>) -> Option<u64> {
        Some(self.hash_of(indexed.salt, &indexed.comparable_value(value)?))
    }

    fn hash_of(&self, salt: u64, text: &str) -> u64 {
        let mut hasher = self.hash.build_hasher();
        hasher.write_u64(salt);
        hasher.write(text.as_bytes());
        hasher.finish()
    }
}

impl TypeLayout {
    fn new(shape: &Arc<Shape>, registry: &Registry, salt: &mut u64) -> TypeLayout {
        let mut layout = TypeLayout { shape: Arc::clone(shape), indexed: Vec::new(), memberships: Vec::new() };
        let core = shape.core_attributes().map(|attribute| (None, attribute));
        let extended = shape
            .extensions
            .iter()
            .flat_map(|(schema, _)| schema.attributes.iter().map(|attribute| (Some(schema.id.as_str()), attribute)));
        for (extension, attribute) in core.chain(extended) {
            layout.add(extension, attribute, registry, salt);
        }
        layout
    }

    fn add(&mut self, extension: Option<&str>, attribute: &Attribute, registry: &Registry, salt: &mut u64) {
        // `id` has an index of its own over all types.
        if attribute.name == "id" && extension.is_none() {
            return;
        }
        let refers_to = references(attribute, registry);
        let whole = (attribute.kind != Kind::Complex).then_some((attribute, None));
        let subs = attribute.sub_attributes.iter().map(|sub| (sub, Some(sub)));
        for (leaf, sub) in whole.into_iter().chain(subs) {
            let prefix = extension.map(|urn| format!("{urn}:")).unwrap_or_default();
            let suffix = sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
            let path = format!("{prefix}{}{suffix}", attribute.name);
            let unique = leaf.uniqueness != Uniqueness::None;
            let member = !refers_to.is_empty() && leaf.name == "value";
            if !unique && !member && !USUAL.contains(&path.as_str()) {
                continue;
            }
            if member {
                self.memberships.push(Membership {
                    indexed: self.indexed.len(),
                    extension: extension.map(str::to_owned),
                    attribute: attribute.name.clone(),
                });
            }
            *salt += 1;
            self.indexed.push(Indexed {
                path,
                unique,
                salt: *salt,
                at: Location {
                    extension: extension.map(str::to_owned),
                    attribute: attribute.name.clone(),
                    sub: sub.map(|sub| sub.name.clone()),
                },
                folds: !leaf.compares_case(),
                is_time: leaf.kind == Kind::DateTime,
            });
        }
    }
}

/// The resource types that the elements of an attribute name, if clients may write it.
fn references(attribute: &Attribute, registry: &Registry) -> Vec<String> {
    if !attribute.multi_valued || attribute.mutability == Mutability::ReadOnly || attribute.sub("value").is_none() {
        return Vec::new();
    }
    let types = attribute.sub("$ref").map(|reference| reference.reference_types.as_slice()).unwrap_or_default();
    types.iter().filter_map(|name| Some(registry.shape_named(name)?.resource_type.name.clone())).collect()
}

impl Indexed {
    /// The values of a resource in this index.
    pub fn values<'a>(&'a self, resource: &'a Resource) -> impl Iterator<Item = Value<'a>> {
        self.attribute(resource).into_iter().flat_map(Value::values).filter_map(|value| self.part(value))
    }

    /// Values that only one of two states has, or that may be in both: at least those by which they differ.
    pub fn differences<'a>(
        &'a self,
        old: Option<&'a Resource>,
        new: Option<&'a Resource>,
    ) -> (Vec<Value<'a>>, Vec<Value<'a>>) {
        let list = |resource: Option<&'a Resource>| self.attribute(resource?)?.as_long();
        let (Some(before), Some(after)) = (list(old), list(new)) else {
            let all = |resource: Option<&'a Resource>| {
                resource.into_iter().flat_map(|resource| self.values(resource)).collect()
            };
            return (all(old), all(new));
        };
        let changes = before.changes(after);
        let (from, to): (Vec<_>, Vec<_>) = changes.changed.into_iter().unzip();
        let gone = changes.gone.into_iter().chain(from).filter_map(|element| self.part(element));
        let came = changes.came.into_iter().chain(to).filter_map(|element| self.part(element));
        (gone.filter(|value| !new.is_some_and(|new| self.has(new, *value))).collect(), came.collect())
    }

    /// Whether two values are the same to this index.
    pub fn same(&self, left: Value<'_>, right: Value<'_>) -> bool {
        match (left, right) {
            (Value::String(left), Value::String(right)) => self.comparable(left) == self.comparable(right),
            _ => left == right,
        }
    }

    /// Whether a resource has this value in this index.
    pub fn has(&self, resource: &Resource, value: Value<'_>) -> bool {
        let list = self.attribute(resource).and_then(Value::as_long);
        match (list, value, self.at.sub.as_deref()) {
            (Some(list), Value::String(text), None | Some("value")) if !self.is_time => {
                list.alike(text).filter_map(|element| self.part(element)).any(|has| self.same(has, value))
            }
            _ => self.values(resource).any(|has| self.same(has, value)),
        }
    }

    fn attribute<'a>(&self, resource: &'a Resource) -> Option<Value<'a>> {
        let container = match &self.at.extension {
            None => resource.document.value(),
            Some(urn) => resource.document.get(urn)?,
        };
        container.get(&self.at.attribute)
    }

    fn part<'a>(&self, value: Value<'a>) -> Option<Value<'a>> {
        match &self.at.sub {
            None => Some(value),
            Some(sub) => value.get(sub),
        }
    }

    fn comparable<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match date_time(text) {
            Some(instant) if self.is_time => Cow::Owned(instant.to_string()),
            _ if self.folds => fold(text),
            _ => Cow::Borrowed(text),
        }
    }

    fn comparable_value<'a>(&self, value: Value<'a>) -> Option<Cow<'a, str>> {
        match value {
            Value::String(text) => Some(self.comparable(text)),
            // Numbers of equal value may differ in text; those that are equal are equal as floating point too.
            Value::Number(text) => Some(Cow::Owned(format!("{:?}", text.parse::<f64>().ok()?))),
            Value::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}
