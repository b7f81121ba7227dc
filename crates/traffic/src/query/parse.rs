//! From text to tree. Never fails: what cannot be read is left out, with a diagnostic.
//!
//! ```text
//! any   = all *( "or" all )
//! all   = one *( ["and"] one )
//! one   = *( "not" / "-" / "!" ) ( "(" any ")" / term )
//! term  = field ":" [sign] value *( "," value ) / field sign value ... / field ":(" value *( ["or"] value ) ")"
//!       / word / text
//! value = word / text             ; text is in double quotes, with \" and \\
//! sign  = "=" / "!=" / "<" / "<=" / ">" / ">="
//! ```

use std::ops::Range;

use jiff::Timestamp;

use super::field::{FIELDS, Field, Form};
use super::hint::nearest;
use super::interval::{Comparison, Wrong};
use super::pattern::TextPattern;
use super::terms::{self, Term};
use super::tree::{Diagnostic, Kind, Node, Test};
use super::{DEEPEST, LONGEST_TEXT, MOST_TESTS};

mod pieces;

/// The clauses of a text and what could not be read of it.
pub(super) fn parse(text: &str, now: Timestamp) -> (Vec<Node>, Vec<Diagnostic>) {
    let end = text.floor_char_boundary(LONGEST_TEXT);
    let mut reader = Reader::new(&text[..end], now);
    if end < text.len() {
        reader.leave_out(end..text.len(), format!("a query has {LONGEST_TEXT} bytes at most; the rest is left out"));
    }
    let clauses = match reader.any().0 {
        None => Vec::new(),
        Some(Node { kind: Kind::All(parts), .. }) => parts,
        Some(node) => vec![node],
    };
    reader.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    (clauses, reader.diagnostics)
}

/// What stands before a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A word that begins here, or could: a field, a keyword, text.
    Word(usize),
    /// A value of this field, that begins here.
    Value(usize, Field),
    /// Something that nothing is known about.
    Nothing,
}

/// What stands at the end of a text.
pub(super) fn slot_at_the_end(text: &str, now: Timestamp) -> Slot {
    let mut reader = Reader::new(text, now);
    reader.any();
    let last = reader.slots.into_iter().rev().find(|(end, _)| *end == text.len());
    last.map_or(Slot::Word(text.len()), |(_, slot)| slot)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    tests: usize,
    diagnostics: Vec<Diagnostic>,
    /// Words and values in their order, each with its end.
    slots: Vec<(usize, Slot)>,
    now: Timestamp,
}

/// What was read, and whether there was anything, be it left out or not.
type Read = (Option<Node>, bool);

