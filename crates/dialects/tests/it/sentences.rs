//! Every kind of exchange in a sentence.

use dialects::annotate;
use traffic::exchange::Ending;
use traffic::handled::{Action, Subject};

use crate::wire::{Wire, line, request, subject};

const ID: &str = "2819c223-7f76-453a-919d-413861904646";
const USER: &str = "/scim/v2/Users/2819c223-7f76-453a-919d-413861904646";
const GROUP: &str = "/scim/v2/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a";

fn says(wire: Wire, sentence: &str) {
    assert_eq!(annotate(&wire.exchange()).sentence, sentence);
}

fn ada() -> Subject {
    subject("User", Some(ID), Some("Ada Lovelace"))
}

fn sales() -> Subject {
    subject("Group", Some("e9e30dba"), Some("Sales"))
}

fn patch(operations: &str) -> String {
    format!("{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{operations}]}}")
}

fn looked(total: u64) -> Subject {
    let looked_for = Some(("userName".to_owned(), "bob@example.com".to_owned()));
    Subject { looked_for, total_results: Some(total), ..subject("User", None, None) }
}

#[test]
fn entra_disables_a_user() {
    let body = patch(r#"{"op":"Replace","path":"active","value":"False"}"#);
    let wire = request("PATCH", USER).changed("User", ID, "Ada Lovelace", vec![line("active", "true", "false")]).done(
        &body,
        Action::Modify,
        ada(),
    );
    says(wire, "Entra disabled Ada Lovelace");
}

#[test]
fn a_refused_disabling_says_what_was_wanted_and_why_it_failed() {
    let body = patch(r#"{"op":"Replace","path":"active","value":"False"}"#);
    let wire = request("PATCH", USER).refused(&body, 400, "invalidValue", Action::Modify, ada());
    says(wire, "Entra tried to disable Ada Lovelace: refused, invalidValue");
}

#[test]
fn enabling_and_other_attributes_share_a_sentence() {
    let lines = vec![
        line("active", "false", "true"),
        line("title", "\"A\"", "\"B\""),
        line("name.familyName", "\"A\"", "\"B\""),
        line("emails[type eq \"work\"].value", "\"a\"", "\"b\""),
        line("emails[type eq \"home\"].value", "\"a\"", "\"b\""),
        line("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "\"a\"", ""),
    ];
    let wire = request("PUT", USER).changed("User", ID, "Ada Lovelace", lines).done("{}", Action::Replace, ada());
    says(wire, "A client enabled Ada Lovelace and changed title, name, emails and 1 more attribute");
}

#[test]
fn members_are_counted() {
    let added = |count: usize| (0..count).map(|at| line(&format!("members[value eq \"{at}\"]"), "", "{}"));
    let body = patch(r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"1"}]}"#);
    let wire = request("PATCH", GROUP).changed("Group", "e9e30dba", "Sales", added(3).collect()).done(
        &body,
        Action::Modify,
        sales(),
    );
    says(wire, "Entra added 3 members to Sales");

    let removed = line("members[value eq \"9\"]", "{}", "");
    let wire = request("PATCH", GROUP).changed("Group", "e9e30dba", "Sales", added(1).chain([removed]).collect()).done(
        "",
        Action::Modify,
        sales(),
    );
    says(wire, "A client added 1 member to Sales and removed 1 member");
}

#[test]
fn a_group_is_renamed() {
    let lines = vec![line("displayName", "\"Sales\"", "\"Sales EMEA\"")];
    let renamed = subject("Group", Some("e9e30dba"), Some("Sales EMEA"));
    let body = patch(r#"{"op":"Replace","path":"displayName","value":"Sales EMEA"}"#);
    let wire =
        request("PATCH", GROUP).changed("Group", "e9e30dba", "Sales EMEA", lines).done(&body, Action::Modify, renamed);
    says(wire, "Entra renamed Sales to Sales EMEA");
}

#[test]
fn a_patch_that_changes_nothing_says_what_it_asked_for() {
    let body = patch(r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"1"}]}"#);
    let wire = request("PATCH", GROUP).done(&body, Action::Modify, sales());
    says(wire, "Entra asked to add 1 member to Sales: nothing changed");
    let wire = request("PUT", USER).done("{}", Action::Replace, ada());
    says(wire, "A client asked to replace Ada Lovelace: nothing changed");
}

