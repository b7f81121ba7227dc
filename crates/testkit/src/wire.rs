//! Requests and answers as a client sees them.

use serde_json::Value;

/// A request of a client.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The method.
    pub method: String,
    /// Below the tenant's base path; from the root of the server if it begins with `/scim` or `/t/`.
    pub path: String,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The codes of the findings on the exchange; no client sees these.
    pub findings: Vec<String>,
}

impl Ask {
    /// A request without a body.
    pub fn new(method: &str, path: &str) -> Ask {
        Ask { method: method.into(), path: path.into(), headers: Vec::new(), body: Vec::new() }
    }

    /// A request with a JSON body.
    pub fn json(method: &str, path: &str, body: &Value) -> Ask {
        Ask::text(method, path, &body.to_string())
    }

    /// A request with this text as a SCIM body.
    pub fn text(method: &str, path: &str, body: &str) -> Ask {
        let ask = Ask { body: body.as_bytes().to_vec(), ..Ask::new(method, path) };
        ask.with("Content-Type", "application/scim+json")
    }

    /// The same with one header field more; another value of a field that is there.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Ask {
        self.headers.retain(|(have, _)| !have.eq_ignore_ascii_case(name));
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The path without its query.
    pub fn resource(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The body as JSON; `null` if it is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

impl Reply {
    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` if it is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// What stands at this pointer in the body; `null` if nothing does.
    pub fn at(&self, pointer: &str) -> Value {
        self.value().pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// The text at this pointer.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn string(&self, pointer: &str) -> String {
        match self.at(pointer) {
            Value::String(text) => text,
            other => panic!("{other} stands at {pointer} of {}", self.text()),
        }
    }

    /// The `id` of what was created.
    ///
    /// # Panics
    /// If nothing was.
    #[track_caller]
    pub fn created(&self) -> String {
        self.expect(201).string("/id")
    }

    /// The reply, if it has this status.
    ///
    /// # Panics
    /// If it has another one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> &Reply {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The reply, if it is a SCIM error with this status and keyword (RFC 7644 section 3.12).
    ///
    /// # Panics
    /// If it is anything else.
    #[track_caller]
    pub fn refused(&self, status: u16, scim_type: Option<&str>) -> &Reply {
        self.expect(status);
        assert_eq!(self.at("/schemas"), serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.at("/status"), status.to_string(), "{}", self.text());
        assert_eq!(self.at("/scimType").as_str(), scim_type, "{}", self.text());
        assert!(!self.string("/detail").is_empty());
        self
    }

    /// The texts at this pointer of each of the listed resources.
    pub fn listed(&self, pointer: &str) -> Vec<String> {
        let resources = self.at("/Resources");
        let resources = resources.as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |resource: &Value| {
            resource.pointer(pointer).map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
        };
        resources.iter().map(|resource| text(resource).unwrap_or_else(|| "absent".into())).collect()
    }

    /// The reply with another JSON body; `edit` gets the one that it has.
    #[must_use]
    pub fn edited(mut self, edit: impl FnOnce(&mut Value)) -> Reply {
        if let Ok(mut body) = serde_json::from_slice(&self.body) {
            edit(&mut body);
            self.body = body.to_string().into_bytes();
        }
        self
    }
}
