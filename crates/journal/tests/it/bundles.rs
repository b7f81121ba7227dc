//! Exchanges in bundles, and files from before there were any.

use rusqlite::{Connection, params};
use traffic::entry::Entry;
use traffic::exchange::Ending;
use traffic::ids::Seq;
use traffic::log::{Budget, Record};

use crate::sample::*;

#[path = "../../src/pack/dictionary.rs"]
mod dictionary;

/// Brings a file back to how version 10 would have written it, and gives a connection to it.
pub fn of_version_10(desk: &Desk) -> Connection {
    let file = Connection::open(desk.file()).unwrap();
    let rows: Vec<(i64, Option<i64>, Option<i64>)> = file
        .prepare("SELECT seq, wire_in, ending_in FROM exchange")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    for (seq, wire_in, ending_in) in rows {
        for (table, id) in [("wire", wire_in), ("ending", ending_in)] {
            let Some(id) = id else { continue };
            let parts = parts(&file, id, seq as u64).expect("it is in its bundle");
            let plain = [&[0][..], &(parts.len() as u32).to_le_bytes(), &parts].concat();
            file.execute(&format!("INSERT INTO {table} (seq, parts) VALUES (?1, ?2)"), params![seq, plain]).unwrap();
        }
    }
    file.execute_batch(
        "DROP TABLE ahead; DROP TABLE bundle; ALTER TABLE exchange DROP COLUMN wire_in; ALTER TABLE exchange DROP COLUMN ending_in;
         PRAGMA user_version = 10",
    )
    .unwrap();
    file
}

fn parts(file: &Connection, id: i64, seq: u64) -> Option<Vec<u8>> {
    let blob: Vec<u8> =
        file.query_row("SELECT parts FROM bundle WHERE id = ?1", [id], |row| row.get(0)).expect("a bundle");
    let length = u32::from_le_bytes(blob[1..5].try_into().unwrap()) as usize;
    let plain = match blob[0] {
        0 => blob[5..].to_vec(),
        _ => lz4_flex::block::decompress_with_dict(&blob[5..], length, dictionary::FIRST).unwrap(),
    };
    let mut at = 0;
    while at < plain.len() {
        let number = u64::from_le_bytes(plain[at..at + 8].try_into().unwrap());
        let length = u32::from_le_bytes(plain[at + 8..at + 12].try_into().unwrap()) as usize;
        if number == seq {
            return Some(plain[at + 12..at + 12 + length].to_vec());
        }
        at += 12 + length;
    }
    None
}

#[test]
fn a_file_from_before_there_were_bundles_is_read_and_gone_on_with() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 100);
    assert!(confirmed(&log));
    let expected = words(&exchanges_of(&log));
    journal.close().unwrap();
    of_version_10(&desk).close().unwrap();

    let journal = desk.open();
    assert_eq!(words(&journal.load().unwrap().exchanges), expected);
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let expected = words(&exchanges_of(&log));
    journal.close().unwrap();
    assert_eq!(words(&desk.open().load().unwrap().exchanges), expected);
}

#[test]
fn an_exchange_of_which_parts_come_one_after_the_other_is_read_from_several_bundles() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(0));
    let truth = traffic::log::Log::new();
    let large = vec![b'x'; 100_000];
    for log in [&*log, &truth] {
        let seqs: Vec<Seq> = (1..=200).map(|number| log.open(opened(number, "GET", "/"))).collect();
        for seq in &seqs {
            // One that is larger than a bundle, among others.
            let body = if seq.0 == 70 { &large[..] } else { b"decided" };
            let received = received("GET / HTTP/1.1\r\n\r\n", b"");
            log.append(Entry::Handled(*seq, received.into(), handled(200, body).into()));
        }
        // What was handled is in the file before anything ends.
        confirmed(log);
        for seq in seqs {
            log.append(Entry::Closed(seq, closed(Ending::Complete, b"sent").into()));
        }
    }
    assert!(confirmed(&log));
    assert_eq!(log.usage().held_bytes, 0);
    let found = Record::new(log).exchanges(Seq(0), usize::MAX).unwrap();
    let expected = truth.exchanges(Seq(0), usize::MAX);
    assert_eq!(format!("{found:?}"), format!("{expected:?}"));
}

#[test]
fn what_is_pruned_of_a_bundle_leaves_it_in_the_end() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record_within(&journal, Budget::of(0));
    let body: Vec<u8> = (0..20_000_u32).flat_map(|at| at.wrapping_mul(0x9e37_79b1).to_le_bytes()).collect();
    for number in 1..=400 {
        let seq = log.open(opened(number, "POST", "/"));
        let at = number as usize * 100;
        let received = received("POST / HTTP/1.1\r\n\r\n", &body[at..at + 40_000]);
        log.append(Entry::Handled(seq, received.into(), handled(200, b"").into()));
        log.append(Entry::Closed(seq, closed(Ending::Complete, b"").into()));
        log.append(annotated(seq, "done"));
        // Every twentieth stays.
        if number % 20 == 0 {
            log.append(marked(seq, true, ""));
        }
        for small in 0..3 {
            let seq = creates_nothing(&log, 1_000 * number + small);
            log.append(annotated(seq, "done"));
        }
    }
    assert!(confirmed(&log));
    journal.set_disk_budget(journal::LEAST_BUDGET_BYTES);
    while journal.disk_usage().pruning || journal.disk_usage().exchanges_pruned == 0 {
        log.append(state("looked at"));
        assert!(confirmed(&log));
    }
    let kept = journal.archive().exchanges(Seq(0), Seq(u64::MAX)).unwrap();
    let pinned = kept.iter().filter(|exchange| exchange.is_pinned()).count();
    assert_eq!(pinned, 20);
    assert!(
        kept.iter()
            .filter(|exchange| exchange.is_pinned())
            .all(|exchange| { exchange.received().unwrap().body.len() == 40_000 && exchange.closed.is_some() })
    );
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    let number = |sql: &str| file.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(
        number(
            "SELECT count(*) FROM bundle WHERE id NOT IN (SELECT wire_in FROM exchange WHERE wire_in IS NOT NULL
                UNION SELECT ending_in FROM exchange WHERE ending_in IS NOT NULL)"
        ),
        0
    );
}

#[test]
fn what_somebody_wants_gone_leaves_its_bundle_at_once() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 9);
    assert!(confirmed(&log));
    let gone = journal.remove(journal::Unwanted::These(vec![Seq(5)])).unwrap();
    assert_eq!(gone.seqs, [Seq(5)]);
    assert_eq!(journal.archive().exchanges(Seq(0), Seq(u64::MAX)).unwrap().len(), 8);
    journal.close().unwrap();
    let file = Connection::open(desk.file()).unwrap();
    let ids: Vec<i64> = file
        .prepare("SELECT id FROM bundle")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    let has = |seq: u64| ids.iter().any(|id| parts(&file, *id, seq).is_some());
    assert!((1..=9).all(|seq| has(seq) == (seq != 5)));
}
