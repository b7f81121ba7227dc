//! People, and their aliases: the same person has the same number in every value that is theirs.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;
use scim::json::{Json, Object};

use super::fragments::{Fragments, unquoted};
use super::{Literal, Literals};
use crate::recorded::Change;

/// Shorter values are replaced only where they stand alone in a value.
const SHORTEST_ANYWHERE: usize = 3;
/// Words of SCIM that are no names, even if somebody has one of them.
const WORDS: [&str; 32] = [
    "user", "users", "group", "groups", "work", "home", "other", "true", "false", "active", "name", "value", "manager",
    "admin", "type", "primary", "members", "emails", "the", "and", "was", "with", "for", "created", "updated",
    "deleted", "disabled", "added", "test", "null", "mobile", "scim",
];

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[A-Za-z0-9._%+'{}-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+").expect("an address is a regular expression")
});
/// A comparison of a filter: path, operator and value.
pub(super) static COMPARED: LazyLock<Regex> = LazyLock::new(|| {
    let comparison = r#"([A-Za-z0-9_.:$\[\]"-]+)\s+((?i:eq|ne|co|sw|ew))\s+"((?:[^"\\]|\\.)*)""#;
    Regex::new(comparison).expect("a comparison is a regular expression")
});

/// What a value is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Id,
    /// A user name or an address.
    Handle,
    Given,
    Family,
    Middle,
    /// The whole name.
    Name,
    Phone,
    Link,
    /// Anything else that is theirs.
    Text,
}

/// The people seen so far.
#[derive(Debug, Default)]
pub(super) struct People {
    persons: usize,
    /// By a value of theirs, in lower case, the number of the person.
    of: HashMap<String, usize>,
    aliases: HashMap<String, String>,
    /// Names apart: what is a name in a text may be a user name in another.
    names: HashMap<String, String>,
    domains: HashMap<String, String>,
    counts: HashMap<(usize, Kind), usize>,
    fragments: Fragments,
}

impl People {
    /// The alias of a value, if it is somebody's as a whole.
    pub(super) fn alias_of(&self, text: &str) -> Option<&str> {
        if text.len() > 400 || text.is_empty() {
            return None;
        }
        let key = text.to_lowercase();
        let (first, second) = match text.starts_with(char::is_uppercase) {
            true => (&self.names, &self.aliases),
            false => (&self.aliases, &self.names),
        };
        first.get(&key).or_else(|| second.get(&key)).map(String::as_str)
    }

    /// What is replaced wherever it stands.
    pub(super) fn literals(&self) -> Vec<Literal> {
        let only_names = self.names.iter().filter(|(text, _)| !self.aliases.contains_key(*text));
        let values = self.aliases.iter().chain(&self.domains).chain(only_names);
        let long =
            values.filter(|(text, _)| text.chars().count() >= SHORTEST_ANYWHERE && !WORDS.contains(&text.as_str()));
        let mut literals: Vec<Literal> = long
            .map(|(text, with)| Literal {
                text: text.clone(),
                with: with.clone(),
                capital: self.names.get(text).cloned(),
                whole: true,
            })
            .collect();
        literals.sort_by(|left, right| left.text.cmp(&right.text));
        literals
    }

    /// Finds what stands in the place of parts of values that filters ask for; `aliases` are those of [`People::literals`].
    pub(super) fn answer_fragments(&mut self, aliases: &Literals) {
        let mut fragments = std::mem::take(&mut self.fragments);
        fragments.answer(|value| match self.alias_of(value) {
            Some(alias) => alias.to_owned(),
            None => aliases.replace(value).map_or_else(|| value.to_owned(), |(changed, _)| changed),
        });
        self.fragments = fragments;
    }

    /// The text with other parts in the comparisons of its filters, and what `rest` makes of what is between them; none if there is
    /// no part to replace.
    pub(super) fn with_fragments(&self, text: &str, rest: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
        self.fragments.replace(text, rest)
    }

    /// The `id` in a path to a user.
    pub(super) fn learn_path(&mut self, path: &str) {
        if let Some(id) = user_id(path) {
            let person = self.person([id.as_str()]);
            self.learn(person, Kind::Id, &id);
        }
    }

