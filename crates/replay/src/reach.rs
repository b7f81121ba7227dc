//! Whether a SCIM base URL can be reached as an identity provider in the cloud would: one step after the other, from the
//! address to an answer, each with what is wrong and how to put it right.

mod judge;
mod line;

use std::time::{Duration, Instant};

use http::uri::{Scheme, Uri};

use judge::{authorised, unauthorised};
use line::{Line, LineError};

/// How long one step may take.
const STEP: Duration = Duration::from_secs(10);

/// What is sent as `User-Agent`, with a mark behind it by which the receiver's record can be searched.
pub(crate) const AGENT: &str = "scimscope-self-test";

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// Whether the URL is one that identity providers take.
    Address,
    /// Whether there is somebody at that address.
    Connection,
    /// Whether the certificate is one that everybody trusts.
    Certificate,
    /// Whether a request without credentials is refused, by a SCIM server.
    WithoutToken,
    /// Whether a request with the token gets its answer.
    WithToken,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// As it should.
    Passed,
    /// It works, but not for everybody.
    Warned,
    /// It does not work.
    Failed,
    /// It was not tried, because an earlier step failed or there is nothing to try it with.
    Skipped,
}

/// One step and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was tried.
    pub name: StepName,
    /// How it ended.
    pub state: StepState,
    /// What was found.
    pub found: String,
    /// What to do about it; empty if there is nothing to do.
    pub advice: String,
    /// How long it took; 0 if nothing was sent.
    pub elapsed_us: u64,
}

/// How far one comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// All steps in order.
    pub steps: Vec<Step>,
    /// From a whole request to its whole answer, with the token: what a client would wait.
    pub round_trip_us: Option<u64>,
}

impl Step {
    pub(crate) fn new(name: StepName, state: StepState, found: impl Into<String>, advice: impl Into<String>) -> Step {
        Step { name, state, found: found.into(), advice: advice.into(), elapsed_us: 0 }
    }

    fn took(mut self, begun: Instant) -> Step {
        self.elapsed_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        self
    }
}

/// Tries a SCIM base URL from outside, with a bearer token if there is one to try. `mark` goes along in `User-Agent`.
///
/// It follows no redirect, reads at most the first 64 KiB of an answer, and every step ends after ten seconds.
pub async fn reach(base: &str, token: Option<&str>, mark: &str) -> Reach {
    let mut steps = Vec::new();
    let round_trip_us = walk(base, token, mark, &mut steps).await;
    for name in [StepName::Connection, StepName::Certificate, StepName::WithoutToken, StepName::WithToken] {
        if !steps.iter().any(|step: &Step| step.name == name) {
            steps.push(Step::new(name, StepState::Skipped, "not tried, because the step before did not succeed", ""));
        }
    }
    Reach { steps, round_trip_us }
}

/// The steps, until one fails.
async fn walk(base: &str, token: Option<&str>, mark: &str, steps: &mut Vec<Step>) -> Option<u64> {
    let (uri, address) = address(base);
    steps.push(address);
    let uri = uri?;
    let begun = Instant::now();
    let stream = match line::connect(&uri, STEP).await {
        Ok(stream) => stream,
        Err(error) => {
            steps.push(refused(StepName::Connection, &error).took(begun));
            return None;
        }
    };
    let found = format!("connected to {}", stream.peer());
    steps.push(Step::new(StepName::Connection, StepState::Passed, found, "").took(begun));
    let begun = Instant::now();
    let mut line = match stream.secure(&uri, STEP).await {
        Ok(line) => line,
        Err(error) => {
            steps.push(refused(StepName::Certificate, &error).took(begun));
            return None;
        }
    };
    steps.push(certificate(&line).took(begun));
    let agent = format!("{AGENT}/{mark}");
    let begun = Instant::now();
    let answer = line.get(&uri, "/Users?count=0", &agent, None, STEP).await;
    let step = match &answer {
        Ok(answer) => unauthorised(answer),
        Err(error) => refused(StepName::WithoutToken, error),
    };
    let goes_on = step.state != StepState::Failed;
    steps.push(step.took(begun));
    if !goes_on {
        return None;
    }
    let Some(token) = token else {
        let advice = "Make a bearer token in Settings, Credentials, and try again.";
        steps.push(Step::new(StepName::WithToken, StepState::Skipped, "the tenant has no bearer token to try", advice));
        return None;
    };
    // A connection of its own, because a server may close one after it has refused somebody.
    let mut line = match again(&uri).await {
        Ok(line) => line,
        Err(error) => {
            steps.push(refused(StepName::WithToken, &error));
            return None;
        }
    };
    let begun = Instant::now();
    let answer = line.get(&uri, "/Users?count=0", &agent, Some(token), STEP).await;
    let step = match &answer {
        Ok(answer) => authorised(answer),
        Err(error) => refused(StepName::WithToken, error),
    }
    .took(begun);
    let round_trip_us = (step.state != StepState::Failed).then_some(step.elapsed_us);
    steps.push(step);
    round_trip_us
}

async fn again(uri: &Uri) -> Result<Line, LineError> {
    line::connect(uri, STEP).await?.secure(uri, STEP).await
}

/// Whether the URL is one that can be tried, and one that identity providers take.
fn address(base: &str) -> (Option<Uri>, Step) {
    let failed = |found: String| {
        let advice = "It has to be like https://example.com/scim/v2, without a query.";
        (None, Step::new(StepName::Address, StepState::Failed, found, advice))
    };
    let Ok(uri) = base.trim_end_matches('/').parse::<Uri>() else {
        return failed(format!("{base:?} is no URL"));
    };
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    if !is_http || uri.authority().is_none() || uri.query().is_some() {
        return failed(format!("{base:?} is no URL that a SCIM client can be given"));
    }
    let host = uri.host().unwrap_or_default();
    let is_local = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    let step = if uri.scheme() == Some(&Scheme::HTTP) {
        let advice = if is_local {
            "Only programs on this machine can use it. For an identity provider in the cloud, open a tunnel and enter its \
             https URL as the public URL."
        } else {
            "Entra and Okta take https only. Use the https URL of the tunnel or proxy."
        };
        Step::new(StepName::Address, StepState::Warned, "plain http", advice)
    } else if !uri.path().ends_with("/scim/v2") && !uri.path().contains("/scim/v2/") {
        let advice = "Entra and Okta take any path, but what they are given has to be the whole base URL. Check that nothing \
                      is missing, such as /scim/v2 at the end.";
        Step::new(StepName::Address, StepState::Warned, format!("the path is {:?}", uri.path()), advice)
    } else {
        Step::new(StepName::Address, StepState::Passed, "https, and the path of a SCIM base URL", "")
    };
    (Some(uri), step)
}

fn certificate(line: &Line) -> Step {
    match line.protocol() {
        Some(protocol) => {
            let found = format!("trusted by everybody ({protocol})");
            Step::new(StepName::Certificate, StepState::Passed, found, "")
        }
        None => Step::new(StepName::Certificate, StepState::Skipped, "plain http has no certificate", ""),
    }
}

/// What became of a step that got no answer.
fn refused(name: StepName, error: &LineError) -> Step {
    Step::new(name, StepState::Failed, error.to_string(), error.advice())
}
