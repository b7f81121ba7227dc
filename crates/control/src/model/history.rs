//! What resources were, as the API shows it.

use std::sync::Arc;

use jiff::Timestamp;
use scim::document::Document;
use scim::json::Json;
use scim::schema::Shape;
use serde::{Deserialize, Serialize};
use traffic::change::{self, Committed};
use utoipa::ToSchema;

use super::outcome::{Change, Line};
use super::resources::{LongListInfo, shown};

/// Why a directory changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A request did it: `seq`.
    Exchange,
    /// The tenant began as a copy of another one.
    Duplicated,
    /// All resources were deleted at once.
    Reset,
    /// An earlier state was brought back: that of `revision`.
    Restored,
    /// What `revision` changed was undone.
    Undone,
    /// What exchange `seq` changed was undone.
    UndoneExchange,
    /// Resources were made up.
    Seed,
    /// Resources were taken over from a file.
    Import,
    /// The answer of the server behind the tenant, a proxy, showed it.
    Observed,
}

/// What made a version.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CauseInfo {
    /// What kind of thing.
    pub kind: CauseKind,
    /// The exchange that did it, or that was undone.
    pub seq: Option<u64>,
    /// The revision that was brought back or undone.
    pub revision: Option<u64>,
    /// It in words: the sentence of the exchange, "restored to revision 12".
    pub sentence: String,
}

/// A version of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VersionInfo {
    /// The directory's revision that it came with.
    pub revision: u64,
    /// The number in its entity tag; absent if the resource was deleted.
    pub version: Option<u64>,
    /// When; absent if nobody knows: after a deletion by no exchange.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// What happened to the resource.
    pub kind: super::outcome::ChangeKind,
    /// What people called it then.
    pub display: String,
    /// What made it.
    pub cause: CauseInfo,
    /// What is different from the version before, the first thousand lines; in a PATCH each names its operation.
    pub lines: Vec<Line>,
    /// How many lines there are beyond these. Absent if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub more_lines: u64,
}

/// The versions of a resource, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct VersionPage {
    /// The versions.
    pub items: Vec<VersionInfo>,
    /// Where to go on: `before` for the next page. Absent if these are the last.
    pub next: Option<u64>,
    /// The first revision from which on every one can be read.
    pub horizon: u64,
}

/// A resource at one of the two sides of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Side {
    /// The revision that was read.
    pub revision: u64,
    /// Its version; absent if it was not there.
    pub version: Option<u64>,
    /// The resource at rest; absent if it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub document: Option<Json>,
    /// Lists that are too long to be shown here. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub left_out: Vec<LongListInfo>,
}

/// Two states of a resource, compared.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    /// The one side.
    pub from: Side,
    /// The other side.
    pub to: Side,
    /// What is different, the first thousand lines.
    pub lines: Vec<Line>,
    /// How many lines there are beyond these. Absent if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub more_lines: u64,
    /// The difference as the body of a SCIM PATCH that makes the second state of the first. Absent if it is not there in both.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub patch: Option<Json>,
    /// The difference as a JSON Patch (RFC 6902). Absent likewise, and for long lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub json_patch: Option<Json>,
}

/// To which state a resource, or a directory, is to be brought.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTo {
    /// A revision like `"12"`, `"seq:34"` for the state right after exchange 34, or `"version:3"` for a version of the
    /// resource.
    pub to: String,
}

/// What bringing back a state has changed, or would change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Restored {
    /// The directory's revision now.
    pub revision: u64,
    /// Whether nothing was changed, because only that was asked.
    pub dry_run: bool,
    /// How many resources it is about.
    pub count: u64,
    /// What changed, or would change: the first hundred resources.
    pub changes: Vec<Change>,
}

/// Resources whose change is shown of one commit.
const SHOWN_CHANGES: usize = 100;
/// Further lines of a diff are counted.
const SHOWN_LINES: usize = 1_000;

