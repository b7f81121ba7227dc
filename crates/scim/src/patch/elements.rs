//! Elements of multi-valued attributes: adding, selecting, changing and removing them.

use std::collections::HashMap;

use super::edit::{Edit, is_part, same};
use super::{Op, refusal};
use crate::error::ScimError;
use crate::finding::Place;
use crate::incoming;
use crate::json::{Json, Object};
use crate::path::Spot;
use crate::schema::{Attribute, Mutability};
use crate::text;
use crate::value::Value;

/// From how many new elements on an index is worth its making.
const INDEX_FROM: usize = 8;

impl<'s> Edit<'_, '_, 's> {
    /// Adds elements that are not there yet.
    pub(super) fn append(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        // A lone value is one new element (RFC 7644 section 3.5.2.1), so this is no deviation.
        let read = match value {
            value @ (Json::Array(_) | Json::Null) => incoming::value(self.reading, attribute, value, pointer)?,
            value => incoming::element(self.reading, attribute, value, pointer)?,
        };
        let given = match read {
            Some(Json::Array(given)) => given,
            Some(one) => vec![one],
            None => return Ok(()),
        };
        let mut elements = self.take_elements(spot);
        if attribute.mutability == Mutability::Immutable
            && !elements.is_empty()
            && !given.iter().all(|new| elements.iter().any(|have| same(attribute, have, new)))
        {
            return Err(refusal::immutable(pointer, &spot.attribute_path()));
        }
        let mut known = Known::new(attribute, &elements, given.len() >= INDEX_FROM);
        let mut primary = None;
        for new in given {
            let is_primary = is_primary(&new);
            let at = match known.find(&elements, &new) {
                Some(at) => {
                    self.add_to_existing(spot, &mut elements[at], new, pointer)?;
                    at
                }
                None => {
                    known.added(&new, elements.len());
                    elements.push(new);
                    elements.len() - 1
                }
            };
            if is_primary {
                primary = Some(at);
            }
        }
        if let Some(primary) = primary {
            clear_other_primaries(&mut elements, primary);
        }
        self.put_elements_back(spot, elements, pointer)
    }

    /// An element that is added is there already. What is new about it is merged in, unless elements are not to be changed.
    fn add_to_existing(
        &mut self,
        spot: &Spot<'s>,
        element: &mut Json,
        new: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let fixed = attribute.sub("value").is_some_and(|value| value.mutability == Mutability::Immutable);
        match (element, new) {
            (Json::Object(element), Json::Object(new)) if !fixed && !is_part(attribute, &new, element) => {
                self.merge_into(attribute, element, new, &[], &spot.attribute_path(), pointer)
            }
            (_, new) => {
                let what = match &new {
                    Json::Object(new) => new.get("value").unwrap_or(&Json::Null).to_text(),
                    simple => simple.to_text(),
                };
                let message = format!("{} already has {what}; it is not added again", spot.attribute_path());
                self.reading.tolerated("T14", Place::Body(pointer.to_owned()), message);
                Ok(())
            }
        }
    }

