//! What is recorded comes back, in a saved workspace and in a temporary one.

use std::sync::Arc;

use bytes::Bytes;
use journal::{Durability, Journal, Options, State};
use traffic::entry::Entry;
use traffic::exchange::{Closed, Ending, Received, Sent};
use traffic::ids::{Pos, Seq};
use traffic::log::{Durable, Log};

use crate::sample::*;

const NOT_TEXT: &[u8] = b"\x00\xff\xfe{\"a\":\x80}\r\n";

/// Entries of every kind, with bytes of every kind.
fn everything(log: &Log) {
    log.append(state("listening"));

    // Creates a user; its response leaves whole.
    creates_a_user(log);

    // A chunked request that is refused; the response breaks off.
    let refused = log.open(opened(2, "PATCH", "/scim/v2/Users/%E4?x=\u{0}ü"));
    let chunked =
        Received { chunked: true, ..received("PATCH / HTTP/1.1\r\nX-fOo:   a\r\n\r\n", b"2\r\n{}\r\n0\r\n\r\n") };
    log.append(Entry::Handled(refused, Arc::new(chunked), Arc::new(handled(400, NOT_TEXT))));
    log.append(Entry::Closed(refused, Arc::new(closed(Ending::Aborted("in the body".to_owned()), &NOT_TEXT[..3]))));

    // Not HTTP: never handled, and nothing is answered.
    let garbage = log.open(opened(3, "", ""));
    let came = Some(Received { head: Bytes::from_static(NOT_TEXT), ..Received::default() });
    let (ending, sent) = (Ending::Refused("not HTTP".to_owned()), Sent::default());
    log.append(Entry::Closed(garbage, Arc::new(Closed { ending, received: came, sent })));

    // Two exchanges at a time, one commit of several changes, two annotations of which the second counts.
    let (left, right) = (log.open(opened(4, "POST", "/a")), log.open(opened(5, "GET", "/b")));
    let ada = user("ada", 1, "ada@example.com");
    let grace = user("grace", 1, "grace@example.com");
    log.append(annotated(right, "first"));
    let changes = vec![change("ada", None, Some(Arc::clone(&ada))), change("grace", None, Some(Arc::clone(&grace)))];
    log.append(commit("default", 2, left, changes));
    log.append(annotated(right, "second"));
    let handled_late = Received { handled_us: None, ..received("GET /b HTTP/1.1\r\n\r\n", b"") };
    log.append(Entry::Handled(right, Arc::new(handled_late.clone()), Arc::new(handled(200, b""))));
    log.append(Entry::Closed(right, Arc::new(closed(Ending::Complete, b""))));
    log.append(Entry::Handled(left, Arc::new(received_again()), Arc::new(handled(200, b"{}"))));
    let both = Closed { received: Some(handled_late), ..closed(Ending::TimedOut("the body".to_owned()), b"") };
    log.append(Entry::Closed(left, Arc::new(both)));

    // A user changes twice, one is deleted; another tenant has revisions of its own.
    let next = user("ada", 2, "ada@example.org");
    let seq = creates_nothing(log, 6);
    log.append(commit("default", 3, seq, vec![change("ada", Some(ada), Some(Arc::clone(&next)))]));
    let seq = creates_nothing(log, 7);
    log.append(commit("default", 4, seq, vec![change("grace", Some(grace), None)]));
    let seq = creates_nothing(log, 8);
    log.append(commit("default", 5, seq, vec![change("ada", Some(next), Some(user("ada", 3, "a@example.org")))]));
    let seq = creates_nothing(log, 9);
    // The state before is one that no change has left.
    let seeded = Some(user("seeded", 4, "s@example.com"));
    log.append(commit("other", 1, seq, vec![change("seeded", seeded, Some(user("seeded", 5, "t@example.com")))]));
    // And one that differs from what the last change of it has left.
    let seq = creates_nothing(log, 10);
    let edited = Some(user("seeded", 6, "elsewhere@example.com"));
    log.append(commit("other", 2, seq, vec![change("seeded", edited, Some(user("seeded", 7, "u@example.com")))]));
    log.append(state("profile"));

    // What people put on exchanges, one of them twice.
    log.append(marked(left, true, "looked at"));
    log.append(marked(refused, true, ""));
    log.append(marked(refused, false, "on the list"));
    log.append(belongs(right, left));
}

