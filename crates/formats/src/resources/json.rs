//! SCIM resources as JSON.

use scim::json::{Json, Limits, parse};
use scim::schema::Registry;

use super::{Found, LONGEST_LINE, MOST, Problem, found};

const LIMITS: Limits = Limits { depth: 32, values: 20_000_000 };

/// Reads one JSON text: a resource, an array of them, or a ListResponse. `at` is the number of the resource, from 1. The text is gone
/// through twice, so that it is known to be whole and not all of it has to be in memory as values.
///
/// # Errors
/// If the text is no JSON, or none of the three.
pub fn read_json<'a>(text: &'a [u8], registry: &'a Registry) -> Result<JsonItems<'a>, Problem> {
    let (items, count) = items(text)?;
    if count > MOST {
        return Err(Problem { at: 1, message: format!("there are {count} resources, and {MOST} are taken at most") });
    }
    Ok(JsonItems { items, at: 0, registry })
}

/// The resources of one JSON text, each read when it is its turn.
#[derive(Debug)]
pub struct JsonItems<'a> {
    items: Items<'a>,
    at: u64,
    registry: &'a Registry,
}

impl Iterator for JsonItems<'_> {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = self.items.next()?;
        self.at += 1;
        let at = self.at;
        Some(match parse(item, LIMITS) {
            Ok(Json::Object(object)) => found(at, object, self.registry),
            Ok(other) => Err(Problem { at, message: format!("it is {}, and has to be an object", other.kind_name()) }),
            Err(error) => Err(Problem { at, message: error.to_string() }),
        })
    }
}

/// The texts of the resources, and how many there are. All of them are JSON.
fn items(text: &[u8]) -> Result<(Items<'_>, u64), Problem> {
    let broken = || match parse(text, LIMITS) {
        Err(error) => Problem { at: error.line as u64, message: error.to_string() },
        Ok(other) => {
            let kind = other.kind_name();
            Problem { at: 1, message: format!("the file is {kind}; it has to be a resource, or an array of them") }
        }
    };
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let array = match text.get(start) {
        Some(b'[') => Some(start),
        Some(b'{') => match member(text, start, "Resources").ok_or_else(broken)? {
            Some(at) if text[at] == b'[' => Some(at),
            Some(at) => {
                let end = skip(text, at).ok_or_else(broken)?;
                let value = parse(&text[at..end], LIMITS).map_err(|_| broken())?;
                let message = format!("Resources is {}, and has to be an array", value.kind_name());
                return Err(Problem { at: 1, message });
            }
            None => None,
        },
        _ => return Err(broken()),
    };
    let items = match array {
        Some(at) => {
            let end = skip(text, at).ok_or_else(broken)?;
            // What is around the array has to be JSON, too.
            let around = [&text[..=at], &text[end - 1..]].concat();
            parse(&around, LIMITS).map_err(|_| broken())?;
            Items { rest: &text[at + 1..end - 1], single: false, first: true }
        }
        None => Items { rest: text, single: true, first: true },
    };
    let (mut count, mut seen) = (0, items.clone());
    while let Some(item) = seen.next() {
        parse(item, LIMITS).map_err(|_| broken())?;
        count += 1;
    }
    // A comma too much, or one that is missing.
    if seen.rest.trim_ascii().is_empty() { Ok((items, count)) } else { Err(broken()) }
}

/// The texts between the brackets of an array.
#[derive(Clone, Debug)]
struct Items<'a> {
    rest: &'a [u8],
    /// Whether all of it is one.
    single: bool,
    /// Whether none was taken yet.
    first: bool,
}

impl<'a> Items<'a> {
    /// The next one. If something is left when there is none, it is not JSON.
    fn next(&mut self) -> Option<&'a [u8]> {
        let mut text = self.rest.trim_ascii_start();
        if text.is_empty() {
            return None;
        }
        if self.single {
            self.rest = &[];
            return Some(text);
        }
        if !std::mem::take(&mut self.first) {
            text = text.strip_prefix(b",")?.trim_ascii_start();
        }
        let end = skip(text, 0)?;
        self.rest = &text[end..];
        Some(&text[..end])
    }
}

/// Where the value of a member of an object begins, if there is such a member; in any case. None if the text breaks off.
fn member(text: &[u8], object: usize, name: &str) -> Option<Option<usize>> {
    let blank = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        }
        at
    };
    let mut at = blank(object + 1);
    while text.get(at) != Some(&b'}') {
        let end = skip(text, at)?;
        let is_it = parse(&text[at..end], LIMITS).ok()?.as_str()?.eq_ignore_ascii_case(name);
        at = blank(end);
        if text.get(at) != Some(&b':') {
            return None;
        }
        at = blank(at + 1);
        if is_it {
            return Some(text.get(at).map(|_| at));
        }
        at = blank(skip(text, at)?);
        if text.get(at) == Some(&b',') {
            at = blank(at + 1);
        }
    }
    Some(None)
}

/// Where a value that begins here ends. What is in it need not be JSON; None if it does not end.
fn skip(text: &[u8], start: usize) -> Option<usize> {
    let (mut at, mut depth) = (start, 0usize);
    loop {
        match *text.get(at)? {
            b'"' => {
                at += 1;
                while *text.get(at)? != b'"' {
                    at += if text[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                if depth == 0 {
                    return None;
                }
                depth -= 1;
                at += 1;
            }
            b',' | b':' if depth > 0 => at += 1,
            byte if byte.is_ascii_whitespace() && depth > 0 => at += 1,
            _ => {
                // A number or a word.
                let from = at;
                let ends = |byte: &u8| byte.is_ascii_whitespace() || b",:]}\"[{".contains(byte);
                while text.get(at).is_some_and(|byte| !ends(byte)) {
                    at += 1;
                }
                if at == from {
                    return None;
                }
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Reads a JSON object a line, one after the other. Empty lines are passed over.
#[derive(Debug)]
pub struct JsonLines<'a> {
    rest: &'a [u8],
    line: u64,
    found: u64,
    registry: &'a Registry,
}

impl<'a> JsonLines<'a> {
    /// From the beginning of a text.
    pub fn new(text: &'a [u8], registry: &'a Registry) -> JsonLines<'a> {
        let rest = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        JsonLines { rest, line: 0, found: 0, registry }
    }
}

impl Iterator for JsonLines<'_> {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let end = self.rest.iter().position(|byte| *byte == b'\n').unwrap_or(self.rest.len());
            let line = self.rest[..end].trim_ascii();
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
            self.line += 1;
            if line.is_empty() {
                continue;
            }
            let at = self.line;
            let wrong = |message: String| Some(Err(Problem { at, message }));
            self.found += 1;
            if self.found > MOST {
                self.rest = &[];
                return wrong(format!("more than {MOST} resources are not taken"));
            }
            if line.len() > LONGEST_LINE {
                return wrong(format!("the line has {} bytes, and {LONGEST_LINE} are read at most", line.len()));
            }
            return match parse(line, LIMITS) {
                Ok(Json::Object(object)) => Some(found(at, object, self.registry)),
                Ok(other) => wrong(format!("it is {}, and has to be an object", other.kind_name())),
                Err(error) => wrong(format!("{} at column {}", error.message, error.column)),
            };
        }
    }
}
