//! What is to be replayed: requests as they were sent, and what was answered or is expected.

use std::ops::Range;

use bytes::Bytes;

use crate::flow::{Flow, Step, StepKind};

/// One request as it was sent, or is to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// The method.
    pub method: String,
    /// The path and query below the base URL, encoded as the client did it.
    pub path: String,
    /// Header fields in order. Those of one connection and those with credentials are not sent again.
    pub headers: Vec<(String, String)>,
    /// The body without framing; empty for none.
    pub body: Bytes,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// Header fields in order.
    pub headers: Vec<(String, String)>,
    /// The body without framing.
    pub body: Bytes,
}

impl Reply {
    /// The first header field of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// By what an answer is judged.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// It has to be like this one, but for what no two servers have alike.
    Recorded(Reply),
    /// It has to be a success. What was answered then tells which values follow.
    Done(Reply),
    /// Each of these has to hold.
    Expected(Box<Step>),
    /// Any answer does.
    Nothing,
}

/// One step of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// What it is for.
    pub label: String,
    /// The exchange that it was.
    pub seq: Option<u64>,
    /// When it was sent, in microseconds after the first step.
    pub offset_us: Option<u64>,
    /// How long the recorded answer took, in microseconds.
    pub elapsed_us: Option<u64>,
    /// The base path below which it was sent: "/scim/v2".
    pub base_path: String,
    /// The request.
    pub call: Call,
    /// By what the answer is judged.
    pub measure: Measure,
    /// Why it cannot be sent again, if it cannot.
    pub unsendable: Option<String>,
}

impl Recorded {
    /// Whether it changes something at the server.
    pub fn writes(&self) -> bool {
        !matches!(self.call.method.as_str(), "GET" | "HEAD" | "OPTIONS") && !self.call.path.ends_with("/.search")
    }

    /// The recorded answer, if there is one.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.measure {
            Measure::Recorded(reply) | Measure::Done(reply) => Some(reply),
            Measure::Expected(_) | Measure::Nothing => None,
        }
    }
}

/// Part of the source cannot be read; the text says which, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the recording cannot be read: {0}")]
pub struct Unreadable(pub String);

/// Where steps come from. They are read page by page, so that a long recording need not be in memory.
pub trait Source: Send + Sync {
    /// How many steps there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The steps at these places. May wait for the disk.
    fn read(&self, places: Range<usize>) -> Result<Vec<Recorded>, Unreadable>;
}

/// Steps that are all in memory.
impl Source for Vec<Recorded> {
    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn read(&self, places: Range<usize>) -> Result<Vec<Recorded>, Unreadable> {
        let end = places.end.min(self.as_slice().len());
        Ok(self[places.start.min(end)..end].to_vec())
    }
}

impl Flow {
    /// The steps of these kinds as something to replay: each is judged by what the flow expects.
    pub fn recorded(&self, kinds: &[StepKind]) -> Vec<Recorded> {
        let mut offset_us = 0;
        let chosen = self.steps.iter().filter(|step| kinds.contains(&step.kind));
        chosen
            .map(|step| {
                let pause = step.typical_pause_seconds.unwrap_or_default().clamp(0.0, 1e9);
                offset_us += (pause * 1e6) as u64;
                Recorded {
                    label: step.label.clone(),
                    seq: None,
                    offset_us: Some(offset_us),
                    elapsed_us: None,
                    base_path: String::new(),
                    call: Call { method: step.method.clone(), path: step.path.clone(), ..Call::default() },
                    measure: Measure::Expected(Box::new(step.clone())),
                    unsendable: None,
                }
            })
            .collect()
    }
}
