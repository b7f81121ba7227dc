//! `scimscope export` and `scimscope import`: files from the command line, of a workspace file or of a server that runs.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use app::config::{Config, ControlAccess, Workspace};
use app::running::App;
use clap::Args;
use serde_json::{Value, json};

/// How often a job is asked how far it is.
const POLL: Duration = Duration::from_millis(50);

/// Which record.
#[derive(Args)]
struct Place {
    /// The control API of a server that runs: http://127.0.0.1:8788. Instead of a workspace file.
    #[arg(long, value_name = "URL", conflicts_with = "workspace")]
    control: Option<String>,
    /// Its control token.
    #[arg(long, env = "SCIMSCOPE_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
}

/// Options of `scimscope export`.
#[derive(Args)]
pub struct Export {
    /// The workspace file. No server may have it open; ask that one with --control.
    workspace: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// The format: har, fixture, fixture-ndjson, curl, powershell, hurl, postman, http, wiremock, markdown, csv, ndjson or html.
    #[arg(long, value_name = "FORMAT", default_value = "har")]
    to: String,
    /// Where to write; - is standard output.
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Only exchanges that this query selects: method:patch status:>=400.
    #[arg(long, value_name = "QUERY", group = "scope")]
    query: Option<String>,
    /// Only the exchanges of this flow.
    #[arg(long, value_name = "NUMBER", group = "scope")]
    flow: Option<u64>,
    /// Only these exchanges.
    #[arg(long, value_name = "NUMBER,...", value_delimiter = ',', group = "scope")]
    seqs: Vec<u64>,
    /// Give people aliases: names, addresses, identifiers.
    #[arg(long)]
    people: bool,
    /// What else to take out: header:X-Employee, json:$.nickName or pattern:CASE-[0-9]+. Can be given several times.
    #[arg(long = "redact", value_name = "RULE")]
    rules: Vec<String>,
    /// Leave credentials in. The file says so, and should not be shared.
    #[arg(long)]
    with_secrets: bool,
}

/// Options of `scimscope import`.
#[derive(Args)]
pub struct Import {
    /// The file: HAR, fixture, Postman collection or curl commands.
    file: PathBuf,
    /// The workspace file; made if it is not there.
    workspace: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Writes a file and tells about it in a line on standard error.
pub async fn export(arguments: Export) -> anyhow::Result<()> {
    let Export { workspace, place, to, output, query, flow, seqs, people, rules, with_secrets } = arguments;
    let scope = match (query, flow, seqs.as_slice()) {
        (Some(q), ..) => json!({ "by": "query", "q": q }),
        (_, Some(flow), _) => json!({ "by": "flow", "flow": flow }),
        (_, _, []) => json!({ "by": "all" }),
        (_, _, seqs) => json!({ "by": "seqs", "seqs": seqs }),
    };
    let rules = rules.iter().map(|rule| self::rule(rule)).collect::<anyhow::Result<Vec<Value>>>()?;
    let redaction = json!({ "secrets": !with_secrets, "people": people, "rules": rules });
    let job = json!({ "kind": "export", "scope": scope, "format": to, "redaction": redaction });
    if let Some(workspace) = &workspace
        && !workspace.exists()
    {
        bail!("there is no workspace {}", workspace.display());
    }
    at(workspace, place, move |door| {
        let ended = door.run(door.post("/api/v1/jobs", "application/json", job.to_string().into_bytes())?)?;
        let id = ended["id"].as_u64().context("the job has a number")?;
        write(&output, &mut door.get(&format!("/api/v1/jobs/{id}/result"))?)?;
        let report = &ended["facts"]["report"];
        let checked = match ended["facts"]["validated"].as_u64() {
            Some(count) => format!("; read again: {count} exchanges"),
            None => String::new(),
        };
        tracing::info!(
            "{} exchanges in {} flows written to {}, {} values taken out{checked}",
            report["exchanges"],
            report["flows"],
            output.display(),
            report["replaced"]
        );
        if let Some(warning) = report["warning"].as_str() {
            tracing::warn!("{warning}");
        }
        Ok(())
    })
    .await
}

/// Takes exchanges over and tells about it in a line on standard error.
pub async fn import(arguments: Import) -> anyhow::Result<()> {
    let Import { file, workspace, place } = arguments;
    let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    if workspace.is_none() && place.control.is_none() {
        bail!("say where the exchanges go: a workspace file, or --control URL of a server that runs");
    }
    at(workspace, place, move |door| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain: String =
            name.chars().filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter)).collect();
        let started = door.post(&format!("/api/v1/imports?name={plain}"), "application/octet-stream", bytes)?;
        let facts = door.run(started)?["facts"].clone();
        tracing::info!(
            "{} exchanges taken over from {} ({}), {} of them SCIM, {} with changes",
            facts["exchanges"],
            file.display(),
            facts["source"].as_str().unwrap_or_default(),
            facts["scim"],
            facts["changed"]
        );
        Ok(())
    })
    .await
}

