//! Rules, as the API tells and takes them. They have the form in which files and the workspace have them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fault or an override of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What names it in its tenant: letters, digits and hyphens. Leave it out, or empty, to have one made from the name.
    #[serde(default)]
    #[schema(required = false)]
    pub id: String,
    /// What people call it: 1 to 80 characters.
    pub name: String,
    /// Whether it is looked at; true if left out.
    #[serde(default = "yes")]
    #[schema(required = false)]
    pub enabled: bool,
    /// Which requests it is about; without conditions, all that are let in.
    #[serde(default)]
    #[schema(required = false)]
    pub when: RuleMatch,
    /// What happens to them.
    pub action: RuleAction,
    /// How many requests it may touch; then it rests until its counts are reset. Absent: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<u64>,
    /// From when on it rests. Absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// What its chance begins with: the same seed meets the same requests.
    #[serde(default)]
    #[schema(required = false)]
    pub seed: u64,
}

/// Conditions on a request; all of them must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleMatch {
    /// One of these methods, in any case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub methods: Vec<String>,
    /// The path below the tenant's base: `*` is anything in a segment, `**` any segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The resource type that the path names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// A text in the filter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The dialect that the request shows by its own shape: `entra`; `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Header fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub headers: Vec<RuleHeader>,
    /// Values in a JSON body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub body: Vec<RuleBodyValue>,
    /// A query in the language of the record, as far as it asks about the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Which of the requests for which all of this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurrence: Option<RuleOccurrence>,
    /// The chance of each of them, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
}

/// A header field that must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleHeader {
    /// Its name, in any case.
    pub name: String,
    /// A text in its value, in any case. Absent: any value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// A value that must be in the body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBodyValue {
    /// Where: `Operations[*].path`.
    pub path: String,
    /// What it is; texts in any case. Absent: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equals: Option<serde_json::Value>,
}

/// Which of the requests that a rule is about, counted from 1 since its counts began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleOccurrence {
    /// The first n.
    First {
        /// How many.
        n: u64,
    },
    /// All after the first n.
    After {
        /// How many are left alone.
        n: u64,
    },
    /// The n-th alone.
    Nth {
        /// Which one.
        n: u64,
    },
    /// Each n-th.
    Every {
        /// How many steps.
        n: u64,
    },
}

/// What a rule does. `docs/rules.md` tells what each of them does on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleAction {
    /// Answers with a status instead of doing what was asked.
    Status {
        /// The status: 200 to 599.
        status: u16,
        /// The keyword of the error. Absent: the one that belongs to the status, if one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scim_type: Option<String>,
        /// The text of the error.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
        /// How that is written.
        #[serde(default)]
        #[schema(required = false)]
        retry_after_as: RuleRetryAs,
    },
    /// Lets so many requests of one credential through, and answers 429 to the others.
    RateLimit {
        /// How many requests.
        requests: u32,
        /// In how many seconds.
        per_s: u32,
        /// How many may come at once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        burst: Option<u32>,
        /// How `Retry-After` is written.
        #[serde(default)]
        #[schema(required = false)]
        retry_after_as: RuleRetryAs,
    },
    /// Answers 409 `uniqueness` to a POST.
    Duplicate {},
    /// Answers later.
    Latency {
        /// How much later.
        delay: RuleDelay,
    },
    /// Ends the connection after so many bytes of the body.
    Truncate {
        /// How many bytes of the body leave.
        bytes: u32,
    },
    /// Sends a Content-Length that is wrong.
    WrongLength {
        /// What is added to the right length.
        by: i32,
    },
    /// Resets the connection.
    Reset {
        /// After how many bytes of the response.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_bytes: Option<u32>,
    },
    /// Sends nothing.
    Hang {
        /// How long at most.
        at_most_ms: u32,
    },
    /// Sends the response a few bytes at a time.
    Drip {
        /// How many bytes at a time.
        bytes: u32,
        /// How long between two times.
        every_ms: u32,
    },
    /// Leaves out the last byte of the body.
    Malformed {},
    /// Says another media type.
    ContentType {
        /// What `Content-Type` says.
        value: String,
    },
    /// `totalResults` is wrong.
    TotalResults {
        /// What is added.
        by: i32,
    },
    /// A list without `Resources`.
    ResourcesAbsent {},
    /// 404 for a filter that finds nothing.
    #[serde(rename = "empty_filter_404")]
    EmptyFilter404 {},
    /// Versions that are one behind.
    StaleEtag {},
    /// A PATCH is answered with 200 and no body.
    #[serde(rename = "patch_empty_200")]
    PatchEmpty200 {},
    /// The JSON of the response is edited (RFC 6902).
    Edit {
        /// The operations of a JSON Patch.
        #[schema(value_type = Vec<Object>)]
        patch: Vec<serde_json::Value>,
    },
    /// Pages overlap.
    RepeatedItems {},
    /// Pages leave something out.
    MissingItems {},
    /// A filter is left out.
    FilterIgnored {},
    /// A filter compares `userName` with its case.
    CaseSensitiveUserName {},
    /// A PATCH changes nothing.
    PatchIgnored {},
    /// A PATCH that removes one member removes all.
    MemberRemovalEmptiesGroup {},
    /// Reads see what was.
    EventualConsistency {
        /// How long a change takes to be seen.
        delay_ms: u32,
    },
}

