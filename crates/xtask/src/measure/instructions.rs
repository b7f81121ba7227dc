//! `cargo xtask measure instructions`: how many instructions a request takes, and where. Counted by callgrind, so that the
//! figures are the same on a busy machine, and CI can compare them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use serde::{Deserialize, Serialize};

use super::load::{KINDS, Kind};
use super::subject::TOKEN;
use super::{commit, machine, report, today};

const USERS: usize = 1000;
/// As many as wrk has: so many exchanges share a transaction of the workspace file.
const CONNECTIONS: usize = 64;
/// Requests of each kind; lists are long.
const REQUESTS: usize = 1024;
const LISTS: usize = 128;
/// How much more than recorded is too much.
const TOO_MUCH: f64 = 1.1;
const FILE: &str = "docs/perf/instructions.json";

const INDEX: &str = "index for searches, when idle";

/// What functions do, with everything that they call. A name with a star stands for the one of the functions beginning so
/// that takes most: the outermost, whatever the compiler has made of the others.
const PARTS: [(&str, &[&str]); 7] = [
    ("reading the request", &["provider::provider::Provider::prepare"]),
    ("carrying it out", &["provider::prepare::Prepared::execute"]),
    ("tap and record", &["listener::tap::Tap<S>::record", "listener::tap::Tap<S>::written"]),
    ("annotation", &["app::annotate::*"]),
    ("packing for the file", &["journal::pack::*"]),
    ("writing the file", &["journal::writer::*"]),
    (INDEX, &["journal::search::index::*"]),
];

/// What was counted.
#[derive(Debug, Serialize, Deserialize)]
struct Counts {
    commit: String,
    taken_on: String,
    machine: String,
    /// By kind of request.
    kinds: BTreeMap<String, Count>,
}

/// Instructions of one exchange.
#[derive(Debug, Serialize, Deserialize)]
struct Count {
    total: u64,
    /// By part.
    parts: BTreeMap<String, u64>,
}

/// Counts; writes docs/perf/instructions.json and its part of docs/performance.md, or compares with that file.
#[allow(clippy::print_stdout)]
pub fn run(root: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let program = build(root)?;
    let folder = tempfile::tempdir()?;
    let mut server = Counted::start(&program, folder.path())?;
    let mut kinds = BTreeMap::new();
    for kind in &KINDS {
        let count = server.count(kind)?;
        println!("{}: {} instructions", kind.name, count.total);
        kinds.insert(kind.name.to_owned(), count);
    }
    drop(server);
    let file = root.join(FILE);
    if check {
        let recorded: Counts = serde_json::from_str(&std::fs::read_to_string(&file)?)?;
        let mut code = ExitCode::SUCCESS;
        for (kind, count) in &kinds {
            let before = recorded.kinds.get(kind).with_context(|| format!("{FILE} has no {kind}"))?.total;
            if count.total as f64 > before as f64 * TOO_MUCH {
                println!("{kind} takes {} instructions; {before} are recorded", count.total);
                code = ExitCode::FAILURE;
            }
        }
        return Ok(code);
    }
    let counts = Counts { commit: commit(root)?, taken_on: today()?, machine: machine()?, kinds };
    std::fs::write(&file, serde_json::to_string_pretty(&counts)? + "\n")?;
    report::write(root, report::Part::Instructions, &page(&counts))?;
    Ok(ExitCode::SUCCESS)
}

fn page(counts: &Counts) -> String {
    let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
    let mut page = format!(
        "\nMade by `cargo xtask measure instructions` from [perf/instructions.json](perf/instructions.json): instructions of one \
         exchange, counted by callgrind in a release build with a workspace file and *acknowledged* durability, {CONNECTIONS} \
         connections, {USERS} users. The kernel's part is not in them. Commit {}, {}. `--check` fails if one takes a tenth more.\n\n\
         | | {} |\n| --- |{}\n",
        counts.commit,
        counts.taken_on,
        names.join(" | "),
        " --- |".repeat(names.len()),
    );
    let of =
        |kind: &str, part: &str| counts.kinds.get(kind).and_then(|count| count.parts.get(part)).copied().unwrap_or(0);
    let row = |part: &str| {
        let cells: Vec<String> = names.iter().map(|kind| of(kind, part).to_string()).collect();
        format!("| {part} | {} |\n", cells.join(" | "))
    };
    let parts = PARTS.iter().map(|(part, _)| *part).filter(|part| *part != INDEX);
    page.extend(parts.chain(["HTTP and the rest"]).map(row));
    let totals: Vec<String> =
        names.iter().map(|kind| counts.kinds.get(*kind).map_or(0, |count| count.total).to_string()).collect();
    let _ = writeln!(page, "| **all** | {} |", totals.join(" | "));
    page + &row(INDEX)
}

