//! A workspace under another name: a copy of it, or the file itself from now on.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use journal::{Error, Journal, Options, Place, Target};
use serde_json::json;
use traffic::ids::{Pos, Seq};

use crate::sample::{Desk, Whole, confirmed, creates_a_user, creates_users, exchanges_of, record, words};

fn target(desk: &Desk, name: &str) -> Target {
    Target { path: desk.dir.path().join(name), replace: false }
}

fn open(target: &Target) -> Journal {
    Journal::open(&Place::File(target.path.clone()), &Options::default()).unwrap()
}

fn go_on(_: u64, _: u64) -> bool {
    true
}

#[test]
fn a_copy_is_the_file_as_it_was_at_one_moment_while_the_record_goes_on() {
    let desk = Desk::new();
    let journal = Arc::new(desk.open());
    let log = record(&journal);
    creates_users(&log, 40);
    assert!(confirmed(&log));
    let before = log.head().seq;
    let done = Arc::new(AtomicBool::new(false));
    let busy = std::thread::spawn({
        let (log, done) = (Arc::clone(&log), Arc::clone(&done));
        move || {
            while !done.load(Ordering::Relaxed) {
                creates_a_user(&log);
                confirmed(&log);
            }
        }
    });
    let to = target(&desk, "copy.scimscope");
    let mut told = Vec::new();
    let documents = [("settings", "name", json!({ "id": "the copy" }))];
    let path = journal.copy_to(&to, &documents, &mut |done, total| {
        told.push((done, total));
        true
    });
    done.store(true, Ordering::Relaxed);
    busy.join().unwrap();
    assert_eq!(path.unwrap(), to.path.canonicalize().unwrap());
    let (done, total) = *told.last().unwrap();
    assert!(total > 0 && done == total, "{told:?}");
    assert_eq!(std::fs::metadata(&to.path).unwrap().permissions().mode() & 0o777, 0o600);

    let copy = open(&to);
    let loaded = copy.load().unwrap();
    let count = loaded.exchanges.len();
    assert!(count as u64 >= before.0 && loaded.recovered.is_none());
    // The last ones may have been cut short by the moment; all that were over are there word for word.
    let whole = exchanges_of(&log);
    assert_eq!(words(&loaded.exchanges)[..before.0 as usize], words(&whole)[..before.0 as usize]);
    assert_eq!(copy.get_document("settings", "name").unwrap().unwrap().json["id"], "the copy");
    assert!(journal.get_document("settings", "name").unwrap().is_none(), "the original is as it was");
    drop(copy);
    assert_eq!(desk.names().iter().filter(|name| name.starts_with("copy")).collect::<Vec<_>>(), ["copy.scimscope"]);
}

#[test]
fn a_copy_that_is_stopped_leaves_nothing() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let names = desk.names();
    let stopped =
        journal.copy_to(&target(&desk, "copy.scimscope"), &[], &mut |done, total| done == total && total == 0);
    // So small a file is copied in one step, so nobody is asked before it is done.
    if stopped.is_err() {
        assert!(matches!(stopped, Err(Error::Stopped { .. })));
        assert_eq!(desk.names(), names);
    }
    journal.put_document("big", "1", &json!("x".repeat(4 << 20))).unwrap();
    let names = desk.names();
    let stopped = journal.copy_to(&target(&desk, "other.scimscope"), &[], &mut |_, _| false);
    assert!(matches!(stopped, Err(Error::Stopped { .. })), "{stopped:?}");
    assert_eq!(desk.names(), names);
}

#[test]
fn nothing_that_is_there_is_overwritten_unless_it_is_wanted_and_never_what_is_open_or_no_workspace() {
    let desk = Desk::new();
    let journal = desk.open();
    let other = target(&desk, "other.scimscope");
    let open_other = open(&other);
    let copy = |replace| journal.copy_to(&Target { replace, ..other.clone() }, &[], &mut go_on);
    assert!(matches!(copy(true), Err(Error::InUse { .. })));
    let itself = Target { path: desk.file(), replace: true };
    assert!(matches!(journal.copy_to(&itself, &[], &mut go_on), Err(Error::InUse { .. })));
    drop(open_other);
    assert!(matches!(copy(false), Err(Error::Exists { .. })));
    journal.put_document("settings", "name", &json!("new")).unwrap();
    copy(true).unwrap();
    assert_eq!(open(&other).get_document("settings", "name").unwrap().unwrap().json, json!("new"));

    let letter = desk.dir.path().join("letter.txt");
    std::fs::write(&letter, "Dear Ada,").unwrap();
    let onto_it = Target { path: letter.clone(), replace: true };
    assert!(matches!(journal.copy_to(&onto_it, &[], &mut go_on), Err(Error::NotAWorkspace { .. })));
    assert_eq!(std::fs::read_to_string(&letter).unwrap(), "Dear Ada,");
    let nowhere = Target { path: desk.dir.path().join("no/such/folder"), replace: false };
    assert!(matches!(journal.copy_to(&nowhere, &[], &mut go_on), Err(Error::File { .. })));
}

