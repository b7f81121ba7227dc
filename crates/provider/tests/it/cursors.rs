//! Pages by cursor (RFC 9865).

use jiff::SignedDuration;
use provider::Profile;
use scim::json::Json;
use scim::schema::Registry;

use crate::bench::{Bench, USER, assert_refused, at, body, finding, string};

fn bench(users: usize) -> Bench {
    let bench = Bench::tolerant();
    for number in 0..users {
        bench.user(&format!("u{number}"));
    }
    bench
}

fn names(page: &Json) -> Vec<String> {
    page.pointer("/Resources").unwrap().as_array().unwrap().iter().map(|user| string(user, "/userName")).collect()
}

fn cursor(page: &Json, name: &str) -> Option<String> {
    page.pointer(&format!("/{name}")).map(|cursor| cursor.as_str().unwrap().to_owned())
}

/// Walks from page to page by this member, and gives back what was on each.
fn walk(bench: &Bench, query: &str, from: Option<String>, by: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(from.unwrap_or_default());
    while let Some(cursor_text) = next {
        assert!(cursor_text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
        let page = body(&bench.get(&format!("/Users?{query}&cursor={cursor_text}")));
        pages.push(names(&page));
        next = cursor(&page, by);
        assert!(pages.len() < 100, "the walk does not end");
    }
    pages
}

const QUERIES: [&str; 4] = [
    "count=2",
    "count=2&sortBy=userName&sortOrder=descending",
    "count=2&filter=userName%20sw%20%22u%22",
    "count=2&sortBy=title",
];

#[test]
fn a_walk_shows_everything_once_forwards_and_backwards() {
    let bench = bench(5);
    for query in QUERIES {
        let mut expected = names(&body(&bench.get(&format!("/Users?{}", query.replace("count=2", "count=5")))));
        let pages = walk(&bench, query, None, "nextCursor");
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1], "{query}");
        assert_eq!(pages.concat(), expected, "{query}");
        let first = body(&bench.get(&format!("/Users?{query}&cursor")));
        assert_eq!((cursor(&first, "previousCursor"), at(&first, "/startIndex")), (None, "absent".into()));
        assert_eq!((at(&first, "/totalResults"), at(&first, "/itemsPerPage")), ("5".into(), "2".into()));
        let second = cursor(&first, "nextCursor").unwrap();
        let second = body(&bench.get(&format!("/Users?{query}&cursor={second}")));
        let last = cursor(&second, "nextCursor").unwrap();
        let last = body(&bench.get(&format!("/Users?{query}&cursor={last}")));
        assert_eq!(cursor(&last, "nextCursor"), None, "{query}");
        let mut back = walk(&bench, query, cursor(&last, "previousCursor"), "previousCursor");
        back.reverse();
        back.push(names(&last));
        expected.dedup();
        assert_eq!(back.concat(), expected, "{query}");
        let before = body(&bench.get(&format!("/Users?{query}&cursor={}", cursor(&last, "previousCursor").unwrap())));
        let again = cursor(&before, "nextCursor").unwrap();
        assert_eq!(names(&body(&bench.get(&format!("/Users?{query}&cursor={again}")))), names(&last), "{query}");
    }
}

#[test]
fn a_walk_is_not_disturbed_by_what_is_written_meanwhile() {
    for query in QUERIES {
        let bench = bench(6);
        let first = body(&bench.get(&format!("/Users?{query}&cursor")));
        let seen = names(&first);
        // The one that the cursor stands at is deleted, another one comes.
        let at_cursor = string(&first, "/Resources/1/id");
        bench.ask("DELETE", &format!("/Users/{at_cursor}"), "");
        bench.user("u9");
        let rest = walk(&bench, query, cursor(&first, "nextCursor"), "nextCursor").concat();
        for number in 0..6 {
            let name = format!("u{number}");
            let times = seen.iter().chain(&rest).filter(|seen| **seen == name).count();
            assert_eq!(times, 1, "{name} in {query}");
        }
    }
}

#[test]
fn the_size_of_a_page_is_bounded() {
    let profile = Profile { max_results: 3, default_page_size: 2, ..Profile::preset("tolerant").unwrap() };
    let bench = Bench::with(profile, Registry::builtin());
    for name in ["a", "b", "c", "d"] {
        bench.user(name);
    }
    for (count, items, total) in
        [("&count=0", "0", "4"), ("&count=-5", "0", "4"), ("", "2", "4"), ("&count=3", "3", "4")]
    {
        let page = body(&bench.get(&format!("/Users?cursor={count}")));
        assert_eq!((at(&page, "/itemsPerPage"), at(&page, "/totalResults")), (items.into(), total.into()), "{count}");
        assert_eq!(cursor(&page, "nextCursor").is_some(), items != "0", "{count}");
    }
    for count in ["4", "99999999999999999999"] {
        assert_refused(&bench.get(&format!("/Users?cursor=&count={count}")), 400, Some("invalidCount"));
    }
    assert_refused(&bench.get("/Users?cursor=&count=two"), 400, Some("invalidValue"));
    let next = cursor(&body(&bench.get("/Users?cursor=")), "nextCursor").unwrap();
    assert_refused(&bench.get(&format!("/Users?cursor={next}&count=3")), 400, Some("invalidCount"));
    let kept = body(&bench.get(&format!("/Users?cursor={next}")));
    assert_eq!(names(&kept), ["c", "d"]);
}

