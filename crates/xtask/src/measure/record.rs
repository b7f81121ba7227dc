//! `cargo xtask measure record`: a workspace with a million exchanges over ten thousand users: how it is written, opened and
//! searched.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{commit, machine, report, today};

const EXCHANGES: &str = "1000000";
const USERS: &str = "10000";

/// Measures, writes the raw file and the part of docs/performance.md about the record.
pub fn run(root: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("many.scimscope");
    let measurement = json!({
        "commit": commit(root)?,
        "taken_on": today()?,
        "machine": machine()?,
        "made": example(root, &file)?["made"],
        "measured": example(root, &file)?["measured"],
    });
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let name = format!("record-{}-{}.json", text(&measurement["taken_on"]), text(&measurement["commit"]));
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Record, &page(&measurement, &name))
}

/// What the example prints: made the first time, measured the second, each in a process of its own.
fn example(root: &Path, file: &Path) -> anyhow::Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--release", "--package", "journal", "--example", "many", "--"])
        .arg(file)
        .args([EXCHANGES, USERS])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        bail!("the example failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(printed.lines().last().unwrap_or_default()).context("what the example printed")
}

fn page(measurement: &Value, file: &str) -> String {
    let (made, measured) = (&measurement["made"], &measurement["measured"]);
    let number = |of: &Value, name: &str| of[name].as_f64().unwrap_or(f64::NAN);
    let exchanges = number(made, "exchanges");
    let index_bytes = number(made, "bytes_with_index") - number(made, "bytes");
    let mut page = format!(
        "\nMade by `cargo xtask measure record` from [perf/{file}](perf/{file}). Commit {}, {}, {}.\n\n\
         A workspace with {exchanges:.0} exchanges over {:.0} users. The log holds 256 MB of them; the others are read from the file.\n\n\
         | | |\n| --- | --- |\n",
        text(&measurement["commit"]),
        text(&measurement["taken_on"]),
        text(&measurement["machine"]),
        number(made, "users"),
    );
    let mut row = |what: &str, cell: String| {
        let _ = writeln!(page, "| {what} | {cell} |");
    };
    row("written, with the making of the exchanges", format!("{:.0}/s", number(made, "exchanges_per_second")));
    row("resident at most meanwhile", mib(number(made, "most_resident_kib")));
    row("bytes of an exchange in the file, without the index", format!("{:.0} B", number(made, "bytes") / exchanges));
    let indexed = number(made, "indexed_after");
    row("bytes of an exchange in the index", format!("{:.0} B", index_bytes / indexed));
    row("indexed while the writer had nothing to do", format!("{:.0}", number(made, "indexed_meanwhile")));
    row("indexed afterwards", format!("{indexed:.0}, {:.0}/s", indexed / number(made, "index_seconds")));
    row("open, with directories and the newest exchanges", format!("{:.0} ms", number(measured, "open_ms")));
    for page in measured["pages"].as_array().into_iter().flatten() {
        row(&format!("the {} page of 100", text(&page["page"])), format!("{:.1} ms", number(page, "ms")));
    }
    row("resident at most, opened and searched", mib(number(measured, "most_resident_kib")));
    page += "\nSearches, newest first: time to the first 100 hits, to the end of the record, and how many exchanges were read for it. \
             The second time of two; the raw file has both.\n\n\
             | search | query | hits | first 100 | all | read |\n| --- | --- | --- | --- | --- | --- |\n";
    for search in measured["searches"].as_array().into_iter().flatten() {
        let again = &search["again"];
        let all = again["all_ms"].as_f64();
        let _ = writeln!(
            page,
            "| {} | `{}` | {}{:.0} | {:.1} ms | {} | {:.0} |",
            text(&search["what"]),
            text(&search["query"]),
            if all.is_some() { "" } else { "over " },
            number(again, "hits"),
            number(again, "page_ms"),
            all.map_or("-".to_owned(), |all| format!("{all:.1} ms")),
            number(again, "asked"),
        );
    }
    page
}

fn mib(kib: f64) -> String {
    format!("{:.0} MiB", kib / 1024.0)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
