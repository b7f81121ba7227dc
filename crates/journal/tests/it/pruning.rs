//! The file stays within its budget: the oldest flows go, whole; what is pinned, open or new stays; changes go by checkpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use journal::{DiskUsage, Journal, Options, Place, State};
use proptest::prelude::*;
use rusqlite::Connection;
use scim::document::Document;
use traffic::entry::Entry;
use traffic::exchange::{Ending, Exchange, Received};
use traffic::history::History;
use traffic::ids::{Pos, Revision, Seq};
use traffic::log::{Budget, Log, Record};

use crate::bundles::of_version_10;
use crate::sample::*;

pub const MB: u64 = 1 << 20;
/// What the file may have beyond its budget: what was written since the last step, and pages that are half empty.
const SLACK: u64 = 2 * MB;
/// So many of the newest exchanges stay in any case.
const NEWEST: u64 = 64;

pub fn within(budget: u64) -> Options {
    Options { disk_budget: budget, ..Options::default() }
}

/// A log that keeps little in memory, so that what is read comes from the file.
pub(crate) fn recorded(journal: &Journal) -> Arc<Log> {
    record_within(journal, Budget::of(100_000))
}

/// A whole exchange with so large a body, in the flow that begins with `first`, or in one of its own.
pub(crate) fn exchange_of(log: &Log, bytes: usize, first: Option<Seq>) -> Seq {
    let seq = begin(log);
    end(log, seq, bytes, first);
    seq
}

fn several(log: &Log, count: usize, bytes: usize, first: Option<Seq>) {
    for _ in 0..count {
        exchange_of(log, bytes, first);
    }
}

pub(crate) fn begin(log: &Log) -> Seq {
    log.open(opened(log.head().seq.0 + 1, "POST", "/scim/v2/Users"))
}

/// Bytes that cannot be packed (a xorshift generator, seeded).
fn noise(seed: u64, bytes: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(byte).take(bytes).collect()
}

fn end(log: &Log, seq: Seq, bytes: usize, first: Option<Seq>) {
    let received = Received { body: noise(seq.0, bytes), ..Received::default() };
    log.append(Entry::Handled(seq, Arc::new(received), Arc::new(handled(200, b"{}"))));
    log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, b"{}"))));
    log.append(belongs(seq, first.unwrap_or(seq)));
}

/// Waits until everything is written and nothing more is to be given up.
pub(crate) fn settled(journal: &Journal, log: &Log) -> DiskUsage {
    assert!(confirmed(log));
    let through = log.head().pos;
    loop {
        let usage = journal.disk_usage();
        if usage.through >= through && usage.used_bytes <= usage.budget_bytes && !usage.pruning {
            return usage;
        }
        assert_eq!(journal.state(), State::Healthy);
        std::thread::yield_now();
    }
}

pub(crate) fn numbers(journal: &Journal) -> BTreeSet<u64> {
    exchanges_in(journal).iter().map(|exchange| exchange.seq.0).collect()
}

fn exchanges_in(journal: &Journal) -> Vec<Exchange> {
    journal.archive().exchanges(Seq(0), Seq(u64::MAX)).unwrap()
}

fn states(record: &Record, what: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = Pos(0);
    loop {
        let read = record.read(after, 1_000).unwrap();
        let Some((last, _)) = read.last() else { return found };
        after = *last;
        found.extend(read.into_iter().filter_map(|(_, entry)| match entry {
            Entry::State(state) if state.what == what => Some(state.detail.clone()),
            _ => None,
        }));
    }
}

