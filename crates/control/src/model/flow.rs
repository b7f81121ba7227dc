//! Flows: exchanges that form one action of a client.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::query::QueryInfo;
use super::summary::{Summary, Verdict};

/// What a flow does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlowKind {
    /// Tests the connection.
    TestConnection,
    /// Reads what the server can do.
    Discovery,
    /// Reads everything, page by page.
    Import,
    /// Looks for a resource, or reads it, and leaves it at that.
    Lookup,
    /// Makes a user, or another resource that is no group.
    Provision,
    /// Changes a resource.
    Update,
    /// Sets `active` to false.
    Deactivate,
    /// Sets `active` to true.
    Reactivate,
    /// Deletes a resource.
    Delete,
    /// Makes a group, or says what it is called and who is in it.
    GroupPush,
    /// Changes who is in a group.
    Membership,
    /// Anything else.
    Unknown,
}

/// A resource that a flow is about, as it was called then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowSubject {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`, if it is known.
    pub id: Option<String>,
    /// What people call it; empty if that is not known.
    pub name: String,
}

/// A flow in a few hundred bytes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FlowSummary {
    /// Its number: that of the exchange by which it began.
    pub id: u64,
    /// The highest position of an entry of its exchanges.
    pub pos: u64,
    /// What it does.
    pub kind: FlowKind,
    /// What it is called: "Entra: provision Ada Lovelace".
    pub name: String,
    /// Whether a person gave it its name.
    pub renamed: bool,
    /// Whether it takes no more exchanges.
    pub locked: bool,
    /// Whether a person put one of its exchanges into it.
    pub by_hand: bool,
    /// The dialect recognised: "entra".
    pub dialect: Option<String>,
    /// The tenant, if the path led to one.
    pub tenant: Option<String>,
    /// What it is about: the first ones.
    pub subjects: Vec<FlowSubject>,
    /// How it went: the worst of its exchanges.
    pub outcome: Verdict,
    /// The number of the first exchange that went wrong.
    pub failed: Option<u64>,
    /// Codes of the tolerated deviations, without repetition.
    pub tolerances: Vec<String>,
    /// When its first exchange began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// From the beginning of the first exchange to the end of the last.
    pub elapsed_us: u64,
    /// How many exchanges it has.
    pub exchanges: u64,
    /// How many resources they changed.
    pub changes: u64,
    /// How many findings they have.
    pub findings: u64,
    /// The lowest number of its exchanges.
    pub first_seq: u64,
    /// The highest number of its exchanges.
    pub last_seq: u64,
    /// Whether one of its exchanges is pinned, so that the flow is kept whatever is pruned.
    pub pinned: bool,
    /// The tags of its exchanges, without repetition.
    pub tags: Vec<String>,
    /// Whether one of its exchanges has a note.
    pub has_note: bool,
}

/// Flows, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FlowPage {
    /// A line for each, descending by number.
    pub items: Vec<FlowSummary>,
    /// Where to go on: `before` of the next call. Absent if there are no more.
    pub next: Option<u64>,
    /// How the query is understood, if there was one.
    pub query: Option<QueryInfo>,
}

/// What kind of value ties two exchanges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// The `id` of a resource.
    Id,
    /// Its `externalId`.
    ExternalId,
    /// Its `userName`.
    UserName,
    /// Its version, as an entity tag.
    Etag,
    /// Its `id`, used as a member of a group.
    Member,
}

/// A value that was answered in one exchange and used in a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlowLink {
    /// The exchange that answered with it.
    pub from: u64,
    /// The exchange whose request has it.
    pub to: u64,
    /// The value, cut after 200 characters.
    pub value: String,
    /// What it is.
    pub kind: LinkKind,
    /// Where in the response: a JSON pointer into the body, or "header ETag".
    pub answered_at: String,
    /// Where in the request: "path", "query", "header If-Match", or a JSON pointer into the body.
    pub used_at: String,
}

/// A whole flow.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Flow)]
pub struct FlowDetail {
    /// Its line in the list.
    pub summary: FlowSummary,
    /// Its exchanges, ascending by number.
    pub steps: Vec<Summary>,
    /// What was answered in one and used in another.
    pub links: Vec<FlowLink>,
}

/// Where to cut a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSplit {
    /// The first exchange of the second part.
    pub at: u64,
}

/// Which flows to make one of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowMerge {
    /// Their numbers, at least two.
    pub flows: Vec<u64>,
}

/// What to change in a flow; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowChange {
    /// What it is called; an empty text gives the name back that is made from its steps.
    pub name: Option<String>,
    /// Whether it takes no more exchanges.
    pub locked: Option<bool>,
}

/// Flows after they were edited.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FlowsEdited {
    /// The flows that are there, ascending by number.
    pub flows: Vec<FlowSummary>,
    /// The numbers of those that are not there any more.
    pub gone: Vec<u64>,
}

impl FlowSummary {
    /// A flow, with what a person made of it.
    pub(crate) fn new(flow: &dialects::flow::Flow, name: Option<String>, locked: bool) -> FlowSummary {
        let flow = flow.clone();
        FlowSummary {
            id: flow.id.0,
            pos: flow.pos.0,
            kind: flow.kind.into(),
            renamed: name.is_some(),
            name: name.unwrap_or(flow.name),
            locked,
            by_hand: flow.by_hand,
            dialect: flow.dialect,
            tenant: flow.tenant,
            subjects: flow.subjects.into_iter().map(FlowSubject::from).collect(),
            outcome: flow.outcome.into(),
            failed: flow.failed.map(|seq| seq.0),
            tolerances: flow.tolerances,
            at: flow.at,
            elapsed_us: flow.elapsed_us,
            exchanges: flow.exchanges as u64,
            changes: flow.changes as u64,
            findings: flow.findings as u64,
            first_seq: flow.seqs.0.0,
            last_seq: flow.seqs.1.0,
            pinned: flow.pinned,
            tags: flow.tags,
            has_note: flow.has_note,
        }
    }
}

impl From<traffic::step::Named> for FlowSubject {
    fn from(named: traffic::step::Named) -> Self {
        let traffic::step::Named { resource_type, id, name } = named;
        FlowSubject { resource_type, id, name }
    }
}

impl From<dialects::flow::Kind> for FlowKind {
    fn from(kind: dialects::flow::Kind) -> Self {
        use dialects::flow::Kind;
        match kind {
            Kind::TestConnection => FlowKind::TestConnection,
            Kind::Discovery => FlowKind::Discovery,
            Kind::Import => FlowKind::Import,
            Kind::Lookup => FlowKind::Lookup,
            Kind::Provision => FlowKind::Provision,
            Kind::Update => FlowKind::Update,
            Kind::Deactivate => FlowKind::Deactivate,
            Kind::Reactivate => FlowKind::Reactivate,
            Kind::Delete => FlowKind::Delete,
            Kind::GroupPush => FlowKind::GroupPush,
            Kind::Membership => FlowKind::Membership,
            Kind::Unknown => FlowKind::Unknown,
        }
    }
}

impl From<dialects::flow::Link> for FlowLink {
    fn from(link: dialects::flow::Link) -> Self {
        use dialects::flow::LinkKind as Kind;
        let kind = match link.kind {
            Kind::Id => LinkKind::Id,
            Kind::ExternalId => LinkKind::ExternalId,
            Kind::UserName => LinkKind::UserName,
            Kind::Etag => LinkKind::Etag,
            Kind::Member => LinkKind::Member,
        };
        FlowLink {
            from: link.from.0,
            to: link.to.0,
            value: link.value,
            kind,
            answered_at: link.answered_at,
            used_at: link.used_at,
        }
    }
}
