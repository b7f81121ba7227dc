//! What is recorded is what was on the wire.

use listener::Limits;

use crate::server::Server;

#[tokio::test]
async fn odd_heads_come_back_byte_for_byte() {
    let server = Server::start(Limits::default()).await;
    let requests = [
        "GET /a HTTP/1.1\r\nX-fOo:   a\r\nHost: scim.example.com\r\n\r\n",
        "GET /b HTTP/1.1\r\nZ: 1\r\na: 2\r\nZ: 3\r\nHOST:h\r\nz: 4\r\nTab:\tx\t\r\n\r\n",
        "GET /c HTTP/1.1\nHost: h\n\n",
        "\r\n\r\nGET /d HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /e?filter=userName+eq+\"a<b>\" HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET http://scim.example.com:80/f HTTP/1.1\r\nHost: other\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /users/\u{e9} HTTP/1.1\r\nHost: h\r\nName: \u{e9}\r\n\r\n",
        "BREW /coffee HTTP/1.1\r\n\r\n",
        "GET /g HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n",
    ];
    let mut client = server.client().await;
    for (seq, request) in (1..).zip(requests) {
        client.send(request).await;
        let answer = client.answer().await;
        let over = server.over(seq).await;
        over.complete();
        assert_eq!(String::from_utf8_lossy(&over.request()), request);
        assert_eq!(String::from_utf8_lossy(&over.response()), String::from_utf8_lossy(&answer.raw));
        let line = request.trim_start().lines().next().unwrap();
        assert_eq!(format!("{} HTTP/1.1", over.line()), line);
        assert_eq!(answer.status, 200, "{request}");
        assert_eq!(answer.json()["target"], line.split(' ').nth(1).unwrap());
    }
}

#[tokio::test]
async fn the_provider_gets_fields_as_they_were_sent() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client
        .send("POST /x HTTP/1.1\r\nX-fOo:   a\r\nHost: scim.example.com:81\r\nx-foo: b\r\ncontent-LENGTH: 2\r\n\r\n{}")
        .await;
    let echo = client.answer().await.json();
    let fields =
        serde_json::json!([["X-fOo", "a"], ["Host", "scim.example.com:81"], ["x-foo", "b"], ["content-LENGTH", "2"]]);
    assert_eq!((&echo["headers"], &echo["body"]), (&fields, &"{}".into()));
    assert_eq!(echo["base"], "http://scim.example.com:81");
}

#[tokio::test]
async fn the_base_is_our_address_if_the_client_does_not_name_one() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    let ours = format!("http://{}", server.address);
    for (head, base) in [
        ("GET / HTTP/1.1\r\n\r\n", ours.as_str()),
        ("GET / HTTP/1.1\r\nHost: a b\"<\r\n\r\n", &ours),
        ("GET / HTTP/1.1\r\nHost: user:secret@example.com\r\n\r\n", &ours),
        ("GET / HTTP/1.1\r\nHost: [::1]:8787\r\n\r\n", "http://[::1]:8787"),
        ("GET http://a.example.com/x HTTP/1.1\r\nHost: b.example.com\r\n\r\n", "http://a.example.com"),
    ] {
        client.send(head).await;
        assert_eq!(client.answer().await.json()["base"], base, "{head}");
    }
}

#[tokio::test]
async fn chunked_bodies_are_recorded_with_their_framing_and_handed_over_without() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    let head = "POST /x HTTP/1.1\r\nHost: h\r\nTrailer: Sum\r\nTransfer-Encoding: chunked\r\n\r\n";
    let body = "4;note=\"a b\"\r\n{\"a\"\r\n005\r\n: 1}\n\r\n0\r\nSum: x\r\n\r\n";
    client.send(format!("{head}{body}")).await;
    assert_eq!(client.answer().await.json()["body"], "{\"a\": 1}\n");
    let over = server.over(1).await;
    assert_eq!((&over.received().head[..], &over.received().body[..]), (head.as_bytes(), body.as_bytes()));
    assert!(over.complete().received().chunked);
}

