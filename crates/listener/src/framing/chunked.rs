//! The chunked transfer coding (RFC 9112 section 7.1): where a chunked body ends.

/// How many bytes all chunk extensions of one body may have together.
const EXTENSION_LIMIT_BYTES: usize = 16 * 1024 - 1;
/// How many bytes the trailer section may have.
const TRAILER_LIMIT_BYTES: usize = 16 * 1024 - 16;

/// Follows a chunked body to its end. Chunk data is passed over by length.
#[derive(Clone, Debug, Default)]
pub struct Chunked {
    at: At,
    /// Of the chunk being read: its size, then how much of it is still to come.
    left: u64,
    extension_bytes: usize,
    trailer_bytes: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    #[default]
    FirstDigit,
    Size,
    SizeSpace,
    Extension,
    SizeLineFeed,
    Data,
    DataReturn,
    DataLineFeed,
    TrailerLine,
    Trailer,
    TrailerLineFeed,
    LastLineFeed,
    End,
}

impl Chunked {
    /// Takes the bytes at the front that belong to the body, and tells how many those are; all of them unless the body
    /// ends. The error says what is wrong with the framing; then the bytes up to the wrong one are counted as taken.
    pub fn take(&mut self, bytes: &[u8]) -> (usize, Result<(), &'static str>) {
        let mut taken = 0;
        while taken < bytes.len() && self.at != At::End {
            if self.at == At::Data {
                let here = self.left.min((bytes.len() - taken) as u64);
                taken += here as usize;
                self.left -= here;
                if self.left == 0 {
                    self.at = At::DataReturn;
                }
                continue;
            }
            match self.step(bytes[taken]) {
                Ok(next) => self.at = next,
                Err(wrong) => return (taken, Err(wrong)),
            }
            taken += 1;
        }
        (taken, Ok(()))
    }

    /// Whether the last byte of the body has been taken.
    pub fn ended(&self) -> bool {
        self.at == At::End
    }

    fn step(&mut self, byte: u8) -> Result<At, &'static str> {
        Ok(match (self.at, byte) {
            (At::FirstDigit | At::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = u64::from((byte as char).to_digit(16).unwrap_or_default());
                let shifted = self.left.checked_mul(16).ok_or("a chunk size is too large")?;
                self.left = shifted.checked_add(digit).ok_or("a chunk size is too large")?;
                At::Size
            }
            (At::FirstDigit, _) => return Err("a chunk does not begin with a hexadecimal size"),
            (At::Size | At::SizeSpace, b' ' | b'\t') => At::SizeSpace,
            (At::Size | At::SizeSpace, b';') => At::Extension,
            (At::Size | At::SizeSpace | At::Extension, b'\r') => At::SizeLineFeed,
            (At::Size | At::SizeSpace, _) => return Err("a chunk size has a character that is no hexadecimal digit"),
            (At::Extension, b'\n') => return Err("a chunk size line ends without a carriage return"),
            (At::Extension, _) => {
                self.extension_bytes += 1;
                if self.extension_bytes >= EXTENSION_LIMIT_BYTES {
                    return Err("the chunk extensions are too long");
                }
                At::Extension
            }
            (At::SizeLineFeed, b'\n') if self.left == 0 => At::TrailerLine,
            (At::SizeLineFeed, b'\n') => At::Data,
            (At::SizeLineFeed, _) => return Err("a chunk size line does not end with a line feed"),
            (At::DataReturn, b'\r') => At::DataLineFeed,
            (At::DataLineFeed, b'\n') => At::FirstDigit,
            (At::DataReturn | At::DataLineFeed, _) => return Err("a chunk is longer than its size says"),
            (At::TrailerLine, b'\r') => At::LastLineFeed,
            (At::TrailerLine | At::Trailer, b'\n') => return Err("a trailer field ends without a carriage return"),
            (At::Trailer, b'\r') => At::TrailerLineFeed,
            (At::TrailerLine | At::Trailer, _) => {
                self.trailer_bytes += 1;
                if self.trailer_bytes >= TRAILER_LIMIT_BYTES {
                    return Err("the trailer section is too long");
                }
                At::Trailer
            }
            (At::TrailerLineFeed, b'\n') => At::TrailerLine,
            (At::LastLineFeed, b'\n') => At::End,
            (At::TrailerLineFeed | At::LastLineFeed, _) => {
                return Err("a line of the trailer section does not end with a line feed");
            }
            (At::Data | At::End, _) => return Err("bytes after the end of the body"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8]) -> (usize, bool, Option<&'static str>) {
        let mut chunked = Chunked::default();
        let (taken, result) = chunked.take(bytes);
        (taken, chunked.ended(), result.err())
    }

    #[test]
    fn a_body_ends_after_its_trailer_section() {
        for (body, what) in [
            (&b"0\r\n\r\n"[..], "empty"),
            (b"3\r\nabc\r\n0\r\n\r\n", "one chunk"),
            (b"3;name=\"value\"\r\nabc\r\n00;x\r\n\r\n", "extensions"),
            (b"3 \t\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "white space and a capital digit"),
            (b"2\r\n\r\n\r\n0\r\nDigest: x\r\nETag: y\r\n\r\n", "line ends as data, and trailers"),
        ] {
            let mut followed = body.to_vec();
            followed.extend_from_slice(b"GET / HTTP/1.1");
            assert_eq!(cut(&followed), (body.len(), true, None), "{what}");
            assert_eq!(cut(&body[..body.len() - 1]), (body.len() - 1, false, None), "{what}, cut short");
        }
    }

    #[test]
    fn broken_framing_is_refused_where_it_breaks() {
        for (body, taken, wrong) in [
            (&b"\r\n"[..], 0, "a chunk does not begin with a hexadecimal size"),
            (b"-1\r\n", 0, "a chunk does not begin with a hexadecimal size"),
            (b"3g\r\n", 1, "a chunk size has a character that is no hexadecimal digit"),
            (b"3\n", 1, "a chunk size has a character that is no hexadecimal digit"),
            (b"3;a\nabc", 3, "a chunk size line ends without a carriage return"),
            (b"3\rabc", 2, "a chunk size line does not end with a line feed"),
            (b"3\r\nabcd", 6, "a chunk is longer than its size says"),
            (b"10000000000000000\r\n", 16, "a chunk size is too large"),
            (b"0\r\nA: b\nC", 7, "a trailer field ends without a carriage return"),
        ] {
            assert_eq!(cut(body), (taken, false, Some(wrong)), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn extensions_and_trailers_have_a_limit() {
        let extension = [b"1;".as_slice(), &[b'x'; 20_000]].concat();
        assert_eq!(cut(&extension).2, Some("the chunk extensions are too long"));
        let trailer = [b"0\r\n".as_slice(), &[b'x'; 20_000]].concat();
        assert_eq!(cut(&trailer).2, Some("the trailer section is too long"));
    }
}
