//! Load from `wrk`, a closed-loop generator that we did not write.

use std::fmt::Write as _;
use std::io::Write;
use std::process::Command;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

/// A kind of request that is measured.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in the report.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the base URL; `{id}` stands for the id of a random user, `{k}` for the number of one.
    pub path: &'static str,
    /// The body; `{n}` stands for a number that grows with each request.
    pub body: &'static str,
}

const GET: Kind = Kind { name: "get by id", method: "GET", path: "/Users/{id}", body: "" };
const FILTER: Kind = Kind {
    name: "filter userName eq",
    method: "GET",
    path: "/Users?filter=userName+eq+%22user.{k}%40example.com%22",
    body: "",
};
const PATCH: Kind = Kind {
    name: "patch",
    method: "PATCH",
    path: "/Users/{id}",
    body: r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"Title {n}"}]}"#,
};
const CREATE: Kind = Kind {
    name: "create",
    method: "POST",
    path: "/Users",
    body: r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new.{n}@example.com","active":true,"displayName":"New {n}","name":{"givenName":"New","familyName":"User {n}"},"emails":[{"value":"new.{n}@example.com","type":"work","primary":true}]}"#,
};
const LIST: Kind = Kind { name: "list of 100", method: "GET", path: "/Users?count=100", body: "" };

/// The kinds by themselves.
pub const KINDS: [Kind; 5] = [GET, FILTER, PATCH, CREATE, LIST];

/// What is sent in one run: kinds, each with how many of 100 requests are of it.
#[derive(Clone)]
pub struct Mix {
    /// Its name in the report.
    pub name: &'static str,
    /// The parts; their shares are 100 together.
    pub parts: Vec<(u32, Kind)>,
}

/// What is measured.
pub fn mixes() -> Vec<Mix> {
    let alone = KINDS.map(|kind| Mix { name: kind.name, parts: vec![(100, kind)] });
    let parts = vec![(45, FILTER), (20, GET), (15, PATCH), (17, CREATE), (3, LIST)];
    alone.into_iter().chain([Mix { name: "mix", parts }]).collect()
}

/// Where the requests of a mix go.
pub struct Target {
    /// Scheme, host and port.
    pub origin: String,
    /// For each part of the mix: its share of 100, its method, its path from the root, and its body.
    pub parts: Vec<(u32, &'static str, String, &'static str)>,
    /// What `{id}` stands for.
    pub ids: Vec<String>,
    /// The bearer token, if one is needed.
    pub token: Option<String>,
}

/// How hard and how long.
pub struct Load {
    /// Seconds a figure.
    pub seconds: u64,
    /// Connections kept open.
    pub connections: usize,
}

/// What a run gave.
#[derive(Debug, Serialize, Deserialize)]
pub struct Run {
    /// Answers a second.
    pub per_second: f64,
    /// Half of the answers came within so many microseconds.
    pub p50_us: f64,
    /// 99 of 100 answers came within so many microseconds.
    pub p99_us: f64,
    /// Answers in all.
    pub answers: u64,
    /// Answers other than 2xx, and broken connections.
    pub errors: u64,
}

impl Load {
    /// Sends requests over and over.
    pub fn run(&self, target: &Target) -> anyhow::Result<Run> {
        let mut script = tempfile::NamedTempFile::with_suffix(".lua")?;
        script.write_all(script_of(target).as_bytes())?;
        let output = Command::new("wrk")
            .args(["--threads", "1", "--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.seconds), "--timeout", "10s", "--script"])
            .arg(script.path())
            .arg(&target.origin)
            .output()
            .context("wrk could not be run; install the package wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(line) = text.lines().find(|line| line.starts_with('{')) else {
            bail!("wrk gave no figures: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        let run: Run = serde_json::from_str(line)?;
        if run.errors > 0 {
            bail!("{} of {} answers from {} were errors", run.errors, run.answers, target.origin);
        }
        Ok(run)
    }
}

/// The Lua script for wrk. Its random numbers are the same in every run.
fn script_of(target: &Target) -> String {
    let authorization =
        target.token.as_ref().map(|token| format!("[\"Authorization\"] = \"Bearer {token}\",")).unwrap_or_default();
    let mut script = format!(
        "wrk.headers = {{ {authorization} [\"Content-Type\"] = \"application/scim+json\" }}\nlocal kinds = {{\n"
    );
    let mut through = 0;
    for (share, method, path, body) in &target.parts {
        through += share;
        let filled = path.contains('{') || body.contains('{');
        let body = if body.is_empty() { "nil".to_owned() } else { format!("[==[{body}]==]") };
        let _ = writeln!(
            script,
            "  {{ through = {through}, method = \"{method}\", path = [==[{path}]==], body = {body}, filled = {filled} }},"
        );
    }
    let ids: Vec<String> = target.ids.iter().map(|id| format!("\"{id}\"")).collect();
    let _ = write!(script, "}}\nlocal ids = {{ {} }}\n", ids.join(", "));
    script += r#"
local n = 0
local function fill(text)
  if text == nil then return nil end
  text = text:gsub("{n}", n)
  text = text:gsub("{k}", function() return math.random(0, 999) end)
  text = text:gsub("{id}", function() return ids[math.random(#ids)] end)
  return text
end
request = function()
  n = n + 1
  local kind = kinds[1]
  if #kinds > 1 then
    local at = math.random(100)
    for _, each in ipairs(kinds) do
      if at <= each.through then kind = each break end
    end
  end
  if kind.filled then return wrk.format(kind.method, fill(kind.path), nil, fill(kind.body)) end
  return wrk.format(kind.method, kind.path, nil, kind.body)
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('{"per_second":%.1f,"p50_us":%.0f,"p99_us":%.0f,"answers":%d,"errors":%d}\n',
    summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(99), summary.requests,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;
    script
}
