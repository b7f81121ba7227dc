//! Words for the codes of findings.

use serde::Serialize;

use crate::tolerance::tolerance;

/// What a finding's code means, whatever the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FindingText {
    /// The code.
    pub code: &'static str,
    /// A few words for a badge or a heading.
    pub title: &'static str,
    /// What it means and what to do about it.
    pub explanation: &'static str,
    /// The section that it rests on, if there is one.
    pub rfc: Option<&'static str>,
}

/// The codes that are no tolerances; those are in [`crate::tolerances`].
pub fn codes() -> &'static [FindingText] {
    CODES
}

/// The words for a code, tolerances included. A code without words of its own gets general ones.
pub fn finding_text(code: &str) -> FindingText {
    if let Some(tolerance) = tolerance(code) {
        return FindingText {
            code: tolerance.id,
            title: tolerance.title,
            explanation: tolerance.explanation,
            rfc: Some(tolerance.rfc),
        };
    }
    CODES.iter().find(|text| text.code == code).copied().unwrap_or(ANY)
}

const ANY: FindingText = FindingText {
    code: "finding",
    title: "remark",
    explanation: "Something about this exchange that is worth knowing; its message says what.",
    rfc: None,
};

const CODES: &[FindingText] = &[
    FindingText {
        code: "accept-ignored",
        title: "answered in another media type",
        explanation: "The Accept header allows neither SCIM's media type nor JSON. There is nothing else to \
                      answer with, so SCIM's own was sent.",
        rfc: Some("RFC 7644 section 3.8"),
    },
    FindingText {
        code: "answer-body",
        title: "answer not kept as it came",
        explanation: "The body of the answer is not all here, or has a content coding that is not undone. What left is in the bytes of the response.",
        rfc: None,
    },
    FindingText {
        code: "answer-not-json",
        title: "answer is no JSON",
        explanation: "The server behind the tenant says that its answer is JSON, and it is not. Clients stumble over that.",
        rfc: Some("RFC 7644 section 3.1"),
    },
    FindingText {
        code: "answer-not-understood",
        title: "answer does not fit the schemas",
        explanation: "The server behind the tenant shows a resource that is none by the schemas of the tenant. The directory does not show it; the client got it as it is.",
        rfc: Some("RFC 7643 section 7"),
    },
    FindingText {
        code: "body-ignored",
        title: "body without a meaning",
        explanation: "A method that has no body came with one. It was recorded, but not read.",
        rfc: Some("RFC 9110 section 9.3"),
    },
    FindingText {
        code: "bulk-stopped",
        title: "bulk request stopped",
        explanation: "Of the bulk request's operations the last ones were not carried out, because as many \
                      failed as failOnErrors allows. What was done before stays done.",
        rfc: Some("RFC 7644 section 3.7.3"),
    },
    FindingText {
        code: "condition-ignored",
        title: "condition not regarded",
        explanation: "If-Match or If-None-Match was sent to a profile without versions. The request was \
                      carried out as if the header were not there; ServiceProviderConfig says that etag is \
                      not supported.",
        rfc: Some("RFC 7644 section 3.14"),
    },
    FindingText {
        code: "country-code",
        title: "no country code",
        explanation: "country has two letters, as ISO 3166-1 has them. The value is kept as sent.",
        rfc: Some("RFC 7643 section 4.1.2"),
    },
    FindingText {
        code: "cursor-ignored",
        title: "cursor not regarded",
        explanation: "A cursor was sent, but this profile has no pages by cursor, as ServiceProviderConfig \
                      says. The list was answered as if the cursor were not there.",
        rfc: Some("RFC 9865 section 2"),
    },
    FindingText {
        code: "duplicate-element",
        title: "the same element twice",
        explanation: "A list holds an element twice. It is kept once.",
        rfc: Some("RFC 7643 section 2.4"),
    },
    FindingText {
        code: "empty-path",
        title: "empty path",
        explanation: "A PATCH operation has an empty path. It was taken as no path: the value is merged into \
                      the resource. A client that means this leaves the path out.",
        rfc: Some("RFC 7644 section 3.5.2"),
    },
    FindingText {
        code: "expiredCursor",
        title: "refused: expiredCursor",
        explanation: "The cursor was given out too long ago; pagination.cursorTimeout in \
                      ServiceProviderConfig says how long one is good. Begin again with an empty cursor.",
        rfc: Some("RFC 9865 section 2.1"),
    },
    FindingText {
        code: "follow-up",
        title: "read by Scimscope",
        explanation: "The answer to a write did not show the resource, so it was read. Switch that off in Settings, Tenants.",
        rfc: None,
    },
    FindingText {
        code: "forwarded-ignored",
        title: "forwarding not regarded",
        explanation: "The request says under which address it was forwarded. The tenant does not take this \
                      from where the connection came from, so URLs in the answer are not built with it.",
        rfc: Some("RFC 7239 section 8.1"),
    },
    FindingText {
        code: "http-400",
        title: "refused: bad request",
        explanation: "What came is not a request that the server can read.",
        rfc: Some("RFC 9110 section 15.5.1"),
    },
    FindingText {
        code: "http-401",
        title: "refused: not authorized",
        explanation: "The bearer token is missing or wrong. The steps of the check are shown with the \
                      exchange.",
        rfc: Some("RFC 7644 section 2"),
    },
    FindingText {
        code: "http-403",
        title: "refused: forbidden",
        explanation: "The operation is not allowed here.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-404",
        title: "not found",
        explanation: "There is no such resource or endpoint. Look at the id, and whether the base URL ends \
                      as it should. A look-up by filter that finds nothing is no error: it is answered with \
                      an empty list.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-405",
        title: "refused: method not allowed",
        explanation: "The endpoint does not have this method. The Allow header lists those it has.",
        rfc: Some("RFC 9110 section 15.5.6"),
    },
    FindingText {
        code: "http-408",
        title: "too slow",
        explanation: "The request did not come in time as a whole.",
        rfc: Some("RFC 9110 section 15.5.9"),
    },
    FindingText {
        code: "http-409",
        title: "refused: conflict",
        explanation: "The request does not fit the state of the resource.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-412",
        title: "refused: another version is there",
        explanation: "The resource has changed since the version in the condition. Read it again.",
        rfc: Some("RFC 7644 section 3.14"),
    },
    FindingText {
        code: "http-413",
        title: "refused: too large",
        explanation: "The body is larger than the server takes.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-415",
        title: "refused: media type",
        explanation: "The body is neither SCIM's media type nor JSON.",
        rfc: Some("RFC 7644 section 3.1"),
    },
    FindingText {
        code: "http-428",
        title: "refused: If-Match is missing",
        explanation: "The profile wants each write to say which version of the resource it expects, so \
                      that nobody overwrites what they have not seen. If-Match holds the ETag that was read.",
        rfc: Some("RFC 6585 section 3"),
    },
    FindingText {
        code: "http-431",
        title: "refused: headers too large",
        explanation: "Request line and headers are larger than the server takes.",
        rfc: Some("RFC 6585 section 5"),
    },
    FindingText {
        code: "http-500",
        title: "failed",
        explanation: "Handling the request failed inside the server. What the record shows as changed is \
                      changed, nothing else.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-501",
        title: "not supported",
        explanation: "The server does not do this. ServiceProviderConfig says what it does.",
        rfc: Some("RFC 7644 section 3.12, table 8"),
    },
    FindingText {
        code: "http-502",
        title: "no answer from the server behind",
        explanation: "The server behind the tenant cannot be reached, ended the connection, or does not speak HTTP. The answer is that of Scimscope.",
        rfc: Some("RFC 9110 section 15.6.3"),
    },
    FindingText {
        code: "http-504",
        title: "the server behind took too long",
        explanation: "The server behind the tenant did not answer in time. The answer is that of Scimscope; whether the request had an effect is not known.",
        rfc: Some("RFC 9110 section 15.6.5"),
    },
    FindingText {
        code: "invalidCount",
        title: "refused: invalidCount",
        explanation: "count is larger than the largest page, or it is another one than the walk by cursor \
                      began with.",
        rfc: Some("RFC 9865 section 2.1"),
    },
    FindingText {
        code: "invalidCursor",
        title: "refused: invalidCursor",
        explanation: "The cursor was not given out by this server, or for another query or another client. \
                      All parameters but the cursor must stay the same during a walk.",
        rfc: Some("RFC 9865 section 2.1"),
    },
    FindingText {
        code: "invalidFilter",
        title: "refused: invalidFilter",
        explanation: "The filter cannot be parsed, or compares what cannot be compared. The message says at \
                      which character.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "invalidPath",
        title: "refused: invalidPath",
        explanation: "The path of a PATCH operation cannot be parsed, or names nothing that the schema has.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "invalidSyntax",
        title: "refused: invalidSyntax",
        explanation: "The body is not JSON, or not the message that is expected here.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "invalidValue",
        title: "refused: invalidValue",
        explanation: "A required value is missing, or a value does not fit the type of its attribute.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "invalidVers",
        title: "refused: invalidVers",
        explanation: "The protocol version in the URL is not supported.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "member-not-found",
        title: "reference that leads nowhere",
        explanation: "A member, a manager or another reference names an id that no resource has. The \
                      reference is kept as it was sent. Often the resource was deleted, or is created \
                      later.",
        rfc: Some("RFC 7643 section 2.3.7"),
    },
    FindingText {
        code: "missing-content-type",
        title: "body without a media type",
        explanation: "The request has a body but no Content-Type. It was read as SCIM's JSON. Clients should \
                      say application/scim+json.",
        rfc: Some("RFC 7644 section 3.1"),
    },
    FindingText {
        code: "mutability",
        title: "refused: mutability",
        explanation: "The change is not allowed: the attribute is readOnly, or immutable and already set.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "name-case",
        title: "name in another case",
        explanation: "An attribute or schema was named in another case than its schema does. Names are \
                      compared without regard to case; answers use the schema's form.",
        rfc: Some("RFC 7643 section 2.1"),
    },
    FindingText {
        code: "no-uri",
        title: "no URI",
        explanation: "A reference has characters that no URI has. The value is kept as sent; nobody will be able \
                      to follow it.",
        rfc: Some("RFC 7643 section 2.3.7"),
    },
    FindingText {
        code: "non-canonical-value",
        title: "value beside the canonical ones",
        explanation: "The schema lists canonical values for this attribute, and the value sent is none of \
                      them. The list is a suggestion, so the value is kept.",
        rfc: Some("RFC 7643 section 7"),
    },
    FindingText {
        code: "noTarget",
        title: "refused: noTarget",
        explanation: "A path selects nothing that could be changed: a remove without path, or a value filter \
                      that matches no element.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "parameters-ignored",
        title: "parameters not regarded",
        explanation: "A search by POST has its parameters in the body. Those in the URL were not regarded.",
        rfc: Some("RFC 7644 section 3.4.3"),
    },
    FindingText {
        code: "repeated-parameter",
        title: "query parameter twice",
        explanation: "A parameter that can stand once stands in the query several times. The first one \
                      holds.",
        rfc: Some("RFC 7644 section 3.4.2"),
    },
    FindingText {
        code: "schemas-in-extension",
        title: "schemas inside an extension",
        explanation: "The object of an extension has a schemas of its own that names the extension. It says \
                      nothing new and is left out; schemas belongs to the resource.",
        rfc: Some("RFC 7643 section 3"),
    },
    FindingText {
        code: "schemas-incomplete",
        title: "schema not listed",
        explanation: "The body has data of an extension that its schemas do not list. The extension is added \
                      to them.",
        rfc: Some("RFC 7643 section 3"),
    },
    FindingText {
        code: "schemas-kept",
        title: "schema stays listed",
        explanation: "A PATCH would have taken a schema out of the list while the resource has attributes of \
                      it. It stays listed, because the list says what the resource has.",
        rfc: Some("RFC 7643 section 3"),
    },
    FindingText {
        code: "sensitive",
        title: "refused: sensitive",
        explanation: "The request carries data in its URL that must not stand there.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "sort-ignored",
        title: "order not regarded",
        explanation: "sortBy was sent, but sorting is not supported, as ServiceProviderConfig says. The \
                      order is that of creation.",
        rfc: Some("RFC 7644 section 3.4.2.3"),
    },
    FindingText {
        code: "start-index-ignored",
        title: "startIndex not regarded",
        explanation: "startIndex was sent for a list that is not cut into pages by index. It has no \
                      meaning there.",
        rfc: Some("RFC 9865 section 2"),
    },
    FindingText {
        code: "tooMany",
        title: "refused: tooMany",
        explanation: "The answer would be larger than the server is willing to compute. Narrow the filter or \
                      page.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "state-differs",
        title: "another end than expected",
        explanation: "A fixture says which resources there are after its last exchange. Carried out here, its \
                      exchanges come to something else: its profile was another one, or what happened between \
                      them is not in it.",
        rfc: None,
    },
    FindingText {
        code: "trailing-slash",
        title: "slash at the end",
        explanation: "The path ends with a slash. It leads to the same place as without.",
        rfc: Some("RFC 7644 section 3.2"),
    },
    FindingText {
        code: "uniqueness",
        title: "refused: uniqueness",
        explanation: "A value that must be unique is taken by another resource. Look for that one first; \
                      clients usually match by userName or externalId.",
        rfc: Some("RFC 7644 section 3.12, table 9"),
    },
    FindingText {
        code: "unknown-attribute",
        title: "attribute that the schema does not have",
        explanation: "The request names an attribute that this resource type does not have, or has \
                      elsewhere. It is left out and will not come back in an answer: a frequent cause of \
                      data that seems lost. A custom attribute needs its schema.",
        rfc: Some("RFC 7643 section 3"),
    },
    FindingText {
        code: "unknown-filter-attribute",
        title: "filter on an attribute that the schema does not have",
        explanation: "The filter compares an attribute that this resource type does not have. It counts as \
                      absent, so the comparison matches nothing.",
        rfc: Some("RFC 7644 section 3.4.2.2"),
    },
    FindingText {
        code: "unknown-sort-attribute",
        title: "order by an unknown attribute",
        explanation: "sortBy names an attribute that the schema does not have, so no resource has a value \
                      to be sorted by. The order is that of creation.",
        rfc: Some("RFC 7644 section 3.4.2.3"),
    },
];
