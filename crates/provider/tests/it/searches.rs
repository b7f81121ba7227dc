//! Queries by POST, of all types at once, and of a single resource (RFC 7644 sections 3.4.2.1 and 3.4.3).

use scim::finding::{Place, Severity};
use scim::json::Json;

use crate::bench::{Bench, assert_refused, at, body, finding, string};

fn search(members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]{comma}{members}}}"#)
}

fn bench() -> (Bench, String, String) {
    let bench = Bench::tolerant();
    let (ada, _) = (bench.user("ada"), bench.user("grace"));
    let group = bench.group("ada", &[&ada]);
    (bench, ada, group)
}

fn ids(json: &Json) -> Vec<String> {
    json.pointer("/Resources").unwrap().as_array().unwrap().iter().map(|one| string(one, "/id")).collect()
}

#[test]
fn a_search_by_post_is_answered_like_the_same_query_by_get() {
    let (bench, ..) = bench();
    for (query, members) in [
        ("", ""),
        ("filter=userName%20eq%20%22ADA%22", r#""filter":"userName eq \"ADA\"""#),
        ("count=1&startIndex=2", r#""count":1,"startIndex":2"#),
        ("count=0", r#""count":0"#),
        ("sortBy=userName&sortOrder=descending", r#""sortBy":"userName","sortOrder":"descending""#),
        ("attributes=userName,meta", r#""attributes":["userName","meta"]"#),
        ("attributes=userName", r#""ATTRIBUTES":"userName""#),
        ("excludedAttributes=meta", r#""excludedAttributes":["meta"]"#),
    ] {
        for path in ["/Users", ""] {
            let (get, post) = (
                bench.get(&format!("{path}/?{query}")),
                bench.ask("POST", &format!("{path}/.search"), &search(members)),
            );
            assert_eq!(body(&post), body(&get), "{path} {query}");
            assert_eq!((post.response.status, post.action, &post.subject), (200, get.action, &get.subject));
        }
    }
    assert!(bench.commits().len() == 3);
}

#[test]
fn a_search_whose_body_is_none_is_refused() {
    let (bench, ..) = bench();
    for (sent, keyword) in [
        ("", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        ("{}", "invalidSyntax"),
        (r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}"#, "invalidSyntax"),
        (&search(r#""filter":5"#), "invalidValue"),
        (&search(r#""count":"5""#), "invalidValue"),
        (&search(r#""count":1.5"#), "invalidValue"),
        (&search(r#""attributes":[1]"#), "invalidValue"),
        (&search(r#""attributes":["a"],"excludedAttributes":["b"]"#), "invalidValue"),
        (&search(r#""filter":"userName regex \"a\"""#), "invalidFilter"),
    ] {
        assert_refused(&bench.ask("POST", "/Users/.search", sent), 400, Some(keyword));
    }
    let odd = bench.ask("POST", "/Users/.search?count=1", &search(r#""size":1"#));
    assert_eq!(at(&body(&odd), "/itemsPerPage"), "2");
    assert_eq!(finding(&odd, "unknown-attribute").place, Place::Body("/size".into()));
    assert_eq!(finding(&odd, "parameters-ignored").severity, Severity::Warning);
    assert_refused(&bench.get("/Users/.search"), 405, None);
}

#[test]
fn a_query_at_the_base_covers_all_types_and_what_a_type_lacks_has_no_value() {
    let (bench, ada, group) = bench();
    let found = |query: &str| {
        let body = body(&bench.get(&format!("/{query}")));
        let resources = ids(&body);
        let shown = body.pointer("/Resources").unwrap().as_array().unwrap().len();
        assert_eq!(resources.len(), shown);
        (at(&body, "/totalResults"), resources)
    };
    assert_eq!(found("").0, "3");
    assert_eq!(found("?filter=id%20pr").0, "3");
    assert_eq!(found("?filter=displayName%20eq%20%22ada%22"), ("1".into(), vec![group.clone()]));
    assert_eq!(found("?filter=userName%20eq%20%22ada%22"), ("1".into(), vec![ada.clone()]));
    assert_eq!(
        found("?filter=userName%20eq%20%22ada%22%20or%20displayName%20eq%20%22ada%22"),
        ("2".into(), vec![ada.clone(), group.clone()])
    );
    assert_eq!(found("?filter=meta.resourceType%20eq%20%22Group%22").1, std::slice::from_ref(&group));
    assert_eq!(found("?startIndex=2&count=2").1.len(), 2);
    assert_eq!(found("?startIndex=3&count=2"), ("3".into(), vec![group.clone()]));
    assert_eq!(found("?sortBy=displayName&count=1"), ("3".into(), vec![group]));
    assert_eq!(bench.get("/?filter=userName%20pr").findings, [], "what one type has is not unknown");
    let unknown = bench.get("/?filter=nothing%20pr");
    assert_eq!(finding(&unknown, "unknown-filter-attribute").severity, Severity::Warning);
}

#[test]
fn a_query_on_one_resource_lists_it_if_it_matches() {
    let (bench, ada, _) = bench();
    let group = bench.get(&format!("/Users/{ada}"));
    let found = |filter: &str| body(&bench.get(&format!("/Users/{ada}?filter={filter}")));
    let hit = found("userName%20eq%20%22ada%22");
    assert_eq!((at(&hit, "/totalResults"), hit.pointer("/Resources/0").cloned()), ("1".into(), Some(body(&group))));
    assert_eq!(at(&found("userName%20eq%20%22grace%22"), "/Resources"), "[]");
    assert_eq!(at(&found("groups%20pr"), "/totalResults"), "1");
    assert_refused(&bench.get("/Users/nobody?filter=id%20pr"), 404, None);
}
