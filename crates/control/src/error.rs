//! Errors of this API, all of one form.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use traffic::archive::Unreadable;
use utoipa::ToSchema;

/// The body of every answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable snake_case word, for programs: "not_found".
    pub code: String,
    /// What was wrong, where, and what to do: for people.
    pub message: String,
    /// The part of a text in the call that it is about, in UTF-16 code units. Absent if it is about no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub span: Option<TextSpan>,
}

/// A part of a text, in UTF-16 code units, as JavaScript counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TextSpan {
    /// The first code unit.
    pub start: u64,
    /// The code unit after the last.
    pub end: u64,
}

impl TextSpan {
    /// Bytes of a text; what is beyond its end, or inside a character, is brought to the next place before it.
    pub(crate) fn of(text: &str, bytes: std::ops::Range<usize>) -> TextSpan {
        let units = |byte: usize| text[..text.floor_char_boundary(byte)].encode_utf16().count() as u64;
        TextSpan { start: units(bytes.start), end: units(bytes.end) }
    }
}

/// An error on its way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    span: Option<TextSpan>,
}

impl ApiError {
    /// An error with a status, a code and a message.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError { status, code, message: message.into(), span: None }
    }

    /// The same, pointing at a part of a text in the call.
    pub(crate) fn at(mut self, span: Option<TextSpan>) -> ApiError {
        self.span = span;
        self
    }

    /// 400: the request itself is wrong.
    pub fn bad_request(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }

    /// 404: there is no such thing.
    pub fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// 500: the workspace cannot be read.
    pub fn unreadable(why: &Unreadable) -> ApiError {
        let message = format!("this part of the record is not in memory, and it cannot be read: {why}");
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "unreadable", message)
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let detail = ErrorDetail { code: self.code.to_owned(), message: self.message, span: self.span };
        (self.status, Json(ErrorBody { error: detail })).into_response()
    }
}