fn story(journal: Journal, reopen: impl FnOnce() -> Option<Journal>) {
    let log = recorded(&journal);
    let hung = begin(&log);
    let pinned = exchange_of(&log, 20_000, None);
    let beside_pinned = exchange_of(&log, 20_000, Some(pinned));
    log.append(marked(beside_pinned, true, "keep"));
    let mut firsts = Vec::new();
    for _ in 0..300 {
        let first = exchange_of(&log, 20_000, None);
        firsts.push(first);
        exchange_of(&log, 20_000, Some(first));
        exchange_of(&log, 20_000, Some(first));
        assert!(confirmed(&log));
    }
    let usage = settled(&journal, &log);
    assert!(usage.file_bytes <= 8 * MB + SLACK, "{usage:?}");
    assert!(usage.exchanges_pruned > 400 && usage.exchanges_pruned == usage.flows_pruned * 3, "{usage:?}");
    assert_eq!((usage.changes_pruned, usage.horizons.len()), (0, 0));

    // The oldest went, whole.
    let left = numbers(&journal);
    for seq in [hung, pinned, beside_pinned] {
        assert!(left.contains(&seq.0), "{seq}");
    }
    let gone = firsts.iter().filter(|first| !left.contains(&first.0)).count();
    assert_eq!(gone as u64, usage.flows_pruned);
    for (at, first) in firsts.iter().enumerate() {
        let parts = (first.0..first.0 + 3).filter(|seq| left.contains(seq)).count();
        assert_eq!(parts, if at < gone { 0 } else { 3 }, "flow {first}");
    }
    // The record says so, and a reader from the beginning is told once for each place.
    let record = Record::new(Arc::clone(&log));
    assert!(states(&record, "pruned").iter().all(|detail| detail.contains("flows") && detail.contains("the oldest")));
    assert!(!states(&record, "pruned").is_empty());
    let read = record.read(Pos(0), 1_000).unwrap();
    let holes: Vec<_> =
        read.windows(2).filter(|pair| pair.iter().all(|(_, e)| matches!(e, Entry::Pruned { .. }))).collect();
    assert!(holes.is_empty(), "two in a row: {holes:?}");
    let first_hole = read.iter().find_map(|(pos, entry)| match entry {
        Entry::Pruned { from, to, count } => Some((*pos, *from, *to, *count)),
        _ => None,
    });
    let (pos, from, to, count) = first_hole.unwrap();
    assert_eq!((pos, count), (to, to.0 - from.0 + 1));
    assert!(record.exchange(firsts[0]).unwrap().is_none());

    // Over a restart: the same, and no number is given twice.
    let head = log.head();
    let pruned = usage.exchanges_pruned;
    journal.close().unwrap();
    let Some(journal) = reopen() else { return };
    assert_eq!(journal.disk_usage().exchanges_pruned, pruned);
    let resumed = journal.resume().unwrap();
    assert_eq!((resumed.head.seq, resumed.head.pos.0), (head.seq, head.pos.0 + 1), "the hung one was closed");
    assert_eq!(numbers(&journal), left);

    // What is not pinned or open any more goes when its turn comes.
    let log = recorded(&journal);
    log.append(marked(beside_pinned, false, "keep"));
    while !journal.disk_usage().horizons.is_empty() || numbers(&journal).contains(&pinned.0) {
        exchange_of(&log, 20_000, None);
        assert!(confirmed(&log));
        assert!(log.head().seq.0 < 5_000);
    }
    settled(&journal, &log);
    let left = numbers(&journal);
    assert!(!left.contains(&hung.0) && !left.contains(&beside_pinned.0));
}

#[test]
fn in_a_file_the_oldest_flows_go_whole_and_what_is_pinned_or_open_stays() {
    let desk = Desk::new();
    story(desk.open_with(within(8 * MB)), || Some(desk.open_with(within(8 * MB))));
}

#[test]
fn in_a_temporary_workspace_the_oldest_flows_go_whole_and_what_is_pinned_or_open_stays() {
    let desk = Desk::new();
    let options = Options { disk_budget: 8 * MB, ..temporary_in(desk.dir.path()) };
    story(Journal::open(&Place::Temporary, &options).unwrap(), || None);
}

