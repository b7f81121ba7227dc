//! The pieces that a query's text is made of: blanks, keywords, words and quoted texts.

use std::ops::Range;

use super::{Reader, Slot};

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Moves to the next piece and tells where it is.
    pub(super) fn skip_blanks(&mut self) -> usize {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }

    /// Whether a word goes on after so many bytes.
    pub(super) fn continues_after(&self, bytes: usize) -> bool {
        let next = self.rest().get(bytes..).and_then(|rest| rest.chars().next());
        next.is_some_and(|next| !next.is_whitespace() && next != ')')
    }

    pub(super) fn is_at_end_of_group(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty() || self.rest().starts_with(')')
    }

    pub(super) fn peek_keyword(&self, keyword: &str) -> bool {
        let rest = self.rest();
        let same = rest.get(..keyword.len()).is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        same && rest[keyword.len()..].chars().next().is_none_or(|next| next.is_whitespace() || "()".contains(next))
    }

    /// Takes a keyword if it is next, and tells where it was.
    pub(super) fn keyword(&mut self, keyword: &str) -> Option<Range<usize>> {
        let start = self.skip_blanks();
        self.peek_keyword(keyword).then(|| {
            self.at += keyword.len();
            self.slots.push((self.at, Slot::Word(start)));
            start..self.at
        })
    }

    /// A text in quotes, without them. One that is not closed reaches to the end.
    pub(super) fn quoted(&mut self) -> String {
        let open = self.at;
        let mut text = String::new();
        let mut chars = self.text[open + 1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = open + 1 + at + 1;
                    return text;
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => text.push('\\'),
                },
                other => text.push(other),
            }
        }
        self.at = self.text.len();
        self.remark(open..open + 1, "this quote is not closed; it is taken to reach to the end".into());
        text
    }

    /// A word: up to a blank, a parenthesis or one of `stops`. In brackets, as in `emails[type eq "work"].value`, they
    /// are a part of it.
    pub(super) fn raw(&mut self, stops: &[char]) -> &'a str {
        let start = self.at;
        let mut unclosed = false;
        while let Some(next) = self.rest().chars().next() {
            if next.is_whitespace() || matches!(next, '(' | ')') || stops.contains(&next) {
                break;
            }
            let bracket = if next == '[' && !unclosed { bracket_length(self.rest()) } else { None };
            // What one bracket does not find, the next does not either: looking once keeps this linear.
            unclosed |= next == '[' && bracket.is_none();
            self.at += bracket.unwrap_or(next.len_utf8());
        }
        &self.text[start..self.at]
    }

    /// In a list of values in parentheses: moves over commas and `or`. False at the end of the list.
    pub(super) fn skip_to_value(&mut self) -> bool {
        loop {
            self.skip_blanks();
            let rest = self.rest();
            if rest.starts_with(',') {
                self.at += 1;
            } else if rest.starts_with('(') {
                self.leave_out(self.at..self.at + 1, "values cannot be nested: leave out this (".into());
                self.at += 1;
            } else if self.keyword("or").is_none() {
                return !rest.is_empty() && !rest.starts_with(')');
            }
        }
    }

    /// Moves over the value of a field that is not known.
    pub(super) fn pass_over_value(&mut self) {
        self.at += super::sign_length(self.rest());
        if self.rest().starts_with('(') {
            self.skip_group();
        } else if self.rest().starts_with('"') {
            self.quoted();
        } else {
            self.raw(&[]);
        }
    }

    /// Moves behind the parenthesis that closes the one that is next.
    pub(super) fn skip_group(&mut self) {
        let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
        for (at, c) in self.rest().char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += at + 1;
                        return;
                    }
                }
                _ => {}
            }
        }
        self.at = self.text.len();
    }
}

/// The length of `[...]` at the beginning of a text, if it is closed; brackets in quotes do not close it.
fn bracket_length(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}
