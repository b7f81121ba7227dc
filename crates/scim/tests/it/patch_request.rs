//! PATCH: several operations as one request, all or nothing.

use scim::finding::Place;
use scim::json::Json;
use scim::patch::Outcome;

use crate::patch::{STRICT, TOLERANT, WORK, body, both, group, read_and_apply, rest, run, user};
use crate::world::{ENTERPRISE, USER, object};

#[test]
fn operations_see_what_those_before_them_did() {
    both(&[
        (
            "",
            r#"{"op":"add","path":"title","value":"a"},{"op":"replace","path":"title","value":"b"}"#,
            r#"{"title":"b"}"#,
            "",
        ),
        (
            WORK,
            r#"{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":[{"value":"n@x"}]}"#,
            r#"{"emails":[{"value":"n@x"}]}"#,
            "",
        ),
        (
            "",
            r#"{"op":"add","path":"emails","value":[{"value":"n@x","type":"work"}]},{"op":"replace","path":"emails[type eq \"work\"].value","value":"m@x"}"#,
            r#"{"emails":[{"value":"m@x","type":"work"}]}"#,
            "",
        ),
        (
            r#""emails":[{"value":"x]\"y\"@x","type":"work"},{"value":"z@x"}]"#,
            r#"{"op":"remove","path":"emails[value eq \"x]\\\"y\\\"@x\"]"}"#,
            r#"{"emails":[{"value":"z@x"}]}"#,
            "",
        ),
    ]);
}

