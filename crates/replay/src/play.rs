//! The player: sends the steps of a flow in order and stops at the first answer that is otherwise than expected.

use std::time::Duration;

use bytes::Bytes;
use scim::json::Json;
use serde::{Deserialize, Serialize};

use crate::expect;
use crate::flow::{Expectation, Flow, Step, StepKind};
use crate::variables::{RunNames, Unknown, Variables};
use crate::wire::{Answer, Limits, Outgoing, Target, Way, Wire, WireError};

/// How to play.
#[derive(Clone, Debug)]
pub struct Options {
    /// Steps of other kinds are left out.
    pub kinds: Vec<StepKind>,
    /// How long to wait between steps.
    pub pace: Pace,
    /// What a server may take.
    pub limits: Limits,
    /// The way there.
    pub way: Way,
    /// The names that are new for each run.
    pub names: RunNames,
}

impl Options {
    /// Everything that a flow has, without pauses.
    pub fn test() -> Options {
        let kinds = vec![StepKind::Client, StepKind::Setup, StepKind::Verify];
        Options { kinds, pace: Pace::None, limits: Limits::default(), way: Way::default(), names: RunNames::random() }
    }

    /// What a client sends and what prepares for it, without looking at the result; without pauses.
    pub fn demo() -> Options {
        Options { kinds: vec![StepKind::Client, StepKind::Setup], ..Options::test() }
    }
}

/// How long to wait before each step but the first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pace {
    /// Not at all.
    None,
    /// Always this long.
    Steady(Duration),
    /// As long as the real client waits before this step, times this factor.
    Typical(f64),
}

impl Pace {
    fn before(self, step: &Step) -> Duration {
        match self {
            Pace::None => Duration::ZERO,
            Pace::Steady(pause) => pause,
            Pace::Typical(factor) => {
                let seconds = step.typical_pause_seconds.unwrap_or_default() * factor;
                Duration::try_from_secs_f64(seconds).unwrap_or_default()
            }
        }
    }
}

/// Whether an answer is as expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Same,
    /// It is, but for what a person chose to ignore.
    SameExceptIgnored,
    /// It is otherwise.
    Different,
    /// There is no answer, or the request could not be made.
    Error,
    /// The request was not sent.
    Skipped,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepResult {
    /// Its place in the flow, from 0.
    pub index: usize,
    /// What it is for.
    pub label: String,
    /// Who sends it.
    pub kind: StepKind,
    /// Its method.
    pub method: String,
    /// Its path below the base URL as sent; with its variables if they have no value.
    pub path: String,
    /// HTTP status of the answer.
    pub status: Option<u16>,
    /// Whether the answer is as expected.
    pub verdict: Verdict,
    /// What is otherwise, in words.
    pub differences: Vec<String>,
    /// From the first byte sent to the last byte received, in microseconds; 0 without an answer.
    pub elapsed_us: u64,
}

/// What became of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunResult {
    /// The steps played, in order; the last one is the one that failed, if one did.
    pub steps: Vec<StepResult>,
}

impl RunResult {
    /// The step that failed.
    pub fn failed(&self) -> Option<&StepResult> {
        self.steps.iter().find(|step| step.verdict != Verdict::Same)
    }

    /// Whether all answers were as expected.
    pub fn verdict(&self) -> Verdict {
        self.failed().map_or(Verdict::Same, |step| step.verdict)
    }
}

/// Plays a flow. Dropping the future stops it between two reads or writes.
pub async fn play(
    flow: &Flow,
    target: &Target,
    options: &Options,
    mut on_step: impl FnMut(&StepResult) + Send,
) -> RunResult {
    let mut player = Player::new(target, options);
    let mut steps: Vec<StepResult> = Vec::new();
    for (index, step) in flow.steps.iter().enumerate().filter(|(_, step)| options.kinds.contains(&step.kind)) {
        if !steps.is_empty() {
            let pause = options.pace.before(step);
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
        let result = player.step(index, step, &step.expect).await;
        on_step(&result);
        let failed = result.verdict != Verdict::Same;
        steps.push(result);
        if failed {
            break;
        }
    }
    RunResult { steps }
}

/// Plays single steps that share variables and a connection.
pub struct Player {
    wire: Result<Wire, WireError>,
    variables: Variables,
}

impl Player {
    /// A player with the built-in variables of a run.
    pub fn new(target: &Target, options: &Options) -> Player {
        let base = target.base.trim_end_matches('/');
        let variables = Variables::new(&options.names, base, &target.token);
        Player { wire: Wire::by(base, &options.way, options.limits), variables }
    }

    /// Sends a step and judges the answer by this expectation, which may be another than the step's own. Variables are
    /// captured only if the answer is as expected.
    pub async fn step(&mut self, index: usize, step: &Step, expect: &Expectation) -> StepResult {
        let mut result = StepResult {
            index,
            label: step.label.clone(),
            kind: step.kind,
            method: step.method.clone(),
            path: step.path.clone(),
            status: None,
            verdict: Verdict::Error,
            differences: Vec::new(),
            elapsed_us: 0,
        };
        let prepared =
            prepare(&self.variables, step).and_then(|outgoing| Ok((outgoing, self.variables.expectation(expect)?)));
        let (outgoing, expect) = match prepared {
            Ok(prepared) => prepared,
            Err(unknown) => {
                result.differences.push(unknown.to_string());
                return result;
            }
        };
        result.path.clone_from(&outgoing.path);
        let answer = match &mut self.wire {
            Ok(wire) => wire.send(&outgoing).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                result.differences.push(error);
                return result;
            }
        };
        result.status = Some(answer.status);
        result.elapsed_us = answer.elapsed_us;
        result.differences = expect::differences(&expect, &answer);
        if result.differences.is_empty() {
            result.differences = capture(&mut self.variables, step, &answer);
        }
        result.verdict = if result.differences.is_empty() { Verdict::Same } else { Verdict::Different };
        result
    }
}

/// The request of a step, with its variables put in.
pub(crate) fn prepare(variables: &Variables, step: &Step) -> Result<Outgoing, Unknown> {
    let body = match &step.body {
        None => None,
        Some(Json::String(verbatim)) => Some(Bytes::from(variables.text(verbatim)?)),
        Some(body) => Some(Bytes::from(variables.json(body)?.to_text())),
    };
    Ok(Outgoing {
        method: step.method.clone(),
        path: variables.text(&step.path)?,
        headers: variables.pairs(&step.headers)?,
        body,
        secret: None,
    })
}

/// Takes variables from an answer; tells what is missing.
pub(crate) fn capture(variables: &mut Variables, step: &Step, answer: &Answer) -> Vec<String> {
    if step.capture.is_empty() {
        return Vec::new();
    }
    let body = match answer.json() {
        Ok(body) => body,
        Err(error) => return vec![format!("nothing can be captured, the body is not JSON: {error}")],
    };
    let mut missing = Vec::new();
    for (name, pointer) in &step.capture {
        match body.pointer(pointer) {
            Some(value) => variables.set(name, value.clone()),
            None => missing.push(format!("{pointer} is missing; it should become the variable {name}")),
        }
    }
    missing
}
