//! Elements of multi-valued attributes: adding, selecting, changing and removing them.

use std::collections::HashMap;

use super::edit::{Edit, is_part, same};
use super::list::List;
use super::reach::Reach;
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

/// How many comparisons of elements one request may cost: some seconds. Thousands of operations on a group of ten thousand
/// members cost less.
const WORK: usize = 100_000_000;

impl<'s> Edit<'_, '_, 's> {
    /// Adds elements that are not there yet.
    pub(super) fn append(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let given = self.read_elements(attribute, value, pointer)?;
        self.edit_list(spot, &Reach::like(&given), given.len().min(INDEX_FROM), pointer, |edit, list| {
            let elements = list.elements();
            if attribute.mutability == Mutability::Immutable
                && !elements.is_empty()
                && !given.iter().all(|new| elements.iter().any(|have| same(attribute, have, new)))
            {
                return Err(refusal::immutable(pointer, &spot.attribute_path()));
            }
            let mut known = Known::new(attribute, elements, given.len() >= INDEX_FROM);
            let mut primary = None;
            for new in given {
                let is_primary = is_primary(&new);
                let at = match known.find(list.elements(), &new) {
                    Some(at) => {
                        edit.add_to_existing(spot, list, at, new, pointer)?;
                        at
                    }
                    None => {
                        let at = list.elements().len();
                        known.added(&new, at);
                        list.push(new);
                        at
                    }
                };
                if is_primary {
                    primary = Some(at);
                }
            }
            if let Some(primary) = primary {
                clear_other_primaries(list, primary);
            }
            Ok(())
        })
    }

    /// The elements that a value gives: a list, or one element, which is no deviation here (RFC 7644 section 3.5.2.1).
    fn read_elements(&mut self, attribute: &Attribute, value: Json, pointer: &str) -> Result<Vec<Json>, ScimError> {
        let read = match value {
            value @ (Json::Array(_) | Json::Null) => incoming::value(self.reading, attribute, value, pointer)?,
            value => incoming::element(self.reading, attribute, value, pointer)?,
        };
        Ok(match read {
            Some(Json::Array(given)) => given,
            Some(one) => vec![one],
            None => Vec::new(),
        })
    }

