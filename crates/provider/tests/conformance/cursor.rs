//! Pages by cursor (RFC 9865).

use jiff::SignedDuration;
use provider::profile::Pagination;
use serde_json::{Value, json};
use testkit::bench::{Bench, Server};
use testkit::{Ask, Reply, rule_tests};

rule_tests! {
    ["CUR-01", "CUR-14"] an_empty_cursor_begins_and_others_are_of_unreserved_characters;
    ["CUR-02"] a_page_is_never_longer_than_its_count;
    ["CUR-03", "CUR-04", "CUR-15"] a_walk_goes_to_the_end_and_back;
    ["CUR-05", "CUR-09"] another_query_or_count_is_refused_on_the_way;
    ["CUR-06"] the_total_may_be_left_out;
    ["CUR-07", "CUR-08", "CUR-10"] both_methods_are_announced_with_a_default;
    ["CUR-09"] an_old_cursor_has_expired;
    ["CUR-11"] a_search_takes_a_cursor;
    ["CUR-12"] a_cursor_gives_no_right;
    ["CUR-13"] a_forged_cursor_is_found_out;
}

fn seven(bench: &Bench) -> [Server; 2] {
    let servers = bench.both();
    for server in &servers {
        for number in 1..=7 {
            server.user(&format!("u{number}"), &json!({ "title": if number == 7 { "last" } else { "x" } }));
        }
    }
    servers
}

fn page(server: &Server, query: &str, cursor: &str) -> Reply {
    server.get(&format!("/Users?{query}&cursor={cursor}"))
}

fn an_empty_cursor_begins_and_others_are_of_unreserved_characters(bench: &Bench) {
    for server in seven(bench) {
        let empty = page(&server, "count=3", "");
        let bare = server.get("/Users?cursor&count=3");
        assert_eq!(
            (empty.expect(200).listed("/userName"), bare.expect(200).listed("/userName")),
            (names(1..4), names(1..4))
        );
        for reply in [&empty, &bare] {
            let next = reply.string("/nextCursor");
            let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            assert!(!next.is_empty() && next.bytes().all(is_fit), "{next}");
            assert_eq!(page(&server, "count=3", &next).expect(200).listed("/userName"), names(4..7));
        }
    }
}

fn names(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("u{number}")).collect()
}

fn a_page_is_never_longer_than_its_count(bench: &Bench) {
    for server in seven(bench) {
        for query in ["count=0", "count=-5"] {
            let none = page(&server, query, "");
            assert_eq!((none.expect(200).at("/totalResults"), none.listed("/id").len()), (json!(7), 0), "{query}");
        }
        for count in 1..9 {
            assert_eq!(page(&server, &format!("count={count}"), "").expect(200).listed("/id").len(), count.min(7));
        }
    }
}

fn a_walk_goes_to_the_end_and_back(bench: &Bench) {
    for server in seven(bench) {
        let first = page(&server, "count=3", "");
        assert_eq!(
            (first.at("/previousCursor"), first.at("/itemsPerPage"), first.value().get("startIndex")),
            (Value::Null, json!(3), None)
        );
        let second = page(&server, "count=3", &first.string("/nextCursor"));
        let last = page(&server, "count=3", &second.string("/nextCursor"));
        assert_eq!((last.expect(200).listed("/userName"), last.value().get("nextCursor")), (names(7..8), None));
        let back = page(&server, "count=3", &last.string("/previousCursor"));
        assert_eq!(back.expect(200).listed("/userName"), second.listed("/userName"));
        let start = page(&server, "count=3", &back.string("/previousCursor"));
        assert_eq!((start.expect(200).listed("/userName"), start.value().get("previousCursor")), (names(1..4), None));
    }
}

fn another_query_or_count_is_refused_on_the_way(bench: &Bench) {
    for server in seven(bench) {
        let next = page(&server, "count=3", "").string("/nextCursor");
        page(&server, "count=2", &next).refused(400, Some("invalidCount"));
        page(&server, "count=3&filter=title%20pr", &next).refused(400, Some("invalidCursor"));
        page(&server, "count=3&sortBy=userName", &next).refused(400, Some("invalidCursor"));
        server.get(&format!("/Groups?count=3&cursor={next}")).refused(400, Some("invalidCursor"));
        page(&server, "count=99999999", "").refused(400, Some("invalidCount"));
    }
}

