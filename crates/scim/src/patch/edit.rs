//! One operation at work: single values and whole attributes. Elements of lists are in [`super::elements`].

use super::state::State;
use super::{Op, Operation, refusal};
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Place, Severity};
use crate::incoming;
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::path::{self, Located, Spot};
use crate::schema::{Attribute, Container, Kind, Mutability, Schema};
use crate::text;
use crate::value::Value;

pub(super) struct Edit<'e, 'o, 's> {
    pub(super) reading: &'e mut Reading<'s>,
    pub(super) state: &'e mut State<'s>,
    pub(super) operation: &'o Operation,
    /// The operation's JSON Pointer.
    pub(super) pointer: String,
    written: &'e mut Vec<String>,
}

impl<'e, 'o, 's> Edit<'e, 'o, 's> {
    pub(super) fn new(
        reading: &'e mut Reading<'s>,
        state: &'e mut State<'s>,
        operation: &'o Operation,
        written: &'e mut Vec<String>,
    ) -> Self {
        Edit { reading, state, operation, pointer: format!("/Operations/{}", operation.index), written }
    }

    pub(super) fn op(&self) -> Op {
        self.operation.op
    }

    pub(super) fn run(mut self) -> Result<(), ScimError> {
        let value = self.operation.value.clone();
        let value_pointer = format!("{}/value", self.pointer);
        let Some(path) = &self.operation.path else {
            return self.whole_resource(value, &value_pointer);
        };
        let path_pointer = format!("{}/path", self.pointer);
        let parsed = path::parse(path).map_err(|fault| {
            let detail = format!("the path cannot be parsed: {fault}");
            ScimError::bad_request(ScimType::InvalidPath, Place::Body(path_pointer.clone()), detail)
        })?;
        match parsed.locate(self.reading, &path_pointer)? {
            Located::Extension(schema) => self.extension(schema, value, &value_pointer),
            Located::Attribute(spot) => {
                if let Some(path) = read_only_part(&spot) {
                    return Err(refusal::read_only(&path_pointer, &path));
                }
                self.at(&spot, value, &value_pointer, &path_pointer)
            }
        }
    }

    /// Carries out the operation on a place in the resource.
    pub(super) fn at(
        &mut self,
        spot: &Spot<'s>,
        value: Option<Json>,
        pointer: &str,
        path_pointer: &str,
    ) -> Result<(), ScimError> {
        let path = spot.attribute_path();
        if !self.written.contains(&path) {
            self.written.push(path);
        }
        if matches!(spot.container, Container::Core) && spot.attribute.name == "schemas" {
            return self.edit_schemas(spot.attribute, value, pointer);
        }
        let on_elements = spot.condition.is_some() || (spot.attribute.multi_valued && spot.sub.is_some());
        if self.op() == Op::Remove {
            return self.remove(spot, value, on_elements, pointer, path_pointer);
        }
        let value = value.unwrap_or(Json::Null);
        match spot.sub {
            _ if on_elements => self.put_elements(spot, value, pointer, path_pointer),
            Some(sub) => self.put_sub(spot, sub, value, pointer),
            None if spot.attribute.multi_valued && self.op() == Op::Add => self.append(spot, value, pointer),
            None if spot.attribute.kind == Kind::Complex && !spot.attribute.multi_valued => {
                self.merge(spot, value, pointer)
            }
            None => self.put_whole(spot, value, pointer),
        }
    }

    /// Sets a simple attribute, or the whole list of a multi-valued one.
    fn put_whole(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        if self.clears(&value, pointer) {
            return self.unassign(spot, pointer);
        }
        let attribute = spot.attribute;
        let Some(value) = incoming::value(self.reading, attribute, value, pointer)? else {
            return self.unassign(spot, pointer);
        };
        let before = self.state.get(spot.container, attribute);
        if attribute.mutability == Mutability::Immutable
            && before.is_some_and(|before| !same(attribute, before, &value))
        {
            return Err(refusal::immutable(pointer, &spot.attribute_path()));
        }
        let value = incoming::renewed(attribute, before, value);
        self.state.set(spot.container, attribute, Some(value));
        Ok(())
    }

    /// Merges an object into a complex attribute: `add` and `replace` alike leave the sub-attributes alone that the value
    /// does not name (RFC 7644 section 3.5.2.3).
    fn merge(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        if self.clears(&value, pointer) {
            return self.unassign(spot, pointer);
        }
        let attribute = spot.attribute;
        let path = spot.attribute_path();
        let (value, cleared) = self.split_cleared(attribute, value, pointer);
        let given = match incoming::value(self.reading, attribute, value, pointer)? {
            Some(Json::Object(given)) => given,
            _ => Object::new(),
        };
        let mut whole = self.whole(spot);
        if attribute.mutability == Mutability::Immutable && !whole.is_empty() && !is_part(attribute, &given, &whole) {
            return Err(refusal::immutable(pointer, &path));
        }
        self.merge_into(attribute, &mut whole, given, &cleared, &path, pointer)?;
        self.put_back(spot, whole, pointer)
    }

