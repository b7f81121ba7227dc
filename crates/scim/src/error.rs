//! SCIM errors (RFC 7644 section 3.12).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::finding::{Place, readable};

/// The keyword of a SCIM error (RFC 7644 table 9, RFC 9865 section 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ScimType {
    /// The filter cannot be parsed, or compares what cannot be compared.
    InvalidFilter,
    /// The answer would be larger than the server computes.
    TooMany,
    /// A value that must be unique is taken.
    Uniqueness,
    /// The change is not allowed by the attribute's mutability.
    Mutability,
    /// The body is not JSON, or not the message that is expected here.
    InvalidSyntax,
    /// A PATCH path cannot be parsed or names nothing that the schema has.
    InvalidPath,
    /// A path resolves to nothing that could be changed.
    NoTarget,
    /// A required value is missing, or a value does not fit the attribute's type.
    InvalidValue,
    /// The protocol version in the URL is not supported.
    InvalidVers,
    /// The request must not carry this data in its URL.
    Sensitive,
    /// The cursor was not given out for this query (RFC 9865).
    InvalidCursor,
    /// The cursor is too old (RFC 9865).
    ExpiredCursor,
    /// `count` is beyond the largest page, or changed during a walk (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The keyword on the wire.
    pub fn keyword(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::Sensitive => "sensitive",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::ExpiredCursor => "expiredCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    /// HTTP status code.
    pub status: u16,
    /// The keyword, where the RFC has one.
    pub scim_type: Option<ScimType>,
    /// What was wrong, where, and what would have been right.
    pub detail: String,
    /// The part of the request that is at fault.
    pub place: Place,
}

impl ScimError {
    /// A 400 with a keyword.
    pub fn bad_request(scim_type: ScimType, place: Place, detail: impl Into<String>) -> ScimError {
        ScimError { status: 400, scim_type: Some(scim_type), detail: readable(detail.into()), place: place.bounded() }
    }

    /// Any status without a keyword, about the request as a whole.
    pub fn plain(status: u16, detail: impl Into<String>) -> ScimError {
        ScimError { status, scim_type: None, detail: readable(detail.into()), place: Place::Request }
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scim_type {
            Some(scim_type) => write!(f, "{} {}: {}", self.status, scim_type.keyword(), self.detail),
            None => write!(f, "{}: {}", self.status, self.detail),
        }
    }
}

impl std::error::Error for ScimError {}
