//! Long work.

use axum::body::Body;
use control::jobs::{Hand, JobKind, Made, ResultFile};
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use replay::{Options, Target};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::house::{Answer, House, send};
use crate::scim;

async fn start(house: &House, body: Value) -> Answer {
    let call = Request::post("/api/v1/jobs").header(CONTENT_TYPE, "application/json");
    send(house.inside(), call.body(Body::from(body.to_string())).unwrap()).await
}

async fn cancel(house: &House, id: u64) -> Answer {
    send(house.inside(), Request::delete(format!("/api/v1/jobs/{id}")).body(Body::empty()).unwrap()).await
}

fn sample() -> Value {
    json!({"kind": "play", "scenario": "entra-sample"})
}

/// Waits until a job is in a state other than running.
async fn ended(house: &House, id: u64) -> Value {
    loop {
        let job = house.json(&format!("/api/v1/jobs/{id}")).await;
        if job["state"] != "running" {
            return job;
        }
        tokio::task::yield_now().await;
    }
}

/// A listener that takes connections and never answers.
async fn silent(house: &House) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    house.control.update(|facts| facts.scim_url = url);
    listener
}

#[tokio::test]
async fn what_cannot_be_started_is_refused_in_words() {
    let house = House::new();
    let unknown = start(&house, json!({"kind": "play", "scenario": "nothing"})).await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let other = start(&house, json!({"kind": "dance"})).await;
    assert_eq!((other.status, other.code().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "bad_body"));
    assert_eq!(cancel(&house, 1).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_scenario_that_fails_says_at_which_step_and_why() {
    let house = House::new();
    drop(silent(&house).await);
    let started = start(&house, sample()).await;
    assert_eq!((started.status, started.json()), (StatusCode::ACCEPTED, json!({"id": 1})));
    let job = ended(&house, 1).await;
    assert_eq!((&job["state"], &job["progress"]), (&json!("failed"), &json!({"done": 1, "total": 9})));
    assert!(job["problem"].as_str().unwrap().starts_with("step 1 (look for the user): no connection to"), "{job}");
    assert_eq!(job["steps"][0]["verdict"], "error");
}

#[tokio::test]
async fn a_job_that_hangs_can_be_cancelled_and_stays_so() {
    let house = House::new();
    let _listener = silent(&house).await;
    start(&house, sample()).await;
    assert_eq!(house.json("/api/v1/jobs").await["items"][0]["state"], "running");
    assert_eq!(cancel(&house, 1).await.json()["state"], "cancelled");
    assert_eq!(cancel(&house, 1).await.json()["state"], "cancelled");
    assert_eq!(ended(&house, 1).await["problem"], Value::Null);
}

#[tokio::test]
async fn jobs_that_run_are_bounded_and_end_with_the_program() {
    let house = House::new();
    let _listener = silent(&house).await;
    for _ in 0..8 {
        assert_eq!(start(&house, sample()).await.status, StatusCode::ACCEPTED);
    }
    assert_eq!(start(&house, sample()).await.code(), "too_many_jobs");
    house.control.close();
    let jobs = house.json("/api/v1/jobs").await;
    assert!(jobs["items"].as_array().unwrap().iter().all(|job| job["state"] == "cancelled"), "{jobs}");
}

/// Plays the sample against the house's own provider, without the pauses that are for people.
async fn played(house: &House) -> Value {
    scim::serve(house).await;
    let facts = house.control.facts();
    let target = Target { base: facts.scim_url, token: house.control.scim_token() };
    let id = house.control.jobs().play(&replay::scenarios()[0], target, Options::demo()).unwrap();
    ended(house, id).await
}

#[tokio::test]
async fn the_sample_runs_to_its_end_and_can_be_run_again() {
    let house = House::new();
    for _ in 0..2 {
        let job = played(&house).await;
        assert_eq!((&job["state"], &job["progress"]), (&json!("done"), &json!({"done": 9, "total": 9})), "{job:#}");
        assert!(job["steps"].as_array().unwrap().iter().all(|step| step["verdict"] == "same"), "{job:#}");
    }
    let status = house.json("/api/v1/status").await;
    assert_eq!(
        status["resources"],
        json!([{"resource_type": "User", "count": 0}, {"resource_type": "Group", "count": 2}])
    );
}

#[tokio::test]
async fn a_strict_server_refuses_the_sample_where_it_leaves_the_rfc() {
    let house = House::new();
    house.control.provider().tenant().switch_profile(provider::Profile::preset("rfc-strict").unwrap());
    let job = played(&house).await;
    assert_eq!((&job["state"], &job["progress"]["done"]), (&json!("failed"), &json!(6)), "{job:#}");
    assert!(job["problem"].as_str().unwrap().contains("the status is 400 instead of 200 or 204"), "{job:#}");
}

#[tokio::test]
async fn work_tells_how_far_it_is_and_its_file_is_to_be_had_when_it_is_done() {
    let house = House::new();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let work = move |hand: &Hand| {
        hand.tell(3, 10);
        wait.recv().map_err(|error| error.to_string())?;
        let mut file = tempfile::tempfile().map_err(|error| error.to_string())?;
        std::io::Write::write_all(&mut file, &vec![b'x'; 600_000]).map_err(|error| error.to_string())?;
        let file = ResultFile::new(file, "a \"b\".har", "application/json").map_err(|error| error.to_string())?;
        Ok(Made { file: Some(file), facts: Some(json!({"exchanges": 3})) })
    };
    let id = house.control.jobs().work(JobKind::Export, "three".into(), work).unwrap();
    while house.json(&format!("/api/v1/jobs/{id}")).await["progress"] != json!({"done": 3, "total": 10}) {
        tokio::task::yield_now().await;
    }
    let early = house.get(&format!("/api/v1/jobs/{id}/result")).await;
    assert_eq!((early.status, early.code().as_str()), (StatusCode::NOT_FOUND, "no_result"));
    go.send(()).unwrap();
    let job = ended(&house, id).await;
    assert_eq!(job["file"], json!({"name": "a \"b\".har", "media_type": "application/json", "bytes": 600_000}));
    assert_eq!((&job["state"], &job["facts"]), (&json!("done"), &json!({"exchanges": 3})));
    let result = house.get(&format!("/api/v1/jobs/{id}/result")).await;
    assert_eq!(result.headers["content-disposition"], "attachment; filename=\"a__b_.har\"");
    assert_eq!(result.body.len(), 600_000);
}

#[tokio::test]
async fn work_that_is_cancelled_learns_of_it_and_leaves_no_file() {
    let house = House::new();
    let (said, heard) = std::sync::mpsc::channel();
    let work = move |hand: &Hand| {
        while !hand.is_stopped() {
            std::thread::yield_now();
        }
        said.send(()).map_err(|error| error.to_string())?;
        Ok(Made { file: Some(ResultFile::new(tempfile::tempfile().unwrap(), "x", "text/plain").unwrap()), facts: None })
    };
    let id = house.control.jobs().work(JobKind::Import, "never".into(), work).unwrap();
    assert_eq!(cancel(&house, id).await.json()["state"], "cancelled");
    tokio::task::spawn_blocking(move || heard.recv().unwrap()).await.unwrap();
    assert_eq!(house.json(&format!("/api/v1/jobs/{id}")).await["file"], Value::Null);
    assert_eq!(house.get(&format!("/api/v1/jobs/{id}/result")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn work_that_fails_or_breaks_off_says_so() {
    let house = House::new();
    let fails = |_: &Hand| Err("the disk is full".to_owned());
    let id = house.control.jobs().work(JobKind::Export, "fails".into(), fails).unwrap();
    assert_eq!(ended(&house, id).await["problem"], "the disk is full");
    let id = house.control.jobs().work(JobKind::Export, "breaks".into(), |_| panic!("on purpose")).unwrap();
    assert!(ended(&house, id).await["problem"].as_str().unwrap().starts_with("the work broke off"));
}
