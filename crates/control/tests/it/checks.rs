//! Findings by code.

use scim::finding::{Finding, Place, Severity};
use serde_json::{Value, json};
use traffic::handled::Handled;

use crate::house::{House, handled, received};

fn finding(code: &str, severity: Severity, message: &str) -> Finding {
    Finding::new(code, severity, Place::Request, message)
}

/// An exchange with these findings.
fn exchange(house: &House, findings: Vec<Finding>) {
    let seq = house.open("/scim/v2/Users");
    house.handle(seq, received(), Handled { findings, ..handled() });
    house.close(seq);
}

fn seqs(group: &Value) -> Vec<u64> {
    group["samples"].as_array().unwrap().iter().map(|sample| sample["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn findings_are_counted_by_code_the_gravest_first() {
    let house = House::new();
    exchange(&house, vec![finding("T3", Severity::Tolerated, "old"), finding("T3", Severity::Tolerated, "old too")]);
    exchange(&house, vec![]);
    exchange(&house, vec![finding("T3", Severity::Tolerated, "new"), finding("body-ignored", Severity::Info, "x")]);
    exchange(&house, vec![finding("T2", Severity::Error, "refused")]);
    let page = house.json("/api/v1/findings").await;
    let codes: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|group| group["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["T2", "T3", "body-ignored"]);
    assert_eq!(
        (&page["examined"], &page["selected"], &page["with_findings"], &page["next"]),
        (&json!(4), &json!(4), &json!(3), &Value::Null)
    );
    let group = &page["items"][1];
    assert_eq!((&group["findings"], &group["exchanges"], &group["message"]), (&json!(3), &json!(2), &json!("new")));
    assert_eq!(seqs(group), [3, 1]);
    assert_eq!(group["rule"]["switch"], "string_booleans");
    assert_eq!(page["items"][2]["rule"], Value::Null);
    assert_eq!(page["items"][2]["rfc"], "RFC 9110 section 9.3");
}

#[tokio::test]
async fn only_the_newest_examples_of_what_a_query_selects_are_shown() {
    let house = House::new();
    for number in 0..12 {
        let code = if number % 2 == 0 { "T2" } else { "T3" };
        exchange(&house, vec![finding(code, Severity::Tolerated, "")]);
    }
    let page = house.json("/api/v1/findings?q=finding:T3").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!((&page["examined"], &page["selected"]), (&json!(12), &json!(6)));
    assert_eq!(seqs(&page["items"][0]), [12, 10, 8, 6, 4]);
    assert!(page["query"]["sentence"].as_str().unwrap().contains("T3"), "{page}");
}

#[tokio::test]
async fn a_long_record_is_counted_part_by_part_and_adds_up() {
    let house = House::new();
    for _ in 0..20_300 {
        exchange(&house, vec![finding("T3", Severity::Tolerated, "")]);
    }
    let (mut before, mut counted, mut calls) = (String::new(), 0, 0);
    loop {
        let page = house.json(&format!("/api/v1/findings{before}")).await;
        assert!(page["examined"].as_u64().unwrap() <= 20_100, "{page}");
        counted += page["items"][0]["findings"].as_u64().unwrap();
        calls += 1;
        match page["next"].as_u64() {
            Some(next) => before = format!("?before={next}"),
            None => break,
        }
    }
    assert_eq!(counted, 20_300);
    assert!(calls > 1);
}