    fn put_sub(&mut self, spot: &Spot<'s>, sub: &'s Attribute, value: Json, pointer: &str) -> Result<(), ScimError> {
        let path = spot.attribute_path();
        let mut given = Object::new();
        let mut cleared = Vec::new();
        if self.clears(&value, pointer) {
            cleared.push(sub);
        } else {
            match incoming::value(self.reading, sub, value, pointer)? {
                Some(value) => {
                    given.insert(sub.name.as_str(), value);
                }
                None => cleared.push(sub),
            }
        }
        let mut whole = self.whole(spot);
        if spot.attribute.mutability == Mutability::Immutable
            && !whole.is_empty()
            && !is_part(spot.attribute, &given, &whole)
        {
            return Err(refusal::immutable(pointer, &path));
        }
        self.merge_into(spot.attribute, &mut whole, given, &cleared, &path, pointer)?;
        self.put_back(spot, whole, pointer)
    }

    /// A copy of the object of a complex attribute; without members if it is not there.
    fn whole(&self, spot: &Spot<'s>) -> Object {
        match self.state.get(spot.container, spot.attribute) {
            Some(Json::Object(whole)) => whole.clone(),
            _ => Object::new(),
        }
    }

    fn put_back(&mut self, spot: &Spot<'s>, whole: Object, pointer: &str) -> Result<(), ScimError> {
        if whole.is_empty() {
            return self.unassign(spot, pointer);
        }
        self.state.set(spot.container, spot.attribute, Some(Json::Object(whole)));
        Ok(())
    }

    /// Puts sub-attributes into an object and takes others out.
    pub(super) fn merge_into(
        &self,
        attribute: &Attribute,
        whole: &mut Object,
        given: Object,
        cleared: &[&Attribute],
        path: &str,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let path_of = |sub: &Attribute| format!("{path}.{}", sub.name);
        let other_value = match (attribute.sub("value"), given.get("value"), whole.get("value")) {
            (Some(sub), Some(after), Some(before)) => !same(sub, before, after),
            _ => cleared.iter().any(|sub| sub.name == "value"),
        };
        for sub in cleared {
            if sub.required {
                return Err(refusal::required(self.op(), pointer, &path_of(sub)));
            }
            if sub.mutability == Mutability::Immutable && whole.get(&sub.name).is_some() {
                return Err(refusal::immutable(pointer, &path_of(sub)));
            }
            whole.remove(&sub.name);
        }
        for (name, after) in given {
            let Some(sub) = attribute.sub(&name) else { continue };
            let before = whole.get(&sub.name);
            if sub.mutability == Mutability::Immutable && before.is_some_and(|before| !same(sub, before, &after)) {
                return Err(refusal::immutable(pointer, &path_of(sub)));
            }
            whole.insert(name, after);
        }
        if other_value {
            // What the server computed for the old value says nothing about the new one.
            let computed = |name: &str| attribute.sub(name).is_some_and(|sub| sub.mutability == Mutability::ReadOnly);
            whole.retain(|name, _| !computed(name));
        }
        Ok(())
    }

