//! The second pass: where in an exchange texts stand.

use bytes::Bytes;
use scim::finding::Place as FindingPlace;
use scim::json::Json;

use super::json_text::{self, Visitor};
use super::learn::{form, looks_like_form, looks_like_json, scheme_and_credential, secret_key};
use super::target::{self, Part};
use super::{Redactor, names};
use crate::recorded::{Field, Recorded, Scim};

pub(super) fn redact(redactor: &mut Redactor, recorded: &mut Recorded) {
    let request = &mut recorded.request;
    if let Some(changed) = redactor.url(&request.target, "URL") {
        request.target = changed;
    }
    if let Some(changed) = redactor.text(&request.method, &|| "method".to_owned()) {
        request.method = changed;
    }
    if let Some(changed) = redactor.url(&recorded.origin, "URL") {
        recorded.origin = changed;
    }
    let is_form = form(&request.headers);
    redactor.body(&mut request.body, &mut request.headers, is_form, "request");
    redactor.headers(&mut request.headers, "request");
    if let Some(response) = &mut recorded.response {
        let is_form = form(&response.headers);
        redactor.body(&mut response.body, &mut response.headers, is_form, "response");
        redactor.headers(&mut response.headers, "response");
        redactor.in_place(&mut response.reason, "reason");
    }
    if let Some(problem) = &mut recorded.problem {
        redactor.in_place(problem, "ending");
    }
    if let Some(scim) = &mut recorded.scim {
        redactor.known(scim);
    }
    if redactor.settings.people {
        // Addresses tell a person, too; which machine it was is of no use to the reader.
        recorded.client = None;
        recorded.server = None;
    }
}

impl Redactor {
    fn in_place(&mut self, text: &mut String, place: &str) {
        if let Some(changed) = self.text(text, &|| place.to_owned()) {
            *text = changed;
        }
    }

    fn headers(&mut self, fields: &mut [Field], side: &str) {
        for (name, value) in fields {
            let place = || format!("{side} header {name}");
            if let Some(changed) = self.header(name, value, &place) {
                *value = changed;
            }
            if let Some(changed) = self.text(name, &|| format!("{side} header name")) {
                *name = changed;
            }
        }
    }

