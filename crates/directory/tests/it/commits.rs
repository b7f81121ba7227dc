//! Commits: what they do, what they tell, what readers see.

use std::sync::Arc;
use std::thread;

use directory::{Directory, Fault, ResumeError, Saved};
use scim::document::Document;
use scim::json::Json;
use scim::schema::Registry;

use crate::support::{all, at, bind, create, group, ids, object, registry, user};

#[test]
fn a_resource_gets_its_id_and_meta_and_the_first_version() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let root = directory.root();
    let resource = root.get("u1").unwrap();
    assert_eq!(
        resource.document.value().to_text(),
        concat!(
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"ada","#,
            r#""emails":[{"value":"ada@example.com"}],"meta":{"resourceType":"User","created":"2026-01-30T19:06:40.000Z","#,
            r#""lastModified":"2026-01-30T19:06:40.000Z","version":"W/\"1\""}}"#
        )
    );
    assert_eq!((root.revision(), resource.version, root.count("User"), root.count("Group")), (1, 1, 1, 0));
}

#[test]
fn a_duplicate_user_name_in_other_case_is_refused() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("Straße"));
    let mut transaction = directory.begin();
    let refused = transaction.create("User", "u2", user("sTRAßE"), at(1)).unwrap_err();
    let Fault::Conflict(conflict) = &refused else { panic!("{refused}") };
    assert_eq!((conflict.attribute.as_str(), conflict.id.as_str()), ("userName", "u1"));
    assert_eq!(conflict.value, Json::from("sTRAßE"));
    assert_eq!(refused.to_string(), r#"userName "sTRAßE" is already used by User u1"#);
    transaction.commit(|_| panic!("nothing changed"));
    assert_eq!(directory.root().revision(), 1);
}

#[test]
fn a_user_name_is_free_again_once_its_resource_is_renamed_or_deleted() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let mut transaction = directory.begin();
    transaction.replace("u1", user("grace"), at(1)).unwrap();
    transaction.create("User", "u2", user("ADA"), at(1)).unwrap();
    transaction.delete("u2", at(1)).unwrap();
    transaction.create("User", "u3", user("Ada"), at(1)).unwrap();
    assert!(transaction.replace("u1", user("aDa"), at(2)).is_err());
    transaction.commit(|commit| {
        let told: Vec<_> = commit.changes.iter().map(|delta| delta.resource().unwrap().id()).collect();
        assert_eq!(told, ["u1", "u3"], "what came and went inside the commit is not told");
    });
}

#[test]
fn keeping_the_own_user_name_is_no_conflict() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let mut transaction = directory.begin();
    assert!(transaction.replace("u1", user("Ada"), at(1)).unwrap().changed);
}

#[test]
fn an_id_is_unique_over_all_types() {
    let directory = Directory::new(registry());
    create(&directory, "User", "x", user("ada"));
    let refused = directory.begin().create("Group", "x", group("g", &[]), at(1)).unwrap_err();
    assert!(matches!(refused, Fault::Conflict(conflict) if conflict.attribute == "id"));
}

#[test]
fn saying_the_same_again_makes_no_version_and_no_revision() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let before = directory.root();
    let mut transaction = directory.begin();
    let mut same = transaction.get("u1").unwrap().document.to_object();
    let emails = same.remove("emails").unwrap();
    same.insert("emails", emails);
    assert!(!transaction.replace("u1", same, at(60)).unwrap().changed);
    let after = transaction.commit(|_| panic!("nothing changed"));
    assert!(Arc::ptr_eq(&before, &after));
}

#[test]
fn several_writes_of_one_resource_in_one_commit_are_one_version_and_one_delta() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    let mut transaction = directory.begin();
    transaction.replace("u1", user("ada2"), at(1)).unwrap();
    transaction.replace("u1", user("ada3"), at(2)).unwrap();
    let root = transaction.commit(|commit| {
        assert_eq!(commit.revision, 2);
        assert_eq!(commit.changes.len(), 1);
        assert_eq!(commit.changes[0].before.as_ref().unwrap().version, 1);
        assert_eq!(commit.changes[0].after.as_ref().unwrap().version, 2);
    });
    let meta = root.get("u1").unwrap().document.get("meta").unwrap();
    assert_eq!(meta.get("created").unwrap().as_str(), Some("2026-01-30T19:06:40.000Z"));
    assert_eq!(meta.get("lastModified").unwrap().as_str(), Some("2026-01-30T19:06:42.000Z"));
}

