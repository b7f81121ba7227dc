//! The record has the bytes as they were on the wire.

use http_body_util::BodyExt;
use serde_json::Value;

use crate::raw::exchange;
use crate::running::{TOKEN, address, app};

async fn api(app: &app::running::App, path: &str) -> Vec<u8> {
    let request = http::Request::get(path).body(axum::body::Body::empty()).expect("a request");
    let response = tower::ServiceExt::oneshot(app.control_router(), request).await.expect("an answer");
    assert!(response.status().is_success(), "{path}: {}", response.status());
    response.into_body().collect().await.expect("a body").to_bytes().to_vec()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("what was sent is text")
}

#[tokio::test]
async fn odd_headers_a_chunked_body_and_two_pipelined_requests_come_back_byte_for_byte() {
    let app = app("tolerant").await;
    let (first, rest) =
        (r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"grace@ex"#, r#"ample.com"}"#);
    let chunked = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nZ-Last: first\r\nX-fOo:   a\r\nHost: localhost\r\nx-foo: b\r\nX-FOO:c\r\n\
         authorization: Bearer {TOKEN}\r\nCONTENT-TYPE: application/scim+json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x};note=\"x\"\r\n{first}\r\n{:X}\r\n{rest}\r\n0\r\nX-Trailer: t\r\n\r\n",
        first.len(),
        rest.len(),
    );
    let second = format!(
        "GET /scim/v2/Users?filter=userName+eq+%22grace%40example.com%22 HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    let answer = exchange(address(&app), [chunked.as_bytes(), second.as_bytes()].concat().as_slice()).await;

    assert_eq!(text(&api(&app, "/api/v1/exchanges/1/request").await), chunked);
    assert_eq!(text(&api(&app, "/api/v1/exchanges/2/request").await), second);
    let responses =
        [api(&app, "/api/v1/exchanges/1/response").await, api(&app, "/api/v1/exchanges/2/response").await].concat();
    assert_eq!(text(&responses), text(&answer));

    let whole: Value = serde_json::from_slice(&api(&app, "/api/v1/exchanges/1").await).expect("JSON");
    assert_eq!(whole["summary"]["status"], 201, "{whole:#}");
    let names: Vec<_> =
        whole["request"]["headers"].as_array().expect("headers").iter().map(|header| &header[0]).collect();
    assert_eq!(names[..4], ["Z-Last", "X-fOo", "Host", "x-foo"], "names and order as sent");
    let found: Value = serde_json::from_slice(&api(&app, "/api/v1/exchanges/2").await).expect("JSON");
    assert!(
        found["response"]["body"]["text"].as_str().is_some_and(|body| body.contains("\"totalResults\":1")),
        "{found:#}"
    );
    app.stop().await;
}
