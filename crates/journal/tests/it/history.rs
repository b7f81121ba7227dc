//! What directories were, from the file.

use journal::APPLICATION_ID;
use rusqlite::Connection;
use traffic::history::Subject;
use traffic::ids::{Pos, Revision, Seq};

use crate::sample::{Desk, creates_users, record};

#[test]
fn the_changes_of_a_file_from_before_are_found_by_exchange_revision_and_resource() {
    let desk = Desk::new();
    let file = Connection::open(desk.file()).unwrap();
    for step in [
        include_str!("../../migrations/0001-record.sql"),
        include_str!("../../migrations/0002-cause.sql"),
        include_str!("../../migrations/0003-long-lists.sql"),
        include_str!("../../migrations/0004-present.sql"),
        include_str!("../../migrations/0005-flows-and-marks.sql"),
        include_str!("../../migrations/0006-packed.sql"),
        include_str!("../../migrations/0007-search.sql"),
    ] {
        file.execute_batch(step).unwrap();
    }
    file.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
    file.pragma_update(None, "user_version", 7).unwrap();
    file.execute_batch(
        r#"INSERT INTO entry (pos, kind, seq) VALUES (1, 1, 1), (2, 5, 1), (3, 2, 1), (4, 1, 2), (5, 2, 2), (6, 5, NULL);
           INSERT INTO revision (pos, tenant, revision, seq, cause) VALUES (2, 'default', 1, 1, NULL), (6, 'default', 2, NULL, '"reset"');
           INSERT INTO change (id, pos, tenant, resource_type, resource_id, display, previous, before, after, lines) VALUES
           (1, 2, 'default', 'User', 'a', 'ada', NULL, NULL, '{"id":"a","userName":"ada"}', '[]'),
           (2, 6, 'default', 'User', 'a', 'ada', 1, NULL, NULL, '[]');"#,
    )
    .unwrap();
    file.close().unwrap();

    let journal = desk.open();
    let history = journal.history();
    assert_eq!(history.ends("default").unwrap(), Some((Revision(1), Revision(2))));
    assert_eq!(history.ends("other").unwrap(), None);
    assert_eq!(history.commits_of(Seq(1)).unwrap().len(), 1);
    assert_eq!(history.decided_at(Seq(2)).unwrap(), Some(Pos(5)));
    assert_eq!(history.decided_at(Seq(3)).unwrap(), None);
    assert_eq!(history.revision_at("default", Pos(5)).unwrap(), Some(Revision(1)));
    let of = Subject { tenant: "default", resource_type: "User", resource_id: "a" };
    let versions = history.versions(&of, Revision(u64::MAX), 10).unwrap();
    assert_eq!(versions.iter().map(|commit| commit.revision.0).collect::<Vec<_>>(), [2, 1]);
    let earlier = history.earlier("default", Revision(1), Revision(2)).unwrap();
    let state = earlier[0].state.as_ref().unwrap();
    assert_eq!((earlier.len(), state.get("userName").unwrap().as_str()), (1, Some("ada")));
    assert!(history.earlier("default", Revision(0), Revision(2)).unwrap()[0].state.is_none());
}

#[test]
fn where_an_exchange_was_decided_is_found_among_many() {
    let desk = Desk::new();
    let journal = desk.open();
    let log = record(&journal);
    creates_users(&log, 700);
    let decided: Vec<(Seq, Pos)> = log
        .read(Pos(0), usize::MAX)
        .into_iter()
        .filter_map(|(pos, entry)| match entry {
            traffic::entry::Entry::Handled(seq, ..) => Some((seq, pos)),
            _ => None,
        })
        .collect();
    journal.close().unwrap();
    let journal = desk.open();
    for (seq, pos) in decided.iter().step_by(41) {
        assert_eq!(journal.history().decided_at(*seq).unwrap(), Some(*pos), "exchange {seq}");
    }
}
