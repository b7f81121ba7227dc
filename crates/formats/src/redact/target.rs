//! Going through request targets, URLs and forms: parts are decoded, and encoded again only if something was replaced.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stays as it is in a part of a URL, braces of variables included.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'{').remove(b'}');

/// A part of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A segment of the path.
    Segment,
    /// The value of the parameter with this name.
    Parameter(&'a str),
    /// What is neither.
    Other,
}

/// The URL, or target, with what `change` gives in the place of its decoded parts; none if nothing is replaced.
pub(super) fn rewrite(url: &str, change: &mut dyn FnMut(Part<'_>, &str) -> Option<String>) -> Option<String> {
    let (before_fragment, fragment) = url.split_once('#').map_or((url, None), |(before, after)| (before, Some(after)));
    let (path, query) =
        before_fragment.split_once('?').map_or((before_fragment, None), |(path, query)| (path, Some(query)));
    let mut any = false;
    let mut out = String::with_capacity(url.len());
    let start = path.find("://").map_or(0, |at| path[at + 3..].find('/').map_or(path.len(), |slash| at + 3 + slash));
    let authority = &path[..start];
    match change(Part::Other, authority).filter(|_| !authority.is_empty()) {
        Some(changed) => {
            any = true;
            out.push_str(&changed);
        }
        None => out.push_str(authority),
    }
    for (at, segment) in path[start..].split('/').enumerate() {
        if at > 0 {
            out.push('/');
        }
        any |= push(segment, Part::Segment, false, change, &mut out);
    }
    if let Some(query) = query {
        out.push('?');
        match form(query, change) {
            Some(changed) => {
                any = true;
                out.push_str(&changed);
            }
            None => out.push_str(query),
        }
    }
    if let Some(fragment) = fragment {
        out.push('#');
        match form(fragment, change) {
            Some(changed) => {
                any = true;
                out.push_str(&changed);
            }
            None => out.push_str(fragment),
        }
    }
    any.then_some(out)
}

/// The same for a query or a form alone.
pub(super) fn form(query: &str, change: &mut dyn FnMut(Part<'_>, &str) -> Option<String>) -> Option<String> {
    let mut any = false;
    let mut out = String::with_capacity(query.len());
    for (at, pair) in query.split('&').enumerate() {
        if at > 0 {
            out.push('&');
        }
        let Some((name, value)) = pair.split_once('=') else {
            any |= push(pair, Part::Other, true, change, &mut out);
            continue;
        };
        let decoded = decode(name, true);
        any |= push(name, Part::Other, true, change, &mut out);
        out.push('=');
        any |= push(value, Part::Parameter(&decoded), true, change, &mut out);
    }
    any.then_some(out)
}

fn push(
    raw: &str,
    part: Part<'_>,
    is_form: bool,
    change: &mut dyn FnMut(Part<'_>, &str) -> Option<String>,
    out: &mut String,
) -> bool {
    match change(part, &decode(raw, is_form)) {
        Some(changed) => {
            let encoded = utf8_percent_encode(&changed, KEPT).to_string();
            let plus = is_form && raw.contains('+');
            out.push_str(&if plus { encoded.replace("%20", "+") } else { encoded });
            true
        }
        None => {
            out.push_str(raw);
            false
        }
    }
}

fn decode(raw: &str, is_form: bool) -> String {
    let spaced = if is_form && raw.contains('+') { raw.replace('+', " ") } else { raw.to_owned() };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_replaced_is_encoded_again() {
        let mut change = |part: Part<'_>, text: &str| match part {
            Part::Parameter("filter") => Some(text.replace("ada", "user 1")),
            Part::Segment if text == "a b" => Some("{{id}}".to_owned()),
            _ => None,
        };
        assert_eq!(
            rewrite("/Users/a%20b?x=%7e&filter=userName+eq+%22ada%22", &mut change).unwrap(),
            "/Users/{{id}}?x=%7e&filter=userName+eq+%22user+1%22"
        );
        assert_eq!(rewrite("https://h:1/x?y=1#z", &mut change), None);
    }
}