    /// What a filter compares with, if it is about a person.
    pub(super) fn learn_filter(&mut self, filter: &str) {
        for compared in COMPARED.captures_iter(filter) {
            let (path, operator, value) = (&compared[1], &compared[2], unquoted(&compared[3]));
            if let Some(kind) = kind_of(path) {
                if Fragments::is_about(operator) {
                    self.fragments.ask(kind, operator, &value);
                    continue;
                }
                let person = self.person([value.as_str()]);
                self.learn(person, kind, &value);
            }
        }
    }

    /// Addresses in any text.
    pub(super) fn learn_text(&mut self, text: &str) {
        if !text.contains('@') {
            return;
        }
        // What is percent-encoded is looked at when it is decoded.
        for address in ADDRESS.find_iter(text).filter(|address| !address.as_str().contains('%')) {
            let person = self.person([address.as_str()]);
            self.learn(person, Kind::Handle, address.as_str());
        }
        self.learn_filter(text);
    }

    /// The people in a body.
    pub(super) fn learn_body(&mut self, body: &Json, path: &str) {
        let about_user = path.to_ascii_lowercase().contains("/users");
        self.walk(body, about_user, user_id(path).as_deref());
    }

    pub(super) fn learn_change(&mut self, change: &Change) {
        if change.resource_type == "Group" {
            return;
        }
        let person = self.person([change.id.as_str()]);
        self.learn(person, Kind::Id, &change.id);
        for line in &change.lines {
            for value in [&line.before, &line.after].into_iter().flatten() {
                self.at_path(person, &line.path, value);
            }
        }
        if !change.display.is_empty() && self.alias_of(&change.display).is_none() {
            self.learn(person, Kind::Name, &change.display);
        }
    }

