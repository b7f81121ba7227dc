//! Differences between two lists of values, whatever their order.

use std::collections::{HashMap, VecDeque};

use super::{Line, line, sub_lines, sub_names};
use crate::json::Json;
use crate::long_list::LongList;
use crate::schema::{Attribute, Kind};
use crate::text;
use crate::value::Value;

/// Lines of a multi-valued attribute whose values are not complex: one for each value that came or went.
pub(super) fn simple(path: &str, before: Option<Value<'_>>, after: Option<Value<'_>>, lines: &mut Vec<Line>) {
    let mut surplus: HashMap<String, isize> = HashMap::new();
    for value in values(before) {
        *surplus.entry(value.to_text()).or_default() -= 1;
    }
    for value in values(after) {
        *surplus.entry(value.to_text()).or_default() += 1;
    }
    for value in values(before) {
        if let Some(count) = surplus.get_mut(&value.to_text()).filter(|count| **count < 0) {
            *count += 1;
            lines.extend(line(path, Some(value), None));
        }
    }
    for value in values(after) {
        if let Some(count) = surplus.get_mut(&value.to_text()).filter(|count| **count > 0) {
            *count -= 1;
            lines.extend(line(path, None, Some(value)));
        }
    }
}

/// Lines of a multi-valued complex attribute: one for each element that came or went, one for each sub-attribute of an
/// element that stayed.
pub(super) fn complex(
    attribute: &Attribute,
    path: &str,
    before: Option<Value<'_>>,
    after: Option<Value<'_>>,
    lines: &mut Vec<Line>,
) {
    if let (Some(before), Some(after)) = (before.and_then(Value::as_long), after.and_then(Value::as_long))
        && refers(attribute)
    {
        return versions(attribute, path, before, after, lines);
    }
    let (before, after): (Vec<_>, Vec<_>) = (values(before).collect(), values(after).collect());
    let start = before.iter().zip(&after).take_while(|(left, right)| left == right).count();
    let left = &before[start..];
    let right = &after[start..];
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[..left.len() - end], &right[..right.len() - end]);
    matched(attribute, path, (left, right), (&before, &after), lines);
}

/// Lines of two versions of a long list of references: what they share is not looked at.
fn versions(attribute: &Attribute, path: &str, before: &LongList, after: &LongList, lines: &mut Vec<Line>) {
    let (left, right) = before.differences(after);
    if left.iter().chain(&right).all(|element| element.get("value").is_some()) {
        matched(attribute, path, (&left, &right), (&[], &[]), lines);
    } else {
        let (before, after): (Vec<_>, Vec<_>) = (before.iter().collect(), after.iter().collect());
        matched(attribute, path, (&left, &right), (&before, &after), lines);
    }
}

/// Lines of elements that may differ, from lists that hold others too.
fn matched<'a>(
    attribute: &Attribute,
    path: &str,
    (left, right): (&[Value<'a>], &[Value<'a>]),
    (before, after): (&[Value<'a>], &[Value<'a>]),
    lines: &mut Vec<Line>,
) {
    if left.is_empty() && right.is_empty() {
        return;
    }
    let partners = Matching::of(attribute, left, right);
    let selector = Selector::new(attribute, before, after, left.len() + right.len());
    for (at, element) in left.iter().enumerate() {
        let element_path = || format!("{path}[{}]", selector.of(*element));
        match partners.partner_of_left[at] {
            Some(partner) if *element == right[partner] => {}
            Some(partner) => sub_lines(attribute, &element_path(), Some(*element), Some(right[partner]), lines),
            None => lines.extend(line(&element_path(), Some(*element), None)),
        }
    }
    for (at, element) in right.iter().enumerate() {
        if !partners.right_has_partner[at] {
            lines.extend(line(&format!("{path}[{}]", selector.of(*element)), None, Some(*element)));
        }
    }
}