fn received_again() -> Received {
    received("POST /a HTTP/1.1\r\n\r\n", b"[]")
}

fn every_exchange_comes_back(journal: &Journal) {
    let log = record(journal);
    everything(&log);
    assert!(confirmed(&log));
    assert_eq!(log.durable(), Durable::Through(log.head().pos));
    assert_eq!(journal.state(), State::Healthy);
    let expected = exchanges_of(&log);
    let read = (1..=log.head().seq.0).map(|seq| journal.exchange(Seq(seq)).unwrap().unwrap()).collect::<Vec<_>>();
    assert_eq!(words(&read), words(&expected));
    assert!(journal.exchange(Seq(log.head().seq.0 + 1)).unwrap().is_none());
    assert_eq!(words(&journal.load().unwrap().exchanges), words(&expected));
}

#[test]
fn every_kind_of_entry_comes_back_from_a_saved_workspace() {
    for durability in [Durability::Acknowledged, Durability::Relaxed, Durability::PowerSafe] {
        every_exchange_comes_back(&Desk::new().open_with(Options { durability, ..Options::default() }));
    }
}

#[test]
fn every_kind_of_entry_comes_back_from_a_temporary_workspace() {
    every_exchange_comes_back(&Desk::new().temporary());
}

#[test]
fn entries_that_come_one_batch_at_a_time_make_the_same_record() {
    let desk = Desk::new();
    let at_once = Arc::new(Log::new());
    everything(&at_once);
    let journal = desk.open();
    let log = record(&journal);
    for (_, entry) in at_once.read(Pos(0), usize::MAX) {
        match entry {
            Entry::Opened(_, opened) => drop(log.open(opened.as_ref().clone())),
            entry => drop(log.append(entry)),
        }
        assert!(confirmed(&log));
    }
    journal.close().unwrap();
    assert_eq!(words(&desk.open().load().unwrap().exchanges), words(&exchanges_of(&at_once)));
}

#[test]
fn a_workspace_that_is_opened_again_goes_on_where_it_ended() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    everything(&log);
    // Closing writes what is not confirmed yet.
    journal.close().unwrap();
    assert_eq!(log.durable(), Durable::Never, "nobody waits for a closed journal");
    let (expected, end) = (exchanges_of(&log), log.head());

    let journal = desk.open();
    let loaded = journal.load().unwrap();
    assert_eq!(words(&loaded.exchanges), words(&expected));
    assert_eq!((loaded.last_pos, loaded.interrupted.len()), (end.pos, 0));

    let log = record(&journal);
    assert_eq!((log.head(), log.durable()), (end, Durable::Through(end.pos)));
    creates_nothing(&log, 11);
    assert_eq!((log.head().seq.0, log.head().pos.0), (end.seq.0 + 1, end.pos.0 + 2));
    let expected = exchanges_of(&log);
    drop(journal);
    assert_eq!(words(&desk.open().load().unwrap().exchanges), words(&expected));
}