    fn walk(&mut self, json: &Json, about_user: bool, id: Option<&str>) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.walk(item, about_user, id)),
            Json::Object(object) => {
                if is_person(object, about_user) {
                    self.learn_person(object, id);
                    return;
                }
                let operations = object.get_ignoring_case("Operations").and_then(|(_, value)| value.as_array());
                for operation in operations.unwrap_or_default().iter().filter_map(Json::as_object) {
                    self.operation(operation, about_user, id);
                }
                for name in ["Resources", "data"] {
                    if let Some((_, inner)) = object.get_ignoring_case(name) {
                        self.walk(inner, about_user, None);
                    }
                }
                if let Some((_, members)) = object.get_ignoring_case("members") {
                    self.members(members);
                }
                // A group is no person, but a filter compares its name as it compares those of people.
                if let Some(name) = object.get_ignoring_case("displayName").and_then(|(_, name)| name.as_str()) {
                    self.fragments.know(Kind::Name, name);
                }
                if let Some(filter) = object.get_ignoring_case("filter").and_then(|(_, filter)| filter.as_str()) {
                    self.learn_filter(filter);
                }
            }
            _ => {}
        }
    }

    /// One operation of a PATCH, or of a bulk request.
    fn operation(&mut self, operation: &Object, about_user: bool, id: Option<&str>) {
        let member = |name: &str| operation.get_ignoring_case(name).map(|(_, value)| value);
        let own = member("path").and_then(Json::as_str).unwrap_or_default();
        if let Some(data) = member("data") {
            let about_user = own.to_ascii_lowercase().contains("users");
            self.learn_path(own);
            self.walk(data, about_user, user_id(own).as_deref());
            return;
        }
        let Some(value) = member("value") else { return };
        if own.to_ascii_lowercase().starts_with("members") || !about_user && own.is_empty() {
            self.members(value);
            if let Some((_, members)) = value.as_object().and_then(|object| object.get_ignoring_case("members")) {
                self.members(members);
            }
            return;
        }
        if about_user {
            self.learn_filter(own);
            let person = self.person(id);
            self.at_path(person, own, value);
        }
    }

    fn members(&mut self, members: &Json) {
        let members = members.as_array().unwrap_or(std::slice::from_ref(members)).iter().filter_map(Json::as_object);
        for member in members {
            let text = |name: &str| member.get_ignoring_case(name).and_then(|(_, value)| value.as_str());
            if text("type").is_some_and(|kind| kind.eq_ignore_ascii_case("group")) {
                continue;
            }
            let Some(id) = text("value") else { continue };
            let person = self.person([id]);
            self.learn(person, Kind::Id, id);
            if let Some(display) = text("display").or(text("displayName")) {
                self.learn(person, Kind::Name, display);
            }
        }
    }

    fn learn_person(&mut self, object: &Object, id: Option<&str>) {
        let text = |name: &str| object.get_ignoring_case(name).and_then(|(_, value)| value.as_str());
        let emails = object.get_ignoring_case("emails").and_then(|(_, emails)| emails.as_array()).unwrap_or_default();
        let emails = emails.iter().filter_map(|email| email.as_object()?.get_ignoring_case("value")?.1.as_str());
        let known = ["id", "externalId", "userName"].into_iter().filter_map(text).chain(id).chain(emails);
        let known: Vec<&str> = known.collect();
        let person = self.person(known);
        // Names first: whole names are made of them.
        for name in ["name", "id", "userName"] {
            if let Some((_, value)) = object.get_ignoring_case(name) {
                self.at_path(person, name, value);
            }
        }
        for (name, value) in object.iter() {
            self.at_path(person, name, value);
        }
    }

    /// A value at a path, or at the name of a member.
    fn at_path(&mut self, person: usize, path: &str, value: &Json) {
        match value {
            Json::String(text) => {
                if let Some(kind) = kind_of(path) {
                    self.fragments.know(kind, text);
                    self.learn(person, kind, text);
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.at_path(person, path, item)),
            Json::Object(object) => {
                let last = last_name(path).to_ascii_lowercase();
                if last == "manager" {
                    self.members(value);
                    return;
                }
                if matches!(last.as_str(), "groups" | "members" | "roles" | "entitlements" | "meta") {
                    return;
                }
                // `name.formatted` after the others.
                let (late, early): (Vec<_>, Vec<_>) =
                    object.iter().partition(|(name, _)| name.eq_ignore_ascii_case("formatted"));
                for (name, inner) in early.into_iter().chain(late) {
                    let whole = path.is_empty() || path.starts_with("urn:");
                    let inner_path = if whole { name.to_owned() } else { format!("{path}.{name}") };
                    self.at_path(person, &inner_path, inner);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// The person who has one of these values, or a new one.
    fn person<'a>(&mut self, known: impl IntoIterator<Item = &'a str>) -> usize {
        let known: Vec<String> = known.into_iter().filter(|text| !text.is_empty()).map(str::to_lowercase).collect();
        let found = known.iter().find_map(|text| self.of.get(text).copied());
        let person = found.unwrap_or_else(|| {
            self.persons += 1;
            self.persons
        });
        for text in known {
            self.of.entry(text).or_insert(person);
        }
        person
    }

    fn learn(&mut self, person: usize, kind: Kind, text: &str) {
        let key = text.to_lowercase();
        let is_variable = text.starts_with("{{") && text.ends_with("}}");
        let is_name = matches!(kind, Kind::Given | Kind::Family | Kind::Middle | Kind::Name) && !text.contains('@');
        let known = if is_name { &self.names } else { &self.aliases };
        if text.trim().is_empty() || text.len() > 400 || is_variable || known.contains_key(&key) {
            return;
        }
        let alias = self.alias(person, kind, text);
        if is_name {
            self.names.insert(key, alias)
        } else {
            self.aliases.insert(key, alias)
        };
    }

    fn alias(&mut self, person: usize, kind: Kind, text: &str) -> String {
        if let Some((local, domain)) = text.rsplit_once('@').filter(|(local, _)| !local.is_empty()) {
            let domain = self.domain(domain);
            self.learn(person, Kind::Handle, local);
            let local = self.aliases.get(&local.to_lowercase()).cloned().unwrap_or_else(|| local.to_owned());
            return format!("{local}@{domain}");
        }
        let known = (kind == Kind::Name).then(|| self.composed(text)).flatten();
        if let Some(known) = known {
            return known;
        }
        let count = self.counts.entry((person, kind)).or_default();
        *count += 1;
        let more = if *count > 1 { format!("-{count}") } else { String::new() };
        let nth = *count;
        match kind {
            Kind::Id => alias_of_id(text, person, nth),
            Kind::Handle => format!("user-{person:04}{more}"),
            Kind::Given => format!("Given-{person:04}{more}"),
            Kind::Family => format!("Family-{person:04}{more}"),
            Kind::Middle => format!("Middle-{person:04}{more}"),
            Kind::Name => format!("Person {person:04}{more}"),
            Kind::Phone => format!("+1 555 01{person:05}{nth:02}"),
            Kind::Link => format!("https://example.com/people/{person:04}{more}"),
            Kind::Text => format!("text-{person:04}{more}"),
        }
    }

    /// A whole name that is made of names that are known, with their aliases.
    fn composed(&self, text: &str) -> Option<String> {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let bare = word.trim_end_matches([',', '.']);
            match self.names.get(&bare.to_lowercase()) {
                Some(alias) => words.push(format!("{alias}{}", &word[bare.len()..])),
                None => return None,
            }
        }
        (words.len() > 1).then(|| words.join(" "))
    }

    fn domain(&mut self, domain: &str) -> String {
        let count = self.domains.len() + 1;
        let alias = || if count == 1 { "example.com".to_owned() } else { format!("d{count}.example.com") };
        self.domains.entry(domain.to_lowercase()).or_insert_with(alias).clone()
    }
}

/// Whether an object is a person: by its members, or because it is the only resource of a request about users.
fn is_person(object: &Object, about_user: bool) -> bool {
    let has = |name: &str| object.get_ignoring_case(name).is_some();
    let is_message = has("Operations") || has("Resources") || has("totalResults") || has("scimType") || has("filter");
    !is_message && (has("userName") || has("emails") || about_user && (has("id") || has("name") || has("externalId")))
}

fn user_id(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let mut segments = path.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case("users"));
    segments.next()?;
    let id = segments.next().filter(|id| !id.is_empty() && !id.starts_with('.') && !id.starts_with("{{"))?;
    Some(percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned())
}

/// The last name of a path, without the filters in it.
fn last_name(path: &str) -> &str {
    let path = path.rsplit([':']).next().unwrap_or(path);
    let path = path.split('[').next().unwrap_or(path);
    path.rsplit('.').next().unwrap_or(path)
}

/// What the value at a path is to a person, if it is theirs.
pub(super) fn kind_of(path: &str) -> Option<Kind> {
    // `emails[type eq "work"].value` is an e-mail address.
    let plain: String = path.rsplit(']').next().filter(|_| path.contains(']')).map_or_else(
        || path.to_ascii_lowercase(),
        |rest| format!("{}{rest}", path.split('[').next().unwrap_or_default()).to_ascii_lowercase(),
    );
    // Extensions are named by URNs, with dots of their own.
    let plain = plain.rsplit(':').next().unwrap_or_default();
    let mut names = plain.split('.');
    let (first, second) = (names.next().unwrap_or_default(), names.next());
    Some(match (first, second) {
        ("id", None) => Kind::Id,
        ("manager", None | Some("value")) => Kind::Id,
        ("username" | "externalid", None) => Kind::Handle,
        ("emails" | "ims", None | Some("value" | "display")) => Kind::Handle,
        ("givenname", None) | ("name", Some("givenname")) => Kind::Given,
        ("familyname", None) | ("name", Some("familyname")) => Kind::Family,
        ("middlename", None) | ("name", Some("middlename")) => Kind::Middle,
        ("displayname" | "formatted", None) | ("name", Some("formatted")) | ("manager", Some("displayname")) => {
            Kind::Name
        }
        ("nickname", None) => Kind::Given,
        ("phonenumbers", None | Some("value" | "display")) => Kind::Phone,
        ("profileurl", None) | ("photos", None | Some("value")) => Kind::Link,
        ("addresses", Some("streetaddress" | "formatted" | "postalcode" | "locality")) => Kind::Text,
        ("employeenumber", None) | ("x509certificates", None | Some("value")) => Kind::Text,
        _ => return None,
    })
}

/// An identifier of the same look.
fn alias_of_id(text: &str, person: usize, nth: usize) -> String {
    let number = person * 100 + nth - 1;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_uuid = text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid {
        format!("00000000-0000-4000-8000-{number:012x}")
    } else if is_hex && text.len() >= 8 && text.len() <= 64 {
        format!("{number:0width$x}", width = text.len())
    } else if text.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("{}", 9_000_000 + number)
    } else {
        format!("id-{number:06}")
    }
}
