//! Searches that stream what they find, and searches that nobody waits for any more.

use std::sync::{Arc, Mutex, Weak, mpsc};
use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use traffic::archive::{Archive, Sieve, Sifted, Touched, Unreadable};
use traffic::entry::Entry;
use traffic::exchange::Exchange;
use traffic::ids::{FlowId, Pos, Seq};
use traffic::log::{Budget, Head, Log};
use traffic::query::Query;
use traffic::step::Step;

use crate::house::House;

async fn lines(house: &House, path: &str) -> Vec<Value> {
    let answer = house.get(path).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/x-ndjson"));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn numbers(lines: &[Value]) -> Vec<u64> {
    let items = lines.iter().flat_map(|line| line["items"].as_array().unwrap());
    items.map(|item| item["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_search_tells_what_it_finds_newest_first_and_then_that_it_is_done() {
    let house = House::new();
    for number in 1..=1_000 {
        house.whole(&format!("/scim/v2/Users/{}", if number % 300 == 0 { "ada" } else { "bob" }));
    }
    let found = lines(&house, "/api/v1/exchanges/search?q=target:ada").await;
    assert_eq!(numbers(&found), [900, 600, 300]);
    assert_eq!(found[0]["query"]["sentence"], "Exchanges with \u{201c}ada\u{201d} in the target");
    let last = found.last().unwrap();
    assert_eq!((&last["done"], &last["examined"], &last["next"]), (&json!(true), &json!(1_000), &Value::Null));
    assert!(found[..found.len() - 1].iter().all(|line| line["done"] == false));
    let oldest = lines(&house, "/api/v1/exchanges/search?q=target:ada&oldest=true&after=300&before=901").await;
    assert_eq!(numbers(&oldest), [600, 900]);
}

#[tokio::test]
async fn a_search_that_has_found_enough_says_where_to_go_on() {
    let house = House::new();
    for _ in 0..10 {
        house.whole("/scim/v2/Users");
    }
    let found = lines(&house, "/api/v1/exchanges/search?q=method:get&limit=3").await;
    assert_eq!(numbers(&found), [10, 9, 8]);
    assert_eq!((&found.last().unwrap()["next"], &found.last().unwrap()["done"]), (&json!(8), &json!(true)));
    let found = lines(&house, "/api/v1/exchanges/search?q=method:get&limit=30&before=8").await;
    assert_eq!(numbers(&found), [7, 6, 5, 4, 3, 2, 1]);
    let answer = house.get("/api/v1/exchanges/search?limit=0").await;
    assert_eq!((answer.status.as_u16(), answer.code()), (400, "bad_request".to_owned()));
}

/// An archive without end in which nothing is ever found: each step of a search is announced, and waits for leave.
#[derive(Debug)]
struct Endless {
    steps: mpsc::SyncSender<()>,
    leave: Mutex<mpsc::Receiver<()>>,
}

impl Archive for Endless {
    fn exchange(&self, _: Seq) -> Result<Option<Exchange>, Unreadable> {
        Ok(None)
    }

    fn exchanges(&self, _: Seq, _: Seq) -> Result<Vec<Exchange>, Unreadable> {
        Ok(Vec::new())
    }

    fn entries(&self, _: Pos, _: Pos, _: usize) -> Result<Vec<(Pos, Entry)>, Unreadable> {
        Ok(Vec::new())
    }

    fn touched(&self, _: Pos, _: Pos) -> Result<Touched, Unreadable> {
        Ok(Touched::default())
    }

    fn flows(&self, _: FlowId, _: usize) -> Result<Vec<FlowId>, Unreadable> {
        Ok(Vec::new())
    }

    fn steps(&self, _: FlowId) -> Result<Vec<Step>, Unreadable> {
        Ok(Vec::new())
    }

    fn sift(&self, _: &Query, range: Sieve) -> Result<Sifted, Unreadable> {
        let _ = self.steps.send(());
        // An error once nobody gives leave any more: the test is over then, and has failed or not.
        let _ = self.leave.lock().unwrap().recv();
        Ok(Sifted { candidates: Vec::new(), ..range.whole() })
    }
}

struct Bench {
    house: House,
    archive: Weak<Endless>,
    steps: mpsc::Receiver<()>,
    leave: mpsc::SyncSender<()>,
}

fn endless() -> Bench {
    let (steps, stepped) = mpsc::sync_channel(1_000);
    let (leave, given) = mpsc::sync_channel(1_000);
    let archive = Arc::new(Endless { steps, leave: Mutex::new(given) });
    let weak = Arc::downgrade(&archive);
    let head = Head { pos: Pos(u64::MAX / 4), seq: Seq(u64::MAX / 4) };
    let log = Arc::new(Log::resume(head, archive, Budget::default()).unwrap());
    Bench { house: House::over(log, false), archive: weak, steps: stepped, leave }
}

/// The search is in a step when its client goes; it must not take another hundred. With all leave given it would go on for
/// ever, and hold the archive; when it ends, nobody holds it.
async fn ends(bench: Bench) {
    let Bench { house, archive, steps, leave } = bench;
    drop(house);
    leave.send(()).unwrap();
    let ended = async {
        while archive.upgrade().is_some() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("the search goes on");
    assert!(steps.try_iter().count() <= 1, "no step, or the one that was granted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_whose_client_goes_away_ends() {
    let bench = endless();
    let router = bench.house.inside();
    let asked = tokio::spawn(async move {
        router.oneshot(Request::get("/api/v1/exchanges?q=ada&newest=true").body(Body::empty()).unwrap()).await
    });
    let steps = tokio::task::spawn_blocking(move || (bench.steps.recv(), bench));
    let (step, bench) = steps.await.unwrap();
    step.unwrap();
    asked.abort();
    assert!(asked.await.unwrap_err().is_cancelled());
    ends(bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamed_search_whose_client_goes_away_ends() {
    let bench = endless();
    let request = Request::get("/api/v1/exchanges/search?q=ada").body(Body::empty()).unwrap();
    let response = bench.house.inside().oneshot(request).await.unwrap();
    bench.leave.send(()).unwrap();
    let mut body = response.into_body();
    let frame = body.frame().await.unwrap().unwrap();
    let line: Value = serde_json::from_slice(frame.data_ref().unwrap()).unwrap();
    assert_eq!((&line["done"], &line["query"]["diagnostics"]), (&json!(false), &json!([])));
    let steps = tokio::task::spawn_blocking(move || {
        let taken = (bench.steps.recv(), bench.steps.recv());
        (taken, bench)
    });
    let (taken, bench) = steps.await.unwrap();
    assert_eq!(taken, (Ok(()), Ok(())));
    drop(body);
    ends(bench).await;
}
