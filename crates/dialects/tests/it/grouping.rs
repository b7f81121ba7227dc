//! Which exchanges belong together, by time, client, resource and purpose.

use std::collections::BTreeMap;
use std::sync::Arc;

use dialects::Annotator;
use dialects::flow::{IDLE_GAP, MOST_STEPS};
use jiff::{SignedDuration, Timestamp};
use traffic::exchange::Exchange;
use traffic::handled::{Action, Subject};
use traffic::ids::FlowId;

use crate::wire::{request, subject};

/// An exchange in its place: number, milliseconds, tenant.
fn at(mut exchange: Exchange, seq: u64, millis: i64, tenant: &str) -> Exchange {
    Arc::make_mut(&mut exchange.opened).at = Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis);
    exchange.seq.0 = seq;
    if let Some((_, handled)) = &mut exchange.handled {
        Arc::make_mut(handled).tenant = Some(tenant.to_owned());
    }
    exchange
}

fn lookup(name: &str, token: &str, found: Option<&str>) -> Exchange {
    let looked_for = Some(("userName".to_owned(), name.to_owned()));
    let (total_results, filter) = (Some(u64::from(found.is_some())), Some(format!("userName eq \"{name}\"")));
    let subject = Subject { looked_for, total_results, filter, ..subject("User", None, None) };
    let answer = found.map_or("{}".to_owned(), |id| format!(r#"{{"Resources":[{{"id":"{id}"}}]}}"#));
    let wire = request("GET", "/scim/v2/Users?filter=x").answering(&answer);
    wire.handled(&[("Authorization", token)], "", 200, Action::List, subject).exchange()
}

fn create(name: &str, token: &str, id: &str, status: u16) -> Exchange {
    let body = format!(r#"{{"userName":"{name}"}}"#);
    let id = (status < 300).then_some(id);
    let wire = request("POST", "/scim/v2/Users");
    wire.handled(&[("Authorization", token)], &body, status, Action::Create, subject("User", id, Some(name))).exchange()
}

fn patch(id: &str, token: &str, path: &str, value: &str) -> Exchange {
    let body = format!(r#"{{"Operations":[{{"op":"replace","path":"{path}","value":{value}}}]}}"#);
    let wire = request("PATCH", &format!("/scim/v2/Users/{id}"));
    wire.handled(&[("Authorization", token)], &body, 200, Action::Modify, subject("User", Some(id), None)).exchange()
}

fn read(id: &str, token: &str) -> Exchange {
    let wire = request("GET", &format!("/scim/v2/Users/{id}"));
    wire.handled(&[("Authorization", token)], "", 200, Action::Read, subject("User", Some(id), None)).exchange()
}

/// The flows of exchanges that came a millisecond after one another, with everything that was moved where it belongs.
fn flows(exchanges: Vec<Exchange>) -> Vec<u64> {
    let times = (0..exchanges.len() as i64).collect();
    flows_at(exchanges, times)
}

fn flows_at(exchanges: Vec<Exchange>, millis: Vec<i64>) -> Vec<u64> {
    let mut annotator = Annotator::new();
    let mut flows = Vec::new();
    for ((exchange, millis), seq) in exchanges.into_iter().zip(millis).zip(1..) {
        let (annotation, moved) = annotator.take(&at(exchange, seq, millis, "default"));
        let flow = annotation.flow.unwrap().0;
        flows.push(flow);
        moved.into_iter().for_each(|seq| flows[seq.0 as usize - 1] = flow);
    }
    flows
}

#[test]
fn a_look_and_what_follows_from_it_are_one_flow() {
    assert_eq!(flows(vec![lookup("ada", "t", None), create("Ada", "t", "1", 201), read("1", "t")]), [1, 1, 1]);
    // The id comes from the answer.
    assert_eq!(flows(vec![lookup("ada", "t", Some("7")), patch("7", "t", "title", "1")]), [1, 1]);
}

#[test]
fn resources_and_clients_in_turns_do_not_mix() {
    let (a, b) = ("Bearer a", "Bearer b");
    let mixed = vec![
        lookup("ada", a, None),
        lookup("ada", b, None),
        lookup("grace", a, Some("9")),
        create("ada", a, "1", 201),
        patch("9", a, "title", "1"),
        create("ada", b, "2", 201),
    ];
    assert_eq!(flows(mixed), [1, 2, 3, 1, 3, 2]);
}

#[test]
fn one_client_that_speaks_to_two_tenants_does_two_things() {
    let mut annotator = Annotator::new();
    annotator.take(&at(lookup("ada", "t", None), 1, 0, "one"));
    assert_eq!(annotator.take(&at(create("ada", "t", "1", 201), 2, 1, "two")).0.flow, Some(FlowId(2)));
    assert_eq!(annotator.take(&at(create("ada", "t", "1", 201), 3, 2, "one")).0.flow, Some(FlowId(1)));
}

#[test]
fn silence_ends_a_flow() {
    let pair = || vec![lookup("ada", "t", None), create("ada", "t", "1", 201)];
    let gap = IDLE_GAP.as_millis() as i64;
    assert_eq!(flows_at(pair(), vec![0, gap]), [1, 1]);
    assert_eq!(flows_at(pair(), vec![0, gap + 1]), [1, 2]);
    let mut annotator = Annotator::new();
    annotator.grouper().set_idle(SignedDuration::from_millis(10));
    annotator.take(&at(lookup("ada", "t", None), 1, 0, "x"));
    assert_eq!(annotator.take(&at(create("ada", "t", "1", 201), 2, 11, "x")).0.flow, Some(FlowId(2)));
}

#[test]
fn another_action_on_the_same_resource_takes_the_reads_before_it_along() {
    let lifecycle = vec![
        lookup("ada", "t", None),
        create("ada", "t", "1", 201),
        read("1", "t"),
        patch("1", "t", "active", "false"),
        patch("1", "t", "active", "false"),
        lookup("ada", "t", Some("1")),
        read("1", "t"),
        patch("1", "t", "active", "true"),
        read("1", "t"),
    ];
    assert_eq!(flows(lifecycle), [1, 1, 3, 3, 3, 6, 6, 6, 6]);
}

#[test]
fn a_refused_creation_goes_on_with_what_brings_the_resource_to_what_it_should_be() {
    let retried = vec![
        create("ada", "t", "", 409),
        create("ada", "t", "", 409),
        lookup("ada", "t", Some("1")),
        patch("1", "t", "title", "1"),
    ];
    assert_eq!(flows(retried), [1, 1, 1, 1]);
}

#[test]
fn a_flow_that_was_ended_takes_no_more() {
    let mut annotator = Annotator::new();
    annotator.take(&at(lookup("ada", "t", None), 1, 0, "x"));
    annotator.grouper().end(FlowId(1));
    assert_eq!(annotator.take(&at(create("ada", "t", "1", 201), 2, 1, "x")).0.flow, Some(FlowId(2)));
}

#[test]
fn an_exchange_that_has_a_flow_keeps_it() {
    let mut annotator = Annotator::new();
    let mut exchange = at(create("ada", "t", "1", 201), 5, 0, "x");
    let (mut annotation, _) = annotator.take(&exchange);
    (annotation.flow, annotation.by_hand) = (Some(FlowId(2)), true);
    exchange.annotation = Some(Arc::new(annotation));
    let (again, moved) = annotator.take(&exchange);
    assert_eq!((again.flow, again.by_hand, moved.len()), (Some(FlowId(2)), true, 0));
}

#[test]
fn memory_is_bounded_over_a_hundred_thousand_exchanges_of_many_clients() {
    let mut annotator = Annotator::new();
    let mut most = 0;
    for seq in 1..=100_000_u64 {
        let (name, token) = (format!("user{seq}"), format!("t{}", seq % 3_000));
        annotator.take(&at(create(&name, &token, &name, 201), seq, 0, "x"));
        if seq % 1_000 == 0 {
            most = most.max(annotator.grouper().open_flows());
        }
    }
    assert!(most <= 256 * 64, "{most} flows were open");
}

#[test]
fn a_flow_without_end_is_cut() {
    let mut annotator = Annotator::new();
    let mut seen = BTreeMap::new();
    for seq in 1..=2_500 {
        let (annotation, _) = annotator.take(&at(patch("1", "t", "title", "1"), seq, seq as i64, "x"));
        *seen.entry(annotation.flow.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(seen.into_values().collect::<Vec<_>>(), [MOST_STEPS, MOST_STEPS, 500]);
}
