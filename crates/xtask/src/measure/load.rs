//! Load from `wrk`, a closed-loop generator that we did not write.

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
    /// The path below the base URL; `{id}` stands for a user's id.
    pub path: &'static str,
    /// The body; `{n}` stands for a number that grows with each request.
    pub body: &'static str,
}

/// What is measured.
pub const KINDS: [&Kind; 4] = [
    &Kind { name: "get by id", method: "GET", path: "/Users/{id}", body: "" },
    &Kind {
        name: "filter userName eq",
        method: "GET",
        path: "/Users?filter=userName+eq+%22user.500%40example.com%22",
        body: "",
    },
    &Kind {
        name: "patch",
        method: "PATCH",
        path: "/Users/{id}",
        body: r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"Title {n}"}]}"#,
    },
    &Kind {
        name: "create",
        method: "POST",
        path: "/Users",
        body: r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"new.{n}@example.com","active":true,"displayName":"New {n}","name":{"givenName":"New","familyName":"User {n}"},"emails":[{"value":"new.{n}@example.com","type":"work","primary":true}]}"#,
    },
];

/// One request to repeat.
pub struct Request {
    /// The whole URL.
    pub url: String,
    /// The HTTP method.
    pub method: &'static str,
    /// The body, with `{n}` in it.
    pub body: &'static str,
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
    /// Sends the request over and over.
    pub fn run(&self, request: &Request) -> anyhow::Result<Run> {
        let mut script = tempfile::NamedTempFile::with_suffix(".lua")?;
        script.write_all(self.script(request).as_bytes())?;
        let output = Command::new("wrk")
            .args(["--threads", "1", "--connections", &self.connections.to_string()])
            .args(["--duration", &format!("{}s", self.seconds), "--timeout", "10s", "--script"])
            .arg(script.path())
            .arg(&request.url)
            .output()
            .context("wrk could not be run; install the package wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(line) = text.lines().find(|line| line.starts_with('{')) else {
            bail!("wrk gave no figures: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        let run: Run = serde_json::from_str(line)?;
        if run.errors > 0 {
            bail!("{} of {} answers from {} were errors", run.errors, run.answers, request.url);
        }
        Ok(run)
    }

    fn script(&self, request: &Request) -> String {
        let authorization = request
            .token
            .as_ref()
            .map(|token| format!("[\"Authorization\"] = \"Bearer {token}\","))
            .unwrap_or_default();
        let mut script = format!(
            "wrk.method = \"{}\"\nwrk.headers = {{ {authorization} [\"Content-Type\"] = \"application/scim+json\" }}\n",
            request.method
        );
        if !request.body.is_empty() {
            script += &format!(
                "local n = 0\nlocal body = [==[{}]==]\nrequest = function()\n  n = n + 1\n  \
                 return wrk.format(nil, nil, nil, (body:gsub(\"{{n}}\", tostring(n))))\nend\n",
                request.body
            );
        }
        script += "done = function(summary, latency)\n  local e = summary.errors\n  \
            io.write(string.format('{\"per_second\":%.1f,\"p50_us\":%.0f,\"p99_us\":%.0f,\"answers\":%d,\"errors\":%d}\\n',\n    \
            summary.requests / (summary.duration / 1e6), latency:percentile(50), latency:percentile(99), summary.requests,\n    \
            e.connect + e.read + e.write + e.status + e.timeout))\nend\n";
        script
    }
}
