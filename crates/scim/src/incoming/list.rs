//! Lists of multi-valued attributes (RFC 7643 section 2.4).

use std::collections::HashMap;

use super::pointer::Pointer;
use super::{Named, mismatch, one};
use crate::error::{ScimError, ScimType};
use crate::finding::{Finding, Severity};
use crate::json::{Json, Object};
use crate::leniency::Reading;
use crate::schema::Attribute;
use crate::text;

pub(super) fn read(
    reading: &mut Reading,
    named: Named,
    value: Json,
    here: &Pointer,
) -> Result<Option<Json>, ScimError> {
    let attribute = named.attribute;
    let mut kept: Vec<Json> = Vec::new();
    match value {
        Json::Array(items) => {
            let mut at_key: HashMap<String, usize> = HashMap::new();
            let mut primary: Option<(usize, usize)> = None;
            for (at, item) in items.into_iter().enumerate() {
                let here = Pointer::Item(here, at);
                let Some(item) = one(reading, named, item, &here)? else { continue };
                let key = key(attribute, &item);
                let slot = match at_key.get(&key) {
                    Some(&slot) => {
                        merge(&mut kept[slot], item);
                        let message = format!("{named} already has this value; the element is merged into the first");
                        reading.note(Finding::new("duplicate-element", Severity::Info, here.place(), message));
                        slot
                    }
                    None => {
                        at_key.insert(key, kept.len());
                        kept.push(item);
                        kept.len() - 1
                    }
                };
                if is_primary(&kept[slot]) {
                    match primary {
                        Some((first, sent_at)) if first != slot => return Err(two_primaries(named, sent_at, &here)),
                        Some(_) => {}
                        None => primary = Some((slot, at)),
                    }
                }
            }
        }
        single if reading.leniency.single_for_list => {
            let message = format!("{named} was sent as {}; it is taken as a list of one", single.kind_name());
            reading.tolerated("T13", here.place(), message);
            kept.extend(one(reading, named, single, here)?);
        }
        other => return Err(mismatch(named, "an array", &other, here)),
    }
    Ok((!kept.is_empty()).then_some(Json::Array(kept)))
}

fn is_primary(item: &Json) -> bool {
    item.as_object().and_then(|element| element.get("primary")).and_then(Json::as_bool) == Some(true)
}

fn two_primaries(named: Named, first: usize, second: &Pointer) -> ScimError {
    ScimError::bad_request(
        ScimType::InvalidValue,
        second.place(),
        format!(
            "{named} has \"primary\": true more than once: element {first} and {second}; at most one may be primary"
        ),
    )
}

/// What makes two elements the same: `value` and `type` if there is a `value` (RFC 7643 section 2.4), else all there is.
fn key(attribute: &Attribute, item: &Json) -> String {
    match item {
        Json::Object(element) => match element.get("value") {
            Some(value) => {
                let value = comparable(attribute.sub("value"), value);
                let kind = element.get("type").map(|kind| comparable(attribute.sub("type"), kind)).unwrap_or_default();
                format!("{}:{value}{kind}", value.len())
            }
            None => {
                let mut parts: Vec<String> = element
                    .iter()
                    .map(|(name, value)| format!("{name:?}:{}", comparable(attribute.sub(name), value)))
                    .collect();
                parts.sort();
                parts.join(",")
            }
        },
        simple => comparable(Some(attribute), simple),
    }
}

fn comparable(attribute: Option<&Attribute>, value: &Json) -> String {
    match (attribute, value) {
        (Some(attribute), Json::String(text)) if !attribute.compares_case() => {
            Json::from(text::fold(text).into_owned()).to_text()
        }
        (_, other) => other.to_text(),
    }
}

/// Adds what the later element has and the first has not.
fn merge(first: &mut Json, later: Json) {
    if let (Json::Object(first), Json::Object(later)) = (first, later) {
        for (name, value) in later {
            add_missing(first, name, value);
        }
    }
}

fn add_missing(first: &mut Object, name: String, value: Json) {
    if first.get(&name).is_none() {
        first.insert(name, value);
    }
}
