//! What leaves, what is judged, and what no server can do to the player.

use std::time::Duration;

use replay::{Flow, Limits, Options, RunNames, StepKind, Verdict, play};

use crate::server::{Server, answer};

fn options() -> Options {
    let names = RunNames {
        guid: "11111111-1111-4111-8111-111111111111".into(),
        guid2: "22222222-2222-4222-8222-222222222222".into(),
        tag: "ab12cd".into(),
        hex24: "0123456789abcdef01234567".into(),
    };
    Options { names, ..Options::test() }
}

fn flow(steps: &str) -> Flow {
    let text = format!(r#"{{"formatVersion": 1, "id": "x", "name": "X", "idp": "generic", "steps": [{steps}]}}"#);
    Flow::parse(text.as_bytes()).unwrap()
}

fn get(path: &str, expect: &str) -> String {
    format!(r#"{{"label": "look", "kind": "client", "method": "GET", "path": "{path}", "expect": {expect}}}"#)
}

#[tokio::test]
async fn requests_leave_exactly_as_the_flow_has_them() {
    let server = Server::saying(vec![answer("200 OK", "{}"), answer("201 Created", "{}")]).await;
    let base = server.target.base.trim_end_matches('/').to_owned();
    let host = base.trim_start_matches("http://").trim_end_matches("/scim/v2").to_owned();
    let flow = flow(
        r#"{"label": "look", "kind": "client", "method": "GET", "headers": {"Authorization": "Bearer {{auth.token}}"},
            "path": "/Users?filter=userName+eq+%22{{run.tag}}%40example.com%22&x={a}%20b"},
           {"label": "create", "kind": "client", "method": "POST", "path": "/Users",
            "headers": {"X-Zeta": "2", "Content-Type": "application/scim+json; charset=utf-8"},
            "body": {"userName": "{{run.tag.upper}}", "active": true, "b": 1.50, "at": "{{base}}"}}"#,
    );
    let result = play(&flow, &server.target, &options(), |_| {}).await;
    assert_eq!(result.verdict(), Verdict::Same, "{result:?}");
    let body = format!(r#"{{"userName":"AB12CD","active":true,"b":1.50,"at":"{base}"}}"#);
    assert_eq!(
        server.heard(),
        [
            format!(
                "GET /scim/v2/Users?filter=userName+eq+%22ab12cd%40example.com%22&x={{a}}%20b HTTP/1.1\r\n\
                 Host: {host}\r\nAuthorization: Bearer t0ken\r\n\r\n"
            ),
            format!(
                "POST /scim/v2/Users HTTP/1.1\r\nHost: {host}\r\nX-Zeta: 2\r\n\
                 Content-Type: application/scim+json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        ]
    );
    assert_eq!(server.connections(), 1, "the connection is kept");
}

#[tokio::test]
async fn a_body_that_is_a_string_leaves_verbatim() {
    let server = Server::saying(vec![answer("400 Bad Request", "{}")]).await;
    let flow = flow(
        r#"{"label": "broken", "kind": "client", "method": "POST", "path": "/Users", "body": "{\"userName\": ",
            "expect": {"status": [400]}}"#,
    );
    assert_eq!(play(&flow, &server.target, &options(), |_| {}).await.verdict(), Verdict::Same);
    assert!(server.heard()[0].ends_with("\r\n\r\n{\"userName\": "), "{:?}", server.heard());
}

#[tokio::test]
async fn what_is_captured_goes_into_later_requests_with_its_type() {
    let server =
        Server::saying(vec![answer("201 Created", r#"{"id": "9f", "meta": {"n": 1}}"#), answer("200 OK", "{}")]).await;
    let flow = flow(
        r#"{"label": "create", "kind": "client", "method": "POST", "path": "/Users", "body": {},
            "capture": {"user.id": "/id", "user.meta": "/meta"}},
           {"label": "put", "kind": "client", "method": "PUT", "path": "/Users/{{user.id}}",
            "body": {"meta": "{{user.meta}}", "{{user.id}}": "<{{user.id}}>"}}"#,
    );
    let result = play(&flow, &server.target, &options(), |_| {}).await;
    assert_eq!(result.steps[1].path, "/Users/9f");
    assert!(server.heard()[1].ends_with(r#"{"meta":{"n":1},"9f":"<9f>"}"#), "{:?}", server.heard());
}

#[tokio::test]
async fn playing_stops_at_the_first_answer_that_is_otherwise() {
    let server = Server::saying(vec![answer("200 OK", "{}"), answer("404 Not Found", r#"{"detail": "gone"}"#)]).await;
    let expect = r#"{"status": [200]}"#;
    let flow = flow(&[get("/A", expect), get("/B", expect), get("/C", expect)].join(","));
    let mut seen = Vec::new();
    let result = play(&flow, &server.target, &options(), |step| seen.push(step.path.clone())).await;
    assert_eq!(seen, ["/A", "/B"]);
    assert_eq!(result.verdict(), Verdict::Different);
    let failed = result.failed().unwrap();
    assert_eq!((failed.index, failed.status), (1, Some(404)));
    assert_eq!(failed.differences, ["the status is 404 instead of 200 (gone)"]);
    assert_eq!(server.heard().len(), 2);
}

#[tokio::test]
async fn steps_of_other_kinds_are_left_out() {
    let server = Server::saying(vec![answer("200 OK", "{}")]).await;
    let flow = flow(&[get("/A", "{}").replace("client", "verify"), get("/B", "{}")].join(","));
    let demo = Options { kinds: vec![StepKind::Client], ..options() };
    let result = play(&flow, &server.target, &demo, |_| {}).await;
    assert_eq!(result.steps.iter().map(|step| step.index).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_variable_without_a_value_is_an_error_and_nothing_is_sent() {
    let server = Server::saying(vec![]).await;
    let result = play(&flow(&get("/Users/{{nobody.id}}", "{}")), &server.target, &options(), |_| {}).await;
    assert_eq!(result.verdict(), Verdict::Error);
    assert!(result.steps[0].differences[0].contains("{{nobody.id}}"), "{result:?}");
    assert!(server.heard().is_empty());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_owned();
    let server = Server::saying(vec![moved]).await;
    let expect = r#"{"status": [302], "headers": {"location": "/elsewhere"}}"#;
    let result = play(&flow(&get("/A", expect)), &server.target, &options(), |_| {}).await;
    // A value that only begins and ends with a slash would be a pattern; this one is none.
    assert_eq!(result.verdict(), Verdict::Same, "{result:?}");
}

#[tokio::test]
async fn a_connection_that_the_server_closes_is_opened_again() {
    let close = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned();
    let server = Server::saying(vec![close, answer("200 OK", "{}")]).await;
    let result = play(&flow(&[get("/A", "{}"), get("/B", "{}")].join(",")), &server.target, &options(), |_| {}).await;
    assert_eq!((result.verdict(), result.steps.len()), (Verdict::Same, 2), "{result:?}");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_server_that_never_answers_does_not_hang_the_player() {
    let server = Server::saying(vec![]).await;
    let limits = Limits { answer: Duration::from_millis(50), ..Limits::default() };
    let result = play(&flow(&get("/A", "{}")), &server.target, &Options { limits, ..options() }, |_| {}).await;
    assert_eq!(result.verdict(), Verdict::Error);
    assert!(result.steps[0].differences[0].contains("no whole answer"), "{result:?}");
}

#[tokio::test]
async fn a_server_that_never_ends_its_answer_does_not_fill_the_memory() {
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let endless = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}", chunk.repeat(64));
    let server = Server::saying(vec![endless]).await;
    let limits = Limits { body_bytes: 16 << 10, ..Limits::default() };
    let result = play(&flow(&get("/A", "{}")), &server.target, &Options { limits, ..options() }, |_| {}).await;
    assert_eq!(result.verdict(), Verdict::Error);
    assert!(result.steps[0].differences[0].contains("more than 16384 bytes"), "{result:?}");
}

#[tokio::test]
async fn a_target_that_cannot_be_reached_or_is_none_is_said_to_be() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = format!("http://{}/scim/v2", listener.local_addr().unwrap());
    drop(listener);
    for (base, words) in
        [(free.as_str(), "no connection to"), ("ftp://example.com", "is no URL to play at"), ("", "is no URL")]
    {
        let target = replay::Target { base: base.to_owned(), token: String::new() };
        let result = play(&flow(&get("/A", "{}")), &target, &options(), |_| {}).await;
        assert_eq!(result.verdict(), Verdict::Error);
        assert!(result.steps[0].differences[0].contains(words), "{result:?}");
    }
}

#[tokio::test]
async fn bytes_that_are_not_http_are_an_error_in_words() {
    let server = Server::saying(vec!["SSH-2.0-x\r\n\r\n".to_owned()]).await;
    let result = play(&flow(&get("/A", "{}")), &server.target, &options(), |_| {}).await;
    assert_eq!(result.verdict(), Verdict::Error);
    assert!(result.steps[0].differences[0].contains("the connection broke"), "{result:?}");
}

#[tokio::test]
async fn the_sample_plays_nine_requests_against_whoever_answers_as_expected() {
    let list = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0}"#;
    let user = r#"{"id": "u1", "userName": "ada.lovelace.ab12cd@example.com", "active": true,
        "externalId": "11111111-1111-4111-8111-111111111111",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Research"}}"#;
    let group =
        r#"{"id": "g1", "displayName": "Finance ab12cd", "externalId": "22222222-2222-4222-8222-222222222222"}"#;
    let done = || "HTTP/1.1 204 No Content\r\n\r\n".to_owned();
    let (found, made) = ("200 OK", "201 Created");
    let server = Server::saying(vec![
        answer(found, list),
        answer(made, user),
        answer(found, list),
        answer(made, group),
        done(),
        done(),
        done(),
        done(),
        done(),
    ])
    .await;
    let sample = replay::scenarios().iter().find(|flow| flow.id == "entra-sample").unwrap();
    let demo = Options { kinds: Options::demo().kinds, ..options() };
    let result = play(sample, &server.target, &demo, |_| {}).await;
    assert_eq!((result.verdict(), result.steps.len()), (Verdict::Same, 9), "{:?}", result.failed());
    assert!(server.heard()[6].ends_with(r#""Operations":[{"op":"Replace","path":"active","value":"False"}]}"#));
    assert!(server.heard()[4].contains(r#"[{"$ref":null,"value":"u1"}]"#));
}
