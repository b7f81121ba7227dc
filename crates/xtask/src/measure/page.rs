//! `cargo xtask measure page`: the page in Chromium, over a record of a million exchanges and under a steady load. The browser
//! itself tells its frames, its inputs and its memory (ui/measure).

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use super::{commit, machine, report, today};

/// Requests a second of the steady load.
const RATE: u32 = 2_000;

/// How the page is measured.
#[derive(Debug)]
pub struct Setup {
    /// How long the steady load lasts.
    pub seconds: u64,
    /// Exchanges in the long record.
    pub exchanges: u64,
    /// Where the programs are, if they are built already; the page is in them.
    pub programs: Option<PathBuf>,
    /// Only parts of which the name holds this: start, scroll, load, large body, large group.
    pub only: Option<String>,
}

/// Measures, writes the raw file and the part of docs/performance.md about the page; some parts only are printed.
#[allow(clippy::print_stdout)]
pub fn run(root: &Path, setup: &Setup) -> anyhow::Result<()> {
    let ui = root.join("ui");
    let programs = match &setup.programs {
        Some(programs) => std::fs::canonicalize(programs).context("there is no such folder of programs")?,
        None => {
            succeed(Command::new("npm").args(["run", "--silent", "build"]).current_dir(&ui))?;
            super::build(root)?
        }
    };
    let folder = tempfile::tempdir()?;
    let long = folder.path().join("long.scimscope");
    let needed =
        setup.only.as_ref().is_none_or(|only| ["start", "scroll"].iter().any(|part| part.contains(only.as_str())));
    if needed {
        let many = programs.join("examples/many");
        let mut command = match many.exists() {
            true => Command::new(many),
            false => {
                let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                command.args(["run", "--release", "--quiet", "--package", "journal", "--example", "many", "--"]);
                command
            }
        };
        succeed(command.arg(&long).arg(setup.exchanges.to_string()).current_dir(root))?;
    }
    let figures = folder.path().join("figures.json");
    let mut command = Command::new("npx");
    command.args(["playwright", "test", "--config", "playwright.measure.config.ts"]);
    if let Some(only) = &setup.only {
        command.args(["--grep", only]);
    }
    succeed(
        command
            .env("SCIMSCOPE_BIN", programs.join("scimscope"))
            .env("SCIMSCOPE_LOAD", std::env::current_exe()?)
            .env("SCIMSCOPE_LONG", &long)
            .env("SCIMSCOPE_MEASURED", &figures)
            .env("SCIMSCOPE_RATE", RATE.to_string())
            .env("SCIMSCOPE_SECONDS", setup.seconds.to_string())
            .current_dir(&ui),
    )?;
    if setup.only.is_some() {
        println!("{}", std::fs::read_to_string(&figures)?);
        return Ok(());
    }
    let mut measurement: Value = serde_json::from_str(&std::fs::read_to_string(&figures)?)?;
    measurement["commit"] = commit(root)?.into();
    measurement["taken_on"] = today()?.into();
    measurement["machine"] = machine()?.into();
    let name = format!("page-{}-{}.json", text(&measurement["taken_on"]), text(&measurement["commit"]));
    let folder = root.join("docs/perf");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(&name), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Page, &page(&measurement, &name))
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{command:?} could not be run"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn page(measurement: &Value, file: &str) -> String {
    let mut page = format!(
        "\nMade by `cargo xtask measure page` from [perf/{file}](perf/{file}). Commit {}, {}, {}. Chromium without a graphics \
         processor, on the same machine as the server and the load, so all of them share its cores.\n\n\
         *Frame* is the time from the start of one frame to the start of the next, as the browser gives it to the page; a frame at \
         60 Hz takes 16.7 ms. *Input* is the browser's event timing: from a key or a wheel to the frame that shows what it did. \
         *Longest task* is processor time of the page's thread: what no other load of the machine makes longer.\n\n",
        text(&measurement["commit"]),
        text(&measurement["taken_on"]),
        text(&measurement["machine"])
    );
    let load = &measurement["load"];
    let _ = writeln!(page, "| | frames | p50 | p99 | worst | input p99 | worst | longest task |");
    let _ = writeln!(page, "| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (name, frames) in [
        (format!("wheel over {} exchanges", measurement["scroll"]["exchanges"]), &measurement["scroll"]["wheel"]),
        (format!("jumps of the scroll bar over {}", measurement["scroll"]["exchanges"]), &measurement["scroll"]["bar"]),
        (
            format!(
                "{} exchanges a second arriving for {} s, while scrolling, typing and going from row to row",
                load["rate"], load["seconds"]
            ),
            &load["frames"],
        ),
    ] {
        let (intervals, inputs) = (&frames["intervals"], &frames["inputs"]);
        let _ = writeln!(
            page,
            "| {name} | {} | {} ms | {} ms | {} ms | {} ms | {} ms | {} ms |",
            intervals["count"],
            intervals["p50"],
            intervals["p99"],
            intervals["worst"],
            inputs["p99"],
            inputs["worst"],
            frames["longest_task"]
        );
    }
    let _ = writeln!(
        page,
        "\nOf {} exchanges that were answered under that load, {} were missing in the list. The page held {} MB of script memory \
         before, {} after it, and {} after scrolling over the long record; a jump anywhere in that shows its rows after {} ms.\n",
        load["given"]["answered"],
        load["missing"].as_array().map_or(0, Vec::len),
        megabytes(&load["before"]["heap_bytes"]),
        megabytes(&load["after"]["heap_bytes"]),
        megabytes(&measurement["scroll"]["memory"]["heap_bytes"]),
        measurement["scroll"]["jump_to_rows_ms"],
    );
    let opened = measurement["large_body"]["opened"].as_array().map(Vec::as_slice).unwrap_or_default();
    let opened = opened.iter().map(|view| {
        let frames = &view["frames"]["intervals"];
        format!("{} {} ms (longest frame {} ms)", text(&view["view"]), view["first_text_ms"], frames["worst"])
    });
    let _ = writeln!(
        page,
        "A body of {} MB, from the key to its first text: {}.\n",
        megabytes(&measurement["large_body"]["bytes"]),
        opened.collect::<Vec<_>>().join(", ")
    );
    let group = &measurement["large_group"];
    let opened = group["opened"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(|view| {
        let frames = &view["frames"]["intervals"];
        format!("{} {} ms (longest frame {} ms)", text(&view["view"]), view["shown_ms"], frames["worst"])
    });
    let _ = writeln!(
        page,
        "A group of {} members, from the address to what was asked for: {}. While its members are scrolled and searched, frames take {} ms \
         at the worst (p99 {} ms).\n",
        group["members"],
        opened.collect::<Vec<_>>().join(", "),
        group["scrolled"]["intervals"]["worst"],
        group["scrolled"]["intervals"]["p99"],
    );
    let _ = writeln!(
        page,
        "From the start of the process to a window that can be used: {} ms with an empty workspace, {} ms with {} exchanges; the \
         server itself is ready after {} and {} ms.",
        measurement["start_empty"]["usable_ms"],
        measurement["start_long"]["usable_ms"],
        measurement["start_long"]["exchanges"],
        measurement["start_empty"]["ready_ms"],
        measurement["start_long"]["ready_ms"],
    );
    page
}

fn megabytes(bytes: &Value) -> String {
    format!("{:.1}", bytes.as_f64().unwrap_or_default() / 1e6)
}
