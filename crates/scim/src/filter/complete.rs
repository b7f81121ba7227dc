//! What can stand at the cursor in a filter.

use std::ops::Range;

use super::Operator;
use crate::json::Json;
use crate::schema::{Attribute, Kind, Returned, Shape, Target};

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// The name of an attribute.
    Attribute,
    /// `eq`, `pr` and the like.
    Operator,
    /// A literal.
    Value,
    /// `and`, `or`, `not`, a bracket.
    Keyword,
}

/// Text that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What to put in the place of [`Completions::span`].
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
/// Nobody types a longer filter by hand.
const LONGEST_TEXT: usize = 16 << 10;

/// What is expected at a place.
#[derive(Clone, Debug)]
enum Slot {
    Attribute,
    /// After the name of this attribute.
    Operator(String),
    /// After an operator on this attribute.
    Value(String),
    /// After a condition.
    Joint,
}

/// What can stand at the cursor, a byte offset; one inside a character counts as before it, one beyond the end as at it.
pub fn complete(shape: &Shape, text: &str, cursor: usize) -> Completions {
    let cursor = text.floor_char_boundary(cursor);
    if cursor > LONGEST_TEXT {
        return Completions { span: cursor..cursor, items: Vec::new() };
    }
    let (slot, around, open, start) = place(&text[..cursor]);
    let typed = &text[start..cursor];
    let rest = text[cursor..].find(|c: char| !is_word(c)).unwrap_or(text.len() - cursor);
    let end = if typed.is_empty() { cursor } else { cursor + rest };
    let found = match &slot {
        Slot::Attribute => attributes(shape, around.as_deref()),
        Slot::Operator(name) => operators(leaf(shape, around.as_deref(), name)),
        Slot::Value(name) => values(leaf(shape, around.as_deref(), name)),
        Slot::Joint => joints(open),
    };
    let wanted = typed.to_lowercase();
    let (mut items, inside): (Vec<Completion>, Vec<Completion>) = found
        .into_iter()
        .filter(|item| item.text.to_lowercase().contains(&wanted))
        .partition(|item| item.text.to_lowercase().starts_with(&wanted));
    items.extend(inside);
    items.truncate(MOST);
    Completions { span: start..end, items }
}

/// Which part of the grammar the end of a text is in: what is expected, the attribute whose brackets are around it, what is
/// open, and where the word begins that is being typed.
fn place(text: &str) -> (Slot, Option<String>, Vec<char>, usize) {
    let mut slot = Slot::Attribute;
    let mut around: Option<String> = None;
    let mut open = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let first = rest.chars().next().unwrap_or(' ');
        let (token, length) = match first {
            '"' => (Token::Literal, string_length(rest)),
            '(' | ')' | '[' | ']' => (Token::Mark(first), 1),
            c if is_word(c) => {
                let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                (Token::Word(&rest[..length]), length)
            }
            c => (Token::Blank, c.len_utf8()),
        };
        let end = at + length;
        // What touches the cursor is still being typed.
        if end == text.len() && matches!(token, Token::Word(_) | Token::Literal) {
            return (slot, around, open, at);
        }
        slot = match (token, slot) {
            (Token::Blank, slot) => slot,
            (Token::Mark('('), _) => {
                open.push('(');
                Slot::Attribute
            }
            (Token::Mark('['), Slot::Operator(name)) => {
                around = Some(name);
                open.push('[');
                Slot::Attribute
            }
            (Token::Mark(mark), _) => {
                if mark == ']' {
                    around = None;
                }
                open.pop();
                Slot::Joint
            }
            (Token::Word(word), Slot::Attribute) if word.eq_ignore_ascii_case("not") => Slot::Attribute,
            (Token::Word(word), Slot::Attribute) => Slot::Operator(word.to_owned()),
            (Token::Word(word), Slot::Operator(_)) if word.eq_ignore_ascii_case("pr") => Slot::Joint,
            (Token::Word(_), Slot::Operator(name)) => Slot::Value(name),
            (Token::Word(_), Slot::Joint) => Slot::Attribute,
            (Token::Literal, _) | (Token::Word(_), Slot::Value(_)) => Slot::Joint,
        };
        at = end;
    }
    (slot, around, open, text.len())
}

enum Token<'a> {
    Word(&'a str),
    Literal,
    Mark(char),
    Blank,
}

fn is_word(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '"' | '(' | ')' | '[' | ']')
}

