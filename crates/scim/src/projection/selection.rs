//! The attributes that a request asks for, or asks to leave out.

use crate::schema::{Attribute, Container, Returned, Schema, Shape, Target};

/// What the parameters `attributes` and `excludedAttributes` select (RFC 7644 section 3.9). They exclude each other.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub(super) choice: Choice,
    unknown: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) enum Choice {
    /// Nothing is said: what is shown by default.
    #[default]
    All,
    /// These, beside what is always shown.
    Only(Paths),
    /// What is shown by default without these.
    Without(Paths),
}

impl Selection {
    /// What is shown if the request selects nothing.
    pub fn all() -> Self {
        Selection::default()
    }

    /// Whether the request selects nothing.
    pub fn is_all(&self) -> bool {
        matches!(self.choice, Choice::All)
    }

    /// The value of `attributes`: names in the notation of RFC 7644 section 3.10, separated by commas, in any case. The URN
    /// of a schema names all of its attributes. Names that the shape does not have select nothing; a list without any
    /// names is no selection.
    pub fn attributes(shape: &Shape, list: &str) -> Selection {
        Selection::of(shape, list, Choice::Only)
    }

    /// The value of `excludedAttributes`, which is read like that of `attributes`.
    pub fn excluded(shape: &Shape, list: &str) -> Selection {
        Selection::of(shape, list, Choice::Without)
    }

    /// The names that the shape does not have, as they were sent.
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    fn of(shape: &Shape, list: &str, choice: impl FnOnce(Paths) -> Choice) -> Selection {
        let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Selection::all();
        }
        let mut paths = Paths::default();
        let unknown = names.into_iter().filter(|name| !paths.add(shape, name)).map(str::to_owned).collect();
        Selection { choice: choice(paths), unknown }
    }
}

/// How much of an attribute a set of paths names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// Some of its sub-attributes.
    Subs,
    /// Nothing.
    Nothing,
}

impl Part {
    /// All of an attribute if any of it.
    pub(super) fn or_whole(self) -> Part {
        if self == Part::Nothing { Part::Nothing } else { Part::Whole }
    }
}

/// A set of attribute paths, each canonical and there once, so that its size is bounded by the schema's.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths(Vec<Path>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Path {
    /// The URN of the extension, nothing for the top.
    extension: String,
    attribute: String,
    sub: Option<String>,
}

impl Paths {
    /// Paths that a request wrote; value filters in them do not matter.
    pub(super) fn written(shape: &Shape, paths: &[String]) -> Paths {
        let mut set = Paths::default();
        for path in paths {
            set.add(shape, &without_filters(path));
        }
        set
    }

    pub(super) fn part_of(&self, container: Container<'_>, attribute: &Attribute) -> Part {
        let mut part = Part::Nothing;
        for path in self.of(container, attribute) {
            if path.sub.is_none() {
                return Part::Whole;
            }
            part = Part::Subs;
        }
        part
    }

    pub(super) fn names_sub(&self, container: Container<'_>, attribute: &Attribute, sub: &Attribute) -> bool {
        self.of(container, attribute).any(|path| path.sub.as_ref() == Some(&sub.name))
    }

    fn of(&self, container: Container<'_>, attribute: &Attribute) -> impl Iterator<Item = &Path> {
        let extension = match container {
            Container::Core => "",
            Container::Extension(schema) => schema.id.as_str(),
        };
        self.0.iter().filter(move |path| path.attribute == attribute.name && path.extension == extension)
    }

    /// Adds what a name stands for; whether it stands for anything.
    fn add(&mut self, shape: &Shape, name: &str) -> bool {
        if name.eq_ignore_ascii_case(&shape.base.id) {
            self.add_schema("", &shape.base);
            return true;
        }
        match shape.resolve(name) {
            Ok(Target::Extension(schema)) => self.add_schema(&schema.id, schema),
            Ok(Target::Attribute { container, attribute, sub }) => {
                let extension = match container {
                    Container::Core => "",
                    Container::Extension(schema) => schema.id.as_str(),
                };
                self.push(extension, attribute, sub);
            }
            Err(_) => return false,
        }
        true
    }

    /// Naming a schema asks for what is shown by default, not for each attribute that must be asked for by its name.
    fn add_schema(&mut self, extension: &str, schema: &Schema) {
        for attribute in schema.attributes.iter().filter(|attribute| attribute.returned != Returned::Request) {
            self.push(extension, attribute, None);
        }
    }

    fn push(&mut self, extension: &str, attribute: &Attribute, sub: Option<&Attribute>) {
        let path = Path {
            extension: extension.to_owned(),
            attribute: attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        };
        if !self.0.contains(&path) {
            self.0.push(path);
        }
    }
}

/// `emails[type eq "work"].value` as `emails.value`. Brackets in the strings of a filter do not count.
pub fn without_filters(path: &str) -> String {
    let mut kept = String::new();
    let mut letters = path.chars();
    let (mut inside, mut quoted) = (false, false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if quoted => {
                letters.next();
            }
            '"' if inside => quoted = !quoted,
            '[' if !inside => inside = true,
            ']' if inside && !quoted => inside = false,
            other if !inside => kept.push(other),
            _ => {}
        }
    }
    kept
}
