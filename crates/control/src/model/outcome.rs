//! What the provider made of a request: findings, operations, changes.

use std::sync::Arc;

use scim::document::Document;
use scim::json::Json;
use scim::long_list::{Home, LongLists};
use serde::Serialize;
use traffic::change;
use traffic::handled;
use utoipa::ToSchema;

/// Bytes by offset, the end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Span { start: range.start as u64, end: range.end as u64 }
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the RFC allows it.
    Info,
    /// A deviation from the RFC that the profile took in its stride.
    Tolerated,
    /// Legal but suspicious.
    Warning,
    /// The reason why a request was refused or broken.
    Error,
}

impl From<scim::finding::Severity> for Severity {
    fn from(severity: scim::finding::Severity) -> Self {
        match severity {
            scim::finding::Severity::Info => Severity::Info,
            scim::finding::Severity::Tolerated => Severity::Tolerated,
            scim::finding::Severity::Warning => Severity::Warning,
            scim::finding::Severity::Error => Severity::Error,
        }
    }
}

/// What a finding points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Place {
    /// A value in the request body.
    Body {
        /// JSON Pointer (RFC 6901); empty for the whole body.
        pointer: String,
        /// Where the value is, in bytes of `decoded_body` if there is one, else of `body`. Absent if it is not there.
        span: Option<Span>,
    },
    /// A part of the request target.
    Target {
        /// Where, in bytes of `target`.
        span: Span,
    },
    /// A header field of the request.
    Header {
        /// Its name as sent.
        name: String,
    },
    /// The request as a whole.
    Request,
}

/// A tolerated deviation, explained.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToleranceText {
    /// `T1` to `T17`.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What it is.
    pub explanation: String,
    /// Where the RFC says otherwise.
    pub rfc: String,
    /// How a client that follows the RFC writes it.
    pub rfc_form: String,
    /// Clients that are known for it, by name.
    pub who: Vec<String>,
    /// The switch of a profile that allows it; absent if every server must take it.
    pub switch: Option<String>,
}

impl ToleranceText {
    /// All of them in order.
    pub fn all() -> Vec<ToleranceText> {
        dialects::tolerances().iter().map(ToleranceText::from).collect()
    }

    fn of(code: &str) -> Option<ToleranceText> {
        dialects::tolerance(code).map(ToleranceText::from)
    }
}

impl From<&dialects::Tolerance> for ToleranceText {
    fn from(tolerance: &dialects::Tolerance) -> Self {
        ToleranceText {
            id: tolerance.id.to_owned(),
            title: tolerance.title.to_owned(),
            explanation: tolerance.explanation.to_owned(),
            rfc: tolerance.rfc.to_owned(),
            rfc_form: tolerance.rfc_form.to_owned(),
            who: tolerance.who.iter().map(|&name| name.to_owned()).collect(),
            switch: tolerance.switch.map(str::to_owned),
        }
    }
}

/// What the code of a finding means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingWords {
    /// A few words for a heading.
    pub title: String,
    /// What it means and what to do about it.
    pub explanation: String,
    /// The section that it rests on, if there is one.
    pub rfc: Option<String>,
}

impl FindingWords {
    fn of(code: &str) -> FindingWords {
        let words = dialects::finding_text(code);
        FindingWords {
            title: words.title.to_owned(),
            explanation: words.explanation.to_owned(),
            rfc: words.rfc.map(str::to_owned),
        }
    }
}

/// One statement about an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// `T1` to `T17` for tolerated deviations, otherwise a short kebab-case word.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What was seen.
    pub message: String,
    /// Where it was seen.
    pub place: Place,
    /// What its code means, whatever the exchange.
    pub about: FindingWords,
    /// The deviation explained, if it is one.
    pub rule: Option<ToleranceText>,
}

/// What became of one operation of a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperationOutcome {
    /// It changed something.
    Changed,
    /// It changed nothing.
    Unchanged,
    /// It was refused, and nothing of the request took effect.
    Refused,
    /// An earlier one was refused.
    NotReached,
}

/// One operation of a PATCH.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Operation {
    /// Position in `Operations`, from 0.
    pub index: u64,
    /// `op` as sent.
    pub op: String,
    /// `path` as sent.
    pub path: Option<String>,
    /// What became of it.
    pub outcome: OperationOutcome,
    /// Why it changed nothing or was refused.
    pub reason: Option<String>,
}

/// What happened to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineAction {
    /// It was not there before.
    Added,
    /// It is not there after.
    Removed,
    /// It is another value now.
    Changed,
}

