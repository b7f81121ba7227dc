//! What people put on an exchange: a pin, a note, tags.

use serde::{Deserialize, Serialize};

/// Longest note, in characters.
pub const LONGEST_NOTE: usize = 10_000;

/// Longest tag, in characters.
pub const LONGEST_TAG: usize = 64;

/// Most tags that an exchange has.
pub const MOST_TAGS: usize = 32;

/// The marks of one exchange, as they stand. They are never computed, so nothing but a person or a program on their behalf
/// changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// Whether it is to be kept whatever is pruned.
    pub pinned: bool,
    /// Free text; empty if there is none.
    pub note: String,
    /// Short words, without repetition, in the order in which they were put on.
    pub tags: Vec<String>,
}

/// Why marks cannot be put on, in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit(pub String);

impl Marks {
    /// Nothing is marked.
    pub fn is_empty(&self) -> bool {
        !self.pinned && self.note.is_empty() && self.tags.is_empty()
    }

    /// The same with blanks around tags left out, and each tag once, whatever its case.
    ///
    /// # Errors
    /// What is too long, too many, or not text.
    pub fn checked(self) -> Result<Marks, Unfit> {
        let Marks { pinned, note, tags } = self;
        let length = note.chars().count();
        if length > LONGEST_NOTE {
            return Err(Unfit(format!("the note has {length} characters; it may have {LONGEST_NOTE}")));
        }
        let mut marks = Marks { pinned, note, tags: Vec::new() };
        for tag in tags {
            marks.add_tag(&tag)?;
        }
        Ok(marks)
    }

    /// Puts a tag on, if it is not there in whatever case.
    ///
    /// # Errors
    /// If the tag is no tag, or there are too many.
    pub fn add_tag(&mut self, tag: &str) -> Result<(), Unfit> {
        let tag = tag.trim();
        if tag.is_empty() || tag.chars().any(char::is_control) {
            return Err(Unfit(format!("{tag:?} is no tag: write a word or a few on one line")));
        }
        if tag.chars().count() > LONGEST_TAG {
            return Err(Unfit(format!("the tag {tag:?} is too long; it may have {LONGEST_TAG} characters")));
        }
        if self.has_tag(tag) {
            return Ok(());
        }
        if self.tags.len() == MOST_TAGS {
            return Err(Unfit(format!(
                "an exchange may have {MOST_TAGS} tags; take one off before you put {tag:?} on"
            )));
        }
        self.tags.push(tag.to_owned());
        Ok(())
    }

    /// Takes a tag off, whatever its case.
    pub fn remove_tag(&mut self, tag: &str) {
        let tag = tag.trim().to_lowercase();
        self.tags.retain(|have| have.to_lowercase() != tag);
    }

    /// Whether it has this tag, in any case.
    pub fn has_tag(&self, tag: &str) -> bool {
        let tag = tag.to_lowercase();
        self.tags.iter().any(|have| have.to_lowercase() == tag)
    }
}
