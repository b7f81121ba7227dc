//! The live stream: nothing is lost, whoever comes when.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use control::{BATCH_EVERY, BATCH_ITEMS, Batch};
use futures_util::{Stream, StreamExt};
use http::Request;
use http_body_util::BodyExt;
use tokio::time::Instant;
use tower::ServiceExt;
use traffic::entry::{Entry, State};

use crate::house::{House, handled, received};

fn subscribe(house: &House, after: u64) -> Pin<Box<dyn Stream<Item = Batch> + Send>> {
    Box::pin(house.control.events(after))
}

fn numbers(batch: &Batch) -> Vec<u64> {
    batch.items.iter().map(|item| item.seq).collect()
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_comes_late_gets_everything_once() {
    let house = House::new();
    for number in 0..3 {
        house.whole(&format!("/{number}"));
    }
    let batch = subscribe(&house, 0).next().await.unwrap();
    assert_eq!((batch.pos.0, batch.head.0, numbers(&batch)), (9, 3, vec![1, 2, 3]));
    assert!(batch.items.iter().all(|item| item.closed));
}

#[tokio::test(start_paused = true)]
async fn resuming_between_opened_and_closed_carries_the_exchange_again() {
    let house = House::new();
    let seq = house.open("/a");
    let first = subscribe(&house, 0).next().await.unwrap();
    assert_eq!((first.pos.0, first.items[0].closed), (1, false));
    // The subscriber is away while the exchange goes on.
    house.handle(seq, received(), handled());
    house.close(seq);
    let second = subscribe(&house, first.pos.0).next().await.unwrap();
    assert_eq!((second.pos.0, numbers(&second)), (3, vec![1]));
    assert!(second.items[0].closed && second.items[0].pos > first.items[0].pos);
}

#[tokio::test(start_paused = true)]
async fn batches_keep_their_distance_and_gather_what_comes_between() {
    let house = House::new();
    let mut stream = subscribe(&house, 0);
    house.whole("/a");
    let begun = Instant::now();
    stream.next().await.unwrap();
    house.whole("/b");
    house.whole("/c");
    let batch = stream.next().await.unwrap();
    assert_eq!(numbers(&batch), [2, 3]);
    assert!(begun.elapsed() >= BATCH_EVERY);
    let log = house.log.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        log.append(Entry::State(Arc::new(State { what: "profile".into(), detail: "rfc-strict".into() })));
    });
    let batch = stream.next().await.unwrap();
    assert_eq!((numbers(&batch).len(), batch.states[0].what.as_str()), (0, "profile"));
}

#[tokio::test(start_paused = true)]
async fn too_many_are_counted_instead_of_carried() {
    let house = House::new();
    for _ in 0..BATCH_ITEMS {
        house.whole("/a");
    }
    let full = subscribe(&house, 0).next().await.unwrap();
    assert_eq!((full.items.len(), full.moved), (BATCH_ITEMS, None));
    house.whole("/one more");
    let moved = subscribe(&house, 0).next().await.unwrap();
    assert_eq!((moved.items.len(), moved.moved), (0, Some(BATCH_ITEMS as u64 + 1)));
    assert_eq!((moved.pos.0, moved.head.0), (3 * (BATCH_ITEMS as u64 + 1), BATCH_ITEMS as u64 + 1));
}

/// The first frame of the stream as text.
async fn first_frame(house: &House, request: http::request::Builder) -> String {
    let response = house.inside().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body();
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    String::from_utf8(frame.to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn server_sent_events_carry_the_position_as_their_id() {
    let house = House::new();
    house.whole("/a");
    house.whole("/b");
    let text = first_frame(&house, Request::get("/api/v1/events?after=3")).await;
    assert!(text.contains("event: batch\n") && text.contains("id: a-workspace/6\n"), "{text}");
    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let batch: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!((batch["pos"].as_u64(), batch["items"][0]["seq"].as_u64()), (Some(6), Some(2)));
    assert!(batch.get("moved").is_none());
}

#[tokio::test(start_paused = true)]
async fn the_last_event_id_goes_before_the_parameter() {
    let house = House::new();
    house.whole("/a");
    house.whole("/b");
    let text = first_frame(&house, Request::get("/api/v1/events?after=0").header("last-event-id", "5")).await;
    assert!(text.contains("\"seq\":2") && !text.contains("\"seq\":1"), "{text}");
    let bad = Request::get("/api/v1/events").header("last-event-id", "x").body(Body::empty()).unwrap();
    assert_eq!(crate::house::send(house.inside(), bad).await.code(), "bad_request");
}

#[tokio::test(start_paused = true)]
async fn streams_end_when_the_program_does() {
    let house = House::new();
    let request = Request::get("/api/v1/events").body(Body::empty()).unwrap();
    let response = house.inside().oneshot(request).await.unwrap();
    house.control.close();
    assert!(response.into_body().collect().await.unwrap().to_bytes().is_empty());
}
