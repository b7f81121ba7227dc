//! What tests wait for and what they expect.

use serde::{Deserialize, Serialize};
use traffic::exchange::Exchange;
use traffic::query::{Failing, Query};
use utoipa::ToSchema;

use super::query::QueryInfo;
use super::summary::Summary;

/// What to wait for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWait {
    /// Which exchanges: `method:patch user:ada status:2xx`. It has to be right as a whole.
    pub q: String,
    /// How many of them, from 1; 1 if not given.
    #[schema(minimum = 1)]
    pub count: Option<u64>,
    /// Only exchanges with a higher number; 0 if not given.
    #[serde(default)]
    pub after: u64,
    /// For how long, in milliseconds, at most 600,000; 10,000 if not given. 0 looks once.
    #[schema(maximum = 600_000)]
    pub timeout_ms: Option<u64>,
    /// How many of the nearest exchanges to tell when the time is over, at most 50; 5 if not given.
    #[schema(maximum = 50)]
    pub misses: Option<usize>,
}

/// What came of waiting.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Waited {
    /// Whether there are as many as were wanted.
    pub met: bool,
    /// How many there are.
    pub count: u64,
    /// The newest hundred of them, ascending by number.
    pub items: Vec<Summary>,
    /// Number of the newest exchange: the `after` of what comes next.
    pub head: u64,
    /// The query as it was understood.
    pub query: QueryInfo,
    /// If the time is over: the exchanges that came nearest, the nearest first.
    pub misses: Vec<NearMiss>,
}

/// An exchange that a query does not select, and why.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct NearMiss {
    /// The exchange.
    pub exchange: Summary,
    /// The clauses that it does not pass.
    pub failing: Vec<FailingClause>,
    /// How many it passes.
    pub passing: u64,
}

/// A clause that an exchange does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailingClause {
    /// The clause as written.
    pub clause: String,
    /// What the exchange has instead: "409" for `status:201`. Absent if that cannot be said in a few words.
    pub instead: Option<String>,
}

/// What is expected of the record and of directories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssertion {
    /// What has to hold, at most 100.
    pub checks: Vec<Check>,
    /// Only exchanges with a higher number; 0 if not given.
    #[serde(default)]
    pub after: u64,
    /// How long to wait for exchanges that have begun and are not over, in milliseconds, at most 60,000; 2,000 if not given.
    #[schema(maximum = 60_000)]
    pub settle_ms: Option<u64>,
}

/// Something that has to hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Check {
    /// So many exchanges are selected by a query.
    Count {
        /// What it is called in reports; the check in words if not given.
        name: Option<String>,
        /// Which exchanges.
        q: String,
        /// As many.
        exactly: Option<u64>,
        /// As many or more; 1 if nothing is said.
        at_least: Option<u64>,
        /// As many or fewer.
        at_most: Option<u64>,
    },
    /// An exchange that the first query selects, later one for the second, and so on. Others may be between them.
    Order {
        /// What it is called in reports; the check in words if not given.
        name: Option<String>,
        /// The queries, in order.
        queries: Vec<String>,
    },
    /// Nothing unexpected: every exchange is selected by one of the queries.
    Only {
        /// What it is called in reports; the check in words if not given.
        name: Option<String>,
        /// The queries.
        queries: Vec<String>,
    },
    /// So many resources are there that a SCIM filter selects.
    State {
        /// What it is called in reports; the check in words if not given.
        name: Option<String>,
        /// The tenant, by its name; the default one if not given.
        tenant: Option<String>,
        /// The resource type, by its name: `User`.
        resource_type: String,
        /// A SCIM filter; all resources of the type if not given.
        filter: Option<String>,
        /// As many.
        exactly: Option<u64>,
        /// As many or more; 1 if nothing is said.
        at_least: Option<u64>,
        /// As many or fewer.
        at_most: Option<u64>,
    },
}

/// What came of an assertion.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Asserted {
    /// Whether all checks hold.
    pub passed: bool,
    /// The checks, in their order.
    pub checks: Vec<Checked>,
    /// Number of the newest exchange that was looked at: the `after` of what comes next.
    pub head: u64,
    /// How many exchanges were not over when the time to settle was; they were judged as they stood.
    pub unsettled: u64,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Checked {
    /// Its name.
    pub name: String,
    /// `count`, `order`, `only` or `state`.
    pub kind: CheckKind,
    /// Whether it holds.
    pub passed: bool,
    /// What was expected and what there is, in words.
    pub message: String,
    /// How many exchanges or resources there are; for `order`, how many of its queries were met; for `only`, how many are
    /// unexpected.
    pub found: u64,
    /// The exchanges that were found, at most a hundred; for `only`, those that are unexpected.
    pub seqs: Vec<u64>,
    /// If it does not hold because something is missing: the exchanges that came nearest, the nearest first.
    pub misses: Vec<NearMiss>,
}

/// What a check looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// How many exchanges.
    Count,
    /// Their order.
    Order,
    /// That there are no others.
    Only,
    /// The resources that there are.
    State,
}

/// What is to begin anew. What is left out of the body is `true` for the record and directories, else `false`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reset {
    /// Whether exchanges go, but for those that are pinned or not over. Numbers go on.
    pub record: bool,
    /// Whether the resources of tenants go.
    pub directories: bool,
    /// Whether rules count from nothing again.
    pub rules: bool,
    /// Whether ids begin again as the seed says; nothing without one.
    pub ids: bool,
    /// Only these tenants, by name; all if not given.
    pub tenants: Option<Vec<String>>,
}

impl Default for Reset {
    fn default() -> Reset {
        Reset { record: true, directories: true, rules: false, ids: false, tenants: None }
    }
}

/// What a reset did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResetDone {
    /// Number of the newest exchange: the `after` of what comes next.
    pub head: u64,
    /// How many exchanges went.
    pub removed: u64,
    /// How many stay because they are not over.
    pub kept: u64,
    /// How many resources went.
    pub resources: u64,
    /// How many rules count from nothing.
    pub rules: u64,
}

/// The clock of the SCIM server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSetting {
    /// The time at which it stands still; absent for the clock of the machine.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub fixed_at: Option<jiff::Timestamp>,
}

/// How far a clock that stands still is to be moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockAdvance {
    /// Milliseconds, forwards.
    pub by_ms: u64,
}

/// How ids of resources are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdSetting {
    /// The number that they are drawn from: the same ones in the same order, from the first. Absent for random ones.
    pub seed: Option<u64>,
}

impl NearMiss {
    pub(crate) fn new(query: &Query, exchange: &Exchange, failing: Vec<Failing>) -> NearMiss {
        let passing = (query.clauses().len() - failing.len()) as u64;
        let failing = failing.into_iter().map(|one| FailingClause {
            clause: query.text()[query.clauses()[one.clause].span.clone()].to_owned(),
            instead: one.instead,
        });
        NearMiss { exchange: Summary::from(exchange), failing: failing.collect(), passing }
    }
}
