//! Texts to look for: ASCII letters in any case, everything else byte by byte.

use memchr::{memchr_iter, memchr2_iter};

/// A text that is looked for in others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPattern {
    text: String,
    whole: bool,
    /// Offset of the byte that is searched for first: the one least likely in JSON and header fields.
    pivot: usize,
}

/// A name or a path that is looked for in attribute paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern(TextPattern);

impl TextPattern {
    /// A pattern that is found in every text that holds it.
    pub fn part(text: impl Into<String>) -> TextPattern {
        let text = text.into();
        let pivot = (0..text.len()).min_by_key(|at| commonness(text.as_bytes()[*at])).unwrap_or(0);
        TextPattern { text, whole: false, pivot }
    }

    /// A pattern that is found only in the text that is the same.
    pub fn whole(text: impl Into<String>) -> TextPattern {
        TextPattern { whole: true, ..TextPattern::part(text) }
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a text has to be the same, not only hold it.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether the pattern is in the bytes. Takes no memory.
    pub fn is_in(&self, bytes: impl AsRef<[u8]>) -> bool {
        let bytes = bytes.as_ref();
        match self.whole {
            true => bytes.eq_ignore_ascii_case(self.text.as_bytes()),
            false => self.text.is_empty() || self.places(bytes).next().is_some(),
        }
    }

    /// Where the text begins in the bytes, each place.
    fn places<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        let pattern = self.text.as_bytes();
        let pivot = pattern.get(self.pivot).copied().unwrap_or_default();
        let (low, high) = (pivot.to_ascii_lowercase(), pivot.to_ascii_uppercase());
        let mut one = (low == high).then(|| memchr_iter(low, bytes));
        let mut two = (low != high).then(|| memchr2_iter(low, high, bytes));
        let hits = std::iter::from_fn(move || match (&mut one, &mut two) {
            (Some(one), _) => one.next(),
            (_, Some(two)) => two.next(),
            _ => None,
        });
        hits.filter_map(move |hit| {
            let start = hit.checked_sub(self.pivot)?;
            let place = bytes.get(start..start + pattern.len())?;
            place.eq_ignore_ascii_case(pattern).then_some(start)
        })
    }
}

impl NamePattern {
    /// A pattern that is found where a name in a path begins so: `name` is in `name.familyName`, not in `userName`.
    pub fn beginning(text: impl Into<String>) -> NamePattern {
        NamePattern(TextPattern::part(text))
    }

    /// A pattern that is found only in the path that is the same.
    pub fn whole(text: impl Into<String>) -> NamePattern {
        NamePattern(TextPattern::whole(text))
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        self.0.text()
    }

    /// Whether a path has to be the same.
    pub fn is_whole(&self) -> bool {
        self.0.is_whole()
    }

    /// Whether the pattern is in the path.
    pub fn is_in(&self, path: &str) -> bool {
        if self.0.whole {
            return self.0.is_in(path);
        }
        let bytes = path.as_bytes();
        let begins_inside = |start: usize| {
            let before = start.checked_sub(1).map(|at| bytes[at]);
            before.is_some_and(|byte| byte.is_ascii_alphanumeric()) && bytes[start].is_ascii_alphanumeric()
        };
        self.0.places(bytes).any(|start| !begins_inside(start))
    }
}

/// How common a byte is in what is searched: the higher, the more often. A rough order is enough.
fn commonness(byte: u8) -> u8 {
    match byte.to_ascii_lowercase() {
        b'e' | b'"' | b' ' => 9,
        b's' | b'a' | b'i' | b't' | b'r' | b'n' | b'o' | b':' => 8,
        b'm' | b'c' | b'l' | b'u' | b'd' | b'p' | b',' | b'/' | b'.' => 7,
        b'h' | b'f' | b'g' | b'y' | b'v' | b'0'..=b'2' | b'-' => 6,
        b'b' | b'k' | b'w' | b'x' | b'3'..=b'9' => 5,
        b'a'..=b'z' | b'{' | b'}' | b'[' | b']' => 4,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_found_where_a_name_begins() {
        for (pattern, path, expected) in [
            ("name", "name.familyName", true),
            ("name", "userName", false),
            ("family", "name.familyName", true),
            ("department", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", true),
            ("EMAILS", "emails[type eq \"work\"].value", true),
            (".value", "emails[type eq \"work\"].value", true),
            ("active", "inactive.active", true),
            ("active", "inactive", false),
        ] {
            assert_eq!(NamePattern::beginning(pattern).is_in(path), expected, "{pattern} in {path}");
        }
        assert!(NamePattern::whole("Active").is_in("active"));
        assert!(!NamePattern::whole("name").is_in("name.familyName"));
    }

    proptest! {
        #[test]
        fn a_text_is_found_exactly_where_a_slow_search_finds_it(
            pattern in "[aAbB1\"ä]{0,4}",
            text in "[aAbB1\"ä]{0,24}",
        ) {
            let slow = text.to_ascii_lowercase().contains(&pattern.to_ascii_lowercase());
            prop_assert_eq!(TextPattern::part(pattern.clone()).is_in(&text), slow);
            let same = text.eq_ignore_ascii_case(&pattern);
            prop_assert_eq!(TextPattern::whole(pattern).is_in(&text), same);
        }
    }
}