/// One difference between two states of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Line {
    /// Path in the notation of PATCH: `emails[type eq "work"].value`.
    pub path: String,
    /// What happened.
    pub action: LineAction,
    /// The value before; absent if added.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub before: Option<Json>,
    /// The value after; absent if removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub after: Option<Json>,
    /// The operation that caused it, by position from 0.
    pub operation: Option<u64>,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Created,
    /// It has another state.
    Modified,
    /// It is gone.
    Deleted,
}

/// The delta of one resource.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Change {
    /// Name of the resource type: "User".
    pub resource_type: String,
    /// The resource's `id`.
    pub resource_id: String,
    /// What people call it.
    pub display: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The directory's revision that it made.
    pub revision: u64,
    /// The state before; absent for a creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub before: Option<Json>,
    /// The state after; absent for a deletion.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<serde_json::Value>)]
    pub after: Option<Json>,
    /// Lists that are too long to be shown, and are left out of both states. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub left_out: Vec<LeftOut>,
    /// What differs; the first thousand lines.
    pub lines: Vec<Line>,
    /// How many lines there are beyond these. Absent if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    pub more_lines: u64,
}

/// A list that is left out of the states of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOut {
    /// The attribute's path: "members".
    pub attribute: String,
    /// How many elements it had before; none if they were so few that they are kept with the rest.
    pub before: u64,
    /// How many elements it has after; none likewise.
    pub after: u64,
}

/// Longer lists are left out of the states of a change, and further lines of its diff.
const SHOWN: usize = 1_000;

/// One step of the decision about access. Secrets are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuthStep {
    /// What was looked at.
    pub checked: String,
    /// What was found.
    pub found: String,
    /// Whether the request could go on.
    pub passed: bool,
}

/// An attribute and the text that it was compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LookedFor {
    /// The attribute's path.
    pub attribute: String,
    /// The text.
    pub text: String,
}

/// What a request was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subject {
    /// Name of the resource type that the path named.
    pub resource_type: Option<String>,
    /// The `id` in the path, or of the resource created.
    pub resource_id: Option<String>,
    /// What people call the resource.
    pub display: Option<String>,
    /// The filter, decoded.
    pub filter: Option<String>,
    /// For a filter that compares an attribute with a text.
    pub looked_for: Option<LookedFor>,
    /// `totalResults` of a list.
    pub total_results: Option<u64>,
}

/// The kind of request, by its route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// GET on one resource.
    Read,
    /// GET on an endpoint, or `.search`.
    List,
    /// POST.
    Create,
    /// PUT.
    Replace,
    /// PATCH.
    Modify,
    /// DELETE.
    Delete,
    /// ServiceProviderConfig, ResourceTypes, Schemas.
    Discover,
    /// A token asked for at a token endpoint.
    Token,
    /// Nothing that SCIM knows, or no request at all.
    Unknown,
}

impl Finding {
    /// A finding with its place resolved in the body as JSON, and its rule.
    pub(crate) fn new(finding: &scim::finding::Finding, body: &[u8]) -> Finding {
        Finding {
            code: finding.code.clone(),
            severity: finding.severity.into(),
            message: finding.message.clone(),
            place: match &finding.place {
                scim::finding::Place::Body(pointer) => {
                    Place::Body { pointer: pointer.clone(), span: scim::json::locate(body, pointer).map(Span::from) }
                }
                scim::finding::Place::Target(span) => Place::Target { span: span.clone().into() },
                scim::finding::Place::Header(name) => Place::Header { name: name.clone() },
                scim::finding::Place::Request => Place::Request,
            },
            about: FindingWords::of(&finding.code),
            rule: ToleranceText::of(&finding.code),
        }
    }
}

impl From<&handled::Operation> for Operation {
    fn from(operation: &handled::Operation) -> Self {
        let (outcome, reason) = match &operation.outcome {
            handled::OperationOutcome::Changed => (OperationOutcome::Changed, None),
            handled::OperationOutcome::Unchanged(why) => (OperationOutcome::Unchanged, Some(why.clone())),
            handled::OperationOutcome::Refused(why) => (OperationOutcome::Refused, Some(why.clone())),
            handled::OperationOutcome::NotReached => (OperationOutcome::NotReached, None),
        };
        Operation {
            index: operation.index as u64,
            op: operation.op.clone(),
            path: operation.path.clone(),
            outcome,
            reason,
        }
    }
}

