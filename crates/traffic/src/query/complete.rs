//! What can stand at the cursor.

use std::ops::Range;

use jiff::Timestamp;

use super::LONGEST_TEXT;
use super::field::Field;
use super::parse::{Slot, slot_at_the_end};
use super::terms::{METHODS, OPERATIONS, SEVERITIES, VERDICTS};
use super::words::{Vocabulary, Word};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A field, with its colon; a value has to follow.
    Field,
    /// A value, or a field with its value.
    Value,
    /// A word of the language.
    Keyword,
}

/// Text that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What to put in the place of [`Completions::span`]; in quotes if it needs them.
    pub text: String,
    /// What it means, in a few words; may be empty.
    pub about: String,
    /// What it is.
    pub kind: CompletionKind,
}

/// Everything that can stand at the cursor, likeliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The bytes of the text that a completion replaces.
    pub span: Range<usize>,
    /// The completions.
    pub items: Vec<Completion>,
}

/// Most completions at once.
const MOST: usize = 40;

/// A word of this length is also looked for among values, not only among fields.
const LONG_ENOUGH: usize = 2;

/// What can stand at the cursor, a byte offset; one inside a character counts as before it, one beyond the end as at it.
pub fn complete(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Completions {
    let cursor = text.floor_char_boundary(cursor);
    if cursor > LONGEST_TEXT {
        return Completions { span: cursor..cursor, items: Vec::new() };
    }
    // Times have no influence on where things are.
    let slot = slot_at_the_end(&text[..cursor], Timestamp::UNIX_EPOCH);
    let (start, field, whole_word) = match slot {
        Slot::Word(start) => (start, None, true),
        Slot::Value(start, field) => (start, Some(field), true),
        Slot::Nothing => (cursor, None, false),
    };
    if !whole_word {
        return Completions { span: cursor..cursor, items: Vec::new() };
    }
    let typed = &text[start..cursor];
    let span = start..cursor + rest_of_the_word(&text[cursor..], typed.starts_with('"'));
    let typed = typed.trim_start_matches('"');
    let mut found = Found { typed, items: Vec::new() };
    match field {
        Some(field) => values(field, vocabulary).iter().for_each(|word| found.offer(CompletionKind::Value, "", word)),
        None => {
            for field in Field::all() {
                let word = Word::new(field.name(), field.about());
                found.offer_as(CompletionKind::Field, &word, format!("{}:", field.name()));
            }
            for (word, about) in [
                ("not", "what follows does not hold; - does the same"),
                ("probe", "only tests that the server is there"),
                ("pinned", "kept whatever is pruned"),
                ("or", "one side or the other"),
            ] {
                found.offer(CompletionKind::Keyword, "", &Word::new(word, about));
            }
            if typed.chars().count() >= LONG_ENOUGH {
                for field in [Field::Method, Field::Verdict, Field::Dialect, Field::User, Field::Group, Field::Finding]
                {
                    let prefix = format!("{}:", field.name());
                    values(field, vocabulary).iter().for_each(|word| found.offer(CompletionKind::Value, &prefix, word));
                }
            }
        }
    }
    Completions { span, items: found.ranked() }
}

struct Found<'a> {
    typed: &'a str,
    items: Vec<(u8, Completion)>,
}

impl Found<'_> {
    fn offer(&mut self, kind: CompletionKind, prefix: &str, word: &Word) {
        self.offer_as(kind, word, format!("{prefix}{}", quoted(&word.text)));
    }

    fn offer_as(&mut self, kind: CompletionKind, word: &Word, text: String) {
        let (word_text, typed) = (word.text.to_lowercase(), self.typed.to_lowercase());
        let rank = match word_text.find(&typed) {
            Some(0) => 0,
            Some(_) => 1,
            None => return,
        };
        self.items.push((rank, Completion { text, about: word.about.clone(), kind }));
    }

    fn ranked(mut self) -> Vec<Completion> {
        self.items.sort_by_key(|(rank, _)| *rank);
        self.items.into_iter().take(MOST).map(|(_, item)| item).collect()
    }
}

/// How much of what follows the cursor belongs to the word at the cursor.
fn rest_of_the_word(after: &str, in_quotes: bool) -> usize {
    let end = match in_quotes {
        // Without a closing quote, nothing says how far the text was meant to go.
        true => return after.find('"').map_or(0, |at| at + 1),
        false => after.find(|c: char| c.is_whitespace() || "()\",:<>=".contains(c)).unwrap_or(after.len()),
    };
    // The colon of a field that is replaced by one with its colon.
    end + usize::from(after[end..].starts_with(':'))
}

