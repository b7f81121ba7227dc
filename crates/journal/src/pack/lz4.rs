//! LZ4 blocks of what follows a dictionary.
//!
//! A general encoder looks through the dictionary anew for each block, which takes longer than a block of a kilobyte. This one
//! has looked through it once. It makes the standard format (LZ4 Block Format Description 1.5.1), which is read by
//! [`lz4_flex::block::decompress_with_dict`].

/// Positions are kept in 16 bits, which is also how far back the format can point.
const FARTHEST: usize = u16::MAX as usize;
const TABLE_BITS: u32 = 12;
const SHORTEST_MATCH: usize = 4;
/// The last match begins no later than so many bytes before the end, and the last five bytes are literals.
const NO_MATCH_BYTES: usize = 12;
const LAST_LITERALS: usize = 5;
/// After so many positions without a match steps get longer by one.
const PATIENCE_BITS: u32 = 5;

/// Packs blocks after one dictionary.
#[derive(Clone, Debug)]
pub(super) struct Encoder {
    dictionary_bytes: usize,
    /// Where in the dictionary four bytes with this hash are, plus one.
    of_dictionary: Box<[u16; 1 << TABLE_BITS]>,
    table: Box<[u16; 1 << TABLE_BITS]>,
}

impl Encoder {
    /// Looks through a dictionary of less than 32 KB.
    pub(super) fn new(dictionary: &[u8]) -> Encoder {
        let mut table = Box::new([0; 1 << TABLE_BITS]);
        for at in 0..dictionary.len().saturating_sub(SHORTEST_MATCH - 1) {
            table[hash(word(dictionary, at))] = at as u16 + 1;
        }
        Encoder { dictionary_bytes: dictionary.len(), of_dictionary: table.clone(), table }
    }

    /// Whether a block of so many bytes can be packed here.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        self.dictionary_bytes + bytes < FARTHEST
    }

    /// Adds to `out` the block of what is in `bytes` behind the dictionary, with which they begin.
    pub(super) fn encode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        debug_assert!(bytes.len() <= FARTHEST, "a block that the encoder does not take");
        self.table.copy_from_slice(&*self.of_dictionary);
        let mut anchor = self.dictionary_bytes;
        let mut at = anchor;
        let last_start = bytes.len().saturating_sub(NO_MATCH_BYTES);
        let mut misses = 0_usize;
        while at < last_start {
            let here = word(bytes, at);
            let slot = &mut self.table[hash(here)];
            let candidate = usize::from(std::mem::replace(slot, at as u16 + 1));
            let Some(mut from) = candidate.checked_sub(1).filter(|from| word(bytes, *from) == here) else {
                misses += 1;
                at += 1 + (misses >> PATIENCE_BITS);
                continue;
            };
            misses = 0;
            let mut start = at;
            while start > anchor && from > 0 && bytes[start - 1] == bytes[from - 1] {
                start -= 1;
                from -= 1;
            }
            let end = at + equal(&bytes[from + (at - start)..], &bytes[at..bytes.len() - LAST_LITERALS]);
            sequence(&bytes[anchor..start], Some((start - from, end - start)), out);
            anchor = end;
            at = end;
            // What comes next is often what came next before.
            if at < last_start {
                let before = at - 2;
                self.table[hash(word(bytes, before))] = before as u16 + 1;
            }
        }
        sequence(&bytes[anchor..], None, out);
    }
}

/// Four bytes as a number.
fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn hash(word: u32) -> usize {
    (word.wrapping_mul(2_654_435_761) >> (32 - TABLE_BITS)) as usize
}

/// How many bytes are the same from the beginning on.
fn equal(left: &[u8], right: &[u8]) -> usize {
    let mut length = 0;
    for (left, right) in left.chunks_exact(8).zip(right.chunks_exact(8)) {
        let [left, right] = [left, right].map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes")));
        if left != right {
            return length + ((left ^ right).trailing_zeros() / 8) as usize;
        }
        length += 8;
    }
    length + left[length..].iter().zip(&right[length..]).take_while(|(left, right)| left == right).count()
}

/// Literals, and a match that is so far back and so long.
fn sequence(literals: &[u8], found: Option<(usize, usize)>, out: &mut Vec<u8>) {
    let extra = found.map(|(_, length)| length - SHORTEST_MATCH);
    let half = |length: usize| length.min(15) as u8;
    out.push(half(literals.len()) << 4 | extra.map_or(0, half));
    put_length(literals.len(), out);
    out.extend_from_slice(literals);
    if let (Some((back, _)), Some(extra)) = (found, extra) {
        out.extend_from_slice(&(back as u16).to_le_bytes());
        put_length(extra, out);
    }
}

/// What of a length does not fit into its half of the first byte.
fn put_length(length: usize, out: &mut Vec<u8>) {
    let Some(mut rest) = length.checked_sub(15) else { return };
    while rest >= 255 {
        out.push(255);
        rest -= 255;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn comes_back(dictionary: &[u8], content: &[u8]) -> usize {
        let mut encoder = Encoder::new(dictionary);
        let bytes = [dictionary, content].concat();
        let mut sizes = Vec::new();
        // Twice: one block must not show in the next.
        for _ in 0..2 {
            let mut out = Vec::new();
            encoder.encode(&bytes, &mut out);
            let back = lz4_flex::block::decompress_with_dict(&out, content.len(), dictionary).unwrap();
            assert_eq!(back, content);
            sizes.push(out.len());
        }
        assert_eq!(sizes[0], sizes[1]);
        sizes[0]
    }

    #[test]
    fn lengths_around_those_that_need_another_byte_come_back() {
        for length in (0..40).chain([254, 255, 256, 269, 270, 271, 272, 273, 274, 275, 530, 5_000, 60_000]) {
            let same = vec![b'x'; length];
            comes_back(b"", &same);
            comes_back(&b"xxxxxxxxxxxxxxxxxxxxxxxx".repeat(20), &same);
            let mixed: Vec<u8> = (0..length).map(|at| (at * at / 7) as u8).collect();
            comes_back(b"an unlike dictionary", &mixed);
        }
    }

    #[test]
    fn what_is_in_the_dictionary_takes_few_bytes() {
        let dictionary = b"GET /scim/v2/Users HTTP/1.1\r\nHost: 127.0.0.1:8787\r\nAuthorization: Bearer ";
        assert!(comes_back(dictionary, dictionary) < 16);
    }

    proptest! {
        #[test]
        fn everything_comes_back(
            dictionary in proptest::collection::vec(0..4_u8, 0..300),
            content in proptest::collection::vec(0..4_u8, 0..2_000),
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            comes_back(&dictionary, &content);
            comes_back(&bytes, &[&content[..], &bytes, &content].concat());
        }
    }
}
