//! From a decision to a response.

use bytes::Bytes;
use scim::error::ScimError;
use scim::finding::{Finding, Place, Severity};
use scim::json::{Json, Object};
use scim::message;
use scim::number::Number;
use scim::object;
use traffic::handled::{Action, AuthStep, Forwarded, Handled, Operation, Response, Subject};
use traffic::ids::Seq;

use crate::negotiate::SCIM_JSON;

/// What is known of the outcome so far.
#[derive(Debug)]
pub(crate) struct Draft {
    pub tenant: Option<String>,
    pub action: Action,
    pub subject: Subject,
    pub auth: Vec<AuthStep>,
    pub findings: Vec<Finding>,
    pub operations: Vec<Operation>,
    pub would_have_changed: Vec<scim::diff::Line>,
    /// The number of the exchange, if error messages tell it.
    pub extends_errors: Option<Seq>,
    /// The permanent URI of the resource, if the request came by another name (RFC 7644 section 3.11).
    pub permanent: Option<String>,
    /// The media type of the body, if there will be one.
    pub answer_type: &'static str,
}

/// A decision: status, header fields beside `Content-Type`, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<Body>,
}

/// A body as a value, or as its text where the value would be too large to build.
#[derive(Debug)]
pub(crate) enum Body {
    Json(Json),
    Text(String),
}

/// A refusal, with header fields that belong to it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub error: ScimError,
    pub headers: Vec<(String, String)>,
}

impl Default for Draft {
    fn default() -> Self {
        Draft {
            tenant: None,
            action: Action::Unknown,
            subject: Subject::default(),
            auth: Vec::new(),
            findings: Vec::new(),
            operations: Vec::new(),
            would_have_changed: Vec::new(),
            extends_errors: None,
            permanent: None,
            answer_type: SCIM_JSON,
        }
    }
}

/// The extension of error messages that leads to the exchange in the record. A profile switches it on.
const ERROR_EXTENSION: &str = "urn:scimscope:params:error";

/// Says in an error message which exchange it belongs to, and what was found in that.
fn extend(body: &mut Object, seq: Seq, findings: &[Finding]) {
    if let Some(Json::Array(schemas)) = body.get_mut("schemas") {
        schemas.push(Json::from(ERROR_EXTENSION));
    }
    let described = findings.iter().map(|finding| {
        let mut described = object! { "code" => finding.code.as_str(), "message" => finding.message.as_str() };
        match &finding.place {
            Place::Body(pointer) => described.insert("pointer", pointer.as_str()),
            Place::Target(span) => {
                let ends = [span.start, span.end].map(|at| Json::Number(Number::from(at as u64)));
                described.insert("target", Vec::from(ends))
            }
            Place::Header(name) => described.insert("header", name.as_str()),
            Place::Request => None,
        };
        Json::Object(described)
    });
    let described: Vec<Json> = described.collect();
    body.insert(ERROR_EXTENSION, object! { "seq" => Json::Number(Number::from(seq.0)), "findings" => described });
}

impl Draft {
    /// The outcome that this decision makes.
    pub fn finish(self, decision: Result<Answer, Refused>) -> Handled {
        match decision {
            Ok(answer) => self.answer(answer),
            Err(refused) => self.refuse(refused.error, refused.headers),
        }
    }

    /// A refusal: a SCIM error, and a finding that says the same with its place.
    pub fn refuse(mut self, error: ScimError, headers: Vec<(String, String)>) -> Handled {
        let code = error.scim_type.map_or_else(|| format!("http-{}", error.status), |kind| kind.keyword().to_owned());
        self.findings.push(Finding::new(&code, Severity::Error, error.place.clone(), error.detail.clone()));
        let mut body = message::error_body(&error);
        if let (Some(seq), Json::Object(body)) = (self.extends_errors, &mut body) {
            extend(body, seq, &self.findings);
        }
        self.answer(Answer { status: error.status, headers, body: Some(Body::Json(body)) })
    }

    /// The outcome of a request that another server has answered.
    pub fn answered(self, response: Response, forwarded: Forwarded) -> Handled {
        Handled {
            response,
            tenant: self.tenant,
            action: self.action,
            subject: self.subject,
            auth: self.auth,
            findings: self.findings,
            operations: self.operations,
            would_have_changed: self.would_have_changed,
            rules: Vec::new(),
            forwarded: Some(Box::new(forwarded)),
        }
    }

    fn answer(self, answer: Answer) -> Handled {
        let mut headers = Vec::with_capacity(answer.headers.len() + 1);
        if answer.body.is_some() {
            headers.push(("Content-Type".to_owned(), self.answer_type.to_owned()));
        }
        headers.extend(answer.headers);
        headers
            .extend(self.permanent.filter(|_| answer.status < 300).map(|location| ("Location".to_owned(), location)));
        let body = match answer.body {
            None => Bytes::new(),
            Some(Body::Json(body)) => Bytes::from(body.to_text()),
            Some(Body::Text(text)) => Bytes::from(text),
        };
        Handled {
            response: Response { status: answer.status, headers, body },
            tenant: self.tenant,
            action: self.action,
            subject: self.subject,
            auth: self.auth,
            findings: self.findings,
            operations: self.operations,
            would_have_changed: self.would_have_changed,
            rules: Vec::new(),
            forwarded: None,
        }
    }
}

impl Answer {
    /// A body.
    pub fn json(status: u16, body: Json) -> Answer {
        Answer { status, headers: Vec::new(), body: Some(Body::Json(body)) }
    }

    /// A body that is JSON text already.
    pub fn text(status: u16, body: String) -> Answer {
        Answer { status, headers: Vec::new(), body: Some(Body::Text(body)) }
    }

    /// No body.
    pub fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: None }
    }

    /// One header field more.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl Refused {
    /// A header field that belongs to the refusal.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Refused {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Refused { error, headers: Vec::new() }
    }
}
