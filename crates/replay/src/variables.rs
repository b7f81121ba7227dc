//! Variables in flows: `{{name}}`.

use std::collections::HashMap;

use scim::json::{Json, Object};
use uuid::Uuid;

use crate::flow::Expectation;

/// The names that are new for each run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunNames {
    /// `run.guid`: a UUID.
    pub guid: String,
    /// `run.guid2`: another one.
    pub guid2: String,
    /// `run.tag`: six lower-case letters or digits.
    pub tag: String,
    /// `run.hex24`: 24 hexadecimal digits.
    pub hex24: String,
}

impl RunNames {
    /// Names that no other run has.
    pub fn random() -> RunNames {
        let hex = |length: usize| Uuid::new_v4().simple().to_string()[..length].to_owned();
        let tag = Uuid::new_v4().as_bytes()[..6].iter().map(|byte| TAG[*byte as usize % TAG.len()] as char).collect();
        RunNames { guid: Uuid::new_v4().to_string(), guid2: Uuid::new_v4().to_string(), tag, hex24: hex(24) }
    }
}

const TAG: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The values of variables in a run.
#[derive(Clone, Debug)]
pub struct Variables {
    values: HashMap<String, Json>,
}

impl Variables {
    /// The built-in variables.
    pub fn new(names: &RunNames, base: &str, token: &str) -> Variables {
        let texts = [
            ("run.guid", names.guid.clone()),
            ("run.guid2", names.guid2.clone()),
            ("run.tag", names.tag.clone()),
            ("run.tag.upper", names.tag.to_uppercase()),
            ("run.hex24", names.hex24.clone()),
            ("auth.token", token.to_owned()),
            ("base", base.to_owned()),
        ];
        let values = texts.into_iter().map(|(name, text)| (name.to_owned(), Json::String(text))).collect();
        Variables { values }
    }

    /// Sets a variable.
    pub fn set(&mut self, name: &str, value: Json) {
        self.values.insert(name.to_owned(), value);
    }

    /// A text with its variables put in.
    pub fn text(&self, text: &str) -> Result<String, Unknown> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next_variable(rest) {
            out.push_str(before);
            match self.get(name)? {
                Json::String(value) => out.push_str(value),
                other => out.push_str(&other.to_text()),
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    /// A value with the variables in its texts and names put in. A text that is nothing but one variable becomes that
    /// variable's value, whatever its type.
    pub fn json(&self, json: &Json) -> Result<Json, Unknown> {
        Ok(match json {
            Json::String(text) => match next_variable(text) {
                Some(("", name, "")) => self.get(name)?.clone(),
                _ => Json::String(self.text(text)?),
            },
            Json::Array(items) => Json::Array(items.iter().map(|item| self.json(item)).collect::<Result<_, _>>()?),
            Json::Object(object) => {
                let members = object.iter().map(|(name, value)| Ok((self.text(name)?, self.json(value)?)));
                Json::Object(members.collect::<Result<Object, Unknown>>()?)
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => json.clone(),
        })
    }

    /// Pairs of texts with their variables put in.
    pub fn pairs(&self, pairs: &[(String, String)]) -> Result<Vec<(String, String)>, Unknown> {
        pairs.iter().map(|(name, value)| Ok((self.text(name)?, self.text(value)?))).collect()
    }

    /// An expectation with its variables put in.
    pub fn expectation(&self, expect: &Expectation) -> Result<Expectation, Unknown> {
        let at = expect.body_at.iter().map(|(pointer, value)| Ok((self.text(pointer)?, self.json(value)?)));
        let length = expect.body_length.iter().map(|(pointer, length)| Ok((self.text(pointer)?, *length)));
        Ok(Expectation {
            status: expect.status.clone(),
            headers: self.pairs(&expect.headers)?,
            body_contains: expect.body_contains.as_ref().map(|part| self.json(part)).transpose()?,
            body_at: at.collect::<Result<_, Unknown>>()?,
            body_absent: expect.body_absent.iter().map(|pointer| self.text(pointer)).collect::<Result<_, _>>()?,
            body_length: length.collect::<Result<_, Unknown>>()?,
        })
    }

    fn get(&self, name: &str) -> Result<&Json, Unknown> {
        self.values.get(name).ok_or_else(|| Unknown(name.to_owned()))
    }
}

/// A variable that no step before has captured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the variable {{{{{0}}}}} has no value: no step that was played before captures it")]
pub struct Unknown(pub String);

/// The first variable of a text: what is before it, its name, and what is after it.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let start = text.find("{{")?;
    let length = text[start + 2..].find("}}")?;
    let end = start + 2 + length;
    Some((&text[..start], text[start + 2..end].trim(), &text[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Variables {
        let names = RunNames { guid: "g1".into(), guid2: "g2".into(), tag: "ab12cd".into(), hex24: "0".repeat(24) };
        let mut variables = Variables::new(&names, "http://127.0.0.1:1/scim/v2", "secret");
        variables.set("user1.meta", scim::object! { "version" => "W/\"1\"" }.into());
        variables.set("count", Json::from(3));
        variables
    }

    #[test]
    fn a_text_that_is_one_variable_takes_its_type() {
        let body = scim::json::parse(
            br#"{"meta": "{{user1.meta}}", "n": "{{count}}", "t": "n={{count}}"}"#,
            Default::default(),
        );
        let body = variables().json(&body.unwrap()).unwrap();
        assert_eq!(body.to_text(), r#"{"meta":{"version":"W/\"1\""},"n":3,"t":"n=3"}"#);
    }

    #[test]
    fn names_of_members_have_variables_too() {
        let body: Json = scim::object! { "k-{{run.tag.upper}}" => "{{auth.token}}!" }.into();
        assert_eq!(variables().json(&body).unwrap().to_text(), r#"{"k-AB12CD":"secret!"}"#);
    }

    #[test]
    fn an_unknown_variable_is_named() {
        let error = variables().text("/Users/{{user9.id}}").unwrap_err();
        assert!(error.to_string().contains("{{user9.id}}"), "{error}");
    }

    #[test]
    fn braces_without_an_end_are_text() {
        assert_eq!(variables().text("a{{b").unwrap(), "a{{b");
    }

    #[test]
    fn random_names_have_their_form() {
        let names = RunNames::random();
        assert_eq!(names.tag.len(), 6);
        assert!(names.tag.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
        assert_eq!(names.hex24.len(), 24);
        assert_ne!(names.guid, names.guid2);
    }
}
