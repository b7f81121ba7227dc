//! Files with exchanges as something to replay.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use formats::import::{self, Part, Source as Form};
use formats::read::Limits;
use formats::recorded::{Recorded, Request, split_base};
use jiff::Timestamp;
use replay::{Call, Flow, Measure, Recorded as Step, Reply, Source, Step as FlowStep, StepKind};
use scim::json::{Json, Object, parse};

/// What a file has to be replayed.
pub struct Recording {
    /// What it is called, if it says.
    pub title: Option<String>,
    /// Its steps: first those that create what was there before, then the exchanges in their order.
    pub steps: Arc<dyn Source>,
}

/// The media type of SCIM (RFC 7644 section 3.1).
const SCIM: &str = "application/scim+json";
/// Header fields with credentials; what a replay sends instead is the target's matter.
const SECRET: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// Reads a file: a flow file, or exchanges in any format that can be imported.
///
/// # Errors
/// If it is none of these, for people.
pub fn read(bytes: &[u8]) -> Result<Recording, String> {
    if !matches!(
        import::recognise(bytes),
        Ok(Form::Fixture | Form::FixtureLines | Form::Har | Form::Postman | Form::Curl)
    ) {
        let flow = Flow::parse(bytes).map_err(|error| error.to_string())?;
        let kinds = [StepKind::Client, StepKind::Setup, StepKind::Verify];
        return Ok(Recording { title: Some(flow.name.clone()), steps: Arc::new(flow.recorded(&kinds)) });
    }
    let (mut steps, mut initial) = (Vec::new(), Vec::new());
    let mut began: Option<Timestamp> = None;
    import::read_parts(bytes, Timestamp::UNIX_EPOCH, &Limits::default(), &mut |part| {
        match part {
            Part::Exchange(recorded) => {
                let first = *began.get_or_insert(recorded.at);
                steps.push(step(*recorded, first));
            }
            Part::InitialState(resources) => initial = resources,
            Part::ExpectedState(_) | Part::Flow(..) => {}
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    // One that has lines tells flow by flow what went on at the same time.
    steps.sort_by_key(|step| step.seq);
    let mut all: Vec<Step> = in_order(initial).iter().map(created).collect();
    all.extend(steps);
    Ok(Recording { title: None, steps: Arc::new(all) })
}

fn step(recorded: Recorded, first: Timestamp) -> Step {
    let target = recorded.request.target.clone();
    let split = split_base(&target, &[]);
    let unsendable = match (recorded.is_http(), split) {
        (false, _) => Some("it was no HTTP request"),
        (true, None) => Some("it was not for an endpoint of SCIM"),
        (true, Some(_)) => None,
    };
    let (base_path, path) = split.unwrap_or(("", &target));
    let script = recorded.scim.as_ref().and_then(|scim| scim.script.as_ref());
    let expected = script.and_then(|script| expected(script, &recorded.request, path));
    let reply = recorded.response.filter(|_| recorded.problem.is_none());
    let measure = match (reply, expected) {
        (Some(answer), _) => {
            Measure::Recorded(Reply { status: answer.status, headers: answer.headers, body: answer.body })
        }
        (None, Some(step)) => Measure::Expected(Box::new(step)),
        (None, None) => Measure::Nothing,
    };
    let mut headers = recorded.request.headers;
    headers.retain(|(name, _)| !SECRET.iter().any(|secret| name.eq_ignore_ascii_case(secret)));
    Step {
        label: recorded.scim.map(|scim| scim.sentence).unwrap_or_default(),
        seq: Some(recorded.seq),
        offset_us: u64::try_from(recorded.at.duration_since(first).as_micros()).ok(),
        elapsed_us: recorded.timing.last_byte_us,
        base_path: base_path.to_owned(),
        call: Call { method: recorded.request.method, path: path.to_owned(), headers, body: recorded.request.body },
        measure,
        unsendable: unsendable.map(str::to_owned),
    }
}

/// A step as a flow file has it.
fn expected(script: &Json, request: &Request, path: &str) -> Option<FlowStep> {
    let mut step = script.as_object()?.clone();
    let body = std::str::from_utf8(&request.body).ok().filter(|text| !text.is_empty());
    let body = body.map(|text| {
        parse(text.as_bytes(), scim::json::Limits::default()).unwrap_or_else(|_| Json::String(text.to_owned()))
    });
    let headers = request.headers.iter().map(|(name, value)| (name.clone(), Json::String(value.clone())));
    step.insert("method", Json::String(request.method.clone()));
    step.insert("path", Json::String(path.to_owned()));
    step.insert("headers", Json::Object(headers.collect()));
    if step.get("label").is_none() {
        step.insert("label", Json::String(path.to_owned()));
    }
    if step.get("kind").is_none() {
        step.insert("kind", Json::String("client".to_owned()));
    }
    if let Some(body) = body {
        step.insert("body", body);
    }
    serde_json::from_str(&Json::Object(step).to_text()).ok()
}

/// The request that creates a resource which was there before.
fn created(resource: &Json) -> Step {
    let kind = resource.pointer("/meta/resourceType").and_then(Json::as_str).unwrap_or("User");
    let without = |names: &[&str]| {
        let members = resource.as_object().into_iter().flat_map(Object::iter);
        let kept = members.filter(|(name, _)| !names.contains(name));
        Json::Object(kept.map(|(name, value)| (name.to_owned(), value.clone())).collect())
    };
    // `groups` is what the groups say (RFC 7643 section 4.1.2).
    let body = without(&["id", "meta", "groups"]).to_text();
    let answered = without(&["password", "groups"]).to_text();
    Step {
        label: format!("a {kind} that was there before"),
        seq: None,
        offset_us: Some(0),
        elapsed_us: None,
        base_path: String::new(),
        call: Call {
            method: "POST".to_owned(),
            path: format!("/{kind}s"),
            headers: vec![("Content-Type".to_owned(), SCIM.to_owned()), ("Accept".to_owned(), SCIM.to_owned())],
            body: body.into(),
        },
        measure: Measure::Done(Reply { status: 201, headers: Vec::new(), body: answered.into() }),
        unsendable: None,
    }
}

/// Resources behind those that they refer to, as far as that can be.
fn in_order(resources: Vec<Json>) -> Vec<Json> {
    let id = |resource: &Json| resource.pointer("/id").and_then(Json::as_str).unwrap_or_default().to_owned();
    let places: HashMap<String, usize> = resources.iter().map(id).zip(0..).collect();
    let needs: Vec<Vec<usize>> = resources
        .iter()
        .map(|resource| {
            let mut found = Vec::new();
            referred(resource, "", &mut |text| found.extend(places.get(text).copied()));
            found
        })
        .collect();
    let (mut order, mut seen) = (Vec::with_capacity(resources.len()), HashSet::new());
    for from in 0..resources.len() {
        // Depth first without recursion: a chain of managers can be long.
        let mut stack = vec![(from, 0)];
        while let Some((at, next)) = stack.pop() {
            if next == 0 && !seen.insert(at) {
                continue;
            }
            match needs[at].get(next) {
                Some(needed) => {
                    stack.push((at, next + 1));
                    if !seen.contains(needed) {
                        stack.push((*needed, 0));
                    }
                }
                None => order.push(at),
            }
        }
    }
    let mut resources: Vec<Option<Json>> = resources.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| resources[at].take()).collect()
}

/// The texts in a resource that can be the `id` of another.
fn referred(json: &Json, name: &str, found: &mut dyn FnMut(&str)) {
    match json {
        Json::String(text) if name == "value" => found(text),
        Json::Array(items) => items.iter().for_each(|item| referred(item, name, found)),
        Json::Object(object) => {
            object.iter().filter(|(name, _)| *name != "groups").for_each(|(name, value)| referred(value, name, found))
        }
        _ => {}
    }
}