#[test]
fn a_refused_operation_leaves_everything_as_it_was() {
    for leniency in [STRICT, TOLERANT] {
        let before = user(r#""title":"x","emails":[{"value":"a@x"}]"#);
        let patched = run(
            leniency,
            "User",
            &before,
            concat!(
                r#"{"op":"replace","path":"title","value":"y"},"#,
                r#"{"op":"remove","path":"nickName"},"#,
                r#"{"op":"add","value":{"emails":[{"value":"b@x"}],"active":5}},"#,
                r#"{"op":"remove","path":"title"}"#,
            ),
        );
        let error = patched.applied.result.expect_err("the third operation is wrong");
        assert_eq!(error.place, Place::Body("/Operations/2/value/active".into()));
        assert!(error.detail.starts_with("operation 3 of 4: "), "{}", error.detail);
        let outcomes: Vec<&Outcome> = patched.applied.outcomes.iter().map(|outcome| &outcome.outcome).collect();
        assert!(
            matches!(outcomes[..], [Outcome::Changed, Outcome::Unchanged(_), Outcome::Refused(_), Outcome::NotReached]),
            "{outcomes:?}"
        );
        // What would have changed before the refusal, and nothing of the refused operation.
        let lines: Vec<(&str, Option<usize>)> =
            patched.applied.lines.iter().map(|line| (line.path.as_str(), line.operation)).collect();
        assert_eq!(lines, [("title", Some(0))]);
    }
}

#[test]
fn a_request_without_a_net_change_gives_back_the_very_resource() {
    let before = user(
        r#""title":"x","name":{"givenName":"A","familyName":"B"},"emails":[{"value":"a@x","type":"work"},{"value":"b@x"}]"#,
    );
    for leniency in [STRICT, TOLERANT] {
        for operations in [
            r#"{"op":"replace","path":"title","value":"x"}"#,
            r#"{"op":"replace","path":"name","value":{"familyName":"B"}}"#,
            r#"{"op":"replace","path":"emails","value":[{"value":"b@x"},{"type":"work","value":"a@x"}]}"#,
            r#"{"op":"remove","path":"nickName"}"#,
            r#"{"op":"remove","path":"emails[type eq \"home\"]"}"#,
            r#"{"op":"replace","path":"title","value":"y"},{"op":"replace","path":"title","value":"x"}"#,
            r#"{"op":"remove","path":"emails[type eq \"work\"]"},{"op":"add","path":"emails","value":[{"value":"a@x","type":"work"}]}"#,
            &format!(r#"{{"op":"add","path":"schemas","value":["{USER}"]}}"#),
        ] {
            let patched = run(leniency, "User", &before, operations);
            let after = patched.applied.result.expect("taken");
            assert_eq!(Json::Object(after).to_text(), Json::Object(object(&before)).to_text(), "{operations}");
            assert_eq!(patched.applied.lines, [], "{operations}");
        }
        let patched = run(leniency, "User", &before, r#"{"op":"replace","path":"title","value":"x"}"#);
        assert!(matches!(&patched.applied.outcomes[0].outcome, Outcome::Unchanged(why) if !why.is_empty()));
    }
}

#[test]
fn lines_name_the_last_operation_that_caused_them() {
    let patched = run(
        TOLERANT,
        "User",
        &user(r#""title":"x","active":true"#),
        concat!(
            r#"{"op":"replace","path":"title","value":"y"},"#,
            r#"{"op":"replace","path":"active","value":"False"},"#,
            r#"{"op":"add","path":"name.givenName","value":"A"},"#,
            r#"{"op":"replace","value":{"title":"z"}},"#,
            r#"{"op":"add","path":"emails","value":[{"value":"a@x","type":"work"}]},"#,
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@x"},"#,
            r#"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R"}"#,
        ),
    );
    let lines: Vec<String> = patched
        .applied
        .lines
        .iter()
        .map(|line| {
            let text = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), Json::to_text);
            format!("{} {} {} {}", line.operation.expect("a cause"), line.path, text(&line.before), text(&line.after))
        })
        .collect();
    assert_eq!(
        lines,
        [
            r#"2 name.givenName - "A""#,
            r#"3 title "x" "z""#,
            "1 active true false",
            r#"5 emails[type eq "work"] - {"value":"b@x","type":"work"}"#,
            &format!(r#"6 {ENTERPRISE}:department - "R""#),
        ]
    );
    assert_eq!(patched.applied.written, ["title", "active", "name", "emails", &format!("{ENTERPRISE}:department")]);
}

#[test]
fn a_password_is_taken_and_not_kept() {
    for leniency in [STRICT, TOLERANT] {
        let patched = run(leniency, "User", &user(""), r#"{"op":"replace","value":{"password":"T0p-Secret"}}"#);
        let text = format!("{:?}", patched.applied);
        assert!(patched.applied.result.is_ok() && !text.contains("T0p-Secret"), "{text}");
        assert_eq!(patched.applied.written, ["password"]);
    }
}

#[test]
fn a_large_group_is_patched_in_linear_time() {
    let mut group = object(&group(""));
    let member =
        |at: usize| Json::Object([("value".to_owned(), Json::from(format!("user-{at}")))].into_iter().collect());
    group.insert("members", (0..20_000).map(member).collect::<Vec<_>>());
    let added: Vec<String> = (10_000..30_000).map(|at| format!(r#"{{"value":"user-{at}"}}"#)).collect();
    let removed: Vec<String> = (0..10_000).map(|at| format!(r#"{{"value":"user-{at}"}}"#)).collect();
    let operations = format!(
        r#"{{"op":"add","path":"members","value":[{}]}},{{"op":"remove","path":"members","value":[{}]}}"#,
        added.join(","),
        removed.join(",")
    );
    let patched = read_and_apply(TOLERANT, "Group", &group, &body(&operations));
    let after = patched.applied.result.expect("patched");
    assert_eq!(after.get("members").and_then(Json::as_array).expect("members").len(), 20_000);
    assert_eq!(patched.applied.lines.len(), 20_000);
}

#[test]
fn a_request_that_would_take_for_ever_is_refused() {
    let mut group = object(&group(""));
    let member =
        |at: usize| Json::Object([("value".to_owned(), Json::from(format!("user-{at}")))].into_iter().collect());
    group.insert("members", (0..30_000).map(member).collect::<Vec<_>>());
    let filter = vec![r#"value eq \"x\""#; 4_000].join(" or ");
    let operation = format!(r#"{{"op":"remove","path":"members[{filter}]"}}"#);
    let patched = read_and_apply(STRICT, "Group", &group, &body(&operation));
    assert_eq!(rest(&patched.applied.result), "413  at /Operations/0/path");
}
