//! Error messages (RFC 7644 section 3.12).

use serde_json::json;
use testkit::bench::{Bench, user};
use testkit::{Ask, Reply, rule_tests};

rule_tests! {
    ["ERR-01", "ERR-02", "ERR-03", "ERR-04"] every_error_is_a_message_with_its_code_as_text;
}

fn every_error_is_a_message_with_its_code_as_text(bench: &Bench) {
    for server in bench.both() {
        let path = server.user("ada", &json!({}));
        let errors: [(u16, Reply); 10] = [
            (401, server.ask_plain(Ask::new("GET", "/Users"))),
            (404, server.get("/Users/nobody")),
            (404, server.get("/Robots")),
            (404, server.get("/scim/other/x/y")),
            (405, server.delete("/Users")),
            (405, server.post(&path, &json!({}))),
            (405, server.ask(Ask::new("BREW", "/Users"))),
            (409, server.post("/Users", &user("ada", &json!({})))),
            (415, server.ask(Ask::text("POST", "/Users", "x").with("Content-Type", "text/plain"))),
            (400, server.ask(Ask::text("POST", "/Users", "{"))),
        ];
        for (status, reply) in errors {
            let scim_type = reply.at("/scimType");
            reply.refused(status, scim_type.as_str());
            assert_eq!(reply.header("Content-Type"), Some("application/scim+json"));
        }
    }
}
