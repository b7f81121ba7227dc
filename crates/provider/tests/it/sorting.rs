//! Sorting (RFC 7644 section 3.4.2.3).

use scim::finding::Severity;
use scim::json::Json;

use crate::bench::{Bench, ENTERPRISE, USER, assert_refused, body, finding, string};

fn bench() -> Bench {
    let bench = Bench::tolerant();
    let users = [
        r#""userName":"b","name":{"givenName":"Émile"},"active":true,"externalId":"b","emails":[{"value":"z@example.com"},{"value":"a@example.com","primary":true}]"#,
        r#""userName":"a","name":{"givenName":"emil"},"active":false,"externalId":"B","emails":[{"value":"m@example.com"},{"value":"a@example.com"}]"#,
        r#""userName":"C","externalId":"a""#,
        r#""userName":"d","name":{"givenName":"Zoë"},"active":true,"emails":[{"value":"B@example.com"}]"#,
    ];
    for user in users {
        let handled = bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],{user}}}"#));
        assert_eq!(handled.response.status, 201);
        bench.clock.advance(jiff::SignedDuration::from_secs(1));
    }
    bench
}

fn order(json: &Json) -> String {
    let resources = json.pointer("/Resources").unwrap().as_array().unwrap();
    resources.iter().map(|user| string(user, "/userName")).collect()
}

#[test]
fn users_are_sorted_by_type_and_by_the_attribute_that_is_named() {
    let bench = bench();
    for (query, expected) in [
        ("sortBy=userName", "abCd"),
        ("sortBy=USERNAME&sortOrder=Descending", "dCba"),
        ("sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName", "abCd"),
        // Upper case comes before lower case where case counts; no value comes last.
        ("sortBy=externalId", "aCbd"),
        ("sortBy=externalId&sortOrder=descending", "dbCa"),
        // Letters with accents come after those without: no language is known.
        ("sortBy=name.givenName", "adbC"),
        ("sortBy=name.givenName&sortOrder=descending", "Cbda"),
        ("sortBy=active", "abdC"),
        ("sortBy=active&sortOrder=descending", "Cbda"),
        // The primary value counts, else the first one.
        ("sortBy=emails.value", "bdaC"),
        ("sortBy=emails", "bdaC"),
        ("sortBy=meta.created&sortOrder=descending", "dCab"),
        ("sortBy=meta.location", "baCd"),
        ("sortBy=userName&startIndex=2&count=2", "bC"),
        ("sortBy=userName&filter=emails%20pr", "abd"),
        ("", "baCd"),
    ] {
        assert_eq!(order(&body(&bench.get(&format!("/Users?{query}")))), expected, "{query}");
    }
}

#[test]
fn what_is_equal_stays_in_the_order_of_creation() {
    let bench = Bench::tolerant();
    for (name, title) in [("a", "x"), ("b", "X"), ("c", "y"), ("d", "x")] {
        bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"{name}","title":"{title}"}}"#));
    }
    assert_eq!(order(&body(&bench.get("/Users?sortBy=title"))), "abdc");
    assert_eq!(order(&body(&bench.get("/Users?sortBy=title&sortOrder=descending"))), "cabd");
}

#[test]
fn a_sort_that_makes_no_sense_is_refused_and_an_unknown_attribute_sorts_nothing() {
    let bench = bench();
    for query in ["sortBy=name", "sortBy=password", &format!("sortBy={ENTERPRISE}"), "sortBy=userName&sortOrder=up"] {
        assert_refused(&bench.get(&format!("/Users?{query}")), 400, Some("invalidValue"));
    }
    let unknown = bench.get("/Users?sortBy=usrName");
    assert_eq!(order(&body(&unknown)), "baCd");
    assert!(finding(&unknown, "unknown-sort-attribute").message.contains("did you mean userName?"));
    let alone = bench.get("/Users?sortOrder=descending");
    assert_eq!(finding(&alone, "sort-ignored").severity, Severity::Warning);
}