#[test]
fn directories_come_back_as_the_last_changes_left_them() {
    let desk = Desk::new();
    let journal = desk.open();
    everything(&record(&journal));
    journal.close().unwrap();

    let tenants = desk.open().load().unwrap().tenants;
    let found: Vec<_> = tenants
        .iter()
        .map(|tenant| {
            let resources = tenant.resources.iter();
            let resources = resources.map(|resource| {
                let name = resource.document.get("userName").and_then(|name| name.as_str()).unwrap();
                (resource.resource_type.as_str(), resource.id.as_str(), resource.version, name)
            });
            (tenant.name.as_str(), tenant.revision.0, resources.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("default", 5, vec![("User", "user-1", 1, "user1@example.com"), ("User", "ada", 3, "a@example.org")]),
            ("other", 2, vec![("User", "seeded", 7, "u@example.com")]),
        ]
    );
    assert_eq!(
        format!("{:?}", tenants[0].resources[0].document),
        user("user-1", 1, "user1@example.com").value().to_text()
    );
}

#[test]
fn what_one_change_left_and_the_next_one_found_is_one_document_whole() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let (first, second) = (user("ada", 1, "a"), user("ada", 2, "b"));
    let seq = creates_nothing(&log, 1);
    log.append(commit("default", 1, seq, vec![change("ada", None, Some(Arc::clone(&first)))]));
    let seq = creates_nothing(&log, 2);
    log.append(commit("default", 2, seq, vec![change("ada", Some(first), Some(second))]));
    assert!(confirmed(&log));
    let loaded = journal.load().unwrap().exchanges;
    let change = |at: usize| loaded[at].committed.as_ref().unwrap().changes[0].clone();
    assert!(Arc::ptr_eq(&change(0).after.unwrap(), &change(1).before.unwrap()));
}

#[test]
fn ten_thousand_exchanges_are_all_there() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..2_500 {
                    let seq = log.open(opened(number, "GET", "/scim/v2/Users"));
                    let body = vec![b'x'; 600];
                    let received = Arc::new(received("GET /scim/v2/Users HTTP/1.1\r\n\r\n", b""));
                    log.append(Entry::Handled(seq, received, Arc::new(handled(200, &body))));
                    log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, &body))));
                    log.append(annotated(seq, "Entra looked around"));
                }
            });
        }
    });
    assert!(confirmed(&log));
    journal.close().unwrap();
    let loaded = desk.open().load().unwrap();
    assert_eq!(loaded.last_pos, Pos(40_000));
    assert_eq!(words(&loaded.exchanges), words(&exchanges_of(&log)));
}

#[test]
fn a_body_that_left_as_it_was_decided_is_kept_once() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let body: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    for apart in [false, true] {
        let seq = log.open(opened(1, "GET", "/"));
        log.append(Entry::Handled(seq, Arc::new(received("", b"")), Arc::new(handled(200, &body))));
        if apart {
            assert!(confirmed(&log));
        }
        log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, &body))));
    }
    let expected = exchanges_of(&log);
    journal.close().unwrap();
    let size = std::fs::metadata(desk.file()).unwrap().len();
    assert!(size < 5_000_000, "two bodies of 2 MB, and the file has {size} bytes");
    assert_eq!(words(&desk.open().load().unwrap().exchanges), words(&expected));
}

#[test]
fn a_log_that_does_not_go_on_where_the_file_ends_is_refused() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    assert!(journal.record(Arc::clone(&log)).unwrap_err().to_string().contains("already recording"));
    creates_a_user(&log);
    journal.close().unwrap();
    let error = desk.open().record(Arc::new(Log::new())).unwrap_err().to_string();
    assert!(error.contains("resume the log from the file first"), "{error}");
}

#[test]
fn a_closed_journal_says_so() {
    let desk = Desk::new();
    let journal = desk.open();
    journal.close().unwrap();
    journal.close().unwrap();
    for error in [
        journal.resume().unwrap_err().to_string(),
        journal.archive().exchange(Seq(1)).unwrap_err().to_string(),
        journal.archive().entries(Pos(0), Pos(9), 9).unwrap_err().to_string(),
        journal.get_document("setting", "token").unwrap_err().to_string(),
        journal.record(Arc::new(Log::new())).unwrap_err().to_string(),
    ] {
        assert_eq!(error, "the workspace file is closed");
    }
}
