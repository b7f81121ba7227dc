//! What is shown when a request selects nothing, written from the packed document without building a tree of it.
//!
//! [`super::project`] says what is shown; here the same is worked out once for a shape. What does not fit in here (values
//! that must be completed, attributes shown on request, names that the schema does not know) is left to it.

use crate::json::{write_compact, write_string};
use crate::schema::{Attribute, Kind, Returned, Shape};
use crate::value::Value;

/// What resources of a shape show by default.
#[derive(Clone, Debug)]
pub struct Sheet {
    core: Vec<Line>,
    extensions: Vec<(String, Vec<Line>)>,
}

#[derive(Clone, Debug)]
struct Line {
    name: String,
    shows: Shows,
}

#[derive(Clone, Debug)]
enum Shows {
    Nothing,
    /// The value as it is.
    Value,
    /// The sub-attributes with these names; the others are known and not shown.
    Parts(Vec<(String, bool)>),
    /// That depends on more than the resource.
    Depends,
}

/// The resource shows something that is not in it, or that depends on the request: [`super::project`] knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPlain;

impl Sheet {
    /// The sheet of a shape.
    pub(crate) fn new(shape: &Shape) -> Sheet {
        let line = |attribute: &Attribute| Line { name: attribute.name.clone(), shows: shows(attribute) };
        let extensions = shape.extensions.iter().map(|(schema, _)| {
            let lines = schema.attributes.iter().map(line).collect();
            (schema.id.clone(), lines)
        });
        Sheet { core: shape.core_attributes().map(line).collect(), extensions: extensions.collect() }
    }

    /// Writes a member of a resource as [`super::project`] shows it, if it shows it, into the object that `out` ends with.
    /// What was written is no use after an error.
    pub fn write(&self, name: &str, value: Value<'_>, out: &mut String) -> Result<(), NotPlain> {
        match self.core.iter().find(|line| line.name == name) {
            Some(line) => attribute(line, value, out),
            None => self.extension(name, value, out),
        }
    }

    /// The same for an attribute with sub-attributes, from its members.
    pub fn write_complex<'a>(
        &self,
        name: &str,
        members: impl Iterator<Item = (&'a str, Value<'a>)>,
        out: &mut String,
    ) -> Result<(), NotPlain> {
        match self.core.iter().find(|line| line.name == name).map(|line| &line.shows) {
            Some(Shows::Parts(parts)) => complex(name, parts, members, out),
            Some(Shows::Nothing) => Ok(()),
            _ => Err(NotPlain),
        }
    }

    fn extension(&self, name: &str, value: Value<'_>, out: &mut String) -> Result<(), NotPlain> {
        let (_, lines) = self.extensions.iter().find(|(id, _)| id == name).ok_or(NotPlain)?;
        let Value::Object(members) = value else { return Err(NotPlain) };
        let start = out.len();
        open(name, out);
        out.push('{');
        let empty = out.len();
        for (name, value) in members {
            let line = lines.iter().find(|line| line.name == name).ok_or(NotPlain)?;
            attribute(line, value, out)?;
        }
        close(start, empty, '}', out);
        Ok(())
    }
}

fn shows(attribute: &Attribute) -> Shows {
    match attribute.returned {
        _ if attribute.refers_to_resources() => Shows::Depends,
        Returned::Never => Shows::Nothing,
        Returned::Request => Shows::Depends,
        Returned::Always | Returned::Default if attribute.kind != Kind::Complex => Shows::Value,
        Returned::Always | Returned::Default => {
            let subs = attribute.subs();
            if subs.clone().any(|sub| sub.returned == Returned::Request) {
                return Shows::Depends;
            }
            Shows::Parts(subs.map(|sub| (sub.name.clone(), sub.returned != Returned::Never)).collect())
        }
    }
}

fn attribute(line: &Line, value: Value<'_>, out: &mut String) -> Result<(), NotPlain> {
    match (&line.shows, value) {
        (Shows::Nothing, _) => {}
        (Shows::Depends, _) => return Err(NotPlain),
        (Shows::Value, value) => {
            open(&line.name, out);
            write_compact(value, out);
        }
        (Shows::Parts(parts), Value::Object(members)) => complex(&line.name, parts, members, out)?,
        (Shows::Parts(parts), Value::Array(items)) => {
            let start = out.len();
            open(&line.name, out);
            out.push('[');
            let empty = out.len();
            for item in items {
                let Value::Object(members) = item else { continue };
                let start = out.len();
                if start > empty {
                    out.push(',');
                }
                let before = out.len();
                element(parts, members, out)?;
                if out.len() == before {
                    out.truncate(start);
                }
            }
            close(start, empty, ']', out);
        }
        (Shows::Parts(_), _) => {}
    }
    Ok(())
}

fn complex<'a>(
    name: &str,
    parts: &[(String, bool)],
    members: impl Iterator<Item = (&'a str, Value<'a>)>,
    out: &mut String,
) -> Result<(), NotPlain> {
    let start = out.len();
    open(name, out);
    let before = out.len();
    element(parts, members, out)?;
    if out.len() == before {
        out.truncate(start);
    }
    Ok(())
}

/// An object with what is shown of it, or nothing if that is nothing.
fn element<'a>(
    parts: &[(String, bool)],
    members: impl Iterator<Item = (&'a str, Value<'a>)>,
    out: &mut String,
) -> Result<(), NotPlain> {
    let start = out.len();
    out.push('{');
    let empty = out.len();
    for (name, value) in members {
        let (_, shown) = parts.iter().find(|(known, _)| known == name).ok_or(NotPlain)?;
        if *shown {
            open(name, out);
            write_compact(value, out);
        }
    }
    close(start, empty, '}', out);
    Ok(())
}

/// Begins a member.
fn open(name: &str, out: &mut String) {
    if !out.ends_with('{') {
        out.push(',');
    }
    write_string(name, out);
    out.push(':');
}

/// Ends what began at `start`, or takes it back if nothing was added.
fn close(start: usize, empty: usize, end: char, out: &mut String) {
    if out.len() == empty {
        out.truncate(start);
    } else {
        out.push(end);
    }
}
