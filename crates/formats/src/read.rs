//! What every format that is read has in common. Files come from anywhere: everything about them is bounded.

use crate::recorded::Recorded;

/// What a file may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many exchanges.
    pub exchanges: u64,
    /// How many bytes one body may have.
    pub body_bytes: usize,
    /// How many header fields a message may have.
    pub headers: usize,
    /// How many bytes a method, a target, or the name or value of a header field may have.
    pub text_bytes: usize,
    /// How many bytes a file may have that has to be in memory as a whole: collections, commands, one flow of a fixture.
    pub whole_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            exchanges: 1_000_000,
            body_bytes: 64 << 20,
            headers: 1000,
            text_bytes: 1 << 20,
            whole_bytes: 256 << 20,
        }
    }
}

/// Takes the exchanges of a file, one after the other. An error of it ends the reading; it is for people.
pub type Take<'a> = &'a mut dyn FnMut(Recorded) -> Result<(), String>;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is none of the formats that are read.
    #[error("this is none of the formats that can be imported: {0}")]
    Unknown(String),
    /// It is damaged, or not quite what it says that it is.
    #[error("{format}: {why}")]
    Damaged {
        /// What it was read as: "HAR".
        format: &'static str,
        /// What is wrong, and where.
        why: String,
    },
    /// It holds more than is read.
    #[error("{0}")]
    TooMuch(String),
    /// The bytes cannot be read, or whoever takes the exchanges stopped.
    #[error("{0}")]
    Stopped(String),
}

impl Limits {
    /// Refuses what is beyond the limits.
    ///
    /// # Errors
    /// What there is too much of, and how much may be.
    pub fn check(&self, recorded: &Recorded) -> Result<(), ReadError> {
        let at = recorded.seq;
        if at > self.exchanges {
            return Err(ReadError::TooMuch(format!(
                "there are more than {} exchanges; import them in parts",
                self.exchanges
            )));
        }
        let response = recorded.response.as_ref();
        let bodies = [Some(&recorded.request.body), response.map(|response| &response.body)];
        if let Some(body) = bodies.into_iter().flatten().find(|body| body.len() > self.body_bytes) {
            let (have, most) = (body.len(), self.body_bytes);
            return Err(ReadError::TooMuch(format!("a body of exchange {at} has {have} bytes; {most} are read")));
        }
        let sides = [Some(&recorded.request.headers), response.map(|response| &response.headers)];
        for fields in sides.into_iter().flatten() {
            if fields.len() > self.headers {
                let (have, most) = (fields.len(), self.headers);
                return Err(ReadError::TooMuch(format!("exchange {at} has {have} header fields; {most} are read")));
            }
            if let Some((name, _)) = fields.iter().find(|(name, value)| name.len().max(value.len()) > self.text_bytes) {
                let name: String = name.chars().take(40).collect();
                return Err(ReadError::TooMuch(format!("the header field {name:?} of exchange {at} is too long")));
            }
        }
        if recorded.request.method.len().max(recorded.request.target.len()) > self.text_bytes {
            return Err(ReadError::TooMuch(format!(
                "the URL of exchange {at} is longer than {} bytes",
                self.text_bytes
            )));
        }
        Ok(())
    }
}
