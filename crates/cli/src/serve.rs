//! `scimscope serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use app::config::{
    Config, ControlAccess, DEFAULT_CONTROL, DEFAULT_LISTEN, Demo, Durability, Recipe, Workspace, datasets,
};
use app::running::App;
use clap::{Args, ValueEnum};
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

/// Options of `scimscope serve`.
#[derive(Args)]
pub struct Arguments {
    /// The workspace file; made if it is not there. Without one, everything is kept in a temporary file that is deleted on exit.
    workspace: Option<PathBuf>,
    /// Where to serve SCIM, below /scim/v2. Port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_LISTEN)]
    listen: SocketAddr,
    /// The bearer token that clients must send. Without one, a random one is made and printed.
    #[arg(long, env = "SCIMSCOPE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Where to serve the control API (/api/v1) and the page (/). Port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value = DEFAULT_CONTROL)]
    control: SocketAddr,
    /// The bearer token of the control API. Without one, a random one is made and printed.
    #[arg(long, env = "SCIMSCOPE_CONTROL_TOKEN", hide_env_values = true)]
    control_token: Option<String>,
    /// How the server behaves: the name of a profile, like tolerant or rfc-strict, or a file with one. Without one, as the
    /// workspace says, else tolerant.
    #[arg(long, value_name = "NAME|FILE")]
    profile: Option<String>,
    /// The URL under which clients reach the server, if that is not the address where it listens: a tunnel or a proxy.
    /// Locations are told with it. With a path it is the whole base URL; without one, /scim/v2 is added.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Rules of the default tenant, in the place of those that the workspace has: the name of a ready set, like
    /// rate-limited-api, or a file with a list of rules. Without it, as the workspace says.
    #[arg(long, value_name = "NAME|FILE")]
    rules: Option<String>,
    /// Ready schemas and resource types to add: okta-entitlements, roles-and-entitlements, devices, agents or test-resource.
    /// Can be given several times.
    #[arg(long = "schema-preset", value_name = "NAME")]
    schema_presets: Vec<String>,
    /// Memory for the record, in MB. Exchanges beyond it stay in the workspace only.
    #[arg(long, value_name = "MB", default_value_t = 256)]
    memory_budget_mb: u32,
    /// What the workspace may take on the disk: 512M, 2G. Beyond it the oldest flows are given up, never those that are pinned.
    /// Without one, as the workspace says, else 2G for a file and 1G for a temporary workspace.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    disk_budget: Option<u64>,
    /// When an answer may leave. Without one, as the workspace says, else acknowledged for a file and relaxed for a temporary
    /// workspace.
    #[arg(long, value_enum)]
    durability: Option<DurabilityName>,
    /// After how many milliseconds of silence what a client does next begins a new flow.
    #[arg(long, value_name = "MS", default_value_t = 5000)]
    flow_gap_ms: u32,
    /// Schema documents to add (RFC 7643 section 7): a JSON array of them, or one.
    #[arg(long, value_name = "FILE")]
    schemas: Option<PathBuf>,
    /// ResourceType documents to add (RFC 7643 section 6): a JSON array of them, or one.
    #[arg(long, value_name = "FILE")]
    resource_types: Option<PathBuf>,
    /// Let calls of the control API, and so the page, open and write workspace files of this machine by their paths. Without it
    /// they cannot; a copy can be downloaded in any case.
    #[arg(long)]
    allow_open: bool,
    /// Begin with made-up users and groups, drawn from this number: the same number gives the same ones. Only if the directory
    /// is empty.
    #[arg(long, value_name = "NUMBER", conflicts_with = "dataset")]
    seed: Option<u64>,
    /// How many users to make up with --seed.
    #[arg(long, value_name = "COUNT", requires = "seed")]
    users: Option<u32>,
    /// How many groups to make up with --seed.
    #[arg(long, value_name = "COUNT", requires = "seed")]
    groups: Option<u32>,
    /// Begin with a directory that has a name: small-company, university, retailer or edge-cases. Only if the directory is
    /// empty.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// Stop the clock of the SCIM server at this time, so that runs can be repeated: 2026-01-31T09:30:00Z. Times in resources and
    /// what expires go by it.
    #[arg(long, value_name = "TIME")]
    clock: Option<jiff::Timestamp>,
    /// Draw ids, keys and tokens that the SCIM server makes from this number, so that runs can be repeated. Whoever knows the
    /// number knows them.
    #[arg(long, value_name = "NUMBER")]
    ids: Option<u64>,
    /// Play a scenario against the server again and again, to show it: entra-sample.
    #[arg(long = "loop", value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Begin anew after so long: 90s, 30m, 1h. Record and directories go, and --dataset or --seed fills the first one again.
    #[arg(long, value_name = "TIME", value_parser = span)]
    reset_every: Option<std::time::Duration>,
    /// Let everybody who reaches the control listener look at the page without a token, and change nothing.
    #[arg(long, conflicts_with = "no_ui")]
    read_only_ui: bool,
    /// Where to write the addresses as JSON when both listeners are ready.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Do not serve the page, only the control API.
    #[arg(long)]
    no_ui: bool,
}