#[test]
fn the_members_of_groups_go_with_the_resource_they_name() {
    let directory = Directory::new(registry());
    create(&directory, "User", "u1", user("ada"));
    create(&directory, "User", "u2", user("grace"));
    create(&directory, "Group", "g1", group("both", &["u1", "u2"]));
    create(&directory, "Group", "g2", group("one", &["u1"]));
    create(&directory, "Group", "g3", group("other", &["u2", "u10"]));
    let mut transaction = directory.begin();
    transaction.delete("u1", at(5)).unwrap();
    let root = transaction.commit(|commit| {
        let told: Vec<_> = commit.changes.iter().map(|delta| delta.resource().unwrap().id()).collect();
        assert_eq!(told, ["u1", "g1", "g2"]);
        assert!(commit.changes[0].after.is_none());
    });
    assert_eq!(root.get("g1").unwrap().document.get("members").unwrap().to_text(), r#"[{"value":"u2"}]"#);
    assert!(root.get("g2").unwrap().document.get("members").is_none(), "an empty list is unassigned");
    assert_eq!((root.get("g2").unwrap().version, root.get("g3").unwrap().version), (2, 1));
    assert!(root.get("u1").is_none());
    assert!(root.referrers("u1").is_empty());
    let holders: Vec<_> = root.referrers("u2").into_iter().map(|resource| resource.id()).collect();
    assert_eq!(holders, ["g1", "g3"]);
}

#[test]
fn a_transaction_that_is_dropped_leaves_nothing_behind() {
    let directory = Directory::new(registry());
    let mut transaction = directory.begin();
    transaction.create("User", "u1", user("ada"), at(0)).unwrap();
    drop(transaction);
    assert!(directory.root().is_empty());
    create(&directory, "User", "u1", user("ada"));
}

#[test]
fn an_index_serves_equality_and_a_walk_serves_the_rest() {
    let registry = registry();
    let directory = Directory::new(Arc::clone(&registry));
    for number in 0..50 {
        create(&directory, "User", &format!("u{number}"), user(&format!("User{number}")));
    }
    let root = directory.root();
    for (filter, index, scanned, found) in [
        (r#"userName eq "USER7""#, Some("userName"), 1, 1),
        (r#"emails.value eq "user7@EXAMPLE.com""#, Some("emails.value"), 1, 1),
        (r#"emails eq "user7@example.com""#, Some("emails.value"), 1, 1),
        (r#"id eq "u7""#, None, 50, 1),
        (r#"active pr or userName eq "user7""#, None, 50, 1),
        (r#"emails.value ew ".com" and userName eq "user7""#, Some("userName"), 1, 1),
        (r#"not (userName eq "user7")"#, None, 50, 49),
        (r#"userName eq "nobody""#, Some("userName"), 0, 0),
    ] {
        let bound = bind(&registry, "User", filter);
        let query = all("User", Some(&bound));
        let plan = root.plan(&query);
        let index = if filter.starts_with("id") { Some("id") } else { index };
        let scanned = if filter.starts_with("id") { 1 } else { scanned };
        assert_eq!((plan.index.as_deref(), plan.scanned), (index, scanned), "{filter}");
        let page = root.query(&query);
        assert_eq!((page.total, page.plan), (found, plan), "{filter}");
    }
}

#[test]
fn a_saved_directory_goes_on_where_it_was() {
    let before = Directory::new(registry());
    create(&before, "Group", "g1", group("g", &["u1"]));
    create(&before, "User", "u1", user("ada"));
    let mut transaction = before.begin();
    transaction.replace("u1", user("ada2"), at(9)).unwrap();
    let root = transaction.commit(|_| ());
    let saved: Vec<Saved> = root
        .resources()
        .map(|resource| Saved {
            resource_type: resource.resource_type().to_owned(),
            document: Document::clone(&resource.document),
            version: resource.version,
        })
        .collect();
    let after = Directory::resume(registry(), root.revision(), saved.clone()).unwrap();
    let resumed = after.root();
    assert_eq!(resumed.revision(), 3);
    let state = |root: &directory::Root| -> Vec<_> {
        root.resources().map(|resource| (resource.version, format!("{:?}", resource.document))).collect()
    };
    assert_eq!(state(&root), state(&resumed));
    assert!(after.begin().create("User", "u9", user("ADA2"), at(10)).is_err(), "the indexes are there again");
    let mut transaction = after.begin();
    transaction.replace("u1", user("ada3"), at(11)).unwrap();
    assert_eq!(transaction.commit(|_| ()).revision(), 4);

    let twice = vec![saved[0].clone(), saved[0].clone()];
    let id = ResumeError::Id { at: 2, resource_type: "User".into(), id: "u1".into() };
    assert_eq!(Directory::resume(registry(), 1, twice).unwrap_err(), id);
    let unknown = vec![Saved { resource_type: "Device".into(), ..saved[0].clone() }];
    assert!(Directory::resume(registry(), 1, unknown).is_err());
}

#[test]
fn whatever_a_schema_calls_unique_is_unique_in_an_extension_and_by_value_of_numbers_too() {
    let schemas = Registry::read_schemas(
        r#"[{"id":"urn:example:Badge","name":"Badge","attributes":[{"name":"number","type":"integer","uniqueness":"server"}]}]"#,
    )
    .unwrap();
    let types = Registry::read_resource_types(
        r#"[{"name":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:example:Badge","required":false}]}]"#,
    )
    .unwrap();
    let directory = Directory::new(Arc::new(Registry::builtin().with(schemas, types).unwrap()));
    create(&directory, "User", "u1", object(r#"{"userName":"a","urn:example:Badge":{"number":100}}"#));
    let mut transaction = directory.begin();
    let refused = transaction
        .create("User", "u2", object(r#"{"userName":"b","urn:example:Badge":{"number":1e2}}"#), at(1))
        .unwrap_err();
    assert_eq!(refused.to_string(), "urn:example:Badge:number 1e2 is already used by User u1");
    transaction.create("User", "u3", object(r#"{"userName":"c","urn:example:Badge":{"number":101}}"#), at(1)).unwrap();
}

#[test]
fn writers_take_turns_and_log_order_is_revision_order() {
    let directory = Directory::new(registry());
    create(&directory, "Group", "g", group("g", &[]));
    let told = std::sync::Mutex::new(Vec::new());
    thread::scope(|scope| {
        for writer in 0..4 {
            let (directory, told) = (&directory, &told);
            scope.spawn(move || {
                for turn in 0..25 {
                    let mut transaction = directory.begin();
                    let mut object = transaction.get("g").unwrap().document.to_object();
                    let members = object.get_mut("members");
                    let element = Json::Object(self::object(&format!(r#"{{"value":"m{writer}-{turn}"}}"#)));
                    match members {
                        Some(Json::Array(members)) => members.push(element),
                        _ => drop(object.insert("members", vec![element])),
                    }
                    transaction.replace("g", object, at(1)).unwrap();
                    transaction.commit(|commit| told.lock().unwrap().push(commit.revision));
                }
            });
        }
    });
    let root = directory.root();
    assert_eq!(root.get("g").unwrap().document.get("members").unwrap().values().count(), 100);
    assert_eq!(root.get("g").unwrap().version, 101);
    assert_eq!(*told.lock().unwrap(), (2..=101).collect::<Vec<u64>>());
    let bound = bind(directory.registry(), "Group", r#"members.value eq "m3-24""#);
    assert_eq!(ids(&root, &all("Group", Some(&bound))), ["g"]);
}
