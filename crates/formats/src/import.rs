//! One door to all formats that are read.

use std::io::{self, BufRead, Read};

use jiff::Timestamp;

use scim::json::Json;

use crate::read::{Limits, ReadError, Take};
use crate::recorded::Recorded;
use crate::{curl, fixture, har, postman};

/// Something that a file holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// An exchange.
    Exchange(Box<Recorded>),
    /// The resources that were there before the first exchange. Comes before all exchanges.
    InitialState(Vec<Json>),
    /// What a flow of the file says of itself, by the number of the flow: as it stands in a flow file. Comes before its exchanges.
    Flow(u64, Json),
    /// The resources that are to be there after the last exchange. Comes at any time.
    ExpectedState(Vec<Json>),
}

/// Takes the parts of a file, one after the other. An error of it ends the reading; it is for people.
pub type TakeParts<'a> = &'a mut dyn FnMut(Part) -> Result<(), String>;

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// HTTP Archive.
    Har,
    /// Our own fixture.
    Fixture,
    /// The same, a line for each flow.
    FixtureLines,
    /// A flow file: requests with what is expected of the answers.
    FlowFile,
    /// A collection for Postman.
    Postman,
    /// curl commands.
    Curl,
}

impl Source {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Source::Har => "HAR",
            Source::Fixture | Source::FixtureLines => "fixture",
            Source::FlowFile => "flow file",
            Source::Postman => "Postman collection",
            Source::Curl => "curl",
        }
    }
}

/// How much of a file is looked at to tell its format.
const LOOKED_AT: usize = 64 << 10;

/// Tells the format of a file by how it begins.
///
/// # Errors
/// If it is none that is read.
pub fn recognise(beginning: &[u8]) -> Result<Source, ReadError> {
    let text = String::from_utf8_lossy(&beginning[..beginning.len().min(LOOKED_AT)]);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('{') {
        let near = |word: &str| text.contains(word);
        if near("\"scim-fixture\"") {
            let first = text.lines().next().unwrap_or_default().trim_end();
            let is_lines = first.len() > 1 && first.ends_with('}') && !first.contains("\"flows\"");
            return Ok(if is_lines { Source::FixtureLines } else { Source::Fixture });
        }
        if near("\"formatVersion\"") {
            return Ok(Source::FlowFile);
        }
        if near("getpostman.com") || near("\"_postman_id\"") {
            return Ok(Source::Postman);
        }
        if near("\"log\"") {
            return Ok(Source::Har);
        }
        return Err(ReadError::Unknown(
            "it is JSON, but no HAR, no fixture, no flow file and no Postman collection".to_owned(),
        ));
    }
    if text.lines().any(|line| line.trim_start().starts_with("curl ") || line.contains("| curl ")) {
        return Ok(Source::Curl);
    }
    let start: String = text.chars().take(40).collect();
    Err(ReadError::Unknown(format!(
        "it begins with {start:?}; HAR, fixtures, flow files, Postman collections and curl commands are read"
    )))
}

/// Reads the exchanges of a file of any format. `began` is when exchanges of formats without a clock shall have happened.
///
/// # Errors
/// If it is none that is read, damaged, or beyond the limits.
pub fn read(file: impl Read, began: Timestamp, limits: &Limits, take: Take<'_>) -> Result<(Source, u64), ReadError> {
    read_parts(file, began, limits, &mut |part| match part {
        Part::Exchange(recorded) => take(*recorded),
        Part::InitialState(_) | Part::ExpectedState(_) | Part::Flow(..) => Ok(()),
    })
}

/// As [`read`], with what a fixture says of the directory.
///
/// # Errors
/// As [`read`].
pub fn read_parts(
    file: impl Read,
    began: Timestamp,
    limits: &Limits,
    parts: TakeParts<'_>,
) -> Result<(Source, u64), ReadError> {
    let mut file = io::BufReader::with_capacity(LOOKED_AT, file);
    let beginning = file.fill_buf().map_err(|error| ReadError::Stopped(error.to_string()))?;
    let source = recognise(beginning)?;
    if source == Source::Fixture {
        return Ok((source, fixture::read(file, began, limits, parts)?));
    }
    if source == Source::FlowFile {
        return Ok((source, fixture::read_flow_file(file, began, limits, parts)?));
    }
    if source == Source::FixtureLines {
        return Ok((source, fixture::read_lines(file, began, limits, parts)?));
    }
    let take: Take<'_> = &mut |recorded| parts(Part::Exchange(Box::new(recorded)));
    let count = match source {
        Source::Fixture | Source::FixtureLines | Source::FlowFile => 0,
        Source::Har => har::read(file, limits, take)?,
        Source::Postman => postman::read(file, began, limits, take)?,
        Source::Curl => {
            let mut text = Vec::new();
            let most = limits.whole_bytes as u64;
            file.take(most + 1).read_to_end(&mut text).map_err(|error| ReadError::Stopped(error.to_string()))?;
            if text.len() as u64 > most {
                return Err(ReadError::TooMuch(format!("commands of more than {most} bytes are not read")));
            }
            curl::read(&String::from_utf8_lossy(&text), began, limits, take)?
        }
    };
    Ok((source, count))
}
