//! Rules of SCIM that are about the wire, proved over real sockets. `cargo xtask conformance` runs these beside the tests
//! of the same name in `provider`.

#[path = "../it/raw.rs"]
#[allow(dead_code, reason = "shared with the other test program")]
mod raw;
#[path = "../it/running.rs"]
#[allow(dead_code, reason = "shared with the other test program")]
mod running;

use app::running::App;
use serde_json::{Value, json};
use testkit::proved;
use traffic::exchange::Exchange;
use traffic::ids::{Pos, Seq};

use running::{TOKEN, address, app};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// A response as it came over the wire.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn value(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (have, value) = line.split_once(':')?;
            have.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// Asserts an error message with this status.
    fn refused(&self, status: u16) {
        let body = self.value();
        assert_eq!((self.status, &body["status"]), (status, &json!(status.to_string())), "{body}");
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(self.header("Content-Type"), Some("application/scim+json"));
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    }
}

/// Sends bytes on a connection of their own.
async fn send(app: &App, bytes: &[u8]) -> Answer {
    let bytes = raw::exchange(address(app), bytes).await;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("the end of a head");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("text");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

/// Sends a request with the token and these header fields.
async fn ask(app: &App, method: &str, path: &str, fields: &str, body: &[u8]) -> Answer {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\
         {fields}{length}\r\n",
        address(app)
    );
    send(app, &[head.as_bytes(), body].concat()).await
}

async fn create(app: &App, name: &str) -> Answer {
    let body = json!({ "schemas": [USER], "userName": name, "displayName": "Zoë 🦀" }).to_string();
    ask(app, "POST", "/Users", "Content-Type: application/scim+json\r\n", body.as_bytes()).await
}

async fn closed(app: &App, seq: u64) -> std::sync::Arc<Exchange> {
    let (log, mut head) = (app.log(), Pos(0));
    loop {
        if let Some(exchange) = log.exchange(Seq(seq)).filter(|exchange| exchange.closed.is_some()) {
            return exchange;
        }
        head = log.wait(head).await.pos;
    }
}

#[tokio::test]
async fn a_resource_goes_over_the_wire_as_utf_8_with_its_location_and_version() {
    let app = app("rfc-strict").await;
    let created = create(&app, "zoe").await;
    let body = created.value();
    assert_eq!((created.status, created.header("Content-Type")), (201, Some("application/scim+json")));
    let location = body["meta"]["location"].as_str().expect("a location");
    assert_eq!(created.header("Location"), Some(location));
    assert_eq!(location, format!("{}/Users/{}", app.scim_url(), body["id"].as_str().expect("an id")));
    let read = ask(&app, "GET", location.strip_prefix(app.scim_url()).expect("below the base"), "", b"").await;
    assert_eq!((read.value(), read.header("ETag")), (body.clone(), body["meta"]["version"].as_str()));
    assert_eq!(body["displayName"], "Zoë 🦀");
    app.stop().await;
    proved(
        "socket::a_resource_goes_over_the_wire_as_utf_8_with_its_location_and_version",
        &["HTTP-02", "POST-03", "RES-13", "ETG-02"],
    );
}

#[tokio::test]
async fn what_the_http_layer_refuses_is_a_scim_error_too() {
    let app = app("tolerant").await;
    send(&app, b"BLAH\r\n\r\n").await.refused(400);
    let large = vec![b'x'; 20 * 1024 * 1024];
    ask(&app, "POST", "/Users", "Content-Type: application/scim+json\r\n", &large).await.refused(413);
    let field = format!("X-Long: {}\r\n", "x".repeat(300_000));
    ask(&app, "GET", "/Users", &field, b"").await.refused(431);
    ask(&app, "BREW", "/Users", "", b"").await.refused(405);
    ask(&app, "POST", "/Users", "Content-Type: text/plain\r\n", b"x").await.refused(415);
    send(&app, b"GET /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.refused(401);
    app.stop().await;
    proved("socket::what_the_http_layer_refuses_is_a_scim_error_too", &["ERR-01", "ERR-02", "ERR-03", "AUTH-01"]);
}

#[tokio::test]
async fn answers_without_a_body_have_none_on_the_wire() {
    let app = app("tolerant").await;
    let created = create(&app, "zoe").await.value();
    let path = format!("/Users/{}", created["id"].as_str().expect("an id"));
    let known = format!("If-None-Match: {}\r\n", created["meta"]["version"].as_str().expect("a version"));
    let unchanged = ask(&app, "GET", &path, &known, b"").await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0), "{}", unchanged.head);
    let head = ask(&app, "HEAD", &path, "", b"").await;
    assert_eq!((head.status, head.body.len()), (200, 0), "{}", head.head);
    let deleted = ask(&app, "DELETE", &path, "", b"").await;
    assert_eq!(
        (deleted.status, deleted.body.len(), deleted.header("Content-Length")),
        (204, 0, None),
        "{}",
        deleted.head
    );
    app.stop().await;
    proved("socket::answers_without_a_body_have_none_on_the_wire", &["ETG-04", "DEL-01"]);
}

#[tokio::test]
async fn a_client_that_speaks_tls_is_told_that_this_is_http() {
    let app = app("tolerant").await;
    let hello = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n";
    let answer = send(&app, hello).await;
    answer.refused(400);
    let recorded = closed(&app, 1).await;
    assert!(recorded.received().expect("bytes").head.starts_with(&hello[..3]), "the record has what came");
    app.stop().await;
    proved("socket::a_client_that_speaks_tls_is_told_that_this_is_http", &["AUTH-02"]);
}
