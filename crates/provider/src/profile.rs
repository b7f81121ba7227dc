//! Profiles: what a tenant supports and how strict it is. Discovery is computed from the same switches.
//!
//! A profile is a JSON document. Every switch may be left out and then is as in `tolerant`; a name that is no switch is
//! refused. `docs/profiles.md` tells of each switch.

mod limits;
mod presets;

use scim::leniency::Leniency;
use serde::{Deserialize, Serialize};

pub use limits::{FilterJoin, Limits, TypeLimits};

/// What a tenant supports and how strict it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// The name by which it is chosen.
    pub name: String,
    /// What it is for, in a sentence.
    pub description: String,
    /// For a profile that imitates a certain server: where its behaviour is documented.
    pub sources: Vec<String>,
    /// Which deviations from the RFC are taken.
    pub leniency: Leniency,

    /// Whether PATCH is offered; announced as `patch` (RFC 7644 section 3.5.2). Without it PATCH is answered with 501.
    pub patch: bool,
    /// What a successful PATCH is answered with, unless the request names attributes.
    pub patch_answer: PatchAnswer,
    /// A PATCH of a resource with more elements than this in one attribute (a large group) is answered with 204, unless the
    /// request names attributes: RFC 7644 section 3.5.2 leaves the choice.
    pub patch_answer_max_elements: usize,
    /// What a PUT does with readWrite attributes that its body omits (RFC 7644 section 3.5.1 leaves the choice).
    pub put_omission: PutOmission,
    /// Whether a password may be changed by PUT and PATCH; announced as `changePassword`. Without it a password can be given
    /// at creation only, and a later one is refused with 400 `mutability`.
    pub change_password: bool,

    /// Whether lists can be filtered; announced as `filter`. Without it a filter is answered with 501.
    pub filter: bool,
    /// What an attribute in a filter is that no schema knows (RFC 7644 section 3.12 leaves the choice).
    pub unknown_filter_attribute: UnknownFilterAttribute,
    /// Attributes that a filter in a URL must not name: 403 `sensitive`; the filter belongs into the body of `.search` (RFC
    /// 7644 section 7.5.2). Paths as in filters; an attribute stands for its sub-attributes too.
    pub sensitive_attributes: Vec<String>,
    /// Whether lists can be sorted; announced as `sort`. Without it `sortBy` is ignored, with a finding.
    pub sort: bool,
    /// Whether POST to `.search` is offered (RFC 7644 section 3.4.3). Without it, it is answered with 501.
    pub search: bool,
    /// Whether the base URL can be asked for resources of all types (RFC 7644 section 3.4.2.1). Without it, it is answered with
    /// 501.
    pub root_query: bool,

    /// How many resources a page has if the request does not say.
    pub default_page_size: usize,
    /// How many resources a page has at most; announced as `filter.maxResults` and `pagination.maxPageSize`.
    pub max_results: usize,
    /// A list that more resources than this match is refused with 400 `tooMany` (RFC 7644 section 3.4.2.1). 0 for no limit.
    pub too_many_results: u64,
    /// Whether lists have pages by `startIndex`; announced as `pagination.index`.
    pub index_pagination: bool,
    /// Whether lists have pages by `cursor` (RFC 9865); announced as `pagination.cursor`.
    pub cursor_pagination: bool,
    /// How a list is cut into pages if the request does not say; announced as `pagination.defaultPaginationMethod`.
    pub default_pagination: Pagination,
    /// How long a cursor can be used after it was given out; announced as `pagination.cursorTimeout`. In seconds.
    pub cursor_timeout_seconds: u64,
    /// Whether pages by cursor tell `totalResults` (RFC 9865 section 2 lets a server leave it out).
    pub cursor_total_results: bool,

    /// Whether bulk is offered; announced as `bulk`. Without it POST to `/Bulk` is answered with 501.
    pub bulk: bool,
    /// How many operations a bulk request has at most; announced as `bulk.maxOperations`. More are refused with 413.
    pub bulk_max_operations: usize,
    /// How large the body of a bulk request is at most; announced as `bulk.maxPayloadSize`. A larger one is refused with 413.
    pub bulk_max_payload_bytes: usize,

    /// Whether resources have versions: `ETag`, `meta.version`, `If-Match` and `If-None-Match`; announced as `etag`.
    pub etag: bool,
    /// Whether PUT, PATCH and DELETE must say which version they expect: without `If-Match` they are refused with 428 (RFC 6585
    /// section 3). Means nothing without `etag`.
    pub require_if_match: bool,

    /// What `/Me` is (RFC 7644 section 3.11).
    pub me: Me,
    /// Who `/Me` is: the `userName` of a user, for clients that have none of their own.
    pub me_user_name: String,

    /// Whether a reference to a resource that is not there (`members`, `manager`) is refused with 400 `invalidValue`; otherwise it
    /// is kept, with a finding (RFC 7643 section 2.3.7 leaves the choice).
    pub referential_integrity: bool,
    /// Whether ServiceProviderConfig can be read without a token (RFC 7643 section 5).
    pub open_service_provider_config: bool,
    /// Whether error messages carry `urn:scimscope:params:error`: the number of the exchange in the record, and its findings.
    pub error_extension: bool,

    /// What is refused that the RFC allows, for profiles that imitate a certain server.
    pub limits: Limits,
}

