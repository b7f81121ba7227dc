//! Documents beside the record.

use journal::Stored;
use serde_json::json;

use crate::sample::{Desk, confirmed, creates_a_user, record};

#[test]
fn documents_are_kept_with_a_version_that_counts_their_writes() {
    let desk = Desk::new();
    let journal = desk.open();
    assert_eq!(journal.get_document("setting", "token").unwrap(), None);
    assert_eq!(journal.put_document("setting", "token", &json!({"value": "a"})).unwrap(), 1);
    assert_eq!(journal.put_document("setting", "profile", &json!("tolerant")).unwrap(), 1);
    assert_eq!(journal.put_document("tenant", "token", &json!(null)).unwrap(), 1);

    // While a record is written as well.
    let log = record(&journal);
    for round in 2..50 {
        creates_a_user(&log);
        assert_eq!(journal.put_document("setting", "token", &json!({"value": round})).unwrap(), round);
    }
    assert!(confirmed(&log));
    drop(journal);

    let journal = desk.open();
    let stored = |id: &str, version, json| Stored { id: id.to_owned(), version, json };
    let (profile, token) = (stored("profile", 1, json!("tolerant")), stored("token", 49, json!({"value": 49})));
    assert_eq!(journal.get_document("setting", "token").unwrap(), Some(token.clone()));
    assert_eq!(journal.list_documents("setting").unwrap(), [profile.clone(), token]);
    assert!(journal.delete_document("setting", "token").unwrap());
    assert!(!journal.delete_document("setting", "token").unwrap());
    assert_eq!(journal.list_documents("setting").unwrap(), [profile]);
    assert_eq!(journal.list_documents("nothing").unwrap(), []);
    assert_eq!(journal.list_documents("tenant").unwrap(), [stored("token", 1, json!(null))]);
}
