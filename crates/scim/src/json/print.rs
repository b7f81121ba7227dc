//! JSON text from a value.

use std::fmt::Write;

use crate::value::Value;

pub(crate) fn compact(value: Value<'_>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(text) => out.push_str(text),
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.enumerate() {
                if at > 0 {
                    out.push(',');
                }
                compact(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (name, value)) in members.enumerate() {
                if at > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                compact(value, out);
            }
            out.push('}');
        }
    }
}

pub(super) fn pretty(value: Value<'_>, depth: usize, out: &mut String) {
    match value {
        Value::Array(items) => {
            let mut any = false;
            out.push('[');
            for item in items {
                open_line(any, depth + 1, out);
                any = true;
                pretty(item, depth + 1, out);
            }
            close_line(any, depth, out);
            out.push(']');
        }
        Value::Object(members) => {
            let mut any = false;
            out.push('{');
            for (name, value) in members {
                open_line(any, depth + 1, out);
                any = true;
                string(name, out);
                out.push_str(": ");
                pretty(value, depth + 1, out);
            }
            close_line(any, depth, out);
            out.push('}');
        }
        scalar => compact(scalar, out),
    }
}

fn open_line(follows: bool, depth: usize, out: &mut String) {
    out.push_str(if follows { ",\n" } else { "\n" });
    out.extend(std::iter::repeat_n("  ", depth));
}

fn close_line(any: bool, depth: usize, out: &mut String) {
    if any {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    }
}

pub(crate) fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = first_escaped(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            // Writing to a String cannot fail.
            byte => drop(write!(out, "\\u{byte:04x}")),
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// Where the first byte is that cannot stand in a string as it is. Eight bytes at a time, since nearly all can.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let is_escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let mut chunks = bytes.chunks_exact(8);
    let mut at = 0;
    for chunk in &mut chunks {
        let word = u64::from_ne_bytes(chunk.try_into().expect("chunks have eight bytes"));
        // The high bit of a byte of `word - n * ONES` is set if the byte is below n, for bytes without a high bit. A borrow
        // may set one too many: then the bytes are looked at one by one.
        let below = |word: u64, limit: u64| word.wrapping_sub(limit * ONES) & !word;
        let quote = below(word ^ (u64::from(b'"') * ONES), 1);
        let slash = below(word ^ (u64::from(b'\\') * ONES), 1);
        if (below(word, 0x20) | quote | slash) & HIGH != 0
            && let Some(found) = chunk.iter().position(is_escaped)
        {
            return Some(at + found);
        }
        at += 8;
    }
    chunks.remainder().iter().position(is_escaped).map(|found| at + found)
}
