//! The words that a query's values may be, as far as the rest of the program knows them.

use super::field::Field;
use super::hint::nearest;
use super::terms::METHODS;
use super::tree::{Diagnostic, FindingTest, Kind, Node, Test};
use crate::exchange::Exchange;

/// A value that can be offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The value.
    pub text: String,
    /// What it means, in a few words; may be empty.
    pub about: String,
}

impl Word {
    /// A value and what it means.
    pub fn new(text: impl Into<String>, about: impl Into<String>) -> Word {
        Word { text: text.into(), about: about.into() }
    }
}

/// The values of those fields that this room knows no list of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Values of `dialect`.
    pub dialects: Vec<Word>,
    /// Codes of findings.
    pub findings: Vec<Word>,
    /// Values of `tenant`.
    pub tenants: Vec<Word>,
    /// Names of resource types.
    pub resource_types: Vec<Word>,
    /// Values of `path` and `diff`.
    pub paths: Vec<Word>,
    /// Values of `user`.
    pub users: Vec<Word>,
    /// Values of `group`.
    pub groups: Vec<Word>,
    /// Values of `tag`.
    pub tags: Vec<Word>,
    /// Values of `rule`.
    pub rules: Vec<Word>,
}

/// Most values of one field that are taken from exchanges.
const MOST_SEEN: usize = 200;

impl Vocabulary {
    /// Takes in what an exchange is about and what paths it names, so that they can be offered.
    pub fn see(&mut self, exchange: &Exchange) {
        for tag in exchange.marks.iter().flat_map(|marks| &marks.tags) {
            add(&mut self.tags, tag, String::new);
        }
        let Some(handled) = exchange.outcome() else { return };
        let subject = &handled.subject;
        let list = match subject.resource_type.as_deref() {
            Some("User") => Some(&mut self.users),
            Some("Group") => Some(&mut self.groups),
            _ => None,
        };
        if let (Some(list), Some(display)) = (list, &subject.display) {
            add(list, display, || subject.resource_id.clone().unwrap_or_default());
        }
        for path in handled.operations.iter().filter_map(|operation| operation.path.as_deref()) {
            add(&mut self.paths, path, String::new);
        }
    }

    pub(super) fn check(&self, text: &str, node: &Node, diagnostics: &mut Vec<Diagnostic>) {
        let (field, value, words) = match &node.kind {
            Kind::All(parts) | Kind::Any(parts) => {
                return parts.iter().for_each(|part| self.check(text, part, diagnostics));
            }
            Kind::Not(part) => return self.check(text, part, diagnostics),
            Kind::Test(Test::Dialect(Some(value))) => (Field::Dialect, value, &self.dialects),
            Kind::Test(Test::Tenant(Some(value))) => (Field::Tenant, value, &self.tenants),
            Kind::Test(Test::Finding(FindingTest::Code(value))) => (Field::Finding, value, &self.findings),
            Kind::Test(Test::Method(value)) => {
                if !METHODS.contains(&value.as_str()) {
                    diagnostics.push(unknown(text, node, Field::Method, value, METHODS.iter().copied()));
                }
                return;
            }
            Kind::Test(_) => return,
        };
        if !words.iter().any(|word| word.text.eq_ignore_ascii_case(value)) {
            diagnostics.push(unknown(text, node, field, value, words.iter().map(|word| word.text.as_str())));
        }
    }
}

fn unknown<'a>(text: &str, node: &Node, field: Field, value: &str, words: impl Iterator<Item = &'a str>) -> Diagnostic {
    let near = nearest(value, words);
    let message = match near {
        Some(near) => format!("no {} {value} is known; did you mean `{near}`?", field.name()),
        None => format!("no {} {value} is known", field.name()),
    };
    // The node may be the whole test; the value is the last thing in it, if it needs no escapes.
    let written = text[node.span.clone()].to_ascii_lowercase();
    let place = written.rfind(&value.to_ascii_lowercase()).map(|at| node.span.start + at);
    let span = place.map_or(node.span.clone(), |start| start..start + value.len());
    Diagnostic { span, message, suggestion: near.filter(|_| place.is_some()).map(str::to_owned), left_out: false }
}

fn add(list: &mut Vec<Word>, text: &str, about: impl FnOnce() -> String) {
    if !text.is_empty() && list.len() < MOST_SEEN && !list.iter().any(|word| word.text == text) {
        list.push(Word::new(text, about()));
    }
}