#[test]
fn refused_operations_are_said_by_what_they_ask_for() {
    for (operations, sentence) in [
        (r#"{"op":"replace","value":{"active":false}}"#, "A client tried to disable Sales: refused, noTarget"),
        (r#"{"op":"remove","path":"members"}"#, "A client tried to remove all members from Sales: refused, noTarget"),
        (
            r#"{"op":"remove","path":"members[value eq \"1\"]"}"#,
            "A client tried to remove 1 member from Sales: refused, noTarget",
        ),
        (
            r#"{"op":"replace","path":"members","value":[]}"#,
            "A client tried to remove all members from Sales: refused, noTarget",
        ),
        (
            r#"{"op":"replace","path":"displayName","value":"X"}"#,
            "A client tried to rename Sales to X: refused, noTarget",
        ),
        (r#"{"op":"replace","path":"x.y","value":1}"#, "A client tried to change x of Sales: refused, noTarget"),
        (r#""nonsense""#, "A client tried to change Sales: refused, noTarget"),
    ] {
        says(request("PATCH", GROUP).refused(&patch(operations), 400, "noTarget", Action::Modify, sales()), sentence);
    }
}

#[test]
fn a_refused_put_says_what_it_would_have_done() {
    let wire = request("PUT", USER).planning(vec![line("active", "true", "false")]).handled(
        &[],
        "{}",
        412,
        Action::Replace,
        ada(),
    );
    says(wire, "A client tried to disable Ada Lovelace: refused, another version is there");
}

#[test]
fn creations_name_what_was_created() {
    let body = r#"{"userName":"ada@example.com","displayName":"Ada Lovelace","meta":{"resourceType":"User"}}"#;
    let headers = [("Content-Type", "application/scim+json; charset=utf-8")];
    let created = request("POST", "/scim/v2/Users").changed("User", ID, "Ada Lovelace", Vec::new());
    says(created.handled(&headers, body, 201, Action::Create, ada()).numbered(1), "A client created user Ada Lovelace");
    let urn = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let body = &format!(r#"{{"schemas":["{urn}"],"displayName":"Sales"}}"#);
    says(request("POST", "/scim/v2/Groups").done(body, Action::Create, sales()), "Entra created group Sales");
    let body = r#"{"userName":"ada@example.com","members":[{"value":"1"},{"value":"2"}]}"#;
    says(
        request("POST", "/scim/v2/Users").refused(body, 409, "uniqueness", Action::Create, subject("User", None, None)),
        "A client tried to create user ada@example.com with 2 members: refused, uniqueness",
    );
}

#[test]
fn look_ups_say_what_was_found() {
    let target = "/scim/v2/Users?filter=userName%20eq%20%22bob%40example.com%22&startIndex=1&count=100";
    let okta =
        |total| request("GET", target).handled(&[("Accept-Charset", "utf-8")], "", 200, Action::List, looked(total));
    says(okta(0), "Okta looked for bob@example.com: not found");
    says(okta(1), "Okta looked for bob@example.com: found");
    says(okta(3), "Okta looked for bob@example.com: found 3");
    let named = Subject { display: Some("Bob Stone".into()), ..looked(1) };
    says(
        request("GET", "/Users").done("", Action::List, named),
        "A client looked for bob@example.com: found Bob Stone",
    );
    let filtered = Subject { filter: Some("title pr".into()), looked_for: None, ..looked(4) };
    says(request("GET", "/Users").done("", Action::List, filtered), "A client searched users for title pr: 4 found");
    says(
        request("GET", "/Users").refused("", 401, "", Action::List, looked(0)),
        "A client tried to look for bob@example.com: refused, not authorized",
    );
}

#[test]
fn listings_say_how_many_there_are() {
    let all = || Subject { total_results: Some(102), ..subject("User", None, None) };
    says(request("GET", "/Users").done("", Action::List, all()), "A client listed users: 102 in all");
    says(
        request("GET", "/Users?startIndex=101&count=100").done("", Action::List, all()),
        "A client listed users from 101: 102 in all",
    );
}

#[test]
fn one_resource_is_read_or_deleted() {
    says(request("GET", USER).done("", Action::Read, ada()), "A client read user Ada Lovelace");
    let nameless = || subject("User", Some(ID), None);
    says(request("GET", USER).done("", Action::Read, nameless()), "A client read User 2819c223…");
    says(
        request("GET", USER).refused("", 404, "", Action::Read, nameless()),
        "A client tried to read User 2819c223…: not found",
    );
    says(
        request("GET", USER).handled(&[], "", 304, Action::Read, ada()),
        "A client read user Ada Lovelace: not modified",
    );
    says(request("DELETE", USER).done("", Action::Delete, ada()), "A client deleted user Ada Lovelace");
    says(
        request("DELETE", USER).refused("", 500, "", Action::Delete, ada()),
        "A client tried to delete user Ada Lovelace: failed with status 500",
    );
}

#[test]
fn discovery_documents_have_names() {
    for (target, sentence) in [
        ("/scim/v2/ServiceProviderConfig", "A client read the service provider configuration"),
        ("/scim/v2/Schemas", "A client read the schemas"),
        ("/scim/v2/ResourceTypes/", "A client read the resource types"),
        ("/scim/v2/ResourceTypes/User", "A client read the resource type User"),
        ("/scim/v2/Schemas/urn:x:User", "A client read the schema urn:x:User"),
    ] {
        says(request("GET", target).done("", Action::Discover, Subject::default()), sentence);
    }
}

#[test]
fn a_token_is_got_or_refused() {
    let got = request("POST", "/oauth/token").done("", Action::Token, Subject::default());
    says(got, "A client got an access token");
    let refused = request("POST", "/oauth/token").answering(r#"{"error":"invalid_client"}"#);
    let refused = refused.refused("", 401, "", Action::Token, Subject::default());
    says(refused, "A client tried to get an access token: refused, invalid_client");
}

#[test]
fn what_scim_does_not_know_is_said_as_it_came() {
    let wire = request("BREW", "/pot").refused("", 404, "", Action::Unknown, Subject::default());
    says(wire, "A client sent BREW /pot: not found");
}

#[test]
fn bytes_that_are_no_request_are_counted() {
    let refused = || Ending::Refused("not HTTP".into());
    says(request("", "").closed(refused(), Some("\u{16}\u{3}\u{1}12345678901234567890")), "Not HTTP: 23 bytes");
    says(request("", "").closed(refused(), Some("x")), "Not HTTP: 1 byte");
    says(
        request("", "").closed(Ending::TimedOut("the head".into()), Some("GET /Us")),
        "Half a request: 7 bytes, then nothing more",
    );
    says(
        request("", "").closed(Ending::Aborted("in the head".into()), Some("GET /Us")),
        "Half a request: 7 bytes, then the connection ended",
    );
}

#[test]
fn a_request_without_an_answer_says_how_far_it_came() {
    says(request("POST", "/scim/v2/Users?x=1"), "A client sends POST /scim/v2/Users");
    says(
        request("POST", "/scim/v2/Users").closed(Ending::Aborted("in the body".into()), Some("POST /")),
        "A client broke off POST /scim/v2/Users: in the body",
    );
    let cut = request("GET", USER).done("", Action::Read, ada()).closed(Ending::Aborted("while sending".into()), None);
    says(cut, "A client read user Ada Lovelace, but the answer did not leave whole");
}

#[test]
fn no_name_can_forge_a_line_or_fill_the_screen() {
    let forged = subject("User", Some(ID), Some("Ada\r\n\u{202e}Entra deleted everyone"));
    says(
        request("GET", USER).done("", Action::Read, forged),
        "A client read user Ada\u{fffd}\u{fffd}\u{fffd}Entra deleted everyone",
    );
    let long = subject("User", Some(ID), Some(&"x".repeat(10_000)));
    assert!(annotate(&request("GET", USER).done("", Action::Read, long).exchange()).sentence.chars().count() < 100);
}

#[test]
fn connection_tests_are_marked() {
    let guid = "e9e30dba-f08f-4109-8486-d5c6a331660a";
    let found = |total| Subject { looked_for: Some(("userName".into(), guid.into())), ..looked(total) };
    let target = format!("/scim/v2/Users?filter=userName+eq+%22{guid}%22");
    let probe = annotate(&request("GET", &target).done("", Action::List, found(0)).exchange());
    assert!(probe.probe);
    assert_eq!(probe.sentence, "Entra tested the connection");
    let hit = annotate(&request("GET", &target).done("", Action::List, found(1)).exchange());
    assert!(!hit.probe, "a GUID that is found is a look-up");
    let refused = annotate(&request("GET", &target).refused("", 401, "", Action::List, found(0)).exchange());
    assert!(!refused.probe, "a refused one must not be hidden");

    let okta = |target| {
        let headers = [("Accept-Charset", "utf-8"), ("Accept", "application/scim+json")];
        annotate(&request("GET", target).handled(&headers, "", 200, Action::List, looked(2)).exchange())
    };
    assert!(okta("/scim/v2/Users?startIndex=1&count=2").probe);
    assert!(!okta("/scim/v2/Users?startIndex=1&count=100").probe);
}
