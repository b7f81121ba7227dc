//! What the provider made of a request, beside the response itself.

use bytes::Bytes;
use scim::finding::Finding;
use serde::{Deserialize, Serialize};

use crate::blob;

/// A response as the provider decided it; how it looked on the wire is in [`crate::exchange::Sent`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(with = "blob::as_base64")]
    pub body: Bytes,
}

/// One step of the decision whether a request may do what it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthStep {
    /// What was looked at: "Authorization header", "bearer token".
    pub checked: String,
    /// What was found, with secrets masked: "Bearer ****f3a1".
    pub found: String,
    /// Whether this step let the request go on.
    pub passed: bool,
}

/// What became of one operation of a PATCH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationOutcome {
    /// It changed something.
    Changed,
    /// It changed nothing; the text says why.
    Unchanged(String),
    /// It was refused; the text says why. Then nothing of the request took effect.
    Refused(String),
    /// It was not reached because an earlier one was refused.
    NotReached,
}

/// One operation of a PATCH as it was sent, and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Position in `Operations`, from 0.
    pub index: usize,
    /// `op` as sent.
    pub op: String,
    /// `path` as sent, if it was.
    pub path: Option<String>,
    /// What became of it.
    pub outcome: OperationOutcome,
}

/// What a request was about, for sentences and lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Name of the resource type that the path named: "User". Absent for discovery and unknown paths.
    pub resource_type: Option<String>,
    /// The `id` in the path, or of the resource created.
    pub resource_id: Option<String>,
    /// What people call the resource, if it is known.
    pub display: Option<String>,
    /// The filter, decoded, if the request had one.
    pub filter: Option<String>,
    /// For a filter that compares an attribute with a text: attribute and text, for "looked for ...".
    pub looked_for: Option<(String, String)>,
    /// `totalResults` of a list.
    pub total_results: Option<u64>,
}

/// The kind of request, by its route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// GET on one resource.
    Read,
    /// GET on an endpoint, or `.search`.
    List,
    /// POST.
    Create,
    /// PUT.
    Replace,
    /// PATCH.
    Modify,
    /// DELETE.
    Delete,
    /// ServiceProviderConfig, ResourceTypes, Schemas.
    Discover,
    /// A token asked for at a token endpoint (RFC 6749 section 4.4).
    Token,
    /// Nothing that SCIM knows, or no request at all.
    #[default]
    Unknown,
}

/// A rule of the tenant that touched an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleHit {
    /// What names the rule in its tenant.
    pub id: String,
    /// What it was called then.
    pub name: String,
    /// What it did, in words without a subject: "answered 503 instead of the server".
    pub did: String,
}

/// That a request was sent on to the server behind its tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarded {
    /// The URL that it was sent to.
    pub to: String,
    /// From the first byte sent on to the last byte of the answer, in microseconds.
    pub elapsed_us: u64,
    /// Whether the response is that server's answer; if not, it is ours and says why there is none.
    pub answered: bool,
    /// Whether URLs in the answer were rewritten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rewritten: bool,
}

/// The provider's part of an exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handled {
    /// The response that will be sent.
    pub response: Response,
    /// The tenant that the path led to, by its id.
    pub tenant: Option<String>,
    /// The kind of request.
    pub action: Action,
    /// What the request was about.
    pub subject: Subject,
    /// The way to the decision about access.
    pub auth: Vec<AuthStep>,
    /// What was tolerated, refused or noticed.
    pub findings: Vec<Finding>,
    /// For a PATCH: its operations.
    pub operations: Vec<Operation>,
    /// For a refused write: the diff that it would have made, if it could be computed.
    pub would_have_changed: Vec<scim::diff::Line>,
    /// The rules that touched it, in their order: what is strange here was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleHit>,
    /// For a tenant that is a proxy: how the request was sent on. Then `response` is what the other server answered, without
    /// content coding; its bytes as they were are in [`crate::exchange::Sent`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Box<Forwarded>>,
}
