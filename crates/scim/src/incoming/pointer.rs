//! Where in a body a value stands, written out only if a message needs it.

use std::fmt;

use crate::finding::Place;

/// A JSON Pointer (RFC 6901) as a chain of steps.
#[derive(Clone, Copy)]
pub(super) enum Pointer<'a> {
    /// A pointer that is already text.
    Whole(&'a str),
    /// A member of an object.
    Member(&'a Pointer<'a>, &'a str),
    /// An element of an array.
    Item(&'a Pointer<'a>, usize),
}

impl Pointer<'_> {
    pub(super) fn text(&self) -> String {
        self.to_string()
    }

    pub(super) fn place(&self) -> Place {
        Place::Body(self.text())
    }
}

impl fmt::Display for Pointer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pointer::Whole(text) => f.write_str(text),
            Pointer::Member(parent, name) => write!(f, "{parent}/{}", crate::json::pointer_token(name)),
            Pointer::Item(parent, at) => write!(f, "{parent}/{at}"),
        }
    }
}
