//! Undoing content codings (RFC 9110 section 8.4.1), for those who read the record. What leaves is never touched.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;

/// The body without its content coding; nothing if it has none. The error says why it stays as it is.
pub fn decode(headers: &HeaderMap, body: &Bytes, limit_bytes: usize) -> Result<Option<Bytes>, String> {
    let codings: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(',').map(|name| name.trim().to_ascii_lowercase()))
        .filter(|name| !name.is_empty() && name != "identity")
        .collect();
    if codings.is_empty() || body.is_empty() {
        return Ok(None);
    }
    let mut decoded = body.clone();
    for coding in codings.iter().rev() {
        decoded = one(coding, &decoded, limit_bytes)?;
    }
    Ok(Some(decoded))
}

fn one(coding: &str, body: &[u8], limit_bytes: usize) -> Result<Bytes, String> {
    let wrong = |why: String| format!("the content coding {coding} cannot be undone: {why}");
    let read = match coding {
        "gzip" | "x-gzip" => all(MultiGzDecoder::new(body), limit_bytes),
        // Some servers leave out the frame that the RFC wants.
        "deflate" => all(ZlibDecoder::new(body), limit_bytes).or_else(|_| all(DeflateDecoder::new(body), limit_bytes)),
        _ => return Err(format!("the content coding {coding:?} is not known here; the body is shown as it came")),
    };
    read.map_err(wrong)
}

fn all(from: impl Read, limit_bytes: usize) -> Result<Bytes, String> {
    let mut decoded = Vec::new();
    from.take(limit_bytes as u64 + 1).read_to_end(&mut decoded).map_err(|error| error.to_string())?;
    match decoded.len() > limit_bytes {
        true => Err(format!("it has more than {limit_bytes} bytes")),
        false => Ok(Bytes::from(decoded)),
    }
}
