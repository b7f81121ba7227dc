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
                text("version", Mutability::ReadOnly, true),
            ],
            ..text("meta", Mutability::ReadOnly, false)
        },
    ]
});

fn text(name: &str, mutability: Mutability, case_exact: bool) -> Attribute {
    Attribute { name: name.into(), mutability, case_exact, ..Attribute::default() }
}
