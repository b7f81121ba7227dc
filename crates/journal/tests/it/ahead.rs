//! Changes of a large commit are written before it, in parts, and nobody sees them before it.

use std::path::Path;
use std::sync::Arc;

use journal::{Journal, Options, Place};
use rusqlite::Connection;
use traffic::ahead::Ahead;
use traffic::change::{Cause, Change, Committed};
use traffic::entry::Entry;
use traffic::history::Subject;
use traffic::ids::{Pos, Revision};
use traffic::log::{Durable, Log};

use crate::sample::*;

/// More than what is written in one piece.
const MANY: usize = 1_500;

fn many() -> Vec<Change> {
    let names = (0..MANY).map(|number| format!("seeded-{number}"));
    names
        .map(|id| Change { lines: Vec::new(), ..change(&id, None, Some(user(&id, 1, &format!("{id}@example.com")))) })
        .collect()
}

fn take(log: &Log, changes: &[Change], go_on: &mut dyn FnMut() -> bool) -> Option<Ahead> {
    log.takes_ahead().unwrap().take("default", changes, go_on)
}

fn seeded(log: &Log, revision: u64, changes: Vec<Change>, ahead: Option<Ahead>) -> Pos {
    let (tenant, revision, cause) = ("default".to_owned(), Revision(revision), Cause::Seed(7));
    log.append(Entry::Committed(Arc::new(Committed { tenant, revision, cause, changes, ahead })))
}

/// Rows of tables in a file.
fn counts(file: &Path) -> (i64, i64, i64) {
    let file = Connection::open(file).unwrap();
    let count = |table: &str| file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
    (count("change"), count("present"), count("ahead"))
}

/// The file as the death of the process would leave it now.
fn dead_at_once(desk: &Desk) -> Desk {
    let dead = Desk::new();
    for end in ["", "-wal"] {
        let file = |desk: &Desk| desk.dir.path().join(format!("work.scimscope{end}"));
        std::fs::copy(file(desk), file(&dead)).unwrap();
    }
    dead
}

/// How many bytes of changes are counted in the file now.
fn change_bytes(desk: &Desk) -> u64 {
    let dead = dead_at_once(desk);
    dead.open().disk_usage().change_bytes
}

fn ids(journal: &Journal) -> Vec<String> {
    let tenants = journal.resume().unwrap().tenants;
    tenants.into_iter().flat_map(|tenant| tenant.resources).map(|resource| resource.id).collect()
}

#[test]
fn what_comes_while_a_large_commit_is_written_is_durable_before_the_next_part_of_it() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    let (mut answers, mut parts) = (Vec::new(), 0);
    let ahead = take(&log, &many(), &mut || {
        parts += 1;
        // Whoever was there when the part before this one began has been served.
        if let Some(last) = answers.last() {
            let Durable::Through(through) = log.durable() else { panic!("it is durable") };
            assert!(through >= *last, "part {parts}");
            assert_eq!(log.confirmed_through(), through);
        }
        // Nothing of the commit is seen by anybody.
        assert_eq!(journal.history().ends("default").unwrap(), Some((Revision(1), Revision(1 + answers.len() as u64))));
        answers.push(creates_a_user(&log));
        true
    });
    assert!(ahead.is_some());
    assert!(parts > 10, "in {parts} parts");
    // The commit itself is small: it is there with the next transaction, and nothing before it is without it.
    let pos = seeded(&log, 2 + answers.len() as u64, many(), ahead);
    assert!(confirmed(&log));
    let of = journal.history().commit("default", Revision(2 + answers.len() as u64)).unwrap().unwrap();
    assert_eq!((of.changes.len(), of.cause), (MANY, Cause::Seed(7)));
    assert!(journal.resume().unwrap().tenants[0].resources.len() > MANY && pos.0 > 0);
}

#[test]
fn a_crash_before_the_commit_leaves_nothing_of_it_and_one_after_it_everything() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let before = change_bytes(&desk);
    let mut deaths = Vec::new();
    let ahead = take(&log, &many(), &mut || {
        if deaths.len() < 12 {
            deaths.push(dead_at_once(&desk));
        }
        true
    });
    deaths.push(dead_at_once(&desk));
    for dead in deaths {
        let journal = dead.open();
        assert_eq!(ids(&journal), ["user-1"]);
        assert_eq!(journal.resume().unwrap().tenants[0].revision, Revision(1));
        assert_eq!(journal.disk_usage().change_bytes, before);
        // It goes on as if there had been nothing.
        let log = record(&journal);
        creates_a_user(&log);
        assert!(confirmed(&log));
        journal.close().unwrap();
        assert_eq!(counts(&dead.file()), (2, 2, 0));
        assert_eq!(ids(&dead.open()), ["user-1", "user-2"]);
    }
    seeded(&log, 2, many(), ahead);
    assert!(confirmed(&log));
    let desk = dead_at_once(&desk);
    let dead = desk.open();
    assert_eq!(dead.resume().unwrap().tenants[0].revision, Revision(2));
    assert_eq!(ids(&dead).len(), 1 + MANY);
}

