//! The parts of an exchange that nothing is selected by, as one compressed BLOB.
//!
//! Requests of one client resemble one another and what is written here resembles requests, so the compressor is given a
//! [`dictionary`] to begin with. Layout: how it is packed (one byte), the length of what follows when unpacked (four bytes,
//! little endian), the packed bytes. Unpacked: for each part its number (one byte), its length (four bytes), its bytes.

use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;

mod dictionary;
mod lz4;

/// What a part is. The numbers stand in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Part {
    /// JSON: [`crate::facts::ReceivedFacts`] of the request as it was given to the provider.
    RequestFacts = 1,
    RequestHead = 2,
    RequestBody = 3,
    /// JSON: [`crate::facts::HandledFacts`].
    Handled = 4,
    /// JSON: lines.
    WouldHaveChanged = 5,
    ResponseBody = 6,
    SentHead = 7,
    /// Absent if it is the body that was decided.
    SentBody = 8,
    /// JSON: [`crate::facts::ReceivedFacts`] of a request as it was at the end.
    UnhandledFacts = 9,
    UnhandledHead = 10,
    UnhandledBody = 11,
}

const PARTS: usize = 12;

/// How the rest of a BLOB is packed. The numbers stand in files.
const PLAIN: u8 = 0;
const WITH_FIRST_DICTIONARY: u8 = 1;

const HEAD_BYTES: usize = 5;
/// How many times smaller the compressor can make something.
const MOST_TIMES: usize = 256;
/// Fewer bytes are left as they are.
const WORTH_PACKING_BYTES: usize = 400;

/// Parts on their way into a BLOB; can be used again and again.
#[derive(Debug)]
pub(crate) struct Packer {
    /// The dictionary, then the parts.
    plain: Vec<u8>,
    /// Where the parts begin of the member that was begun last, behind its length.
    member: usize,
    packed: Vec<u8>,
    encoder: lz4::Encoder,
}

impl Default for Packer {
    fn default() -> Packer {
        let (plain, encoder) = (dictionary::FIRST.to_vec(), lz4::Encoder::new(dictionary::FIRST));
        Packer { plain, member: 0, packed: Vec::new(), encoder }
    }
}

impl Packer {
    /// Forgets the parts of the last BLOB.
    pub(crate) fn begin(&mut self) {
        self.plain.truncate(dictionary::FIRST.len());
    }

    /// How many bytes there are that will be packed.
    pub(crate) fn plain_bytes(&self) -> usize {
        self.plain.len() - dictionary::FIRST.len()
    }

    /// Begins a member of a bundle: what is put until it ends is its own.
    pub(crate) fn begin_member(&mut self, number: u64) {
        self.plain.extend_from_slice(&number.to_le_bytes());
        self.plain.extend_from_slice(&[0; 4]);
        self.member = self.plain.len();
    }

    /// Ends it.
    pub(crate) fn end_member(&mut self) {
        let length = (self.plain.len() - self.member) as u32;
        self.plain[self.member - 4..self.member].copy_from_slice(&length.to_le_bytes());
    }

    /// Adds parts as they were when they were unpacked.
    pub(crate) fn put_plain(&mut self, parts: &[u8]) {
        self.plain.extend_from_slice(parts);
    }

    /// Adds a part.
    pub(crate) fn put(&mut self, part: Part, bytes: &[u8]) {
        self.plain.push(part as u8);
        self.plain.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.plain.extend_from_slice(bytes);
    }

    /// Adds a part as JSON.
    pub(crate) fn put_json(&mut self, part: Part, value: &impl Serialize) -> serde_json::Result<()> {
        self.plain.push(part as u8);
        let at = self.plain.len();
        self.plain.extend_from_slice(&[0; 4]);
        serde_json::to_writer(&mut self.plain, value)?;
        let length = (self.plain.len() - at - 4) as u32;
        self.plain[at..at + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// The BLOB of the parts since the beginning.
    pub(crate) fn blob(&mut self) -> &[u8] {
        let Packer { plain, member: _, packed, encoder } = self;
        let parts = &plain[dictionary::FIRST.len()..];
        packed.clear();
        packed.push(WITH_FIRST_DICTIONARY);
        packed.extend_from_slice(&(parts.len() as u32).to_le_bytes());
        if parts.len() >= WORTH_PACKING_BYTES {
            if encoder.takes(parts.len()) {
                encoder.encode(plain, packed);
            } else {
                packed.extend_from_slice(&lz4_flex::block::compress_with_dict(parts, dictionary::FIRST));
            }
            if packed.len() < HEAD_BYTES + parts.len() {
                return packed;
            }
            packed.truncate(HEAD_BYTES);
        }
        packed[0] = PLAIN;
        packed.extend_from_slice(parts);
        packed
    }
}

/// What is in a BLOB, or why it is none.
pub(crate) fn unpacked(blob: &[u8]) -> Result<Vec<u8>, String> {
    let (head, rest) = blob.split_at_checked(HEAD_BYTES).ok_or("packed parts are cut short")?;
    let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length / MOST_TIMES > rest.len() {
        return Err("packed parts say that they are longer than they can be".to_owned());
    }
    let plain = match head[0] {
        PLAIN => rest.to_vec(),
        WITH_FIRST_DICTIONARY => lz4_flex::block::decompress_with_dict(rest, length, dictionary::FIRST)
            .map_err(|error| format!("packed parts are damaged: {error}"))?,
        other => return Err(format!("parts are packed in the unknown way {other}")),
    };
    if plain.len() != length {
        return Err("packed parts are not as long as they say".to_owned());
    }
    Ok(plain)
}

/// The parts of a BLOB.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    plain: Bytes,
    places: [Option<Range<usize>>; PARTS],
}

impl Unpacked {
    /// Takes a BLOB apart, or tells why it is none.
    pub(crate) fn of(blob: &[u8]) -> Result<Unpacked, String> {
        Unpacked::of_parts(Bytes::from(unpacked(blob)?))
    }