#[test]
fn a_copy_without_a_name_can_be_read_and_is_gone_with_its_file() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let mut file = journal.copy(&[], &mut go_on).unwrap();
    let to = target(&desk, "saved.scimscope");
    std::io::copy(&mut file, &mut std::fs::File::create(&to.path).unwrap()).unwrap();
    assert_eq!(words(&open(&to).load().unwrap().exchanges), words(&exchanges_of(&log)));
}

#[test]
fn a_temporary_workspace_goes_on_in_the_file_it_is_moved_to() {
    let desk = Desk::new();
    let journal = Arc::new(desk.temporary());
    let log = record(&journal);
    creates_users(&log, 20);
    let temporary = journal.path();
    let done = Arc::new(AtomicBool::new(false));
    let busy = std::thread::spawn({
        let (log, done) = (Arc::clone(&log), Arc::clone(&done));
        move || {
            while !done.load(Ordering::Relaxed) {
                creates_a_user(&log);
                confirmed(&log);
            }
        }
    });
    let to = target(&desk, "kept.scimscope");
    let moved = journal.move_to(&to, &mut go_on);
    // It is written there from now on.
    let seen = log.head().seq;
    while log.head().seq.0 < seen.0 + 5 {
        std::thread::yield_now();
    }
    done.store(true, Ordering::Relaxed);
    busy.join().unwrap();
    assert_eq!(journal.path(), moved.unwrap());
    assert!(!journal.is_temporary());
    assert!(!temporary.exists(), "the temporary file is gone");
    assert!(matches!(Journal::open(&Place::File(to.path.clone()), &Options::default()), Err(Error::InUse { .. })));
    assert!(confirmed(&log));
    assert_eq!(journal.exchange(Seq(1)).unwrap().map(|exchange| exchange.seq), Some(Seq(1)));
    let expected = exchanges_of(&log);
    journal.close().unwrap();
    assert_eq!(words(&open(&to).load().unwrap().exchanges), words(&expected));
    assert_eq!(desk.names(), ["kept.scimscope"]);
}

#[test]
fn a_move_that_fails_or_is_stopped_changes_nothing() {
    let desk = Desk::new();
    let journal = desk.temporary();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let other = target(&desk, "other.scimscope");
    drop(open(&other));
    assert!(matches!(journal.move_to(&other, &mut go_on), Err(Error::Exists { .. })));
    journal.put_document("big", "1", &json!("x".repeat(4 << 20))).unwrap();
    let stopped = journal.move_to(&target(&desk, "new.scimscope"), &mut |_, _| false);
    assert!(matches!(stopped, Err(Error::Stopped { .. })), "{stopped:?}");
    assert!(!desk.dir.path().join("new.scimscope").exists() && journal.is_temporary());
    creates_a_user(&log);
    assert!(confirmed(&log) && log.confirmed_through() > Pos(0));
}

#[test]
fn what_a_temporary_workspace_has_not_written_yet_is_in_a_copy_and_in_the_file_it_is_moved_to() {
    let desk = Desk::new();
    let journal = desk.temporary();
    let log = record(&journal);
    // Nobody waits for these: they are written late.
    creates_users(&log, 300);
    let to = target(&desk, "copy.scimscope");
    journal.copy_to(&to, &[], &mut go_on).unwrap();
    let expected = words(&exchanges_of(&log));
    assert_eq!(words(&open(&to).load().unwrap().exchanges), expected);

    creates_users(&log, 300);
    let named = Desk::new();
    let to = target(&named, "moved.scimscope");
    journal.move_to(&to, &mut go_on).unwrap();
    // Written as in any file that stays, from now on.
    let last = creates_a_user(&log);
    assert!(confirmed(&log) && log.confirmed_through() >= last);
    let expected = words(&exchanges_of(&log));
    assert_eq!(expected.len(), 601);
    journal.close().unwrap();
    assert_eq!(words(&open(&to).load().unwrap().exchanges), expected);
}
