//! Faults: why bytes that came in are not a request that can be answered.

use std::fmt;
use std::time::Duration;

use traffic::exchange::Ending;

/// What is wrong with what a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The bytes are not HTTP/1.1; the text says why.
    NotHttp(String),
    /// HTTP/1.1 that the server does not speak; the text says what.
    Unsupported(String),
    /// The head is longer than the server takes.
    HeadTooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The head has more header fields than the server takes.
    TooManyFields {
        /// The limit.
        limit: usize,
    },
    /// The body is longer than the server takes.
    BodyTooLarge {
        /// The limit, for the bytes as they come.
        limit_bytes: usize,
    },
    /// The head was not complete in time.
    HeadTimeout(Duration),
    /// The body was not complete in time.
    BodyTimeout(Duration),
    /// The connection is not encrypted, and should be.
    NotEncrypted,
    /// The connection could not be encrypted; the text says why.
    Handshake(String),
    /// The connection was not encrypted in time.
    HandshakeTimeout(Duration),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotHttp(why) => f.write_str(why),
            Fault::Unsupported(what) => write!(f, "{what} is not supported"),
            Fault::HeadTooLarge { limit_bytes } => {
                write!(f, "the request line and header fields are longer than {limit_bytes} bytes")
            }
            Fault::TooManyFields { limit } => write!(f, "the request has more than {limit} header fields"),
            Fault::BodyTooLarge { limit_bytes } => write!(f, "the body is longer than {limit_bytes} bytes"),
            Fault::HeadTimeout(after) => {
                write!(f, "the request line and header fields were not complete after {} ms", after.as_millis())
            }
            Fault::BodyTimeout(after) => write!(f, "the body was not complete after {} ms", after.as_millis()),
            Fault::NotEncrypted => f.write_str("this server speaks https only, and what came is not encrypted"),
            Fault::Handshake(why) => write!(f, "no TLS handshake: {why}"),
            Fault::HandshakeTimeout(after) => {
                write!(f, "no TLS handshake: it was not complete after {} ms", after.as_millis())
            }
        }
    }
}

impl Fault {
    /// How an exchange with this fault ends.
    pub fn ending(&self) -> Ending {
        match self {
            Fault::HeadTimeout(_) | Fault::BodyTimeout(_) | Fault::HandshakeTimeout(_) => {
                Ending::TimedOut(self.to_string())
            }
            _ => Ending::Refused(self.to_string()),
        }
    }
}
