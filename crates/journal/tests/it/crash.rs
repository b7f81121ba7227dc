//! Processes that end in the middle of writing.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use std::sync::Arc;

use journal::{Durability, Journal, Options, Place};
use traffic::exchange::Ending;
use traffic::log::{Budget, Log};

use crate::sample::*;

const FILE: &str = "SCIMSCOPE_TEST_JOURNAL_FILE";
const DURABILITY: &str = "SCIMSCOPE_TEST_JOURNAL_DURABILITY";

/// Not a test of its own: the process that the next ones start and kill. It writes until then, and says on stdout up to
/// which position it was confirmed.
#[test]
fn a_process_that_writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let relaxed = std::env::var_os(DURABILITY).is_some_and(|durability| durability == "relaxed");
    let durability = if relaxed { Durability::Relaxed } else { Durability::Acknowledged };
    let place = if file.is_empty() { Place::Temporary } else { Place::File(PathBuf::from(file)) };
    let journal = Journal::open(&place, &Options { durability, ..Options::default() }).unwrap();
    // So little that nearly everything has left the memory when the end comes.
    let log = record_within(&journal, Budget::of(50_000));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut out = std::io::stdout();
    loop {
        // Some at a time, so that batches end anywhere.
        let mut decided = creates_a_user(&log);
        for _ in 0..log.head().seq.0 % 17 {
            decided = creates_a_user(&log);
        }
        assert!(runtime.block_on(log.wait_durable(decided)));
        writeln!(out, "confirmed {decided}").unwrap();
    }
}

/// Lets a process write to a file and kills it after some confirmations. Gives the last one that it told of.
fn write_and_be_killed(file: &Path, durability: &str, confirmations: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_process_that_writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FILE, file)
        .env(DURABILITY, durability)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = lines.map_while(Result::ok).filter_map(|line| line.split_once("confirmed ")?.1.parse().ok());
    let last: u64 = told.nth(confirmations - 1).expect("the process has ended by itself");
    child.kill().unwrap();
    // What it told of between that line and its end counts, too.
    let last = told.last().unwrap_or(last);
    child.wait().unwrap();
    last
}

/// What the process above has in memory after some exchanges.
fn expected(exchanges: usize) -> Arc<Log> {
    let log = Arc::new(Log::new());
    creates_users(&log, exchanges);
    log
}

pub fn a_consistent_prefix(loaded: &Loaded, confirmed: u64) {
    assert!(loaded.last_pos.0 >= confirmed, "{confirmed} was confirmed, the file ends at {}", loaded.last_pos);
    let log = expected(loaded.exchanges.len());
    let all = words(&exchanges_of(&log));
    let entries = loaded.last_pos.0 - loaded.interrupted.len() as u64;
    for (exchange, expected) in loaded.exchanges.iter().zip(&all) {
        // Five entries each; only the last exchange can be cut short, and only it was closed at the start.
        if exchange.seq.0 * 5 <= entries {
            assert_eq!(format!("{exchange:?}"), *expected);
        } else {
            assert_eq!(exchange.seq.0, loaded.exchanges.len() as u64);
        }
        assert!(exchange.closed.is_some());
    }
    assert_eq!(loaded.exchanges.len() as u64, entries.div_ceil(5));
    // The directory has exactly the commits that the record has.
    let commits = loaded.exchanges.iter().filter(|exchange| exchange.committed.is_some()).count();
    // Without a commit there is no directory.
    let state = loaded.tenants.first().map_or((0, 0), |tenant| (tenant.revision.0, tenant.resources.len()));
    assert_eq!(state, (commits as u64, commits));
}

#[test]
fn a_process_that_is_killed_loses_nothing_that_was_confirmed() {
    for (durability, confirmations) in
        [("acknowledged", 1), ("acknowledged", 40), ("acknowledged", 300), ("relaxed", 20)]
    {
        let desk = Desk::new();
        let confirmed = write_and_be_killed(&desk.file(), durability, confirmations);
        let journal = desk.open();
        let loaded = journal.load().unwrap();
        a_consistent_prefix(&loaded, confirmed);

        // And it can be gone on with, and be killed again.
        let log = record(&journal);
        creates_a_user(&log);
        assert!(crate::sample::confirmed(&log));
        let expected = exchanges_of(&log);
        drop(journal);
        assert_eq!(words(&desk.open().load().unwrap().exchanges), words(&expected));
    }
}