#[test]
fn a_smaller_budget_gives_room_back_to_the_disk() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    for _ in 0..800 {
        exchange_of(&log, 20_000, None);
    }
    assert!(confirmed(&log));
    let size = |desk: &Desk| std::fs::metadata(desk.file()).unwrap().len();
    assert_eq!(journal.disk_usage().exchanges_pruned, 0);
    journal.set_disk_budget(6 * MB);
    while journal.disk_usage().file_bytes > 6 * MB {
        assert_eq!(journal.state(), State::Healthy);
        std::thread::yield_now();
    }
    journal.close().unwrap();
    assert!(size(&desk) <= 6 * MB, "{}", size(&desk));
    // Of what is gone no entry is left but those that stand beside others that are.
    let file = Connection::open(desk.file()).unwrap();
    let runs: i64 = file.query_row("SELECT sum(last - first + 1) FROM run", [], |row| row.get(0)).unwrap();
    drop(file);
    let left = exchanges_in(&desk.open());
    assert!((runs as u64) < left.len() as u64 * 4 + 1_200, "{runs} entries of {} exchanges", left.len());
    assert!(left.len() as u64 >= NEWEST && left.last().unwrap().seq.0 == 800, "{}", left.len());
}

#[test]
fn a_file_that_cannot_become_smaller_uses_its_room_again() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    several(&log, 600, 20_000, None);
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM").unwrap();
    file.close().unwrap();
    let size = std::fs::metadata(desk.file()).unwrap().len();

    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    for _ in 0..600 {
        exchange_of(&log, 20_000, None);
        assert!(confirmed(&log));
    }
    settled(&journal, &log);
    let grown = journal.disk_usage().file_bytes - size;
    assert!(grown < MB, "{grown}");
}

#[test]
fn when_everything_is_pinned_nothing_goes_and_the_record_goes_on() {
    let desk = Desk::new();
    let journal = desk.open_with(within(4 * MB));
    let log = recorded(&journal);
    for _ in 0..300 {
        let seq = exchange_of(&log, 20_000, None);
        log.append(marked(seq, true, ""));
        assert!(confirmed(&log));
    }
    assert_eq!(numbers(&journal).len(), 300);
    assert_eq!(journal.disk_usage().exchanges_pruned, 0);
    assert_eq!(journal.state(), State::Healthy);
}

#[test]
fn a_flow_that_is_too_large_for_one_step_goes_all_the_same() {
    let desk = Desk::new();
    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    let first = exchange_of(&log, 3_000, None);
    several(&log, 1_000, 3_000, Some(first));
    for _ in 0..400 {
        exchange_of(&log, 20_000, None);
        assert!(confirmed(&log));
    }
    let usage = settled(&journal, &log);
    let left = numbers(&journal);
    assert!((1..=1_001).all(|seq| !left.contains(&seq)), "{usage:?}");
    assert!(usage.flows_pruned < usage.exchanges_pruned - 900, "{usage:?}");
}

#[test]
fn a_flow_whose_going_was_cut_short_goes_on_going_after_a_restart() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    let first = exchange_of(&log, 10, None);
    several(&log, 300, 10, Some(first));
    several(&log, 100, 20_000, None);
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    // As if the process had ended when the first hundred were gone.
    file.execute_batch("DELETE FROM exchange WHERE seq <= 100; UPDATE pruned SET going = 1, exchanges = 100").unwrap();
    file.close().unwrap();
    let journal = desk.open();
    let log = recorded(&journal);
    while journal.disk_usage().exchanges_pruned < 301 {
        assert_eq!(journal.state(), State::Healthy);
        std::thread::yield_now();
    }
    assert_eq!(journal.disk_usage().flows_pruned, 1);
    drop(log);
    assert_eq!(numbers(&journal), (302..=401).collect());
}

/// Commits one state of a user after the other.
pub struct Directory {
    pub revision: u64,
    users: BTreeMap<String, (u64, Arc<Document>)>,
    order: Vec<String>,
    /// What there was at each revision, by id.
    pub past: Vec<BTreeMap<String, Arc<Document>>>,
}

impl Directory {
    pub fn new() -> Directory {
        Directory { revision: 0, users: BTreeMap::new(), order: Vec::new(), past: vec![BTreeMap::new()] }
    }

