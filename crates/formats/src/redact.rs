//! Taking secrets out of what was recorded, before anything writes it: credentials always, people if wanted.
//!
//! In two passes, because a secret that one exchange shows as such stands plainly in another: a token that was checked in a
//! header may be quoted by an error message an hour before. First a [`Learner`] sees every exchange; then the [`Redactor`]
//! that comes of it replaces what was learnt wherever it stands, encoded or not. The same value is replaced by the same text
//! everywhere, so that what is left still replays.

mod fields;
mod fragments;
mod json_text;
mod learn;
mod names;
mod patterns;
mod people;
mod report;
mod rules;
mod secrets;
mod target;
mod text;

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use scim::json::Json;

use crate::recorded::{Recorded, Request, Response, Timing};

pub use report::{Placeholder, Replaced, Report};
pub use rules::{BadRule, Rule, RuleOn};

use people::People;
use secrets::Vault;

/// What is taken out.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether credentials are.
    pub secrets: bool,
    /// Whether names, addresses and identifiers of people are replaced by aliases.
    pub people: bool,
    /// What else is.
    pub rules: Vec<Rule>,
}

impl Default for Settings {
    /// Credentials are taken out, and nothing else.
    fn default() -> Self {
        Settings { secrets: true, people: false, rules: Vec::new() }
    }
}

impl Settings {
    /// Nothing is taken out.
    pub fn off() -> Settings {
        Settings { secrets: false, people: false, rules: Vec::new() }
    }

    /// Whether anything is taken out at all.
    pub fn is_off(&self) -> bool {
        !self.secrets && !self.people && self.rules.is_empty()
    }
}

/// The first pass: sees everything that will be written, and remembers what has to go.
#[derive(Debug)]
pub struct Learner {
    settings: Settings,
    vault: Vault,
    people: People,
}

impl Learner {
    /// One that has seen nothing.
    pub fn new(settings: Settings) -> Learner {
        Learner { settings, vault: Vault::default(), people: People::default() }
    }

    /// Remembers what of an exchange has to go.
    pub fn learn(&mut self, recorded: &Recorded) {
        if !self.settings.is_off() {
            learn::learn(self, recorded);
        }
    }

    /// Remembers what of a resource has to go that is in no exchange.
    pub fn learn_resource(&mut self, resource: &Json) {
        self.learn(&reading(resource));
    }

    /// The second pass, for the same exchanges.
    pub fn into_redactor(self) -> Redactor {
        let Learner { settings, vault, mut people } = self;
        let literals = Literals::of(vault.literals());
        let aliases = Literals::of(people.literals());
        people.answer_fragments(&aliases);
        let report = Report::new(&settings, vault.variables());
        Redactor { settings: Arc::new(settings), vault, people, literals, aliases, report }
    }
}

/// The second pass: replaces what was learnt.
#[derive(Debug)]
pub struct Redactor {
    settings: Arc<Settings>,
    vault: Vault,
    people: People,
    /// Secrets, wherever they stand.
    literals: Literals,
    /// What belongs to people, wherever it stands.
    aliases: Literals,
    report: Report,
}

impl Redactor {
    /// One for a few exchanges that are at hand.
    pub fn for_all<'a>(settings: Settings, all: impl IntoIterator<Item = &'a Recorded>) -> Redactor {
        let mut learner = Learner::new(settings);
        all.into_iter().for_each(|recorded| learner.learn(recorded));
        learner.into_redactor()
    }

    /// Takes out of an exchange what has to go.
    pub fn redact(&mut self, recorded: &mut Recorded) {
        if !self.settings.is_off() {
            fields::redact(self, recorded);
        }
    }

    /// A resource that is in no exchange, without what has to go.
    pub fn resource(&mut self, resource: &Json) -> Json {
        let mut recorded = reading(resource);
        self.redact(&mut recorded);
        let body = recorded.response.map(|response| response.body).unwrap_or_default();
        scim::json::parse(&body, scim::json::Limits::default()).unwrap_or(Json::Null)
    }

    /// What was replaced so far.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Takes what has to go out of a text that is no exchange: the name of a flow.
    pub fn words(&mut self, words: &str) -> String {
        if self.settings.is_off() {
            return words.to_owned();
        }
        self.text(words, &|| "name of a flow".to_owned()).unwrap_or_else(|| words.to_owned())
    }
}

/// A resource as the answer to a request that nobody made.
fn reading(resource: &Json) -> Recorded {
    let text = |pointer: &str| resource.pointer(pointer).and_then(Json::as_str).unwrap_or_default();
    let response = Response { status: 200, body: resource.to_text().into(), ..Response::default() };
    Recorded {
        seq: 0,
        at: jiff::Timestamp::UNIX_EPOCH,
        origin: String::new(),
        client: None,
        server: None,
        request: Request {
            method: "GET".to_owned(),
            target: format!("/{}s/{}", text("/meta/resourceType"), text("/id")),
            ..Request::default()
        },
        response: Some(response),
        timing: Timing::default(),
        problem: None,
        scim: None,
    }
}

/// Texts that are replaced wherever they stand.
#[derive(Debug)]
struct Literals {
    finder: Option<AhoCorasick>,
    with: Vec<Literal>,
}

/// One of them.
#[derive(Clone, Debug)]
struct Literal {
    text: String,
    with: String,
    /// The same if the text begins with a capital letter: a name is often a user name, too.
    capital: Option<String>,
    /// Whether a letter or a digit beside it means that it is a part of something else.
    whole: bool,
}

impl Literals {
    fn of(with: Vec<Literal>) -> Literals {
        let finder = (!with.is_empty()).then(|| {
            let mut builder = AhoCorasick::builder();
            builder.match_kind(MatchKind::LeftmostLongest).ascii_case_insensitive(true);
            builder.build(with.iter().map(|literal| &literal.text)).ok()
        });
        Literals { finder: finder.flatten(), with }
    }

    /// The text with what was found replaced, and how often what was put in. None if there is nothing to replace.
    fn replace(&self, text: &str) -> Option<(String, Vec<&str>)> {
        let finder = self.finder.as_ref()?;
        let mut out = String::new();
        let (mut at, mut put) = (0, Vec::new());
        for found in finder.find_iter(text) {
            let literal = &self.with[found.pattern()];
            if literal.whole && !stands_alone(text, found.range()) {
                continue;
            }
            let is_capital = text[found.range()].starts_with(char::is_uppercase);
            let with = literal.capital.as_ref().filter(|_| is_capital).unwrap_or(&literal.with);
            out.push_str(&text[at..found.start()]);
            out.push_str(with);
            put.push(with.as_str());
            at = found.end();
        }
        if put.is_empty() {
            return None;
        }
        out.push_str(&text[at..]);
        Some((out, put))
    }

    /// The same for bytes that are no text.
    fn replace_bytes(&self, bytes: &[u8]) -> Option<(Vec<u8>, Vec<&str>)> {
        let finder = self.finder.as_ref()?;
        let (mut out, mut at, mut put) = (Vec::new(), 0, Vec::new());
        for found in finder.find_iter(bytes) {
            out.extend_from_slice(&bytes[at..found.start()]);
            out.extend_from_slice(self.with[found.pattern()].with.as_bytes());
            put.push(self.with[found.pattern()].with.as_str());
            at = found.end();
        }
        if put.is_empty() {
            return None;
        }
        out.extend_from_slice(&bytes[at..]);
        Some((out, put))
    }
}

fn stands_alone(text: &str, range: std::ops::Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}
