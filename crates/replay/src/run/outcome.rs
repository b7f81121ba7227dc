//! What became of the steps of a replay.

use scim::json::Json;
use serde::{Deserialize, Serialize};

use super::{Heard, Waiting};
use crate::difference::Difference;
use crate::plan::PlanCounts;
use crate::play::Verdict;
use crate::recording::{Call, Reply};
use crate::wire::Outgoing;

/// Which part of a run a step belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It was recorded.
    #[default]
    Replay,
    /// It reads a resource back at the end.
    State,
    /// It deletes what the replay created.
    CleanUp,
}

/// A value of a request that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// Where in the request.
    pub place: String,
    /// The recorded value.
    pub recorded: String,
    /// The value that was sent.
    pub sent: String,
    /// The step whose answer it came from; absent if a person gave it, or it was known by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from_step: Option<usize>,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepOutcome {
    /// Its place, from 0; steps of the state check and the clean-up come behind those of the recording.
    pub index: usize,
    /// Which part of the run it belongs to.
    pub phase: Phase,
    /// What it is for.
    pub label: String,
    /// The recorded exchange.
    pub seq: Option<u64>,
    /// The request as it was sent, with credentials masked; as recorded if it was not sent.
    pub call: Call,
    /// The recorded answer.
    pub recorded: Option<Reply>,
    /// How long the recorded answer took, in microseconds.
    pub recorded_us: Option<u64>,
    /// The answer.
    pub replayed: Option<Reply>,
    /// How long it took, in microseconds.
    pub elapsed_us: Option<u64>,
    /// How often it was sent.
    pub attempts: u32,
    /// How it went.
    pub verdict: Verdict,
    /// What was otherwise, with what does not count.
    pub differences: Vec<Difference>,
    /// The values that were replaced in the request.
    pub bound: Vec<Bound>,
    /// The body of the answer with recorded ids and the recorded base URL, if it is JSON and not the same.
    pub in_recorded_terms: Option<Json>,
}

/// What a run tells while it goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// What it is going to send.
    Planned(PlanCounts),
    /// A step is over.
    Step(Box<StepOutcome>),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All steps are over.
    Complete,
    /// A person stopped it.
    Stopped,
    /// This step was different, and the run was to stop then.
    AtDifference(usize),
    /// The server cannot be reached; the text says why.
    Unreachable(String),
    /// It could not go on; the text says why.
    Failed(String),
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub end: End,
    /// How many recorded ids have one of the target.
    pub ids: usize,
    /// How many resources the replay created.
    pub created: usize,
}

impl Ended {
    pub(super) fn early(end: End) -> Ended {
        Ended { end, ids: 0, created: 0 }
    }
}

/// The outcome of a step that is over.
pub(super) fn of(
    waiting: Waiting,
    outgoing: Option<Outgoing>,
    heard: Option<Heard>,
    verdict: Verdict,
    differences: Vec<Difference>,
) -> StepOutcome {
    let Waiting { index, step, attempts, bound, .. } = waiting;
    let recorded = step.reply().cloned();
    let call = match outgoing {
        Some(outgoing) => sent(outgoing),
        None => masked(step.call),
    };
    let (replayed, elapsed_us, in_recorded_terms) = match heard {
        Some(Heard { reply, elapsed_us, terms }) => (Some(reply), Some(elapsed_us), terms),
        None => (None, None, None),
    };
    StepOutcome {
        index,
        phase: Phase::Replay,
        label: step.label,
        seq: step.seq,
        call,
        recorded,
        recorded_us: step.elapsed_us,
        replayed,
        elapsed_us,
        attempts,
        verdict,
        differences,
        bound,
        in_recorded_terms,
    }
}

/// A request that left, as it may be shown.
pub(super) fn sent(outgoing: Outgoing) -> Call {
    let Outgoing { method, path, headers, body, secret } = outgoing;
    let mut call = masked(Call { method, path, headers, body: body.unwrap_or_default() });
    for (name, value) in &mut call.headers {
        let is_secret = secret.as_ref().is_some_and(|secret| secret.eq_ignore_ascii_case(name));
        if is_secret && !value.ends_with("****") {
            *value = "****".to_owned();
        }
    }
    call
}

/// A request with its credentials masked.
pub fn masked(mut call: Call) -> Call {
    for (name, value) in &mut call.headers {
        let secret = ["authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-auth-token"];
        if secret.iter().any(|secret| name.eq_ignore_ascii_case(secret)) {
            let is_scheme = name.to_ascii_lowercase().ends_with("authorization");
            let scheme = value.split_once(' ').filter(|_| is_scheme);
            let scheme = scheme.map(|(scheme, _)| format!("{scheme} ")).unwrap_or_default();
            *value = format!("{scheme}****");
        }
    }
    call
}
