//! `cargo xtask measure store`: the directory at a thousand, a hundred thousand and a million users, and a group of a hundred
//! thousand members; in process, as whole requests without a socket, and at the socket with a workspace file.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::subject::Subject;
use super::{commit, machine, report, today};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
const MEMBERS: usize = 100_000;
/// PATCHes at the socket.
const PATCHES: usize = 1_000;

/// Measures, writes the raw file and the part of docs/performance.md about the store.
pub fn run(root: &Path) -> anyhow::Result<()> {
    let sizes = |package: &str, bench: &str| -> anyhow::Result<Vec<Value>> {
        SIZES.iter().map(|users| figures(root, package, bench, "size", *users)).collect()
    };
    let measurement = json!({
        "commit": commit(root)?,
        "taken_on": today()?,
        "machine": machine()?,
        "directory": sizes("directory", "store")?,
        "requests": sizes("provider", "requests")?,
        "group_directory": figures(root, "directory", "store", "group", MEMBERS)?,
        "group_requests": figures(root, "provider", "requests", "group", MEMBERS)?,
        "group_socket": socket(root)?,
    });
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let name = format!("store-{}-{}.json", text(&measurement["taken_on"]), text(&measurement["commit"]));
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Store, &page(&measurement, &name))
}

/// What a bench prints about one size, in a process of its own.
fn figures(root: &Path, package: &str, bench: &str, kind: &str, size: usize) -> anyhow::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["bench", "--quiet", "--package", package, "--bench", bench, "--", kind, &size.to_string()])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        bail!("{bench} {kind} {size} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(printed.lines().last().unwrap_or_default()).context("what the bench printed")
}

