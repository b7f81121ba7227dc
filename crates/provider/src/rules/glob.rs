//! Globs over paths.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A pattern of paths below the base of a tenant: `*` stands for anything within a segment, `**` for any number of
/// segments, everything else for itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glob(String);

impl Glob {
    /// The pattern with this text.
    pub fn new(text: impl Into<String>) -> Glob {
        Glob(text.into())
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether a path is meant: `/Users/2819c223`, without the base of the tenant and without the query.
    pub fn matches(&self, path: &str) -> bool {
        let segments: Vec<&str> = split(path).collect();
        let pattern: Vec<&str> = split(&self.0).collect();
        whole(&pattern, &segments)
    }
}

/// The segments of a path; slashes at its ends and doubled ones make none.
fn split(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

/// Two cursors and the place to come back to: never more than length times length steps.
fn whole(pattern: &[&str], segments: &[&str]) -> bool {
    let (mut at, mut here, mut back) = (0, 0, None);
    while here < segments.len() {
        match pattern.get(at) {
            Some(&"**") => {
                back = Some((at, here));
                at += 1;
            }
            Some(one) if segment(one.as_bytes(), segments[here].as_bytes()) => (at, here) = (at + 1, here + 1),
            _ => match back {
                Some((star, from)) => {
                    (at, here) = (star + 1, from + 1);
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == "**")
}

fn segment(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut here, mut back) = (0, 0, None);
    while here < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                back = Some((at, here));
                at += 1;
            }
            Some(byte) if *byte == text[here] => (at, here) = (at + 1, here + 1),
            _ => match back {
                Some((star, from)) => {
                    (at, here) = (star + 1, from + 1);
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|rest| *rest == b'*')
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
