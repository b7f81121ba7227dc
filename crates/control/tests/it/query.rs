//! Searching the record and completing queries.

use serde_json::{Value, json};
use traffic::handled::{Handled, Response};

use crate::house::{House, handled, received};

/// A record of alternating successes and failures.
fn house(count: u64) -> House {
    let house = House::new();
    for number in 1..=count {
        let seq = house.open(&format!("/scim/v2/Users/{number}"));
        let status = if number % 2 == 0 { 404 } else { 200 };
        let response = Response { status, ..handled().response };
        house.handle(seq, received(), Handled { response, ..handled() });
        house.close(seq);
    }
    house
}

fn numbers(page: &Value) -> Vec<u64> {
    page["items"].as_array().unwrap().iter().map(|item| item["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_query_selects_from_the_record_page_by_page() {
    let house = house(20);
    let page = house.json("/api/v1/exchanges?q=status:404&limit=4").await;
    assert_eq!(numbers(&page), [2, 4, 6, 8]);
    assert_eq!((&page["next"], &page["examined"], &page["head"]), (&json!(8), &json!(8), &json!(20)));
    assert_eq!(
        page["query"],
        json!({"sentence": "Exchanges with status 404", "clauses": [{"text": "status:404", "start": 0, "end": 10}], "diagnostics": [], "hidden": null})
    );
    let page = house.json("/api/v1/exchanges?q=status:404&limit=40&after=8").await;
    assert_eq!(numbers(&page), [10, 12, 14, 16, 18, 20]);
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn the_newest_are_found_from_the_end_backwards() {
    let house = house(20);
    let page = house.json("/api/v1/exchanges?q=status:404&limit=3&newest=true").await;
    assert_eq!(numbers(&page), [16, 18, 20]);
    assert_eq!((&page["next"], &page["examined"]), (&json!(16), &json!(5)));
    let page = house.json("/api/v1/exchanges?q=status:404&limit=3&newest=true&before=16").await;
    assert_eq!(numbers(&page), [10, 12, 14]);
    let page = house.json("/api/v1/exchanges?q=status:404&limit=30&newest=true&before=16&after=12").await;
    assert_eq!((numbers(&page), &page["next"]), (vec![14], &Value::Null));
    let page = house.json("/api/v1/exchanges?limit=3&newest=true&before=0").await;
    assert_eq!((numbers(&page).len(), &page["next"]), (0, &Value::Null));
}

#[tokio::test]
async fn relative_times_count_from_now() {
    let house = house(3);
    assert_eq!(numbers(&house.json("/api/v1/exchanges?q=since:1m").await), [1, 2, 3]);
    assert_eq!(numbers(&house.json("/api/v1/exchanges?q=until:1m").await), [] as [u64; 0]);
}

#[tokio::test]
async fn without_a_query_there_is_nothing_to_say_of_one() {
    let house = house(3);
    let page = house.json("/api/v1/exchanges?limit=2").await;
    assert_eq!((&page["query"], &page["next"]), (&Value::Null, &json!(2)));
    let page = house.json("/api/v1/exchanges?q=").await;
    assert_eq!(page["query"]["sentence"], "All exchanges");
}

#[tokio::test]
async fn one_call_looks_at_a_bounded_number_and_tells_where_to_go_on() {
    let house = House::new();
    for _ in 0..20_010 {
        house.open("/scim/v2/Users");
    }
    let page = house.json("/api/v1/exchanges?q=status:404&counts=true").await;
    assert_eq!((&page["examined"], &page["next"]), (&json!(20_000), &json!(20_000)));
    assert_eq!(page["query"]["hidden"][0]["count"], 20_000);
    let page = house.json("/api/v1/exchanges?q=status:404&after=20000").await;
    assert_eq!((&page["examined"], &page["next"]), (&json!(10), &Value::Null));
    let page = house.json("/api/v1/exchanges?q=status:404&newest=true").await;
    assert_eq!((&page["examined"], &page["next"]), (&json!(20_000), &json!(11)));
}

#[tokio::test]
async fn each_clause_tells_what_it_hides() {
    let house = house(10);
    let page = house.json("/api/v1/exchanges?q=status:404%20target:Users/1%20-probe&counts=true").await;
    assert_eq!(numbers(&page), [10]);
    assert_eq!(
        page["query"]["hidden"],
        json!([
            {"clause": "status:404", "start": 0, "end": 10, "count": 5, "alone": 1},
            {"clause": "target:Users/1", "start": 11, "end": 25, "count": 8, "alone": 4},
            {"clause": "-probe", "start": 26, "end": 32, "count": 0, "alone": 0},
        ])
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_its_place_as_javascript_counts() {
    let house = house(2);
    // "\u{1F600}" is two code units and four bytes.
    let page = house.json("/api/v1/exchanges?q=-%F0%9F%98%80%20staus:404%20dialect:entar").await;
    assert_eq!(numbers(&page), [] as [u64; 0], "a dialect that nobody knows stays in force");
    assert_eq!(
        page["query"]["diagnostics"],
        json!([
            {"start": 4, "end": 9, "message": "there is no field `staus`; did you mean `status`?", "suggestion": "status", "left_out": true},
            {"start": 22, "end": 27, "message": "no dialect entar is known; did you mean `entra`?", "suggestion": "entra", "left_out": false},
        ])
    );
}

#[tokio::test]
async fn completions_know_the_words_of_the_program_and_of_the_record() {
    let house = House::new();
    let seq = house.open("/scim/v2/Users/9f");
    let mut about_ada = handled();
    about_ada.subject.resource_type = Some("User".to_owned());
    about_ada.subject.display = Some("Ada Lovelace".to_owned());
    house.handle(seq, received(), about_ada);
    let texts = async |path: &str| {
        let answer = house.json(&format!("/api/v1/query/complete?{path}")).await;
        let items = answer["items"].as_array().unwrap().clone();
        (items.iter().map(|item| item["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>(), answer)
    };
    let (items, answer) = texts("q=a%20dialect:okt").await;
    assert_eq!((items, &answer["start"], &answer["end"]), (vec!["okta".to_owned()], &json!(10), &json!(13)));
    assert_eq!(answer["query"]["sentence"], "Exchanges with \u{201c}a\u{201d} from okt");
    assert_eq!(texts("q=user:love").await.0, ["\"Ada Lovelace\""]);
    assert_eq!(texts("q=tenant:def").await.0, ["default"]);
    assert_eq!(texts("q=resource:gr").await.0, ["Group"]);
    assert!(texts("q=diff:familyn").await.0.contains(&"name.familyName".to_owned()));
    assert!(texts("q=finding:T1").await.0.contains(&"T17".to_owned()));
    let (items, answer) = texts("q=sta%20x&cursor=2").await;
    assert_eq!((items[0].as_str(), &answer["start"], &answer["end"]), ("status:", &json!(0), &json!(3)));
    assert_eq!(answer["items"][0]["kind"], "field");
    assert!(texts("").await.0.contains(&"status:".to_owned()));
}