/// When an answer may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DurabilityName {
    /// At once; its record follows within milliseconds.
    Relaxed,
    /// When its record is in the workspace file's log: a crash of the program loses no answered request.
    Acknowledged,
    /// When its record is on the disk: a loss of power loses none either.
    PowerSafe,
}

impl From<DurabilityName> for Durability {
    fn from(name: DurabilityName) -> Durability {
        match name {
            DurabilityName::Relaxed => Durability::Relaxed,
            DurabilityName::Acknowledged => Durability::Acknowledged,
            DurabilityName::PowerSafe => Durability::PowerSafe,
        }
    }
}

/// What a script needs to know: the one line on standard output, and the content of the ready file.
#[derive(Serialize)]
struct Ready {
    scim: String,
    control: String,
    pid: u32,
}

/// Serves until SIGTERM or SIGINT, then drains.
pub async fn run(arguments: Arguments) -> anyhow::Result<()> {
    for (what, address, token, option) in [
        ("SCIM server", arguments.listen, &arguments.token, "--token"),
        ("control API", arguments.control, &arguments.control_token, "--control-token"),
    ] {
        match token.as_deref() {
            Some("") => bail!("{option} is empty; leave it out to have one made, or give one"),
            None if !address.ip().is_loopback() => {
                bail!(
                    "the {what} would be reachable from other machines at {address}: give it a token of your own with {option}"
                )
            }
            _ => {}
        }
    }
    let seed = recipe(&arguments)?;
    let shows = arguments.scenario.is_some() || arguments.reset_every.is_some() || arguments.read_only_ui;
    let (reset_every, read_only) = (arguments.reset_every, arguments.read_only_ui);
    let demo = shows.then(|| Demo { scenario: arguments.scenario.clone(), reset_every, read_only });
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let page = !arguments.no_ui;
    let app = App::start(Config {
        listen: arguments.listen,
        token: arguments.token,
        control: ControlAccess::Http { listen: arguments.control, token: arguments.control_token, page },
        workspace: arguments.workspace.map_or(Workspace::Temporary, Workspace::File),
        profile: arguments.profile.map(profile).transpose()?,
        public_url: arguments.public_url,
        rules: arguments.rules.map(rules).transpose()?,
        schema_presets: arguments.schema_presets,
        flow_gap: std::time::Duration::from_millis(arguments.flow_gap_ms.into()),
        memory_budget_bytes: (arguments.memory_budget_mb as usize).saturating_mul(1 << 20),
        disk_budget_bytes: arguments.disk_budget,
        durability: arguments.durability.map(Durability::from),
        schemas: arguments.schemas,
        resource_types: arguments.resource_types,
        open_files: arguments.allow_open,
        recent: arguments.allow_open.then(recent_file).flatten(),
        seed,
        clock: arguments.clock,
        ids: arguments.ids,
        demo,
        ..Config::default()
    })
    .await?;
    let access = app.control_over_http().context("the control API listens over HTTP")?;
    tracing::info!("SCIM at {} with token {}", app.scim_url(), app.token());
    if read_only {
        tracing::info!("open {}; everybody may look; the control token is {}", access.url, access.token);
    } else if page {
        tracing::info!("open {}/#token={}", access.url, access.token);
    } else {
        tracing::info!("control API at {}/api/v1 with token {}", access.url, access.token);
    }
    let ready = Ready { scim: app.scim_url().to_owned(), control: access.url.clone(), pid: std::process::id() };
    let line = serde_json::to_string(&ready)? + "\n";
    if let Some(path) = &arguments.ready_file {
        write_atomically(path, &line)
            .with_context(|| format!("the ready file {} could not be written", path.display()))?;
    }
    // A closed standard output is no reason not to serve.
    let _ = std::io::stdout().write_all(line.as_bytes()).and_then(|()| std::io::stdout().flush());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: open requests are finished first");
    app.stop().await;
    if let Some(path) = &arguments.ready_file {
        // Whoever waits for it must not find the file of a server that is gone.
        let _ = std::fs::remove_file(path);
    }
    Ok(())
}

/// The list of workspaces that were open, in the folder for the state of programs (XDG base directory specification).
fn recent_file() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let base = base.or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))?;
    Some(base.join("scimscope").join("recent.json"))
}

