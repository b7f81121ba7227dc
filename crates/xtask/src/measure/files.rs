//! `cargo xtask measure files`: large files come in and go out, and a large directory is made up; with how much memory that takes.
//! Everything through the control API of the release binary, as a person or a script does it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::report::Part;
use super::{build, commit, machine, report, today};

/// Exchanges that come in and go out.
const EXCHANGES: u64 = 50_000;
/// Users that are made up, and groups.
const USERS: u64 = 100_000;
const GROUPS: u64 = 500;
/// Exchanges of a page.
const IN_A_PAGE: u64 = 10_000;
/// How often a job is asked how far it is.
const POLL: Duration = Duration::from_millis(20);
const TOKEN: &str = "a-control-token-for-measuring";

/// One thing that was done.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    what: String,
    ms: u64,
    /// Of the file, if there was one.
    megabytes: f64,
    /// The most memory that the process ever had until then, resident.
    peak_mib: u64,
}

/// One run of the measurement.
#[derive(Debug, Serialize, Deserialize)]
struct Measurement {
    commit: String,
    taken_on: String,
    machine: String,
    exchanges: u64,
    users: u64,
    groups: u64,
    done: Vec<Done>,
}

/// Measures, writes the raw file and a part of docs/performance.md.
#[allow(clippy::print_stdout)]
pub fn run(root: &Path) -> anyhow::Result<()> {
    let program = build(root)?.join("scimscope");
    let folder = tempfile::tempdir()?;
    let archive = folder.path().join("trace.har");
    write_archive(&archive)?;
    let mut done = Vec::new();
    let mut note = |one: Done| {
        println!("{}: {} ms, {:.0} MB, at most {} MiB resident", one.what, one.ms, one.megabytes, one.peak_mib);
        done.push(one);
    };
    {
        let server = Server::start(&program)?;
        note(server.measure(&format!("HAR of {EXCHANGES} exchanges in"), |server| server.import(&archive))?);
        for format in ["har", "fixture-ndjson", "csv"] {
            let job = json!({ "kind": "export", "scope": { "by": "all" }, "format": format });
            note(server.measure(&format!("{format} of {EXCHANGES} exchanges out"), |server| server.export(&job))?);
        }
        let page = json!({ "by": "query", "q": format!("seq:<={IN_A_PAGE}") });
        let job = json!({ "kind": "export", "scope": page, "format": "html" });
        note(server.measure(&format!("page of {IN_A_PAGE} exchanges out"), |server| server.export(&job))?);
    }
    let server = Server::start(&program)?;
    let job = json!({ "kind": "seed", "recipe": { "seed": 1, "users": USERS, "groups": GROUPS } });
    let title = format!("{USERS} users and {GROUPS} groups made up");
    note(server.measure(&title, |server| server.run(server.post("/api/v1/jobs", &job)?).map(|_| 0))?);
    drop(server);
    let measurement = Measurement {
        commit: commit(root)?,
        taken_on: today()?,
        machine: machine()?,
        exchanges: EXCHANGES,
        users: USERS,
        groups: GROUPS,
        done,
    };
    let name = format!("files-{}-{}.json", measurement.taken_on, measurement.commit);
    std::fs::write(root.join("docs/perf").join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, Part::Files, &text(&measurement, &name))
}

fn text(measurement: &Measurement, name: &str) -> String {
    let mut text = format!(
        "\n## Files\n\nMade by `cargo xtask measure files` from [perf/{name}](perf/{name}). Commit {}, {}, {}. Through the control API of a\n\
         temporary workspace, from the call that starts a job to its end; *peak* is the most memory that the process ever had until\n\
         then, resident. Exports take credentials out and are read again before they are given away.\n\n\
         | what | time | file | peak |\n| --- | --- | --- | --- |\n",
        measurement.commit, measurement.taken_on, measurement.machine
    );
    for Done { what, ms, megabytes, peak_mib } in &measurement.done {
        let file = if *megabytes > 0.0 { format!("{megabytes:.0} MB") } else { String::new() };
        let _ = writeln!(text, "| {what} | {:.2} s | {file} | {peak_mib} MiB |", *ms as f64 / 1000.0);
    }
    text
}

