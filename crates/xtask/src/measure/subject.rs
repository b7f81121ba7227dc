//! The servers under load, each a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use serde::Deserialize;

use super::Start;
use super::load::{Kind, Mix, Target};

pub(super) const TOKEN: &str = "a-token-for-measuring";
pub(super) const CONTROL_TOKEN: &str = "a-control-token-for-measuring";
/// Users in the directory before the load begins.
const USERS: usize = 1000;

#[derive(Deserialize)]
struct Ready {
    scim: String,
    control: String,
}

/// A Scimscope of its own, ended with its owner.
pub struct Subject {
    process: Child,
    base: String,
    control: String,
    client: ureq::Agent,
    ids: Vec<String>,
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
        Subject::start_with(program, workspace, &[])
    }

    /// The same, with more arguments.
    pub fn start_with(program: &Path, workspace: Option<&Path>, more: &[String]) -> anyhow::Result<Subject> {
        let mut process = Command::new(program)
            .arg("serve")
            .args(workspace)
            .args(more)
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--token", TOKEN])
            .args(["--control-token", CONTROL_TOKEN])
            .env("SCIMSCOPE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let ready: Ready = serde_json::from_str(&line).context("the ready line")?;
        let client = ureq::Agent::new_with_defaults();
        Ok(Subject { process, base: ready.scim, control: ready.control, client, ids: Vec::new() })
    }

    /// Fills the directory.
    pub fn fill(&mut self) -> anyhow::Result<()> {
        for n in 0..USERS {
            let body = format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user.{n}@example.com","active":true,"displayName":"User {n}","name":{{"givenName":"User","familyName":"Number {n}"}},"emails":[{{"value":"user.{n}@example.com","type":"work","primary":true}}]}}"#
            );
            let created: serde_json::Value = serde_json::from_slice(&self.send("POST", "/Users", &body)?)?;
            self.ids.push(created["id"].as_str().context("an id")?.to_owned());
        }
        Ok(())
    }

    /// The ids of the users that [`Subject::fill`] has made.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The same server, started again.
    pub fn with_ids(self, ids: Vec<String>) -> Subject {
        let mut subject = self;
        subject.ids = ids;
        subject
    }

    /// How large the answer to this kind of request is.
    pub fn answer_bytes(&self, kind: &Kind) -> anyhow::Result<usize> {
        let filled = |text: &str| {
            let id = self.ids.last().map_or("", String::as_str);
            text.replace("{id}", id).replace("{k}", "500").replace("{n}", "of the first")
        };
        Ok(self.send(kind.method, &filled(kind.path), &filled(kind.body))?.len())
    }

    /// The requests of a mix for this server.
    pub fn target(&self, mix: &Mix) -> Target {
        let (origin, root) = self.base.split_at(self.base.find("/scim").unwrap_or(self.base.len()));
        let parts =
            mix.parts.iter().map(|(share, kind)| (*share, kind.method, format!("{root}{}", kind.path), kind.body));
        Target { origin: origin.to_owned(), parts: parts.collect(), ids: self.ids.clone(), token: Some(TOKEN.into()) }
    }

    /// The SCIM base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What the system says of the memory of the process, by the name that it has in `/proc/PID/status`, in KiB.
    pub fn memory_kib(&self, name: &str) -> anyhow::Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)).context("the memory of the process")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Sends a request to a path below the base URL and gives the body of the answer.
    pub fn send(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        self.ask(method, format!("{}{path}", self.base), TOKEN, "application/scim+json", body)
    }

    /// Calls the control API and gives the body of the answer.
    pub fn call(&self, method: &str, path: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        self.ask(method, format!("{}/api/v1{path}", self.control), CONTROL_TOKEN, "application/json", body)
    }

    fn ask(&self, method: &str, url: String, token: &str, media_type: &str, body: &str) -> anyhow::Result<Vec<u8>> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(url)
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", media_type);
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

    /// The requests of a mix, each kind answered with so many bytes.
    pub fn target(&self, mix: &Mix, answer_bytes: &[usize]) -> Target {
        let parts = mix.parts.iter().zip(answer_bytes);
        let parts = parts.map(|((share, kind), bytes)| (*share, kind.method, format!("/{bytes}"), kind.body));
        Target { origin: self.base.clone(), parts: parts.collect(), ids: Vec::new(), token: None }
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
        resident_kib = subject.memory_kib("VmRSS:")?;
    }
    Ok(Start { ready_ms, resident_kib })
}
