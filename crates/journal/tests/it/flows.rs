//! Flows and marks in the file.

use journal::APPLICATION_ID;
use rusqlite::Connection;
use traffic::ids::{FlowId, Seq};

use traffic::step::Step;

use crate::sample::{Desk, Whole, belongs, confirmed, creates_users, exchanges_of, marked, opened, record};

#[test]
fn a_file_from_before_there_were_flows_opens_with_every_exchange_alone() {
    let desk = Desk::new();
    let file = Connection::open(desk.file()).unwrap();
    for step in [
        include_str!("../../migrations/0001-record.sql"),
        include_str!("../../migrations/0002-cause.sql"),
        include_str!("../../migrations/0003-long-lists.sql"),
        include_str!("../../migrations/0004-present.sql"),
    ] {
        file.execute_batch(step).unwrap();
    }
    file.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    file.pragma_update(None, "user_version", 4).unwrap();
    file.execute_batch(
        r#"INSERT INTO entry (pos, kind, seq) VALUES (1, 1, 1), (2, 4, 1), (3, 1, 2);
           INSERT INTO exchange (seq, pos, opened_at, method, target, connection, annotation) VALUES
           (1, 2, 0, 'GET', '/scim/v2/Users', '{"id":1,"peer":"127.0.0.1:5","local":"127.0.0.1:6","accepted_at":"2026-01-31T09:30:00Z"}',
            '{"dialect":"okta","confidence":90,"reasons":[],"sentence":"Okta listed users","probe":false}'),
           (2, 3, 0, 'GET', '/scim/v2/Users', '{"id":1,"peer":"127.0.0.1:5","local":"127.0.0.1:6","accepted_at":"2026-01-31T09:30:00Z"}', NULL);"#,
    )
    .unwrap();
    file.close().unwrap();

    let journal = desk.open();
    let found = journal.load().unwrap().exchanges;
    assert_eq!(found[0].annotation.as_ref().unwrap().sentence, "Okta listed users");
    assert_eq!(found.iter().map(|exchange| exchange.flow()).collect::<Vec<_>>(), [FlowId(1), FlowId(2)]);
    assert!(found.iter().all(|exchange| exchange.marks.is_none()));
    let log = record(&journal);
    log.append(belongs(Seq(2), Seq(1)));
    log.append(marked(Seq(1), true, "the first"));
    assert!(confirmed(&log));
    journal.close().unwrap();

    let found = desk.open().load().unwrap().exchanges;
    assert_eq!((found[1].flow(), found[0].is_pinned()), (FlowId(1), true));
    let file = Connection::open(desk.file()).unwrap();
    let columns =
        "SELECT group_concat(flow), (SELECT group_concat(seq) FROM exchange WHERE marks ->> '$.pinned') FROM exchange";
    let told: (String, String) = file.query_row(columns, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    assert_eq!(told, ("1,1".to_owned(), "1".to_owned()));
}

#[test]
fn what_comes_for_an_exchange_that_is_in_the_file_alone_is_written_too() {
    let desk = Desk::new();
    let journal = desk.open();
    creates_users(&record(&journal), 3);
    journal.close().unwrap();
    let journal = desk.open();
    let log = record(&journal);
    log.append(marked(Seq(2), true, "ä\u{0}"));
    log.append(marked(Seq(2), false, "the last word"));
    log.append(belongs(Seq(3), Seq(2)));
    journal.close().unwrap();
    let found = desk.open().load().unwrap().exchanges;
    assert_eq!(found[1].marks.as_ref().unwrap().note, "the last word");
    assert!(!found[1].is_pinned() && found[2].annotation.as_ref().unwrap().by_hand);
    assert_eq!(found[2].flow(), FlowId(2));
}

#[test]
fn flows_and_their_steps_tell_the_same_as_the_exchanges() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 5);
    log.append(belongs(Seq(4), Seq(2)));
    log.append(belongs(Seq(3), Seq(2)));
    log.append(marked(Seq(3), true, ""));
    let open = log.open(opened(6, "GET", "/half"));
    assert!(confirmed(&log));
    let archive = journal.archive();
    assert_eq!(archive.flows(FlowId(u64::MAX), 10).unwrap(), [open.into(), FlowId(5), FlowId(2), FlowId(1)]);
    assert_eq!(archive.flows(FlowId(5), 1).unwrap(), [FlowId(2)]);
    for flow in [FlowId(2), FlowId(1), FlowId::from(open)] {
        let whole = exchanges_of(&log).into_iter().filter(|exchange| exchange.flow() == flow);
        assert_eq!(archive.steps(flow).unwrap(), whole.map(|exchange| Step::from(&exchange)).collect::<Vec<_>>());
    }
    assert!(archive.steps(FlowId(3)).unwrap().is_empty());
}
