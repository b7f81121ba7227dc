//! Whatever comes is answered properly, recorded, and harmless.

use crate::raw::exchange;
use crate::running::{TOKEN, address, app};
use traffic::exchange::Ending;
use traffic::ids::Seq;
use traffic::log::Log;

async fn closed(log: &Log, seq: u64) -> std::sync::Arc<traffic::exchange::Exchange> {
    let mut head = traffic::ids::Pos(0);
    loop {
        if let Some(exchange) = log.exchange(Seq(seq)).filter(|exchange| exchange.closed.is_some()) {
            return exchange;
        }
        head = log.wait(head).await.pos;
    }
}

#[tokio::test]
async fn every_kind_of_garbage_gets_a_scim_error_and_a_place_in_the_record() {
    let app = app("tolerant").await;
    let post = |token: &str, body: &str| {
        format!(
            "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    };
    let huge = "x".repeat(20 * 1024 * 1024);
    let cases: [(&str, Vec<u8>, u16); 5] = [
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n".to_vec(), 400),
        ("broken JSON", post(TOKEN, "{\"schemas\": [,]}"), 400),
        ("a wrong token", post("wrong", "{}"), 401),
        ("a body of 20 MB", post(TOKEN, &huge), 413),
        ("an unknown endpoint", post(TOKEN, "{}").split_off(0), 400),
    ];
    for (at, (what, bytes, status)) in cases.iter().enumerate() {
        let answer = exchange(address(&app), bytes).await;
        let text = String::from_utf8_lossy(&answer);
        assert!(
            text.starts_with(&format!("HTTP/1.1 {status} ")),
            "{what}: {}",
            text.chars().take(300).collect::<String>()
        );
        let body: serde_json::Value = serde_json::from_str(text.split("\r\n\r\n").nth(1).unwrap_or_default())
            .unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{what}");
        assert_eq!(body["status"], status.to_string(), "{what}");
        assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{what}: {body}");
        let exchange = closed(&app.log(), at as u64 + 1).await;
        let handled = exchange.outcome().unwrap_or_else(|| panic!("{what} was not handled"));
        assert_eq!(handled.response.status, *status, "{what}");
        assert!(exchange.committed.is_none(), "{what} changed something");
        assert!(!handled.findings.is_empty(), "{what}: the record says why");
    }
    assert_eq!(app.log().head().seq, Seq(cases.len() as u64), "nothing more and nothing less is recorded");
    app.stop().await;
}

#[tokio::test]
async fn half_a_header_and_then_silence_is_recorded_with_the_bytes_that_came() {
    let app = app("tolerant").await;
    let half = b"GET /scim/v2/Users HTTP/1.1\r\nHost: loc";
    exchange(address(&app), half).await;
    let recorded = closed(&app.log(), 1).await;
    assert_eq!(recorded.received().expect("bytes").head.as_ref(), half);
    let ending = &recorded.closed.as_ref().expect("closed").ending;
    assert!(matches!(ending, Ending::Aborted(_) | Ending::Refused(_)), "{ending:?}");
    let whole = exchange(address(&app), b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(whole.starts_with(b"HTTP/1.1 404 "), "the server goes on: {}", String::from_utf8_lossy(&whole));
    app.stop().await;
}