    /// `add` and `replace` on the elements that a path selects, or on a sub-attribute of these.
    pub(super) fn put_elements(
        &mut self,
        spot: &Spot<'s>,
        value: Json,
        pointer: &str,
        path_pointer: &str,
    ) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let clears = self.clears(&value, pointer);
        let mut elements = self.take_elements(spot);
        let matching = matching(spot, &elements);
        if matching.is_empty() {
            if clears && self.op() == Op::Add {
                return self.put_elements_back(spot, elements, pointer);
            }
            let element = self.described_element(spot, clears, path_pointer, &elements)?;
            elements.push(Json::Object(element));
            let created = [elements.len() - 1];
            self.change(spot, &mut elements, &created, true, value, pointer)?;
            return self.put_elements_back(spot, elements, pointer);
        }
        if clears {
            return self.clear(spot, elements, &matching, pointer);
        }
        if attribute.mutability == Mutability::Immutable {
            return Err(refusal::immutable(pointer, &spot.attribute_path()));
        }
        self.change(spot, &mut elements, &matching, false, value, pointer)?;
        self.put_elements_back(spot, elements, pointer)
    }

    /// The element that a path describes and that is not there (T4).
    fn described_element(
        &mut self,
        spot: &Spot<'s>,
        clears: bool,
        path_pointer: &str,
        elements: &[Json],
    ) -> Result<Object, ScimError> {
        let creates =
            self.op() == Op::Add || self.operation.op_as_sent.starts_with(|first: char| first.is_ascii_uppercase());
        let describes = match &spot.condition {
            None => Some(Vec::new()),
            Some(condition) => condition.describes.clone(),
        };
        let room = spot.attribute.multi_valued || elements.is_empty();
        let path = self.operation.path.clone().unwrap_or_else(|| spot.attribute_path());
        let Some(describes) =
            describes.filter(|_| creates && room && !clears && self.reading.leniency.create_missing_element)
        else {
            return Err(refusal::no_target(path_pointer, &path));
        };
        let message = format!("no value matches {path}; one was created from the filter");
        self.reading.tolerated("T4", Place::Body(path_pointer.to_owned()), message);
        if describes.is_empty() {
            return Ok(Object::new());
        }
        let described = Json::Object(describes.into_iter().collect());
        match incoming::element(self.reading, spot.attribute, described, path_pointer)? {
            Some(Json::Object(element)) => Ok(element),
            _ => Ok(Object::new()),
        }
    }

    /// Writes a value into selected elements, of which there is one that was just created, or which were there before.
    fn change(
        &mut self,
        spot: &Spot<'s>,
        elements: &mut [Json],
        selected: &[usize],
        created: bool,
        value: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let path = spot.attribute_path();
        let mut given = Object::new();
        let mut cleared = Vec::new();
        let mut replaces = false;
        match spot.sub {
            Some(sub) => match incoming::value(self.reading, sub, value, pointer)? {
                Some(value) => {
                    given.insert(sub.name.as_str(), value);
                }
                None => cleared.push(sub),
            },
            None => {
                // A bare value (T7) says what `value` is and nothing about the rest of the element.
                replaces = self.op() == Op::Replace && !created && matches!(value, Json::Object(_));
                let (value, unassigned) = self.split_cleared(attribute, value, pointer);
                cleared = unassigned;
                if let Some(Json::Object(object)) = incoming::element(self.reading, attribute, value, pointer)? {
                    given = object;
                }
            }
        }
        let primary = given.get("primary").and_then(Json::as_bool) == Some(true);
        if primary && selected.len() > 1 {
            let detail = format!("the path selects {} values of {path}; only one can be primary", selected.len());
            return Err(refusal::invalid_value(pointer, detail));
        }
        for at in selected {
            let Json::Object(element) = &mut elements[*at] else { continue };
            if replaces {
                let dropped = |name: &str| {
                    let sub = attribute.sub(name);
                    given.get(name).is_none()
                        && sub.is_none_or(|sub| matches!(sub.mutability, Mutability::ReadWrite | Mutability::WriteOnly))
                };
                element.retain(|name, _| !dropped(name));
            }
            self.merge_into(attribute, element, given.clone(), &cleared, &path, pointer)?;
        }
        if primary {
            clear_other_primaries(elements, selected[0]);
        }
        Ok(())
    }

    /// Unassigns selected elements, or a sub-attribute of them; an element in which nothing is left goes too.
    fn clear(
        &mut self,
        spot: &Spot<'s>,
        mut elements: Vec<Json>,
        selected: &[usize],
        pointer: &str,
    ) -> Result<(), ScimError> {
        if spot.attribute.mutability == Mutability::Immutable {
            return Err(refusal::immutable(pointer, &spot.attribute_path()));
        }
        for at in selected {
            match (spot.sub, &mut elements[*at]) {
                (Some(sub), Json::Object(element)) => {
                    let path = spot.attribute_path();
                    self.merge_into(spot.attribute, element, Object::new(), &[sub], &path, pointer)?;
                }
                (_, element) => *element = Json::Object(Object::new()),
            }
        }
        self.put_elements_back(spot, elements, pointer)
    }

    pub(super) fn remove_elements(&mut self, spot: &Spot<'s>, pointer: &str) -> Result<(), ScimError> {
        let elements = self.take_elements(spot);
        let selected = matching(spot, &elements);
        if selected.is_empty() {
            return self.put_elements_back(spot, elements, pointer);
        }
        self.clear(spot, elements, &selected, pointer)
    }

    /// Removes the elements that are in a list (T5).
    pub(super) fn remove_values(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let read = match value {
            value @ Json::Array(_) => incoming::value(self.reading, attribute, value, pointer)?,
            value => incoming::element(self.reading, attribute, value, pointer)?,
        };
        let given = match read {
            Some(Json::Array(given)) => given,
            Some(one) => vec![one],
            None => return Ok(()),
        };
        let elements = self.take_elements(spot);
        let mut kept = Vec::with_capacity(elements.len());
        let unwanted = Known::new(attribute, &given, given.len() >= INDEX_FROM);
        for element in elements {
            if unwanted.find(&given, &element).is_none() {
                kept.push(element);
            } else if attribute.mutability == Mutability::Immutable {
                return Err(refusal::immutable(pointer, &spot.attribute_path()));
            }
        }
        self.put_elements_back(spot, kept, pointer)
    }

    /// The elements; a single complex value is a list of one here.
    fn take_elements(&mut self, spot: &Spot<'s>) -> Vec<Json> {
        match self.state.take(spot.container, spot.attribute) {
            Some(Json::Array(elements)) => elements,
            Some(one) => vec![one],
            None => Vec::new(),
        }
    }

    /// Ends the editing of a list; elements in which nothing is left are dropped.
    fn put_elements_back(&mut self, spot: &Spot<'s>, mut elements: Vec<Json>, pointer: &str) -> Result<(), ScimError> {
        elements.retain(|element| !matches!(element, Json::Object(element) if element.is_empty()));
        if elements.is_empty() && spot.attribute.required {
            return Err(refusal::required(self.op(), pointer, &spot.attribute_path()));
        }
        let value = if spot.attribute.multi_valued { Some(Json::Array(elements)) } else { elements.into_iter().next() };
        self.state.set(spot.container, spot.attribute, value);
        Ok(())
    }
}

