//! A JSON reader (RFC 8259) that says where and why a text is not JSON, and that no text can exhaust.

use std::fmt;
use std::ops::Range;

use super::{Json, Object};
use crate::number::Number;

/// Bounds that hold for any text, however it was made.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How deep arrays and objects may nest. SCIM needs four levels.
    pub depth: usize,
    /// How many values a text may hold in all.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { depth: 64, values: 4_000_000 }
    }
}

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Byte offset of the offending byte.
    pub offset: usize,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong and what would have been right.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {}, byte {})", self.message, self.line, self.column, self.offset)
    }
}

impl std::error::Error for SyntaxError {}

/// Reads one JSON text. A byte order mark at the start is skipped, as RFC 8259 section 8.1 allows.
///
/// Refused with a position: broken UTF-8, lone surrogates, duplicate names in one object, trailing text, and anything
/// beyond the limits.
pub fn parse(text: &[u8], limits: Limits) -> Result<Json, SyntaxError> {
    let mut reader = Reader::new(text, limits);
    reader.document().map_err(|(offset, message)| reader.error(offset, message))
}

/// The byte span of the value at a JSON Pointer in a text, or nothing if the text has no such value. The text up to the
/// value must be JSON; what follows is not looked at, so that a value is found in a body that breaks later.
pub fn locate(text: &[u8], pointer: &str) -> Option<Range<usize>> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    let mut reader = Reader::new(text, Limits::default());
    reader.skip_mark_and_blanks();
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        reader.enter(&token).ok()??;
    }
    reader.blanks();
    let start = reader.at;
    reader.value(0).ok()?;
    Some(start..reader.at)
}

type Fault = (usize, String);

