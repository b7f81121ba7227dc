//! Temporary workspaces come and go.

use crate::sample::{Desk, Whole, confirmed, creates_a_user, record};

#[test]
fn a_temporary_workspace_is_gone_after_a_clean_exit() {
    let desk = Desk::new();
    let journal = desk.temporary();
    assert!(journal.is_temporary());
    let log = record(&journal);
    creates_a_user(&log);
    assert!(confirmed(&log));
    let name = journal.path().file_name().unwrap().to_str().unwrap().to_owned();
    assert!(name.starts_with(&format!("scimscope-{}-", std::process::id())) && name.ends_with(".scimscope"), "{name}");
    assert_eq!(desk.names(), ["", "-shm", "-wal", ".lock"].map(|end| format!("{name}{end}")));
    journal.close().unwrap();
    assert_eq!(desk.names(), [""; 0]);

    drop(desk.temporary());
    assert_eq!(desk.names(), [""; 0], "dropping is enough");
}

#[test]
fn what_a_crashed_process_left_is_removed_and_what_a_living_one_has_is_kept() {
    let desk = Desk::new();
    let living = desk.temporary();
    let log = record(&living);
    creates_a_user(&log);

    let left = ["", "-wal", "-shm", ".lock"].map(|end| format!("scimscope-4711-0123456789abcdef.scimscope{end}"));
    let lock_only = "scimscope-4712-0123456789abcdef.scimscope.lock".to_owned();
    let others = [
        "scimscope-4711-notes.scimscope",
        "scimscope-4711-0123456789abcdef.txt",
        "work.scimscope",
        "scimscope--0123456789abcdef.scimscope",
    ];
    let all = left.iter().chain([&lock_only]).map(String::as_str).chain(others);
    all.for_each(|name| std::fs::write(desk.dir.path().join(name), "x").unwrap());

    let next = desk.temporary();
    let names = desk.names();
    assert!(left.iter().chain([&lock_only]).all(|name| !names.contains(name)), "{names:?}");
    assert!(others.iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    for journal in [&living, &next] {
        assert!(journal.path().exists());
        assert_eq!(journal.load().unwrap().interrupted, []);
    }
    // The living one is still in order.
    creates_a_user(&log);
    assert!(confirmed(&log));
    assert_eq!(living.load().unwrap().exchanges.len(), 2);
}