/// How long something takes, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RuleDelay {
    /// Always the same.
    Fixed {
        /// How long.
        ms: u32,
    },
    /// Anything between two times.
    Uniform {
        /// The shortest.
        from_ms: u32,
        /// The longest.
        to_ms: u32,
    },
    /// Around a time, as a bell curve.
    Normal {
        /// The middle.
        mean_ms: u32,
        /// The standard deviation.
        deviation_ms: u32,
    },
}

/// How `Retry-After` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleRetryAs {
    /// A number of seconds.
    #[default]
    Seconds,
    /// A date.
    Date,
}

/// Whether a rule can touch a request now, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleStateName {
    /// It can.
    Active,
    /// It is switched off.
    Off,
    /// Its budget is used up.
    Spent,
    /// Its time is over.
    Expired,
}

/// A rule and how it stands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleInfo {
    /// The rule.
    pub rule: Rule,
    /// What it will do, in a sentence.
    pub sentence: String,
    /// How it stands.
    pub state: RuleStateName,
    /// How many requests it touched.
    pub hits: u64,
    /// How many requests it was about, those included that it left alone because of occurrence or chance.
    pub matched: u64,
    /// How many it may still touch; absent without a budget.
    pub left: Option<u64>,
    /// Since when this is counted.
    #[schema(value_type = String, format = DateTime)]
    pub counted_since: Timestamp,
    /// When it touched the last one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_hit: Option<Timestamp>,
    /// The numbers of the last exchanges that it touched, the newest first.
    pub exchanges: Vec<u64>,
}

/// The rules of a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleList {
    /// In the order in which they are asked.
    pub items: Vec<RuleInfo>,
    /// How many can touch a request now.
    pub active: u64,
}

/// Rules to be put in the place of all others.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRuleList {
    /// In the order in which they are to be asked.
    pub rules: Vec<Rule>,
}

/// What is to be changed of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// Whether it is looked at.
    pub enabled: Option<bool>,
    /// Where it is to stand, from 0; beyond the end is the end.
    pub position: Option<usize>,
}

/// Something in a rule that does not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleProblem {
    /// Where: `when.query`, `action.status`.
    pub place: String,
    /// What is wrong and what to write.
    pub message: String,
}

/// A rule that was looked at without being taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleChecked {
    /// What it would do, in a sentence; absent if it cannot be read.
    pub sentence: Option<String>,
    /// What does not do; nothing if it can be taken.
    pub problems: Vec<RuleProblem>,
}

/// A rule made from an exchange, to be edited and taken.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleSuggestion {
    /// The tenant that the exchange was for.
    pub tenant: String,
    /// The rule: about requests like this one.
    pub rule: Rule,
}

/// A ready set of rules.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleSetInfo {
    /// What names it: `entra-quarantine`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it is for.
    pub about: String,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// What each of them does, in a sentence.
    pub sentences: Vec<String>,
}

/// All ready sets.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RuleSetList {
    /// In the order in which they are offered.
    pub items: Vec<RuleSetInfo>,
}

/// A rule that touched an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleHit {
    /// What names the rule in its tenant.
    pub id: String,
    /// What it was called then.
    pub name: String,
    /// What it did, in words without a subject.
    pub did: String,
}

impl Rule {
    /// The rule as the provider has it. The error says what cannot be read.
    pub(crate) fn read(&self) -> Result<provider::rules::Rule, String> {
        // Both have the same form; a test keeps them the same.
        let value = serde_json::to_value(self).map_err(|error| error.to_string())?;
        serde_json::from_value(value).map_err(|error| error.to_string())
    }
}

impl From<&provider::rules::Rule> for Rule {
    fn from(rule: &provider::rules::Rule) -> Self {
        let value = serde_json::to_value(rule).and_then(serde_json::from_value);
        value.expect("a rule has the form that the API tells")
    }
}

impl From<&provider::rules::Standing> for RuleInfo {
    fn from(standing: &provider::rules::Standing) -> Self {
        let (rule, counts) = (&standing.rule, &standing.counts);
        RuleInfo {
            sentence: provider::rules::sentence(rule),
            state: match standing.state {
                provider::rules::RuleState::Active => RuleStateName::Active,
                provider::rules::RuleState::Off => RuleStateName::Off,
                provider::rules::RuleState::Spent => RuleStateName::Spent,
                provider::rules::RuleState::Expired => RuleStateName::Expired,
            },
            hits: counts.hits,
            matched: counts.matched,
            left: rule.budget.map(|budget| budget.saturating_sub(counts.hits)),
            counted_since: counts.since,
            last_hit: counts.last_hit,
            exchanges: counts.recent.iter().rev().copied().collect(),
            rule: Rule::from(rule),
        }
    }
}

impl From<&provider::rules::RuleSet> for RuleSetInfo {
    fn from(set: &provider::rules::RuleSet) -> Self {
        RuleSetInfo {
            name: set.name.clone(),
            title: set.title.clone(),
            about: set.about.clone(),
            rules: set.rules.iter().map(Rule::from).collect(),
            sentences: set.rules.iter().map(provider::rules::sentence).collect(),
        }
    }
}

impl From<provider::rules::RuleProblem> for RuleProblem {
    fn from(problem: provider::rules::RuleProblem) -> Self {
        RuleProblem { place: problem.place, message: problem.message }
    }
}

impl From<&traffic::handled::RuleHit> for RuleHit {
    fn from(hit: &traffic::handled::RuleHit) -> Self {
        RuleHit { id: hit.id.clone(), name: hit.name.clone(), did: hit.did.clone() }
    }
}

fn yes() -> bool {
    true
}