#[test]
fn a_cursor_is_good_for_its_own_query_its_own_client_and_its_own_time() {
    let bench = bench(4);
    let query = "count=2&filter=userName%20pr&sortBy=userName&attributes=userName";
    let next = cursor(&body(&bench.get(&format!("/Users?{query}&cursor"))), "nextCursor").unwrap();
    let good = format!("{query}&cursor={next}");
    assert_eq!(bench.get(&format!("/Users?{good}")).response.status, 200);
    let mut messages = Vec::new();
    for (path, query) in [
        ("/Users", good.replace("filter=userName", "filter=id")),
        ("/Users", good.replace("&filter=userName%20pr", "")),
        ("/Users", good.replace("sortBy=userName", "sortBy=id")),
        ("/Users", format!("{good}&sortOrder=descending")),
        ("/Users", good.replace("&attributes=userName", "")),
        ("/Groups", good.clone()),
        ("/", good.clone()),
    ] {
        let handled = bench.get(&format!("{path}?{query}"));
        assert_refused(&handled, 400, Some("invalidCursor"));
        messages.push(string(&body(&handled), "/detail"));
    }
    messages.dedup();
    assert_eq!(messages.len(), 1);
    for broken in [next[1..].to_owned(), format!("{next}A"), "x".into(), "%C3%A4".into(), next.replace('A', "B")] {
        let broken = good.replace(&next, &broken);
        assert_refused(&bench.get(&format!("/Users?{broken}")), 400, Some("invalidCursor"));
    }
    bench.clock.advance(SignedDuration::from_secs(3600));
    assert_eq!(bench.get(&format!("/Users?{good}")).response.status, 200);
    bench.clock.advance(SignedDuration::from_secs(1));
    assert_refused(&bench.get(&format!("/Users?{good}")), 400, Some("expiredCursor"));
}

#[test]
fn a_cursor_of_another_client_is_refused() {
    let bench = bench(4);
    let next = cursor(&body(&bench.get("/Users?count=2&cursor")), "nextCursor").unwrap();
    bench.provider.tenant().replace_token("another-token-altogether".into());
    let headers = vec![("Authorization".to_owned(), "Bearer another-token-altogether".to_owned())];
    let target = format!("/scim/v2/Users?count=2&cursor={next}");
    let handled = bench.provider.prepare(bench.plain("GET", &target, headers, "")).execute();
    assert_refused(&handled, 400, Some("invalidCursor"));
}

#[test]
fn a_search_takes_its_cursor_from_the_body() {
    let bench = bench(3);
    let search = |cursor: &str| {
        let message = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        body(&bench.ask(
            "POST",
            "/Users/.search",
            &format!(r#"{{"schemas":["{message}"],"count":2,"cursor":"{cursor}"}}"#),
        ))
    };
    let first = search("");
    assert_eq!(names(&first), ["u0", "u1"]);
    let last = search(&cursor(&first, "nextCursor").unwrap());
    assert_eq!((names(&last), cursor(&last, "nextCursor")), (vec!["u2".to_owned()], None));
}

#[test]
fn cursors_lead_through_all_types_at_the_base() {
    let bench = bench(3);
    for name in ["g0", "g1"] {
        bench.group(name, &[]);
    }
    let mut ids = Vec::new();
    let mut next = Some(String::new());
    while let Some(text) = next {
        let page = body(&bench.get(&format!("/?count=2&cursor={text}")));
        let resources = page.pointer("/Resources").unwrap().as_array().unwrap();
        ids.extend(resources.iter().map(|one| string(one, "/id")));
        next = cursor(&page, "nextCursor");
    }
    let distinct: std::collections::HashSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (5, 5));
}

#[test]
fn what_a_list_does_without_being_told_is_for_the_profile_to_say() {
    let tolerant = Profile::preset("tolerant").unwrap();
    let ask = |profile: Profile, query: &str| {
        profile.check().unwrap();
        let bench = Bench::with(profile, Registry::builtin());
        for name in ["a", "b", "c"] {
            bench.ask("POST", "/Users", &format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#));
        }
        bench.get(&format!("/Users?{query}"))
    };
    let by_cursor = Profile { default_pagination: provider::profile::Pagination::Cursor, ..tolerant.clone() };
    let page = body(&ask(by_cursor.clone(), "count=2"));
    assert!(cursor(&page, "nextCursor").is_some() && at(&page, "/startIndex") == "absent");
    assert_eq!(at(&body(&ask(by_cursor.clone(), "startIndex=2&count=1")), "/startIndex"), "2");
    let only_cursor = Profile { index_pagination: false, ..by_cursor };
    let page = ask(only_cursor, "startIndex=2&count=1");
    assert_eq!(names(&body(&page)), ["a"]);
    finding(&page, "start-index-ignored");
    let only_index = Profile { cursor_pagination: false, ..tolerant.clone() };
    let page = ask(only_index, "cursor&count=1");
    assert_eq!(at(&body(&page), "/startIndex"), "1");
    finding(&page, "cursor-ignored");
    let without_total = Profile { cursor_total_results: false, ..tolerant.clone() };
    assert_eq!(at(&body(&ask(without_total, "cursor")), "/totalResults"), "absent");
    let neither = Profile { index_pagination: false, cursor_pagination: false, max_results: 2, ..tolerant };
    assert_refused(&ask(neither.clone(), ""), 400, Some("tooMany"));
    assert_eq!(names(&body(&ask(neither, "filter=userName%20eq%20%22a%22&startIndex=5"))), ["a"]);
}
