//! Files for Hurl: requests with captures and asserts.

use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scim::json::{Json, Limits, parse};

use crate::bindings::{Binder, Given};
use crate::recorded::{Recorded, Response};
use crate::template::{self, Base};
use crate::writer::{About, Writer};

/// Writes a file for Hurl.
pub struct HurlWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    binder: Binder,
    base: Base,
    flow: Option<u64>,
}

impl<'a> HurlWriter<'a> {
    /// Writes the beginning.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    pub fn begin(mut out: Box<dyn Write + 'a>, about: &'a About) -> io::Result<HurlWriter<'a>> {
        writeln!(out, "# Run: hurl --test --variable baseUrl=URL{} FILE", secrets(about))?;
        if let Some(warning) = about.warning() {
            writeln!(out, "# {warning}")?;
        }
        Ok(HurlWriter { out, about, binder: Binder::default(), base: Base::default(), flow: None })
    }
}

fn secrets(about: &About) -> String {
    let names = about.redaction.variables.iter().map(|variable| variable.text.trim_matches(['{', '}']).to_owned());
    names.map(|name| format!(" --secret {name}=...")).collect()
}

impl Writer for HurlWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        if self.flow.is_none() {
            self.base = Base::of(recorded, self.about);
        }
        if self.flow.replace(recorded.flow()) != Some(recorded.flow()) {
            let name = template::one_line(&self.about.flow_name(recorded.flow()));
            writeln!(self.out, "\n# ---- {name}")?;
        }
        writeln!(self.out, "\n# {}: {}", recorded.seq, template::title(recorded))?;
        let answer = recorded.response.as_ref().filter(|_| recorded.is_http());
        let Some(answer) = answer else {
            return writeln!(self.out, "# left out: there was no answer to it");
        };
        let text = request(recorded, &self.base, &self.binder);
        let given = self.binder.learn(recorded);
        write!(self.out, "{text}{}", response(answer, &given))
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn request(recorded: &Recorded, base: &Base, binder: &Binder) -> String {
    let variable = |name: &str| format!("{{{{{name}}}}}");
    let url = base.url(recorded, "{{baseUrl}}", binder, &variable);
    let parameters = recorded.parameters();
    // In a section of its own it is written as it is meant, if it can be.
    let apart = parameters.iter().all(|(name, value)| {
        let is_name =
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        is_name && !value.chars().any(char::is_control) && value == value.trim() && !value.contains('\u{fffd}')
    });
    let line = if apart { url.split('?').next().unwrap_or_default() } else { url.as_str() };
    let mut text = format!("{} {line}\n", recorded.request.method);
    for (name, value) in template::sent(recorded) {
        text.push_str(&format!("{}: {}\n", escaped_name(name), escaped(&binder.replace(value, &variable))));
    }
    if apart && !parameters.is_empty() {
        text.push_str("[Query]\n");
        for (name, value) in &parameters {
            text.push_str(&format!("{name}: {}\n", escaped(&binder.replace(value, &variable))));
        }
    }
    text.push_str(&body(recorded, binder, &variable));
    text
}

/// As JSON, so that it can be read; everything else in base64, which has no letters that mean something.
fn body(recorded: &Recorded, binder: &Binder, variable: &dyn Fn(&str) -> String) -> String {
    let body = &recorded.request.body;
    if body.is_empty() {
        return String::new();
    }
    match (template::text_body(recorded), parse(body, Limits::default())) {
        (Some(text), Ok(Json::Object(_) | Json::Array(_))) if !text.contains("{{") && !text.contains('\u{feff}') => {
            format!("{}\n", binder.replace(text, variable))
        }
        _ => format!("base64,{};\n", STANDARD.encode(body)),
    }
}

fn response(answer: &Response, given: &[Given]) -> String {
    let mut text = format!("HTTP {}\n", answer.status);
    if !given.is_empty() {
        text.push_str("[Captures]\n");
        for Given { name, pointer, .. } in given {
            text.push_str(&format!("{name}: jsonpath \"{}\"\n", json_path(pointer)));
        }
    }
    let mut asserts = Vec::new();
    if answer.header("content-type").is_some_and(|kind| kind.contains("scim+json")) {
        asserts.push("header \"Content-Type\" contains \"scim+json\"".to_owned());
    }
    if let Ok(body) = parse(&answer.body, Limits::default()) {
        for (pointer, path) in
            [("/totalResults", "$.totalResults"), ("/active", "$.active"), ("/scimType", "$.scimType")]
        {
            match body.pointer(pointer) {
                Some(Json::String(value)) if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                    asserts.push(format!("jsonpath \"{path}\" == \"{value}\""));
                }
                Some(value @ (Json::Bool(_) | Json::Number(_))) => {
                    asserts.push(format!("jsonpath \"{path}\" == {}", value.to_text()))
                }
                _ => {}
            }
        }
    }
    if !asserts.is_empty() {
        text.push_str(&format!("[Asserts]\n{}\n", asserts.join("\n")));
    }
    text
}

/// A pointer as JSONPath.
pub(crate) fn json_path(pointer: &str) -> String {
    let tokens = pointer.split('/').skip(1);
    let tokens = tokens.map(|token| match token.bytes().all(|byte| byte.is_ascii_digit()) {
        true => format!("[{token}]"),
        false => format!(".{token}"),
    });
    format!("${}", tokens.collect::<String>())
}

/// A text as a value: signs with a meaning are escaped. Variables stay.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let name = rest[start + 2..].split("}}").next().unwrap_or_default();
        let is_variable = rest[start + 2 + name.len()..].starts_with("}}")
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        out.push_str(&plain(&rest[..start]));
        if is_variable {
            out.push_str(&rest[start..start + name.len() + 4]);
            rest = &rest[start + name.len() + 4..];
        } else {
            out.push_str("\\u{7b}\\u{7b}");
            rest = &rest[start + 2..];
        }
    }
    out.push_str(&plain(rest));
    out
}

fn plain(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '#' => out.push_str("\\#"),
            control if control.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(control))),
            other => out.push(other),
        }
    }
    out
}

fn escaped_name(name: &str) -> String {
    name.chars()
        .map(|letter| {
            let is_plain = letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
            if is_plain { letter.to_string() } else { format!("\\u{{{:x}}}", u32::from(letter)) }
        })
        .collect()
}
