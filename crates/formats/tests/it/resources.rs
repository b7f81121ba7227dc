//! Users and groups in files.

use formats::resources::{Column, FileKind, Found, JsonLines, Problem, Table, guess_columns, read_json, targets};
use formats::seed::{Generator, Recipe};
use proptest::prelude::*;
use scim::json::{Json, Limits, parse};
use scim::object;
use scim::schema::Registry;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn lines(text: &str) -> Vec<Result<Found, Problem>> {
    JsonLines::new(text.as_bytes(), &Registry::builtin()).collect()
}

fn table(text: &str, resource_type: &str) -> Result<Vec<Result<Found, Problem>>, Problem> {
    let registry = Registry::builtin();
    let shape = registry.shape_named(resource_type).unwrap();
    let table = Table::new(text.as_bytes())?;
    let columns = guess_columns(table.header(), shape);
    Ok(table.resources(shape, &columns)?.collect())
}

fn json(text: &str) -> Json {
    parse(text.as_bytes(), Limits::default()).unwrap()
}

#[test]
fn one_json_text_is_a_resource_an_array_of_them_or_a_list_response() {
    let one = format!(r#"{{"schemas":["{USER}"],"id":"7","userName":"ada","meta":{{"resourceType":"User"}}}}"#);
    for text in [one.clone(), format!("[{one}]"), format!(r#"{{"totalResults":1,"Resources":[{one}]}}"#)] {
        let registry = Registry::builtin();
        let found: Vec<_> = read_json(text.as_bytes(), &registry).unwrap().collect();
        let [Ok(found)] = &found[..] else { panic!("{found:?}") };
        assert_eq!((found.at, found.resource_type.as_str(), found.id.as_deref()), (1, "User", Some("7")));
        assert_eq!(found.body, json(&format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#)));
    }
    for (text, words) in [
        ("", "line 1"),
        ("7", "is a number"),
        (r#"{"Resources": 7}"#, "has to be an array"),
        (&"[".repeat(100), "line 1"),
        ("[{},]", "line 1"),
        ("[{} {}]", "line 1"),
        ("[,]", "line 1"),
        ("{\"Resources\":[{}],", "line 1"),
        ("[{}] x", "line 1"),
        ("[\n{\"a\":}]", "line 2"),
    ] {
        let registry = Registry::builtin();
        let problem = read_json(text.as_bytes(), &registry).unwrap_err();
        assert!(problem.message.contains(words), "{text}: {problem}");
    }
}

#[test]
fn each_line_says_what_is_wrong_with_it() {
    let found = lines(&format!(
        "\u{feff}{{\"schemas\":[\"{USER}\"],\"userName\":\"ada\"}}\r\n\n[1]\n{{\"userName\":\"x\"}}\n{{\"a\":\n\
         {{\"meta\":{{\"resourceType\":\"Robot\"}}}}\n{{\"schemas\":[\"{USER}\"],\"id\":7}}"
    ));
    let problems: Vec<String> = found.iter().filter_map(|found| found.as_ref().err()).map(Problem::to_string).collect();
    assert_eq!(found[0].as_ref().unwrap().at, 1);
    assert_eq!(problems.len(), 5, "{problems:?}");
    for (problem, words) in problems.iter().zip([
        "3: it is an array",
        "4: it says neither",
        "5: ",
        "6: its resourceType \"Robot\"",
        "7: its id",
    ]) {
        assert!(problem.starts_with(words), "{problem}");
    }
}

#[test]
fn the_columns_of_usual_tables_are_known_by_their_names() {
    let text = "Login;First Name;LastName;E-Mail;Mobile Phone;Department;Enabled;Manager ID;Shoe size\n\
                ada;Ada;Lovelace;ada@example.com;+44 20 7946 0001;Research;yes;m-1;39\n\n\
                bob;;Brook;;;;no;;\n";
    let found = table(text, "User").unwrap();
    let [Ok(ada), Ok(bob)] = &found[..] else { panic!("{found:?}") };
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(
        ada.body.to_text(),
        format!(
            r#"{{"schemas":["{USER}","{enterprise}"],"userName":"ada","name":{{"givenName":"Ada","familyName":"Lovelace"}},"emails":[{{"value":"ada@example.com","type":"work"}}],"phoneNumbers":[{{"value":"+44 20 7946 0001","type":"mobile"}}],"{enterprise}":{{"department":"Research","manager":{{"value":"m-1"}}}},"active":true}}"#
        )
    );
    assert_eq!(bob.at, 4);
    assert_eq!(
        bob.body.to_text(),
        format!(r#"{{"schemas":["{USER}"],"userName":"bob","name":{{"familyName":"Brook"}},"active":false}}"#)
    );
}

#[test]
fn a_table_of_groups_has_its_members_in_one_cell() {
    let found = table("id,Group name,Members\ng1,\"Research, \"\"R\"\"\",u1; u2\n", "Group").unwrap();
    let [Ok(group)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(group.id.as_deref(), Some("g1"));
    assert_eq!(group.body.pointer("/displayName").unwrap().as_str(), Some("Research, \"R\""));
    assert_eq!(group.body.pointer("/members/1/value").unwrap().as_str(), Some("u2"));
}

#[test]
fn a_cell_that_does_not_fit_says_in_which_line_and_column() {
    let found = table("userName,active\nada,perhaps\nbob,true\n", "User").unwrap();
    assert_eq!(
        found[0].as_ref().unwrap_err().to_string(),
        "2: column \"active\": \"perhaps\" is neither true nor false"
    );
    assert!(found[1].is_ok());
    let no_header = table("\n\n", "User").unwrap_err();
    assert!(no_header.message.contains("no header"), "{no_header}");
    let registry = Registry::builtin();
    let shape = registry.shape_named("User").unwrap();
    let wrong = [Column { name: "a".into(), target: "usrName".into() }];
    let refused = Table::new(b"a\n1\n").unwrap().resources(shape, &wrong).err().unwrap();
    assert!(refused.message.contains("did you mean userName"), "{refused}");
    let nothing = Table::new(b"a\n1\n").unwrap().resources(shape, &[]).err().unwrap();
    assert!(nothing.message.contains("no column is mapped"), "{nothing}");
}

#[test]
fn every_target_that_is_offered_can_be_set() {
    let registry = Registry::builtin();
    for shape in registry.shapes() {
        for target in targets(shape) {
            let column = Column { name: "c".into(), target: target.clone() };
            let rows = Table::new(b"c\n1\n").unwrap().resources(shape, &[column]);
            let found: Vec<_> = rows.unwrap_or_else(|why| panic!("{target}: {why}")).collect();
            assert!(found[0].is_ok(), "{target}: {found:?}");
        }
    }
}

#[test]
fn what_a_file_is_is_told_by_its_name_or_its_beginning() {
    for (name, text, kind) in [
        ("people.csv", "{", FileKind::Csv),
        ("people.TSV", "", FileKind::Csv),
        ("people.jsonl", "", FileKind::Ndjson),
        ("people.json", "{\"a\":1}\n{\"a\":2}\n", FileKind::Ndjson),
        ("people.json", "{\n \"a\":1}", FileKind::Json),
        ("people", " [", FileKind::Json),
        ("people", "a,b\n1,2", FileKind::Csv),
        ("people.json", "a,b\n1,2", FileKind::Json),
    ] {
        assert_eq!(FileKind::guess(name, text.as_bytes()), kind, "{name} {text:?}");
    }
}

#[test]
fn what_was_made_up_is_read_back_as_it_was() {
    let generator =
        Generator::new(Recipe { users: 60, groups: 12, edge_cases_percent: 50, ..Recipe::default() }).unwrap();
    let mut text = String::new();
    for made in generator.resources() {
        let mut whole = object! { "id" => made.id.as_str() };
        made.object.iter().for_each(|(name, value)| drop(whole.insert(name, value.clone())));
        text.push_str(&Json::Object(whole).to_text());
        text.push('\n');
    }
    for (made, found) in generator.resources().zip(lines(&text)) {
        let found = found.unwrap();
        assert_eq!((found.resource_type.as_str(), found.id.as_deref()), (made.resource_type, Some(made.id.as_str())));
        assert_eq!(found.body, Json::Object(made.object));
    }
}

proptest! {
    #[test]
    fn what_is_read_piece_by_piece_is_json_as_a_whole(text in r#"[\[{][\[\]{},:"a1 ]{0,24}[\]}]"#) {
        let registry = Registry::builtin();
        let whole = parse(text.as_bytes(), Limits::default());
        match read_json(text.as_bytes(), &registry) {
            Ok(items) => {
                let expected = match whole.unwrap() {
                    Json::Array(items) => items.len(),
                    _ => 1,
                };
                prop_assert_eq!(items.count(), expected);
            }
            Err(_) => prop_assert!(whole.is_err()),
        }
    }

    #[test]
    fn no_bytes_make_a_reader_fail_in_another_way_than_by_saying_so(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let registry = Registry::builtin();
        let shape = registry.shape_named("User").unwrap();
        let _ = read_json(&bytes, &registry);
        prop_assert!(JsonLines::new(&bytes, &registry).count() <= 401);
        if let Ok(table) = Table::new(&bytes) {
            let columns: Vec<Column> =
                table.header().iter().map(|name| Column { name: name.clone(), target: "title".into() }).collect();
            if let Ok(rows) = table.resources(shape, &columns) {
                prop_assert!(rows.count() <= 401);
            }
        }
    }
}
