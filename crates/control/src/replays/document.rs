//! Runs as they are kept in the workspace.

use bytes::Bytes;
use replay::{Bound, Call, Difference, Phase, Reply, StepOutcome, Verdict};
use serde::{Deserialize, Serialize};

use crate::model::{
    BoundValue, DifferenceCounts, ReplayVerdict, RunDifference, RunMessage, RunStep, RunStepDetail, fields,
};

/// Bytes of a body that are kept.
const MOST_BODY: usize = 256 << 10;

/// A message of a step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    headers: Vec<(String, String)>,
    body: String,
    #[serde(skip_serializing_if = "is_zero", default)]
    cut_bytes: u64,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepDocument {
    pub index: usize,
    pub phase: Phase,
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seq: Option<u64>,
    pub method: String,
    pub path: String,
    request: Message,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    recorded: Option<(u16, Message)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    recorded_us: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    replayed: Option<(u16, Message)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    elapsed_us: Option<u64>,
    attempts: u32,
    pub verdict: Verdict,
    pub differences: Vec<Difference>,
    bound: Vec<Bound>,
    /// The target's body in recorded terms.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    terms: Option<String>,
}

/// An answer that a person accepted in place of the recorded one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Accepted {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Accepted {
    pub fn reply(&self) -> Reply {
        Reply { status: self.status, headers: self.headers.clone(), body: self.body.clone().into() }
    }
}

impl Message {
    fn of(headers: Vec<(String, String)>, body: &Bytes) -> Message {
        let kept = &body[..body.len().min(MOST_BODY)];
        let cut_bytes = (body.len() - kept.len()) as u64;
        Message { headers, body: String::from_utf8_lossy(kept).into_owned(), cut_bytes }
    }

    fn shown(&self) -> RunMessage {
        RunMessage { headers: fields(&self.headers), body: self.body.clone(), cut_bytes: self.cut_bytes }
    }

    fn indented(&self) -> Option<String> {
        indented(&self.body)
    }
}

/// JSON, indented; nothing if it is none.
fn indented(text: &str) -> Option<String> {
    scim::json::parse(text.as_bytes(), scim::json::Limits::default()).ok().map(|json| json.to_pretty_text())
}

impl From<StepOutcome> for StepDocument {
    fn from(outcome: StepOutcome) -> Self {
        let Call { method, path, headers, body } = outcome.call;
        let reply = |Reply { status, headers, body }: Reply| (status, Message::of(headers, &body));
        // What is different can be accepted, and is read side by side.
        let terms = outcome.in_recorded_terms.filter(|_| outcome.verdict != Verdict::Same).map(|json| json.to_text());
        StepDocument {
            index: outcome.index,
            phase: outcome.phase,
            label: outcome.label,
            seq: outcome.seq,
            method,
            path,
            request: Message::of(headers, &body),
            recorded: outcome.recorded.map(reply),
            recorded_us: outcome.recorded_us,
            replayed: outcome.replayed.map(reply),
            elapsed_us: outcome.elapsed_us,
            attempts: outcome.attempts,
            verdict: outcome.verdict,
            differences: outcome.differences,
            bound: outcome.bound,
            terms: terms.filter(|terms| terms.len() <= MOST_BODY),
        }
    }
}

impl StepDocument {
    /// How it went with these ignores.
    pub fn verdict(&self, ignores: &replay::Ignores) -> ReplayVerdict {
        match self.verdict {
            Verdict::Error | Verdict::Skipped => self.verdict.into(),
            _ => ignores.judge(&self.differences).into(),
        }
    }

    pub fn line(&self, ignores: &replay::Ignores) -> RunStep {
        let mut differences = DifferenceCounts::default();
        let mut first = None;
        for difference in &self.differences {
            if !ignores.counts(difference) {
                differences.ignored += 1;
                continue;
            }
            first.get_or_insert_with(|| difference.to_string());
            *match difference.part {
                replay::Part::Status => &mut differences.status,
                replay::Part::Header => &mut differences.headers,
                replay::Part::Body => &mut differences.body,
                replay::Part::State => &mut differences.state,
                replay::Part::Expectation => &mut differences.expectations,
            } += 1;
        }
        RunStep {
            index: self.index as u64,
            phase: self.phase.into(),
            seq: self.seq,
            label: self.label.clone(),
            method: self.method.clone(),
            path: self.path.clone(),
            recorded_status: self.recorded.as_ref().map(|(status, _)| *status),
            recorded_us: self.recorded_us,
            replayed_status: self.replayed.as_ref().map(|(status, _)| *status),
            elapsed_us: self.elapsed_us,
            verdict: self.verdict(ignores),
            differences,
            first,
            attempts: self.attempts.into(),
            bound: self.bound.len() as u64,
        }
    }

    pub fn detail(&self, ignores: &replay::Ignores) -> RunStepDetail {
        let replayed_text = self.terms.as_deref().and_then(indented);
        let body = || self.replayed.as_ref().and_then(|(_, message)| message.indented());
        RunStepDetail {
            step: self.line(ignores),
            request: self.request.shown(),
            recorded: self.recorded.as_ref().map(|(_, message)| message.shown()),
            replayed: self.replayed.as_ref().map(|(_, message)| message.shown()),
            recorded_text: self.recorded.as_ref().and_then(|(_, message)| message.indented()),
            replayed_text: replayed_text.or_else(body),
            differences: self.differences.iter().map(|difference| shown(difference, ignores)).collect(),
            bound: self.bound.iter().map(bound).collect(),
            acceptable: self.accepted().is_some(),
        }
    }

    /// What a person would accept in place of the recorded answer.
    pub fn accepted(&self) -> Option<Accepted> {
        let (status, message) = self.replayed.as_ref().filter(|_| self.phase == Phase::Replay && self.seq.is_some())?;
        if message.cut_bytes > 0 || self.recorded.is_none() {
            return None;
        }
        let body = self.terms.clone().unwrap_or_else(|| message.body.clone());
        Some(Accepted { status: *status, headers: message.headers.clone(), body })
    }

    /// By what the same step is found in another run.
    pub fn key(&self) -> (Phase, String) {
        let name = match (self.phase, self.seq) {
            (Phase::Replay, Some(seq)) => seq.to_string(),
            _ => format!("{} {}", self.index, self.method),
        };
        (self.phase, name)
    }

    /// The paths of what counts.
    pub fn paths(&self, ignores: &replay::Ignores) -> Vec<String> {
        self.differences.iter().filter(|difference| ignores.counts(difference)).map(ToString::to_string).collect()
    }
}

fn shown(difference: &Difference, ignores: &replay::Ignores) -> RunDifference {
    let value =
        |json: &Option<scim::json::Json>| json.as_ref().and_then(|json| serde_json::from_str(&json.to_text()).ok());
    RunDifference {
        part: difference.part.into(),
        sort: difference.sort.into(),
        path: difference.path.clone(),
        action: difference.action.into(),
        recorded: value(&difference.recorded),
        replayed: value(&difference.replayed),
        words: difference.words.clone(),
        counts: ignores.counts(difference),
    }
}

fn bound(bound: &Bound) -> BoundValue {
    let Bound { place, recorded, sent, from_step } = bound.clone();
    BoundValue { place, recorded, sent, from_step: from_step.map(|step| step as u64) }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