    /// Takes members out of an object that unassign their sub-attribute: `null`, and what else [`Edit::clears`].
    pub(super) fn split_cleared<'a>(
        &mut self,
        attribute: &'a Attribute,
        value: Json,
        pointer: &str,
    ) -> (Json, Vec<&'a Attribute>) {
        let Json::Object(mut members) = value else { return (value, Vec::new()) };
        let mut cleared = Vec::new();
        members.retain(|name, value| {
            let sub = attribute.sub(name).filter(|sub| sub.mutability != Mutability::ReadOnly && sub.name != "$ref");
            match sub {
                Some(sub) if self.clears(value, &child(pointer, name)) => {
                    cleared.push(sub);
                    false
                }
                _ => true,
            }
        });
        (Json::Object(members), cleared)
    }

    pub(super) fn unassign(&mut self, spot: &Spot<'s>, pointer: &str) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        if attribute.required {
            return Err(refusal::required(self.op(), pointer, &spot.attribute_path()));
        }
        if attribute.mutability == Mutability::Immutable && self.state.get(spot.container, attribute).is_some() {
            return Err(refusal::immutable(pointer, &spot.attribute_path()));
        }
        self.state.set(spot.container, attribute, None);
        Ok(())
    }

    fn remove(
        &mut self,
        spot: &Spot<'s>,
        value: Option<Json>,
        on_elements: bool,
        pointer: &str,
        path_pointer: &str,
    ) -> Result<(), ScimError> {
        let value = value.filter(|value| matches!(value, Json::Array(_)) || !self.clears(value, pointer));
        if let Some(value) = value {
            let by_value = spot.attribute.multi_valued && !on_elements;
            let message = if by_value {
                "remove has a value: only these values were removed; RFC 7644 would remove all of them"
            } else {
                "remove has a value, which was ignored; RFC 7644 has none there"
            };
            if !self.reading.leniency.remove_by_value {
                let detail = "remove takes no value; select what to remove by a filter in the path, such as \
                              members[value eq \"id\"]";
                return Err(refusal::invalid_value(pointer, detail));
            }
            self.reading.tolerated("T5", Place::Body(pointer.to_owned()), message);
            if by_value {
                return self.remove_values(spot, value, pointer);
            }
        }
        match spot.sub {
            _ if on_elements => self.remove_elements(spot, path_pointer),
            Some(sub) => {
                let mut whole = self.whole(spot);
                if whole.is_empty() {
                    return Ok(());
                }
                self.merge_into(
                    spot.attribute,
                    &mut whole,
                    Object::new(),
                    &[sub],
                    &spot.attribute_path(),
                    path_pointer,
                )?;
                self.put_back(spot, whole, path_pointer)
            }
            None => self.unassign(spot, path_pointer),
        }
    }

    /// Carries out the operation on a whole extension.
    pub(super) fn extension(
        &mut self,
        schema: &'s Schema,
        value: Option<Json>,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let removes = match &value {
            Some(value) if self.op() != Op::Remove => self.clears(value, pointer),
            _ => true,
        };
        if removes {
            return self.remove_extension(schema, pointer);
        }
        match value {
            Some(Json::Object(members)) => {
                for (name, value) in members {
                    self.member(Container::Extension(schema), &name, value, &child(pointer, &name))?;
                }
                Ok(())
            }
            other => {
                let found = other.as_ref().map_or("nothing", Json::kind_name);
                let detail = format!("{} must be an object with the extension's attributes, not {found}", schema.id);
                Err(refusal::invalid_value(pointer, detail))
            }
        }
    }

    fn remove_extension(&mut self, schema: &'s Schema, pointer: &str) -> Result<(), ScimError> {
        if self.reading.shape.extensions.iter().any(|(have, required)| *required && have.id == schema.id) {
            return Err(refusal::required(self.op(), pointer, &schema.id));
        }
        let container = Container::Extension(schema);
        for attribute in &schema.attributes {
            let there = self.state.get(container, attribute).is_some();
            if there && matches!(attribute.mutability, Mutability::ReadOnly | Mutability::Immutable) {
                let path = path::attribute_path(&container, attribute);
                return Err(refusal::immutable(pointer, &path));
            }
            if there {
                self.state.set(container, attribute, None);
            }
        }
        Ok(())
    }

    /// Whether a value means "unassign": `null`, `[]`, and `""` where the profile takes it so (T8).
    pub(super) fn clears(&mut self, value: &Json, pointer: &str) -> bool {
        match value {
            Json::Null => {
                let place = Place::Body(pointer.to_owned());
                let message = "null was sent to unassign the value";
                if self.reading.leniency.empty_unassigns {
                    self.reading.tolerated("T8", place, message);
                } else {
                    self.reading.note(Finding::new("T8", Severity::Info, place, message));
                }
                true
            }
            Json::Array(items) => items.is_empty(),
            value => incoming::empty_unassigns(self.reading, value, pointer),
        }
    }
}

/// The path of the attribute or sub-attribute that makes a place readOnly.
fn read_only_part(spot: &Spot<'_>) -> Option<String> {
    let path = spot.attribute_path();
    if spot.attribute.mutability == Mutability::ReadOnly {
        return Some(path);
    }
    let sub = spot.sub.filter(|sub| sub.mutability == Mutability::ReadOnly)?;
    Some(format!("{path}.{}", sub.name))
}

/// The pointer of a member.
pub(super) fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", crate::json::pointer_token(name))
}

/// Whether two values of an attribute are equal by its rules of comparison.
pub(super) fn same(attribute: &Attribute, left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::String(left), Json::String(right)) => text::same(attribute, left, right),
        (Json::Object(left), Json::Object(right)) => left.len() == right.len() && is_part(attribute, left, right),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().all(|item| right.iter().any(|other| same(attribute, item, other)))
        }
        (left, right) => Value::from(left) == Value::from(right),
    }
}

/// Whether an object has all that another one has.
pub(super) fn is_part(attribute: &Attribute, part: &Object, whole: &Object) -> bool {
    part.iter().all(|(name, value)| {
        attribute.sub(name).zip(whole.get(name)).is_some_and(|(sub, there)| same(sub, value, there))
    })
}