/// Builds the program as for release, with what names its functions.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(["build", "--profile", "profiling", "--package", "cli"]).current_dir(root).status()?;
    ensure!(status.success(), "the build failed");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("profiling/scimscope"))
}

/// A server whose instructions are counted.
struct Counted {
    process: Child,
    folder: PathBuf,
    connections: Vec<BufReader<TcpStream>>,
    head: String,
    ids: Vec<String>,
    /// Grows with each request that has a body.
    number: usize,
    dumps: usize,
}

#[derive(Deserialize)]
struct Ready {
    scim: String,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl Counted {
    fn start(program: &Path, folder: &Path) -> anyhow::Result<Counted> {
        let mut process = Command::new("valgrind")
            .args(["--quiet", "--tool=callgrind", "--separate-threads=yes"])
            .arg(format!("--callgrind-out-file={}", folder.join("counts").display()))
            .arg(program)
            .arg("serve")
            .arg(folder.join("measure.scimscope"))
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--token", TOKEN])
            .env("SCIMSCOPE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("valgrind could not be run; install the package valgrind")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("piped")?).read_line(&mut line)?;
        let ready: Ready = serde_json::from_str(&line).context("the ready line")?;
        let address = ready.scim.split('/').nth(2).context("an address")?.to_owned();
        let connect = || -> anyhow::Result<_> {
            let stream = TcpStream::connect(&address)?;
            stream.set_nodelay(true)?;
            Ok(BufReader::new(stream))
        };
        let connections = (0..CONNECTIONS).map(|_| connect()).collect::<anyhow::Result<Vec<_>>>()?;
        let head =
            format!("Host: {address}\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/scim+json\r\n");
        let folder = folder.to_owned();
        let mut server = Counted { process, folder, connections, head, ids: Vec::new(), number: 0, dumps: 0 };
        let user = |n: usize| {
            format!(
                r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user.{n}@example.com","active":true,"displayName":"User {n}","name":{{"givenName":"User","familyName":"Number {n}"}},"emails":[{{"value":"user.{n}@example.com","type":"work","primary":true}}]}}"#
            )
        };
        let users: Vec<String> = (0..USERS).map(|n| server.message("POST", "/Users", &user(n))).collect();
        for answer in server.exchange(&users)? {
            let created: serde_json::Value = serde_json::from_slice(&answer)?;
            server.ids.push(created["id"].as_str().context("an id")?.to_owned());
        }
        Ok(server)
    }

    /// Counts the instructions of an exchange of this kind.
    fn count(&mut self, kind: &Kind) -> anyhow::Result<Count> {
        let requests = if kind.path.contains("count=100") { LISTS } else { REQUESTS };
        let messages: Vec<String> = (0..requests)
            .map(|at| {
                self.number += 1;
                // Users in an order without a pattern, the same in every run.
                let user = at * 617 % USERS;
                let fill = |text: &str| {
                    let text = text.replace("{n}", &self.number.to_string()).replace("{k}", &user.to_string());
                    text.replace("{id}", &self.ids[user])
                };
                self.message(kind.method, &fill(kind.path), &fill(kind.body))
            })
            .collect();
        self.settle();
        self.control("--zero")?;
        self.exchange(&messages)?;
        self.settle();
        self.control("--dump")?;
        let mut count = Count { total: 0, parts: BTreeMap::new() };
        for file in self.new_dumps()? {
            let (total, functions) = inclusive(&file)?;
            count.total += total;
            for (part, names) in PARTS {
                let here: u64 = names.iter().map(|name| of_function(&functions, name)).sum();
                *count.parts.entry(part.to_owned()).or_default() += here;
            }
        }
        // Packing is a part of writing. Marking numbers as stale is the writer's, but small.
        let packing = count.parts["packing for the file"];
        count
            .parts
            .entry("writing the file".to_owned())
            .and_modify(|writing| *writing = writing.saturating_sub(packing));
        // How much of the index is made meanwhile is chance; it is told, and no part of what an exchange takes.
        count.total = count.total.saturating_sub(count.parts[INDEX]);
        let named: u64 = count.parts.iter().filter(|(part, _)| *part != INDEX).map(|(_, here)| here).sum();
        count.parts.insert("HTTP and the rest".to_owned(), count.total.saturating_sub(named));
        let requests = requests as u64;
        count.total /= requests;
        count.parts.values_mut().for_each(|part| *part /= requests);
        Ok(count)
    }

    fn message(&self, method: &str, path: &str, body: &str) -> String {
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        format!("{method} /scim/v2{path} HTTP/1.1\r\n{}{length}\r\n{body}", self.head)
    }

    /// Sends requests, one on each connection at a time, and gives the bodies of the answers.
    fn exchange(&mut self, messages: &[String]) -> anyhow::Result<Vec<Vec<u8>>> {
        let mut bodies = Vec::with_capacity(messages.len());
        for round in messages.chunks(CONNECTIONS) {
            for (connection, message) in self.connections.iter_mut().zip(round) {
                connection.get_mut().write_all(message.as_bytes())?;
            }
            for connection in self.connections.iter_mut().take(round.len()) {
                bodies.push(answer(connection)?);
            }
        }
        Ok(bodies)
    }

    /// Gives the server time to write down what came; nothing is asserted about how long.
    #[expect(clippy::disallowed_methods, reason = "there is nothing here to await the server with")]
    fn settle(&self) {
        std::thread::sleep(Duration::from_secs(2));
    }

    fn control(&self, what: &str) -> anyhow::Result<()> {
        let output = Command::new("callgrind_control").arg(what).arg(self.process.id().to_string()).output()?;
        ensure!(output.status.success(), "callgrind_control {what}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// The files of the last dump, one for each thread.
    fn new_dumps(&mut self) -> anyhow::Result<Vec<PathBuf>> {
        self.dumps += 1;
        let number = format!("counts.{}-", self.dumps);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&number)) {
                files.push(path);
            }
        }
        ensure!(!files.is_empty(), "callgrind has dumped nothing");
        Ok(files)
    }
}

/// The instructions of a function of [`PARTS`].
fn of_function(functions: &BTreeMap<String, u64>, name: &str) -> u64 {
    match name.strip_suffix('*') {
        Some(start) => {
            let named = functions.iter().filter(|(function, _)| function.starts_with(start));
            named.map(|(_, count)| *count).max().unwrap_or(0)
        }
        None => functions.get(name).copied().unwrap_or(0),
    }
}

/// Reads one answer and gives its body.
fn answer(connection: &mut BufReader<TcpStream>) -> anyhow::Result<Vec<u8>> {
    let (mut line, mut length, mut first) = (String::new(), 0, true);
    loop {
        line.clear();
        ensure!(connection.read_line(&mut line)? > 0, "the server has closed the connection");
        let text = line.trim_end();
        if std::mem::take(&mut first) && !text.starts_with("HTTP/1.1 2") {
            bail!("the answer is {text}");
        }
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse()?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body)?;
    Ok(body)
}

/// The instructions in a dump, and those of each function with everything that it calls.
fn inclusive(file: &Path) -> anyhow::Result<(u64, BTreeMap<String, u64>)> {
    let output = Command::new("callgrind_annotate")
        .args(["--inclusive=yes", "--threshold=100", "--auto=no"])
        .arg(file)
        .output()?;
    ensure!(output.status.success(), "callgrind_annotate: {}", String::from_utf8_lossy(&output.stderr));
    let (mut total, mut functions) = (0, BTreeMap::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((number, rest)) = line.trim_start().split_once(' ') else { continue };
        let Ok(number) = number.replace(',', "").parse::<u64>() else { continue };
        if rest.contains("PROGRAM TOTALS") {
            total = number;
            continue;
        }
        // "(12.3%)  file:function [object]". What is inlined into a function is told once more under another file.
        let Some((_, place)) = rest.split_once("  ") else { continue };
        let place = place.rsplit_once(" [").map_or(place, |(place, _)| place).trim();
        let function = place.split_once(".rs:").map_or(place, |(_, function)| function);
        let known: &mut u64 = functions.entry(function.to_owned()).or_default();
        *known = number.max(*known);
    }
    Ok((total, functions))
}