/// What a successful PATCH is answered with (RFC 7644 section 3.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchAnswer {
    /// 200 and the resource.
    Resource,
    /// 204 and nothing.
    NoContent,
}

/// What a PUT does with readWrite attributes that its body omits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PutOmission {
    /// They lose their values.
    Clear,
    /// They keep their values; `null` and `[]` clear.
    Keep,
}

/// What an attribute in a filter is that no schema knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownFilterAttribute {
    /// Without a value in every resource; with a finding.
    Absent,
    /// A mistake: 400 `invalidFilter`.
    Refuse,
}

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pagination {
    /// By `startIndex` (RFC 7644 section 3.4.2.4).
    Index,
    /// By `cursor` (RFC 9865).
    Cursor,
}

/// What `/Me` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Me {
    /// Not offered: 501.
    NotSupported,
    /// Another name of a resource: requests are carried out on that.
    Alias,
    /// A pointer to a resource: 308.
    Redirect,
}

/// Why a text is no profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It is neither JSON nor the name of a preset.
    #[error("there is no profile {name:?}; there are {known}")]
    UnknownName {
        /// The name asked for.
        name: String,
        /// The names of the presets.
        known: String,
    },
    /// It is no JSON, or holds what is no switch or no value of one.
    #[error("the profile cannot be read: {0}")]
    Json(String),
    /// A switch has a value that makes no sense.
    #[error("the profile's {switch} {why}")]
    Switch {
        /// The switch.
        switch: &'static str,
        /// What is wrong with it, and what would be right.
        why: String,
    },
}

impl Default for Profile {
    /// The switches of the preset `tolerant`, without a name.
    fn default() -> Self {
        Profile {
            name: String::new(),
            description: String::new(),
            sources: Vec::new(),
            leniency: Leniency::TOLERANT,
            patch: true,
            patch_answer: PatchAnswer::Resource,
            patch_answer_max_elements: 1000,
            put_omission: PutOmission::Clear,
            change_password: true,
            filter: true,
            unknown_filter_attribute: UnknownFilterAttribute::Absent,
            sensitive_attributes: Vec::new(),
            sort: true,
            search: true,
            root_query: true,
            default_page_size: 100,
            max_results: 1000,
            too_many_results: 0,
            index_pagination: true,
            cursor_pagination: true,
            default_pagination: Pagination::Index,
            cursor_timeout_seconds: 3600,
            cursor_total_results: true,
            bulk: true,
            bulk_max_operations: 1000,
            bulk_max_payload_bytes: 4 * 1024 * 1024,
            etag: true,
            require_if_match: false,
            me: Me::NotSupported,
            me_user_name: String::new(),
            referential_integrity: false,
            open_service_provider_config: true,
            error_extension: false,
            limits: Limits::default(),
        }
    }
}

impl Profile {
    /// Reads a profile. Switches that are left out are as in `tolerant`.
    ///
    /// # Errors
    /// If it is no JSON object with a `name`, holds what is no switch or no value of one, or values that make no sense.
    pub fn from_json(text: &str) -> Result<Profile, ProfileError> {
        let profile: Profile = serde_json::from_str(text).map_err(|error| ProfileError::Json(error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    /// The profile as JSON with every switch, indented.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a profile is plain data")
    }

    /// The preset with this name, or the profile that this JSON text is.
    ///
    /// # Errors
    /// If it is neither.
    pub fn load(name_or_json: &str) -> Result<Profile, ProfileError> {
        let text = name_or_json.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            return Profile::from_json(text);
        }
        Profile::preset(text).ok_or_else(|| ProfileError::UnknownName {
            name: text.chars().take(80).collect(),
            known: Profile::names().join(", "),
        })
    }

    /// Looks for values that make no sense.
    ///
    /// # Errors
    /// The first of them.
    pub fn check(&self) -> Result<(), ProfileError> {
        let wrong = |switch, why: &str| Err(ProfileError::Switch { switch, why: why.to_owned() });
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return wrong("name", "is missing; give the profile a name of printable characters");
        }
        if self.max_results == 0 {
            return wrong("max_results", "is 0, so that no list had a page; give at least 1");
        }
        if self.default_page_size == 0 {
            return wrong("default_page_size", "is 0, so that no list had a page; give at least 1");
        }
        if self.default_pagination == Pagination::Cursor && !self.cursor_pagination {
            return wrong("default_pagination", "is \"cursor\", but cursor_pagination is off; switch it on");
        }
        if self.default_pagination == Pagination::Index && !self.index_pagination && self.cursor_pagination {
            return wrong("default_pagination", "is \"index\", but index_pagination is off; switch it to \"cursor\"");
        }
        if self.require_if_match && !self.etag {
            return wrong("require_if_match", "is on, but etag is off: there were no versions to expect");
        }
        if self.me != Me::NotSupported && self.me_user_name.is_empty() {
            return wrong("me_user_name", "is missing; say whose resource /Me is");
        }
        self.limits.check()
    }
}
