//! Flow files: their form, version 1.

use std::fmt;
use std::marker::PhantomData;

use scim::json::Json;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// A flow: requests in order, and what is expected of each answer.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Flow {
    /// Names it.
    pub id: String,
    /// For people.
    pub name: String,
    /// The identity provider that it imitates: "entra".
    pub idp: String,
    /// What happens in it.
    #[serde(default)]
    pub description: String,
    /// What the server has to be like.
    #[serde(default)]
    pub requires: Requires,
    /// The requests.
    pub steps: Vec<Step>,
}

/// How strict a server may be for a flow to pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It passes in a tolerant and in a strict server.
    #[default]
    Any,
    /// It needs tolerance.
    Tolerant,
    /// It needs strictness.
    Strict,
}

/// What a server has to be like for a flow to pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Requires {
    /// How strict it may be.
    pub mode: Mode,
    /// Features that it has to have: "etag", "bulk", "cursor".
    pub features: Vec<String>,
    /// How many users have to be there already.
    pub min_users: u64,
}

/// Who sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
    /// The identity provider really sends it.
    Client,
    /// It prepares data.
    Setup,
    /// Only a test sends it, to look at the result.
    Verify,
}

/// One request, and what is expected of its answer. Texts may hold `{{variables}}`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What it is for.
    pub label: String,
    /// More for the reader.
    #[serde(default)]
    pub note: Option<String>,
    /// Who sends it.
    pub kind: StepKind,
    /// The method.
    pub method: String,
    /// The path below the base URL, percent-encoded as the client does it; sent as it stands.
    pub path: String,
    /// Exactly these header fields, in this order.
    #[serde(default, deserialize_with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// The body; a string is sent as it stands.
    #[serde(default)]
    pub body: Option<Json>,
    /// What is expected.
    #[serde(default)]
    pub expect: Expectation,
    /// What a strict server should answer to this request.
    #[serde(default)]
    pub expect_strict: Option<Expectation>,
    /// Codes of the tolerances that it needs: the findings that it should give.
    #[serde(default)]
    pub tolerances: Vec<String>,
    /// Variables to take from the answer: name and JSON Pointer.
    #[serde(default, deserialize_with = "pairs")]
    pub capture: Vec<(String, String)>,
    /// How long the real client waits before it, in seconds.
    #[serde(default)]
    pub typical_pause_seconds: Option<f64>,
}

/// What is expected of an answer.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Expectation {
    /// Accepted status codes; empty for any.
    pub status: Vec<u16>,
    /// Header name and exact value, or a regular expression between slashes.
    #[serde(deserialize_with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// A deep subset of the body; not applied to an empty body.
    pub body_contains: Option<Json>,
    /// JSON Pointers and the exact values there.
    #[serde(deserialize_with = "pairs")]
    pub body_at: Vec<(String, Json)>,
    /// JSON Pointers where nothing may be, or null.
    pub body_absent: Vec<String>,
    /// JSON Pointers to arrays, and their lengths.
    #[serde(deserialize_with = "pairs")]
    pub body_length: Vec<(String, u64)>,
}

/// Why a text is no flow.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// It is not JSON.
    #[error("the flow is not JSON: {0}")]
    Syntax(String),
    /// It is JSON of another form.
    #[error("the flow does not have the form that it should: {0}")]
    Form(#[from] serde_json::Error),
    /// It is of a version that this program does not know.
    #[error("the flow has formatVersion {0}; this program reads version 1")]
    Version(u64),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versioned {
    format_version: u64,
}

impl Flow {
    /// Reads a flow file. Bodies keep the order of their members and the text of their numbers.
    pub fn parse(text: &[u8]) -> Result<Flow, FlowError> {
        let Versioned { format_version } = serde_json::from_slice(text)?;
        if format_version != 1 {
            return Err(FlowError::Version(format_version));
        }
        let mut flow: Flow = serde_json::from_slice(text)?;
        // The derived reader sorts members; what is sent has to be as the file has it.
        let ordered = scim::json::parse(text, scim::json::Limits::default());
        let ordered = ordered.map_err(|error| FlowError::Syntax(error.to_string()))?;
        for (index, step) in flow.steps.iter_mut().enumerate() {
            step.body = ordered.pointer(&format!("/steps/{index}/body")).cloned();
        }
        Ok(flow)
    }
}

/// Members of an object in their order.
fn pairs<'de, D: Deserializer<'de>, V: Deserialize<'de>>(deserializer: D) -> Result<Vec<(String, V)>, D::Error> {
    struct Pairs<V>(PhantomData<V>);

    impl<'de, V: Deserialize<'de>> Visitor<'de> for Pairs<V> {
        type Value = Vec<(String, V)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some(pair) = map.next_entry()? {
                pairs.push(pair);
            }
            Ok(pairs)
        }
    }

    deserializer.deserialize_map(Pairs(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_and_headers_keep_their_order() {
        let text = br#"{"formatVersion": 1, "id": "x", "name": "X", "idp": "generic", "extra": true, "steps": [
            {"label": "a", "kind": "client", "method": "POST", "path": "/Users",
             "headers": {"Zeta": "1", "Alpha": "2"}, "body": {"b": 1.0, "a": 2}, "capture": {"z": "/id", "a": "/x"}}]}"#;
        let flow = Flow::parse(text).unwrap();
        let step = &flow.steps[0];
        assert_eq!(step.headers, [("Zeta".to_owned(), "1".to_owned()), ("Alpha".to_owned(), "2".to_owned())]);
        assert_eq!(step.body.as_ref().unwrap().to_text(), r#"{"b":1.0,"a":2}"#);
        assert_eq!(step.capture[0].0, "z");
        assert_eq!(flow.requires.mode, Mode::Any);
    }

    #[test]
    fn another_version_is_refused() {
        let error = Flow::parse(br#"{"formatVersion": 2}"#).unwrap_err();
        assert!(matches!(error, FlowError::Version(2)), "{error}");
    }
}