/// Lines of a step that touched a few elements of a list: `all` is the list after it, `changed` has the elements that were
/// touched as they were and as they are (nothing if they went), `added` those that came.
pub(crate) fn element_lines(
    attribute: &Attribute,
    path: &str,
    all: &[Json],
    changed: &[(&Json, Option<&Json>)],
    added: &[&Json],
    lines: &mut Vec<Line>,
) {
    if attribute.kind != Kind::Complex {
        for (before, after) in changed {
            lines.extend(line(path, Some((*before).into()), after.map(Value::from)));
        }
        lines.extend(added.iter().filter_map(|element| line(path, None, Some((*element).into()))));
        return;
    }
    if !attribute.multi_valued {
        let before = changed.first().map(|(before, _)| Value::from(*before));
        let after = changed.first().and_then(|(_, after)| *after).or(added.first().copied()).map(Value::from);
        sub_lines(attribute, path, before, after, lines);
        return;
    }
    let differs = |(before, after): &&(&Json, Option<&Json>)| after.is_none_or(|after| after != *before);
    let changed: Vec<_> = changed.iter().filter(differs).collect();
    if changed.is_empty() && added.is_empty() {
        return;
    }
    let all: Vec<Value<'_>> = if refers(attribute) { Vec::new() } else { all.iter().map(Value::from).collect() };
    let selector = Selector::new(attribute, &[], &all, changed.len() + added.len());
    for (before, after) in changed {
        let element_path = format!("{path}[{}]", selector.of(Value::from(*before)));
        match after {
            Some(after) => {
                sub_lines(attribute, &element_path, Some((*before).into()), Some((*after).into()), lines);
            }
            None => lines.extend(line(&element_path, Some((*before).into()), None)),
        }
    }
    for element in added {
        let element_path = format!("{path}[{}]", selector.of(Value::from(*element)));
        lines.extend(line(&element_path, None, Some((*element).into())));
    }
}

fn values(value: Option<Value<'_>>) -> impl Iterator<Item = Value<'_>> {
    value.into_iter().flat_map(Value::values)
}

/// Which elements of two lists are the same thing.
struct Matching {
    partner_of_left: Vec<Option<usize>>,
    right_has_partner: Vec<bool>,
}

impl Matching {
    fn of(attribute: &Attribute, left: &[Value<'_>], right: &[Value<'_>]) -> Matching {
        let mut matching =
            Matching { partner_of_left: vec![None; left.len()], right_has_partner: vec![false; right.len()] };
        matching.pair(left, right, |element| Some(whole(attribute, element)));
        if refers(attribute) {
            matching.pair(left, right, |element| key(attribute, "value", element));
        } else {
            matching.pair(left, right, |element| {
                Some(format!("{}\0{}", key(attribute, "type", element)?, key(attribute, "value", element)?))
            });
            matching.pair(left, right, |element| key(attribute, "type", element));
            matching.pair(left, right, |element| key(attribute, "value", element));
        }
        matching
    }

    /// Pairs elements that have no partner yet and the same key, in their order.
    fn pair(&mut self, left: &[Value<'_>], right: &[Value<'_>], key: impl Fn(Value<'_>) -> Option<String>) {
        let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (at, element) in left.iter().enumerate().filter(|(at, _)| self.partner_of_left[*at].is_none()) {
            if let Some(key) = key(*element) {
                waiting.entry(key).or_default().push_back(at);
            }
        }
        if waiting.is_empty() {
            return;
        }
        for (at, element) in right.iter().enumerate() {
            if self.right_has_partner[at] {
                continue;
            }
            let partner = key(*element).and_then(|key| waiting.get_mut(&key)?.pop_front());
            if let Some(partner) = partner {
                self.partner_of_left[partner] = Some(at);
                self.right_has_partner[at] = true;
            }
        }
    }
}

/// Whether elements stand for other resources, so that `value` is what they are: the schema itself lists `$ref`.
pub(crate) fn refers(attribute: &Attribute) -> bool {
    attribute.sub_attributes.iter().any(|sub| sub.name == "$ref")
}

/// A sub-attribute's text for comparison.
fn key(attribute: &Attribute, sub: &str, element: Value<'_>) -> Option<String> {
    let sub = attribute.sub(sub)?;
    let value = element.get(&sub.name)?;
    Some(match value {
        Value::String(text) if !sub.compares_case() => text::fold(text).into_owned(),
        Value::String(text) => text.to_owned(),
        other => other.to_text(),
    })
}

/// Everything in an element, whatever the order of its members.
fn whole(attribute: &Attribute, element: Value<'_>) -> String {
    let mut text = String::new();
    for name in sub_names(attribute, &[Some(element)]) {
        if let Some(value) = element.get(name) {
            text.push_str(name);
            text.push('\0');
            text.push_str(&value.to_text());
            text.push('\0');
        }
    }
    text
}

/// Finds the shortest value filter that names one element only, in both states.
struct Selector<'a> {
    attribute: &'a Attribute,
    states: [&'a [Value<'a>]; 2],
    /// How often a key is there, in the state in which it is there most; only made for many questions.
    counts: Option<HashMap<String, usize>>,
}

