//! docs/performance.md from a raw file.

use std::fmt::Write;
use std::path::Path;

use super::{Measurement, Row, load::Run};

/// The parts of the page, each made by a run of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `cargo xtask measure`.
    Requests,
    /// `cargo xtask measure store`.
    Store,
    /// `cargo xtask measure record`.
    Record,
    /// `cargo xtask measure replay`.
    Replay,
    /// `cargo xtask measure proxy`.
    Proxy,
    /// `cargo xtask measure page`.
    Page,
    /// `cargo xtask measure instructions`.
    Instructions,
    /// `cargo xtask measure desktop`.
    Desktop,
    /// `cargo xtask measure files`.
    Files,
}

/// In the order of the page; the first begins it.
const PARTS: [(Part, &str); 9] = [
    (Part::Requests, "# Performance\n"),
    (
        Part::Instructions,
        "
## Where the time goes
",
    ),
    (
        Part::Store,
        "
## Store
",
    ),
    (
        Part::Record,
        "
## Record
",
    ),
    (Part::Replay, "\n## Replay\n"),
    (Part::Proxy, "\n## Proxy\n"),
    (Part::Page, "\n## Page\n"),
    (Part::Desktop, "\n## Desktop\n"),
    (Part::Files, "\n## Files\n"),
];

/// Writes one part of docs/performance.md and leaves the others as they are.
pub fn write(root: &Path, part: Part, text: &str) -> anyhow::Result<()> {
    let path = root.join("docs/performance.md");
    let mut rest = std::fs::read_to_string(&path).unwrap_or_default();
    let mut texts = Vec::new();
    for (part, heading) in PARTS.iter().rev() {
        let (before, found) = rest.split_once(heading).map_or((rest.as_str(), ""), |(before, found)| (before, found));
        texts.push((*part, *heading, found.to_owned()));
        rest = before.to_owned();
    }
    let mut page = String::new();
    for (which, heading, found) in texts.into_iter().rev() {
        let found = if which == part { text.strip_prefix(heading).unwrap_or(text) } else { &found };
        if !found.trim().is_empty() {
            page = format!("{}\n{heading}{}\n", page.trim_end(), found.trim_end());
        }
    }
    Ok(std::fs::write(path, page.trim_start())?)
}

/// The part about requests.
pub fn page(measurement: &Measurement, file: &str) -> String {
    let seconds = measurement.seconds;
    let budget = measurement.disk_budget.iter().map(|budget| format!(" --disk-budget {budget}")).collect::<String>();
    let mut page = format!(
        "# Performance\n\n\
         Made by `cargo xtask measure requests --seconds {seconds}{budget}` from [perf/{file}](perf/{file}); a figure without its raw file does not count.\n\n\
         - Commit {}, {}, {}.\n\
         - Load: `wrk` with {} connections on the same machine, so it takes its share of the cores; {seconds} seconds a figure, every\n  \
           request recorded, no errors.\n\
         - *Bare* is an axum server that parses the body as JSON and answers a body of the same size, nothing else.\n\
         - *Temporary* is `scimscope serve`; *acknowledged* is `scimscope serve FILE`, where an answer leaves after its record is\n  \
           in the file's write-ahead log. 1,000 users in the directory.\n\n\
         ## Throughput and latency\n\n\
         The mix is 45 % filter, 20 % get, 15 % PATCH, 17 % create and 3 % list of 100 users. *File* is by how much the workspace\n\
         file of the acknowledged run grew for each exchange, changes of the directory included.\n\n\
         | request | answer | bare | temporary | ratio | acknowledged | ratio | p50 bare / temporary / acknowledged | p99 bare / temporary / acknowledged | p99 ratio | file |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
        measurement.commit, measurement.taken_on, measurement.machine, measurement.connections,
    );
    page.extend(measurement.rows.iter().map(line));
    if let Some(budget) = &measurement.disk_budget {
        let taken =
            measurement.rows.last().and_then(|row| Some(row.acknowledged.answers * row.file_bytes? / 1_000_000));
        let _ = write!(
            page,
            "\nThe disk budget was {budget}: pruning is included. What the last acknowledged run has recorded would take {} MB \
             without it. *File* was measured without the budget, in a shorter run.\n",
            taken.unwrap_or_default(),
        );
    }
    let mut ready = measurement.start.ready_ms.clone();
    ready.sort_unstable();
    let _ = write!(
        page,
        "\n## Start\n\n`scimscope serve` on an empty workspace: ready line after {} ms (median of {}; from {} to {} ms), {:.1} MiB resident then.\n",
        ready[ready.len() / 2],
        ready.len(),
        ready[0],
        ready[ready.len() - 1],
        measurement.start.resident_kib as f64 / 1024.0,
    );
    page
}

/// The line of the table about a row.
pub fn line(row: &Row) -> String {
    let Row { kind, answer_bytes, bare, temporary, acknowledged, file_bytes } = row;
    let times = |pick: fn(&Run) -> f64| {
        let ms = [bare, temporary, acknowledged].map(|run| format!("{:.1}", pick(run) / 1000.0));
        format!("{} ms", ms.join(" / "))
    };
    let answer = match answer_bytes.as_slice() {
        [one] => format!("{one} B"),
        _ => String::new(),
    };
    format!(
        "| {kind} | {answer} | {:.0}/s | {:.0}/s | {:.2} | {:.0}/s | {:.2} | {} | {} | {:.1} / {:.1} | {} |\n",
        bare.per_second,
        temporary.per_second,
        temporary.per_second / bare.per_second,
        acknowledged.per_second,
        acknowledged.per_second / bare.per_second,
        times(|run| run.p50_us),
        times(|run| run.p99_us),
        temporary.p99_us / bare.p99_us,
        acknowledged.p99_us / bare.p99_us,
        file_bytes.map(|bytes| format!("{bytes} B")).unwrap_or_default(),
    )
}
