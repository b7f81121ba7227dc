//! The resource while operations work on it: every step can be told as lines and taken back.

use super::list::{List, ListUndo};
use super::reach::{Reach, has_parts};
use super::schemas;
use crate::diff::{self, Line};
use crate::json::{Json, Object};
use crate::long_list::{LONG, LongList, LongLists, Parts};
use crate::path::attribute_path;
use crate::schema::{Attribute, Container, Schema, Shape};
use crate::value::{Items, Value};

/// Nothing is copied that a step does not change: a request may have thousands of operations on a group of thousands.
pub(super) struct State<'s> {
    shape: &'s Shape,
    object: Object,
    /// The lists that are left empty in the object.
    lists: LongLists,
    /// How to take back what the current operation did, oldest first.
    steps: Vec<Step<'s>>,
    /// What the current operation changed.
    lines: Vec<Line>,
    /// `schemas` before the current operation.
    schemas: Option<Json>,
    /// Which extensions were there before the current operation, in the order of the shape.
    containers: Vec<bool>,
    /// Comparisons so far, by all operations.
    spent: usize,
}

struct Step<'s> {
    container: Container<'s>,
    attribute: &'s Attribute,
    undo: Undo,
}

enum Undo {
    Whole(Option<Json>),
    List(ListUndo),
    Long(LongList),
}

impl<'s> State<'s> {
    pub(super) fn new(shape: &'s Shape, parts: Parts) -> Self {
        let Parts { object, lists } = parts;
        let (steps, lines, containers) = (Vec::new(), Vec::new(), Vec::new());
        let mut state = State { shape, object, lists, steps, lines, schemas: None, containers, spent: 0 };
        state.put_others_in();
        state
    }

    /// Operations work on parts of lists of references. Other long lists are put into the object: what is said of one of
    /// their elements may depend on all of them.
    fn put_others_in(&mut self) {
        let core = self.shape.core_attributes().map(|attribute| (Container::Core, attribute));
        let extended = self.shape.extensions.iter().flat_map(|(schema, _)| {
            schema.attributes.iter().map(move |attribute| (Container::Extension(schema), attribute))
        });
        let others: Vec<_> = core.chain(extended).filter(|(_, attribute)| !has_parts(attribute)).collect();
        for (container, attribute) in others {
            if let Some(list) = self.lists.remove(urn_of(container), &attribute.name) {
                let elements: Vec<Json> = list.iter().map(Value::to_json).collect();
                self.holder(container).insert(attribute.name.as_str(), elements);
            }
        }
    }

    /// An operation begins.
    pub(super) fn begin(&mut self) {
        self.steps.clear();
        self.lines.clear();
        self.schemas = self.object.get("schemas").cloned();
        self.containers = self.shape.extensions.iter().map(|(schema, _)| self.has(schema)).collect();
    }

    pub(super) fn get(&self, container: Container<'s>, attribute: &Attribute) -> Option<&Json> {
        let holder = match container {
            Container::Core => &self.object,
            Container::Extension(schema) => self.object.get(&schema.id)?.as_object()?,
        };
        let is_long = || self.lists.get(urn_of(container), &attribute.name).is_some();
        holder.get(&attribute.name).filter(|value| !value.is_unassigned() || is_long())
    }

    /// Sets a value; nothing and empty lists unassign.
    pub(super) fn set(&mut self, container: Container<'s>, attribute: &'s Attribute, value: Option<Json>) {
        let value = value.filter(|value| !value.is_unassigned());
        let before = self.holder(container).remove(&attribute.name);
        let long = self.lists.remove(urn_of(container), &attribute.name);
        let path = attribute_path(&container, attribute);
        let seen = match &long {
            Some(list) => Some(Value::Array(Items::long(list))),
            None => before.as_ref().map(Value::from),
        };
        diff::attribute_lines(attribute, &path, seen, value.as_ref().map(Value::from), &mut self.lines);
        match (&long, value) {
            (Some(list), Some(Json::Array(elements))) if elements.len() > LONG => {
                self.put_long(container, attribute, list.with(&elements));
            }
            (_, Some(value)) => {
                self.holder(container).insert(attribute.name.as_str(), value);
            }
            (_, None) => {}
        }
        let undo = long.map_or(Undo::Whole(before), Undo::Long);
        self.steps.push(Step { container, attribute, undo });
    }

    fn put_long(&mut self, container: Container<'s>, attribute: &Attribute, list: LongList) {
        if !list.is_empty() {
            self.holder(container).insert(attribute.name.as_str(), Vec::new());
            self.lists.set(urn_of(container), &attribute.name, list);
        }
    }

