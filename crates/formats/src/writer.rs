//! What every format that is written has in common.

use std::io::{self, Write};

use scim::json::Json;

use crate::recorded::{Recorded, Scim};
use crate::redact::Report;

/// The formats that exchanges are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// HTTP Archive 1.2.
    Har,
    /// Our own fixture: one JSON document.
    Fixture,
    /// The same, a line for each flow.
    FixtureLines,
    /// Commands for a POSIX shell.
    Curl,
    /// Commands for PowerShell.
    PowerShell,
    /// A file for Hurl.
    Hurl,
    /// A collection for Postman, v2.1.
    Postman,
    /// A file for the HTTP clients of editors.
    Http,
    /// Mappings for WireMock.
    WireMock,
    /// A summary in Markdown.
    Markdown,
    /// The list, as comma-separated values (RFC 4180).
    Csv,
    /// The list, a JSON object on each line.
    Ndjson,
    /// A page that needs no network.
    Html,
}

/// In which order a format needs exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By their numbers.
    Seq,
    /// Flow by flow, in a flow by their numbers.
    Flow,
}

impl Format {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Format; 13] = [
        Format::Har,
        Format::Fixture,
        Format::FixtureLines,
        Format::Curl,
        Format::PowerShell,
        Format::Hurl,
        Format::Postman,
        Format::Http,
        Format::WireMock,
        Format::Markdown,
        Format::Csv,
        Format::Ndjson,
        Format::Html,
    ];

    /// The word in data: "har".
    pub fn key(self) -> &'static str {
        match self {
            Format::Har => "har",
            Format::Fixture => "fixture",
            Format::FixtureLines => "fixture-ndjson",
            Format::Curl => "curl",
            Format::PowerShell => "powershell",
            Format::Hurl => "hurl",
            Format::Postman => "postman",
            Format::Http => "http",
            Format::WireMock => "wiremock",
            Format::Markdown => "markdown",
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Html => "html",
        }
    }

    /// The format with this word.
    pub fn named(key: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.key() == key)
    }

    /// How the name of a file ends.
    pub fn extension(self) -> &'static str {
        match self {
            Format::Har => "har",
            Format::Fixture => "fixture.json",
            Format::FixtureLines => "fixture.ndjson",
            Format::Curl => "sh",
            Format::PowerShell => "ps1",
            Format::Hurl => "hurl",
            Format::Postman => "postman_collection.json",
            Format::Http => "http",
            Format::WireMock => "wiremock.json",
            Format::Markdown => "md",
            Format::Csv => "csv",
            Format::Ndjson => "ndjson",
            Format::Html => "html",
        }
    }

    /// The media type of a file.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Har | Format::Fixture | Format::Postman | Format::WireMock => "application/json",
            Format::FixtureLines | Format::Ndjson => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Curl | Format::PowerShell | Format::Hurl | Format::Http => "text/plain; charset=utf-8",
        }
    }

    /// In which order it needs exchanges.
    pub fn order(self) -> Order {
        match self {
            Format::Har | Format::Curl | Format::PowerShell | Format::Csv | Format::Ndjson => Order::Seq,
            _ => Order::Flow,
        }
    }
}

/// What is known before the first exchange is written.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The version of the program.
    pub version: String,
    /// The flows that the exchanges belong to, ascending by number.
    pub flows: Vec<FlowLine>,
    /// What is taken out; a file from which nothing is says so.
    pub redaction: Report,
    /// The paths at which SCIM is served: `/scim/v2`, `/t/acme/scim/v2`.
    pub base_paths: Vec<String>,
    /// The dialect of most exchanges, and how sure it is, from 0 to 100.
    pub dialect: Option<(String, u8)>,
    /// Codes of the tolerances that were taken, in order.
    pub tolerances: Vec<String>,
    /// The name of the profile by which the server behaved, if there is one for all.
    pub profile: Option<String>,
    /// For fixtures: the resources that were there before the first exchange, without what has to go.
    pub initial_state: Option<Vec<Json>>,
    /// For fixtures: the resources that were there after the last exchange, without what has to go.
    pub expected_state: Option<Vec<Json>>,
}

/// A flow, in a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowLine {
    /// Its number.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// What it does: "provision".
    pub kind: String,
    /// What it is about.
    pub subject: Option<String>,
    /// When it began.
    pub at: Option<jiff::Timestamp>,
    /// What a flow file says of it: an object with `id`, `name`, `idp` and the like, as they stand there.
    pub script: Option<Json>,
}

impl About {
    /// A flow by its number.
    pub fn flow(&self, id: u64) -> Option<&FlowLine> {
        self.flows.binary_search_by_key(&id, |flow| flow.id).ok().map(|at| &self.flows[at])
    }

    /// What a flow is called, if only by its number.
    pub fn flow_name(&self, id: u64) -> String {
        let name = self.flow(id).map(|flow| flow.name.clone()).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| format!("Flow {id}"))
    }

    /// The warning that stands in a file with secrets.
    pub fn warning(&self) -> Option<&'static str> {
        self.redaction.is_off().then_some(WARNING)
    }

    /// The base path that a target is below, and the rest of it, which begins with a slash.
    pub fn split_base<'a>(&self, target: &'a str) -> (&'a str, &'a str) {
        let fits = |base: &&String| {
            target.strip_prefix(base.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        match self.base_paths.iter().filter(fits).max_by_key(|base| base.len()) {
            Some(base) => target.split_at(base.len()),
            None => crate::recorded::split_base(target, &[]).unwrap_or(("", target)),
        }
    }
}

/// Stands in files from which nothing was taken out.
pub const WARNING: &str =
    "NOT REDACTED: this file has credentials and personal data as they were sent. Do not share it.";

/// Writes a file, one exchange after the other.
pub trait Writer {
    /// Writes one more exchange. They have to come in the [`Order`] of the format.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    fn write(&mut self, recorded: &Recorded) -> io::Result<()>;

    /// Writes the end.
    ///
    /// # Errors
    /// If the bytes cannot be written.
    fn finish(&mut self) -> io::Result<()>;
}

/// Gathers the exchanges of a flow, for formats that need them together.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    flow: Option<u64>,
    steps: Vec<Recorded>,
}

impl Gathered {
    /// Takes one more; gives back the flow before if this one begins another.
    pub(crate) fn take(&mut self, recorded: &Recorded) -> Option<(u64, Vec<Recorded>)> {
        let flow = recorded.flow();
        let before = self.flow.filter(|before| *before != flow).map(|before| (before, std::mem::take(&mut self.steps)));
        self.flow = Some(flow);
        self.steps.push(recorded.clone());
        before
    }

    /// The last flow.
    pub(crate) fn rest(&mut self) -> Option<(u64, Vec<Recorded>)> {
        self.flow.take().map(|flow| (flow, std::mem::take(&mut self.steps)))
    }
}

/// What is known of an exchange, or that nothing is.
pub(crate) fn known(recorded: &Recorded) -> &Scim {
    static NOTHING: std::sync::LazyLock<Scim> = std::sync::LazyLock::new(Scim::default);
    recorded.scim.as_ref().unwrap_or(&NOTHING)
}

/// Writes a value as JSON.
pub(crate) fn json(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}
