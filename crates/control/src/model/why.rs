//! Why a request was answered as it was.

use provider::explain::{self, Joined};
use scim::json::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// Why a request was answered as it was, beside the decision about access, which is in the exchange itself.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Why {
    /// The tenant that the path led to, by the name that it has now; absent if it led to none, or that is gone.
    pub tenant: Option<String>,
    /// The profile that is in force for it now.
    pub profile: Option<String>,
    /// The switches of the profile that made a difference, by name.
    pub switches: Vec<SwitchUsed>,
    /// The endpoint, and how the filter was answered; absent where there is none.
    pub route: Option<RouteTaken>,
}

/// A switch of a profile that made a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwitchUsed {
    /// Its name in the profile: `leniency.op_case`.
    pub switch: String,
    /// The codes of the findings that it governs.
    pub findings: Vec<String>,
}

/// The endpoint that a request was for.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RouteTaken {
    /// The endpoint: `/Users/{id}`.
    pub route: String,
    /// The resource type that it is about.
    pub resource_type: Option<String>,
    /// The methods that it offers under the profile in force now.
    #[schema(value_type = Vec<String>)]
    pub methods: Vec<&'static str>,
    /// The revision of the directory that filter and index were looked up in.
    pub revision: u64,
    /// Whether that is the revision that the request saw; otherwise it is the newest.
    pub is_of_then: bool,
    /// The filter taken apart, for each resource type that was asked.
    pub filters: Vec<FilterAsked>,
}

/// A filter, asked of one resource type.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FilterAsked {
    /// The resource type.
    pub resource_type: String,
    /// The indexed attribute by which resources are found; absent if all are looked at.
    pub index: Option<String>,
    /// How many resources are looked at.
    pub looked_at: u64,
    /// How many there are.
    pub resources: u64,
    /// How many were asked for the counts of the clauses.
    pub asked: u64,
    /// The resource that meets the most of the filter.
    pub nearest: Option<Nearest>,
    /// Why the filter cannot be read.
    pub problem: Option<String>,
    /// The whole filter as a tree.
    pub clause: Option<FilterClause>,
}

/// The resource that meets the most of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Nearest {
    /// Its `id`.
    pub id: String,
    /// What people call it.
    pub display: String,
}

/// What joins the parts of a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterJoin {
    /// It has no parts: one question.
    Test,
    /// All must hold.
    And,
    /// One must hold.
    Or,
    /// It must not hold.
    Not,
}

/// A part of a filter.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct FilterClause {
    /// The part in canonical writing.
    pub text: String,
    /// What joins its parts.
    pub joined: FilterJoin,
    /// Its parts.
    #[schema(no_recursion)]
    pub parts: Vec<FilterClause>,
    /// How many of the resources asked meet it.
    pub met_by: u64,
    /// Whether the nearest resource meets it; absent if there is none.
    pub holds: Option<bool>,
    /// For a question: the values that the nearest resource has there, the first few.
    #[schema(value_type = Vec<serde_json::Value>)]
    pub values: Vec<Json>,
}

impl From<explain::Explanation> for RouteTaken {
    fn from(told: explain::Explanation) -> Self {
        RouteTaken {
            route: told.route,
            resource_type: told.resource_type,
            methods: told.methods,
            revision: told.revision,
            is_of_then: told.is_of_then,
            filters: told.filters.into_iter().map(FilterAsked::from).collect(),
        }
    }
}

impl From<explain::Filtered> for FilterAsked {
    fn from(told: explain::Filtered) -> Self {
        let (problem, clause) = match told.clause {
            Ok(clause) => (None, Some(FilterClause::from(clause))),
            Err(why) => (Some(why), None),
        };
        FilterAsked {
            resource_type: told.resource_type,
            index: told.plan.index,
            looked_at: told.plan.scanned as u64,
            resources: told.resources as u64,
            asked: told.asked as u64,
            nearest: told.nearest.map(|(id, display)| Nearest { id, display }),
            problem,
            clause,
        }
    }
}

impl From<explain::Clause> for FilterClause {
    fn from(told: explain::Clause) -> Self {
        FilterClause {
            text: told.text,
            joined: match told.joined {
                Joined::Test => FilterJoin::Test,
                Joined::And => FilterJoin::And,
                Joined::Or => FilterJoin::Or,
                Joined::Not => FilterJoin::Not,
            },
            parts: told.parts.into_iter().map(FilterClause::from).collect(),
            met_by: told.met_by as u64,
            holds: told.holds,
            values: told.values,
        }
    }
}