impl CauseInfo {
    pub(crate) fn new(cause: change::Cause, sentence: Option<String>) -> CauseInfo {
        let (kind, seq, revision, words) = match cause {
            change::Cause::Exchange(seq) => (CauseKind::Exchange, Some(seq.0), None, format!("exchange {seq}")),
            change::Cause::Duplicated => {
                (CauseKind::Duplicated, None, None, "the tenant began as a copy of another one".to_owned())
            }
            change::Cause::Reset => (CauseKind::Reset, None, None, "all resources were deleted at once".to_owned()),
            change::Cause::Restored(to) => {
                (CauseKind::Restored, None, Some(to.0), format!("restored to revision {to}"))
            }
            change::Cause::Undone(revision) => {
                (CauseKind::Undone, None, Some(revision.0), format!("revision {revision} undone"))
            }
            change::Cause::UndoneExchange(seq) => {
                (CauseKind::UndoneExchange, Some(seq.0), None, format!("exchange {seq} undone"))
            }
            change::Cause::Seed(number) => (CauseKind::Seed, None, None, format!("made up from seed {number}")),
            change::Cause::Import => (CauseKind::Import, None, None, "taken over from a file".to_owned()),
            change::Cause::Observed(seq) => {
                (CauseKind::Observed, Some(seq.0), None, format!("observed in exchange {seq}"))
            }
        };
        let sentence = sentence.filter(|sentence| !sentence.is_empty()).unwrap_or(words);
        CauseInfo { kind, seq, revision, sentence }
    }
}

impl VersionInfo {
    /// Of a commit with the change of one resource of this shape.
    pub(crate) fn new(
        shape: &Shape,
        commit: &Committed,
        change: &change::Change,
        cause: CauseInfo,
        at: Option<Timestamp>,
    ) -> VersionInfo {
        let (before, after) = (change.before.as_deref(), change.after.as_deref());
        // Where many came at once, nobody has made them.
        let made = match change.lines.is_empty() {
            true => scim::diff::diff(shape, before.map(Document::value), after.map(Document::value)),
            false => Vec::new(),
        };
        let whole = match made.is_empty() {
            true => Change::without_states(change, commit.revision.0),
            false => Change::without_states(&change::Change { lines: made, ..change.clone() }, commit.revision.0),
        };
        VersionInfo {
            revision: commit.revision.0,
            version: change.after.as_deref().and_then(directory::stated_version),
            at,
            kind: whole.kind,
            display: whole.display,
            cause,
            lines: whole.lines,
            more_lines: whole.more_lines,
        }
    }
}

impl Side {
    pub(crate) fn new(revision: u64, shape: &Shape, state: Option<&Arc<Document>>) -> Side {
        let version = state.and_then(|state| directory::stated_version(state));
        let (document, left_out) = match state {
            Some(state) => {
                let (document, left_out) = shown(shape, state);
                (Some(document), left_out)
            }
            None => (None, Vec::new()),
        };
        Side { revision, version, document, left_out }
    }
}

impl Comparison {
    pub(crate) fn new(
        shape: &Shape,
        (from, before): (u64, Option<&Arc<Document>>),
        (to, after): (u64, Option<&Arc<Document>>),
    ) -> Comparison {
        let value = |state: Option<&'_ Arc<Document>>| state.map(|state| state.to_parts());
        let lines = scim::diff::diff(shape, before.map(|state| state.value()), after.map(|state| state.value()));
        let (from, to) = (Side::new(from, shape, before), Side::new(to, shape, after));
        let patch = value(before).zip(value(after)).map(|(before, after)| scim::diff::as_patch(shape, &before, &after));
        let json_patch = match (&from.document, &to.document) {
            (Some(before), Some(after)) if from.left_out.is_empty() && to.left_out.is_empty() => {
                Some(scim::diff::as_json_patch(before, after))
            }
            _ => None,
        };
        Comparison {
            from,
            to,
            lines: lines.iter().take(SHOWN_LINES).map(Line::from).collect(),
            more_lines: lines.len().saturating_sub(SHOWN_LINES) as u64,
            patch: patch.map(|patch| patch.to_message()),
            json_patch,
        }
    }
}

impl Restored {
    pub(crate) fn new(revision: u64, dry_run: bool, changes: &[change::Change]) -> Restored {
        let shown = changes.iter().take(SHOWN_CHANGES).map(|change| Change::new(change, revision)).collect();
        Restored { revision, dry_run, count: changes.len() as u64, changes: shown }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
