//! Elements under edit, with a memory of those that were touched.

use std::collections::BTreeMap;

use crate::diff::{Line, element_lines};
use crate::json::{Json, Object};
use crate::long_list::{LongList, Place};
use crate::schema::Attribute;
use crate::value::Value;

/// All elements of an attribute; or, of a long list, those that the operation can have to do with.
pub(super) struct List {
    elements: Vec<Json>,
    /// The long list that they are a part of, and where each stands in it.
    whole: Option<(LongList, Vec<Place>)>,
    /// Elements from here on are new.
    old: usize,
    /// Elements that were there before and were touched, as they were, by position.
    touched: BTreeMap<usize, Json>,
}

/// How to take back what was done to a list.
pub(super) struct ListUndo {
    old: usize,
    touched: BTreeMap<usize, Json>,
    /// Positions of elements that were dropped, ascending.
    dropped: Vec<usize>,
}

impl List {
    pub(super) fn new(elements: Vec<Json>) -> List {
        List { old: elements.len(), elements, whole: None, touched: BTreeMap::new() }
    }

    pub(super) fn part_of(whole: LongList, places: Vec<Place>) -> List {
        let elements = places.iter().filter_map(|place| whole.get(*place)).map(Value::to_json).collect();
        List { whole: Some((whole, places)), ..List::new(elements) }
    }

    pub(super) fn elements(&self) -> &[Json] {
        &self.elements
    }

    pub(super) fn push(&mut self, element: Json) {
        self.elements.push(element);
    }

    /// An element for editing.
    pub(super) fn edit(&mut self, at: usize) -> &mut Json {
        if at < self.old {
            self.touched.entry(at).or_insert_with(|| self.elements[at].clone());
        }
        &mut self.elements[at]
    }

    /// Takes elements out, none of which was touched before. Their places are closed when the list is finished.
    pub(super) fn remove(&mut self, selected: &[usize]) {
        for at in selected {
            let element = std::mem::replace(&mut self.elements[*at], Json::Object(Object::new()));
            self.touched.insert(*at, element);
        }
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        let beside = self.whole.as_ref().map_or(0, |(whole, _)| whole.len() - self.old);
        beside == 0 && self.elements.iter().all(is_dropped)
    }

    /// The long list that this is a part of, as it was.
    pub(super) fn whole(&self) -> Option<&LongList> {
        self.whole.as_ref().map(|(whole, _)| whole)
    }

    /// The long list with what was done to a part of it, and lines for that.
    pub(super) fn finish_part(self, attribute: &Attribute, path: &str, lines: &mut Vec<Line>) -> Option<LongList> {
        self.lines(attribute, path, lines);
        let (mut whole, places) = self.whole?;
        for at in self.touched.into_keys() {
            match &self.elements[at] {
                dropped if is_dropped(dropped) => whole.take(places[at]),
                element => whole.set(places[at], element.into()),
            }
        }
        let added = self.elements[self.old..].iter().filter(|element| !is_dropped(element));
        added.for_each(|element| whole.push(element.into()));
        Some(whole)
    }

    /// The elements that are left, with lines for what changed.
    pub(super) fn finish(mut self, attribute: &Attribute, path: &str, lines: &mut Vec<Line>) -> (Vec<Json>, ListUndo) {
        let mut dropped: Vec<usize> =
            self.touched.keys().copied().filter(|at| is_dropped(&self.elements[*at])).collect();
        dropped.extend((self.old..self.elements.len()).filter(|at| is_dropped(&self.elements[*at])));
        self.lines(attribute, path, lines);
        if !dropped.is_empty() {
            self.elements.retain(|element| !is_dropped(element));
        }
        (self.elements, ListUndo { old: self.old, touched: self.touched, dropped })
    }

    fn lines(&self, attribute: &Attribute, path: &str, lines: &mut Vec<Line>) {
        let changed: Vec<(&Json, Option<&Json>)> = self
            .touched
            .iter()
            .map(|(at, before)| (before, Some(&self.elements[*at]).filter(|after| !is_dropped(after))))
            .collect();
        let added: Vec<&Json> = self.elements[self.old..].iter().filter(|element| !is_dropped(element)).collect();
        if !changed.is_empty() || !added.is_empty() {
            element_lines(attribute, path, &self.elements, &changed, &added, lines);
        }
    }
}

impl ListUndo {
    /// The elements as they were, from those that are there now.
    pub(super) fn apply(self, after: Vec<Json>) -> Vec<Json> {
        let mut after = after.into_iter();
        let mut dropped = self.dropped.into_iter().peekable();
        let mut before = Vec::with_capacity(self.old);
        for at in 0..self.old {
            let gone = dropped.next_if(|gone| *gone == at).is_some();
            before.push(if gone { Json::Null } else { after.next().unwrap_or(Json::Null) });
        }
        for (at, element) in self.touched {
            before[at] = element;
        }
        before
    }
}

/// An element in which nothing is left.
fn is_dropped(element: &Json) -> bool {
    matches!(element, Json::Object(element) if element.is_empty())
}