/// What may name an element, shortest first.
const CANDIDATES: [&[&str]; 3] = [&["type"], &["value"], &["type", "value"]];

/// From how many questions on counting everything once is cheaper than looking through the elements for each.
const COUNT_FROM: usize = 8;

impl<'a> Selector<'a> {
    fn new(attribute: &'a Attribute, before: &'a [Value<'a>], after: &'a [Value<'a>], questions: usize) -> Self {
        let states = [before, after];
        let counts = (questions >= COUNT_FROM && !refers(attribute)).then(|| {
            let mut most: HashMap<String, usize> = HashMap::new();
            for state in states {
                let mut here: HashMap<String, usize> = HashMap::new();
                for element in state {
                    let keys = CANDIDATES.iter().filter_map(|candidate| joined_key(attribute, candidate, *element));
                    keys.for_each(|key| *here.entry(key).or_default() += 1);
                }
                for (key, count) in here {
                    let known = most.entry(key).or_default();
                    *known = count.max(*known);
                }
            }
            most
        });
        Selector { attribute, states, counts }
    }

    /// The filter, without brackets.
    fn of(&self, element: Value<'_>) -> String {
        if refers(self.attribute) && element.get("value").is_some() {
            return self.condition(&["value"], element);
        }
        match CANDIDATES.into_iter().find(|candidate| self.is_unique(candidate, element)) {
            Some(candidate) => self.condition(candidate, element),
            None => self.condition(&sub_names(self.attribute, &[Some(element)]), element),
        }
    }

    fn is_unique(&self, candidate: &[&str], element: Value<'_>) -> bool {
        let Some(key) = joined_key(self.attribute, candidate, element) else { return false };
        match &self.counts {
            Some(counts) => counts.get(&key).is_none_or(|count| *count == 1),
            None => self.states.iter().all(|state| {
                let alike = |other: &&Value<'_>| candidate.iter().all(|name| self.same(name, **other, element));
                state.iter().filter(alike).take(2).count() < 2
            }),
        }
    }

    fn same(&self, name: &str, left: Value<'_>, right: Value<'_>) -> bool {
        match (self.attribute.sub(name), left.get(name), right.get(name)) {
            (Some(sub), Some(Value::String(left)), Some(Value::String(right))) => text::same(sub, left, right),
            (_, left, right) => left == right,
        }
    }

    fn condition(&self, names: &[&str], element: Value<'_>) -> String {
        let comparisons: Vec<String> = names
            .iter()
            .filter_map(|name| {
                let sub = self.attribute.sub(name).filter(|sub| sub.kind != Kind::Complex)?;
                let value = element.get(&sub.name)?.values().next()?;
                Some(format!("{} eq {}", sub.name, value.to_text()))
            })
            .collect();
        comparisons.join(" and ")
    }
}

fn joined_key(attribute: &Attribute, names: &[&str], element: Value<'_>) -> Option<String> {
    let mut joined = names.join(" ");
    for name in names {
        joined.push('\0');
        joined.push_str(&key(attribute, name, element)?);
    }
    Some(joined)
}