impl From<scim::diff::Action> for LineAction {
    fn from(action: scim::diff::Action) -> Self {
        match action {
            scim::diff::Action::Added => LineAction::Added,
            scim::diff::Action::Removed => LineAction::Removed,
            scim::diff::Action::Changed => LineAction::Changed,
        }
    }
}

impl From<&scim::diff::Line> for Line {
    fn from(line: &scim::diff::Line) -> Self {
        Line {
            path: line.path.clone(),
            action: line.action.into(),
            before: line.before.clone(),
            after: line.after.clone(),
            operation: line.operation.map(|index| index as u64),
        }
    }
}

impl Change {
    /// A change of a commit, without the states before and after.
    pub(crate) fn without_states(change: &change::Change, revision: u64) -> Change {
        Change {
            resource_type: change.resource_type.clone(),
            resource_id: change.resource_id.clone(),
            display: change.display.clone(),
            kind: match (&change.before, &change.after) {
                (None, _) => ChangeKind::Created,
                (Some(_), None) => ChangeKind::Deleted,
                (Some(_), Some(_)) => ChangeKind::Modified,
            },
            revision,
            before: None,
            after: None,
            left_out: Vec::new(),
            lines: change.lines.iter().take(SHOWN).map(Line::from).collect(),
            more_lines: change.lines.len().saturating_sub(SHOWN) as u64,
        }
    }

    /// A change of a commit.
    pub(crate) fn new(change: &change::Change, revision: u64) -> Change {
        let left_out = left_out(&change.before, &change.after);
        let shown = |state: &Option<Arc<Document>>| state.as_ref().map(|document| shown(document, &left_out));
        let (before, after) = (shown(&change.before), shown(&change.after));
        let left_out = left_out.into_iter().map(|(_, left_out)| left_out).collect();
        Change { before, after, left_out, ..Change::without_states(change, revision) }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The lists that are too long to be shown in one of the states.
fn left_out(before: &Option<Arc<Document>>, after: &Option<Arc<Document>>) -> Vec<(Home, LeftOut)> {
    let mut found: Vec<(Home, LeftOut)> = Vec::new();
    let lists = |state: &Option<Arc<Document>>| {
        state.as_ref().filter(|document| document.has_long_lists()).map(|document| document.to_parts().lists)
    };
    let (before, after) = (lists(before), lists(after));
    let length = |lists: &Option<LongLists>, home: &Home| {
        let list = lists.as_ref().and_then(|lists| lists.get(home.extension.as_deref(), &home.attribute));
        list.map_or(0, |list| list.len() as u64)
    };
    for (home, list) in [&before, &after].into_iter().flatten().flat_map(LongLists::iter) {
        if list.len() > SHOWN && found.iter().all(|(have, _)| have != home) {
            let (before, after) = (length(&before, home), length(&after, home));
            found.push((home.clone(), LeftOut { attribute: home.path(), before, after }));
        }
    }
    found
}

/// A state without these lists.
fn shown(document: &Document, left_out: &[(Home, LeftOut)]) -> Json {
    let mut parts = document.to_parts();
    for (home, _) in left_out {
        parts.lists.remove(home.extension.as_deref(), &home.attribute);
        home.take(&mut parts.object);
    }
    Json::Object(parts.into_object())
}

impl From<&handled::AuthStep> for AuthStep {
    fn from(step: &handled::AuthStep) -> Self {
        AuthStep { checked: step.checked.clone(), found: step.found.clone(), passed: step.passed }
    }
}

impl From<&handled::Subject> for Subject {
    fn from(subject: &handled::Subject) -> Self {
        let looked_for = subject.looked_for.clone();
        Subject {
            resource_type: subject.resource_type.clone(),
            resource_id: subject.resource_id.clone(),
            display: subject.display.clone(),
            filter: subject.filter.clone(),
            looked_for: looked_for.map(|(attribute, text)| LookedFor { attribute, text }),
            total_results: subject.total_results,
        }
    }
}

impl From<handled::Action> for Action {
    fn from(action: handled::Action) -> Self {
        match action {
            handled::Action::Read => Action::Read,
            handled::Action::List => Action::List,
            handled::Action::Create => Action::Create,
            handled::Action::Replace => Action::Replace,
            handled::Action::Modify => Action::Modify,
            handled::Action::Delete => Action::Delete,
            handled::Action::Discover => Action::Discover,
            handled::Action::Token => Action::Token,
            handled::Action::Unknown => Action::Unknown,
        }
    }
}
