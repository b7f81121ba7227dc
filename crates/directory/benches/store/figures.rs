//! Figures of the directory itself, taken in a process of its own for each size, so that none weighs on another.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, anyhow, ensure};
use directory::{Directory, Query};
use jiff::Timestamp;
use scim::diff::diff;
use scim::filter::{self, Bound};
use scim::finding::Place;
use scim::json::Json;
use scim::leniency::{Leniency, Reading};
use scim::patch;
use scim::schema::Registry;
use serde::{Deserialize, Serialize};

use crate::sample::{self, GROUP};
use crate::times::{Numbers, Times, resident_bytes};

/// What a directory of some size takes and gives.
#[derive(Debug, Serialize, Deserialize)]
pub struct Size {
    /// How many users there are.
    pub users: usize,
    /// Mean length of the compact JSON text of a user.
    pub text_bytes: f64,
    /// Mean length of the packed form.
    pub packed_bytes: f64,
    /// Growth of the resident set for a user, indexes included.
    pub resident_bytes: f64,
    /// Growth of the resident set by 2,000 commits, of which the last 256 states are kept; for the whole directory.
    pub kept_states_bytes: u64,
    /// A user by its id.
    pub get_by_id: Times,
    /// The filter `userName eq "..."`.
    pub user_name_eq: Times,
    /// The first 100 users.
    pub first_page: Times,
    /// The last 100 users.
    pub last_page: Times,
    /// `title co "director"` over all users.
    pub scan: Times,
    /// A user by its id, while another thread scans.
    pub get_during_scan: Times,
    /// A commit that gives one user another title.
    pub commit_of_one: Times,
    /// Keeping the present state under a name.
    pub snapshot: Times,
    /// Bringing back a state from which ten users differ.
    pub restore: Times,
}

/// What one PATCH of a group costs, from the parsed body to the new root.
#[derive(Debug, Serialize, Deserialize)]
pub struct Group {
    /// How many members there are.
    pub members: usize,
    /// `add` of one member.
    pub add: Times,
    /// `remove` by a value path.
    pub remove_by_path: Times,
    /// `remove` with a value list.
    pub remove_by_value: Times,
    /// `replace` of all members, one of which is new.
    pub replace_whole: Times,
    /// `members.value eq "..."`.
    pub group_of_member: Times,
    /// The group as JSON text with all members.
    pub read_whole: Times,
}

const PAGE: usize = 100;
const LOOKUPS: usize = 20_000;
const COMMITS: usize = 2_000;

/// Measures a directory of so many users.
pub fn size(users: usize) -> anyhow::Result<Size> {
    ensure!(users >= PAGE, "at least {PAGE} users are needed");
    let registry = Arc::new(Registry::builtin());
    let empty = resident_bytes()?;
    let directory = sample::directory(&registry, users, 0)?;
    let full = resident_bytes()?;
    let root = directory.root();
    let mean = |of: &dyn Fn(usize) -> usize| {
        let sampled: Vec<usize> = (0..users).step_by(users.div_ceil(1_000)).map(of).collect();
        sampled.iter().sum::<usize>() as f64 / sampled.len() as f64
    };
    let packed = |number: usize| root.get(&sample::id(number)).map_or(0, |user| user.document.packed_bytes());
    let packed_bytes = mean(&packed);

    let mut numbers = Numbers(1);
    let get = |numbers: &mut Numbers| {
        let next = |_| Ok(sample::id(numbers.below(users)));
        Times::of(LOOKUPS, next, |id| root.get(&id).context("a user"))
    };
    let get_by_id = get(&mut numbers)?;
    let filters = (0..COMMITS).map(|_| {
        let name = sample::user_name(numbers.below(users));
        bound(&registry, "User", &format!("userName eq \"{name}\""))
    });
    let filters = filters.collect::<anyhow::Result<Vec<Bound>>>()?;
    let user_name_eq =
        Times::of(COMMITS, |turn| Ok(&filters[turn]), |filter| Ok(root.query(&list("User", Some(filter)))))?;
    let page = |start: usize| {
        let query = Query { start_index: start as u64, ..list("User", None) };
        Times::of(COMMITS, |_| Ok(()), |()| Ok(root.query(&query)))
    };
    let (first_page, last_page) = (page(1)?, page(users - PAGE + 1)?);
    let director = bound(&registry, "User", "title co \"director\"")?;
    let scan_once = || root.query(&list("User", Some(&director))).total;
    ensure!(scan_once() > 0, "the scan finds somebody");
    let scan = Times::of(if users > 200_000 { 11 } else { 101 }, |_| Ok(()), |()| Ok(scan_once()))?;
    let scanning = AtomicBool::new(true);
    let get_during_scan = std::thread::scope(|scope| {
        scope.spawn(|| {
            while scanning.load(Ordering::Relaxed) {
                scan_once();
            }
        });
        let times = get(&mut numbers);
        scanning.store(false, Ordering::Relaxed);
        times
    })?;
    let snapshot = Times::of(1_000, |_| Ok(()), |()| Ok(directory.keep("measured")))?;
    drop(root);
    directory.forget("measured");

    let mut title = 0;
    let mut retitle = |number: usize| {
        title += 1;
        commit_title(&directory, &sample::id(number), title)
    };
    let commit_of_one = Times::of(COMMITS, |_| Ok(numbers.below(users)), &mut retitle)?;
    let later = resident_bytes()?;
    let restore = Times::of(
        101,
        |_| {
            let past = directory.root();
            (0..10).try_for_each(|_| retitle(numbers.below(users)))?;
            Ok(past)
        },
        |past| {
            let mut transaction = directory.begin();
            transaction.restore(&past, Timestamp::UNIX_EPOCH)?;
            Ok(transaction.commit(|_| ()))
        },
    )?;
    Ok(Size {
        users,
        text_bytes: mean(&|number| sample::user(number).len()),
        packed_bytes,
        resident_bytes: full.saturating_sub(empty) as f64 / users as f64,
        kept_states_bytes: later.saturating_sub(full),
        get_by_id,
        user_name_eq,
        first_page,
        last_page,
        scan,
        get_during_scan,
        commit_of_one,
        snapshot,
        restore,
    })
}

