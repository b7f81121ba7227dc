//! Replaying what a running Scimscope has recorded, through its control API.

use std::time::Duration;

use ::replay::{Credentials, Verdict};
use serde_json::{Value, json};

use super::report::{Row, Went};
use super::{Arguments, Failure, Outcome, tell};
use crate::report::say;

/// Between two looks at the run.
const LOOK: Duration = Duration::from_millis(200);
/// Steps of one answer.
const PAGE: usize = 500;

/// The control API of a running Scimscope.
struct Control {
    base: String,
    token: String,
}

impl Control {
    /// Calls it; a refusal is an error with what it said.
    async fn call(&self, method: &'static str, path: &str, body: Option<Value>) -> Result<(u16, Value), Failure> {
        let url = format!("{}/api/v1{path}", self.base.trim_end_matches('/'));
        let (token, base) = (self.token.clone(), self.base.clone());
        let asking = tokio::task::spawn_blocking(move || -> Result<(u16, String), ureq::Error> {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(Duration::from_secs(60)))
                .build()
                .into();
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(url)
                .header("Authorization", format!("Bearer {token}"))
                .header("Content-Type", "application/json");
            let request = request.body(body.map(|body| body.to_string()).unwrap_or_default())?;
            let mut answer = agent.run(request)?;
            Ok((answer.status().as_u16(), answer.body_mut().with_config().limit(256 << 20).read_to_string()?))
        });
        let answered = asking.await.map_err(|error| Failure::Unreachable(error.to_string()))?;
        let (status, text) = answered
            .map_err(|error| Failure::Unreachable(format!("the control API at {base} does not answer: {error}")))?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    async fn get(&self, method: &'static str, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let (status, answer) = self.call(method, path, body).await?;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        Err(Failure::Usage(message(&answer).unwrap_or_else(|| format!("the control API answers {status} to {path}"))))
    }
}

fn message(answer: &Value) -> Option<String> {
    answer.pointer("/error/message").and_then(Value::as_str).map(str::to_owned)
}

pub(super) async fn run(arguments: &Arguments, control: &str) -> Outcome {
    let token = arguments.control_token.clone().ok_or_else(|| {
        Failure::Usage("--control needs the control token: --control-token or SCIMSCOPE_CONTROL_TOKEN".to_owned())
    })?;
    let control = Control { base: control.to_owned(), token };
    let wanted = wanted(arguments)?;
    let plan = control.get("POST", &format!("/replays/plan?limit={PAGE}"), Some(wanted.clone())).await?;
    let text = |pointer: &str| plan.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut went = Went { title: text("/title"), target: text("/target/url"), ..Went::default() };
    if arguments.dry_run {
        went.dry_run = true;
        let mut page = plan;
        loop {
            let steps: Vec<Row> = page["items"].as_array().into_iter().flatten().map(row).collect();
            for row in &steps {
                say(&format!("{:>5}  {:<6} {}\n", row.step, row.method, row.path));
            }
            went.steps.extend(steps.into_iter().map(|row| Row { verdict: Verdict::Same, ..row }));
            let Some(next) = page["next"].as_u64() else { return Ok(went) };
            page =
                control.get("POST", &format!("/replays/plan?from={next}&limit={PAGE}"), Some(wanted.clone())).await?;
        }
    }
    if arguments.yes && plan["target"]["consented"] == false {
        let host = text("/target/host").replace('%', "%25");
        control.get("PUT", &format!("/replays/consents/{host}"), None).await?;
    }
    let (status, started) = control.call("POST", "/replays", Some(wanted)).await?;
    let Some(id) = started["id"].as_u64().filter(|_| status == 202) else {
        let why = message(&started).unwrap_or_else(|| format!("the replay was not started: {status}"));
        let is_consent = started.pointer("/error/code").and_then(Value::as_str) == Some("consent_needed");
        return Err(Failure::Usage(if is_consent { format!("{why}, or say --yes") } else { why }));
    };
    let mut from = 0;
    loop {
        let page = control.get("GET", &format!("/replays/{id}?from={from}&limit={PAGE}"), None).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        for step in &items {
            let mut row = row(step);
            if matches!(row.verdict, Verdict::Different | Verdict::Error | Verdict::Skipped) {
                let detail = control.get("GET", &format!("/replays/{id}/steps/{}", row.step - 1), None).await?;
                row.differences = differences(&detail);
            }
            from = row.step;
            tell(&row);
            went.steps.push(row);
        }
        let is_over = !page["run"]["ended_at"].is_null();
        if is_over && page["next"].is_null() {
            let problem = page["run"]["problem"].as_str().map(str::to_owned);
            match page["run"]["state"].as_str() {
                Some("unreachable") => went.unreachable = problem.or(Some("the target cannot be reached".to_owned())),
                Some("failed") => return Err(Failure::Usage(problem.unwrap_or_default())),
                _ => {}
            }
            return Ok(went);
        }
        if items.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The call that starts it.
fn wanted(arguments: &Arguments) -> Result<Value, Failure> {
    let source = match (arguments.flow, &arguments.query) {
        (Some(flow), _) => json!({ "kind": "flow", "flow": flow }),
        (None, query) => json!({ "kind": "query", "q": query.clone().unwrap_or_default() }),
    };
    let target = match (&arguments.tenant, &arguments.target) {
        (Some(name), _) => json!({ "kind": "tenant", "name": name }),
        (None, Some(url)) => {
            let credentials = match arguments.credentials()? {
                Credentials::Bearer(token) => json!({ "kind": "bearer", "token": token }),
                _ => json!({ "kind": "none" }),
            };
            let way = arguments.way()?;
            json!({ "kind": "url", "url": url, "credentials": credentials, "authorities_pem": way.authorities_pem, "proxy": way.proxy })
        }
        (None, None) => return Err(Failure::Usage("give --target or --tenant".to_owned())),
    };
    Ok(json!({
        "source": source,
        "target": target,
        "ignores": arguments.ignores(),
        "workers": arguments.workers,
        "wait_ms": (arguments.wait > 0).then_some(arguments.wait * 1000),
        "answer_ms": arguments.timeout().as_millis() as u64,
        "stop_at_difference": arguments.stop,
        "check_state": arguments.check_state,
        "clean_up": arguments.clean_up,
    }))
}

/// A step as the API has it.
fn row(step: &Value) -> Row {
    let text = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
    let status = |name: &str| step[name].as_u64().and_then(|status| u16::try_from(status).ok());
    Row {
        step: step["index"].as_u64().unwrap_or_default() + 1,
        phase: text("phase"),
        label: text("label"),
        method: text("method"),
        path: text("path"),
        recorded_status: status("recorded_status"),
        replayed_status: status("replayed_status"),
        elapsed_us: step["elapsed_us"].as_u64(),
        verdict: serde_json::from_value(step["verdict"].clone()).unwrap_or(Verdict::Skipped),
        differences: Vec::new(),
    }
}

/// What counts, in words.
fn differences(detail: &Value) -> Vec<String> {
    let counting = detail["differences"].as_array().into_iter().flatten().filter(|one| one["counts"] == true);
    counting
        .map(|one| {
            let path = one["path"].as_str().unwrap_or_default();
            match one["words"].as_str() {
                Some(words) if path.is_empty() => words.to_owned(),
                Some(words) => format!("{path}: {words}"),
                None => {
                    let place = if path.is_empty() { one["part"].as_str().unwrap_or_default() } else { path };
                    let value =
                        |name: &str| if one[name].is_null() { "nothing".to_owned() } else { one[name].to_string() };
                    format!("{place}: {} → {}", value("recorded"), value("replayed"))
                }
            }
        })
        .collect()
}
