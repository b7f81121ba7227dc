//! Which files are opened, and how they are left.

use std::path::Path;

use journal::{APPLICATION_ID, Error, Journal, Options, Place, VERSION};
use rusqlite::Connection;

use crate::sample::{Desk, Whole, creates_a_user, creates_users, record};

fn refused(path: &Path) -> Error {
    Journal::open(&Place::File(path.to_owned()), &Options::default()).unwrap_err()
}

/// The file stays as it is, byte for byte, and nothing appears beside it.
fn refused_and_untouched(desk: &Desk) -> Error {
    let before = (std::fs::read(desk.file()).unwrap(), desk.names());
    let error = refused(&desk.file());
    assert_eq!((std::fs::read(desk.file()).unwrap(), desk.names()), before);
    error
}

#[test]
fn a_new_file_is_made_and_says_what_it_is() {
    let desk = Desk::new();
    let journal = desk.open();
    assert_eq!(journal.path(), desk.file().canonicalize().unwrap());
    assert!(!journal.is_temporary());
    assert_eq!(journal.load().unwrap().last_pos.0, 0);
    drop(journal);
    assert_eq!(desk.names(), ["work.scimscope"]);
    let file = Connection::open(desk.file()).unwrap();
    let number = |name: &str| file.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!((number("application_id"), number("user_version")), (APPLICATION_ID, VERSION));
    assert_eq!(number("auto_vacuum"), 2, "incremental");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_a_new_file_and_what_is_beside_it() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let journal = desk.open();
    creates_a_user(&record(&journal));
    assert_eq!(desk.names(), ["", "-shm", "-wal", ".lock"].map(|end| format!("work.scimscope{end}")));
    for name in desk.names() {
        let mode = std::fs::metadata(desk.dir.path().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_not_touched() {
    let desk = Desk::new();
    drop(desk.open());
    let file = Connection::open(desk.file()).unwrap();
    file.pragma_update(None, "user_version", VERSION + 1).unwrap();
    file.close().unwrap();
    let error = refused_and_untouched(&desk);
    let (found, known) = (VERSION + 1, VERSION);
    assert!(matches!(error, Error::Newer { found: f, known: k, .. } if (f, k) == (found, known)));
    assert!(error.to_string().contains("written by a newer Scimscope"), "{error}");
}

#[test]
fn a_file_of_a_newer_version_that_only_its_write_ahead_log_tells_of_is_refused() {
    let desk = Desk::new();
    drop(desk.open());
    let file = Connection::open(desk.file()).unwrap();
    file.pragma_update(None, "user_version", VERSION + 1).unwrap();
    // Its process has not ended, so the log is still there.
    assert!(desk.names().contains(&"work.scimscope-wal".to_owned()));
    assert!(matches!(refused(&desk.file()), Error::Newer { .. }));
    drop(file);
}

#[test]
fn a_database_of_another_program_is_refused_and_not_touched() {
    let desk = Desk::new();
    let file = Connection::open(desk.file()).unwrap();
    file.execute_batch("PRAGMA application_id = 7; CREATE TABLE entry (a); INSERT INTO entry VALUES (1)").unwrap();
    file.close().unwrap();
    let error = refused_and_untouched(&desk).to_string();
    assert!(error.contains("an SQLite file of another program") && error.contains("Choose another file"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_not_touched() {
    let desk = Desk::new();
    for content in [&b"{}"[..], &[b'x'; 5_000], b"SQLite format 3\0"] {
        std::fs::write(desk.file(), content).unwrap();
        assert!(refused_and_untouched(&desk).to_string().contains("it is not an SQLite file"));
    }
}

#[test]
fn an_empty_file_is_a_new_one() {
    let desk = Desk::new();
    std::fs::write(desk.file(), b"").unwrap();
    assert_eq!(desk.open().load().unwrap().exchanges.len(), 0);
}

#[test]
fn a_folder_and_a_file_in_no_folder_are_refused() {
    let desk = Desk::new();
    assert!(refused(desk.dir.path()).to_string().contains("it is a folder"));
    let error = refused(&desk.dir.path().join("none/work.scimscope"));
    assert!(error.to_string().contains("cannot find its folder"), "{error}");
    assert_eq!(desk.names(), [""; 0]);
}

#[test]
fn a_file_that_is_open_is_refused_by_any_of_its_names() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let mut names = vec![desk.file(), desk.dir.path().join(".").join("work.scimscope")];
    #[cfg(unix)]
    {
        let link = desk.dir.path().join("link.scimscope");
        std::os::unix::fs::symlink(desk.file(), &link).unwrap();
        names.push(link);
    }
    for name in &names {
        let error = refused(name);
        assert!(matches!(error, Error::InUse { .. }), "{error}");
        assert!(error.to_string().contains("already open in a running Scimscope"), "{error}");
    }
    // Being refused has not disturbed the one that has it open.
    creates_a_user(&log);
    journal.close().unwrap();
    assert_eq!(desk.open().load().unwrap().exchanges.len(), 1);
}

#[test]
fn a_file_whose_record_does_not_fit_together_is_said_to_be_damaged() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 3);
    journal.close().unwrap();
    for (damage, what) in [
        ("UPDATE change SET lines = '[' WHERE id = 2", "change 2 cannot be read back"),
        ("UPDATE bundle SET parts = x'00'", "exchange 1 cannot be read back"),
    ] {
        let copy = Desk::new();
        std::fs::copy(desk.file(), copy.file()).unwrap();
        Connection::open(copy.file()).unwrap().execute_batch(damage).unwrap();
        let error = copy.open().load().unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}
