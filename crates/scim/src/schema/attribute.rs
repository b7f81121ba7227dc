//! Attribute definitions with all their characteristics (RFC 7643 section 7).

use serde::{Deserialize, Serialize};

use super::common::DEFAULT_SUBS;

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Text.
    #[default]
    String,
    /// A set of sub-attributes.
    Complex,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A number without a fraction.
    Integer,
    /// An `xsd:dateTime`.
    DateTime,
    /// Base64.
    Binary,
    /// A URI.
    Reference,
}

/// When a client may write an attribute (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Never.
    ReadOnly,
    /// Always.
    #[default]
    ReadWrite,
    /// Once.
    Immutable,
    /// Always, and it is never read.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer.
    Always,
    /// In none.
    Never,
    /// Unless it is excluded.
    #[default]
    Default,
    /// If it is asked for.
    Request,
}

/// How far a value must be unique (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// It need not be.
    #[default]
    None,
    /// Within this service provider.
    Server,
    /// Everywhere; here that is the service provider too.
    Global,
}

/// What a text looks like, where only the prose of the RFC says so. A text that does not is kept and noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// Two letters of ISO 3166-1 (RFC 7643 section 4.1.2).
    Country,
}

impl Format {
    /// Whether a text looks so.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Format::Country => text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()),
        }
    }

    /// The code of the finding on a text that does not.
    pub fn code(self) -> &'static str {
        match self {
            Format::Country => "country-code",
        }
    }

    /// What is expected.
    pub fn expected(self) -> &'static str {
        match self {
            Format::Country => "a country code of two letters (ISO 3166-1)",
        }
    }
}

/// One attribute or sub-attribute. Read from and written as the JSON of RFC 7643 section 7; absent characteristics take
/// the defaults of section 2.2, and every characteristic is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Attribute {
    /// The name, in its canonical case.
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Whether it holds a list of values.
    pub multi_valued: bool,
    /// What it means, for people.
    pub description: String,
    /// Whether a resource must have it.
    pub required: bool,
    /// Suggested values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether comparison regards case.
    pub case_exact: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// When it is part of an answer.
    pub returned: Returned,
    /// How far it must be unique.
    pub uniqueness: Uniqueness,
    /// For references: the names of resource types, `external` or `uri`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// What a text has to look like beyond its type. Not served: RFC 7643 section 7 has no word for it.
    #[serde(skip_serializing)]
    pub format: Option<Format>,
    /// For complex attributes: what they are made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// The sub-attribute with this name, without regard to case. Multi-valued complex attributes have the default ones of
    /// RFC 7643 section 2.4 even if their schema does not list them.
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        self.subs().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    /// All sub-attributes; of two with the same name the first counts.
    pub(crate) fn subs(&self) -> impl Iterator<Item = &Attribute> + Clone {
        let defaults: &'static [Attribute] =
            if self.multi_valued && self.kind == Kind::Complex { &DEFAULT_SUBS } else { &[] };
        self.sub_attributes.iter().chain(defaults)
    }

    /// Whether its values name resources of this server by `value` and `$ref`, as `members` and `manager` do.
    pub fn refers_to_resources(&self) -> bool {
        let to_resources = |sub: &Attribute| !sub.reference_types.iter().all(|to| to == "external" || to == "uri");
        self.kind == Kind::Complex && self.sub("value").is_some() && self.sub("$ref").is_some_and(to_resources)
    }

    /// Whether comparison regards case: as declared, and always for references and binaries (RFC 7643 sections 2.3.6
    /// and 2.3.7).
    pub fn compares_case(&self) -> bool {
        self.case_exact || matches!(self.kind, Kind::Reference | Kind::Binary)
    }
}