    fn header(&mut self, name: &str, value: &str, place: &dyn Fn() -> String) -> Option<String> {
        if self.settings.rules.iter().any(|rule| rule.is_header(name)) {
            return self.secret(value, place);
        }
        if self.settings.secrets {
            if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization") {
                let (scheme, credential) = scheme_and_credential(value);
                let changed = self.secret(credential, place)?;
                return Some(scheme.map_or(changed.clone(), |scheme| format!("{scheme} {changed}")));
            }
            if name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie") {
                return Some(self.cookies(value, name.eq_ignore_ascii_case("cookie"), place));
            }
            if names::is_secret(name)
                && let Some(changed) = self.secret(value, place)
            {
                return Some(changed);
            }
        }
        match value.contains("://") || value.starts_with('/') {
            true => self.url_at(value, place),
            false => self.text(value, place),
        }
    }

    fn cookies(&mut self, value: &str, all: bool, place: &dyn Fn() -> String) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (at, part) in value.split(';').enumerate() {
            let changed = match part.split_once('=').filter(|_| all || at == 0) {
                Some((name, secret)) => {
                    self.secret(secret.trim().trim_matches('"'), place).map(|with| format!("{name}={with}"))
                }
                None => self.text(part, place),
            };
            parts.push(changed.unwrap_or_else(|| part.to_owned()));
        }
        parts.join(";")
    }

    fn url(&mut self, url: &str, place: &str) -> Option<String> {
        self.url_at(url, &|| place.to_owned())
    }

    fn url_at(&mut self, url: &str, place: &dyn Fn() -> String) -> Option<String> {
        let mut change = |part: Part<'_>, text: &str| match part {
            Part::Parameter(name) if self.settings.secrets && names::is_secret_parameter(name) => {
                self.secret(text, &|| format!("{} parameter {name}", place()))
            }
            Part::Parameter(name) => self.text(text, &|| format!("{} parameter {name}", place())),
            Part::Segment | Part::Other => self.text(text, place),
        };
        let changed = target::rewrite(url, &mut change);
        // What was not in one part: a user name before a host. An alias is not looked at again: it can look like another value.
        let whole = match &changed {
            Some(changed) => self.text_without_people(changed, place),
            None => self.text(url, place),
        };
        whole.or(changed)
    }

    fn body(&mut self, body: &mut Bytes, headers: &mut Vec<Field>, is_form: bool, side: &str) {
        if body.is_empty() {
            return;
        }
        let before = body.len();
        let place = || format!("{side} body");
        let changed = match std::str::from_utf8(body) {
            Ok(text) if looks_like_json(text) => {
                let rules = std::sync::Arc::clone(&self.settings);
                json_text::rewrite(text, &mut Values { redactor: self, settings: &rules, side }).map(Bytes::from)
            }
            Ok(text) if is_form || looks_like_form(text) => {
                let mut change = |part: Part<'_>, text: &str| match part {
                    Part::Parameter(name) if self.settings.secrets && names::is_secret_parameter(name) => {
                        self.secret(text, &|| format!("{side} body {name}"))
                    }
                    Part::Parameter(name) => self.text(text, &|| format!("{side} body {name}")),
                    Part::Segment | Part::Other => self.text(text, &place),
                };
                target::form(text, &mut change).map(Bytes::from)
            }
            Ok(text) => self.text(text, &place).map(Bytes::from),
            Err(_) if is_compressed(headers) => {
                // Nobody can look into it here, so it does not leave.
                self.report.left_out(&place());
                headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
                Some(Bytes::new())
            }
            Err(_) => {
                let found = self.literals.replace_bytes(body);
                found.map(|(changed, put)| {
                    put.iter().for_each(|with| self.report.count(with, &place));
                    Bytes::from(changed)
                })
            }
        };
        if let Some(changed) = changed {
            let length = changed.len();
            *body = changed;
            for (name, value) in headers.iter_mut() {
                if name.eq_ignore_ascii_case("content-length") && *value == before.to_string() {
                    *value = length.to_string();
                }
            }
        }
    }

    fn known(&mut self, scim: &mut Scim) {
        self.in_place(&mut scim.sentence, "sentence");
        self.in_place(&mut scim.note, "note");
        scim.tags.iter_mut().for_each(|tag| self.in_place(tag, "tag"));
        if let Some(script) = &mut scim.script {
            self.json("", script);
        }
        if let Some(access) = &mut scim.access {
            self.in_place(&mut access.found, "decision about access");
        }
        for finding in &mut scim.findings {
            self.in_place(&mut finding.message, "finding");
            if let FindingPlace::Body(pointer) = &mut finding.place {
                self.in_place(pointer, "finding");
            }
        }
        for change in &mut scim.changes {
            self.in_place(&mut change.id, "change");
            self.in_place(&mut change.display, "change");
            for line in &mut change.lines {
                for value in [&mut line.before, &mut line.after].into_iter().flatten() {
                    self.json(&line.path, value);
                }
                self.in_place(&mut line.path, "change");
            }
        }
    }

    fn json(&mut self, path: &str, value: &mut Json) {
        match value {
            Json::String(text) => {
                let place = || format!("change of {path}");
                let keys: Vec<&str> = path.split('.').collect();
                let by_rule = self.settings.rules.iter().any(|rule| rule.is_at(&keys));
                let whole =
                    (by_rule || self.settings.secrets && names::is_secret(path)).then(|| self.secret(text, &place));
                if let Some(changed) = whole.flatten().or_else(|| self.text(text, &place)) {
                    *text = changed;
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.json(path, item)),
            Json::Object(object) => {
                for (name, value) in object.iter_mut() {
                    let inner = if names::is_secret(path) { path.to_owned() } else { format!("{path}.{name}") };
                    self.json(&inner, value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}

fn is_compressed(headers: &[Field]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-encoding") && !value.is_empty() && !value.eq_ignore_ascii_case("identity")
    })
}

/// The values of a JSON body.
struct Values<'a> {
    redactor: &'a mut Redactor,
    settings: &'a super::Settings,
    side: &'a str,
}

/// Members whose values are words of SCIM, never people.
const WORDS: [&str; 8] = ["schemas", "op", "resourceType", "type", "scimType", "$schema", "method", "bulkId"];

impl Visitor for Values<'_> {
    fn value(&mut self, keys: &[&str], text: &str, is_name: bool) -> Option<String> {
        let side = self.side;
        let place = || format!("{side} body {}", keys.join("."));
        if !is_name {
            if self.settings.rules.iter().any(|rule| rule.is_at(keys)) {
                return self.redactor.secret(text, &place);
            }
            if self.settings.secrets {
                let is_value = keys.last().is_some_and(|key| key.eq_ignore_ascii_case("value"));
                if (secret_key(keys).is_some() || is_value)
                    && let Some(changed) = self.redactor.secret(text, &place)
                {
                    return Some(changed);
                }
            }
        }
        if is_name || keys.last().is_some_and(|key| WORDS.iter().any(|word| word.eq_ignore_ascii_case(key))) {
            return self.redactor.text_without_people(text, &place);
        }
        if text.contains("://") || text.starts_with('/') {
            return self.redactor.url_at(text, &place);
        }
        self.redactor.text(text, &place)
    }

    fn between(&mut self, text: &str) -> Option<String> {
        let side = self.side;
        self.redactor.text(text, &|| format!("{side} body"))
    }
}

impl Redactor {
    fn text_without_people(&mut self, text: &str, place: &dyn Fn() -> String) -> Option<String> {
        if !self.settings.people {
            return self.text(text, place);
        }
        let settings = std::sync::Arc::clone(&self.settings);
        self.settings = std::sync::Arc::new(super::Settings { people: false, ..super::Settings::clone(&settings) });
        let changed = self.text(text, place);
        self.settings = settings;
        changed
    }
}
