//! Cutting a stream of bytes into HTTP/1.1 messages, without changing or dropping any of them (RFC 9112).
//!
//! The framers see the bytes in pieces of any size and give the same cut however they were split. Bodies with a known
//! length are passed over by length; only heads and chunk size lines are looked at.

pub mod chunked;
pub mod request;
pub mod response;
#[cfg(test)]
mod tests;

/// How many header fields a message may have. The HTTP server behind the tap has the same limit.
pub const MAX_FIELDS: usize = 100;

/// How the end of a body is found (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyLength {
    /// This many bytes follow; zero if there is no body.
    Exact(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
    /// Everything until the connection ends; responses only.
    UntilClose,
}

/// Reads a `Content-Length` value: digits only (RFC 9110 section 8.6).
fn content_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The two highest numbers are taken by the HTTP server as marks of its own.
    std::str::from_utf8(value).ok()?.parse().ok().filter(|length| *length < u64::MAX - 2)
}
