//! Figures of whole requests without a socket, for `cargo xtask measure store`: `requests size 1000000`,
//! `requests group 100000`. Prints JSON.
#![allow(clippy::print_stdout, reason = "a program for the command line")]
#![allow(clippy::disallowed_methods, reason = "it measures durations; nothing here is part of the room")]

/// As in the programs that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[path = "../../../directory/benches/store/sample.rs"]
mod sample;
#[path = "../../../directory/benches/store/times.rs"]
mod times;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{bail, ensure};
use bytes::Bytes;
use provider::{Profile, Provider, ProviderConfig, Request};
use scim::schema::Registry;
use serde::Serialize;
use testkit::{CountingEntropy, CountingIds, FixedClock};
use traffic::handled::Handled;
use traffic::ids::Seq;
use traffic::log::Log;

use sample::GROUP;
use times::{Numbers, Times, resident_bytes};

const TOKEN: &str = "a-token-for-measuring";
const RUNS: usize = 2_000;

/// Requests to a server with so many users.
#[derive(Serialize)]
struct Size {
    users: usize,
    get_by_id: Times,
    user_name_eq: Times,
    /// 100 users.
    first_page: Times,
    last_page: Times,
    /// `title co "director"`, the first 100.
    scan: Times,
    get_during_scan: Times,
}

/// Requests about a group of so many members.
#[derive(Serialize)]
struct Group {
    members: usize,
    add: Times,
    remove_by_path: Times,
    remove_by_value: Times,
    group_of_member: Times,
    read_whole: Times,
    resident_bytes: u64,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match words.as_slice() {
        ["size", users] => serde_json::to_string(&size(users.parse()?)?)?,
        ["group", members] => serde_json::to_string(&group(members.parse()?)?)?,
        // As a test it only has to build.
        [] | ["--test", ..] => return Ok(()),
        other => bail!("{other:?} is neither \"size USERS\" nor \"group MEMBERS\""),
    };
    println!("{figures}");
    Ok(())
}

fn size(users: usize) -> anyhow::Result<Size> {
    ensure!(users >= 100, "at least 100 users are needed");
    let provider = provider(users, 0)?;
    let mut numbers = Numbers(1);
    let ask = |path: String| answered(&provider, request("GET", &path, String::new()), 200);
    let get =
        |numbers: &mut Numbers| Times::of(RUNS, |_| Ok(format!("/Users/{}", sample::id(numbers.below(users)))), ask);
    let get_by_id = get(&mut numbers)?;
    let named = |number| format!("/Users?filter=userName+eq+%22{}%22", sample::user_name(number));
    let user_name_eq = Times::of(RUNS, |_| Ok(named(numbers.below(users))), ask)?;
    let page = |start: usize| Times::of(101, |_| Ok(format!("/Users?startIndex={start}&count=100")), ask);
    let (first_page, last_page) = (page(1)?, page(users - 99)?);
    let director = "/Users?filter=title+co+%22director%22&count=100";
    let scan = Times::of(if users > 200_000 { 11 } else { 101 }, |_| Ok(director.to_owned()), ask)?;
    let scanning = AtomicBool::new(true);
    let get_during_scan = std::thread::scope(|scope| {
        scope.spawn(|| {
            while scanning.load(Ordering::Relaxed) {
                if ask(director.to_owned()).is_err() {
                    break;
                }
            }
        });
        let times = get(&mut numbers);
        scanning.store(false, Ordering::Relaxed);
        times
    })?;
    Ok(Size { users, get_by_id, user_name_eq, first_page, last_page, scan, get_during_scan })
}

fn group(members: usize) -> anyhow::Result<Group> {
    let provider = provider(members, members)?;
    let path = format!("/Groups/{GROUP}");
    let patch = |operation: String| request("PATCH", &path, sample::patch(&operation));
    let work = |operation: &dyn Fn(usize) -> String| {
        Times::of(RUNS, |turn| Ok(patch(operation(turn))), |request| answered(&provider, request, 204))
    };
    let add =
        work(&|turn| format!(r#"{{"op":"add","path":"members","value":[{}]}}"#, sample::member(members + turn, "")))?;
    let remove_by_path =
        work(&|turn| format!(r#"{{"op":"remove","path":"members[value eq \"{}\"]"}}"#, sample::id(turn * 2)))?;
    let remove_by_value = work(&|turn| {
        let id = sample::id(turn * 2 + 1);
        format!(r#"{{"op":"remove","path":"members","value":[{{"value":"{id}"}}]}}"#)
    })?;
    let mut numbers = Numbers(2);
    let get = |path: String| answered(&provider, request("GET", &path, String::new()), 200);
    let named = |id: String| format!("/Groups?filter=members.value+eq+%22{id}%22&excludedAttributes=members");
    let group_of_member =
        Times::of(RUNS, |_| Ok(named(sample::id(2 * RUNS + numbers.below(members - 2 * RUNS)))), get)?;
    let read_whole = Times::of(7, |_| Ok(path.clone()), get)?;
    Ok(Group {
        members,
        add,
        remove_by_path,
        remove_by_value,
        group_of_member,
        read_whole,
        resident_bytes: resident_bytes()?,
    })
}

fn provider(users: usize, members: usize) -> anyhow::Result<Provider> {
    let registry = Arc::new(Registry::builtin());
    let directory = sample::directory(&registry, users, members)?;
    let Some(profile) = Profile::preset("tolerant") else { bail!("there is no profile \"tolerant\"") };
    let config = ProviderConfig {
        registry,
        profile,
        token: TOKEN.to_owned(),
        clock: Arc::new(FixedClock::default()),
        ids: Arc::new(CountingIds::default()),
        entropy: Arc::new(CountingEntropy::default()),
        log: Arc::new(Log::new()),
    };
    Ok(Provider::with_directory(config, Arc::new(directory)))
}

fn request(method: &str, path: &str, body: String) -> Request {
    let headers = [("Authorization", format!("Bearer {TOKEN}")), ("Content-Type", "application/scim+json".to_owned())];
    Request {
        seq: Seq(1),
        at: "2026-01-31T09:30:00Z".parse().unwrap_or_default(),
        method: method.to_owned(),
        target: format!("/scim/v2{path}"),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: Bytes::from(body),
        base_url: "http://127.0.0.1:8787".to_owned(),
        peer: [127, 0, 0, 1].into(),
    }
}

fn answered(provider: &Provider, request: Request, status: u16) -> anyhow::Result<Handled> {
    let handled = provider.prepare(request).execute();
    let body = || String::from_utf8_lossy(&handled.response.body).chars().take(300).collect::<String>();
    ensure!(handled.response.status == status, "{} instead of {status}: {}", handled.response.status, body());
    Ok(handled)
}
