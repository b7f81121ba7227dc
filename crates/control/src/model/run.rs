//! Runs: what became of replays.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::outcome::LineAction;
use super::replay::{ReplayCounts, ReplayIgnores, ReplayPace, ReplaySource, ReplayTargetInfo};

/// A run that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplayStarted {
    /// The number of the run.
    pub id: u64,
    /// The number of the job that does it.
    pub job: u64,
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayVerdict {
    /// Nothing counts as different.
    Same,
    /// Nothing but what was chosen to be ignored.
    SameExceptIgnored,
    /// Something is otherwise.
    Different,
    /// There was no answer.
    Error,
    /// It was not sent.
    Skipped,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayState {
    /// Steps are sent.
    Running,
    /// It waits for somebody to take the next step.
    Waiting,
    /// All steps are over.
    Complete,
    /// Somebody stopped it.
    Stopped,
    /// A difference ended it.
    AtDifference,
    /// The server cannot be reached.
    Unreachable,
    /// It could not go on.
    Failed,
}

/// How many steps went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerdictCounts {
    /// Same.
    pub same: u64,
    /// Same except ignored.
    pub same_except_ignored: u64,
    /// Different.
    pub different: u64,
    /// Error.
    pub error: u64,
    /// Skipped.
    pub skipped: u64,
}

/// A run in a few lines. It never changes once it is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its number, from 1.
    pub id: u64,
    /// What was replayed, in words.
    pub title: String,
    /// What was replayed. Without the text of a file.
    pub source: ReplaySource,
    /// Where.
    pub target: ReplayTargetInfo,
    /// When it was started.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it was over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub state: ReplayState,
    /// Why it ended early, in words.
    pub problem: Option<String>,
    /// What it was going to send.
    pub counts: ReplayCounts,
    /// Steps that are over, with those of the state check and the clean-up.
    pub done: u64,
    /// How they went, with what the run ignores.
    pub verdicts: VerdictCounts,
    /// The worst of them; absent before the first.
    pub verdict: Option<ReplayVerdict>,
    /// How many recorded ids have one of the target.
    pub ids: u64,
    /// How many resources the replay created.
    pub created: u64,
    /// What does not count.
    pub ignores: ReplayIgnores,
    /// When steps were sent.
    pub pace: ReplayPace,
    /// How many were under way at once.
    pub workers: u64,
    /// The job that does it, while it runs.
    pub job: Option<u64>,
    /// The newest exchange when it began: what a run at a tenant of this server leaves in the record is behind it.
    #[serde(default)]
    pub after_seq: u64,
    /// The newest exchange when it was over.
    #[serde(default)]
    pub through_seq: Option<u64>,
}

/// Runs, the newest first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunList {
    /// The runs.
    pub items: Vec<Run>,
}

/// How many differences count, by part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DifferenceCounts {
    /// Of the status: 0 or 1.
    pub status: u64,
    /// Of header fields.
    pub headers: u64,
    /// Of the body.
    pub body: u64,
    /// Of the state at the end.
    pub state: u64,
    /// Expectations that do not hold.
    pub expectations: u64,
    /// Those that do not count.
    pub ignored: u64,
}

/// Which part of a run a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// It was recorded.
    Replay,
    /// It reads a resource back at the end.
    State,
    /// It deletes what the replay created.
    CleanUp,
}

/// A step of a run in a line.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunStep {
    /// Its place, from 0.
    pub index: u64,
    /// Which part of the run it belongs to.
    pub phase: RunPhase,
    /// The recorded exchange.
    pub seq: Option<u64>,
    /// What it is for.
    pub label: String,
    /// The method.
    pub method: String,
    /// The path as sent.
    pub path: String,
    /// The recorded status.
    pub recorded_status: Option<u16>,
    /// How long the recorded answer took.
    pub recorded_us: Option<u64>,
    /// The status from the target.
    pub replayed_status: Option<u16>,
    /// How long it took.
    pub elapsed_us: Option<u64>,
    /// How it went.
    pub verdict: ReplayVerdict,
    /// What is otherwise, counted.
    pub differences: DifferenceCounts,
    /// The first difference that counts, in words.
    pub first: Option<String>,
    /// How often it was sent.
    pub attempts: u64,
    /// How many values were replaced in its request.
    pub bound: u64,
}

