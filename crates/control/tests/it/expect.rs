//! Waiting for exchanges, following them, and judging what came.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use traffic::entry::{Annotation, Entry};
use traffic::handled::{Handled, Response};
use traffic::ids::Seq;

use crate::house::{Answer, House, handled, received, send};

impl House {
    async fn post(&self, path: &str, body: Value) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        send(self.inside(), request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn posted(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// An exchange that is over, and of which nobody has said yet who sent it.
    fn ended(&self, method: &str, target: &str, status: u16) -> Seq {
        let seq = self.open_as(method, target);
        let response = Response { status, ..handled().response };
        self.handle(seq, received(), Handled { response, ..handled() });
        self.close(seq);
        seq
    }

    fn annotate(&self, seq: Seq) {
        let annotation = Annotation { sentence: "Somebody did it".to_owned(), ..Annotation::default() };
        self.log.append(Entry::Annotated(seq, Arc::new(annotation)));
    }

    /// An exchange of which nothing more comes.
    fn settled(&self, method: &str, target: &str, status: u16) -> Seq {
        let seq = self.ended(method, target, status);
        self.annotate(seq);
        seq
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_when_enough_exchanges_have_settled() {
    let house = House::new();
    house.settled("GET", "/scim/v2/Users", 200);
    house.settled("POST", "/scim/v2/Users", 201);
    let wait = house.posted("/api/v1/wait-for", json!({"q": "method:post status:201", "count": 2}));
    let later = async {
        let seq = house.ended("POST", "/scim/v2/Users", 201);
        tokio::time::sleep(Duration::from_secs(3)).await;
        house.annotate(seq);
    };
    let begun = tokio::time::Instant::now();
    let (waited, ()) = tokio::join!(wait, later);
    assert!(begun.elapsed() >= Duration::from_secs(3), "it was over before, and nobody knew whose it was");
    assert_eq!((&waited["met"], &waited["count"], &waited["head"]), (&json!(true), &json!(2), &json!(3)));
    let seqs: Vec<_> = waited["items"].as_array().unwrap().iter().map(|item| item["seq"].clone()).collect();
    assert_eq!((seqs, &waited["misses"]), (vec![json!(2), json!(3)], &json!([])));
}

#[tokio::test(start_paused = true)]
async fn when_the_time_is_over_the_nearest_exchanges_say_what_they_have_instead() {
    let house = House::new();
    house.settled("GET", "/scim/v2/Groups", 200);
    house.settled("POST", "/scim/v2/Users", 409);
    house.settled("GET", "/scim/v2/Users", 200);
    let q = "method:post target:Users status:201";
    let waited = house.posted("/api/v1/wait-for", json!({"q": q, "timeout_ms": 5000, "misses": 2})).await;
    assert_eq!((&waited["met"], &waited["count"]), (&json!(false), &json!(0)));
    let misses = waited["misses"].as_array().unwrap();
    assert_eq!(misses.len(), 2);
    assert_eq!((&misses[0]["exchange"]["seq"], &misses[0]["passing"]), (&json!(2), &json!(2)));
    assert_eq!(misses[0]["failing"], json!([{"clause": "status:201", "instead": "409"}]));
    assert_eq!(misses[1]["exchange"]["seq"], 3);
    assert_eq!(misses[1]["failing"][0], json!({"clause": "method:post", "instead": "GET"}));
    // What is there is seen without any time.
    let at_once = house.posted("/api/v1/wait-for", json!({"q": "status:409", "timeout_ms": 0})).await;
    assert_eq!(at_once["met"], true);
    let after = house.posted("/api/v1/wait-for", json!({"q": "status:409", "timeout_ms": 0, "after": 2})).await;
    assert_eq!(after["met"], false);
}

#[tokio::test]
async fn half_a_query_is_not_waited_for() {
    let house = House::new();
    for body in [
        json!({"q": "status:abc"}),
        json!({"q": "status:200", "count": 0}),
        json!({"q": "status:200", "timeout_ms": 600_001}),
        json!({"q": "status:200", "misses": 51}),
    ] {
        assert_eq!(house.post("/api/v1/wait-for", body.clone()).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let refused = house.post("/api/v1/wait-for", json!({"q": "status:abc"})).await.json();
    assert_eq!(refused["error"]["span"]["start"], 7, "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("status:abc"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_assertion_tells_of_each_check_whether_it_holds() {
    let house = House::new();
    house.settled("GET", "/scim/v2/Users?filter=x", 200);
    house.settled("POST", "/scim/v2/Users", 201);
    house.settled("PATCH", "/scim/v2/Users/1", 204);
    let checks = json!([
        {"kind": "count", "q": "method:post", "exactly": 1},
        {"kind": "count", "q": "method:post status:409", "name": "a conflict"},
        {"kind": "order", "queries": ["method:get", "method:post", "method:patch"]},
        {"kind": "order", "queries": ["method:post", "method:get"]},
        {"kind": "only", "queries": ["method:get", "method:post", "method:patch"]},
        {"kind": "only", "queries": ["status:2xx -method:patch"]},
        {"kind": "state", "resource_type": "user", "filter": "active eq true and userName sw \"a\"", "at_least": 1},
        {"kind": "state", "resource_type": "Group", "exactly": 0},
    ]);
    let asserted = house.posted("/api/v1/assert", json!({"checks": checks})).await;
    let results: Vec<bool> =
        asserted["checks"].as_array().unwrap().iter().map(|check| check["passed"].as_bool().unwrap()).collect();
    assert_eq!(results, [true, false, true, false, true, false, false, true], "{asserted:#}");
    assert_eq!((&asserted["passed"], &asserted["head"], &asserted["unsettled"]), (&json!(false), &json!(3), &json!(0)));
    let of = |at: usize| &asserted["checks"][at];
    assert_eq!((&of(1)["name"], &of(1)["misses"][0]["failing"][0]["instead"]), (&json!("a conflict"), &json!("201")));
    assert_eq!((&of(2)["seqs"], &of(3)["seqs"], &of(5)["seqs"]), (&json!([1, 2, 3]), &json!([2]), &json!([3])));
    assert!(of(3)["message"].as_str().unwrap().contains("exchange 1 is one, and came too early"), "{}", of(3));
    assert!(of(6)["message"].as_str().unwrap().contains("0 with active eq true"), "{}", of(6));
    // Only what came later.
    let later = json!({"after": 2, "checks": [{"kind": "count", "q": "", "exactly": 1}]});
    assert_eq!(house.posted("/api/v1/assert", later).await["passed"], true);
}

#[tokio::test(start_paused = true)]
async fn an_assertion_waits_for_what_has_begun_but_not_for_ever() {
    let house = House::new();
    let open = house.ended("POST", "/scim/v2/Users", 201);
    let checks = json!([{"kind": "count", "q": "method:post", "exactly": 1}]);
    let asserting = house.posted("/api/v1/assert", json!({"checks": checks}));
    let begun = tokio::time::Instant::now();
    let later = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        house.annotate(open);
    };
    let (asserted, ()) = tokio::join!(asserting, later);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!((&asserted["passed"], &asserted["unsettled"]), (&json!(true), &json!(0)));
    house.open("/scim/v2/Users");
    let asserted = house.posted("/api/v1/assert", json!({"checks": checks, "settle_ms": 50})).await;
    assert_eq!((&asserted["passed"], &asserted["unsettled"]), (&json!(true), &json!(1)));
}

#[tokio::test]
async fn what_cannot_be_meant_by_an_assertion_is_refused() {
    let house = House::new();
    for (checks, status) in [
        (json!([]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "count", "q": "a", "exactly": 1, "at_most": 2}]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "count", "q": "a", "at_least": 3, "at_most": 2}]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "count", "q": "status:x"}]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "order", "queries": []}]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "state", "resource_type": "User", "filter": "active eq"}]), StatusCode::BAD_REQUEST),
        (json!([{"kind": "state", "resource_type": "Robot"}]), StatusCode::NOT_FOUND),
        (json!([{"kind": "state", "resource_type": "User", "tenant": "nobody"}]), StatusCode::NOT_FOUND),
        (json!([{"kind": "count", "query": "a"}]), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(house.post("/api/v1/assert", json!({"checks": checks})).await.status, status, "{checks}");
    }
}

#[tokio::test]
async fn a_follower_gets_a_line_for_each_exchange_when_it_has_settled() {
    let house = House::new();
    house.settled("POST", "/scim/v2/Users", 201);
    house.settled("GET", "/scim/v2/Users", 200);
    let path = "/api/v1/exchanges/tail?q=method:post&after=0";
    let response = house.inside().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let mut body = response.into_body();
    let mut next = async || -> Value {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        serde_json::from_slice(&frame).unwrap()
    };
    assert_eq!(next().await["seq"], 1);
    let open = house.ended("POST", "/scim/v2/Users", 201);
    house.settled("POST", "/scim/v2/Groups", 201);
    assert_eq!(next().await["seq"], 4);
    house.annotate(open);
    house.annotate(Seq(4));
    let line = next().await;
    assert_eq!((&line["seq"], &line["sentence"]), (&json!(3), &json!("Somebody did it")));
    house.control.close();
    assert!(body.frame().await.is_none(), "it ends with the server, and tells nothing twice");
    let refused = house.get("/api/v1/exchanges/tail?q=status:abc").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}
