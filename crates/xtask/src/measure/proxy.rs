//! `cargo xtask measure proxy`: what a recording proxy adds to a request on this machine.

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::load::{KINDS, Load, Mix, Run};
use super::subject::Subject;
use super::{build, commit, machine, report, today};

/// One kind of request, asked of the server and of the proxy in front of it.
#[derive(Debug, Serialize, Deserialize)]
struct Row {
    kind: String,
    connections: usize,
    direct: Run,
    proxied: Run,
}

#[derive(Debug, Serialize, Deserialize)]
struct Measurement {
    commit: String,
    taken_on: String,
    machine: String,
    seconds: u64,
    rows: Vec<Row>,
}

/// Measures, writes the raw file and the part of docs/performance.md about the proxy.
#[allow(clippy::print_stdout)]
pub fn run(root: &Path, seconds: u64) -> anyhow::Result<()> {
    let program = build(root)?.join("scimscope");
    let mut rows = Vec::new();
    for kind in KINDS.iter().filter(|kind| ["get by id", "filter userName eq", "patch"].contains(&kind.name)) {
        let mix = Mix { name: kind.name, parts: vec![(100, *kind)] };
        for connections in [1, 8] {
            let mut behind = Subject::start(&program, None)?;
            behind.fill()?;
            let front = Subject::start(&program, None)?.with_ids(behind.ids().to_vec());
            let upstream = json!({ "url": behind.base() }).to_string();
            front.call("PUT", "/tenants/default/upstream", &upstream)?;
            let load = Load { seconds, connections };
            let direct = load.run(&behind.target(&mix))?;
            let proxied = load.run(&front.target(&mix))?;
            let row = Row { kind: kind.name.to_owned(), connections, direct, proxied };
            println!("{}", line(&row).trim_end());
            rows.push(row);
        }
    }
    let measurement = Measurement { commit: commit(root)?, taken_on: today()?, machine: machine()?, seconds, rows };
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let name = format!("proxy-{}-{}.json", measurement.taken_on, measurement.commit);
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Proxy, &page(&measurement, &name))
}

fn page(measurement: &Measurement, file: &str) -> String {
    let Measurement { commit, taken_on, machine, seconds, rows } = measurement;
    let mut page = format!(
        "\nMade by `cargo xtask measure proxy` from [perf/{file}](perf/{file}). Commit {commit}, {taken_on}, {machine}.\n\n\
         The same requests at a mock and at a proxy in front of it, each a process of its own with a temporary workspace, {seconds} s a \
         figure. Both record, and load, mock and proxy share the machine.\n\n\
         | request | connections | direct p50 | proxied p50 | added | direct p99 | proxied p99 | proxied |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    rows.iter().for_each(|row| page.push_str(&line(row)));
    page
}

fn line(row: &Row) -> String {
    let Row { kind, connections, direct, proxied } = row;
    let ms = |us: f64| us / 1000.0;
    let mut line = String::new();
    let _ = writeln!(
        line,
        "| {kind} | {connections} | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.2} ms | {:.0}/s |",
        ms(direct.p50_us),
        ms(proxied.p50_us),
        ms(proxied.p50_us - direct.p50_us),
        ms(direct.p99_us),
        ms(proxied.p99_us),
        proxied.per_second,
    );
    line
}
