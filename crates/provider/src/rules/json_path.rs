//! Paths into a JSON body.

use std::fmt;
use std::str::FromStr;

use scim::json::Json;
use serde::{Deserialize, Serialize};

/// A path into JSON: `Operations[0].path`, `Operations[*].op`, `$.emails[*].value`, `["urn:...:User"].department`. Names
/// count in any case, as those of SCIM do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
    Each,
}

impl JsonPath {
    /// The path as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values that it leads to, none if nothing is there.
    pub fn values<'a>(&self, json: &'a Json) -> Vec<&'a Json> {
        let mut here = vec![json];
        for step in &self.steps {
            let mut next = Vec::new();
            for value in here {
                match (step, value) {
                    (Step::Name(name), Json::Object(object)) => {
                        next.extend(object.get_ignoring_case(name).map(|(_, value)| value));
                    }
                    (Step::Index(index), Json::Array(items)) => next.extend(items.get(*index)),
                    (Step::Each, Json::Array(items)) => next.extend(items),
                    _ => {}
                }
            }
            here = next;
        }
        here
    }
}

impl FromStr for JsonPath {
    type Err = String;

    /// The error says what is wrong and what to write.
    fn from_str(text: &str) -> Result<JsonPath, String> {
        let wrong = |what: &str| {
            format!(
                "{text:?} is no path into a body: {what}; write Operations[0].path, Operations[*].op or emails[*].value"
            )
        };
        let mut rest = text.trim();
        rest = rest.strip_prefix('$').unwrap_or(rest);
        let mut steps = Vec::new();
        let mut first = true;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('[') {
                let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''));
                let (step, after) = match quote {
                    Some(quote) => {
                        let (name, after) =
                            after[1..].split_once(quote).ok_or_else(|| wrong("a quote is not closed"))?;
                        (Step::Name(name.to_owned()), after)
                    }
                    None => {
                        let end = after.find(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                        let step = match &after[..end] {
                            "*" => Step::Each,
                            index => Step::Index(
                                index.parse().map_err(|_| wrong("a bracket holds a number, * or a name in quotes"))?,
                            ),
                        };
                        (step, &after[end..])
                    }
                };
                steps.push(step);
                rest = after.strip_prefix(']').ok_or_else(|| wrong("a bracket is not closed"))?;
            } else {
                let dotted = rest.strip_prefix('.');
                if dotted.is_none() && !first {
                    return Err(wrong("a dot is missing"));
                }
                rest = dotted.unwrap_or(rest);
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return Err(wrong("a name is missing"));
                }
                steps.push(Step::Name(rest[..end].to_owned()));
                rest = &rest[end..];
            }
            first = false;
        }
        if steps.is_empty() {
            return Err(wrong("it is empty"));
        }
        Ok(JsonPath { text: text.trim().to_owned(), steps })
    }
}

impl TryFrom<String> for JsonPath {
    type Error = String;

    fn try_from(text: String) -> Result<JsonPath, String> {
        text.parse()
    }
}

impl From<JsonPath> for String {
    fn from(path: JsonPath) -> String {
        path.text
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
