//! Resources, errors, and everything else that is one JSON value.

use scim::diff::diff;
use scim::json::{Json, Object};
use scim::schema::Shape;

use super::Bodies;
use crate::counterparts::counterparts;
use crate::difference::{Difference, Part, Sort};

impl Bodies<'_> {
    /// Two resources: attributes of their schema as SCIM means them, everything else as JSON. `path` ends with a dot, or is
    /// empty.
    pub(super) fn resource(&mut self, path: &str, left: &Json, right: &Json, raw_right: &Json) {
        let (Some(one), Some(other)) = (left.as_object(), right.as_object()) else {
            self.walk(path.trim_end_matches('.'), left, right);
            return;
        };
        let shape = self.shape(one).filter(|_| other.get("schemas").is_some() || other.get("id").is_some());
        if let Some(shape) = &shape {
            for line in diff(shape, Some(one.into()), Some(other.into())) {
                let found = Difference::of(Part::Body, format!("{path}{}", line.path), line.before, line.after);
                let times = [&found.recorded, &found.replayed].map(|value| value.as_ref().is_some_and(is_time));
                let sort = if times == [true, true] { Sort::Time } else { Sort::Value };
                self.found.push(found.sorted(sort));
            }
        }
        let is_known = |name: &str| {
            let known =
                |shape: &std::sync::Arc<Shape>| shape.core_attribute(name).is_some() || shape.extension(name).is_some();
            !matches!(name, "id" | "schemas" | "meta") && shape.as_ref().is_some_and(known)
        };
        let id = one.get("id").and_then(Json::as_str).unwrap_or_default();
        let names = one.iter().chain(other.iter().filter(|(name, _)| one.get(name).is_none())).map(|(name, _)| name);
        for name in names.filter(|name| !is_known(name)) {
            let at = format!("{path}{name}");
            match (name, one.get(name), other.get(name)) {
                ("id", Some(left), Some(right)) if left == right => {
                    let raw = raw_right.as_object().and_then(|raw| raw.get("id"));
                    if raw != Some(left) {
                        self.push(&at, Some(left), raw, Sort::Id);
                    }
                }
                ("meta", Some(Json::Object(left)), Some(Json::Object(right))) => self.meta(&at, id, left, right),
                (
                    "detail" | "description" | "documentationUri",
                    Some(left @ Json::String(_)),
                    Some(right @ Json::String(_)),
                ) if shape.is_none() => {
                    if left != right {
                        self.push(&at, Some(left), Some(right), Sort::Wording);
                    }
                }
                (_, left, right) => self.member(&at, left, right),
            }
        }
    }

    fn shape(&self, resource: &Object) -> Option<std::sync::Arc<Shape>> {
        let schemas = resource.get("schemas")?.as_array()?;
        let has = |urn: &str| schemas.iter().filter_map(Json::as_str).any(|have| have.eq_ignore_ascii_case(urn));
        self.registry.shapes().iter().find(|shape| has(&shape.base.id)).cloned()
    }

    fn meta(&mut self, path: &str, id: &str, left: &Object, right: &Object) {
        let names = left.iter().chain(right.iter().filter(|(name, _)| left.get(name).is_none())).map(|(name, _)| name);
        for name in names {
            let at = format!("{path}.{name}");
            match (name, left.get(name), right.get(name)) {
                ("version", Some(Json::String(one)), Some(Json::String(other))) => {
                    let fits = self.mapping.learn_version(id, one, other);
                    if one != other || !fits {
                        let sort = if fits { Sort::Version } else { Sort::Value };
                        self.push(&at, left.get(name), right.get(name), sort);
                    }
                }
                (_, one, other) => self.member(&at, one, other),
            }
        }
    }

    fn member(&mut self, path: &str, left: Option<&Json>, right: Option<&Json>) {
        let [left, right] = [left, right].map(|value| value.filter(|value| !value.is_unassigned()));
        match (left, right) {
            (None, None) => {}
            (Some(left), Some(right)) => self.walk(path, left, right),
            (left, right) => self.push(path, left, right, Sort::Value),
        }
    }

    /// Two JSON values.
    pub(super) fn walk(&mut self, path: &str, left: &Json, right: &Json) {
        match (left, right) {
            (Json::Object(left), Json::Object(right)) => {
                let added = right.iter().filter(|(name, _)| left.get(name).is_none());
                for (name, _) in left.iter().chain(added) {
                    let at = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    match (name, left.get(name), right.get(name)) {
                        ("detail" | "description" | "documentationUri", Some(one @ Json::String(_)), Some(other)) => {
                            if one != other {
                                self.push(&at, Some(one), Some(other), Sort::Wording);
                            }
                        }
                        // A cursor means something to its server only (RFC 9865 section 2).
                        (
                            "nextCursor" | "previousCursor",
                            Some(one @ Json::String(_)),
                            Some(other @ Json::String(_)),
                        ) => {
                            if one != other {
                                self.push(&at, Some(one), Some(other), Sort::Id);
                            }
                        }
                        (_, one, other) => self.member(&at, one, other),
                    }
                }
            }
            (Json::Array(left), Json::Array(right)) => self.elements(path, left, right),
            (left, right) if left == right => {}
            (left, right) if is_time(left) && is_time(right) => self.push(path, Some(left), Some(right), Sort::Time),
            (Json::String(one), Json::String(other)) if is_tag(one) && is_tag(other) => {
                self.push(path, Some(left), Some(right), Sort::Version);
            }
            (left, right) => self.push(path, Some(left), Some(right), Sort::Value),
        }
    }

    fn elements(&mut self, path: &str, left: &[Json], right: &[Json]) {
        let pairs = counterparts(left, right, true, |id| Some(id.to_owned()));
        let mut taken = vec![false; right.len()];
        let (mut last, mut moved) = (None, false);
        for (index, (element, pair)) in left.iter().zip(pairs).enumerate() {
            let at = format!("{path}[{index}]");
            let Some(place) = pair else {
                self.push(&at, Some(element), None, Sort::Value);
                continue;
            };
            taken[place] = true;
            moved |= last.is_some_and(|last| place < last);
            last = Some(place);
            self.walk(&at, element, &right[place]);
        }
        for (place, element) in right.iter().enumerate().filter(|(place, _)| !taken[*place]) {
            self.push(&format!("{path}[{place}]"), None, Some(element), Sort::Value);
        }
        if moved {
            let words = "the elements come in another order";
            self.found
                .push(Difference { path: path.to_owned(), ..Difference::said(Part::Body, words) }.sorted(Sort::Order));
        }
    }
}

/// Whether a value is a time (RFC 7643 section 2.3.5).
fn is_time(value: &Json) -> bool {
    let Some(text) = value.as_str() else { return false };
    let form = b"0000-00-00T00:00:00";
    let fits = |(have, form): (u8, &u8)| if *form == b'0' { have.is_ascii_digit() } else { have == *form };
    text.len() >= form.len() && text.bytes().zip(form).all(fits)
}

/// Whether a text is an entity tag (RFC 9110 section 8.8.3).
fn is_tag(text: &str) -> bool {
    let tag = text.strip_prefix("W/").unwrap_or(text);
    tag.len() >= 2 && tag.starts_with('"') && tag.ends_with('"')
}
