//! From a decision to a response.

use bytes::Bytes;
use scim::error::ScimError;
use scim::finding::{Finding, Severity};
use scim::json::Json;
use scim::message;
use traffic::handled::{Action, AuthStep, Handled, Operation, Response, Subject};

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
    /// The media type of the body, if there will be one.
    pub answer_type: &'static str,
}

/// A decision: status, header fields beside `Content-Type`, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<Json>,
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
            answer_type: SCIM_JSON,
        }
    }
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
        self.answer(Answer { status: error.status, headers, body: Some(message::error_body(&error)) })
    }

    fn answer(self, answer: Answer) -> Handled {
        let mut headers = Vec::with_capacity(answer.headers.len() + 1);
        if answer.body.is_some() {
            headers.push(("Content-Type".to_owned(), self.answer_type.to_owned()));
        }
        headers.extend(answer.headers);
        let body = answer.body.map(|body| Bytes::from(body.to_text())).unwrap_or_default();
        Handled {
            response: Response { status: answer.status, headers, body },
            tenant: self.tenant,
            action: self.action,
            subject: self.subject,
            auth: self.auth,
            findings: self.findings,
            operations: self.operations,
            would_have_changed: self.would_have_changed,
        }
    }
}

impl Answer {
    /// A body.
    pub fn json(status: u16, body: Json) -> Answer {
        Answer { status, headers: Vec::new(), body: Some(body) }
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
