//! The request target: path segments and query parameters, each with its bytes in the target as sent.

use std::ops::Range;

use scim::error::{ScimError, ScimType};
use scim::finding::Place;

/// A request target taken apart; nothing is decoded but the path.
#[derive(Debug)]
pub(crate) struct Target {
    pub segments: Vec<Segment>,
    pub trailing_slash: bool,
    parameters: Vec<Parameter>,
}

/// One segment of the path, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub text: String,
    pub span: Range<usize>,
}

#[derive(Debug)]
struct Parameter {
    name: String,
    raw: String,
    start: usize,
}

/// The value of a query parameter.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    pub text: String,
    /// Its bytes in the target.
    pub span: Range<usize>,
    /// Whether a `+` was read as a blank.
    pub plus: bool,
    /// Offset in the target of each byte of `text`, and of the end.
    offsets: Vec<usize>,
}

impl Target {
    /// Takes a target apart: `/path?query`, or an absolute URI (RFC 9112 section 3.2).
    pub fn parse(target: &str) -> Result<Target, ScimError> {
        let start = match target.find("://") {
            Some(scheme) if !target.starts_with('/') && !target[..scheme].contains(['?', '/']) => {
                let authority = scheme + 3;
                target[authority..].find(['/', '?']).map_or(target.len(), |at| authority + at)
            }
            _ => 0,
        };
        let query_mark = target[start..].find('?').map_or(target.len(), |at| start + at);
        let mut segments = Vec::new();
        let mut at = start;
        let mut trailing_slash = false;
        for raw in target[start..query_mark].split('/') {
            let span = at..at + raw.len();
            at = span.end + 1;
            trailing_slash = raw.is_empty();
            if raw.is_empty() {
                continue;
            }
            let text = decode(raw, span.start, false)
                .map_err(|why| broken(span.clone(), format!("the path segment {raw:?} {why}")))?
                .text;
            segments.push(Segment { text, span });
        }
        let mut parameters = Vec::new();
        let mut at = query_mark + 1;
        for raw in target.get(query_mark + 1..).unwrap_or_default().split('&') {
            let (raw_name, value, sign) = match raw.split_once('=') {
                Some((name, value)) => (name, value, 1),
                None => (raw, "", 0),
            };
            if !raw_name.is_empty() {
                // A name that cannot be decoded is a name that nobody knows.
                let name = decode(raw_name, at, true).map_or_else(|_| raw_name.to_owned(), |decoded| decoded.text);
                parameters.push(Parameter { name, raw: value.to_owned(), start: at + raw_name.len() + sign });
            }
            at += raw.len() + 1;
        }
        Ok(Target { trailing_slash: trailing_slash && !segments.is_empty(), segments, parameters })
    }

    /// The value of a parameter; of the first one if it stands there more than once.
    pub fn parameter(&self, name: &str) -> Result<Option<Decoded>, ScimError> {
        let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) else { return Ok(None) };
        let span = parameter.start..parameter.start + parameter.raw.len();
        decode(&parameter.raw, parameter.start, true)
            .map(Some)
            .map_err(|why| broken(span, format!("the query parameter {name} {why}")))
    }

    /// Whether there is a parameter with this name.
    pub fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|parameter| parameter.name == name)
    }

    /// Whether there are parameters.
    pub fn has_any(&self) -> bool {
        !self.parameters.is_empty()
    }

    /// Where a parameter stands a second time.
    pub fn repeated(&self, name: &str) -> Option<Range<usize>> {
        let second = self.parameters.iter().filter(|parameter| parameter.name == name).nth(1)?;
        Some(second.start..second.start + second.raw.len())
    }
}

impl Decoded {
    /// The bytes of the target that a range of the decoded text came from.
    pub fn place(&self, range: Range<usize>) -> Place {
        let last = self.offsets.len() - 1;
        Place::Target(self.offsets[range.start.min(last)]..self.offsets[range.end.min(last)])
    }
}

fn broken(span: Range<usize>, detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, Place::Target(span), detail)
}

fn decode(raw: &str, start: usize, plus_is_blank: bool) -> Result<Decoded, String> {
    let bytes = raw.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut offsets = Vec::with_capacity(bytes.len() + 1);
    let mut plus = false;
    let mut at = 0;
    while at < bytes.len() {
        offsets.push(start + at);
        match bytes[at] {
            b'%' => {
                let digits = bytes.get(at + 1..at + 3).and_then(|pair| {
                    let digit = |byte: u8| char::from(byte).to_digit(16);
                    Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8)
                });
                let Some(byte) = digits else {
                    return Err(format!("has a \"%\" without two hexadecimal digits at byte {}", start + at));
                };
                decoded.push(byte);
                at += 3;
            }
            b'+' if plus_is_blank => {
                plus = true;
                decoded.push(b' ');
                at += 1;
            }
            byte => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    offsets.push(start + bytes.len());
    let text = String::from_utf8(decoded).map_err(|_| "is not UTF-8 once its percent-encoding is undone".to_owned())?;
    Ok(Decoded { text, span: start..start + bytes.len(), plus, offsets })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_a_decoded_value_lead_back_to_the_target() {
        let target = Target::parse("/Users?count=1&filter=userName+eq+%22%C3%A4%22").unwrap();
        let filter = target.parameter("filter").unwrap().unwrap();
        assert_eq!(filter.text, "userName eq \"ä\"");
        assert!(filter.plus);
        assert_eq!(filter.place(9..11), Place::Target(31..33));
        assert_eq!(filter.place(12..filter.text.len()), Place::Target(34..filter.span.end));
    }

    #[test]
    fn an_absolute_target_is_read_from_its_path_on() {
        let target = Target::parse("http://127.0.0.1:8787/scim/v2/Users?count=2").unwrap();
        assert_eq!(
            target.segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>(),
            ["scim", "v2", "Users"]
        );
        assert_eq!(target.segments[0].span, 22..26);
    }

    #[test]
    fn broken_percent_encoding_is_refused_with_its_place_if_someone_asks_for_the_value() {
        let target = Target::parse("/Users?other=%zz&filter=a%2").unwrap();
        assert!(target.parameter("filter").is_err());
        assert!(Target::parse("/Users/%ff").is_err());
        assert!(Target::parse("/Users?other=%zz").unwrap().parameter("filter").unwrap().is_none());
    }

    #[test]
    fn a_url_in_a_query_does_not_make_the_target_absolute() {
        let target = Target::parse("/Users?x=http://a/b").unwrap();
        assert_eq!(target.segments.len(), 1);
    }
}
