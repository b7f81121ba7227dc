//! Requests as the listener hands them over, and what never became one.

use core::net::IpAddr;

use bytes::Bytes;
use jiff::Timestamp;
use traffic::ids::Seq;

/// A whole HTTP request.
#[derive(Clone, Debug)]
pub struct Request {
    /// The number of its exchange.
    pub seq: Seq,
    /// When its first byte was read.
    pub at: Timestamp,
    /// The method as sent.
    pub method: String,
    /// The request target as sent.
    pub target: String,
    /// Header fields in order, names as sent.
    pub headers: Vec<(String, String)>,
    /// The body without transfer coding.
    pub body: Bytes,
    /// Scheme and authority under which the client reached us, without a slash at the end: `http://127.0.0.1:8787`.
    pub base_url: String,
    /// The address that the connection came from.
    pub peer: IpAddr,
}

impl Request {
    /// The values of a header, with the name of each as sent.
    pub(crate) fn header_fields<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
        self.headers
            .iter()
            .filter(move |(have, _)| have.eq_ignore_ascii_case(name))
            .map(|(have, value)| (have.as_str(), value.trim()))
    }

    /// All values of a list-valued header, joined; nothing if it was not sent (RFC 9110 section 5.2).
    pub(crate) fn header_list(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.header_fields(name).map(|(_, value)| value).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// Why the listener could not hand over a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are not HTTP; the text says where they stop being it.
    NotHttp(String),
    /// Request line and headers are larger than the listener reads.
    HeadTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// There are more header fields than the listener reads.
    TooManyHeaders {
        /// The limit.
        limit: u64,
    },
    /// The body is larger than the listener reads.
    BodyTooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The client took too long.
    Timeout {
        /// With what: "the request head", "the body".
        what: String,
    },
    /// Legal HTTP that the listener does not do: an unknown transfer coding, an upgrade.
    Unsupported(String),
    /// Handling the request panicked.
    Panicked,
}

impl Refusal {
    /// The status code that says so.
    pub fn status(&self) -> u16 {
        match self {
            Refusal::NotHttp(_) => 400,
            Refusal::HeadTooLarge { .. } | Refusal::TooManyHeaders { .. } => 431,
            Refusal::BodyTooLarge { .. } => 413,
            Refusal::Timeout { .. } => 408,
            Refusal::Unsupported(_) => 501,
            Refusal::Panicked => 500,
        }
    }

    /// What was wrong and what to do, for the error message.
    pub fn detail(&self) -> String {
        match self {
            Refusal::NotHttp(why) => format!("the bytes that came are not an HTTP/1.1 request: {why}"),
            Refusal::HeadTooLarge { limit } => {
                format!("the request line and the headers are larger than {limit} bytes; send less")
            }
            Refusal::TooManyHeaders { limit } => format!("there are more than {limit} header fields; send fewer"),
            Refusal::BodyTooLarge { limit } => {
                format!("the body is larger than {limit} bytes; send less, or raise the limit of the server")
            }
            Refusal::Timeout { what } => format!("waited too long for {what}; send the request again"),
            Refusal::Unsupported(what) => format!("{what} is not supported"),
            Refusal::Panicked => {
                "handling this request failed inside the server; nothing was changed unless the record shows it".into()
            }
        }
    }
}
