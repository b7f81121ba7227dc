//! Bulk (RFC 7644 section 3.7).

use serde_json::{Value, json};
use testkit::bench::{BASE, Bench, ENTERPRISE, GROUP, PATCH_OP, Server, id, user};
use testkit::{Ask, Reply, rule_tests};

rule_tests! {
    ["BLK-01"] bulk_is_announced_or_not_there;
    ["BLK-02"] request_and_response_have_their_urns;
    ["BLK-03"] an_operation_has_what_its_method_needs;
    ["BLK-04", "BLK-05"] it_goes_on_after_an_error_until_there_are_too_many;
    ["BLK-06", "BLK-09", "BLK-10"] each_operation_has_its_result;
    ["BLK-07"] a_bulk_id_stands_for_what_is_created_earlier_or_later;
    ["BLK-08"] references_in_a_circle_are_resolved;
    ["BLK-11"] what_is_beyond_the_limits_is_refused_with_the_limit;
    ["BLK-12"] operations_take_effect_in_their_order;
    ["BLK-13"] a_version_that_does_not_fit_fails_its_operation;
}

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn bulk(server: &Server, operations: &Value) -> Reply {
    server.post("/Bulk", &json!({ "schemas": [REQUEST], "Operations": operations }))
}

fn create(bulk_id: &str, name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": user(name, &json!({})) })
}

fn group(bulk_id: &str, member: &str) -> Value {
    let data = json!({ "schemas": [GROUP], "displayName": bulk_id, "members": [{ "value": member }] });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

fn statuses(reply: &Reply) -> Vec<String> {
    let operations = reply.expect(200).at("/Operations");
    operations
        .as_array()
        .expect("results")
        .iter()
        .map(|one| one["status"].as_str().expect("a text").to_owned())
        .collect()
}

fn bulk_is_announced_or_not_there(bench: &Bench) {
    let (with, without) = (bench.tolerant(), bench.with("tolerant", |profile| profile.bulk = false));
    assert_eq!(with.get("/ServiceProviderConfig").at("/bulk/supported"), true);
    assert_eq!(without.get("/ServiceProviderConfig").at("/bulk/supported"), false);
    bulk(&without, &json!([create("a", "ada")])).refused(501, None);
    assert_eq!(without.get("/Users").at("/totalResults"), 0);
}

fn request_and_response_have_their_urns(bench: &Bench) {
    for server in bench.both() {
        let reply = bulk(&server, &json!([create("a", "ada")]));
        assert_eq!(reply.expect(200).at("/schemas"), json!([RESPONSE]));
        for body in [
            json!({ "Operations": [] }),
            json!({ "schemas": [REQUEST] }),
            json!({ "schemas": [REQUEST], "Operations": {} }),
            json!([]),
        ] {
            server.post("/Bulk", &body).refused(400, Some("invalidSyntax"));
        }
    }
}

fn an_operation_has_what_its_method_needs(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({}));
        let broken = json!([
            { "path": "/Users", "bulkId": "1", "data": user("x", &json!({})) },
            { "method": "POST", "bulkId": "2", "data": user("x", &json!({})) },
            { "method": "POST", "path": "/Users", "data": user("x", &json!({})) },
            { "method": "POST", "path": "/Users", "bulkId": "4" },
            { "method": "POST", "path": ada, "bulkId": "5", "data": user("x", &json!({})) },
            { "method": "PUT", "path": "/Users", "data": user("x", &json!({})) },
            { "method": "PATCH", "path": ada },
            { "method": "GET", "path": ada },
        ]);
        let reply = bulk(&server, &broken);
        for (at, status) in statuses(&reply).iter().enumerate() {
            assert!(status.starts_with('4') || status == "501", "operation {at} is {status}");
        }
        assert_eq!(server.get("/Users").at("/totalResults"), 1);
        let operation = json!({ "op": "add", "path": "nickName", "value": "y" });
        let patch = json!({ "schemas": [PATCH_OP], "Operations": [operation] });
        let good = json!([
            { "method": "PUT", "path": ada, "data": user("ada", &json!({ "title": "x" })) },
            { "method": "PATCH", "path": ada, "data": patch },
            { "method": "DELETE", "path": ada },
        ]);
        assert_eq!(statuses(&bulk(&server, &good)), ["200", "200", "204"]);
    }
}

fn it_goes_on_after_an_error_until_there_are_too_many(bench: &Bench) {
    for server in bench.both() {
        let operations = json!([create("a", "ada"), create("b", "ADA"), create("c", "Ada"), create("d", "grace")]);
        assert_eq!(statuses(&bulk(&server, &operations)), ["201", "409", "409", "201"]);
        let more = json!([create("e", "ada"), create("f", "ada"), create("g", "alan")]);
        let reply = server.post("/Bulk", &json!({ "schemas": [REQUEST], "failOnErrors": 1, "Operations": more }));
        assert_eq!(statuses(&reply), ["409"]);
        assert_eq!(server.get("/Users").listed("/userName"), ["ada", "grace"]);
    }
}

