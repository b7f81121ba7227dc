//! Which attributes of a resource an answer shows (RFC 7644 sections 3.4.2.5 and 3.9, RFC 7643 section 7).

mod selection;
mod sheet;

use crate::json::{Json, Object};
use crate::schema::{Attribute, Container, Kind, Returned, Schema, Shape};
use crate::value::{Members, Value};

use selection::{Choice, Part, Paths};
pub use selection::{Selection, without_filters};
pub use sheet::{NotPlain, Sheet};

/// The part of a resource that an answer shows, in the resource's order.
///
/// - `returned: always` is shown whatever is selected, `never` is not shown whatever is selected.
/// - `default` is shown unless other attributes are asked for or it is excluded.
/// - `request` is shown if it is asked for or if this request wrote it: `written` holds the paths of the attributes that it
///   wrote (`title`, `emails.value`, `urn:...:User:department`), in any case.
///
/// A sub-attribute with `returned: always` (`meta.version`) is shown even if its attribute is not selected. Values in which
/// nothing is left are omitted, and so is what the schema does not know.
pub fn project(shape: &Shape, resource: Value<'_>, selection: &Selection, written: &[String]) -> Object {
    let written = Paths::written(shape, written);
    let rules = Rules { choice: &selection.choice, written: &written };
    let mut shown = Object::new();
    let Value::Object(members) = resource else { return shown };
    for (name, value) in members {
        if let Some(attribute) = shape.core_attributes().find(|attribute| attribute.name == name) {
            if let Some(value) = rules.attribute(Container::Core, attribute, value) {
                shown.insert(name, value);
            }
        } else if let (Some(extension), Value::Object(members)) = (shape.extension(name), value) {
            let container = rules.container(extension, members);
            if !container.is_empty() {
                shown.insert(name, container);
            }
        }
    }
    shown
}

struct Rules<'a> {
    choice: &'a Choice,
    written: &'a Paths,
}

impl Rules<'_> {
    fn container(&self, extension: &Schema, members: Members<'_>) -> Object {
        let mut shown = Object::new();
        for (name, value) in members {
            let Some(attribute) = extension.attributes.iter().find(|attribute| attribute.name == name) else {
                continue;
            };
            if let Some(value) = self.attribute(Container::Extension(extension), attribute, value) {
                shown.insert(name, value);
            }
        }
        shown
    }

    fn attribute(&self, container: Container<'_>, attribute: &Attribute, value: Value<'_>) -> Option<Json> {
        let part = self.part(container, attribute);
        if attribute.kind != Kind::Complex {
            return (part == Part::Whole).then(|| value.to_json());
        }
        let element = |value: Value<'_>| {
            let mut shown = Object::new();
            let Value::Object(members) = value else { return None };
            for (name, value) in members {
                if attribute.sub(name).is_some_and(|sub| self.shows(container, attribute, part, sub)) {
                    shown.insert(name, value.to_json());
                }
            }
            (!shown.is_empty()).then_some(Json::Object(shown))
        };
        match value {
            Value::Array(items) => {
                let shown: Vec<Json> = items.filter_map(element).collect();
                (!shown.is_empty()).then_some(Json::Array(shown))
            }
            one => element(one),
        }
    }

    /// How much of an attribute is shown, before its sub-attributes have their say.
    fn part(&self, container: Container<'_>, attribute: &Attribute) -> Part {
        let is_excluded = |paths: &Paths| paths.part_of(container, attribute) == Part::Whole;
        match (attribute.returned, self.choice) {
            (Returned::Never, _) => Part::Nothing,
            (Returned::Always, _) | (Returned::Default, Choice::All) => Part::Whole,
            (Returned::Default | Returned::Request, Choice::Without(paths)) if is_excluded(paths) => Part::Nothing,
            (Returned::Default, Choice::Without(_)) => Part::Whole,
            (Returned::Default, Choice::Only(paths)) => paths.part_of(container, attribute),
            (Returned::Request, choice) => {
                let asked = match choice {
                    Choice::Only(paths) => paths.part_of(container, attribute),
                    Choice::All | Choice::Without(_) => Part::Nothing,
                };
                if asked == Part::Nothing { self.written.part_of(container, attribute).or_whole() } else { asked }
            }
        }
    }

    fn shows(&self, container: Container<'_>, attribute: &Attribute, part: Part, sub: &Attribute) -> bool {
        let names = |paths: &Paths| paths.names_sub(container, attribute, sub);
        let is_asked = matches!(self.choice, Choice::Only(paths) if names(paths));
        let is_excluded = matches!(self.choice, Choice::Without(paths) if names(paths));
        let with_parent = part == Part::Whole && !is_excluded;
        match sub.returned {
            Returned::Never => false,
            Returned::Always => match attribute.returned {
                Returned::Always | Returned::Default => true,
                Returned::Request => part != Part::Nothing,
                Returned::Never => false,
            },
            Returned::Default => with_parent || (part == Part::Subs && is_asked),
            Returned::Request => {
                let is_written = names(self.written) || self.written.part_of(container, attribute) == Part::Whole;
                (part != Part::Nothing && is_asked) || (with_parent && is_written)
            }
        }
    }
}
