//! A tenant that is a recording proxy, over real sockets: what a client gets is what the other server sent.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::config::{Config, Upstream};
use app::running::App;
use replay::{Options, Verdict, play};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use traffic::change::Cause;
use traffic::exchange::{Ending, Exchange};
use traffic::ids::{Pos, Seq};

use crate::flows::flows;
use crate::raw;
use crate::running::{TOKEN, address, app, config, target};

/// A test that waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a server does with one request.
#[derive(Clone)]
enum Act {
    /// Sends these bytes, and keeps the connection.
    Say(Vec<u8>),
    /// Sends these bytes, and ends the connection.
    SayAndEnd(Vec<u8>),
    /// Sends nothing until the other side goes.
    Hang,
    /// Sends these bytes, then nothing.
    SayAndHang(Vec<u8>),
}

/// A server that does what it is told, in order, and keeps what it was sent.
struct Scripted {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    async fn start(acts: Vec<Act>) -> Scripted {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let acts = Arc::new(Mutex::new(acts.into_iter()));
        let told = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&acts), Arc::clone(&told)));
            }
        });
        Scripted { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/api/scim", self.address)
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().expect("no panic").clone()
    }
}

async fn serve(mut stream: TcpStream, acts: Arc<Mutex<std::vec::IntoIter<Act>>>, heard: Arc<Mutex<Vec<String>>>) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let mut request = String::from_utf8(head).expect("text");
        let length = request.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().expect("a length"))
        });
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await.expect("a body");
        request.push_str(&String::from_utf8_lossy(&body));
        heard.lock().expect("no panic").push(request);
        let act = acts.lock().expect("no panic").next();
        match act.unwrap_or(Act::Say(b"HTTP/1.1 500 Not In The Script\r\nContent-Length: 0\r\n\r\n".to_vec())) {
            Act::Say(bytes) => stream.write_all(&bytes).await.expect("a client"),
            Act::SayAndEnd(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
            Act::Hang => drop(stream.read_u8().await),
            Act::SayAndHang(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read_u8().await;
                return;
            }
        }
    }
}

fn in_front_of(url: &str) -> Config {
    let mut upstream = Upstream::new(url.parse().expect("a URL"));
    upstream.answer_timeout_ms = 20_000;
    Config { upstream: Some(upstream), ..config() }
}

async fn proxy(url: &str) -> App {
    App::start(in_front_of(url)).await.expect("it starts")
}

fn get(path: &str) -> Vec<u8> {
    format!("GET /scim/v2{path} HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer theirs\r\nConnection: close\r\n\r\n")
        .into()
}

fn send(method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: proxy\r\nAuthorization: Bearer theirs\r\nConnection: close\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

/// A whole answer with a body of JSON.
fn json(status: &str, body: &str) -> Act {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n", body.len());
    Act::Say(format!("{head}{body}").into())
}

/// Waits for an exchange to be what is asked for.
async fn exchange(app: &App, seq: u64, is_so: impl Fn(&Exchange) -> bool) -> Arc<Exchange> {
    let log = app.log();
    let waiting = async {
        let mut pos = Pos(0);
        loop {
            pos = log.wait(pos).await.pos;
            if let Some(exchange) = log.exchange(Seq(seq)).filter(|exchange| is_so(exchange)) {
                return exchange;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("it never is")
}

fn closed(exchange: &Exchange) -> bool {
    exchange.closed.is_some()
}

fn user(id: &str, name: &str, active: bool) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{id}","userName":"{name}","active":{active},"meta":{{"resourceType":"User","location":"http://elsewhere.example.com/scim/Users/{id}"}}}}"#
    )
}

fn gzipped(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory");
    gzip.finish().expect("memory")
}

/// Cuts an answer into head and body.
fn cut(answer: &[u8]) -> (String, Vec<u8>) {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end..].to_vec())
}

