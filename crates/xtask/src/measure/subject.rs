//! The servers under load, each a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use serde::Deserialize;

use super::Start;
use super::load::{Kind, Request};

const TOKEN: &str = "a-token-for-measuring";
/// Users in the directory before the load begins.
const USERS: usize = 1000;

#[derive(Deserialize)]
struct Ready {
    scim: String,
}

/// A Scimscope of its own, ended with its owner.
pub struct Subject {
    process: Child,
    base: String,
    client: ureq::Agent,
    id: std::cell::OnceCell<String>,
}

impl Drop for Subject {
    fn drop(&mut self) {
        // SIGTERM, so that temporary files are removed.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl Subject {
    /// Starts the release binary on a free port; with a workspace file it answers when the record is in the file.
    pub fn start(program: &Path, workspace: Option<&Path>) -> anyhow::Result<Subject> {
        let mut process = Command::new(program)
            .arg("serve")
            .args(workspace)
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--token", TOKEN])
            .env("SCIMSCOPE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let ready: Ready = serde_json::from_str(&line).context("the ready line")?;
        let client = ureq::Agent::new_with_defaults();
        Ok(Subject { process, base: ready.scim, client, id: std::cell::OnceCell::new() })
    }

    /// Fills the directory, and tells how large the answer to this kind of request is.
    pub fn prepare(&self, kind: &Kind) -> anyhow::Result<usize> {
        for n in 0..USERS {
            let body = format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user.{n}@example.com","active":true,"displayName":"User {n}","name":{{"givenName":"User","familyName":"Number {n}"}},"emails":[{{"value":"user.{n}@example.com","type":"work","primary":true}}]}}"#
            );
            let created: serde_json::Value = serde_json::from_slice(&self.send("POST", "/Users", &body)?)?;
            let _ = self.id.set(created["id"].as_str().context("an id")?.to_owned());
        }
        let request = self.request(kind);
        let path = request.url.strip_prefix(&self.base).unwrap_or_default();
        Ok(self.send(kind.method, path, &kind.body.replace("{n}", "of the first"))?.len())
    }

    /// The request of this kind for this server.
    pub fn request(&self, kind: &Kind) -> Request {
        let path = kind.path.replace("{id}", self.id.get().map_or("", String::as_str));
        Request { url: format!("{}{path}", self.base), method: kind.method, body: kind.body, token: Some(TOKEN.into()) }
    }

    /// Sends a request to a path below the base URL and gives the body of the answer.
    pub fn send(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {TOKEN}"))
            .header("Content-Type", "application/scim+json");
        let mut response = match body {
            "" => self.client.run(request.body(())?)?,
            body => self.client.run(request.body(body)?)?,
        };
        Ok(response.body_mut().read_to_vec()?)
    }
}

/// The bare server, ended with its owner.
pub struct Bare {
    process: Child,
    base: String,
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Bare {
    /// Starts it on a free port.
    pub fn start(program: &Path) -> anyhow::Result<Bare> {
        let mut process =
            Command::new(program).arg("bare").stdout(Stdio::piped()).spawn().context("the bare server")?;
        let mut base = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut base)?;
        Ok(Bare { process, base: base.trim().to_owned() })
    }

    /// The request of this kind, answered with so many bytes.
    pub fn request(&self, kind: &Kind, answer_bytes: usize) -> Request {
        Request { url: format!("{}/{answer_bytes}", self.base), method: kind.method, body: kind.body, token: None }
    }
}

/// Starts the binary ten times on an empty temporary workspace, and tells how long until its ready line and how much memory
/// it has then.
pub fn start_times(program: &Path) -> anyhow::Result<Start> {
    let mut ready_ms = Vec::new();
    let mut resident_kib = 0;
    for _ in 0..10 {
        let begun = Instant::now();
        let subject = Subject::start(program, None)?;
        ready_ms.push(u64::try_from(begun.elapsed().as_millis())?);
        let status = format!("/proc/{}/status", subject.process.id());
        let text = std::fs::read_to_string(&status)?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the memory of the process")?;
        resident_kib = line.trim().trim_end_matches(" kB").parse()?;
    }
    Ok(Start { ready_ms, resident_kib })
}
