//! Events and late answers (RFC 9967) are not offered, and nothing says that they are.

use serde_json::json;
use testkit::bench::{Bench, user};
use testkit::{Ask, rule_tests};

rule_tests! {
    ["EVT-01", "EVT-02", "EVT-08"] a_wish_for_a_late_answer_is_ignored_and_nothing_announces_one;
}

fn a_wish_for_a_late_answer_is_ignored_and_nothing_announces_one(bench: &Bench) {
    for server in bench.both() {
        let config = server.get("/ServiceProviderConfig").expect(200).value();
        for name in ["securityEvents", "asyncRequest", "eventUris"] {
            assert_eq!(config.get(name), None, "{name}");
        }
        let ask = Ask::json("POST", "/Users", &user("ada", &json!({}))).with("Prefer", "respond-async");
        let reply = server.ask(ask);
        assert_eq!(reply.expect(201).at("/userName"), "ada");
        assert_eq!((reply.header("Set-Txn"), reply.header("Preference-Applied")), (None, None));
    }
}
