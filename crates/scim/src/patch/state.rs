//! The resource while operations work on it: every step can be told as lines and taken back.

use super::list::{List, ListUndo};
use super::schemas;
use crate::diff::{self, Line};
use crate::json::{Json, Object};
use crate::path::attribute_path;
use crate::schema::{Attribute, Container, Schema, Shape};
use crate::value::Value;

/// Nothing is copied that a step does not change: a request may have thousands of operations on a group of thousands.
pub(super) struct State<'s> {
    shape: &'s Shape,
    object: Object,
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
}

impl<'s> State<'s> {
    pub(super) fn new(shape: &'s Shape, object: Object) -> Self {
        State { shape, object, steps: Vec::new(), lines: Vec::new(), schemas: None, containers: Vec::new(), spent: 0 }
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
        holder.get(&attribute.name).filter(|value| !value.is_unassigned())
    }

    /// Sets a value; nothing and empty lists unassign.
    pub(super) fn set(&mut self, container: Container<'s>, attribute: &'s Attribute, value: Option<Json>) {
        let value = value.filter(|value| !value.is_unassigned());
        let before = self.holder(container).remove(&attribute.name);
        let path = attribute_path(&container, attribute);
        diff::attribute_lines(
            attribute,
            &path,
            before.as_ref().map(Value::from),
            value.as_ref().map(Value::from),
            &mut self.lines,
        );
        if let Some(value) = value {
            self.holder(container).insert(attribute.name.as_str(), value);
        }
        self.steps.push(Step { container, attribute, undo: Undo::Whole(before) });
    }

    /// Counts work, and gives the sum.
    pub(super) fn spend(&mut self, comparisons: usize) -> usize {
        self.spent = self.spent.saturating_add(comparisons);
        self.spent
    }

    /// Takes the elements of an attribute out for editing; a single complex value is a list of one. They must be put back
    /// with [`State::put_list`], whatever happens.
    pub(super) fn take_list(&mut self, container: Container<'s>, attribute: &'s Attribute) -> List {
        List::new(match self.holder(container).remove(&attribute.name) {
            Some(Json::Array(elements)) => elements,
            Some(Json::Null) | None => Vec::new(),
            Some(one) => vec![one],
        })
    }

    /// Puts elements back. Those in which nothing is left are dropped.
    pub(super) fn put_list(&mut self, container: Container<'s>, attribute: &'s Attribute, list: List) {
        let path = attribute_path(&container, attribute);
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

    pub(super) fn into_object(self) -> Object {
        self.object
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
            match undo {
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