/// PATCHes of one member at the socket of a server with a workspace file, and what each leaves in the file.
fn socket(root: &Path) -> anyhow::Result<Value> {
    let program = super::build(root)?.join("scimscope");
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("measure.scimscope");
    let server = Subject::start(&program, Some(&file))?;
    let schemas = r#"["urn:ietf:params:scim:schemas:core:2.0:Group"]"#;
    let group = format!(r#"{{"schemas":{schemas},"displayName":"Everybody","members":[{}]}}"#, member(0));
    let created: Value = serde_json::from_slice(&server.send("POST", "/Groups", &group)?)?;
    let path = format!("/Groups/{}", text(&created["id"]));
    for thousand in 0..MEMBERS / 1_000 {
        let members: Vec<String> = (thousand * 1_000..(thousand + 1) * 1_000).map(member).collect();
        server.send("PATCH", &path, &patch("add", &members.join(",")))?;
    }
    drop(server);
    let before = std::fs::metadata(&file)?.len();
    let begin = Instant::now();
    let server = Subject::start(&program, Some(&file))?;
    let start_ms = begin.elapsed().as_millis() as u64;
    let mut taken = Vec::new();
    for number in MEMBERS..MEMBERS + PATCHES {
        let op = if number % 2 == 0 { "add" } else { "remove" };
        let body = patch(op, &member(if number % 2 == 0 { number } else { number - MEMBERS }));
        let begin = Instant::now();
        let answer = server.send("PATCH", &path, &body)?;
        taken.push(begin.elapsed().as_micros() as u64);
        ensure!(answer.is_empty(), "the answer has a body");
    }
    drop(server);
    let after = std::fs::metadata(&file)?.len();
    taken.sort_unstable();
    Ok(json!({
        "members": MEMBERS,
        "patches": PATCHES,
        "p50_us": taken[taken.len() / 2],
        "p99_us": taken[taken.len() * 99 / 100],
        "record_bytes": after.saturating_sub(before) / PATCHES as u64,
        "start_ms": start_ms,
    }))
}

fn member(number: usize) -> String {
    format!(r#"{{"value":"{number:08x}-7a3c-4d1e-9b52-{number:012x}"}}"#)
}

fn patch(op: &str, members: &str) -> String {
    let schemas = r#"["urn:ietf:params:scim:api:messages:2.0:PatchOp"]"#;
    let operation = format!(r#"{{"op":"{op}","path":"members","value":[{members}]}}"#);
    format!(r#"{{"schemas":{schemas},"Operations":[{operation}]}}"#)
}

fn page(measurement: &Value, file: &str) -> String {
    let mut page = format!(
        "\nMade by `cargo xtask measure store` from [perf/{file}](perf/{file}). Commit {}, {}, {}. Medians.\n\n\
         *Directory* is the room alone; *request* is a whole request without a socket: access, reading, answer as bytes.\n\n\
         | | {} |\n| --- |{}\n",
        text(&measurement["commit"]),
        text(&measurement["taken_on"]),
        text(&measurement["machine"]),
        SIZES.map(|size| format!("{size} users")).join(" | "),
        " --- |".repeat(SIZES.len()),
    );
    let mut row = |title: &str, cell: &dyn Fn(usize) -> String| {
        let cells: Vec<String> = (0..SIZES.len()).map(cell).collect();
        let _ = writeln!(page, "| {title} | {} |", cells.join(" | "));
    };
    let directory = |at: usize, name: &str| &measurement["directory"][at][name];
    for (title, name) in [
        ("JSON text of a user", "text_bytes"),
        ("packed", "packed_bytes"),
        ("in memory, all indexes included", "resident_bytes"),
    ] {
        row(title, &|at| format!("{:.0} B", directory(at, name).as_f64().unwrap_or(f64::NAN)));
    }
    row("256 kept states, for the whole directory", &|at| {
        format!("{:.1} MB", directory(at, "kept_states_bytes").as_f64().unwrap_or(f64::NAN) / 1e6)
    });
    for (title, name) in [
        ("get by id", "get_by_id"),
        ("`userName eq`", "user_name_eq"),
        ("first page of 100", "first_page"),
        ("last page of 100", "last_page"),
        ("`title co`", "scan"),
        ("get by id while another thread scans", "get_during_scan"),
        ("commit of one user", "commit_of_one"),
        ("snapshot", "snapshot"),
        ("restore of a state from which ten users differ", "restore"),
    ] {
        row(&format!("directory: {title}"), &|at| time(directory(at, name)));
    }
    for (title, name) in [
        ("get by id", "get_by_id"),
        ("`userName eq`", "user_name_eq"),
        ("first page of 100", "first_page"),
        ("last page of 100", "last_page"),
        ("`title co`, first 100", "scan"),
        ("get by id while another thread scans", "get_during_scan"),
    ] {
        row(&format!("request: {title}"), &|at| time(&measurement["requests"][at][name]));
    }
    let _ = write!(page, "\n| group of {MEMBERS} members | directory | request |\n| --- | --- | --- |\n");
    for (title, name) in [
        ("PATCH `add` of one", "add"),
        ("PATCH `remove` by value path", "remove_by_path"),
        ("PATCH `remove` with a value list", "remove_by_value"),
        ("PATCH `replace` of all, one of them new", "replace_whole"),
        ("`members.value eq`", "group_of_member"),
        ("read whole", "read_whole"),
    ] {
        let [directory, request] = ["group_directory", "group_requests"].map(|part| time(&measurement[part][name]));
        let _ = writeln!(page, "| {title} | {directory} | {request} |");
    }
    let socket = |name: &str| measurement["group_socket"][name].as_u64().unwrap_or(0);
    let _ = write!(
        page,
        "\nAt the socket, with a workspace file and *acknowledged* durability, one such PATCH takes {} us (p99 {} us) and \
         leaves {} bytes in the file, request and answer included. The server with that file is ready after {} ms.\n",
        socket("p50_us"),
        socket("p99_us"),
        socket("record_bytes"),
        socket("start_ms"),
    );
    page
}

/// A median with the unit that fits.
fn time(times: &Value) -> String {
    match times["p50_ns"].as_f64() {
        None => "-".to_owned(),
        Some(ns) if ns < 1e3 => format!("{ns:.0} ns"),
        Some(ns) if ns < 1e6 => format!("{:.1} us", ns / 1e3),
        Some(ns) => format!("{:.1} ms", ns / 1e6),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