/// Bytes of a string literal, the quotes included; all of the text if it does not end.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn attributes(shape: &Shape, around: Option<&str>) -> Vec<Completion> {
    let mut found = Vec::new();
    if let Some(around) = around {
        if let Ok(Target::Attribute { attribute, .. }) = shape.resolve(around) {
            let subs = attribute.sub_attributes.iter().filter(|sub| sub.returned != Returned::Never);
            found.extend(subs.map(|sub| named(sub.name.clone(), sub)));
        }
        return found;
    }
    for attribute in shape.core_attributes() {
        paths(&mut found, "", attribute);
    }
    for (schema, _) in &shape.extensions {
        let prefix = format!("{}:", schema.id);
        schema.attributes.iter().for_each(|attribute| paths(&mut found, &prefix, attribute));
    }
    found.push(keyword("not (", "the opposite of what is in the parentheses"));
    found
}

fn paths(found: &mut Vec<Completion>, prefix: &str, attribute: &Attribute) {
    if attribute.returned == Returned::Never {
        return;
    }
    let name = format!("{prefix}{}", attribute.name);
    if attribute.kind != Kind::Complex {
        return found.push(named(name, attribute));
    }
    if attribute.multi_valued {
        let about = format!("one of {}, by a condition in brackets", attribute.name);
        found.push(Completion { text: format!("{name}["), about, kind: CompletionKind::Attribute });
    }
    let subs = attribute.sub_attributes.iter().filter(|sub| sub.returned != Returned::Never);
    found.extend(subs.map(|sub| named(format!("{name}.{}", sub.name), sub)));
}

fn named(text: String, attribute: &Attribute) -> Completion {
    let about = attribute.description.split(". ").next().unwrap_or_default();
    let mut about: String = about.chars().take(120).collect();
    if about.is_empty() {
        about = kind_word(attribute.kind).to_owned();
    }
    Completion { text, about, kind: CompletionKind::Attribute }
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "text",
        Kind::Complex => "several values",
        Kind::Boolean => "true or false",
        Kind::Decimal | Kind::Integer => "a number",
        Kind::DateTime => "a time",
        Kind::Binary => "Base64",
        Kind::Reference => "a URI",
    }
}

/// The attribute that a condition is about: of a complex one its `value`.
fn leaf<'a>(shape: &'a Shape, around: Option<&str>, name: &str) -> Option<&'a Attribute> {
    let path = around.map_or_else(|| name.to_owned(), |around| format!("{around}.{name}"));
    match shape.resolve(&path) {
        Ok(Target::Attribute { attribute, sub, .. }) => {
            let leaf = sub.unwrap_or(attribute);
            Some(if leaf.kind == Kind::Complex { leaf.sub("value").unwrap_or(leaf) } else { leaf })
        }
        _ => None,
    }
}

fn operators(attribute: Option<&Attribute>) -> Vec<Completion> {
    let fits = |operator: &Operator| match attribute.map(|attribute| attribute.kind) {
        Some(Kind::Boolean | Kind::Binary) => matches!(operator, Operator::Equal | Operator::NotEqual),
        Some(Kind::Integer | Kind::Decimal | Kind::DateTime) => {
            !matches!(operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith)
        }
        _ => true,
    };
    let comparing = Operator::ALL.into_iter().filter(fits).map(|operator| Completion {
        text: operator.keyword().to_owned(),
        about: operator.words().to_owned(),
        kind: CompletionKind::Operator,
    });
    let present = Completion { text: "pr".to_owned(), about: "has a value".to_owned(), kind: CompletionKind::Operator };
    comparing.chain([present]).collect()
}

fn values(attribute: Option<&Attribute>) -> Vec<Completion> {
    let value = |text: String| Completion { text, about: String::new(), kind: CompletionKind::Value };
    match attribute {
        Some(attribute) if attribute.kind == Kind::Boolean => ["true", "false"].map(|word| value(word.into())).into(),
        Some(attribute) => {
            attribute.canonical_values.iter().map(|text| value(Json::from(text.as_str()).to_text())).collect()
        }
        None => Vec::new(),
    }
}

fn joints(open: Vec<char>) -> Vec<Completion> {
    let mut found = vec![keyword("and", "both must hold"), keyword("or", "one must hold")];
    match open.last() {
        Some('(') => found.push(keyword(")", "ends the parentheses")),
        Some('[') => found.push(keyword("]", "ends the condition on one element")),
        _ => {}
    }
    found
}

fn keyword(text: &str, about: &str) -> Completion {
    Completion { text: text.to_owned(), about: about.to_owned(), kind: CompletionKind::Keyword }
}
