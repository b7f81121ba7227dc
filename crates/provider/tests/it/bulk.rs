//! Bulk (RFC 7644 section 3.7).

use provider::Profile;
use scim::finding::{Place, Severity};
use scim::json::Json;
use scim::schema::Registry;
use traffic::handled::{Handled, OperationOutcome};

use crate::bench::{BASE, Bench, ENTERPRISE, GROUP, USER, assert_refused, at, body, finding, patch_body, string};

fn send(bench: &Bench, more: &str, operations: &[String]) -> Handled {
    let schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    let operations = operations.join(",");
    bench.ask("POST", "/Bulk", &format!(r#"{{"schemas":["{schema}"]{more},"Operations":[{operations}]}}"#))
}

fn user(name: &str, more: &str) -> String {
    let data = format!(r#"{{"schemas":["{USER}"],"userName":"{name}"{more}}}"#);
    format!(r#"{{"method":"POST","path":"/Users","bulkId":"{name}","data":{data}}}"#)
}

fn group(name: &str, members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    let data = format!(r#"{{"schemas":["{GROUP}"],"displayName":"{name}","members":[{}]}}"#, members.join(","));
    format!(r#"{{"method":"POST","path":"/Groups","bulkId":"{name}","data":{data}}}"#)
}

fn statuses(handled: &Handled) -> Vec<String> {
    assert_eq!(handled.response.status, 200);
    let body = body(handled);
    assert_eq!(at(&body, "/schemas"), r#"["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]"#);
    let results = body.pointer("/Operations").unwrap().as_array().unwrap();
    results.iter().map(|result| string(result, "/status")).collect()
}

/// The `id` at the end of an operation's location.
fn id(handled: &Handled, index: usize) -> String {
    string(&body(handled), &format!("/Operations/{index}/location")).rsplit('/').next().unwrap().to_owned()
}

#[test]
fn each_operation_has_its_own_result() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let operations = [
        user("grace", ""),
        format!(
            r#"{{"method":"PATCH","path":"/Users/{ada}","data":{}}}"#,
            patch_body(r#"{"op":"add","path":"title","value":"x"}"#)
        ),
        format!(
            r#"{{"method":"put","path":"{BASE}/Users/{ada}","version":"W/\"2\"","data":{{"schemas":["{USER}"],"userName":"ada2"}}}}"#
        ),
        format!(r#"{{"method":"DELETE","path":"/Users/{ada}"}}"#),
        r#"{"method":"DELETE","path":"/Users/nobody"}"#.to_owned(),
    ];
    let handled = send(&bench, "", &operations);
    assert_eq!(statuses(&handled), ["201", "200", "200", "204", "404"]);
    let results = body(&handled);
    let grace = id(&handled, 0);
    assert_eq!(
        at(&results, "/Operations/0"),
        format!(
            r#"{{"method":"POST","bulkId":"grace","version":"W/\"1\"","location":"{BASE}/Users/{grace}","status":"201"}}"#
        )
    );
    assert_eq!(string(&results, "/Operations/2/method"), "PUT");
    assert_eq!(string(&results, "/Operations/4/response/status"), "404");
    assert_eq!(string(&results, "/Operations/4/location"), format!("{BASE}/Users/nobody"));
    assert_eq!(bench.get(&format!("/Users/{ada}")).response.status, 404);
    let commits = bench.commits();
    assert_eq!(commits.len(), 5, "each operation is a commit of this exchange");
    assert!(matches!(&handled.operations[4].outcome, OperationOutcome::Refused(why) if why.contains("nobody")));
    assert_eq!(finding(&handled, "http-404").place, Place::Body("/Operations/4/path".into()));
}

#[test]
fn a_bulk_id_names_a_resource_wherever_it_stands() {
    let bench = Bench::tolerant();
    let manager = format!(r#","{ENTERPRISE}":{{"manager":{{"value":"bulkId:boss"}}}}"#);
    let member = r#"{"op":"remove","path":"members[value eq \"bulkId:ada\"]"}"#;
    let add = r#"{"op":"add","path":"members","value":[{"value":"bulkId:boss","$ref":"../Users/bulkId:boss"}]}"#;
    let operations = [
        group("team", &["bulkId:ada", "bulkId:bob"]),
        user("ada", &manager),
        user("bob", ""),
        user("boss", ""),
        format!(
            r#"{{"method":"PATCH","path":"/Groups/bulkId:team","data":{}}}"#,
            patch_body(&format!("{member},{add}"))
        ),
        r#"{"method":"DELETE","path":"/Users/bulkId:bob"}"#.to_owned(),
    ];
    let handled = send(&bench, "", &operations);
    assert_eq!(statuses(&handled), ["201", "201", "201", "201", "200", "204"]);
    let (team, ada, boss) = (id(&handled, 0), id(&handled, 1), id(&handled, 3));
    let team = body(&bench.get(&format!("/Groups/{team}")));
    assert_eq!(string(&team, "/members/0/value"), boss);
    assert_eq!(team.pointer("/members").unwrap().as_array().unwrap().len(), 1);
    let ada = body(&bench.get(&format!("/Users/{ada}")));
    let extension = ada.as_object().unwrap().get(ENTERPRISE).unwrap();
    assert_eq!(string(extension, "/manager/value"), boss);
    assert!(handled.findings.iter().all(|finding| finding.severity == Severity::Info), "{:?}", handled.findings);
}

#[test]
fn two_resources_can_name_each_other() {
    let bench = Bench::tolerant();
    let handled = send(&bench, "", &[group("a", &["bulkId:b"]), group("b", &["bulkId:a"])]);
    assert_eq!(statuses(&handled), ["201", "201"]);
    for (own, other) in [(0, 1), (1, 0)] {
        let group = body(&bench.get(&format!("/Groups/{}", id(&handled, own))));
        assert_eq!(string(&group, "/members/0/$ref"), format!("{BASE}/Groups/{}", id(&handled, other)));
    }
}

#[test]
fn a_name_that_stands_for_nothing_is_a_conflict() {
    let bench = Bench::tolerant();
    bench.user("taken");
    let handled = send(
        &bench,
        "",
        &[
            group("early", &["bulkId:taken"]),
            user("taken", ""),
            group("late", &["bulkId:taken"]),
            group("none", &["bulkId:x"]),
        ],
    );
    assert_eq!(statuses(&handled), ["201", "409", "409", "409"]);
    let results = body(&handled);
    assert_eq!(string(&results, "/Operations/1/response/scimType"), "uniqueness");
    assert_eq!(at(&results, "/Operations/1/location"), "absent");
    assert_eq!(finding(&handled, "member-not-found").severity, Severity::Warning);
}

#[test]
fn enough_errors_stop_it_and_what_was_done_stays_done() {
    let bench = Bench::tolerant();
    let operations = [user("a", ""), user("a2", r#","active":5"#), user("b", ""), user("a", ""), user("c", "")];
    let handled = send(&bench, r#","failOnErrors":2"#, &operations);
    assert_eq!(statuses(&handled), ["201", "400", "201", "400"]);
    assert_eq!(finding(&handled, "bulk-stopped").place, Place::Body("/Operations/4".into()));
    assert_eq!(at(&body(&bench.get("/Users")), "/totalResults"), "2");
    let handled = send(&bench, r#","failOnErrors":1"#, &[user("x", r#","active":5"#), user("y", "")]);
    assert_eq!(statuses(&handled), ["400"]);
}

#[test]
fn an_operation_that_is_wrong_fails_alone() {
    let bench = Bench::tolerant();
    let ada = bench.user("ada");
    let data = format!(r#"{{"schemas":["{USER}"],"userName":"x"}}"#);
    for (operation, status) in [
        ("5".to_owned(), "400"),
        ("{}".to_owned(), "400"),
        (r#"{"method":"GET","path":"/Users"}"#.to_owned(), "400"),
        (r#"{"method":"POST","bulkId":"x"}"#.to_owned(), "400"),
        (format!(r#"{{"method":"POST","path":"/Users","data":{data}}}"#), "400"),
        (format!(r#"{{"method":"POST","path":5,"data":{data}}}"#), "400"),
        (r#"{"method":"POST","path":"/Users","bulkId":"x"}"#.to_owned(), "400"),
        (format!(r#"{{"method":"POST","path":"/Users/{ada}","bulkId":"x","data":{data}}}"#), "405"),
        (format!(r#"{{"method":"PUT","path":"/Users","data":{data}}}"#), "405"),
        (format!(r#"{{"method":"POST","path":"/Bulk","bulkId":"x","data":{data}}}"#), "405"),
        (format!(r#"{{"method":"POST","path":"/Nothing","bulkId":"x","data":{data}}}"#), "404"),
        (format!(r#"{{"method":"PUT","path":"/Users/{ada}","version":"W/\"9\"","data":{data}}}"#), "412"),
        (format!(r#"{{"method":"PATCH","path":"/Users/{ada}","data":{{}}}}"#), "400"),
    ] {
        let handled = send(&bench, "", &[operation.clone(), user("ok", "")]);
        assert_eq!(statuses(&handled), [status, "201"], "{operation}");
        assert!(!string(&body(&handled), "/Operations/0/response/detail").is_empty());
        bench.ask("DELETE", &format!("/Users/{}", id(&handled, 1)), "");
    }
}

#[test]
fn what_is_no_bulk_request_or_too_large_is_refused_as_a_whole() {
    let profile =
        Profile { bulk_max_operations: 2, bulk_max_payload_bytes: 500, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    let config = body(&bench.get("/ServiceProviderConfig"));
    assert_eq!(at(&config, "/bulk"), r#"{"supported":true,"maxOperations":2,"maxPayloadSize":500}"#);
    for sent in
        ["", "[]", r#"{"Operations":[]}"#, r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]}"#]
    {
        assert_refused(&bench.ask("POST", "/Bulk", sent), 400, Some("invalidSyntax"));
    }
    for fail in ["0", "-1", "1.5", "\"1\""] {
        assert_refused(&send(&bench, &format!(r#","failOnErrors":{fail}"#), &[]), 400, Some("invalidValue"));
    }
    let delete = r#"{"method":"DELETE","path":"/Users/1"}"#.to_owned();
    assert_eq!(send(&bench, "", &[delete.clone(), delete.clone()]).response.status, 200);
    let many = send(&bench, "", &[delete.clone(), delete.clone(), delete]);
    assert_refused(&many, 413, None);
    assert!(string(&body(&many), "/detail").contains("maxOperations is 2"));
    let large = send(&bench, "", &[user(&"x".repeat(500), "")]);
    assert_refused(&large, 413, None);
    assert!(string(&body(&large), "/detail").contains("maxPayloadSize is 500"));
    assert_eq!(bench.commits().len(), 0);
    assert_eq!(at(&body(&send(&bench, "", &[])), "/Operations"), Json::Array(Vec::new()).to_text());
}
