//! Cutting what the server sends into responses.

use std::mem::MaybeUninit;

use super::chunked::Chunked;
use super::{BodyLength, MAX_FIELDS, content_length};

/// The next thing that a stream of responses consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut<'a> {
    /// Bytes of a head, or of an interim response before it.
    Head(&'a [u8]),
    /// Bytes of the body as they went, chunk framing included.
    Body(&'a [u8]),
    /// The final response is complete.
    End,
}

/// Cuts a stream of bytes into responses. It never refuses anything: what it does not understand is a body without end.
#[derive(Debug, Default)]
pub struct ResponseFramer {
    at: At,
    partial: Vec<u8>,
}

#[derive(Debug, Default)]
enum At {
    #[default]
    Head,
    Exact(u64),
    Chunked(Chunked),
    UntilClose,
}

enum Parsed {
    Partial,
    /// An interim response of this many bytes.
    Interim(usize),
    /// A final head of this many bytes and the length of the body after it.
    Final(usize, BodyLength),
}

impl ResponseFramer {
    /// The next cut, taking its bytes off the front of the input. `to_head_request`: the response answers a HEAD
    /// request, so it has no body whatever its head says (RFC 9110 section 9.3.2).
    pub fn next<'a>(&mut self, input: &mut &'a [u8], to_head_request: bool) -> Option<Cut<'a>> {
        match &mut self.at {
            At::Head if input.is_empty() => None,
            At::Head => Some(self.head(input, to_head_request)),
            At::Exact(0) => {
                self.at = At::Head;
                Some(Cut::End)
            }
            At::Exact(left) => {
                let here = (*left).min(input.len() as u64);
                *left -= here;
                (here > 0).then(|| Cut::Body(split_to(input, here as usize)))
            }
            At::Chunked(chunked) if chunked.ended() => {
                self.at = At::Head;
                Some(Cut::End)
            }
            At::Chunked(chunked) => {
                let (taken, result) = chunked.take(input);
                if result.is_err() {
                    self.at = At::UntilClose;
                }
                (taken > 0).then(|| Cut::Body(split_to(input, taken)))
            }
            At::UntilClose => (!input.is_empty()).then(|| Cut::Body(split_to(input, input.len()))),
        }
    }

    fn head<'a>(&mut self, input: &mut &'a [u8], to_head_request: bool) -> Cut<'a> {
        let before = self.partial.len();
        let parsed = if before == 0 {
            parse(input, to_head_request)
        } else {
            self.partial.extend_from_slice(input);
            parse(&self.partial, to_head_request)
        };
        let length = match parsed {
            Parsed::Partial => {
                if before == 0 {
                    self.partial.extend_from_slice(input);
                }
                return Cut::Head(split_to(input, input.len()));
            }
            Parsed::Interim(length) => length,
            Parsed::Final(length, body) => {
                self.at = match body {
                    BodyLength::Exact(length) => At::Exact(length),
                    BodyLength::Chunked => At::Chunked(Chunked::default()),
                    BodyLength::UntilClose => At::UntilClose,
                };
                length
            }
        };
        self.partial.clear();
        Cut::Head(split_to(input, length - before))
    }
}

fn split_to<'a>(input: &mut &'a [u8], at: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(at);
    *input = rest;
    taken
}

fn parse(bytes: &[u8], to_head_request: bool) -> Parsed {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let config = httparse::ParserConfig::default();
    let length = match config.parse_response_with_uninit_headers(&mut response, bytes, &mut fields) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Parsed::Partial,
        Err(_) => return Parsed::Final(bytes.len(), BodyLength::UntilClose),
    };
    match response.code.unwrap_or_default() {
        100..200 => return Parsed::Interim(length),
        204 | 304 => return Parsed::Final(length, BodyLength::Exact(0)),
        _ if to_head_request => return Parsed::Final(length, BodyLength::Exact(0)),
        _ => {}
    }
    let value = |name: &str| response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name));
    let body = match (value("transfer-encoding"), value("content-length")) {
        (Some(_), _) => BodyLength::Chunked,
        (None, Some(field)) => content_length(field.value).map_or(BodyLength::UntilClose, BodyLength::Exact),
        (None, None) => BodyLength::UntilClose,
    };
    Parsed::Final(length, body)
}