    /// Counts work, and gives the sum.
    pub(super) fn spend(&mut self, comparisons: usize) -> usize {
        self.spent = self.spent.saturating_add(comparisons);
        self.spent
    }

    /// Takes the elements of an attribute out for editing, of a long list those within reach; a single complex value is a
    /// list of one. They must be put back with [`State::put_list`], whatever happens.
    pub(super) fn take_list(&mut self, container: Container<'s>, attribute: &'s Attribute, reach: &Reach) -> List {
        let value = self.holder(container).remove(&attribute.name);
        if let Some(list) = self.lists.remove(urn_of(container), &attribute.name) {
            let places = reach.places(&list);
            return List::part_of(list, places);
        }
        List::new(match value {
            Some(Json::Array(elements)) => elements,
            Some(Json::Null) | None => Vec::new(),
            Some(one) => vec![one],
        })
    }

    /// Puts elements back. Those in which nothing is left are dropped.
    pub(super) fn put_list(&mut self, container: Container<'s>, attribute: &'s Attribute, list: List) {
        let path = attribute_path(&container, attribute);
        if let Some(before) = list.whole() {
            let undo = Undo::Long(before.clone());
            if let Some(list) = list.finish_part(attribute, &path, &mut self.lines) {
                self.put_long(container, attribute, list);
            }
            self.steps.push(Step { container, attribute, undo });
            return;
        }
        let (elements, undo) = list.finish(attribute, &path, &mut self.lines);
        self.steps.push(Step { container, attribute, undo: Undo::List(undo) });
        self.put_elements(container, attribute, elements);
    }

    fn put_elements(&mut self, container: Container<'s>, attribute: &Attribute, elements: Vec<Json>) {
        let value = if attribute.multi_valued { Some(Json::Array(elements)) } else { elements.into_iter().next() };
        if let Some(value) = value.filter(|value| !value.is_unassigned()) {
            self.holder(container).insert(attribute.name.as_str(), value);
        }
    }

    /// Sets `schemas`, which no line tells of.
    pub(super) fn set_schemas(&mut self, urns: Vec<Json>) {
        self.object.insert("schemas", urns);
    }

    pub(super) fn object(&self) -> &Object {
        &self.object
    }

    pub(super) fn into_parts(self) -> Parts {
        Parts { object: self.object, lists: self.lists }
    }

    /// The operation is done. Gives what it changed; if that is nothing, everything is as before, orders included.
    pub(super) fn seal(&mut self) -> Option<Vec<Line>> {
        for (at, (schema, _)) in self.shape.extensions.iter().enumerate() {
            match (self.containers[at], self.has(schema)) {
                (true, false) => schemas::unlist(&mut self.object, &schema.id),
                (false, true) => schemas::list(&mut self.object, &schema.id),
                _ => {}
            }
        }
        if self.lines.is_empty() && schemas::same_lists(self.schemas.as_ref(), self.object.get("schemas")) {
            self.undo();
            return None;
        }
        Some(std::mem::take(&mut self.lines))
    }

    /// The operation did not happen.
    pub(super) fn undo(&mut self) {
        self.lines.clear();
        while let Some(Step { container, attribute, undo }) = self.steps.pop() {
            let after = self.holder(container).remove(&attribute.name);
            self.lists.remove(urn_of(container), &attribute.name);
            match undo {
                Undo::Long(before) => self.put_long(container, attribute, before),
                Undo::Whole(Some(before)) => {
                    self.holder(container).insert(attribute.name.as_str(), before);
                }
                Undo::Whole(None) => {}
                Undo::List(undo) => {
                    let after = match after {
                        Some(Json::Array(elements)) => elements,
                        Some(one) => vec![one],
                        None => Vec::new(),
                    };
                    self.put_elements(container, attribute, undo.apply(after));
                }
            }
        }
        if let Some(schemas) = self.schemas.take() {
            self.object.insert("schemas", schemas);
        }
    }

    fn holder(&mut self, container: Container<'s>) -> &mut Object {
        let Container::Extension(schema) = container else { return &mut self.object };
        if self.object.get(&schema.id).and_then(Json::as_object).is_none() {
            self.object.insert(schema.id.as_str(), Object::new());
        }
        match self.object.get_mut(&schema.id) {
            Some(Json::Object(holder)) => holder,
            _ => unreachable!("the container was put there as an object"),
        }
    }

    /// Whether the resource has attributes of this extension.
    pub(super) fn has(&self, schema: &Schema) -> bool {
        self.object.get(&schema.id).and_then(Json::as_object).is_some_and(|container| !container.is_empty())
    }
}

fn urn_of(container: Container<'_>) -> Option<&str> {
    match container {
        Container::Core => None,
        Container::Extension(schema) => Some(&schema.id),
    }
}
