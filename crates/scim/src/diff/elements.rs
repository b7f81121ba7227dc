//! Differences between two lists of values, whatever their order.

use std::collections::{HashMap, VecDeque};

use super::{Line, line, sub_lines, sub_names};
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
    let (before, after): (Vec<_>, Vec<_>) = (values(before).collect(), values(after).collect());
    let start = before.iter().zip(&after).take_while(|(left, right)| left == right).count();
    let left = &before[start..];
    let right = &after[start..];
    let end = left.iter().rev().zip(right.iter().rev()).take_while(|(left, right)| left == right).count();
    let (left, right) = (&left[..left.len() - end], &right[..right.len() - end]);
    if left.is_empty() && right.is_empty() {
        return;
    }
    let partners = Matching::of(attribute, left, right);
    let selector = Selector::new(attribute, &before, &after);
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
fn refers(attribute: &Attribute) -> bool {
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
    /// How often a key is there, in the state in which it is there most. Empty if `value` is enough.
    counts: HashMap<String, usize>,
}

/// What may name an element, shortest first.
const CANDIDATES: [&[&str]; 3] = [&["type"], &["value"], &["type", "value"]];

impl<'a> Selector<'a> {
    fn new(attribute: &'a Attribute, before: &[Value<'_>], after: &[Value<'_>]) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        if !refers(attribute) {
            for state in [before, after] {
                let mut here: HashMap<String, usize> = HashMap::new();
                for element in state {
                    for candidate in CANDIDATES {
                        if let Some(key) = joined_key(attribute, candidate, *element) {
                            *here.entry(key).or_default() += 1;
                        }
                    }
                }
                for (key, count) in here {
                    let most = counts.entry(key).or_default();
                    *most = count.max(*most);
                }
            }
        }
        Selector { attribute, counts }
    }

    /// The filter, without brackets.
    fn of(&self, element: Value<'_>) -> String {
        if refers(self.attribute) && element.get("value").is_some() {
            return self.condition(&["value"], element);
        }
        let short = CANDIDATES.into_iter().find(|candidate| {
            joined_key(self.attribute, candidate, element).is_some_and(|key| self.counts.get(&key) == Some(&1))
        });
        match short {
            Some(candidate) => self.condition(candidate, element),
            None => self.condition(&sub_names(self.attribute, &[Some(element)]), element),
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
