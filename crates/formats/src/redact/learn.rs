//! The first pass: what of an exchange is secret or personal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scim::json::{Json, Limits, Object};

use super::json_text::{self, Visitor};
use super::secrets::Kind;
use super::target::{self, Part};
use super::{Learner, names, patterns};
use crate::recorded::{Field, Recorded};

pub(super) fn learn(learner: &mut Learner, recorded: &Recorded) {
    let request = &recorded.request;
    let mut paths = request.target.clone();
    for (name, value) in request.headers.iter() {
        learner.header(name, value);
    }
    learner.url(&request.target);
    learner.url(&recorded.origin);
    learner.body(&request.body, form(&request.headers));
    if let Some(response) = &recorded.response {
        for (name, value) in response.headers.iter() {
            learner.header(name, value);
        }
        learner.body(&response.body, form(&response.headers));
    }
    if let Some(scim) = &recorded.scim {
        let findings = scim.findings.iter().map(|finding| finding.message.as_str());
        let access = scim.access.iter().map(|access| access.found.as_str());
        let tags = scim.tags.iter().map(String::as_str);
        for text in [scim.sentence.as_str(), scim.note.as_str()].into_iter().chain(findings).chain(access).chain(tags) {
            learner.text(text);
        }
        if let Some(script) = &scim.script {
            learner.value_of("", script);
        }
        for line in scim.changes.iter().flat_map(|change| &change.lines) {
            for value in [&line.before, &line.after].into_iter().flatten() {
                learner.value_of(&line.path, value);
            }
        }
    }
    if let Some(problem) = &recorded.problem {
        learner.text(problem);
    }
    if learner.settings.people {
        let request_body = parsed(&request.body);
        let response_body = recorded.response.as_ref().and_then(|response| parsed(&response.body));
        if let Some(question) = paths.find('?') {
            paths.truncate(question);
        }
        let people = &mut learner.people;
        people.learn_path(&paths);
        recorded.parameters().iter().for_each(|(_, value)| people.learn_filter(value));
        // The answer first: it has the whole person.
        response_body.iter().for_each(|body| people.learn_body(body, &paths));
        request_body.iter().for_each(|body| people.learn_body(body, &paths));
        for change in recorded.scim.iter().flat_map(|scim| &scim.changes) {
            people.learn_change(change);
        }
    }
}

fn parsed(body: &[u8]) -> Option<Json> {
    if body.first().is_none_or(|first| !matches!(first, b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t' | 0xef)) {
        return None;
    }
    scim::json::parse(body, Limits::default()).ok()
}

/// Whether a body is a form.
pub(super) fn form(headers: &[Field]) -> bool {
    headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("x-www-form-urlencoded")
    })
}

/// Whether a body looks like JSON, as a whole or as far as it came.
pub(super) fn looks_like_json(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '['])
}

/// Whether a body without a type looks like a form.
pub(super) fn looks_like_form(text: &str) -> bool {
    text.len() < 65_536 && !text.contains([' ', '\n', '<', '{', '"']) && text.split('&').all(|pair| pair.contains('='))
}