fn each_operation_has_its_result(bench: &Bench) {
    for server in bench.both() {
        let grace = server.user("grace", &json!({}));
        let operations = json!([
            create("a", "ada"),
            create("b", "ada"),
            { "method": "PUT", "path": grace, "data": user("ada", &json!({})) },
            { "method": "DELETE", "path": grace },
        ]);
        let reply = bulk(&server, &operations);
        let results = reply.expect(200).at("/Operations");
        assert_eq!((&results[0]["bulkId"], &results[0]["status"]), (&json!("a"), &json!("201")));
        let location = results[0]["location"].as_str().expect("a location");
        server.get(location.strip_prefix(BASE).expect("below the base URL")).expect(200);
        assert_eq!((results[1].get("location"), &results[1]["response"]["scimType"]), (None, &json!("uniqueness")));
        assert_eq!(results[1]["response"]["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        for at in [2, 3] {
            assert_eq!(results[at]["location"], format!("{BASE}{grace}"), "{at}");
        }
        let told: Vec<_> =
            results.as_array().expect("results").iter().map(|one| (&one["method"], &one["status"])).collect();
        assert_eq!(told[2..], [(&json!("PUT"), &json!("409")), (&json!("DELETE"), &json!("204"))]);
    }
}

fn a_bulk_id_stands_for_what_is_created_earlier_or_later(bench: &Bench) {
    for server in bench.both() {
        let managed = user("grace", &json!({ ENTERPRISE: { "manager": { "value": "bulkId:boss" } } }));
        let patch = json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "add", "path": "title", "value": "x" }] });
        let operations = json!([
            group("g", "bulkId:boss"),
            create("boss", "ada"),
            { "method": "POST", "path": "/Users", "bulkId": "u", "data": managed },
            { "method": "PATCH", "path": "/Users/bulkId:boss", "data": patch },
        ]);
        assert_eq!(statuses(&bulk(&server, &operations)), ["201", "201", "201", "200"]);
        let boss = server.filtered("/Users", "userName eq \"ada\"");
        let boss_id = boss.string("/Resources/0/id");
        assert_eq!(boss.listed("/title"), ["x"]);
        assert_eq!(server.get("/Groups").at("/Resources/0/members/0/value"), json!(boss_id));
        let grace = server.filtered("/Users", "userName eq \"grace\"").at("/Resources/0");
        assert_eq!(grace[ENTERPRISE]["manager"]["value"], json!(boss_id));
    }
}

fn references_in_a_circle_are_resolved(bench: &Bench) {
    for server in bench.both() {
        let reply = bulk(&server, &json!([group("a", "bulkId:b"), group("b", "bulkId:a")]));
        assert_eq!(statuses(&reply), ["201", "201"]);
        let groups = server.get("/Groups").at("/Resources");
        assert_eq!(groups[0]["members"][0]["value"], groups[1]["id"]);
        assert_eq!(groups[1]["members"][0]["value"], groups[0]["id"]);
    }
}

fn what_is_beyond_the_limits_is_refused_with_the_limit(bench: &Bench) {
    let server =
        bench.with("tolerant", |profile| (profile.bulk_max_operations, profile.bulk_max_payload_bytes) = (2, 2_000));
    let config = server.get("/ServiceProviderConfig");
    assert_eq!((config.at("/bulk/maxOperations"), config.at("/bulk/maxPayloadSize")), (json!(2), json!(2_000)));
    let many = bulk(&server, &json!([create("a", "a"), create("b", "b"), create("c", "c")]));
    let detail = many.refused(413, None).string("/detail");
    assert!(detail.contains('2'), "{detail}");
    let large = bulk(&server, &json!([create("a", &"a".repeat(2_000))]));
    let detail = large.refused(413, None).string("/detail");
    assert!(detail.contains("2000"), "{detail}");
    assert_eq!(server.get("/Users").at("/totalResults"), 0);
}

fn operations_take_effect_in_their_order(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({}));
        let operations = json!([{ "method": "DELETE", "path": ada }, create("a", "ada"), create("b", "ada")]);
        assert_eq!(statuses(&bulk(&server, &operations)), ["204", "201", "409"]);
        assert_ne!(server.get("/Users").listed("/id"), [id(&ada)]);
    }
}

fn a_version_that_does_not_fit_fails_its_operation(bench: &Bench) {
    for server in bench.both() {
        let ada = server.user("ada", &json!({}));
        let data = user("ada", &json!({ "title": "x" }));
        let put = |version: &str| json!([{ "method": "PUT", "path": ada, "version": version, "data": data }]);
        assert_eq!(statuses(&bulk(&server, &put("W/\"77\""))), ["412"]);
        assert_eq!(statuses(&bulk(&server, &put("W/\"1\""))), ["200"]);
        assert_eq!(server.ask(Ask::new("GET", &ada)).at("/meta/version"), "W/\"2\"");
    }
}