fn rule(text: &str) -> anyhow::Result<Value> {
    let (on, text) = text.split_once(':').context("a rule is header:NAME, json:PATH or pattern:EXPRESSION")?;
    let on = match on {
        "header" => "header",
        "json" => "json_path",
        "pattern" => "pattern",
        other => bail!("{other:?} is no kind of rule; write header:NAME, json:PATH or pattern:EXPRESSION"),
    };
    Ok(json!({ "on": on, "text": text }))
}

/// Works at a server that runs, or at one that is started for it over a workspace file.
async fn at(
    workspace: Option<PathBuf>,
    place: Place,
    work: impl FnOnce(&Door) -> anyhow::Result<()> + Send + 'static,
) -> anyhow::Result<()> {
    if let Some(url) = place.control {
        let token = place.control_token.context("give the control token with --control-token")?;
        let door = Door::new(url.trim_end_matches('/').to_owned(), token);
        return tokio::task::spawn_blocking(move || work(&door)).await?;
    }
    let workspace = workspace.context("give a workspace file, or --control URL of a server that runs")?;
    let free = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let app = App::start(Config {
        listen: free,
        control: ControlAccess::Http { listen: free, token: None, page: false },
        workspace: Workspace::File(workspace),
        ..Config::default()
    })
    .await?;
    let access = app.control_over_http().context("the control API listens over HTTP")?;
    let door = Door::new(access.url.clone(), access.token.clone());
    let done = tokio::task::spawn_blocking(move || work(&door)).await;
    app.stop().await;
    done?
}

/// The control API, as a client.
struct Door {
    client: ureq::Agent,
    url: String,
    token: String,
}

impl Door {
    fn new(url: String, token: String) -> Door {
        let client = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Door { client, url, token }
    }

    fn get(&self, path: &str) -> anyhow::Result<Box<dyn Read>> {
        let call =
            self.client.get(format!("{}{path}", self.url)).header("authorization", format!("Bearer {}", self.token));
        answer(call.call().with_context(|| format!("{} does not answer", self.url))?)
    }

    fn post(&self, path: &str, kind: &str, body: Vec<u8>) -> anyhow::Result<Value> {
        let call = self.client.post(format!("{}{path}", self.url));
        let call = call.header("authorization", format!("Bearer {}", self.token)).header("content-type", kind);
        read(answer(call.send(&body[..]).with_context(|| format!("{} does not answer", self.url))?)?)
    }

    /// Waits for the end of a job; an error if it failed.
    fn run(&self, started: Value) -> anyhow::Result<Value> {
        let id = started["id"].as_u64().context("the job has a number")?;
        loop {
            let job = read(self.get(&format!("/api/v1/jobs/{id}"))?)?;
            match job["state"].as_str() {
                Some("running") => std::thread::park_timeout(POLL),
                Some("done") => return Ok(job),
                Some("cancelled") => bail!("somebody stopped it"),
                _ => bail!("{}", job["problem"].as_str().unwrap_or("it failed")),
            }
        }
    }
}

fn read(mut body: impl Read) -> anyhow::Result<Value> {
    let mut text = String::new();
    body.read_to_string(&mut text)?;
    serde_json::from_str(&text).context("this is not the control API of Scimscope")
}

fn answer(response: ureq::http::Response<ureq::Body>) -> anyhow::Result<Box<dyn Read>> {
    let status = response.status();
    let body = response.into_body().into_with_config().limit(u64::MAX).reader();
    if status.is_success() {
        return Ok(Box::new(body));
    }
    let error = read(body).unwrap_or_default();
    bail!("{}", error["error"]["message"].as_str().map_or(format!("the control API answered {status}"), str::to_owned))
}

/// Readers of the file see the whole of it or none.
fn write(output: &Path, from: &mut dyn Read) -> anyhow::Result<()> {
    if output == Path::new("-") {
        std::io::copy(from, &mut std::io::stdout().lock())?;
        return Ok(());
    }
    let mut name = output.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    let written = File::create(&beside)
        .and_then(|mut file| {
            std::io::copy(from, &mut file)?;
            file.flush()?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&beside, output));
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written.with_context(|| format!("{} cannot be written", output.display()))
}