/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    limits: Limits,
    values: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8], limits: Limits) -> Self {
        Reader { text, at: 0, limits, values: 0 }
    }

    fn error(&self, offset: usize, message: String) -> SyntaxError {
        let before = &self.text[..offset.min(self.text.len())];
        // A byte order mark is no character of the text.
        let text_start = if self.text.starts_with(MARK) { MARK.len().min(before.len()) } else { 0 };
        let line_start = memchr::memrchr(b'\n', before).map_or(text_start, |at| at + 1);
        SyntaxError {
            offset,
            line: 1 + memchr::memchr_iter(b'\n', before).count(),
            column: 1 + String::from_utf8_lossy(&before[line_start..]).chars().count(),
            message,
        }
    }

    fn document(&mut self) -> Result<Json, Fault> {
        self.skip_mark_and_blanks();
        if self.at == self.text.len() {
            return Err((self.at, "the text is empty; a JSON value is expected".into()));
        }
        let value = self.value(0)?;
        self.blanks();
        if self.at < self.text.len() {
            return Err((self.at, format!("{} after the end of the JSON value", self.found())));
        }
        Ok(value)
    }

    fn skip_mark_and_blanks(&mut self) {
        if self.text.starts_with(MARK) {
            self.at = MARK.len();
        }
        self.blanks();
    }

    fn value(&mut self, depth: usize) -> Result<Json, Fault> {
        self.values += 1;
        if self.values > self.limits.values {
            return Err((self.at, format!("more than {} values in one text", self.limits.values)));
        }
        match self.text.get(self.at) {
            Some(b'"') => self.string().map(Json::String),
            Some(b'{') => self.object(self.deeper(depth)?),
            Some(b'[') => self.array(self.deeper(depth)?),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err((self.at, format!("{} where a JSON value is expected", self.found()))),
        }
    }

    fn deeper(&self, depth: usize) -> Result<usize, Fault> {
        if depth < self.limits.depth {
            Ok(depth + 1)
        } else {
            Err((self.at, format!("arrays and objects nested deeper than {} levels", self.limits.depth)))
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Fault> {
        self.at += 1;
        let mut object = Object::new();
        let mut seen = std::collections::HashSet::new();
        self.blanks();
        if self.take(b'}') {
            return Ok(Json::Object(object));
        }
        loop {
            self.blanks();
            let name_at = self.at;
            let name = self.name()?;
            // Small objects are searched; the set only serves large ones, where searching would be quadratic.
            let known = if object.len() < 16 {
                object.get(&name).is_some()
            } else {
                if seen.is_empty() {
                    seen.extend(object.iter().map(|(name, _)| name.to_owned()));
                }
                !seen.insert(name.clone())
            };
            if known {
                return Err((name_at, format!("the name {name:?} appears twice in one object")));
            }
            self.colon()?;
            let value = self.value(depth)?;
            object.push_unchecked(name, value);
            self.blanks();
            if self.take(b'}') {
                return Ok(Json::Object(object));
            }
            if !self.take(b',') {
                return Err((self.at, format!("{} where ',' or '}}' is expected", self.found())));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.take(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            self.blanks();
            items.push(self.value(depth)?);
            self.blanks();
            if self.take(b']') {
                return Ok(Json::Array(items));
            }
            if !self.take(b',') {
                return Err((self.at, format!("{} where ',' or ']' is expected", self.found())));
            }
        }
    }

    /// Moves to the member or element that a pointer token names; `None` if there is none.
    fn enter(&mut self, token: &str) -> Result<Option<()>, Fault> {
        self.blanks();
        match self.text.get(self.at) {
            Some(b'{') => {
                self.at += 1;
                self.blanks();
                if self.take(b'}') {
                    return Ok(None);
                }
                loop {
                    self.blanks();
                    let name = self.name()?;
                    self.colon()?;
                    if name == token {
                        return Ok(Some(()));
                    }
                    self.value(0)?;
                    self.blanks();
                    if !self.take(b',') {
                        return Ok(None);
                    }
                }
            }
            Some(b'[') => {
                let Some(index) = super::array_index(token) else { return Ok(None) };
                self.at += 1;
                self.blanks();
                if self.take(b']') {
                    return Ok(None);
                }
                for _ in 0..index {
                    self.blanks();
                    self.value(0)?;
                    self.blanks();
                    if !self.take(b',') {
                        return Ok(None);
                    }
                }
                Ok(Some(()))
            }
            _ => Ok(None),
        }
    }

    fn name(&mut self) -> Result<String, Fault> {
        if self.text.get(self.at) != Some(&b'"') {
            return Err((self.at, format!("{} where a name in double quotes is expected", self.found())));
        }
        self.string()
    }

    fn colon(&mut self) -> Result<(), Fault> {
        self.blanks();
        if !self.take(b':') {
            return Err((self.at, format!("{} where ':' is expected", self.found())));
        }
        self.blanks();
        Ok(())
    }

    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0x00..=0x1f))
                .ok_or((start, "this string has no closing quote".to_owned()))?;
            let chunk = std::str::from_utf8(&rest[..plain])
                .map_err(|error| (self.at + error.valid_up_to(), "bytes that are not UTF-8".to_owned()))?;
            out.push_str(chunk);
            self.at += plain;
            match self.text[self.at] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => self.escape(&mut out)?,
                control => {
                    return Err((
                        self.at,
                        format!("control character U+{control:04X} in a string; write it as \\u{control:04x}"),
                    ));
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), Fault> {
        let start = self.at;
        let plain = match self.text.get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 2;
                out.push(self.unicode(start)?);
                return Ok(());
            }
            _ => {
                return Err((
                    start,
                    "an escape that JSON does not know; it has \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u".into(),
                ));
            }
        };
        out.push(plain);
        self.at += 2;
        Ok(())
    }

    fn unicode(&mut self, start: usize) -> Result<char, Fault> {
        let first = self.hex(start)?;
        let code = match first {
            0xD800..=0xDBFF if self.text[self.at..].starts_with(b"\\u") => {
                self.at += 2;
                let second = self.hex(start)?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err((start, "half of a surrogate pair; the other half must follow".into()));
                }
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            other => other,
        };
        char::from_u32(code).ok_or((start, "half of a surrogate pair; the other half must follow".into()))
    }

    fn hex(&mut self, start: usize) -> Result<u32, Fault> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        value.ok_or((start, "\\u must be followed by four hexadecimal digits".into()))
    }

    fn number(&mut self) -> Result<Json, Fault> {
        let start = self.at;
        let length = self.text[start..]
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        self.at += length;
        std::str::from_utf8(&self.text[start..self.at])
            .ok()
            .and_then(Number::parse)
            .map(Json::Number)
            .ok_or((start, "not a number as JSON writes it".into()))
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, Fault> {
        if self.text[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err((self.at, format!("{} where a JSON value is expected", self.found())))
        }
    }

    fn blanks(&mut self) {
        while matches!(self.text.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn found(&self) -> String {
        match self.text.get(self.at) {
            None => "the text ends".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("'{}'", *byte as char),
            Some(byte) if byte.is_ascii() => format!("character U+{byte:04X}"),
            Some(_) => {
                let rest = &self.text[self.at..self.text.len().min(self.at + 4)];
                match String::from_utf8_lossy(rest).chars().next() {
                    Some(found) if found != char::REPLACEMENT_CHARACTER => format!("'{found}'"),
                    _ => "a byte that is not UTF-8".to_owned(),
                }
            }
        }
    }
}