impl Learner {
    fn header(&mut self, name: &str, value: &str) {
        if self.settings.rules.iter().any(|rule| rule.is_header(name)) {
            self.vault.learn(Kind::Rule, value);
        }
        if self.settings.secrets {
            if name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization") {
                self.authorization(value);
                return;
            }
            if name.eq_ignore_ascii_case("cookie") {
                value.split(';').for_each(|cookie| self.cookie(cookie));
            } else if name.eq_ignore_ascii_case("set-cookie") {
                value.split(';').take(1).for_each(|cookie| self.cookie(cookie));
            } else if names::is_secret(name) {
                self.vault.learn(Kind::Key, value);
            }
        }
        match value.contains("://") || value.starts_with('/') {
            true => self.url(value),
            false => self.text(value),
        }
    }

    fn authorization(&mut self, value: &str) {
        let (scheme, credential) = scheme_and_credential(value);
        if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")) {
            self.basic(credential);
        } else {
            self.vault.learn(Kind::Token, credential);
        }
    }

    fn basic(&mut self, encoded: &str) {
        self.vault.learn(Kind::Basic, encoded);
        let decoded = STANDARD.decode(encoded).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, password)) = decoded.as_deref().and_then(|pair| pair.split_once(':')) {
            self.vault.learn(Kind::Password, password);
        }
    }

    fn cookie(&mut self, cookie: &str) {
        if let Some((_, value)) = cookie.trim().split_once('=') {
            self.vault.learn(Kind::Cookie, value.trim_matches('"'));
        }
    }

    fn url(&mut self, url: &str) {
        let secrets = self.settings.secrets;
        let mut found = Vec::new();
        let mut look = |part: Part<'_>, text: &str| {
            let is_secret = secrets && matches!(part, Part::Parameter(name) if names::is_secret_parameter(name));
            found.push((is_secret, text.to_owned()));
            None
        };
        target::rewrite(url, &mut look);
        for (is_secret, text) in found {
            match is_secret {
                true => self.vault.learn(Kind::Key, &text),
                false => self.text(&text),
            }
        }
        self.text(url);
    }

    fn body(&mut self, body: &[u8], is_form: bool) {
        let Ok(text) = std::str::from_utf8(body) else { return };
        if looks_like_json(text) {
            json_text::rewrite(text, &mut Values(self));
            if self.settings.secrets
                && let Some(body) = parsed(body)
            {
                self.operations(&body);
            }
        } else if is_form || looks_like_form(text) {
            let secrets = self.settings.secrets;
            let mut found = Vec::new();
            let mut look = |part: Part<'_>, text: &str| {
                let is_secret = secrets && matches!(part, Part::Parameter(name) if names::is_secret_parameter(name));
                found.push((is_secret, text.to_owned()));
                None
            };
            target::form(text, &mut look);
            for (is_secret, text) in found {
                match is_secret {
                    true => self.vault.learn(Kind::Key, &text),
                    false => self.text(&text),
                }
            }
        } else {
            self.text(text);
        }
    }

    /// What a PATCH sets at a path whose name says that it is secret.
    fn operations(&mut self, body: &Json) {
        let member = |object: &Object, name: &str| object.get_ignoring_case(name).map(|(_, value)| value.clone());
        let Some(object) = body.as_object() else { return };
        let Some(operations) = member(object, "Operations") else { return };
        for operation in operations.as_array().unwrap_or_default().iter().filter_map(Json::as_object) {
            if let Some(data) = member(operation, "data") {
                self.operations(&data);
            }
            let path = member(operation, "path").and_then(|path| path.as_str().map(str::to_owned));
            if let (Some(path), Some(value)) = (path, member(operation, "value")) {
                self.value_of(&path, &value);
            }
        }
    }

    /// A value at a path of SCIM.
    fn value_of(&mut self, path: &str, value: &Json) {
        match value {
            Json::String(text) if self.settings.secrets && names::is_secret(path) => {
                self.vault.learn(kind_of(path), text);
            }
            Json::String(text) => self.text(text),
            Json::Array(items) => items.iter().for_each(|item| self.value_of(path, item)),
            Json::Object(object) => object.iter().for_each(|(name, value)| {
                let inner = if names::is_secret(path) { path } else { name };
                self.value_of(inner, value);
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        let Learner { settings, vault, people } = self;
        for pattern in settings.rules.iter().filter_map(super::Rule::pattern) {
            for hit in pattern.captures_iter(text) {
                if let Some(secret) = hit.get(1).or_else(|| hit.get(0)) {
                    vault.learn(Kind::Rule, secret.as_str());
                }
            }
        }
        if settings.secrets {
            patterns::find(text, |range, kind| {
                vault.learn(kind, &text[range.clone()]);
                if kind == Kind::Key && text[..range.start].ends_with("://") {
                    // Of user and password, the password is the secret.
                    if let Some((_, password)) = text[range].split_once(':') {
                        vault.learn(Kind::Password, password);
                    }
                }
            });
        }
        if settings.people {
            people.learn_text(text);
        }
    }
}

/// Splits the value of an `Authorization` field. Without a scheme, all of it is the credential.
pub(super) fn scheme_and_credential(value: &str) -> (Option<&str>, &str) {
    match value.trim().split_once(' ') {
        Some((scheme, credential)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            (Some(scheme), credential.trim())
        }
        _ => (None, value.trim()),
    }
}

/// Of which kind a secret with this name is.
pub(super) fn kind_of(name: &str) -> Kind {
    let name = name.to_ascii_lowercase();
    if name.contains("pass") || name.contains("pwd") { Kind::Password } else { Kind::Key }
}

/// The values of a JSON body.
struct Values<'a>(&'a mut Learner);

impl Visitor for Values<'_> {
    fn value(&mut self, keys: &[&str], text: &str, is_name: bool) -> Option<String> {
        let learner = &mut *self.0;
        if !is_name {
            if learner.settings.rules.iter().any(|rule| rule.is_at(keys)) {
                learner.vault.learn(Kind::Rule, text);
                return None;
            }
            if let Some(name) = secret_key(keys).filter(|_| learner.settings.secrets) {
                learner.vault.learn(kind_of(name), text);
                return None;
            }
        }
        learner.text(text);
        None
    }

    fn between(&mut self, text: &str) -> Option<String> {
        self.0.text(text);
        None
    }
}

/// The innermost name that says that a value is secret.
pub(super) fn secret_key<'a>(keys: &[&'a str]) -> Option<&'a str> {
    keys.iter().rev().take(2).find(|key| names::is_secret(key)).copied()
}
