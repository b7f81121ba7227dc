//! States that are kept, and what it takes to bring one back.

use std::sync::Arc;

use directory::{Directory, ForeignRoot};

use crate::support::{at, create, group, registry, user};

#[test]
fn the_last_states_can_be_read_and_older_ones_if_they_have_a_name() {
    let directory = Directory::new(registry());
    for number in 1..=300 {
        create(&directory, "User", &format!("u{number}"), user(&format!("user{number}")));
        if number == 10 {
            assert_eq!(directory.keep("ten").revision(), 10);
        }
    }
    assert_eq!(directory.at(300).unwrap().len(), 300);
    assert_eq!(directory.at(45).unwrap().len(), 45);
    assert!(directory.at(44).is_none() && directory.at(301).is_none() && directory.at(0).is_none());
    assert_eq!(directory.at(10).unwrap().len(), 10);
    assert_eq!(directory.snapshots(), [("ten".to_owned(), 10)]);
    assert!(Arc::ptr_eq(&directory.at(10).unwrap(), &directory.snapshot("ten").unwrap()));
    assert!(directory.forget("ten") && !directory.forget("ten"));
    assert!(directory.at(10).is_none() && directory.snapshot("ten").is_none());
}

#[test]
fn a_restored_state_is_a_new_revision_with_versions_that_never_were() {
    let directory = Directory::new(registry());
    create(&directory, "User", "ada", user("ada"));
    create(&directory, "User", "grace", user("grace"));
    let past = directory.keep("both");
    for name in ["lovelace", "byron"] {
        let mut transaction = directory.begin();
        transaction.replace("ada", user(name), at(5)).unwrap();
        transaction.commit(|_| ());
    }
    let mut transaction = directory.begin();
    transaction.delete("grace", at(6)).unwrap();
    transaction.create("User", "linus", user("linus"), at(6)).unwrap();
    transaction.commit(|_| ());

    let mut transaction = directory.begin();
    transaction.restore(&past, at(7)).unwrap();
    let root = transaction.commit(|commit| {
        assert_eq!(commit.revision, 6);
        let told: Vec<_> = commit
            .changes
            .iter()
            .map(|delta| (delta.before.as_ref().map(|one| one.version), delta.after.as_ref().map(|one| one.version)))
            .collect();
        assert_eq!(told, [(Some(3), Some(6)), (None, Some(6)), (Some(1), None)]);
    });
    assert_eq!(root.len(), 2);
    let ada = root.get("ada").unwrap();
    assert_eq!(ada.display(), "ada");
    let meta = ada.document.get("meta").unwrap();
    assert_eq!(meta.get("version").unwrap().as_str(), Some("W/\"6\""));
    assert_eq!(meta.get("lastModified").unwrap().as_str(), Some("2026-01-30T19:06:47.000Z"));
    assert_eq!(meta.get("created"), past.get("ada").unwrap().document.get("meta").unwrap().get("created"));

    // Again: there is nothing to bring back.
    let mut transaction = directory.begin();
    transaction.restore(&root, at(8)).unwrap();
    assert_eq!(transaction.commit(|_| panic!("nothing changed")).revision(), 6);
}

#[test]
fn a_root_of_another_directory_is_refused() {
    let (one, other) = (Directory::new(registry()), Directory::new(registry()));
    assert_eq!(one.begin().restore(&other.root(), at(1)), Err(ForeignRoot));
}

#[test]
fn a_member_of_a_large_group_is_found_removed_and_forgotten_like_that_of_a_small_one() {
    let directory = Directory::new(registry());
    create(&directory, "User", "ada", user("ada"));
    let many: Vec<String> = (0..200).map(|number| format!("m{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain(["ada", "ADA"]).collect();
    create(&directory, "Group", "all", group("All", &many));
    let names = |id: &str| directory.root().referrers(id).iter().map(|group| group.id().to_owned()).collect::<Vec<_>>();
    assert_eq!((names("ada"), names("m7"), names("m200")), (vec!["all".to_owned()], vec!["all".to_owned()], vec![]));
    let mut transaction = directory.begin();
    transaction.delete("ada", at(1)).unwrap();
    transaction.commit(|commit| {
        assert_eq!(commit.changes.len(), 2);
        let before = commit.changes[1].before.as_ref().unwrap().document.get("members").unwrap().as_long().unwrap();
        let after = commit.changes[1].after.as_ref().unwrap().document.get("members").unwrap().as_long().unwrap();
        assert_eq!((before.len(), after.len()), (202, 201));
        let changes = before.changes(after);
        assert_eq!((changes.gone.len(), changes.came.len(), changes.changed.len()), (1, 0, 0));
    });
    // Another element has the same value in another case, and keeps the group under that key.
    assert_eq!(names("ada"), ["all"]);
}