/// What the directory is to begin with, if something was said.
fn recipe(arguments: &Arguments) -> anyhow::Result<Option<Recipe>> {
    if let Some(name) = &arguments.dataset {
        let Some(dataset) = datasets().iter().find(|dataset| dataset.name == name) else {
            let known: Vec<&str> = datasets().iter().map(|dataset| dataset.name).collect();
            bail!("there is no dataset {name:?}; there are {}", known.join(", "));
        };
        return Ok(Some(dataset.recipe.clone()));
    }
    let Some(seed) = arguments.seed else { return Ok(None) };
    let usual = Recipe::default();
    let (users, groups) = (arguments.users.unwrap_or(usual.users), arguments.groups.unwrap_or(usual.groups));
    Ok(Some(Recipe { seed, users, groups, ..usual }))
}

/// The shortest time between two beginnings.
const SHORTEST_SPAN_S: u64 = 10;

/// A time with s, m or h behind it.
fn span(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || "write a whole number with s, m or h: 90s, 30m, 1h".to_owned();
    let unit = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
    let factor = match &text[unit..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let seconds = text[..unit].parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(wrong)?;
    match seconds >= SHORTEST_SPAN_S {
        true => Ok(std::time::Duration::from_secs(seconds)),
        false => Err(format!("{text} is too short; it has to be at least {SHORTEST_SPAN_S}s")),
    }
}

/// A number of bytes, with K, M or G behind it for 1024 of the one before.
fn size(text: &str) -> Result<u64, String> {
    let unit = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[unit..].to_ascii_uppercase().as_str() {
        "" => 0,
        "K" | "KIB" => 10,
        "M" | "MIB" => 20,
        "G" | "GIB" => 30,
        other => return Err(format!("{other:?} is no unit; write a whole number with K, M or G: 512M, 2G")),
    };
    let number: u64 = text[..unit].parse().map_err(|_| "write a whole number with K, M or G: 512M, 2G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "this is more than any disk has".to_owned())
}

/// The name as it is, or what the file holds. Only what looks like a file is taken for one: a name has no dot and no slash.
fn profile(name_or_file: String) -> anyhow::Result<String> {
    if !name_or_file.contains(['.', '/']) {
        return Ok(name_or_file);
    }
    let text = std::fs::read_to_string(&name_or_file)
        .with_context(|| format!("the profile {name_or_file} cannot be read; give a file, or the name of a profile"))?;
    // A name would be taken for one; a file holds a profile.
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Ok(text);
    }
    bail!("{name_or_file} does not hold a profile: it is no JSON object")
}

/// The name of a rule set as it is, or what the file holds.
fn rules(name_or_file: String) -> anyhow::Result<String> {
    if !name_or_file.contains(['.', '/']) {
        return Ok(name_or_file);
    }
    let text = std::fs::read_to_string(&name_or_file)
        .with_context(|| format!("the rules {name_or_file} cannot be read; give a file, or the name of a ready set"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    // A name would be taken for one; a file holds rules.
    if text.starts_with(['{', '[']) {
        return Ok(text.to_owned());
    }
    bail!("{name_or_file} does not hold rules: it is neither a JSON object with \"rules\" nor a list of them")
}

/// Readers see the whole file or none.
fn write_atomically(path: &Path, text: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let beside = PathBuf::from(name);
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_a_unit() {
        assert_eq!(size("4194304"), Ok(4 << 20));
        assert_eq!(size("512M"), Ok(512 << 20));
        assert_eq!(size("2g"), Ok(2 << 30));
        assert_eq!(size("64KiB"), Ok(64 << 10));
        for wrong in ["", "M", "1.5G", "-1", "2 G", "2T", "99999999999G", "\u{1F4BE}"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_span_is_a_number_with_a_unit() {
        let seconds = |text| span(text).map(|span| span.as_secs());
        assert_eq!((seconds("90s"), seconds("30m"), seconds("1h")), (Ok(90), Ok(1800), Ok(3600)));
        for wrong in ["", "1", "9s", "0h", "1d", "h", "1.5h", "-1h", "99999999999999999999h", "\u{1F4BE}"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_profile_is_a_name_or_a_file_that_holds_one() {
        assert_eq!(profile("rfc-strict".into()).unwrap(), "rfc-strict");
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../provider/profiles/tolerant.json");
        assert!(profile(shipped.into()).unwrap().contains("\"tolerant\""));
        let missing = profile("./no-such-file.json".into()).unwrap_err().to_string();
        assert!(missing.contains("no-such-file.json") && missing.contains("cannot be read"), "{missing}");
        let other = profile(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml").into()).unwrap_err().to_string();
        assert!(other.contains("does not hold a profile"), "{other}");
    }
}
