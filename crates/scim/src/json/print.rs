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

fn string(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0x00..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        if escape.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
