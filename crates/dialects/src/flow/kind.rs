//! What a flow does, in a word.

use traffic::step::{Deed, Step};

/// The kinds of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
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

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 12] = [
        Kind::TestConnection,
        Kind::Discovery,
        Kind::Import,
        Kind::Lookup,
        Kind::Provision,
        Kind::Update,
        Kind::Deactivate,
        Kind::Reactivate,
        Kind::Delete,
        Kind::GroupPush,
        Kind::Membership,
        Kind::Unknown,
    ];

    /// The word in data: "test-connection".
    pub fn key(self) -> &'static str {
        match self {
            Kind::TestConnection => "test-connection",
            Kind::Discovery => "discovery",
            Kind::Import => "import",
            Kind::Lookup => "lookup",
            Kind::Provision => "provision",
            Kind::Update => "update",
            Kind::Deactivate => "deactivate",
            Kind::Reactivate => "reactivate",
            Kind::Delete => "delete",
            Kind::GroupPush => "group-push",
            Kind::Membership => "membership",
            Kind::Unknown => "unknown",
        }
    }

    /// What these steps do: by the first that says most.
    pub fn of(steps: &[&Step]) -> Kind {
        let has = |deed: Deed| steps.iter().any(|step| step.deed == deed);
        let group = steps
            .iter()
            .filter(|step| step.deed.writes())
            .any(|step| step.about.iter().any(|named| named.resource_type == "Group"));
        if has(Deed::Probe) {
            return Kind::TestConnection;
        }
        let write = steps.iter().map(|step| step.deed).find(|deed| deed.writes());
        match write {
            Some(Deed::Create) if group && !made_a_user(steps) => Kind::GroupPush,
            Some(Deed::Create | Deed::Bulk) => Kind::Provision,
            Some(Deed::Push) => Kind::GroupPush,
            Some(Deed::Membership) if has(Deed::Push) => Kind::GroupPush,
            Some(Deed::Membership) => Kind::Membership,
            Some(Deed::Update | Deed::Refer) => Kind::Update,
            Some(Deed::Deactivate) => Kind::Deactivate,
            Some(Deed::Reactivate) => Kind::Reactivate,
            Some(Deed::Delete) => Kind::Delete,
            _ if has(Deed::List) => Kind::Import,
            _ if has(Deed::Discover) => Kind::Discovery,
            _ if has(Deed::Lookup) || has(Deed::Read) => Kind::Lookup,
            _ => Kind::Unknown,
        }
    }
}

fn made_a_user(steps: &[&Step]) -> bool {
    let creates = steps.iter().filter(|step| step.deed == Deed::Create);
    creates.flat_map(|step| &step.about).any(|named| named.resource_type != "Group")
}