fn the_total_may_be_left_out(bench: &Bench) {
    let server = bench.with("tolerant", |profile| profile.cursor_total_results = false);
    server.user("ada", &json!({}));
    let reply = page(&server, "count=3", "");
    assert_eq!(
        (reply.expect(200).value().get("totalResults"), reply.listed("/userName")),
        (None, vec!["ada".to_owned()])
    );
    assert_eq!(server.get("/Users").at("/totalResults"), 1);
}

fn both_methods_are_announced_with_a_default(bench: &Bench) {
    for default in [Pagination::Index, Pagination::Cursor] {
        let server =
            bench.with("tolerant", |profile| (profile.default_pagination, profile.default_page_size) = (default, 2));
        for number in 1..=3 {
            server.user(&format!("u{number}"), &json!({}));
        }
        let announced = server.get("/ServiceProviderConfig").at("/pagination");
        assert_eq!(
            (&announced["cursor"], &announced["index"], &announced["defaultPageSize"]),
            (&json!(true), &json!(true), &json!(2))
        );
        assert!(announced["maxPageSize"].is_u64() && announced["cursorTimeout"].is_u64(), "{announced}");
        let plain = server.get("/Users");
        let by_cursor = default == Pagination::Cursor;
        assert_eq!(announced["defaultPaginationMethod"], if by_cursor { "cursor" } else { "index" });
        assert_eq!((plain.at("/nextCursor").is_string(), plain.at("/startIndex").is_u64()), (by_cursor, !by_cursor));
        assert_eq!(server.get("/Users?startIndex=3").expect(200).listed("/userName"), names(3..4));
    }
    let without = bench.with("tolerant", |profile| profile.cursor_pagination = false);
    assert_eq!(without.get("/ServiceProviderConfig").at("/pagination/cursor"), false);
}

fn an_old_cursor_has_expired(bench: &Bench) {
    for server in seven(bench) {
        let next = page(&server, "count=3", "").string("/nextCursor");
        let timeout = server.get("/ServiceProviderConfig").at("/pagination/cursorTimeout").as_i64().expect("seconds");
        server.clock.advance(SignedDuration::from_secs(timeout - 1));
        page(&server, "count=3", &next).expect(200);
        server.clock.advance(SignedDuration::from_secs(2));
        page(&server, "count=3", &next).refused(400, Some("expiredCursor"));
    }
}

fn a_search_takes_a_cursor(bench: &Bench) {
    for server in seven(bench) {
        let search = |cursor: &str| {
            let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
            let body = json!({ "schemas": [urn], "count": 4, "cursor": cursor });
            server.post("/Users/.search", &body)
        };
        let first = search("");
        let last = search(&first.expect(200).string("/nextCursor"));
        assert_eq!((first.listed("/userName"), last.expect(200).listed("/userName")), (names(1..5), names(5..8)));
    }
}

fn a_cursor_gives_no_right(bench: &Bench) {
    for server in seven(bench) {
        let next = page(&server, "count=3", "").string("/nextCursor");
        let path = format!("/Users?count=3&cursor={next}");
        server.ask_plain(Ask::new("GET", &path)).refused(401, None);
        server.ask_plain(Ask::new("GET", &path).with("Authorization", "Bearer wrong")).refused(401, None);
    }
}

fn a_forged_cursor_is_found_out(bench: &Bench) {
    for server in seven(bench) {
        let next = page(&server, "count=3", "").string("/nextCursor");
        for at in [0, next.len() / 2, next.len() - 2] {
            let mut forged = next.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            page(&server, "count=3", &String::from_utf8_lossy(&forged)).refused(400, Some("invalidCursor"));
        }
        page(&server, "count=3", "made-up").refused(400, Some("invalidCursor"));
    }
}