/// The text as it has to be written.
fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || "()\",\\".contains(c))
        && !text.starts_with(['<', '>', '=', '!', '-']);
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

fn values(field: Field, vocabulary: &Vocabulary) -> Vec<Word> {
    let fixed =
        |words: &[(&str, &str)]| -> Vec<Word> { words.iter().map(|(text, about)| Word::new(*text, *about)).collect() };
    let with = |mut own: Vec<Word>, others: &[Word]| {
        own.extend_from_slice(others);
        own
    };
    match field {
        Field::Status => fixed(&[
            ("2xx", "success"),
            ("4xx", "refused"),
            ("5xx", "failed"),
            ("200", "OK"),
            ("201", "created"),
            ("204", "done, nothing to tell"),
            ("400", "bad request"),
            ("401", "not authenticated"),
            ("403", "not allowed"),
            ("404", "not found"),
            ("409", "conflict"),
            ("412", "another version"),
            ("413", "too large"),
            ("429", "too many requests"),
            ("500", "failure"),
            ("none", "no response"),
        ]),
        Field::Method => METHODS.iter().map(|method| Word::new(*method, "")).collect(),
        Field::Op => {
            let operations = OPERATIONS.iter().map(|word| Word::new(*word, "operation of a PATCH"));
            operations.chain(METHODS.iter().map(|word| Word::new(word.to_ascii_lowercase(), "HTTP method"))).collect()
        }
        Field::Verdict => VERDICTS.iter().map(|(_, word)| Word::new(*word, "")).collect(),
        Field::Finding => {
            let mut own = fixed(&[("any", "with findings"), ("none", "without findings")]);
            own.extend(SEVERITIES.iter().map(|(_, word)| Word::new(*word, "severity")));
            with(own, &vocabulary.findings)
        }
        Field::Dialect => with(vocabulary.dialects.clone(), &[Word::new("none", "not recognised")]),
        Field::Tenant => with(vocabulary.tenants.clone(), &[Word::new("none", "the path led to no tenant")]),
        Field::Probe | Field::Pinned => fixed(&[("yes", ""), ("no", "")]),
        Field::Flow => fixed(&[
            ("provision", "makes a user"),
            ("update", "changes a resource"),
            ("deactivate", "sets active to false"),
            ("reactivate", "sets active to true"),
            ("delete", "deletes a resource"),
            ("group-push", "makes a group, or says who is in it"),
            ("membership", "changes who is in a group"),
            ("import", "reads everything, page by page"),
            ("lookup", "looks for a resource"),
            ("discovery", "reads what the server can do"),
            ("test-connection", "tests the connection"),
        ]),
        Field::Tag => {
            with(vocabulary.tags.clone(), &[Word::new("any", "with a tag"), Word::new("none", "without tags")])
        }
        Field::Rule => with(
            vocabulary.rules.clone(),
            &[Word::new("any", "touched by a rule"), Word::new("none", "touched by no rule")],
        ),
        Field::Origin => fixed(&[("scimscope", "sent by this program"), ("client", "sent by a client")]),
        Field::Took => fixed(&[("10ms..100ms", ""), ("100ms..1s", ""), ("1s..", "a second or more")]),
        Field::Since | Field::Until | Field::Time => {
            fixed(&[("5m", "five minutes ago"), ("1h", "an hour ago"), ("1d", "a day ago")])
        }
        Field::Header => fixed(&[
            ("user-agent", "the client's name"),
            ("authorization", "credentials"),
            ("content-type", "media type of a body"),
            ("accept", "media types that the client takes"),
            ("if-match", "only this version"),
            ("if-none-match", "only another version"),
            ("etag", "version of the resource"),
            ("location", "address of the resource"),
            ("host", "name of the server"),
            ("www-authenticate", "how to authenticate"),
        ]),
        Field::User => vocabulary.users.clone(),
        Field::Group => vocabulary.groups.clone(),
        Field::Resource => vocabulary.resource_types.clone(),
        Field::Path | Field::Diff => vocabulary.paths.clone(),
        Field::Target | Field::Body | Field::Text | Field::Seq | Field::Note => Vec::new(),
    }
}
