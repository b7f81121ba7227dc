//! What a profile refuses that the RFC allows: how profiles imitate servers that can do less.

use std::collections::BTreeMap;

use scim::filter::Operator;
use serde::{Deserialize, Serialize};

use super::ProfileError;

/// What is refused that the RFC allows. Nothing by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The operators that filters may have: "eq", "pr". Absent for all. Others are refused with 400 `invalidFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_operators: Option<Vec<String>>,
    /// How conditions in filters may be joined. Absent for all ways. Others are refused with 400 `invalidFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_joins: Option<Vec<FilterJoin>>,
    /// Limits of single resource types, by the type's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, TypeLimits>,
}

/// A way to join conditions in filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterJoin {
    /// `a and b`.
    And,
    /// `a or b`.
    Or,
    /// `not (a)`.
    Not,
    /// `attribute[a]`.
    Brackets,
}

/// What is refused for one resource type. Attributes are named by their path: `emails`, `emails.display`,
/// `urn:...:User:manager`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TypeLimits {
    /// Methods that are not offered: "PUT". They are answered with 501.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_methods: Vec<String>,
    /// Attributes that a filter may name. Absent for all. Others are refused with 400 `invalidFilter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_attributes: Option<Vec<String>>,
    /// Attributes that a resource must have beside those that the schema requires. Announced in `/Schemas`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub required_attributes: Vec<String>,
    /// Attributes that cannot be written: 400 `invalidValue`. They are left out of `/Schemas`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_attributes: Vec<String>,
    /// Attributes that cannot be written by POST; later they can.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused_at_creation: Vec<String>,
    /// Multi-valued attributes that have one value at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub single_valued: Vec<String>,
    /// Multi-valued attributes of which each value must be the primary one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub must_be_primary: Vec<String>,
    /// Attributes that PATCH may change. Absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patchable: Option<Vec<String>>,
    /// Multi-valued attributes that PATCH may add to and remove single values from, but neither replace nor remove whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub never_replaced: Vec<String>,
    /// How many values of a multi-valued attribute one request may add or remove, by attribute.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_changes: BTreeMap<String, usize>,
    /// Attributes that no answer shows. Announced in `/Schemas` as `returned: never`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_attributes: Vec<String>,
}

impl Limits {
    /// The limits of a resource type, if it has any.
    pub fn of(&self, resource_type: &str) -> Option<&TypeLimits> {
        self.types.get(resource_type)
    }

    pub(super) fn check(&self) -> Result<(), ProfileError> {
        let known: Vec<&str> = Operator::ALL.iter().map(|operator| operator.keyword()).chain(["pr"]).collect();
        for operator in self.filter_operators.iter().flatten() {
            if !known.contains(&operator.as_str()) {
                let why = format!("has {operator:?}, which is no operator; there are {}", known.join(", "));
                return Err(ProfileError::Switch { switch: "limits.filter_operators", why });
            }
        }
        const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
        for method in self.types.values().flat_map(|limits| &limits.refused_methods) {
            if !METHODS.contains(&method.as_str()) {
                let why = format!("has {method:?}, which is no method of SCIM; there are {}", METHODS.join(", "));
                return Err(ProfileError::Switch { switch: "limits.types.refused_methods", why });
            }
        }
        Ok(())
    }
}
