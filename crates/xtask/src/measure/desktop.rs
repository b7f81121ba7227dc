//! `cargo xtask measure desktop`: from the start of the process to the window with the page in it, what it takes, how large it is.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{AtomEnum, ConnectionExt, MapState, Window};
use x11rb::rust_connection::RustConnection;

use super::{commit, machine, report, today};

/// A start that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// A window with the page in it is left alone for so long before its memory is read.
const SETTLED: Duration = Duration::from_secs(2);

/// Starts the release build so many times on a display of its own, after one start that is not counted; writes the raw file and its
/// part of docs/performance.md.
/// With a folder of programs it builds nothing and measures what is there.
pub fn run(root: &Path, rounds: u32, programs: Option<&Path>) -> anyhow::Result<()> {
    let programs = match programs {
        Some(programs) => programs.to_owned(),
        None => build(root)?,
    };
    let program = programs.join("scimscope-desktop");
    let size = std::fs::metadata(&program).with_context(|| format!("{} is not there", program.display()))?.len();
    let (mut display, name) = display()?;
    let home = tempfile::tempdir()?;
    let measured: anyhow::Result<Vec<Value>> =
        (0..=rounds).map(|_| start(&program, &name, home.path())).skip(1).collect();
    let _ = display.kill();
    let _ = display.wait();
    let rounds = measured?;
    let measurement = json!({
        "commit": commit(root)?,
        "taken_on": today()?,
        "machine": machine()?,
        "program_bytes": size,
        "rounds": rounds,
    });
    let file = format!("desktop-{}-{}.json", today()?, commit(root)?);
    std::fs::write(root.join("docs/perf").join(&file), serde_json::to_string_pretty(&measurement)? + "\n")?;
    report::write(root, report::Part::Desktop, &page(&measurement, &file))
}

/// Builds the page and the app for release; the result is the folder of the programs.
fn build(root: &Path) -> anyhow::Result<PathBuf> {
    let page = Command::new("npm").args(["run", "--silent", "build"]).current_dir(root.join("ui")).status()?;
    if !page.success() {
        bail!("the page does not build");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--package", "scimscope-desktop"])
        .current_dir(root)
        .status()?;
    if !status.success() {
        bail!("the desktop app does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release"))
}

/// A display, and its name.
fn display() -> anyhow::Result<(Child, String)> {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("Xvfb is not installed")?;
    let mut number = String::new();
    BufReader::new(child.stdout.take().context("no output")?).read_line(&mut number)?;
    Ok((child, format!(":{}", number.trim())))
}

fn start(program: &Path, display: &str, home: &Path) -> anyhow::Result<Value> {
    let (connection, screen) = RustConnection::connect(Some(display))?;
    let top = connection.setup().roots[screen].root;
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0"]).env("DISPLAY", display).env("HOME", home);
    for (name, folder) in [("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config")] {
        command.env(name, home.join(folder));
    }
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent").env_remove("WAYLAND_DISPLAY");
    let began = Instant::now();
    let mut child = command.stderr(Stdio::null()).spawn()?;
    // The window is shown when the page has its state and its menu.
    while !shown(&connection, top) {
        if began.elapsed() > PATIENCE || child.try_wait()?.is_some() {
            let _ = child.kill();
            bail!("no window appeared");
        }
        std::thread::park_timeout(LOOK_EVERY);
    }
    let usable = began.elapsed();
    std::thread::park_timeout(SETTLED);
    let memory = memory(child.id());
    let ending = Instant::now();
    Command::new("kill").arg(child.id().to_string()).status()?;
    let status = child.wait()?;
    Ok(json!({
        "usable_ms": usable.as_millis() as u64,
        "resident_kib": memory,
        "ended_ms": ending.elapsed().as_millis() as u64,
        "ended_well": status.success(),
    }))
}

fn shown(connection: &RustConnection, top: Window) -> bool {
    let Some(tree) = connection.query_tree(top).ok().and_then(|tree| tree.reply().ok()) else { return false };
    tree.children.into_iter().any(|window| {
        let name = connection.get_property(false, window, AtomEnum::WM_NAME, AtomEnum::ANY, 0, 64);
        let named = name.ok().and_then(|name| name.reply().ok()).is_some_and(|name| name.value == b"Scimscope");
        let state = connection.get_window_attributes(window).ok().and_then(|state| state.reply().ok());
        named && state.is_some_and(|state| state.map_state == MapState::VIEWABLE)
    })
}

/// What the processes of the app have in memory that no other process shares (proportional set size), in KiB: its own, and those of
/// the engine.
fn memory(app: u32) -> Value {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut own = 0;
    let mut engine = 0;
    for process in processes {
        let path = process.path();
        let Some(pid) = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()) else { continue };
        let parent = std::fs::read_to_string(path.join("stat"))
            .ok()
            .and_then(|stat| stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse::<u32>().ok());
        if pid != app && parent != Some(app) {
            continue;
        }
        let rollup = std::fs::read_to_string(path.join("smaps_rollup")).unwrap_or_default();
        let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.split_whitespace().next()?.parse().ok());
        match pid == app {
            true => own += pss.unwrap_or(0u64),
            false => engine += pss.unwrap_or(0u64),
        }
    }
    json!({ "app": own, "engine": engine })
}

fn page(measurement: &Value, file: &str) -> String {
    let rounds = measurement["rounds"].as_array().map_or(&[][..], Vec::as_slice);
    let middle = |pick: &dyn Fn(&Value) -> Option<u64>| {
        let mut values: Vec<u64> = rounds.iter().filter_map(pick).collect();
        values.sort_unstable();
        let at = |index: usize| values.get(index).copied().unwrap_or_default();
        (at(values.len() / 2), at(0), at(values.len().saturating_sub(1)))
    };
    let (usable, least, most) = middle(&|round| round["usable_ms"].as_u64());
    let (ended, ..) = middle(&|round| round["ended_ms"].as_u64());
    let (own, ..) = middle(&|round| round["resident_kib"]["app"].as_u64());
    let (engine, ..) = middle(&|round| round["resident_kib"]["engine"].as_u64());
    format!(
        "\n## Desktop\n\nMade by `cargo xtask measure desktop` from [perf/{file}](perf/{file}). Commit {}, {}, {}; WebKitGTK under Xvfb, software\n\
         rendering, release build, workspace there already.\n\n\
         - From the start of the process to the window with page, state and menu: {usable} ms (median of {}; from {least} to {most} ms).\n\
         - Memory two seconds later, what is shared divided among those who share it: app {:.0} MiB, engine {:.0} MiB.\n\
         - From SIGTERM to the end of the process, with everything written: {ended} ms.\n\
         - The program, page and SQLite in it: {:.1} MB.\n",
        measurement["commit"].as_str().unwrap_or_default(),
        measurement["taken_on"].as_str().unwrap_or_default(),
        measurement["machine"].as_str().unwrap_or_default(),
        rounds.len(),
        own as f64 / 1024.0,
        engine as f64 / 1024.0,
        measurement["program_bytes"].as_u64().unwrap_or_default() as f64 / 1e6,
    )
}