#[test]
fn it_reads_back_as_a_commit_that_was_written_whole() {
    let told = |ahead: bool| {
        let desk = Desk::new();
        let journal = desk.open();
        let log = record(&journal);
        creates_a_user(&log);
        let changes = many();
        let ahead = ahead.then(|| take(&log, &changes, &mut || true).expect("it is large"));
        let between = log.head().pos;
        let pos = seeded(&log, 2, changes, ahead);
        let (before, after) = (user("seeded-9", 1, "seeded-9@example.com"), user("seeded-9", 2, "grace@example.com"));
        let seq = log.open(opened(2, "PATCH", "/scim/v2/Users/seeded-9"));
        log.append(commit("default", 3, seq, vec![change("seeded-9", Some(before), Some(after))]));
        assert!(confirmed(&log));
        journal.close().unwrap();
        let journal = desk.open();
        let history = journal.history();
        let of = Subject { tenant: "default", resource_type: "User", resource_id: "seeded-9" };
        let at = |pos| history.states_at("default", pos).unwrap();
        assert_eq!((at(between).len(), at(pos).len()), (1, 1 + MANY));
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}",
            history.commit("default", Revision(2)).unwrap(),
            history.versions(&of, Revision(9), 9).unwrap(),
            at(pos),
            history.earlier("default", Revision(1), Revision(3)).unwrap(),
            journal.resume().unwrap().tenants,
            journal.disk_usage().change_bytes,
        )
    };
    assert_eq!(told(true), told(false));
}

#[test]
fn one_that_is_stopped_or_never_comes_leaves_nothing() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let before = change_bytes(&desk);
    for most in [1, 3, 8] {
        let mut asked = 0;
        let stopped = take(&log, &many(), &mut || {
            asked += 1;
            asked < most
        });
        assert_eq!((stopped, asked), (None, most));
        assert_eq!(counts(&desk.file()), (1, 1, 0));
    }
    let never = take(&log, &many(), &mut || true).unwrap();
    assert!(counts(&desk.file()).0 > MANY as i64);
    log.takes_ahead().unwrap().give_up(never);
    assert_eq!(counts(&desk.file()), (1, 1, 0));
    assert_eq!(change_bytes(&desk), before);
    creates_a_user(&log);
    // A commit that names what is not there is written whole.
    seeded(&log, 3, many(), Some(never));
    assert!(confirmed(&log));
    assert_eq!(ids(&journal).len(), 2 + MANY);
}

#[test]
fn an_id_that_somebody_else_has_taken_meanwhile_stays_theirs() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    let first = take(&log, &many(), &mut || true).unwrap();
    // Somebody creates one of them in another way, and changes it.
    let (one, two) = (user("seeded-5", 1, "ada@example.com"), user("seeded-5", 2, "grace@example.com"));
    let seq = log.open(opened(2, "POST", "/scim/v2/Users"));
    log.append(commit("default", 2, seq, vec![change("seeded-5", None, Some(Arc::clone(&one)))]));
    log.append(commit("default", 3, seq, vec![change("seeded-5", Some(one), Some(two))]));
    assert!(confirmed(&log));
    assert_eq!(take(&log, &many(), &mut || true), None, "they are there already");
    log.takes_ahead().unwrap().give_up(first);
    journal.close().unwrap();
    let resources = desk.open().resume().unwrap().tenants.remove(0).resources;
    let told: Vec<_> = resources.iter().map(|it| (it.id.as_str(), it.document.value().to_text())).collect();
    assert_eq!(told.len(), 2);
    assert!(told[1].0 == "seeded-5" && told[1].1.contains("grace@example.com"), "{told:?}");
    assert_eq!(counts(&desk.file()), (3, 2, 0));
}

#[test]
fn small_commits_changes_of_what_is_there_and_temporary_workspaces_are_not_written_ahead() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    assert_eq!(take(&log, &many()[..1_000], &mut || true), None);
    let mut changes = many();
    changes[700].before = Some(user("seeded-700", 1, "ada@example.com"));
    assert_eq!(take(&log, &changes, &mut || true), None);
    let elsewhere = Desk::new();
    let temporary = elsewhere.temporary();
    let log = record(&temporary);
    assert_eq!(take(&log, &many(), &mut || true), None);
}

#[test]
fn a_file_of_the_version_before_takes_them() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch("DROP TABLE ahead; PRAGMA user_version = 11").unwrap();
    file.close().unwrap();

    let journal = Journal::open(&Place::File(desk.file()), &Options::default()).unwrap();
    assert_eq!(ids(&journal), ["user-1"]);
    let log = record(&journal);
    let ahead = take(&log, &many(), &mut || true);
    seeded(&log, 2, many(), ahead);
    assert!(confirmed(&log) && ahead.is_some());
    journal.close().unwrap();
    assert_eq!(ids(&desk.open()).len(), 1 + MANY);
}
