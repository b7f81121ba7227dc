//! Rules of one's own: what is secret in one company and nowhere else.

use regex::Regex;

/// Longest text of a rule.
const LONGEST: usize = 1000;

/// Something that is taken out.
#[derive(Clone, Debug)]
pub struct Rule {
    on: RuleOn,
    text: String,
    matcher: Matcher,
}

/// What a rule goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleOn {
    /// The value of a header field with this name, in any case.
    Header,
    /// What stands at a path in JSON bodies: `$.nickName`, `$..ssn`, `$.emails[*].value`, `$['urn:...:User'].badge`.
    JsonPath,
    /// What a regular expression finds in any text; of one with a group, only what the group finds.
    Pattern,
}

#[derive(Clone, Debug)]
enum Matcher {
    Header,
    Path(Vec<Segment>),
    Pattern(Regex),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// A member of this name, in any case.
    Name(String),
    /// Any member.
    Any,
    /// Any number of members.
    Deep,
}

/// Why something is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no rule: {why}")]
pub struct BadRule {
    text: String,
    why: String,
}

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// If the text is no name, no path or no regular expression.
    pub fn new(on: RuleOn, text: &str) -> Result<Rule, BadRule> {
        let bad = |why: &str| BadRule { text: text.chars().take(100).collect(), why: why.to_owned() };
        if text.is_empty() || text.len() > LONGEST {
            return Err(bad("it is empty or longer than 1000 bytes"));
        }
        let matcher = match on {
            RuleOn::Header if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_') => {
                Matcher::Header
            }
            RuleOn::Header => return Err(bad("the name of a header field has letters, digits and hyphens only")),
            RuleOn::JsonPath => Matcher::Path(path(text).map_err(|why| bad(&why))?),
            RuleOn::Pattern => {
                let pattern = Regex::new(text).map_err(|error| bad(&error.to_string()))?;
                if pattern.is_match("") {
                    return Err(bad("it finds nothing at all, which is everywhere; ask for at least one character"));
                }
                Matcher::Pattern(pattern)
            }
        };
        Ok(Rule { on, text: text.to_owned(), matcher })
    }

    /// What it goes by.
    pub fn on(&self) -> RuleOn {
        self.on
    }

    /// The name, path or regular expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_header(&self, name: &str) -> bool {
        matches!(self.matcher, Matcher::Header) && self.text.eq_ignore_ascii_case(name)
    }

    pub(super) fn is_at(&self, keys: &[&str]) -> bool {
        matches!(&self.matcher, Matcher::Path(segments) if fits(segments, keys))
    }

    pub(super) fn pattern(&self) -> Option<&Regex> {
        match &self.matcher {
            Matcher::Pattern(pattern) => Some(pattern),
            _ => None,
        }
    }
}

/// Whether the names of members, from the outside in, are those of the path. Arrays have no names.
fn fits(segments: &[Segment], keys: &[&str]) -> bool {
    match (segments.split_first(), keys.split_first()) {
        (None, None) => true,
        (Some((Segment::Deep, rest)), None) => rest.is_empty(),
        (Some((Segment::Deep, rest)), Some((_, inner))) => fits(rest, keys) || fits(segments, inner),
        (Some((Segment::Any, rest)), Some((_, inner))) => fits(rest, inner),
        (Some((Segment::Name(name), rest)), Some((key, inner))) => name.eq_ignore_ascii_case(key) && fits(rest, inner),
        _ => false,
    }
}

/// Reads a path: names with dots between, `..` for any depth, `*` for any name, names in brackets and quotes. Indexes stand for
/// all elements.
fn path(text: &str) -> Result<Vec<Segment>, String> {
    let mut rest = text.strip_prefix('$').unwrap_or(text);
    let mut segments = Vec::new();
    if !rest.is_empty() && !rest.starts_with(['.', '[']) {
        let (name, after) = name(rest);
        segments.push(name);
        rest = after;
    }
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("..") {
            segments.push(Segment::Deep);
            let (name, after) = name(after);
            segments.push(name);
            rest = after;
        } else if let Some(after) = rest.strip_prefix('.') {
            let (name, after) = name(after);
            segments.push(name);
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = match inside.chars().next() {
                Some(quote @ ('\'' | '"')) => {
                    let end = inside[1..].find(quote).ok_or("a quote is not closed")?;
                    segments.push(Segment::Name(inside[1..=end].to_owned()));
                    inside[end + 2..].split_once(']').ok_or("a bracket is not closed")?
                }
                _ => inside.split_once(']').ok_or("a bracket is not closed")?,
            };
            if !(index.is_empty() || index == "*" || index.bytes().all(|byte| byte.is_ascii_digit())) {
                return Err("brackets hold a number, * or a name in quotes".to_owned());
            }
            rest = after;
        } else {
            return Err(format!("{rest:?} is not expected there"));
        }
        if matches!(segments.last(), Some(Segment::Name(name)) if name.is_empty()) {
            return Err("a name is missing behind a dot".to_owned());
        }
    }
    if segments.is_empty() {
        return Err("it names no member".to_owned());
    }
    // Depth over depth would be tried in every combination.
    if segments.iter().filter(|segment| **segment == Segment::Deep).count() > 4 {
        return Err("it has more than four ..".to_owned());
    }
    Ok(segments)
}

fn name(text: &str) -> (Segment, &str) {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let segment = if &text[..end] == "*" { Segment::Any } else { Segment::Name(text[..end].to_owned()) };
    (segment, &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str, keys: &[&str]) -> bool {
        Rule::new(RuleOn::JsonPath, path).unwrap().is_at(keys)
    }

    #[test]
    fn a_path_names_members_from_the_outside_in() {
        assert!(at("$.name.familyName", &["name", "FamilyName"]));
        assert!(at("emails[*].value", &["emails", "value"]) && at("$.emails[0].value", &["emails", "value"]));
        assert!(at("$..ssn", &["ssn"]) && at("$..ssn", &["a", "b", "ssn"]));
        assert!(at("$['urn:ietf:2.0:User'].badge", &["urn:ietf:2.0:User", "badge"]));
        assert!(at("$.*.value", &["emails", "value"]) && !at("$.*.value", &["value"]));
        assert!(!at("$.name", &["name", "familyName"]));
    }

    #[test]
    fn what_is_no_rule_says_why() {
        for (on, text) in [
            (RuleOn::Header, "X Y"),
            (RuleOn::JsonPath, "$"),
            (RuleOn::JsonPath, "$.a["),
            (RuleOn::JsonPath, "$.a..b..c..d..e..f"),
            (RuleOn::JsonPath, "$['a"),
            (RuleOn::JsonPath, "$.a."),
            (RuleOn::Pattern, "("),
            (RuleOn::Pattern, "a*"),
            (RuleOn::Pattern, ""),
        ] {
            assert!(Rule::new(on, text).is_err(), "{text}");
        }
    }
}
