//! Files from before exchanges were packed.

use std::sync::Arc;

use journal::APPLICATION_ID;
use rusqlite::Connection;
use traffic::entry::Entry;
use traffic::exchange::Ending;
use traffic::ids::{Pos, Seq};

use crate::sample::{Desk, Whole, closed, confirmed, creates_users, handled, opened, received, record};

/// A file as version 5 wrote it: one exchange that is over, one whose answer was other bytes, one that is open.
fn of_version_5(desk: &Desk) {
    let file = Connection::open(desk.file()).unwrap();
    for step in [
        include_str!("../../migrations/0001-record.sql"),
        include_str!("../../migrations/0002-cause.sql"),
        include_str!("../../migrations/0003-long-lists.sql"),
        include_str!("../../migrations/0004-present.sql"),
        include_str!("../../migrations/0005-flows-and-marks.sql"),
    ] {
        file.execute_batch(step).unwrap();
    }
    file.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    file.pragma_update(None, "user_version", 5).unwrap();
    file.execute_batch(
        r#"INSERT INTO entry (pos, kind, seq) VALUES (1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 1, 2), (5, 2, 2), (6, 3, 2), (7, 1, 3), (8, 2, 3);
           INSERT INTO exchange (seq, pos, opened_at, method, target, connection, handled, closed, sent_head, flow)
           SELECT value, value * 3, 0, 'GET', '/scim/v2/Users', '{"id":1,"peer":"127.0.0.1:5","local":"127.0.0.1:6","accepted_at":"2026-01-31T09:30:00Z"}',
                  '{"status":200,"headers":[],"tenant":null,"action":"list","subject":{},"auth":[],"findings":[],"operations":[]}',
                  CASE WHEN value < 3 THEN '{"ending":"complete","first_byte_us":1,"last_byte_us":2}' END,
                  CASE WHEN value < 3 THEN CAST('HTTP/1.1 200 OK' AS BLOB) END, value
           FROM json_each('[1, 2, 3]');
           INSERT INTO request (seq, facts, head, body)
           SELECT seq, '{"chunked":false,"dropped_bytes":0,"head_read_us":1,"body_read_us":2,"handled_us":3}', CAST('GET /' AS BLOB), x'' FROM exchange;
           INSERT INTO response (seq, body) SELECT seq, CAST('decided' AS BLOB) FROM exchange;
           INSERT INTO sent (seq, body) VALUES (2, CAST('other' AS BLOB));"#,
    )
    .unwrap();
    file.close().unwrap();
}

#[test]
fn a_file_from_before_exchanges_were_packed_is_read_and_gone_on_with() {
    let desk = Desk::new();
    of_version_5(&desk);
    let journal = desk.open();
    assert_eq!(journal.resume().unwrap().interrupted, [Seq(3)]);
    let log = record(&journal);
    creates_users(&log, 2);
    assert!(confirmed(&log));
    journal.close().unwrap();

    let journal = desk.open();
    let found = journal.load().unwrap().exchanges;
    let sent: Vec<_> = found.iter().map(|it| it.closed.as_ref().unwrap().sent.body.clone()).collect();
    assert_eq!(sent[..3], [&b"decided"[..], b"other", b""]);
    assert!(
        found[..3]
            .iter()
            .all(|it| it.received().unwrap().head == b"GET /"[..]
                && it.outcome().unwrap().response.body == b"decided"[..])
    );
    // The entries of both kinds, in one row of positions.
    let entries = journal.archive().entries(Pos(0), Pos(u64::MAX), 1_000).unwrap();
    assert!(entries.iter().zip(1..).all(|((pos, _), expected)| pos.0 == expected));
    let kinds = entries.iter().take(10).map(|(_, entry)| match entry {
        Entry::Opened(seq, _) => format!("opened {seq}"),
        Entry::Handled(seq, ..) => format!("handled {seq}"),
        Entry::Closed(seq, _) => format!("closed {seq}"),
        other => format!("{other:?}"),
    });
    let expected =
        "opened 1, handled 1, closed 1, opened 2, handled 2, closed 2, opened 3, handled 3, closed 3, opened 4";
    assert_eq!(kinds.collect::<Vec<_>>().join(", "), expected);
    let touched = journal.archive().touched(Pos(2), Pos(8)).unwrap();
    assert_eq!(touched.exchanges, 3);
    assert_eq!(journal.archive().entries(Pos(7), Pos(9), 1_000).unwrap().len(), 2);
    assert_eq!(journal.archive().entries(Pos(7), Pos(u64::MAX), 3).unwrap().len(), 3);
}

#[test]
fn what_left_is_told_from_what_was_decided_however_late_it_comes() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    let mut expected = Vec::new();
    for body in [&b"as decided"[..], b"something else", b""] {
        let seq = log.open(opened(1, "GET", "/"));
        assert!(confirmed(&log), "the beginning alone");
        log.append(Entry::Handled(
            seq,
            Arc::new(received("GET / HTTP/1.1\r\n\r\n", b"")),
            Arc::new(handled(200, b"as decided")),
        ));
        assert!(confirmed(&log), "the decision without the ending");
        log.append(Entry::Closed(seq, Arc::new(closed(Ending::Complete, body))));
        assert!(confirmed(&log));
        expected.push(body.to_vec());
    }
    journal.close().unwrap();
    let found = desk.open().load().unwrap().exchanges;
    let sent: Vec<_> = found.iter().map(|it| it.closed.as_ref().unwrap().sent.body.to_vec()).collect();
    assert_eq!(sent, expected);
    assert!(found.iter().all(|it| it.outcome().unwrap().response.body == b"as decided"[..]));
}
