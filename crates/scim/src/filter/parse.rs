//! The grammar of filters, as a reader that goes once over the text. Grouping binds tightest, then `not`, `and`, `or`.

use std::ops::Range;

use super::{Expression, FilterError, Literal, Name, Operator, Quirk, Test};
use crate::json::{self, Json, Limits};
use crate::number::Number;
use crate::schema::suggestion;

/// How deep parentheses and brackets may nest. Printing and evaluation recurse, so this bounds the stack.
const DEPTH: usize = 64;

/// How many bytes a filter may have: as many as a request target can carry, so that POST `.search` opens no other door.
const BYTES: usize = 64 * 1024;

/// How many conditions a filter may have. Each is asked of each resource, so this bounds the work of a query; PATCH bounds
/// its own.
const CONDITIONS: usize = 1024;

/// What people write for an operator who do not know SCIM's.
const FOREIGN_OPERATORS: &[(&str, &str)] = &[
    ("=", "eq"),
    ("==", "eq"),
    ("equals", "eq"),
    ("is", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    (">", "gt"),
    (">=", "ge"),
    ("gte", "ge"),
    ("<", "lt"),
    ("<=", "le"),
    ("lte", "le"),
    ("contains", "co"),
    ("like", "co"),
    ("startswith", "sw"),
    ("starts", "sw"),
    ("endswith", "ew"),
    ("ends", "ew"),
    ("present", "pr"),
    ("exists", "pr"),
];

/// Reads a filter, or as much of one as a PATCH path holds.
pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    conditions: usize,
    most_conditions: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Parser { text, at: 0, depth: 0, conditions: 0, most_conditions: usize::MAX, in_brackets: false }
    }

    /// The text is a filter and nothing else.
    pub(crate) fn whole(&mut self) -> Result<Expression, FilterError> {
        if self.text.len() > BYTES {
            let end = self.text.floor_char_boundary(BYTES);
            let message = format!("the filter has {} bytes; at most {BYTES} are read", self.text.len());
            return Err(self.fault(end..self.text.len(), message));
        }
        self.most_conditions = CONDITIONS;
        self.blanks();
        if self.at_end() {
            return Err(self.fault(self.at..self.at, "the filter is empty"));
        }
        let expression = self.any()?;
        match self.peek() {
            None => Ok(expression),
            Some(')') => Err(self.fault(self.here(), "this ')' closes nothing")),
            Some(']') => Err(self.fault(self.here(), "this ']' closes nothing")),
            Some(_) => Err(self.fault(self.word(), "expected \"and\", \"or\" or the end of the filter")),
        }
    }

    fn any(&mut self) -> Result<Expression, FilterError> {
        self.joined("or", Parser::all, Expression::Or)
    }

    fn all(&mut self) -> Result<Expression, FilterError> {
        self.joined("and", Parser::factor, Expression::And)
    }

    /// One or more parts with a word between them. They go into one list: a chain of a thousand `or` is no deeper than one.
    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Expression, FilterError>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, FilterError> {
        let first = part(self)?;
        let mut rest = Vec::new();
        self.blanks();
        while self.take_word(word) {
            self.blanks();
            rest.push(part(self)?);
            self.blanks();
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(join(rest))
    }

    fn factor(&mut self) -> Result<Expression, FilterError> {
        self.blanks();
        if self.peek() == Some('(') {
            return self.group();
        }
        let start = self.at;
        if self.take_word("not") {
            self.blanks();
            if self.peek() == Some('(') {
                return Ok(Expression::Not(Box::new(self.group()?)));
            }
            return Err(self.fault(start..self.at, "\"not\" must be followed by an expression in parentheses"));
        }
        let attribute = self.attribute()?;
        if ["and", "or"].iter().any(|word| attribute.text.eq_ignore_ascii_case(word)) {
            let message = format!("{:?} joins two conditions; the one before it is missing", attribute.text);
            return Err(self.fault(attribute.span, message));
        }
        if self.peek() == Some('[') {
            let inner = Box::new(self.brackets(&attribute)?);
            let then = if self.peek() == Some('.') {
                self.at += 1;
                let sub = self.attribute()?;
                let test = self.test(&sub)?;
                Some((sub, test))
            } else {
                None
            };
            return Ok(Expression::ValuePath { attribute, inner, then });
        }
        let test = self.test(&attribute)?;
        Ok(Expression::Test { attribute, test })
    }

    fn group(&mut self) -> Result<Expression, FilterError> {
        let open = self.at;
        self.deeper(open)?;
        self.at += 1;
        let inner = self.any()?;
        self.blanks();
        if self.peek() != Some(')') {
            return Err(match self.peek() {
                None => self.fault(open..open + 1, "this '(' is never closed"),
                Some(_) => self.fault(self.word(), "expected \"and\", \"or\" or ')'"),
            });
        }
        self.at += 1;
        self.depth -= 1;
        Ok(inner)
    }

    /// The condition in brackets after an attribute; the reader stands at the opening one.
    pub(crate) fn brackets(&mut self, attribute: &Name) -> Result<Expression, FilterError> {
        let open = self.at;
        if self.in_brackets {
            return Err(
                self.fault(open..open + 1, "a value filter inside a value filter: the grammar has one level only")
            );
        }
        self.deeper(open)?;
        self.in_brackets = true;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(']') {
            let message = format!("the value filter of {} is empty", attribute.text);
            return Err(self.fault(open..self.at + 1, message));
        }
        let inner = self.any()?;
        self.blanks();
        if self.peek() != Some(']') {
            return Err(match self.peek() {
                None => self.fault(open..open + 1, "this '[' is never closed"),
                Some(_) => self.fault(self.word(), "expected \"and\", \"or\" or ']'"),
            });
        }
        self.at += 1;
        self.in_brackets = false;
        self.depth -= 1;
        Ok(inner)
    }

    fn deeper(&mut self, open: usize) -> Result<(), FilterError> {
        if self.depth == DEPTH {
            let message = format!("parentheses and brackets nested deeper than {DEPTH} levels");
            return Err(self.fault(open..open + 1, message));
        }
        self.depth += 1;
        Ok(())
    }

    /// An attribute's name, with URN and sub-attribute if it has them.
    pub(crate) fn attribute(&mut self) -> Result<Name, FilterError> {
        let start = self.at;
        let length = self.rest().find(|letter| !is_name_letter(letter)).unwrap_or(self.rest().len());
        if !self.rest()[..length].starts_with(|first: char| first.is_ascii_alphabetic() || first == '$') {
            return Err(match self.peek() {
                None => self.fault(start..start, "the text ends where an attribute name is expected"),
                Some(found) => {
                    let advice = if matches!(found, '"' | '\'') { "; names are written without quotes" } else { "" };
                    self.fault(self.here(), format!("{} where an attribute name is expected{advice}", self.found()))
                }
            });
        }
        self.at += length;
        Ok(Name { text: self.text[start..self.at].to_owned(), span: start..self.at })
    }

    fn test(&mut self, attribute: &Name) -> Result<Test, FilterError> {
        self.conditions += 1;
        if self.conditions > self.most_conditions {
            let message = format!("more than {CONDITIONS} conditions in one filter; ask in several requests");
            return Err(self.fault(attribute.span.clone(), message));
        }
        let gap = self.blanks();
        let start = self.at;
        let length = self.operator_length();
        let word = &self.rest()[..length];
        if gap == 0 || word.is_empty() {
            let message = match self.peek() {
                None => format!("an operator is missing after {}", attribute.text),
                Some(found) if gap == 0 && !matches!(found, '(' | ')' | '[' | ']') => {
                    format!("{} cannot be part of an attribute name", self.found())
                }
                Some(_) => format!("{} where an operator is expected after {}", self.found(), attribute.text),
            };
            return Err(self.fault(self.here(), message));
        }
        self.at += length;
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Test::Present);
        }
        let Some(operator) = Operator::from_keyword(word) else {
            return Err(self.fault(start..self.at, unknown_operator(word)));
        };
        let literal = self.literal(operator)?;
        Ok(Test::Compare(operator, literal))
    }

    /// Letters and digits, or signs such as `>=`.
    fn operator_length(&self) -> usize {
        let end = |stop: fn(char) -> bool| self.rest().find(stop).unwrap_or(self.rest().len());
        match end(|letter| !letter.is_ascii_alphanumeric()) {
            0 => end(|letter| !matches!(letter, '=' | '<' | '>' | '!' | '~')),
            length => length,
        }
    }

    fn literal(&mut self, operator: Operator) -> Result<Literal, FilterError> {
        let no_blank = (self.blanks() == 0).then_some(Quirk::NoBlank);
        let start = self.at;
        match self.peek() {
            None => Err(self.fault(start..start, format!("a value is missing after {operator}"))),
            Some('"') => {
                let value = self.string()?;
                Ok(Literal { value, span: start..self.at, quirk: no_blank })
            }
            Some('\'') => {
                let Some(length) = self.rest()[1..].find('\'') else {
                    return Err(self.fault(start..self.text.len(), "this string has no closing quote"));
                };
                let text = &self.rest()[1..1 + length];
                if let Some(at) = text.find(char::is_control) {
                    let message = "control character in a string; JSON writes it as an escape in double quotes";
                    return Err(self.fault(start + 1 + at..start + 1 + length, message));
                }
                let value = Json::from(text);
                self.at += length + 2;
                Ok(Literal { value, span: start..self.at, quirk: Some(Quirk::SingleQuotes) })
            }
            Some(_) => {
                let span = self.word();
                let word = &self.text[span.clone()];
                let (value, quirk) = match word {
                    "true" => (Json::Bool(true), no_blank),
                    "false" => (Json::Bool(false), no_blank),
                    "null" => (Json::Null, no_blank),
                    "" => {
                        let message = format!("{} where a value is expected after {operator}", self.found());
                        return Err(self.fault(self.here(), message));
                    }
                    word => match Number::parse(word) {
                        Some(number) => (Json::Number(number), no_blank),
                        None => (Json::from(word), Some(Quirk::Unquoted)),
                    },
                };
                self.at = span.end;
                Ok(Literal { value, span, quirk })
            }
        }
    }

    /// A JSON string; the JSON reader decodes it, so escapes mean the same everywhere.
    fn string(&mut self) -> Result<Json, FilterError> {
        let start = self.at;
        let mut escaped = false;
        let length = self.rest()[1..].bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(length) = length else {
            return Err(self.fault(start..self.text.len(), "this string has no closing quote"));
        };
        let end = start + length + 2;
        let value = json::parse(&self.text.as_bytes()[start..end], Limits::default()).map_err(|error| {
            let at = start + error.offset;
            self.fault(at..end, error.message)
        })?;
        self.at = end;
        Ok(value)
    }

    /// Whether the next word is this one, without regard to case; if so, the reader goes behind it.
    fn take_word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let found = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(is_name_letter);
        if found {
            self.at += word.len();
        }
        found
    }

    pub(crate) fn fault(&self, span: Range<usize>, message: impl Into<String>) -> FilterError {
        FilterError::new(self.text, span, message)
    }

    /// The bytes up to the next blank, control character, parenthesis or bracket.
    fn word(&self) -> Range<usize> {
        let stop =
            |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '(' | ')' | '[' | ']');
        self.at..self.at + self.rest().find(stop).unwrap_or(self.rest().len())
    }

    /// The next character.
    pub(crate) fn here(&self) -> Range<usize> {
        self.at..self.at + self.peek().map_or(0, char::len_utf8)
    }

    /// The next character, or the end, as words for messages.
    pub(crate) fn found(&self) -> String {
        match self.peek() {
            None => "the end of the text".to_owned(),
            Some(found) if found.is_control() => format!("character U+{:04X}", u32::from(found)),
            Some(found) => format!("'{found}'"),
        }
    }

    fn blanks(&mut self) -> usize {
        let length = self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
        self.at += length;
        length
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(crate) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(crate) fn at_end(&self) -> bool {
        self.at == self.text.len()
    }
}

/// Letters of names, and of the URNs and URLs that name schemas.
fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '$' | '.' | ':' | '/' | '%' | '~' | '+' | '#')
}

fn unknown_operator(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let hint = match FOREIGN_OPERATORS.iter().find(|(foreign, _)| *foreign == lower) {
        Some((_, ours)) => format!("; did you mean {ours}?"),
        None => {
            let known = Operator::ALL.into_iter().map(Operator::keyword).chain(["pr"]);
            match suggestion(word, known) {
                hint if hint.is_empty() => "; the operators are eq ne co sw ew pr gt ge lt le".to_owned(),
                hint => hint,
            }
        }
    };
    format!("unknown operator {word:?}{hint}")
}
