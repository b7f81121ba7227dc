//! The self-test, against servers that answer in one way only.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::{House, send};

/// A server that answers the first request with the first of these, the next with the next, and the rest with the last one.
async fn server(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answered = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let (answers, answered) = (answers.clone(), Arc::clone(&answered));
            tokio::spawn(async move {
                loop {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = stream.read_u8().await else { return };
                        head.push(byte);
                    }
                    let number = answered.fetch_add(1, Ordering::SeqCst);
                    let answer = &answers[number.min(answers.len() - 1)];
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}/scim/v2")
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn unauthorised() -> String {
    answer("401 Unauthorized", "Content-Type: application/scim+json\r\n", "{}")
}

fn list(media_type: &str) -> String {
    answer("200 OK", &format!("Content-Type: {media_type}\r\n"), r#"{"totalResults": 0}"#)
}

async fn test(house: &House, url: &str) -> Value {
    let request = Request::post("/api/v1/self-test").header(CONTENT_TYPE, "application/json");
    let answer = send(house.inside(), request.body(Body::from(json!({ "url": url }).to_string())).unwrap()).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()
}

fn step<'a>(result: &'a Value, name: &str) -> &'a Value {
    result["steps"].as_array().unwrap().iter().find(|step| step["name"] == name).unwrap()
}

#[track_caller]
fn assert_step(result: &Value, name: &str, state: &str, advice: &str) {
    let step = step(result, name);
    assert_eq!(step["state"], state, "{result:#}");
    assert!(step["advice"].as_str().unwrap().contains(advice), "{result:#}");
}

#[tokio::test]
async fn a_server_that_answers_as_it_should_but_is_not_this_one_is_found_out() {
    let url = server(vec![unauthorised(), list("application/scim+json; charset=utf-8")]).await;
    let result = test(&House::new(), &url).await;
    assert_step(&result, "address", "warned", "programs on this machine");
    assert_step(&result, "certificate", "skipped", "");
    assert_step(&result, "without_token", "passed", "");
    assert_step(&result, "with_token", "passed", "");
    assert_step(&result, "arrival", "failed", "Another server");
    assert_eq!(result["state"], "failed");
    assert!(result["round_trip_us"].is_u64());
}

#[tokio::test]
async fn a_page_before_the_server_is_said_to_be_one() {
    let url = server(vec![answer("200 OK", "Content-Type: text/html; charset=utf-8\r\n", "<h1>Continue?</h1>")]).await;
    let result = test(&House::new(), &url).await;
    assert_step(&result, "without_token", "failed", "before it lets anybody through");
    assert_step(&result, "with_token", "skipped", "");
}

#[tokio::test]
async fn a_tunnel_without_a_server_behind_it_a_redirect_and_a_wrong_path_have_their_own_advice() {
    let house = House::new();
    for (answer, advice) in [
        (answer("502 Bad Gateway", "", ""), "leads to the port"),
        (answer("302 Found", "Location: https://login.example.com/\r\n", ""), "anonymous access"),
        (answer("404 Not Found", "", ""), "ends in /scim/v2"),
        (answer("500 Internal Server Error", "", ""), "Something else"),
    ] {
        assert_step(&test(&house, &server(vec![answer]).await).await, "without_token", "failed", advice);
    }
}

#[tokio::test]
async fn a_tenant_without_credentials_a_lost_header_and_a_changed_type_are_said() {
    let house = House::new();
    let open = test(&house, &server(vec![list("application/scim+json")]).await).await;
    assert_step(&open, "without_token", "warned", "Everybody");
    let lost = test(&house, &server(vec![unauthorised()]).await).await;
    assert_step(&lost, "with_token", "failed", "Authorization");
    let changed = test(&house, &server(vec![unauthorised(), list("application/json")]).await).await;
    assert_step(&changed, "with_token", "warned", "Content-Type");
}

#[tokio::test]
async fn what_cannot_be_called_is_said_at_the_first_step_that_fails() {
    let house = House::new();
    assert_step(&test(&house, "scim.example.com").await, "address", "failed", "https://example.com/scim/v2");
    assert_step(&test(&house, "ftp://example.com/scim/v2").await, "address", "failed", "https://");
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let result = test(&house, &format!("http://{closed}/scim/v2")).await;
    assert_step(&result, "connection", "failed", "Start the tunnel");
    assert_step(&result, "arrival", "skipped", "");
    // A server that takes the beginning of an encrypted connection for a broken request.
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/scim/v2", plain.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(answer("400 Bad Request", "", "").as_bytes()).await.unwrap();
    });
    assert_step(&test(&house, &url).await, "certificate", "failed", "speaks https");
}

#[tokio::test]
async fn an_answer_without_end_is_left_alone_after_its_beginning() {
    let endless = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 100000000\r\n\r\n".to_owned() + &"x".repeat(200_000);
    let result = test(&House::new(), &server(vec![endless]).await).await;
    assert_step(&result, "without_token", "passed", "");
    assert_step(&result, "with_token", "failed", "");
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_not_tested() {
    let house = House::new();
    let request = Request::post("/api/v1/self-test").header(CONTENT_TYPE, "application/json");
    let answer = send(house.inside(), request.body(Body::from(r#"{"tenant": "nobody"}"#)).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "not_found"));
}