    /// The same for what is unpacked already.
    pub(crate) fn of_parts(plain: Bytes) -> Result<Unpacked, String> {
        let length = plain.len();
        let mut unpacked = Unpacked { plain, places: Default::default() };
        let mut at = 0;
        while at < length {
            let cut = || "a packed part is cut short".to_owned();
            let head = unpacked.plain.get(at..at + HEAD_BYTES).ok_or_else(cut)?;
            let from = at + HEAD_BYTES;
            let to = from + u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let place = unpacked.places.get_mut(head[0] as usize).ok_or("there is an unknown packed part")?;
            if to > length {
                return Err(cut());
            }
            *place = Some(from..to);
            at = to;
        }
        Ok(unpacked)
    }

    /// A part, if it is there. All parts of a BLOB share its memory.
    pub(crate) fn get(&self, part: Part) -> Option<Bytes> {
        self.places[part as usize].clone().map(|place| self.plain.slice(place))
    }

    /// A part that is text, if it is there.
    pub(crate) fn text(&self, part: Part) -> Result<Option<&str>, String> {
        let place = self.places[part as usize].clone();
        place.map(|place| std::str::from_utf8(&self.plain[place])).transpose().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes in which nothing repeats.
    fn noise(length: usize) -> Vec<u8> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    fn packed(parts: &[(Part, &[u8])]) -> Vec<u8> {
        let mut packer = Packer::default();
        packer.put(Part::SentHead, b"of the one before");
        packer.begin();
        parts.iter().for_each(|(part, bytes)| packer.put(*part, bytes));
        packer.blob().to_vec()
    }

    #[test]
    fn parts_come_back_as_they_were() {
        let noise = noise(70_000);
        let long = "userName ".repeat(20_000);
        let parts: [(Part, &[u8]); 5] = [
            (Part::RequestHead, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\xff"),
            (Part::RequestBody, b""),
            (Part::Handled, dictionary::FIRST),
            (Part::ResponseBody, &noise),
            (Part::UnhandledBody, long.as_bytes()),
        ];
        let blob = packed(&parts);
        assert!(blob.len() < noise.len() + noise.len() / 100 + 2_000, "{}", blob.len());
        let unpacked = Unpacked::of(&blob).unwrap();
        for (part, bytes) in parts {
            assert_eq!(unpacked.get(part).as_deref(), Some(bytes));
        }
        assert_eq!(unpacked.get(Part::SentBody), None);
    }

    #[test]
    fn what_cannot_be_made_smaller_is_kept_as_it_is() {
        let noise = noise(1_000);
        let blob = packed(&[(Part::ResponseBody, &noise)]);
        assert_eq!((blob[0], blob.len()), (PLAIN, 2 * HEAD_BYTES + noise.len()));
        assert_eq!(packed(&[]), [0; HEAD_BYTES]);
    }

    #[test]
    fn damaged_blobs_are_errors() {
        let head = b"GET /scim/v2/Users HTTP/1.1\r\nHost: example.com\r\n\r\n".repeat(10);
        let whole = packed(&[(Part::RequestHead, &head)]);
        assert_eq!(whole[0], WITH_FIRST_DICTIONARY);
        for length in 0..whole.len() {
            assert!(Unpacked::of(&whole[..length]).is_err(), "{length}");
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                // Something comes back or an error: no panic, and no more memory than it says.
                let _ = Unpacked::of(&damaged);
            }
        }
        assert!(Unpacked::of(&[7, 0, 0, 0, 0]).is_err());
        assert!(Unpacked::of(&[0, 6, 0, 0, 0, 99, 1, 0, 0, 0, 1]).is_err(), "an unknown part");
        assert!(Unpacked::of(&[0, 6, 0, 0, 0, 1, 2, 0, 0, 0, 1]).is_err(), "a part that is longer than the whole");
    }
}
