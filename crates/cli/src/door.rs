//! The control API, as a client.

use std::io::Read;
use std::time::Duration;

use serde_json::Value;
use ureq::http::{Request, Response};

use crate::failure::Failure;
use crate::progress::Progress;

/// How often a job is asked how far it is.
const POLL: Duration = Duration::from_millis(50);

/// The control API of a running Scimscope.
pub struct Door {
    client: ureq::Agent,
    url: String,
    token: String,
}

impl Door {
    /// The API at this URL, without `/api/v1`.
    pub fn new(url: &str, token: String) -> Door {
        let client = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Door { client, url: url.trim_end_matches('/').to_owned(), token }
    }

    /// Sends a request; an answer that is none of success is an error with what it says.
    pub fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Response<ureq::Body>, Failure> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        let answered = if kind.is_empty() {
            request.body(()).map_err(usage).map(|request| self.client.run(request))
        } else {
            request.header("content-type", kind).body(body).map_err(usage).map(|request| self.client.run(request))
        };
        let answer = answered?.map_err(|error| self.unreachable(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let said = read(answer.into_body().into_with_config().limit(1 << 20).reader()).unwrap_or_default();
        let said = said["error"]["message"].as_str().map(str::to_owned);
        let why = said.unwrap_or_else(|| format!("{} answers {status} to {method} {path}", self.url));
        Err(if status.is_server_error() { Failure::Unreachable(why) } else { Failure::Usage(why) })
    }

    /// A call without a body; the answer is read as it comes.
    pub fn stream(&self, path: &str) -> Result<Box<dyn Read + Send + Sync>, Failure> {
        let answer = self.send("GET", path, "", &[])?;
        Ok(Box::new(answer.into_body().into_with_config().limit(u64::MAX).reader()))
    }

    /// A call without a body.
    pub fn get(&self, path: &str) -> Result<Value, Failure> {
        read(self.stream(path)?)
    }

    /// A call with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        self.call("POST", path, body)
    }

    /// A call with a JSON body by another method. An answer without a body is null.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer = self.send(method, path, "application/json", body.to_string().as_bytes())?;
        let is_empty = answer.status() == 204;
        let body = answer.into_body().into_with_config().limit(256 << 20).reader();
        if is_empty { Ok(Value::Null) } else { read(body) }
    }

    /// Hands in a file.
    pub fn upload(&self, path: &str, bytes: &[u8]) -> Result<Value, Failure> {
        read(self.send("POST", path, "application/octet-stream", bytes)?.into_body().into_reader())
    }

    /// Waits for the end of a job and shows how far it is; an error if it failed.
    pub fn run(&self, started: &Value, what: &str) -> Result<Value, Failure> {
        let id = started["id"].as_u64().ok_or_else(|| not_ours(&self.url))?;
        let mut progress = Progress::new(what);
        loop {
            let job = self.get(&format!("/api/v1/jobs/{id}"))?;
            let count = |name: &str| job["progress"][name].as_u64().unwrap_or_default();
            progress.tell(count("done"), count("total"));
            match job["state"].as_str() {
                Some("running") => std::thread::park_timeout(POLL),
                Some("done") => return Ok(job),
                Some("cancelled") => return Err(Failure::Usage("somebody stopped it".to_owned())),
                _ => return Err(Failure::Usage(job["problem"].as_str().unwrap_or("it failed").to_owned())),
            }
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        Failure::Unreachable(format!("the control API at {} does not answer: {error}", self.url))
    }
}

fn usage(error: ureq::http::Error) -> Failure {
    Failure::Usage(format!("this is no URL that can be called: {error}"))
}

fn not_ours(url: &str) -> Failure {
    Failure::Usage(format!("{url} is not the control API of Scimscope"))
}

fn read(mut body: impl Read) -> Result<Value, Failure> {
    let mut text = String::new();
    body.read_to_string(&mut text).map_err(|error| Failure::Unreachable(format!("the answer broke off: {error}")))?;
    serde_json::from_str(&text).map_err(|_| Failure::Usage("this is not the control API of Scimscope".to_owned()))
}

/// A text as a part of a query string.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}