    /// Writes a user, or removes it.
    pub fn write(&mut self, log: &Log, tenant: &str, id: &str, present: bool, bytes: usize) {
        let seq = begin(log);
        self.revision += 1;
        let before = self.users.remove(id);
        let version = before.as_ref().map_or(1, |(version, _)| version + 1);
        let name = format!("{}{}", "n".repeat(bytes), self.revision);
        let after = present.then(|| user(id, version, &name));
        if let Some(after) = &after {
            self.users.insert(id.to_owned(), (version, Arc::clone(after)));
            if before.is_none() {
                self.order.push(id.to_owned());
            }
        } else {
            self.order.retain(|other| other != id);
        }
        if before.is_some() || after.is_some() {
            log.append(commit(tenant, self.revision, seq, vec![change(id, before.map(|(_, state)| state), after)]));
            self.past.push(self.users.iter().map(|(id, (_, state))| (id.clone(), Arc::clone(state))).collect());
        } else {
            self.revision -= 1;
        }
        end(log, seq, 100, None);
    }

    pub fn is(&self, tenant: &journal::Tenant) {
        assert_eq!(tenant.revision.0, self.revision);
        let found = tenant.resources.iter().map(|it| (it.id.clone(), it.version, it.document.value().to_text()));
        let found: Vec<_> = found.collect();
        let expected: Vec<_> =
            self.order.iter().map(|id| (id.clone(), self.users[id].0, self.users[id].1.value().to_text())).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn when_changes_take_too_much_a_checkpoint_stands_for_the_oldest_and_the_directory_is_the_same() {
    let desk = Desk::new();
    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    let mut other = Directory::new();
    other.write(&log, "alpha", "only", true, 10);
    let mut directory = Directory::new();
    for number in 0..4_000_u64 {
        let id = format!("user-{}", number % 40);
        directory.write(&log, "default", &id, !number.is_multiple_of(97), 2_000);
        if number.is_multiple_of(20) {
            assert!(confirmed(&log));
        }
    }
    let usage = settled(&journal, &log);
    assert!(usage.changes_pruned > 1_000 && usage.file_bytes <= 6 * MB + SLACK, "{usage:?}");
    assert!(usage.change_bytes <= 4 * MB, "{usage:?}");
    let horizon = |usage: &DiskUsage| usage.horizons.iter().find(|it| it.tenant == "default").unwrap().clone();
    let before = horizon(&usage);
    assert!(before.revision.0 > 500 && before.revision.0 < directory.revision, "{before:?}");
    assert!(before.at > at(0) && before.at < at(5_000), "{before:?}");
    let record = Record::new(Arc::clone(&log));
    assert!(states(&record, "pruned").iter().any(|detail| detail.contains("changes before the history horizon")));

    // Changes after it are there, each with its states.
    let commits = read_all(&record).into_iter().filter_map(|(pos, entry)| match entry {
        Entry::Committed(committed) if committed.tenant == "default" => Some((pos, committed)),
        _ => None,
    });
    let commits: Vec<_> = commits.collect();
    assert_eq!(commits.first().unwrap().1.revision.0, before.revision.0 + 1);
    assert_eq!(commits.last().unwrap().1.revision.0, directory.revision);
    assert!(commits.iter().all(|(pos, committed)| *pos > before.pos && committed.changes.len() == 1));

    // Every revision from the horizon on can be told: what is there now, with what the changes since have found.
    let source = journal.history();
    let last = Revision(directory.revision);
    assert_eq!(source.ends("default").unwrap(), Some((Revision(before.revision.0 + 1), last)));
    assert_eq!(source.forgotten_before("default").unwrap(), before.pos);
    assert_eq!(source.revision_at("default", before.pos).unwrap(), Some(before.revision));
    assert_eq!(source.revision_at("default", Pos(before.pos.0 - 1)).unwrap(), None);
    assert_eq!(History::new(Arc::clone(&log), Some(journal.history())).horizon("default").unwrap(), before.revision);
    for at in [before.revision.0, before.revision.0 + 1, (before.revision.0 + last.0) / 2, last.0 - 1] {
        let mut state = directory.past[last.0 as usize].clone();
        for earlier in source.earlier("default", Revision(at), last).unwrap() {
            match earlier.state {
                Some(before) => drop(state.insert(earlier.resource_id, before)),
                None => drop(state.remove(&earlier.resource_id)),
            }
        }
        let told = |states: &BTreeMap<String, Arc<Document>>| -> Vec<String> {
            states.values().map(|state| state.value().to_text()).collect()
        };
        assert_eq!(told(&state), told(&directory.past[at as usize]), "revision {at}");
    }

    journal.close().unwrap();
    let journal = desk.open_with(within(6 * MB));
    let tenants = journal.resume().unwrap().tenants;
    assert_eq!(tenants.iter().map(|tenant| tenant.name.as_str()).collect::<Vec<_>>(), ["alpha", "default"]);
    other.is(&tenants[0]);
    directory.is(&tenants[1]);
    assert_eq!(horizon(&journal.disk_usage()), before);

    // And it goes on from there.
    let log = recorded(&journal);
    for number in 0..500 {
        directory.write(&log, "default", &format!("user-{}", number % 40), true, 2_000);
    }
    assert!(confirmed(&log));
    settled(&journal, &log);
    journal.close().unwrap();
    directory.is(&desk.open().resume().unwrap().tenants[1]);
}

fn read_all(record: &Record) -> Vec<(Pos, Entry)> {
    let mut all: Vec<(Pos, Entry)> = Vec::new();
    loop {
        let read = record.read(all.last().map_or(Pos(0), |(pos, _)| *pos), 1_000).unwrap();
        if read.is_empty() {
            return all;
        }
        all.extend(read);
    }
}

#[test]
fn a_file_of_the_version_before_is_pruned_like_any_other() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = recorded(&journal);
    let mut directory = Directory::new();
    for number in 0..400_u64 {
        directory.write(&log, "default", &format!("user-{}", number % 7), true, 2_000);
        exchange_of(&log, 20_000, None);
    }
    assert!(confirmed(&log));
    journal.close().unwrap();
    let counted = desk.open().disk_usage().change_bytes;
    let file = of_version_10(&desk);
    let undo = "DROP INDEX exchange_marked; DROP TABLE pruned; DROP TABLE horizon; PRAGMA user_version = 8";
    file.execute_batch(undo).unwrap();
    file.close().unwrap();

    let journal = desk.open();
    assert_eq!(journal.disk_usage().change_bytes, counted);
    let log = recorded(&journal);
    journal.set_disk_budget(4 * MB);
    let usage = settled(&journal, &log);
    assert!(usage.exchanges_pruned > 300, "{usage:?}");
    journal.close().unwrap();
    let journal = desk.open();
    directory.is(&journal.resume().unwrap().tenants[0]);
}

/// What happens in a generated record.
#[derive(Clone, Debug)]
enum Step {
    /// An exchange of its own with so large a body.
    Alone(usize),
    /// An exchange in the flow that was begun so many flows ago.
    Joins(usize, usize),
    /// An exchange that is begun and not ended.
    Hangs,
    /// The one that has hung longest ends.
    Ends(usize),
    /// So many exchanges ago, one is pinned or not.
    Pins(usize, bool),
    /// A user is written or removed.
    Writes(u8, bool),
    /// What is recorded is waited for.
    Waits,
    /// The budget is another one.
    Budget(u64),
    /// The file is closed and opened again.
    Restarts,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..40_000_usize).prop_map(Step::Alone),
        16 => (0..4_usize, 0..40_000_usize).prop_map(|(flow, bytes)| Step::Joins(flow, bytes)),
        1 => Just(Step::Hangs),
        1 => (0..40_000_usize).prop_map(Step::Ends),
        1 => (0..20_usize, any::<bool>()).prop_map(|(ago, pinned)| Step::Pins(ago, pinned)),
        6 => (0..12_u8, any::<bool>()).prop_map(|(user, present)| Step::Writes(user, present)),
        4 => Just(Step::Waits),
        1 => (4..9_u64).prop_map(|mb| Step::Budget(mb * MB)),
    ];
    let restarts = prop::collection::vec(any::<prop::sample::Index>(), 0..3);
    (prop::collection::vec(step, 600..1_200), restarts).prop_map(|(mut steps, restarts)| {
        restarts.iter().for_each(|at| steps.insert(at.index(steps.len()), Step::Restarts));
        steps
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn whatever_happens_no_part_of_a_flow_is_left_and_what_is_pinned_or_open_stays_and_the_file_stays_small(steps in steps()) {
        let desk = Desk::new();
        let mut budget = 8 * MB;
        let mut journal = desk.open_with(within(budget));
        let mut log = recorded(&journal);
        let mut directory = Directory::new();
        let mut flows: Vec<Vec<u64>> = Vec::new();
        let mut hanging: Vec<Seq> = Vec::new();
        let mut pinned: BTreeSet<u64> = BTreeSet::new();
        for step in steps {
            match step {
                Step::Alone(bytes) => flows.push(vec![exchange_of(&log, bytes, None).0]),
                Step::Joins(ago, bytes) => {
                    let Some(at) = flows.len().checked_sub(ago + 1) else { continue };
                    // One that has rested for long is over: it may be gone.
                    if flows[at].last().unwrap() + NEWEST / 2 < log.head().seq.0 {
                        continue;
                    }
                    let first = Seq(flows[at][0]);
                    flows[at].push(exchange_of(&log, bytes, Some(first)).0);
                }
                Step::Hangs => hanging.push(begin(&log)),
                Step::Ends(bytes) if !hanging.is_empty() => {
                    let seq = hanging.remove(0);
                    end(&log, seq, bytes, None);
                    flows.push(vec![seq.0]);
                }
                Step::Pins(ago, pin) => {
                    let Some(seq) = log.head().seq.0.checked_sub(ago as u64).filter(|seq| *seq > 0) else { continue };
                    log.append(marked(Seq(seq), pin, ""));
                    if pin { pinned.insert(seq) } else { pinned.remove(&seq) };
                }
                Step::Writes(number, present) => {
                    directory.write(&log, "default", &format!("user-{number}"), present, 3_000);
                    flows.push(vec![log.head().seq.0]);
                }
                Step::Waits => assert!(confirmed(&log)),
                Step::Budget(bytes) => {
                    budget = bytes;
                    journal.set_disk_budget(bytes);
                }
                Step::Restarts => {
                    let head = log.head();
                    journal.close().unwrap();
                    journal = desk.open_with(within(budget));
                    log = recorded(&journal);
                    assert_eq!(log.head().seq, head.seq);
                    // What hung was closed by that.
                    flows.extend(hanging.drain(..).map(|seq| vec![seq.0]));
                }
                Step::Ends(_) => {}
            }
        }
        let usage = {
            assert!(confirmed(&log));
            journal.close().unwrap();
            journal = desk.open_with(within(budget));
            journal.disk_usage()
        };
        let left = numbers(&journal);
        let newest = log.head().seq.0.saturating_sub(NEWEST);
        let keeps = |seq: &u64| pinned.contains(seq) || hanging.contains(&Seq(*seq));
        for flow in &flows {
            let there = flow.iter().filter(|seq| left.contains(seq)).count();
            prop_assert!(there == 0 || there == flow.len(), "{there} of {flow:?}");
            let stays = flow.iter().any(|seq| keeps(seq) || *seq > newest);
            prop_assert!(!stays || there == flow.len(), "{flow:?} is gone");
        }
        let total = log.head().seq.0 - usage.exchanges_pruned;
        prop_assert_eq!(left.len() as u64, total);
        // What may not go can be more than the budget.
        let kept: u64 = exchanges_in(&journal)
            .iter()
            .filter(|it| keeps(&it.seq.0) || it.seq.0 > newest)
            .map(|it| 2_000 + it.received().map_or(0, |received| received.body.len() as u64))
            .sum();
        let bound = budget.max(kept + budget / 2) + 2 * SLACK;
        prop_assert!(usage.used_bytes <= bound, "{usage:?}, {kept} may not go");
        if let Some(tenant) = journal.resume().unwrap().tenants.first() {
            directory.is(tenant);
        }
    }
}
