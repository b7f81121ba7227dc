//! `cargo xtask measure replay`: a workspace of ten thousand exchanges is replayed at another server, beside `wrk` with the same mix of
//! requests and as many connections at a server of the same kind.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use super::load::{Load, mixes};
use super::subject::{Subject, TOKEN};
use super::{commit, machine, report, today};

/// Exchanges of the workspace, those that fill the directory among them.
const EXCHANGES: usize = 10_000;
/// Requests at once, and connections of `wrk`.
const WORKERS: [usize; 2] = [8, 64];

/// Measures, writes the raw file and the part of docs/performance.md about replays.
pub fn run(root: &Path, seconds: u64) -> anyhow::Result<()> {
    let program = super::build(root)?.join("scimscope");
    let mixes = mixes();
    let mix = mixes.iter().find(|mix| mix.name == "mix").context("the mix")?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("recorded.scimscope");
    let recorded = recorded(&program, &file)?;
    let mut rows = Vec::new();
    for workers in WORKERS {
        // A player of its own for each figure, so that what one run leaves in memory is not counted for the next.
        let player = Subject::start(&program, Some(&file))?;
        let target = Subject::start(&program, None)?;
        let before_kib = player.memory_kib("VmRSS:")?;
        let run = replay(&player, &target, workers)?;
        let (after_kib, most_kib) = (player.memory_kib("VmRSS:")?, player.memory_kib("VmHWM:")?);
        drop((player, target));
        let mut loaded = Subject::start(&program, None)?;
        loaded.fill()?;
        let wrk = Load { seconds, connections: workers }.run(&loaded.target(mix))?;
        let per_second = recorded as f64 / run.as_secs_f64();
        rows.push(json!({
            "workers": workers,
            "replay_ms": run.as_millis() as u64,
            "replay_per_second": per_second,
            "wrk_per_second": wrk.per_second,
            "ratio": per_second / wrk.per_second,
            "memory_before_kib": before_kib,
            "memory_after_kib": after_kib,
            "memory_most_kib": most_kib,
        }));
    }
    let measurement = json!({
        "commit": commit(root)?,
        "taken_on": today()?,
        "machine": machine()?,
        "exchanges": recorded,
        "seconds": seconds,
        "rows": rows,
    });
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    let name = format!("replay-{}-{}.json", text(&measurement["taken_on"]), text(&measurement["commit"]));
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Replay, &page(&measurement, &name))
}

/// Makes the workspace, and tells how many exchanges it has.
fn recorded(program: &Path, file: &Path) -> anyhow::Result<usize> {
    let mut server = Subject::start(program, Some(file))?;
    server.fill()?;
    let mixes = mixes();
    let mix = mixes.iter().find(|mix| mix.name == "mix").context("the mix")?;
    let ids = server.ids().to_vec();
    let (mut sent, mut chance) = (ids.len(), 1u64);
    // The same numbers in every run (Knuth's MMIX generator).
    let mut draw = |below: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) as usize % below
    };
    while sent < EXCHANGES {
        let mut at = draw(100) as u32;
        let mut kind = mix.parts[0].1;
        for (share, part) in &mix.parts {
            kind = *part;
            if at < *share {
                break;
            }
            at -= share;
        }
        let filled = |text: &str, id: &str, k: usize| {
            text.replace("{id}", id).replace("{k}", &k.to_string()).replace("{n}", &sent.to_string())
        };
        let (id, k) = (&ids[draw(ids.len())], draw(1000));
        server.send(kind.method, &filled(kind.path, id, k), &filled(kind.body, id, k))?;
        sent += 1;
    }
    Ok(sent)
}

/// Replays everything that the player has recorded. The answers have to be the same.
#[expect(clippy::disallowed_methods, reason = "a run is asked for again and again, as clients of the API do")]
fn replay(player: &Subject, target: &Subject, workers: usize) -> anyhow::Result<Duration> {
    let call = json!({
        "source": { "kind": "query", "q": "" },
        "target": { "kind": "url", "url": target.base(), "credentials": { "kind": "bearer", "token": TOKEN } },
        "workers": workers,
    });
    let begun = Instant::now();
    let started: Value = serde_json::from_slice(&player.call("POST", "/replays", &call.to_string())?)?;
    let (id, job) = (started["id"].as_u64().context("a run")?, started["job"].as_u64().context("a job")?);
    loop {
        std::thread::sleep(Duration::from_millis(20));
        // The job says only whether it goes on; to read the run takes the player time from what is measured.
        let went: Value = serde_json::from_slice(&player.call("GET", &format!("/jobs/{job}"), "")?)?;
        let took = begun.elapsed();
        if went["state"] == "running" {
            ensure!(took < Duration::from_secs(600), "the replay does not end");
            continue;
        }
        let page: Value = serde_json::from_slice(&player.call("GET", &format!("/replays/{id}?limit=1"), "")?)?;
        let run = &page["run"];
        if run["state"] != "complete" {
            bail!("the replay ended as {}: {}", run["state"], run["problem"]);
        }
        // Lists of everything are in the order of creation, which is the target's own with several workers.
        let same = run["verdicts"]["same"].as_u64().unwrap_or_default();
        let steps = run["counts"]["steps"].as_u64().unwrap_or_default();
        ensure!(same * 100 >= steps * 95, "only {same} of {steps} answers are the same");
        return Ok(took);
    }
}

fn page(measurement: &Value, file: &str) -> String {
    let mut page = format!(
        "\nMade by `cargo xtask measure replay` from [perf/{file}](perf/{file}). Commit {}, {}, {}.\n\n\
         A workspace file of {} exchanges (1,000 users are created, then the mix from above) is replayed at an empty server, which is on the same\n\
         machine, as is `wrk`; planning, judging and keeping the run included. Memory is that of the server that replays.\n\n\
         | requests at once | replay | wrk | ratio | memory before | at most |\n| --- | --- | --- | --- | --- | --- |\n",
        text(&measurement["commit"]),
        text(&measurement["taken_on"]),
        text(&measurement["machine"]),
        measurement["exchanges"],
    );
    for row in measurement["rows"].as_array().into_iter().flatten() {
        let number = |name: &str| row[name].as_f64().unwrap_or_default();
        page += &format!(
            "| {} | {:.0}/s | {:.0}/s | {:.2} | {:.0} MiB | {:.0} MiB |\n",
            row["workers"],
            number("replay_per_second"),
            number("wrk_per_second"),
            number("ratio"),
            number("memory_before_kib") / 1024.0,
            number("memory_most_kib") / 1024.0,
        );
    }
    page
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