#[tokio::test]
async fn pipelined_requests_are_cut_apart_and_answered_in_order() {
    let server = Server::start(Limits::default()).await;
    let first = "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    let second = "PUT /second HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nd\r\n0\r\n\r\n";
    let third = "GET /third HTTP/1.1\r\nHost: h\r\n\r\n";
    let mut client = server.client().await;
    client.send([first, second, third].concat()).await;
    for (seq, request, target) in [(1, first, "/first"), (2, second, "/second"), (3, third, "/third")] {
        let answer = client.answer().await;
        assert_eq!(answer.json()["target"], target);
        let over = server.over(seq).await;
        assert_eq!(String::from_utf8_lossy(&over.complete().request()), request);
        assert_eq!(over.response(), answer.raw);
    }
}

#[tokio::test]
async fn requests_that_come_byte_by_byte_are_the_same() {
    let server = Server::start(Limits::default()).await;
    let first = "POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    let second = "PUT /second HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nd\r\n0\r\n\r\n";
    let mut client = server.client().await;
    for byte in [first, second].concat().as_bytes() {
        client.send([*byte]).await;
        tokio::task::yield_now().await;
    }
    for (seq, request) in [(1, first), (2, second)] {
        assert_eq!(client.answer().await.status, 200);
        assert_eq!(String::from_utf8_lossy(&server.over(seq).await.complete().request()), request);
    }
}

#[tokio::test]
async fn responses_without_a_body_are_recorded_without_one() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client
        .send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /nothing HTTP/1.1\r\nHost: h\r\n\r\nGET /x HTTP/1.1\r\n\r\n")
        .await;
    let head = client.answer_to("HEAD").await;
    assert!(head.head.contains("Content-Length: ") && !head.head.contains("Content-Length: 0"), "{}", head.head);
    assert_eq!(client.answer().await.status, 204);
    assert_eq!(client.answer().await.json()["target"], "/x");
    for (seq, is_empty) in [(1, true), (2, true), (3, false)] {
        assert_eq!(server.over(seq).await.complete().closed.sent.body.is_empty(), is_empty);
    }
}

#[tokio::test]
async fn an_expected_continue_is_sent_and_recorded_before_the_response() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n").await;
    assert_eq!(client.some_bytes().await, b"HTTP/1.1 100 Continue\r\n\r\n");
    client.send("{}").await;
    let answer = client.answer().await;
    let over = server.over(1).await;
    assert_eq!(over.complete().response(), [b"HTTP/1.1 100 Continue\r\n\r\n", &answer.raw[..]].concat());
}

#[tokio::test]
async fn a_large_body_shares_its_bytes_with_the_decision() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("GET /bytes/3000000 HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(client.answer().await.body.len(), 3_000_000);
    let over = server.over(1).await;
    let decided = &over.exchange.outcome().unwrap().response.body;
    assert_eq!(over.complete().closed.sent.body.as_ptr(), decided.as_ptr());
    assert_eq!(&over.closed.sent.body, decided);
}

#[tokio::test]
async fn times_follow_one_another() {
    let server = Server::start(Limits::default()).await;
    let mut client = server.client().await;
    client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{").await;
    client.send("}").await;
    client.answer().await;
    let over = server.over(1).await;
    let (received, sent) = (over.received(), &over.closed.sent);
    let times =
        [received.head_read_us, received.body_read_us, received.handled_us, sent.first_byte_us, sent.last_byte_us];
    let known: Vec<u64> = times.iter().copied().flatten().collect();
    assert_eq!(known.len(), times.len());
    assert!(known.is_sorted(), "{known:?}");
    let connection = &over.exchange.opened.connection;
    assert!(connection.accepted_at <= over.exchange.opened.at);
    assert_eq!((connection.local, connection.peer), (server.address, client.stream.local_addr().unwrap()));
}
