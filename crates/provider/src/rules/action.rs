//! What a rule does.

use scim::error::ScimType;
use serde::{Deserialize, Serialize};

use super::json_patch::JsonPatch;

/// What a rule does to a request that it is about. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Answers with a status instead of doing what was asked; from 400 on with a SCIM error (RFC 7644 section 3.12).
    Status {
        /// The status: 200 to 599.
        status: u16,
        /// The keyword of the error. Absent: the one that belongs to the status, if one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scim_type: Option<ScimType>,
        /// The text of the error. Absent: one that names the rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// After how many seconds to come again (`Retry-After`, RFC 9110 section 10.2.3). Absent: no such field.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_s: Option<u32>,
        /// How that is written.
        #[serde(default)]
        retry_after_as: RetryAs,
    },
    /// Lets so many requests of one credential through in so many seconds, and answers 429 to the others. A token bucket.
    RateLimit {
        /// How many requests.
        requests: u32,
        /// In how many seconds.
        per_s: u32,
        /// How many may come at once. Absent: as many as `requests`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        burst: Option<u32>,
        /// How `Retry-After` is written.
        #[serde(default)]
        retry_after_as: RetryAs,
    },
    /// Answers 409 `uniqueness` to a POST, although nothing has the name.
    Duplicate {},
    /// Answers later. What was asked is done at once.
    Latency {
        /// How much later.
        delay: Delay,
    },
    /// Sends the head and so many bytes of the body, then ends the connection.
    Truncate {
        /// How many bytes of the body leave.
        bytes: u32,
    },
    /// Sends a Content-Length that is wrong by so many bytes, then the whole body, and ends the connection.
    WrongLength {
        /// What is added to the right length.
        by: i32,
    },
    /// Resets the connection (TCP RST).
    Reset {
        /// After how many bytes of the response; absent or 0: before the first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_bytes: Option<u32>,
    },
    /// Sends nothing, until the client gives up or this time is over; then ends the connection.
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
    /// Leaves out the last byte of a JSON body.
    Malformed {},
    /// Says another media type.
    ContentType {
        /// What `Content-Type` says.
        value: String,
    },
    /// `totalResults` of a list is wrong by so many.
    TotalResults {
        /// What is added; the sum is never below zero.
        by: i32,
    },
    /// A list without `Resources`.
    ResourcesAbsent {},
    /// 404 for a filter that finds nothing.
    #[serde(rename = "empty_filter_404")]
    EmptyFilter404 {},
    /// Versions that are one behind, in `ETag` and `meta.version`.
    StaleEtag {},
    /// A PATCH that succeeds is answered with 200 and no body.
    #[serde(rename = "patch_empty_200")]
    PatchEmpty200 {},
    /// The JSON of the response is edited (RFC 6902).
    Edit {
        /// The operations.
        patch: JsonPatch,
    },
    /// Each page but the first begins with the last resource of the page before.
    RepeatedItems {},
    /// Each page but the first leaves out its first resource.
    MissingItems {},
    /// A filter is left out: everything is listed.
    FilterIgnored {},
    /// A filter compares `userName` with its case (against RFC 7643 section 4.1.1).
    CaseSensitiveUserName {},
    /// A PATCH changes nothing and is answered as if it had.
    PatchIgnored {},
    /// A PATCH that removes one member removes all.
    MemberRemovalEmptiesGroup {},
    /// Reads see what was there so long ago.
    EventualConsistency {
        /// How long a change takes to be seen.
        delay_ms: u32,
    },
}

/// How long something takes, in milliseconds. Chance comes from the rule's seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Delay {
    /// Always the same.
    Fixed {
        /// How long.
        ms: u32,
    },
    /// Anything between two times, with the same chance.
    Uniform {
        /// The shortest.
        from_ms: u32,
        /// The longest.
        to_ms: u32,
    },
    /// Around a time, as a bell curve; never below zero, never more than four deviations away.
    Normal {
        /// The middle.
        mean_ms: u32,
        /// The standard deviation.
        deviation_ms: u32,
    },
}

/// How `Retry-After` is written (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RetryAs {
    /// A number of seconds.
    #[default]
    Seconds,
    /// A date.
    Date,
}

/// What part of an exchange an action decides: of two rules for the same part, the first holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The answer: nothing is done.
    Answer,
    /// When it leaves; several add up.
    Delay,
    /// How its bytes leave.
    Wire,
    /// How the request is carried out.
    Conduct,
    /// What the response says; several come one after the other.
    Response,
}

impl Action {
    /// The part of an exchange that it decides.
    pub(super) fn part(&self) -> Part {
        match self {
            Action::Status { .. } | Action::RateLimit { .. } | Action::Duplicate {} => Part::Answer,
            Action::Latency { .. } => Part::Delay,
            Action::Truncate { .. }
            | Action::WrongLength { .. }
            | Action::Reset { .. }
            | Action::Hang { .. }
            | Action::Drip { .. } => Part::Wire,
            Action::RepeatedItems {}
            | Action::MissingItems {}
            | Action::FilterIgnored {}
            | Action::CaseSensitiveUserName {}
            | Action::PatchIgnored {}
            | Action::MemberRemovalEmptiesGroup {}
            | Action::EventualConsistency { .. } => Part::Conduct,
            Action::Malformed {}
            | Action::ContentType { .. }
            | Action::TotalResults { .. }
            | Action::ResourcesAbsent {}
            | Action::EmptyFilter404 {}
            | Action::StaleEtag {}
            | Action::PatchEmpty200 {}
            | Action::Edit { .. } => Part::Response,
        }
    }
}
