//! docs/parity.md: what can be done in the window, by the control API and on the command line, made from `crates/xtask/actions.toml`,
//! which is compared with all three.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use regex::Regex;
use serde::Deserialize;

const ACTIONS: &str = "crates/xtask/actions.toml";
const PAGE: &str = "docs/parity.md";
const PAGE_SOURCES: &str = "ui/src";
const COMMANDS: &str = "crates/cli/src/main.rs";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Actions {
    group: Vec<Group>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: String,
    action: Vec<Action>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Action {
    title: String,
    /// Where in the window; absent if not at all.
    window: Option<String>,
    /// The command, with the option that does it; absent if there is none.
    cli: Option<String>,
    /// Operations of the control API.
    #[serde(default)]
    api: Vec<String>,
}

/// An operation of the control API: method and path.
type Operations = BTreeMap<String, (String, String)>;

/// Writes the page, or with `only_check` looks whether it is as it should be.
pub fn run(root: &Path, only_check: bool) -> anyhow::Result<ExitCode> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
    let actions: Actions = toml::from_str(&read(ACTIONS)?).with_context(|| format!("in {ACTIONS}"))?;
    let operations = operations(&control::openapi_json())?;
    let page = sources(&root.join(PAGE_SOURCES))?;
    let faults = faults(&actions, &operations, &page, &commands(&read(COMMANDS)?));
    for fault in &faults {
        println!("{fault}");
    }
    let text = written(&actions, &operations);
    if !only_check {
        fs::write(root.join(PAGE), text)?;
        println!("wrote {PAGE}");
    } else if read(PAGE)? != text {
        println!("{PAGE} is not what {ACTIONS} says; run cargo xtask parity");
        return Ok(ExitCode::FAILURE);
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is not so.
fn faults(actions: &Actions, operations: &Operations, page: &str, commands: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut seen, mut told) = (BTreeSet::new(), BTreeSet::new());
    for action in actions.group.iter().flat_map(|group| &group.action) {
        let title = &action.title;
        let mut called = false;
        for name in &action.api {
            if !seen.insert(name) {
                faults.push(format!("{name} is in two actions, the second is {title:?}"));
            }
            match operations.get(name) {
                Some((method, path)) => called |= calls(page, method, path),
                None => faults.push(format!("{title:?} names {name}, which the control API does not have")),
            }
        }
        match &action.window {
            Some(_) if !action.api.is_empty() && !called => {
                faults
                    .push(format!("{title:?} is said to be in the window, and the page calls none of its operations"));
            }
            None if called => faults.push(format!("{title:?} is said not to be in the window, and the page calls it")),
            _ => {}
        }
        if let Some(command) = action.cli.as_ref().and_then(|cli| cli.split_whitespace().next()) {
            told.insert(command.to_owned());
            if !commands.contains(command) {
                faults.push(format!("{title:?} names the command {command}, which there is not"));
            }
        }
    }
    let missing = operations.keys().filter(|name| !seen.contains(name));
    faults.extend(missing.map(|name| format!("the operation {name} is in no action of {ACTIONS}")));
    faults.extend(commands.difference(&told).map(|name| format!("the command {name} is in no action of {ACTIONS}")));
    faults
}

fn operations(openapi: &str) -> anyhow::Result<Operations> {
    let document: serde_json::Value = serde_json::from_str(openapi)?;
    let mut found = Operations::new();
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            if let Some(id) = operation["operationId"].as_str() {
                found.insert(id.to_owned(), (method.to_uppercase(), path.clone()));
            }
        }
    }
    Ok(found)
}

/// Whether the page calls an operation: by its client, or by an address that it puts together.
fn calls(page: &str, method: &str, path: &str) -> bool {
    let by_client = format!(r"\b{method}\(\s*'{}'", regex::escape(path));
    // `/api/v1/jobs/${id}/result`, as the address of a download.
    let pieces: Vec<String> = path
        .split('/')
        .map(|piece| match piece.starts_with('{') {
            true => r"\$\{[^}]*\}".to_owned(),
            false => regex::escape(piece),
        })
        .collect();
    let put_together = format!("['`]{}['`?]", pieces.join("/"));
    let found = |pattern: &str| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(page));
    // A path without values may be one that the client calls by another method.
    let is_other = !path.contains('{') && page.contains(&format!("('{path}'"));
    found(&by_client) || (method == "GET" && !is_other && found(&put_together))
}

/// All sources of the page but for what is generated, one after the other.
fn sources(folder: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut todo: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                todo.push(path);
            } else if (name.ends_with(".ts") || name.ends_with(".svelte"))
                && name != "schema.d.ts"
                && !name.contains(".test.")
            {
                text.push_str(&fs::read_to_string(&path)?);
            }
        }
    }
    Ok(with_constants(&text))
}