/// The positions of the elements that a path selects.
fn matching(spot: &Spot<'_>, elements: &[Json]) -> Vec<usize> {
    let selects = |element: &Json| match &spot.condition {
        Some(condition) => condition.bound.matches(Value::from(element)),
        None => true,
    };
    (0..elements.len()).filter(|at| selects(&elements[*at])).collect()
}

fn is_primary(element: &Json) -> bool {
    element.as_object().and_then(|element| element.get("primary")).and_then(Json::as_bool) == Some(true)
}

/// At most one element is primary (RFC 7644 section 3.5.2).
fn clear_other_primaries(elements: &mut [Json], primary: usize) {
    for (at, element) in elements.iter_mut().enumerate() {
        if at != primary && is_primary(element) {
            if let Json::Object(element) = element {
                element.insert("primary", false);
            }
        }
    }
}

/// Finds the element of a list that is the same thing as another one.
struct Known<'a> {
    attribute: &'a Attribute,
    /// Positions by `value`; only made for many questions.
    by_value: Option<HashMap<String, Vec<usize>>>,
}

impl<'a> Known<'a> {
    fn new(attribute: &'a Attribute, elements: &[Json], indexed: bool) -> Self {
        let mut known = Known { attribute, by_value: indexed.then(HashMap::new) };
        for (at, element) in elements.iter().enumerate() {
            known.added(element, at);
        }
        known
    }

    fn added(&mut self, element: &Json, at: usize) {
        if let Some(by_value) = &mut self.by_value {
            by_value.entry(key(self.attribute, element)).or_default().push(at);
        }
    }

    fn find(&self, elements: &[Json], wanted: &Json) -> Option<usize> {
        let alike = |at: &usize| same_thing(self.attribute, &elements[*at], wanted);
        match &self.by_value {
            Some(by_value) => by_value.get(&key(self.attribute, wanted))?.iter().copied().find(alike),
            None => (0..elements.len()).find(alike),
        }
    }
}

/// A text that is equal for all elements that can be the same thing.
fn key(attribute: &Attribute, element: &Json) -> String {
    let (attribute, value) = match element {
        Json::Object(element) => (attribute.sub("value"), element.get("value")),
        simple => (Some(attribute), Some(simple)),
    };
    match (attribute, value) {
        (Some(attribute), Some(Json::String(value))) if !attribute.compares_case() => text::fold(value).into_owned(),
        (_, Some(Json::String(value))) => value.clone(),
        (_, Some(other)) => other.to_text(),
        (_, None) => String::new(),
    }
}

/// Whether two elements stand for the same: the same `value`, and the same `type` if both have one; without a `value`,
/// everything that the wanted one has.
fn same_thing(attribute: &Attribute, element: &Json, wanted: &Json) -> bool {
    let (Json::Object(element), Json::Object(wanted)) = (element, wanted) else {
        return same(attribute, element, wanted);
    };
    let part = |name: &str| Some((attribute.sub(name)?, element.get(name), wanted.get(name)));
    match part("value") {
        Some((sub, Some(left), Some(right))) => {
            same(sub, left, right)
                && match part("type") {
                    Some((sub, Some(left), Some(right))) => same(sub, left, right),
                    _ => true,
                }
        }
        Some((_, None, None)) | None => is_part(attribute, wanted, element),
        _ => false,
    }
}
