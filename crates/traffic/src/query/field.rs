//! The fields that a query can name.

/// A field: what a test of the form `field:value` asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// HTTP method.
    Method,
    /// Operation of a PATCH, or HTTP method.
    Op,
    /// A path that a PATCH names or a change has.
    Path,
    /// A path that changed.
    Diff,
    /// Request target.
    Target,
    /// A user.
    User,
    /// A group.
    Group,
    /// A resource of any type.
    Resource,
    /// Code or severity of a finding.
    Finding,
    /// HTTP status.
    Status,
    /// The way that the client speaks SCIM.
    Dialect,
    /// The tenant.
    Tenant,
    /// How it went.
    Verdict,
    /// Who sent it: a client, or this program.
    Origin,
    /// Whether it only tests that the server is there.
    Probe,
    /// How long it took.
    Took,
    /// When it began: a time, or from one to another.
    Time,
    /// When it began at the earliest.
    Since,
    /// When it began at the latest.
    Until,
    /// Its number.
    Seq,
    /// A flow.
    Flow,
    /// Whether it is pinned.
    Pinned,
    /// A tag.
    Tag,
    /// Text in the note.
    Note,
    /// A rule that touched it.
    Rule,
    /// A header field.
    Header,
    /// Text in a body.
    Body,
    /// Text anywhere.
    Text,
}

/// How the values of a field are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Text, which may be compared as a whole with `=`; a comma is a part of it.
    Text,
    /// Words or texts; a comma is between alternatives.
    List,
    /// Numbers, durations or times: `>`, `<`, `>=`, `<=` and `a..b` are understood too.
    Scale,
    /// `name`, `name=value`.
    Header,
}

pub(super) struct Described {
    pub field: Field,
    pub name: &'static str,
    pub form: Form,
    pub about: &'static str,
    /// Other names that people try.
    pub aliases: &'static [&'static str],
}

use Field::*;

const fn described(field: Field, name: &'static str, form: Form, about: &'static str) -> Described {
    Described { field, name, form, about, aliases: &[] }
}

const fn also(described: Described, aliases: &'static [&'static str]) -> Described {
    Described { aliases, ..described }
}

/// All fields, in the order in which they are offered.
pub(super) const FIELDS: &[Described] = &[
    also(described(Status, "status", Form::Scale, "HTTP status: 404, 4xx, >=400, 400..404, none"), &["code"]),
    described(Method, "method", Form::List, "HTTP method"),
    described(Op, "op", Form::List, "operation of a PATCH (add, replace, remove), or HTTP method"),
    described(User, "user", Form::List, "a user by name, id, externalId or mail address"),
    described(Group, "group", Form::List, "a group by name, id or externalId"),
    also(described(Resource, "resource", Form::List, "a resource: type, id or type/id"), &["id", "type"]),
    described(Verdict, "verdict", Form::List, "how it went"),
    described(Finding, "finding", Form::List, "code or severity of a finding; any"),
    described(Path, "path", Form::List, "attribute path in a PATCH or in a change"),
    described(Diff, "diff", Form::List, "attribute path that changed"),
    described(Dialect, "dialect", Form::List, "the way that the client speaks SCIM; none"),
    described(Tenant, "tenant", Form::List, "the tenant; none"),
    described(Origin, "origin", Form::List, "who sent it: client, scimscope (this program)"),
    described(Probe, "probe", Form::List, "requests that only test that the server is there: yes, no"),
    also(
        described(Took, "took", Form::Scale, "how long it took: >100ms, 1ms..5ms"),
        &["elapsed", "duration", "latency", "ms"],
    ),
    also(described(Since, "since", Form::Scale, "not before: 10m (ago), 14:02, 2026-01-31"), &["after", "from"]),
    also(described(Until, "until", Form::Scale, "not after: 10m (ago), 14:02, 2026-01-31"), &["before", "to"]),
    also(described(Time, "time", Form::Scale, "when: 14:02, 14:00..15:00"), &["at", "date", "when"]),
    also(described(Seq, "seq", Form::Scale, "number of the exchange: 12, 10..20, >=5"), &["number", "nr"]),
    described(Flow, "flow", Form::List, "the flow: its number, what it does (provision), or a name in it"),
    also(described(Pinned, "pinned", Form::List, "whether it is pinned: yes, no"), &["pin"]),
    also(described(Tag, "tag", Form::List, "a tag that was put on it; any, none"), &["tags"]),
    also(described(Note, "note", Form::Text, "text in the note that was put on it"), &["notes"]),
    also(described(Rule, "rule", Form::List, "a rule that touched it, by name or id; any, none"), &["rules", "fault"]),
    also(described(Target, "target", Form::Text, "text in the request target"), &["url", "uri"]),
    described(Header, "header", Form::Header, "a header field: name, name=value"),
    described(Body, "body", Form::Text, "text in a body"),
    described(Text, "text", Form::Text, "text anywhere"),
];

impl Field {
    /// The field with this name, in any case.
    pub fn with_name(name: &str) -> Option<Field> {
        FIELDS.iter().find(|described| described.name.eq_ignore_ascii_case(name)).map(|described| described.field)
    }

    /// The name in the language: "status".
    pub fn name(self) -> &'static str {
        self.described().name
    }

    /// What it asks about and how values are written, in a few words.
    pub fn about(self) -> &'static str {
        self.described().about
    }

    /// All fields, in the order in which they are offered.
    pub fn all() -> impl ExactSizeIterator<Item = Field> {
        FIELDS.iter().map(|described| described.field)
    }

    pub(super) fn form(self) -> Form {
        self.described().form
    }

    fn described(self) -> &'static Described {
        // A unit test sees to it that every field is in the table.
        FIELDS.iter().find(|described| described.field == self).unwrap_or(&FIELDS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_in_the_table_once() {
        for field in Field::all() {
            assert_eq!(FIELDS.iter().filter(|described| described.field == field).count(), 1, "{field:?}");
            assert_eq!(Field::with_name(field.name()), Some(field));
        }
        let last = Field::Text as usize;
        assert_eq!(FIELDS.len(), last + 1);
    }
}