/// The same with paths in the place of constants that stand for them: `client.GET(SNAPSHOTS`.
fn with_constants(text: &str) -> String {
    let Ok(constant) = Regex::new(r"const ([A-Z_]+) = ('/api/v1[^']*')") else { return text.to_owned() };
    let mut out = text.to_owned();
    for found in constant.captures_iter(text) {
        out = out.replace(&format!("({},", &found[1]), &format!("({},", &found[2]));
    }
    out
}

/// The commands of the command line: the variants of its enum, as clap writes them.
fn commands(source: &str) -> BTreeSet<String> {
    let body = source.split_once("enum Command {").map_or("", |(_, rest)| rest);
    let body = body.split_once("\n}").map_or(body, |(body, _)| body);
    let names = body.lines().filter_map(|line| line.strip_prefix("    ")).filter_map(|line| {
        let end = line.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(line.len());
        line[..end].starts_with(|letter: char| letter.is_ascii_uppercase()).then(|| &line[..end])
    });
    names
        .map(|name| {
            let mut kebab = String::new();
            for (at, letter) in name.char_indices() {
                if letter.is_ascii_uppercase() && at > 0 {
                    kebab.push('-');
                }
                kebab.push(letter.to_ascii_lowercase());
            }
            kebab
        })
        .collect()
}

fn written(actions: &Actions, operations: &Operations) -> String {
    let mut text = String::from(
        "# What can be done where\n\nMade by `cargo xtask parity` from `crates/xtask/actions.toml`; `./test` compares it with the page, the \
         control API and\nthe command line. The API can do everything.\n",
    );
    for group in &actions.group {
        let _ = write!(
            text,
            "\n## {}\n\n| action | window | command line | control API |\n| --- | --- | --- | --- |\n",
            group.title
        );
        for action in &group.action {
            let cli = action.cli.as_ref().map_or("-".to_owned(), |cli| format!("`{cli}`"));
            let calls: Vec<String> = action
                .api
                .iter()
                .filter_map(|name| operations.get(name))
                .map(|(method, path)| format!("`{method} {}`", path.trim_start_matches("/api/v1")))
                .collect();
            let calls = if calls.is_empty() { "-".to_owned() } else { calls.join("<br>") };
            let _ =
                writeln!(text, "| {} | {} | {cli} | {calls} |", action.title, action.window.as_deref().unwrap_or("-"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const API: &str = r#"{"paths": {
        "/api/v1/a": {"get": {"operationId": "list"}, "post": {"operationId": "make"}},
        "/api/v1/a/{id}": {"get": {"operationId": "file"}}
    }}"#;
    const CLI: &str =
        "enum Command {\n    /// Words.\n    List(list::Arguments),\n    WaitFor {\n        x: u8,\n    },\n}\n";

    fn found(actions: &str, page: &str) -> Vec<String> {
        let actions: Actions = toml::from_str(actions).unwrap();
        faults(&actions, &operations(API).unwrap(), page, &commands(CLI))
    }

    #[test]
    fn a_registry_that_agrees_with_all_three_has_no_faults() {
        let actions = "[[group]]\ntitle = \"g\"\n[[group.action]]\ntitle = \"one\"\nwindow = \"w\"\ncli = \"list --all\"\napi = [\"list\", \"file\"]\n\
                       [[group.action]]\ntitle = \"two\"\ncli = \"wait-for\"\napi = [\"make\"]\n";
        assert_eq!(found(actions, "client.GET(\n '/api/v1/a')"), Vec::<String>::new());
        assert_eq!(found(actions, &with_constants("const A = '/api/v1/a'\nclient.GET(A, {})")), Vec::<String>::new());
        assert_eq!(found(actions, "href={`/api/v1/a/${x.id}`}"), Vec::<String>::new());
        // What the page has begun to call, or calls no more, is noticed.
        assert_eq!(found(actions, "GET('/api/v1/a') POST('/api/v1/a')").len(), 1);
        assert_eq!(found(actions, "").len(), 1);
    }

    #[test]
    fn what_is_missing_twice_or_not_there_is_named() {
        let actions = "[[group]]\ntitle = \"g\"\n[[group.action]]\ntitle = \"one\"\ncli = \"fly\"\napi = [\"list\", \"list\", \"gone\"]\n";
        let faults = found(actions, "");
        for part in
            ["list is in two", "names gone", "command fly", "operation make", "operation file", "command wait-for"]
        {
            assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:#?}");
        }
    }
}