#[tokio::test]
async fn status_headers_and_body_bytes_reach_the_client_as_the_server_sent_them() {
    let body = gzipped(&user("7", "ada@example.com", true));
    let mut sent = format!(
        "HTTP/1.1 200 Fine By Me\r\ncontent-TYPE: application/scim+json\r\nX-Two: a\r\nx-two: b\r\nContent-Encoding: gzip\r\n\
         ETag: \"é\"\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nKeep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    sent.extend_from_slice(&body);
    let server = Scripted::start(vec![Act::Say(sent)]).await;
    let app = proxy(&server.url()).await;
    let answer = raw::exchange(address(&app), &get("/Users/7?attributes=a%20b&x=%C3%A9")).await;
    let (head, got) = cut(&answer);
    assert_eq!(got, body, "the very bytes");
    let lines: Vec<&str> = head.lines().collect();
    assert_eq!(lines[0], "HTTP/1.1 200 Fine By Me");
    for kept in ["content-TYPE: application/scim+json", "X-Two: a", "x-two: b", "Content-Encoding: gzip"] {
        assert!(lines.contains(&kept), "{kept} in {head}");
    }
    assert!(lines.contains(&"Date: Thu, 01 Jan 2026 00:00:00 GMT"), "{head}");
    assert!(!head.contains("X-Hop") && !head.contains("Keep-Alive"), "fields of the connection stay: {head}");

    let asked = server.heard().remove(0);
    assert!(asked.starts_with("GET /api/scim/Users/7?attributes=a%20b&x=%C3%A9 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains(&format!("Host: {}", server.address)) && asked.contains("Authorization: Bearer theirs"));
    assert!(asked.contains("Via: 1.1 scimscope-") && !asked.contains("Connection:"), "{asked}");

    let exchange = exchange(&app, 1, closed).await;
    let handled = exchange.outcome().expect("an outcome");
    assert_eq!(handled.response.body, user("7", "ada@example.com", true), "decoded for those who read the record");
    let forwarded = handled.forwarded.as_deref().expect("it was sent on");
    assert_eq!(forwarded.to, format!("{}/Users/7?attributes=a%20b&x=%C3%A9", server.url()));
    let sent = &exchange.closed.as_ref().expect("an end").sent;
    assert_eq!((&sent.head[..], &sent.body[..]), (head_bytes(&answer), &body[..]));
    assert_eq!(exchange.closed.as_ref().expect("an end").ending, Ending::Complete);
    app.stop().await;
}

fn head_bytes(answer: &[u8]) -> &[u8] {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    &answer[..end]
}

#[tokio::test]
async fn an_answer_in_chunks_leaves_in_chunks_and_the_record_can_be_read() {
    let whole = user("7", "ada@example.com", true);
    let (one, two) = whole.split_at(40);
    let sent = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        one.len(),
        two.len()
    );
    let server = Scripted::start(vec![Act::Say(sent.into())]).await;
    let app = proxy(&server.url()).await;
    let (head, body) = cut(&raw::exchange(address(&app), &get("/Users/7")).await);
    assert!(head.to_ascii_lowercase().contains("transfer-encoding: chunked"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("content-length"), "{head}");
    assert_eq!(body, format!("{:X}\r\n{whole}\r\n0\r\n\r\n", whole.len()).into_bytes());
    let exchange = exchange(&app, 1, closed).await;
    assert_eq!(exchange.outcome().expect("an outcome").response.body, whole);
    app.stop().await;
}

#[tokio::test]
async fn what_answers_show_becomes_the_directory_and_its_changes() {
    let list = |items: &str, total: usize| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":{total},"Resources":[{items}]}}"#
        )
    };
    let server = Scripted::start(vec![
        json("200 OK", &list("", 0)),
        json("201 Created", &user("7", "ada@example.com", true)),
        json("200 OK", &user("7", "ada@example.com", false)),
        json("200 OK", &list(&user("8", "grace@example.com", true), 1)),
        Act::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        json("404 Not Found", r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}"#),
    ])
    .await;
    let app = proxy(&server.url()).await;
    let at = address(&app);
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}"#;
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}"#;
    raw::exchange(at, &get("/Users?filter=userName%20eq%20%22ada%40example.com%22")).await;
    raw::exchange(at, &send("POST", "/Users", body)).await;
    raw::exchange(at, &send("PATCH", "/Users/7", patch)).await;
    raw::exchange(at, &get("/Users?filter=userName%20eq%20%22grace%40example.com%22")).await;
    raw::exchange(at, &send("DELETE", "/Users/7", "")).await;
    raw::exchange(at, &get("/Users/8")).await;

    let annotated = |exchange: &Exchange| exchange.annotation.is_some() && closed(exchange);
    let created = exchange(&app, 2, annotated).await;
    let commit = created.committed.as_deref().expect("a change");
    assert_eq!((commit.cause, commit.changes[0].resource_id.as_str()), (Cause::Observed(Seq(2)), "7"));
    let disabled = exchange(&app, 3, annotated).await;
    let lines = &disabled.committed.as_deref().expect("a change").changes[0].lines;
    assert_eq!(
        lines.iter().map(|line| (line.path.as_str(), line.operation)).collect::<Vec<_>>(),
        [("active", Some(0))]
    );
    let sentence = &disabled.annotation.as_deref().expect("words").sentence;
    assert!(sentence.contains("disabled") && sentence.contains("ada@example.com"), "{sentence}");
    let codes: Vec<&str> =
        disabled.outcome().expect("an outcome").findings.iter().map(|finding| finding.code.as_str()).collect();
    assert!(codes.contains(&"T2") && codes.contains(&"T3"), "{codes:?}");
    assert!(exchange(&app, 4, closed).await.committed.is_some(), "a list shows resources, too");
    exchange(&app, 6, closed).await;
    assert_eq!(app.control().provider().tenant().directory().root().len(), 0, "one was deleted, one is gone");
    app.stop().await;
}

