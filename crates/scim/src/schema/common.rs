//! The attributes that every resource has and no schema lists (RFC 7643 section 3.1).

use std::sync::LazyLock;

use super::attribute::{Attribute, Kind, Mutability, Returned};

/// `schemas`, `id`, `externalId` and `meta`, in this order.
pub(crate) static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    vec![
        Attribute {
            multi_valued: true,
            required: true,
            returned: Returned::Always,
            ..text("schemas", Mutability::ReadWrite, false)
        },
        Attribute { returned: Returned::Always, ..text("id", Mutability::ReadOnly, true) },
        text("externalId", Mutability::ReadWrite, true),
        Attribute {
            kind: Kind::Complex,
            sub_attributes: vec![
                text("resourceType", Mutability::ReadOnly, true),
                Attribute { kind: Kind::DateTime, ..text("created", Mutability::ReadOnly, false) },
                Attribute { kind: Kind::DateTime, ..text("lastModified", Mutability::ReadOnly, false) },
                Attribute {
                    kind: Kind::Reference,
                    reference_types: vec!["uri".into()],
                    ..text("location", Mutability::ReadOnly, true)
                },
                // What a client needs for its next conditional request, whatever else it asked for.
                Attribute { returned: Returned::Always, ..text("version", Mutability::ReadOnly, true) },
            ],
            ..text("meta", Mutability::ReadOnly, false)
        },
    ]
});

/// The sub-attributes that a multi-valued complex attribute has even if its schema does not list them (RFC 7643 section
/// 2.4): the published schemas forget `primary` of addresses and `display` of members, which their own examples use.
pub(crate) static DEFAULT_SUBS: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
    vec![
        text("value", Mutability::ReadWrite, false),
        text("display", Mutability::ReadWrite, false),
        text("type", Mutability::ReadWrite, false),
        Attribute { kind: Kind::Boolean, ..text("primary", Mutability::ReadWrite, false) },
        Attribute { kind: Kind::Reference, ..text("$ref", Mutability::ReadWrite, true) },
    ]
});

fn text(name: &str, mutability: Mutability, case_exact: bool) -> Attribute {
    Attribute { name: name.into(), mutability, case_exact, ..Attribute::default() }
}
