//! Files that can only be read, and disks that become so.

use std::sync::Arc;
use std::time::Duration;

use journal::{Error, Journal, Options, Place, State, Target};
use traffic::ids::{Pos, Seq};
use traffic::log::Log;

use crate::disk::SmallDisk;
use crate::sample::{Desk, Whole, confirmed, creates_a_user, creates_users, exchanges_of, record, words};

fn until(journal: &Journal, log: &Log, wanted: impl Fn(&State) -> bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut state = journal.watch_state();
    runtime.block_on(state.wait_for(|state| wanted(state))).unwrap();
    assert!(log.head().pos > Pos(0));
}

#[test]
fn a_disk_that_becomes_read_only_loses_nothing_and_is_written_again_when_it_can_be() {
    let desk = Desk::new();
    let journal = desk.open_with(Options { retry: Duration::from_millis(5), ..Options::default() });
    let log = record(&journal);
    creates_users(&log, 5);
    assert!(confirmed(&log));
    let safe = log.head().seq;
    journal.refuse_writes(true).unwrap();
    creates_a_user(&log);
    until(&journal, &log, |state| matches!(state, State::Degraded { why, .. } if why.contains("may not be written")));
    assert!(!confirmed(&log), "what came since is not durable");
    assert!(log.exchange(safe).unwrap().pos <= log.confirmed_through(), "what was confirmed stays so");
    assert_eq!(journal.exchange(Seq(1)).unwrap().map(|exchange| exchange.seq), Some(Seq(1)), "it is read as before");
    journal.refuse_writes(false).unwrap();
    until(&journal, &log, |state| *state == State::Healthy);
    assert!(confirmed(&log));
    let expected = exchanges_of(&log);
    journal.close().unwrap();
    assert_eq!(words(&desk.open().load().unwrap().exchanges), words(&expected));
}

#[test]
fn a_file_on_a_read_only_disk_is_opened_as_a_copy_and_saved_elsewhere() {
    let disk = SmallDisk::new();
    let journal = disk.open();
    let log = record(&journal);
    creates_users(&log, 5);
    assert!(confirmed(&log));
    let expected = words(&exchanges_of(&log));
    journal.close().unwrap();
    if !disk.make_read_only() {
        // Nothing here can take the right to write from this user.
        return;
    }
    let refused = Journal::open(&Place::File(disk.file()), &Options::default()).unwrap_err();
    assert!(refused.is_read_only(), "{refused}");
    let elsewhere = Desk::new();
    let options = Options { temporary_dir: Some(elsewhere.dir.path().to_owned()), ..Options::default() };
    let journal = Journal::open_copy_of(&disk.file(), &options).unwrap();
    assert!(journal.is_temporary());
    assert_eq!(words(&journal.load().unwrap().exchanges), expected);
    let log: Arc<Log> = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let target = Target { path: elsewhere.file(), replace: false };
    journal.move_to(&target, &mut |_, _| true).unwrap();
    let all = words(&exchanges_of(&log));
    journal.close().unwrap();
    assert_eq!(words(&elsewhere.open().load().unwrap().exchanges), all);
}

#[test]
fn a_temporary_workspace_that_cannot_be_written_goes_on_in_memory_and_is_whole_where_it_is_saved_later() {
    let desk = Desk::new();
    let options = Options {
        retry: Duration::from_millis(5),
        temporary_dir: Some(desk.dir.path().to_owned()),
        ..Options::default()
    };
    let journal = Journal::open(&Place::Temporary, &options).unwrap();
    let log = record(&journal);
    journal.refuse_writes(true).unwrap();
    // Written late, so it is noticed when somebody asks for what is stored.
    creates_users(&log, 50);
    assert!(!confirmed(&log));
    until(&journal, &log, |state| matches!(state, State::Degraded { .. }));
    creates_users(&log, 50);
    // The new place can be written.
    let elsewhere = Desk::new();
    let target = Target { path: elsewhere.file(), replace: false };
    journal.move_to(&target, &mut |_, _| true).unwrap();
    until(&journal, &log, |state| *state == State::Healthy);
    assert!(confirmed(&log));
    let all = words(&exchanges_of(&log));
    assert_eq!(all.len(), 100);
    journal.close().unwrap();
    assert_eq!(words(&elsewhere.open().load().unwrap().exchanges), all);
}

#[test]
fn a_file_that_is_no_workspace_is_refused_however_it_is_opened() {
    let desk = Desk::new();
    std::fs::write(desk.file(), "Dear Ada,").unwrap();
    assert!(matches!(Journal::open_copy_of(&desk.file(), &Options::default()), Err(Error::NotAWorkspace { .. })));
    std::fs::remove_file(desk.file()).unwrap();
    let journal = desk.open();
    assert!(matches!(Journal::open_copy_of(&desk.file(), &Options::default()), Err(Error::InUse { .. })));
    drop(journal);
}