#[tokio::test]
async fn a_server_that_fails_in_any_way_gives_a_gateway_answer_that_says_whose_it_is() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let app = proxy(&format!("http://{nobody}/scim")).await;
    let (head, body) = cut(&raw::exchange(address(&app), &get("/Users")).await);
    assert!(
        head.starts_with("HTTP/1.1 502 ") && head.contains("Proxy-Status: scimscope; error=connection_refused"),
        "{head}"
    );
    let error: serde_json::Value = serde_json::from_slice(&body).expect("a SCIM error");
    assert_eq!(error["status"], "502");
    assert!(error["detail"].as_str().expect("a text").starts_with("Scimscope, not the server behind it"), "{error}");
    let exchange = exchange(&app, 1, closed).await;
    assert!(!exchange.outcome().expect("an outcome").forwarded.as_deref().expect("it was tried").answered);
    app.stop().await;

    let cases = [
        (Act::SayAndEnd(Vec::new()), "502", "connection_terminated"),
        (Act::SayAndEnd(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), "502", "http_protocol_error"),
        (
            Act::SayAndEnd(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec()),
            "502",
            "connection_terminated",
        ),
        (Act::Hang, "504", "http_response_timeout"),
        (
            Act::SayAndHang(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec()),
            "504",
            "http_response_timeout",
        ),
    ];
    for (act, status, kind) in cases {
        let server = Scripted::start(vec![act]).await;
        let mut upstream = Upstream::new(server.url().parse().expect("a URL"));
        upstream.answer_timeout_ms = 300;
        let app = App::start(Config { upstream: Some(upstream), ..config() }).await.expect("it starts");
        let (head, body) = cut(&raw::exchange(address(&app), &send("POST", "/Users", "{}")).await);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")) && head.contains(kind), "{kind}: {head}");
        assert!(String::from_utf8_lossy(&body).contains("Scimscope, not the server behind it"));
        assert_eq!(server.heard().len(), 1, "a write is not sent twice");
        app.stop().await;
    }
}