/// Steps of a run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunSteps {
    /// The run as it stands.
    pub run: Run,
    /// The steps, ascending.
    pub items: Vec<RunStep>,
    /// Ask with this `from` for more; absent at the end.
    pub next: Option<u64>,
    /// How the steps went with the ignores of this call, if it has some.
    pub verdicts: Option<VerdictCounts>,
}

/// A difference.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunDifference {
    /// The part of the answer.
    pub part: DifferencePart,
    /// What sort it is.
    pub sort: DifferenceSort,
    /// Where.
    pub path: String,
    /// What happened to the value.
    pub action: LineAction,
    /// The recorded value.
    #[schema(value_type = Option<Object>)]
    pub recorded: Option<serde_json::Value>,
    /// The value from the target, with recorded ids where they are known.
    #[schema(value_type = Option<Object>)]
    pub replayed: Option<serde_json::Value>,
    /// What is otherwise in words, where values do not say it.
    pub words: Option<String>,
    /// Whether it counts.
    pub counts: bool,
}

/// Which part of an answer a difference is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferencePart {
    /// The status.
    Status,
    /// A header field.
    Header,
    /// The body.
    Body,
    /// The state at the end.
    State,
    /// Something that was expected, or why nothing was sent.
    Expectation,
}

/// What sort of difference it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceSort {
    /// Another value.
    Value,
    /// Another id for the same resource.
    Id,
    /// Another time.
    Time,
    /// Another name for the same version.
    Version,
    /// Another order.
    Order,
    /// Other words.
    Wording,
}

/// A value that was replaced in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoundValue {
    /// Where in the request.
    pub place: String,
    /// The recorded value.
    pub recorded: String,
    /// The value that was sent.
    pub sent: String,
    /// The step whose answer it came from.
    pub from_step: Option<u64>,
}

/// A message of a run.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunMessage {
    /// Header fields in order, credentials masked.
    pub headers: Vec<[String; 2]>,
    /// The body as text.
    pub body: String,
    /// How many bytes of it are not kept.
    pub cut_bytes: u64,
}

/// A step of a run, whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunStepDetail {
    /// In a line.
    pub step: RunStep,
    /// The request as sent.
    pub request: RunMessage,
    /// The recorded answer, or the resource as it should be.
    pub recorded: Option<RunMessage>,
    /// The answer from the target.
    pub replayed: Option<RunMessage>,
    /// The recorded body, indented, to be read beside the next.
    pub recorded_text: Option<String>,
    /// The target's body with recorded ids and the recorded base URL, indented.
    pub replayed_text: Option<String>,
    /// What is otherwise.
    pub differences: Vec<RunDifference>,
    /// The values that were replaced in the request.
    pub bound: Vec<BoundValue>,
    /// Whether its answer can be accepted as the new expectation of the recorded exchange.
    pub acceptable: bool,
}

/// What a person wants of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplayOrder {
    /// Send nothing more.
    Stop,
    /// Send one step more.
    Step,
    /// Go on without waiting.
    GoOn,
}

/// An order to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaySteer {
    /// What to do.
    pub order: ReplayOrder,
}

/// Two runs, step beside step.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RunComparison {
    /// The one.
    pub left: Run,
    /// The other.
    pub right: Run,
    /// Steps that did not go alike, the first five hundred.
    pub items: Vec<ComparedStep>,
    /// How many went alike.
    pub alike: u64,
    /// How many did not.
    pub unlike: u64,
}

/// A step in two runs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ComparedStep {
    /// In the one.
    pub left: Option<RunStep>,
    /// In the other.
    pub right: Option<RunStep>,
    /// Paths that are different in the one only.
    pub only_left: Vec<String>,
    /// Paths that are different in the other only.
    pub only_right: Vec<String>,
}

/// That somebody agreed to send to a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayConsent {
    /// Host and port.
    pub host: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// The hosts that somebody agreed to send to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ConsentList {
    /// They, by name.
    pub items: Vec<ReplayConsent>,
}