    /// An element that is added is there already. What is new about it is merged in, unless elements are not to be changed.
    fn add_to_existing(
        &mut self,
        spot: &Spot<'s>,
        list: &mut List,
        at: usize,
        new: Json,
        pointer: &str,
    ) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let fixed = attribute.sub("value").is_some_and(|value| value.mutability == Mutability::Immutable);
        match (&list.elements()[at], new) {
            (Json::Object(element), Json::Object(new)) if !fixed && !is_part(attribute, &new, element) => {
                self.merge_into(attribute, object_of(list.edit(at)), new, &[], &spot.attribute_path(), pointer)
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
        let clears = self.clears(&value, pointer);
        let questions = spot.condition.as_ref().map_or(1, |condition| condition.bound.questions());
        self.edit_list(spot, &Reach::selected(spot), questions, pointer, |edit, list| {
            let selected = matching(spot, list.elements());
            if selected.is_empty() {
                if clears && edit.op() == Op::Add {
                    return Ok(());
                }
                let empty = list.elements().is_empty();
                let element = edit.described_element(spot, clears, path_pointer, empty)?;
                list.push(Json::Object(element));
                let created = [list.elements().len() - 1];
                return edit.change(spot, list, &created, true, value, pointer);
            }
            if clears {
                return edit.clear(spot, list, &selected, pointer);
            }
            if spot.attribute.mutability == Mutability::Immutable {
                return Err(refusal::immutable(pointer, &spot.attribute_path()));
            }
            edit.change(spot, list, &selected, false, value, pointer)
        })
    }

    /// The element that a path describes and that is not there (T4).
    fn described_element(
        &mut self,
        spot: &Spot<'s>,
        clears: bool,
        path_pointer: &str,
        empty: bool,
    ) -> Result<Object, ScimError> {
        let capital = self.operation.op_as_sent.starts_with(|first: char| first.is_ascii_uppercase());
        let wide = self.reading.leniency.replace_creates_missing_element;
        let creates = (self.op() == Op::Add || capital || wide) && !clears && (spot.attribute.multi_valued || empty);
        let describes = match &spot.condition {
            None => Some(Vec::new()),
            Some(condition) => condition.describes.clone(),
        };
        let path = self.operation.path.clone().unwrap_or_else(|| spot.attribute_path());
        let describes = match describes {
            Some(describes) if creates && self.reading.leniency.create_missing_element => describes,
            _ => return Err(refusal::no_target(path_pointer, &path)),
        };
        let message = format!("no value matches {path}; one was created from the filter");
        self.reading.tolerated("T4", Place::Body(path_pointer.to_owned()), message);
        let described: Object = describes.into_iter().collect();
        match incoming::element(self.reading, spot.attribute, Json::Object(described), path_pointer)? {
            Some(Json::Object(element)) => Ok(element),
            _ => Ok(Object::new()),
        }
    }

    /// Writes a value into selected elements, of which there is one that was just created, or which were there before.
    fn change(
        &mut self,
        spot: &Spot<'s>,
        list: &mut List,
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
        let kept = |name: &str| {
            let fixed = |sub: &Attribute| matches!(sub.mutability, Mutability::ReadOnly | Mutability::Immutable);
            !replaces || given.get(name).is_some() || attribute.sub(name).is_some_and(fixed)
        };
        for at in selected {
            let element = object_of(list.edit(*at));
            element.retain(|name, _| kept(name));
            self.merge_into(attribute, element, given.clone(), &cleared, &path, pointer)?;
        }
        if primary {
            clear_other_primaries(list, selected[0]);
        }
        Ok(())
    }

    /// Unassigns selected elements, or a sub-attribute of them; an element in which nothing is left goes too.
    fn clear(&mut self, spot: &Spot<'s>, list: &mut List, selected: &[usize], pointer: &str) -> Result<(), ScimError> {
        let path = spot.attribute_path();
        if spot.attribute.mutability == Mutability::Immutable {
            return Err(refusal::immutable(pointer, &path));
        }
        let Some(sub) = spot.sub else {
            list.remove(selected);
            return Ok(());
        };
        for at in selected {
            let element = object_of(list.edit(*at));
            self.merge_into(spot.attribute, element, Object::new(), &[sub], &path, pointer)?;
        }
        Ok(())
    }

    pub(super) fn remove_elements(&mut self, spot: &Spot<'s>, pointer: &str) -> Result<(), ScimError> {
        let questions = spot.condition.as_ref().map_or(1, |condition| condition.bound.questions());
        self.edit_list(spot, &Reach::selected(spot), questions, pointer, |edit, list| {
            let selected = matching(spot, list.elements());
            if selected.is_empty() { Ok(()) } else { edit.clear(spot, list, &selected, pointer) }
        })
    }

    /// Removes the elements that are in a list (T5).
    pub(super) fn remove_values(&mut self, spot: &Spot<'s>, value: Json, pointer: &str) -> Result<(), ScimError> {
        let attribute = spot.attribute;
        let given = self.read_elements(attribute, value, pointer)?;
        let unwanted = Known::new(attribute, &given, given.len() >= INDEX_FROM);
        self.edit_list(spot, &Reach::like(&given), given.len().min(INDEX_FROM), pointer, |edit, list| {
            let elements = list.elements();
            let selected: Vec<usize> =
                (0..elements.len()).filter(|at| unwanted.find(&given, &elements[*at]).is_some()).collect();
            if selected.is_empty() { Ok(()) } else { edit.clear(spot, list, &selected, pointer) }
        })
    }

    /// Edits the elements of an attribute, each of which costs some comparisons. They are put back even if that fails, for
    /// the operation to be taken back.
    fn edit_list(
        &mut self,
        spot: &Spot<'s>,
        reach: &Reach,
        comparisons: usize,
        pointer: &str,
        work: impl FnOnce(&mut Self, &mut List) -> Result<(), ScimError>,
    ) -> Result<(), ScimError> {
        let mut list = self.state.take_list(spot.container, spot.attribute, reach);
        let cost = list.elements().len().saturating_mul(comparisons.max(1));
        let mut result = if self.state.spend(cost) <= WORK {
            work(self, &mut list)
        } else {
            let detail = format!("the request changes {} too often; split it into several", spot.attribute_path());
            Err(ScimError { place: Place::Body(pointer.to_owned()), ..ScimError::plain(413, detail) })
        };
        if result.is_ok() && spot.attribute.required && list.is_empty() {
            result = Err(refusal::required(self.op(), pointer, &spot.attribute_path()));
        }
        self.state.put_list(spot.container, spot.attribute, list);
        result
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

/// The object that an element of a complex attribute is.
fn object_of(element: &mut Json) -> &mut Object {
    if element.as_object().is_none() {
        *element = Json::Object(Object::new());
    }
    match element {
        Json::Object(object) => object,
        _ => unreachable!("the element was made an object"),
    }
}

fn is_primary(element: &Json) -> bool {
    element.as_object().and_then(|element| element.get("primary")).and_then(Json::as_bool) == Some(true)
}

/// At most one element is primary (RFC 7644 section 3.5.2).
fn clear_other_primaries(list: &mut List, primary: usize) {
    let others: Vec<usize> =
        (0..list.elements().len()).filter(|at| *at != primary && is_primary(&list.elements()[*at])).collect();
    for at in others {
        object_of(list.edit(at)).insert("primary", false);
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