/// An archive as a browser or a proxy writes it: users are looked for, made, changed and read.
fn write_archive(path: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(br#"{"log":{"version":"1.2","creator":{"name":"measure","version":"1"},"entries":["#)?;
    for n in 0..EXCHANGES {
        let person = n / 4;
        let id = format!("{person:08x}-0000-4000-8000-000000000000");
        let name = format!("user.{person}@example.com");
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": name, "active": true,
            "displayName": format!("User {person}"), "name": { "givenName": "User", "familyName": format!("Number {person}") },
            "emails": [{ "value": name, "type": "work", "primary": true }],
            "meta": { "resourceType": "User", "location": format!("https://scim.example.com/scim/v2/Users/{id}") },
        });
        let none = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": [] });
        let patch = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "Replace", "path": "title", "value": format!("Title {n}") }],
        });
        let (method, path, sent, status, answer) = match n % 4 {
            0 => ("GET", format!("/Users?filter=userName%20eq%20%22user.{person}%40example.com%22"), None, 200, none),
            1 => ("POST", "/Users".to_owned(), Some(&user), 201, user.clone()),
            2 => ("PATCH", format!("/Users/{id}"), Some(&patch), 200, user.clone()),
            _ => ("GET", format!("/Users/{id}"), None, 200, user.clone()),
        };
        let mut request = json!({
            "method": method, "url": format!("https://scim.example.com/scim/v2{path}"), "httpVersion": "HTTP/1.1",
            "headers": [{ "name": "Host", "value": "scim.example.com" },
                { "name": "Authorization", "value": "Bearer eyJhbGciOiJub25lIn0.bWVhc3VyZQ.c2lnbmF0dXJl" }],
            "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1,
        });
        if let Some(sent) = sent {
            request["postData"] = json!({ "mimeType": "application/scim+json", "text": sent.to_string() });
        }
        let (minute, second) = (n / 60_000 % 60, n / 1000 % 60);
        let entry = json!({
            "startedDateTime": format!("2026-01-02T03:{minute:02}:{second:02}.{:03}Z", n % 1000),
            "time": 2, "cache": {}, "timings": { "send": 0, "wait": 1, "receive": 1 }, "request": request,
            "response": {
                "status": status, "statusText": "", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
                "headers": [{ "name": "Content-Type", "value": "application/scim+json" }],
                "content": { "size": 0, "mimeType": "application/scim+json", "text": answer.to_string() },
                "headersSize": -1, "bodySize": -1,
            },
        });
        if n > 0 {
            out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut out, &entry)?;
    }
    out.write_all(b"]}}\n")?;
    Ok(out.flush()?)
}

#[derive(Deserialize)]
struct Ready {
    control: String,
}

/// A server over a temporary workspace, ended with its owner.
struct Server {
    process: Child,
    control: String,
    client: ureq::Agent,
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGTERM, so that temporary files are removed.
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(program: &Path) -> anyhow::Result<Server> {
        let mut process = Command::new(program)
            .args(["serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--control-token", TOKEN])
            .env("SCIMSCOPE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let Ready { control } = serde_json::from_str(&line).context("the ready line")?;
        Ok(Server { process, control, client: ureq::Agent::new_with_defaults() })
    }

    fn measure(&self, what: &str, work: impl FnOnce(&Server) -> anyhow::Result<u64>) -> anyhow::Result<Done> {
        let begun = Instant::now();
        let bytes = work(self)?;
        let ms = u64::try_from(begun.elapsed().as_millis())?;
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the memory of the process")?;
        let peak_kib: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(Done { what: what.to_owned(), ms, megabytes: bytes as f64 / 1e6, peak_mib: peak_kib / 1024 })
    }

    fn import(&self, path: &Path) -> anyhow::Result<u64> {
        let (file, bytes) = (File::open(path)?, std::fs::metadata(path)?.len());
        let call = self.client.post(format!("{}/api/v1/imports?name=trace.har", self.control));
        let mut answer = call.header("authorization", format!("Bearer {TOKEN}")).send(file)?;
        let job = self.run(serde_json::from_slice(&answer.body_mut().read_to_vec()?)?)?;
        if job["facts"]["exchanges"] != EXCHANGES {
            bail!("not everything came in: {job}");
        }
        Ok(bytes)
    }

    fn export(&self, job: &Value) -> anyhow::Result<u64> {
        let job = self.run(self.post("/api/v1/jobs", job)?)?;
        job["file"]["bytes"].as_u64().context("a file")
    }

    fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let call =
            self.client.post(format!("{}{path}", self.control)).header("authorization", format!("Bearer {TOKEN}"));
        let mut answer = call.header("content-type", "application/json").send(body.to_string())?;
        Ok(serde_json::from_slice(&answer.body_mut().read_to_vec()?)?)
    }

    /// Waits for the end of a job.
    fn run(&self, started: Value) -> anyhow::Result<Value> {
        let id = started["id"].as_u64().context("the job has a number")?;
        loop {
            let call = self.client.get(format!("{}/api/v1/jobs/{id}", self.control));
            let mut answer = call.header("authorization", format!("Bearer {TOKEN}")).call()?;
            let job: Value = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
            match job["state"].as_str() {
                Some("running") => std::thread::park_timeout(POLL),
                Some("done") => return Ok(job),
                _ => bail!("{job}"),
            }
        }
    }
}
