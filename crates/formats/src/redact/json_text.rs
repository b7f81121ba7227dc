//! Going through the text of a JSON body without changing anything but the values that are replaced: blanks, order, number
//! texts and escapes stay as they were on the wire. What is no JSON is gone through as far as it looks like it.

/// What is done with a value.
pub(super) trait Visitor {
    /// A string or another scalar at a place, decoded; the name of a member if `is_name`. Gives what is to stand there
    /// instead.
    fn value(&mut self, keys: &[&str], text: &str, is_name: bool) -> Option<String>;

    /// Text between values of what turns out to be no JSON.
    fn between(&mut self, text: &str) -> Option<String>;
}

/// Deepest nesting whose names are remembered.
const DEEPEST: usize = 128;

#[derive(Default)]
struct Frame {
    is_object: bool,
    key: String,
}

/// Shows every value of a text and gives the text with what was replaced; none if nothing was.
pub(super) fn rewrite(text: &str, visitor: &mut dyn Visitor) -> Option<String> {
    let bytes = text.as_bytes();
    let mut frames: Vec<Frame> = Vec::new();
    let (mut out, mut copied) = (String::new(), 0);
    let mut at = 0;
    // The end of the last string, if nothing but blanks came after it: with a colon it was a name.
    let mut replace = |from: usize, to: usize, with: &str, copied: &mut usize| {
        out.push_str(&text[*copied..from]);
        out.push_str(with);
        *copied = to;
    };
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' => {
                if frames.len() < DEEPEST {
                    frames.push(Frame { is_object: bytes[at] == b'{', key: String::new() });
                }
                at += 1;
            }
            b'}' | b']' => {
                frames.pop();
                at += 1;
            }
            b'"' => {
                let end = string_end(bytes, at);
                let raw = &text[at..end];
                let decoded = decode(raw);
                let is_name = frames.last().is_some_and(|frame| frame.is_object) && next_is_colon(bytes, end);
                let changed = {
                    let keys = keys(&frames, is_name);
                    visitor.value(&keys, &decoded, is_name)
                };
                if let Some(changed) = changed {
                    let quoted = serde_json::to_string(&changed).unwrap_or_else(|_| "\"\"".to_owned());
                    replace(at, end, &quoted, &mut copied);
                }
                if is_name && let Some(frame) = frames.last_mut() {
                    frame.key = decoded;
                }
                at = end;
            }
            b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' => at += 1,
            _ => {
                let end = bytes[at..]
                    .iter()
                    .position(|byte| b"{}[]\",:\r\n".contains(byte))
                    .map_or(bytes.len(), |to| at + to);
                let word = &text[at..end];
                let scalar = word.trim_end();
                let is_scalar = matches!(scalar, "true" | "false" | "null") || is_number(scalar);
                let changed = if is_scalar {
                    let keys = keys(&frames, false);
                    let changed = visitor.value(&keys, scalar, false);
                    changed.map(|text| serde_json::to_string(&text).unwrap_or_default() + &word[scalar.len()..])
                } else {
                    visitor.between(word)
                };
                if let Some(changed) = changed {
                    replace(at, end, &changed, &mut copied);
                }
                at = end;
            }
        }
    }
    if copied == 0 && out.is_empty() {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// The names of the members around a place, from the outside in; for a name, those around its object.
fn keys(frames: &[Frame], is_name: bool) -> Vec<&str> {
    let around = if is_name { &frames[..frames.len().saturating_sub(1)] } else { frames };
    around.iter().filter(|frame| frame.is_object).map(|frame| frame.key.as_str()).collect()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn next_is_colon(bytes: &[u8], from: usize) -> bool {
    bytes[from..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}

/// What a string literal says; one that is broken is taken as it stands, without its quotes.
fn decode(raw: &str) -> String {
    if !raw.contains('\\') && raw.len() >= 2 && raw.ends_with('"') {
        return raw[1..raw.len() - 1].to_owned();
    }
    serde_json::from_str(raw).unwrap_or_else(|_| raw.trim_matches('"').to_owned())
}

fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Seen(Vec<(String, String, bool)>);

    impl Visitor for Seen {
        fn value(&mut self, keys: &[&str], text: &str, is_name: bool) -> Option<String> {
            self.0.push((keys.join("."), text.to_owned(), is_name));
            (text == "old").then(|| "n\"w".to_owned())
        }

        fn between(&mut self, text: &str) -> Option<String> {
            text.contains("zzz").then(|| "yyy".to_owned())
        }
    }

    #[test]
    fn everything_but_the_value_stays_as_it_was() {
        let mut seen = Seen(Vec::new());
        let text = "{ \"a\" : [1.50, {\"b\\u0041\": \"old\"}],\r\n \"c\":\"\\u00e9\" }";
        assert_eq!(rewrite(text, &mut seen).unwrap(), text.replace("\"old\"", "\"n\\\"w\""));
        let values: Vec<_> = seen.0.iter().filter(|(_, _, name)| !name).map(|(at, text, _)| (&**at, &**text)).collect();
        assert_eq!(values, [("a", "1.50"), ("a.bA", "old"), ("c", "é")]);
    }

    #[test]
    fn what_breaks_off_is_gone_through_as_far_as_it_comes() {
        let mut seen = Seen(Vec::new());
        assert_eq!(rewrite("{\"a\": \"old\", \"b\": \"ol", &mut seen).unwrap(), "{\"a\": \"n\\\"w\", \"b\": \"ol");
        assert_eq!(seen.0.last().unwrap(), &("b".to_owned(), "ol".to_owned(), false));
        assert_eq!(rewrite("{zzz: 1}", &mut seen).unwrap(), "{yyy: 1}");
        for text in ["\"", "{\"a\\", "]]]]", "{\"\\ud800\":1", ""] {
            rewrite(text, &mut seen);
        }
        assert_eq!(rewrite(&"[".repeat(100_000), &mut seen), None);
    }
}
