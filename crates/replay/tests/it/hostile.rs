//! Whatever a server or a proxy does, the player goes on, and what it tells is clear. Real sockets throughout.

use std::sync::Arc;
use std::time::Duration;

use replay::{
    Destination, End, Ended, Event, Limits, Measure, Patience, Recorded, ReplayOptions, Reply, Steer, StepOutcome,
    Verdict, Way, replay,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::tls::{Authority, Served, accept};

/// What a server does with a connection on which a request came.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    /// Nothing at all.
    Hang,
    /// Nothing, and ends the connection.
    Leave,
    /// TCP RST.
    Reset,
    /// These bytes, and keeps the connection open.
    Say(&'static str),
    /// These bytes, then the others over and over.
    Repeat(&'static str, &'static str),
    /// These bytes, then a reset.
    SayAndReset(&'static str),
    /// These bytes, then the others one at a time, over and over.
    Drip(&'static str, &'static str),
    /// An array in an array in an array.
    Deep,
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}";

async fn behave(mut stream: TcpStream, does: Does) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    // Whoever is gone is not told any more.
    let _ = match does {
        Does::Hang => std::future::pending().await,
        Does::Leave => Ok(()),
        Does::Reset => stream.set_zero_linger(),
        Does::Say(bytes) => {
            let said = stream.write_all(bytes.as_bytes()).await;
            // Reads on, so that the client decides when it is over.
            let _ = stream.read_to_end(&mut request).await;
            said
        }
        Does::Repeat(first, then) => {
            let mut said = stream.write_all(first.as_bytes()).await;
            while said.is_ok() {
                said = stream.write_all(then.as_bytes()).await;
            }
            said
        }
        Does::SayAndReset(bytes) => {
            let _ = stream.write_all(bytes.as_bytes()).await;
            stream.set_zero_linger()
        }
        Does::Drip(first, bytes) => {
            let mut said = stream.write_all(first.as_bytes()).await;
            for byte in bytes.as_bytes().iter().cycle() {
                if said.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
                said = stream.write_all(&[*byte]).await;
            }
            said
        }
        Does::Deep => {
            let body = "[".repeat(200_000);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await
        }
    };
}

async fn server(does: Does) -> String {
    let address = accept(move |stream| behave(stream, does)).await;
    format!("http://{address}/scim/v2")
}

fn get(path: &str) -> Recorded {
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    Recorded {
        label: String::new(),
        seq: None,
        offset_us: None,
        elapsed_us: None,
        base_path: "/scim/v2".into(),
        call: replay::Call { method: "GET".into(), path: path.into(), ..replay::Call::default() },
        measure: Measure::Recorded(Reply { status: 200, headers, body: r#"{"id":"1"}"#.into() }),
        unsendable: None,
    }
}

async fn run(steps: Vec<Recorded>, at: &Destination, options: ReplayOptions) -> (Ended, Vec<StepOutcome>) {
    let (events, mut heard) = mpsc::channel(4);
    let steer = Steer::default();
    let listening = async {
        let mut outcomes = Vec::new();
        while let Some(event) = heard.recv().await {
            if let Event::Step(outcome) = event {
                outcomes.push(*outcome);
            }
        }
        outcomes
    };
    tokio::join!(replay(Arc::new(steps), at, &options, &steer, events), listening)
}

fn at(base: String, answer: Duration) -> Destination {
    let limits = Limits { connect: Duration::from_millis(300), answer, body_bytes: 64 << 10 };
    Destination { limits, ..Destination::new(base, "t0ken") }
}

/// The verdict of one request, and what is told of it.
async fn told(destination: &Destination) -> (Verdict, String) {
    let (_, outcomes) = run(vec![get("/Users/1")], destination, ReplayOptions::default()).await;
    let said = outcomes[0].differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    (outcomes[0].verdict, said)
}

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn each_thing_that_a_server_can_do_instead_of_answering_has_a_clear_verdict() {
    use Verdict::{Different, Error};
    for (what, does, limit, verdict, words) in [
        ("hangs", Does::Hang, SHORT, Error, "no whole answer within 150ms"),
        ("hangs in a head", Does::Say("HTTP/1.1 200 OK\r\nContent-"), SHORT, Error, "no whole answer within"),
        ("drips a head", Does::Drip("HTTP/1.1 200 OK\r\n", "X: y\r\n"), SHORT, Error, "no whole answer within"),
        ("drips a body", Does::Drip(CHUNKED, "1\r\n{\r\n"), SHORT, Error, "no whole answer within"),
        ("leaves", Does::Leave, LONG, Error, "the connection broke: connection closed before message completed"),
        ("resets", Does::Reset, LONG, Error, "the connection broke"),
        ("resets in a body", Does::SayAndReset("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), LONG, Error, "broke"),
        (
            "says garbage",
            Does::Say("\u{1}\u{2}\u{3}garbage\r\n\r\n"),
            LONG,
            Error,
            "the connection broke: invalid HTTP",
        ),
        ("speaks SSH", Does::Say("SSH-2.0-OpenSSH_9.6\r\n\r\n"), LONG, Error, "the connection broke: invalid HTTP"),
        ("speaks HTTP/2", Does::Say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), LONG, Error, "the connection broke: invalid"),
        (
            "has no end of its head",
            Does::Repeat("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
            LONG,
            Error,
            "the connection broke",
        ),
        ("has no end of its body", Does::Repeat(CHUNKED, "5\r\n12345\r\n"), LONG, Error, "more than 65536 bytes"),
        (
            "says a length that is no number",
            Does::Say("HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n"),
            LONG,
            Error,
            "broke",
        ),
        (
            "says two lengths",
            Does::Say("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
            LONG,
            Error,
            "broke",
        ),
        (
            "says a length that is too long",
            Does::Say("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
            SHORT,
            Error,
            "no whole answer",
        ),
        (
            "says a length that is too short",
            Does::Say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{\"id\":\"1\"}"),
            LONG,
            Different,
            "body",
        ),
        (
            "says a chunk that is no number",
            Does::Say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            LONG,
            Error,
            "broke",
        ),
        (
            "redirects",
            Does::Say("HTTP/1.1 302 Found\r\nLocation: /scim/v2/Users/1\r\nContent-Length: 0\r\n\r\n"),
            LONG,
            Different,
            "status: 200 → 302",
        ),
        (
            "asks to go on for ever",
            Does::Repeat("", "HTTP/1.1 100 Continue\r\n\r\n"),
            SHORT,
            Error,
            "no whole answer within",
        ),
        (
            "answers with a page",
            Does::Say("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"),
            LONG,
            Different,
            "Content-Type",
        ),
        ("nests without end", Does::Deep, LONG, Error, "more than 65536 bytes"),
    ] {
        let (had, said) = told(&at(server(does).await, limit)).await;
        assert_eq!(had, verdict, "a server that {what}: {said}");
        assert!(said.contains(words), "a server that {what}: {said}");
    }
}

#[tokio::test]
async fn a_body_that_nests_deeper_than_anyone_needs_is_no_json_and_no_crash() {
    let mut destination = at(server(Does::Deep).await, LONG);
    destination.limits.body_bytes = 1 << 20;
    let (verdict, said) = told(&destination).await;
    assert_eq!(verdict, Verdict::Different, "{said}");
}

#[tokio::test]
async fn a_server_that_answers_nothing_any_more_ends_the_run_and_not_only_the_step() {
    let steps: Vec<Recorded> = (0..1_000).map(|number| get(&format!("/Users/n{number}"))).collect();
    let destination = at(server(Does::Hang).await, Duration::from_millis(30));
    let (ended, outcomes) = run(steps, &destination, ReplayOptions::default()).await;
    let said: Vec<String> = outcomes.iter().map(|outcome| outcome.differences[0].to_string()).collect();
    assert_eq!(outcomes.len(), 10, "{said:?}");
    assert!(matches!(&ended.end, End::Unreachable(why) if why.contains("10 requests in a row")), "{ended:?}");
}

#[tokio::test]
async fn a_server_that_wants_to_be_waited_for_for_hours_is_not() {
    let busy = "HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n";
    let patience = Some(Patience { within: Duration::from_secs(20), every: Duration::from_millis(1) });
    let options = ReplayOptions { patience, ..ReplayOptions::default() };
    let destination = at(server(Does::Say(busy)).await, LONG);
    let (ended, outcomes) = run(vec![get("/Users/1")], &destination, options).await;
    assert_eq!((ended.end, outcomes[0].verdict, outcomes[0].attempts), (End::Complete, Verdict::Different, 1));
}

/// A server that is good over TLS.
async fn good_over_tls(served: &Served) -> std::net::SocketAddr {
    let acceptor = served.acceptor();
    accept(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut seen = Vec::new();
            while let Ok(byte) = stream.read_u8().await {
                seen.push(byte);
                if seen.ends_with(b"\r\n\r\n") && stream.write_all(GOOD.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await
}

fn trusting(base: String, authority: &Authority) -> Destination {
    let way = Way { authorities_pem: Some(authority.pem()), proxy: None };
    Destination { way, ..at(base, LONG) }
}

/// Connecting may take its time on a busy machine where it is to succeed.
fn unhurried(mut destination: Destination) -> Destination {
    destination.limits.connect = LONG;
    destination
}

#[tokio::test]
async fn a_server_with_a_certificate_of_an_authority_that_is_trusted_is_the_same_over_tls() {
    let authority = Authority::new("An authority");
    let address = good_over_tls(&authority.serve("localhost", 30)).await;
    let base = format!("https://localhost:{}/scim/v2", address.port());
    assert_eq!(told(&unhurried(trusting(base, &authority))).await, (Verdict::Same, String::new()));
}

#[tokio::test]
async fn what_is_wrong_with_an_encrypted_connection_is_told() {
    let (ours, theirs) = (Authority::new("Ours"), Authority::new("Theirs"));
    for (what, served, words) in [
        ("nobody vouches for it", theirs.serve("localhost", 30), "UnknownIssuer"),
        ("it is somebody else", ours.serve("other.example.com", 30), "not valid for name"),
        ("its time is over", ours.serve("localhost", -1), "expired"),
    ] {
        let base = format!("https://localhost:{}/scim/v2", good_over_tls(&served).await.port());
        let (verdict, said) = told(&unhurried(trusting(base, &ours))).await;
        assert_eq!(verdict, Verdict::Error, "{what}: {said}");
        assert!(said.contains("no encrypted connection to localhost") && said.contains(words), "{what}: {said}");
    }
    let plain = accept(|mut stream| async move {
        let _ = stream.read_u8().await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let plain = format!("https://{}/scim/v2", plain.await);
    let (verdict, said) = told(&unhurried(trusting(plain, &ours))).await;
    assert!(verdict == Verdict::Error && said.contains("no encrypted connection"), "plain HTTP where TLS is: {said}");
    let silent = accept(|stream| async move {
        let _stream = stream;
        std::future::pending::<()>().await;
    });
    let silent = format!("https://{}/scim/v2", silent.await);
    let (verdict, said) = told(&trusting(silent, &ours)).await;
    assert!(verdict == Verdict::Error && said.contains("within 300ms"), "no handshake: {said}");
}

/// A proxy that lets through whoever has the password; tells what it heard.
async fn proxy(answer: &'static str, heard: mpsc::UnboundedSender<String>) -> std::net::SocketAddr {
    accept(move |mut stream| {
        let heard = heard.clone();
        async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let to = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let _ = heard.send(head);
            if answer.is_empty() {
                return std::future::pending().await;
            }
            let said = stream.write_all(answer.as_bytes()).await;
            if said.is_ok() && answer.contains(" 200 ") {
                let Ok(mut server) = TcpStream::connect(to).await else { return };
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
            }
        }
    })
    .await
}

fn through(destination: Destination, proxy: &str) -> Destination {
    let way = Way { proxy: Some(proxy.to_owned()), ..destination.way.clone() };
    Destination { way, ..destination }
}

#[tokio::test]
async fn an_encrypted_connection_goes_through_a_proxy_that_is_told_who_asks() {
    let authority = Authority::new("An authority");
    let address = good_over_tls(&authority.serve("localhost", 30)).await;
    let base = format!("https://localhost:{}/scim/v2", address.port());
    let (heard, mut hears) = mpsc::unbounded_channel();
    let proxy = proxy("HTTP/1.1 200 Connection established\r\n\r\n", heard).await;
    let destination = through(unhurried(trusting(base, &authority)), &format!("http://ann:secret@{proxy}"));
    assert_eq!(told(&destination).await, (Verdict::Same, String::new()));
    let head = hears.recv().await.expect("it was asked");
    assert!(head.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", address.port())), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic YW5uOnNlY3JldA==\r\n"), "{head}");
    assert!(!head.contains("t0ken"), "the credentials of the server are none of the proxy's business: {head}");
}

#[tokio::test]
async fn a_proxy_that_does_not_let_through_is_told_without_its_password() {
    let authority = Authority::new("An authority");
    for (answer, words) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "407"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "502"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "SSH-2.0"),
        ("", "within 300ms"),
    ] {
        let (heard, _hears) = mpsc::unbounded_channel();
        let proxy = proxy(answer, heard).await;
        let mut destination =
            through(trusting("https://localhost:1/scim/v2".into(), &authority), &format!("http://ann:secret@{proxy}"));
        if !answer.is_empty() {
            destination = unhurried(destination);
        }
        let (verdict, said) = told(&destination).await;
        assert_eq!(verdict, Verdict::Error, "{answer:?}: {said}");
        assert!(said.contains(words) && !said.contains("secret"), "{answer:?}: {said}");
    }
}

#[tokio::test]
async fn a_proxy_is_told_the_whole_url_of_what_is_not_encrypted() {
    let (heard, mut hears) = mpsc::unbounded_channel();
    let proxy = proxy(GOOD, heard).await;
    let destination = through(at("http://scim.example.com/scim/v2".into(), LONG), &format!("http://{proxy}"));
    assert_eq!(told(&unhurried(destination)).await, (Verdict::Same, String::new()));
    let head = hears.recv().await.expect("it was asked");
    assert!(
        head.starts_with("GET http://scim.example.com/scim/v2/Users/1 HTTP/1.1\r\nHost: scim.example.com\r\n"),
        "{head}"
    );
}
