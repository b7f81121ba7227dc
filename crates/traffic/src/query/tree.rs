//! The tree of a query that was read.

use std::ops::Range;

use jiff::Timestamp;
use scim::finding::Severity;

use super::pattern::{NamePattern, TextPattern};
use crate::summary::Verdict;

/// A part of a query, and where in the text it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Bytes of the text, by offset.
    pub span: Range<usize>,
    /// What it says.
    pub kind: Kind,
}

/// What a part of a query says.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Every part holds. Never empty.
    All(Vec<Node>),
    /// One part or more holds. Never empty.
    Any(Vec<Node>),
    /// The part does not hold.
    Not(Box<Node>),
    /// One question about an exchange.
    Test(Test),
}

/// One question about an exchange. What is not known of an exchange (yet) answers with no.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The text is in target, sentence, name of the resource, heads or bodies.
    Text(TextPattern),
    /// The method is this, in any case.
    Method(String),
    /// It is a PATCH with an operation of this kind (`add`, `replace`, `remove`), in any case.
    Operation(String),
    /// A PATCH path as sent, or the path of a value that changed or would have changed.
    Path(NamePattern),
    /// The path of a value that changed.
    Diff(NamePattern),
    /// The request target, as sent or percent-decoded.
    Target(TextPattern),
    /// It is about a user that is called so: id, `userName`, `externalId`, display name or mail address; or about a
    /// group of which such a member came or went; or it looked for such a user.
    User(TextPattern),
    /// It is about a group that is called so, or it looked for such a group.
    Group(TextPattern),
    /// It is about this resource.
    Resource(ResourceTest),
    /// It has such a finding.
    Finding(FindingTest),
    /// The status of the response is from the first to the last, both included.
    Status(u16, u16),
    /// There is no response.
    NoStatus,
    /// The dialect recognised is this; `None`: no dialect was recognised.
    Dialect(Option<String>),
    /// The tenant that the path led to is this; `None`: it led to none.
    Tenant(Option<String>),
    /// It went so.
    Verdict(Verdict),
    /// It only tests that the server is there.
    Probe,
    /// This program sent it to itself.
    Ours,
    /// It took from the first to the last, in microseconds, both included.
    Took(u64, u64),
    /// Its first byte was read at the first time or later, and before the second.
    Time(Option<Timestamp>, Option<Timestamp>),
    /// Its number is from the first to the last, both included.
    Seq(u64, u64),
    /// It is in such a flow.
    Flow(FlowTest),
    /// It is pinned.
    Pinned,
    /// It has this tag, in any case; `None`: it has one.
    Tag(Option<String>),
    /// The text is in its note.
    Note(TextPattern),
    /// A rule touched it that is called so, by name or id; `None`: some rule did.
    Rule(Option<TextPattern>),
    /// The request or the response has such a header field.
    Header(HeaderTest),
    /// The text is in the body of the request (without chunk framing) or of the response.
    Body(TextPattern),
}

/// A resource by its type, its id or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceTest {
    /// The type has this name (in any case), or the id begins so.
    TypeOrId(String),
    /// The type has this name (in any case), and the id begins so; an empty id is any.
    TypeAndId(String, String),
}

/// A flow by its number, or by what is known of it from the exchange.
#[derive(Clone, Debug, PartialEq)]
pub enum FlowTest {
    /// The flow has this number.
    Id(u64),
    /// The exchange is for this ("provision", "delete"), or the text is in the name of what it is about.
    Named(TextPattern),
}

/// A finding by its code or its severity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingTest {
    /// Whatever finding.
    Any,
    /// One with this severity.
    Severity(Severity),
    /// One with this code, in any case.
    Code(String),
}

/// A header field by its name, and by its value if one is given.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderTest {
    /// The name, compared in any case.
    pub name: String,
    /// What the value has to hold.
    pub value: Option<TextPattern>,
}

/// Something in the text of a query that could not be read as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Bytes of the text, by offset.
    pub span: Range<usize>,
    /// What is wrong and what to write instead.
    pub message: String,
    /// Text that would be right in the place of the span, if one is near.
    pub suggestion: Option<String>,
    /// Whether the part was left out; otherwise it was read as the message says.
    pub left_out: bool,
}

impl Node {
    /// Whether matching may look into heads and bodies.
    pub fn reads_bytes(&self) -> bool {
        match &self.kind {
            Kind::All(parts) | Kind::Any(parts) => parts.iter().any(Node::reads_bytes),
            Kind::Not(part) => part.reads_bytes(),
            Kind::Test(test) => matches!(test, Test::Text(_) | Test::Body(_) | Test::Header(_)),
        }
    }
}
