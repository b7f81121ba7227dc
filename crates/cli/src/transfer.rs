//! `scimscope export` and `scimscope import`: files from the command line, of a workspace file or of a server that runs.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::door::Door;
use crate::failure::Failure;
use crate::place::{IfMissing, Place};

/// Options of `scimscope export`.
#[derive(Args)]
pub struct Export {
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
    #[command(flatten)]
    place: Place,
}

/// Writes a file and tells about it in a line on standard error.
pub async fn export(arguments: Export) -> Result<(), Failure> {
    let Export { place, to, output, query, flow, seqs, people, rules, with_secrets } = arguments;
    let scope = match (query, flow, seqs.as_slice()) {
        (Some(q), ..) => json!({ "by": "query", "q": q }),
        (_, Some(flow), _) => json!({ "by": "flow", "flow": flow }),
        (_, _, []) => json!({ "by": "all" }),
        (_, _, seqs) => json!({ "by": "seqs", "seqs": seqs }),
    };
    let rules = rules.iter().map(|rule| self::rule(rule)).collect::<anyhow::Result<Vec<Value>>>()?;
    let redaction = json!({ "secrets": !with_secrets, "people": people, "rules": rules });
    let job = json!({ "kind": "export", "scope": scope, "format": to, "redaction": redaction });
    let exporting = move |door: &Door| {
        let ended = door.run(&door.post("/api/v1/jobs", &job)?, "writing")?;
        let id = ended["id"].as_u64().context("the job has a number")?;
        write(&output, &mut door.stream(&format!("/api/v1/jobs/{id}/result"))?)?;
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
    };
    place.at(IfMissing::Refuse, exporting).await
}

/// Takes exchanges over and tells about it in a line on standard error.
pub async fn import(arguments: Import) -> Result<(), Failure> {
    let Import { file, place } = arguments;
    let bytes = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let importing = move |door: &Door| {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let plain: String =
            name.chars().filter(|letter| letter.is_ascii_alphanumeric() || "._-".contains(*letter)).collect();
        let started = door.upload(&format!("/api/v1/imports?name={plain}"), &bytes)?;
        let facts = door.run(&started, "reading")?["facts"].clone();
        tracing::info!(
            "{} exchanges taken over from {} ({}), {} of them SCIM, {} with changes",
            facts["exchanges"],
            file.display(),
            facts["source"].as_str().unwrap_or_default(),
            facts["scim"],
            facts["changed"]
        );
        Ok(())
    };
    place.at(IfMissing::Make, importing).await
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
