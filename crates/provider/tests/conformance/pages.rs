//! Pages by index (RFC 7644 section 3.4.2.4).

use serde_json::json;
use testkit::bench::{Bench, Server};
use testkit::rule_tests;

rule_tests! {
    ["PAG-01"] the_first_resource_has_index_one;
    ["PAG-02", "PAG-03"] a_count_below_one_tells_the_total_alone;
    ["PAG-04"] a_page_is_never_longer_than_asked_for;
    ["PAG-05"] the_server_decides_where_the_client_does_not_and_has_a_maximum;
    ["PAG-06", "PAG-09"] pages_are_stable_while_others_write;
    ["PAG-07"] beyond_the_end_there_is_an_empty_page;
    ["PAG-08"] a_page_that_is_no_number_is_refused;
}

fn five(bench: &Bench) -> [Server; 2] {
    let servers = bench.both();
    for server in &servers {
        for number in 1..=5 {
            server.user(&format!("u{number}"), &json!({}));
        }
    }
    servers
}

fn the_first_resource_has_index_one(bench: &Bench) {
    for server in five(bench) {
        for query in ["?count=2", "?startIndex=1&count=2", "?startIndex=0&count=2", "?startIndex=-5&count=2"] {
            let page = server.get(&format!("/Users{query}"));
            assert_eq!(page.expect(200).listed("/userName"), ["u1", "u2"], "{query}");
            assert_eq!(page.at("/startIndex"), 1, "{query}");
        }
        assert_eq!(server.get("/Users?startIndex=4&count=2").listed("/userName"), ["u4", "u5"]);
    }
}

fn a_count_below_one_tells_the_total_alone(bench: &Bench) {
    for server in five(bench) {
        for query in ["?count=0", "?count=-1", "?count=-99999999999999999999"] {
            let page = server.get(&format!("/Users{query}"));
            assert_eq!(
                (page.expect(200).at("/totalResults"), page.at("/itemsPerPage")),
                (json!(5), json!(0)),
                "{query}"
            );
            assert!(page.listed("/id").is_empty(), "{query}");
        }
    }
}

fn a_page_is_never_longer_than_asked_for(bench: &Bench) {
    for server in five(bench) {
        for count in 1..7 {
            let page = server.get(&format!("/Users?count={count}"));
            assert_eq!(page.expect(200).listed("/id").len(), count.min(5));
            assert_eq!(page.at("/itemsPerPage"), count.min(5));
        }
    }
}

fn the_server_decides_where_the_client_does_not_and_has_a_maximum(bench: &Bench) {
    let server = bench.with("tolerant", |profile| (profile.default_page_size, profile.max_results) = (2, 3));
    for number in 1..=5 {
        server.user(&format!("u{number}"), &json!({}));
    }
    let (free, most) = (server.get("/Users"), server.get("/Users?count=1000"));
    assert_eq!((free.at("/itemsPerPage"), free.listed("/id").len()), (json!(2), 2));
    assert_eq!((most.at("/itemsPerPage"), most.listed("/id").len()), (json!(3), 3));
    assert_eq!(server.get("/ServiceProviderConfig").at("/filter/maxResults"), 3);
}

fn pages_are_stable_while_others_write(bench: &Bench) {
    for server in five(bench) {
        let mut seen = server.get("/Users?startIndex=1&count=2").listed("/userName");
        let first = server.get("/Users?count=1").listed("/id");
        server
            .patch(&format!("/Users/{}", first[0]), &json!([{ "op": "add", "path": "title", "value": "x" }]))
            .expect(200);
        server.user("late", &json!({}));
        seen.extend(server.get("/Users?startIndex=3&count=2&attributes=userName").listed("/userName"));
        seen.extend(server.get("/Users?startIndex=5&count=2&excludedAttributes=name").listed("/userName"));
        assert_eq!(seen, ["u1", "u2", "u3", "u4", "u5", "late"]);
    }
}

fn beyond_the_end_there_is_an_empty_page(bench: &Bench) {
    for server in five(bench) {
        let page = server.get("/Users?startIndex=99&count=2");
        assert_eq!((page.expect(200).at("/totalResults"), page.at("/startIndex")), (json!(5), json!(99)));
        assert!(page.listed("/id").is_empty());
    }
}

fn a_page_that_is_no_number_is_refused(bench: &Bench) {
    for server in five(bench) {
        for query in ["?count=ten", "?startIndex=1.5", "?count=", "?startIndex=x"] {
            server.get(&format!("/Users{query}")).refused(400, Some("invalidValue"));
        }
    }
}