impl<'a> Reader<'a> {
    fn new(text: &'a str, now: Timestamp) -> Reader<'a> {
        Reader { text, at: 0, depth: 0, tests: 0, diagnostics: Vec::new(), slots: Vec::new(), now }
    }

    fn any(&mut self) -> Read {
        let start = self.at;
        let (mut parts, mut anything) = (Vec::new(), false);
        loop {
            let (part, found) = self.all();
            parts.extend(part);
            anything |= found;
            let Some(or) = self.keyword("or") else { break };
            if !found {
                self.leave_out(or, "`or` needs something before it; to search for the word, write \"or\"".into());
                anything = true;
            } else if self.is_at_end_of_group() {
                self.leave_out(or, "`or` needs something after it".into());
                break;
            }
        }
        (self.join(start, parts, Kind::Any), anything)
    }

    fn all(&mut self) -> Read {
        let start = self.skip_blanks();
        let (mut parts, mut anything) = (Vec::new(), false);
        loop {
            self.skip_blanks();
            if self.rest().is_empty() || self.peek_keyword("or") {
                break;
            }
            if self.rest().starts_with(')') {
                if self.depth > 0 {
                    break;
                }
                self.leave_out(self.at..self.at + 1, "there is no ( for this )".into());
                self.at += 1;
            } else if let Some(and) = self.keyword("and") {
                if !anything {
                    self.leave_out(
                        and,
                        "`and` needs something before it; to search for the word, write \"and\"".into(),
                    );
                } else if self.is_at_end_of_group() {
                    self.leave_out(and, "`and` needs something after it".into());
                }
            } else {
                parts.extend(self.one());
                anything = true;
            }
        }
        (self.join(start, parts, Kind::All), anything)
    }

    fn join(&self, start: usize, mut parts: Vec<Node>, many: fn(Vec<Node>) -> Kind) -> Option<Node> {
        match parts.len() {
            0 | 1 => parts.pop(),
            _ => {
                let end = parts.last().map_or(self.at, |part| part.span.end);
                let start = parts.first().map_or(start, |part| part.span.start);
                Some(Node { span: start..end, kind: many(parts) })
            }
        }
    }

    fn one(&mut self) -> Option<Node> {
        let start = self.at;
        let mut negated = false;
        loop {
            self.skip_blanks();
            if let Some(not) = self.keyword("not") {
                negated = !negated;
                if self.is_at_end_of_group() || self.peek_keyword("and") || self.peek_keyword("or") {
                    self.leave_out(not, "`not` needs something after it; to search for the word, write \"not\"".into());
                    return None;
                }
            } else if self.rest().starts_with(['-', '!']) && self.continues_after(1) {
                negated = !negated;
                self.at += 1;
            } else {
                break;
            }
        }
        let inner = if self.rest().starts_with('(') { self.group() } else { self.term() }?;
        let span = start..self.at;
        Some(match negated {
            true => Node { span, kind: Kind::Not(Box::new(inner)) },
            false => Node { span, kind: inner.kind },
        })
    }

    fn group(&mut self) -> Option<Node> {
        let open = self.at..self.at + 1;
        if self.depth == DEEPEST {
            self.skip_group();
            let message = format!("parentheses can be nested {DEEPEST} deep; this is left out");
            self.leave_out(open.start..self.at, message);
            return None;
        }
        self.at += 1;
        self.depth += 1;
        let (inner, anything) = self.any();
        self.depth -= 1;
        if self.rest().starts_with(')') {
            self.at += 1;
            if !anything {
                self.leave_out(open.start..self.at, "there is nothing between ( and )".into());
            }
        } else {
            self.remark(open, "there is no ) for this (; it is taken to reach to the end".into());
        }
        inner
    }

    fn term(&mut self) -> Option<Node> {
        let start = self.at;
        if self.rest().starts_with('"') {
            let text = self.quoted();
            self.slots.push((self.at, Slot::Nothing));
            return self.test(start..self.at, |now| terms::term(Field::Text, Comparison::Plain, &text, now));
        }
        let letters = self.rest().bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count();
        let name = &self.text[start..start + letters];
        let after = &self.text[start + letters..];
        let field = Field::with_name(name);
        if !name.is_empty() && after.starts_with(':') && !is_a_scheme(name) {
            self.at += letters + 1;
            return match field {
                Some(field) => self.values(start, field),
                None => self.unknown_field(start..start + letters),
            };
        }
        if let (Some(field), (true, true)) = (field, (after.starts_with(['<', '>', '=', '!']), sign_length(after) > 0))
        {
            self.at += letters;
            return self.values(start, field);
        }
        let word = self.raw(&[]);
        let span = start..self.at;
        self.slots.push((self.at, Slot::Word(start)));
        if word.eq_ignore_ascii_case("probe") {
            return self.test(span, |_| Ok(Test::Probe.into()));
        }
        if word.eq_ignore_ascii_case("pinned") {
            return self.test(span, |_| Ok(Test::Pinned.into()));
        }
        let word = word.to_owned();
        self.test(span, |now| terms::term(Field::Text, Comparison::Plain, &word, now))
    }

    fn unknown_field(&mut self, name: Range<usize>) -> Option<Node> {
        let written = self.text[name.clone()].to_owned();
        self.pass_over_value();
        self.slots.push((self.at, Slot::Nothing));
        let alias = FIELDS.iter().find(|field| field.aliases.iter().any(|other| other.eq_ignore_ascii_case(&written)));
        let names = || FIELDS.iter().map(|field| field.name);
        let suggestion = alias.map(|field| field.name).or_else(|| nearest(&written, names()));
        let message = match suggestion {
            Some(near) => format!("there is no field `{written}`; did you mean `{near}`?"),
            None => {
                let whole = &self.text[name.start..self.at];
                format!("there is no field `{written}`; to search for the text itself, write \"{whole}\"")
            }
        };
        let suggestion = suggestion.map(str::to_owned);
        self.diagnostics.push(Diagnostic { span: name, message, suggestion, left_out: true });
        None
    }

    /// The value or values after `field:` or `field`.
    fn values(&mut self, start: usize, field: Field) -> Option<Node> {
        let (comparison, length) = match field.form() {
            // Its signs stand behind the name.
            Form::Header => (Comparison::Plain, 0),
            _ => Comparison::at_the_start(self.rest()),
        };
        self.at += length;
        self.slots.push((self.at, Slot::Value(self.at, field)));
        let mut parts = Vec::new();
        let mut anything = false;
        if field.form() == Form::Header && !self.rest().starts_with('(') {
            anything = self.continues_after(0);
            parts.extend(self.header());
        } else if self.rest().starts_with('(') {
            let open = self.at..self.at + 1;
            self.at += 1;
            while self.skip_to_value() {
                anything = true;
                parts.extend(self.value(field, comparison, &[',']));
            }
            if self.rest().starts_with(')') {
                self.at += 1;
                self.slots.push((self.at, Slot::Nothing));
            } else {
                if self.text[..self.at].ends_with(|last: char| last.is_whitespace() || "(,".contains(last)) {
                    self.slots.push((self.at, Slot::Value(self.at, field)));
                }
                self.remark(open, "there is no ) for this (; it is taken to reach to the end".into());
            }
        } else {
            let stops: &[char] = if field.form() == Form::Text { &[] } else { &[','] };
            while self.continues_after(0) && !self.rest().starts_with('(') {
                if !self.rest().starts_with(',') || stops.is_empty() {
                    anything = true;
                    parts.extend(self.value(field, comparison, stops));
                }
                if stops.is_empty() || !self.rest().starts_with(',') {
                    break;
                }
                self.at += 1;
                self.slots.push((self.at, Slot::Value(self.at, field)));
            }
        }
        if !anything {
            let message = format!("`{}` needs a value: {}", field.name(), field.about());
            self.leave_out(start..self.at, message);
            return None;
        }
        let span = start..self.at;
        let joined = match parts.len() {
            0 => return None,
            1 => parts.pop()?,
            _ => Node { span: span.clone(), kind: Kind::Any(parts) },
        };
        Some(match comparison {
            Comparison::NotEqual => Node { span, kind: Kind::Not(Box::new(joined)) },
            _ => Node { span, kind: joined.kind },
        })
    }

    fn value(&mut self, field: Field, comparison: Comparison, stops: &[char]) -> Option<Node> {
        let start = self.at;
        let text = if self.rest().starts_with('"') { self.quoted() } else { self.raw(stops).to_owned() };
        self.slots.push((self.at, Slot::Value(start, field)));
        self.test(start..self.at, |now| terms::term(field, comparison, &text, now))
    }

    /// `name`, `name=value`, `name==value`.
    fn header(&mut self) -> Option<Node> {
        let start = self.at;
        let name = if self.rest().starts_with('"') { self.quoted() } else { self.raw(&['=', ':']).to_owned() };
        let named = start..self.at;
        self.slots.push((self.at, Slot::Value(start, Field::Header)));
        if !self.rest().starts_with(['=', ':']) {
            return self.test(named, |now| terms::term(Field::Header, Comparison::Plain, &name, now));
        }
        self.at += 1;
        let whole = self.rest().starts_with('=');
        self.at += usize::from(whole);
        self.slots.push((self.at, Slot::Nothing));
        if name.is_empty() {
            self.pass_over_value();
            self.leave_out(start..self.at, "`header` needs the name of a field before =".into());
            return None;
        }
        if !self.continues_after(0) {
            self.remark(start..self.at, format!("there is no text after =; all with a field {name} are selected"));
            return self.test(named, |_| Ok(terms::header(&name, None).into()));
        }
        let value = if self.rest().starts_with('"') { self.quoted() } else { self.raw(&[]).to_owned() };
        self.slots.push((self.at, Slot::Nothing));
        let pattern = if whole { TextPattern::whole(value) } else { TextPattern::part(value) };
        self.test(start..self.at, |_| Ok(terms::header(&name, Some(pattern)).into()))
    }

    /// Takes in one test, unless it is wrong or one too many.
    fn test(&mut self, span: Range<usize>, read: impl FnOnce(Timestamp) -> Result<Term, Wrong>) -> Option<Node> {
        if self.tests == MOST_TESTS {
            self.leave_out(span, format!("a query has {MOST_TESTS} tests at most; this one is left out"));
            return None;
        }
        match read(self.now) {
            Ok(term) => {
                self.tests += 1;
                Some(term.node(span))
            }
            Err(Wrong { message, suggestion }) => {
                self.diagnostics.push(Diagnostic { span, message, suggestion, left_out: true });
                None
            }
        }
    }

    fn leave_out(&mut self, span: Range<usize>, message: String) {
        self.diagnostics.push(Diagnostic { span, message, suggestion: None, left_out: true });
    }

    fn remark(&mut self, span: Range<usize>, message: String) {
        self.diagnostics.push(Diagnostic { span, message, suggestion: None, left_out: false });
    }
}

/// What stands before a colon without being meant as a field.
fn is_a_scheme(name: &str) -> bool {
    ["urn", "http", "https"].iter().any(|scheme| name.eq_ignore_ascii_case(scheme))
}

fn sign_length(text: &str) -> usize {
    Comparison::at_the_start(text).1
}