/// Measures a group of so many members.
pub fn group(members: usize) -> anyhow::Result<Group> {
    let registry = Arc::new(Registry::builtin());
    let directory = sample::directory(&registry, members, members)?;
    let runs = 1_000;
    let mut numbers = Numbers(2);
    let work = |runs: usize, operation: &dyn Fn(usize) -> String| {
        let body = |turn: usize| sample::json(&sample::patch(&operation(turn)));
        Times::of(runs, body, |body| modify(&directory, body))
    };
    let add = work(runs, &|turn| {
        format!(r#"{{"op":"add","path":"members","value":[{}]}}"#, sample::member(members + turn, ""))
    })?;
    let remove_by_path =
        work(runs, &|turn| format!(r#"{{"op":"remove","path":"members[value eq \"{}\"]"}}"#, sample::id(turn * 2)))?;
    let remove_by_value = work(runs, &|turn| {
        format!(r#"{{"op":"remove","path":"members","value":[{{"value":"{}"}}]}}"#, sample::id(turn * 2 + 1))
    })?;
    let replace_whole = work(5, &|turn| {
        let all: Vec<String> = (turn..members + turn).map(|number| sample::member(number, "")).collect();
        format!(r#"{{"op":"replace","path":"members","value":[{}]}}"#, all.join(","))
    })?;
    let root = directory.root();
    let filters = (0..runs).map(|_| {
        let id = sample::id(5 + numbers.below(members - 5));
        bound(&registry, "Group", &format!("members.value eq \"{id}\""))
    });
    let filters = filters.collect::<anyhow::Result<Vec<Bound>>>()?;
    let group_of_member =
        Times::of(runs, |turn| Ok(&filters[turn]), |filter| Ok(root.query(&list("Group", Some(filter)))))?;
    ensure!(filters.iter().all(|filter| root.query(&list("Group", Some(filter))).total == 1), "each is a member");
    let group = root.get(GROUP).context("the group")?;
    let read_whole = Times::of(11, |_| Ok(()), |()| Ok(group.document.value().to_text()))?;
    Ok(Group { members, add, remove_by_path, remove_by_value, replace_whole, group_of_member, read_whole })
}

/// What a server does for a PATCH between the parsed body and the new root, record included.
fn modify(directory: &Directory, body: Json) -> anyhow::Result<()> {
    let mut transaction = directory.begin();
    let before = transaction.get(GROUP).context("the group")?;
    let mut reading = Reading::new(&before.shape, Leniency::TOLERANT);
    let refused = |error: scim::error::ScimError| anyhow!("{}", error.detail);
    let operations = patch::patch_operations(&mut reading, body).map_err(refused)?;
    let applied = patch::apply_to_parts(&mut reading, before.document.to_parts(), &operations);
    let replaced = transaction.replace(GROUP, applied.result.map_err(refused)?, Timestamp::UNIX_EPOCH)?;
    ensure!(replaced.changed && !applied.lines.is_empty(), "the PATCH changed nothing");
    transaction.commit(|commit| assert_eq!(commit.changes.len(), 1));
    Ok(())
}

fn commit_title(directory: &Directory, id: &str, title: usize) -> anyhow::Result<()> {
    let mut transaction = directory.begin();
    let before = transaction.get(id).context("a user")?;
    let mut parts = before.document.to_parts();
    parts.object.insert("title", format!("Title {title}"));
    let after = transaction.replace(id, parts, Timestamp::UNIX_EPOCH)?.resource;
    let lines = diff(&before.shape, Some(before.document.value()), Some(after.document.value()));
    ensure!(lines.len() == 1, "one line");
    transaction.commit(|_| ());
    Ok(())
}

fn bound(registry: &Registry, resource_type: &str, text: &str) -> anyhow::Result<Bound> {
    let shape = registry.shape_named(resource_type).context("a resource type")?;
    let mut reading = Reading::new(shape, Leniency::STRICT);
    let filter = filter::parse(text).map_err(|error| anyhow!("{}", error.message))?;
    filter.bind(&mut reading, &|_| Place::Request).map_err(|error| anyhow!("{}", error.detail))
}

fn list<'a>(resource_type: &'a str, filter: Option<&'a Bound>) -> Query<'a> {
    Query { resource_type, filter, view: None, start_index: 1, count: PAGE }
}
