//! Cursors (RFC 9865): where a walk through a list stands, as a text that only this process can make.
//!
//! A cursor holds everything that the next page needs, so nothing is kept for walks that nobody ends. It is signed with a
//! key of the process: a changed one is told from one that was given out.

use std::fmt;
use std::hash::Hasher;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use scim::sort::Key;
use siphasher::sip128::{Hasher128, SipHasher24};
use subtle::ConstantTimeEq;

use crate::ports::Entropy;

/// The key by which cursors are signed. Made afresh in each process: a restart ends all walks.
pub(crate) struct CursorKey([u8; 16]);

/// Where a walk stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cursor {
    /// What the walk is about: whatever must be the same in each of its requests.
    pub query: u128,
    /// How many resources each page has at most.
    pub count: u32,
    /// When this page was given out, in milliseconds since 1970.
    pub issued_ms: i64,
    /// Whether the page wanted lies before the position.
    pub backwards: bool,
    /// The resource beside which the page lies; it is not part of the page.
    pub position: Position,
}

/// The place of a resource in the order of a list. It stays what it is when the resource is gone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Position {
    /// What the list is sorted by; absent if it is not sorted.
    pub key: Option<Key>,
    /// Number of the resource type among those asked.
    pub of_type: u32,
    /// Place in the order of creation.
    pub slot: u64,
}

const VERSION: u8 = 1;
const TAG_BYTES: usize = 16;
/// Fixed fields before the sort key.
const HEAD_BYTES: usize = 1 + 16 + 4 + 8 + 1 + 4 + 8;

impl CursorKey {
    pub fn new(entropy: &dyn Entropy) -> CursorKey {
        let mut key = [0; 16];
        entropy.fill(&mut key);
        CursorKey(key)
    }

    /// A number that stands for these texts, for [`Cursor::query`]. Others cannot make two lists of texts with the same one.
    pub fn fingerprint<'t>(&self, texts: impl IntoIterator<Item = Option<&'t str>>) -> u128 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        for text in texts {
            match text {
                None => hasher.write_u8(0),
                Some(text) => {
                    hasher.write_u8(1);
                    hasher.write_u64(text.len() as u64);
                    hasher.write(text.as_bytes());
                }
            }
        }
        hasher.finish128().as_u128()
    }

    /// The text of a cursor: unreserved characters only (RFC 9865 section 2).
    pub fn sign(&self, cursor: &Cursor) -> String {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + TAG_BYTES);
        bytes.push(VERSION);
        bytes.extend(cursor.query.to_be_bytes());
        bytes.extend(cursor.count.to_be_bytes());
        bytes.extend(cursor.issued_ms.to_be_bytes());
        bytes.push(u8::from(cursor.backwards));
        bytes.extend(cursor.position.of_type.to_be_bytes());
        bytes.extend(cursor.position.slot.to_be_bytes());
        if let Some(key) = &cursor.position.key {
            bytes.extend(key.to_bytes());
        }
        let tag = self.tag(&bytes);
        bytes.extend(tag);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor that was given out as this text; nothing if this process never gave it out.
    pub fn verify(&self, text: &str) -> Option<Cursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().checked_sub(TAG_BYTES)?)?;
        if !bool::from(self.tag(signed).ct_eq(tag)) {
            return None;
        }
        let mut rest = signed;
        if take::<1>(&mut rest)? != [VERSION] {
            return None;
        }
        Some(Cursor {
            query: u128::from_be_bytes(take(&mut rest)?),
            count: u32::from_be_bytes(take(&mut rest)?),
            issued_ms: i64::from_be_bytes(take(&mut rest)?),
            backwards: take::<1>(&mut rest)? == [1],
            position: Position {
                of_type: u32::from_be_bytes(take(&mut rest)?),
                slot: u64::from_be_bytes(take(&mut rest)?),
                key: if rest.is_empty() { None } else { Some(Key::from_bytes(rest)?) },
            },
        })
    }

    fn tag(&self, bytes: &[u8]) -> [u8; TAG_BYTES] {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        // Apart from fingerprints, which hash under the same key.
        hasher.write(b"cursor");
        hasher.write(bytes);
        hasher.finish128().as_bytes()
    }
}

impl Cursor {
    /// Whether it was given out longer ago than this.
    pub fn is_older_than(&self, seconds: u64, now: Timestamp) -> bool {
        let age = now.as_millisecond().saturating_sub(self.issued_ms);
        age > i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bytes(u8);

    impl Entropy for Bytes {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn cursor() -> Cursor {
        Cursor {
            query: 7,
            count: 2,
            issued_ms: 1_000_000,
            backwards: true,
            position: Position { key: Some(Key::Text("ä".into())), of_type: 1, slot: 300 },
        }
    }

    #[test]
    fn a_cursor_comes_back_as_it_went_out_in_unreserved_characters() {
        let key = CursorKey::new(&Bytes(1));
        let text = key.sign(&cursor());
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{text}");
        assert_eq!(key.verify(&text), Some(cursor()));
    }

    #[test]
    fn a_cursor_with_any_other_character_is_none() {
        let key = CursorKey::new(&Bytes(1));
        let text = key.sign(&cursor());
        for at in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(key.verify(&String::from_utf8(other).unwrap()), None, "character {at}");
        }
        for broken in ["", "A", "AAAA", "*", &text[1..], &format!("{text}A")] {
            assert_eq!(key.verify(broken), None, "{broken}");
        }
        assert_eq!(CursorKey::new(&Bytes(2)).verify(&text), None, "a cursor of another process");
    }

    #[test]
    fn a_cursor_ages_by_the_clock_it_is_shown() {
        let at = |seconds: i64| Timestamp::from_second(seconds).unwrap();
        assert!(!cursor().is_older_than(60, at(1_060)));
        assert!(cursor().is_older_than(60, at(1_061)));
        assert!(!cursor().is_older_than(u64::MAX, at(1_000_000)));
    }

    #[test]
    fn fingerprints_tell_absent_from_empty_and_one_text_from_two() {
        let key = CursorKey::new(&Bytes(1));
        let prints = [
            key.fingerprint([None, Some("a")]),
            key.fingerprint([Some(""), Some("a")]),
            key.fingerprint([Some("a"), None]),
            key.fingerprint([Some("ab")]),
            key.fingerprint([Some("a"), Some("b")]),
        ];
        for (at, print) in prints.iter().enumerate() {
            assert!(!prints[at + 1..].contains(print), "{at}");
        }
    }
}