#[test]
fn a_file_that_is_copied_while_it_is_written_opens_to_a_consistent_prefix() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let first = log.head().pos.0;
    for _ in 0..5 {
        creates_users(&log, 40);
        assert!(confirmed(&log));
        let confirmed = log.head().pos.0;
        creates_users(&log, 40);
        // First the log that the file is brought up to date from; nothing is moved into the file at this size.
        let copy = Desk::new();
        let beside = |file: PathBuf| PathBuf::from(format!("{}-wal", file.display()));
        std::fs::copy(desk.file(), copy.file()).unwrap();
        std::fs::copy(beside(desk.file()), beside(copy.file())).unwrap();
        a_consistent_prefix(&copy.open().load().unwrap(), confirmed);

        // The end of the log torn off and broken: less, perhaps only the first transaction, but still a prefix.
        let torn = Desk::new();
        std::fs::copy(desk.file(), torn.file()).unwrap();
        let mut wal = std::fs::read(beside(desk.file())).unwrap();
        wal.truncate(wal.len() * 3 / 4);
        let end = wal.len() - 5_000;
        wal[end] ^= 0xff;
        std::fs::write(beside(torn.file()), wal).unwrap();
        a_consistent_prefix(&torn.open().load().unwrap(), first);
    }
}

#[test]
fn an_exchange_that_was_open_when_the_process_ended_is_closed_as_aborted() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_a_user(&log);
    let hung = log.open(opened(2, "GET", "/hung"));
    let decided = log.open(opened(3, "GET", "/decided"));
    let (received, handled) = (received("GET /decided HTTP/1.1\r\n\r\n", b""), handled(200, b"body"));
    log.append(traffic::entry::Entry::Handled(decided, received.into(), handled.into()));
    let end = log.head().pos.0;
    journal.close().unwrap();

    for _ in 0..2 {
        let journal = desk.open();
        let loaded = journal.load().unwrap();
        assert_eq!(loaded.last_pos.0, end + 2, "one entry for each, written once");
        let endings: Vec<_> = loaded.exchanges.iter().map(|exchange| exchange.closed.clone().unwrap()).collect();
        assert_eq!(endings[0].ending, Ending::Complete);
        let aborted = |text: &str| Ending::Aborted(text.to_owned());
        assert_eq!(endings[1].ending, aborted("the server stopped before the request was handled"));
        assert_eq!(endings[2].ending, aborted("the server stopped before the response was recorded as sent"));
        assert!(endings[2].sent.body.is_empty() && endings[2].sent.head.is_empty());
        assert_eq!(&loaded.exchanges[2].outcome().unwrap().response.body[..], b"body");
        assert_eq!((loaded.exchanges[1].pos.0, loaded.exchanges[2].pos.0), (end + 1, end + 2));
        assert_eq!(words(&[journal.exchange(hung).unwrap().unwrap()]), words(&loaded.exchanges[1..2]));
    }
}

#[cfg(unix)]
#[test]
fn the_temporary_workspace_of_a_killed_process_is_removed_at_the_next_start() {
    let desk = Desk::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::a_process_that_writes_until_it_is_killed", "--nocapture", "--test-threads=1"])
        .env(FILE, "")
        .env("TMPDIR", desk.dir.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("confirmed ")));
    let pid = format!("scimscope-{}-", child.id());
    let left = |desk: &Desk| desk.names().iter().filter(|name| name.starts_with(&pid)).count();
    // Alive: kept.
    drop(desk.temporary());
    assert_eq!(left(&desk), 4);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(left(&desk), 4);
    drop(desk.temporary());
    assert_eq!(desk.names(), [""; 0]);
}
