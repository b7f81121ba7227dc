//! Many resources at once, beside others who write.

use directory::{Directory, Fault};
use proptest::prelude::*;

use crate::support::{all, at, bind, create, group, ids, registry, user};

fn nothing(_: u64, _: &[std::sync::Arc<directory::Resource>]) {}

#[test]
fn what_is_made_ready_becomes_visible_as_one_revision() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u0", user("ada"));
    let mut staged = directory.stage(3, false);
    staged.create("User", "u1", user("grace"), at(1)).unwrap();
    staged.create("User", "u2", user("edsger"), at(1)).unwrap();
    staged.create("Group", "g1", group("Team", &["u0", "u2"]), at(1)).unwrap();
    assert_eq!((directory.root().revision(), directory.root().len()), (1, 1));
    let mut told = None;
    let root = directory.begin().adopt(staged, |revision, gone| told = Some((revision, gone.len()))).unwrap();
    assert_eq!(told, Some((2, 0)));
    assert_eq!((root.revision(), directory.root().len()), (2, 4));
    assert_eq!(ids(&root, &all("User", None)), ["u0", "u1", "u2"]);
    let filter = bind(&registry(), "User", r#"userName eq "GRACE""#);
    assert_eq!(ids(&root, &all("User", Some(&filter))), ["u1"]);
    assert_eq!(root.referrers("u0").len(), 1);
    assert_eq!(directory.at(1).unwrap().len(), 1);
}

#[test]
fn others_write_while_it_is_made_ready_and_lose_nothing() {
    let directory = Directory::new(registry());
    create(&directory, "User", "kept", user("ada"));
    create(&directory, "User", "gone", user("grace"));
    let mut staged = directory.stage(2, false);
    staged.create("User", "new-1", user("edsger"), at(1)).unwrap();
    // All three kinds of change, after the places were set aside.
    let mut other = directory.begin();
    other.create("User", "theirs", user("barbara"), at(2)).unwrap();
    other.replace("kept", user("ada.king"), at(2)).unwrap();
    other.delete("gone", at(2)).unwrap();
    other.commit(|_| ());
    staged.create("User", "new-2", user("alan"), at(3)).unwrap();
    let root = directory.begin().adopt(staged, nothing).unwrap();
    assert_eq!(ids(&root, &all("User", None)), ["kept", "new-1", "new-2", "theirs"]);
    assert_eq!(root.get("kept").unwrap().display(), "ada.king");
    assert_eq!(root.revision(), 4);
    create(&directory, "User", "last", user("last"));
    assert_eq!(ids(&directory.root(), &all("User", None)).last().unwrap(), "last");
}

#[test]
fn a_value_that_somebody_took_meanwhile_is_refused_and_nothing_changes() {
    let directory = Directory::new(registry());
    let mut staged = directory.stage(1, false);
    staged.create("User", "u1", user("ada"), at(1)).unwrap();
    create(&directory, "User", "theirs", user("ADA"));
    let refused = directory.begin().adopt(staged, |_, _| panic!("nothing is recorded")).unwrap_err();
    assert_eq!(refused.to_string(), r#"userName "ADA" is already used by User u1"#);
    let mut staged = directory.stage(1, false);
    staged.create("User", "same", user("grace"), at(1)).unwrap();
    create(&directory, "User", "same", user("edsger"));
    let refused = directory.begin().adopt(staged, nothing).unwrap_err();
    assert!(matches!(&refused, Fault::Conflict(conflict) if conflict.attribute == "id"), "{refused}");
    assert_eq!(ids(&directory.root(), &all("User", None)), ["theirs", "same"]);
    assert_eq!(directory.root().revision(), 2);
}

#[test]
fn what_replaces_stands_alone_whatever_was_written_meanwhile() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let mut staged = directory.stage(1, true);
    staged.create("User", "u1", user("ada"), at(1)).unwrap();
    create(&directory, "User", "u2", user("grace"));
    let mut gone = Vec::new();
    let record = |_, those: &[std::sync::Arc<directory::Resource>]| {
        gone = those.iter().map(|resource| resource.id().to_owned()).collect();
    };
    let root = directory.begin().adopt(staged, record).unwrap();
    assert_eq!(gone, ["u1", "u2"]);
    assert_eq!(ids(&root, &all("User", None)), ["u1"]);
    create(&directory, "User", "u3", user("edsger"));
    assert_eq!(ids(&directory.root(), &all("User", None)), ["u1", "u3"]);
}

#[test]
fn what_is_dropped_leaves_no_trace_but_unused_places() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let mut staged = directory.stage(10, false);
    staged.create("User", "u2", user("grace"), at(1)).unwrap();
    drop(staged);
    create(&directory, "User", "u3", user("grace"));
    let root = directory.root();
    assert_eq!((root.revision(), ids(&root, &all("User", None))), (2, vec!["u1".to_owned(), "u3".to_owned()]));
    let second = directory_query(&directory, 2);
    assert_eq!(second, ["u3"], "pages are cut past the empty places");
}

fn directory_query(directory: &Directory, start_index: u64) -> Vec<String> {
    let query = directory::Query { start_index, count: 1, ..all("User", None) };
    ids(&directory.root(), &query)
}

proptest! {
    #[test]
    fn it_comes_to_the_same_as_one_commit_after_what_others_did(
        before in prop::collection::vec(0u8..20, 0..10),
        staged in prop::collection::vec(0u8..20, 0..10),
        meanwhile in prop::collection::vec((0u8..20, any::<bool>()), 0..10),
    ) {
        let (one, two) = (Directory::new(registry()), Directory::new(registry()));
        let mut made = Vec::new();
        for (directory, _) in [(&one, 1), (&two, 2)] {
            let mut first = directory.begin();
            for name in &before {
                let _ = first.create("User", &format!("u{name}"), user(&format!("n{name}")), at(0));
            }
            first.commit(|_| ());
        }
        let mut staging = one.stage(staged.len() as u64, false);
        for name in &staged {
            if staging.create("User", &format!("s{name}"), user(&format!("n{name}")), at(1)).is_ok() {
                made.push(*name);
            }
        }
        for directory in [&one, &two] {
            let mut others = directory.begin();
            for (name, deletes) in &meanwhile {
                let id = format!("u{name}");
                let _ = match deletes {
                    true => others.delete(&id, at(2)).map(drop),
                    false => others.create("User", &id, user(&format!("n{name}")), at(2)).map(drop),
                };
            }
            others.commit(|_| ());
        }
        let mut last = two.begin();
        let all_fit = made.iter().all(|name| {
            last.create("User", &format!("s{name}"), user(&format!("n{name}")), at(1)).is_ok()
        });
        let adopted = one.begin().adopt(staging, nothing);
        prop_assert_eq!(adopted.is_ok(), all_fit);
        if all_fit {
            last.commit(|_| ());
            let sorted = |directory: &Directory| {
                let mut all = ids(&directory.root(), &all("User", None));
                all.sort();
                all
            };
            prop_assert_eq!(sorted(&one), sorted(&two));
            prop_assert_eq!(one.root().revision(), two.root().revision());
            for name in 0..20 {
                let filter = bind(&registry(), "User", &format!(r#"userName eq "n{name}""#));
                prop_assert_eq!(ids(&one.root(), &all("User", Some(&filter))), ids(&two.root(), &all("User", Some(&filter))));
            }
        }
    }
}
