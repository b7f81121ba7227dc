//! Groups of thousands of members.

use std::sync::Arc;

use scim::diff::Action;
use scim::json::Json;

use crate::bench::{Bench, at, body, patch_body, text};

const MANY: usize = 2_000;

fn group(bench: &Bench) -> String {
    let ids: Vec<String> = (0..MANY).map(|number| format!("m{number}")).collect();
    bench.group("Everybody", &ids.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn one_member_more_or_less_is_one_line_and_no_body() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let id = group(&bench);
    let path = format!("/Groups/{id}");
    for (operation, action) in [
        (format!(r#"{{"op":"add","path":"members","value":[{{"value":"{ada}"}},{{"value":"m5"}}]}}"#), Action::Added),
        (format!(r#"{{"op":"remove","path":"members[value eq \"{ada}\"]"}}"#), Action::Removed),
        (format!(r#"{{"op":"Add","path":"members","value":"{ada}"}}"#), Action::Added),
        (format!(r#"{{"op":"Remove","path":"members","value":[{{"value":"{ada}"}}]}}"#), Action::Removed),
    ] {
        let handled = bench.patch(&path, &operation);
        assert_eq!((handled.response.status, text(&handled).as_str()), (204, ""), "{operation}");
        let commits = bench.commits();
        let change = &commits.last().unwrap().changes[0];
        assert_eq!(change.lines.len(), 1, "{operation}");
        assert_eq!((change.lines[0].action, change.lines[0].operation), (action, Some(0)));
        assert_eq!(change.lines[0].path, format!(r#"members[value eq "{ada}"]"#));
        let long = |state: &Option<Arc<scim::document::Document>>| {
            state.as_ref().unwrap().get("members").unwrap().as_long().unwrap().clone()
        };
        let (before, after) = (long(&change.before), long(&change.after));
        let changes = before.changes(&after);
        assert_eq!(changes.came.len() + changes.gone.len() + changes.changed.len(), 1);
    }
    let read = body(&bench.get(&format!("/Users/{ada}")));
    assert!(read.pointer("/groups").is_none());
}

#[test]
fn the_body_is_there_if_it_is_asked_for_and_names_every_member() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let id = group(&bench);
    let operation = format!(r#"{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}"#);
    let handled = bench.ask("PATCH", &format!("/Groups/{id}?attributes=members.value"), &patch_body(&operation));
    assert_eq!(handled.response.status, 200);
    let members = body(&handled).pointer("/members").and_then(Json::as_array).unwrap().to_vec();
    assert_eq!((members.len(), at(&members[MANY], "/value")), (MANY + 1, format!("\"{ada}\"")));

    let whole = body(&bench.get(&format!("/Groups/{id}")));
    let members = whole.pointer("/members").and_then(Json::as_array).unwrap();
    assert_eq!(members.len(), MANY + 1);
    assert!(at(&members[MANY], "/$ref").ends_with(&format!("/Users/{ada}\"")));
    // A list shows resources as values, a read as text; both say the same.
    for query in ["", "attributes=members", "excludedAttributes=members", "attributes=displayName,members.value"] {
        let listed = body(&bench.get(&format!("/Groups?{query}")));
        let read = text(&bench.get(&format!("/Groups/{id}?{query}")));
        assert_eq!(read, at(&listed, "/Resources/0"), "{query}");
    }
    let user = body(&bench.get(&format!("/Users/{ada}")));
    assert_eq!(at(&user, "/groups/0/value"), format!("\"{id}\""));
    for filter in [format!("members.value eq \"{ada}\""), format!("members[value eq \"{ada}\"]")] {
        let target =
            format!("/Groups?filter={}&excludedAttributes=members", filter.replace(' ', "%20").replace('"', "%22"));
        assert_eq!(at(&body(&bench.get(&target)), "/totalResults"), "1", "{filter}");
    }
}
