//! Bytes in JSON, readable where they are text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;

/// How many bytes a blob carries at most; the raw endpoints give all of them.
pub const INLINE_BYTES: usize = 1 << 20;

/// How the text of a blob stands for its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlobEncoding {
    /// The text is the bytes.
    Utf8,
    /// The bytes are no UTF-8; the text is their base64.
    Base64,
}

/// Bytes as they were on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Blob {
    /// How many bytes there are in all.
    pub bytes: u64,
    /// How `text` stands for them.
    pub encoding: BlobEncoding,
    /// The bytes, or the first of them.
    pub text: String,
    /// Whether `text` holds only the first part.
    pub truncated: bool,
}

impl Blob {
    /// These bytes, inlined up to [`INLINE_BYTES`].
    pub fn new(bytes: &[u8]) -> Blob {
        let kept = &bytes[..bytes.len().min(INLINE_BYTES)];
        let (encoding, text) = match std::str::from_utf8(kept) {
            Ok(text) => (BlobEncoding::Utf8, text.to_owned()),
            // Only the cut itself broke the last character.
            Err(error) if error.error_len().is_none() && kept.len() < bytes.len() => {
                (BlobEncoding::Utf8, String::from_utf8_lossy(&kept[..error.valid_up_to()]).into_owned())
            }
            Err(_) => (BlobEncoding::Base64, STANDARD.encode(kept)),
        };
        Blob { bytes: bytes.len() as u64, encoding, text, truncated: kept.len() < bytes.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_cut_inside_a_character_stays_text() {
        let mut long = "a".repeat(INLINE_BYTES - 1);
        long.push_str("äää");
        let blob = Blob::new(long.as_bytes());
        assert_eq!(blob.encoding, BlobEncoding::Utf8);
        assert_eq!(blob.text.len(), INLINE_BYTES - 1);
        assert!(blob.truncated);
        assert_eq!(blob.bytes, long.len() as u64);
    }

    #[test]
    fn bytes_that_are_no_text_are_base64() {
        let blob = Blob::new(&[0x16, 0x03, 0xff]);
        assert_eq!((blob.encoding, blob.text.as_str(), blob.truncated), (BlobEncoding::Base64, "FgP/", false));
    }
}
