//! Named states of directories outlive the changes that made them.

use std::collections::BTreeMap;

use journal::Journal;
use proptest::prelude::*;
use serde_json::json;
use traffic::ids::Pos;
use traffic::log::Log;

use crate::pruning::{Directory, MB, recorded, settled, within};
use crate::sample::*;

/// What a snapshot holds, by id.
type Told = BTreeMap<String, String>;

fn take(journal: &Journal, log: &Log, id: &str, directory: &Directory) -> (Pos, Told) {
    let pos = log.head().pos;
    let document = json!({ "tenant": "default", "pos": pos.0, "revision": directory.revision });
    assert!(journal.put_snapshot(id, "default", pos, &document).unwrap());
    (pos, now(directory))
}

fn now(directory: &Directory) -> Told {
    let states = directory.past.last().unwrap().iter();
    states.map(|(id, state)| (id.clone(), state.value().to_text())).collect()
}

fn read(journal: &Journal, pos: Pos) -> Told {
    let states = journal.history().states_at("default", pos).unwrap();
    states.into_iter().map(|it| (it.resource_id, it.state.unwrap().value().to_text())).collect()
}

/// Changes enough that those before are given up.
fn much(log: &Log, directory: &mut Directory, salt: u64) {
    for number in 0..3_000_u64 {
        let id = format!("user-{}", (number + salt) % 40);
        directory.write(log, "default", &id, !(number + salt).is_multiple_of(7), 2_000);
        if number.is_multiple_of(20) {
            assert!(confirmed(log));
        }
    }
}

#[test]
fn a_snapshot_is_whole_after_the_changes_before_it_were_given_up_and_after_a_restart() {
    let desk = Desk::new();
    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    let mut directory = Directory::new();
    let empty = take(&journal, &log, "empty", &directory);
    for number in 0..30 {
        directory.write(&log, "default", &format!("user-{number}"), true, 200);
    }
    let first = take(&journal, &log, "first", &directory);
    much(&log, &mut directory, 0);
    let second = take(&journal, &log, "second", &directory);
    much(&log, &mut directory, 3);
    let usage = settled(&journal, &log);
    let horizon = usage.horizons.iter().find(|it| it.tenant == "default").unwrap();
    assert!(horizon.pos > first.0, "the first snapshot is beyond the horizon: {usage:?}");
    for (pos, told) in [&empty, &first, &second] {
        assert_eq!(read(&journal, *pos), *told);
    }
    journal.close().unwrap();
    let journal = desk.open_with(within(6 * MB));
    directory.is(&journal.resume().unwrap().tenants[0]);
    for (pos, told) in [&empty, &first, &second] {
        assert_eq!(read(&journal, *pos), *told);
    }
    assert_eq!(journal.list_documents(journal::SNAPSHOT_DOCUMENT).unwrap().len(), 3);
}

#[test]
fn what_only_a_deleted_snapshot_needed_is_given_up() {
    let desk = Desk::new();
    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    let mut directory = Directory::new();
    for number in 0..500 {
        directory.write(&log, "default", &format!("once-{number}"), true, 1_500);
    }
    let (pos, told) = take(&journal, &log, "first", &directory);
    for number in 0..500 {
        directory.write(&log, "default", &format!("once-{number}"), false, 0);
    }
    much(&log, &mut directory, 0);
    settled(&journal, &log);
    assert_eq!(read(&journal, pos), told);
    let with = settled(&journal, &log).change_bytes;
    assert!(journal.delete_snapshot("first").unwrap());
    assert!(!journal.delete_snapshot("first").unwrap(), "it is gone");
    // The next thing that is written takes what is left with it.
    directory.write(&log, "default", "user-0", true, 10);
    let without = settled(&journal, &log).change_bytes;
    assert!(without + 500 * 1_500 < with, "{with} before, {without} after");
    directory.is(&{
        journal.close().unwrap();
        desk.open().resume().unwrap().tenants.remove(0)
    });
}

#[test]
fn a_state_that_was_given_up_cannot_be_kept_any_more() {
    let desk = Desk::new();
    let journal = desk.open_with(within(6 * MB));
    let log = recorded(&journal);
    let mut directory = Directory::new();
    directory.write(&log, "default", "user-0", true, 10);
    let early = log.head().pos;
    much(&log, &mut directory, 0);
    settled(&journal, &log);
    let document = json!({ "tenant": "default", "pos": early.0 });
    assert!(!journal.put_snapshot("late", "default", early, &document).unwrap());
    assert!(journal.list_documents(journal::SNAPSHOT_DOCUMENT).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn whatever_is_taken_and_deleted_every_snapshot_that_is_there_is_what_it_was(
        steps in prop::collection::vec((0u8..6, any::<u8>()), 8..24),
    ) {
        let desk = Desk::new();
        let journal = desk.open_with(within(6 * MB));
        let log = recorded(&journal);
        let mut directory = Directory::new();
        let mut taken: BTreeMap<String, (Pos, Told)> = BTreeMap::new();
        for (number, (step, salt)) in steps.into_iter().enumerate() {
            match step {
                0 | 1 => {
                    let id = format!("s{}", salt % 5);
                    let snapshot = take(&journal, &log, &id, &directory);
                    taken.insert(id, snapshot);
                }
                2 => {
                    let id = format!("s{}", salt % 5);
                    prop_assert_eq!(journal.delete_snapshot(&id).unwrap(), taken.remove(&id).is_some());
                }
                _ => {
                    for change in 0..250_u64 {
                        let id = format!("user-{}", (change * u64::from(salt | 1) + number as u64) % 23);
                        directory.write(&log, "default", &id, !(change + u64::from(salt)).is_multiple_of(3), 3_000);
                        if change.is_multiple_of(20) {
                            prop_assert!(confirmed(&log));
                        }
                    }
                }
            }
        }
        settled(&journal, &log);
        for (pos, told) in taken.values() {
            prop_assert_eq!(&read(&journal, *pos), told);
        }
        journal.close().unwrap();
        let journal = desk.open();
        for (pos, told) in taken.values() {
            prop_assert_eq!(&read(&journal, *pos), told);
        }
        if let Some(tenant) = journal.resume().unwrap().tenants.first() {
            directory.is(tenant);
        }
    }
}