#[tokio::test]
async fn a_large_answer_leaves_as_it_comes_and_one_that_breaks_off_is_not_made_whole() {
    let filler = "x".repeat(3 << 20);
    let body = format!(r#"{{"id":"7","filler":"{filler}"}}"#);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let cut_off = format!("{head}{}", &body[..2 << 20]);
    let server = Scripted::start(vec![Act::Say(format!("{head}{body}").into()), Act::SayAndEnd(cut_off.into())]).await;
    let app = proxy(&server.url()).await;
    let (_, got) = cut(&raw::exchange(address(&app), &get("/Users/7")).await);
    assert!(got == body.as_bytes(), "{} bytes", got.len());
    let whole = exchange(&app, 1, closed).await;
    assert_eq!(whole.outcome().expect("an outcome").response.body.len(), body.len());

    let (head, got) = cut(&raw::exchange(address(&app), &get("/Users/7")).await);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(got.len() < body.len(), "{} bytes", got.len());
    let broken = exchange(&app, 2, |exchange| closed(exchange) && exchange.outcome().is_some()).await;
    let ending = &broken.closed.as_ref().expect("an end").ending;
    assert_eq!(*ending, Ending::Aborted("in the middle of the response".to_owned()));
    let notes = &broken.outcome().expect("an outcome").findings;
    assert!(notes.iter().any(|finding| finding.message.contains("broke off")), "{notes:?}");
    app.stop().await;
}

#[tokio::test]
async fn after_a_write_that_shows_nothing_the_resource_is_read_if_that_is_wanted() {
    let server = Scripted::start(vec![
        json("200 OK", &user("7", "ada@example.com", true)),
        Act::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()),
        json("200 OK", &user("7", "ada@example.com", false)),
    ])
    .await;
    let mut upstream = Upstream::new(server.url().parse().expect("a URL"));
    upstream.follow_up = true;
    let app = App::start(Config { upstream: Some(upstream), ..config() }).await.expect("it starts");
    let at = address(&app);
    raw::exchange(at, &get("/Users/7")).await;
    let (head, _) = cut(&raw::exchange(at, &send("PATCH", "/Users/7", r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}"#)).await);
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    let patched = exchange(&app, 2, |exchange| exchange.committed.is_some()).await;
    assert_eq!(patched.committed.as_deref().expect("a change").changes[0].lines[0].path, "active");
    let ours = exchange(&app, 3, closed).await;
    assert!(ours.is_ours() && ours.opened.method == "GET" && ours.opened.target == "/scim/v2/Users/7");
    let asked = server.heard();
    assert!(
        asked[2].starts_with("GET /api/scim/Users/7 ") && asked[2].contains("Authorization: Bearer theirs"),
        "{asked:?}"
    );
    app.stop().await;
}

#[tokio::test]
async fn a_tenant_with_a_credential_of_its_own_admits_its_clients_itself() {
    let server = Scripted::start(vec![json("200 OK", &user("7", "ada@example.com", true))]).await;
    let mut upstream = Upstream::new(server.url().parse().expect("a URL"));
    upstream.credential = app::config::Passage::Bearer { token: Some(app::config::Hidden("ours-there".into())) };
    let app = App::start(Config { upstream: Some(upstream), ..config() }).await.expect("it starts");
    let (head, _) = cut(&raw::exchange(address(&app), &get("/Users/7")).await);
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert!(server.heard().is_empty(), "nobody is asked for those who are not let in");
    let request = format!(
        "GET /scim/v2/Users/7 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    let (head, _) = cut(&raw::exchange(address(&app), request.as_bytes()).await);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let asked = server.heard().remove(0);
    assert!(asked.contains("Authorization: Bearer ours-there") && !asked.contains(TOKEN), "{asked}");
    app.stop().await;
}

#[tokio::test]
async fn urls_in_answers_are_rewritten_only_when_that_is_wanted() {
    let behind = app("tolerant").await;
    let body = |name: &str| {
        format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}@example.com"}}"#)
    };
    for rewrite in [false, true] {
        let mut config = in_front_of(behind.scim_url());
        config.upstream.as_mut().expect("one").rewrite = rewrite;
        let front = App::start(config).await.expect("it starts");
        let post = String::from_utf8(send("POST", "/Users", &body(&rewrite.to_string()))).expect("text");
        let post = post.replace("Bearer theirs", &format!("Bearer {TOKEN}"));
        let (head, got) = cut(&raw::exchange(address(&front), post.as_bytes()).await);
        let base = if rewrite { "http://proxy/scim/v2" } else { behind.scim_url() };
        assert!(head.contains(&format!("Location: {base}/Users/")), "{head}");
        let got: serde_json::Value = serde_json::from_slice(&got).expect("a user");
        assert!(got["meta"]["location"].as_str().expect("a URL").starts_with(base), "{got}");
        let exchange = exchange(&front, 1, closed).await;
        let forwarded = exchange.outcome().expect("an outcome").forwarded.clone().expect("it was sent on");
        assert_eq!(forwarded.rewritten, rewrite);
        front.stop().await;
    }
    behind.stop().await;
}

#[tokio::test]
async fn a_server_that_is_behind_itself_is_found_out() {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let at = socket.local_addr().expect("an address");
    drop(socket);
    let mut config = in_front_of(&format!("http://{at}/scim/v2"));
    config.listen = at;
    let app = App::start(config).await.expect("it starts");
    let (head, body) = cut(&raw::exchange(address(&app), &get("/Users")).await);
    assert!(head.starts_with("HTTP/1.1 502"), "{head}");
    assert!(String::from_utf8_lossy(&body).contains("behind itself"));
    app.stop().await;
}

#[tokio::test]
async fn flows_through_a_proxy_pass_and_are_told_in_the_same_words_with_the_same_findings() {
    for flow in flows() {
        let (behind, id) = (app("tolerant").await, &flow.id);
        let front = proxy(behind.scim_url()).await;
        let run = play(&flow, &target(&front), &Options::test(), |_| {}).await;
        assert_eq!(run.verdict(), Verdict::Same, "{id}: {:#?}", run.failed());
        for at in 1..=flow.steps.len() as u64 {
            let told = |exchange: &Exchange| closed(exchange) && exchange.annotation.is_some();
            let (here, there) = (exchange(&front, at, told).await, exchange(&behind, at, told).await);
            if there.outcome().expect("an outcome").response.status == 401 {
                // A mock does not read what it does not let in; a proxy reads everything.
                continue;
            }
            let words = |exchange: &Exchange| exchange.annotation.as_deref().expect("words").sentence.clone();
            assert_eq!(words(&here), words(&there), "{id}, step {at}");
            let tolerated = |exchange: &Exchange| -> Vec<String> {
                let findings = &exchange.outcome().expect("an outcome").findings;
                findings.iter().map(|finding| finding.code.clone()).filter(|code| code.starts_with('T')).collect()
            };
            assert_eq!(tolerated(&here), tolerated(&there), "{id}, step {at}");
        }
        front.stop().await;
        behind.stop().await;
    }
}
