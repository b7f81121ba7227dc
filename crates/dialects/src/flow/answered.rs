//! The identifiers in the answer to a look-up, found without building a tree of it: most exchanges are look-ups.

use std::borrow::Cow;

use scim::json::{Json, Limits, parse};

/// How deep the members of a resource in a list stand: message, `Resources`, resource.
const RESOURCE_DEPTH: usize = 3;

/// Calls with the name and the text of each member of each resource in a ListResponse that has one of these names, in
/// whatever case, and a string for a value. `list` is a JSON text that was written here; of any other bytes something is
/// told or nothing.
pub(super) fn members(list: &[u8], names: &[&str], mut call: impl FnMut(&str, &str)) {
    let mut depth = 0_usize;
    let mut in_resources = false;
    // The name that the next value belongs to, where names are looked at.
    let mut name: Option<&[u8]> = None;
    let mut at = 0;
    while let Some(&byte) = list.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                if depth == 1 {
                    in_resources = byte == b'[' && name.is_some_and(|name| name.eq_ignore_ascii_case(b"Resources"));
                }
                depth += 1;
                name = None;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                name = None;
            }
            b',' => name = None,
            b'"' => {
                let Some(length) = length(&list[at..]) else { return };
                let text = &list[at..at + length];
                at += length + 1;
                let is_looked_at = depth == 1 || (in_resources && depth == RESOURCE_DEPTH);
                if !is_looked_at {
                    continue;
                }
                match name.take() {
                    None if list.get(at) == Some(&b':') => name = Some(text),
                    Some(name) if depth == RESOURCE_DEPTH => {
                        let known = names.iter().find(|known| known.as_bytes().eq_ignore_ascii_case(name));
                        if let (Some(known), Some(text)) = (known, unescaped(text)) {
                            call(known, &text);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// How many bytes there are before the quote that ends a string.
fn length(rest: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match rest.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))? + at {
            found if rest[found] == b'"' => return Some(found),
            escape => at = escape + 2,
        }
    }
}

fn unescaped(text: &[u8]) -> Option<Cow<'_, str>> {
    if !text.contains(&b'\\') {
        return std::str::from_utf8(text).ok().map(Cow::Borrowed);
    }
    match parse(&[b"\"", text, b"\""].concat(), Limits::default()) {
        Ok(Json::String(text)) => Some(Cow::Owned(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(list: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        members(list.as_bytes(), &["id", "userName"], |name, text| found.push((name.to_owned(), text.to_owned())));
        found
    }

    #[test]
    fn members_of_resources_are_found_and_no_others() {
        let list = r#"{"id":"of the message","Resources":[{"schemas":["id"],"id":"1","username":"a\"b\\","name":{"id":"2"},
            "emails":[{"id":"3"}],"meta":{"userName":"x"}},{"x":"id","id":5,"userName":"\u00e4:"}],"others":[{"id":"4"}]}"#;
        let expected = [("id", "1"), ("userName", "a\"b\\"), ("userName", "ä:")];
        assert_eq!(found(list), expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn other_bytes_do_no_harm() {
        let list = r#"{"Resources":[{"id":"1\"","userName":"b"}]}"#;
        for length in 0..list.len() {
            found(&list[..length]);
        }
        for other in ["", "]]}}", "\"", "\\", r#"{"Resources":[{"id":"\x"}]}"#, r#"[{"id":"1"}]"#] {
            assert_eq!(found(other), [], "{other}");
        }
    }
}
