//! Mappings for WireMock: a stub of the server as it answered. Requests that came again and were answered otherwise become a
//! scenario, so that they are answered in the same order again.

use std::collections::HashMap;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use scim::json::{Limits, parse};
use serde_json::{Map, Value, json};

use crate::recorded::{Recorded, Response};
use crate::template;
use crate::writer::{About, Writer};

/// Writes mappings.
pub struct WireMockWriter<'a> {
    out: Box<dyn Write + 'a>,
    about: &'a About,
    /// Requests that are the same, in the order in which they first came.
    stubs: Vec<Stub>,
    by_request: HashMap<(String, String, Vec<u8>), usize>,
    /// About how many bytes these are.
    held: usize,
}

/// Only the end tells which requests came again, so all are held until then: so many bytes at most.
const MOST_HELD: usize = 256 << 20;

#[derive(Debug)]
struct Stub {
    request: Value,
    title: String,
    /// Answers, each once after the other; the same again counts once.
    answers: Vec<Value>,
}

impl<'a> WireMockWriter<'a> {
    /// Writes nothing yet: only the end tells which requests came again.
    pub fn begin(out: Box<dyn Write + 'a>, about: &'a About) -> WireMockWriter<'a> {
        WireMockWriter { out, about, stubs: Vec::new(), by_request: HashMap::new(), held: 0 }
    }
}

impl Writer for WireMockWriter<'_> {
    fn write(&mut self, recorded: &Recorded) -> io::Result<()> {
        if !recorded.is_http() {
            return Ok(());
        }
        let request = &recorded.request;
        let answered = recorded.response.as_ref().map_or(0, |response| response.body.len());
        self.held += 2 * (request.target.len() + request.body.len()) + answered + 1024;
        if self.held > MOST_HELD {
            let most = MOST_HELD >> 20;
            return Err(io::Error::other(format!(
                "mappings of more than {most} MiB are not written; choose fewer exchanges"
            )));
        }
        let key = (request.method.clone(), request.target.clone(), request.body.to_vec());
        let at = *self.by_request.entry(key).or_insert_with(|| {
            self.stubs.push(Stub { request: asked(recorded), title: template::title(recorded), answers: Vec::new() });
            self.stubs.len() - 1
        });
        let answer = answer(recorded.response.as_ref());
        let answers = &mut self.stubs[at].answers;
        if answers.last() != Some(&answer) {
            answers.push(answer);
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(b"{\"mappings\":[")?;
        let mut count = 0u64;
        for (number, stub) in std::mem::take(&mut self.stubs).into_iter().enumerate() {
            let last = stub.answers.len() - 1;
            for (at, answer) in stub.answers.into_iter().enumerate() {
                count += 1;
                let mut mapping = json!({
                    "id": format!("00000000-0000-4000-8000-{count:012x}"),
                    "name": stub.title,
                    "request": stub.request,
                    "response": answer,
                });
                if last > 0 {
                    let state = |at: usize| if at == 0 { "Started".to_owned() } else { format!("answered {at}") };
                    mapping["scenarioName"] = json!(format!("request {}", number + 1));
                    mapping["requiredScenarioState"] = json!(state(at));
                    if at < last {
                        mapping["newScenarioState"] = json!(state(at + 1));
                    }
                }
                self.out.write_all(if count > 1 { b",\n" } else { b"\n" })?;
                serde_json::to_writer(&mut self.out, &mapping)?;
            }
        }
        let warning = self.about.warning().map(|warning| json!({ "warning": warning }));
        let meta = warning.unwrap_or_else(|| json!({}));
        write!(self.out, "\n],\"meta\":{{\"total\":{count}}},\"metadata\":{meta}}}\n")?;
        self.out.flush()
    }
}

fn asked(recorded: &Recorded) -> Value {
    let mut request = Map::new();
    request.insert("method".into(), json!(recorded.request.method));
    request.insert("urlPath".into(), json!(recorded.path()));
    let parameters = recorded.parameters();
    if !parameters.is_empty() {
        let mut query: Map<String, Value> = Map::new();
        for (name, value) in &parameters {
            query.entry(name.clone()).or_insert_with(|| json!({ "equalTo": value }));
        }
        request.insert("queryParameters".into(), Value::Object(query));
    }
    if let Some(text) = template::text_body(recorded) {
        let pattern = match parse(text.as_bytes(), Limits::default()) {
            Ok(_) => json!({ "equalToJson": text, "ignoreArrayOrder": false, "ignoreExtraElements": true }),
            Err(_) => json!({ "equalTo": text }),
        };
        request.insert("bodyPatterns".into(), json!([pattern]));
    } else if !recorded.request.body.is_empty() {
        let encoded = STANDARD.encode(&recorded.request.body);
        request.insert("bodyPatterns".into(), json!([{ "binaryEqualTo": encoded }]));
    }
    Value::Object(request)
}

fn answer(response: Option<&Response>) -> Value {
    let Some(response) = response else { return json!({ "fault": "EMPTY_RESPONSE" }) };
    let mut answer = Map::new();
    answer.insert("status".into(), json!(response.status));
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in template::answered(&response.headers) {
        match headers.get_mut(name) {
            Some(Value::Array(values)) => values.push(json!(value)),
            Some(first) => *first = json!([first.clone(), value]),
            None => drop(headers.insert(name.clone(), json!(value))),
        }
    }
    if !headers.is_empty() {
        answer.insert("headers".into(), Value::Object(headers));
    }
    if !response.body.is_empty() {
        match std::str::from_utf8(&response.body) {
            Ok(text) => answer.insert("body".into(), json!(text)),
            Err(_) => answer.insert("base64Body".into(), json!(STANDARD.encode(&response.body))),
        };
    }
    Value::Object(answer)
}
